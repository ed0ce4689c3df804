package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// How the tokens of Exchange Online are had: the client credentials flow of OAuth
// 2.0 (RFC 6749, 4.4). A token lives an hour and more, a connection may outlive
// it, and only a new connection asks for one: so it is asked for at each connect
// and renewed early.
const (
	tokenEarly = 5 * time.Minute // before its end a token is renewed
	tokenScope = "https://outlook.office365.com/.default"
)

// tokenTimeout is how long the endpoint has to answer.
var tokenTimeout = 30 * time.Second

// An oauthConfig is the part of the configuration that is about tokens.
type oauthConfig struct {
	TokenURL   string `toml:"token_url"`
	ClientID   string `toml:"client_id"`
	SecretFile string `toml:"secret_file"`
	Scope      string `toml:"scope"`
}

func (c *config) oauthFaults() []error {
	wanted := c.IMAP.Auth == authXOAUTH2 || c.SMTP.Auth == authXOAUTH2
	if !wanted {
		return nil
	}
	var out []error
	u, err := url.Parse(c.OAuth2.TokenURL)
	if err != nil || u.Host == "" || u.Scheme != "https" && !loopbackHost(u.Hostname()) {
		out = append(out, fmt.Errorf("oauth2.token_url: %q: give https://login.microsoftonline.com/TENANT/oauth2/v2.0/token", c.OAuth2.TokenURL))
	}
	if c.OAuth2.ClientID == "" {
		out = append(out, errors.New("oauth2.client_id: none given: it is the application's id in Microsoft Entra"))
	}
	return append(out, c.secretFaults("oauth2.secret_file", c.OAuth2.SecretFile, true)...)
}

func loopbackHost(h string) bool { return h == "localhost" || h == "127.0.0.1" || h == "::1" }

// How nasdesk signs in: with a password, or with a token of OAuth 2.0.
const (
	authPassword = "password"
	authXOAUTH2  = "xoauth2"
)

// A tokens gives out access tokens, the same one for IMAP and SMTP. The secret is
// read anew whenever a token is fetched, so that a new one needs no restart.
type tokens struct {
	fetch oauth2.TokenSource
	mu    sync.Mutex
	reuse oauth2.TokenSource
}

func (c *config) tokens() *tokens {
	t := &tokens{fetch: fetching{c}}
	t.renew()
	return t
}

// token returns a token that is good for some minutes at least.
func (t *tokens) token() (string, error) {
	t.mu.Lock()
	source := t.reuse
	t.mu.Unlock()
	got, err := source.Token()
	if err != nil {
		return "", err
	}
	return got.AccessToken, nil
}

// renew lets the next connection ask for a new token: the server refused the one
// that we have.
func (t *tokens) renew() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reuse = oauth2.ReuseTokenSourceWithExpiry(nil, t.fetch, tokenEarly)
}

// fetching fetches a token from the endpoint, every time.
type fetching struct{ *config }

// Token implements oauth2.TokenSource.
func (f fetching) Token() (*oauth2.Token, error) {
	secret, err := f.secret(f.OAuth2.SecretFile)
	if err != nil {
		return nil, fmt.Errorf("oauth2.secret_file: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), tokenTimeout)
	defer cancel()
	ctx = context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Timeout: tokenTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return errors.New("it redirects, which a token endpoint must not")
		}})
	got, err := (&clientcredentials.Config{ClientID: f.OAuth2.ClientID, ClientSecret: secret, TokenURL: f.OAuth2.TokenURL,
		Scopes: []string{f.OAuth2.Scope}, AuthStyle: oauth2.AuthStyleInParams}).Token(ctx)
	if err != nil {
		return nil, tokenError(f.OAuth2.TokenURL, err)
	}
	if strings.ContainsFunc(got.AccessToken, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return nil, fmt.Errorf("the token endpoint %s answers with what is no token", f.OAuth2.TokenURL)
	}
	return got, nil
}

// tokenError says why there is no token, and nothing of what was sent or came
// back beyond the endpoint's error code: a body may repeat the secret.
func tokenError(endpoint string, err error) error {
	var r *oauth2.RetrieveError
	if !errors.As(err, &r) {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		if strings.Contains(err.Error(), "cannot parse") || strings.Contains(err.Error(), "missing access_token") {
			return fmt.Errorf("the token endpoint %s answers with what is no token", endpoint)
		}
		return fmt.Errorf("the token endpoint %s cannot be reached: %w", endpoint, err)
	}
	status := 0
	if r.Response != nil {
		status = r.Response.StatusCode
	}
	hint := ""
	switch r.ErrorCode {
	case "invalid_client":
		hint = ": the client id or its secret is wrong, or the secret has expired: make a new one in Microsoft Entra"
	case "unauthorized_client", "invalid_scope":
		hint = ": the application lacks IMAP.AccessAsApp or SMTP.SendAsApp, or an administrator's consent"
	}
	code := r.ErrorCode
	if len(code) > 40 || strings.ContainsFunc(code, func(c rune) bool { return c != '_' && (c < 'a' || c > 'z') }) {
		code = ""
	}
	return fmt.Errorf("the token endpoint %s refuses (HTTP %d %s)%s", endpoint, status, code, hint)
}
