package graph_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"nasdesk"
	"nasdesk/outbox"
	"nasdesk/outbox/directory/graph/graphtest"
)

// A row is one row of account work, as the store keeps it.
type row struct {
	work  nasdesk.OutWork
	at    nasdesk.Timestamp
	ended nasdesk.WorkState
	waits []time.Duration // as the outbox asked for them
	now   func() time.Time
}

func (r *row) DueWork(_ context.Context, now nasdesk.Timestamp, _ int, _ nasdesk.Timestamp) ([]nasdesk.OutWork, error) {
	if r.ended != "" || r.at > now {
		return nil, nil
	}
	r.work.Attempt++
	return []nasdesk.OutWork{r.work}, nil
}

func (r *row) WorkLater(_ context.Context, _ int64, _ int, again nasdesk.Timestamp) error {
	r.waits = append(r.waits, again.Time().Sub(r.now()))
	r.at = again
	return nil
}

func (r *row) report(_ context.Context, e nasdesk.Event) error {
	r.work.State = nasdesk.WorkPending
	if e.Work.State != nasdesk.WorkPending {
		r.ended = e.Work.State
	}
	return nil
}

// The outbox lets the row wait as long as Graph says: to the second where it is
// throttled, and no alarm is raised for that.
func TestTheOutboxWaitsAsTold(t *testing.T) {
	w := newTenant(t, graphtest.Mode{})
	m := w.nth(6, graphtest.Answer{Status: 429, RetryAfter: "17"})
	m.Provision = 12 * time.Minute
	w.Set(m)
	r := &row{work: nasdesk.OutWork{ID: 1, Key: "k", Action: create("k"), DueAt: nasdesk.TimestampOf(w.clock.now())}, now: w.clock.now}
	works := outbox.Works{Rows: r, Directory: w.open(t), Report: r.report, Loop: outbox.Loop{Now: w.clock.now, Log: slog.New(slog.DiscardHandler),
		Alarm: func(_ context.Context, what, detail string) { t.Errorf("alarm: %s: %s", what, detail) }}}
	for range 20 {
		if _, err := works.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		if r.ended != "" {
			break
		}
		w.clock.move(r.at.Time().Sub(w.clock.now()))
	}
	want := []time.Duration{17 * time.Second, 5 * time.Minute, 5 * time.Minute, 5 * time.Minute}
	if r.ended != nasdesk.WorkDone || len(r.waits) != len(want) {
		t.Fatalf("ended as %q, after %v", r.ended, r.waits)
	}
	for i := range want {
		if r.waits[i] != want[i] {
			t.Errorf("it waited %v, want %v", r.waits, want)
		}
	}
}
