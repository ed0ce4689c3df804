package workflows_test

import "testing"

// Contract, rule 15.
func TestExtraAccounts(t *testing.T) {
	const fourteen = "count=14; business_case=two sites share the mailbox"
	judgeAll(t, "extra-accounts", []judgement{
		{name: "waits for the region", answers: fourteen, want: "awaiting regional-approval", work: "none"},
		{name: "no region", facts: []fact{mailbox("fzz01", noRegion)}, answers: fourteen, want: "exception staff-only"},
		{name: "an owner from home", from: "olga", answers: fourteen, want: "awaiting regional-approval"},
		{name: "a member from home", from: "mona", answers: fourteen, want: "refused sender-not-authorised"},
		{name: "no number", answers: "business_case=two sites", want: "needs-info missing:count"},
		{name: "no case", answers: "count=14", want: "needs-info missing:business_case"},
	})
}

// Contract, rule 15.
func TestStaffKinds(t *testing.T) {
	judgeAll(t, "application-account", []judgement{
		{name: "a shared address", answers: "mailbox=fzz01.orders@nhs.net; purpose=robot", want: "exception staff-only"},
		{name: "a code is written out", answers: "mailbox=FZZ02; purpose=robot", want: "exception staff-only"},
		{name: "a person's", answers: "mailbox=mona.state@nhs.net; purpose=robot", want: "refused personal-name"},
		{name: "a deleted person's", facts: []fact{become("mona", "deleted", "2020-01-01")}, answers: "mailbox=mona.state@nhs.net; purpose=robot", want: "refused personal-name"},
		{name: "no purpose", answers: "mailbox=fzz01.orders@nhs.net", want: "needs-info missing:purpose"},
		{name: "an owner from home may not", from: "olga", answers: "mailbox=fzz01.orders@nhs.net; purpose=robot", want: "refused sender-not-authorised"},
		{name: "a closed mailbox", facts: []fact{mailbox("fzz01", shut)}, answers: "mailbox=fzz01.orders@nhs.net; purpose=robot", want: "refused mailbox-closed"},
	})
	judgeAll(t, "lost-details", []judgement{
		{name: "an outsider", from: "ada@example.com", answers: "full_name=Ada State; ods_code=FZZ01", want: "exception staff-only"},
		{name: "nothing is asked back", from: "ada@example.com", answers: "", want: "exception staff-only"},
		{name: "a closed mailbox", facts: []fact{mailbox("fzz01", shut)}, answers: "full_name=Ada State; ods_code=FZZ01", want: "exception staff-only"},
	})
	judgeAll(t, "report", []judgement{
		{name: "an outsider reports", from: "ada@example.com", answers: "", want: "exception staff-only", says: "never ask you to share your password"},
		{name: "a closed mailbox reports", facts: []fact{mailbox("fzz01", shut)}, answers: "", want: "exception staff-only"},
	})
	judgeAll(t, "status", []judgement{
		{name: "a reference that nobody has", answers: "reference=NAS-0000000A", want: "exception not-understood"},
		{name: "from an outsider", from: "ada@example.com", answers: "reference=NAS-0000000A", want: "refused sender-not-authorised"},
		{name: "from a closed mailbox", facts: []fact{mailbox("fzz01", shut)}, answers: "reference=NAS-0000000A", want: "exception not-understood"},
		{name: "no reference", answers: "", want: "needs-info missing:reference"},
	})
}
