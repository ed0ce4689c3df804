package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"runtime"
	"runtime/debug"
	"time"

	"nasdesk"
)

// A Loop is what the three workers share: when they look for due rows, and how
// they read the time and roll the dice. The zero value polls every ten seconds.
type Loop struct {
	Now  func() time.Time
	Rand func() float64 // from 0 up to 1, for the jitter
	// Wake returns a channel that is closed, or gives a value, when something may
	// have become due. It is asked before each pass, so that nothing falls between
	// two. It is a hint; the poll is the truth. May be nil.
	Wake  func() <-chan struct{}
	Every time.Duration // between polls; 0 is ten seconds
	Batch int           // rows claimed at once; 0 is twenty
	Lease time.Duration // how long a claim holds; 0 is thirty minutes
	Log   *slog.Logger
	// Fenced is the error by which the rows say that a row is no longer ours: the
	// lease ran out and another worker has it, or it was ended. It is no failure.
	Fenced error
	// Alive reports whether this program may act on what it has claimed: one that was
	// paused for longer than its lease may not, for others have it. Nil: always.
	Alive func() bool
	// Alarm is told, once until it clears, of what needs a person: What is a
	// fixed phrase, detail holds no personal data beyond an address.
	Alarm func(ctx context.Context, what, detail string)

	// Regain gives back what was claimed and is in nobody's hand; it is called before
	// the pass that follows a failing one, whose claim may have been made and its
	// answer lost. May be nil.
	Regain func(ctx context.Context) error

	raised map[string]bool
	failed bool // the last pass
}

// run does what is due, over and over, until ctx is cancelled; what is under way
// then is finished first. A failing pass is logged and tried again at the next
// poll: the rows are still there.
func (l *Loop) run(ctx context.Context, name string, once func(context.Context) (int, error)) error {
	tick := time.NewTicker(or(l.Every, 10*time.Second))
	defer tick.Stop()
	for {
		wake := l.waker()
		_, err := l.pass(ctx, once)
		if l.failed = err != nil; l.failed && ctx.Err() == nil {
			l.log().Error("outbox: a pass failed", "loop", name, "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-wake:
		case <-tick.C:
		}
	}
}

// pass is one pass, with a clean table before it if the last one failed.
func (l *Loop) pass(ctx context.Context, once func(context.Context) (int, error)) (int, error) {
	if l.failed && l.Regain != nil {
		if err := l.Regain(ctx); err != nil {
			return 0, wrap("giving back what was claimed", err)
		}
	}
	return l.guarded(ctx, once)
}

func (l *Loop) waker() <-chan struct{} {
	if l.Wake == nil {
		return nil
	}
	return l.Wake()
}

// each claims rows and deals with them one by one until none is due. Rows that a
// stop leaves behind wait for their lease to run out, which harms nothing. Where a
// row failed the pass ends with its batch.
func each[Row any](ctx context.Context, l *Loop, what string, claim func() ([]Row, error), one func(context.Context, Row) error) (n int, _ error) {
	for ctx.Err() == nil && l.alive() {
		rows, err := claim()
		if err != nil || len(rows) == 0 {
			return n, wrap("claiming "+what, err)
		}
		var errs []error
		for _, row := range rows {
			if ctx.Err() != nil || !l.alive() {
				break
			}
			errs = append(errs, one(ctx, row))
			n++
		}
		if err := errors.Join(errs...); err != nil {
			return n, err
		}
	}
	return n, nil
}

// AlarmFault is raised when a row or a pass ended in a fault of ours.
const AlarmFault = "a fault in the program"

// guarded keeps a fault of ours in one pass from ending the loop.
func (l *Loop) guarded(ctx context.Context, once func(context.Context) (int, error)) (n int, err error) {
	defer l.caught(ctx, &err, func() error { return nil })
	return once(ctx)
}

// caught, deferred, makes an error of a fault of ours. putOff gives the row back
// that it happened on: else it would stand in the way of the others for ever.
func (l *Loop) caught(ctx context.Context, err *error, putOff func() error) {
	if fault := recover(); fault != nil {
		*err = fmt.Errorf("outbox: panic: %s", faultWords(fault))
		l.log().Error("outbox: a fault of ours", "err", *err, "stack", string(debug.Stack()))
		l.raise(ctx, AlarmFault, (*err).Error())
		*err = errors.Join(*err, putOff())
	}
}

// faultWords tells of a panic without its value, which may be anything: only what
// the language itself says of a fault holds nothing of a mail.
func faultWords(fault any) string {
	if r, ok := fault.(runtime.Error); ok {
		return r.Error()
	}
	return fmt.Sprintf("a %T; the log has where", fault)
}

func (l *Loop) now() nasdesk.Timestamp { return nasdesk.TimestampOf(l.Now()) }

func (l *Loop) alive() bool { return l.Alive == nil || l.Alive() }

func (l *Loop) batch() int { return or(l.Batch, 20) }

func (l *Loop) lease() time.Duration { return or(l.Lease, 30*time.Minute) }

func (l *Loop) span() nasdesk.Timestamp { return nasdesk.Timestamp(l.lease().Microseconds()) }

func (l *Loop) log() *slog.Logger { return or(l.Log, slog.Default()) }

// noted is the error of recording what became of a row, without what is none.
func (l *Loop) noted(what string, err error) error {
	if err != nil && l.Fenced != nil && errors.Is(err, l.Fenced) {
		l.log().Info("outbox: a row is no longer this worker's", "doing", what)
		return nil
	}
	return wrap(what, err)
}

// raise sounds an alarm unless it sounds already; clear ends it.
func (l *Loop) raise(ctx context.Context, what, detail string) { l.raiseOf(ctx, what, what, detail) }

// raiseOf is raise for an alarm of which there may be several: key tells them apart,
// and is never shown.
func (l *Loop) raiseOf(ctx context.Context, key, what, detail string) {
	if l.raised[key] {
		return
	}
	if l.raised == nil {
		l.raised = map[string]bool{}
	}
	l.raised[key] = true
	l.sound(ctx, what, detail)
}

// sound tells of an alarm, in the log where nobody else does.
func (l *Loop) sound(ctx context.Context, what, detail string) {
	if l.Alarm != nil {
		l.Alarm(ctx, what, detail)
		return
	}
	l.log().Warn("outbox: alarm", "what", what, "detail", detail)
}

// referenceIn finds the reference of a request in a key or a subject; "" where there
// is none. It is how lines of the log name requests.
func referenceIn(s string) string { return anyReference.FindString(s) }

var anyReference = regexp.MustCompile(`NAS-[0-9A-HJKMNP-TV-Z]{8}`)

func (l *Loop) clear(what string) { delete(l.raised, what) }

// after returns the instant at which the attempt behind the n-th may be made.
func (l *Loop) after(b Backoff, attempt int) nasdesk.Timestamp {
	return nasdesk.TimestampOf(l.Now().Add(b.After(attempt, l.Rand)))
}

// A Backoff says how long to wait before trying again: First after the first
// attempt, twice as long after each, at most Max, give or take Jitter (0.2 is a
// fifth). Zeros are a minute, an hour and a fifth. To a submission server we may
// be quicker than the half hour of RFC 5321, 4.5.4.1.
type Backoff struct {
	First, Max time.Duration
	Jitter     float64
}

// After returns the wait behind the n-th attempt, from 1; it is never zero. With
// no dice there is no jitter.
func (b Backoff) After(attempt int, dice func() float64) time.Duration {
	wait, most := or(b.First, time.Minute), or(b.Max, time.Hour)
	for i := 1; i < attempt && wait < most; i++ {
		wait *= 2
	}
	wait = min(wait, most)
	if dice != nil {
		wait += time.Duration((2*dice() - 1) * or(b.Jitter, 0.2) * float64(wait))
	}
	return max(wait, time.Second)
}

// GiveUp is how long a mail or a piece of work is tried before it fails for good:
// RFC 5321, 4.5.4.1, says four to five days.
const GiveUp = 5 * 24 * time.Hour

// recording is how a result is written down: whoever asks us to stop must wait
// for it, else what was done would be done again.
func recording(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
}

func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("outbox: %s: %w", doing, err)
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}
