package outbox

import (
	"context"
	"errors"
	"fmt"

	"nasdesk"
)

// DateRows are the rows of dates, in the store. The attempt is a fence, as in
// MailRows.
type DateRows interface {
	// DueDates claims at most limit dates that have come at now, the oldest first,
	// or whose lease has run out.
	DueDates(ctx context.Context, now nasdesk.Timestamp, limit int, lease nasdesk.Timestamp) ([]nasdesk.OutDate, error)
	// DateLater gives the row back, due again at again.
	DateLater(ctx context.Context, id int64, attempt int, again nasdesk.Timestamp) error
	// DateDone ends the row, unless the commit of its event has.
	DateDone(ctx context.Context, id int64, attempt int) error
}

// Dates raises the dates that have come.
type Dates struct {
	Loop
	Rows DateRows
	// Report commits an event; cmd wires it to the store and Step. It may see the
	// same event again, under the same key, and returns nil for one that was
	// committed before.
	Report  func(context.Context, nasdesk.Event) error
	Backoff Backoff
}

// Run raises dates until ctx is cancelled.
func (d *Dates) Run(ctx context.Context) error { return d.run(ctx, "dates", d.Once) }

// Once raises every date that has come and returns how many rows it dealt with. A
// date is never given up: it is tried until its event is committed.
func (d *Dates) Once(ctx context.Context) (int, error) {
	return each(ctx, &d.Loop, "dates", func() ([]nasdesk.OutDate, error) {
		return d.Rows.DueDates(ctx, d.now(), d.batch(), d.span())
	}, d.one)
}

func (d *Dates) one(ctx context.Context, row nasdesk.OutDate) (err error) {
	ctx, cancel := recording(ctx)
	defer cancel()
	defer d.caught(ctx, &err, func() error { return d.later(ctx, row) })
	err = d.Report(ctx, nasdesk.Event{Key: row.Key, At: d.now(), Due: &nasdesk.DueEvent{Request: row.Request, What: row.What}})
	if err != nil {
		return wrap(fmt.Sprintf("raising date %d (%s)", row.ID, row.What), errors.Join(err, d.later(ctx, row)))
	}
	if err := d.Rows.DateDone(ctx, row.ID, row.Attempt); err != nil {
		// Most often the commit has ended the row already. If not, it is claimed
		// again, and its event is known.
		d.log().Debug("outbox: a date is not ended a second time", "date", row.ID, "err", err)
	}
	return nil
}

func (d *Dates) later(ctx context.Context, row nasdesk.OutDate) error {
	return d.noted("putting a date off", d.Rows.DateLater(ctx, row.ID, row.Attempt, d.after(d.Backoff, row.Attempt)))
}
