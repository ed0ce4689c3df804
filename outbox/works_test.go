package outbox

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"nasdesk"
	"nasdesk/outbox/directory"
)

// shop is Works with the simulated directory, its rows and the events reported.
type shop struct {
	*Works
	rows   *workRows
	clock  *clock
	bell   *bell
	events []nasdesk.Event
	broken int // so many reports fail
}

func newShop(wait time.Duration, actions ...nasdesk.Action) *shop {
	s := &shop{rows: new(workRows), clock: &clock{now: start}, bell: new(bell)}
	s.rows.add(start, actions...)
	s.Works = &Works{Loop: loopAt(s.clock, s.bell), Rows: s.rows, Report: s.report,
		Directory: directory.NewSimulated(directory.Simulation{Now: s.clock.read, Min: wait, Max: wait})}
	return s
}

func (s *shop) report(_ context.Context, e nasdesk.Event) error {
	if s.broken > 0 {
		s.broken--
		return errors.New("the case is stale")
	}
	s.events = append(s.events, e)
	s.rows.commit(*e.Work)
	return nil
}

func (s *shop) pass(t *testing.T, want int) {
	t.Helper()
	if n, err := s.Once(t.Context()); err != nil || n != want {
		t.Fatalf("Once: %d rows, %v; want %d", n, err, want)
	}
}

// keys are those of the events reported.
func (s *shop) keys() []string {
	var out []string
	for _, e := range s.events {
		out = append(out, e.Key)
	}
	return out
}

func createAnn() nasdesk.Action {
	return nasdesk.Action{Key: "r1/create", Name: nasdesk.CreateAccount, Mailbox: them, Account: "ann.example@nhs.net", Mobile: "07700900001"}
}

func linkAnn() nasdesk.Action {
	return nasdesk.Action{Key: "r1/link", Name: nasdesk.LinkMember, Mailbox: them, Account: "ann.example@nhs.net", Role: nasdesk.Member}
}

func TestWorksReportsWhatIsDone(t *testing.T) {
	s := newShop(0, createAnn(), linkAnn())
	s.pass(t, 2)
	s.pass(t, 0)
	if want := []string{"work:r1/create:done", "work:r1/link:done"}; !slices.Equal(s.keys(), want) {
		t.Fatalf("events %q, want %q", s.keys(), want)
	}
	e := s.events[0]
	if e.At != nasdesk.TimestampOf(start) || e.Work == nil || *e.Work != (nasdesk.WorkEvent{Request: 1, Action: "r1/create", State: nasdesk.WorkDone, Account: "ann.example@nhs.net"}) {
		t.Errorf("%+v %+v", e, e.Work)
	}
	if h := s.rows.row(1); h.ended != "done" {
		t.Errorf("the row ended %q", h.ended)
	}
}

func TestWorksComesBackToWhatIsPending(t *testing.T) {
	s := newShop(5*time.Hour, createAnn())
	s.pass(t, 1)
	s.pass(t, 0)
	h := s.rows.row(1)
	if h.row.State != nasdesk.WorkPending || h.due != nasdesk.TimestampOf(start.Add(5*time.Hour)) {
		t.Errorf("pending until %v: %+v", h.due.Time(), h.row)
	}
	s.clock.pass(5*time.Hour - time.Microsecond)
	s.pass(t, 0)
	s.clock.pass(time.Microsecond)
	s.pass(t, 1)
	if want := []string{"work:r1/create:pending", "work:r1/create:done"}; !slices.Equal(s.keys(), want) {
		t.Errorf("events %q, want %q", s.keys(), want)
	}
}

// A directory that was restarted has forgotten what it began: it is told again,
// and the beginning is not reported a second time.
func TestWorksBeginsAgainWhatWasForgotten(t *testing.T) {
	s := newShop(time.Hour, createAnn())
	s.pass(t, 1)
	s.Directory = directory.NewSimulated(directory.Simulation{Now: s.clock.read, Min: time.Hour, Max: time.Hour})
	for range 2 {
		s.clock.pass(time.Hour)
		s.pass(t, 1)
	}
	if want := []string{"work:r1/create:pending", "work:r1/create:done"}; !slices.Equal(s.keys(), want) {
		t.Errorf("events %q, want %q", s.keys(), want)
	}
}

func TestWorksFailsForGood(t *testing.T) {
	s := newShop(0, nasdesk.Action{Key: "r1/x", Name: "dance"})
	s.pass(t, 1)
	if h := s.rows.row(1); h.ended != "failed" || len(s.events) != 1 || s.events[0].Work.State != nasdesk.WorkFailed || s.events[0].Work.Detail == "" {
		t.Errorf("%+v, events %+v", h, s.events)
	}
}

// A crash between the work and its report: the row is claimed again, and the
// directory does nothing twice.
func TestWorksSurvivesACrashBeforeTheReport(t *testing.T) {
	s := newShop(0, createAnn())
	rows, _ := s.rows.DueWork(t.Context(), nasdesk.TimestampOf(start), 1, 60e6)
	if _, err := s.Directory.Do(t.Context(), rows[0].Action); err != nil {
		t.Fatal(err)
	}
	s.pass(t, 0) // the lease still holds
	s.clock.pass(time.Minute)
	s.pass(t, 1)
	if !slices.Equal(s.keys(), []string{"work:r1/create:done"}) || s.events[0].Work.Account != "ann.example@nhs.net" {
		t.Errorf("events %q", s.keys())
	}
	if err := s.away(t.Context(), rows[0], errors.New("late")); err != nil { // the old worker
		t.Errorf("a row that is no longer ours counts as a failure: %v", err)
	}
}

func TestWorksPutsOffWhatItCannotReport(t *testing.T) {
	s := newShop(0, createAnn())
	s.broken = 1
	if _, err := s.Once(t.Context()); err == nil {
		t.Error("the failing report was not told of")
	}
	s.clock.pass(time.Minute)
	s.pass(t, 1)
	if h := s.rows.row(1); h.ended != "done" || len(s.events) != 1 {
		t.Errorf("%+v, events %q", h, s.keys())
	}
}

// away is a directory that cannot be asked.
type away struct{ directory.Directory }

func (away) Do(context.Context, nasdesk.Action) (nasdesk.WorkReport, error) {
	return nasdesk.WorkReport{}, errors.New("no route to the directory")
}

func TestWorksWaitsForADirectoryThatIsAway(t *testing.T) {
	s := newShop(0, createAnn())
	there := s.Directory
	s.Directory = away{there}
	for _, wait := range []time.Duration{1, 2, 4} {
		s.pass(t, 1)
		s.clock.pass(wait*time.Minute - time.Microsecond)
		s.pass(t, 0)
		s.clock.pass(time.Microsecond)
	}
	if len(s.events) != 0 || !s.bell.is(AlarmWork) {
		t.Errorf("events %q, alarms %q", s.keys(), s.bell.rung)
	}
	s.Directory = there
	s.pass(t, 1)
	if !slices.Equal(s.keys(), []string{"work:r1/create:done"}) {
		t.Errorf("events %q", s.keys())
	}
}

func TestWorksGivesUpToStaff(t *testing.T) {
	s := newShop(0, createAnn())
	s.Directory = away{s.Directory}
	s.clock.pass(GiveUp)
	s.pass(t, 1)
	if h := s.rows.row(1); h.ended != "failed" || s.events[0].Work.Detail == "" {
		t.Errorf("%+v, events %+v", h, s.events)
	}
}

func TestDatesRaisesEachOnce(t *testing.T) {
	rows, c, b := new(dateRows), &clock{now: start.Add(-time.Microsecond)}, new(bell)
	rows.add("r4/remind", "r4/lapse")
	var events []nasdesk.Event
	broken := 1
	d := &Dates{Loop: loopAt(c, b), Rows: rows, Report: func(_ context.Context, e nasdesk.Event) error {
		if broken > 0 {
			broken--
			return errors.New("the case is stale")
		}
		events = append(events, e)
		return nil
	}}
	if n, err := d.Once(t.Context()); n != 0 || err != nil {
		t.Fatalf("before its time: %d, %v", n, err)
	}
	c.pass(time.Microsecond)
	if n, err := d.Once(t.Context()); n != 2 || err == nil {
		t.Fatalf("%d, %v; want 2 and the failed report", n, err)
	}
	c.pass(time.Minute)
	if n, err := d.Once(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if len(events) != 2 || events[1].Key != "r4/remind" || events[1].At != nasdesk.TimestampOf(c.read()) ||
		*events[1].Due != (nasdesk.DueEvent{Request: 4, What: nasdesk.DueRemind}) {
		t.Errorf("%+v", events)
	}
}

// A fault of ours neither ends the loop nor stands in the way of other rows.
func TestRunOutlivesAPanic(t *testing.T) {
	rows, c, b := new(dateRows), &clock{now: start}, new(bell)
	rows.add("a", "b")
	wake := make(chan struct{})
	l := loopAt(c, b)
	l.Wake, l.Every, l.Batch = func() <-chan struct{} { return wake }, time.Hour, 1
	ctx, cancel := context.WithCancel(t.Context())
	var seen []string
	d := &Dates{Loop: l, Rows: rows, Report: func(_ context.Context, e nasdesk.Event) error {
		seen = append(seen, e.Key)
		if e.Key == "a" {
			panic("ours")
		}
		return nil
	}}
	done := make(chan error)
	go func() { done <- d.Run(ctx) }()
	wake <- struct{}{}
	wake <- struct{}{}
	cancel()
	if h := rows.row(1); h.ended != "" || h.due != nasdesk.TimestampOf(start.Add(time.Minute)) {
		t.Errorf("the faulty row is %q, due %v", h.ended, h.due.Time())
	}
	if err := <-done; err != nil || !slices.Equal(seen, []string{"a", "b"}) || !b.is(AlarmFault) {
		t.Errorf("%v, seen %q", err, seen)
	}
}
