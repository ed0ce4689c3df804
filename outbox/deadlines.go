package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"nasdesk"
)

// DeadlineRows are the rows of long dates, in the store. The attempt is a fence, as
// in MailRows.
type DeadlineRows interface {
	// Unwatched returns some of the accounts that have changed since their
	// deadlines were last reckoned.
	Unwatched(ctx context.Context) ([]nasdesk.Watched, error)
	// Reckoned writes the deadlines that such an account has.
	Reckoned(ctx context.Context, a nasdesk.Account, rows []nasdesk.Deadline) error
	// DueDeadlines claims at most limit deadlines at which it is time to look, the
	// earliest first, or whose lease has run out.
	DueDeadlines(ctx context.Context, now nasdesk.Timestamp, limit int, lease nasdesk.Timestamp) ([]nasdesk.OutDeadline, error)
	// DeadlineLater gives the row back, to be looked at again at again.
	DeadlineLater(ctx context.Context, id int64, attempt int, again nasdesk.Timestamp) error
}

// Deadlines reckons the long dates of accounts that have changed, and has
// mailboxes warned of those that come up.
type Deadlines struct {
	Loop
	Rows DeadlineRows
	// Reckon tells the deadlines of an account as it stands on a day: see
	// workflows.Desk.Deadlines.
	Reckon func(a nasdesk.Account, mailboxes []nasdesk.Address, today nasdesk.Date) []nasdesk.Deadline
	// Open reports whether the desk is open, for nobody is told of dates at night; what
	// comes due then waits. Nil: always.
	Open func(nasdesk.Timestamp) bool
	// Report commits an event, as for Dates.
	Report  func(context.Context, nasdesk.Event) error
	Backoff Backoff
}

// Run works until ctx is cancelled.
func (d *Deadlines) Run(ctx context.Context) error { return d.run(ctx, "deadlines", d.Once) }

// Once reckons what has changed and raises what has come, and returns how many rows
// it dealt with. A deadline is never given up.
func (d *Deadlines) Once(ctx context.Context) (int, error) {
	n, err := each(ctx, &d.Loop, "changed accounts", func() ([]nasdesk.Watched, error) { return d.Rows.Unwatched(ctx) }, d.reckon)
	if err != nil || d.Open != nil && !d.Open(d.now()) {
		return n, err
	}
	m, err := each(ctx, &d.Loop, "deadlines", func() ([]nasdesk.OutDeadline, error) {
		return d.Rows.DueDeadlines(ctx, d.now(), d.batch(), d.span())
	}, d.one)
	return n + m, err
}

func (d *Deadlines) reckon(ctx context.Context, w nasdesk.Watched) error {
	return wrap("reckoning deadlines", d.Rows.Reckoned(ctx, w.Account, d.Reckon(w.Account, w.Mailboxes, nasdesk.DateOf(d.Now()))))
}

// restAfter is for how long a deadline rests that was not dealt with: its mailbox
// has had its letter of the day, and gets no second one.
const restAfter = 12 * time.Hour

// one has a mailbox told of all its deadlines that have come. There is one event
// for a mailbox and a day, whichever of them leads to it.
func (d *Deadlines) one(ctx context.Context, row nasdesk.OutDeadline) (err error) {
	ctx, cancel := recording(ctx)
	defer cancel()
	defer d.caught(ctx, &err, func() error { return d.later(ctx, row, d.after(d.Backoff, row.Attempt)) })
	err = d.Report(ctx, nasdesk.Event{Key: DeadlineKey(row.Mailbox, nasdesk.DateOf(d.Now())), At: d.now(),
		Due: &nasdesk.DueEvent{What: nasdesk.DueWarn, Mailbox: row.Mailbox}})
	if err != nil {
		return wrap(fmt.Sprintf("raising deadline %d", row.ID), errors.Join(err, d.later(ctx, row, d.after(d.Backoff, row.Attempt))))
	}
	// Most often the commit has moved the row on, and it is no longer ours.
	return d.later(ctx, row, nasdesk.TimestampOf(d.Now().Add(restAfter)))
}

func (d *Deadlines) later(ctx context.Context, row nasdesk.OutDeadline, again nasdesk.Timestamp) error {
	err := d.Rows.DeadlineLater(ctx, row.ID, row.Attempt, again)
	if err != nil && d.Fenced != nil && errors.Is(err, d.Fenced) {
		return nil
	}
	return wrap("putting a deadline off", err)
}

// DeadlineKey is the key of the event that a mailbox is told of its dates on a day.
func DeadlineKey(mailbox nasdesk.Address, day nasdesk.Date) string {
	return "dates/" + string(day) + "/" + string(mailbox)
}
