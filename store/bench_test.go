package store

import (
	"context"
	"fmt"
	"strings"
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
			Mails:   []nasdesk.Mail{{Key: ev.Key + "/m", To: from, About: nasdesk.Confirmation, Requests: []int{0}, Subject: "Re: New starter", Text: prose(1500), HTML: prose(4000)}},
			Actions: []nasdesk.Work{{Request: 0, Action: r.Actions[0]}, {Request: 0, Action: r.Actions[1]}},
			Dates:   []nasdesk.Due{},
			Journal: []nasdesk.Entry{{What: "sender-proved", Request: -1, Subject: string(from)}, {What: "request-accepted", Request: 0, Subject: string(a)},
				{What: "mail-planned", Request: 0, Subject: string(from)}, {What: "action-planned", Request: 0, Subject: string(a)}}}
	}
}

// prose is n bytes that compress about as mail does.
func prose(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "line %x says %x of the new starter, ", i*i*7919, i*104729)
	}
	return b.String()[:n]
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
	oneAndEight(b, "decisions/s", func(b *testing.B) {
		if err := typicalDecide(context.Background(), s, n.Add(1)); err != nil {
			b.Error(err)
		}
	})
}

// BenchmarkBareCommit is what the machine gives: one row, durably committed. The
// other figures are to be read as shares of it, taken in the same run.
func BenchmarkBareCommit(b *testing.B) {
	for _, engine := range []string{"memory", "file", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			s := opened(b, urlOf(b, engine))
			s.raw(b, `create table bare (n bigint primary key, text text not null)`)
			var n atomic.Int64
			bare := func(b *testing.B) {
				err := s.db.tx(context.Background(), func(Q) ([]Statement, error) {
					return []Statement{{SQL: `insert into bare (n, text) values ($1, 'a row')`, Args: []any{n.Add(1)}}}, nil
				})
				if err != nil {
					b.Error(err)
				}
			}
			oneAndEight(b, "commits/s", bare)
		})
	}
}

// oneAndEight runs f by one worker, and by eight on two processors.
func oneAndEight(b *testing.B, unit string, f func(*testing.B)) {
	b.Run("one", func(b *testing.B) {
		defer processors(b)()
		for b.Loop() {
			f(b)
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), unit)
	})
	b.Run("eight", func(b *testing.B) {
		b.SetParallelism(4)
		defer processors(b)()
		b.RunParallel(func(p *testing.PB) {
			for p.Next() {
				f(b)
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), unit)
	})
}

func BenchmarkKeep(b *testing.B) {
	for _, engine := range []string{"memory", "file", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			s := opened(b, urlOf(b, engine))
			raw := []byte(prose(8000))
			var n atomic.Uint32
			oneAndEight(b, "mails/s", func(b *testing.B) {
				if _, err := s.Keep(context.Background(), raw, Location{"INBOX", 1, n.Add(1)}, now); err != nil {
					b.Error(err)
				}
			})
		})
	}
}

// BenchmarkLine is all that the store does for a mail: kept, decided, its reply
// claimed among eight and marked as sent. Three durable commits, and the claim's
// share of a fourth.
func BenchmarkLine(b *testing.B) {
	for _, engine := range []string{"memory", "file", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			s := opened(b, urlOf(b, engine))
			imported(b, s, manyPharmacies(pharmacies))
			var n atomic.Int64
			oneAndEight(b, "mails/s", func(b *testing.B) {
				if err := wholeLine(context.Background(), s, n.Add(1)); err != nil {
					b.Error(err)
				}
			})
		})
	}
}

func wholeLine(ctx context.Context, s *Store, n int64) error {
	if _, err := s.Keep(ctx, []byte(prose(8000)), Location{"INBOX", 1, uint32(n)}, now); err != nil {
		return err
	}
	if err := typicalDecide(ctx, s, n); err != nil || n%8 != 0 {
		return err
	}
	mails, err := s.DueMails(ctx, now, 8, hour)
	for _, m := range mails {
		if err == nil {
			err = s.MailSent(ctx, m.ID, m.Attempt, now, nasdesk.MailID(m.Key, "nhs.net"), false)
		}
	}
	return err
}
