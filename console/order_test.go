package console

import (
	"slices"
	"strings"
	"testing"
	"time"

	"nasdesk"
)

const (
	larch = nasdesk.Address("pharmacy.fda01@nhs.net")
	olive = nasdesk.Address("olive.hartnell@nhs.net")
)

// orderCase is a pharmacy with an owner, and a request whose actions are given.
func orderCase(answers []nasdesk.Answer, actions ...nasdesk.Action) *nasdesk.Case {
	at := nasdesk.TimestampOf(time.Date(2026, 4, 22, 9, 0, 0, 0, time.UTC))
	return &nasdesk.Case{
		Mailboxes:   []nasdesk.Mailbox{{Address: larch, ODS: "FDA01", Name: "Larch Row Pharmacy", Sector: nasdesk.Pharmacy, Status: nasdesk.Active}},
		Accounts:    []nasdesk.Account{{Address: olive, Name: "Olive Hartnell", Mobile: "07700900001", Status: nasdesk.Active, Since: "2021-03-01"}},
		Memberships: []nasdesk.Membership{{Mailbox: larch, Account: olive, Role: nasdesk.Owner}},
		Requests: []nasdesk.Request{{ID: 1, Reference: "NAS-ABCDEFGH", Kind: "new-user", Party: larch, Mailbox: larch, MadeAt: at, DecidedAt: at,
			Answers: answers, Actions: actions}},
	}
}

func value(o Order, name string) string {
	for _, f := range o.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

func newAccount(written, name string) (nasdesk.Action, *nasdesk.Case) {
	var p nasdesk.PersonName
	_ = p.Set(name)
	a := nasdesk.Action{Key: "k/1", Name: nasdesk.CreateAccount, Account: nasdesk.Address(p.LocalPart() + "@nhs.net"), Person: p, Mobile: "07700900101", Alternative: "w@example.com"}
	link := nasdesk.Action{Key: "k/2", Name: nasdesk.LinkMember, Mailbox: larch, Account: a.Account, Role: nasdesk.Member}
	return a, orderCase([]nasdesk.Answer{{Field: "full_name", Value: name, Written: written}}, a, link)
}

func TestAnOrderForANewAccountFillsThePortalsPage(t *testing.T) {
	a, c := newAccount("Mrs Seána O'Brien-Ó Sé", "Seána O'Brien-Ó Sé")
	c.Accounts = append(c.Accounts, nasdesk.Account{Address: "seana.se2@nhs.net", Status: nasdesk.Deleted})
	o := MakeOrder(a, c)
	want := map[string]string{"Title": "Mrs", "First Name": "Seana OBrienO", "Last Name": "Se", "Display Name": "Seana OBrienO Se", "Mobile": "07700900101",
		"Email Alias": "seana.se@nhs.net", "Email Alias, if taken (1)": "seana.se3@nhs.net", "Email Alias, if taken (3)": "seana.se5@nhs.net",
		"Organisation": "Larch Row Pharmacy", "Site": "Larch Row Pharmacy (FDA01)", "ODS code": "FDA01", "Shared mailbox": string(larch),
		"Notes": "Created for pharmacy.fda01@nhs.net as member. Asked for by pharmacy.fda01@nhs.net on 22 April 2026, NAS-ABCDEFGH."}
	for name, v := range want {
		if got := value(o, name); got != v {
			t.Errorf("%s: %q, want %q", name, got, v)
		}
	}
	if !o.New || !slices.Equal(o.Page, []string{"Admin", "User Management", "Add", "User"}) || len(o.Mind) != 2 {
		t.Errorf("%+v", o)
	}
}

func TestNamesThatThePortalCannotWrite(t *testing.T) {
	for _, c := range []struct{ name, first, last, hint string }{
		{"Ann Example", "Ann", "Example", ""},
		{"Zoë Łukasik", "Zoe", "Lukasik", "letters and digits only"},
		{"Madonna", "Madonna", "Madonna", "one name"},
		{"李 明", "", "", "Latin letters"},
	} {
		a, k := newAccount(c.name, c.name)
		o := MakeOrder(a, k)
		if f, l := value(o, "First Name"), value(o, "Last Name"); f != c.first || l != c.last {
			t.Errorf("%s: first %q, last %q", c.name, f, l)
		}
		i := slices.IndexFunc(o.Fields, func(f OrderField) bool { return f.Name == "Last Name" })
		if i < 0 || !strings.Contains(o.Fields[i].Hint, c.hint) || c.hint == "" && o.Fields[i].Hint != "" {
			t.Errorf("%s: hint %q, want %q", c.name, o.Fields[max(i, 0)].Hint, c.hint)
		}
	}
}

func TestFreeAddressesCountOn(t *testing.T) {
	c := &nasdesk.Case{Accounts: []nasdesk.Account{{Address: "ann.example3@nhs.net"}}, Mailboxes: []nasdesk.Mailbox{{Address: "ann.example5@nhs.net"}}}
	for proposed, want := range map[nasdesk.Address]string{
		"ann.example@nhs.net":           "ann.example2@nhs.net ann.example4@nhs.net",
		"ann.example3@nhs.net":          "ann.example4@nhs.net ann.example6@nhs.net",
		"ann.example9999999999@nhs.net": "ann.example2@nhs.net ann.example4@nhs.net",
		"":                              "",
	} {
		got := Free(proposed, c, 2)
		l := nasdesk.Addresses(got)
		if l.String() != want {
			t.Errorf("%s: %v, want %s", proposed, got, want)
		}
	}
}

func TestEveryActionHasItsOrder(t *testing.T) {
	answers := []nasdesk.Answer{{Field: "mobile", Value: "07700900001"}, {Field: "owner_email", Value: string(olive)}, {Field: "purpose", Value: "orders"}}
	want := map[nasdesk.ActionName]string{ // a box and what it gets
		nasdesk.CreateAccount:             "Email Alias: olive.hartnell@nhs.net",
		nasdesk.LinkMember:                "Permission: Member",
		nasdesk.UnlinkMember:              "User: olive.hartnell@nhs.net",
		nasdesk.RestoreAccount:            "Site: Larch Row Pharmacy (FDA01)",
		nasdesk.DisableAccount:            "Notes: On long-term leave from 22 April 2026: enable it by 21 October 2027. Asked for by pharmacy.fda01@nhs.net on 22 April 2026, NAS-ABCDEFGH.",
		nasdesk.EnableAccount:             "Mobile: 07700900001",
		nasdesk.MarkLeaver:                "Leaving date: 2026-04-22",
		nasdesk.MarkJoiner:                "Organisation: Larch Row Pharmacy",
		nasdesk.ResetPassword:             "Send password to: 07700900001",
		nasdesk.RenameMailbox:             "New primary address: olive.hartnell@nhs.net",
		nasdesk.CloseMailbox:              "Shared mailbox: pharmacy.fda01@nhs.net",
		nasdesk.CreateTeam:                "Name: LarchRow Team",
		nasdesk.ConvertApplicationAccount: "Purpose: orders",
	}
	for _, name := range nasdesk.ActionNames {
		a := nasdesk.Action{Key: "k/1", Name: name, Mailbox: larch, Account: olive, Person: "Olive Hartnell", Role: nasdesk.Member, Other: "Larch-Row Team"}
		c := orderCase(answers, a)
		o := MakeOrder(a, c)
		box, v, _ := strings.Cut(want[name], ": ")
		if v == "" || value(o, box) != v {
			t.Errorf("%s: %s is %q, want %q", name, box, value(o, box), v)
		}
		if o.Title == "" || len(o.Page) < 2 || len(o.Fields) == 0 {
			t.Errorf("%s: %+v", name, o)
		}
		bare := MakeOrder(nasdesk.Action{Name: name, Account: olive}, new(nasdesk.Case))
		for _, f := range bare.Fields {
			if f.Value == "" && f.Hint == "" {
				t.Errorf("%s: without a register %q is an empty box", name, f.Name)
			}
		}
	}
	if o := MakeOrder(nasdesk.Action{Name: "dance"}, new(nasdesk.Case)); !strings.Contains(o.Title, "dance") {
		t.Errorf("an unknown action: %+v", o)
	}
}

func TestAnOrderOnAPendingAccountSaysToWait(t *testing.T) {
	a := nasdesk.Action{Key: "k/1", Name: nasdesk.LinkMember, Mailbox: larch, Account: olive, Role: nasdesk.Member}
	c := orderCase(nil, a)
	c.Accounts[0].Status = nasdesk.Pending
	o := MakeOrder(a, c)
	if len(o.Mind) != 1 || !strings.Contains(o.Mind[0], "pending") {
		t.Errorf("%q", o.Mind)
	}
	if i := slices.IndexFunc(o.Fields, func(f OrderField) bool { return f.Name == "Permission" }); o.Fields[i].Hint != "the register has owner by now" {
		t.Errorf("%+v", o.Fields[i])
	}
}
