// Package directorytest is the definition of a directory: every adapter passes
// Run, or is none.
package directorytest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"nasdesk"
	"nasdesk/outbox/directory"
)

// A Bench is a directory under test, and the world around it. The directory knows
// the mailbox pharmacy.fa123@nhs.net (ODS code FA123) and no accounts.
type Bench struct {
	directory.Directory
	// Now is the directory's clock.
	Now func() time.Time
	// Settle lets the world go on until nothing is pending: it moves the clock, or
	// does what staff would do.
	Settle func(t *testing.T)
	// ByPeople: only people see the accounts, and they look when they take the work
	// up. A look at what was never begun knows nothing of it.
	ByPeople bool
}

const mailbox nasdesk.Address = "pharmacy.fa123@nhs.net"

// Run puts directories, each new, through the contract.
func Run(t *testing.T, open func(*testing.T) Bench) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Bench)
	}{
		{"nothing is begun by a look", lookBeginsNothing},
		{"a new account is pending, then done", createEnds},
		{"a repeat does nothing twice", repeatIsOnce},
		{"a late repeat does not undo what came after", lateRepeat},
		{"what is already so is done", alreadySo},
		{"namesakes get addresses of their own", namesakes},
		{"every action ends", everyActionEnds},
		{"many at once make one account", manyAtOnce},
		{"an unknown action fails for good", unknownAction},
		{"a cancelled context changes nothing", cancelled},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

// create is the action that makes an account for somebody.
func create(key, local, mobile string) nasdesk.Action {
	return nasdesk.Action{Key: key, Name: nasdesk.CreateAccount, Mailbox: mailbox, Account: nasdesk.Address(local + "@nhs.net"),
		Person: "Sample Person", Mobile: nasdesk.Mobile(mobile), Alternative: nasdesk.Address(local + "@example.com"), Role: nasdesk.Member}
}

// on is an action on the account of somebody.
func on(key string, name nasdesk.ActionName, account nasdesk.Address) nasdesk.Action {
	return nasdesk.Action{Key: key, Name: name, Mailbox: mailbox, Account: account, Role: nasdesk.Member}
}

// do does an action and checks what every report must hold.
func (b Bench) do(t *testing.T, a nasdesk.Action) nasdesk.WorkReport {
	t.Helper()
	r, err := b.Do(t.Context(), a)
	if err != nil {
		t.Fatalf("Do %s: %v", a.Name, err)
	}
	b.check(t, a, r)
	return r
}

func (b Bench) check(t *testing.T, a nasdesk.Action, r nasdesk.WorkReport) {
	t.Helper()
	switch r.State {
	case nasdesk.WorkDone:
	case nasdesk.WorkPending:
		if r.Again <= nasdesk.TimestampOf(b.Now()) {
			t.Errorf("%s is pending, to be looked at again at %v, which has passed", a.Name, r.Again.Time())
		}
	case nasdesk.WorkFailed:
		if r.Detail == "" {
			t.Errorf("%s failed without a word for staff", a.Name)
		}
	default:
		t.Errorf("Do %s reports state %q", a.Name, r.State)
	}
}

// finish does an action to its end, which must be done.
func (b Bench) finish(t *testing.T, a nasdesk.Action) nasdesk.WorkReport {
	t.Helper()
	r := b.do(t, a)
	if r.State == nasdesk.WorkPending {
		b.Settle(t)
		r = b.look(t, a)
	}
	if r.State != nasdesk.WorkDone {
		t.Fatalf("%s ended as %+v", a.Name, r)
	}
	return r
}

func (b Bench) look(t *testing.T, a nasdesk.Action) nasdesk.WorkReport {
	t.Helper()
	r, err := b.Look(t.Context(), a)
	if err != nil {
		t.Fatalf("Look %s: %v", a.Name, err)
	}
	return r
}

func lookBeginsNothing(t *testing.T, b Bench) {
	a := create("k1", "ann.example", "07700900001")
	for range 2 {
		if r := b.look(t, a); r.State != "" {
			t.Fatalf("before Do a look reports %+v", r)
		}
	}
}

func createEnds(t *testing.T, b Bench) {
	a := create("k1", "ann.example", "07700900001")
	first := b.do(t, a)
	if r := b.look(t, a); r.State != first.State || r.Account != first.Account {
		t.Errorf("Do reports %+v, a look %+v", first, r)
	}
	if r := b.finish(t, a); r.Account != "ann.example@nhs.net" {
		t.Errorf("the account is %s, not as proposed", r.Account)
	}
}

func repeatIsOnce(t *testing.T, b Bench) {
	a := create("k1", "ann.example", "07700900001")
	b.do(t, a)
	b.do(t, a)
	first := b.finish(t, a)
	if again := b.do(t, a); again.State != nasdesk.WorkDone || again.Account != first.Account {
		t.Errorf("done as %+v, then %+v", first, again)
	}
	if next := b.finish(t, create("k2", "ann.example", "07700900002")); next.Account != "ann.example2@nhs.net" {
		t.Errorf("behind one account comes %s", next.Account)
	}
}

func lateRepeat(t *testing.T, b Bench) {
	who := b.finish(t, create("k1", "ann.example", "07700900001")).Account
	disable, enable := on("k2", nasdesk.DisableAccount, who), on("k3", nasdesk.EnableAccount, who)
	b.finish(t, disable)
	b.finish(t, enable)
	b.finish(t, disable) // by a worker whose lease ran out
	if r := b.look(t, on("k4", nasdesk.DisableAccount, who)); r.State != "" {
		t.Errorf("the account was disabled again: %+v", r)
	}
}

func alreadySo(t *testing.T, b Bench) {
	who := b.finish(t, create("k1", "ann.example", "07700900001")).Account
	for i, name := range []nasdesk.ActionName{nasdesk.LinkMember, nasdesk.DisableAccount, nasdesk.EnableAccount, nasdesk.MarkLeaver, nasdesk.UnlinkMember} {
		b.finish(t, on(fmt.Sprintf("a%d", i), name, who))
		other := on(fmt.Sprintf("b%d", i), name, who)
		if r := b.look(t, other); r.State != nasdesk.WorkDone && !(b.ByPeople && r.State == "") {
			t.Errorf("%s is so, but another one looks %+v", name, r)
		}
		b.finish(t, other)
	}
	if r := b.finish(t, create("k2", "ann.example", "07700900001")); r.Account != who {
		t.Errorf("the same person got a second account, %s", r.Account)
	}
}

func namesakes(t *testing.T, b Bench) {
	for i, want := range []nasdesk.Address{"ann.example@nhs.net", "ann.example2@nhs.net", "ann.example3@nhs.net"} {
		if r := b.finish(t, create(fmt.Sprintf("k%d", i), "ann.example", fmt.Sprintf("0770090000%d", i))); r.Account != want {
			t.Errorf("namesake %d got %s, want %s", i+1, r.Account, want)
		}
	}
}

func everyActionEnds(t *testing.T, b Bench) {
	who := b.finish(t, create("k0", "ann.example", "07700900001")).Account
	for i, name := range nasdesk.ActionNames {
		a := on(fmt.Sprintf("k%d", i+1), name, who)
		switch name {
		case nasdesk.CreateAccount:
			continue
		case nasdesk.RenameMailbox:
			a.Account, a.Other = "pharmacy.fb234@nhs.net", "FB234"
		case nasdesk.CreateTeam:
			a.Other = "FA123 Team"
		}
		b.finish(t, a)
	}
}

func manyAtOnce(t *testing.T, b Bench) {
	a := create("k1", "ann.example", "07700900001")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := b.Do(t.Context(), a); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	b.finish(t, a)
	if r := b.finish(t, create("k2", "ann.example", "07700900002")); r.Account != "ann.example2@nhs.net" {
		t.Errorf("behind eight at once comes %s", r.Account)
	}
}

func unknownAction(t *testing.T, b Bench) {
	for _, a := range []nasdesk.Action{{Key: "k1", Name: "dance"}, {Name: nasdesk.LinkMember, Mailbox: mailbox}} {
		if r := b.do(t, a); r.State != nasdesk.WorkFailed {
			t.Errorf("%+v: %+v", a, r)
		}
	}
}

func cancelled(t *testing.T, b Bench) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a := create("k1", "ann.example", "07700900001")
	if r, err := b.Do(ctx, a); err == nil {
		t.Errorf("Do under a cancelled context: %+v", r)
	}
	if r := b.look(t, a); r.State != "" {
		t.Errorf("it began all the same: %+v", r)
	}
}
