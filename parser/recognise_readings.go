package parser

import (
	"cmp"
	"slices"
	"strings"

	"nasdesk"
)

// A draft is a reading while it is being put together.
type draft struct {
	nasdesk.Reading
	kind   int
	pos    int
	block  int // its block, or -1
	person *person
}

// readings puts the requests of the message together, in the order of the text.
func (x *text) readings() []nasdesk.Reading {
	var ds []draft
	for i := range x.blocks {
		if d, ok := x.fromBlock(i); ok {
			ds = append(ds, x.each(d)...)
		}
	}
	ds = x.share(x.fromProse(ds))
	x.shareRoles(ds)
	slices.SortStableFunc(ds, func(a, b draft) int { return cmp.Compare(a.pos, b.pos) })
	var out []nasdesk.Reading
	for i := range ds {
		d := &ds[i]
		if d.Effective == "" {
			d.Effective = x.effective(*d, len(ds))
		}
		d.Mailbox = x.mailboxNamed(*d)
		slices.SortStableFunc(d.Answers, func(a, b nasdesk.Answer) int { return cmp.Compare(x.place(d.kind, a), x.place(d.kind, b)) })
		out = append(out, d.Reading)
	}
	return out
}

func (x *text) place(k int, a nasdesk.Answer) int {
	return slices.IndexFunc(x.r.forms[k].Fields, func(f nasdesk.Field) bool { return f.Name == a.Field })
}

// fromBlock reads one filled-in form.
func (x *text) fromBlock(i int) (draft, bool) {
	b := x.blocks[i]
	k, span, ok := x.kindOf(i)
	if !ok || b.common {
		return draft{}, false
	}
	d := draft{kind: k, pos: b.start, block: i}
	if b.table > 0 {
		d.pos = x.tableStart(b.table)
	}
	d.Kind, d.Asked = x.r.kinds[k].Name, span
	d.Answers = x.r.bindPairs(k, b.pairs, x.c, x.day)
	if b.forward {
		d.Prose = len(d.Answers) > 0
		for j := range d.Answers {
			d.Answers[j].Labelled = false
		}
	}
	d.Prose = d.Prose || slices.ContainsFunc(d.Answers, func(a nasdesk.Answer) bool { return !a.Labelled && a.Field != "role" })
	if d.Effective, ok = x.dayOf(d.Kind, x.withCommon(b)); !ok {
		return draft{}, false // from a day that nobody can tell yet
	}
	if x.onlyAsksHow(i) {
		d.Prose = true
	}
	if !x.marked(b) {
		return draft{}, false
	}
	return d, len(d.Answers) > 0 || x.needs(b, k)
}

// withCommon is what is said of a block's person, alone and with others.
func (x *text) withCommon(b block) []pair {
	out := b.pairs
	for _, o := range x.blocks {
		if o.common && o.run == b.run {
			out = append(slices.Clip(out), o.pairs...)
		}
	}
	return out
}

// dayOf reads the day from which a kind is asked for, "" for at once. ok is
// false where there is one that cannot be reckoned.
func (x *text) dayOf(kind string, ps []pair) (day nasdesk.Date, ok bool) {
	for _, p := range ps {
		if p.label.part != fromDay || !dated(kind) {
			continue
		}
		if x.openDay(p) {
			return "", false
		}
		back := strings.Contains(p.key, "return") || strings.Contains(p.key, "expected") || p.key == "due back"
		if d, ok := parseDay(p.value, x.day); ok && (!back || kind == "enable") {
			day = d
		}
	}
	return day, true
}

// onlyAsksHow reports whether a block stands under a question how to ask, and
// no asking: its details are read back.
func (x *text) onlyAsksHow(i int) bool {
	asks, _ := x.governing(i)
	how1 := false
	for _, a := range asks {
		if a.mood == asked {
			return false
		}
		how1 = how1 || a.mood == how
	}
	return how1
}

// marked reports whether a row is one of those that the text picks out: "remove
// the people marked No". Without such words every row is.
func (x *text) marked(b block) bool {
	if b.table == 0 {
		return true
	}
	for i := range x.sentences {
		s := &x.sentences[i]
		_, end, ok := findPhrase(s.toks, pickedOut)
		if !ok || end >= len(s.toks) || len(s.asks) == 0 {
			continue
		}
		w := strings.ToLower(s.toks[end].text)
		some := slices.ContainsFunc(x.blocks, func(o block) bool { return o.table == b.table && containsFold(o.cells, w) })
		return some && containsFold(b.cells, w)
	}
	return true
}

var pickedOut = compilePhrases("people marked|those marked|ones marked|users marked|accounts marked|anyone marked|everyone marked|staff marked|names marked|rows marked|those with a|people with a|those with|ones with|marked with a|marked with an|those highlighted|people highlighted|ones highlighted|those ticked|ticked as|flagged as")

var atOnce = compilePhrases("asap|immediately|immediate|now|today|straight away|already|left|gone|soon as possible|right away|at once|with immediate|effect")

// openDay reports whether a day from which something is asked for is none that
// can be reckoned: "when the locum has started", two of them, 31 June.
func (x *text) openDay(p pair) bool {
	if strings.TrimSpace(p.value) == "" || strings.Contains(p.key, "return") || strings.Contains(p.key, "end date") || strings.Contains(p.key, "due back") || strings.Contains(p.key, "required") {
		return false
	}
	v := strings.ToLower(strings.Trim(p.value, " .-–"))
	if v == "n/a" || v == "na" || v == "none" {
		return false
	}
	ts := tokens(p.value, 0, 0)
	days := map[nasdesk.Date]bool{}
	ds := daysIn(ts, x.day)
	for _, d := range ds {
		if _, bare := weekdays[ts[d.at].low]; bare && d.n == 1 && len(ds) > 1 {
			continue // 26 June (Friday)
		}
		days[d.date] = true
	}
	return len(days) > 1 || len(days) == 0 && !hasPhrase(ts, atOnce)
}

// each makes a request of every address behind one label, where nothing else is
// said of one person: "Users to be removed: a@nhs.net; b@nhs.net".
func (x *text) each(d draft) []draft {
	a := nasdesk.AnswerTo(d.Answers, "nhs_email")
	if a == nil || !a.Ambiguous || !x.byAddressAlone(d) {
		return []draft{d}
	}
	var out []draft
	for _, p := range x.blocks[d.block].pairs {
		if p.label.part != noPart || p.label.fields[d.kind] < 0 || x.r.forms[d.kind].Fields[p.label.fields[d.kind]].Name != "nhs_email" {
			continue
		}
		as := addressesIn(p.value, p.span.Start)
		if strings.Contains(p.value, "\n") && !p.list {
			return []draft{d} // the second may be the writer's own
		}
		if strings.Contains(strings.ToLower(p.value), " or ") || slices.ContainsFunc(as, func(m mailAddress) bool { return !m.value.NHS() }) {
			return []draft{d}
		}
		for _, m := range as {
			e := d
			e.pos = m.span.Start
			e.Answers = slices.Clone(d.Answers)
			*nasdesk.AnswerTo(e.Answers, "nhs_email") = nasdesk.Answer{Field: "nhs_email", Value: string(m.value), Written: m.written, Labelled: a.Labelled, Spans: []nasdesk.Span{m.span}}
			out = append(out, e)
		}
	}
	return out
}

// byAddressAlone reports whether a request says nothing of one person but the
// address.
func (x *text) byAddressAlone(d draft) bool {
	return !slices.ContainsFunc(d.Answers, func(a nasdesk.Answer) bool { return a.Field != "nhs_email" && !sharable(d.Kind, a.Field) })
}

// needs reports whether a block with nothing filled in is a form all the same.
func (x *text) needs(b block, k int) bool { return x.fitness(k, b.pairs) > 2 }

func (x *text) tableStart(n int) int {
	for _, b := range x.blocks {
		if b.table == n {
			return b.start
		}
	}
	return 0
}

// dated reports whether a kind may be asked for from a day to come. A new
// starter's first day is none.
func dated(kind string) bool {
	switch kind {
	case "new-user", "status", "report", "lost-details", "extra-accounts", "application-account", "password-reset":
		return false
	}
	return true
}
