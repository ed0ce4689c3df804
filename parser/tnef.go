package parser

import (
	"nasdesk"
)

// The words of [MS-OXTNEF] that matter here.
const (
	tnefSignature   = 0x223e9f78
	tnefBodyText    = 0x800c
	tnefAttachTitle = 0x8010
	tnefAttachData  = 0x800f
	tnefAttachStart = 0x9002
	tnefProps       = 0x9003

	propBody     = 0x1000
	propHTML     = 0x1013
	propRTF      = 0x1009
	typeString8  = 0x001e
	typeUnicode  = 0x001f
	typeBinary   = 0x0102
	tnefMaxProps = 2000
)

// A tnefMail is what a winmail.dat holds.
type tnefMail struct {
	text, html, rtf string
	files           []nasdesk.File
}

// readTNEF walks the attributes of a winmail.dat. What is cut short is read as
// far as it goes.
func readTNEF(b []byte) (m tnefMail, ok bool) {
	if len(b) < 6 || le32(b) != tnefSignature {
		return m, false
	}
	for b = b[6:]; len(b) >= 9; {
		id, n := int(le32(b[1:])&0xffff), count32(b[5:])
		if 9+n > len(b) {
			break
		}
		m.attribute(id, b[9:9+n])
		b = b[min(len(b), 9+n+2):]
	}
	return m, true
}

func (m *tnefMail) attribute(id int, data []byte) {
	switch id {
	case tnefBodyText:
		text, _ := decodeCharset(trimNUL(data), "windows-1252")
		m.text = text
	case tnefProps:
		m.props(data)
	case tnefAttachStart:
		if len(m.files) < 200 {
			m.files = append(m.files, nasdesk.File{Attachment: nasdesk.Attachment{Type: "application/octet-stream"}})
		}
	case tnefAttachTitle:
		if n := len(m.files); n > 0 {
			name, _ := decodeCharset(trimNUL(data), "windows-1252")
			m.files[n-1].Name = fileName(name, DefaultLimits)
		}
	case tnefAttachData:
		if n := len(m.files); n > 0 {
			m.files[n-1].Size, m.files[n-1].Data = len(data), data
		}
	}
}

// props reads the list of MAPI properties of the message.
func (m *tnefMail) props(b []byte) {
	if len(b) < 4 {
		return
	}
	count := min(count32(b), tnefMaxProps)
	b = b[4:]
	for range count {
		if len(b) < 4 {
			return
		}
		typ, id := int(le32(b)&0xffff), int(le32(b)>>16)
		b = b[4:]
		if id >= 0x8000 {
			b = skipNamed(b)
		}
		var value []byte
		if value, b = propValue(b, typ); b == nil {
			return
		}
		m.property(id, typ, value)
	}
}

func (m *tnefMail) property(id, typ int, v []byte) {
	text := func() string {
		if typ == typeUnicode {
			return decodeUTF16(v, false)
		}
		s, _ := decodeCharset(trimNUL(v), "")
		return s
	}
	switch id {
	case propBody:
		m.text = text()
	case propHTML:
		m.html = text()
	case propRTF:
		m.rtf = rtfText(inflateRTF(v))
	}
}

func skipNamed(b []byte) []byte {
	if len(b) < 24 {
		return nil
	}
	kind := le32(b[16:])
	if kind == 0 {
		return b[24:]
	}
	return b[min(len(b), 24+(count32(b[20:])+3)/4*4):]
}

// propValue cuts one value; of several (a multivalue) the last. nil says that
// the list cannot be followed further.
func propValue(b []byte, typ int) (value, rest []byte) {
	count := 1
	multi := typ&0x1000 != 0
	typ &^= 0x1000
	sized := typ == typeString8 || typ == typeUnicode || typ == typeBinary || typ == 0x000d
	if multi || sized {
		if len(b) < 4 {
			return nil, nil
		}
		count = count32(b)
		b = b[4:]
	}
	if count > 10000 {
		return nil, nil
	}
	for range count {
		n := fixedSize(typ)
		if sized {
			if len(b) < 4 {
				return nil, nil
			}
			n = count32(b)
			b = b[4:]
		}
		padded := (n + 3) / 4 * 4
		if n < 0 || n > len(b) {
			return nil, nil
		}
		value, b = b[:n], b[min(len(b), padded):]
	}
	return value, b
}

func fixedSize(typ int) int {
	switch typ {
	case 0x0002, 0x0003, 0x0004, 0x000a, 0x000b:
		return 4
	case 0x0005, 0x0006, 0x0007, 0x0014, 0x0040:
		return 8
	case 0x0048:
		return 16
	}
	return -1
}

// count32 reads a length or a count, at most far more than any mail holds.
func count32(b []byte) int { return int(min(le32(b), 1<<30)) }

func le32(b []byte) uint32 {
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

func trimNUL(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	return b
}

// rtfDictionary is the text with which the compression of [MS-OXRTFCP] begins
// (2.1.2.1).
const rtfDictionary = `{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0` +
	"\r\n" + `\par \pard\plain\f0\fs20\b\i\u\tab\tx`

// inflateRTF unpacks compressed rich text, at most maxText bytes of it.
func inflateRTF(b []byte) []byte {
	if len(b) < 16 {
		return nil
	}
	size := min(count32(b[4:]), maxText)
	if le32(b[8:]) == 0x414c454d { // "MELA": stored as it is
		return b[16:min(len(b), 16+size)]
	}
	if le32(b[8:]) != 0x75465a4c { // "LZFu"
		return nil
	}
	var dict [4096]byte
	write := copy(dict[:], rtfDictionary)
	out := make([]byte, 0, min(size, len(b)*8))
	put := func(c byte) {
		out = append(out, c)
		dict[write] = c
		write = (write + 1) % len(dict)
	}
	for in := b[16:]; len(in) > 0 && len(out) < size; {
		control := in[0]
		in = in[1:]
		for bit := 0; bit < 8 && len(in) > 0 && len(out) < size; bit++ {
			if control>>bit&1 == 0 {
				put(in[0])
				in = in[1:]
				continue
			}
			if len(in) < 2 {
				return out
			}
			ref := int(in[0])<<8 | int(in[1])
			in = in[2:]
			from, n := ref>>4, ref&15+2
			if from == write {
				return out
			}
			for range n {
				put(dict[from])
				from = (from + 1) % len(dict)
			}
		}
	}
	return out
}

// tnefBody reads the body of a winmail.dat.
func (r *reading) tnefBody(b []byte) []bodyLine {
	m, ok := readTNEF(b)
	switch {
	case !ok:
		r.found.add("tnef", "winmail.dat cannot be read")
		return nil
	case m.html != "":
		r.htmlRead(m.html)
		return htmlLines(m.html, r.o.Limits, &r.found)
	case m.text != "":
		return plainLines(m.text, false, false, r.o.Limits, &r.found)
	}
	return plainLines(m.rtf, false, false, r.o.Limits, &r.found)
}

// tnefFiles notes what is attached inside a winmail.dat.
func (r *reading) tnefFiles(b []byte) {
	m, _ := readTNEF(b)
	for _, f := range m.files {
		r.attached(f.Attachment, f.Data)
	}
}
