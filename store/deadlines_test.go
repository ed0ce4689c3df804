package store

import (
	"errors"
	"slices"
	"testing"

	"nasdesk"
)

func aDeadline(account nasdesk.Address, mailbox nasdesk.Address, ends nasdesk.Date) nasdesk.Deadline {
	return nasdesk.Deadline{Key: "disabled/" + string(account) + "/2026-01-01/" + string(mailbox), Cause: nasdesk.CauseDisabled, Account: account, Mailbox: mailbox,
		Since: "2026-01-01", Ends: ends, Last: ends, Step: 7, At: now, State: nasdesk.DeadlineReady}
}

func unwatched(t *testing.T, s *Store) (out []nasdesk.Watched) {
	t.Helper()
	out, err := s.Unwatched(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Deadlines are reckoned whenever an account changes, and go on where they stand.
func TestDeadlines(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		w := World{Mailboxes: []nasdesk.Mailbox{{Address: fa123, ODS: "FA123", Name: "Well", Sector: nasdesk.Pharmacy, DSPT: nasdesk.StandardsMet, Status: nasdesk.Active}},
			Accounts: []nasdesk.Account{{Address: "olga@nhs.net", Name: "Olga", Mobile: "07700900001", Status: nasdesk.Active, Since: "2024-01-01"},
				{Address: "dora@nhs.net", Name: "Dora", Mobile: "07700900002", Status: nasdesk.Disabled, Since: "2026-01-01"}},
			Memberships: []nasdesk.Membership{{Mailbox: fa123, Account: "olga@nhs.net", Role: nasdesk.Owner}, {Mailbox: fa123, Account: "dora@nhs.net", Role: nasdesk.Member}}}
		if err := s.Import(t.Context(), w); err != nil {
			t.Fatal(err)
		}
		got := unwatched(t, s)
		if len(got) != 1 || got[0].Address != "dora@nhs.net" || !slices.Equal(got[0].Mailboxes, []nasdesk.Address{fa123}) {
			t.Fatalf("unwatched %+v", got)
		}
		today := nasdesk.DateOf(now.Time())
		x := aDeadline("dora@nhs.net", fa123, today.AddDays(9))
		for range 2 { // a second time changes nothing
			if err := s.Reckoned(t.Context(), got[0].Account, []nasdesk.Deadline{x}); err != nil {
				t.Fatal(err)
			}
		}
		if again := unwatched(t, s); again != nil {
			t.Errorf("reckoned, and to be reckoned again: %+v", again)
		}
		ahead, err := s.Deadlines(t.Context(), today, today.AddDays(9), 10)
		if err != nil || !slices.Equal(ahead, []nasdesk.Deadline{x}) {
			t.Errorf("ahead %+v, %v", ahead, err)
		}
		rows, err := s.List(t.Context(), Filter{Queue: QueueDates, Today: today})
		if err != nil || len(rows.Rows) != 1 || rows.Rows[0].Account != "dora@nhs.net" || rows.Rows[0].What != "disabled" || rows.Rows[0].Name != "Well" {
			t.Errorf("listed %+v, %v", rows, err)
		}
		counts, err := s.Counts(t.Context(), today)
		if err != nil || counts[QueueDates] != 1 {
			t.Errorf("counted %d, %v", counts[QueueDates], err)
		}
		due, err := s.DueDeadlines(t.Context(), now, 10, hour)
		if err != nil || len(due) != 1 || due[0].Mailbox != fa123 {
			t.Fatalf("due %+v, %v", due, err)
		}
		// The decision moves it on; the claim is over with it.
		ev := nasdesk.Event{Key: "dates/1", At: now, Due: &nasdesk.DueEvent{What: nasdesk.DueWarn, Mailbox: fa123}}
		decide(t, s, ev, nasdesk.Keys{Party: fa123, Deadlines: true}, func(c *nasdesk.Case) nasdesk.Decision {
			if len(c.Deadlines) != 1 || c.Account("dora@nhs.net") == nil {
				t.Fatalf("the case has %+v", c.Deadlines)
			}
			y := c.Deadlines[0]
			y.Step, y.At = 1, now+hour
			return nasdesk.Decision{Datings: []nasdesk.Dating{{Request: -1, Deadline: y}}}
		})
		if err := s.DeadlineLater(t.Context(), due[0].ID, due[0].Attempt, now); !errors.Is(err, ErrFenced) {
			t.Errorf("the claim holds: %v", err)
		}
		if due, err = s.DueDeadlines(t.Context(), now, 10, hour); err != nil || due != nil {
			t.Errorf("due again %+v, %v", due, err)
		}
		// What it has no longer is cancelled, and comes back where it stood.
		for _, c := range []struct {
			rows []nasdesk.Deadline
			want int
		}{{nil, 0}, {[]nasdesk.Deadline{x}, 1}} {
			if err := s.Reckoned(t.Context(), got[0].Account, c.rows); err != nil {
				t.Fatal(err)
			}
			if ahead, err = s.Deadlines(t.Context(), today, today.AddDays(9), 10); err != nil || len(ahead) != c.want {
				t.Fatalf("ahead %+v, %v", ahead, err)
			}
		}
		if ahead[0].Step != 1 || ahead[0].At != now+hour {
			t.Errorf("it comes back at step %d", ahead[0].Step)
		}
	})
}

// TestPagesOfDates: requests and accounts in one order, page by page.
func TestPagesOfDates(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		today := nasdesk.DateOf(now.Time())
		var want []string
		for i, n := range []int{3, 5, 5, 8, 13} {
			ends := today.AddDays(n)
			account := nasdesk.Address(string(rune('a'+i)) + "@nhs.net")
			if err := s.Reckoned(t.Context(), nasdesk.Account{Address: account}, []nasdesk.Deadline{aDeadline(account, fa123, ends)}); err != nil {
				t.Fatal(err)
			}
			ev := mailEvent(string(account), fa123)
			r := aRequest(ev, fa123)
			r.State, r.Effective, r.Outcome = nasdesk.StateDated, ends, nasdesk.Accepted
			d := decide(t, s, ev, nasdesk.Keys{Party: fa123}, always(nasdesk.Decision{Requests: []nasdesk.Request{r},
				Dates: []nasdesk.Due{{Key: string(account), What: nasdesk.DueEffective, At: nasdesk.TimestampOf(ends.Time())}}}))
			want = append(want, string(account), d.Requests[0].Reference)
		}
		for _, sort := range []Sort{"", SortNewest, SortMailbox} {
			seen, days, after := map[string]int{}, []nasdesk.Timestamp{}, ""
			for range 20 {
				page, err := s.List(t.Context(), Filter{Queue: QueueDates, Today: today, Limit: 3, After: after, Sort: sort})
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range page.Rows {
					name := string(r.Account)
					if name == "" {
						name = r.Reference
					}
					seen[name]++
					days = append(days, r.At)
				}
				if after = page.Next; after == "" {
					break
				}
			}
			if sort == SortNewest {
				slices.Reverse(days)
			}
			if len(days) != len(want) || sort != SortMailbox && !slices.IsSorted(days) {
				t.Errorf("sorted by %q: %d rows, in order %v, want %d", sort, len(days), slices.IsSorted(days), len(want))
			}
		}
	})
}

// The page of an account has the dates that are ahead of it, the nearest first, and
// of no other.
func TestAnAccountsDates(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		far, near := aDeadline(tom, fa123, "2026-12-01"), aDeadline(tom, "pharmacy.fb456@nhs.net", "2026-06-01")
		if err := s.Reckoned(t.Context(), nasdesk.Account{Address: tom}, []nasdesk.Deadline{far, near}); err != nil {
			t.Fatal(err)
		}
		if err := s.Reckoned(t.Context(), nasdesk.Account{Address: "olga@nhs.net"}, []nasdesk.Deadline{aDeadline("olga@nhs.net", fa123, "2026-05-30")}); err != nil {
			t.Fatal(err)
		}
		if a, err := s.AccountPage(t.Context(), tom, today); err != nil || !slices.Equal(a.Dates, []nasdesk.Deadline{near, far}) {
			t.Errorf("%+v, %v", a, err)
		}
		if err := s.Reckoned(t.Context(), nasdesk.Account{Address: tom}, []nasdesk.Deadline{near}); err != nil {
			t.Fatal(err)
		}
		if a, err := s.AccountPage(t.Context(), tom, today); err != nil || !slices.Equal(a.Dates, []nasdesk.Deadline{near}) {
			t.Errorf("after one has ended: %+v, %v", a, err)
		}
	})
}
