package parser

import (
	"bytes"
	"strings"
)

func isSMIME(p *mimePart) bool {
	switch p.media {
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		return true
	}
	return p.ext() == "p7m"
}

// openSMIME reads the mail inside an opaque signature. The signature is not
// checked: who may ask is proved elsewhere. What is encrypted stays shut.
func (r *reading) openSMIME(p *mimePart, b *bodies) {
	if r.opened++; r.opened > r.o.Limits.Depth { // each may hold the next
		r.found.add("over-limit", "signatures within signatures")
		return
	}
	data := p.bytes(&r.found)
	inner := signedContent(data)
	if inner == nil {
		r.found.add("encrypted", "S/MIME")
		r.attach(p)
		return
	}
	h := readPartHeader(inner, r.o.Limits)
	if h.over {
		r.found.add("over-limit", "header of a part")
		return
	}
	mr := mimeReader{lim: r.o.Limits, found: &r.found, parts: 1}
	r.found.add("signed", "S/MIME, opaque")
	if !berWhole(data) {
		r.damaged("S/MIME that ends too soon")
	}
	r.visit(mr.newPart(h.fields, inner[h.body:], "text/plain", 1, false), b, len(b.lines) == 0)
}

var (
	oidSignedData = []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02}
	oidData       = []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01}
)

// signedContent finds what a CMS SignedData (RFC 5652, 5.1) encapsulates: the
// octets of the id-data content. nil where it is anything else.
func signedContent(b []byte) []byte {
	info, ok := berContents(b, 0x30)
	if !ok {
		return nil
	}
	oid, rest, _ := berNext(info)
	if oid.tag != 0x06 || !bytes.Equal(oid.body, oidSignedData) {
		return nil
	}
	explicit, ok := berContents(rest, 0xa0)
	if !ok {
		return nil
	}
	signed, ok := berContents(explicit, 0x30)
	if !ok {
		return nil
	}
	for range 3 { // version, digestAlgorithms, encapContentInfo
		var v berValue
		if v, signed, _ = berNext(signed); v.tag != 0x30 {
			continue
		}
		oid, rest, _ = berNext(v.body)
		if !bytes.Equal(oid.body, oidData) {
			return nil
		}
		if explicit, ok = berContents(rest, 0xa0); !ok {
			return nil
		}
		content, _, _ := berNext(explicit)
		return berOctets(content, 0)
	}
	return nil
}

// A berValue is one element of BER: its tag and its contents.
type berValue struct {
	tag  byte
	body []byte
}

func berContents(b []byte, tag byte) ([]byte, bool) {
	v, _, _ := berNext(b)
	return v.body, v.tag == tag
}

// berNext cuts the first element of b. An indefinite length ends at its
// end-of-contents octets. Of one that is cut short it takes what came; then, as
// where there is none, rest is nil.
func berNext(b []byte) (v berValue, rest []byte, ok bool) {
	if len(b) < 2 || b[0]&0x1f == 0x1f {
		return v, nil, false
	}
	v.tag = b[0]
	n, off := int(b[1]), 2
	if n == 0x80 {
		end, ok := berEnd(b[2:], 0)
		if !ok {
			v.body = b[2:]
			return v, nil, true
		}
		v.body = b[2 : 2+end]
		return v, b[2+end+2:], true
	}
	if n&0x80 != 0 {
		size := n & 0x7f
		if size > 4 || len(b) < 2+size {
			return v, nil, false
		}
		var long uint32
		for _, c := range b[2 : 2+size] {
			long = long<<8 | uint32(c)
		}
		n, off = int(min(long, 1<<30)), off+size // no mail is as long
	}
	if off+n > len(b) {
		v.body = b[off:]
		return v, nil, true
	}
	v.body = b[off : off+n]
	return v, b[off+n:], true
}

// berWhole reports whether the outermost element is all there.
func berWhole(b []byte) bool {
	_, rest, _ := berNext(b)
	return rest != nil
}

// berEnd finds the end-of-contents octets of the level at which b begins.
func berEnd(b []byte, depth int) (int, bool) {
	off := 0
	for depth < 30 {
		if len(b)-off < 2 {
			return 0, false
		}
		if b[off] == 0 && b[off+1] == 0 {
			return off, true
		}
		if b[off+1] == 0x80 {
			n, ok := berEnd(b[off+2:], depth+1)
			if !ok {
				return 0, false
			}
			off += n + 4
			continue
		}
		_, rest, _ := berNext(b[off:])
		off = len(b) - len(rest)
	}
	return 0, false
}

// berOctets joins an OCTET STRING, constructed or not.
func berOctets(v berValue, depth int) []byte {
	if v.tag == 0x04 {
		return v.body
	}
	if v.tag != 0x24 || depth > 10 {
		return nil
	}
	var out []byte
	for rest := v.body; len(rest) > 0; {
		var c berValue
		c, rest, _ = berNext(rest)
		out = append(out, berOctets(c, depth+1)...)
	}
	return out
}

// rtfText takes the words out of rich text: RTF 1.9, control words of layout
// and groups that are not text passed over.
func rtfText(b []byte) string {
	if !bytes.HasPrefix(bytes.TrimLeft(b, " \t\r\n"), []byte(`{\rtf`)) {
		return ""
	}
	var out strings.Builder
	rtf := rtfReader{b: b, out: &out, uc: 1}
	rtf.run()
	return out.String()
}
