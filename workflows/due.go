package workflows

import "nasdesk"

// due is a date that has come.
func (s *stepping) due(d *nasdesk.DueEvent) {
	if d.What == nasdesk.DueWarn {
		s.warn(d.Mailbox)
		return
	}
	r := s.c.Request(d.Request)
	if r == nil {
		return
	}
	q := *r
	s.asker = partyOf(&q, s.c)
	switch {
	case d.What == nasdesk.DueRemind && q.State.Open() && q.From == q.Party && !q.Reminded:
		s.remind(&q)
	case d.What == nasdesk.DueLapse && q.State.Open() && q.From == q.Party:
		s.lapse(&q)
	case d.What == nasdesk.DueEffective && q.State == nasdesk.StateDated && q.Effective <= s.today:
		s.effective(&q)
	}
}

// remind asks once more, in the words of the first question.
func (s *stepping) remind(r *nasdesk.Request) {
	r.Reminded = true
	i := s.keep(r)
	s.dates = append(s.dates, nasdesk.Due{Key: r.Reference + "/" + string(r.Party) + "/" + s.event.Key + "/lapse", Request: i, What: nasdesk.DueLapse,
		At: s.event.At + nasdesk.Timestamp(s.desk.Lapse.Microseconds())})
	v := nasdesk.Verdict{Outcome: r.Outcome, Reasons: r.Reasons}
	if k := KindNamed(r.Asked); k != nil && r.State == nasdesk.StateAsking {
		form, _ := k.FormOf()
		v = ask(k, form, r, r.Reasons)
	}
	if r.State == nasdesk.StateAsking && r.Rule == ruleQuestion.ID {
		v = askedBefore(r)
	}
	v.Notes = append(v.Notes, para("We asked you this before and have not heard from you. If we hear nothing by "+nasdesk.DateOf(s.event.At.Time().Add(s.desk.Lapse)).Long()+", we will close the request."))
	s.note("request-reminded", i, string(r.Party), r.Kind)
	s.letters.about(s, i, v)
}

// lapse closes a question that was never answered, and says so.
func (s *stepping) lapse(r *nasdesk.Request) {
	r.State, r.From = nasdesk.StateLapsed, ""
	i := s.keep(r)
	s.note("request-lapsed", i, string(r.Party), r.Kind)
	s.letters.about(s, i, nasdesk.Verdict{Outcome: nasdesk.Refused, Rule: ruleLapsed,
		Say: []nasdesk.Block{para("You can ask again at any time: write to us from your shared mailbox.")}})
}

var ruleLapsed = ours("conversation/lapsed", "We close a request when our question about it has not been answered.")

// effective judges a dated request again on its day: the register may have
// moved on since it was accepted. What no longer holds goes to staff.
func (s *stepping) effective(r *nasdesk.Request) {
	r.Effective = ""
	k := KindNamed(r.Kind)
	form, rules := k.FormOf()
	form.Fill(r.Answers)
	v := rules(s.today, r, s.c)
	s.need, _ = s.need.Merge(v.Need)
	if v.Outcome != nasdesk.Accepted {
		v = refer(nasdesk.Conflict, ruleConflict, "accepted for today, but the rules no longer allow it: "+joined(v.Reasons))
	}
	v.Tests = nil
	s.settle(r, v, true)
}
