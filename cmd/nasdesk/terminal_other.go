//go:build !linux && !darwin

package main

import (
	"errors"
	"os"
)

// hideTyping cannot be done here.
func hideTyping(*os.File) (shown func(), err error) {
	return nil, errors.New("unknown on this system")
}
