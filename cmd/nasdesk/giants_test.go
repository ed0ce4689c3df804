package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"nasdesk"
	"nasdesk/parser/gianttest"
)

// A giant is a mail made to hurt, from a proved sender, so that nothing spares
// us any of it. It is built here, for it is too large to be kept.
type giant struct {
	name  string
	field string // further fields of its header, and what stands in place of To
	body  func() string
	held  bool // over a limit, and so held unread; else it is read and decided
}

const giantProof = "Authentication-Results: mx.nhs.net; dmarc=pass header.from=nhs.net\r\nReceived: from a by b; x\r\n" +
	"From: Hawthorn Pharmacy <pharmacy.fhx01@nhs.net>\r\nSubject: New user\r\nMessage-ID: <giant@example.org>\r\nMIME-Version: 1.0\r\n"

const giantForm = "Please set up a new account:\r\n\r\nFull name: Sarah Jones\r\nMobile: 07700 900123\r\nAlternative email: s.jones@example.com\r\nRole: Member\r\n\r\n"

func (g giant) raw() []byte { return []byte(giantProof + g.field + "\r\n" + g.body()) }

func again(before, s string, n int, after string) func() string {
	return func() string { return before + strings.Repeat(s, n) + after }
}

func counted(before, format string, n int, after string) func() string {
	return func() string {
		var b strings.Builder
		b.WriteString(before)
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String() + after
	}
}

func text(s string) func() string { return func() string { return s } }

const (
	mixedB  = "Content-Type: multipart/mixed; boundary=b\r\n"
	asHTML  = "Content-Type: text/html; charset=utf-8\r\n"
	asTable = "--b\r\nContent-Type: text/plain\r\n\r\nPlease set up the users in the table attached.\r\n--b\r\nContent-Type: text/csv; name=users.csv\r\nContent-Disposition: attachment\r\n\r\n"
	userRow = "Sarah Jones,07700 900123,s.jones@example.com,Member\r\n"
)

var giants = []giant{
	{"Multiparts20000", "Content-Type: multipart/mixed; boundary=b0\r\n", func() string {
		var b strings.Builder
		for i := range 20000 {
			fmt.Fprintf(&b, "--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n", i, i+1)
		}
		return b.String() + "x\r\n"
	}, true},
	{"Parts200000", mixedB, again("", "--b\r\n\r\nx\r\n", 200000, "--b--\r\n"), true},
	{"Parts120", mixedB, again("", "--b\r\n\r\n"+giantForm, 120, "--b--\r\n"), false},
	{"ContinuationParameters20000", counted("Content-Type: text/plain", ";\r\n name*%d*=x", 20000, "\r\n")(), text(giantForm), true},
	{"HeaderLine3MB", "X-Long: " + strings.Repeat("x", 3<<20) + "\r\n", text(giantForm), true},
	{"Text25MB", "", again(giantForm, "And another line of words that says nothing at all, to nobody.\r\n", 25<<20/64, ""), true},
	{"TextLong", "", again(giantForm, "And another line of words that says nothing at all, to nobody.\r\n", 19900, ""), true},
	{"Line5MB", "", again(giantForm, "x 07700 900111 a@example.com ", 5<<20/29, "\r\n"), true},
	{"LineLong", "", again(giantForm, "x 07700 900111 a@example.com ", 4<<20/29-100, "\r\n"), true},
	{"WordLong", "", again(giantForm, "x", 4<<20-1000, "\r\n"), true},
	{"DigitsLong", "", again(giantForm, "07700900123", 380000, "\r\n"), true},
	{"SentencesLong", "", again(giantForm, "Please remove tom.asher@nhs.net. ", 127000, "\r\n"), true},
	{"To100000", counted("To: a@example.org", ",\r\n a%d@example.org", 100000, "\r\n")(), text(giantForm), true},
	{"To10000", counted("To: a@example.org", ",\r\n a%d@example.org", 10000, "\r\n")(), text(giantForm), false},
	{"References10000", counted("References: <a@example.org>", "\r\n <a%d@example.org>", 10000, "\r\n")(), text(giantForm), false},
	{"Table100000", asHTML, again("<p>Please set up these users:</p><table><tr><th>Name<th>Mobile<th>Email<th>Role", "<tr><td>Sarah Jones<td>07700 900123<td>s.jones@example.com<td>Member", 100000, "</table>\r\n"), true},
	{"TableLong", asHTML, again("<p>Please set up these users:</p><table><tr><th>Name<th>Mobile<th>Email<th>Role", "<tr><td>Sarah Jones<td>07700 900123<td>s.jones@example.com<td>Member", 18000, "</table>\r\n"), true},
	{"TableTyped100000", "", again("Please set up these users:\r\n\r\nName\tMobile\tEmail\tRole\r\n", "Sarah Jones\t07700 900123\ts.jones@example.com\tMember\r\n", 100000, ""), true},
	{"TableTypedLong", "", again("Please set up these users:\r\n\r\nName\tMobile\tEmail\tRole\r\n", "Sarah Jones\t07700 900123\ts.jones@example.com\tMember\r\n", 19000, ""), true},
	{"CSV100000", mixedB, again(asTable+"Name,Mobile,Email,Role\r\n", userRow, 100000, "--b--\r\n"), true},
	{"CSVLong", mixedB, again(asTable+"Name,Mobile,Email,Role\r\n", userRow, 998, "--b--\r\n"), true},
	{"Users1000", mixedB, counted(asTable+"Name,Mobile,Email,Role\r\n", "Sarah J%[1]dx,07700 9%05[1]d,s%[1]d@example.com,Member\r\n", 998, "--b--\r\n"), true},
	{"Tables500Deep", asHTML, again(giantHTML, "<table><tr><td>Name<td>Sarah Jones", 160, "\r\n"), false},
	{"Tables100000Deep", asHTML, again(giantHTML, "<table><tr><td>Name", 100000, "\r\n"), true},
	{"Tables40000Deep", asHTML, again(giantHTML, "<table><tr><td>Name", 40000, "\r\n"), true},
	{"Quotes1MB", "", again(giantForm, ">", 1<<20, "\r\n"), false},
	{"QuotesInLines1MB", "", again(giantForm, ">\r\n", 15000, ""), false},
	{"QuotesInSteps", "", func() string {
		var b strings.Builder
		for i := range 1400 {
			b.WriteString(strings.Repeat("> ", i) + "Full name: Sarah Jones\r\n")
		}
		return giantForm + b.String()
	}, false},
	{"FormsAgain", "", again("", giantForm, 2400, ""), true},
	{"LabelsAlone", "", again("Please set up a new account:\r\n", "Name:\r\nMobile:\r\nRole:\r\n", 6000, ""), true},
	{"Prose", "", again("", "Please set up Sarah Jones, 07700 900123, s.jones@example.com, as a member, and remove tom.asher@nhs.net from us.\r\n", 19000, ""), true},
	{"Names", "", again("Please remove the following:\r\n", "Sarah Jones and ", 200000, "\r\n"), true},
	{"Commas", "", again("Please remove ", "Sarah, ", 500000, "\r\n"), true},
	{"Negations", "", again("Please ", "do not ", 500000, "remove tom.asher@nhs.net\r\n"), true},
	{"OurReferences", "", counted("About ", "NAS-%08d ", 200000, "\r\n"), true},
	{"Addresses", "", counted("Please remove ", "a%d@nhs.net, ", 200000, "\r\n"), true},
	{"TextJustAllowed", "", again(giantForm, "And another line of words that says nothing at all, to nobody.\r\n", 1010, ""), false},
	{"LineJustAllowed", "", again(giantForm, "and so on and so forth, ", 2700, "\r\n"), false},
	{"WordJustAllowed", "", again(giantForm, "x", 65000, "\r\n"), false},
	{"DigitsJustAllowed", "", again(giantForm, "07700900123", 240, "\r\n"), false},
	{"SentencesJustAllowed", "", again(giantForm, "Please remove tom.asher@nhs.net. ", 245, "\r\n"), false},
	{"AddressesJustAllowed", "", counted("Please remove ", "a%d@nhs.net, ", 190, "\r\n"), false},
	{"ProseJustAllowed", "", again("", "Please set up Sarah Jones, 07700 900123, s.jones@example.com, as a member, and remove tom.asher@nhs.net from us.\r\n", 82, ""), false},
	{"FormsJustAllowed", "", again("", giantForm, 124, ""), false},
	{"LabelsJustAllowed", "", again("Please set up a new account:\r\n", "Name:\r\nMobile:\r\nRole:\r\n", 2600, ""), false},
	{"NamesJustAllowed", "", again("Please remove the following:\r\n", "Sarah Jones and ", 4000, "\r\n"), false},
	{"NegationsJustAllowed", "", again("Please ", "do not ", 9000, "remove tom.asher@nhs.net\r\n"), false},
	{"TableJustAllowed", asHTML, again("<p>Please set up these users:</p><table><tr><th>Name<th>Mobile<th>Email<th>Role", "<tr><td>Sarah Jones<td>07700 900123<td>s.jones@example.com<td>Member", 124, "</table>\r\n"), false},
	{"TableTypedJustAllowed", "", again("Please set up these users:\r\n\r\nName\tMobile\tEmail\tRole\r\n", "Sarah Jones\t07700 900123\ts.jones@example.com\tMember\r\n", 124, ""), false},
	{"CSVJustAllowed", mixedB, again(asTable+"Name,Mobile,Email,Role\r\n", userRow, 124, "--b--\r\n"), false},
	{"UsersJustAllowed", mixedB, counted(asTable+"Name,Mobile,Email,Role\r\n", "Sarah J%[1]dx,07700 9%05[1]d,s%[1]d@example.com,Member\r\n", 90, "--b--\r\n"), false},
	{"ForwardedLong", "", again(giantForwarded, "Please remove tom.asher@nhs.net. ", 600, "\r\n"), true},
	{"ForwardedJustAllowed", "", again(giantForwarded, "Please remove tom.asher@nhs.net. ", 490, "\r\n"), false},
	{"QuotedLong", "", again("Thanks.\r\n\r\n", "> Please remove tom.asher@nhs.net\r\n", 19000, ""), true},
	{"Base64Text", "Content-Transfer-Encoding: base64\r\n", func() string {
		return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte(giantForm), 1500)) + "\r\n"
	}, true},
	{"EncodedSubject", "Subject: " + strings.Repeat("=?utf-8?b?U2FyYWg=?=\r\n ", 11000) + "\r\n", text(giantForm), false},
	{"Size36MB", "", again(giantForm, "0123456789012345678901234567890123456789\r\n", 900000, ""), true},
}

const giantForwarded = "Please could you action the request below.\r\n\r\n-----Original Message-----\r\nFrom: Tom Ash <tom.ash@example.org>\r\nSent: 05 May 2026 10:00\r\nTo: Hawthorn Pharmacy\r\nSubject: Leavers\r\n\r\n"

const giantHTML = "<p>Please set up a new account:</p>"

// TestGiants: what is over a limit is held for staff, with a header beyond them as
// from nobody; what is not is decided.
func TestGiants(t *testing.T) {
	r := dryReplay(t, "")
	for i, g := range giants {
		if i%sample != 0 {
			continue
		}
		res := outcomeOf(t, r, g.name, g.raw())
		first := res.Requests[0]
		held := first.Outcome == nasdesk.Quarantined || first.Outcome == nasdesk.Exception && first.Reasons[0] == nasdesk.Unreadable
		if held != g.held {
			t.Errorf("%s: %s, want held %v", g.name, encoded(t, first), g.held)
		}
	}
}

// BenchmarkGiants takes each giant down the whole line: read, prove, pull,
// recognise, step. It fails where one takes more than a second or 64 MiB.
func BenchmarkGiants(b *testing.B) {
	r := dryReplay(b, "")
	for _, g := range giants {
		b.Run(g.name, func(b *testing.B) {
			gianttest.Bench(b, g.raw(), func(raw []byte) {
				if _, err := r.message(b.Context(), "giant", raw); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}
