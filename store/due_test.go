package store

import (
	"errors"
	"slices"
	"testing"

	"nasdesk"
)

// grant decides one request with two actions, a mail at once and one that waits
// for both actions.
func grant(t testing.TB, s *Store, key string, actions ...nasdesk.Action) nasdesk.Request {
	t.Helper()
	ev := mailEvent(key, fa123)
	var work []nasdesk.Work
	var after []string
	for _, a := range actions {
		work, after = append(work, nasdesk.Work{Request: 0, Action: a}), append(after, a.Key)
	}
	d := decide(t, s, ev, nasdesk.Keys{Party: fa123}, always(nasdesk.Decision{Requests: []nasdesk.Request{aRequest(ev, fa123)}, Actions: work, Mails: []nasdesk.Mail{
		{Key: key + "/now", To: fa123, About: nasdesk.Confirmation, Requests: []int{0}, Subject: "Re: New starter", InReplyTo: key, References: []string{"a", "b"}, Text: "text", HTML: "<p>"},
		{Key: key + "/after", To: fa123, About: nasdesk.Notice, Requests: []int{0}, After: after},
	}}))
	return d.Requests[0]
}

func twoActions(key string) []nasdesk.Action {
	return []nasdesk.Action{{Key: key + "/create", Name: nasdesk.CreateAccount, Person: "Sarah Jones", Mobile: "07700900123"}, {Key: key + "/link", Name: nasdesk.LinkMember, Mailbox: fa123}}
}

func dueMails(t testing.TB, s *Store, at nasdesk.Timestamp) (mails []nasdesk.OutMail, keys []string) {
	t.Helper()
	mails, err := s.DueMails(t.Context(), at, 10, hour)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mails {
		keys = append(keys, m.Key)
	}
	return mails, keys
}

func dueWork(t testing.TB, s *Store, at nasdesk.Timestamp) (work []nasdesk.OutWork, keys []string) {
	t.Helper()
	work, err := s.DueWork(t.Context(), at, 10, hour)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range work {
		keys = append(keys, w.Key)
	}
	return work, keys
}

func report(t testing.TB, s *Store, key string, state nasdesk.WorkState) {
	t.Helper()
	ev := nasdesk.Event{Key: "work/" + key + "/" + string(state), At: now + hour, Work: &nasdesk.WorkEvent{Action: key, State: state, Account: "sarah.jones@nhs.net"}}
	decide(t, s, ev, nasdesk.Keys{}, always(nasdesk.Decision{}))
}

func TestMailThatWaitsForWork(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		r := grant(t, s, "m1", twoActions("m1")...)
		mails, keys := dueMails(t, s, now)
		if !slices.Equal(keys, []string{"m1/now"}) {
			t.Fatalf("at first: %v", keys)
		}
		m := mails[0]
		if m.Attempt != 1 || m.DueAt != now || m.To != fa123 || m.About != nasdesk.Confirmation || m.Subject != "Re: New starter" || m.InReplyTo != "m1" ||
			!slices.Equal(m.References, []string{"a", "b"}) || m.Text != "text" || m.HTML != "<p>" || !slices.Equal(m.Requests, []int64{r.ID}) {
			t.Errorf("row = %+v", m)
		}
		report(t, s, "m1/create", nasdesk.WorkPending)
		report(t, s, "m1/create", nasdesk.WorkDone)
		if _, err := s.Decide(t.Context(), nasdesk.Event{Key: "told again", At: now, Work: &nasdesk.WorkEvent{Action: "m1/create", State: nasdesk.WorkDone}}, nasdesk.Keys{}, 0,
			always(nasdesk.Decision{})); err != nil {
			t.Fatal(err)
		}
		if _, keys := dueMails(t, s, now+hour/2); keys != nil {
			t.Errorf("after one of two actions, told twice: %v", keys)
		}
		report(t, s, "m1/link", nasdesk.WorkDone)
		mails, keys = dueMails(t, s, now+hour)
		if !slices.Equal(keys, []string{"m1/after"}) || mails[0].DueAt != now+hour {
			t.Errorf("after both: %+v", mails)
		}
	})
}

func TestMailLater(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		decide(t, s, mailEvent("m1", fa123), nasdesk.Keys{}, always(nasdesk.Decision{Mails: []nasdesk.Mail{{Key: "k", To: fa123, About: nasdesk.Notice, At: now + hour}}}))
		if _, keys := dueMails(t, s, now+hour-1); keys != nil {
			t.Errorf("too early: %v", keys)
		}
		if at, ok, err := s.NextDue(t.Context()); at != now+hour || !ok || err != nil {
			t.Errorf("NextDue = %v, %v, %v", at, ok, err)
		}
		if _, keys := dueMails(t, s, now+hour); !slices.Equal(keys, []string{"k"}) {
			t.Errorf("in time: %v", keys)
		}
	})
}

func TestMailLeaseAndFence(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		if _, ok, err := s.NextDue(t.Context()); ok || err != nil {
			t.Errorf("NextDue of nothing: %v, %v", ok, err)
		}
		grant(t, s, "m1", twoActions("m1")...)
		first, _ := dueMails(t, s, now)
		if _, keys := dueMails(t, s, now+hour); keys != nil {
			t.Errorf("taken within the lease: %v", keys)
		}
		second, _ := dueMails(t, s, now+hour+1)
		if len(second) != 1 || second[0].Attempt != 2 || second[0].DueAt != first[0].DueAt {
			t.Fatalf("after the lease: %+v", second)
		}
		for _, err := range []error{s.MailSent(t.Context(), first[0].ID, 1, now, "id@nhs.net", false), s.MailFailed(t.Context(), first[0].ID, 1, now, 0, "x")} {
			if !errors.Is(err, ErrFenced) {
				t.Errorf("the first worker comes back: %v", err)
			}
		}
		if err := s.MailFailed(t.Context(), second[0].ID, 2, now, now+3*hour, "451 4.3.2"); err != nil {
			t.Fatal(err)
		}
		if _, keys := dueMails(t, s, now+3*hour-1); keys != nil {
			t.Errorf("before its time: %v", keys)
		}
		third, _ := dueMails(t, s, now+3*hour)
		if n, _ := s.RepliesSince(t.Context(), fa123, 0); n != 0 {
			t.Errorf("%d replies before any went out", n)
		}
		if err := s.MailSent(t.Context(), third[0].ID, third[0].Attempt, now+3*hour, "id@nhs.net", true); err != nil {
			t.Fatal(err)
		}
		if err := s.MailSent(t.Context(), third[0].ID, third[0].Attempt, now, "id@nhs.net", false); !errors.Is(err, ErrFenced) {
			t.Errorf("sent twice: %v", err)
		}
		for to, want := range map[nasdesk.Address]int{fa123: 1, "": 1, fb456: 0} {
			if n, err := s.RepliesSince(t.Context(), to, now); n != want || err != nil {
				t.Errorf("RepliesSince(%q) = %d, %v", to, n, err)
			}
		}
		if n, _ := s.RepliesSince(t.Context(), fa123, now+4*hour); n != 0 {
			t.Errorf("%d replies since later", n)
		}
	})
}

func TestMailFailedForGood(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		grant(t, s, "m1", twoActions("m1")...)
		m, _ := dueMails(t, s, now)
		if err := s.MailFailed(t.Context(), m[0].ID, 1, now, 0, "550 5.1.1"); err != nil {
			t.Fatal(err)
		}
		if _, keys := dueMails(t, s, now+100*hour); keys != nil {
			t.Errorf("tried again: %v", keys)
		}
	})
}

func TestClaimsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		const n = 40
		for i := range n {
			decide(t, s, mailEvent("m"+string(rune('A'+i)), fa123), nasdesk.Keys{}, always(nasdesk.Decision{Mails: []nasdesk.Mail{{Key: "k" + string(rune('A'+i)), To: fa123, About: nasdesk.Notice}}}))
		}
		got := make(chan nasdesk.OutMail, 2*n)
		done := make(chan error, 4)
		for range cap(done) {
			go func() {
				for {
					mails, err := s.DueMails(t.Context(), now, 3, hour)
					for _, m := range mails {
						got <- m
					}
					if err != nil || len(mails) == 0 {
						done <- err
						return
					}
				}
			}()
		}
		for range cap(done) {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		close(got)
		seen := map[int64]bool{}
		for m := range got {
			if seen[m.ID] || m.Attempt != 1 {
				t.Errorf("mail %s was given out twice", m.Key)
			}
			seen[m.ID] = true
		}
		if len(seen) != n {
			t.Errorf("%d of %d were given out", len(seen), n)
		}
	})
}

func TestWorkInOrder(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		r := grant(t, s, "m1", twoActions("m1")...)
		w, keys := dueWork(t, s, now)
		if !slices.Equal(keys, []string{"m1/create"}) || w[0].State != "" || w[0].Request != r.ID || w[0].Action.Mobile != "07700900123" || w[0].Attempt != 1 {
			t.Fatalf("at first: %+v", w)
		}
		if _, keys := dueWork(t, s, now); keys != nil {
			t.Errorf("while the first runs: %v", keys)
		}
		if err := s.WorkLater(t.Context(), w[0].ID, 1, now+hour/4); err != nil {
			t.Fatal(err)
		}
		w, keys = dueWork(t, s, now+hour/4)
		if !slices.Equal(keys, []string{"m1/create"}) || w[0].Attempt != 2 || w[0].State != "" {
			t.Errorf("later: %+v", w)
		}
		if err := s.WorkLater(t.Context(), w[0].ID, 1, now); !errors.Is(err, ErrFenced) {
			t.Errorf("an old worker gives it back: %v", err)
		}
		report(t, s, "m1/create", nasdesk.WorkPending)
		if err := s.WorkLater(t.Context(), w[0].ID, 2, now+24*hour); err != nil {
			t.Errorf("pending work is to be looked at later: %v", err)
		}
		if _, keys = dueWork(t, s, now+hour); !slices.Equal(keys, []string{"m1/link"}) {
			t.Errorf("once the account is begun: %v", keys)
		}
		report(t, s, "m1/link", nasdesk.WorkDone)
		w, keys = dueWork(t, s, now+24*hour)
		if !slices.Equal(keys, []string{"m1/create"}) || w[0].State != nasdesk.WorkPending {
			t.Errorf("a look: %+v", w)
		}
		report(t, s, "m1/create", nasdesk.WorkDone)
		if _, keys = dueWork(t, s, now+1000*hour); keys != nil {
			t.Errorf("all is done, yet %v", keys)
		}
	})
}

func TestWorkOfADayToCome(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		grant(t, s, "m1", nasdesk.Action{Key: "a", Name: nasdesk.MarkLeaver, Account: tom, On: "2026-05-01"})
		day := nasdesk.TimestampOf(nasdesk.Date("2026-05-01").Time())
		if _, keys := dueWork(t, s, day-1); keys != nil {
			t.Errorf("the day before: %v", keys)
		}
		if _, keys := dueWork(t, s, day); !slices.Equal(keys, []string{"a"}) {
			t.Errorf("on the day: %v", keys)
		}
	})
}

// changed decides again about a request that is there.
func changed(t testing.TB, s *Store, key string, id int64, change func(*nasdesk.Request), dates ...nasdesk.Due) {
	t.Helper()
	decide(t, s, mailEvent(key, fa123), nasdesk.Keys{Party: fa123, Requests: []int64{id}}, func(c *nasdesk.Case) nasdesk.Decision {
		r := *c.Request(id)
		change(&r)
		return nasdesk.Decision{Requests: []nasdesk.Request{r}, Dates: dates}
	})
}

func withdraw(r *nasdesk.Request) {
	r.State, r.Outcome, r.From, r.Seeks = nasdesk.StateWithdrawn, nasdesk.Refused, "", ""
}

func TestWithdrawnWorkIsNotDone(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		r := grant(t, s, "m1", twoActions("m1")...)
		dueMails(t, s, now)
		changed(t, s, "m2", r.ID, withdraw)
		if _, keys := dueWork(t, s, now+hour); keys != nil {
			t.Errorf("work of a withdrawn request: %v", keys)
		}
		if n := s.number(t, `select count(*) from mail where key = 'm1/after' and state = 'cancelled'`); n != 1 {
			t.Error("the mail that says it is done still waits")
		}
		report(t, s, "m1/create", nasdesk.WorkDone) // it was on its way
		if n := s.number(t, `select count(*) from work where key = 'm1/create' and state = 'done'`); n != 1 {
			t.Error("what was done all the same is not recorded")
		}
	})
}

func TestWorkSentBack(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		r := grant(t, s, "m1", twoActions("m1")...)
		dueWork(t, s, now)
		ev := nasdesk.Event{Key: "work/m1/create/failed", At: now, Work: &nasdesk.WorkEvent{Request: r.ID, Action: "m1/create", State: nasdesk.WorkFailed, Detail: "refused"}}
		decide(t, s, ev, nasdesk.Keys{Requests: []int64{r.ID}}, func(c *nasdesk.Case) nasdesk.Decision {
			back := *c.Request(r.ID)
			back.State = nasdesk.StateReferred
			return nasdesk.Decision{Requests: []nasdesk.Request{back}}
		})
		if _, keys := dueWork(t, s, now+100*hour); keys != nil {
			t.Errorf("work of a request that is staff's: %v", keys)
		}
		if n := s.number(t, `select count(*) from work where state in ('failed', 'cancelled')`); n != 2 {
			t.Errorf("%d pieces of work are ended", n)
		}
	})
}

func dueDates(t testing.TB, s *Store, at nasdesk.Timestamp) (dates []nasdesk.OutDate, keys []string) {
	t.Helper()
	dates, err := s.DueDates(t.Context(), at, 10, hour)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range dates {
		keys = append(keys, x.Key)
	}
	return dates, keys
}

func TestDates(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		r := ask(t, s, "m1", fa123, fa123, nasdesk.StateAsking)
		if _, keys := dueDates(t, s, now); keys != nil {
			t.Errorf("too early: %v", keys)
		}
		dates, keys := dueDates(t, s, now+hour)
		if !slices.Equal(keys, []string{"m1/remind"}) || dates[0].Request != r.ID || dates[0].What != nasdesk.DueRemind || dates[0].At != now+hour || dates[0].Attempt != 1 {
			t.Fatalf("in time: %+v", dates)
		}
		if err := s.DateLater(t.Context(), dates[0].ID, 1, now+hour+5); err != nil {
			t.Fatal(err)
		}
		dates, _ = dueDates(t, s, now+hour+5)
		ev := nasdesk.Event{Key: dates[0].Key, At: now + hour + 5, Due: &nasdesk.DueEvent{Request: r.ID, What: nasdesk.DueRemind}}
		decide(t, s, ev, nasdesk.Keys{Requests: []int64{r.ID}}, always(nasdesk.Decision{}))
		if err := s.DateDone(t.Context(), dates[0].ID, dates[0].Attempt); !errors.Is(err, ErrFenced) {
			t.Errorf("the commit ends the row: %v", err)
		}
		if _, keys := dueDates(t, s, now+1000*hour); !slices.Equal(keys, []string{"m1/lapse"}) {
			t.Errorf("afterwards: %v", keys)
		}
	})
}

func TestDatesEndWithTheirQuestion(t *testing.T) {
	tests := []struct {
		name   string
		change func(*nasdesk.Request)
		dates  []nasdesk.Due
		want   []string
	}{
		{"still asking", func(r *nasdesk.Request) {}, nil, []string{"m1/remind", "m1/lapse"}},
		{"asked anew", func(r *nasdesk.Request) {}, []nasdesk.Due{{Key: "m2/remind", What: nasdesk.DueRemind, At: now + 3*hour}}, []string{"m1/lapse", "m2/remind"}},
		{"settled", func(r *nasdesk.Request) { r.State, r.Outcome = nasdesk.StateDoing, nasdesk.Accepted }, nil, nil},
		{"for a day to come", func(r *nasdesk.Request) {
			r.State, r.Outcome, r.Effective = nasdesk.StateDated, nasdesk.Accepted, "2026-05-01"
		},
			[]nasdesk.Due{{Key: "m2/effective", What: nasdesk.DueEffective, At: now + 9*hour}}, []string{"m2/effective"}},
		{"withdrawn", withdraw, nil, nil},
	}
	each(t, func(t *testing.T, s *Store) {
		for _, tt := range tests {
			s.raw(t, `delete from due`)
			s.raw(t, `delete from handled`)
			r := ask(t, s, "m1", fa123, fa123, nasdesk.StateAsking)
			changed(t, s, "m2", r.ID, tt.change, tt.dates...)
			if _, keys := dueDates(t, s, now+1000*hour); !slices.Equal(keys, tt.want) {
				t.Errorf("%s: %v", tt.name, keys)
			}
		}
	})
}

func TestTheDayIsTakenBack(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		r := ask(t, s, "m1", fa123, fa123, nasdesk.StateAsking)
		changed(t, s, "m2", r.ID, func(r *nasdesk.Request) {
			r.State, r.Outcome, r.Effective = nasdesk.StateDated, nasdesk.Accepted, "2026-05-01"
		}, nasdesk.Due{Key: "m2/effective", What: nasdesk.DueEffective, At: now + 9*hour})
		changed(t, s, "m3", r.ID, withdraw)
		if _, keys := dueDates(t, s, now+1000*hour); keys != nil {
			t.Errorf("the day of a withdrawn request comes: %v", keys)
		}
	})
}

func TestWake(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		woken := func(c <-chan struct{}) bool {
			select {
			case <-c:
				return true
			default:
				return false
			}
		}
		c := s.Wake()
		decide(t, s, mailEvent("m1", fa123), nasdesk.Keys{}, always(nasdesk.Decision{}))
		if woken(c) {
			t.Error("woken for nothing")
		}
		grant(t, s, "m2", twoActions("m2")...)
		if !woken(c) || woken(s.Wake()) {
			t.Error("not woken, or the next channel is closed too")
		}
	})
}

// A link waits until it is known which account was made, and is for that one: the
// address that was proposed may be a namesake's.
func TestWorkBehindANewAccount(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		const proposed, given = "sarah.jones@nhs.net", "sarah.jones2@nhs.net"
		grant(t, s, "m1", nasdesk.Action{Key: "m1/create", Name: nasdesk.CreateAccount, Account: proposed},
			nasdesk.Action{Key: "m1/link", Name: nasdesk.LinkMember, Mailbox: fa123, Account: proposed})
		at := now
		next := func(want ...string) []nasdesk.OutWork {
			t.Helper()
			at += 2 * hour // past every lease
			work, keys := dueWork(t, s, at)
			if !slices.Equal(keys, want) {
				t.Fatalf("due %v, want %v", keys, want)
			}
			return work
		}
		next("m1/create")
		reported(t, s, "m1/create", nasdesk.WorkPending, "")
		w := next("m1/create") // looked at again; the link is not given out
		if err := s.WorkLater(t.Context(), w[0].ID, w[0].Attempt, at+hour); err != nil {
			t.Fatal(err)
		}
		ev := nasdesk.Event{Key: "made", At: at, Work: &nasdesk.WorkEvent{Action: "m1/create", State: nasdesk.WorkPending, Account: given}}
		decide(t, s, ev, nasdesk.Keys{}, always(nasdesk.Decision{Event: ev}))
		w = next("m1/create", "m1/link")
		if w[1].Action.Account != given {
			t.Errorf("the link is for %s, want %s", w[1].Action.Account, given)
		}
	})
}

// What waits is counted, with the oldest of it.
func TestBacklogs(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		grant(t, s, "m1", twoActions("m1")...)
		b, err := s.Backlogs(t.Context(), now+hour)
		if err != nil {
			t.Fatal(err)
		}
		if m := b["mail"]; m.Rows != 1 || m.Oldest != now {
			t.Errorf("mail: %+v, want the one that does not wait for work", m)
		}
		if w := b["work"]; w.Rows != 2 || w.Oldest != now {
			t.Errorf("work: %+v", w)
		}
		if d := b["dates"]; d != (Backlog{}) {
			t.Errorf("dates: %+v, want none", d)
		}
		mails, _ := dueMails(t, s, now)
		if err := s.MailFailed(t.Context(), mails[0].ID, mails[0].Attempt, now, 0, "550"); err != nil {
			t.Fatal(err)
		}
		if b, err = s.Backlogs(t.Context(), now+hour); err != nil || b["mail"].Rows != 0 || b["mail"].Failed != 1 {
			t.Errorf("after the mail has failed: %+v, %v", b["mail"], err)
		}
		if err := s.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
