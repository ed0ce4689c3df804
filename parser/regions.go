package parser

import (
	"strings"

	"nasdesk"
)

// A placed line is a body line with whose words it holds.
type placed struct {
	bodyLine
	region nasdesk.Region
	quote  int
}

// place tells the regions of a body apart: quoted messages first, then, in what
// the sender wrote, the banner, the small print and the signature. Nothing is
// ever taken away.
func place(lines []bodyLine, from string, o Options, f *findings) []placed {
	sender := senderWords(from)
	out := make([]placed, 0, len(lines))
	for _, l := range lines {
		if l.text != "" {
			out = append(out, placed{bodyLine: l})
		}
	}
	markQuotes(out, o.Own)
	for start := 0; start < len(out); {
		end := start
		for end < len(out) && (out[end].quote == 0) == (out[start].quote == 0) {
			end++
		}
		if out[start].quote == 0 {
			run := out[start:end]
			markBanner(run, f)
			markDisclaimer(run)
			markSignature(run, sender, end == len(out) || lastOwnRun(out[end:]))
			markWording(run, o.Wording)
		}
		start = end
	}
	return out
}

func lastOwnRun(rest []placed) bool {
	for i := range rest {
		if rest[i].quote == 0 {
			return false
		}
	}
	return true
}

// markWording marks sentences of our own letters that come back unquoted.
func markWording(run []placed, wording []string) {
	for i := range run {
		for _, w := range wording {
			if w != "" && strings.EqualFold(run[i].text, w) {
				run[i].region = nasdesk.Ours
			}
		}
	}
}

// --- Quoted messages ---

// quoteCount numbers quoted messages: the separators passed at each depth, and
// the depth itself.
type quoteCount struct{ passed []int }

func (q *quoteCount) at(depth int) int {
	n := depth
	for d := 0; d <= depth && d < len(q.passed); d++ {
		n += q.passed[d]
	}
	return n
}

func (q *quoteCount) pass(depth int) {
	for len(q.passed) <= depth {
		q.passed = append(q.passed, 0)
	}
	q.passed[depth]++
	q.leave(depth)
}

func (q *quoteCount) leave(depth int) {
	if depth+1 < len(q.passed) {
		q.passed = q.passed[:depth+1]
	}
}

const maxQuoteDepth = 100

func markQuotes(lines []placed, own nasdesk.Address) {
	var count quoteCount
	ours := map[int]bool{}
	set := func(from, to, n int) {
		for i := from; i < to; i++ {
			lines[i].quote, lines[i].region = n, nasdesk.Quoted
			if ours[n] {
				lines[i].region = nasdesk.Ours
			}
		}
	}
	for i := 0; i < len(lines); {
		d := min(lines[i].depth, maxQuoteDepth)
		count.leave(d)
		if n, from := separator(lines, i); n > 0 {
			count.pass(d)
			ours[count.at(d)] = isOurs(from, own)
			set(i, i+n, count.at(d))
			i += n
			continue
		}
		if n, from := attribution(lines, i); n > 0 {
			if i+n < len(lines) && lines[i+n].depth > d || i+n == len(lines) {
				ours[count.at(d)+1] = isOurs(from, own)
				set(i, i+n, count.at(d)+1)
			} else {
				count.pass(d)
				ours[count.at(d)] = isOurs(from, own)
				set(i, i+n, count.at(d))
			}
			i += n
			continue
		}
		if n := count.at(d); n > 0 {
			set(i, i+1, n)
		}
		i++
	}
}

// isOurs reports whether a quoted message is one of our own. Outlook leaves the
// address away for senders that it knows; then the name decides.
func isOurs(from string, own nasdesk.Address) bool {
	low := strings.ToLower(from)
	if strings.Contains(low, "@") {
		return own != "" && holdsAddress(low, string(own))
	}
	return strings.Contains(low, "national administration service") || strings.Contains(low, "nas helpdesk")
}

func holdsAddress(s, address string) bool {
	i := strings.Index(s, address)
	if i < 0 {
		return false
	}
	before, after := i == 0 || !addressByte(s[i-1]), i+len(address) == len(s) || !addressByte(s[i+len(address)])
	return before && after
}

// separator returns how many lines from i on open an earlier message: a line
// that says so, and the copied header fields. from is the copied From field.
func separator(lines []placed, i int) (n int, from string) {
	if isForwardLine(lines[i].text) {
		for j := i + 1; j < len(lines) && j <= i+3; j++ {
			if n, from := copiedHeader(lines, j, true); n > 0 {
				return j + n - i, from
			}
		}
		return 1, ""
	}
	return copiedHeader(lines, i, lines[i].mark || lines[i].rule != 0)
}

func isForwardLine(s string) bool {
	low := strings.ToLower(s)
	t := strings.Trim(low, "-_= :*>")
	if strings.HasPrefix(low, "--") || strings.HasPrefix(low, "__") {
		switch t {
		case "original message", "forwarded message", "original appointment", "neges wreiddiol", "weitergeleitete nachricht", "message original", "ursprüngliche nachricht":
			return true
		}
		return strings.HasPrefix(t, "forwarded by ") || strings.HasPrefix(t, "original message from")
	}
	return t == "begin forwarded message" || t == "start of forwarded message"
}

// copiedHeader returns how many lines from i on are the header fields that mail
// programs copy above a quoted message, 0 if they are none. sure says that a mark
// stands before them, and then From need not be the first.
func copiedHeader(lines []placed, i int, sure bool) (n int, from string) {
	first, _ := copiedField(lines[i].text)
	if first == "" || first != "from" && !sure {
		return 0, ""
	}
	seen := map[string]bool{}
	last, gap := "", 0
	for j := i; j < len(lines) && j < i+14 && lines[j].depth == lines[i].depth; j++ {
		name, value := copiedField(lines[j].text)
		if name != "" && seen[name] && name == "from" {
			break
		}
		if name == "" {
			if gap++; gap > 4 || lines[j].brk || !carriesOn(lines[j].text, last) {
				break
			}
			continue
		}
		seen[name], last, gap, n = true, name, 0, j-i+1
		if name == "from" {
			from = value
		}
	}
	if seen["from"] && (seen["sent"] && (seen["to"] || seen["subject"]) || seen["to"] && seen["subject"]) {
		return n, from
	}
	return 0, ""
}

// carriesOn reports whether a line is the rest of a list of recipients.
func carriesOn(s, field string) bool {
	return (field == "to" || field == "cc" || field == "subject") && (strings.ContainsAny(s, "@;<") || field == "subject" && len(s) < 80)
}

// copiedField reads "Sent: Monday …", in English, Welsh, French and German.
func copiedField(s string) (name, value string) {
	label, value, ok := strings.Cut(s, ":")
	if !ok || len(label) > 16 {
		return "", ""
	}
	switch strings.ToLower(strings.Trim(label, " \t*")) {
	case "from", "oddi wrth", "de", "von":
		return "from", value
	case "sent", "date", "anfonwyd", "dyddiad", "envoyé", "gesendet", "date sent", "sent on":
		return "sent", value
	case "to", "at", "à", "an":
		return "to", value
	case "subject", "pwnc", "objet", "betreff":
		return "subject", value
	case "cc", "bcc":
		return "cc", value
	case "importance", "attachments", "reply-to", "reply to", "priority", "sensitivity", "when", "where", "categories", "signed by", "resent-from":
		return "other", value
	}
	return "", ""
}

// attribution returns how many lines from i on say who wrote what follows:
// "On 21 April 2026 at 10:00, Sam <sam@…> wrote:", also wrapped over three lines.
func attribution(lines []placed, i int) (n int, from string) {
	first := lines[i].text
	opens := opensAttribution(first)
	var joined strings.Builder
	for n = 1; n <= 3 && i+n-1 < len(lines); n++ {
		l := lines[i+n-1]
		if n > 1 && (l.depth != lines[i].depth || !opens && (l.brk || opensAttribution(l.text))) {
			return 0, ""
		}
		joined.WriteByte(' ')
		joined.WriteString(l.text)
		if joined.Len() > 400 {
			return 0, ""
		}
		if s := joined.String(); endsAttribution(s) {
			quoteBelow := i+n < len(lines) && lines[i+n].depth > lines[i].depth
			if strings.ContainsAny(s, "0123456789@") && (opens || quoteBelow) {
				return n, s
			}
			return 0, ""
		}
	}
	return 0, ""
}

func opensAttribution(s string) bool { return hasAnyPrefix(s, "On ", "Ar ", "Le ", "Am ", "El ") }

func endsAttribution(s string) bool {
	s = strings.ToLower(strings.TrimSpace(s))
	for _, end := range []string{"wrote:", "wrote: ", "ysgrifennodd:", "a écrit :", "a écrit:", "schrieb:", "writes:", "said:"} {
		if strings.HasSuffix(s, strings.TrimSpace(end)) {
			return true
		}
	}
	return false
}

func hasAnyPrefix(s string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

func containsAny(s string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// --- Banner and small print ---

// bannerOpenings are the warnings that NHSmail and others write into bodies
// (support.nhs.net: email warning messages, MailTip).
var bannerOpenings = []string{
	"this message originated from outside of nhsmail",
	"this message was sent from an email address external to nhsmail",
	"this email originated from outside", "this email originated outside", "this message originated from outside",
	"caution: this email originated", "caution: this message originated", "caution: external", "[external] ", "external email:",
	"warning: this email originated", "you don't often get email from", "you don't often receive email from",
	"some people who received this message don't often get email from",
}

func markBanner(run []placed, f *findings) {
	for i := 0; i < len(run); i++ {
		low := strings.ToLower(run[i].text)
		if !hasAnyPrefix(low, bannerOpenings...) {
			if !strings.Contains(low, "gives the appearance of being from an nhsmail") {
				continue
			}
		}
		n := sentenceEnd(run, i)
		whole := low
		for j := i; j < n; j++ {
			run[j].region = nasdesk.Banner
			if j > i {
				whole += " " + strings.ToLower(run[j].text)
			}
		}
		if strings.Contains(whole, "gives the appearance of being from an nhsmail") {
			f.add(nasdesk.FoundSpoofNote, "")
		}
		if strings.Contains(whole, "outside") || strings.Contains(whole, "external") {
			f.add(nasdesk.FoundOutside, "")
		}
		i = n - 1
	}
}

// sentenceEnd returns where the wrapped text that begins at i stops: behind the
// line that ends a sentence, or at a break.
func sentenceEnd(run []placed, i int) int {
	for i < len(run) {
		t := run[i].text
		i++
		if i == len(run) || run[i].brk || run[i].rule != 0 || len(t) < 50 || strings.HasSuffix(t, ".") {
			break
		}
	}
	return i
}

var disclaimerOpenings = []string{
	"this message may contain confidential", "this email and any", "this e-mail and any", "this message and any", "confidentiality notice", "confidentiality:",
	"confidential: ", "confidential - ", "the information contained in this", "the information in this e", "the contents of this e", "if you are not the intended",
	"if you have received this", "if you received this", "this email is confidential", "this e-mail is confidential", "this message is confidential",
	"this email is intended", "this e-mail is intended", "this message is intended", "this email may contain", "this e-mail may contain", "this email contains confidential",
	"this communication", "this transmission", "nhsmail is the secure email", "please consider the environment", "please think before you print", "think before you print",
	"think of the environment", "save paper", "before printing", "privileged and confidential", "private and confidential:", "disclaimer", "legal notice", "important notice:",
	"email disclaimer", "any views", "the views expressed", "views expressed in this", "the contents of this message", "this e-mail, and any", "this email, and any",
	"for more information and to find out how you can switch", "virus-free.", "this email has been scanned", "this message has been scanned", "this e-mail has been scanned",
	"registered in england", "registered office", "mae'r neges hon",
}

func isDisclaimer(s string) bool {
	low := strings.ToLower(strings.TrimLeft(s, "*_-# "))
	return hasAnyPrefix(low, disclaimerOpenings...)
}

// markDisclaimer marks the small print. Below the sender's text it runs to the
// end, contact lines of the company included; above it, only as far as its own sentences go.
// A filled-in form below it stays the sender's.
func markDisclaimer(run []placed) {
	wrote := false
	var paras []*signPara
	for i := 0; i < len(run); i++ {
		if run[i].region != nasdesk.Own {
			continue
		}
		if !isDisclaimer(run[i].text) {
			wrote = wrote || !signGreeting(run[i].text)
			continue
		}
		end := sentenceEnd(run, i)
		if wrote {
			end = len(run)
		}
		if paras == nil {
			paras = signParas(run)
		}
		for j := i; j < end; j++ {
			if run[j].region == nasdesk.Own && !(j > i && paras[j].request && isFormLine(run[j].bodyLine)) {
				run[j].region = nasdesk.Disclaimer
			}
		}
		i = end - 1
	}
}
