package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"nasdesk"
)

// WorkRows are the rows of account work, in the store. The attempt is a fence, as
// in MailRows.
type WorkRows interface {
	// DueWork claims at most limit pieces of work that are due at now, the oldest
	// first, or whose lease has run out. The actions of one request are done in
	// their order: one is due only when those before it are done or pending, for
	// an account is made before it is linked.
	DueWork(ctx context.Context, now nasdesk.Timestamp, limit int, lease nasdesk.Timestamp) ([]nasdesk.OutWork, error)
	// WorkLater gives the row back, due again at again: pending work to look at, or
	// work that could not be tried.
	WorkLater(ctx context.Context, id int64, attempt int, again nasdesk.Timestamp) error
}

// A Directory is where accounts are made and changed; package directory has the
// contract in full.
type Directory interface {
	Do(context.Context, nasdesk.Action) (nasdesk.WorkReport, error)
	Look(context.Context, nasdesk.Action) (nasdesk.WorkReport, error)
}

// AlarmWork is raised while the directory cannot be reached.
const AlarmWork = "account work cannot be done"

// Works has the account work done.
type Works struct {
	Loop
	Rows      WorkRows
	Directory Directory
	// Report commits an event, and with it the state of the row; cmd wires it to the
	// store and Step. It may see the same event again, under the same key, and
	// returns nil for one that was committed before.
	Report  func(context.Context, nasdesk.Event) error
	Backoff Backoff
	GiveUp  time.Duration // 0: GiveUp
}

// Run works until ctx is cancelled. The action under way is finished; the others
// of its batch wait for their lease to run out, which harms nothing.
func (w *Works) Run(ctx context.Context) error { return w.run(ctx, "work", w.Once) }

// Once does all the work that is due now and returns how many rows it dealt with.
func (w *Works) Once(ctx context.Context) (int, error) {
	return each(ctx, &w.Loop, "account work", func() ([]nasdesk.OutWork, error) {
		return w.Rows.DueWork(ctx, w.now(), w.batch(), w.span())
	}, w.one)
}

func (w *Works) one(ctx context.Context, row nasdesk.OutWork) (err error) {
	ctx, cancel := recording(ctx)
	defer cancel()
	defer w.caught(ctx, &err, func() error { return w.later(ctx, row) })
	r, err := w.ask(ctx, row)
	if err != nil {
		return w.away(ctx, row, err)
	}
	w.clear(AlarmWork)
	switch r.State {
	case nasdesk.WorkPending:
		return w.pending(ctx, row, r)
	case nasdesk.WorkDone, nasdesk.WorkFailed:
		return w.report(ctx, row, r)
	}
	return w.away(ctx, row, fmt.Errorf("the directory reports state %q of %s, which is none", r.State, row.Action.Name))
}

// ask looks at work that is under way, and does what was never begun; a directory
// that knows nothing of work that it had begun is told once more.
func (w *Works) ask(ctx context.Context, row nasdesk.OutWork) (nasdesk.WorkReport, error) {
	if row.State == nasdesk.WorkPending {
		if r, err := w.Directory.Look(ctx, row.Action); err != nil || r.State != "" {
			return r, err
		}
	}
	return w.Directory.Do(ctx, row.Action)
}

// pending tells of the beginning once, and comes back when the directory says.
func (w *Works) pending(ctx context.Context, row nasdesk.OutWork, r nasdesk.WorkReport) error {
	if row.State != nasdesk.WorkPending {
		if err := w.report(ctx, row, r); err != nil {
			return err
		}
	}
	at := r.Again
	if at <= w.now() {
		at = w.after(w.Backoff, row.Attempt)
	}
	return w.noted("putting account work off", w.Rows.WorkLater(ctx, row.ID, row.Attempt, at))
}

// report commits what the directory says under a key of the action and its state,
// so that a repeat after a crash changes nothing. If it fails, the row is put off
// and the directory asked again, which is safe.
func (w *Works) report(ctx context.Context, row nasdesk.OutWork, r nasdesk.WorkReport) error {
	err := w.Report(ctx, nasdesk.Event{
		Key:  WorkKey(row.Key, r.State),
		At:   w.now(),
		Work: &nasdesk.WorkEvent{Request: row.Request, Action: row.Key, State: r.State, Account: r.Account, Detail: r.Detail, Trace: r.Trace, People: r.People},
	})
	if err == nil {
		return nil
	}
	return wrap(fmt.Sprintf("reporting work %d as %s", row.ID, r.State), errors.Join(err, w.later(ctx, row)))
}

func (w *Works) later(ctx context.Context, row nasdesk.OutWork) error {
	return w.noted("putting account work off", w.Rows.WorkLater(ctx, row.ID, row.Attempt, w.after(w.Backoff, row.Attempt)))
}

// WorkKey is the key of the event that an action has come to a state.
func WorkKey(action string, s nasdesk.WorkState) string { return "work:" + action + ":" + string(s) }

// away puts work off while the directory cannot be asked. After days of it the
// work has failed, and goes to staff.
func (w *Works) away(ctx context.Context, row nasdesk.OutWork, err error) error {
	w.raise(ctx, AlarmWork, err.Error())
	if w.Now().Sub(row.DueAt.Time()) >= or(w.GiveUp, GiveUp) {
		return w.report(ctx, row, nasdesk.WorkReport{State: nasdesk.WorkFailed, Account: row.Action.Account, Detail: "given up: the directory could not be asked for days"})
	}
	w.log().Info("outbox: account work is tried again later", "reference", referenceIn(row.Key), "work", row.ID, "attempt", row.Attempt, "err", err)
	return w.later(ctx, row)
}
