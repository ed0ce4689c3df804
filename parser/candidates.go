package parser

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"nasdesk"
)

// A phone is a telephone number as it stands in a text.
type phone struct {
	written string
	span    nasdesk.Span
	mobile  nasdesk.Mobile // "" where it is none
}

// phonesIn finds the telephone numbers of a text that begins at offset start: a
// plus, a bracket or a digit, then digits with blanks, dots, hyphens and
// brackets between them, nine to fifteen in all.
func phonesIn(text string, start int) []phone {
	var out []phone
	for i := 0; i < len(text); {
		c := text[i]
		if c != '+' && c != '(' && (c < '0' || c > '9') || i > 0 && wordByte(text[i-1]) {
			i++
			continue
		}
		j := phoneEnd(text, i)
		if ps := numbersOf(text[i:j], start+i); len(ps) > 0 && !(j < len(text) && wordByte(text[j])) {
			out = append(out, ps...)
		}
		if j == i {
			j++
		}
		i = j
	}
	return out
}

func wordByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '@' || '0' <= c && c <= '9' || c == '.' || c >= 0xc3 && c <= 0xc9
}

// phoneEnd returns where the run of digits and dividers that begins at i ends.
func phoneEnd(text string, i int) int {
	last := i
	for j := i; j < len(text); {
		r, n := utf8.DecodeRuneInString(text[j:])
		switch {
		case '0' <= r && r <= '9':
			last = j + n
		case r == '+' && j == i, r == ' ', r == '\u00a0', r == '-', r == '.', r == '(', r == ')', r == '‑', r == '–', r == '\u2009', r == '\u202f', nasdesk.Invisible(r) && r != '\n':
		default:
			return last
		}
		j += n
	}
	return last
}

// numbersOf reads a run as one number, or as several that only blanks part.
func numbersOf(run string, at int) []phone {
	d := digitsOf(run)
	switch {
	case len(d) < 9 || !strings.HasPrefix(strings.TrimLeft(run, "("), "+") && d[0] != '0' && !strings.HasPrefix(d, "44") && !strings.HasPrefix(d, "7"):
		return nil
	case len(d) > 15:
		return parted(run, at)
	}
	p := phone{written: nasdesk.Clean(run), span: nasdesk.Span{Start: at, End: at + len(run)}}
	var m nasdesk.Mobile
	if m.Set(run) == nil {
		p.mobile = m
	}
	return []phone{p}
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// parted divides a run that is too long for one number behind each eleventh
// digit, where a number may begin.
func parted(run string, at int) []phone {
	n := 0
	for i := range len(run) {
		if '0' <= run[i] && run[i] <= '9' {
			n++
		}
		if n == 11 {
			rest := strings.TrimLeft(run[i+1:], " -.–")
			a, b := numbersOf(run[:i+1], at), numbersOf(rest, at+len(run)-len(rest))
			if len(a) == 1 && len(b) >= 1 {
				return append(a, b...)
			}
			return nil
		}
	}
	return nil
}

// A mailAddress is an address as it stands in a text.
type mailAddress struct {
	written string
	value   nasdesk.Address // "" where it is malformed
	span    nasdesk.Span
}

// addressesIn finds what is written with an @.
func addressesIn(text string, start int) []mailAddress {
	if !strings.Contains(text, "@") {
		return nil
	}
	var out []mailAddress
	for _, t := range tokens(text, start, 0) {
		if a, ok := addressOf(t); ok && (len(out) == 0 || out[len(out)-1].value != a.value || a.value == "") {
			out = append(out, a)
		}
	}
	return out
}

func addressOf(t token) (mailAddress, bool) {
	if !strings.Contains(t.text, "@") || strings.Count(t.text, "@") == 1 && t.text[0] == '@' {
		return mailAddress{}, false
	}
	a := mailAddress{written: t.text, span: t.span}
	var v nasdesk.Address
	if v.Set(t.text) == nil {
		a.value = v
	}
	return a, true
}

// codeShaped reports whether a word in capitals has the shape of an ODS code of
// some sector: four to six letters or digits, at least one of each.
func codeShaped(s string) bool {
	letters, digits := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case 'A' <= c && c <= 'Z':
			letters++
		case '0' <= c && c <= '9':
			digits++
		default:
			return false
		}
	}
	return len(s) >= 4 && len(s) <= 6 && letters > 0 && digits > 0
}

// readRole reads owner or member from a value. Ticks count before words; a
// value that names both and ticks neither is none, or two different ones.
func readRole(s string) (nasdesk.Role, bool) {
	if role, both, ok := ticked(s); ok {
		return role, both
	}
	var owner, member, apart, left bool
	ws := strings.FieldsFunc(strings.ToLower(nasdesk.Clean(s)), func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '/' })
	for i, w := range ws {
		if i > 0 && (ws[i-1] == "not" || ws[i-1] == "no" || ws[i-1] == "isn't") || i > 1 && (ws[i-2] == "not" || ws[i-2] == "no") && (ws[i-1] == "an" || ws[i-1] == "a") {
			continue
		}
		switch w {
		case "owner", "owners", "co-owner", "ownership":
			owner = true
		case "member", "members", "membership":
			member = member || i == 0 || ws[i-1] != "team" && ws[i-1] != "staff"
		case "or", "/":
			apart = true
		case "whichever", "either", "best", "think", "easier", "easiest", "mind", "decide", "choose":
			left = true // said of the two, where a form's hint says nothing
		}
		if strings.Contains(w, "/") {
			apart = true
			owner = owner || strings.Contains(w, "owner")
			member = member || strings.Contains(w, "member")
		}
	}
	switch {
	case owner && member:
		return "", !apart || left
	case owner:
		return nasdesk.Owner, false
	case member:
		return nasdesk.Member, false
	}
	return "", false
}

const (
	tickedMarks   = "☒☑✓✔✅☓✗✘🗹"
	untickedMarks = "☐□▢⬜◻"
)

// ticked reads the role whose box is ticked. ok is false where the text holds
// no boxes.
func ticked(s string) (role nasdesk.Role, both, ok bool) {
	t := strings.ToLower(nasdesk.Clean(s))
	for _, w := range []string{"[x]", "(x)", "[ x ]", "( x )", "[√]", "[✓]", "[y]", "[*]", "√"} {
		t = strings.ReplaceAll(t, w, "☒")
	}
	for _, w := range []string{"[ ]", "( )", "[]", "()", "[_]", "[  ]"} {
		t = strings.ReplaceAll(t, w, "☐")
	}
	if !strings.ContainsAny(t, tickedMarks+untickedMarks) {
		return "", false, false
	}
	owner, member := strings.Index(t, "owner"), strings.Index(t, "member")
	before := strings.IndexAny(t, tickedMarks+untickedMarks) < firstOf(owner, member)
	o, m := markOf(t, owner, "owner", before), markOf(t, member, "member", before)
	switch {
	case o && !m:
		return nasdesk.Owner, false, true
	case m && !o:
		return nasdesk.Member, false, true
	}
	return "", o && m, true
}

func firstOf(a, b int) int {
	if a < 0 || b >= 0 && b < a {
		return b
	}
	return a
}

// markOf reports whether the mark that belongs to a word is a tick.
func markOf(t string, at int, word string, before bool) bool {
	if at < 0 {
		return false
	}
	if before {
		i := strings.LastIndexAny(t[:at], tickedMarks+untickedMarks)
		return i >= 0 && !strings.ContainsAny(t[i:at], "abcdefghijklmnopqrstuvwxyz") && strings.ContainsAny(firstRune(t[i:]), tickedMarks)
	}
	rest := t[at+len(word):]
	i := strings.IndexAny(rest, tickedMarks+untickedMarks)
	return i >= 0 && !strings.ContainsAny(rest[:i], "abcdefghijklmnopqrstuvwxyz") && strings.ContainsAny(firstRune(rest[i:]), tickedMarks)
}

func firstRune(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return s[:n]
}

// foreignLetters reports whether letters of another alphabet stand among Latin
// ones in a word, or a word looks Latin and is none.
func foreignLetters(s string) bool {
	for w := range strings.FieldsSeq(s) {
		latin, other := false, false
		for _, r := range w {
			switch {
			case 0xff10 <= r && r <= 0xff5a, 0x1d400 <= r && r <= 0x1d7ff: // fullwidth and mathematical
				other = true
			case unicode.Is(unicode.Latin, r):
				latin = true
			case unicode.IsLetter(r) && !unicode.In(r, unicode.Common, unicode.Inherited):
				other = true
			}
		}
		if other && (latin || strings.ContainsAny(w, "@.0123456789") || lookalikes(w)) {
			return true
		}
	}
	return false
}

// lookalikes reports whether a word is made of letters that a reader takes for
// Latin ones.
func lookalikes(w string) bool {
	n := 0
	for _, r := range w {
		if unicode.IsLetter(r) {
			n++
			if !strings.ContainsRune("аеорсухіјѕԁһԛԝАВЕКМНОРСТУХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧοναιρυκτх", r) && !(0xff21 <= r && r <= 0xff5a) {
				return false
			}
		}
	}
	return n > 0
}
