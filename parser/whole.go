package parser

import (
	"bytes"

	"nasdesk"
)

// wholeness looks at where the bytes of a mail end. SMTP and IMAP give whole
// lines, and a blank one below the header; what ends elsewhere was cut off on its way.
func (r *reading) wholeness(raw []byte, h headerBlock) {
	switch {
	case h.cut:
		r.damaged("the mail ends in its header")
	case !endsLine(raw):
		r.damaged("the mail ends in the middle of a line")
	}
}

// damaged notes that bytes of the text are missing, or are not those that were
// sent. Nobody acts on what is left: half a sentence says something else.
func (r *reading) damaged(how string) { r.found.add(nasdesk.FoundDamaged, how) }

func endsLine(b []byte) bool {
	return len(b) > 0 && (b[len(b)-1] == '\n' || b[len(b)-1] == '\r')
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
