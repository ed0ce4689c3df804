package inbox

import (
	"net/mail"
	"strings"
	"testing"

	"nasdesk"
)

// Nothing is proved of a From that is repaired or doubled; and where our reader
// finds an address, the standard library's, if it can read the field at all,
// finds that one and no other.
func FuzzFrom(f *testing.F) {
	for _, cases := range [][]proofCase{fromAttacks, fromForms, lookAlikes} {
		for _, c := range cases {
			value := strings.TrimPrefix(c.edits[0].new, "From:")
			f.Add(strings.TrimSpace(value))
		}
	}
	p, err := ParseTrust("rfc8601:mx.nhs.net")
	if err != nil {
		f.Fatal(err)
	}
	vouched := nasdesk.HeaderField{Name: "Authentication-Results", Value: "mx.nhs.net; dmarc=pass header.from=nhs.net"}
	f.Fuzz(func(t *testing.T, value string) {
		from := nasdesk.HeaderField{Name: "From", Value: value}
		broken := nasdesk.HeaderField{Name: "From", Value: value, Repaired: true}
		proof := p.Prove(&nasdesk.Message{Header: nasdesk.Header{vouched, from}})
		checkFrom(t, value, proof)
		for _, h := range []nasdesk.Header{{vouched, broken}, {vouched, from, from}, {vouched, from, broken}, {vouched, {Name: "From ", Value: value}}, {from}} {
			if q := p.Prove(&nasdesk.Message{Header: h}); q.Sender.Proved() || q.Reason == "" {
				t.Fatalf("%q: proved by %+v", value, h)
			}
		}
	})
}

func checkFrom(t *testing.T, value string, proof nasdesk.Proof) {
	t.Helper()
	a := proof.Sender.Address()
	if proof.Sender.Proved() == (proof.Reason != "") {
		t.Fatalf("%q: sender %q with reason %q", value, a, proof.Reason)
	}
	if !proof.Sender.Proved() {
		return
	}
	if a != proof.From || a.Domain() != "nhs.net" || !plainAddress(a) {
		t.Fatalf("%q proves %q", value, a)
	}
	list, err := mail.ParseAddressList(value)
	if err == nil && (len(list) != 1 || !strings.EqualFold(list[0].Address, string(a))) {
		t.Fatalf("%q proves %q, and is read as %v by others", value, a, list)
	}
}

func FuzzReplyTo(f *testing.F) {
	f.Add("a@nhs.net, \"b\" <c@example.com>")
	f.Add("(x) <a@nhs.net>")
	f.Fuzz(func(t *testing.T, value string) {
		got := readReplyTo(nasdesk.Header{{Name: "Reply-To", Value: value}}, "nhs.net")
		list, err := mail.ParseAddressList(value)
		if err != nil {
			return
		}
		for _, a := range list {
			if _, domain, _ := strings.Cut(a.Address, "@"); got == "" && !strings.EqualFold(domain, "nhs.net") {
				t.Fatalf("%q passes, though it leads to %q", value, a.Address)
			}
		}
	})
}
