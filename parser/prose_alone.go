package parser

import (
	"slices"
	"strings"

	"nasdesk"
)

// alone adds the requests that are about no person: a Team, a code, a question
// where something stands; and those that ask for a kind and say nothing more,
// for which the form is the answer.
func (x *text) alone(ds []draft) []draft {
	asks := slices.DeleteFunc(x.allAsks(), func(a ask) bool { return !a.mood.acts() })
	strong := slices.DeleteFunc(slices.Clone(asks), func(a ask) bool { return a.weak })
	if len(strong) == 0 && len(ds) == 0 {
		strong = asks
	}
	for {
		k := x.r.choose(strong, func(k int) int { return x.standing(k) })
		if k < 0 {
			return ds
		}
		if !x.covered(k, ds) {
			ds = append(ds, x.byItself(k, strong)...)
		}
		strong = slices.DeleteFunc(strong, func(a ask) bool { return a.kind == k || x.r.absorbed(k, a.kind) })
	}
}

// allAsks are those of the sender's words; those of the subject only where the
// body asks for nothing.
func (x *text) allAsks() []ask {
	body := x.asksBetween(0, len(x.m.Text), allButSubject)
	if slices.ContainsFunc(body, func(a ask) bool { return a.mood.acts() && !a.weak }) || refusing(body) {
		return body
	}
	return append(x.asksBetween(0, len(x.m.Text), subjectAsks), body...)
}

// standing prefers the kinds that are about no person: they have binders of
// their own.
func (x *text) standing(k int) int {
	if ofPeople[x.r.kinds[k].Name] {
		return 0
	}
	return 1
}

// covered reports whether a kind asked for is part of what was read already.
func (x *text) covered(k int, ds []draft) bool {
	for _, d := range ds {
		if d.kind == k || x.r.absorbed(d.kind, k) {
			return true
		}
		// Nothing but labels decides between kinds that share a person.
		if ofPeople[d.Kind] && ofPeople[x.r.kinds[k].Name] && !x.onItsOwn(k, d) {
			return true
		}
	}
	return false
}

// onItsOwn reports whether a second kind of account work is asked for in a
// sentence of its own that names somebody.
func (x *text) onItsOwn(k int, d draft) bool {
	for _, p := range x.people {
		if p.known && !x.inBlocks(p, []draft{d}) && p != d.person && slices.ContainsFunc(p.asks, func(a ask) bool { return a.kind == k && a.mood.acts() && !a.weak }) {
			return true
		}
	}
	return false
}

// byItself reads the requests of a kind from the whole of the prose.
func (x *text) byItself(k int, asks []ask) []draft {
	name := x.r.kinds[k].Name
	d := draft{kind: k, block: -1}
	d.Kind = name
	for _, a := range asks {
		if a.kind == k {
			d.Asked, d.pos = a.span, a.pos
			break
		}
	}
	switch name {
	case "team":
		return x.teams(d)
	case "consolidation":
		d.Answers = x.consolidation(k)
	case "site-change":
		d.Answers = x.siteChange()
	case "extra-accounts":
		d.Answers = x.extraAccounts(d.Asked)
	case "application-account":
		d.Answers = x.application(d.Asked)
	case "lost-details":
		d.Answers = x.lostDetails()
	case "status":
		return x.statuses(d)
	}
	d.Prose = len(d.Answers) > 0 || x.ofOneself(name)
	if x.ofOneself(name) && len(d.Answers) == 0 {
		d.Answers = x.ofMe(k)
	}
	return []draft{d}
}

// ofMe reads what the writer says of their own account.
func (x *text) ofMe(k int) []nasdesk.Answer {
	var out []nasdesk.Answer
	for _, f := range x.r.forms[k].Fields {
		out = append(out, prosed(f.Name, x.told(x.r.kinds[k].Name, f.Name, &person{})...)...)
	}
	return out
}

func prosed(field string, rs ...read) []nasdesk.Answer {
	a, ok := settle(field, rs)
	if !ok {
		return nil
	}
	a.Labelled = false
	return []nasdesk.Answer{a}
}

// A code is an ODS code in the text.
type code struct {
	value nasdesk.ODSCode
	span  nasdesk.Span
	sent  int
	word  int
}

// codes finds the ODS codes of the sender's prose: of the shape of a pharmacy's
// code, known in the register, or called a code.
func (x *text) codes() []code {
	var out []code
	for i := range x.sentences {
		s := &x.sentences[i]
		for w, t := range s.toks {
			v := t.text
			if local, domain, ok := strings.Cut(t.low, "@"); ok && domain == "nhs.net" {
				if j := strings.LastIndexByte(local, '.'); j > 0 {
					v = local[j+1:]
				}
			} else if j := strings.LastIndexByte(t.low, '.'); j > 0 && strings.HasPrefix(t.low, "pharmacy.") {
				v = t.low[j+1:]
			}
			u := nasdesk.ODSCode(strings.ToUpper(v))
			if codeShaped(string(u)) && (x.c.MailboxByODS(u) != nil || len(u) == 5 && u[0] == 'F' || x.calledCode(s, w)) {
				out = append(out, code{u, t.span, i, w})
			}
		}
	}
	return out
}

// calledCode reports whether the words before call it a code.
func (x *text) calledCode(s *sentence, w int) bool {
	if !strings.ContainsFunc(s.toks[w].text, func(r rune) bool { return r >= 'A' && r <= 'Z' }) {
		return false
	}
	for k := max(0, w-6); k < w; k++ {
		if t := s.toks[k].stem(); t == "ods" || t == "code" || t == "codes" || s.toks[k].low == "ods/f" {
			return true
		}
	}
	return false
}

func (c code) read() read {
	return read{value: string(c.value), written: string(c.value), valid: true, span: c.span, prose: true}
}

// near reports how close before or behind a word of a sentence one of some
// words stands, in its clause; 99 for not at all.
func near(s *sentence, w int, ws map[string]bool) int {
	best := 99
	for k := w - 1; k >= 0; k-- {
		if strings.ContainsAny(s.toks[k].tail, ";") {
			break
		}
		if ws[s.toks[k].stem()] {
			best = w - k
			break
		}
	}
	for k := w + 1; k < len(s.toks); k++ {
		if strings.ContainsAny(s.toks[k-1].tail, ";") {
			break
		}
		if ws[s.toks[k].stem()] {
			best = min(best, k-w)
			break
		}
	}
	return best
}

var (
	closingWords    = set("closing closes close closed shut shutting shuts closure ceases cease ceasing closes,")
	continuingWords = set("continuing continues continue carries stays staying stay remaining remains remain surviving on into keeps keep going onto open")
	oldWords        = set("were old previous from former was current existing formerly currently present until")
	newWords        = set("new to becomes become now change changed will be is into changing replacement")
)

// consolidation reads codes and lists of people from sentences.
func (x *text) consolidation(k int) []nasdesk.Answer {
	var closing, going []read
	cs := x.codes()
	for _, c := range cs {
		s := &x.sentences[c.sent]
		a, b := near(s, c.word, closingWords), near(s, c.word, continuingWords)
		switch {
		case a < b, goesInto(s, c.word):
			closing = append(closing, c.read())
		case b < a:
			going = append(going, c.read())
		}
	}
	closing, going = x.otherCode(cs, closing, going)
	var out []nasdesk.Answer
	out = append(out, prosed("closing_ods", closing...)...)
	out = append(out, prosed("continuing_ods", going...)...)
	return append(out, x.movers()...)
}

// goesInto reports whether what a code names goes into another: "FA123 (Hill
// Pharmacy) into FA456".
func goesInto(s *sentence, w int) bool {
	for k := w + 1; k < min(len(s.toks), w+6); k++ {
		if t := s.toks[k]; t.low == "into" || t.low == "onto" {
			return true
		} else if !t.upper() && t.low != "pharmacy" {
			return false
		}
	}
	return false
}

// otherCode gives the second of two codes to the side that lacks one.
func (x *text) otherCode(cs []code, closing, going []read) ([]read, []read) {
	values := map[nasdesk.ODSCode]code{}
	for _, c := range cs {
		values[c.value] = c
	}
	if len(values) != 2 {
		return closing, going
	}
	for v, c := range values {
		if len(closing) == 0 && len(going) > 0 && going[0].value != string(v) {
			closing = append(closing, c.read())
		} else if len(going) == 0 && len(closing) > 0 && closing[0].value != string(v) {
			going = append(going, c.read())
		}
	}
	return closing, going
}

var (
	ownerWords  = set("owner owners")
	moverWords  = set("moving move moves member members transfer transferring transfers coming across over mover movers")
	leaverWords = set("leaver leavers leaving leaves retire retiring retires")
)

// movers sorts the addresses of a consolidation by what their sentences say.
func (x *text) movers() []nasdesk.Answer {
	lists := map[string][]read{}
	for _, p := range append(slices.Clone(x.people), x.me) {
		for _, f := range p.addresses {
			if !f.nhs || x.isMailbox(nasdesk.Address(f.value)) || f.sent >= len(x.sentences) {
				continue
			}
			s := &x.sentences[f.sent]
			w := slices.IndexFunc(s.toks, func(t token) bool { return t.span == f.span })
			if w < 0 {
				continue
			}
			o, m, l := near(s, w, ownerWords), near(s, w, moverWords), near(s, w, leaverWords)
			switch {
			case l < 99 && l <= o && (l <= m || notMoving(s)):
				lists["leavers"] = append(lists["leavers"], read{value: f.value, span: f.span})
			case o < m:
				lists["owners"] = append(lists["owners"], read{value: f.value, span: f.span})
			case m < 99:
				lists["movers"] = append(lists["movers"], read{value: f.value, span: f.span})
			}
		}
	}
	var out []nasdesk.Answer
	for _, name := range []string{"owners", "movers", "leavers"} {
		a := nasdesk.Answer{Field: name}
		var vs []string
		slices.SortFunc(lists[name], func(a, b read) int { return a.span.Start - b.span.Start })
		for _, v := range lists[name] {
			if !slices.Contains(vs, v.value) {
				vs = append(vs, v.value)
				a.Spans = append(a.Spans, v.span)
			}
		}
		if a.Value = strings.Join(vs, " "); a.Value != "" {
			a.Written = a.Value
			out = append(out, a)
		}
	}
	return out
}

func notMoving(s *sentence) bool {
	return slices.ContainsFunc(s.toks, func(t token) bool { return t.low == "not" || t.low == "isn't" || t.low == "won't" })
}

// siteChange reads the old and the new code, and the new name.
func (x *text) siteChange() []nasdesk.Answer {
	var olds, news []read
	for _, c := range x.codes() {
		s := &x.sentences[c.sent]
		prev := saidBehind(s, c.word)
		if prev == "" {
			prev = saidBefore(s, c.word)
		}
		switch {
		case oldWords[prev] || prev == "" && x.isOwnCode(c.value):
			olds = append(olds, c.read())
		case newWords[prev]:
			if x.isOwnCode(c.value) && (prev == "is" || prev == "now" || prev == "be") {
				olds = append(olds, c.read())
			} else {
				news = append(news, c.read())
			}
		}
	}
	var out []nasdesk.Answer
	out = append(out, prosed("old_ods", olds...)...)
	out = append(out, prosed("new_ods", news...)...)
	return append(out, x.newName()...)
}

// saidBehind is what the words behind a code call it: "FA123 is our new one".
func saidBehind(s *sentence, w int) string {
	if s.toks[w].tail != "" || w+1 >= len(s.toks) {
		return ""
	}
	switch s.toks[w+1].low {
	case "is", "was", "will":
	default:
		return ""
	}
	for k := w + 2; k < min(len(s.toks), w+5) && s.toks[k-1].tail == ""; k++ {
		switch s.toks[k].low {
		case "new":
			return "new"
		case "old", "former", "previous":
			return "old"
		}
	}
	return ""
}

// saidBefore is the nearest word before a code that tells an old from a new one.
func saidBefore(s *sentence, w int) string {
	for k := w - 1; k >= 0 && !strings.ContainsAny(s.toks[k].tail, ":;"); k-- {
		t := s.toks[k].stem()
		switch {
		case (t == "be" || t == "will" || t == "is") && isOldBefore(s, k):
			return "old"
		case oldWords[t] || newWords[t]:
			return t
		}
	}
	return ""
}

func isOldBefore(s *sentence, k int) bool {
	for j := max(0, k-4); j < k; j++ {
		if oldWords[s.toks[j].stem()] && s.toks[j].low != "from" {
			return true
		}
	}
	return false
}

// isOwnCode reports whether a code is in the register as one in use.
func (x *text) isOwnCode(o nasdesk.ODSCode) bool { return x.c.MailboxByODS(o) != nil }

var renamed = compilePhrases("new name is|new name will be|name changes to|name is changing to|now called|be called|renamed to|trading as|trade as|known as|name will be|now trading as|new trading name is|name has changed to|renamed|new name")

// newName reads the name that an organisation takes.
func (x *text) newName() []nasdesk.Answer {
	for i := range x.sentences {
		s := &x.sentences[i]
		_, end, ok := findPhrase(s.toks, renamed)
		if !ok || end >= len(s.toks) {
			continue
		}
		if r, ok := titleAt(s, end, x.m.Text); ok {
			return prosed("new_name", r)
		}
	}
	return nil
}

// titleAt reads a name that somebody gave: in quotes, or a run of words that
// begin with capitals.
func titleAt(s *sentence, i int, text string) (read, bool) {
	ts := s.toks
	if i >= len(ts) {
		return read{}, false
	}
	if strings.ContainsAny(ts[i].head, `"'“‘„«`) {
		for j := i; j < len(ts); j++ {
			if strings.ContainsAny(ts[j].tail, `"”»`) || strings.HasPrefix(ts[j].tail, "'") || strings.HasPrefix(ts[j].tail, "’") {
				return titled(ts[i:j+1], text), true
			}
		}
	}
	end := i
	for j := i; j < len(ts); j++ {
		t := ts[j]
		small := titleSmall[t.low] && j+1 < len(ts) && (ts[j+1].upper() || ts[j+1].text[0] >= '0' && ts[j+1].text[0] <= '9') && j > i
		if !t.upper() && !small && !(t.text[0] >= '0' && t.text[0] <= '9' && j > i) && t.text != "&" {
			break
		}
		end = j + 1
		if tail := strings.TrimSpace(t.tail); tail != "" && !strings.HasPrefix(tail, "-") && !strings.HasPrefix(tail, "–") {
			break
		}
	}
	if end == i {
		return read{}, false
	}
	return titled(ts[i:end], text), true
}

var titleSmall = set("and of the for in at on")

func titled(ts []token, text string) read {
	sp := nasdesk.Span{Start: ts[0].span.Start, End: ts[len(ts)-1].span.End}
	w := nasdesk.Clean(sp.In(text))
	return read{value: w, written: w, valid: true, span: sp, prose: true}
}

var teamCalled = compilePhrases("called|named|titled|name it|name of|name is|call it|name should be|name would be|name to be|name will be|call the team|team:|to be called|entitled|name")

// teams reads the Teams asked for: each name opens a request, and the address
// that follows it is its owner's.
func (x *text) teams(d draft) []draft {
	var out []draft
	type at struct {
		name read
		sent int
		word int
	}
	var names []at
	for i := range x.sentences {
		s := &x.sentences[i]
		if s.label {
			continue
		}
		for w := 0; w < len(s.toks); w++ {
			_, end, ok := findPhrase(s.toks[w:min(len(s.toks), w+4)], teamCalled)
			if !ok {
				continue
			}
			if r, ok := titleAt(s, w+end, x.m.Text); ok && (len(names) == 0 || names[len(names)-1].name.span.End <= r.span.Start) {
				names = append(names, at{r, i, w + end})
			}
		}
		if len(names) == 0 || names[len(names)-1].sent != i {
			for w := range s.toks {
				if strings.ContainsAny(s.toks[w].head, `"“`) {
					if r, ok := titleAt(s, w, x.m.Text); ok {
						names = append(names, at{r, i, w})
					}
				}
			}
		}
	}
	if len(names) == 0 {
		for i := range x.sentences {
			s := &x.sentences[i]
			for w := range s.toks {
				if r, ok := titleBefore(s, w, x.m.Text); ok && s.toks[w].low == "owned" {
					names = append(names, at{r, i, w})
				}
			}
		}
	}
	as := x.nhsAddresses()
	if len(names) < 2 {
		var rs []read
		if len(names) == 1 {
			rs = append(rs, names[0].name)
		}
		d.Answers = append(prosed("team_name", rs...), prosed("owner_email", reads(as, true)...)...)
		d.Prose = len(d.Answers) > 0
		return []draft{d}
	}
	for i, n := range names {
		end := len(x.m.Text)
		if i+1 < len(names) {
			end = names[i+1].name.span.Start
		}
		var own []found
		for _, f := range as {
			if f.pos > n.name.span.Start && f.pos < end {
				own = append(own, f)
			}
		}
		if len(own) == 0 && len(as) == 1 {
			own = as
		}
		e := d
		e.pos = n.name.span.Start
		e.Answers = append(prosed("team_name", n.name), prosed("owner_email", reads(own, true)...)...)
		e.Prose = true
		out = append(out, e)
	}
	return out
}

// titleBefore reads a name that ends right before a word.
func titleBefore(s *sentence, w int, text string) (read, bool) {
	from := w
	for from > 0 {
		t := s.toks[from-1]
		if from < w && strings.ContainsAny(t.tail, ",:;.") || !t.upper() && !titleSmall[t.low] {
			break
		}
		from--
	}
	for from < w && titleSmall[s.toks[from].low] {
		from++
	}
	if w-from < 2 {
		return read{}, false
	}
	return titled(s.toks[from:w], text), true
}

// nhsAddresses are all personal addresses at nhs.net of the prose, in order.
func (x *text) nhsAddresses() []found {
	var out []found
	for _, p := range append(slices.Clone(x.people), x.me) {
		for _, f := range p.addresses {
			if f.nhs && !containsValue(out, f.value) {
				out = append(out, f)
			}
		}
	}
	slices.SortFunc(out, func(a, b found) int { return a.pos - b.pos })
	return out
}

// extraAccounts reads how many accounts are asked for, and why.
func (x *text) extraAccounts(asked nasdesk.Span) []nasdesk.Answer {
	var out []nasdesk.Answer
	var count []read
	for i := range x.sentences {
		s := &x.sentences[i]
		for w, t := range s.toks {
			var n nasdesk.Count
			if n.Set(t.text) != nil || !isDigits(t.text) && !isNumberWord(t.low) || int(n) > 500 {
				continue
			}
			if countsAccounts(s, w) {
				count = append(count, read{value: n.String(), written: t.text, valid: true, span: t.span, prose: true})
			}
		}
	}
	if more := slices.DeleteFunc(slices.Clone(count), func(r read) bool { return r.value == "10" }); len(more) > 0 {
		count = more // ten is what they have
	}
	out = append(out, prosed("count", count...)...)
	if r, ok := x.reason(asked); ok {
		out = append(out, prosed("business_case", r)...)
	}
	return out
}

func isNumberWord(w string) bool {
	var n nasdesk.Count
	return n.Set(w) == nil && !strings.ContainsAny(w, "0123456789")
}

// countsAccounts reports whether a number says how many accounts are wanted: it
// is no limit that stands already ("more than ten") and accounts follow it.
func countsAccounts(s *sentence, w int) bool {
	for k := max(0, w-3); k < w; k++ {
		switch s.toks[k].low {
		case "than", "over", "above", "beyond", "limit", "usual", "the":
			if s.toks[k].low != "the" || w-k == 1 {
				return false
			}
		}
	}
	if s.toks[w].low == "one" || s.toks[w].low == "first" {
		return false
	}
	for k := w + 1; k < min(len(s.toks), w+5); k++ {
		switch s.toks[k].stem() {
		case "account", "accounts", "users", "logins", "total", "all":
			return true
		}
		if s.toks[k-1].ends() {
			break
		}
	}
	for k := max(0, w-4); k < w; k++ {
		if s.toks[k].low == "to" && w-k == 1 || s.toks[k].low == "total" && w-k <= 2 && !strings.Contains(s.toks[k].tail, ",") {
			return near(s, w, set("accounts limit account")) < 12
		}
	}
	return false
}

var reasons = set("because as since so due need needs reason hours shifts shift busy service cover business case")

// reason returns the sentence that explains an ask: the first beside it that
// says why.
func (x *text) reason(asked nasdesk.Span) (read, bool) {
	for pass := range 2 {
		for i := range x.sentences {
			s := &x.sentences[i]
			if s.subject || s.label || len(s.toks) < 5 {
				continue
			}
			here := asked.Start >= s.span.Start && asked.Start < s.span.End
			if here == (pass == 0) && !(here && !slices.ContainsFunc(s.toks, func(t token) bool {
				return t.low == "because" || t.low == "as" || t.low == "since" || t.low == "so" || t.low == "due"
			})) &&
				(here || slices.ContainsFunc(s.toks, func(t token) bool { return reasons[t.stem()] })) {
				w := nasdesk.Clean(s.span.In(x.m.Text))
				return read{value: w, written: w, valid: true, span: s.span, prose: true}, true
			}
		}
	}
	return read{}, false
}

// application reads the address to convert and what it is for.
func (x *text) application(asked nasdesk.Span) []nasdesk.Answer {
	var boxes []read
	for i := range x.sentences {
		for _, t := range x.sentences[i].toks {
			if a, ok := addressOf(t); ok && a.value.NHS() && a.value.Local() != "helpdesk" {
				boxes = append(boxes, read{value: string(a.value), written: a.written, valid: true, span: t.span, prose: true})
			}
		}
	}
	out := prosed("mailbox", boxes...)
	if r, ok := x.purpose(asked); ok {
		out = append(out, prosed("purpose", r)...)
	}
	return out
}

var purposes = set("for so because which used sends send sending our it links linked used to")

func (x *text) purpose(asked nasdesk.Span) (read, bool) {
	for i := range x.sentences {
		s := &x.sentences[i]
		if s.subject || s.label || len(s.toks) < 5 {
			continue
		}
		if slices.ContainsFunc(s.toks, func(t token) bool { return purposes[t.low] }) {
			w := nasdesk.Clean(s.span.In(x.m.Text))
			return read{value: w, written: w, valid: true, span: s.span, prose: true}, true
		}
	}
	return read{}, false
}

// lostDetails reads the name that the writer gives, the code and the mailbox.
func (x *text) lostDetails() []nasdesk.Answer {
	names := x.introduced()
	for _, p := range x.people {
		if len(names) == 0 && p.known && p.name.whole {
			names = append(names, read{value: p.name.name, written: p.name.name, valid: true, span: p.name.span, prose: true})
			break
		}
	}
	out := prosed("full_name", names...)
	var codes, boxes []read
	for _, c := range x.codes() {
		if !strings.Contains(c.span.In(x.m.Text), "@") {
			codes = append(codes, c.read())
		}
	}
	out = append(out, prosed("ods_code", codes...)...)
	for i := range x.sentences {
		for _, t := range x.sentences[i].toks {
			if a, ok := addressOf(t); ok && x.isMailbox(a.value) && a.value.Local() != "helpdesk" {
				boxes = append(boxes, read{value: string(a.value), written: a.written, valid: true, span: t.span, prose: true})
			}
		}
	}
	return append(out, prosed("mailbox", boxes...)...)
}

var introduces = compilePhrases("i am|i'm|my name is|my full name is|my name's")

// introduced reads the name by which the writer introduces themselves: "I am Abi
// Stone".
func (x *text) introduced() []read {
	for i := range x.sentences {
		s := &x.sentences[i]
		_, end, ok := findPhrase(s.toks, introduces)
		if !ok || end >= len(s.toks) || s.label || s.forward {
			continue
		}
		to := x.nameEnd(s.toks, end, false)
		if to-end < 2 {
			continue
		}
		span := nasdesk.Span{Start: s.toks[end].span.Start, End: s.toks[to-1].span.End}
		if w := nasdesk.Clean(span.In(x.m.Text)); isNameLike(w) && !x.isPlace(w) && !isJob(w) {
			return []read{{value: cleanName(w), written: w, valid: true, span: span, prose: true}}
		}
	}
	return nil
}

// statuses reads the references that a question is about; each is a request.
func (x *text) statuses(d draft) []draft {
	var out []draft
	var seen []string
	for i := range x.sentences {
		for _, t := range x.sentences[i].toks {
			var ref nasdesk.ReferenceNumber
			if ref.Set(t.text) != nil || slices.Contains(seen, ref.String()) {
				continue
			}
			seen = append(seen, ref.String())
			e := d
			e.Prose = true
			e.Answers = prosed("reference", read{value: ref.String(), written: t.text, valid: true, span: t.span, prose: true})
			out = append(out, e)
		}
	}
	if len(out) == 0 {
		return []draft{d}
	}
	return out
}
