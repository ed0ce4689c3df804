package store

import (
	"context"
	"regexp"
	"testing"
)

// What staff see must not walk a table that grows with the years. Every view is
// shown once on a store that says what it was asked; the plan of each statement
// must find its rows by an index.
func TestNoViewWalksATable(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		filled(t, s, 2000, 0.1, 500)
		asked := &asking{engine: s.db}
		s.db = asked
		defer func() { s.db = asked.engine }()
		seen := map[string]bool{}
		for _, v := range views() {
			asked.stmts = nil
			if _, err := v.show(t.Context(), s); err != nil {
				t.Fatalf("%s: %v", v.name, err)
			}
			s.db = asked.engine
			for _, st := range asked.stmts {
				if seen[st.SQL] {
					continue
				}
				seen[st.SQL] = true
				if line := viewWalk(planOf(t, s, st)); line != "" {
					t.Errorf("%s: %s\n%s", v.name, st.SQL, line)
				}
			}
			s.db = asked
		}
		if len(seen) < 50 {
			t.Errorf("only %d statements were looked at", len(seen))
		}
	})
}

// An asking engine remembers what it was asked.
type asking struct {
	engine
	stmts []Statement
}

func (a *asking) reader() Q { return a }

func (a *asking) Do(ctx context.Context, stmts ...Statement) error {
	a.stmts = append(a.stmts, stmts...)
	return a.engine.reader().Do(ctx, stmts...)
}

var (
	grows    = `(request|handled|raw|thread|mail|work|due|journal|search|told|note|reason|quarantine|click|account|mailbox|membership|account_word|mailbox_word|r|x|q|c|a|h)`
	liteFull = regexp.MustCompile(`^SCAN ` + grows + `$`) // without an index, or a limit that an index's order serves
)

// viewWalk returns the line of a plan that looks at every row of a table that
// grows, or "". One that goes along an index in its order is let be: a limit ends
// it, as the benchmark shows.
func viewWalk(plan []string) string {
	for _, line := range plan {
		if liteFull.MatchString(line) || pgSeq.MatchString(line) {
			return line
		}
	}
	return ""
}

var pgSeq = regexp.MustCompile(`Seq Scan on ` + grows + `\b`)
