package store

import (
	"regexp"
	"strconv"
	"testing"

	"nasdesk"
)

// What is asked for every message must cost the same however much is kept: no
// table is walked, whatever the plan.
func TestNothingIsWalked(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		grown(t, s, 5000)
		m := nasdesk.Address("pharmacy.f0001@nhs.net")
		p := &pulled{s: s, event: "e", reads: facts{}, mailboxes: map[int64]nasdesk.Mailbox{1: {Address: m}}, linked: []string{"p1.q0@nhs.net"},
			keys: nasdesk.Keys{Party: m, MessageIDs: []string{"m1"}, References: []string{"NAS-4"}, Requests: []int64{7}, Digest: "d1",
				Addresses: []nasdesk.Address{"new@example.com"}, Mobiles: []nasdesk.Mobile{"07700900123"}, ODS: []nasdesk.ODSCode{"F0002"}, Locals: []string{"a.b"}}}
		stmts := append(p.history(), append(p.register(p.keys), p.closure()...)...)
		stmts = append(stmts, p.reads.ask(facts{}))
		for _, st := range stmts {
			for _, line := range planOf(t, s, st) {
				if walks(line) {
					t.Errorf("%s\n%s", st.SQL, line)
				}
			}
		}
	})
}

// grown fills the tables that grow with the years: n requests and messages of
// 100 pharmacies.
func grown(t *testing.T, s *Store, n int) {
	imported(t, s, manyPharmacies(100))
	const ns = `with recursive g (n) as (select 1 union all select n + 1 from g where n < $1), k (n, party) as (select n, 'pharmacy.f00' || (n % 90 + 10) || '@nhs.net' from g) `
	s.raw(t, ns+`insert into request (id, reference, n, kind, asked, party, mailbox, subject, message, state, outcome, reasons, answers, prose, effective, seeks, awaits, actions,
		thread, made_at, decided_at, asks_at, reminded, granted, event, version)
		select n, 'NAS-' || n, 1, 'team', 'team', party, party, $2, '', 'done', 'accepted', '', $2, 0, '', '', '', $2, '[]', 1, 1, 1, 0, '', 'e', 1 from k`, n, []byte("{}"))
	s.raw(t, ns+`insert into thread (message_id, request) select 'm' || n, n from k`, n)
	s.raw(t, ns+`insert into handled (event, at, sender, message_id, digest, result) select 'e' || n, 1, party, 'm' || n, 'd' || n, $2 from k`, n, []byte("{}"))
	s.raw(t, `insert into party (address, version) select address, 1 from mailbox`)
}

func planOf(t *testing.T, s *Store, st Statement) (lines []string) {
	explain := `explain query plan `
	if s.Engine() == "postgres" {
		explain = `explain (analyze, costs off) `
	}
	err := s.db.tx(t.Context(), func(Q) ([]Statement, error) {
		return []Statement{{SQL: explain + st.SQL, Args: st.Args, Each: func(scan Scan) error {
			var line string
			var n int64
			err := scan(&line)
			if s.Engine() == "sqlite" {
				err = scan(&n, &n, &n, &line)
			}
			lines = append(lines, line)
			return err
		}}}, nil
	})
	if err != nil {
		t.Errorf("%s: %v", st.SQL, err)
	}
	return lines
}

var (
	liteWalk = regexp.MustCompile(`^SCAN (request|handled|thread|party|mailbox|account|membership|approval|r|p)\b`)
	removed  = regexp.MustCompile(`Rows Removed by .*: (\d+)|rows=(\d+)`)
)

// walks reports whether a line of a plan says that many rows were looked at: each
// of the questions here has few.
func walks(line string) bool {
	for _, m := range removed.FindAllStringSubmatch(line, -1) {
		if n, _ := strconv.Atoi(m[1] + m[2]); n >= 500 {
			return true
		}
	}
	return liteWalk.MatchString(line)
}
