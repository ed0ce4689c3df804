package parser

import (
	"fmt"
	"strings"
	"testing"

	"nasdesk"
)

func marked(doc string, lim Limits) (string, findings) {
	var f findings
	return markedLines(htmlLines(doc, lim, &f)), f
}

// markedLines writes lines, each with what is known of it: h a heading, i an
// item, b a break before it, s a signature, m an earlier mail begins; then the rule
// above it, its depth of quotes and its table.
func markedLines(lines []bodyLine) string {
	var out []string
	for _, l := range lines {
		marks := ""
		for _, m := range []struct {
			is   bool
			mark string
		}{{l.head, "h"}, {l.item, "i"}, {l.brk, "b"}, {l.sig, "s"}, {l.mark, "m"}, {l.rule != 0, string(rune(l.rule))}, {l.depth > 0, fmt.Sprint("q", l.depth)}, {l.table > 0, fmt.Sprint("t", l.table)}} {
			if m.is {
				marks += m.mark
			}
		}
		s := strings.ReplaceAll(l.text, "\t", "|")
		if marks != "" {
			s += "[" + marks + "]"
		}
		out = append(out, s)
	}
	return strings.Join(out, " / ")
}

// One line for each rule by which HTML becomes lines.
func TestHTMLRules(t *testing.T) {
	const twoRows = "<tr><td>a<td>b</tr><tr><td>c<td>d</tr>"
	long := func(n int) string { return strings.Repeat("x", n) }
	for doc, want := range map[string]string{
		// blocks and breaks
		"a<div>b</div>c":                 "a / b / c",
		"a<br>b<br><br>c":                "a / b / c[b]",
		"a<hr>b":                         "a / b[b_]",
		"<p>a</p>b":                      "a[b] / b[b]",
		"<div>a</div>\n<div>b</div>":     "a / b",
		"<div>a</div>&nbsp;<div>b</div>": "a / b[b]",
		"<div>a</div><div>&nbsp;</div><div>b</div>":                                 "a / b[b]",
		"<div>a</div><div> </div><div>b</div>":                                      "a / b",
		"<style>P {margin-top:0;}</style><p>a</p><p>b</p>":                          "a / b",
		"<p class=MsoNormal>a</p>\n<p class=MsoNormal>b</p>":                        "a / b",
		"<p class=MsoNormal>a</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>b": "a / b[b]",
		"<p class=MsoListParagraph>a</p><p class=MsoListParagraph>b</p>":            "a / b",
		"<p style=\"margin:0\">a</p><p style=\"margin:0\">b</p>":                    "a / b",
		"<p style=\"margin:1em\">a</p><p class=x>b</p>":                             "a[b] / b[b]",
		"Hi<pre>a\nb\n\nc</pre>":                                                    "Hi / a / b / c[b]",
		"Hi<div>a\nb</div>":                                                         "Hi / a b",
		"<ul><li>a<li></ul>b<ul><li><div>c</div></ul>":                              "a[i] / b / c[i]",
		"<!-- no -->a<script>no</script><style>no</style><template>no</template>":   "a",
		"<blink>a</blink>":  "a",
		"<b>a<br></b><br>b": "a[h] / b[b]",

		// bold
		"<b>a</b>":           "a[h]",
		"<strong>a</strong>": "a[h]",
		"<h1>a</h1><h2>b</h2><h3>c</h3><h4>d</h4><h5>e</h5><h6>f</h6>": "a[h] / b[h] / c[h] / d[h] / e[h] / f[h]",
		"<table><tr><th>a</th></tr></table>":                           "a[h]",
		"<b>a</b>:":                                                    "a:[h]",
		"<b>a</b> b":                                                   "a b",
		"a <b>b</b>":                                                   "a b",
		"a<br><b>b</b>":                                                "a / b[h]",
		"<b>a</b><br>b":                                                "a[h] / b",
		"<i>a</i>":                                                     "a",
		"<b>" + long(119) + "</b>":                                     long(119) + "[h]",
		"<b>" + long(120) + "</b>":                                     long(120),
		"<p style=\"margin:0;font-weight:bold\">a":                     "a[h]",
		"<span style=\"font-weight: 600\">a</span>":                    "a[h]",
		"<span style=\"font-weight:700\">a</span>":                     "a[h]",
		"<span style=\"font-weight:800\">a</span>":                     "a[h]",
		"<span style=\"font-weight:900\">a</span>":                     "a[h]",
		"<span style=\"font-weight:400\">a</span>":                     "a",
		"<b style=\"font-weight:normal\">a</b>":                        "a",
		"<b style=\"color:red\">a</b>":                                 "a[h]",

		// what programs mark
		"<blockquote type=cite>a</blockquote>b":                                    "a[q1] / b",
		"<blockquote class=gmail_quote>a</blockquote>":                             "a[q1]",
		"<blockquote cite=\"mid:x\">a</blockquote>":                                "a[q1]",
		"<blockquote class=\"mj-cite\">a</blockquote>":                             "a[q1]",
		"<blockquote>a</blockquote>":                                               "a",
		"<blockquote type=cite>a<blockquote type=cite>b</blockquote></blockquote>": "a[q1] / b[q2]",
		"<div class=gmail_quote>a</div>":                                           "a",
		"a<div id=x_divRplyFwdMsg>b</div>":                                         "a / b[m]",
		"a<div id=appendonsend></div>b<br>c":                                       "a / b[m] / c",
		"a<div id=ymail_android_signature_quote></div>b":                           "a / b[m]",
		"a<div class=\"yahoo_quoted x\">b</div>":                                   "a / b[m]",
		"a<div id=mail-editor-reference-message-container>b</div>":                 "a / b[m]",
		"a<div class=protonmail_quote>b</div>":                                     "a / b[m]",
		"a<div style=\"border-top:solid #E1E1E1 1.0pt\">b</div>":                   "a / b[_]",
		"a<div style=\"border-top:none\">b</div>":                                  "a / b",
		"<p class=MsoNormal style=\"border-top:solid #E1E1E1\">b</p>":              "b",
		"<div id=Signature>a</div>b":                                               "a[s] / b",
		"<div id=signature>a</div>":                                                "a[s]",
		"<div id=ms-outlook-mobile-signature>a</div>":                              "a[s]",
		"<div class=\"x gmail_signature\">a</div>":                                 "a[s]",
		"<div class=moz-signature>a</div>":                                         "a[s]",
		"<div class=x id=y>a</div>":                                                "a",
		"a<span id=signature>b</span>":                                             "ab",
		"<span id=signature>a</span>b":                                             "ab[s]",

		// forms
		"<input type=checkbox>a":              "☐ a",
		"<input type=CHECKBOX checked>a":      "☒ a",
		"<input type=radio checked name=b>a":  "☒ a",
		"<input value=b>a":                    "ba",
		"<input type=text value=b>":           "b",
		"<input type=email value=b>":          "b",
		"<input type=tel value=b>":            "b",
		"a<input>b":                           "a b",
		"<input type=hidden value=b>a":        "a",
		"<input type=submit value=b name=c>a": "a",

		// tables
		"<table>" + twoRows + "</table>e":                              "a|b[bt1] / c|d[t1] / e[b]",
		"<table>" + twoRows + "</table><table>" + twoRows + "</table>": "a|b[bt1] / c|d[t1] / a|b[bt2] / c|d[t2]",
		"<table></table>a":                                                                   "a",
		"<table><tr><td>a</table>b":                                                          "a / b",
		"<table><tr><td>a<td></table>b":                                                      "a / b",
		"<table><tr><td>a<td>b</table>":                                                      "a|b[bt1]",
		"<table><tr><td><td></tr><tr><td>a<td>b</table>":                                     "a|b[bt1]",
		"<table><thead>" + twoRows + "</thead></table>":                                      "a|b[hbt1] / c|d[ht1]",
		"<table><tbody>" + twoRows + "</tbody></table>":                                      "a|b[bt1] / c|d[t1]",
		"<table><tfoot>" + twoRows + "</tfoot></table>":                                      "a|b[bt1] / c|d[t1]",
		"<table><tr><th>a<th>b<tr><td>c<td>d</table>":                                        "a|b[hbt1] / c|d[t1]",
		"<table><tr><th>a<td>b<tr><td>c<td>d</table>":                                        "a|b[bt1] / c|d[t1]",
		"<table><tr><th>a<th>b<td>c<tr><td>c<td>d</table>":                                   "a|b|c[bt1] / c|d[t1]",
		"<table><tr><th>a<tr><td>c<td>d</table>":                                             "a[bt1] / c|d[t1]",
		"<table><tr><td>a<td><table><tr><td>b<td>c</table></table>":                          "a / b|c[bt1]",
		"<table><tr><td>a<td><div><table><tr><td>b<td>c</table></div></table>":               "a / b|c[bt1]",
		"<blockquote type=cite><table>" + twoRows + "</table></blockquote>":                  "a|b[bq1t1] / c|d[q1t1]",
		"<div id=Signature><table>" + twoRows + "</table></div>":                             "a|b[bst1] / c|d[st1]",
		"<table><tr><td rowspan=2>a<td rowspan=2>b<td>c<tr><td>d<tr><td>e<td>f<td>g</table>": "a|b|c[bt1] / a|b|d[t1] / e|f|g[t1]",
		"<table><tr><td>a<td rowspan=2>b<tr><td>c<tr><td>d<td>e</table>":                     "a|b[bt1] / c|b[t1] / d|e[t1]",
		"<table><tr><td rowspan=0>a<td rowspan=1>b<tr><td>c<td>d</table>":                    "a|b[bt1] / c|d[t1]",
		"<table><tr><td colspan=2>a<td>b<tr><td>c<td>d<td>e</table>":                         "a||b[bt1] / c|d|e[t1]",
		"<table><tr><td colspan=0>a<td>b</table>":                                            "a|b[bt1]",
		"<table><tr><td>a<br>b<br>c<td>d</table>":                                            "a b c|d[bt1]",
		"<table><tr><td>a<br>b<br>c<br>d<td>e</table>":                                       "a / b / c / d / e",
		"<table><tr><td>" + long(61) + "<td>a</table>":                                       long(61) + "|a[bt1]",
		"<table><tr><td>" + long(60) + "<br>b<td>a</table>":                                  long(60) + " b|a[bt1]",
		"<table><tr><td>" + long(61) + "<br>b<td>a</table>":                                  long(61) + " / b / a",
		"<table><tr><td>a<td><div id=appendonsend></div>b</table>":                           "a / b[m]",

		"<table>\n<tr> <!-- x --><td>a<!-- y --> <td>b</tr> </table>": "a|b[bt1]",

		// what is not seen
		"<table><tr><td>a<td hidden>x<td>b</table>":                                    "a|b[bt1]",
		"<table><tr hidden><td>x<td>x</tr>" + twoRows + "</table>":                     "a|b[bt1] / c|d[t1]",
		"<table><thead hidden><tr><td>x<td>x</thead>" + twoRows + "</table>":           "a|b[bt1] / c|d[t1]",
		"<table><tbody hidden><tr><td>x<td>x</tbody><tbody>" + twoRows + "</table>":    "a|b[bt1] / c|d[t1]",
		"<table>" + twoRows + "<tfoot hidden><tr><td>x<td>x</tfoot></table>":           "a|b[bt1] / c|d[t1]",
		"<p class=MsoNormal style=\"color:#fff\">x<span style=\"color:#000\">a</span>": "a",
	} {
		if got, f := marked(doc, DefaultLimits); got != want || f.has(nasdesk.FoundOverLimit) {
			t.Errorf("%s\n got %s\nwant %s, findings %v", doc, got, want, f.list)
		}
	}
}

// Hidden words are a finding, wherever they stand; hidden blanks are none.
func TestHiddenText(t *testing.T) {
	const table = "<table><tr><td>a<td>b</table>"
	for doc, want := range map[string]bool{
		"<p hidden>x</p>a":                                           true,
		"<p hidden> </p>a":                                           false,
		"<p hidden><script>x</script></p>a":                          false,
		"<p hidden>x</p><p hidden></p>a":                             true,
		"<p style=\"color:#fff\">x</p>a":                             true,
		"<p style=\"color:#fff\"> </p>a":                             false,
		"<p style=\"color:#fff\">x</p><p style=\"color:#fff\"> </p>": true,
		table:                     false,
		"<p hidden>x</p>" + table: true,
		"<table><tr><td>a<td>b<span hidden>x</span></table>":                     true,
		"<table><tr><td>a<td hidden>x<td>b</table>":                              true,
		"<table><tr><td>a<td hidden>x<td hidden> <td>b</table>":                  true,
		"<table><tr><td>a<td hidden> <td>b</table>":                              false,
		"<table><tr hidden><td>x</tr><tr hidden><td></tr><tr><td>a<td>b</table>": true,
		"<table><tr><td>a<td>b<span hidden>x</span><td>c</table>":                true,
	} {
		if got, f := marked(doc, DefaultLimits); f.has("hidden-text") != want {
			t.Errorf("%s: read as %s, hidden text found %v", doc, got, !want)
		}
	}
}

// Lines, rows, cells and elements are held at their borders.
func TestHTMLLimits(t *testing.T) {
	two := Limits{Lines: 2}.filled()
	rows := func(n int) string { return "<table>" + strings.Repeat("<tr><td>a<td>b", n) + "</table>" }
	for _, c := range []struct {
		doc  string
		lim  Limits
		over bool
	}{
		{strings.Repeat("<div>a</div>", 3), two, false},
		{strings.Repeat("<div>a</div>", 4), two, true},
		{rows(2), two, false},
		{rows(3), two, true},
		{strings.Repeat("<br>", maxElements), DefaultLimits, false},
		{strings.Repeat("<br>", maxElements+1), DefaultLimits, true},
	} {
		if got, f := marked(c.doc, c.lim); f.has(nasdesk.FoundOverLimit) != c.over {
			t.Errorf("%.40s: over the limit %v, read as %.100s", c.doc, !c.over, got)
		}
	}
	wide := "<table><tr>" + strings.Repeat("<td colspan=50>a", 4)
	for more, table := range map[string]bool{"": true, "<td>": false, "<td>b": false} {
		if got, _ := marked(wide+more+"</table>", DefaultLimits); strings.Contains(got, "t1]") != table {
			t.Errorf("200 cells and %q are a table: %v", more, !table)
		}
	}
	for doc, want := range map[string]int{"a b c": 0, "<b>": 1, "<bcd>": 1, "<b c>": 2, "<b c=d e>": 3, "<b> c d": 1, "<b/c>": 2, "<b\tc\nd\re\ff>": 5, "<b  c>": 2, "</b>": 2, "<b>x</b>": 3} {
		if got := elements(doc); got != want {
			t.Errorf("%q: %d elements, want %d", doc, got, want)
		}
	}
	for s, want := range map[string]int{"": 0, "2": 2, " 12 ": 12, "90": 50, "1/2": 1, "1:2": 1, "x": 0, "-1": 0, "9223372036854775808": 50, "50": 50, "49": 49} {
		if got := smallNumber(s); got != want {
			t.Errorf("a span of %q: %d, want %d", s, got, want)
		}
	}
}

func TestStripTags(t *testing.T) {
	for doc, want := range map[string]string{
		"a<b>b</b>": "ab", "a<br>b": "a\nb", "a<br/>b": "a\nb", "<div>a</div>b": "\na\nb", "a<style>x</style>b": "ab", "a<script>x</script>b": "ab", "a<title>x</title>b": "ab", "a<!-- x -->b&amp;": "ab&", "a<i>b": "ab",
	} {
		if got := stripTags(doc); got != want {
			t.Errorf("%q: %q, want %q", doc, got, want)
		}
	}
}
