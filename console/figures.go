package console

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"nasdesk"
	"nasdesk/store"
)

var figureRoutes = []route{
	{"GET /figures", reader, figuresPage},
	{"GET /figures.csv", reader, figuresCSV},
}

// The longest range of figures, and the most columns of a chart.
const (
	figureDays = 3660
	mostBars   = 62
)

// A figureView is the page of figures.
type figureView struct {
	From, To nasdesk.Date
	By       string
	Faults   Faults
	Coarser  bool // too many columns were asked for
	store.Figures
	Periods              []period
	Total                period
	Arrivals, Share      Chart
	Outcome, Why, Fields []tallyRow
	FieldChart           Chart
	First, Done          []timing
	FirstChart           Chart
	DoneChart            Chart
}

// A period is a day, a week or a month of figures.
type period struct {
	Name, Short                         string
	Messages, Requests, Straight, Staff int
}

// Percent is the share of requests that were decided without staff.
func (p period) Percent() string { return percent(p.Straight, p.Requests) }

func percent(part, whole int) string {
	if whole == 0 {
		return "none"
	}
	return fmt.Sprintf("%d%%", (part*100+whole/2)/whole)
}

// A tallyRow is a count by two words.
type tallyRow struct {
	Kind string
	Word string
	N    int
}

// A tallyTable is a table of counts, and a timeTable one of times.
type (
	tallyTable struct {
		Name, Column string
		Rows         []tallyRow
	}
	timeTable struct {
		Name  string
		Rows  []timing
		Chart Chart
	}
)

func (f figureView) OutcomeTable() tallyTable {
	return tallyTable{"Outcomes by kind", "Outcome", f.Outcome}
}
func (f figureView) ReasonTable() tallyTable { return tallyTable{"Reasons by kind", "Reason", f.Why} }
func (f figureView) FieldTable() tallyTable {
	return tallyTable{"Questions asked back, by kind and field", "Field", f.Fields}
}
func (f figureView) FirstTable() timeTable {
	return timeTable{"Time to the first answer", f.First, f.FirstChart}
}
func (f figureView) DoneTable() timeTable {
	return timeTable{"Time to completion", f.Done, f.DoneChart}
}

// A timing is how long the requests of a kind took.
type timing struct {
	Kind         string
	N            int
	Median, Most time.Duration // half of them, and nine in ten, took less
}

func figuresPage(v *visit) error {
	f := v.rangeAsked()
	var err error
	if f.Figures, err = v.office.Store.Figures(v.ctx(), f.From, f.To); err != nil {
		return err
	}
	f.fill(v.office.kindTitle)
	return v.show("figures", f)
}

// rangeAsked reads the days and the step from the address: the last four weeks by
// day if nothing is said. A range that cannot be is answered with that too.
func (v *visit) rangeAsked() figureView {
	q := v.URL.Query()
	f := figureView{From: v.today.AddDays(-27), To: v.today, By: q.Get("by")}
	day := func(name, says string, into *nasdesk.Date) {
		if s := q.Get(name); s != "" {
			d, err := nasdesk.ParseDate(s)
			f.Faults.Add(err != nil, name, says)
			if err == nil {
				*into = d
			}
		}
	}
	day("from", "Enter the first day, such as 2026-04-01", &f.From)
	day("to", "Enter the last day, such as 2026-04-30", &f.To)
	backwards, long := f.To < f.From, f.From.AddDays(figureDays) < f.To
	f.Faults.Add(backwards, "to", "The last day must not be before the first")
	f.Faults.Add(!backwards && long, "from", "Ask for ten years at most")
	if backwards || long {
		f.From, f.To = v.today.AddDays(-27), v.today
	}
	if !slices.Contains([]string{"day", "week", "month"}, f.By) {
		f.By = "day"
	}
	return f
}

// Steps are the choices of a period.
func (f figureView) Steps() []Option {
	return []Option{{Value: "day", Text: "Day"}, {Value: "week", Text: "Week"}, {Value: "month", Text: "Month"}}
}

// CSV is the address of the same figures as a file.
func (f figureView) CSV() string {
	return "/figures.csv?" + url.Values{"from": {string(f.From)}, "to": {string(f.To)}}.Encode()
}

// fill works out tables and charts.
func (f *figureView) fill(title func(string) string) {
	f.Periods = f.periods()
	for f.Coarser = false; len(f.Periods) > mostBars && f.By != "month"; f.Periods = f.periods() {
		f.By, f.Coarser = map[string]string{"day": "week", "week": "month"}[f.By], true
	}
	f.Arrivals = Chart{ID: "arrivals", Title: "Requests by " + f.By, Series: []string{"Decided without staff", "Referred to staff", "Asked back, or open"}}
	f.Share = Chart{ID: "share", Title: "Requests decided without staff, by " + f.By, Unit: "%"}
	for _, p := range f.Periods {
		f.Total.Messages, f.Total.Requests = f.Total.Messages+p.Messages, f.Total.Requests+p.Requests
		f.Total.Straight, f.Total.Staff = f.Total.Straight+p.Straight, f.Total.Staff+p.Staff
		rest := max(0, p.Requests-p.Straight-p.Staff)
		f.Arrivals.Bars = append(f.Arrivals.Bars, Bar{p.Short, []float64{float64(p.Straight), float64(p.Staff), float64(rest)}})
		share := 0.0
		if p.Requests > 0 {
			share = 100 * float64(p.Straight) / float64(p.Requests)
		}
		f.Share.Bars = append(f.Share.Bars, Bar{p.Short, []float64{share}})
	}
	f.Arrivals.Says = fmt.Sprintf("%s in all, %s of them decided without staff.", plural(f.Total.Requests, "request", "requests"), number(f.Total.Straight))
	f.Share.Says = fmt.Sprintf("%s of all requests.", f.Total.Percent())
	f.Outcome = tallied(f.Outcomes, title, func(w string) string { return outcomeTag(nasdesk.Outcome(w)).Text })
	f.Why = tallied(f.Reasons, title, func(w string) string { return reasonWords(nasdesk.Reason(w)) })
	f.Fields = tallied(f.Asked, title, func(w string) string { return upperFirst(fieldName(w)) })
	f.FieldChart = fieldsAsked(f.Asked)
	f.First, f.FirstChart = timings(f.Figures.First, title, "first", "Time to the first answer")
	f.Done, f.DoneChart = timings(f.Complete, title, "complete", "Time to completion")
}

// periods folds the days into the steps asked for, those without a message
// included.
func (f *figureView) periods() []period {
	days := map[nasdesk.Date]store.DayFigures{}
	for _, d := range f.Days {
		days[d.Day] = d
	}
	var out []period
	last := ""
	for day := f.From; day <= f.To; day = day.AddDays(1) {
		key, name, short := periodOf(day, f.By)
		if key != last {
			out, last = append(out, period{Name: name, Short: short}), key
		}
		p, d := &out[len(out)-1], days[day]
		p.Messages, p.Requests, p.Straight, p.Staff = p.Messages+d.Messages, p.Requests+d.Requests, p.Straight+d.Straight, p.Staff+d.Staff
	}
	return out
}

// periodOf is the period that a day lies in: a word that tells it from others, its
// name, and the name under a column. Weeks begin on Monday (ISO 8601).
func periodOf(day nasdesk.Date, by string) (key, name, short string) {
	t := day.Time()
	switch by {
	case "month":
		return t.Format("2006-01"), t.Format("January 2006"), t.Format("Jan 06")
	case "week":
		monday := t.AddDate(0, 0, -(int(t.Weekday())+6)%7)
		return monday.Format(time.DateOnly), "Week of " + monday.Format("2 January 2006"), monday.Format("2 Jan")
	}
	return string(day), t.Format("2 January 2006"), t.Format("2 Jan")
}

// tallied words counts and puts the largest first.
func tallied(in []store.Tally, title, word func(string) string) []tallyRow {
	var out []tallyRow
	for _, t := range in {
		out = append(out, tallyRow{title(t.Kind), word(t.Word), t.N})
	}
	slices.SortStableFunc(out, func(a, b tallyRow) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Word, b.Word))
	})
	return out
}

// fieldsAsked draws which fields were asked back most, whatever the kind: the
// guidance on these wants to be plainer.
func fieldsAsked(asked []store.Tally) Chart {
	sum := map[string]int{}
	for _, t := range asked {
		sum[t.Word] += t.N
	}
	c := Chart{ID: "asked", Title: "Questions asked back, by field"}
	for word, n := range sum {
		c.Bars = append(c.Bars, Bar{upperFirst(fieldName(word)), []float64{float64(n)}})
	}
	c.largest(12)
	if len(c.Bars) > 0 {
		c.Says = fmt.Sprintf("Asked most: %s, %s times.", c.Bars[0].Label, num(c.Bars[0].sum()))
	}
	return c
}

func (c *Chart) largest(n int) {
	slices.SortFunc(c.Bars, func(a, b Bar) int { return cmp.Or(cmp.Compare(b.sum(), a.sum()), cmp.Compare(a.Label, b.Label)) })
	c.Bars = c.Bars[:min(n, len(c.Bars))]
}

// timings are the median and the ninth decile of each kind, in service hours.
func timings(in []store.Duration, title func(string) string, id, name string) ([]timing, Chart) {
	c := Chart{ID: id, Title: name + ", in service time", Series: []string{"Half took less", "Nine in ten took less"}, Timed: true}
	var out []timing
	for _, d := range in {
		if d.N == 0 {
			continue
		}
		t := timing{title(d.Kind), d.N, quantile(d, 0.5), quantile(d, 0.9)}
		out = append(out, t)
		c.Bars = append(c.Bars, Bar{t.Kind, []float64{t.Median.Hours(), t.Most.Hours()}})
	}
	slices.SortFunc(out, func(a, b timing) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Kind, b.Kind)) })
	c.Says = fmt.Sprintf("Of %s.", plural(len(out), "kind of request", "kinds of request"))
	c.largest(12)
	return out, c
}

// quantile is a duration below which a share of them lies. Within a step it is
// reckoned as if they lay evenly.
func quantile(d store.Duration, share float64) time.Duration {
	want, seen := share*float64(d.N), 0.0
	for i, n := range d.Steps {
		if n > 0 && seen+float64(n) >= want {
			low, high := 0.0, 1.0
			if i > 0 {
				low, high = float64(int(1)<<(i-1)), float64(int(1)<<i)
			}
			return time.Duration((low + (high-low)*(want-seen)/float64(n)) * float64(time.Minute)).Round(time.Second)
		}
		seen += float64(n)
	}
	return 0
}

// figuresCSV gives the figures as a file: a line for every number.
func figuresCSV(v *visit) error {
	f := v.rangeAsked()
	if len(f.Faults) > 0 {
		return problem{400, "These days cannot be", f.Faults[0].Says + "."}
	}
	figures, err := v.office.Store.Figures(v.ctx(), f.From, f.To)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	writeFigures(csv.NewWriter(&b), figures)
	v.w.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
	v.w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="figures-%s-%s.csv"`, f.From, f.To))
	_, _ = b.WriteTo(v.w) // a visitor who left is no fault
	return nil
}

func writeFigures(c *csv.Writer, f store.Figures) {
	line := func(what string, day nasdesk.Date, kind, word string, n int) {
		_ = c.Write([]string{what, string(day), kind, word, strconv.Itoa(n)}) // a buffer takes everything
	}
	_ = c.Write([]string{"what", "day", "kind", "word", "number"})
	for _, d := range f.Days {
		line("messages", d.Day, "", "", d.Messages)
		line("requests", d.Day, "", "", d.Requests)
		line("decided without staff", d.Day, "", "", d.Straight)
		line("referred to staff", d.Day, "", "", d.Staff)
	}
	for _, t := range f.Outcomes {
		line("outcome", "", t.Kind, t.Word, t.N)
	}
	for _, t := range f.Reasons {
		line("reason", "", t.Kind, t.Word, t.N)
	}
	for _, t := range f.Asked {
		line("asked back", "", t.Kind, t.Word, t.N)
	}
	times := func(what string, in []store.Duration) {
		for _, d := range in {
			line(what+": how many", "", d.Kind, "", d.N)
			line(what+": median in minutes", "", d.Kind, "", int(quantile(d, 0.5).Minutes()))
			line(what+": nine in ten in minutes", "", d.Kind, "", int(quantile(d, 0.9).Minutes()))
		}
	}
	times("first answer", f.First)
	times("completion", f.Complete)
	c.Flush()
}
