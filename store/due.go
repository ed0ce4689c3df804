package store

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"nasdesk"
)

// Rows that are due are claimed under a lease: state running, locked until the
// lease ends, one attempt more. The attempt is the fence: what a worker reports
// counts only while the attempt is still the row's own.

// DueMails claims mails whose time has come and whose actions are done, oldest
// first, at most limit.
func (s *Store) DueMails(ctx context.Context, now nasdesk.Timestamp, limit int, lease nasdesk.Timestamp) ([]nasdesk.OutMail, error) {
	var out []nasdesk.OutMail
	err := s.claimRows(ctx, "mail", `state = 'ready' and r.waits = 0`, "", `id, key, attempts, due_at, recipient, about, requests, subject, in_reply_to, refs, text, html`,
		now, limit, lease, func(scan Scan) error {
			m, err := s.scanMail(scan)
			out = append(out, m)
			return err
		})
	slices.SortFunc(out, func(a, b nasdesk.OutMail) int { return compare(a.DueAt, b.DueAt, a.ID, b.ID) })
	return out, err
}

// claimRows claims rows of a table, the earliest first, at most limit: those that are
// ready at now, and those whose lease has run out. Ready says which are ready, and
// besides, "" or "and …", what must be so of both; r is the row.
func (s *Store) claimRows(ctx context.Context, table, ready, besides, columns string, now nasdesk.Timestamp, limit int, lease nasdesk.Timestamp, each func(Scan) error) error {
	return s.claim(ctx, Statement{SQL: `update ` + table + ` set state = 'running', attempts = attempts + 1, locked_until = $1, node = $4 where id in (
			select r.id from ` + table + ` r where (r.` + ready + ` and r.at <= $2 or r.state = 'running' and r.locked_until < $2) ` + besides + `
			order by r.at, r.id limit $3 {skip locked})
		returning ` + columns, Args: []any{now + lease, now, limit, s.node.Load()}, Of: "due " + table, Each: each})
}

// later gives a claimed row back until an instant.
func (s *Store) later(ctx context.Context, table string, id int64, attempt int, again nasdesk.Timestamp) error {
	return s.write(ctx, ErrFenced, Statement{SQL: `update ` + table + ` set state = 'ready', locked_until = 0, at = $3
		where id = $1 and attempts = $2 and state = 'running'`, Args: []any{id, attempt, again}, Of: table})
}

// claim runs a statement that writes and returns rows.
func (s *Store) claim(ctx context.Context, st Statement) error {
	return s.db.tx(ctx, func(Q) ([]Statement, error) { return []Statement{st}, nil })
}

func compare(at, bt nasdesk.Timestamp, a, b int64) int {
	if at != bt {
		return int(min(max(at-bt, -1), 1))
	}
	return int(min(max(a-b, -1), 1))
}

func (s *Store) scanMail(scan Scan) (m nasdesk.OutMail, err error) {
	var requests, refs string
	err = scan(&m.ID, &m.Key, &m.Attempt, &m.DueAt, &m.To, &m.About, &requests, open(s, "mail.subject", &m.Subject), &m.InReplyTo, &refs,
		open(s, "mail.text", &m.Text), open(s, "mail.html", &m.HTML))
	if err != nil {
		return m, err
	}
	for _, id := range strings.Fields(requests) {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return m, err
		}
		m.Requests = append(m.Requests, n)
	}
	return m, json.Unmarshal([]byte(refs), &m.References)
}

// MailSent records that a mail went out under a Message-ID. Unconfirmed: the
// server's last answer was lost, so it may have; it is not sent again.
func (s *Store) MailSent(ctx context.Context, id int64, attempt int, when nasdesk.Timestamp, messageID string, unconfirmed bool) error {
	state := "sent"
	if unconfirmed {
		state = "unconfirmed"
	}
	return s.write(ctx, ErrFenced, Statement{SQL: `update mail set state = $3, locked_until = 0, ended_at = $4, message_id = $5, code = ''
		where id = $1 and attempts = $2 and state = 'running'`, Args: []any{id, attempt, state, when, messageID}, Of: "mail"})
}

// MailFailed records that a mail did not go out, with the server's code. It is
// tried again at an instant, or never again where that is 0.
func (s *Store) MailFailed(ctx context.Context, id int64, attempt int, when, again nasdesk.Timestamp, code string) error {
	if again == 0 {
		return s.write(ctx, ErrFenced, Statement{SQL: `update mail set state = 'failed', locked_until = 0, ended_at = $3, code = $4
			where id = $1 and attempts = $2 and state = 'running'`, Args: []any{id, attempt, when, code}, Of: "mail"})
	}
	return s.write(ctx, ErrFenced, Statement{SQL: `update mail set state = 'ready', locked_until = 0, at = $3, code = $4
		where id = $1 and attempts = $2 and state = 'running'`, Args: []any{id, attempt, again, code}, Of: "mail"})
}

// DueWork claims account work whose day has come, oldest first, at most limit.
// The actions of one request are done in their order: none is given out while
// an earlier one is not begun, or has not said which account it is about. One on a
// new account names it by the address that it was given: the address proposed may
// be a namesake's. What the directory reports comes back as an Event
// through Decide, which marks the row in the same commit.
func (s *Store) DueWork(ctx context.Context, now nasdesk.Timestamp, limit int, lease nasdesk.Timestamp) ([]nasdesk.OutWork, error) {
	var out []nasdesk.OutWork
	err := s.claimRows(ctx, "work", `state in ('ready', 'pending')`, `and not exists (select 1 from work e where e.request = r.request and e.id < r.id
				and (e.begun = 0 and e.state in ('ready', 'running', 'failed') or e.account = '' and e.state in ('running', 'pending')))`,
		`id, key, attempts, due_at, request, action, begun`, now, limit, lease, func(scan Scan) error {
			var w nasdesk.OutWork
			var begun int64
			err := scan(&w.ID, &w.Key, &w.Attempt, &w.DueAt, &w.Request, s.openTo("work.action", jsonInto(&w.Action)), &begun)
			if begun == 1 {
				w.State = nasdesk.WorkPending
			}
			w.Action.Key = w.Key
			out = append(out, w)
			return err
		})
	slices.SortFunc(out, func(a, b nasdesk.OutWork) int { return compare(a.DueAt, b.DueAt, a.ID, b.ID) })
	if err != nil {
		return out, err
	}
	return out, s.given(ctx, eachOf(out, func(w *nasdesk.OutWork) asked { return asked{w.Request, &w.Action} }))
}

func eachOf[T, U any](in []T, f func(*T) U) []U {
	out := make([]U, len(in))
	for i := range in {
		out[i] = f(&in[i])
	}
	return out
}

// WorkLater gives claimed or pending work back until an instant: the directory
// could not be reached, or there is nothing new.
func (s *Store) WorkLater(ctx context.Context, id int64, attempt int, again nasdesk.Timestamp) error {
	return s.write(ctx, ErrFenced, Statement{SQL: `update work set state = case when begun = 1 then 'pending' else 'ready' end, locked_until = 0, at = $3
		where id = $1 and attempts = $2 and state in ('running', 'pending')`, Args: []any{id, attempt, again}, Of: "work"})
}

// DueDates claims dates that have come, earliest first, at most limit. Each
// becomes an Event under its own key.
func (s *Store) DueDates(ctx context.Context, now nasdesk.Timestamp, limit int, lease nasdesk.Timestamp) ([]nasdesk.OutDate, error) {
	var out []nasdesk.OutDate
	err := s.claimRows(ctx, "due", `state = 'ready'`, "", `id, key, attempts, request, what, due_at`, now, limit, lease, func(scan Scan) error {
		var x nasdesk.OutDate
		err := scan(&x.ID, &x.Key, &x.Attempt, &x.Request, &x.What, &x.At)
		out = append(out, x)
		return err
	})
	slices.SortFunc(out, func(a, b nasdesk.OutDate) int { return compare(a.At, b.At, a.ID, b.ID) })
	return out, err
}

// DateLater gives a claimed date back until an instant.
func (s *Store) DateLater(ctx context.Context, id int64, attempt int, again nasdesk.Timestamp) error {
	return s.later(ctx, "due", id, attempt, again)
}

// DateDone ends a claimed date whose event was decided before.
func (s *Store) DateDone(ctx context.Context, id int64, attempt int) error {
	return s.write(ctx, ErrFenced, Statement{SQL: `update due set state = 'done', locked_until = 0
		where id = $1 and attempts = $2 and state = 'running'`, Args: []any{id, attempt}, Of: "date"})
}

// NextDue returns the instant at which something falls due next, or false if
// nothing waits: how long the outbox may sleep.
func (s *Store) NextDue(ctx context.Context) (nasdesk.Timestamp, bool, error) {
	var at *int64
	err := s.db.reader().Do(ctx, Statement{SQL: `select min(at) from (
		select min(at) as at from mail where state = 'ready' and waits = 0
		union all select min(locked_until) from mail where state = 'running'
		union all select min(at) from work where state in ('ready', 'pending')
		union all select min(locked_until) from work where state = 'running'
		union all select min(at) from due where state = 'ready'
		union all select min(locked_until) from due where state = 'running'
		union all select min(at) from deadline where state = 'ready'
		union all select min(locked_until) from deadline where state = 'running'
		union all select min(at) from click where state = 'ready'
		union all select min(locked_until) from click where state = 'running') next`,
		Each: func(scan Scan) error { return scan(&at) }})
	if err != nil || at == nil {
		return 0, false, err
	}
	return nasdesk.Timestamp(*at), true, nil
}

// RepliesSince counts the mails that went out, or may have, to an address since
// an instant: its budget. A to of "" counts those to all.
func (s *Store) RepliesSince(ctx context.Context, to nasdesk.Address, since nasdesk.Timestamp) (int, error) {
	var n int64
	where, args := `recipient = $2 and`, []any{since, to}
	if to == "" {
		where, args = ``, args[:1]
	}
	err := s.db.reader().Do(ctx, Statement{SQL: `select count(*) from mail where ` + where + ` ended_at >= $1 and state in ('sent', 'unconfirmed')`,
		Args: args, Each: func(scan Scan) error { return scan(&n) }, Of: "budget"})
	return int(n), err
}
