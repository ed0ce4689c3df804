package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"nasdesk/inbox/imaptest"
)

// An issuer is a token endpoint of ours (RFC 6749) with the introspection that
// Dovecot asks (RFC 7662). It behaves as it is told to.
type issuer struct {
	*httptest.Server
	mu     sync.Mutex
	given  []string            // tokens, in order
	good   map[string]bool     // those that still count
	answer http.HandlerFunc    // instead of a token; nil
	lives  int                 // seconds
	asked  []map[string]string // the forms that came
}

const (
	clientID     = "11111111-2222-3333-4444-555555555555"
	clientSecret = "canary-secret-of-the-application"
)

func newIssuer(t *testing.T) *issuer {
	is := &issuer{good: map[string]bool{}, lives: 3600}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", is.token)
	mux.HandleFunc("POST /introspect", is.introspect)
	is.Server = httptest.NewServer(mux)
	t.Cleanup(is.Close)
	return is
}

func (is *issuer) token(w http.ResponseWriter, r *http.Request) {
	form := map[string]string{}
	_ = r.ParseForm()
	for k := range r.PostForm {
		form[k] = r.PostForm.Get(k)
	}
	is.mu.Lock()
	is.asked = append(is.asked, form)
	answer := is.answer
	is.mu.Unlock()
	switch {
	case answer != nil:
		answer(w, r)
	case form["client_id"] != clientID || form["client_secret"] != clientSecret || form["grant_type"] != "client_credentials":
		http.Error(w, `{"error":"invalid_client"}`, http.StatusUnauthorized)
	default:
		is.mu.Lock()
		defer is.mu.Unlock()
		token := fmt.Sprintf("canary-token-%d", len(is.given)+1)
		is.given, is.good[token] = append(is.given, token), true
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": is.lives})
	}
}

func (is *issuer) introspect(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"active": fmt.Sprint(is.takes(r.FormValue("token"))), "username": helpdesk})
}

func (is *issuer) takes(token string) bool {
	is.mu.Lock()
	defer is.mu.Unlock()
	return is.good[token]
}

// revoke makes an end of every token given so far.
func (is *issuer) revoke() {
	is.mu.Lock()
	defer is.mu.Unlock()
	clear(is.good)
}

func (is *issuer) behave(answer http.HandlerFunc) {
	is.mu.Lock()
	defer is.mu.Unlock()
	is.answer = answer
}

func (is *issuer) tokens() []string {
	is.mu.Lock()
	defer is.mu.Unlock()
	return slices.Clone(is.given)
}

// A submission is a mail server of ours that takes mail from whoever has a token.
type submission struct {
	issuer *issuer
	mu     sync.Mutex
	taken  [][]byte
	users  []string // each sign-in: user and token
}

func newSubmission(t *testing.T, is *issuer) (*submission, string) {
	sub := &submission{issuer: is}
	srv := smtp.NewServer(sub)
	srv.Domain, srv.AllowInsecureAuth = "mx.nhs.net", true
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = srv.Serve(door) }()
	t.Cleanup(func() { srv.Close() })
	return sub, door.Addr().String()
}

// NewSession implements smtp.Backend.
func (s *submission) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &submitting{sub: s, conn: c}, nil
}

type submitting struct {
	sub    *submission
	conn   *smtp.Conn
	signed bool
}

func (*submitting) AuthMechanisms() []string { return []string{"XOAUTH2"} }

func (s *submitting) Auth(string) (sasl.Server, error) { return s, nil }

// Next implements sasl.Server: "user=" user ^A "auth=Bearer " token ^A^A.
func (s *submitting) Next(response []byte) ([]byte, bool, error) {
	user, rest, _ := strings.Cut(strings.TrimPrefix(string(response), "user="), "\x01auth=Bearer ")
	token := strings.TrimSuffix(rest, "\x01\x01")
	s.sub.mu.Lock()
	s.sub.users = append(s.sub.users, user+" "+token)
	s.sub.mu.Unlock()
	if s.signed = s.sub.issuer.takes(token) && user == helpdesk; !s.signed {
		return nil, true, &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 3}, Message: "Authentication unsuccessful"}
	}
	return nil, true, nil
}

func (s *submitting) Mail(string, *smtp.MailOptions) error {
	if !s.signed {
		return smtp.ErrAuthRequired
	}
	return nil
}

func (*submitting) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (*submitting) Reset()                               {}
func (*submitting) Logout() error                        { return nil }

func (s *submitting) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	s.sub.mu.Lock()
	defer s.sub.mu.Unlock()
	s.sub.taken = append(s.sub.taken, raw)
	return err
}

func (s *submission) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.taken)
}

// answered reports whether the mail of that number (ask) is answered: mails about
// long dates are sent too, on working days.
func (s *submission) answered(n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := fmt.Appendf(nil, "In-Reply-To: <online-%d@nhs.net>", n)
	return slices.ContainsFunc(s.taken, func(raw []byte) bool { return bytes.Contains(raw, id) })
}

// An onlineDesk is the service signed in as to Exchange Online: tokens of the
// issuer, Dovecot for IMAP, the submission server.
type onlineDesk struct {
	issuer *issuer
	imap   *imaptest.Dovecot
	mail   *submission
	conf   *config
	log    *safeBuffer
}

type safeBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *safeBuffer) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.String()
}

func openOnline(t *testing.T) *onlineDesk {
	is := newIssuer(t)
	d := &onlineDesk{issuer: is, imap: imaptest.StartDovecotForTokens(t, helpdesk, is.URL+"/introspect"), log: new(safeBuffer)}
	sub, smtpAddress := newSubmission(t, is)
	d.mail = sub
	file := filepath.Join(t.TempDir(), "nasdesk.toml")
	write(t, filepath.Join(filepath.Dir(file), "app.secret"), clientSecret+"\n")
	write(t, file, fmt.Sprintf(`database = "sqlite::memory:"
trust = "rfc8601:mx.nhs.net"
[imap]
address = %q
security = "plain"
auth = "xoauth2"
user = %q
poll = "1s"
[smtp]
address = %q
security = "plain"
auth = "xoauth2"
user = %q
per_minute = 0
[oauth2]
token_url = %q
client_id = %q
secret_file = "app.secret"
[directory]
min = "0s"
max = "0s"
`, d.imap.Address, helpdesk, smtpAddress, helpdesk, is.URL+"/token", clientID))
	var err error
	if d.conf, err = loadConfig(file); err != nil {
		t.Fatal(err)
	}
	return d
}

// run serves until the test, or what it gives back, ends it.
func (d *onlineDesk) run(t *testing.T) (stop func()) {
	w, err := demoWorld(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	st, err := memoryStore(ctx, w)
	if err != nil {
		t.Fatal(err)
	}
	svc, err := wire(d.conf, st, slog.New(slog.NewJSONHandler(d.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- svc.Run(ctx) }()
	return sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("the service ended with %v", err)
		}
		st.Close()
	})
}

func (d *onlineDesk) ask(t *testing.T, n int) {
	d.imap.Deliver(t, fmt.Appendf(nil, "Authentication-Results: mx.nhs.net; dmarc=pass header.from=nhs.net\r\n"+
		"Received: from outbound.nhs.net by mx.nhs.net; Mon, 20 Apr 2026 09:00:00 +0100\r\nFrom: pharmacy.fda01@nhs.net\r\nTo: %s\r\nSubject: New user %d\r\n"+
		"Message-ID: <online-%d@nhs.net>\r\nDate: Mon, 20 Apr 2026 09:00:00 +0100\r\n\r\nPlease create an account.\r\n\r\n", helpdesk, n, n))
}

// TestSignInByToken answers mails with tokens instead of passwords, through every
// way in which a token endpoint can fail.
func TestSignInByToken(t *testing.T) {
	d := openOnline(t)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the log:\n%s", d.log.text())
		}
	})
	stop := d.run(t)
	defer stop()
	d.ask(t, 1)
	await(t, "the first mail is answered", func() bool { return d.mail.answered(1) })
	d.mail.mu.Lock()
	signIn := d.mail.users[0]
	d.mail.mu.Unlock()
	if signIn != helpdesk+" canary-token-1" || len(d.issuer.tokens()) != 1 {
		t.Errorf("signed in as %q with %d tokens, want the mailbox with the one token that both share", signIn, len(d.issuer.tokens()))
	}
	if f := d.issuer.asked[0]; f["scope"] != tokenScope || f["grant_type"] != "client_credentials" {
		t.Errorf("asked for %v", f)
	}
	stop()

	d.issuer.lives = 60 // shorter than the five minutes before which it is renewed
	before := len(d.issuer.tokens())
	stop2 := d.run(t)
	d.ask(t, 2)
	await(t, "the second mail is answered", func() bool { return d.mail.answered(2) })
	if n := len(d.issuer.tokens()) - before; n < 2 {
		t.Errorf("%d tokens for two connections with tokens at their end, want one each", n)
	}
	stop2()
	if s := d.log.text(); strings.Contains(s, "canary") {
		t.Errorf("a secret or a token stands in the log:\n%s", s)
	}
}

// TestTokenEndpointFails: while there is no token, the log says why in one
// sentence, and nothing is lost; when there is one, the mail is answered.
func TestTokenEndpointFails(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		says   string
	}{
		{"refuses", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprintf(w, `{"error":"invalid_client","error_description":"the secret %s is wrong"}`, r.FormValue("client_secret"))
		}, "make a new one in Microsoft Entra"},
		{"stalls", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "cannot be reached"},
		{"answers nonsense", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>canary") }, "what is no token"},
		{"gives a token that breaks lines", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"access_token":"a\r\nb","token_type":"Bearer","expires_in":3600}`)
		}, "what is no token"},
		{"is out of order", func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, "canary "+r.FormValue("client_secret"), http.StatusBadGateway)
		}, "refuses (HTTP 502 )"},
		{"redirects", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://192.0.2.1/", http.StatusFound)
		}, "redirects"},
	} {
		t.Run(c.name, func(t *testing.T) {
			usual := tokenTimeout
			tokenTimeout = 300 * time.Millisecond
			t.Cleanup(func() { tokenTimeout = usual })
			d := openOnline(t)
			d.issuer.behave(c.answer)
			_, err := d.conf.tokens().token()
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("no token: %v, want %q in it", err, c.says)
			}
			if strings.Contains(err.Error(), "canary") {
				t.Errorf("the error repeats a secret: %v", err)
			}
			d.issuer.behave(nil)
			if _, err := d.conf.tokens().token(); err != nil {
				t.Errorf("when the endpoint is well again: %v", err)
			}
		})
	}
}

// TestRevokedToken: a token that the server refuses is not tried for ever.
func TestRevokedToken(t *testing.T) {
	d := openOnline(t)
	tok := d.conf.tokens()
	if _, err := tok.token(); err != nil {
		t.Fatal(err)
	}
	d.issuer.revoke()
	sender, err := d.conf.sender(tok)
	if err != nil {
		t.Fatal(err)
	}
	defer sender.Close()
	raw := []byte("Subject: x\r\n\r\nx\r\n")
	if err := sender.Send(t.Context(), helpdesk, "somebody@example.org", raw); err == nil {
		t.Fatal("a revoked token got us in")
	}
	if err := sender.Send(t.Context(), helpdesk, "somebody@example.org", raw); err != nil {
		t.Errorf("with a new token: %v", err)
	}
}
