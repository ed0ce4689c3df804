package console

import (
	"encoding/csv"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"nasdesk/store"
)

func TestFiguresWithoutAnything(t *testing.T) {
	_, b := openOffice(t)
	p := b.as("auditor").get("/figures").says("From 26 March 2026 to 22 April 2026", "There is nothing to show for these days.")
	if n := len(p.all("svg", "class", "nas-chart")); n != 2 {
		t.Errorf("%d charts", n)
	}
	b.fetch("GET", "/figures", nil).is(303)
}

func TestFiguresOfADay(t *testing.T) {
	_, b := openOffice(t)
	b.deliver("pharmacy.fa123@nhs.net", "New dispenser", newStarter, true)
	b.deliver("pharmacy.fa123@nhs.net", "Another", "Please set up an nhs.net account.\n\nFull name: Edwin Sallow\nAlternative email: edwin@example.com\nRole: Member\n", true)
	if _, err := b.office.Store.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := b.as("agent").get("/figures?from=2026-04-20&to=2026-04-22&by=day")
	p.says("Messages and requests, by day", "22 April 2026", "In all", "Accepted", "Needs information", "Mobile")
	for _, s := range p.all("svg", "class", "nas-chart") {
		for _, of := range []string{"title", "desc"} {
			if n := childNamed(s, of); n == "" {
				t.Errorf("a chart has no %s", of)
			}
		}
	}
}

func TestFiguresRefuseDaysThatCannotBe(t *testing.T) {
	_, b := openOffice(t)
	agent := b.as("agent")
	for query, says := range map[string]string{
		"from=yesterday":                    "Enter the first day",
		"to=2026-13-01":                     "Enter the last day",
		"from=2026-04-22&to=2026-04-01":     "must not be before",
		"from=1900-01-01&to=2026-04-01":     "ten years at most",
		"from=2026-04-01&to=x&by=fortnight": "Enter the last day",
	} {
		agent.get("/figures?"+query).says("There is a problem", says)
		agent.fetch("GET", "/figures.csv?"+query, nil).is(400)
	}
	agent.get("/figures?from=2025-01-01&to=2026-04-01&by=day").says("it goes by month", "January 2025")
}

func TestFiguresAsAFile(t *testing.T) {
	_, b := openOffice(t)
	b.deliver("pharmacy.fa123@nhs.net", "New dispenser", newStarter, true)
	if _, err := b.office.Store.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := b.as("agent").fetch("GET", "/figures.csv?from=2026-04-20&to=2026-04-22", nil).is(200)
	if d := p.header.Get("Content-Disposition"); d != `attachment; filename="figures-2026-04-20-2026-04-22.csv"` {
		t.Error(d)
	}
	rows, err := csv.NewReader(strings.NewReader(p.body)).ReadAll()
	if err != nil || len(rows) < 2 || strings.Join(rows[0], ",") != "what,day,kind,word,number" {
		t.Fatalf("%v, %v", rows, err)
	}
	if !strings.Contains(p.body, "requests,2026-04-22,,,1") || !strings.Contains(p.body, "outcome,,new-user,accepted,1") {
		t.Errorf("the file holds\n%s", p.body)
	}
}

func TestPeriods(t *testing.T) {
	f := figureView{From: "2026-03-30", To: "2026-04-07", By: "week"}
	f.Days = []store.DayFigures{{Day: "2026-03-31", Messages: 2, Requests: 3, Straight: 2, Staff: 1}, {Day: "2026-04-05", Requests: 1}, {Day: "2026-04-06", Requests: 5}}
	got := f.periods()
	if len(got) != 2 || got[0].Requests != 4 || got[1].Requests != 5 || got[0].Name != "Week of 30 March 2026" || got[1].Short != "6 Apr" || got[0].Percent() != "50%" {
		t.Errorf("%+v", got)
	}
	f.By = "month"
	if got := f.periods(); len(got) != 2 || got[0].Name != "March 2026" || got[1].Requests != 6 {
		t.Errorf("%+v", got)
	}
	f.By = "day"
	if got := f.periods(); len(got) != 9 || got[1].Messages != 2 || got[2].Percent() != "none" {
		t.Errorf("%+v", got)
	}
}

func TestQuantilesOfSteps(t *testing.T) {
	d := store.Duration{N: 10, Steps: []int{0, 0, 4, 0, 6}} // four took 2 to 4 minutes, six 8 to 16
	for share, want := range map[float64]time.Duration{0.4: 4 * time.Minute, 0.2: 3 * time.Minute, 0.7: 12 * time.Minute, 1: 16 * time.Minute} {
		if got := quantile(d, share); got != want {
			t.Errorf("%v of them took less than %v, want %v", share, got, want)
		}
	}
	if got := quantile(store.Duration{N: 2, Steps: []int{2}}, 0.5); got != 30*time.Second {
		t.Errorf("under a minute: %v", got)
	}
	if got := quantile(store.Duration{}, 0.5); got != 0 {
		t.Errorf("of nothing: %v", got)
	}
}

func TestTheTopOfAnAxisIsRound(t *testing.T) {
	for most, want := range map[float64]float64{0: 4, 3: 4, 5: 8, 9: 12, 13: 16, 21: 40, 37: 40, 110: 120, 410: 600, 999: 1000, 1001: 1200} {
		if got := top(most); got != want {
			t.Errorf("above %v: %v, want %v", most, got, want)
		}
	}
}

// Every chart is well-formed XML, names itself, and keeps what it is given as text.
func TestChartsAreWellFormed(t *testing.T) {
	for _, c := range []Chart{
		{ID: "none", Title: "Nothing"},
		{ID: "one", Title: "A < B & C", Says: `"quoted"`, Series: []string{"x", "y", "z"}, Bars: []Bar{{"<script>", []float64{1, 2, 3}}, {"b", []float64{0, 0, 0}}}},
		{ID: "share", Title: "Share", Unit: "%", Bars: []Bar{{"Mon", []float64{40}}}},
	} {
		for _, picture := range []string{string(c.Columns()), string(c.Rows())} {
			d := xml.NewDecoder(strings.NewReader(picture))
			for {
				if _, err := d.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatalf("%s: %v\n%s", c.ID, err, picture)
				}
			}
			if strings.Contains(picture, "<script") || strings.Contains(picture, "NaN") || strings.Contains(picture, "style=") {
				t.Errorf("%s: %s", c.ID, picture)
			}
			if !strings.Contains(picture, `role="img"`) || !strings.Contains(picture, `aria-labelledby="`+c.ID+`-title `+c.ID+`-desc"`) {
				t.Errorf("%s does not name itself: %s", c.ID, picture)
			}
		}
	}
	c := Chart{ID: "p", Series: []string{"a", "b"}, Bars: []Bar{{"x", []float64{1, 1}}}}
	if s := string(c.Columns()); !strings.Contains(s, "url(#p-1)") {
		t.Errorf("series are told apart by colour alone: %s", s)
	}
}

// childNamed is what a part of a picture says.
func childNamed(n *html.Node, name string) string {
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && c.Data == name && c.FirstChild != nil {
			return c.FirstChild.Data
		}
	}
	return ""
}
