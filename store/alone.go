package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
)

// alone: any number of programs may serve a PostgreSQL database.
func (e *pg) alone(context.Context) (func(), error) { return func() {}, nil }

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
