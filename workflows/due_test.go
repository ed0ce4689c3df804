package workflows_test

import (
	"strings"
	"testing"

	"nasdesk"
	"nasdesk/workflows"
)

// What a day that comes does. That it does nothing in the other states is in
// the table of states.
func TestDue(t *testing.T) {
	asked := func(change func(*nasdesk.Request, *nasdesk.Case)) *nasdesk.Case {
		c := theDesk(nil)
		r := nasdesk.Request{ID: 7, Reference: "NAS-0000000A", N: 1, Kind: "unlink-user", Asked: "unlink-user", Party: asking, Mailbox: asking, From: asking,
			State: nasdesk.StateConfirming, Outcome: nasdesk.Confirm, Event: "mail/1", MadeAt: noon - 1, DecidedAt: noon - 1, Prose: true,
			Answers: []nasdesk.Answer{{Field: "nhs_email", Value: string(addressOf("mona"))}}}
		change(&r, c)
		c.Requests = []nasdesk.Request{r}
		return c
	}
	dated := func(change func(*nasdesk.Case)) *nasdesk.Case {
		return asked(func(r *nasdesk.Request, c *nasdesk.Case) {
			r.State, r.Outcome, r.From, r.Effective, r.Prose = nasdesk.StateDated, nasdesk.Accepted, "", "2026-04-22", false
			change(c)
		})
	}
	for _, d := range []struct {
		name string
		c    *nasdesk.Case
		what nasdesk.DueWhat
		want string
		says string
	}{
		{"a reading is read back once more", asked(func(*nasdesk.Request, *nasdesk.Case) {}), nasdesk.DueRemind, "confirming, lapse 2026-05-06, question to fzz01", "YES"},
		{"by when", asked(func(*nasdesk.Request, *nasdesk.Case) {}), nasdesk.DueRemind, "confirming, lapse 2026-05-06, question to fzz01", "by Wednesday 6 May 2026"},
		{"asked from home", asked(func(r *nasdesk.Request, _ *nasdesk.Case) { r.Party, r.From = addressOf("olga"), addressOf("olga") }), nasdesk.DueRemind, "confirming, lapse 2026-05-06, question to olga", ""},
		{"a hole is asked for once more", asked(func(r *nasdesk.Request, _ *nasdesk.Case) {
			r.State, r.Outcome, r.Answers, r.Reasons = nasdesk.StateAsking, nasdesk.NeedsInfo, nil, []nasdesk.Reason{nasdesk.Missing("nhs_email")}
		}), nasdesk.DueRemind, "asking, lapse 2026-05-06, question to fzz01", "The NHS.net email is missing"},
		{"never a second time", asked(func(r *nasdesk.Request, _ *nasdesk.Case) { r.Reminded = true }), nasdesk.DueRemind, "nothing", ""},
		{"never while another party is waited for", asked(func(r *nasdesk.Request, _ *nasdesk.Case) { r.State, r.From = nasdesk.StateSeeking, region }), nasdesk.DueRemind, "nothing", ""},
		{"the other party's silence does not lapse", asked(func(r *nasdesk.Request, _ *nasdesk.Case) { r.State, r.From = nasdesk.StateSeeking, region }), nasdesk.DueLapse, "nothing", ""},
		{"silence lapses", asked(func(r *nasdesk.Request, _ *nasdesk.Case) { r.Reminded = true }), nasdesk.DueLapse, "lapsed, refusal to fzz01", "You can ask again"},
		{"the day comes", dated(func(*nasdesk.Case) {}), nasdesk.DueEffective, "doing, unlinked mona fzz01, notice to fzz01", "We are removing"},
		{"the day comes, and the rules no longer allow it", dated(func(c *nasdesk.Case) {
			become("olga", nasdesk.Disabled, "2026-04-21")(c)
			become("otto", nasdesk.Disabled, "2026-04-21")(c)
		}), nasdesk.DueEffective, "referred, acknowledgement to fzz01", ""},
		{"the day comes, and it was done otherwise", dated(leave("fzz01", "mona")), nasdesk.DueEffective, "referred, acknowledgement to fzz01", ""},
		{"the mailbox has a new address since", asked(func(_ *nasdesk.Request, c *nasdesk.Case) {
			c.Mailboxes[0].Address, c.Mailboxes[0].Alias = "pharmacy.fyy05@nhs.net", asking
		}), nasdesk.DueRemind, "confirming, lapse 2026-05-06, question to fzz01", ""},
	} {
		t.Run(d.name, func(t *testing.T) {
			got := workflows.DefaultDesk.Step(nasdesk.Event{Key: "date/1", At: noon, Due: &nasdesk.DueEvent{Request: 7, What: d.what}}, d.c)
			if s := followed(got); s != d.want {
				t.Errorf("got  %s\nwant %s", s, d.want)
			}
			for _, m := range got.Mails {
				if text := textTo(got, m.To); d.says != "" && !strings.Contains(text, d.says) {
					t.Errorf("the mail does not say %q:\n%s", d.says, text)
				}
			}
		})
	}
	t.Run("a request that nobody made", func(t *testing.T) {
		got := workflows.DefaultDesk.Step(nasdesk.Event{Key: "date/1", At: noon, Due: &nasdesk.DueEvent{Request: 8, What: nasdesk.DueRemind}}, dated(func(*nasdesk.Case) {}))
		if s := followed(got); s != "nothing" {
			t.Errorf("got %s, want nothing", s)
		}
	})
}
