package console

import (
	"context"
	"fmt"
	"maps"
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

// A sight is a page in one of its states, as somebody sees it.
type sight struct {
	state  string
	as     string // who looks: agent, second, lead, auditor; "" before sign-in
	path   string
	form   url.Values        // posted; nil for a page that is fetched
	files  map[string]string // sent with the form, by field
	says   string            // what the page must show in that state
	tables int               // it has at least so many; each has rows
	empty  bool              // of the console in which nothing has happened yet
	bare   bool              // a document for a frame: it has no page of ours around it
	file   string            // no page but a file of that type
}

// A scene is a console in which everything has happened that can happen, and one
// in which nothing has.
type scene struct {
	t        *testing.T
	full     *browser
	empty    *browser
	requests map[nasdesk.State]int64
	reasons  map[nasdesk.Reason]int64
	clicks   map[string]int64 // by what became of them
	messages map[string]int64 // held back, by why
	special  map[string]int64 // requests that are out of the common
}

const longName = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh"

// hostile is a mail that means no good to those who look at it.
const hostile = "Reply-To: \"<script>alert(1)</script>\" <someone@example.net>\nSubject: =?utf-8?Q?New_account_<img_src=3Dx>_" +
	"=E2=80=AEdrawkcab?= aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n" +
	"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html; charset=utf-8\n\n" +
	"<h1>Please create a new nhs.net account</h1><p>Full name: " + longName + " Skye</p><p>Mobile: 07700 900399</p><p>Alternative email: w@example.com</p><p>Role: member</p>" +
	"<a href=\"https://example.com/?" + "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" + "\">our site</a>" +
	"<img src=\"https://example.com/pixel.gif\"><script>document.body.innerHTML=''</script><form action=\"https://example.com\"><input name=password></form>\n" +
	"--b\nContent-Type: application/octet-stream; name=\"..\\..\\" + longName + longName + ".pdf.exe\"\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\nTVo=\n--b--\n"

// openScene plays it.
func openScene(t *testing.T) *scene {
	t.Helper()
	_, nothing := openOffice(t, demo)
	s := &scene{t: t, empty: nothing.settled(), clicks: map[string]int64{}, messages: map[string]int64{}, reasons: map[nasdesk.Reason]int64{}, special: map[string]int64{}}
	s.full, s.requests = inEveryState(t)
	s.register()
	s.mails()
	s.acts()
	s.staff()
	s.full.begun()
	s.full.settled()
	s.full.office.Try = aTry()
	s.full.handler = s.full.office.Handler()
	return s
}

// register puts mailboxes that ail, and an account of each status, into it.
func (s *scene) register() {
	w := store.World{
		Mailboxes: []nasdesk.Mailbox{
			{Address: "nhspharmacy.hill.oldname@nhs.net", ODS: "FC780", Name: longName + " & Daughters Dispensing Chemists (Upper Hill Street) Limited", Sector: nasdesk.Pharmacy, DSPT: nasdesk.NotPublished, Status: nasdesk.Active},
			{Address: "pharmacy.fd000@nhs.net", ODS: "FD000", Name: "Lone Chemist", Sector: nasdesk.Pharmacy, DSPT: nasdesk.StandardsMet, Status: nasdesk.Active},
			{Address: "pharmacy.fe000@nhs.net", ODS: "FE000", Name: "Closed Chemist", Sector: nasdesk.Pharmacy, DSPT: nasdesk.StandardsMet, Status: nasdesk.Closed},
		},
		Approvals: []nasdesk.Approval{{Mailbox: fa123, Max: 14, ApprovedBy: "england.north@nhs.net", ApprovedOn: "2026-01-12"}},
	}
	for i, status := range []nasdesk.Status{nasdesk.Pending, nasdesk.Inactive, nasdesk.Disabled, nasdesk.Leaver, nasdesk.Deleted} {
		w.Accounts = append(w.Accounts, nasdesk.Account{Address: nasdesk.Address(string(status) + ".person@nhs.net"), Name: "Some Person", Mobile: nasdesk.Mobile(fmt.Sprintf("0770090040%d", i)), Status: status, Since: "2026-04-10"})
	}
	if err := s.full.office.Store.Import(s.t.Context(), w); err != nil {
		s.t.Fatal(err)
	}
}

// mails lets in one exception of every reason, what is held back, what harms, what
// came back, and so much that a list has a second page.
func (s *scene) mails() {
	b := s.full
	for _, e := range exceptions {
		e.mail(b)
		s.reasons[e.reason] = b.newest().Request.ID
		b.clock.move(time.Minute)
	}
	b.raw(fb456, hostile)
	s.special["hostile"] = b.newest().Request.ID
	b.clock.move(time.Minute)
	for range 45 {
		b.deliver("hill.chemist@nhs.net", "Hello", "The weather is fine today and the river is high.\n", true)
	}
	b.clock.move(time.Minute)
	b.deliver("pharmacy.fd000@nhs.net", "Details", "We have not received the account details for our shared mailbox.\n\nFull name: Rhona Skye\nODS code: FD000\n", true)
	s.special["ownerless"] = b.newest().Request.ID
	b.clock.move(time.Minute)
	b.deliver(fa123, "New account", "Please create a new nhs.net account\n\nFull name: Gus Reed\n", true)
	s.special["bounced"] = b.newest().Request.ID
	s.bounce(b.newest())
	b.deliver(fa123, "New account", strings.ReplaceAll(newUser, "%s", "401"), false)
	b.deliver(fa123, "New account", strings.ReplaceAll(newUser, "%s", "402"), false)
	b.raw("", "Subject: New account\n\n"+strings.ReplaceAll(newUser, "%s", "403"))
	b.raw("", "From: a@example.org, b@example.org\n"+hostile)
	rows, err := b.office.Store.List(s.t.Context(), store.Filter{Queue: store.QueueQuarantined, Today: b.today()})
	if err != nil || len(rows.Rows) < 4 {
		s.t.Fatalf("%d messages held back: %v", len(rows.Rows), err)
	}
	for i, why := range []string{"unverified", "proposed", "nameless", "hostile"} {
		s.messages[why] = rows.Rows[i].Message
	}
}

// bounce lets our last mail about a request come back.
func (s *scene) bounce(d *store.Dossier) {
	b, id := s.full, d.Request.Thread[len(d.Request.Thread)-1]
	b.mails++
	text := "From: MAILER-DAEMON@example.org\nTo: helpdesk@nhs.net\nSubject: Undelivered\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n" +
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\nMessage-ID: <bounce@example.org>\n\n--b\nContent-Type: text/plain\n\nIt failed.\n--b\n" +
		"Content-Type: message/delivery-status\n\nReporting-MTA: dns; example.org\n\nFinal-Recipient: rfc822; pharmacy.fa123@nhs.net\nAction: failed\nStatus: 5.1.1\n\n--b\n" +
		"Content-Type: message/rfc822\n\nMessage-ID: <" + id + ">\nSubject: RE: New account [" + d.Request.Reference + "]\n\nx\n--b--\n"
	if _, err := b.line.Take(s.t.Context(), []byte(strings.ReplaceAll(text, "\n", "\r\n")), inbox.Location{Folder: "INBOX", UIDValidity: 1, UID: uint32(b.mails)}); err != nil {
		s.t.Fatal(err)
	}
}

// acts does what staff do, and leaves an act in each state that one can be in.
func (s *scene) acts() {
	b := s.full
	agent, second := b.as("agent"), b.as("second")
	do := func(act nasdesk.StaffAct, id int64, typed url.Values) {
		s.t.Helper()
		path := requestPath(id)
		if form := agent.filled(agent.get(path), act, typed); act.Quiet() {
			agent.post(path+"/act", form).is(200)
		} else {
			agent.submit(agent.post(path+"/preview", form), path+"/act", nil).is(200)
		}
	}
	click := func(id int64) int64 { return b.dossier(id).Clicks[0].ID }

	mine := s.reasons[nasdesk.IdentityMismatch]
	do(nasdesk.ActAssign, mine, url.Values{"to": {"agent"}})
	do(nasdesk.ActNote, mine, url.Values{"text": {"Rang <b>Amina</b>.\n\nShe calls back."}})
	snoozed := s.reasons[nasdesk.StaffOnly]
	until := b.clock.now().AddDate(0, 0, 5)
	do(nasdesk.ActSnooze, snoozed, url.Values{"until-day": {strconv.Itoa(until.Day())}, "until-month": {strconv.Itoa(int(until.Month()))}, "until-year": {strconv.Itoa(until.Year())}})
	s.special["snoozed"] = snoozed

	refused := s.reasons[nasdesk.Conflict]
	do(nasdesk.ActRefuse, refused, url.Values{"rule": {"first"}})
	b.undoTimeEnds()
	s.clicks["done"] = click(refused)

	undone := s.reasons[nasdesk.Unreadable]
	do(nasdesk.ActReply, undone, url.Values{"text": {"x"}})
	s.clicks["undone"] = click(undone)
	agent.post(clickPath(s.clicks["undone"])+"/undo", nil).is(200)

	b.deliver(fa123, "New account", "Please create a new nhs.net account\n\nFull name: Hal Moss\nMobile: 07700 900410\nAlternative email: hal@example.com\n", true)
	d := b.newest()
	do(nasdesk.ActReply, d.Request.ID, url.Values{"text": {"Which role?"}})
	b.deliver(fa123, "RE: New account ["+d.Request.Reference+"]", "Role: member\n", true)
	b.undoTimeEnds()
	s.clicks["hindered"] = click(d.Request.ID)

	running := s.reasons[nasdesk.ReplyToDiffers]
	do(nasdesk.ActReply, running, url.Values{"text": {"Did you write this?"}})
	s.clicks["running"] = click(running)
	b.clock.move(b.office.Undo + time.Second)
	now := nasdesk.TimestampOf(b.clock.now())
	if due, err := b.office.Store.DueClicks(s.t.Context(), now, 1, now+3600e6); err != nil || len(due) != 1 {
		s.t.Fatalf("%d acts are due: %v", len(due), err)
	}

	ready := s.reasons[nasdesk.DuplicatePerson]
	do(nasdesk.ActAsk, ready, nil)
	s.clicks["ready"] = click(ready)
	do(nasdesk.ActApprove, s.special["ownerless"], nil)
	s.clicks["proposed"] = click(s.special["ownerless"])

	held := messagePath(s.messages["proposed"])
	form := agent.get(held).formIn("act-release")
	form.Set("text", "I rang the pharmacy.")
	agent.submit(agent.post(held+"/preview", form), held+"/act", nil).is(200)
	s.clicks["release"] = b.clickOf(second, "message "+strconv.FormatInt(s.messages["proposed"], 10))
}

// clickOf is the act that waits for a second person on what a row names.
func (b *browser) clickOf(who *browser, what string) int64 {
	b.t.Helper()
	for _, a := range who.get("/queues/second").all("a") {
		to, _ := attribute(a, "href")
		if id, ok := strings.CutPrefix(to, "/clicks/"); ok && strings.EqualFold(textOf(a), what) || ok && strings.Contains(strings.ToLower(textOf(a.Parent)), what) {
			n, _ := strconv.ParseInt(id, 10, 64)
			return n
		}
	}
	b.t.Fatalf("no act on %s waits: %s", what, who.get("/queues/second").text())
	return 0
}

// staff are joined by one who is locked, one who is kept out and one from the
// organisation's directory.
func (s *scene) staff() {
	now := nasdesk.TimestampOf(s.full.clock.now())
	for _, m := range []store.Staff{{Name: "locked", Display: longName, Role: store.Agent, Hash: hashOnce(), LockedUntil: now + 3600e6},
		{Name: "out", Display: "Out Example", Role: store.Auditor, Hash: hashOnce(), Disabled: true}, {Name: "jo.bloggs@example.org", Display: "Jo Bloggs", Role: store.Agent}} {
		if err := s.full.office.Store.PutStaff(s.t.Context(), m); err != nil {
			s.t.Fatal(err)
		}
	}
}

// aTry is a post office for visitors with two threads of mails.
func aTry() *Try {
	at := begins.Add(time.Minute)
	return &Try{Senders: []nasdesk.Address{fa123, fb456}, Send: func(context.Context, TryMail) error { return nil },
		Answers: func(_ context.Context, to nasdesk.Address) ([]Answer, error) {
			if to != fa123 {
				return nil, nil
			}
			return []Answer{{MessageID: "a@example.org", Subject: "RE: New account [NAS-AAAAAAAA]", Text: "Dear colleague\n\nWhich role?", At: at},
				{MessageID: "b@example.org", Subject: "RE: New account [NAS-AAAAAAAA]", Text: "Dear colleague\n\nIt is done.", At: at.Add(time.Minute)},
				{MessageID: "c@example.org", Subject: "RE: " + longName, Text: strings.Repeat("x", 300), At: at}}, nil
		},
		Examples: []Example{{Name: "A question", Says: "Something is asked.", From: fa123, Subject: "A question", Text: "Who are you?"},
			{Name: "A forgery", Says: "It is held back.", From: fa123, Subject: "New account", Text: newUser, Forged: true}}}
}

// sights are all pages in all their states, by the pattern of their route. A route
// without one fails the test, and so does a state of the lists that the program
// itself goes by: of requests, queues, acts, accounts, and of the register's forms.
func (s *scene) sights() map[string][]sight {
	all := map[string][]sight{}
	add := func(pattern string, list ...sight) { all[pattern] = append(all[pattern], list...) }
	s.signInSights(add)
	s.queueSights(add)
	s.requestSights(add)
	s.clickSights(add)
	s.messageSights(add)
	s.workSights(add)
	s.registerSights(add)
	s.importSights(add)
	add("GET /figures", sight{state: "full", as: "auditor", path: "/figures", tables: 6, says: "Questions asked back"}, sight{state: "empty", as: "agent", path: "/figures", empty: true, says: "nothing to show", tables: 1},
		sight{state: "faults", as: "agent", path: "/figures?from=x&to=2026-01-01", says: "There is a problem"}, sight{state: "by month", as: "lead", path: "/figures?from=2025-01-01&to=2026-05-31&by=month", tables: 6})
	add("GET /figures.csv", sight{as: "agent", path: "/figures.csv", file: "text/csv"})
	add("GET /staff", sight{state: "full", as: "lead", path: "/staff", tables: 1, says: "Kept out"})
	for _, name := range []string{"agent", "lead", "locked", "out", "jo.bloggs@example.org"} {
		add("GET /staff/{name}", sight{state: name, as: "lead", path: "/staff/" + url.PathEscape(name)})
	}
	add("POST /staff/{name}", sight{state: "faults", as: "lead", path: "/staff/agent", form: url.Values{"do": {"role"}}, says: "Choose a role"}, sight{state: "oneself", as: "lead", path: "/staff/lead", form: url.Values{"do": {"disable"}}, says: "You cannot change your own account"})
	add("GET /try", sight{state: "full", path: "/try", says: "It is done."}, sight{state: "an example", path: "/try?example=2", says: "Example: A forgery"}, sight{state: "a reply, sent", path: "/try?as=" + string(fa123) + "&reply=a@example.org&sent=yes"}, sight{state: "empty", path: "/try", empty: true, says: "No answer yet"})
	add("POST /try", sight{state: "faults", path: "/try", form: url.Values{"as": {"x"}}, says: "There is a problem"})
	return all
}

func (s *scene) signInSights(add func(string, ...sight)) {
	add("GET /sign-in", sight{state: "open", path: "/sign-in?next=%2Fwork", says: "Password"})
	add("POST /sign-in", sight{state: "faults", path: "/sign-in", form: url.Values{"name": {""}}, says: "There is a problem"}, sight{state: "refused", path: "/sign-in", form: credentials("nobody", "x"), says: "wrong, or the account is locked"})
	add("GET /sign-in/oidc", sight{state: "none", path: "/sign-in/oidc", says: "not found"})
	add("GET /sign-in/callback", sight{state: "none", path: "/sign-in/callback", says: "not found"})
	add("POST /sign-out", sight{state: "out", path: "/sign-out", form: url.Values{}, says: "Sign in"})
	add("GET /account", sight{state: "own", as: "agent", path: "/account", says: "Agent Example"})
	add("POST /account/password", sight{state: "faults", as: "auditor", path: "/account/password", form: url.Values{"old": {"x"}, "new": {"y"}}, says: "There is a problem"})
	add("GET /{$}", sight{state: "first page", as: "agent", path: "/", says: "Exceptions"})
}

func (s *scene) queueSights(add func(string, ...sight)) {
	for _, q := range store.Queues {
		if q == store.QueueWork {
			continue // it has a page of its own
		}
		path := "/queues/" + string(q)
		add("GET /queues/{queue}", sight{state: string(q) + ", full", as: "agent", path: path, tables: 1},
			sight{state: string(q) + ", empty", as: "agent", path: path, empty: true, says: queuesInWords[q].Empty})
	}
	add("GET /queues/{queue}", sight{state: "filtered", as: "auditor", path: "/queues/exceptions?kind=link-user&sort=newest&assignee=-", tables: 1, says: "Show everything"},
		sight{state: "filtered to nothing", as: "lead", path: "/queues/exceptions?reason=unreadable&mailbox=pharmacy.zz999@nhs.net", says: "Nothing here fits"},
		sight{state: "first of two pages", as: "agent", path: "/queues/exceptions", tables: 1, says: "Next page"},
		sight{state: "none such", as: "agent", path: "/queues/nonsense", says: "Page not found"})
	add("GET /search", sight{state: "full", as: "agent", path: "/search?q=" + url.QueryEscape(string(fa123)), tables: 2, says: "Messages held back"}, sight{state: "empty", as: "agent", path: "/search?q=nothing-of-the-sort"})
}

func (s *scene) requestSights(add func(string, ...sight)) {
	for _, state := range slices.Sorted(maps.Keys(stateTags)) {
		for _, who := range []string{"agent", "auditor"} {
			add("GET /requests/{id}", sight{state: string(state) + " for the " + who, as: who, path: requestPath(s.requests[state]), says: stateTag(state).Text, tables: 1})
		}
	}
	for reason, id := range s.reasons {
		says := reasonOf(reason, nil).Helps
		if reason == nasdesk.Conflict {
			says = "Refused" // staff did
		}
		add("GET /requests/{id}", sight{state: string(reason), as: "agent", path: requestPath(id), says: says})
	}
	for what, id := range s.special {
		add("GET /requests/{id}", sight{state: what, as: "agent", path: requestPath(id)})
	}
	add("GET /requests/{id}", sight{state: "an act waits", as: "agent", path: requestPath(s.reasons[nasdesk.DuplicatePerson]), says: "nothing else can be done"}, sight{state: "none", as: "agent", path: "/requests/999999", says: "Page not found"})

	b, odd := s.full, s.special["hostile"]
	d := b.dossier(odd)
	mail := d.Letters[0].Message
	add("GET /requests/{id}/mail/{n}", sight{state: "hostile", as: "agent", path: requestPath(odd) + "/mail/" + strconv.FormatInt(mail, 10), bare: true})
	add("GET /messages/{id}/attachments/{n}", sight{as: "agent", path: messagePath(mail) + "/attachments/1", file: "application/octet-stream"})

	agent := b.as("agent")
	p := agent.get(requestPath(odd))
	for _, act := range b.office.Desk.Acts(&d.Request, d.Case) {
		form := p.formIn("act-" + string(act))
		typed := maps.Clone(form)
		switch act {
		case nasdesk.ActCorrect:
			typed.Set("f-mobile", "07700 900411")
		case nasdesk.ActRefuse:
			typed.Set("rule", p.firstRadio("rule"))
		case nasdesk.ActAsk, nasdesk.ActReply, nasdesk.ActNote:
			typed.Set("text", longName+longName+longName+"\n\nIs it "+longName+"?")
		case nasdesk.ActAssign:
			typed.Set("to", "lead")
		case nasdesk.ActMerge:
			continue // it has nothing to be merged with: its faults are seen below
		case nasdesk.ActSnooze:
			until := b.clock.now().AddDate(0, 0, 3)
			typed["until-day"], typed["until-month"], typed["until-year"] = []string{strconv.Itoa(until.Day())}, []string{strconv.Itoa(int(until.Month()))}, []string{strconv.Itoa(until.Year())}
		}
		add("POST /requests/{id}/preview", sight{state: string(act), as: "agent", path: requestPath(odd) + "/preview", form: typed, says: "what will be done"})
	}
	for act, field := range map[nasdesk.StaffAct]string{nasdesk.ActRefuse: "rule", nasdesk.ActAsk: "text", nasdesk.ActReply: "text", nasdesk.ActNote: "text", nasdesk.ActSnooze: "until-day", nasdesk.ActCorrect: "f-mobile", nasdesk.ActMerge: "reference"} {
		form := maps.Clone(p.formIn("act-" + string(act)))
		if form.Del(field); field[1] == '-' {
			form.Set(field, "12")
		}
		add("POST /requests/{id}/preview", sight{state: string(act) + " with faults", as: "agent", path: requestPath(odd) + "/preview", form: form, says: "There is a problem"})
	}
	old := maps.Clone(p.formIn("act-note"))
	old.Set("seen", "99")
	old.Set("text", "x")
	add("POST /requests/{id}/act", sight{state: "changed meanwhile", as: "agent", path: requestPath(odd) + "/act", form: old, says: "Changed meanwhile"},
		sight{state: "busy", as: "second", path: requestPath(s.reasons[nasdesk.DuplicatePerson]) + "/act", form: old, says: "An act on it waits already"},
		sight{state: "no right", as: "auditor", path: requestPath(odd) + "/act", form: old, says: "You cannot do this"})
}

func (s *scene) clickSights(add func(string, ...sight)) {
	states := []string{"release"}
	for state := range clickStates {
		states = append(states, string(state))
	}
	for _, state := range states {
		if s.clicks[state] == 0 {
			s.t.Errorf("no act is %s", state)
		}
		for _, who := range []string{"agent", "second", "lead", "auditor"} {
			if who == "lead" && state != "ready" || who == "auditor" && state != "proposed" {
				continue
			}
			add("GET /clicks/{id}", sight{state: state + " for the " + who, as: who, path: clickPath(s.clicks[state])})
		}
	}
	add("POST /clicks/{id}/undo", sight{state: "too late", as: "agent", path: clickPath(s.clicks["done"]) + "/undo", form: url.Values{}, says: "Too late"}, sight{state: "not yours", as: "second", path: clickPath(s.clicks["ready"]) + "/undo", form: url.Values{}, says: "not yours"})
	add("POST /clicks/{id}/agree", sight{state: "own", as: "agent", path: clickPath(s.clicks["proposed"]) + "/agree", form: url.Values{}, says: "Somebody else has to agree"}, sight{state: "gone", as: "second", path: clickPath(s.clicks["done"]) + "/agree", form: url.Values{}, says: "Changed meanwhile"})
}

func (s *scene) messageSights(add func(string, ...sight)) {
	for why, id := range s.messages {
		for _, who := range []string{"agent", "auditor"} {
			add("GET /messages/{id}", sight{state: why + " for the " + who, as: who, path: messagePath(id)})
		}
	}
	held := messagePath(s.messages["unverified"])
	add("GET /messages/{id}/html", sight{state: "hostile", as: "agent", path: messagePath(s.messages["hostile"]) + "/html", bare: true})
	add("POST /messages/{id}/preview", sight{state: "condemn", as: "agent", path: held + "/preview", form: url.Values{"act": {"condemn"}}, says: "No mail goes out"},
		sight{state: "release", as: "agent", path: held + "/preview", form: url.Values{"act": {"release"}, "text": {"I rang."}}, says: "A second person has to agree"})
	add("POST /messages/{id}/act", sight{state: "busy", as: "second", path: messagePath(s.messages["proposed"]) + "/act", form: url.Values{"act": {"condemn"}}, says: "waits already"})
}

func (s *scene) workSights(add func(string, ...sight)) {
	add("GET /work", sight{state: "full", as: "agent", path: "/work", tables: 1, says: "What came of it?"}, sight{state: "for the auditor", as: "auditor", path: "/work", tables: 1}, sight{state: "empty", as: "agent", path: "/work", empty: true, says: "There is no account work to do."})
	o, err := s.full.office.Store.Orders(s.t.Context(), "", 100)
	if err != nil || len(o.Rows) == 0 {
		s.t.Fatalf("no account work: %v", err)
	}
	order := "/work/" + strconv.FormatInt(o.Rows[0].ID, 10)
	add("POST /work/{id}", sight{state: "faults", as: "agent", path: order, form: url.Values{"came": {"back"}}, says: "Say why it cannot be done"}, sight{state: "none", as: "agent", path: "/work/99999", form: url.Values{"came": {"done"}}, says: "Page not found"})
}

func (s *scene) registerSights(add func(string, ...sight)) {
	add("GET /register", sight{state: "full", as: "lead", path: "/register", tables: 1}, sight{state: "found", as: "agent", path: "/register?q=Amina", tables: 1}, sight{state: "empty", as: "auditor", path: "/register?q=nothing", says: "No mailbox fits"})
	add("GET /register/health", sight{state: "full", as: "agent", path: "/register/health", tables: 1}, sight{state: "hardly anything", as: "agent", path: "/register/health", empty: true})
	for _, box := range []string{string(fa123), "nhspharmacy.hill.oldname@nhs.net", "pharmacy.fd000@nhs.net", "pharmacy.fe000@nhs.net"} {
		add("GET /register/mailboxes/{address}", sight{state: box, as: "lead", path: "/register/mailboxes/" + box})
	}
	add("GET /register/mailboxes/{address}", sight{state: "for the agent", as: "agent", path: "/register/mailboxes/" + string(fa123), tables: 3}, sight{state: "none", as: "agent", path: "/register/mailboxes/x@nhs.net", says: "Page not found"})
	add("GET /register/accounts/{address}", sight{state: "active", as: "lead", path: "/register/accounts/amina.khan@nhs.net", tables: 2})
	for _, c := range statusChoices {
		if c.Value != string(nasdesk.Active) {
			add("GET /register/accounts/{address}", sight{state: c.Value, as: "agent", path: "/register/accounts/" + c.Value + ".person@nhs.net"})
		}
	}
	for _, what := range slices.Sorted(maps.Keys(edits)) {
		for _, of := range []string{"?mailbox=" + string(fa123) + "&account=tom.barker@nhs.net", ""} {
			add("GET /register/edit/{what}", sight{state: what + of, as: "lead", path: "/register/edit/" + what + of})
		}
	}
	lead := s.full.as("lead")
	form := lead.get("/register/edit/mailbox?mailbox=" + string(fa123)).form("/register/edit/mailbox/preview")
	form.Set("name", longName)
	add("POST /register/edit/{what}/preview", sight{state: "faults", as: "lead", path: "/register/edit/mailbox/preview", form: form, says: "There is a problem"})
	form = maps.Clone(form)
	form.Set("reason", "as they told us")
	add("POST /register/edit/{what}/preview", sight{state: "a mailbox", as: "lead", path: "/register/edit/mailbox/preview", form: form, says: longName})
	form = maps.Clone(form)
	form.Set("version", "99")
	add("POST /register/edit/{what}/act", sight{state: "changed meanwhile", as: "lead", path: "/register/edit/mailbox/act", form: form, says: "Changed meanwhile"})
}

func (s *scene) importSights(add func(string, ...sight)) {
	files := map[string]string{"mailboxes": mailboxesHead + "pharmacy.fa123@nhs.net,FA123,High Street Chemist,pharmacy,england.north@nhs.net,standards-met,active\n" +
		"pharmacy.fe555@nhs.net,FE555,Fen Pharmacy,pharmacy,,standards-met,active\n", "memberships": "mailbox,account,role\npharmacy.fe555@nhs.net,grace.li@nhs.net,owner\n"}
	why := url.Values{"reason": {"monthly list"}}
	add("GET /register/import", sight{state: "open", as: "lead", path: "/register/import"})
	add("POST /register/import", sight{state: "faults", as: "lead", path: "/register/import", form: url.Values{"reason": {""}}, files: map[string]string{}, says: "There is a problem"},
		sight{state: "a preview", as: "lead", path: "/register/import", form: why, files: files, tables: 1, says: "Fen Pharmacy"},
		sight{state: "a bad row", as: "lead", path: "/register/import", form: why, files: map[string]string{"mailboxes": mailboxesHead + "x,FA123,N,bakery,,standards-met,active\n"}, says: "There is a problem"},
		sight{state: "nothing new", as: "lead", path: "/register/import", form: why, files: map[string]string{"approvals": "mailbox,max_accounts,approved_by,approved_on\n"}, says: "Nothing would be written"},
		sight{state: "it contradicts itself", as: "lead", path: "/register/import", form: why, files: map[string]string{"mailboxes": mailboxesHead + "pharmacy.fe555@nhs.net,FA123,Fen,pharmacy,,standards-met,active\n"}, says: "It cannot be applied"})
	add("POST /register/import/apply", sight{state: "not whole", as: "lead", path: "/register/import/apply", form: url.Values{"packed": {"x"}}, says: "did not come back whole"})
}
