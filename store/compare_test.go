package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"nasdesk"
)

// sorts writes a table's changes down: + added, ~ changed, - vanished.
func sorts[T any](rows []Changed[T], key func(T) nasdesk.Address) string {
	var out []string
	for _, c := range rows {
		switch {
		case c.Added():
			out = append(out, "+"+key(*c.After).Local())
		case c.Vanished():
			out = append(out, "-"+key(*c.Before).Local())
		default:
			out = append(out, "~"+key(*c.After).Local())
		}
	}
	return strings.Join(out, " ")
}

func (d Difference) summary() string {
	return strings.Join([]string{
		sorts(d.Mailboxes, func(m nasdesk.Mailbox) nasdesk.Address { return m.Address }),
		sorts(d.Accounts, func(a nasdesk.Account) nasdesk.Address { return a.Address }),
		sorts(d.Memberships, func(m nasdesk.Membership) nasdesk.Address { return m.Account }),
		sorts(d.Approvals, func(a nasdesk.Approval) nasdesk.Address { return a.Mailbox }),
	}, " / ")
}

func TestCompareSaysWhatAnImportChanges(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*World)
		want string
	}{
		{"the same", func(*World) {}, " /  /  / "},
		{"a file that was not given takes nothing away", func(w *World) { w.Accounts, w.Memberships, w.Approvals = nil, nil, nil }, " /  /  / "},
		{"another status", func(w *World) { w.Mailboxes[1].DSPT = nasdesk.StandardsNotMet }, "~pharmacy.fb456 /  /  / "},
		{"a new account, linked", func(w *World) {
			w.Accounts = append(w.Accounts, nasdesk.Account{Address: "zoe.new@nhs.net", Status: nasdesk.Active})
			w.Memberships = append(w.Memberships, nasdesk.Membership{Mailbox: fa123, Account: "zoe.new@nhs.net", Role: nasdesk.Member})
		}, " / +zoe.new / +zoe.new / "},
		{"all three sorts, in their order", func(w *World) {
			w.Accounts[0].Name = "Thomas Barker"
			w.Accounts[2] = nasdesk.Account{Address: "ann.new@nhs.net", Status: nasdesk.Active}
			w.Memberships = w.Memberships[:2]
		}, " / +ann.new ~tom.barker -grace.li / -amina.khan -grace.li / "},
		{"another role, a further approval", func(w *World) {
			w.Memberships[0].Role = nasdesk.Owner
			w.Approvals = append(w.Approvals, nasdesk.Approval{Mailbox: fa123, Max: 15, ApprovedBy: north, ApprovedOn: "2026-01-01"})
		}, " /  / ~tom.barker / +pharmacy.fa123"},
	} {
		w := aWorld()
		c.edit(&w)
		if got := compared(aWorld(), w); got.summary() != c.want || len(got.Faults)+len(got.Small) > 0 {
			t.Errorf("%s: %s, %v %v; want %s", c.name, got.summary(), got.Faults, got.Small, c.want)
		}
	}
	if d := compared(aWorld(), aWorld()); !d.Empty() || d.Same != 11 {
		t.Errorf("of the same register %d rows are the same: %+v", d.Same, d)
	}
}

func TestCompareFindsWhatTheSchemaWouldRefuse(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*World)
		want string
	}{
		{"one mobile for two", func(w *World) {
			w.Accounts = []nasdesk.Account{{Address: "zoe.new@nhs.net", Mobile: "07700900101", Status: nasdesk.Active}}
		}, "amina.khan@nhs.net and zoe.new@nhs.net would both have one mobile number"},
		{"of a deleted account it is free", func(w *World) {
			w.Accounts[1].Status = nasdesk.Deleted
			w.Accounts = append(w.Accounts, nasdesk.Account{Address: "zoe.new@nhs.net", Mobile: "07700900101", Status: nasdesk.Active})
		}, ""},
		{"one code for two", func(w *World) { w.Mailboxes[0].ODS = "FB456" }, "would both have the ODS code FB456"},
		{"codes that change places", func(w *World) { w.Mailboxes[0].ODS, w.Mailboxes[1].ODS = "FB456", "FA123" }, ""},
		{"a link of nobody", func(w *World) {
			w.Memberships = []nasdesk.Membership{{Mailbox: fa123, Account: "no.one@nhs.net", Role: nasdesk.Owner}}
		}, "no.one@nhs.net in pharmacy.fa123@nhs.net"},
		{"an approval for nothing", func(w *World) { w.Approvals = []nasdesk.Approval{{Mailbox: "pharmacy.none@nhs.net", Max: 12}} }, "an approval for pharmacy.none@nhs.net"},
	} {
		w := aWorld()
		c.edit(&w)
		got := strings.Join(compared(aWorld(), w).Faults, "; ")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if strings.Contains(got, "0770") {
			t.Errorf("%s: the fault names a mobile: %s", c.name, got)
		}
	}
}

func TestASmallImportIsTold(t *testing.T) {
	var have World
	for i := range 10 {
		have.Accounts = append(have.Accounts, nasdesk.Account{Address: nasdesk.Address(fmt.Sprintf("a%d@nhs.net", i)), Status: nasdesk.Active})
	}
	for n, small := range map[int]bool{10: false, 8: false, 7: true, 1: true, 0: false} {
		d := compared(have, World{Accounts: have.Accounts[:n]})
		if (len(d.Small) > 0) != small {
			t.Errorf("%d of 10 rows: %v", n, d.Small)
		}
	}
	have.Accounts = have.Accounts[:9]
	if d := compared(have, World{Accounts: have.Accounts[:1]}); len(d.Small) > 0 {
		t.Errorf("of nine rows nothing can be told: %v", d.Small)
	}
}

func TestAnImportKnowsAMailboxByItsFormerAddress(t *testing.T) {
	have := aWorld()
	have.Mailboxes[0].Address, have.Mailboxes[0].Alias, have.Mailboxes[0].ODS = "pharmacy.fc789@nhs.net", fa123, "FC789"
	for i := range have.Memberships[:2] {
		have.Memberships[i].Mailbox = "pharmacy.fc789@nhs.net"
	}
	d := compared(have, aWorld())
	if !d.Empty() || len(d.Former) != 1 || d.Former[0] != "pharmacy.fa123@nhs.net is pharmacy.fc789@nhs.net now" {
		t.Errorf("%s, %v", d.summary(), d.Former)
	}
	w := World{Mailboxes: []nasdesk.Mailbox{have.Mailboxes[0]}}
	w.Mailboxes[0].Alias, w.Mailboxes[0].Name = "", "Renamed"
	if d := compared(have, w); d.Mailboxes[0].After.Alias != fa123 {
		t.Errorf("the former address is lost: %+v", d.Mailboxes[0].After)
	}
}

func TestApplyWritesWhatWasLookedAt(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		w := aWorld()
		w.Mailboxes[0].Name = "High Street Chemist"
		w.Accounts = append(w.Accounts, nasdesk.Account{Address: "zoe.new@nhs.net", Mobile: "07700900199", Status: nasdesk.Active, Since: today})
		w.Memberships = append(w.Memberships[1:], nasdesk.Membership{Mailbox: fa123, Account: "zoe.new@nhs.net", Role: nasdesk.Member})
		d, err := s.Compare(t.Context(), w)
		if err != nil || d.summary() != "~pharmacy.fa123 / +zoe.new / +zoe.new -tom.barker / " {
			t.Fatalf("%s, %v", d.summary(), err)
		}
		before := s.number(t, `select version from mailbox where address = $1`, fb456)
		lines := s.number(t, `select count(*) from journal`)
		a := Applied{World: w, Seen: d.Seen, By: "olive", Why: "monthly list", At: now}
		if _, err := s.Apply(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		if n := s.number(t, `select version from mailbox where address = $1`, fb456); n != before {
			t.Errorf("a mailbox that stays moved from version %d to %d", before, n)
		}
		if n := s.number(t, `select count(*) from journal`) - lines; n != 4 {
			t.Errorf("%d lines in the journal, want one for the import and one for each of three rows", n)
		}
		have, err := s.Export(t.Context())
		if err != nil || len(have.Accounts) != 5 || len(have.Memberships) != 5 || have.Mailboxes[0].Name != "High Street Chemist" {
			t.Errorf("%d accounts, %d links, %s: %v", len(have.Accounts), len(have.Memberships), have.Mailboxes[0].Name, err)
		}
		if _, err := s.Apply(t.Context(), a); !errors.Is(err, ErrChanged) {
			t.Errorf("applied twice: %v", err)
		}
	})
}

func TestApplyRefuses(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		have := aWorld()
		for i := range 20 {
			have.Accounts = append(have.Accounts, nasdesk.Account{Address: nasdesk.Address(fmt.Sprintf("a%d@nhs.net", i)), Status: nasdesk.Active})
		}
		imported(t, s, have)
		small := World{Accounts: []nasdesk.Account{{Address: "zoe.new@nhs.net", Status: nasdesk.Active}}}
		if _, err := s.Apply(t.Context(), Applied{World: small, At: now}); !errors.Is(err, ErrSmall) {
			t.Errorf("a small one: %v", err)
		}
		if _, err := s.Apply(t.Context(), Applied{World: small, At: now, Anyway: true}); err != nil {
			t.Errorf("a small one that is whole: %v", err)
		}
		clash := World{Mailboxes: []nasdesk.Mailbox{have.Mailboxes[0], have.Mailboxes[1]}}
		clash.Mailboxes[0].ODS = "FB456"
		if _, err := s.Apply(t.Context(), Applied{World: clash, At: now}); !errors.Is(err, ErrFaulty) {
			t.Errorf("one code for two: %v", err)
		}
	})
}

func TestWhatIsWrittenAsCSVIsReadAgain(t *testing.T) {
	w := aWorld()
	files := fstest.MapFS{}
	for _, name := range []string{"mailboxes.csv", "accounts.csv", "memberships.csv", "approvals.csv"} {
		files[name] = &fstest.MapFile{Data: w.CSV(name)}
	}
	back, err := ReadWorld(files)
	if err != nil || !slices.Equal(back.Mailboxes, w.Mailboxes) || !slices.Equal(back.Accounts, w.Accounts) || !slices.Equal(back.Memberships, w.Memberships) || !slices.Equal(back.Approvals, w.Approvals) {
		t.Errorf("%+v, %v", back, err)
	}
	if b := w.CSV("people.csv"); len(b) > 0 {
		t.Errorf("%q", b)
	}
}

func TestFilesMayComeAlone(t *testing.T) {
	files := fstest.MapFS{"memberships.csv": {Data: []byte("mailbox,account,role\npharmacy.fa123@nhs.net,tom.barker@nhs.net,owner\n")}}
	if _, err := ReadWorld(files); err == nil {
		t.Error("a world without mailboxes is read")
	}
	w, err := ReadFiles(files)
	if err != nil || len(w.Memberships) != 1 {
		t.Fatalf("%+v, %v", w, err)
	}
	if d := compared(aWorld(), w); !strings.HasPrefix(d.summary(), " /  / ~tom.barker") {
		t.Error(d.summary())
	}
	if _, err := ReadFiles(fstest.MapFS{"memberships.csv": {Data: []byte("mailbox,account,role\nx,y,z\n")}}); err == nil {
		t.Error("a bad row is read")
	}
}

func TestCodesAndMobilesMayChangePlaces(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		w := aWorld()
		w.Mailboxes[0].ODS, w.Mailboxes[1].ODS = "FB456", "FA123"
		w.Accounts[0].Mobile, w.Accounts[1].Mobile = w.Accounts[1].Mobile, w.Accounts[0].Mobile
		if _, err := s.Apply(t.Context(), Applied{World: w, By: "olive", Why: "mixed up", At: now}); err != nil {
			t.Fatal(err)
		}
		c := pulled1(t, s, nasdesk.Keys{Addresses: []nasdesk.Address{fa123, fb456, tom}, ODS: []nasdesk.ODSCode{"FA123"}, Mobiles: []nasdesk.Mobile{"07700900101"}})
		if c.Mailbox(fa123).ODS != "FB456" || c.MailboxByODS("FA123").Address != fb456 || c.AccountByMobile("07700900101").Address != tom {
			t.Errorf("%+v %+v", c.Mailboxes, c.Accounts)
		}
	})
}

func TestAlikeInsertsAreOne(t *testing.T) {
	w := bigWorld(3, 2)
	s := &Store{codec: plainCodec{}}
	got := merged(s.rowsOfWorld(w))
	if len(got) != 5 || len(got[0].Args) != 3*8 || len(got[1].Args) != 6*9 || len(got[2].Args) != 6*3 || strings.Count(got[1].SQL, "(") < 6 || !strings.HasSuffix(got[0].SQL, "version = mailbox.version + 1") {
		t.Errorf("%d statements: %+v", len(got), got)
	}
}
