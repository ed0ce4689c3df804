package parser

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"nasdesk"
)

// A read is one value found for a field.
type read struct {
	value   string // normal form, or as written where it is invalid
	written string
	valid   bool
	twice   bool // two different values stand there
	span    nasdesk.Span
	prose   bool
}

// bindPairs fills the fields of kind k from the pairs of one block.
func (r *Reader) bindPairs(k int, ps []pair, c *nasdesk.Case, day nasdesk.Date) []nasdesk.Answer {
	var out []nasdesk.Answer
	for f, field := range r.forms[k].Fields {
		var found []read
		for _, p := range ps {
			if p.label.part == noPart && int(p.label.fields[k]) == f && !r.ofAnother(k, field.Name, p.key) {
				if v, ok := readValue(field.Value.Type(), p, c); ok {
					v.prose = p.loose
					found = append(found, v)
				}
			}
		}
		if field.Value.Type() == nasdesk.PersonType && len(found) == 0 {
			found = joinedName(ps)
		}
		if a, ok := settle(field.Name, ownLabelled(found)); ok {
			out = append(out, a)
		}
	}
	return out
}

// ownLabelled keeps the values that stand behind a label of their own, where
// there are any.
func ownLabelled(found []read) []read {
	own := slices.DeleteFunc(slices.Clone(found), func(v read) bool { return v.prose })
	if len(own) == 0 || slices.ContainsFunc(found, func(v read) bool { return !strings.EqualFold(v.value, own[0].value) }) {
		return found
	}
	return own
}

// ofAnother reports whether a label speaks of somebody else than the field: a
// password goes to the owner's mobile, so "user's mobile" is not it.
func (r *Reader) ofAnother(k int, field, key string) bool {
	if field != "mobile" || r.kinds[k].Name != "password-reset" {
		return false
	}
	for w := range strings.FieldsSeq(key) {
		switch w {
		case "user", "staff", "person", "employee", "their", "his", "her", "colleague", "locked":
			return true
		case "owner", "my":
			return false
		}
	}
	return false
}

// settle makes an answer of what was found for a field: of several values the
// valid ones count, and two different ones make it ambiguous.
func settle(field string, found []read) (nasdesk.Answer, bool) {
	valid := found[:0:0]
	for _, v := range found {
		if v.valid || v.twice {
			valid = append(valid, v)
		}
	}
	if len(valid) > 0 {
		found = valid
	}
	if len(found) == 0 {
		return nasdesk.Answer{}, false
	}
	a := nasdesk.Answer{Field: field, Value: found[0].value, Written: found[0].written, Labelled: true}
	for _, v := range found {
		a.Spans = append(a.Spans, v.span)
		a.Labelled = a.Labelled && !v.prose
		if v.twice || !strings.EqualFold(v.value, found[0].value) {
			a.Ambiguous = true
		}
	}
	if a.Ambiguous {
		a.Value = ""
	}
	return a, true
}

// joinedName makes one name of a first name and a surname that stand under two
// labels.
func joinedName(ps []pair) []read {
	var first, last read
	for _, p := range ps {
		switch p.label.part {
		case firstName:
			first, _ = readValue(nasdesk.PersonType, p, nil)
		case lastName:
			last, _ = readValue(nasdesk.PersonType, p, nil)
		}
	}
	if first.value == "" || last.value == "" {
		return nil
	}
	return []read{{value: first.value + " " + last.value, written: first.written + " " + last.written, valid: true,
		span: nasdesk.Span{Start: min(first.span.Start, last.span.Start), End: max(first.span.End, last.span.End)}}}
}

var emptyValues = set("n/a na none nil - -- ? ?? tbc tba unknown x xx xxx no nothing . … .. ... ____ ___ __ _ pending blank empty")

// isEmpty reports whether a value says that there is none.
func isEmpty(v string) bool {
	t := strings.Trim(strings.ToLower(nasdesk.Clean(v)), " ()[]*")
	if emptyValues[strings.Trim(t, ".")] || t == "" || strings.Trim(t, "_.-–… *?") == "" {
		return true
	}
	for _, w := range []string{"as above", "see above", "see below", "as below", "not known", "not applicable", "to follow", "to be confirmed", "don't know", "not sure", "same as above", "e.g", "eg ", "eg.", "for example", "i.e", "please enter", "please provide", "enter ", "insert ", "click here", "not available", "not yet", "none -", "none "} {
		if strings.HasPrefix(t, w) {
			return true
		}
	}
	return false
}

// readValue reads the value of a pair as a type. ok is false where there is
// none.
func readValue(t nasdesk.Type, p pair, c *nasdesk.Case) (read, bool) {
	text, at := withoutHints(p.value, p.span.Start)
	if isEmpty(text) {
		return read{}, false
	}
	v := read{written: nasdesk.Clean(text), span: nasdesk.Span{Start: at, End: at + len(text)}}
	switch t {
	case nasdesk.MobileType:
		return readMobile(v, text, at, p.label.phone)
	case nasdesk.AddressType, nasdesk.NHSType:
		return readAddress(v, text, at, t)
	case nasdesk.AddressesType:
		return readAddresses(v, text)
	case nasdesk.PersonType:
		return readPerson(v, text)
	case nasdesk.RoleType:
		role, both := readRole(text)
		v.value, v.valid, v.twice = string(role), role != "", both
		return v, role != "" || both
	case nasdesk.ODSType:
		return readCode(v, text)
	case nasdesk.MailboxType:
		return readMailbox(v, text, c)
	}
	return readPlain(v, t)
}

// withoutHints drops the brackets that only explain: "(must start with 07)".
func withoutHints(s string, at int) (string, int) {
	for {
		t := strings.TrimLeftFunc(s, func(r rune) bool { return isBlank(r) || nasdesk.Invisible(r) || r == ':' })
		at, s = at+len(s)-len(t), t
		if !strings.HasPrefix(s, "(") {
			break
		}
		i := strings.IndexByte(s, ')')
		if i < 0 || len(digitsOf(s[:i])) >= 4 && !strings.ContainsFunc(s[:i], unicode.IsLetter) || !strings.ContainsFunc(s[i+1:], func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			break
		}
		if role, _ := readRole(s[:i]); role != "" || strings.EqualFold(s[:i], "(x") || i == 2 && s[1] == ' ' {
			break
		}
		at, s = at+i+1, s[i+1:]
	}
	return strings.TrimRightFunc(s, isBlank), at
}

func readMobile(v read, text string, at int, phoneLabel bool) (read, bool) {
	ps := phonesIn(text, at)
	var mobiles []phone
	for _, p := range ps {
		if p.mobile != "" && (len(mobiles) == 0 || mobiles[0].mobile != p.mobile) {
			mobiles = append(mobiles, p)
		}
	}
	switch {
	case len(mobiles) > 1:
		v.twice = true
	case len(mobiles) == 1:
		v.value, v.written, v.span, v.valid = string(mobiles[0].mobile), mobiles[0].written, mobiles[0].span, true
	case len(digitsOf(text)) < 4 || phoneLabel && !strings.HasPrefix(digitsOf(text), "07"):
		return v, false
	default:
		v.value = v.written
		if len(ps) == 1 && strings.ContainsAny(text, "()") {
			v.value = strings.TrimSpace(ps[0].written)
		}
	}
	return v, true
}

func readAddress(v read, text string, at int, t nasdesk.Type) (read, bool) {
	as := addressesIn(text, at)
	for _, a := range as[min(1, len(as)):] {
		if a.value != as[0].value {
			v.twice = true
			return v, true
		}
	}
	if len(as) == 1 || len(as) > 1 {
		v.value, v.written, v.span = string(as[0].value), as[0].written, as[0].span
		v.valid = as[0].value != "" && (t == nasdesk.AddressType || as[0].value.NHS())
		if as[0].value == "" {
			v.value = as[0].written
			if strings.ContainsFunc(text, isBlank) && words(text) <= 3 && strings.HasSuffix(strings.TrimSpace(text), as[0].written) {
				v.value = v.written
			}
		}
		return v, true
	}
	// Words, such as a name, are no address: the field stays open. What looks
	// like a slip in an address is one that is invalid.
	if !addressLike(text) {
		return v, false
	}
	v.value = v.written
	return v, true
}

func addressLike(text string) bool {
	t := strings.ToLower(text)
	if strings.Contains(t, "(at)") || strings.Contains(t, "[at]") || strings.Contains(t, " at ") && strings.Contains(t, "dot") {
		return true
	}
	return words(text) <= 2 && strings.Contains(strings.Trim(t, "."), ".") && !strings.Contains(t, ". ")
}

func readAddresses(v read, text string) (read, bool) {
	var l nasdesk.Addresses
	if err := l.Set(text); err != nil {
		if !strings.ContainsFunc(text, unicode.IsLetter) {
			return v, false
		}
		v.value = v.written
		return v, true
	}
	v.value, v.valid = l.String(), true
	return v, true
}

// readPerson reads a name and drops what is written behind it: an address, a
// number, brackets, a job title.
func readPerson(v read, text string) (read, bool) {
	t := text
	for _, cut := range []string{" - ", " – ", " — ", "\t", " <", ";", "|", " / ", "  ", "("} {
		if i := strings.Index(t, cut); i > 0 {
			t = t[:i]
		}
	}
	if i := strings.IndexFunc(t, func(r rune) bool { return unicode.IsDigit(r) || r == '@' }); i >= 0 {
		if t[i] == '@' || strings.ContainsFunc(t[:i], unicode.IsLetter) && i > 0 {
			i = max(strings.LastIndexFunc(t[:i], isBlank), 0)
		}
		t = t[:i]
	}
	if before, after, ok := strings.Cut(t, ","); ok && (isJob(after) || words(before) > 1 && words(after) > 2 || strings.TrimSpace(after) == "") {
		t = before
	}
	t = strings.TrimRightFunc(t, func(r rune) bool { return isBlank(r) || r == ',' || r == '.' })
	var n nasdesk.PersonName
	if strings.TrimSpace(t) == "" || words(t) > 7 || n.Set(t) != nil || allJob(t) || !strings.ContainsFunc(string(n), unicode.IsLetter) {
		return v, false
	}
	v.value, v.written, v.valid = string(n), nasdesk.Clean(t), true
	v.span.End = v.span.Start + len(t)
	return v, true
}

func isJob(s string) bool {
	for w := range strings.FieldsSeq(strings.ToLower(s)) {
		if jobs[strings.Trim(w, ".,()")] {
			return true
		}
	}
	return false
}

// allJob reports whether a text is nothing but words of the trade: "New
// dispenser" is no name.
func allJob(s string) bool {
	for w := range strings.FieldsSeq(strings.ToLower(s)) {
		w = strings.Trim(w, ".,()")
		if !jobs[w] && !notNames[w] {
			return false
		}
	}
	return true
}

// readCode reads an ODS code: the address of a mailbox names it too. What is no
// code stays as it is written.
func readCode(v read, text string) (read, bool) {
	for _, t := range tokens(text, v.span.Start, 0) {
		if local, _, ok := strings.Cut(t.text, "@"); ok {
			if i := strings.LastIndexByte(local, '.'); i >= 0 && codeShaped(strings.ToUpper(local[i+1:])) {
				v.value, v.valid = strings.ToUpper(local[i+1:]), true
				return v, true
			}
		}
		if u := strings.ToUpper(t.text); codeShaped(u) || len(u) == 5 && u[0] == 'F' && words(text) == 1 {
			v.value, v.written, v.span, v.valid = u, t.text, t.span, true
			return v, true
		}
	}
	var o nasdesk.ODSCode
	if o.Set(text) == nil {
		v.value, v.valid = o.String(), true
		return v, true
	}
	v.value = v.written
	if first := tokens(text, v.span.Start, 0); len(first) > 0 && words(text) > 3 && !strings.ContainsFunc(text, unicode.IsDigit) {
		return v, false
	}
	return v, true
}

// readMailbox reads a shared mailbox by its address, its address without the
// domain, its code, or its name in the register.
func readMailbox(v read, text string, c *nasdesk.Case) (read, bool) {
	for _, a := range addressesIn(text, v.span.Start) {
		if a.value != "" {
			v.value, v.written, v.span, v.valid = string(a.value), a.written, a.span, true
			return v, true
		}
	}
	var n nasdesk.MailboxName
	if n.Set(text) == nil {
		v.value, v.valid = n.String(), true
		if c != nil {
			if m := c.MailboxNamed(n); m != nil {
				v.value = string(m.Address)
			}
		}
		return v, true
	}
	if c != nil {
		for i := range c.Mailboxes {
			if strings.EqualFold(c.Mailboxes[i].Name, v.written) {
				v.value, v.valid = string(c.Mailboxes[i].Address), true
				return v, true
			}
		}
	}
	v.value = v.written
	return v, true
}

func readPlain(v read, t nasdesk.Type) (read, bool) {
	var val nasdesk.Value
	switch t {
	case nasdesk.CountType:
		val = new(nasdesk.Count)
	case nasdesk.ReferenceType:
		val = new(nasdesk.ReferenceNumber)
		if i := strings.Index(strings.ToUpper(v.written), "NAS-"); i >= 0 {
			v.written = strings.Trim(v.written[i:min(len(v.written), i+12)], "[]() ")
		}
	case nasdesk.TitleType:
		val = new(nasdesk.Title)
	default:
		val = new(nasdesk.Text)
	}
	v.value = v.written
	if val.Set(v.written) == nil {
		v.value, v.valid = val.String(), true
	}
	if r, _ := utf8.DecodeRuneInString(v.value); r == utf8.RuneError {
		return v, false
	}
	return v, true
}
