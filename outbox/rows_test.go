package outbox

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"nasdesk"
)

// table holds rows with leases and fences, as the store does, in memory.
type table[Row any] struct {
	mu   sync.Mutex
	rows []*held[Row]
}

type held[Row any] struct {
	row       Row
	attempt   int
	due       nasdesk.Timestamp
	lease     nasdesk.Timestamp // until; 0 for none
	ended     string            // how, "" while open
	code      string
	messageID string
}

// claim gives out rows that are due, with the attempt set by set.
func (t *table[Row]) claim(now nasdesk.Timestamp, limit int, lease nasdesk.Timestamp, set func(*Row, int)) []Row {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []Row
	for _, h := range t.rows {
		if h.ended != "" || h.due > now || h.lease > now || len(out) == limit {
			continue
		}
		h.attempt++
		h.lease = now + lease
		set(&h.row, h.attempt)
		out = append(out, h.row)
	}
	return out
}

var errFenced = errors.New("the row is somebody else's")

// with changes a row that attempt still holds.
func (t *table[Row]) with(id int64, attempt int, change func(*held[Row])) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	h := t.rows[id-1]
	if h.attempt != attempt || h.ended != "" {
		return errFenced
	}
	h.lease = 0
	change(h)
	return nil
}

func (t *table[Row]) row(id int64) held[Row] {
	t.mu.Lock()
	defer t.mu.Unlock()
	return *t.rows[id-1]
}

// mailRows are MailRows. failing makes MailSent fail that many times.
type mailRows struct {
	table[nasdesk.OutMail]
	sentAt  map[nasdesk.Address][]nasdesk.Timestamp
	failing int
}

func (m *mailRows) add(mails ...nasdesk.OutMail) {
	for _, row := range mails {
		row.ID = int64(len(m.rows) + 1)
		m.rows = append(m.rows, &held[nasdesk.OutMail]{row: row, due: row.DueAt})
	}
}

func (m *mailRows) DueMails(_ context.Context, now nasdesk.Timestamp, limit int, lease nasdesk.Timestamp) ([]nasdesk.OutMail, error) {
	return m.claim(now, limit, lease, func(r *nasdesk.OutMail, n int) { r.Attempt = n }), nil
}

func (m *mailRows) MailSent(ctx context.Context, id int64, attempt int, at nasdesk.Timestamp, id5322 string, unconfirmed bool) error {
	if m.failing > 0 {
		m.failing--
		return errors.New("the database is away")
	}
	return errors.Join(ctx.Err(), m.with(id, attempt, func(h *held[nasdesk.OutMail]) {
		h.ended, h.messageID = "sent", id5322
		if unconfirmed {
			h.ended = "unconfirmed"
		}
		if m.sentAt == nil {
			m.sentAt = map[nasdesk.Address][]nasdesk.Timestamp{}
		}
		m.sentAt[h.row.To] = append(m.sentAt[h.row.To], at)
	}))
}

func (m *mailRows) MailFailed(ctx context.Context, id int64, attempt int, _, again nasdesk.Timestamp, code string) error {
	return errors.Join(ctx.Err(), m.with(id, attempt, func(h *held[nasdesk.OutMail]) {
		h.due, h.code = again, code
		if again == 0 {
			h.ended = "failed"
		}
	}))
}

func (m *mailRows) RepliesSince(_ context.Context, to nasdesk.Address, since nasdesk.Timestamp) (n int, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for address, times := range m.sentAt {
		for _, at := range times {
			if at >= since && (to == "" || address == to) {
				n++
			}
		}
	}
	return n, nil
}

// workRows are WorkRows.
type workRows struct{ table[nasdesk.OutWork] }

func (w *workRows) add(at time.Time, actions ...nasdesk.Action) {
	for _, a := range actions {
		row := nasdesk.OutWork{ID: int64(len(w.rows) + 1), Key: a.Key, DueAt: nasdesk.TimestampOf(at), Request: 1, Action: a}
		w.rows = append(w.rows, &held[nasdesk.OutWork]{row: row, due: row.DueAt})
	}
}

func (w *workRows) DueWork(_ context.Context, now nasdesk.Timestamp, limit int, lease nasdesk.Timestamp) ([]nasdesk.OutWork, error) {
	return w.claim(now, limit, lease, func(r *nasdesk.OutWork, n int) { r.Attempt = n }), nil
}

func (w *workRows) WorkLater(ctx context.Context, id int64, attempt int, again nasdesk.Timestamp) error {
	return errors.Join(ctx.Err(), w.with(id, attempt, func(h *held[nasdesk.OutWork]) { h.due = again }))
}

// commit does to the row what the store does in the commit of the event.
func (w *workRows) commit(e nasdesk.WorkEvent) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, h := range w.rows {
		if h.row.Key == e.Action && h.ended == "" {
			h.lease = 0
			if h.row.State = e.State; e.State != nasdesk.WorkPending {
				h.ended = string(e.State)
			}
		}
	}
}

// dateRows are DateRows.
type dateRows struct{ table[nasdesk.OutDate] }

func (d *dateRows) add(keys ...string) {
	for _, key := range keys {
		row := nasdesk.OutDate{ID: int64(len(d.rows) + 1), Key: key, Request: 4, What: nasdesk.DueRemind, At: nasdesk.TimestampOf(start)}
		d.rows = append(d.rows, &held[nasdesk.OutDate]{row: row, due: row.At})
	}
}

func (d *dateRows) DueDates(_ context.Context, now nasdesk.Timestamp, limit int, lease nasdesk.Timestamp) ([]nasdesk.OutDate, error) {
	return d.claim(now, limit, lease, func(r *nasdesk.OutDate, n int) { r.Attempt = n }), nil
}

func (d *dateRows) DateLater(_ context.Context, id int64, attempt int, again nasdesk.Timestamp) error {
	return d.with(id, attempt, func(h *held[nasdesk.OutDate]) { h.due = again })
}

func (d *dateRows) DateDone(_ context.Context, id int64, attempt int) error {
	return d.with(id, attempt, func(h *held[nasdesk.OutDate]) { h.ended = "done" })
}

// start is when every test begins.
var start = time.Date(2026, 4, 22, 8, 30, 0, 0, time.UTC)

// clock is moved by the test alone.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// bell counts alarms.
type bell struct {
	mu   sync.Mutex
	rung []string
}

func (b *bell) ring(_ context.Context, what, _ string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rung = append(b.rung, what)
}

func (b *bell) is(what ...string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Equal(b.rung, what)
}

func loopAt(c *clock, b *bell) Loop {
	return Loop{Now: c.read, Log: slog.New(slog.DiscardHandler), Alarm: b.ring, Fenced: errFenced}
}
