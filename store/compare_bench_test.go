package store

import (
	"fmt"
	"testing"

	"nasdesk"
)

// bigWorld is a register of so many mailboxes, each with accounts of its own.
func bigWorld(mailboxes, each int) World {
	var w World
	for i := range mailboxes {
		m := nasdesk.Mailbox{Address: nasdesk.Address(fmt.Sprintf("pharmacy.f%04x@nhs.net", i)), ODS: nasdesk.ODSCode(fmt.Sprintf("F%04X", i)),
			Name: fmt.Sprintf("Pharmacy %d", i), Sector: nasdesk.Pharmacy, DSPT: nasdesk.StandardsMet, Status: nasdesk.Active}
		w.Mailboxes = append(w.Mailboxes, m)
		for j := range each {
			a := nasdesk.Account{Address: nasdesk.Address(fmt.Sprintf("some.person%d@nhs.net", i*each+j+1)), Name: "Some Person", Mobile: nasdesk.Mobile(fmt.Sprintf("07%09d", i*each+j)),
				Status: nasdesk.Active, Since: "2024-01-01"}
			w.Accounts = append(w.Accounts, a)
			w.Memberships = append(w.Memberships, nasdesk.Membership{Mailbox: m.Address, Account: a.Address, Role: nasdesk.Member})
		}
	}
	return w
}

// A first import of all pharmacies, and the same again with one row changed.
func BenchmarkApply(b *testing.B) {
	for _, engine := range []string{"file", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			w := bigWorld(11_000, 5)
			for b.Loop() {
				b.StopTimer()
				s := opened(b, urlOf(b, engine))
				b.StartTimer()
				if _, err := s.Apply(b.Context(), Applied{World: w, By: "bench", Why: "first", At: now}); err != nil {
					b.Fatal(err)
				}
				again := w
				again.Mailboxes = append([]nasdesk.Mailbox(nil), w.Mailboxes...)
				again.Mailboxes[0].Name = "Renamed"
				d, err := s.Compare(b.Context(), again)
				if err != nil || len(d.Mailboxes) != 1 {
					b.Fatalf("%d changes, %v", len(d.Mailboxes), err)
				}
			}
		})
	}
}
