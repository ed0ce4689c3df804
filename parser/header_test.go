package parser

import (
	"strings"
	"testing"

	"nasdesk"
)

func TestHeader(t *testing.T) {
	for name, c := range map[string]struct {
		raw      string
		from     string
		body     string
		repaired bool // of From
		found    bool // header-repaired
	}{
		"plain":                 {"From: a@example.com\r\nSubject: x\r\n\r\nHi", "a@example.com", "Hi", false, false},
		"bare LF":               {"From: a@example.com\nSubject: x\n\nHi", "a@example.com", "Hi", false, false},
		"bare CR":               {"From: a@example.com\rSubject: x\r\rHi", "a@example.com", "Hi", false, true},
		"CR CR LF":              {"From: a@example.com\r\r\nSubject: x\r\r\n\r\r\nHi", "a@example.com", "Hi", false, false},
		"blank lines first":     {"\r\n\r\nFrom: a@example.com\r\n\r\nHi", "a@example.com", "Hi", false, true},
		"byte order mark":       {"\xef\xbb\xbfFrom: a@example.com\r\n\r\nHi", "a@example.com", "Hi", false, true},
		"mbox":                  {"From a@example.com Mon Apr 20 10:00:00 2026\nFrom: a@example.com\n\nHi", "a@example.com", "Hi", false, true},
		"junk line":             {"From: a@example.com\nthis is junk\nSubject: x\n\nHi", "a@example.com", "Hi", false, true},
		"folded":                {"From: A\n <a@example.com>\n\nHi", "A <a@example.com>", "Hi", false, false},
		"fold lost its blank":   {"From: \"Elm\nPharmacy\" <a@example.com>\nSubject: x\n\nHi", "\"Elm", "Hi", true, true},
		"blank before colon":    {"From : a@example.com\n\nHi", "a@example.com", "Hi", true, true},
		"folded name":           {"From\n : a@example.com\n\nHi", "a@example.com", "Hi", true, true},
		"leading blank":         {" From: a@example.com\nSubject: x\n\nHi", "a@example.com", "Hi", true, true},
		"NUL in the name":       {"Fr\x00om: a@example.com\n\nHi", "a@example.com", "Hi", true, true},
		"after a CR among LFs":  {"Subject: x\rFrom: a@example.com\n\nHi", "a@example.com", "Hi", true, true},
		"8-bit":                 {"From: Zo\xeb <a@example.com>\n\nHi", "Zoë <a@example.com>", "Hi", false, true},
		"no blank line":         {"From: a@example.com\nSubject: x\nPlease add Ada, thanks\n\nHi", "a@example.com", "Please add Ada, thanks\nHi", false, true},
		"header only":           {"From: a@example.com", "a@example.com", "", false, false},
		"nothing":               {"", "", "", false, false},
		"only blank lines":      {"\n\n\n", "", "", false, true},
		"no header, but a body": {"Please add Ada\nthanks", "", "Please add Ada\nthanks", false, true},
	} {
		m := Read([]byte(c.raw), testOptions)
		checkMessage(t, m)
		var f nasdesk.HeaderField
		for _, g := range m.Header {
			if g.Name == "From" {
				f = g
			}
		}
		if f.Value != c.from || f.Repaired != c.repaired || m.Found(nasdesk.FoundHeader) != c.found {
			t.Errorf("%s: From %q, repaired %v, findings %v", name, f.Value, f.Repaired, m.Findings)
		}
		var body []string
		for _, l := range m.Lines {
			if l.Part == nasdesk.InBody {
				body = append(body, l.Text)
			}
		}
		if got := strings.Join(body, "\n"); got != c.body {
			t.Errorf("%s: body %q, want %q", name, got, c.body)
		}
	}
}

func TestTwoFroms(t *testing.T) {
	m := Read([]byte("From: a@example.com\nfrom: b@example.com\n\nHi"), testOptions)
	if got := m.Header.All("From"); len(got) != 2 || got[0] != "a@example.com" {
		t.Errorf("From fields %q", got)
	}
}

func TestHeaderLimit(t *testing.T) {
	for name, raw := range map[string]string{
		"one long line":   "From: a@example.com\nX: " + strings.Repeat("a", 3<<20) + "\n\nHi",
		"one long fold":   "From: a@example.com\nX: a\n" + strings.Repeat(" aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", 100000) + "\nHi",
		"very many":       "From: a@example.com\n" + strings.Repeat("X: a\n", 500000) + "\nHi",
		"and in a part":   "From: a@example.com\nContent-Type: multipart/mixed; boundary=b\n\n--b\n" + strings.Repeat("X: a\n", 500000) + "\nHi\n--b--",
		"very many parts": "From: a@example.com\nContent-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nHi\n", 100000),
	} {
		m := Read([]byte(raw), testOptions)
		checkMessage(t, m)
		if !m.Found(nasdesk.FoundOverLimit) || m.Header.Get("From") != "a@example.com" {
			t.Errorf("%s: findings %v", name, m.Findings)
		}
	}
}

func TestDecodeHeader(t *testing.T) {
	for in, want := range map[string]string{
		"=?utf-8?q?caf=C3=A9?=":                         "café",
		"=?UTF-8?B?Y2Fmw6k=?= bar":                      "café bar",
		"=?utf-8?q?a?= =?utf-8?q?b?=":                   "ab",
		"=?utf-8?q?=E2=82?=\t=?utf-8?q?=AC?=":           "€",
		"=?iso-8859-1?q?Zo=EB?=":                        "Zoë",
		"=?iso-8859-1?q?=93x=94?=":                      "“x”",
		"=?utf-8*en?q?x_y?=":                            "x y",
		"=?x-unknown?q?Zo=EB?=":                         "Zoë",
		"\"=?utf-8?q?Elm?=\" <a@example.com>":           "\"Elm\" <a@example.com>",
		"=?utf-8?q?new user?=":                          "new user",
		"=?utf-8?q?cut off":                             "cut off",
		"=?utf-8?x?what?=":                              "=?utf-8?x?what?=",
		"a =? b":                                        "a =? b",
		"=?utf-7?q?+AOk-?=":                             "é",
		"=?utf-8?B?Y2Fm?= =?utf-8?B?w6k=?= and [NAS-1]": "café and [NAS-1]",
	} {
		if got := DecodeHeader(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestMessageIDs(t *testing.T) {
	m := Read([]byte("From: a@example.com\nMessage-ID: <a.1@example.com>\nIn-Reply-To: <b@example.com> (x)\nReferences: <c@example.com><d@example.com>\n <e@example.com>\n\nHi"), testOptions)
	if m.ID != "a.1@example.com" || strings.Join(m.InReplyTo, " ") != "b@example.com" || strings.Join(m.References, " ") != "c@example.com d@example.com e@example.com" {
		t.Errorf("got %q %q %q", m.ID, m.InReplyTo, m.References)
	}
}
