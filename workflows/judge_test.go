package workflows_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"nasdesk"
	"nasdesk/workflows"
)

// The judgement tables: one row is one request, with all its fields read, on a
// day, in a register. Each kind has its own in a file of its name.

// A judgement is one row.
type judgement struct {
	name    string
	today   nasdesk.Date // "" is 2026-04-22
	from    string       // a person's name, or a code; "" is fzz01
	facts   []fact       // what the register holds beside the desk's own
	answers string       // "nhs_email=dora; mobile=dora": a person's name stands for what the field wants of it
	day     nasdesk.Date // from when it is asked for
	want    string       // outcome, reasons and actions; before them "as KIND" where it was judged as another
	work    string       // if given, the planned work in full: "unlink-member fzz02 dora; …"
	says    string       // if given, words that the answer to the asker must hold
	silent  string       // if given, words that it must not hold
}

// A fact is something that the register holds.
type fact func(*nasdesk.Case)

// Everybody in the tables; the mobile goes by the place in this list.
var people = []string{"olga", "otto", "mona", "nina", "nils", "dora", "luke", "jane", "ivan", "vera", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9"}

func addressOf(name string) nasdesk.Address {
	switch {
	case slices.Contains(people, name):
		return nasdesk.Address(name + ".state@nhs.net")
	case strings.HasPrefix(name, "f") && !strings.Contains(name, "@"):
		return nasdesk.Address("pharmacy." + name + "@nhs.net")
	}
	return nasdesk.Address(name)
}

func mobileOf(name string) string {
	n := slices.Index(people, name)
	if n < 0 {
		return name
	}
	return "077009005" + string(rune('0'+n/10)) + string(rune('0'+n%10))
}

func account(name string, s nasdesk.Status, since nasdesk.Date) fact {
	return func(c *nasdesk.Case) {
		c.Accounts = append(c.Accounts, nasdesk.Account{Address: addressOf(name), Name: nasdesk.PersonName(name), Mobile: nasdesk.Mobile(mobileOf(name)),
			Alternative: nasdesk.Address(name + "@example.com"), Status: s, Since: since})
	}
}

// in puts people into a mailbox, making active accounts of those who have none.
func in(code string, role nasdesk.Role, names ...string) fact {
	return func(c *nasdesk.Case) {
		for _, n := range names {
			if c.Account(addressOf(n)) == nil {
				account(n, nasdesk.Active, "2024-01-01")(c)
			}
			c.Memberships = append(c.Memberships, nasdesk.Membership{Mailbox: addressOf(code), Account: addressOf(n), Role: role})
		}
	}
}

// become gives somebody of the desk another status.
func become(name string, s nasdesk.Status, since nasdesk.Date) fact {
	return func(c *nasdesk.Case) { a := c.Account(addressOf(name)); a.Status, a.Since = s, since }
}

func mailbox(code string, change func(*nasdesk.Mailbox)) fact {
	return func(c *nasdesk.Case) { change(c.Mailbox(addressOf(code))) }
}

func leave(code string, names ...string) fact {
	return func(c *nasdesk.Case) {
		c.Memberships = slices.DeleteFunc(c.Memberships, func(m nasdesk.Membership) bool {
			return m.Mailbox == addressOf(code) && slices.ContainsFunc(names, func(n string) bool { return addressOf(n) == m.Account })
		})
	}
}

// ten fills fzz01 up to ten active accounts.
var ten = in("fzz01", nasdesk.Member, "m1", "m2", "m3", "m4", "m5", "m6", "m7")

func approval(code string, n int) fact {
	return func(c *nasdesk.Case) {
		c.Approvals = append(c.Approvals, nasdesk.Approval{Mailbox: addressOf(code), Max: n, ApprovedBy: region, ApprovedOn: "2026-01-05"})
	}
}

// renamed gives fzz01 another address.
func renamed(address nasdesk.Address) fact {
	return func(c *nasdesk.Case) {
		c.Mailbox(asking).Address = address
		for i := range c.Memberships {
			if c.Memberships[i].Mailbox == asking {
				c.Memberships[i].Mailbox = address
			}
		}
	}
}

func noRegion(m *nasdesk.Mailbox) { m.Region = "" }
func shut(m *nasdesk.Mailbox)     { m.Status = nasdesk.Closed }

// theDesk is a register of two pharmacies: fzz01 is owned by olga and otto, mona
// is a member; fzz02 is owned by nina, nils and mona are members.
func theDesk(facts []fact) *nasdesk.Case {
	c := &nasdesk.Case{}
	for _, code := range []string{"fzz01", "fzz02"} {
		c.Mailboxes = append(c.Mailboxes, nasdesk.Mailbox{Address: addressOf(code), ODS: nasdesk.ODSCode(strings.ToUpper(code)), Name: "State Pharmacy " + code[4:],
			Sector: nasdesk.Pharmacy, Region: region, DSPT: nasdesk.StandardsMet, Status: nasdesk.Active})
	}
	base := []fact{in("fzz01", nasdesk.Owner, "olga", "otto"), in("fzz01", nasdesk.Member, "mona"), in("fzz02", nasdesk.Owner, "nina"), in("fzz02", nasdesk.Member, "nils", "mona")}
	for _, f := range append(base, facts...) {
		f(c)
	}
	return c
}

// judgeAll runs a kind's table.
func judgeAll(t *testing.T, kind string, rows []judgement) {
	t.Helper()
	for _, j := range rows {
		t.Run(j.name, func(t *testing.T) {
			d := j.decide(kind)
			if got := judged(kind, d); got != j.want {
				t.Errorf("got  %s\nwant %s", got, j.want)
			}
			if got := worked(d); j.work != "" && got != j.work {
				t.Errorf("work %s\nwant %s", got, j.work)
			}
			text := textTo(d, j.asker())
			if j.says != "" && !strings.Contains(text, j.says) {
				t.Errorf("the answer does not say %q:\n%s", j.says, text)
			}
			if j.silent != "" && strings.Contains(text, j.silent) {
				t.Errorf("the answer says %q:\n%s", j.silent, text)
			}
		})
	}
}

func (j judgement) asker() nasdesk.Address {
	if j.from == "" {
		return asking
	}
	return addressOf(j.from)
}

// decide takes the request through Step, with its facts fetched as the store does.
func (j judgement) decide(kind string) nasdesk.Decision {
	today := j.today
	if today == "" {
		today = "2026-04-22"
	}
	from := j.asker()
	ev := nasdesk.Event{Key: "mail/1", At: nasdesk.TimestampOf(today.Time().Add(10 * time.Hour)), Mail: &nasdesk.MailEvent{
		Message: &nasdesk.Message{ID: "judged@example.org", Subject: "A request"},
		Proof:   nasdesk.Proof{From: from, Sender: nasdesk.Vouch(from)},
		Heard:   nasdesk.Heard{Readings: []nasdesk.Reading{{Kind: kind, Answers: answersOf(j.answers), Effective: j.day}}}}}
	c := theDesk(j.facts)
	d := workflows.DefaultDesk.Step(ev, c)
	if keys, more := c.Keys.Merge(d.Need); more {
		c.Keys = keys
		d = workflows.DefaultDesk.Step(ev, c)
	}
	return d
}

func answersOf(s string) []nasdesk.Answer {
	var out []nasdesk.Answer
	for part := range strings.SplitSeq(s, "; ") {
		field, value, ok := strings.Cut(part, "=")
		if !ok {
			continue
		}
		switch {
		case value == "?":
			out = append(out, nasdesk.Answer{Field: field, Ambiguous: true, Labelled: true})
			continue
		case field == "mobile":
			value = mobileOf(value)
		case strings.HasSuffix(field, "_email") && slices.Contains(people, value):
			value = string(addressOf(value))
		case field == "owners" || field == "movers" || field == "leavers":
			var list []string
			for n := range strings.SplitSeq(value, " ") {
				list = append(list, string(addressOf(n)))
			}
			value = strings.Join(list, " ")
		}
		out = append(out, nasdesk.Answer{Field: field, Value: value, Written: value, Labelled: true})
	}
	return out
}

func judged(kind string, d nasdesk.Decision) string {
	var all []string
	for _, r := range d.Results {
		s := string(r.Outcome)
		for _, why := range r.Reasons {
			s += " " + string(why)
		}
		for _, a := range r.Actions {
			s += " " + string(a)
		}
		if r.Kind != kind {
			s = "as " + r.Kind + " " + s
		}
		all = append(all, s)
	}
	return strings.Join(all, "; ")
}

// worked prints the work that the directory gets now: name, mailbox, account,
// and what else it needs.
func worked(d nasdesk.Decision) string {
	short := func(a nasdesk.Address) string {
		return strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(string(a), "pharmacy."), "@nhs.net"), ".state")
	}
	var all []string
	for _, w := range d.Actions {
		var words []string
		for _, x := range []string{string(w.Action.Name), short(w.Action.Mailbox), short(w.Action.Account), string(w.Action.Role), w.Action.Other} {
			if x != "" {
				words = append(words, x)
			}
		}
		all = append(all, strings.Join(words, " "))
	}
	if all == nil {
		return "none"
	}
	return strings.Join(all, "; ")
}

func textTo(d nasdesk.Decision, to nasdesk.Address) string {
	for _, m := range d.Mails {
		if m.To == to {
			return strings.Join(strings.Fields(m.Text), " ") // lines are folded
		}
	}
	return ""
}
