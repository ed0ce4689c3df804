package store

import (
	"testing"
	"time"

	"nasdesk"
)

// TestStanding: what an operator is told of a database, without changing it.
func TestStanding(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		got, err := s.Schema(ctx)
		if err != nil || got.Have != got.Want || got.Want == 0 || got.Fault != nil {
			t.Fatalf("a migrated database: %+v, %v", got, err)
		}
		if at, err := s.Clock(ctx); err != nil || time.Until(at).Abs() > time.Minute {
			t.Errorf("the clock of this machine's database: %v, %v", at, err)
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(s.Import(ctx, World{
			Mailboxes: []nasdesk.Mailbox{
				{Address: "pharmacy.fst01@nhs.net", ODS: "FST01", Name: "One", Sector: nasdesk.Pharmacy, DSPT: nasdesk.StandardsMet, Status: nasdesk.Active},
				{Address: "oddly.named@nhs.net", ODS: "FST02", Name: "Two", Sector: nasdesk.Pharmacy, DSPT: nasdesk.StandardsMet, Status: nasdesk.Active},
				{Address: "pharmacy.fst03@nhs.net", ODS: "FST03", Name: "Three", Sector: nasdesk.Pharmacy, DSPT: nasdesk.StandardsMet, Status: nasdesk.Closed}},
			Accounts: []nasdesk.Account{
				{Address: "ann.one@nhs.net", Name: "Ann One", Status: nasdesk.Active, Since: "2024-01-01"},
				{Address: "bob.one@nhs.net", Name: "Bob One", Status: nasdesk.Active, Since: "2024-01-01"}},
			Memberships: []nasdesk.Membership{
				{Mailbox: "pharmacy.fst01@nhs.net", Account: "ann.one@nhs.net", Role: nasdesk.Owner},
				{Mailbox: "pharmacy.fst01@nhs.net", Account: "bob.one@nhs.net", Role: nasdesk.Member}}}))
		open, ails, err := s.Ailing(ctx)
		if err != nil || open != 2 || ails[NoOwner] != 1 || ails[OneUser] != 1 || ails[WrongFormat] != 1 || ails[DSPTLapsed] != 0 {
			t.Errorf("%d mailboxes, %v, %v", open, ails, err)
		}
		n, err := s.Join(ctx, "one", time.Minute)
		must(err)
		must(n.round(ctx))
		here, err := s.Present(ctx)
		if err != nil || len(here) != 1 || here[0].Name != "one" || !here[0].Holds || here[0].Beat != 1 {
			t.Errorf("%+v, %v", here, err)
		}
		must(n.Leave(ctx))
		if here, err := s.Present(ctx); err != nil || len(here) != 0 {
			t.Errorf("after it left: %+v, %v", here, err)
		}
		must(s.ParkUnread(ctx, Location{"INBOX", 1, 7}, "too large"))
		if n, err := s.ParkedCount(ctx); err != nil || n != 1 {
			t.Errorf("%d parked, %v", n, err)
		}
		s.raw(t, `update migration set checksum = 'another' where version = 1`)
		if got, err := s.Schema(ctx); err != nil || got.Fault == nil {
			t.Errorf("another past: %+v, %v", got, err)
		}
		s.raw(t, `drop table migration`)
		if got, err := s.Schema(ctx); err != nil || got.Have != 0 || got.Fault != nil {
			t.Errorf("no past: %+v, %v", got, err)
		}
	})
}
