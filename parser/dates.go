package parser

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"nasdesk"
)

var months = map[string]time.Month{"january": 1, "jan": 1, "february": 2, "feb": 2, "march": 3, "mar": 3, "april": 4, "apr": 4, "may": 5, "june": 6, "jun": 6, "july": 7, "jul": 7,
	"august": 8, "aug": 8, "september": 9, "sept": 9, "sep": 9, "october": 10, "oct": 10, "november": 11, "nov": 11, "december": 12, "dec": 12}

var weekdays = map[string]time.Weekday{"sunday": 0, "monday": 1, "tuesday": 2, "wednesday": 3, "thursday": 4, "friday": 5, "saturday": 6, "sun": 0, "mon": 1, "tue": 2, "tues": 2, "wed": 3, "thu": 4, "thur": 4, "thurs": 4, "fri": 5, "sat": 6}

// A day is a date found in a text.
type day struct {
	date nasdesk.Date
	at   int // index of the first token
	n    int // how many tokens it takes
}

// parseDay reads the first day of a text, reckoned from a day.
func parseDay(s string, from nasdesk.Date) (nasdesk.Date, bool) {
	ds := daysIn(tokens(s, 0, 0), from)
	if len(ds) == 0 {
		return "", false
	}
	return ds[0].date, true
}

// daysIn finds the days named in a run of words, reckoned from the day of the
// message: 30 April, Thursday 30 April 2026, April 30th, 1/5/26, 2026-05-01,
// Friday, next Friday, tomorrow, today, "the end of the month".
func daysIn(ts []token, from nasdesk.Date) []day {
	var out []day
	for i := 0; i < len(ts); {
		d, n := dayAt(ts[i:], from)
		if n == 0 {
			i++
			continue
		}
		out = append(out, day{d, i, n})
		i += n
	}
	return out
}

func dayAt(ts []token, from nasdesk.Date) (nasdesk.Date, int) {
	w := ts[0].low
	if _, ok := weekdays[w]; ok {
		if len(ts) > 1 {
			skip := 1
			if ts[1].low == "the" && len(ts) > 2 {
				skip = 2
			}
			if d, n := calendarDay(ts[skip:], from); n > 0 {
				return d, n + skip
			}
		}
		return weekdayAfter(weekdays[w], from, 0), 1
	}
	if d, n := calendarDay(ts, from); n > 0 {
		return d, n
	}
	return relativeDay(ts, from)
}

// calendarDay reads a day and month, in figures or words.
func calendarDay(ts []token, from nasdesk.Date) (nasdesk.Date, int) {
	if d, ok := figures(ts[0].text, from); ok {
		return d, 1
	}
	if n, ok := ordinal(ts[0].low); ok {
		k := 1
		if len(ts) > k && ts[k].low == "of" {
			k++
		}
		if len(ts) > k {
			if m, ok := months[ts[k].low]; ok {
				return withYear(n, m, ts[k+1:], k+1, from)
			}
		}
		return "", 0
	}
	if m, ok := months[ts[0].low]; ok && len(ts) > 1 && (ts[0].upper() || ts[0].low != "may" && ts[0].low != "march") {
		if n, ok := ordinal(ts[1].low); ok {
			return withYear(n, m, ts[2:], 2, from)
		}
	}
	return "", 0
}

func ordinal(w string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimRightFunc(w, unicode.IsLetter))
	suffix := strings.TrimLeft(w, "0123456789")
	return n, err == nil && n >= 1 && n <= 31 && (suffix == "" || suffix == "st" || suffix == "nd" || suffix == "rd" || suffix == "th")
}

func withYear(d int, m time.Month, rest []token, used int, from nasdesk.Date) (nasdesk.Date, int) {
	if len(rest) > 0 {
		if y, err := strconv.Atoi(rest[0].text); err == nil && y >= 2000 && y < 2100 {
			return dateOf(y, m, d), used + 1
		}
	}
	return nearest(m, d, from), used
}

// nearest is the day without a year that a writer means: within half a year
// back, else the next to come.
func nearest(m time.Month, d int, from nasdesk.Date) nasdesk.Date {
	t := from.Time()
	date := dateOf(t.Year(), m, d)
	if date != "" && date < from.AddDays(-183) {
		return dateOf(t.Year()+1, m, d)
	}
	if date > from.AddDays(183) {
		if last := dateOf(t.Year()-1, m, d); last >= from.AddDays(-60) {
			return last
		}
	}
	return date
}

func dateOf(y int, m time.Month, d int) nasdesk.Date {
	t := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	if t.Day() != d || t.Month() != m {
		return ""
	}
	return nasdesk.Date(t.Format(time.DateOnly))
}

// figures reads 1/5/2026, 01.05.26, 30/4 and 2026-05-01: day first.
func figures(w string, from nasdesk.Date) (nasdesk.Date, bool) {
	ps := strings.FieldsFunc(w, func(r rune) bool { return r == '/' || r == '.' || r == '-' })
	if len(ps) < 2 || len(ps) > 3 || strings.ContainsFunc(strings.Join(ps, ""), func(r rune) bool { return r < '0' || r > '9' }) {
		return "", false
	}
	n := make([]int, len(ps))
	for i, p := range ps {
		if len(p) > 4 {
			return "", false
		}
		n[i], _ = strconv.Atoi(p)
	}
	switch {
	case len(n) == 3 && len(ps[0]) == 4:
		return valid(dateOf(n[0], time.Month(n[1]), n[2]))
	case len(n) == 3 && (len(ps[2]) == 4 || len(ps[2]) == 2):
		if n[2] < 100 {
			n[2] += 2000
		}
		return valid(dateOf(n[2], time.Month(n[1]), n[0]))
	case len(n) == 2 && strings.Contains(w, "/") && n[1] >= 1 && n[1] <= 12 && n[0] >= 1:
		return valid(nearest(time.Month(n[1]), n[0], from))
	}
	return "", false
}

func valid(d nasdesk.Date) (nasdesk.Date, bool) { return d, d > "2000" && d < "2100" }

// weekdayAfter is the next such day after from, weeks further on.
func weekdayAfter(w time.Weekday, from nasdesk.Date, weeks int) nasdesk.Date {
	ahead := (int(w) - int(from.Time().Weekday()) + 7) % 7
	if ahead == 0 {
		ahead = 7
	}
	return from.AddDays(ahead + 7*weeks)
}

// relativeDay reads today, tomorrow, next Monday, Monday week, the end of the
// month, next week's and the like.
func relativeDay(ts []token, from nasdesk.Date) (nasdesk.Date, int) {
	at := func(i int) string {
		if i < len(ts) {
			return ts[i].low
		}
		return ""
	}
	switch ts[0].low {
	case "today", "immediately", "now", "tonight":
		return from, 1
	case "tomorrow":
		return from.AddDays(1), 1
	case "next", "this", "coming":
		if w, ok := weekdays[at(1)]; ok {
			return weekdayAfter(w, from, 0), 2
		}
	case "end":
		return endOf(at, 1, from)
	case "last":
		if at(1) == "day" {
			return endOf(at, 2, from)
		}
	case "in":
		return ahead(at(1), at(2), from)
	}
	return "", 0
}

// endOf reads the month behind "the end" or "the last day": "of next month".
func endOf(at func(int) string, i int, from nasdesk.Date) (nasdesk.Date, int) {
	if at(i) != "of" {
		return "", 0
	}
	switch m := months[at(i+1)]; {
	case m != 0:
		return monthEnd(nearest(m, 1, from), 0), i + 2
	case at(i+2) != "month":
	case at(i+1) == "the" || at(i+1) == "this":
		return monthEnd(from, 0), i + 3
	case at(i+1) == "next":
		return monthEnd(from, 1), i + 3
	}
	return "", 0
}

// ahead reads how long it is until then: "in two weeks".
func ahead(n, unit string, from nasdesk.Date) (nasdesk.Date, int) {
	var c nasdesk.Count
	if n == "a" {
		c = 1
	} else if c.Set(n) != nil {
		return "", 0
	}
	switch {
	case strings.HasPrefix(unit, "day"):
		return from.AddDays(int(c)), 3
	case strings.HasPrefix(unit, "week"):
		return from.AddDays(7 * int(c)), 3
	}
	return "", 0
}

func monthEnd(from nasdesk.Date, more int) nasdesk.Date {
	if from == "" {
		return ""
	}
	t := from.Time()
	return nasdesk.Date(time.Date(t.Year(), t.Month()+time.Month(more)+1, 0, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
}
