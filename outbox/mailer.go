package outbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"nasdesk"
)

// MailRows are the rows of mail, in the store. The attempt that DueMails gave is
// the fence: where it is no longer the row's, the other methods change nothing and
// return Loop.Fenced.
type MailRows interface {
	// DueMails claims at most limit mails that are due at now, the oldest first, or
	// whose lease has run out, for as many microseconds as lease.
	DueMails(ctx context.Context, now nasdesk.Timestamp, limit int, lease nasdesk.Timestamp) ([]nasdesk.OutMail, error)
	// MailSent records that the server took the mail, at when and under a
	// Message-ID; unconfirmed, that it may have.
	MailSent(ctx context.Context, id int64, attempt int, when nasdesk.Timestamp, messageID string, unconfirmed bool) error
	// MailFailed gives the row back, due again at again, or ends it if again is 0.
	// code is a few words: a reply's codes, or one of the Code constants.
	MailFailed(ctx context.Context, id int64, attempt int, when, again nasdesk.Timestamp, code string) error
	// RepliesSince counts the mails that were sent, confirmed or not, to an address
	// since an instant; to "" is to all. What is still to be sent does not count,
	// else a crowd would hold back its own first.
	RepliesSince(ctx context.Context, to nasdesk.Address, since nasdesk.Timestamp) (int, error)
}

// What stands in a row that was given back without an attempt, or given up.
const (
	CodeHeld     = "held: reply budget"
	CodeNotTried = "not tried"
	CodeFaulty   = "cannot be composed"
	CodeFault    = "a fault in the program"
)

// What an alarm says.
const (
	AlarmBudget = "reply budget exceeded"
	AlarmDay    = "the day's mails are sent: the rest is held"
	AlarmServer = "mail cannot be handed in"
	AlarmMail   = "a mail failed for good"
	AlarmDoubt  = "a mail is sent, unconfirmed"
)

// A Transport hands one mail to a server. *Sender is one; any error that is no
// *Failure counts as a lost connection.
type Transport interface {
	Send(ctx context.Context, from, to nasdesk.Address, raw []byte) error
	Close() error
	Slowest() time.Duration // the longest that one Send may take
}

// A Budget is the ceiling of mails that ends every loop between machines: to one
// mailbox within an hour and within a day, to all within an hour, and to all within a
// day. 0 is no ceiling.
type Budget struct{ PerMailbox, PerDay, PerHour, AllDay int }

// DefaultBudget is far above what a pharmacy can ask for in an hour or a day.
var DefaultBudget = Budget{PerMailbox: 60, PerDay: 200, PerHour: 1500}

// A Mailer sends the mails that are due.
type Mailer struct {
	Loop
	Rows    MailRows
	Server  Transport
	From    Identity
	Limit   *rate.Limiter // nil: no limit; Exchange Online allows rate.Every(2*time.Second)
	Budget  Budget
	Backoff Backoff
	GiveUp  time.Duration // 0: GiveUp

	// ended holds what became of a mail while the store could not record it, by
	// key: a claim of the same row is then recorded and not sent again.
	ended map[string]end
	// After a failure of the server's, nothing is tried until quiet; strikes counts
	// such failures in a row. A crowd of due mails must not make a crowd of refused
	// sign-ins, which lock an account.
	quiet   nasdesk.Timestamp
	strikes int
	today   tally                                 // of the last day
	heldAt  map[nasdesk.Address]nasdesk.Timestamp // when a mailbox was last over its budget
}

// A tally is how many mails went out within a day, counted anew each minute: a count
// of ten thousand is not for every mail.
type tally struct {
	sent int
	at   nasdesk.Timestamp
}

type end struct {
	at          nasdesk.Timestamp
	unconfirmed bool
}

// ExchangeLimit is the thirty mails a minute that Exchange Online takes from one
// mailbox, with no burst.
func ExchangeLimit() *rate.Limiter { return rate.NewLimiter(rate.Every(2*time.Second), 1) }

// Run sends until ctx is cancelled. The mail under way is finished, the others of
// its batch are given back.
func (m *Mailer) Run(ctx context.Context) error { return m.run(ctx, "mail", m.Once) }

// Once sends all that is due now and returns how many rows it dealt with. While the
// server is being left alone after a failure, that is none.
func (m *Mailer) Once(ctx context.Context) (int, error) {
	defer m.Server.Close()
	if m.lease() <= m.Server.Slowest() {
		return 0, fmt.Errorf("outbox: the lease of %v is shorter than one mail may take (%v): make it longer, else nothing can be sent", m.lease(), m.Server.Slowest())
	}
	n := 0
	for ctx.Err() == nil && m.alive() && m.now() >= m.quiet {
		until := m.Now().Add(m.lease())
		due, err := m.Rows.DueMails(ctx, m.now(), m.batch(), m.span())
		if err != nil || len(due) == 0 {
			return n, wrap("claiming mails", err)
		}
		n += len(due)
		if trouble, err := m.send(ctx, due, until); trouble || err != nil {
			return n, err
		}
	}
	return n, nil
}

// send deals with the rows of one claim. Where the server is of no use, or the
// time is up, the rest is given back untried, and the pass ends.
func (m *Mailer) send(ctx context.Context, due []nasdesk.OutMail, until time.Time) (trouble bool, _ error) {
	var errs []error
	for i, row := range due {
		why, err := m.one(ctx, row, until)
		errs = append(errs, err)
		if why != "" {
			errs = append(errs, m.giveBack(ctx, due[i+1:], why))
			return true, errors.Join(errs...)
		}
	}
	return false, errors.Join(errs...)
}

func (m *Mailer) giveBack(ctx context.Context, rows []nasdesk.OutMail, why string) error {
	var errs []error
	for _, row := range rows {
		errs = append(errs, m.retry(ctx, row, CodeNotTried+": "+why))
	}
	return errors.Join(errs...)
}

// one deals with one row. trouble, if any, stands in the way of the next as well.
func (m *Mailer) one(ctx context.Context, row nasdesk.OutMail, until time.Time) (trouble string, err error) {
	defer m.caught(ctx, &err, func() error { return m.retry(ctx, row, CodeFault) })
	if e, ok := m.ended[row.Key]; ok {
		return "", m.record(ctx, row, e)
	}
	if held, err := m.overBudget(ctx, row); held || err != nil {
		return "", err
	}
	raw, err := Compose(row, m.From)
	if err != nil {
		return "", m.fail(ctx, row, CodeFaulty, err)
	}
	if m.Limit != nil && m.Limit.Wait(ctx) != nil || ctx.Err() != nil {
		return "stopping", m.retry(ctx, row, CodeNotTried+": stopping")
	}
	if !m.alive() {
		return "paused", nil // for too long: the row is another's, and so are the rest
	}
	if m.Now().Add(m.Server.Slowest()).After(until) {
		return "lease", m.retry(ctx, row, CodeNotTried+": the lease would run out")
	}
	return m.result(ctx, row, m.Server.Send(ctx, m.From.Address, row.To, raw))
}

// result turns what Send says into what the row says. A mail in doubt counts as
// sent: never answer twice (T18).
func (m *Mailer) result(ctx context.Context, row nasdesk.OutMail, err error) (trouble string, _ error) {
	var f *Failure
	if err != nil && !errors.As(err, &f) {
		f = failure(StepConnect, err)
	}
	switch {
	case f == nil:
		m.clear(AlarmServer)
		m.strikes = 0
		m.today.sent++
		return "", m.record(ctx, row, end{m.now(), false})
	case f.InDoubt():
		m.tell(ctx, AlarmDoubt, row, f.Short())
		m.strike()
		return "in doubt", m.record(ctx, row, end{m.now(), true})
	case f.Permanent():
		return "", m.fail(ctx, row, f.Short(), f)
	case f.Step == StepConnect && ctx.Err() != nil:
		return "stopping", m.retry(ctx, row, CodeNotTried+": stopping")
	case f.Ours():
		// Never given up: it is not the mail's fault, and the alarm sounds.
		m.raiseServer(ctx, f)
		m.strike()
		return f.Short(), m.retry(ctx, row, f.Short())
	}
	return "", m.retryOrGiveUp(ctx, row, f)
}

func (m *Mailer) strike() {
	m.strikes++
	m.quiet = m.after(m.Backoff, m.strikes)
}

// raiseServer sounds the alarm for what a person must mend. Throttling and a
// restarting server pass by themselves.
func (m *Mailer) raiseServer(ctx context.Context, f *Failure) {
	if !f.Throttled() {
		m.raise(ctx, AlarmServer, f.Error())
	}
}

// record writes down that a mail is sent. Until the store has it, the Mailer
// remembers, so that a store that was away costs no second mail.
func (m *Mailer) record(ctx context.Context, row nasdesk.OutMail, e end) error {
	ctx, cancel := recording(ctx)
	defer cancel()
	err := m.Rows.MailSent(ctx, row.ID, row.Attempt, e.at, nasdesk.MailID(row.Key, m.From.Address.Domain()), e.unconfirmed)
	if err := m.noted("recording a sent mail", err); err != nil {
		if m.ended == nil {
			m.ended = map[string]end{}
		}
		m.ended[row.Key] = e
		return fmt.Errorf("outbox: mail %d was sent, but not recorded: it is remembered for the next claim: %w", row.ID, err)
	}
	delete(m.ended, row.Key)
	return nil
}

func (m *Mailer) retryOrGiveUp(ctx context.Context, row nasdesk.OutMail, f *Failure) error {
	if m.Now().Sub(row.DueAt.Time()) >= or(m.GiveUp, GiveUp) {
		return m.fail(ctx, row, "given up: "+f.Short(), f)
	}
	m.log().Info("outbox: mail is tried again later", "reference", referenceIn(row.Subject), "mail", row.ID, "attempt", row.Attempt, "err", f)
	return m.retry(ctx, row, f.Short())
}

func (m *Mailer) retry(ctx context.Context, row nasdesk.OutMail, code string) error {
	ctx, cancel := recording(ctx)
	defer cancel()
	return m.noted("putting a mail off", m.Rows.MailFailed(ctx, row.ID, row.Attempt, m.now(), m.after(m.Backoff, row.Attempt), code))
}

func (m *Mailer) fail(ctx context.Context, row nasdesk.OutMail, code string, why error) error {
	ctx, cancel := recording(ctx)
	defer cancel()
	m.log().Error("outbox: mail failed for good", "reference", referenceIn(row.Subject), "mail", row.ID, "err", why)
	err := m.Rows.MailFailed(ctx, row.ID, row.Attempt, m.now(), 0, code)
	if err == nil {
		m.tell(ctx, AlarmMail, row, code)
	}
	return m.noted("failing a mail", err)
}

// tell sounds an alarm about one mail, each time.
func (m *Mailer) tell(ctx context.Context, what string, row nasdesk.OutMail, code string) {
	m.sound(ctx, what, strings.TrimSpace(fmt.Sprintf("%s mail %d: %s", referenceIn(row.Subject), row.ID, code)))
}

// overBudget holds a mail that is over the ceiling. Nothing is lost: it is due
// again when the oldest of the hour no longer counts. One alarm tells of it.
func (m *Mailer) overBudget(ctx context.Context, row nasdesk.OutMail) (held bool, err error) {
	if m.Budget == (Budget{}) {
		return false, nil
	}
	n, err := m.countReplies(ctx, row.To)
	if err != nil {
		return false, wrap("counting replies", errors.Join(err, m.retry(ctx, row, CodeNotTried+": budget unknown")))
	}
	one, all := AlarmBudget+": "+string(row.To), AlarmBudget
	shown := AlarmBudget + ": " + row.To.Masked()
	wait := time.Hour
	switch b := m.Budget; {
	case b.AllDay > 0 && n.toAllInDay >= b.AllDay:
		// More would be refused, and the mailbox shut for a day: Exchange Online takes
		// 10,000 recipients a day.
		m.raise(ctx, AlarmDay, fmt.Sprintf("%d mails within a day", n.toAllInDay))
	case b.PerHour > 0 && n.toAll >= b.PerHour:
		m.raise(ctx, all, fmt.Sprintf("%d mails within an hour", n.toAll))
	case b.PerDay > 0 && n.inDay >= b.PerDay:
		m.clear(all)
		m.raiseOf(ctx, one, shown, fmt.Sprintf("%d mails within a day", n.inDay))
		wait = heldDay
	case b.PerMailbox > 0 && n.inHour >= b.PerMailbox:
		m.clear(all)
		m.raiseOf(ctx, one, shown, fmt.Sprintf("%d mails within an hour", n.inHour))
	default:
		m.clear(all)
		m.clear(AlarmDay)
		if m.now()-m.heldAt[row.To] > nasdesk.Timestamp(calmFor.Microseconds()) {
			m.clear(one)
		}
		return false, nil
	}
	return true, m.hold(ctx, row, wait)
}

// replies counts the mails that went to one mailbox, and to all.
type replies struct{ inHour, inDay, toAll, toAllInDay int }

func (m *Mailer) countReplies(ctx context.Context, to nasdesk.Address) (n replies, err error) {
	hour, day := nasdesk.TimestampOf(m.Now().Add(-time.Hour)), nasdesk.TimestampOf(m.Now().Add(-24*time.Hour))
	var errs [4]error
	n.inHour, errs[0] = m.Rows.RepliesSince(ctx, to, hour)
	n.toAll, errs[1] = m.Rows.RepliesSince(ctx, "", hour)
	if m.Budget.PerDay > 0 {
		n.inDay, errs[2] = m.Rows.RepliesSince(ctx, to, day)
	}
	if m.Budget.AllDay > 0 {
		n.toAllInDay, errs[3] = m.sentToday(ctx, day)
	}
	return n, errors.Join(errs[:]...)
}

// sentToday is how many mails went out since an instant a day ago: by all, as of the
// last minute, and by this worker since.
func (m *Mailer) sentToday(ctx context.Context, day nasdesk.Timestamp) (int, error) {
	if m.today.at == 0 || m.now()-m.today.at > nasdesk.Timestamp(time.Minute.Microseconds()) {
		n, err := m.Rows.RepliesSince(ctx, "", day)
		if err != nil {
			return 0, err
		}
		m.today = tally{n, m.now()}
	}
	return m.today.sent, nil
}

// A loop that goes on at the ceiling is told of once: the alarm clears only when
// nothing was held for a mailbox for so long. What is over the day's ceiling is
// looked at again a few times a day.
const (
	calmFor = 24 * time.Hour
	heldDay = 6 * time.Hour
)

// hold puts a mail off and remembers when a mailbox was last over its ceiling.
func (m *Mailer) hold(ctx context.Context, row nasdesk.OutMail, long time.Duration) error {
	if m.heldAt == nil {
		m.heldAt = map[nasdesk.Address]nasdesk.Timestamp{}
	}
	m.heldAt[row.To] = m.now()
	ctx, cancel := recording(ctx)
	defer cancel()
	again := m.now() + nasdesk.Timestamp(long.Microseconds())
	return m.noted("holding a mail", m.Rows.MailFailed(ctx, row.ID, row.Attempt, m.now(), again, CodeHeld))
}
