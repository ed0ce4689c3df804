package store

import (
	"errors"
	"regexp"
	"slices"
	"testing"
	"time"
)

// A ward is a node whose clock the test turns.
type ward struct {
	*Node
	at time.Duration
}

const testLease = 12 * time.Second

func joined(t *testing.T, s *Store, name string) *ward {
	t.Helper()
	n, err := s.Join(t.Context(), name, testLease)
	if err != nil {
		t.Fatal(err)
	}
	w := &ward{Node: n}
	n.clock = func() time.Duration { return w.at }
	n.alive.Store(0)
	return w
}

func (w *ward) rounds(t *testing.T, after time.Duration) {
	t.Helper()
	w.at += after
	if err := w.round(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// One program serves an SQLite database, and what it had claimed when it ended is
// given back to the next.
func TestNodesOneAfterTheOther(t *testing.T) {
	eachURL(t, func(t *testing.T, url string) {
		first := opened(t, url)
		grant(t, first, "served", twoActions("served")...)
		one := joined(t, first, "one")
		one.rounds(t, 0)
		if !one.HoldsInbox() {
			t.Fatal("the only node does not hold the inbox")
		}
		if _, keys := dueMails(t, first, now); len(keys) != 1 {
			t.Fatalf("claimed %v", keys)
		}
		if _, keys := dueMails(t, first, now); len(keys) != 0 {
			t.Fatalf("claimed again within the lease: %v", keys)
		}
		next := first
		if url != "sqlite::memory:" { // which nobody else can open
			next = opened(t, url)
			if _, err := next.Join(t.Context(), "two", testLease); next.db.dialect().Single && !errors.Is(err, ErrServed) {
				t.Fatalf("two programs serve one database: %v", err)
			}
		}
		if err := one.Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		two := joined(t, next, "two")
		two.rounds(t, 0)
		if one.HoldsInbox() || !two.HoldsInbox() {
			t.Errorf("the inbox: held by one: %v, by two: %v", one.HoldsInbox(), two.HoldsInbox())
		}
		if _, keys := dueMails(t, next, now); len(keys) != 1 {
			t.Fatalf("what the first had claimed was not given back: %v", keys)
		}
	})
}

// A node that is silent for a lease loses the inbox and what it had claimed. When
// it goes on it may not act, finds out at its next beat, and begins as a new node.
func TestNodePausedAndTakenOver(t *testing.T) {
	eachURL(t, func(t *testing.T, url string) {
		first := opened(t, url)
		if first.db.dialect().Single {
			t.Log("an SQLite database has one node")
			return
		}
		second := opened(t, url)
		grant(t, first, "paused", twoActions("paused")...)
		one, two := joined(t, first, "one"), joined(t, second, "two")
		one.rounds(t, 0)
		two.rounds(t, 0)
		if !one.HoldsInbox() || two.HoldsInbox() {
			t.Fatal("the inbox goes to whoever comes first")
		}
		if one.rounds(t, 0); one.Peers() != 2 || two.Peers() != 2 {
			t.Errorf("%d and %d nodes, want 2", one.Peers(), two.Peers())
		}
		mails, _ := dueMails(t, first, now)
		if len(mails) != 1 {
			t.Fatalf("claimed %v", mails)
		}
		for range 5 { // 15 s, in which one stands still
			two.rounds(t, testLease/4)
		}
		if !two.HoldsInbox() {
			t.Error("the inbox did not move within a lease and a beat")
		}
		again, _ := dueMails(t, second, now)
		if len(again) != 1 || again[0].Attempt != mails[0].Attempt+1 {
			t.Fatalf("taken over: %v", again)
		}
		one.at += 5 * testLease / 4 // it wakes up
		if one.Alive() || one.HoldsInbox() {
			t.Error("a paused node acts on what it had before it looks around")
		}
		if err := first.Regain(t.Context(), "mail"); err != nil {
			t.Fatal(err)
		}
		if stolen, _ := dueMails(t, first, now); len(stolen) != 0 {
			t.Errorf("it gives back what is another's: %v", stolen)
		}
		if err := first.MailSent(t.Context(), mails[0].ID, mails[0].Attempt, now, "<late@nhs.net>", false); !errors.Is(err, ErrFenced) {
			t.Errorf("it reports of a mail that is another's: %v", err)
		}
		was := one.ID()
		if err := one.beat(t.Context()); !errors.Is(err, ErrGone) {
			t.Errorf("its beat: %v", err)
		}
		one.rounds(t, 0)
		if one.ID() == was || !one.Alive() || one.HoldsInbox() || !two.HoldsInbox() {
			t.Error("it does not begin anew, without the inbox")
		}
		if err := second.MailSent(t.Context(), again[0].ID, again[0].Attempt, now, "<once@nhs.net>", false); err != nil {
			t.Errorf("the one that took over cannot report: %v", err)
		}
		_ = two.Leave(t.Context())
		if one.rounds(t, testLease/4); one.Peers() != 1 {
			t.Errorf("%d nodes, want 1", one.Peers())
		}
		if !one.HoldsInbox() {
			t.Error("the inbox of a node that left is not taken at the next beat")
		}
	})
}

// Two nodes that beat never take one another for gone.
func TestNodesBeat(t *testing.T) {
	eachURL(t, func(t *testing.T, url string) {
		first := opened(t, url)
		if first.db.dialect().Single {
			return
		}
		one, two := joined(t, first, "one"), joined(t, opened(t, url), "two")
		for range 40 {
			one.rounds(t, testLease/4)
			two.rounds(t, testLease/4)
		}
		if !one.Alive() || !two.Alive() || !one.HoldsInbox() || two.HoldsInbox() {
			t.Errorf("alive: %v, %v; the inbox: %v, %v", one.Alive(), two.Alive(), one.HoldsInbox(), two.HoldsInbox())
		}
	})
}

// A commit of one node wakes the others.
func TestNodesWakeOneAnother(t *testing.T) {
	eachURL(t, func(t *testing.T, url string) {
		first := opened(t, url)
		if first.db.dialect().Single {
			return
		}
		second := opened(t, url)
		one, two := joined(t, first, "one"), joined(t, second, "two")
		go one.Run(t.Context(), func(err error) { t.Log(err) })
		go two.Run(t.Context(), func(err error) { t.Log(err) })
		heard := 0
		for n := 0; heard < 3; n++ { // the first wakes it when its listening begins, whoever commits
			woken := second.Wake()
			first.committed(true)
			select {
			case <-woken:
				heard++
			case <-time.After(200 * time.Millisecond):
			}
			if n > 300 {
				t.Fatal("not woken three times")
			}
		}
	})
}

// A claim whose answer was lost is given back by the node that made it, and nobody
// else's is.
func TestNodeRegains(t *testing.T) {
	eachURL(t, func(t *testing.T, url string) {
		s := opened(t, url)
		grant(t, s, "regained", twoActions("regained")...)
		if err := s.Regain(t.Context(), "mail"); err != nil {
			t.Fatal(err)
		}
		one := joined(t, s, "one")
		one.rounds(t, 0)
		if lost, _ := dueMails(t, s, now); len(lost) != 1 {
			t.Fatalf("claimed %v", lost)
		}
		if err := s.Regain(t.Context(), "work"); err != nil {
			t.Fatal(err)
		}
		if again, _ := dueMails(t, s, now); len(again) != 0 {
			t.Errorf("a mail was given back with the work: %v", again)
		}
		if err := s.Regain(t.Context(), "mail"); err != nil {
			t.Fatal(err)
		}
		if again, _ := dueMails(t, s, now); len(again) != 1 {
			t.Errorf("given back and claimed again: %v", again)
		}
	})
}

// Every table whose rows are claimed is given back with its node: one that was
// forgotten would wait for half an hour.
func TestClaimTables(t *testing.T) {
	files, err := migrations(schemaFiles)
	if err != nil {
		t.Fatal(err)
	}
	var leased []string
	for _, m := range files {
		for _, st := range split(m.text) {
			if made := regexp.MustCompile(`(?s)create table (\w+) \(.*\n\s*attempts .*\n\s*locked_until `).FindStringSubmatch(st); made != nil {
				leased = append(leased, made[1])
			}
		}
	}
	if want := slices.Sorted(slices.Values(claimTables)); len(leased) < 5 || !slices.Equal(slices.Sorted(slices.Values(leased)), want) {
		t.Errorf("tables with a lease: %v, given back: %v", leased, want)
	}
}
