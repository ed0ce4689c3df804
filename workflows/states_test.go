package workflows_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"nasdesk"
	"nasdesk/workflows"
)

// The life of a request: every state met by every event. The page that it
// writes, docs/states.md, is the one to read.

var noon = nasdesk.TimestampOf(time.Date(2026, 4, 22, 11, 0, 0, 0, time.UTC))

// mayFirst is the day for which the dated request was accepted.
var mayFirst = nasdesk.TimestampOf(time.Date(2026, 5, 1, 11, 0, 0, 0, time.UTC))

const (
	asking = nasdesk.Address("pharmacy.fzz01@nhs.net")
	region = nasdesk.Address("england.stateside-pods@nhs.net")
)

// register is a mailbox with ten accounts when full, with one otherwise.
func register(full bool) *nasdesk.Case {
	c := &nasdesk.Case{
		Mailboxes:   []nasdesk.Mailbox{{Address: asking, ODS: "FZZ01", Name: "State Pharmacy", Sector: nasdesk.Pharmacy, Region: region, DSPT: nasdesk.StandardsMet, Status: nasdesk.Active}},
		Accounts:    []nasdesk.Account{{Address: "olga.state@nhs.net", Name: "Olga State", Mobile: "07700900700", Status: nasdesk.Active, Since: "2024-01-01"}},
		Memberships: []nasdesk.Membership{{Mailbox: asking, Account: "olga.state@nhs.net", Role: nasdesk.Owner}},
		Keys:        nasdesk.Keys{Locals: []string{"ada.state"}},
	}
	for i := 1; full && i < 10; i++ {
		a := nasdesk.Address(fmt.Sprintf("member%d.state@nhs.net", i))
		c.Accounts = append(c.Accounts, nasdesk.Account{Address: a, Mobile: nasdesk.Mobile(fmt.Sprintf("0770090071%d", i)), Status: nasdesk.Active, Since: "2024-01-01"})
		c.Memberships = append(c.Memberships, nasdesk.Membership{Mailbox: asking, Account: a, Role: nasdesk.Member})
	}
	return c
}

// standing is a request for a new account in a state.
func standing(s nasdesk.State) (*nasdesk.Case, nasdesk.Request) {
	r := nasdesk.Request{ID: 7, Reference: "NAS-0000000A", N: 1, Kind: "new-user", Asked: "new-user", Party: asking, Mailbox: asking, State: s,
		Subject: "New starter", Message: "first@example.org", Thread: []string{"first@example.org"}, Event: "mail/1", MadeAt: noon - 1, DecidedAt: noon - 1,
		Answers: []nasdesk.Answer{{Field: "full_name", Value: "Ada State"}, {Field: "mobile", Value: "07700900720"},
			{Field: "alternative_email", Value: "ada@example.com"}, {Field: "role", Value: "member"}}}
	switch s {
	case nasdesk.StateAsking:
		r.Answers, r.From, r.Outcome, r.Reasons = r.Answers[:3], asking, nasdesk.NeedsInfo, []nasdesk.Reason{nasdesk.Missing("role")}
	case nasdesk.StateConfirming:
		r.Prose, r.From, r.Outcome = true, asking, nasdesk.Confirm
	case nasdesk.StateSeeking:
		r.From, r.Seeks, r.Outcome, r.Reasons = region, nasdesk.RegionalApproval, nasdesk.Awaiting, []nasdesk.Reason{nasdesk.RegionalApproval}
	case nasdesk.StateReferred:
		r.Outcome, r.Reasons = nasdesk.Exception, []nasdesk.Reason{nasdesk.StaffOnly}
	case nasdesk.StateDated, nasdesk.StateDoing, nasdesk.StateDone:
		r.Outcome = nasdesk.Accepted
		r.Actions = []nasdesk.Action{{Key: "work", Name: nasdesk.CreateAccount, Account: "ada.state@nhs.net", Person: "Ada State"}}
		if s == nasdesk.StateDated {
			r.Effective = "2026-05-01"
		}
	default:
		r.Outcome, r.Reasons = nasdesk.Refused, []nasdesk.Reason{nasdesk.Declined}
	}
	c := register(s == nasdesk.StateSeeking)
	r.Version, r.Bounced = 3, noon-1
	if s == nasdesk.StateDoing {
		c.Accounts = append(c.Accounts, nasdesk.Account{Address: "ada.state@nhs.net", Name: "Ada State", Mobile: "07700900720", Status: nasdesk.Pending, Since: "2026-04-22"})
	}
	c.Requests = []nasdesk.Request{r, {ID: 8, Version: 1, Reference: "NAS-0000000B", N: 1, Kind: "unlink-user", Asked: "unlink-user", Party: asking, Mailbox: asking,
		State: nasdesk.StateReferred, Outcome: nasdesk.Exception, Reasons: []nasdesk.Reason{nasdesk.AccountNotFound}, MadeAt: noon - 9e11, DecidedAt: noon - 9e11, Event: "mail/0"}}
	return c, r
}

func mailOf(from nasdesk.Address, h nasdesk.Heard) nasdesk.Event {
	return nasdesk.Event{Key: "mail/2", At: noon, Mail: &nasdesk.MailEvent{
		Message: &nasdesk.Message{ID: "second@example.org", InReplyTo: []string{"first@example.org"}, Subject: "RE: New starter"},
		Proof:   nasdesk.Proof{From: from, Sender: nasdesk.Vouch(from)}, Heard: h}}
}

var happenings = []struct {
	name  string
	event nasdesk.Event
}{
	{"the pharmacy says YES", mailOf(asking, nasdesk.Heard{Word: nasdesk.SaysYes})},
	{"the pharmacy says NO", mailOf(asking, nasdesk.Heard{Word: nasdesk.SaysNo})},
	{"the pharmacy takes it back", mailOf(asking, nasdesk.Heard{Word: nasdesk.SaysWithdraw})},
	{"the pharmacy gives the role", mailOf(asking, nasdesk.Heard{Values: []nasdesk.Reading{{Answers: []nasdesk.Answer{{Field: "role", Value: "owner", Labelled: true}}}}})},
	{"the pharmacy asks how it stands", mailOf(asking, nasdesk.Heard{AsksStatus: true})},
	{"the pharmacy says something else", mailOf(asking, nasdesk.Heard{})},
	{"the region says YES", mailOf(region, nasdesk.Heard{Word: nasdesk.SaysYes})},
	{"the region says NO", mailOf(region, nasdesk.Heard{Word: nasdesk.SaysNo})},
	{"the region says something else", mailOf(region, nasdesk.Heard{})},
	{"a stranger answers", mailOf("pharmacy.fzz99@nhs.net", nasdesk.Heard{Word: nasdesk.SaysYes})},
	{"the reminder falls due", nasdesk.Event{Key: "date/1", At: noon, Due: &nasdesk.DueEvent{Request: 7, What: nasdesk.DueRemind}}},
	{"the question lapses", nasdesk.Event{Key: "date/2", At: noon, Due: &nasdesk.DueEvent{Request: 7, What: nasdesk.DueLapse}}},
	{"its day comes", nasdesk.Event{Key: "date/3", At: mayFirst, Due: &nasdesk.DueEvent{Request: 7, What: nasdesk.DueEffective}}},
	{"the directory has done it", nasdesk.Event{Key: "work/1", At: noon, Work: &nasdesk.WorkEvent{Request: 7, Action: "work", State: nasdesk.WorkDone}}},
	{"staff correct the role", acted(nasdesk.StaffEvent{Act: nasdesk.ActCorrect, Field: "role", Value: "Owner"})},
	{"staff correct the kind", acted(nasdesk.StaffEvent{Act: nasdesk.ActCorrect, Field: "kind", Value: "link-user"})},
	{"staff approve", acted(nasdesk.StaffEvent{Act: nasdesk.ActApprove, Text: "All is well."})},
	{"staff refuse", acted(nasdesk.StaffEvent{Act: nasdesk.ActRefuse, Rule: "register/details-differ", Text: "Please ring us."})},
	{"staff ask", acted(nasdesk.StaffEvent{Act: nasdesk.ActAsk, Field: "mobile", Text: "Whose number is this?"})},
	{"staff reply", acted(nasdesk.StaffEvent{Act: nasdesk.ActReply, Text: "We are looking into it."})},
	{"staff reply and close", acted(nasdesk.StaffEvent{Act: nasdesk.ActReply, Text: "It is done.", Close: true})},
	{"staff merge it with another", acted(nasdesk.StaffEvent{Act: nasdesk.ActMerge, Other: 8})},
	{"staff find no request in it", acted(nasdesk.StaffEvent{Act: nasdesk.ActNoRequest})},
	{"staff assign it", acted(nasdesk.StaffEvent{Act: nasdesk.ActAssign, To: "ben"})},
	{"staff leave a note", acted(nasdesk.StaffEvent{Act: nasdesk.ActNote, Text: "Rang them."})},
	{"staff snooze it", acted(nasdesk.StaffEvent{Act: nasdesk.ActSnooze, Until: "2026-04-24"})},
	{"staff see to a bounce", acted(nasdesk.StaffEvent{Act: nasdesk.ActTakeBounce})},
	{"staff look at an older version", nasdesk.Event{Key: "click/1", At: noon, Staff: &nasdesk.StaffEvent{By: "ann", Request: 7, Seen: 2, Act: nasdesk.ActApprove}}},
	{"the directory could not do it", nasdesk.Event{Key: "work/2", At: noon, Work: &nasdesk.WorkEvent{Request: 7, Action: "work", State: nasdesk.WorkFailed}}},
}

var lifeStates = []nasdesk.State{nasdesk.StateAsking, nasdesk.StateConfirming, nasdesk.StateSeeking, nasdesk.StateReferred, nasdesk.StateDated,
	nasdesk.StateDoing, nasdesk.StateDone, nasdesk.StateRefused, nasdesk.StateWithdrawn, nasdesk.StateLapsed}

// TestStates walks every pair of state and event, holds what must always be
// true, and writes the table of what became of it.
func TestStates(t *testing.T) {
	var b strings.Builder
	b.WriteString("# The life of a request\n\nA request for a new account in each of its states, met by everything that can happen. Made from the code\n(`go test ./workflows -run TestStates -update`). Each cell: what the event prints, and the state afterwards.\n")
	for _, s := range lifeStates {
		_, r := standing(s)
		fmt.Fprintf(&b, "\n## %s (printed as %s)\n\n| what happens | prints | state | mail |\n| --- | --- | --- | --- |\n", s, r.Outcome)
		for _, h := range happenings {
			c, r := standing(s)
			d := workflows.DefaultDesk.Step(h.event, c)
			hold(t, s, h.name, d)
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", h.name, printed(d), after(d, r), mailed(d))
		}
	}
	page := b.String()
	if *update {
		if err := os.WriteFile("../docs/states.md", []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile("../docs/states.md")
	if err != nil || string(have) != page {
		t.Errorf("docs/states.md is out of date: run go test ./workflows -run TestStates -update and review the diff (%v)", err)
	}
}

// hold checks what is true of every step: one mail a recipient, no work without
// acceptance, and no state that an event of a stranger changed.
func hold(t *testing.T, s nasdesk.State, what string, d nasdesk.Decision) {
	to := map[nasdesk.Address]int{}
	for _, m := range d.Mails {
		if to[m.To]++; to[m.To] > 1 {
			t.Errorf("%s, %s: two mails to %s", s, what, m.To)
		}
	}
	for _, w := range d.Actions {
		if d.Requests[w.Request].Outcome != nasdesk.Accepted {
			t.Errorf("%s, %s: work for a request that is %s", s, what, d.Requests[w.Request].Outcome)
		}
	}
	for _, r := range d.Requests {
		if strings.HasPrefix(what, "a stranger") && r.ID == 7 {
			t.Errorf("%s: a stranger changed it to %s", s, r.State)
		}
		if r.State.Open() != (r.From != "") {
			t.Errorf("%s, %s: state %s waits for %q", s, what, r.State, r.From)
		}
	}
}

func acted(e nasdesk.StaffEvent) nasdesk.Event {
	e.By, e.Request, e.Seen = "ann", 7, 3
	return nasdesk.Event{Key: "click/1", At: noon, Staff: &e}
}

func printed(d nasdesk.Decision) string {
	if d.Hindered != "" {
		return "hindered: " + string(d.Hindered)
	}
	var out []string
	for _, r := range d.Results {
		s := r.Kind + " " + string(r.Outcome)
		for _, why := range r.Reasons {
			s += " " + string(why)
		}
		out = append(out, s)
	}
	if out == nil {
		return "–"
	}
	return strings.Join(out, "; ")
}

func after(d nasdesk.Decision, r nasdesk.Request) string {
	for _, q := range d.Requests {
		if q.ID == r.ID {
			return string(q.State)
		}
	}
	return "as it was"
}

func mailed(d nasdesk.Decision) string {
	var out []string
	for _, m := range d.Mails {
		who := "pharmacy"
		if m.To == region {
			who = "region"
		} else if m.To != asking {
			who = "stranger"
		}
		out = append(out, string(m.About)+" to the "+who)
	}
	if out == nil {
		return "–"
	}
	return strings.Join(out, ", ")
}

// TestNoDayIsPrinted: a request for now has no effective_date, not an empty one.
func TestNoDayIsPrinted(t *testing.T) {
	c, _ := standing(nasdesk.StateAsking)
	d := workflows.DefaultDesk.Step(happenings[3].event, c)
	if len(d.Results) != 1 || d.Results[0].Outcome != nasdesk.Accepted {
		t.Fatalf("got %s", printed(d))
	}
	if day, there := d.Results[0].Fields["effective_date"]; there {
		t.Errorf("it prints the day %q", day)
	}
}

// TestWelcome: multi-factor authentication is asked of all but the sectors whose
// accounts NAS manages without it. Seed "Create User Account".
func TestWelcome(t *testing.T) {
	for sector, asked := range map[nasdesk.Sector]bool{nasdesk.Pharmacy: false, nasdesk.Optometry: false, nasdesk.Dentistry: false,
		nasdesk.SocialCare: true, nasdesk.Midwifery: true} {
		t.Run(string(sector), func(t *testing.T) {
			c, _ := standing(nasdesk.StateDoing)
			c.Mailboxes[0].Sector = sector
			d := workflows.DefaultDesk.Step(nasdesk.Event{Key: "work/1", At: noon,
				Work: &nasdesk.WorkEvent{Request: 7, Action: "work", State: nasdesk.WorkDone}}, c)
			if len(d.Mails) != 1 || !strings.Contains(d.Mails[0].Text, "ada.state@nhs.net is active") {
				t.Fatalf("mails: %v", d.Mails)
			}
			if got := strings.Contains(d.Mails[0].Text, "multi-factor"); got != asked {
				t.Errorf("asks for multi-factor authentication: %v, want %v", got, asked)
			}
		})
	}
}
