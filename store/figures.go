package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"nasdesk"
)

var errDates = errors.New("store: figures: give two dates, the first not after the second, at most ten years apart")

// Figures returns what the desk did from one day to another, as of the last fold
// (see Seal). A request counts on the day on which it was made, with what became
// of it since.
func (s *Store) Figures(ctx context.Context, from, to nasdesk.Date) (Figures, error) {
	out := Figures{From: from, To: to}
	if from == "" || to < from || to > from.AddMonths(120) {
		return out, errDates
	}
	at := map[nasdesk.Date]int{}
	for d := from; d <= to; d = d.AddDays(1) {
		at[d] = len(out.Days)
		out.Days = append(out.Days, DayFigures{Day: d})
	}
	err := s.db.reader().Do(ctx, Statement{SQL: `select day, what, n from tally where what in ('messages', 'requests', 'straight', 'staff') and day >= $1 and day <= $2`,
		Args: []any{from, to}, Of: "figures", Each: func(scan Scan) error {
			var day nasdesk.Date
			var what string
			var n int
			err := scan(&day, &what, &n)
			if i, ok := at[day]; ok {
				*out.Days[i].of(what) += n
			}
			return err
		}}, sumsOf(from, to, out.eachSum))
	return out, err
}

// sumsOf asks for the sums over a span: of whole months where it holds some, of
// days at its ends.
func sumsOf(from, to nasdesk.Date, each func(Scan) error) Statement {
	var parts []string
	var args []any
	for _, r := range ranges(from, to) {
		args = append(args, r[0], r[1])
		parts = append(parts, fmt.Sprintf(`select what, kind, word, n from tally where what in ('outcome', 'reason', 'asked', 'first', 'complete') and day >= $%d and day <= $%d`, len(args)-1, len(args)))
	}
	return Statement{SQL: `select what, kind, word, cast(sum(n) as bigint) from (` + strings.Join(parts, ` union all `) + `) span
		group by what, kind, word having sum(n) > 0 order by what, kind, word`, Args: args, Of: "figures", Each: each}
}

// ranges cuts a span into the days before the first whole month, the whole
// months, and the days behind the last.
func ranges(from, to nasdesk.Date) (out [][2]string) {
	first := from
	if from[8:] != "01" {
		first = nasdesk.Date(from.AddMonths(1)[:8] + "01")
	}
	end := nasdesk.Date(to.AddDays(1)[:8] + "01") // the day behind the last whole month
	if first >= end {
		return [][2]string{{string(from), string(to)}}
	}
	if from < first {
		out = append(out, [2]string{string(from), string(first.AddDays(-1))})
	}
	out = append(out, [2]string{month(first), month(end.AddDays(-1))})
	if end <= to {
		out = append(out, [2]string{string(end), string(to)})
	}
	return out
}

// of is the count of a sort.
func (d *DayFigures) of(what string) *int {
	return map[string]*int{sumMessages: &d.Messages, sumRequests: &d.Requests, sumStraight: &d.Straight, sumStaff: &d.Staff}[what]
}

func (f *Figures) eachSum(scan Scan) error {
	var what, kind, word string
	var n int
	if err := scan(&what, &kind, &word, &n); err != nil {
		return err
	}
	switch what {
	case sumOutcome:
		f.Outcomes = append(f.Outcomes, Tally{kind, word, n})
	case sumReason:
		f.Reasons = append(f.Reasons, Tally{kind, word, n})
	case sumAsked:
		f.Asked = append(f.Asked, Tally{kind, word, n})
	case sumFirst:
		return addStep(&f.First, kind, word, n)
	case sumComplete:
		return addStep(&f.Complete, kind, word, n)
	}
	return nil
}

// addStep adds n to a step of a kind's duration. The kinds come one after another.
func addStep(to *[]Duration, kind, word string, n int) error {
	at, err := strconv.Atoi(word)
	if err != nil {
		return err
	}
	if len(*to) == 0 || (*to)[len(*to)-1].Kind != kind {
		*to = append(*to, Duration{Kind: kind})
	}
	d := &(*to)[len(*to)-1]
	for len(d.Steps) <= at {
		d.Steps = append(d.Steps, 0)
	}
	d.Steps[at] += n
	d.N += n
	return nil
}
