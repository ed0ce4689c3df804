package store

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// A migration is one numbered file of the schema.
type migration struct {
	version  int64
	name     string
	text     string
	checksum string
}

// migrations reads the files of a folder "schema", NNNN_name.sql, in order.
func migrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "schema/*.sql")
	if err != nil {
		return nil, err
	}
	var out []migration
	for i, name := range names { // sorted by fs.Glob
		b, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		base := strings.TrimPrefix(name, "schema/")
		number, _, _ := strings.Cut(base, "_")
		v, err := strconv.ParseInt(number, 10, 64)
		if err != nil || v != int64(i+1) {
			return nil, fmt.Errorf("store: schema file %s: want number %04d", base, i+1)
		}
		sum := sha256.Sum256(b)
		out = append(out, migration{v, base, string(b), hex.EncodeToString(sum[:])})
	}
	return out, nil
}

// Migrate brings the schema up to this program's. It may run any number of
// times, and on several machines at once. A database that a newer program has
// migrated, or whose past migrations differ from ours, is refused and left as
// it is.
func (s *Store) Migrate(ctx context.Context) error { return s.migrate(ctx, schemaFiles) }

func (s *Store) migrate(ctx context.Context, files fs.FS) error {
	ours, err := migrations(files)
	if err != nil {
		return err
	}
	d := s.db.dialect()
	return s.db.tx(ctx, func(q Q) ([]Statement, error) {
		if lock, ok := d.lock([]lockKey{{id: migrateLock, write: true}}); ok {
			if err := q.Do(ctx, lock); err != nil {
				return nil, err
			}
		}
		have, err := applied(ctx, q, d)
		if err != nil {
			return nil, err
		}
		if err := agree(ours, have); err != nil {
			return nil, err
		}
		return nil, apply(ctx, q, d, ours[len(have):])
	})
}

// applied reads which migrations the database has had, in order.
func applied(ctx context.Context, q Q, d *Dialect) (have []migration, err error) {
	err = q.Do(ctx, Statement{SQL: d.DDL.Replace(`create table if not exists migration (
		version {int} primary key, name text not null, checksum text not null, applied_at {int} not null) {strict}`)})
	if err != nil {
		return nil, err
	}
	return have, q.Do(ctx, Statement{SQL: `select version, name, checksum from migration order by version`,
		Each: func(scan Scan) error {
			var m migration
			err := scan(&m.version, &m.name, &m.checksum)
			have = append(have, m)
			return err
		}})
}

// agree says whether the database's past is ours.
func agree(ours, have []migration) error {
	if len(have) > len(ours) {
		return fmt.Errorf("store: the database is at schema %d and this program knows up to %d: a newer nasdesk has used it; run that one, or restore the backup made before it",
			have[len(have)-1].version, len(ours))
	}
	for i, m := range have {
		if m.version != ours[i].version || m.checksum != ours[i].checksum {
			return fmt.Errorf("store: migration %s of the database is not the one in this program (checksum %.12s, ours %.12s): it was made by another build; run that build",
				m.name, m.checksum, ours[i].checksum)
		}
	}
	return nil
}

func apply(ctx context.Context, q Q, d *Dialect, todo []migration) error {
	for _, m := range todo {
		var stmts []Statement
		for _, sql := range split(d.DDL.Replace(m.text)) {
			stmts = append(stmts, Statement{SQL: sql, Of: "migration " + m.name})
		}
		stmts = append(stmts, Statement{SQL: `insert into migration (version, name, checksum, applied_at) values ($1, $2, $3, $4)`,
			Args: []any{m.version, m.name, m.checksum, time.Now().UnixMicro()}})
		for _, st := range stmts { // one by one: a statement is prepared when those before it are done
			if err := q.Do(ctx, st); err != nil {
				return err
			}
		}
	}
	return nil
}

// split cuts a migration into its statements, without comments: a semicolon
// that ends a line ends a statement.
func split(text string) []string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if i := strings.Index(line, "--"); i >= 0 {
			line = line[:i] + "\n"
		}
		b.WriteString(strings.TrimRight(line, " \t\r\n") + "\n")
	}
	var out []string
	for part := range strings.SplitSeq(b.String(), ";\n") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
