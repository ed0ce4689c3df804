package outbox

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"nasdesk"
)

// desk is a Mailer with a real server, its rows and a clock.
type desk struct {
	*Mailer
	rows  *mailRows
	mta   *mta
	clock *clock
	bell  *bell
}

func newDesk(t *testing.T, n int) *desk {
	t.Helper()
	d := &desk{rows: new(mailRows), mta: serve(t, false), clock: &clock{now: start}, bell: new(bell)}
	for i := range n {
		d.rows.add(mailTo(i, fmt.Sprintf("pharmacy.fa%03d@nhs.net", i)))
	}
	d.Mailer = &Mailer{Loop: loopAt(d.clock, d.bell), Rows: d.rows, Server: plain(t, d.mta), From: Helpdesk}
	return d
}

func mailTo(i int, to string) nasdesk.OutMail {
	m := letter()
	m.Key, m.To, m.DueAt = fmt.Sprint("key-", i), nasdesk.Address(to), nasdesk.TimestampOf(start)
	return m
}

// pass runs Once and checks how many rows it dealt with.
func (d *desk) pass(t *testing.T, want int) {
	t.Helper()
	if n, err := d.Once(t.Context()); err != nil || n != want {
		t.Fatalf("Once: %d rows, %v; want %d", n, err, want)
	}
}

func (d *desk) expect(t *testing.T, id int64, ended, code string) {
	t.Helper()
	if h := d.rows.row(id); h.ended != ended || h.code != code {
		t.Errorf("row %d is %q %q, want %q %q", id, h.ended, h.code, ended, code)
	}
}

func TestMailerSendsAllOnceOverOneConnection(t *testing.T) {
	d := newDesk(t, 45)
	d.pass(t, 45)
	d.pass(t, 0)
	mails, conns := d.mta.state()
	if len(mails) != 45 || conns != 1 {
		t.Errorf("%d mails over %d connections", len(mails), conns)
	}
	ids := map[string]bool{}
	for _, m := range mails {
		_, rest, _ := strings.Cut(m.raw, "Message-ID: ")
		id, _, _ := strings.Cut(rest, "\r\n")
		ids[id] = true
	}
	if len(ids) != 45 {
		t.Errorf("%d different ids", len(ids))
	}
}

func TestMailerGoesOnBehindARefusedRecipient(t *testing.T) { // T19
	d := newDesk(t, 3)
	d.mta.say("rcpt", nil, reply(550, 5, 1, 1, "no such user"))
	d.pass(t, 3)
	d.expect(t, 1, "sent", "")
	d.expect(t, 2, "failed", "rcpt-to: 550 5.1.1")
	d.expect(t, 3, "sent", "")
	if !d.bell.is(AlarmMail) {
		t.Errorf("alarms: %q", d.bell.rung)
	}
}

func TestMailerTriesAgainLaterAndLater(t *testing.T) {
	d := newDesk(t, 1)
	for i, wait := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
		d.mta.say("rcpt", reply(451, 4, 7, 1, "later"))
		d.pass(t, 1)
		d.pass(t, 0)
		if got := d.rows.row(1).due.Time().Sub(d.clock.read()); got != wait*time.Minute {
			t.Errorf("behind attempt %d it waits %v, want %dm", i+1, got, wait)
		}
		d.clock.pass(wait*time.Minute - time.Microsecond)
		d.pass(t, 0)
		d.clock.pass(time.Microsecond)
	}
	d.pass(t, 1)
	d.expect(t, 1, "sent", "rcpt-to: 451 4.7.1")
}

func TestMailerGivesUpAfterFiveDays(t *testing.T) {
	d := newDesk(t, 1)
	d.mta.say("rcpt", reply(451, 4, 7, 1, "later"), reply(451, 4, 7, 1, "later"))
	d.clock.pass(GiveUp - time.Second)
	d.pass(t, 1)
	d.expect(t, 1, "", "rcpt-to: 451 4.7.1")
	d.clock.pass(time.Minute)
	d.pass(t, 1)
	d.expect(t, 1, "failed", "given up: rcpt-to: 451 4.7.1")
}

// T18: the reply behind the final dot is lost; the mail is not sent again.
func TestMailerDoesNotRepeatWhatIsInDoubt(t *testing.T) {
	d := newDesk(t, 2)
	d.mta.say("data", errDropAfter)
	d.pass(t, 2)
	d.expect(t, 1, "unconfirmed", "")
	d.expect(t, 2, "", "not tried: in doubt")
	d.clock.pass(time.Hour)
	d.pass(t, 1)
	if mails, _ := d.mta.state(); len(mails) != 2 || !d.bell.is(AlarmDoubt) {
		t.Errorf("the server has %d mails, alarms %q", len(mails), d.bell.rung)
	}
}

// T17: a connection that breaks before the dot is temporary, whatever the library
// says, and stops the pass; the others are not tried against it.
func TestMailerPutsOffWhenTheServerIsAway(t *testing.T) {
	d := newDesk(t, 3)
	d.mta.say("rcpt", errDrop)
	d.pass(t, 3)
	d.expect(t, 1, "", "rcpt-to: no reply")
	d.expect(t, 2, "", "not tried: rcpt-to: no reply")
	if mails, conns := d.mta.state(); len(mails) != 0 || conns != 1 {
		t.Errorf("%d mails, %d connections", len(mails), conns)
	}
	d.clock.pass(time.Minute)
	d.pass(t, 3)
	if mails, _ := d.mta.state(); len(mails) != 3 || !d.bell.is(AlarmServer) {
		t.Errorf("%d mails, alarms %q", len(mails), d.bell.rung)
	}
}

func TestMailerSlowsDownWhenThrottled(t *testing.T) {
	d := newDesk(t, 3)
	d.mta.say("data", nil, reply(432, 4, 3, 2, "Concurrent connections limit exceeded."))
	d.pass(t, 3)
	d.expect(t, 1, "sent", "")
	d.expect(t, 2, "", "dot: 432 4.3.2")
	d.expect(t, 3, "", "not tried: dot: 432 4.3.2")
	if !d.bell.is() {
		t.Errorf("throttling rang %q", d.bell.rung)
	}
}

func TestMailerRingsOnceForTheServer(t *testing.T) {
	d := newDesk(t, 1)
	for range 3 {
		d.mta.say("mail", reply(550, 5, 7, 60, "no right to send as"))
		d.pass(t, 1)
		d.clock.pass(time.Hour)
	}
	if !d.bell.is(AlarmServer) {
		t.Errorf("alarms: %q", d.bell.rung)
	}
	d.pass(t, 1) // it works again, and fails again: a new alarm
	d.rows.add(mailTo(9, "pharmacy.fa999@nhs.net"))
	d.mta.say("mail", reply(550, 5, 7, 60, "no right to send as"))
	d.pass(t, 1)
	if !d.bell.is(AlarmServer, AlarmServer) {
		t.Errorf("alarms: %q", d.bell.rung)
	}
}

// A store that is away while a mail is recorded costs no second mail.
func TestMailerRemembersWhatItCouldNotRecord(t *testing.T) {
	d := newDesk(t, 1)
	d.rows.failing = 2
	if _, err := d.Once(t.Context()); err == nil {
		t.Error("the failing store was not told of")
	}
	for range 2 {
		d.clock.pass(time.Hour) // the lease runs out
		d.Once(t.Context())
	}
	d.expect(t, 1, "sent", "")
	if mails, _ := d.mta.state(); len(mails) != 1 {
		t.Errorf("the server has %d mails", len(mails))
	}
}

// After a crash between DATA and the record, the resend is the same message.
func TestMailerResendsTheSameBytesAfterACrash(t *testing.T) {
	d := newDesk(t, 1)
	if row, err := d.rows.DueMails(t.Context(), nasdesk.TimestampOf(start), 1, 60e6); err != nil || len(row) != 1 {
		t.Fatal(err)
	}
	first := d.rows.row(1).row
	bytes, _ := Compose(first, Helpdesk)
	d.clock.pass(time.Hour)
	d.pass(t, 1)
	if mails, _ := d.mta.state(); len(mails) != 1 || mails[0].raw != string(bytes) {
		t.Errorf("resent as %+v", mails)
	}
	if err := d.record(t.Context(), first, end{}); err != nil { // the old worker, late
		t.Errorf("a row that is no longer ours counts as a failure: %v", err)
	}
	if h := d.rows.row(1); h.ended != "sent" || h.messageID != nasdesk.MailID(first.Key, "nhs.net") {
		t.Errorf("the row is %q under %q", h.ended, h.messageID)
	}
}

// A mail is not begun unless its lease covers the slowest end of it: another
// worker might send it meanwhile.
func TestMailerLeavesWhatItsLeaseWouldNotCover(t *testing.T) {
	d := newDesk(t, 3)
	d.Lease = d.Server.Slowest() + time.Second
	d.Server = slow{d.Server, d.clock}
	d.pass(t, 3)
	d.expect(t, 1, "sent", "")
	d.expect(t, 2, "", "not tried: the lease would run out")
	d.expect(t, 3, "", "not tried: lease")
	if mails, _ := d.mta.state(); len(mails) != 1 {
		t.Errorf("%d mails", len(mails))
	}
}

// slow takes two seconds for each mail.
type slow struct {
	Transport
	clock *clock
}

func (s slow) Send(ctx context.Context, from, to nasdesk.Address, raw []byte) error {
	s.clock.pass(2 * time.Second)
	return s.Transport.Send(ctx, from, to, raw)
}

func TestMailerTellsOfALeaseThatIsTooShort(t *testing.T) {
	d := newDesk(t, 1)
	d.Lease = d.Server.Slowest()
	if n, err := d.Once(t.Context()); n != 0 || err == nil {
		t.Errorf("%d, %v", n, err)
	}
	if h := d.rows.row(1); h.attempt != 0 {
		t.Errorf("the row was claimed all the same")
	}
}

// A crowd of mails makes one failing attempt for each wait, not one for each batch.
func TestMailerLeavesAFailingServerAlone(t *testing.T) {
	d := newDesk(t, 6)
	d.Batch = 1
	refused := reply(550, 5, 7, 57, "Client not authenticated")
	d.mta.say("mail", refused, refused)
	for _, wait := range []time.Duration{time.Minute, 2 * time.Minute} {
		d.pass(t, 1)
		d.clock.pass(wait - time.Microsecond)
		d.pass(t, 0)
		d.clock.pass(time.Microsecond)
	}
	d.pass(t, 6)
	if mails, conns := d.mta.state(); len(mails) != 6 || conns != 3 {
		t.Errorf("%d mails, %d connections", len(mails), conns)
	}
}

// A server that is away for a week costs no mail.
func TestMailerNeverGivesUpForTheServer(t *testing.T) {
	d := newDesk(t, 1)
	d.clock.pass(7 * 24 * time.Hour)
	d.mta.say("mail", reply(550, 5, 7, 60, "no right to send as"))
	d.pass(t, 1)
	d.expect(t, 1, "", "mail-from: 550 5.7.60")
}

func TestMailerOutlivesAPanic(t *testing.T) {
	d := newDesk(t, 2)
	d.Server = &faulty{Transport: d.Server}
	if n, err := d.Once(t.Context()); n != 2 || err == nil {
		t.Errorf("%d, %v", n, err)
	}
	d.expect(t, 1, "", CodeFault)
	d.expect(t, 2, "sent", "")
	if !d.bell.is(AlarmFault) {
		t.Errorf("alarms: %q", d.bell.rung)
	}
}

// faulty panics the first time.
type faulty struct {
	Transport
	tried bool
}

func (f *faulty) Send(ctx context.Context, from, to nasdesk.Address, raw []byte) error {
	if !f.tried {
		f.tried = true
		panic("ours")
	}
	return f.Transport.Send(ctx, from, to, raw)
}

func TestMailerFailsWhatCannotBeComposed(t *testing.T) {
	d := newDesk(t, 0)
	d.rows.add(mailTo(1, "no address"), mailTo(2, "pharmacy.fa002@nhs.net"))
	d.pass(t, 2)
	d.expect(t, 1, "failed", CodeFaulty)
	d.expect(t, 2, "sent", "")
}

func TestMailerHoldsWhatIsOverTheBudget(t *testing.T) {
	d := newDesk(t, 0)
	d.Budget = Budget{PerMailbox: 2, PerHour: 100}
	for i := range 5 {
		d.rows.add(mailTo(i, "pharmacy.fa123@nhs.net"))
	}
	d.rows.add(mailTo(9, "pharmacy.fa999@nhs.net"))
	d.pass(t, 6)
	d.expect(t, 2, "sent", "")
	for id := int64(3); id <= 5; id++ {
		d.expect(t, id, "", CodeHeld)
	}
	d.expect(t, 6, "sent", "")
	if !d.bell.is(AlarmBudget + ": pharmacy.fa123@nhs.net") {
		t.Errorf("alarms: %q", d.bell.rung)
	}
	for range 3 { // nothing is lost
		d.clock.pass(61 * time.Minute)
		if _, err := d.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if mails, _ := d.mta.state(); len(mails) != 6 {
		t.Errorf("%d of 6 mails in the end", len(mails))
	}
}

func TestMailerHoldsAllOverTheHour(t *testing.T) {
	d := newDesk(t, 5)
	d.Budget = Budget{PerHour: 3}
	d.pass(t, 5)
	if mails, _ := d.mta.state(); len(mails) != 3 || !d.bell.is(AlarmBudget) {
		t.Errorf("%d mails, alarms %q", len(mails), d.bell.rung)
	}
}

func TestMailerHoldsAllOverTheDay(t *testing.T) {
	d := newDesk(t, 5)
	d.Budget = Budget{AllDay: 3}
	d.pass(t, 5)
	if mails, _ := d.mta.state(); len(mails) != 3 || !d.bell.is(AlarmDay) {
		t.Errorf("%d mails, alarms %q", len(mails), d.bell.rung)
	}
	d.expect(t, 4, "", CodeHeld)
	d.clock.pass(25 * time.Hour)
	if _, err := d.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	if mails, _ := d.mta.state(); len(mails) != 5 {
		t.Errorf("%d of 5 mails on the next day", len(mails))
	}
}

func TestMailerStopsBetweenMails(t *testing.T) {
	d := newDesk(t, 3)
	d.Limit = rate.NewLimiter(rate.Every(time.Hour), 1)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	if n, err := d.Once(ctx); err != nil || n != 3 { // the limiter sees that the time is too short
		t.Fatalf("%d, %v", n, err)
	}
	d.expect(t, 1, "sent", "")
	d.expect(t, 2, "", "not tried: stopping")
	d.expect(t, 3, "", "not tried: stopping")
}

func TestMailerRunWakesAndDrains(t *testing.T) {
	d := newDesk(t, 1)
	wake := make(chan struct{})
	d.Wake, d.Every = func() <-chan struct{} { return wake }, time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- d.Run(ctx) }()
	wake <- struct{}{} // taken once the first pass is over
	d.rows.mu.Lock()
	d.rows.add(mailTo(7, "pharmacy.fa777@nhs.net"))
	d.rows.mu.Unlock()
	wake <- struct{}{}
	wake <- struct{}{} // the pass of the wake before is over
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	d.expect(t, 1, "sent", "")
	d.expect(t, 2, "sent", "")
}

// A stop while the server is being dialled is no fault of the server's.
func TestMailerStopsWhileItDials(t *testing.T) {
	d := newDesk(t, 2)
	ctx, cancel := context.WithCancel(t.Context())
	d.Server = stopper{d.Server, cancel}
	if n, err := d.Once(ctx); err != nil || n != 2 {
		t.Fatalf("%d, %v", n, err)
	}
	d.expect(t, 1, "", "not tried: stopping")
	d.expect(t, 2, "", "not tried: stopping")
	if !d.bell.is() {
		t.Errorf("alarms: %q", d.bell.rung)
	}
}

// stopper stops everything as soon as a mail is to be sent.
type stopper struct {
	Transport
	stop func()
}

func (s stopper) Send(ctx context.Context, from, to nasdesk.Address, raw []byte) error {
	s.stop()
	return s.Transport.Send(ctx, from, to, raw)
}

func BenchmarkMailer(b *testing.B) {
	rows, c := new(mailRows), &clock{now: start}
	mta := serve(b, false)
	s, err := NewSender(Server{Host: mta.host, Port: mta.port, Security: Plain, Auth: NoAuth})
	if err != nil {
		b.Fatal(err)
	}
	for i := range b.N {
		rows.add(mailTo(i, "pharmacy.fa123@nhs.net"))
	}
	m := &Mailer{Loop: loopAt(c, new(bell)), Rows: rows, Server: s, From: Helpdesk}
	m.Batch = b.N
	b.ResetTimer()
	if n, err := m.Once(b.Context()); n != b.N || err != nil {
		b.Fatal(n, err)
	}
}

func TestBackoff(t *testing.T) {
	for _, c := range []struct {
		b       Backoff
		attempt int
		dice    float64
		want    time.Duration
	}{
		{Backoff{}, 1, 0.5, time.Minute},
		{Backoff{}, 1, 0, 48 * time.Second},
		{Backoff{}, 2, 1, 144 * time.Second},
		{Backoff{}, 7, 0.5, time.Hour},
		{Backoff{}, 1 << 40, 0.5, time.Hour},
		{Backoff{}, 0, 0.5, time.Minute},
		{Backoff{First: time.Millisecond, Max: time.Millisecond}, 3, 0, time.Second},
	} {
		if got := c.b.After(c.attempt, func() float64 { return c.dice }); got != c.want {
			t.Errorf("%+v behind attempt %d: %v, want %v", c.b, c.attempt, got, c.want)
		}
	}
}
