package directory_test

import (
	"testing"
	"time"

	"nasdesk"
	"nasdesk/outbox/directory"
	"nasdesk/outbox/directory/directorytest"
)

var noon = time.Date(2026, 4, 22, 12, 0, 0, 0, time.UTC)

func bench(world *nasdesk.Case, least, most time.Duration) func(*testing.T) directorytest.Bench {
	return func(*testing.T) directorytest.Bench {
		now := noon
		clock := func() time.Time { return now }
		return directorytest.Bench{
			Directory: directory.NewSimulated(directory.Simulation{Now: clock, Min: least, Max: most, World: world}),
			Now:       clock,
			Settle:    func(*testing.T) { now = now.Add(24 * time.Hour) },
		}
	}
}

func world() *nasdesk.Case {
	return &nasdesk.Case{Mailboxes: []nasdesk.Mailbox{{Address: "pharmacy.fa123@nhs.net", ODS: "FA123", Sector: nasdesk.Pharmacy, Status: nasdesk.Active}}}
}

func TestSimulated(t *testing.T) {
	t.Run("open", func(t *testing.T) { directorytest.Run(t, bench(nil, 0, 0)) })
	t.Run("seeded", func(t *testing.T) { directorytest.Run(t, bench(world(), 0, 0)) })
	t.Run("slow", func(t *testing.T) { directorytest.Run(t, bench(world(), time.Hour, 24*time.Hour)) })
}

func create(key string) nasdesk.Action {
	return nasdesk.Action{Key: key, Name: nasdesk.CreateAccount, Mailbox: "pharmacy.fa123@nhs.net", Account: "ann.example@nhs.net", Mobile: "07700900001"}
}

func TestSimulatedDelayStandsInItsBoundsAndIsTheKeys(t *testing.T) {
	seen := map[nasdesk.Timestamp]bool{}
	for _, key := range []string{"a", "b", "c", "d", "e"} {
		d1 := bench(nil, time.Hour, 24*time.Hour)(t)
		d2 := bench(nil, time.Hour, 24*time.Hour)(t)
		r1, _ := d1.Do(t.Context(), create(key))
		r2, _ := d2.Do(t.Context(), create(key))
		if r1 != r2 {
			t.Errorf("%s: %+v, then %+v", key, r1, r2)
		}
		wait := r1.Again.Time().Sub(noon)
		if r1.State != nasdesk.WorkPending || wait < time.Hour || wait > 24*time.Hour {
			t.Errorf("%s: %s, for %v", key, r1.State, wait)
		}
		seen[r1.Again] = true
	}
	if len(seen) < 4 {
		t.Errorf("five keys have only %d delays", len(seen))
	}
}

func TestSimulatedBecomesActiveOnTheInstant(t *testing.T) {
	b := bench(nil, time.Hour, time.Hour)(t)
	now := noon
	d := directory.NewSimulated(directory.Simulation{Now: func() time.Time { return now }, Min: time.Hour, Max: time.Hour})
	r, err := d.Do(t.Context(), create("k"))
	if err != nil || r.Again != nasdesk.TimestampOf(b.Now().Add(time.Hour)) {
		t.Fatalf("%+v, %v", r, err)
	}
	now = now.Add(time.Hour - time.Microsecond)
	if r, _ := d.Look(t.Context(), create("k")); r.State != nasdesk.WorkPending {
		t.Errorf("a microsecond before: %+v", r)
	}
	now = r.Again.Time()
	if r, _ := d.Look(t.Context(), create("k")); r.State != nasdesk.WorkDone {
		t.Errorf("on the instant: %+v", r)
	}
}

// After a restart the seed holds the pending account of the register: it is taken
// up, not made a second time.
func TestSimulatedTakesUpAPendingAccount(t *testing.T) {
	w := world()
	w.Accounts = []nasdesk.Account{{Address: "ann.example@nhs.net", Mobile: "07700900001", Status: nasdesk.Pending}}
	b := bench(w, time.Hour, 2*time.Hour)(t)
	if r, _ := b.Look(t.Context(), create("k")); r.State != "" {
		t.Errorf("a look after the restart: %+v", r)
	}
	r, err := b.Do(t.Context(), create("k"))
	if err != nil || r.State != nasdesk.WorkPending || r.Account != "ann.example@nhs.net" {
		t.Errorf("taken up as %+v, %v", r, err)
	}
}

func TestSimulatedRefusesStrangers(t *testing.T) {
	b := bench(world(), 0, 0)(t)
	for _, a := range []nasdesk.Action{
		{Key: "a", Name: nasdesk.DisableAccount, Mailbox: "pharmacy.fa123@nhs.net", Account: "nobody.here@nhs.net"},
		{Key: "b", Name: nasdesk.LinkMember, Mailbox: "pharmacy.fz999@nhs.net", Account: "ann.example@nhs.net", Role: nasdesk.Owner},
		{Key: "c", Name: nasdesk.CreateAccount, Account: "ann@example.com", Mobile: "07700900001"},
	} {
		if r, err := b.Do(t.Context(), a); err != nil || r.State != nasdesk.WorkFailed || r.Detail == "" {
			t.Errorf("%s: %+v, %v", a.Key, r, err)
		}
	}
}

func TestSimulatedFollowsARename(t *testing.T) {
	b := bench(world(), 0, 0)(t)
	rename := nasdesk.Action{Key: "r", Name: nasdesk.RenameMailbox, Mailbox: "pharmacy.fa123@nhs.net", Other: "FB234"}
	if r, err := b.Do(t.Context(), rename); err != nil || r.State != nasdesk.WorkDone {
		t.Fatalf("%+v, %v", r, err)
	}
	b.Do(t.Context(), create("k"))
	link := nasdesk.Action{Key: "l", Name: nasdesk.LinkMember, Mailbox: "pharmacy.fa123@nhs.net", Account: "ann.example@nhs.net", Role: nasdesk.Member}
	b.Do(t.Context(), link)
	link.Key, link.Mailbox = "m", "pharmacy.fb234@nhs.net"
	if r, _ := b.Look(t.Context(), link); r.State != nasdesk.WorkDone {
		t.Errorf("the link did not follow the mailbox: %+v", r)
	}
}
