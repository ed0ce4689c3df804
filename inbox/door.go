// Package inbox is the door in: it brings the mail from the helpdesk mailbox
// (door.go, over IMAP), says who vouches for a sender (proof.go) and leads each
// message down the line to a committed decision (intake.go).
package inbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"nasdesk"
)

// A Location is where a message lies in the mailbox. It never names another
// message: a UID is not used twice under one UIDVALIDITY (RFC 9051, 2.3.1.1).
type Location struct {
	Folder      string
	UIDValidity uint32
	UID         uint32
}

// String returns "INBOX/7/42", fit for logs and as a key.
func (l Location) String() string { return fmt.Sprintf("%s/%d/%d", l.Folder, l.UIDValidity, l.UID) }

// A Taker takes what the door brings. Take returns only when the message is
// kept for good and decided, and says to which folder it goes; only then is it
// moved. Taking the same location again does no harm and returns the same
// folder. An error means that the message is not taken: it stays where it is and
// is brought again.
type Taker interface {
	Take(ctx context.Context, raw []byte, at Location) (nasdesk.Folder, error)
}

// A Ledger is what the store remembers of the messages in the folder. The
// mailbox itself is no memory: flags and dates in it may be changed by anybody.
type Ledger interface {
	// Look returns the entries of those of the uids that the ledger knows.
	Look(ctx context.Context, folder string, validity uint32, uids []uint32) (map[uint32]Entry, error)

	// Failed records that fetching the message broke the connection, and returns
	// how often that has happened.
	Failed(ctx context.Context, at Location) (times int, err error)

	// Park records a message that is given up unread, for staff to see: it goes
	// to the exceptions. why holds no personal data.
	Park(ctx context.Context, at Location, why string) error
}

// An Entry is what the ledger knows of one message.
type Entry struct {
	Folder nasdesk.Folder // where it goes, once it is taken or parked; else empty
	Failed int            // how often fetching it broke the connection
}

// How the connection is protected.
const (
	TLS      = "tls"      // from the first byte, port 993
	StartTLS = "starttls" // from the greeting on, port 143
	Plain    = "plain"    // not at all: to a loopback address only
)

// Settings are the particulars of one mailbox. Those of the second group have
// defaults.
type Settings struct {
	Address  string // host:port
	TLS      string // TLS, StartTLS or Plain
	User     string
	Password func() (string, error) // asked at every login, so that it may be renewed
	SASL     func() (SASL, error)   // instead of Password: asked at every login
	Refused  func()                 // told when SASL's credentials did not get us in; may be nil
	Folders  map[nasdesk.Folder]string

	ServerName string        // in the certificate; the host of Address
	CAFile     string        // PEM certificates to trust; those of the system
	Inbox      string        // "INBOX"
	MaxSize    int64         // of a message, in bytes; 36 MiB, above NHSmail's 35 MB
	Poll       time.Duration // longest time between two listings, and of one IDLE; a minute, at most nine
	Timeout    time.Duration // of a command without a sign of life; a minute
	RetryMin   time.Duration // first pause after a fault; a second
	RetryMax   time.Duration // longest pause that is not asked for by the server; five minutes
	Batch      int           // messages fetched at once; 200
	BatchBytes int64         // their size together, if there are several; 32 MiB
	Workers    int           // Takes at once; 1. The messages of one From field keep their order

	Log   *slog.Logger                   // gets no personal data; the default one
	Alarm func(at Location, fault error) // called once for each fault that needs a person; may be nil
}

// maxPoll is how long an IDLE may last: servers and firewalls between drop what
// is silent for longer, and RFC 2177 allows 29 minutes at most (trap T8).
const maxPoll = 9 * time.Minute

// A Door watches one folder of one mailbox and brings each message in it to the
// Taker, once.
type Door struct {
	set    Settings
	taker  Taker
	ledger Ledger
	log    *slog.Logger

	mu      sync.Mutex
	health  Health
	alarmed map[Location]bool // has been reported since the start
	copied  map[Location]bool // has been copied to its folder but not yet removed; for servers without MOVE
}

// Health is how the door stands.
type Health struct {
	Connected   bool
	Listed      time.Time // when the folder was last listed; zero before the first time
	Unaccounted int       // messages that lay there and are neither taken nor parked. Must be 0
	Unmoved     int       // messages that are taken, but could not be moved away
}

// New returns a door, or every fault of the settings at once.
func New(set Settings, taker Taker, ledger Ledger) (*Door, error) {
	set.fill()
	if err := set.check(); err != nil {
		return nil, err
	}
	return &Door{set: set, taker: taker, ledger: ledger, log: set.Log,
		alarmed: map[Location]bool{}, copied: map[Location]bool{}}, nil
}

func (s *Settings) fill() {
	orElse(&s.Inbox, "INBOX")
	orElse(&s.MaxSize, 36<<20)
	orElse(&s.Poll, time.Minute)
	orElse(&s.Timeout, time.Minute)
	orElse(&s.RetryMin, time.Second)
	orElse(&s.RetryMax, 5*time.Minute)
	orElse(&s.Batch, 200)
	orElse(&s.BatchBytes, 32<<20)
	orElse(&s.Workers, 1)
	if s.Log == nil {
		s.Log = slog.Default()
	}
}

func orElse[T comparable](v *T, otherwise T) {
	var zero T
	if *v == zero {
		*v = otherwise
	}
}

func (s *Settings) check() error {
	var errs []error
	fault := func(bad bool, text string) {
		if bad {
			errs = append(errs, errors.New("imap: "+text))
		}
	}
	host, port, err := splitAddress(s.Address)
	fault(err != nil || host == "" || port == "", "address: give host:port, such as outlook.office365.com:993")
	fault(s.TLS != TLS && s.TLS != StartTLS && s.TLS != Plain, "tls: give tls, starttls or plain")
	fault(s.TLS == Plain && !loopback(host), "tls: plain is for a loopback address only; give tls or starttls")
	fault(s.Password == nil && s.SASL == nil, "password: none given")
	fault(s.User == "" && s.SASL == nil, "user: none given")
	fault(s.Poll < 0 || s.Poll > maxPoll, "poll: more than nine minutes")
	fault(s.MaxSize < 0 || s.Timeout < 0 || s.RetryMin < 0 || s.RetryMax < s.RetryMin, "max_size, timeout or retry: out of range")
	fault(s.Batch < 1 || s.Batch > 500 || s.BatchBytes < 1 || s.Workers < 1, "batch or workers: out of range")
	return errors.Join(append(errs, s.checkFolders()...)...)
}

// An errServer is a fault of the server that no retry will mend.
type errServer struct{ text string }

func (e errServer) Error() string { return e.text }

// Run keeps the door until ctx ends, and then returns nil. Faults of the network
// and the server are mended by trying again, with longer and longer pauses. An
// error means that the server can never be used; it says why.
func (d *Door) Run(ctx context.Context) error {
	for tries := 0; ; tries++ {
		err := d.visit(ctx, func() { tries = 0 })
		d.note(func(h *Health) { h.Connected = false })
		if ctx.Err() != nil {
			return nil
		}
		if never := (errServer{}); errors.As(err, &never) {
			return fmt.Errorf("imap: %s: %w", d.set.Address, err)
		}
		pause := d.set.pause(tries, err, rand.Float64())
		d.complain(tries, err, pause)
		if !sleep(ctx, pause) {
			return nil
		}
	}
}

// visit makes one connection and keeps it while it lasts. well is called when a
// cycle and the wait behind it have passed: a server that hangs up in every IDLE
// is not to be called again each second.
func (d *Door) visit(ctx context.Context, well func()) error {
	v, err := d.enter(ctx)
	if err != nil {
		return err
	}
	defer v.client.Close()
	d.note(func(h *Health) { h.Connected = true })
	for {
		busy, err := v.cycle(ctx)
		if err != nil {
			return err
		}
		if err := v.wait(ctx, d.set.turn(busy)); err != nil {
			return err
		}
		well()
	}
}

// settle is how long the wait after a busy cycle may last. What comes in
// between a SEARCH and the IDLE behind it is announced by neither on some
// servers (trap T8), and after a busy cycle that is likely.
const settle = 2 * time.Second

func (s *Settings) turn(busy bool) time.Duration {
	if busy {
		return min(settle, s.Poll)
	}
	return s.Poll
}

// pause doubles from RetryMin to RetryMax, less up to half of it by chance, so
// that doors do not all come back at once. A server that names a time gets it.
func (s *Settings) pause(tries int, err error, chance float64) time.Duration {
	d := s.RetryMin << min(tries, 30)
	if d > s.RetryMax || d < s.RetryMin {
		d = s.RetryMax
	}
	d -= time.Duration(chance * float64(d/2))
	return max(d, askedPause(err))
}

// alarmAfter is how many visits in a row must fail before a person is called.
const alarmAfter = 3

func (d *Door) complain(tries int, err error, pause time.Duration) {
	if tries == alarmAfter {
		d.alarm(Location{Folder: d.set.Inbox}, fmt.Errorf("the mailbox cannot be read: %w", err))
		return
	}
	d.log.Warn("the mailbox cannot be read", "err", err, "again", pause.Round(time.Millisecond).String())
}

// alarm calls a person: by the callback, which logs it, or else in the log.
func (d *Door) alarm(at Location, fault error) {
	if d.set.Alarm != nil {
		d.set.Alarm(at, fault)
		return
	}
	d.log.Error("the door needs a person", "at", at.String(), "err", fault)
}

// alarmOnce is alarm for faults of one message, which come back at each cycle.
func (d *Door) alarmOnce(at Location, fault error) {
	d.mu.Lock()
	again := d.alarmed[at]
	d.alarmed[at] = true
	d.mu.Unlock()
	if !again {
		d.alarm(at, fault)
	}
}

// Health returns how the door stands now.
func (d *Door) Health() Health {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.health
}

func (d *Door) note(f func(*Health)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f(&d.health)
}

// sleep reports whether the time has passed before ctx ended.
func sleep(ctx context.Context, t time.Duration) bool {
	timer := time.NewTimer(t)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
