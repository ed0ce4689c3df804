package parser

import (
	"slices"
	"strings"

	"nasdesk"
)

// fromProse adds the requests that stand in prose, and what prose adds to those
// that stand behind labels.
func (x *text) fromProse(ds []draft) []draft {
	x.complete(ds)
	people := x.wanted(ds)
	for _, p := range people {
		if d, ok := x.fromPerson(p); ok {
			ds = append(ds, d)
		}
	}
	return x.alone(ds)
}

// ofPeople are the kinds that are asked for a person.
var ofPeople = set("new-user link-user unlink-user reinstate disable enable leaver joiner password-reset")

// general are the asks that are about nobody in particular, of the sender's
// sentences and of the subject.
func (x *text) general() []ask {
	var out []ask
	for i := range x.sentences {
		s := &x.sentences[i]
		if s.subject && s.reply || s.forward && x.ownAsks() {
			continue
		}
		for _, a := range s.asks {
			if a.mood.acts() && ofPeople[x.r.kinds[a.kind].Name] && !x.isOfSomebody(a) && !x.partOfWhole(a) {
				out = append(out, a)
			}
		}
	}
	return out
}

func (x *text) isOfSomebody(a ask) bool {
	return slices.ContainsFunc(x.people, func(p *person) bool { return slices.Contains(p.asks, a) })
}

// wanted are the people for whom prose asks something that no form does.
func (x *text) wanted(ds []draft) []*person {
	var out []*person
	for _, p := range x.people {
		switch {
		case x.isBarred(p) || x.inBlocks(p, ds):
		case x.asksFor(p) && (x.isTold(p) || p.name.whole && x.named(p)):
			if len(ds) > 0 && !x.distinct(p, ds) {
				continue
			}
			out = append(out, p)
		case !slices.ContainsFunc(ds, func(d draft) bool { return !x.onlyShared(d) }) && x.isTold(p) && len(x.general()) > 0:
			out = append(out, p)
		}
	}
	if len(out) == 0 && len(ds) == 0 {
		out = x.solo()
	}
	return out
}

// solo is the one person of a text in which nothing else fits: named with an
// ask, or known by a number alone.
func (x *text) solo() []*person {
	var able []*person
	for _, p := range x.people {
		if !x.isBarred(p) && (len(p.mobiles)+len(p.addresses) > 0 || p.name.whole) {
			able = append(able, p)
		}
	}
	if len(able) != 1 || !x.asksFor(able[0]) && len(x.general()) == 0 {
		return nil
	}
	return able
}

// isTold reports whether a number or an address is told of a person.
func (x *text) isTold(p *person) bool { return len(p.mobiles)+len(p.addresses) > 0 }

// named reports whether a request for the person by name alone makes sense: the
// person is the object of an ask.
func (x *text) named(p *person) bool { return true }

// asksFor reports whether something is asked for the person.
func (x *text) asksFor(p *person) bool {
	return slices.ContainsFunc(p.asks, func(a ask) bool { return a.mood.acts() && ofPeople[x.r.kinds[a.kind].Name] && !x.partOfWhole(a) })
}

// partOfWhole reports whether an ask is part of what the whole message is about:
// the people of a consolidation, or what a suspicious message wanted.
func (x *text) partOfWhole(b ask) bool {
	for i := range x.sentences {
		for _, a := range x.sentences[i].asks {
			switch x.r.kinds[a.kind].Name {
			case "consolidation", "report":
				if a.mood.acts() && !a.weak && x.r.absorbed(a.kind, b.kind) {
					return true
				}
			}
		}
	}
	return false
}

// isBarred reports whether all that is said of a person is not to be done.
func (x *text) isBarred(p *person) bool {
	if x.isTold(p) && len(p.mobiles) == 0 && !slices.ContainsFunc(p.addresses, func(f found) bool { return !f.old }) {
		return true // left out: "not colin@nhs.net"
	}
	return len(p.asks) > 0 && !slices.ContainsFunc(p.asks, func(a ask) bool { return a.mood.acts() }) && refusing(p.asks)
}

// inBlocks reports whether a labelled request is about this person.
func (x *text) inBlocks(p *person, ds []draft) bool {
	for _, d := range ds {
		for _, a := range d.Answers {
			switch {
			case a.Field == "full_name" && p.known && sameName(a.Value, p.name.name):
				return true
			case strings.Contains(a.Value, "@") && (p.owns(nasdesk.Address(a.Value)) && p.known || containsValue(p.addresses, a.Value)):
				return true
			}
		}
		if d.block >= 0 {
			for _, q := range x.blocks[d.block].pairs {
				if p.known && q.value != "" && sameName(q.value, p.name.name) {
					return true
				}
			}
		}
	}
	return false
}

func containsValue(fs []found, v string) bool {
	return slices.ContainsFunc(fs, func(f found) bool { return strings.EqualFold(f.value, v) })
}

// sameName reports whether two names may be of one person: the same, or the
// first name or surname of the other.
func sameName(a, b string) bool {
	fa, la := nameParts(cleanName(a))
	fb, lb := nameParts(cleanName(b))
	if la == "" || lb == "" {
		return fa == fb || fa == lb || fb == la || fa == la
	}
	return fa == fb && la == lb || fa == lb && la == fb
}

func cleanName(s string) string {
	var n nasdesk.PersonName
	if n.Set(s) == nil {
		return string(n)
	}
	return s
}

// distinct reports whether a person has a request of their own beside labelled
// ones: another kind, or a number or address of their own.
func (x *text) distinct(p *person, ds []draft) bool {
	k := x.r.choose(p.asks, func(int) int { return 0 })
	if k < 0 {
		return false
	}
	for _, d := range ds {
		if d.kind == k || x.r.absorbed(d.kind, k) || x.r.absorbed(k, d.kind) {
			return x.isTold(p) && (x.ownIdentity(d) || x.onlyShared(d))
		}
	}
	return true
}

// ownIdentity reports whether a labelled request says by itself whom it is
// about.
func (x *text) ownIdentity(d draft) bool {
	return nasdesk.AnswerTo(d.Answers, "full_name") != nil || nasdesk.AnswerTo(d.Answers, "nhs_email") != nil
}

// kindFor returns the kind that is asked for a person: by the asks about them,
// else by the general ones.
func (x *text) kindFor(p *person) (int, nasdesk.Span, bool) {
	fit := func(k int) int { return x.suits(k, p) }
	acting := slices.DeleteFunc(slices.Clone(p.asks), func(a ask) bool { return !a.mood.acts() || !ofPeople[x.r.kinds[a.kind].Name] || x.partOfWhole(a) })
	all := append(slices.Clone(acting), x.general()...)
	if strong := slices.DeleteFunc(slices.Clone(acting), func(a ask) bool { return a.weak }); len(strong) > 0 {
		k := x.r.choose(strong, fit)
		return k, spanOf(strong, k), k >= 0
	}
	k := x.r.choose(all, fit)
	return k, spanOf(all, k), k >= 0
}

// isKnown reports whether a new account is asked for somebody who has one: an
// address at nhs.net, no other, and words that say so.
func (x *text) isKnown(k int, p *person, link int) bool {
	if x.r.kinds[k].Name != "new-user" || x.suits(k, p) >= 0 || x.suits(link, p) <= 0 {
		return false
	}
	for i := range x.sentences {
		if slices.ContainsFunc(x.sentences[i].asks, func(a ask) bool { return a.kind == link && a.mood.acts() }) {
			return true
		}
	}
	return false
}

// suits is how well what is told of a person fills a kind's form.
func (x *text) suits(k int, p *person) int {
	n := 0
	nhs := slices.ContainsFunc(p.addresses, func(f found) bool { return f.nhs })
	other := slices.ContainsFunc(p.addresses, func(f found) bool { return !f.nhs })
	for _, f := range x.r.forms[k].Fields {
		switch f.Name {
		case "nhs_email":
			if nhs {
				n += 2
			} else if f.Needed {
				n--
			}
		case "alternative_email":
			if other {
				n += 2
			} else {
				n--
			}
			if nhs {
				n--
			}
		case "mobile":
			if len(p.mobiles) > 0 {
				n++
			}
		}
	}
	if other && x.r.forms[k].Field("alternative_email") == nil {
		n--
	}
	return n
}

// fromPerson makes the request for one person.
func (x *text) fromPerson(p *person) (draft, bool) {
	k, span, ok := x.kindFor(p)
	if !ok {
		return draft{}, false
	}
	if link, ok := x.r.index["link-user"]; ok && x.isKnown(k, p, link) {
		k = link
	}
	d := draft{kind: k, pos: p.pos, block: -1, person: p}
	d.Kind, d.Asked = x.r.kinds[k].Name, span
	for _, f := range x.r.forms[k].Fields {
		if a, ok := settle(f.Name, x.told(d.Kind, f.Name, p)); ok {
			a.Labelled = false
			d.Answers = append(d.Answers, a)
		}
	}
	d.Prose = len(d.Answers) > 0
	return d, true
}

// told returns what is told for one field of a kind, of a person.
func (x *text) told(kind, field string, p *person) []read {
	switch field {
	case "full_name":
		if p.known && p.name.whole {
			return []read{{value: p.name.name, written: p.name.name, valid: true, span: p.name.span, prose: true}}
		}
	case "mobile":
		return x.mobileOf(kind, p)
	case "alternative_email":
		var own []found
		for _, f := range p.addresses {
			if !f.nhs || f.alt {
				own = append(own, f)
			}
		}
		return reads(own, true)
	case "nhs_email":
		var own []found
		for _, f := range p.addresses {
			if (f.nhs || !f.valid) && !f.alt && (!x.needsOwner(kind) || f.whose != mine && f.whose != owners) {
				own = append(own, f)
			}
		}
		if len(own) == 0 && !p.known && (!x.needsOwner(kind) || x.ofOneself(kind)) {
			own = x.me.addresses
		}
		return reads(own, true)
	case "owner_email":
		return reads(x.ownerAddresses(p), true)
	}
	return nil
}

func (x *text) needsOwner(kind string) bool {
	return x.r.forms[x.r.index[kind]].Field("owner_email") != nil
}

// ownerAddresses are the addresses at nhs.net that the text calls its writer's
// or an owner's.
func (x *text) ownerAddresses(p *person) []found {
	var out []found
	for _, f := range x.me.addresses {
		if (f.nhs || !f.valid) && !containsValue(p.addresses, f.value) {
			out = append(out, f)
		}
	}
	return out
}

// mobileOf returns the mobile that a kind wants: a password goes to the owner's,
// all else is about the account's own.
func (x *text) mobileOf(kind string, p *person) []read {
	if kind == "password-reset" {
		if len(x.me.mobiles) > 0 {
			return reads(x.me.mobiles, true)
		}
		var open []found
		for _, f := range p.mobiles {
			if f.whose != theirs {
				open = append(open, f)
			}
		}
		return reads(open, true)
	}
	if len(p.mobiles) == 0 && x.ofOneself(kind) {
		return reads(x.me.mobiles, true)
	}
	return reads(p.mobiles, true)
}

var ownAccount = compilePhrases("my account|my nhs.net account|my own account|my nhs account|my nhsmail account|my email account|my login|my own nhs.net account|my personal account|mark me|disable me")

// ofOneself reports whether the writer asks it for their own account.
func (x *text) ofOneself(kind string) bool {
	k := x.r.index[kind]
	for i := range x.sentences {
		s := &x.sentences[i]
		if !slices.ContainsFunc(s.asks, func(a ask) bool { return a.kind == k && a.mood.acts() }) {
			continue
		}
		if _, _, ok := findPhrase(s.toks, ownAccount); ok {
			return true
		}
	}
	return false
}

// reads turns what was found into values: what is told of as wrong goes where
// something else is told.
func reads(fs []found, prose bool) []read {
	fs = slices.DeleteFunc(slices.Clone(fs), func(f found) bool { return f.old })
	var out []read
	for _, f := range fs {
		out = append(out, read{value: f.value, written: f.written, valid: f.valid, span: f.span, prose: prose})
	}
	return out
}

// complete adds to labelled requests what prose says of them: a single request
// takes what its labels lack from the one person spoken of.
func (x *text) complete(ds []draft) {
	for i := range ds {
		d := &ds[i]
		p := x.spokenOf(*d, len(ds))
		if p == nil {
			continue
		}
		for _, f := range x.r.forms[d.kind].Fields {
			if f.Name == "role" || nasdesk.AnswerTo(d.Answers, f.Name) != nil || x.labelledAway(*d, f.Name) {
				continue
			}
			if a, ok := settle(f.Name, x.told(d.Kind, f.Name, p)); ok && (f.Needed || !a.Ambiguous) {
				a.Labelled = false
				d.Answers = append(d.Answers, a)
				d.Prose = true
			}
		}
	}
}

// labelledAway reports whether the form has the field's label with nothing
// behind it that could be read: what its writer left open is not filled in.
func (x *text) labelledAway(d draft, field string) bool {
	for _, p := range x.blocks[d.block].pairs {
		if p.label.part == noPart && p.label.fields[d.kind] >= 0 && x.r.forms[d.kind].Fields[p.label.fields[d.kind]].Name == field && strings.TrimSpace(p.value) == "" {
			return true
		}
	}
	return false
}

// spokenOf returns the person whom a labelled request is about.
func (x *text) spokenOf(d draft, n int) *person {
	var able []*person
	for _, p := range x.people {
		if x.isBarred(p) {
			continue
		}
		if x.inBlocks(p, []draft{d}) {
			return p
		}
		if p.name.whole && x.asksFor(p) || x.isTold(p) {
			able = append(able, p)
		}
	}
	if len(able) == 1 && n == 1 && !(x.ownIdentity(d) && able[0].known && nasdesk.AnswerTo(d.Answers, "full_name") != nil) {
		p := able[0]
		if a := nasdesk.AnswerTo(d.Answers, "nhs_email"); a != nil && p.known && !p.owns(nasdesk.Address(a.Value)) {
			return nil
		}
		return p
	}
	if n == 1 && len(able) == 0 {
		return &person{}
	}
	return nil
}
