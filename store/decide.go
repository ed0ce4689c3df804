package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"nasdesk"
)

const (
	needRounds = 4  // how often a step may ask for more facts
	tries      = 64 // how often a stale case is decided again; each time somebody else got on
	patience   = 3  // after how many of them
	// aDay and a half is how far back the ended requests of a party matter that
	// no thread and no reference names: contract, rules 16 and 17, the same day.
	sameDay = nasdesk.Timestamp(36 * 3600 * 1e6)
)

// Decide is the one way in for everything that happens. It pulls the case that
// keys point at, lets step decide, and commits the decision whole or not at all.
// A step that needs more facts (Decision.Need) is given them and asked again. If
// anything that the decision rests on has changed meanwhile, all of this is done
// again, which is free because step is pure.
//
// Raw is the id of the kept message, 0 for an event that is none. An event that
// was decided before is not decided again: its outcome comes back with
// ErrHandled. Of a decision that is hindered nothing is committed, the event
// included: it may come again.
func (s *Store) Decide(ctx context.Context, ev nasdesk.Event, keys nasdesk.Keys, raw int64,
	step func(*nasdesk.Case) nasdesk.Decision) (nasdesk.Decision, error) {
	if ev.Key == "" {
		return nasdesk.Decision{}, errors.New("store: an event without a key cannot be decided once only: give it one")
	}
	var last error
	for n := range tries {
		if n == patience { // others keep getting on first: those who have waited long take turns
			s.turn.Lock()
			defer s.turn.Unlock()
		}
		d, more, err := s.decideOnce(ctx, ev, keys, raw, step)
		if err == nil || !passes(err) || ctx.Err() != nil {
			return d, err
		}
		keys, last = more, err
	}
	return nasdesk.Decision{}, fmt.Errorf("store: event not decided in %d tries: %w", tries, last)
}

func (s *Store) decideOnce(ctx context.Context, ev nasdesk.Event, keys nasdesk.Keys, raw int64,
	step func(*nasdesk.Case) nasdesk.Decision) (nasdesk.Decision, nasdesk.Keys, error) {
	for range needRounds {
		p, err := s.pull(ctx, keys, ev.Key, ev.At-sameDay)
		if err != nil {
			return nasdesk.Decision{}, keys, err
		}
		if p.handled != nil {
			return p.handled.decision(ev), keys, ErrHandled
		}
		d := step(p.kase())
		merged, more := keys.Merge(d.Need)
		if !more {
			d.Event = ev
			if d.Hindered != "" {
				return d, keys, nil
			}
			err := s.commit(ctx, p, raw, &d)
			return d, keys, err
		}
		keys = merged
	}
	return nasdesk.Decision{}, keys, fmt.Errorf("store: a decision asks for more facts after %d rounds: a judgement never stops needing", needRounds)
}

// An outcome is what is kept of a decision, for its result.
type outcome struct {
	MessageID string                  `json:"message_id,omitempty"`
	Sender    nasdesk.ResultSender    `json:"sender"`
	Requests  []nasdesk.ResultRequest `json:"requests"`
	Mails     []outcomeMail           `json:"mails,omitempty"`
	IDs       []int64                 `json:"ids,omitempty"`
	Folder    nasdesk.Folder          `json:"folder,omitempty"`
}

type outcomeMail struct {
	To    nasdesk.Address `json:"to"`
	About nasdesk.About   `json:"about"`
}

func outcomeOf(d *nasdesk.Decision) outcome {
	o := outcome{Sender: d.Sender, Requests: d.Results, Folder: d.Folder}
	if d.Event.Mail != nil && d.Event.Mail.Message != nil {
		o.MessageID = d.Event.Mail.Message.ID
	}
	for _, r := range d.Requests {
		o.IDs = append(o.IDs, r.ID)
	}
	for _, m := range d.Mails {
		o.Mails = append(o.Mails, outcomeMail{m.To, m.About})
	}
	return o
}

// decision returns as much of the decision as is kept: who wrote, the results,
// to whom mail went about what, and the folder.
func (o *outcome) decision(ev nasdesk.Event) nasdesk.Decision {
	d := nasdesk.Decision{Event: ev, Sender: o.Sender, Results: o.Requests, Folder: o.Folder}
	for i := range d.Results {
		fieldsAsWritten(d.Results[i].Fields)
	}
	for _, m := range o.Mails {
		d.Mails = append(d.Mails, nasdesk.Mail{To: m.To, About: m.About})
	}
	return d
}

// fieldsAsWritten gives lists the type they had before JSON.
func fieldsAsWritten(fields map[string]any) {
	for k, v := range fields {
		if list, ok := v.([]any); ok {
			texts := make([]string, len(list))
			for i := range list {
				texts[i], _ = list[i].(string)
			}
			fields[k] = texts
		}
	}
}

// ResultOf returns what an event led to: ErrNone if it is not decided.
func (s *Store) ResultOf(ctx context.Context, event string) (nasdesk.Result, error) {
	var o outcome
	err := s.one(ctx, Statement{SQL: `select result from handled where event = $1`, Args: []any{event}, Of: "result",
		Each: func(scan Scan) error {
			return scan(s.openTo("handled.result", func(b []byte) error { return json.Unmarshal(b, &o) }))
		}})
	d := o.decision(nasdesk.Event{})
	if o.MessageID != "" {
		o.MessageID = "<" + o.MessageID + ">" // as the contract prints it
	}
	return nasdesk.Result{MessageID: o.MessageID, Sender: d.Sender, Requests: d.Results, Replies: o.replies(false), Notices: o.replies(true)}, err
}

func (o *outcome) replies(notices bool) []nasdesk.ResultReply {
	out := []nasdesk.ResultReply{}
	for _, m := range o.Mails {
		if (m.About == nasdesk.Notice) == notices {
			out = append(out, nasdesk.ResultReply{To: []nasdesk.Address{m.To}, About: m.About})
		}
	}
	return out
}
