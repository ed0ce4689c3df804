package workflows_test

import (
	"testing"

	"nasdesk"
	"nasdesk/workflows"
)

// A mail of ours that came back is seen on its request, whatever becomes of it;
// a bounce of somebody else's mail leaves no mark.
func TestBouncedIsMarked(t *testing.T) {
	const ours = "q1@helpdesk.nhs.net"
	for _, b := range []struct {
		name     string
		state    nasdesk.State
		returned string
		auto     nasdesk.Reason
		want     bool
	}{
		{"a question to the region", nasdesk.StateSeeking, ours, nasdesk.Bounce, true},
		{"a question to the pharmacy", nasdesk.StateAsking, ours, nasdesk.Bounce, true},
		{"the confirmation", nasdesk.StateDone, ours, nasdesk.Bounce, true},
		{"their own mail", nasdesk.StateAsking, "theirs@example.org", nasdesk.Bounce, false},
		{"an answer machine", nasdesk.StateAsking, ours, nasdesk.AutoReply, false},
	} {
		ev, c := plainMail(func(m *nasdesk.MailEvent, c *nasdesk.Case) {
			m.Message.Automatic, m.Message.Returned = b.auto, []string{b.returned}
			m.Proof, m.Heard = nasdesk.Proof{Reason: nasdesk.SenderUnverified}, nasdesk.Heard{}
			c.Requests = []nasdesk.Request{stands(1, "new-user", b.state, ada, func(r *nasdesk.Request) { r.Thread = []string{ours} })}
		})
		d := workflows.DefaultDesk.Step(ev, c)
		var marked nasdesk.Timestamp
		for _, r := range d.Requests {
			marked = r.Bounced
		}
		if got := marked == ev.At && ev.At != 0; got != b.want || len(d.Mails) > 0 {
			t.Errorf("%s: marked at %d of %d, want a mark %v; %d mails", b.name, marked, ev.At, b.want, len(d.Mails))
		}
	}
}
