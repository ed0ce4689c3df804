package workflows

import (
	"slices"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/gb"

	"nasdesk"
)

// The desk's hours: 9am to 5pm, Monday to Friday, excluding bank holidays in
// England. Seed "NHS.net Connect FAQs".
const (
	opens  = 9
	closes = 17
)

var englishHolidays = func() *cal.BusinessCalendar {
	c := cal.NewBusinessCalendar()
	c.AddHoliday(gb.Holidays...)
	return c
}()

// workingDay reports whether staff work on a day.
func (d Desk) workingDay(day nasdesk.Date) bool {
	t := day.Time().Add(12 * time.Hour)
	_, observed, _ := englishHolidays.IsHoliday(t)
	return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday && !observed && !slices.Contains(d.Holidays, day)
}

// readsAt tells when staff read a message that comes at an instant: today, or
// the next working day. Open is whether they read it now.
func (d Desk) readsAt(at nasdesk.Timestamp) (day nasdesk.Date, open bool) {
	t := at.Time().In(nasdesk.London)
	day = nasdesk.DateOf(t)
	if d.workingDay(day) && t.Hour() < closes {
		return day, t.Hour() >= opens
	}
	for {
		day = day.AddDays(1)
		if d.workingDay(day) {
			return day, false
		}
	}
}

// outOfHours says when staff will read a message that came outside their hours,
// and who helps meanwhile.
func (s *stepping) outOfHours() []nasdesk.Block {
	day, open := s.desk.readsAt(s.event.At)
	if open {
		return nil
	}
	return []nasdesk.Block{para("Our staff work from 9am to 5pm, Monday to Friday, excluding bank holidays. They will read your message on " + day.Long() +
		", from 9am. If it is about a password that must be reset before then, call the NHS.net national service desk on " + s.desk.Phone + ".")}
}

// ServiceTime is how much of the desk's hours lies between two instants.
func (d Desk) ServiceTime(from, to nasdesk.Timestamp) time.Duration {
	var sum time.Duration
	for day := nasdesk.DateOf(from.Time()); day <= nasdesk.DateOf(to.Time()); day = day.AddDays(1) {
		if d.workingDay(day) {
			y, m, n := day.Time().Date()
			start := max(from, nasdesk.TimestampOf(time.Date(y, m, n, opens, 0, 0, 0, nasdesk.London)))
			end := min(to, nasdesk.TimestampOf(time.Date(y, m, n, closes, 0, 0, 0, nasdesk.London)))
			sum += max(0, end.Time().Sub(start.Time()))
		}
	}
	return sum
}
