package nasdesk

import "slices"

// Keys are what a message or an event points at. The store pulls the case for
// them.
type Keys struct {
	Addresses  []Address // mailboxes, accounts, parties
	Mobiles    []Mobile
	ODS        []ODSCode
	References []string
	MessageIDs []string // the message's own, In-Reply-To and References
	Digest     string   // of the message
	Party      Address  // whose requests are wanted
	Locals     []string // local parts first.last whose namesakes are wanted
	Requests   []int64  // by id
	Deadlines  bool     // of which the party is told
}

// Merge returns the keys of both, and whether more holds any that k lacks.
func (k Keys) Merge(more Keys) (Keys, bool) {
	n := k.size()
	k.Addresses = union(k.Addresses, more.Addresses)
	k.Mobiles = union(k.Mobiles, more.Mobiles)
	k.ODS = union(k.ODS, more.ODS)
	k.References = union(k.References, more.References)
	k.MessageIDs = union(k.MessageIDs, more.MessageIDs)
	k.Locals = union(k.Locals, more.Locals)
	k.Requests = union(k.Requests, more.Requests)
	return k, k.size() > n
}

func (k Keys) size() int {
	return len(k.Addresses) + len(k.Mobiles) + len(k.ODS) + len(k.References) + len(k.MessageIDs) + len(k.Locals) + len(k.Requests)
}

func union[T comparable](a, b []T) []T {
	out := slices.Clip(a)
	for _, v := range b {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// A Case is all that is known when deciding. The store pulls it closed under
// links: with an account come its mailboxes, with a mailbox all its accounts.
type Case struct {
	Mailboxes   []Mailbox
	Accounts    []Account
	Memberships []Membership
	Approvals   []Approval
	Deadlines   []Deadline
	Requests    []Request // of the party, and of the threads that the keys name; oldest first
	Messages    []Seen    // of the same sender, with the same id or content
	Keys        Keys      // what was asked for: a key without a row was looked up and is not there
	Reads       []Read    // what Commit checks
}

// A Seen is a message taken before.
type Seen struct {
	Sender Address
	ID     string
	Digest string
}

// A Read is one fact that a decision rests on, with the version it had.
// A version of 0 says that there was no such row.
type Read struct {
	Table   string
	Key     string
	Version int64
}

// Mailbox returns the mailbox of an address, its former address included, or nil.
func (c *Case) Mailbox(a Address) *Mailbox {
	for i := range c.Mailboxes {
		if m := &c.Mailboxes[i]; a != "" && (m.Address == a || m.Alias == a) {
			return m
		}
	}
	return nil
}

// MailboxByODS returns the mailbox of a code, or nil.
func (c *Case) MailboxByODS(o ODSCode) *Mailbox {
	for i := range c.Mailboxes {
		if o != "" && c.Mailboxes[i].ODS == o {
			return &c.Mailboxes[i]
		}
	}
	return nil
}

// MailboxNamed returns the mailbox that a name means, or nil.
func (c *Case) MailboxNamed(name MailboxName) *Mailbox {
	if m := c.Mailbox(Address(name)); m != nil {
		return m
	}
	var o ODSCode
	if o.Set(string(name)) != nil {
		return nil
	}
	return c.MailboxByODS(o)
}

// Account returns the account of an address, or nil.
func (c *Case) Account(a Address) *Account {
	for i := range c.Accounts {
		if a != "" && c.Accounts[i].Address == a {
			return &c.Accounts[i]
		}
	}
	return nil
}

// AccountByMobile returns the account that a mobile is registered for. Of two,
// the one that is not deleted (contract, rule 9).
func (c *Case) AccountByMobile(m Mobile) *Account {
	var found *Account
	for i := range c.Accounts {
		a := &c.Accounts[i]
		if m == "" || a.Mobile != m {
			continue
		}
		if found == nil || found.Status == Deleted && a.Status != Deleted {
			found = a
		}
	}
	return found
}

// AccountByAlternative returns the account, not deleted, that has an
// alternative address, or nil.
func (c *Case) AccountByAlternative(alt Address) *Account {
	for i := range c.Accounts {
		if a := &c.Accounts[i]; alt != "" && a.Alternative == alt && a.Status != Deleted {
			return a
		}
	}
	return nil
}

// Role returns how an account is linked to a mailbox, "" if it is not.
func (c *Case) Role(mailbox, account Address) Role {
	for _, m := range c.Memberships {
		if m.Mailbox == mailbox && m.Account == account {
			return m.Role
		}
	}
	return ""
}

// MailboxesOf returns the mailboxes that an account is linked to, in the order
// of the case.
func (c *Case) MailboxesOf(account Address) []*Mailbox {
	var out []*Mailbox
	for i := range c.Mailboxes {
		if c.Role(c.Mailboxes[i].Address, account) != "" {
			out = append(out, &c.Mailboxes[i])
		}
	}
	return out
}

// Linked returns the accounts linked to a mailbox.
func (c *Case) Linked(mailbox Address) []*Account {
	var out []*Account
	for _, m := range c.Memberships {
		if m.Mailbox == mailbox {
			if a := c.Account(m.Account); a != nil {
				out = append(out, a)
			}
		}
	}
	return out
}

// Counted is how many linked accounts count against the limit: leavers and
// deleted ones do not. Contract, rule 5.
func (c *Case) Counted(mailbox Address) int {
	n := 0
	for _, a := range c.Linked(mailbox) {
		if a.Status != Leaver && a.Status != Deleted {
			n++
		}
	}
	return n
}

// Limit is how many accounts a mailbox may hold: ten, or as an approval on
// record says. Contract, rule 5.
func (c *Case) Limit(mailbox Address) int {
	limit := 10
	for _, a := range c.Approvals {
		if a.Mailbox == mailbox && a.Max > limit {
			limit = a.Max
		}
	}
	return limit
}

// Owners returns how many owners a mailbox has whose accounts are not deleted
// or leavers, and how many of its linked accounts are active, leaving out one
// account (which may be "").
func (c *Case) Owners(mailbox, without Address) (owners, active int) {
	for _, m := range c.Memberships {
		a := c.Account(m.Account)
		if m.Mailbox != mailbox || m.Account == without || a == nil {
			continue
		}
		if m.Role == Owner && a.Status != Deleted && a.Status != Leaver {
			owners++
		}
		if a.Status == Active {
			active++
		}
	}
	return owners, active
}

// Request returns the request of that id, or nil.
func (c *Case) Request(id int64) *Request {
	for i := range c.Requests {
		if c.Requests[i].ID == id {
			return &c.Requests[i]
		}
	}
	return nil
}

// Clone returns a copy that shares nothing which With changes.
func (c *Case) Clone() *Case {
	d := *c
	d.Mailboxes = slices.Clone(c.Mailboxes)
	d.Accounts = slices.Clone(c.Accounts)
	d.Memberships = slices.Clone(c.Memberships)
	d.Approvals = slices.Clone(c.Approvals)
	d.Requests = slices.Clone(c.Requests)
	return &d
}

// With returns the case as it stands when the actions are done on a day. A
// created account has status new: pending where the directory needs its hours,
// active in a replay. Actions that wait for a later day change nothing yet.
func (c *Case) With(today Date, created Status, actions ...Action) *Case {
	d := c.Clone()
	for _, a := range actions {
		if a.On == "" || a.On <= today {
			d.apply(today, created, a)
		}
	}
	return d
}

func (c *Case) apply(today Date, created Status, a Action) {
	switch a.Name {
	case CreateAccount:
		if c.Account(a.Account) == nil {
			c.Accounts = append(c.Accounts, Account{Address: a.Account, Name: a.Person, Mobile: a.Mobile,
				Alternative: a.Alternative, Status: created, Since: today})
		}
	case LinkMember:
		c.link(a.Mailbox, a.Account, a.Role)
	case UnlinkMember:
		c.Memberships = slices.DeleteFunc(slices.Clone(c.Memberships), func(m Membership) bool {
			return m.Mailbox == a.Mailbox && m.Account == a.Account
		})
	case RestoreAccount, EnableAccount, MarkJoiner:
		c.setStatus(a.Account, Active, today)
	case DisableAccount:
		c.setStatus(a.Account, Disabled, today)
	case MarkLeaver:
		c.setStatus(a.Account, Leaver, today)
	case CloseMailbox:
		if m := c.Mailbox(a.Mailbox); m != nil {
			m.Status = Closed
		}
	case RenameMailbox:
		c.rename(a)
	}
}

func (c *Case) link(mailbox, account Address, role Role) {
	for i := range c.Memberships {
		if m := &c.Memberships[i]; m.Mailbox == mailbox && m.Account == account {
			m.Role = role
			return
		}
	}
	c.Memberships = append(c.Memberships, Membership{mailbox, account, role})
}

func (c *Case) setStatus(account Address, s Status, today Date) {
	if a := c.Account(account); a != nil && a.Status != s {
		a.Status, a.Since = s, today
	}
}

// rename gives a mailbox its new code and address; the old one stays its alias.
// Contract, rule 13.
func (c *Case) rename(a Action) {
	m := c.Mailbox(a.Mailbox)
	if m == nil {
		return
	}
	old := m.Address
	m.ODS = ODSCode(a.Other)
	m.Address = m.AddressUnder(m.ODS)
	if a.Account != "" {
		m.Address = a.Account
	}
	if m.Address != old {
		m.Alias = old
	}
	if a.OtherName != "" {
		m.Name = a.OtherName
	}
	for i := range c.Memberships {
		if c.Memberships[i].Mailbox == old {
			c.Memberships[i].Mailbox = m.Address
		}
	}
	for i := range c.Approvals {
		if c.Approvals[i].Mailbox == old {
			c.Approvals[i].Mailbox = m.Address
		}
	}
}

// A Change is the difference between two cases in the register: the rows to
// write, and those to take away.
type Change struct {
	Mailboxes []Mailbox
	Renamed   map[Address]Address // mailboxes whose address changed: old to new
	Accounts  []Account
	Given     map[Address]Address // accounts that were given another address than proposed: old to new
	Linked    []Membership
	Unlinked  []Membership
	Approvals []Approval
}

// Empty reports whether nothing changes.
func (ch Change) Empty() bool {
	return len(ch.Mailboxes)+len(ch.Accounts)+len(ch.Linked)+len(ch.Unlinked)+len(ch.Approvals) == 0
}

// given returns the accounts whose address changed, in place.
func (c *Case) given(before *Case) map[Address]Address {
	out := map[Address]Address{}
	for i, a := range before.Accounts {
		if i < len(c.Accounts) && c.Accounts[i].Address != a.Address && c.Account(a.Address) == nil && before.Account(c.Accounts[i].Address) == nil {
			out[a.Address] = c.Accounts[i].Address
		}
	}
	return out
}

// Since returns what changed in the register from the case before to c.
func (c *Case) Since(before *Case) Change {
	ch := Change{Renamed: map[Address]Address{}, Given: c.given(before)}
	for _, m := range c.Mailboxes {
		if !slices.Contains(before.Mailboxes, m) {
			ch.Mailboxes = append(ch.Mailboxes, m)
			if m.Alias != "" && before.Mailbox(m.Address) == nil {
				ch.Renamed[m.Alias] = m.Address
			}
		}
	}
	for _, a := range c.Accounts {
		if !slices.Contains(before.Accounts, a) {
			ch.Accounts = append(ch.Accounts, a)
		}
	}
	for _, m := range c.Memberships {
		if !slices.Contains(before.Memberships, m) {
			ch.Linked = append(ch.Linked, m)
		}
	}
	for _, m := range before.Memberships {
		now := m.Mailbox
		if to, ok := ch.Renamed[now]; ok {
			now = to
		}
		if c.Role(now, m.Account) == "" || now != m.Mailbox {
			ch.Unlinked = append(ch.Unlinked, m)
		}
	}
	for _, a := range c.Approvals {
		if !slices.Contains(before.Approvals, a) {
			ch.Approvals = append(ch.Approvals, a)
		}
	}
	return ch
}
