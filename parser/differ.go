package parser

import (
	"slices"
	"strings"
	"unicode"
)

// differ reports whether two alternatives of a body ask for different things:
// each holds a mobile, an address, a role, a yes or a no that the other lacks, or
// one denies what the other does not. Where only one holds more (a placeholder,
// a signature as a picture), they do not contradict each other.
func differ(plain, rich []bodyLine) bool {
	a, b := saidIn(plain), saidIn(rich)
	if clash(a.mobiles, b.mobiles) || clash(a.addresses, b.addresses) || clash(a.choices, b.choices) {
		return true
	}
	return a.denies != b.denies && a.shares(b)
}

// What a text says, as far as two texts are compared.
type said struct {
	mobiles, addresses, choices []string
	words                       map[string]bool
	denies                      bool
}

var choiceWords = []string{"owner", "member", "yes", "no", "approved", "declined", "enable", "disable", "remove", "restore"}

var denials = []string{"not", "don't", "dont", "never", "cancel"}

func saidIn(lines []bodyLine) said {
	s := said{words: map[string]bool{}}
	for _, l := range lines {
		for _, m := range skimMobiles(l.text) {
			s.mobiles = append(s.mobiles, string(m))
		}
		s.addresses = append(s.addresses, skimAddresses(l.text)...)
		for w := range strings.FieldsFuncSeq(strings.ToLower(l.text), func(r rune) bool { return r != '\'' && !unicode.IsLetter(r) }) {
			s.words[w] = true
			s.denies = s.denies || slices.Contains(denials, w)
			if slices.Contains(choiceWords, w) && !slices.Contains(s.choices, w) {
				s.choices = append(s.choices, w)
			}
		}
	}
	return s
}

// clash: each of two sets holds something that the other lacks.
func clash(a, b []string) bool {
	lacks := func(x, y []string) bool {
		return slices.ContainsFunc(x, func(v string) bool { return !slices.Contains(y, v) })
	}
	return lacks(a, b) && lacks(b, a)
}

// shares reports whether most words of either text stand in the other: they are
// two forms of one text, neither a placeholder for the other.
func (s said) shares(t said) bool {
	n := 0
	for w := range s.words {
		if t.words[w] {
			n++
		}
	}
	return n*5 >= len(s.words)*4 && n*5 >= len(t.words)*4
}
