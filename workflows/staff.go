package workflows

import (
	"maps"
	"slices"
	"strings"

	"nasdesk"
)

// What staff do in the console is an event like any other: the rules decide as
// far as they can, and staff decide the rest. Nothing is done to a request that
// has moved on since they looked at it.

// Acts are the acts of staff that make sense of a request as it stands, in the
// order in which they are offered. Each may still be hindered by what is typed.
func Acts(r *nasdesk.Request, c *nasdesk.Case) []nasdesk.StaffAct {
	var out []nasdesk.StaffAct
	if sentBack(r) {
		out = []nasdesk.StaffAct{nasdesk.ActApprove, nasdesk.ActReply, nasdesk.ActSnooze}
	} else {
		out = actsOnAnswers(r)
	}
	if len(Mergeable(r, c)) == 0 {
		out = slices.DeleteFunc(out, func(act nasdesk.StaffAct) bool { return act == nasdesk.ActMerge })
	}
	if r.Bounced != 0 {
		out = append(out, nasdesk.ActTakeBounce)
	}
	return append(out, nasdesk.ActAssign, nasdesk.ActNote)
}

// actsOnAnswers are the acts on what a request says.
func actsOnAnswers(r *nasdesk.Request) []nasdesk.StaffAct {
	var out []nasdesk.StaffAct
	in := func(act nasdesk.StaffAct, states ...nasdesk.State) {
		if slices.Contains(states, r.State) {
			out = append(out, act)
		}
	}
	in(nasdesk.ActCorrect, nasdesk.StateReferred, nasdesk.StateAsking, nasdesk.StateConfirming, nasdesk.StateSeeking, nasdesk.StateDated)
	in(nasdesk.ActApprove, nasdesk.StateReferred)
	in(nasdesk.ActRefuse, nasdesk.StateReferred, nasdesk.StateAsking, nasdesk.StateConfirming, nasdesk.StateSeeking)
	in(nasdesk.ActAsk, nasdesk.StateReferred, nasdesk.StateAsking, nasdesk.StateConfirming)
	out = append(out, nasdesk.ActReply)
	in(nasdesk.ActMerge, nasdesk.StateReferred, nasdesk.StateAsking, nasdesk.StateConfirming)
	in(nasdesk.ActNoRequest, nasdesk.StateReferred, nasdesk.StateAsking, nasdesk.StateConfirming)
	in(nasdesk.ActSnooze, nasdesk.StateReferred)
	return out
}

// sentBack: the request was accepted, and the directory could not do its work.
// What was planned stands in the register, so it is not judged once more.
func sentBack(r *nasdesk.Request) bool {
	return r.State == nasdesk.StateReferred && r.Outcome == nasdesk.Accepted
}

// Mergeable are the requests of a case that another can be part of: those of the
// same party or mailbox.
func Mergeable(r *nasdesk.Request, c *nasdesk.Case) []*nasdesk.Request {
	var out []*nasdesk.Request
	for i := range c.Requests {
		q := &c.Requests[i]
		if q.ID != r.ID && (q.Party == r.Party || q.Mailbox != "" && q.Mailbox == r.Mailbox) {
			out = append(out, q)
		}
	}
	return out
}

func (s *stepping) staff(e *nasdesk.StaffEvent) {
	switch e.Act {
	case nasdesk.ActRegister:
		s.register(e)
		return
	case nasdesk.ActCondemn:
		s.note("staff-condemn", -1, "", words(by(e)))
		return
	}
	r := s.c.Request(e.Request)
	switch {
	case r == nil:
		s.hinder(nasdesk.NotInThisState)
	case r.Version != e.Seen:
		s.hinder(nasdesk.ChangedMeanwhile)
	case !slices.Contains(Acts(r, s.c), e.Act):
		s.hinder(nasdesk.NotInThisState)
	default:
		q := *r
		s.asker = partyOf(&q, s.c)
		s.act(&q, e)
	}
}

// act does one thing to a request that is as its member of staff saw it.
func (s *stepping) act(r *nasdesk.Request, e *nasdesk.StaffEvent) {
	s.note("staff-"+string(e.Act), s.keep(r), string(r.Party), words(r.Kind, joined(r.Reasons), by(e)))
	switch e.Act {
	case nasdesk.ActCorrect:
		s.correct(r, e)
	case nasdesk.ActApprove:
		s.staffApprove(r, e)
	case nasdesk.ActRefuse:
		s.staffRefuse(r, e)
	case nasdesk.ActAsk:
		s.question(r, e)
	case nasdesk.ActReply:
		s.write(r, e)
	default:
		s.quietly(r, e)
	}
	if !e.Act.Speaks() {
		s.remark(r, e)
	}
}

// words puts what there is of a line's parts together.
func words(parts ...string) string {
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}

// by says who did it, for the journal.
func by(e *nasdesk.StaffEvent) string {
	out := byStaff(e.By) + byStaff(e.Second)
	if e.Rule != "" {
		out += " rule " + e.Rule
	}
	return out
}

func byStaff(name string) string {
	if name == "" {
		return ""
	}
	return " by " + name
}

// remark keeps for colleagues why an act was done.
func (s *stepping) remark(r *nasdesk.Request, e *nasdesk.StaffEvent) {
	if text := strings.TrimSpace(e.Text); text != "" {
		s.notes = append(s.notes, nasdesk.Note{Request: s.indexOf(r), By: e.By, Text: text})
	}
}

// indexOf is the place of a request among those to be written.
func (s *stepping) indexOf(r *nasdesk.Request) int {
	return slices.IndexFunc(s.reqs, func(q nasdesk.Request) bool { return q.ID == r.ID })
}

// twoPeople reports whether a second person has agreed.
func twoPeople(e *nasdesk.StaffEvent) bool { return e.Second != "" && e.Second != e.By }

// waived reports whether staff have set an exception aside for a request. It
// stands where the grants of other parties do.
func waived(r *nasdesk.Request, why nasdesk.Reason) bool { return slices.Contains(r.Granted, why) }

func with(reasons []nasdesk.Reason, more ...nasdesk.Reason) []nasdesk.Reason {
	out := slices.Clone(reasons)
	for _, m := range more {
		if !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}

// correct sets fields and judges again, as it judges an answer.
func (s *stepping) correct(r *nasdesk.Request, e *nasdesk.StaffEvent) {
	if !s.setAll(r, e) {
		s.hinder(nasdesk.NotWellFormed)
		return
	}
	k := KindNamed(r.Asked)
	r.Kind = r.Asked
	if held(r) {
		s.settle(r, nasdesk.Verdict{Outcome: nasdesk.Exception, Reasons: r.Reasons, Rule: ruleStaff}, false)
		return
	}
	s.consider(k, r)
}

func (s *stepping) setAll(r *nasdesk.Request, e *nasdesk.StaffEvent) bool {
	if v, ok := e.Also["kind"]; ok && !s.set(r, "kind", v) {
		return false
	}
	if e.Field != "" && !s.set(r, e.Field, e.Value) {
		return false
	}
	for _, f := range slices.Sorted(maps.Keys(e.Also)) {
		if f != "kind" && !s.set(r, f, e.Also[f]) {
			return false
		}
	}
	return KindNamed(r.Asked) != nil && (e.Field != "" || len(e.Also) > 0)
}

// held: the message itself was referred, whatever its fields say. It stays so
// until staff approve it.
func held(r *nasdesk.Request) bool {
	return r.State == nasdesk.StateReferred && (slices.Contains(r.Reasons, nasdesk.ReplyToDiffers) ||
		r.Rule == ruleStaff.ID && (slices.Contains(r.Reasons, nasdesk.Unreadable) || slices.Contains(r.Reasons, nasdesk.Conflict)))
}

// set gives a field the value that staff typed; "" takes the answer away. It
// reports false if there is no such field, or the value cannot be used.
func (s *stepping) set(r *nasdesk.Request, field, value string) bool {
	value = strings.TrimSpace(value)
	switch field {
	case "kind":
		return s.setKind(r, value)
	case "effective_date":
		return s.setDay(r, nasdesk.Date(value))
	}
	k := KindNamed(r.Asked)
	if k == nil {
		return false
	}
	form, _ := k.FormOf()
	f := form.Field(field)
	if f == nil {
		return false
	}
	r.Answers = slices.DeleteFunc(slices.Clone(r.Answers), func(a nasdesk.Answer) bool { return a.Field == field })
	if value == "" {
		return true
	}
	if f.Value.Set(value) != nil {
		return false
	}
	r.Answers = append(r.Answers, nasdesk.Answer{Field: field, Value: f.Value.String(), Written: value, Labelled: true, Frozen: true})
	return k.Valid == nil || !slices.Contains(k.Valid(r, s.c), nasdesk.Invalid(field))
}

// setKind: staff understand what the rules did not. What was read stays where
// the new form has a field of that name.
func (s *stepping) setKind(r *nasdesk.Request, name string) bool {
	k := KindNamed(name)
	if k == nil || k == status {
		return false
	}
	form, _ := k.FormOf()
	r.Kind, r.Asked = k.Name, k.Name
	r.Answers = slices.DeleteFunc(slices.Clone(r.Answers), func(a nasdesk.Answer) bool { return form.Field(a.Field) == nil })
	if r.Mailbox == "" || s.asker.mailbox == nil {
		r.Mailbox = firstOf(s.asker.mailboxFor(k, &nasdesk.Reading{Answers: r.Answers}, s.c), r.Mailbox)
	}
	return true
}

func (s *stepping) setDay(r *nasdesk.Request, day nasdesk.Date) bool {
	if day != "" && !day.Valid() {
		return false
	}
	r.Effective = day // a day that is past is dropped when it is settled
	return true
}

// staffApprove grants what the rules left to staff. The rules judge again with
// the exception set aside, so that an approval does what the request asks, and
// no more. Where they have nothing to say, staff did it by hand.
func (s *stepping) staffApprove(r *nasdesk.Request, e *nasdesk.StaffEvent) {
	k := KindNamed(r.Asked)
	if s.ownerless(r) && !twoPeople(e) {
		s.hinder(nasdesk.SecondPerson)
		return
	}
	if k == nil || k.Staff || sentBack(r) || onlyByHand(r) {
		s.byHand(r, []nasdesk.Block{para(sayDone)})
		return
	}
	staffOnly := slices.Contains(r.Reasons, nasdesk.StaffOnly)
	r.Kind, r.Granted = r.Asked, with(r.Granted, r.Reasons...)
	v := s.trial(k, r)
	if seeks := soughtBy(v); staffOnly && seeks != "" {
		s.inPlaceOf(r, seeks)
		s.second(e)
		v = s.trial(k, r)
	}
	if slices.Contains(v.Reasons, nasdesk.LastOwner) {
		r.Granted = with(r.Granted, nasdesk.LastOwner)
		s.second(e)
	}
	if s.hinders == "" {
		s.consider(k, r)
		s.leavesOwner(e)
	}
}

// second hinders an act that needs another's agreement and has none.
func (s *stepping) second(e *nasdesk.StaffEvent) {
	if !twoPeople(e) {
		s.hinder(nasdesk.SecondPerson)
	}
}

// onlyByHand: there is nothing that the rules could do, or it is not known what
// was asked. A request to undo what was accepted must not do it once more.
func onlyByHand(r *nasdesk.Request) bool {
	return r.Asked == status.Name ||
		slices.Contains(r.Reasons, nasdesk.Conflict) && r.Rule != ruleStaff.ID && r.Rule != ruleConflict.ID
}

// byHand ends a request that staff dealt with elsewhere. Accounts that it had
// made are in use then.
func (s *stepping) byHand(r *nasdesk.Request, say []nasdesk.Block) {
	made := r.Actions
	v := grant()
	v.Say = say
	r.Effective = ""
	s.settle(r, v, true)
	if r.Asked == applicationAccount.Name {
		s.yearly(s.indexOf(r), nasdesk.Address(r.Answer("mailbox")), s.today)
	}
	for _, a := range made {
		if acc := s.c.Account(a.Account); a.Name == nasdesk.CreateAccount && acc != nil && acc.Status == nasdesk.Pending {
			acc.Status, acc.Since = nasdesk.Active, s.today
			s.letters.welcome(s, s.indexOf(r), acc)
		}
	}
}

// trial is what the rules say of a request, without anything being settled: the
// zero Verdict where they are not come to.
func (s *stepping) trial(k *nasdesk.Kind, r *nasdesk.Request) nasdesk.Verdict {
	_, rules, bad := s.filled(k, r)
	if len(bad) > 0 || !s.asker.mayAsk(k, r, s.c) || s.closed(k, r) {
		return nasdesk.Verdict{}
	}
	v := rules(s.today, r, s.c)
	s.need, _ = s.need.Merge(v.Need)
	return v
}

// soughtBy is whose agreement a verdict waits for, or would if it could be asked.
func soughtBy(v nasdesk.Verdict) nasdesk.Reason {
	switch {
	case v.Outcome == nasdesk.Awaiting:
		return v.Reasons[0]
	case v.Outcome == nasdesk.Exception && v.Rule.ID == ruleTen.ID:
		return nasdesk.RegionalApproval
	}
	return ""
}

// inPlaceOf settles for a party that cannot be asked what it would be asked.
// Contract, rules 5 and 15: without a regional team, staff decide.
func (s *stepping) inPlaceOf(r *nasdesk.Request, seeks nasdesk.Reason) {
	if seeks == nasdesk.RegionalApproval {
		s.c.Approvals = append(slices.Clip(s.c.Approvals), nasdesk.Approval{Mailbox: s.overfull(r), Max: s.approved(r),
			ApprovedBy: s.desk.Address, ApprovedOn: s.today})
	}
	r.Granted = with(r.Granted, seeks)
}

// lastWord is what becomes of the rules' verdict when staff have spoken.
func (s *stepping) lastWord(r *nasdesk.Request, v nasdesk.Verdict) nasdesk.Verdict {
	e := s.event.Staff
	if e.Act == nasdesk.ActApprove && v.Outcome == nasdesk.Exception && len(v.Reasons) > 0 && waived(r, v.Reasons[0]) {
		if v.Reasons[0] == nasdesk.DuplicatePerson {
			s.hinder(nasdesk.AgainstRegister) // one mobile, one person: contract, rule 4
		}
		v = nasdesk.Verdict{Outcome: nasdesk.Accepted, Say: []nasdesk.Block{para(sayDone)}}
	}
	if e.Act == nasdesk.ActApprove || e.Act == nasdesk.ActRefuse {
		v.Notes = append(slices.Clip(v.Notes), paragraphs(e.Text)...)
	}
	return v
}

// asked reports whether the region has the question of a verdict already: it
// names nobody, so it stands whatever is corrected.
func asked(r *nasdesk.Request, v nasdesk.Verdict) bool {
	return r.State == nasdesk.StateSeeking && v.Outcome == nasdesk.Awaiting && r.Seeks == nasdesk.RegionalApproval &&
		v.Reasons[0] == r.Seeks && v.Seek == r.From
}

// paragraphs are the paragraphs of what staff wrote.
func paragraphs(text string) []nasdesk.Block {
	var out []nasdesk.Block
	for p := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, para(p))
		}
	}
	return out
}

// staffRefuse refuses with a published rule.
func (s *stepping) staffRefuse(r *nasdesk.Request, e *nasdesk.StaffEvent) {
	rule, ok := RuleOf(e.Rule)
	if !ok {
		s.hinder(nasdesk.NotWellFormed)
		return
	}
	s.settle(r, refuse(reasonOf(rule), rule), true)
	r = &s.reqs[s.indexOf(r)]
	r.State = nasdesk.StateRefused // staff said no, not the asker
	s.keep(r)
}

// question asks the pharmacy in the words of staff. Its answer comes back like
// any other; one that the rules cannot read goes to staff.
func (s *stepping) question(r *nasdesk.Request, e *nasdesk.StaffEvent) {
	k := KindNamed(r.Asked)
	bad, ok := s.wanting(k, r, strings.Fields(e.Field))
	if !ok || strings.TrimSpace(e.Text) == "" {
		s.hinder(nasdesk.NotWellFormed)
		return
	}
	if held(r) {
		r.Prose = true // what stood in such a message is read back before anything is done
	}
	s.settle(r, questionOf(k, bad, paragraphs(e.Text)), true)
}

// questionOf is the verdict that puts a question of staff, with the lines of the
// form that it is about.
func questionOf(k *nasdesk.Kind, bad []nasdesk.Reason, say []nasdesk.Block) nasdesk.Verdict {
	v := nasdesk.Verdict{Outcome: nasdesk.NeedsInfo, Rule: ruleQuestion, Say: say}
	if k == nil || len(bad) == 0 {
		return v
	}
	form, _ := k.FormOf()
	v.Reasons = orderFields(form, bad)
	v.Say = append(slices.Clip(v.Say), para(sayReply), nasdesk.Block{Form: blankLines(form, bad)})
	return v
}

// wanting are the fields that a question is about: those that staff name, else
// what is missing or wrong, else those on which the exception hangs.
func (s *stepping) wanting(k *nasdesk.Kind, r *nasdesk.Request, fields []string) ([]nasdesk.Reason, bool) {
	if k == nil {
		return nil, len(fields) == 0
	}
	form, _, bad := s.filled(k, r)
	if len(fields) == 0 {
		if len(bad) > 0 {
			return bad, true
		}
		fields = slices.DeleteFunc(doubtful(r), func(f string) bool { return form.Field(f) == nil })
	}
	bad = nil
	for _, f := range fields {
		if form.Field(f) == nil {
			return nil, false
		}
		if nasdesk.AnswerTo(r.Answers, f) == nil {
			bad = append(bad, nasdesk.Missing(f))
		} else {
			bad = append(bad, nasdesk.Invalid(f))
		}
	}
	return bad, true
}

// doubtful are the fields on which an exception hangs.
func doubtful(r *nasdesk.Request) []string {
	switch {
	case slices.Contains(r.Reasons, nasdesk.IdentityMismatch), slices.Contains(r.Reasons, nasdesk.Conflict):
		return []string{"nhs_email", "mobile"}
	case slices.Contains(r.Reasons, nasdesk.AccountNotFound):
		return []string{"nhs_email", "owner_email"}
	case slices.Contains(r.Reasons, nasdesk.DuplicatePerson):
		return []string{"mobile", "alternative_email"}
	}
	return nil
}

// write sends the words of staff. With Close the request is at its end.
func (s *stepping) write(r *nasdesk.Request, e *nasdesk.StaffEvent) {
	say := paragraphs(e.Text)
	switch {
	case say == nil:
		s.hinder(nasdesk.NotWellFormed)
	case e.Close && r.State != nasdesk.StateReferred:
		s.hinder(nasdesk.NotInThisState)
	case e.Close && s.ownerless(r) && !twoPeople(e):
		s.hinder(nasdesk.SecondPerson)
	case e.Close:
		s.byHand(r, say)
	default:
		i := s.keep(r)
		s.letters.add(s.asker.answerTo, nasdesk.Acknowledgement, i, append([]nasdesk.Block{{Head: headOf(r)}}, say...))
	}
}

// quietly does what sends no mail.
func (s *stepping) quietly(r *nasdesk.Request, e *nasdesk.StaffEvent) {
	switch e.Act {
	case nasdesk.ActMerge:
		s.merge(r, e.Other)
	case nasdesk.ActNoRequest:
		s.putAside(r)
	case nasdesk.ActAssign:
		r.Assignee = e.To
	case nasdesk.ActNote:
		if strings.TrimSpace(e.Text) == "" {
			s.hinder(nasdesk.NotWellFormed)
		}
	case nasdesk.ActSnooze:
		if e.Until != "" && (!e.Until.Valid() || e.Until <= s.today) {
			s.hinder(nasdesk.NotWellFormed)
		}
		r.Snoozed = e.Until
	case nasdesk.ActTakeBounce:
		r.Bounced = 0
	}
	s.keep(r)
}

// merge lets a request go on as part of another of the same asker, whose thread
// it joins.
func (s *stepping) merge(r *nasdesk.Request, other int64) {
	i := slices.IndexFunc(Mergeable(r, s.c), func(q *nasdesk.Request) bool { return q.ID == other })
	if i < 0 {
		s.hinder(nasdesk.NotWellFormed)
		return
	}
	q := *Mergeable(r, s.c)[i]
	q.Thread = slices.Clone(q.Thread)
	for _, id := range r.Thread {
		if !slices.Contains(q.Thread, id) {
			q.Thread = append(q.Thread, id)
		}
	}
	s.note("request-joined", s.keep(&q), string(q.Party), r.Reference)
	s.putAside(r)
}

// putAside ends a request without a word to anybody.
func (s *stepping) putAside(r *nasdesk.Request) {
	r.State, r.Outcome, r.Reasons, r.DecidedAt = nasdesk.StateWithdrawn, nasdesk.Refused, []nasdesk.Reason{nasdesk.Declined}, s.event.At
	r.From, r.Seeks, r.Snoozed, r.Rule = "", "", "", ""
	i := s.keep(r)
	s.items = append(s.items, item{s.result(r, nasdesk.Verdict{}), i})
}

// ownerless reports whether a mailbox that a request is about has no owner: what
// staff grant there, nobody at the pharmacy answers for.
func (s *stepping) ownerless(r *nasdesk.Request) bool {
	for _, m := range []*nasdesk.Mailbox{s.c.Mailbox(r.Mailbox), s.c.Mailbox(nasdesk.Address(r.Answer("mailbox"))), s.c.MailboxByODS(nasdesk.ODSCode(r.Answer("ods_code")))} {
		if m == nil || m.Status == nasdesk.Closed {
			continue
		}
		if owners, _ := s.c.Owners(m.Address, ""); owners == 0 {
			return true
		}
	}
	return false
}

// leavesOwner hinders an act after which a mailbox that had an owner has none,
// unless two people agree. Work for a day to come counts as if it were done.
func (s *stepping) leavesOwner(e *nasdesk.StaffEvent) {
	after := s.c
	for i := range s.reqs {
		for _, a := range s.reqs[i].Actions {
			if a.On != "" {
				a.On = ""
				after = after.With(s.today, s.desk.Created, a)
			}
		}
	}
	for _, m := range s.before.Mailboxes {
		now := after.Mailbox(m.Address)
		had, _ := s.before.Owners(m.Address, "")
		if now == nil || now.Status == nasdesk.Closed || had == 0 {
			continue
		}
		if has, _ := after.Owners(now.Address, ""); has == 0 {
			s.second(e)
		}
	}
}

// backToStaff is the verdict on an answer to a question of staff that the rules
// cannot read: the exception stands as it did. What the rules would grant is not
// granted on words that nobody has understood.
func (s *stepping) backToStaff(r *nasdesk.Request) nasdesk.Verdict {
	k := KindNamed(r.Asked)
	if k == nil {
		return refer(nasdesk.NotUnderstood, ruleUnknown, "the answer to our staff's question")
	}
	if v := s.trial(k, r); v.Outcome == nasdesk.Exception {
		return v
	}
	return refer(nasdesk.NotUnderstood, ruleQuestion, "the answer to our staff's question")
}

// clarified: the pharmacy answers what staff asked about a message that was not
// understood. What is understood now takes its place.
func (s *stepping) clarified(waiting []nasdesk.Request, m *nasdesk.MailEvent) {
	h, r := m.Heard, &waiting[0]
	all := len(h.Readings)
	h.Readings = slices.DeleteFunc(slices.Clone(h.Readings), func(rd nasdesk.Reading) bool { return rd.Kind == status.Name })
	switch {
	case len(h.Readings) == 0 && (h.AsksStatus || all > 0):
		s.tellStatus(waiting)
	case takesBack(h) && len(h.Readings) == 0:
		s.decline(waiting, h)
	case len(h.Readings) == 0:
		s.askAgain(r)
	default:
		rd := &h.Readings[0]
		k := KindNamed(rd.Kind)
		q := s.requestOf(k, rd)
		s.made--
		r.Kind, r.Asked, r.Answers, r.Prose, r.Effective, r.Mailbox = q.Kind, q.Asked, q.Answers, q.Prose, q.Effective, q.Mailbox
		s.consider(k, s.inThread(r))
		h.Readings = h.Readings[1:]
		s.fresh(h)
	}
}
