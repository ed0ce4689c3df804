package store

import (
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"nasdesk"
)

// odsLine is a row of a pharmacy file.
func odsLine(code, name, closed, status string) string {
	cells := make([]string, odsColumns)
	cells[0], cells[1], cells[4], cells[6], cells[9], cells[10], cells[11], cells[12] = code, name, "1 HIGH STREET", "LEEDS", "LS1 1AA", "20100401", closed, status
	return `"` + strings.Join(cells, `","`) + `"`
}

func file(name, text string) []ImportFile { return []ImportFile{{name, []byte(text)}} }

// cp1252 is a text with an é as spreadsheets save it.
func cp1252(s string) string { return strings.ReplaceAll(s, "é", "\xe9") }

func utf16LE(s string) string {
	out := "\xff\xfe"
	for _, r := range s {
		out += string([]byte{byte(r), byte(r >> 8)})
	}
	return out
}

// orgs writes organisations down: code, name, state.
func orgs(list []Organisation) string {
	var out []string
	for _, o := range list {
		out = append(out, fmt.Sprintf("%s %s %s", o.Code, o.Name, o.State))
	}
	return strings.Join(out, "; ")
}

func TestReadODS(t *testing.T) {
	a, b := odsLine("FA123", "HIGH STREET PHARMACY", "", "A"), odsLine("fb456", "RIVERSIDE CHEMIST", "20251231", "C")
	for _, c := range []struct{ name, text, want string }{
		{"two", a + "\n" + b + "\n", "FA123 HIGH STREET PHARMACY open; FB456 RIVERSIDE CHEMIST closed"},
		{"a byte order mark, CRLF", "\ufeff" + a + "\r\n" + b + "\r\n", "FA123 HIGH STREET PHARMACY open; FB456 RIVERSIDE CHEMIST closed"},
		{"no line end at the end", a, "FA123 HIGH STREET PHARMACY open"},
		{"empty lines", "\n" + a + "\n\n", "FA123 HIGH STREET PHARMACY open"},
		{"commas left behind", a + ",,\n", "FA123 HIGH STREET PHARMACY open"},
		{"a row twice", a + "\n" + a + "\n", "FA123 HIGH STREET PHARMACY open"},
		{"a line end within quotation marks", strings.Replace(a, "HIGH STREET PHARMACY", "HIGH STREET\r\nPHARMACY", 1), "FA123 HIGH STREET PHARMACY open"},
		{"Windows-1252", cp1252(odsLine("FA123", "CAFé PHARMACY", "", "A")), "FA123 CAFé PHARMACY open"},
		{"UTF-16", utf16LE(odsLine("FA123", "CAFé PHARMACY", "", "A")), "FA123 CAFé PHARMACY open"},
		{"dormant, proposed", odsLine("FA123", "A", "", "D") + "\n" + odsLine("FB456", "B", "", "P"), "FA123 A dormant; FB456 B proposed"},
		{"no status, closed", odsLine("FA123", "A", "20260412", ""), "FA123 A closed"},
		{"no status, closing tomorrow", odsLine("FA123", "A", "20260413", ""), "FA123 A open"},
		{"a code of the newer sort", odsLine("G7H8J", "A", "", "A"), "G7H8J A open"},
	} {
		o, err := ReadODS(file("f.csv", c.text), nasdesk.Pharmacy, today)
		if got := orgs(o.List); err != nil || got != c.want {
			t.Errorf("%s: %s, %v; want %s", c.name, got, err, c.want)
		}
	}
	o, err := ReadODS(file("f.csv", a), nasdesk.Pharmacy, today)
	if err != nil || o.List[0].Place != "1 HIGH STREET, LEEDS, LS1 1AA" || o.List[0].Opened != "2010-04-01" || o.List[0].Where != "f.csv line 1" {
		t.Errorf("%+v, %v", o.List, err)
	}
}

func TestReadODSNamesWhatIsWrong(t *testing.T) {
	a := odsLine("FA123", "HIGH STREET PHARMACY", "", "A")
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "f.csv: is empty"},
		{"too few columns", a + "\nFB456,RIVERSIDE\n", "f.csv line 2, row: 2 columns where there should be 27"},
		{"too many columns", a + ",x\n", "f.csv line 1, row: 28 columns where there should be 27"},
		{"a header", "\"Organisation Code\"" + a[len(`"FA123"`):], `f.csv line 1, column 1, the code: "Organisation Code" is no ODS code`},
		{"no name", odsLine("FA123", " ", "", "A"), "f.csv line 1, column 2, the name: is empty"},
		{"a status of no sort", odsLine("FA123", "A", "", "X"), `f.csv line 1, column 13, the status: "X" is none of A, C, D, P`},
		{"a date that is none", odsLine("FA123", "A", "20251301", "C"), `f.csv line 1, column 12, the close date: "20251301" is no date`},
		{"one code, two names", a + "\n" + odsLine("FA123", "B", "", "A"), "f.csv line 2: FA123 stands in f.csv line 1 already, and says something else"},
		{"a quotation mark without end", a + "\n\"FB456,x\n" + a, "f.csv line 2: a cell that begins here with a quotation mark has no end"},
		{"a bare quotation mark", a + "\nFB456,5\" PIPE\n" + a, "f.csv line 2: a quotation mark inside a cell"},
		{"a quotation mark that is not doubled", "\"A\"B\",C\n" + a, "f.csv line 1: a quotation mark that is not doubled"},
		{"a spreadsheet", "PK\x03\x04rest", "f.csv: is a spreadsheet or an archive"},
		{"no text", "\x00\x01\x02", "f.csv: is no text"},
	} {
		_, err := ReadODS(file("f.csv", c.text), nasdesk.Pharmacy, today)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, c.want)
		}
	}
	_, err := ReadODS(file("f.csv", odsLine("?", "", "1", "X")+"\nx\n"+odsLine("FA1", "A", "", "Z")), nasdesk.Pharmacy, today)
	var all Faults
	if !errors.As(err, &all) || len(all) != 6 {
		t.Errorf("not every fault is named: %v", err)
	}
}

func TestVeryManyFaultsAreCounted(t *testing.T) {
	var f Faults
	for i := range mostFaults + 5 {
		f.at("f.csv", i+1, "is wrong")
	}
	if s := f.Error(); strings.Count(s, "\n") != mostFaults || !strings.HasSuffix(s, "\nand 5 more") {
		t.Errorf("%d lines, the last %s", strings.Count(s, "\n")+1, s[strings.LastIndex(s, "\n"):])
	}
}

const ordList = `{"Organisations": [
  {"Name": "HIGH STREET PHARMACY", "OrgId": "FA123", "Status": "Active", "OrgRecordClass": "RC1", "PostCode": "LS1 1AA", "PrimaryRoleId": "RO182"},
  {"Name": "RIVERSIDE CHEMIST", "OrgId": "FB456", "Status": "Inactive", "PostCode": "LS2 2BB"}
]}
`

const ordSingle = `{"Organisation": {
  "Name": "HIGH STREET PHARMACY",
  "Date": [{"Type": "Legal", "Start": "2001-01-01"}, {"Type": "Operational", "Start": "2010-04-01"}],
  "OrgId": {"root": "2.16.840.1", "assigningAuthorityName": "HSCIC", "extension": "FA123"},
  "Status": "Active", "LastChangeDate": "2024-01-01",
  "GeoLoc": {"Location": {"AddrLn1": "1 HIGH STREET", "Town": "LEEDS", "PostCode": "LS1 1AA"}},
  "Roles": {"Role": [{"id": "RO182", "primaryRole": true}]}
}}`

func TestReadORD(t *testing.T) {
	o, err := ReadORD(file("page.json", ordList), nasdesk.Pharmacy, today)
	if got := orgs(o.List); err != nil || got != "FA123 HIGH STREET PHARMACY open; FB456 RIVERSIDE CHEMIST closed" || o.One || o.List[1].Where != "page.json line 3" {
		t.Errorf("%s, %v, %+v", got, err, o)
	}
	o, err = ReadORD(file("one.json", "\ufeff"+strings.ReplaceAll(ordSingle, "\n", "\r\n")), nasdesk.Pharmacy, today)
	if err != nil || !o.One || len(o.List) != 1 {
		t.Fatalf("%+v, %v", o, err)
	}
	if got := o.List[0]; got.Place != "1 HIGH STREET, LEEDS, LS1 1AA" || got.Opened != "2010-04-01" || got.State != OrganisationOpen || got.Code != "FA123" {
		t.Errorf("%+v", got)
	}
	o, err = ReadORD(append(file("1.json", ordList), file("2.json", `{"Organisations":[]}`)...), nasdesk.Pharmacy, today)
	if err != nil || len(o.List) != 2 {
		t.Errorf("two pages: %+v, %v", o, err)
	}
}

func TestReadORDNamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"nothing", " \n", "f.json: is empty"},
		{"cut short in a list", ordList[:len(ordList)-60], "f.json line 3: the file ends in the middle: fetch it again"},
		{"cut short behind a row", ordList[:strings.Index(ordList, "},\n")+3], "the file ends in the middle"},
		{"cut short behind a list", strings.TrimRight(ordList, "}\n"), "the file ends in the middle"},
		{"cut short in an organisation", ordSingle[:100], "the file ends in the middle"},
		{"no JSON", "{\"Organisations\": [\n<html>]}", "f.json line 2: is no JSON"},
		{"a list at the top", "[]", "f.json line 1: is no answer of the ORD interface"},
		{"neither", `{"Roles": []}`, `holds neither "Organisations" nor "Organisation"`},
		{"an error", `{"errorCode": 404, "errorText": "Not found"}`, "is an error of the interface"},
		{"two answers", ordList + ordList, "f.json line 5: something stands behind the answer"},
		{"another status", strings.Replace(ordList, "Inactive", "Gone", 1), `f.json line 3: Status: "Gone" is neither Active nor Inactive`},
		{"another type", strings.Replace(ordList, `"FB456"`, `12`, 1), "f.json line 3: OrgId is not as the interface writes it"},
		{"no code", strings.Replace(ordSingle, "FA123", "", 1), `OrgId: "" is no ODS code`},
	} {
		_, err := ReadORD(file("f.json", c.text), nasdesk.Pharmacy, today)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, c.want)
		}
	}
}

func TestStandingOf(t *testing.T) {
	for _, c := range []struct {
		written string
		dspt    nasdesk.DSPT
		edition string
	}{
		{"24-25 Standards Met", nasdesk.StandardsMet, "24-25"},
		{"2024-25 Standards Met", nasdesk.StandardsMet, "24-25"},
		{"20/21 Standards Met", nasdesk.StandardsMet, "20-21"},
		{"22/23 Standards  Exceeded", nasdesk.StandardsExceeded, "22-23"},
		{"22/23 Approaching Standards", nasdesk.ApproachingStandards, "22-23"},
		{"21/22 Standards Not Met", nasdesk.StandardsNotMet, "21-22"},
		{"24-25 standards not met", nasdesk.StandardsNotMet, "24-25"},
		{"22/23 Not Published", nasdesk.NotPublished, "22-23"},
		{"Not Published", nasdesk.NotPublished, ""},
	} {
		dspt, edition, err := standingOf(c.written)
		if err != nil || dspt != c.dspt || edition != c.edition {
			t.Errorf("%q: %s, %q, %v; want %s, %q", c.written, dspt, edition, err, c.dspt, c.edition)
		}
	}
	for _, bad := range []string{"", "24-25", "Standards Met", "24-26 Standards Met", "19/20 Standards Not Fully Met (Plan Agreed)", "24-25 Met", "24-25 Baseline"} {
		if dspt, edition, err := standingOf(bad); err == nil {
			t.Errorf("%q is read as %s of %q", bad, dspt, edition)
		}
	}
}

const dsptHead = "Code,Organisation Name,Status,Date Of Publication,Primary Sector,\"Integrated Care Board (where available, from ODS)\"\n"

func TestReadDSPT(t *testing.T) {
	text := dsptHead + "fa123,High Street,23-24 Standards Met,29/06/2024,Pharmacy,\nFA123,High Street,24-25 Standards Not Met,29/06/2025,Pharmacy,,\nFB456,\"River\nside\",22/23 Standards Exceeded,29/06/2023,Pharmacy,\n"
	s, err := ReadDSPT(file("d.csv", text), "")
	want := []Standing{{"FA123", nasdesk.StandardsNotMet, "24-25", "d.csv line 3"}, {"FB456", nasdesk.StandardsExceeded, "22-23", "d.csv line 4"}}
	if err != nil || !slices.Equal(s.List, want) || s.Provenance.Detail != "editions 22-23: 1, 24-25: 1" || s.Provenance.Rows != 3 {
		t.Errorf("%+v, %v", s, err)
	}
	s, err = ReadDSPT(file("d.csv", text), "2023-24")
	if err != nil || s.List[1].DSPT != nasdesk.NotPublished || s.List[0].DSPT != nasdesk.StandardsNotMet || len(s.notes) != 1 {
		t.Errorf("an edition that is too old: %+v, %v", s, err)
	}
	if s, err = ReadDSPT(file("d.csv", "Code,Organisation Name,Latest Status,x\nFA123,High Street,20/21 Standards Met,\n"), ""); err != nil || len(s.List) != 1 {
		t.Errorf("an older file: %+v, %v", s, err)
	}
	for _, c := range []struct{ text, oldest, want string }{
		{dsptHead + "FA123,A,24-25 Baseline,,,\nFB456,B,Splendid,,,\n", "", `d.csv line 3, Status: "Splendid" is no status that we know`},
		{dsptHead + "FA123,A,24-25 Standards Met,,,\nFA123,A,24-25 Standards Exceeded,,,\n", "", "d.csv line 3, Status: FA123 has another status of the same edition in d.csv line 2"},
		{dsptHead + "FA123,A,24-25 Standards Met\n", "", "d.csv line 2, row: 3 columns where there should be 6"},
		{dsptHead + "F A,A,24-25 Standards Met,,,\n", "", `d.csv line 2, Code: "F A" is no ODS code`},
		{"Code,Name\n", "", `d.csv line 1, header: column "Status" is missing: it has Code, Name`},
		{"", "", "d.csv: is empty"},
		{dsptHead, "2024", `the oldest edition: "2024": write it as 24-25`},
	} {
		if _, err := ReadDSPT(file("d.csv", c.text), c.oldest); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v\nwant %s", err, c.want)
		}
	}
}

// accountList is an account list of the Portal with these rows.
func accountList(rows ...string) []ImportFile {
	return file("p.csv", "Email,Name,Mobile,Status,Since,Mailbox,Role\n"+strings.Join(rows, "\n")+"\n")
}

func TestReadPortalNamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []ImportFile
		want string
	}{
		{"no address", accountList("tom,Tom,,Enabled,,,"), "p.csv line 2, Email: not an email address"},
		{"no mobile", accountList("tom.barker@nhs.net,Tom,0113 496 0001,Enabled,,,"), "p.csv line 2, Mobile: not a mobile number"},
		{"a status that is not mapped", accountList("tom.barker@nhs.net,Tom,,On holiday,,,"), `p.csv line 2, Status: "On holiday" is not mapped`},
		{"a role that is not mapped", accountList("tom.barker@nhs.net,Tom,,Enabled,,FA123,Chief"), `p.csv line 2, Role: "Chief" is not mapped`},
		{"no date", accountList("tom.barker@nhs.net,Tom,,Enabled,yesterday,,"), `p.csv line 2, Since: "yesterday" is no date`},
		{"an account of two sorts", accountList("tom.barker@nhs.net,Tom,,Enabled,,,", "tom.barker@nhs.net,Tim,,Enabled,,,"), "p.csv line 3, row: the account says something else in p.csv line 2"},
		{"a link of two sorts", accountList("tom.barker@nhs.net,Tom,,Enabled,,FA123,owner", "tom.barker@nhs.net,Tom,,Enabled,,fa123,member"), "p.csv line 3, row: the link has another role in p.csv line 2"},
		{"a column that is not there", file("p.csv", "Email,Name\n"), `p.csv line 1, header: column "Mobile" is missing`},
		{"a column twice", file("p.csv", "Email,Name,Mobile,Status,Since,Mailbox,Role,Email\n"), `column "Email" stands twice`},
	} {
		_, err := ReadPortal(c.in, portalWords, today)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "0113") {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, c.want)
		}
	}
	bad := PortalMapping{Columns: PortalColumns{Name: "a", First: "b", Role: "r"}, Statuses: map[string]nasdesk.Status{"x": "gone"}, Roles: map[string]nasdesk.Role{"y": "boss"}}
	if f := bad.Faults(); len(f) != 6 {
		t.Errorf("%d faults of a mapping: %v", len(f), f)
	}
}

// over lays a source over the register of the tests and writes down what changes.
func over(t *testing.T, src Source, err error, edit ...func(*World)) Difference {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	w := aWorld()
	for _, e := range edit {
		e(&w)
	}
	return compared(w, src)
}

func TestODSOverTheRegister(t *testing.T) {
	a := odsLine("FA123", "HIGH STREET PHARMACY", "", "A")
	for _, c := range []struct {
		name, text string
		edit       func(*World)
		want       string // of the mailboxes
		says       string // a note, or a code that is unknown
	}{
		{"the same but for capitals", a + "\n" + odsLine("FB456", "RIVERSIDE CHEMIST", "", "A"), nil, "", ""},
		{"another name", a + "\n" + odsLine("FB456", "QUAY PHARMACY", "", "A"), nil, "~pharmacy.fb456", ""},
		{"one that vanished", a, nil, "-pharmacy.fb456", ""},
		{"one that nobody knows", a + "\n" + odsLine("FB456", "RIVERSIDE CHEMIST", "", "A") + "\n" + odsLine("FZ999", "NEW PHARMACY", "", "A"), nil, "", "FZ999 NEW PHARMACY, 1 HIGH STREET, LEEDS, LS1 1AA"},
		{"closed, with accounts", a + "\n" + odsLine("FB456", "RIVERSIDE CHEMIST", "20251231", "C"), nil, "", "f.csv line 2: FB456 is closed since 2025-12-31 and 2 accounts are linked to pharmacy.fb456@nhs.net: left open"},
		{"closed, without", a + "\n" + odsLine("FB456", "RIVERSIDE CHEMIST", "20251231", "C"), func(w *World) { w.Memberships = w.Memberships[:2] }, "~pharmacy.fb456", ""},
		{"closed, all deleted", a + "\n" + odsLine("FB456", "RIVERSIDE CHEMIST", "20251231", "C"), func(w *World) {
			w.Memberships = w.Memberships[:3]
			w.Accounts[2].Status = nasdesk.Deleted
		}, "~pharmacy.fb456", ""},
		{"open there, closed here", a + "\n" + odsLine("FB456", "RIVERSIDE CHEMIST", "", "A"), func(w *World) { w.Mailboxes[1].Status = nasdesk.Closed }, "", "FB456 is open, and pharmacy.fb456@nhs.net is closed: left closed"},
		{"another sector", a + "\n" + odsLine("FB456", "OTHER", "", "A"), func(w *World) { w.Mailboxes[1].Sector = nasdesk.Dentistry }, "", "FB456 is dentistry in the register, not pharmacy"},
	} {
		o, err := ReadODS(file("f.csv", c.text), nasdesk.Pharmacy, today)
		edit := c.edit
		if edit == nil {
			edit = func(*World) {}
		}
		d := over(t, o, err, edit)
		says := strings.Join(append(d.Notes, d.Unknown...), "; ")
		if got := sorts(d.Mailboxes, func(m nasdesk.Mailbox) nasdesk.Address { return m.Address }); got != c.want || !strings.Contains(says, c.says) || c.says == "" && says != "" {
			t.Errorf("%s: %s; %s", c.name, got, says)
		}
		if len(d.Accounts)+len(d.Memberships)+len(d.Approvals)+len(d.Faults) > 0 {
			t.Errorf("%s: more than mailboxes: %s %v", c.name, d.summary(), d.Faults)
		}
	}
	one, err := ReadORD(file("one.json", ordSingle), nasdesk.Pharmacy, today)
	if d := over(t, one, err); d.summary() != " /  /  / " || d.Same != 1 {
		t.Errorf("one organisation says nothing of others: %s", d.summary())
	}
}

func TestDSPTOverTheRegister(t *testing.T) {
	s, err := ReadDSPT(file("d.csv", dsptHead+"FA123,A,24-25 Standards Not Met,,,\nX99,Z,24-25 Standards Met,,,\n"), "")
	d := over(t, s, err)
	if d.summary() != "~pharmacy.fa123 -pharmacy.fb456 /  /  / " || d.Mailboxes[0].After.DSPT != nasdesk.StandardsNotMet {
		t.Errorf("%s", d.summary())
	}
	if len(d.Notes) != 1 || !strings.HasPrefix(d.Notes[0], "1 organisation of the toolkit's") {
		t.Errorf("%v", d.Notes)
	}
}

func TestPortalOverTheRegister(t *testing.T) {
	all := []string{"tom.barker@nhs.net,Tom Barker,07700 900102,Enabled,15/06/2022,FA123,", "amina.khan@nhs.net,Amina Khan,,Enabled,,pharmacy.fa123@nhs.net,owner", "amina.khan@nhs.net,Amina Khan,,Enabled,,FB456,member",
		"grace.li@nhs.net,,+44 7700 900103,Enabled,,FB456,Owner", "sarah.jones2@nhs.net,Sarah Jones,,Enabled,,,"}
	with := func(i int, row string) []string {
		out := slices.Clone(all)
		if i == len(out) {
			return append(out, row)
		}
		out[i] = row
		return out
	}
	for _, c := range []struct {
		name string
		rows []string
		want string
		says string // a note, something unknown, or a fault
	}{
		{"the same", all, " /  /  / ", ""},
		{"a row twice", append(slices.Clone(all), all...), " /  /  / ", ""},
		{"a new account, linked", with(5, "zoe.new@nhs.net,Zoe New,07700900199,Enabled,,FB456,"), " / +zoe.new / +zoe.new / ", ""},
		{"another status", with(3, "grace.li@nhs.net,,,leaver,,FB456,owner"), " / ~grace.li /  / ", ""},
		{"another role", with(0, "tom.barker@nhs.net,,,,,FA123,owner"), " /  / ~tom.barker / ", ""},
		{"an account that vanished, with its link", all[1:], " / -tom.barker / -tom.barker / ", ""},
		{"a link that vanished", with(0, "tom.barker@nhs.net,,,,,,"), " /  / -tom.barker / ", ""},
		{"a mailbox that nobody knows", with(5, "sarah.jones2@nhs.net,Sarah Jones,,Enabled,,FZ999,"), " /  /  / ", "p.csv line 7: the mailbox FZ999: the link of sarah.jones2@nhs.net is left out"},
		{"a new account without a status", with(5, "zoe.new@nhs.net,Zoe New,,,,FA123,"), " /  /  / ", "p.csv line 7: the account zoe.new@nhs.net, of which the list gives no status"},
		{"a shared mailbox among them", with(5, "pharmacy.fa123@nhs.net,High Street,,Enabled,,,"), " /  /  / ", "is a shared mailbox in the register"},
		{"another person", with(0, "tom.barker@nhs.net,Tomas Barker,07700900188,Enabled,,FA123,"), " / ~tom.barker /  / ", "p.csv line 2: both name and mobile of tom.barker@nhs.net differ"},
		{"somebody else's mobile", with(5, "zoe.new@nhs.net,Zoe New,07700900103,Enabled,,,"), " / +zoe.new /  / ", "grace.li@nhs.net (p.csv line 5) and zoe.new@nhs.net (p.csv line 7) would both have one mobile number"},
		{"a mobile of one who is in no list", append(slices.Clone(all[1:]), "zoe.new@nhs.net,Zoe New,07700900102,Enabled,,,"), " / +zoe.new -tom.barker / -tom.barker / ", "tom.barker@nhs.net (in the register, in no file) and zoe.new@nhs.net (p.csv line 6)"},
	} {
		p, err := ReadPortal(accountList(c.rows...), portalWords, today)
		d := over(t, p, err)
		says := strings.Join(slices.Concat(d.Notes, d.Unknown, d.Faults), "; ")
		if d.summary() != c.want || !strings.Contains(says, c.says) || c.says == "" && says != "" {
			t.Errorf("%s: %s; %s", c.name, d.summary(), says)
		}
		if strings.Contains(says, "0770") {
			t.Errorf("%s: a mobile is named: %s", c.name, says)
		}
	}
	p, err := ReadPortal(accountList("grace.li@nhs.net,,,leaver,,,"), portalWords, today)
	if got := over(t, p, err).Accounts[0].After; got.Since != today || got.Mobile != "07700900103" || got.Name != "Grace Li" {
		t.Errorf("a status without a day, empty cells: %+v", got)
	}
	back := func(w *World) { w.Accounts[2].Status, w.Accounts[2].Since = nasdesk.Deleted, "2024-01-01" }
	p, err = ReadPortal(accountList("grace.li@nhs.net,,,enabled,02/01/2026,,"), portalWords, today)
	if d := over(t, p, err, back); len(d.Notes) != 1 || !strings.Contains(d.Notes[0], "was deleted since 2024-01-01") || d.Accounts[0].After.Since != "2026-01-02" {
		t.Errorf("one that was deleted: %v", d.Notes)
	}
}

func TestASmallFileIsRefused(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		many := manyPharmacies(20)
		imported(t, s, World{Mailboxes: many.Mailboxes})
		small := func(n int) Source {
			var lines []string
			for i := range n {
				lines = append(lines, odsLine(fmt.Sprintf("F%04d", i), "ANOTHER NAME", "", "A"))
			}
			o, err := ReadODS(file("f.csv", strings.Join(lines, "\n")), nasdesk.Pharmacy, today)
			if err != nil {
				t.Fatal(err)
			}
			return o
		}
		for _, c := range []struct {
			src    Source
			anyway bool
			small  bool
		}{
			{small(15), false, true}, {small(16), false, false}, {Expecting(small(10), 50), false, false}, {Expecting(small(9), 50), false, true},
			{Expecting(small(1), 0), false, false}, {Expecting(small(19), 100), false, true}, {small(3), true, false},
		} {
			_, err := s.Apply(t.Context(), Applied{Source: c.src, By: "olive", Why: "test", At: now, Anyway: c.anyway})
			if c.small != errors.Is(err, ErrSmall) || !c.small && err != nil {
				t.Errorf("%+v: %v", c, err)
			}
		}
		hq := odsLine("P001", "A HEADQUARTERS", "", "A")
		o, err := ReadODS(file("hq.csv", hq), nasdesk.Pharmacy, today)
		if err != nil {
			t.Fatal(err)
		}
		if d, err := s.Compare(t.Context(), o); err != nil || len(d.Small) != 1 || d.Small[0] != "mailboxes: 20 of the register's 20 are not in it" {
			t.Errorf("another file altogether: %v, %v", d.Small, err)
		}
	})
}

func TestNothingIsLost(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		rows := []string{"tom.barker@nhs.net,Tom Barker,07700900101,Enabled,,FA123,", "amina.khan@nhs.net,Amina Khan,07700900102,Enabled,,FA123,owner", "zoe.new@nhs.net,Zoe New,07700900199,Enabled,,FB456,"}
		p, err := ReadPortal(accountList(rows...), portalWords, today)
		if err != nil {
			t.Fatal(err)
		}
		d := appliedAll(t, s, p) // two mobiles change places, which no row may see half done
		if d.summary() != " / +zoe.new ~amina.khan ~tom.barker -grace.li -sarah.jones2 / +zoe.new -amina.khan -grace.li / " {
			t.Errorf("%s", d.summary())
		}
		have, err := s.Export(t.Context())
		if err != nil || len(have.Accounts) != 5 || len(have.Memberships) != 5 || have.Accounts[0].Mobile != "07700900101" {
			t.Errorf("%d accounts, %d links, %v", len(have.Accounts), len(have.Memberships), err)
		}
		if c := pulled1(t, s, nasdesk.Keys{Mobiles: []nasdesk.Mobile{"07700900102"}}); c.AccountByMobile("07700900102") == nil || c.AccountByMobile("07700900102").Address != amina {
			t.Error("a mobile that changed places is not found")
		}
		var details []string
		err = s.db.reader().Do(t.Context(), Statement{SQL: `select detail from journal where event like 'import/%' order by id`, Each: func(scan Scan) error {
			var d string
			err := scan(&d)
			details = append(details, d)
			return err
		}})
		if err != nil || len(details) != 5 || !slices.Contains(details, "import by olive: test; mobile changed") || strings.Contains(strings.Join(details, " "), "0770") {
			t.Errorf("the journal: %q, %v", details, err)
		}
		if d := appliedAll(t, s, p); !d.Empty() {
			t.Errorf("a second time: %s", d.summary())
		}
		if n := s.number(t, `select count(*) from journal where event like 'import/%'`); n != 5 {
			t.Errorf("%d lines: a second time nothing is to be written", n)
		}
	})
}

func TestAWorldThatContradictsTheRegisterIsNamedByItsLines(t *testing.T) {
	w, err := ReadWorldFiles(worldFiles(map[string]string{"accounts.csv": "address,full_name,mobile,alternative_email,status,status_since\namina.khan@nhs.net,Amina Khan,07700900102,,active,\n"}))
	d := over(t, w, err)
	if len(d.Faults) != 1 || d.Faults[0] != "tom.barker@nhs.net (in the register, in no file) and amina.khan@nhs.net (accounts.csv line 2) would both have one mobile number" {
		t.Errorf("%q", d.Faults)
	}
	if w.Provenance.Rows != 3 || len(w.Provenance.Digest) != 12 {
		t.Errorf("%+v", w.Provenance)
	}
}

func TestAWorldIsUTF8(t *testing.T) {
	text := "address,full_name,mobile,alternative_email,status,status_since\namina.khan@nhs.net,Am\xe9na,,,active,\n"
	_, err := ReadWorld(fstest.MapFS{"accounts.csv": {Data: []byte(text)}})
	if err == nil || !strings.Contains(err.Error(), "accounts.csv line 2: is not UTF-8") {
		t.Errorf("%v", err)
	}
}

func FuzzImportFiles(f *testing.F) {
	f.Add([]byte(odsLine("FA123", "A", "", "A")))
	f.Add([]byte(ordList))
	f.Add([]byte(ordSingle))
	f.Add([]byte(dsptHead + "FA123,A,24-25 Standards Met,,,\n"))
	f.Add(accountList("tom.barker@nhs.net,Tom,07700900102,Enabled,,FA123,owner")[0].Bytes)
	f.Fuzz(func(t *testing.T, b []byte) {
		in := []ImportFile{{"f", b}}
		ods, err1 := ReadODS(in, nasdesk.Pharmacy, today)
		ord, err2 := ReadORD(in, nasdesk.Pharmacy, today)
		dspt, err3 := ReadDSPT(in, "")
		portal, err4 := ReadPortal(in, portalWords, today)
		for i, src := range []Source{ods, ord, dspt, portal} {
			if []error{err1, err2, err3, err4}[i] != nil {
				continue
			}
			if d := compared(aWorld(), src); len(d.Faults) == 0 && len(d.Seen) != 64 {
				t.Errorf("%d: %+v", i, d)
			}
		}
		if _, err := csv.NewReader(strings.NewReader(string(b))).ReadAll(); err != nil && err1 == nil && len(ods.List) == 0 {
			t.Error("neither a row nor a fault")
		}
	})
}
