package store

import (
	"fmt"
	"slices"
	"strings"

	"nasdesk"
)

// PortalColumns says how the columns of an account list of the NHSmail Portal are
// named, and what the words in them mean. Only Address has to be there: what a list
// does not hold, the register keeps. Without Status no account can be added.
type PortalColumns struct {
	Address     string `toml:"address"`
	Name        string `toml:"name"`  // the whole name, or
	First       string `toml:"first"` // its two parts
	Last        string `toml:"last"`
	Mobile      string `toml:"mobile"`
	Alternative string `toml:"alternative_email"`
	Status      string `toml:"status"`
	Since       string `toml:"status_since"`
	Mailbox     string `toml:"mailbox"` // a shared mailbox that the account is linked to: its address or ODS code
	Role        string `toml:"role"`
}

// A PortalMapping is PortalColumns with the words of the statuses and the roles, in
// small letters or any others.
type PortalMapping struct {
	Columns  PortalColumns             `toml:"columns"`
	Statuses map[string]nasdesk.Status `toml:"statuses"`
	Roles    map[string]nasdesk.Role   `toml:"roles"`
}

var (
	accountStatuses = []nasdesk.Status{nasdesk.Pending, nasdesk.Active, nasdesk.Inactive, nasdesk.Disabled, nasdesk.Leaver, nasdesk.Deleted}
	linkRoles       = []nasdesk.Role{nasdesk.Owner, nasdesk.Member}
)

// Faults are what is wrong with a mapping.
func (p PortalMapping) Faults() []error {
	var out []error
	add := func(bad bool, format string, args ...any) {
		if bad {
			out = append(out, fmt.Errorf(format, args...))
		}
	}
	c := p.Columns
	add(c.Address == "", "portal.columns.address: none given: name the column of the nhs.net addresses")
	add(c.Name != "" && c.First+c.Last != "", "portal.columns: give name, or first and last, not both")
	add((c.First == "") != (c.Last == ""), "portal.columns: give first and last, or neither")
	add(c.Role != "" && c.Mailbox == "", "portal.columns.role: a role needs a mailbox: name its column too")
	for _, word := range sortedWords(p.Statuses) {
		add(!slices.Contains(accountStatuses, p.Statuses[word]), "portal.statuses: %q: %q is none of %s", word, p.Statuses[word], strings.Join(strs(accountStatuses), ", "))
	}
	for _, word := range sortedWords(p.Roles) {
		add(!slices.Contains(linkRoles, p.Roles[word]), "portal.roles: %q: %q is neither owner nor member", word, p.Roles[word])
	}
	return out
}

func sortedWords[T any](m map[string]T) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// used are the columns that a mapping names.
func (c PortalColumns) used() []string {
	all := []string{c.Address, c.Name, c.First, c.Last, c.Mobile, c.Alternative, c.Status, c.Since, c.Mailbox, c.Role}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

// PortalAccounts is what account lists of the Portal say. Laid over the register they
// bring its accounts and their links up to date; an empty cell says nothing. An
// account that is in no list any more stays as it is.
type PortalAccounts struct {
	Accounts   []PortalAccount
	Provenance Provenance
	mapping    PortalMapping
	today      nasdesk.Date
	notes      []string
}

// A PortalAccount is an account of a list: what its cells held.
type PortalAccount struct {
	nasdesk.Account
	Links []PortalLink
	Where string
}

// A PortalLink is a shared mailbox that a row names.
type PortalLink struct {
	Mailbox string // an address, or an ODS code
	Role    nasdesk.Role
	Where   string
}

// ReadPortal reads account lists of the Portal as of a day: CSV with a header. An
// account linked to several mailboxes has a row for each. The error is of type
// [Faults].
func ReadPortal(files []ImportFile, mapping PortalMapping, today nasdesk.Date) (PortalAccounts, error) {
	r := &portalReader{m: mapping, c: mapping.Columns, statuses: wordsOf(mapping.Statuses, accountStatuses), roles: wordsOf(mapping.Roles, linkRoles),
		seen: map[nasdesk.Address]int{}, PortalAccounts: PortalAccounts{mapping: mapping, today: today}}
	if r.faults = mapping.Faults(); len(r.faults) > 0 {
		return r.PortalAccounts, r.faults
	}
	r.faults.eachText(files, &r.notes, func(name, text string) { r.faults.headed(name, text, r.c.used(), r.row) })
	r.Provenance = provenance("portal", r.rows, files)
	return r.PortalAccounts, r.faults.err()
}

type portalReader struct {
	PortalAccounts
	m        PortalMapping
	c        PortalColumns
	statuses map[string]nasdesk.Status
	roles    map[string]nasdesk.Role
	faults   Faults
	rows     int
	seen     map[nasdesk.Address]int // index in Accounts
}

// wordsOf are the mapped words in small letters, and ours, which mean themselves.
func wordsOf[T ~string](mapped map[string]T, ours []T) map[string]T {
	out := map[string]T{}
	for _, o := range ours {
		out[string(o)] = o
	}
	for word, v := range mapped {
		out[strings.ToLower(word)] = v
	}
	return out
}

// mapped reads a cell whose words the mapping knows.
func mapped[T ~string](w *row, column string, words map[string]T) T {
	if column == "" || w.cell[column] == "" {
		return ""
	}
	v, ok := words[strings.ToLower(w.cell[column])]
	if !ok {
		w.fault(column, "%q is not mapped: the words that are: %s", w.cell[column], strings.Join(sortedWords(words), ", "))
	}
	return v
}

func (r *portalReader) row(w *row) {
	r.rows++
	a := PortalAccount{Where: w.place(), Account: nasdesk.Account{Address: w.address(r.c.Address, true), Name: r.name(w),
		Status: mapped(w, r.c.Status, r.statuses), Alternative: w.optional(r.c.Alternative)}}
	if s := w.cell[r.c.Mobile]; s != "" && a.Mobile.Set(s) != nil {
		w.fault(r.c.Mobile, "not a mobile number of the United Kingdom")
	}
	if s := w.cell[r.c.Since]; s != "" {
		d, err := dayOf(s)
		if a.Since = d; err != nil {
			w.fault(r.c.Since, "%v", err)
		}
	}
	role := mapped(w, r.c.Role, r.roles)
	if box := w.cell[r.c.Mailbox]; box != "" {
		a.Links = []PortalLink{{box, role, a.Where}}
	}
	if !w.bad {
		r.add(w, a)
	}
}

func (r *portalReader) name(w *row) nasdesk.PersonName {
	if r.c.Name != "" {
		return nasdesk.PersonName(w.cell[r.c.Name])
	}
	return nasdesk.PersonName(strings.TrimSpace(w.cell[r.c.First] + " " + w.cell[r.c.Last]))
}

func (w *row) optional(column string) nasdesk.Address {
	if column == "" {
		return ""
	}
	return w.address(column, false)
}

// add takes a row. Of an account with several, all say the same but for the link.
func (r *portalReader) add(w *row, a PortalAccount) {
	i, ok := r.seen[a.Address]
	if !ok {
		r.seen[a.Address] = len(r.Accounts)
		r.Accounts = append(r.Accounts, a)
		return
	}
	was := &r.Accounts[i]
	if was.Account != a.Account {
		w.fault("row", "the account says something else in %s: take the wrong row out", was.Where)
		return
	}
	for _, l := range a.Links {
		if k := slices.IndexFunc(was.Links, func(o PortalLink) bool { return strings.EqualFold(o.Mailbox, l.Mailbox) }); k >= 0 {
			if was.Links[k].Role != l.Role {
				w.fault("row", "the link has another role in %s: take the wrong row out", was.Links[k].Where)
			}
			continue
		}
		was.Links = append(was.Links, l)
	}
}

// Over implements Source.
func (p PortalAccounts) Over(have World) Laid {
	o := newPortalOver(p, have)
	for _, a := range p.Accounts {
		if o.boxes[string(a.Address)] != "" {
			o.note("%s: %s is a shared mailbox in the register, no account: passed over", a.Where, a.Address)
			continue
		}
		if !o.account(a) {
			o.l.Unknown = append(o.l.Unknown, fmt.Sprintf("%s: the account %s, of which the list gives no status: left out", a.Where, a.Address))
			continue
		}
		for _, l := range a.Links {
			o.link(a.Address, l)
		}
	}
	o.covered()
	o.l.where = func(key string) string { return o.places[key] }
	return o.l
}

// A portalOver is a list being laid over the register.
type portalOver struct {
	p        PortalAccounts
	have     World
	l        Laid
	accounts map[nasdesk.Address]*nasdesk.Account
	boxes    map[string]nasdesk.Address // by address, former address and code, in small letters
	links    map[string]nasdesk.Role
	places   map[string]string // of accounts and links in the list
}

func newPortalOver(p PortalAccounts, have World) *portalOver {
	o := &portalOver{p: p, have: have, accounts: make(map[nasdesk.Address]*nasdesk.Account, len(have.Accounts)), boxes: map[string]nasdesk.Address{},
		links: make(map[string]nasdesk.Role, len(have.Memberships)), places: make(map[string]string, len(p.Accounts))}
	o.l.Notes = slices.Clone(p.notes)
	for i := range have.Accounts {
		o.accounts[have.Accounts[i].Address] = &have.Accounts[i]
	}
	for _, m := range have.Mailboxes { // what a mailbox was called before yields to what another is called now
		o.boxes[string(m.Alias)] = m.Address
	}
	for _, m := range have.Mailboxes {
		o.boxes[string(m.Address)] = m.Address
		o.boxes[strings.ToLower(string(m.ODS))] = m.Address
	}
	delete(o.boxes, "")
	for _, m := range have.Memberships {
		o.links[linkKey(m)] = m.Role
	}
	return o
}

func (o *portalOver) note(format string, args ...any) {
	o.l.Notes = append(o.l.Notes, fmt.Sprintf(format, args...))
}

// account lays an account over the register's, and reports whether it can: a new one
// needs a status.
func (o *portalOver) account(a PortalAccount) bool {
	now := a.Account
	if was := o.accounts[a.Address]; was != nil {
		now = o.over(*was, a)
	} else if now.Since == "" {
		now.Since = o.p.today // the day that we heard of it
	}
	if now.Status == "" {
		return false
	}
	o.places[string(a.Address)] = a.Where
	o.l.World.Accounts = append(o.l.World.Accounts, now)
	return true
}

// over lays what a list says of an account over what the register knew. An address
// alone is no person: one that was deleted may be somebody else's after two years.
func (o *portalOver) over(was nasdesk.Account, a PortalAccount) nasdesk.Account {
	now := was
	keep(&now.Name, a.Name)
	keep(&now.Mobile, a.Mobile)
	keep(&now.Alternative, a.Alternative)
	keep(&now.Status, a.Status)
	if now.Status != was.Status {
		now.Since = o.p.today // unless the list has the day
	}
	keep(&now.Since, a.Since)
	switch {
	case was.Status == nasdesk.Deleted && now.Status != nasdesk.Deleted:
		o.note("%s: %s was deleted%s and is %s in the list: look whether it is the same person's", a.Where, was.Address, since(was.Since), now.Status)
	case was.Mobile != "" && now.Mobile != was.Mobile && was.Name != "" && !strings.EqualFold(string(now.Name), string(was.Name)):
		o.note("%s: both name and mobile of %s differ: look whether it is the same person's", a.Where, was.Address)
	}
	return now
}

func keep[T ~string](to *T, said T) {
	if said != "" {
		*to = said
	}
}

// link lays a link over the register's. Without a role in the list a new one is a
// member's.
func (o *portalOver) link(a nasdesk.Address, l PortalLink) {
	box, ok := o.boxes[strings.ToLower(l.Mailbox)]
	if !ok {
		o.l.Unknown = append(o.l.Unknown, fmt.Sprintf("%s: the mailbox %s: the link of %s is left out", l.Where, l.Mailbox, a))
		return
	}
	m := nasdesk.Membership{Mailbox: box, Account: a, Role: l.Role}
	if m.Role == "" {
		m.Role = nasdesk.Member
		keep(&m.Role, o.links[linkKey(m)])
	}
	if o.places[linkKey(m)] == "" {
		o.places[linkKey(m)] = l.Where
		o.l.World.Memberships = append(o.l.World.Memberships, m)
	}
}

// covered says which rows of the register a whole list speaks of: the accounts that
// are not deleted, and the links of these, where it has links at all.
func (o *portalOver) covered() {
	live := map[nasdesk.Address]bool{}
	for _, a := range o.have.Accounts {
		if a.Status != nasdesk.Deleted || o.places[string(a.Address)] != "" {
			live[a.Address] = true
			o.l.Covers.Accounts = append(o.l.Covers.Accounts, a)
		}
	}
	if o.p.mapping.Columns.Mailbox == "" {
		return
	}
	for _, m := range o.have.Memberships {
		if live[m.Account] {
			o.l.Covers.Memberships = append(o.l.Covers.Memberships, m)
		}
	}
}
