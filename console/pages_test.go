package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"nasdesk"
	"nasdesk/inbox"
	"nasdesk/store"
)

func messagePath(id int64) string { return "/messages/" + strconv.FormatInt(id, 10) }

// held is the message that is held back, of which there is one.
func (b *browser) held() store.Row {
	b.t.Helper()
	rows, err := b.office.Store.List(b.t.Context(), store.Filter{Queue: store.QueueQuarantined, Today: b.today()})
	if err != nil || len(rows.Rows) != 1 {
		b.t.Fatalf("%d messages held back, %v", len(rows.Rows), err)
	}
	return rows.Rows[0]
}

func (b *browser) clickAt(p *page) int64 {
	b.t.Helper()
	for _, a := range p.all("a") {
		if to, _ := attribute(a, "href"); strings.HasPrefix(to, "/clicks/") {
			id, _ := strconv.ParseInt(strings.TrimPrefix(to, "/clicks/"), 10, 64)
			return id
		}
	}
	b.t.Fatalf("%s leads to no act: %s", p.path, p.text())
	return 0
}

func clickPath(id int64) string { return "/clicks/" + strconv.FormatInt(id, 10) }

func TestAMessageHeldBackIsCondemned(t *testing.T) {
	for _, c := range []struct {
		reason nasdesk.Reason
		mail   func(*browser)
		says   string
	}{
		{nasdesk.SenderUnverified, func(b *browser) { b.deliver(fa123, "New account", strings.ReplaceAll(newUser, "%s", "201"), false) }, "Authentication-Results say dmarc=fail"},
		{nasdesk.SenderAmbiguous, func(b *browser) { b.raw("", "Subject: New account\n\n"+strings.ReplaceAll(newUser, "%s", "201")) }, "names several"},
	} {
		t.Run(string(c.reason), func(t *testing.T) {
			b := openDesk(t)
			c.mail(b)
			agent, row := b.as("agent"), b.held()
			list := agent.get("/queues/quarantined")
			p := agent.get(rowLink(t, list, "m"+strconv.FormatInt(row.Message, 10)))
			p.says(reasonOf(c.reason, nil).Why, reasonOf(c.reason, nil).Helps, "Rhona Skye", c.says)
			form := p.formIn("act-condemn")
			agent.post(messagePath(row.Message)+"/preview", form).is(http.StatusOK).says("No mail goes out")
			agent.post(messagePath(row.Message)+"/act", form).is(http.StatusOK).says("Condemn, message")
			agent.get("/queues/quarantined").says(queuesInWords[store.QueueQuarantined].Empty)
			agent.fetch(http.MethodGet, messagePath(row.Message), nil).is(http.StatusNotFound)
			agent.post(messagePath(row.Message)+"/act", form).is(http.StatusConflict).says("Changed meanwhile")
		})
	}
}

// A release is proposed by one and agreed to by another, who sees what it rests
// on and what it does. Until then nothing happens.
func TestAReleaseTakesTwoPeople(t *testing.T) {
	b := openDesk(t)
	b.deliver(fa123, "New account", strings.ReplaceAll(newUser, "%s", "201"), false)
	agent, second, row := b.as("agent"), b.as("second"), b.held()
	p := agent.get(messagePath(row.Message))
	p.says("What it would be read as", "New account", "07700900201")
	form := p.formIn("act-release")
	form.Set("text", "I rang the pharmacy on the number in the register.")
	preview := agent.post(messagePath(row.Message)+"/preview", form)
	preview.says("A second person has to agree", "Create the account rhona.skye@nhs.net", "To pharmacy.fa123@nhs.net")
	agent.submit(preview, messagePath(row.Message)+"/act", nil).says("It is done when a colleague agrees")
	list := second.get("/queues/second")
	click := b.clickAt(list)
	agent.get(clickPath(click)).says("somebody else has to agree").lacks("I agree")
	agent.post(clickPath(click)+"/agree", nil).is(http.StatusForbidden)
	page := second.get(clickPath(click))
	page.says("I rang the pharmacy", "Rhona Skye", "Authentication-Results say dmarc=fail", "Create the account rhona.skye@nhs.net")
	second.submit(page, clickPath(click)+"/agree", nil).says("You agreed", "will be done at")
	second.post(clickPath(click)+"/agree", nil).is(http.StatusConflict)
	if n := b.count(store.QueueAll); n != 0 {
		t.Fatalf("%d requests before its time has come", n)
	}
	b.undoTimeEnds()
	d := b.newest()
	if d.Request.Kind != "new-user" || d.Request.Outcome != nasdesk.Accepted {
		t.Errorf("the released message is %s %s", d.Request.Kind, d.Request.Outcome)
	}
	agent.get("/queues/quarantined").says(queuesInWords[store.QueueQuarantined].Empty)
	agent.get(requestPath(d.Request.ID)).says("Rhona Skye", "Released agent and second released it as a message of pharmacy.fa123@nhs.net", "What its header lines say today").lacks("Not proved")
	agent.get(clickPath(click)).says("Done")
}

// A mail's page shows the proof that it was decided on. Where that of today is
// another, for other servers are trusted now, it says so.
func TestTheProofIsThatOfTheDecision(t *testing.T) {
	b := openDesk(t)
	exceptions[0].mail(b)
	agent, id := b.as("agent"), b.newest().Request.ID
	agent.get(requestPath(id)).says("The mail servers vouch for", "What this rests on:").lacks("Not proved", "trusted today")
	trust, err := inbox.ParseTrust("rfc8601:mx.example.net")
	if err != nil {
		t.Fatal(err)
	}
	b.line.Profile = trust
	agent.get(requestPath(id)).says("The mail servers vouch for", "By the mail servers that are trusted today it is not proved", "What its header lines say today:").lacks("Not proved")
}

// Who looked at a request stands in its journal where that is asked for.
func TestLooksAreShownWhereAskedFor(t *testing.T) {
	b := openDesk(t)
	exceptions[0].mail(b)
	agent, id := b.as("agent"), b.newest().Request.ID
	b.as("auditor").get(requestPath(id))
	for path, open := range map[string]string{requestPath(id) + "?back=%2Fqueues%2Fexceptions": "/requests/1?back=%2Fqueues%2Fexceptions&looks=yes#journal",
		"/register/mailboxes/" + string(fa123): "/register/mailboxes/" + string(fa123) + "?looks=yes#history"} {
		p := agent.get(path).says("The request went to staff").lacks("by auditor")
		if len(p.all("a", "href", open)) != 1 {
			t.Errorf("%s: no link to %s", path, open)
		}
		agent.get(strings.Split(open, "#")[0]).says("The request went to staff", "A colleague looked at it", "request by auditor", "Leave out who looked at it")
	}
}

// A question names the fields that it asks for; with none named it asks for those
// in doubt.
func TestAQuestionNamesItsFields(t *testing.T) {
	b := openDesk(t)
	exceptions[0].mail(b)
	agent, id := b.as("agent"), b.newest().Request.ID
	page := func() *page { return agent.get(requestPath(id)) }
	agent.send(page(), id, nasdesk.ActAsk, url.Values{"about": {"shoes"}}).is(http.StatusUnprocessableEntity).says("Choose fields of this request")
	unnamed := agent.send(page(), id, nasdesk.ActAsk, nil).is(http.StatusOK)
	p := agent.send(page(), id, nasdesk.ActAsk, url.Values{"about": {"role", "full_name"}}).is(http.StatusOK).says("Full name:", "Role (owner")
	if unnamed.body == p.body || strings.Contains(unnamed.text(), "Role (owner") {
		t.Error("it asks for the role though nobody named it")
	}
	if hidden := p.form(requestPath(id) + "/act")["about"]; !slices.Equal(hidden, []string{"role", "full_name"}) {
		t.Errorf("the preview carries %q", hidden)
	}
	again := agent.send(page(), id, nasdesk.ActAsk, url.Values{"text": {" "}, "about": {"role"}}).is(http.StatusUnprocessableEntity)
	if got := again.formIn("act-ask")["about"]; !slices.Equal(got, []string{"role"}) {
		t.Errorf("ticked are %q", got)
	}
	agent.submit(p, requestPath(id)+"/act", nil)
	b.undoTimeEnds()
	d := b.dossier(id)
	if d.Request.State != nasdesk.StateAsking || !slices.Equal(d.Request.Reasons, []nasdesk.Reason{nasdesk.Invalid("full_name"), nasdesk.Invalid("role")}) {
		t.Errorf("it is %s for %q", d.Request.State, d.Request.Reasons)
	}
}

// A request is merged with another of the same pharmacy, where there is one.
func TestAMergeIsOfferedWhereThereIsAnother(t *testing.T) {
	b := openDesk(t)
	exceptions[0].mail(b)
	agent, id := b.as("agent"), b.newest().Request.ID
	if n := len(agent.get(requestPath(id)).all("details", "id", "act-merge")); n != 0 {
		t.Error("a merge is offered, with nothing to merge it with")
	}
	b.deliver(fa123, "Hello", "The weather is fine today and the river is high.\n", true)
	if n := len(agent.get(requestPath(id)).all("details", "id", "act-merge")); n != 1 {
		t.Error("no merge is offered")
	}
}

// sealed has the journal sealed, and what happened since found by its words.
func (b *browser) sealed() {
	b.t.Helper()
	if _, err := b.office.Store.Seal(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

func (b *browser) count(q store.Queue) int {
	b.t.Helper()
	rows, err := b.office.Store.List(b.t.Context(), store.Filter{Queue: q, Today: b.today()})
	if err != nil {
		b.t.Fatal(err)
	}
	return len(rows.Rows)
}

// ownerless puts a mailbox without an owner into the register, and lets it write
// what staff decide.
func ownerless(t testing.TB) (*browser, int64) {
	b := openDesk(t)
	const lone = "pharmacy.fd000@nhs.net"
	err := b.office.Store.Import(t.Context(), store.World{
		Mailboxes: []nasdesk.Mailbox{{Address: lone, ODS: "FD000", Name: "Lone Chemist", Sector: nasdesk.Pharmacy, DSPT: nasdesk.StandardsMet, Status: nasdesk.Active}}})
	if err != nil {
		t.Fatal(err)
	}
	b.deliver(lone, "Details", "We have not received the account details for our shared mailbox.\n\nFull name: Rhona Skye\nODS code: FD000\n", true)
	d := b.newest()
	if d.Request.State != nasdesk.StateReferred {
		t.Fatalf("it is %s %s", d.Request.Kind, d.Request.State)
	}
	return b, d.Request.ID
}

func TestADecisionForAMailboxWithoutOwnerTakesTwoPeople(t *testing.T) {
	for _, agreed := range []bool{true, false} {
		b, id := ownerless(t)
		agent, second := b.as("agent"), b.as("second")
		preview := agent.send(agent.get(requestPath(id)), id, nasdesk.ActApprove, nil)
		preview.says("A second person has to agree", "To pharmacy.fd000@nhs.net")
		agent.submit(preview, requestPath(id)+"/act", nil).says("proposed")
		agent.get(requestPath(id)).says("waits for a second person")
		click := b.clickAt(second.get("/queues/second"))
		page := second.get(clickPath(click))
		page.says("Approve", "We have not received the account details", "To pharmacy.fd000@nhs.net")
		want := nasdesk.StateReferred
		if agreed {
			want = nasdesk.StateDone
			second.submit(page, clickPath(click)+"/agree", nil)
		} else {
			second.submit(page, clickPath(click)+"/undo", nil).says("declined")
		}
		b.undoTimeEnds()
		if got := b.dossier(id).Request.State; got != want {
			t.Errorf("agreed %v: the request is %s, not %s", agreed, got, want)
		}
		second.get(clickPath(click)).lacks("I agree")
	}
}

func TestAnActIsUndoneFromTheBar(t *testing.T) {
	b := openDesk(t)
	exceptions[0].mail(b)
	agent, id := b.as("agent"), b.newest().Request.ID
	preview := agent.send(agent.get(requestPath(id)), id, nasdesk.ActAsk, nil)
	after := agent.submit(preview, requestPath(id)+"/act", nil)
	click := b.dossier(id).Clicks[0].ID
	other := b.as("second")
	other.post(clickPath(click)+"/undo", nil).is(http.StatusForbidden)
	other.get("/queues/exceptions").lacks("will be done at")
	agent.get("/register").says("will be done at")
	agent.submit(after, clickPath(click)+"/undo", nil).says("taken back").lacks("will be done at")
	agent.post(clickPath(click)+"/undo", nil).is(http.StatusConflict)
	b.undoTimeEnds()
	if d := b.dossier(id); d.Request.State != nasdesk.StateReferred || len(d.Letters) != 2 {
		t.Errorf("after the undo it is %s with %d letters", d.Request.State, len(d.Letters))
	}
	agent.post(clickPath(click)+"/undo", nil).is(http.StatusConflict).says("Too late")
}

// What was looked at and has changed is not acted on: not in the preview, not
// at the deed.
func TestAStaleCaseIsLookedAtAgain(t *testing.T) {
	b := openDesk(t)
	exceptions[0].mail(b)
	agent, second, id := b.as("agent"), b.as("second"), b.newest().Request.ID
	old := agent.get(requestPath(id))
	preview := agent.send(old, id, nasdesk.ActAsk, nil)
	second.post(requestPath(id)+"/act", second.filled(second.get(requestPath(id)), nasdesk.ActNote, url.Values{"text": {"They rang."}})).is(http.StatusOK)
	for _, p := range []*page{agent.send(old, id, nasdesk.ActAsk, nil), agent.submit(preview, requestPath(id)+"/act", nil)} {
		p.is(http.StatusConflict).says("Changed meanwhile: look again")
		if links := p.all("a", "href", requestPath(id)); len(links) != 1 {
			t.Errorf("the page does not lead back: %s", p.text())
		}
	}
	agent.get(requestPath(id)).says("They rang.", "second")
	if d := b.dossier(id); len(d.Letters) != 2 || d.Request.State != nasdesk.StateReferred {
		t.Errorf("it is %s with %d letters", d.Request.State, len(d.Letters))
	}
}

// While an act waits nothing else is done to the request: it would find it
// changed. What came to nothing for that reason is told to whoever did it.
func TestOneActAtATime(t *testing.T) {
	b := openDesk(t)
	exceptions[0].mail(b)
	agent, second, d := b.as("agent"), b.as("second"), b.newest()
	id := d.Request.ID
	old := second.get(requestPath(id))
	agent.submit(agent.send(agent.get(requestPath(id)), id, nasdesk.ActAsk, nil), requestPath(id)+"/act", nil)
	page := second.get(requestPath(id)).says("Until then nothing else can be done")
	if n := len(page.all("form", "action", requestPath(id)+"/preview")); n != 0 {
		t.Errorf("%d forms are offered", n)
	}
	second.send(old, id, nasdesk.ActAsk, nil).is(http.StatusConflict).says("An act on it waits already")
	second.post(requestPath(id)+"/act", second.filled(old, nasdesk.ActNote, url.Values{"text": {"x"}})).is(http.StatusConflict)
	second.fetch(http.MethodPost, clickPath(b.dossier(id).Clicks[0].ID)+"/undo", nil).is(http.StatusForbidden)
}

// An act that comes to nothing, because the pharmacy was quicker, is told to
// whoever did it: once, on the next page that they see.
func TestAnActThatCameToNothingIsTold(t *testing.T) {
	b := openDesk(t)
	b.deliver(fa123, "New account", strings.ReplaceAll(strings.ReplaceAll(newUser, "%s", "201"), "Role: member\n", ""), true)
	agent, d := b.as("agent"), b.newest()
	id := d.Request.ID
	agent.submit(agent.send(agent.get(requestPath(id)), id, nasdesk.ActReply, url.Values{"text": {"Which role?"}}), requestPath(id)+"/act", nil)
	b.deliver(fa123, "RE: New account ["+d.Request.Reference+"]", "Role: member\n", true)
	b.undoTimeEnds()
	agent.get("/queues/exceptions").says("not done: changed meanwhile")
	agent.get("/queues/exceptions").lacks("not done: changed meanwhile")
	if r := b.dossier(id).Request; r.State != nasdesk.StateDoing {
		t.Errorf("the request is %s", r.State)
	}
}

func TestAnAuditorReadsAndDoesNothing(t *testing.T) {
	b, id := ownerless(t)
	agent, auditor := b.as("agent"), b.as("auditor")
	agent.submit(agent.send(agent.get(requestPath(id)), id, nasdesk.ActApprove, nil), requestPath(id)+"/act", nil)
	click := b.clickAt(auditor.get("/queues/second"))
	b.deliver(fa123, "New account", strings.ReplaceAll(newUser, "%s", "201"), false)
	message := b.held().Message
	for _, path := range []string{"/queues/exceptions", requestPath(id), clickPath(click), messagePath(message), "/search?q=FD000"} {
		for _, f := range auditor.get(path).all("form", "method", "post") {
			if to, _ := attribute(f, "action"); to != "/sign-out" {
				t.Errorf("%s offers an auditor the form %s", path, to)
			}
		}
	}
	form := url.Values{"act": {"note"}, "text": {"x"}, "seen": {"1"}}
	for _, path := range []string{requestPath(id) + "/preview", requestPath(id) + "/act", clickPath(click) + "/agree", clickPath(click) + "/undo",
		messagePath(message) + "/preview", messagePath(message) + "/act"} {
		auditor.post(path, form).is(http.StatusForbidden)
	}
}

// After an act the browser stands at the row behind, in the list it came from.
func TestOneComesBackToTheNextItem(t *testing.T) {
	b := openDesk(t)
	var ids []int64
	for range 3 {
		b.deliver(fa123, "Hello", "The weather is fine today and the river is high.\n", true)
		ids = append(ids, b.newest().Request.ID)
		b.clock.move(time.Minute)
	}
	agent := b.as("agent")
	list := agent.get("/queues/exceptions?kind=unknown")
	p := agent.get(rowLink(t, list, "r"+strconv.FormatInt(ids[1], 10)))
	answer := agent.fetch(http.MethodPost, requestPath(ids[1])+"/act", agent.filled(p, nasdesk.ActNoRequest, nil))
	want := "/queues/exceptions?kind=unknown#r" + strconv.FormatInt(ids[2], 10)
	if to := answer.header.Get("Location"); to != want {
		t.Errorf("it leads to %q, not %q", to, want)
	}
	rowLink(t, agent.get("/queues/exceptions?kind=unknown"), "r"+strconv.FormatInt(ids[2], 10))
	p = agent.get(requestPath(ids[0]) + "?back=" + url.QueryEscape("https://example.net/"))
	if links := p.all("a", "href", "https://example.net/"); len(links) != 0 {
		t.Error("a page of another site is led back to")
	}
}

// What is wrong with a form is said beside the field, and what was typed stays.
func TestFormsSayWhatIsWrong(t *testing.T) {
	b := openDesk(t)
	exceptions[0].mail(b)
	agent, id := b.as("agent"), b.newest().Request.ID
	for _, c := range []struct {
		act   nasdesk.StaffAct
		typed url.Values
		says  string
		field string
	}{
		{nasdesk.ActCorrect, nil, "Change at least one field", "correct-kind"},
		{nasdesk.ActCorrect, url.Values{"f-mobile": {"12"}}, "Enter the mobile number", "correct-mobile"},
		{nasdesk.ActCorrect, url.Values{"f-effective_date": {"tomorrow"}}, "Enter the day", "correct-effective_date"},
		{nasdesk.ActRefuse, nil, "Choose the rule", "refuse-rule"},
		{nasdesk.ActAsk, url.Values{"text": {"  "}}, "Write the question", "ask-text"},
		{nasdesk.ActReply, nil, "Write the reply", "reply-text"},
		{nasdesk.ActNote, nil, "Write the note", "note-text"},
		{nasdesk.ActSnooze, url.Values{"until-day": {"31"}, "until-month": {"2"}, "until-year": {"2027"}}, "Enter a day to come", "snooze-until-day"},
		{nasdesk.ActSnooze, url.Values{"until-day": {"1"}, "until-month": {"4"}, "until-year": {"2026"}}, "Enter a day to come", "snooze-until-day"},
		{nasdesk.ActSnooze, url.Values{"until-day": {"1"}, "until-month": {"4"}, "until-year": {"2036"}}, "within a year", "snooze-until-day"},
		{nasdesk.ActAssign, url.Values{"to": {"auditor"}}, "Choose a colleague", "assign-to"},
	} {
		p := agent.send(agent.get(requestPath(id)), id, c.act, c.typed)
		p.is(http.StatusUnprocessableEntity).says("There is a problem", c.says)
		if len(p.all("a", "href", "#"+c.field)) == 0 {
			t.Errorf("%s: no link to #%s", c.act, c.field)
		}
		if len(p.all("details", "id", "act-"+string(c.act), "open", "")) != 1 {
			t.Errorf("%s: its form is shut", c.act)
		}
		for name, value := range c.typed {
			if got := p.formIn("act-" + string(c.act)).Get(name); got != value[0] && name != "to" {
				t.Errorf("%s: %s holds %q, not what was typed", c.act, name, got)
			}
		}
	}
}

func TestQuietActs(t *testing.T) {
	b := openDesk(t)
	exceptions[0].mail(b)
	first := b.newest().Request.ID
	b.clock.move(time.Minute)
	b.deliver(fa123, "Hello", "The weather is fine today and the river is high.\n", true)
	agent, id := b.as("agent"), b.newest().Request.ID
	b.sealed()
	do := func(act nasdesk.StaffAct, typed url.Values) *page {
		t.Helper()
		return agent.post(requestPath(id)+"/act", agent.filled(agent.get(requestPath(id)), act, typed)).is(http.StatusOK)
	}
	do(nasdesk.ActAssign, url.Values{"to": {"agent"}})
	if got := agent.get("/queues/exceptions?assignee=me"); len(got.all("a", "id", "r"+strconv.FormatInt(id, 10))) != 1 {
		t.Error("it is not among mine")
	}
	do(nasdesk.ActNote, url.Values{"text": {"Rang <b>Amina</b>."}}).says("Rang <b>Amina</b>.")
	do(nasdesk.ActSnooze, url.Values{"until-day": {"24"}, "until-month": {"4"}, "until-year": {"2026"}})
	if got := b.dossier(id).Request.Snoozed; got != "2026-04-24" {
		t.Errorf("snoozed until %q", got)
	}
	agent.get("/queues/snoozed").says(b.dossier(id).Request.Reference)
	agent.get("/queues/exceptions").lacks(b.dossier(id).Request.Reference)
	form := agent.filled(agent.get(requestPath(id)), nasdesk.ActSnooze, nil)
	form.Set("until-now", "yes")
	agent.post(requestPath(id)+"/act", form)
	agent.get("/queues/exceptions").says(b.dossier(id).Request.Reference)
	do(nasdesk.ActMerge, url.Values{"other": {strconv.FormatInt(first, 10)}})
	if got := b.dossier(id).Request.State; got != nasdesk.StateWithdrawn {
		t.Errorf("the merged request is %s", got)
	}
}

func TestAMergeByReference(t *testing.T) {
	b := openDesk(t)
	exceptions[0].mail(b)
	first := b.newest().Request
	exceptions[2].mail(b) // of another pharmacy
	foreign := b.newest().Request
	b.deliver(fa123, "Hello", "The weather is fine today and the river is high.\n", true)
	agent, id := b.as("agent"), b.newest().Request.ID
	b.sealed()
	p := agent.get(requestPath(id))
	for ref, status := range map[string]int{foreign.Reference: http.StatusUnprocessableEntity, "NAS-00000000": http.StatusUnprocessableEntity, strings.ToLower(first.Reference): http.StatusOK} {
		agent.send(p, id, nasdesk.ActMerge, url.Values{"reference": {ref}}).is(status)
	}
}

// What was not understood is given its kind, and then its fields.
func TestAKindIsSetAndItsFieldsFilledIn(t *testing.T) {
	b := openDesk(t)
	exceptions[6].mail(b)
	agent, id := b.as("agent"), b.newest().Request.ID
	p := agent.get(requestPath(id) + "?kind=new-user")
	preview := agent.send(p, id, nasdesk.ActCorrect, url.Values{"f-full_name": {"Rhona Skye"}, "f-mobile": {"07700 900201"}, "f-alternative_email": {"rhona@example.com"}, "f-role": {"member"}})
	preview.is(http.StatusOK).says("Create the account rhona.skye@nhs.net", "rhona.skye@nhs.net is member of pharmacy.fa123@nhs.net")
	agent.submit(preview, requestPath(id)+"/act", nil)
	b.undoTimeEnds()
	if r := b.dossier(id).Request; r.Kind != "new-user" || r.State != nasdesk.StateDoing {
		t.Errorf("it is %s %s", r.Kind, r.State)
	}
}

// inEveryState makes a request in each state of its life.
func inEveryState(t *testing.T) (*browser, map[nasdesk.State]int64) {
	b := openDesk(t)
	states := map[nasdesk.State]int64{}
	keep := func(want nasdesk.State) {
		t.Helper()
		d := b.newest()
		if d.Request.State != want {
			t.Fatalf("%s %s %v, not %s", d.Request.Kind, d.Request.State, d.Request.Reasons, want)
		}
		states[want] = d.Request.ID
		b.clock.move(time.Minute)
	}
	ask := func(text string, want nasdesk.State) {
		t.Helper()
		b.deliver(fa123, "A request", text, true)
		keep(want)
	}
	account := "Please create a new nhs.net account\n\nFull name: %n\nMobile: 07700 9002%d\nAlternative email: x%d@example.com\n"
	fill := func(name, digits string) string {
		return strings.NewReplacer("%n", name, "%d", digits).Replace(account)
	}
	ask(fill("Ada Quill", "11"), nasdesk.StateAsking)
	ask("Please set up a new nhs.net account for Bea Rill as a member. Her mobile is 07700 900212 and her email bea@example.com.\n", nasdesk.StateConfirming)
	ask(fill("Cai Sand", "13")+"Role: member\n", nasdesk.StateDoing)
	ask("Please mark as a leaver\n\nLeaver: tom.barker@nhs.net\nLast day: 30 April 2026\n", nasdesk.StateDated)
	ask("Please remove from our shared mailbox\n\nNHS.net email: amina.khan@nhs.net\n", nasdesk.StateRefused)
	ask(strings.ReplaceAll(newUser, "%s", "102"), nasdesk.StateReferred)
	ask("We need more than ten accounts\n\nNumber of accounts: 14\nBusiness case: we open seven days\n", nasdesk.StateSeeking)
	b.deliver(fb456, "A request", strings.ReplaceAll(fill("Dot Vane", "14")+"Role: member\n", "x14", "dot"), true)
	b.workDone(b.newest())
	keep(nasdesk.StateDone)
	b.deliver(fb456, "A request", fill("Eve Wold", "15"), true)
	ref := b.newest().Request.Reference
	b.deliver(fb456, "RE: A request ["+ref+"]", "Please cancel this.\n", true)
	keep(nasdesk.StateWithdrawn)
	b.deliver(fb456, "A request", fill("Fay Zeal", "16"), true)
	b.lapse(b.newest())
	keep(nasdesk.StateLapsed)
	return b, states
}

// workDone reports all the work of a request done.
func (b *browser) workDone(d *store.Dossier) {
	b.t.Helper()
	for _, a := range d.Request.Actions {
		err := b.line.Event(b.t.Context(), nasdesk.Event{Key: "work/" + a.Key, At: nasdesk.TimestampOf(b.clock.now()),
			Work: &nasdesk.WorkEvent{Request: d.Request.ID, Action: a.Key, State: nasdesk.WorkDone, Account: a.Account}})
		if err != nil {
			b.t.Fatal(err)
		}
	}
}

// lapse lets the reminder and then the lapse of a question fall due.
func (b *browser) lapse(d *store.Dossier) {
	b.t.Helper()
	for _, what := range []nasdesk.DueWhat{nasdesk.DueRemind, nasdesk.DueLapse} {
		b.clock.move(15 * 24 * time.Hour)
		err := b.line.Event(b.t.Context(), nasdesk.Event{Key: "due/" + string(what), At: nasdesk.TimestampOf(b.clock.now()), Due: &nasdesk.DueEvent{Request: d.Request.ID, What: what}})
		if err != nil {
			b.t.Fatal(err)
		}
	}
}

func TestEveryPageInEveryState(t *testing.T) {
	b, states := inEveryState(t)
	b.sealed()
	if len(states) != len(stateTags) {
		t.Fatalf("%d states of %d", len(states), len(stateTags))
	}
	for state, id := range states {
		d := b.dossier(id)
		for _, who := range []string{"agent", "auditor"} {
			p := b.as(who).get(requestPath(id))
			p.says(d.Request.Reference, stateTag(state).Text, "The conversation", "The journal")
			if state.Ended() {
				p.says(stateWords[state].Why)
			}
			for _, l := range d.Letters {
				p.says(l.Subject)
			}
		}
		p := b.as("agent").get(requestPath(id))
		for _, act := range b.office.Desk.Acts(&d.Request, d.Case) {
			p.formIn("act-" + string(act))
		}
	}
	for _, q := range store.Queues {
		if q == store.QueueWork {
			continue // it has a page of its own
		}
		p := b.as("agent").get("/queues/" + string(q))
		if len(p.all("table", "class", "nas-rows")) == 0 {
			p.says(queuesInWords[q].Empty)
		}
	}
}

// A bounce of ours is seen to.
func TestABounceIsSeenTo(t *testing.T) {
	b := openDesk(t)
	b.deliver(fa123, "New account", "Please create a new nhs.net account\n\nFull name: Rhona Skye\n", true)
	d := b.newest()
	id := d.Request.Thread[len(d.Request.Thread)-1]
	b.mails++
	bounce := "From: MAILER-DAEMON@example.org\r\nTo: helpdesk@nhs.net\r\nSubject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\nMessage-ID: <bounce@example.org>\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nIt failed.\r\n--b\r\n" +
		"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; example.org\r\n\r\nFinal-Recipient: rfc822; pharmacy.fa123@nhs.net\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\n" +
		"Content-Type: message/rfc822\r\n\r\nMessage-ID: <" + id + ">\r\nSubject: RE: New account [" + d.Request.Reference + "]\r\n\r\nx\r\n--b--\r\n"
	if _, err := b.line.Take(t.Context(), []byte(bounce), inbox.Location{Folder: "INBOX", UIDValidity: 1, UID: uint32(b.mails)}); err != nil {
		t.Fatal(err)
	}
	agent := b.as("agent")
	p := agent.get(rowLink(t, agent.get("/queues/bounced"), "r"+strconv.FormatInt(d.Request.ID, 10)))
	p.says("A mail came back", "Check the address in the register")
	agent.post(requestPath(d.Request.ID)+"/act", agent.filled(p, nasdesk.ActTakeBounce, nil)).says(queuesInWords[store.QueueBounced].Empty)
}

// Filters, saved views and search find what they say, and keep it in the address.
func TestListsAreFilteredAndSearched(t *testing.T) {
	b := openDesk(t)
	for _, e := range exceptions {
		e.mail(b)
		b.clock.move(time.Hour)
	}
	b.clock.move(16 * time.Hour) // two hours into the next day of service
	b.deliver(fa123, "New account", strings.ReplaceAll(newUser, "%s", "202"), false)
	b.sealed()
	agent := b.as("agent")
	found := func(path string) int {
		t.Helper()
		n := 0
		for _, a := range agent.get(path).all("a") {
			if id, _ := attribute(a, "id"); strings.HasPrefix(id, "r") && len(id) > 1 {
				n++
			}
		}
		return n
	}
	for path, want := range map[string]int{
		"/queues/exceptions":                                   9,
		"/queues/exceptions?reason=conflict":                   1,
		"/queues/exceptions?kind=link-user":                    3,
		"/queues/exceptions?mailbox=pharmacy.fb456@nhs.net":    2,
		"/queues/exceptions?assignee=-":                        9,
		"/queues/exceptions?assignee=me":                       0,
		"/queues/exceptions?age=1":                             1,
		"/queues/exceptions?reason=mailbox-address-format":     1,
		"/queues/exceptions?q=FB456":                           2,
		"/search?q=Tom+Barker":                                 1,
		"/search?q=0666":                                       1,
		"/search?q=nothing-of-the-sort":                        0,
		"/queues/all?sort=kind":                                9,
		"/search?q=" + url.QueryEscape("hill.chemist@nhs.net"): 1,
	} {
		if got := found(path); got != want {
			t.Errorf("%s has %d rows, not %d", path, got, want)
		}
	}
	agent.get("/search?q=" + url.QueryEscape(string(fa123))).says("Messages held back")
	p := agent.get("/queues/exceptions?kind=link-user&sort=newest")
	if f := p.form("/queues/exceptions"); f.Get("kind") != "link-user" || f.Get("sort") != "newest" {
		t.Errorf("the form holds %v", f)
	}
	ref := b.newest().Request.Reference
	if to := agent.fetch(http.MethodGet, "/search?q="+strings.ToLower(ref), nil).header.Get("Location"); to != requestPath(b.newest().Request.ID) {
		t.Errorf("the search for a reference leads to %q", to)
	}
	agent.fetch(http.MethodGet, "/queues/nonsense", nil).is(http.StatusNotFound)
	agent.fetch(http.MethodGet, "/requests/999", nil).is(http.StatusNotFound)
	agent.fetch(http.MethodGet, "/clicks/999", nil).is(http.StatusNotFound)
}

// Fields and the words that they were read from lead to each other.
func TestFieldsAndTheirWordsLeadToEachOther(t *testing.T) {
	b := openDesk(t)
	exceptions[0].mail(b)
	p := b.as("agent").get(requestPath(b.newest().Request.ID))
	for field, words := range map[string]string{"field-full-name": "Rhona Skye", "field-mobile": "07700 900102", "field-alternative-email": "rhona@example.com", "field-role": "member"} {
		row := p.all("tr", "id", field)
		if len(row) != 1 {
			t.Fatalf("no row %s", field)
		}
		links := (&page{t: t, doc: row[0]}).all("a", "class", "nas-mark__n")
		if len(links) != 1 {
			t.Errorf("%s leads to %d marks", field, len(links))
			continue
		}
		to, _ := attribute(links[0], "href")
		marks := p.all("mark", "id", strings.TrimPrefix(to, "#"))
		if len(marks) != 1 || !strings.HasPrefix(textOf(marks[0]), words) {
			t.Errorf("%s: %s marks %d, want %q", field, to, len(marks), words)
		}
		if back := (&page{t: t, doc: marks[0]}).all("a", "href", "#"+field); len(back) != 1 {
			t.Errorf("the mark of %s does not lead back", field)
		}
	}
}

// Everybody who saw personal data stands in the journal.
func TestViewsAreJournalled(t *testing.T) {
	b := openDesk(t)
	exceptions[0].mail(b)
	id := b.newest().Request.ID
	b.as("auditor").get(requestPath(id))
	seen := slices.ContainsFunc(b.dossier(id).Journal, func(j store.JournalLine) bool {
		return j.What == "viewed" && strings.Contains(j.Detail, "auditor")
	})
	if !seen {
		t.Errorf("the journal: %+v", b.dossier(id).Journal)
	}
}
