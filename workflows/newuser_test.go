package workflows_test

import (
	"slices"
	"testing"

	"nasdesk"
	"nasdesk/workflows"
)

// Contract, rules 4 and 5.
func TestNewUser(t *testing.T) {
	const rest = "; mobile=07700900620; alternative_email=ada@example.com; role=member"
	const ada = "full_name=Ada State" + rest
	with := func(field, value string) string {
		fields := map[string]string{"full_name": "Ada State", "mobile": "07700900620", "alternative_email": "ada@example.com", "role": "member", field: value}
		return "full_name=" + fields["full_name"] + "; mobile=" + fields["mobile"] + "; alternative_email=" + fields["alternative_email"] + "; role=" + fields["role"]
	}
	had := func(s nasdesk.Status) []fact { return []fact{account("dora", s, "2026-04-01")} }
	judgeAll(t, "new-user", []judgement{
		{name: "a member", answers: ada, want: "accepted create-account link-member", work: "create-account ada; link-member fzz01 ada member"},
		{name: "an owner", answers: with("role", "owner"), want: "accepted create-account link-member", work: "create-account ada; link-member fzz01 ada owner"},
		{name: "a namesake has the address", facts: []fact{account("ada.state@nhs.net", nasdesk.Active, "2024-01-01")}, answers: ada, want: "accepted create-account link-member", work: "create-account ada.state2; link-member fzz01 ada.state2 member"},
		{name: "the number goes on", facts: []fact{account("ada.state@nhs.net", nasdesk.Deleted, "2024-01-01"), account("ada.state2@nhs.net", nasdesk.Active, "2024-01-01")}, answers: ada,
			want: "accepted create-account link-member", work: "create-account ada.state3; link-member fzz01 ada.state3 member"},
		{name: "a mailbox has the address", facts: []fact{func(c *nasdesk.Case) {
			c.Mailboxes = append(c.Mailboxes, nasdesk.Mailbox{Address: "ada.state@nhs.net", ODS: "FZZ09"})
		}}, answers: ada, want: "accepted create-account link-member", work: "create-account ada.state2; link-member fzz01 ada.state2 member"},
		{name: "a name that NHS.net cannot write", answers: "full_name=Adé O'State" + rest, want: "accepted create-account link-member", says: "the name will be written Ade OState"},
		{name: "a name without a Latin letter", answers: "full_name=李 明" + rest, want: "accepted create-account link-member", work: "create-account new.user; link-member fzz01 new.user member"},
		{name: "a plain name is not explained", answers: ada, want: "accepted create-account link-member", silent: "will be written"},
		{name: "a start date ahead is none", day: "2026-05-01", answers: ada, want: "accepted create-account link-member", work: "create-account ada; link-member fzz01 ada member"},

		{name: "a personal number", answers: with("mobile", "07000900123"), want: "needs-info invalid:mobile"},
		{name: "a pager", answers: with("mobile", "07600900123"), want: "needs-info invalid:mobile"},
		{name: "the Isle of Man", answers: with("mobile", "07624900123"), want: "accepted create-account link-member"},
		{name: "a landline", answers: with("mobile", "01632960123"), want: "needs-info invalid:mobile"},
		{name: "a digit short", answers: with("mobile", "0770090062"), want: "needs-info invalid:mobile"},
		{name: "alternative at nhs.net", answers: with("alternative_email", "ada@nhs.net"), want: "needs-info invalid:alternative_email"},
		{name: "alternative malformed", answers: with("alternative_email", "ada@example"), want: "needs-info invalid:alternative_email"},
		{name: "all that is wrong, at once", answers: "full_name=Ada State; mobile=07000900123; alternative_email=ada@nhs.net", want: "needs-info invalid:mobile invalid:alternative_email missing:role"},
		{name: "nothing but the wish", answers: "", want: "needs-info missing:full_name missing:mobile missing:alternative_email missing:role"},

		{name: "the mobile of an active account", facts: had(nasdesk.Active), answers: with("mobile", "dora"), want: "exception duplicate-person", silent: "dora"},
		{name: "the mobile of a disabled account", facts: had(nasdesk.Disabled), answers: with("mobile", "dora"), want: "exception duplicate-person"},
		{name: "the mobile of a leaver", facts: had(nasdesk.Leaver), answers: with("mobile", "dora"), want: "exception duplicate-person"},
		{name: "the mobile of a deleted account", facts: had(nasdesk.Deleted), answers: with("mobile", "dora"), want: "accepted create-account link-member"},
		{name: "the alternative of an active account", facts: had(nasdesk.Active), answers: with("alternative_email", "dora@example.com"), want: "exception duplicate-person", silent: "dora.state"},
		{name: "the alternative of a deleted account", facts: had(nasdesk.Deleted), answers: with("alternative_email", "dora@example.com"), want: "accepted create-account link-member"},

		{name: "the tenth", facts: []fact{in("fzz01", nasdesk.Member, "m1", "m2", "m3", "m4", "m5", "m6")}, answers: ada, want: "accepted create-account link-member"},
		{name: "the eleventh", facts: []fact{ten}, answers: ada, want: "awaiting regional-approval", work: "none"},
		{name: "the eleventh, and no region", facts: []fact{ten, mailbox("fzz01", noRegion)}, answers: ada, want: "exception staff-only"},
		{name: "the eleventh, approved", facts: []fact{ten, approval("fzz01", 11)}, answers: ada, want: "accepted create-account link-member"},
		{name: "the twelfth, eleven approved", facts: []fact{ten, in("fzz01", nasdesk.Member, "m8"), approval("fzz01", 11)}, answers: ada, want: "awaiting regional-approval"},
		{name: "another mailbox's approval", facts: []fact{ten, approval("fzz02", 11)}, answers: ada, want: "awaiting regional-approval"},
		{name: "a leaver does not count", facts: []fact{ten, become("m3", nasdesk.Leaver, "2026-04-01")}, answers: ada, want: "accepted create-account link-member"},
		{name: "a deleted account does not count", facts: []fact{ten, become("m3", nasdesk.Deleted, "2026-04-01")}, answers: ada, want: "accepted create-account link-member"},
		{name: "a disabled account counts", facts: []fact{ten, become("m3", nasdesk.Disabled, "2026-04-01")}, answers: ada, want: "awaiting regional-approval"},
		{name: "an inactive account counts", facts: []fact{ten, become("m3", nasdesk.Inactive, "2026-04-01")}, answers: ada, want: "awaiting regional-approval"},
		{name: "a pending account counts", facts: []fact{ten, become("m3", nasdesk.Pending, "2026-04-21")}, answers: ada, want: "awaiting regional-approval"},
		{name: "a person who is known comes before the limit", facts: []fact{ten, account("dora", nasdesk.Active, "2024-01-01")}, answers: with("mobile", "dora"), want: "exception duplicate-person"},

		{name: "an owner from home may not", from: "olga", answers: ada, want: "refused sender-not-authorised"},
		{name: "an outsider may not", from: "shop@example.com", answers: ada, want: "refused sender-not-authorised"},
		{name: "who may ask comes before the fields", from: "olga", answers: "", want: "refused sender-not-authorised"},
		{name: "a closed mailbox", facts: []fact{mailbox("fzz01", shut)}, answers: ada, want: "refused mailbox-closed"},
		{name: "closed comes before the fields", facts: []fact{mailbox("fzz01", shut)}, answers: "", want: "refused mailbox-closed"},
	})
}

// An address is proposed only when the namesakes are known: until then nothing
// is decided.
func TestNamesakes(t *testing.T) {
	t.Run("asked for first", func(t *testing.T) {
		ev, c := plainMail(func(m *nasdesk.MailEvent, _ *nasdesk.Case) { m.Heard = asks("new-user", ada) })
		d := workflows.DefaultDesk.Step(ev, c)
		if !slices.Equal(d.Need.Locals, []string{"ada.state"}) || len(d.Results)+len(d.Requests)+len(d.Mails) > 0 {
			t.Errorf("needs %v, and decided %s", d.Need.Locals, turned(d))
		}
	})
}
