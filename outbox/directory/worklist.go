package directory

import (
	"context"
	"fmt"
	"time"

	"nasdesk"
)

// Orders are where the orders of a worklist stand: the rows of account work, in
// the store.
type Orders interface {
	// WorkStanding says how the work of a key stands as people have reported it. The
	// State is "" for work that is not on the list yet.
	WorkStanding(ctx context.Context, key string) (nasdesk.WorkReport, error)
}

// A Worklist is the directory of a desk whose people work in the NHS.net portal.
// What it is told to do becomes an order on their list, and stays pending until
// one of them reports what came of it. It keeps nothing of its own: the row of
// the work is the order.
//
// People look first, for they alone see the portal. So a Look at what was never
// begun cannot say that it is so already; the person who takes up the order
// finds out, and reports it done.
type Worklist struct {
	Orders Orders
	Now    func() time.Time
	// Every is how long a pending order rests before the program looks at it again;
	// a day if zero. What people report does not wait for it.
	Every time.Duration
}

// Do implements Directory: it puts an order on the list, once.
func (w *Worklist) Do(ctx context.Context, a nasdesk.Action) (nasdesk.WorkReport, error) {
	r, err := w.Look(ctx, a)
	if err != nil || r.State != "" {
		return r, err
	}
	r = nasdesk.WorkReport{State: nasdesk.WorkPending, Again: w.again(), People: true}
	if a.Name != nasdesk.CreateAccount {
		r.Account = a.Account // of a new account the portal decides
	}
	return r, nil
}

// Look implements Directory.
func (w *Worklist) Look(ctx context.Context, a nasdesk.Action) (nasdesk.WorkReport, error) {
	if a.Key == "" || !known(a.Name) {
		return nasdesk.WorkReport{State: nasdesk.WorkFailed, Detail: fmt.Sprintf("no such action, or one without a key: %q", a.Name)}, nil
	}
	r, err := w.Orders.WorkStanding(ctx, a.Key)
	if err != nil {
		return nasdesk.WorkReport{}, fmt.Errorf("directory: worklist: %s: %w", a.Name, err)
	}
	if r.State == nasdesk.WorkPending {
		r.Again, r.People = w.again(), true
	}
	return r, nil
}

func (w *Worklist) again() nasdesk.Timestamp {
	every := w.Every
	if every <= 0 {
		every = 24 * time.Hour
	}
	return nasdesk.TimestampOf(w.Now().Add(every))
}
