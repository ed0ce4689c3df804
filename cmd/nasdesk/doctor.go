package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"nasdesk/store"
)

// A doctorCmd looks at everything that serve will lean on, and says of each thing
// that it is well, or what is wrong and what to do. It changes nothing, sends no
// mail, and never shows a secret.
type doctorCmd struct {
	Config string        `required:"" short:"c" help:"The configuration file." placeholder:"FILE" env:"NASDESK_CONFIG"`
	Limit  time.Duration `default:"30s" help:"How long one check may take."`
	Skip   []string      `help:"Checks to leave out, by the name in front of their line." placeholder:"NAME"`
}

// Run prints one line for each check, and fails if there is any finding.
func (d *doctorCmd) Run(ctx context.Context, out io.Writer) error {
	x := &examination{out: out, limit: d.Limit, now: time.Now, skip: d.Skip, ill: map[string]bool{}}
	c, err := loadConfig(d.Config)
	if err != nil {
		return x.configFault(err)
	}
	x.c, x.tok = c, c.tokens()
	x.tell("config", report{well: d.Config})
	defer x.close()
	for _, k := range x.checks() {
		x.check(ctx, k)
	}
	return x.verdict()
}

// A check is one line of the examination. What it needs must have been well before.
type check struct {
	name  string
	needs string
	look  func(context.Context, *report)
}

// A report is what a check found. With no fault it is well, and well says how.
type report struct {
	well   string
	faults []string
	off    bool // there is nothing to look at, as the configuration says
}

// wrong adds a finding: what is wrong, and what to do.
func (r *report) wrong(format string, args ...any) {
	r.faults = append(r.faults, fmt.Sprintf(format, args...))
}

func (r *report) note(format string, args ...any) { r.well = fmt.Sprintf(format, args...) }

// An examination is one run of the doctor.
type examination struct {
	c     *config
	out   io.Writer
	limit time.Duration
	now   func() time.Time
	skip  []string
	tok   *tokens
	store *store.Store // nil until it is reached
	beats []store.Present
	ill   map[string]bool // checks that found something, or were not made
	found int
}

func (x *examination) checks() []check {
	return []check{
		{"secrets", "", x.secrets},
		{"password", "", x.passwords},
		{"database", "", x.database},
		{"schema", "database", x.schema},
		{"nodes", "schema", x.nodesBefore},
		{"token", "", x.token},
		{"clock", "", x.clock},
		{"imap", "token", x.imap},
		{"smtp", "token", x.smtp},
		{"holidays", "", x.holidays},
		{"register", "schema", x.register},
		{"journal", "schema", x.journal},
		{"queues", "schema", x.queues},
		{"directory", "schema", x.directory},
		{"console", "schema", x.console},
		{"sign-in", "schema", x.signIn},
		{"metrics", "", x.metrics},
		{"serving", "schema", x.serving},
	}
}

// check makes one check within its time, whatever holds it up.
func (x *examination) check(ctx context.Context, k check) {
	if slices.Contains(x.skip, k.name) {
		x.ill[k.name] = k.name == "database" // nothing to ask then
		return
	}
	if x.ill[k.needs] {
		x.ill[k.name] = true
		fmt.Fprintf(x.out, "%-10s not looked at: first mend %s\n", k.name, k.needs)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, x.limit)
	defer cancel()
	done := make(chan report, 1)
	go func() {
		var r report
		defer func() {
			if fault := recover(); fault != nil {
				r.wrong("a fault in the program: %v: report it", fault)
			}
			done <- r
		}()
		k.look(ctx, &r)
	}()
	select {
	case r := <-done:
		x.tell(k.name, r)
	case <-time.After(x.limit + x.limit/4):
		x.tell(k.name, report{faults: []string{fmt.Sprintf("no answer within %s: something accepts connections and says nothing; see that it runs, and what stands between", x.limit)}})
	}
}

func (x *examination) tell(name string, r report) {
	switch {
	case len(r.faults) == 0 && r.off:
		fmt.Fprintf(x.out, "%-10s none\n", name)
	case len(r.faults) == 0:
		fmt.Fprintf(x.out, "%-10s well: %s\n", name, r.well)
	}
	for _, f := range r.faults {
		fmt.Fprintf(x.out, "%-10s WRONG: %s\n", name, f)
		x.ill[name] = true
		x.found++
	}
}

// configFault tells of a configuration that cannot be used: nothing else can be
// looked at then.
func (x *examination) configFault(err error) error {
	var r report
	for line := range strings.Lines(err.Error()) {
		r.wrong("%s", strings.TrimSpace(line))
	}
	x.tell("config", r)
	return x.verdict()
}

func (x *examination) verdict() error {
	switch x.found {
	case 0:
		_, err := fmt.Fprintln(x.out, "all well")
		return err
	case 1:
		return errors.New("one finding")
	}
	return fmt.Errorf("%d findings", x.found)
}

func (x *examination) close() {
	if x.store != nil {
		x.store.Close()
	}
}
