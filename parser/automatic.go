package parser

import (
	"slices"
	"strings"
	"unicode"

	"nasdesk"
)

// automatic says which sort of automatic mail a message is, "" for none: the
// first that fits (contract, rule 0). Nothing here is proof of anything: automatic
// mail is only ever filed, and nobody reads it. So a person's mail that is taken for
// automatic is lost, while automatic mail that is taken for a person's is at worst
// acknowledged once: what a person could have written needs a sign that a person's
// mail does not bear.
func automatic(m *nasdesk.Message, root *mimePart, own nasdesk.Address) nasdesk.Reason {
	a := signsOf(m, root, own)
	switch {
	case a.own != "" && a.from == a.own && a.h.Has("X-Nasdesk"):
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

// signs are what tells a program's mail from a person's. What is asked more than
// once is read once.
type signs struct {
	m        *nasdesk.Message
	h        nasdesk.Header
	root     *mimePart
	own      string
	from     string
	subject  string // in lower case
	class    string // Exchange's
	isReport bool   // a multipart/report, which only programs write
	report   string // its report-type
}

func signsOf(m *nasdesk.Message, root *mimePart, own nasdesk.Address) *signs {
	// The field itself is asked, since a body without its delimiters is no multipart any more.
	media, params, _ := parseMedia(m.Header.Get("Content-Type"), DefaultLimits.Params)
	a := &signs{m: m, h: m.Header, root: root, own: string(own), from: fromAddress(m.Header), subject: strings.ToLower(m.Subject),
		class: exchangeClass(m.Header), isReport: media == "multipart/report"}
	a.report = a.reportType(params["report-type"])
	return a
}

// fromAddress returns the first address of From in lower case, leniently.
func fromAddress(h nasdesk.Header) string { return addressIn(h.Get("From")) }

func addressIn(v string) string {
	if i := strings.LastIndexByte(v, '<'); i >= 0 {
		v = v[i:]
	}
	var a nasdesk.Address
	if a.Set(v) != nil {
		return strings.ToLower(strings.Trim(v, "<> "))
	}
	return string(a)
}

// --- Signs that no person pressed send ---

// nullReturn reports a null reverse path: RFC 3834, section 2, and RFC 5321, 4.5.5.
// sendmail and those that follow it write MAILER-DAEMON in its place.
func (a *signs) nullReturn() bool {
	for _, v := range a.h.All("Return-Path") {
		path := strings.Trim(strings.TrimSpace(stripComments(v)), `<> "`)
		local, _, _ := strings.Cut(path, "@")
		if path == "" && strings.Contains(v, "<") || strings.EqualFold(local, "mailer-daemon") {
			return true
		}
	}
	return false
}

// autoSubmitted is RFC 3834, section 5: anything but "no". Sieve's notifications
// bear it too (RFC 5436, section 2.7.1).
func (a *signs) autoSubmitted() bool { return a.says("Auto-Submitted") }

// says reports a field that holds something, and not "no".
func (a *signs) says(name string) bool {
	for _, v := range a.h.All(name) {
		v, _, _ = strings.Cut(stripComments(v), ";")
		if v = strings.TrimSpace(v); v != "" && !strings.EqualFold(v, "no") {
			return true
		}
	}
	return false
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

// byRule reports that a rule of Exchange sent the mail, which may be a person's
// that it sent on.
func (a *signs) byRule() bool {
	return a.h.Has("X-MS-Exchange-Inbox-Rules-Loop") || strings.Contains(strings.ToLower(a.h.Get("X-MS-Exchange-Generated-Message-Source")), "agent")
}

// machineSent reports any of these signs but a rule. X-Auto-Response-Suppress is
// none at all: Exchange writes it on people's mail.
func (a *signs) machineSent() bool { return a.autoSubmitted() || a.nullReturn() || a.isReport }

// exchangeClass returns the message class that Exchange and its connectors write
// down, in lower case: [MS-OXCMSG] 2.2.1.3, "" where there is none.
func exchangeClass(h nasdesk.Header) string {
	for _, f := range []string{"X-MS-Exchange-MessageClass", "X-Message-Class", "X-MS-Message-Class", "Message-Class", "X-MAPI-Message-Class", "X-MS-TNEF-MessageClass"} {
		if v := strings.TrimSpace(h.Get(f)); v != "" {
			return strings.ToLower(v)
		}
	}
	return ""
}

// isReportClass reports a class such as REPORT.IPM.Note.NDR: [MS-OXOMSG] 2.2.2.
func (a *signs) isReportClass(kinds ...string) bool {
	for _, k := range kinds {
		if strings.HasPrefix(a.class, "report.") && strings.HasSuffix(a.class, "."+k) {
			return true
		}
	}
	return false
}

// --- Reports: RFC 6522 ---

// reportType returns the report-type that a multipart/report names, or what its
// parts say where that was lost. Lists and gateways put another multipart around it.
func (a *signs) reportType(named string) string {
	if a.isReport && named != "" {
		return strings.ToLower(named)
	}
	kind := ""
	eachPart(a.root, func(p *mimePart) {
		if kind == "" && (a.isReport || !a.sentOn(p)) {
			kind = reportPart(p)
		}
	})
	return kind
}

// reportPart returns the report-type that a part tells of, "" for none.
func reportPart(p *mimePart) string {
	switch {
	case p.media == "multipart/report":
		return strings.ToLower(p.params["report-type"])
	case isDeliveryStatus(p):
		return "delivery-status"
	case p.media == "message/disposition-notification" || p.media == "message/global-disposition-notification":
		return "disposition-notification"
	}
	return ""
}

// sentOn reports a part that a person may have sent on: clients that forward a
// report hang its parts below the new mail as they are.
func (a *signs) sentOn(p *mimePart) bool {
	return p.dispo == "attachment" || hasAnyPrefix(a.subject, "fw:", "fwd:", "wg:", "tr:", "ymlaen:")
}

// eachPart visits a part and all below it; a mail within is one part.
func eachPart(p *mimePart, visit func(*mimePart)) {
	if p == nil {
		return
	}
	visit(p)
	for _, c := range p.children {
		eachPart(c, visit)
	}
}

// --- Receipts: RFC 8098 ---

func (a *signs) isReceipt() bool {
	switch {
	case a.report == "disposition-notification", a.isReportClass("ipnrn", "ipnnrn", "dr"):
		return true
	case hasAnyPrefix(a.subject, "read:", "not read:", "read receipt", "return receipt", "not read :", "read :"):
		return a.machineSent() || a.outlookReceipt()
	}
	return false
}

// outlookReceipt knows a receipt of Outlook that lost its report: the words
// "Your message" stand alone, its To, Subject and Sent below, and what became of it.
func (a *signs) outlookReceipt() bool {
	top := a.top(8)
	if len(top) == 0 || strings.Trim(top[0], " :") != "your message" {
		return false
	}
	for _, l := range top[1:] {
		if hasAnyPrefix(l, "was read", "was deleted") {
			return true
		}
	}
	return false
}

// top returns the first n lines of the body that are not quoted, in lower case.
func (a *signs) top(n int) []string {
	var lines []string
	for _, l := range a.m.Lines {
		if len(lines) == n {
			break
		}
		if l.Part == nasdesk.InBody && l.Region != nasdesk.Quoted && l.Region != nasdesk.Ours {
			lines = append(lines, strings.ToLower(l.Text))
		}
	}
	return lines
}

// --- Auto-replies: RFC 3834 ---

func (a *signs) isAutoReply() bool {
	switch {
	case a.autoSubmitted(), a.says("X-Autoreply"), a.says("X-Autorespond"), a.says("X-Autoresponder"), a.says("X-AutoReply-From"), a.says("X-Auto-Reply"):
		return true
	case a.is("Precedence", "auto_reply"), a.is("Precedence", "auto-reply"), a.is("X-POST-MessageClass", "9"):
		return true
	case a.ruleClass(), a.isReport, a.ticketSystem(), a.calendar():
		return true
	}
	return a.absent()
}

// ruleClass knows the classes of Exchange's absence notes, of the answers that its
// rules give, and of meetings: [MS-OXOMSG] and [MS-OXOCAL].
func (a *signs) ruleClass() bool {
	return hasAnyPrefix(a.class, "ipm.note.rules.", "ipm.schedule.meeting.")
}

// programWords stand before the subject that is answered, with a colon behind them.
// Few people begin one so: with Exchange's sign, or the text of an absence note, it is one.
var programWords = []string{"automatic reply", "auto reply", "auto-reply", "autoreply", "out of office", "out-of-office", "out of the office", "automatic response", "auto response", "auto-response", "autoresponse", "ateb awtomatig", "automated reply", "automated response",
	"automatische antwort", "réponse automatique", "réponse automatique "}

// programMarks are the same with a sign of their own.
var programMarks = []string{"[auto-reply]", "[auto reply]", "auto:"}

// leaveMarks people write too.
var leaveMarks = []string{"ooo:", "absence:", "away:", "on leave:", "abwesend:"}

// absent knows an absence note that bears no field of RFC 3834.
func (a *signs) absent() bool {
	switch {
	case a.nullReturn():
		return hasAnyPrefix(a.subject, slices.Concat(programWords, programMarks, leaveMarks)...)
	case !a.programMark():
		return false
	case a.byRule(), a.is("X-Auto-Response-Suppress", "All"):
		return true
	}
	return a.saysAway() && !a.fillsForm()
}

// programMark reports a mark of a program before the subject that is answered, or
// alone.
func (a *signs) programMark() bool {
	subject := a.subject + ":"
	return hasAnyPrefix(subject, programMarks...) ||
		slices.ContainsFunc(programWords, func(w string) bool { return strings.HasPrefix(subject, w+":") })
}

// fillsForm reports two lines of the sender's own with a label and a value, or
// a table: what absence notes seldom hold, and requests do.
func (a *signs) fillsForm() bool {
	filled := 0
	for _, l := range a.m.Lines {
		if l.Part == nasdesk.InBody && l.Region == nasdesk.Own && (len(l.Cells) > 1 || isFilledLabel(l.Text)) {
			filled++
		}
	}
	return filled > 1
}

// isFilledLabel knows "Full name: Ada" from "10:55:58".
func isFilledLabel(line string) bool {
	label, value, _ := strings.Cut(line, ":")
	letter := strings.IndexFunc(label, unicode.IsLetter)
	return letter == 0 && len(strings.Fields(label)) <= 5 && strings.TrimSpace(value) != ""
}

// awayWords are what an absence note or an answering machine says of itself. That
// somebody else is on leave is what a request says.
var awayWords = []string{"i am out of", "i'm out of", "i am currently out of", "i will be out of", "i am away", "i'm away", "i am currently away", "i will be away", "i am on leave", "i'm on leave", "i am on annual leave", "i'm on annual leave", "i am currently on annual leave",
	"this is an auto", "is not monitored", "currently closed", "thank you for your email", "thank you for your message", "thank you for contacting", "ich bin nicht im", "ich bin derzeit nicht", "je suis absent", "je suis actuellement absent"}

// saysAway reports whether the text is that of an answering machine: it says so
// near its top, and asks nothing.
func (a *signs) saysAway() bool {
	away := false
	for _, l := range a.top(8) {
		if strings.HasSuffix(l, "?") || strings.Contains(l, "? ") {
			return false
		}
		away = away || containsAny(l, awayWords...)
	}
	return away
}

// ticketSystem knows the letters of other helpdesks by their fields, and Request
// Tracker's by the id that it makes. (The ids of a thread tell nothing: a person
// who answers such a letter carries them on.)
func (a *signs) ticketSystem() bool {
	for _, f := range a.h {
		if hasAnyPrefix(strings.ToLower(f.Name), "x-rt-loop-prevention", "rt-ticket", "x-otrs-", "x-znuny-", "x-zammad", "x-freshdesk", "x-osticket", "x-servicenow-generated", "x-zendesk", "x-jira-fingerprint", "x-kayako") {
			return true
		}
	}
	version, isRT := strings.CutPrefix(a.m.ID, "rt-")
	return isRT && version != "" && version[0] >= '0' && version[0] <= '9'
}

// calendar reports meeting requests and answers: RFC 5546 methods.
func (a *signs) calendar() bool {
	found := false
	eachPart(a.root, func(p *mimePart) {
		if p.media != "text/calendar" || p.dispo == "attachment" {
			return
		}
		switch strings.ToUpper(p.params["method"]) {
		case "REPLY", "REQUEST", "CANCEL", "COUNTER":
			found = true
		}
	})
	return found
}

// --- Mass mail ---

// isBulk knows mailing lists (RFC 2919, RFC 2369) and mass mail.
func (a *signs) isBulk() bool {
	for _, f := range []string{"List-Id", "List-Unsubscribe", "List-Post", "List-Help", "List-Owner", "Feedback-ID"} {
		if a.h.Has(f) {
			return true
		}
	}
	return a.is("Precedence", "bulk") || a.is("Precedence", "list") || a.is("Precedence", "junk")
}
