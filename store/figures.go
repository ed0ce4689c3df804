package store

import (
	"context"
	"errors"
	"strconv"

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
	args := []any{from, to}
	err := s.db.reader().Do(ctx,
		Statement{SQL: `select day, what, n from tally where day >= $1 and day <= $2 and what in ('messages', 'requests', 'straight', 'staff')`, Args: args, Of: "figures",
			Each: func(scan Scan) error {
				var day nasdesk.Date
				var what string
				var n int
				err := scan(&day, &what, &n)
				if i, ok := at[day]; ok {
					*out.Days[i].of(what) += n
				}
				return err
			}},
		Statement{SQL: `select what, kind, word, cast(sum(n) as bigint) from tally where day >= $1 and day <= $2 and what in ('outcome', 'reason', 'asked', 'first', 'complete')
			group by what, kind, word having sum(n) > 0 order by what, kind, word`, Args: args, Of: "figures", Each: out.eachSum})
	return out, err
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
