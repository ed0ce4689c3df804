package outbox

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// An mta is a real SMTP server that answers as its script says: for each step
// ("mail", "rcpt", "data", "auth") the errors for the next commands, in order.
type mta struct {
	*smtp.Server
	host  string
	port  int
	roots *x509.CertPool

	mu     sync.Mutex
	script map[string][]error
	mails  []taken
	conns  int
	logins []string
	auths  []string // mechanisms
	resets int
}

// taken is a mail that the server has in full.
type taken struct {
	from string
	to   []string
	raw  string
}

var (
	errDrop      = errors.New("drop the connection at once")
	errDropAfter = errors.New("take the mail, then drop the connection without a reply")
	errDropReset = errors.New("take the mail, say so, and drop the connection when it is reset")
)

func reply(code, class, subject, detail int, words string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{class, subject, detail}, Message: words}
}

// serve starts a server; implicit makes it speak TLS from the first byte.
func serve(t testing.TB, implicit bool, auths ...string) *mta {
	t.Helper()
	conf, roots := certificate(t)
	return listen(t, conf, roots, implicit, auths)
}

func listen(t testing.TB, conf *tls.Config, roots *x509.CertPool, implicit bool, auths []string) *mta {
	t.Helper()
	m := &mta{script: map[string][]error{}, auths: auths, roots: roots}
	m.Server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		m.mu.Lock()
		m.conns++
		m.mu.Unlock()
		return &session{m: m, conn: c}, nil
	}))
	m.Domain, m.TLSConfig, m.ErrorLog = "mta.example.net", conf, log.New(io.Discard, "", 0)
	m.AllowInsecureAuth = len(auths) > 0
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a := l.Addr().(*net.TCPAddr)
	m.host, m.port = "127.0.0.1", a.Port
	if implicit {
		l = tls.NewListener(l, conf)
	}
	go m.Serve(l)
	t.Cleanup(func() { m.Close() })
	return m
}

// certificate makes a self-signed one for 127.0.0.1.
func certificate(t testing.TB) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, _ := x509.ParseCertificate(der)
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, pool
}

// next takes the step's next answer from the script.
func (m *mta) next(step string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.script[step]
	if len(s) == 0 {
		return nil
	}
	m.script[step] = s[1:]
	return s[0]
}

func (m *mta) say(step string, answers ...error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.script[step] = append(m.script[step], answers...)
}

func (m *mta) state() (mails []taken, conns int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]taken(nil), m.mails...), m.conns
}

type session struct {
	m         *mta
	conn      *smtp.Conn
	mail      taken
	dropReset bool
}

func (s *session) answer(step string) error {
	err := s.m.next(step)
	if err == errDrop {
		s.conn.Conn().Close()
	}
	return err
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.mail = taken{from: from}
	return s.answer("mail")
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.to = append(s.mail.to, to)
	return s.answer("rcpt")
}

func (s *session) Data(r io.Reader) error {
	err := s.answer("data")
	if err == errDrop {
		return err
	}
	raw, readErr := io.ReadAll(r)
	if readErr != nil {
		return readErr
	}
	if err != nil && err != errDropAfter && err != errDropReset {
		return err
	}
	s.mail.raw = string(raw)
	s.m.mu.Lock()
	s.m.mails = append(s.m.mails, s.mail)
	s.m.mu.Unlock()
	if err == errDropAfter {
		s.conn.Conn().Close()
		return err
	}
	s.dropReset = err == errDropReset
	return nil
}

func (s *session) Reset() {
	s.m.mu.Lock()
	s.m.resets++
	s.m.mu.Unlock()
	if s.dropReset {
		s.conn.Conn().Close()
	}
}

func (s *session) Logout() error { return nil }

func (s *session) AuthMechanisms() []string { return s.m.auths }

func (s *session) Auth(mech string) (sasl.Server, error) {
	check := func(user, secret string) error {
		s.m.mu.Lock()
		s.m.logins = append(s.m.logins, user+" "+secret)
		s.m.mu.Unlock()
		return s.m.next("auth")
	}
	if mech == sasl.Plain {
		return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
	}
	if mech == "LOGIN" {
		return &twoSteps{check: check}, nil
	}
	return &oneStep{check, mech}, nil
}

// twoSteps asks for the name, then for the password: LOGIN.
type twoSteps struct {
	check func(user, secret string) error
	asked int
	user  string
}

func (l *twoSteps) Next(response []byte) (challenge []byte, done bool, err error) {
	l.asked++
	switch l.asked {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(l.user, string(response))
}

// oneStep reads the only message of XOAUTH2.
type oneStep struct {
	check func(user, secret string) error
	mech  string
}

func (o *oneStep) Next(response []byte) (challenge []byte, done bool, err error) {
	return nil, true, o.check(o.mech, string(response))
}
