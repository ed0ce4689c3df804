package workflows_test

import (
	"strings"
	"testing"

	"nasdesk"
	"nasdesk/workflows"
)

// underWay is a request for Ada's account that is being done: the account is
// planned, the link planned behind it.
func underWay(state nasdesk.State, status nasdesk.Status) *nasdesk.Case {
	c := theDesk(nil)
	const ada = "ada.state@nhs.net"
	c.Accounts = append(c.Accounts, nasdesk.Account{Address: ada, Name: "Ada State", Mobile: "07700900620", Status: status, Since: "2026-04-20"})
	c.Memberships = append(c.Memberships, nasdesk.Membership{Mailbox: asking, Account: ada, Role: nasdesk.Member})
	c.Requests = []nasdesk.Request{{ID: 7, Reference: "NAS-0000000A", N: 1, Kind: "new-user", Asked: "new-user", Party: asking, Mailbox: asking, State: state,
		Outcome: nasdesk.Accepted, Event: "mail/1", MadeAt: noon - 1, DecidedAt: noon - 1,
		Answers: []nasdesk.Answer{{Field: "full_name", Value: "Ada State"}},
		Actions: []nasdesk.Action{{Key: "make", Name: nasdesk.CreateAccount, Account: ada, Person: "Ada State", Done: status == nasdesk.Active}, {Key: "link", Name: nasdesk.LinkMember, Mailbox: asking, Account: ada, Role: nasdesk.Member}}}}
	return c
}

// What the directory reports of the work that was accepted.
func TestWork(t *testing.T) {
	for _, w := range []struct {
		name   string
		state  nasdesk.State
		status nasdesk.Status
		event  nasdesk.WorkEvent
		want   string
	}{
		{"the account is begun", nasdesk.StateDoing, nasdesk.Pending, nasdesk.WorkEvent{Request: 7, Action: "make", State: nasdesk.WorkPending}, "doing"},
		{"the account is there: the second mail goes out", nasdesk.StateDoing, nasdesk.Pending, nasdesk.WorkEvent{Request: 7, Action: "make", State: nasdesk.WorkDone}, "doing, ada active 2026-04-22, notice to fzz01"},
		{"the account is begun under the address proposed: it is told", nasdesk.StateDoing, nasdesk.Pending, nasdesk.WorkEvent{Request: 7, Action: "make", State: nasdesk.WorkPending, Account: "ada.state@nhs.net"}, "doing, notice to fzz01"},
		{"the account is begun under another address: it is told", nasdesk.StateDoing, nasdesk.Pending, nasdesk.WorkEvent{Request: 7, Action: "make", State: nasdesk.WorkPending, Account: "ada.state4@nhs.net"},
			"doing, ada.state4 pending 2026-04-20, linked ada.state4 fzz01 member, unlinked ada fzz01, notice to fzz01"},
		{"its link is begun: nothing to tell", nasdesk.StateDoing, nasdesk.Pending, nasdesk.WorkEvent{Request: 7, Action: "link", State: nasdesk.WorkPending, Account: "ada.state@nhs.net"}, "doing"},
		{"sent back a second time: it was told", nasdesk.StateReferred, nasdesk.Pending, nasdesk.WorkEvent{Request: 7, Action: "link", State: nasdesk.WorkFailed}, "referred"},
		{"the account was active already", nasdesk.StateDoing, nasdesk.Active, nasdesk.WorkEvent{Request: 7, Action: "make", State: nasdesk.WorkDone}, "doing, notice to fzz01"},
		{"the account was disabled meanwhile", nasdesk.StateDoing, nasdesk.Disabled, nasdesk.WorkEvent{Request: 7, Action: "make", State: nasdesk.WorkDone}, "doing, notice to fzz01"},
		{"the link is made: all is done", nasdesk.StateDoing, nasdesk.Active, nasdesk.WorkEvent{Request: 7, Action: "link", State: nasdesk.WorkDone}, "done"},
		{"the link is made before the account is active", nasdesk.StateDoing, nasdesk.Pending, nasdesk.WorkEvent{Request: 7, Action: "link", State: nasdesk.WorkDone}, "doing"},
		{"the directory gave the address it proposed", nasdesk.StateDoing, nasdesk.Pending, nasdesk.WorkEvent{Request: 7, Action: "make", State: nasdesk.WorkDone, Account: "ada.state@nhs.net"}, "doing, ada active 2026-04-22, notice to fzz01"},
		{"the directory gave another address", nasdesk.StateDoing, nasdesk.Pending, nasdesk.WorkEvent{Request: 7, Action: "make", State: nasdesk.WorkDone, Account: "ada.state4@nhs.net"},
			"doing, ada.state4 active 2026-04-22, linked ada.state4 fzz01 member, unlinked ada fzz01, notice to fzz01"},
		{"it could not be done", nasdesk.StateDoing, nasdesk.Pending, nasdesk.WorkEvent{Request: 7, Action: "make", State: nasdesk.WorkFailed}, "referred, notice to fzz01"},
		{"done after it went to staff: it stays with them", nasdesk.StateReferred, nasdesk.Active, nasdesk.WorkEvent{Request: 7, Action: "link", State: nasdesk.WorkDone}, "referred"},
		{"an action that nobody planned", nasdesk.StateDoing, nasdesk.Pending, nasdesk.WorkEvent{Request: 7, Action: "other", State: nasdesk.WorkDone}, "nothing"},
		{"a request that nobody made", nasdesk.StateDoing, nasdesk.Pending, nasdesk.WorkEvent{Request: 8, Action: "make", State: nasdesk.WorkDone}, "nothing"},
	} {
		t.Run(w.name, func(t *testing.T) {
			d := workflows.DefaultDesk.Step(nasdesk.Event{Key: "work/1", At: noon, Work: &w.event}, underWay(w.state, w.status))
			if got := followed(d); got != w.want {
				t.Errorf("got  %s\nwant %s", got, w.want)
			}
		})
	}
}

// An account that left the register meanwhile gets no welcome.
func TestWorkOnAnAccountThatIsGone(t *testing.T) {
	t.Run("no welcome", func(t *testing.T) {
		c := underWay(nasdesk.StateDoing, nasdesk.Pending)
		c.Accounts = c.Accounts[:len(c.Accounts)-1]
		d := workflows.DefaultDesk.Step(nasdesk.Event{Key: "work/1", At: noon, Work: &nasdesk.WorkEvent{Request: 7, Action: "make", State: nasdesk.WorkDone}}, c)
		if got := followed(d); got != "doing" {
			t.Errorf("got  %s\nwant doing", got)
		}
	})
}

// followed prints what an event changed: states, the register, and mail.
func followed(d nasdesk.Decision) string {
	short := func(a nasdesk.Address) string {
		return strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(string(a), "pharmacy."), "@nhs.net"), ".state")
	}
	var out []string
	for _, r := range d.Requests {
		out = append(out, string(r.State))
	}
	for _, a := range d.Change.Accounts {
		out = append(out, short(a.Address)+" "+string(a.Status)+" "+string(a.Since))
	}
	for _, m := range d.Change.Linked {
		out = append(out, "linked "+short(m.Account)+" "+short(m.Mailbox)+" "+string(m.Role))
	}
	for _, m := range d.Change.Unlinked {
		out = append(out, "unlinked "+short(m.Account)+" "+short(m.Mailbox))
	}
	for _, w := range d.Dates {
		out = append(out, string(w.What)+" "+string(nasdesk.DateOf(w.At.Time())))
	}
	for _, m := range d.Mails {
		out = append(out, string(m.About)+" to "+short(m.To))
	}
	if out == nil {
		return "nothing"
	}
	return strings.Join(out, ", ")
}
