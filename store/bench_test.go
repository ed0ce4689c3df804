package store

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"nasdesk"
)

// manyPharmacies is a register of n mailboxes with five accounts each.
func manyPharmacies(n int) World {
	var w World
	for i := range n {
		code := nasdesk.ODSCode(fmt.Sprintf("F%04d", i))
		m := nasdesk.Address(fmt.Sprintf("pharmacy.f%04d@nhs.net", i))
		w.Mailboxes = append(w.Mailboxes, nasdesk.Mailbox{Address: m, ODS: code, Name: "A pharmacy", Sector: nasdesk.Pharmacy, DSPT: nasdesk.StandardsMet, Status: nasdesk.Active})
		for j := range 5 {
			a := nasdesk.Address(fmt.Sprintf("p%d.q%d@nhs.net", i, j))
			w.Accounts = append(w.Accounts, nasdesk.Account{Address: a, Name: "A Person", Mobile: nasdesk.Mobile(fmt.Sprintf("07%09d", i*10+j)), Status: nasdesk.Active, Since: today})
			w.Memberships = append(w.Memberships, nasdesk.Membership{Mailbox: m, Account: a, Role: []nasdesk.Role{nasdesk.Owner, nasdesk.Member}[min(j, 1)]})
		}
	}
	return w
}

// typical is what a new starter's message makes: a request, a mail, two actions
// (a new account that is linked), four lines of the journal.
func typical(ev nasdesk.Event, from nasdesk.Address, n int64) func(*nasdesk.Case) nasdesk.Decision {
	return func(c *nasdesk.Case) nasdesk.Decision {
		r := aRequest(ev, from)
		a := nasdesk.Address(local(n) + "@nhs.net")
		r.Actions = []nasdesk.Action{{Key: ev.Key + "/a", Name: nasdesk.CreateAccount, Account: a, Person: "New Person", Mobile: nasdesk.Mobile(fmt.Sprintf("071%08d", n))},
			{Key: ev.Key + "/b", Name: nasdesk.LinkMember, Mailbox: from, Account: a, Role: nasdesk.Member}}
		return nasdesk.Decision{Folder: nasdesk.FolderProcessed, Requests: []nasdesk.Request{r}, Change: c.With(today, nasdesk.Active, r.Actions...).Since(c),
			Results: []nasdesk.ResultRequest{{Kind: r.Kind, Outcome: r.Outcome, Fields: map[string]any{"mobile": "07700900123"}}},
			Mails:   []nasdesk.Mail{{Key: ev.Key + "/m", To: from, About: nasdesk.Confirmation, Requests: []int{0}, Subject: "Re: New starter", Text: string(make([]byte, 1500)), HTML: string(make([]byte, 4000))}},
			Actions: []nasdesk.Work{{Request: 0, Action: r.Actions[0]}, {Request: 0, Action: r.Actions[1]}},
			Dates:   []nasdesk.Due{},
			Journal: []nasdesk.Entry{{What: "sender-proved", Request: -1, Subject: string(from)}, {What: "request-accepted", Request: 0, Subject: string(a)},
				{What: "mail-planned", Request: 0, Subject: string(from)}, {What: "action-planned", Request: 0, Subject: string(a)}}}
	}
}

// local is the address of the n-th new person, a namesake of nobody.
func local(n int64) string {
	name := []byte("new.")
	for ; n > 0; n /= 26 {
		name = append(name, 'a'+byte(n%26))
	}
	return string(name)
}

const pharmacies = 2000

func typicalDecide(ctx context.Context, s *Store, n int64) error {
	from := nasdesk.Address(fmt.Sprintf("pharmacy.f%04d@nhs.net", n%pharmacies))
	ev := mailEvent(fmt.Sprintf("bench%d", n), from)
	keys := nasdesk.Keys{Party: from, Addresses: []nasdesk.Address{"new@example.com"}, Mobiles: []nasdesk.Mobile{nasdesk.Mobile(fmt.Sprintf("071%08d", n))},
		MessageIDs: []string{ev.Mail.Message.ID}, Digest: ev.Mail.Message.Digest, Locals: []string{local(n)}}
	_, err := s.Decide(ctx, ev, keys, 0, typical(ev, from, n))
	return err
}

func BenchmarkDecide(b *testing.B) {
	for _, engine := range []string{"memory", "file", "postgres"} {
		b.Run(engine, func(b *testing.B) { benchmarkDecide(b, engine) })
	}
}

func benchmarkDecide(b *testing.B, engine string) {
	s := opened(b, urlOf(b, engine))
	imported(b, s, manyPharmacies(pharmacies))
	var n atomic.Int64
	b.Run("one", func(b *testing.B) {
		for b.Loop() {
			if err := typicalDecide(b.Context(), s, n.Add(1)); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
	})
	b.Run("eight", func(b *testing.B) {
		b.SetParallelism(4) // on two processors
		b.RunParallel(func(p *testing.PB) {
			for p.Next() {
				if err := typicalDecide(context.Background(), s, n.Add(1)); err != nil {
					b.Error(err)
				}
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
	})
}

func BenchmarkKeep(b *testing.B) {
	for _, engine := range []string{"memory", "file", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			s := opened(b, urlOf(b, engine))
			raw := make([]byte, 8000)
			var n atomic.Uint32
			b.SetParallelism(4)
			b.ResetTimer()
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					if _, err := s.Keep(context.Background(), raw, Location{"INBOX", 1, n.Add(1)}, now); err != nil {
						b.Error(err)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
		})
	}
}
