package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mattn/go-isatty"

	"nasdesk"
	"nasdesk/store"
)

type importCmd struct {
	Args []string `arg:"" name:"file" help:"The files, or for a world its folder; then the database: sqlite:PATH or postgres://…"`

	Format  string         `enum:"world,ods,ord,dspt,portal" default:"world" help:"What the files are: world, ods, ord, dspt or portal."`
	DryRun  bool           `help:"Show what would change, and change nothing."`
	Sector  nasdesk.Sector `enum:"pharmacy,optometry,dentistry,social-care,midwifery" default:"pharmacy" help:"Whose organisations the files hold (ods, ord)."`
	Oldest  string         `placeholder:"24-25" help:"The oldest edition of the toolkit that counts (dspt): older ones are read as not published."`
	Config  string         `short:"c" placeholder:"FILE" env:"NASDESK_CONFIG" help:"The configuration, whose [portal] maps the columns (portal)."`
	Expect  int            `default:"80" help:"How many in a hundred of the register's rows the files must hold; with fewer they are taken to be cut off."`
	Force   string         `placeholder:"REASON" help:"Import files that hold fewer, for this reason."`
	Why     string         `placeholder:"TEXT" help:"A remark for the journal: no personal data."`
	Verbose bool           `short:"v" help:"Show every change, not the first twenty of each sort."`
}

// shownOf is how many changes of a sort are shown.
const shownOf = 20

// Run imports into the register. Nothing is written unless all of it is right.
func (i *importCmd) Run(ctx context.Context, out io.Writer) error {
	if len(i.Args) < 2 {
		return usageError{errors.New("import: give the files and then the database: sqlite:PATH or postgres://…")}
	}
	if i.Expect < 0 || i.Expect > 100 {
		return usageError{errors.New("import: --expect is a number from 0 to 100")}
	}
	files, database := i.Args[:len(i.Args)-1], i.Args[len(i.Args)-1]
	say := newProgress(os.Stderr)
	src, from, err := i.read(files, nasdesk.DateOf(time.Now()))
	if err != nil {
		return usageError{err}
	}
	st, err := openStore(ctx, database)
	if err != nil {
		return err
	}
	defer st.Close()
	say.line("read: %s", from)
	return i.into(ctx, st, store.Expecting(src, i.Expect), from, out, say)
}

// into compares the files with the register, shows what that gives, and unless this
// is a dry run applies it.
func (i *importCmd) into(ctx context.Context, st *store.Store, src store.Source, from store.Provenance, out io.Writer, say *progress) error {
	say.line("comparing with the register")
	d, err := st.Compare(ctx, src)
	if err != nil {
		return err
	}
	i.show(out, d)
	if err := i.mayApply(d); err != nil || i.DryRun {
		return err
	}
	_, err = st.Apply(ctx, store.Applied{Source: src, Seen: d.Seen, By: operator(), Why: i.why(from), At: nasdesk.TimestampOf(time.Now()), Anyway: i.Force != "", Progress: say.count})
	say.end()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "imported %d mailboxes, %d accounts, %d memberships, %d approvals\n", written(d.Mailboxes), written(d.Accounts), written(d.Memberships), written(d.Approvals))
	return nil
}

// mayApply refuses what Apply would, with every fault: they are the input's.
func (i *importCmd) mayApply(d store.Difference) error {
	var faults []error
	for _, f := range d.Faults {
		faults = append(faults, errors.New(f))
	}
	for _, s := range d.Small {
		if i.Force == "" {
			faults = append(faults, fmt.Errorf("%s: the files may be cut off, or be others than --format says. If they are whole, say why: --force REASON", s))
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return usageError{fmt.Errorf("nothing is imported:\n%w", store.Faults(faults))}
}

func (i *importCmd) why(from store.Provenance) string {
	why := from.String()
	if i.Why != "" {
		why += ": " + i.Why
	}
	if i.Force != "" {
		why += "; taken though it is small: " + i.Force
	}
	return why
}

// read reads the files as what they are said to be.
func (i *importCmd) read(names []string, today nasdesk.Date) (store.Source, store.Provenance, error) {
	if i.Format == "world" {
		return readWorld(names)
	}
	files, err := filesOf(names)
	if err != nil {
		return nil, store.Provenance{}, err
	}
	switch i.Format {
	case "ods":
		o, err := store.ReadODS(files, i.Sector, today)
		return o, o.Provenance, err
	case "ord":
		o, err := store.ReadORD(files, i.Sector, today)
		return o, o.Provenance, err
	case "dspt":
		s, err := store.ReadDSPT(files, i.Oldest)
		return s, s.Provenance, err
	}
	if i.Config == "" {
		return nil, store.Provenance{}, errors.New("import: name the configuration with -c: its [portal] says how the columns of the list are called")
	}
	mapping, err := loadPortal(i.Config)
	if err != nil {
		return nil, store.Provenance{}, err
	}
	p, err := store.ReadPortal(files, mapping, today)
	return p, p.Provenance, err
}

func readWorld(names []string) (store.Source, store.Provenance, error) {
	if len(names) > 1 {
		return nil, store.Provenance{}, errors.New("import: a world is one folder: of files say with --format what they are")
	}
	if info, err := os.Stat(names[0]); err != nil || !info.IsDir() {
		return nil, store.Provenance{}, fmt.Errorf("world %s: no such folder: name one that holds mailboxes.csv, accounts.csv and memberships.csv, or say with --format what a file is", names[0])
	}
	w, err := store.ReadWorldFiles(os.DirFS(names[0]))
	return w, w.Provenance, err
}

// filesOf reads files whole, and names every one that cannot be read.
func filesOf(names []string) ([]store.ImportFile, error) {
	var out []store.ImportFile
	var faults store.Faults
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			faults = append(faults, fmt.Errorf("cannot read %s: %w", name, plainError(err)))
		}
		out = append(out, store.ImportFile{Name: filepath.Base(name), Bytes: b})
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return out, nil
}

func written[T any](rows []store.Changed[T]) int {
	n := 0
	for _, c := range rows {
		if !c.Vanished() {
			n++
		}
	}
	return n
}

// show writes a difference for people: of each sort the first few, and how many
// there are.
func (i *importCmd) show(out io.Writer, d store.Difference) {
	most := shownOf
	if i.Verbose {
		most = int(^uint(0) >> 1)
	}
	table(out, most, "mailboxes", d.Mailboxes, store.MailboxChanges, func(m nasdesk.Mailbox) string { return string(m.Address) + " " + m.Name })
	table(out, most, "accounts", d.Accounts, store.AccountChanges, func(a nasdesk.Account) string { return string(a.Address) + " " + string(a.Status) })
	table(out, most, "links", d.Memberships, store.LinkChanges, func(m nasdesk.Membership) string {
		return string(m.Account) + " in " + string(m.Mailbox) + ", " + string(m.Role)
	})
	table(out, most, "approvals", d.Approvals, func(store.Changed[nasdesk.Approval]) []store.FieldChange { return nil }, func(a nasdesk.Approval) string {
		return fmt.Sprintf("%s, %d accounts", a.Mailbox, a.Max)
	})
	fmt.Fprintf(out, "%d rows stay as they are\n", d.Same)
	listed(out, most, "written under a former address: left out", d.Former)
	listed(out, most, "not in the register: left out", d.Unknown)
	listed(out, most, "to be looked at", d.Notes)
}

// table shows the changes of a table: + added, ~ changed, - not in the files.
func table[T any](out io.Writer, most int, name string, rows []store.Changed[T], changes func(store.Changed[T]) []store.FieldChange, row func(T) string) {
	var added, changed, gone []string
	for _, c := range rows {
		switch {
		case c.Added():
			added = append(added, "  + "+row(*c.After))
		case c.Vanished():
			gone = append(gone, "  - "+row(*c.Before))
		default:
			changed = append(changed, "  ~ "+row(*c.Before)+": "+inWords(changes(c)))
		}
	}
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(out, "%s: %d added, %d changed, %d not in the files, which stay\n", name, len(added), len(changed), len(gone))
	for _, of := range [][]string{added, changed, gone} {
		first(out, most, of)
	}
}

func listed(out io.Writer, most int, name string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(out, "%s: %d\n", name, len(lines))
	first(out, most, lines)
}

func first(out io.Writer, most int, lines []string) {
	for n, l := range lines {
		if n == most {
			fmt.Fprintf(out, "    and %d more\n", len(lines)-n)
			return
		}
		fmt.Fprintf(out, "  %s\n", strings.TrimPrefix(l, "  "))
	}
}

// inWords writes changes as field: old -> new. Mobiles and private addresses are
// masked: what is shown may be kept in a file.
func inWords(changes []store.FieldChange) string {
	var out []string
	for _, c := range changes {
		mask := func(s string) string { return s }
		switch c.Field {
		case "mobile":
			mask = func(s string) string { return nasdesk.Mobile(s).Masked() }
		case "alternative_email":
			mask = func(s string) string { return s[:1] + "…@" + nasdesk.Address(s).Domain() }
		}
		out = append(out, c.Field+": "+shown(c.Before, mask)+" -> "+shown(c.After, mask))
	}
	return strings.Join(out, ", ")
}

func shown(s string, mask func(string) string) string {
	if s == "" {
		return "none"
	}
	return mask(s)
}

// A progress says on a terminal how far the work is, in a line that is written
// over; into a file a line is written for each tenth.
type progress struct {
	w    io.Writer
	over bool
	last int
}

func newProgress(f *os.File) *progress {
	return &progress{w: f, over: isatty.IsTerminal(f.Fd()), last: -1}
}

func (p *progress) line(format string, args ...any) { fmt.Fprintf(p.w, format+"\n", args...) }

// count is called as rows are written.
func (p *progress) count(done, of int) {
	step := 10
	if p.over {
		step = 1
	}
	percent := done * 100 / of
	if percent/step == p.last {
		return
	}
	if p.last = percent / step; p.over {
		fmt.Fprintf(p.w, "\rwriting: %d %%", percent)
		return
	}
	fmt.Fprintf(p.w, "writing: %d %%\n", percent)
}

func (p *progress) end() {
	if p.over && p.last >= 0 {
		fmt.Fprintln(p.w)
	}
}
