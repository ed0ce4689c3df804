package directory_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"nasdesk"
	"nasdesk/outbox/directory"
	"nasdesk/outbox/directory/directorytest"
)

// A desk is the people behind a worklist: a list of orders, and a portal in which
// they are worked. It is told of begun work as the store is, by the reports that
// the worker commits.
type desk struct {
	mu      sync.Mutex
	portal  *directory.Simulated
	order   []nasdesk.Action
	reports map[string]nasdesk.WorkReport
}

// WorkStanding implements directory.Orders.
func (d *desk) WorkStanding(ctx context.Context, key string) (nasdesk.WorkReport, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.reports[key], ctx.Err()
}

// begun puts an order on the list.
func (d *desk) begun(a nasdesk.Action, r nasdesk.WorkReport) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r.State != nasdesk.WorkPending || d.reports[a.Key].State != "" {
		return
	}
	r.Again = 0
	d.reports[a.Key] = r
	d.order = append(d.order, a)
}

// tick works every order on the list, the oldest first, and reports it.
func (d *desk) tick(t *testing.T) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, a := range d.order {
		r, err := d.portal.Do(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		d.reports[a.Key] = r
	}
	d.order = nil
}

// A committed is a worklist whose reports are committed, as outbox.Works does.
type committed struct {
	*directory.Worklist
	desk *desk
}

func (c committed) Do(ctx context.Context, a nasdesk.Action) (nasdesk.WorkReport, error) {
	r, err := c.Worklist.Do(ctx, a)
	if err == nil {
		c.desk.begun(a, r)
	}
	return r, err
}

func worklist(clock func() time.Time) committed {
	d := &desk{portal: directory.NewSimulated(directory.Simulation{Now: clock, World: world()}), reports: map[string]nasdesk.WorkReport{}}
	return committed{&directory.Worklist{Orders: d, Now: clock}, d}
}

func TestWorklist(t *testing.T) {
	clock := func() time.Time { return noon }
	directorytest.Run(t, func(*testing.T) directorytest.Bench {
		w := worklist(clock)
		return directorytest.Bench{Directory: w, Now: clock, Settle: w.desk.tick, ByPeople: true}
	})
}

func TestAnOrderStaysPendingUntilPeopleReport(t *testing.T) {
	w := worklist(func() time.Time { return noon })
	a := create("k1")
	for range 3 {
		r, err := w.Do(t.Context(), a)
		if err != nil || r.State != nasdesk.WorkPending || r.Again != nasdesk.TimestampOf(noon.Add(24*time.Hour)) {
			t.Fatalf("%+v, %v", r, err)
		}
		if r.Account != "" {
			t.Errorf("the account has an address, %s, before the portal gave it one", r.Account)
		}
	}
	if n := len(w.desk.order); n != 1 {
		t.Fatalf("told three times, %d orders are on the list", n)
	}
	w.Every = time.Hour
	if r, _ := w.Look(t.Context(), a); r.State != nasdesk.WorkPending || r.Again != nasdesk.TimestampOf(noon.Add(time.Hour)) {
		t.Errorf("looked at every hour: %+v", r)
	}
	w.desk.reports["k1"] = nasdesk.WorkReport{State: nasdesk.WorkPending, Account: "ann.example2@nhs.net"}
	if r, _ := w.Do(t.Context(), a); r.State != nasdesk.WorkPending || r.Account != "ann.example2@nhs.net" {
		t.Errorf("made and not yet active: %+v", r)
	}
}

func TestAnOrderSentBackIsNotBegunAgain(t *testing.T) {
	w := worklist(func() time.Time { return noon })
	a := create("k1")
	if _, err := w.Do(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	back := nasdesk.WorkReport{State: nasdesk.WorkFailed, Detail: "the portal refuses the name"}
	w.desk.reports["k1"] = back
	for _, ask := range []func(context.Context, nasdesk.Action) (nasdesk.WorkReport, error){w.Do, w.Look} {
		if r, err := ask(t.Context(), a); err != nil || r != back {
			t.Errorf("%+v, %v; want %+v", r, err, back)
		}
	}
}

type noList struct{}

func (noList) WorkStanding(context.Context, string) (nasdesk.WorkReport, error) {
	return nasdesk.WorkReport{}, errors.New("no connection")
}

func TestWithoutItsListNothingIsBegun(t *testing.T) {
	w := &directory.Worklist{Orders: noList{}, Now: func() time.Time { return noon }}
	r, err := w.Do(t.Context(), create("k1"))
	if err == nil || r.State != "" || !strings.Contains(err.Error(), "worklist: create-account: no connection") {
		t.Errorf("%+v, %v", r, err)
	}
}
