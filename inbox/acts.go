package inbox

import (
	"strings"

	"nasdesk"
)

// keysOfAct is what an act of staff points at: the requests, what was typed, and
// the rows of an edit.
func keysOfAct(e *nasdesk.StaffEvent) nasdesk.Keys {
	var k nasdesk.Keys
	for _, id := range []int64{e.Request, e.Other} {
		if id != 0 {
			k.Requests = append(k.Requests, id)
		}
	}
	keysOfText(&k, e.Value)
	for _, v := range e.Also {
		keysOfText(&k, v)
	}
	if e.Edit != nil {
		k, _ = k.Merge(keysOfEdit(e.Edit))
	}
	return k
}

// keysOfText adds what a typed value points at, by its shape.
func keysOfText(k *nasdesk.Keys, text string) {
	var m nasdesk.Mobile
	var code nasdesk.ODSCode
	switch {
	case m.Set(text) == nil:
		k.Mobiles = append(k.Mobiles, m)
	case strings.ContainsAny(text, "0123456789") && code.Set(text) == nil:
		k.ODS = append(k.ODS, code)
	}
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' || r == ';' || r == '\n' }) {
		var a nasdesk.Address
		if a.Set(w) == nil {
			k.Addresses = append(k.Addresses, a)
		}
	}
}

func keysOfEdit(d *nasdesk.Edit) nasdesk.Keys {
	var k nasdesk.Keys
	add := func(as ...nasdesk.Address) { k.Addresses = append(k.Addresses, as...) }
	if d.Mailbox != nil {
		add(d.Mailbox.Address)
		k.ODS = append(k.ODS, d.Mailbox.ODS)
	}
	if d.Account != nil {
		add(d.Account.Address)
		k.Mobiles = append(k.Mobiles, d.Account.Mobile)
	}
	for _, l := range []*nasdesk.Membership{d.Link, d.Unlink} {
		if l != nil {
			add(l.Mailbox, l.Account)
		}
	}
	if d.Approval != nil {
		add(d.Approval.Mailbox)
	}
	return k
}
