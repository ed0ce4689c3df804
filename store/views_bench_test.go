package store

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"nasdesk"
	"nasdesk/store/storetest"
)

// What staff see must cost about the same with a thousand requests in the store
// as with a hundred thousand: every view at most twice as much, and under a tenth
// of a second. BenchmarkViews fails where it does not.

const (
	fewRequests  = 1_000
	manyRequests = 100_000
	bigRegister  = 11_000
	slack        = time.Millisecond // what may come on top, of views that cost next to nothing
)

// filled fills the store with a register of so many mailboxes and n requests, of
// which a share is open with staff.
func filled(t testing.TB, s *Store, n int, share float64, boxes int) {
	t.Helper()
	f := storetest.Filling{Requests: n, Open: share, Mailboxes: boxes, Raw: []byte("[]")}
	f.Fill(func(sql string, args ...any) {
		t.Helper()
		s.raw(t, sql, args...)
	})
	putStaff(t, s, Staff{Name: "anna", Role: Lead})
	if err := s.NewSession(t.Context(), Session{Token: "t", Staff: "anna", MadeAt: now}); err != nil {
		t.Fatal(err)
	}
	if s.Engine() == "postgres" {
		s.db.(*pg).analyze(t)
	} else {
		s.raw(t, `analyze`)
	}
}

// analyze gathers what PostgreSQL's autovacuum would have, in time.
func (e *pg) analyze(t testing.TB) {
	t.Helper()
	if _, err := e.pool.Exec(t.Context(), `vacuum analyze`); err != nil {
		t.Fatal(err)
	}
}

// A view is one thing that the console shows.
type view struct {
	name string
	show func(context.Context, *Store) (rows int, err error)
}

func listView(name string, f Filter) view {
	f.Today = today
	return view{name, func(ctx context.Context, s *Store) (int, error) {
		rows, err := s.List(ctx, f)
		return len(rows.Rows), err
	}}
}

// views are all that the console reads, with every filter and order. Each shows
// as many rows at both sizes as the limit says, unless it is marked "rare".
func views() []view {
	var out []view
	for _, q := range Queues {
		out = append(out, listView(string(q), Filter{Queue: q}), listView(string(q)+" newest", Filter{Queue: q, Sort: SortNewest}))
	}
	ex := func(name string, f Filter) {
		f.Queue = QueueExceptions
		out = append(out, listView("exceptions "+name, f))
		f.Queue = QueueAll
		out = append(out, listView("all "+name, f))
	}
	half := nasdesk.Timestamp(1000 * fewRequests / 2)
	ex("by kind", Filter{Sort: SortKind})
	ex("by mailbox", Filter{Sort: SortMailbox})
	ex("second page", Filter{After: cursor{At: int64(half), ID: fewRequests / 2}.text()})
	ex("of a kind", Filter{Kind: "kind0", Limit: 4})
	ex("of a kind newest", Filter{Kind: "kind0", Sort: SortNewest, Limit: 4})
	ex("of a mailbox", Filter{Mailbox: "pharmacy.f1@nhs.net", Limit: 3})
	ex("of a colleague", Filter{Assignee: "staff0", Limit: 3})
	ex("of a colleague by kind", Filter{Assignee: "staff0", Sort: SortKind, Limit: 3})
	ex("of nobody", Filter{Assignee: "-", Limit: 20})
	ex("of a reason", Filter{Reason: "reason3", Limit: 3})
	ex("of a reason by kind", Filter{Reason: "reason3", Sort: SortKind, Limit: 3})
	ex("of a kind and reason", Filter{Kind: "kind0", Reason: "reason3", Limit: 1})
	ex("long waiting", Filter{Before: half, Limit: 20})
	ex("of no such kind", Filter{Kind: "none"})
	ex("of no such reason", Filter{Reason: "none"})
	ex("by reference", Filter{Text: "NAS-480"})
	ex("by code", Filter{Text: "f482"})
	ex("by surname", Filter{Text: "last3600", Limit: 1})
	ex("by two names", Filter{Text: "first0 last3600", Limit: 1})
	ex("by a first name", Filter{Text: "first0", Limit: 1})
	ex("by a word of all", Filter{Text: "pharmacy", Limit: 3})
	ex("by a mobile", Filter{Text: "07700 100480"})
	ex("by three digits", Filter{Text: "580"})
	ex("by nothing there", Filter{Text: "nobody"})
	show := func(name string, f func(context.Context, *Store) (int, error)) { out = append(out, view{name, f}) }
	show("counts", func(ctx context.Context, s *Store) (int, error) {
		counts, err := s.Counts(ctx, today)
		n := 0
		for _, c := range counts {
			n += c
		}
		return n, err
	})
	show("dossier", func(ctx context.Context, s *Store) (int, error) {
		d, err := s.Dossier(ctx, 60, today)
		if err != nil {
			return 0, err
		}
		return len(d.Letters) + len(d.Similar) + len(d.Journal), err
	})
	for text, n := range map[string]int{"": 50, "chemist": 50, "899": 12, "f482": 1} {
		show("mailboxes "+text, func(ctx context.Context, s *Store) (int, error) {
			rows, _, err := s.Mailboxes(ctx, MailboxFilter{Text: text, Limit: n, Today: today})
			return len(rows), err
		})
	}
	for _, a := range []Ailment{NoOwner, DatesDue, Full} {
		show("mailboxes with "+string(a), func(ctx context.Context, s *Store) (int, error) {
			rows, _, err := s.Mailboxes(ctx, MailboxFilter{Ails: a, Limit: 40, Today: today})
			return len(rows), err
		})
	}
	for _, text := range []string{"", "first7", "last99", "07700000123"} {
		show("accounts "+text, func(ctx context.Context, s *Store) (int, error) {
			rows, _, err := s.Accounts(ctx, text, "", 50)
			return len(rows), err
		})
	}
	show("mailbox", func(ctx context.Context, s *Store) (int, error) {
		p, err := s.MailboxPage(ctx, "pharmacy.f1@nhs.net", today)
		if err != nil {
			return 0, err
		}
		return len(p.Requests), nil
	})
	show("account", func(ctx context.Context, s *Store) (int, error) {
		_, err := s.AccountPage(ctx, "first7.last7@nhs.net", today)
		return 1, err
	})
	for name, from := range map[string]nasdesk.Date{"of a month": "2025-11-25", "of a year": "2025-01-01"} {
		show("figures "+name, func(ctx context.Context, s *Store) (int, error) {
			f, err := s.Figures(ctx, from, "2025-12-31")
			return len(f.Outcomes), err
		})
	}
	show("session", func(ctx context.Context, s *Store) (int, error) { _, err := s.SessionOf(ctx, "t", now); return 1, err })
	show("due clicks", func(ctx context.Context, s *Store) (int, error) {
		c, err := s.DueClicks(ctx, now, 10, hour)
		return len(c), err
	})
	return out
}

func BenchmarkViews(b *testing.B) {
	for _, engine := range []string{"memory", "file", "postgres"} {
		for _, share := range []float64{0.005, 0.1} {
			b.Run(fmt.Sprintf("%s/%v-open", engine, share), func(b *testing.B) {
				few, many := opened(b, urlOf(b, engine)), opened(b, urlOf(b, engine))
				filled(b, few, fewRequests, share, bigRegister)
				filled(b, many, manyRequests, share, bigRegister)
				for _, v := range views() {
					b.Run(strings.ReplaceAll(v.name, " ", "-"), func(b *testing.B) { v.compare(b, few, many) })
				}
			})
		}
	}
}

// compare measures a view at both sizes, each as its best of several runs: what
// else the machine does is no matter of the view's.
func (v view) compare(b *testing.B, few, many *Store) {
	best := [2]time.Duration{math.MaxInt64, math.MaxInt64}
	var rows [2]int
	for b.Loop() {
		for i, s := range []*Store{few, many} {
			began := time.Now()
			n, err := v.show(context.Background(), s)
			if err != nil {
				b.Fatal(err)
			}
			best[i], rows[i] = min(best[i], time.Since(began)), n
		}
	}
	b.ReportMetric(float64(best[0].Microseconds()), "few-µs")
	b.ReportMetric(float64(best[1].Microseconds()), "many-µs")
	b.ReportMetric(float64(rows[0]), "few-rows")
	b.ReportMetric(float64(rows[1]), "many-rows")
	if allowed := 2*best[0]*time.Duration(max(rows[0], rows[1], 1))/time.Duration(max(rows[0], 1)) + slack; best[1] > allowed || best[1] > 100*time.Millisecond {
		b.Errorf("%v with %d requests (%d rows), %v with %d (%d rows)", best[1], manyRequests, rows[1], best[0], fewRequests, rows[0])
	}
}
