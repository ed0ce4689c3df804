package workflows_test

import (
	"testing"

	"nasdesk"
)

// Contract, rules 5 and 6.
func TestLinkUser(t *testing.T) {
	const dora = "full_name=Dora State; nhs_email=dora; mobile=dora; role="
	const olga = "full_name=Olga State; nhs_email=olga; mobile=olga; role="
	is := func(s nasdesk.Status, day nasdesk.Date) []fact { return []fact{account("dora", s, day)} }
	judgeAll(t, "link-user", []judgement{
		{name: "active", facts: is(nasdesk.Active, "2024-01-01"), answers: dora + "member", want: "accepted link-member", work: "link-member fzz01 dora member"},
		{name: "as owner", facts: is(nasdesk.Active, "2024-01-01"), answers: dora + "owner", want: "accepted link-member", work: "link-member fzz01 dora owner"},
		{name: "pending", facts: is(nasdesk.Pending, "2026-04-21"), answers: dora + "member", want: "accepted link-member"},
		{name: "inactive", facts: is(nasdesk.Inactive, "2026-03-01"), answers: dora + "member", want: "accepted link-member"},
		{name: "disabled", facts: is(nasdesk.Disabled, "2026-03-01"), answers: dora + "member", want: "exception conflict", silent: "isabled"},
		{name: "a leaver", facts: is(nasdesk.Leaver, "2026-04-01"), answers: dora + "member", want: "exception conflict"},
		{name: "deleted, day 30", facts: is(nasdesk.Deleted, "2026-03-23"), answers: dora + "member", want: "exception conflict"},
		{name: "deleted, day 31", facts: is(nasdesk.Deleted, "2026-03-22"), answers: dora + "member", want: "refused restore-window-passed", says: "A new account is needed"},
		{name: "no such account", answers: dora + "member", want: "exception account-not-found"},
		{name: "another's mobile", facts: is(nasdesk.Active, "2024-01-01"), answers: "full_name=Dora State; nhs_email=dora; mobile=mona; role=member", want: "exception identity-mismatch"},
		{name: "a mismatch comes before the state", facts: is(nasdesk.Deleted, "2020-01-01"), answers: "full_name=Dora State; nhs_email=dora; mobile=mona; role=member", want: "exception identity-mismatch"},
		{name: "a mismatch comes before the limit", facts: append(is(nasdesk.Active, "2024-01-01"), ten), answers: "full_name=Dora State; nhs_email=dora; mobile=mona; role=member", want: "exception identity-mismatch"},
		{name: "linked as that already", answers: "full_name=Mona State; nhs_email=mona; mobile=mona; role=member", want: "refused already-linked"},
		{name: "a member becomes owner", answers: "full_name=Mona State; nhs_email=mona; mobile=mona; role=owner", want: "accepted link-member", work: "link-member fzz01 mona owner"},
		{name: "one of two owners becomes member", answers: olga + "member", want: "accepted link-member", work: "link-member fzz01 olga member"},
		{name: "the only owner cannot", facts: []fact{leave("fzz01", "otto")}, answers: olga + "member", want: "refused last-owner"},
		{name: "the other owner is deleted", facts: []fact{become("otto", nasdesk.Deleted, "2026-04-01")}, answers: olga + "member", want: "refused last-owner"},
		{name: "the other owner is a leaver", facts: []fact{become("otto", nasdesk.Leaver, "2026-04-01")}, answers: olga + "member", want: "refused last-owner"},
		{name: "the only owner stays owner", facts: []fact{leave("fzz01", "otto")}, answers: olga + "owner", want: "refused already-linked"},
		{name: "a member becomes owner where there is none", facts: []fact{leave("fzz01", "olga", "otto")}, answers: "full_name=Mona State; nhs_email=mona; mobile=mona; role=owner", want: "accepted link-member"},
		{name: "a change of role in a full mailbox", facts: []fact{ten}, answers: "full_name=Mona State; nhs_email=mona; mobile=mona; role=owner", want: "accepted link-member"},
		{name: "the eleventh", facts: append(is(nasdesk.Active, "2024-01-01"), ten), answers: dora + "member", want: "awaiting regional-approval", work: "none"},
		{name: "the eleventh, and no region", facts: append(is(nasdesk.Active, "2024-01-01"), ten, mailbox("fzz01", noRegion)), answers: dora + "member", want: "exception staff-only"},
		{name: "on a day to come", day: "2026-05-01", facts: is(nasdesk.Active, "2024-01-01"), answers: dora + "member", want: "accepted link-member", work: "none"},
		{name: "an owner from home may not", from: "olga", facts: is(nasdesk.Active, "2024-01-01"), answers: dora + "member", want: "refused sender-not-authorised"},
		{name: "no role", facts: is(nasdesk.Active, "2024-01-01"), answers: "full_name=Dora State; nhs_email=dora; mobile=dora", want: "needs-info missing:role"},
	})
}
