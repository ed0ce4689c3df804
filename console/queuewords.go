package console

import (
	"html/template"
	"time"

	"nasdesk"
	"nasdesk/store"
)

// queueFuncs are the functions of templates with which the parts of queues and
// requests get what they show.
var queueFuncs = template.FuncMap{
	"rows":      func(caption string, rows []queueRow, dates bool) rowsPart { return rowsPart{caption, rows, dates} },
	"choice":    func(name, label string, options []option) choicePart { return choicePart{name, label, options} },
	"mailframe": func(m mailView, frame string) mailPart { return mailPart{m, frame} },
	"accounts":  func(caption string, rows []accountRow) accountsPart { return accountsPart{caption, rows} },
	"links":     func(l ...Link) []Link { return l },
	"list":      func(s ...string) []string { return s },
	"lower":     lowered,
	"second":    secondHTML,
	"idif": func(some []Option, then, otherwise string) string {
		if len(some) > 0 {
			return then
		}
		return otherwise
	},
}

// secondHTML is the time of day to the second: so long an act can be undone.
func secondHTML(at nasdesk.Timestamp) template.HTML {
	t := at.Time().In(nasdesk.London)
	return timeHTML(t.Format(time.RFC3339), t.Format("15:04:05"))
}

type rowsPart struct {
	Caption string
	Rows    []queueRow
	Dates   bool
}

type choicePart struct {
	Name, Label string
	Options     []option
}

type mailPart struct {
	Mail  mailView
	Frame string
}

type accountsPart struct {
	Caption  string
	Accounts []accountRow
}

// A tab leads to a queue.
type tab struct {
	Queue   store.Queue
	Text    string
	Href    string
	Here    bool
	Counted bool
}

func tabs(here store.Queue) []tab {
	var out []tab
	for _, q := range store.Queues {
		out = append(out, tab{q, queueTitle(q), "/queues/" + string(q), q == here, q != store.QueueAll})
	}
	return out
}
