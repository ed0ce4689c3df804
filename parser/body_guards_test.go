package parser

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"nasdesk"
)

// parts writes a multipart of pieces, each a header, a blank line and a body.
func parts(kind string, pieces ...string) string {
	return "Content-Type: multipart/" + kind + "; boundary=b\n\n--b\n" + strings.Join(pieces, "\n--b\n") + "\n--b--\n"
}

// What is read of a tree of parts, and how much of it is attached.
func TestBodyParts(t *testing.T) {
	const (
		hi       = "\nHi"
		page     = "Content-Type: text/html\n\n<p>Beside</p>"
		five     = "Content-Type: text/html\n\n<p>Please add Ada Quill today</p>"
		enriched = "Content-Type: text/enriched\n\n"
		rtf      = "Content-Type: text/rtf\n\n{\\rtf1 Please add Ada Quill}"
	)
	for name, c := range map[string]struct {
		rest, want string
		attached   int
	}{
		"a text beside the root of a related":        {parts("related", "Content-Type: text/html\n\nHi", page), "Hi", 1},
		"a related whose root is the second":         {parts("related; start=\"<r>\"", page, "Content-ID: <r>\n"+hi, "Content-ID: <x>\n\nno"), "Hi", 2},
		"a related whose root says nothing":          {parts("related", "\n", page), "Beside", 0},
		"a related whose root is lost":               {parts("related; start=\"<r>\"", hi, page), "Hi", 1},
		"a related whose root is none, ids":          {parts("related", "Content-ID: <r>\n"+hi, page), "Hi", 1},
		"a multipart in a related":                   {parts("related", hi, "Content-Type: multipart/mixed; boundary=c\n\n--c\n\nthere\n--c--"), "Hi\nthere", 0},
		"a related of pictures":                      {parts("mixed", hi, "Content-Type: multipart/related; boundary=c\n\n--c\nContent-Type: image/png\n\nx\n--c--"), "Hi", 1},
		"a digest's texts":                           {parts("digest", "Content-Type: text/plain\n"+hi), "", 1},
		"encrypted, with a text in it":               {parts("encrypted", hi, "Content-Type: application/octet-stream\n\nx"), "", 2},
		"encrypted, and empty":                       {"Content-Type: multipart/encrypted; boundary=b\n\n--b--\n", "", 0},
		"a multipart in base64":                      {"Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte("--b\n\nHi\n--b--\n")), "Hi", 0},
		"a multipart in quoted-printable":            {"Content-Type: multipart/mixed; boundary=\"b=c\"\nContent-Transfer-Encoding: quoted-printable\n\n--b=3Dc\n\nHi=3D\n--b=3Dc--\n", "Hi=", 0},
		"a multipart that only says base64":          {"Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n--b\n\nHi\n--b--\n", "Hi", 0},
		"quoted-printable, and no boundary is said":  {"Content-Type: multipart/mixed\nContent-Transfer-Encoding: quoted-printable\n\n--xyzzy\nContent-Type: text/plain\n\na=3Db\n--xyzzy--\n", "a=b", 0},
		"a multipart that is a page":                 {"Content-Type: multipart/alternative\n\n<HTML><p>Hi</p></HTML>", "Hi", 0},
		"a multipart that is a text":                 {"Content-Type: multipart/alternative\n\na <b> c", "a <b> c", 0},
		"a media type that is none":                  {"Content-Type: /x\n\nHi", "Hi", 0},
		"AMP for mail":                               {parts("mixed", hi, "Content-Type: text/x-amp-html\n\n<p>no</p>"), "Hi", 1},
		"attached, without a name":                   {parts("mixed", "Content-Disposition: attachment\n"+hi), "", 1},
		"a named text":                               {parts("mixed", "Content-Type: text/plain; name=a.txt\n"+hi), "Hi", 0},
		"a named text behind another":                {parts("mixed", hi, "Content-Type: text/plain; name=a.txt\n\nno"), "Hi", 1},
		"a named text in a multipart behind another": {parts("mixed", hi, "Content-Type: multipart/mixed; boundary=c\n\n--c\nContent-Type: text/plain; name=a.txt\n\nno\n--c--"), "Hi", 1},
		"a table that is called a text":              {parts("mixed", "Content-Type: text/plain; name=a.csv\n\na,b"), "", 1},

		"alternatives, the plain one attached":         {parts("alternative", "Content-Disposition: attachment\n"+hi, page), "Beside", 1},
		"alternatives, the rich one attached":          {parts("alternative", hi, page+"\n", "Content-Type: text/html\nContent-Disposition: attachment\n\n<p>no</p>"), "Beside", 1},
		"alternatives in a related":                    {parts("alternative", hi, "Content-Type: multipart/related; boundary=c\n\n--c\n"+page+"\n--c--"), "Beside", 0},
		"a named page among alternatives":              {parts("alternative", hi, "Content-Type: text/html; name=mail.html\n\n<p>Beside</p>"), "Beside", 0},
		"a named text beside a root that says nothing": {parts("related", "\n", "Content-Type: text/plain; name=a.txt\n\nno"), "", 1},
		"a calendar among alternatives":                {parts("alternative", hi, "Content-Type: text/calendar\n\nx"), "Hi", 0},
		"AMP among alternatives":                       {parts("alternative", hi, "Content-Type: text/x-amp-html\n\nx"), "Hi", 0},
		"a watch's text among alternatives":            {parts("alternative", hi, "Content-Type: text/watch-html\n\nx"), "Hi", 0},
		"a picture among alternatives":                 {parts("alternative", hi, "Content-Type: image/png\n\nx"), "Hi", 1},
		"enriched says more":                           {parts("alternative", hi, enriched+"<bold>Please</bold> add Ada Quill"), "Please add Ada Quill", 0},
		"enriched says less":                           {parts("alternative", "\nPlease add Ada Quill", enriched+"Hi"), "Please add Ada Quill", 0},
		"enriched says as much":                        {parts("alternative", "\nHi Ada", enriched+"Hi Bo"), "Hi Ada", 0},
		"enriched beside HTML":                         {parts("alternative", five, enriched+"Please add Ada Quill as a member"), "Please add Ada Quill today", 0},
		"rich text says more":                          {parts("alternative", hi, rtf), "Please add Ada Quill", 0},
		"enriched alone":                               {"Content-Type: text/enriched\n\n<bold>Hi</bold>", "Hi", 0},
		"words, and a letter in rich text":             {parts("mixed", hi, rtf), "Hi", 1},
		"only a letter in rich text":                   {parts("mixed", "\n", rtf), "Please add Ada Quill", 1},
		"plain text that speaks of a charset":          {"\nWe write charset=utf-16le", "We write charset=utf-16le", 0},
		"HTML that names another than its header":      {"Content-Type: text/html; charset=utf-8\n\n<meta charset=shift_jis><p>Si\xc3\xa2n", "Siân", 0},
		"mail of Office 365 that is encrypted":         {parts("mixed", hi, "Content-Type: application/x-microsoft-rpmsg-message\n\nx"), "Hi", 1},
		"a file of Office 365 that is encrypted":       {parts("mixed", hi, "Content-Type: application/octet-stream; name=message.rpmsg\n\nx"), "Hi", 1},
		"PGP in HTML is no PGP":                        {"Content-Type: text/html\n\n<p>x -----BEGIN PGP MESSAGE-----</p>", "x -----BEGIN PGP MESSAGE-----", 0},
		"flowed, in a format that is said loudly":      {"Content-Type: text/plain; format=FLOWED; delsp=YES\n\n07700 900 \n111", "07700 900111", 0},
		"delsp=no":                                  {"Content-Type: text/plain; format=flowed; delsp=no\n\nAda \nQuill", "Ada Quill", 0},
		"format=fixed":                              {"Content-Type: text/plain; format=fixed\n\nAda \nQuill", "Ada\nQuill", 0},
		"one text too long, and one behind it":      {parts("mixed", "\n"+strings.Repeat("x", maxText+1), hi), "", 0},
		"a mail within a multipart within a digest": {parts("digest", "\nSubject: x\n\nHi", "Content-Type: multipart/mixed; boundary=c\n\n--c\n\nno\n--c--"), "", 2},
	} {
		m := readParts(t, c.rest)
		if got := ownText(m); got != c.want || len(m.Attachments) != c.attached {
			t.Errorf("%s: %q, want %q; attached %v, want %d", name, got, c.want, m.Attachments, c.attached)
		}
		if want := strings.Contains(name, "encrypted"); m.Found("encrypted") != want {
			t.Errorf("%s: findings %v, want encrypted %v", name, m.Findings, want)
		}
	}
}

// A part of a digest is a mail where nothing else is said; what was mended in
// the header of a part is a finding.
func TestHeadersOfParts(t *testing.T) {
	m := readParts(t, parts("digest", "\nSubject: x\n\nHi"))
	if len(m.Attachments) != 1 || m.Attachments[0].Type != "message/rfc822" {
		t.Errorf("a digest holds %v", m.Attachments)
	}
	for head, want := range map[string]bool{"junk\nContent-Type: text/plain\n": true, "Content-Type: text/plain\n": false} {
		if m := readParts(t, parts("mixed", head+"\nHi")); m.Found("part-header-repaired") != want {
			t.Errorf("%q: findings %v", head, m.Findings)
		}
	}
}

// A text as long as allowed is read.
func TestLongestText(t *testing.T) {
	m := readParts(t, "\n"+strings.Repeat("x", maxText-1)) // and its line end
	if len(ownText(m)) != maxText-1 {
		t.Errorf("%d bytes are read", len(ownText(m)))
	}
}

// The tables of two texts are numbered on, and the second begins a paragraph.
func TestTwoTextsWithTables(t *testing.T) {
	const table = "Content-Type: text/html\n\n<table><tr><td>a</td><td>b</td></tr></table>"
	m := readParts(t, parts("mixed", table, "Content-Type: text/html\n\nc", table, "\nd\ne"))
	var got []string
	for _, l := range m.Lines[1:] {
		got = append(got, fmt.Sprint(strings.ReplaceAll(l.Text, "\t", " "), l.Table, " ", l.Break))
	}
	if want := "a b1 true c0 true a b2 true d0 true e0 false"; strings.Join(got, " ") != want {
		t.Errorf("%q, want %q", strings.Join(got, " "), want)
	}
}

// Which of two texts is read: HTML, unless plain text clearly says more.
func TestBest(t *testing.T) {
	words := func(n int) []bodyLine { return []bodyLine{{text: strings.Repeat("ab1 ", n)}} }
	rows := func(n int) []bodyLine { return []bodyLine{{text: strings.Repeat("ab1 ", n), table: 1}} }
	for _, c := range []struct {
		plain, rich []bodyLine
		want        bool
	}{
		{words(0), words(0), false}, {words(1), words(0), true}, {words(0), words(1), false},
		{words(8), words(4), false}, {words(9), words(4), true},
		{words(8), rows(4), false}, {words(9), rows(4), true}, {words(4), rows(2), false}, {words(6), rows(3), false}, {words(7), words(3), true},
		{words(20), rows(10), false}, {words(20), words(10), true},
	} {
		if got := best(c.plain, c.rich); got != c.want {
			t.Errorf("plain %d words, rich %d: plain is read %v, want %v", wordCount(c.plain), wordCount(c.rich), got, c.want)
		}
	}
	for text, want := range map[string]int{"": 0, "a": 1, "a b": 2, "a1 1a": 2, "07700 900111": 2, "... - !": 0, "Zoë's": 2} {
		if got := wordCount([]bodyLine{{text: text}}); got != want {
			t.Errorf("%q: %d words, want %d", text, got, want)
		}
	}
}

// Uuencoded files are taken out of a text, and nothing that only looks like one.
func TestCutUU(t *testing.T) {
	const file = "begin 644 a.txt\n\"2&D \n`\nend"
	for text, want := range map[string]string{
		file + "\nrest":                                "\nrest 1 false",
		"Hi\n" + file:                                  "Hi\n 1 false",
		"Hi " + file:                                   "Hi " + file + " 0 false",
		"begin the day\nwell\nend it":                  "begin the day\nwell\nend it 0 false",
		"begin 644 times\nthanks\n":                    "begin 644 times\nthanks\n 0 false",
		"Hi\nbegin 644 a.txt\n\"2&D \n":                "Hi\n 0 true",
		"begin 64 a.txt\n\"2&D \n":                     "begin 64 a.txt\n\"2&D \n 0 false",
		"begin":                                        "begin 0 false",
		strings.Repeat(file+"\n", 11):                  strings.Repeat("\n", 10) + file + "\n 10 false",
		"begin 644 " + strings.Repeat("x", 500) + "\n": "begin 644 " + strings.Repeat("x", 500) + "\n 0 false",
	} {
		r := reading{m: &nasdesk.Message{}, o: Options{Limits: DefaultLimits}}
		rest := r.cutUU(text)
		if got := fmt.Sprint(rest, " ", len(r.m.Attachments), " ", r.found.has(nasdesk.FoundDamaged)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for line, want := range map[string]bool{"\"2&D ": true, "\"2&D": false, "\"2&D  ": false, "`": false, "": false, "x": false, "#0V%T": true} {
		if got := uuFollows(line+"\nx", 0); got != want {
			t.Errorf("%q is a line of a file: %v", line, got)
		}
	}
}

func TestMetaCharset(t *testing.T) {
	for doc, want := range map[string]string{
		`<meta charset="UTF-8">`: "utf-8", `<meta charset=utf-8>`: "utf-8", `<meta charset='utf-8'>`: "utf-8", `content="text/html; charset=utf-8"`: "utf-8",
		`<meta charset=utf-8/>`: "utf-8", `charset=utf-8;x`: "utf-8", "charset=utf-8": "utf-8", "charset=>x": "", "<p>Hi": "", "charset= utf-8": "utf-8",
		strings.Repeat(" ", 2035) + "charset=koi8-r": "koi8-", strings.Repeat(" ", 2048) + "charset=koi8-r": "",
	} {
		if got := metaCharset([]byte(doc)); got != want {
			t.Errorf("%q: %q, want %q", doc, got, want)
		}
	}
}

// Each name by which rich text and winmail.dat are known is enough.
func TestKindsOfParts(t *testing.T) {
	for media, want := range map[string]string{
		"text/rtf": "rtf", "application/rtf": "rtf", "text/richtext": "rtf", "x/y a.rtf": "rtf", "x/y a.RTF": "rtf",
		"application/ms-tnef": "tnef", "application/vnd.ms-tnef": "tnef", "x/y winmail.dat": "tnef", "x/y WINMAIL.DAT": "tnef",
		"application/x-microsoft-rpmsg-message": "rpmsg", "x/y a.rpmsg": "rpmsg", "x/y a.txt": "", "text/plain": "",
	} {
		p := &mimePart{}
		p.media, p.name, _ = strings.Cut(media, " ")
		got := ""
		for kind, is := range map[string]bool{"rtf": isRTF(p), "tnef": isTNEF(p), "rpmsg": isEncryptedMail(p)} {
			if is {
				got += kind
			}
		}
		if got != want {
			t.Errorf("%s: taken for %q, want %q", media, got, want)
		}
	}
}
