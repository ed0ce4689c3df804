package parser

import (
	"slices"
	"strings"

	"nasdesk"
)

// A short answer is read by a little grammar over its words. The lexis says what
// each word or phrase does; a not turns what it stands before; and a sentence
// says yes, no, or that a request is taken back by what is then left of it. A yes
// carries something out, so it must be plain: one word that no short answer
// needs, or one that it hangs on, and it says nothing.

// word reads what an answer says in a word, of whom, and to whom it says no in
// the same breath.
func (x *text) word(h *nasdesk.Heard, thread []*nasdesk.Request) {
	a := x.heard(thread)
	said, not := a.back, (*spoken)(nil)
	switch {
	case said != nil:
	case a.yes != nil:
		if said, not = a.yes, a.no; a.doubted() || not != nil && len(a.yes.yes) == 0 {
			return
		}
	case a.no != nil && !corrective(h.Values):
		said = a.no
	default:
		return
	}
	of := said.of(thread)
	if len(of) > 0 && len(thread) > 0 && !slices.ContainsFunc(of, func(n string) bool { return anyOf(thread, n) }) {
		return // of somebody whom the thread does not know
	}
	h.Word, h.WordSpan, h.Of = said.word, said.span, of
	if said.word == nasdesk.SaysYes && len(of) > 0 {
		h.Not = said.no
		if not != nil {
			h.Not = not.of(thread)
		}
	}
}

// corrective reports whether an answer gives values: a no that does is a
// correction, not a refusal.
func corrective(vs []nasdesk.Reading) bool {
	return slices.ContainsFunc(vs, func(r nasdesk.Reading) bool { return len(r.Answers) > 0 })
}

// An answer is the first sentence that says yes, no, or takes back, and those
// that doubt.
type answer struct {
	yes, no, back *spoken
	doubts        []*spoken
	hedged        bool // a yes of it hangs on something
}

// A spoken is a sentence of an answer, with what it says.
type spoken struct {
	*sentence
	marks   []mark
	word    nasdesk.Word
	yes, no []string // whom it says yes and no to, by name, address or reference
}

// heard goes through the sentences of the sender.
func (x *text) heard(thread []*nasdesk.Request) answer {
	var a answer
	names := x.wordsOf(thread)
	for n, s := range x.bodySentences() {
		p := x.speak(s, names)
		p.word = p.says(n)
		p.yes, p.no = x.polar(p, thread)
		first := map[nasdesk.Word]**spoken{nasdesk.SaysYes: &a.yes, nasdesk.SaysNo: &a.no, nasdesk.SaysWithdraw: &a.back}[p.word]
		switch {
		case first != nil && *first == nil:
			*first = p
		case p.word == nasdesk.SaysNothing && n < 4 && !s.question() && (p.hangs() || x.putsOff(s) && waitsForDay(s)):
			a.doubts = append(a.doubts, p)
		}
		a.hedged = a.hedged || p.word == nasdesk.SaysYes && (p.hangs() || x.putsOff(s))
	}
	return a
}

// doubted reports whether the yes hangs on something, by itself or by another
// sentence: what is doubted of somebody whom a yes for others does not name
// leaves it as it is.
func (a answer) doubted() bool {
	return a.hedged || slices.ContainsFunc(a.doubts, func(d *spoken) bool {
		named := append(slices.Clone(d.yes), d.no...)
		return len(a.yes.yes) == 0 || len(named) == 0 || slices.ContainsFunc(named, func(n string) bool {
			return slices.ContainsFunc(a.yes.yes, func(m string) bool { return sameName(n, m) || strings.EqualFold(n, m) })
		})
	})
}

// A mark is a word or a phrase of a sentence, with what it does there.
type mark struct {
	sense
	at, end int // in words of the sentence
	low     string
	pause   bool // a comma, a colon or a dash behind it ends the clause
}

// A sense is what a word does in a short answer.
type sense uint8

const (
	foreign   sense = iota // it belongs to no short answer
	company                // it goes with any
	name                   // of somebody or something in the thread
	opensYes               // it says yes where it opens or ends a sentence
	assents                // it says yes anywhere
	orders                 // so, and with a not before it, it takes back: "go ahead"
	opensNo                // it says no where it opens or ends a sentence
	dissents               // it says no anywhere
	revokes                // it takes a request back
	negates                // it turns what stands behind it
	pleases                // with a not before it, it says no: "not happy"
	works                  // with a not before it, it takes back: "do not create"
	hangs                  // what it stands with is put off, doubted or conditional
	defers                 // so, unless it is said of others than those named
	putsOff                // so, and a no is none either: "not yet"
	leavesOut              // it leaves somebody out: "except Sarah"
	turnsBack              // what follows takes something back: "but"
	confines               // "only"
)

// turned is what a not makes of what it stands before.
var turned = map[sense]sense{opensYes: dissents, assents: dissents, pleases: dissents, orders: revokes, works: revokes, revokes: hangs, opensNo: hangs, dissents: hangs}

// speak marks the words of a sentence and lets its nots turn what they stand
// before: the next word of meaning, no more than four words on.
func (x *text) speak(s *sentence, names map[string]bool) *spoken {
	p := &spoken{sentence: s, marks: x.marks(s, names)}
	for i, m := range p.marks {
		if m.sense != negates || m.pause {
			continue
		}
		for j := i + 1; j < len(p.marks) && p.marks[j].at-m.end < 4; j++ {
			if t, ok := turned[p.marks[j].sense]; ok {
				p.marks[i].sense, p.marks[j].sense = company, t
				break
			}
			if p.marks[j].sense != company || p.marks[j].pause {
				break
			}
		}
	}
	return p
}

func (x *text) marks(s *sentence, names map[string]bool) []mark {
	var out []mark
	for i := 0; i < len(s.toks); {
		m := mark{at: i, end: i + 1, low: s.toks[i].low}
		if sense, end := lexis.at(s.toks, i); end > 0 {
			m.sense, m.end = sense, end
		} else {
			m.sense = x.senseOf(s.toks[i], names)
		}
		m.pause = strings.ContainsAny(s.toks[m.end-1].tail, ",;:–—-")
		out = append(out, m)
		i = m.end
	}
	return out
}

// senseOf is the sense of a word that the lexis does not hold.
func (x *text) senseOf(t token, names map[string]bool) sense {
	switch _, isAddress := addressOf(t); {
	case names[t.stem()] || isAddress || new(nasdesk.ReferenceNumber).Set(t.text) == nil || x.knownAs(t.stem()):
		return name
	case isSmallNumber(t.low) || lexis.slip(t.low):
		return company
	}
	return foreign
}

func isSmallNumber(w string) bool {
	return len(w) <= 2 && w != "" && strings.Trim(w, "0123456789") == ""
}

// says reads the n-th sentence of an answer.
func (p *spoken) says(n int) nasdesk.Word {
	switch {
	case p.takesBack():
		return nasdesk.SaysWithdraw
	case p.question():
	case p.refuses():
		return nasdesk.SaysNo
	case p.accepts() && p.plain() && (n <= 4 || len(p.toks) <= 6):
		return nasdesk.SaysYes
	}
	return nasdesk.SaysNothing
}

func (p *spoken) first(ss ...sense) int {
	return slices.IndexFunc(p.marks, func(m mark) bool { return slices.Contains(ss, m.sense) })
}

// takesBack reports whether a request is taken back: not "if …", not "until …",
// which puts it off.
func (p *spoken) takesBack() bool {
	i := p.first(revokes)
	if i < 0 {
		return p.stops()
	}
	return !slices.ContainsFunc(p.marks[:i], func(m mark) bool { return conditions[m.low] }) &&
		!slices.ContainsFunc(p.marks[i:], func(m mark) bool { return m.sense == putsOff })
}

// stops: "Please don't" and no more.
func (p *spoken) stops() bool {
	i := p.first(negates)
	return i >= 0 && len(p.toks) <= 3 && p.opening(negates) && i == len(p.marks)-1
}

var conditions = set("if unless before why")

// refuses reports whether the sentence says no. One that begins with a yes and
// goes on with a no may say both: that is told by whom it names.
func (p *spoken) refuses() bool {
	if p.first(putsOff) >= 0 || p.opening(opensYes) && p.plain() {
		return false
	}
	i := p.first(dissents)
	return i >= 0 && p.marks[i].at < 12 || p.opensWithNo() || p.endsWith(opensNo, 5) || p.turnsAway()
}

// opening reports whether the sentence begins with a mark of a sense: nothing
// but names and courtesies stand before it.
func (p *spoken) opening(want sense) bool {
	for i, m := range p.marks {
		switch {
		case m.sense == want:
			return i == 0 || m.at < 3 || p.marks[i-1].pause
		case !beside[m.sense]:
			return false
		}
	}
	return false
}

// beside may stand before what opens a sentence: "Fine, approved then".
var beside = map[sense]bool{company: true, name: true, confines: true, pleases: true, works: true}

// opensWithNo: a no that a long sentence goes on from is no answer, "no account
// was ever …".
func (p *spoken) opensWithNo() bool {
	i := p.first(opensNo)
	if i < 0 || !p.opening(opensNo) {
		return false
	}
	m := p.marks[i]
	if i > 0 && !p.marks[i-1].pause {
		return false // "Oh no, …"
	}
	next := i+1 < len(p.marks) && (p.marks[i+1].low == "to" || p.marks[i+1].low == "for")
	return len(p.toks) <= 6 || p.toks[m.end-1].tail != "" || next
}

func (p *spoken) endsWith(want sense, most int) bool {
	return len(p.toks) <= most && len(p.marks) > 0 && p.marks[len(p.marks)-1].sense == want && !slices.ContainsFunc(p.marks[:len(p.marks)-1], func(m mark) bool { return m.sense == negates })
}

// turnsAway: "Not Sarah".
func (p *spoken) turnsAway() bool {
	i := p.first(negates)
	return i >= 0 && len(p.toks) <= 3 && p.opening(negates) && i+1 < len(p.marks) && p.marks[i+1].sense == name
}

// accepts reports whether a yes is among the first words.
func (p *spoken) accepts() bool {
	i := p.first(assents, orders)
	return i >= 0 && p.marks[i].at < 12 || p.opening(opensYes) || p.endsWith(opensYes, 8) && p.marks[len(p.marks)-1].low != "ok"
}

// plain reports whether the first clause holds nothing foreign.
func (p *spoken) plain() bool {
	for _, m := range p.marks {
		switch m.sense {
		case foreign:
			return false
		case turnsBack, leavesOut:
			return m.at > 0
		}
		if m.pause {
			break
		}
	}
	return true
}

// hangs reports whether what the sentence says hangs on something: a condition,
// a later day, a doubt, a but, a not or a no that leaves nobody out by name.
func (p *spoken) hangs() bool {
	named := len(p.yes)+len(p.no) > 0
	for i, m := range p.marks {
		next := mark{}
		if i+1 < len(p.marks) {
			next = p.marks[i+1]
		}
		switch m.sense {
		case hangs, putsOff:
			return true
		case defers:
			if !named {
				return true
			}
		case leavesOut, negates, dissents:
			if i > 0 && !named && next.low != "a" && next.low != "an" {
				return true
			}
		case opensNo:
			if i > 0 && len(p.yes) == 0 && p.word == nasdesk.SaysYes {
				return true
			}
		case turnsBack:
			if i > 0 && next.sense != negates && next.sense != dissents && next.low != "thanks" && !(next.sense == confines && named) {
				return true
			}
		}
	}
	return false
}

// putsOff reports whether a sentence names a day to come: "yes, but from 1 July".
func (x *text) putsOff(s *sentence) bool {
	return slices.ContainsFunc(daysIn(s.toks, x.day), func(d day) bool { return d.date > x.day })
}

// waitsForDay reports whether a day in a sentence is one to wait for: that
// somebody starts on Monday is none.
func waitsForDay(s *sentence) bool {
	return slices.ContainsFunc(s.toks, func(t token) bool { return waiting[t.low] })
}

var waiting = set("from until till last effective it this")

// of are those to whom a word is confined, "for Tom only", or, where it names
// only whom it leaves out ("but not Sarah"), all others of the thread.
func (p *spoken) of(thread []*nasdesk.Request) []string {
	if p.word != nasdesk.SaysYes {
		return p.no
	}
	if len(p.yes) > 0 || len(p.no) == 0 {
		return p.yes
	}
	var rest []string
	for _, q := range thread {
		id := identity(q)
		out := slices.ContainsFunc(p.no, func(n string) bool { return anyOf([]*nasdesk.Request{q}, n) })
		if q.State.Open() && id.Value != "" && !out {
			rest = append(rest, id.Value)
		}
	}
	return rest
}

// polar tells of everybody whom a sentence names, by reference, address or name,
// whether it says yes or no to them.
func (x *text) polar(p *spoken, thread []*nasdesk.Request) (yes, no []string) {
	add := func(at int, who string) {
		if p.favours(at) {
			yes = append(yes, who)
		} else {
			no = append(no, who)
		}
	}
	for i, t := range p.toks {
		var ref nasdesk.ReferenceNumber
		if ref.Set(t.text) == nil {
			add(i, ref.String())
		}
		if a, ok := addressOf(t); ok && a.value != "" && !x.isMailbox(a.value) {
			add(i, string(a.value))
		}
	}
	for _, m := range x.namesOf(p.sentence, thread) {
		add(m.at, m.name)
	}
	return yes, no
}

var favour = map[sense]bool{opensYes: true, assents: true, orders: true, confines: true, opensNo: false, dissents: false, revokes: false, negates: false, leavesOut: false}

// favours reports whether what stands at a word is said yes to: the nearest mark
// before it that says either decides, else the one behind it ("Tom yes, Sarah
// no"), else the sentence as a whole.
func (p *spoken) favours(at int) bool {
	saidBefore, before := false, false
	for _, m := range p.marks {
		good, says := favour[m.sense]
		switch {
		case says && m.at < at:
			saidBefore, before = true, good
		case says && m.at > at && !saidBefore:
			return good
		}
		if m.pause && m.at < at && p.nameFirst(m.end) {
			saidBefore = false
		}
	}
	if saidBefore {
		return before
	}
	return p.word == nasdesk.SaysYes
}

// nameFirst reports whether a clause is a name and what is said of it: "Sarah
// no".
func (p *spoken) nameFirst(at int) bool {
	i := slices.IndexFunc(p.marks, func(m mark) bool { return m.at == at })
	return i >= 0 && i+2 == len(p.marks) && p.marks[i].sense == name
}

// anyOf reports whether a name, an address or a reference means a request of the
// thread.
func anyOf(thread []*nasdesk.Request, name string) bool {
	return slices.ContainsFunc(thread, func(q *nasdesk.Request) bool {
		return strings.EqualFold(q.Reference, name) || slices.ContainsFunc(q.Answers, func(a nasdesk.Answer) bool {
			return strings.EqualFold(a.Value, name) || sameName(a.Value, name) || strings.Contains(strings.ToLower(a.Value), strings.ToLower(name))
		})
	})
}

// wordsOf are the words of the names in the thread's requests, and of the
// mailboxes.
func (x *text) wordsOf(thread []*nasdesk.Request) map[string]bool {
	out := map[string]bool{}
	add := func(v string) {
		for _, w := range strings.FieldsFunc(strings.ToLower(v), func(r rune) bool { return r == ' ' || r == '.' || r == '@' }) {
			out[w] = true
		}
	}
	for i := range x.c.Mailboxes {
		add(x.c.Mailboxes[i].Name + " " + string(x.c.Mailboxes[i].ODS))
	}
	for _, q := range thread {
		for _, a := range q.Answers {
			add(a.Value)
		}
	}
	return out
}

// namesOf are the people of the thread's requests whom a sentence names.
func (x *text) namesOf(s *sentence, thread []*nasdesk.Request) []mention {
	out := slices.DeleteFunc(x.mentions(s), func(m mention) bool { return !m.whole && !anyOf(thread, m.name) })
	for _, q := range thread {
		f, l := nameParts(q.Answer("full_name"))
		if f == "" {
			local := nasdesk.Address(q.Answer("nhs_email")).Local()
			f, l, _ = strings.Cut(local, ".")
		}
		for i, t := range s.toks {
			if t.upper() && len(f) > 1 && (t.stem() == f || l != "" && t.stem() == l) && !slices.ContainsFunc(out, func(m mention) bool { return i >= m.at && i < m.end }) {
				out = append(out, mention{name: strings.TrimSuffix(t.text, "'s"), at: i, end: i + 1, span: t.span})
			}
		}
	}
	slices.SortFunc(out, func(a, b mention) int { return a.at - b.at })
	return out
}
