package console

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"nasdesk"
	"nasdesk/store"
)

const newStarter = "Please set up an nhs.net account for our new dispenser.\n\nFull name: Winifred Okafor\nMobile: 07700 900 150\nAlternative email: winifred@example.com\nRole: Member\n"

// begun lets the account work of all requests be begun, as the worklist does, and
// connects the office's reports with the line. It returns the pieces of work by
// action.
func (b *browser) begun() map[nasdesk.ActionName]store.WorkRow {
	b.t.Helper()
	now := nasdesk.TimestampOf(b.clock.now())
	due, err := b.office.Store.DueWork(b.t.Context(), now, 100, 60e6)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, w := range due {
		b.report(w.Key, w.Request, nasdesk.WorkReport{State: nasdesk.WorkPending, People: true})
	}
	if len(due) > 0 {
		b.begun() // what stood behind it
	}
	b.office.Work = func(ctx context.Context, id int64, by string, r nasdesk.WorkReport) error {
		w, _, err := b.office.Store.Order(ctx, id)
		if err != nil {
			return err
		}
		b.report(w.Action.Key, w.Request, r)
		return nil
	}
	out := map[nasdesk.ActionName]store.WorkRow{}
	o, err := b.office.Store.Orders(b.t.Context(), "", 100)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, w := range o.Rows {
		out[w.Action.Name] = w
	}
	return out
}

func (b *browser) report(action string, request int64, r nasdesk.WorkReport) {
	b.t.Helper()
	err := b.line.Event(b.t.Context(), nasdesk.Event{Key: "work:" + action + ":" + string(r.State) + string(r.Account), At: nasdesk.TimestampOf(b.clock.now()),
		Work: &nasdesk.WorkEvent{Request: request, Action: action, State: r.State, Account: r.Account, Detail: r.Detail, People: r.People}})
	if err != nil {
		b.t.Fatal(err)
	}
}

func atID(base string, id int64) string { return base + strconv.FormatInt(id, 10) }

// starters is a console with a new account to make.
func starters(t *testing.T) (*browser, map[nasdesk.ActionName]store.WorkRow) {
	t.Helper()
	_, b := openOffice(t)
	b.deliver("pharmacy.fa123@nhs.net", "New dispenser", newStarter, true)
	rows := b.begun()
	if len(rows) != 1 {
		t.Fatalf("the work is %v", rows)
	}
	return b, rows
}

func TestTheWorklistIsEmpty(t *testing.T) {
	_, b := openOffice(t)
	b.as("auditor").get("/work").says("There is no account work to do.")
	b.as("agent").get("/work?after=1-1").says("There is no account work to do.", "Go to the first page")
	b.as("agent").fetch("GET", "/work?after="+strings.Repeat("1", 100), nil).is(404)
	b.fetch("GET", "/work", nil).is(303)
}

func TestAnOrderShowsWhatThePortalAsks(t *testing.T) {
	b, rows := starters(t)
	p := b.as("agent").get("/work")
	p.says("1 order for 1 mailbox", "High Street Pharmacy (FA123)", "Create an account for Winifred Okafor", "In the portal: Admin , User Management , Add , User",
		"winifred.okafor@nhs.net", "Email Alias, if taken (1)", "winifred.okafor2@nhs.net", "07700900150")
	copies := p.all("button", "data-copy", "")
	if len(copies) < 10 {
		t.Errorf("%d boxes can be copied", len(copies))
	}
	for _, c := range copies {
		id, _ := attribute(c, "data-copy")
		if _, hidden := attribute(c, "hidden"); !hidden || len(p.all("output", "id", id)) != 1 {
			t.Errorf("the button for %s is not hidden without script, or copies nothing", id)
		}
	}
	for n := range p.all("main")[0].Descendants() {
		if n.Type == html.ElementNode && n.Data == "input" {
			if name, _ := attribute(n, "name"); name == "mobile" || name == "name" {
				t.Errorf("a box of the portal can be edited: %s", name)
			}
		}
	}
	if p := b.as("auditor").get("/work"); len(p.all("form", "method", "post")) > 1 { // sign out
		t.Error("an auditor has a form")
	}
	b.as("auditor").fetch("POST", atID("/work/", rows[nasdesk.CreateAccount].ID), url.Values{"came": {"done"}}).is(403)
}

func TestANewAccountIsMadeThenActive(t *testing.T) {
	b, rows := starters(t)
	agent := b.as("agent")
	make := atID("/work/", rows[nasdesk.CreateAccount].ID)
	p := agent.submit(agent.get("/work"), make, url.Values{"came": {"made"}, "account": {"winifred.okafor2@nhs.net"}})
	p.says("The account is made.", "Made, not yet active", "The address given is winifred.okafor2@nhs.net", "The account is active now").is(200)
	p.lacks("Email Alias")
	link := b.begun()[nasdesk.LinkMember]
	p = agent.get("/work").says("2 orders for 1 mailbox", "Make winifred.okafor2@nhs.net a member", "Wait until the new account is active")
	if len(p.all("form", "action", atID("/work/", link.ID))) != 0 {
		t.Error("the account can be linked before it is active")
	}
	if r := agent.fetch("POST", make, url.Values{"came": {"made"}}); r.status != 422 {
		t.Errorf("made twice: %d", r.status)
	}
	p = agent.submit(agent.get("/work"), make, url.Values{"came": {"done"}})
	p.says("The order is done.", "1 order for 1 mailbox", "winifred.okafor2@nhs.net")
	p = agent.submit(p, atID("/work/", link.ID), url.Values{"came": {"done"}})
	p.says("There is no account work to do.")
	c, err := b.office.Store.Pull(t.Context(), nasdesk.Keys{Addresses: []nasdesk.Address{"winifred.okafor2@nhs.net"}})
	if err != nil || c.Account("winifred.okafor2@nhs.net") == nil || c.Account("winifred.okafor2@nhs.net").Status != nasdesk.Active {
		t.Errorf("the register has %+v, %v", c.Accounts, err)
	}
	agent.fetch("POST", make, url.Values{"came": {"done"}}).is(409)
}

func TestAnOrderGoesBackWithAReason(t *testing.T) {
	b, rows := starters(t)
	agent := b.as("agent")
	make := atID("/work/", rows[nasdesk.CreateAccount].ID)
	why := "why-" + strconv.FormatInt(rows[nasdesk.CreateAccount].ID, 10)
	p := agent.submit(agent.get("/work"), make, url.Values{"came": {"back"}}).is(422)
	p.says("There is a problem", "Say why it cannot be done")
	if len(p.all("a", "href", "#"+why)) != 1 || len(p.all("input", "id", why, "aria-describedby", "")) != 1 {
		t.Error("the summary does not lead to the field")
	}
	agent.submit(p, make, url.Values{"why": {"She has an account at another pharmacy"}}).is(200).says("The order went back")
	r, err := b.office.Store.Pull(t.Context(), nasdesk.Keys{Requests: []int64{rows[nasdesk.CreateAccount].Request}})
	if err != nil || r.Requests[0].State != nasdesk.StateReferred {
		t.Errorf("the request is %s, %v", r.Requests[0].State, err)
	}
}

func TestWhatIsReportedOfAnOrderIsChecked(t *testing.T) {
	b, rows := starters(t)
	agent := b.as("agent")
	make := atID("/work/", rows[nasdesk.CreateAccount].ID)
	for _, c := range []struct {
		form url.Values
		says string
	}{
		{url.Values{"account": {"winifred.okafor@nhs.net"}}, "Choose what came of it"},
		{url.Values{"came": {"perhaps"}}, "Choose what came of it"},
		{url.Values{"came": {"done"}, "account": {"winifred"}}, "Enter the address that the portal gave"},
		{url.Values{"came": {"done"}, "account": {"w@example.com"}}, "Enter the address that the portal gave"},
		{url.Values{"came": {"back"}, "why": {strings.Repeat("x", 501)}}, "Say it in 500 letters"},
		{url.Values{"came": {"done"}, "account": {"pharmacy.fa123@nhs.net"}}, "the address of a shared mailbox"},
		{url.Values{"came": {"done"}, "account": {"amina.khan@nhs.net"}}, "for somebody else"},
	} {
		agent.post(make, c.form).is(422).says("There is a problem", c.says)
	}
	agent.post("/work/999", url.Values{"came": {"done"}}).is(404)
	agent.post("/work/x", url.Values{"came": {"done"}}).is(404)
}

func TestAfterAnOrderComesTheNext(t *testing.T) {
	_, b := openOffice(t)
	b.deliver("pharmacy.fa123@nhs.net", "Two", newStarter+"\nFull name: Edwin Sallow\nMobile: 07700 900 151\nAlternative email: edwin@example.com\nRole: Owner\n", true)
	b.begun()
	agent := b.as("agent")
	p := agent.get("/work")
	forms := p.all("form", "action", "")
	var orders []string
	for _, f := range forms {
		if a, _ := attribute(f, "action"); strings.HasPrefix(a, "/work/") {
			orders = append(orders, a)
		}
	}
	if len(orders) != 2 {
		t.Fatalf("the forms are %v", orders)
	}
	form := p.form(orders[0])
	form["came"] = []string{"made"}
	to := agent.fetch("POST", orders[0], form).header.Get("Location")
	if to != "/work#order-"+strings.TrimPrefix(orders[1], "/work/") {
		t.Errorf("behind %s comes %s", orders[0], to)
	}
	form = p.form(orders[1])
	form["came"], form["after"] = []string{"made"}, []string{"5-6\r\nX: y"}
	if to := agent.fetch("POST", orders[1], form).header.Get("Location"); to != "/work#orders" {
		t.Errorf("behind the last comes %s", to)
	}
}
