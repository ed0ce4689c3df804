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
	s.note("work-"+string(w.State), s.keep(&q), string(action.Account), string(action.Name)+byStaff(w.By)+tracedBy(w.Trace))
	switch w.State {
	case nasdesk.WorkDone:
		s.workDone(&q, action, w)
	case nasdesk.WorkFailed:
		s.sendBack(&q)
	case nasdesk.WorkPending:
		s.workPending(&q, action, w)
	}
}

// tracedBy lets the journal be laid beside the directory's own log.
func tracedBy(trace string) string {
	if trace == "" {
		return ""
	}
	return ", " + trace
}

// sendBack gives a request to staff whose work could not be done. The pharmacy is
// told once that it takes longer.
func (s *stepping) sendBack(r *nasdesk.Request) {
	first := r.State != nasdesk.StateReferred
	r.State = nasdesk.StateReferred
	i := s.keep(r)
	if first {
		s.letters.add(r.Party, nasdesk.Notice, i, takesLonger(s, r))
	}
}

// workPending: a new account has been begun, and the directory has given its
// address. The register has it from here, and the pharmacy is told.
func (s *stepping) workPending(r *nasdesk.Request, a nasdesk.Action, w *nasdesk.WorkEvent) {
	acc := s.c.Account(a.Account)
	taken := w.Account != a.Account && s.c.Account(w.Account) != nil
	if a.Name != nasdesk.CreateAccount || w.Account == "" || acc == nil || taken || r.State != nasdesk.StateDoing {
		return
	}
	s.readdress(acc, w.Account)
	r.Actions = slices.Clone(r.Actions)
	for i := range r.Actions {
		if r.Actions[i].Account == a.Account {
			r.Actions[i].Account = w.Account
		}
	}
	s.letters.pending(s, s.keep(r), a, w.Account)
}

// workDone confirms the planned effect. A request is done when all its work is, in
// whatever order it ends: a link may be there before the account is active. When a new account is active, the
// pharmacy gets its second mail.
func (s *stepping) workDone(r *nasdesk.Request, a nasdesk.Action, w *nasdesk.WorkEvent) {
	r.Actions = slices.Clone(r.Actions)
	for i := range r.Actions {
		r.Actions[i].Done = r.Actions[i].Done || r.Actions[i].Key == a.Key
	}
	if left := slices.ContainsFunc(r.Actions, func(a nasdesk.Action) bool { return !a.Done }); !left && r.State == nasdesk.StateDoing {
		r.State = nasdesk.StateDone
	}
	i := s.keep(r)
	if a.Name == nasdesk.ConvertApplicationAccount {
		s.yearly(i, firstOf(a.Account, a.Mailbox), s.today)
	}
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
