package workflows

import (
	"slices"
	"strconv"
	"strings"

	"nasdesk"
)

// consider takes a request through the order of judging: who may ask, the
// fields, a repeat, the reading back, and last the register (contract, rule 0).
func (s *stepping) consider(k *nasdesk.Kind, r *nasdesk.Request) {
	switch {
	case !s.asker.mayAsk(k, r, s.c):
		s.settle(r, refuse(nasdesk.SenderNotAuthorised, ruleFromMailbox), true)
		return
	case s.closed(k, r):
		s.settle(r, refuse(nasdesk.MailboxClosed, ruleClosed), true)
		return
	}
	s.judge(k, r)
}

// closed: a closed mailbox gets nothing but status, lost-details and report.
func (s *stepping) closed(k *nasdesk.Kind, r *nasdesk.Request) bool {
	if k.Name == "status" || k.Name == "lost-details" || k.Name == "report" {
		return false
	}
	m := s.c.Mailbox(r.Mailbox)
	return m != nil && m.Status == nasdesk.Closed
}

// judge judges a request on its fields and on the register, new or answered.
func (s *stepping) judge(k *nasdesk.Kind, r *nasdesk.Request) {
	form, rules, bad := s.filled(k, r)
	if k == status && len(bad) > 0 {
		if named := s.inThisThread(r); named != nil {
			s.asStatus(r, named)
			return
		}
	}
	first := r.ID == 0
	switch {
	case k == siteChange && raisesFormat(r, s.c.Mailbox(r.Mailbox)) && waived(r, nasdesk.MailboxAddressFormat):
		s.rule(k, r, putRight)
	case k == siteChange && raisesFormat(r, s.c.Mailbox(r.Mailbox)):
		s.settle(r, refer(nasdesk.MailboxAddressFormat, ruleFormat, "urgent: the mailbox's address does not have the form pharmacy.ODSCODE@nhs.net"), true)
	case len(bad) > 0 && !k.Staff:
		s.settle(r, ask(k, form, r, bad), true)
	case first && k != status && s.repeat(r) != nil:
		s.asStatus(r, s.repeat(r))
	case k.ReadBack && r.Prose:
		s.settle(r, nasdesk.Verdict{Outcome: nasdesk.Confirm}, true)
	default:
		s.rule(k, r, rules)
	}
}

// filled is the kind's form with the request's answers, as its asker must fill it in;
// the judgement on it; and all that is wrong with it.
func (s *stepping) filled(k *nasdesk.Kind, r *nasdesk.Request) (*nasdesk.Form, nasdesk.Judge, []nasdesk.Reason) {
	form, rules := k.FormOf()
	s.asker.spare(k, form, r, s.c)
	bad := form.Fill(r.Answers)
	if k.Valid != nil {
		bad = append(bad, k.Valid(r, s.c)...)
	}
	return form, rules, bad
}

// rule asks the kind's rules and moves the case on by what they grant.
func (s *stepping) rule(k *nasdesk.Kind, r *nasdesk.Request, rules nasdesk.Judge) {
	v := rules(s.today, r, s.c)
	s.need, _ = s.need.Merge(v.Need)
	if v.Kind != "" {
		r.Kind = v.Kind
	}
	s.settle(r, v, true)
}

// inThisThread finds the request that a question of status without a reference
// means: one of its thread.
func (s *stepping) inThisThread(r *nasdesk.Request) *nasdesk.Request {
	if s.event.Mail == nil {
		return nil
	}
	for _, q := range s.c.ThreadOf(s.event.Mail.Message) {
		if q.Party == r.Party || q.Mailbox == r.Party {
			return q
		}
	}
	return nil
}

// ask is the verdict on a form with holes.
func ask(k *nasdesk.Kind, form *nasdesk.Form, r *nasdesk.Request, bad []nasdesk.Reason) nasdesk.Verdict {
	v := nasdesk.Verdict{Outcome: nasdesk.NeedsInfo, Reasons: orderFields(form, bad), Rule: k.Asks}
	for _, why := range v.Reasons {
		v.Say = append(v.Say, para(trouble(form, r, why)))
	}
	v.Say = append(v.Say, para(sayReply), nasdesk.Block{Form: blankLines(form, bad)})
	return v
}

// blankLines are the lines of the form with which something is wrong.
func blankLines(form *nasdesk.Form, bad []nasdesk.Reason) []nasdesk.Field {
	blank := make([]nasdesk.Field, 0, len(bad))
	for _, f := range form.Fields {
		if slices.ContainsFunc(bad, func(b nasdesk.Reason) bool { return strings.HasSuffix(string(b), ":"+f.Name) }) {
			blank = append(blank, f)
		}
	}
	return blank
}

// orderFields sorts what is wrong by the order of the form.
func orderFields(form *nasdesk.Form, bad []nasdesk.Reason) []nasdesk.Reason {
	var out []nasdesk.Reason
	for _, f := range form.Fields {
		for _, b := range bad {
			if strings.HasSuffix(string(b), ":"+f.Name) && !slices.Contains(out, b) {
				out = append(out, b)
			}
		}
	}
	return out
}

// trouble says in words what is wrong with a field.
func trouble(form *nasdesk.Form, r *nasdesk.Request, why nasdesk.Reason) string {
	what, name, _ := strings.Cut(string(why), ":")
	f := form.Field(name)
	label := strings.ToLower(f.Label[:1]) + f.Label[1:]
	if strings.HasPrefix(f.Label, "NHS") {
		label = f.Label
	}
	switch what {
	case "missing":
		return "The " + label + " is missing."
	case "ambiguous":
		return "We found more than one " + label + " and do not want to guess."
	}
	s := "The " + label + " cannot be used"
	if f.Hint != "" {
		s += ": it has to be " + f.Hint
	}
	return s + "."
}

// settle writes down what became of a request: its state, the result, the work,
// the dates, the journal and the paragraph of the reply.
func (s *stepping) settle(r *nasdesk.Request, v nasdesk.Verdict, answer bool) {
	if s.event.Staff != nil {
		v = s.lastWord(r, v)
		answer = answer && v.Outcome != nasdesk.Exception && !asked(r, v)
	}
	if s.tooMany(r, v) {
		v = refer(nasdesk.StaffOnly, ruleDaily, "more requests from this party today than are carried out without staff")
	}
	r.Outcome, r.Reasons, r.DecidedAt = v.Outcome, orderReasons(v.Reasons), s.event.At
	r.Seeks, r.From, r.Rule, r.Snoozed = "", "", v.Rule.ID, ""
	if r.Effective <= s.today {
		r.Effective = "" // the day passed while another party was asked: at once (contract, rule 18)
	}
	s.state(r, v)
	if s.asker.result.Mailbox == "" && r.Party == s.asker.address {
		s.asker.result.Mailbox = r.Mailbox
	}
	i := s.keep(r)
	if v.Outcome == nasdesk.Accepted {
		s.carryOut(i, v)
	}
	switch {
	case r.State.Open() && r.From == r.Party:
		s.remindLater(i)
	case r.State == nasdesk.StateSeeking:
		s.awaited(i)
	}
	res := s.result(&s.reqs[i], v)
	s.items = append(s.items, item{res, i})
	s.note("request-"+string(v.Outcome), i, string(r.Party), r.Kind+" "+v.Rule.ID+" "+joined(r.Reasons))
	if answer {
		s.letters.about(s, i, v)
	}
}

// state moves a request on. It is the one place where states follow verdicts.
func (s *stepping) state(r *nasdesk.Request, v nasdesk.Verdict) {
	switch v.Outcome {
	case nasdesk.NeedsInfo:
		r.State, r.From, r.AsksAt = nasdesk.StateAsking, r.Party, s.event.At
	case nasdesk.Confirm:
		r.State, r.From, r.AsksAt = nasdesk.StateConfirming, r.Party, s.event.At
	case nasdesk.Awaiting:
		r.State, r.From, r.Seeks = nasdesk.StateSeeking, v.Seek, v.Reasons[0]
	case nasdesk.Exception:
		r.State = nasdesk.StateReferred
	case nasdesk.Refused:
		r.State = nasdesk.StateRefused
		if slices.Contains(v.Reasons, nasdesk.Declined) {
			r.State = nasdesk.StateWithdrawn
		}
	case nasdesk.Accepted:
		r.State = nasdesk.StateDone
		if len(v.Actions) > 0 {
			r.State = nasdesk.StateDoing
		}
		if r.Effective != "" {
			r.State = nasdesk.StateDated
		}
	}
}

// keep puts a request among those to be written, once.
func (s *stepping) keep(r *nasdesk.Request) int {
	for i := range s.reqs {
		if s.reqs[i].Reference == r.Reference && s.reqs[i].Party == r.Party && s.reqs[i].ID == r.ID {
			s.reqs[i] = *r
			return i
		}
	}
	s.reqs = append(s.reqs, *r)
	if r.ID == 0 {
		s.c.Requests = append(s.c.Requests, *r)
	} else if old := s.c.Request(r.ID); old != nil {
		*old = *r
	}
	return len(s.reqs) - 1
}

// remindLater sets the day on which an unanswered question is asked again.
func (s *stepping) remindLater(i int) {
	r := &s.reqs[i]
	r.Reminded = false
	s.dates = append(s.dates, nasdesk.Due{Key: r.Reference + "/" + string(r.Party) + "/" + s.event.Key + "/remind", Request: i,
		What: nasdesk.DueRemind, At: s.event.At + nasdesk.Timestamp(s.desk.Remind.Microseconds())})
}

// carryOut plans the account work and moves the case on by it, so that the next
// request of the message meets its result. Work for a day to come changes
// nothing yet.
func (s *stepping) carryOut(i int, v nasdesk.Verdict) {
	r := &s.reqs[i]
	r.Actions = slices.Clone(v.Actions)
	for n := range r.Actions {
		a := &r.Actions[n]
		a.Key = r.Reference + "/" + string(r.Party) + "/" + s.event.Key + "/" + strconv.Itoa(n+1) + "/" + string(a.Name)
		a.On = r.Effective
		if a.On == "" {
			s.works = append(s.works, nasdesk.Work{Request: i, Action: *a})
		}
	}
	if r.Effective != "" {
		s.dates = append(s.dates, nasdesk.Due{Key: r.Reference + "/" + string(r.Party) + "/" + s.event.Key + "/effective", Request: i, What: nasdesk.DueEffective,
			At: nasdesk.Timestamp(r.Effective.Time().UnixMicro())})
		return
	}
	before := s.c
	s.c = s.c.With(s.today, s.desk.Created, r.Actions...)
	s.notices(i, before, v)
}

func (s *stepping) result(r *nasdesk.Request, v nasdesk.Verdict) nasdesk.ResultRequest {
	out := nasdesk.ResultRequest{Kind: r.Kind, Fields: fieldsOf(r), Outcome: r.Outcome, Reasons: r.Reasons,
		Actions: namesOf(v.Actions), Reference: r.Reference, Rule: v.Rule.ID}
	if out.Reasons == nil {
		out.Reasons = []nasdesk.Reason{}
	}
	return out
}

// fieldsOf prints the request as it now stands: what was read, an ambiguous
// field left out.
func fieldsOf(r *nasdesk.Request) map[string]any {
	out := map[string]any{}
	lists := listFields(r.Asked)
	for _, a := range r.Answers {
		switch {
		case a.Ambiguous:
		case slices.Contains(lists, a.Field):
			out[a.Field] = strings.Fields(a.Value)
		default:
			out[a.Field] = a.Value
		}
	}
	if r.Effective != "" {
		out["effective_date"] = string(r.Effective)
	}
	return out
}

func listFields(kind string) []string {
	k := KindNamed(kind)
	if k == nil {
		return nil
	}
	var out []string
	form, _ := k.FormOf()
	for _, f := range form.Fields {
		if f.Value.Type() == nasdesk.AddressesType {
			out = append(out, f.Name)
		}
	}
	return out
}

// namesOf is the set of actions in the order of the closed list.
func namesOf(actions []nasdesk.Action) []nasdesk.ActionName {
	out := []nasdesk.ActionName{}
	for _, name := range nasdesk.ActionNames {
		if slices.ContainsFunc(actions, func(a nasdesk.Action) bool { return a.Name == name }) {
			out = append(out, name)
		}
	}
	return out
}

// orderReasons puts reasons in the order of the closed list; those of fields,
// which come first, keep the order of the form.
func orderReasons(rs []nasdesk.Reason) []nasdesk.Reason {
	out := []nasdesk.Reason{}
	for _, r := range rs {
		if strings.Contains(string(r), ":") {
			out = append(out, r)
		}
	}
	for _, r := range nasdesk.Reasons {
		if slices.Contains(rs, r) {
			out = append(out, r)
		}
	}
	return out
}

func joined(rs []nasdesk.Reason) string {
	ss := make([]string, len(rs))
	for i, r := range rs {
		ss[i] = string(r)
	}
	return strings.Join(ss, " ")
}
