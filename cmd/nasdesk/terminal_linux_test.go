package main

import (
	"context"
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// openTerminal is a terminal with both its ends (ptmx(4)).
func openTerminal(t *testing.T) (keyboard, terminal *os.File) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no terminals here:", err)
	}
	t.Cleanup(func() { keyboard.Close() })
	n, err := unix.IoctlGetInt(int(keyboard.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(keyboard.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Skip("no terminals here:", err)
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no terminals here:", err)
	}
	t.Cleanup(func() { terminal.Close() })
	return keyboard, terminal
}

func shows(t *testing.T, f *os.File) bool {
	t.Helper()
	s, err := unix.IoctlGetTermios(int(f.Fd()), getTermios)
	if err != nil {
		t.Fatal(err)
	}
	return s.Lflag&unix.ECHO != 0
}

func TestPasswordIsTypedUnseen(t *testing.T) {
	keyboard, terminal := openTerminal(t)
	shown, err := hideTyping(terminal)
	if err != nil {
		t.Fatal(err)
	}
	if shows(t, terminal) {
		t.Error("what is typed is shown")
	}
	shown()
	if !shows(t, terminal) {
		t.Error("what is typed is hidden for good")
	}
	if _, err := keyboard.WriteString("correct horse\n"); err != nil {
		t.Fatal(err)
	}
	if line, err := readLine(terminal); err != nil || line != "correct horse" {
		t.Errorf("read %q, %v", line, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if p, err := askUnseen(ctx, terminal, ""); err == nil {
		t.Errorf("asked of nobody: %q", p)
	}
	if !shows(t, terminal) {
		t.Error("after an interrupt what is typed is hidden")
	}
}
