package workflows_test

import (
	"slices"
	"strings"
	"testing"

	"nasdesk"
	"nasdesk/workflows"
)

// What staff do, beyond the walk of the states: each exception as it is granted,
// what hinders an act, and what the journal says.

// staffed is a request that was referred, in the register of the judgement
// tables, and one act of staff on it.
func staffed(t *testing.T, r nasdesk.Request, e nasdesk.StaffEvent, facts ...fact) nasdesk.Decision {
	t.Helper()
	r.ID, r.Version, r.Reference, r.N, r.Event, r.MadeAt = 7, 3, "NAS-0000000A", 1, "mail/1", noon-1
	if r.Kind == "" {
		r.Kind = r.Asked
	}
	if r.State == "" {
		r.State, r.Outcome = nasdesk.StateReferred, nasdesk.Exception
	}
	if r.Party == "" {
		r.Party = asking
	}
	r.Mailbox = asking
	c := theDesk(facts)
	c.Requests = append(c.Requests, r)
	if e.By == "" {
		e.By = "ann"
	}
	e.Request, e.Seen = 7, 3
	return stepped(nasdesk.Event{Key: "click/1", At: noon, Staff: &e}, c)
}

// stepped takes the step again until it has what it asks for.
func stepped(ev nasdesk.Event, c *nasdesk.Case) nasdesk.Decision {
	d := workflows.DefaultDesk.Step(ev, c)
	for range 3 {
		more := false
		if c.Keys, more = c.Keys.Merge(d.Need); !more {
			break
		}
		d = workflows.DefaultDesk.Step(ev, c)
	}
	return d
}

func given(pairs ...string) []nasdesk.Answer {
	var out []nasdesk.Answer
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, nasdesk.Answer{Field: pairs[i], Value: pairs[i+1], Labelled: true})
	}
	return out
}

func workOf(d nasdesk.Decision) string {
	var out []string
	for _, w := range d.Actions {
		out = append(out, string(w.Action.Name)+" "+string(w.Action.Account))
	}
	return strings.Join(out, "; ")
}

// TestApprove: an approval does what the request asks with the exception set
// aside, and no more.
func TestApprove(t *testing.T) {
	const dora, mobile = "dora.state@nhs.net", "07700900505" // as people has it
	link := given("full_name", "Dora", "nhs_email", dora, "mobile", mobile, "role", "member")
	wrong := given("full_name", "Dora", "nhs_email", dora, "mobile", "07700900999", "role", "member")
	rows := []struct {
		name   string
		kind   string
		why    nasdesk.Reason
		rule   string
		says   []nasdesk.Answer
		facts  []fact
		second string
		want   string
		work   string
	}{
		{name: "link with another mobile", kind: "link-user", why: nasdesk.IdentityMismatch, says: wrong, facts: []fact{account("dora", nasdesk.Active, "2024-01-01")},
			want: "link-user accepted", work: "link-member " + dora},
		{name: "link of a disabled account", kind: "link-user", why: nasdesk.Conflict, rule: "register/state", says: link, facts: []fact{account("dora", nasdesk.Disabled, "2026-01-01")},
			want: "link-user accepted", work: "enable-account " + dora + "; link-member " + dora},
		{name: "link of a leaver", kind: "link-user", why: nasdesk.Conflict, rule: "register/state", says: link, facts: []fact{account("dora", nasdesk.Leaver, "2026-04-01")},
			want: "link-user accepted", work: "mark-joiner " + dora + "; link-member " + dora},
		{name: "link of a deleted account", kind: "link-user", why: nasdesk.Conflict, rule: "register/state", says: link, facts: []fact{account("dora", nasdesk.Deleted, "2026-04-10")},
			want: "link-user accepted", work: "restore-account " + dora + "; link-member " + dora},
		{name: "joiner who is disabled", kind: "joiner", why: nasdesk.Conflict, rule: "register/state", says: given("nhs_email", dora, "mobile", mobile), facts: []fact{account("dora", nasdesk.Disabled, "2026-04-10")},
			want: "joiner accepted", work: "enable-account " + dora + "; link-member " + dora},
		{name: "joiner with another mobile", kind: "joiner", why: nasdesk.IdentityMismatch, says: given("nhs_email", dora, "mobile", "07700900999"), facts: []fact{account("dora", nasdesk.Leaver, "2026-04-10")},
			want: "joiner accepted", work: "mark-joiner " + dora + "; link-member " + dora},
		{name: "reinstate with another mobile", kind: "reinstate", why: nasdesk.IdentityMismatch, says: given("nhs_email", "mona.state@nhs.net", "mobile", "07700900999"), facts: []fact{become("mona", nasdesk.Deleted, "2026-04-10")},
			want: "reinstate accepted", work: "restore-account mona.state@nhs.net"},
		{name: "enable with another mobile", kind: "enable", why: nasdesk.IdentityMismatch, says: given("nhs_email", "mona.state@nhs.net", "mobile", "07700900999"), facts: []fact{become("mona", nasdesk.Disabled, "2026-04-10")},
			want: "enable accepted", work: "enable-account mona.state@nhs.net"},
		{name: "enable of a leaver", kind: "enable", why: nasdesk.Conflict, rule: "register/state", says: given("mobile", mobileOf("mona")), facts: []fact{become("mona", nasdesk.Leaver, "2026-04-10")},
			want: "enable accepted", work: "mark-joiner mona.state@nhs.net"},
		{name: "disable with another mobile", kind: "disable", why: nasdesk.IdentityMismatch, says: given("owner_email", "olga.state@nhs.net", "mobile", "07700900999", "nhs_email", "mona.state@nhs.net"),
			want: "disable accepted", work: "disable-account mona.state@nhs.net"},
		{name: "disable of a pending account", kind: "disable", why: nasdesk.Conflict, rule: "register/state", says: given("owner_email", "olga.state@nhs.net", "mobile", mobileOf("mona")), facts: []fact{become("mona", nasdesk.Pending, "2026-04-10")},
			want: "disable accepted", work: "disable-account mona.state@nhs.net"},
		{name: "disable of a deleted account is done by hand", kind: "disable", why: nasdesk.Conflict, rule: "register/state", says: given("owner_email", "olga.state@nhs.net", "mobile", mobileOf("mona")), facts: []fact{become("mona", nasdesk.Deleted, "2026-04-10")},
			want: "disable accepted"},
		{name: "reset with another mobile", kind: "password-reset", why: nasdesk.IdentityMismatch, says: given("nhs_email", "mona.state@nhs.net", "owner_email", "olga.state@nhs.net", "mobile", "07700900999"),
			want: "password-reset accepted", work: "reset-password mona.state@nhs.net"},
		{name: "reset for a disabled account", kind: "password-reset", why: nasdesk.Conflict, rule: "register/state", says: given("nhs_email", "mona.state@nhs.net", "owner_email", "olga.state@nhs.net", "mobile", mobileOf("olga")), facts: []fact{become("mona", nasdesk.Disabled, "2026-04-10")},
			want: "password-reset accepted", work: "enable-account mona.state@nhs.net; reset-password mona.state@nhs.net"},
		{name: "a conflict of which nothing is known is done by hand", kind: "link-user", why: nasdesk.Conflict, says: link, facts: []fact{account("dora", nasdesk.Active, "2024-01-01")},
			want: "link-user accepted"},
		{name: "a message that came twice with other content", kind: "link-user", why: nasdesk.Conflict, rule: "desk/staff", says: link, facts: []fact{account("dora", nasdesk.Active, "2024-01-01")},
			want: "link-user accepted", work: "link-member " + dora},
		{name: "a damaged message that lacks a field", kind: "link-user", why: nasdesk.Unreadable, rule: "desk/staff", says: link[:3], facts: []fact{account("dora", nasdesk.Active, "2024-01-01")},
			want: "link-user needs-info missing:role"},
		{name: "the rules refuse what is left", kind: "link-user", why: nasdesk.ReplyToDiffers, says: given("full_name", "Mona", "nhs_email", "mona.state@nhs.net", "mobile", mobileOf("mona"), "role", "member"),
			want: "link-user refused already-linked"},
		{name: "an eleventh account that a region can approve", kind: "link-user", why: nasdesk.IdentityMismatch, says: wrong, facts: []fact{ten, account("dora", nasdesk.Active, "2024-01-01")},
			want: "link-user awaiting regional-approval"},
		{name: "an eleventh account, alone", kind: "link-user", why: nasdesk.StaffOnly, says: link, facts: []fact{ten, account("dora", nasdesk.Active, "2024-01-01"), mailbox("fzz01", noRegion)},
			want: "hindered: a second person has to agree"},
		{name: "an eleventh account, by two", kind: "link-user", why: nasdesk.StaffOnly, says: link, facts: []fact{ten, account("dora", nasdesk.Active, "2024-01-01"), mailbox("fzz01", noRegion)}, second: "ben",
			want: "link-user accepted", work: "link-member " + dora},
		{name: "an eleventh account whose question came back", kind: "link-user", why: nasdesk.StaffOnly, says: link, facts: []fact{ten, account("dora", nasdesk.Active, "2024-01-01")}, second: "ben",
			want: "link-user accepted", work: "link-member " + dora},
		{name: "a consolidation whose question came back", kind: "consolidation", why: nasdesk.StaffOnly, says: given("closing_ods", "FZZ01", "continuing_ods", "FZZ02", "movers", "olga.state@nhs.net"), second: "ben",
			want: "consolidation accepted", work: "link-member olga.state@nhs.net; close-mailbox "},
		{name: "the last owner becomes a member, by one", kind: "link-user", why: nasdesk.ReplyToDiffers, says: given("full_name", "Olga", "nhs_email", "olga.state@nhs.net", "mobile", mobileOf("olga"), "role", "member"), facts: []fact{leave("fzz01", "otto")},
			want: "hindered: a second person has to agree"},
		{name: "the last owner becomes a member, by two", kind: "link-user", why: nasdesk.ReplyToDiffers, says: given("full_name", "Olga", "nhs_email", "olga.state@nhs.net", "mobile", mobileOf("olga"), "role", "member"), facts: []fact{leave("fzz01", "otto")}, second: "ben",
			want: "link-user accepted", work: "link-member olga.state@nhs.net"},
		{name: "for a mailbox without an owner, by one", kind: "report", why: nasdesk.StaffOnly, facts: []fact{leave("fzz01", "olga", "otto")},
			want: "hindered: a second person has to agree"},
		{name: "for a mailbox without an owner, by two", kind: "report", why: nasdesk.StaffOnly, facts: []fact{leave("fzz01", "olga", "otto")}, second: "ben",
			want: "report accepted"},
		{name: "a reference that is unknown", kind: "status", why: nasdesk.NotUnderstood, says: given("reference", "NAS-0000000Z"),
			want: "status accepted"},
		{name: "a message that nobody understood", kind: "unknown", why: nasdesk.NotUnderstood,
			want: "unknown accepted"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			d := staffed(t, nasdesk.Request{Asked: row.kind, Reasons: []nasdesk.Reason{row.why}, Rule: row.rule, Answers: row.says},
				nasdesk.StaffEvent{Act: nasdesk.ActApprove, Second: row.second, Text: "As we said."}, row.facts...)
			if got := printed(d); got != row.want {
				t.Errorf("got  %s\nwant %s", got, row.want)
			}
			if got := workOf(d); got != row.work {
				t.Errorf("work %s\nwant %s", got, row.work)
			}
			told(t, d)
		})
	}
}

// told: whatever staff approved, the pharmacy has their words, and nobody is told
// that staff will look at it.
func told(t *testing.T, d nasdesk.Decision) {
	t.Helper()
	if d.Hindered != "" {
		if len(d.Mails)+len(d.Requests)+len(d.Journal)+len(d.Actions) > 0 || !d.Change.Empty() {
			t.Error("a hindered act does something")
		}
		return
	}
	for _, m := range d.Mails {
		if m.To == asking && (!strings.Contains(m.Text, "As we said.") || !strings.Contains(m.Text, "NAS helpdesk team")) {
			t.Errorf("the pharmacy is not told:\n%s", m.Text)
		}
		if strings.Contains(m.Text, "will look at this") {
			t.Errorf("it says that staff will look at it:\n%s", m.Text)
		}
	}
	if len(d.Mails) == 0 {
		t.Error("nobody is told")
	}
}

// TestStaffApprovalOnRecord: what two staff approve in place of a region goes on
// record under the desk's own address, and the journal names both.
func TestStaffApprovalOnRecord(t *testing.T) {
	d := staffed(t, nasdesk.Request{Asked: "extra-accounts", Reasons: []nasdesk.Reason{nasdesk.StaffOnly}, Answers: given("count", "14", "business_case", "two branches")},
		nasdesk.StaffEvent{Act: nasdesk.ActApprove, Second: "ben"}, mailbox("fzz01", noRegion))
	want := nasdesk.Approval{Mailbox: asking, Max: 14, ApprovedBy: "helpdesk@nhs.net", ApprovedOn: "2026-04-22"}
	if !slices.Contains(d.Change.Approvals, want) {
		t.Errorf("approvals %v, want %v", d.Change.Approvals, want)
	}
	if len(d.Journal) == 0 || d.Journal[0].What != "staff-approve" || d.Journal[0].Detail != "extra-accounts staff-only by ann by ben" {
		t.Errorf("the journal says %v", d.Journal)
	}
}

// TestSentBack: of a request whose work the directory could not do, staff say
// that it is done. Its account is in use then, and its user is welcomed.
func TestSentBack(t *testing.T) {
	c, r := standing(nasdesk.StateDoing)
	c.Requests[0].State = nasdesk.StateReferred
	r = c.Requests[0]
	if acts := workflows.Acts(&r, c); slices.Contains(acts, nasdesk.ActCorrect) || slices.Contains(acts, nasdesk.ActRefuse) || !slices.Contains(acts, nasdesk.ActApprove) {
		t.Errorf("acts %v", acts)
	}
	d := workflows.DefaultDesk.Step(acted(nasdesk.StaffEvent{Act: nasdesk.ActApprove, Text: "It took a while."}), c)
	if printed(d) != "new-user accepted" || after(d, r) != "done" || len(d.Actions) != 0 || len(d.Mails) != 1 {
		t.Fatalf("%s, %s, %d actions, %d mails", printed(d), after(d, r), len(d.Actions), len(d.Mails))
	}
	if !strings.Contains(d.Mails[0].Text, "ada.state@nhs.net is active") || !strings.Contains(d.Mails[0].Text, "It took a while.") {
		t.Errorf("the mail says\n%s", d.Mails[0].Text)
	}
	if len(d.Change.Accounts) != 1 || d.Change.Accounts[0].Status != nasdesk.Active {
		t.Errorf("accounts %v", d.Change.Accounts)
	}
}

// TestRefusalRules: every rule that is offered is published, and no refusal says
// that staff will look into it.
func TestRefusalRules(t *testing.T) {
	for _, kind := range append([]string{"unknown"}, kindNames()...) {
		rules := workflows.RefusalRules(kind)
		if len(rules) < 5 {
			t.Errorf("%s: only %d rules", kind, len(rules))
		}
		for _, rule := range rules {
			if known, ok := workflows.RuleOf(rule.ID); !ok || known != rule {
				t.Errorf("%s: %s is not among the published rules", kind, rule.ID)
			}
			if rule.ID != "new-user/one-account" && strings.Contains(rule.Says, "staff look into") {
				t.Errorf("%s: refused with %s, staff look into nothing more", kind, rule.ID)
			}
		}
	}
}

func kindNames() []string {
	var out []string
	for _, k := range workflows.Kinds {
		out = append(out, k.Name)
	}
	return out
}

// TestRefuse: each published rule gives a refusal with a reason of the closed list.
func TestRefuse(t *testing.T) {
	for _, rule := range workflows.Rules {
		d := staffed(t, nasdesk.Request{Asked: "link-user", Reasons: []nasdesk.Reason{nasdesk.IdentityMismatch}},
			nasdesk.StaffEvent{Act: nasdesk.ActRefuse, Rule: rule.ID, Text: "As we said."})
		if len(d.Results) != 1 || d.Results[0].Outcome != nasdesk.Refused || len(d.Results[0].Reasons) != 1 || d.Results[0].Rule != rule.ID {
			t.Fatalf("%s: %s", rule.ID, printed(d))
		}
		why := d.Results[0].Reasons[0]
		if i := slices.Index(nasdesk.Reasons, why); i < 0 || i > slices.Index(nasdesk.Reasons, nasdesk.Declined) {
			t.Errorf("%s: %s is no reason of a refusal", rule.ID, why)
		}
		if d.Requests[0].State != nasdesk.StateRefused || !strings.Contains(d.Mails[0].Text, rule.Says) {
			t.Errorf("%s: %s\n%s", rule.ID, d.Requests[0].State, d.Mails[0].Text)
		}
		told(t, d)
	}
}

// TestWhy: each reason has a rule that speaks for it, and the one on record goes
// before.
func TestWhy(t *testing.T) {
	for _, why := range nasdesk.Reasons[:slices.Index(nasdesk.Reasons, nasdesk.SenderUnverified)] {
		if rule := workflows.Why(&nasdesk.Request{Asked: "team", Reasons: []nasdesk.Reason{why}}); rule.Says == "" {
			t.Errorf("%s: no rule speaks for it", why)
		}
	}
	if rule := workflows.Why(&nasdesk.Request{Asked: "team", Reasons: []nasdesk.Reason{nasdesk.StaffOnly}, Rule: "limit/ten-accounts"}); rule.ID != "limit/ten-accounts" {
		t.Errorf("got %s", rule.ID)
	}
	if rule := workflows.Why(&nasdesk.Request{Asked: "team"}); rule.ID != "team/what-to-send" {
		t.Errorf("got %s", rule.ID)
	}
	if rule := workflows.Why(&nasdesk.Request{Asked: "unknown"}); rule.ID != "" {
		t.Errorf("got %s", rule.ID)
	}
}

// TestProposeQuestion: a wording for each exception, and none tells whether
// somebody has an account.
func TestProposeQuestion(t *testing.T) {
	c := theDesk(nil)
	seen := map[string]nasdesk.Reason{}
	for _, why := range []nasdesk.Reason{nasdesk.DuplicatePerson, nasdesk.AccountNotFound, nasdesk.IdentityMismatch, nasdesk.MailboxAddressFormat,
		nasdesk.ReplyToDiffers, nasdesk.StaffOnly, nasdesk.NotUnderstood, nasdesk.Unreadable, nasdesk.Conflict} {
		r := nasdesk.Request{Asked: "new-user", Party: asking, Mailbox: asking, Reasons: []nasdesk.Reason{why},
			Answers: given("full_name", "Ada State", "mobile", "07700900520", "alternative_email", "ada@example.com", "role", "member")}
		text := workflows.DefaultDesk.ProposeQuestion(&r, c)
		if other, twice := seen[text]; twice {
			t.Errorf("%s asks what %s asks", why, other)
		}
		seen[text] = why
		if !strings.Contains(text, "Ada State") || strings.Contains(text, "07700900520") || strings.Contains(text, "registered for") {
			t.Errorf("%s: %s", why, text)
		}
	}
	nameless := workflows.DefaultDesk.ProposeQuestion(&nasdesk.Request{Asked: "new-user", Party: asking, Mailbox: asking, Reasons: []nasdesk.Reason{nasdesk.DuplicatePerson}}, c)
	if !strings.Contains(nameless, "Has this person had an nhs.net account before") {
		t.Errorf("somebody without a name: %s", nameless)
	}
	if came := workflows.DefaultDesk.ProposeQuestion(&nasdesk.Request{Asked: "unknown", Party: asking}, c); !strings.Contains(came, "tell us more about what you need") {
		t.Errorf("a message of no kind: %s", came)
	}
	missing := workflows.DefaultDesk.ProposeQuestion(&nasdesk.Request{Asked: "new-user", Party: asking, Mailbox: asking}, c)
	if !strings.Contains(missing, "The full name is missing.") {
		t.Errorf("it does not say what is missing: %s", missing)
	}
}

// TestQuestionFields: a question is about the fields that staff name, else about
// what is missing, else about those on which the exception hangs.
func TestQuestionFields(t *testing.T) {
	full := given("full_name", "Dora", "nhs_email", "dora.state@nhs.net", "mobile", "07700900999", "role", "member")
	rows := []struct {
		name, kind, field, want string
		why                     nasdesk.Reason
		says                    []nasdesk.Answer
	}{
		{"named", "link-user", "role full_name", "link-user needs-info invalid:full_name invalid:role", nasdesk.IdentityMismatch, full},
		{"missing", "link-user", "", "link-user needs-info missing:role", nasdesk.ReplyToDiffers, full[:3]},
		{"identity", "link-user", "", "link-user needs-info invalid:nhs_email invalid:mobile", nasdesk.IdentityMismatch, full},
		{"account", "link-user", "", "link-user needs-info invalid:nhs_email", nasdesk.AccountNotFound, full},
		{"named, and not there", "link-user", "role", "link-user needs-info missing:role", nasdesk.IdentityMismatch, full[:3]},
		{"duplicate", "new-user", "", "new-user needs-info invalid:mobile invalid:alternative_email", nasdesk.DuplicatePerson,
			given("full_name", "Ada State", "mobile", "07700900520", "alternative_email", "ada@example.com", "role", "member")},
		{"nothing in particular", "link-user", "", "link-user needs-info", nasdesk.ReplyToDiffers, full},
		{"not understood", "unknown", "", "unknown needs-info", nasdesk.NotUnderstood, nil},
		{"a field of an unknown kind", "unknown", "mobile", "hindered: what was typed cannot be used", nasdesk.NotUnderstood, nil},
		{"no such field", "link-user", "shoe_size", "hindered: what was typed cannot be used", nasdesk.IdentityMismatch, full},
	}
	for _, row := range rows {
		d := staffed(t, nasdesk.Request{Asked: row.kind, Reasons: []nasdesk.Reason{row.why}, Answers: row.says},
			nasdesk.StaffEvent{Act: nasdesk.ActAsk, Field: row.field, Text: "As we said."})
		if got := printed(d); got != row.want {
			t.Errorf("%s: got %s, want %s", row.name, got, row.want)
		}
		told(t, d)
	}
	if d := staffed(t, nasdesk.Request{Asked: "unknown", Reasons: []nasdesk.Reason{nasdesk.NotUnderstood}}, nasdesk.StaffEvent{Act: nasdesk.ActAsk, Text: " \n"}); d.Hindered != nasdesk.NotWellFormed {
		t.Errorf("a question without words: %q", d.Hindered)
	}
}

// TestAnswerToStaff: what the rules cannot read of an answer goes back to staff
// with the exception as it stood; what they would grant is not granted on it.
func TestAnswerToStaff(t *testing.T) {
	rows := []struct {
		name   string
		mobile string
		heard  nasdesk.Heard
		want   string
	}{
		{"not read, the exception stands", "07700900999", nasdesk.Heard{}, "link-user exception identity-mismatch"},
		{"yes, but to what", "07700900999", nasdesk.Heard{Word: nasdesk.SaysYes}, "link-user exception identity-mismatch"},
		{"not read, and nothing stands against it", mobileOf("dora"), nasdesk.Heard{}, "link-user exception not-understood"},
		{"a value", "07700900999", nasdesk.Heard{Values: []nasdesk.Reading{{Answers: given("mobile", mobileOf("dora"))}}}, "link-user accepted"},
		{"no", "07700900999", nasdesk.Heard{Word: nasdesk.SaysNo}, "link-user refused declined"},
	}
	for _, row := range rows {
		c := theDesk([]fact{account("dora", nasdesk.Active, "2024-01-01")})
		c.Requests = []nasdesk.Request{{ID: 7, Version: 4, Reference: "NAS-0000000A", N: 1, Kind: "link-user", Asked: "link-user", Party: asking, Mailbox: asking, From: asking,
			State: nasdesk.StateAsking, Outcome: nasdesk.NeedsInfo, Reasons: []nasdesk.Reason{nasdesk.Invalid("mobile")}, Rule: "desk/question", Thread: []string{"first@example.org"},
			Answers: given("full_name", "Dora", "nhs_email", "dora.state@nhs.net", "mobile", row.mobile, "role", "member"), Event: "mail/1", MadeAt: noon - 9e12, DecidedAt: noon - 9e12}}
		d := workflows.DefaultDesk.Step(mailOf(asking, row.heard), c)
		if got := printed(d); got != row.want {
			t.Errorf("%s: got %s, want %s", row.name, got, row.want)
		}
	}
}

// TestAnswerToStaffOnNothing: an answer about a message that was not understood.
func TestAnswerToStaffOnNothing(t *testing.T) {
	link := nasdesk.Reading{Kind: "link-user", Answers: given("full_name", "Dora", "nhs_email", "dora.state@nhs.net", "mobile", mobileOf("dora"), "role", "member")}
	unlink := nasdesk.Reading{Kind: "unlink-user", Answers: given("nhs_email", "mona.state@nhs.net")}
	rows := []struct {
		name  string
		heard nasdesk.Heard
		want  string
		first nasdesk.State
	}{
		{"nothing again", nasdesk.Heard{}, "unknown exception not-understood", nasdesk.StateReferred},
		{"taken back", nasdesk.Heard{Word: nasdesk.SaysWithdraw}, "unknown refused declined", nasdesk.StateWithdrawn},
		{"a request", nasdesk.Heard{Readings: []nasdesk.Reading{link}}, "link-user accepted", nasdesk.StateDoing},
		{"two requests", nasdesk.Heard{Readings: []nasdesk.Reading{link, unlink}}, "link-user accepted; unlink-user accepted", nasdesk.StateDoing},
		{"how does it stand", nasdesk.Heard{AsksStatus: true}, "status accepted", ""},
		{"how does it stand, in full", nasdesk.Heard{Readings: []nasdesk.Reading{{Kind: "status"}}}, "status accepted", ""},
	}
	for _, row := range rows {
		c := theDesk([]fact{account("dora", nasdesk.Active, "2024-01-01")})
		c.Requests = []nasdesk.Request{{ID: 7, Version: 4, Reference: "NAS-0000000A", N: 1, Kind: "unknown", Asked: "unknown", Party: asking, Mailbox: asking, From: asking,
			State: nasdesk.StateAsking, Outcome: nasdesk.NeedsInfo, Rule: "desk/question", Thread: []string{"first@example.org"}, Event: "mail/1", MadeAt: noon - 9e12, DecidedAt: noon - 9e12}}
		d := workflows.DefaultDesk.Step(mailOf(asking, row.heard), c)
		if got := printed(d); got != row.want {
			t.Errorf("%s: got %s, want %s", row.name, got, row.want)
		}
		for _, r := range d.Requests {
			if r.ID == 7 && r.State != row.first {
				t.Errorf("%s: it is %s, want %s", row.name, r.State, row.first)
			}
		}
	}
}

// TestCorrect: what was typed is read as the form reads it, and held to the
// kind's rules.
func TestCorrect(t *testing.T) {
	starter := given("full_name", "Ada State", "mobile", "07700900520", "alternative_email", "ada@example.com", "role", "member")
	rows := []struct {
		name string
		e    nasdesk.StaffEvent
		want string
	}{
		{"a role", nasdesk.StaffEvent{Field: "role", Value: " OWNER "}, "new-user accepted"},
		{"several fields", nasdesk.StaffEvent{Also: map[string]string{"role": "owner", "mobile": "07700 900 521"}}, "new-user accepted"},
		{"an answer taken away", nasdesk.StaffEvent{Field: "role"}, "new-user needs-info missing:role"},
		{"no mobile", nasdesk.StaffEvent{Field: "mobile", Value: "0191 498 0000"}, "hindered: what was typed cannot be used"},
		{"a personal number", nasdesk.StaffEvent{Field: "mobile", Value: "07012345678"}, "hindered: what was typed cannot be used"},
		{"an address at nhs.net", nasdesk.StaffEvent{Field: "alternative_email", Value: "ada@nhs.net"}, "hindered: what was typed cannot be used"},
		{"no such field", nasdesk.StaffEvent{Field: "shoe_size", Value: "5"}, "hindered: what was typed cannot be used"},
		{"nothing", nasdesk.StaffEvent{}, "hindered: what was typed cannot be used"},
		{"a day", nasdesk.StaffEvent{Field: "effective_date", Value: "2026-05-01"}, "new-user accepted"},
		{"no day", nasdesk.StaffEvent{Field: "effective_date", Value: "1 May"}, "hindered: what was typed cannot be used"},
		{"a question of status", nasdesk.StaffEvent{Field: "kind", Value: "status"}, "hindered: what was typed cannot be used"},
		{"another kind", nasdesk.StaffEvent{Field: "kind", Value: "lost-details"}, "lost-details exception staff-only"},
		{"no such kind", nasdesk.StaffEvent{Also: map[string]string{"kind": "new-pharmacy", "role": "owner"}}, "hindered: what was typed cannot be used"},
		{"several fields, one of them wrong", nasdesk.StaffEvent{Also: map[string]string{"role": "guest", "mobile": "07700900521"}}, "hindered: what was typed cannot be used"},
		{"another kind, with a field of it", nasdesk.StaffEvent{Field: "nhs_email", Value: "mona.state@nhs.net", Also: map[string]string{"kind": "unlink-user"}}, "unlink-user accepted"},
	}
	for _, row := range rows {
		row.e.Act = nasdesk.ActCorrect
		d := staffed(t, nasdesk.Request{Asked: "new-user", Reasons: []nasdesk.Reason{nasdesk.DuplicatePerson}, Answers: starter}, row.e)
		if got := printed(d); got != row.want {
			t.Errorf("%s: got %s, want %s", row.name, got, row.want)
		}
		for _, r := range d.Requests {
			if a := nasdesk.AnswerTo(r.Answers, row.e.Field); a != nil && (!a.Labelled || !a.Frozen || a.Spans != nil) {
				t.Errorf("%s: the answer is %+v", row.name, *a)
			}
		}
	}
}

// TestCorrectKeepsHeld: what a message as a whole was referred for is not let go
// by a field.
func TestCorrectKeepsHeld(t *testing.T) {
	starter := given("full_name", "Ada State", "mobile", "07700900520", "alternative_email", "ada@example.com", "role", "member")
	for _, why := range []nasdesk.Reason{nasdesk.ReplyToDiffers, nasdesk.Unreadable, nasdesk.Conflict} {
		d := staffed(t, nasdesk.Request{Asked: "new-user", Reasons: []nasdesk.Reason{why}, Rule: "desk/staff", Answers: starter},
			nasdesk.StaffEvent{Act: nasdesk.ActCorrect, Field: "role", Value: "owner", Text: "they say owner below"})
		if got, want := printed(d), "new-user exception "+string(why); got != want || len(d.Mails)+len(d.Actions) > 0 {
			t.Errorf("got %s with %d mails, want %s", got, len(d.Mails), want)
		}
		if len(d.Notes) != 1 || d.Notes[0] != (nasdesk.Note{Request: 0, By: "ann", Text: "they say owner below"}) {
			t.Errorf("notes %v", d.Notes)
		}
	}
}

// TestHeldIsReadBack: of a message that was referred as a whole, what staff ask
// about is read back before it is acted on.
func TestHeldIsReadBack(t *testing.T) {
	d := staffed(t, nasdesk.Request{Asked: "new-user", Reasons: []nasdesk.Reason{nasdesk.Unreadable}, Rule: "desk/staff",
		Answers: given("full_name", "Ada State", "mobile", "07700900520", "alternative_email", "ada@example.com")},
		nasdesk.StaffEvent{Act: nasdesk.ActAsk, Text: "As an owner or a member?"})
	if len(d.Requests) != 1 || !d.Requests[0].Prose || printed(d) != "new-user needs-info missing:role" {
		t.Errorf("%s, %+v", printed(d), d.Requests)
	}
}

// TestSeekingCorrected: a correction does not ask a region once more.
func TestSeekingCorrected(t *testing.T) {
	c, r := standing(nasdesk.StateSeeking)
	c.Keys.Locals = append(c.Keys.Locals, "ada.stately")
	d := workflows.DefaultDesk.Step(acted(nasdesk.StaffEvent{Act: nasdesk.ActCorrect, Field: "full_name", Value: "Ada Stately"}), c)
	if after(d, r) != "seeking" || len(d.Mails) != 0 || d.Requests[0].From != region {
		t.Errorf("%s, mails %v", after(d, r), d.Mails)
	}
}

// TestCorrectBeyondForms: what was not understood has no fields yet, a question
// of status is asked about again when its reference is taken away, and a request
// from a personal account may turn out to concern another of its mailboxes.
func TestCorrectBeyondForms(t *testing.T) {
	unknown := nasdesk.Request{Asked: "unknown", Reasons: []nasdesk.Reason{nasdesk.NotUnderstood}}
	if d := staffed(t, unknown, nasdesk.StaffEvent{Act: nasdesk.ActCorrect, Field: "mobile", Value: "07700900521"}); d.Hindered != nasdesk.NotWellFormed {
		t.Errorf("a field before the kind is known: %s", printed(d))
	}
	status := nasdesk.Request{Asked: "status", Reasons: []nasdesk.Reason{nasdesk.NotUnderstood}, Answers: given("reference", "NAS-0000000Z")}
	if d := staffed(t, status, nasdesk.StaffEvent{Act: nasdesk.ActCorrect, Field: "reference"}); printed(d) != "status needs-info missing:reference" {
		t.Errorf("a reference taken away: %s", printed(d))
	}
	fromHome := unknown
	fromHome.Party = "nina.state@nhs.net"
	d := staffed(t, fromHome, nasdesk.StaffEvent{Act: nasdesk.ActCorrect, Field: "nhs_email", Value: "nils.state@nhs.net", Also: map[string]string{"kind": "leaver"}})
	if printed(d) != "leaver accepted" || d.Requests[0].Mailbox != "pharmacy.fzz02@nhs.net" {
		t.Errorf("from an owner's personal account: %s", printed(d))
	}
}

// TestLastOwnerOfADay: work for a day to come counts as if it were done when it
// is asked whether an owner stays.
func TestLastOwnerOfADay(t *testing.T) {
	ask := nasdesk.Request{Asked: "link-user", Reasons: []nasdesk.Reason{nasdesk.ReplyToDiffers}, Effective: "2026-05-01",
		Answers: given("full_name", "Olga", "nhs_email", "olga.state@nhs.net", "mobile", mobileOf("olga"), "role", "member")}
	for second, want := range map[string]string{"": "hindered: a second person has to agree", "ben": "link-user accepted"} {
		if d := staffed(t, ask, nasdesk.StaffEvent{Act: nasdesk.ActApprove, Second: second}, leave("fzz01", "otto")); printed(d) != want {
			t.Errorf("by ann and %q: %s, want %s", second, printed(d), want)
		}
	}
}

// TestCloseForAnOwnerless: staff close a request of a mailbox without an owner
// by two.
func TestCloseForAnOwnerless(t *testing.T) {
	ask := nasdesk.Request{Asked: "report", Reasons: []nasdesk.Reason{nasdesk.StaffOnly}}
	for second, want := range map[string]string{"": "hindered: a second person has to agree", "ben": "report accepted"} {
		e := nasdesk.StaffEvent{Act: nasdesk.ActReply, Close: true, Text: "We have passed it on.", Second: second}
		if d := staffed(t, ask, e, leave("fzz01", "olga", "otto")); printed(d) != want {
			t.Errorf("by ann and %q: %s, want %s", second, printed(d), want)
		}
	}
}

// TestAddressNotFree: a mailbox is not given the address of another.
func TestAddressNotFree(t *testing.T) {
	odd := func(c *nasdesk.Case) { c.Mailbox(asking).Address = "state.one@nhs.net" }
	taken := func(c *nasdesk.Case) {
		c.Mailboxes = append(c.Mailboxes, nasdesk.Mailbox{Address: asking, ODS: "FZZ09", Name: "Another", Sector: nasdesk.Pharmacy, Region: region, Status: nasdesk.Active})
	}
	for _, row := range []struct {
		facts []fact
		want  string
	}{{[]fact{odd}, "site-change accepted"}, {[]fact{odd, taken}, "site-change refused ods-in-use"}} {
		d := corrected(row.facts, nasdesk.Request{Asked: "site-change", Reasons: []nasdesk.Reason{nasdesk.MailboxAddressFormat}, Party: "state.one@nhs.net", Mailbox: "state.one@nhs.net"})
		if got := printed(d); got != row.want {
			t.Errorf("got %s, want %s", got, row.want)
		}
	}
}

// corrected is what comes of an approval by two of a referred request.
func corrected(facts []fact, r nasdesk.Request) nasdesk.Decision {
	r.ID, r.Version, r.Reference, r.N, r.Event, r.MadeAt = 7, 3, "NAS-0000000A", 1, "mail/1", noon-1
	r.Kind, r.State, r.Outcome = r.Asked, nasdesk.StateReferred, nasdesk.Exception
	c := theDesk(facts)
	c.Requests = append(c.Requests, r)
	e := nasdesk.StaffEvent{By: "ann", Second: "ben", Act: nasdesk.ActApprove, Request: 7, Seen: 3}
	return stepped(nasdesk.Event{Key: "click/1", At: noon, Staff: &e}, c)
}

// TestRegisterEdits: what an edit must be, and what it changes.
func TestRegisterEdits(t *testing.T) {
	olga := nasdesk.Account{Address: "olga.state@nhs.net", Name: "olga", Mobile: nasdesk.Mobile(mobileOf("olga")), Alternative: "olga@example.com", Status: nasdesk.Active, Since: "2024-01-01"}
	box := nasdesk.Mailbox{Address: asking, ODS: "FZZ01", Name: "State Pharmacy 1", Sector: nasdesk.Pharmacy, Region: region, DSPT: nasdesk.StandardsMet, Status: nasdesk.Active}
	acc := func(change func(*nasdesk.Account)) *nasdesk.Edit {
		a := olga
		change(&a)
		return &nasdesk.Edit{Account: &a}
	}
	mbx := func(change func(*nasdesk.Mailbox)) *nasdesk.Edit {
		m := box
		change(&m)
		return &nasdesk.Edit{Mailbox: &m}
	}
	link := func(code, who string, role nasdesk.Role) *nasdesk.Edit {
		return &nasdesk.Edit{Link: &nasdesk.Membership{Mailbox: addressOf(code), Account: addressOf(who), Role: role}}
	}
	approveFor := func(box nasdesk.Address, n int, on nasdesk.Date) *nasdesk.Edit {
		return &nasdesk.Edit{Approval: &nasdesk.Approval{Mailbox: box, Max: n, ApprovedBy: region, ApprovedOn: on}}
	}
	approve := func(n int, on nasdesk.Date) *nasdesk.Edit { return approveFor(asking, n, on) }
	rows := []struct {
		name   string
		edit   *nasdesk.Edit
		facts  []fact
		second string
		want   nasdesk.Hindrance
	}{
		{"a new mobile", acc(func(a *nasdesk.Account) { a.Mobile = "07700900777" }), nil, "", ""},
		{"no mobile", acc(func(a *nasdesk.Account) { a.Mobile = "" }), nil, "", ""},
		{"a mobile not in its normal form", acc(func(a *nasdesk.Account) { a.Mobile = "07700 900777" }), nil, "", nasdesk.NotWellFormed},
		{"another's mobile", acc(func(a *nasdesk.Account) { a.Mobile = nasdesk.Mobile(mobileOf("otto")) }), nil, "", nasdesk.AgainstRegister},
		{"the mobile of a deleted account", acc(func(a *nasdesk.Account) { a.Mobile = nasdesk.Mobile(mobileOf("dora")) }), []fact{account("dora", nasdesk.Deleted, "2026-01-01")}, "", ""},
		{"an older version", acc(func(a *nasdesk.Account) { a.Version = 4 }), nil, "", nasdesk.ChangedMeanwhile},
		{"no such status", acc(func(a *nasdesk.Account) { a.Status = nasdesk.Closed }), nil, "", nasdesk.NotWellFormed},
		{"no such day", acc(func(a *nasdesk.Account) { a.Since = "2026-02-30" }), nil, "", nasdesk.NotWellFormed},
		{"an alternative at nhs.net", acc(func(a *nasdesk.Account) { a.Alternative = "olga@nhs.net" }), nil, "", nasdesk.NotWellFormed},
		{"one of two owners leaves", acc(func(a *nasdesk.Account) { a.Status = nasdesk.Leaver }), nil, "", ""},
		{"the last owner leaves", acc(func(a *nasdesk.Account) { a.Status = nasdesk.Leaver }), []fact{leave("fzz01", "otto")}, "", nasdesk.SecondPerson},
		{"the last owner leaves, by two", acc(func(a *nasdesk.Account) { a.Status = nasdesk.Leaver }), []fact{leave("fzz01", "otto")}, "ben", ""},
		{"a new account", &nasdesk.Edit{Account: &nasdesk.Account{Address: "ivy.state@nhs.net", Name: "Ivy State", Mobile: "07700900778", Status: nasdesk.Active, Since: "2026-04-22"}}, nil, "", ""},
		{"an account under a mailbox's address", &nasdesk.Edit{Account: &nasdesk.Account{Address: asking, Name: "Ivy State", Status: nasdesk.Active, Since: "2026-04-22"}}, nil, "", nasdesk.AgainstRegister},
		{"a new name", mbx(func(m *nasdesk.Mailbox) { m.Name = "Estate Pharmacy" }), nil, "", ""},
		{"no name", mbx(func(m *nasdesk.Mailbox) { m.Name = " " }), nil, "", nasdesk.NotWellFormed},
		{"a code in use", mbx(func(m *nasdesk.Mailbox) { m.ODS = "FZZ02" }), nil, "", nasdesk.AgainstRegister},
		{"no such sector", mbx(func(m *nasdesk.Mailbox) { m.Sector = "vets" }), nil, "", nasdesk.NotWellFormed},
		{"a mailbox known by its former address", mbx(func(m *nasdesk.Mailbox) { m.Address = "old.state@nhs.net" }), []fact{mailbox("fzz01", func(m *nasdesk.Mailbox) { m.Alias = "old.state@nhs.net" })}, "", nasdesk.ChangedMeanwhile},
		{"closed", mbx(func(m *nasdesk.Mailbox) { m.Status = nasdesk.Closed }), nil, "", ""},
		{"a new member", link("fzz01", "nils", nasdesk.Member), nil, "", ""},
		{"an eleventh", link("fzz01", "nils", nasdesk.Member), []fact{ten}, "", nasdesk.SecondPerson},
		{"an eleventh, by two", link("fzz01", "nils", nasdesk.Member), []fact{ten}, "ben", ""},
		{"a member of ten becomes owner", link("fzz01", "mona", nasdesk.Owner), []fact{ten}, "", ""},
		{"the last owner becomes member", link("fzz02", "nina", nasdesk.Member), nil, "", nasdesk.SecondPerson},
		{"nobody's account", link("fzz01", "vera", nasdesk.Member), nil, "", nasdesk.AgainstRegister},
		{"no role", link("fzz01", "nils", "guest"), nil, "", nasdesk.NotWellFormed},
		{"unlinked", &nasdesk.Edit{Unlink: &nasdesk.Membership{Mailbox: asking, Account: addressOf("mona")}}, nil, "", ""},
		{"unlinked already", &nasdesk.Edit{Unlink: &nasdesk.Membership{Mailbox: asking, Account: addressOf("nils")}}, nil, "", nasdesk.ChangedMeanwhile},
		{"an approval, by one", approve(12, "2026-04-20"), nil, "", nasdesk.SecondPerson},
		{"an approval, by two", approve(12, "2026-04-20"), nil, "ben", ""},
		{"an approval of tomorrow", approve(12, "2026-04-23"), nil, "ben", nasdesk.NotWellFormed},
		{"an approval for nobody's mailbox", approveFor("pharmacy.fzz09@nhs.net", 12, "2026-04-20"), nil, "ben", nasdesk.AgainstRegister},
		{"an approval of nothing", approve(0, "2026-04-20"), nil, "ben", nasdesk.NotWellFormed},
		{"nothing", nil, nil, "ben", nasdesk.NotWellFormed},
	}
	for _, row := range rows {
		c := theDesk(row.facts)
		e := nasdesk.StaffEvent{By: "ann", Second: row.second, Act: nasdesk.ActRegister, Text: "as they wrote", Edit: row.edit}
		d := workflows.DefaultDesk.Step(nasdesk.Event{Key: "click/1", At: noon, Staff: &e}, c)
		if d.Hindered != row.want || (d.Hindered == "") == d.Change.Empty() {
			t.Errorf("%s: %q, want %q; changes %+v", row.name, d.Hindered, row.want, d.Change)
		}
		if len(d.Mails) > 0 || d.Hindered == "" && (len(d.Journal) != 1 || d.Journal[0].What != "staff-register" || !strings.Contains(d.Journal[0].Detail, "by ann")) {
			t.Errorf("%s: mails %v, journal %v", row.name, d.Mails, d.Journal)
		}
	}
}

// TestQuietActs: what colleagues do among themselves changes the one thing that
// it says, leaves a line in the journal, and sends nothing.
func TestQuietActs(t *testing.T) {
	rows := []struct {
		e    nasdesk.StaffEvent
		want func(nasdesk.Request) bool
	}{
		{nasdesk.StaffEvent{Act: nasdesk.ActAssign, To: "ben"}, func(r nasdesk.Request) bool { return r.Assignee == "ben" }},
		{nasdesk.StaffEvent{Act: nasdesk.ActAssign}, func(r nasdesk.Request) bool { return r.Assignee == "" }},
		{nasdesk.StaffEvent{Act: nasdesk.ActSnooze, Until: "2026-04-24"}, func(r nasdesk.Request) bool { return r.Snoozed == "2026-04-24" }},
		{nasdesk.StaffEvent{Act: nasdesk.ActSnooze}, func(r nasdesk.Request) bool { return r.Snoozed == "" }},
		{nasdesk.StaffEvent{Act: nasdesk.ActTakeBounce}, func(r nasdesk.Request) bool { return r.Bounced == 0 && r.Snoozed == "2026-04-23" }},
		{nasdesk.StaffEvent{Act: nasdesk.ActNote}, func(r nasdesk.Request) bool { return r.Snoozed == "2026-04-23" && r.Assignee == "cat" }},
		{nasdesk.StaffEvent{Act: nasdesk.ActNoRequest}, func(r nasdesk.Request) bool { return r.State == nasdesk.StateWithdrawn && r.Snoozed == "" }},
	}
	for _, row := range rows {
		row.e.Text = "for colleagues"
		d := staffed(t, nasdesk.Request{Asked: "unknown", Reasons: []nasdesk.Reason{nasdesk.NotUnderstood}, Assignee: "cat", Snoozed: "2026-04-23", Bounced: noon - 5}, row.e)
		if !row.e.Act.Quiet() || d.Hindered != "" || len(d.Requests) != 1 || !row.want(d.Requests[0]) {
			t.Fatalf("%s: %q, %+v", row.e.Act, d.Hindered, d.Requests)
		}
		if len(d.Mails)+len(d.Actions)+len(d.Dates) > 0 || !d.Change.Empty() {
			t.Errorf("%s: it does more", row.e.Act)
		}
		if len(d.Notes) != 1 || d.Notes[0].Text != "for colleagues" {
			t.Errorf("%s: notes %v", row.e.Act, d.Notes)
		}
		if len(d.Journal) != 1 || d.Journal[0].What != "staff-"+string(row.e.Act) || !strings.HasSuffix(d.Journal[0].Detail, " by ann") || strings.Contains(d.Journal[0].Detail, "colleagues") {
			t.Errorf("%s: journal %v", row.e.Act, d.Journal)
		}
	}
}

// TestMerge: the thread of the one joins that of the other, once.
func TestMerge(t *testing.T) {
	c, _ := standing(nasdesk.StateReferred)
	c.Requests[1].Thread = []string{"other@example.org"}
	c.Requests[0].Thread = []string{"first@example.org", "other@example.org"}
	r := c.Requests[0]
	d := workflows.DefaultDesk.Step(acted(nasdesk.StaffEvent{Act: nasdesk.ActMerge, Other: 8}), c)
	if after(d, r) != "withdrawn" || len(d.Requests) != 2 || len(d.Mails) != 0 {
		t.Fatalf("%s, %+v", after(d, r), d.Requests)
	}
	if got := d.Requests[1]; got.ID != 8 || !slices.Equal(got.Thread, []string{"other@example.org", "first@example.org"}) || got.State != nasdesk.StateReferred {
		t.Errorf("the other is %+v", got)
	}
	for _, into := range []int64{0, 7, 9} {
		if d := workflows.DefaultDesk.Step(acted(nasdesk.StaffEvent{Act: nasdesk.ActMerge, Other: into}), c); d.Hindered != nasdesk.NotWellFormed {
			t.Errorf("merged with %d: %q", into, d.Hindered)
		}
	}
}

// TestMergeIsOfferedWhereThereIsAnother: there is nothing to merge with what comes
// alone.
func TestMergeIsOfferedWhereThereIsAnother(t *testing.T) {
	r := nasdesk.Request{ID: 7, Party: "pharmacy.fa123@nhs.net", State: nasdesk.StateReferred}
	other := nasdesk.Request{ID: 8, Party: "pharmacy.fb456@nhs.net", State: nasdesk.StateReferred}
	for party, want := range map[nasdesk.Address]bool{other.Party: false, r.Party: true} {
		other.Party = party
		c := &nasdesk.Case{Requests: []nasdesk.Request{r, other}}
		if got := slices.Contains(workflows.Acts(&r, c), nasdesk.ActMerge); got != want {
			t.Errorf("with one of %s: %t", party, got)
		}
	}
}

// TestCondemn: a condemned message leaves a line, and nothing else.
func TestCondemn(t *testing.T) {
	e := nasdesk.StaffEvent{By: "ann", Act: nasdesk.ActCondemn, Message: 3}
	d := workflows.DefaultDesk.Step(nasdesk.Event{Key: "click/1", At: noon, Staff: &e}, theDesk(nil))
	if len(d.Journal) != 1 || d.Journal[0].What != "staff-condemn" || d.Journal[0].Detail != "by ann" || len(d.Mails)+len(d.Requests) > 0 {
		t.Errorf("%+v", d)
	}
	e = nasdesk.StaffEvent{By: "ann", Act: nasdesk.ActApprove, Request: 99, Seen: 1}
	if d := workflows.DefaultDesk.Step(nasdesk.Event{Key: "click/1", At: noon, Staff: &e}, theDesk(nil)); d.Hindered != nasdesk.NotInThisState {
		t.Errorf("a request that is not there: %q", d.Hindered)
	}
}

// TestReminderOfQuestion: a question of staff is reminded of by its day, for their
// words stand in that mail.
func TestReminderOfQuestion(t *testing.T) {
	for kind, form := range map[string]bool{"unknown": false, "link-user": true} {
		c := theDesk(nil)
		c.Requests = []nasdesk.Request{{ID: 7, Version: 4, Reference: "NAS-0000000A", N: 1, Kind: kind, Asked: kind, Party: asking, Mailbox: asking, From: asking,
			State: nasdesk.StateAsking, Outcome: nasdesk.NeedsInfo, Rule: "desk/question", AsksAt: noon - 7*86400e6, Event: "mail/1"}}
		if form {
			c.Requests[0].Reasons = []nasdesk.Reason{nasdesk.Invalid("mobile")}
		}
		d := workflows.DefaultDesk.Step(nasdesk.Event{Key: "date/1", At: noon, Due: &nasdesk.DueEvent{Request: 7, What: nasdesk.DueRemind}}, c)
		if len(d.Mails) != 1 || !strings.Contains(d.Mails[0].Text, "Wednesday 15 April 2026") || strings.Contains(d.Mails[0].Text, "Registered mobile number") != form {
			t.Errorf("%s: %v", kind, d.Mails)
		}
	}
}
