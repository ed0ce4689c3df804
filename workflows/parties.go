package workflows

import (
	"slices"
	"strings"

	"nasdesk"
)

// otherParty: a region or the other mailbox has written. Its yes lets the next
// judging pass, its no ends the request; anything else leaves it waiting.
func (s *stepping) otherParty(waiting []nasdesk.Request, m *nasdesk.MailEvent) {
	all := s.siblings(waiting)
	chosen := named(all, m.Heard.Of)
	switch {
	case m.Heard.Word == nasdesk.SaysYes && len(chosen) > 0:
		for i := range chosen {
			s.approve(&chosen[i])
		}
		s.declineNamed(all, m.Heard.Not)
	case (m.Heard.Word == nasdesk.SaysNo || m.Heard.Word == nasdesk.SaysWithdraw) && len(chosen) > 0:
		for i := range chosen {
			s.settle(s.inThread(&chosen[i]), refuse(nasdesk.Declined, ruleDeclined), true)
		}
	case len(m.Heard.Readings) > 0 && s.asker.mailbox != nil:
		s.fresh(m.Heard)
	default:
		for i := range waiting {
			s.leave(&waiting[i])
		}
	}
}

// siblings are all requests of the same message that wait for the same party:
// one answer settles every one of them (contract, rule 5).
func (s *stepping) siblings(waiting []nasdesk.Request) []nasdesk.Request {
	out := slices.Clone(waiting)
	for _, r := range s.c.Requests {
		same := func(w nasdesk.Request) bool {
			return w.Event == r.Event && w.From == r.From && w.Seeks == r.Seeks && r.State == nasdesk.StateSeeking
		}
		if slices.ContainsFunc(waiting, same) && !slices.ContainsFunc(out, func(o nasdesk.Request) bool { return o.ID == r.ID }) {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b nasdesk.Request) int { return a.N - b.N })
	return out
}

// approve records what the other party granted and judges again. An approval
// goes on record for as many accounts as it then takes (contract, rule 5).
func (s *stepping) approve(r *nasdesk.Request) {
	r.Granted = append(slices.Clip(r.Granted), r.Seeks)
	if r.Seeks == nasdesk.RegionalApproval {
		s.c.Approvals = append(slices.Clip(s.c.Approvals), nasdesk.Approval{Mailbox: s.overfull(r), Max: s.approved(r),
			ApprovedBy: s.asker.address, ApprovedOn: s.today})
	}
	k := KindNamed(r.Asked)
	form, rules := k.FormOf()
	s.spareParty(k, form, r)
	form.Fill(r.Answers)
	s.rule(k, s.inThread(r), rules)
}

// spareParty fills a form as its own asker may: here another party is at hand.
func (s *stepping) spareParty(k *nasdesk.Kind, form *nasdesk.Form, r *nasdesk.Request) {
	asker{address: r.Party, mailbox: s.c.Mailbox(r.Party), account: s.c.Account(r.Party)}.spare(k, form, r, s.c)
}

// overfull is the mailbox that a request would fill beyond its limit.
func (s *stepping) overfull(r *nasdesk.Request) nasdesk.Address {
	if r.Asked == consolidation.Name {
		if m := s.c.MailboxByODS(nasdesk.ODSCode(r.Answer("continuing_ods"))); m != nil {
			return m.Address
		}
	}
	return r.Mailbox
}

// approved is how many accounts an approval then allows.
func (s *stepping) approved(r *nasdesk.Request) int {
	m := s.overfull(r)
	now := max(s.c.Counted(m), s.c.Limit(m))
	switch r.Asked {
	case extraAccounts.Name:
		var n nasdesk.Count
		n.Set(r.Answer("count"))
		if int(n) <= now {
			return now + int(n) // asked for as so many more
		}
		return int(n)
	case consolidation.Name:
		return s.c.Counted(m) + len(strings.Fields(r.Answer("owners"))) + len(strings.Fields(r.Answer("movers")))
	}
	return s.c.Counted(m) + 1
}

// leave prints a request that goes on waiting. Nobody is written to.
func (s *stepping) leave(r *nasdesk.Request) {
	i := s.keep(s.inThread(r))
	s.items = append(s.items, item{s.result(&s.reqs[i], nasdesk.Verdict{}), i})
	s.note("answer-settles-nothing", i, string(s.asker.address), r.Kind)
}
