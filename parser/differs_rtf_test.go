package parser

import (
	"strings"
	"testing"
)

// Every control word that says something, and those that hide.
func TestRTFWords(t *testing.T) {
	deep := strings.Repeat("{", 300)
	for rtf, want := range map[string]string{
		`{\rtf1 ` + strings.Repeat("{", 198) + `\fonttbl {x}y`:   "",
		`{\rtf1 ` + strings.Repeat("{", 199) + `\fonttbl {x}y`:   "y", // beyond the most that is kept
		`{\rtf1 a\bin18446744073709551615 }b`:                    "a",
		`{\rtf1 a\par b\line c\sect d\page e\row f}`:             "a\nb\nc\nd\ne\nf",
		`{\rtf1 a\tab b\cell c}`:                                 "a\tb\tc",
		`{\rtf1 a\emdash b\endash c}`:                            "a-b-c",
		`{\rtf1 \lquote a\rquote\ldblquote b\rdblquote}`:         `'a'"b"`,
		`{\rtf1 \bullet a}`:                                      "•a",
		`{\rtf1 a\~b\_c\\d\{e\}}`:                                "a\u00a0b-c\\d{e}",
		"{\\rtf1 a\\\nb\\\rc\nd\re\x00f}":                        "a\nb\ncdef",
		`{\rtf1 Si\'e2n}`:                                        "Siân",
		`{\rtf1 a\'zzb}`:                                         "azzb",
		`{\rtf1 a\'4zb}`:                                         "a4zb",
		`{\rtf1 a\'z4b}`:                                         "az4b",
		`{\rtf1 a\'4`:                                            "a4",
		`{\rtf1 a\'41`:                                           "aA",
		`{\rtf1 a\`:                                              "a",
		`{\rtf1 a\par`:                                           "a\n",
		`{\rtf1 a\par1`:                                          "a\n",
		`{\rtf1 a\-b\|c}`:                                        "abc",
		`{\rtf1 a\u322?b}`:                                       "ałb",
		`{\rtf1 a\u-3913?b}`:                                     "a\uf0b7b",
		`{\rtf1 a\u0?b}`:                                         "a\x00b",
		`{\rtf1 \uc0 a\u322b}`:                                   "ałb",
		`{\rtf1 \uc2 a\u322??b}`:                                 "ałb",
		`{\rtf1 \uc a\u322?b}`:                                   "ał?b",
		`{\rtf1 \uc-1 a\u322?b}`:                                 "ał?b",
		`{\rtf1 a{\*\generator x}b}`:                             "ab",
		`{\rtf1 a{\*\unheard x{y}z}b}`:                           "ab",
		`{\rtf1 a{\fonttbl x}b}`:                                 "ab",
		`{\rtf1 a\htmlrtf x\htmlrtf0 b}`:                         "ab",
		`{\rtf1 a\htmlrtf1 x\htmlrtf0 b}`:                        "ab",
		`{\rtf1 a\htmlrtf {x}y\htmlrtf0 b}`:                      "ab",
		`{\rtf1 {\htmlrtf x}b}`:                                  "b",
		`{\rtf1 a\bin3 }}}b}`:                                    "ab",
		`{\rtf1 a\bin b}`:                                        "ab",
		`{\rtf1 a\bin99 b}`:                                      "a",
		`{\rtf1 a\bin-9 b}`:                                      "ab",
		`{\rtf1 a\bin1048577 b}`:                                 "a",
		`{\rtf1 a\b1048576000000000000000000 b}`:                 "ab",
		`{\rtf1 a\b-`:                                            "a",
		`{\rtf1 a\b-1 b}`:                                        "ab",
		`{\rtf1 a}}}b`:                                           "ab",
		`{\rtf1 {\fonttbl x}}}}b`:                                "b",
		"{\\rtf1 " + deep + "a" + strings.Repeat("}", 300) + "b": "ab",
		" \r\n\t{\\rtf1 a}":                                      " \ta",
		"Please {\\rtf1 a}":                                      "",
		"a":                                                      "",
		"":                                                       "",
	} {
		if got := rtfText([]byte(rtf)); got != want {
			t.Errorf("%s: %q, want %q", rtf, got, want)
		}
	}
	if got := rtfText([]byte(`{\rtf1 ` + strings.Repeat("a", maxText+9) + "}")); len(got) != maxText {
		t.Errorf("%d bytes of text", len(got))
	}
}
