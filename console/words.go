package console

import (
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"time"

	"nasdesk"
	"nasdesk/store"
)

// words are the functions of templates that need nothing of the office.
var words = template.FuncMap{
	"journalled": journalWords,
	"field":      newField, "options": options, "link": func(text, href string) Link { return Link{text, href} },
	"day": dayHTML, "moment": momentHTML, "clock": clockHTML, "hours": serviceTime,
	"reason": reasonWords, "state": stateTag, "outcome": outcomeTag, "queue": queueTitle, "act": actTitle, "about": aboutTitle,
	"work": workTag, "fieldname": fieldName, "role": roleTitle, "ailment": ailmentTitle,
	"plural": plural, "number": number, "count": count, "filename": safeName, "masked": nasdesk.Mobile.Masked, "pathescape": url.PathEscape,
	"join": func(sep string, s []string) string { return strings.Join(s, sep) }, "upper": upperFirst,
	"tag": func(text, colour string) Tag { return Tag{text, colour} },
}

// words are those that do. The age of something is in the desk's own hours.
func (o *Office) words() template.FuncMap {
	since := func(at nasdesk.Timestamp) time.Duration {
		return o.Hours(at, nasdesk.TimestampOf(o.Now()))
	}
	return template.FuncMap{
		"age":      func(at nasdesk.Timestamp) string { return serviceTime(since(at)) + " of service time" },
		"ageShort": func(at nasdesk.Timestamp) string { return serviceTime(since(at)) },
		"kind":     o.kindTitle,
		"today":    func() nasdesk.Date { return nasdesk.DateOf(o.Now()) },
	}
}

// kindTitle is what a kind is called among staff: "New account".
func (o *Office) kindTitle(name string) string {
	switch name {
	case nasdesk.KindNone:
		return "No request"
	case nasdesk.KindUnverified:
		return "Sender not proved"
	case nasdesk.KindUnknown, "":
		return "Not understood"
	}
	if k := o.Desk.Kind(name); k != nil {
		for _, article := range []string{"a ", "an ", "the "} {
			if rest, ok := strings.CutPrefix(k.Title, article); ok {
				return upperFirst(rest)
			}
		}
		return upperFirst(k.Title)
	}
	return name
}

func upperFirst(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// serviceTime words a time in the desk's hours, of which a working day has
// eight: "3 h 20 min", "2 working days 3 h".
func serviceTime(d time.Duration) string {
	const workingDay = 8 * time.Hour
	minutes := int(d.Minutes())
	switch {
	case minutes < 1:
		return "under a minute"
	case d < time.Hour:
		return fmt.Sprintf("%d min", minutes)
	case d < workingDay && minutes%60 == 0:
		return fmt.Sprintf("%d h", minutes/60)
	case d < workingDay:
		return fmt.Sprintf("%d h %d min", minutes/60, minutes%60)
	}
	days, hours := int(d/workingDay), int(d%workingDay/time.Hour)
	text := plural(days, "working day", "working days")
	if hours > 0 {
		text += fmt.Sprintf(" %d h", hours)
	}
	return text
}

// dayHTML is a day for people and for machines: 22 April 2026.
func dayHTML(d nasdesk.Date) template.HTML {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return template.HTML(template.HTMLEscapeString(string(d)))
	}
	return timeHTML(string(d), t.Format("2 January 2006"))
}

// momentHTML is an instant in London, as the NHS writes one: 22 April 2026, 9:03am.
func momentHTML(at nasdesk.Timestamp) template.HTML {
	t := at.Time().In(nasdesk.London)
	return timeHTML(t.Format(time.RFC3339), t.Format("2 January 2006, 3:04pm"))
}

// clockHTML is the time of day alone.
func clockHTML(at nasdesk.Timestamp) template.HTML {
	t := at.Time().In(nasdesk.London)
	return timeHTML(t.Format(time.RFC3339), t.Format("3:04pm"))
}

func timeHTML(machine, people string) template.HTML {
	return template.HTML(`<time datetime="` + machine + `">` + strings.ReplaceAll(people, " ", " ") + `</time>`)
}

// A Tag is a word with one of the design system's colours.
type Tag struct{ Text, Colour string }

var stateTags = map[nasdesk.State]Tag{
	nasdesk.StateAsking: {"Asked the pharmacy", "yellow"}, nasdesk.StateConfirming: {"Read back", "yellow"}, nasdesk.StateSeeking: {"Others asked", "purple"},
	nasdesk.StateReferred: {"For staff", "red"}, nasdesk.StateDated: {"For a later day", "blue"}, nasdesk.StateDoing: {"Work goes on", "blue"},
	nasdesk.StateDone: {"Done", "green"}, nasdesk.StateRefused: {"Refused", "grey"}, nasdesk.StateWithdrawn: {"Withdrawn", "grey"},
	nasdesk.StateLapsed: {"Lapsed", "grey"},
}

func stateTag(s nasdesk.State) Tag {
	if t, ok := stateTags[s]; ok {
		return t
	}
	return Tag{upperFirst(string(s)), "grey"}
}

var outcomeTags = map[nasdesk.Outcome]Tag{
	nasdesk.Accepted: {"Accepted", "green"}, nasdesk.Confirm: {"To be confirmed", "yellow"}, nasdesk.NeedsInfo: {"Needs information", "yellow"},
	nasdesk.Refused: {"Refused", "grey"}, nasdesk.Awaiting: {"Awaiting others", "purple"}, nasdesk.Exception: {"For staff", "red"},
	nasdesk.Quarantined: {"Quarantined", "orange"}, nasdesk.Ignored: {"Ignored", "grey"},
}

func outcomeTag(o nasdesk.Outcome) Tag {
	if t, ok := outcomeTags[o]; ok {
		return t
	}
	return Tag{upperFirst(string(o)), "grey"}
}

var workTags = map[string]Tag{
	"ready": {"To do", "blue"}, "running": {"Begun", "blue"}, "pending": {"Pending", "yellow"}, "done": {"Done", "green"},
	"failed": {"Failed", "red"}, "cancelled": {"Cancelled", "grey"},
}

func workTag(state string) Tag {
	if t, ok := workTags[state]; ok {
		return t
	}
	return Tag{upperFirst(state), "grey"}
}

// reasonWords says a reason in a line.
func reasonWords(r nasdesk.Reason) string { return reasonOf(r, nil).Short }

// fieldName words the name of a field of a form: "alternative-email" is
// "alternative email".
func fieldName(name string) string {
	s := strings.ReplaceAll(name, "-", " ")
	return strings.ReplaceAll(s, "ods", "ODS")
}

func queueTitle(q store.Queue) string { return queuesInWords[q].Title }

var actTitles = map[nasdesk.StaffAct]string{
	nasdesk.ActCorrect: "Correct a field", nasdesk.ActApprove: "Approve", nasdesk.ActRefuse: "Refuse", nasdesk.ActAsk: "Ask the pharmacy",
	nasdesk.ActReply: "Reply", nasdesk.ActMerge: "Merge with another request", nasdesk.ActNoRequest: "Mark as not a request",
	nasdesk.ActAssign: "Assign", nasdesk.ActNote: "Add a note", nasdesk.ActSnooze: "Snooze", nasdesk.ActRelease: "Release",
	nasdesk.ActCondemn: "Condemn", nasdesk.ActRegister: "Change the register", nasdesk.ActTakeBounce: "Mark the bounce as seen to",
}

func actTitle(a nasdesk.StaffAct) string { return actTitles[a] }

var aboutTitles = map[nasdesk.About]string{
	nasdesk.Confirmation: "Confirmation", nasdesk.Question: "Question", nasdesk.Refusal: "Refusal", nasdesk.Acknowledgement: "Acknowledgement",
	nasdesk.ApprovalRequest: "Request for approval", nasdesk.ConsentRequest: "Request for consent", nasdesk.TestMessage: "Test message",
	nasdesk.Mixed: "Answer to several requests", nasdesk.Notice: "Notice",
}

func aboutTitle(a nasdesk.About) string { return aboutTitles[a] }

func roleTitle(r store.StaffRole) string { return upperFirst(string(r)) }

func ailmentTitle(a store.Ailment) string { return upperFirst(string(a)) }

// plural is a count with its noun: "1 request", "2 requests".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}

// number writes a count as the NHS does: 1,234.
func number(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// count is how many are in a queue, as far as they were counted.
func count(n int) string {
	if n > store.CountMost {
		return number(store.CountMost) + "+"
	}
	return number(n)
}

// safeName is the name under which an attachment is offered: no path, no
// control or reordering characters, no name that only looks like a document,
// at most 80 bytes. It is never one that a browser opens in itself.
func safeName(written string) string {
	name := written[strings.LastIndexAny(written, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		switch {
		case r == ' ', r == '.', r == '-', r == '_', r == '(', r == ')', '0' <= r && r <= '9', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
			return r
		case r < 0x20, r == 0x7f, 0x202a <= r && r <= 0x202e, 0x2066 <= r && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0xfeff:
			return -1
		}
		return '_'
	}, name)
	name = strings.Trim(name, " .")
	if len(name) > 80 {
		name = name[:40] + ".." + name[len(name)-38:]
	}
	if name == "" {
		return "attachment"
	}
	return name
}
