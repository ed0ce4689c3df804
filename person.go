package nasdesk

import (
	"errors"
	"strings"
	"unicode"
)

// A PersonName is a name as its bearer writes it, first name first, without
// titles. Contract, rule 4.
type PersonName string

var titles = map[string]bool{"mr": true, "mrs": true, "ms": true, "miss": true, "mx": true, "dr": true, "prof": true,
	"professor": true, "sir": true, "dame": true, "rev": true, "revd": true, "doctor": true, "master": true}

// Set reads a name: titles go, curly quotes are straightened, and SURNAME,
// First is turned round.
func (p *PersonName) Set(written string) error {
	s := strings.Trim(dropTitles(strings.Trim(Clean(written), nameEdges)), nameEdges)
	if last, first, ok := strings.Cut(s, ","); ok {
		first = dropTitles(strings.TrimSpace(first))
		if first == "" || strings.Contains(first, ",") || len(strings.Fields(first)) > 3 {
			return errors.New("not a name")
		}
		s = dropTitles(strings.Trim(first+" "+strings.TrimSpace(last), nameEdges))
	}
	if s == "" || strings.ContainsAny(s, "@\t/<>=;{}|\\") || strings.Count(s, "(") != strings.Count(s, ")") || !hasLetter(s) {
		return errors.New("not a name")
	}
	*p = PersonName(s)
	return nil
}

// nameEdges are what may stand about a name and is no part of it.
const nameEdges = " .,;:\"-–|"

func dropTitles(s string) string {
	for {
		w, rest, ok := strings.Cut(s, " ")
		if !ok || !titles[strings.ToLower(strings.TrimSuffix(w, "."))] {
			return s
		}
		s = strings.TrimSpace(rest)
	}
}

func hasLetter(s string) bool { return strings.IndexFunc(s, unicode.IsLetter) >= 0 }

func (p *PersonName) String() string { return string(*p) }

// Type implements Value.
func (*PersonName) Type() Type { return PersonType }

// Title reports whether w is a form of address, such as Mr or Dr.
func IsTitle(w string) bool { return titles[strings.ToLower(strings.TrimSuffix(w, "."))] }

// First returns the first name: all words but the last.
func (p PersonName) First() string {
	ws := strings.Fields(string(p))
	if len(ws) < 2 {
		return string(p)
	}
	return strings.Join(ws[:len(ws)-1], " ")
}

// Last returns the surname: the last word, with the particles before it
// (de, van, Ní, O') counted to the first name, as the Portal's two boxes do.
func (p PersonName) Last() string {
	ws := strings.Fields(string(p))
	if len(ws) < 2 {
		return ""
	}
	return ws[len(ws)-1]
}

// Portal returns the name as NHS.net will write it: letters and digits only,
// diacritics folded. Seed "Create User Account": first and last name hold
// letters or numbers only.
func (p PersonName) Portal() string {
	var out []string
	for _, w := range strings.Fields(string(p)) {
		if f := letters(w); f != "" {
			out = append(out, f)
		}
	}
	return strings.Join(out, " ")
}

// LocalPart returns the address that NHS.net proposes, first.last, in lower case.
func (p PersonName) LocalPart() string {
	first, last := p.First(), p.Last()
	if f, _, ok := strings.Cut(first, " "); ok {
		first = f
	}
	s := strings.ToLower(letters(first))
	if l := strings.ToLower(letters(last)); l != "" {
		s += "." + l
	}
	return s
}

// letters folds a word to ASCII letters and digits.
func letters(w string) string {
	var b strings.Builder
	for _, r := range w {
		if f, ok := folds[unicode.ToLower(r)]; ok {
			if unicode.IsUpper(r) {
				f = strings.ToUpper(f[:1]) + f[1:]
			}
			b.WriteString(f)
			continue
		}
		if r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

var folds = func() map[rune]string {
	m := map[rune]string{'æ': "ae", 'œ': "oe", 'ß': "ss", 'þ': "th", 'ø': "o", 'đ': "d", 'ð': "d", 'ł': "l", 'ħ': "h", 'ı': "i"}
	for plain, marked := range map[string]string{
		"a": "àáâãäåāăą", "c": "çćĉċč", "d": "ď", "e": "èéêëēĕėęěẽ", "g": "ĝğġģ", "h": "ĥ", "i": "ìíîïĩīĭį", "j": "ĵ",
		"k": "ķ", "l": "ĺļľ", "n": "ñńņňǹ", "o": "òóôõöōŏőọ", "r": "ŕŗř", "s": "śŝşšș", "t": "ţťț", "u": "ùúûüũūŭůűų",
		"w": "ŵẁẃẅ", "y": "ýÿŷỳ", "z": "źżž",
	} {
		for _, r := range marked {
			m[r] = plain
		}
	}
	return m
}()
