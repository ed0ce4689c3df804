package parser

import (
	"strings"
	"testing"
)

// Every label that senders use, with bytes that only its own reading gets right.
func TestCharsets(t *testing.T) {
	const latin, utf = "Si\xe2n", "Si\xc3\xa2n"
	type row struct{ bytes, want, odd string }
	rows := map[string][]row{}
	for _, l := range []string{"", "utf-8", "utf8", "us-ascii", "ascii", "ansi_x3.4-1968", "7bit", "8bit", "binary", "unknown-8bit", "default"} {
		rows[l] = []row{{utf, "Siân", ""}, {latin, "Siân", "charset"}}
	}
	for _, l := range []string{"utf-7", "unicode-1-1-utf-7", "x-unicode-2-0-utf-7"} {
		rows[l] = []row{{"Si+AOI-n", "Siân", ""}}
	}
	for _, l := range []string{"utf-16", "utf16", "ucs-2"} { // either order, by the first byte; half a character at the end goes
		rows[l] = []row{{"\x00H\x00i\x00", "Hi", ""}, {"H\x00i\x00x", "Hi", ""}, {"", "", ""}}
	}
	for _, l := range []string{"utf-16le", "unicode"} {
		rows[l] = []row{{"H\x00i\x00x", "Hi", ""}}
	}
	rows["utf-16be"] = []row{{"\x00H\x00ix", "Hi", ""}}
	for _, l := range []string{"iso-8859-1", "iso8859-1", "latin1", "latin-1", "cp1252", "windows-1252", "ansi", "x-ansi", "l1", "iso-8859-15", "iso-8859-14"} {
		rows[l] = []row{{latin, "Siân", ""}, {"Sian", "Sian", ""}}
	}
	for _, l := range []string{"iso-8859-1", "iso-8859-15", "windows-1252", "windows-1250", "latin1", "cp1252"} {
		rows[l] = append(rows[l], row{utf, "Siân", "charset"}, row{latin + "\xc3\xa2", "SiânÃ¢", ""})
	}
	rows["iso-8859-15"] = rows["iso-8859-15"][:3]
	rows["windows-1250"] = rows["windows-1250"][:1]
	for label, r := range map[string]row{
		"koi8-r": {"\xc3\xa2", "ц╒", ""}, "x-sjis": {"\x82\xa0", "あ", ""}, "gb2312": {"\xc4\xe3", "你", ""}, "big5": {"\xa7\x41", "你", ""}, "euc-kr": {"\xb0\xa1", "가", ""},
		"iso-8859-2": {"\xb1", "ą", ""}, "iso-8859-8-i": {"\xe0", "א", ""}, "windows-1251": {"\xe0", "а", ""}, "cp850": {"\x82", "é", ""}, "ibm437": {"\x82", "é", ""}, "macintosh": {"\x8e", "é", ""},
		"x-foo": {latin, "Siân", "charset"}, "utf-32": {latin, "Siân", "charset"}, "iso-10646": {utf, "Siân", "charset"},
	} {
		rows[label] = append(rows[label], r)
	}
	for label, rs := range rows {
		for _, r := range rs {
			if text, odd := decodeCharset([]byte(r.bytes), label); text != r.want || odd != r.odd {
				t.Errorf("%q as %q: %q (%q), want %q (%q)", r.bytes, label, text, odd, r.want, r.odd)
			}
		}
	}
}

// A byte order mark counts before any label, where the bytes bear it out.
func TestByteOrderMarks(t *testing.T) {
	for in, want := range map[string]string{"\xef\xbb\xbfSi\xc3\xa2n": "Siân", "\xff\xfeH\x00i\x00": "Hi", "\xfe\xff\x00H\x00i": "Hi", "\xef\xbb\xbfSi\xe2n": "ï»¿Siân", "Sian": "Sian"} {
		if text, _ := decodeCharset([]byte(in), "iso-8859-1"); text != want {
			t.Errorf("%q: %q, want %q", in, text, want)
		}
	}
}

// UTF-8 with a broken character is UTF-8 still, if its label says so and most of
// it is well formed.
func TestBrokenUTF8(t *testing.T) {
	for _, c := range []struct{ in, label, want string }{
		{strings.Repeat("é", 5) + "\xe2", "utf-8", "ééééé\uFFFD"},
		{strings.Repeat("é", 4) + "\xe2", "utf-8", strings.Repeat("Ã©", 4) + "â"},
		{strings.Repeat("é", 5) + "\xe2", "", strings.Repeat("Ã©", 5) + "â"},
		{strings.Repeat("a", 9) + "\xe2", "utf-8", "aaaaaaaaaâ"},
		{strings.Repeat("a", 9) + strings.Repeat("é", 5) + "\xe2", "utf-8", "aaaaaaaaaééééé\uFFFD"},
		{strings.Repeat("\uFFFD", 5) + "\xe2", "utf8", strings.Repeat("\uFFFD", 6)},
		{strings.Repeat("é", 5) + "\x80\x80", "utf-8", strings.Repeat("Ã©", 5) + "€€"},
	} {
		if text, odd := decodeCharset([]byte(c.in), c.label); text != c.want || odd != "charset" {
			t.Errorf("%q as %q: %q (%q), want %q", c.in, c.label, text, odd, c.want)
		}
	}
}

func TestUTF7(t *testing.T) {
	for in, want := range map[string]string{
		"a+-b": "a+b", "+AOI": "â", "+AOI-": "â", "+AOI-n": "ân", "+AOI n": "â n", "+AOI--": "â-", "1+": "1+", "+": "+", "+A-x": "x", "+AOIA-": "â", "+AOIAa-": "â", "+AOIA4g-": "ââ", "\xe9+AOI.": "éâ.", "+2D3eAA-": "😀",
	} {
		if got := decodeUTF7([]byte(in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// The bytes that are letters, digits and hex digits, all 256 of them asked.
func TestByteClasses(t *testing.T) {
	const hex = "0123456789abcdefABCDEF"
	for c := range 256 {
		if want := strings.IndexByte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", byte(c)) >= 0; isAlnum(byte(c)) != want {
			t.Errorf("%q is a letter or digit: %v", rune(c), !want)
		}
		at := strings.IndexByte(hex, byte(c))
		if isHex(byte(c)) != (at >= 0) {
			t.Errorf("%q is a hex digit: %v", rune(c), at < 0)
		}
		if want := at; at >= 0 {
			if want > 15 {
				want -= 6
			}
			if got := unhex(byte(c)); int(got) != want {
				t.Errorf("%q counts %d, want %d", rune(c), got, want)
			}
		}
	}
}

// What is an encoded word, what stands between two, and what is none (RFC 2047).
func TestEncodedWords(t *testing.T) {
	for in, want := range map[string]string{
		"=?utf-8?B?SGk=?=": "Hi", "=?utf-8?b?SGk=?=": "Hi", "=?utf-8?Q?H=69?=": "Hi", "=?utf-8?q?H=69?=": "Hi", "=?utf-8?z?Hi?=": "=?utf-8?z?Hi?=", "=?utf-8?qq?Hi?=": "=?utf-8?qq?Hi?=",
		" =?utf-8?q?a?=": " a", "x =?utf-8?q?a?= y": "x a y", "=?utf-8?q?a?= y =?utf-8?q?b?=": "a y b", "=?utf-8?q?a?=  =?utf-8?q?b?=": "ab",
		"=?utf-8?q?=C3=A9?= =?iso-8859-1?q?=E9?=": "éé", "=?iso-8859-1?q?=E9?= =?utf-8?q?=C3=A9?= z": "éé z", "=?utf-8?q?=C3?= =?UTF-8?q?=A9?=": "é",
		"=??q?a?=": "=??q?a?=", "=?a b?q?x?=": "=?a b?q?x?=", "=?utf-8": "=?utf-8", "=?utf-8?q": "=?utf-8?q", "=?": "=?", "=?utf-8?q?a =?utf-8": "=?utf-8?q?a =?utf-8",
		"=?utf-8?q?a =?utf-8?q?b?=": "a =?utf-8?q?b", "=?utf-8?q??= x": " x", "=?utf-8?q?a?": "a", "=?utf-8?q?a??=": "a?", "=?utf-8?q?a?= =? =?utf-8?q?b?=": "a =? b",
		"=?utf-8?q?a_b=?=": "a b=", "=?utf-8?q?=4?=": "=4", "=?utf-8?q?=4x=x4?=": "=4x=x4", "=?utf-8?q?=41?=": "A", "=?utf-8?q?=4": "=4",
	} {
		if got := DecodeHeader(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	three := strings.Repeat("=?utf-8?q?a?= ", 3)
	for limit, want := range map[int]string{3: "aaa ", 2: "aa =?utf-8?q?a?= ", 0: three} {
		if got := decodeWords(three, limit); got != want {
			t.Errorf("at most %d: %q, want %q", limit, got, want)
		}
	}
}
