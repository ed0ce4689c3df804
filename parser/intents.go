package parser

import (
	"slices"
	"strings"

	"nasdesk"
)

// A phrase is words that stand together; "*" stands for up to four others, and
// a word that ends in "*" for all that begin like it.
type phrase []string

// A lexicon is the intents of all kinds, their phrases found by first word.
type lexicon struct {
	intents []intent
	first   map[string][]int // first word to phrases
	prefix  []int            // phrases whose first word is open
	phrases []phrase
	number  map[string]int
}

// An intent is one way of asking for a kind, as places in the lexicon's phrases.
type intent struct {
	kind                   int
	verbs, objects, unless []int
	weak                   bool
}

func compile(kinds []*nasdesk.Kind) lexicon {
	l := lexicon{first: map[string][]int{}, number: map[string]int{}}
	for k, kind := range kinds {
		for _, in := range kind.Intents {
			l.intents = append(l.intents, intent{k, l.add(in.Verbs), l.add(in.Objects), l.add(in.Unless), in.Weak})
		}
	}
	return l
}

func (l *lexicon) add(alternatives string) []int {
	var out []int
	for _, a := range strings.Split(alternatives, "|") {
		a = strings.TrimSpace(a)
		if a == "" {
			continue
		}
		n, ok := l.number[a]
		if !ok {
			n = len(l.phrases)
			l.number[a] = n
			p := phrase(strings.Fields(a))
			l.phrases = append(l.phrases, p)
			if strings.HasSuffix(p[0], "*") {
				l.prefix = append(l.prefix, n)
			} else {
				l.first[p[0]] = append(l.first[p[0]], n)
			}
		}
		out = append(out, n)
	}
	return out
}

// A hit is where a phrase stands in a sentence.
type hit struct{ at, end int }

// hits finds all phrases of the lexicon in a sentence.
func (l *lexicon) hits(ts []token) map[int][]hit {
	out := map[int][]hit{}
	for i, t := range ts {
		for _, n := range l.first[t.low] {
			l.match(n, ts, i, out)
		}
		if s := t.stem(); s != t.low {
			for _, n := range l.first[s] {
				l.match(n, ts, i, out)
			}
		}
		for _, n := range l.prefix {
			l.match(n, ts, i, out)
		}
	}
	return out
}

func (l *lexicon) match(n int, ts []token, i int, out map[int][]hit) {
	if end := l.phrases[n].at(ts, i); end > i {
		out[n] = append(out[n], hit{i, end})
	}
}

// at returns the end of the phrase that begins at word i, or 0.
func (p phrase) at(ts []token, i int) int {
	for k, w := range p {
		if w == "*" {
			rest := p[k+1:]
			for gap := 1; gap <= 4 && i+gap < len(ts); gap++ {
				if strings.ContainsAny(ts[i+gap-1].tail, ".;:?!") {
					return 0
				}
				if end := rest.at(ts, i+gap); end > 0 {
					return end
				}
			}
			return 0
		}
		if i >= len(ts) || !wordIs(ts[i], w) {
			return 0
		}
		if k+1 < len(p) && strings.ContainsAny(ts[i].tail, ".;:?!") {
			return 0
		}
		i++
	}
	return i
}

func wordIs(t token, w string) bool {
	if open, ok := strings.CutSuffix(w, "*"); ok {
		return strings.HasPrefix(t.low, open)
	}
	return t.low == w || t.stem() == w
}

// An ask is a place where a sentence asks for a kind.
type ask struct {
	kind  int
	weak  bool
	mood  mood
	verb  hit // its verb, in words of the sentence
	first int // first word of verb and object
	last  int // behind the last word of both
	pos   int // offset in the text
	span  nasdesk.Span
}

// asksOf finds what a sentence asks for, the first of each kind.
func (r *Reader) asksOf(s *sentence) []ask {
	if len(s.toks) == 0 || len(s.toks) > 400 {
		return nil
	}
	hits := r.lex.hits(s.toks)
	var out []ask
	for _, in := range r.lex.intents {
		out = append(out, in.find(s, hits)...)
	}
	// A question after what was done asks where it stands.
	for i := range out {
		if k := r.kinds[out[i].kind].Name; k == "status" && (out[i].mood == told || out[i].mood == notYet) || k == "report" && out[i].mood != negated {
			out[i].mood = asked
		}
	}
	for i := range out { // "you marked him as a joiner": the noun is told with its verb
		if b := &out[i]; b.mood.acts() && b.first == b.verb.at && b.last == b.verb.end {
			b.mood = moodWith(out, *b)
			if b.mood == asked && toldBefore(s.toks, b.verb.at) {
				b.mood = told
			}
		}
	}
	return r.withoutMentions(out)
}

// asksOfTitle finds what a heading asks for. It may leave out its object:
// "ENABLE", "NEW STARTER".
func (r *Reader) asksOfTitle(s *sentence) []ask {
	asks := r.asksOf(s)
	strong := slices.ContainsFunc(asks, func(a ask) bool { return !a.weak })
	if strong || len(s.toks) == 0 || len(s.toks) > 3 {
		return asks
	}
	last := s.toks[len(s.toks)-1]
	account := token{text: "account", low: "account", span: last.span}
	whole := sentence{toks: append(slices.Clone(s.toks), account), head: true}
	if full := r.asksOf(&whole); len(full) > 0 {
		return full
	}
	return asks
}

// isTitleText reports whether a line by itself asks for something.
func (r *Reader) isTitleText(line string) bool {
	asks := r.asksOfTitle(&sentence{toks: tokens(line, 0, 0), head: true})
	return slices.ContainsFunc(asks, func(a ask) bool { return a.mood.acts() })
}

// toldBefore reports whether the words before a noun tell of what was done with
// it: "you have processed this leaver form".
func toldBefore(ts []token, i int) bool {
	for k := i - 1; k >= max(0, i-4); k-- {
		if strings.ContainsAny(ts[k].tail, ".,;:") {
			return false
		}
		if (ts[k].low == "have" || ts[k].low == "has" || ts[k].low == "was" || ts[k].low == "were") && k+1 < i && (strings.HasSuffix(ts[k+1].low, "ed") || ts[k+1].low == "sent" || ts[k+1].low == "been") {
			return true
		}
	}
	return false
}

// moodWith is the mood of a noun that asks by itself, among the asks of its
// sentence that hold a verb to it.
func moodWith(asks []ask, b ask) mood {
	m := b.mood
	for _, a := range asks {
		if a.kind != b.kind || a.first > b.first || a.last < b.last || a.first == b.first && a.last == b.last {
			continue
		}
		if a.mood.acts() {
			return b.mood
		}
		m = a.mood
	}
	return m
}

// find pairs each verb with the nearest object that no stop divides from it.
func (in intent) find(s *sentence, hits map[int][]hit) []ask {
	var out []ask
	for _, v := range in.verbs {
		for _, h := range hits[v] {
			o, ok := in.object(s, h, hits)
			if !ok || isAuxiliary(s.toks, h) || in.barred(s, min(h.at, o.at), max(h.end, o.end), hits) {
				continue
			}
			a := ask{kind: in.kind, weak: in.weak, verb: h, first: min(h.at, o.at), last: max(h.end, o.end), pos: s.toks[h.at].span.Start,
				span: nasdesk.Span{Start: s.toks[min(h.at, o.at)].span.Start, End: s.toks[max(h.end, o.end)-1].span.End}}
			a.mood = moodAt(s, h)
			out = append(out, a)
		}
	}
	return out
}

// eitherOr leaves open what a sentence leaves open: "either enable her or remove
// her".
func eitherOr(s *sentence, asks []ask) []ask {
	if !has(s.toks, "either") || !has(s.toks, "or") {
		return asks
	}
	kinds := map[int]bool{}
	for _, a := range asks {
		kinds[a.kind] = kinds[a.kind] || a.mood.acts() && !a.weak
	}
	n := 0
	for _, yes := range kinds {
		if yes {
			n++
		}
	}
	if n > 1 {
		for i := range asks {
			asks[i].mood = hypothetical
		}
	}
	return asks
}

// isAuxiliary reports whether a have only helps another verb: "you have linked
// her".
func isAuxiliary(ts []token, v hit) bool {
	if v.end-v.at != 1 {
		return false
	}
	switch ts[v.at].low {
	case "have", "has", "had", "get", "got":
	default:
		return false
	}
	for _, t := range ts[v.end:min(len(ts), v.end+2)] {
		if workDone[t.low] || t.low == "been" || t.low == "set" || t.low == "made" || t.low == "put" || t.low == "left" {
			return ts[v.at].low != "get"
		}
		if t.tail != "" {
			break
		}
	}
	return false
}

func (in intent) object(s *sentence, v hit, hits map[int][]hit) (hit, bool) {
	if len(in.objects) == 0 {
		return v, true
	}
	best, dist, ok := hit{}, 15, false
	for _, n := range in.objects {
		for _, o := range hits[n] {
			d := 0
			switch {
			case o.at >= v.end:
				d = o.at - v.end
			case o.end <= v.at:
				d = v.at - o.end + 1
			case o.at > v.at && o.end < v.end: // inside the gap of "set * up"
				d = 0
			default:
				continue
			}
			if d < dist && !divided(s.toks, min(v.end, o.end), max(v.at, o.at)) {
				best, dist, ok = o, d, true
			}
		}
	}
	return best, ok
}

// divided reports whether a stop stands between two words of a sentence.
func divided(ts []token, a, b int) bool {
	for i := max(a-1, 0); i < b && i < len(ts); i++ {
		if strings.ContainsAny(ts[i].tail, ";") || i >= a && ts[i].low == "but" {
			return true
		}
	}
	return false
}

// barred reports whether words stand near that make it something else.
func (in intent) barred(s *sentence, a, b int, hits map[int][]hit) bool {
	for _, n := range in.unless {
		for _, h := range hits[n] {
			if h.end > a-8 && h.at < b+8 && !divided(s.toks, min(h.end, b), max(h.at, a)) {
				return true
			}
		}
	}
	return false
}

// withoutMentions drops, from the asks of one sentence, those that a question
// or a report in it only mentions: "any news of the new account?".
func (r *Reader) withoutMentions(asks []ask) []ask {
	return slices.DeleteFunc(asks, func(b ask) bool {
		return slices.ContainsFunc(asks, func(a ask) bool {
			switch r.kinds[a.kind].Name {
			case "status", "report", "lost-details", "extra-accounts", "application-account", "consolidation", "team", "site-change":
				return a.mood.acts() && !a.weak && r.absorbed(a.kind, b.kind)
			}
			return false
		})
	})
}
