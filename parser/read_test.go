package parser

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"nasdesk"
)

var testOptions = Options{Own: "helpdesk@nhs.net"}

// plainMail makes a mail of one text part.
func plainMail(body string) []byte {
	return []byte("From: Elm Pharmacy <pharmacy.fzz11@nhs.net>\r\nTo: helpdesk@nhs.net\r\nSubject: A request\r\n" +
		"Content-Type: text/plain; charset=utf-8\r\n\r\n" + strings.ReplaceAll(body, "\n", "\r\n"))
}

func htmlMail(body string) []byte {
	return []byte("From: Elm Pharmacy <pharmacy.fzz11@nhs.net>\nTo: helpdesk@nhs.net\nSubject: A request\n" +
		"Content-Type: text/html; charset=utf-8\n\n<html><body>" + body + "</body></html>")
}

var regionNames = map[nasdesk.Region]string{nasdesk.Own: "own", nasdesk.Signature: "sig", nasdesk.Disclaimer: "small", nasdesk.Banner: "banner", nasdesk.Quoted: "quoted", nasdesk.Ours: "ours"}

// shown writes the body of a message, one line each: region, quote, text.
func shown(m *nasdesk.Message) string {
	var b strings.Builder
	for _, l := range m.Lines {
		if l.Part == nasdesk.InSubject {
			continue
		}
		fmt.Fprint(&b, regionNames[l.Region])
		if l.Quote > 0 {
			fmt.Fprint(&b, l.Quote)
		}
		fmt.Fprintf(&b, "|%s\n", strings.ReplaceAll(l.Text, "\t", " ; "))
	}
	return b.String()
}

// markedBody turns "text" lines with a region before a bar into the mail's body.
func markedBody(want string) (body, golden string) {
	var b, g strings.Builder
	for line := range strings.SplitSeq(strings.Trim(want, "\n"), "\n") {
		region, text, ok := strings.Cut(line, "|")
		if !ok {
			b.WriteString(line + "\n")
			continue
		}
		b.WriteString(text + "\n")
		if region != "" {
			g.WriteString(line + "\n")
		}
	}
	return b.String(), g.String()
}

func ownText(m *nasdesk.Message) string {
	var out []string
	for _, l := range m.Lines {
		if l.Part == nasdesk.InBody && l.Region == nasdesk.Own {
			out = append(out, l.Text)
		}
	}
	return strings.Join(out, "\n")
}

// checkMessage holds what is true of every message.
func checkMessage(t *testing.T, m *nasdesk.Message) {
	t.Helper()
	if !utf8.ValidString(m.Text) || !utf8.ValidString(m.Subject) {
		t.Fatal("text or subject is not UTF-8")
	}
	at := 0
	for i, l := range m.Lines {
		if i > 0 {
			if m.Text[at:at+1] != "\n" {
				t.Fatalf("no line end before line %d", i)
			}
			at++
		}
		if l.Start != at || l.Start+len(l.Text) > len(m.Text) || m.Text[l.Start:l.Start+len(l.Text)] != l.Text {
			t.Fatalf("line %d does not tile the text", i)
		}
		at += len(l.Text)
		if strings.ContainsAny(l.Text, "\n\r\x00") || l.Text == "" {
			t.Fatalf("line %d is not one clean line: %q", i, l.Text)
		}
		if l.Cells != nil && strings.Join(l.Cells, "\t") != l.Text {
			t.Fatalf("the cells of line %d are not its text", i)
		}
		if (l.Region == nasdesk.Quoted || l.Region == nasdesk.Ours && l.Part == nasdesk.InBody && l.Quote > 0) != (l.Quote > 0) {
			t.Fatalf("line %d: region %d, quote %d", i, l.Region, l.Quote)
		}
	}
	if at != len(m.Text) {
		t.Fatal("text beyond the last line")
	}
	for _, f := range m.Header {
		if !utf8.ValidString(f.Value) || strings.ContainsAny(f.Value, "\x00\n") {
			t.Fatalf("field %s holds what no text may", f.Name)
		}
	}
	if len(m.Digest) != 64 {
		t.Fatal("no digest")
	}
	Skim(m)
}

func TestFixtures(t *testing.T) {
	files, _ := filepath.Glob("testdata/read/*.eml")
	if len(files) == 0 {
		t.Fatal("no fixtures in testdata/read")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(strings.TrimSuffix(file, ".eml") + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			m := Read(raw, testOptions)
			checkMessage(t, m)
			got := shown(m)
			for _, f := range m.Findings {
				got += "finding " + f.Code + "\n"
			}
			if got != string(want) {
				t.Errorf("read as:\n%s\nwant:\n%s", got, want)
			}
			// The same bytes with other line ends say the same.
			lf := bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
			for name, other := range map[string][]byte{"LF": lf, "CRLF": bytes.ReplaceAll(lf, []byte("\n"), []byte("\r\n"))} {
				if again := Read(other, testOptions); shown(again) != shown(m) || again.Digest != m.Digest {
					t.Errorf("with %s line ends it reads otherwise:\n%s", name, shown(again))
				}
			}
		})
	}
}

func TestQuotedSaysNothing(t *testing.T) {
	files, _ := filepath.Glob("testdata/read/*.eml")
	for _, file := range files {
		raw, _ := os.ReadFile(file)
		m := Read(raw, testOptions)
		for name, quote := range map[string]func(string) string{
			"gmail": func(s string) string {
				return "Noted.\n\nOn Tue, 21 Apr 2026 at 10:00, Elm <pharmacy.fzz11@nhs.net> wrote:\n\n> " + strings.ReplaceAll(s, "\n", "\n> ")
			},
			"outlook": func(s string) string {
				return "Noted.\n\n________________________________\nFrom: Elm <pharmacy.fzz11@nhs.net>\nSent: Tuesday, 21 April 2026 10:00\nTo: helpdesk@nhs.net\nSubject: x\n\n" + s
			},
		} {
			if got := ownText(Read(plainMail(quote(m.Text)), testOptions)); got != "Noted." {
				t.Errorf("%s quoted by %s: own text is %q", filepath.Base(file), name, got)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("testdata/read/*.eml")
	for _, file := range files {
		raw, _ := os.ReadFile(file)
		f.Add(raw)
	}
	f.Add(plainMail("Hi\n\n> > a\n> b\n-- \nx"))
	f.Add(htmlMail("<table><tr><td rowspan=3>a<td>b<tr><td>c</table><blockquote type=cite>x"))
	f.Add([]byte("From: a@b\nSubject: =?utf-8?q?=E2=82?= =?utf-8?q?=AC?=\nContent-Type: multipart/mixed; boundary==\n\n--=\n\nx\n--=--"))
	small := testOptions
	small.Limits = Limits{Size: 1 << 16, Lines: 200, Parts: 10, Depth: 4, SheetRows: 20, SheetBytes: 1 << 16}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := Read(raw, small)
		checkMessage(t, m)
		if again := Read(raw, small); again.Digest != m.Digest || again.Text != m.Text || again.Automatic != m.Automatic {
			t.Fatal("the same bytes read otherwise the second time")
		}
	})
}

func BenchmarkRead(b *testing.B) {
	raw, err := os.ReadFile("testdata/read/outlook-reply.eml")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		Read(raw, testOptions)
	}
}

func replaceLine(body, old, new string) string {
	return strings.ReplaceAll(body, old+"\n", new+"\n")
}
