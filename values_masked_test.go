package nasdesk_test

import (
	"testing"

	"nasdesk"
)

func TestMaskedAddress(t *testing.T) {
	for a, want := range map[nasdesk.Address]string{
		"pharmacy.fa123@nhs.net":     "pharmacy.fa123@nhs.net",
		"dental.v01234@nhs.net":      "dental.v01234@nhs.net",
		"helpdesk@nhs.net":           "helpdesk@nhs.net",
		"first.last@nhs.net":         "f…@nhs.net",
		"first.last2@nhs.net":        "f…@nhs.net",
		"pharmacy.smith@nhs.net":     "p…@nhs.net",
		"pharmacy.fa123@example.org": "p…@example.org",
		"someone@example.com":        "s…@example.com",
		"":                           "…",
		"nothing":                    "…",
	} {
		if got := a.Masked(); got != want {
			t.Errorf("%s: %s, want %s", a, got, want)
		}
	}
}
