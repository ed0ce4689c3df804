package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"nasdesk"
	"nasdesk/inbox"
	"nasdesk/store"
)

// What came to staff is cleared as they do it: from the queue to the page, by a
// form to its preview, by a button to the deed, and back to the queue.

const (
	fa123 = nasdesk.Address("pharmacy.fa123@nhs.net")
	fb456 = nasdesk.Address("pharmacy.fb456@nhs.net")
)

// openDesk is openOffice with a mailbox whose address is wrong, and a disabled
// account, so that every reason can come about.
func openDesk(t testing.TB) *browser {
	t.Helper()
	o, b := openOffice(t)
	err := o.Store.Import(t.Context(), store.World{
		Mailboxes: []nasdesk.Mailbox{{Address: "hill.chemist@nhs.net", ODS: "FC789", Name: "Hill Chemist", Sector: nasdesk.Pharmacy, DSPT: nasdesk.StandardsMet, Status: nasdesk.Active}},
		Accounts: []nasdesk.Account{
			{Address: "olga.moor@nhs.net", Name: "Olga Moor", Mobile: "07700900104", Status: nasdesk.Active, Since: "2023-01-09"},
			{Address: "pia.dale@nhs.net", Name: "Pia Dale", Mobile: "07700900105", Status: nasdesk.Disabled, Since: "2026-01-09"},
		},
		Memberships: []nasdesk.Membership{{Mailbox: "hill.chemist@nhs.net", Account: "olga.moor@nhs.net", Role: nasdesk.Owner}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// raw takes the bytes of a mail as the line does. The header of a proved mail is
// put on top of what it is given.
func (b *browser) raw(from nasdesk.Address, rest string) {
	b.t.Helper()
	b.mails++
	head := "Authentication-Results: mx.example.org; dmarc=pass header.from=" + from.Domain() + "\r\nReceived: from a by b; Wed, 22 Apr 2026 10:00:00 +0100\r\n" +
		"Message-ID: <raw-" + strconv.Itoa(b.mails) + "@example.org>\r\nDate: Wed, 22 Apr 2026 10:00:00 +0100\r\n"
	if from != "" {
		head += "From: " + string(from) + "\r\n"
	}
	text := head + strings.ReplaceAll(rest, "\n", "\r\n")
	if _, err := b.line.Take(b.t.Context(), []byte(text), inbox.Location{Folder: "INBOX", UIDValidity: 1, UID: uint32(b.mails)}); err != nil {
		b.t.Fatal(err)
	}
}

// newest is the request that was made last, and its version.
func (b *browser) newest() *store.Dossier {
	b.t.Helper()
	rows, err := b.office.Store.List(b.t.Context(), store.Filter{Queue: store.QueueAll, Today: b.today(), Limit: 1})
	if err != nil || len(rows.Rows) == 0 {
		b.t.Fatalf("no request: %v", err)
	}
	return b.dossier(rows.Rows[0].Request)
}

func (b *browser) dossier(id int64) *store.Dossier {
	b.t.Helper()
	d, err := b.office.Store.Dossier(b.t.Context(), id, b.today())
	if err != nil {
		b.t.Fatal(err)
	}
	return d
}

func (b *browser) today() nasdesk.Date { return nasdesk.DateOf(b.clock.now()) }

func requestPath(id int64) string { return "/requests/" + strconv.FormatInt(id, 10) }

const newUser = "Please create a new nhs.net account\n\nFull name: Rhona Skye\nMobile: 07700 900%s\nAlternative email: rhona@example.com\nRole: member\n"

// An exception is one way in which a mail comes to staff, and one in which it is
// cleared.
type exception struct {
	reason nasdesk.Reason
	mail   func(*browser)
	act    nasdesk.StaffAct
	typed  url.Values
	says   []string // on the request's page
	mails  string   // in the preview; "" for no mail
	after  nasdesk.State
}

var exceptions = []exception{
	{nasdesk.DuplicatePerson, func(b *browser) {
		b.deliver(fa123, "New account", strings.ReplaceAll(newUser, "%s", "102"), true)
	}, nasdesk.ActAsk, nil, []string{"registered for Tom Barker, tom.barker@nhs.net", "The person may have an account"}, "To pharmacy.fa123@nhs.net", nasdesk.StateAsking},
	{nasdesk.AccountNotFound, func(b *browser) {
		b.deliver(fa123, "Link", "Please link an existing account\n\nFull name: Nia Vale\nNHS.net email: nia.vale@nhs.net\nMobile: 07700 900777\nRole: member\n", true)
	}, nasdesk.ActCorrect, url.Values{"f-nhs_email": {"grace.li@nhs.net"}, "f-mobile": {"07700900103"}}, []string{"In the register: no such account"}, "To pharmacy.fa123@nhs.net", nasdesk.StateDoing},
	{nasdesk.IdentityMismatch, func(b *browser) {
		b.deliver(fb456, "Link", "Please link an existing account\n\nFull name: Tom Barker\nNHS.net email: tom.barker@nhs.net\nMobile: 07700 900666\nRole: member\n", true)
	}, nasdesk.ActApprove, nil, []string{"tom.barker@nhs.net has another number registered: 07700900102"}, "To pharmacy.fb456@nhs.net", nasdesk.StateDoing},
	{nasdesk.MailboxAddressFormat, func(b *browser) {
		b.deliver("hill.chemist@nhs.net", "Change of ODS code", "Our mailbox address is wrong, it should be pharmacy.fc789@nhs.net. Please change our ODS code address.\n\nOld ODS code: FC789\nNew ODS code: FC789\n", true)
	}, nasdesk.ActReply, url.Values{"text": {"We look into it today."}}, []string{"Urgent", "Deal with it first"}, "We look into it today.", nasdesk.StateReferred},
	{nasdesk.ReplyToDiffers, func(b *browser) {
		b.raw(fa123, "Reply-To: someone@example.net\nSubject: New account\n\n"+strings.ReplaceAll(newUser, "%s", "201"))
	}, nasdesk.ActApprove, nil, []string{"Answers would go to someone@example.net", "taken over"}, "To pharmacy.fa123@nhs.net", nasdesk.StateDoing},
	{nasdesk.StaffOnly, func(b *browser) {
		b.deliver(fb456, "Details", "We lost our mailbox details.\n\nFull name: Grace Li\nODS code: FB456\nWe have not received the account details for our shared mailbox.\n", true)
	}, nasdesk.ActReply, url.Values{"text": {"Your mailbox is pharmacy.fb456@nhs.net."}, "close": {"yes"}}, []string{"Staff decide this"}, "Your mailbox is pharmacy.fb456@nhs.net.", nasdesk.StateDone},
	{nasdesk.NotUnderstood, func(b *browser) {
		b.deliver(fa123, "Hello", "The weather is fine today and the river is high.\n", true)
	}, nasdesk.ActNoRequest, nil, []string{"No request that we know"}, "", nasdesk.StateWithdrawn},
	{nasdesk.Unreadable, func(b *browser) {
		b.raw(fa123, "Subject: scan\nMIME-Version: 1.0\nContent-Type: image/png; name=scan.png\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=\"..\\scan.exe\"\n\niVBORw0KGgo=\n")
	}, nasdesk.ActAsk, url.Values{"text": {"Please write it into the mail itself."}}, []string{"No text could be read from this mail.", "scan.exe"}, "Please write it into the mail itself.", nasdesk.StateAsking},
	{nasdesk.Conflict, func(b *browser) {
		b.deliver(fa123, "Link", "Please link an existing account\n\nFull name: Pia Dale\nNHS.net email: pia.dale@nhs.net\nMobile: 07700 900105\nRole: member\n", true)
	}, nasdesk.ActRefuse, url.Values{"rule": {"first"}}, []string{"Pia Dale, disabled since 9 January 2026"}, "To pharmacy.fa123@nhs.net", nasdesk.StateRefused},
}

// Every reason of the contract for which a request goes to staff is cleared once.
func TestOneExceptionOfEveryReasonIsCleared(t *testing.T) {
	for _, e := range exceptions {
		t.Run(string(e.reason), func(t *testing.T) {
			b := openDesk(t)
			e.mail(b)
			d := b.newest()
			if d.Request.State != nasdesk.StateReferred || !slices.Contains(d.Request.Reasons, e.reason) {
				t.Fatalf("it is %s %s %v, not referred for %s", d.Request.Kind, d.Request.State, d.Request.Reasons, e.reason)
			}
			b.clear(t, e, d)
		})
	}
}

func (b *browser) clear(t *testing.T, e exception, d *store.Dossier) {
	t.Helper()
	agent, id := b.as("agent"), d.Request.ID
	list := agent.get("/")
	list.says(d.Request.Reference, reasonOf(e.reason, nil).Short)
	p := agent.get(rowLink(t, list, "r"+strconv.FormatInt(id, 10)))
	p.says(append(e.says, reasonOf(e.reason, nil).Why, reasonOf(e.reason, nil).Helps)...)
	preview := agent.send(p, id, e.act, e.typed)
	preview.is(http.StatusOK)
	if e.mails == "" {
		preview.says("No mail goes out")
	} else {
		preview.says(e.mails)
	}
	back := agent.submit(preview, requestPath(id)+"/act", nil)
	back.is(http.StatusOK)
	if !e.act.Quiet() {
		back.says("will be done at 10:00:30")
		if got := b.dossier(id).Request.State; got != nasdesk.StateReferred {
			t.Errorf("it is %s before its time has come", got)
		}
		b.undoTimeEnds()
	}
	after := b.dossier(id)
	if after.Request.State != e.after {
		t.Errorf("the request is %s, not %s: clicks %+v", after.Request.State, e.after, after.Clicks)
	}
	agent.get("/queues/exceptions").lacks("will be done at")
	agent.get(requestPath(id)).says(stateTag(e.after).Text)
}

// rowLink is where the row with an id leads.
func rowLink(t *testing.T, list *page, id string) string {
	t.Helper()
	for _, a := range list.all("a", "id", id) {
		to, _ := attribute(a, "href")
		return to
	}
	t.Fatalf("%s has no row %s: %s", list.path, id, list.text())
	return ""
}

// send sends the form of an act on the request's page to its preview, with what
// was typed. The rule "first" is the first that the form offers.
func (b *browser) send(p *page, id int64, act nasdesk.StaffAct, typed url.Values) *page {
	b.t.Helper()
	return b.post(requestPath(id)+"/preview", b.filled(p, act, typed))
}

// filled is the form of an act with what was typed.
func (b *browser) filled(p *page, act nasdesk.StaffAct, typed url.Values) url.Values {
	b.t.Helper()
	form := p.formIn("act-" + string(act))
	for name, values := range typed {
		if _, there := form[name]; !there {
			b.t.Fatalf("%s: the form of %s has no field %s: %v", p.path, act, name, form)
		}
		form[name] = values
	}
	if form.Get("rule") == "first" {
		form.Set("rule", p.firstRadio("rule"))
	}
	return form
}

// formIn is what the form within an element sends that is posted.
func (p *page) formIn(id string) url.Values {
	p.t.Helper()
	for _, box := range p.all("details", "id", id) {
		inner := &page{t: p.t, path: p.path, doc: box}
		for _, f := range inner.all("form", "method", "post") {
			action, _ := attribute(f, "action")
			return inner.posted(action)
		}
	}
	p.t.Fatalf("%s has no form in %s", p.path, id)
	return nil
}

// posted is form, of the posted form of that action.
func (p *page) posted(action string) url.Values {
	for _, f := range p.all("form", "action", action) {
		if m, _ := attribute(f, "method"); m == "post" {
			return (&page{t: p.t, path: p.path, doc: f.Parent}).form(action)
		}
	}
	return nil
}

func (p *page) firstRadio(name string) string {
	for _, n := range p.all("input", "name", name, "type", "radio") {
		value, _ := attribute(n, "value")
		return value
	}
	p.t.Fatalf("%s has no choice of %s", p.path, name)
	return ""
}
