package nasdesk

import (
	"fmt"
	"time"
)

// London is the zone in which all dates are reckoned. Its rules are those of
// the program's own copy of the zone database (time/tzdata), so that every
// machine reckons alike.
var London = mustZone("Europe/London")

func mustZone(name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil {
		panic("nasdesk: no zone " + name + ": build with time/tzdata: " + err.Error())
	}
	return l
}

// A Date is a day in London, as YYYY-MM-DD; "" is no day. Dates compare as
// strings do.
type Date string

// DateOf returns the day in London at t.
func DateOf(t time.Time) Date { return Date(t.In(London).Format(time.DateOnly)) }

// ParseDate reads YYYY-MM-DD.
func ParseDate(s string) (Date, error) {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return "", fmt.Errorf("not a date: %q (write it as 2026-04-22)", s)
	}
	return Date(s), nil
}

// Time returns the start of the day in London.
func (d Date) Time() time.Time {
	t, _ := time.ParseInLocation(time.DateOnly, string(d), London)
	return t
}

// AddDays returns the day n days on.
func (d Date) AddDays(n int) Date {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return ""
	}
	return Date(t.AddDate(0, 0, n).Format(time.DateOnly))
}

// AddMonths returns the day n calendar months on. A day that the month lacks
// becomes its last. Contract, rule 9.
func (d Date) AddMonths(n int) Date {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return ""
	}
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return Date(first.AddDate(0, 0, min(t.Day(), last)-1).Format(time.DateOnly))
}

// Long writes the day for people: Wednesday 22 April 2026.
func (d Date) Long() string {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return string(d)
	}
	return t.Format("Monday 2 January 2006")
}

// Valid reports whether d is a day of the calendar, written YYYY-MM-DD.
func (d Date) Valid() bool {
	_, err := time.Parse(time.DateOnly, string(d))
	return err == nil
}
