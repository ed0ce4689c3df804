package parser

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"nasdesk"
)

// A text is one message while it is being understood.
type text struct {
	r         *Reader
	m         *nasdesk.Message
	c         *nasdesk.Case
	day       nasdesk.Date // of the message
	blocks    []block
	sentences []sentence
	filled    []pair          // typed into our own form, quoted or come back
	agreed    map[string]int  // words that the local parts of addresses are made of
	places    []string        // names of mailboxes, in lower case
	held      bool            // nothing of it is to be done yet
	pointing  bool            // its own words point at the forwarded text below
	names     map[string]bool // words of the full names in the text
	people    []*person
	open      []*nasdesk.Request // of the thread, that an answer may complete
	me        *person
}

// Recognise understands a message in the light of its case. It only says what
// is written; what follows is Step's. It never fails, and never fills a field
// that the sender's words do not.
func (r *Reader) Recognise(m *nasdesk.Message, c *nasdesk.Case) nasdesk.Heard {
	if c == nil {
		c = new(nasdesk.Case)
	}
	x := &text{r: r, m: m, c: c}
	if !m.Date.IsZero() {
		x.day = nasdesk.DateOf(m.Date)
	}
	x.collect(ownLines(m))
	x.understand()
	if x.pointsBelow() {
		y := &text{r: r, m: m, c: c, day: x.day, pointing: true}
		y.collect(append(ownLines(m), forwarded(m)...))
		y.understand()
		x = y
	}
	h := nasdesk.Heard{}
	h.Readings = x.readings()
	if x.held {
		h.Readings = slices.DeleteFunc(h.Readings, func(r nasdesk.Reading) bool { return r.Kind != "status" && r.Kind != "report" })
	}
	x.answers(&h)
	h.Foreign = x.foreign(h)
	return h
}

// A placedLine is a line with its place in the message.
type placedLine struct {
	nasdesk.Line
	index   int
	forward bool
}

func ownLines(m *nasdesk.Message) []placedLine {
	var out []placedLine
	for i, l := range m.Lines {
		if l.Region == nasdesk.Own && strings.TrimSpace(l.Text) != "" {
			out = append(out, placedLine{l, i, false})
		}
	}
	return withoutSignOff(withoutFooter(out))
}

var footers = []string{"registered office", "registered in england", "company number", "company no", "intended recipient", "vat registration", "confidentiality notice"}

// withoutFooter drops a firm's small print, where it was not set aside already,
// and what stands below it.
func withoutFooter(ls []placedLine) []placedLine {
	for i, l := range ls {
		if i == 0 || l.Part != nasdesk.InBody || l.Table > 0 {
			continue
		}
		low := strings.ToLower(l.Text)
		for _, f := range footers {
			if strings.Contains(low, f) && words(low) > 5 {
				rest := ls[i:]
				if k := slices.IndexFunc(rest, func(l placedLine) bool { return l.Part == nasdesk.InSheet }); k >= 0 {
					return append(slices.Clone(ls[:i]), rest[k:]...)
				}
				return ls[:i]
			}
		}
	}
	return ls
}

// withoutSignOff drops a last paragraph that is the writer's card, though no
// sign-off sets it apart: a name, then a post or a firm and a number. A list of
// a person's details that a colon announces is none, nor is one with a private
// address.
func withoutSignOff(ls []placedLine) []placedLine {
	at := len(ls)
	for i := len(ls) - 1; i > 0 && ls[i].Part == nasdesk.InBody && ls[i].Table == 0 && len(ls)-i < 8; i-- {
		if ls[i].Break {
			at = i
			break
		}
	}
	if at < 2 || len(ls)-at < 2 || ls[at-1].Part != nasdesk.InBody || strings.HasSuffix(strings.TrimSpace(ls[at-1].Text), ":") {
		return ls
	}
	name, _, _ := strings.Cut(ls[at].Text, "|")
	name, _, _ = strings.Cut(name, ",")
	if words(name) > 4 || !isNameLike(strings.TrimRight(name, " .")) || formLabelLike(ls[at].Text) {
		return ls
	}
	number, post := false, strings.Contains(ls[at].Text, "|")
	for _, l := range ls[at:] {
		number = number || len(phonesIn(l.Text, 0)) > 0
		post = post || isJob(l.Text)
		if strings.Contains(l.Text, "@") && !strings.Contains(strings.ToLower(l.Text), "@nhs.net") {
			return ls
		}
	}
	if !number || !post {
		return ls
	}
	return ls[:at]
}

func formLabelLike(s string) bool { return strings.ContainsAny(s, ":=?") }

// forwarded returns the lines of the topmost quoted message that are not ours,
// without its head.
func forwarded(m *nasdesk.Message) []placedLine {
	var out []placedLine
	for i, l := range m.Lines {
		if l.Region == nasdesk.Quoted && l.Quote == 1 && strings.TrimSpace(l.Text) != "" && !isQuoteHead(l.Text) {
			out = append(out, placedLine{l, i, true})
		}
	}
	return out
}

// isQuoteHead reports whether a line is the head of a quoted message.
func isQuoteHead(s string) bool {
	t := strings.ToLower(strings.Trim(nasdesk.Clean(s), "*>_- "))
	for _, p := range []string{"from:", "sent:", "to:", "cc:", "date:", "subject:", "bcc:", "begin forwarded", "original message", "forwarded message", "reply-to:", "importance:", "attachments:", "resent-"} {
		if strings.HasPrefix(t, p) {
			return true
		}
	}
	return t == "" || strings.HasPrefix(t, "on ") && strings.HasSuffix(t, "wrote:")
}

// collect divides the lines into blocks of pairs and sentences of prose.
func (x *text) collect(lines []placedLine) {
	c := collector{x: x, lines: lines}
	c.walk()
	x.blocks = c.blocks
	x.sentences = sentences(c.prose)
	for i := range x.sentences {
		s := &x.sentences[i]
		s.asks = eitherOr(s, x.r.asksOf(s))
		if s.title {
			s.asks = x.r.asksOfTitle(s)
		}
		if !s.forward && !s.reply && s.holdsBack() {
			x.held = true
		}
	}
	x.held = x.held || x.onlyAsksAfter()
	x.dropRefused()
	for i := range x.blocks {
		x.blocks[i].pairs = x.r.tickedRoles(x.blocks[i].pairs)
		x.noteDays(x.blocks[i].pairs)
	}
	x.blocks = x.arrange(x.blocks)
	x.noteOurs()
}

// noteDays makes a day of "From: 1 July", which elsewhere is a code's label.
func (x *text) noteDays(ps []pair) {
	for i, p := range ps {
		if p.key != "from" && p.key != "starting" && p.key != "start" {
			continue
		}
		if _, ok := parseDay(p.value, x.day); ok {
			ps[i].label = labelHit{fields: p.label.fields, part: fromDay, exact: true}
		}
	}
}

// onlyAsksAfter reports whether the text asks if a message came and, but for
// labels, asks for nothing else.
func (x *text) onlyAsksAfter() bool {
	after := false
	for i := range x.sentences {
		s := &x.sentences[i]
		after = after || s.asksAfter()
		if !s.label && slices.ContainsFunc(s.asks, func(a ask) bool { return a.mood.acts() && !a.weak && x.r.kinds[a.kind].Name != "status" }) {
			return false
		}
	}
	return after
}

// dropRefused takes away the weak asks of a text that refuses or puts off what
// it speaks of, and asks for nothing outright: "don't mark her as a leaver yet".
func (x *text) dropRefused() {
	refused, wanted := false, false
	for i := range x.sentences {
		for _, a := range x.sentences[i].asks {
			refused = refused || !a.weak && refusing([]ask{a})
			wanted = wanted || !a.weak && a.mood.acts()
		}
	}
	if !refused || wanted {
		return
	}
	for i := range x.sentences {
		s := &x.sentences[i]
		s.asks = slices.DeleteFunc(s.asks, func(a ask) bool { return a.weak })
	}
}

// A collector goes through the lines of a message.
type collector struct {
	x      *text
	lines  []placedLine
	blocks []block // runs of pairs, and rows and columns of tables
	prose  []proseLine
	run    []pair
	last   int // place in lines of the last pair
}

func (c *collector) walk() {
	for i := 0; i < len(c.lines); {
		l := c.lines[i]
		switch {
		case l.Part == nasdesk.InSubject:
			c.subject(l)
			i++
		case l.Table > 0 && len(l.Cells) > 0:
			i = c.table(i)
		default:
			if j := c.barred(i); j > i {
				i = j
				continue
			}
			i = c.line(i)
		}
	}
	c.endRun()
}

// barred reads a table drawn with bars: a line of labels, and lines with as many
// cells below it. It returns i where there is none.
func (c *collector) barred(i int) int {
	head, ok := barredRow(c.lines[i])
	for _, cell := range head.cells {
		if _, known := c.x.r.label(cell.text); !known || strings.Contains(cell.text, ":") {
			return i
		}
	}
	rows, j := []tableRow{head}, i+1
	for ; ok && j < len(c.lines); j++ {
		row, same := barredRow(c.lines[j])
		if drawn := strings.Trim(c.lines[j].Text, "|-+=: ") == ""; drawn {
			continue
		}
		if !same || len(row.cells) != len(head.cells) {
			break
		}
		rows = append(rows, row)
	}
	if len(rows) < 2 {
		return i
	}
	c.endRun()
	blocks, ok := c.x.r.table(rows, -1-i)
	if !ok {
		return i
	}
	for k := range blocks {
		blocks[k].forward = c.lines[i].forward
	}
	c.blocks = append(c.blocks, blocks...)
	return j
}

// barredRow cuts a line at its bars. ok is false where it has no two cells.
func barredRow(l placedLine) (tableRow, bool) {
	row := tableRow{line: l.index}
	if l.Table > 0 || l.Part != nasdesk.InBody || !strings.Contains(l.Text, "|") {
		return row, false
	}
	for _, s := range splitKeep(stretch{l.Text, l.Start}.trim("|"), "|") {
		row.cells = append(row.cells, s.trim(""))
	}
	return row, len(row.cells) > 1
}

func (c *collector) endRun() {
	if len(c.run) > 0 {
		c.blocks = append(c.blocks, block{pairs: c.run, forward: c.lines[c.last].forward}.bounded())
		c.run = nil
	}
}

// subject takes the subject as prose, without the marks of replies and tickets.
func (c *collector) subject(l placedLine) {
	s := stretch{l.Text, l.Start}.trim("")
	reply := false
	for {
		low := strings.ToLower(s.text)
		n := 0
		for _, p := range []string{"re:", "fw:", "fwd:", "aw:", "re :", "fw :", "[external]", "external:"} {
			if strings.HasPrefix(low, p) {
				n = len(p)
				reply = reply || !strings.Contains(p, "external")
			}
		}
		if n == 0 {
			break
		}
		s = s.from(n).trim("")
	}
	c.addProse(proseLine{text: s.text, start: s.at, index: l.index, breaks: true, subject: true, reply: reply})
}

func (c *collector) addProse(p proseLine) {
	if strings.TrimSpace(p.text) != "" {
		c.prose = append(c.prose, p)
	}
}

// table reads the rows of one table.
func (c *collector) table(i int) int {
	c.endRun()
	number := c.lines[i].Table
	var rows []tableRow
	j := i
	for ; j < len(c.lines) && c.lines[j].Table == number && c.lines[j].Part == c.lines[i].Part; j++ {
		rows = append(rows, rowOf(c.lines[j].Line, c.lines[j].index))
	}
	if blocks, ok := c.x.r.table(rows, number); ok {
		blocks = slices.DeleteFunc(blocks, block.isIdle)
		for k := range blocks {
			blocks[k].forward = c.lines[i].forward
		}
		c.blocks = append(c.blocks, blocks...)
		for _, b := range blocks {
			for _, p := range b.pairs {
				if p.label.part == ignored && p.value != "" && actionKeys[p.key] {
					c.addLabel(stretch{p.value, p.span.Start}, c.lines[i])
				}
			}
		}
		c.above(rows)
		return j
	}
	for k, row := range rows {
		for _, cell := range row.cells {
			if cell.text != "" {
				c.last = i + k
				c.text(cell, c.lines[i+k])
			}
		}
	}
	c.endRun()
	return j
}

// isIdle reports whether a row says that nothing is to be done.
func (b block) isIdle() bool {
	return slices.ContainsFunc(b.pairs, func(p pair) bool {
		return actionKeys[p.key] && p.key != "note" && p.key != "comment" && idle[strings.ToLower(strings.Trim(p.value, " .-–"))]
	})
}

var idle = map[string]bool{"": true, "none": true, "no change": true, "no": true, "keep": true, "stay": true, "stays": true, "leave": true, "leave as is": true, "no action": true, "n/a": true, "nothing": true, "as is": true, "ok": true, "remain": true, "remains": true, "no changes": true}

var actionKeys = map[string]bool{"action": true, "action required": true, "action needed": true, "request": true, "request type": true, "type of request": true, "requested": true, "change": true, "change required": true, "what": true, "note": true, "comment": true}

// above keeps the words that a table's first rows hold above its labels, such
// as "Leavers": they may say what is asked.
func (c *collector) above(rows []tableRow) {
	for _, row := range rows[:min(2, len(rows))] {
		if filled(row) != 1 {
			return
		}
		for _, cell := range row.cells {
			if cell.text != "" {
				c.addProse(proseLine{text: cell.text, start: cell.at, index: row.line, breaks: true, head: true})
			}
		}
	}
}

// text takes a cell or a line by itself.
func (c *collector) text(s stretch, l placedLine) {
	if ps, bare := c.x.r.pairsOf(s, false); ps != nil && !bare {
		c.pairs(ps, s, l)
		return
	}
	c.addProse(proseLine{text: s.text, start: s.at, index: l.index, breaks: true, head: l.Head, forward: l.forward})
}

// line reads the line at i, and those behind it that belong to its value.
func (c *collector) line(i int) int {
	l := c.lines[i]
	s := stretch{l.Text, l.Start}
	if n := len(numberedHeading.FindString(l.Text)); n > 0 && c.x.r.isTitleText(l.Text[n:]) && !strings.ContainsAny(l.Text[n:], ":@") {
		s = s.from(n)
		c.addProse(proseLine{text: s.text, start: s.at, index: l.index, breaks: true, head: true, title: true, forward: l.forward})
		return i + 1
	}
	ps, bare := c.x.r.pairsOf(s, false)
	switch {
	case chatStamp.MatchString(l.Text):
		c.proseLine(l, s)
		return i + 1
	case ps == nil && words(l.Text) <= 6 && c.isTitle(i):
		c.addProse(proseLine{text: s.text, start: s.at, index: l.index, breaks: true, head: true, title: true, forward: l.forward})
		return i + 1
	case bare:
		return c.bareLabel(i, ps[0])
	case ps == nil:
		c.proseLine(l, s)
		return i + 1
	}
	c.last = i
	c.pairs(ps, s, l)
	return c.goOn(i+1, len(c.run)-1)
}

// pairs adds the pairs of a line to the run. The labels themselves may say what
// is asked: "User to be removed".
func (c *collector) pairs(ps []pair, s stretch, l placedLine) {
	for k := range ps {
		ps[k].line = l.index
		ps[k].fresh = k == 0 && (l.Break || c.proseSince())
		ps[k].all = saysAll(ps[k].key)
		ps[k].list = saysSeveral(s.text[ps[k].at-s.at : max(ps[k].at, min(ps[k].span.Start, s.at+len(s.text)))-s.at])
		end := max(ps[k].at, min(ps[k].span.Start, s.at+len(s.text)))
		if ps[k].label.part == ignored { // "Request: new user"
			end = max(end, min(ps[k].span.End, s.at+len(s.text)))
		}
		c.addLabel(stretch{s.text[ps[k].at-s.at : end-s.at], ps[k].at}, l)
	}
	c.run = append(c.run, ps...)
}

// addLabel keeps the words of a label, for what they ask: of several with boxes
// only those that are ticked.
func (c *collector) addLabel(s stretch, l placedLine) {
	for _, part := range tickedParts(s) {
		c.addProse(proseLine{text: part.text, start: part.at, index: l.index, breaks: true, label: true, forward: l.forward})
	}
}

var box = regexp.MustCompile(`[☐☒☑✓✔✅□▢⬜◻]|\[ ?[xX√✓yY*]? ?\]|\( ?[xX√✓]? ?\)`)

// tickedParts returns what stands behind the ticked boxes of a text; all of it
// where it has none.
func tickedParts(s stretch) []stretch {
	marks := box.FindAllStringIndex(s.text, -1)
	if len(marks) < 2 {
		return []stretch{s}
	}
	var out []stretch
	for i, m := range marks {
		end := len(s.text)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		if strings.ContainsAny(s.text[m[0]:m[1]], tickedMarks+"xX√yY*") {
			out = append(out, s.from(m[1]).to(end-m[1]))
		}
	}
	return out
}

// proseSince reports whether prose stands between the last pair and here.
func (c *collector) proseSince() bool {
	if len(c.run) == 0 || len(c.prose) == 0 {
		return false
	}
	p := c.prose[len(c.prose)-1]
	return !p.label && p.start > c.run[len(c.run)-1].at
}

// saysSeveral reports whether a label announces more than one: "NHS.net emails".
func saysSeveral(label string) bool {
	for w := range strings.FieldsFuncSeq(strings.ToLower(label), func(r rune) bool { return !unicode.IsLetter(r) }) {
		switch w {
		case "emails", "mails", "addresses", "accounts", "users", "people", "leavers", "names", "following":
			return true
		}
	}
	return strings.Contains(label, "(s)") || strings.Contains(label, "(es)")
}

func saysAll(key string) bool {
	for w := range strings.FieldsSeq(key) {
		switch w {
		case "both", "all", "everyone", "each":
			return true
		}
	}
	return false
}

// proseLine takes a line of prose. A heading may stand numbered.
func (c *collector) proseLine(l placedLine, s stretch) {
	if n := len(chatStamp.FindString(s.text)); n > 0 {
		s, l.forward = s.from(n), true // what somebody wrote in a chat, pasted
	}
	deco := decoration.FindString(s.text)
	p := proseLine{text: s.text, start: s.at, index: l.index, breaks: l.Break, head: l.Head || l.Item || strings.TrimSpace(deco) != "", forward: l.forward}
	if !l.forward && c.unknownLabel(s) {
		p.label = true
	}
	c.addProse(p)
}

var chatStamp = regexp.MustCompile(`^\s*\[?\d{1,2}[/.]\d{1,2}[/.]\d{2,4},? +\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]m)?\]?(?: -)? `)

// unknownLabel reports whether a line is a short label and a short value that
// no form knows: "Line manager: Tom Barker".
func (c *collector) unknownLabel(s stretch) bool {
	before, after, ok := strings.Cut(s.text, ":")
	if !ok {
		if before, after, ok = strings.Cut(s.text, "\t"); !ok {
			return false
		}
	}
	n := words(before)
	for w := range strings.FieldsSeq(strings.ToLower(before)) {
		switch w {
		case "it", "is", "here", "this", "that", "are", "it's", "please", "she", "he":
			return false
		}
	}
	return n >= 1 && n <= 4 && words(after) >= 1 && words(after) <= 6 && !strings.HasPrefix(after, "//") && !greetings[strings.ToLower(strings.Fields(before)[0])] && !strings.ContainsAny(before, ",.")
}

// numberedHeading begins the heading of one of several requests: "Request 2: leaver".
var numberedHeading = regexp.MustCompile(`(?i)^[\s*_]*(?:request|change|action|task|part|item)\s+(?:no\.?\s*)?\d{1,2}\s*[:.)\-–]\s*`)

// bareLabel takes a label that stands alone: its value is the next line, where
// that is one.
func (c *collector) bareLabel(i int, p pair) int {
	l := c.lines[i]
	p.line, p.fresh, p.list = l.index, l.Break || c.proseSince(), saysSeveral(l.Text)
	s := stretch{l.Text, l.Start}
	title := c.isTitle(i)
	c.addProse(proseLine{text: l.Text, start: l.Start, index: l.index, breaks: true, label: !title, head: l.Head || title, title: title, forward: l.forward})
	if title {
		return i + 1
	}
	if labels, rows := c.flattened(i); rows > 0 {
		return c.takeFlattened(i, labels, rows)
	}
	if n := c.boxes(i + 1); n > 0 && c.x.r.isOf(p.label, nasdesk.RoleType) {
		last := c.lines[i+n]
		p.span = nasdesk.Span{Start: c.lines[i+1].Start, End: last.Start + len(last.Text)}
		p.value = p.span.In(c.x.m.Text)
		c.last = i + n
		c.run = append(c.run, p)
		return i + n + 1
	}
	if i+1 < len(c.lines) && c.isValue(p, c.lines[i], c.lines[i+1]) {
		v := stretch{c.lines[i+1].Text, c.lines[i+1].Start}
		v = v.from(len(bullet.FindString(v.text))).trim("*_ ")
		p.value, p.span = v.text, v.span()
		c.last = i + 1
		c.run = append(c.run, p)
		return c.goOn(i+2, len(c.run)-1)
	}
	if strings.ContainsAny(s.trim("").text[len(s.trim("").text)-1:], ":?=-") {
		c.last = i
		c.run = append(c.run, p)
	}
	return i + 1
}

// boxes counts the lines from i on that begin with a box to tick.
func (c *collector) boxes(i int) int {
	n := 0
	for ; i < len(c.lines) && c.lines[i].Part == nasdesk.InBody && c.lines[i].Table == 0 && leadingBox(c.lines[i].Text) > 0; i++ {
		n++
	}
	return n
}

// isTitle reports whether a bare label only heads the form right below it:
// "LEAVER" above "Email: …".
func (c *collector) isTitle(i int) bool {
	l := c.lines[i]
	if i+1 >= len(c.lines) || strings.ContainsAny(strings.TrimSpace(l.Text), ":?=.,") || l.Table > 0 || i > 0 && !l.Break && c.lines[i-1].Part == nasdesk.InBody {
		return false
	}
	next := c.lines[i+1]
	ps, bare := c.x.r.pairsOf(stretch{next.Text, next.Start}, false)
	return next.Table == 0 && next.Part == nasdesk.InBody && ps != nil && !bare && ps[0].value != "" && colonIn(next.Text) && c.x.r.isTitleText(l.Text)
}

func colonIn(s string) bool { return strings.ContainsAny(s, ":=") }

// isValue reports whether the line below a bare label is its value: no label
// itself, no sentence, and of the label's sort.
func (c *collector) isValue(p pair, label, l placedLine) bool {
	if l.Table > 0 || l.Part != nasdesk.InBody || l.Head {
		return false
	}
	s := stretch{l.Text, l.Start}
	if ps, _ := c.x.r.pairsOf(s, false); ps != nil && !roleAlone(strings.TrimSpace(l.Text)) {
		return false
	}
	v := strings.TrimSpace(s.from(len(bullet.FindString(s.text))).text)
	if p.label.part == ignored {
		return words(v) <= 6 && !strings.Contains(v, "@") && len(phonesIn(v, 0)) == 0 && !l.Break
	}
	if p.label.part == firstName || p.label.part == lastName {
		return words(v) <= 3 && isNameLike(v)
	}
	if p.label.part == fromDay {
		_, ok := parseDay(v, c.x.day)
		return ok && words(v) <= 8
	}
	for k, f := range p.label.fields {
		if f < 0 {
			continue
		}
		t := c.x.r.forms[k].Fields[f].Value.Type()
		if t == nasdesk.TextType {
			return !l.Break || strings.HasSuffix(strings.TrimSpace(label.Text), ":")
		}
		if isValueOf(t, v, label, l) {
			return true
		}
	}
	return false
}

// isValueOf reports whether what stands on the line below a label is of a type.
func isValueOf(t nasdesk.Type, v string, label, l placedLine) bool {
	switch t {
	case nasdesk.PersonType:
		return isNameLike(v) && words(v) <= 5 && (!l.Break || words(v) >= 2 && l.Break == label.Break) ||
			strings.Contains(v, ",") && words(v) <= 4 && !l.Break && !allJob(v)
	case nasdesk.TitleType:
		return words(v) <= 10 && !l.Break && !strings.HasSuffix(v, ".")
	case nasdesk.AddressesType:
		return strings.Contains(v, "@")
	case nasdesk.MobileType:
		return len(digitsOf(v)) >= 8 && words(v) <= 8
	case nasdesk.CountType:
		return isDigits(v) || numberAlone(v)
	}
	if fitsType(t, v) || (t == nasdesk.AddressType || t == nasdesk.NHSType) && words(v) <= 2 && addressLike(v) {
		return true
	}
	role, both := readRole(v)
	return t == nasdesk.RoleType && (role != "" || both) && words(v) <= 8
}

func numberAlone(v string) bool { return words(v) == 1 && new(nasdesk.Count).Set(v) == nil }

// goOn takes the lines that go on with the value of the pair at k of the run: a
// list of addresses, or a text of several lines.
func (c *collector) goOn(i, k int) int {
	for ; i < len(c.lines); i++ {
		l := c.lines[i]
		if l.Table > 0 || l.Part != nasdesk.InBody || l.Head || l.index != c.lines[i-1].index+1 && !l.Item || k < 0 {
			return i
		}
		if ps, _ := c.x.r.pairsOf(stretch{l.Text, l.Start}, false); ps != nil && !c.listed(k, l) {
			return i
		}
		p := &c.run[k]
		switch {
		case c.listed(k, l):
		case c.x.r.isOf(p.label, nasdesk.TextType) && !l.Break && !l.Item && p.value != "" && c.onlyText(p.label):
		default:
			return i
		}
		if p.value == "" {
			p.span.Start = l.Start
		}
		p.value += "\n" + l.Text
		p.span.End = l.Start + len(l.Text)
		c.last = i
	}
	return i
}

// listed reports whether a line is one more address of a list.
func (c *collector) listed(k int, l placedLine) bool {
	p := c.run[k]
	if c.x.r.isOf(p.label, nasdesk.NHSType) && !(l.Break && !l.Item) && !c.x.r.isOf(p.label, nasdesk.AddressesType) {
		s := stretch{l.Text, l.Start}
		s = s.from(len(decoration.FindString(s.text)))
		as := addressesIn(s.text, 0)
		return len(as) == 1 && as[0].value.NHS() && words(s.text) == 1
	}
	if !c.x.r.isOf(p.label, nasdesk.AddressesType) || !strings.Contains(l.Text, "@") || l.Break && !l.Item && p.value != "" {
		return false
	}
	s := strings.TrimSpace(stretch{l.Text, l.Start}.from(len(bullet.FindString(l.Text))).text)
	return addressesIn(s, 0) != nil && words(s) <= 8 && !strings.Contains(s, ": ")
}

// onlyText reports whether a label means nothing but texts.
func (c *collector) onlyText(h labelHit) bool {
	for k, f := range h.fields {
		if f >= 0 && c.x.r.forms[k].Fields[f].Value.Type() != nasdesk.TextType {
			return false
		}
	}
	return true
}

// isOf reports whether a label means a field of a type.
func (r *Reader) isOf(h labelHit, t nasdesk.Type) bool {
	for k, f := range h.fields {
		if h.part == noPart && f >= 0 && r.forms[k].Fields[f].Value.Type() == t {
			return true
		}
	}
	return false
}

// flattened recognises a table that lost its cells: several labels, a line
// each, then as many lines of values, or several times as many.
func (c *collector) flattened(i int) ([]pair, int) {
	var labels []pair
	j := i
	for ; j < len(c.lines); j++ {
		l := c.lines[j]
		if l.Table > 0 || l.Part != nasdesk.InBody || j > i && l.Break && !c.lines[i+1].Break {
			break
		}
		ps, bare := c.x.r.pairsOf(stretch{l.Text, l.Start}, false)
		if !bare || ps[0].label.part == noPart && strings.HasSuffix(strings.TrimSpace(l.Text), ":") && j == i {
			break
		}
		labels = append(labels, ps[0])
	}
	if len(labels) < 3 {
		return nil, 0
	}
	rows := 0
	for j+len(labels) <= len(c.lines) && c.fitRow(labels, j) {
		rows, j = rows+1, j+len(labels)
	}
	return labels, rows
}

func (c *collector) fitRow(labels []pair, j int) bool {
	fits := 0
	for k, p := range labels {
		l := c.lines[j+k]
		if l.Table > 0 || l.Part != nasdesk.InBody {
			return false
		}
		if ps, _ := c.x.r.pairsOf(stretch{l.Text, l.Start}, false); ps != nil {
			return false
		}
		if c.x.r.fitsAlone(p.label, strings.TrimSpace(l.Text)) {
			fits++
		} else if p.label.part != ignored {
			return false
		}
	}
	return fits > 0
}

func (c *collector) takeFlattened(i int, labels []pair, rows int) int {
	c.endRun()
	j := i + len(labels)
	for range rows {
		var b block
		for k, p := range labels {
			v := stretch{c.lines[j+k].Text, c.lines[j+k].Start}.trim("")
			p.value, p.span, p.line, p.at = v.text, v.span(), c.lines[j+k].index, v.at
			b.pairs = append(b.pairs, p)
		}
		b.table = -1 - i
		b.forward = c.lines[i].forward
		c.blocks = append(c.blocks, b.bounded())
		j += len(labels)
	}
	return j
}

// arrange joins and divides the runs of pairs into blocks of one request each.
func (x *text) arrange(in []block) []block {
	var out []block
	for _, b := range in {
		if b.table != 0 {
			out = append(out, b)
			continue
		}
		out = append(out, x.apart(b)...)
	}
	slices.SortStableFunc(out, func(a, b block) int { return cmp.Compare(a.start, b.start) })
	for i := range out {
		out[i].pairs = x.unpackedAll(out[i].pairs)
	}
	return slices.DeleteFunc(out, func(b block) bool { return !b.speaks() })
}

// apart parts the pairs of a run of lines into those of one request each, and
// what is common to several of them.
func (x *text) apart(b block) []block {
	people, common, ok := x.r.byNumber(b.pairs)
	if !ok {
		people, common = x.r.underRoof(x.cut(b.pairs))
	}
	var out []block
	for _, ps := range people {
		_, n := ofSeveral(ps[0].key)
		out = append(out, block{pairs: ps, forward: b.forward, run: b.start + 1, number: n}.bounded())
	}
	if len(common) > 0 {
		out = append(out, block{pairs: common, forward: b.forward, run: b.start + 1, common: true}.bounded())
	}
	return out
}

func (x *text) unpackedAll(ps []pair) []pair {
	var out []pair
	for _, p := range ps {
		out = append(out, x.r.unpacked(p)...)
	}
	return out
}

// speaks reports whether a block holds a label that some form knows.
func (b block) speaks() bool {
	return slices.ContainsFunc(b.pairs, func(p pair) bool { return p.label.part != ignored })
}

// cut divides a run where a heading or a sentence between two pairs asks for
// another kind, or where the labels come again.
func (x *text) cut(ps []pair) [][]pair {
	var out [][]pair
	var cur []pair
	for i, p := range ps {
		if i > 0 && len(cur) > 0 && x.newTopic(cur, ps[i-1], p) {
			out = append(out, withoutStrays(divide(cur))...)
			cur = nil
		}
		cur = append(cur, p)
	}
	return append(out, withoutStrays(divide(cur))...)
}

// withoutStrays gives a field that comes again by itself back to the person
// above, whose field it leaves open: a second person has a name, or two of the
// fields. Contract, rule 2.
func withoutStrays(parts [][]pair) [][]pair {
	var out [][]pair
	for _, ps := range parts {
		if n := len(out); n > 0 && strays(out[n-1], ps) {
			out[n-1] = append(slices.Clone(out[n-1]), ps...)
			continue
		}
		out = append(out, ps)
	}
	return out
}

func strays(above, ps []pair) bool {
	named, dated := false, false
	for _, p := range above {
		dated = dated || p.label.part == fromDay
	}
	for _, p := range ps {
		named = named || isNameLabel(p)
	}
	return !named && !dated && fieldsOf(ps) == 1 && fieldsOf(above) > 1
}

func fieldsOf(ps []pair) int {
	n := 0
	for _, p := range ps {
		if p.label.part != ignored && p.value != "" {
			n++
		}
	}
	return n
}

// isNameLabel reports whether a label asks for a person's name, or a part of it.
func isNameLabel(p pair) bool {
	return p.label.part == firstName || p.label.part == lastName || strings.Contains(p.key, "name") || !strings.Contains(p.value, "@") && isNameLike(p.value) && !roleAlone(p.value)
}

// newTopic reports whether what stands between two pairs begins a new request.
func (x *text) newTopic(cur []pair, a, b pair) bool {
	if x.kindsApart(cur[0], b) {
		return true
	}
	for i := range x.sentences {
		s := &x.sentences[i]
		if s.span.Start <= a.at || s.span.Start >= b.at || s.label && !s.head {
			continue
		}
		if x.otherKind(s, cur[0]) {
			return true
		}
		again := slices.ContainsFunc(cur, func(q pair) bool { return q.value != "" && sameLabel(q, b) })
		for _, k := range s.asks {
			if k.mood.acts() && !k.weak && (again || !x.kindHas(k.kind, cur)) {
				return true
			}
			if !k.mood.acts() && again {
				return true
			}
		}
		if s.head && again {
			return true
		}
	}
	return false
}

// kindsApart reports whether two labels ask for different kinds, each for
// somebody: "New starter: …", "Leaver: …".
func (x *text) kindsApart(a, b pair) bool {
	ka, kb := x.labelKinds(a), x.labelKinds(b)
	return len(ka) > 0 && len(kb) > 0 && x.r.identifies(a) && x.r.identifies(b) &&
		!slices.ContainsFunc(ka, func(k int) bool {
			return slices.ContainsFunc(kb, func(o int) bool {
				return k == o || !twoAccounts(a, b) && (x.r.absorbed(k, o) || x.r.absorbed(o, k))
			})
		})
}

// twoAccounts reports whether two pairs give an address each, and not the same.
func twoAccounts(a, b pair) bool {
	as, bs := addressesIn(a.value, 0), addressesIn(b.value, 0)
	return len(as) == 1 && len(bs) == 1 && as[0].value != bs[0].value
}

// labelKinds are the kinds that the words of a label ask for.
func (x *text) labelKinds(p pair) []int {
	var out []int
	for i := range x.sentences {
		s := &x.sentences[i]
		if !s.label || s.span.Start < p.at || s.span.Start >= p.span.Start {
			continue
		}
		for _, a := range s.asks {
			if a.mood.acts() {
				out = append(out, a.kind)
			}
		}
	}
	return out
}

// otherKind reports whether a heading asks for another kind than what stood
// before a block.
func (x *text) otherKind(s *sentence, first pair) bool {
	if !s.head || s.label {
		return false
	}
	before := x.asksBetween(0, first.at, allButSubject)
	if len(before) == 0 {
		return false
	}
	last := before[len(before)-1]
	for _, a := range before {
		if a.mood.acts() && !a.weak && a.pos >= last.pos-200 {
			last = a
		}
	}
	return slices.ContainsFunc(s.asks, func(a ask) bool {
		return a.mood.acts() && !a.weak && a.kind != last.kind && !slices.ContainsFunc(s.asks, func(b ask) bool { return b.kind == last.kind })
	})
}

// kindHas reports whether a kind's form knows most of the labels of some pairs.
func (x *text) kindHas(k int, ps []pair) bool {
	n := 0
	for _, p := range ps {
		if p.label.fits(k) || p.label.part == ignored || p.label.part == fromDay {
			n++
		}
	}
	return n*2 > len(ps)
}
