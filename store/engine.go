package store

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"nasdesk"
)

// A Scan copies the columns of a row into variables, as [database/sql.Rows.Scan]
// does.
type Scan func(dst ...any) error

// A Statement is one SQL text with its arguments. The text is the same for both
// databases: placeholders are $1, $2 …, and "column in ($1...)" takes a list,
// a []string or []int64.
type Statement struct {
	SQL  string
	Args []any
	Each func(Scan) error // called for every row; nil where none is wanted
	Of   string           // what it is about, for its error
}

// A Q runs statements. It is all that the store knows of a database. PostgreSQL
// answers one Do in one round trip, however many statements it holds.
type Q interface {
	Do(ctx context.Context, stmts ...Statement) error
}

// An engine is a database.
type engine interface {
	dialect() *Dialect
	// reader runs statements outside any transaction.
	reader() Q
	// tx runs f in a transaction that is durable when tx returns nil. The
	// statements that f returns come last, in one trip with the commit.
	// Whatever f does must go through its Q: SQLite has one writing connection,
	// and a statement outside the transaction would wait for itself (T25).
	tx(ctx context.Context, f func(Q) ([]Statement, error)) error
	// alone holds the right to serve a database that is for one program alone, or
	// returns ErrServed.
	alone(ctx context.Context) (release func(), err error)
	// relay tells other programs of commits here, and the store of commits there,
	// until ctx is done. It is a hint: looking now and then is the truth.
	relay(ctx context.Context, s *Store)
	close() error
}

// A Dialect names everything in which the two databases differ.
type Dialect struct {
	Name       string
	Single     bool              // one program at a time serves it
	SkipLocked string            // behind the select of a claim
	Clock      string            // the time now, in microseconds since 1970, for those who compare clocks
	DDL        *strings.Replacer // the type tokens of the schema
	listRef    string            // what "x in ($n...)" becomes: %[1]s is the column, %[2]s the number
	list       func(v any) any   // how a list is passed
	lock       func(keys []lockKey) (Statement, bool)

	texts sync.Map // SQL as written: SQL as it is run
}

var listArg = regexp.MustCompile(`([a-z_.]+) in \(\$(\d+)\.\.\.\)`)

// text returns a statement's text as this database takes it.
func (d *Dialect) text(sql string) string {
	if t, ok := d.texts.Load(sql); ok {
		return t.(string)
	}
	t := listArg.ReplaceAllStringFunc(sql, func(m string) string {
		p := listArg.FindStringSubmatch(m)
		return fmt.Sprintf(d.listRef, p[1], p[2])
	})
	t = strings.TrimSpace(strings.ReplaceAll(t, "{skip locked}", d.SkipLocked))
	d.texts.Store(sql, t)
	return t
}

// args turns arguments into the few types that both drivers take alike: text,
// int64, bytes and lists.
func (d *Dialect) args(in []any) []any {
	out := make([]any, len(in))
	for i, a := range in {
		out[i] = d.arg(a)
	}
	return out
}

func (d *Dialect) arg(a any) any {
	switch v := a.(type) {
	case string:
		return cleanText(v)
	case nasdesk.Address:
		return cleanText(string(v))
	case nasdesk.Timestamp:
		return int64(v)
	case int64, []byte, nil:
		return v
	case int:
		return int64(v)
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	case Sealed:
		return v.bytes()
	case []string:
		return d.list(cleanTexts(v))
	case []int64:
		return d.list(v)
	}
	return d.argOfKind(reflect.ValueOf(a))
}

// argOfKind takes the named types of the root package: strings and numbers.
func (d *Dialect) argOfKind(v reflect.Value) any {
	switch v.Kind() {
	case reflect.String:
		return cleanText(v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int()
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return int64(v.Uint())
	}
	panic(fmt.Sprintf("store: an argument of type %s: pass text, a number, bytes or a list", v.Type()))
}

// cleanText makes a text that both databases keep: PostgreSQL refuses NUL and
// what is not UTF-8 (T14). What is looked up passes here too, so it is found.
func cleanText(s string) string {
	if utf8.ValidString(s) && !strings.Contains(s, "\x00") {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

func cleanTexts(in []string) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = cleanText(s)
	}
	return out
}

// jsonText returns v as JSON. Our own types always have one.
func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("store: %T has no JSON: %v", v, err))
	}
	return string(b)
}

func strs[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = string(s)
	}
	return out
}

// rowsOf returns one insert of several rows: head is all before the values, tail
// all behind them.
func rowsOf(of, head, tail string, rows [][]any) Statement {
	var b strings.Builder
	var args []any
	b.WriteString(head)
	for i, row := range rows {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString(" (")
		for j := range row {
			if j > 0 {
				b.WriteString(", ")
			}
			b.WriteString("$" + strconv.Itoa(len(args)+1))
			args = append(args, row[j])
		}
		b.WriteString(")")
	}
	return Statement{SQL: b.String() + tail, Args: args, Of: of}
}
