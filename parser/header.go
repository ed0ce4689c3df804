package parser

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"nasdesk"
)

// A headerBlock is the fields of a message or of a part, and where its body
// begins.
type headerBlock struct {
	fields nasdesk.Header
	body   int
	odd    []string // what had to be repaired, in short words
	over   bool     // beyond the limits
	cut    bool     // it ends without a blank line

	subject []byte // of the topmost Subject that is no UTF-8: as it came
	parked  int    // fields above the last line that was parked: each is looked at once
	known   [2]int // where the next field stands that mail knows, as last found: any, and one of a whole mail
}

func (h *headerBlock) repair(what string) {
	for _, o := range h.odd {
		if o == what {
			return
		}
	}
	h.odd = append(h.odd, what)
}

// A physLine is one line of a header as it came, without its end.
type physLine struct {
	text   []byte
	next   int  // where the next line begins
	bareCR bool // a CR without LF ends it
}

// nextLine cuts one line from raw at off. Its end is CRLF, LF, CR CR LF (some
// gateways make these) or a lone CR.
func nextLine(raw []byte, off int) physLine {
	rest := raw[off:]
	i := bytes.IndexAny(rest, "\r\n")
	if i < 0 {
		return physLine{text: rest, next: len(raw)}
	}
	j := i
	for j < len(rest) && rest[j] == '\r' {
		j++
	}
	if j < len(rest) && rest[j] == '\n' {
		return physLine{text: rest[:i], next: off + j + 1}
	}
	return physLine{text: rest[:i], next: off + i + 1, bareCR: true}
}

// readHeader reads the header of a message, leniently: what a strict parser
// would refuse the whole message for (traps T10 to T14) is parked or mended here, and
// every mended field says so.
func readHeader(raw []byte, lim Limits) headerBlock {
	var h headerBlock
	off := skipPreamble(raw, &h)
	return h.read(raw, off, lim)
}

// readPartHeader reads the header of a part. A part that begins with a blank
// line has none.
func readPartHeader(raw []byte, lim Limits) headerBlock {
	var h headerBlock
	return h.read(raw, 0, lim)
}

// skipPreamble passes over what may stand before the first field: a byte order
// mark, blank lines, and the "From " line of an mbox.
func skipPreamble(raw []byte, h *headerBlock) int {
	off := 0
	if bytes.HasPrefix(raw, []byte("\xef\xbb\xbf")) {
		h.repair("byte order mark before the header")
		off = 3
	}
	for off < len(raw) {
		l := nextLine(raw, off)
		switch {
		case len(bytes.TrimSpace(l.text)) == 0:
			h.repair("blank line before the header")
		case isMboxLine(l.text):
			h.repair("mbox line before the header")
		default:
			return off
		}
		off = l.next
	}
	return off
}

// isMboxLine knows "From a@b Mon …" from the field "From : a@b".
func isMboxLine(l []byte) bool {
	rest, ok := bytes.CutPrefix(bytes.TrimPrefix(l, []byte(">")), []byte("From "))
	return ok && !bytes.HasPrefix(bytes.TrimLeft(rest, " \t"), []byte(":"))
}

const noBlankLine = "no blank line between header and body"

func (h headerBlock) read(raw []byte, off int, lim Limits) headerBlock {
	start := off
	mixed := bytes.IndexByte(raw[off:min(len(raw), off+lim.HeaderBytes)], '\n') >= 0 // then a lone CR is no honest line end
	lastCR := false
	for off < len(raw) {
		l := nextLine(raw, off)
		if len(l.text) == 0 {
			h.body = l.next
			return h
		}
		if off-start > lim.HeaderBytes || len(l.text) > lim.HeaderBytes || len(h.fields) >= lim.Fields {
			h.over, h.body = true, len(raw)
			return h
		}
		fresh := lastCR && mixed
		if l.bareCR {
			h.repair("lines end in a bare CR")
		}
		lastCR = l.bareCR
		text := l.text[:len(l.text):len(l.text)] // the first fold moves it to memory of its own, where it grows
		next := l.next
		for next < len(raw) && (raw[next] == ' ' || raw[next] == '\t') { // RFC 5322, 2.2.3
			fold := nextLine(raw, next)
			if next-start > lim.HeaderBytes {
				break
			}
			text = append(append(text, '\n'), fold.text...)
			next, lastCR = fold.next, fold.bareCR
		}
		if !h.add(text, fresh) && h.endsHere(raw, off, next, lim) {
			h.repair(noBlankLine)
			h.body = off
			return h
		}
		off = next
	}
	h.body, h.cut = len(raw), true
	return h
}

// add takes one unfolded field, and reports whether it was one. Anything else
// is parked: left out, with a finding.
func (h *headerBlock) add(text []byte, repaired bool) bool {
	colon := bytes.IndexByte(text, ':')
	if colon < 0 {
		h.park()
		return false
	}
	written := text[:colon]
	name := bytes.Trim(bytes.ReplaceAll(written, []byte{0}, nil), " \t\n")
	if !fieldName(name) {
		h.park()
		return false
	}
	if len(name) != len(written) {
		// "From :" is a From to lenient readers (RFC 5322, 4.5.2) and none to
		// strict ones: it counts, and proves nothing.
		repaired = true
		h.repair("blanks or controls about a field name")
	}
	value, mended := headerText(text[colon+1:])
	if mended {
		h.repair("bytes in the header that are no UTF-8")
		if strings.EqualFold(string(name), "Subject") && !h.fields.Has("Subject") {
			h.subject = text[colon+1:]
		}
	}
	if bytes.IndexByte(text[colon+1:], 0) >= 0 {
		// Readers in C end the value there, others pass it over: it proves nothing.
		repaired = true
		h.repair("a NUL within a field")
	}
	h.fields = append(h.fields, nasdesk.HeaderField{Name: string(name), Value: value, Repaired: repaired})
	return true
}

// park notes a line that is no field. Where the field above it is plainly cut
// short (a quote or bracket still open), the line was a fold that lost its
// blank, and that field proves nothing.
func (h *headerBlock) park() {
	h.repair("a line without a field name")
	if len(h.fields) == 0 || h.parked == len(h.fields) {
		return
	}
	h.parked = len(h.fields)
	last := &h.fields[len(h.fields)-1]
	if strings.Count(last.Value, `"`)%2 == 1 || strings.Count(last.Value, "<") != strings.Count(last.Value, ">") || last.Value == "" {
		last.Repaired = true
	}
}

// endsHere reports whether the body begins at a line that is no field: no field
// that mail knows follows before the next blank line. Below a delimiter stand the
// fields of a part, so there those do not count.
func (h *headerBlock) endsHere(raw []byte, off, next int, lim Limits) bool {
	last, ofMail := &h.known[0], bytes.HasPrefix(raw[off:], []byte("--"))
	if ofMail {
		last = &h.known[1]
	}
	if *last >= next {
		return false
	}
	at := nextKnownField(raw, next, ofMail, lim)
	*last = max(at, 0)
	return at < 0
}

// nextKnownField returns where the next field stands that mail knows, above the
// next blank line, or -1; ofMail passes over those that a part has as well.
func nextKnownField(raw []byte, off int, ofMail bool, lim Limits) int {
	end := min(len(raw), off+lim.HeaderBytes)
	for off < end {
		l := nextLine(raw, off)
		if len(l.text) == 0 {
			return -1
		}
		field, _, ok := bytes.Cut(l.text[:min(len(l.text), 80)], []byte(":"))
		name := strings.ToLower(string(bytes.TrimSpace(field)))
		if ok && knownField(name) && !(ofMail && strings.HasPrefix(name, "content-")) {
			return off
		}
		off = l.next
	}
	return -1
}

func knownField(name string) bool {
	switch name {
	case "from", "to", "cc", "subject", "date", "message-id", "mime-version", "received", "sender", "reply-to", "return-path",
		"in-reply-to", "references", "authentication-results", "dkim-signature", "thread-topic", "thread-index", "auto-submitted",
		"importance", "precedence", "list-id", "delivered-to":
		return true
	}
	return strings.HasPrefix(name, "x-") || strings.HasPrefix(name, "content-") || strings.HasPrefix(name, "arc-")
}

// fieldName reports whether name is one by RFC 5322, 3.6.8: printable ASCII
// without blanks and colons.
func fieldName(name []byte) bool {
	for _, c := range name {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return len(name) > 0
}

var unfolded = strings.NewReplacer("\n", "", "\x00", "") // PostgreSQL text takes no NUL

// headerText unfolds and trims a value. Bytes that are no UTF-8 are read as
// windows-1252, which is what old programs send.
func headerText(b []byte) (s string, mended bool) {
	s = strings.TrimSpace(unfolded.Replace(string(b)))
	if !utf8.ValidString(s) {
		s, mended = fromWindows1252([]byte(s)), true
	}
	return s, mended
}

// subjectText returns the Subject. Programs that write it without encoding it use
// the character set of their text, and readers show it so.
func (h *headerBlock) subjectText() string {
	if h.subject == nil {
		return h.fields.Get("Subject")
	}
	_, params, _ := parseMedia(h.fields.Get("Content-Type"), DefaultLimits.Params)
	text, _ := decodeCharset([]byte(unfolded.Replace(string(h.subject))), params["charset"])
	return strings.TrimSpace(text)
}

// messageIDs returns the ids of a field, without their angle brackets. Where
// there are no brackets each word is one. At most 100 are taken.
func messageIDs(values []string) []string {
	var ids []string
	for _, v := range values {
		bare := !strings.Contains(v, "<")
		for _, w := range strings.FieldsFunc(v, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' || r == '<' }) {
			id, _, closed := strings.Cut(w, ">")
			if id != "" && len(ids) < 100 && (closed || bare && strings.Contains(id, "@")) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}
