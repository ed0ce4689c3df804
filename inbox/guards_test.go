package inbox

import (
	"slices"
	"strings"
	"testing"

	"nasdesk"
)

// What stands between a result and its neighbours decides whether it is one.
func TestAuthResultsGuards(t *testing.T) {
	for value, want := range map[string]string{
		"mx.example (x": "! mx.example",
		"mx.example; dmarc=pass header.from=a.example; (x":         "! mx.example",
		"mx.example; dmarc=pass header.from=a.example; dkim(x":     "! mx.example",
		"dkim=none; dmarc (x":                                      "! ",
		`"mx.example"(c)1; none`:                                   "! mx.example",
		"mx.example 1 dmarc=pass header.from=a.example":            "! mx.example",
		"mx.example; =pass":                                        "! mx.example",
		"mx.example; dmarc pass header.from=a.example":             "! mx.example",
		"mx.example; dmarc=; spf=pass":                             "! mx.example",
		"dkim=none; dmarc=;":                                       "! ",
		`mx.example; dmarc=pass \h header.from=a.example`:          "! mx.example",
		"mx.example; dmarc=pass =a.example":                        "! mx.example",
		"mx.example; dkim=pass header.d=a\x7f":                     "! mx.example",
		"mx.example; dkim=pass header.d=a\u00e9":                   "! mx.example",
		"mx.example; dkim=pass header.d=~ ":                        "mx.example; dkim=pass {header.d ~}",
		"mx.example; none ":                                        "mx.example",
		"dkim =none header.d=none; dmarc=none":                     "; dkim=none {header.d none}; dmarc=none",
		"dkim /1 =none header.d=none":                              "; dkim=none {header.d none}",
		"mx.example; dmarc=pass header.from=A.example header.b=x ": "mx.example; dmarc=pass {header.from A.example} {header.b x}",
	} {
		a, err := parseAuthResults(value)
		got := a.text()
		if err != nil {
			got = "! " + a.id
		}
		if got != want {
			t.Errorf("%q: read as %q, want %q (%v)", value, got, want, err)
		}
	}
}

// A verdict that is said twice is one, and two that differ are none.
func TestVerdictSaidTwice(t *testing.T) {
	for value, want := range map[string]string{
		"x; dmarc=pass header.from=a.example; dmarc=pass header.from=a.example": "pass",
		"x; dmarc=pass header.from=a.example header.from=A.example":             "pass",
		"x; dmarc=pass header.from=a.example header.from=b.example":             "",
		"x; dmarc=pass header.from=a.example; dmarc=pass header.from=b.example": "",
		"x; dmarc=pass header.from=a.example; dmarc=fail header.from=a.example": "",
		"x; dmarc=pass": "",
	} {
		a, err := parseAuthResults(value)
		if err != nil {
			t.Fatal(err)
		}
		if v, _ := a.dmarc(); v.verdict != want {
			t.Errorf("%s: verdict %q, want %q", value, v.verdict, want)
		}
	}
}

func TestSmallLetters(t *testing.T) {
	for c, want := range map[byte]bool{'a': true, 'z': true, 'A': true, 'Z': true, '0': true, '9': true, '`': false, '{': false, '@': false, '[': false, '/': false, ':': false} {
		if isLetterOrDigit(c) != want {
			t.Errorf("%q a letter or digit: %v", c, !want)
		}
	}
	if got := lowerASCII("AZ@[\u212a"); got != "az@[\u212a" {
		t.Errorf("in small letters %q", got)
	}
}

// One mailbox and nothing that some reader could take for another.
func TestMailboxGuards(t *testing.T) {
	for value, want := range map[string]string{
		"Tom\t<a@nhs.net>":             "a@nhs.net",
		"<a@nhs.net> (pharmacist) ":    "a@nhs.net",
		`(a \) b) <a@nhs.net>`:         "a@nhs.net",
		"a@nhs.net <A@nhs.net>":        "a@nhs.net",
		"<a@nhs.net> x":                "",
		`<a@nhs.net> "x"`:              "",
		`"x" a@nhs.net <a@nhs.net>`:    "",
		"@nhs.net":                     "",
		"a@":                           "",
		"<@nhs.net>":                   "",
		"a@nhs.net, b@nhs.net":         "",
		"a@b@nhs.net":                  "",
		"x@example.com <not-one>":      "",
		"(a <b@nhs.net>":               "",
		"a (b@nhs.net) a@nhs.net":      "",
		"a@nhs.net\x00":                "",
		"\"a <a@nhs.net>":              "",
		"a@nhs.net (x@example.com)":    "",
		"=?utf-8?q?a?=, b <a@nhs.net>": "",
	} {
		if got, err := readMailbox(value); string(got) != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q (%v), want %q", value, got, err, want)
		}
	}
}

// A field is taken for another by whoever passes over what cannot be seen.
func TestFieldsThatLookAlike(t *testing.T) {
	for _, c := range []struct {
		field       nasdesk.HeaderField
		like, sound bool
	}{
		{nasdesk.HeaderField{Name: "From", Value: "x"}, true, true},
		{nasdesk.HeaderField{Name: "FROM", Value: "x", Repaired: true}, true, false},
		{nasdesk.HeaderField{Name: "From\x01", Value: "x"}, true, false},
		{nasdesk.HeaderField{Name: "Fr\xffom", Value: "x"}, true, false},
		{nasdesk.HeaderField{Name: "Fr\u200bom", Value: "x"}, true, false},
		{nasdesk.HeaderField{Name: "F rom", Value: "x"}, true, false},
		{nasdesk.HeaderField{Name: "To", Value: "From: x"}, false, false},
		{nasdesk.HeaderField{Name: "To", Value: "From: x", Repaired: true}, false, false},
		{nasdesk.HeaderField{Name: "", Value: "From: x", Repaired: true}, true, false},
		{nasdesk.HeaderField{Name: "", Value: "From: x"}, false, false},
		{nasdesk.HeaderField{Name: "", Value: "From", Repaired: true}, false, false},
		{nasdesk.HeaderField{Name: "", Value: "To: x", Repaired: true}, false, false},
	} {
		if got := nameLike(c.field, "from"); got != c.like {
			t.Errorf("%+v is like From: %v", c.field, got)
		}
		if got := sound(c.field, "from"); got != c.sound {
			t.Errorf("%+v is a sound From: %v", c.field, got)
		}
	}
}

func proofOf(p Profile, fields ...string) nasdesk.Proof {
	var h nasdesk.Header
	for _, f := range fields {
		name, value, _ := strings.Cut(f, ": ")
		h = append(h, nasdesk.HeaderField{Name: name, Value: value})
	}
	return p.Prove(&nasdesk.Message{Header: h})
}

// Sender is told only where it is another than From, and From is one.
func TestSenderIsTold(t *testing.T) {
	p, err := ParseTrust("rfc8601:mx.nhs.net")
	if err != nil {
		t.Fatal(err)
	}
	const pass = "Authentication-Results: mx.nhs.net; dmarc=pass header.from=nhs.net"
	for _, c := range []struct {
		name, from, sender string
		want               nasdesk.Address
		told               bool
	}{
		{"a colleague", "From: a@nhs.net", "Sender: b@nhs.net", "b@nhs.net", true},
		{"the same", "From: a@nhs.net", "Sender: A@nhs.net", "", false},
		{"no From", "To: a@nhs.net", "Sender: b@nhs.net", "", false},
	} {
		proof := proofOf(p, pass, c.from, c.sender)
		told := slices.ContainsFunc(proof.Evidence, func(s string) bool { return strings.HasPrefix(s, "Sender: ") })
		if proof.OnBehalf != c.want || told != c.told {
			t.Errorf("%s: on behalf %q, evidence %q", c.name, proof.OnBehalf, proof.Evidence)
		}
	}
}

// A policy is one of two; without any nobody is proved, whatever is written.
func TestPolicies(t *testing.T) {
	for policy, want := range map[string]string{
		"rfc8601:": "is no authserv-id", "rfc8601:a b": "is no authserv-id", "rfc8601:a;b": "is no authserv-id", "rfc8601:(a": "is no authserv-id", "rfc8601:mx\x7f": "is no authserv-id",
		"mx.nhs.net": "is not known", "": "is not known", "rfc8601:mx.nhs.net": "", "exchange-online": "",
	} {
		if _, err := ParseTrust(policy); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", policy, err, want)
		}
	}
	if proof := proofOf(Profile{Domain: "nhs.net"}, "Authentication-Results: dmarc=pass header.from=nhs.net", "From: a@nhs.net"); proof.Sender.Proved() {
		t.Error("proved without a policy")
	}
}

// The border is where an edge server took the message in, and nowhere else.
func TestBorder(t *testing.T) {
	for received, want := range map[string]bool{
		"from a.example by b.mail.protection.outlook.com with ESMTP": true,
		"from a.mail.protection.outlook.com by b.example":            false,
		"by": false, "from a.example BY x.protection.outlook.com": true,
	} {
		if byEdge(received) != want {
			t.Errorf("%q by an edge server: %v", received, !want)
		}
	}
	results := nasdesk.HeaderField{Name: "Authentication-Results", Value: "dmarc=pass header.from=a.example"}
	edge := "from a by b.protection.outlook.com with ESMTP"
	for _, c := range []struct {
		h    nasdesk.Header
		want int
	}{
		{nasdesk.Header{{Name: "X-Note", Value: edge}, results, results}, 1},
		{nasdesk.Header{results, results, {Name: "Received", Value: edge}, results}, 2},
		{nasdesk.Header{{Name: "Received", Value: edge}, results}, 0},
	} {
		if got := aboveBorder(c.h); len(got) != c.want {
			t.Errorf("%+v: %d above the border, want %d", c.h, len(got), c.want)
		}
	}
	p, err := ParseTrust("exchange-online")
	if err != nil {
		t.Fatal(err)
	}
	if evidence, objection := p.external(nasdesk.Header{results, results, {Name: "Received", Value: edge}}, "x@a.example"); objection != "" {
		t.Errorf("the same verdict twice: %q %q", evidence, objection)
	}
	for host, want := range map[string]bool{"lo-1.gbrp265.PROD.outlook.com": true, "lo_1.prod.outlook.com": false, "lo.prod.outlook.com.example": false, "x.protection.outlook.com": false} {
		if p.authSource(host) != want {
			t.Errorf("%s speaks for the tenant: %v", host, !want)
		}
	}
}

func TestCommentLength(t *testing.T) {
	for s, want := range map[string]int{`(a)b`: 3, `(a\)b)`: 6, `(a(b)c)d`: 7, `(a`: 0, `(a\)`: 0} {
		if got := commentLength(s); got != want {
			t.Errorf("%s: %d, want %d", s, got, want)
		}
	}
}

func TestQuote(t *testing.T) {
	for s, want := range map[string]string{
		"abc!~": "abc!~", "": `""`, "a b": `"a b"`, "a\x7f": `"a\x7f"`, `a"b`: `"a\"b"`, `a\b`: `"a\\b"`, "é": `"\u00e9"`,
		strings.Repeat("x", 80): strings.Repeat("x", 80), strings.Repeat("x", 81): `"` + strings.Repeat("x", 80) + `\u2026"`,
	} {
		if got := quote(s); got != want {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	}
}
