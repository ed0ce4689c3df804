package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs testdata/scripts: the built program as an operator calls it,
// on its own. Two commands are added: "fails STATUS PROGRAM ARGS…" wants that
// exit status, nothing on standard output, and on standard error lines that all
// are sentences of ours; "mode 644 FILE" sets a file's mode.
func TestScripts(t *testing.T) {
	dir := filepath.Dir(built(t))
	dead := closedPort(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/scripts",
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", dir+string(os.PathListSeparator)+e.Getenv("PATH"))
			e.Setenv("DEAD", dead) // an address at which nobody listens
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"fails": fails, "mode": mode},
	})
}

func fails(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: fails STATUS PROGRAM ARGS…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	exit := (*exec.ExitError)(nil)
	if !errors.As(err, &exit) || exit.ExitCode() != want {
		ts.Fatalf("%s: %v, want status %d", strings.Join(args[1:], " "), err, want)
	}
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("standard output: %s", out)
	}
	told := ts.ReadFile("stderr")
	if !strings.HasPrefix(told, "nasdesk: ") || strings.Contains(told, "goroutine ") || strings.Contains(told, "panic") {
		ts.Fatalf("standard error is no sentence of ours: %s", told)
	}
}

func mode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode MODE FILE")
	}
	m, err := strconv.ParseUint(args[0], 8, 32)
	ts.Check(err)
	ts.Check(os.Chmod(ts.MkAbs(args[1]), os.FileMode(m)))
}
