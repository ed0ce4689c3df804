package store

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"nasdesk"
)

// written writes n lines in the journal, each in a commit of its own.
func written(t testing.TB, s *Store, name string, n int) {
	t.Helper()
	for i := range n {
		decide(t, s, mailEvent(fmt.Sprint(name, i), fa123), nasdesk.Keys{}, always(nasdesk.Decision{Journal: []nasdesk.Entry{
			{What: "sender-proved", Request: -1, Subject: string(fa123), Detail: "dmarc"}}}))
	}
}

func TestJournal(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		if h, err := s.VerifyJournal(t.Context()); h != (Head{}) || err != nil {
			t.Errorf("empty: %+v, %v", h, err)
		}
		written(t, s, "a", 3)
		one, err := s.Seal(t.Context())
		if err != nil || one.Seals != 1 || len(one.Hash) != 64 {
			t.Fatalf("Seal = %+v, %v", one, err)
		}
		if again, err := s.Seal(t.Context()); again != one || err != nil {
			t.Errorf("nothing new: %+v, %v", again, err)
		}
		written(t, s, "b", 2)
		two, err := s.Seal(t.Context())
		if err != nil || two.Seals != 2 {
			t.Fatalf("Seal = %+v, %v", two, err)
		}
		if got, err := s.VerifyJournal(t.Context()); got != two || err != nil {
			t.Errorf("VerifyJournal = %+v, %v", got, err)
		}
		if n := s.number(t, `select count(*) from journal where subject <> '' and subject <> $1 and length(subject) = 64`, fa123); n != 5 {
			t.Errorf("%d of 5 lines hold a digest", n)
		}
	})
}

func TestJournalTamperedWith(t *testing.T) {
	tampered := map[string]string{
		"a word changed":         `update journal set detail = 'dkim' where id = (select min(id) from journal)`,
		"a line taken out":       `delete from journal where id = (select min(id) from journal)`,
		"a line slipped in":      `insert into journal (at, event, request, what, subject, detail, seal) values (1, 'e', 0, 'w', 's', 'd', 1)`,
		"a line of no seal":      `insert into journal (at, event, request, what, subject, detail, seal) values (1, 'e', 0, 'w', 's', 'd', 9)`,
		"a line moved":           `update journal set seal = 2 where id = (select min(id) from journal)`,
		"a seal taken out":       `delete from seal where n = 1`,
		"the last seal cut off":  `delete from seal where n = 2`,
		"a seal forged":          `update seal set hash = 'ab' where n = 1`,
		"two lines swapped":      `update journal set id = 1000 + id where id = (select min(id) from journal)`,
		"a line's seal reopened": `update journal set seal = null where id = (select min(id) from journal)`,
	}
	each(t, func(t *testing.T, s *Store) {
		for name, sql := range tampered {
			s.raw(t, `delete from journal`)
			s.raw(t, `delete from seal`)
			for i := range 2 {
				written(t, s, fmt.Sprint(name, i), 3)
				if _, err := s.Seal(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := s.VerifyJournal(t.Context()); err != nil {
				t.Fatalf("%s: before: %v", name, err)
			}
			s.raw(t, sql)
			if _, err := s.VerifyJournal(t.Context()); !errors.Is(err, ErrJournal) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestSealWhileOthersWrite(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		done := make(chan error, 3)
		for w := range 2 {
			go func() {
				var err error
				for i := 0; i < 10 && err == nil; i++ {
					_, err = s.Decide(context.Background(), mailEvent(fmt.Sprint(w, "-", i), nasdesk.Address(fmt.Sprint(w, "@nhs.net"))), nasdesk.Keys{}, 0,
						always(nasdesk.Decision{Journal: []nasdesk.Entry{{What: "x", Request: -1}, {What: "y", Request: -1}}}))
				}
				done <- err
			}()
		}
		go func() {
			var err error
			for i := 0; i < 10 && err == nil; i++ {
				_, err = s.Seal(context.Background())
			}
			done <- err
		}()
		for range cap(done) {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if _, err := s.Seal(t.Context()); err != nil {
			t.Error(err)
		}
		if _, err := s.VerifyJournal(t.Context()); err != nil {
			t.Error(err)
		}
		if n := s.number(t, `select count(*) from journal where seal is not null`); n != 40 {
			t.Errorf("%d of 40 lines are sealed", n)
		}
	})
}
