package store

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"nasdesk"
)

// What staff see must cost about the same with a thousand requests in the store
// as with a hundred thousand: every view at most twice as much, and under a tenth
// of a second. BenchmarkViews fails where it does not.

const (
	fewRequests  = 1_000
	manyRequests = 100_000
	fullPage     = 60 // rows of every queue at least, so that a page is full at both sizes
	bigRegister  = 11_000
	slack        = time.Millisecond // what may come on top, of views that cost next to nothing
)

// filled fills the store with a register of so many mailboxes and n requests of a
// mix as a desk has it: most are done, a share of them is open with staff, the
// rest waits for somebody.
func filled(t testing.TB, s *Store, n int, share float64, boxes int) {
	t.Helper()
	every := func(share float64) int { return max(1, n/max(fullPage, int(float64(n)*share))) }
	const g = `with recursive g (n) as (select 1 union all select n + 1 from g where n < $1) `
	run := func(sql string, args ...any) {
		t.Helper()
		s.raw(t, s.db.dialect().DDL.Replace(sql), args...)
	}
	empty := []byte("[]")
	run(g+`insert into mailbox (address, ods, name, sector, region, dspt, status, alias, looked, owners, accounts, most, ails)
		select 'pharmacy.f' || n || '@nhs.net', 'F' || n, 'Chemist ' || (n % 900), 'pharmacy', 'england.north@nhs.net', 'standards-met', 'active', '', 1, 1, 5, 10,
		case when n % 100 = 0 then 'no owner' else '' end from g`, boxes)
	run(g+`insert into account (address, stem, name, mobile, mobile_index, alternative, alternative_index, status, since, looked)
		select 'first' || (n % 300) || '.last' || n || '@nhs.net', '', $2, $3, '07' || (700000000 + n), $3, '', 'active', '2025-01-01', 1 from g`, boxes*11/2, []byte("First Last"), []byte(""))
	run(`insert into membership (mailbox, account, role) select m.address, a.address, case when a.id <= $1 then 'owner' else 'member' end
		from account a join mailbox m on m.id = a.id % $1 + 1`, boxes)
	for _, word := range []string{`address`, `'chemist'`, `cast(id % 900 as text)`, `lower(ods)`} {
		run(`insert into mailbox_word (word, mailbox) select ` + word + `, id from mailbox where 1 = 1 on conflict do nothing`)
	}
	run(`insert into mailbox_word (word, mailbox) select ' ails no owner', id from mailbox where ails <> ''`)
	for _, word := range []string{`address`, `'first' || (id % 300)`, `'last' || id`, `substr(mobile_index, 6)`} {
		run(`insert into account_word (word, account) select ` + word + `, id from account where 1 = 1 on conflict do nothing`)
	}

	// The first sixty requests are of one mailbox, so that its pages are full.
	box := `'pharmacy.f' || (case when n <= 60 then 1 else n % ` + fmt.Sprint(boxes-1) + ` + 2 end) || '@nhs.net'`
	states := fmt.Sprintf(`case when n %% %d = 0 then 'referred' when n %% %d = 1 then 'asking' when n %% %d = 2 then 'seeking' when n %% %d = 3 then 'dated' when n %% %d = 4 then 'doing' else 'done' end`,
		every(share), every(0.02), every(0.005), every(0.005), every(0.01))
	run(g+`, k as (select n, `+states+` as state, `+box+` as box from g)
		insert into request (id, reference, n, kind, asked, party, mailbox, subject, message, state, outcome, reasons, answers, prose, effective, seeks, awaits, actions,
		thread, made_at, decided_at, asks_at, reminded, granted, event, version, assignee, snoozed, bounced, queue)
		select n, 'NAS-' || n, 1, 'kind' || (n % 12), 'team', box, box, $2, 'm' || n, state,
		case state when 'referred' then 'exception' when 'asking' then 'needs-info' when 'seeking' then 'awaiting' else 'accepted' end,
		case when state in ('dated', 'doing', 'done') then '' else 'reason' || ((n / 7) % 12) end, $3, 0, case when state = 'dated' then '2026-05-01' else '' end,
		case when state = 'seeking' then 'regional-approval' else '' end, case when state in ('asking', 'seeking') then box else '' end, $4, '[]',
		1000 * n, 1000 * n, 1, 0, '', 'e' || n, 1, case when n % `+fmt.Sprint(every(share)*max(1, n/every(share)/fullPage))+` = 0 then 'staff0' else '' end, case when n % `+fmt.Sprint(every(share)*20)+` = 0 then '2026-06-01' else '' end,
		case when n % `+fmt.Sprint(every(0.001))+` = 5 then n else 0 end, case state when 'referred' then 'exceptions' when 'asking' then 'pharmacy' when 'seeking' then 'others' else '' end from k`,
		n, []byte("A subject of a usual length, about a new starter"), []byte(`[{"Field":"mobile","Value":"07700900123"},{"Field":"first_name","Value":"Amina"}]`), empty)
	run(`insert into reason (queue, reason, kind, since, request) select queue, reasons, kind, decided_at, id from request where queue <> ''`)
	for _, token := range []string{`' kind ' || kind`, `' mailbox ' || mailbox`, `' reason ' || reasons`, `mailbox`, `'nas-' || id`, `'' || id`, `'pharmacy'`, `'f' || (id % ` + fmt.Sprint(boxes-1) + ` + 2)`,
		`'first' || (id % 300)`, `'last' || ((id * 7919) % 5000)`, `'07700' || (100000 + id % 900000)`, `'' || (100000 + id % 900000)`, `'' || (10000 + id % 90000)`, `'' || (1000 + id % 9000)`, `'' || (100 + id % 900)`} {
		run(`insert into search (token, request) select ` + token + `, id from request where 1 = 1 on conflict do nothing`)
	}
	run(g+`insert into raw (id, sha256, size, bytes, kept_at) select n, 'x', 1, $2, n from g`, n, empty)
	run(`insert into handled (event, raw, at, sender, message_id, digest, folder, result, folded) select event, id, made_at, party, message, '', 'processed', $1, 1 from request`, []byte("{}"))
	run(`insert into journal (at, event, request, what, subject, detail, seal) select made_at, event, id, 'request-accepted', 'digest ' || party, kind, 1 from request`)
	run(`insert into mail (key, event, requests, recipient, about, subject, in_reply_to, refs, text, html, digest, made_at, due_at, at, waits, state, ended_at)
		select event || '/m', event, '' || id, party, 'confirmation', $1, '', '[]', $1, $1, '', 1, 1, 1, 0, 'sent', made_at from request`, []byte("text"))
	run(`insert into work (key, request, action, due_at, at, state, begun, people, ended_at, detail) select event || '/w', id, $1, made_at, 1, case when state = 'doing' then 'pending' else 'done' end, 1, 1,
		case when state = 'doing' then 0 else 5 end, $2 from request where state in ('doing', 'done')`, []byte(`{"Name":"create-account"}`), []byte(""))
	run(`insert into due (key, request, what, due_at, at, state) select event || '/d', id, case when state = 'dated' then 'effective' else 'remind' end, made_at, made_at,
		case when state in ('dated', 'asking') then 'ready' else 'done' end from request where state <> 'referred'`)
	run(`insert into quarantine (raw, event, at, sender, sender_index, subject, reasons, state, ended_at) select id, event, made_at, $1, party, $1, 'sender-unverified',
		case when id % `+fmt.Sprint(every(0.005))+` = 7 then 'waiting' else 'condemned' end, case when id % `+fmt.Sprint(every(0.005))+` = 7 then 0 else 1 end from request where id % 5 = 2 or id % `+fmt.Sprint(every(0.005))+` = 7`, []byte("x@example.com"))
	run(`insert into click (act, name, by_name, second, request, message, state, made_at, at) select $1, 'reply', 'anna', '', id, 0, case when id % 10 = 1 then 'proposed' else 'done' end, made_at, 1
		from request where id % `+fmt.Sprint(every(0.01))+` = 1`, []byte(`{"Act":"reply","Request":1}`))
	// A year of some hundred sums a day, and their months.
	run(`with recursive g (n) as (select 0 union all select n + 1 from g where n < $1), d (day, m) as (
		select '2025-' || (case when n % 12 < 9 then '0' else '' end) || (n % 12 + 1) || '-' || (case when n / 12 < 9 then '0' else '' end) || (n / 12 + 1),
		'm2025-' || (case when n % 12 < 9 then '0' else '' end) || (n % 12 + 1) from g), w (n) as (select n from g where n < 144)
		insert into tally (what, day, kind, word, n) select 'outcome', day, 'kind' || (w.n % 12), 'word' || (w.n / 12), 1 from d cross join w
		union all select distinct 'outcome', m, 'kind' || (w.n % 12), 'word' || (w.n / 12), 28 from d cross join w`, 335)
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
