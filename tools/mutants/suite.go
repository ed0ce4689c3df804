package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A suite is the test binary of one package, with every mutant in it.
type suite struct {
	pkg      string // ./cmd/nasdesk
	run      string // which of its tests are fixtures: a regular expression for -test.run
	dir      string
	binary   string
	fixtures []string            // tests and subtests that have none of their own
	already  map[string][]string // what a fixture complains of without any mutant
	groups   [][]string          // the fixtures, a few to a process
	meets    map[int][]int       // the groups for which a mutant makes a difference
}

// build compiles the suite's tests over the instrumented sources.
func (s *suite) build(root, temp, overlay string) error {
	s.dir, s.binary = filepath.Join(root, s.pkg), filepath.Join(temp, strings.ReplaceAll(strings.Trim(s.pkg, "./"), "/", "_")+".test")
	c := exec.Command("go", "test", "-c", "-overlay", overlay, "-o", s.binary, s.pkg)
	c.Dir = root
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s does not compile with the switches built in: %w\n%s", s.pkg, err, out)
	}
	return nil
}

// test runs some tests, "" for all of the suite, with one mutant on, 0 for none.
// A run that something else on the machine ended says nothing, and is made again.
func (s *suite) test(which string, mutant int, seen string, args ...string) string {
	if which == "" {
		which = s.run
	}
	patience := 8*time.Second + time.Duration(strings.Count(which, "|"))*100*time.Millisecond
	if mutant == 0 {
		patience = 10 * time.Minute
	}
	args = append([]string{"-test.short", "-test.timeout=" + patience.String(), "-test.run", which}, args...)
	env := append(os.Environ(), "GOMAXPROCS=2", fmt.Sprint("NASDESK_MUTANT=", mutant), "NASDESK_MUTANTS_SEEN="+seen)
	for {
		out, ended := s.once(args, env)
		if ended {
			return out
		}
	}
}

// once runs the binary, and reports whether it came to an end of its own.
func (s *suite) once(args, env []string) (out string, ended bool) {
	ctx, cancel := context.WithTimeout(context.Background(), 12*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, s.binary, args...)
	c.Dir, c.Env = s.dir, env
	text, err := c.CombinedOutput() // a failing test is what is hoped for
	if ctx.Err() != nil {
		return string(text) + "\npanic: it does not end\n", true
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return string(text), exit.Exited()
	}
	return string(text), true
}

var started = regexp.MustCompile(`(?m)^=== RUN   (\S+)$`)

// baseline lists the fixtures and what they complain of before any mutant is on.
func (s *suite) baseline() {
	out := s.test("", 0, "", "-test.v")
	var all []string
	for _, m := range started.FindAllStringSubmatch(out, -1) {
		all = append(all, m[1])
	}
	for _, name := range all {
		inner := slices.ContainsFunc(all, func(other string) bool { return strings.HasPrefix(other, name+"/") })
		if !inner {
			s.fixtures = append(s.fixtures, name)
		}
	}
	s.already = complaints(s.test("", 0, ""))
}

// together is how many fixtures share a process: it takes longer to start one
// than to run most of them.
const together = 8

// meet finds out which mutants each group of fixtures meets.
func (s *suite) meet(temp string, workers int) {
	s.groups, s.meets = slices.Collect(slices.Chunk(s.fixtures, together)), map[int][]int{}
	met := make([][]int, len(s.groups))
	each(workers, len(s.groups), func(i int) {
		seen := filepath.Join(temp, fmt.Sprintf("seen.%s.%d", filepath.Base(s.binary), i))
		s.test(only(s.groups[i]...), 0, seen)
		met[i] = numbers(seen)
		os.Remove(seen)
	})
	for i, ids := range met {
		for _, id := range ids {
			s.meets[id] = append(s.meets[id], i)
		}
	}
}

func numbers(file string) []int {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	var out []int
	for line := range strings.Lines(string(text)) {
		var n int
		if _, err := fmt.Sscan(line, &n); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// only is the pattern that runs these tests and no others.
func only(tests ...string) string {
	patterns := make([]string, len(tests))
	for i, t := range tests {
		parts := strings.Split(t, "/")
		for n := range parts {
			parts[n] = "^" + regexp.QuoteMeta(parts[n]) + "$"
		}
		patterns[i] = strings.Join(parts, "/")
	}
	return strings.Join(patterns, "|")
}

// killer runs groups of fixtures against a mutant, more at a time as it goes on,
// and returns the first fixture that complains of something it did not complain
// of before.
func (s *suite) killer(mutant int, groups []int) string {
	for n := 1; len(groups) > 0; n *= 4 {
		var some []string
		for _, g := range groups[:min(n, len(groups))] {
			some = append(some, s.groups[g]...)
		}
		groups = groups[min(n, len(groups)):]
		if name := s.complains(s.test(only(some...), mutant, ""), some); name != "" {
			return name
		}
	}
	return ""
}

func (s *suite) complains(out string, ran []string) string {
	now := complaints(out)
	for _, name := range s.fixtures {
		for _, c := range now[name] {
			if !slices.Contains(s.already[name], c) {
				return name
			}
		}
	}
	if strings.Contains(out, "panic: ") || strings.Contains(out, "fatal error: ") {
		return panicked(out, ran)
	}
	return ""
}

var failing = regexp.MustCompile(`^ *--- FAIL: (\S+) \(`)

// complaints reads the lines that failing tests printed, by their names.
func complaints(out string) map[string][]string {
	found := map[string][]string{}
	name := ""
	for sc := lines(out); sc.Scan(); {
		if m := failing.FindStringSubmatch(sc.Text()); m != nil {
			name = m[1]
			found[name] = append(found[name], "fails")
			continue
		}
		if t := strings.TrimSpace(sc.Text()); name != "" && strings.HasPrefix(sc.Text(), "    ") {
			found[name] = append(found[name], t)
		}
	}
	return found
}

func lines(s string) *bufio.Scanner {
	sc := bufio.NewScanner(bytes.NewReader([]byte(s)))
	sc.Buffer(nil, 16<<20)
	return sc
}

// panicked names the test that a mutant brought down, as far as the runtime says.
func panicked(out string, ran []string) string {
	for sc := lines(out); sc.Scan(); {
		if m := failing.FindStringSubmatch(sc.Text()); m != nil && slices.Contains(ran, m[1]) {
			return m[1] + " (panic)"
		}
	}
	return ran[0] + " or one run with it (panic or endless)"
}
