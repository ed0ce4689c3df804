package workflows

import (
	"slices"

	"nasdesk"
)

// converse decides whether a message continues a thread or begins a request.
// Contract, rule 16: a thread is only continued by the party it waits for.
func (s *stepping) converse(m *nasdesk.MailEvent) {
	thread := s.c.ThreadOf(m.Message)
	waiting := s.pick(thread, func(r *nasdesk.Request) bool { return r.State.Open() && r.From == s.asker.address })
	mine := s.pick(thread, func(r *nasdesk.Request) bool { return r.Party == s.asker.address })
	switch {
	case len(waiting) > 0:
		s.answered(waiting, m)
	case s.testAnswered(thread, m):
	case len(mine) > 0:
		s.own(mine, m)
	case s.strangerIn(thread):
		s.unknown(nasdesk.NotUnderstood)
	default:
		s.outside(m)
	}
}

// pick copies the requests of a thread that fit: what is decided of one must
// not change under another.
func (s *stepping) pick(rs []*nasdesk.Request, fits func(*nasdesk.Request) bool) []nasdesk.Request {
	var out []nasdesk.Request
	for _, r := range rs {
		if fits(r) {
			out = append(out, *r)
		}
	}
	return out
}

// strangerIn: somebody writes in a thread that waits for another.
func (s *stepping) strangerIn(thread []*nasdesk.Request) bool {
	return slices.ContainsFunc(thread, func(r *nasdesk.Request) bool {
		return r.State.Open() && inThreadByID(r, s.event.Mail.Message)
	})
}

// inThreadByID leaves out threads known by a reference in the subject alone:
// that is looked up together with the party that writes, and need not be unique.
func inThreadByID(r *nasdesk.Request, m *nasdesk.Message) bool {
	return slices.ContainsFunc(r.Thread, func(id string) bool {
		return slices.Contains(m.InReplyTo, id) || slices.Contains(m.References, id)
	})
}

// answered: the party that the thread waits for has written.
func (s *stepping) answered(waiting []nasdesk.Request, m *nasdesk.MailEvent) {
	h := m.Heard
	if waiting[0].Asked == nasdesk.KindUnknown {
		s.clarified(waiting, m)
		return
	}
	if waiting[0].State == nasdesk.StateSeeking {
		s.otherParty(waiting, m)
		return
	}
	switch {
	case takesBack(h) && len(named(waiting, h.Of)) > 0:
		s.decline(named(waiting, h.Of), h)
	case s.fillsIn(waiting, h):
		s.fresh(beside(waiting, h))
	case h.Word == nasdesk.SaysYes && s.confirmed(named(waiting, h.Of)):
		s.declineNamed(waiting, h.Not)
		s.fresh(beside(waiting, h))
	case len(h.Readings) > 0:
		s.fresh(h)
	case h.AsksStatus:
		s.tellStatus(waiting)
	default:
		for i := range waiting {
			s.askAgain(&waiting[i])
		}
	}
}

// takesBack reports whether an answer says no. A no that gives values is a
// correction.
func takesBack(h nasdesk.Heard) bool {
	return h.Word == nasdesk.SaysWithdraw || h.Word == nasdesk.SaysNo && !hasValues(h)
}

// decline ends requests that their party took back. A new request in the same
// message stands beside it.
func (s *stepping) decline(rs []nasdesk.Request, h nasdesk.Heard) {
	for i := range rs {
		s.settle(s.inThread(&rs[i]), refuse(nasdesk.Declined, ruleDeclined), true)
	}
	s.fresh(withValues(h))
}

// askAgain: the answer settles nothing, so the question stands and is repeated.
// One that staff put goes back to them.
func (s *stepping) askAgain(r *nasdesk.Request) {
	if r.Rule == ruleQuestion.ID {
		s.settle(s.inThread(r), s.backToStaff(r), true)
		return
	}
	s.judge(KindNamed(r.Asked), s.inThread(r))
}

// testAnswered: the test message to a mailbox's new address is answered from
// there, which proves that it works. No action, no reply (contract, rule 13).
func (s *stepping) testAnswered(thread []*nasdesk.Request, m *nasdesk.MailEvent) bool {
	if len(m.Heard.Readings) > 0 || s.asker.mailbox == nil {
		return false
	}
	for _, t := range thread {
		if t.Kind != siteChange.Name || t.Outcome != nasdesk.Accepted {
			continue
		}
		from := m.Proof.Sender.Address()
		if nasdesk.ODSCode(t.Answer("new_ods")) != s.asker.mailbox.ODS || from != s.asker.mailbox.Address || from == t.Party {
			continue
		}
		r := *t
		i := s.keep(s.inThread(&r))
		s.items = append(s.items, item{s.result(&s.reqs[i], nasdesk.Verdict{}), i})
		s.note("test-answered", i, string(from), "")
		return true
	}
	return false
}

// declineNamed ends the requests to which an answer says no beside its yes.
func (s *stepping) declineNamed(waiting []nasdesk.Request, not []string) {
	if len(not) == 0 {
		return
	}
	for _, r := range named(waiting, not) {
		s.settle(s.inThread(&r), refuse(nasdesk.Declined, ruleDeclined), true)
	}
}

// own: the party that asked writes in a thread that does not wait for it.
func (s *stepping) own(mine []nasdesk.Request, m *nasdesk.MailEvent) {
	h := m.Heard
	back := h.Word == nasdesk.SaysWithdraw || h.Word == nasdesk.SaysNo
	switch {
	case back && s.withdraw(named(mine, h.Of)):
		s.fresh(withValues(h))
	case len(h.Readings) > 0:
		s.fresh(h)
	case h.AsksStatus:
		s.tellStatus(mine)
	default:
		s.unknown(nasdesk.NotUnderstood)
	}
}

func (s *stepping) tellStatus(rs []nasdesk.Request) {
	for i := range rs {
		r := s.newRequest(status.Name, &nasdesk.Reading{Answers: []nasdesk.Answer{{Field: "reference", Value: rs[i].Reference, Labelled: true}}})
		s.asStatus(r, &rs[i])
	}
}

// outside: the message belongs to no thread of anybody it concerns.
func (s *stepping) outside(m *nasdesk.MailEvent) {
	h := m.Heard
	if h.Word == nasdesk.SaysWithdraw || h.Word == nasdesk.SaysNo && len(h.Readings) == 0 {
		if s.withdraw(named(s.latest(), h.Of)) {
			s.fresh(withValues(h))
			return
		}
	}
	if len(h.Readings) == 0 {
		s.unknown(nasdesk.NotUnderstood)
		return
	}
	s.fresh(h)
}
