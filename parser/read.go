package parser

import (
	"net/mail"
	"slices"
	"strings"
	"time"

	"nasdesk"
)

// Options say how a message is read.
type Options struct {
	Own     nasdesk.Address // our own address: helpdesk@nhs.net
	Limits  Limits
	Wording []string // whole lines of our own letters, which are nobody's words when they come back unquoted
}

// findings collects what was repaired, each code once per detail.
type findings struct{ list []nasdesk.Finding }

func (f *findings) add(code, detail string) {
	for _, g := range f.list {
		if g.Code == code && (g.Detail == detail || code == nasdesk.FoundOverLimit) {
			return
		}
	}
	if len(f.list) < 100 {
		f.list = append(f.list, nasdesk.Finding{Code: code, Detail: detail})
	}
}

func (f *findings) has(code string) bool {
	for _, g := range f.list {
		if g.Code == code {
			return true
		}
	}
	return false
}

// Read turns the raw bytes of a mail into a message. It never fails: what had
// to be repaired, or could not be read, stands in the findings.
func Read(raw []byte, o Options) *nasdesk.Message {
	r := reading{o: o}
	return r.read(raw)
}

// Unpack reads a mail as [Read] does, and keeps what it holds beside its text.
func Unpack(raw []byte, o Options) (*nasdesk.Message, nasdesk.Contents) {
	r := reading{o: o, keep: new(nasdesk.Contents)}
	m := r.read(raw)
	return m, *r.keep
}

func (r *reading) read(raw []byte) *nasdesk.Message {
	o := &r.o
	o.Limits = o.Limits.filled()
	r.m = &nasdesk.Message{Size: len(raw)}
	if len(raw) > o.Limits.Size {
		return r.headOnly(raw, "size")
	}
	h := readHeader(raw, o.Limits)
	r.head(h)
	if h.over {
		r.found.add(nasdesk.FoundOverLimit, headerOver)
		return r.finish(nil, nil)
	}
	mr := mimeReader{lim: o.Limits, found: &r.found}
	root := mr.newPart(h.fields, raw[h.body:], "text/plain", 0, true)
	r.wholeness(raw, h, root)
	var b bodies
	if !r.found.has(nasdesk.FoundOverLimit) {
		b = r.gather(root)
	}
	return r.finish(root, b.lines)
}

// ReadHead reads the header of a mail and nothing else, for a message that is
// held unread; why is the detail of its finding over-limit.
func ReadHead(raw []byte, o Options, why string) *nasdesk.Message {
	o.Limits = o.Limits.filled()
	r := reading{o: o, m: &nasdesk.Message{Size: len(raw)}}
	return r.headOnly(raw, why)
}

// headerOver is the detail of a header beyond the limits. It counts before any
// other: behind what was read may stand a second From.
const headerOver = "header"

func (r *reading) headOnly(raw []byte, why string) *nasdesk.Message {
	h := readHeader(raw[:min(len(raw), r.o.Limits.HeaderBytes)], r.o.Limits)
	r.head(h)
	if h.over || h.cut && len(raw) > r.o.Limits.HeaderBytes {
		why = headerOver
	}
	r.found.add(nasdesk.FoundOverLimit, why)
	return r.finish(nil, nil)
}

// A reading is one message being read.
type reading struct {
	o      Options
	m      *nasdesk.Message
	found  findings
	sheet  []bodyLine
	rows   int               // of attached tables so far
	opened int               // opaque signatures so far
	keep   *nasdesk.Contents // what is not text, where somebody wants it; else nil
}

// attached notes a file that came with the mail.
func (r *reading) attached(a nasdesk.Attachment, data []byte) {
	r.m.Attachments = append(r.m.Attachments, a)
	if r.keep != nil {
		r.keep.Files = append(r.keep.Files, nasdesk.File{Attachment: a, Data: data})
	}
}

// htmlRead notes an HTML document from which text was read.
func (r *reading) htmlRead(doc string) {
	if r.keep != nil {
		r.keep.HTML = append(r.keep.HTML, doc)
	}
}

func (r *reading) head(h headerBlock) {
	m := r.m
	m.Header = h.fields
	for _, odd := range h.odd {
		r.found.add(nasdesk.FoundHeader, odd)
	}
	if ids := messageIDs(m.Header.All("Message-ID")); len(ids) > 0 {
		m.ID = ids[0]
	}
	m.InReplyTo = messageIDs(m.Header.All("In-Reply-To"))
	m.References = messageIDs(m.Header.All("References"))
	m.Subject = nasdesk.Clean(strings.ToValidUTF8(decodeWords(h.subjectText(), r.o.Limits.EncodedWords), "\uFFFD"))
	m.Date = parseDate(m.Header.Get("Date"))
}

// parseDate reads a Date field, RFC 5322 or nearly so.
func parseDate(v string) time.Time {
	v = strings.TrimSpace(stripComments(v))
	if len(v) > 100 {
		return time.Time{}
	}
	if t, err := mail.ParseDate(v); err == nil {
		return t
	}
	for _, layout := range []string{"Mon, 2 Jan 2006 15:04:05", "2 Jan 2006 15:04:05", "Mon, 2 Jan 2006 15:04 -0700", "Mon Jan 2 15:04:05 2006",
		time.RFC3339, "2006-01-02 15:04:05 -0700", "Mon, 2 January 2006 15:04:05 -0700", "Monday, 2 January 2006 15:04:05 -0700"} {
		if t, err := time.Parse(layout, v); err == nil {
			return t
		}
	}
	return time.Time{}
}

// finish puts the lines together and says what kind of mail it is.
func (r *reading) finish(root *mimePart, body []bodyLine) *nasdesk.Message {
	w := textWriter{m: r.m}
	if r.m.Subject != "" {
		w.line(nasdesk.Line{Text: r.m.Subject, Part: nasdesk.InSubject})
	}
	tables := 0
	for _, p := range place(body, decodeWords(r.m.Header.Get("From"), r.o.Limits.EncodedWords), r.o, &r.found) {
		tables = max(tables, p.table)
		w.line(nasdesk.Line{Text: p.text, Part: nasdesk.InBody, Region: p.region, Quote: p.quote, Table: p.table, Cells: p.cells, Head: p.head, Item: p.item, Break: p.brk || p.rule != 0})
	}
	for _, s := range r.sheet {
		w.line(nasdesk.Line{Text: s.text, Part: nasdesk.InSheet, Table: tables + s.table, Cells: s.cells, Break: s.brk})
	}
	w.done()
	if r.o.Limits.tooMuch(r.m) {
		r.found.add(nasdesk.FoundOverLimit, "words")
	}
	if !saysAnything(body) && len(r.sheet) == 0 && len(r.m.Attachments) > 0 || r.found.has("encrypted") && len(r.sheet) == 0 {
		r.found.add(nasdesk.FoundNoText, "")
	}
	r.m.Automatic = automatic(r.m, root, r.o.Own)
	if r.m.Automatic == nasdesk.Bounce {
		r.m.Returned = returned(r.m, root, r.o.Limits)
	}
	r.m.Findings = r.found.list
	r.m.Digest = digest(r.m)
	return r.m
}

// saysAnything reports whether a body holds more than rules and blank lines.
func saysAnything(body []bodyLine) bool {
	return slices.ContainsFunc(body, func(l bodyLine) bool { return l.text != "" })
}

// A textWriter lays lines end to end, so that each is a slice of the text.
type textWriter struct {
	m *nasdesk.Message
	b strings.Builder
}

func (w *textWriter) line(l nasdesk.Line) {
	if w.b.Len() > 0 || len(w.m.Lines) > 0 {
		w.b.WriteByte('\n')
	}
	l.Start = w.b.Len()
	w.b.WriteString(l.Text)
	w.m.Lines = append(w.m.Lines, l)
}

func (w *textWriter) done() {
	w.m.Text = w.b.String()
	for i := range w.m.Lines {
		l := &w.m.Lines[i]
		l.Text = w.m.Text[l.Start : l.Start+len(l.Text)]
	}
}
