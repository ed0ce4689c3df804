package store

import (
	"slices"
	"testing"

	"nasdesk"
)

const fa999 = nasdesk.Address("pharmacy.fa999@nhs.net")

// siteChange is the step that gives FA123 the code FA999. Its own request comes
// first, the others that it changes after it.
func siteChange(ev nasdesk.Event, others ...nasdesk.Request) func(*nasdesk.Case) nasdesk.Decision {
	return func(c *nasdesk.Case) nasdesk.Decision {
		r := aRequest(ev, fa123)
		r.Kind, r.Actions = "site-change", []nasdesk.Action{{Key: ev.Key + "/1", Name: nasdesk.RenameMailbox, Mailbox: fa123, Other: "FA999"}}
		return nasdesk.Decision{Requests: append([]nasdesk.Request{r}, others...), Change: c.With(today, nasdesk.Active, r.Actions...).Since(c)}
	}
}

func siteChangeKeys() nasdesk.Keys {
	return nasdesk.Keys{Party: fa123, Addresses: []nasdesk.Address{fa999}, ODS: []nasdesk.ODSCode{"FA999"}}
}

// Contract, rule 13: the threads of a mailbox go on under its new address.
func TestRequestsMoveWithTheirMailbox(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		asked := ask(t, s, "asked", fa123, fa123, nasdesk.StateAsking)
		consent := ask(t, s, "consent", fb456, fa123, nasdesk.StateSeeking)
		owners := ask(t, s, "owners", amina, amina, nasdesk.StateAsking)
		owners.Mailbox = fa123
		decide(t, s, mailEvent("owners2", amina), nasdesk.Keys{Party: amina}, always(nasdesk.Decision{Requests: []nasdesk.Request{owners}}))
		beside := ask(t, s, "beside", fa123, fa123, nasdesk.StateAsking)
		other := ask(t, s, "other", fb456, fb456, nasdesk.StateAsking)
		ev := mailEvent("move", fa123)
		moved := decide(t, s, ev, siteChangeKeys(), siteChange(ev, beside))

		type place struct{ party, mailbox, from nasdesk.Address }
		for _, tt := range []struct {
			name string
			id   int64
			want place
		}{
			{"its own, asked back", asked.ID, place{fa999, fa999, fa999}},
			{"another's that waits for it", consent.ID, place{fb456, fb456, fa999}},
			{"an owner's on its behalf", owners.ID, place{amina, fa999, amina}},
			{"changed by the same message", beside.ID, place{fa999, fa999, fa999}},
			{"the site change", moved.Requests[0].ID, place{fa123, fa999, ""}},
			{"another's", other.ID, place{fb456, fb456, fb456}},
		} {
			r := pulled1(t, s, nasdesk.Keys{Requests: []int64{tt.id}}).Requests[0]
			if got := (place{r.Party, r.Mailbox, r.From}); got != tt.want {
				t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
			}
		}
		for _, party := range []nasdesk.Address{fa999, fa123} { // it may still write from its former address
			c := pulled1(t, s, nasdesk.Keys{Party: party})
			for _, id := range []int64{asked.ID, consent.ID, beside.ID} {
				if c.Request(id) == nil {
					t.Errorf("by %s: request %d does not come", party, id)
				}
			}
			if c.Mailbox(fb456) == nil {
				t.Errorf("by %s: the mailbox that asked for consent does not come", party)
			}
		}
		answer := mailEvent("answer", fa999)
		d := decide(t, s, answer, nasdesk.Keys{Party: fa999}, func(c *nasdesk.Case) nasdesk.Decision {
			r := *c.Request(asked.ID)
			r.State, r.Outcome, r.From = nasdesk.StateDone, nasdesk.Accepted, ""
			return nasdesk.Decision{Requests: []nasdesk.Request{r}}
		})
		if r := d.Requests[0]; r.State != nasdesk.StateDone || r.Version != asked.Version+2 {
			t.Errorf("after the answer: %s, version %d", r.State, r.Version)
		}
	})
}

// Neither names the other's rows: what is decided of a request while its
// awaited mailbox moves must not bring the former address back.
func TestARequestChangesWhileItsMailboxMoves(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		r := ask(t, s, "consent", fb456, fa123, nasdesk.StateSeeking)
		keys := [2]nasdesk.Keys{siteChangeKeys(), {Party: fb456, Requests: []int64{r.ID}}}
		together(t, s, keys, func(i int, c *nasdesk.Case) nasdesk.Decision {
			if i == 0 {
				return siteChange(mailEvent("together0", fa123))(c)
			}
			q := *c.Request(r.ID)
			q.Reminded = true
			return nasdesk.Decision{Requests: []nasdesk.Request{q}}
		})
		got := pulled1(t, s, nasdesk.Keys{Requests: []int64{r.ID}}).Requests[0]
		if got.From != fa999 || !got.Reminded {
			t.Errorf("waits for %s, reminded: %v", got.From, got.Reminded)
		}
	})
}

// A decision that rests on requests under the former address is made again.
func TestAFormerAddressGoesStale(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		r := ask(t, s, "asked", fa123, fa123, nasdesk.StateAsking)
		var parties []nasdesk.Address
		decide(t, s, mailEvent("status", tom), nasdesk.Keys{Party: tom, References: []string{r.Reference}}, func(c *nasdesk.Case) nasdesk.Decision {
			parties = append(parties, c.Request(r.ID).Party)
			if len(parties) == 1 {
				ev := mailEvent("move", fa123)
				decide(t, s, ev, siteChangeKeys(), siteChange(ev))
			}
			return nasdesk.Decision{}
		})
		if !slices.Equal(parties, []nasdesk.Address{fa123, fa999}) {
			t.Errorf("the request was under %v", parties)
		}
	})
}
