package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"nasdesk"
)

// DateRows are the rows of dates, in the store. The attempt is a fence, as in
// MailRows.
type DateRows interface {
	// DueDates claims at most limit dates that have come at now, the oldest first,
	// or whose lease has run out.
	DueDates(ctx context.Context, now nasdesk.Timestamp, limit int, lease time.Duration) ([]nasdesk.OutDate, error)
	// DateAgain gives the row back, due again at at.
	DateAgain(ctx context.Context, id int64, attempt int, at nasdesk.Timestamp, code string) error
	// DateEnded ends the row. The event is committed before; a row that the commit
	// has ended already stays as it is.
	DateEnded(ctx context.Context, id int64, attempt int) error
}

// Dates raises the dates that have come.
type Dates struct {
	Loop
	Rows DateRows
	// Report commits an event; cmd wires it to the store and Step. It may see the
	// same event again, under the same key.
	Report  func(context.Context, nasdesk.Event) error
	Backoff Backoff
}

// Run raises dates until ctx is cancelled.
func (d *Dates) Run(ctx context.Context) error { return d.run(ctx, "dates", d.Once) }

// Once raises every date that has come and returns how many rows it dealt with. A
// date is never given up: it is tried until its event is committed.
func (d *Dates) Once(ctx context.Context) (int, error) {
	return each(ctx, "dates", func() ([]nasdesk.OutDate, error) {
		return d.Rows.DueDates(ctx, d.now(), d.batch(), d.lease())
	}, d.one)
}

func (d *Dates) one(ctx context.Context, row nasdesk.OutDate) error {
	ctx, cancel := recording(ctx)
	defer cancel()
	err := d.Report(ctx, nasdesk.Event{Key: DateKey(row.Key), At: d.now(), Due: &nasdesk.DueEvent{Request: row.Request, What: row.What}})
	if err != nil {
		put := d.Rows.DateAgain(ctx, row.ID, row.Attempt, d.after(d.Backoff, row.Attempt), "the event could not be committed")
		return wrap(fmt.Sprintf("raising date %d (%s)", row.ID, row.What), errors.Join(err, put))
	}
	return wrap("ending a date", d.Rows.DateEnded(ctx, row.ID, row.Attempt))
}

// DateKey is the key of the event that a date has come.
func DateKey(date string) string { return "date:" + date }
