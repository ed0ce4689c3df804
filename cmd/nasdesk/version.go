package main

import (
	"fmt"
	"io"
	"runtime"
)

// version is stamped by make.
var version = "unstamped"

type versionCmd struct{}

// Run prints the version, the Go release and the platform.
func (versionCmd) Run(out io.Writer) error {
	_, err := fmt.Fprintf(out, "nasdesk %s %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
