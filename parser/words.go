package parser

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"nasdesk"
)

// A token is one word as a reader sees it: invisible characters gone, the
// punctuation around it set aside.
type token struct {
	text string // as written
	low  string // in lower case
	head string // punctuation before it
	tail string // punctuation behind it
	span nasdesk.Span
	line int // index into Message.Lines
}

// tokens splits a stretch of a message's text, which begins at offset start,
// into words. Blanks, angle brackets, bars, dashes and the slash between two
// words divide.
func tokens(text string, start, line int) []token {
	out := make([]token, 0, len(text)/5+1)
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if isBlank(r) || divides(r) {
			if len(out) > 0 && divides(r) {
				out[len(out)-1].tail += string(r)
			}
			i += n
			continue
		}
		j := wordEnd(text, i)
		out = appendWord(out, text[i:j], start+i, line)
		i = j
	}
	return out
}

func isBlank(r rune) bool { return unicode.IsSpace(r) || r == '\u2800' }

func divides(r rune) bool {
	return r == '<' || r == '>' || r == '|' || r == '—' || r == '–' || r == '…'
}

// wordEnd returns where the word that begins at i ends.
func wordEnd(text string, i int) int {
	at := strings.IndexByte(text[i:min(len(text), i+80)], '@') // the word may be an address
	for j := i; j < len(text); {
		r, n := utf8.DecodeRuneInString(text[j:])
		if isBlank(r) || divides(r) {
			return j
		}
		next, _ := utf8.DecodeRuneInString(text[j+n:])
		switch r {
		case ';', ',':
			if j > i && next != utf8.RuneError && !unicode.IsDigit(next) && !isBlank(next) {
				return j + n
			}
		case '/':
			if j > i && at < 0 && unicode.IsLetter(next) && !strings.Contains(text[i:j], "://") && !strings.HasPrefix(text[i:j], "www") {
				return j + n
			}
		}
		j += n
	}
	return len(text)
}

// appendWord trims the punctuation off a raw word. What is nothing but
// punctuation counts as the tail of the word before.
func appendWord(out []token, raw string, start, line int) []token {
	a := strings.IndexFunc(raw, isCore)
	if a < 0 {
		if len(out) > 0 {
			out[len(out)-1].tail += " " + raw
		}
		return out
	}
	b := strings.LastIndexFunc(raw, isCore)
	_, n := utf8.DecodeRuneInString(raw[b:])
	b += n
	text := raw[a:b]
	if !plainASCII(text) {
		text = nasdesk.Clean(text)
	}
	if len(text) > 7 && strings.EqualFold(text[:7], "mailto:") {
		text, a = text[7:], a+7
	}
	return append(out, token{text: text, low: strings.ToLower(text), head: raw[:a], tail: raw[b:],
		span: nasdesk.Span{Start: start + a, End: start + b}, line: line})
}

func isCore(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '+' || r == '£' || r == '&' || r == '@' || r == '_'
}

func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// upper reports whether a word begins with a capital.
func (t token) upper() bool {
	r, _ := utf8.DecodeRuneInString(t.text)
	return unicode.IsUpper(r)
}

// ends reports whether the punctuation behind a word ends a sentence.
func (t token) ends() bool {
	return strings.ContainsAny(t.tail, ".?!") && !abbreviations[t.low] && !(len(t.text) == 1 && t.upper() && t.tail == ".")
}

// stem is the word without a possessive.
func (t token) stem() string {
	if s, ok := strings.CutSuffix(t.low, "'s"); ok {
		return s
	}
	return strings.TrimSuffix(t.low, "'")
}

var abbreviations = set("mr mrs ms dr st no nos tel mob ext approx e.g eg i.e ie etc prof rev inc dept ref")

// A sentence is a run of words that belong together.
type sentence struct {
	toks    []token
	span    nasdesk.Span
	subject bool
	reply   bool // the subject of a reply or a forward, which repeats an earlier one
	head    bool // a heading, a list item, or a numbered line
	title   bool // a heading by itself above a form
	label   bool // a line "Label: value" whose label no form knows: nothing in it is a field
	forward bool // of the forwarded text that the sender's own words point at
	asks    []ask
}

func (s *sentence) question() bool {
	return len(s.toks) > 0 && strings.Contains(s.toks[len(s.toks)-1].tail, "?")
}

// sentences joins the lines of prose to sentences. A line goes on in the next
// one where it is long and nothing divides them, or the next begins small.
func sentences(lines []proseLine) []sentence {
	var out []sentence
	var cur *sentence
	flush := func() { cur = nil }
	for i, l := range lines {
		if i > 0 && (l.breaks || !continues(lines[i-1], l)) {
			flush()
		}
		toks := tokens(l.text, l.start, l.index)
		for k, t := range toks {
			if cur == nil {
				out = append(out, sentence{subject: l.subject, reply: l.reply, head: l.head, title: l.title, label: l.label, forward: l.forward, span: t.span})
				cur = &out[len(out)-1]
			}
			cur.toks = append(cur.toks, t)
			cur.span.End = t.span.End
			if t.ends() && (k+1 == len(toks) || beginsSentence(toks[k+1], t)) {
				flush()
			}
		}
		if l.head || l.subject {
			flush()
		}
	}
	return out
}

func beginsSentence(t, before token) bool {
	r, _ := utf8.DecodeRuneInString(t.text)
	return !unicode.IsLower(r) || strings.ContainsAny(before.tail, "?!") || !abbreviations[before.low]
}

func continues(a, b proseLine) bool {
	if a.index+1 != b.index || a.head || b.head || a.label || b.label {
		return false
	}
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(b.text, " \t"))
	return len(a.text) >= 50 || unicode.IsLower(r)
}

// A proseLine is a line that is no pair of label and value.
type proseLine struct {
	text                         string
	start, index                 int
	breaks, head, subject, reply bool
	label, forward, title        bool
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}
