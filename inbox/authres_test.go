package inbox

import (
	"fmt"
	"strings"
	"testing"
)

// text writes results on one line: method=verdict [reason] {key value} …
func (a authResults) text() string {
	var b strings.Builder
	b.WriteString(a.id)
	for _, r := range a.results {
		fmt.Fprintf(&b, "; %s=%s", r.method, r.verdict)
		if r.reason != "" {
			fmt.Fprintf(&b, " [%s]", r.reason)
		}
		for _, p := range r.props {
			fmt.Fprintf(&b, " {%s %s}", p.key, p.value)
		}
	}
	return b.String()
}

func TestParseAuthResults(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		// The forms of RFC 8601, appendix B.
		{"no result", "example.org 1; none", "example.org"},
		{"id alone", "example.org", "example.org"},
		{"one result", "example.com; spf=pass smtp.mailfrom=example.net", "example.com; spf=pass {smtp.mailfrom example.net}"},
		{"several", "example.com; auth=pass (cram-md5) smtp.auth=sender@example.net; spf=pass smtp.mailfrom=example.net",
			"example.com; auth=pass {smtp.auth sender@example.net}; spf=pass {smtp.mailfrom example.net}"},
		{"reason", `example.com; dkim=pass reason="good signature" header.i=@mail-router.example.net; dkim=fail reason="bad signature" header.i=@newyork.example.com`,
			"example.com; dkim=pass [good signature] {header.i @mail-router.example.net}; dkim=fail [bad signature] {header.i @newyork.example.com}"},
		{"comments everywhere", "foo.example.net (foobar) 1 (baz); dkim (Because I like it) / 1 (One yay) = (wait for it) fail policy (A dot can go here) .expired (this surprised me) = (as I wanted to see it) 1362471462",
			"! foo.example.net"}, // a comment inside a property name is legal, and nobody's
		{"comments where they happen", "foo.example.net (foobar) 1 (baz); dkim (yay) / 1 (one) = (wait) fail (a (nested) one) policy.expired (x) = (y) 1362471462",
			"foo.example.net; dkim=fail {policy.expired 1362471462}"},
		{"address as a value", `x.example; spf=pass smtp.mailfrom="a b; c=d"@example.com`, `x.example; spf=pass {smtp.mailfrom "a b; c=d"@example.com}`},
		{"quoted pair", `x.example; dkim=pass header.d="a\"b\\"`, `x.example; dkim=pass {header.d a"b\}`},
		{"bounce address with equals signs", "x.example; spf=pass smtp.mailfrom=b+1=user=example.org@example.com", "x.example; spf=pass {smtp.mailfrom b+1=user=example.org@example.com}"},
		{"null sender", "x.example; spf=none smtp.mailfrom=<>", "x.example; spf=none {smtp.mailfrom <>}"},
		{"no blanks", "x.example;spf=pass smtp.mailfrom=a;dkim=none;dmarc=fail", "x.example; spf=pass {smtp.mailfrom a}; dkim=none; dmarc=fail"},
		{"tabs", "x.example;\tspf=pass\tsmtp.mailfrom=a", "x.example; spf=pass {smtp.mailfrom a}"},
		{"capitals", "X.example; DMARC=Pass Header.From=NHS.net", "X.example; dmarc=pass {header.from NHS.net}"},

		// Exchange Online.
		{"exchange, internal", "dkim=none (message not signed) header.d=none;dmarc=none action=none header.from=nhs.net;",
			"; dkim=none {header.d none}; dmarc=none {action none} {header.from nhs.net}"},
		{"exchange, external", "spf=pass (sender IP is 192.0.2.60) smtp.mailfrom=a.example; dkim=pass (signature was verified) header.d=a.example;dmarc=pass action=none header.from=a.example;compauth=pass reason=100",
			"; spf=pass {smtp.mailfrom a.example}; dkim=pass {header.d a.example}; dmarc=pass {action none} {header.from a.example}; compauth=pass [100]"},
		{"exchange, tokens between", "spf=pass smtp.mailfrom=a.example; tenant.example.com; dkim=none header.d=none;tenant.example.com; dmarc=none",
			"; spf=pass {smtp.mailfrom a.example}; dkim=none {header.d none}; dmarc=none"},
		{"exchange, error in a comment", "spf=temperror (protection.outlook.com: error in processing during lookup of a.example: DNS Timeout) smtp.mailfrom=a.example",
			"; spf=temperror {smtp.mailfrom a.example}"},

		// Not results.
		{"empty", "", "! "},
		{"comment alone", "(mx.nhs.net; dmarc=pass)", "! "},
		{"semicolon first", "; dmarc=pass", "! "},
		{"two ids", "a.example b.example; dmarc=pass", "! a.example"},
		{"version unknown", "a.example 2; dmarc=pass", "! a.example"},
		{"version glued on", "a.example(x)1; dmarc=pass", "! "},
		{"token between results", "a.example; spf=pass; b.example; dmarc=pass", "! a.example"},
		{"empty result", "a.example; ; dmarc=pass", "! a.example"},
		{"verdict missing", "a.example; dmarc=", "! a.example"},
		{"property for a result", "a.example; header.from=nhs.net", "! a.example"},
		{"word for a property of nothing", "a.example; header.from=nhs", "! a.example"},
		{"method quoted", `a.example; "dmarc"=pass`, "! a.example"},
		{"verdict quoted", `a.example; dmarc="pass"`, "! a.example"},
		{"quote not closed", `a.example; dkim=pass header.d="x; dmarc=pass`, "! a.example"},
		{"quote ends in a backslash", `a.example; dkim=pass header.d="x\`, "! a.example"},
		{"text behind a quote", `a.example; dkim=pass header.d="x"y; dmarc=pass`, "! a.example"},
		{"property right behind a comment", `a.example; dkim=pass header.d="x"(y)header.i=z; dmarc=pass`, "! a.example"},
		{"quote behind a quote", `a.example; dkim=pass header.d="x""y"; dmarc=pass`, "! a.example"},
		{"comment not closed", "a.example; dkim=pass (x; dmarc=pass", "! a.example"},
		{"comment not closed, nested", "a.example; dkim=pass (x (y); dmarc=pass", "! a.example"},
		{"comment closed too often", "a.example; dkim=pass (x)); dmarc=pass", "! a.example"},
		{"control", "a.example; dkim=pass header.d=x\x01; dmarc=pass", "! a.example"},
		{"line end", "a.example; dkim=pass\n; dmarc=pass", "! a.example"},
		{"beyond ASCII", "a.example; dkim=pass (é); dmarc=pass", "! a.example"},
		{"comma", "a.example; dkim=pass header.d=x, dmarc=pass", "! a.example"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, err := parseAuthResults(c.value)
			got := a.text()
			if err != nil {
				got = "! " + a.id
				if len(a.results) > 0 {
					t.Errorf("results beside the error: %s", a.text())
				}
			}
			if got != c.want {
				t.Errorf("read as %q (%v), want %q", got, err, c.want)
			}
		})
	}
}

// A result counts only where it stands bare: in a quoted string or a comment it
// never does, whatever surrounds it; and what is read is the same however often
// it is written out and read again.
func FuzzAuthenticationResults(f *testing.F) {
	for _, s := range []string{
		"mx.nhs.net; dmarc=pass header.from=nhs.net", "spf=none (x) smtp.mailfrom=a;dmarc=fail header.from=nhs.net;compauth=fail reason=601",
		`mx.nhs.net; dkim=pass header.d="a; dmarc=pass"`, "mx.nhs.net 1; dkim=fail (a (b) \\) dmarc=pass)", "a.example; none", "\"a b\"; x/1=y z.w=\"v\"@u", "(", `"\`, ";;",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		a, err := parseAuthResults(value)
		if err != nil {
			if len(a.results) > 0 {
				t.Fatalf("%q: results beside the error %v", value, err)
			}
			return
		}
		bare := lowerASCII(outsideQuotesAndComments(value))
		for _, r := range a.results {
			if !strings.Contains(bare, r.method) || !strings.Contains(bare, r.verdict) {
				t.Fatalf("%q: %s=%s is taken from a quoted string or comment", value, r.method, r.verdict)
			}
		}
		hidden := hide(value)
		if b, err := parseAuthResults(hidden); err == nil && len(b.verdicts("dmarc")) > 0 {
			t.Fatalf("%q holds a DMARC result", hidden)
		}
	})
}

// hide puts a text inside a quoted string, and that inside a field.
func hide(s string) string {
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)
	return `x.example; dkim=pass header.d="` + quoted + `"`
}

// outsideQuotesAndComments blanks what stands in quotes and comments, in the
// plainest way: a second reader, to hold against the first. A quoted string
// that is an authserv-id or a value keeps no result either.
func outsideQuotesAndComments(s string) string {
	out := []byte(s)
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		c := s[i]
		inside := depth > 0 || quoted
		if inside && c == '\\' {
			out[i] = ' '
			i++
			if i < len(s) {
				out[i] = ' '
			}
			continue
		}
		switch {
		case quoted && c == '"':
			quoted = false
		case depth == 0 && c == '"':
			quoted, inside = true, true
		case !quoted && c == '(':
			depth++
			inside = true
		case depth > 0 && c == ')':
			depth--
		}
		if inside {
			out[i] = ' '
		}
	}
	return string(out)
}
