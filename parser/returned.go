package parser

import (
	"slices"
	"strings"

	"nasdesk"
)

// returnedMost is how many mails a bounce may speak of.
const returnedMost = 20

// returned finds the ids of the mails that a bounce speaks of: in its own
// threading fields, in the mail or the header that it sends back (RFC 3464,
// RFC 6522), or, where it is made by hand, in its text.
func returned(m *nasdesk.Message, root *mimePart, lim Limits) []string {
	var ids []string
	take := func(values []string) {
		for _, id := range messageIDs(values) {
			if len(ids) < returnedMost && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	for _, name := range []string{"In-Reply-To", "References", "X-MS-Exchange-Parent-Message-Id"} {
		take(m.Header.All(name))
	}
	sentBack(root, func(p *mimePart) {
		raw := p.bytes(&findings{})
		h := readPartHeader(raw[:min(len(raw), lim.HeaderBytes)], lim)
		take(h.fields.All("Message-ID"))
	})
	for _, l := range m.Lines {
		if name, value, _ := strings.Cut(l.Text, ":"); fold(strings.TrimSpace(name), "message-id") {
			take([]string{value})
		}
	}
	return ids
}

// sentBack visits the parts that hold a mail, or its header alone.
func sentBack(p *mimePart, visit func(*mimePart)) {
	if p == nil {
		return
	}
	switch p.media {
	case "message/rfc822", "message/global", "message/global-headers", "message/rfc822-headers", "text/rfc822-headers":
		visit(p)
	}
	for _, c := range p.children {
		sentBack(c, visit)
	}
}

func fold(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }
