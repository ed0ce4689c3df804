package console

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"nasdesk"
	"nasdesk/store"
)

// wild are values for the wildcards of routes. A new one must be given one here.
var wild = map[string]string{"id": "1", "n": "1", "queue": "exceptions", "address": "pharmacy.fa123@nhs.net", "name": "agent", "what": "mailbox"}

var wildcard = regexp.MustCompile(`\{([a-z]+)(?:\.\.\.)?\}`)

// eachRoute calls f with every route's method and a path that it answers.
func eachRoute(t *testing.T, f func(t *testing.T, r route, method, path string)) {
	t.Helper()
	for _, r := range routes() {
		t.Run(r.pattern, func(t *testing.T) {
			method, path, ok := strings.Cut(r.pattern, " ")
			if !ok {
				t.Fatalf("the route %q names no method", r.pattern)
			}
			path = wildcard.ReplaceAllStringFunc(strings.TrimSuffix(path, "{$}"), func(w string) string {
				value := wild[wildcard.FindStringSubmatch(w)[1]]
				if value == "" {
					t.Fatalf("the test knows no value for %s of %q: add it to wild", w, r.pattern)
				}
				return value
			})
			f(t, r, method, path)
		})
	}
}

// at is the browser as a test within a test uses it.
func (b *browser) at(t *testing.T) *browser {
	c := *b
	c.t = t
	return &c
}

// open reports whether a route asks for no sign-in.
func (r route) open() bool { return r.right == anybody || r.right == onlyDemo }

// demo makes the console the demo's.
func demo(o *Office) {
	o.Try = &Try{Senders: []nasdesk.Address{"pharmacy.fa123@nhs.net"},
		Send:     func(context.Context, TryMail) error { return nil },
		Answers:  func(context.Context, nasdesk.Address) ([]Answer, error) { return nil, nil },
		Examples: []Example{{Name: "A question", Says: "Something is asked.", From: "pharmacy.fa123@nhs.net", Subject: "A question", Text: "Who are you?"}}}
}

// Nothing that another site sends is done, whoever is signed in.
func TestEveryFormRefusesAForeignOrigin(t *testing.T) {
	_, b := openOffice(t, demo)
	signedIn := b.as("lead")
	for name, foreign := range map[string]func(*http.Request){
		"cross-site": func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			r.Header.Set("Origin", "https://evil.example.org")
		},
		"same-site": func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "same-site")
			r.Header.Set("Origin", "https://other.example.org")
		},
		"an old browser": func(r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			r.Header.Set("Origin", "https://evil.example.org")
		},
		"no origin": func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "null") },
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			eachRoute(t, func(t *testing.T, r route, method, path string) {
				if method == http.MethodGet {
					return
				}
				n++
				signedIn.at(t).fetch(method, path, url.Values{}, foreign).is(http.StatusForbidden).says("This did not come from here")
			})
			if n < 10 {
				t.Errorf("only %d forms: the test walks the wrong routes", n)
			}
		})
	}
}

// A page sends who is not signed in to sign in; a form says so.
func TestEveryRouteNeedsSignIn(t *testing.T) {
	_, b := openOffice(t, demo)
	eachRoute(t, func(t *testing.T, r route, method, path string) {
		if r.open() {
			return
		}
		p := b.at(t).fetch(method, path, url.Values{})
		if method != http.MethodGet {
			p.is(http.StatusUnauthorized)
			return
		}
		if to := p.is(http.StatusSeeOther).header.Get("Location"); !strings.HasPrefix(to, "/sign-in") {
			t.Errorf("sent to %s", to)
		}
	})
}

// Each role does what it may and no more.
func TestEveryRouteRefusesRolesWithoutTheRight(t *testing.T) {
	_, b := openOffice(t, demo)
	as := map[store.StaffRole]*browser{store.Agent: b.as("agent"), store.Lead: b.as("lead"), store.Auditor: b.as("auditor")}
	eachRoute(t, func(t *testing.T, r route, method, path string) {
		if method != http.MethodGet && r.right == reader && !ofOneself[r.pattern] {
			t.Error("a form that an auditor may send: auditors change nothing")
		}
		if r.open() || path == "/account/password" {
			return
		}
		for role, who := range as {
			p := who.at(t).fetch(method, path, url.Values{})
			refused := p.status == http.StatusForbidden && strings.Contains(p.text(), "You cannot do this")
			if refused == r.right.allows(role) {
				t.Errorf("%s: %d %s", role, p.status, p.h1())
			}
			if p.status >= 500 {
				t.Errorf("%s: %d", role, p.status)
			}
		}
	})
}

// ofOneself are forms that everybody may send, for they change only who sends them.
var ofOneself = map[string]bool{"POST /account/password": true}

func TestDemoPagesAreOfTheDemo(t *testing.T) {
	_, b := openOffice(t)
	lead := b.as("lead")
	n := 0
	eachRoute(t, func(t *testing.T, r route, method, path string) {
		if r.right == onlyDemo {
			n++
			lead.at(t).fetch(method, path, url.Values{}).is(http.StatusNotFound)
		}
	})
	if n == 0 {
		t.Error("the demo has no pages")
	}
	lead.get("/account").lacks("Demonstration", "/try")
}

// The headers stand on every answer, whatever it is.
func TestEveryAnswerHasItsHeaders(t *testing.T) {
	_, b := openOffice(t, demo)
	lead := b.as("lead")
	nonces := map[string]bool{}
	check := func(t *testing.T, p *page) {
		t.Helper()
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"} {
			if got := p.header.Get(name); got != want {
				t.Errorf("%s: %s is %q", p.path, name, got)
			}
		}
		policy := p.header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors ") || strings.Contains(policy, "unsafe") && !strings.Contains(policy, "sandbox") {
			t.Errorf("%s: the policy is %q", p.path, policy)
		}
		if _, after, ok := strings.Cut(policy, "'nonce-"); ok {
			nonce, _, _ := strings.Cut(after, "'")
			if nonces[nonce] || len(nonce) < 22 {
				t.Errorf("%s: the nonce %q is short, or was there before", p.path, nonce)
			}
			nonces[nonce] = true
		}
	}
	eachRoute(t, func(t *testing.T, r route, method, path string) {
		if strings.HasPrefix(path, "/sign-out") {
			return
		}
		check(t, lead.at(t).fetch(method, path, url.Values{}))
		check(t, b.at(t).fetch(method, path, url.Values{}))
	})
	check(t, b.fetch(http.MethodGet, "/nowhere", nil).is(http.StatusNotFound))
	check(t, b.fetch("TRACE", "/account", nil))
}

func TestBodiesHaveALimit(t *testing.T) {
	_, b := openOffice(t)
	b.post("/sign-in", url.Values{"name": {strings.Repeat("x", formLimit)}, "password": {"y"}}).is(http.StatusRequestEntityTooLarge).says("This is too large")
}

// A fault of ours is a page that says so, and a line in the log without what was asked for.
func TestPanicIsAPage(t *testing.T) {
	o, b := openOffice(t)
	f := newFrame(o)
	b.handler = f.answering(route{"GET /x", anybody, func(*visit) error { panic("oh") }})
	b.fetch(http.MethodGet, "/x", nil).is(http.StatusInternalServerError).says("Something went wrong here").lacks("oh\"", "goroutine")
	b.handler = f.answering(route{"GET /x", anybody, func(v *visit) error { return v.show("no such page", nil) }})
	b.fetch(http.MethodGet, "/x", nil).is(http.StatusInternalServerError)
}

// One view of personal data is one line in the journal, however often a page asks.
func TestViewedOncePerPage(t *testing.T) {
	o, b := openOffice(t)
	f := newFrame(o)
	b.handler = f.answering(route{"GET /x", reader, func(v *visit) error {
		for range 3 {
			if err := v.viewed("request", 7, "pharmacy.fa123@nhs.net"); err != nil {
				return err
			}
		}
		return v.viewed("request", 8, "")
	}})
	b.as("auditor").fetch(http.MethodGet, "/x", nil).is(200)
	looks, err := o.Store.Looks(t.Context(), "pharmacy.fa123@nhs.net")
	if err != nil || len(looks) != 1 || looks[0].Detail != "request by auditor" || looks[0].Request != 7 {
		t.Errorf("who looked at the mailbox: %+v, %v", looks, err)
	}
}

// A page that asks again by itself, whenever something changes, is one look in
// five minutes; one that somebody opens is a look each time, and so is another's.
func TestRefreshesAreOneLook(t *testing.T) {
	o, b := openOffice(t)
	f := newFrame(o)
	b.handler = f.answering(route{"GET /x", reader, func(v *visit) error { return v.viewed("mailbox", 0, "pharmacy.fa123@nhs.net") }})
	agent, lead := b.as("agent"), b.as("lead")
	live := func(r *http.Request) { r.Header.Set("X-Nasdesk-Live", "1") }
	for i, c := range []struct {
		who  *browser
		wait time.Duration
		live bool
		want int
	}{
		{agent, 0, true, 1}, // nothing was written before it: it counts
		{agent, time.Minute, true, 1},
		{agent, time.Minute, false, 2},
		{agent, 4 * time.Minute, true, 2},
		{lead, 0, true, 3},
		{agent, 2 * time.Minute, true, 4},
	} {
		b.clock.move(c.wait)
		if c.live {
			c.who.fetch(http.MethodGet, "/x", nil, live)
		} else {
			c.who.fetch(http.MethodGet, "/x", nil)
		}
		looks, err := o.Store.Looks(t.Context(), "pharmacy.fa123@nhs.net")
		if err != nil || len(looks) != c.want {
			t.Errorf("%d: %d looks, not %d, %v", i, len(looks), c.want, err)
		}
	}
}

func TestGlancesForget(t *testing.T) {
	g := &glances{}
	for i := range mostGlances + 5 {
		g.wrote(glance{"t", view{request: int64(i)}}, 1)
	}
	if len(g.at) > mostGlances || !g.lately(glance{"t", view{request: mostGlances + 4}}, 2) || g.lately(glance{"t", view{}}, 2) {
		t.Errorf("%d are remembered", len(g.at))
	}
}

func TestStaffPage(t *testing.T) {
	_, b := openOffice(t)
	lead := b.as("lead")
	lead.get("/staff").says("Agent Example", "Lead Example (you)", "Can sign in", "a password", "never")
	p := lead.get("/staff/agent").says("Agent Example", "Role")
	lead.submit(p, "/staff/agent", url.Values{"role": {"auditor"}}).is(200).says("Agent Example has the new role")
	agent := b.as("agent")
	agent.get("/account").says("Auditor")
	lead.post("/staff/agent", url.Values{"do": {"disable"}}).is(200).says("is kept out from now on", "Kept out")
	agent.get("/account").says("Sign in")
	b.post("/sign-in", credentials("agent", password)).is(http.StatusUnprocessableEntity)
	lead.post("/staff/agent", url.Values{"do": {"enable"}}).is(200).says("is let in again")
	b.post("/sign-in", credentials("agent", password)).is(200)
	lead.post("/staff/agent", url.Values{"do": {"role"}, "role": {"chief"}}).is(http.StatusUnprocessableEntity).says("Choose a role")
	lead.post("/staff/lead", url.Values{"do": {"disable"}}).is(http.StatusConflict).says("You cannot change your own account")
	lead.fetch(http.MethodGet, "/staff/nobody", nil).is(http.StatusNotFound)
}

// Who is locked out, or has forgotten the password, gets a new one from a lead.
func TestALeadUnlocksWithANewPassword(t *testing.T) {
	const fresh = "another good long password"
	_, b := openOffice(t)
	lead, agent := b.as("lead"), b.as("agent")
	for range 5 {
		b.post("/sign-in", credentials("agent", "wrong horse battery staple"))
	}
	b.post("/sign-in", credentials("agent", password)).is(http.StatusUnprocessableEntity)
	p := lead.get("/staff/agent").says("The account is locked until")
	form := url.Values{"do": {"password"}, "new": {"short"}}
	lead.post("/staff/agent", form).is(http.StatusUnprocessableEntity).says("There is a problem", "at least 12 characters")
	if len(p.all("input", "name", "new")) != 1 {
		t.Error("the page does not ask for a new password")
	}
	form.Set("new", fresh)
	lead.post("/staff/agent", form).is(200).says("Agent Example has a new password").lacks(fresh)
	agent.get("/account").says("Sign in").lacks("Agent Example")
	b.post("/sign-in", credentials("agent", password)).is(http.StatusUnprocessableEntity)
	b.post("/sign-in", credentials("agent", fresh)).is(200)
}
