package store

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"nasdesk"
)

func figured(t testing.TB, s *Store, from, to nasdesk.Date) Figures {
	t.Helper()
	f, err := s.Figures(t.Context(), from, to)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// mailed decides a kept message that makes a request in a state.
func mailed(t testing.TB, s *Store, uid uint32, at nasdesk.Timestamp, answered bool, change func(*nasdesk.Request)) nasdesk.Request {
	t.Helper()
	k, err := s.Keep(t.Context(), []byte("raw"), Location{"INBOX", 9, uid}, at)
	if err != nil {
		t.Fatal(err)
	}
	ev := mailEvent(fmt.Sprint("m", uid), fa123)
	ev.At = at
	d, err := s.Decide(t.Context(), ev, nasdesk.Keys{Party: fa123}, k.ID, func(*nasdesk.Case) nasdesk.Decision {
		r := aRequest(ev, fa123)
		r.MadeAt, r.DecidedAt, r.Reasons, r.Actions, r.Granted = at, at, nil, nil, nil
		change(&r)
		d := nasdesk.Decision{Folder: nasdesk.FolderProcessed, Requests: []nasdesk.Request{r}, Results: []nasdesk.ResultRequest{{Kind: r.Kind, Outcome: r.Outcome, Reasons: r.Reasons}}}
		if answered {
			d.Mails = []nasdesk.Mail{{Key: ev.Key + "/a", To: fa123, About: nasdesk.Confirmation, Requests: []int{0}}}
		}
		return d
	})
	if err != nil {
		t.Fatal(err)
	}
	return d.Requests[0]
}

func TestFigures(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		day := today.Time()
		at := func(d time.Duration) nasdesk.Timestamp { return nasdesk.TimestampOf(day.Add(d)) }
		step := func(key string, when nasdesk.Timestamp, id int64, answered bool, change func(*nasdesk.Request)) {
			t.Helper()
			decide(t, s, nasdesk.Event{Key: key, At: when}, nasdesk.Keys{Requests: []int64{id}}, func(c *nasdesk.Case) nasdesk.Decision {
				r := *c.Request(id)
				change(&r)
				d := nasdesk.Decision{Requests: []nasdesk.Request{r}}
				if answered {
					d.Mails = []nasdesk.Mail{{Key: key + "/a", To: fa123, About: nasdesk.Confirmation, Requests: []int{0}}}
				}
				return d
			})
		}
		unproved(t, s, 1, fb456) // at now, which is another hour of the same day
		straight := mailed(t, s, 2, at(0), true, func(r *nasdesk.Request) {})
		asked := mailed(t, s, 3, at(time.Hour), true, waitsFor(nasdesk.StateAsking, nasdesk.NeedsInfo, nasdesk.Missing("role"), nasdesk.Invalid("mobile")))
		staffed := mailed(t, s, 4, at(2*time.Hour), false, func(r *nasdesk.Request) {
			r.Kind, r.State, r.Outcome, r.Reasons = "team", nasdesk.StateReferred, nasdesk.Exception, []nasdesk.Reason{nasdesk.NotUnderstood}
		})
		mailed(t, s, 5, at(-time.Minute), true, func(r *nasdesk.Request) { r.Kind = "leaver" }) // the day before
		sealed(t, s)
		got := figured(t, s, today, today)
		want := Figures{From: today, To: today, Days: []DayFigures{{Day: today, Messages: 4, Requests: 3, Straight: 1, Staff: 1}},
			Outcomes: []Tally{{"new-user", "accepted", 1}, {"new-user", "needs-info", 1}, {"team", "exception", 1}, {"unverified", "quarantined", 1}},
			Reasons:  []Tally{{"new-user", "invalid:mobile", 1}, {"new-user", "missing:role", 1}, {"team", "not-understood", 1}, {"unverified", "sender-unverified", 1}},
			Asked:    []Tally{{"new-user", "mobile", 1}, {"new-user", "role", 1}},
			First:    []Duration{{"new-user", 2, []int{2}}}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%+v\nwant %+v", got, want)
		}

		step("e1", at(5*time.Minute), straight.ID, true, func(r *nasdesk.Request) { r.State = nasdesk.StateDone })
		step("e2", at(3*time.Hour), asked.ID, true, waitsFor(nasdesk.StateConfirming, nasdesk.Confirm))
		step("e3", at(2*time.Hour+90*time.Minute), staffed.ID, true, func(r *nasdesk.Request) {
			r.State, r.Outcome, r.Reasons = nasdesk.StateRefused, nasdesk.Refused, []nasdesk.Reason{nasdesk.Declined}
		})
		sealed(t, s)
		sealed(t, s) // what is folded is not folded again
		got = figured(t, s, today, today)
		want.Days[0].Straight = 1
		want.Outcomes = []Tally{{"new-user", "accepted", 1}, {"new-user", "confirm", 1}, {"team", "refused", 1}, {"unverified", "quarantined", 1}}
		want.Reasons = []Tally{{"team", "declined", 1}, {"unverified", "sender-unverified", 1}}
		want.First = []Duration{{"new-user", 2, []int{2}}, {"team", 1, []int{0, 0, 0, 0, 0, 0, 0, 1}}}
		want.Complete = []Duration{{"new-user", 1, []int{0, 0, 0, 1}}, {"team", 1, []int{0, 0, 0, 0, 0, 0, 0, 1}}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%+v\nwant %+v", got, want)
		}
		two := figured(t, s, today.AddDays(-1), today)
		if len(two.Days) != 2 || two.Days[0] != (DayFigures{today.AddDays(-1), 1, 1, 1, 0}) || len(two.Outcomes) != 5 {
			t.Errorf("two days: %+v", two)
		}
		for _, bad := range [][2]nasdesk.Date{{"", today}, {today, today.AddDays(-1)}, {"1900-01-01", today}} {
			if _, err := s.Figures(t.Context(), bad[0], bad[1]); err == nil {
				t.Errorf("from %s to %s: no error", bad[0], bad[1])
			}
		}
	})
}

func TestFiguresInServiceHours(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		s.UseHours(func(from, to nasdesk.Timestamp) time.Duration { return to.Time().Sub(from.Time()) / 60 })
		r := mailed(t, s, 1, now, false, func(*nasdesk.Request) {})
		decide(t, s, nasdesk.Event{Key: "e1", At: now + hour}, nasdesk.Keys{Requests: []int64{r.ID}}, func(c *nasdesk.Case) nasdesk.Decision {
			r := *c.Request(r.ID)
			r.State = nasdesk.StateDone
			return nasdesk.Decision{Requests: []nasdesk.Request{r}}
		})
		sealed(t, s)
		if got := figured(t, s, today, today).Complete; !reflect.DeepEqual(got, []Duration{{"new-user", 1, []int{0, 1}}}) {
			t.Errorf("%+v", got)
		}
	})
}

// Whoever folds, and however often, each event is counted once.
func TestFoldedOnce(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		const n = 30
		errs := make(chan error, 3)
		for range cap(errs) {
			go func() {
				var err error
				for i := 0; i < 10 && err == nil; i++ {
					_, err = s.Seal(context.Background())
				}
				errs <- err
			}()
		}
		for i := range uint32(n) {
			mailed(t, s, i+1, now, true, func(*nasdesk.Request) {})
		}
		for range cap(errs) {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		sealed(t, s)
		got := figured(t, s, today, today)
		if got.Days[0] != (DayFigures{today, n, n, n, 0}) || !reflect.DeepEqual(got.Outcomes, []Tally{{"new-user", "accepted", n}}) {
			t.Errorf("%+v", got)
		}
		if open := s.number(t, `select count(*) from handled where folded is null`); open != 0 {
			t.Errorf("%d events are not folded", open)
		}
	})
}

func TestWords(t *testing.T) {
	r := nasdesk.Request{Reference: "NAS-AB12CD34", Party: fa123, Mailbox: fa123, Answers: []nasdesk.Answer{{Value: "Zoë O’Brien-Smith"}, {Value: "07700900123"}, {Value: "zoe@example.com"}, {Value: "FB456"}},
		Actions: []nasdesk.Action{{Account: "zoe.obrien@nhs.net"}}}
	words := searchWords(&r, "Łódź Chemist")
	for _, sought := range []string{"NAS-AB12CD34", "nas-ab12cd34", "ab12cd34", "zoe", "Zoë", "O'Brien", "obrien smith", "Smith", "07700 900 123", "+44 7700 900123", "900123", "0123", "123", "zoe@example.com",
		"<zoe@example.com>", "fb456", "zoe.obrien@nhs.net", "zoe.obrien", "pharmacy.fa123", "lodz", "ŁÓDŹ chemist"} {
		got := soughtWords(sought)
		if len(got) == 0 {
			t.Errorf("%q is nothing to look for", sought)
		}
		for _, w := range got {
			if !slices.Contains(words, w) {
				t.Errorf("%q: %q is not among %q", sought, w, words)
			}
		}
	}
	for _, sought := range []string{"124", "brien", "zo", "zoe@example.org", "NAS-AB12CD35"} {
		for _, w := range soughtWords(sought) {
			if slices.Contains(words, w) {
				t.Errorf("%q is found as %q", sought, w)
			}
		}
	}
	for _, none := range []string{"", " ", ",;", "---"} {
		if got := soughtWords(none); len(got) != 0 {
			t.Errorf("%q: %q", none, got)
		}
	}
}

func TestRanges(t *testing.T) {
	for _, tt := range []struct {
		from, to nasdesk.Date
		want     [][2]string
	}{
		{"2026-01-01", "2026-12-31", [][2]string{{"m2026-01", "m2026-12"}}},
		{"2026-01-01", "2026-01-31", [][2]string{{"m2026-01", "m2026-01"}}},
		{"2026-01-01", "2026-01-30", [][2]string{{"2026-01-01", "2026-01-30"}}},
		{"2026-01-02", "2026-01-31", [][2]string{{"2026-01-02", "2026-01-31"}}},
		{"2026-01-02", "2026-02-27", [][2]string{{"2026-01-02", "2026-02-27"}}},
		{"2026-01-31", "2026-03-01", [][2]string{{"2026-01-31", "2026-01-31"}, {"m2026-02", "m2026-02"}, {"2026-03-01", "2026-03-01"}}},
		{"2025-12-15", "2026-02-28", [][2]string{{"2025-12-15", "2025-12-31"}, {"m2026-01", "m2026-02"}}},
	} {
		if got := ranges(tt.from, tt.to); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s to %s: %v", tt.from, tt.to, got)
		}
	}
}

// Over whole months the figures are those of their days.
func TestFiguresOfMonths(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		for i, day := range []nasdesk.Date{"2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01", "2026-03-02"} {
			mailed(t, s, uint32(i+1), nasdesk.TimestampOf(day.Time())+hour, true, func(*nasdesk.Request) {})
		}
		sealed(t, s)
		for _, span := range [][2]nasdesk.Date{{"2026-01-01", "2026-03-31"}, {"2026-01-31", "2026-03-01"}, {"2026-02-01", "2026-02-28"}, {"2026-02-02", "2026-03-02"}} {
			f := figured(t, s, span[0], span[1])
			n := 0
			for _, d := range f.Days {
				n += d.Requests
			}
			if len(f.Outcomes) != 1 || f.Outcomes[0].N != n || n == 0 {
				t.Errorf("%v: %d by day, %v", span, n, f.Outcomes)
			}
		}
	})
}
