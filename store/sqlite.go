package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"sync"

	_ "modernc.org/sqlite" // driver "sqlite": the only one that binds $2 before $1 by number (T21)
)

// A lite is a SQLite database: one connection that writes, and for a file some
// that read.
type lite struct {
	d     *Dialect
	path  string
	db    *sql.DB
	read  *sql.DB // nil for a database in memory: it is its one connection
	mu    sync.Mutex
	write *liteConn // under mu
	pool  chan *liteConn
}

// A liteConn is a connection with its prepared statements. It serves one caller
// at a time.
type liteConn struct {
	d     *Dialect
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

const liteReaders = 4

func liteDialect() *Dialect {
	return &Dialect{
		Name:   "sqlite",
		Single: true,
		Clock:  "cast(unixepoch('subsec') * 1000000 as integer)",
		DDL: strings.NewReplacer("{id}", "integer primary key", "{int}", "integer", "{blob}", "blob",
			"{strict}", "strict"),
		listRef: "%s in (select value from json_each($%s))",
		list:    func(v any) any { return jsonText(v) },
		lock:    func([]lockKey) (Statement, bool) { return Statement{}, false }, // a transaction is alone
	}
}

// openLite opens a file, or ":memory:", which is a database of its own.
// A commit to a file is on the disk when it returns (synchronous FULL).
func openLite(ctx context.Context, path string) (*lite, error) {
	if path == "" {
		return nil, fmt.Errorf("store: no file named: write sqlite:PATH, or sqlite::memory: for none")
	}
	e := &lite{d: liteDialect(), path: path}
	var err error
	if path == ":memory:" {
		e.db, err = sql.Open("sqlite", "file::memory:?_pragma=foreign_keys(1)&_pragma=synchronous(OFF)&_txlock=immediate")
	} else {
		e.db, err = sql.Open("sqlite", liteDSN(path)+"&_pragma=synchronous(FULL)&_txlock=immediate")
	}
	if err != nil {
		return nil, fmt.Errorf("store: open %s: %w", path, err)
	}
	e.db.SetMaxOpenConns(1)
	if e.write, err = e.connect(ctx, e.db); err != nil {
		return nil, fmt.Errorf("store: open %s: %w", path, err)
	}
	if path != ":memory:" {
		err = e.openReaders(ctx, path)
	}
	return e, err
}

func liteDSN(path string) string {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}
	return u.String() + "?_pragma=journal_mode(WAL)&_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)"
}

func (e *lite) openReaders(ctx context.Context, path string) (err error) {
	if e.read, err = sql.Open("sqlite", liteDSN(path)+"&_pragma=query_only(1)"); err != nil {
		return fmt.Errorf("store: open %s: %w", path, err)
	}
	e.pool = make(chan *liteConn, liteReaders)
	for range liteReaders {
		c, err := e.connect(ctx, e.read)
		if err != nil {
			return fmt.Errorf("store: open %s: %w", path, err)
		}
		e.pool <- c
	}
	return nil
}

func (e *lite) connect(ctx context.Context, db *sql.DB) (*liteConn, error) {
	c, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &liteConn{d: e.d, conn: c, stmts: map[string]*sql.Stmt{}}, nil
}

func (e *lite) dialect() *Dialect { return e.d }

func (e *lite) reader() Q { return e }

// Do reads outside any transaction.
func (e *lite) Do(ctx context.Context, stmts ...Statement) error {
	if e.pool == nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		return e.write.Do(ctx, stmts...)
	}
	select {
	case c := <-e.pool:
		defer func() { e.pool <- c }()
		return c.Do(ctx, stmts...)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tx begins immediately: a transaction that began by reading could not be
// raised to one that writes while another writes.
func (e *lite) tx(ctx context.Context, f func(Q) ([]Statement, error)) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	tx, err := e.write.conn.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return fmt.Errorf("store: begin: %w", err)
	}
	defer tx.Rollback() // after a commit it does nothing
	last, err := f(e.write)
	if err == nil {
		err = e.write.Do(ctx, last...)
	}
	if err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("store: commit: %w", err)
	}
	return nil
}

func (e *lite) close() error {
	if e.read != nil {
		for range liteReaders {
			(<-e.pool).conn.Close()
		}
		e.read.Close()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.write.conn.Close()
	return e.db.Close()
}

// Do runs the statements one by one. The context is looked at between them: to
// watch it inside a statement costs more than most statements do.
func (c *liteConn) Do(ctx context.Context, stmts ...Statement) error {
	inner := context.WithoutCancel(ctx)
	for _, s := range stmts {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := c.run(inner, s); err != nil {
			return statementError(s, err)
		}
	}
	return nil
}

func (c *liteConn) run(ctx context.Context, s Statement) error {
	st, err := c.prepare(ctx, s.SQL)
	if err != nil {
		return err
	}
	if s.Each == nil {
		_, err = st.ExecContext(ctx, c.d.args(s.Args)...)
		return err
	}
	rows, err := st.QueryContext(ctx, c.d.args(s.Args)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := s.Each(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (c *liteConn) prepare(ctx context.Context, sql string) (*sql.Stmt, error) {
	if st := c.stmts[sql]; st != nil {
		return st, nil
	}
	st, err := c.conn.PrepareContext(ctx, c.d.text(sql))
	if err == nil {
		c.stmts[sql] = st
	}
	return st, err
}
