package console

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"nasdesk"
)

var tryRoutes = []route{
	{"GET /try", onlyDemo, tryPage},
	{"POST /try", onlyDemo, trySend},
}

// A tryView is the page on which a visitor of the demo writes as somebody, and
// sees what is answered.
type tryView struct {
	From          nasdesk.Address
	Subject, Text string
	InReplyTo     string
	Forged        bool
	Senders       []Option
	Examples      []exampleLine
	Shown         string // the example that stands in the form
	Threads       []thread
	Sent          bool
	Faults        Faults
}

type exampleLine struct {
	N int
	Example
}

// A thread is the mails of one subject, the newest last.
type thread struct {
	Subject string
	Mails   []threadMail
}

type threadMail struct {
	N int
	Answer
	Reply string // the address of the form that answers it
	Last  bool   // of its thread
}

// Stamp and Clock are when it came, for machines and for people.
func (m threadMail) Stamp() string { return m.At.In(nasdesk.London).Format(time.RFC3339) }
func (m threadMail) Clock() string { return m.At.In(nasdesk.London).Format("3:04pm") }

func tryPage(v *visit) error {
	t := v.office.Try
	q := v.URL.Query()
	p := tryView{From: t.Senders[0]}
	if a := nasdesk.Address(q.Get("as")); slices.Contains(t.Senders, a) {
		p.From = a
	}
	if n, err := strconv.Atoi(q.Get("example")); err == nil && n >= 1 && n <= len(t.Examples) {
		e := t.Examples[n-1]
		p.From, p.Subject, p.Text, p.Forged, p.Shown = e.From, e.Subject, e.Text, e.Forged, e.Name
	}
	p.Sent = q.Get("sent") != ""
	return v.showTry(http.StatusOK, p, q.Get("reply"))
}

// showTry shows the page with the mails that came for the sender. Reply is the
// Message-ID of one that the form answers.
func (v *visit) showTry(status int, p tryView, reply string) error {
	answers, err := v.office.Try.Answers(v.ctx(), p.From)
	if err != nil {
		return err
	}
	for _, a := range v.office.Try.Senders {
		p.Senders = append(p.Senders, Option{Value: string(a), Text: string(a)})
	}
	for i, e := range v.office.Try.Examples {
		p.Examples = append(p.Examples, exampleLine{i + 1, e})
	}
	p.Threads = threadsOf(p.From, answers)
	for _, a := range answers {
		if reply != "" && a.MessageID == reply {
			p.InReplyTo = reply
			if p.Subject == "" {
				p.Subject = "RE: " + plainSubject(a.Subject)
			}
		}
	}
	return v.showStatus(status, "try", p)
}

// threadsOf puts mails together by their subject, the thread with the newest first.
func threadsOf(from nasdesk.Address, answers []Answer) []thread {
	var out []thread
	for i, a := range answers {
		m := threadMail{N: i + 1, Answer: a, Reply: "/try?" + url.Values{"as": {string(from)}, "reply": {a.MessageID}}.Encode() + "#text"}
		at := slices.IndexFunc(out, func(t thread) bool { return t.Subject == plainSubject(a.Subject) })
		if at < 0 {
			out = append(out, thread{Subject: plainSubject(a.Subject), Mails: []threadMail{m}})
			continue
		}
		t := out[at]
		t.Mails = append(t.Mails, m)
		out = append(slices.Delete(out, at, at+1), t)
	}
	slices.Reverse(out)
	for i := range out {
		out[i].Mails[len(out[i].Mails)-1].Last = true
	}
	return out
}

// plainSubject is a subject without the marks of replies before it.
func plainSubject(s string) string {
	for {
		s = strings.TrimSpace(s)
		if len(s) < 3 || !strings.EqualFold(s[:3], "re:") {
			return s
		}
		s = s[3:]
	}
}

// Limits of a mail that a visitor writes.
const (
	trySubject = 200
	tryText    = 20_000
)

func trySend(v *visit) error {
	p := tryView{From: nasdesk.Address(v.PostFormValue("as")), Subject: strings.TrimSpace(v.PostFormValue("subject")),
		Text: strings.ReplaceAll(v.PostFormValue("text"), "\r\n", "\n"), InReplyTo: v.PostFormValue("reply"), Forged: v.PostFormValue("forged") == "yes"}
	if v.PostFormValue("look") != "" {
		return v.back(tryAt(p.From, false), "")
	}
	p.Faults.Add(!v.maySendAs(p.From), "as", "Choose who you write as")
	p.Faults.Add(p.Subject == "" || len(p.Subject) > trySubject || strings.ContainsAny(p.Subject, "\r\n"), "subject", fmt.Sprintf("Enter a subject of at most %d letters", trySubject))
	p.Faults.Add(strings.TrimSpace(p.Text) == "" || len(p.Text) > tryText, "text", fmt.Sprintf("Write a message of at most %s letters", number(tryText)))
	if len(p.Faults) > 0 {
		if !v.maySendAs(p.From) {
			p.From = v.office.Try.Senders[0]
		}
		return v.showTry(http.StatusUnprocessableEntity, p, p.InReplyTo)
	}
	if err := v.office.Try.Send(v.ctx(), TryMail{p.From, p.Subject, p.Text, p.InReplyTo, p.Forged}); err != nil {
		return err
	}
	return v.back(tryAt(p.From, true), "")
}

func (v *visit) maySendAs(a nasdesk.Address) bool { return slices.Contains(v.office.Try.Senders, a) }

func tryAt(from nasdesk.Address, sent bool) string {
	q := url.Values{"as": {string(from)}}
	if sent {
		q.Set("sent", "yes")
	}
	return "/try?" + q.Encode() + "#answers"
}
