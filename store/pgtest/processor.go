package pgtest

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Processor returns the processor time that the server has taken so far: of its
// first process with all that have ended, and of those that run. It is 0 for a
// server that is not ours, and where there is no /proc.
func (s *Server) Processor() (sum time.Duration) {
	if s == nil || s.dir == "" {
		return 0
	}
	first := strconv.Itoa(pidIn(filepath.Join(s.data(), "postmaster.pid")))
	names, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range names {
		f := statOf(name)
		switch {
		case len(f) < 15:
		case filepath.Base(filepath.Dir(name)) == first:
			sum += ticks(f[11:15])
		case f[1] == first:
			sum += ticks(f[11:13])
		}
	}
	return sum
}

// statOf returns the fields of a stat file behind the program's name, which may
// hold blanks: the state, the parent … proc(5).
func statOf(name string) []string {
	b, _ := os.ReadFile(name)
	_, rest, _ := strings.Cut(string(b), ") ")
	return strings.Fields(rest)
}

// ticks adds up processor times, which Linux counts in hundredths of a second.
func ticks(fields []string) (sum time.Duration) {
	for _, f := range fields {
		n, _ := strconv.Atoi(f)
		sum += time.Duration(n) * 10 * time.Millisecond
	}
	return sum
}
