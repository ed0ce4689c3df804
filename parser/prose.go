package parser

import (
	"slices"
	"strings"

	"nasdesk"
)

// understand finds the people of the text, and what is told of each.
func (x *text) understand() {
	x.me = &person{}
	x.agreed = map[string]int{}
	for i := range x.c.Mailboxes {
		if n := strings.ToLower(x.c.Mailboxes[i].Name); n != "" {
			x.places = append(x.places, n)
		}
	}
	x.noteAddresses()
	x.noteNames()
	g := gatherer{x: x}
	for i := range x.sentences {
		g.sentence(i)
	}
	g.leftOver()
}

// noteAddresses keeps the words that the addresses in prose are made of, where
// they are those of a first.last.
func (x *text) noteAddresses() {
	for i := range x.sentences {
		for _, t := range x.sentences[i].toks {
			local, _, ok := strings.Cut(t.low, "@")
			if !ok {
				continue
			}
			for _, w := range strings.FieldsFunc(local, func(r rune) bool { return r == '.' || r == '_' }) {
				if w = strings.TrimRight(w, "0123456789"); len(w) > 2 && (!notNames[w] && !jobs[w] || ambiguous[w]) {
					x.agreed[w]++
				}
			}
		}
	}
}

// noteNames keeps the words of the full names in the text, so that a first name
// alone is known before its bearer is met.
func (x *text) noteNames() {
	x.names = map[string]bool{}
	for i := range x.sentences {
		for _, m := range x.mentions(&x.sentences[i]) {
			if m.whole {
				for w := range strings.FieldsSeq(strings.ToLower(m.name)) {
					x.names[w] = true
				}
			}
		}
	}
	for _, b := range x.blocks {
		for _, p := range b.pairs {
			if x.r.isOf(p.label, nasdesk.PersonType) && words(p.value) <= 4 && isNameLike(p.value) {
				for w := range strings.FieldsSeq(strings.ToLower(p.value)) {
					x.names[w] = true
				}
			}
		}
	}
}

// A gatherer walks through the prose and hands what it finds to the person of
// whom it is told.
type gatherer struct {
	x       *text
	cur     *person
	waiting []loose // values that stood before anybody was named
	last    lastValue
	crowd   int // how many people the sentence named that last named any
	crowdAt int

	lastAddress *person // who got the address read last
	lastOld     bool    // it was left out
}

// A lastValue is the value read last: one that follows it at once is told of
// the same.
type lastValue struct {
	sent, end int
	of        whose
}

// carried returns of whom a value is told, where it goes on with the value
// before it: "my address is x@nhs.net, 07700 …".
func (g *gatherer) carried(ts []token, sent, w, end int, of whose) whose {
	if of == anyones && g.last.sent == sent && g.last.end > 0 && (w == g.last.end || w == g.last.end+1 && (ts[w-1].low == "and" || ts[w-1].low == "on" || ts[w-1].low == "mobile" || ts[w-1].low == "tel" || ts[w-1].low == "m")) && (g.last.of == mine || g.last.of == owners) {
		of = g.last.of
	}
	// "Grace is the owner, grace@nhs.net, her mobile is 07700 …"
	if of == theirs && g.last.of == owners && g.last.sent == sent && w-g.last.end <= 5 {
		of = owners
	}
	g.last = lastValue{sent, end, of}
	return of
}

type loose struct {
	mobile bool
	f      found
}

func (g *gatherer) sentence(i int) {
	s := &g.x.sentences[i]
	if s.label {
		return
	}
	if s.subject {
		g.subject(i)
		return
	}
	ms := g.x.mentions(s)
	if len(ms) > 0 {
		g.crowd = 0
		for _, m := range ms {
			if m.whole || g.x.knownAs(strings.ToLower(m.name)) {
				g.crowd++
			}
		}
		g.crowdAt = i
	}
	asks := s.asks
	for w := 0; w < len(s.toks); {
		for len(asks) > 0 && asks[0].verb.at < w {
			asks = asks[1:]
		}
		if k := slices.IndexFunc(ms, func(m mention) bool { return m.at == w }); k >= 0 {
			if g.cur == nil || !isNickname(s.toks, w) {
				g.meet(ms[k], i)
			}
			w = ms[k].end
			continue
		}
		if p := g.x.formerOrLatter(s.toks, w); p != nil {
			g.cur = p
		}
		w = g.value(s, i, w)
	}
	g.attachAsks(s, ms)
}

// isNickname reports whether a name is another one of the person just named:
// "known as Billie".
func isNickname(ts []token, w int) bool {
	if w == 0 {
		return false
	}
	switch ts[w-1].low {
	case "as":
		return w > 1 && (ts[w-2].low == "known")
	case "aka", "nickname", "nicknamed", "nee", "née", "formerly", "goes":
		return true
	case "by":
		return w > 1 && ts[w-2].low == "goes"
	}
	return false
}

// formerOrLatter returns whom "the former" and "the latter" mean: of the two
// people met last.
func (x *text) formerOrLatter(ts []token, w int) *person {
	n := len(x.people)
	if n < 2 || w == 0 || ts[w-1].low != "the" {
		return nil
	}
	switch ts[w].low {
	case "former":
		return x.people[n-2]
	case "latter":
		return x.people[n-1]
	}
	return nil
}

// subject takes the names of a subject line: "Marcus Teague", "Access for
// Hannah Whitcombe". Nobody is met there whom the text does not need.
func (g *gatherer) subject(i int) {
	s := &g.x.sentences[i]
	if s.reply {
		return
	}
	for _, m := range g.x.mentions(s) {
		if m.whole {
			g.meet(m, i)
		}
	}
	for w := 0; w < len(s.toks); {
		w = g.value(s, i, w)
	}
	g.attachAsks(s, nil)
	g.cur = nil
}

// meet makes somebody the person of whom the text speaks.
func (g *gatherer) meet(m mention, sent int) {
	for _, p := range g.x.people {
		if p.is(m) {
			if m.whole && !p.name.whole {
				p.name = m
				p.first, p.last = nameParts(m.name)
			}
			g.cur = p
			return
		}
	}
	p := &person{name: m, known: true, pos: m.span.Start, begins: sent}
	p.first, p.last = nameParts(m.name)
	for _, q := range g.x.people { // an address that stood before the name
		if !q.known && len(q.addresses) > 0 && p.owns(nasdesk.Address(q.addresses[0].value)) {
			q.name, q.known, q.first, q.last = p.name, true, p.first, p.last
			g.cur = q
			return
		}
	}
	g.x.people = append(g.x.people, p)
	g.cur = p
}

// value reads a number or an address at word w and returns the next word.
func (g *gatherer) value(s *sentence, sent, w int) int {
	t := s.toks[w]
	if a, ok := addressOf(t); ok {
		f := found{value: string(a.value), written: a.written, valid: a.value != "", span: t.span, pos: t.span.Start, nhs: a.value.NHS(), sent: sent}
		if !f.valid {
			f.value = a.written
		}
		g.address(s, w, f)
		return w + 1
	}
	if c := t.text[0]; c == '+' || c >= '0' && c <= '9' {
		if p, end, ok := g.phone(s, w); ok {
			f := found{value: string(p.mobile), written: p.written, valid: p.mobile != "", span: p.span, pos: p.span.Start, sent: sent}
			if !f.valid {
				f.value = p.written
				if !slipOfMobile(p, s, w) {
					return end
				}
			}
			f.whose = g.carried(s.toks, sent, w, end, whoseIn(s, w, end))
			f.old = isOld(s.toks, w, end)
			g.give(s, w, end, true, f)
			return end
		}
	}
	return w + 1
}

// phone reads a number that begins at word w.
func (g *gatherer) phone(s *sentence, w int) (phone, int, bool) {
	from := s.toks[w].span.Start
	if h := s.toks[w].head; strings.HasSuffix(h, "(") || strings.HasSuffix(h, "+") {
		from -= 1
	}
	end := w + 1
	for end < len(s.toks) && end < w+8 && s.toks[end].line == s.toks[w].line {
		end++
	}
	text := g.x.m.Text[from:s.toks[end-1].span.End]
	ps := phonesIn(text, from)
	if len(ps) == 0 || ps[0].span.Start > s.toks[w].span.Start {
		return phone{}, 0, false
	}
	for end = w + 1; end < len(s.toks) && s.toks[end].span.Start < ps[0].span.End; {
		end++
	}
	return ps[0], end, true
}

// slipOfMobile reports whether a number that is none is meant for a mobile: it
// begins 07, or the words call it one.
func slipOfMobile(p phone, s *sentence, w int) bool {
	if strings.HasPrefix(digitsOf(p.written), "07") || strings.HasPrefix(digitsOf(p.written), "447") {
		return true
	}
	for k := max(0, w-5); k < w; k++ {
		switch s.toks[k].stem() {
		case "mobile", "mob", "cell":
			return true
		}
	}
	return false
}

// whoseIn is whoseIs in the sender's words; in forwarded ones "my" is said by
// the person whom they are about.
func whoseIn(s *sentence, w, end int) whose {
	of := whoseIs(s.toks, w, end)
	if s.forward && of == mine {
		return theirs
	}
	return of
}

// whoseIs says of whom the value at words [w, end) is told, by the nearest word
// before it, and in its clause behind it.
func whoseIs(ts []token, w, end int) whose {
	for k := w - 1; k >= max(0, w-14); k-- {
		t := ts[k]
		if strings.ContainsAny(t.tail, ";?!") || t.ends() || strings.Contains(t.text, "@") || breakers[t.low] && t.low != "so" {
			break
		}
		if t.low == "and" && k+1 < w && (pronouns[ts[k+1].low] || ts[k+1].upper()) {
			break
		}
		switch t.low {
		case "my", "mine", "me", "myself", "i'm", "i":
			if t.low == "i" && w-k > 4 && !(k+1 < w && w-k <= 9 && (ts[k+1].low == "own" || ts[k+1].low == "am")) || t.low == "me" && w-k > 3 {
				continue
			}
			return mine
		case "his", "her", "hers", "their", "theirs", "she", "he", "she's", "he's", "him", "them", "they", "whose", "account":
			return theirs
		case "dispensary", "shop's", "shop", "emergency", "landline", "switchboard", "reception", "mother's", "mum's", "father's", "dad's", "husband's", "wife's", "partner's", "boss's", "sister's", "brother's", "daughter's", "son's":
			if w-k <= 4 {
				return others
			}
		case "owner", "owner's":
			if k > 0 && (ts[k-1].low == "a" || ts[k-1].low == "an" || ts[k-1].low == "new") {
				continue // a role that somebody is to have
			}
			return owners
		}
		if strings.HasSuffix(t.low, "'s") && t.upper() && !notNames[t.stem()] {
			return theirs
		}
	}
	if end < len(ts) && ts[end-1].tail == "" {
		switch ts[end].low {
		case "is", "being":
			for _, t := range ts[end+1 : min(len(ts), end+3)] {
				switch t.low {
				case "mine", "my", "me":
					return mine
				case "hers", "his", "her", "theirs":
					return theirs
				}
			}
		}
	}
	return anyones
}

// isOld reports whether a value is told of as one that is wrong or was: "not
// 07700 …", "instead of", "her old number was".
func isOld(ts []token, w, end int) bool {
	for k := w - 1; k >= max(0, w-5); k-- {
		if strings.ContainsAny(ts[k].tail, ".;?!,") || ts[k].low == "but" && !(k+1 < w && ts[k+1].low == "not") || ts[k].low == "to" && k < w-1 {
			break
		}
		switch ts[k].low {
		case "except", "excluding", "bar", "not", "isn't", "instead", "old", "previous", "wrong", "former", "wasn't", "rather", "longer":
			return true
		}
	}
	if end < len(ts) && !strings.ContainsAny(ts[end-1].tail, ".;?!,") && ts[end].low == "is" && end+1 < len(ts) && (ts[end+1].low == "wrong" || ts[end+1].low == "old" || ts[end+1].low == "incorrect") {
		return true
	}
	return false
}

// isPrivate reports whether the words before an address call it an alternative
// or a private one.
func isPrivate(ts []token, w int) bool {
	for k := w - 1; k >= max(0, w-5); k-- {
		switch ts[k].low {
		case "alternative", "alternate", "personal", "private", "home", "alt":
			return true
		}
		if strings.ContainsAny(ts[k].tail, ",;.") {
			break
		}
	}
	return false
}

// address gives an address to the person whose name it bears, or to the sender,
// or to the one spoken of. An nhs.net address with another name is of somebody
// else.
func (g *gatherer) address(s *sentence, w int, f found) {
	f.whose = g.carried(s.toks, f.sent, w, w+1, whoseIn(s, w, w+1))
	f.old = isOld(s.toks, w, w+1)
	f.alt = isPrivate(s.toks, w)
	a := nasdesk.Address(f.value)
	if g.x.isMailbox(a) {
		return
	}
	if w > 1 && s.toks[w-1].low == "or" && g.lastAddress != nil && strings.Contains(s.toks[w-2].text, "@") {
		g.lastAddress.addresses = append(g.lastAddress.addresses, f) // one or the other
		return
	}
	if w > 1 && s.toks[w-1].low == "and" && strings.Contains(s.toks[w-2].text, "@") && g.lastOld {
		f.old = true // "except a@nhs.net and b@nhs.net"
	}
	g.lastOld = f.old
	defer func() { g.lastAddress = g.holder(f) }()
	for _, p := range g.x.people {
		if p.owns(a) {
			p.addresses = append(p.addresses, f)
			if f.whose == mine || f.whose == owners {
				g.x.me.addresses = append(g.x.me.addresses, f)
			}
			g.cur = p
			return
		}
	}
	if f.whose == mine || f.whose == owners {
		g.x.me.addresses = append(g.x.me.addresses, f)
		return
	}
	if g.cur != nil && (!f.nhs || !g.cur.known && len(g.cur.addresses) == 0 || g.cur.known && !g.cur.name.whole && f.whose == theirs && len(g.cur.addresses) == 0) {
		g.cur.addresses = append(g.cur.addresses, f)
		return
	}
	if g.cur != nil && f.nhs && g.cur.known && len(g.cur.addresses) == 0 && !strings.Contains(a.Local(), ".") {
		g.cur.addresses = append(g.cur.addresses, f)
		return
	}
	if f.nhs || g.cur == nil && !f.nhs && len(g.x.people) > 0 {
		p := &person{pos: f.pos, begins: f.sent, addresses: []found{f}}
		g.x.people = append(g.x.people, p)
		g.cur = p
		return
	}
	g.waiting = append(g.waiting, loose{false, f})
}

// holder returns the person who got a value.
func (g *gatherer) holder(f found) *person {
	for _, p := range g.x.people {
		if slices.ContainsFunc(p.addresses, func(o found) bool { return o.pos == f.pos }) {
			return p
		}
	}
	return nil
}

// give hands a number to the person spoken of.
func (g *gatherer) give(s *sentence, w, end int, mobile bool, f found) {
	switch {
	case f.whose == others:
	case f.whose == mine || f.whose == owners:
		g.x.me.mobiles = append(g.x.me.mobiles, f)
	case f.whose == anyones && g.crowd > 1 && g.crowdAt < f.sent && (g.cur == nil || len(g.cur.addresses) == 0 || g.cur.addresses[len(g.cur.addresses)-1].sent != f.sent):
		// Of several it is not said whose it is: it is nobody's.
	case g.namedBehind(s, w, end) != nil:
		p := g.namedBehind(s, w, end)
		p.mobiles = append(p.mobiles, f)
	case g.cur != nil:
		g.cur.mobiles = append(g.cur.mobiles, f)
	default:
		g.waiting = append(g.waiting, loose{mobile, f})
	}
}

// namedBehind returns the person who is named right behind a value: "07700 …
// for Hannah", "(Hannah)".
func (g *gatherer) namedBehind(s *sentence, w, end int) *person {
	if end+1 >= len(s.toks) || s.toks[end].low != "for" && s.toks[end].low != "is" {
		return nil
	}
	for _, m := range g.x.mentions(s) {
		if m.at == end+1 {
			keep := g.cur
			g.meet(m, 0)
			p := g.cur
			g.cur = keep
			return p
		}
	}
	return nil
}

// leftOver gives what stood before anybody was named to the only person there
// is, or to somebody without a name.
func (g *gatherer) leftOver() {
	if len(g.waiting) == 0 {
		return
	}
	var p *person
	switch len(g.x.people) {
	case 0:
		p = &person{pos: g.waiting[0].f.pos}
		g.x.people = append(g.x.people, p)
	default:
		p = g.x.people[0]
		for _, q := range g.x.people {
			if q.begins >= g.waiting[0].f.sent {
				p = q
				break
			}
		}
	}
	for _, l := range g.waiting {
		if l.mobile {
			p.mobiles = append(p.mobiles, l.f)
		} else {
			p.addresses = append(p.addresses, l.f)
		}
	}
}

// isMailbox reports whether an address is that of a shared mailbox.
func (x *text) isMailbox(a nasdesk.Address) bool {
	if x.c.Mailbox(a) != nil {
		return true
	}
	if !a.NHS() {
		return false
	}
	l := a.Local()
	return strings.HasPrefix(l, "pharmacy.f") || strings.HasPrefix(l, "england.") || l == "helpdesk" || strings.HasPrefix(l, "dental.v") || strings.HasPrefix(l, "optom.")
}

// attachAsks hands the asks of a sentence to those whom they are about: the
// people named in the clause behind the verb, or before it, or by a pronoun.
func (g *gatherer) attachAsks(s *sentence, ms []mention) {
	for _, a := range s.asks {
		for _, p := range g.aboutWhom(s, ms, a) {
			p.asks = append(p.asks, a)
		}
	}
}

func (g *gatherer) aboutWhom(s *sentence, ms []mention, a ask) []*person {
	from, to := clauseStart(s.toks, a.verb.at), g.clauseEnd(s, a)
	var out []*person
	add := func(p *person) {
		if p != nil && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	for _, m := range ms {
		if m.at >= a.verb.at && m.at < to && (m.whole || g.x.knownAs(strings.ToLower(m.name))) {
			add(g.who(m))
		}
	}
	if len(out) == 0 {
		for _, p := range g.x.people {
			for _, f := range p.addresses {
				if f.pos >= s.toks[a.verb.at].span.Start && f.pos < s.toks[to-1].span.End {
					add(p)
				}
			}
		}
	}
	for _, m := range ms {
		if len(out) == 0 && m.at >= a.verb.at && m.at < to {
			add(g.who(m))
		}
	}
	if len(out) > 0 {
		return out
	}
	plural := false
	for _, t := range s.toks[from:to] {
		switch t.low {
		case "them", "both", "all", "they", "these", "their", "each", "people", "two", "three", "four":
			plural = true
		}
	}
	if plural {
		return nil
	}
	for _, m := range ms {
		if m.at >= from && m.at < a.verb.at {
			add(g.who(m))
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, t := range s.toks[from:to] {
		switch t.low {
		case "him", "her", "his", "she", "he", "she's", "he's", "he'll", "she'll", "it":
			if p := g.before(s, ms, a.verb.at); p != nil {
				return []*person{p}
			}
		}
	}
	return nil
}

// before returns the person last spoken of before a word of a sentence.
func (g *gatherer) before(s *sentence, ms []mention, w int) *person {
	for i := len(ms) - 1; i >= 0; i-- {
		if ms[i].at < w {
			return g.who(ms[i])
		}
	}
	var last *person
	at := s.toks[w].span.Start
	for _, p := range g.x.people {
		if p.pos < at && (last == nil || g.lastSeen(p, at) > g.lastSeen(last, at)) {
			last = p
		}
	}
	return last
}

// lastSeen is where a person was last spoken of before an offset.
func (g *gatherer) lastSeen(p *person, at int) int {
	last := p.pos
	for _, fs := range [][]found{p.mobiles, p.addresses} {
		for _, f := range fs {
			if f.pos < at && f.pos > last {
				last = f.pos
			}
		}
	}
	return last
}

func (g *gatherer) who(m mention) *person {
	for _, p := range g.x.people {
		if p.is(m) {
			return p
		}
	}
	return nil
}

// clauseEnd returns the word behind the clause of an ask.
func (g *gatherer) clauseEnd(s *sentence, a ask) int {
	for i := a.verb.end - 1; i < len(s.toks); i++ {
		t := s.toks[i]
		if i > a.verb.at && breakers[t.low] {
			return i
		}
		if strings.ContainsAny(t.tail, ";") || t.low == "and" && i > a.verb.end && i+1 < len(s.toks) && (pronouns[s.toks[i+1].low] || s.toks[i+1].low == "please") {
			return max(i, a.verb.end)
		}
	}
	return len(s.toks)
}
