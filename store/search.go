package store

import (
	"slices"
	"strings"
	"unicode"

	"nasdesk"
)

// What requests are found by: tokens, each a word in its folded form, or a facet
// that nobody can type. They pass through the codec's index, so that a sealed
// store tells nothing by them.
const (
	facetKind    = " kind "
	facetReason  = " reason "
	facetMailbox = " mailbox "
	facetAils    = " ails "
)

// token is what stands in the index of a word, or of a facet's value.
func (s *Store) token(facet, word string) string { return s.index("search.token", facet+word) }

// longest texts of an answer that are taken for a name or a value: a business
// case is not looked for word by word.
const wordy = 100

// searchWords are what a request is found by: its reference; the addresses of
// all that it concerns, whole and their local parts; every word of its answers
// and of its mailbox's name; the last digits of mobiles.
func searchWords(r *nasdesk.Request, organisation string) []string {
	out := []string{strings.ToLower(r.Reference), strings.ToLower(strings.TrimPrefix(r.Reference, "NAS-"))}
	for _, a := range []nasdesk.Address{r.Party, r.Mailbox, r.From} {
		out = append(out, addressWords(a)...)
	}
	out = append(out, foldWords(organisation)...)
	for _, a := range r.Answers {
		out = append(out, valueWords(a.Value)...)
	}
	for _, a := range r.Actions {
		out = append(out, foldWords(string(a.Person))...)
		for _, x := range []nasdesk.Address{a.Account, a.Mailbox, a.Alternative} {
			out = append(out, addressWords(x)...)
		}
		out = append(out, mobileWords(a.Mobile)...)
	}
	out = slices.DeleteFunc(out, func(w string) bool { return w == "" })
	return unique(out)
}

// valueWords are the words of an answer: a name's, an address's, a code's, a
// mobile's digits.
func valueWords(v string) []string {
	if len(v) > wordy {
		return nil
	}
	var mobile nasdesk.Mobile
	if mobile.Set(v) == nil {
		return mobileWords(mobile)
	}
	var out []string
	for _, w := range strings.Fields(v) {
		if strings.Contains(w, "@") {
			out = append(out, addressWords(nasdesk.Address(strings.ToLower(w)))...)
			continue
		}
		out = append(out, foldWords(w)...)
	}
	return out
}

// addressWords are an address, its local part, and the words of that.
func addressWords(a nasdesk.Address) []string {
	if a == "" {
		return nil
	}
	return append([]string{string(a), a.Local()}, foldWords(a.Local())...)
}

// mobileWords are a mobile, whole and by its last three to six digits.
func mobileWords(m nasdesk.Mobile) []string {
	d := string(m)
	if len(d) < 6 {
		return nil
	}
	return []string{d, d[len(d)-6:], d[len(d)-5:], d[len(d)-4:], d[len(d)-3:]}
}

// foldWords cuts a text into words, in lower case and without marks on letters.
// An apostrophe is no edge: O'Brien is obrien.
func foldWords(text string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) && r != '\'' && r != '’'
	}) {
		folded := strings.ToLower(nasdesk.PersonName(w).Portal())
		if folded == "" {
			folded = strings.ToLower(w)
		}
		out = append(out, folded)
	}
	return out
}

// tokensOf are the tokens of what somebody looks for.
func (s *Store) tokensOf(text string) []string {
	var out []string
	for _, w := range soughtWords(text) {
		out = append(out, s.token("", w))
	}
	return unique(out)
}

// mostSought is how many words of a search are looked at.
const mostSought = 8

// soughtWords reads a search as words are kept. A mobile may be written in any
// way; of more than six digits the last six count.
func soughtWords(text string) []string {
	text = strings.TrimSpace(text)
	if len(text) > 2*wordy {
		text = strings.ToValidUTF8(text[:2*wordy], "")
	}
	var mobile nasdesk.Mobile
	if mobile.Set(text) == nil {
		return []string{string(mobile)}
	}
	var out []string
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' }) {
		out = append(out, soughtWord(w)...)
	}
	return out[:min(len(out), mostSought)]
}

func soughtWord(w string) []string {
	var ref nasdesk.ReferenceNumber
	digits := strings.Trim(w, "0123456789") == ""
	switch {
	case ref.Set(w) == nil:
		return []string{strings.ToLower(string(ref))}
	case strings.Contains(w, "@"):
		return []string{strings.Trim(strings.ToLower(w), "<>()\"'")}
	case digits && mobileLong(w):
		return []string{w}
	case digits && len(w) > 6:
		return []string{w[len(w)-6:]}
	}
	return foldWords(w)
}

func mobileLong(w string) bool { return len(w) == 11 && strings.HasPrefix(w, "07") }
