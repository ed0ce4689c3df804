package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"nasdesk"
)

// Pull brings the case that keys point at, closed under links: the mailboxes of
// addresses, former addresses and codes; the accounts of addresses, mobiles and
// alternative addresses, and namesakes; the mailboxes of those accounts; and
// with every mailbox its memberships, their accounts and its approvals. Of
// requests it brings those of the party (all that are not ended, and the newest
// of the others), those that wait for it, and those that threads, references
// and ids name. Everything comes in the order in which it was first kept.
//
// The statements run outside a transaction. That does no harm: a version is
// always read before or with what it vouches for, and Commit finds out whatever
// has moved since.
func (s *Store) Pull(ctx context.Context, keys nasdesk.Keys) (*nasdesk.Case, error) {
	p, err := s.pull(ctx, keys, "", 0)
	if err != nil {
		return nil, err
	}
	return p.kase(), nil
}

// A pulled is a case while it is gathered.
type pulled struct {
	s     *Store
	keys  nasdesk.Keys
	event string
	since nasdesk.Timestamp // of ended requests: only those decided since

	handled     *outcome
	mailboxes   map[int64]nasdesk.Mailbox
	accounts    map[int64]nasdesk.Account
	memberships map[int64]nasdesk.Membership
	approvals   map[int64]nasdesk.Approval
	requests    []nasdesk.Request
	deadlines   []nasdesk.Deadline
	seen        []nasdesk.Seen
	reads       facts
	linked      []string // accounts whose mailboxes belong to the case
}

func (s *Store) pull(ctx context.Context, keys nasdesk.Keys, event string, since nasdesk.Timestamp) (*pulled, error) {
	p := &pulled{s: s, keys: keys, event: event, since: since, mailboxes: map[int64]nasdesk.Mailbox{}, accounts: map[int64]nasdesk.Account{},
		memberships: map[int64]nasdesk.Membership{}, approvals: map[int64]nasdesk.Approval{}, reads: facts{}}
	q := s.db.reader()
	if err := q.Do(ctx, append(p.history(), p.register(keys)...)...); err != nil {
		return nil, err
	}
	if p.handled != nil {
		return p, nil
	}
	if more, ok := keys.Merge(p.keysOfRequests()); ok {
		if err := q.Do(ctx, p.register(more)...); err != nil {
			return nil, err
		}
	}
	if err := q.Do(ctx, p.closure()...); err != nil {
		return nil, err
	}
	return p, nil
}

// kase returns the case in its order.
func (p *pulled) kase() *nasdesk.Case {
	return &nasdesk.Case{Mailboxes: inOrder(p.mailboxes), Accounts: inOrder(p.accounts), Memberships: inOrder(p.memberships),
		Approvals: inOrder(p.approvals), Deadlines: p.deadlines, Requests: p.requests, Messages: p.seen, Keys: p.keys, Reads: p.reads.list()}
}

func inOrder[T any](rows map[int64]T) []T {
	ids := make([]int64, 0, len(rows))
	for id := range rows {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	out := make([]T, len(ids))
	for i, id := range ids {
		out[i] = rows[id]
	}
	return out
}

// history asks for what happened before: the event itself, the party's version,
// its messages, the requests.
func (p *pulled) history() []Statement {
	k := p.keys
	p.reads.want("event", p.event)
	p.reads.want("party", string(k.Party))
	p.reads.want("thread", k.MessageIDs...)
	p.reads.want("reference", k.References...)
	var out []Statement
	if p.event != "" {
		out = append(out, Statement{SQL: `select result from handled where event = $1`, Args: []any{p.event}, Each: p.eachHandled})
	}
	if k.Party != "" {
		out = append(out, Statement{SQL: `select address, version from party where address in ` + parties, Args: []any{k.Party}, Each: p.eachParty})
	}
	if k.Party != "" && (len(k.MessageIDs) > 0 || k.Digest != "") {
		out = append(out, Statement{SQL: `select sender, message_id, digest from handled
			where event in (select event from handled where sender <> '' and sender = $1 and message_id in ($2...)
				union select event from handled where sender <> '' and sender = $1 and digest <> '' and digest = $3) order by at, event`,
			Args: []any{k.Party, k.MessageIDs, k.Digest}, Each: p.eachSeen})
	}
	if len(k.MessageIDs) > 0 {
		out = append(out, Statement{SQL: `select message_id, request from thread where message_id in ($1...)`, Args: []any{k.MessageIDs}, Each: p.eachThread})
	}
	if k.Party != "" || len(k.MessageIDs)+len(k.References)+len(k.Requests) > 0 {
		out = append(out, p.pastRequests())
	}
	if k.Deadlines {
		out = append(out, p.dueDeadlines(p.since+sameDay))
	}
	return out
}

const requestColumns = `r.id, r.reference, r.n, r.kind, r.asked, r.party, r.mailbox, r.subject, r.message, r.state, r.outcome, r.reasons, r.answers, r.prose,
	r.effective, r.seeks, r.awaits, r.actions, r.thread, r.made_at, r.decided_at, r.asks_at, r.reminded, r.granted, r.event, r.version,
	r.assignee, r.snoozed, r.bounced, r.rule`

// parties are the addresses under which a party, $1, has its requests: its own,
// or that which the mailbox has now whose former address it is. Contract, rule
// 13. (A list in which "or" stood would be looked for row by row.)
const parties = `(select cast($1 as text) where $1 <> '' union select address from mailbox where alias = $1 and alias <> '')`

// pastRequests asks for the requests. (The limit is no argument: SQLite would
// prepare the statement anew for each value. Ordered by id alone, PostgreSQL
// would walk the whole table backwards until it had as many.)
func (p *pulled) pastRequests() Statement {
	k := p.keys
	return Statement{SQL: `select ` + requestColumns + `, coalesce(p.version, 0)
		from request r left join party p on p.address = r.party where r.id in (
			select id from (select id from request where party in ` + parties + `
				and (decided_at >= $2 or state not in ('done', 'refused', 'withdrawn', 'lapsed')) order by id + 0 desc limit 200) mine
			union select id from request where awaits in ` + parties + ` and state in ('asking', 'confirming', 'seeking')
			union select request from thread where message_id in ($3...)
			union select id from request where reference in ($4...)
			union select id from request where id in ($5...))
		order by r.made_at, r.id`,
		Args: []any{k.Party, p.since, k.MessageIDs, k.References, k.Requests}, Each: p.eachRequest, Of: "requests"}
}

func (p *pulled) eachHandled(scan Scan) error {
	return scan(p.s.openTo("handled.result", func(b []byte) error {
		p.handled = &outcome{}
		return json.Unmarshal(b, p.handled)
	}))
}

func (p *pulled) eachParty(scan Scan) error {
	k, v := fact{table: "party"}, int64(0)
	err := scan(&k.key, &v)
	p.reads[k] = v
	return err
}

func (p *pulled) eachSeen(scan Scan) error {
	var m nasdesk.Seen
	err := scan(&m.Sender, &m.ID, &m.Digest)
	p.seen = append(p.seen, m)
	return err
}

func (p *pulled) eachThread(scan Scan) error {
	var id string
	var request int64
	err := scan(&id, &request)
	p.reads.count("thread", id)
	return err
}

// scanRequest reads requestColumns, and what stands behind them into more.
func (s *Store) scanRequest(scan Scan, more ...any) (r nasdesk.Request, err error) {
	var reasons, granted, thread string
	var prose, reminded int64
	err = scan(append([]any{&r.ID, &r.Reference, &r.N, &r.Kind, &r.Asked, &r.Party, &r.Mailbox, open(s, "request.subject", &r.Subject), &r.Message,
		&r.State, &r.Outcome, &reasons, s.openTo("request.answers", jsonInto(&r.Answers)), &prose, &r.Effective, &r.Seeks, &r.From,
		s.openTo("request.actions", jsonInto(&r.Actions)), &thread, &r.MadeAt, &r.DecidedAt, &r.AsksAt, &reminded, &granted, &r.Event, &r.Version,
		&r.Assignee, &r.Snoozed, &r.Bounced, &r.Rule}, more...)...)
	if err != nil {
		return r, err
	}
	r.Prose, r.Reminded = prose == 1, reminded == 1
	r.Reasons, r.Granted = words[nasdesk.Reason](reasons), words[nasdesk.Reason](granted)
	if err := json.Unmarshal([]byte(thread), &r.Thread); err != nil {
		return r, fmt.Errorf("request %d: thread: %w", r.ID, err)
	}
	return r, nil
}

func (p *pulled) eachRequest(scan Scan) error {
	var version int64
	r, err := p.s.scanRequest(scan, &version)
	if err != nil {
		return err
	}
	if k := (fact{"party", string(r.Party)}); r.Party != "" {
		if _, known := p.reads[k]; !known {
			p.reads[k] = version
		}
	}
	p.reads.count("reference", r.Reference)
	p.requests = append(p.requests, r)
	return nil
}

func jsonInto[T any](into *T) func([]byte) error {
	return func(b []byte) error { return json.Unmarshal(b, into) }
}

func words[T ~string](s string) []T {
	var out []T
	for _, w := range strings.Fields(s) {
		out = append(out, T(w))
	}
	return out
}

// register asks for the mailboxes and accounts that keys name.
func (p *pulled) register(k nasdesk.Keys) []Statement {
	addresses := strs(k.Addresses)
	if k.Party != "" && !slices.Contains(k.Addresses, k.Party) {
		addresses = append(addresses, string(k.Party))
	}
	mobiles := p.s.indexes("account.mobile", strs(k.Mobiles))
	alternatives := p.s.indexes("account.alternative", addresses)
	stems := make([]string, len(k.Locals))
	for i, l := range k.Locals {
		stems[i] = stem(l)
	}
	for _, w := range []struct {
		table string
		keys  []string
	}{{"mailbox", addresses}, {"alias", addresses}, {"account", addresses}, {"alternative", alternatives}, {"mobile", mobiles}, {"ods", strs(k.ODS)}, {"stem", stems}} {
		p.reads.restart(w.table, w.keys)
	}
	var out []Statement
	if len(addresses)+len(k.ODS) > 0 {
		out = append(out, Statement{SQL: `select ` + mailboxColumns + ` from mailbox
			where address in ($1...) or alias <> '' and alias in ($1...) or ods <> '' and ods in ($2...)`,
			Args: []any{addresses, strs(k.ODS)}, Each: p.eachMailbox, Of: "mailboxes"})
	}
	if len(addresses)+len(mobiles)+len(stems) > 0 {
		out = append(out, Statement{SQL: `select ` + accountColumns + ` from account where address in ($1...)
			or alternative_index <> '' and alternative_index in ($2...) or mobile_index <> '' and mobile_index in ($3...) or stem <> '' and stem in ($4...)`,
			Args: []any{addresses, alternatives, mobiles, stems}, Each: p.eachAccount(addresses, mobiles, alternatives), Of: "accounts"})
	}
	return out
}

// restart wants keys anew: what was counted before is counted again.
func (f facts) restart(table string, keys []string) {
	for _, k := range keys {
		if k != "" {
			f[fact{table, cleanText(k)}] = 0
		}
	}
}

const (
	mailboxColumns = `id, address, ods, name, sector, region, dspt, status, alias, version`
	accountColumns = `id, address, name, mobile, mobile_index, alternative, alternative_index, stem, status, since, version`
)

func scanMailbox(scan Scan) (id int64, m nasdesk.Mailbox, err error) {
	err = scan(&id, &m.Address, &m.ODS, &m.Name, &m.Sector, &m.Region, &m.DSPT, &m.Status, &m.Alias, &m.Version)
	return id, m, err
}

func (p *pulled) eachMailbox(scan Scan) error {
	id, m, err := scanMailbox(scan)
	p.mailboxes[id] = m
	p.reads[fact{"mailbox", string(m.Address)}] = m.Version
	p.reads.count("alias", string(m.Alias))
	p.reads.count("ods", string(m.ODS))
	return err
}

// An accountRow is an account with what it is looked up by.
type accountRow struct {
	id int64
	nasdesk.Account
	mobile, alternative, stem string
}

func (p *pulled) scanAccount(scan Scan) (a accountRow, err error) {
	err = scan(&a.id, &a.Address, open(p.s, "account.name", &a.Name), open(p.s, "account.mobile", &a.Mobile), &a.mobile,
		open(p.s, "account.alternative", &a.Alternative), &a.alternative, &a.stem, &a.Status, &a.Since, &a.Version)
	return a, err
}

func (p *pulled) eachAccount(addresses, mobiles, alternatives []string) func(Scan) error {
	return func(scan Scan) error {
		a, err := p.scanAccount(scan)
		p.accounts[a.id] = a.Account
		p.reads[fact{"account", string(a.Address)}] = a.Version
		p.reads.count("mobile", a.mobile)
		p.reads.count("alternative", a.alternative)
		p.reads.count("stem", a.stem)
		// Of namesakes nothing but the address is wanted.
		if slices.Contains(addresses, string(a.Address)) || slices.Contains(mobiles, a.mobile) || slices.Contains(alternatives, a.alternative) {
			p.linked = append(p.linked, string(a.Address))
		}
		return err
	}
}

// keysOfRequests are what the requests point at that this event may judge again:
// those that wait for the party, and those of the thread and of named ids. With
// them come the accounts of its deadlines.
func (p *pulled) keysOfRequests() nasdesk.Keys {
	var k nasdesk.Keys
	for _, r := range p.requests {
		if r.State.Ended() || !p.concerns(r) {
			continue
		}
		k.Addresses = append(k.Addresses, r.Party)
		if r.Mailbox != "" {
			k.Addresses = append(k.Addresses, r.Mailbox)
		}
		for _, a := range r.Answers {
			addAnswer(&k, a)
		}
	}
	for _, x := range p.deadlines {
		if x.Account != "" {
			k.Addresses = append(k.Addresses, x.Account)
		}
	}
	return k
}

func (p *pulled) concerns(r nasdesk.Request) bool {
	k := p.keys
	return p.isParty(r.From) && !p.isParty(r.Party) || slices.Contains(k.Requests, r.ID) || slices.Contains(k.References, r.Reference) ||
		slices.ContainsFunc(r.Thread, func(id string) bool { return slices.Contains(k.MessageIDs, id) })
}

// isParty reports whether an address is the party's, or its mailbox's that it
// was before.
func (p *pulled) isParty(a nasdesk.Address) bool {
	if a == p.keys.Party {
		return true
	}
	for _, m := range p.mailboxes {
		if m.Address == a && m.Alias != "" && m.Alias == p.keys.Party {
			return true
		}
	}
	return false
}

// addAnswer adds what an answer points at, by its shape: addresses, a mobile, an
// ODS code.
func addAnswer(k *nasdesk.Keys, a nasdesk.Answer) {
	if strings.HasSuffix(a.Field, "ods") || a.Field == "ods_code" {
		k.ODS = append(k.ODS, nasdesk.ODSCode(a.Value))
	}
	for _, w := range strings.Fields(a.Value) {
		switch {
		case strings.Contains(w, "@"):
			k.Addresses = append(k.Addresses, nasdesk.Address(w))
		case len(w) == 11 && strings.HasPrefix(w, "07"):
			k.Mobiles = append(k.Mobiles, nasdesk.Mobile(w))
		}
	}
}

// closure asks for the mailboxes of the accounts, and for all that belongs to a
// mailbox. Each statement comes before those that it vouches for.
func (p *pulled) closure() []Statement {
	mailboxes := make([]string, 0, len(p.mailboxes))
	for _, m := range p.mailboxes {
		mailboxes = append(mailboxes, string(m.Address))
	}
	if len(mailboxes)+len(p.linked) == 0 {
		return nil
	}
	var out []Statement
	if len(p.linked) > 0 {
		out = append(out, Statement{SQL: `select ` + mailboxColumns + ` from mailbox where address in (select mailbox from membership where account in ($1...))`,
			Args: []any{p.linked}, Each: p.closureMailbox, Of: "mailboxes"})
	}
	const near = `(select address from mailbox where address in ($1...) union select mailbox from membership where account in ($2...))`
	args := []any{mailboxes, p.linked}
	return append(out,
		Statement{SQL: `select id, mailbox, account, role from membership where mailbox in ` + near, Args: args, Each: p.membership, Of: "memberships"},
		Statement{SQL: `select ` + accountColumns + ` from account where address in (select account from membership where mailbox in ` + near + `)`,
			Args: args, Each: p.closureAccount, Of: "accounts"},
		Statement{SQL: `select id, mailbox, max, approved_by, approved_on from approval where mailbox in ` + near, Args: args, Each: p.approval, Of: "approvals"})
}

func (p *pulled) membership(scan Scan) error {
	var id int64
	var m nasdesk.Membership
	err := scan(&id, &m.Mailbox, &m.Account, &m.Role)
	p.memberships[id] = m
	return err
}

func (p *pulled) approval(scan Scan) error {
	var id int64
	var a nasdesk.Approval
	err := scan(&id, &a.Mailbox, &a.Max, &a.ApprovedBy, &a.ApprovedOn)
	p.approvals[id] = a
	return err
}

// closureMailbox and closureAccount take rows that may be here already, counted
// by the question that found them.
func (p *pulled) closureMailbox(scan Scan) error {
	id, m, err := scanMailbox(scan)
	if _, ok := p.mailboxes[id]; !ok {
		p.mailboxes[id] = m
		p.reads[fact{"mailbox", string(m.Address)}] = m.Version
	}
	return err
}

func (p *pulled) closureAccount(scan Scan) error {
	a, err := p.scanAccount(scan)
	if _, ok := p.accounts[a.id]; !ok {
		p.accounts[a.id] = a.Account
		p.reads[fact{"account", string(a.Address)}] = a.Version
	}
	return err
}

// stem is what namesakes share: the local part without the number behind it.
func stem(local string) string { return strings.TrimRight(strings.ToLower(local), "0123456789") }

// stemOf is the stem of an account's address, "" where it is not at nhs.net.
func stemOf(a nasdesk.Address) string {
	if !a.NHS() {
		return ""
	}
	return stem(a.Local())
}
