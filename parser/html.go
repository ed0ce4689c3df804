package parser

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"nasdesk"
)

// A bodyLine is one line of a body before regions are told apart.
type bodyLine struct {
	text  string   // clean; the cells of a row are joined by "\t"
	cells []string // of a table row
	table int      // numbered within the body from 1
	head  bool
	item  bool
	brk   bool // a blank line, rule or paragraph end stands before
	rule  byte // the character of a rule that stood before: '_', '*', '-', '='; 0 for none
	sig   bool // the mail program marks it as signature, or "-- " stands above
	mark  bool // the mail program marks that an earlier message begins here
	depth int  // quote prefixes or quoting blocks around it
}

// htmlLines returns the lines of an HTML body as a reader sees them: hidden
// text is no text, rows of tables are rows, list items are items. Where the
// nesting is deeper than x/net/html takes (512), the tags are stripped instead.
func htmlLines(doc string, lim Limits, f *findings) []bodyLine {
	if elements(doc) > maxElements {
		f.add(nasdesk.FoundOverLimit, "elements of HTML")
		return nil
	}
	root, err := html.Parse(strings.NewReader(doc))
	if err != nil {
		f.add("html-unparsed", "nested too deep: tags stripped")
		return plainLines(stripTags(doc), false, false, lim, f)
	}
	w := htmlWalker{lim: lim, found: f, tight: strings.Contains(doc, "P {margin-top:0"), styles: sheetOf(root)}
	w.walk(root, look{})
	w.flush()
	if w.hidden {
		f.add("hidden-text", "HTML holds text that its reader does not see")
	}
	return w.lines
}

// maxElements is how many tags and attributes one HTML text may hold. The tree
// of so many takes some forty megabytes; a long letter of Word has ten thousand.
const maxElements = 150000

// elements counts tags and attributes, roughly and from above.
func elements(doc string) int {
	n, tag, blank := 0, false, false
	for i := 0; i < len(doc); i++ {
		switch c := doc[i]; c {
		case '<':
			n, tag = n+1, true
		case '>':
			tag = false
		case ' ', '\t', '\n', '\r', '\f', '/':
			blank = true
			continue
		default:
			if tag && blank {
				n++
			}
		}
		blank = false
	}
	return n
}

// A look is what a node inherits from those around it.
type look struct {
	bold, pre, sig bool
	depth          int
	ink, ground    string // colours of text and background; "" is black on white
	tiny, faint    bool   // too small to be read, or of the background's colour
	nested         int    // levels, so that no body makes us run out of stack
}

type htmlWalker struct {
	lim    Limits
	found  *findings
	lines  []bodyLine
	cur    strings.Builder
	tables int
	tight  bool // the style sheet takes the space between paragraphs away
	hidden bool
	styles styleSheet

	// of the line being written
	plain, strong   bool // it holds text that is not bold, and bold text
	sawBlank        bool // it holds nothing, and shows: <br> or a no-break space
	brk, item, mark bool
	sig             bool
	rule            byte
	depth           int
}

var htmlSkipped = map[atom.Atom]bool{atom.Head: true, atom.Script: true, atom.Style: true, atom.Title: true, atom.Template: true, atom.Noscript: true,
	atom.Iframe: true, atom.Object: true, atom.Svg: true, atom.Math: true, atom.Audio: true, atom.Video: true, atom.Select: true, atom.Datalist: true}

var htmlBlocks = map[atom.Atom]bool{atom.P: true, atom.Div: true, atom.Li: true, atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true,
	atom.H5: true, atom.H6: true, atom.Blockquote: true, atom.Pre: true, atom.Ul: true, atom.Ol: true, atom.Dl: true, atom.Dt: true, atom.Dd: true,
	atom.Section: true, atom.Article: true, atom.Header: true, atom.Footer: true, atom.Address: true, atom.Center: true, atom.Form: true,
	atom.Fieldset: true, atom.Figure: true, atom.Main: true, atom.Nav: true, atom.Aside: true, atom.Table: true, atom.Tr: true, atom.Td: true,
	atom.Th: true, atom.Caption: true, atom.Details: true, atom.Summary: true, atom.Tbody: true, atom.Thead: true, atom.Tfoot: true, atom.Body: true}

func (w *htmlWalker) walk(n *html.Node, l look) {
	if l.nested++; l.nested > 600 {
		return
	}
	if len(w.lines) > w.lim.Lines {
		w.found.add(nasdesk.FoundOverLimit, "lines of text")
		return
	}
	switch n.Type {
	case html.TextNode:
		w.text(n.Data, l)
		return
	case html.ElementNode:
		w.element(n, l)
		return
	case html.DocumentNode:
		w.children(n, l)
	}
}

func (w *htmlWalker) children(n *html.Node, l look) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.walk(c, l)
	}
}

func (w *htmlWalker) element(n *html.Node, l look) {
	if htmlSkipped[n.DataAtom] {
		return
	}
	shown := w.styles.of(n)
	if shown.none {
		w.hidden = w.hidden || holdsWords(n, 0)
		return
	}
	l = shown.on(l)
	switch n.DataAtom {
	case atom.Br:
		w.lineBreak()
		return
	case atom.Hr:
		w.flush()
		w.brk, w.rule = true, '_'
		return
	case atom.Input:
		w.tick(n, l)
		return
	case atom.Table:
		if w.asTable(n, l) {
			return
		}
	}
	w.inside(n, l)
}

// inside walks the children of an element with the look that it gives them.
func (w *htmlWalker) inside(n *html.Node, l look) {
	block := htmlBlocks[n.DataAtom]
	if block {
		w.flush()
	}
	w.clientMarks(n, &l)
	switch n.DataAtom {
	case atom.B, atom.Strong, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Th:
		l.bold = true
	case atom.Li:
		w.item = true
	case atom.Pre:
		l.pre = true
	case atom.P:
		w.paragraph(n)
	}
	l.bold = boldness(n, l.bold)
	w.children(n, l)
	if block {
		w.flush()
		if n.DataAtom == atom.P {
			w.paragraph(n)
		}
		if n.DataAtom == atom.Li {
			w.item = false
		}
	}
}

// paragraph notes the space that stands about a p. Outlook writes every line
// as one without it.
func (w *htmlWalker) paragraph(n *html.Node) {
	class := attr(n, "class")
	if w.tight || strings.Contains(class, "MsoNormal") || strings.Contains(class, "MsoList") || strings.Contains(attr(n, "style"), "margin:0") {
		return
	}
	w.brk = true
}

// clientMarks reads what mail programs write about the parts of a message:
// where a reply quotes, where a signature begins.
func (w *htmlWalker) clientMarks(n *html.Node, l *look) {
	id, class := attr(n, "id"), attr(n, "class")
	switch {
	case n.DataAtom == atom.Blockquote && (attr(n, "type") == "cite" || strings.Contains(class, "gmail_quote") || attr(n, "cite") != "" || strings.Contains(class, "cite")):
		l.depth++
	case strings.HasSuffix(id, "divRplyFwdMsg") || strings.HasSuffix(id, "appendonsend") || strings.HasSuffix(id, "ymail_android_signature_quote"):
		w.mark = true
	case strings.Contains(class, "yahoo_quoted"), strings.HasSuffix(id, "mail-editor-reference-message-container"), strings.Contains(class, "protonmail_quote"):
		w.mark = true
	case n.DataAtom == atom.Div && strings.Contains(attr(n, "style"), "border-top:solid #"):
		w.rule = '_'
	case id == "Signature", id == "signature", id == "ms-outlook-mobile-signature", strings.Contains(class, "gmail_signature"), strings.Contains(class, "moz-signature"):
		l.sig = true
	}
}

func boldness(n *html.Node, bold bool) bool {
	style := attr(n, "style")
	if i := strings.Index(style, "font-weight:"); i >= 0 {
		v := strings.TrimSpace(style[i+len("font-weight:"):])
		return strings.HasPrefix(v, "bold") || strings.HasPrefix(v, "6") || strings.HasPrefix(v, "7") || strings.HasPrefix(v, "8") || strings.HasPrefix(v, "9")
	}
	return bold
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// tick writes a checkbox as people type one.
func (w *htmlWalker) tick(n *html.Node, l look) {
	kind := strings.ToLower(attr(n, "type"))
	switch kind {
	case "checkbox", "radio":
		box := "☐ "
		for _, a := range n.Attr {
			if a.Key == "checked" {
				box = "☒ "
			}
		}
		w.text(box, l)
	case "", "text", "email", "tel":
		w.text(attr(n, "value"), l)
	}
}

func (w *htmlWalker) text(s string, l look) {
	if l.unseen() {
		w.hidden = w.hidden || nasdesk.Clean(s) != ""
		if !l.tiny { // what has the colour of its ground takes up room
			w.cur.WriteByte(' ')
		}
		return
	}
	if l.pre {
		for i, part := range strings.Split(s, "\n") {
			if i > 0 {
				w.lineBreak()
			}
			w.words(part, l)
		}
		return
	}
	w.words(s, l)
}

func (w *htmlWalker) words(s string, l look) {
	if strings.TrimLeft(s, " \t\r\n\f") == "" {
		w.cur.WriteByte(' ')
		return
	}
	if nasdesk.Clean(s) == "" { // no-break spaces: an empty line that shows
		w.sawBlank = true
		w.cur.WriteByte(' ')
		return
	}
	if strings.TrimSpace(w.cur.String()) == "" {
		w.depth, w.sig = l.depth, l.sig
	}
	if l.bold {
		w.strong = true
	} else if strings.Trim(s, " \t\r\n\u00a0:.,-") != "" {
		w.plain = true
	}
	w.cur.WriteString(s)
}

func (w *htmlWalker) lineBreak() {
	w.sawBlank = true
	w.flush()
}

// flush ends the line being written.
func (w *htmlWalker) flush() {
	defer func() { w.plain, w.strong, w.sawBlank = false, false, false }()
	text := cleanLine(w.cur.String())
	w.cur.Reset()
	if text == "" {
		w.brk = w.brk || w.sawBlank
		return
	}
	w.emit(bodyLine{text: text, head: w.strong && !w.plain && len(text) < 120, item: w.item, depth: w.depth, sig: w.sig})
	w.item = false
}

// emit adds a line, with what was noted since the last one.
func (w *htmlWalker) emit(b bodyLine) {
	b.brk, b.rule, b.mark = w.brk, w.rule, w.mark
	w.brk, w.rule, w.mark = false, 0, false
	w.lines = appendLine(w.lines, b)
}

// asTable writes a table as rows, and reports whether it is one: layout tables
// (one cell, or whole texts in their cells) are just text.
func (w *htmlWalker) asTable(n *html.Node, l look) bool {
	rows := w.tableRows(n)
	if len(rows) > w.lim.Lines || holdsTable(n, 0) {
		return false
	}
	grid := make([][]string, 0, len(rows))
	width := 0
	var spans rowSpans
	for _, tr := range rows {
		cells, ok := w.row(tr, l, &spans)
		if !ok {
			return false
		}
		filled := 0
		for _, c := range cells {
			if c != "" {
				filled++
			}
		}
		width = max(width, filled)
		grid = append(grid, cells)
	}
	if width < 2 {
		return false
	}
	w.flush()
	w.tables++
	w.brk = true
	for i, cells := range grid {
		if strings.Join(cells, "") != "" {
			w.emit(bodyLine{text: strings.Join(cells, "\t"), cells: cells, table: w.tables, depth: l.depth, sig: l.sig, head: isHeadRow(rows[i])})
		}
	}
	w.brk = true
	return true
}

func isHeadRow(tr *html.Node) bool {
	if tr.Parent.DataAtom == atom.Thead {
		return true
	}
	n := 0
	for c := tr.FirstChild; c != nil; c = c.NextSibling {
		switch c.DataAtom {
		case atom.Td:
			return false
		case atom.Th:
			n++
		}
	}
	return n > 1
}

// holdsTable reports whether a table stands within n. Such a table is layout;
// to try it as rows would cost twice the work at every level.
func holdsTable(n *html.Node, depth int) bool {
	for c := n.FirstChild; c != nil && depth < 600; c = c.NextSibling {
		if c.DataAtom == atom.Table || holdsTable(c, depth+1) {
			return true
		}
	}
	return false
}

// passedOver reports whether nothing of n is seen, and notes what it held.
func (w *htmlWalker) passedOver(n *html.Node) bool {
	none := w.styles.of(n).none
	w.hidden = w.hidden || none && holdsWords(n, 0)
	return none
}

// tableRows returns the rows of a table, not those of tables within it.
func (w *htmlWalker) tableRows(n *html.Node) []*html.Node {
	var rows []*html.Node
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch c.DataAtom {
		case atom.Tr, atom.Tbody, atom.Thead, atom.Tfoot:
			if w.passedOver(c) {
				continue
			}
		}
		switch c.DataAtom {
		case atom.Tr:
			rows = append(rows, c)
		case atom.Tbody, atom.Thead, atom.Tfoot:
			rows = append(rows, w.tableRows(c)...)
		}
	}
	return rows
}

// rowSpans are cells of earlier rows that reach down into the next.
type rowSpans map[int]struct {
	text string
	rows int
}

// row renders the cells of a row. It fails where a cell holds a whole text:
// several lines or another table.
func (w *htmlWalker) row(tr *html.Node, l look, spans *rowSpans) (cells []string, ok bool) {
	take := func() {
		for {
			s := (*spans)[len(cells)]
			if s.rows == 0 {
				return
			}
			s.rows--
			(*spans)[len(cells)] = s
			cells = append(cells, s.text)
		}
	}
	onRow := w.styles.of(tr).on(l)
	for c := tr.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom != atom.Td && c.DataAtom != atom.Th || w.passedOver(c) {
			continue
		}
		take()
		text, ok := w.cell(c, w.styles.of(c).on(onRow))
		if !ok {
			return nil, false
		}
		if rows := smallNumber(attr(c, "rowspan")); rows > 1 {
			if *spans == nil {
				*spans = rowSpans{}
			}
			(*spans)[len(cells)] = struct {
				text string
				rows int
			}{text, rows - 1}
		}
		cells = append(cells, text)
		for range smallNumber(attr(c, "colspan")) - 1 {
			cells = append(cells, "")
		}
		if len(cells) > 200 {
			return nil, false
		}
	}
	take()
	return cells, true
}

func (w *htmlWalker) cell(td *html.Node, l look) (string, bool) {
	in := htmlWalker{lim: w.lim, found: w.found, styles: w.styles}
	in.inside(td, look{nested: l.nested, ink: l.ink, ground: l.ground, tiny: l.tiny, faint: l.faint})
	in.flush()
	w.hidden = w.hidden || in.hidden
	if len(in.lines) > 3 {
		return "", false
	}
	texts := make([]string, len(in.lines))
	for i, b := range in.lines {
		if len(in.lines) > 1 && len(b.text) > 60 || b.mark {
			return "", false
		}
		texts[i] = b.text
	}
	return strings.Join(texts, " "), true
}

// smallNumber reads a span, 50 at most.
func smallNumber(s string) int {
	n := 0
	for _, c := range strings.TrimSpace(s) {
		if c < '0' || c > '9' {
			break
		}
		n = min(n*10+int(c-'0'), 50)
	}
	return n
}

// stripTags makes plain text of HTML that cannot be parsed.
func stripTags(doc string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(doc))
	skip := 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			if skip == 0 {
				b.Write(z.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			t := z.Token()
			if t.DataAtom == atom.Style || t.DataAtom == atom.Script || t.DataAtom == atom.Title {
				skip = 0
				if t.Type == html.StartTagToken {
					skip = 1
				}
			}
			if t.DataAtom == atom.Br || htmlBlocks[t.DataAtom] {
				b.WriteByte('\n')
			}
		}
	}
}
