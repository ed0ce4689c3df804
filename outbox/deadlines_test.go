package outbox

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"nasdesk"
)

// deadlineRows are DeadlineRows: accounts that have changed, and deadlines.
type deadlineRows struct {
	table[nasdesk.OutDeadline]
	changed  []nasdesk.Watched
	reckoned map[nasdesk.Address][]nasdesk.Deadline
}

func (d *deadlineRows) add(mailboxes ...nasdesk.Address) {
	for _, m := range mailboxes {
		row := nasdesk.OutDeadline{ID: int64(len(d.rows) + 1), Mailbox: m, At: nasdesk.TimestampOf(start)}
		d.rows = append(d.rows, &held[nasdesk.OutDeadline]{row: row, due: row.At})
	}
}

func (d *deadlineRows) Unwatched(context.Context) ([]nasdesk.Watched, error) {
	return slices.Clone(d.changed), nil
}

func (d *deadlineRows) Reckoned(_ context.Context, a nasdesk.Account, rows []nasdesk.Deadline) error {
	d.changed = slices.DeleteFunc(d.changed, func(w nasdesk.Watched) bool { return w.Address == a.Address })
	d.reckoned[a.Address] = rows
	return nil
}

func (d *deadlineRows) DueDeadlines(_ context.Context, now nasdesk.Timestamp, limit int, lease nasdesk.Timestamp) ([]nasdesk.OutDeadline, error) {
	return d.claim(now, limit, lease, func(r *nasdesk.OutDeadline, n int) { r.Attempt = n }), nil
}

func (d *deadlineRows) DeadlineLater(_ context.Context, id int64, attempt int, again nasdesk.Timestamp) error {
	return d.with(id, attempt, func(h *held[nasdesk.OutDeadline]) { h.due = again })
}

// moveOn does to the rows of a mailbox what the commit of its letter does: they come
// again with their next step, and are nobody's.
func (d *deadlineRows) moveOn(mailbox nasdesk.Address, next nasdesk.Timestamp) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, h := range d.rows {
		if h.row.Mailbox == mailbox {
			h.due, h.lease, h.attempt = next, 0, h.attempt+1
		}
	}
}

const yonder nasdesk.Address = "pharmacy.fb456@nhs.net"

// calendar is Deadlines with its rows and the events reported.
type calendar struct {
	*Deadlines
	rows   *deadlineRows
	clock  *clock
	bell   *bell
	events []nasdesk.Event
	broken int // so many reports fail
	shut   bool
	paused bool
}

func newCalendar(mailboxes ...nasdesk.Address) *calendar {
	c := &calendar{rows: &deadlineRows{reckoned: map[nasdesk.Address][]nasdesk.Deadline{}}, clock: &clock{now: start}, bell: new(bell)}
	c.rows.add(mailboxes...)
	l := loopAt(c.clock, c.bell)
	l.Alive = func() bool { return !c.paused }
	c.Deadlines = &Deadlines{Loop: l, Rows: c.rows, Report: c.report, Reckon: reckonOne, Open: func(nasdesk.Timestamp) bool { return !c.shut }}
	return c
}

// reckonOne is one deadline for each mailbox of an account, thirty days on.
func reckonOne(a nasdesk.Account, mailboxes []nasdesk.Address, today nasdesk.Date) (out []nasdesk.Deadline) {
	for _, m := range mailboxes {
		out = append(out, nasdesk.Deadline{Key: string(a.Address + m), Account: a.Address, Mailbox: m, Ends: today.AddDays(30)})
	}
	return out
}

// report commits the letter of a mailbox, and moves its deadlines on.
func (c *calendar) report(_ context.Context, e nasdesk.Event) error {
	if c.broken > 0 {
		c.broken--
		return errors.New("the case is stale")
	}
	c.events = append(c.events, e)
	c.rows.moveOn(e.Due.Mailbox, nasdesk.TimestampOf(c.clock.read().Add(7*24*time.Hour)))
	return nil
}

func (c *calendar) pass(t *testing.T, want int, told ...nasdesk.Address) {
	t.Helper()
	c.events = nil
	if n, err := c.Once(t.Context()); err != nil || n != want {
		t.Fatalf("Once: %d rows, %v; want %d", n, err, want)
	}
	var got []nasdesk.Address
	for _, e := range c.events {
		got = append(got, e.Due.Mailbox)
	}
	if !slices.Equal(got, told) {
		t.Fatalf("told %v, want %v", got, told)
	}
}

func TestDeadlinesAreRaisedOnce(t *testing.T) {
	c := newCalendar(them, yonder)
	c.pass(t, 2, them, yonder)
	c.pass(t, 0)
	if e := c.events; len(e) != 0 {
		t.Error("raised again", e)
	}
	c.clock.pass(7 * 24 * time.Hour)
	c.pass(t, 2, them, yonder)
	want := nasdesk.Event{Key: "dates/2026-04-29/" + string(them), At: nasdesk.TimestampOf(c.clock.read()), Due: &nasdesk.DueEvent{What: nasdesk.DueWarn, Mailbox: them}}
	if e := c.events[0]; e.Key != want.Key || e.At != want.At || *e.Due != *want.Due {
		t.Errorf("the event is %+v, want %+v", e, want)
	}
}

// Deadlines of one mailbox that come together are claimed together and lead to one
// event: all have its key. Those that the first has moved on are fenced, which is no
// failure.
func TestDeadlinesOfOneMailboxHaveOneKey(t *testing.T) {
	c := newCalendar(them, them, them)
	c.pass(t, 3, them, them, them)
	for _, e := range c.events {
		if e.Key != DeadlineKey(them, "2026-04-22") {
			t.Errorf("key %q", e.Key)
		}
	}
	c.pass(t, 0)
}

func TestDeadlinesWaitForTheDeskToOpen(t *testing.T) {
	c := newCalendar(them)
	c.shut = true
	c.rows.changed = []nasdesk.Watched{{Account: nasdesk.Account{Address: "ann.example@nhs.net"}, Mailboxes: []nasdesk.Address{them}}}
	c.pass(t, 1) // what has changed is reckoned at any hour
	if r := c.rows.reckoned["ann.example@nhs.net"]; len(r) != 1 || r[0].Mailbox != them || r[0].Ends != "2026-05-22" {
		t.Errorf("reckoned %+v", r)
	}
	if h := c.rows.row(1); h.attempt != 0 {
		t.Error("a deadline was claimed while the desk was shut")
	}
	c.shut = false
	c.pass(t, 1, them)
}

func TestDeadlinesThatCannotBeReportedArePutOff(t *testing.T) {
	c := newCalendar(them)
	c.broken = 1
	if n, err := c.Once(t.Context()); err == nil || n != 1 {
		t.Fatalf("Once: %d rows, %v; want one row and an error", n, err)
	}
	h := c.rows.row(1)
	if h.ended != "" || h.lease != 0 || h.due <= nasdesk.TimestampOf(start) || h.due > nasdesk.TimestampOf(start.Add(time.Hour)) {
		t.Fatalf("the row is %+v", h)
	}
	c.pass(t, 0)
	c.clock.pass(time.Hour)
	c.pass(t, 1, them)
}

// A mailbox that has had its letter of the day gets no second one: its deadline
// rests, and is not raised in every pass.
func TestADeadlineThatWasNotDealtWithRests(t *testing.T) {
	c := newCalendar(them)
	c.Report = func(_ context.Context, e nasdesk.Event) error { c.events = append(c.events, e); return nil } // known already: nothing is moved on
	c.pass(t, 1, them)
	c.pass(t, 0)
	if h := c.rows.row(1); h.due != nasdesk.TimestampOf(start.Add(restAfter)) {
		t.Errorf("it comes again at %v", h.due.Time())
	}
	c.clock.pass(restAfter)
	c.pass(t, 1, them)
}

// A row that somebody else has taken over after the lease is left to them; any
// other failure of the rows is told.
func TestADeadlineThatIsFencedIsNoFailure(t *testing.T) {
	c := newCalendar(them)
	c.Report = func(context.Context, nasdesk.Event) error {
		c.rows.moveOn(them, nasdesk.TimestampOf(start.Add(time.Minute)))
		return nil
	}
	c.pass(t, 1)
	if h := c.rows.row(1); h.due != nasdesk.TimestampOf(start.Add(time.Minute)) {
		t.Errorf("the row of another was put off to %v", h.due.Time())
	}
	c.clock.pass(time.Minute)
	c.Fenced = nil
	if _, err := c.Once(t.Context()); !errors.Is(err, errFenced) {
		t.Errorf("an error of the rows is not told: %v", err)
	}
}

func TestDeadlinesOfAProgramThatWasPausedAreLeft(t *testing.T) {
	c := newCalendar(them)
	c.paused = true
	c.rows.changed = []nasdesk.Watched{{Account: nasdesk.Account{Address: "ann.example@nhs.net"}}}
	c.pass(t, 0)
	if c.rows.row(1).attempt != 0 || len(c.rows.reckoned) != 0 {
		t.Error("a program that may not act claimed or reckoned")
	}
	c.paused = false
	c.pass(t, 2, them)
}

func TestADeadlineOutlivesAPanic(t *testing.T) {
	c := newCalendar(them, yonder)
	report := c.Report
	c.Report = func(ctx context.Context, e nasdesk.Event) error {
		if e.Due.Mailbox == them {
			panic("a fault")
		}
		return report(ctx, e)
	}
	if n, err := c.Once(t.Context()); err == nil || n != 2 {
		t.Fatalf("Once: %d rows, %v; want two and an error", n, err)
	}
	if len(c.events) != 1 || !c.bell.is(AlarmFault) || c.rows.row(1).lease != 0 {
		t.Errorf("%d events, alarms %v", len(c.events), c.bell.rung)
	}
}
