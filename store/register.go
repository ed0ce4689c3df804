package store

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"nasdesk"
)

// lookBatch is how many rows of the register are looked at in one go.
const lookBatch = 100

// lookAtRegister finds what ails mailboxes and by which words they and accounts
// are found, wherever a row has changed since it was last looked at. What it
// writes holds for the version that it has read: a row that changes meanwhile
// stays to be looked at, and who else looks at it does no harm.
func (s *Store) lookAtRegister(ctx context.Context) error {
	for _, look := range []func(context.Context) (int, error){s.lookAtAccounts, s.lookAtMailboxes} {
		for {
			n, err := look(ctx)
			if err != nil {
				return err
			}
			if n < lookBatch {
				break
			}
		}
	}
	return nil
}

func (s *Store) lookAtAccounts(ctx context.Context) (int, error) {
	p := &pulled{s: s}
	var rows []accountRow
	err := s.db.reader().Do(ctx, Statement{SQL: `select ` + accountColumns + ` from account where looked <> version order by id limit ` + strconv.Itoa(lookBatch), Of: "accounts",
		Each: func(scan Scan) error {
			a, err := p.scanAccount(scan)
			rows = append(rows, a)
			return err
		}})
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	var stmts []Statement
	var addresses []string
	for _, a := range rows {
		addresses = append(addresses, string(a.Address))
		words := slices.Concat(addressWords(a.Address), foldWords(string(a.Name)), mobileWords(a.Mobile), addressWords(a.Alternative))
		stmts = append(stmts, Statement{SQL: `delete from account_word where account = $1`, Args: []any{a.id}})
		for _, w := range unique(words) {
			stmts = append(stmts, Statement{SQL: `insert into account_word (word, account) values ($1, $2) on conflict do nothing`, Args: []any{s.token("", w), a.id}})
		}
		stmts = append(stmts, Statement{SQL: `update account set looked = $2 where id = $1`, Args: []any{a.id, a.Version}})
	}
	stmts = append(stmts, Statement{SQL: `update mailbox set looked = 0 where address in (select mailbox from membership where account in ($1...))`, Args: []any{addresses}})
	return len(rows), s.db.tx(ctx, func(Q) ([]Statement, error) { return stmts, nil })
}

func (s *Store) lookAtMailboxes(ctx context.Context) (int, error) {
	ids := map[nasdesk.Address]int64{}
	var keys nasdesk.Keys
	err := s.db.reader().Do(ctx, Statement{SQL: `select id, address from mailbox where looked <> version order by id limit ` + strconv.Itoa(lookBatch), Of: "mailboxes",
		Each: func(scan Scan) error {
			var id int64
			var a nasdesk.Address
			err := scan(&id, &a)
			ids[a], keys.Addresses = id, append(keys.Addresses, a)
			return err
		}})
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	c, err := s.Pull(ctx, keys)
	if err != nil {
		return 0, err
	}
	of := splitByMailbox(c)
	var stmts []Statement
	for i := range c.Mailboxes {
		if m := &c.Mailboxes[i]; ids[m.Address] != 0 {
			stmts = append(stmts, s.lookedAt(ids[m.Address], m, of[m.Address])...)
		}
	}
	return len(ids), s.db.tx(ctx, func(Q) ([]Statement, error) { return stmts, nil })
}

// splitByMailbox gives each mailbox a case of its own, which is gone through
// quicker than that of all.
func splitByMailbox(c *nasdesk.Case) map[nasdesk.Address]*nasdesk.Case {
	accounts := map[nasdesk.Address]nasdesk.Account{}
	for _, a := range c.Accounts {
		accounts[a.Address] = a
	}
	out := map[nasdesk.Address]*nasdesk.Case{}
	for _, m := range c.Mailboxes {
		out[m.Address] = &nasdesk.Case{Mailboxes: []nasdesk.Mailbox{m}}
	}
	for _, l := range c.Memberships {
		if of := out[l.Mailbox]; of != nil {
			of.Memberships, of.Accounts = append(of.Memberships, l), append(of.Accounts, accounts[l.Account])
		}
	}
	for _, a := range c.Approvals {
		if of := out[a.Mailbox]; of != nil {
			of.Approvals = append(of.Approvals, a)
		}
	}
	return out
}

// lookedAt writes what was found of a mailbox.
func (s *Store) lookedAt(id int64, m *nasdesk.Mailbox, c *nasdesk.Case) []Statement {
	owners, _ := c.Owners(m.Address, "")
	ails := ailments(m, c)
	stmts := []Statement{{SQL: `delete from mailbox_word where mailbox = $1`, Args: []any{id}}}
	words := slices.Concat(addressWords(m.Address), addressWords(m.Alias), foldWords(m.Name), foldWords(string(m.ODS)))
	for _, a := range ails {
		words = append(words, facetAils+string(a))
	}
	for _, w := range unique(words) {
		stmts = append(stmts, Statement{SQL: `insert into mailbox_word (word, mailbox) values ($1, $2) on conflict do nothing`, Args: []any{s.token("", w), id}})
	}
	return append(stmts, Statement{SQL: `update mailbox set looked = $2, owners = $3, accounts = $4, most = $5, ails = $6 where id = $1`,
		Args: []any{id, m.Version, owners, c.Counted(m.Address), c.Limit(m.Address), strings.Join(strs(ails), ",")}})
}

// ailments are what is not as the guidance recommends, but for dates, which pass.
// A closed mailbox has none. The standing in the toolkit that is asked for, and
// the form of an address, are those of a site change: contract, rule 13.
func ailments(m *nasdesk.Mailbox, c *nasdesk.Case) []Ailment {
	if m.Status == nasdesk.Closed {
		return nil
	}
	var out []Ailment
	add := func(is bool, a Ailment) {
		if is {
			out = append(out, a)
		}
	}
	owners, active := c.Owners(m.Address, "")
	add(owners == 0, NoOwner)
	add(active < 2, OneUser)
	add(m.Sector == nasdesk.Pharmacy && m.Address != m.AddressUnder(m.ODS), WrongFormat)
	add(m.DSPT != nasdesk.StandardsMet && m.DSPT != nasdesk.StandardsExceeded && (m.Sector != nasdesk.SocialCare || m.DSPT != nasdesk.ApproachingStandards), DSPTLapsed)
	add(c.Counted(m.Address) >= c.Limit(m.Address), Full)
	return out
}

// dueSoon is how many days ahead a date counts as coming due.
const dueSoon = 30

// A MailboxFilter says which mailboxes of the register are wanted.
type MailboxFilter struct {
	Text  string  // words of the name, the code, an address; all must fit
	Ails  Ailment // "" for all
	After string  // the cursor that the page before gave; "" for the first
	Limit int     // rows a page; 0 is 50
	Today nasdesk.Date
}

const mailboxRowColumns = `m.id, m.address, m.ods, m.name, m.sector, m.region, m.dspt, m.status, m.alias, m.version, m.owners, m.accounts, m.most, m.ails`

func scanMailboxRow(scan Scan) (r MailboxRow, err error) {
	var id int64
	var ails string
	err = scan(&id, &r.Address, &r.ODS, &r.Name, &r.Sector, &r.Region, &r.DSPT, &r.Status, &r.Alias, &r.Version, &r.Owners, &r.Accounts, &r.Limit, &ails)
	for _, a := range strings.FieldsFunc(ails, func(r rune) bool { return r == ',' }) {
		r.Ails = append(r.Ails, Ailment(a))
	}
	return r, err
}

// Mailboxes returns one page of the register by address, and the cursor of the
// next, "" at the end. What ails a mailbox is as it was at the last fold (see
// Seal), dates coming due as they are.
func (s *Store) Mailboxes(ctx context.Context, f MailboxFilter) ([]MailboxRow, string, error) {
	tokens := s.tokensOf(f.Text)
	if f.Ails != "" && f.Ails != DatesDue {
		tokens = append(tokens, s.token(facetAils, string(f.Ails)))
	}
	l := &list{from: "mailbox m", limit: pageSize(f.Limit)}
	l.and("m.address > ?", f.After)
	if f.Ails == DatesDue {
		l.and("m.address in (select mailbox from request where state = 'dated' and effective <= ? union select mailbox from deadline where "+longSoon+" and ends >= ? and ends <= ?)",
			f.Today.AddDays(dueSoon), f.Today, f.Today.AddDays(dueSoon))
	}
	if err := s.byWords(ctx, l, "mailbox_word", "mailbox", "m.id", tokens); err != nil {
		return nil, "", err
	}
	var out []MailboxRow
	next := ""
	err := s.db.reader().Do(ctx, Statement{SQL: l.with + `select ` + mailboxRowColumns + ` from ` + l.from + ` where ` + strings.Join(l.where, " and ") +
		` order by m.address limit ` + strconv.Itoa(l.limit+1), Args: l.args, Of: "mailboxes", Each: func(scan Scan) error {
		r, err := scanMailboxRow(scan)
		if n := len(out); n == l.limit {
			next = string(out[n-1].Address)
			return err
		}
		out = append(out, r)
		return err
	}})
	if err == nil {
		err = s.datesDue(ctx, out, f.Today)
	}
	return out, next, err
}

// datesDue adds to mailboxes that a date of theirs comes due.
func (s *Store) datesDue(ctx context.Context, rows []MailboxRow, today nasdesk.Date) error {
	var addresses []string
	for _, r := range rows {
		addresses = append(addresses, string(r.Address))
	}
	if len(addresses) == 0 {
		return nil
	}
	due := map[nasdesk.Address]bool{}
	err := s.db.reader().Do(ctx, Statement{SQL: `select mailbox from request where state = 'dated' and mailbox in ($1...) and effective <= $2
		union select mailbox from deadline where ` + longSoon + ` and mailbox in ($1...) and ends >= $3 and ends <= $2`,
		Args: []any{addresses, today.AddDays(dueSoon), today}, Of: "dates", Each: func(scan Scan) error {
			var a nasdesk.Address
			err := scan(&a)
			due[a] = true
			return err
		}})
	for i := range rows {
		if due[rows[i].Address] {
			rows[i].Ails = append(rows[i].Ails, DatesDue)
		}
	}
	return err
}

// byWords asks for rows to which all tokens of a table of words lead: by the
// rarest where it is rare, else row by row.
func (s *Store) byWords(ctx context.Context, l *list, table, column, id string, tokens []string) error {
	if len(tokens) == 0 {
		return nil
	}
	tokens = unique(tokens)
	rarest, n, err := s.rarest(ctx, table+" where word = $1", tokens)
	if err != nil {
		return err
	}
	if n <= few {
		l.with = "with w (id) as materialized (select " + column + " from " + table + " where word = " + l.arg(tokens[rarest]) + ") "
		l.from, l.where = "w cross join "+l.from, append(l.where, id+" = w.id")
	} else {
		rarest = -1
	}
	for i, t := range tokens {
		if i != rarest {
			l.and("(select count(*) from "+table+" s where s.word = ? and s."+column+" = "+id+") > 0", t)
		}
	}
	return nil
}

// Accounts returns one page of the accounts by address, those to which all words
// of a text lead: of the name or an address, or the last digits of the mobile.
// With it comes the cursor of the next page, "" at the end.
func (s *Store) Accounts(ctx context.Context, text, after string, limit int) ([]nasdesk.Account, string, error) {
	l := &list{from: "account a", limit: pageSize(limit)}
	l.and("a.address > ?", after)
	if err := s.byWords(ctx, l, "account_word", "account", "a.id", s.tokensOf(text)); err != nil {
		return nil, "", err
	}
	p := &pulled{s: s}
	var out []nasdesk.Account
	next := ""
	err := s.db.reader().Do(ctx, Statement{SQL: l.with + `select a.` + strings.ReplaceAll(accountColumns, ", ", ", a.") + ` from ` + l.from + ` where ` + strings.Join(l.where, " and ") +
		` order by a.address limit ` + strconv.Itoa(l.limit+1), Args: l.args, Of: "accounts", Each: func(scan Scan) error {
		a, err := p.scanAccount(scan)
		if n := len(out); n == l.limit {
			next = string(out[n-1].Address)
			return err
		}
		out = append(out, a.Account)
		return err
	}})
	return out, next, err
}

const (
	mostRequests = 50  // on a page of the register
	mostHistory  = 100 // lines of the journal there
)

// MailboxPage returns all that the register knows of a mailbox, by its address
// or its former one; ErrNone if there is none. Its requests are those in whose
// name they were made, as of the last fold.
func (s *Store) MailboxPage(ctx context.Context, address nasdesk.Address, today nasdesk.Date) (*MailboxPage, error) {
	p := &MailboxPage{}
	err := s.one(ctx, Statement{SQL: `select ` + mailboxRowColumns + ` from mailbox m where m.address = $1 or m.alias <> '' and m.alias = $1
		order by case when m.address = $1 then 1 else 0 end`, Args: []any{address}, Of: "mailbox",
		Each: func(scan Scan) (err error) { p.MailboxRow, err = scanMailboxRow(scan); return err }})
	if err != nil {
		return nil, err
	}
	rows := []MailboxRow{p.MailboxRow}
	if err = s.datesDue(ctx, rows, today); err != nil {
		return nil, err
	}
	p.MailboxRow = rows[0]
	if p.Case, err = s.Pull(ctx, nasdesk.Keys{Addresses: []nasdesk.Address{p.Address}}); err != nil {
		return nil, err
	}
	if p.Requests, err = s.requestsBy(ctx, s.token(facetMailbox, string(p.Address))); err != nil {
		return nil, err
	}
	p.Journal, err = s.history(ctx, p.Address, p.Alias)
	return p, err
}

// AccountPage returns all that the register knows of an account; ErrNone if
// there is none. Its requests are those that name it, as of the last fold.
func (s *Store) AccountPage(ctx context.Context, address nasdesk.Address, today nasdesk.Date) (*AccountPage, error) {
	p := &AccountPage{}
	var err error
	if p.Case, err = s.Pull(ctx, nasdesk.Keys{Addresses: []nasdesk.Address{address}}); err != nil {
		return nil, err
	}
	a := p.Case.Account(address)
	if a == nil {
		return nil, statementError(Statement{Of: "account"}, ErrNone)
	}
	p.Account = *a
	if p.Dates, err = s.deadlinesOf(ctx, address); err != nil {
		return nil, err
	}
	if p.Requests, err = s.requestsBy(ctx, s.token("", string(address))); err != nil {
		return nil, err
	}
	p.Journal, err = s.history(ctx, address)
	return p, err
}

func (s *Store) requestsBy(ctx context.Context, token string) ([]Row, error) {
	ids, err := s.newest(ctx, []string{token}, 0, mostRequests)
	if err != nil {
		return nil, err
	}
	return s.rowsByID(ctx, ids)
}

// history returns what the journal says of one of the addresses, newest first,
// but for who looked at them (see Looks). With a register edit comes its reason.
func (s *Store) history(ctx context.Context, addresses ...nasdesk.Address) ([]JournalLine, error) {
	lines, err := s.linesOn(ctx, `what <> 'viewed'`, addresses)
	if err != nil {
		return nil, err
	}
	return lines, s.reasons(ctx, lines)
}

// Looks returns who looked at what concerns one of the addresses, newest first.
func (s *Store) Looks(ctx context.Context, addresses ...nasdesk.Address) ([]JournalLine, error) {
	return s.linesOn(ctx, `what = 'viewed'`, addresses)
}

// linesOn returns the lines of one sort that concern one of the addresses. Those
// that are not sealed yet have no index and are few.
func (s *Store) linesOn(ctx context.Context, sort string, addresses []nasdesk.Address) ([]JournalLine, error) {
	salt, err := s.salted(ctx)
	if err != nil {
		return nil, err
	}
	var out []JournalLine
	var stmts []Statement
	for _, a := range addresses {
		if a == "" {
			continue
		}
		for _, where := range []string{`seal is not null and subject <> ''`, `seal is null`} {
			stmts = append(stmts, Statement{SQL: `select id, at, event, request, what, detail from journal where ` + where + ` and ` + sort + ` and subject = $1
				order by id desc limit ` + strconv.Itoa(mostHistory), Args: []any{saltedDigest(salt, string(a))}, Of: "journal", Each: eachJournalLine(&out)})
		}
	}
	err = s.db.reader().Do(ctx, stmts...)
	slices.SortFunc(out, func(a, b JournalLine) int { return cmp.Compare(b.ID, a.ID) })
	out = slices.CompactFunc(out, func(a, b JournalLine) bool { return a.ID == b.ID }) // one that was sealed between the two
	return out[:min(len(out), mostHistory)], err
}

// reasons brings to the lines on register edits the reason that staff gave. It
// may name somebody, so it does not stand in the journal, but in the act, sealed.
func (s *Store) reasons(ctx context.Context, lines []JournalLine) error {
	var ids []int64
	for _, l := range lines {
		if id, ok := strings.CutPrefix(l.Event, clickKey); ok && l.What == "staff-register" {
			n, _ := strconv.ParseInt(id, 10, 64) // what is no number is no click's
			ids = append(ids, n)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var clicks []Click
	err := s.db.reader().Do(ctx, Statement{SQL: `select ` + clickColumns + ` from click c where c.id in ($1...)`, Args: []any{ids}, Of: "reasons", Each: s.eachClick(&clicks)})
	for _, c := range clicks {
		for i := range lines {
			if lines[i].Event == (nasdesk.OutClick{ID: c.ID}).Key() {
				lines[i].Reason = c.Act.Text
			}
		}
	}
	return err
}

// clickKey begins the key of the event of an act of staff.
const clickKey = "click/"
