package parser

import (
	"strings"

	"nasdesk"
)

// A block is what stands together as one filled-in form: pairs about one thing.
type block struct {
	pairs   []pair
	start   int
	end     int
	table   int      // the table it is a row or column of; 0 outside tables
	forward bool     // read from the forwarded text: prose
	cells   []string // all that its row holds
	run     int      // of the lines it is cut from, where people are told apart there; 0 elsewhere
	number  int      // of several, as the labels count; 0 where they do not
	common  bool     // what is said of all people of its run
}

// A tableRow is a row with the places of its cells.
type tableRow struct {
	cells []stretch
	line  int
}

// rowOf places the cells of a table line.
func rowOf(l nasdesk.Line, index int) tableRow {
	row := tableRow{line: index}
	from := 0
	for _, c := range l.Cells {
		i := strings.Index(l.Text[from:], c)
		if i < 0 {
			i = 0
		}
		row.cells = append(row.cells, stretch{c, l.Start + from + i})
		from += i + len(c)
		if t := strings.IndexByte(l.Text[from:], '\t'); t >= 0 {
			from += t + 1
		}
	}
	return row
}

// table reads a table as blocks. ok is false where it is no table of labels and
// values; its cells are read as lines then.
func (r *Reader) table(rows []tableRow, number int) ([]block, bool) {
	if b, ok := r.alternating(rows, number); ok {
		return b, true
	}
	head, across := r.headerRow(rows)
	down := r.headerColumn(rows)
	switch {
	case across >= 2 && across >= down || across == 1 && down == 0 && len(rows) > 1 && across == filled(rows[head]):
		return r.rowBlocks(rows[head], rows[head+1:], number), len(rows) > head+1
	case down >= 1:
		return r.columnBlocks(rows, number), true
	}
	return nil, false
}

func filled(row tableRow) int {
	n := 0
	for _, c := range row.cells {
		if c.text != "" {
			n++
		}
	}
	return n
}

// headerRow finds, among the first three rows, the one with most labels.
func (r *Reader) headerRow(rows []tableRow) (int, int) {
	at, most := 0, 0
	for i, row := range rows[:min(3, len(rows))] {
		n := 0
		for _, c := range row.cells {
			if h, ok := r.label(c.text); ok && (h.part != ignored || i == 0) {
				n++
			}
		}
		if n > most {
			at, most = i, n
		}
	}
	if most*2 < filled(rows[at]) {
		return 0, 0
	}
	return at, most
}

// headerColumn counts the labels in the first column.
func (r *Reader) headerColumn(rows []tableRow) int {
	n := 0
	for _, row := range rows {
		if len(row.cells) > 1 {
			if h, ok := r.label(row.cells[0].text); ok && h.part != ignored {
				n++
			}
		}
	}
	return n
}

// rowBlocks makes a block of each row below a header row. An empty row is none.
func (r *Reader) rowBlocks(head tableRow, rows []tableRow, number int) []block {
	var out []block
	labels := make([]labelHit, len(head.cells))
	known := make([]bool, len(head.cells))
	for i, c := range head.cells {
		labels[i], known[i] = r.label(c.text)
	}
	for _, row := range rows {
		b := block{table: number}
		any := false
		for _, c := range row.cells {
			b.cells = append(b.cells, c.text)
		}
		for i, c := range row.cells {
			if i >= len(labels) || !known[i] {
				continue
			}
			any = any || c.text != "" && labels[i].part != ignored
			b.pairs = append(b.pairs, pair{label: labels[i], key: normalLabel(head.cells[i].text), value: c.text, span: c.span(), at: c.at, line: row.line})
		}
		if any {
			out = append(out, b.bounded())
		}
	}
	return out
}

// columnBlocks reads a table with a header column: a block for each further
// column that holds anything behind a label.
func (r *Reader) columnBlocks(rows []tableRow, number int) []block {
	width := 0
	for _, row := range rows {
		width = max(width, len(row.cells))
	}
	var out []block
	for col := 1; col < width; col++ {
		b := block{table: number}
		any := false
		for _, row := range rows {
			h, ok := r.label(row.cells[0].text)
			if !ok {
				continue
			}
			c := stretch{"", row.cells[0].at + len(row.cells[0].text)}
			if col < len(row.cells) {
				c = row.cells[col]
			}
			any = any || c.text != "" && h.part != ignored
			b.pairs = append(b.pairs, pair{label: h, key: normalLabel(row.cells[0].text), value: c.text, span: c.span(), at: c.at, line: row.line})
		}
		if any {
			out = append(out, b.bounded())
		}
	}
	return r.repeated(out)
}

// repeated divides a column in which the same labels come again: one form below
// the other in a single table.
func (r *Reader) repeated(in []block) []block {
	var out []block
	for _, b := range in {
		for _, ps := range divide(b.pairs) {
			out = append(out, block{pairs: ps, table: b.table}.bounded())
		}
	}
	return out
}

// alternating reads rows of label, value, label, value.
func (r *Reader) alternating(rows []tableRow, number int) ([]block, bool) {
	b := block{table: number}
	for _, row := range rows {
		if len(row.cells) < 4 || len(row.cells)%2 != 0 {
			return nil, false
		}
		for i := 0; i < len(row.cells); i += 2 {
			h, ok := r.label(row.cells[i].text)
			_, value := r.label(row.cells[i+1].text)
			value = value && !roleAlone(row.cells[i+1].text)
			if row.cells[i].text == "" && row.cells[i+1].text == "" {
				continue
			}
			if !ok || value {
				return nil, false
			}
			b.pairs = append(b.pairs, pair{label: h, key: normalLabel(row.cells[i].text), value: row.cells[i+1].text, span: row.cells[i+1].span(), at: row.cells[i].at, line: row.line})
		}
	}
	return []block{b.bounded()}, len(b.pairs) > 0
}

var (
	yesCells = map[string]bool{"x": true, "yes": true, "y": true, "✓": true, "✔": true, "☒": true, "☑": true, "true": true, "1": true, "tick": true, "ticked": true, "✅": true, "√": true}
	noCells  = map[string]bool{"": true, "no": true, "n": true, "☐": true, "-": true, "false": true, "0": true, "n/a": true}
)

// tickedRoles turns columns or lines "Owner" and "Member" that hold a tick into
// a role.
func (r *Reader) tickedRoles(ps []pair) []pair {
	role, ok := r.labels["role"]
	if !ok {
		return ps
	}
	ticks := false
	for _, p := range ps {
		ticks = ticks || (p.key == "owner" || p.key == "member") && yesCells[strings.ToLower(p.value)]
	}
	if !ticks {
		return ps
	}
	out := ps[:0:0]
	for _, p := range ps {
		v := strings.ToLower(strings.TrimSpace(p.value))
		switch {
		case p.key != "owner" && p.key != "member":
			out = append(out, p)
		case yesCells[v]:
			p.label, p.value, p.key = role, p.key, "role"
			out = append(out, p)
		case !noCells[v]:
			out = append(out, p)
		}
	}
	return out
}

// bounded sets where a block begins and ends.
func (b block) bounded() block {
	for i, p := range b.pairs {
		if i == 0 || p.at < b.start {
			b.start = p.at
		}
		b.end = max(b.end, p.span.End)
	}
	return b
}

// divide parts the pairs of a run of lines into those of one person each. The
// label that opened a block opens the next one too; another label that comes
// again does so only behind a blank line.
func divide(ps []pair) [][]pair {
	var out [][]pair
	var cur []pair
	for _, p := range ps {
		if len(cur) > 0 && opens(cur, p) {
			out = append(out, cur)
			cur = nil
		}
		cur = append(cur, p)
	}
	if len(cur) > 0 {
		out = append(out, cur)
	}
	return out
}

func opens(cur []pair, p pair) bool {
	if p.all {
		return false
	}
	for i, q := range cur {
		if !sameLabel(q, p) {
			continue
		}
		first := true
		for _, e := range cur[:i] {
			first = first && e.label.part == ignored
		}
		return (first || p.fresh) && (len(cur) > 1 || q.value != "" && p.value != "" && !phoneAlone(p.value)) && !strings.EqualFold(q.value, p.value)
	}
	return false
}

// sameLabel reports whether two labels ask the same thing.
func sameLabel(a, b pair) bool {
	if a.label.part != b.label.part {
		return false
	}
	if a.label.part != noPart {
		return a.key == b.key
	}
	return a.key == b.key || sameFields(a.label, b.label)
}

func sameFields(a, b labelHit) bool {
	for k := range a.fields {
		if a.fields[k] != b.fields[k] {
			return false
		}
	}
	return true
}
