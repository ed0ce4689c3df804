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
		if inThread(r, m) || strings.Contains(strings.ToUpper(m.Subject), r.Reference) {
			out = append(out, r)
		}
	}
	return out
}

func inThread(r *Request, m *Message) bool {
	return slices.ContainsFunc(r.Thread, func(id string) bool {
		return slices.Contains(m.InReplyTo, id) || slices.Contains(m.References, id)
	})
}
