package store

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"nasdesk"
)

// foldBatch is how many events are folded in one transaction.
const foldBatch = 100

// An event is folded once it is decided, behind the commit and not in it: the
// requests that it changed are found by their words from then on, and the
// figures count them. The mark stands in the event's own row and is set in the
// same transaction, so each is folded exactly once, whoever folds.

// An unfolded is an event that is not folded yet.
type unfolded struct {
	event string
	raw   int64
	at    nasdesk.Timestamp
	outcome
}

// fold folds what was decided since, and looks at what changed in the register.
func (s *Store) fold(ctx context.Context) error {
	for {
		n, err := s.foldOnce(ctx)
		if err != nil {
			return err
		}
		if n < foldBatch {
			return s.lookAtRegister(ctx)
		}
	}
}

func (s *Store) foldOnce(ctx context.Context) (n int, err error) {
	err = s.db.tx(ctx, func(q Q) ([]Statement, error) {
		if err := s.alone(ctx, q, foldLock); err != nil {
			return nil, err
		}
		events, err := s.unfolded(ctx, q)
		if n = len(events); err != nil || n == 0 {
			return nil, err
		}
		f := &folding{s: s, sums: map[sum]int{}}
		if err := f.requests(ctx, q, events); err != nil {
			return nil, err
		}
		f.events(events)
		return f.statements(events), nil
	})
	if n > 0 && err == nil {
		s.committed(false)
	}
	return n, err
}

// alone waits until nobody else holds a lock; it is let go with the transaction.
func (s *Store) alone(ctx context.Context, q Q, id int64) error {
	if lock, ok := s.db.dialect().lock([]lockKey{{id: id, write: true}}); ok {
		return q.Do(ctx, lock)
	}
	return nil
}

func (s *Store) unfolded(ctx context.Context, q Q) (out []unfolded, err error) {
	err = q.Do(ctx, Statement{SQL: `select event, coalesce(raw, 0), at, result from handled where folded is null order by at limit ` + strconv.Itoa(foldBatch), Of: "fold",
		Each: func(scan Scan) error {
			var u unfolded
			err := scan(&u.event, &u.raw, &u.at, s.openTo("handled.result", jsonInto(&u.outcome)))
			out = append(out, u)
			return err
		}})
	return out, err
}

// A sum is one figure: what was counted on a day, by two words.
type sum struct{ day, what, kind, word string }

// What is counted.
const (
	sumMessages = "messages"
	sumRequests = "requests"
	sumStraight = "straight"
	sumStaff    = "staff"
	sumOutcome  = "outcome"
	sumReason   = "reason"
	sumAsked    = "asked"
	sumFirst    = "first"
	sumComplete = "complete"
)

// A folding is a batch of events while it is folded.
type folding struct {
	s     *Store
	stmts []Statement
	sums  map[sum]int
}

// A told is what a request has given so far.
type told struct {
	Tokens []string `json:"-"`
	given
}

// given is what a request gives to the figures. All of it counts on the day on
// which the request was made.
type given struct {
	Kind    string   `json:"k,omitempty"`
	Outcome string   `json:"o,omitempty"`
	Reasons []string `json:"r,omitempty"`
	Asked   []string `json:"q,omitempty"` // fields that were ever asked back
	Staff   bool     `json:"s,omitempty"` // it was ever referred to staff
	Settled bool     `json:"d,omitempty"` // decided: nothing and nobody is waited for
	First   string   `json:"f,omitempty"` // the step of the time to its first answer
	Done    string   `json:"c,omitempty"` // the step of the time to its end
}

// requests folds the requests that the events changed, as they are now.
func (f *folding) requests(ctx context.Context, q Q, events []unfolded) error {
	var ids []int64
	for _, e := range events {
		ids = append(ids, e.IDs...)
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	before := map[int64]told{}
	var rows []nasdesk.Request
	var names []string
	err := q.Do(ctx,
		Statement{SQL: `select request, tokens, figures from told where request in ($1...)`, Args: []any{ids}, Of: "fold", Each: func(scan Scan) error {
			var id int64
			var tokens, figures string
			var t told
			if err := scan(&id, &tokens, &figures); err != nil {
				return err
			}
			t.Tokens = strings.Split(tokens, "\n")
			err := json.Unmarshal([]byte(figures), &t.given)
			before[id] = t
			return err
		}},
		Statement{SQL: `select ` + requestColumns + `, coalesce(m.name, '') from request r left join mailbox m on m.address = r.mailbox where r.id in ($1...)`, Args: []any{ids}, Of: "fold",
			Each: func(scan Scan) error {
				var name string
				r, err := f.s.scanRequest(scan, &name)
				rows, names = append(rows, r), append(names, name)
				return err
			}})
	for i := range rows {
		f.request(&rows[i], names[i], before[rows[i].ID], events)
	}
	return err
}

// request gives and takes what a request has more or less than before.
func (f *folding) request(r *nasdesk.Request, organisation string, before told, events []unfolded) {
	now := told{Tokens: f.s.searchTokens(r, organisation), given: before.given}
	now.take(r, f.firstAnswer(r, events), lastAt(r.ID, events), f.s.hours)
	for _, t := range now.Tokens {
		if !slices.Contains(before.Tokens, t) {
			f.add(`insert into search (token, request) values ($1, $2) on conflict do nothing`, t, r.ID)
		}
	}
	for _, t := range before.Tokens {
		if t != "" && !slices.Contains(now.Tokens, t) {
			f.add(`delete from search where token = $1 and request = $2`, t, r.ID)
		}
	}
	f.add(`insert into told (request, tokens, figures) values ($1, $2, $3)
		on conflict (request) do update set tokens = excluded.tokens, figures = excluded.figures`, r.ID, strings.Join(now.Tokens, "\n"), jsonText(now.given))
	day := string(nasdesk.DateOf(r.MadeAt.Time()))
	for k, n := range before.sums(day) {
		f.sums[k] -= n
	}
	for k, n := range now.sums(day) {
		f.sums[k] += n
	}
}

func (f *folding) add(sql string, args ...any) {
	f.stmts = append(f.stmts, Statement{SQL: sql, Args: args, Of: "fold"})
}

// searchTokens are the tokens of a request: its words and its facets.
func (s *Store) searchTokens(r *nasdesk.Request, organisation string) []string {
	out := []string{s.token(facetKind, r.Kind)}
	if r.Mailbox != "" {
		out = append(out, s.token(facetMailbox, string(r.Mailbox)))
	}
	for _, why := range r.Reasons {
		out = append(out, s.token(facetReason, string(why)))
	}
	for _, w := range searchWords(r, organisation) {
		out = append(out, s.token("", w))
	}
	return unique(out)
}

// firstAnswer is the instant of the first mail to its party that these events
// made, 0 for none.
func (f *folding) firstAnswer(r *nasdesk.Request, events []unfolded) nasdesk.Timestamp {
	for _, e := range events {
		if slices.Contains(e.IDs, r.ID) && slices.ContainsFunc(e.Mails, func(m outcomeMail) bool { return m.To == r.Party && m.About != nasdesk.Notice }) {
			return e.at
		}
	}
	return 0
}

func lastAt(id int64, events []unfolded) (at nasdesk.Timestamp) {
	for _, e := range events {
		if slices.Contains(e.IDs, id) {
			at = max(at, e.at)
		}
	}
	return at
}

// take brings what a request gives up to date.
func (g *given) take(r *nasdesk.Request, answered, last nasdesk.Timestamp, hours func(from, to nasdesk.Timestamp) time.Duration) {
	g.Kind, g.Outcome, g.Reasons = r.Kind, string(r.Outcome), unique(strs(r.Reasons))
	g.Staff = g.Staff || r.State == nasdesk.StateReferred
	g.Settled = !r.State.Open() && r.State != nasdesk.StateReferred
	if r.Outcome == nasdesk.NeedsInfo {
		for _, why := range r.Reasons {
			if _, field, ok := strings.Cut(string(why), ":"); ok {
				g.Asked = append(g.Asked, field)
			}
		}
		g.Asked = unique(g.Asked)
	}
	if g.First == "" && answered > 0 {
		g.First = step(hours(r.MadeAt, answered))
	}
	switch {
	case !r.State.Ended():
		g.Done = ""
	case g.Done == "":
		g.Done = step(hours(r.MadeAt, last))
	}
}

// step is the number of the step in which a duration lies: see Duration.
func step(d time.Duration) string {
	n := 0
	for limit := time.Minute; d >= limit && n < 30; limit *= 2 {
		n++
	}
	return strconv.Itoa(n)
}

// sums are the figures of what a request gives. One that has given nothing yet
// has none.
func (g *given) sums(day string) map[sum]int {
	out := map[sum]int{}
	if g.Kind == "" {
		return out
	}
	out[sum{day, sumRequests, "", ""}] = 1
	if g.Staff {
		out[sum{day, sumStaff, "", ""}] = 1
	} else if g.Settled {
		out[sum{day, sumStraight, "", ""}] = 1
	}
	out[sum{day, sumOutcome, g.Kind, g.Outcome}] = 1
	for _, why := range g.Reasons {
		out[sum{day, sumReason, g.Kind, why}] = 1
	}
	for _, field := range g.Asked {
		out[sum{day, sumAsked, g.Kind, field}] = 1
	}
	if g.First != "" {
		out[sum{day, sumFirst, g.Kind, g.First}] = 1
	}
	if g.Done != "" {
		out[sum{day, sumComplete, g.Kind, g.Done}] = 1
	}
	return out
}

// events counts the messages, and the outcomes of those that made no request.
func (f *folding) events(events []unfolded) {
	for _, e := range events {
		if e.raw == 0 {
			continue
		}
		day := string(nasdesk.DateOf(e.at.Time()))
		f.sums[sum{day, sumMessages, "", ""}]++
		if len(e.IDs) > 0 {
			continue
		}
		for _, r := range e.Requests {
			f.sums[sum{day, sumOutcome, r.Kind, string(r.Outcome)}]++
			for _, why := range r.Reasons {
				f.sums[sum{day, sumReason, r.Kind, string(why)}]++
			}
		}
	}
}

// tally adds to a figure of a day, and to that of its month, which serves long
// spans. What is shown day by day has no months.
func (f *folding) tally(k sum, n int) {
	days := []string{k.day, month(nasdesk.Date(k.day))}
	if k.kind == "" {
		days = days[:1]
	}
	for _, day := range days {
		f.add(`insert into tally (what, day, kind, word, n) values ($1, $2, $3, $4, $5)
			on conflict (what, day, kind, word) do update set n = tally.n + excluded.n`, k.what, day, k.kind, k.word, n)
	}
}

// month is how the month of a day stands in the tally: behind all days.
func month(d nasdesk.Date) string { return "m" + string(d[:7]) }

// statements writes the sums and the marks.
func (f *folding) statements(events []unfolded) []Statement {
	for _, k := range slices.SortedFunc(maps.Keys(f.sums), func(a, b sum) int {
		return strings.Compare(a.day+" "+a.what+" "+a.kind+" "+a.word, b.day+" "+b.what+" "+b.kind+" "+b.word)
	}) {
		if n := f.sums[k]; n != 0 {
			f.tally(k, n)
		}
	}
	keys := make([]string, len(events))
	for i, e := range events {
		keys[i] = e.event
	}
	f.add(`update handled set folded = 1 where event in ($1...)`, keys)
	return f.stmts
}
