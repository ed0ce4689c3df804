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
			ds = append(ds, d)
		}
	}
	ds = x.fromProse(ds)
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
	if !ok {
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
	for _, p := range b.pairs {
		if p.label.part == fromDay && dated(d.Kind) {
			if day, ok := parseDay(p.value, x.day); ok && !strings.Contains(p.key, "return") && !strings.Contains(p.key, "expected") && p.key != "due back" {
				d.Effective = day
			} else if ok && d.Kind == "enable" {
				d.Effective = day
			}
		}
	}
	return d, len(d.Answers) > 0 || x.needs(b, k)
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
