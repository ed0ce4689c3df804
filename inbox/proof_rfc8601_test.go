package inbox

import "testing"

const (
	dmarcPass = "dmarc=pass (p=reject sp=reject dis=none) header.from=nhs.net\n"
	goodLine  = "Authentication-Results: mx.nhs.net; dmarc=pass header.from=nhs.net\n"
	failLine  = "Authentication-Results: mx.nhs.net; dmarc=fail header.from=nhs.net\n"
)

// rfcResults are the results of the fixture, whole.
const rfcResults = "Authentication-Results: mx.nhs.net;\n\tspf=pass smtp.mailfrom=nhs.net;\n\tdkim=pass (signature was verified) header.d=nhs.net;\n\t" + dmarcPass

func results(line string) []edit { return []edit{{rfcResults, line}} }

func TestRFC8601(t *testing.T) {
	runProofs(t, "rfc8601:MX.nhs.net", "rfc8601", "pharmacy.fa123@nhs.net", []proofCase{
		{"as it should be", nil, proved, "", "Authentication-Results of MX.nhs.net: dmarc=pass header.from=nhs.net"},
		{"id in capitals", results("Authentication-Results: Mx.NHS.net; dmarc=pass header.from=nhs.net\n"), proved, "", ""},
		{"name in small letters", results("authentication-results: mx.nhs.net; dmarc=pass header.from=nhs.net\n"), proved, "", ""},
		{"id with a version", results("Authentication-Results: mx.nhs.net 1; dmarc=pass header.from=nhs.net\n"), proved, "", ""},
		{"id quoted", results("Authentication-Results: \"mx.nhs.net\"; dmarc=pass header.from=nhs.net\n"), proved, "", ""},
		{"domain in capitals", results("Authentication-Results: mx.nhs.net; dmarc=PASS header.from=NHS.NET\n"), proved, "", ""},
		{"domain quoted", results("Authentication-Results: mx.nhs.net; dmarc=pass header.from=\"nhs.net\"\n"), proved, "", ""},
		{"semicolon at the end", results("Authentication-Results: mx.nhs.net; dmarc=pass header.from=nhs.net;\n"), proved, "", ""},
		{"property without a type", results("Authentication-Results: mx.nhs.net; dmarc=pass action=none header.from=nhs.net\n"), proved, "", ""},

		// Whose results count.
		{"no results", results(""), unverified, "", "no Authentication-Results"},
		{"another id", results("Authentication-Results: mx.example.com; dmarc=pass header.from=nhs.net\n"), unverified, "", "no Authentication-Results"},
		{"longer id", results("Authentication-Results: mx.nhs.net.example; dmarc=pass header.from=nhs.net\n"), unverified, "", "no Authentication-Results"},
		{"id in a comment", results("Authentication-Results: (mx.nhs.net) mx.example.com; dmarc=pass header.from=nhs.net\n"), unverified, "", "no Authentication-Results"},
		{"id behind another", results("Authentication-Results: mx.example.com mx.nhs.net; dmarc=pass header.from=nhs.net\n"), unverified, "", "no Authentication-Results"},
		{"no id", results("Authentication-Results: dmarc=pass header.from=nhs.net\n"), unverified, "", "no Authentication-Results"},
		{"another id's fail does not count", []edit{{"top", "Authentication-Results: mx.example.com; dmarc=fail header.from=nhs.net\n"}}, proved, "", ""},
		{"ARC results", results("ARC-Authentication-Results: i=1; mx.nhs.net; dmarc=pass header.from=nhs.net\n"), unverified, "", "no Authentication-Results"},
		{"results under a longer name", results("X-Authentication-Results: mx.nhs.net; dmarc=pass header.from=nhs.net\n"), unverified, "", "no Authentication-Results"},
		{"Received-SPF", results("Received-SPF: pass (mx.nhs.net: dmarc=pass header.from=nhs.net)\n"), unverified, "", "no Authentication-Results"},
		{"another version", results("Authentication-Results: mx.nhs.net 2; dmarc=pass header.from=nhs.net\n"), unverified, "", "version"},

		// Where they stand.
		{"below the uppermost Received", []edit{{rfcResults, ""}, {"Received: from desk", goodLine + "Received: from desk"}}, unverified, "", "above the uppermost Received"},
		{"right above From", []edit{{rfcResults, ""}, {"From: \"", goodLine + "From: \""}}, unverified, "", "above the uppermost Received"},
		{"at the end", []edit{{rfcResults, ""}, {"end", goodLine}}, unverified, "", "above the uppermost Received"},
		{"below a malformed Received", []edit{{"top", "Received : from x by y; Mon, 20 Apr 2026 09:44:14 +0100\n"}}, unverified, "", "above the uppermost Received"},
		{"forged pass below a fail", []edit{{rfcResults, failLine}, {"From: \"", goodLine + "From: \""}}, unverified, "", "dmarc=fail"},
		{"forged fail below does not count", []edit{{"From: \"", failLine + "From: \""}}, proved, "", ""},

		// Which of several decides.
		{"fail on top of pass", []edit{{"top", failLine}}, unverified, "", "contradict"},
		{"pass on top of fail", []edit{{rfcResults, goodLine + failLine}}, unverified, "", "contradict"},
		{"pass on top of pass for another domain", []edit{{rfcResults, goodLine + "Authentication-Results: mx.nhs.net; dmarc=pass header.from=example.com\n"}}, unverified, "", "contradict"},
		{"pass twice", []edit{{"top", goodLine}}, proved, "", ""},
		{"a second field for another method", []edit{{rfcResults, goodLine + "Authentication-Results: mx.nhs.net; spf=fail smtp.mailfrom=nhs.net\n"}}, proved, "", ""},
		{"uppermost says nothing of DMARC", []edit{{"top", "Authentication-Results: mx.nhs.net; spf=pass smtp.mailfrom=nhs.net\n"}}, unverified, "", "nothing of DMARC"},
		{"uppermost says none", []edit{{"top", "Authentication-Results: mx.nhs.net; none\n"}}, unverified, "", "nothing of DMARC"},
		{"uppermost malformed", []edit{{"top", "Authentication-Results: mx.nhs.net; dmarc=pass header.from=nhs.net (\n"}}, unverified, "", "comment is not closed"},
		{"second malformed", []edit{{rfcResults, goodLine + "Authentication-Results: mx.nhs.net; dmarc=pass header.from=nhs.net x\n"}}, unverified, "", "prove nothing"},
		{"repaired", []edit{{rfcResults, "Authentication-Results : mx.nhs.net; dmarc=pass header.from=nhs.net\n"}}, unverified, "", "malformed"},

		// What they say.
		{"fail", results(failLine), unverified, "", "dmarc=fail header.from=nhs.net"},
		{"bestguesspass", results("Authentication-Results: mx.nhs.net; dmarc=bestguesspass header.from=nhs.net\n"), unverified, "", "bestguesspass"},
		{"none", results("Authentication-Results: mx.nhs.net; dmarc=none header.from=nhs.net\n"), unverified, "", "dmarc=none"},
		{"SPF and DKIM alone", results("Authentication-Results: mx.nhs.net; spf=pass smtp.mailfrom=nhs.net; dkim=pass header.d=nhs.net\n"), unverified, "", "nothing of DMARC"},
		{"no header.from", results("Authentication-Results: mx.nhs.net; dmarc=pass\n"), unverified, "", "header.from"},
		{"header.from of another method", results("Authentication-Results: mx.nhs.net; dmarc=pass; dkim=pass header.from=nhs.net\n"), unverified, "", "header.from"},
		{"header.from empty", results("Authentication-Results: mx.nhs.net; dmarc=pass header.from=\n"), unverified, "", "header.from"},
		{"another domain", results("Authentication-Results: mx.nhs.net; dmarc=pass header.from=mailer.example.com\n"), unverified, "", "vouch for mailer.example.com, but From is at nhs.net"},
		{"longer domain", results("Authentication-Results: mx.nhs.net; dmarc=pass header.from=nhs.net.example\n"), unverified, "", "nhs.net.example"},
		{"domain below", results("Authentication-Results: mx.nhs.net; dmarc=pass header.from=mail.nhs.net\n"), unverified, "", "mail.nhs.net"},
		{"Kelvin sign is no k", append(results("Authentication-Results: mx.nhs.net; dmarc=pass header.from=nhs.uk\n"), edit{fromField, "From: x@nhs.u\u212a\n"}), unverified, "", "no plain"},
		{"two header.from", results("Authentication-Results: mx.nhs.net; dmarc=pass header.from=nhs.net header.from=example.com\n"), unverified, "", "contradict"},
		{"two DMARC results", results("Authentication-Results: mx.nhs.net; dmarc=pass header.from=nhs.net; dmarc=fail header.from=nhs.net\n"), unverified, "", "contradict"},
		{"another version of the method", results("Authentication-Results: mx.nhs.net; dmarc/2=pass header.from=nhs.net\n"), unverified, "", "version"},

		// What the sender chooses cannot open a result: T16, and A2 to A7 of "Composition Kills".
		{"T16 result in a quoted value", results("Authentication-Results: mx.nhs.net; dkim=pass header.d=\"nhs.net; dmarc=pass header.from=nhs.net\"\n"), unverified, "", "nothing of DMARC"},
		{"T16 result behind an escaped quote", results("Authentication-Results: mx.nhs.net; dkim=pass header.d=\"x\\\"; dmarc=pass header.from=nhs.net; x=\\\"\"\n"), unverified, "", "nothing of DMARC"},
		{"T16 result in a reason", results("Authentication-Results: mx.nhs.net; dkim=fail reason=\"bad; dmarc=pass header.from=nhs.net\"\n"), unverified, "", "nothing of DMARC"},
		{"result in a comment", results("Authentication-Results: mx.nhs.net; dkim=fail (bad; dmarc=pass header.from=nhs.net) header.d=x.example\n"), unverified, "", "nothing of DMARC"},
		{"result in a nested comment", results("Authentication-Results: mx.nhs.net; dkim=fail (a (b) ; dmarc=pass header.from=nhs.net) header.d=x.example\n"), unverified, "", "nothing of DMARC"},
		{"result behind an escaped bracket", results("Authentication-Results: mx.nhs.net; dkim=fail (a \\) ; dmarc=pass header.from=nhs.net) header.d=x.example\n"), unverified, "", "nothing of DMARC"},
		{"quoted local part of the bounce address", results("Authentication-Results: mx.nhs.net; spf=pass smtp.mailfrom=\"x; dmarc=pass header.from=nhs.net; y\"@example.com\n"), unverified, "", "nothing of DMARC"},
		{"result as a property", results("Authentication-Results: mx.nhs.net; spf=pass smtp.mailfrom=x dmarc=pass header.from=nhs.net\n"), unverified, "", "nothing of DMARC"},
		{"result swallowed by an empty value", results("Authentication-Results: mx.nhs.net; spf=pass smtp.mailfrom= dmarc=pass header.from=nhs.net\n"), unverified, "", "nothing of DMARC"},
		{"A2 bracket in the bounce address hides the fail", results("Authentication-Results: mx.nhs.net; spf=pass smtp.mailfrom=nhs.net(.example.com; dmarc=fail header.from=nhs.net\n"), unverified, "", "inside a value"},
		{"A3 bracket in the signing domain", results("Authentication-Results: mx.nhs.net; dkim=pass header.d=nhs.net(.example.com; dmarc=pass header.from=nhs.net\n"), unverified, "", "inside a value"},
		{"A3 bracket closed elsewhere", results("Authentication-Results: mx.nhs.net; spf=pass smtp.mailfrom=x(; dmarc=fail header.from=nhs.net; dkim=pass header.d=y)dmarc=pass header.from=nhs.net\n"), unverified, "", "inside a value"},
		{"A4 apostrophe is no quote", results("Authentication-Results: mx.nhs.net; dkim=pass header.d=nhs.net'; dmarc=fail header.from=nhs.net x.y='\n"), unverified, "", "dmarc=fail"},
		{"A5 apostrophe in the bounce address", results("Authentication-Results: mx.nhs.net; spf=pass smtp.mailfrom=nhs.net'@a.example.com; dmarc=fail header.from=nhs.net\n"), unverified, "", "dmarc=fail"},
		{"A6 NUL in the signing domain", results("Authentication-Results: mx.nhs.net; dkim=pass header.d=nhs.net\x00.example.com; dmarc=pass header.from=nhs.net\n"), unverified, "", "control character"},
		{"A6 NUL above a pass", []edit{{"top", "Authentication-Results: mx.nhs.net; dkim=pass header.d=x\x00; dmarc=fail header.from=nhs.net\n"}}, unverified, "", "control character"},
		{"A7 quote in the signing domain", results("Authentication-Results: mx.nhs.net; dkim=pass header.d=nhs.net\"; dmarc=fail header.from=nhs.net\n"), unverified, "", ""},
		{"domain cut by a comment", results("Authentication-Results: mx.nhs.net; dmarc=pass header.from=nhs.net(.example.com)\n"), unverified, "", "inside a value"},
		{"domain goes on behind a comment", results("Authentication-Results: mx.nhs.net; dmarc=pass header.from=nhs.net(x).example.com\n"), unverified, "", "inside a value"},
	})
}

func TestRFC8601External(t *testing.T) {
	runProofs(t, "rfc8601:mx.nhs.net", "rfc8601", "jane@shop.example.org", []proofCase{
		{"another domain that passes", []edit{{fromField, "From: Jane <jane@shop.example.org>\n"}, {rfcResults, "Authentication-Results: mx.nhs.net; dmarc=pass header.from=shop.example.org\n"}}, proved, "", ""},
		{"its parent passes", []edit{{fromField, "From: Jane <jane@shop.example.org>\n"}, {rfcResults, "Authentication-Results: mx.nhs.net; dmarc=pass header.from=example.org\n"}}, unverified, "", "example.org"},
	})
}
