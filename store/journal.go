package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"strconv"
	"time"
)

// sealBatch is how many lines one seal takes at most.
const sealBatch = 1000

// ErrJournal says that the journal is not as it was written.
var ErrJournal = errors.New("store: the journal was tampered with")

// A Head is the end of the journal's chain. Kept elsewhere, it shows later that
// nothing was cut off.
type Head struct {
	Seals int64
	Hash  string // hex; "" of an empty chain
}

// saltedDigest is how a person stands in the journal.
func saltedDigest(salt []byte, subject string) string {
	h := hmac.New(sha256.New, salt)
	h.Write([]byte(subject))
	return hexed(h.Sum(nil))
}

// Seal chains the journal's new lines by hash, in batches, and returns the end
// of the chain. The lines themselves are written in commits that know nothing of
// one another, so that commits stay parallel. Behind it the events are folded:
// what was decided is found by its words from then on, and counted in the
// figures.
func (s *Store) Seal(ctx context.Context) (Head, error) {
	for {
		head, n, err := s.sealOnce(ctx)
		if err != nil {
			return head, err
		}
		if n < sealBatch {
			return head, s.fold(ctx)
		}
	}
}

func (s *Store) sealOnce(ctx context.Context) (head Head, n int64, err error) {
	d := s.db.dialect()
	err = s.db.tx(ctx, func(q Q) ([]Statement, error) {
		if lock, ok := d.lock([]lockKey{{id: sealLock, write: true}}); ok {
			if err := q.Do(ctx, lock); err != nil { // alone, so that what follows sees all that came before
				return nil, err
			}
		}
		var rows []line
		err := q.Do(ctx,
			Statement{SQL: `select n, hash from seal order by n desc limit 1`, Each: func(scan Scan) error { return scan(&head.Seals, &head.Hash) }},
			Statement{SQL: `select ` + lineColumns + ` from journal where seal is null order by id limit $1`, Args: []any{sealBatch}, Each: eachLine(&rows)})
		n = int64(len(rows))
		if err != nil || n == 0 {
			return nil, err
		}
		head = Head{head.Seals + 1, chain(head, rows)}
		ids := make([]int64, n)
		for i, r := range rows {
			ids[i] = r.id
		}
		return []Statement{
			{SQL: `update journal set seal = $1 where id in ($2...)`, Args: []any{head.Seals, ids}, Of: "seal"},
			{SQL: `insert into seal (n, entries, hash, at) values ($1, $2, $3, $4)`, Args: []any{head.Seals, n, head.Hash, time.Now().UnixMicro()}, Of: "seal"},
		}, nil
	})
	return head, n, err
}

// A line is a row of the journal.
type line struct {
	id, at, request              int64
	event, what, subject, detail string
}

const lineColumns = `id, at, request, event, what, subject, detail`

func eachLine(rows *[]line) func(Scan) error {
	return func(scan Scan) error {
		var r line
		err := scan(&r.id, &r.at, &r.request, &r.event, &r.what, &r.subject, &r.detail)
		*rows = append(*rows, r)
		return err
	}
}

// chain is the hash of the seal that follows before: SHA-256 over the hash
// before it, its number and count, and every column of its lines, each with its
// length, so that no two journals are written alike.
func chain(before Head, rows []line) string {
	h := sha256.New()
	put(h, before.Hash, strconv.FormatInt(before.Seals+1, 10), strconv.Itoa(len(rows)))
	for _, r := range rows {
		put(h, strconv.FormatInt(r.id, 10), strconv.FormatInt(r.at, 10), strconv.FormatInt(r.request, 10), r.event, r.what, r.subject, r.detail)
	}
	return hexed(h.Sum(nil))
}

func put(h hash.Hash, texts ...string) {
	for _, t := range texts {
		h.Write(strconv.AppendInt(nil, int64(len(t)), 10))
		h.Write([]byte{':'})
		h.Write([]byte(t))
	}
}

// VerifyJournal reckons the whole chain again. It returns its end, and an error
// that wraps ErrJournal and names the seal where it does not hold.
func (s *Store) VerifyJournal(ctx context.Context) (Head, error) {
	var head Head
	for {
		var want Head
		var rows []line
		err := s.db.reader().Do(ctx,
			Statement{SQL: `select n, hash from seal where n > $1 order by n limit 1`, Args: []any{head.Seals}, Each: func(scan Scan) error { return scan(&want.Seals, &want.Hash) }},
			Statement{SQL: `select ` + lineColumns + ` from journal where seal = $1 order by id`, Args: []any{head.Seals + 1}, Each: eachLine(&rows)})
		switch {
		case err != nil:
			return head, err
		case want.Seals == 0 && len(rows) == 0:
			return head, s.beyond(ctx, head)
		case want.Seals != head.Seals+1 || want.Hash != chain(head, rows):
			return head, fmt.Errorf("%w: seal %d does not hold: compare the lines that it names with a backup", ErrJournal, head.Seals+1)
		}
		head = want
	}
}

// beyond finds lines that claim a seal which is not in the chain.
func (s *Store) beyond(ctx context.Context, head Head) error {
	var n int64
	err := s.db.reader().Do(ctx, Statement{SQL: `select count(*) from journal where seal > $1 or seal < 1`, Args: []any{head.Seals}, Each: func(scan Scan) error { return scan(&n) }})
	if err == nil && n > 0 {
		err = fmt.Errorf("%w: %d lines claim a seal that is not there", ErrJournal, n)
	}
	return err
}
