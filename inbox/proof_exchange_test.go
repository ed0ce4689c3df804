package inbox

import (
	"testing"

	"nasdesk"
)

const (
	internalResults = "Authentication-Results: dkim=none (message not signed)\n header.d=none;dmarc=none action=none header.from=nhs.net;\n"
	authAsLine      = "X-MS-Exchange-Organization-AuthAs: Internal\n"
	authSourceLine  = "X-MS-Exchange-Organization-AuthSource: LO4P265MB0003.GBRP265.PROD.OUTLOOK.COM\n"
	mechanismLine   = "X-MS-Exchange-Organization-AuthMechanism: 04\n"
	tenantLine      = "X-MS-Exchange-CrossTenant-Id: 37c354b2-85b0-47f5-b222-07b48d774ee3\n"
)

func TestExchangeInternal(t *testing.T) {
	runProofs(t, "exchange-online", "internal", "pharmacy.fa123@nhs.net", []proofCase{
		{"as it should be", nil, proved, "", "AuthAs: Internal"},
		{"no results", []edit{{internalResults, ""}}, proved, "", ""},
		{"no tenant id", []edit{{tenantLine, ""}}, proved, "", ""},
		{"no antispam direction", []edit{{"DIR:INT;", ""}}, proved, "", ""},
		{"DMARC pass", []edit{{internalResults, "Authentication-Results: dkim=pass header.d=nhs.net;dmarc=pass action=none header.from=nhs.net\n"}}, proved, "", ""},
		{"field names in small letters", []edit{{authAsLine, "x-ms-exchange-organization-authas: Internal\n"}}, proved, "", ""},
		{"source in small letters", []edit{{authSourceLine, "X-MS-Exchange-Organization-AuthSource: cwxp265mb3013.gbrp265.prod.outlook.com\n"}}, proved, "", ""},
		{"results of others deep below", []edit{{"Subject:", "Authentication-Results: mx.example.com; dmarc=fail header.from=nhs.net\nSubject:"}}, proved, "", ""},

		// b. AuthAs.
		{"no AuthAs", []edit{{authAsLine, ""}}, unverified, "", "does not mark the message as internal"},
		{"AuthAs Anonymous", []edit{{authAsLine, "X-MS-Exchange-Organization-AuthAs: Anonymous\n"}}, unverified, "", "AuthAs: Anonymous"},
		{"AuthAs Internal74", []edit{{authAsLine, "X-Ms-Exchange-Organization-Authas: Internal74\n"}}, unverified, "", "AuthAs is Internal74"},
		{"AuthAs in small letters", []edit{{authAsLine, "X-MS-Exchange-Organization-AuthAs: internal\n"}}, unverified, "", "AuthAs is internal"},
		{"AuthAs empty", []edit{{authAsLine, "X-MS-Exchange-Organization-AuthAs:\n"}}, unverified, "", "does not mark"},
		{"AuthAs twice", []edit{{authAsLine, authAsLine + authAsLine}}, unverified, "", "AuthAs stands 2 times"},
		{"AuthAs Anonymous below", []edit{{authAsLine, authAsLine + "X-MS-Exchange-Organization-AuthAs: Anonymous\n"}}, unverified, "", "AuthAs stands 2 times"},
		{"AuthAs malformed", []edit{{authAsLine, "X-MS-Exchange-Organization-AuthAs : Internal\n"}}, unverified, "", "AuthAs is malformed"},
		{"AuthAs of CrossTenant only", []edit{{authAsLine, ""}, {authSourceLine, ""}}, unverified, "", "does not mark"},
		{"AuthAs of another family", []edit{{authAsLine, "X-MS-Exchange-Forest-AuthAs: Internal\nX-Exchange-Organization-AuthAs: Internal\n"}}, unverified, "", "does not mark"},
		{"AuthMechanism is no AuthAs", []edit{{authAsLine, ""}, {mechanismLine, "X-MS-Exchange-Organization-AuthMechanism: Internal\n"}}, unverified, "", "does not mark"},

		// c. AuthSource.
		{"no AuthSource", []edit{{authSourceLine, ""}}, unverified, "", "no mailbox server"},
		{"AuthSource twice", []edit{{authSourceLine, authSourceLine + authSourceLine}}, unverified, "", "AuthSource stands 2 times"},
		{"AuthSource on premises", []edit{{authSourceLine, "X-MS-Exchange-Organization-AuthSource: G2W6310.example.net\n"}}, unverified, "", "no mailbox server"},
		{"AuthSource at the edge", []edit{{authSourceLine, "X-MS-Exchange-Organization-AuthSource: LO1GBR01FT003.eop-gbr01.prod.protection.outlook.com\n"}}, unverified, "", "no mailbox server"},
		{"AuthSource that goes on", []edit{{authSourceLine, "X-MS-Exchange-Organization-AuthSource: LO4P265MB0003.PROD.OUTLOOK.COM.example.com\n"}}, unverified, "", "no mailbox server"},
		{"AuthSource that only ends alike", []edit{{authSourceLine, "X-MS-Exchange-Organization-AuthSource: xprod.outlook.com\n"}}, unverified, "", "no mailbox server"},
		{"AuthSource of two", []edit{{authSourceLine, "X-MS-Exchange-Organization-AuthSource: evil.example.com a.prod.outlook.com\n"}}, unverified, "", "no mailbox server"},
		{"connector", []edit{{mechanismLine, "X-MS-Exchange-Organization-AuthMechanism: 10\n"}}, unverified, "", "connector"},
		{"AuthMechanism twice", []edit{{mechanismLine, mechanismLine + mechanismLine}}, unverified, "", "AuthMechanism stands 2 times"},

		// d. Results.
		{"results with SPF", []edit{{internalResults, "Authentication-Results: spf=pass smtp.mailfrom=nhs.net; dkim=pass header.d=nhs.net;dmarc=pass action=none header.from=nhs.net\n"}}, unverified, "", "only mail from outside"},
		{"results with compauth", []edit{{internalResults, "Authentication-Results: dkim=pass header.d=nhs.net;dmarc=pass action=none header.from=nhs.net;compauth=pass reason=100\n"}}, unverified, "", "only mail from outside"},
		{"DMARC fail", []edit{{internalResults, "Authentication-Results: dkim=none header.d=none;dmarc=fail action=none header.from=nhs.net\n"}}, unverified, "", "dmarc=fail"},
		{"DMARC bestguesspass", []edit{{internalResults, "Authentication-Results: dkim=none header.d=none;dmarc=bestguesspass header.from=nhs.net\n"}}, unverified, "", "bestguesspass"},
		{"results for another domain", []edit{{internalResults, "Authentication-Results: dkim=none header.d=none;dmarc=none action=none header.from=example.com\n"}}, unverified, "", "example.com"},
		{"results without header.from", []edit{{internalResults, "Authentication-Results: dkim=none header.d=none;dmarc=none action=none\n"}}, unverified, "", "header.from"},
		{"results without DMARC", []edit{{internalResults, "Authentication-Results: dkim=none header.d=none\n"}}, unverified, "", "nothing of DMARC"},
		{"results of another server", []edit{{internalResults, "Authentication-Results: mx.example.com; dmarc=pass header.from=nhs.net\n"}}, unverified, "", "they are those of mx.example.com"},
		{"results malformed", []edit{{internalResults, "Authentication-Results: dmarc=none header.from=nhs.net (\n"}}, unverified, "", "comment is not closed"},
		{"results repaired", []edit{{internalResults, "Authentication-Results : dmarc=none header.from=nhs.net\n"}}, unverified, "", "malformed"},
		{"relayed verdict fail", []edit{{"end", "X-MS-Exchange-Authentication-Results: spf=fail smtp.mailfrom=x.example;dmarc=fail action=oreject header.from=nhs.net\n"}}, unverified, "", "spf=fail"},
		{"relayed verdict malformed", []edit{{"end", "X-MS-Exchange-Authentication-Results: (\n"}}, unverified, "", "cannot be read"},
		{"relayed verdict repaired", []edit{{"end", "X-MS-Exchange-Authentication-Results : spf=pass smtp.mailfrom=nhs.net\n"}}, unverified, "", "cannot be read"},
		{"relayed verdict pass", []edit{{"end", "X-MS-Exchange-Authentication-Results: spf=pass smtp.mailfrom=nhs.net;dmarc=pass header.from=nhs.net\n"}}, proved, "", ""},

		// e. Second signals.
		{"another tenant", []edit{{tenantLine, "X-MS-Exchange-CrossTenant-Id: 00000000-85b0-47f5-b222-07b48d774ee3\n"}}, unverified, "", "another tenant"},
		{"two tenants", []edit{{tenantLine, tenantLine + "X-MS-Exchange-CrossTenant-Id: 00000000-85b0-47f5-b222-07b48d774ee3\n"}}, unverified, "", "another tenant"},
		{"tenant id in capitals", []edit{{tenantLine, "X-MS-Exchange-CrossTenant-id: 37C354B2-85B0-47F5-B222-07B48D774EE3\n"}}, proved, "", ""},
		{"tenant id malformed", []edit{{tenantLine, "X-MS-Exchange-CrossTenant-Id : 37c354b2-85b0-47f5-b222-07b48d774ee3\n"}}, unverified, "", "CrossTenant-Id"},
		{"antispam report malformed", []edit{{"X-Forefront-Antispam-Report:", "X-Forefront-Antispam-Report :"}}, unverified, "", "Report is malformed"},
		{"inbound", []edit{{"DIR:INT", "DIR:INB"}}, unverified, "", "DIR:INB"},
		{"outbound", []edit{{"DIR:INT", "DIR:OUT"}}, unverified, "", "DIR:OUT"},
		{"both directions", []edit{{"DIR:INT", "DIR:INT;DIR:INB"}}, unverified, "", "DIR:INB"},
		{"address of a client", []edit{{"CIP:255.255.255.255", "CIP:203.0.113.67"}}, unverified, "", "CIP:203.0.113.67"},
		{"direction of another report", []edit{{"end", "X-Forefront-Antispam-Report-Untrusted: CIP:203.0.113.67;DIR:INB;\n"}}, proved, "", ""},

		// Marked as internal, from elsewhere.
		{"another domain", []edit{{fromField, "From: <jane@shop.example.org>\n"}}, unverified, "", "From is not at nhs.net"},
		{"another domain that passes", []edit{{fromField, "From: <jane@shop.example.org>\n"}, {internalResults, "Authentication-Results: dmarc=pass header.from=shop.example.org\n"}}, unverified, "", "From is not at nhs.net"},
		// A bounce of Exchange itself bears the marks too, from another domain.
		{"bounce", []edit{{fromField, "From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@nhs.onmicrosoft.com>\n"}, {mechanismLine, "X-MS-Exchange-Organization-AuthMechanism: 05\n"}}, unverified, "", "From is not at nhs.net"},
	})
}

// The header firewall guards the Organization family only: all the rest a
// sender can write, or bring along from another tenant.
func TestExchangeMarksThatProveNothing(t *testing.T) {
	marks := "X-MS-Exchange-CrossTenant-AuthAs: Internal\nX-MS-Exchange-CrossTenant-AuthSource: LO4P265MB0003.GBRP265.PROD.OUTLOOK.COM\n" +
		"X-OriginatorOrg: nhs.net\nARC-Authentication-Results: i=1; mx.microsoft.com 1; spf=pass; dmarc=pass header.from=nhs.net; arc=none\n"
	for _, base := range []string{"internal", "spoof"} {
		text := fixture(t, base) // the spoof has a direction of Originating, and is relayed
		if base == "internal" {
			text = edit{authAsLine, ""}.apply(t, text)
		}
		text = edit{"end", marks}.apply(t, text)
		proof := trust(t, "exchange-online").Prove(&nasdesk.Message{Header: readHeader(text)})
		checkProof(t, proof, proofCase{want: unverified, says: "does not mark the message as internal"}, "")
	}
}

func TestExchangeSpoof(t *testing.T) {
	verdict := "dmarc=fail action=none\n header.from=nhs.net;compauth=fail reason=601\n"
	runProofs(t, "exchange-online", "spoof", "", []proofCase{
		{"reason 601", nil, unverified, "", "does not mark the message as internal"},
		{"reason 010", []edit{{verdict, "dmarc=fail action=oreject\n header.from=nhs.net;compauth=fail reason=010\n"}}, unverified, "", ""},
		{"no results", []edit{{"Authentication-Results: spf=none (sender IP is 203.0.113.67)\n smtp.mailfrom=mail.example.com; dkim=none (message not signed)\n header.d=none;" + verdict, ""}}, unverified, "", ""},
		{"DMARC pass for nhs.net is not internal", []edit{{verdict, "dmarc=pass action=none\n header.from=nhs.net;compauth=pass reason=100\n"}}, unverified, "", "does not mark the message as internal"},
		{"forged internal results below", []edit{{"Subject:", internalResults + "Subject:"}}, unverified, "", ""},
		{"AuthAs Internal added below", []edit{{"Subject:", authAsLine + "Subject:"}}, unverified, "", "AuthAs stands 2 times"},
	})
}

func TestExchangeExternal(t *testing.T) {
	verdict := "dmarc=pass action=none\n header.from=shop.example.org;compauth=pass reason=100\n"
	results := "Authentication-Results: spf=pass (sender IP is 192.0.2.60)\n smtp.mailfrom=bounce.shop.example.org; dkim=pass (signature was\n verified) header.d=shop.example.org;dkim=pass (signature was verified)\n header.d=esp.example.net;" + verdict
	forged := "Authentication-Results: dmarc=pass action=none header.from=shop.example.org\n"
	runProofs(t, "exchange-online", "external", "jane@shop.example.org", []proofCase{
		{"as it should be", nil, proved, "", "dmarc=pass header.from=shop.example.org"},
		{"tokens between results", []edit{{"header.d=esp.example.net;", "header.d=esp.example.net;nhs.onmicrosoft.com; "}}, proved, "", ""},
		{"compauth softpass", []edit{{"compauth=pass", "compauth=softpass"}}, proved, "", ""},
		{"compauth none", []edit{{"compauth=pass reason=100", "compauth=none reason=905"}}, proved, "", ""},
		{"outgoing results of its own tenant below", []edit{{"Subject:", "authentication-results: dkim=none (message not signed)\n header.d=none;dmarc=none action=none header.from=shop.example.org;\nSubject:"}}, proved, "", ""},

		{"DMARC fail", []edit{{"dmarc=pass", "dmarc=fail"}}, unverified, "", "dmarc=fail"},
		{"DMARC none", []edit{{"dmarc=pass", "dmarc=none"}}, unverified, "", "dmarc=none"},
		{"DMARC bestguesspass", []edit{{"dmarc=pass", "dmarc=bestguesspass"}}, unverified, "", "bestguesspass"},
		{"compauth fail", []edit{{"compauth=pass", "compauth=fail"}}, unverified, "", "compauth=fail"},
		{"another domain passes", []edit{{"header.from=shop", "header.from=other"}}, unverified, "", "other.example.org"},
		{"no header.from", []edit{{"\n header.from=shop.example.org;", ";"}}, unverified, "", "header.from"},
		{"no results", []edit{{results, ""}}, unverified, "", "no Authentication-Results"},
		{"forged results below the border", []edit{{results, ""}, {"Subject:", forged + "Subject:"}}, unverified, "", "no Authentication-Results"},
		{"forged results and a border named by", []edit{{results, ""}, {"from mail60.esp.example.net", "from by"}, {"Subject:", forged + "Subject:"}}, unverified, "", "no Authentication-Results"},
		{"forged results below a fail", []edit{{"dmarc=pass", "dmarc=fail"}, {"Subject:", forged + "Subject:"}}, unverified, "", "dmarc=fail"},
		{"results of another server on top", []edit{{"top", "Authentication-Results: mx.example.com; dmarc=pass header.from=shop.example.org\n"}}, unverified, "", "they are those of mx.example.com"},
		{"two results above the border", []edit{{results, results + "Authentication-Results: dmarc=fail action=none header.from=shop.example.org\n"}}, unverified, "", "contradict"},
		{"results malformed", []edit{{"reason=100", "reason=100 ("}}, unverified, "", "comment is not closed"},
		{"results repaired", []edit{{results, "Authentication-Results : dmarc=pass header.from=shop.example.org\n"}}, unverified, "", "malformed"},
		{"relayed verdict fail", []edit{{"end", "X-MS-Exchange-Authentication-Results: dmarc=fail action=oreject header.from=shop.example.org\n"}}, unverified, "", "dmarc=fail"},
		{"AuthAs Internal as well", []edit{{"end", authAsLine}}, unverified, "", "AuthAs stands 2 times"},
		{"AuthAs Internal74", []edit{{"AuthAs: Anonymous", "AuthAs: Internal74"}}, unverified, "", "Internal74"},
		{"AuthAs Internal, the rest external", []edit{{"AuthAs: Anonymous", "AuthAs: Internal"}}, unverified, "", "From is not at nhs.net"},
		{"AuthSource twice", []edit{{"end", authSourceLine}}, unverified, "", "AuthSource stands 2 times"},
		{"nhs.net in From", []edit{{"Jane Doe <jane@shop.example.org>", "FA123 <pharmacy.fa123@nhs.net>"}, {"header.from=shop.example.org", "header.from=nhs.net"}}, unverified, "", "does not mark the message as internal"},
	})
}

func TestExchangeTopmostWhereNoBorderIsSeen(t *testing.T) {
	h := nasdesk.Header{
		{Name: "Authentication-Results", Value: "dmarc=pass header.from=example.com"},
		{Name: "Received", Value: "from a by b"},
		{Name: "Authentication-Results", Value: "dmarc=none header.from=example.com"},
		{Name: "From", Value: "jane@example.com"},
	}
	proof := trust(t, "exchange-online").Prove(&nasdesk.Message{Header: h})
	checkProof(t, proof, proofCase{want: proved}, "jane@example.com")
}

// What NHSmail itself writes into the text counts against the sender.
func TestExchangeNotesInTheText(t *testing.T) {
	for _, c := range []struct {
		base, code string
		want       nasdesk.Reason
	}{
		{"internal", nasdesk.FoundSpoofNote, unverified},
		{"internal", nasdesk.FoundOutside, unverified},
		{"internal", nasdesk.FoundHeader, proved},
		{"external", nasdesk.FoundSpoofNote, unverified},
		{"external", nasdesk.FoundOutside, proved},
	} {
		m := &nasdesk.Message{Header: readHeader(fixture(t, c.base)), Findings: []nasdesk.Finding{{Code: c.code}}}
		if proof := trust(t, "exchange-online").Prove(m); proof.Reason != c.want || proof.Sender.Proved() != (c.want == proved) {
			t.Errorf("%s with %s: %q, want %q (%q)", c.base, c.code, proof.Reason, c.want, proof.Evidence)
		}
	}
}

func TestExchangeSettings(t *testing.T) {
	p := trust(t, "exchange-online")
	m := &nasdesk.Message{Header: readHeader(fixture(t, "internal"))}
	for name, change := range map[string]func(*Profile){
		"another tenant":    func(p *Profile) { p.TenantID = "00000000-0000-0000-0000-000000000000" },
		"another domain":    func(p *Profile) { p.Domain = "example.com" },
		"other servers":     func(p *Profile) { p.AuthSources = []string{".example.com"} },
		"no servers at all": func(p *Profile) { p.AuthSources = nil },
		"servers refused":   func(p *Profile) { p.NotAuthSources = []string{".gbrp265.prod.outlook.com"} },
	} {
		q := p
		change(&q)
		if q.Prove(m).Sender.Proved() {
			t.Errorf("%s: proved all the same", name)
		}
	}
	if !p.Prove(m).Sender.Proved() {
		t.Error("not proved under the settings of NHSmail")
	}
}
