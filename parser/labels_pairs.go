package parser

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"nasdesk"
)

// A pair is a label with its value, or a label whose value is empty.
type pair struct {
	label labelHit
	key   string // the label, normal
	value string // as written, trimmed
	span  nasdesk.Span
	at    int  // where the label stands
	line  int  // index into Message.Lines
	fresh bool // a blank line or a heading stands before it
	form  bool // typed into our own form
	all   bool // the label says that it is said of all: "Role for both"
	list  bool // the label announces several: "NHS.net emails"
	loose bool // it stands behind the label of another value
}

// A stretch is a piece of text at its place in the message.
type stretch struct {
	text string
	at   int
}

func (s stretch) from(i int) stretch { return stretch{s.text[i:], s.at + i} }

func (s stretch) to(i int) stretch { return stretch{s.text[:i], s.at} }

// trim cuts blanks and what divides pairs off both ends.
func (s stretch) trim(more string) stretch {
	cut := func(r rune) bool { return isBlank(r) || nasdesk.Invisible(r) || strings.ContainsRune(more, r) }
	t := strings.TrimLeftFunc(s.text, cut)
	s.at += len(s.text) - len(t)
	s.text = strings.TrimRightFunc(t, cut)
	return s
}

func (s stretch) span() nasdesk.Span { return nasdesk.Span{Start: s.at, End: s.at + len(s.text)} }

var decoration = regexp.MustCompile(`^[\s\x{00a0}]*(?:[•·●▪◦○■*\-–—>✓➢→]+[\s\x{00a0}]*)?(?:\(?(?:\d{1,2}|[a-hA-H]|[ivx]{1,3})[.)][\s\x{00a0}]+)?[*_]*`)

// pairsOf reads the pairs of one line. Second result: the line is a bare label,
// whose value may stand on the next line.
func (r *Reader) pairsOf(line stretch, strict bool) ([]pair, bool) {
	s := line.from(len(decoration.FindString(line.text))).trim("")
	if s.text == "" || len(s.text) > 2000 {
		return nil, false
	}
	var out []pair
	for _, seg := range segments(s) {
		ps, bare := r.segmentPairs(seg, strict || len(out) > 0)
		if ps == nil && !bare {
			if len(out) == 0 {
				return nil, false
			}
			continue
		}
		out = append(out, ps...)
	}
	return out, len(out) == 1 && out[0].value == ""
}

// segments divides a line at bars and tabs.
func segments(s stretch) []stretch {
	if !strings.ContainsAny(s.text, "|\t") {
		return []stretch{s}
	}
	var out []stretch
	for _, part := range splitKeep(s, "|\t") {
		if p := part.trim(""); p.text != "" {
			out = append(out, p)
		}
	}
	// "Label <tab> value": a label alone takes the next part as its value.
	var joined []stretch
	for i := 0; i < len(out); i++ {
		p := out[i]
		if i+1 < len(out) && !strings.ContainsAny(p.text, ":@") && !strings.ContainsAny(out[i+1].text, ":") {
			end := out[i+1].at + len(out[i+1].text) - s.at
			p = s.from(p.at - s.at).to(end - (p.at - s.at))
			i++
		}
		joined = append(joined, p)
	}
	return joined
}

func splitKeep(s stretch, seps string) []stretch {
	var out []stretch
	from := 0
	for i, r := range s.text {
		if strings.ContainsRune(seps, r) {
			out = append(out, s.from(from).to(i-from))
			from = i + utf8.RuneLen(r)
		}
	}
	return append(out, s.from(from))
}

// segmentPairs reads a stretch that begins with a label.
func (r *Reader) segmentPairs(s stretch, strict bool) ([]pair, bool) {
	h0, label0, value0, ok0 := r.atSeparator(s)
	if ok0 && (h0.exact || colonBehind(s, label0)) && strings.Trim(value0.text, " :.?*_-–—()") != "" && !strings.HasPrefix(value0.text, "(") {
		return r.chain(h0, label0, value0), false
	}
	whole := s.trim(":?.*_-–= ")
	if h, ok := r.label(whole.text); ok && !strings.Contains(whole.text, ": ") && (strings.HasSuffix(s.text, ":") || !roleAlone(whole.text)) && (h.exact || strings.ContainsAny(s.text[len(whole.text):], ":?") || words(whole.text) <= 5) && looksLabel(whole.text) {
		return []pair{{label: h, key: normalLabel(whole.text), span: nasdesk.Span{Start: s.at + len(s.text), End: s.at + len(s.text)}, at: s.at}}, true
	}
	if ok0 {
		return r.chain(h0, label0, value0), false
	}
	if strict {
		return nil, false
	}
	if h, label, value, ok := r.withoutSeparator(s); ok {
		return []pair{{label: h, key: normalLabel(label.text), value: value.text, span: value.span(), at: label.at}}, false
	}
	return nil, false
}

// colonBehind reports whether a colon or a question mark stands behind a label.
func colonBehind(s, label stretch) bool {
	rest := strings.TrimLeft(s.text[label.at+len(label.text)-s.at:], " *_\u00a0")
	return strings.HasPrefix(rest, ":") || strings.HasPrefix(rest, "?")
}

func words(s string) int { return len(strings.Fields(s)) }

// looksLabel reports whether a whole line may be a label: it is no sentence.
func looksLabel(s string) bool {
	return !strings.ContainsAny(s, ".!;,") || words(s) <= 4 || strings.HasSuffix(s, "?")
}

// atSeparator finds the label before the first colon, question mark, dash,
// equals sign, tab or gap behind which a value stands.
func (r *Reader) atSeparator(s stretch) (labelHit, stretch, stretch, bool) {
	for i, c := range s.text {
		n := separatorLen(s.text, i, c)
		if n == 0 {
			continue
		}
		label := s.to(i).trim("*_:-–")
		if len(label.text) > 110 {
			break
		}
		if h, ok := r.label(label.text); ok && (c != ' ' || h.exact) {
			return h, label, s.from(i + n).trim(" \t:=*_"), true
		}
		if c == ':' && words(label.text) > 10 {
			break
		}
	}
	return labelHit{}, stretch{}, stretch{}, false
}

// separatorLen is how many bytes of a separator stand at i; 0 for none.
func separatorLen(t string, i int, c rune) int {
	if i == 0 {
		return 0
	}
	next := byte(' ')
	if i+utf8.RuneLen(c) < len(t) {
		next = t[i+utf8.RuneLen(c)]
	}
	switch c {
	case ':':
		if strings.HasPrefix(t[i:], "://") || next >= '0' && next <= '9' && t[i-1] >= '0' && t[i-1] <= '9' {
			return 0
		}
		return 1
	case '?', '=', '\t', ';':
		return 1
	case '-', '–', '—', '>', '~':
		if next == ' ' || next == 0xc2 || t[i-1] == ' ' && !('0' <= next && next <= '9' && c == '-' && false) {
			return utf8.RuneLen(c)
		}
		if c != '-' && c != '>' {
			return utf8.RuneLen(c)
		}
	case ' ':
		if next == ' ' {
			return 1
		}
	case '.':
		if strings.HasPrefix(t[i:], "...") {
			return 3
		}
	case '…':
		return utf8.RuneLen(c)
	case ')':
		return 1
	}
	return 0
}

// chain cuts the value where another label begins on the same line: "Name: X,
// Mobile: Y; Email: Z".
func (r *Reader) chain(h labelHit, label, value stretch) []pair {
	p := pair{label: h, key: normalLabel(label.text), at: label.at}
	cut, next := r.nextLabel(value)
	if cut < 0 {
		p.value, p.span = value.text, value.span()
		return []pair{p}
	}
	v := value.to(cut).trim(",;/&|-–.")
	p.value, p.span = v.text, v.span()
	rest, _ := r.segmentPairs(next, true)
	return append([]pair{p}, rest...)
}

// nextLabel finds where in a value the next label begins.
func (r *Reader) nextLabel(value stretch) (int, stretch) {
	t := value.text
	for i, c := range t {
		if c != ':' && c != '=' && !((c == '-' || c == '–') && i > 0 && t[i-1] == ' ' && i+1 < len(t)) || separatorLen(t, i, c) == 0 {
			continue
		}
		starts := wordStarts(t[:i])
		for k := max(0, len(starts)-6); k < len(starts); k++ {
			from := starts[k]
			if from == 0 || c != ':' && !strings.ContainsAny(t[max(0, from-2):from], ",;/|") {
				continue
			}
			if h, ok := r.label(strings.TrimSpace(t[from:i])); ok && (h.exact || c == ':' && strings.ContainsAny(t[max(0, from-2):from], ",;/|")) {
				return from, value.from(from)
			}
		}
	}
	return -1, stretch{}
}

func wordStarts(t string) []int {
	var out []int
	blank := true
	for i, r := range t {
		b := isBlank(r)
		if blank && !b {
			out = append(out, i)
		}
		blank = b
	}
	return out
}

// withoutSeparator reads "Label value" alone on a line: the longest label at
// the beginning behind which nothing but a value of its sort stands.
func (r *Reader) withoutSeparator(s stretch) (labelHit, stretch, stretch, bool) {
	if len(s.text) > 140 {
		return labelHit{}, stretch{}, stretch{}, false
	}
	starts := wordStarts(s.text)
	for k := min(len(starts)-1, 9); k > 0; k-- {
		label, value := s.to(starts[k]).trim(""), s.from(starts[k]).trim("")
		key := normalLabel(label.text)
		h, ok := r.labels[key]
		if base, n := ofSeveral(key); !ok && n > 0 {
			h, ok = r.labels[base]
		}
		if !ok && strings.HasSuffix(label.text, ")") {
			h, ok = r.label(label.text)
		}
		if ok && (r.fitsAlone(h, value.text) || r.isTitled(h, key, value.text)) {
			return h, label, value, true
		}
	}
	return labelHit{}, stretch{}, stretch{}, false
}

// isTitled reports whether a value may be the name that a label such as "Team
// name" announces.
func (r *Reader) isTitled(h labelHit, key, value string) bool {
	c, _ := utf8.DecodeRuneInString(value)
	return h.part == noPart && strings.HasSuffix(key, " name") && r.isOf(h, nasdesk.TitleType) && !r.isOf(h, nasdesk.PersonType) && unicode.IsUpper(c) && words(value) <= 8 && !strings.ContainsAny(value, ".?!")
}

// fitsAlone reports whether a text is a value, and nothing more, of the fields
// that a label means.
func (r *Reader) fitsAlone(h labelHit, value string) bool {
	switch h.part {
	case firstName, lastName:
		return words(value) <= 2 && isNameLike(value)
	case fromDay:
		_, ok := parseDay(value, nasdesk.Date("2026-01-01"))
		return ok
	case ignored:
		return false
	}
	for k, f := range h.fields {
		if f >= 0 && fitsType(r.forms[k].Fields[f].Value.Type(), value) {
			return true
		}
	}
	return false
}

// fitsType reports whether a text is a value of a type and nothing more.
func fitsType(t nasdesk.Type, s string) bool {
	switch t {
	case nasdesk.MobileType:
		return phoneAlone(s)
	case nasdesk.AddressType, nasdesk.NHSType, nasdesk.AddressesType:
		return strings.Contains(s, "@") && words(s) == 1
	case nasdesk.PersonType:
		n := words(s)
		return n >= 2 && n <= 5 && isNameLike(s)
	case nasdesk.RoleType:
		return roleAlone(s)
	case nasdesk.ODSType:
		return words(s) == 1 && codeShaped(strings.ToUpper(s))
	case nasdesk.MailboxType:
		return words(s) == 1 && (strings.Contains(s, "@") || codeShaped(strings.ToUpper(s)))
	case nasdesk.ReferenceType:
		return new(nasdesk.ReferenceNumber).Set(s) == nil
	case nasdesk.CountType:
		return words(s) == 1 && new(nasdesk.Count).Set(s) == nil && isDigits(s)
	}
	return false
}

func isDigits(s string) bool {
	for _, r := range s {
		if !unicode.IsDigit(r) {
			return false
		}
	}
	return s != ""
}

func phoneAlone(s string) bool {
	ps := phonesIn(s, 0)
	return len(ps) == 1 && len(s)-(ps[0].span.End-ps[0].span.Start) <= 2
}

// roleAlone reports whether a text says owner or member and little else.
func roleAlone(s string) bool {
	if words(s) > 4 {
		return false
	}
	role, _ := readRole(s)
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if !roleCompany[w] {
			return false
		}
	}
	return role != ""
}

var roleCompany = set("owner owners member members co please thanks thank you a an only just of the mailbox shared full both all")

// isNameLike reports whether every word of a text may belong to a name: it
// begins with a capital, or is a particle, and is no word of the trade.
func isNameLike(s string) bool {
	caps := 0
	for _, w := range strings.Fields(nasdesk.Clean(s)) {
		w = strings.Trim(w, ",.")
		r, _ := utf8.DecodeRuneInString(w)
		switch {
		case nasdesk.IsTitle(w) || particles[strings.ToLower(w)]:
		case !unicode.IsUpper(r) || strings.ContainsFunc(w, unicode.IsDigit) || strings.ContainsAny(w, "@:/=&") || notNames[strings.ToLower(w)]:
			return false
		default:
			caps++
		}
	}
	return caps > 0
}

var bullet = regexp.MustCompile(`^[\s\x{00a0}]*(?:[•·●▪◦○■*\-–—>✓➢→]+[\s\x{00a0}]*)?`)
