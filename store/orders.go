package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"nasdesk"
)

// Orders are a page of the account work that people have to do.
type Orders struct {
	Rows []WorkRow     // begun and not ended, the oldest first; At is since when
	Case *nasdesk.Case // their requests, mailboxes and accounts, with the namesakes of new ones
	Next string        // cursor of the next page; "" at the end
}

const workColumns = `w.id, w.key, w.request, w.action, w.state, w.due_at, w.ended_at, w.account, w.detail`

func (s *Store) scanWork(scan Scan) (w WorkRow, err error) {
	err = scan(&w.ID, &w.Action.Key, &w.Request, s.openTo("work.action", jsonInto(&w.Action)), &w.State, &w.At, &w.EndedAt, &w.Account, open(s, "work.detail", &w.Detail))
	return w, err
}

// Orders returns at most limit pieces of begun account work behind a cursor, ""
// for the first page.
func (s *Store) Orders(ctx context.Context, after string, limit int) (Orders, error) {
	var o Orders
	at, id, err := orderCursor(after)
	if err != nil {
		return o, err
	}
	err = s.db.reader().Do(ctx, Statement{SQL: `select ` + workColumns + ` from work w
		where w.people = 1 and w.state in ('running', 'pending') and (w.due_at > $1 or w.due_at = $1 and w.id > $2)
		order by w.due_at, w.id limit $3`, Args: []any{at, id, limit + 1}, Of: "orders", Each: func(scan Scan) error {
		w, err := s.scanWork(scan)
		o.Rows = append(o.Rows, w)
		return err
	}})
	if err != nil {
		return o, err
	}
	if len(o.Rows) > limit {
		o.Rows = o.Rows[:limit]
		last := o.Rows[limit-1]
		o.Next = fmt.Sprintf("%d-%d", last.At, last.ID)
	}
	if err := s.given(ctx, eachOf(o.Rows, ofRow)); err != nil {
		return o, err
	}
	o.Case, err = s.Pull(ctx, keysOfWork(o.Rows))
	return o, err
}

// An asked is an action in its request.
type asked struct {
	request int64
	action  *nasdesk.Action
}

// given names a new account in the actions behind its making by the address that
// it was given, where that is not the one proposed.
func (s *Store) given(ctx context.Context, actions []asked) error {
	var requests []int64
	for _, a := range actions {
		if a.action.Name != nasdesk.CreateAccount && a.action.Account != "" {
			requests = append(requests, a.request)
		}
	}
	if len(requests) == 0 {
		return nil
	}
	type made struct {
		request int64
		at      nasdesk.Address
	}
	now := map[made]nasdesk.Address{}
	err := s.db.reader().Do(ctx, Statement{SQL: `select ` + workColumns + ` from work w where w.request in ($1...) and w.account <> ''`,
		Args: []any{requests}, Of: "orders", Each: func(scan Scan) error {
			w, err := s.scanWork(scan)
			if w.Action.Name == nasdesk.CreateAccount {
				now[made{w.Request, w.Action.Account}] = w.Account
			}
			return err
		}})
	for _, a := range actions {
		if at, ok := now[made{a.request, a.action.Account}]; ok && a.action.Name != nasdesk.CreateAccount {
			a.action.Account = at
		}
	}
	return err
}

func ofRow(w *WorkRow) asked { return asked{w.Request, &w.Action} }

func orderCursor(after string) (at nasdesk.Timestamp, id int64, err error) {
	if after == "" {
		return -1 << 62, 0, nil
	}
	if n, err := fmt.Sscanf(after, "%d-%d", &at, &id); n != 2 || err != nil {
		return 0, 0, fmt.Errorf("store: %q is no cursor of orders: begin with the first page", after)
	}
	return at, id, nil
}

// Order returns one piece of account work and what it concerns. ErrNone if there
// is none of that id.
func (s *Store) Order(ctx context.Context, id int64) (WorkRow, *nasdesk.Case, error) {
	var w WorkRow
	found := false
	err := s.db.reader().Do(ctx, Statement{SQL: `select ` + workColumns + ` from work w where w.id = $1`, Args: []any{id}, Of: "order", Each: func(scan Scan) (err error) {
		found = true
		w, err = s.scanWork(scan)
		return err
	}})
	if err == nil && !found {
		err = ErrNone
	}
	if err != nil {
		return w, nil, err
	}
	rows := []WorkRow{w}
	if err := s.given(ctx, eachOf(rows, ofRow)); err != nil {
		return w, nil, err
	}
	c, err := s.Pull(ctx, keysOfWork(rows))
	return rows[0], c, err
}

func keysOfWork(rows []WorkRow) nasdesk.Keys {
	var k nasdesk.Keys
	for _, w := range rows {
		more := nasdesk.Keys{Requests: []int64{w.Request}, Addresses: []nasdesk.Address{w.Action.Mailbox, w.Action.Account}}
		if w.Action.Name == nasdesk.CreateAccount {
			more.Locals = []string{w.Action.Account.Local()}
		}
		k, _ = k.Merge(more)
	}
	k.Addresses = slices.DeleteFunc(k.Addresses, func(a nasdesk.Address) bool { return a == "" })
	return k
}

// WorkStanding says how a piece of account work stands as it was last reported.
// The State is "" for work that was not begun, or is not there.
func (s *Store) WorkStanding(ctx context.Context, key string) (nasdesk.WorkReport, error) {
	var r nasdesk.WorkReport
	err := s.db.reader().Do(ctx, Statement{SQL: `select state, begun, account, detail from work where key = $1`, Args: []any{key}, Of: "work", Each: func(scan Scan) error {
		var state string
		var begun int64
		err := scan(&state, &begun, &r.Account, open(s, "work.detail", &r.Detail))
		switch state {
		case string(nasdesk.WorkDone), string(nasdesk.WorkFailed):
			r.State = nasdesk.WorkState(state)
		default:
			if begun == 1 {
				r.State = nasdesk.WorkPending
			}
		}
		return err
	}})
	return r, err
}

// Batches puts orders together by the mailbox that they are for, in the order of
// the oldest of each.
func (o Orders) Batches() [][]WorkRow {
	at := map[nasdesk.Address]int{}
	var out [][]WorkRow
	for _, w := range o.Rows {
		box := o.mailboxOf(w)
		i, ok := at[box]
		if !ok {
			i, at[box] = len(out), len(out)
			out = append(out, nil)
		}
		out[i] = append(out[i], w)
	}
	for _, batch := range out {
		slices.SortStableFunc(batch, func(a, b WorkRow) int { return cmp.Compare(a.ID, b.ID) })
	}
	return out
}

// mailboxOf is the mailbox that an order is for: that of its request, and of a
// request that concerns another mailbox its own.
func (o Orders) mailboxOf(w WorkRow) nasdesk.Address {
	if r := o.Case.Request(w.Request); r != nil && r.Mailbox != "" {
		return r.Mailbox
	}
	return w.Action.Mailbox
}
