package parser

import (
	"slices"
	"strings"

	"nasdesk"
)

// skimMost is how many of each sort of key a skim gives at most.
const skimMost = 200

// Skim returns the keys of a message: whatever in it may point at a mailbox, an
// account, a request or a message that we know. It is generous, quoted text and
// signatures included; small print is not. What it finds is looked up, never
// acted upon.
func Skim(m *nasdesk.Message) nasdesk.Keys {
	k := nasdesk.Keys{Digest: m.Digest}
	for _, name := range []string{"From", "Sender", "Reply-To"} {
		for _, v := range m.Header.All(name) {
			for _, a := range skimAddresses(v) {
				keep(&k.Addresses, nasdesk.Address(a))
			}
		}
	}
	if m.ID != "" {
		keep(&k.MessageIDs, m.ID)
	}
	for _, ids := range [][]string{m.InReplyTo, m.References, m.Returned} {
		for _, id := range ids {
			keep(&k.MessageIDs, id)
		}
	}
	for _, l := range m.Lines {
		if l.Region != nasdesk.Disclaimer && l.Region != nasdesk.Banner {
			skimLine(&k, l.Text)
		}
	}
	for _, a := range k.Addresses {
		skimLocal(&k, a)
	}
	return k
}

func keep[T comparable](list *[]T, v T) {
	if len(*list) < skimMost && !slices.Contains(*list, v) {
		*list = append(*list, v)
	}
}

func skimLine(k *nasdesk.Keys, s string) {
	for _, a := range skimAddresses(s) {
		keep(&k.Addresses, nasdesk.Address(a))
	}
	for _, n := range skimMobiles(s) {
		keep(&k.Mobiles, n)
	}
	for w := range strings.FieldsFuncSeq(s, func(r rune) bool { return !addressRune(r) }) {
		skimWord(k, strings.Trim(w, ".-_'"))
	}
	for _, ref := range skimReferences(s) {
		keep(&k.References, ref)
	}
}

// skimWord takes ODS codes, and mailboxes named without their domain.
func skimWord(k *nasdesk.Keys, w string) {
	if len(w) < 4 || len(w) > 60 || strings.Contains(w, "@") {
		return
	}
	if odsShape(w) {
		keep(&k.ODS, nasdesk.ODSCode(strings.ToUpper(w)))
	}
	if local, code, ok := strings.Cut(w, "."); ok && local != "" && code != "" {
		var a nasdesk.Address
		if a.Set(w+"@nhs.net") == nil {
			keep(&k.Addresses, a)
			skimLocal(k, a)
		}
	}
}

// skimLocal takes the code in pharmacy.CODE@….
func skimLocal(k *nasdesk.Keys, a nasdesk.Address) {
	for part := range strings.SplitSeq(a.Local(), ".") {
		if odsShape(part) {
			keep(&k.ODS, nasdesk.ODSCode(strings.ToUpper(part)))
		}
	}
}

// odsShape is generous: four to six letters and digits, a digit among them and
// a letter too.
func odsShape(w string) bool {
	if len(w) < 4 || len(w) > 6 {
		return false
	}
	letters, digits := 0, 0
	for i := range len(w) {
		switch c := w[i]; {
		case '0' <= c && c <= '9':
			digits++
		case isAlnum(c):
			letters++
		default:
			return false
		}
	}
	return letters > 0 && digits > 0 || letters == 5 && (w[0] == 'F' || w[0] == 'f')
}

func addressByte(c byte) bool {
	return isAlnum(c) || strings.IndexByte(".!#$%&'*+/=?^_`{|}~-", c) >= 0
}

func addressRune(r rune) bool { return r == '@' || r < 0x80 && addressByte(byte(r)) }

// skimAddresses returns the mail addresses in s, in lower case, in their order.
func skimAddresses(s string) []string {
	var out []string
	for off := 0; len(out) < skimMost; {
		i := strings.IndexByte(s[off:], '@')
		if i < 0 {
			return out
		}
		at := off + i
		start, end := at, at+1
		for start > off && addressByte(s[start-1]) {
			start--
		}
		for end < len(s) && (isAlnum(s[end]) || s[end] == '.' || s[end] == '-') {
			end++
		}
		word := strings.Trim(s[start:end], "'.-|/=*")
		var a nasdesk.Address
		if a.Set(word) == nil {
			out = append(out, string(a))
		}
		off = end
	}
	return out
}

// skimMobiles returns the UK mobiles in s, however they are spaced.
func skimMobiles(s string) []nasdesk.Mobile {
	var out []nasdesk.Mobile
	for i := 0; i < len(s) && len(out) < skimMost; i++ {
		if !mobileStarts(s, i) {
			continue
		}
		if m, end := mobileAt(s, i); end > 0 {
			out = append(out, m)
			i = end - 1
		}
	}
	return out
}

// mobileStarts reports whether a number may begin at i: 07, +44, 0044, 447, (07.
func mobileStarts(s string, i int) bool {
	if i > 0 && (isAlnum(s[i-1]) || s[i-1] == '+') {
		return false
	}
	return hasAnyPrefix(s[i:], "07", "+44", "0044", "447", "44 7", "+ 44", "0 7", "7")
}

// mobileAt reads the shortest run of digits at i that makes a mobile and does
// not go on.
func mobileAt(s string, i int) (nasdesk.Mobile, int) {
	digits := 0
	for j := i; j < len(s) && j < i+32; j++ {
		c := s[j]
		switch {
		case '0' <= c && c <= '9':
			digits++
		case strings.IndexByte(" +-.()/\t", c) >= 0:
			continue
		case c >= 0x80: // dashes of other sorts
			continue
		default:
			return "", 0
		}
		if digits < 10 || j+1 < len(s) && '0' <= s[j+1] && s[j+1] <= '9' {
			continue
		}
		var m nasdesk.Mobile
		written := strings.ToValidUTF8(s[i:j+1], "")
		if s[i] == '7' && digits == 10 {
			written = "0" + written
		}
		if m.Set(written) == nil {
			return m, j + 1
		}
	}
	return "", 0
}

// skimReferences returns our references in s, in upper case. Contract, rule 16.
func skimReferences(s string) []string {
	var out []string
	up := strings.ToUpper(s)
	for off := 0; len(out) < skimMost; {
		i := strings.Index(up[off:], "NAS-")
		if i < 0 {
			return out
		}
		start := off + i
		end := start + 4
		for end < len(up) && isAlnum(up[end]) {
			end++
		}
		if end-start == 12 && (start == 0 || !isAlnum(up[start-1])) {
			out = append(out, up[start:end])
		}
		off = end
	}
	return out
}
