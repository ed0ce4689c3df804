package parser

import (
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"nasdesk"
)

// messageSeeds gives a fuzz target the mails of testdata/messages.
func messageSeeds(f *testing.F, add func([]byte)) {
	files, err := filepath.Glob("../testdata/messages/*.eml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		if len(b) < 8000 {
			add(b)
		}
	}
}

// FuzzHeader: the fields are text, a field that holds a NUL is repaired, and
// the body begins within the bytes.
func FuzzHeader(f *testing.F) {
	messageSeeds(f, func(b []byte) { f.Add(b) })
	f.Fuzz(func(t *testing.T, raw []byte) {
		h := readHeader(raw, DefaultLimits)
		if h.body < 0 || h.body > len(raw) {
			t.Errorf("the body begins at %d of %d", h.body, len(raw))
		}
		for _, x := range h.fields {
			if !utf8.ValidString(x.Name+x.Value) || !fieldName([]byte(x.Name)) {
				t.Errorf("field %q: %q", x.Name, x.Value)
			}
			DecodeHeader(x.Value)
			parseDate(x.Value)
			messageIDs([]string{x.Value})
			parseMedia(x.Value, DefaultLimits.Params)
		}
	})
}

// FuzzHTML: any document is read as lines of clean text.
func FuzzHTML(f *testing.F) {
	for _, s := range []string{"", "<p>Hi", "<table><tr><td>a<td>b</table>", `<style>.x{display:none}</style><p class=x style="color:#fff">y`, "<pre>a\nb", "<ul><li>x", "<b><i></b>", "\x00<\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		for _, l := range htmlLines(doc, DefaultLimits, &findings{}) {
			if !utf8.ValidString(l.text) || l.text != nasdesk.Clean(l.text) && l.cells == nil {
				t.Errorf("line %q", l.text)
			}
		}
	})
}

// FuzzFiles: what is attached never does harm, be it winmail.dat, a table, rich
// text, an opaque signature or uuencode.
func FuzzFiles(f *testing.F) {
	f.Add([]byte{0x78, 0x9f, 0x3e, 0x22, 0, 0, 1, 0x0c, 0x80, 2, 0, 1, 0, 0, 0, 'x', 0, 0})
	f.Add([]byte("a,b\n\"c,d\n"))
	f.Add([]byte("sep=;\na;b"))
	f.Add([]byte(`{\rtf1 \u8220?x\'eb{\pict 00}}`))
	f.Add([]byte{0x30, 0x80, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2, 0xa0, 0x80})
	f.Add([]byte("begin 644 a\nM\n`\nend"))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, b []byte) {
		readTNEF(b)
		rtfText(b)
		inflateRTF(b)
		signedContent(b)
		berWhole(b)
		decodeUU(b)
		decodeBase64(b)
		decodeQuotedPrintable(b)
		for _, label := range []string{"", "utf-7", "utf-16", "iso-2022-jp", "gb18030", "big5", "windows-1252"} {
			if s, _ := decodeCharset(b, label); !utf8.ValidString(s) {
				t.Errorf("%s: %q is no text", label, s)
			}
		}
		r := reading{o: Options{Limits: DefaultLimits}, m: &nasdesk.Message{}}
		r.readCSV(b, "")
		r.readXLSX(b)
	})
}
