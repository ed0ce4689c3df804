package store

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"nasdesk"
)

// inQueue keeps one request in a state, as step would.
func inQueue(t testing.TB, s *Store, key string, from nasdesk.Address, change func(*nasdesk.Request)) nasdesk.Request {
	t.Helper()
	ev := mailEvent(key, from)
	d := decide(t, s, ev, nasdesk.Keys{Party: from}, func(*nasdesk.Case) nasdesk.Decision {
		r := aRequest(ev, from)
		r.State, r.Outcome, r.Reasons, r.Actions, r.Granted = nasdesk.StateReferred, nasdesk.Exception, []nasdesk.Reason{nasdesk.NotUnderstood}, nil, nil
		change(&r)
		return nasdesk.Decision{Folder: nasdesk.FolderExceptions, Requests: []nasdesk.Request{r},
			Journal: []nasdesk.Entry{{What: "request-referred", Request: 0, Subject: string(from), Detail: r.Kind}}}
	})
	return d.Requests[0]
}

func sealed(t testing.TB, s *Store) {
	t.Helper()
	if _, err := s.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func listed(t testing.TB, s *Store, f Filter) Rows {
	t.Helper()
	f.Today = today
	rows, err := s.List(t.Context(), f)
	if err != nil {
		t.Fatalf("%+v: %v", f, err)
	}
	return rows
}

// references are the keys of the events that made the rows: k1 k2 …
func idsOf(rows []Row) []int64 {
	var out []int64
	for _, r := range rows {
		out = append(out, r.Request)
	}
	return out
}

func waitsFor(state nasdesk.State, outcome nasdesk.Outcome, reasons ...nasdesk.Reason) func(*nasdesk.Request) {
	return func(r *nasdesk.Request) {
		r.State, r.Outcome, r.Reasons, r.From = state, outcome, reasons, r.Party
		if state == nasdesk.StateSeeking {
			r.Seeks, r.From = reasons[0], north
		}
	}
}

func TestQueues(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		referred := inQueue(t, s, "k1", fa123, func(*nasdesk.Request) {})
		asking := inQueue(t, s, "k2", fa123, waitsFor(nasdesk.StateAsking, nasdesk.NeedsInfo, nasdesk.Missing("role")))
		seeking := inQueue(t, s, "k3", fa123, waitsFor(nasdesk.StateSeeking, nasdesk.Awaiting, nasdesk.RegionalApproval))
		snoozed := inQueue(t, s, "k4", fb456, func(r *nasdesk.Request) { r.Snoozed = today.AddDays(1) })
		back := inQueue(t, s, "k5", fb456, func(r *nasdesk.Request) { r.Snoozed = today })
		bounced := inQueue(t, s, "k6", fb456, func(r *nasdesk.Request) {
			r.State, r.Outcome, r.Reasons, r.Bounced = nasdesk.StateDone, nasdesk.Accepted, nil, now+5
		})
		ev := mailEvent("k7", fa123)
		decide(t, s, ev, nasdesk.Keys{}, func(*nasdesk.Case) nasdesk.Decision {
			r := aRequest(ev, fa123)
			r.State, r.Effective, r.Reasons, r.Granted = nasdesk.StateDated, today.AddDays(9), nil, nil
			return nasdesk.Decision{Requests: []nasdesk.Request{r}, Dates: []nasdesk.Due{{Key: "d", What: nasdesk.DueEffective, At: now + 9*24*hour}, {Key: "r", What: nasdesk.DueRemind, At: now + hour}},
				Actions: []nasdesk.Work{{Action: r.Actions[0]}}}
		})
		sealed(t, s)
		if w, err := s.DueWork(t.Context(), now, 1, hour); err != nil || len(w) != 1 {
			t.Fatalf("DueWork: %v, %v", w, err)
		}
		work := nasdesk.Event{Key: "w1", At: now, Work: &nasdesk.WorkEvent{Action: "k7/1", State: nasdesk.WorkPending, People: true}}
		decide(t, s, work, nasdesk.Keys{}, always(nasdesk.Decision{}))

		want := map[Queue][]int64{
			QueueExceptions: {referred.ID, back.ID}, QueuePharmacy: {asking.ID}, QueueOthers: {seeking.ID}, QueueSnoozed: {snoozed.ID},
			QueueBounced: {bounced.ID}, QueueWork: {bounced.ID + 1}, QueueDates: {bounced.ID + 1}, QueueQuarantined: nil, QueueSecond: nil,
			QueueAll: {bounced.ID + 1, bounced.ID, back.ID, snoozed.ID, seeking.ID, asking.ID, referred.ID},
		}
		counts, err := s.Counts(t.Context(), today)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range Queues {
			if got := idsOf(listed(t, s, Filter{Queue: q}).Rows); !slices.Equal(got, want[q]) || counts[q] != len(want[q]) {
				t.Errorf("%s: %v counted %d, want %v", q, got, counts[q], want[q])
			}
		}
		row := listed(t, s, Filter{Queue: QueueExceptions}).Rows[0]
		wantRow := Row{Request: referred.ID, Reference: referred.Reference, Kind: "new-user", State: nasdesk.StateReferred, Outcome: nasdesk.Exception,
			Reasons: []nasdesk.Reason{nasdesk.NotUnderstood}, Party: fa123, Mailbox: fa123, Name: "High Street Pharmacy", Subject: "New starter", Since: now}
		if !reflect.DeepEqual(row, wantRow) {
			t.Errorf("row = %+v\nwant  %+v", row, wantRow)
		}
		if r := listed(t, s, Filter{Queue: QueueWork}).Rows[0]; r.What != string(nasdesk.CreateAccount) || r.Work == 0 || r.Since != now {
			t.Errorf("work row = %+v", r)
		}
		if r := listed(t, s, Filter{Queue: QueueDates}).Rows[0]; r.What != "effective" || r.At != now+9*24*hour {
			t.Errorf("date row = %+v", r)
		}
		if r := listed(t, s, Filter{Queue: QueueSnoozed}).Rows[0]; r.At != nasdesk.TimestampOf(today.AddDays(1).Time()) {
			t.Errorf("snoozed row = %+v", r)
		}
		if r := listed(t, s, Filter{Queue: QueueBounced}).Rows[0]; r.Since != now+5 {
			t.Errorf("bounced row = %+v", r)
		}
	})
}

// A request is in the queue of its state, under the reasons that it has now.
func TestQueueFollowsTheState(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		r := inQueue(t, s, "k1", fa123, waitsFor(nasdesk.StateAsking, nasdesk.NeedsInfo, nasdesk.Missing("role"), nasdesk.Missing("mobile")))
		at := func(q Queue, why nasdesk.Reason) int { return len(listed(t, s, Filter{Queue: q, Reason: why}).Rows) }
		if at(QueuePharmacy, nasdesk.Missing("role")) != 1 || at(QueuePharmacy, nasdesk.Missing("mobile")) != 1 || at(QueuePharmacy, "missing:name") != 0 {
			t.Error("asking: not under its reasons")
		}
		changed(t, s, "e1", r.ID, waitsFor(nasdesk.StateAsking, nasdesk.NeedsInfo, nasdesk.Missing("role")))
		if at(QueuePharmacy, nasdesk.Missing("role")) != 1 || at(QueuePharmacy, nasdesk.Missing("mobile")) != 0 {
			t.Error("one answer given: still under its reason, or under none")
		}
		changed(t, s, "e2", r.ID, func(r *nasdesk.Request) {
			r.State, r.Outcome, r.Reasons = nasdesk.StateReferred, nasdesk.Exception, []nasdesk.Reason{nasdesk.Conflict}
		})
		if at(QueuePharmacy, nasdesk.Missing("role")) != 0 || at(QueueExceptions, nasdesk.Conflict) != 1 || at(QueueExceptions, "") != 1 || at(QueuePharmacy, "") != 0 {
			t.Error("referred: not moved")
		}
		changed(t, s, "e3", r.ID, func(r *nasdesk.Request) { r.State, r.Outcome, r.Reasons = nasdesk.StateRefused, nasdesk.Refused, nil })
		if at(QueueExceptions, "") != 0 || s.number(t, `select count(*) from reason`) != 0 {
			t.Error("refused: still there")
		}
	})
}

func TestListFiltersAndSorts(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		kinds, boxes := []string{"team", "leaver", "new-user"}, []nasdesk.Address{fa123, fb456}
		var all []nasdesk.Request
		for i := range 12 {
			all = append(all, inQueue(t, s, fmt.Sprint("k", i), boxes[i%2], func(r *nasdesk.Request) {
				r.Kind, r.DecidedAt = kinds[i%3], now+nasdesk.Timestamp(12-i)
				if i%4 == 0 {
					r.Assignee, r.Reasons = "anna", []nasdesk.Reason{nasdesk.Conflict, nasdesk.NotUnderstood}
				}
			}))
		}
		sealed(t, s)
		tests := []struct {
			f    Filter
			want []int // indexes in all
		}{
			{Filter{}, []int{11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0}},
			{Filter{Sort: SortNewest}, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
			{Filter{Sort: SortKind}, []int{10, 7, 4, 1, 11, 8, 5, 2, 9, 6, 3, 0}},
			{Filter{Sort: SortMailbox}, []int{10, 8, 6, 4, 2, 0, 11, 9, 7, 5, 3, 1}},
			{Filter{Kind: "team"}, []int{9, 6, 3, 0}},
			{Filter{Kind: "team", Sort: SortNewest}, []int{0, 3, 6, 9}},
			{Filter{Kind: "none"}, nil},
			{Filter{Mailbox: fb456}, []int{11, 9, 7, 5, 3, 1}},
			{Filter{Mailbox: fb456, Kind: "team", Sort: SortKind}, []int{9, 3}},
			{Filter{Assignee: "anna"}, []int{8, 4, 0}},
			{Filter{Assignee: "-", Mailbox: fa123}, []int{10, 6, 2}},
			{Filter{Reason: nasdesk.Conflict}, []int{8, 4, 0}},
			{Filter{Reason: nasdesk.Conflict, Sort: SortNewest}, []int{0, 4, 8}},
			{Filter{Reason: nasdesk.Conflict, Sort: SortKind}, []int{4, 8, 0}},
			{Filter{Reason: nasdesk.Conflict, Kind: "team"}, []int{0}},
			{Filter{Reason: nasdesk.Conflict, Assignee: "-"}, nil},
			{Filter{Before: now + 4}, []int{11, 10, 9}},
			{Filter{Text: string(fb456), Kind: "team"}, []int{9, 3}},
			{Filter{Text: "riverside chemist", Sort: SortNewest}, []int{1, 3, 5, 7, 9, 11}},
			{Filter{Text: "riverside street"}, nil},
			{Filter{Text: "riverside", Reason: nasdesk.Conflict}, nil},
			{Filter{Text: "FA123", Reason: nasdesk.Conflict}, []int{8, 4, 0}},
			{Filter{Text: all[5].Reference}, []int{5}},
		}
		for _, tt := range tests {
			for _, limit := range []int{0, 1, 5} {
				f := tt.f
				f.Queue, f.Limit = QueueExceptions, limit
				var want, got []int64
				for _, i := range tt.want {
					want = append(want, all[i].ID)
				}
				for n := 0; n == 0 || f.After != ""; n++ {
					page := listed(t, s, f)
					got, f.After = append(got, idsOf(page.Rows)...), page.Next
					if n > 20 {
						t.Fatalf("%+v has no end", tt.f)
					}
				}
				if !slices.Equal(got, want) {
					t.Errorf("%+v by %d: %v, want %v", tt.f, limit, got, want)
				}
			}
		}
	})
}

func TestListAll(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		a := inQueue(t, s, "k0", fa123, func(r *nasdesk.Request) { r.Kind, r.MadeAt = "team", now-hour })
		b := inQueue(t, s, "k1", fb456, func(r *nasdesk.Request) { r.Assignee = "anna" })
		c := inQueue(t, s, "k2", fa123, waitsFor(nasdesk.StateAsking, nasdesk.NeedsInfo, nasdesk.Missing("role")))
		sealed(t, s)
		for _, tt := range []struct {
			f    Filter
			want []int64
		}{
			{Filter{}, []int64{c.ID, b.ID, a.ID}},
			{Filter{Kind: "team"}, []int64{a.ID}},
			{Filter{Mailbox: fa123}, []int64{c.ID, a.ID}},
			{Filter{Mailbox: fa123, Kind: "new-user"}, []int64{c.ID}},
			{Filter{Reason: nasdesk.NotUnderstood}, []int64{b.ID, a.ID}},
			{Filter{Assignee: "anna"}, []int64{b.ID}},
			{Filter{Assignee: "-"}, []int64{c.ID, a.ID}},
			{Filter{Before: now}, []int64{a.ID}},
			{Filter{Text: "07700 900123"}, []int64{c.ID, b.ID, a.ID}},
			{Filter{Text: "0123"}, []int64{c.ID, b.ID, a.ID}},
			{Filter{Text: "00124"}, nil},
			{Filter{Text: "pharmacy.fa123"}, []int64{c.ID, a.ID}},
		} {
			for _, limit := range []int{0, 1} {
				var got []int64
				tt.f.Queue, tt.f.Limit, tt.f.After = QueueAll, limit, ""
				for n := 0; n == 0 || tt.f.After != "" && n < 9; n++ {
					page := listed(t, s, tt.f)
					got, tt.f.After = append(got, idsOf(page.Rows)...), page.Next
				}
				if !slices.Equal(got, tt.want) {
					t.Errorf("%+v: %v, want %v", tt.f, got, tt.want)
				}
			}
		}
	})
}

func TestListRefuses(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		for _, q := range []Queue{QueueExceptions, QueueQuarantined, QueueSecond} {
			if _, err := s.List(t.Context(), Filter{Queue: q, After: "not a cursor"}); !errors.Is(err, ErrCursor) {
				t.Errorf("%s: %v", q, err)
			}
		}
		if _, err := s.List(t.Context(), Filter{Queue: "nowhere"}); err == nil {
			t.Error("a queue that is none has no error")
		}
	})
}

// unproved keeps a message of an address that is not proved.
func unproved(t testing.TB, s *Store, uid uint32, from nasdesk.Address) int64 {
	t.Helper()
	k, err := s.Keep(t.Context(), []byte("raw"), Location{"INBOX", 1, uid}, now)
	if err != nil {
		t.Fatal(err)
	}
	ev := nasdesk.Event{Key: fmt.Sprint("q", uid), At: now + nasdesk.Timestamp(uid), Mail: &nasdesk.MailEvent{Message: &nasdesk.Message{ID: fmt.Sprint(uid, "@example.com"), Subject: "Urgent"},
		Proof: nasdesk.Proof{From: from, Reason: nasdesk.SenderUnverified}}}
	_, err = s.Decide(t.Context(), ev, nasdesk.Keys{}, k.ID, always(nasdesk.Decision{Folder: nasdesk.FolderQuarantined,
		Results: []nasdesk.ResultRequest{{Kind: nasdesk.KindUnverified, Outcome: nasdesk.Quarantined, Reasons: []nasdesk.Reason{nasdesk.SenderUnverified}}}}))
	if err != nil {
		t.Fatal(err)
	}
	return k.ID
}

func TestQuarantine(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		one, two, three := unproved(t, s, 1, fa123), unproved(t, s, 2, "mallory@example.org"), unproved(t, s, 3, fa123)
		messages := func(f Filter) (out []int64) {
			f.Queue = QueueQuarantined
			for n := 0; n == 0 || f.After != "" && n < 9; n++ {
				page := listed(t, s, f)
				for _, r := range page.Rows {
					out = append(out, r.Message)
				}
				f.After = page.Next
			}
			return out
		}
		for _, tt := range []struct {
			f    Filter
			want []int64
		}{
			{Filter{}, []int64{one, two, three}}, {Filter{Limit: 1}, []int64{one, two, three}}, {Filter{Sort: SortNewest, Limit: 2}, []int64{three, two, one}},
			{Filter{Mailbox: fa123}, []int64{one, three}}, {Filter{Text: "mallory"}, []int64{two}}, {Filter{Text: "mallory@example.org"}, []int64{two}},
			{Filter{Before: now + 2}, []int64{one}}, {Filter{Reason: nasdesk.SenderUnverified, Kind: nasdesk.KindUnverified}, []int64{one, two, three}},
			{Filter{Reason: nasdesk.SenderAmbiguous}, nil}, {Filter{Kind: "team"}, nil}, {Filter{Assignee: "anna"}, nil},
		} {
			if got := messages(tt.f); !slices.Equal(got, tt.want) {
				t.Errorf("%+v: %v, want %v", tt.f, got, tt.want)
			}
		}
		want := Row{Message: two, Kind: nasdesk.KindUnverified, Outcome: nasdesk.Quarantined, Reasons: []nasdesk.Reason{nasdesk.SenderUnverified}, Party: "mallory@example.org", Subject: "Urgent", Since: now + 2}
		if r, err := s.Quarantine(t.Context(), two); err != nil || !reflect.DeepEqual(r, want) {
			t.Errorf("Quarantine = %+v, %v", r, err)
		}
		decide(t, s, nasdesk.Event{Key: "click/1", At: now, Staff: &nasdesk.StaffEvent{Act: nasdesk.ActCondemn, Message: two}}, nasdesk.Keys{}, always(nasdesk.Decision{}))
		released := mailEvent("click/2", fa123)
		released.Mail.Proof.Released = []string{"anna", "ben"}
		if _, err := s.Decide(t.Context(), released, nasdesk.Keys{}, one, always(nasdesk.Decision{Folder: nasdesk.FolderProcessed})); err != nil {
			t.Fatal(err)
		}
		if got := messages(Filter{}); !slices.Equal(got, []int64{three}) {
			t.Errorf("after a release and a condemnation: %v", got)
		}
		if _, err := s.Quarantine(t.Context(), one); !errors.Is(err, ErrNone) {
			t.Errorf("a released message: %v", err)
		}
	})
}

func TestHinderedCommitsNothing(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ev := nasdesk.Event{Key: "click/1", At: now, Staff: &nasdesk.StaffEvent{Act: nasdesk.ActNote}}
		hindered := nasdesk.Decision{Hindered: nasdesk.ChangedMeanwhile, Journal: []nasdesk.Entry{{What: "x", Request: -1}}}
		if d := decide(t, s, ev, nasdesk.Keys{}, always(hindered)); d.Hindered != nasdesk.ChangedMeanwhile || d.Event.Key != ev.Key {
			t.Errorf("%+v", d)
		}
		if n := s.number(t, `select (select count(*) from journal) + (select count(*) from handled)`); n != 0 {
			t.Errorf("%d rows", n)
		}
		decide(t, s, ev, nasdesk.Keys{}, always(nasdesk.Decision{})) // it may come again
	})
}
