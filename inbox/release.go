package inbox

import (
	"context"
	"errors"
	"fmt"

	"nasdesk"
)

// Release decides again on a quarantined message as if its From were proved: two
// members of staff, by and second, answer for it in place of a proof, this once.
// It is an event of its own, so that what was decided before stands beside it.
// Automatic mail stays what it is, and a From with no address or several cannot
// be released.
func (l *Line) Release(ctx context.Context, raw []byte, at Location, id int64, by, second string) (d nasdesk.Decision, err error) {
	defer recovered(at, &err)
	if by == "" || second == "" || by == second {
		return d, errors.New("releasing a message: two members of staff must agree to it")
	}
	m, err := l.read(raw, at)
	if err != nil {
		return d, fmt.Errorf("the message at %s: %w", at, err)
	}
	proof := released(l.Profile.Prove(m), by, second)
	if !proof.Sender.Proved() {
		return d, fmt.Errorf("releasing the message at %s: it does not say from whom it is", at)
	}
	ev := nasdesk.Event{Key: "release/" + eventKey(raw, at), At: nasdesk.TimestampOf(l.Clock()), Mail: &nasdesk.MailEvent{Message: m, Proof: proof}}
	d, err = l.Memory.Decide(ctx, ev, keysOf(m, proof), id, func(c *nasdesk.Case) nasdesk.Decision {
		ev.Mail.Message, ev.Mail.Heard = l.recognise(m, c, at)
		return l.Desk.Step(ev, c)
	})
	if err != nil {
		return d, fmt.Errorf("deciding on the released message at %s: %w", at, err)
	}
	return d, nil
}

// released puts the word of two people in the place of a proof. One that was
// proved needs none.
func released(p nasdesk.Proof, by, second string) nasdesk.Proof {
	if p.Sender.Proved() && p.OnBehalf == "" || p.From == "" {
		return p
	}
	p.Sender, p.Reason, p.Released = nasdesk.Vouch(p.From), "", []string{by, second}
	p.Evidence = append(p.Evidence, "released by "+by+" and "+second)
	return p
}

// PreviewRelease says what would follow from a release, on the case that pull
// gives.
func (l *Line) PreviewRelease(ctx context.Context, raw []byte, at Location, by, second string, pull func(context.Context, nasdesk.Keys) (*nasdesk.Case, error)) (d nasdesk.Decision, err error) {
	defer recovered(at, &err)
	m, err := l.read(raw, at)
	if err != nil {
		return d, fmt.Errorf("the message at %s: %w", at, err)
	}
	proof := released(l.Profile.Prove(m), by, second)
	ev := nasdesk.Event{Key: "release/" + eventKey(raw, at), At: nasdesk.TimestampOf(l.Clock()), Mail: &nasdesk.MailEvent{Message: m, Proof: proof}}
	return previewed(ctx, keysOf(m, proof), pull, func(c *nasdesk.Case) nasdesk.Decision {
		ev.Mail.Message, ev.Mail.Heard = l.recognise(m, c, at)
		return l.Desk.Step(ev, c)
	})
}
