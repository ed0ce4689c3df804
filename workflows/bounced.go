package workflows

import (
	"slices"
	"strings"

	"nasdesk"
)

// bounced ties a bounce to the requests whose mail came back. It is no proof of
// anything and settles nothing; staff see which mail did not arrive. Where it was the
// question to another party, nobody will ever answer it: the request goes to
// staff, as one without a region to ask does (contract, rule 5).
func (s *stepping) bounced(m *nasdesk.Message) {
	if m.Automatic != nasdesk.Bounce {
		return
	}
	for i := range s.c.Requests {
		r := s.c.Requests[i]
		id := s.returned(&r, m)
		if id == "" {
			continue
		}
		if r.State == nasdesk.StateSeeking && s.askedOther(&r, id, m) {
			r.State, r.Outcome, r.Reasons, r.DecidedAt = nasdesk.StateReferred, nasdesk.Exception, []nasdesk.Reason{nasdesk.StaffOnly}, s.event.At
			r.From, r.Seeks = "", ""
		}
		r.Bounced = s.event.At
		s.note("mail-bounced", s.keep(&r), string(r.Party), r.Kind+" "+string(r.State))
	}
}

// returned is the id of a mail of ours in the request's thread that came back.
// The ids of the pharmacy's own mails, which others know, do not count.
func (s *stepping) returned(r *nasdesk.Request, m *nasdesk.Message) string {
	for _, id := range m.Returned {
		if id != r.Message && strings.HasSuffix(id, "@"+s.desk.MailDomain) && slices.Contains(r.Thread, id) {
			return id
		}
	}
	return ""
}

// askedOther reports whether the mail that came back is the one to the party
// that the request waits for.
func (s *stepping) askedOther(r *nasdesk.Request, id string, m *nasdesk.Message) bool {
	return id == nasdesk.MailID(r.Event+"/"+string(r.From), s.desk.MailDomain) || strings.Contains(strings.ToLower(m.Text), string(r.From))
}
