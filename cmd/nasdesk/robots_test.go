package main

import (
	"bytes"
	"context"
	"fmt"
	"net/mail"
	"strings"
	"testing"
	"time"

	"nasdesk"
	"nasdesk/inbox"
	"nasdesk/outbox"
)

// A robotWorld is our program and robots that answer every mail of ours at
// once, with nothing that would tell them from people.
type robotWorld struct {
	*replay
	now    time.Time
	mailer *outbox.Mailer
	dates  *outbox.Dates
	robots map[nasdesk.Address]func(head mail.Header) string // header and body of the answer, behind what every mail has
	sent   map[nasdesk.Address]int
	most   map[nasdesk.Address]int // in one hour
	hour   map[nasdesk.Address]int
	alarms []string
	coming [][]byte
	n      uint32
}

func newRobotWorld(t *testing.T, b outbox.Budget) *robotWorld {
	w := &robotWorld{replay: hostileReplay(t, ""), now: hostileNow, robots: map[nasdesk.Address]func(mail.Header) string{},
		sent: map[nasdesk.Address]int{}, most: map[nasdesk.Address]int{}, hour: map[nasdesk.Address]int{}}
	clock := func() time.Time { return w.now }
	w.line.Clock = clock
	loop := outbox.Loop{Now: clock, Rand: func() float64 { return 0.5 }}
	w.dates = &outbox.Dates{Loop: loop, Rows: w.store, Report: w.line.Event}
	loop.Alarm = func(_ context.Context, what, _ string) { w.alarms = append(w.alarms, what) }
	w.mailer = &outbox.Mailer{Loop: loop, Rows: w.store, Server: w, From: outbox.Helpdesk, Budget: b}
	return w
}

// Send, Close and Slowest implement outbox.Transport: what is sent lies before the robot.
func (w *robotWorld) Send(_ context.Context, _, to nasdesk.Address, raw []byte) error {
	w.sent[to]++
	w.hour[to]++
	w.most[to] = max(w.most[to], w.hour[to])
	if robot := w.robots[to]; robot != nil {
		m, err := mail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			return err
		}
		w.write(to, robot(m.Header))
	}
	return nil
}

func (w *robotWorld) Close() error           { return nil }
func (w *robotWorld) Slowest() time.Duration { return time.Second }

// write puts a mail of a robot on its way, vouched for by the border.
func (w *robotWorld) write(from nasdesk.Address, rest string) {
	w.n++
	w.coming = append(w.coming, []byte(strings.ReplaceAll(fmt.Sprintf("Authentication-Results: mx.nhs.net; dmarc=pass header.from=nhs.net\nReceived: from a by mx.nhs.net; %s\n"+
		"From: <%s>\nTo: helpdesk@nhs.net\nDate: %s\nMessage-ID: <%d.robot@example.org>\n%s", w.now.Format(time.RFC1123Z), from, w.now.Format(time.RFC1123Z), w.n, rest), "\n", "\r\n")))
}

// run lets time pass in hours. Within each, mails go to and fro until nothing
// moves.
func (w *robotWorld) run(t *testing.T, hours int) (taken int) {
	for range hours {
		w.now = w.now.Add(time.Hour)
		clear(w.hour)
		for moved := true; moved; {
			sent, err := w.mailer.Once(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			moved = len(w.coming) > 0
			for _, raw := range w.coming {
				taken++
				at := inbox.Location{Folder: "INBOX", UIDValidity: 1, UID: uint32(taken) + w.n<<8}
				if _, err := w.line.Take(t.Context(), raw, at); err != nil {
					t.Fatal(err)
				}
			}
			w.coming = nil
			if sent == 0 && !moved {
				break
			}
		}
		if _, err := w.dates.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return taken
}

// TestRobots lets robots that nothing gives away answer us for a simulated
// year. Detection fails by design here; what ends the loop is the budget.
func TestRobots(t *testing.T) {
	days := 365
	if testing.Short() || sample > 1 {
		days = 60
	}
	const a, b = nasdesk.Address("pharmacy.fhx01@nhs.net"), nasdesk.Address("pharmacy.fhx02@nhs.net")
	budget := outbox.Budget{PerMailbox: 2, PerDay: 3, PerHour: 100}
	w := newRobotWorld(t, budget)
	w.robots[a] = func(h mail.Header) string { // threads onto our mail, and says nothing
		return "Subject: RE: " + h.Get("Subject") + "\nIn-Reply-To: " + h.Get("Message-ID") + "\nReferences: " + h.Get("Message-ID") + "\n\nWe have your message and come back to you.\n"
	}
	w.robots[b] = func(mail.Header) string { // begins afresh each time
		return "Subject: New case\n\nWe have opened a case.\n"
	}
	w.write(a, "Subject: Hello\n\nWe have your message and come back to you.\n")
	w.write(b, "Subject: New case\n\nWe have opened a case.\n")
	taken := w.run(t, 24*days)
	for _, to := range []nasdesk.Address{a, b} {
		if n := w.sent[to]; n > budget.PerDay*(days+1) || n < days/2 {
			t.Errorf("%d mails to %s in %d days, with %d a day allowed", n, to, days, budget.PerDay)
		}
		if n := w.most[to]; n > budget.PerMailbox {
			t.Errorf("%d mails to %s within an hour, with %d allowed", n, to, budget.PerMailbox)
		}
	}
	if sent := w.sent[a] + w.sent[b]; sent > taken {
		t.Errorf("%d mails for %d messages: more than one each", sent, taken)
	}
	if len(w.alarms) != 2 {
		t.Errorf("%d alarms for two loops: %.3q", len(w.alarms), w.alarms)
	}
}

// TestRobotThatAsks: one whose words ask for something gets questions, reminders
// and closings, all of them within the budget.
func TestRobotThatAsks(t *testing.T) {
	const days, a = 30, nasdesk.Address("pharmacy.fhx01@nhs.net")
	w := newRobotWorld(t, outbox.Budget{PerMailbox: 2, PerDay: 3})
	w.robots[a] = func(mail.Header) string {
		return "Subject: New case\n\nPlease set up a new account for our new pharmacist.\n"
	}
	w.write(a, "Subject: New case\n\nPlease set up a new account for our new pharmacist.\n")
	w.run(t, 24*days)
	if w.sent[a] > 3*(days+1) || w.most[a] > 2 || len(w.alarms) != 1 {
		t.Errorf("%d mails in %d days, %d within an hour, alarms %q", w.sent[a], days, w.most[a], w.alarms)
	}
}

// TestRobotsThatAreKnown: one that says what it is gets no answer at all, not
// even in a thread that waits for its mailbox.
func TestRobotsThatAreKnown(t *testing.T) {
	const a = nasdesk.Address("pharmacy.fhx01@nhs.net")
	w := newRobotWorld(t, outbox.DefaultBudget)
	w.robots[a] = func(h mail.Header) string {
		return "Subject: Automatic reply: " + h.Get("Subject") + "\nAuto-Submitted: auto-generated\nIn-Reply-To: " + h.Get("Message-ID") + "\n\nYes, we are closed until Monday.\n"
	}
	w.write(a, "Subject: New user\n\nPlease set up a new account for our new pharmacist.\n")
	w.run(t, 24)
	if w.sent[a] != 1 || len(w.alarms) != 0 {
		t.Errorf("%d mails, alarms %q", w.sent[a], w.alarms)
	}
}
