package console

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"nasdesk/store"
)

// An issuer is a small one of our own, as Entra is a large one: it knows one
// person, and what it says of them can be bent.
type issuer struct {
	*httptest.Server
	key, other *rsa.PrivateKey
	clock      *clock

	mu     sync.Mutex
	asked  url.Values // the last authorization request
	used   map[string]bool
	claims map[string]any                   // of the person
	bend   func(map[string]any)             // changes the claims of an ID token
	sign   func(string) string              // signs otherwise
	secret string                           // that clients must have
	end    string                           // where one signs out; "" for nowhere
	calls  map[string]int                   // by path
	answer func(w http.ResponseWriter) bool // of the token endpoint, instead
}

var issuerKeys = sync.OnceValue(func() [2]*rsa.PrivateKey {
	a, _ := rsa.GenerateKey(rand.Reader, 2048)
	b, _ := rsa.GenerateKey(rand.Reader, 2048)
	return [2]*rsa.PrivateKey{a, b}
})

func openIssuer(t *testing.T) *issuer {
	t.Helper()
	i := &issuer{key: issuerKeys()[0], other: issuerKeys()[1], used: map[string]bool{}, calls: map[string]int{}, secret: "of our registration",
		claims: map[string]any{"sub": "subject-1", "preferred_username": "Jo.Bloggs@example.org", "name": "Jo Bloggs", "groups": []string{"group-nobody", "group-agents"}}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", i.discovery)
	mux.HandleFunc("GET /keys", i.keys)
	mux.HandleFunc("POST /token", i.token)
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		i.calls[r.URL.Path]++
		i.mu.Unlock()
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(i.Close)
	return i
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (i *issuer) discovery(w http.ResponseWriter, _ *http.Request) {
	reply(w, map[string]any{"issuer": i.URL, "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token", "jwks_uri": i.URL + "/keys", "end_session_endpoint": i.end,
		"id_token_signing_alg_values_supported": []string{"RS256"}, "response_types_supported": []string{"code"}, "subject_types_supported": []string{"pairwise"}})
}

func (i *issuer) keys(w http.ResponseWriter, _ *http.Request) {
	b64 := base64.RawURLEncoding
	reply(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "use": "sig", "kid": "1", "alg": "RS256",
		"n": b64.EncodeToString(i.key.N.Bytes()), "e": b64.EncodeToString(big.NewInt(int64(i.key.E)).Bytes())}}})
}

// authorize is what the issuer does with a browser that was sent to it: it gives
// a code, whose challenge and nonce it remembers.
func (i *issuer) authorize(t *testing.T, to string) (code, state string) {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil || !strings.HasPrefix(to, i.URL+"/authorize?") {
		t.Fatalf("sent to %s", to)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.asked = u.Query()
	return "code-" + rand.Text(), i.asked.Get("state")
}

// token gives an ID token for a code, once, to who has the verifier and the secret.
func (i *issuer) token(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	_ = r.ParseForm()
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	code := r.PostForm.Get("code")
	switch {
	case i.answer != nil && i.answer(w):
		return
	case id != "nasdesk" || secret != i.secret:
		w.WriteHeader(http.StatusUnauthorized)
		reply(w, map[string]string{"error": "invalid_client"})
		return
	case !strings.HasPrefix(code, "code-") || i.used[code], i.asked.Get("code_challenge_method") != "S256",
		base64.RawURLEncoding.EncodeToString(sum[:]) != i.asked.Get("code_challenge"), r.PostForm.Get("redirect_uri") != i.asked.Get("redirect_uri"):
		w.WriteHeader(http.StatusBadRequest)
		reply(w, map[string]string{"error": "invalid_grant"})
		return
	}
	i.used[code] = true
	now := i.clock.now()
	claims := map[string]any{"iss": i.URL, "aud": "nasdesk", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "nonce": i.asked.Get("nonce")}
	for name, value := range i.claims {
		claims[name] = value
	}
	if i.bend != nil {
		i.bend(claims)
	}
	reply(w, map[string]any{"access_token": "opaque", "token_type": "Bearer", "expires_in": 3600, "id_token": i.jwt(claims)})
}

// jwt signs claims by RS256 (RFC 7515, 7518).
func (i *issuer) jwt(claims map[string]any) string {
	b64 := base64.RawURLEncoding
	payload, _ := json.Marshal(claims)
	head := b64.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT","kid":"1"}`)) + "." + b64.EncodeToString(payload)
	if i.sign != nil {
		return i.sign(b64.EncodeToString(payload))
	}
	return head + "." + b64.EncodeToString(signature(i.key, head))
}

func signature(key *rsa.PrivateKey, head string) []byte {
	sum := sha256.Sum256([]byte(head))
	sig, _ := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	return sig
}

// openOIDC opens the console with that issuer.
func openOIDC(t *testing.T) (*issuer, *browser) {
	t.Helper()
	i := openIssuer(t)
	_, b := openOffice(t, func(o *Office) {
		o.SignIn.OIDC = &OIDC{Issuer: i.URL, ClientID: "nasdesk", Secret: func() (string, error) { return "of our registration", nil },
			Groups: map[string]store.StaffRole{"group-agents": store.Agent, "group-leads": store.Lead, "group-auditors": store.Auditor}, Client: i.Client()}
	})
	i.clock = b.clock
	return i, b
}

// signInThere begins a sign-in, and returns the way back from the issuer.
func (i *issuer) signInThere(t *testing.T, b *browser, next string) (back string) {
	t.Helper()
	p := b.fetch(http.MethodGet, "/sign-in/oidc?next="+url.QueryEscape(next), nil).is(http.StatusSeeOther)
	code, state := i.authorize(t, p.header.Get("Location"))
	return "/sign-in/callback?" + url.Values{"code": {code}, "state": {state}}.Encode()
}

func TestOIDC(t *testing.T) {
	i, b := openOIDC(t)
	b.get("/sign-in").says("Sign in with your work account")
	back := i.signInThere(t, b, "/account")
	for name, want := range map[string]string{"response_type": "code", "client_id": "nasdesk", "code_challenge_method": "S256",
		"redirect_uri": "http://127.0.0.1:8420/sign-in/callback", "scope": "openid profile email"} {
		if got := i.asked.Get(name); got != want {
			t.Errorf("the authorization request has %s %q, not %q", name, got, want)
		}
	}
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		if len(i.asked.Get(name)) < 22 {
			t.Errorf("the authorization request has %s %q: too short to be chance", name, i.asked.Get(name))
		}
	}
	b.follow(b.fetch(http.MethodGet, back, nil)).is(200).says("Your account", "Jo Bloggs", "jo.bloggs@example.org", "Agent", "its password is not kept here")
	if b.cookies["nasdesk-going"] != "" {
		t.Error("what the sign-in was begun with is still in the browser")
	}
	who, err := b.office.Store.StaffNamed(t.Context(), "jo.bloggs@example.org")
	if err != nil || who.Role != store.Agent || who.Hash != "" {
		t.Errorf("kept is %+v, %v", who, err)
	}
	// The next day the groups are others.
	i.claims["groups"] = []string{"group-auditors", "group-leads"}
	b.post("/sign-out", nil)
	b.follow(b.fetch(http.MethodGet, i.signInThere(t, b, "/account"), nil)).is(200).says("Lead")
	if i.calls["/.well-known/openid-configuration"] != 1 {
		t.Errorf("the issuer was asked about itself %d times", i.calls["/.well-known/openid-configuration"])
	}
}

// Who signed in at the issuer is led on to sign out there, by a page of ours;
// who has a password here is not.
func TestOIDCSignOut(t *testing.T) {
	for _, c := range []struct{ end, want string }{
		{"", ""}, {"javascript:alert(1)", ""}, {"%", ""},
		{"https://login.example.org/out?tenant=1", "https://login.example.org/out?client_id=nasdesk&post_logout_redirect_uri=http%3A%2F%2F127.0.0.1%3A8420%2Fsign-in&tenant=1"},
	} {
		i, b := openOIDC(t)
		i.end = c.end
		b.follow(b.fetch(http.MethodGet, i.signInThere(t, b, "/account"), nil)).is(200)
		p := b.post("/sign-out", nil).is(200)
		if got := p.header.Get("Refresh"); got != strings.TrimPrefix("0; url="+c.want, map[bool]string{true: "0; url="}[c.want == ""]) {
			t.Errorf("%q: led on to %q", c.end, got)
		}
		if c.want != "" && len(p.says("You are signed out here").all("a", "href", c.want)) != 1 {
			t.Errorf("%q: no link to %s", c.end, c.want)
		}
		b.get("/account").says("Sign in").lacks("Jo Bloggs")
		if to := b.as("agent").fetch(http.MethodPost, "/sign-out", nil).is(http.StatusSeeOther).header.Get("Location"); to != "/sign-in" {
			t.Errorf("one with a password is sent to %s", to)
		}
	}
}

func TestOIDCRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		bend   func(i *issuer)
		before func(b *browser)
		back   func(string) string
	}{
		{name: "wrong nonce", status: 400, bend: func(i *issuer) { i.bend = func(c map[string]any) { c["nonce"] = "another" } }},
		{name: "no nonce", status: 400, bend: func(i *issuer) { i.bend = func(c map[string]any) { delete(c, "nonce") } }},
		{name: "wrong audience", status: 400, bend: func(i *issuer) { i.bend = func(c map[string]any) { c["aud"] = "another" } }},
		{name: "another party's", status: 400, bend: func(i *issuer) {
			i.bend = func(c map[string]any) { c["aud"], c["azp"] = []string{"another", "nasdesk"}, "another" }
		}},
		{name: "several parties, none named", status: 400, bend: func(i *issuer) { i.bend = func(c map[string]any) { c["aud"] = []string{"another", "nasdesk"} } }},
		{name: "wrong issuer", status: 400, bend: func(i *issuer) { i.bend = func(c map[string]any) { c["iss"] = "https://issuer.example.org" } }},
		{name: "expired", status: 400, bend: func(i *issuer) { i.bend = func(c map[string]any) { c["exp"] = begins.Add(-time.Second).Unix() } }},
		{name: "not yet", status: 400, bend: func(i *issuer) { i.bend = func(c map[string]any) { c["nbf"] = begins.Add(time.Hour).Unix() } }},
		{name: "another key", status: 400, bend: func(i *issuer) {
			i.sign = func(payload string) string {
				head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","kid":"1"}`)) + "." + payload
				return head + "." + base64.RawURLEncoding.EncodeToString(signature(i.other, head))
			}
		}},
		{name: "not signed", status: 400, bend: func(i *issuer) {
			i.sign = func(payload string) string {
				return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + payload + "."
			}
		}},
		{name: "no ID token", status: 400, bend: func(i *issuer) {
			i.answer = func(w http.ResponseWriter) bool {
				reply(w, map[string]any{"access_token": "opaque", "token_type": "Bearer"})
				return true
			}
		}},
		{name: "wrong secret", status: 400, bend: func(i *issuer) { i.secret = "changed" }},
		{name: "no group", status: 403, bend: func(i *issuer) { i.claims["groups"] = []string{"group-nobody"} }},
		{name: "groups left out", status: 403, bend: func(i *issuer) {
			delete(i.claims, "groups")
			i.claims["hasgroups"] = true
		}},
		{name: "groups no list", status: 403, bend: func(i *issuer) { i.claims["groups"] = "group-leads" }},
		{name: "no name", status: 403, bend: func(i *issuer) { i.claims["preferred_username"], i.claims["sub"] = "", "" }},
		{name: "a local account's name", status: 403, bend: func(i *issuer) { i.claims["preferred_username"] = "Lead" }},
		{name: "state of another sign-in", status: 400, back: func(s string) string { return strings.Replace(s, "state=", "state=X", 1) }},
		{name: "no state", status: 400, back: func(s string) string { return s[:strings.Index(s, "&state=")] }},
		{name: "another browser", status: 400, before: func(b *browser) { delete(b.cookies, "nasdesk-going") }},
		{name: "a cookie that is none of ours", status: 400, before: func(b *browser) { b.cookies["nasdesk-going"] = "e30" }},
		{name: "another issuer's answer", status: 400, back: func(s string) string { return s + "&iss=https%3A%2F%2Fissuer.example.org" }},
		{name: "cancelled", status: 400, back: func(s string) string {
			return "/sign-in/callback?error=access_denied" + s[strings.Index(s, "&state="):]
		}},
		{name: "no code", status: 400, back: func(s string) string { return "/sign-in/callback?" + s[strings.Index(s, "&state=")+1:] }},
	} {
		t.Run(c.name, func(t *testing.T) {
			i, b := openOIDC(t)
			if c.bend != nil {
				c.bend(i)
			}
			back := i.signInThere(t, b, "/account")
			if c.before != nil {
				c.before(b)
			}
			if c.back != nil {
				back = c.back(back)
			}
			b.fetch(http.MethodGet, back, nil).is(c.status).lacks("Sign out")
			if b.cookies["nasdesk-session"] != "" {
				t.Error("a session began")
			}
			b.get("/account").says("Sign in")
		})
	}
}

func TestOIDCCodeIsOfOneUse(t *testing.T) {
	i, b := openOIDC(t)
	back := i.signInThere(t, b, "/account")
	going := b.cookies["nasdesk-going"]
	b.follow(b.fetch(http.MethodGet, back, nil)).is(200)
	b.post("/sign-out", nil)
	b.fetch(http.MethodGet, back, nil).is(400)
	b.cookies["nasdesk-going"] = going // somebody kept the cookie: the issuer knows the code
	b.fetch(http.MethodGet, back, nil).is(400)
	if b.cookies["nasdesk-session"] != "" {
		t.Error("a code was used twice")
	}
}

func TestOIDCDisabled(t *testing.T) {
	i, b := openOIDC(t)
	b.follow(b.fetch(http.MethodGet, i.signInThere(t, b, "/account"), nil)).is(200)
	who, err := b.office.Store.StaffNamed(t.Context(), "jo.bloggs@example.org")
	if err != nil {
		t.Fatal(err)
	}
	who.Disabled = true
	if err := b.office.Store.PutStaff(t.Context(), who); err != nil {
		t.Fatal(err)
	}
	b.get("/account").says("Sign in").lacks("Jo Bloggs")
	b.fetch(http.MethodGet, i.signInThere(t, b, "/account"), nil).is(403)
}

func TestOIDCIssuerIsDown(t *testing.T) {
	i, b := openOIDC(t)
	i.Close()
	b.fetch(http.MethodGet, "/sign-in/oidc", nil).is(http.StatusBadGateway).says("The sign-in service does not answer")
	b.get("/sign-in").says("Password") // who has an account of ours can still sign in
}

func TestOIDCLeadsNowhereElse(t *testing.T) {
	i, b := openOIDC(t)
	p := b.fetch(http.MethodGet, i.signInThere(t, b, "https://evil.example.org/"), nil).is(http.StatusSeeOther)
	if to := p.header.Get("Location"); to != "/" {
		t.Errorf("after sign-in the browser is sent to %s", to)
	}
}
