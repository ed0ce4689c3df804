package workflows_test

import (
	"strings"
	"testing"

	"nasdesk"
	"nasdesk/workflows"
)

// Contract, rules 15 and 16: how a request stands, and who may know.
func TestStatus(t *testing.T) {
	const ref = "reference=NAS-00000001"
	home := func(r *nasdesk.Request) { r.Party = addressOf("olga") } // asked from home for the mailbox
	closed := []fact{mailbox("fzz01", shut)}
	one := func(change ...func(*nasdesk.Request)) []nasdesk.Request {
		return []nasdesk.Request{stands(1, "unlink-user", nasdesk.StateRefused, "nhs_email=mona", change...)}
	}
	turns(t, []turn{
		{name: "the mailbox that asked", alone: true, stand: one(), heard: asks("status", ref), want: "new status accepted"},
		{name: "the mailbox for which its owner asked from home", alone: true, stand: one(home), heard: asks("status", ref), want: "new status accepted"},
		{name: "the owner who asked from home", alone: true, from: "olga", stand: one(home), heard: asks("status", ref), want: "new status accepted"},
		{name: "another owner, from home", alone: true, from: "otto", stand: one(home), heard: asks("status", ref), want: "new status exception not-understood"},
		{name: "another mailbox", alone: true, from: "fzz02", stand: one(), heard: asks("status", ref), want: "new status exception not-understood"},
		{name: "another reference", alone: true, stand: one(), heard: asks("status", "reference=NAS-00000002"), want: "new status exception not-understood"},
		{name: "a closed mailbox", alone: true, facts: closed, stand: one(), heard: asks("status", ref), want: "new status accepted"},
		{name: "no reference, in its thread", stand: one(), heard: asks("status", ""), want: "new status accepted"},
		{name: "no reference, in its thread, from home", from: "olga", stand: one(home, func(r *nasdesk.Request) { r.Mailbox = asking }), heard: asks("status", ""), want: "new status accepted"},
		{name: "no reference, in no thread", alone: true, stand: one(), heard: asks("status", ""), want: "new status needs-info missing:reference"},
		{name: "no reference, in the thread of its owner from home", stand: one(home), heard: asks("status", ""), want: "new status accepted"},
		{name: "no reference, in another's closed thread", from: "fzz02", stand: one(), heard: asks("status", ""), want: "new status needs-info missing:reference"},
		{name: "asked twice on a day: told twice", alone: true, stand: append(one(), stands(2, "status", nasdesk.StateDone, ref)), heard: asks("status", ref), want: "new status accepted"},
	})
}

// What an answer says of each state.
func TestStanding(t *testing.T) {
	for state, words := range map[nasdesk.State]string{
		nasdesk.StateAsking: "waits for your answer", nasdesk.StateConfirming: "waits for you to confirm", nasdesk.StateSeeking: "waits for another party",
		nasdesk.StateReferred: "is with our staff", nasdesk.StateDated: "will be carried out on Friday 1 May 2026", nasdesk.StateDoing: "the work is being done",
		nasdesk.StateDone: "is done.", nasdesk.StateWithdrawn: "was withdrawn", nasdesk.StateLapsed: "was not answered", nasdesk.StateRefused: "was refused",
	} {
		t.Run(string(state), func(t *testing.T) {
			r := stands(1, "unlink-user", state, "nhs_email=mona")
			if state == nasdesk.StateDated {
				r.Effective = "2026-05-01"
			}
			text := textTo(turn{alone: true, stand: []nasdesk.Request{r}, heard: asks("status", "reference=NAS-00000001")}.decide(), asking)
			if !strings.Contains(text, "NAS-00000001 (removing somebody from the shared mailbox)") || !strings.Contains(text, words) {
				t.Errorf("want %q:\n%s", words, text)
			}
		})
	}
}

// A question of status that is asked again is answered again, about the request
// that it was about.
func TestStandingAgain(t *testing.T) {
	for _, q := range []struct {
		name  string
		stand []nasdesk.Request
		says  string
	}{
		{"asked again", []nasdesk.Request{stands(1, "unlink-user", nasdesk.StateRefused, "nhs_email=mona"), stands(2, "status", nasdesk.StateDone, "reference=NAS-00000001")}, "NAS-00000001 (removing somebody from the shared mailbox) was refused"},
		{"of a message that was not understood", []nasdesk.Request{stands(1, "unknown", nasdesk.StateReferred, "")}, "NAS-00000001 (unknown) is with our staff"},
	} {
		t.Run(q.name, func(t *testing.T) {
			text := textTo(turn{alone: true, stand: q.stand, heard: asks("status", "reference=NAS-00000001")}.decide(), asking)
			if !strings.Contains(text, q.says) {
				t.Errorf("want %q:\n%s", q.says, text)
			}
		})
	}
}

// Contract, "sender.mailbox": for a personal account the mailbox that the request
// concerns. Vera owns both, luke is a member of the first and owns the second.
func TestWhichMailbox(t *testing.T) {
	facts := []fact{in("fzz01", nasdesk.Owner, "vera"), in("fzz02", nasdesk.Owner, "vera"), in("fzz01", nasdesk.Member, "luke"), in("fzz02", nasdesk.Owner, "luke"),
		account("dora", nasdesk.Active, "2024-01-01"), func(c *nasdesk.Case) {
			c.Mailboxes = append(c.Mailboxes, nasdesk.Mailbox{Address: addressOf("fzz03"), ODS: "FZZ03", Status: nasdesk.Active, Sector: nasdesk.Pharmacy})
		}}
	for _, w := range []struct{ name, from, kind, answers, names, want string }{
		{"the shared mailbox", "fzz02", "enable", "mobile=nils", "", "fzz02"},
		{"the account that it names is in the second", "vera", "enable", "mobile=nils", "", "fzz02"},
		{"by its address", "vera", "leaver", "nhs_email=nils", "", "fzz02"},
		{"an address that is nobody's, a mobile that is in the second", "vera", "enable", "nhs_email=jane; mobile=nils", "", "fzz02"},
		{"the account that it names is in the first", "vera", "enable", "mobile=olga", "", "fzz01"},
		{"the account that it names is in both", "vera", "enable", "mobile=mona", "", "fzz01"},
		{"the account that it names is in neither", "vera", "enable", "mobile=dora", "", "fzz01"},
		{"the text names the second", "vera", "enable", "mobile=mona", "fzz02", "fzz02"},
		{"the text names the second, whatever account", "vera", "enable", "mobile=olga", "fzz02", "fzz02"},
		{"a code of the second", "vera", "consolidation", "closing_ods=FZZ02; continuing_ods=FZZ03", "", "fzz02"},
		{"the other code", "vera", "consolidation", "closing_ods=FZZ03; continuing_ods=FZZ02", "", "fzz02"},
		{"nothing tells", "vera", "extra-accounts", "count=12; business_case=two sites", "", "fzz01"},
		{"owner of one, member of another", "luke", "extra-accounts", "count=12; business_case=two sites", "", "fzz02"},
		{"a kind that owners may not ask for", "luke", "unlink-user", "nhs_email=dora", "", "fzz01"},
		{"owner of none", "mona", "extra-accounts", "count=12; business_case=two sites", "", "fzz01"},
		{"in no mailbox", "dora", "extra-accounts", "count=12; business_case=two sites", "", ""},
		{"an outsider", "shop@example.com", "report", "", "", ""},
	} {
		t.Run(w.name, func(t *testing.T) {
			h := asks(w.kind, w.answers)
			if w.names != "" {
				h.Readings[0].Mailbox = addressOf(w.names)
			}
			d := turn{alone: true, from: w.from, facts: facts, heard: h}.decide()
			want := nasdesk.Address("")
			if w.want != "" {
				want = addressOf(w.want)
			}
			if d.Sender.Mailbox != want || d.Requests[0].Mailbox != want {
				t.Errorf("printed %q, kept %q, want %q", d.Sender.Mailbox, d.Requests[0].Mailbox, want)
			}
		})
	}
}

// Contract, rule 13: an answer to the test message, from the new address.
func TestTestMessage(t *testing.T) {
	moved := mailbox("fzz01", func(m *nasdesk.Mailbox) { m.Address, m.Alias, m.ODS = addressOf("fyy05"), asking, "FYY05" })
	change := func(s nasdesk.State) []nasdesk.Request {
		return []nasdesk.Request{stands(1, "site-change", s, "new_ods=FYY05")}
	}
	turns(t, []turn{
		{name: "answered from there", from: "fyy05", facts: []fact{moved}, stand: change(nasdesk.StateDone), heard: nasdesk.Heard{}, want: "#1 site-change accepted"},
		{name: "with a yes", from: "fyy05", facts: []fact{moved}, stand: change(nasdesk.StateDone), heard: says(nasdesk.SaysYes), want: "#1 site-change accepted"},
		{name: "answered from another mailbox", from: "fzz02", facts: []fact{moved}, stand: change(nasdesk.StateDone), heard: nasdesk.Heard{}, want: "new unknown exception not-understood"},
		{name: "answered from the old address", facts: []fact{moved}, stand: change(nasdesk.StateDone), heard: nasdesk.Heard{}, want: "new unknown exception not-understood"},
		{name: "answered from a person's account", from: "mona", facts: []fact{moved}, stand: change(nasdesk.StateDone), heard: nasdesk.Heard{}, want: "new unknown exception not-understood"},
		{name: "the change was refused", from: "fyy05", facts: []fact{moved}, stand: change(nasdesk.StateRefused), heard: nasdesk.Heard{}, want: "new unknown exception not-understood"},
		{name: "another kind of request", from: "fyy05", facts: []fact{moved}, stand: []nasdesk.Request{stands(1, "unlink-user", nasdesk.StateDone, "nhs_email=dora; new_ods=FYY05")}, heard: nasdesk.Heard{}, want: "new unknown exception not-understood"},
		{name: "a request in the answer", from: "fyy05", facts: []fact{moved}, stand: change(nasdesk.StateDone), heard: asks("team", "team_name=FYY05 a; owner_email=dora"), want: "new team exception account-not-found"},
	})
	t.Run("no mail answers it, and no reason is no null", func(t *testing.T) {
		d := (turn{from: "fyy05", facts: []fact{moved}, stand: change(nasdesk.StateDone)}).decide()
		if len(d.Mails) > 0 {
			t.Errorf("mailed: %s to %s", d.Mails[0].About, d.Mails[0].To)
		}
		if d.Results[0].Reasons == nil || d.Results[0].Actions == nil {
			t.Error("reasons and actions are printed as null")
		}
	})
}

// An answer by a message's subject alone is looked up together with the party:
// a stranger's is no answer, and no message of a thread either.
func TestReferenceInTheSubject(t *testing.T) {
	t.Run("a stranger whose mail names the thread among its references", func(t *testing.T) {
		c := theDesk(nil)
		c.Requests = []nasdesk.Request{stands(1, "new-user", nasdesk.StateAsking, without(ada, "role"), lacks("role"))}
		d := workflows.DefaultDesk.Step(nasdesk.Event{Key: "mail/1", At: noon, Mail: &nasdesk.MailEvent{
			Message: &nasdesk.Message{ID: "theirs@example.org", References: []string{"first@example.org", "ours@example.org"}}, Heard: asks("unlink-user", "nhs_email=nils"),
			Proof: nasdesk.Proof{From: addressOf("fzz02"), Sender: nasdesk.Vouch(addressOf("fzz02"))}}}, c)
		if got := turned(d); got != "new unknown exception not-understood" {
			t.Errorf("got  %s", got)
		}
	})
	stand := stands(1, "new-user", nasdesk.StateAsking, without(ada, "role"), lacks("role"))
	for _, s := range []struct{ name, from, want string }{
		{"the party", "fzz01", "#1 new-user accepted create-account link-member"},
		{"a stranger asks for something of its own", "fzz02", "new unlink-user accepted unlink-member"},
	} {
		t.Run(s.name, func(t *testing.T) {
			c := theDesk(nil)
			c.Keys.Locals, c.Requests = []string{"ada.state"}, []nasdesk.Request{stand}
			h := gives("role=owner")
			if s.from == "fzz02" {
				h = asks("unlink-user", "nhs_email=nils")
			}
			d := workflows.DefaultDesk.Step(nasdesk.Event{Key: "mail/1", At: noon, Mail: &nasdesk.MailEvent{
				Message: &nasdesk.Message{ID: "theirs@example.org", Subject: "RE: [NAS-00000001] New starter"}, Heard: h,
				Proof: nasdesk.Proof{From: addressOf(s.from), Sender: nasdesk.Vouch(addressOf(s.from))}}}, c)
			if got := turned(d); got != s.want {
				t.Errorf("got  %s\nwant %s", got, s.want)
			}
		})
	}
}
