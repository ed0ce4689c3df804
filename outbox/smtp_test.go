package outbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"nasdesk"
)

const (
	us   nasdesk.Address = "helpdesk@nhs.net"
	them nasdesk.Address = "pharmacy.fa123@nhs.net"
)

// plain returns a Sender to a server, over loopback without TLS.
func plain(t *testing.T, m *mta) *Sender {
	t.Helper()
	return sender(t, Server{Host: m.host, Port: m.port, Security: Plain, Auth: NoAuth})
}

func sender(t *testing.T, s Server) *Sender {
	t.Helper()
	s.Timeout, s.DotTimeout = 5*time.Second, 5*time.Second
	out, err := NewSender(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	return out
}

func raw(t *testing.T) []byte {
	t.Helper()
	b, err := Compose(letter(), Helpdesk)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// fails sends one mail and returns how it failed.
func fails(t *testing.T, s *Sender) *Failure {
	t.Helper()
	var f *Failure
	if err := s.Send(t.Context(), us, them, raw(t)); !errors.As(err, &f) {
		t.Fatalf("Send: %v, not a *Failure", err)
	}
	return f
}

func TestSendCarriesTheBytes(t *testing.T) {
	m := serve(t, false)
	s := plain(t, m)
	for range 3 {
		if err := s.Send(t.Context(), us, them, raw(t)); err != nil {
			t.Fatal(err)
		}
	}
	mails, conns := m.state()
	if len(mails) != 3 || conns != 1 {
		t.Fatalf("%d mails over %d connections, want 3 over 1", len(mails), conns)
	}
	for _, got := range mails {
		if got.from != string(us) || len(got.to) != 1 || got.to[0] != string(them) { // T19
			t.Errorf("envelope %s to %q", got.from, got.to)
		}
		if got.raw != string(raw(t)) {
			t.Errorf("the server has\n%q\nnot\n%q", got.raw, raw(t))
		}
	}
}

func TestSendFailures(t *testing.T) {
	drop := errDrop
	for _, c := range []struct {
		name  string
		step  string
		reply error
		want  Failure
		verb  string // permanent, ours, temporary, in doubt
	}{
		{"greylisted", "rcpt", reply(451, 4, 7, 1, "come back later"), Failure{Step: StepRcpt, Code: 451, Enhanced: "4.7.1"}, "temporary"},
		{"unknown recipient", "rcpt", reply(550, 5, 1, 1, "no such user"), Failure{Step: StepRcpt, Code: 550, Enhanced: "5.1.1"}, "permanent"},
		{"too big", "data", reply(552, 5, 3, 4, "too big"), Failure{Step: StepDot, Code: 552, Enhanced: "5.3.4"}, "permanent"},
		{"later, behind the dot", "data", reply(451, 4, 3, 0, "disk full"), Failure{Step: StepDot, Code: 451, Enhanced: "4.3.0"}, "temporary"},
		{"shutting down", "rcpt", reply(421, 4, 3, 2, "bye"), Failure{Step: StepRcpt, Code: 421, Enhanced: "4.3.2"}, "ours"},
		{"too many connections", "mail", reply(432, 4, 3, 2, "Concurrent connections limit exceeded."), Failure{Step: StepMail, Code: 432, Enhanced: "4.3.2"}, "ours"},
		{"throttled behind the dot", "data", reply(432, 4, 3, 2, "STOREDRV.ClientSubmit; sender thread limit exceeded."), Failure{Step: StepDot, Code: 432, Enhanced: "4.3.2"}, "ours"},
		{"may not send as", "data", reply(550, 5, 7, 60, "SMTP; Client does not have permissions to send as this sender"), Failure{Step: StepDot, Code: 550, Enhanced: "5.7.60"}, "ours"},
		{"our own mailbox is full", "data", reply(554, 5, 2, 2, "mailbox full; STOREDRV.Submission.Exception:QuotaExceededException"), Failure{Step: StepDot, Code: 554, Enhanced: "5.2.2"}, "ours"},
		{"their mailbox is full", "data", reply(552, 5, 2, 2, "mailbox full"), Failure{Step: StepDot, Code: 552, Enhanced: "5.2.2"}, "permanent"},
		{"sender refused", "mail", reply(550, 5, 7, 1, "not you"), Failure{Step: StepMail, Code: 550, Enhanced: "5.7.1"}, "ours"},
		{"broken at RCPT", "rcpt", drop, Failure{Step: StepRcpt}, "ours"},               // T17
		{"broken behind the dot", "data", errDropAfter, Failure{Step: StepDot}, "ours"}, // T18
	} {
		t.Run(c.name, func(t *testing.T) {
			m := serve(t, false)
			m.say(c.step, c.reply)
			s := plain(t, m)
			f := fails(t, s)
			if f.Step != c.want.Step || f.Code != c.want.Code || f.Enhanced != c.want.Enhanced {
				t.Errorf("%+v, want %+v", f, c.want)
			}
			if f.Permanent() != (c.verb == "permanent") || f.Ours() != (c.verb == "ours") {
				t.Errorf("permanent %v, ours %v, want %s", f.Permanent(), f.Ours(), c.verb)
			}
			if f.InDoubt() != (c.reply == errDropAfter) {
				t.Errorf("in doubt: %v", f.InDoubt())
			}
			if strings.Contains(f.Error(), "user") || strings.Contains(f.Error(), "STOREDRV") {
				t.Errorf("the error quotes the server: %v", f)
			}
			if err := s.Send(t.Context(), us, them, raw(t)); err != nil {
				t.Errorf("the next mail: %v", err)
			}
		})
	}
}

// T18: a connection that breaks when it is reset behind an accepted mail says
// nothing about that mail.
func TestSendTakesABrokenResetForSent(t *testing.T) {
	m := serve(t, false)
	m.say("data", errDropReset)
	s := plain(t, m)
	for range 2 {
		if err := s.Send(t.Context(), us, them, raw(t)); err != nil {
			t.Fatal(err)
		}
	}
	if mails, conns := m.state(); len(mails) != 2 || conns != 2 {
		t.Errorf("%d mails over %d connections, want 2 over 2", len(mails), conns)
	}
}

// A connection that the server closed between two mails is opened again, and no
// mail fails for it.
func TestSendOpensAStaleConnectionAgain(t *testing.T) {
	for name, gone := range map[string]error{"dropped": errDrop, "421": reply(421, 4, 4, 2, "too many mails on this connection")} {
		m := serve(t, false)
		m.say("mail", nil, gone)
		s := plain(t, m)
		for range 2 {
			if err := s.Send(t.Context(), us, them, raw(t)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if mails, conns := m.state(); len(mails) != 2 || conns != 2 {
			t.Errorf("%s: %d mails over %d connections", name, len(mails), conns)
		}
	}
}

// A server that hangs up in the middle of the text must not get the rest of our
// talk as its end: half a mail would be delivered.
func TestSendNeverEndsAHalfMail(t *testing.T) {
	m := serve(t, false)
	s := plain(t, m)
	long := letter()
	long.Text = strings.Repeat("A line of the text, which is long enough.\n", 200000)
	bytes, err := Compose(long, Helpdesk)
	if err != nil {
		t.Fatal(err)
	}
	m.say("data", errDrop)
	var f *Failure
	if err := s.Send(t.Context(), us, them, bytes); !errors.As(err, &f) {
		t.Fatalf("%v", err)
	}
	if f.Step != StepText || f.InDoubt() || f.Permanent() {
		t.Errorf("%v: in doubt %v, permanent %v", f, f.InDoubt(), f.Permanent())
	}
	if mails, _ := m.state(); len(mails) != 0 {
		t.Errorf("the server took %d bytes of %d", len(mails[0].raw), len(bytes))
	}
}

func TestSendOverTLS(t *testing.T) {
	for _, security := range []Security{StartTLS, ImplicitTLS} {
		m := serve(t, security == ImplicitTLS)
		good := sender(t, Server{Host: m.host, Port: m.port, Security: security, TLS: &tls.Config{RootCAs: m.roots}, Auth: NoAuth})
		if err := good.Send(t.Context(), us, them, raw(t)); err != nil {
			t.Errorf("%s: %v", security, err)
		}
		stranger := sender(t, Server{Host: m.host, Port: m.port, Security: security, Auth: NoAuth})
		if f := fails(t, stranger); f.Step != StepConnect || f.Permanent() || !strings.Contains(f.Error(), "certificate") {
			t.Errorf("%s with an unknown certificate: %v", security, f)
		}
		if mails, _ := m.state(); len(mails) != 1 {
			t.Errorf("%s: %d mails", security, len(mails))
		}
	}
}

func TestSendRefusesToGoInTheClear(t *testing.T) {
	m := listen(t, nil, nil, false, nil)
	s := sender(t, Server{Host: m.host, Port: m.port, Security: StartTLS, Auth: NoAuth})
	if f := fails(t, s); f.Step != StepConnect || f.Permanent() {
		t.Errorf("a server without STARTTLS: %v", f)
	}
	if mails, _ := m.state(); len(mails) != 0 {
		t.Errorf("%d mails went in the clear", len(mails))
	}
}

// T20: the secret is asked for before each dial, and a refused sign-in is no fault
// of the mail.
func TestSendSignsInAnew(t *testing.T) {
	for auth, mech := range map[Auth]string{AuthPlain: "PLAIN", AuthLogin: "LOGIN", AuthXOAUTH2: "XOAUTH2"} {
		m := serve(t, false, mech)
		n := 0
		s := sender(t, Server{Host: m.host, Port: m.port, Security: StartTLS, TLS: &tls.Config{RootCAs: m.roots}, Auth: auth, Username: string(us),
			Secret: func(context.Context) (string, error) { n++; return fmt.Sprint("secret-", n), nil }})
		m.say("auth", reply(535, 5, 7, 3, "Authentication unsuccessful"))
		if f := fails(t, s); f.Step != StepConnect || f.Code != 535 || f.Permanent() || strings.Contains(f.Error(), "secret") {
			t.Errorf("%s refused: %v", mech, f)
		}
		if err := s.Send(t.Context(), us, them, raw(t)); err != nil {
			t.Errorf("%s: %v", mech, err)
		}
		m.mu.Lock()
		if len(m.logins) != 2 || !strings.Contains(m.logins[1], "secret-2") {
			t.Errorf("%s: signed in as %q", mech, m.logins)
		}
		m.mu.Unlock()
	}
}

func TestSendWithoutASecret(t *testing.T) {
	m := serve(t, false, "PLAIN")
	lost := errors.New("the vault is locked")
	s := sender(t, Server{Host: m.host, Port: m.port, Security: StartTLS, Auth: AuthPlain, Username: "u",
		Secret: func(context.Context) (string, error) { return "", lost }})
	if f := fails(t, s); !errors.Is(f, lost) || f.Permanent() {
		t.Errorf("%v", f)
	}
	if _, conns := m.state(); conns != 0 {
		t.Errorf("dialled %d times without a secret", conns)
	}
}

func TestSendToNobody(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	s := sender(t, Server{Host: "127.0.0.1", Port: port, Security: Plain, Auth: NoAuth})
	if f := fails(t, s); f.Step != StepConnect || f.Permanent() || !f.Ours() {
		t.Errorf("%v", f)
	}
}

// A server that says nothing is left when the time is up.
func TestSendTimesOut(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s, err := NewSender(Server{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Security: Plain, Auth: NoAuth, Timeout: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	var f *Failure
	if err := s.Send(t.Context(), us, them, raw(t)); !errors.As(err, &f) || f.Step != StepConnect || !f.Ours() {
		t.Errorf("%v", err)
	}
}

func TestNewSenderRefuses(t *testing.T) {
	secret := func(context.Context) (string, error) { return "", nil }
	ok := Server{Host: "smtp.example.net", Port: 587, Security: StartTLS, Auth: AuthXOAUTH2, Username: "u", Secret: secret}
	if _, err := NewSender(ok); err != nil {
		t.Fatal(err)
	}
	for want, edit := range map[string]func(*Server){
		"host":            func(s *Server) { s.Host = "" },
		"port":            func(s *Server) { s.Port = 70000 },
		"say starttls":    func(s *Server) { s.Security = "" },
		"localhost only":  func(s *Server) { s.Security = Plain },
		"say none, plain": func(s *Server) { s.Auth = "cram-md5" },
		"needs a user":    func(s *Server) { s.Secret = nil },
	} {
		s := ok
		edit(&s)
		if _, err := NewSender(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
}
