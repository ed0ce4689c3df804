package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
)

// ErrServed says that another program serves this database.
var ErrServed = errors.New("another nasdesk serves this database: stop it first")

// servedLock is the advisory lock on PostgreSQL that the serving program holds.
const servedLock = 0x6e61736465736b // "nasdesk"

// Serve makes this program the only one that serves the database, until release
// is called or the program ends. What another one had claimed when it ended is
// given back at once, for nobody is left who could still be at it: mail that was
// being sent goes again as the same message. A program that already serves is
// ErrServed.
func (s *Store) Serve(ctx context.Context) (release func(), err error) {
	if release, err = s.db.alone(ctx); err != nil {
		return nil, err
	}
	expired := func(table string) Statement {
		return Statement{SQL: `update ` + table + ` set locked_until = 1 where state = 'running'`, Of: "leases"}
	}
	err = s.db.tx(ctx, func(Q) ([]Statement, error) {
		return []Statement{expired("mail"), expired("work"), expired("due")}, nil
	})
	if err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// alone holds a lock on the server, on a connection of its own.
func (e *pg) alone(ctx context.Context) (func(), error) {
	c, err := e.pool.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("store: no connection: %w", err)
	}
	got := false
	err = c.QueryRow(ctx, `select pg_try_advisory_lock($1)`, int64(servedLock)).Scan(&got)
	if err == nil && !got {
		err = ErrServed
	}
	if err != nil {
		c.Release()
		return nil, err
	}
	return func() {
		_, _ = c.Exec(context.Background(), `select pg_advisory_unlock($1)`, int64(servedLock)) // it goes with the connection too
		c.Release()
	}, nil
}

// alone locks a file beside the database; the lock goes with the program. A
// database in memory is this program's in any case.
func (e *lite) alone(context.Context) (func(), error) {
	if e.path == ":memory:" {
		return func() {}, nil
	}
	f, err := os.OpenFile(e.path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("store: lock: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, ErrServed
		}
		return nil, fmt.Errorf("store: lock %s.lock: %w", e.path, err)
	}
	return func() { f.Close() }, nil
}
