package console

import (
	"strconv"
	"strings"

	"nasdesk"
)

// A passage is a run of lines of a mail that are somebody's words.
type passage struct {
	Aside string // why it was set aside: "An earlier message, quoted"; "" for the sender's own words
	Lines []textLine
}

// A textLine is one line, cut where a mark begins or ends.
type textLine struct {
	Break  bool // a blank line stands before it
	Item   bool
	Head   bool
	Pieces []piece
}

// A piece is a stretch of a line. One from which fields were read is marked.
type piece struct {
	Text string
	Mark int    // number of the mark, from 1; 0 for none
	From string // fragment of the field that was read from it
	Of   string // label of that field
	ID   string // its own fragment; "" but for the first piece of a mark
}

// A mark is a stretch of a message's text from which a field was read.
type mark struct {
	nasdesk.Span
	N     int
	Field string // its fragment
	Label string
	ID    string // fragment of the mark
}

// asides say why lines were set aside.
var asides = map[nasdesk.Region]string{
	nasdesk.Signature:  "Signature: not part of the request",
	nasdesk.Disclaimer: "Small print: not part of the request",
	nasdesk.Banner:     "Warning put on by NHSmail",
	nasdesk.Quoted:     "An earlier message, quoted: not part of the request",
	nasdesk.Ours:       "Our own words, come back: not part of the request",
}

// passages returns the text of a message as it was read, the subject left out,
// with what was set aside shown as such.
func passages(m *nasdesk.Message, marks []mark) []passage {
	var out []passage
	for _, l := range m.Lines {
		if l.Part == nasdesk.InSubject {
			continue
		}
		aside := asideOf(l)
		if len(out) == 0 || out[len(out)-1].Aside != aside {
			out = append(out, passage{Aside: aside})
		}
		p := &out[len(out)-1]
		p.Lines = append(p.Lines, textLine{Break: l.Break && len(p.Lines) > 0, Item: l.Item, Head: l.Head, Pieces: pieces(l, marks)})
	}
	return out
}

func asideOf(l nasdesk.Line) string {
	if l.Part == nasdesk.InSheet {
		return "A row of an attached table"
	}
	return asides[l.Region]
}

// subjectLine is the subject as it was read, with its marks.
func subjectLine(m *nasdesk.Message, marks []mark) []piece {
	for _, l := range m.Lines {
		if l.Part == nasdesk.InSubject {
			return pieces(l, marks)
		}
	}
	return []piece{{Text: m.Subject}}
}

// pieces cuts a line at its marks. Where marks overlap, the first one counts.
func pieces(l nasdesk.Line, marks []mark) []piece {
	var out []piece
	add := func(text string, p piece) {
		if text != "" {
			p.Text = strings.ReplaceAll(text, "\t", " | ")
			out = append(out, p)
		}
	}
	at := 0
	for at < len(l.Text) {
		from, to, m := nextMark(l, at, marks)
		add(l.Text[at:from], piece{})
		if m == nil {
			break
		}
		p := piece{Mark: m.N, From: m.Field, Of: m.Label}
		if l.Start+from == m.Start {
			p.ID = m.ID
		}
		add(l.Text[from:to], p)
		at = to
	}
	return out
}

// nextMark finds the first mark that touches the line from a byte on, and where
// in the line it begins and ends; without one, the line's end.
func nextMark(l nasdesk.Line, at int, marks []mark) (from, to int, found *mark) {
	from, to = len(l.Text), len(l.Text)
	for i := range marks {
		m := &marks[i]
		a, b := max(m.Start-l.Start, at), min(m.End-l.Start, len(l.Text))
		if a < b && a < from {
			from, to, found = a, b, m
		}
	}
	return from, to, found
}

// readFrom reports whether an answer was read from a message: all of its spans
// hold words of what was written.
func readFrom(a nasdesk.Answer, m *nasdesk.Message) bool {
	if len(a.Spans) == 0 {
		return false
	}
	written := nasdesk.Clean(a.Written)
	for _, s := range a.Spans {
		w := nasdesk.Clean(s.In(m.Text))
		if w == "" || !strings.Contains(written, w) && !strings.Contains(w, written) {
			return false
		}
	}
	return true
}

// marksIn numbers the stretches of a message from which answers were read, in
// the order of the form. Done are the fields that an earlier message gave.
func marksIn(m *nasdesk.Message, message int64, answers []nasdesk.Answer, k *nasdesk.Kind, done map[string][]mark) []mark {
	var out []mark
	for _, a := range answers {
		if done[a.Field] != nil || !readFrom(a, m) {
			continue
		}
		for _, s := range a.Spans {
			n := len(out) + 1
			out = append(out, mark{Span: s, N: n, Field: fieldID(a.Field), Label: labelOf(k, a.Field),
				ID: "mark-" + strconv.FormatInt(message, 10) + "-" + strconv.Itoa(n)})
			done[a.Field] = append(done[a.Field], out[len(out)-1])
		}
	}
	return out
}

func fieldID(field string) string { return "field-" + strings.ReplaceAll(field, "_", "-") }

// foundWords says what reading had to repair, each once.
func foundWords(m *nasdesk.Message) []string {
	var out []string
	seen := map[string]bool{}
	for _, f := range m.Findings {
		w, ok := findingWords[f.Code]
		if !ok {
			w = f.Code + "."
		}
		if f.Detail != "" {
			w += " (" + f.Detail + ")"
		}
		if !seen[w] {
			out = append(out, w)
		}
		seen[w] = true
	}
	return out
}
