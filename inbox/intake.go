package inbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"nasdesk"
	"nasdesk/parser"
	"nasdesk/workflows"
)

// A Memory is what the line needs of the store.
type Memory interface {
	// Keep stores the raw bytes durably. Of a location that is known it returns
	// what was kept, and the folder of a message that is already decided.
	Keep(ctx context.Context, raw []byte, at Location, when nasdesk.Timestamp) (Kept, error)
	// Attempt counts the attempts at a kept message, from 1.
	Attempt(ctx context.Context, id int64) (int, error)
	// Park sets a message aside that cannot be decided: it goes to staff.
	Park(ctx context.Context, id int64, why string) error
	// Decide pulls the case for the keys, steps, and commits. An event that was
	// decided before is not decided again: its folder is returned.
	Decide(ctx context.Context, ev nasdesk.Event, keys nasdesk.Keys, raw int64, step func(*nasdesk.Case) nasdesk.Decision) (nasdesk.Decision, error)
}

// Kept is a message as the store has it.
type Kept struct {
	ID     int64
	Folder nasdesk.Folder // "" while it is not decided
}

// maxAttempts is how often a message is tried that fails for a reason of ours.
// After that it is parked, so that the ones behind it go on.
const maxAttempts = 5

// A Line leads each message from raw bytes to a committed decision: Keep, Prove,
// Pull, Recognise, Step, Commit. `serve`, `demo` and `replay` use the same one.
type Line struct {
	Memory   Memory
	Profile  Profile
	Desk     workflows.Desk
	Read     MessageReader
	Reader   Recogniser
	Options  parser.Options
	Patience time.Duration // for reading a message, and again for understanding it; 0 is DefaultPatience
	Clock    func() time.Time
	Log      *slog.Logger
}

// NewLine returns a line with the kinds of the house.
func NewLine(m Memory, p Profile, d workflows.Desk, clock func() time.Time, log *slog.Logger) *Line {
	return &Line{Memory: m, Profile: p, Desk: d, Read: parser.Read, Reader: parser.NewReader(workflows.Kinds),
		Options: parser.Options{Own: d.Address, Wording: workflows.Wording()}, Clock: clock, Log: log}
}

// ErrPlaceholder: Exchange could not convert the message and gave a mail of its
// own instead, which says so. Nothing is kept: the true one may come at the next try.
var ErrPlaceholder = errors.New("the server gave a placeholder instead of the message: look at it in Outlook")

// Take implements [Taker]: it keeps the message, decides on it, and returns the
// folder that it belongs in.
func (l *Line) Take(ctx context.Context, raw []byte, at Location) (nasdesk.Folder, error) {
	if parser.IsPlaceholder(raw) {
		return "", fmt.Errorf("the message at %s: %w", at, ErrPlaceholder)
	}
	kept, err := l.Memory.Keep(ctx, raw, at, nasdesk.TimestampOf(l.Clock()))
	if err != nil {
		return "", fmt.Errorf("keeping the message at %s: %w", at, err)
	}
	if kept.Folder != "" {
		return kept.Folder, nil
	}
	return l.Handle(ctx, raw, at, kept.ID)
}

// Handle decides on a message that is kept. A message whose handling ends the
// program, or fails again and again, is parked for staff.
func (l *Line) Handle(ctx context.Context, raw []byte, at Location, id int64) (nasdesk.Folder, error) {
	n, err := l.Memory.Attempt(ctx, id)
	if err != nil {
		return "", fmt.Errorf("counting the attempts at %s: %w", at, err)
	}
	if n > maxAttempts {
		if err := l.Memory.Park(ctx, id, "could not be decided in several attempts"); err != nil {
			return "", fmt.Errorf("parking %s: %w", at, err)
		}
		return nasdesk.FolderExceptions, nil
	}
	d, err := l.Decide(ctx, raw, at, id)
	if err != nil {
		return "", err
	}
	return d.Folder, nil
}

// Decide reads, proves and understands a message and commits what follows.
func (l *Line) Decide(ctx context.Context, raw []byte, at Location, id int64) (d nasdesk.Decision, err error) {
	defer recovered(at, &err)
	m, err := l.read(raw, at)
	if err != nil {
		return d, fmt.Errorf("the message at %s: %w", at, err)
	}
	proof := l.Profile.Prove(m)
	keys := keysOf(m, proof)
	ev := nasdesk.Event{Key: eventKey(raw, at), At: nasdesk.TimestampOf(l.Clock()), Mail: &nasdesk.MailEvent{Message: m, Proof: proof}}
	d, err = l.Memory.Decide(ctx, ev, keys, id, func(c *nasdesk.Case) nasdesk.Decision {
		ev.Mail.Message, ev.Mail.Heard = l.recognise(m, c, at)
		return l.Desk.Step(ev, c)
	})
	if err != nil {
		return d, fmt.Errorf("deciding on the message at %s: %w", at, err)
	}
	return d, nil
}

// Event decides on something else that happened: work done, a date that came.
func (l *Line) Event(ctx context.Context, ev nasdesk.Event) error {
	_, err := l.Memory.Decide(ctx, ev, keysOfEvent(ev), 0, func(c *nasdesk.Case) nasdesk.Decision { return l.Desk.Step(ev, c) })
	return err
}

// keysOf is what a message points at, with its sender as the party whose
// requests are wanted. An unproved sender's are not.
func keysOf(m *nasdesk.Message, p nasdesk.Proof) nasdesk.Keys {
	k := parser.Skim(m)
	k.Party = p.Sender.Address()
	for _, a := range []nasdesk.Address{p.From, p.OnBehalf} {
		if a != "" {
			k, _ = k.Merge(nasdesk.Keys{Addresses: []nasdesk.Address{a}})
		}
	}
	return k
}

func keysOfEvent(ev nasdesk.Event) nasdesk.Keys {
	var k nasdesk.Keys
	if ev.Work != nil {
		k.Requests = append(k.Requests, ev.Work.Request)
		if ev.Work.Account != "" {
			k.Addresses = append(k.Addresses, ev.Work.Account)
		}
	}
	switch {
	case ev.Due == nil:
	case ev.Due.What == nasdesk.DueWarn:
		k.Party, k.Deadlines = ev.Due.Mailbox, true
	default:
		k.Requests = append(k.Requests, ev.Due.Request)
	}
	if ev.Staff != nil {
		k, _ = k.Merge(keysOfAct(ev.Staff))
	}
	return k
}

// eventKey names a message for ever: its bytes and where it lay. Our replies'
// Message-IDs are made from it, so another mailbox's messages must not share it.
func eventKey(raw []byte, at Location) string {
	sum := sha256.Sum256(raw)
	return "mail/" + hex.EncodeToString(sum[:12]) + "/" + at.String()
}

// recovered turns a fault of ours into an error, so that one message cannot
// stop the intake. What it says holds nothing of the message.
func recovered(at Location, err *error) {
	if p := recover(); p != nil {
		*err = errors.Join(*err, fmt.Errorf("deciding on the message at %s: a fault of the program: %v", at, p))
	}
}

// Act decides on what staff did. A decision that is hindered committed nothing.
func (l *Line) Act(ctx context.Context, ev nasdesk.Event) (nasdesk.Decision, error) {
	return l.Memory.Decide(ctx, ev, keysOfEvent(ev), 0, func(c *nasdesk.Case) nasdesk.Decision { return l.Desk.Step(ev, c) })
}

// Preview says what would follow from an event, on the case that pull gives. Of
// an act that needs a second person it says so, and what would follow then.
func (l *Line) Preview(ctx context.Context, ev nasdesk.Event, pull func(context.Context, nasdesk.Keys) (*nasdesk.Case, error)) (nasdesk.Decision, error) {
	return previewed(ctx, keysOfEvent(ev), pull, func(c *nasdesk.Case) nasdesk.Decision {
		d := l.Desk.Step(ev, c)
		if d.Hindered != nasdesk.SecondPerson {
			return d
		}
		return l.agreed(ev, c)
	})
}

// agreed is what would follow from an act if a second person agreed to it. It
// stays hindered until one does.
func (l *Line) agreed(ev nasdesk.Event, c *nasdesk.Case) nasdesk.Decision {
	act := *ev.Staff
	act.Second = "a second person"
	d := l.Desk.Step(nasdesk.Event{Key: ev.Key, At: ev.At, Staff: &act}, c)
	if d.Hindered == "" {
		d.Event, d.Hindered = ev, nasdesk.SecondPerson
	}
	return d
}

// previewRounds is how often a preview may ask for more facts.
const previewRounds = 4

func previewed(ctx context.Context, keys nasdesk.Keys, pull func(context.Context, nasdesk.Keys) (*nasdesk.Case, error), step func(*nasdesk.Case) nasdesk.Decision) (nasdesk.Decision, error) {
	for range previewRounds {
		c, err := pull(ctx, keys)
		if err != nil {
			return nasdesk.Decision{}, err
		}
		d := step(c)
		more := false
		if keys, more = keys.Merge(d.Need); !more {
			return d, nil
		}
	}
	return nasdesk.Decision{}, errors.New("previewing an event: it asks for more facts again and again")
}
