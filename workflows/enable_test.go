package workflows_test

import (
	"testing"

	"nasdesk"
)

// Contract, rule 9: before status_since plus 18 calendar months; a day that the
// month lacks becomes its last.
func TestEnable(t *testing.T) {
	const mona = "mobile=mona"
	is := func(s nasdesk.Status, day nasdesk.Date) []fact { return []fact{become("mona", s, day)} }
	judgeAll(t, "enable", []judgement{
		{name: "disabled today", facts: is(nasdesk.Disabled, "2026-04-22"), answers: mona, want: "accepted enable-account", work: "enable-account mona"},
		{name: "the last day", facts: is(nasdesk.Disabled, "2024-10-23"), answers: mona, want: "accepted enable-account"},
		{name: "18 months to the day", facts: is(nasdesk.Disabled, "2024-10-22"), answers: mona, want: "refused disable-window-passed", work: "none"},
		{name: "the month lacks the day: its last but one", today: "2026-02-27", facts: is(nasdesk.Disabled, "2024-08-31"), answers: mona, want: "accepted enable-account"},
		{name: "the month lacks the day: its last", today: "2026-02-28", facts: is(nasdesk.Disabled, "2024-08-31"), answers: mona, want: "refused disable-window-passed"},
		{name: "29 August comes to the same day", today: "2026-02-28", facts: is(nasdesk.Disabled, "2024-08-29"), answers: mona, want: "refused disable-window-passed"},
		{name: "a leap year: 28 February", today: "2028-02-28", facts: is(nasdesk.Disabled, "2026-08-31"), answers: mona, want: "accepted enable-account"},
		{name: "a leap year: 29 February", today: "2028-02-29", facts: is(nasdesk.Disabled, "2026-08-31"), answers: mona, want: "refused disable-window-passed"},
		{name: "disabled on a leap day", today: "2025-08-28", facts: is(nasdesk.Disabled, "2024-02-29"), answers: mona, want: "accepted enable-account"},
		{name: "disabled on a leap day, 18 months", today: "2025-08-29", facts: is(nasdesk.Disabled, "2024-02-29"), answers: mona, want: "refused disable-window-passed"},
		{name: "31 October to 30 April", today: "2026-04-29", facts: is(nasdesk.Disabled, "2024-10-31"), answers: mona, want: "accepted enable-account"},
		{name: "31 October to 30 April, the day", today: "2026-04-30", facts: is(nasdesk.Disabled, "2024-10-31"), answers: mona, want: "refused disable-window-passed"},

		{name: "active", answers: mona, want: "refused nothing-to-do"},
		{name: "inactive", facts: is(nasdesk.Inactive, "2026-04-01"), answers: mona, want: "refused nothing-to-do"},
		{name: "a leaver", facts: is(nasdesk.Leaver, "2026-04-01"), answers: mona, want: "exception conflict"},
		{name: "deleted is restored", facts: is(nasdesk.Deleted, "2026-04-01"), answers: mona, want: "as reinstate accepted restore-account"},
		{name: "deleted, day 30", facts: is(nasdesk.Deleted, "2026-03-23"), answers: mona, want: "as reinstate accepted restore-account"},
		{name: "deleted, day 31", facts: is(nasdesk.Deleted, "2026-03-22"), answers: mona, want: "as reinstate refused restore-window-passed"},
		{name: "deleted, asked from an owner's home: a mailbox must ask", from: "olga", facts: is(nasdesk.Deleted, "2026-04-01"), answers: mona, want: "as reinstate refused sender-not-authorised"},
		{name: "deleted, of another pharmacy", facts: append(is(nasdesk.Deleted, "2026-04-01"), leave("fzz01", "mona")), answers: mona, want: "as reinstate refused sender-not-authorised"},
		{name: "disabled, of another pharmacy", facts: append(is(nasdesk.Disabled, "2026-04-01"), leave("fzz01", "mona")), answers: mona, want: "refused not-linked"},
		{name: "too late, of another pharmacy: nothing is told of it", facts: append(is(nasdesk.Disabled, "2020-04-01"), leave("fzz01", "mona")), answers: mona, want: "refused not-linked", silent: "18 months"},

		{name: "the address agrees", facts: is(nasdesk.Disabled, "2026-04-01"), answers: mona + "; nhs_email=mona", want: "accepted enable-account"},
		{name: "the address is another's", facts: is(nasdesk.Disabled, "2026-04-01"), answers: mona + "; nhs_email=otto", want: "exception identity-mismatch"},
		{name: "the address is nobody's", facts: is(nasdesk.Disabled, "2026-04-01"), answers: mona + "; nhs_email=dora", want: "exception account-not-found"},
		{name: "no such mobile", answers: "mobile=07700900699", want: "exception account-not-found"},
		{name: "the owner from home", from: "olga", facts: is(nasdesk.Disabled, "2026-04-01"), answers: mona, want: "accepted enable-account"},
		{name: "a member from home", from: "mona", facts: is(nasdesk.Disabled, "2026-04-01"), answers: mona, want: "refused sender-not-authorised"},
		{name: "a midwife herself may not", from: "mona", facts: append(is(nasdesk.Disabled, "2026-04-01"), leave("fzz02", "mona"), mailbox("fzz01", func(m *nasdesk.Mailbox) { m.Sector = nasdesk.Midwifery })), answers: mona, want: "refused sender-not-authorised"},
		{name: "on a day to come", day: "2026-05-01", facts: is(nasdesk.Disabled, "2026-04-01"), answers: mona, want: "accepted enable-account", work: "none", says: "on Friday 1 May 2026"},
	})
}
