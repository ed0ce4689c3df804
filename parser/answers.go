package parser

import (
	"slices"
	"strings"

	"nasdesk"
)

// noteOurs reads what was typed into our own form, in the topmost message of
// ours that came back. Our hints and examples are nobody's words.
func (x *text) noteOurs() {
	depth := -1
	var lines []placedLine
	for i, l := range x.m.Lines {
		if l.Region != nasdesk.Ours && !x.isOurForm(l) || strings.TrimSpace(l.Text) == "" {
			continue
		}
		if depth < 0 {
			depth = l.Quote
		}
		if l.Quote == depth {
			lines = append(lines, placedLine{l, i, false})
		}
	}
	if len(lines) == 0 {
		return
	}
	c := collector{x: &text{r: x.r, m: x.m, c: x.c, day: x.day}, lines: lines}
	c.walk()
	for _, b := range c.blocks {
		for _, p := range b.pairs {
			if p.value != "" && p.label.part != ignored {
				p.form = true
				x.filled = append(x.filled, p)
			}
		}
	}
}

// isOurForm reports whether a quoted line is one of our form's, known by its
// label with the hint behind it: a client may quote our letter without its head.
func (x *text) isOurForm(l nasdesk.Line) bool {
	if l.Region != nasdesk.Quoted || l.Quote != 1 {
		return false
	}
	label, _, ok := strings.Cut(l.Text, "):")
	if !ok || !strings.Contains(label, "(") {
		return false
	}
	return x.r.hinted[normalLabel(label)]
}

// answers reads the message as an answer to the open requests of its thread.
func (x *text) answers(h *nasdesk.Heard) {
	thread := x.c.ThreadOf(x.m)
	var open []*nasdesk.Request
	for _, q := range thread {
		if q.State.Open() && x.r.kindOfRequest(q) >= 0 {
			open = append(open, q)
		}
	}
	x.open = open
	if len(open) > 0 && !x.held {
		h.Values = withoutKnown(x.values(open), open)
		h.Readings = slices.DeleteFunc(h.Readings, func(r nasdesk.Reading) bool { return x.isRoleOnly(r, h.Values) })
	}
	x.word(h, thread)
	h.AsksStatus = x.asksStatus()
}

// withoutKnown drops the values that the requests hold already, where nothing
// new stands beside them: they name a request, and change nothing.
func withoutKnown(vs []nasdesk.Reading, open []*nasdesk.Request) []nasdesk.Reading {
	return slices.DeleteFunc(vs, func(v nasdesk.Reading) bool {
		if v.Effective != "" {
			return false
		}
		for _, a := range v.Answers {
			if !slices.ContainsFunc(open, func(q *nasdesk.Request) bool { return !a.Ambiguous && strings.EqualFold(q.Answer(a.Field), a.Value) }) {
				return false
			}
		}
		return true
	})
}

// isRoleOnly reports whether a reading is but a changed role of the answer:
// "make him an owner please" asks for no second request.
func (x *text) isRoleOnly(r nasdesk.Reading, vs []nasdesk.Reading) bool {
	return len(r.Answers) == 1 && r.Answers[0].Field == "role" && slices.ContainsFunc(vs, func(v nasdesk.Reading) bool { return nasdesk.AnswerTo(v.Answers, "role") != nil })
}

func (r *Reader) kindOfRequest(q *nasdesk.Request) int {
	if k, ok := r.index[q.Kind]; ok {
		return k
	}
	return -1
}

// missing are the fields that we asked for: those that a request lacks, or that
// are invalid or ambiguous in it.
func (r *Reader) missing(q *nasdesk.Request) map[string]bool {
	out := map[string]bool{}
	form, _ := r.kinds[r.kindOfRequest(q)].FormOf()
	for _, why := range form.Fill(q.Answers) {
		_, f, _ := strings.Cut(string(why), ":")
		out[f] = true
	}
	for _, why := range q.Reasons {
		if _, f, ok := strings.Cut(string(why), ":"); ok {
			out[f] = true
		}
	}
	return out
}

// values reads fields for the open requests of a thread, one reading a person
// where the answer tells them apart.
func (x *text) values(open []*nasdesk.Request) []nasdesk.Reading {
	asked := map[string]bool{}
	for _, q := range open {
		for f := range x.r.missing(q) {
			asked[f] = true
		}
	}
	var out []nasdesk.Reading
	add := func(as []nasdesk.Answer) {
		if len(as) > 0 {
			out = append(out, nasdesk.Reading{Answers: as, Prose: slices.ContainsFunc(as, func(a nasdesk.Answer) bool { return !a.Labelled && a.Field != "role" })})
		}
	}
	if rs := x.valuesByBlock(open); len(rs) > 1 {
		for _, r := range rs {
			add(r)
		}
		return out
	}
	if len(open) > 1 {
		if rs := x.valuesByPerson(open, asked); len(rs) > 0 {
			for _, r := range rs {
				add(r)
			}
			return out
		}
	}
	add(x.valuesFor(open, asked))
	return x.withDay(out, open)
}

// withDay adds the day from which the answer wants it: "yes, but from 1 July".
func (x *text) withDay(vs []nasdesk.Reading, open []*nasdesk.Request) []nasdesk.Reading {
	d := draft{kind: x.r.kindOfRequest(open[0]), block: -1}
	d.Kind = open[0].Kind
	day := x.effective(d, 1)
	if day == "" || day == open[0].Effective {
		return vs
	}
	if len(vs) == 0 {
		return []nasdesk.Reading{{Effective: day, Prose: true}}
	}
	for i := range vs {
		vs[i].Effective = day
	}
	return vs
}

// strange reports whether a name is of nobody whom the open requests are about,
// though their names are known.
func strange(name string, open []*nasdesk.Request, asked map[string]bool) bool {
	if name == "" || asked["full_name"] {
		return false
	}
	named := false
	for _, q := range open {
		n := q.Answer("full_name")
		if n != "" && sameName(n, name) {
			return false
		}
		named = named || n != ""
	}
	return named
}

// valuesFor reads one set of values for requests that the answer does not tell
// apart.
func (x *text) valuesFor(open []*nasdesk.Request, asked map[string]bool) []nasdesk.Answer {
	var as []nasdesk.Answer
	var own []pair
	for _, b := range x.blocks {
		if as := x.bindAny(open, b.pairs); !b.forward && !(nasdesk.AnswerTo(as, "full_name") != nil && strange(nasdesk.AnswerTo(as, "full_name").Value, open, asked)) {
			own = append(own, b.pairs...)
		}
	}
	for _, q := range open {
		k := x.r.kindOfRequest(q)
		as = merge(as, x.r.bindPairs(k, own, x.c, x.day))
		for _, a := range x.r.bindPairs(k, x.filled, x.c, x.day) {
			if old := nasdesk.AnswerTo(q.Answers, a.Field); a.Ambiguous || old == nil || old.Ambiguous || !strings.EqualFold(old.Value, a.Value) {
				as = merge(as, []nasdesk.Answer{a})
			}
		}
		as = merge(as, x.looseValues(k, q, asked, nil, len(open) == 1))
	}
	return as
}

// merge adds the answers for fields that have none yet.
func merge(as, more []nasdesk.Answer) []nasdesk.Answer {
	for _, a := range more {
		if nasdesk.AnswerTo(as, a.Field) == nil {
			as = append(as, a)
		}
	}
	return as
}

// valuesByBlock reads a set of values for each filled-in form of the answer,
// where there are several that name somebody.
func (x *text) valuesByBlock(open []*nasdesk.Request) [][]nasdesk.Answer {
	var out [][]nasdesk.Answer
	for _, b := range x.blocks {
		as := x.bindAny(open, b.pairs)
		if name := nasdesk.AnswerTo(as, "full_name"); name != nil && len(open) == 1 && strange(name.Value, open, nil) {
			continue
		}
		if !b.forward && (nasdesk.AnswerTo(as, "full_name") != nil || nasdesk.AnswerTo(as, "nhs_email") != nil) {
			out = append(out, as)
		}
	}
	return out
}

// valuesByPerson reads a set of values for each request whose person the answer
// names, by name or address.
func (x *text) valuesByPerson(open []*nasdesk.Request, asked map[string]bool) [][]nasdesk.Answer {
	var out [][]nasdesk.Answer
	words := x.roleWords()
	var rest []*nasdesk.Request
	for _, q := range open {
		p := x.personIn(q)
		if p == nil {
			rest = append(rest, q)
			continue
		}
		k := x.r.kindOfRequest(q)
		as := x.looseValues(k, q, asked, p, false)
		if x.r.forms[k].Field("role") != nil {
			for _, w := range words {
				if w.who == p {
					as = merge(as, []nasdesk.Answer{roleAnswer(w, asked)})
				}
			}
		}
		if len(as) > 0 {
			out = append(out, merge(named(q), as))
		}
	}
	if len(out) == 0 {
		return nil
	}
	for _, w := range words {
		if w.who != nil || !w.all && !w.others {
			continue
		}
		for _, q := range rest {
			if x.r.forms[x.r.kindOfRequest(q)].Field("role") != nil {
				out = append(out, append(named(q), roleAnswer(w, asked)))
			}
		}
	}
	return out
}

func (x *text) bindAny(open []*nasdesk.Request, ps []pair) []nasdesk.Answer {
	var as []nasdesk.Answer
	for _, q := range open {
		as = merge(as, x.r.bindPairs(x.r.kindOfRequest(q), ps, x.c, x.day))
	}
	return as
}

// identity is the answer by which a request's person is known.
func identity(q *nasdesk.Request) nasdesk.Answer {
	for _, f := range []string{"full_name", "nhs_email", "mobile", "team_name"} {
		if a := nasdesk.AnswerTo(q.Answers, f); a != nil && !a.Ambiguous {
			return nasdesk.Answer{Field: f, Value: a.Value, Written: a.Written, Labelled: true}
		}
	}
	return nasdesk.Answer{}
}

// named is the identity of a request as a list, empty where nothing is known.
func named(q *nasdesk.Request) []nasdesk.Answer {
	if id := identity(q); id.Field != "" {
		return []nasdesk.Answer{id}
	}
	return nil
}

// personIn returns the person of the text whom a request is about, or nil.
func (x *text) personIn(q *nasdesk.Request) *person {
	for _, p := range x.people {
		if p.known && (sameName(q.Answer("full_name"), p.name.name) || p.owns(nasdesk.Address(q.Answer("nhs_email"))) && q.Answer("nhs_email") != "") {
			return p
		}
		if q.Answer("nhs_email") != "" && containsValue(p.addresses, q.Answer("nhs_email")) {
			return p
		}
	}
	return nil
}

func roleAnswer(w roleWord, asked map[string]bool) nasdesk.Answer {
	return nasdesk.Answer{Field: "role", Value: string(w.role), Written: string(w.role), Labelled: asked["role"], Spans: []nasdesk.Span{w.span}}
}

// looseValues reads what an answer says without labels: "Member please", a
// number on a line of its own, "her mobile should be 07700 …".
func (x *text) looseValues(k int, q *nasdesk.Request, asked map[string]bool, p *person, alone bool) []nasdesk.Answer {
	var out []nasdesk.Answer
	for _, f := range x.r.forms[k].Fields {
		rs := x.looseFor(q.Kind, f, asked, p)
		a, ok := settle(f.Name, rs)
		if !ok {
			continue
		}
		a.Labelled = asked[f.Name]
		out = append(out, a)
	}
	return out
}

func (x *text) looseFor(kind string, f nasdesk.Field, asked map[string]bool, p *person) []read {
	people := slices.DeleteFunc(slices.Clone(x.people), func(q *person) bool { return q.name.whole && strange(q.name.name, x.open, asked) })
	if p != nil {
		people = []*person{p}
	}
	switch f.Value.Type() {
	case nasdesk.RoleType:
		if p != nil {
			return nil
		}
		return x.looseRole()
	case nasdesk.PersonType:
		if p != nil || !asked[f.Name] && !x.corrects("name") {
			return nil
		}
		return x.looseNames()
	case nasdesk.MobileType:
		var fs []found
		if kind == "password-reset" {
			fs = append(fs, x.me.mobiles...)
		}
		for _, q := range people {
			fs = append(fs, q.mobiles...)
		}
		return reads(x.plain(fs), true)
	case nasdesk.AddressType, nasdesk.NHSType:
		return x.looseAddresses(kind, f, asked, people)
	case nasdesk.ODSType:
		return x.looseCode(f.Name, asked)
	case nasdesk.CountType, nasdesk.ReferenceType, nasdesk.TitleType, nasdesk.TextType, nasdesk.MailboxType:
		if asked[f.Name] {
			return x.wholeAnswer(f.Value.Type())
		}
	}
	return nil
}

// corrects reports whether a sentence of the answer speaks of a field by name.
func (x *text) corrects(word string) bool {
	for i := range x.sentences {
		s := &x.sentences[i]
		if !s.subject && slices.ContainsFunc(s.toks, func(t token) bool { return t.stem() == word }) {
			return true
		}
	}
	return false
}

func (x *text) looseRole() []read {
	var out []read
	for _, w := range x.roleWords() {
		out = append(out, read{value: string(w.role), written: string(w.role), valid: true, span: w.span, prose: true})
	}
	return out
}

// looseNames are names that the answer gives: told in a sentence, or a line of
// their own.
func (x *text) looseNames() []read {
	var out []read
	for _, p := range x.people {
		if p.known && p.name.whole && !x.sentences[p.begins].subject {
			out = append(out, read{value: p.name.name, written: p.name.name, valid: true, span: p.name.span, prose: true})
		}
	}
	return out
}

func (x *text) looseAddresses(kind string, f nasdesk.Field, asked map[string]bool, people []*person) []read {
	nhs := f.Value.Type() == nasdesk.NHSType
	var fs []found
	if f.Name == "owner_email" {
		fs = append(fs, x.me.addresses...)
		if len(fs) == 0 && asked[f.Name] && !asked["nhs_email"] {
			for _, p := range people {
				fs = append(fs, p.addresses...)
			}
		}
		return reads(x.plain(fs), true)
	}
	for _, p := range people {
		for _, a := range p.addresses {
			if a.nhs == nhs || !a.valid || f.Name == "alternative_email" && asked[f.Name] {
				if !(x.needsOwner(kind) && (a.whose == mine || a.whose == owners)) {
					fs = append(fs, a)
				}
			}
		}
	}
	if x.needsOwner(kind) && !asked[f.Name] {
		return nil
	}
	return reads(x.plain(fs), true)
}

// plain keeps the values that their sentences give outright. One that is asked
// about, denied, of the past or put off answers nothing.
func (x *text) plain(fs []found) []found {
	return slices.DeleteFunc(slices.Clone(fs), func(f found) bool {
		if f.sent >= len(x.sentences) {
			return false
		}
		s := &x.sentences[f.sent]
		if s.question() || f.sent > 0 && x.sentences[f.sent-1].question() && !x.sentences[f.sent-1].subject || hasPhrase(s.toks, notSure) {
			return true
		}
		contrast := slices.ContainsFunc(fs, func(g found) bool { return g.sent == f.sent && g.old && !f.old })
		for i, t := range s.toks {
			before := t.span.Start < f.pos && !(i == 0 && (t.low == "no" || t.low == "not"))
			if doubtful[t.low] || !contrast && before && (undone[t.low] || nots[t.low] && t.low != "without") {
				return true
			}
		}
		return false
	})
}

var notSure = compilePhrases("not sure|not certain|let me check|i think|will check|not 100%|need to check|unsure|i believe|or is it|not positive")

// Words that make of a value in an answer none: anywhere in its sentence, or
// before it.
var (
	doubtful = set("until till away staying mind remembered unless maybe perhaps might may guess probably unsure later wait mine")
	undone   = set("no longer old used ask asking was were rang ring call previous former tomorrow think check if could")
)

func (x *text) looseCode(field string, asked map[string]bool) []read {
	codes := 0
	for f := range asked {
		if strings.HasSuffix(f, "_ods") || f == "ods_code" {
			codes++
		}
	}
	if !asked[field] || codes != 1 {
		return nil
	}
	var out []read
	for _, c := range x.codes() {
		if !x.sentences[c.sent].subject {
			out = append(out, c.read())
		}
	}
	if len(out) == 0 {
		for _, s := range x.bodySentences() {
			for _, t := range s.toks {
				if u := strings.ToUpper(t.text); codeShaped(u) {
					out = append(out, read{value: u, written: t.text, valid: true, span: t.span, prose: true})
				}
			}
		}
	}
	return out
}

func (x *text) bodySentences() []*sentence {
	var out []*sentence
	for i := range x.sentences {
		if s := &x.sentences[i]; !s.subject && !s.label && !s.forward {
			out = append(out, s)
		}
	}
	return out
}

// wholeAnswer takes the answer's own words as a value of a type.
func (x *text) wholeAnswer(t nasdesk.Type) []read {
	ss := x.bodySentences()
	ss = slices.DeleteFunc(ss, func(s *sentence) bool { return isCourtesy(s) })
	if len(ss) == 0 {
		return nil
	}
	sp := nasdesk.Span{Start: ss[0].span.Start, End: ss[len(ss)-1].span.End}
	w := nasdesk.Clean(sp.In(x.m.Text))
	v := read{written: w, span: sp, prose: true}
	switch t {
	case nasdesk.CountType:
		for _, s := range ss {
			for _, tk := range s.toks {
				if isDigits(tk.text) || isNumberWord(tk.low) {
					if r, ok := readPlain(read{written: tk.text, span: tk.span, prose: true}, t); ok && r.valid {
						return []read{r}
					}
				}
			}
		}
		return nil
	case nasdesk.ReferenceType:
		for _, s := range ss {
			for _, tk := range s.toks {
				if r, ok := readPlain(read{written: tk.text, span: tk.span, prose: true}, t); ok && r.valid {
					return []read{r}
				}
			}
		}
		return nil
	case nasdesk.TitleType:
		for _, s := range ss {
			if _, end, ok := findPhrase(s.toks, teamCalled); ok {
				if r, ok := titleAt(s, end, x.m.Text); ok {
					return []read{r}
				}
			}
		}
		if len(ss) == 1 && len(ss[0].toks) <= 9 {
			if r, ok := titleAt(ss[0], 0, x.m.Text); ok {
				return []read{r}
			}
		}
		return nil
	case nasdesk.MailboxType:
		for _, s := range ss {
			for _, tk := range s.toks {
				if a, ok := addressOf(tk); ok && a.value != "" {
					return []read{{value: string(a.value), written: a.written, valid: true, span: tk.span, prose: true}}
				}
			}
		}
		return nil
	}
	v.value, v.valid = w, true
	return []read{v}
}

// isCourtesy reports whether a sentence is a greeting or thanks and no more.
func isCourtesy(s *sentence) bool {
	for _, t := range s.toks {
		if !greetings[t.low] && !courtesyWords[t.low] {
			return false
		}
	}
	return true
}

var courtesyWords = set("you for your very much help sorry apologies oh that i forgot to say quick reply the this all everyone colleague colleagues sir madam nas again so ah oops")

// asksStatus reports whether the message asks how a request stands.
func (x *text) asksStatus() bool {
	k, ok := x.r.index["status"]
	if !ok {
		return false
	}
	for i := range x.sentences {
		s := &x.sentences[i]
		if s.subject || s.forward {
			continue
		}
		if slices.ContainsFunc(s.asks, func(a ask) bool { return a.kind == k && a.mood != thanks }) {
			return true
		}
	}
	return false
}

// foreign reports whether a letter of another alphabet stands in a name, an
// address or a code that the message gives.
func (x *text) foreign(h nasdesk.Heard) bool {
	for _, rs := range [][]nasdesk.Reading{h.Readings, h.Values} {
		for _, r := range rs {
			for _, a := range r.Answers {
				if a.Field != "business_case" && a.Field != "purpose" && a.Field != "mobile" && (foreignLetters(a.Written) || foreignLetters(a.Value)) {
					return true
				}
			}
		}
	}
	for _, l := range ownLines(x.m) {
		if plainASCII(l.Text) {
			continue
		}
		for w := range strings.FieldsSeq(l.Text) {
			if !plainASCII(w) && foreignLetters(w) {
				return true
			}
		}
	}
	return false
}

// mailboxNamed returns the shared mailbox that the text names, other than as a
// field of the request: by address, code or name.
func (x *text) mailboxNamed(d draft) nasdesk.Address {
	switch d.Kind {
	case "consolidation", "site-change", "lost-details", "application-account":
		return ""
	}
	if d.block >= 0 {
		for _, p := range x.blocks[d.block].pairs {
			if m := x.mailboxIn(p.value); m != "" && p.label.part == ignored {
				return m
			}
		}
	}
	for i := range x.sentences {
		if m := x.mailboxIn(x.sentences[i].span.In(x.m.Text)); m != "" {
			return m
		}
	}
	return ""
}

// mailboxIn returns the first registered mailbox that some words name.
func (x *text) mailboxIn(s string) nasdesk.Address {
	if s == "" {
		return ""
	}
	for _, t := range tokens(s, 0, 0) {
		if !strings.ContainsAny(t.text, ".@") && !codeShaped(strings.ToUpper(t.text)) {
			continue
		}
		var n nasdesk.MailboxName
		if n.Set(t.text) != nil {
			continue
		}
		if m := x.c.MailboxNamed(n); m != nil {
			return m.Address
		}
	}
	low := strings.ToLower(s)
	for i := range x.c.Mailboxes {
		m := &x.c.Mailboxes[i]
		if n := strings.ToLower(m.Name); len(n) > 3 && strings.Contains(low, n) {
			return m.Address
		}
	}
	return ""
}
