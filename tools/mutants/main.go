// Command mutants switches off every rule and guard, one after the other, and
// sees that a named fixture turns red.
//
//	go run ./tools/mutants [-area workflows|wording|intake|root] [-only REGEXP] [-suites REGEXP] [-every N] [-all] [-q]
//
// A mutant is one condition that is never true, one that always is, or one
// comparison with its border moved by one. All mutants are built into one test
// binary a package (go test -overlay; no file is changed), each with a switch,
// and only the fixtures for which a mutant makes a difference are run against
// it. A fixture kills a mutant by a complaint that it does not make without it.
//
// Survivors that are no fault of the fixtures stand in tools/mutants/accepted.txt,
// one a line with the reason behind a tab. Any other survivor makes the exit
// status 1. So does a line there that no mutant answers to.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// An area is a part of the program and the tests that ought to hold it.
type area struct {
	files  []string // patterns
	except []string // of those: what holds words, lists or dressing, and no rule
	suites []suite
}

var areas = map[string]area{
	"workflows": {
		files:  []string{"workflows/*.go"},
		except: []string{"letters.go", "render.go", "says.go", "published.go", "sources.go", "rules.go", "labels.go", "wording.go", "kinds.go"},
		suites: []suite{{pkg: "./cmd/nasdesk", run: "^TestConversations$"}, {pkg: "./workflows"}},
	},
	"wording": {
		files:  []string{"workflows/letters.go", "workflows/render.go", "workflows/says.go", "workflows/published.go"},
		suites: []suite{{pkg: "./cmd/nasdesk", run: "^TestConversations$"}, {pkg: "./workflows"}},
	},
	"intake": {
		files: []string{"inbox/proof*.go", "inbox/authres.go", "inbox/from.go", "parser/header.go", "parser/mime.go", "parser/body.go", "parser/charset.go", "parser/html.go", "parser/html_style.go",
			"parser/plain.go", "parser/regions.go", "parser/signature.go", "parser/automatic.go", "parser/sheet.go", "parser/whole.go", "parser/limits.go", "parser/returned.go", "parser/rtf.go", "parser/tnef.go", "parser/smime.go"},
		suites: []suite{{pkg: "./cmd/nasdesk", run: "^Test(Messages|Conversations)$"}, {pkg: "./parser"},
			{pkg: "./inbox", run: "AuthResults|Exchange|RFC8601|Trust|HeaderThatWasCut|ProveEmpty|TestFrom|OnBehalf|ReplyTo|Guards|SaidTwice|SmallLetters|LookAlike|SenderIsTold|Policies|Border|Quote|CommentLength"}},
	},
	"root": {
		files:  []string{"case.go", "date.go", "form.go", "ods.go", "person.go", "values.go", "thread.go", "reference.go", "register.go"},
		suites: []suite{{pkg: "./cmd/nasdesk", run: "^TestConversations$"}, {pkg: "./workflows"}, {pkg: "./parser"}},
	},
}

func main() {
	name := flag.String("area", "workflows", "which part: workflows, wording, intake or root")
	match := flag.String("only", "", "only mutants whose name or place matches this regular expression")
	suites := flag.String("suites", "", "only the suites whose package matches this regular expression: quicker, and its survivors may yet fall to the others")
	every := flag.Int("every", 1, "only every N-th mutant")
	workers := flag.Int("workers", runtime.NumCPU(), "how many to try at a time")
	quiet := flag.Bool("q", false, "print survivors alone")
	all := flag.Bool("all", false, "try the accepted ones too, and tell which of them are killed by now")
	flag.Parse()
	a, known := areas[*name]
	only, err := regexp.Compile(*match)
	in, errIn := regexp.Compile(*suites)
	if !known || err != nil || errIn != nil || *every < 1 {
		fmt.Fprintln(os.Stderr, "mutants: -area is workflows, wording, intake or root; -only and -suites a regular expression; -every 1 or more")
		os.Exit(2)
	}
	a.suites = slices.DeleteFunc(slices.Clone(a.suites), func(s suite) bool { return !in.MatchString(s.pkg) })
	h := hunt{area: a, only: only, every: *every, workers: *workers, quiet: *quiet, all: *all}
	if err := h.run(); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

// A hunt is one run over an area.
type hunt struct {
	area    area
	only    *regexp.Regexp
	every   int
	workers int
	quiet   bool
	all     bool
	mutants []mutant
	allowed map[string]string // accepted survivors and their reasons
}

func (h *hunt) run() error {
	temp, err := os.MkdirTemp("", "nasdesk-mutants-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	overlay, err := h.overlay(".", temp)
	if err != nil {
		return err
	}
	if h.allowed, err = accepted("tools/mutants/accepted.txt"); err != nil {
		return err
	}
	for i := range h.area.suites {
		s := &h.area.suites[i]
		if err := s.build(".", temp, overlay); err != nil {
			return err
		}
		s.dir, _ = filepath.Abs(s.dir)
		s.baseline()
		s.meet(temp, h.workers)
		fmt.Fprintf(os.Stderr, "%s: %d fixtures, which meet %d of %d mutants\n", s.pkg, len(s.fixtures), len(s.meets), len(h.mutants))
	}
	return h.verdict(h.tried())
}

// overlay writes the instrumented files and the list by which the go command
// reads them instead of those in the repository.
func (h *hunt) overlay(root, temp string) (string, error) {
	replace := map[string]string{}
	for _, path := range h.area.paths(root) {
		text, err := instrument(root, path, &h.mutants)
		if err != nil {
			return "", err
		}
		full, _ := filepath.Abs(filepath.Join(root, path))
		replace[full] = filepath.Join(temp, strings.ReplaceAll(path, "/", "_"))
		if err := os.WriteFile(replace[full], []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	list, _ := json.Marshal(map[string]any{"Replace": replace})
	name := filepath.Join(temp, "overlay.json")
	return name, os.WriteFile(name, list, 0o600)
}

func (a area) paths(root string) []string {
	var out []string
	for _, pattern := range a.files {
		found, _ := filepath.Glob(filepath.Join(root, pattern))
		for _, f := range found {
			if rel, _ := filepath.Rel(root, f); !strings.HasSuffix(f, "_test.go") && !slices.Contains(a.except, filepath.Base(f)) {
				out = append(out, filepath.ToSlash(rel))
			}
		}
	}
	return out
}

// tried runs every mutant that is asked for, prints who killed it, and returns
// the survivors.
func (h *hunt) tried() []mutant {
	chosen := h.chosen()
	killers := make([]string, len(chosen))
	each(h.workers, len(chosen), func(i int) {
		if killers[i] = h.killer(chosen[i].id); killers[i] == "" {
			fmt.Fprintf(os.Stderr, "%d of %d: %s:%d survives: %s\n", i+1, len(chosen), chosen[i].file, chosen[i].line, chosen[i].name())
		}
	})
	var left []mutant
	for i, m := range chosen {
		switch {
		case killers[i] == "":
			left = append(left, m)
		case h.allowed[m.name()] != "":
			fmt.Printf("ACCEPTED, BUT KILLED by %s: %s\n", killers[i], m.name())
		case !h.quiet:
			fmt.Printf("%s:%d %q %s: killed by %s\n", m.file, m.line, m.cond, m.how, killers[i])
		}
	}
	fmt.Printf("%d mutants of %d tried, %d survive\n", len(chosen), len(h.mutants), len(left))
	return left
}

// killer tries a group of every suite, then all that are left, the tables before
// the long conversations.
func (h *hunt) killer(mutant int) string {
	for i := range h.area.suites {
		s := &h.area.suites[i]
		if by := s.killer(mutant, s.meets[mutant][:min(1, len(s.meets[mutant]))]); by != "" {
			return by
		}
	}
	for i := range h.area.suites {
		s := &h.area.suites[len(h.area.suites)-1-i]
		if by := s.killer(mutant, s.meets[mutant][min(1, len(s.meets[mutant])):]); by != "" {
			return by
		}
	}
	return ""
}

func (h *hunt) chosen() []mutant {
	var out []mutant
	for i, m := range h.mutants {
		if !h.all && h.allowed[m.name()] != "" {
			continue
		}
		if i%h.every == 0 && h.only.MatchString(fmt.Sprintf("%s:%d %s", m.file, m.line, m.name())) {
			out = append(out, m)
		}
	}
	return out
}

// verdict prints the survivors that nobody has accepted, and what is accepted
// but does not exist.
func (h *hunt) verdict(left []mutant) error {
	faults := 0
	for _, m := range left {
		if h.allowed[m.name()] == "" {
			faults++
			fmt.Printf("SURVIVES %s:%d (met by %d groups of fixtures) %s\n", m.file, m.line, h.met(m.id), m.name())
		}
	}
	for name := range h.allowed {
		if h.mine(name) && !slices.ContainsFunc(h.mutants, func(m mutant) bool { return m.name() == name }) {
			faults++
			fmt.Println("ACCEPTED, BUT IS NO MUTANT:", name)
		}
	}
	if faults > 0 {
		return fmt.Errorf("%d survivors that no fixture turns red: write the fixture, take the dead code out, or accept it with a reason", faults)
	}
	return nil
}

func (h *hunt) met(id int) int {
	n := 0
	for _, s := range h.area.suites {
		n += len(s.meets[id])
	}
	return n
}

// mine reports whether an accepted line is about a file of this area.
func (h *hunt) mine(name string) bool {
	file, _, _ := strings.Cut(name, " ")
	return slices.Contains(h.area.paths("."), file)
}

// accepted reads the list of survivors that are none: a name, a tab, a reason.
func accepted(file string) (map[string]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\r\n")
		name, reason, _ := strings.Cut(line, "\t")
		if name == "" || strings.HasPrefix(name, "#") {
			continue
		}
		if strings.TrimSpace(reason) == "" {
			return nil, fmt.Errorf("%s: no reason is given for %q", file, name)
		}
		out[name] = reason
	}
	return out, nil
}

// each calls f for 0 to n-1, some at a time.
func each(workers, n int, f func(int)) {
	next := make(chan int)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}
