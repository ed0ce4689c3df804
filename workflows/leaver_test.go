package workflows_test

import (
	"testing"

	"nasdesk"
)

// Contract, rules 7 and 10.
func TestLeaver(t *testing.T) {
	const mona = "nhs_email=mona"
	judgeAll(t, "leaver", []judgement{
		{name: "a member, from the mailbox: from this one alone", answers: mona, want: "accepted unlink-member mark-leaver", work: "mark-leaver mona; unlink-member fzz01 mona", says: "deleted 30 days later"},
		{name: "the account itself: from all of its mailboxes", from: "mona", answers: mona, want: "accepted unlink-member mark-leaver", work: "mark-leaver mona; unlink-member fzz01 mona; unlink-member fzz02 mona"},
		{name: "the account itself need not name itself", from: "mona", answers: "", want: "accepted unlink-member mark-leaver", work: "mark-leaver mona; unlink-member fzz01 mona; unlink-member fzz02 mona"},
		{name: "the account itself is in no mailbox", from: "dora", facts: []fact{account("dora", nasdesk.Active, "2024-01-01")}, answers: "", want: "accepted mark-leaver"},
		{name: "a member names another", from: "mona", answers: "nhs_email=otto", want: "refused sender-not-authorised"},
		{name: "the owner from home", from: "olga", answers: mona, want: "accepted unlink-member mark-leaver", work: "mark-leaver mona; unlink-member fzz01 mona"},
		{name: "the owner from home must name the leaver", from: "olga", answers: "", want: "needs-info missing:nhs_email"},
		{name: "the owner herself, from home", from: "olga", answers: "nhs_email=olga", want: "accepted unlink-member mark-leaver", work: "mark-leaver olga; unlink-member fzz01 olga"},
		{name: "one of two owners", answers: "nhs_email=olga", want: "accepted unlink-member mark-leaver"},
		{name: "the only owner", facts: []fact{leave("fzz01", "otto")}, answers: "nhs_email=olga", want: "refused last-owner", work: "none"},
		{name: "the only owner of another mailbox, herself", from: "mona", facts: []fact{leave("fzz02", "mona", "nina"), in("fzz02", nasdesk.Owner, "mona")}, answers: mona, want: "refused last-owner", work: "none"},
		{name: "the last active account", facts: []fact{become("olga", nasdesk.Disabled, "2026-04-01"), become("otto", nasdesk.Disabled, "2026-04-01")}, answers: mona, want: "refused last-member"},
		{name: "a disabled account", facts: []fact{become("mona", nasdesk.Disabled, "2026-04-01")}, answers: mona, want: "accepted unlink-member mark-leaver"},
		{name: "a leaver already", facts: []fact{become("mona", nasdesk.Leaver, "2026-04-01")}, answers: mona, want: "refused nothing-to-do"},
		{name: "deleted already", facts: []fact{become("mona", nasdesk.Deleted, "2026-04-01")}, answers: mona, want: "refused nothing-to-do"},
		{name: "linked elsewhere only", answers: "nhs_email=nina", want: "refused not-linked"},
		{name: "no such account", answers: "nhs_email=dora", want: "exception account-not-found"},
		{name: "on the last day", day: "2026-04-30", answers: mona, want: "accepted unlink-member mark-leaver", work: "none", says: "on Thursday 30 April 2026"},
		{name: "one is left in another mailbox: that is not this letter's matter", from: "mona", facts: []fact{leave("fzz02", "nils")}, answers: mona, want: "accepted unlink-member mark-leaver", silent: "We recommend at least two"},
		{name: "one is left: a second is advised", facts: []fact{leave("fzz01", "otto")}, answers: mona, want: "accepted unlink-member mark-leaver", says: "We recommend at least two"},
		{name: "two are left: no advice", answers: mona, want: "accepted unlink-member mark-leaver", silent: "We recommend at least two"},
	})
}
