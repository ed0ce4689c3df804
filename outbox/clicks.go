package outbox

import (
	"context"
	"errors"
	"fmt"

	"nasdesk"
)

// ClickRows are the acts of staff that wait until they can no longer be undone,
// in the store. The attempt is a fence, as in MailRows.
type ClickRows interface {
	// DueClicks claims at most limit acts whose time has come at now, the oldest
	// first, or whose lease has run out.
	DueClicks(ctx context.Context, now nasdesk.Timestamp, limit int, lease nasdesk.Timestamp) ([]nasdesk.OutClick, error)
	// ClickLater gives the row back, due again at again.
	ClickLater(ctx context.Context, id int64, attempt int, again nasdesk.Timestamp) error
	// ClickEnded ends the row: done, or hindered by why.
	ClickEnded(ctx context.Context, id int64, attempt int, why nasdesk.Hindrance) error
}

// Clicks has the acts of staff done when their time has come.
type Clicks struct {
	Loop
	Rows ClickRows
	// Do commits what follows from an act under its key; cmd wires it to the store
	// and Step. Of an act that was committed before it returns what it did then.
	Do      func(context.Context, nasdesk.OutClick) (nasdesk.Decision, error)
	Backoff Backoff
}

// Run works until ctx is cancelled.
func (c *Clicks) Run(ctx context.Context) error { return c.run(ctx, "clicks", c.Once) }

// Once does every act whose time has come and returns how many rows it dealt with.
func (c *Clicks) Once(ctx context.Context) (int, error) {
	return each(ctx, &c.Loop, "acts of staff", func() ([]nasdesk.OutClick, error) {
		return c.Rows.DueClicks(ctx, c.now(), c.batch(), c.span())
	}, c.one)
}

func (c *Clicks) one(ctx context.Context, row nasdesk.OutClick) (err error) {
	ctx, cancel := recording(ctx)
	defer cancel()
	defer c.caught(ctx, &err, func() error { return c.later(ctx, row) })
	d, err := c.Do(ctx, row)
	if err != nil {
		return wrap(fmt.Sprintf("doing act %d (%s)", row.ID, row.Act.Act), errors.Join(err, c.later(ctx, row)))
	}
	return c.noted("ending an act of staff", c.Rows.ClickEnded(ctx, row.ID, row.Attempt, d.Hindered))
}

func (c *Clicks) later(ctx context.Context, row nasdesk.OutClick) error {
	return c.noted("putting an act of staff off", c.Rows.ClickLater(ctx, row.ID, row.Attempt, c.after(c.Backoff, row.Attempt)))
}
