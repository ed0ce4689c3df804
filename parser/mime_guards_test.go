package parser

import (
	"fmt"
	"strings"
	"testing"

	"nasdesk"
)

func TestParseMediaGuards(t *testing.T) {
	for v, want := range map[string]string{
		`text/plain; charset=a`:         "text/plain true charset=a",
		`TEXT/Plain (x; y) ; Charset=a`: "text/plain true charset=a",
		`text/plain charset=a`:          "text/plain true charset=a",
		` text/plain`:                   "text/plain true ",
		`plain; charset=a`:              "text/plain true charset=a",
		`text`:                          "text/plain true ",
		`/plain`:                        "/plain false ",
		`text/`:                         "text/ false ",
		`a/b/c`:                         "a/b/c false ",
		`text/plain; charset; =x; charset=a; charset=b`:       "text/plain true charset=a",
		`text/plain; charset="a;b"`:                           "text/plain true charset=a;b",
		`text/plain; charset="a\";b"; x=1`:                    `text/plain true charset=a";b`,
		`text/plain; charset="a`:                              "text/plain true charset=a",
		`text/plain; charset=a"; name=b`:                      "text/plain true charset=a name=b",
		`text/plain; charset="a\`:                             `text/plain true charset=a\`,
		`text/plain; name=a\; charset=b`:                      `text/plain true charset=b name=a\`,
		`text/plain; name="";charset="a;b"`:                   "text/plain true charset=a;b name=",
		`text/plain; (x) charset (y) =a`:                      "text/plain true charset=a",
		`text/plain; name*=utf-8'en'%c3%ab`:                   "text/plain true name=ë",
		`text/plain; name*=%41b%4`:                            "text/plain true name=Ab%4",
		`text/plain; name*=a%zz%4z`:                           "text/plain true name=a%zz%4z",
		`text/plain; name*0=a%41; name*1*=%42; name*2=c'd'e`:  "text/plain true name=a%41Bc'd'e",
		`text/plain; name*0*=iso-8859-1'x'%eb; name*1*=b'c'd`: "text/plain true name=ëb'c'd",
		`text/plain; name*1=b`:                                "text/plain true ",
		`text/plain; name*0=a; name*1*=b'c'd`:                 "text/plain true name=ab'c'd",
		`text/plain; name*0*=utf-8''; name*1*=b'c'd`:          "text/plain true name=b'c'd",
		`text/plain; name*=a%z4`:                              "text/plain true name=a%z4",
		`text/plain; name=a; name*0=b`:                        "text/plain true name=b",
	} {
		media, params, ok := parseMedia(v, DefaultLimits.Params)
		got := fmt.Sprint(media, " ", ok, " ")
		var ps []string
		for _, n := range []string{"charset", "name"} {
			if p, has := params[n]; has {
				ps = append(ps, n+"="+p)
			}
		}
		if got += strings.Join(ps, " "); got != want {
			t.Errorf("%s: %q, want %q", v, got, want)
		}
	}
	var long strings.Builder
	long.WriteString("text/plain")
	for i := range 12 {
		fmt.Fprintf(&long, "; name*%d=%c", i, 'a'+i)
	}
	if _, params, _ := parseMedia(long.String(), 50); params["name"] != "abcdefghijkl" {
		t.Errorf("twelve pieces: %q", params["name"])
	}
	if got := stripComments("a (b (c) d) e) f (g"); got != "a  e) f " {
		t.Errorf("without comments %q", got)
	}
}

func TestTransferEncodings(t *testing.T) {
	for enc, c := range map[string][2]string{
		"": {"Hi=3D", "Hi=3D"}, "7bit": {"Hi=3D", "Hi=3D"}, "8bit": {"Hi=3D", "Hi=3D"}, "binary": {"Hi=3D", "Hi=3D"},
		"base64": {"SGk=", "Hi"}, "b": {"SGk=", "Hi"}, "x-base64": {"SGk=", "Hi"},
		"quoted-printable": {"Hi=3D", "Hi="}, "q": {"Hi=3D", "Hi="}, "quotedprintable": {"Hi=3D", "Hi="},
		"uuencode": {"begin 644 a\n\"2&D \n`\nend\n", "Hi"}, "x-uuencode": {"begin 644 a\n\"2&D \n`\nend\n", "Hi"}, "uue": {"begin 644 a\n\"2&D \n \nend\n", "Hi"}, "x-uue": {"begin 0644 a b\n\"2&D \n\nM\n", "Hi"},
	} {
		if got, odd := decodeTransfer([]byte(c[0]), enc); string(got) != c[1] || odd != "" {
			t.Errorf("%s: %q (%s), want %q", enc, got, odd, c[1])
		}
	}
	fine := strings.Repeat("SGkh", 40) // 160 characters: three foreign ones of them make no text of it
	if _, odd := decodeBase64([]byte(fine[:60] + "**")); odd != base64Foreign {
		t.Errorf("two foreign characters in a short text: %q", odd)
	}
	for _, end := range []string{"end", "`", " ", ""} {
		if got, _, _ := decodeUU([]byte("begin 777 a\n\"2&D \n" + end + "\n#0V%T\n")); string(got) != "Hi" {
			t.Errorf("behind the line %q of a uuencoded file stands %q", end, got)
		}
	}
	for enc, text := range map[string]string{"x-none": "Hi", "uue": "begin 64 a\nx", "x-uue": "begin 64444 a\nx", "uuencode": "begin 648 a\nx", "x-uuencode": "begin 64/ a\nx"} {
		if got, odd := decodeTransfer([]byte(text), enc); string(got) != text || odd == "" {
			t.Errorf("%s: %q (%q), want it as it is, and a finding", enc, got, odd)
		}
	}
	for _, l := range []string{"begin 644", "begin", "Begin 644 a", "began 644 a"} {
		if _, ok := uuBegin([]byte(l)); ok {
			t.Errorf("%q begins a file", l)
		}
	}
	for in, want := range map[string]string{"a \t\r\nb": "a\r\nb", "a=20 \nb": "a \nb", "a \rb": "a \rb", "a b\nc": "a b\nc", "a=\r\nb": "ab", "a= \nb": "ab", "a=3": "a=3", "a=3x": "a=3x", "a=x3": "a=x3", "a=3D": "a=", "a\r": "a\r"} {
		if got := decodeQuotedPrintable([]byte(in)); string(got) != want {
			t.Errorf("quoted-printable %q: %q, want %q", in, got, want)
		}
	}
	for add, want := range map[string]string{"": "", " ": "", "**": base64Foreign, "***": base64Foreign, "****": "not base64, as it says", "SG": base64Short} {
		if _, odd := decodeBase64([]byte(fine + add)); odd != want {
			t.Errorf("base64 with %q: %q, want %q", add, odd, want)
		}
	}
}

func TestCutParts(t *testing.T) {
	for body, want := range map[string]string{
		"--b\na\n--b\nc\n--b--\n":        "a|c true",
		"x\n--b\r\na\r\n--b--":           "a true",
		"--b\ra\r--b--\r":                "a true",
		"--b \t\na\n--b--\n":             "a true",
		"--b\na --b\nc\n--b--\n":         "a --b\nc true",
		"--b\na\n--bx\nc\n--b--\n":       "a\n--bx\nc true",
		"--b\na\n":                       "a\n false",
		"--b\n--b\n--b--\n":              "| true",
		"--b--\n--b\na\n":                " true",
		"a":                              " false",
		"--b\n1\n--b\n2\n--b\n3\n--b\n4": "1|2|3 true",
	} {
		pieces, closed := cutParts([]byte(body), "b", 3)
		var texts []string
		for _, p := range pieces {
			texts = append(texts, string(p))
		}
		if got := fmt.Sprint(strings.Join(texts, "|"), " ", closed); got != want {
			t.Errorf("%q: %q, want %q", body, got, want)
		}
	}
	for body, want := range map[string]string{
		"x\n--abc \nContent-Type: text/plain\n": "abc", "--abc\nHello\n": "", "--ab\nContent-Type: x\n": "", "-abcd\nContent-Type: x\n": "", "--abc": "", "--abc\n": "",
		"--abcd\nx\n--efgh\ncontent-type: x\n": "efgh",
	} {
		if got := guessBoundary([]byte(body)); got != want {
			t.Errorf("%q: boundary %q, want %q", body, got, want)
		}
	}
}

func TestHeaderGuards(t *testing.T) {
	for _, name := range strings.Fields("from to cc subject date message-id mime-version received sender reply-to return-path in-reply-to references authentication-results dkim-signature thread-topic thread-index auto-submitted importance precedence list-id delivered-to x-a content-b arc-c") {
		raw := "Subject: a\njunk without a colon\n" + strings.ToUpper(name[:1]) + name[1:] + " : b\n\nbody\n"
		if h := readHeader([]byte(raw), DefaultLimits); string(raw[h.body:]) != "body\n" || len(h.fields) != 2 {
			t.Errorf("%s behind junk: %d fields, the body is %q", name, len(h.fields), raw[h.body:])
		}
	}
	for raw, body := range map[string]string{
		"Subject: a\nHello there\nDear: all\n\nx\n":   "Hello there\nDear: all\n\nx\n",
		"Subject: a\nHello there\n\nFrom: x\n":        "Hello there\n\nFrom: x\n",
		"Subject: a\nHello there\nFrom the desk\nx\n": "Hello there\nFrom the desk\nx\n",
		"Hello there\nFrom: x\n\ny\n":                 "y\n",
		"\nHello there\nDear all\n":                   "Hello there\nDear all\n",
		"\nHello there\nFrom: x\n\ny\n":               "y\n",
	} {
		if h := readHeader([]byte(raw), DefaultLimits); raw[h.body:] != body {
			t.Errorf("%q: the body is %q, want %q", raw, raw[h.body:], body)
		}
	}
	for _, c := range []struct {
		raw      string
		repaired bool
	}{
		{"From: <a@nhs.net>\njunk\nTo: b\n\n", false},
		{"From: <a@nhs.net\njunk>\nTo: b\n\n", true},
		{"From: \"a\njunk\" <a@nhs.net>\nTo: b\n\n", true},
		{"From:\njunk\nTo: b\n\n", true},
		{"From: a\x00@nhs.net\nTo: b\n\n", true},
		{"From : a@nhs.net\nTo: b\n\n", true},
		{"From:\x00a@nhs.net\nTo: b\n\n", true},
	} {
		if h := readHeader([]byte(c.raw), DefaultLimits); len(h.fields) == 0 || h.fields[0].Repaired != c.repaired {
			t.Errorf("%q: %+v, want repaired %v", c.raw, h.fields, c.repaired)
		}
	}
	for name, want := range map[string]bool{"From": true, "X!~": true, "": false, "a b": false, "a\x7f": false, "a\x80": false, "\x01": false} {
		if fieldName([]byte(name)) != want {
			t.Errorf("%q is the name of a field: %v", name, !want)
		}
	}
}

// Each limit of a header holds at its border.
func TestHeaderLimits(t *testing.T) {
	lim := Limits{HeaderBytes: 100, Fields: 3}.filled()
	for raw, over := range map[string]bool{
		"A: b\nC: d\nE: f\n\nx":                                                            false,
		"A: b\nC: d\nE: f\nG: h\n\nx":                                                      true,
		"A: " + strings.Repeat("x", 97) + "\n\nx":                                          false,
		"A: " + strings.Repeat("x", 98) + "\n\nx":                                          true,
		"A: " + strings.Repeat("x", 80) + "\nB: " + strings.Repeat("x", 30):                false,
		"A: " + strings.Repeat("x", 96) + "\nB: c\n\nx":                                    false,
		"A: " + strings.Repeat("x", 97) + "\nB: c\n\nx":                                    true,
		"A: " + strings.Repeat("x", 80) + "\nB: " + strings.Repeat("x", 30) + "\nC: d\n\n": true,
		"A: b\n" + strings.Repeat(" x\n", 60) + "\nx":                                      true,
	} {
		if h := readHeader([]byte(raw), lim); h.over != over {
			t.Errorf("%d bytes: over the limit %v, want %v", len(raw), h.over, over)
		}
	}
}

// A fold at the border still belongs to its field.
func TestFoldAtTheLimit(t *testing.T) {
	h := readHeader([]byte("A: "+strings.Repeat("x", 96)+"\n y\n\nz"), Limits{HeaderBytes: 100}.filled())
	if len(h.fields) != 1 || len(h.odd) > 0 || !strings.HasSuffix(h.fields[0].Value, "x y") {
		t.Errorf("%+v, odd %q", h.fields, h.odd)
	}
}

func TestMessageIDGuards(t *testing.T) {
	var many strings.Builder
	for i := range 120 {
		fmt.Fprintf(&many, "<%d@example.org> ", i)
	}
	if got := messageIDs([]string{many.String()}); len(got) != 100 {
		t.Errorf("%d ids are taken", len(got))
	}
	if got := messageIDs([]string{"<>"}); got != nil {
		t.Errorf("an id of nothing: %q", got)
	}
	for v, want := range map[string]string{
		"<a@b>": "a@b", "<a@b><c@d>,<e@f>\t<g@h>": "a@b c@d e@f g@h", "a@b c@d": "a@b c@d", "a b": "", "a@b\tc@d,e@f": "a@b c@d e@f", "<a@b> c@d": "a@b", "<>": "", "<a": "", "<a b>": "b", "your mail of <a@b>": "a@b",
	} {
		if got := strings.Join(messageIDs([]string{v}), " "); got != want {
			t.Errorf("%q: %q, want %q", v, got, want)
		}
	}
}

// Depth and parts are held at their borders, and a name is no longer than a line.
func TestPartLimits(t *testing.T) {
	deep := func(n int) []byte {
		s := ""
		for i := range n {
			s += fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
		}
		return []byte(s + "\nx\n")
	}
	wide := func(n int) []byte {
		return []byte("Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", n) + "--b--\n")
	}
	for _, c := range []struct {
		name string
		raw  []byte
		held bool
	}{{"as deep as allowed", deep(5), false}, {"deeper", deep(6), true}, {"as many as allowed", wide(9), false}, {"more", wide(10), true}} {
		if m := Read(c.raw, Options{Limits: Limits{Depth: 5, Parts: 10}}); m.Found(nasdesk.FoundOverLimit) != c.held {
			t.Errorf("%s: findings %v, want held %v", c.name, m.Findings, c.held)
		}
	}
	for n, want := range map[int]int{200: 200, 201: 200} {
		if got := fileName(strings.Repeat("x", n), DefaultLimits); len(got) != want {
			t.Errorf("a name of %d bytes keeps %d", n, len(got))
		}
	}
}
