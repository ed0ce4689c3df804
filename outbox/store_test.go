package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"nasdesk"
	"nasdesk/outbox"
	"nasdesk/outbox/directory"
	"nasdesk/store"
)

// The store is what the workers ask for.
var (
	_ outbox.MailRows = (*store.Store)(nil)
	_ outbox.WorkRows = (*store.Store)(nil)
	_ outbox.DateRows = (*store.Store)(nil)
)

var start = time.Date(2026, 4, 22, 8, 30, 0, 0, time.UTC)

// post takes mails, and may be told to fail.
type post struct {
	mu    sync.Mutex
	sent  []string
	fails []error
}

func (p *post) Send(_ context.Context, _, to nasdesk.Address, _ []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.fails) > 0 {
		err := p.fails[0]
		p.fails = p.fails[1:]
		if err != nil {
			return err
		}
	}
	p.sent = append(p.sent, string(to))
	return nil
}

func (p *post) Close() error           { return nil }
func (p *post) Slowest() time.Duration { return time.Minute }

// house is the store on SQLite with the three workers.
type house struct {
	*store.Store
	now   time.Time
	post  *post
	mails *outbox.Mailer
	works *outbox.Works
	dates *outbox.Dates
	seen  []string // keys of the events reported
}

func newHouse(t *testing.T) *house {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite:"+t.TempDir()+"/desk.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	h := &house{Store: s, now: start, post: new(post)}
	clock := func() time.Time { return h.now }
	l := outbox.Loop{Now: clock, Log: slog.New(slog.DiscardHandler), Fenced: store.ErrFenced}
	h.mails = &outbox.Mailer{Loop: l, Rows: s, Server: h.post, From: outbox.Helpdesk, Budget: outbox.DefaultBudget}
	h.works = &outbox.Works{Loop: l, Rows: s, Report: h.report,
		Directory: directory.NewSimulated(directory.Simulation{Now: clock, Min: time.Hour, Max: time.Hour})}
	h.dates = &outbox.Dates{Loop: l, Rows: s, Report: h.report}
	return h
}

// report commits an event that changes nothing else.
func (h *house) report(ctx context.Context, e nasdesk.Event) error {
	_, err := h.Decide(ctx, e, nasdesk.Keys{}, 0, func(*nasdesk.Case) nasdesk.Decision { return nasdesk.Decision{} })
	if errors.Is(err, store.ErrHandled) {
		return nil
	}
	h.seen = append(h.seen, e.Key)
	return err
}

// plan commits a request with an action, a mail at once, one behind the action,
// and a date.
func (h *house) plan(t *testing.T) {
	t.Helper()
	create := nasdesk.Action{Key: "m1/1/create", Name: nasdesk.CreateAccount, Mailbox: "pharmacy.fa123@nhs.net", Account: "ann.example@nhs.net", Mobile: "07700900001"}
	letter := func(key string, after ...string) nasdesk.Mail {
		return nasdesk.Mail{Key: key, To: "pharmacy.fa123@nhs.net", About: nasdesk.Confirmation, Requests: []int{0}, Subject: "Re: New starter", Text: "Hello\n", After: after}
	}
	_, err := h.Decide(t.Context(), nasdesk.Event{Key: "m1", At: nasdesk.TimestampOf(start)}, nasdesk.Keys{}, 0, func(*nasdesk.Case) nasdesk.Decision {
		return nasdesk.Decision{
			Requests: []nasdesk.Request{{Reference: "NAS-00000001", N: 1, Kind: "new-user", Party: "pharmacy.fa123@nhs.net", Mailbox: "pharmacy.fa123@nhs.net",
				State: nasdesk.StateDoing, Outcome: nasdesk.Accepted, Event: "m1", Actions: []nasdesk.Action{create}, MadeAt: nasdesk.TimestampOf(start), DecidedAt: nasdesk.TimestampOf(start)}},
			Mails:   []nasdesk.Mail{letter("m1/reply"), letter("m1/active", create.Key)},
			Actions: []nasdesk.Work{{Request: 0, Action: create}},
			Dates:   []nasdesk.Due{{Key: "m1/remind", Request: 0, What: nasdesk.DueRemind, At: nasdesk.TimestampOf(start.Add(48 * time.Hour))}},
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// pass runs the three workers and returns how many rows each dealt with.
func (h *house) pass(t *testing.T) string {
	t.Helper()
	m, err1 := h.mails.Once(t.Context())
	w, err2 := h.works.Once(t.Context())
	d, err3 := h.dates.Once(t.Context())
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(m, w, d)
}

func TestOutboxOnTheStore(t *testing.T) {
	h := newHouse(t)
	h.plan(t)
	for _, step := range []struct {
		pass time.Duration
		want string
		what string
	}{
		{0, "1 1 0", "the reply goes out and the account is begun"},
		{0, "0 0 0", "nothing happens twice"},
		{time.Hour - time.Microsecond, "0 0 0", "the account is pending"},
		{time.Microsecond, "0 1 0", "the account is active"},
		{0, "1 0 0", "the mail that waited for it goes out"},
		{48 * time.Hour, "0 0 1", "the date comes"},
		{365 * 24 * time.Hour, "0 0 0", "and that was all"},
	} {
		h.now = h.now.Add(step.pass)
		if got := h.pass(t); got != step.want {
			t.Errorf("%s: mails, work and dates %s, want %s", step.what, got, step.want)
		}
	}
	if want := []string{"work:m1/1/create:pending", "work:m1/1/create:done", "m1/remind"}; !slices.Equal(h.seen, want) {
		t.Errorf("events %q, want %q", h.seen, want)
	}
	if len(h.post.sent) != 2 {
		t.Errorf("%d mails went out, want 2", len(h.post.sent))
	}
}

func TestOutboxOnTheStoreAfterACrash(t *testing.T) {
	h := newHouse(t)
	h.plan(t)
	lease := nasdesk.Timestamp(time.Minute.Microseconds())
	now := nasdesk.TimestampOf(h.now)
	mails, err1 := h.DueMails(t.Context(), now, 10, lease) // a worker that dies with its claims
	works, err2 := h.DueWork(t.Context(), now, 10, lease)
	if err := errors.Join(err1, err2); err != nil || len(mails) != 1 || len(works) != 1 {
		t.Fatalf("claimed %d mails and %d works, %v", len(mails), len(works), err)
	}
	if got := h.pass(t); got != "0 0 0" {
		t.Errorf("while the lease holds: %s", got)
	}
	h.now = h.now.Add(time.Minute + time.Microsecond)
	if got := h.pass(t); got != "1 1 0" {
		t.Errorf("when the lease has run out: %s", got)
	}
	if err := h.MailFailed(t.Context(), mails[0].ID, mails[0].Attempt, now, 0, "late"); !errors.Is(err, store.ErrFenced) {
		t.Errorf("the dead worker still speaks for the row: %v", err)
	}
	again, err := outbox.Compose(mails[0], outbox.Helpdesk)
	if err != nil || len(again) == 0 {
		t.Error(err)
	}
}

func TestOutboxOnTheStoreTriesAgain(t *testing.T) {
	h := newHouse(t)
	h.plan(t)
	h.post.fails = []error{errors.New("no route to the server"), &outbox.Failure{Step: outbox.StepRcpt, Code: 451}, nil}
	for _, wait := range []time.Duration{time.Minute, 2 * time.Minute, 0} {
		if n, err := h.mails.Once(t.Context()); n != 1 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		h.now = h.now.Add(wait)
	}
	if len(h.post.sent) != 1 {
		t.Errorf("%d mails went out, want 1", len(h.post.sent))
	}
}
