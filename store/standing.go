package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"nasdesk"
)

// How the database stands, for operators. Nothing here changes anything.

// A Schema says how far the database is from this program's schema.
type Schema struct {
	Have, Want int   // migrations: those that the database has had, and ours
	Fault      error // a newer program's, or another past than ours; nil
}

// Schema compares the database's migrations with ours. A database without any has
// none.
func (s *Store) Schema(ctx context.Context) (Schema, error) {
	ours, err := migrations(schemaFiles)
	if err != nil {
		return Schema{}, err
	}
	var have []migration
	err = s.db.reader().Do(ctx, Statement{SQL: `select version, name, checksum from migration order by version`, Of: "migrations",
		Each: func(scan Scan) error {
			var m migration
			err := scan(&m.version, &m.name, &m.checksum)
			have = append(have, m)
			return err
		}})
	if err != nil && !noTable(err) {
		return Schema{}, err
	}
	return Schema{len(have), len(ours), agree(ours, have)}, nil
}

// noTable reports whether a table is not there: PostgreSQL's undefined_table.
func noTable(err error) bool {
	var p *pgconn.PgError
	if errors.As(err, &p) {
		return p.Code == "42P01"
	}
	return strings.Contains(err.Error(), "no such table")
}

// Clock returns the database's time, to the microsecond.
func (s *Store) Clock(ctx context.Context) (time.Time, error) {
	var micros int64
	err := s.db.reader().Do(ctx, Statement{SQL: `select ` + s.db.dialect().Clock, Each: func(scan Scan) error { return scan(&micros) }, Of: "clock"})
	return time.UnixMicro(micros), err
}

// A Present is a node that nobody has said to be gone.
type Present struct {
	ID    int64
	Name  string
	Beat  int64 // rises while it lives, four times in a lease
	Holds bool  // the inbox
}

// Present lists the nodes by number.
func (s *Store) Present(ctx context.Context) (out []Present, err error) {
	err = s.db.reader().Do(ctx, Statement{SQL: `select n.id, n.name, n.beat, case when exists (select 1 from holder h where h.node = n.id) then 1 else 0 end
		from node n where n.gone = 0 order by n.id`, Of: "nodes", Each: func(scan Scan) error {
		var p Present
		var holds int64
		err := scan(&p.ID, &p.Name, &p.Beat, &holds)
		p.Holds = holds == 1
		out = append(out, p)
		return err
	}})
	return out, err
}

// ParkedCount returns how many messages were set aside and still are: unread ones
// too, which broke the connection or were too large.
func (s *Store) ParkedCount(ctx context.Context) (n int, err error) {
	err = s.db.reader().Do(ctx, Statement{SQL: `select (select count(*) from location where state = 'parked') + (select count(*) from unfetched where parked = 1)`,
		Of: "parked messages", Each: func(scan Scan) error { return scan(&n) }})
	return n, err
}

// Ailing counts the mailboxes of the register, the closed ones apart, and how many of
// them have each ailment but for dates coming due. It reckons from the register as
// it is now.
func (s *Store) Ailing(ctx context.Context) (open int, ails map[Ailment]int, err error) {
	w, err := s.Export(ctx)
	if err != nil {
		return 0, nil, err
	}
	c := &nasdesk.Case{Mailboxes: w.Mailboxes, Accounts: w.Accounts, Memberships: w.Memberships, Approvals: w.Approvals}
	of := splitByMailbox(c)
	ails = map[Ailment]int{}
	for i := range w.Mailboxes {
		m := &w.Mailboxes[i]
		if m.Status == nasdesk.Closed {
			continue
		}
		open++
		for _, a := range ailments(m, of[m.Address]) {
			ails[a]++
		}
	}
	return open, ails, nil
}
