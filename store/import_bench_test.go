package store

import (
	"bytes"
	"fmt"
	"testing"

	"nasdesk"
)

// manyLines is an ODS file of n pharmacies, and an account list of the Portal with
// so many accounts, linked to them in turn.
func manyLines(n, accounts int) (ods, portal ImportFile) {
	var o, p bytes.Buffer
	p.WriteString("Email,Name,Mobile,Status,Since,Mailbox,Role\r\n")
	for i := range n {
		fmt.Fprintf(&o, "\"F%04d\",\"PHARMACY NUMBER %d\",\"Y63\",\"QWO\",\"%d HIGH STREET\",\"\",\"LEEDS\",\"WEST YORKSHIRE\",\"\",\"LS1 1AA\",\"20100401\",\"\",\"A\",\"1\",\"P%03d\",\"20100401\",\"\",\"\",\"\",\"\",\"\",\"0\",\"\",\"\",\"\",\"\",\"\"\r\n", i, i, i, i%1000)
	}
	for k := range accounts {
		i, j := k%n, k/n
		fmt.Fprintf(&p, "p%d.q%d@nhs.net,\"Person, A\",07%09d,Enabled,01/04/2020,pharmacy.f%04d@nhs.net,%s\r\n", i, j, k, i, []string{"Owner", "Member"}[min(j, 1)])
	}
	return ImportFile{"pharmacies.csv", o.Bytes()}, ImportFile{"accounts.csv", p.Bytes()}
}

var portalWords = PortalMapping{Columns: PortalColumns{Address: "Email", Name: "Name", Mobile: "Mobile", Status: "Status", Since: "Since", Mailbox: "Mailbox", Role: "Role"},
	Statuses: map[string]nasdesk.Status{"Enabled": nasdesk.Active}}

// appliedAll is an import as the command does it: read, compare, apply.
func appliedAll(t testing.TB, s *Store, src Source) Difference {
	t.Helper()
	d, err := s.Compare(t.Context(), src)
	if err != nil {
		t.Fatal(err)
	}
	if d, err = s.Apply(t.Context(), Applied{Source: src, Seen: d.Seen, By: "olive", Why: "test", At: now}); err != nil {
		t.Fatal(err)
	}
	return d
}

// BenchmarkImport reads, compares and applies a file of 11,000 pharmacies, each of
// which gets another name, and then a list of 60,000 accounts with their links, all
// of them new.
func BenchmarkImport(b *testing.B) {
	const pharmacies, accounts = 11000, 60000
	ods, portal := manyLines(pharmacies, accounts)
	for _, name := range []string{"sqlite", "postgres"} {
		engine := map[string]string{"sqlite": "file", "postgres": "postgres"}[name]
		b.Run(name, func(b *testing.B) {
			opened(b, urlOf(b, engine)) // so that the database's processes are there to be measured
			defer processors(b)()
			for b.Loop() {
				b.StopTimer()
				s := opened(b, urlOf(b, engine))
				boxes := manyPharmacies(pharmacies)
				if err := s.Import(b.Context(), World{Mailboxes: boxes.Mailboxes}); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				o, err := ReadODS([]ImportFile{ods}, nasdesk.Pharmacy, today)
				if err != nil {
					b.Fatal(err)
				}
				named := appliedAll(b, s, o)
				p, err := ReadPortal([]ImportFile{portal}, portalWords, today)
				if err != nil {
					b.Fatal(err)
				}
				d := appliedAll(b, s, p)
				b.StopTimer()
				if len(named.Mailboxes) != pharmacies || len(d.Accounts) != accounts || len(d.Memberships) != accounts {
					b.Fatalf("%d mailboxes, %d accounts, %d links", len(named.Mailboxes), len(d.Accounts), len(d.Memberships))
				}
				b.StartTimer()
			}
		})
	}
}
