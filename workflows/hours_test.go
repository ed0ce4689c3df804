package workflows_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"nasdesk"
	"nasdesk/workflows"
)

// A message for staff is answered with when they read it: 9am to 5pm, Monday to
// Friday, not on bank holidays.
func TestHours(t *testing.T) {
	desk := workflows.DefaultDesk
	desk.Holidays = []nasdesk.Date{"2026-04-23"}
	for _, h := range []struct{ name, at, reads string }{
		{"Wednesday morning", "2026-04-22T09:00:00+01:00", ""},
		{"a minute before nine", "2026-04-22T08:59:00+01:00", "Wednesday 22 April 2026"},
		{"the last minute", "2026-04-21T16:59:00+01:00", ""},
		{"five o'clock", "2026-04-21T17:00:00+01:00", "Wednesday 22 April 2026"},
		{"nine in London is eight in summer's UTC", "2026-04-22T08:00:00Z", ""},
		{"nine in London is nine in winter's UTC", "2026-01-14T08:59:00Z", "Wednesday 14 January 2026"},
		{"Friday evening", "2026-04-17T18:00:00+01:00", "Monday 20 April 2026"},
		{"Saturday noon", "2026-04-18T12:00:00+01:00", "Monday 20 April 2026"},
		{"Sunday noon", "2026-04-19T12:00:00+01:00", "Monday 20 April 2026"},
		{"Good Friday and Easter", "2026-04-03T12:00:00+01:00", "Tuesday 7 April 2026"},
		{"Easter Monday", "2026-04-06T12:00:00+01:00", "Tuesday 7 April 2026"},
		{"the evening before the early May bank holiday", "2026-05-01T18:00:00+01:00", "Tuesday 5 May 2026"},
		{"Boxing Day on a Saturday is kept on Monday", "2026-12-28T12:00:00Z", "Tuesday 29 December 2026"},
		{"New Year's Day", "2027-01-01T12:00:00Z", "Monday 4 January 2027"},
		{"a day of the desk's own", "2026-04-23T12:00:00+01:00", "Friday 24 April 2026"},
		{"the evening before it", "2026-04-22T17:30:00+01:00", "Friday 24 April 2026"},
	} {
		t.Run(h.name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339, h.at)
			if err != nil {
				t.Fatal(err)
			}
			ev, c := plainMail(func(m *nasdesk.MailEvent, _ *nasdesk.Case) { m.Heard = nasdesk.Heard{} })
			ev.At = nasdesk.TimestampOf(at)
			text := textTo(desk.Step(ev, c), asking)
			if open := !strings.Contains(text, "They will read your message on"); open != (h.reads == "") {
				t.Errorf("open is %v:\n%s", open, text)
			}
			if h.reads != "" && !strings.Contains(text, "on "+h.reads+", from 9am") {
				t.Errorf("want %s:\n%s", h.reads, text)
			}
		})
	}
}

// Service time counts nine to five on working days only, and knows the bank
// holidays and the change of the clocks.
func TestServiceTime(t *testing.T) {
	at := func(s string) nasdesk.Timestamp {
		when, err := time.ParseInLocation("2006-01-02 15:04", s, nasdesk.London)
		if err != nil {
			t.Fatal(err)
		}
		return nasdesk.TimestampOf(when)
	}
	for _, c := range []struct {
		from, to string
		want     time.Duration
	}{
		{"2026-05-19 10:00", "2026-05-19 11:30", 90 * time.Minute},  // within a day
		{"2026-05-19 07:00", "2026-05-19 23:00", 8 * time.Hour},     // a whole day
		{"2026-05-22 16:00", "2026-05-26 10:00", 2 * time.Hour},     // over a weekend and the bank holiday behind it
		{"2026-05-23 09:00", "2026-05-24 17:00", 0},                 // a weekend
		{"2026-10-23 16:00", "2026-10-26 10:00", 2 * time.Hour},     // the clocks go back
		{"2026-05-19 12:00", "2026-05-19 12:00", 0},                 // no time at all
		{"2026-05-19 12:00", "2026-05-19 11:00", 0},                 // backwards
		{"2025-12-24 09:00", "2026-01-02 09:00", 4 * 8 * time.Hour}, // 24, 29, 30 and 31 December
	} {
		got := workflows.DefaultDesk.ServiceTime(at(c.from), at(c.to))
		if got != c.want {
			t.Errorf("%s to %s: %v of service time, want %v", c.from, c.to, got, c.want)
		}
	}
}

// TestHolidaysKnown: the days of England and Wales as gov.uk/bank-holidays lists them.
func TestHolidaysKnown(t *testing.T) {
	published := map[int]string{
		2026: "2026-01-01 2026-04-03 2026-04-06 2026-05-04 2026-05-25 2026-08-31 2026-12-25 2026-12-28",
		2027: "2027-01-01 2027-03-26 2027-03-29 2027-05-03 2027-05-31 2027-08-30 2027-12-27 2027-12-28",
		2028: "2028-01-03 2028-04-14 2028-04-17 2028-05-01 2028-05-29 2028-08-28 2028-12-25 2028-12-26",
	}
	desk := workflows.DefaultDesk
	desk.Holidays = nil
	for year, want := range published {
		var got []string
		for t := time.Date(year, 1, 1, 0, 0, 0, 0, nasdesk.London); t.Year() == year; t = t.AddDate(0, 0, 1) {
			weekend := t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
			if !weekend && desk.ServiceTime(nasdesk.TimestampOf(t), nasdesk.TimestampOf(t.AddDate(0, 0, 1))) == 0 {
				got = append(got, t.Format(time.DateOnly))
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%d: %s, want %s", year, got, want)
		}
	}
	if slices.Max(slices.Collect(maps.Keys(published))) != workflows.HolidaysKnown {
		t.Errorf("HolidaysKnown is %d, which is not the last year here", workflows.HolidaysKnown)
	}
}
