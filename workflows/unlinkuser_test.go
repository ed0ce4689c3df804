package workflows_test

import (
	"testing"

	"nasdesk"
)

// Contract, rule 7.
func TestUnlinkUser(t *testing.T) {
	sole := []fact{leave("fzz01", "otto", "mona")}
	judgeAll(t, "unlink-user", []judgement{
		{name: "a member", answers: "nhs_email=mona", want: "accepted unlink-member", work: "unlink-member fzz01 mona", says: "The account itself stays"},
		{name: "one of two owners", answers: "nhs_email=olga", want: "accepted unlink-member"},
		{name: "the only owner", facts: []fact{leave("fzz01", "otto")}, answers: "nhs_email=olga", want: "refused last-owner", work: "none"},
		{name: "the other owner is disabled, and still owns", facts: []fact{become("otto", nasdesk.Disabled, "2026-04-01")}, answers: "nhs_email=olga", want: "accepted unlink-member"},
		{name: "the other owner is deleted", facts: []fact{become("otto", nasdesk.Deleted, "2026-04-01")}, answers: "nhs_email=olga", want: "refused last-owner"},
		{name: "the other owner is a leaver", facts: []fact{become("otto", nasdesk.Leaver, "2026-04-01")}, answers: "nhs_email=olga", want: "refused last-owner"},
		{name: "the last account of all", facts: sole, answers: "nhs_email=olga", want: "refused last-owner"},
		{name: "the last active account", facts: []fact{become("olga", nasdesk.Disabled, "2026-04-01"), become("otto", nasdesk.Inactive, "2026-04-01")}, answers: "nhs_email=mona", want: "refused last-member"},
		{name: "the last active owner of two, beside no active account", facts: []fact{leave("fzz01", "mona"), become("otto", nasdesk.Disabled, "2026-04-01")}, answers: "nhs_email=olga", want: "refused last-member"},
		{name: "an account that was not active is no last one", facts: []fact{become("olga", nasdesk.Disabled, "2026-04-01"), become("otto", nasdesk.Disabled, "2026-04-01"), become("mona", nasdesk.Disabled, "2026-04-01")}, answers: "nhs_email=mona", want: "accepted unlink-member"},
		{name: "a member, where there is no owner at all", facts: []fact{leave("fzz01", "olga", "otto"), in("fzz01", nasdesk.Member, "vera")}, answers: "nhs_email=mona", want: "accepted unlink-member"},
		{name: "one is left: a second is advised", facts: []fact{leave("fzz01", "mona")}, answers: "nhs_email=otto", want: "accepted unlink-member", says: "We recommend at least two"},
		{name: "two are left: no advice", answers: "nhs_email=mona", want: "accepted unlink-member", silent: "We recommend at least two"},
		{name: "linked elsewhere only", answers: "nhs_email=nina", want: "refused not-linked"},
		{name: "no such account", answers: "nhs_email=dora", want: "exception account-not-found"},
		{name: "from a mailbox with an address of another form", from: "state.chemist@nhs.net", facts: []fact{renamed("state.chemist@nhs.net")}, answers: "nhs_email=mona", want: "accepted unlink-member"},
		{name: "on a day to come", day: "2026-05-01", answers: "nhs_email=mona", want: "accepted unlink-member", work: "none"},
		{name: "from today", day: "2026-04-22", answers: "nhs_email=mona", want: "accepted unlink-member", work: "unlink-member fzz01 mona"},
		{name: "from a day past", day: "2026-04-21", answers: "nhs_email=mona", want: "accepted unlink-member", work: "unlink-member fzz01 mona"},
		{name: "from tomorrow", day: "2026-04-23", answers: "nhs_email=mona", want: "accepted unlink-member", work: "none"},
		{name: "an owner from home may not", from: "olga", answers: "nhs_email=mona", want: "refused sender-not-authorised"},
		{name: "the account itself may not", from: "mona", answers: "nhs_email=mona", want: "refused sender-not-authorised"},
		{name: "no address", answers: "", want: "needs-info missing:nhs_email"},
	})
}
