package pgtest

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	prefix = "nasdesk-pg-" // of the folders
	keeper = "test.pid"    // in each, the process that it belongs to
)

// sweep ends the servers of test programs that are gone, which were killed
// before they could do it, and takes their folders away.
func sweep(bin string) {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*"))
	for _, dir := range dirs {
		if abandoned(dir) {
			(&Server{bin: bin, dir: dir}).Stop()
		}
	}
}

// abandoned reports whether the program that made a folder is gone. A folder
// that does not say whose it is may be in the making, for a minute.
func abandoned(dir string) bool {
	if pid := pidIn(filepath.Join(dir, keeper)); pid > 0 {
		return !lives(pid)
	}
	st, err := os.Stat(dir)
	return err == nil && time.Since(st.ModTime()) > time.Minute && !lives(pidIn(filepath.Join(dir, "data", "postmaster.pid")))
}

// pidIn returns the process that a file names in its first line, or 0.
func pidIn(name string) int {
	b, _ := os.ReadFile(name)
	line, _, _ := strings.Cut(string(b), "\n")
	pid, _ := strconv.Atoi(strings.TrimSpace(line))
	return pid
}

// lives reports whether there is such a process. One that we may not signal is
// there; one that has ended, and that nobody has asked about, is not.
func lives(pid int) bool {
	if pid <= 0 {
		return false
	}
	if f := statOf("/proc/" + strconv.Itoa(pid) + "/stat"); len(f) > 0 && f[0] == "Z" {
		return false
	}
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
