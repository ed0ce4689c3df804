package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/mail"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"nasdesk/inbox/imaptest"
	"nasdesk/outbox"
)

// The tests of outages let some dozen mails through while one part, or the network to
// it, goes wrong in every way. Afterwards each mail must be decided once and answered
// once, and what was asked of the part meanwhile must have been little.

const outageMails = 24

// An outage is a service under way in this process, with what it logs.
type outage struct {
	*rush
	svc  *service
	log  *safeBuffer
	stop func()
}

// begin starts the service with its configuration changed; what failed is tried again
// after a second or two, where the program itself takes a minute and more.
func (r *rush) begin(t *testing.T, change func(*config)) *outage {
	t.Helper()
	c, err := loadConfig(r.desk.conf)
	if err != nil {
		t.Fatal(err)
	}
	change(c)
	ctx, cancel := context.WithCancel(t.Context())
	st, err := openStore(ctx, c.databaseURL())
	if err != nil {
		t.Fatal(err)
	}
	o := &outage{rush: r, log: new(safeBuffer)}
	o.svc, err = wire(c, st, slog.New(slog.NewJSONHandler(o.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	node, err := join(ctx, st, c.Lease)
	if err != nil {
		t.Fatal(err)
	}
	o.svc.serveAs(node)
	o.svc.mails.Backoff = outbox.Backoff{First: time.Second, Max: 2 * time.Second}
	o.svc.works.Backoff = o.svc.mails.Backoff
	ended := make(chan error, 1)
	go func() { ended <- o.svc.Run(ctx) }()
	o.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("the service ended with %v", err)
		}
		st.Close()
	})
	t.Cleanup(func() {
		o.stop()
		if t.Failed() {
			t.Logf("the log:\n%s", lastLines([]byte(o.log.text()), 40))
		}
	})
	return o
}

// on waits until so many mails more are decided, or nearly all are.
func (o *outage) on(t *testing.T, n int) {
	t.Helper()
	goal := min(o.desk.count(t, sqlHandled)+n, outageMails-2)
	await(t, "mails are decided", func() bool { return o.desk.count(t, sqlHandled) >= goal })
}

// calm bounds what the outage made the service say: a storm would be thousands.
func (o *outage) calm(t *testing.T, most int) {
	t.Helper()
	n := 0
	for line := range strings.Lines(o.log.text()) {
		if strings.Contains(line, `"level":"WARN"`) || strings.Contains(line, `"level":"ERROR"`) {
			n++
		}
	}
	if n > most {
		t.Errorf("%d warnings and errors, want at most %d", n, most)
	}
	t.Logf("%d warnings and errors", n)
}

// TestOutagesOfIMAP: the way to the mailbox delays, is cut, garbles and stalls.
func TestOutagesOfIMAP(t *testing.T) {
	t.Parallel()
	r := newRush(t, outageMails)
	way := imaptest.StartProxy(t, "tcp", r.desk.imap.Address, "AUTHENTICATE", "LOGIN")
	o := r.begin(t, func(c *config) { c.IMAP.Address, c.IMAP.Timeout = way.Address, 2*time.Second })
	sent := r.send(t)
	o.on(t, 2)
	way.Delay(20 * time.Millisecond)
	o.on(t, 2)
	for range 4 {
		way.Cut()
		o.on(t, 2)
	}
	way.Delay(0)
	for range 2 {
		way.Garble(1)
		o.on(t, 2)
	}
	way.Stall()
	time.Sleep(3 * time.Second) // longer than a command may take
	way.Release()
	way.Shut(true)
	way.Cut()
	time.Sleep(2 * time.Second) // nothing can be reached
	way.Shut(false)
	sent.Wait()
	r.desk.settled(t, outageMails)
	o.stop()
	r.lookAtDecisions(t)
	r.lookAtMails(t, 0)
	r.lookAtRegister(t)
	total, most := way.Count()
	signIns := way.Said("AUTHENTICATE") + way.Said("LOGIN ")
	t.Logf("%d connections, %d at once, %d sign-ins", total, most, signIns)
	if total > 20 || signIns > 20 || most > 3 {
		t.Errorf("%d connections, %d at once, %d sign-ins: more than the outages ask for", total, most, signIns)
	}
	o.calm(t, 30)
}

// TestOutagesOfPostgreSQL: the way to the database is cut and stalls, and the server
// is restarted in the middle.
func TestOutagesOfPostgreSQL(t *testing.T) {
	t.Parallel()
	r := newRush(t, outageMails)
	u, err := url.Parse(r.desk.database)
	if err != nil || u.Query().Get("host") == "" {
		t.Skip("the PostgreSQL is not reached by a socket")
	}
	way := imaptest.StartProxy(t, "unix", u.Query().Get("host")+"/.s.PGSQL.5432")
	u.Host, u.RawQuery = way.Address, "sslmode=disable"
	o := r.begin(t, func(c *config) { c.Database = u.String() })
	sent := r.send(t)
	for range 3 {
		o.on(t, 3)
		way.Cut()
	}
	o.on(t, 2)
	way.Stall()
	time.Sleep(4 * time.Second) // longer than the lease
	way.Release()
	o.on(t, 2)
	sent.Wait()
	r.desk.postgres.Down(t)
	before, _ := way.Count()
	time.Sleep(4 * time.Second)
	after, _ := way.Count()
	r.desk.postgres.Up(t)
	r.desk.connect(t)
	r.desk.settled(t, outageMails)
	o.stop()
	r.lookAtDecisions(t)
	r.lookAtMails(t, 0)
	r.lookAtRegister(t)
	if after-before > 4*60 {
		t.Errorf("%d connections in four seconds without a database", after-before)
	}
	t.Logf("%d connections in four seconds without a database", after-before)
	o.calm(t, 150)
}

// TestOutagesOfSMTP: the way to the mail server is cut and stalls.
func TestOutagesOfSMTP(t *testing.T) {
	t.Parallel()
	r := newRush(t, outageMails)
	way := imaptest.StartProxy(t, "tcp", r.desk.smtp.Address, "EHLO", "DATA\r\n")
	o := r.begin(t, func(c *config) { c.SMTP.Address, c.SMTP.Timeout = way.Address, time.Second })
	way.Shut(true)
	sent := r.send(t)
	o.on(t, 8)
	time.Sleep(2 * time.Second)
	refused, _ := way.Count()
	way.Shut(false)
	o.on(t, 6)
	way.Garble(1)
	o.on(t, 4)
	way.Cut()
	way.Delay(5 * time.Millisecond)
	sent.Wait()
	r.desk.settled(t, outageMails)
	o.stop()
	r.lookAtDecisions(t)
	r.lookAtRegister(t)
	doubts := r.desk.count(t, `select count(*) from mail where state = 'unconfirmed'`)
	ended := r.desk.count(t, `select count(*) from mail where state in ('sent', 'unconfirmed')`)
	arrived := map[string]int{}
	for _, l := range r.desk.arrived(t) {
		arrived[l.id()]++
	}
	for id, n := range arrived {
		if n > 1 {
			t.Errorf("%s arrived %d times", id, n)
		}
	}
	if len(arrived) > ended || len(arrived) < ended-doubts {
		t.Errorf("%d mails arrived, %d were sent, %d of them in doubt", len(arrived), ended, doubts)
	}
	total, most := way.Count()
	t.Logf("%d connections, %d of them refused, %d at once; %d in doubt", total, refused, most, doubts)
	if refused > 8 || total > 60 || most > 2 {
		t.Errorf("%d connections, %d of them refused, %d at once: more than the outage asks for", total, refused, most)
	}
	o.calm(t, 40)
}

// A moody server is an SMTP server that does to the n-th transaction what its moods
// say, in turn.
type moody struct {
	mu     sync.Mutex
	turn   int
	grey   map[string]bool // recipients that have called before
	taken  map[string]int  // by Message-ID
	conns  int
	now    int
	most   int
	doubts int // mails that were taken without a word
}

// smtpMoods are what a server may do to a mail instead of taking it.
var smtpMoods = []string{"well", "450 rcpt", "421 mail", "well", "432 data", "slow", "dead before mail", "well", "451 data", "silent", "taken and dead", "452 mail"}

func startMoody(t *testing.T) (*moody, string) {
	t.Helper()
	m := &moody{grey: map[string]bool{}, taken: map[string]int{}}
	srv := smtp.NewServer(m)
	srv.Domain = "moody.example.net"
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { srv.Close() })
	return m, l.Addr().String()
}

// NewSession implements smtp.Backend.
func (m *moody) NewSession(c *smtp.Conn) (smtp.Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.conns++
	m.now++
	m.most = max(m.most, m.now)
	return &mood{moody: m, conn: c}, nil
}

type mood struct {
	*moody
	conn *smtp.Conn
	is   string
}

func no(code, class, subject, detail int, words string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{class, subject, detail}, Message: words}
}

// Mail implements smtp.Session.
func (s *mood) Mail(string, *smtp.MailOptions) error {
	s.mu.Lock()
	s.is = smtpMoods[s.turn%len(smtpMoods)]
	s.turn++
	s.mu.Unlock()
	switch s.is {
	case "421 mail":
		return no(421, 4, 3, 2, "Service not available, closing transmission channel")
	case "452 mail":
		return no(452, 4, 3, 1, "Insufficient system storage")
	case "dead before mail":
		s.conn.Conn().Close()
	}
	return nil
}

// Rcpt implements smtp.Session. One recipient is refused for good, and each is
// greylisted.
func (s *mood) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if to == string(rushBox(3)) {
		return no(550, 5, 1, 1, "no such user here")
	}
	if !s.grey[to] {
		s.grey[to] = true
		return no(450, 4, 7, 1, "greylisted, come back later")
	}
	if s.is == "450 rcpt" {
		return no(450, 4, 2, 0, "mailbox busy")
	}
	return nil
}

// Data implements smtp.Session.
func (s *mood) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	switch s.is {
	case "432 data":
		return no(432, 4, 3, 2, "Concurrent connections limit exceeded.")
	case "451 data":
		return no(451, 4, 3, 0, "try again")
	case "silent":
		s.conn.Conn().Close() // not taken
		s.take(raw, false)
		return nil
	case "slow":
		time.Sleep(2 * time.Second) // longer than a command may take
	case "taken and dead":
		s.take(raw, true)
		s.mu.Lock()
		s.doubts++
		s.mu.Unlock()
		s.conn.Conn().Close()
		return nil
	}
	s.take(raw, true)
	return nil
}

func (s *mood) take(raw []byte, taken bool) {
	m, err := mail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if taken {
		s.taken[m.Header.Get("Message-Id")]++
	} else {
		s.doubts++
	}
}

// Reset implements smtp.Session.
func (*mood) Reset() {}

// Logout implements smtp.Session.
func (s *mood) Logout() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now--
	return nil
}

// TestMoodySMTP: a server that answers every code, greylists, refuses one recipient,
// dies before and after it has taken a mail, and takes its time.
func TestMoodySMTP(t *testing.T) {
	t.Parallel()
	const mails = 12
	r := newRush(t, mails)
	m, address := startMoody(t)
	o := r.begin(t, func(c *config) { c.SMTP.Address, c.SMTP.Timeout = address, time.Second })
	r.send(t).Wait()
	r.desk.settled(t, mails)
	o.stop()
	r.lookAtDecisions(t)
	m.mu.Lock()
	defer m.mu.Unlock()
	states := map[string]int{}
	for _, s := range []string{"sent", "unconfirmed", "failed"} {
		states[s] = r.desk.count(t, `select count(*) from mail where state = $1`, s)
	}
	for id, n := range m.taken {
		if n != 1 {
			t.Errorf("%s was taken %d times", id, n)
		}
	}
	refused := r.desk.count(t, `select count(*) from mail where code like '%550 5.1.1%'`)
	if states["failed"] != refused || refused == 0 {
		t.Errorf("%d mails failed for good, %d were refused for good", states["failed"], refused)
	}
	if states["unconfirmed"] != m.doubts || m.doubts == 0 {
		t.Errorf("%d mails are in doubt, %d were made so", states["unconfirmed"], m.doubts)
	}
	if n := len(m.taken); n < states["sent"] || n > states["sent"]+states["unconfirmed"] {
		t.Errorf("%d mails were taken; %v", n, states)
	}
	if m.most > 1 || m.conns > 3*m.turn {
		t.Errorf("%d connections, %d at once, for %d transactions", m.conns, m.most, m.turn)
	}
	t.Logf("%d transactions on %d connections; %v", m.turn, m.conns, states)
	o.calm(t, 120)
}
