package store

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"nasdesk"
)

const (
	mostLines   = 500 // of the journal, in a dossier
	mostLooks   = 50  // of those, on who looked at it
	mostSimilar = 20
)

// Dossier returns all that is known of a request; ErrNone if there is none of
// that id.
func (s *Store) Dossier(ctx context.Context, id int64, today nasdesk.Date) (*Dossier, error) {
	d := &Dossier{}
	err := s.one(ctx, Statement{SQL: `select ` + requestColumns + ` from request r where r.id = $1`, Args: []any{id}, Of: "request",
		Each: func(scan Scan) (err error) { d.Request, err = s.scanRequest(scan); return err }})
	if err != nil {
		return nil, err
	}
	p, err := s.pull(ctx, keysOfRequest(&d.Request), "", nasdesk.TimestampOf(today.Time())-sameDay)
	if err != nil {
		return nil, err
	}
	d.Case = p.kase()
	if err := s.db.reader().Do(ctx, s.recordOf(id, d)...); err != nil {
		return nil, err
	}
	if d.Letters, err = s.letters(ctx, &d.Request, d.Journal); err != nil {
		return nil, err
	}
	d.Similar, err = s.similar(ctx, &d.Request)
	return d, err
}

// keysOfRequest are what a request points at.
func keysOfRequest(r *nasdesk.Request) nasdesk.Keys {
	k := nasdesk.Keys{Party: r.Party, Requests: []int64{r.ID}}
	for _, a := range []nasdesk.Address{r.Party, r.Mailbox, r.From} {
		if a != "" {
			k.Addresses = append(k.Addresses, a)
		}
	}
	for _, a := range r.Answers {
		addAnswer(&k, a)
	}
	return k
}

// recordOf asks for what is written about a request.
func (s *Store) recordOf(id int64, d *Dossier) []Statement {
	args := []any{id}
	return []Statement{
		{SQL: `select id, at, event, request, what, detail from journal where request = $1 and request > 0 and what <> 'viewed' order by id desc limit ` + strconv.Itoa(mostLines), Args: args, Of: "journal",
			Each: eachJournalLine(&d.Journal)},
		{SQL: `select id, at, event, request, what, detail from journal where request = $1 and request > 0 and what = 'viewed' order by id desc limit ` + strconv.Itoa(mostLooks), Args: args, Of: "journal",
			Each: eachJournalLine(&d.Journal)},
		{SQL: `select at, by_name, text from note where request = $1 order by id`, Args: args, Of: "notes", Each: func(scan Scan) error {
			var n StaffNote
			err := scan(&n.At, &n.By, open(s, "note.text", &n.Text))
			d.Notes = append(d.Notes, n)
			return err
		}},
		{SQL: `select ` + workColumns + ` from work w where w.request = $1 order by w.id`, Args: args, Of: "work", Each: s.eachWork(&d.Work)},
		{SQL: `select id, key, attempts, request, what, at from due where request = $1 and state in ('ready', 'running') order by at, id`, Args: args, Of: "dates",
			Each: func(scan Scan) error {
				var x nasdesk.OutDate
				err := scan(&x.ID, &x.Key, &x.Attempt, &x.Request, &x.What, &x.At)
				d.Dates = append(d.Dates, x)
				return err
			}},
		{SQL: `select ` + clickColumns + ` from click c where c.request = $1 and c.request > 0 order by c.id`, Args: args, Of: "acts of staff", Each: s.eachClick(&d.Clicks)},
	}
}

func eachJournalLine(into *[]JournalLine) func(Scan) error {
	return func(scan Scan) error {
		var l JournalLine
		err := scan(&l.ID, &l.At, &l.Event, &l.Request, &l.What, &l.Detail)
		*into = append(*into, l)
		return err
	}
}

func (s *Store) eachWork(into *[]WorkRow) func(Scan) error {
	return func(scan Scan) error {
		w, err := s.scanWork(scan)
		*into = append(*into, w)
		return err
	}
}

// Work returns a piece of account work; ErrNone if there is none of that id.
func (s *Store) Work(ctx context.Context, id int64) (WorkRow, error) {
	var found []WorkRow
	err := s.one(ctx, Statement{SQL: `select ` + workColumns + ` from work w where w.id = $1`, Args: []any{id}, Of: "account work", Each: s.eachWork(&found)})
	if err != nil {
		return WorkRow{}, err
	}
	return found[0], nil
}

// letters are the mails of a request, theirs and ours, oldest first: those of
// the events that its journal names, and of the one that made it. The journal
// is put in order here.
func (s *Store) letters(ctx context.Context, r *nasdesk.Request, journal []JournalLine) ([]Letter, error) {
	slices.SortFunc(journal, func(a, b JournalLine) int { return cmp.Compare(a.ID, b.ID) })
	events := []string{r.Event}
	for _, l := range journal {
		if l.Event != "" {
			events = append(events, l.Event)
		}
	}
	events = unique(events)
	var out []Letter
	err := s.db.reader().Do(ctx,
		Statement{SQL: `select raw, at, sender, message_id, result from handled where event in ($1...) and raw is not null`, Args: []any{events}, Of: "conversation", Each: func(scan Scan) error {
			var l Letter
			var o outcome
			err := scan(&l.Message, &l.At, &l.From, &l.MessageID, s.openTo("handled.result", jsonInto(&o)))
			l.Subject, l.Sender = r.Subject, o.Sender
			out = append(out, l)
			return err
		}},
		Statement{SQL: `select id, at, ended_at, recipient, subject, message_id, about, text, state, code, requests from mail where event in ($1...)`, Args: []any{events}, Of: "conversation",
			Each: func(scan Scan) error {
				l, requests, err := s.scanLetter(scan)
				if slices.Contains(strings.Fields(requests), strconv.FormatInt(r.ID, 10)) {
					out = append(out, l)
				}
				return err
			}})
	slices.SortStableFunc(out, func(a, b Letter) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Mail, b.Mail)) })
	return out, err
}

func (s *Store) scanLetter(scan Scan) (l Letter, requests string, err error) {
	var ended nasdesk.Timestamp
	l.Ours = true
	err = scan(&l.Mail, &l.At, &ended, &l.To, open(s, "mail.subject", &l.Subject), &l.MessageID, &l.About, open(s, "mail.text", &l.Text), &l.State, &l.Code, &requests)
	if ended > 0 {
		l.At = ended
	}
	return l, requests, err
}

// similar are other requests of the same mailbox or about the same people, newest
// first. Each word gives no more than are shown, however many it leads to.
func (s *Store) similar(ctx context.Context, r *nasdesk.Request) ([]Row, error) {
	tokens := s.peopleTokens(r)
	if r.Mailbox != "" {
		tokens = append(tokens, s.token(facetMailbox, string(r.Mailbox)))
	}
	ids, err := s.newest(ctx, tokens, r.ID, mostSimilar)
	if err != nil {
		return nil, err
	}
	return s.rowsByID(ctx, ids)
}

// mostPeople is how many words about people are followed.
const mostPeople = 12

// peopleTokens are the addresses and mobiles that a request names besides the
// mailbox's own.
func (s *Store) peopleTokens(r *nasdesk.Request) []string {
	var k nasdesk.Keys
	for _, a := range r.Answers {
		addAnswer(&k, a)
	}
	for _, a := range r.Actions {
		k.Addresses = append(k.Addresses, a.Account, a.Alternative)
		k.Mobiles = append(k.Mobiles, a.Mobile)
	}
	var out []string
	for _, w := range unique(append(strs(k.Addresses), strs(k.Mobiles)...)) {
		if w != "" && w != string(r.Mailbox) && w != string(r.Party) {
			out = append(out, s.token("", w))
		}
	}
	return out[:min(len(out), mostPeople)]
}

// newest returns the newest requests to which any of the tokens leads, but for
// one.
func (s *Store) newest(ctx context.Context, tokens []string, but int64, n int) ([]int64, error) {
	var ids []int64
	var stmts []Statement
	for _, t := range tokens {
		stmts = append(stmts, Statement{SQL: `select request from search where token = $1 and request > 0 order by request desc limit ` + strconv.Itoa(n+1),
			Args: []any{t}, Of: "similar requests", Each: func(scan Scan) error {
				var id int64
				err := scan(&id)
				ids = append(ids, id)
				return err
			}})
	}
	if len(stmts) == 0 {
		return nil, nil
	}
	err := s.db.reader().Do(ctx, stmts...)
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id int64) bool { return id == but })
	slices.Reverse(ids)
	return ids[:min(len(ids), n)], err
}
