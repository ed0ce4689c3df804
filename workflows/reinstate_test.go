package workflows_test

import (
	"testing"

	"nasdesk"
)

// Contract, rule 8.
func TestReinstate(t *testing.T) {
	gone := func(day nasdesk.Date) []fact {
		return []fact{account("dora", nasdesk.Deleted, day), in("fzz01", nasdesk.Member, "dora")}
	}
	const dora = "nhs_email=dora; mobile=dora"
	judgeAll(t, "reinstate", []judgement{
		{name: "deleted today", facts: gone("2026-04-22"), answers: dora, want: "accepted restore-account", work: "restore-account dora"},
		{name: "day 29", facts: gone("2026-03-24"), answers: dora, want: "accepted restore-account"},
		{name: "day 30", facts: gone("2026-03-23"), answers: dora, want: "accepted restore-account"},
		{name: "day 31", facts: gone("2026-03-22"), answers: dora, want: "refused restore-window-passed", work: "none", says: "A new account is needed"},
		{name: "day 30 over the change to summer time", today: "2026-04-27", facts: gone("2026-03-28"), answers: dora, want: "accepted restore-account"},
		{name: "day 31 over the change to summer time", today: "2026-04-28", facts: gone("2026-03-28"), answers: dora, want: "refused restore-window-passed"},
		{name: "day 30 over the change to winter time", today: "2026-11-23", facts: gone("2026-10-24"), answers: dora, want: "accepted restore-account"},
		{name: "day 31 over the change to winter time", today: "2026-11-24", facts: gone("2026-10-24"), answers: dora, want: "refused restore-window-passed"},
		{name: "day 30 over a leap day", today: "2028-03-15", facts: gone("2028-02-14"), answers: dora, want: "accepted restore-account"},
		{name: "day 31 over a leap day", today: "2028-03-16", facts: gone("2028-02-14"), answers: dora, want: "refused restore-window-passed"},
		{name: "day 30 over the new year", today: "2027-01-14", facts: gone("2026-12-15"), answers: dora, want: "accepted restore-account"},
		{name: "active", facts: []fact{in("fzz01", nasdesk.Member, "dora")}, answers: dora, want: "refused nothing-to-do"},
		{name: "pending", facts: []fact{account("dora", nasdesk.Pending, "2026-04-21"), in("fzz01", nasdesk.Member, "dora")}, answers: dora, want: "refused nothing-to-do"},
		{name: "inactive", facts: []fact{account("dora", nasdesk.Inactive, "2026-04-01"), in("fzz01", nasdesk.Member, "dora")}, answers: dora, want: "refused nothing-to-do"},
		{name: "a leaver", facts: []fact{account("dora", nasdesk.Leaver, "2026-04-01"), in("fzz01", nasdesk.Member, "dora")}, answers: dora, want: "exception conflict"},
		{name: "disabled is enabled", facts: []fact{account("dora", nasdesk.Disabled, "2026-04-01"), in("fzz01", nasdesk.Member, "dora")}, answers: dora, want: "as enable accepted enable-account"},
		{name: "disabled too long ago", facts: []fact{account("dora", nasdesk.Disabled, "2024-10-22"), in("fzz01", nasdesk.Member, "dora")}, answers: dora, want: "as enable refused disable-window-passed"},
		{name: "never linked here", facts: []fact{account("dora", nasdesk.Deleted, "2026-04-20"), in("fzz02", nasdesk.Member, "dora")}, answers: dora, want: "refused sender-not-authorised"},
		{name: "never linked here, and too late: nothing is told of it", facts: []fact{account("dora", nasdesk.Deleted, "2020-01-01"), in("fzz02", nasdesk.Member, "dora")}, answers: dora, want: "refused sender-not-authorised", silent: "30 days"},
		{name: "another's mobile", facts: gone("2026-04-20"), answers: "nhs_email=dora; mobile=mona", want: "exception identity-mismatch"},
		{name: "no such account", answers: dora, want: "exception account-not-found"},
		{name: "the owner from home may not", from: "olga", facts: gone("2026-04-20"), answers: dora, want: "refused sender-not-authorised", says: "shared mailbox"},
		{name: "no mobile", facts: gone("2026-04-20"), answers: "nhs_email=dora", want: "needs-info missing:mobile"},
		{name: "an address elsewhere", facts: gone("2026-04-20"), answers: "nhs_email=dora@example.com; mobile=dora", want: "needs-info invalid:nhs_email"},
		{name: "two mobiles", facts: gone("2026-04-20"), answers: "nhs_email=dora; mobile=?", want: "needs-info ambiguous:mobile"},
		{name: "a closed mailbox gets nothing", facts: append(gone("2026-04-20"), mailbox("fzz01", shut)), answers: dora, want: "refused mailbox-closed"},
		{name: "a full mailbox still gets its own back", facts: append(gone("2026-04-20"), ten), answers: dora, want: "accepted restore-account"},
	})
}
