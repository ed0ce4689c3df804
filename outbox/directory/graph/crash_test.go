package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"nasdesk"
	"nasdesk/outbox/directory/graph/graphtest"
)

// A story is an action, and what the tenant needs to hold before it.
type story struct {
	name   string
	before []nasdesk.Action
	action nasdesk.Action
	holds  func(*tenant) error // afterwards
}

func stories() []story {
	made := []nasdesk.Action{create("b0")}
	owner := on("k", nasdesk.LinkMember)
	owner.Role = nasdesk.Owner
	team := on("k", nasdesk.CreateTeam)
	team.Other = "FA123 Team"
	wasOwner := owner
	wasOwner.Key = "b1"
	return []story{
		{"create", nil, create("k"), func(w *tenant) error {
			users, phones, _ := w.Count()
			return want(users == 1 && phones == 1, "%d accounts, %d phones", users, phones)
		}},
		{"disable", made, on("k", nasdesk.DisableAccount), enabled(false)},
		{"enable", append(made, on("b1", nasdesk.DisableAccount)), on("k", nasdesk.EnableAccount), enabled(true)},
		{"leaver", append(made, wasOwner), on("k", nasdesk.MarkLeaver), func(w *tenant) error {
			_, deleted := w.User("ann.example@nhs.net")
			return want(deleted, "the account is not deleted")
		}},
		{"joiner", append(made, on("b1", nasdesk.MarkLeaver)), on("k", nasdesk.MarkJoiner), enabled(true)},
		{"restore", append(made, on("b1", nasdesk.MarkLeaver)), on("k", nasdesk.RestoreAccount), enabled(true)},
		{"create again", append(made, on("b1", nasdesk.MarkLeaver)), create("k"), enabled(true)},
		{"reset", made, on("k", nasdesk.ResetPassword), enabled(true)},
		{"link an owner", made, owner, in(true, true)},
		{"link a member", append(made, wasOwner), on("k", nasdesk.LinkMember), in(true, false)},
		{"unlink", append(made, wasOwner), on("k", nasdesk.UnlinkMember), in(false, false)},
		{"team", made, team, func(w *tenant) error {
			_, _, teams := w.Count()
			return want(teams == 1, "%d Teams", teams)
		}},
	}
}

func want(so bool, format string, args ...any) error {
	if so {
		return nil
	}
	return fmt.Errorf(format, args...)
}

func enabled(is bool) func(*tenant) error {
	return func(w *tenant) error {
		u, deleted := w.User("ann.example@nhs.net")
		users, _, _ := w.Count()
		return want(!deleted && u["accountEnabled"] == is && users == 1, "deleted %v, enabled %v, %d accounts", deleted, u["accountEnabled"], users)
	}
}

func in(member, owner bool) func(*tenant) error {
	return func(w *tenant) error {
		m, o := w.In("ann.example@nhs.net")
		return want(m == member && o == owner, "member %v, owner %v", m, o)
	}
}

// cutAt breaks the connection behind request n, counted from here.
func (w *tenant) cutAt(n int, m graphtest.Mode) {
	calls, _ := w.Log()
	first := len(calls)
	m.Cut = func(c graphtest.Call) bool { return c.N == first+n }
	w.Set(m)
}

// twice returns a write that was carried out more than once, or was sent again
// after it had been carried out.
func twice(calls []graphtest.Call, strict bool) error {
	done := map[string]bool{}
	for _, c := range calls {
		if c.Method == "GET" {
			continue
		}
		if done[c.RequestID] && (strict || c.Changed && !harmless(c)) {
			return fmt.Errorf("request %d, %s %s, was carried out before", c.N, c.Method, c.Path)
		}
		done[c.RequestID] = done[c.RequestID] || c.Changed
	}
	return nil
}

// harmless reports whether a request makes the same so once more.
func harmless(c graphtest.Call) bool {
	return c.Method == "PATCH" || strings.HasSuffix(c.Path, "/assignLicense") || strings.HasSuffix(c.Path, "/revokeSignInSessions")
}

// Every action is cut off behind every single one of its requests, once by a
// connection that breaks and once by the death of the process, and goes on.
func TestCutBehindEveryRequest(t *testing.T) {
	for _, s := range stories() {
		for _, crash := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, crash %v", s.name, crash), func(t *testing.T) {
				cuts(t, s, crash, graphtest.Mode{Building: time.Minute, Provision: time.Hour}, true)
			})
		}
	}
}

// The same where reads are minutes behind. What was carried out when the connection
// broke may be sent again, where it is no more than the same once more, or where
// Graph refuses it.
func TestCutWhileReadsAreBehind(t *testing.T) {
	for _, s := range stories() {
		for _, crash := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, crash %v", s.name, crash), func(t *testing.T) {
				cuts(t, s, crash, graphtest.Mode{Building: time.Minute, Provision: time.Hour, Lag: 3 * time.Minute, Details: true}, false)
			})
		}
	}
}

// And where a new account hides, and Graph does not say why a name is refused.
func TestCutWhileNewAccountsHide(t *testing.T) {
	for _, s := range stories() {
		if s.action.Name == nasdesk.CreateAccount || s.action.Name == nasdesk.CreateTeam {
			t.Run(s.name, func(t *testing.T) {
				cuts(t, s, true, graphtest.Mode{Building: time.Minute, Provision: time.Hour, Hidden: 3, Lag: time.Minute}, false)
				cuts(t, s, false, graphtest.Mode{Building: time.Minute, Provision: time.Hour, Hidden: 3, Lag: time.Minute}, false)
			})
		}
	}
}

func cuts(t *testing.T, s story, crash bool, m graphtest.Mode, strict bool) {
	for n := 1; ; n++ {
		w := newTenant(t, m)
		d := w.open(t)
		for _, b := range s.before {
			w.done(t, d, b)
		}
		w.clock.move(time.Hour)
		before, _ := w.Log()
		w.cutAt(n, m)
		if _, err := d.Do(t.Context(), s.action); err != nil && crash {
			w.clock.move(30 * time.Minute) // the lease
			d = w.open(t)
		}
		w.done(t, d, s.action)
		after, _ := w.Log()
		if err := twice(after[len(before):], strict); err != nil {
			t.Errorf("cut behind request %d: %v", n, err)
		}
		if err := s.holds(w); err != nil {
			t.Errorf("cut behind request %d: %v", n, err)
		}
		if n > len(after)-len(before) {
			return
		}
	}
}

// Two requests in a row may be lost.
func TestCutTwice(t *testing.T) {
	for _, s := range stories() {
		for n := 1; n < 12; n++ {
			w := newTenant(t, graphtest.Mode{})
			for _, b := range s.before {
				w.done(t, w.open(t), b)
			}
			w.clock.move(time.Hour)
			for i := range 2 {
				w.cutAt(n+i, graphtest.Mode{})
				if r, err := w.open(t).Do(t.Context(), s.action); err == nil && r.State == nasdesk.WorkFailed {
					t.Fatalf("%s, cut %d: %+v", s.name, n, r)
				}
				w.clock.move(30 * time.Minute)
			}
			w.Set(graphtest.Mode{})
			w.done(t, w.open(t), s.action)
			calls, _ := w.Log()
			if err := twice(calls, true); err != nil {
				t.Errorf("%s, cut %d: %v", s.name, n, err)
			}
			if err := s.holds(w); err != nil {
				t.Errorf("%s, cut %d: %v", s.name, n, err)
			}
		}
	}
}
