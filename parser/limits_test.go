package parser

import (
	"strings"
	"testing"

	"nasdesk"
)

// Own words and the mail quoted on top are held at their borders; nothing else
// counts.
func TestTooMuch(t *testing.T) {
	lim := Limits{OwnBytes: 100, OwnValues: 2}
	for _, c := range []struct {
		region nasdesk.Region
		quote  int
		text   string
		want   bool
	}{
		{nasdesk.Own, 0, strings.Repeat("x", 100), false}, {nasdesk.Own, 0, strings.Repeat("x", 101), true},
		{nasdesk.Own, 0, "@@", false}, {nasdesk.Own, 0, "@@@", true},
		{nasdesk.Own, 0, strings.Repeat("0", 32), false}, {nasdesk.Own, 0, strings.Repeat("0", 33), true}, {nasdesk.Own, 0, strings.Repeat("9", 33), true},
		{nasdesk.Own, 0, strings.Repeat("/", 33), false}, {nasdesk.Own, 0, strings.Repeat(":", 33), false}, {nasdesk.Own, 0, "@@" + strings.Repeat("1", 11), true},
		{nasdesk.Quoted, 1, strings.Repeat("x", 200), false}, {nasdesk.Quoted, 1, strings.Repeat("x", 201), true},
		{nasdesk.Ours, 1, "@@@@", false}, {nasdesk.Ours, 1, "@@@@@", true},
		{nasdesk.Quoted, 2, strings.Repeat("@", 300), false}, {nasdesk.Signature, 0, strings.Repeat("@", 300), false},
	} {
		m := &nasdesk.Message{Lines: []nasdesk.Line{{Text: c.text, Region: c.region, Quote: c.quote}}}
		if got := lim.tooMuch(m); got != c.want {
			t.Errorf("%d bytes in region %d, quote %d: too much %v", len(c.text), c.region, c.quote, got)
		}
	}
	if got := (Limits{Size: 7, Depth: -1}).filled(); got.Size != 7 || got.Depth != DefaultLimits.Depth || got.Parts != DefaultLimits.Parts {
		t.Errorf("limits that are not given: %+v", got)
	}
}
