package workflows

import (
	"slices"
	"sync"
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
	t, err := time.Parse(time.DateOnly, string(day))
	if err != nil || t.Weekday() == time.Saturday || t.Weekday() == time.Sunday {
		return false
	}
	return !bankHolidays(t.Year())[day] && !slices.Contains(d.Holidays, day)
}

// bankHolidays are the days of a year, weekends aside, on which the banks are
// closed. A year is reckoned once: lists reckon service time over and over.
func bankHolidays(year int) map[nasdesk.Date]bool {
	if known, ok := bankHolidaysOf.Load(year); ok {
		return known.(map[nasdesk.Date]bool)
	}
	days := map[nasdesk.Date]bool{}
	for t := time.Date(year, 1, 1, 12, 0, 0, 0, nasdesk.London); t.Year() == year; t = t.AddDate(0, 0, 1) {
		if _, observed, _ := englishHolidays.IsHoliday(t); observed {
			days[nasdesk.DateOf(t)] = true
		}
	}
	bankHolidaysOf.Store(year, days)
	return days
}

var bankHolidaysOf sync.Map // by year

// HolidaysKnown is the last year whose bank holidays were held against those that
// the government has published (gov.uk/bank-holidays, England and Wales). Later ones
// are reckoned by rule, which knows nothing of days that are still to be proclaimed.
const HolidaysKnown = 2028

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
	first, last := nasdesk.DateOf(from.Time()), nasdesk.DateOf(to.Time())
	for day := first; day <= last; day = day.AddDays(1) {
		switch {
		case !d.workingDay(day):
		case day == first || day == last:
			sum += partOf(day, from, to)
		default:
			sum += (closes - opens) * time.Hour
		}
	}
	return sum
}

// partOf is how much of a working day's hours lies between two instants.
func partOf(day nasdesk.Date, from, to nasdesk.Timestamp) time.Duration {
	y, m, n := day.Time().Date()
	start := max(from, nasdesk.TimestampOf(time.Date(y, m, n, opens, 0, 0, 0, nasdesk.London)))
	end := min(to, nasdesk.TimestampOf(time.Date(y, m, n, closes, 0, 0, 0, nasdesk.London)))
	return max(0, end.Time().Sub(start.Time()))
}
