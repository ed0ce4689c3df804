package workflows_test

import (
	"testing"

	"nasdesk"
)

// Contract, rules 5, 7 and 12. Fzz02 closes, fzz01 goes on; mona is in both.
func TestConsolidation(t *testing.T) {
	const codes = "closing_ods=FZZ02; continuing_ods=FZZ01"
	third := func(c *nasdesk.Case) {
		c.Mailboxes = append(c.Mailboxes, nasdesk.Mailbox{Address: addressOf("fzz03"), ODS: "FZZ03", Name: "State Pharmacy 3", Sector: nasdesk.Pharmacy, Region: region, Status: nasdesk.Active})
	}
	const waits = "awaiting mailbox-consent"
	judgeAll(t, "consolidation", []judgement{
		{name: "the continuing mailbox asks: the closing one must agree", answers: codes + "; movers=nils mona", want: waits, work: "none"},
		{name: "the closing mailbox asks, and names nobody of both", from: "fzz02", answers: codes + "; movers=nils", want: waits},
		{name: "the closing mailbox asks, and names nobody", from: "fzz02", answers: codes, want: waits},
		{name: "the closing mailbox asks, and a mover is in both", from: "fzz02", answers: codes + "; movers=nils mona", want: "accepted link-member close-mailbox",
			work: "link-member fzz01 nils member; close-mailbox fzz02"},
		{name: "the closing mailbox asks, and an owner is in both", from: "fzz02", answers: codes + "; owners=mona", want: "accepted link-member close-mailbox",
			work: "link-member fzz01 mona owner; close-mailbox fzz02"},
		{name: "a leaver who is in both does not count", from: "fzz02", answers: codes + "; movers=nils; leavers=mona", want: waits},
		{name: "the same people asked for by the continuing mailbox", answers: codes + "; owners=mona; movers=nils", want: waits},
		{name: "owner and mover at once is an owner", from: "fzz02", answers: codes + "; owners=mona nina; movers=nina nils", want: "accepted link-member close-mailbox",
			work: "link-member fzz01 mona owner; link-member fzz01 nina owner; link-member fzz01 nils member; close-mailbox fzz02"},
		{name: "who is owner there already is not linked again", from: "fzz02", facts: []fact{in("fzz02", nasdesk.Member, "olga")}, answers: codes + "; owners=olga", want: "accepted close-mailbox"},
		{name: "leavers are unlinked from both", from: "fzz02", answers: codes + "; owners=nina; leavers=mona", facts: []fact{in("fzz01", nasdesk.Member, "nina")}, want: "accepted link-member unlink-member mark-leaver close-mailbox",
			work: "link-member fzz01 nina owner; mark-leaver mona; unlink-member fzz02 mona; unlink-member fzz01 mona; close-mailbox fzz02"},
		{name: "a leaver is unlinked where he is linked", from: "fzz02", answers: codes + "; movers=mona; leavers=nils", want: "accepted unlink-member mark-leaver close-mailbox", work: "mark-leaver nils; unlink-member fzz02 nils; close-mailbox fzz02"},
		{name: "an owner of the continuing one alone does not count", from: "fzz02", answers: codes + "; owners=olga", want: waits},
		{name: "who was not named is listed", from: "fzz02", answers: codes + "; movers=mona", want: "accepted close-mailbox", says: "nils.state@nhs.net"},
		{name: "who was named is not", from: "fzz02", answers: codes + "; movers=mona nils; owners=nina", want: "accepted link-member close-mailbox", silent: "were not named"},
		{name: "a deleted account need not be named", from: "fzz02", facts: []fact{become("nils", nasdesk.Deleted, "2026-04-01")}, answers: codes + "; movers=mona; owners=nina", want: "accepted link-member close-mailbox", silent: "were not named"},
		{name: "nor a leaver", from: "fzz02", facts: []fact{become("nils", nasdesk.Leaver, "2026-04-01")}, answers: codes + "; movers=mona; owners=nina", want: "accepted link-member close-mailbox", silent: "were not named"},

		{name: "no active owner remains: they leave", answers: codes + "; leavers=olga otto", want: "refused last-owner"},
		{name: "no active owner remains: they are disabled", facts: []fact{become("olga", nasdesk.Disabled, "2026-04-01"), become("otto", nasdesk.Inactive, "2026-04-01")}, answers: codes, want: "refused last-owner"},
		{name: "an owner comes over", facts: []fact{become("olga", nasdesk.Disabled, "2026-04-01"), leave("fzz01", "otto")}, answers: codes + "; owners=nina", want: waits},

		{name: "eleven afterwards", facts: []fact{ten}, answers: codes + "; movers=nils", want: "awaiting regional-approval"},
		{name: "ten afterwards", facts: []fact{in("fzz01", nasdesk.Member, "m1", "m2", "m3", "m4", "m5", "m6")}, answers: codes + "; movers=nils", want: waits},
		{name: "eleven, of whom one leaves", facts: []fact{ten}, answers: codes + "; movers=nils; leavers=m1", want: waits},
		{name: "ten, and nobody comes", facts: []fact{ten}, answers: codes, want: waits},
		{name: "eleven before, and nobody comes", facts: []fact{ten, in("fzz01", nasdesk.Member, "m8")}, answers: codes, want: waits},
		{name: "eleven, approved", facts: []fact{ten, approval("fzz01", 11)}, answers: codes + "; movers=nils", want: waits},

		{name: "an account that is not in the register", answers: codes + "; movers=nils dora", want: "exception account-not-found"},
		{name: "an account of neither", facts: []fact{account("dora", nasdesk.Active, "2024-01-01")}, answers: codes + "; movers=dora", want: "refused not-linked"},
		{name: "a leaver of neither", facts: []fact{account("dora", nasdesk.Active, "2024-01-01")}, answers: codes + "; leavers=dora", want: "refused not-linked"},
		{name: "of the continuing one alone", answers: codes + "; leavers=otto", want: waits},
		{name: "mover and leaver at once", answers: codes + "; movers=nils; leavers=nils", want: "exception conflict"},
		{name: "a mover who is deleted", facts: []fact{become("nils", nasdesk.Deleted, "2026-04-01")}, answers: codes + "; movers=nils", want: "exception conflict"},
		{name: "a mover who is a leaver", facts: []fact{become("nils", nasdesk.Leaver, "2026-04-01")}, answers: codes + "; movers=nils", want: "exception conflict"},

		{name: "one code twice", answers: "closing_ods=FZZ01; continuing_ods=FZZ01", want: "needs-info invalid:continuing_ods"},
		{name: "a closing code that nobody has", answers: "closing_ods=FZZ77; continuing_ods=FZZ01", want: "needs-info invalid:closing_ods"},
		{name: "a continuing code that nobody has", answers: "closing_ods=FZZ01; continuing_ods=FZZ77", want: "needs-info invalid:continuing_ods"},
		{name: "no codes", answers: "movers=nils", want: "needs-info missing:closing_ods missing:continuing_ods"},
		{name: "one code missing", answers: "closing_ods=FZZ02", want: "needs-info missing:continuing_ods"},
		{name: "a third pharmacy asks", from: "fzz03", facts: []fact{third}, answers: codes, want: "refused sender-not-authorised"},
		{name: "the other is closed already", facts: []fact{mailbox("fzz02", shut)}, answers: codes, want: "refused mailbox-closed"},
		{name: "into a closed one", from: "fzz02", facts: []fact{mailbox("fzz01", shut)}, answers: codes, want: "refused mailbox-closed"},
		{name: "the owner from home", from: "nina", answers: codes + "; movers=mona", want: "accepted close-mailbox"},
		{name: "a member from home", from: "nils", answers: codes + "; movers=mona", want: "refused sender-not-authorised"},
		{name: "on a day to come", from: "fzz02", day: "2026-05-01", answers: codes + "; movers=mona", want: "accepted close-mailbox", work: "none", says: "on Friday 1 May 2026"},
	})
}
