package parser

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
)

func u32(n int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(n)) }

// tnef writes a winmail.dat of attributes.
func tnef(attributes ...[]byte) []byte {
	return append(append(u32(tnefSignature), 1, 0), bytes.Join(attributes, nil)...)
}

func tnefAttribute(id int, data []byte) []byte {
	return bytes.Join([][]byte{{1}, u32(id), u32(len(data)), data, {0, 0}}, nil)
}

// mapi writes the properties of a message.
func mapi(count int, properties ...[]byte) []byte {
	return tnefAttribute(tnefProps, append(u32(count), bytes.Join(properties, nil)...))
}

func propertyOf(typ, id int, value ...[]byte) []byte {
	return append(u32(id<<16|typ), bytes.Join(value, nil)...)
}

// sized writes a value with its length, filled up to four bytes.
func sized(s string) []byte {
	return append(append(u32(len(s)), s...), make([]byte, (4-len(s)%4)%4)...)
}

func oneOf(s string) []byte { return append(u32(1), sized(s)...) }

func TestTNEFProperties(t *testing.T) {
	body := propertyOf(typeString8, propBody, oneOf("Please\x00"))
	fixed := func(typ, size int) []byte { return propertyOf(typ, 0x0017, make([]byte, size)) }
	named := func(kind int, rest ...[]byte) []byte {
		return bytes.Join([][]byte{u32(0x8001<<16 | 3), make([]byte, 16), u32(kind), bytes.Join(rest, nil), u32(7)}, nil)
	}
	for name, c := range map[string]struct {
		data []byte
		want string // text|html|rtf
	}{
		"a text":                       {mapi(1, body), "Please||"},
		"in UTF-16":                    {mapi(1, propertyOf(typeUnicode, propBody, oneOf("H\x00i\x00"))), "Hi||"},
		"HTML":                         {mapi(1, propertyOf(typeBinary, propHTML, oneOf("<p>Hi"))), "|<p>Hi|"},
		"rich text":                    {mapi(1, propertyOf(typeBinary, propRTF, oneOf(string(stored(`{\rtf1 Hi}`))))), "||Hi"},
		"two, one counted":             {mapi(1, fixed(3, 4), body), "||"},
		"an object before it":          {mapi(2, propertyOf(0x000d, 1, oneOf("x")), body), "Please||"},
		"an empty value before it":     {mapi(2, propertyOf(typeString8, 1, oneOf("")), body), "Please||"},
		"several numbers before it":    {mapi(2, propertyOf(0x1003, 1, u32(3), make([]byte, 12)), body), "Please||"},
		"several texts before it":      {mapi(2, propertyOf(0x1000|typeString8, 1, u32(2), sized("a"), sized("bcdef")), body), "Please||"},
		"no value at all before it":    {mapi(2, propertyOf(0x1003, 1, u32(0)), body), "Please||"},
		"more values than can be":      {mapi(2, propertyOf(0x1003, 1, u32(10001), make([]byte, 40004)), body), "||"},
		"as many values as can be":     {mapi(2, propertyOf(0x1003, 1, u32(10000), make([]byte, 40000)), body), "Please||"},
		"a type nobody knows":          {mapi(2, propertyOf(0x0055, 1, make([]byte, 4)), body), "||"},
		"a named one, by number":       {mapi(2, named(0, u32(5)), body), "Please||"},
		"a named one, by name":         {mapi(2, named(1, sized("Name\x00")), body), "Please||"},
		"a name without its end":       {mapi(2, bytes.Join([][]byte{u32(0x8001<<16 | 3), make([]byte, 16), u32(1), u32(9), []byte("abc")}, nil)), "||"},
		"a named one, cut":             {mapi(2, u32(0x8001<<16|3), make([]byte, 20)), "||"},
		"a named one, cut at its name": {mapi(2, u32(0x8001<<16|3), make([]byte, 16), u32(1), u32(4), []byte("abcd")), "||"},
		"the last that has no name":    {mapi(2, propertyOf(3, 0x7fff, make([]byte, 4)), body), "Please||"},
		"the first that has one":       {mapi(2, bytes.Join([][]byte{u32(0x8000<<16 | 3), make([]byte, 16), u32(0), u32(5), u32(7)}, nil), body), "Please||"},
		"no list":                      {tnefAttribute(tnefProps, []byte{1, 0, 0}), "||"},
		"an empty list":                {mapi(0), "||"},
		"a list that is cut":           {mapi(2, body, []byte{1, 0, 0}), "Please||"},
		"a value without its length":   {mapi(1, propertyOf(typeString8, propBody, u32(1), []byte{1, 0, 0})), "||"},
		"a value without its count":    {mapi(1, propertyOf(typeString8, propBody, []byte{1, 0, 0})), "||"},
		"a value that is cut":          {mapi(1, propertyOf(typeString8, propBody, u32(1), u32(9), []byte("abc"))), "||"},
		"a value, not filled up":       {mapi(1, propertyOf(typeString8, propBody, u32(1), u32(3), []byte("abc"))), "abc||"},
		"a body, and another cut":      {mapi(2, body, propertyOf(typeString8, propBody, u32(1), u32(9), []byte("abc"))), "Please||"},
		"a number that is cut":         {mapi(2, fixed(3, 3)), "||"},
		"the body's own attribute":     {tnefAttribute(tnefBodyText, []byte("Si\xe2n\x00\x00")), "Siân||"},
	} {
		m, ok := readTNEF(tnef(c.data))
		if got := m.text + "|" + m.html + "|" + m.rtf; got != c.want || !ok {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	for typ, size := range map[int]int{2: 4, 3: 4, 4: 4, 0xa: 4, 0xb: 4, 5: 8, 6: 8, 7: 8, 0x14: 8, 0x40: 8, 0x48: 16} {
		if m, _ := readTNEF(tnef(mapi(2, fixed(typ, size), body))); m.text != "Please" {
			t.Errorf("type %#x: the property behind it is read as %q", typ, m.text)
		}
	}
	many := bytes.Repeat(fixed(3, 4), tnefMaxProps-1)
	for n, want := range map[int]string{0: "Please", 1: ""} {
		if m, _ := readTNEF(tnef(mapi(tnefMaxProps+1, many, bytes.Repeat(fixed(3, 4), n), body))); m.text != want {
			t.Errorf("%d beyond: %q", n, m.text)
		}
	}
}

func TestTNEFFiles(t *testing.T) {
	start, title, data := tnefAttribute(tnefAttachStart, nil), tnefAttribute(tnefAttachTitle, []byte("a.txt\x00")), tnefAttribute(tnefAttachData, []byte("Hi"))
	for name, c := range map[string]struct {
		data []byte
		want string
		ok   bool
	}{
		"one":                          {tnef(start, title, data), "a.txt=Hi", true},
		"two":                          {tnef(start, data, start, title), "=Hi a.txt=", true},
		"data of none":                 {tnef(title, data), "", true},
		"one that is cut":              {tnef(start, title, data)[:6+11+17+10], "a.txt=", true},
		"one without its sum":          {tnef(start, title, data)[:6+11+17+11], "a.txt=Hi", true},
		"an attribute that is no more": {tnef(start, []byte{1, 0, 0, 0, 0, 0, 0, 0}), "=", true},
		"a length below nothing":       {tnef(start, bytes.Join([][]byte{{1}, u32(tnefAttachData), {0xff, 0xff, 0xff, 0xff}, []byte("Hi")}, nil)), "=", true},
		"nothing in it":                {tnef(), "", true},
		"too short":                    {tnef()[:5], "", false},
		"another signature":            {append([]byte{0}, tnef(start)...), "", false},
	} {
		m, ok := readTNEF(c.data)
		var got []string
		for _, f := range m.files {
			if f.Size != len(f.Data) {
				t.Errorf("%s: size %d of %d bytes", name, f.Size, len(f.Data))
			}
			got = append(got, fmt.Sprintf("%s=%s", f.Name, f.Data))
		}
		if strings.Join(got, " ") != c.want || ok != c.ok {
			t.Errorf("%s: %q, want %q; %v", name, got, c.want, ok)
		}
	}
	if m, _ := readTNEF(tnef(bytes.Repeat(start, 300))); len(m.files) != 200 {
		t.Errorf("%d files", len(m.files))
	}
}

// stored is rich text that is not compressed.
func stored(s string) []byte {
	return bytes.Join([][]byte{u32(len(s) + 12), u32(len(s)), []byte("MELA"), u32(0), []byte(s)}, nil)
}

func packed(size int, data string) []byte {
	return bytes.Join([][]byte{u32(len(data) + 12), u32(size), []byte("LZFu"), u32(0), []byte(data)}, nil)
}

func TestCompressedRTF(t *testing.T) {
	at := func(from, n int) string { return string([]byte{byte(from >> 4), byte(from<<4 | n - 2)}) }
	begins := len(rtfDictionary)
	for name, c := range map[string]struct {
		in   []byte
		want string
	}{
		"stored":                     {stored("{x}"), "{x}"},
		"stored, and more behind":    {append(stored("{x}"), 'y'), "{x}"},
		"stored, cut":                {stored("{xyz}")[:18], "{x"},
		"as it is":                   {packed(3, "\x00abc"), "abc"},
		"size says less":             {packed(2, "\x00abc"), "ab"},
		"size says more":             {packed(9, "\x00abc"), "abc"},
		"from the dictionary":        {packed(99, "\x01"+at(0, 6)), `{\rtf1`},
		"from what was written":      {packed(99, "\x04ab"+at(begins, 2)), "abab"},
		"over what is being written": {packed(99, "\x02a"+at(begins, 5)), "aaaaaa"},
		"the longest":                {packed(99, "\x01"+at(0, 17)), `{\rtf1\ansi\mac\d`},
		"its end":                    {packed(99, "\x02a"+at(begins+1, 2)+"b"), "a"},
		"half a reference":           {packed(99, "\x02a\x00"), "a"},
		"a reference and no more":    {packed(99, "\x01"+at(0, 2)), `{\`},
		"nine, with two controls":    {packed(99, "\x00abcdefgh\x00i"), "abcdefghi"},
		"the size within a control":  {packed(3, "\x00abcdefgh\x00i"), "abc"},
		"another compression":        {bytes.Replace(packed(3, "\x00abc"), []byte("LZFu"), []byte("LZMA"), 1), ""},
		"nothing but a head":         {packed(3, ""), ""},
		"half a head":                {packed(3, "")[:15], ""},
	} {
		if got := string(inflateRTF(c.in)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// A winmail.dat as a mail: HTML before text before rich text, and what cannot be
// read is a finding.
func TestTNEFMails(t *testing.T) {
	text, html := propertyOf(typeString8, propBody, oneOf("Hi")), propertyOf(typeBinary, propHTML, oneOf("<p>Ho"))
	rich := propertyOf(typeBinary, propRTF, oneOf(string(stored(`{\rtf1 Hu}`))))
	for name, c := range map[string]struct {
		data []byte
		want string
		bad  bool
	}{
		"all three":      {tnef(mapi(3, text, html, rich)), "Ho", false},
		"text and rich":  {tnef(mapi(2, text, rich)), "Hi", false},
		"rich text":      {tnef(mapi(1, rich)), "Hu", false},
		"none":           {tnef(), "", false},
		"no winmail.dat": {[]byte("Hi there"), "", true},
	} {
		m := readParts(t, "Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n"+base64.StdEncoding.EncodeToString(c.data)+"\n")
		if got := ownText(m); got != c.want || m.Found("tnef") != c.bad || m.Found("no-text") != (c.want == "") {
			t.Errorf("%s: %q, want %q; findings %v", name, got, c.want, m.Findings)
		}
	}
}
