package parser

import (
	"slices"
	"strings"

	"nasdesk"
)

// absorbs lists, for each kind, those of which a mention beside it is a part of
// the same request: who asks for a new account "and access to our mailbox" asks
// once.
var absorbs = map[string][]string{
	"new-user":            {"link-user", "joiner", "lost-details"},
	"link-user":           {"enable"},
	"unlink-user":         {"link-user"},
	"reinstate":           {"enable", "leaver", "disable", "link-user", "new-user", "lost-details"},
	"enable":              {"disable", "link-user", "lost-details"},
	"disable":             {"leaver", "unlink-user", "enable", "reinstate"},
	"leaver":              {"unlink-user", "disable", "link-user"},
	"joiner":              {"link-user", "leaver", "new-user", "unlink-user", "reinstate"},
	"password-reset":      {"enable", "new-user", "lost-details", "link-user", "disable"},
	"consolidation":       {"leaver", "link-user", "unlink-user", "site-change", "joiner", "new-user", "disable"},
	"site-change":         {"new-user", "link-user", "lost-details", "consolidation"},
	"team":                {"new-user", "link-user"},
	"extra-accounts":      {"new-user", "link-user"},
	"application-account": {"new-user", "link-user", "site-change", "leaver"},
	"lost-details":        {"new-user", "link-user", "password-reset", "status", "unlink-user"},
	"report":              {"password-reset", "new-user", "status", "leaver", "disable", "lost-details", "link-user", "unlink-user", "enable", "reinstate", "site-change", "team"},
	"status":              {"new-user", "link-user", "unlink-user", "reinstate", "enable", "disable", "leaver", "joiner", "password-reset", "consolidation", "site-change", "team", "extra-accounts", "application-account", "lost-details"},
}

// absorbed reports whether kind b is a part of kind a where both are asked for.
func (r *Reader) absorbed(a, b int) bool {
	return a != b && slices.Contains(absorbs[r.kinds[a].Name], r.kinds[b].Name)
}

// choose returns the kind that some asks mean together, or -1. Strong asks go
// before weak ones; of those left the one that takes in the others; then the
// one whose form fits best, then the first.
func (r *Reader) choose(asks []ask, fit func(kind int) int) int {
	asks = slices.DeleteFunc(slices.Clone(asks), func(a ask) bool { return !a.mood.acts() })
	if strong := slices.DeleteFunc(slices.Clone(asks), func(a ask) bool { return a.weak }); len(strong) > 0 {
		asks = strong
	}
	best, most := -1, -1000
	for _, a := range asks {
		score := 10 * fit(a.kind)
		for _, b := range asks {
			if r.absorbed(a.kind, b.kind) {
				score += 12
			}
			if r.absorbed(b.kind, a.kind) {
				score -= 12
			}
		}
		if score > most {
			best, most = a.kind, score
		}
	}
	return best
}

// governing returns the asks that a block stands under: those between the block
// before it and itself; else those that its forerunners stand under; else those
// behind it, and last those of the subject.
func (x *text) governing(i int) ([]ask, bool) {
	b := x.blocks[i]
	if as := x.asksBetween(b.start, b.end+1, labelAsks); b.table > 0 && len(as) > 0 && x.rowsOf(b.table) > 1 {
		return as, false // a column says what is to be done with each
	}
	for k := i; k >= 0; k-- {
		from := 0
		if k > 0 {
			from = x.blocks[k-1].start
		}
		if x.blocks[k].start > b.start && x.blocks[k].table != b.table {
			continue
		}
		if as := x.asksBetween(from, x.blocks[k].end, bodyAsks); len(as) > 0 {
			return as, false
		}
		if k > 0 && x.blocks[k-1].table != 0 && x.blocks[k-1].table == x.blocks[k].table {
			continue
		}
	}
	if as := x.asksBetween(b.start, b.end+1, labelAsks); len(as) > 0 {
		return as, false
	}
	if as := x.asksBetween(b.end, len(x.m.Text), bodyAsks); len(as) > 0 {
		return as, true
	}
	if as := x.asksBetween(0, len(x.m.Text), labelAsks); len(as) > 0 {
		return as, true
	}
	return x.asksBetween(0, len(x.m.Text), subjectAsks), true
}

// Where asks stand: in sentences and headings, in labels, in the subject.
type askPlace uint8

const (
	bodyAsks askPlace = iota
	labelAsks
	subjectAsks
	allButSubject
)

func (p askPlace) holds(s *sentence) bool {
	switch p {
	case bodyAsks:
		return !s.subject && (!s.label || s.head)
	case labelAsks:
		return !s.subject && s.label
	case subjectAsks:
		return s.subject
	}
	return !s.subject
}

// rowsOf counts the blocks of a table.
func (x *text) rowsOf(table int) int {
	n := 0
	for _, b := range x.blocks {
		if b.table == table {
			n++
		}
	}
	return n
}

// asksBetween returns the asks of the sender's sentences within a stretch; of
// the subject alone, or without it.
func (x *text) asksBetween(from, to int, where askPlace) []ask {
	var out []ask
	for i := range x.sentences {
		s := &x.sentences[i]
		if !where.holds(s) || s.subject && s.reply || s.forward && x.pointing && x.ownAsks() {
			continue
		}
		for _, a := range s.asks {
			if a.pos >= from && a.pos < to {
				out = append(out, a)
			}
		}
	}
	return out
}

// ownAsks reports whether the sender's own words ask for anything.
func (x *text) ownAsks() bool {
	for i := range x.sentences {
		s := &x.sentences[i]
		if !s.forward && slices.ContainsFunc(s.asks, func(a ask) bool { return a.mood.acts() }) {
			return true
		}
	}
	return false
}

// fitness is how well a block's labels fit a kind's form.
func (x *text) fitness(k int, ps []pair) int {
	n, seen := 0, map[int8]bool{}
	for _, p := range ps {
		switch {
		case p.label.part == ignored || p.label.part == fromDay:
		case p.label.part != noPart:
			if x.r.forms[k].Field("full_name") != nil {
				n++
			}
		case p.label.fields[k] >= 0:
			f := p.label.fields[k]
			if seen[f] {
				continue
			}
			seen[f] = true
			n += 2
			if p.value != "" && !x.couldBe(k, f, p) {
				n -= 2
			}
		default:
			n--
		}
	}
	return n
}

// couldBe reports whether a pair's value is a valid one of a field.
func (x *text) couldBe(k int, f int8, p pair) bool {
	v, ok := readValue(x.r.forms[k].Fields[f].Value.Type(), p, x.c)
	return ok && (v.valid || v.twice)
}

// kindOf returns the kind of a block and the ask that it stands under; ok is
// false where nobody asks for anything, or it is not to be done.
func (x *text) kindOf(i int) (int, nasdesk.Span, bool) {
	b := x.blocks[i]
	asks, behind := x.governing(i)
	if n := len(asks); n > 0 {
		if asks = x.meant(asks, b.number); len(asks) == 0 {
			return 0, nasdesk.Span{}, false
		}
	}
	acting := slices.DeleteFunc(slices.Clone(asks), func(a ask) bool { return !a.mood.acts() })
	if len(acting) == 0 && len(asks) > 0 && !behind && (refusing(asks) || x.announced(i, asks)) {
		return 0, nasdesk.Span{}, false
	}
	if k := x.r.choose(acting, func(k int) int { return x.fitness(k, b.pairs) }); k >= 0 && x.fitness(k, b.pairs) > -2 && x.anyField(k, b.pairs) {
		return k, spanOf(acting, k), true
	}
	if len(acting) == 0 || behind {
		if as := x.asksBetween(0, len(x.m.Text), subjectAsks); len(as) > 0 {
			if k := x.r.choose(as, func(k int) int { return x.fitness(k, b.pairs) }); k >= 0 && x.anyField(k, b.pairs) && !x.toldOf(asks, k) {
				return k, spanOf(as, k), true
			}
		}
	}
	if all := x.asksBetween(0, len(x.m.Text), allButSubject); len(all) > 0 {
		if k := x.r.choose(all, func(k int) int { return x.fitness(k, b.pairs) }); k >= 0 && !x.toldOf(asks, k) && x.anyField(k, b.pairs) && x.fitness(k, b.pairs) > 0 {
			return k, spanOf(all, k), true
		}
	}
	if k, ok := x.byFields(b); ok && !x.toldOf(asks, k) {
		return k, nasdesk.Span{Start: b.start, End: b.end}, true
	}
	return 0, nasdesk.Span{}, false
}

// toldOf reports whether the words above a block tell of its kind without
// asking for it: "you have set up this Team already".
func (x *text) toldOf(asks []ask, k int) bool {
	return slices.ContainsFunc(asks, func(a ask) bool { return a.kind == k && !a.mood.acts() && !a.weak })
}

// announced reports whether the sentence right above a block tells of something
// as done: what follows are its particulars, and no request.
func (x *text) announced(i int, asks []ask) bool {
	last := asks[len(asks)-1]
	if last.mood != told && last.mood != thanks {
		return false
	}
	between := x.m.Text[min(last.span.End, x.blocks[i].start):x.blocks[i].start]
	return strings.Count(strings.TrimSpace(between), "\n") == 0 && strings.Contains(between, ":") || x.blocks[i].table == 0 && strings.Count(between, "\n") <= 2 && strings.Contains(between, ":")
}

// refusing reports whether asks say that something is not to be done, rather
// than tell of what was.
func refusing(asks []ask) bool {
	return slices.ContainsFunc(asks, func(a ask) bool { return a.mood == negated || a.mood == hypothetical || a.mood == notYet })
}

func spanOf(asks []ask, k int) nasdesk.Span {
	for _, a := range asks {
		if a.kind == k {
			return a.span
		}
	}
	return nasdesk.Span{}
}

func (x *text) anyField(k int, ps []pair) bool {
	return slices.ContainsFunc(ps, func(p pair) bool {
		return p.label.part == noPart && p.label.fields[k] >= 0 || (p.label.part == firstName || p.label.part == lastName) && x.r.forms[k].Field("full_name") != nil
	})
}

// byFields guesses at nothing: only where a form is filled in that belongs to
// one kind alone does it name the kind.
func (x *text) byFields(b block) (int, bool) {
	if k := x.onlyKind(b); k >= 0 {
		return k, true
	}
	for _, name := range []string{"new-user", "link-user"} {
		k, ok := x.r.index[name]
		if !ok {
			continue
		}
		as := x.r.bindPairs(k, b.pairs, x.c, x.day)
		mail := nasdesk.AnswerTo(as, "alternative_email")
		if name == "link-user" {
			mail = nasdesk.AnswerTo(as, "nhs_email")
		}
		full := nasdesk.AnswerTo(as, "full_name") != nil && nasdesk.AnswerTo(as, "mobile") != nil && mail != nil
		if !full || mail.Ambiguous {
			continue
		}
		a := nasdesk.Address(mail.Value)
		if name == "new-user" && a.Domain() != "" && !a.NHS() && !x.says(linkWords) || name == "link-user" && a.NHS() && x.says(linkWords) {
			return k, true
		}
	}
	return 0, false
}

// onlyKind returns the kind whose form alone has the labels of a block, where
// all that it needs is there: "Team name" and "Team owner". -1 if there is none.
func (x *text) onlyKind(b block) int {
	only := -1
	for _, p := range b.pairs {
		k, n := -1, 0
		for i, f := range p.label.fields {
			if f >= 0 && p.label.part == noPart {
				k, n = i, n+1
			}
		}
		if n != 1 || !p.label.exact {
			continue
		}
		if only >= 0 && only != k {
			return -1
		}
		only = k
	}
	if only < 0 || ofPeople[x.r.kinds[only].Name] {
		return -1
	}
	as := x.r.bindPairs(only, b.pairs, x.c, x.day)
	for _, f := range x.r.forms[only].Fields {
		if f.Needed && nasdesk.AnswerTo(as, f.Name) == nil {
			return -1
		}
	}
	return only
}

var linkWords = set("link linked linking existing access shared mailbox inbox already")

func (x *text) says(ws map[string]bool) bool {
	for i := range x.sentences {
		for _, t := range x.sentences[i].toks {
			if ws[t.low] {
				return true
			}
		}
	}
	return false
}
