package workflows

import (
	"slices"
	"strings"

	"nasdesk"
)

// letters gathers what is to be said to whom: one mail per recipient and
// message, however many requests it holds.
type letters struct{ to []letter }

type letter struct {
	to       nasdesk.Address
	apart    string // a letter of its own beside the answer: what it is, in its key; "" for the answer
	subject  string // of one that is apart
	key      string // "": that of the event
	abouts   []nasdesk.About
	requests []int
	sections [][]nasdesk.Block
}

func (l *letters) add(to nasdesk.Address, about nasdesk.About, req int, blocks []nasdesk.Block) {
	i := slices.IndexFunc(l.to, func(x letter) bool { return x.to == to && x.apart == "" })
	if i < 0 {
		l.to = append(l.to, letter{to: to})
		i = len(l.to) - 1
	}
	x := &l.to[i]
	x.abouts = append(x.abouts, about)
	x.requests = append(x.requests, req)
	x.sections = append(x.sections, blocks)
}

// beside adds to a letter that stands by itself, whatever else its recipient gets:
// a notice about what others asked for, or about dates. It may be about no request
// (-1).
func (l *letters) beside(to nasdesk.Address, apart, subject string, req int, blocks []nasdesk.Block) {
	i := slices.IndexFunc(l.to, func(x letter) bool { return x.to == to && x.apart == apart })
	if i < 0 {
		l.to = append(l.to, letter{to: to, apart: apart, subject: subject})
		i = len(l.to) - 1
	}
	x := &l.to[i]
	x.abouts = append(x.abouts, nasdesk.Notice)
	x.sections = append(x.sections, blocks)
	if req >= 0 && !slices.Contains(x.requests, req) {
		x.requests = append(x.requests, req)
	}
}

// about says what a verdict means to those whom it concerns: the asker, and the
// parties that it names.
func (l *letters) about(s *stepping, i int, v nasdesk.Verdict) {
	r := &s.reqs[i]
	to := r.Party
	if r.Party == s.asker.address {
		to = s.asker.answerTo
	}
	about := aboutOf(v.Outcome)
	if s.event.Due != nil && v.Outcome == nasdesk.Accepted {
		about = nasdesk.Notice // what was confirmed before is now done
	}
	l.add(to, about, i, section(s, r, v))
	switch v.Outcome {
	case nasdesk.Awaiting:
		l.seek(s, i, v)
	case nasdesk.Accepted:
		for _, m := range v.Tell {
			l.add(m, nasdesk.Confirmation, i, section(s, r, v))
		}
		for _, a := range v.Tests {
			l.add(a, nasdesk.TestMessage, i, testMessage(r))
		}
	}
}

func aboutOf(o nasdesk.Outcome) nasdesk.About {
	switch o {
	case nasdesk.Accepted, nasdesk.Awaiting:
		return nasdesk.Confirmation
	case nasdesk.Confirm, nasdesk.NeedsInfo:
		return nasdesk.Question
	case nasdesk.Refused:
		return nasdesk.Refusal
	}
	return nasdesk.Acknowledgement
}

// seek writes to the other party.
func (l *letters) seek(s *stepping, i int, v nasdesk.Verdict, more ...nasdesk.Block) {
	r := &s.reqs[i]
	if r.Seeks == nasdesk.MailboxConsent {
		l.add(v.Seek, nasdesk.ConsentRequest, i, append(consentRequest(s, r), more...))
		return
	}
	l.add(v.Seek, nasdesk.ApprovalRequest, i, append(approvalRequest(s, r), more...))
}

// welcome is the second mail: the account is active, and what its user does
// next.
func (l *letters) welcome(s *stepping, i int, a *nasdesk.Account) {
	r := &s.reqs[i]
	l.add(r.Party, nasdesk.Notice, i, welcome(s, r, a))
}

// pending tells of an account that is being made, and its address, once: whether it
// was told is seen by the thread.
func (l *letters) pending(s *stepping, i int, a nasdesk.Action, address nasdesk.Address) {
	r := &s.reqs[i]
	key := a.Key + "/pending"
	if slices.Contains(r.Thread, nasdesk.MailID(key, s.desk.MailDomain)) {
		return
	}
	l.add(r.Party, nasdesk.Notice, i, beingMade(r, a, address))
	l.to[len(l.to)-1].key = key
}

// mails turns the letters into rows. The thread of each request learns the ids
// of our mails, so that an answer to any of them is known.
func (l *letters) mails(s *stepping) []nasdesk.Mail {
	slices.SortStableFunc(l.to, func(a, b letter) int { return strings.Compare(a.apart, b.apart) }) // answers first
	var out []nasdesk.Mail
	for _, x := range l.to {
		m := nasdesk.Mail{Key: x.keyOf(s), To: x.to, About: x.about(), Requests: x.requests, At: s.event.At}
		id := nasdesk.MailID(m.Key, s.desk.MailDomain)
		for _, i := range x.requests {
			r := &s.reqs[i]
			if !slices.Contains(r.Thread, id) {
				r.Thread = append(slices.Clip(r.Thread), id)
			}
		}
		if x.apart == "" {
			s.address(&m, &x)
		} else {
			m.Subject = x.subject
		}
		m.Text, m.HTML = render(s, &x)
		out = append(out, m)
	}
	return out
}

func (x *letter) keyOf(s *stepping) string {
	key := s.event.Key + "/" + string(x.to)
	switch {
	case x.key != "":
		return x.key
	case x.apart != "":
		return key + "/" + x.apart
	}
	return key
}

func (x *letter) about() nasdesk.About {
	for _, a := range x.abouts {
		if a != x.abouts[0] {
			return nasdesk.Mixed
		}
	}
	return x.abouts[0]
}

// address threads the mail onto what it answers and writes its subject, with
// the reference in square brackets.
func (s *stepping) address(m *nasdesk.Mail, x *letter) {
	first := &s.reqs[x.requests[0]]
	subject := first.Subject
	if ev := s.event.Mail; ev != nil && s.asker.answerTo == x.to {
		m.InReplyTo, subject = ev.Message.ID, ev.Message.Subject
		m.References = append(slices.Clone(ev.Message.References), ev.Message.ID)
	} else if x.to == first.Party && first.Message != "" {
		m.InReplyTo, m.References = first.Message, []string{first.Message}
	}
	m.References = slices.DeleteFunc(m.References, func(id string) bool { return id == "" })
	m.Subject = subjectOf(m.About, subject, first)
	if w := s.event.Work; w != nil {
		m.Subject = newsOf[w.State] + " [" + first.Reference + "]"
	}
}

// newsOf is the subject of a letter about how work goes on.
var newsOf = map[nasdesk.WorkState]string{
	nasdesk.WorkPending: "The account is being made",
	nasdesk.WorkDone:    "The account is active",
	nasdesk.WorkFailed:  "Your request takes longer",
}

func subjectOf(about nasdesk.About, theirs string, r *nasdesk.Request) string {
	ref := " [" + r.Reference + "]"
	switch about {
	case nasdesk.ApprovalRequest:
		return "Approval needed: more than ten accounts, " + string(r.Mailbox) + ref
	case nasdesk.ConsentRequest:
		return "Consent needed: consolidation " + r.Answer("closing_ods") + " / " + r.Answer("continuing_ods") + ref
	case nasdesk.TestMessage:
		return "Test message: please reply" + ref
	}
	theirs = bare(theirs)
	if theirs == "" {
		theirs = "Your request"
	}
	return "RE: " + theirs + ref
}

// bare takes the prefixes of answers and our own references off a subject.
func bare(subject string) string {
	s := strings.TrimSpace(subject)
	for {
		low := strings.ToLower(s)
		cut := ""
		for _, p := range []string{"re:", "fw:", "fwd:", "aw:"} {
			if strings.HasPrefix(low, p) {
				cut = p
			}
		}
		if cut == "" {
			break
		}
		s = strings.TrimSpace(s[len(cut):])
	}
	for {
		i := strings.Index(s, "[NAS-")
		j := strings.IndexByte(s[max(i, 0):], ']')
		if i < 0 || j < 0 {
			break
		}
		s = strings.TrimSpace(s[:i] + s[i+j+1:])
	}
	if len(s) > 120 {
		s = strings.ToValidUTF8(s[:120], "")
	}
	return s
}
