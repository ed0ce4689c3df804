package store

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"nasdesk"
)

const (
	watchBatch   = 100
	quietBatch   = 5000 // accounts of which there is nothing to reckon
	mostDatesDue = 500  // deadlines of one mailbox that are looked at in one go
)

const deadlineColumns = `d.key, d.cause, d.account, d.mailbox, d.request, d.since, d.ends, d.last, d.step, d.at`

func scanDeadline(scan Scan, more ...any) (x nasdesk.Deadline, err error) {
	x.State = nasdesk.DeadlineReady
	err = scan(append([]any{&x.Key, &x.Cause, &x.Account, &x.Mailbox, &x.Request, &x.Since, &x.Ends, &x.Last, &x.Step, &x.At}, more...)...)
	return x, err
}

// Unwatched returns accounts that have changed since their deadlines were last
// reckoned, at most a hundred: whatever changes an account or its links moves its
// version on, so none is missed, whoever wrote it. Active ones that have no
// deadline are passed over here.
func (s *Store) Unwatched(ctx context.Context) ([]nasdesk.Watched, error) {
	some := false
	err := s.db.reader().Do(ctx, Statement{SQL: `select 1 from account where watched <> version limit 1`, Of: "deadlines",
		Each: func(scan Scan) error { some = true; var n int64; return scan(&n) }})
	if err != nil || !some {
		return nil, err
	}
	if err := s.quiet(ctx); err != nil {
		return nil, err
	}
	p := &pulled{s: s}
	var out []nasdesk.Watched
	var addresses []string
	at := map[nasdesk.Address]int{}
	err = s.db.reader().Do(ctx, Statement{SQL: `select ` + accountColumns + ` from account where watched <> version order by id limit ` + strconv.Itoa(watchBatch), Of: "deadlines",
		Each: func(scan Scan) error {
			a, err := p.scanAccount(scan)
			at[a.Address] = len(out)
			out, addresses = append(out, nasdesk.Watched{Account: a.Account}), append(addresses, string(a.Address))
			return err
		}})
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return out, s.db.reader().Do(ctx, Statement{SQL: `select m.account, m.mailbox from membership m join mailbox b on b.address = m.mailbox
		where m.account in ($1...) and b.status = 'active' order by m.id`, Args: []any{addresses}, Of: "deadlines",
		Each: func(scan Scan) error {
			var account, mailbox nasdesk.Address
			err := scan(&account, &mailbox)
			if i, ok := at[account]; ok {
				out[i].Mailboxes = append(out[i].Mailboxes, mailbox)
			}
			return err
		}})
}

// quiet marks active accounts without a deadline as reckoned, many at a time: an
// import brings tens of thousands.
func (s *Store) quiet(ctx context.Context) error {
	for n := int64(quietBatch); n == quietBatch; {
		n = 0
		err := s.db.tx(ctx, func(Q) ([]Statement, error) {
			return []Statement{{SQL: `update account set watched = version where id in (
				select a.id from account a where a.watched <> a.version and a.status = 'active'
				and not exists (select 1 from deadline d where d.account = a.address and d.state in ('ready', 'running'))
				order by a.id limit ` + strconv.Itoa(quietBatch) + `) returning id`, Of: "deadlines",
				Each: func(scan Scan) error { n++; var id int64; return scan(&id) }}}, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Reckoned writes the deadlines of an account as it was read: those that it no longer
// has are cancelled, those that it has already go on where they stand. An account
// that has changed meanwhile stays to be reckoned.
func (s *Store) Reckoned(ctx context.Context, a nasdesk.Account, rows []nasdesk.Deadline) error {
	keys := []string{} // a list of nil would match nothing
	for _, x := range rows {
		keys = append(keys, x.Key)
	}
	stmts := []Statement{{SQL: `update deadline set state = 'cancelled', locked_until = 0 where account = $1 and request = 0 and state in ('ready', 'running')
		and not (key in ($2...))`, Args: []any{a.Address, keys}, Of: "deadlines"}}
	for _, x := range rows {
		stmts = append(stmts, putDeadline(x, x.Request, `on conflict (key) do update set state = 'ready', locked_until = 0,
			at = case when deadline.at < excluded.at then excluded.at else deadline.at end where deadline.state = 'cancelled'`))
	}
	stmts = append(stmts, Statement{SQL: `update account set watched = version where address = $1 and version = $2`, Args: []any{a.Address, a.Version}, Of: "deadlines"})
	return s.db.tx(ctx, func(Q) ([]Statement, error) { return stmts, nil })
}

func putDeadline(x nasdesk.Deadline, request int64, conflict string) Statement {
	return Statement{SQL: `insert into deadline (key, cause, account, mailbox, request, since, ends, ends_at, last, step, at, state)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ` + conflict, Of: "deadline of " + string(x.Cause),
		Args: []any{x.Key, x.Cause, x.Account, x.Mailbox, request, x.Since, x.Ends, nasdesk.TimestampOf(x.Ends.Time()), x.Last, x.Step, x.At, x.State}}
}

// datings writes the deadlines of a decision as they stand.
func (c *commit) datings() {
	for _, x := range c.d.Datings {
		request := x.Deadline.Request
		if x.Request >= 0 {
			request = c.id(x.Request)
		}
		c.stmts = append(c.stmts, putDeadline(x.Deadline, request, `on conflict (key) do update set step = excluded.step, at = excluded.at,
			state = excluded.state, locked_until = 0`))
	}
}

// silenced ends the deadlines of a request that no longer waits for another party.
func (c *commit) silenced(r *nasdesk.Request) {
	if before := c.p.request(r.ID); r.State != nasdesk.StateSeeking && before != nil && before.State == nasdesk.StateSeeking {
		c.add("deadlines", `update deadline set state = 'cancelled', locked_until = 0 where request = $1 and request > 0
			and cause in ('approval', 'consent') and state in ('ready', 'running')`, r.ID)
	}
}

// moved gives the deadlines of a mailbox or an account its new address.
func (c *commit) moved(column, old string, now any) {
	c.add("deadlines of "+old, `update deadline set `+column+` = $2, key = replace(key, $1, $2) where `+column+` = $1 and state in ('ready', 'running')`, old, now)
}

// DueDeadlines claims deadlines at which it is time to look, the earliest first, at
// most limit. A decision on a mailbox deals with all of its own at once.
func (s *Store) DueDeadlines(ctx context.Context, now nasdesk.Timestamp, limit int, lease nasdesk.Timestamp) ([]nasdesk.OutDeadline, error) {
	var out []nasdesk.OutDeadline
	err := s.claimRows(ctx, "deadline", `state = 'ready'`, "", `id, attempts, mailbox, at`, now, limit, lease, func(scan Scan) error {
		var x nasdesk.OutDeadline
		err := scan(&x.ID, &x.Attempt, &x.Mailbox, &x.At)
		out = append(out, x)
		return err
	})
	return out, err
}

// DeadlineLater gives a claimed deadline back until an instant.
func (s *Store) DeadlineLater(ctx context.Context, id int64, attempt int, again nasdesk.Timestamp) error {
	return s.later(ctx, "deadline", id, attempt, again)
}

func eachDeadline(into *[]nasdesk.Deadline) func(Scan) error {
	return func(scan Scan) error {
		x, err := scanDeadline(scan)
		*into = append(*into, x)
		return err
	}
}

// dueDeadlines asks for those of the party at which it is time to look.
func (p *pulled) dueDeadlines(now nasdesk.Timestamp) Statement {
	return Statement{SQL: `select ` + deadlineColumns + ` from deadline d where d.mailbox = $1 and d.state in ('ready', 'running') and d.at <= $2
		order by d.ends_at, d.id limit ` + strconv.Itoa(mostDatesDue), Args: []any{p.keys.Party, now}, Of: "deadlines",
		Each: eachDeadline(&p.deadlines)}
}

// Deadlines returns the long dates ahead whose day comes from one day to another,
// both included, the nearest first, at most limit.
func (s *Store) Deadlines(ctx context.Context, from, to nasdesk.Date, limit int) ([]nasdesk.Deadline, error) {
	var out []nasdesk.Deadline
	err := s.db.reader().Do(ctx, Statement{SQL: `select ` + deadlineColumns + ` from deadline d
		where d.state in ('ready', 'running') and d.ends_at >= $1 and d.ends_at <= $2 order by d.ends_at, d.id limit $3`,
		Args: []any{nasdesk.TimestampOf(from.Time()), nasdesk.TimestampOf(to.Time()), limit}, Of: "deadlines", Each: eachDeadline(&out)})
	return out, err
}

// deadlinesOf returns the long dates ahead of an account, the nearest first.
func (s *Store) deadlinesOf(ctx context.Context, account nasdesk.Address) ([]nasdesk.Deadline, error) {
	var out []nasdesk.Deadline
	err := s.db.reader().Do(ctx, Statement{SQL: `select ` + deadlineColumns + ` from deadline d
		where d.account = $1 and d.state in ('ready', 'running') order by d.ends_at, d.id limit ` + strconv.Itoa(mostDatesDue),
		Args: []any{account}, Of: "deadlines", Each: eachDeadline(&out)})
	return out, err
}

const (
	longAhead = "d.state in ('ready', 'running') and d.ends_at > 0"
	longSoon  = "state in ('ready', 'running')"
)

// listDates lists what happens by itself on a day to come: requests that were
// accepted for it, and long dates. Both are read as far as a page goes and put
// together; a long date has its id below zero, so that one cursor serves both.
func (s *Store) listDates(ctx context.Context, f Filter) (Rows, error) {
	l, err := s.listOf(ctx, f)
	if err != nil {
		return Rows{}, err
	}
	dated, err := s.page(ctx, l, f.After)
	if err != nil {
		return Rows{}, err
	}
	long, err := s.pageOfDeadlines(ctx, f)
	if err != nil {
		return Rows{}, err
	}
	out := Rows{Rows: append(dated.Rows, long.Rows...), Next: dated.Next}
	slices.SortStableFunc(out.Rows, f.byDay)
	if limit := pageSize(f.Limit); len(out.Rows) > limit || long.Next != "" || dated.Next != "" {
		out.Rows = out.Rows[:min(limit, len(out.Rows))]
		out.Next = cursorOf(f, out.Rows[len(out.Rows)-1]).text()
	}
	return out, nil
}

// cursorOf is the place of a row in the order of the dates.
func cursorOf(f Filter, r Row) cursor {
	return cursor{Key: f.sortKey(r), At: int64(r.At), ID: r.date}
}

func (f Filter) sortKey(r Row) string {
	switch f.Sort {
	case SortKind:
		return r.Kind
	case SortMailbox:
		return string(r.Mailbox)
	}
	return ""
}

// byDay is the order of the dates: that of the lists of requests, in which the
// nearest comes first.
func (f Filter) byDay(a, b Row) int {
	n := cmp.Or(strings.Compare(f.sortKey(a), f.sortKey(b)), cmp.Compare(a.At, b.At), cmp.Compare(a.date, b.date))
	if f.Sort == SortNewest {
		return -n
	}
	return n
}

// pageOfDeadlines reads long dates behind a cursor, as far as a page goes. Of the
// filters those hold that a date has.
func (s *Store) pageOfDeadlines(ctx context.Context, f Filter) (Rows, error) {
	l := &list{id: "-d.id", at: "d.ends_at", limit: pageSize(f.Limit), down: f.Sort == SortNewest, where: []string{longAhead}}
	if f.Reason != "" || f.Assignee != "" && f.Assignee != "-" {
		return Rows{}, nil
	}
	if f.Kind != "" {
		l.and("coalesce(r.kind, '') = ?", f.Kind)
	}
	if f.Mailbox != "" {
		l.and("d.mailbox = ?", f.Mailbox)
	}
	if f.Before > 0 {
		l.and("d.ends_at < ?", f.Before)
	}
	for _, t := range s.tokensOf(f.Text) {
		l.and("(select count(*) from account_word w join account a on a.id = w.account where w.word = ? and a.address = d.account) > 0", t)
	}
	l.key = map[Sort]string{SortKind: "coalesce(r.kind, '')", SortMailbox: "d.mailbox"}[f.Sort]
	order, err := l.order(f.After)
	if err != nil {
		return Rows{}, err
	}
	var out Rows
	err = s.db.reader().Do(ctx, Statement{SQL: `select ` + deadlineColumns + `, d.id, d.ends_at, coalesce(m.name, ''), coalesce(r.kind, ''), coalesce(r.reference, ''), coalesce(r.party, '')
		from deadline d left join mailbox m on m.address = d.mailbox left join request r on r.id = d.request where ` + strings.Join(l.where, " and ") +
		` order by ` + order + ` limit ` + strconv.Itoa(l.limit+1), Args: l.args, Of: "list", Each: func(scan Scan) error {
		r := Row{}
		x, err := scanDeadline(scan, &r.date, &r.At, &r.Name, &r.Kind, &r.Reference, &r.Party)
		if len(out.Rows) == l.limit {
			out.Next = "more"
			return err
		}
		r.date = -r.date
		out.Rows = append(out.Rows, r.ofDeadline(x))
		return err
	}})
	return out, err
}

// ofDeadline shows a long date in a row.
func (r Row) ofDeadline(x nasdesk.Deadline) Row {
	r.Request, r.Mailbox, r.What, r.Account, r.Last = x.Request, x.Mailbox, string(x.Cause), x.Account, x.Last
	r.Since = nasdesk.TimestampOf(x.Since.Time())
	return r
}
