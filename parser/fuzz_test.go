package parser

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
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

// FuzzEncodings: rich text, opaque signatures, uuencode, base64 and every
// character set give text, or nothing.
func FuzzEncodings(f *testing.F) {
	f.Add([]byte(`{\rtf1 \u8220?x\'eb{\pict 00}}`))
	f.Add([]byte{0x30, 0x80, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2, 0xa0, 0x80})
	f.Add([]byte("begin 644 a\nM\n`\nend"))
	f.Add([]byte("Zo=C3=AB =\n+AOs- ~{VPND~} \x1b$B!!\x1b(B"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s := rtfText(b); !utf8.ValidString(strings.ToValidUTF8(s, "")) {
			t.Errorf("rich text: %q", s)
		}
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
	})
}

// fileMail is a mail with a text and a file.
func fileMail(media, name string, data []byte) []byte {
	return []byte("From: Elm Pharmacy <pharmacy.fzz11@nhs.net>\nSubject: A request\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nPlease see the file.\n--b\nContent-Type: " + media +
		"\nContent-Disposition: attachment; filename=" + name + "\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString(data) + "\n--b--\n")
}

// checkFile holds what is true of a mail with a file, whatever the file: it is
// noted, its rows are told from the words of the mail, and those stay as they are.
func checkFile(t *testing.T, m *nasdesk.Message) {
	t.Helper()
	checkMessage(t, m)
	if len(m.Attachments) == 0 {
		t.Fatal("the file is not noted")
	}
	for _, l := range m.Lines {
		if l.Part == nasdesk.InBody && l.Text != "Please see the file." {
			t.Fatalf("the file speaks in the body: %q", l.Text)
		}
		if l.Part == nasdesk.InSheet && (l.Cells == nil || l.Table == 0) {
			t.Fatalf("a row without cells or table: %+v", l)
		}
	}
}

// FuzzTNEF: winmail.dat, beside a text and alone.
func FuzzTNEF(f *testing.F) {
	f.Add([]byte{0x78, 0x9f, 0x3e, 0x22, 0, 0, 1, 0x0c, 0x80, 2, 0, 1, 0, 0, 0, 'x', 0, 0})
	messageSeeds(f, func(b []byte) {
		if _, data, ok := bytes.Cut(b, []byte("eJ8+Ig")); ok {
			raw, _ := decodeBase64(append([]byte("eJ8+Ig"), data...))
			f.Add(raw)
		}
	})
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<16 {
			t.Skip()
		}
		checkFile(t, Read(fileMail("application/ms-tnef", "winmail.dat", b), testOptions))
		alone := "From: a@nhs.net\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString(b) + "\n"
		m := Read([]byte(alone), testOptions)
		checkMessage(t, m)
		if len(m.Lines) == 0 && !m.Found(nasdesk.FoundNoText) {
			t.Fatal("nothing is read of it, and it does not say so")
		}
	})
}

// FuzzCSV: what an attached table holds is read as rows.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{"Name,Mobile\nAda,7700900123\n", "a,b\n\"c,d\n", "sep=;\na;b", "a\tb\n\"x\ny\"\tz", "=cmd|' /C calc'!A0,\x00\xff", "\xff\xfea\x00,\x00"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < 1<<16 {
			checkFile(t, Read(fileMail("text/csv", "users.csv", b), testOptions))
		}
	})
}

// FuzzXLSX: a sheet and the strings that it shares, each any XML.
func FuzzXLSX(f *testing.F) {
	f.Add(`<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>7700900123</v></c></row></sheetData>`, `<si><t>Ada</t></si>`)
	f.Add(`<sheetData><row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>`, `<si/>`)
	f.Add(`<sheetData><row><c s="9" t="b"><f>1+1</f><v>-1</v></c></row></sheetData><mergeCells><mergeCell ref="A1:Z9"/></mergeCells>`, `<si><r><t>x`)
	f.Fuzz(func(t *testing.T, sheet, shared string) {
		if len(sheet)+len(shared) < 1<<14 {
			checkFile(t, Read(fileMail("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "users.xlsx", sheetBook(sheet, shared)), testOptions))
		}
	})
}

// sheetBook is the smallest one that is read, around any sheet.
func sheetBook(sheet, shared string) []byte {
	const ns, rel = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`, "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, file := range [][2]string{
		{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`},
		{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="` + rel + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", `<workbook ` + ns + ` xmlns:r="` + rel + `"><sheets><sheet name="Users" sheetId="1" r:id="r1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="` + rel + `/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`},
		{"xl/worksheets/sheet1.xml", `<worksheet ` + ns + `>` + sheet + `</worksheet>`},
		{"xl/sharedStrings.xml", `<sst ` + ns + `>` + shared + `</sst>`},
	} {
		if w, err := z.Create(file[0]); err == nil {
			_, _ = w.Write([]byte(file[1]))
		}
	}
	_ = z.Close()
	return b.Bytes()
}

// The workbook of the fuzzing is one that is read.
func TestSheetBook(t *testing.T) {
	m := Read(fileMail("application/octet-stream", "users.xlsx", sheetBook(`<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>7700900123</v></c></row></sheetData>`, `<si><t>Ada</t></si>`)), testOptions)
	if last := m.Lines[len(m.Lines)-1]; last.Text != "Ada\t07700900123" || last.Part != nasdesk.InSheet {
		t.Errorf("read as %+v, %v", last, m.Findings)
	}
}

// FuzzQuotes: whatever an earlier mail says, below the line that a mail program
// puts above it nothing is the sender's own word.
func FuzzQuotes(f *testing.F) {
	for _, s := range []string{"Full name: Ada Quill\nMobile: 07700 900111", "> > deeper\n\n\nYES", "-- \nTom", "On Monday Ada wrote:\nHi", "From: a@example.com\nSent: today\n\nx", "begin 644 a\nM\n", "\u2028x\u0085y\x0cz", "<p>x"} {
		for how := range uint8(3) {
			f.Add(s, how)
		}
	}
	f.Fuzz(func(t *testing.T, earlier string, how uint8) {
		if len(earlier) > 2000 || !utf8.ValidString(earlier) {
			t.Skip()
		}
		m := Read(plainMail("Noted.\n\n"+quotedAs(earlier, how)+"\n"), testOptions)
		checkMessage(t, m)
		if got := ownText(m); got != "Noted." {
			t.Errorf("in way %d its own text is %q", how%3, got)
		}
	})
}

func quotedAs(s string, how uint8) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	switch how % 3 {
	case 0:
		return "On Tue, 21 Apr 2026 at 10:00, Elm <pharmacy.fzz11@nhs.net> wrote:\n\n> " + strings.ReplaceAll(s, "\n", "\n> ")
	case 1:
		return "> " + strings.ReplaceAll(s, "\n", "\n> ")
	}
	return "________________________________\nFrom: Elm <pharmacy.fzz11@nhs.net>\nSent: Tuesday, 21 April 2026 10:00\nTo: helpdesk@nhs.net\nSubject: x\n\n" + s
}
