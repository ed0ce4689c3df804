package parser

import (
	"bytes"
	"path"
	"strings"

	"nasdesk"
)

// A mimePart is one node of a message's tree.
type mimePart struct {
	header   nasdesk.Header
	media    string // type/subtype in lower case; never empty
	params   map[string]string
	dispo    string // "attachment", "inline" or ""
	name     string // file name, decoded, without folders
	raw      []byte // as it came, still encoded
	children []*mimePart
	decoded  []byte
	isDone   bool
	odd      string // what was odd about its encoding
	open     bool   // nothing shows that it is whole: no delimiter stands below it
}

// A mimeReader builds the tree under the limits.
type mimeReader struct {
	lim   Limits
	parts int
	found *findings
}

// newPart makes a part of a header and a body, and its children.
func (r *mimeReader) newPart(h nasdesk.Header, body []byte, fallback string, depth int, open bool) *mimePart {
	p := &mimePart{header: h, raw: body, open: open}
	r.parts++
	if r.parts > r.lim.Parts || depth > r.lim.Depth {
		r.found.add(nasdesk.FoundOverLimit, "parts or depth")
		p.media = "application/octet-stream"
		return p
	}
	r.typed(p, fallback)
	if strings.HasPrefix(p.media, "multipart/") {
		r.split(p, depth)
	}
	return p
}

func (r *mimeReader) typed(p *mimePart, fallback string) {
	p.media = fallback
	if v := p.header.Get("Content-Type"); strings.TrimSpace(v) != "" {
		media, params, ok := parseMedia(v, r.lim.Params)
		p.params = params
		if ok {
			p.media = media
		} else {
			r.found.add("content-type", "not a media type")
		}
	}
	if v := p.header.Get("Content-Disposition"); v != "" {
		dispo, params, _ := parseMedia(v, r.lim.Params)
		p.dispo = dispo
		p.name = params["filename"]
	}
	if p.name == "" {
		p.name = p.params["name"]
	}
	p.name = fileName(p.name, r.lim)
}

func fileName(s string, lim Limits) string {
	s = nasdesk.Clean(decodeWords(s, lim.EncodedWords))
	if s == "" {
		return ""
	}
	s = path.Base(strings.ReplaceAll(s, `\`, "/"))
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[len(s)-200:], "")
	}
	return s
}

// ext returns the ending of the part's file name, lower case, without dot.
func (p *mimePart) ext() string {
	return strings.ToLower(strings.TrimPrefix(path.Ext(p.name), "."))
}

// parseMedia reads a Content-Type or Content-Disposition as written by anybody
// (trap T11): unquoted values with blanks, a boundary with "=" in it, parameters said
// twice (the first counts) or without a value, and the continuations of RFC 2231.
func parseMedia(v string, limit int) (media string, params map[string]string, ok bool) {
	head, rest := cutUnquoted(v, ';')
	head = strings.TrimSpace(stripComments(head))
	if sp := strings.IndexAny(head, " \t"); sp > 0 { // "text/plain charset=utf-8"
		head, rest = head[:sp], head[sp+1:]+";"+rest
	}
	media = strings.ToLower(strings.Trim(head, `"' `))
	params = map[string]string{}
	for n := 0; rest != "" && n < limit; n++ {
		var one string
		one, rest = cutUnquoted(rest, ';')
		name, value, has := strings.Cut(one, "=")
		name = strings.ToLower(strings.TrimSpace(stripComments(name)))
		if !has {
			continue
		}
		if _, twice := params[name]; !twice {
			params[name] = unquoteParam(value)
		}
	}
	joinContinued(params)
	if media == "text" || media == "plain" {
		media = "text/plain"
	}
	return media, params, strings.Count(media, "/") == 1 && !strings.HasPrefix(media, "/") && !strings.HasSuffix(media, "/")
}

// cutUnquoted cuts s at the first sep outside quotes. A quote that never closes
// is an ordinary character.
func cutUnquoted(s string, sep byte) (before, after string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			if !quoted && strings.IndexByte(s[i+1:], '"') < 0 {
				continue
			}
			quoted = !quoted
		case s[i] == sep && !quoted:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

func stripComments(s string) string {
	if !strings.Contains(s, "(") {
		return s
	}
	var b strings.Builder
	depth := 0
	for _, r := range s {
		switch {
		case r == '(':
			depth++
		case r == ')' && depth > 0:
			depth--
		case depth == 0:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func unquoteParam(s string) string {
	s = strings.TrimSpace(s)
	if !strings.HasPrefix(s, `"`) {
		return strings.TrimRight(s, `"`)
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == '"':
			return b.String()
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// joinContinued joins name*0, name*1* … and decodes name*=charset'lang'text
// (RFC 2231).
func joinContinued(params map[string]string) {
	for _, name := range []string{"filename", "name", "boundary", "charset"} {
		var raw []byte
		charset, extended := "", false
		piece := func(v string, ext bool) {
			if ext && len(raw) == 0 && charset == "" {
				if parts := strings.SplitN(v, "'", 3); len(parts) == 3 {
					charset, v = parts[0], parts[2]
				}
			}
			if ext {
				extended = true
				raw = append(raw, unpercent(v)...)
				return
			}
			raw = append(raw, v...)
		}
		if v, ok := params[name+"*"]; ok {
			piece(v, true)
		} else {
			for i := range 50 {
				key := name + "*" + decimal(i)
				if v, ok := params[key]; ok {
					piece(v, false)
				} else if v, ok := params[key+"*"]; ok {
					piece(v, true)
				} else {
					break
				}
			}
		}
		if len(raw) == 0 {
			continue
		}
		text := string(raw)
		if extended {
			text, _ = decodeCharset(raw, charset)
		}
		params[name] = strings.ToValidUTF8(text, "\uFFFD")
	}
}

func decimal(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return decimal(n/10) + string(rune('0'+n%10))
}

func unpercent(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return out
}

// split cuts a multipart into its parts. A boundary that is missing is guessed
// from the first line that looks like one; an end that is missing is a finding
// (trap T13), and the parts that came are kept.
func (r *mimeReader) split(p *mimePart, depth int) {
	body := p.raw
	if enc := transferEncoding(p.header); enc == "base64" || enc == "quoted-printable" { // not allowed, and seen
		if b := p.params["boundary"]; b == "" || !bytes.Contains(body, []byte("--"+b)) {
			body, _ = decodeTransfer(body, enc)
		}
	}
	boundary := strings.TrimRight(p.params["boundary"], " \t")
	if boundary == "" || !bytes.Contains(body, []byte("--"+boundary)) {
		r.found.add("boundary", "missing or wrong")
		boundary = guessBoundary(body)
	}
	if boundary == "" {
		if len(bytes.TrimSpace(body)) == 0 {
			r.found.add(nasdesk.FoundDamaged, "a multipart without any part")
		}
		p.media = "text/plain"
		if bytes.Contains(bytes.ToLower(body[:min(len(body), 1000)]), []byte("<html")) {
			p.media = "text/html"
		}
		return
	}
	fallback := "text/plain"
	if p.media == "multipart/digest" {
		fallback = "message/rfc822"
	}
	pieces, closed := cutParts(body, boundary, r.lim.Parts-r.parts+1)
	if !closed {
		r.found.add("truncated", "a multipart has no end")
	}
	for i, piece := range pieces {
		h := readPartHeader(piece, r.lim)
		if h.over {
			r.found.add(nasdesk.FoundOverLimit, "header of a part")
			return
		}
		if len(h.odd) > 0 {
			r.found.add("part-header-repaired", h.odd[0])
		}
		p.children = append(p.children, r.newPart(h.fields, piece[h.body:], fallback, depth+1, p.open && !closed && i == len(pieces)-1))
		if r.parts > r.lim.Parts {
			return
		}
	}
}

// cutParts returns what stands between the delimiter lines, at most limit
// pieces, and whether the closing delimiter was there. The line end before a delimiter
// belongs to the delimiter (RFC 2046, 5.1.1).
func cutParts(body []byte, boundary string, limit int) (pieces [][]byte, closed bool) {
	delim := []byte("--" + boundary)
	start := -1
	for off := 0; off < len(body); {
		i := bytes.Index(body[off:], delim)
		if i < 0 {
			break
		}
		at := off + i
		after := at + len(delim)
		end, last, ok := delimiterEnd(body, after)
		if !ok || at > 0 && body[at-1] != '\n' && body[at-1] != '\r' {
			off = after
			continue
		}
		if start >= 0 {
			pieces = append(pieces, trimLineEnd(body[start:max(start, at)]))
			if len(pieces) >= limit {
				return pieces, true
			}
		}
		if last {
			return pieces, true
		}
		start, off = end, end
	}
	if start >= 0 {
		pieces = append(pieces, body[start:])
	}
	return pieces, false
}

// delimiterEnd finds where the line of a delimiter ends. Only blanks may stand
// behind it, and "--" on the last.
func delimiterEnd(body []byte, off int) (end int, last, ok bool) {
	if bytes.HasPrefix(body[off:], []byte("--")) {
		last = true
		off += 2
	}
	for off < len(body) && (body[off] == ' ' || body[off] == '\t') {
		off++
	}
	if off == len(body) {
		return off, last, true
	}
	if body[off] == '\n' {
		return off + 1, last, true
	}
	if body[off] == '\r' {
		l := nextLine(body, off)
		return l.next, last, true
	}
	return off, last, false
}

func trimLineEnd(b []byte) []byte {
	b = bytes.TrimSuffix(b, []byte("\n"))
	return bytes.TrimSuffix(b, []byte("\r"))
}

// guessBoundary takes the first line that begins with two hyphens and has a
// Content- field below it.
func guessBoundary(body []byte) string {
	for off, n := 0, 0; off < len(body) && n < 200; n++ {
		l := nextLine(body, off)
		off = l.next
		if bytes.HasPrefix(l.text, []byte("--")) && len(l.text) > 4 {
			below := bytes.ToLower(nextLine(body, off).text)
			if bytes.HasPrefix(below, []byte("content-")) {
				return string(bytes.TrimRight(l.text[2:], " \t"))
			}
		}
	}
	return ""
}

// transferEncoding returns the Content-Transfer-Encoding in lower case, without
// the quotes, comments and semicolons that stray into it.
func transferEncoding(h nasdesk.Header) string {
	v := strings.ToLower(stripComments(h.Get("Content-Transfer-Encoding")))
	v, _, _ = strings.Cut(v, ";")
	return strings.Trim(v, " \t\"'")
}

// bytes returns the decoded body of a leaf, decoding it once.
func (p *mimePart) bytes(f *findings) []byte {
	if p.isDone {
		return p.decoded
	}
	p.isDone = true
	p.decoded, p.odd = decodeTransfer(p.raw, transferEncoding(p.header))
	if p.odd != "" {
		f.add("transfer-encoding", p.odd)
	}
	return p.decoded
}

func isQuotedPrintable(enc string) bool {
	return enc == "quoted-printable" || enc == "q" || enc == "quotedprintable"
}

const (
	base64Short   = "base64 cut short"
	base64Foreign = "foreign characters in base64"
	base64Not     = "not base64, as it says"
)

// isProse reports whether the first lines of what is called base64 are words with
// blanks between them: base64 has none within a line.
func isProse(b []byte) bool {
	words, chars := 0, 0
	for _, line := range splitText(string(b[:min(len(b), 400)]), 8) {
		fields := strings.Fields(line)
		words += max(0, len(fields)-1)
		chars += len(strings.Join(fields, ""))
	}
	return words > 2 && words*20 > chars
}

func decodeTransfer(b []byte, enc string) (out []byte, odd string) {
	switch enc {
	case "base64", "b", "x-base64":
		if isProse(b) {
			return b, base64Not
		}
		return decodeBase64(b)
	case "quoted-printable", "q", "quotedprintable":
		return decodeQuotedPrintable(b), ""
	case "x-uuencode", "uuencode", "x-uue", "uue":
		if out, _, ok := decodeUU(b); ok {
			return out, ""
		}
		return b, "uuencode cannot be read"
	case "", "7bit", "8bit", "binary":
		return b, ""
	}
	return b, "unknown encoding taken as 8bit"
}

// decodeBase64 keeps what can be read: foreign characters are passed over, and
// an end that is cut off is a finding (trap T13). Text that is plainly no base64 is returned as it is.
func decodeBase64(b []byte) (out []byte, odd string) {
	var acc, n uint32
	foreign := 0
	out = make([]byte, 0, len(b)*3/4+3)
	for _, c := range b {
		v := base64Value[c]
		switch {
		case v < 64:
			acc, n = acc<<6|uint32(v), n+1
			if n == 4 {
				out = append(out, byte(acc>>16), byte(acc>>8), byte(acc))
				acc, n = 0, 0
			}
		case c == '=':
			out, acc, n = finishBase64(out, acc, n), 0, 0
		case c > ' ':
			foreign++
		}
	}
	if n > 0 {
		out, odd = finishBase64(out, acc, n), base64Short
	}
	if foreign > 2 && foreign > len(b)/50 {
		return b, base64Not
	}
	if foreign > 0 {
		odd = base64Foreign
	}
	return out, odd
}

func finishBase64(out []byte, acc, n uint32) []byte {
	switch n {
	case 2:
		return append(out, byte(acc>>4))
	case 3:
		return append(out, byte(acc>>10), byte(acc>>2))
	}
	return out
}

var base64Value = func() (t [256]byte) {
	for i := range t {
		t[i] = 255
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		t[c] = byte(i)
	}
	t['-'], t['_'] = 62, 63
	return t
}()

// decodeQuotedPrintable reads RFC 2045, 6.7. An escape that is none stays as it
// stands; blanks before a line end go.
func decodeQuotedPrintable(b []byte) []byte {
	out := make([]byte, 0, len(b))
	hard := 0 // what stands before it was escaped, and is no trailing blank
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case c == '=' && i+2 < len(b) && isHex(b[i+1]) && isHex(b[i+2]):
			out = append(out, unhex(b[i+1])<<4|unhex(b[i+2]))
			hard = len(out)
			i += 2
		case c == '=':
			if end, ok := softBreak(b, i+1); ok {
				i = end - 1
				continue
			}
			out = append(out, c)
		case c == '\n' || c == '\r' && i+1 < len(b) && b[i+1] == '\n':
			for len(out) > hard && (out[len(out)-1] == ' ' || out[len(out)-1] == '\t') {
				out = out[:len(out)-1]
			}
			out = append(out, c)
		default:
			out = append(out, c)
		}
	}
	return out
}

// softBreak reports whether only blanks and a line end follow, and where the
// next line begins.
func softBreak(b []byte, i int) (next int, ok bool) {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t') {
		i++
	}
	if i == len(b) {
		return i, true
	}
	if b[i] == '\n' || b[i] == '\r' {
		return nextLine(b, i).next, true
	}
	return i, false
}

// decodeUU reads the first uuencoded file of b and its name.
func decodeUU(b []byte) (out []byte, name string, ok bool) {
	off := 0
	for off < len(b) {
		l := nextLine(b, off)
		off = l.next
		if n, isBegin := uuBegin(l.text); isBegin {
			name = n
			ok = true
			break
		}
	}
	for ok && off < len(b) {
		l := nextLine(b, off)
		off = l.next
		if len(l.text) == 0 || string(l.text) == "end" || l.text[0] == '`' || l.text[0] == ' ' {
			break
		}
		out = append(out, uuLine(l.text)...)
	}
	return out, name, ok
}

func uuBegin(l []byte) (name string, ok bool) {
	f := bytes.Fields(l)
	if len(f) < 3 || string(f[0]) != "begin" || len(f[1]) < 3 || len(f[1]) > 4 {
		return "", false
	}
	for _, c := range f[1] {
		if c < '0' || c > '7' {
			return "", false
		}
	}
	return string(bytes.Join(f[2:], []byte(" "))), true
}

func uuLine(l []byte) []byte {
	n := int(l[0]-' ') & 63
	var out []byte
	at := func(i int) byte {
		if i < len(l) {
			return (l[i] - ' ') & 63
		}
		return 0
	}
	for i := 1; len(out) < n; i += 4 {
		a, b, c, d := at(i), at(i+1), at(i+2), at(i+3)
		out = append(out, a<<2|b>>4, b<<4|c>>2, c<<6|d)
	}
	return out[:n]
}
