package store

import (
	"context"
	"errors"
	"slices"

	"nasdesk"
)

var (
	// ErrTooLate says that an act of staff is done, under way or undone already.
	ErrTooLate = errors.New("store: it is too late: this act is done, under way or undone already")
	// ErrSamePerson says that who proposed an act cannot agree to it.
	ErrSamePerson = errors.New("store: a second person has to agree, not the one who proposed it")
)

// clickLease is for how long an act is its caller's that is done at once.
const clickLease = nasdesk.Timestamp(60 * 1e6)

// PutClick keeps an act of staff that waits: proposed, for a second person, or
// ready, to be done at an instant; or that its caller does at once: running, which
// is a claim, with the attempt 1. It returns the click's id.
func (s *Store) PutClick(ctx context.Context, ev nasdesk.StaffEvent, st ClickState, made, at nasdesk.Timestamp) (int64, error) {
	var id, attempts, node int64
	var lease nasdesk.Timestamp
	if st == ClickRunning {
		attempts, node, lease = 1, s.node.Load(), made+clickLease
	}
	err := s.db.tx(ctx, func(q Q) ([]Statement, error) {
		err := q.Do(ctx, Statement{SQL: `insert into click (act, name, by_name, second, request, message, state, made_at, at, attempts, node, locked_until)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning id`,
			Args: []any{s.seal("click.act", jsonText(ev)), ev.Act, ev.By, ev.Second, ev.Request, ev.Message, st, made, at, attempts, node, lease}, Of: "act of staff",
			Each: func(scan Scan) error { return scan(&id) }})
		what := "staff-planned"
		if st == ClickProposed {
			what = "staff-proposed"
		}
		return []Statement{clickLine(id, ev, made, what, ev.By)}, err
	})
	if err == nil {
		s.committed(st == ClickReady)
	}
	return id, err
}

// clickLine is the journal's line on an act of staff: who did what with it.
func clickLine(id int64, ev nasdesk.StaffEvent, at nasdesk.Timestamp, what, by string) Statement {
	return Statement{SQL: `insert into journal (at, event, request, what, subject, detail) values ($1, $2, $3, $4, '', $5)`,
		Args: []any{at, nasdesk.OutClick{ID: id}.Key(), ev.Request, what, string(ev.Act) + " by " + by}, Of: "journal"}
}

const clickColumns = `c.id, c.act, c.second, c.state, c.made_at, c.at, c.why, c.attempts`

func (s *Store) eachClick(into *[]Click) func(Scan) error {
	return func(scan Scan) error {
		var c Click
		var second string
		err := scan(&c.ID, s.openTo("click.act", jsonInto(&c.Act)), &second, &c.State, &c.MadeAt, &c.At, &c.Why, &c.Attempt)
		c.Act.Second = second
		*into = append(*into, c)
		return err
	}
}

// Click returns an act of staff; ErrNone if there is none of that id.
func (s *Store) Click(ctx context.Context, id int64) (Click, error) {
	var found []Click
	err := s.one(ctx, Statement{SQL: `select ` + clickColumns + ` from click c where c.id = $1`, Args: []any{id}, Of: "act of staff", Each: s.eachClick(&found)})
	if err != nil {
		return Click{}, err
	}
	return found[0], nil
}

// UndoClick takes back an act that waits: by the one who did it, or by the second
// person, who declines it. ErrTooLate if it waits no longer, ErrNone if there is
// none.
func (s *Store) UndoClick(ctx context.Context, id int64, by string, now nasdesk.Timestamp) error {
	return s.turnClick(ctx, id, now, "staff-undone", by, nil, Statement{SQL: `update click set state = 'undone'
		where id = $1 and state in ('proposed', 'ready') returning id`, Args: []any{id}})
}

// AgreeClick lets a second person agree to an act that was proposed: it is done
// at an instant. ErrSamePerson if it is the first; ErrTooLate if it is no longer
// proposed; ErrNone if there is none.
func (s *Store) AgreeClick(ctx context.Context, id int64, second string, at nasdesk.Timestamp) error {
	other := func(c Click) error {
		if second == "" || c.Act.By == second {
			return ErrSamePerson
		}
		return nil
	}
	return s.turnClick(ctx, id, at, "staff-agreed", second, other, Statement{SQL: `update click set state = 'ready', second = $2, at = $3
		where id = $1 and state = 'proposed' returning id`, Args: []any{id, second, at}})
}

// turnClick turns a click that may be turned, and writes who did it.
func (s *Store) turnClick(ctx context.Context, id int64, at nasdesk.Timestamp, what, by string, may func(Click) error, turn Statement) error {
	err := s.db.tx(ctx, func(q Q) ([]Statement, error) {
		var found []Click
		if err := q.Do(ctx, Statement{SQL: `select ` + clickColumns + ` from click c where c.id = $1`, Args: []any{id}, Each: s.eachClick(&found), Of: "act of staff"}); err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, statementError(Statement{Of: "act of staff"}, ErrNone)
		}
		if may != nil {
			if err := may(found[0]); err != nil {
				return nil, err
			}
		}
		turned := false
		turn.Each, turn.Of = func(scan Scan) error { turned = true; return nil }, "act of staff"
		if err := q.Do(ctx, turn); err != nil {
			return nil, err
		}
		if !turned {
			return nil, ErrTooLate
		}
		return []Statement{clickLine(id, found[0].Act, at, what, by)}, nil
	})
	if err == nil {
		s.committed(true)
	}
	return err
}

// DueClicks claims acts of staff whose time has come, oldest first, at most
// limit. Each becomes an Event under its own key.
func (s *Store) DueClicks(ctx context.Context, now nasdesk.Timestamp, limit int, lease nasdesk.Timestamp) ([]nasdesk.OutClick, error) {
	var found []Click
	err := s.claimRows(ctx, "click", `state = 'ready'`, "", `id, act, second, state, made_at, at, why, attempts`, now, limit, lease, s.eachClick(&found))
	slices.SortFunc(found, func(a, b Click) int { return compare(a.At, b.At, a.ID, b.ID) })
	var out []nasdesk.OutClick
	for _, c := range found {
		out = append(out, nasdesk.OutClick{ID: c.ID, Attempt: c.Attempt, Act: c.Act})
	}
	return out, err
}

// ClickLater gives a claimed act back until an instant.
func (s *Store) ClickLater(ctx context.Context, id int64, attempt int, again nasdesk.Timestamp) error {
	return s.later(ctx, "click", id, attempt, again)
}

// ClickEnded ends a claimed act: done, or hindered by why.
func (s *Store) ClickEnded(ctx context.Context, id int64, attempt int, why nasdesk.Hindrance) error {
	state := ClickDone
	if why != "" {
		state = ClickHindered
	}
	err := s.write(ctx, ErrFenced, Statement{SQL: `update click set state = $3, why = $4, locked_until = 0
		where id = $1 and attempts = $2 and state = 'running'`, Args: []any{id, attempt, state, why}, Of: "act of staff"})
	if err == nil {
		s.committed(false)
	}
	return err
}
