package console

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"nasdesk"
	"nasdesk/store"
)

func credentials(name, password string) url.Values {
	return url.Values{"name": {name}, "password": {password}, "next": {"/account"}}
}

func TestSignInAndOut(t *testing.T) {
	_, b := openOffice(t)
	p := b.get("/account").says("Sign in")
	if p.path != "/sign-in?next=%2Faccount" {
		t.Errorf("sent to %s to sign in", p.path)
	}
	b.submit(p, "/sign-in", url.Values{"name": {" Agent"}, "password": {password}}).is(200).says("Your account", "Agent Example", "Sign out")
	before := b.cookies["nasdesk-session"]
	b.post("/sign-out", nil).says("Sign in", "You are signed out.")
	b.get("/sign-in").lacks("You are signed out.")
	b.cookies["nasdesk-session"] = before
	b.get("/account").says("Sign in").lacks("Agent Example")
}

func TestSignInRefuses(t *testing.T) {
	_, b := openOffice(t)
	b.office.SignIn.LockAfter = 50
	if err := b.office.Store.PutStaff(t.Context(), store.Staff{Name: "gone", Role: store.Agent, Hash: hashOnce(), Disabled: true}); err != nil {
		t.Fatal(err)
	}
	if err := b.office.Store.PutStaff(t.Context(), store.Staff{Name: "entra", Role: store.Lead}); err != nil {
		t.Fatal(err)
	}
	const says = "The name or the password is wrong, or the account is locked"
	for _, c := range []struct{ name, password, says string }{
		{"agent", "wrong horse battery staple", says},
		{"nobody", password, says},
		{"gone", password, says},
		{"entra", password, says},
		{"entra", strings.Repeat("x", 500), says},
		{"agent", strings.Repeat("x", 500), says},
		{"", password, "Enter your sign-in name"},
		{"agent", "", "Enter your password"},
	} {
		p := b.post("/sign-in", credentials(c.name, c.password)).is(http.StatusUnprocessableEntity).says("There is a problem", c.says)
		if p.form("/sign-in").Get("password") != "" || b.cookies["nasdesk-session"] != "" {
			t.Errorf("%s: the page gives the password back, or a session began", c.name)
		}
	}
	b.office.SignIn.Local = false
	b.post("/sign-in", credentials("agent", password)).is(http.StatusNotFound)
}

// A locked account is locked to who knows the password too, until the time is over.
func TestSignInLocks(t *testing.T) {
	_, b := openOffice(t)
	for range 5 {
		b.post("/sign-in", credentials("agent", "wrong horse battery staple")).is(http.StatusUnprocessableEntity)
	}
	b.post("/sign-in", credentials("agent", password)).is(http.StatusUnprocessableEntity)
	b.post("/sign-in", credentials("lead", password)).is(200)
	b.post("/sign-out", nil)
	b.clock.move(14 * time.Minute)
	b.post("/sign-in", credentials("agent", password)).is(http.StatusUnprocessableEntity)
	b.clock.move(2 * time.Minute)
	b.post("/sign-in", credentials("agent", password)).is(200)
}

func TestSignInIsSlowedDown(t *testing.T) {
	_, b := openOffice(t)
	from := func(address string) func(*http.Request) {
		return func(r *http.Request) { r.RemoteAddr = address }
	}
	last := 0
	for range knockBurst + 1 {
		// An empty password is refused without being hashed, and counts as well.
		last = b.fetch(http.MethodPost, "/sign-in", credentials("nobody", ""), from("192.0.2.1:1000")).status
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the %dth try from one address is %d", knockBurst+1, last)
	}
	b.fetch(http.MethodPost, "/sign-in", credentials("nobody", ""), from("192.0.2.2:1000")).is(http.StatusUnprocessableEntity)
	b.clock.move(knockEvery + time.Second)
	b.fetch(http.MethodPost, "/sign-in", credentials("nobody", ""), from("192.0.2.1:1000")).is(http.StatusUnprocessableEntity)
}

func TestVisitor(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("2001:db8:ffff::/48")}
	for _, c := range []struct{ peer, told, want string }{
		{"10.1.2.3:1234", "198.51.100.1", "198.51.100.1/32"},
		{"[::ffff:10.1.2.3]:1234", "198.51.100.1, 10.1.9.9", "198.51.100.1/32"},     // two proxies
		{"10.1.2.3:1234", "203.0.113.5, 198.51.100.1, 10.1.9.9", "198.51.100.1/32"}, // before the outermost anybody may write
		{"10.2.2.3:1234", "198.51.100.1", "10.2.2.3/32"},                            // none of the proxies
		{"[2001:db8:ffff::1]:1234", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
		{"10.1.2.3:1234", "", "10.1.2.3/32"},
		{"192.0.2.7:1234", "", "192.0.2.7/32"},
		{"192.0.2.7:1234", "198.51.100.1", "192.0.2.7/32"}, // anybody may write this
		{"127.0.0.1:1234", "203.0.113.5, 198.51.100.1", "198.51.100.1/32"},
		{"[::1]:1234", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
		{"[2001:db8::7%eth0]:80", "", "2001:db8::/64"},
		{"[::ffff:192.0.2.7]:80", "", "192.0.2.7/32"},
		{"127.0.0.1:1234", "unknown", "127.0.0.1/32"},
	} {
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{"X-Forwarded-For": {c.told}}}
		if got := visitor(r, proxies); got.String() != c.want {
			t.Errorf("visitor from %s, told %q, is %s, not %s", c.peer, c.told, got, c.want)
		}
	}
}

func TestKnocksForget(t *testing.T) {
	k := newKnocks()
	for i := range knockers + 10 {
		from := netip.PrefixFrom(netip.AddrFrom4([4]byte{192, byte(i >> 16), byte(i >> 8), byte(i)}), 32)
		if !k.may(from, begins) {
			t.Fatalf("the first try from %s is not welcome", from)
		}
	}
	if len(k.by) > knockers {
		t.Errorf("%d addresses are remembered", len(k.by))
	}
}

// A token from before sign-in is worth nothing after it, so that nobody can
// hand a visitor a session of their own choice.
func TestSessionIsNew(t *testing.T) {
	_, b := openOffice(t)
	b.cookies["nasdesk-session"] = "chosen by somebody else"
	b.post("/sign-in", credentials("agent", password)).is(200)
	first := b.cookies["nasdesk-session"]
	if first == "chosen by somebody else" || len(first) < 26 {
		t.Fatalf("the session's token is %q", first)
	}
	b.post("/sign-in", credentials("agent", password)).is(200)
	if b.cookies["nasdesk-session"] == first {
		t.Error("signing in again gives the same token")
	}
	b.cookies["nasdesk-session"] = first
	b.get("/account").says("Sign in").lacks("Agent Example")
}

func TestSessionsAreIdleAsLongAsIsSet(t *testing.T) {
	_, b := openOffice(t, func(o *Office) { o.SignIn.Idle = 10 * time.Minute })
	a := b.as("agent")
	a.clock.move(9 * time.Minute)
	a.get("/account").says("Agent Example")
	a.clock.move(10 * time.Minute)
	a.get("/account").lacks("Agent Example")
}

func TestSessionEnds(t *testing.T) {
	_, b := openOffice(t)
	a := b.as("agent")
	a.get("/account").says("Agent Example")
	a.clock.move(31 * time.Minute)
	a.get("/account").lacks("Agent Example")

	a = b.as("agent")
	for range 24 {
		a.clock.move(29 * time.Minute)
		a.get("/account").says("Agent Example")
	}
	a.clock.move(29 * time.Minute)
	a.get("/account").lacks("Agent Example")
}

// What was typed is still in the browser: the form is not lost to a page for
// signing in.
func TestFormOfAnEndedSession(t *testing.T) {
	_, b := openOffice(t)
	a := b.as("agent")
	a.clock.move(31 * time.Minute)
	a.fetch(http.MethodPost, "/account/password", url.Values{"old": {"x"}}).is(http.StatusUnauthorized).says("You are signed out", "what you typed is still there")
}

func TestCookies(t *testing.T) {
	for _, c := range []struct {
		url, name string
		secure    bool
	}{{"http://127.0.0.1:8420", "nasdesk-session", false}, {"https://nasdesk.example.org", "__Host-nasdesk-session", true}} {
		_, b := openOffice(t, func(o *Office) { o.SignIn.URL = c.url })
		p := b.fetch(http.MethodPost, "/sign-in", credentials("agent", password)).is(http.StatusSeeOther)
		cookies := (&http.Response{Header: p.header}).Cookies()
		if len(cookies) != 1 {
			t.Fatalf("%s: signing in sets %v", c.url, cookies)
		}
		k := cookies[0]
		if k.Name != c.name || k.Secure != c.secure || !k.HttpOnly || k.SameSite != http.SameSiteLaxMode || k.Path != "/" || k.Domain != "" || k.MaxAge != 12*3600 {
			t.Errorf("%s: the cookie is %s", c.url, k)
		}
		if got := p.header.Get("Strict-Transport-Security"); (got != "") != c.secure {
			t.Errorf("%s: Strict-Transport-Security is %q", c.url, got)
		}
	}
}

func TestNext(t *testing.T) {
	for asked, want := range map[string]string{"/requests/7?a=b": "/requests/7?a=b", "": "/", "//evil.example.org": "/", "https://evil.example.org/": "/",
		"/\\evil.example.org": "/", "javascript:alert(1)": "/", "requests/7": "/", "/a\r\nSet-Cookie: x": "/", "/%zz": "/", "\t//evil.example.org": "/"} {
		if got := next(asked, "/"); got != want {
			t.Errorf("next(%q) is %q, not %q", asked, got, want)
		}
	}
}

func TestChangePassword(t *testing.T) {
	const fresh = "another good long password"
	_, b := openOffice(t)
	a, elsewhere := b.as("agent"), b.as("agent")
	elsewhere.cookies = map[string]string{"nasdesk-session": "another browser"}
	now := nasdesk.TimestampOf(b.clock.now())
	if err := b.office.Store.NewSession(t.Context(), store.Session{Token: tokenHash("another browser"), Staff: "agent", MadeAt: now, SeenAt: now}); err != nil {
		t.Fatal(err)
	}
	elsewhere.get("/account").says("Agent Example")
	form := func(old, fresh, again string) url.Values {
		return url.Values{"old": {old}, "new": {fresh}, "again": {again}}
	}
	for _, c := range []struct {
		form url.Values
		says string
	}{
		{form("wrong horse battery staple", fresh, fresh), "This is not your password"},
		{form(password, "short", "short"), "at least 12 characters"},
		{form(password, "xxxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxxx"), "one character again and again"},
		{form(password, "i am the agent here", "i am the agent here"), "must not hold the sign-in name"},
		{form(password, fresh, fresh+"x"), "Enter the new password again, the same"},
	} {
		a.post("/account/password", c.form).is(http.StatusUnprocessableEntity).says("There is a problem", c.says)
	}
	a.submit(a.get("/account"), "/account/password", form(password, fresh, fresh)).is(200).says("Your password is changed.")
	a.get("/account").says("Agent Example")
	elsewhere.get("/account").says("Sign in").lacks("Agent Example")
	b.post("/sign-in", credentials("agent", password)).is(http.StatusUnprocessableEntity)
	b.post("/sign-in", credentials("agent", fresh)).is(200)
}

func TestPasswordHash(t *testing.T) {
	cheap := usual
	usual = rfc9106
	t.Cleanup(func() { usual = cheap })
	hash := HashPassword(password)
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=65536,t=3,p=4$") {
		t.Errorf("the hash is %s", hash)
	}
	if again := HashPassword(password); again == hash {
		t.Error("two hashes of one password are the same: there is no salt")
	}
	for _, c := range []struct {
		password, hash string
		want           bool
	}{
		{password, hash, true},
		{password + " ", hash, false},
		{"", hash, false},
		{"", "", false},
		{password, "", false},
		{password, "$2a$10$abcdefghijklmnopqrstuv", false},
		{password, strings.Replace(hash, "m=65536", "m=4294967295", 1), false},
		{password, strings.Replace(hash, "p=4", "p=0", 1), false},
		{password, strings.Replace(hash, "t=3", "t=0", 1), false},
		{password, strings.Replace(hash, "v=19", "v=16", 1), false},
		{password, hash[:strings.LastIndex(hash, "$")] + "$", false},
	} {
		if got := fits(c.password, c.hash); got != c.want {
			t.Errorf("fits(%q, %q) is %v", c.password, c.hash, got)
		}
	}
}
