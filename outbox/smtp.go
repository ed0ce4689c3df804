package outbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"nasdesk"
)

// A Security says how the connection to the server is kept private.
type Security string

const (
	StartTLS    Security = "starttls" // required, not merely tried
	ImplicitTLS Security = "implicit"
	Plain       Security = "plain" // to the loopback interface only
)

// An Auth is how we sign in to the server.
type Auth string

const (
	NoAuth      Auth = "none"
	AuthPlain   Auth = "plain"
	AuthLogin   Auth = "login"
	AuthXOAUTH2 Auth = "xoauth2" // the secret is an access token; all that Exchange Online will take
)

// A Server says where mail is handed in, and how.
type Server struct {
	Host     string
	Port     int
	Security Security
	TLS      *tls.Config // nil: the system's roots, TLS 1.2 or later
	Auth     Auth
	Username string
	// Secret returns the password or the token. It is asked anew before each
	// dial, for a token lives an hour and a connection does not (T20).
	Secret func(context.Context) (string, error)
	// Refused is told when the secret did not get us in; may be nil.
	Refused func()
	HELO    string // our name; "" for that of the machine
	// Timeout is how long dialling, and then each command, may take; 0 is a
	// minute. DotTimeout is for the reply to the whole message; 0 is the ten
	// minutes of RFC 5321, 4.5.3.2.6, for whoever gives up earlier sends twice.
	Timeout, DotTimeout time.Duration
}

// A Sender hands mails to one SMTP server, one recipient to a transaction (T19),
// many transactions to a connection. It is for one goroutine.
type Sender struct {
	server Server
	client *smtp.Client
	conn   net.Conn                        // under client
	shake  func(tls.ConnectionState) error // told of the TLS connection; nil
}

// NewSender checks the settings; it does not dial.
func NewSender(s Server) (*Sender, error) {
	if s.Timeout == 0 {
		s.Timeout = time.Minute
	}
	if s.DotTimeout == 0 {
		s.DotTimeout = 10 * time.Minute
	}
	switch {
	case s.Host == "" || s.Port <= 0 || s.Port > 65535:
		return nil, fmt.Errorf("smtp: host %q and port %d: both are needed", s.Host, s.Port)
	case s.Security != StartTLS && s.Security != ImplicitTLS && s.Security != Plain:
		return nil, fmt.Errorf("smtp: security %q: say starttls, implicit or plain", s.Security)
	case s.Security == Plain && !loopbackName(s.Host):
		return nil, fmt.Errorf("smtp: security plain to %s: allowed to localhost only, use starttls or implicit", s.Host)
	case s.Auth != NoAuth && authTypes[s.Auth] == "":
		return nil, fmt.Errorf("smtp: auth %q: say none, plain, login or xoauth2", s.Auth)
	case s.Auth != NoAuth && (s.Username == "" || s.Secret == nil):
		return nil, fmt.Errorf("smtp: auth %s needs a user name and a secret", s.Auth)
	}
	return &Sender{server: s}, nil
}

var authTypes = map[Auth]mail.SMTPAuthType{AuthPlain: mail.SMTPAuthPlain, AuthLogin: mail.SMTPAuthLogin, AuthXOAUTH2: mail.SMTPAuthXOAUTH2}

func loopbackName(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Slowest is the longest that one Send may take.
func (s *Sender) Slowest() time.Duration { return 8*s.server.Timeout + s.server.DotTimeout }

// Close takes leave of the server. The Sender may be used again: it dials anew.
func (s *Sender) Close() error {
	if s.client == nil {
		return nil
	}
	_ = s.client.UpdateDeadline(s.server.Timeout)
	err := s.client.Quit()
	s.drop()
	return err
}

// drop closes the connection without a word. A QUIT or RSET on a connection with
// a half-written message would write the final dot, and the server would take
// the half for the whole.
func (s *Sender) drop() {
	if s.conn != nil {
		_ = s.conn.Close()
	}
	s.client, s.conn = nil, nil
}

// Send hands one message to the server for one recipient and returns nil once the
// server has taken it. Any other end is a *Failure. A cancelled context keeps it
// from dialling, but an exchange that has begun is finished: what is cut off
// behind the final dot would be in doubt.
func (s *Sender) Send(ctx context.Context, from, to nasdesk.Address, raw []byte) error {
	reused := s.client != nil
	f := s.try(ctx, from, to, raw)
	if reused && f != nil && f.Step == StepMail && (f.Code == 0 || f.Code == 421) {
		// The server closed an idle or well-used connection: nothing was said yet.
		f = s.try(ctx, from, to, raw)
	}
	if f != nil {
		return f
	}
	return nil
}

func (s *Sender) try(ctx context.Context, from, to nasdesk.Address, raw []byte) *Failure {
	if s.client == nil {
		if err := s.dial(ctx); err != nil {
			s.drop()
			return failure(StepConnect, err)
		}
	}
	f := s.transact(from, to, raw)
	if f == nil {
		return nil // no RSET: a message that was taken ends its transaction (T18)
	}
	if f.Code == 0 || f.Code == 421 || f.Step == StepText {
		s.drop()
	} else if err := s.client.Reset(); err != nil {
		s.drop()
	}
	return f
}

// dial connects, goes over to TLS and signs in. The dialling is ours, so that the
// connection is closed whatever fails later, and plain talk stays on loopback
// even if the name resolves elsewhere.
func (s *Sender) dial(ctx context.Context) error {
	opts, err := s.options(ctx)
	if err != nil {
		return err
	}
	c, err := mail.NewClient(s.server.Host, opts...)
	if err != nil {
		return err
	}
	s.client, err = c.DialToSMTPClientWithContext(ctx)
	if t := new(textproto.Error); errors.As(err, &t) && t.Code == 535 && s.server.Refused != nil {
		s.server.Refused()
	}
	return err
}

func (s *Sender) options(ctx context.Context) ([]mail.Option, error) {
	v := s.server
	conf := s.tls()
	opts := []mail.Option{mail.WithPort(v.Port), mail.WithTimeout(v.Timeout), mail.WithTLSConfig(conf), mail.WithoutSMTPUTF8(),
		mail.WithDialContextFunc(func(ctx context.Context, network, addr string) (net.Conn, error) {
			return s.connect(ctx, network, addr, conf)
		})}
	if v.HELO != "" {
		opts = append(opts, mail.WithHELO(v.HELO))
	}
	if v.Security == StartTLS {
		opts = append(opts, mail.WithTLSPolicy(mail.TLSMandatory))
	} else {
		opts = append(opts, mail.WithTLSPolicy(mail.NoTLS)) // implicit: connect has done it
	}
	if v.Auth == NoAuth {
		return opts, nil
	}
	secret, err := v.Secret(ctx)
	if err != nil {
		return nil, fmt.Errorf("the secret for %s cannot be had: %w", v.Username, err)
	}
	return append(opts, mail.WithSMTPAuth(authTypes[v.Auth]), mail.WithUsername(v.Username), mail.WithPassword(secret)), nil
}

func (s *Sender) tls() *tls.Config {
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.server.TLS != nil {
		conf = s.server.TLS.Clone()
	}
	if conf.ServerName == "" {
		conf.ServerName = s.server.Host
	}
	if s.shake != nil {
		conf.VerifyConnection = s.shake
	}
	return conf
}

func (s *Sender) connect(ctx context.Context, network, addr string, conf *tls.Config) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	s.conn = conn
	if a, ok := conn.RemoteAddr().(*net.TCPAddr); s.server.Security == Plain && (!ok || !a.IP.IsLoopback()) {
		return nil, fmt.Errorf("%s is not on this machine: plain SMTP stays here", addr)
	}
	if s.server.Security != ImplicitTLS {
		return conn, nil
	}
	t := tls.Client(conn, conf)
	if err := t.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return t, nil
}

// transact carries one message over. Where the line breaks decides what is known:
// until the final dot has left us in full the server cannot have taken the
// message; from then on, without a reply, it is in doubt.
func (s *Sender) transact(from, to nasdesk.Address, raw []byte) *Failure {
	c, text := s.client, s.client.Text
	s.grant(s.server.Timeout)
	if err := c.Mail("<" + string(from) + ">"); err != nil {
		return failure(StepMail, err)
	}
	s.grant(s.server.Timeout)
	if err := c.Rcpt("<" + string(to) + ">"); err != nil {
		return failure(StepRcpt, err)
	}
	s.grant(s.server.Timeout)
	if err := command(text, 354, "DATA"); err != nil {
		return failure(StepData, err)
	}
	s.grant(s.server.Timeout)
	w := text.DotWriter()
	if _, err := w.Write(raw); err != nil {
		return failure(StepText, err)
	}
	if err := w.Close(); err != nil {
		return failure(StepText, err)
	}
	s.grant(s.server.DotTimeout)
	if _, _, err := text.ReadResponse(250); err != nil {
		return failure(StepDot, err)
	}
	return nil
}

func (s *Sender) grant(d time.Duration) { _ = s.client.UpdateDeadline(d) }

func command(text *textproto.Conn, expect int, line string) error {
	id, err := text.Cmd("%s", line)
	if err != nil {
		return err
	}
	text.StartResponse(id)
	defer text.EndResponse(id)
	_, _, err = text.ReadResponse(expect)
	return err
}

// A Step is how far a mail got.
type Step string

const (
	StepConnect Step = "connect" // dialling, TLS, signing in
	StepMail    Step = "mail-from"
	StepRcpt    Step = "rcpt-to"
	StepData    Step = "data"
	StepText    Step = "text" // writing the message
	StepDot     Step = "dot"  // the reply to the whole message
)

// A Failure says why the server has not taken a mail. Its text holds the step and
// the reply's codes, never the reply's words: they may quote anything.
type Failure struct {
	Step     Step
	Code     int    // of the reply; 0 where there was none
	Enhanced string // as "5.1.1" (RFC 3463), or ""
	words    string
	err      error
}

var enhanced = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}`)

func failure(step Step, err error) *Failure {
	f := &Failure{Step: step, err: err}
	var reply *textproto.Error
	if errors.As(err, &reply) {
		f.Code, f.words, f.Enhanced = reply.Code, reply.Msg, enhanced.FindString(reply.Msg)
	}
	return f
}

// Error gives the step and the codes; without a reply, what broke.
func (f *Failure) Error() string {
	if garbled := textproto.ProtocolError(""); errors.As(f.err, &garbled) {
		return fmt.Sprintf("smtp: %s: what came is no reply of SMTP", f.Step) // its words may be anything
	}
	if f.Code == 0 {
		return fmt.Sprintf("smtp: %s: no reply: %v", f.Step, f.err)
	}
	return "smtp: " + f.Short()
}

// Short is a Failure in a word, for the row: "rcpt-to: 550 5.1.1".
func (f *Failure) Short() string {
	s := string(f.Step) + ": no reply"
	if f.Code != 0 {
		s = strings.TrimSpace(string(f.Step) + ": " + strconv.Itoa(f.Code) + " " + f.Enhanced)
	}
	return s
}

// Unwrap returns what broke.
func (f *Failure) Unwrap() error { return f.err }

// InDoubt reports whether the server may have taken the mail: the whole of it
// went out and no reply came back (T18).
func (f *Failure) InDoubt() bool { return f.Step == StepDot && f.Code == 0 }

// Permanent reports whether trying this mail again is useless: the server said
// no, with a 5yz reply, to this mail and not to us. What broke without a reply
// is temporary (T17).
func (f *Failure) Permanent() bool { return f.Code >= 500 && f.Code < 600 && !f.Ours() }

// Ours reports whether the failure is about the connection or our account, not
// about this mail, so that the next mail would meet the same: no connection, no
// sign-in, no right to send as the mailbox, too much sent.
func (f *Failure) Ours() bool {
	switch {
	case f.Code == 0, f.Code == 421, f.Step == StepConnect, f.Throttled():
		return true
	case f.Step == StepMail:
		return true // a MAIL FROM that is refused is refused for every mail of ours
	}
	return exchangeAccount[f.Enhanced] || strings.Contains(f.words, "STOREDRV.Submission") || strings.Contains(f.words, "SendAsDenied")
}

// Exchange Online says these behind RCPT or DATA, and means the account that
// sends: not signed in, basic sign-in switched off, no right to send as.
var exchangeAccount = map[string]bool{"5.7.3": true, "5.7.30": true, "5.7.57": true, "5.7.60": true, "5.2.252": true}

// Throttled reports whether the server asks us to slow down: Exchange Online says
// 432 4.3.2 above three connections or thirty mails a minute, others 421 or 450
// with 4.7.x.
func (f *Failure) Throttled() bool {
	return f.Code == 432 || f.Code == 421 || f.Code/100 == 4 &&
		(f.Enhanced == "4.3.2" || f.Enhanced == "4.2.1" || strings.Contains(strings.ToLower(f.words), "thrott") || strings.Contains(strings.ToLower(f.words), "limit exceeded"))
}
