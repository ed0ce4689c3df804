// Package store is the memory of the desk: the messages as they came, the
// register, the requests, what is to be sent and done, and the journal. One SQL
// text serves SQLite and PostgreSQL.
//
// There is one way in for everything that happens: [Store.Decide] pulls the
// case, lets a pure step decide, checks that nothing the decision rests on has
// changed, and writes all that follows in one transaction.
//
// How a decision is known to hold (see [Store.Pull] and reads.go): every row of
// a case has a version, and every question that was asked of the register (who
// has this mobile, this code, this Message-ID) has the number of rows that
// answered it. Commit asks them all again behind locks on the same keys, so a
// fact that was absent is as safe as one that was there.
package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"nasdesk"
)

// A Store is one database, open. Its methods may be used by many goroutines.
type Store struct {
	db    engine
	codec Codec
	hours func(from, to nasdesk.Timestamp) time.Duration // of service, for the figures
	ids   ids
	node  atomic.Int64 // under which this program claims what is due; 0 before Join

	idleFor atomic.Int64 // how long a session may be idle, in nanoseconds; 0 is the usual

	close sync.Once
	turn  sync.Mutex // of those whose case went stale again and again
	mu    sync.Mutex
	wake  chan struct{}
	news  chan struct{}
	ours  chan struct{} // closed at the next commit of this Store's own
	salt  []byte
}

// Open opens a database: "postgres://…", "sqlite:PATH" (made if it is not
// there), or "sqlite::memory:", which is this store's alone and gone when it is
// closed. It does not touch the schema: call Migrate.
func Open(ctx context.Context, url string) (*Store, error) {
	s := &Store{codec: plainCodec{}, hours: wallClock, wake: make(chan struct{}), news: make(chan struct{}), ours: make(chan struct{})}
	var err error
	switch scheme, rest, _ := strings.Cut(url, ":"); scheme {
	case "postgres", "postgresql":
		s.db, err = openPG(ctx, url)
	case "sqlite":
		s.db, err = openLite(ctx, rest)
	default:
		err = fmt.Errorf("store: unknown database %q: write postgres://…, sqlite:PATH or sqlite::memory: (no file)", scheme)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Close lets go of the database when those who use it are done.
func (s *Store) Close() (err error) {
	s.close.Do(func() { err = s.db.close() })
	return err
}

// UseCodec sets how personal data is sealed. It must be called before the store
// is used, and the same codec must be used ever after.
func (s *Store) UseCodec(c Codec) { s.codec = c }

// UseHours sets how the time between two instants is reckoned in the figures:
// that of service, rather than that of the clock on the wall. It must be called
// before the store is used.
func (s *Store) UseHours(f func(from, to nasdesk.Timestamp) time.Duration) { s.hours = f }

func wallClock(from, to nasdesk.Timestamp) time.Duration { return to.Time().Sub(from.Time()) }

// Engine names the database: "sqlite" or "postgres".
func (s *Store) Engine() string { return s.db.dialect().Name }

// Wake returns a channel that is closed when a commit has made mail, work or
// dates. Take it before looking at what is due, wait on it after. It knows only
// of commits made through this Store: others are found by looking now and then.
// (A NOTIFY inside the transaction would lay all commits in one line; nodes send
// theirs behind it, at most some twenty a second.)
func (s *Store) Wake() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wake
}

// Changed returns a channel that is closed at the next commit of anything that
// staff see. Of other programs' commits it hears while this one
// is a node ([Node.Run]).
func (s *Store) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.news
}

// committed tells those who wait: of news always, of what is due where there is any.
func (s *Store) committed(due bool) {
	s.mu.Lock()
	close(s.ours)
	s.ours = make(chan struct{})
	s.mu.Unlock()
	s.told(due)
}

func (s *Store) ownCommit() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ours
}

// told is committed, of a commit wherever it was made.
func (s *Store) told(due bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.news)
	s.news = make(chan struct{})
	if due {
		close(s.wake)
		s.wake = make(chan struct{})
	}
}

// ids gives out ids in blocks, so that rows can refer to one another before any
// of them is written.
type ids struct {
	mu   sync.Mutex
	next map[string][2]int64 // name: the next id, and the first that is not ours
}

const idBlock = 200

// newIDs returns the first of n ids in a row.
func (s *Store) newIDs(ctx context.Context, name string, n int) (int64, error) {
	if n == 0 {
		return 0, nil
	}
	s.ids.mu.Lock()
	defer s.ids.mu.Unlock()
	if b := s.ids.next[name]; b[0]+int64(n) > b[1] {
		if err := s.newBlock(ctx, name, int64(max(n, idBlock))); err != nil {
			return 0, err
		}
	}
	b := s.ids.next[name]
	s.ids.next[name] = [2]int64{b[0] + int64(n), b[1]}
	return b[0], nil
}

func (s *Store) newBlock(ctx context.Context, name string, n int64) error {
	var end int64
	err := s.db.tx(ctx, func(q Q) ([]Statement, error) {
		return []Statement{{SQL: `insert into counter (name, next) values ($1, 1 + $2)
			on conflict (name) do update set next = counter.next + $2 returning next`,
			Args: []any{name, n}, Each: func(scan Scan) error { return scan(&end) }}}, nil
	})
	if s.ids.next == nil {
		s.ids.next = map[string][2]int64{}
	}
	s.ids.next[name] = [2]int64{end - n, end}
	return err
}

// salted reads the salt of the journal's digests, and makes it the first time.
func (s *Store) salted(ctx context.Context) ([]byte, error) {
	s.mu.Lock()
	salt := s.salt
	s.mu.Unlock()
	if salt != nil {
		return salt, nil
	}
	var text string
	err := s.db.tx(ctx, func(q Q) ([]Statement, error) {
		return []Statement{
			{SQL: `insert into setting (name, value) values ('journal-salt', $1) on conflict (name) do nothing`, Args: []any{rand.Text()}},
			{SQL: `select value from setting where name = 'journal-salt'`, Each: func(scan Scan) error { return scan(&text) }},
		}, nil
	})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.salt = []byte(text)
	return s.salt, nil
}

func hexed(b []byte) string { return hex.EncodeToString(b) }
