package workflows_test

import (
	"testing"

	"nasdesk"
)

// Contract, rule 14.
func TestTeam(t *testing.T) {
	is := func(s nasdesk.Status) []fact { return []fact{become("mona", s, "2026-04-01")} }
	const byName = "team_name=State Pharmacy 1 rota; owner_email=mona"
	judgeAll(t, "team", []judgement{
		{name: "with the pharmacy's name", answers: byName, want: "accepted create-team", work: "create-team fzz01 mona State Pharmacy 1 rota"},
		{name: "with its code", answers: "team_name=Rota (FZZ01); owner_email=olga", want: "accepted create-team"},
		{name: "capitals and blanks do not matter", answers: "team_name=fzz 01 rota; owner_email=olga", want: "accepted create-team"},
		{name: "an ampersand is the word and", facts: []fact{mailbox("fzz01", func(m *nasdesk.Mailbox) { m.Name = "Pill & Potion" })},
			answers: "team_name=Pill and Potion rota; owner_email=olga", want: "accepted create-team"},
		{name: "a name that says nothing", answers: "team_name=Rota; owner_email=olga", want: "needs-info invalid:team_name"},
		{name: "another pharmacy's code", answers: "team_name=FZZ02 rota; owner_email=olga", want: "needs-info invalid:team_name"},
		{name: "the owner is not in the register", answers: "team_name=FZZ01 rota; owner_email=dora", want: "exception account-not-found"},
		{name: "the owner is disabled", facts: is(nasdesk.Disabled), answers: byName, want: "exception account-not-found"},
		{name: "the owner is inactive", facts: is(nasdesk.Inactive), answers: byName, want: "exception account-not-found"},
		{name: "the owner is deleted", facts: is(nasdesk.Deleted), answers: byName, want: "exception account-not-found"},
		{name: "the owner is linked elsewhere", answers: "team_name=FZZ01 rota; owner_email=nina", want: "refused not-linked"},
		{name: "an owner from home may not", from: "olga", answers: byName, want: "refused sender-not-authorised"},
		{name: "no owner", answers: "team_name=FZZ01 rota", want: "needs-info missing:owner_email"},
	})
}
