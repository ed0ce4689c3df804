package parser

import (
	"slices"
	"strings"

	"nasdesk"
)

// One mail often asks the same for several people: "User 1", "User 2", and
// below them what is said of both, such as the owner who asks. Each person is a
// request, and what stands under the common roof is given to each.

// ofSeveral takes off a normal label the number that tells one of several from
// the others: "user 2 mobile" is a mobile, of the second. 0 where there is none.
func ofSeveral(key string) (string, int) {
	ws := strings.Fields(key)
	for i, w := range ws {
		base, n := countWord(w)
		switch {
		case n == 0 || len(ws) == 1 && base == "":
		case i == 0 && len(ws) > 1 && namesPart[ws[1]] && !strings.ContainsAny(w, "0123456789"):
		case base != "": // "user1"
			return strings.Join(slices.Concat(ws[:i], []string{base}, ws[i+1:]), " "), n
		case i == len(ws)-1 && i > 0 || i == 0 && severals[ws[1]] || i > 0 && severals[ws[i-1]]:
			rest := ws[:i]
			if i > 1 && ws[i-1] == "number" && severals[ws[i-2]] { // "user no. 2"
				rest = ws[:i-1]
			}
			return strings.Join(slices.Concat(rest, ws[i+1:]), " "), n
		}
	}
	return key, 0
}

// withoutPerson takes the word for one of several off a label: "last day of
// user".
func withoutPerson(key string) string {
	ws := strings.Fields(key)
	i := slices.IndexFunc(ws, func(w string) bool { return severals[w] && !namesPart[w] })
	if i < 0 || len(ws) < 2 {
		return key
	}
	rest := ws[:i]
	if i > 0 && (ws[i-1] == "of" || ws[i-1] == "for") {
		rest = ws[:i-1]
	}
	return strings.Join(slices.Concat(rest, ws[i+1:]), " ")
}

// severals are what pharmacies count.
var severals = set("user account person staff leaver starter joiner colleague employee member name email mobile number applicant individual")

var counting = map[string]int{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4,
	"a": 1, "b": 2, "c": 3, "d": 4, "first": 1, "second": 2, "third": 3, "fourth": 4}

// namesPart are words in front of which first and second are no count: "first
// name", "second email".
var namesPart = set("name email number mobile")

// countWord reads the number of a word, and what stands before it in the same
// word: "2", "2nd", "user2". 07 is the beginning of a mobile, and none.
func countWord(w string) (string, int) {
	if n := counting[w]; n > 0 {
		return "", n
	}
	base := strings.TrimRight(w, "0123456789")
	digits := w[len(base):]
	if digits == "" || len(digits) > 2 || digits[0] == '0' || base != "" && !severals[base] {
		return "", 0
	}
	n := int(digits[0] - '0')
	if len(digits) == 2 {
		n = n*10 + int(digits[1]-'0')
	}
	return base, n
}

// byNumber parts a run of pairs whose labels are numbered. What stands without
// a number, once, is common to all. ok is false where the numbers tell no people
// apart: somebody is named without one, or a number stands at too little.
func (r *Reader) byNumber(ps []pair) (people [][]pair, common []pair, ok bool) {
	at := map[int]int{}
	last := -1
	for _, p := range ps {
		_, n := ofSeveral(p.key)
		switch {
		case n > 0:
			if _, known := at[n]; !known {
				at[n], people = len(people), append(people, nil)
			}
			last = at[n]
		case last < 0 || once(ps, p):
			common = append(common, p)
			continue
		}
		people[last] = append(people[last], p)
	}
	ok = len(people) > 1 && !slices.ContainsFunc(common, r.identifies)
	for _, g := range people {
		ok = ok && slices.ContainsFunc(g, func(p pair) bool { return r.identifies(p) || r.isOf(p.label, nasdesk.MobileType) && p.value != "" })
	}
	return people, common, ok
}

// once reports whether no other pair without a number has the label of p.
func once(ps []pair, p pair) bool {
	n := 0
	for _, q := range ps {
		if _, k := ofSeveral(q.key); k == 0 && sameLabel(p, q) {
			n++
		}
	}
	return n == 1
}

var naming = []nasdesk.Type{nasdesk.PersonType, nasdesk.NHSType, nasdesk.AddressType, nasdesk.TitleType}

// identifies reports whether a pair says whom a request is about.
func (r *Reader) identifies(p pair) bool {
	if p.value == "" || r.isOwners(p.label) {
		return false
	}
	return p.label.part == firstName || p.label.part == lastName || slices.ContainsFunc(naming, func(t nasdesk.Type) bool { return r.isOf(p.label, t) })
}

// meant keeps the asks that may mean the n-th of several: "remove user 1 but
// keep user 2" asks nothing for the second.
func (x *text) meant(asks []ask, n int) []ask {
	if n == 0 {
		return asks
	}
	return slices.DeleteFunc(slices.Clone(asks), func(a ask) bool {
		ns := x.numbersOf(a)
		return len(ns) > 0 && !slices.Contains(ns, n)
	})
}

// numbersOf are the numbers of the people whom the clause of an ask counts out:
// "reset user 2", "users 1 and 3".
func (x *text) numbersOf(a ask) []int {
	i := slices.IndexFunc(x.sentences, func(s sentence) bool { return s.span.Start <= a.pos && a.pos < s.span.End })
	if i < 0 {
		return nil
	}
	s := &x.sentences[i]
	end := (&gatherer{x: x}).clauseEnd(s, a)
	for _, b := range s.asks {
		if b.verb.at > a.verb.at {
			end = min(end, b.verb.at)
		}
	}
	var out []int
	for k := a.verb.at; k+1 < end; k++ {
		_, n := countWord(s.toks[k+1].low)
		w := strings.TrimSuffix(s.toks[k].low, "s")
		if n > 0 && (severals[w] && w != "number" || len(out) > 0 && (w == "and" || strings.Contains(s.toks[k].tail, ","))) {
			out = append(out, n)
		}
	}
	return out
}

// isOwners reports whether a label means the owner of the mailbox, and nobody's
// account that is asked about.
func (r *Reader) isOwners(h labelHit) bool {
	owner, account := false, false
	for k, f := range h.fields {
		if h.part == noPart && f >= 0 {
			name := r.forms[k].Fields[f].Name
			owner, account = owner || name == "owner_email", account || name == "nhs_email"
		}
	}
	return owner && !account
}

// underRoof takes from people what is said of all: what its label says so of,
// "Role for both", and what stands below a bare list: "Email: a@…, Email: b@…,
// Last day: …".
func (r *Reader) underRoof(people [][]pair) (each [][]pair, common []pair) {
	n := len(people) - 1
	if n < 1 {
		return people, nil
	}
	bare := !slices.ContainsFunc(people[:n], func(ps []pair) bool {
		return len(ps) != 1 || !r.identifies(ps[0]) || !sameLabel(ps[0], people[n][0])
	})
	for i, ps := range people {
		var own []pair
		for _, p := range ps {
			if p.all || i == n && bare && (p.label.part == fromDay || r.isOwners(p.label) || r.isOf(p.label, nasdesk.RoleType)) {
				common = append(common, p)
			} else {
				own = append(own, p)
			}
		}
		if len(own) > 0 {
			each = append(each, own)
		}
	}
	return each, common
}

// unpacked gives what stands behind an address or a name, under the
// same label, pairs of their own: "Account 1: a@nhs.net, 07700 900001". No label
// calls it a mobile, so it counts as prose.
func (r *Reader) unpacked(p pair) []pair {
	label := "mobile"
	if r.isOwners(p.label) {
		label = "owner mobile"
	} else if !r.identifies(p) {
		return []pair{p}
	}
	var out []pair
	for _, n := range phonesIn(p.value, p.span.Start) {
		if n.mobile != "" && len(out) == 0 {
			out = append(out, pair{label: r.labels[label], key: label, value: n.written, span: n.span, at: n.span.Start, line: p.line, loose: true})
		} else if n.mobile != "" {
			return []pair{p} // of two it is not said whose
		}
	}
	as := addressesIn(p.value, p.span.Start)
	if len(as) == 1 && r.isOf(p.label, nasdesk.PersonType) && as[0].value != "" {
		out = append(out, pair{label: r.labels["email"], key: "email", value: as[0].written, span: as[0].span, at: as[0].span.Start, line: p.line, loose: true})
	}
	if len(as) > 1 {
		return []pair{p}
	}
	if i := strings.LastIndexAny(p.value, ",;-–/("); i > 0 && roleAlone(strings.Trim(p.value[i:], ",;-–/() ")) {
		at := nasdesk.Span{Start: p.span.Start + i, End: p.span.End}
		out = append(out, pair{label: r.labels["role"], key: "role", value: strings.Trim(p.value[i:], ",;-–/() "), span: at, at: at.Start, line: p.line, loose: true})
	}
	return append([]pair{p}, out...)
}

// sharable reports whether a field is of the party that asks, or may be said of
// several at once, rather than of one person. A password goes to the mobile of
// the owner, whoever is locked out (contract, rule 11).
func sharable(kind, field string) bool {
	return field == "role" || field == "owner_email" || field == "mobile" && kind == "password-reset"
}

// share gives each request what stands under a common roof; a form that holds
// nothing else is no request of its own.
func (x *text) share(ds []draft) []draft {
	for i := range ds {
		d := &ds[i]
		for _, b := range x.blocks {
			if b.common && d.block >= 0 && x.blocks[d.block].run == b.run {
				x.takeCommon(d, b)
			}
		}
	}
	var out []draft
	for i, d := range ds {
		if d.block >= 0 && x.onlyShared(d) && x.others(ds, i) {
			for j := range ds {
				ds[j].take(d)
			}
		}
	}
	for i, d := range ds {
		if d.block < 0 || !x.onlyShared(d) || !x.others(ds, i) {
			out = append(out, d)
		}
	}
	x.shareAsker(out)
	return out
}

// others reports whether another request of the same kind says whom it is about.
func (x *text) others(ds []draft, i int) bool {
	for j, d := range ds {
		if j != i && d.kind == ds[i].kind && !x.onlyShared(d) {
			return true
		}
	}
	return false
}

// onlyShared reports whether a request holds nothing that is one person's.
func (x *text) onlyShared(d draft) bool {
	return len(d.Answers) > 0 && !slices.ContainsFunc(d.Answers, func(a nasdesk.Answer) bool { return !sharable(d.Kind, a.Field) })
}

// takeCommon gives a request what a block says of all.
func (x *text) takeCommon(d *draft, b block) {
	given := draft{kind: d.kind, block: -1}
	given.Kind, given.Answers = d.Kind, x.r.bindPairs(d.kind, b.pairs, x.c, x.day)
	d.take(given)
	if day, _ := x.dayOf(d.Kind, b.pairs); d.Effective == "" {
		d.Effective = day
	}
}

// take fills what a request lacks from another of its kind.
func (d *draft) take(from draft) {
	if d.kind != from.kind {
		return
	}
	for _, a := range from.Answers {
		if sharable(d.Kind, a.Field) && nasdesk.AnswerTo(d.Answers, a.Field) == nil {
			d.Answers = append(slices.Clip(d.Answers), a)
			d.Prose = d.Prose || !a.Labelled && a.Field != "role"
		}
	}
}

// shareAsker gives the owner who asks, named with one of several people, to the
// others: there is but one writer. Two owners are not shared out.
func (x *text) shareAsker(ds []draft) {
	for _, f := range []string{"owner_email", "mobile"} {
		var said *nasdesk.Answer
		kind, many := -1, false
		for _, d := range ds {
			a := nasdesk.AnswerTo(d.Answers, f)
			if a == nil || d.Kind == "team" || !sharable(d.Kind, f) {
				continue
			}
			many = many || a.Ambiguous || said != nil && (said.Value != a.Value || kind != d.kind)
			said, kind = a, d.kind
		}
		if said == nil || many {
			continue
		}
		from := draft{kind: kind}
		from.Answers = []nasdesk.Answer{*said}
		for i := range ds {
			ds[i].take(from)
		}
	}
}
