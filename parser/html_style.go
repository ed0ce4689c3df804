package parser

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"nasdesk"
)

// What a reader sees of an HTML mail is decided by its styles: text may be
// hidden, in the colour of its background, or too small to read. Only the few
// properties that matter are read, from the style attribute and from the simple
// selectors of style sheets (a tag, a class, an id); the rest of CSS is passed over.

// A styleSheet holds the declarations of simple selectors: "td", ".x", "#y", "p.x".
type styleSheet map[string][]declaration

// A declaration sets one property that matters. Of one selector each property is
// kept once, as said last: a sheet is looked up for every element, and may be long.
type declaration struct{ name, val string }

const (
	maxStyles    = 256 << 10 // bytes of style sheets that are read
	maxSelectors = 2000      // of them
)

func sheetOf(root *html.Node) styleSheet {
	var css strings.Builder
	collectStyles(root, &css, 0)
	return parseStyles(css.String())
}

func collectStyles(n *html.Node, css *strings.Builder, depth int) {
	for c := n.FirstChild; c != nil && depth < 600; c = c.NextSibling {
		if c.DataAtom == atom.Style && c.FirstChild != nil {
			css.WriteString(c.FirstChild.Data)
			css.WriteByte('\n')
			continue
		}
		collectStyles(c, css, depth+1)
	}
}

func parseStyles(css string) styleSheet {
	sheet := styleSheet{}
	css = strings.NewReplacer("<!--", "", "-->", "").Replace(dropComments(css[:min(len(css), maxStyles)]))
	for {
		selectors, rest, ok := strings.Cut(css, "{")
		if !ok {
			return sheet
		}
		selectors = strings.TrimSpace(selectors)
		if strings.HasPrefix(selectors, "@") {
			css = pastBlock(rest)
			continue
		}
		var body string
		body, css, _ = strings.Cut(rest, "}")
		sheet.rule(selectors, declarations(body))
	}
}

// rule adds what is declared for a list of selectors.
func (s styleSheet) rule(selectors string, declared []declaration) {
	if len(declared) == 0 {
		return
	}
	for sel := range strings.SplitSeq(strings.ToLower(selectors), ",") {
		sel = strings.TrimSpace(sel)
		if !strings.ContainsAny(sel, " \t\r\n>+~:[*") && len(s) < maxSelectors {
			s[sel] = lastOfEach(s[sel], declared...)
		}
	}
}

// declarations reads what a style says of the properties that matter.
func declarations(style string) []declaration {
	var found []declaration
	for decl := range strings.SplitSeq(style, ";") {
		name, val, _ := strings.Cut(decl, ":")
		name = strings.ToLower(strings.TrimSpace(name))
		if properties[name] != nil {
			val = strings.TrimSpace(strings.TrimSuffix(strings.ToLower(strings.TrimSpace(val)), "!important"))
			found = lastOfEach(found, declaration{name, val})
		}
	}
	return found
}

// lastOfEach puts more behind those before, of each property the last alone. What
// was before is changed.
func lastOfEach(before []declaration, more ...declaration) []declaration {
	out := slices.DeleteFunc(before, func(d declaration) bool {
		return slices.ContainsFunc(more, func(m declaration) bool { return m.name == d.name })
	})
	return append(out, more...)
}

func dropComments(css string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(css, "/*")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		_, css, _ = strings.Cut(rest, "*/")
	}
}

// pastBlock returns what stands behind the block that has just been opened.
func pastBlock(css string) string {
	depth := 1
	for i := 0; i < len(css); i++ {
		switch css[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return css[i+1:]
			}
		}
	}
	return ""
}

// visibility is what the styles of one element say about its being seen.
type visibility struct {
	none           bool // nothing of it is seen, nor of what it holds
	ink, ground    string
	size           string
	zero, overflow bool // no height or width, and what does not fit is cut off
}

func (s styleSheet) of(n *html.Node) visibility {
	var v visibility
	tag, id := n.Data, strings.ToLower(attr(n, "id"))
	v.read(s[tag])
	for class := range strings.FieldsSeq(strings.ToLower(attr(n, "class"))) {
		v.read(s["."+class])
		v.read(s[tag+"."+class])
	}
	if id != "" {
		v.read(s["#"+id])
		v.read(s[tag+"#"+id])
	}
	for _, a := range n.Attr {
		switch a.Key {
		case "hidden":
			v.none = v.none || a.Val != "until-found"
		case "bgcolor":
			v.ground = colour(a.Val)
		case "color":
			if n.DataAtom == atom.Font {
				v.ink = colour(a.Val)
			}
		}
	}
	if n.DataAtom == atom.A && v.ink == "" && attr(n, "href") != "" {
		v.ink = "0000ee" // links have a colour of their own
	}
	v.read(declarations(attr(n, "style")))
	v.none = v.none || v.zero && v.overflow
	return v
}

func (v *visibility) read(declared []declaration) {
	for _, d := range declared {
		properties[d.name](v, d.val)
	}
}

// properties are those that decide what is seen.
var properties = map[string]func(v *visibility, val string){
	"display":     func(v *visibility, val string) { v.none = val == "none" },
	"visibility":  func(v *visibility, val string) { v.hide(val == "hidden" || val == "collapse") },
	"mso-hide":    func(v *visibility, val string) { v.hide(val == "all") },
	"opacity":     func(v *visibility, val string) { v.hide(isZero(val)) },
	"max-height":  func(v *visibility, val string) { v.hide(isZero(val)) },
	"height":      noSize,
	"width":       noSize,
	"max-width":   noSize,
	"overflow":    cutOff,
	"overflow-x":  cutOff,
	"overflow-y":  cutOff,
	"text-indent": moved,
	"left":        moved,
	"top":         moved,
	"margin-left": moved,
	"margin-top":  moved,
	"clip":        func(v *visibility, val string) { v.hide(clippedAway(val)) },
	"transform": func(v *visibility, val string) {
		v.hide(strings.Contains(strings.ReplaceAll(val, " ", ""), "scale(0)"))
	},
	"font-size":        func(v *visibility, val string) { v.size = val },
	"color":            func(v *visibility, val string) { v.ink = colour(val) },
	"background":       ground,
	"background-color": ground,
}

func (v *visibility) hide(yes bool) { v.none = v.none || yes }

func noSize(v *visibility, val string) { v.zero = v.zero || isZero(val) }

func cutOff(v *visibility, val string) { v.overflow = val == "hidden" || val == "clip" }

func moved(v *visibility, val string) { v.hide(farOff(val)) }

func ground(v *visibility, val string) {
	if v.ground = colour(val); v.ground == clear {
		v.ground = "" // that of those around it shows
	}
}

// clippedAway: nothing is left within "rect(0, 0, 0, 0)", in pixels or not.
func clippedAway(val string) bool {
	inside, ok := strings.CutPrefix(val, "rect(")
	return ok && strings.Trim(inside, "0px, )") == ""
}

// farOff: so far to the left or the top that no screen shows it.
func farOff(v string) bool {
	n, _ := strconv.ParseFloat(strings.TrimRight(v, "abcdefghijklmnopqrstuvwxyz% "), 64) // 0 for what is none
	return n <= -500
}

// on gives an element the look of those around it, changed by its own styles.
func (v visibility) on(l look) look {
	if v.ground != "" {
		l.ground = v.ground
	}
	if v.ink != "" {
		l.ink = v.ink
	}
	if v.size != "" {
		l.tiny = tinySize(v.size)
	}
	l.faint = sameColour(l.ink, l.ground)
	return l
}

// unseen reports whether text of this look cannot be made out.
func (l look) unseen() bool { return l.tiny || l.faint }

// tinySize reports a size of at most two pixels, or none at all.
func tinySize(v string) bool {
	digits := strings.TrimRight(v, "abcdefghijklmnopqrstuvwxyz% ")
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return false
	}
	switch strings.TrimSpace(v[len(digits):]) {
	case "px":
		return n <= 2
	case "pt":
		return n <= 1.5
	case "em", "rem":
		return n <= 0.12
	case "%":
		return n <= 12
	}
	return n == 0
}

const (
	unknownColour = "?" // one that we cannot tell, such as that of a picture: it hides nothing
	clear         = "transparent"
)

// colour reads a CSS colour as six hex digits, "" for none of its own.
func colour(v string) string {
	v = strings.ToLower(strings.TrimSpace(v))
	switch {
	case v == "" || v == "inherit" || v == "none" || v == "initial" || v == "unset":
		return ""
	case v == clear:
		return clear
	case strings.HasPrefix(v, "rgb"):
		return rgb(v)
	case strings.ContainsAny(v, "(, "): // a shorthand: its first word may be a colour
		first, _, _ := strings.Cut(v, " ")
		if first == v {
			return unknownColour
		}
		return colour(first)
	}
	hex, isHex := strings.CutPrefix(v, "#")
	if named := namedColours[v]; named != "" {
		return named
	}
	switch {
	case len(hex) == 3 || len(hex) == 4 && isHex:
		return string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	case len(hex) >= 6:
		return hex[:6]
	}
	return unknownColour
}

var namedColours = map[string]string{"white": "ffffff", "snow": "fffafa", "ivory": "fffff0", "whitesmoke": "f5f5f5", "ghostwhite": "f8f8ff",
	"floralwhite": "fffaf0", "window": "ffffff", "black": "000000", "windowtext": "000000", "red": "ff0000", "blue": "0000ff", "green": "008000",
	"gray": "808080", "grey": "808080", "silver": "c0c0c0", "navy": "000080", "yellow": "ffff00", "purple": "800080"}

func rgb(v string) string {
	_, list, _ := strings.Cut(v, "(")
	list, _, _ = strings.Cut(list, ")")
	parts := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' || r == '/' })
	if len(parts) < 3 {
		return unknownColour
	}
	if len(parts) > 3 && isZero(parts[3]) {
		return clear
	}
	out := ""
	for _, p := range parts[:3] {
		n, err := strconv.ParseUint(p, 10, 8)
		if err != nil {
			return unknownColour
		}
		h := strconv.FormatUint(n, 16)
		out += strings.Repeat("0", 2-len(h)) + h
	}
	return out
}

// sameColour reports whether ink cannot be told from its ground. No colour said
// is black on white.
func sameColour(ink, ground string) bool {
	if ink == clear {
		return true
	}
	if ground == "" {
		ground = "ffffff"
	}
	a, errA := strconv.ParseUint(ink, 16, 32)
	b, errB := strconv.ParseUint(ground, 16, 32)
	if errA != nil || errB != nil {
		return false
	}
	apart := 0
	for range 3 {
		d := int(a&0xff) - int(b&0xff)
		apart += max(d, -d)
		a, b = a>>8, b>>8
	}
	return apart <= 24
}

// isZero reads a CSS length or number: 0, 0px, 0.0pt, 0%.
func isZero(v string) bool {
	digits := strings.TrimRight(strings.ToLower(v), "abcdefghijklmnopqrstuvwxyz% ")
	return digits != "" && strings.Trim(digits, "0.") == ""
}

func holdsWords(n *html.Node, depth int) bool {
	if n.Type == html.TextNode {
		return nasdesk.Clean(n.Data) != ""
	}
	for c := n.FirstChild; c != nil && depth < 600; c = c.NextSibling {
		if !htmlSkipped[c.DataAtom] && holdsWords(c, depth+1) {
			return true
		}
	}
	return false
}
