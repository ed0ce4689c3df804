package store

import (
	"errors"
	"fmt"
	"testing"

	"nasdesk"
)

// worked makes a request with one piece of account work and lets it be begun.
func begunWork(t *testing.T, s *Store, key string, from nasdesk.Address, at nasdesk.Timestamp) {
	t.Helper()
	ev := mailEvent(key, from)
	r := aRequest(ev, from)
	decide(t, s, ev, nasdesk.Keys{Party: from}, always(nasdesk.Decision{Event: ev, Requests: []nasdesk.Request{r}, Actions: []nasdesk.Work{{Action: r.Actions[0]}}}))
	s.raw(t, `update work set due_at = $2 where key = $1`, key+"/1", at)
	reported(t, s, key+"/1", nasdesk.WorkPending, "")
}

func reported(t *testing.T, s *Store, key string, state nasdesk.WorkState, account nasdesk.Address) {
	t.Helper()
	ev := nasdesk.Event{Key: "report/" + key + string(state), At: now, Work: &nasdesk.WorkEvent{Action: key, State: state, Account: account, Detail: "said", People: state == nasdesk.WorkPending}}
	decide(t, s, ev, nasdesk.Keys{}, always(nasdesk.Decision{Event: ev}))
}

func TestOrdersAreBegunWorkOldestFirstByMailbox(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		begunWork(t, s, "m1", fa123, now+2)
		begunWork(t, s, "m2", fb456, now+1)
		begunWork(t, s, "m3", fa123, now+3)
		begunWork(t, s, "m4", fb456, now+4)
		reported(t, s, "m4/1", nasdesk.WorkDone, "sarah.jones3@nhs.net")
		o, err := s.Orders(t.Context(), "", 10)
		if err != nil {
			t.Fatal(err)
		}
		var got string
		for _, batch := range o.Batches() {
			got += "["
			for _, w := range batch {
				got += w.Action.Key + " "
			}
			got += "]"
		}
		if got != "[m2/1 ][m1/1 m3/1 ]" || o.Next != "" {
			t.Errorf("%s, next %q", got, o.Next)
		}
		if o.Case.Account("sarah.jones2@nhs.net") == nil || o.Case.Mailbox(fa123) == nil || o.Case.Request(o.Rows[0].Request) == nil {
			t.Errorf("the case lacks the namesake, the mailbox or the request: %+v", o.Case)
		}
		first, _ := s.Orders(t.Context(), "", 2)
		rest, err := s.Orders(t.Context(), first.Next, 2)
		if err != nil || len(first.Rows) != 2 || len(rest.Rows) != 1 || rest.Rows[0].Action.Key != "m3/1" {
			t.Errorf("pages of two: %d, then %d, %v", len(first.Rows), len(rest.Rows), err)
		}
		if _, err := s.Orders(t.Context(), "x", 2); err == nil {
			t.Error("a cursor that is none is taken")
		}
		w, c, err := s.Order(t.Context(), o.Rows[0].ID)
		if err != nil || w.Action.Key != "m2/1" || w.Action.Person != "Sarah Jones" || c.Mailbox(fb456) == nil {
			t.Errorf("%+v, %v", w, err)
		}
		if _, _, err := s.Order(t.Context(), 999); !errors.Is(err, ErrNone) {
			t.Errorf("an order that is none: %v", err)
		}
	})
}

func TestAnOrderNamesTheAccountAsItWasGiven(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		ev := mailEvent("m1", fa123)
		r := aRequest(ev, fa123)
		r.Actions = append(r.Actions, nasdesk.Action{Key: "m1/2", Name: nasdesk.LinkMember, Mailbox: fa123, Account: "sarah.jones@nhs.net", Role: nasdesk.Member})
		decide(t, s, ev, nasdesk.Keys{Party: fa123}, always(nasdesk.Decision{Event: ev, Requests: []nasdesk.Request{r},
			Actions: []nasdesk.Work{{Action: r.Actions[0]}, {Action: r.Actions[1]}}}))
		reported(t, s, "m1/2", nasdesk.WorkPending, "")
		reported(t, s, "m1/1", nasdesk.WorkDone, "sarah.jones3@nhs.net")
		o, err := s.Orders(t.Context(), "", 10)
		if err != nil || len(o.Rows) != 1 || o.Rows[0].Action.Account != "sarah.jones3@nhs.net" {
			t.Errorf("%+v, %v", o.Rows, err)
		}
		if w, _, err := s.Order(t.Context(), o.Rows[0].ID); err != nil || w.Action.Account != "sarah.jones3@nhs.net" {
			t.Errorf("%+v, %v", w, err)
		}
	})
}

func TestWorkStandsAsItWasReported(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		for i, c := range []struct {
			state   nasdesk.WorkState
			account nasdesk.Address
		}{{"", ""}, {nasdesk.WorkPending, ""}, {nasdesk.WorkPending, "sarah.jones3@nhs.net"}, {nasdesk.WorkDone, "sarah.jones3@nhs.net"}, {nasdesk.WorkFailed, ""}} {
			from, key := fa123, fmt.Sprintf("m%d", i)
			ev := mailEvent(key, from)
			r := aRequest(ev, from)
			decide(t, s, ev, nasdesk.Keys{Party: from}, always(nasdesk.Decision{Event: ev, Requests: []nasdesk.Request{r}, Actions: []nasdesk.Work{{Action: r.Actions[0]}}}))
			if c.state != "" {
				reported(t, s, key+"/1", c.state, c.account)
			}
			if got, err := s.WorkStanding(t.Context(), key+"/1"); err != nil || got.State != c.state || got.Account != c.account {
				t.Errorf("%s: %+v, %v", c.state, got, err)
			}
		}
		if got, err := s.WorkStanding(t.Context(), "nobody's"); err != nil || got.State != "" {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// An account that the directory gave another address than proposed moves to it,
// with its links; nothing stays at the one proposed.
func TestAnAccountMovesToTheAddressThatItWasGiven(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		ev := nasdesk.Event{Key: "work/1", At: now, Work: &nasdesk.WorkEvent{Action: "none", State: nasdesk.WorkDone}}
		const other = nasdesk.Address("tom.barker7@nhs.net")
		decide(t, s, ev, nasdesk.Keys{Addresses: []nasdesk.Address{tom}}, func(c *nasdesk.Case) nasdesk.Decision {
			d := c.Clone()
			d.Account(tom).Address = other
			for i := range d.Memberships {
				if d.Memberships[i].Account == tom {
					d.Memberships[i].Account = other
				}
			}
			return nasdesk.Decision{Event: ev, Change: d.Since(c)}
		})
		c := pulled1(t, s, nasdesk.Keys{Addresses: []nasdesk.Address{tom, other, fa123}, Mobiles: []nasdesk.Mobile{"07700900102"}, Locals: []string{"tom.barker"}})
		if a := c.AccountByMobile("07700900102"); c.Account(tom) != nil || a == nil || a.Address != other || c.Role(fa123, other) != nasdesk.Member || c.Role(fa123, tom) != "" {
			t.Errorf("%+v\n%+v", c.Accounts, c.Memberships)
		}
	})
}
