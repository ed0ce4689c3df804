package parser

import (
	"strings"
	"unicode"

	"nasdesk"
)

// bodies is the text found in a tree of parts.
type bodies struct {
	lines []bodyLine
}

// gather reads the body of a message: the text parts in their order, of
// alternatives the best one. Everything else is noted as attached; attached tables
// are read into the sheet lines.
func (r *reading) gather(root *mimePart) bodies {
	var b bodies
	r.visit(root, &b, true)
	r.lastResort(root, &b)
	return b
}

// visit reads one part. first says that no text was found before it.
func (r *reading) visit(p *mimePart, b *bodies, first bool) {
	if r.found.has(nasdesk.FoundOverLimit) {
		return
	}
	switch {
	case p.media == "multipart/alternative":
		r.alternatives(p, b)
	case p.media == "multipart/encrypted":
		r.found.add("encrypted", p.media)
		r.attachAll(p)
	case p.media == "multipart/related":
		r.related(p, b, first)
	case p.media == "multipart/digest":
		r.attachAll(p)
	case strings.HasPrefix(p.media, "multipart/"):
		for _, c := range p.children {
			r.visit(c, b, len(b.lines) == 0)
		}
	case isSMIME(p):
		r.openSMIME(p, b)
	case isBodyText(p, first):
		b.add(r.textOf(p))
	default:
		r.attach(p)
	}
}

// isBodyText reports whether a part is words of the mail rather than a file: a
// named text counts only where there is no other before it and it is shown inline.
func isBodyText(p *mimePart, first bool) bool {
	if p.media != "text/plain" && p.media != "text/html" && p.media != "text/enriched" || p.dispo == "attachment" {
		return false
	}
	return p.name == "" || first && sheetKind(p) == ""
}

// add appends a text, its tables numbered on.
func (b *bodies) add(lines []bodyLine) {
	if len(b.lines) == 0 {
		b.lines = lines
		return
	}
	tables := 0
	for _, l := range b.lines {
		tables = max(tables, l.table)
	}
	for i, l := range lines {
		if l.table > 0 {
			l.table += tables
		}
		if i == 0 {
			l.brk = true
		}
		b.lines = append(b.lines, l)
	}
}

// related reads the root of a multipart/related; pictures and the like that
// belong to it are attached. Where the root says nothing, a text beside it does.
func (r *reading) related(p *mimePart, b *bodies, first bool) {
	root := rootOf(p)
	for _, c := range p.children {
		if c == root {
			r.visit(c, b, first)
		}
	}
	for _, c := range p.children {
		switch {
		case c == root:
		case strings.HasPrefix(c.media, "multipart/") || len(b.lines) == 0:
			r.visit(c, b, false)
		default:
			r.attach(c)
		}
	}
}

// rootOf returns the part that start names, or the first one: RFC 2387, 3.2.
func rootOf(p *mimePart) *mimePart {
	start := strings.Trim(p.params["start"], "<> ")
	var root *mimePart
	for _, c := range p.children {
		if root == nil || start != "" && strings.Trim(c.header.Get("Content-ID"), "<> ") == start {
			root = c
		}
	}
	return root
}

// alternatives reads the one of several texts that says most: HTML for its
// structure, unless plain text holds clearly more words.
func (r *reading) alternatives(p *mimePart, b *bodies) {
	var plain, rich bodies
	for _, c := range p.children {
		switch {
		case c.media == "text/plain" && c.dispo != "attachment":
			plain.add(r.textOf(c))
		case c.media == "text/calendar" || c.media == "text/x-amp-html" || c.media == "text/watch-html":
		case c.media == "text/enriched" || isRTF(c):
			if lines := r.textOf(c); len(rich.lines) == 0 && wordCount(lines) > wordCount(plain.lines) {
				rich.add(lines)
			}
		default:
			r.visit(c, &rich, true)
		}
	}
	if differ(plain.lines, rich.lines) {
		r.found.add(nasdesk.FoundDiffer, "plain text and HTML")
	}
	if best(plain.lines, rich.lines) {
		b.add(plain.lines)
	} else {
		b.add(rich.lines)
	}
}

// best reports whether plain text is to be read rather than rich.
func best(plain, rich []bodyLine) bool {
	p, h := wordCount(plain), wordCount(rich)
	if h == 0 {
		return p > 0
	}
	if hasTable(rich) && h*2 >= p {
		return false
	}
	return p > h+h/4+3
}

func hasTable(lines []bodyLine) bool {
	for _, l := range lines {
		if l.table > 0 {
			return true
		}
	}
	return false
}

func wordCount(lines []bodyLine) int {
	n := 0
	for _, l := range lines {
		in := false
		for _, c := range l.text {
			if w := unicode.IsLetter(c) || unicode.IsDigit(c); w != in {
				in = w
				if w {
					n++
				}
			}
		}
	}
	return n
}

// maxText is the most bytes of one text part that are read. No person writes
// so much; HTML with pictures inside it does.
const maxText = 4 << 20

// textOf reads one text part as lines.
func (r *reading) textOf(p *mimePart) []bodyLine {
	raw := p.bytes(&r.found)
	r.wholePart(p, p.odd)
	if len(raw) > maxText {
		r.found.add(nasdesk.FoundOverLimit, "text of one part")
		return nil
	}
	charset := p.params["charset"]
	if charset == "" && p.media == "text/html" {
		charset = metaCharset(raw)
	}
	text, odd := decodeCharset(raw, charset)
	if odd != "" {
		r.found.add("charset", "bytes and label disagree, or the label is unknown")
	}
	switch {
	case p.media == "text/html":
		r.htmlRead(text)
		return htmlLines(text, r.o.Limits, &r.found)
	case isRTF(p):
		return plainLines(rtfText(raw), false, false, r.o.Limits, &r.found)
	case p.media == "text/enriched":
		text = stripTags(text)
	}
	if strings.Contains(text, "-----BEGIN PGP MESSAGE-----") {
		r.found.add("encrypted", "PGP")
		return nil
	}
	text = r.cutUU(text)
	flowed := strings.EqualFold(p.params["format"], "flowed")
	return plainLines(text, flowed, strings.EqualFold(p.params["delsp"], "yes"), r.o.Limits, &r.found)
}

// cutUU takes files that are uuencoded within the text out of it.
func (r *reading) cutUU(text string) string {
	for range 10 {
		i := 0
		if !strings.HasPrefix(text, "begin ") {
			if i = strings.Index(text, "\nbegin ") + 1; i == 0 {
				return text
			}
		}
		l := nextLine([]byte(text[i:min(len(text), i+400)]), 0)
		_, ok := uuBegin(l.text)
		j := strings.Index(text[i:], "\nend")
		if ok && j < 0 && uuFollows(text[i:], l.next) {
			r.damaged("a uuencoded file without its end")
			return text[:i]
		}
		if !ok || j < 0 {
			return text
		}
		data, name, _ := decodeUU([]byte(text[i : i+j+4]))
		r.attached(nasdesk.Attachment{Name: fileName(name, r.o.Limits), Type: "application/octet-stream", Size: len(data)}, data)
		text = text[:i] + text[i+j+4:]
	}
	return text
}

// uuFollows reports whether the line at off is one of a uuencoded file: as long
// as its first character says.
func uuFollows(text string, off int) bool {
	l := nextLine([]byte(text[off:min(len(text), off+200)]), 0).text
	return len(l) > 1 && len(l)-1 == (int(l[0]-' ')&63+2)/3*4
}

// metaCharset finds the character set that an HTML document names itself.
func metaCharset(b []byte) string {
	head := strings.ToLower(string(b[:min(len(b), 2048)]))
	_, rest, ok := strings.Cut(head, "charset=")
	if !ok {
		return ""
	}
	rest = strings.TrimLeft(rest, `"' `)
	if i := strings.IndexAny(rest, "\"' ;>/"); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

func (r *reading) attachAll(p *mimePart) {
	if len(p.children) == 0 {
		r.attach(p)
		return
	}
	for _, c := range p.children {
		r.attachAll(c)
	}
}

// attach notes a part that is not the text of the mail, and reads it if it is a
// table. A mail attached is never read: it is not the sender's request.
func (r *reading) attach(p *mimePart) {
	data := p.bytes(&r.found)
	media := p.media
	if strings.HasPrefix(media, "multipart/") { // beyond the limits
		return
	}
	r.attached(nasdesk.Attachment{Name: p.name, Type: media, Size: len(data)}, data)
	switch {
	case isEncryptedMail(p):
		r.found.add("encrypted", media)
	case isTNEF(p):
		r.tnefFiles(data)
	default:
		r.readSheet(p, data)
	}
}

// isEncryptedMail knows Office 365's message encryption by its file.
func isEncryptedMail(p *mimePart) bool {
	return p.media == "application/x-microsoft-rpmsg-message" || p.ext() == "rpmsg"
}

// lastResort reads a body from what some programs send instead of one:
// winmail.dat, or rich text alone.
func (r *reading) lastResort(p *mimePart, b *bodies) {
	if len(b.lines) > 0 {
		return
	}
	switch {
	case isTNEF(p):
		b.add(r.tnefBody(p.bytes(&r.found)))
	case isRTF(p):
		b.add(plainLines(rtfText(p.bytes(&r.found)), false, false, r.o.Limits, &r.found))
	}
	for _, c := range p.children {
		r.lastResort(c, b)
	}
}

func isRTF(p *mimePart) bool {
	return p.media == "text/rtf" || p.media == "application/rtf" || p.media == "text/richtext" || p.ext() == "rtf"
}

func isTNEF(p *mimePart) bool {
	return p.media == "application/ms-tnef" || p.media == "application/vnd.ms-tnef" || strings.EqualFold(p.name, "winmail.dat")
}
