package console

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"nasdesk/store"
)

// An oidcDoor is the way in by OpenID Connect: the authorization code flow of
// OpenID Connect Core 1.0, 3.1, with PKCE (RFC 7636). No token is kept: the ID
// token says who somebody is, and then our own session begins.
type oidcDoor struct {
	*OIDC
	redirect string
	now      func() time.Time

	mu       sync.Mutex
	provider *oidc.Provider // nil until the issuer has told about itself
}

func newOIDCDoor(o *Office) *oidcDoor {
	if o.SignIn.OIDC == nil {
		return nil
	}
	d := &oidcDoor{OIDC: o.SignIn.OIDC, redirect: o.SignIn.OIDC.RedirectURL, now: o.Now}
	if d.redirect == "" {
		d.redirect = strings.TrimSuffix(o.SignIn.URL, "/") + "/sign-in/callback"
	}
	return d
}

// issuerTimeout is for one call of the issuer.
const issuerTimeout = 10 * time.Second

// reach is a context in which the issuer is called.
func (d *oidcDoor) reach(ctx context.Context) context.Context {
	client := d.Client
	if client == nil {
		client = &http.Client{Timeout: issuerTimeout}
	}
	return oidc.ClientContext(ctx, client)
}

// issuer is the provider as its discovery document has it (OpenID Connect
// Discovery 1.0, 4). It is fetched when somebody first signs in, so that an
// issuer that is down keeps the console from nobody else; a failure is not kept.
func (d *oidcDoor) issuer(ctx context.Context) (*oidc.Provider, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.provider != nil {
		return d.provider, nil
	}
	p, err := oidc.NewProvider(d.reach(ctx), d.Issuer)
	if err != nil {
		return nil, fmt.Errorf("the issuer %s: %w", d.Issuer, err)
	}
	d.provider = p
	return p, nil
}

func (d *oidcDoor) client(p *oidc.Provider) (*oauth2.Config, error) {
	secret, err := d.Secret()
	if err != nil {
		return nil, fmt.Errorf("the secret of our registration at %s: %w", d.Issuer, err)
	}
	return &oauth2.Config{ClientID: d.ClientID, ClientSecret: secret, Endpoint: p.Endpoint(), RedirectURL: d.redirect,
		Scopes: []string{oidc.ScopeOpenID, "profile", "email"}}, nil
}

// A going is somebody who was sent to the issuer: what they must come back with.
// It lies in a cookie of their browser, for ten minutes and one return.
type going struct{ State, Nonce, Verifier, Next string }

const goingSeconds = 600

var (
	noIssuer   = problem{http.StatusBadGateway, "The sign-in service does not answer", "Wait a minute, then try again. If it stays so, tell whoever runs this console."}
	notSigned  = problem{http.StatusBadRequest, "The sign-in was not completed", "It was cancelled, took too long, or was begun on another tab. Sign in again."}
	notAllowed = problem{http.StatusForbidden, "You may not use this console", "Your work account is in none of the groups that may. Ask a lead, or whoever runs this console."}
	nameTaken  = problem{http.StatusForbidden, "You cannot be signed in", "An account of this desk has the same sign-in name as your work account. Ask a lead to disable one of the two."}
)

// oidcBegin sends the visitor to the issuer.
func oidcBegin(v *visit) error {
	d := v.frame.oidc
	if d == nil {
		return notFound
	}
	p, err := d.issuer(v.ctx())
	if err != nil {
		v.office.Log.Error("nobody can sign in by OpenID Connect", "err", err)
		return noIssuer
	}
	c, err := d.client(p)
	if err != nil {
		return err
	}
	g := going{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Next: next(v.FormValue("next"), "/")}
	kept, err := json.Marshal(g)
	if err != nil {
		return err
	}
	http.SetCookie(v.w, v.cookie("going", base64.RawURLEncoding.EncodeToString(kept), goingSeconds))
	http.Redirect(v.w, v.Request, c.AuthCodeURL(g.State, oidc.Nonce(g.Nonce), oauth2.S256ChallengeOption(g.Verifier)), http.StatusSeeOther)
	return nil
}

// comingBack takes what a visitor was sent away with, for good.
func (v *visit) comingBack() (g going, ok bool) {
	kept, err := base64.RawURLEncoding.DecodeString(v.cookieValue("going"))
	http.SetCookie(v.w, v.cookie("going", "", -1))
	if err != nil || json.Unmarshal(kept, &g) != nil || g.State == "" || g.Nonce == "" || g.Verifier == "" {
		return g, false
	}
	return g, subtle.ConstantTimeCompare([]byte(g.State), []byte(v.URL.Query().Get("state"))) == 1
}

// oidcEnd lets in who comes back from the issuer with a code.
func oidcEnd(v *visit) error {
	d := v.frame.oidc
	if d == nil {
		return notFound
	}
	refused := func(why string, err error) error {
		v.office.Log.Warn("a sign-in by OpenID Connect was refused", "why", why, "err", err)
		return notSigned
	}
	g, ok := v.comingBack()
	q := v.URL.Query()
	switch iss := q.Get("iss"); {
	case !ok:
		return refused("it was not begun here, or not by this browser", nil)
	case iss != "" && iss != d.Issuer: // RFC 9207
		return refused("another issuer sent it", nil)
	case q.Get("error") != "":
		return refused("the issuer says no", fmt.Errorf("%.100q", q.Get("error")))
	}
	p, err := d.issuer(v.ctx())
	if err != nil {
		v.office.Log.Error("nobody can sign in by OpenID Connect", "err", err)
		return noIssuer
	}
	claims, err := d.claims(v.ctx(), p, q.Get("code"), g)
	if err != nil {
		return refused("the code or the ID token does not hold", err)
	}
	who, err := v.known(claims)
	if err != nil {
		return err
	}
	return v.signedIn(who, g.Next)
}

// claims exchanges a code for an ID token and checks it: signature, issuer,
// audience and expiry by go-oidc, nonce and authorized party here (OpenID
// Connect Core 1.0, 3.1.3.7).
func (d *oidcDoor) claims(ctx context.Context, p *oidc.Provider, code string, g going) (map[string]any, error) {
	c, err := d.client(p)
	if err != nil {
		return nil, err
	}
	tokens, err := c.Exchange(d.reach(ctx), code, oauth2.VerifierOption(g.Verifier))
	if err != nil {
		return nil, plainOAuth(err)
	}
	raw, _ := tokens.Extra("id_token").(string)
	token, err := p.Verifier(&oidc.Config{ClientID: d.ClientID, Now: d.now}).Verify(d.reach(ctx), raw)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(g.Nonce)) != 1 {
		return nil, errors.New("the nonce is another sign-in's")
	}
	claims := map[string]any{}
	if err := token.Claims(&claims); err != nil {
		return nil, err
	}
	if party, named := claims["azp"]; (named || len(token.Audience) > 1) && party != d.ClientID {
		return nil, errors.New("the token was issued to another party")
	}
	return claims, nil
}

// plainOAuth is an error of the token endpoint without what it sent, which may
// hold anything.
func plainOAuth(err error) error {
	var r *oauth2.RetrieveError
	if errors.As(err, &r) {
		return fmt.Errorf("the token endpoint answers %d %.60q", r.Response.StatusCode, r.ErrorCode)
	}
	return err
}

// known turns claims into a member of staff, whom it keeps: with the role that
// the groups give today.
func (v *visit) known(claims map[string]any) (store.Staff, error) {
	name := claimText(claims, "preferred_username")
	if name == "" {
		name = claimText(claims, "sub")
	}
	who := store.Staff{Name: strings.ToLower(name), Display: claimText(claims, "name"), Role: v.frame.oidc.role(claims)}
	if who.Display == "" {
		who.Display = who.Name
	}
	if who.Role == "" || who.Name == "" {
		if _, many := claims["_claim_names"]; many {
			v.office.Log.Warn("the ID token leaves the groups out because there are too many: have the issuer send roles, or only the groups assigned to the application")
		}
		return who, notAllowed
	}
	old, err := v.office.Store.StaffNamed(v.ctx(), who.Name)
	switch {
	case errors.Is(err, store.ErrNone):
	case err != nil:
		return who, err
	case old.Hash != "":
		return who, nameTaken
	case old.Disabled:
		return who, notAllowed
	case old.Role == who.Role && old.Display == who.Display:
		return who, nil
	}
	return who, v.office.Store.PutStaff(v.ctx(), who)
}

// claimText is a claim that is text of a sensible length, or "".
func claimText(claims map[string]any, name string) string {
	s, _ := claims[name].(string)
	if len(s) > 254 || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return ""
	}
	return strings.TrimSpace(s)
}

// role is what the groups of the claims give: the most that any does.
func (d *oidcDoor) role(claims map[string]any) store.StaffRole {
	name := d.Claim
	if name == "" {
		name = "groups"
	}
	groups, _ := claims[name].([]any)
	var has []store.StaffRole
	for _, g := range groups {
		if s, ok := g.(string); ok {
			has = append(has, d.Groups[s])
		}
	}
	for _, r := range []store.StaffRole{store.Lead, store.Agent, store.Auditor} {
		if slices.Contains(has, r) {
			return r
		}
	}
	return ""
}

// signOutThere is where the visitor signs out of the issuer, "" for one who did
// not sign in there, or where it has no such place (OpenID Connect RP-Initiated
// Logout 1.0, 2). An issuer that does not answer keeps nobody signed in here.
func (v *visit) signOutThere() (string, error) {
	d := v.frame.oidc
	if d == nil || v.staff.Staff == "" {
		return "", nil
	}
	s, err := v.office.Store.StaffNamed(v.ctx(), v.staff.Staff)
	if err != nil || s.Hash != "" {
		return "", err
	}
	p, err := d.issuer(v.ctx())
	if err != nil {
		v.office.Log.Warn("nobody can sign out at the issuer", "err", err)
		return "", nil
	}
	return d.endSession(p, strings.TrimSuffix(v.office.SignIn.URL, "/")+"/sign-in"), nil
}

// endSession is the issuer's page for signing out, which leads back; "" if it
// has none. We keep no ID token to name the session by: the client is named.
func (d *oidcDoor) endSession(p *oidc.Provider, back string) string {
	var meta struct {
		EndSession string `json:"end_session_endpoint"`
	}
	if p.Claims(&meta) != nil {
		return ""
	}
	u, err := url.Parse(meta.EndSession)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	q := u.Query()
	q.Set("client_id", d.ClientID)
	q.Set("post_logout_redirect_uri", back)
	u.RawQuery = q.Encode()
	return u.String()
}
