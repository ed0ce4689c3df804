package store

import (
	"context"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"

	"nasdesk"
)

// A fact is one thing that a decision may rest on, by the table or the question
// and its key.
type fact struct{ table, key string }

// facts is a read set: for a row its version, for a question the number of rows
// that answer it, 0 for what is not there.
type facts map[fact]int64

// questions are what Commit asks again, one for each sort of fact. Each gives
// the keys that have an answer, and the version of the row or the number of rows.
// The sort "party" stands for all requests and messages of a party: whatever
// changes one of them moves the party's version on.
var questions = map[string]string{
	"mailbox":     `select address, version from mailbox where address in ($1...)`,
	"alias":       `select alias, count(*) from mailbox where alias <> '' and alias in ($1...) group by alias`,
	"ods":         `select ods, count(*) from mailbox where ods <> '' and ods in ($1...) group by ods`,
	"account":     `select address, version from account where address in ($1...)`,
	"mobile":      `select mobile_index, count(*) from account where mobile_index <> '' and mobile_index in ($1...) group by mobile_index`,
	"alternative": `select alternative_index, count(*) from account where alternative_index <> '' and alternative_index in ($1...) group by alternative_index`,
	"stem":        `select stem, count(*) from account where stem <> '' and stem in ($1...) group by stem`,
	"party":       `select address, version from party where address in ($1...)`,
	"thread":      `select message_id, count(*) from thread where message_id in ($1...) group by message_id`,
	"reference":   `select reference, count(*) from request where reference in ($1...) group by reference`,
	"event":       `select event, 1 from handled where event in ($1...)`,
}

// list returns the facts as a case carries them, in order.
func (f facts) list() []nasdesk.Read {
	out := make([]nasdesk.Read, 0, len(f))
	for k, v := range f {
		out = append(out, nasdesk.Read{Table: k.table, Key: k.key, Version: v})
	}
	slices.SortFunc(out, func(a, b nasdesk.Read) int {
		if c := strings.Compare(a.Table, b.Table); c != 0 {
			return c
		}
		return strings.Compare(a.Key, b.Key)
	})
	return out
}

// want adds keys that are looked up; what is found raises them from 0.
func (f facts) want(table string, keys ...string) {
	for _, k := range keys {
		if k == "" {
			continue
		}
		if k = cleanText(k); f[fact{table, k}] == 0 {
			f[fact{table, k}] = 0
		}
	}
}

// count adds a row to a question that was asked; of others nothing is known.
func (f facts) count(table, key string) {
	if n, ok := f[fact{table, key}]; ok && key != "" {
		f[fact{table, key}] = n + 1
	}
}

// check takes the locks of a decision and asks again all that it rests on.
func (f facts) check(ctx context.Context, q Q, d *Dialect, written []fact) error {
	var stmts []Statement
	if lock, ok := d.lock(lockKeys(f, written)); ok {
		stmts = append(stmts, lock)
	}
	now := facts{}
	if len(f) > 0 {
		stmts = append(stmts, f.ask(now))
	}
	if err := q.Do(ctx, stmts...); err != nil {
		return err
	}
	for k, v := range f {
		if now[k] != v {
			return errStale
		}
	}
	return nil
}

// ask returns the statement that answers all questions of f into now: one, for
// on PostgreSQL every statement has its price.
func (f facts) ask(now facts) Statement {
	keys := map[string][]string{}
	for k := range f {
		keys[k.table] = append(keys[k.table], k.key)
	}
	var parts []string
	var args []any
	for _, table := range slices.Sorted(maps.Keys(keys)) {
		args = append(args, keys[table])
		q := strings.Replace(questions[table], "select", "select '"+table+"',", 1)
		parts = append(parts, strings.ReplaceAll(q, "$1", "$"+strconv.Itoa(len(args))))
	}
	return Statement{SQL: strings.Join(parts, " union all "), Args: args, Of: "check", Each: func(scan Scan) error {
		var k fact
		var v int64
		err := scan(&k.table, &k.key, &v)
		now[k] = v
		return err
	}}
}

// A lockKey is a lock on a fact, there or not.
type lockKey struct {
	id    int64
	write bool
}

// Locks that are no facts.
const (
	migrateLock int64 = 7461001 // one machine migrates
	importLock  int64 = 7461002 // an import is alone with the register
	sealLock    int64 = 7461003 // one machine seals the journal
	foldLock    int64 = 7461004 // one machine folds events
)

// lockKeys returns the locks for what is read and written, sorted, each once.
func lockKeys(read facts, written []fact) []lockKey {
	locks := map[int64]bool{importLock: false}
	for k := range read {
		locks[k.lock()] = false
	}
	for _, k := range written {
		locks[k.lock()] = true
	}
	var out []lockKey
	for _, id := range slices.Sorted(maps.Keys(locks)) {
		out = append(out, lockKey{id, locks[id]})
	}
	return out
}

// lock is the number of the lock of a fact. Two facts that share one by chance
// wait for each other, and nothing worse.
func (k fact) lock() int64 {
	h := fnv.New64a()
	h.Write([]byte(k.table))
	h.Write([]byte{0})
	h.Write([]byte(k.key))
	return int64(h.Sum64())
}
