package store

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"nasdesk"
)

// queueOf is the queue in which a request stands by its state, "" for none.
func queueOf(r *nasdesk.Request) Queue {
	switch r.State {
	case nasdesk.StateReferred:
		return QueueExceptions
	case nasdesk.StateSeeking:
		return QueueOthers
	case nasdesk.StateAsking, nasdesk.StateConfirming:
		return QueuePharmacy
	}
	return ""
}

// queued keeps the reasons by which a queue is filtered. A request that goes
// straight through has none.
func (c *commit) queued(r, before *nasdesk.Request) {
	queue := queueOf(r)
	if before != nil && queueOf(before) == queue && before.Kind == r.Kind && before.DecidedAt == r.DecidedAt && slices.Equal(before.Reasons, r.Reasons) {
		return
	}
	if r.Version > 1 && (before == nil || queueOf(before) != "") {
		c.add("reasons", `delete from reason where request = $1`, r.ID)
	}
	if queue == "" {
		return
	}
	var rows [][]any
	for _, why := range unique(strs(r.Reasons)) {
		rows = append(rows, []any{queue, why, r.Kind, r.DecidedAt, r.ID})
	}
	c.addRows("reasons", `insert into reason (queue, reason, kind, since, request) values`, ``, rows)
}

// quarantine keeps a message for staff whose sender is not proved, with what a
// list shows of it; and takes it away when they have released or condemned it.
func (c *commit) quarantine() {
	ev := c.d.Event
	switch {
	case ev.Staff != nil && ev.Staff.Act == nasdesk.ActCondemn:
		c.freed(ev.Staff.Message, "condemned")
	case ev.Staff != nil && ev.Staff.Act == nasdesk.ActRelease:
		c.freed(ev.Staff.Message, "released")
	case ev.Mail != nil && len(ev.Mail.Proof.Released) > 0:
		c.freed(c.raw, "released")
	case ev.Mail != nil && c.raw != 0 && c.d.Folder == nasdesk.FolderQuarantined:
		c.quarantined(ev.Mail)
	}
}

func (c *commit) freed(raw int64, state string) {
	c.add("quarantine", `update quarantine set state = $2, ended_at = $3 where raw = $1 and state = 'waiting'`, raw, state, c.d.Event.At)
}

func (c *commit) quarantined(m *nasdesk.MailEvent) {
	subject := ""
	if m.Message != nil {
		subject = m.Message.Subject
	}
	c.add("quarantine", `insert into quarantine (raw, event, at, sender, sender_index, subject, reasons) values ($1, $2, $3, $4, $5, $6, $7) on conflict (raw) do nothing`,
		c.raw, c.d.Event.Key, c.d.Event.At, c.s.seal("quarantine.sender", string(m.Proof.From)), c.s.index("quarantine.sender", string(m.Proof.From)),
		c.s.seal("quarantine.subject", subject), m.Proof.Reason)
	var rows [][]any
	for _, w := range addressWords(m.Proof.From) {
		rows = append(rows, []any{c.s.token("", w), -c.raw})
	}
	c.addRows("search", `insert into search (token, request) values`, ` on conflict do nothing`, rows)
}

func (c *commit) notes() {
	var rows [][]any
	for _, n := range c.d.Notes {
		rows = append(rows, []any{c.id(n.Request), c.d.Event.At, n.By, c.s.seal("note.text", n.Text)})
	}
	c.addRows("note", `insert into note (request, at, by_name, text) values`, ``, rows)
}

// ErrCursor says that Filter.After is none of ours.
var ErrCursor = errors.New("store: this is not the cursor of a page: begin at the first page")

// A cursor is the last row of a page, by what the pages are sorted by.
type cursor struct {
	Key string // of a sort by a word
	At  int64
	ID  int64
}

func (c cursor) text() string { return base64.RawURLEncoding.EncodeToString([]byte(jsonText(c))) }

func readCursor(s string) (c cursor, err error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil {
		return c, ErrCursor
	}
	return c, nil
}

// A list is a query for one page while it is put together. Words of ours stand
// in its text, everything else in its arguments.
type list struct {
	with, from  string
	where       []string
	args        []any
	id, at      string // columns: the row's, and since when it waits
	until, what string // columns of Row.At and Row.What
	key         string // the column of a sort by a word, "" for none
	down        bool   // newest first
	limit       int
	work        bool // rows of account work
}

func (l *list) arg(v any) string {
	l.args = append(l.args, v)
	return "$" + strconv.Itoa(len(l.args))
}

// and adds a condition; a "?" in it is the next argument.
func (l *list) and(condition string, args ...any) {
	for _, a := range args {
		condition = strings.Replace(condition, "?", l.arg(a), 1)
	}
	l.where = append(l.where, condition)
}

// order lists the columns that sort the rows, and puts the cursor before them.
func (l *list) order(after string) (string, error) {
	columns := []string{l.at, l.id}
	if l.at == l.id {
		columns = columns[1:]
	}
	if l.key != "" {
		columns = append([]string{l.key}, columns...)
	}
	if after != "" {
		c, err := readCursor(after)
		if err != nil {
			return "", err
		}
		values := []any{c.Key, c.At, c.ID}[3-len(columns):]
		places := make([]string, len(values))
		for i, v := range values {
			places[i] = l.arg(v)
		}
		l.where = append(l.where, fmt.Sprintf("(%s) %s (%s)", strings.Join(columns, ", "), map[bool]string{false: ">", true: "<"}[l.down], strings.Join(places, ", ")))
	}
	if l.down {
		return strings.Join(columns, " desc, ") + " desc", nil
	}
	return strings.Join(columns, ", "), nil
}

// pageSize bounds what a page may hold.
func pageSize(n int) int {
	if n <= 0 {
		return 50
	}
	return min(n, 500)
}

// List returns one page of a queue. The pages follow one another by a cursor:
// what comes in meanwhile moves nothing. A queue that is sorted by kind or
// mailbox is sorted by age within them; the list of all requests is always the
// newest first, and shows what was decided with the next fold (see Seal).
func (s *Store) List(ctx context.Context, f Filter) (Rows, error) {
	switch f.Queue {
	case QueueQuarantined:
		return s.listQuarantined(ctx, f)
	case QueueSecond:
		return s.listSecond(ctx, f)
	case QueueDates:
		return s.listDates(ctx, f)
	}
	l, err := s.listOf(ctx, f)
	if err != nil {
		return Rows{}, err
	}
	return s.page(ctx, l, f.After)
}

// listOf returns the query of a queue of requests. Each names the condition of its
// index word for word: SQLite infers none.
func (s *Store) listOf(ctx context.Context, f Filter) (*list, error) {
	l := &list{from: "request r", id: "r.id", at: "r.decided_at", until: "0", what: "''", limit: pageSize(f.Limit), down: f.Sort == SortNewest}
	switch f.Queue {
	case QueueExceptions:
		l.and("r.queue <> '' and r.queue = 'exceptions' and r.snoozed <= ?", f.Today)
	case QueueOthers, QueuePharmacy:
		l.where = append(l.where, "r.queue <> '' and r.queue = '"+string(f.Queue)+"'")
	case QueueSnoozed:
		l.and("r.state = 'referred' and r.snoozed <> '' and r.snoozed > ?", f.Today)
		l.until = "r.snoozed"
	case QueueBounced:
		l.where, l.at = append(l.where, "r.bounced > 0"), "r.bounced"
	case QueueWork:
		l.from, l.id, l.at, l.until, l.work = "work x join request r on r.id = x.request", "x.id", "x.due_at", "x.due_at", true
		l.where = append(l.where, workPeople)
	case QueueDates:
		l.from, l.id, l.at, l.until, l.what = "due x join request r on r.id = x.request", "x.id", "x.at", "x.at", "x.what"
		l.where = append(l.where, datesAhead)
	case QueueAll:
		l.at, l.down = "r.made_at", true
	default:
		return nil, fmt.Errorf("store: there is no queue %q", f.Queue)
	}
	return l, s.filter(ctx, l, f)
}

const (
	// Failed work is people's as long as its request is: it is done by hand or
	// given up with it.
	workPeople = "x.people = 1 and x.state in ('running', 'pending', 'failed') and (x.ended_at = 0 or (select state from request where id = x.request) = 'referred')"
	datesAhead = "x.what = 'effective' and x.state in ('ready', 'running')"
)

// filter adds what a filter asks of a queue's rows.
func (s *Store) filter(ctx context.Context, l *list, f Filter) error {
	tokens := s.tokensOf(f.Text)
	all := f.Queue == QueueAll
	switch {
	case f.Kind != "" && all:
		tokens = append(tokens, s.token(facetKind, f.Kind))
	case f.Kind != "":
		l.and("r.kind = ?", f.Kind)
	}
	switch {
	case f.Mailbox != "" && all:
		tokens = append(tokens, s.token(facetMailbox, string(f.Mailbox)))
	case f.Mailbox != "":
		l.and("r.mailbox = ?", f.Mailbox)
	}
	switch {
	case f.Assignee == "-":
		l.where = append(l.where, "r.assignee = ''")
	case f.Assignee != "":
		l.and("r.assignee <> '' and r.assignee = ?", f.Assignee)
	}
	if f.Before > 0 {
		l.and(l.at+" < ?", f.Before)
	}
	if !all {
		l.key = map[Sort]string{SortKind: "r.kind", SortMailbox: "r.mailbox"}[f.Sort]
	}
	if f.Reason != "" && all {
		tokens = append(tokens, s.token(facetReason, string(f.Reason)))
	} else if f.Reason != "" {
		s.filterReason(l, f, len(tokens) == 0)
	}
	return s.filterTokens(ctx, l, tokens, all)
}

// filterReason goes through the reasons of a queue in their order where nothing
// else leads, and looks at the request's own otherwise.
func (s *Store) filterReason(l *list, f Filter, leads bool) {
	if !leads || l.from != "request r" || l.at != "r.decided_at" || f.Mailbox != "" || f.Assignee != "" || f.Sort == SortMailbox || f.Queue == QueueSnoozed {
		l.and("' ' || r.reasons || ' ' like ?", "% "+string(f.Reason)+" %")
		return
	}
	l.from, l.at, l.id = "reason w cross join request r", "w.since", "w.request"
	l.and("w.queue = ? and w.reason = ? and r.id = w.request", f.Queue, f.Reason)
	if f.Kind != "" {
		l.and("w.kind = ?", f.Kind)
	}
	if l.key != "" {
		l.key = "w.kind"
	}
}

// few is how many requests a word may lead to that is gone through before
// anything else.
const few = 1000

// filterTokens asks for requests to which all tokens lead. The rarest leads the
// way: the others, and all of them where none is rare, are looked up row by row.
func (s *Store) filterTokens(ctx context.Context, l *list, tokens []string, all bool) error {
	if len(tokens) == 0 {
		return nil
	}
	tokens = unique(tokens)
	rarest, n, err := s.rarest(ctx, "search where token = $1 and request > 0", tokens)
	switch {
	case err != nil:
		return err
	case all: // the index gives them newest first
		l.from, l.id, l.at = "search w cross join request r", "w.request", "w.request"
		l.and("w.token = ? and r.id = w.request", tokens[rarest])
	case n <= few:
		l.with = "with w (request) as materialized (select request from search where token = " + l.arg(tokens[rarest]) + " and request > 0) "
		l.from = "w cross join " + strings.Replace(l.from, "join", "cross join", 1)
		l.where = append(l.where, "r.id = w.request")
		if i := strings.Index(l.from, " on r.id = x.request"); i > 0 {
			l.from, l.where = l.from[:i], append(l.where, "r.id = x.request")
		}
	default:
		rarest = -1
	}
	for i, t := range tokens {
		if i != rarest {
			l.and("(select count(*) from search s where s.token = ? and s.request = r.id) > 0", t)
		}
	}
	return nil
}

// rarest returns which token leads to the fewest rows, and to how many, counted up
// to few.
func (s *Store) rarest(ctx context.Context, from string, tokens []string) (which, n int, err error) {
	var stmts []Statement
	counts := make([]int, len(tokens))
	for i, t := range tokens {
		stmts = append(stmts, Statement{SQL: `select count(*) from (select 1 from ` + from + ` limit ` + strconv.Itoa(few+1) + `) counted`,
			Args: []any{t}, Each: func(scan Scan) error { return scan(&counts[i]) }, Of: "search"})
	}
	if err := s.db.reader().Do(ctx, stmts...); err != nil {
		return 0, 0, err
	}
	for i := range counts {
		if counts[i] < counts[which] {
			which = i
		}
	}
	return which, counts[which], nil
}

const rowColumns = `r.id, r.reference, r.kind, r.state, r.outcome, r.reasons, r.party, r.mailbox, coalesce(m.name, ''), r.subject, r.assignee,
	coalesce((select max(c.id) from click c where c.request = r.id and c.request > 0 and c.state in ('proposed', 'ready', 'running')), 0)`

// scanRow reads rowColumns, and what stands behind them into more.
func (s *Store) scanRow(scan Scan, more ...any) (r Row, err error) {
	var reasons string
	err = scan(append([]any{&r.Request, &r.Reference, &r.Kind, &r.State, &r.Outcome, &reasons, &r.Party, &r.Mailbox, &r.Name,
		open(s, "request.subject", &r.Subject), &r.Assignee, &r.Click}, more...)...)
	r.Reasons = words[nasdesk.Reason](reasons)
	return r, err
}

// page runs a query for one row more than the page holds, which tells whether
// there is another page.
func (s *Store) page(ctx context.Context, l *list, after string) (Rows, error) {
	order, err := l.order(after)
	if err != nil {
		return Rows{}, err
	}
	key, action := l.key, "r.subject" // a column of the right type that is not looked at
	if key == "" {
		key = "''"
	}
	if l.work {
		action = "x.action"
	}
	since := l.at
	if l.at == l.id { // of all requests that a word leads to: by id
		since = "r.made_at"
	}
	sql := l.with + `select ` + rowColumns + `, ` + strings.Join([]string{key, l.at, l.id, since, l.until, l.what, action}, ", ") +
		` from ` + l.from + ` left join mailbox m on m.address = r.mailbox`
	if len(l.where) > 0 {
		sql += ` where ` + strings.Join(l.where, " and ")
	}
	var out Rows
	var last cursor
	err = s.db.reader().Do(ctx, Statement{SQL: sql + ` order by ` + order + ` limit ` + strconv.Itoa(l.limit+1), Args: l.args, Of: "list", Each: func(scan Scan) error {
		r, c, err := s.scanListed(scan, l)
		if len(out.Rows) == l.limit {
			out.Next = last.text()
			return err
		}
		out.Rows, last = append(out.Rows, r), c
		return err
	}})
	return out, err
}

func (s *Store) scanListed(scan Scan, l *list) (Row, cursor, error) {
	var c cursor
	var since, at int64
	var snoozed string
	var what string
	var action nasdesk.Action
	into := func([]byte) error { return nil }
	if l.work {
		into = jsonInto(&action)
	}
	until := any(&at)
	if l.until == "r.snoozed" {
		until = &snoozed
	}
	r, err := s.scanRow(scan, &c.Key, &c.At, &c.ID, &since, until, &what, s.openTo(map[bool]string{false: "request.subject", true: "work.action"}[l.work], into))
	r.Since, r.At, r.What = nasdesk.Timestamp(since), nasdesk.Timestamp(at), what
	if l.what == "x.what" {
		r.date = c.ID
	}
	if l.work {
		r.What, r.Work = string(action.Name), c.ID
	}
	if snoozed != "" {
		r.At = nasdesk.TimestampOf(nasdesk.Date(snoozed).Time())
	}
	return r, c, err
}

// rowsByID returns requests as rows of a list, in the order of ids.
func (s *Store) rowsByID(ctx context.Context, ids []int64) ([]Row, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found := map[int64]Row{}
	err := s.db.reader().Do(ctx, Statement{SQL: `select ` + rowColumns + `, r.made_at from request r left join mailbox m on m.address = r.mailbox where r.id in ($1...)`,
		Args: []any{ids}, Of: "list", Each: func(scan Scan) error {
			var since nasdesk.Timestamp
			r, err := s.scanRow(scan, &since)
			r.Since = since
			found[r.Request] = r
			return err
		}})
	var out []Row
	for _, id := range ids {
		if r, ok := found[id]; ok {
			out = append(out, r)
		}
	}
	return out, err
}

const quarantineColumns = `q.raw, q.at, q.sender, q.subject, q.reasons,
	coalesce((select max(c.id) from click c where c.message = q.raw and c.message > 0 and c.state in ('proposed', 'ready', 'running')), 0)`

func (s *Store) scanQuarantined(scan Scan) (r Row, err error) {
	var reasons string
	err = scan(&r.Message, &r.Since, open(s, "quarantine.sender", &r.Party), open(s, "quarantine.subject", &r.Subject), &reasons, &r.Click)
	r.Kind, r.Outcome, r.Reasons = nasdesk.KindUnverified, nasdesk.Quarantined, words[nasdesk.Reason](reasons)
	return r, err
}

// Quarantine returns the row of a message that waits for staff because its
// sender is not proved; ErrNone if it does not, or no longer.
func (s *Store) Quarantine(ctx context.Context, raw int64) (Row, error) {
	var r Row
	err := s.one(ctx, Statement{SQL: `select ` + quarantineColumns + ` from quarantine q where q.raw = $1 and q.state = 'waiting'`, Args: []any{raw}, Of: "quarantined message",
		Each: func(scan Scan) (err error) { r, err = s.scanQuarantined(scan); return err }})
	return r, err
}

// listQuarantined lists messages: of the filters those hold that a message has.
// Its Mailbox is the address in From.
func (s *Store) listQuarantined(ctx context.Context, f Filter) (Rows, error) {
	l := &list{id: "q.raw", at: "q.at", limit: pageSize(f.Limit), down: f.Sort == SortNewest, where: []string{"q.state = 'waiting'"}}
	if f.Kind != "" && f.Kind != nasdesk.KindUnverified || f.Assignee != "" && f.Assignee != "-" {
		return Rows{}, nil
	}
	if f.Mailbox != "" {
		l.and("q.sender_index = ?", s.index("quarantine.sender", string(f.Mailbox)))
	}
	if f.Reason != "" {
		l.and("q.reasons = ?", f.Reason)
	}
	if f.Before > 0 {
		l.and("q.at < ?", f.Before)
	}
	for _, t := range s.tokensOf(f.Text) {
		l.and("(select count(*) from search s where s.token = ? and s.request = -q.raw) > 0", t)
	}
	order, err := l.order(f.After)
	if err != nil {
		return Rows{}, err
	}
	var out Rows
	err = s.db.reader().Do(ctx, Statement{SQL: `select ` + quarantineColumns + ` from quarantine q where ` + strings.Join(l.where, " and ") +
		` order by ` + order + ` limit ` + strconv.Itoa(l.limit+1), Args: l.args, Of: "list", Each: func(scan Scan) error {
		r, err := s.scanQuarantined(scan)
		if n := len(out.Rows); n == l.limit {
			out.Next = cursor{At: int64(out.Rows[n-1].Since), ID: out.Rows[n-1].Message}.text()
			return err
		}
		out.Rows = append(out.Rows, r)
		return err
	}})
	return out, err
}

// listSecond lists the acts that wait for a second person, each with what it is
// about.
func (s *Store) listSecond(ctx context.Context, f Filter) (Rows, error) {
	l := &list{id: "c.id", at: "c.made_at", limit: pageSize(f.Limit), down: f.Sort == SortNewest, where: []string{"c.state = 'proposed'"}}
	if f.Before > 0 {
		l.and("c.made_at < ?", f.Before)
	}
	order, err := l.order(f.After)
	if err != nil {
		return Rows{}, err
	}
	var clicks []Click
	err = s.db.reader().Do(ctx, Statement{SQL: `select ` + clickColumns + ` from click c where ` + strings.Join(l.where, " and ") +
		` order by ` + order + ` limit ` + strconv.Itoa(l.limit+1), Args: l.args, Of: "list", Each: s.eachClick(&clicks)})
	var out Rows
	if len(clicks) > l.limit {
		clicks = clicks[:l.limit]
		out.Next = cursor{At: int64(clicks[l.limit-1].MadeAt), ID: clicks[l.limit-1].ID}.text()
	}
	if err != nil {
		return Rows{}, err
	}
	about, err := s.aboutClicks(ctx, clicks)
	for i, c := range clicks {
		r := about[i]
		r.Since, r.Click, r.What = c.MadeAt, c.ID, string(c.Act.Act)
		if f.fits(r) {
			out.Rows = append(out.Rows, r)
		}
	}
	return out, err
}

// aboutClicks returns the request or the message that each act is about, as a row.
func (s *Store) aboutClicks(ctx context.Context, clicks []Click) ([]Row, error) {
	var requests, messages []int64
	for _, c := range clicks {
		requests, messages = append(requests, c.Act.Request), append(messages, c.Act.Message)
	}
	byID := map[int64]Row{}
	rows, err := s.rowsByID(ctx, requests)
	if err != nil || len(clicks) == 0 {
		return nil, err
	}
	for _, r := range rows {
		byID[r.Request] = r
	}
	err = s.db.reader().Do(ctx, Statement{SQL: `select ` + quarantineColumns + ` from quarantine q where q.raw in ($1...)`, Args: []any{messages}, Of: "list", Each: func(scan Scan) error {
		r, err := s.scanQuarantined(scan)
		byID[-r.Message] = r
		return err
	}})
	out := make([]Row, len(clicks))
	for i, c := range clicks {
		if out[i] = byID[c.Act.Request]; c.Act.Request == 0 {
			out[i] = byID[-c.Act.Message]
		}
	}
	return out, err
}

// fits reports whether a row is one that the filter wants, of the short queue of
// second persons.
func (f Filter) fits(r Row) bool {
	return (f.Kind == "" || f.Kind == r.Kind) && (f.Reason == "" || slices.Contains(r.Reasons, f.Reason)) &&
		(f.Mailbox == "" || f.Mailbox == r.Mailbox) && (f.Assignee == "" || f.Assignee == r.Assignee || f.Assignee == "-" && r.Assignee == "")
}

// Counts returns how many rows each queue holds, each counted up to CountMost+1.
func (s *Store) Counts(ctx context.Context, today nasdesk.Date) (map[Queue]int, error) {
	out := make(map[Queue]int, len(Queues))
	var parts []string
	for _, q := range Queues {
		parts = append(parts, `select '`+string(q)+`', count(*) from (select 1 from `+countOf[q]+` limit `+strconv.Itoa(CountMost+1)+`) counted`)
	}
	err := s.db.reader().Do(ctx, Statement{SQL: strings.Join(parts, " union all "), Args: []any{today}, Of: "counts", Each: func(scan Scan) error {
		var q Queue
		var n int
		err := scan(&q, &n)
		out[q] = n
		return err
	}})
	return out, err
}

// countOf is what is counted of each queue; $1 is today.
var countOf = map[Queue]string{
	QueueExceptions:  `request where queue <> '' and queue = 'exceptions' and snoozed <= $1`,
	QueueQuarantined: `quarantine where state = 'waiting'`,
	QueueSecond:      `click where state = 'proposed'`,
	QueueBounced:     `request where bounced > 0`,
	QueueWork:        `work x where ` + workPeople,
	QueueOthers:      `request where queue <> '' and queue = 'others'`,
	QueuePharmacy:    `request where queue <> '' and queue = 'pharmacy'`,
	QueueDates:       `(select id from due x where ` + datesAhead + ` union all select id from deadline d where ` + longAhead + `) x`,
	QueueSnoozed:     `request where state = 'referred' and snoozed <> '' and snoozed > $1`,
	QueueAll:         `request`,
}
