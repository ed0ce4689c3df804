package parser

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"nasdesk"
	"nasdesk/parser/gianttest"
)

// A giant is a message made to hurt: built here, for it is too large to be kept.
type giant struct {
	name  string
	build func() []byte
	held  bool // over a limit, and so held unread
}

const giantHead = "From: Elm Pharmacy <pharmacy.fzz11@nhs.net>\r\nTo: helpdesk@nhs.net\r\nSubject: A request\r\nMIME-Version: 1.0\r\n"

func repeated(before, again string, n int, after string) func() []byte {
	return func() []byte { return []byte(before + strings.Repeat(again, n) + after) }
}

// numbered is like repeated, with the count in what is written again.
func numbered(before, format string, n int, after string) func() []byte {
	return func() []byte {
		var b bytes.Buffer
		b.WriteString(before)
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		b.WriteString(after)
		return b.Bytes()
	}
}

func htmlOf(doc func() []byte) func() []byte {
	return func() []byte {
		return append([]byte(giantHead+"Content-Type: text/html\r\n\r\n"), append(doc(), '\n')...)
	}
}

var giants = []giant{
	{"Nested20000", nestedParts(20000), true},
	{"Parts200000", repeated(giantHead+"Content-Type: multipart/mixed; boundary=b\r\n\r\n", "--b\r\n\r\nx\r\n", 200000, "--b--\r\n"), true},
	{"EmptyParts500000", repeated(giantHead+"Content-Type: multipart/mixed; boundary=b\r\n\r\n", "--b\r\n", 500000, "--b--\r\n"), true},
	{"Continuations20000", numbered(giantHead+"Content-Type: text/plain", ";\r\n name*%d*=x", 20000, "\r\n\r\nHi\r\n"), true},
	{"Parameters20000InAPart", numbered(giantHead+"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain", "; name*%d=x", 15000, "\r\n\r\nHi\r\n--b--\r\n"), false},
	{"HeaderLine3MB", repeated(giantHead+"X-Long: ", "x", 3<<20, "\r\n\r\nHi\r\n"), true},
	{"Fields100000", repeated(giantHead, "X-A: b\r\n", 100000, "\r\nHi\r\n"), true},
	{"Folds", repeated(giantHead+"X-Long:", "\r\n x", 60000, "\r\n\r\nHi\r\n"), false},
	{"JunkLines", repeated("Received: x\r\n", "x\r\n", 80000, giantHead+"\r\nHi\r\n"), false},
	{"EncodedWordsUnended", repeated(giantHead+"Subject: ", "=?utf-8?q?x ", 20000, "\r\n\r\nHi\r\n"), false},
	{"EncodedWords", repeated(giantHead+"Subject: ", "=?utf-8?q?x?= ", 15000, "\r\n\r\nHi\r\n"), false},
	{"Comments", repeated(giantHead+"Date: ", "(", 200000, "\r\n\r\nHi\r\n"), false},
	{"AddressesInFrom", numbered("From: ", "a%d@example.com, ", 10000, "\r\n\r\nHi\r\n"), false},
	{"QuotesInFrom", repeated("From: ", `"a`, 100000, " <a@nhs.net>\r\n\r\nHi\r\n"), false},
	{"Lines1000000", repeated(giantHead+"\r\n", "x\r\n", 1000000, ""), true},
	{"OneLine4MB", repeated(giantHead+"\r\n", "x 07700 900111 a@example.com ", 140000, "\r\n"), true},
	{"QuotesDeep", repeated(giantHead+"\r\n", ">", 3<<20, " Hi\r\n"), false},
	{"Divs", htmlOf(repeated("", "<div>x", 400, "")), false},
	{"Divs1000000", htmlOf(repeated("", "<div>", 700000, "x")), true},
	{"Tables", htmlOf(repeated("", "<table><tr><td>x<td>y", 100, "")), false},
	{"TablesSideBySide", htmlOf(repeated("", "<table><tr><td>x<td>y</table>", 100000, "")), true},
	{"Formatting", htmlOf(repeated("", "<b><i><a><font>x</p>", 100000, "")), true},
	{"Misnested", htmlOf(repeated("", "<a><p></a>", 200000, "x")), true},
	{"Fostered", htmlOf(repeated("<table>", "<tr><b>x", 200000, "")), true},
	{"Attributes", htmlOf(numbered("<p", " a%d=x", 200000, ">Hi")), true},
	{"AttributesWithoutValue", htmlOf(repeated("<p", " a", 1000000, ">Hi")), true},
	{"AttributesJustAllowed", htmlOf(numbered("<p", " a%d", 149000, ">Hi")), false},
	{"ElementsJustAllowed", htmlOf(repeated("", "<p>x", 19000, strings.Repeat("<b>x</b>", 42000))), false},
	{"FosteredJustAllowed", htmlOf(repeated("<table>", "<tr><b>x", 70000, "")), true},
	{"Entities", htmlOf(repeated("", "&nbsp;&lt;", 300000, "x")), true},
	{"Styles", htmlOf(numbered("<style>", ".c%d{color:#fff}", 150000, "</style>"+strings.Repeat(`<p class="c1 c2 c3">x</p>`, 5000))), false},
	{"StylesInline", htmlOf(repeated("", `<p style="color:#fff;;;;;;;;;;;;;;;;;;;;;;;;;;">x</p>`, 36000, "")), false},
	{"Attachments", repeated(giantHead+"Content-Type: multipart/mixed; boundary=b\r\n\r\n", "--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"+base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("x"), 300<<10))+"\r\n", 60, "--b--\r\n"), false},
	{"CSV", func() []byte {
		return []byte(giantHead + "Content-Type: text/csv; name=a.csv\r\nContent-Disposition: attachment\r\n\r\n" + strings.Repeat("a,b,c\r\n", 400000))
	}, true},
	{"CSVQuote", func() []byte {
		return []byte(giantHead + "Content-Type: text/csv; name=a.csv\r\nContent-Disposition: attachment\r\n\r\n\"" + strings.Repeat("a,b\"\"\r\n", 400000))
	}, true},
	{"Disclaimers", repeated(giantHead+"\r\n", "This message may contain confidential information. If you are not the intended recipient please\r\n", 15000, ""), false},
	{"Attributions", repeated(giantHead+"\r\n", "On Tue, 21 Apr 2026 at 10:00, NAS <helpdesk@nhs.net>\r\n", 15000, ""), true},
	{"CopiedHeaders", repeated(giantHead+"\r\n", "From: a@example.com\r\nSent: today\r\nTo: b\r\nSubject: x\r\n\r\n", 4000, ""), false},
	{"SignOffs", repeated(giantHead+"\r\n", "Kind regards\r\nTom Ash\r\nPharmacist\r\nM: 07700 900222\r\n", 4900, ""), false},
	{"TNEF", func() []byte {
		return []byte(giantHead + "Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
			base64.StdEncoding.EncodeToString(append([]byte{0x78, 0x9f, 0x3e, 0x22, 0, 0}, bytes.Repeat([]byte{2, 2, 0x90, 6, 0, 0, 0, 0, 0, 0, 0}, 500000)...)) + "\r\n")
	}, false},
	{"RTF", repeated(giantHead+"Content-Type: application/rtf\r\n\r\n{\\rtf1", `{\b x`, 600000, "\r\n"), true},
	{"BER", func() []byte {
		return []byte(giantHead + "Content-Type: application/pkcs7-mime; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
			base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0x30, 0x80}, 1<<20)) + "\r\n")
	}, false},
	{"UU", repeated(giantHead+"\r\n", "begin 644 a\r\nM\r\n", 100000, ""), true},
	{"UTF7", repeated(giantHead+"Content-Type: text/plain; charset=utf-7\r\n\r\n", "+A", 1500000, "\r\n"), true},
	{"Size40MB", repeated(giantHead+"\r\n", "0123456789012345678901234567890123456789\r\n", 1000000, ""), true},
}

func nestedParts(n int) func() []byte {
	return func() []byte {
		var b bytes.Buffer
		b.WriteString(giantHead + "Content-Type: multipart/mixed; boundary=b0\r\n\r\n")
		for i := range n {
			fmt.Fprintf(&b, "--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n", i, i+1)
		}
		b.WriteString("x\r\n")
		return b.Bytes()
	}
}

// TestHostileIsHeld: what is over a limit is held, and what is not is read.
func TestHostileIsHeld(t *testing.T) {
	for _, g := range giants {
		m := Read(g.build(), testOptions)
		if m.Found(nasdesk.FoundOverLimit) != g.held {
			t.Errorf("%s: findings %v, want held %v", g.name, m.Findings, g.held)
		}
	}
}

// BenchmarkHostile reads each giant, and fails where it takes more than a
// second or 64 MiB beyond its own bytes.
func BenchmarkHostile(b *testing.B) {
	for _, g := range giants {
		b.Run(g.name, func(b *testing.B) { gianttest.Bench(b, g.build(), func(raw []byte) { Skim(Read(raw, testOptions)) }) })
	}
}
