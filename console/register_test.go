package console

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"nasdesk"
	"nasdesk/store"
)

// settled lets the store look at its register, as it does by and by.
func (b *browser) settled() *browser {
	b.t.Helper()
	if _, err := b.office.Store.Seal(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	return b
}

// openRegister is a console whose register has an ailing mailbox, and one account
// of each status.
func openRegister(t *testing.T) *browser {
	t.Helper()
	_, b := openOffice(t)
	w := store.World{Mailboxes: []nasdesk.Mailbox{{Address: "nhspharmacy.hill.oldname@nhs.net", ODS: "FC789", Name: "Hill Pharmacy", Sector: nasdesk.Pharmacy, DSPT: nasdesk.NotPublished, Status: nasdesk.Active}}}
	for i, s := range []nasdesk.Status{nasdesk.Pending, nasdesk.Inactive, nasdesk.Disabled, nasdesk.Leaver, nasdesk.Deleted} {
		w.Accounts = append(w.Accounts, nasdesk.Account{Address: nasdesk.Address(string(s) + ".person@nhs.net"), Name: "Some Person", Mobile: nasdesk.Mobile(fmt.Sprintf("0770090020%d", i)), Status: s, Since: "2026-04-10"})
	}
	if err := b.office.Store.Import(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	return b.settled()
}

func TestTheRegisterListsAndFinds(t *testing.T) {
	b := openRegister(t)
	agent := b.as("agent")
	p := agent.get("/register").says("pharmacy.fa123@nhs.net", "High Street Pharmacy", "2 of 10", "Riverside Chemist")
	if len(p.all("a", "href", "/register/import")) != 0 {
		t.Error("an agent is offered the import")
	}
	if len(b.as("lead").get("/register").all("a", "href", "/register/import")) != 1 {
		t.Error("a lead is not offered the import")
	}
	agent.get("/register?q=FB456").says("Riverside Chemist", "No account fits.").lacks("High Street")
	agent.get("/register?q=Amina").says("amina.khan@nhs.net", "07*** ***101", "No mailbox fits.").lacks("07700900101")
	agent.get("/register?ails=no+owner").says("Hill Pharmacy").lacks("High Street")
	agent.fetch("GET", "/register?ails=sleepy", nil).is(404)
	agent.get("/register?q=" + strings.Repeat("x", 3000)).says("No mailbox fits.")
}

func TestTheHealthOfMailboxes(t *testing.T) {
	b := openRegister(t)
	p := b.as("auditor").get("/register/health").says("No owner", "Hill Pharmacy", "Wrong address format", "at least two users", "None.")
	for _, a := range ailments {
		p.says(ailmentTitle(a), recommended[a])
	}
	_, empty := openOffice(t)
	empty.settled().as("agent").get("/register/health").says("None.")
}

func TestAMailboxesPage(t *testing.T) {
	b := openRegister(t)
	b.deliver("pharmacy.fa123@nhs.net", "New dispenser", newStarter, true)
	b.settled()
	lead := b.as("lead")
	lead.get("/register/mailboxes/pharmacy.fa123@nhs.net").says("High Street Pharmacy (FA123)", "amina.khan@nhs.net", "Owner", "Standards met", "None: it may hold ten accounts.", "New account", "History")
	lead.get("/register/mailboxes/nhspharmacy.hill.oldname@nhs.net").says("No owner", "No account is linked.", "None.")
	b.as("auditor").get("/register/mailboxes/pharmacy.fa123@nhs.net").lacks("Change this mailbox", "Change the role")
	lead.fetch("GET", "/register/mailboxes/pharmacy.zz999@nhs.net", nil).is(404)
	lead.fetch("GET", "/register/mailboxes/nobody", nil).is(404)
}

func TestAnAccountsPage(t *testing.T) {
	b := openRegister(t)
	lead := b.as("lead")
	lead.get("/register/accounts/amina.khan@nhs.net").says("Amina Khan", "07700900101", "Active since 1 March 2021", "pharmacy.fa123@nhs.net", "Owner")
	for address, says := range map[string]string{"deleted.person": "It can be restored until Sunday 10 May 2026", "leaver.person": "It can be marked as a joiner until Sunday 10 May 2026",
		"disabled.person": "It can be enabled until Saturday 9 October 2027", "pending.person": "It is linked to no mailbox."} {
		lead.get("/register/accounts/" + address + "@nhs.net").says(says)
	}
	lead.fetch("GET", "/register/accounts/no.body@nhs.net", nil).is(404)
}

func TestAnAccountsDatesAhead(t *testing.T) {
	b := openRegister(t)
	for _, x := range []nasdesk.Deadline{
		{Cause: nasdesk.CauseDisabled, Account: "disabled.person@nhs.net", Mailbox: "pharmacy.fa123@nhs.net", Ends: "2027-10-09", Last: "2027-10-08", Step: 90, At: nasdesk.TimestampOf(nasdesk.Date("2027-07-09").Time())},
		{Cause: nasdesk.CauseDeleted, Account: "deleted.person@nhs.net", Ends: "2026-05-10", Last: "2026-05-08", At: nasdesk.TimestampOf(nasdesk.Date("2026-05-11").Time())},
	} {
		x.Key, x.Since, x.State = string(x.Cause), "2026-04-10", nasdesk.DeadlineReady
		if err := b.office.Store.Reckoned(t.Context(), nasdesk.Account{Address: x.Account}, []nasdesk.Deadline{x}); err != nil {
			t.Fatal(err)
		}
	}
	agent := b.as("agent")
	agent.get("/register/accounts/disabled.person@nhs.net").says("Dates ahead", "Last day to enable it", "Saturday 9 October 2027", "Friday 8 October 2027",
		"pharmacy.fa123@nhs.net", "Friday 9 July 2027")
	agent.get("/register/accounts/deleted.person@nhs.net").says("Dates ahead", "Last day to restore it", "Sunday 10 May 2026", "Friday 8 May 2026", "Nobody", "Not before its day")
	agent.get("/register/accounts/amina.khan@nhs.net").lacks("Dates ahead")
}

// change fills the form of an edit, looks at what it does, and does it.
func (b *browser) change(open, what string, values url.Values) *page {
	b.t.Helper()
	base := "/register/edit/" + what
	p := b.submit(b.get(open), base+"/preview", values)
	if p.status != 200 {
		return p
	}
	return b.submit(p, base+"/act", nil)
}

func (b *browser) kase(addresses ...nasdesk.Address) *nasdesk.Case {
	b.t.Helper()
	c, err := b.office.Store.Pull(b.t.Context(), nasdesk.Keys{Addresses: addresses})
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

func TestTheRegisterIsSetRightByHand(t *testing.T) {
	b := openRegister(t)
	lead := b.as("lead")
	const box, hill = "pharmacy.fa123@nhs.net", "nhspharmacy.hill.oldname@nhs.net"
	why := []string{"as they told us by telephone"}
	for _, c := range []struct {
		name, open, what string
		values           url.Values
		so               func(*nasdesk.Case) bool
	}{
		{"a mailbox's name", "/register/edit/mailbox?mailbox=" + box, "mailbox", url.Values{"name": {"High Street Chemist"}, "dspt": {"not-published"}},
			func(c *nasdesk.Case) bool {
				m := c.Mailbox(box)
				return m.Name == "High Street Chemist" && m.DSPT == nasdesk.NotPublished && m.ODS == "FA123"
			}},
		{"an account's mobile", "/register/edit/account?account=tom.barker@nhs.net", "account", url.Values{"mobile": {"07700 900 333"}},
			func(c *nasdesk.Case) bool { return c.Account("tom.barker@nhs.net").Mobile == "07700900333" }},
		{"a role", "/register/edit/link?mailbox=" + box + "&account=tom.barker@nhs.net", "link", url.Values{"role": {"owner"}},
			func(c *nasdesk.Case) bool { return c.Role(box, "tom.barker@nhs.net") == nasdesk.Owner }},
		{"a link", "/register/edit/link?mailbox=" + hill, "link", url.Values{"account": {"grace.li@nhs.net"}, "role": {"owner"}},
			func(c *nasdesk.Case) bool { return c.Role(hill, "grace.li@nhs.net") == nasdesk.Owner }},
		{"no link", "/register/edit/unlink?mailbox=" + box + "&account=tom.barker@nhs.net", "unlink", nil,
			func(c *nasdesk.Case) bool { return c.Role(box, "tom.barker@nhs.net") == "" }},
		{"a new account", "/register/edit/account", "account", url.Values{"account": {"new.person@nhs.net"}, "name": {"New Person"}, "mobile": {"07700900444"}, "status": {"active"}, "since": {"2026-04-20"}},
			func(c *nasdesk.Case) bool { return c.Account("new.person@nhs.net") != nil }},
		{"a new mailbox", "/register/edit/mailbox", "mailbox", url.Values{"mailbox": {"pharmacy.fd111@nhs.net"}, "ods": {"fd111"}, "name": {"New Pharmacy"}},
			func(c *nasdesk.Case) bool {
				m := c.Mailbox("pharmacy.fd111@nhs.net")
				return m != nil && m.ODS == "FD111"
			}},
	} {
		values := url.Values{"reason": why}
		for k, v := range c.values {
			values[k] = v
		}
		lead.change(c.open, c.what, values).is(200)
		now := func() *nasdesk.Case {
			return b.kase(box, hill, "tom.barker@nhs.net", "new.person@nhs.net", "pharmacy.fd111@nhs.net")
		}
		if k := b.kase(box); k.Mailbox(box).Name == "High Street Chemist" && c.what == "mailbox" && c.values.Get("name") == "High Street Chemist" {
			t.Errorf("%s: changed before it can be undone no more", c.name)
		}
		b.undoTimeEnds()
		if !c.so(now()) {
			t.Errorf("%s: the register has %+v %+v %+v", c.name, now().Mailboxes, now().Accounts, now().Memberships)
		}
	}
}

func TestAnApprovalNeedsASecondPerson(t *testing.T) {
	b := openRegister(t)
	const box = "pharmacy.fa123@nhs.net"
	form := url.Values{"most": {"14"}, "on": {"2026-04-01"}, "reason": {"by telephone"}}
	b.as("lead").change("/register/edit/approval?mailbox="+box, "approval", form).is(200).says("when a colleague agrees")
	b.as("lead").change("/register/edit/unlink?mailbox="+box+"&account=amina.khan@nhs.net", "unlink", url.Values{"reason": {"the only owner"}}).is(200).says("when a colleague agrees")
	b.undoTimeEnds()
	if c := b.kase(box); c.Limit(box) != 10 || c.Role(box, "amina.khan@nhs.net") != nasdesk.Owner {
		t.Errorf("one person let it hold %d, or took its owner away", c.Limit(box))
	}
}

func TestAnEditWithFaultsIsAskedForAgain(t *testing.T) {
	b := openRegister(t)
	lead := b.as("lead")
	const box = "pharmacy.fa123@nhs.net"
	for _, c := range []struct {
		open, what string
		values     url.Values
		field      string
	}{
		{"mailbox?mailbox=" + box, "mailbox", url.Values{"reason": {""}}, "reason"},
		{"mailbox?mailbox=" + box, "mailbox", url.Values{"name": {""}, "reason": {"x"}}, "name"},
		{"mailbox?mailbox=" + box, "mailbox", url.Values{"region": {"the region"}, "reason": {"x"}}, "region"},
		{"mailbox", "mailbox", url.Values{"mailbox": {"x@example.com"}, "ods": {"FD111"}, "name": {"N"}, "reason": {"x"}}, "mailbox"},
		{"mailbox", "mailbox", url.Values{"mailbox": {"pharmacy.fd111@nhs.net"}, "ods": {"!"}, "name": {"N"}, "reason": {"x"}}, "ods"},
		{"account?account=tom.barker@nhs.net", "account", url.Values{"mobile": {"01632 960 001"}, "reason": {"x"}}, "mobile"},
		{"account?account=tom.barker@nhs.net", "account", url.Values{"alternative": {"tom@nhs.net"}, "reason": {"x"}}, "alternative"},
		{"account?account=tom.barker@nhs.net", "account", url.Values{"since": {"soon"}, "reason": {"x"}}, "since"},
		{"account?account=tom.barker@nhs.net", "account", url.Values{"mobile": {"07700900101"}, "reason": {"Amina's"}}, "name"},
		{"link?mailbox=" + box, "link", url.Values{"account": {"no.body@nhs.net"}, "reason": {"x"}}, "account"},
		{"approval?mailbox=" + box, "approval", url.Values{"most": {"many"}, "on": {"2026-04-01"}, "reason": {"x"}}, "most"},
		{"approval?mailbox=" + box, "approval", url.Values{"most": {"14"}, "on": {"2027-04-01"}, "reason": {"to come"}}, "most"},
	} {
		p := lead.change("/register/edit/"+c.open, c.what, c.values)
		if p.status != 422 || len(p.all("a", "href", "#"+c.field)) != 1 || len(p.all("", "id", c.field)) != 1 {
			t.Errorf("%s %v: %d, and no fault leads to %s: %s", c.open, c.values, p.status, c.field, p.text())
		}
	}
}

func TestAnEditOfAnOldRowChangesNothing(t *testing.T) {
	b := openRegister(t)
	lead := b.as("lead")
	p := lead.get("/register/edit/account?account=tom.barker@nhs.net")
	lead.change("/register/edit/account?account=tom.barker@nhs.net", "account", url.Values{"name": {"Thomas Barker"}, "reason": {"x"}})
	b.undoTimeEnds()
	lead.submit(p, "/register/edit/account/preview", url.Values{"name": {"Tim Barker"}, "reason": {"x"}}).is(409).says("Changed meanwhile")
	for _, gone := range []string{"mailbox?mailbox=pharmacy.zz999@nhs.net", "account?account=no.body@nhs.net", "unlink?mailbox=pharmacy.fa123@nhs.net&account=grace.li@nhs.net", "link", "approval?mailbox=x", "shoes"} {
		lead.fetch("GET", "/register/edit/"+gone, nil).is(404)
	}
	lead.post("/register/edit/approval/preview", url.Values{"mailbox": {"pharmacy.zz999@nhs.net"}, "reason": {"x"}}).is(409)
}

func TestOnlyLeadsChangeTheRegister(t *testing.T) {
	b := openRegister(t)
	for _, role := range []string{"agent", "auditor"} {
		c := b.as(role)
		c.fetch("GET", "/register/edit/mailbox?mailbox=pharmacy.fa123@nhs.net", nil).is(403)
		c.post("/register/edit/mailbox/act", url.Values{"mailbox": {"pharmacy.fa123@nhs.net"}}).is(403)
		c.fetch("GET", "/register/import", nil).is(403)
		c.post("/register/import/apply", nil).is(403)
	}
	foreign := func(r *http.Request) {
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		r.Header.Set("Origin", "https://example.com")
	}
	b.as("lead").fetch("POST", "/register/edit/mailbox/act", url.Values{"mailbox": {"pharmacy.fa123@nhs.net"}}, foreign).is(403)
}

// upload sends files as a browser does.
func (b *browser) upload(reason string, files map[string]string) *page {
	b.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for name, text := range files {
		w, err := m.CreateFormFile(name, name+".csv")
		if err != nil {
			b.t.Fatal(err)
		}
		fmt.Fprint(w, text)
	}
	if err := m.WriteField("reason", reason); err != nil {
		b.t.Fatal(err)
	}
	m.Close()
	return b.fetch("POST", "/register/import", nil, func(r *http.Request) {
		r.Header.Set("Content-Type", m.FormDataContentType())
		r.Body = io.NopCloser(&body)
	})
}

const mailboxesHead = "address,ods_code,name,sector,region_email,dspt_status,status\n"

func TestAnImportIsShownBeforeItIsWritten(t *testing.T) {
	b := openRegister(t)
	lead := b.as("lead")
	lead.get("/register/import").says("mailboxes.csv", "approvals.csv")
	p := lead.upload("monthly list", map[string]string{
		"mailboxes": mailboxesHead + "pharmacy.fa123@nhs.net,FA123,High Street Chemist,pharmacy,england.north@nhs.net,standards-met,active\n" +
			"pharmacy.fe555@nhs.net,FE555,Fen Pharmacy,pharmacy,,standards-met,active\n",
		"memberships": "mailbox,account,role\npharmacy.fe555@nhs.net,grace.li@nhs.net,owner\n"}).is(200)
	p.says("name High Street Pharmacy becomes High Street Chemist", "Added", "Fen Pharmacy", "Not in the file", "pharmacy.fb456@nhs.net", "grace.li@nhs.net in pharmacy.fe555@nhs.net", "It stays in the register")
	if b.kase("pharmacy.fe555@nhs.net").Mailbox("pharmacy.fe555@nhs.net") != nil {
		t.Fatal("it was written before it was confirmed")
	}
	form := p.form("/register/import/apply")
	lead.post("/register/import/apply", form).is(200).says("The import is applied.")
	c := b.kase("pharmacy.fe555@nhs.net", "pharmacy.fa123@nhs.net", "pharmacy.fb456@nhs.net")
	if c.Role("pharmacy.fe555@nhs.net", "grace.li@nhs.net") != nasdesk.Owner || c.Mailbox("pharmacy.fa123@nhs.net").Name != "High Street Chemist" || c.Mailbox("pharmacy.fb456@nhs.net") == nil {
		t.Errorf("%+v %+v", c.Mailboxes, c.Memberships)
	}
	lead.post("/register/import/apply", form).is(409)
}

func TestAnImportThatChangesNothing(t *testing.T) {
	b := openRegister(t)
	p := b.as("lead").upload("again", map[string]string{"approvals": "mailbox,max_accounts,approved_by,approved_on\n"})
	p.is(200).says("Nothing would be written")
	if len(p.all("form", "action", "/register/import/apply")) != 0 {
		t.Error("there is something to apply")
	}
}

func TestAnImportWithFaultsIsAskedForAgain(t *testing.T) {
	b := openRegister(t)
	lead := b.as("lead")
	for _, c := range []struct {
		name, reason string
		files        map[string]string
		says         string
	}{
		{"nothing", "x", nil, "Choose at least one file"},
		{"no reason", "", map[string]string{"mailboxes": mailboxesHead}, "Give the reason"},
		{"another file", "x", map[string]string{"accounts": mailboxesHead}, "Accounts.csv: unknown column"},
		{"a bad row", "x", map[string]string{"mailboxes": mailboxesHead + "pharmacy.fa123@nhs.net,FA123,N,bakery,,standards-met,active\n"}, "Mailboxes.csv line 2, sector"},
	} {
		p := lead.upload(c.reason, c.files)
		if p.status != 422 {
			t.Errorf("%s: %d", c.name, p.status)
		}
		p.says("There is a problem", c.says)
	}
	p := lead.upload("x", map[string]string{"mailboxes": mailboxesHead + "pharmacy.fe555@nhs.net,FA123,Fen,pharmacy,,standards-met,active\n"})
	p.is(200).says("It cannot be applied", "would both have the ODS code FA123")
	if len(p.all("form", "action", "/register/import/apply")) != 0 {
		t.Error("it can be applied all the same")
	}
	for _, packed := range []string{"", "x", "H4sIAAAAAAAA"} {
		lead.post("/register/import/apply", url.Values{"packed": {packed}}).is(400)
	}
}

func TestASmallImportIsConfirmedApart(t *testing.T) {
	b := openRegister(t)
	var w store.World
	for i := range 30 {
		w.Accounts = append(w.Accounts, nasdesk.Account{Address: nasdesk.Address(fmt.Sprintf("many%d.people@nhs.net", i)), Name: "Many People", Status: nasdesk.Active, Since: "2025-01-01"})
	}
	if err := b.office.Store.Import(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	lead := b.as("lead")
	p := lead.upload("list", map[string]string{"accounts": "address,full_name,mobile,alternative_email,status,status_since\nann.new@nhs.net,Ann New,,,active,2026-04-01\n"})
	p.is(200).says("suspiciously small")
	lead.submit(p, "/register/import/apply", nil).is(422).says("Say that the files are whole")
	lead.submit(p, "/register/import/apply", url.Values{"whole": {"yes"}}).is(200).says("The import is applied.")
}

// The reason of an edit stands in the history of what was changed.
func TestAnEditsReasonStandsInTheHistory(t *testing.T) {
	b := openRegister(t)
	lead := b.as("lead")
	lead.change("/register/edit/account?account=tom.barker@nhs.net", "account", url.Values{"name": {"Thomas Barker"}, "reason": {"He rang: <b>Thomas</b>."}})
	b.undoTimeEnds()
	for range 2 { // before the journal is sealed, and after
		b.as("auditor").get("/register/accounts/tom.barker@nhs.net").says("Staff register", "Reason: He rang: <b>Thomas</b>.")
		b.settled()
	}
}
