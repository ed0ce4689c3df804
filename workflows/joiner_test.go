package workflows_test

import (
	"testing"

	"nasdesk"
)

// Contract, rules 5 and 10.
func TestJoiner(t *testing.T) {
	const dora = "nhs_email=dora; mobile=dora"
	is := func(s nasdesk.Status, day nasdesk.Date, more ...fact) []fact {
		return append([]fact{account("dora", s, day)}, more...)
	}
	judgeAll(t, "joiner", []judgement{
		{name: "a leaver of today", facts: is(nasdesk.Leaver, "2026-04-22"), answers: dora, want: "accepted link-member mark-joiner", work: "mark-joiner dora; link-member fzz01 dora member"},
		{name: "day 30", facts: is(nasdesk.Leaver, "2026-03-23"), answers: dora, want: "accepted link-member mark-joiner"},
		{name: "day 31", facts: is(nasdesk.Leaver, "2026-03-22"), answers: dora, want: "refused restore-window-passed"},
		{name: "day 30 over a leap day", today: "2028-03-15", facts: is(nasdesk.Leaver, "2028-02-14"), answers: dora, want: "accepted link-member mark-joiner"},
		{name: "day 31 over a leap day", today: "2028-03-16", facts: is(nasdesk.Leaver, "2028-02-14"), answers: dora, want: "refused restore-window-passed"},
		{name: "deleted meanwhile", facts: is(nasdesk.Deleted, "2026-04-20"), answers: dora, want: "refused restore-window-passed"},
		{name: "active", facts: is(nasdesk.Active, "2024-01-01"), answers: dora, want: "refused nothing-to-do", says: "needs no joiner mark"},
		{name: "pending", facts: is(nasdesk.Pending, "2026-04-21"), answers: dora, want: "refused nothing-to-do"},
		{name: "disabled", facts: is(nasdesk.Disabled, "2026-04-01"), answers: dora, want: "exception conflict"},
		{name: "inactive", facts: is(nasdesk.Inactive, "2026-04-01"), answers: dora, want: "exception conflict"},
		{name: "another's mobile", facts: is(nasdesk.Leaver, "2026-04-20"), answers: "nhs_email=dora; mobile=mona", want: "exception identity-mismatch"},
		{name: "a mismatch comes before the state", facts: is(nasdesk.Deleted, "2020-01-01"), answers: "nhs_email=dora; mobile=mona", want: "exception identity-mismatch"},
		{name: "no such account", answers: dora, want: "exception account-not-found"},
		{name: "the eleventh", facts: is(nasdesk.Leaver, "2026-04-20", ten), answers: dora, want: "awaiting regional-approval", work: "none"},
		{name: "the eleventh, and no region", facts: is(nasdesk.Leaver, "2026-04-20", ten, mailbox("fzz01", noRegion)), answers: dora, want: "exception staff-only"},
		{name: "too late comes before the limit", facts: is(nasdesk.Leaver, "2026-03-22", ten), answers: dora, want: "refused restore-window-passed"},
		{name: "linked elsewhere still", facts: is(nasdesk.Leaver, "2026-04-20", in("fzz02", nasdesk.Member, "dora")), answers: dora, want: "accepted link-member mark-joiner", work: "mark-joiner dora; link-member fzz01 dora member"},
		{name: "an owner from home may not", from: "olga", facts: is(nasdesk.Leaver, "2026-04-20"), answers: dora, want: "refused sender-not-authorised"},
		{name: "the joiner herself may not", from: "dora", facts: is(nasdesk.Leaver, "2026-04-20"), answers: dora, want: "refused sender-not-authorised"},
	})
}
