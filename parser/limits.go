package parser

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
}

func (l Limits) filled() Limits {
	d := DefaultLimits
	for _, f := range []struct {
		have *int
		want int
	}{
		{&l.Size, d.Size}, {&l.HeaderBytes, d.HeaderBytes}, {&l.Fields, d.Fields}, {&l.Depth, d.Depth}, {&l.Parts, d.Parts},
		{&l.Params, d.Params}, {&l.EncodedWords, d.EncodedWords}, {&l.Lines, d.Lines}, {&l.SheetBytes, d.SheetBytes}, {&l.SheetRows, d.SheetRows},
	} {
		if *f.have <= 0 {
			*f.have = f.want
		}
	}
	return l
}
