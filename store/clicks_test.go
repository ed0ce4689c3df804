package store

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"nasdesk"
)

func clicked(t testing.TB, s *Store, ev nasdesk.StaffEvent, st ClickState, at nasdesk.Timestamp) int64 {
	t.Helper()
	id, err := s.PutClick(t.Context(), ev, st, now, at)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func claimed(t testing.TB, s *Store, at nasdesk.Timestamp) []nasdesk.OutClick {
	t.Helper()
	out, err := s.DueClicks(t.Context(), at, 10, hour)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestClick(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		r := inQueue(t, s, "k1", fa123, func(*nasdesk.Request) {})
		act := nasdesk.StaffEvent{By: "anna", Act: nasdesk.ActReply, Request: r.ID, Seen: 1, Text: "Dear Tom", Close: true, Also: map[string]string{"kind": "team"}}
		wake := s.Wake()
		id := clicked(t, s, act, ClickReady, now+30)
		<-wake // closed: the outbox looks again
		if at, ok, err := s.NextDue(t.Context()); at != now+30 || !ok || err != nil {
			t.Errorf("NextDue = %v, %v, %v", at, ok, err)
		}
		want := Click{ID: id, Act: act, State: ClickReady, MadeAt: now, At: now + 30}
		if c, err := s.Click(t.Context(), id); err != nil || !reflect.DeepEqual(c, want) {
			t.Errorf("Click = %+v, %v", c, err)
		}
		if row := listed(t, s, Filter{Queue: QueueExceptions}).Rows[0]; row.Click != id {
			t.Errorf("the row shows click %d", row.Click)
		}
		if got := claimed(t, s, now+29); len(got) != 0 {
			t.Errorf("claimed before its time: %+v", got)
		}
		got := claimed(t, s, now+30)
		if !reflect.DeepEqual(got, []nasdesk.OutClick{{ID: id, Attempt: 1, Act: act}}) {
			t.Fatalf("claimed %+v", got)
		}
		if err := s.UndoClick(t.Context(), id, "anna", now+30); !errors.Is(err, ErrTooLate) {
			t.Errorf("undone while it runs: %v", err)
		}
		if got := claimed(t, s, now+31); len(got) != 0 {
			t.Errorf("claimed twice: %+v", got)
		}
		if got := claimed(t, s, now+2*hour); len(got) != 1 || got[0].Attempt != 2 {
			t.Errorf("after the lease: %+v", got)
		}
		if err := s.ClickEnded(t.Context(), id, 1, ""); !errors.Is(err, ErrFenced) {
			t.Errorf("the first worker ends it: %v", err)
		}
		if err := s.ClickLater(t.Context(), id, 2, now+3*hour); err != nil {
			t.Error(err)
		}
		claimed(t, s, now+3*hour)
		if err := s.ClickEnded(t.Context(), id, 3, nasdesk.ChangedMeanwhile); err != nil {
			t.Error(err)
		}
		if c, err := s.Click(t.Context(), id); err != nil || c.State != ClickHindered || c.Why != nasdesk.ChangedMeanwhile {
			t.Errorf("%+v, %v", c, err)
		}
		if row := listed(t, s, Filter{Queue: QueueExceptions}).Rows[0]; row.Click != 0 {
			t.Errorf("the row still shows click %d", row.Click)
		}
		if _, ok, _ := s.NextDue(t.Context()); ok {
			t.Error("something still waits")
		}
	})
}

func TestSecondPerson(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		r := inQueue(t, s, "k1", fa123, func(*nasdesk.Request) {})
		raw := unproved(t, s, 1, fb456)
		approve := clicked(t, s, nasdesk.StaffEvent{By: "anna", Act: nasdesk.ActApprove, Request: r.ID}, ClickProposed, 0)
		release := clicked(t, s, nasdesk.StaffEvent{By: "ben", Act: nasdesk.ActRelease, Message: raw}, ClickProposed, 0)
		rows := listed(t, s, Filter{Queue: QueueSecond}).Rows
		if len(rows) != 2 || rows[0].Request != r.ID || rows[0].Click != approve || rows[0].What != "approve" || rows[1].Message != raw || rows[1].Party != fb456 || rows[1].Click != release {
			t.Errorf("rows = %+v", rows)
		}
		first := listed(t, s, Filter{Queue: QueueSecond, Limit: 1})
		if next := listed(t, s, Filter{Queue: QueueSecond, Limit: 1, After: first.Next}); len(next.Rows) != 1 || next.Rows[0].Click != release || next.Next != "" {
			t.Errorf("second page = %+v", next)
		}
		if got := listed(t, s, Filter{Queue: QueueSecond, Mailbox: fa123}).Rows; len(got) != 1 {
			t.Errorf("of one mailbox: %+v", got)
		}
		for _, who := range []string{"anna", ""} {
			if err := s.AgreeClick(t.Context(), approve, who, now); !errors.Is(err, ErrSamePerson) {
				t.Errorf("%q agrees: %v", who, err)
			}
		}
		if got := claimed(t, s, now+hour); len(got) != 0 {
			t.Errorf("proposed acts are done: %+v", got)
		}
		if err := s.AgreeClick(t.Context(), approve, "ben", now+30); err != nil {
			t.Fatal(err)
		}
		if err := s.AgreeClick(t.Context(), approve, "cleo", now+30); !errors.Is(err, ErrTooLate) {
			t.Errorf("agreed to twice: %v", err)
		}
		if err := s.UndoClick(t.Context(), release, "anna", now); err != nil {
			t.Error(err)
		}
		if err := s.UndoClick(t.Context(), release, "anna", now); !errors.Is(err, ErrTooLate) {
			t.Errorf("undone twice: %v", err)
		}
		if err := s.UndoClick(t.Context(), 12345, "anna", now); !errors.Is(err, ErrNone) {
			t.Errorf("undo of nothing: %v", err)
		}
		if got := claimed(t, s, now+30); len(got) != 1 || got[0].Act.By != "anna" || got[0].Act.Second != "ben" {
			t.Errorf("claimed %+v", got)
		}
		var lines []string
		err := s.db.reader().Do(t.Context(), Statement{SQL: `select what || ' ' || detail from journal where event like 'click/%' order by id`, Each: func(scan Scan) error {
			var l string
			err := scan(&l)
			lines = append(lines, l)
			return err
		}})
		want := []string{"staff-proposed approve by anna", "staff-proposed release by ben", "staff-agreed approve by ben", "staff-undone release by anna"}
		if err != nil || !slices.Equal(lines, want) {
			t.Errorf("journal: %q, %v", lines, err)
		}
	})
}
