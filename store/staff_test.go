package store

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"nasdesk"
)

const minute = nasdesk.Timestamp(60 * 1e6)

func putStaff(t testing.TB, s *Store, p Staff) {
	t.Helper()
	if err := s.PutStaff(t.Context(), p); err != nil {
		t.Fatal(err)
	}
}

func TestStaff(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		anna, ben := Staff{Name: "anna", Display: "Anna A", Role: Lead, Hash: "$argon2id$x"}, Staff{Name: "ben", Display: "Ben B", Role: Auditor}
		putStaff(t, s, ben)
		putStaff(t, s, anna)
		if all, err := s.StaffAll(t.Context()); err != nil || !reflect.DeepEqual(all, []Staff{anna, ben}) {
			t.Errorf("StaffAll = %+v, %v", all, err)
		}
		if _, err := s.StaffNamed(t.Context(), "nobody"); !errors.Is(err, ErrNone) {
			t.Errorf("nobody: %v", err)
		}
		fail := func(at nasdesk.Timestamp) Staff {
			if err := s.SignInFailed(t.Context(), "anna", at, 3, 15*time.Minute); err != nil {
				t.Fatal(err)
			}
			p, err := s.StaffNamed(t.Context(), "anna")
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		fail(now)
		if p := fail(now); p.Failed != 2 || p.LockedUntil != 0 {
			t.Errorf("after two: %+v", p)
		}
		if p := fail(now); p.Failed != 0 || p.LockedUntil != now+15*minute {
			t.Errorf("after three: %+v", p)
		}
		if p := fail(now + 20*minute); p.Failed != 1 {
			t.Errorf("after the lock: %+v", p)
		}
		if err := s.SignedIn(t.Context(), "anna", now+21*minute); err != nil {
			t.Fatal(err)
		}
		anna.SignedInAt, anna.Display = now+21*minute, "Anna Other"
		putStaff(t, s, anna)
		if p, err := s.StaffNamed(t.Context(), "anna"); err != nil || p != anna {
			t.Errorf("%+v, %v", p, err)
		}
		if err := errors.Join(s.SignInFailed(t.Context(), "nobody", now, 3, time.Minute)); !errors.Is(err, ErrNone) {
			t.Errorf("nobody: %v", err)
		}
		if err := s.SignedIn(t.Context(), "nobody", now); !errors.Is(err, ErrNone) {
			t.Errorf("nobody: %v", err)
		}
		if n := s.number(t, `select count(*) from journal where what = 'sign-in-failed' or what = 'signed-in' and detail = 'by anna'`); n != 5 {
			t.Errorf("%d lines in the journal", n)
		}
	})
}

func TestSession(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		putStaff(t, s, Staff{Name: "anna", Display: "Anna A", Role: Agent})
		putStaff(t, s, Staff{Name: "gone", Role: Agent, Disabled: true})
		if err := s.NewSession(t.Context(), Session{Token: "t0", Staff: "gone", MadeAt: now}); !errors.Is(err, ErrNone) {
			t.Errorf("a session of one who is disabled: %v", err)
		}
		begin := func(token string) {
			t.Helper()
			if err := s.NewSession(t.Context(), Session{Token: token, Staff: "anna", MadeAt: now}); err != nil {
				t.Fatal(err)
			}
		}
		over := func(token string, at nasdesk.Timestamp) {
			t.Helper()
			if n, err := s.SessionOf(t.Context(), token, at); !errors.Is(err, ErrNone) {
				t.Errorf("%s at %d: %+v, %v", token, (at-now)/minute, n, err)
			}
		}
		begin("t1")
		over("t2", now)
		at := now
		for range 28 { // used every 25 minutes, it lasts twelve hours
			at += 25 * minute
			n, err := s.SessionOf(t.Context(), "t1", at)
			want := Session{Token: "t1", Staff: "anna", Role: Agent, Display: "Anna A", MadeAt: now, SeenAt: at, EndsAt: now + 12*hour}
			if err != nil || n != want {
				t.Fatalf("%+v, %v", n, err)
			}
		}
		over("t1", now+12*hour)
		begin("t3")
		over("t3", now+30*minute)
		begin("t4")
		putStaff(t, s, Staff{Name: "anna", Role: Lead})
		if n, err := s.SessionOf(t.Context(), "t4", now+1); err != nil || n.Role != Lead {
			t.Errorf("a role that was changed: %+v, %v", n, err)
		}
		if err := s.EndSession(t.Context(), "t4"); err != nil {
			t.Error(err)
		}
		over("t4", now+1)
		begin("t5")
		putStaff(t, s, Staff{Name: "anna", Role: Lead, Disabled: true})
		over("t5", now+1)
		putStaff(t, s, Staff{Name: "anna", Role: Lead})
		over("t5", now+1)
		begin("t8")
		begin("t9")
		if n, err := s.SessionAt(t.Context(), "t8", now+29*minute); err != nil || n.SeenAt != now {
			t.Errorf("%+v, %v", n, err)
		}
		over("t8", now+30*minute) // looking at it did not use it
		if err := s.EndSessions(t.Context(), "anna", "t9"); err != nil {
			t.Error(err)
		}
		over("t8", now+1)
		if _, err := s.SessionOf(t.Context(), "t9", now+1); err != nil {
			t.Errorf("the session that was spared: %v", err)
		}
		begin("t6")
		if err := s.NewSession(t.Context(), Session{Token: "t7", Staff: "anna", MadeAt: now + hour}); err != nil {
			t.Fatal(err)
		}
		if n := s.number(t, `select count(*) from session`); n != 1 {
			t.Errorf("%d sessions: those that are over are not swept away", n)
		}
	})
}

func TestViewed(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		changed := s.Changed()
		r := inQueue(t, s, "k1", fa123, func(*nasdesk.Request) {})
		<-changed // closed by the commit
		if err := s.Viewed(t.Context(), "anna", "request", r.ID, "", now); err != nil {
			t.Fatal(err)
		}
		if err := s.Viewed(t.Context(), "anna", "account", 0, string(tom), now); err != nil {
			t.Fatal(err)
		}
		if n := s.number(t, `select count(*) from journal where what = 'viewed' and (request = $1 and subject = '' and detail = 'request by anna' or request = 0 and length(subject) = 64 and detail = 'account by anna')`, r.ID); n != 2 {
			t.Errorf("%d of 2 lines", n)
		}
		d, err := s.Dossier(t.Context(), r.ID, today)
		if err != nil || len(d.Journal) != 2 || d.Journal[1].What != "viewed" {
			t.Errorf("%+v, %v", d, err)
		}
	})
}

func TestChangeStaff(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		putStaff(t, s, Staff{Name: "anna", Role: Agent})
		if err := s.ChangeStaff(t.Context(), Staff{Name: "anna", Role: Lead}, "role lead", "bert", now); err != nil {
			t.Fatal(err)
		}
		if p, err := s.StaffNamed(t.Context(), "anna"); err != nil || p.Role != Lead {
			t.Errorf("%+v, %v", p, err)
		}
		if n := s.number(t, `select count(*) from journal where what = 'staff-changed' and detail = 'anna: role lead, by bert'`); n != 1 {
			t.Errorf("%d lines in the journal", n)
		}
	})
}

// A new password lifts the lock, and ends the sessions of whoever knew the old.
func TestSetPassword(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		putStaff(t, s, Staff{Name: "anna", Role: Agent, Hash: "old"})
		for _, token := range []string{"t1", "t2"} {
			if err := s.NewSession(t.Context(), Session{Token: token, Staff: "anna", MadeAt: now}); err != nil {
				t.Fatal(err)
			}
		}
		for range 3 {
			if err := s.SignInFailed(t.Context(), "anna", now, 2, time.Hour); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.SetPassword(t.Context(), "anna", "new", "lead", "t2", now); err != nil {
			t.Fatal(err)
		}
		if p, err := s.StaffNamed(t.Context(), "anna"); err != nil || p.Hash != "new" || p.Failed != 0 || p.LockedUntil != 0 {
			t.Errorf("%+v, %v", p, err)
		}
		if _, err := s.SessionAt(t.Context(), "t1", now); !errors.Is(err, ErrNone) {
			t.Errorf("an old session: %v", err)
		}
		if _, err := s.SessionAt(t.Context(), "t2", now); err != nil {
			t.Errorf("the session that was spared: %v", err)
		}
		if n := s.number(t, `select count(*) from journal where what = 'staff-changed' and detail = 'anna: new password, by lead'`); n != 1 {
			t.Errorf("%d lines", n)
		}
		if err := s.SetPassword(t.Context(), "nobody", "new", "lead", "", now); !errors.Is(err, ErrNone) {
			t.Errorf("nobody's password: %v", err)
		}
	})
}

func TestSessionsAreIdleAsLongAsIsSet(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		putStaff(t, s, Staff{Name: "anna", Role: Agent})
		if err := s.NewSession(t.Context(), Session{Token: "t", Staff: "anna", MadeAt: now}); err != nil {
			t.Fatal(err)
		}
		for set, over := range map[time.Duration]nasdesk.Timestamp{0: 30 * minute, 2 * time.Hour: 2 * hour, 5 * time.Minute: 5 * minute} {
			s.UseIdle(set)
			if _, err := s.SessionAt(t.Context(), "t", now+over-1); err != nil {
				t.Errorf("%v: %v", set, err)
			}
			if _, err := s.SessionAt(t.Context(), "t", now+over); !errors.Is(err, ErrNone) {
				t.Errorf("%v: it lasts longer: %v", set, err)
			}
		}
	})
}
