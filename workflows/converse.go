package workflows

import (
	"slices"
	"strings"

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
	if waiting[0].State == nasdesk.StateSeeking && waiting[0].From != waiting[0].Party {
		s.otherParty(waiting, m)
		return
	}
	switch {
	case h.Word == nasdesk.SaysNo && !hasValues(h) || h.Word == nasdesk.SaysWithdraw:
		s.decline(named(waiting, h.Of), h)
	case s.fillsIn(waiting, h):
		s.fresh(beside(waiting, h))
	case h.Word == nasdesk.SaysYes && s.confirmed(named(waiting, h.Of)):
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

// beside keeps the requests of an answer that are no part of the answer: of
// another kind than what was asked, with values of their own.
func beside(waiting []nasdesk.Request, h nasdesk.Heard) nasdesk.Heard {
	h.Readings = slices.DeleteFunc(slices.Clone(h.Readings), func(rd nasdesk.Reading) bool {
		return len(rd.Answers) == 0 || slices.ContainsFunc(waiting, func(r nasdesk.Request) bool {
			return r.Asked == rd.Kind || slices.ContainsFunc(rd.Answers, func(a nasdesk.Answer) bool { return a.Field != "role" && saidFor(h.Values, a) })
		})
	})
	return h
}

// saidFor reports whether an answer is one of the values of the thread's own
// requests.
func saidFor(values []nasdesk.Reading, a nasdesk.Answer) bool {
	return slices.ContainsFunc(values, func(v nasdesk.Reading) bool {
		return slices.ContainsFunc(v.Answers, func(b nasdesk.Answer) bool { return b.Value == a.Value })
	})
}

// withValues leaves out requests that hold no value at all: beside a word that
// settles something they are but a way of saying it.
func withValues(h nasdesk.Heard) nasdesk.Heard {
	h.Readings = slices.DeleteFunc(slices.Clone(h.Readings), func(rd nasdesk.Reading) bool { return len(rd.Answers) == 0 })
	return h
}

func hasValues(h nasdesk.Heard) bool {
	return slices.ContainsFunc(h.Values, func(v nasdesk.Reading) bool { return len(v.Answers) > 0 })
}

// decline ends requests that their party took back. A new request in the same
// message stands beside it.
func (s *stepping) decline(rs []nasdesk.Request, h nasdesk.Heard) {
	for i := range rs {
		s.settle(&rs[i], refuse(nasdesk.Declined, ruleDeclined), true)
	}
	s.fresh(withValues(h))
}

// named are the requests that a word is about: all, or those that it names.
func named(rs []nasdesk.Request, of []string) []nasdesk.Request {
	if len(of) == 0 {
		return rs
	}
	var out []nasdesk.Request
	for _, r := range rs {
		if slices.ContainsFunc(of, func(name string) bool { return speaksOf(&r, name) }) {
			out = append(out, r)
		}
	}
	return out
}

// speaksOf reports whether a name, an address or a reference means a request.
func speaksOf(r *nasdesk.Request, name string) bool {
	name = strings.ToLower(strings.TrimSpace(name))
	if name == "" {
		return false
	}
	if strings.EqualFold(r.Reference, name) {
		return true
	}
	for _, a := range r.Answers {
		v := strings.ToLower(a.Value)
		if v == name || slices.Contains(strings.FieldsFunc(v, func(c rune) bool { return c == ' ' || c == '.' || c == '@' }), name) || strings.Contains(" "+v+" ", " "+name+" ") {
			return true
		}
	}
	return false
}

// confirmed carries out what was read back: every request of the message that
// the YES answers, as it was confirmed.
func (s *stepping) confirmed(rs []nasdesk.Request) bool {
	did := false
	for i := range rs {
		r := &rs[i]
		if r.State != nasdesk.StateConfirming {
			continue
		}
		r.Prose = false
		for n := range r.Answers {
			r.Answers[n].Frozen = true
		}
		s.judge(KindNamed(r.Asked), s.inThread(r))
		did = true
	}
	return did
}

// inThread adds the message at hand to a request's thread: an answer may come
// to any message of it.
func (s *stepping) inThread(r *nasdesk.Request) *nasdesk.Request {
	if id := s.event.Mail.Message.ID; id != "" && !slices.Contains(r.Thread, id) {
		r.Thread = append(slices.Clip(r.Thread), id)
	}
	return r
}

// fillsIn completes or corrects requests with the values of the answer. It
// reports false if the answer holds none that change anything.
func (s *stepping) fillsIn(waiting []nasdesk.Request, h nasdesk.Heard) bool {
	did := false
	for i := range waiting {
		rd := valuesFor(&waiting[i], waiting, h)
		if rd == nil || !changes(&waiting[i], rd) {
			continue
		}
		s.complete(&waiting[i], *rd, false)
		did = true
	}
	if !did {
		return false
	}
	for i := range waiting {
		if waiting[i].State == nasdesk.StateConfirming && h.Word == nasdesk.SaysYes && valuesFor(&waiting[i], waiting, h) == nil {
			s.confirmed(waiting[i : i+1])
		}
	}
	return true
}

// valuesFor finds the values that an answer gives for one request: those of the
// person that it is about, or, where the answer names nobody, those that fit it
// alone.
func valuesFor(r *nasdesk.Request, waiting []nasdesk.Request, h nasdesk.Heard) *nasdesk.Reading {
	for i := range h.Values {
		if identifies(r, &h.Values[i]) {
			return &h.Values[i]
		}
	}
	if len(waiting) == 1 {
		for i := range h.Values {
			if len(h.Values) == 1 && !contradicts(r, &h.Values[i]) {
				return &h.Values[i]
			}
		}
		return nil
	}
	return sharedValues(r, waiting, h)
}

// sharedValues: several requests wait and the answer names none of them. It is
// for all that were asked the same, if it is a role ("all members"); else for
// the only one that was asked for it.
func sharedValues(r *nasdesk.Request, waiting []nasdesk.Request, h nasdesk.Heard) *nasdesk.Reading {
	if len(h.Values) != 1 || identifiesAny(waiting, &h.Values[0]) {
		return nil
	}
	rd := &h.Values[0]
	for _, a := range rd.Answers {
		if !wants(r, a.Field) {
			return nil
		}
		n := 0
		for i := range waiting {
			if wants(&waiting[i], a.Field) {
				n++
			}
		}
		if n > 1 && a.Field != "role" {
			return nil
		}
	}
	return rd
}

func identifiesAny(rs []nasdesk.Request, rd *nasdesk.Reading) bool {
	return slices.ContainsFunc(rs, func(r nasdesk.Request) bool { return identifies(&r, rd) })
}

// wants reports whether a field of the request was asked back.
func wants(r *nasdesk.Request, field string) bool {
	return slices.ContainsFunc(r.Reasons, func(why nasdesk.Reason) bool { return strings.HasSuffix(string(why), ":"+field) })
}

// identifies reports whether a reading is about the person of a request: a name
// or an address of it agrees.
func identifies(r *nasdesk.Request, rd *nasdesk.Reading) bool {
	for _, f := range []string{"full_name", "nhs_email", "alternative_email", "team_name"} {
		a := nasdesk.AnswerTo(rd.Answers, f)
		if a == nil || a.Ambiguous || r.Answer(f) == "" {
			continue
		}
		if strings.EqualFold(a.Value, r.Answer(f)) || f == "full_name" && speaksOf(r, a.Value) {
			return true
		}
	}
	return false
}

// contradicts: the reading is of another person than the request.
func contradicts(r *nasdesk.Request, rd *nasdesk.Reading) bool {
	a := nasdesk.AnswerTo(rd.Answers, "full_name")
	return a != nil && !a.Ambiguous && r.Answer("full_name") != "" && !wants(r, "full_name") && !speaksOf(r, a.Value) && r.State == nasdesk.StateAsking
}

// changes reports whether a reading adds to a request or differs from it.
func changes(r *nasdesk.Request, rd *nasdesk.Reading) bool {
	if rd.Effective != "" && rd.Effective != r.Effective {
		return true
	}
	return slices.ContainsFunc(rd.Answers, func(a nasdesk.Answer) bool {
		old := nasdesk.AnswerTo(r.Answers, a.Field)
		return old == nil || old.Ambiguous != a.Ambiguous || old.Value != a.Value && !(a.Field == "full_name" && speaksOf(r, a.Value))
	})
}

// complete merges an answer into a request and judges it again. What we asked
// for counts as labelled; a value changed in prose while it is being confirmed
// is read back again.
func (s *stepping) complete(r *nasdesk.Request, rd nasdesk.Reading, anew bool) {
	for _, a := range rd.Answers {
		asked := wants(r, a.Field)
		old := nasdesk.AnswerTo(r.Answers, a.Field)
		switch {
		case old == nil:
			r.Answers = append(slices.Clip(r.Answers), a)
		case a.Field == "full_name" && !asked && speaksOf(r, a.Value) && len(a.Value) < len(old.Value):
		default:
			r.Answers = slices.Clone(r.Answers)
			*nasdesk.AnswerTo(r.Answers, a.Field) = a
		}
		if !a.Labelled && !asked && a.Field != "role" {
			r.Prose = true
		}
	}
	if anew && rd.Prose {
		r.Prose = true
	}
	if rd.Effective > s.today {
		r.Effective = rd.Effective
	}
	s.judge(KindNamed(r.Asked), s.inThread(r))
}

// askAgain: the answer settles nothing, so the question stands and is repeated.
func (s *stepping) askAgain(r *nasdesk.Request) { s.judge(KindNamed(r.Asked), s.inThread(r)) }

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

// own: the party that asked writes in a thread that does not wait for it.
func (s *stepping) own(mine []nasdesk.Request, m *nasdesk.MailEvent) {
	h := m.Heard
	takesBack := h.Word == nasdesk.SaysWithdraw || h.Word == nasdesk.SaysNo
	switch {
	case takesBack && s.withdraw(named(mine, h.Of)):
		s.fresh(withValues(h))
	case len(h.Readings) > 0:
		s.fresh(h)
	case h.AsksStatus:
		s.tellStatus(mine)
	default:
		s.unknown(nasdesk.NotUnderstood)
	}
}

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

func (s *stepping) tellStatus(rs []nasdesk.Request) {
	for i := range rs {
		r := s.newRequest(status.Name, &nasdesk.Reading{Answers: []nasdesk.Answer{{Field: "reference", Value: rs[i].Reference, Labelled: true}}})
		s.asStatus(r, &rs[i])
	}
}

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
