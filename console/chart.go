package console

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
	"time"
)

// Charts are drawn here, as SVG in the page: no script, no other host, dark text,
// and series told apart by pattern as well as by colour. Each stands above a table
// with the same numbers, so that nothing is in the picture alone.

// A Chart is a picture of numbers.
type Chart struct {
	ID     string // of the element; those of its parts begin with it
	Title  string
	Says   string // what can be seen, in a sentence
	Series []string
	Bars   []Bar
	Unit   string // behind a number on the axis: "%"; "" for a count
	Timed  bool   // the numbers are hours of service time
}

// A Bar is one thing counted, with a number for each series.
type Bar struct {
	Label  string
	Values []float64
}

// The measures of a chart, in its own units: it grows and shrinks with the page.
const (
	chartWide  = 720
	chartHigh  = 240
	chartLeft  = 56 // for the numbers of the axis
	chartBelow = 40 // for the labels
	rowHigh    = 28
	rowWords   = 170 // for what stands behind a bar
)

// inks are the fills of the first, second and third series: NHS blue plain, NHS
// orange striped, NHS green dotted. All stand out against white by 3 to 1.
var inks = []string{"#005eb8", "#b34700", "#007f3b"}

// an svg is a picture while it is drawn.
type svg struct{ strings.Builder }

func (s *svg) el(format string, args ...any) { fmt.Fprintf(s, format+"\n", args...) }

func esc(text string) string { return template.HTMLEscapeString(text) }

func num(f float64) string { return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64) }

// begin opens a picture: its name and what can be seen are there for those who
// cannot see it.
func (c Chart) begin(s *svg, high float64) {
	s.el(`<svg class="nas-chart" xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 %d %s" aria-labelledby="%s-title %s-desc">`, chartWide, num(high), c.ID, c.ID)
	s.el(`<title id="%s-title">%s</title><desc id="%s-desc">%s</desc>`, c.ID, esc(c.Title), c.ID, esc(c.Says))
	s.el(`<defs>`)
	s.el(`<pattern id="%s-1" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#ffffff"/><rect width="4" height="6" fill="%s"/></pattern>`, c.ID, inks[1])
	s.el(`<pattern id="%s-2" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6" fill="#ffffff"/><circle cx="3" cy="3" r="2.4" fill="%s"/></pattern>`, c.ID, inks[2])
	s.el(`</defs>`)
}

// fill is the fill of a series.
func (c Chart) fill(series int) string {
	if series == 0 {
		return inks[0]
	}
	return fmt.Sprintf("url(#%s-%d)", c.ID, 1+(series-1)%2)
}

// ink is the line about a series.
func (c Chart) ink(series int) string { return inks[series%len(inks)] }

// legend names the series beneath a picture.
func (c Chart) legend(s *svg, y float64) {
	if len(c.Series) < 2 {
		return
	}
	x := 0.0
	for i, name := range c.Series {
		s.el(`<rect x="%s" y="%s" width="14" height="14" fill="%s" stroke="%s"/>`, num(x), num(y), c.fill(i), c.ink(i))
		s.el(`<text x="%s" y="%s" font-size="14" fill="#212b32">%s</text>`, num(x+20), num(y+12), esc(name))
		x += 40 + 8*float64(len(name))
	}
}

// top is the round number at the top of the axis, of which a quarter is whole.
func top(most float64) float64 {
	for _, small := range []float64{4, 8, 12, 16, 20} {
		if most <= small {
			return small
		}
	}
	for p := math.Pow(10, math.Floor(math.Log10(most))); ; p *= 10 {
		for _, f := range []float64{1.2, 1.6, 2, 4, 6, 8, 10, 12} {
			if most <= f*p {
				return f * p
			}
		}
	}
}

func (b Bar) sum() (sum float64) {
	for _, v := range b.Values {
		sum += v
	}
	return sum
}

func (c Chart) most() (most float64) {
	for _, b := range c.Bars {
		most = max(most, b.sum())
	}
	return most
}

// Columns draws the bars upright and side by side, their series one upon the
// other: for what goes on from day to day.
func (c Chart) Columns() template.HTML {
	var s svg
	foot := 0.0
	if len(c.Series) > 1 {
		foot = 28
	}
	c.begin(&s, chartHigh+chartBelow+foot)
	peak := top(c.most())
	if c.Unit == "%" {
		peak = 100
	}
	c.axis(&s, peak)
	step := float64(chartWide-chartLeft-8) / float64(max(len(c.Bars), 1))
	every := 1 + (len(c.Bars)-1)/8
	for i, b := range c.Bars {
		x, y := chartLeft+float64(i)*step, float64(chartHigh)
		for j, v := range b.Values {
			high := v / peak * (chartHigh - 16)
			y -= high
			if v > 0 {
				s.el(`<rect x="%s" y="%s" width="%s" height="%s" fill="%s" stroke="%s"/>`, num(x+step*0.15), num(y), num(step*0.7), num(high), c.fill(j), c.ink(j))
			}
		}
		if i%every == 0 {
			s.el(`<text x="%s" y="%d" font-size="13" fill="#212b32" text-anchor="start">%s</text>`, num(x+step*0.15), chartHigh+20, esc(b.Label))
		}
	}
	c.legend(&s, chartHigh+chartBelow)
	s.el(`</svg>`)
	return template.HTML(s.String())
}

// axis draws the ground and three lines above it, with their numbers.
func (c Chart) axis(s *svg, peak float64) {
	for i := range 5 {
		v := peak * float64(i) / 4
		y := chartHigh - v/peak*(chartHigh-16)
		s.el(`<line x1="%d" y1="%s" x2="%d" y2="%s" stroke="%s"/>`, chartLeft, num(y), chartWide-8, num(y), map[bool]string{true: "#4c6272", false: "#d8dde0"}[i == 0])
		s.el(`<text x="%d" y="%s" font-size="13" fill="#212b32" text-anchor="end">%s%s</text>`, chartLeft-6, num(y+4), num(v), esc(c.Unit))
	}
}

// words are what stands behind a bar.
func (c Chart) words(v float64) string {
	if c.Timed {
		return serviceTime(time.Duration(v * float64(time.Hour)))
	}
	return num(v) + c.Unit
}

// Rows draws the bars lying, one beneath the other, their names above them and
// their numbers behind: for things that have names, however long.
func (c Chart) Rows() template.HTML {
	var s svg
	foot := 4.0
	if len(c.Series) > 1 {
		foot = 30
	}
	group := max(len(c.Series), 1)
	c.begin(&s, float64(len(c.Bars)*(rowHigh*(group+1)+6))+foot)
	peak := 0.0
	for _, b := range c.Bars {
		for _, v := range b.Values {
			peak = max(peak, v)
		}
	}
	y := 0.0
	for _, b := range c.Bars {
		s.el(`<text x="0" y="%s" font-size="15" font-weight="600" fill="#212b32">%s</text>`, num(y+rowHigh-8), esc(b.Label))
		y += rowHigh
		for j, v := range b.Values {
			wide := 1.0
			if peak > 0 {
				wide = max(wide, v/peak*(chartWide-rowWords))
			}
			s.el(`<rect x="0" y="%s" width="%s" height="%d" fill="%s" stroke="%s"/>`, num(y+2), num(wide), rowHigh-8, c.fill(j), c.ink(j))
			s.el(`<text x="%s" y="%s" font-size="15" fill="#212b32">%s</text>`, num(wide+8), num(y+rowHigh-10), esc(c.words(v)))
			y += rowHigh
		}
		y += 6
	}
	c.legend(&s, y+6)
	s.el(`</svg>`)
	return template.HTML(s.String())
}
