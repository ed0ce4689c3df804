package parser

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
)

// ber writes an element with a definite length.
func ber(tag byte, body ...[]byte) []byte {
	b := bytes.Join(body, nil)
	if len(b) < 0x80 {
		return append([]byte{tag, byte(len(b))}, b...)
	}
	return append([]byte{tag, 0x82, byte(len(b) >> 8), byte(len(b))}, b...)
}

// berOpen writes one whose end is marked.
func berOpen(tag byte, body ...[]byte) []byte {
	return append(append([]byte{tag, 0x80}, bytes.Join(body, nil)...), 0, 0)
}

func signed(content []byte) []byte {
	return ber(0x30, ber(0x06, oidSignedData), ber(0xa0, ber(0x30, ber(0x02, []byte{1}), ber(0x31), ber(0x30, ber(0x06, oidData), ber(0xa0, content)), ber(0x31))))
}

func smime(fields string, data []byte) string {
	return fields + "Content-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString(data) + "\n"
}

const (
	pkcs7  = "Content-Type: application/pkcs7-mime\n"
	inside = "Content-Type: text/plain\n\nPlease add Ada Quill\n"
)

func TestSignedContent(t *testing.T) {
	hi := []byte("Hi there")
	whole := signed(ber(0x04, hi))
	part := func(b []byte) []byte {
		return ber(0x30, ber(0x06, oidSignedData), ber(0xa0, b))
	}
	info := func(b ...[]byte) []byte { return part(ber(0x30, ber(0x02, []byte{1}), ber(0x31), ber(0x30, b...))) }
	nested := func(n int) []byte {
		b := ber(0x04, hi)
		for range n {
			b = ber(0x24, b)
		}
		return b
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"whole":                        {whole, "Hi there"},
		"in two pieces":                {signed(ber(0x24, ber(0x04, hi[:3]), ber(0x04, hi[3:]))), "Hi there"},
		"in pieces, unended":           {signed(berOpen(0x24, ber(0x04, hi[:3]), ber(0x04, hi[3:]))), "Hi there"},
		"one of the pieces is none":    {signed(ber(0x24, ber(0x04, hi[:3]), []byte{0x04})), "Hi "},
		"another tag among them":       {signed(ber(0x24, ber(0x04, hi[:3]), ber(0x0c, hi[3:]))), "Hi "},
		"all of open length":           {berOpen(0x30, ber(0x06, oidSignedData), berOpen(0xa0, berOpen(0x30, ber(0x02, []byte{1}), berOpen(0x31), berOpen(0x30, ber(0x06, oidData), berOpen(0xa0, berOpen(0x24, ber(0x04, hi))))))), "Hi there"},
		"eleven levels":                {signed(nested(11)), "Hi there"},
		"twelve levels":                {signed(nested(12)), ""},
		"no string":                    {signed(ber(0x0c, hi)), ""},
		"a sequence of one":            {signed(ber(0x30, ber(0x04, hi))), ""},
		"no sequence":                  {ber(0x31, whole[2:]), ""},
		"another kind":                 {bytes.Replace(whole, oidSignedData, append(oidSignedData[:8:8], 3), 1), ""},
		"a kind that is no identifier": {bytes.Replace(whole, ber(0x06, oidSignedData), ber(0x04, oidSignedData), 1), ""},
		"content of another kind":      {bytes.Replace(whole, oidData, append(oidData[:8:8], 3), 1), ""},
		"nothing in it":                {ber(0x30), ""},
		"a kind and nothing else":      {ber(0x30, ber(0x06, oidSignedData)), ""},
		"no explicit tag":              {bytes.Replace(whole, whole[13:14], []byte{0xa1}, 1), ""},
		"no sequence within":           {part(ber(0x31, ber(0x02, []byte{1}), ber(0x31), ber(0x30, ber(0x06, oidData), ber(0xa0, ber(0x04, hi))))), ""},
		"a version alone":              {part(ber(0x30, ber(0x02, []byte{1}))), ""},
		"three things, none content":   {part(ber(0x30, ber(0x02, []byte{1}), ber(0x31), ber(0x31))), ""},
		"an empty content":             {info(), ""},
		"content without its bytes":    {info(ber(0x06, oidData)), ""},
		"bytes under another tag":      {info(ber(0x06, oidData), ber(0xa1, ber(0x04, hi))), ""},
		"no bytes at all":              {info(ber(0x06, oidData), ber(0xa0)), ""},
		"empty":                        {nil, ""},
	} {
		if got := string(signedContent(c.data)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	for n := range whole { // what came before a cut is read, and never more
		if got := string(signedContent(whole[:n])); !strings.HasPrefix("Hi there", got) || berWhole(whole[:n]) {
			t.Errorf("cut at %d: %q, whole %v", n, got, berWhole(whole[:n]))
		}
	}
	if !berWhole(whole) {
		t.Error("the whole is cut")
	}
}

func TestBER(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		body string
		ok   bool
		rest string
		done bool
	}{
		"short":                     {"\x04\x02abc", "ab", true, "c", true},
		"all of it":                 {"\x04\x02ab", "ab", true, "", true},
		"empty":                     {"\x04\x00", "", true, "", true},
		"one octet of length":       {"\x04\x81\x02abc", "ab", true, "c", true},
		"four octets of length":     {"\x04\x84\x00\x00\x00\x02abc", "ab", true, "c", true},
		"five octets of length":     {"\x04\x85\x00\x00\x00\x00\x02abc", "", false, "", false},
		"no octets of length":       {"\x04\x82\x00", "", false, "", false},
		"its length and no more":    {"\x04\x82\x00\x00", "", true, "", true},
		"cut":                       {"\x04\x05ab", "ab", true, "", false},
		"nothing behind its length": {"\x04\x05", "", true, "", false},
		"a tag alone":               {"\x04", "", false, "", false},
		"a long tag":                {"\x1f\x02ab", "", false, "", false},
		"open":                      {"\x24\x80\x04\x01a\x00\x00b", "\x04\x01a", true, "b", true},
		"open, and nothing behind":  {"\x24\x80\x04\x01a\x00\x00", "\x04\x01a", true, "", true},
		"open, and open within":     {"\x24\x80\x24\x80\x04\x01a\x00\x00\x04\x00\x00\x00b", "\x24\x80\x04\x01a\x00\x00\x04\x00", true, "b", true},
		"open, with zeros within":   {"\x24\x80\x04\x02\x00\x00\x00\x00b", "\x04\x02\x00\x00", true, "b", true},
		"open, a length of zero":    {"\x24\x80\x04\x00\x00\x00b", "\x04\x00", true, "b", true},
		"open, a tag of zero":       {"\x24\x80\x00\x01a\x00\x00b", "\x00\x01a", true, "b", true},
		"open, unended":             {"\x24\x80\x04\x01a", "\x04\x01a", true, "", false},
		"open, half an end":         {"\x24\x80\x04\x01a\x00", "\x04\x01a\x00", true, "", false},
		"open, and cut within":      {"\x24\x80\x04\x05a", "\x04\x05a", true, "", false},
		"open, a long tag within":   {"\x24\x80\x1f\x01a\x00\x00", "\x1f\x01a\x00\x00", true, "", false},
		"open twice, ended once":    {"\x24\x80\x24\x80\x00\x00", "\x24\x80\x00\x00", true, "", false},
	} {
		v, rest, ok := berNext([]byte(c.in))
		if string(v.body) != c.body || ok != c.ok || string(rest) != c.rest || (rest != nil) != c.done {
			t.Errorf("%s: body %q, rest %q (%v), %v", name, v.body, rest, rest != nil, ok)
		}
		if got := berWhole([]byte(c.in)); got != c.done {
			t.Errorf("%s: whole %v", name, got)
		}
	}
	deep := strings.Repeat("\x24\x80", 40) + strings.Repeat("\x00\x00", 40)
	if berWhole([]byte(deep)) {
		t.Error("forty levels are followed")
	}
}

func TestSMIMEParts(t *testing.T) {
	content := signed(ber(0x04, []byte(inside)))
	cut := content[:len(content)-8]
	self := smime(pkcs7, content)
	for name, c := range map[string]struct {
		rest, want string
		findings   []string
		not        []string
	}{
		"pkcs7":             {smime(pkcs7, content), "Please add Ada Quill", []string{"signed"}, []string{"damaged", "encrypted"}},
		"x-pkcs7":           {smime("Content-Type: application/x-pkcs7-mime\n", content), "Please add Ada Quill", []string{"signed"}, []string{"damaged"}},
		"by its name":       {smime("Content-Type: application/octet-stream; name=smime.P7M\n", content), "Please add Ada Quill", []string{"signed"}, []string{"damaged"}},
		"another name":      {smime("Content-Type: application/octet-stream; name=smime.p7s\n", content), "", []string{"no-text"}, []string{"signed", "encrypted"}},
		"cut":               {smime(pkcs7, cut), "Please add Ada", []string{"signed", "damaged"}, nil},
		"encrypted":         {smime(pkcs7, []byte("\x30\x03\x02\x01\x01")), "", []string{"encrypted", "no-text"}, []string{"signed"}},
		"within itself":     {smime(pkcs7, signed(ber(0x04, []byte(self)))), "Please add Ada Quill", []string{"signed"}, []string{"damaged"}},
		"a header too long": {smime(pkcs7, signed(ber(0x04, []byte(strings.Repeat("X-A: b\n", 1001)+"\nHi")))), "", []string{"over-limit"}, []string{"signed"}},
		"behind a text":     {parts("mixed", "\nHi", smime(pkcs7, signed(ber(0x04, []byte("Content-Type: text/plain; name=a.txt\n\nHo\n"))))), "Hi", []string{"signed"}, nil},
		"a named text":      {smime(pkcs7, signed(ber(0x04, []byte("Content-Type: text/plain; name=a.txt\n\nHo\n")))), "Ho", []string{"signed"}, nil},
	} {
		m := readParts(t, c.rest)
		if got := ownText(m); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if named := strings.Contains(name, "behind"); named != (len(m.Attachments) == 1 && m.Attachments[0].Name == "a.txt") {
			t.Errorf("%s: attached %v", name, m.Attachments)
		}
		for _, code := range c.findings {
			if !m.Found(code) {
				t.Errorf("%s: no finding %s among %v", name, code, m.Findings)
			}
		}
		for _, code := range c.not {
			if m.Found(code) {
				t.Errorf("%s: finding %s", name, code)
			}
		}
	}
}

// Each signature may hold the next: as many are opened as multiparts are.
func TestSignaturesWithinSignatures(t *testing.T) {
	for n, want := range map[int]string{DefaultLimits.Depth: "Please add Ada Quill", DefaultLimits.Depth + 1: ""} {
		mail := []byte(inside)
		for range n {
			mail = append([]byte(pkcs7+"\n"), signed(ber(0x04, mail))...)
		}
		m := readParts(t, string(mail))
		if got := ownText(m); got != want || m.Found("over-limit") != (want == "") {
			t.Errorf("%d of them: %q, findings %v", n, got, m.Findings)
		}
	}
}
