package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"nasdesk"
)

// A Changed is a row of the register before and after an import. An added row has
// no Before; one that vanished, which the import lacks, has no After.
type Changed[T any] struct {
	Before, After *T
}

// Added and Vanished tell the sorts of change apart; what is neither has both
// sides.
func (c Changed[T]) Added() bool    { return c.Before == nil }
func (c Changed[T]) Vanished() bool { return c.After == nil }

// A Difference is what an import would change in the register, table by table:
// first what is added, then what changes, then what vanished, each in the order of
// its keys. Vanished rows are shown and stay: the register never loses history.
type Difference struct {
	Mailboxes   []Changed[nasdesk.Mailbox]
	Accounts    []Changed[nasdesk.Account]
	Memberships []Changed[nasdesk.Membership]
	Approvals   []Changed[nasdesk.Approval]

	Same    int      // rows that stay as they are
	Former  []string // rows left out: they name a mailbox by an address that it had before
	Unknown []string // what the import knows and the register does not: it is left out
	Notes   []string // what people should look at
	Faults  []string // why the import cannot be applied
	Small   []string // tables of which the import holds suspiciously few rows
	Seen    string   // stands for this difference: Apply does no other
}

// Empty reports whether an import would write nothing.
func (d Difference) Empty() bool {
	w := d.writes()
	return len(w.Mailboxes)+len(w.Accounts)+len(w.Memberships)+len(w.Approvals) == 0
}

var (
	// ErrChanged says that the register or the import is not what was looked at.
	ErrChanged = errors.New("store: the register has changed since the import was compared with it: compare again")
	// ErrFaulty says that an import contradicts the register or itself.
	ErrFaulty = errors.New("store: the import has faults")
	// ErrSmall says that an import holds so few of the register's rows that it may be
	// cut off.
	ErrSmall = errors.New("store: the import holds suspiciously few rows")
)

// smallFrom is how many rows of a table the register must have before an import can
// be suspiciously small: fewer tell nothing.
const smallFrom = 10

// Compare says what an import would change.
func (s *Store) Compare(ctx context.Context, src Source) (Difference, error) {
	have, err := s.Export(ctx)
	if err != nil {
		return Difference{}, err
	}
	return compared(have, src), nil
}

// An Applied is an import that is to be written.
type Applied struct {
	World  World
	Source Source // in place of World, where it is not nil
	Seen   string // of the Difference that was looked at; "" takes what comes
	By     string // sign-in name, or the program's part that imports
	Why    string // the reason, for the journal: no personal data
	At     nasdesk.Timestamp
	Anyway bool // it is complete though it is suspiciously small

	Progress func(done, of int) // called as rows are written; may be nil
}

func (a Applied) source() Source {
	if a.Source != nil {
		return a.Source
	}
	return a.World
}

// Apply writes what an import changes, whole or not at all, with a line of the
// journal for every row. The register stands still while it is compared once
// more: ErrChanged, ErrFaulty or ErrSmall say why nothing was written.
func (s *Store) Apply(ctx context.Context, a Applied) (Difference, error) {
	salt, err := s.salted(ctx)
	if err != nil {
		return Difference{}, err
	}
	var d Difference
	err = s.db.tx(ctx, func(q Q) ([]Statement, error) {
		if err := s.aloneWithRegister(ctx, q); err != nil {
			return nil, err
		}
		have, err := s.register(ctx, q)
		if err != nil {
			return nil, err
		}
		d = compared(have, a.source())
		if err := d.mayApply(a); err != nil {
			return nil, err
		}
		if d.Empty() {
			return nil, nil
		}
		rows := append(d.cleared(), s.rowsOfWorld(d.writes())...)
		return nil, inChunks(ctx, q, append(merged(rows), d.journal(a, salt)...), a.Progress)
	})
	return d, clash(err)
}

func (d Difference) mayApply(a Applied) error {
	switch {
	case a.Seen != "" && a.Seen != d.Seen:
		return ErrChanged
	case len(d.Faults) > 0:
		return fmt.Errorf("%w: %s", ErrFaulty, d.Faults[0])
	case len(d.Small) > 0 && !a.Anyway:
		return fmt.Errorf("%w: %s", ErrSmall, d.Small[0])
	}
	return nil
}

// cleared takes the codes and mobiles of rows that change out of the way, for two
// may change places.
func (d Difference) cleared() []Statement {
	var mailboxes, accounts []string
	eachAfter(d.Mailboxes, func(c Changed[nasdesk.Mailbox]) {
		if c.Before != nil && c.Before.ODS != c.After.ODS {
			mailboxes = append(mailboxes, string(c.After.Address))
		}
	})
	eachAfter(d.Accounts, func(c Changed[nasdesk.Account]) {
		if c.Before != nil && c.Before.Mobile != c.After.Mobile {
			accounts = append(accounts, string(c.After.Address))
		}
	})
	var out []Statement
	if len(mailboxes) > 0 {
		out = append(out, Statement{SQL: `update mailbox set ods = '' where address in ($1...)`, Args: []any{mailboxes}, Of: "mailboxes"})
	}
	if len(accounts) > 0 {
		out = append(out, Statement{SQL: `update account set mobile_index = '' where address in ($1...)`, Args: []any{accounts}, Of: "accounts"})
	}
	return out
}

// writes are the rows that an import puts into the register.
func (d Difference) writes() World {
	return World{after(d.Mailboxes), after(d.Accounts), after(d.Memberships), after(d.Approvals)}
}

func after[T any](rows []Changed[T]) []T {
	var out []T
	for _, c := range rows {
		if c.After != nil {
			out = append(out, *c.After)
		}
	}
	return out
}

// journal says of every row that was written what became of it. Whom it concerns
// stands in it as a digest.
func (d Difference) journal(a Applied, salt []byte) []Statement {
	event := fmt.Sprintf("import/%d/%s", a.At, d.Seen[:12])
	lines := [][]any{{a.At, event, int64(0), "import", "", fmt.Sprintf("by %s: %s", a.By, a.Why)}}
	line := func(what string, changes []FieldChange, subject nasdesk.Address) {
		detail := "import by " + a.By + ": " + a.Why
		if changes == nil {
			what += "-added"
		} else {
			what += "-changed"
			detail += "; " + inJournal(changes)
		}
		lines = append(lines, []any{a.At, event, int64(0), what, saltedDigest(salt, string(subject)), detail})
	}
	eachAfter(d.Mailboxes, func(c Changed[nasdesk.Mailbox]) { line("mailbox", MailboxChanges(c), c.After.Address) })
	eachAfter(d.Accounts, func(c Changed[nasdesk.Account]) { line("account", AccountChanges(c), c.After.Address) })
	eachAfter(d.Memberships, func(c Changed[nasdesk.Membership]) { line("link", LinkChanges(c), c.After.Account) })
	eachAfter(d.Approvals, func(c Changed[nasdesk.Approval]) { line("approval", nil, c.After.Mailbox) })
	var out []Statement
	for chunk := range slices.Chunk(lines, mostTogether) {
		out = append(out, rowsOf("journal", `insert into journal (at, event, request, what, subject, detail) values`, ``, chunk))
	}
	return out
}

func eachAfter[T any](rows []Changed[T], each func(Changed[T])) {
	for _, c := range rows {
		if c.After != nil {
			each(c)
		}
	}
}

// A FieldChange is one column of a row before and after. A personal one holds what
// may stand in no journal.
type FieldChange struct {
	Field         string // the column of the contract's world
	Before, After string
	Personal      bool
}

// MailboxChanges are the columns in which a changed mailbox differs; nil of a row
// that is new or vanished.
func MailboxChanges(c Changed[nasdesk.Mailbox]) []FieldChange {
	if c.Added() || c.Vanished() {
		return nil
	}
	b, a := c.Before, c.After
	return differing(
		FieldChange{"ods_code", string(b.ODS), string(a.ODS), false}, FieldChange{"name", b.Name, a.Name, false},
		FieldChange{"sector", string(b.Sector), string(a.Sector), false}, FieldChange{"region_email", string(b.Region), string(a.Region), false},
		FieldChange{"dspt_status", string(b.DSPT), string(a.DSPT), false}, FieldChange{"status", string(b.Status), string(a.Status), false},
		FieldChange{"alias", string(b.Alias), string(a.Alias), false})
}

// AccountChanges are the columns in which a changed account differs.
func AccountChanges(c Changed[nasdesk.Account]) []FieldChange {
	if c.Added() || c.Vanished() {
		return nil
	}
	b, a := c.Before, c.After
	return differing(
		FieldChange{"full_name", string(b.Name), string(a.Name), true}, FieldChange{"mobile", string(b.Mobile), string(a.Mobile), true},
		FieldChange{"alternative_email", string(b.Alternative), string(a.Alternative), true},
		FieldChange{"status", string(b.Status), string(a.Status), false}, FieldChange{"status_since", string(b.Since), string(a.Since), false})
}

// LinkChanges are the columns in which a changed link differs.
func LinkChanges(c Changed[nasdesk.Membership]) []FieldChange {
	if c.Added() || c.Vanished() {
		return nil
	}
	return differing(FieldChange{"role", string(c.Before.Role), string(c.After.Role), false})
}

func differing(all ...FieldChange) []FieldChange {
	return slices.DeleteFunc(all, func(f FieldChange) bool { return f.Before == f.After })
}

// inJournal says what changed: of what is personal, only that it did.
func inJournal(changes []FieldChange) string {
	var out []string
	for _, c := range changes {
		if c.Personal {
			out = append(out, c.Field+" changed")
			continue
		}
		out = append(out, fmt.Sprintf("%s %q -> %q", c.Field, c.Before, c.After))
	}
	return strings.Join(out, ", ")
}

// compared compares an import with the register.
func compared(have World, src Source) Difference {
	l := src.Over(have)
	d := Difference{Unknown: l.Unknown, Notes: l.Notes}
	w := d.present(have.Mailboxes, l.World)
	d.Mailboxes = differ(&d, "mailboxes", l.Expect, l.Covers.Mailboxes, w.Mailboxes, func(m nasdesk.Mailbox) string { return string(m.Address) }, sameMailbox)
	d.Accounts = differ(&d, "accounts", l.Expect, l.Covers.Accounts, w.Accounts, func(a nasdesk.Account) string { return string(a.Address) }, sameAccount)
	d.Memberships = differ(&d, "links", l.Expect, l.Covers.Memberships, w.Memberships, linkKey, same)
	d.Approvals = differ(&d, "approvals", l.Expect, l.Covers.Approvals, w.Approvals, approvalKey, same)
	d.faults(have, l.where)
	d.Seen = d.digest()
	return d
}

func linkKey(m nasdesk.Membership) string { return string(m.Mailbox) + " " + string(m.Account) }

func approvalKey(a nasdesk.Approval) string {
	return fmt.Sprint(a.Mailbox, a.Max, a.ApprovedBy, a.ApprovedOn)
}

// present reads an import in the register's words of today: a mailbox that a file
// still names by an address it had before a change of site is left out, its links
// and approvals are taken to be those of the mailbox as it is now, and of former
// addresses, which no file knows, none is lost.
func (d *Difference) present(have []nasdesk.Mailbox, w World) World {
	now, former := map[nasdesk.Address]nasdesk.Mailbox{}, map[nasdesk.Address]nasdesk.Mailbox{}
	for _, m := range have {
		now[m.Address] = m
		if m.Alias != "" {
			former[m.Alias] = m
		}
	}
	moved := func(a *nasdesk.Address) {
		if m, ok := former[*a]; ok && now[*a].Address == "" {
			*a = m.Address
		}
	}
	w.Mailboxes, w.Memberships, w.Approvals = slices.Clone(w.Mailboxes), slices.Clone(w.Memberships), slices.Clone(w.Approvals)
	for i := range w.Mailboxes {
		m := &w.Mailboxes[i]
		if f, ok := former[m.Address]; ok && now[m.Address].Address == "" {
			d.Former = append(d.Former, fmt.Sprintf("%s is %s now", m.Address, f.Address))
			*m = f
		} else if m.Alias == "" {
			m.Alias = now[m.Address].Alias
		}
	}
	for i := range w.Memberships {
		moved(&w.Memberships[i].Mailbox)
	}
	for i := range w.Approvals {
		moved(&w.Approvals[i].Mailbox)
	}
	return w
}

// differ compares the rows of one table by their keys.
func differ[T any](d *Difference, table string, expect int, have, want []T, key func(T) string, same func(a, b T) bool) []Changed[T] {
	before := make(map[string]*T, len(have))
	for i := range have {
		before[key(have[i])] = &have[i]
	}
	kept := make(map[string]bool, len(want))
	var added, changed, vanished []Changed[T]
	for i := range want {
		k := key(want[i])
		kept[k] = true
		switch b := before[k]; {
		case b == nil:
			added = append(added, Changed[T]{After: &want[i]})
		case same(*b, want[i]):
			d.Same++
		default:
			changed = append(changed, Changed[T]{b, &want[i]})
		}
	}
	for i := range have {
		if !kept[key(have[i])] {
			vanished = append(vanished, Changed[T]{Before: &have[i]})
		}
	}
	if expect == 0 {
		expect = usualExpect
	}
	if n := len(have) - len(vanished); len(have) >= smallFrom && n*100 < expect*len(have) {
		d.Small = append(d.Small, fmt.Sprintf("%s: %d of the register's %d are not in it", table, len(vanished), len(have)))
	}
	return slices.Concat(inOrderOf(added, key), inOrderOf(changed, key), inOrderOf(vanished, key))
}

func inOrderOf[T any](rows []Changed[T], key func(T) string) []Changed[T] {
	keys := make(map[*T]string, len(rows))
	for _, c := range rows {
		keys[c.either()] = key(*c.either())
	}
	slices.SortFunc(rows, func(a, b Changed[T]) int { return strings.Compare(keys[a.either()], keys[b.either()]) })
	return rows
}

func (c Changed[T]) either() *T {
	if c.After != nil {
		return c.After
	}
	return c.Before
}

func same[T comparable](a, b T) bool { return a == b }

func sameMailbox(a, b nasdesk.Mailbox) bool {
	a.Version, b.Version = 0, 0
	return a == b
}

func sameAccount(a, b nasdesk.Account) bool {
	a.Version, b.Version = 0, 0
	return a == b
}

// faults finds what the schema would refuse: one mobile for two people, one code
// for two mailboxes, links of what is nowhere. Each names its rows by where they
// stand in the files, and no mobile.
func (d *Difference) faults(have World, where func(string) string) {
	codes, mobiles := map[nasdesk.ODSCode]nasdesk.Address{}, map[nasdesk.Mobile]nasdesk.Address{}
	boxes, accounts := map[nasdesk.Address]bool{}, map[nasdesk.Address]bool{}
	fault := func(format string, args ...any) { d.Faults = append(d.Faults, fmt.Sprintf(format, args...)) }
	for _, m := range laid(have.Mailboxes, d.Mailboxes, func(m nasdesk.Mailbox) string { return string(m.Address) }) {
		boxes[m.Address] = true
		if other := codes[m.ODS]; m.ODS != "" && other != "" {
			fault("%s and %s would both have the ODS code %s", placed(where, other), placed(where, m.Address), m.ODS)
		}
		codes[m.ODS] = m.Address
	}
	for _, a := range laid(have.Accounts, d.Accounts, func(a nasdesk.Account) string { return string(a.Address) }) {
		accounts[a.Address] = true
		if a.Mobile == "" || a.Status == nasdesk.Deleted {
			continue
		}
		if other := mobiles[a.Mobile]; other != "" {
			fault("%s and %s would both have one mobile number", placed(where, other), placed(where, a.Address))
		}
		mobiles[a.Mobile] = a.Address
	}
	eachAfter(d.Memberships, func(c Changed[nasdesk.Membership]) {
		if !boxes[c.After.Mailbox] || !accounts[c.After.Account] {
			fault("%s in %s: one of the two is not in the register", c.After.Account, c.After.Mailbox)
		}
	})
	eachAfter(d.Approvals, func(c Changed[nasdesk.Approval]) {
		if !boxes[c.After.Mailbox] {
			fault("an approval for %s, which is not in the register", c.After.Mailbox)
		}
	})
}

// placed adds to a row where it stands: in which line of the files, or in the
// register, where no file has it.
func placed(where func(string) string, a nasdesk.Address) string {
	if where == nil {
		return string(a)
	}
	if at := where(string(a)); at != "" {
		return fmt.Sprintf("%s (%s)", a, at)
	}
	return fmt.Sprintf("%s (in the register, in no file)", a)
}

// laid returns the rows of a table as they would be.
func laid[T any](have []T, changes []Changed[T], key func(T) string) []T {
	over := map[string]T{}
	var out []T
	eachAfter(changes, func(c Changed[T]) {
		if c.Before != nil {
			over[key(*c.After)] = *c.After
		}
	})
	for _, row := range have {
		if now, ok := over[key(row)]; ok {
			row = now
		}
		out = append(out, row)
	}
	eachAfter(changes, func(c Changed[T]) {
		if c.Before == nil {
			out = append(out, *c.After)
		}
	})
	return out
}

// digest stands for a difference: the rows before, with their versions, and after.
func (d Difference) digest() string {
	h := sha256.New()
	_ = json.NewEncoder(h).Encode(d) // no part of it can fail
	return hexed(h.Sum(nil))
}

// CSV writes one of the contract's files: mailboxes.csv, accounts.csv,
// memberships.csv or approvals.csv. Of another name it is empty.
func (w World) CSV(name string) []byte {
	var b bytes.Buffer
	c := csv.NewWriter(&b)
	row := func(cells ...string) { _ = c.Write(cells) } // a buffer takes everything
	switch name {
	case "mailboxes.csv":
		row("address", "ods_code", "name", "sector", "region_email", "dspt_status", "status")
		for _, m := range w.Mailboxes {
			row(string(m.Address), string(m.ODS), m.Name, string(m.Sector), string(m.Region), string(m.DSPT), string(m.Status))
		}
	case "accounts.csv":
		row("address", "full_name", "mobile", "alternative_email", "status", "status_since")
		for _, a := range w.Accounts {
			row(string(a.Address), string(a.Name), string(a.Mobile), string(a.Alternative), string(a.Status), string(a.Since))
		}
	case "memberships.csv":
		row("mailbox", "account", "role")
		for _, m := range w.Memberships {
			row(string(m.Mailbox), string(m.Account), string(m.Role))
		}
	case "approvals.csv":
		row("mailbox", "max_accounts", "approved_by", "approved_on")
		for _, a := range w.Approvals {
			row(string(a.Mailbox), strconv.Itoa(a.Max), string(a.ApprovedBy), string(a.ApprovedOn))
		}
	}
	c.Flush()
	return b.Bytes()
}
