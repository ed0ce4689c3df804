package workflows_test

import (
	"testing"

	"nasdesk"
)

// Contract, rule 9.
func TestDisable(t *testing.T) {
	const mona = "owner_email=olga; mobile=mona"
	is := func(s nasdesk.Status) []fact { return []fact{become("mona", s, "2026-04-01")} }
	midwives := func(m *nasdesk.Mailbox) { m.Sector = nasdesk.Midwifery }
	twice := func(status nasdesk.Status, linked ...string) []fact {
		return []fact{account("dora", status, "2026-04-01"), func(c *nasdesk.Case) { c.Account(addressOf("dora")).Mobile = nasdesk.Mobile(mobileOf("mona")) }}
	}
	judgeAll(t, "disable", []judgement{
		{name: "active", answers: mona, want: "accepted disable-account", work: "disable-account fzz01 mona"},
		{name: "inactive", facts: is(nasdesk.Inactive), answers: mona, want: "accepted disable-account"},
		{name: "disabled", facts: is(nasdesk.Disabled), answers: mona, want: "refused nothing-to-do"},
		{name: "deleted", facts: is(nasdesk.Deleted), answers: mona, want: "exception conflict"},
		{name: "a leaver", facts: is(nasdesk.Leaver), answers: mona, want: "exception conflict"},
		{name: "pending", facts: is(nasdesk.Pending), answers: mona, want: "exception conflict"},

		{name: "until when", answers: mona, want: "accepted disable-account", says: "before Friday 22 October 2027"},
		{name: "until when: the month lacks the day", today: "2025-08-31", answers: mona, want: "accepted disable-account", says: "before Sunday 28 February 2027"},
		{name: "until when: a leap year", today: "2026-08-31", answers: mona, want: "accepted disable-account", says: "before Tuesday 29 February 2028"},
		{name: "until when: from the day it begins", day: "2026-08-31", answers: mona, want: "accepted disable-account", says: "on Monday 31 August 2026. It must be enabled again before Tuesday 29 February 2028", work: "none"},
		{name: "a day past is today", day: "2026-04-01", answers: mona, want: "accepted disable-account", says: "before Friday 22 October 2027", work: "disable-account fzz01 mona"},

		{name: "the named owner is a member", answers: "owner_email=mona; mobile=mona", want: "refused sender-not-authorised"},
		{name: "the named owner owns another mailbox", answers: "owner_email=nina; mobile=mona", want: "refused sender-not-authorised"},
		{name: "the named owner is nobody", answers: "owner_email=dora; mobile=mona", want: "refused sender-not-authorised"},
		{name: "no owner is named", answers: "mobile=mona", want: "needs-info missing:owner_email"},
		{name: "the owner from home", from: "olga", answers: "mobile=mona", want: "accepted disable-account"},
		{name: "the owner from home names an owner", from: "olga", answers: "owner_email=otto; mobile=mona", want: "accepted disable-account"},
		{name: "the owner from home names a member as owner", from: "olga", answers: "owner_email=mona; mobile=mona", want: "refused sender-not-authorised"},
		{name: "a member from home", from: "mona", answers: "mobile=mona", want: "refused sender-not-authorised"},
		{name: "an owner of another pharmacy", from: "nina", facts: []fact{leave("fzz02", "mona")}, answers: "mobile=mona", want: "refused not-linked"},
		{name: "a deleted owner from home", from: "olga", facts: []fact{become("olga", nasdesk.Deleted, "2026-04-01")}, answers: "mobile=mona", want: "refused sender-not-authorised"},

		{name: "a midwife herself", from: "mona", facts: []fact{mailbox("fzz01", midwives), leave("fzz02", "mona")}, answers: "mobile=mona", want: "accepted disable-account"},
		{name: "a midwife for another", from: "mona", facts: []fact{mailbox("fzz01", midwives), leave("fzz02", "mona"), in("fzz01", nasdesk.Member, "vera")}, answers: "mobile=vera", want: "refused sender-not-authorised"},
		{name: "an account in no mailbox", from: "dora", facts: []fact{account("dora", nasdesk.Active, "2024-01-01")}, answers: "mobile=dora", want: "refused sender-not-authorised"},

		{name: "no such mobile", answers: "owner_email=olga; mobile=07700900699", want: "exception account-not-found"},
		{name: "not linked here", answers: "owner_email=olga; mobile=nina", want: "refused not-linked"},
		{name: "the address agrees", answers: mona + "; nhs_email=mona", want: "accepted disable-account"},
		{name: "the address is another's", answers: mona + "; nhs_email=otto", want: "exception identity-mismatch"},
		{name: "the address is nobody's", answers: mona + "; nhs_email=dora", want: "exception account-not-found"},
		{name: "the address is somebody's, the mobile nobody's", answers: "owner_email=olga; mobile=07700900699; nhs_email=mona", want: "exception identity-mismatch"},
		{name: "two with that mobile: the one that is not deleted", facts: twice(nasdesk.Deleted), answers: mona, want: "accepted disable-account", work: "disable-account fzz01 mona"},
		{name: "two with that mobile, deleted first", facts: append(is(nasdesk.Deleted), append(twice(nasdesk.Active), in("fzz01", nasdesk.Member, "dora"))...), answers: mona, want: "accepted disable-account", work: "disable-account fzz01 dora"},

		{name: "one of two owners", answers: "owner_email=olga; mobile=otto", want: "accepted disable-account"},
		{name: "the only owner", facts: []fact{leave("fzz01", "otto")}, answers: "owner_email=olga; mobile=olga", want: "refused last-owner"},
		{name: "the only active owner", facts: []fact{become("otto", nasdesk.Disabled, "2026-04-01")}, answers: "owner_email=olga; mobile=olga", want: "refused last-owner"},
		{name: "the other owner is pending", facts: []fact{become("otto", nasdesk.Pending, "2026-04-01")}, answers: "owner_email=olga; mobile=olga", want: "refused last-owner"},
		{name: "the other active accounts are members", facts: []fact{leave("fzz01", "otto"), in("fzz01", nasdesk.Member, "vera")}, answers: "owner_email=olga; mobile=olga", want: "refused last-owner"},
		{name: "an inactive owner beside an active one", facts: []fact{become("otto", nasdesk.Inactive, "2026-04-01")}, answers: "owner_email=olga; mobile=otto", want: "accepted disable-account"},
		{name: "a member, where no owner is active", facts: []fact{become("olga", nasdesk.Disabled, "2026-04-01"), become("otto", nasdesk.Disabled, "2026-04-01")}, answers: mona, want: "accepted disable-account"},
		{name: "an inactive owner, where no owner is active", facts: []fact{become("olga", nasdesk.Disabled, "2026-04-01"), become("otto", nasdesk.Inactive, "2026-04-01")}, answers: "owner_email=olga; mobile=otto", want: "accepted disable-account"},
		{name: "one is left: a second is advised", facts: []fact{leave("fzz01", "mona")}, answers: "owner_email=olga; mobile=otto", want: "accepted disable-account", says: "We recommend at least two"},
	})
}
