package parser

import (
	"slices"
	"strings"

	"nasdesk"
)

// A roleWord is an owner or member said of somebody in prose.
type roleWord struct {
	role   nasdesk.Role
	who    *person
	all    bool // said of all
	others bool // said of all for whom nothing else is said
	twice  bool
	span   nasdesk.Span
}

// shareRoles gives the roles that stand in prose to the requests that lack one.
// A role in a sentence never makes a request prose (contract, rule 3).
func (x *text) shareRoles(ds []draft) {
	words := x.roleWords()
	for pass := range 3 {
		for i := range ds {
			d := &ds[i]
			if x.r.forms[d.kind].Field("role") == nil || nasdesk.AnswerTo(d.Answers, "role") != nil {
				continue
			}
			var rs []read
			for _, w := range words {
				if w.fits(x, *d, pass, ds) {
					rs = append(rs, read{value: string(w.role), written: w.span.In(x.m.Text), valid: true, span: w.span, twice: w.twice})
				}
			}
			if a, ok := settle("role", rs); ok {
				a.Labelled = !slices.ContainsFunc(rs, func(read) bool { return true })
				d.Answers = append(d.Answers, a)
			}
		}
	}
}

// fits reports whether a role is said of a request: first those said of its
// person, then those said of all, then those of the others.
func (w roleWord) fits(x *text, d draft, pass int, ds []draft) bool {
	switch {
	case w.who != nil:
		return pass == 0 && (d.person == w.who || x.inBlocks(w.who, []draft{d}) || len(ds) == 1 && d.person == nil)
	case w.others:
		return pass == 2
	case w.all:
		return pass == 1
	}
	return pass == 1 && len(ds) == 1 || pass == 1 && rolesWanted(x, ds) == 1
}

func rolesWanted(x *text, ds []draft) int {
	n := 0
	for _, d := range ds {
		if x.r.forms[d.kind].Field("role") != nil {
			n++
		}
	}
	return n
}

// roleWords finds what prose says of roles.
func (x *text) roleWords() []roleWord {
	if out := x.rolesIn(false); len(out) > 0 {
		return out
	}
	return x.rolesIn(true)
}

// rolesIn finds the roles in the body, or in the subject.
func (x *text) rolesIn(subject bool) []roleWord {
	var out []roleWord
	var cur *person
	for i := range x.sentences {
		s := &x.sentences[i]
		if s.subject != subject || s.subject && s.reply || s.label && !x.sharedLabel(s) {
			continue
		}
		ms := x.mentions(s)
		for w := range s.toks {
			for _, m := range ms {
				if m.at == w {
					cur = x.personOf(m)
				}
			}
			if r, ok := x.roleAt(s, w, ms, cur); ok {
				out = append(out, r)
			}
		}
	}
	return out
}

func (x *text) sharedLabel(s *sentence) bool {
	return slices.ContainsFunc(s.toks, func(t token) bool { return t.low == "both" || t.low == "all" || t.low == "everyone" })
}

func (x *text) personOf(m mention) *person {
	for _, p := range x.people {
		if p.is(m) {
			return p
		}
	}
	return nil
}

// roleAt reads an owner or member at word w.
func (x *text) roleAt(s *sentence, w int, ms []mention, cur *person) (roleWord, bool) {
	ts := s.toks
	var r roleWord
	plural := false
	switch ts[w].stem() {
	case "owner", "co-owner":
		r.role = nasdesk.Owner
	case "owners", "co-owners":
		r.role, plural = nasdesk.Owner, true
	case "member":
		r.role = nasdesk.Member
	case "members":
		r.role, plural = nasdesk.Member, true
	default:
		return r, false
	}
	if !isRoleWord(ts, w) {
		return r, false
	}
	r.span = ts[w].span
	if alternative(ts, w) {
		return r, false
	}
	from := clauseStart(ts, w)
	if moodOfRole(s, from, w) {
		return r, false
	}
	for k := w - 1; k >= max(from, w-10); k-- {
		if p := x.formerOrLatter(ts, k); p != nil {
			r.who = p
			return r, true
		}
	}
	for k := w - 1; k >= from; k-- {
		switch ts[k].low {
		case "both", "all", "each", "everyone", "everybody", "them", "they", "they're", "these", "pair", "lot", "following":
			if k > 0 && ts[k].low == "all" && ts[k-1].low == "at" || ts[k].low == "all" && greeted(ts, k) {
				continue
			}
			r.all = true
			return r, true
		case "other", "others", "rest", "remaining":
			r.others = true
			return r, true
		}
		if m := slices.IndexFunc(ms, func(m mention) bool { return k >= m.at && k < m.end }); m >= 0 {
			if plural && m > 0 {
				r.all = true
				return r, true
			}
			r.who = x.personOf(ms[m])
			return r, r.who != nil
		}
	}
	if k := w + 1; k < len(ts) {
		for ; k < min(len(ts), w+6); k++ {
			switch ts[k].low {
			case "both", "pair", "them", "all":
				r.all = true
				return r, true
			}
		}
	}
	for k := w - 1; k >= 0; k-- { // back in the sentence
		if m := slices.IndexFunc(ms, func(m mention) bool { return k >= m.at && k < m.end }); m >= 0 && !plural {
			r.who = x.personOf(ms[m])
			return r, r.who != nil
		}
	}
	if plural {
		r.all = true
		return r, true
	}
	for _, t := range ts[from:w] {
		switch t.low {
		case "he", "she", "him", "her", "he's", "she's", "he'll", "she'll", "his":
			r.who = cur
		}
	}
	return r, true
}

// isRoleWord reports whether the word names a role that somebody is to have: no
// member of staff, no owner who writes or is there already.
func isRoleWord(ts []token, w int) bool {
	at := func(i int) string {
		if i >= 0 && i < len(ts) {
			return ts[i].stem()
		}
		return ""
	}
	if at(w+1) == "of" {
		for _, k := range []int{w + 2, w + 3, w + 4} {
			switch at(k) {
			case "staff", "team", "public":
				return false
			}
		}
	}
	switch at(w - 1) {
	case "staff", "team", "family", "crew", "pharmacy", "business", "practice", "company", "shop", "sole", "faculty", "founder", "fellow":
		return false
	}
	if at(w+1) == "is" || at(w+1) == "are" || at(w+1) == "was" || at(w+1) == "will" && at(w+2) != "do" {
		return false
	}
	for k := w - 1; k >= max(0, w-6); k-- {
		switch at(k) {
		case "i", "i'm", "we're", "i've":
			for j := k; j < w; j++ { // I would like him to be an owner
				switch at(j) {
				case "him", "her", "them", "she", "he", "they":
					return true
				}
			}
			return false
		case "my":
			return false
		}
		if strings.ContainsAny(ts[k].tail, ",;.:") {
			break
		}
	}
	switch at(w - 1) {
	case "the", "our", "mailbox", "other", "current", "existing", "another", "your", "present", "new":
		return becomes(ts, w)
	}
	return true
}

// becomes reports whether a clause says that somebody is to be the owner.
func becomes(ts []token, w int) bool {
	for k := w - 1; k >= max(0, w-5); k-- {
		switch ts[k].low {
		case "be", "become", "becoming", "becomes", "make", "making", "made", "as":
			return ts[k].low != "as" || k+1 < w && ts[k+1].low != "the" && ts[k+1].low != "our"
		case "him", "her", "them":
			return true
		case "one":
			return false
		}
	}
	return false
}

// alternative reports whether both roles are offered: "owner or member", which
// decides nothing.
func alternative(ts []token, w int) bool {
	other := func(i int) bool {
		return i >= 0 && i < len(ts) && i != w && (strings.HasPrefix(ts[i].low, "owner") || strings.HasPrefix(ts[i].low, "member"))
	}
	for _, d := range []int{-3, -2, -1, 1, 2, 3} {
		if !other(w + d) {
			continue
		}
		lo, hi := min(w, w+d), max(w, w+d)
		for _, t := range ts[lo:hi] {
			if t.low == "or" || strings.Contains(t.tail, "/") {
				return true
			}
		}
		if hi-lo == 1 && strings.HasSuffix(ts[lo].text+"/", "/") && ts[lo].tail == "/" {
			return true
		}
	}
	return false
}

// moodOfRole reports whether the clause denies the role or doubts it.
func moodOfRole(s *sentence, from, w int) bool {
	for _, t := range s.toks {
		switch t.low {
		case "might", "maybe", "unsure", "perhaps", "possibly", "probably", "think", "guess", "suppose", "says", "said", "reckons":
			return true
		}
	}
	for k := w - 1; k >= max(from, w-5); k-- {
		t := s.toks[k]
		if strings.ContainsAny(t.tail, ",;") && k < w-1 {
			break
		}
		if nots[t.low] || t.low == "than" || t.low == "instead" && k+1 < w && s.toks[k+1].low == "of" || t.low == "from" && w-k <= 3 || t.low == "longer" {
			return true
		}
		switch t.low {
		case "stay", "stays", "remain", "remains", "continue", "continues", "still", "already", "currently", "carry", "staying", "remaining":
			return true
		}
		if t.low == "if" || t.low == "whether" || t.low == "was" || t.low == "were" {
			return true
		}
	}
	return false
}
