package parser

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
)

// decodeCharset turns bytes into UTF-8 text. The label is believed where the
// bytes allow it: senders say us-ascii or iso-8859-1 and mean windows-1252, or
// leave UTF-8 unsaid (trap T12). odd says what was wrong, "" if nothing.
func decodeCharset(b []byte, label string) (text, odd string) {
	label = charsetLabel(label)
	if s, ok := byMark(b); ok {
		return s, ""
	}
	switch label {
	case "", "utf-8", "utf8", "us-ascii", "ascii", "ansi_x3.4-1968", "7bit", "8bit", "binary", "unknown-8bit", "default":
		return utf8OrWindows(b, label)
	case "utf-7", "unicode-1-1-utf-7", "x-unicode-2-0-utf-7":
		return decodeUTF7(b), ""
	case "utf-16", "utf16", "ucs-2":
		return decodeUTF16(b, bytes.HasPrefix(b, []byte{0})), ""
	case "utf-16le", "unicode":
		return decodeUTF16(b, false), ""
	case "utf-16be":
		return decodeUTF16(b, true), ""
	}
	if multibyteUTF8(b) && singleByte(label) {
		return string(b), "charset"
	}
	if e := charsetNamed(label); e != nil {
		if out, err := e.NewDecoder().Bytes(b); err == nil {
			return strings.ToValidUTF8(string(out), "\uFFFD"), ""
		}
	}
	text, _ = utf8OrWindows(b, label)
	return text, "charset"
}

// charsetLabel cleans a label: quotes, blanks, and the language of RFC 2231.
func charsetLabel(s string) string {
	s, _, _ = strings.Cut(strings.ToLower(strings.Trim(s, " \t\"'")), "*")
	return strings.TrimPrefix(s, "cs=")
}

func byMark(b []byte) (string, bool) {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")) && utf8.Valid(b):
		return string(b[3:]), true
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return decodeUTF16(b[2:], false), true
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return decodeUTF16(b[2:], true), true
	}
	return "", false
}

func utf8OrWindows(b []byte, label string) (text, odd string) {
	if utf8.Valid(b) {
		return string(b), ""
	}
	if strings.HasPrefix(label, "utf") && mostlyUTF8(b) {
		return strings.ToValidUTF8(string(b), "\uFFFD"), "charset"
	}
	return fromWindows1252(b), "charset"
}

// mostlyUTF8 tells UTF-8 with a broken character (cut by a length limit) from
// text that never was UTF-8.
func mostlyUTF8(b []byte) bool {
	good, bad := 0, 0
	for len(b) > 0 {
		if b[0] < utf8.RuneSelf {
			b = b[1:]
			continue
		}
		_, n := utf8.DecodeRune(b)
		if n == 1 { // of two and more is every character that is one
			bad++
		} else {
			good++
		}
		b = b[n:]
	}
	return good > 4*bad
}

func multibyteUTF8(b []byte) bool {
	return utf8.Valid(b) && utf8.RuneCount(b) < len(b)
}

func singleByte(label string) bool {
	return strings.HasPrefix(label, "iso-8859-") || strings.HasPrefix(label, "windows-125") || label == "latin1" || label == "cp1252"
}

func charsetNamed(label string) encoding.Encoding {
	switch label {
	case "ansi", "x-ansi", "latin-1":
		return charmap.Windows1252
	}
	if e, err := htmlindex.Get(label); err == nil {
		return e
	}
	e, _ := ianaindex.MIME.Encoding(label) // nil for one that it does not have
	return e
}

func fromWindows1252(b []byte) string {
	var s strings.Builder
	s.Grow(len(b) + len(b)/8)
	for _, c := range b {
		s.WriteRune(charmap.Windows1252.DecodeByte(c))
	}
	return s.String()
}

func decodeUTF16(b []byte, bigEndian bool) string {
	u := make([]uint16, len(b)/2)
	for i := range u {
		lo, hi := b[2*i], b[2*i+1]
		if bigEndian {
			lo, hi = hi, lo
		}
		u[i] = uint16(hi)<<8 | uint16(lo)
	}
	return strings.ToValidUTF8(string(utf16.Decode(u)), "\uFFFD")
}

// decodeUTF7 reads RFC 2152.
func decodeUTF7(b []byte) string {
	var s strings.Builder
	for i := 0; i < len(b); i++ {
		if b[i] != '+' {
			s.WriteRune(charmap.Windows1252.DecodeByte(b[i]))
			continue
		}
		j := i + 1
		for j < len(b) && (isAlnum(b[j]) || b[j] == '+' || b[j] == '/') {
			j++
		}
		if j == i+1 {
			s.WriteByte('+')
		} else {
			raw := make([]byte, base64.RawStdEncoding.DecodedLen(j-i-1))
			k, _ := base64.RawStdEncoding.Decode(raw, b[i+1:j])
			s.WriteString(decodeUTF16(raw[:k/2*2], true))
		}
		i = j
		if j < len(b) && b[j] != '-' {
			i = j - 1
		}
	}
	return s.String()
}

func isAlnum(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// DecodeHeader returns the value of a field as a reader sees it: encoded words
// (RFC 2047) decoded, also the broken ones that clients write, on one line. At most
// the default number of encoded words is decoded.
func DecodeHeader(value string) string { return decodeWords(value, DefaultLimits.EncodedWords) }

// decodeWords decodes encoded words. Words of one charset that stand side by
// side are joined as bytes first, for some clients cut a character in two.
func decodeWords(s string, limit int) string {
	if !strings.Contains(s, "=?") {
		return s
	}
	var out strings.Builder
	var pending []byte
	charset := ""
	flush := func() {
		text, _ := decodeCharset(pending, charset)
		out.WriteString(text)
		pending = pending[:0]
	}
	for tries := 10 * limit; len(s) > 0 && tries > 0; tries-- {
		i := strings.Index(s, "=?")
		if i < 0 || limit == 0 {
			break
		}
		w, rest, ok := cutEncodedWord(s[i:])
		if !ok {
			flush()
			out.WriteString(s[:i+2])
			s = s[i+2:]
			continue
		}
		if gap := s[:i]; len(pending) == 0 || strings.TrimSpace(gap) != "" || w.charset != charset {
			between := len(pending) > 0 && strings.TrimSpace(gap) == ""
			flush()
			if !between {
				out.WriteString(gap)
			}
		}
		charset = w.charset
		pending = append(pending, w.bytes...)
		s, limit = rest, limit-1
	}
	flush()
	out.WriteString(s)
	return out.String()
}

type encodedWord struct {
	charset string
	bytes   []byte
}

// cutEncodedWord cuts the encoded word with which s begins. Blanks inside it
// (a fold in the middle) and a lost final "?=" are forgiven.
func cutEncodedWord(s string) (w encodedWord, rest string, ok bool) {
	charset, r, _ := strings.Cut(s[2:], "?")
	enc, r, ok := strings.Cut(r, "?")
	if !ok || charset == "" || strings.ContainsAny(charset, " \t=") {
		return w, s, false
	}
	text, rest, closed := cutWordEnd(r)
	if !closed && strings.Contains(text, "=?") {
		return w, s, false
	}
	w.charset = charsetLabel(charset)
	switch enc {
	case "B", "b":
		w.bytes, _ = decodeBase64([]byte(text))
	case "Q", "q":
		w.bytes = decodeQ(text)
	default:
		return w, s, false
	}
	return w, rest, true
}

// cutWordEnd finds the "?=" that ends a word; one that begins a Q escape
// ("?=41") cannot be told apart, and does not occur: "?" is escaped in Q.
func cutWordEnd(s string) (text, rest string, closed bool) {
	if i := strings.Index(s, "?="); i >= 0 {
		return s[:i], s[i+2:], true
	}
	return strings.TrimRight(s, "?"), "", false
}

func decodeQ(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '_':
			out = append(out, ' ')
		case s[i] == '=' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		default:
			out = append(out, s[i])
		}
	}
	return out
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}
