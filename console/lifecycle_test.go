package console

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"nasdesk"
	"nasdesk/store"
)

// A lifecycle is a desk on which everything stands in every state of its life:
// requests, a message held back, acts of staff, accounts, account work.
type lifecycle struct {
	*browser
	requests map[nasdesk.State]int64
	clicks   map[store.ClickState]int64
	held     int64
	accounts []string
}

func openLifecycle(t *testing.T) lifecycle {
	b, requests := inEveryState(t)
	demo(b.office)
	b.handler = b.office.Handler()
	l := lifecycle{browser: b, requests: requests, clicks: map[store.ClickState]int64{}}
	w := store.World{}
	for i, s := range []nasdesk.Status{nasdesk.Pending, nasdesk.Inactive, nasdesk.Disabled, nasdesk.Leaver, nasdesk.Deleted} {
		a := nasdesk.Address(string(s) + ".person@nhs.net")
		w.Accounts = append(w.Accounts, nasdesk.Account{Address: a, Name: "Some Person", Mobile: nasdesk.Mobile("0770090030" + strconv.Itoa(i)), Status: s, Since: "2026-04-10"})
		l.accounts = append(l.accounts, string(a))
	}
	w.Mailboxes = []nasdesk.Mailbox{{Address: "pharmacy.fd000@nhs.net", ODS: "FD000", Name: "Shut Chemist", Sector: nasdesk.Pharmacy, DSPT: nasdesk.NotPublished, Status: nasdesk.Closed}}
	if err := b.office.Store.Import(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	b.deliver(fa123, "Not proved", strings.ReplaceAll(newUser, "%s", "301"), false)
	l.held = b.held().Message
	l.clickAll()
	b.begun()
	b.sealed()
	return l
}

// clickAll leaves an act of staff in each state in which one can stay.
func (l *lifecycle) clickAll() {
	l.t.Helper()
	now := nasdesk.TimestampOf(l.clock.now())
	put := func(act nasdesk.StaffEvent, st store.ClickState) int64 {
		act.By = "agent"
		id, err := l.office.Store.PutClick(l.t.Context(), act, st, now, now+3600e6)
		if err != nil {
			l.t.Fatal(err)
		}
		return id
	}
	asking, doing, referred := l.requests[nasdesk.StateAsking], l.requests[nasdesk.StateDoing], l.requests[nasdesk.StateReferred]
	note := func(request int64) nasdesk.StaffEvent {
		return nasdesk.StaffEvent{Act: nasdesk.ActNote, Request: request, Text: "They rang."}
	}
	for st, why := range map[store.ClickState]nasdesk.Hindrance{store.ClickDone: "", store.ClickHindered: nasdesk.ChangedMeanwhile} {
		id := put(note(doing), store.ClickReady)
		due, err := l.office.Store.DueClicks(l.t.Context(), now+3601e6, 1, 60e6)
		if err != nil || len(due) != 1 || due[0].ID != id {
			l.t.Fatalf("%v, %v", due, err)
		}
		if err := l.office.Store.ClickEnded(l.t.Context(), id, due[0].Attempt, why); err != nil {
			l.t.Fatal(err)
		}
		l.clicks[st] = id
	}
	l.clicks[store.ClickRunning] = put(note(l.requests[nasdesk.StateDone]), store.ClickReady)
	if _, err := l.office.Store.DueClicks(l.t.Context(), now+3601e6, 1, 3600e6); err != nil {
		l.t.Fatal(err)
	}
	l.clicks[store.ClickUndone] = put(note(doing), store.ClickReady)
	if err := l.office.Store.UndoClick(l.t.Context(), l.clicks[store.ClickUndone], "agent", now); err != nil {
		l.t.Fatal(err)
	}
	l.clicks[store.ClickReady] = put(nasdesk.StaffEvent{Act: nasdesk.ActReply, Request: asking, Seen: 1, Text: "Soon."}, store.ClickReady)
	l.clicks[store.ClickProposed] = put(nasdesk.StaffEvent{Act: nasdesk.ActApprove, Request: referred, Seen: 1}, store.ClickProposed)
	put(nasdesk.StaffEvent{Act: nasdesk.ActRelease, Message: l.held}, store.ClickProposed)
}

// paths are all pages of a route, one for each state of what it shows.
func (l *lifecycle) paths(pattern string) []string {
	var out []string
	each := func(base string, names ...string) {
		for _, n := range names {
			out = append(out, base+n)
		}
	}
	path := strings.TrimPrefix(pattern, "GET ")
	switch path {
	case "/requests/{id}":
		for _, id := range l.requests {
			each(requestPath(id), "", "?looks=yes", "?kind=new-user")
		}
	case "/requests/{id}/mail/{n}":
		for _, id := range l.requests {
			each(requestPath(id)+"/mail/", strconv.FormatInt(inOrder(l.dossier(id))[0].Message, 10))
		}
	case "/messages/{id}/attachments/{n}":
		for _, id := range l.requests {
			each(messagePath(inOrder(l.dossier(id))[0].Message), "/attachments/0")
		}
		each(messagePath(l.held), "/attachments/0")
	case "/messages/{id}":
		each(messagePath(l.held), "")
	case "/messages/{id}/html":
		each(messagePath(l.held), "/html")
	case "/clicks/{id}":
		for _, id := range l.clicks {
			each(clickPath(id), "")
		}
	case "/queues/{queue}":
		for _, q := range store.Queues {
			each("/queues/"+string(q), "", "?sort=newest", "?assignee=me")
		}
	case "/search":
		each("/search?q=", "pharmacy", "nothing-of-the-sort", "07700900211")
	case "/register/mailboxes/{address}":
		each("/register/mailboxes/", string(fa123), string(fb456)+"?looks=yes", "pharmacy.fd000@nhs.net")
	case "/register/accounts/{address}":
		each("/register/accounts/", append(l.accounts, "tom.barker@nhs.net?looks=yes")...)
	case "/register/edit/{what}":
		each("/register/edit/", "mailbox", "mailbox?mailbox="+string(fa123), "account", "account?account=tom.barker@nhs.net", "link?mailbox="+string(fa123),
			"link?mailbox="+string(fa123)+"&account=tom.barker@nhs.net", "unlink?mailbox="+string(fa123)+"&account=tom.barker@nhs.net", "approval?mailbox="+string(fa123))
	case "/register":
		each("/register", "", "?q=chemist", "?q=nothing-of-the-sort", "?ails=no+owner")
	case "/staff/{name}":
		each("/staff/", "agent", "lead", "auditor")
	case "/sign-in/oidc", "/sign-in/callback": // without an issuer there are none: see TestOIDC
	default:
		if !strings.Contains(path, "{id}") && !strings.Contains(path, "{name}") {
			each(strings.TrimSuffix(path, "{$}"), "")
		}
	}
	return out
}

// Every page of every route is shown in every state of what it shows, to a lead
// and to who only reads: each that is shown is inspected, as every page of the tests.
func TestEveryRouteInEveryState(t *testing.T) {
	l := openLifecycle(t)
	if len(l.requests) != len(stateTags) || len(l.clicks) != len(clickStates) {
		t.Fatalf("%d states of requests, %d of acts", len(l.requests), len(l.clicks))
	}
	for st, id := range l.clicks {
		if c, err := l.office.Store.Click(t.Context(), id); err != nil || c.State != st {
			t.Errorf("the act %d is %s, not %s: %v", id, c.State, st, err)
		}
	}
	as := map[store.StaffRole]*browser{store.Lead: l.as("lead"), store.Agent: l.as("second"), store.Auditor: l.as("auditor")}
	for _, r := range routes() {
		if !strings.HasPrefix(r.pattern, "GET ") {
			continue
		}
		paths := l.paths(r.pattern)
		if len(paths) == 0 && !strings.HasPrefix(r.pattern, "GET /sign-in/") {
			t.Errorf("%s: no page of it is visited", r.pattern)
		}
		for _, path := range paths {
			for role, who := range as {
				if r.right.allows(role) {
					who.shown(t, r, path)
				}
			}
		}
	}
}

// shown demands that a path leads to its route, and that its page is there.
func (b *browser) shown(t *testing.T, r route, path string) {
	t.Helper()
	mux := http.NewServeMux()
	for _, r := range routes() {
		mux.HandleFunc(r.pattern, func(http.ResponseWriter, *http.Request) {})
	}
	if _, pattern := mux.Handler(httptest.NewRequest(http.MethodGet, path, nil)); pattern != r.pattern {
		t.Errorf("%s is a page of %q, not of %q", path, pattern, r.pattern)
	}
	p := b.follow(b.fetch(http.MethodGet, path, nil))
	if p.status != http.StatusOK {
		t.Errorf("%s is %d: %s", path, p.status, p.text())
	}
	if strings.HasPrefix(p.header.Get("Content-Type"), "text/html") && !strings.Contains(path, "/mail/") && !strings.HasSuffix(path, "/html") && p.h1() == "" {
		t.Errorf("%s has no heading", path)
	}
}

// Each form that acts on what was looked at refuses it when it has changed
// meanwhile, and does nothing. The others act on nothing that changes.
func TestEveryFormRefusesAStaleCase(t *testing.T) {
	stale := map[string]func(*testing.T) *page{
		"POST /requests/{id}/preview": func(t *testing.T) *page { return staleRequest(t, "/preview") },
		"POST /requests/{id}/act":     func(t *testing.T) *page { return staleRequest(t, "/act") },
		"POST /messages/{id}/preview": func(t *testing.T) *page { return staleMessage(t, "/preview") },
		"POST /messages/{id}/act":     func(t *testing.T) *page { return staleMessage(t, "/act") },
		"POST /clicks/{id}/undo":      func(t *testing.T) *page { return staleClick(t, "/undo") },
		"POST /clicks/{id}/agree":     func(t *testing.T) *page { return staleClick(t, "/agree") },
		"POST /work/{id}": func(t *testing.T) *page {
			b, rows := starters(t)
			agent, path := b.as("agent"), atID("/work/", rows[nasdesk.CreateAccount].ID)
			form := agent.get("/work").form(path)
			form.Set("came", "back")
			form.Set("why", "The portal does not answer.")
			b.as("second").post(path, form).is(http.StatusOK)
			return agent.post(path, form)
		},
		"POST /register/edit/{what}/preview": func(t *testing.T) *page { return staleEdit(t, "/preview") },
		"POST /register/edit/{what}/act":     func(t *testing.T) *page { return staleEdit(t, "/act") },
		"POST /register/import/apply": func(t *testing.T) *page {
			b := openRegister(t)
			lead := b.as("lead")
			form := lead.upload("x", map[string]string{"mailboxes": mailboxesHead + "pharmacy.fa123@nhs.net,FA123,High Street Chemist,pharmacy,england.north@nhs.net,standards-met,active\n"}).form("/register/import/apply")
			lead.change("/register/edit/mailbox?mailbox=pharmacy.fa123@nhs.net", "mailbox", url.Values{"name": {"Another name"}, "reason": {"x"}})
			b.undoTimeEnds()
			return lead.post("/register/import/apply", form)
		},
	}
	// Who signs in or out, an import that is only looked at, staff and the demo's
	// mails rest on nothing that was shown.
	none := []string{"POST /sign-in", "POST /sign-out", "POST /account/password", "POST /register/import", "POST /staff/{name}", "POST /try"}
	for _, r := range routes() {
		if strings.HasPrefix(r.pattern, "GET ") || slices.Contains(none, r.pattern) {
			continue
		}
		t.Run(r.pattern, func(t *testing.T) {
			send := stale[r.pattern]
			if send == nil {
				t.Fatal("this test does not know the form")
			}
			if p := send(t); p.status != http.StatusConflict {
				t.Errorf("it is %d: %s", p.status, p.text())
			}
		})
	}
}

func staleRequest(t *testing.T, to string) *page {
	b := openDesk(t)
	exceptions[0].mail(b)
	agent, second, id := b.as("agent"), b.as("second"), b.newest().Request.ID
	form := agent.filled(agent.get(requestPath(id)), nasdesk.ActReply, url.Values{"text": {"Hello."}})
	second.post(requestPath(id)+"/act", second.filled(second.get(requestPath(id)), nasdesk.ActNote, url.Values{"text": {"They rang."}})).is(http.StatusOK)
	return agent.post(requestPath(id)+to, form)
}

func staleMessage(t *testing.T, to string) *page {
	b := openDesk(t)
	b.deliver(fa123, "New account", strings.ReplaceAll(newUser, "%s", "201"), false)
	agent, second, path := b.as("agent"), b.as("second"), messagePath(b.held().Message)
	form := agent.get(path).formIn("act-release")
	second.post(path+"/act", second.get(path).formIn("act-condemn")).is(http.StatusOK)
	return agent.post(path+to, form)
}

// staleClick is an act that was proposed, and taken back while a colleague looked.
func staleClick(t *testing.T, to string) *page {
	b := openDesk(t)
	b.deliver(fa123, "New account", strings.ReplaceAll(newUser, "%s", "201"), false)
	agent, second, path := b.as("agent"), b.as("second"), messagePath(b.held().Message)
	agent.post(path+"/act", agent.get(path).formIn("act-release")).is(http.StatusOK)
	click := clickPath(b.clickAt(second.get("/queues/second")))
	second.get(click).form(click + to)
	agent.post(click+"/undo", nil).is(http.StatusOK)
	b.clock.move(time.Second)
	return second.post(click+to, nil)
}

func staleEdit(t *testing.T, to string) *page {
	const open, base = "/register/edit/account?account=tom.barker@nhs.net", "/register/edit/account"
	b := openRegister(t)
	lead := b.as("lead")
	form := lead.get(open).form(base + "/preview")
	form.Set("name", "Tim Barker")
	form.Set("reason", "x")
	lead.change(open, "account", url.Values{"name": {"Thomas Barker"}, "reason": {"x"}})
	b.undoTimeEnds()
	return lead.post(base+to, form)
}
