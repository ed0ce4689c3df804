package parser

import (
	"strings"

	"nasdesk"
)

// automatic says which sort of automatic mail a message is, "" for none: the
// first that fits (contract, rule 0). Nothing here is proof of anything: automatic mail is
// only ever filed.
func automatic(m *nasdesk.Message, root *mimePart, own nasdesk.Address) nasdesk.Reason {
	a := signs{m: m, h: m.Header, root: root, from: fromAddress(m.Header)}
	a.subject = strings.ToLower(m.Subject)
	switch {
	case own != "" && a.from == string(own) && a.h.Has("X-Nasdesk"):
		return nasdesk.OwnMail
	case a.isBounce():
		return nasdesk.Bounce
	case a.isReceipt():
		return nasdesk.Receipt
	case a.isAutoReply():
		return nasdesk.AutoReply
	case a.isBulk():
		return nasdesk.Bulk
	}
	return ""
}

type signs struct {
	m       *nasdesk.Message
	h       nasdesk.Header
	root    *mimePart
	from    string
	subject string
}

// fromAddress returns the first address of From in lower case, leniently.
func fromAddress(h nasdesk.Header) string {
	v := h.Get("From")
	if i := strings.LastIndexByte(v, '<'); i >= 0 {
		v = v[i:]
	}
	var a nasdesk.Address
	if a.Set(v) != nil {
		return strings.ToLower(strings.Trim(v, "<> "))
	}
	return string(a)
}

func (a *signs) local() string {
	l, _, _ := strings.Cut(a.from, "@")
	return l
}

func (a *signs) is(name, value string) bool {
	for _, v := range a.h.All(name) {
		v, _, _ = strings.Cut(v, ";")
		if strings.EqualFold(strings.TrimSpace(stripComments(v)), value) {
			return true
		}
	}
	return false
}

// reportType returns the report-type of a multipart/report, or what its parts
// say where the field was lost.
func (a *signs) reportType() string {
	if a.root == nil {
		return ""
	}
	if a.root.media == "multipart/report" && a.root.params["report-type"] != "" {
		return strings.ToLower(a.root.params["report-type"])
	}
	parts := append([]*mimePart{a.root}, a.root.children...)
	for _, p := range parts {
		switch p.media {
		case "message/delivery-status", "message/global-delivery-status":
			return "delivery-status"
		case "message/disposition-notification", "message/global-disposition-notification":
			return "disposition-notification"
		}
	}
	return ""
}

// nullReturn reports a null reverse path: RFC 3834, section 2, and RFC 5321, 4.5.5.
func (a *signs) nullReturn() bool {
	for _, v := range a.h.All("Return-Path") {
		if s := strings.TrimSpace(stripComments(v)); s == "<>" || s == "< >" || s == `<"">` {
			return true
		}
	}
	return false
}

var bounceSubjects = []string{"undeliverable", "undelivered mail", "delivery status notification", "mail delivery failed", "mail delivery failure", "delivery failure", "failure notice", "returned mail", "delivery delayed",
	"mail delivery system", "delivery has failed", "message not delivered", "non-delivery", "warning: could not send", "warning: message", "undelivered", "delivery incomplete", "mail system error", "rejected:", "message undeliverable", "delivery notification", "delivery report", "delivered:", "relayed:", "expanded:"}

func (a *signs) isBounce() bool {
	local := a.local()
	robot := hasAnyPrefix(local, "mailer-daemon", "mailerdaemon", "postmaster", "mail-daemon", "maildaemon", "mdaemon", "microsoftexchange", "mmdf", "exim", "qmail-daemon")
	failed := a.h.Has("X-Failed-Recipients")
	switch {
	case a.reportType() == "delivery-status" || a.h.Has("X-MS-Exchange-Message-Is-Ndr") || failed:
		return true
	case a.nullReturn() && (robot || hasAnyPrefix(a.subject, bounceSubjects...)):
		return true
	case robot && (hasAnyPrefix(a.subject, bounceSubjects...) || strings.HasPrefix(local, "mailer-daemon")):
		return true
	case a.exchangeClass("report.") && a.exchangeClass(".ndr"):
		return true
	}
	return hasAnyPrefix(a.subject, bounceSubjects...) && a.bounceText()
}

// bounceText knows bounces of qmail and home-made ones by their first lines.
func (a *signs) bounceText() bool {
	n := 0
	for _, l := range a.m.Lines {
		if l.Part != nasdesk.InBody {
			continue
		}
		if n++; n > 12 {
			break
		}
		low := strings.ToLower(l.Text)
		for _, s := range []string{"this is the qmail-send program", "i'm afraid i wasn't able to deliver", "could not be delivered", "wasn't delivered", "was not delivered", "permanent error", "permanent failure", "delivery to the following", "delivery has failed", "undeliverable", "unable to deliver", "550 5.", "user unknown", "couldn't be delivered", "mailbox unavailable", "mailbox full"} {
			if strings.Contains(low, s) {
				return true
			}
		}
	}
	return false
}

// exchangeClass looks for a word in the message class that Exchange writes.
func (a *signs) exchangeClass(word string) bool {
	for _, f := range []string{"X-MS-Exchange-MessageClass", "X-Message-Class", "X-MS-Message-Class", "Message-Class", "X-MAPI-Message-Class", "X-MS-TNEF-MessageClass"} {
		if strings.Contains(strings.ToLower(a.h.Get(f)), word) {
			return true
		}
	}
	return false
}

func (a *signs) isReceipt() bool {
	if a.reportType() == "disposition-notification" {
		return true
	}
	if a.exchangeClass(".ipnrn") || a.exchangeClass(".ipnnrn") || a.exchangeClass(".dr") {
		return true
	}
	if !hasAnyPrefix(a.subject, "read:", "not read:", "read receipt", "return receipt", "not read :", "read :") {
		return false
	}
	return a.machineSent() || a.bodyBegins("your message")
}

func (a *signs) bodyBegins(s string) bool {
	for _, l := range a.m.Lines {
		if l.Part == nasdesk.InBody && l.Region == nasdesk.Own {
			return strings.HasPrefix(strings.ToLower(l.Text), s)
		}
	}
	return false
}

// machineSent reports signs that no person pressed send.
// X-Auto-Response-Suppress alone is none: Exchange writes it on people's mail.
func (a *signs) machineSent() bool {
	return a.autoSubmitted() || a.nullReturn() || a.h.Has("X-MS-Exchange-Inbox-Rules-Loop") || a.root != nil && a.root.media == "multipart/report" ||
		strings.Contains(strings.ToLower(a.h.Get("X-MS-Exchange-Generated-Message-Source")), "agent")
}

// autoSubmitted is RFC 3834, section 5: anything but "no".
func (a *signs) autoSubmitted() bool {
	for _, v := range a.h.All("Auto-Submitted") {
		v, _, _ = strings.Cut(stripComments(v), ";")
		if v = strings.TrimSpace(v); v != "" && !strings.EqualFold(v, "no") {
			return true
		}
	}
	return false
}

var absentSubjects = []string{"automatic reply:", "automatic reply", "auto reply", "auto-reply", "autoreply", "out of office", "out-of-office", "out of the office", "ooo:", "automatic response", "auto response", "auto-response", "autoresponse", "ateb awtomatig", "absence:", "away:", "on leave:", "[auto-reply]", "[auto reply]", "automated reply", "automated response"}

func (a *signs) isAutoReply() bool {
	switch {
	case a.autoSubmitted():
		return true
	case a.h.Has("X-Autoreply") || a.h.Has("X-Autorespond") || a.h.Has("X-Autoresponder") || a.h.Has("X-AutoReply-From") || a.h.Has("X-Auto-Reply"):
		return true
	case a.is("Precedence", "auto_reply") || a.is("Precedence", "auto-reply"):
		return true
	case a.is("X-POST-MessageClass", "9") || a.exchangeClass("oof") || a.exchangeClass("ipm.note.rules.replytemplate") || a.exchangeClass("schedule.meeting"):
		return true
	case a.ticketSystem():
		return true
	case a.calendar():
		return true
	}
	return hasAnyPrefix(a.subject, absentSubjects...) && (a.nullReturn() || a.byRule() || a.saysAbsent())
}

// byRule reports that a rule of Exchange sent the mail, or that it wants no
// answer whatever; the usual "DR, OOF, AutoReply" stands on people's mail too.
func (a *signs) byRule() bool {
	return a.is("X-Auto-Response-Suppress", "All") || a.h.Has("X-MS-Exchange-Inbox-Rules-Loop") ||
		strings.Contains(strings.ToLower(a.h.Get("X-MS-Exchange-Generated-Message-Source")), "agent")
}

// saysAbsent reports whether the text is that of somebody away.
func (a *signs) saysAbsent() bool {
	n := 0
	for _, l := range a.m.Lines {
		if l.Part != nasdesk.InBody || l.Region == nasdesk.Quoted || l.Region == nasdesk.Ours {
			continue
		}
		if n++; n > 8 {
			break
		}
		low := strings.ToLower(l.Text)
		for _, s := range []string{"out of the office", "out of office", "on annual leave", "on leave", "away from", "not monitored", "limited access", "i am away", "i'm away", "will respond", "will reply", "thank you for your email", "thank you for contacting", "currently closed", "return on", "returning on", "back on", "automated"} {
			if strings.Contains(low, s) {
				return true
			}
		}
	}
	return false
}

// ticketSystem knows the acknowledgements of other helpdesks by their fields.
func (a *signs) ticketSystem() bool {
	for _, f := range a.h {
		if hasAnyPrefix(strings.ToLower(f.Name), "x-rt-loop-prevention", "rt-ticket", "x-otrs-", "x-znuny-", "x-zammad", "x-freshdesk", "x-osticket", "x-servicenow-generated", "x-zendesk", "x-jira-fingerprint", "x-kayako") {
			return true
		}
	}
	return false
}

// calendar reports meeting requests and answers: RFC 5546 methods.
func (a *signs) calendar() bool {
	found := false
	var look func(p *mimePart)
	look = func(p *mimePart) {
		if p.media == "text/calendar" && p.dispo != "attachment" {
			switch strings.ToUpper(p.params["method"]) {
			case "REPLY", "REQUEST", "CANCEL", "COUNTER":
				found = true
			}
		}
		for _, c := range p.children {
			look(c)
		}
	}
	if a.root != nil {
		look(a.root)
	}
	return found
}

// isBulk knows mailing lists (RFC 2919, RFC 2369) and mass mail.
func (a *signs) isBulk() bool {
	for _, f := range []string{"List-Id", "List-Unsubscribe", "List-Post", "List-Help", "List-Owner", "Feedback-ID"} {
		if a.h.Has(f) {
			return true
		}
	}
	return a.is("Precedence", "bulk") || a.is("Precedence", "list") || a.is("Precedence", "junk")
}
