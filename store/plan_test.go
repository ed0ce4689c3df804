package store

import (
	"regexp"
	"strings"
	"testing"

	"nasdesk"
)

// What is asked for every message must cost the same however much is kept: no
// table is walked, whatever the plan.
func TestNothingIsWalked(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		grown(t, s, map[string]int{"sqlite": 200, "postgres": 20000}[s.Engine()]) // PostgreSQL plans by what there is
		m := nasdesk.Address("pharmacy.f0001@nhs.net")
		p := &pulled{s: s, event: "e", reads: facts{}, mailboxes: map[int64]nasdesk.Mailbox{1: {Address: m}}, linked: []string{"p1.q0@nhs.net"},
			keys: nasdesk.Keys{Party: m, MessageIDs: []string{"m1"}, References: []string{"NAS-4"}, Requests: []int64{7}, Digest: "d1",
				Addresses: []nasdesk.Address{"new@example.com"}, Mobiles: []nasdesk.Mobile{"07700900123"}, ODS: []nasdesk.ODSCode{"F0002"}, Locals: []string{"a.b"}}}
		stmts := append(p.history(), append(p.register(p.keys), p.closure()...)...)
		stmts = append(stmts, p.reads.ask(facts{}))
		for _, st := range stmts {
			if line := walk(planOf(t, s, st)); line != "" {
				t.Errorf("%s\n%s", st.SQL, line)
			}
		}
	})
}

// grown fills the tables that grow with the years: n requests and messages of
// ten of a hundred pharmacies.
func grown(t *testing.T, s *Store, n int) {
	imported(t, s, manyPharmacies(100))
	const ns = `with recursive g (n) as (select 1 union all select n + 1 from g where n < $1), k (n, party) as (select n, 'pharmacy.f00' || (n % 10 + 10) || '@nhs.net' from g) `
	s.raw(t, ns+`insert into request (id, reference, n, kind, asked, party, mailbox, subject, message, state, outcome, reasons, answers, prose, effective, seeks, awaits, actions,
		thread, made_at, decided_at, asks_at, reminded, granted, event, version)
		select n, 'NAS-' || n, 1, 'team', 'team', party, party, $2, '',
		case when n % 10 = 0 then 'asking' else 'done' end, case when n % 10 = 0 then 'needs-info' else 'accepted' end, '', $2, 0, '', '', party, $2, '[]', 1, 1, 1, 0, '', 'e', 1 from k`, n, []byte("{}"))
	s.raw(t, ns+`insert into thread (message_id, request) select 'm' || n, n from k`, n)
	s.raw(t, ns+`insert into handled (event, at, sender, message_id, digest, result) select 'e' || n, 1, party, 'm' || n, 'd' || n, $2 from k`, n, []byte("{}"))
	s.raw(t, `insert into approval (mailbox, max, approved_by, approved_on) select address, 12, address, '2026-01-01' from mailbox`)
	s.raw(t, `insert into party (address, version) select address, 1 from mailbox`)
	if s.Engine() == "postgres" { // which plans by what it believes of its tables
		s.raw(t, `analyze`)
	}
}

// planOf returns the lines that say how a statement looks for its rows; on
// PostgreSQL those of the plan that is made once, for whatever arguments.
func planOf(t *testing.T, s *Store, st Statement) (lines []string) {
	t.Helper()
	if e, ok := s.db.(*pg); ok {
		return pgPlan(t, e, st)
	}
	err := s.db.reader().Do(t.Context(), Statement{SQL: `explain query plan ` + st.SQL, Args: st.Args, Each: func(scan Scan) error {
		var n int64
		var line string
		err := scan(&n, &n, &n, &line)
		lines = append(lines, line)
		return err
	}})
	if err != nil {
		t.Errorf("%s: %v", st.SQL, err)
	}
	return lines
}

func pgPlan(t *testing.T, e *pg, st Statement) (lines []string) {
	t.Helper()
	c, err := e.pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Release()
	nulls := ""
	if n := len(st.Args); n > 0 {
		nulls = "(null" + strings.Repeat(", null", n-1) + ")"
	}
	results, err := c.Conn().PgConn().Exec(t.Context(), `prepare walk as `+e.d.text(st.SQL)+`; explain (costs off) execute walk`+nulls+`; deallocate walk`).ReadAll()
	if err != nil {
		t.Errorf("%s: %v", st.SQL, err)
	}
	for _, r := range results {
		for _, row := range r.Rows {
			lines = append(lines, string(row[0]))
		}
	}
	return lines
}

var (
	liteWalk = regexp.MustCompile(`^SCAN (request|handled|thread|party|mailbox|account|membership|approval|r|p)\b`)
	pgScan   = regexp.MustCompile(`(Seq|Index|Index Only) Scan .*on `)
)

// walk returns the first line of a plan that looks at every row of a table, or
// "".
func walk(plan []string) string {
	for i, line := range plan {
		if pgScan.MatchString(line) && !strings.Contains(line, "Bitmap") && (i+1 == len(plan) || !strings.Contains(plan[i+1], "Index Cond")) || liteWalk.MatchString(line) {
			return line
		}
	}
	return ""
}
