package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/gb"

	"nasdesk"
	"nasdesk/inbox"
	"nasdesk/outbox"
	"nasdesk/store"
)

// A decade is a desk through which years pass day by day.
type decade struct {
	*replay
	now   time.Time
	longs *outbox.Deadlines
	mails []nasdesk.Mail
	lost  func() bool // whether a report is lost on its way back
}

func newDecade(t *testing.T, w store.World, from time.Time) *decade {
	t.Helper()
	p, err := replayOf(t.Context(), w, "rfc8601:mx.nhs.net", from)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.store.Close() })
	d := &decade{replay: p, now: from, lost: func() bool { return false }}
	p.line.Clock = func() time.Time { return d.now }
	p.line.Memory = told{p.line.Memory, d}
	d.longs = &outbox.Deadlines{Loop: outbox.Loop{Now: func() time.Time { return d.now }, Fenced: store.ErrFenced}, Rows: p.store, Reckon: p.line.Desk.Deadlines, Open: p.line.Desk.Open,
		Report: d.report}
	return d
}

// report commits an event, and may lose the answer: the event is committed, and
// raised again.
func (d *decade) report(ctx context.Context, ev nasdesk.Event) error {
	if err := d.line.Event(ctx, ev); err != nil || !d.lost() {
		return err
	}
	return errLost
}

var errLost = fmt.Errorf("the answer was lost")

// told keeps the mails of what is committed.
type told struct {
	inbox.Memory
	decade *decade
}

func (m told) Decide(ctx context.Context, ev nasdesk.Event, keys nasdesk.Keys, raw int64, step func(*nasdesk.Case) nasdesk.Decision) (nasdesk.Decision, error) {
	d, err := m.Memory.Decide(ctx, ev, keys, raw, step)
	for _, x := range d.Mails {
		if x.Text != "" { // an event that was known brings no text
			m.decade.mails = append(m.decade.mails, x)
		}
	}
	return d, err
}

// change sets the status of an account by hand, as staff do.
func (d *decade) change(t *testing.T, a nasdesk.Account) {
	t.Helper()
	c, err := d.store.Pull(t.Context(), nasdesk.Keys{Addresses: []nasdesk.Address{a.Address}})
	if err != nil {
		t.Fatal(err)
	}
	a.Version = c.Account(a.Address).Version
	ev := nasdesk.Event{Key: fmt.Sprint("edit/", a.Address, d.now.UnixNano()), At: nasdesk.TimestampOf(d.now),
		Staff: &nasdesk.StaffEvent{By: "ann", Second: "ben", Act: nasdesk.ActRegister, Text: "as the portal has it", Edit: &nasdesk.Edit{Account: &a}}}
	got, err := d.line.Act(t.Context(), ev)
	if err != nil || got.Hindered != "" {
		t.Fatalf("%s: %v %s", a.Address, err, got.Hindered)
	}
}

func (d *decade) once(t *testing.T) {
	t.Helper()
	for range 50 {
		if _, err := d.longs.Once(t.Context()); err == nil {
			return
		} else if !strings.Contains(err.Error(), errLost.Error()) {
			t.Fatal(err)
		}
		d.now = d.now.Add(2 * time.Minute) // it is put off, and tried again
	}
	t.Fatal("the deadlines are never done with")
}

// An episode is one time that an account was in a status, with the days on which
// its mailbox has to be told.
type episode struct {
	account nasdesk.Address
	status  nasdesk.Status
	since   nasdesk.Date
	until   nasdesk.Date // the day on which it ended, "" if it did not
	heard   []nasdesk.Date
}

// wanted reckons by itself on which days an episode is warned of. It asks the
// calendar, not the desk.
func (e *episode) wanted(down func(nasdesk.Date) bool) []nasdesk.Date {
	ends := e.since.AddDays(30)
	if e.status == nasdesk.Disabled {
		ends = e.since.AddMonths(18).AddDays(-1)
	}
	var out []nasdesk.Date
	for _, n := range []int{90, 30, 7, 1} {
		day := ends.AddDays(-n)
		for !works(day) {
			day = day.AddDays(-1)
		}
		if day <= e.since {
			continue
		}
		for !works(day) || down(day) {
			day = day.AddDays(1)
		}
		if day <= ends && (e.until == "" || day < e.until) && !slices.Contains(out, day) {
			out = append(out, day)
		}
	}
	return out
}

var banks = func() *cal.BusinessCalendar {
	c := cal.NewBusinessCalendar()
	c.AddHoliday(gb.Holidays...)
	return c
}()

func works(d nasdesk.Date) bool { return banks.IsWorkday(d.Time().Add(12 * time.Hour)) }

// TestTenYears turns the clock day by day through ten years, over leap days,
// changes of the clock and bank holidays, while accounts come and go and the
// program is down now and then: each warning goes out once, on a working day, none
// behind the end of its cause, and what fell into a pause on the next working day.
func TestTenYears(t *testing.T) {
	const accounts, years = 30, 10
	dice := rand.New(rand.NewPCG(8, 15))
	first := nasdesk.Date("2026-01-05")
	d := newDecade(t, tenYearWorld(accounts), first.Time().Add(6*time.Hour))
	d.lost = func() bool { return dice.IntN(10) == 0 }
	pauses := map[nasdesk.Date]bool{}
	down := func(day nasdesk.Date) bool { return pauses[day] }
	now := map[nasdesk.Address]*episode{}
	var all []*episode
	last := first.AddMonths(12 * years)
	for day := first; day < last; day = day.AddDays(1) {
		if dice.IntN(60) == 0 {
			for n := range 1 + dice.IntN(6) {
				pauses[day.AddDays(n)] = true
			}
		}
		if pauses[day] {
			continue
		}
		// People change accounts before the desk opens.
		d.now = day.Time().Add(6 * time.Hour)
		for i := range accounts {
			a := accountOfDecade(i)
			e := now[a.Address]
			switch {
			case e == nil && dice.IntN(200) == 0:
				a.Status = []nasdesk.Status{nasdesk.Disabled, nasdesk.Disabled, nasdesk.Leaver, nasdesk.Deleted, nasdesk.Inactive}[dice.IntN(5)]
				now[a.Address] = &episode{account: a.Address, status: a.Status, since: day}
				all = append(all, now[a.Address])
			case e != nil && dice.IntN(map[nasdesk.Status]int{nasdesk.Disabled: 700}[e.status]+60) == 0:
				a.Status, e.until = nasdesk.Active, day
				delete(now, a.Address)
			default:
				continue
			}
			a.Since = day
			d.change(t, a)
		}
		for _, hour := range []int{7, 10, 20} {
			d.now = day.Time().Add(time.Duration(hour) * time.Hour)
			before := len(d.mails)
			d.once(t)
			heardOn(t, d.mails[before:], day, now)
		}
	}
	warned := 0
	for _, e := range all {
		want := slices.DeleteFunc(e.wanted(down), func(day nasdesk.Date) bool { return day >= last })
		warned += len(want)
		if !slices.Equal(e.heard, want) {
			t.Errorf("%s %s since %s until %s: warned %v, want %v", e.account, e.status, e.since, e.until, e.heard, want)
		}
	}
	t.Logf("%d episodes, %d warnings, %d mails, %d days down", len(all), warned, len(d.mails), len(pauses))
	if warned < 200 {
		t.Errorf("only %d warnings: the years were too quiet to show anything", warned)
	}
}

// heardOn notes what a day's mails warn of: at most one to a mailbox.
func heardOn(t *testing.T, mails []nasdesk.Mail, day nasdesk.Date, now map[nasdesk.Address]*episode) {
	t.Helper()
	to := map[nasdesk.Address]bool{}
	for _, m := range mails {
		if !works(day) || to[m.To] || m.About != nasdesk.Notice {
			t.Errorf("%s: a %s to %s, working day: %v, second: %v", day, m.About, m.To, works(day), to[m.To])
		}
		to[m.To] = true
		for l := range strings.Lines(m.Text) {
			account, _, ok := strings.Cut(strings.TrimPrefix(l, "* "), ": ")
			if !ok || !strings.HasPrefix(l, "* ") {
				continue
			}
			e := now[nasdesk.Address(account)]
			if e == nil {
				t.Errorf("%s: warned of %s, of which there is nothing to warn", day, account)
				continue
			}
			e.heard = append(e.heard, day)
		}
	}
}

const decadeMailbox = "pharmacy.fdd10@nhs.net"

func accountOfDecade(i int) nasdesk.Account {
	return nasdesk.Account{Address: nasdesk.Address(fmt.Sprintf("person%d.decade@nhs.net", i)), Name: nasdesk.PersonName(fmt.Sprintf("Person Decade%d", i)),
		Mobile: nasdesk.Mobile(fmt.Sprintf("07700900%03d", i)), Status: nasdesk.Active, Since: "2025-01-01"}
}

// tenYearWorld is one mailbox with many accounts; the last owns it and stays.
func tenYearWorld(n int) store.World {
	w := store.World{Mailboxes: []nasdesk.Mailbox{{Address: decadeMailbox, ODS: "FDD10", Name: "Decade Pharmacy", Sector: nasdesk.Pharmacy, DSPT: nasdesk.StandardsMet, Status: nasdesk.Active}}}
	for i := range n + 1 {
		a := accountOfDecade(i)
		role := nasdesk.Member
		if i == n {
			role = nasdesk.Owner
		}
		w.Accounts = append(w.Accounts, a)
		w.Memberships = append(w.Memberships, nasdesk.Membership{Mailbox: decadeMailbox, Account: a.Address, Role: role})
	}
	return w
}

// TestDates prints what is ahead.
func TestDates(t *testing.T) {
	w := tenYearWorld(3)
	w.Accounts[0].Status, w.Accounts[0].Since = nasdesk.Disabled, "2026-01-01"
	w.Accounts[1].Status, w.Accounts[1].Since = nasdesk.Leaver, "2026-04-10"
	d := newDecade(t, w, nasdesk.Date("2026-04-20").Time().Add(6*time.Hour))
	d.once(t)
	for _, c := range []struct {
		days int
		want string
	}{
		{5, "No long dates in the next 5 days.\n"},
		{60, "DAY         LAST WORKING DAY  WHAT    MAILBOX                 ACCOUNT OR REQUEST\n2026-05-10  2026-05-08        leaver  pharmacy.fdd10@nhs.net  person1.decade@nhs.net\n"},
		{500, "DAY         LAST WORKING DAY  WHAT      MAILBOX                 ACCOUNT OR REQUEST\n2026-05-10  2026-05-08        leaver    pharmacy.fdd10@nhs.net  person1.decade@nhs.net\n2027-06-30  2027-06-30        disabled  pharmacy.fdd10@nhs.net  person0.decade@nhs.net\n"},
	} {
		var out bytes.Buffer
		if err := printDates(t.Context(), &out, d.store, "2026-04-20", c.days); err != nil {
			t.Fatal(err)
		}
		if out.String() != c.want {
			t.Errorf("%d days:\n%swant\n%s", c.days, out.String(), c.want)
		}
	}
}
