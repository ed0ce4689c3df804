package workflows

import (
	"slices"
	"testing"

	"nasdesk"
)

// TestFactsMasked: a mobile stands whole only where it is read back to whoever
// wrote it, whatever kind comes to tell another party of one.
func TestFactsMasked(t *testing.T) {
	r := &nasdesk.Request{Asked: "reinstate", Answers: []nasdesk.Answer{{Field: "mobile", Value: "07700900123"}}}
	for whole, want := range map[bool]string{true: "07700900123", false: nasdesk.Mobile("07700900123").Masked()} {
		got := facts(r, whole)
		if !slices.ContainsFunc(got, func(f [2]string) bool { return f[1] == want }) || len(got) != 1 {
			t.Errorf("whole %v: %v, want %s", whole, got, want)
		}
	}
}

// TestPublishedGap: a star in a published answer's words stands for a few others,
// not for a whole paragraph.
func TestPublishedGap(t *testing.T) {
	for text, want := range map[string]bool{
		" how do i keep my account active ": true,
		" keep active ":                     true,
		" we keep a book of all our visitors and it shows who is active ": false,
		" an active account ": false,
	} {
		if got := anyOf(text, "thirty days|keep * active"); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
