package store

import (
	"context"
	"fmt"

	"nasdesk"
)

// A Backlog is what waits in one table.
type Backlog struct {
	Rows   int               // due and not done, at most CountMost+1
	Oldest nasdesk.Timestamp // since when the oldest of them is due; 0 where none is
	Failed int               // given up within the last day, at most CountMost+1
}

// backlogs are the tables with what waits in them at $1, and what was given up
// since then; "" where nothing ever is.
var backlogs = []struct{ name, waits, failed string }{
	{"mail", `mail where state = 'ready' and waits = 0 and at <= $1`, `mail where state = 'failed' and ended_at > $1`},
	{"work", `work where state in ('ready', 'pending') and at <= $1`, `work where state = 'failed' and ended_at > $1`},
	{"dates", `due where state = 'ready' and at <= $1`, ``},
	{"clicks", `click where state = 'ready' and at <= $1`, `click where state = 'hindered' and at > $1`},
	{"kept", `(select r.kept_at as at from location l join raw r on r.id = l.raw where l.state = 'kept' and r.kept_at <= $1) k`, ``},
}

const day = nasdesk.Timestamp(24 * 3600 * 1e6)

// Backlogs returns what waits at an instant: to be sent ("mail"), to be done
// ("work"), to be raised ("dates"), of staff ("clicks"), and of messages that are
// kept and not decided ("kept").
func (s *Store) Backlogs(ctx context.Context, now nasdesk.Timestamp) (map[string]Backlog, error) {
	out := map[string]Backlog{}
	var stmts []Statement
	ask := func(sql string, at nasdesk.Timestamp, each func(Scan) error) {
		stmts = append(stmts, Statement{SQL: sql, Args: []any{at}, Of: "backlog", Each: each})
	}
	for _, b := range backlogs {
		count := func(from string) string {
			return fmt.Sprintf(`select count(*) from (select 1 from %s limit %d) n`, from, CountMost+1)
		}
		var got Backlog
		ask(count(b.waits), now, func(scan Scan) error { return scan(&got.Rows) })
		ask(`select coalesce(min(at), 0) from (select at from `+b.waits+` order by at limit 1) o`, now, func(scan Scan) error {
			err := scan(&got.Oldest)
			out[b.name] = got
			return err
		})
		if b.failed != "" {
			ask(count(b.failed), now-day, func(scan Scan) error {
				err := scan(&got.Failed)
				out[b.name] = got
				return err
			})
		}
	}
	return out, s.db.reader().Do(ctx, stmts...)
}

// Ping asks the database for a sign of life.
func (s *Store) Ping(ctx context.Context) error {
	var one int64
	return s.db.reader().Do(ctx, Statement{SQL: `select 1`, Each: func(scan Scan) error { return scan(&one) }, Of: "sign of life"})
}
