package workflows

import (
	"slices"

	"nasdesk"
)

// work is what the directory reports of an action: begun, done, or failed for
// good.
func (s *stepping) work(w *nasdesk.WorkEvent) {
	r := s.c.Request(w.Request)
	if r == nil {
		return
	}
	q := *r
	i := slices.IndexFunc(q.Actions, func(a nasdesk.Action) bool { return a.Key == w.Action })
	if i < 0 {
		return
	}
	action := q.Actions[i]
	s.note("work-"+string(w.State), s.keep(&q), string(action.Account), string(action.Name)+byStaff(w.By))
	switch w.State {
	case nasdesk.WorkDone:
		s.workDone(&q, action, w)
	case nasdesk.WorkFailed:
		q.State = nasdesk.StateReferred
		s.keep(&q)
	}
}

// workDone confirms the planned effect. When a new account is active, the
// pharmacy gets its second mail.
func (s *stepping) workDone(r *nasdesk.Request, a nasdesk.Action, w *nasdesk.WorkEvent) {
	if last := r.Actions[len(r.Actions)-1]; last.Key == a.Key && r.State == nasdesk.StateDoing {
		r.State = nasdesk.StateDone
	}
	i := s.keep(r)
	if a.Name != nasdesk.CreateAccount {
		return
	}
	acc := s.c.Account(a.Account)
	if acc == nil {
		return
	}
	if w.Account != "" {
		s.readdress(acc, w.Account)
	}
	acc = s.c.Account(firstOf(w.Account, a.Account))
	if acc.Status == nasdesk.Pending {
		acc.Status, acc.Since = nasdesk.Active, s.today
	}
	s.letters.welcome(s, i, acc)
}

func firstOf(a, b nasdesk.Address) nasdesk.Address {
	if a != "" {
		return a
	}
	return b
}

// readdress takes over the address that the directory gave instead of the one
// proposed.
func (s *stepping) readdress(acc *nasdesk.Account, to nasdesk.Address) {
	from := acc.Address
	if from == to {
		return
	}
	acc.Address, acc.Version = to, 0
	s.c.Memberships = slices.Clone(s.c.Memberships)
	for i := range s.c.Memberships {
		if s.c.Memberships[i].Account == from {
			s.c.Memberships[i].Account = to
		}
	}
}
