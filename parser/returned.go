package parser

import (
	"bytes"
	"slices"
	"strings"

	"nasdesk"
)

// isBounce reports a delivery status: RFC 3464 where the mail system keeps to it,
// else the sign of a program together with what bounces alone have.
func (a *signs) isBounce() bool {
	switch {
	case a.report == "delivery-status", a.h.Has("X-MS-Exchange-Message-Is-Ndr"), a.h.Has("X-Failed-Recipients"), a.isReportClass("ndr"):
		return true
	case a.report != "":
		return false
	case a.isReport && a.sendsBack():
		return true
	case a.nullReturn() || a.nullFrom():
		return a.daemon() || a.bounceSubject() || a.sendsBack()
	case a.daemon():
		return strings.HasPrefix(a.from, "mailer-daemon") || a.bounceSubject() || a.sendsOursBack()
	}
	return a.bounceSubject() && (a.isQSBMF() || a.saysUndelivered() && (a.sendsOursBack() || a.gatewayLetter()))
}

// gatewayLetter reports a letter from outside our domain in which nobody speaks
// of himself: old gateways send back nothing and mark nothing.
func (a *signs) gatewayLetter() bool {
	_, domain, _ := strings.Cut(a.own, "@")
	if domain == "" || strings.HasSuffix(a.from, "@"+domain) {
		return false
	}
	for _, l := range a.top(12) {
		for _, w := range strings.FieldsFunc(l, func(r rune) bool { return r < 'a' || r > 'z' }) {
			switch w {
			case "i", "my", "me", "we", "our", "us":
				return false
			}
		}
	}
	return true
}

// daemons are the local parts that mail systems write from. No person's holds a
// space; RFC 2142 keeps postmaster for the role.
var daemons = []string{"mailer-daemon", "mailerdaemon", "mail-daemon", "maildaemon", "mdaemon", "mmdf", "exim", "qmail-daemon", "postmaster", "system administrator"}

// nullFrom reports an address of "<>", which RFC 5322 has in no From; some mail
// systems write it.
func (a *signs) nullFrom() bool { return strings.HasSuffix(strings.TrimSpace(a.h.Get("From")), "<>") }

// daemon reports a mail system as the sender. Exchange appends a number to its name.
func (a *signs) daemon() bool {
	local := strings.TrimPrefix(a.from, `"`)
	for _, d := range daemons {
		if rest, ok := strings.CutPrefix(local, d); ok && (rest == "" || rest[0] < 'a' || rest[0] > 'z') {
			return true
		}
	}
	return strings.HasPrefix(local, "microsoftexchange")
}

// bounceSubjects begin the subjects of bounces. People write them too: they count
// together with the sign of a program.
var bounceSubjects = []string{"undeliverable", "undelivered mail", "delivery status notification", "mail delivery", "delivery failure", "failure notice", "returned mail", "delivery delayed",
	"delivery has failed", "message not delivered", "mail could not be delivered", "non-delivery", "warning: could not send", "warning: message", "undelivered", "delivery incomplete", "mail system error", "rejected:", "message undeliverable", "delivery notification", "delivery report", "delivered:", "relayed:", "expanded:",
	"unzustellbar", "non remis"}

func (a *signs) bounceSubject() bool { return hasAnyPrefix(a.subject, bounceSubjects...) }

// isQSBMF knows the bounces of qmail: by definition they begin so
// (The qmail-send Bounce Message Format, cr.yp.to/proto/qsbmf.txt).
func (a *signs) isQSBMF() bool {
	top := a.top(1)
	return len(top) > 0 && strings.HasPrefix(top[0], "hi. this is the ")
}

var undeliveredWords = []string{"could not be delivered", "could not deliver", "couldn't be delivered", "wasn't delivered", "was not delivered", "not be delivered", "permanent error", "permanent failure", "delivery to the following", "delivery has failed", "undeliverable", "unable to deliver", "550 5.", "user unknown", "mailbox unavailable", "mailbox full"}

// saysUndelivered reports whether the text begins with words of a bounce. A
// person whose mail came back quotes the same words, so they are never enough.
func (a *signs) saysUndelivered() bool {
	for _, l := range a.top(12) {
		if containsAny(l, undeliveredWords...) {
			return true
		}
	}
	return false
}

// sendsBack reports a mail, or its header, hanging below the text.
func (a *signs) sendsBack() bool {
	found := false
	eachPart(a.root, func(p *mimePart) { found = found || isSentBack(p) })
	return found
}

// sendsOursBack reports that what is sent back is a mail of ours, in a part or in
// the text: only who could not deliver one does that. Other mail that people attach or
// paste, a bounce of their own among it, is not from us; a quotation has no Message-ID.
func (a *signs) sendsOursBack() bool {
	ours := false
	eachPart(a.root, func(p *mimePart) {
		if isSentBack(p) {
			h := partHeader(p, DefaultLimits)
			ours = ours || h.Has("X-Nasdesk") || a.own != "" && fromAddress(h) == a.own
		}
	})
	return ours || a.pastesOurs()
}

// pastesOurs reports the header of a mail of ours in the text.
func (a *signs) pastesOurs() bool {
	from, id := false, false
	for _, l := range a.m.Lines {
		name, value, _ := strings.Cut(l.Text, ":")
		switch {
		case namesMessageID(name):
			id = true
		case fold(name, "x-nasdesk"), fold(name, "from") && a.own != "" && addressIn(value) == a.own:
			from = true
		}
	}
	return from && id
}

// --- Which mail came back ---

// returnedMost is how many mails a bounce may speak of.
const returnedMost = 20

// returned finds the ids of the mails that came back with a bounce. The surest
// comes first: the mail or the header that is sent back (RFC 6522, section 3),
// then the report and the text, then the fields of the thread, where other mails of it
// stand too.
func returned(m *nasdesk.Message, root *mimePart, lim Limits) []string {
	if !cameBack(m, root) {
		return nil
	}
	var ids []string
	take := func(values ...string) {
		for _, id := range messageIDs(values) {
			if len(ids) < returnedMost && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	eachPart(root, func(p *mimePart) {
		if isSentBack(p) || isAttachedText(p) {
			take(partHeader(p, lim).All("Message-ID")...)
		}
	})
	take(idsNamed(statusLines(root))...)
	take(idsNamed(texts(m.Lines))...)
	for _, name := range []string{"In-Reply-To", "X-MS-Exchange-Parent-Message-Id", "References"} {
		take(m.Header.All(name)...)
	}
	return ids
}

func texts(lines []nasdesk.Line) []string {
	out := make([]string, len(lines))
	for i := range lines {
		out[i] = lines[i].Text
	}
	return out
}

// isSentBack reports a part that holds a mail, or its header alone.
func isSentBack(p *mimePart) bool {
	switch p.media {
	case "message/rfc822", "message/global", "message/global-headers", "message/rfc822-headers", "text/rfc822-headers":
		return true
	}
	return false
}

// isAttachedText reports a text that is no words of the bounce: some gateways send
// the mail back so, under a type that says nothing.
func isAttachedText(p *mimePart) bool {
	return p.dispo == "attachment" && (p.media == "text/plain" || p.media == "application/octet-stream")
}

// partHeader reads the header of the mail that a part holds, as far as it is there.
func partHeader(p *mimePart, lim Limits) nasdesk.Header {
	raw := bytes.TrimLeft(p.bytes(&findings{}), "\r\n")
	return readPartHeader(raw[:min(len(raw), lim.HeaderBytes)], lim).fields
}

// idsNamed returns what stands behind the name of a message id in lines of text,
// on the line below where the field was folded.
func idsNamed(lines []string) []string {
	var values []string
	for i, l := range lines {
		at := strings.IndexAny(l, ":=<")
		if at < 0 || !namesMessageID(l[:at]) {
			continue
		}
		value := strings.TrimLeft(l[at:], ":= \t")
		if strings.TrimSpace(value) == "" && i+1 < len(lines) {
			value = lines[i+1]
		}
		values = append(values, value)
	}
	return values
}

// namesMessageID knows Message-ID in the spellings of bounces: "Message ID",
// "MessageID", Gmail's "X-Original-Message-ID".
func namesMessageID(name string) bool {
	letters := strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r == '-' || r == ' ' || r == '\t':
			return -1
		}
		return r
	}, name)
	return letters == "messageid" || letters == "originalmessageid" || letters == "xoriginalmessageid"
}

// stillOnItsWay begin the subjects of delay warnings and of reports that a mail
// went through.
var stillOnItsWay = []string{"warning", "mail delivery warning", "delayed", "message delayed", "delivery delayed", "delivery status notification (delay", "delivery status notification (mail delivery delayed", "delivered:", "relayed:", "expanded:"}

// cameBack reports whether a bounce tells of a mail that will not arrive. One that
// is delayed, delivered, relayed or expanded (RFC 3464, 2.3.3) may still be answered.
func cameBack(m *nasdesk.Message, root *mimePart) bool {
	actions := reportActions(root)
	if len(actions) == 0 {
		return !hasAnyPrefix(strings.ToLower(m.Subject), stillOnItsWay...)
	}
	return slices.ContainsFunc(actions, func(action string) bool {
		return !hasAnyPrefix(action, "delayed", "delivered", "relayed", "expanded")
	})
}

// reportActions returns the values of Action in a delivery status, in lower case.
func reportActions(root *mimePart) []string {
	var actions []string
	for _, l := range statusLines(root) {
		if name, value, ok := strings.Cut(l, ":"); ok && fold(strings.TrimSpace(name), "action") {
			actions = append(actions, strings.ToLower(strings.TrimSpace(value)))
		}
	}
	return actions
}

// statusLines returns the lines of the delivery statuses in a report.
func statusLines(root *mimePart) []string {
	var lines []string
	eachPart(root, func(p *mimePart) {
		if isDeliveryStatus(p) {
			lines = append(lines, strings.Split(string(p.bytes(&findings{})), "\n")...)
		}
	})
	return lines
}

func isDeliveryStatus(p *mimePart) bool {
	return p.media == "message/delivery-status" || p.media == "message/global-delivery-status"
}

func fold(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }
