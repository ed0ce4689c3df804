package parser

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"nasdesk"
)

// plainLines returns the lines of a plain text body. flowed and delsp are as
// RFC 3676 has them.
func plainLines(text string, flowed, delsp bool, lim Limits, f *findings) []bodyLine {
	w := plainWriter{lim: lim}
	raw := splitText(text, lim.Lines+1)
	if len(raw) > lim.Lines {
		f.add(nasdesk.FoundOverLimit, "lines of text")
		raw = raw[:lim.Lines]
	}
	depths := make([]int, len(raw))
	for i := range raw {
		depths[i], raw[i] = cutQuote(raw[i])
	}
	if flowed {
		raw, depths = joinFlowed(raw, depths, delsp)
	}
	w.write(raw, depths)
	return w.lines
}

// splitText cuts text at CRLF, LF, CR CR LF and lone CR into at most limit lines.
func splitText(text string, limit int) []string {
	var out []string
	for text != "" && len(out) < limit {
		i := strings.IndexAny(text, "\r\n")
		if i < 0 {
			return append(out, text)
		}
		out = append(out, text[:i])
		j := i
		for j < len(text) && text[j] == '\r' {
			j++
		}
		switch {
		case j < len(text) && text[j] == '\n':
			text = text[j+1:]
		default:
			text = text[i+1:]
		}
	}
	return out
}

// cutQuote counts the quote prefixes of a line and takes them off. Space
// stuffing (one blank behind the prefix) goes with them.
func cutQuote(s string) (depth int, rest string) {
	for {
		t := strings.TrimLeft(s, " ")
		if depth == 0 && len(s)-len(t) > 1 || !strings.HasPrefix(t, ">") {
			if depth > 0 {
				s = strings.TrimPrefix(s, " ")
			}
			return depth, s
		}
		depth++
		s = t[1:]
	}
}

// joinFlowed joins the lines that a flowed sender broke: those that end in a
// blank, within one quote depth, "-- " aside.
func joinFlowed(raw []string, depths []int, delsp bool) (lines []string, ds []int) {
	open := false
	for i, s := range raw {
		if depths[i] == 0 {
			s = strings.TrimPrefix(s, " ") // space stuffing
		}
		soft := strings.HasSuffix(s, " ") && s != "-- "
		if delsp && soft {
			s = s[:len(s)-1]
		}
		if n := len(lines); open && ds[n-1] == depths[i] && s != "-- " {
			lines[n-1] += s
		} else {
			lines, ds = append(lines, s), append(ds, depths[i])
		}
		open = soft && len(lines[len(lines)-1]) < 20000
	}
	return lines, ds
}

type plainWriter struct {
	lim    Limits
	lines  []bodyLine
	tables int
	brk    bool
	sig    bool // a "-- " line stands above, at the depth sigDepth

	sigDepth int
}

func (w *plainWriter) write(raw []string, depths []int) {
	for i := 0; i < len(raw); i++ {
		w.sig = w.sig && depths[i] == w.sigDepth
		if raw[i] == "-- " || raw[i] == "--" && depths[i] == 0 {
			w.brk, w.sig, w.sigDepth = true, true, depths[i]
			continue
		}
		if n := rowsFrom(raw, depths, i); n > 0 {
			w.rows(raw[i:i+n], depths[i])
			i += n - 1
			continue
		}
		text := cleanLine(dropArtefacts(raw[i]))
		if text == "" {
			w.brk = true
			continue
		}
		text, head := starBold(text)
		w.emit(bodyLine{text: text, head: head, depth: depths[i], sig: w.sig})
	}
}

func (w *plainWriter) emit(b bodyLine) {
	b.brk = w.brk
	w.brk = false
	w.lines = appendLine(w.lines, b)
}

func (w *plainWriter) rows(raw []string, depth int) {
	w.tables++
	for _, r := range raw {
		cells := splitColumns(r)
		for i := range cells {
			cells[i] = cleanLine(dropArtefacts(cells[i]))
		}
		if text := strings.Join(cells, "\t"); strings.Trim(text, "\t") != "" {
			w.emit(bodyLine{text: text, cells: cells, table: w.tables, depth: depth, sig: w.sig})
		}
	}
	w.brk = true
}

// rowsFrom returns how many lines from i on are rows of a table: lines with
// tabs between words; or two and more lines whose columns stand apart by two blanks
// or more and begin at the same place, or three with as many columns.
func rowsFrom(raw []string, depths []int, i int) int {
	if isTabbed(raw[i]) {
		n := 1
		for i+n < len(raw) && depths[i+n] == depths[i] && isTabbed(raw[i+n]) {
			n++
		}
		return n
	}
	cols := columns(raw[i])
	if cols < 2 {
		return 0
	}
	n, aligned := 1, true
	for i+n < len(raw) && depths[i+n] == depths[i] && columns(raw[i+n]) == cols && !isTabbed(raw[i+n]) {
		aligned = secondColumn(raw[i+n]) == secondColumn(raw[i]) // asked of two
		n++
	}
	if n >= 3 || n == 2 && aligned {
		return n
	}
	return 0
}

func isTabbed(s string) bool {
	s = strings.TrimSpace(s)
	i := strings.IndexByte(s, '\t')
	return i > 0 && !isBulletMark(strings.TrimSpace(s[:i]))
}

// columns counts the stretches of a line that stand apart by two blanks or
// more. A gap behind the end of a sentence, or behind a bullet, is none.
func columns(s string) int {
	s = strings.TrimSpace(s)
	n := 1
	for {
		i := strings.Index(s, "  ")
		if i < 0 {
			return n
		}
		before := s[:i]
		s = strings.TrimLeft(s[i:], " ")
		if strings.ContainsAny(before[len(before)-1:], ".!?,;") || n == 1 && isBulletMark(before) || moreBoxes(before, s) {
			continue
		}
		n++
	}
}

// moreBoxes reports whether a gap stands between two boxes to tick, each with
// its word, which are one answer: "[ ] Owner  [x] Member".
func moreBoxes(before, rest string) bool {
	b := leadingBox(before)
	return b > 0 && leadingBox(rest) > 0 && strings.ContainsFunc(before[b:], unicode.IsLetter)
}

// leadingBox returns the length of the box at the beginning of s, or 0.
func leadingBox(s string) int {
	if m := box.FindStringIndex(s); m != nil && m[0] == 0 {
		return m[1]
	}
	return 0
}

func secondColumn(s string) int {
	lead := len(s) - len(strings.TrimLeft(s, " "))
	i := strings.Index(s[lead:], "  ")
	if i < 0 {
		return -1
	}
	rest := s[lead+i:]
	return utf8.RuneCountInString(s[:lead+i]) + len(rest) - len(strings.TrimLeft(rest, " "))
}

func splitColumns(s string) []string {
	s = strings.Trim(s, " ")
	if strings.Contains(strings.TrimSpace(s), "\t") {
		return strings.Split(strings.Trim(s, "\t"), "\t")
	}
	var cells []string
	joins := false
	for {
		cell, rest, more := strings.Cut(s, "  ")
		if joins {
			cells[len(cells)-1] += " " + cell
		} else {
			cells = append(cells, cell)
		}
		if !more {
			return cells
		}
		s = strings.TrimLeft(rest, " ")
		joins = moreBoxes(cell, s)
	}
}

// starBold reads the asterisks with which plain text shows bold: "*Role:* member".
// A line wholly in them is a heading.
func starBold(s string) (text string, head bool) {
	if len(s) < 3 || s[0] != '*' || s[1] == ' ' {
		return s, false
	}
	i := strings.IndexByte(s[1:], '*') + 1
	if i < 2 || s[i-1] == ' ' {
		return s, false
	}
	return strings.TrimSpace(s[1:i] + s[i+1:]), i == len(s)-1
}

// dropArtefacts takes off what mail programs add to plain text for the links
// and pictures of the HTML: "a@b<mailto:a@b>", "site<https://…>", "[cid:…]".
func dropArtefacts(s string) string {
	if strings.IndexByte(s, '<') >= 0 {
		s = dropBetween(s, "<mailto:", '>')
		s = dropBetween(s, "<https://", '>')
		s = dropBetween(s, "<http://", '>')
		s = dropBetween(s, "<tel:", '>')
	}
	if strings.IndexByte(s, '[') >= 0 {
		s = dropBetween(s, "[cid:", ']')
		s = dropBetween(s, "[image:", ']')
		s = dropBetween(s, "[https://", ']')
	}
	return s
}

// dropBetween takes out what begins with open and ends with close. In angle
// brackets it stays where no word stands before it that it could repeat:
// "Her address: <mailto:a@b>".
func dropBetween(s, open string, close byte) string {
	var b strings.Builder
	i := strings.Index(s, open)
	for i >= 0 {
		j := strings.IndexByte(s[i:], close)
		if j < 0 {
			break
		}
		if open[0] == '<' && (i == 0 || strings.IndexByte(" \t:,;(/|", s[i-1]) >= 0) {
			b.WriteString(s[:i+j+1])
		} else {
			b.WriteString(s[:i])
		}
		s = s[i+j+1:]
		i = strings.Index(s, open)
	}
	b.WriteString(s)
	return b.String()
}

// appendLine adds a line. A rule is no line but a break; a bullet makes an item.
func appendLine(lines []bodyLine, b bodyLine) []bodyLine {
	if c := ruleChar(b.text); c != 0 && b.cells == nil {
		return append(lines, bodyLine{rule: c, depth: b.depth})
	}
	if n := len(lines); n > 0 && lines[n-1].text == "" {
		b.brk, b.rule = true, lines[n-1].rule
		lines = lines[:n-1]
	}
	if b.cells == nil {
		if rest, ok := cutBullet(b.text); ok {
			b.text, b.item = rest, true
		}
	}
	return append(lines, b)
}

// ruleChar returns the character of a line that is nothing but a rule.
func ruleChar(s string) byte {
	if len(s) < 3 || strings.IndexByte("_*-=~", s[0]) < 0 || strings.Trim(s, s[:1]) != "" {
		return 0
	}
	return s[0]
}

// cutBullet takes a bullet or a number off a list item.
func cutBullet(s string) (rest string, ok bool) {
	mark, rest, found := strings.Cut(s, " ")
	if !found || rest == "" || !isBulletMark(mark) {
		return s, false
	}
	return rest, true
}

func isBulletMark(s string) bool {
	switch s {
	case "-", "*", "•", "·", "–", "—", "▪", "●", "○", "◦", "§", "", "►", "➢", "‣", "+", "o":
		return true
	}
	if strings.HasPrefix(s, "(") && strings.HasSuffix(s, ")") {
		s = s[1:]
	}
	if len(s) < 2 || len(s) > 3 {
		return false
	}
	end, body := s[len(s)-1], s[:len(s)-1]
	if end != '.' && end != ')' {
		return false
	}
	if s == "ii)" || s == "iv)" || s == "vi)" || s == "ix)" {
		return true
	}
	digits := strings.Trim(body, "0123456789") == ""
	return digits || end == ')' && len(body) == 1 && 'a' <= body[0]|0x20 && body[0]|0x20 <= 'z'
}

// cleanLine is nasdesk.Clean, with a short way for the common line.
func cleanLine(s string) string {
	blank := true // the last character was one
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x7f || c < ' ' || c == '`' || c == ' ' && blank {
			return nasdesk.Clean(strings.ToValidUTF8(s, "\uFFFD"))
		}
		blank = c == ' '
	}
	return strings.TrimSuffix(s, " ")
}
