package inbox

import (
	"os"
	"strings"
	"testing"

	"nasdesk"
	"nasdesk/parser"
)

// readHeader splits header text as the parser does: a field whose name has
// blanks about it, or that begins with one, is marked as repaired.
func readHeader(text string) nasdesk.Header {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text, _, _ = strings.Cut(text, "\n\n")
	var h nasdesk.Header
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := 0; i < len(lines); {
		field := lines[i]
		for i++; i < len(lines) && strings.IndexAny(lines[i], " \t") == 0; i++ {
			field += lines[i]
		}
		name, value, _ := strings.Cut(field, ":")
		bare := strings.Trim(name, " \t")
		h = append(h, nasdesk.HeaderField{Name: bare, Value: strings.TrimSpace(value), Repaired: bare != name})
	}
	return h
}

func fixture(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/proof/" + name + ".eml")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func trust(t testing.TB, policy string) Profile {
	t.Helper()
	p, err := ParseTrust(policy)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// An edit changes a fixture: old text for new. An old text of "top" puts the new
// text above the first line, "end" below the last.
type edit struct{ old, new string }

func (e edit) apply(t testing.TB, text string) string {
	t.Helper()
	switch {
	case e.old == "top":
		return e.new + text
	case e.old == "end":
		return strings.TrimSuffix(text, "\n") + e.new + "\n"
	case strings.Count(text, e.old) != 1:
		t.Fatalf("%q stands %d times in the fixture", e.old, strings.Count(text, e.old))
	}
	return strings.Replace(text, e.old, e.new, 1)
}

const (
	proved     = nasdesk.Reason("")
	unverified = nasdesk.SenderUnverified
	ambiguous  = nasdesk.SenderAmbiguous
)

// A proofCase is a fixture with edits and what is proved of it. The address of
// the sender is not looked at where nobody is proved.
type proofCase struct {
	name   string
	edits  []edit
	want   nasdesk.Reason
	sender nasdesk.Address // "" where the fixture's own address is proved
	says   string          // a word of the evidence
}

func runProofs(t *testing.T, policy, base string, own nasdesk.Address, cases []proofCase) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			text := fixture(t, base)
			for _, e := range c.edits {
				text = e.apply(t, text)
			}
			proof := trust(t, policy).Prove(&nasdesk.Message{Header: readHeader(text)})
			checkProof(t, proof, c, own)
			if strings.Contains(text, "\x00") { // the parser takes it away, and the field proves nothing
				c.want, c.says = unverified, "malformed"
			}
			checkProof(t, trust(t, policy).Prove(parser.Read([]byte(text), parser.Options{})), c, own)
		})
	}
}

func checkProof(t *testing.T, got nasdesk.Proof, c proofCase, own nasdesk.Address) {
	t.Helper()
	if got.Reason != c.want || got.Sender.Proved() != (c.want == proved) {
		t.Errorf("reason %q, sender %q, want reason %q (%q)", got.Reason, got.Sender.Address(), c.want, got.Evidence)
	}
	want := own
	if c.sender != "" {
		want = c.sender
	}
	if got.Sender.Proved() && (got.Sender.Address() != want || got.From != want) {
		t.Errorf("proved %q, From %q, want %q", got.Sender.Address(), got.From, want)
	}
	if len(got.Evidence) == 0 || !strings.Contains(strings.Join(got.Evidence, "\n"), c.says) {
		t.Errorf("evidence %q does not say %q", got.Evidence, c.says)
	}
}

func TestParseTrust(t *testing.T) {
	p := trust(t, "rfc8601:mx.nhs.net")
	if p.AuthservID != "mx.nhs.net" || p.ExchangeOnline || p.Domain != "nhs.net" {
		t.Errorf("rfc8601:mx.nhs.net is read as %+v", p)
	}
	if p := trust(t, "exchange-online"); p.AuthservID != "" || !p.ExchangeOnline || p.TenantID == "" || len(p.AuthSources) == 0 {
		t.Errorf("exchange-online is read as %+v", p)
	}
	for _, bad := range []string{"", "rfc8601", "rfc8601:", "rfc8601:a b", "rfc8601:a;b", "rfc8601:(a)", "rfc8601:a=b", "RFC8601:mx.nhs.net", "exchange", "exchange-online:nhs.net", "none"} {
		p, err := ParseTrust(bad)
		if err == nil || !strings.Contains(err.Error(), "rfc8601:mx.nhs.net") {
			t.Errorf("ParseTrust(%q): %v does not say what to write", bad, err)
		}
		if p.AuthservID != "" || p.ExchangeOnline {
			t.Errorf("ParseTrust(%q) gives a profile beside its error", bad)
		}
	}
}

func TestProfileThatTrustsNobody(t *testing.T) {
	for _, p := range []Profile{{}, {AuthservID: "mx.nhs.net", ExchangeOnline: true}} {
		for _, base := range []string{"rfc8601", "internal", "external"} {
			proof := p.Prove(&nasdesk.Message{Header: readHeader(fixture(t, base))})
			if proof.Sender.Proved() || proof.Reason != unverified {
				t.Errorf("%+v proves %q", p, proof.Sender.Address())
			}
		}
	}
}

// What stands in a header behind the parser's limits could be a second From.
func TestHeaderThatWasCut(t *testing.T) {
	for policy, base := range map[string]string{"rfc8601:mx.nhs.net": "rfc8601", "exchange-online": "internal"} {
		m := &nasdesk.Message{Header: readHeader(fixture(t, base)), Findings: []nasdesk.Finding{{Code: nasdesk.FoundOverLimit, Detail: "header"}}}
		checkProof(t, trust(t, policy).Prove(m), proofCase{want: unverified, says: "longer than we read"}, "")
		m.Findings[0].Detail = "parts"
		checkProof(t, trust(t, policy).Prove(m), proofCase{want: proved}, "pharmacy.fa123@nhs.net")
	}
}

func TestProveEmptyMessage(t *testing.T) {
	for _, policy := range []string{"rfc8601:mx.nhs.net", "exchange-online"} {
		proof := trust(t, policy).Prove(&nasdesk.Message{})
		if proof.Reason != ambiguous || proof.From != "" || proof.Sender.Proved() {
			t.Errorf("%s: %+v", policy, proof)
		}
	}
}

// fromField is what the fixtures of NHSmail senders have as From.
const fromField = "From: \"PHARMACY.FA123 (Example Pharmacy, Sampletown)\"\n <pharmacy.fa123@nhs.net>\n"

// The attacks on From of "Composition Kills" (Chen, Paxson and Jiang, 2020),
// cases A8 to A17, and their kin. The receiving server vouches for nhs.net in
// every one of them.
var fromAttacks = []proofCase{
	{"A8 two From fields", []edit{{fromField, fromField + "From: second@nhs.net\n"}}, ambiguous, "", "2 From fields"},
	{"A8 the same From twice", []edit{{fromField, fromField + fromField}}, ambiguous, "", "2 From fields"},
	{"A9 leading blank", []edit{{"top", " From: second@nhs.net\n"}}, ambiguous, "", "2 From fields"},
	{"A10 blank before the colon", []edit{{fromField, "From : second@nhs.net\n" + fromField}}, ambiguous, "", "2 From fields"},
	{"A10 alone", []edit{{fromField, "From : pharmacy.fa123@nhs.net\n"}}, unverified, "", "malformed"},
	{"A11 folded name", []edit{{fromField, "From\n : second@nhs.net\n" + fromField}}, ambiguous, "", "2 From fields"},
	{"A12 Sender of another domain", []edit{{fromField, fromField + "Sender: second@example.com\n"}}, ambiguous, "", "neither From nor an address at nhs.net"},
	{"A12 two Senders", []edit{{fromField, fromField + "Sender: jane.doe7@nhs.net\nSender: john.doe@nhs.net\n"}}, ambiguous, "", "2 times"},
	{"A12 Sender of two", []edit{{fromField, fromField + "Sender: jane.doe7@nhs.net, john.doe@nhs.net\n"}}, ambiguous, "", "more than one"},
	{"A12 Sender malformed", []edit{{fromField, fromField + "Sender : jane.doe7@nhs.net\n"}}, ambiguous, "", "Sender is malformed"},
	{"A12 Sender empty", []edit{{fromField, fromField + "Sender:\n"}}, ambiguous, "", "Sender holds no address"},
	{"A12 Sender of a look-alike", []edit{{fromField, fromField + "Sender: jane.doe7@nhs.net.example\n"}}, ambiguous, "", "Sender"},
	{"A12 Sender in another alphabet", []edit{{fromField, fromField + "Sender: j\u0430ne.doe7@nhs.net\n"}}, ambiguous, "", "Sender"},
	{"A13 Resent-From for From", []edit{{fromField, "Resent-From: pharmacy.fa123@nhs.net\n"}}, ambiguous, "", "no From"},
	{"A13 Resent-From beside From", []edit{{fromField, "Resent-From: second@nhs.net\n" + fromField}}, proved, "", ""},
	{"A14 two addresses", []edit{{fromField, "From: <pharmacy.fa123@nhs.net>, <second@nhs.net>\n"}}, ambiguous, "", "more than one"},
	{"A14 two addresses without a comma", []edit{{fromField, "From: <pharmacy.fa123@nhs.net> <second@nhs.net>\n"}}, ambiguous, "", "more than one"},
	{"A14 two bare addresses", []edit{{fromField, "From: pharmacy.fa123@nhs.net, second@nhs.net\n"}}, ambiguous, "", "more than one"},
	{"A14 bare and in brackets", []edit{{fromField, "From: pharmacy.fa123@nhs.net <second@nhs.net>\n"}}, ambiguous, "", "another address"},
	{"A15 encoded address", []edit{{fromField, "From: =?utf-8?B?PHBoYXJtYWN5LmZhMTIzQG5ocy5uZXQ+?=, <second@nhs.net>\n"}}, ambiguous, "", "another address"},
	{"A15 encoded address, a name", []edit{{fromField, "From: =?utf-8?B?PHBoYXJtYWN5LmZhMTIzQG5ocy5uZXQ+?=, FA123 <second@nhs.net>\n"}}, ambiguous, "", "another address"},
	{"A15 nothing but an encoded address", []edit{{fromField, "From: =?utf-8?B?PHBoYXJtYWN5LmZhMTIzQG5ocy5uZXQ+?=\n"}}, ambiguous, "", "no address"},
	{"A15 encoded local part", []edit{{fromField, "From: =?utf-8?Q?pharmacy.fa123?=@nhs.net\n"}}, unverified, "", "no plain ASCII address"},
	{"A15 encoded in brackets", []edit{{fromField, "From: <=?utf-8?Q?pharmacy.fa123=40nhs.net=3e?=@nhs.net>\n"}}, unverified, "", "no plain ASCII address"},
	{"A16 route", []edit{{fromField, "From: <@example.com,@example.org:pharmacy.fa123@nhs.net>\n"}}, ambiguous, "", "From"},
	{"A16 route of one", []edit{{fromField, "From: <@example.com:pharmacy.fa123@nhs.net>\n"}}, ambiguous, "", "route"},
	{"A17 backslash and comma", []edit{{fromField, "From: <pharmacy.fa123@nhs.net>\\,<second@nhs.net>\n"}}, ambiguous, "", "more than one"},
	{"backslash before the bracket", []edit{{fromField, "From: second\\ <pharmacy.fa123@nhs.net>\n"}}, ambiguous, "", "another address"},
	{"group", []edit{{fromField, "From: Pharmacies: pharmacy.fa123@nhs.net;\n"}}, ambiguous, "", "From"},
	{"group with a name", []edit{{fromField, "From: Pharmacies: FA123 <pharmacy.fa123@nhs.net>;\n"}}, ambiguous, "", "From"},
	{"empty group", []edit{{fromField, "From: undisclosed-senders:;\n"}}, ambiguous, "", "no address"},
	{"comment inside the address", []edit{{fromField, "From: pharmacy.fa123(x)@nhs.net\n"}}, ambiguous, "", "inside"},
	{"comment inside the brackets", []edit{{fromField, "From: <pharmacy.fa123@nhs.net(x)>\n"}}, ambiguous, "", "inside"},
	{"address in a comment behind", []edit{{fromField, "From: pharmacy.fa123@nhs.net (<second@nhs.net>)\n"}}, ambiguous, "", "another address"},
	{"quoted local part", []edit{{fromField, "From: \"pharmacy.fa123\"@nhs.net\n"}}, ambiguous, "", "inside"},
	{"quoted local part in brackets", []edit{{fromField, "From: <\"second@example.com> \"@nhs.net>\n"}}, ambiguous, "", "From"},
	{"two at signs", []edit{{fromField, "From: <pharmacy.fa123@nhs.net@nhs.net>\n"}}, ambiguous, "", "inside"},
	{"blank in the address", []edit{{fromField, "From: <pharmacy.fa123 @nhs.net>\n"}}, ambiguous, "", "inside"},
	{"zero-width character in the address", []edit{{fromField, "From: <pharmacy.fa123\u200b@nhs.net>\n"}}, ambiguous, "", "inside"},
	{"quote not closed", []edit{{fromField, "From: \"second <pharmacy.fa123@nhs.net>\n"}}, ambiguous, "", "not closed"},
	{"comment not closed", []edit{{fromField, "From: (second <pharmacy.fa123@nhs.net>\n"}}, ambiguous, "", "not closed"},
	{"bracket not closed", []edit{{fromField, "From: second <pharmacy.fa123@nhs.net\n"}}, ambiguous, "", "not closed"},
	{"text behind the bracket", []edit{{fromField, "From: <pharmacy.fa123@nhs.net> second\n"}}, ambiguous, "", "more than one"},
	{"NUL in the name", []edit{{fromField, "From: x\x00 <pharmacy.fa123@nhs.net>\n"}}, ambiguous, "", "control"},
	{"no From", []edit{{fromField, ""}}, ambiguous, "", "no From"},
	{"empty From", []edit{{fromField, "From:\n"}}, ambiguous, "", "no address"},
	{"name only", []edit{{fromField, "From: Example Pharmacy\n"}}, ambiguous, "", "no address"},
	{"empty brackets", []edit{{fromField, "From: Example Pharmacy <>\n"}}, ambiguous, "", "no address"},
	{"comma at the end of the name", []edit{{fromField, "From: second, <pharmacy.fa123@nhs.net>\n"}}, ambiguous, "", "another address"},
	{"quoted name behind a comma", []edit{{fromField, "From: second, \"x\" y <pharmacy.fa123@nhs.net>\n"}}, ambiguous, "", "another address"},
	{"quoted name and comma", []edit{{fromField, "From: \"second\", x <pharmacy.fa123@nhs.net>\n"}}, ambiguous, "", "another address"},
}

// What decent senders write in From.
var fromForms = []proofCase{
	{"bare", []edit{{fromField, "From: pharmacy.fa123@nhs.net\n"}}, proved, "", ""},
	{"capitals", []edit{{fromField, "FROM: <Pharmacy.FA123@NHS.NET>\n"}}, proved, "", ""},
	{"brackets only", []edit{{fromField, "From: <pharmacy.fa123@nhs.net>\n"}}, proved, "", ""},
	{"blanks in the brackets", []edit{{fromField, "From: FA123 < pharmacy.fa123@nhs.net >\n"}}, proved, "", ""},
	{"unquoted comma", []edit{{fromField, "From: Pharmacy, Example (FA123) <pharmacy.fa123@nhs.net>\n"}}, proved, "", ""},
	{"comment behind", []edit{{fromField, "From: pharmacy.fa123@nhs.net (Example Pharmacy (Sampletown))\n"}}, proved, "", ""},
	{"encoded name", []edit{{fromField, "From: =?utf-8?Q?Fferyllfa=2C_Llanfair_=28FA123=29?= <pharmacy.fa123@nhs.net>\n"}}, proved, "", ""},
	{"encoded name that shows an address", []edit{{fromField, "From: =?utf-8?B?c2Vjb25kQG5ocy5uZXQ=?= <pharmacy.fa123@nhs.net>\n"}}, proved, "", ""},
	{"name in raw UTF-8", []edit{{fromField, "From: Fferyllfa Tŷ Gwyn <pharmacy.fa123@nhs.net>\n"}}, proved, "", ""},
	{"name is another address", []edit{{fromField, "From: \"second@nhs.net\" <pharmacy.fa123@nhs.net>\n"}}, proved, "", ""},
	{"name is the same address", []edit{{fromField, "From: Pharmacy.FA123@nhs.net <pharmacy.fa123@nhs.net>\n"}}, proved, "", ""},
	{"quoted pairs", []edit{{fromField, "From: \"Example \\\"<x@y>\\\" Pharmacy\" <pharmacy.fa123@nhs.net>\n"}}, proved, "", ""},
	{"Sender is From", []edit{{fromField, fromField + "Sender: Pharmacy.FA123@nhs.net\n"}}, proved, "", ""},
	{"apostrophe", []edit{{fromField, "From: Mary O'Brien <mary.o'brien@nhs.net>\n"}}, proved, "mary.o'brien@nhs.net", ""},
}

// Domains that only look like nhs.net, while the server vouches for nhs.net.
var lookAlikes = []proofCase{
	{"longer", []edit{{fromField, "From: pharmacy.fa123@nhs.net.example\n"}}, unverified, "", ""},
	{"hyphen", []edit{{fromField, "From: pharmacy.fa123@nhs-net.example\n"}}, unverified, "", ""},
	{"below", []edit{{fromField, "From: pharmacy.fa123@mail.nhs.net\n"}}, unverified, "", ""},
	{"prefix", []edit{{fromField, "From: pharmacy.fa123@xnhs.net\n"}}, unverified, "", ""},
	{"dot behind", []edit{{fromField, "From: pharmacy.fa123@nhs.net.\n"}}, unverified, "", "no plain"},
	{"Cyrillic", []edit{{fromField, "From: pharmacy.fa123@nhs.n\u0435t\n"}}, unverified, "", "no plain"},
	{"Cyrillic local part", []edit{{fromField, "From: ph\u0430rmacy.fa123@nhs.net\n"}}, unverified, "", "no plain"},
	{"long s", []edit{{fromField, "From: pharmacy.fa123@nh\u017f.net\n"}}, unverified, "", "no plain"},
	{"fullwidth dot", []edit{{fromField, "From: pharmacy.fa123@nhs\uff0enet\n"}}, unverified, "", "no plain"},
	{"ideographic stop", []edit{{fromField, "From: pharmacy.fa123@nhs\u3002net\n"}}, unverified, "", "no plain"},
	{"fullwidth at", []edit{{fromField, "From: pharmacy.fa123\uff20nhs.net\n"}}, ambiguous, "", "no address"},
	{"name only is the mailbox", []edit{{fromField, "From: \"pharmacy.fa123@nhs.net\" <x@example.com>\n"}}, unverified, "", ""},
}

func TestFrom(t *testing.T) {
	for policy, base := range map[string]string{"rfc8601:mx.nhs.net": "rfc8601", "exchange-online": "internal"} {
		for _, cases := range [][]proofCase{fromAttacks, fromForms, lookAlikes} {
			runProofs(t, policy, base, "pharmacy.fa123@nhs.net", cases)
		}
	}
}

func TestFromAddressWithoutProof(t *testing.T) {
	for written, want := range map[string]nasdesk.Address{
		"Example <Pharmacy.FA123@nhs.net>":   "pharmacy.fa123@nhs.net",
		"pharmacy.fa123@nhs.n\u0435t":        "pharmacy.fa123@nhs.n\u0435t",
		"a@nhs.net, b@nhs.net":               "",
		"\"a@nhs.net\" <jane@Example.ORG>":   "jane@example.org",
		"=?utf-8?Q?a=40nhs.net?=":            "",
		"<@example.com:pharmacy.x1@nhs.net>": "",
	} {
		p := trust(t, "rfc8601:mx.nhs.net")
		proof := p.Prove(&nasdesk.Message{Header: nasdesk.Header{{Name: "From", Value: written}}})
		if proof.From != want || proof.Sender.Proved() {
			t.Errorf("From %q is read as %q, want %q", written, proof.From, want)
		}
	}
}

// A line that is no field may be kept with its text as value.
func TestFromInALineThatIsNoField(t *testing.T) {
	h := append(readHeader(fixture(t, "rfc8601")), nasdesk.HeaderField{Value: "From\u00a0: second@nhs.net", Repaired: true})
	proof := trust(t, "rfc8601:mx.nhs.net").Prove(&nasdesk.Message{Header: h})
	checkProof(t, proof, proofCase{want: ambiguous, says: "2 From fields"}, "")
}

func TestOnBehalf(t *testing.T) {
	for policy, base := range map[string]string{"rfc8601:mx.nhs.net": "rfc8601", "exchange-online": "internal"} {
		text := edit{fromField, fromField + "Sender: \"DOE, Jane (EXAMPLE PHARMACY)\" <Jane.Doe7@nhs.net>\n"}.apply(t, fixture(t, base))
		proof := trust(t, policy).Prove(&nasdesk.Message{Header: readHeader(text)})
		if proof.OnBehalf != "jane.doe7@nhs.net" || proof.Sender.Address() != "pharmacy.fa123@nhs.net" {
			t.Errorf("%s: %+v", policy, proof)
		}
	}
}

func TestReplyTo(t *testing.T) {
	for _, c := range []struct {
		fields []string
		want   nasdesk.Address
	}{
		{nil, ""},
		{[]string{""}, ""},
		{[]string{"Pharmacy.FA123@NHS.net"}, ""},
		{[]string{"\"x@example.com\" <a@nhs.net>, b@nhs.net (c@example.com)"}, ""},
		{[]string{"Orders <Orders@Example.com>"}, "orders@example.com"},
		{[]string{"a@nhs.net, orders@example.com"}, "orders@example.com"},
		{[]string{"a@nhs.net", "orders@example.com"}, "orders@example.com"},
		{[]string{"a@nhs.net.example"}, "a@nhs.net.example"},
		{[]string{"a@nhs-net.example"}, "a@nhs-net.example"},
		{[]string{"a@mail.nhs.net"}, "a@mail.nhs.net"},
		{[]string{"a@nhs.n\u0435t"}, "a@nhs.n\u0435t"},
		{[]string{"\u0430@nhs.net"}, "\u0430@nhs.net"},
		{[]string{"\"a\"@example.com"}, "@example.com"},
		{[]string{"a@nhs.net@example.com"}, "a@nhs.net@example.com"},
		{[]string{"Team: a@nhs.net, b@example.com;"}, "b@example.com"},
		{[]string{"=?utf-8?Q?a=40example.com?="}, "=?utf-8?q?a=40example.com?="},
		{[]string{"\"open <a@nhs.net>"}, "\"open"},
		{[]string{"nobody at all"}, "nobody"},
	} {
		h := readHeader(fixture(t, "rfc8601"))
		for _, v := range c.fields {
			h = append(h, nasdesk.HeaderField{Name: "Reply-To", Value: v})
		}
		proof := trust(t, "rfc8601:mx.nhs.net").Prove(&nasdesk.Message{Header: h})
		if proof.ReplyTo != c.want || !proof.Sender.Proved() {
			t.Errorf("Reply-To %q: %q, want %q (%q)", c.fields, proof.ReplyTo, c.want, proof.Evidence)
		}
	}
	h := append(readHeader(fixture(t, "rfc8601")), nasdesk.HeaderField{Name: "Reply-To ", Value: "x@example.com", Repaired: true})
	if proof := trust(t, "rfc8601:mx.nhs.net").Prove(&nasdesk.Message{Header: h}); proof.ReplyTo != "x@example.com" {
		t.Errorf("a malformed Reply-To is passed over")
	}
}
