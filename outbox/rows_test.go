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
	row     Row
	attempt int
	due     nasdesk.Timestamp
	lease   nasdesk.Timestamp // until; 0 for none
	ended   string            // how, "" while open
	code    string
	history []string
}

// claim gives out rows that are due, with the attempt set by set.
func (t *table[Row]) claim(now nasdesk.Timestamp, limit int, lease time.Duration, set func(*Row, int)) []Row {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []Row
	for _, h := range t.rows {
		if h.ended != "" || h.due > now || h.lease > now || len(out) == limit {
			continue
		}
		h.attempt++
		h.lease = nasdesk.TimestampOf(now.Time().Add(lease))
		set(&h.row, h.attempt)
		out = append(out, h.row)
	}
	return out
}

// with changes a row that attempt still holds.
func (t *table[Row]) with(id int64, attempt int, change func(*held[Row])) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if h := t.rows[id-1]; h.attempt == attempt && h.ended == "" {
		h.lease = 0
		change(h)
		h.history = append(h.history, h.ended+h.code)
	}
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

func (m *mailRows) DueMails(_ context.Context, now nasdesk.Timestamp, limit int, lease time.Duration) ([]nasdesk.OutMail, error) {
	return m.claim(now, limit, lease, func(r *nasdesk.OutMail, n int) { r.Attempt = n }), nil
}

func (m *mailRows) MailSent(ctx context.Context, id int64, attempt int, at nasdesk.Timestamp, unconfirmed bool) error {
	if m.failing > 0 {
		m.failing--
		return errors.New("the database is away")
	}
	m.with(id, attempt, func(h *held[nasdesk.OutMail]) {
		h.ended = "sent"
		if unconfirmed {
			h.ended = "unconfirmed"
		}
		if m.sentAt == nil {
			m.sentAt = map[nasdesk.Address][]nasdesk.Timestamp{}
		}
		m.sentAt[h.row.To] = append(m.sentAt[h.row.To], at)
	})
	return ctx.Err()
}

func (m *mailRows) MailFailed(ctx context.Context, id int64, attempt int, retryAt nasdesk.Timestamp, permanent bool, code string) error {
	m.with(id, attempt, func(h *held[nasdesk.OutMail]) {
		h.due, h.code = retryAt, code
		if permanent {
			h.ended = "failed"
		}
	})
	return ctx.Err()
}

func (m *mailRows) RepliesSince(_ context.Context, to nasdesk.Address, since nasdesk.Timestamp) (one, all int, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for address, times := range m.sentAt {
		for _, at := range times {
			if at >= since {
				all++
				if address == to {
					one++
				}
			}
		}
	}
	return one, all, nil
}

// workRows are WorkRows.
type workRows struct{ table[nasdesk.OutWork] }

func (w *workRows) add(at time.Time, actions ...nasdesk.Action) {
	for _, a := range actions {
		row := nasdesk.OutWork{ID: int64(len(w.rows) + 1), Key: a.Key, DueAt: nasdesk.TimestampOf(at), Request: 1, Action: a}
		w.rows = append(w.rows, &held[nasdesk.OutWork]{row: row, due: row.DueAt})
	}
}

func (w *workRows) DueWorks(_ context.Context, now nasdesk.Timestamp, limit int, lease time.Duration) ([]nasdesk.OutWork, error) {
	return w.claim(now, limit, lease, func(r *nasdesk.OutWork, n int) { r.Attempt = n }), nil
}

func (w *workRows) WorkAgain(ctx context.Context, id int64, attempt int, at nasdesk.Timestamp, state nasdesk.WorkState, code string) error {
	w.with(id, attempt, func(h *held[nasdesk.OutWork]) { h.due, h.row.State, h.code = at, state, code })
	return ctx.Err()
}

func (w *workRows) WorkEnded(ctx context.Context, id int64, attempt int, state nasdesk.WorkState) error {
	w.with(id, attempt, func(h *held[nasdesk.OutWork]) { h.ended, h.code = string(state), "" })
	return ctx.Err()
}

// dateRows are DateRows.
type dateRows struct{ table[nasdesk.OutDate] }

func (d *dateRows) add(keys ...string) {
	for _, key := range keys {
		row := nasdesk.OutDate{ID: int64(len(d.rows) + 1), Key: key, Request: 4, What: nasdesk.DueRemind, At: nasdesk.TimestampOf(start)}
		d.rows = append(d.rows, &held[nasdesk.OutDate]{row: row, due: row.At})
	}
}

func (d *dateRows) DueDates(_ context.Context, now nasdesk.Timestamp, limit int, lease time.Duration) ([]nasdesk.OutDate, error) {
	return d.claim(now, limit, lease, func(r *nasdesk.OutDate, n int) { r.Attempt = n }), nil
}

func (d *dateRows) DateAgain(_ context.Context, id int64, attempt int, at nasdesk.Timestamp, code string) error {
	d.with(id, attempt, func(h *held[nasdesk.OutDate]) { h.due, h.code = at, code })
	return nil
}

func (d *dateRows) DateEnded(_ context.Context, id int64, attempt int) error {
	d.with(id, attempt, func(h *held[nasdesk.OutDate]) { h.ended = "ended" })
	return nil
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
	return Loop{Now: c.read, Log: slog.New(slog.DiscardHandler), Alarm: b.ring}
}
