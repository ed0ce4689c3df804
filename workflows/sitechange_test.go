package workflows_test

import (
	"testing"

	"nasdesk"
)

// Contract, rule 13.
func TestSiteChange(t *testing.T) {
	const codes = "old_ods=FZZ01; new_ods=FYY05"
	dspt := func(d nasdesk.DSPT) []fact {
		return []fact{mailbox("fzz01", func(m *nasdesk.Mailbox) { m.DSPT = d })}
	}
	of := func(s nasdesk.Sector, d nasdesk.DSPT) fact {
		return mailbox("fzz01", func(m *nasdesk.Mailbox) { m.Sector, m.DSPT = s, d })
	}
	judgeAll(t, "site-change", []judgement{
		{name: "a new code", answers: codes, want: "accepted rename-mailbox", work: "rename-mailbox fzz01 fyy05 FYY05", says: "becomes pharmacy.fyy05@nhs.net"},
		{name: "the old code need not be told", answers: "new_ods=FYY05", want: "accepted rename-mailbox"},
		{name: "the old code is another's", answers: "old_ods=FZZ02; new_ods=FYY05", want: "refused sender-not-authorised"},
		{name: "the new code is another's", answers: "new_ods=FZZ02", want: "refused ods-in-use"},
		{name: "the new code is a closed mailbox's", facts: []fact{mailbox("fzz02", shut)}, answers: "new_ods=FZZ02", want: "refused ods-in-use"},
		{name: "the new address is another mailbox's former one", facts: []fact{mailbox("fzz02", func(m *nasdesk.Mailbox) { m.Alias = "pharmacy.fyy05@nhs.net" })}, answers: codes, want: "refused ods-in-use"},
		{name: "the new address is an account's", facts: []fact{account("pharmacy.fyy05@nhs.net", nasdesk.Active, "2024-01-01")}, answers: codes, want: "refused ods-in-use"},
		{name: "the code of a mailbox with an address of another form", facts: []fact{func(c *nasdesk.Case) {
			c.Mailboxes = append(c.Mailboxes, nasdesk.Mailbox{Address: "fellside.chemist@nhs.net", ODS: "FYY05"})
		}}, answers: codes, want: "refused ods-in-use"},
		{name: "a code too short", answers: "new_ods=FYY0", want: "needs-info invalid:new_ods"},
		{name: "a code that is no pharmacy's", answers: "new_ods=V20417", want: "needs-info invalid:new_ods"},
		{name: "no code", answers: "old_ods=FZZ01", want: "needs-info missing:new_ods"},
		{name: "standards exceeded", facts: dspt(nasdesk.StandardsExceeded), answers: codes, want: "accepted rename-mailbox"},
		{name: "approaching standards", facts: dspt(nasdesk.ApproachingStandards), answers: codes, want: "refused dspt-not-met"},
		{name: "standards not met", facts: dspt(nasdesk.StandardsNotMet), answers: codes, want: "refused dspt-not-met"},
		{name: "not published", facts: dspt(nasdesk.NotPublished), answers: codes, want: "refused dspt-not-met"},
		{name: "social care, approaching standards", facts: []fact{of(nasdesk.SocialCare, nasdesk.ApproachingStandards)}, answers: "new_ods=VMK31", want: "accepted rename-mailbox"},
		{name: "social care, standards not met", facts: []fact{of(nasdesk.SocialCare, nasdesk.StandardsNotMet)}, answers: "new_ods=VMK31", want: "refused dspt-not-met"},
		{name: "social care, not published", facts: []fact{of(nasdesk.SocialCare, nasdesk.NotPublished)}, answers: "new_ods=VMK31", want: "refused dspt-not-met"},
		{name: "dentistry, approaching standards", facts: []fact{of(nasdesk.Dentistry, nasdesk.ApproachingStandards)}, answers: "new_ods=V20418", want: "refused dspt-not-met"},
		{name: "another sector keeps its prefix", facts: []fact{of(nasdesk.Dentistry, nasdesk.StandardsMet), renamed("dental.fzz01@nhs.net")}, from: "dental.fzz01@nhs.net", answers: "new_ods=V20418", want: "accepted rename-mailbox", work: "rename-mailbox dental.fzz01 dental.v20418 V20418"},
		{name: "another sector's code needs a digit", facts: []fact{of(nasdesk.Dentistry, nasdesk.StandardsMet)}, answers: "new_ods=ABCDE", want: "needs-info invalid:new_ods"},
		{name: "another sector's code needs a letter", facts: []fact{of(nasdesk.Dentistry, nasdesk.StandardsMet)}, answers: "new_ods=12345", want: "needs-info invalid:new_ods"},
		{name: "an address of another form, no code", facts: []fact{renamed("state.chemist@nhs.net")}, from: "state.chemist@nhs.net", answers: "", want: "exception mailbox-address-format"},
		{name: "an address of another form, the code it has", facts: []fact{renamed("state.chemist@nhs.net")}, from: "state.chemist@nhs.net", answers: "new_ods=FZZ01", want: "exception mailbox-address-format"},
		{name: "an address of another form, a new code", facts: []fact{renamed("state.chemist@nhs.net")}, from: "state.chemist@nhs.net", answers: "new_ods=FYY05", want: "accepted rename-mailbox"},
		{name: "an address of the right form, the code it has", answers: "new_ods=FZZ01", want: "refused ods-in-use"},
		{name: "another sector's address has no form", facts: []fact{of(nasdesk.SocialCare, nasdesk.StandardsMet), renamed("alderhouse.care@nhs.net")}, from: "alderhouse.care@nhs.net", answers: "", want: "needs-info missing:new_ods"},
		{name: "an owner from home may not", from: "olga", answers: codes, want: "refused sender-not-authorised"},
		{name: "on a day to come", day: "2026-05-01", answers: codes, want: "accepted rename-mailbox", work: "none", says: "on Friday 1 May 2026"},
	})
}
