package store

import (
	"context"
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"

	"nasdesk"
)

// commit checks the read set and writes everything that follows from one event,
// in one transaction. It gives new requests their ids in d.
func (s *Store) commit(ctx context.Context, p *pulled, raw int64, d *nasdesk.Decision) error {
	c := &commit{s: s, p: p, d: d, raw: raw}
	if err := c.number(ctx); err != nil {
		return err
	}
	var err error
	if c.salt, err = s.salted(ctx); err != nil {
		return err
	}
	c.readdress()
	c.plan()
	err = s.db.tx(ctx, func(q Q) ([]Statement, error) {
		return c.stmts, p.reads.check(ctx, q, s.db.dialect(), c.written())
	})
	if err == nil {
		s.committed(len(d.Mails)+len(d.Actions)+len(d.Dates)+len(d.Datings) > 0 || d.Event.Work != nil)
	}
	return err
}

// A commit is the rows of one decision while they are put together.
type commit struct {
	s     *Store
	p     *pulled
	d     *nasdesk.Decision
	raw   int64
	salt  []byte
	stmts []Statement
}

func (c *commit) add(of, sql string, args ...any) {
	c.stmts = append(c.stmts, Statement{SQL: sql, Args: args, Of: of})
}

// number gives new requests their ids. The decision's own slice is left alone:
// a step may be asked again.
func (c *commit) number(ctx context.Context) error {
	c.d.Requests = slices.Clone(c.d.Requests)
	n := 0
	for _, r := range c.d.Requests {
		if r.ID == 0 {
			n++
		}
	}
	next, err := c.s.newIDs(ctx, "request", n)
	for i := range c.d.Requests {
		r := &c.d.Requests[i]
		if r.ID == 0 {
			r.ID, r.Version = next, 0
			next++
		}
		r.Version++
	}
	return err
}

// plan puts the rows together. Requests come before what refers to them, and
// what ends comes before what begins.
func (c *commit) plan() {
	c.handled()
	c.worked()
	c.came()
	for i := range c.d.Requests {
		c.request(&c.d.Requests[i])
	}
	c.parties()
	c.register(c.d.Change)
	c.work()
	for _, m := range c.d.Mails {
		c.mail(m)
	}
	for _, x := range c.d.Dates {
		c.date(x)
	}
	c.datings()
	c.notes()
	c.quarantine()
	c.journal()
}

// addRows adds one insert for all rows, if there are any. Of one statement, a row
// costs little.
func (c *commit) addRows(of, head, tail string, rows [][]any) {
	if len(rows) > 0 {
		c.stmts = append(c.stmts, rowsOf(of, head, tail, rows))
	}
}

// handled records the event with its outcome. A sender that was not proved
// stands nowhere: contract, rule 17.
func (c *commit) handled() {
	ev := c.d.Event
	var sender nasdesk.Address
	var id, digest string
	if ev.Mail != nil {
		sender = ev.Mail.Proof.Sender.Address()
		if m := ev.Mail.Message; m != nil {
			id, digest = m.ID, m.Digest
		}
	}
	var raw any
	if c.raw != 0 {
		raw = c.raw
	}
	c.add("event", `insert into handled (event, raw, at, sender, message_id, digest, folder, result) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		ev.Key, raw, ev.At, sender, id, digest, c.d.Folder, c.s.seal("handled.result", jsonText(outcomeOf(c.d))))
	if c.raw != 0 {
		c.add("event", `update location set state = 'decided' where raw = $1 and state in ('kept', 'parked')`, c.raw)
	}
}

// request writes one request, new or changed.
func (c *commit) request(r *nasdesk.Request) {
	before := c.p.request(r.ID)
	values := []any{r.ID, r.Reference, r.N, r.Kind, r.Asked, r.Party, r.Mailbox, c.s.seal("request.subject", r.Subject), r.Message, r.State, r.Outcome,
		spaced(r.Reasons), c.s.seal("request.answers", jsonText(r.Answers)), r.Prose, r.Effective, r.Seeks, r.From,
		c.s.seal("request.actions", jsonText(r.Actions)), jsonText(r.Thread), r.MadeAt, r.DecidedAt, r.AsksAt, r.Reminded, spaced(r.Granted), r.Event, r.Version,
		r.Assignee, r.Snoozed, r.Bounced, r.Rule, queueOf(r)}
	of := "request in state " + string(r.State) + " with outcome " + string(r.Outcome)
	if r.Version == 1 {
		c.add(of, `insert into request (id, reference, n, kind, asked, party, mailbox, subject, message, state, outcome, reasons, answers, prose,
			effective, seeks, awaits, actions, thread, made_at, decided_at, asks_at, reminded, granted, event, version,
			assignee, snoozed, bounced, rule, queue)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26,
			$27, $28, $29, $30, $31)`, values...)
	} else {
		c.add(of, `update request set reference = $2, n = $3, kind = $4, asked = $5, party = $6, mailbox = $7, subject = $8, message = $9, state = $10,
			outcome = $11, reasons = $12, answers = $13, prose = $14, effective = $15, seeks = $16, awaits = $17, actions = $18, thread = $19,
			made_at = $20, decided_at = $21, asks_at = $22, reminded = $23, granted = $24, event = $25,
			assignee = $27, snoozed = $28, bounced = $29, rule = $30, queue = $31, version = case when version = $26 - 1 then $26 end
			where id = $1`, values...) // a row that has moved on gets no version, which the schema refuses: stale
		c.cancel(r)
		c.silenced(r)
	}
	c.queued(r, before)
	var thread [][]any
	for _, id := range r.Thread {
		if id != "" && (before == nil || !slices.Contains(before.Thread, id)) {
			thread = append(thread, []any{id, r.ID})
		}
	}
	c.addRows("thread", `insert into thread (message_id, request) values`, ` on conflict do nothing`, thread)
}

func spaced[T ~string](in []T) string { return strings.Join(strs(in), " ") }

func (p *pulled) request(id int64) *nasdesk.Request {
	for i := range p.requests {
		if p.requests[i].ID == id {
			return &p.requests[i]
		}
	}
	return nil
}

// cancel takes back what a request no longer waits for: the reminder of a
// question that is settled, and the work of a request that is not to be done.
// Work that has begun is not taken back.
func (c *commit) cancel(r *nasdesk.Request) {
	switch {
	case r.State.Ended():
		c.add("dates", `update due set state = 'cancelled', locked_until = 0 where request = $1 and state in ('ready', 'running')`, r.ID)
	case !r.State.Open():
		c.add("dates", `update due set state = 'cancelled', locked_until = 0 where request = $1 and what in ('remind', 'lapse') and state in ('ready', 'running')`, r.ID)
	}
	if r.State == nasdesk.StateDated || r.State == nasdesk.StateDoing || r.State == nasdesk.StateDone {
		return
	}
	if before := c.p.request(r.ID); before != nil && before.State != nasdesk.StateDated && before.State != nasdesk.StateDoing {
		return // it never had work
	}
	c.add("work", `update work set state = 'cancelled', ended_at = $2 where request = $1 and state = 'ready'`, r.ID, c.d.Event.At)
	c.add("mail", `update mail set state = 'cancelled', ended_at = $2 where state = 'ready' and waits > 0 and key in (
		select a.mail from mail_after a join work w on w.key = a.action where w.request = $1 and w.state = 'cancelled')`, r.ID, c.d.Event.At)
}

// touched are the parties that a decision concerns.
func (c *commit) touched() []string {
	var out []string
	add := func(a nasdesk.Address) {
		if s := cleanText(string(a)); a != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	if m := c.d.Event.Mail; m != nil {
		add(m.Proof.Sender.Address())
	}
	if x := c.d.Event.Due; x != nil {
		add(x.Mailbox)
	}
	for old, now := range c.d.Change.Renamed {
		add(old)
		add(now)
	}
	for _, r := range c.d.Requests {
		add(r.Party)
		add(r.From)
		if before := c.p.request(r.ID); before != nil {
			add(before.Party)
			add(before.From)
		}
	}
	slices.Sort(out)
	return out
}

func (c *commit) parties() {
	var rows [][]any
	for _, a := range c.touched() {
		rows = append(rows, []any{a, 1})
	}
	c.addRows("party", `insert into party (address, version) values`, ` on conflict (address) do update set version = party.version + 1`, rows)
}

// register writes what changes in the register. Whatever changes of a mailbox or
// an account, its links included, moves its version on.
func (c *commit) register(ch nasdesk.Change) {
	if ch.Empty() {
		return
	}
	for _, old := range sortedKeys(ch.Renamed) {
		c.rename(old, string(ch.Renamed[nasdesk.Address(old)]))
	}
	for _, m := range ch.Mailboxes {
		c.stmts = append(c.stmts, c.s.putMailbox(m))
	}
	for _, old := range sortedKeys(ch.Given) {
		c.given(old, ch.Given[nasdesk.Address(old)])
	}
	for _, a := range ch.Accounts {
		c.stmts = append(c.stmts, c.s.putAccount(a))
	}
	for _, m := range unlinked(ch) {
		c.add("membership", `delete from membership where mailbox = $1 and account = $2`, m.Mailbox, m.Account)
	}
	for _, m := range ch.Linked {
		c.stmts = append(c.stmts, putMembership(m))
	}
	for _, a := range ch.Approvals {
		c.stmts = append(c.stmts, putApproval(a))
	}
	mailboxes, accounts := linksOf(ch)
	// Those that were written above have moved on already.
	mailboxes = slices.DeleteFunc(mailboxes, func(a string) bool {
		return slices.ContainsFunc(ch.Mailboxes, func(m nasdesk.Mailbox) bool { return string(m.Address) == a })
	})
	accounts = slices.DeleteFunc(accounts, func(a string) bool {
		return slices.ContainsFunc(ch.Accounts, func(m nasdesk.Account) bool { return string(m.Address) == a })
	})
	if len(mailboxes) > 0 {
		c.add("mailbox", `update mailbox set version = version + 1 where address in ($1...)`, mailboxes)
	}
	if len(accounts) > 0 {
		c.add("account", `update account set version = version + 1 where address in ($1...)`, accounts)
	}
}

// rename gives a mailbox its new address, in the register and in every request
// that it made, that was made for it, or that waits for it, so that threads go
// on. Whoever rests on one of those requests is stale. Contract, rule 13.
func (c *commit) rename(old, now string) {
	ours := []int64{} // written already, as they should be; a list of nil would match nothing
	for i := range c.d.Requests {
		ours = append(ours, c.d.Requests[i].ID)
	}
	c.add("mailbox", `update mailbox set address = $2 where address = $1`, old, now)
	c.add("requests of "+old, `update request set party = case when party = $1 then $2 else party end,
		mailbox = case when mailbox = $1 then $2 else mailbox end, awaits = case when awaits = $1 then $2 else awaits end, version = version + 1
		where (party = $1 or mailbox = $1 or awaits = $1) and not (id in ($3...))`, old, now, ours)
	c.add("party", `insert into party (address, version)
		select distinct party, 1 from request where party <> '' and (party = $1 or mailbox = $1 or awaits = $1)
		on conflict (address) do update set version = party.version + 1`, now)
	c.add("search", `insert into search (token, request) select $2, request from search where token = $1 on conflict do nothing`,
		c.s.token(facetMailbox, old), c.s.token(facetMailbox, now))
	c.moved("mailbox", old, now)
}

// given moves an account to the address that it was given. Its links are among
// those that the decision writes.
func (c *commit) given(old string, now nasdesk.Address) {
	c.add("links of "+old, `delete from membership where account = $1`, old)
	c.moved("account", old, now)
	c.add("account "+old, `update account set address = $2, stem = $3 where address = $1`, old, now, stemOf(now))
}

// readdress gives the decision's own requests the new address of a mailbox. One
// that renames it stays its asker's as he wrote: whether an answer comes from
// the new address is told by it.
func (c *commit) readdress() {
	for i := range c.d.Requests {
		r := &c.d.Requests[i]
		moved := func(a *nasdesk.Address) {
			if now, ok := c.d.Change.Renamed[*a]; ok {
				*a = now
			}
		}
		moved(&r.Mailbox)
		moved(&r.From)
		if !slices.ContainsFunc(r.Actions, func(a nasdesk.Action) bool { return a.Name == nasdesk.RenameMailbox }) {
			moved(&r.Party)
		}
	}
}

// unlinked returns the links to take away. Those of a renamed mailbox have moved
// with it, and stay where they are linked under its new address.
func unlinked(ch nasdesk.Change) []nasdesk.Membership {
	var out []nasdesk.Membership
	for _, m := range ch.Unlinked {
		if to, ok := ch.Renamed[m.Mailbox]; ok {
			m.Mailbox = to
		}
		if !slices.ContainsFunc(ch.Linked, func(l nasdesk.Membership) bool { return l.Mailbox == m.Mailbox && l.Account == m.Account }) {
			out = append(out, m)
		}
	}
	return out
}

// linksOf returns the mailboxes and accounts whose links or approvals change.
func linksOf(ch nasdesk.Change) (mailboxes, accounts []string) {
	for _, m := range slices.Concat(ch.Linked, ch.Unlinked) {
		mailboxes, accounts = append(mailboxes, string(m.Mailbox)), append(accounts, string(m.Account))
	}
	for _, a := range ch.Approvals {
		mailboxes = append(mailboxes, string(a.Mailbox))
	}
	return unique(mailboxes), unique(accounts)
}

func unique(in []string) []string {
	slices.Sort(in)
	return slices.Compact(in)
}

func sortedKeys(m map[nasdesk.Address]nasdesk.Address) []string {
	var out []string
	for k := range m {
		out = append(out, string(k))
	}
	slices.Sort(out)
	return out
}

func (s *Store) putMailbox(m nasdesk.Mailbox) Statement {
	return Statement{Of: "mailbox " + string(m.Address), SQL: `insert into mailbox (address, ods, name, sector, region, dspt, status, alias) values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (address) do update set ods = excluded.ods, name = excluded.name, sector = excluded.sector, region = excluded.region,
		dspt = excluded.dspt, status = excluded.status, alias = excluded.alias, version = mailbox.version + 1`,
		Args: []any{m.Address, m.ODS, m.Name, m.Sector, m.Region, m.DSPT, m.Status, m.Alias}}
}

func (s *Store) putAccount(a nasdesk.Account) Statement {
	return Statement{Of: "account " + string(a.Address), SQL: `insert into account (address, stem, name, mobile, mobile_index, alternative, alternative_index, status, since)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		on conflict (address) do update set name = excluded.name, mobile = excluded.mobile, mobile_index = excluded.mobile_index,
		alternative = excluded.alternative, alternative_index = excluded.alternative_index, status = excluded.status, since = excluded.since,
		version = account.version + 1`,
		Args: []any{a.Address, stemOf(a.Address), s.seal("account.name", string(a.Name)), s.seal("account.mobile", string(a.Mobile)),
			s.index("account.mobile", string(a.Mobile)), s.seal("account.alternative", string(a.Alternative)),
			s.index("account.alternative", string(a.Alternative)), a.Status, a.Since}}
}

func putMembership(m nasdesk.Membership) Statement {
	return Statement{Of: "membership of " + string(m.Account) + " in " + string(m.Mailbox),
		SQL:  `insert into membership (mailbox, account, role) values ($1, $2, $3) on conflict (mailbox, account) do update set role = excluded.role`,
		Args: []any{m.Mailbox, m.Account, m.Role}}
}

func putApproval(a nasdesk.Approval) Statement {
	return Statement{Of: "approval of " + string(a.Mailbox),
		SQL:  `insert into approval (mailbox, max, approved_by, approved_on) values ($1, $2, $3, $4) on conflict do nothing`,
		Args: []any{a.Mailbox, a.Max, a.ApprovedBy, a.ApprovedOn}}
}

// id returns the id of a request by its index in the decision, 0 for none.
func (c *commit) id(i int) int64 {
	if i < 0 || i >= len(c.d.Requests) {
		return 0
	}
	return c.d.Requests[i].ID
}

// work writes the actions to do. A key that is there already has had its effect
// or will have it.
func (c *commit) work() {
	var rows [][]any
	for i, w := range c.d.Actions {
		key, at := w.Action.Key, c.d.Event.At
		if key == "" {
			key = c.d.Event.Key + "/action/" + strconv.Itoa(i)
		}
		if w.Action.On != "" {
			at = max(at, nasdesk.TimestampOf(w.Action.On.Time()))
		}
		rows = append(rows, []any{key, c.id(w.Request), c.s.seal("work.action", jsonText(w.Action)), at, at, c.s.seal("work.detail", "")})
	}
	c.addRows("action", `insert into work (key, request, action, due_at, at, detail) values`, ` on conflict (key) do nothing`, rows)
}

func (c *commit) mail(m nasdesk.Mail) {
	at := max(m.At, c.d.Event.At)
	var requests []string
	for _, i := range m.Requests {
		requests = append(requests, strconv.FormatInt(c.id(i), 10))
	}
	sum := sha256.Sum256([]byte(m.Subject + "\x00" + m.Text + "\x00" + m.HTML))
	waits := `0`
	args := []any{m.Key, c.d.Event.Key, strings.Join(requests, " "), m.To, m.About, c.s.seal("mail.subject", m.Subject), m.InReplyTo, jsonText(m.References),
		c.s.seal("mail.text", m.Text), c.s.seal("mail.html", m.HTML), hexed(sum[:]), c.d.Event.At, at}
	if len(m.After) > 0 {
		// Actions of this commit are written already; those of earlier ones may be done.
		waits = `$14 - (select count(*) from work where state = 'done' and key in ($15...))`
		after := unique(slices.Clone(m.After))
		args = append(args, len(after), after)
	}
	c.add("mail", `insert into mail (key, event, requests, recipient, about, subject, in_reply_to, refs, text, html, digest, made_at, due_at, at, waits)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, `+waits+`) on conflict (key) do nothing`, args...)
	var after [][]any
	for _, a := range unique(slices.Clone(m.After)) {
		after = append(after, []any{a, m.Key})
	}
	c.addRows("mail", `insert into mail_after (action, mail) values`, ` on conflict do nothing`, after)
}

// date writes a date. A new one of a sort replaces the one that was set before.
func (c *commit) date(x nasdesk.Due) {
	id := c.id(x.Request)
	if x.Request >= 0 && x.Request < len(c.d.Requests) && c.d.Requests[x.Request].Version > 1 {
		c.add("dates", `update due set state = 'cancelled', locked_until = 0 where request = $1 and what = $2 and key <> $3 and state in ('ready', 'running')`, id, x.What, x.Key)
	}
	c.add("date", `insert into due (key, request, what, due_at, at) values ($1, $2, $3, $4, $4) on conflict (key) do nothing`, x.Key, id, x.What, x.At)
}

// worked records what the directory reports. The first report that work is done
// releases the mails that waited for it; a later one changes nothing.
func (c *commit) worked() {
	w := c.d.Event.Work
	if w == nil {
		return
	}
	at := c.d.Event.At
	if w.State == nasdesk.WorkDone {
		c.add("mail", `update mail set waits = waits - 1, at = case when at < $2 then $2 else at end, due_at = case when due_at < $2 then $2 else due_at end
			where state = 'ready' and waits > 0 and key in (select mail from mail_after where action = $1)
			and exists (select 1 from work where key = $1 and state <> 'done')`, w.Action, at)
	}
	ended := at
	if w.State == nasdesk.WorkPending {
		ended = 0
	}
	c.add("work", `update work set state = $2, begun = 1, locked_until = 0, ended_at = $3, at = case when $2 = 'pending' then $4 else at end, account = $5, detail = $6,
		people = case when $7 = 1 then 1 else people end where key = $1 and state not in ('done', 'failed')`,
		w.Action, w.State, ended, at+lookAgain, w.Account, c.s.seal("work.detail", w.Detail), w.People)
}

// lookAgain is when pending work is looked at again if nobody says otherwise.
const lookAgain = nasdesk.Timestamp(15 * 60 * 1e6)

// came records that a date has come.
func (c *commit) came() {
	if x := c.d.Event.Due; x != nil && x.What != nasdesk.DueWarn {
		c.add("date", `update due set state = 'done', locked_until = 0 where state in ('ready', 'running')
			and (key = $1 or request = $2 and what = $3 and due_at <= $4)`, c.d.Event.Key, x.Request, x.What, c.d.Event.At)
	}
}

// written are the facts that the decision changes. They are locked against all
// who rest on them.
func (c *commit) written() []fact {
	out := []fact{{"event", c.d.Event.Key}}
	add := func(table string, keys ...string) {
		for _, k := range keys {
			if k != "" {
				out = append(out, fact{table, cleanText(k)})
			}
		}
	}
	add("party", c.touched()...)
	for _, r := range c.d.Requests {
		add("thread", r.Thread...)
		if r.Version == 1 {
			add("reference", r.Reference)
		}
	}
	c.writtenRegister(add)
	return out
}

func (c *commit) writtenRegister(add func(table string, keys ...string)) {
	ch := c.d.Change
	mailboxes, accounts := linksOf(ch)
	add("mailbox", mailboxes...)
	add("account", accounts...)
	for old, now := range ch.Renamed {
		add("mailbox", string(old), string(now))
	}
	for old, now := range ch.Given {
		add("account", string(old), string(now))
		add("stem", stemOf(old), stemOf(now))
	}
	for _, m := range ch.Mailboxes {
		add("mailbox", string(m.Address))
		add("alias", string(m.Alias))
		add("ods", string(m.ODS))
	}
	for _, m := range c.p.mailboxes { // the codes that are given up
		if slices.ContainsFunc(ch.Mailboxes, func(n nasdesk.Mailbox) bool { return n.Address == m.Address || n.Alias == m.Address }) {
			add("ods", string(m.ODS))
			add("alias", string(m.Alias))
		}
	}
	writes := func(a nasdesk.Account) {
		add("account", string(a.Address))
		add("mobile", c.s.index("account.mobile", string(a.Mobile)))
		add("alternative", c.s.index("account.alternative", string(a.Alternative)))
		add("stem", stemOf(a.Address))
	}
	for _, a := range ch.Accounts {
		writes(a)
		for _, b := range c.p.accounts {
			if b.Address == a.Address {
				writes(b)
			}
		}
	}
}

// journal writes the lines of the journal.
func (c *commit) journal() {
	var rows [][]any
	for _, e := range c.d.Journal {
		rows = append(rows, []any{c.d.Event.At, c.d.Event.Key, c.id(e.Request), e.What, c.digest(e.Subject), e.Detail})
	}
	c.addRows("journal", `insert into journal (at, event, request, what, subject, detail) values`, ``, rows)
}

// digest is how a person stands in the journal. Erasing what the salted digest
// was made of leaves the chain whole.
func (c *commit) digest(subject string) string {
	if subject == "" {
		return ""
	}
	return saltedDigest(c.salt, subject)
}
