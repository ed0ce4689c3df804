package parser

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"nasdesk"
)

func TestSkim(t *testing.T) {
	raw := "From: Elm <pharmacy.fzz11@nhs.net>\nSubject: RE: x [NAS-8Z4K2M1Q]\nMessage-ID: <m@example.com>\nIn-Reply-To: <a@example.com>\nReferences: <b@example.com>\n\n" +
		"Please link Ada.Quill@nhs.net (mobile +44 7700 900111, or 07700-900-112) to pharmacy.fyy22, code fxx33, ref nas-abcd1234.\n" +
		"7700900113 is hers.\n\nThis message may contain confidential information, tell it@example.org or ring 07700 900999."
	k := Skim(Read([]byte(raw), testOptions))
	for what, pair := range map[string][2]string{
		"addresses":  {fmt.Sprint(k.Addresses), "[pharmacy.fzz11@nhs.net ada.quill@nhs.net pharmacy.fyy22@nhs.net]"},
		"mobiles":    {fmt.Sprint(k.Mobiles), "[07700900111 07700900112 07700900113]"},
		"references": {fmt.Sprint(k.References), "[NAS-8Z4K2M1Q NAS-ABCD1234]"},
		"ids":        {fmt.Sprint(k.MessageIDs), "[m@example.com a@example.com b@example.com]"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: got %s, want %s", what, pair[0], pair[1])
		}
	}
	for _, o := range []nasdesk.ODSCode{"FZZ11", "FYY22", "FXX33"} {
		if !slices.Contains(k.ODS, o) {
			t.Errorf("no %s among %v", o, k.ODS)
		}
	}
}

func TestSkimIsBounded(t *testing.T) {
	var b strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&b, "a%d@example.com 07700 9%05d F%04d nas-%08d x.y%d\n", i, i, i, i, i)
	}
	k := Skim(Read(plainMail(b.String()), testOptions))
	for what, n := range map[string]int{"addresses": len(k.Addresses), "mobiles": len(k.Mobiles), "codes": len(k.ODS), "references": len(k.References)} {
		if n > skimMost {
			t.Errorf("%d %s", n, what)
		}
	}
}
