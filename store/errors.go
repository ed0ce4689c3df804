package store

import (
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

var (
	// ErrHandled says that an event was decided before. The outcome of then
	// comes with it.
	ErrHandled = errors.New("store: this event is handled already")
	// ErrFenced says that a row is no longer the caller's: its lease ran out and
	// another took it over, or it was ended. What the caller did is not recorded.
	ErrFenced = errors.New("store: the row is no longer this worker's: its lease ran out or it was ended")
	// ErrNone says that there is no such row.
	ErrNone = errors.New("store: there is no such row")

	// errStale says that a fact which a decision rests on has changed.
	errStale = errors.New("store: the case has changed since it was read")
)

// statementError adds what a statement was about. A statement's arguments are
// never part of an error: they hold personal data.
func statementError(s Statement, err error) error {
	if s.Of == "" {
		return fmt.Errorf("store: %w", err)
	}
	return fmt.Errorf("store: %s: %w", s.Of, err)
}

// isUnique reports whether a row clashed with one that is there.
func isUnique(err error) bool {
	var p *pgconn.PgError
	if errors.As(err, &p) {
		return p.Code == "23505"
	}
	var l *sqlite.Error
	return errors.As(err, &l) && (l.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || l.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY ||
		l.Code() == sqlite3.SQLITE_CONSTRAINT_ROWID)
}

// passes reports whether the same transaction may do better at once: another
// was in its way. PostgreSQL: serialization_failure, deadlock_detected,
// unique_violation, not_null_violation (a row that has moved on).
func passes(err error) bool {
	var p *pgconn.PgError
	if errors.As(err, &p) {
		return slices.Contains([]string{"40001", "40P01", "23505", "23502"}, p.Code)
	}
	var l *sqlite.Error
	return errors.Is(err, errStale) || isUnique(err) || errors.As(err, &l) && l.Code() == sqlite3.SQLITE_CONSTRAINT_NOTNULL
}
