package store

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"nasdesk"
)

// anAilingWorld is one mailbox with each ailment, named for it, and one that is
// well.
func anAilingWorld() World {
	var w World
	box := func(local string, owners, members int, change func(*nasdesk.Mailbox)) {
		ods := nasdesk.ODSCode(fmt.Sprintf("FA%03d", len(w.Mailboxes)))
		m := nasdesk.Mailbox{Address: nasdesk.Address(local + "@nhs.net"), ODS: ods, Name: "The " + local + " Ltd", Sector: nasdesk.Optometry, DSPT: nasdesk.StandardsMet, Status: nasdesk.Active}
		change(&m)
		w.Mailboxes = append(w.Mailboxes, m)
		for i := range owners + members {
			a := nasdesk.Address(fmt.Sprintf("p%s.%s@nhs.net", string(rune('a'+i)), local))
			w.Accounts = append(w.Accounts, nasdesk.Account{Address: a, Name: "Zoë O'Brien-Smith", Mobile: nasdesk.Mobile(fmt.Sprintf("07700900%03d", len(w.Accounts))), Status: nasdesk.Active, Since: "2025-01-01"})
			w.Memberships = append(w.Memberships, nasdesk.Membership{Mailbox: m.Address, Account: a, Role: map[bool]nasdesk.Role{true: nasdesk.Owner, false: nasdesk.Member}[i < owners]})
		}
	}
	same := func(*nasdesk.Mailbox) {}
	box("well", 1, 1, same)
	box("ownerless", 0, 2, same)
	box("lonely", 1, 0, same)
	box("oddly", 1, 1, func(m *nasdesk.Mailbox) { m.Sector = nasdesk.Pharmacy })
	box("lapsed", 1, 1, func(m *nasdesk.Mailbox) { m.DSPT = nasdesk.ApproachingStandards })
	box("care", 1, 1, func(m *nasdesk.Mailbox) { m.Sector, m.DSPT = nasdesk.SocialCare, nasdesk.ApproachingStandards })
	box("full", 1, 9, same)
	box("shut", 0, 0, func(m *nasdesk.Mailbox) { m.Status = nasdesk.Closed })
	return w
}

func mailboxes(t testing.TB, s *Store, f MailboxFilter) map[nasdesk.Address][]Ailment {
	t.Helper()
	out := map[nasdesk.Address][]Ailment{}
	for n := 0; n == 0 || f.After != ""; n++ {
		rows, next, err := s.Mailboxes(t.Context(), f)
		if err != nil || n > 20 {
			t.Fatal(err)
		}
		for _, r := range rows {
			out[r.Address] = r.Ails
		}
		f.After = next
	}
	return out
}

func TestAilments(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, anAilingWorld())
		sealed(t, s)
		want := map[nasdesk.Address][]Ailment{"well@nhs.net": nil, "ownerless@nhs.net": {NoOwner}, "lonely@nhs.net": {OneUser}, "oddly@nhs.net": {WrongFormat},
			"lapsed@nhs.net": {DSPTLapsed}, "care@nhs.net": nil, "full@nhs.net": {Full}, "shut@nhs.net": nil}
		for _, limit := range []int{0, 3} {
			if got := mailboxes(t, s, MailboxFilter{Limit: limit, Today: today}); !reflect.DeepEqual(got, want) {
				t.Errorf("by %d: %v", limit, got)
			}
		}
		for _, a := range []Ailment{NoOwner, OneUser, WrongFormat, DSPTLapsed, Full} {
			got := mailboxes(t, s, MailboxFilter{Ails: a, Today: today})
			for box, ails := range got {
				if len(got) != 1 || !slices.Equal(ails, []Ailment{a}) || !slices.Equal(want[box], ails) {
					t.Errorf("%s: %v", a, got)
				}
			}
		}
		rows, _, err := s.Mailboxes(t.Context(), MailboxFilter{Text: "full ltd", Today: today})
		if err != nil || len(rows) != 1 || rows[0].Owners != 1 || rows[0].Accounts != 10 || rows[0].Limit != 10 {
			t.Errorf("%+v, %v", rows, err)
		}
		for text, n := range map[string]int{"the": 8, "the lonely": 1, "FA002": 1, "lonely@nhs.net": 1, "lonely full": 0} {
			if got := mailboxes(t, s, MailboxFilter{Text: text, Today: today}); len(got) != n {
				t.Errorf("%q: %v", text, got)
			}
		}
	})
}

// What is known of a mailbox follows the register: an owner who leaves, an
// approval, a date.
func TestAilmentsFollowTheRegister(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, anAilingWorld())
		sealed(t, s)
		change := func(key string, ch nasdesk.Change) {
			t.Helper()
			decide(t, s, mailEvent(key, "well@nhs.net"), nasdesk.Keys{Party: "well@nhs.net"}, always(nasdesk.Decision{Change: ch}))
			sealed(t, s)
		}
		ails := func(box nasdesk.Address) []Ailment { return mailboxes(t, s, MailboxFilter{Today: today})[box] }
		c := pulled1(t, s, nasdesk.Keys{Party: "well@nhs.net"})
		owner := *c.Account("pa.well@nhs.net")
		owner.Status = nasdesk.Leaver
		change("e1", nasdesk.Change{Accounts: []nasdesk.Account{owner}})
		if got := ails("well@nhs.net"); !slices.Equal(got, []Ailment{NoOwner, OneUser}) {
			t.Errorf("the owner has left: %v", got)
		}
		change("e2", nasdesk.Change{Linked: []nasdesk.Membership{{Mailbox: "well@nhs.net", Account: "pa.full@nhs.net", Role: nasdesk.Owner}},
			Approvals: []nasdesk.Approval{{Mailbox: "full@nhs.net", Max: 12, ApprovedBy: north, ApprovedOn: today}}})
		if got := append(ails("well@nhs.net"), ails("full@nhs.net")...); len(got) != 0 {
			t.Errorf("mended: %v", got)
		}
		inQueue(t, s, "e3", "well@nhs.net", func(r *nasdesk.Request) {
			r.State, r.Outcome, r.Reasons, r.Effective = nasdesk.StateDated, nasdesk.Accepted, nil, today.AddDays(30)
		})
		if got := ails("well@nhs.net"); !slices.Equal(got, []Ailment{DatesDue}) {
			t.Errorf("a date ahead: %v", got)
		}
		if got := mailboxes(t, s, MailboxFilter{Ails: DatesDue, Today: today}); len(got) != 1 {
			t.Errorf("with dates due: %v", got)
		}
		if got := mailboxes(t, s, MailboxFilter{Ails: DatesDue, Today: today.AddDays(-1)}); len(got) != 0 {
			t.Errorf("a day too early: %v", got)
		}
	})
}

func TestRegisterPages(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		r := inQueue(t, s, "k1", fa123, func(r *nasdesk.Request) { r.Answers = []nasdesk.Answer{{Field: "account", Value: string(tom)}} })
		sealed(t, s)
		unsealed := inQueue(t, s, "k2", fa123, func(r *nasdesk.Request) {}) // not folded: only the journal knows
		if err := s.Viewed(t.Context(), "anna", "account", 0, string(tom), now); err != nil {
			t.Fatal(err)
		}
		m, err := s.MailboxPage(t.Context(), fa123, today)
		if err != nil || m.Name != "High Street Pharmacy" || m.Owners != 1 || m.Accounts != 2 || m.Case.Account(tom) == nil || !slices.Equal(idsOf(m.Requests), []int64{r.ID}) {
			t.Errorf("%+v, %v", m, err)
		}
		if len(m.Journal) != 2 || m.Journal[0].Request != unsealed.ID || m.Journal[1].Request != r.ID || m.Journal[1].What != "request-referred" {
			t.Errorf("journal of the mailbox: %+v", m.Journal)
		}
		a, err := s.AccountPage(t.Context(), tom, today)
		if err != nil || a.Name != "Tom Barker" || a.Case.Mailbox(fa123) == nil || !slices.Equal(idsOf(a.Requests), []int64{r.ID}) || len(a.Journal) != 0 {
			t.Errorf("%+v, %v", a, err)
		}
		for range 2 { // not sealed yet, and sealed
			if looks, err := s.Looks(t.Context(), tom, ""); err != nil || len(looks) != 1 || looks[0].What != "viewed" || looks[0].Detail != "account by anna" {
				t.Errorf("who looked: %+v, %v", looks, err)
			}
			sealed(t, s)
		}
		if looks, err := s.Looks(t.Context(), fa123); err != nil || len(looks) != 0 {
			t.Errorf("who looked at the mailbox: %+v, %v", looks, err)
		}
		if _, err := s.MailboxPage(t.Context(), "none@nhs.net", today); !errors.Is(err, ErrNone) {
			t.Errorf("no mailbox: %v", err)
		}
		if _, err := s.AccountPage(t.Context(), "none@nhs.net", today); !errors.Is(err, ErrNone) {
			t.Errorf("no account: %v", err)
		}
	})
}

// The reason of a register edit may name somebody: it stands with the act, not in
// the journal, and comes with the history of what was changed.
func TestARegisterEditBringsItsReason(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		ev := nasdesk.StaffEvent{By: "anna", Act: nasdesk.ActRegister, Text: "Amina rang: the name was wrong.", Edit: &nasdesk.Edit{}}
		key := nasdesk.OutClick{ID: clicked(t, s, ev, ClickReady, now)}.Key()
		decide(t, s, nasdesk.Event{Key: key, At: now, Staff: &ev}, nasdesk.Keys{Addresses: []nasdesk.Address{tom}}, always(nasdesk.Decision{
			Journal: []nasdesk.Entry{{What: "staff-register", Request: -1, Subject: string(tom), Detail: "account by anna"}}}))
		for range 2 {
			a, err := s.AccountPage(t.Context(), tom, today)
			if err != nil || len(a.Journal) != 1 || a.Journal[0].Reason != ev.Text || a.Journal[0].Detail != "account by anna" {
				t.Errorf("%+v, %v", a.Journal, err)
			}
			sealed(t, s)
		}
	})
}

func TestAccounts(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		sealed(t, s)
		for text, want := range map[string][]nasdesk.Address{"": {amina, grace, "sarah.jones2@nhs.net", tom}, "khan": {amina}, "amina@example.com": {amina}, "00103": {grace}, "07700 900 102": {tom},
			"grace li": {grace}, "grace khan": nil, "sarah jones2": {"sarah.jones2@nhs.net"}} {
			for _, limit := range []int{0, 1} {
				var got []nasdesk.Address
				after := ""
				for n := 0; n == 0 || after != "" && n < 9; n++ {
					rows, next, err := s.Accounts(t.Context(), text, after, limit)
					if err != nil {
						t.Fatal(err)
					}
					for _, a := range rows {
						got = append(got, a.Address)
					}
					after = next
				}
				if !slices.Equal(got, want) {
					t.Errorf("%q by %d: %v, want %v", text, limit, got, want)
				}
			}
		}
	})
}

func TestRenamedMailboxKeepsItsRequests(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		r := inQueue(t, s, "k1", fa123, func(*nasdesk.Request) {})
		sealed(t, s)
		c := pulled1(t, s, nasdesk.Keys{Party: fa123})
		m := *c.Mailbox(fa123)
		m.Address, m.Alias, m.ODS = "pharmacy.fc789@nhs.net", fa123, "FC789"
		decide(t, s, mailEvent("k2", fa123), nasdesk.Keys{Party: fa123}, always(nasdesk.Decision{Change: nasdesk.Change{Mailboxes: []nasdesk.Mailbox{m}, Renamed: map[nasdesk.Address]nasdesk.Address{fa123: m.Address}}}))
		for _, address := range []nasdesk.Address{m.Address, fa123} {
			p, err := s.MailboxPage(t.Context(), address, today)
			if err != nil || p.Address != m.Address || !slices.Equal(idsOf(p.Requests), []int64{r.ID}) || len(p.Journal) != 1 {
				t.Errorf("%s: %+v, %v", address, p, err)
			}
		}
		if rows := listed(t, s, Filter{Queue: QueueAll, Mailbox: m.Address}).Rows; len(rows) != 1 {
			t.Errorf("listed: %+v", rows)
		}
	})
}
