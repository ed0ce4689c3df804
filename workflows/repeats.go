package workflows

import (
	"slices"
	"strings"

	"nasdesk"
)

// withdraw takes back requests: what still waits is declined, what was accepted
// goes to staff (contract, rule 16). It reports false if nothing was to be
// taken back.
func (s *stepping) withdraw(rs []nasdesk.Request) bool {
	did := false
	for i := range rs {
		r := &rs[i]
		switch {
		case r.State.Open():
			s.settle(s.inThread(r), refuse(nasdesk.Declined, ruleDeclined), true)
			did = true
		case r.Outcome == nasdesk.Accepted && r.Kind != status.Name:
			s.contested(r)
			did = true
		}
	}
	return did
}

// contested: what was accepted is to be undone. Staff decide; the work that was
// accepted is not stopped by a mail alone.
func (s *stepping) contested(old *nasdesk.Request) {
	r := s.newRequest(old.Kind, nil)
	r.Answers, r.Mailbox, r.Thread = old.Answers, old.Mailbox, append(slices.Clip(old.Thread), r.Thread...)
	v := refer(nasdesk.Conflict, ruleConflictDone, "asks for "+old.Reference+" to be taken back after it was accepted")
	s.settle(r, v, true)
}

var ruleConflictDone = ours("conversation/after-acceptance", "Your request was accepted before this message came. Our staff look at what can still be changed.")

// asStatus answers with how an earlier request stands.
func (s *stepping) asStatus(r, old *nasdesk.Request) {
	q := *r
	q.Kind, q.Asked = status.Name, status.Name
	q.Answers = []nasdesk.Answer{{Field: "reference", Value: old.Reference, Labelled: true}}
	q.Effective = ""
	v := grant()
	v.Say = standing(old)
	s.settle(&q, v, true)
}

// latest are the requests of the asker's latest message of the same day.
func (s *stepping) latest() []nasdesk.Request {
	var out []nasdesk.Request
	for i := len(s.c.Requests) - 1; i >= 0; i-- {
		r := s.c.Requests[i]
		if r.Party != s.asker.address || nasdesk.DateOf(r.MadeAt.Time()) != s.today || r.ID == 0 {
			continue
		}
		if len(out) > 0 && out[0].Event != r.Event {
			break
		}
		out = append([]nasdesk.Request{r}, out...)
	}
	return out
}

// repeat finds the request that this one says again: the same kind and values,
// by the same asker, still open or decided today. Contract, rule 17.
func (s *stepping) repeat(r *nasdesk.Request) *nasdesk.Request {
	for i := len(s.c.Requests) - 1; i >= 0; i-- {
		old := &s.c.Requests[i]
		if old.ID == 0 || old.Party != r.Party || old.Asked != r.Asked || !sameAnswers(old.Answers, r.Answers) {
			continue
		}
		if old.State.Open() || nasdesk.DateOf(old.DecidedAt.Time()) == s.today {
			return old
		}
	}
	return nil
}

func sameAnswers(a, b []nasdesk.Answer) bool {
	covers := func(x, y []nasdesk.Answer) bool {
		for _, v := range x {
			w := nasdesk.AnswerTo(y, v.Field)
			if w == nil || !strings.EqualFold(w.Value, v.Value) {
				return false
			}
		}
		return true
	}
	return covers(a, b) && covers(b, a)
}

// completes finds the open question that a new message is about: it says the
// request again, and adds what was missing (contract, rule 16) or leaves it
// missing, and is asked again (rule 17).
func (s *stepping) completes(r *nasdesk.Request) *nasdesk.Request {
	for i := len(s.c.Requests) - 1; i >= 0; i-- {
		old := s.c.Requests[i]
		if old.ID == 0 || old.Party != r.Party || old.Asked != r.Asked || old.State != nasdesk.StateAsking {
			continue
		}
		if agrees(&old, r) {
			return &old
		}
	}
	return nil
}

// agrees: r says what old already has, in at least one field that tells people
// apart, and contradicts nothing of it.
func agrees(old, r *nasdesk.Request) bool {
	same := false
	for _, a := range r.Answers {
		have := nasdesk.AnswerTo(old.Answers, a.Field)
		switch {
		case have == nil || wants(old, a.Field):
		case !strings.EqualFold(have.Value, a.Value):
			return false
		case a.Field != "role" && a.Field != "owner_email":
			same = true
		}
	}
	return same
}
