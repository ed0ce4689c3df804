package parser

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"nasdesk"
)

// wholeness looks at where the bytes of a mail end. A blank line stands below
// every header, and SMTP gives whole lines. But the last line of a body may lack its
// end (RFC 5322, 3.5: the CRLF stands between lines; BDAT and IMAP's APPEND
// keep it so), so that alone is no sign that anything was cut off.
func (r *reading) wholeness(raw []byte, h headerBlock, root *mimePart) {
	switch {
	case h.cut:
		r.damaged("the mail ends in its header")
	case endsLine(raw):
	case r.found.has("truncated") || slices.Contains(h.odd, noBlankLine):
		r.damaged("the mail ends in the middle of a line")
	case len(root.children) == 0 && r.found.has("boundary"):
		r.damaged("a multipart ends above its first part")
	case len(root.children) == 0 && r.breaksOff(root):
		r.damaged("the mail ends in the middle of its last word")
	}
}

// breaksOff reports whether a text that ends without a line end shows that more
// was to come: a last line that flows on (RFC 3676), half a character, half an
// escape, base64 that is not filled up, a label without its value, or a value that
// would be another one with more behind it.
func (r *reading) breaksOff(p *mimePart) bool {
	text := p.bytes(&r.found)
	last := text[bytes.LastIndexAny(text, "\r\n")+1:]
	switch enc := transferEncoding(p.header); {
	case enc == "base64":
		return !bytes.HasSuffix(p.raw, []byte("="))
	case isQuotedPrintable(enc) && len(p.raw) > 1 && p.raw[len(p.raw)-2] == '=':
		return true
	case strings.EqualFold(p.params["format"], "flowed") && bytes.HasSuffix(last, []byte(" ")) && string(last) != "-- ":
		return true
	}
	return halfCharacter(text) || halfAddress(last) || halfNumber(last) || halfWarning(last) || bytes.HasSuffix(bytes.TrimRight(last, " \t"), []byte(":"))
}

// halfCharacter reports whether text is UTF-8 but for its end: the first bytes of a
// character.
func halfCharacter(text []byte) bool {
	for n := 1; n <= min(len(text), utf8.UTFMax-1); n++ {
		if c := text[len(text)-n]; utf8.RuneStart(c) {
			return !utf8.FullRune(text[len(text)-n:]) && utf8.Valid(text[:len(text)-n])
		}
	}
	return false
}

// halfAddress reports whether the last word is an address that may have lost its
// end. One at nhs.net has not, for no other domain begins so, and the register
// holds it; "a@example.co" may be all of it or not.
func halfAddress(line []byte) bool {
	word := line[bytes.LastIndexAny(line, " \t<:;,(")+1:]
	_, domain, ok := bytes.Cut(word, []byte("@"))
	return ok && len(word) > 1 && !bytes.EqualFold(domain, []byte("nhs.net"))
}

// halfNumber reports whether the last word is a number that may have lost its
// end: neither as long as a telephone number nor closed by a year. "30 April 20"
// is a day of long ago, and was one to come.
func halfNumber(line []byte) bool {
	before := bytes.TrimRight(line, "0123456789 /.-()")
	number := line[len(before):]
	last := number[bytes.LastIndexAny(number, " /.-()")+1:]
	digits := 0
	for _, c := range number {
		if c >= '0' {
			digits++
		}
	}
	bare := len(before) == 0 || len(number) > 0 && number[0] < '0' || before[len(before)-1] == ':' // "FA123" is not
	return bare && len(last) > 0 && len(last) != 4 && digits < 10
}

// halfWarning reports whether the last line is the beginning of the sentence with
// which NHSmail warns of a sender, and not yet enough of it to be known.
func halfWarning(line []byte) bool {
	begun := strings.ToLower(string(bytes.TrimSpace(line)))
	return len(begun) > 4 && strings.HasPrefix("this message was sent from an email address external to nhsmail but gives the appearance of being from an nhsmail", begun)
}

// damaged notes that bytes of the text are missing, or are not those that were
// sent. Nobody acts on what is left: half a sentence says something else.
func (r *reading) damaged(how string) { r.found.add(nasdesk.FoundDamaged, how) }

func endsLine(b []byte) bool {
	return bytes.HasSuffix(b, []byte("\n")) || bytes.HasSuffix(b, []byte("\r"))
}

// wholePart looks for what only a cut or a fault on the way leaves in a part
// that is read. The end of a multipart that is missing is harmless by itself:
// most parts show that they are whole.
func (r *reading) wholePart(p *mimePart, odd string) {
	switch {
	case odd == base64Foreign:
		r.damaged("base64 with other characters in it")
	case !p.open:
	case odd == base64Short:
		r.damaged("base64 that ends too soon")
	case isQuotedPrintable(transferEncoding(p.header)) && bytes.HasSuffix(trimLineEnd(p.raw), []byte("=")):
		r.damaged("quoted-printable that ends in a soft line break")
	case p.media == "text/html" && !wholeHTML(p.decoded):
		r.damaged("HTML that ends too soon")
	}
}

// wholeHTML reports whether a document that begins also ends. What is only a
// piece of HTML has neither.
func wholeHTML(b []byte) bool {
	if bytes.LastIndexByte(b, '<') > bytes.LastIndexByte(b, '>') {
		return false
	}
	head := bytes.ToLower(b[:min(len(b), 4096)])
	tail := bytes.ToLower(b[max(0, len(b)-4096):])
	return !bytes.Contains(head, []byte("<html")) || bytes.Contains(tail, []byte("</html"))
}
