package parser

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"nasdesk"
)

// One line for each rule by which plain text becomes lines.
func TestPlainRules(t *testing.T) {
	for text, want := range map[string]string{
		"a\nb":                       "a / b",
		"a\n\nb":                     "a / b[b]",
		"a\n---\nb":                  "a / b[b-]",
		"a\n---":                     "a / [-]",
		"a\n-- \nb\nc":               "a / b[bs] / c[s]",
		"a\n--\nb":                   "a / b[bs]",
		"a\n> --\nb":                 "a / --[q1] / b",
		"a\n> -- \n> b\nc":           "a / b[bsq1] / c",
		"a\n> -- \n> b\n>> c":        "a / b[bsq1] / c[q2]",
		"> a\n>> b\nc":               "a[q1] / b[q2] / c",
		"*a b*\nc":                   "a b[h] / c",
		"*a:* b":                     "a: b",
		"- a\n* b\n1. c\n(2) d":      "a[i] / b[i] / c[i] / d[i]",
		"a\tb":                       "a|b[t1]",
		"x\na\tb\nc\td\ny":           "x / a|b[t1] / c|d[t1] / y[b]",
		"a\tb\n> c\td":               "a|b[t1] / c|d[bq1t2]",
		"> a\tb":                     "a|b[q1t1]",
		"-- \na\tb":                  "a|b[bst1]",
		"-\ta":                       "a[i]",
		"1.\ta\tb":                   "a b[i]",
		"\ta":                        "a",
		"a\t\t\nb":                   "a / b",
		"[cid:x]\t[cid:y]\na":        "a[b]",
		"a  b\nc  d":                 "a|b[t1] / c|d[t1]",
		"a  b\ncc  d":                "a b / cc d",
		"a  b\ncc  d\ne  f":          "a|b[t1] / cc|d[t1] / e|f[t1]",
		"a  b":                       "a b",
		"a  b\n> c  d":               "a b / c d[q1]",
		"a  b\nc\td":                 "a b / c|d[t1]",
		"a  b\nc  d  e":              "a b / c d e",
		"a  b\n\nc  d":               "a b / c d[b]",
		"a.  b\nc.  d":               "a. b / c. d",
		"-  a  b\n-  c  d":           "-|a|b[t1] / -|c|d[t1]",
		"[ ] a  [x] b\n[ ] c  [x] d": "[ ] a [x] b / [ ] c [x] d",
		"see <b@example.com>":        "see <b@example.com>",
	} {
		var f findings
		if got := markedLines(plainLines(text, false, false, DefaultLimits, &f)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	for text, over := range map[string]bool{"a\nb": false, "a\nb\nc": true} {
		var f findings
		lines := plainLines(text, false, false, Limits{Lines: 2}, &f)
		if len(lines) != 2 || f.has(nasdesk.FoundOverLimit) != over {
			t.Errorf("%q, two lines at most: %d lines, findings %v", text, len(lines), f.list)
		}
	}
}

func TestSplitText(t *testing.T) {
	for text, want := range map[string][]string{
		"": nil, "a": {"a"}, "a\n": {"a"}, "a\r\nb": {"a", "b"}, "a\rb": {"a", "b"}, "a\r\r\nb": {"a", "b"}, "a\r\rb": {"a", "", "b"}, "a\r": {"a"}, "a\n\nb": {"a", "", "b"}, "\na": {"", "a"}, "a\nb\nc\nd": {"a", "b", "c"},
	} {
		if got := splitText(text, 3); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestCutQuote(t *testing.T) {
	for line, want := range map[string]string{
		"a": "0 a", " a": "0  a", "> a": "1 a", ">a": "1 a", ">  a": "1  a", ">> a": "2 a", "> > a": "2 a", " > a": "1 a", "  > a": "0   > a", ">   > a": "2 a", ">": "1 ", "": "0 ",
	} {
		if d, rest := cutQuote(line); fmt.Sprint(d, " ", rest) != want {
			t.Errorf("%q: %d %q, want %q", line, d, rest, want)
		}
	}
}

// RFC 3676: what flows on, and what never does.
func TestFlowed(t *testing.T) {
	ten := strings.Repeat("x", 9999) + " "
	for text, want := range map[string]string{
		"a \nb":                      "a b",
		"a\nb":                       "a / b",
		" a \n b":                    "a b",
		"  a":                        "a",
		"> a \n> b":                  "a b[q1]",
		"> a \nb":                    "a[q1] / b",
		"a \n-- \nb":                 "a / b[bs]",
		" -- \na":                    "a[bs]",
		">  -- \n> a":                "-- a[q1]",
		"-- \na":                     "a[bs]",
		"a \n\nb":                    "a / b",
		ten + "\n" + "y \nz":         ten + "y z",
		ten + "\n" + ten + "\nz":     ten + strings.TrimSpace(ten) + " / z",
		ten + "\n" + ten[1:] + "\nz": ten + ten[1:] + "z",
	} {
		var f findings
		if got := markedLines(plainLines(text, true, false, DefaultLimits, &f)); got != want {
			t.Errorf("%.40q: %.80q, want %.80q", text, got, want)
		}
	}
	var f findings
	for text, want := range map[string]string{"a \nb": "ab", "a\nb": "a / b", "a  \nb": "a b", "-- \na": "a[bs]"} {
		if got := markedLines(plainLines(text, true, true, DefaultLimits, &f)); got != want {
			t.Errorf("DelSp, %q: %q, want %q", text, got, want)
		}
	}
}

func TestColumns(t *testing.T) {
	for line, want := range map[string]string{
		"a": "1 -1 [a]", "a b": "1 -1 [a b]", "a  b": "2 3 [a|b]", "  a   b": "2 6 [a|b]", "a  b  c": "3 3 [a|b|c]", "é  b": "2 3 [é|b]",
		"a.  b": "1 4 [a.|b]", "a!  b": "1 4 [a!|b]", "a?  b": "1 4 [a?|b]", "a,  b": "1 4 [a,|b]", "a;  b": "1 4 [a;|b]", "-  b": "1 3 [-|b]", "1.  b": "1 4 [1.|b]", "a  -  b": "3 3 [a|-|b]",
		"[ ] Owner  [x] Member": "1 11 [[ ] Owner [x] Member]", "[ ]  [x] Member": "2 5 [[ ]|[x] Member]", "a  [x] Member": "2 3 [a|[x] Member]", "[ ] Owner  Member": "2 11 [[ ] Owner|Member]",
		"Role  [ ] Owner  [x] Member": "2 6 [Role|[ ] Owner [x] Member]", "Owner [ ]  [x] Member": "2 11 [Owner [ ]|[x] Member]", "[ ] Owner  Member [x]": "2 11 [[ ] Owner|Member [x]]", "[ ] 1  [x] 2": "2 7 [[ ] 1|[x] 2]",
	} {
		if got := fmt.Sprint(columns(line), " ", secondColumn(line), " [", strings.Join(splitColumns(line), "|"), "]"); got != want {
			t.Errorf("%q: %s, want %s", line, got, want)
		}
	}
	if got := splitColumns("a\tb  c\t"); !slices.Equal(got, []string{"a", "b  c"}) {
		t.Errorf("tabs: %q", got)
	}
}

func TestStarBold(t *testing.T) {
	for in, want := range map[string]string{
		"*a*": "a true", "*a b*": "a b true", "*ab": "*ab false", "*a:* b": "a: b false", "*a": "*a false", "**": "** false", "**a**": "**a** false", "* a*": "* a* false", "*a *": "*a * false", "a*b*": "a*b* false", "*a* *b*": "a *b* false", "": " false",
	} {
		if text, head := starBold(in); fmt.Sprint(text, " ", head) != want {
			t.Errorf("%q: %q %v, want %s", in, text, head, want)
		}
	}
}

// What mail programs add to plain text goes where it repeats a word, and stays
// where it is all there is.
func TestArtefacts(t *testing.T) {
	for in, want := range map[string]string{
		"a@b<mailto:a@b> c": "a@b c", "x<https://b> c": "x c", "x<http://b> c": "x c", "07<tel:07> c": "07 c", "x [cid:y] z": "x  z", "[image: y]z": "z", "[https://y]z": "z",
		"<mailto:a@b>": "<mailto:a@b>", "to <mailto:a@b>": "to <mailto:a@b>", "to:<mailto:a@b>": "to:<mailto:a@b>", "a<mailto:a> b<mailto:b>": "a b", "a<mailto:b": "a<mailto:b", "a <b> c": "a <b> c", "[x] y": "[x] y", "a<mailto:a> b<mailto:b": "a b<mailto:b",
		"<mailto:a> b<mailto:b>": "<mailto:a> b", "[cid:x": "[cid:x", "[cid:x] <a>": " <a>",
	} {
		if got := dropArtefacts(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestRulesAndBullets(t *testing.T) {
	for in, want := range map[string]byte{"___": '_', "***": '*', "---": '-', "===": '=', "~~~": '~', "--": 0, "--x": 0, "...": 0, "-=-": 0, "": 0, "----------": '-'} {
		if got := ruleChar(in); got != want {
			t.Errorf("%q is a rule of %q, want %q", in, got, want)
		}
	}
	for _, mark := range []string{"-", "*", "•", "·", "–", "—", "▪", "●", "○", "◦", "§", "", "►", "➢", "‣", "+", "o", "1.", "1)", "12.", "99)", "(1)", "(12)", "a)", "Z)", "z)", "A)", "(b)", "ii)", "iv)", "vi)", "ix)", "(ii)"} {
		if rest, ok := cutBullet(mark + " x y"); !ok || rest != "x y" {
			if !strings.HasPrefix(mark, "(") || isBulletMark(mark) {
				t.Errorf("%q is no bullet", mark)
			}
		}
	}
	for _, line := range []string{"a x", "a. x", "O x", "123. x", "1: x", "1 x", ". x", ") x", "() x", "ab) x", "[1] x", "`) x", "{) x", "@) x", "é) x", "(1 x", "(12. x", "-", "- ", "x) "} {
		if rest, ok := cutBullet(line); ok || rest != line {
			t.Errorf("%q is an item: %q", line, rest)
		}
	}
}

// The short way for a common line comes to what the long way does.
func TestCleanLine(t *testing.T) {
	for _, s := range []string{"", " ", "a", " a", "a ", "a  b", "a b", "a\tb", "a\x7fb", "a`b", "é", "a\u00a0", "a\xe2", "\x00a", "a~", "a  "} {
		if got, want := cleanLine(s), nasdesk.Clean(strings.ToValidUTF8(s, "\uFFFD")); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}
