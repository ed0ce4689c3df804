package parser

import (
	"slices"
	"strings"

	"nasdesk"
)

// effective returns the day from which a request is asked for, where the text
// names one that is still to come.
func (x *text) effective(d draft, n int) nasdesk.Date {
	if x.day == "" || !dated(d.Kind) {
		return ""
	}
	var days []nasdesk.Date
	for i := range x.sentences {
		s := &x.sentences[i]
		if s.forward && !x.pointing || n > 1 && !x.concerns(s, d) {
			continue
		}
		for _, t := range daysIn(s.toks, x.day) {
			if t.date > x.day && x.begins(s, t, d.Kind) && !slices.Contains(days, t.date) {
				days = append(days, t.date)
			}
		}
	}
	if len(days) == 0 {
		return ""
	}
	return days[0]
}

// concerns reports whether a sentence is about a request, where there are more
// than one: it asks for it, or stands about its block or its person.
func (x *text) concerns(s *sentence, d draft) bool {
	if d.Asked.Start >= s.span.Start && d.Asked.Start < s.span.End {
		return true
	}
	if d.block >= 0 {
		b := x.blocks[d.block]
		from := 0
		if d.block > 0 {
			from = x.blocks[d.block-1].end
		}
		return s.span.Start >= from && s.span.Start < b.end && !s.subject
	}
	if d.person == nil {
		return false
	}
	for _, m := range x.mentions(s) {
		if d.person.is(m) {
			return true
		}
	}
	return slices.ContainsFunc(d.person.addresses, func(f found) bool { return f.pos >= s.span.Start && f.pos < s.span.End })
}

var (
	startCues  = set("from effective wef starting starts start begins beginning commences commencing leaves leaving leave finishes finishing finish retires retiring ends ending end closes closing close off last on goes going until")
	returnCues = set("back returns return returning returned")
	pastVerbs  = set("came returned went started joined left was were began finished stopped had did has've closed moved")
	otherCues  = set("by before until till since hope hoping deadline dated born expires expire meeting training visit inspection audit cover covering left joined started was were had sent wrote spoke rang called emailed please-by")
)

// begins reports whether a day is that on which something asked for is to
// happen.
func (x *text) begins(s *sentence, t day, kind string) bool {
	for k := t.at - 1; k >= max(0, t.at-6) && !s.toks[k].ends(); k-- {
		if pastVerbs[s.toks[k].low] {
			return false
		}
	}
	cue := s.toks[t.at].low == "end" || s.toks[t.at].low == "last" // "at the end of the month" says that itself
	for k := t.at - 1; k >= max(0, t.at-9); k-- {
		tok := s.toks[k]
		w := tok.low
		if strings.ContainsAny(tok.tail, ";") || tok.ends() {
			break
		}
		switch {
		case returnCues[w]:
			return kind == "enable" && k >= t.at-5
		case otherCues[w] && k >= t.at-3:
			return false
		case startCues[w]:
			cue = true
		case w == "of" && k > 0 && s.toks[k-1].low == "as", w == "effect":
			cue = true
		}
	}
	if !cue {
		return false
	}
	switch kind {
	case "link-user", "joiner", "reinstate", "enable":
		// A start date of somebody is none of the link's: the link itself must
		// be asked for from that day.
		return t.at > 0 && (s.toks[t.at-1].low == "from" || s.toks[max(0, t.at-2)].low == "from" || s.toks[t.at-1].low == "of") && slices.ContainsFunc(s.asks, func(a ask) bool { return a.mood.acts() })
	}
	return true
}
