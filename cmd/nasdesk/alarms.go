package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"nasdesk"
	"nasdesk/outbox"
)

// Alarms tell the operators by mail that something needs a person. They go past
// the database, which may be what is broken, and gather: of a storm one mail
// arrives, then one each Every. What cannot be sent is tried again.
type alarms struct {
	to     nasdesk.Address
	from   outbox.Identity
	every  time.Duration
	server outbox.Transport
	log    *slog.Logger
	now    func() time.Time

	mu     sync.Mutex
	counts map[string]int // how often each was raised since the last mail
	order  []string
	wake   chan struct{}
}

const mostAlarms = 50 // different ones in one mail

func newAlarms(to nasdesk.Address, from outbox.Identity, every time.Duration, server outbox.Transport, now func() time.Time, log *slog.Logger) *alarms {
	return &alarms{to: to, from: from, every: every, server: server, now: now, log: log, counts: map[string]int{}, wake: make(chan struct{}, 1)}
}

// raise remembers an alarm for the next mail. What is a fixed phrase.
func (a *alarms) raise(what, detail string) {
	if a == nil {
		return
	}
	line := what
	if detail != "" {
		line += ": " + detail
	}
	a.add(line, 1)
}

// add counts an alarm, and wakes who sends it.
func (a *alarms) add(line string, n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.counts[line] == 0 {
		if len(a.order) == mostAlarms {
			return // the mail is full, and the log has it
		}
		a.order = append(a.order, line)
	}
	a.counts[line] += n
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// taken are the alarms of the next mail, which nobody else then sends.
func (a *alarms) taken() (order []string, counts map[string]int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	order, counts = a.order, a.counts
	a.order, a.counts = nil, map[string]int{}
	return order, counts
}

// run sends what was raised until ctx ends.
func (a *alarms) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-a.wake:
		}
		if err := a.send(ctx); err != nil && ctx.Err() == nil {
			a.log.Warn("the alarm mail could not be sent; it is tried again", "err", err)
		}
		if !slept(ctx, a.every) {
			return nil
		}
	}
}

func slept(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// send sends what was raised, if anything was. What cannot be sent stays raised.
func (a *alarms) send(ctx context.Context) (err error) {
	order, counts := a.taken()
	if len(order) == 0 {
		return nil
	}
	defer func() {
		for _, line := range order {
			if err != nil {
				a.add(line, counts[line])
			}
		}
	}()
	var text strings.Builder
	for _, line := range order {
		text.WriteString(line)
		if n := counts[line]; n > 1 {
			fmt.Fprintf(&text, " (%d times)", n)
		}
		text.WriteString("\n")
	}
	at := nasdesk.TimestampOf(a.now())
	raw, err := outbox.Compose(nasdesk.OutMail{Key: fmt.Sprintf("alarm/%d", at), DueAt: at, To: a.to, About: nasdesk.Notice,
		Subject: "nasdesk needs a person", Text: "This is what nasdesk cannot mend by itself:\n\n" + text.String() +
			"\nWhat each means, and what to do, is in the operating guide under \"Alarms\". The log has more.\n"}, a.from)
	if err != nil {
		return err
	}
	defer a.server.Close()
	return a.server.Send(ctx, a.from.Address, a.to, raw)
}
