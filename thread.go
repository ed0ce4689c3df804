package nasdesk

import (
	"slices"
	"strings"
)

// ThreadOf returns the requests that a message answers: those in whose thread
// one of its In-Reply-To or References stands, and those of its sender, or
// waiting for its sender, whose reference its subject names. Contract, rule 16.
// The references of a message name every earlier message of its thread.
func (c *Case) ThreadOf(m *Message) []*Request {
	var out []*Request
	for i := range c.Requests {
		r := &c.Requests[i]
		if inThread(r, m) || r.calledIn(strings.ToUpper(m.Subject)) {
			out = append(out, r)
		}
	}
	return out
}

// calledIn reports whether a subject, in capitals, names a request: by its own
// reference, or by that of a later message which said it again and went on with
// it.
func (r *Request) calledIn(subject string) bool {
	if !strings.Contains(subject, "NAS-") {
		return false
	}
	return strings.Contains(subject, r.Reference) || slices.ContainsFunc(r.Thread, func(id string) bool {
		return id != r.Message && strings.Contains(subject, Reference(id, r.N))
	})
}

func inThread(r *Request, m *Message) bool {
	return slices.ContainsFunc(r.Thread, func(id string) bool {
		return slices.Contains(m.InReplyTo, id) || slices.Contains(m.References, id)
	})
}
