package workflows

import (
	"strings"

	"nasdesk"
)

// mail decides on a message, in the order of the contract's rule 0: automatic
// mail, the sender, duplicates, what cannot be read, Reply-To, and then what
// the message asks.
func (s *stepping) mail(m *nasdesk.MailEvent) {
	s.asker = askerOf(m.Proof, s.c)
	if len(m.Proof.Released) > 0 {
		s.note("message-released", -1, string(m.Proof.From), "by "+strings.Join(m.Proof.Released, " and "))
	}
	switch {
	case m.Message.Automatic != "":
		s.bounced(m.Message)
		s.file(nasdesk.KindNone, nasdesk.Ignored, nasdesk.FolderIgnored, m.Message.Automatic)
	case !m.Proof.Sender.Proved():
		s.quarantine(m.Proof.Reason)
	case m.Proof.OnBehalf != "" && len(m.Proof.Released) == 0 && !onBehalf(m.Proof.OnBehalf, s.asker.address, s.c):
		s.quarantine(nasdesk.SenderAmbiguous)
	case s.duplicate(m.Message):
		s.file(nasdesk.KindNone, nasdesk.Ignored, nasdesk.FolderIgnored, nasdesk.DuplicateMessage)
	case s.takenID(m.Message):
		s.toStaff(m, nasdesk.Conflict)
	case m.Message.Found(nasdesk.FoundNoText) || m.Message.Found(nasdesk.FoundOverLimit):
		s.unknown(nasdesk.Unreadable)
	case m.Proof.ReplyTo != "":
		s.toStaff(m, nasdesk.ReplyToDiffers)
	case m.Message.Found(nasdesk.FoundDamaged):
		s.toStaff(m, nasdesk.Unreadable)
	case m.Heard.Foreign || m.Message.Found(nasdesk.FoundDiffer):
		s.toStaff(m, nasdesk.Conflict)
	default:
		s.converse(m)
	}
	if len(s.items) == 0 {
		s.unknown(nasdesk.NotUnderstood) // whatever was heard, a message has an outcome
	}
}

// file puts a message away that asks for nothing: no reply, no request.
func (s *stepping) file(kind string, o nasdesk.Outcome, f nasdesk.Folder, why nasdesk.Reason) {
	s.items = append(s.items, item{req: -1, result: nasdesk.ResultRequest{Kind: kind, Fields: map[string]any{}, Outcome: o,
		Reasons: []nasdesk.Reason{why}, Actions: []nasdesk.ActionName{}}})
	s.folder = f
	s.note("message-"+string(o), -1, "", string(why))
}

func (s *stepping) quarantine(why nasdesk.Reason) {
	s.asker.result.Verified, s.asker.result.Mailbox = false, ""
	s.file(nasdesk.KindUnverified, nasdesk.Quarantined, nasdesk.FolderQuarantined, why)
}

// duplicate: the same sender sent this before, Message-ID and content alike.
func (s *stepping) duplicate(m *nasdesk.Message) bool {
	for _, seen := range s.c.Messages {
		if seen.ID == m.ID && seen.Digest == m.Digest && seen.Sender == s.event.Mail.Proof.Sender.Address() {
			return true
		}
	}
	return false
}

// takenID: the same sender used this Message-ID before, for something else.
func (s *stepping) takenID(m *nasdesk.Message) bool {
	for _, seen := range s.c.Messages {
		if m.ID != "" && seen.ID == m.ID && seen.Digest != m.Digest && seen.Sender == s.event.Mail.Proof.Sender.Address() {
			return true
		}
	}
	return false
}

// unknown is a message that names nothing we know. It is acknowledged only
// within nhs.net and to registered parties: nobody else learns that we read it.
func (s *stepping) unknown(why nasdesk.Reason) {
	r := s.newRequest(nasdesk.KindUnknown, nil)
	if s.asker.account != nil && s.asker.mailbox == nil {
		if mine := s.c.MailboxesOf(s.asker.account.Address); len(mine) == 1 {
			r.Mailbox = mine[0].Address
			s.asker.result.Mailbox = r.Mailbox
		}
	}
	v := refer(why, ruleUnknown, "")
	s.settle(r, v, s.asker.address.NHS() || s.asker.registered())
}

// toStaff prints what was read, and acts on none of it.
func (s *stepping) toStaff(m *nasdesk.MailEvent, why nasdesk.Reason) {
	if len(m.Heard.Readings) == 0 {
		s.unknown(why)
		return
	}
	for i := range m.Heard.Readings {
		rd := &m.Heard.Readings[i]
		r := s.requestOf(KindNamed(rd.Kind), rd)
		s.settle(r, refer(why, ruleStaff, ""), true)
	}
}

// fresh judges every reading as a new request, in the order of the text.
func (s *stepping) fresh(h nasdesk.Heard) {
	for i := range h.Readings {
		rd := &h.Readings[i]
		k := KindNamed(rd.Kind)
		if k == status && len(rd.Answers) == 0 && len(h.Readings) > 1 {
			continue // "did you get this?" above the request itself
		}
		r := s.requestOf(k, rd)
		old, same := s.completes(r), s.repeat(r)
		if old != nil && (same == nil || same.ID == old.ID) {
			s.complete(old, *rd, true)
			continue
		}
		s.consider(k, r)
	}
}

// newRequest makes the next request of the message at hand.
func (s *stepping) newRequest(kind string, rd *nasdesk.Reading) *nasdesk.Request {
	s.made++
	m := s.event.Mail.Message
	id := m.ID
	if id == "" {
		id = m.Digest
	}
	r := &nasdesk.Request{Reference: nasdesk.Reference(id, s.made), N: s.made, Kind: kind, Asked: kind, Party: s.asker.address,
		Subject: m.Subject, Message: m.ID, MadeAt: s.event.At, DecidedAt: s.event.At, Event: s.event.Key}
	if m.ID != "" {
		r.Thread = []string{m.ID}
	}
	if s.asker.mailbox != nil {
		r.Mailbox = s.asker.mailbox.Address
	}
	if rd != nil {
		r.Answers, r.Prose = rd.Answers, rd.Prose
		if rd.Effective > s.today {
			r.Effective = rd.Effective
		}
	}
	return r
}

func (s *stepping) requestOf(k *nasdesk.Kind, rd *nasdesk.Reading) *nasdesk.Request {
	r := s.newRequest(rd.Kind, rd)
	if k.Name == "new-user" {
		r.Effective = "" // a new starter's start date is none: contract, rule 18
	}
	s.expandMailboxes(r)
	r.Mailbox = s.asker.mailboxFor(k, rd, s.c)
	return r
}

// expandMailboxes writes a mailbox that is named by its code or local part as
// its full address. Contract, normal forms.
func (s *stepping) expandMailboxes(r *nasdesk.Request) {
	a := nasdesk.AnswerTo(r.Answers, "mailbox")
	if a == nil || a.Ambiguous {
		return
	}
	if m := s.c.MailboxNamed(nasdesk.MailboxName(a.Value)); m != nil {
		a.Value = string(m.Address)
		return
	}
	var code nasdesk.ODSCode
	if code.Set(a.Value) == nil && code.WellFormed(nasdesk.Pharmacy) {
		a.Value = string(nasdesk.Mailbox{Sector: nasdesk.Pharmacy}.AddressUnder(code))
	}
}
