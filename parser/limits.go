package parser

import "nasdesk"

// Limits hold before any library sees the bytes. A field that is 0 takes the
// value of [DefaultLimits]. A message beyond one of them gets the finding
// over-limit and is read no further.
type Limits struct {
	Size         int // bytes of the whole message
	HeaderBytes  int // bytes of one header block
	Fields       int // fields of one header block
	Depth        int // multiparts within multiparts
	Parts        int // parts in all
	Params       int // parameters of one Content-Type or Content-Disposition
	EncodedWords int // encoded words of one field (RFC 2047)
	Lines        int // lines of text
	SheetBytes   int // bytes of an attached table, unpacked
	SheetRows    int // rows of attached tables, all together
	OwnBytes     int // bytes of the sender's own words and tables
	OwnValues    int // addresses and numbers among them
}

// DefaultLimits are far above what a pharmacy writes and far below what hurts.
// Exchange Online takes no message above 35 MB.
var DefaultLimits = Limits{
	Size:         35 << 20,
	HeaderBytes:  256 << 10,
	Fields:       1000,
	Depth:        20,
	Parts:        200,
	Params:       50,
	EncodedWords: 200,
	Lines:        20000,
	SheetBytes:   16 << 20,
	SheetRows:    1000,
	OwnBytes:     64 << 10,
	OwnValues:    250,
}

func (l Limits) filled() Limits {
	d := DefaultLimits
	for _, f := range []struct {
		have *int
		want int
	}{
		{&l.Size, d.Size}, {&l.HeaderBytes, d.HeaderBytes}, {&l.Fields, d.Fields}, {&l.Depth, d.Depth}, {&l.Parts, d.Parts},
		{&l.Params, d.Params}, {&l.EncodedWords, d.EncodedWords}, {&l.Lines, d.Lines}, {&l.SheetBytes, d.SheetBytes}, {&l.SheetRows, d.SheetRows},
		{&l.OwnBytes, d.OwnBytes}, {&l.OwnValues, d.OwnValues},
	} {
		if *f.have <= 0 {
			*f.have = f.want
		}
	}
	return l
}

// tooMuch reports whether a message says more than anybody means us to act on.
// To understand words takes far longer than to read them, the more so the more
// values there are to be bound: a mailbox has ten accounts, and asks for no hundred.
// The mail that is quoted on top, which may be pointed at, has twice as much room.
func (l Limits) tooMuch(m *nasdesk.Message) bool {
	var own, quoted volume
	for i := range m.Lines {
		switch line := &m.Lines[i]; {
		case line.Region == nasdesk.Own:
			own.count(line.Text)
		case line.Quote == 1:
			quoted.count(line.Text)
		}
	}
	return own.bytes > l.OwnBytes || own.values() > l.OwnValues || quoted.bytes > 2*l.OwnBytes || quoted.values() > 2*l.OwnValues
}

// volume is how much a text holds. Eleven digits make a number.
type volume struct{ bytes, digits, ats int }

func (v *volume) count(s string) {
	v.bytes += len(s)
	for i := range len(s) {
		switch {
		case s[i] == '@':
			v.ats++
		case '0' <= s[i] && s[i] <= '9':
			v.digits++
		}
	}
}

func (v *volume) values() int { return v.ats + v.digits/11 }
