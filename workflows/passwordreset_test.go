package workflows_test

import (
	"testing"

	"nasdesk"
)

// Contract, rule 11.
func TestPasswordReset(t *testing.T) {
	const mona = "nhs_email=mona; owner_email=olga; mobile=olga"
	is := func(s nasdesk.Status) []fact { return []fact{become("mona", s, "2026-04-01")} }
	judgeAll(t, "password-reset", []judgement{
		{name: "a member", answers: mona, want: "accepted reset-password", work: "reset-password mona", says: "never by email"},
		{name: "an owner's own", answers: "nhs_email=olga; owner_email=olga; mobile=olga", want: "accepted reset-password"},
		{name: "inactive", facts: is(nasdesk.Inactive), answers: mona, want: "accepted reset-password"},
		{name: "pending", facts: is(nasdesk.Pending), answers: mona, want: "accepted reset-password"},
		{name: "disabled", facts: is(nasdesk.Disabled), answers: mona, want: "exception conflict"},
		{name: "deleted", facts: is(nasdesk.Deleted), answers: mona, want: "exception conflict"},
		{name: "a leaver", facts: is(nasdesk.Leaver), answers: mona, want: "exception conflict"},
		{name: "the member's mobile instead of the owner's", answers: "nhs_email=mona; owner_email=olga; mobile=mona", want: "exception identity-mismatch"},
		{name: "the other owner's mobile", answers: "nhs_email=mona; owner_email=olga; mobile=otto", want: "exception identity-mismatch"},
		{name: "the named owner is a member", answers: "nhs_email=mona; owner_email=mona; mobile=mona", want: "refused sender-not-authorised"},
		{name: "the named owner owns another mailbox", answers: "nhs_email=mona; owner_email=nina; mobile=nina", want: "refused sender-not-authorised"},
		{name: "the named owner is nobody", answers: "nhs_email=mona; owner_email=dora; mobile=dora", want: "refused sender-not-authorised"},
		{name: "linked elsewhere only", answers: "nhs_email=nina; owner_email=olga; mobile=olga", want: "refused not-linked"},
		{name: "no such account", answers: "nhs_email=dora; owner_email=olga; mobile=olga", want: "exception account-not-found"},
		{name: "the owner from home", from: "olga", answers: "nhs_email=mona; mobile=olga", want: "accepted reset-password"},
		{name: "the owner from home, another's mobile", from: "olga", answers: "nhs_email=mona; mobile=mona", want: "exception identity-mismatch"},
		{name: "a member from home", from: "mona", answers: "nhs_email=mona; mobile=mona", want: "refused sender-not-authorised"},
		{name: "nobody is named as owner", answers: "nhs_email=mona; mobile=olga", want: "needs-info missing:owner_email"},
		{name: "no mobile", answers: "nhs_email=mona; owner_email=olga", want: "needs-info missing:mobile"},
	})
}
