package workflows_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"nasdesk"
	"nasdesk/workflows"
)

// A request that stands already, the n-th of the register. Those of one table
// row come from one message, unless they are told otherwise.
func stands(n int64, kind string, state nasdesk.State, answers string, change ...func(*nasdesk.Request)) nasdesk.Request {
	r := nasdesk.Request{ID: n, Reference: fmt.Sprintf("NAS-0000000%d", n), N: int(n), Kind: kind, Asked: kind, Party: asking, Mailbox: asking, State: state,
		Event: "mail/0", MadeAt: noon - 1e6, DecidedAt: noon - 1e6, Thread: []string{"ours@example.org"}, Answers: answersOf(answers)}
	switch state {
	case nasdesk.StateAsking:
		r.From, r.Outcome = asking, nasdesk.NeedsInfo
	case nasdesk.StateConfirming:
		r.From, r.Outcome, r.Prose = asking, nasdesk.Confirm, true
	case nasdesk.StateSeeking:
		r.From, r.Outcome, r.Seeks, r.Reasons = region, nasdesk.Awaiting, nasdesk.RegionalApproval, []nasdesk.Reason{nasdesk.RegionalApproval}
	case nasdesk.StateDone, nasdesk.StateDoing, nasdesk.StateDated:
		r.Outcome = nasdesk.Accepted
	case nasdesk.StateReferred:
		r.Outcome = nasdesk.Exception
	default:
		r.Outcome = nasdesk.Refused
	}
	for _, f := range change {
		f(&r)
	}
	return r
}

func lacks(fields ...string) func(*nasdesk.Request) {
	return func(r *nasdesk.Request) {
		for _, f := range fields {
			r.Reasons = append(r.Reasons, nasdesk.Missing(f))
		}
	}
}

func party(who string) func(*nasdesk.Request) {
	return func(r *nasdesk.Request) {
		r.Party = addressOf(who)
		if r.From == asking {
			r.From = r.Party
		}
	}
}

func yesterday(r *nasdesk.Request) { r.MadeAt, r.DecidedAt = noon-24*3600*1e6, noon-24*3600*1e6 }

func from(day nasdesk.Date) func(*nasdesk.Request) {
	return func(r *nasdesk.Request) { r.Effective = day }
}

func of(event string) func(*nasdesk.Request) {
	return func(r *nasdesk.Request) { r.Event = event }
}

// A turn is one message that meets requests which stand already.
type turn struct {
	name   string
	stand  []nasdesk.Request
	facts  []fact
	from   string // "" is fzz01
	alone  bool   // it answers no message of ours
	heard  nasdesk.Heard
	want   string // "#1 kind outcome …; new kind …"
	mailed string // if given, who gets what mail
}

func value(s string) nasdesk.Reading { return nasdesk.Reading{Answers: answersOf(s)} }

func says(w nasdesk.Word, of ...string) nasdesk.Heard { return nasdesk.Heard{Word: w, Of: of} }

func gives(values ...string) nasdesk.Heard {
	var h nasdesk.Heard
	for _, v := range values {
		h.Values = append(h.Values, value(v))
	}
	return h
}

func asks(kind, answers string) nasdesk.Heard {
	return nasdesk.Heard{Readings: []nasdesk.Reading{{Kind: kind, Answers: answersOf(answers)}}}
}

func inProse(h nasdesk.Heard) nasdesk.Heard {
	for _, rs := range [][]nasdesk.Reading{h.Readings, h.Values} {
		for i := range rs {
			rs[i].Prose = true
			for n := range rs[i].Answers {
				rs[i].Answers[n].Labelled = false
			}
		}
	}
	return h
}

func turns(t *testing.T, all []turn) {
	t.Helper()
	for _, u := range all {
		t.Run(u.name, func(t *testing.T) {
			d := u.decide()
			if got := turned(d); got != u.want {
				t.Errorf("got  %s\nwant %s", got, u.want)
			}
			var mails []string
			for _, m := range d.Mails {
				mails = append(mails, string(m.About)+" to "+m.To.Local())
			}
			if got := strings.Join(mails, ", "); u.mailed != "" && got != u.mailed {
				t.Errorf("mailed %s\nwant   %s", got, u.mailed)
			}
		})
	}
}

func (u turn) decide() nasdesk.Decision {
	from := asking
	if u.from != "" {
		from = addressOf(u.from)
	}
	m := &nasdesk.Message{ID: "theirs@example.org", Subject: "A message"}
	if !u.alone {
		m.InReplyTo = []string{"ours@example.org"}
	}
	c := theDesk(u.facts)
	c.Keys.Locals = []string{"ada.state", "bob.state"}
	c.Requests = u.stand
	return workflows.DefaultDesk.Step(nasdesk.Event{Key: "mail/1", At: noon, Mail: &nasdesk.MailEvent{Message: m, Heard: u.heard,
		Proof: nasdesk.Proof{From: from, Sender: nasdesk.Vouch(from)}}}, c)
}

func turned(d nasdesk.Decision) string {
	var all []string
	for _, r := range d.Results {
		who := "new"
		if n, ok := strings.CutPrefix(r.Reference, "NAS-0000000"); ok && len(n) == 1 {
			who = "#" + n
		}
		s := who + " " + r.Kind + " " + string(r.Outcome)
		for _, why := range r.Reasons {
			s += " " + string(why)
		}
		for _, a := range r.Actions {
			s += " " + string(a)
		}
		all = append(all, s)
	}
	return strings.Join(all, "; ")
}

const (
	ada = "full_name=Ada State; mobile=07700900620; alternative_email=ada@example.com; role=member"
	bob = "full_name=Bob State; mobile=07700900621; alternative_email=bob@example.com; role=member"
)

// without leaves fields out of a list of answers.
func without(answers string, fields ...string) string {
	var left []string
	for part := range strings.SplitSeq(answers, "; ") {
		keep := true
		for _, f := range fields {
			keep = keep && !strings.HasPrefix(part, f+"=")
		}
		if keep {
			left = append(left, part)
		}
	}
	return strings.Join(left, "; ")
}

// Contract, rule 16: the party that was asked answers.
func TestAnswers(t *testing.T) {
	adaLacks := func(fields ...string) nasdesk.Request {
		return stands(1, "new-user", nasdesk.StateAsking, without(ada, fields...), lacks(fields...))
	}
	bobLacks := func(fields ...string) nasdesk.Request {
		return stands(2, "new-user", nasdesk.StateAsking, without(bob, fields...), lacks(fields...))
	}
	adaRead := stands(1, "new-user", nasdesk.StateConfirming, ada)
	bobRead := stands(2, "new-user", nasdesk.StateConfirming, bob)
	const made = "new-user accepted create-account link-member"
	turns(t, []turn{
		{name: "the missing field alone", stand: []nasdesk.Request{adaLacks("role")}, heard: gives("role=owner"), want: "#1 " + made},
		{name: "one of two missing fields", stand: []nasdesk.Request{adaLacks("mobile", "role")}, heard: gives("role=owner"), want: "#1 new-user needs-info missing:mobile"},
		{name: "what was asked for counts as labelled", stand: []nasdesk.Request{adaLacks("mobile")}, heard: inProse(gives("mobile=07700900620")), want: "#1 " + made},
		{name: "what was not asked for stays prose", stand: []nasdesk.Request{adaLacks("mobile")}, heard: inProse(gives("mobile=07700900620; alternative_email=ada@example.org")), want: "#1 new-user confirm"},
		{name: "a role may always stand in a sentence", stand: []nasdesk.Request{adaLacks("mobile")}, heard: inProse(gives("mobile=07700900620; role=owner")), want: "#1 " + made},
		{name: "another value, labelled", stand: []nasdesk.Request{adaLacks("role")}, heard: gives("role=owner; mobile=07700900629"), want: "#1 " + made},
		{name: "fields that stood in prose stay prose", stand: []nasdesk.Request{stands(1, "new-user", nasdesk.StateAsking, without(ada, "role"), lacks("role"), func(r *nasdesk.Request) { r.Prose = true })},
			heard: gives("role=owner"), want: "#1 new-user confirm"},
		{name: "another person is not the one that was asked about", stand: []nasdesk.Request{adaLacks("role")}, heard: gives(bob), want: "#1 new-user needs-info missing:role"},
		{name: "the first name alone is the same person", stand: []nasdesk.Request{adaLacks("role")}, heard: gives("full_name=Ada; role=owner"), want: "#1 " + made},
		{name: "nothing that helps: asked again", stand: []nasdesk.Request{adaLacks("role")}, heard: nasdesk.Heard{}, want: "#1 new-user needs-info missing:role", mailed: "question to pharmacy.fzz01"},
		{name: "the same again: asked again", stand: []nasdesk.Request{adaLacks("role")}, heard: gives("full_name=Ada State"), want: "#1 new-user needs-info missing:role"},
		{name: "a yes is no role", stand: []nasdesk.Request{adaLacks("role")}, heard: says(nasdesk.SaysYes), want: "#1 new-user needs-info missing:role"},
		{name: "a day, later than today", stand: []nasdesk.Request{stands(1, "unlink-user", nasdesk.StateConfirming, "nhs_email=mona")}, heard: nasdesk.Heard{Word: nasdesk.SaysYes, Values: []nasdesk.Reading{{Effective: "2026-05-01"}}}, want: "#1 unlink-user confirm"},
		{name: "two were asked for their role: all members", stand: []nasdesk.Request{adaLacks("role"), bobLacks("role")}, heard: gives("role=member"), want: "#1 " + made + "; #2 " + made},
		{name: "two were asked for their mobile, one comes", stand: []nasdesk.Request{adaLacks("mobile"), bobLacks("mobile")}, heard: gives("mobile=07700900620"), want: "#1 new-user needs-info missing:mobile; #2 new-user needs-info missing:mobile"},
		{name: "one of two was asked for a mobile", stand: []nasdesk.Request{adaLacks("role"), bobLacks("mobile")}, heard: gives("mobile=07700900621"), want: "#2 " + made},
		{name: "each by name", stand: []nasdesk.Request{adaLacks("role"), bobLacks("mobile")}, heard: gives("full_name=Bob State; mobile=07700900621", "full_name=Ada State; role=owner"), want: "#1 " + made + "; #2 " + made},
		{name: "one by name, the other is left", stand: []nasdesk.Request{adaLacks("role"), bobLacks("role")}, heard: gives("full_name=Bob State; role=owner"), want: "#2 " + made},
		{name: "by alternative address", stand: []nasdesk.Request{adaLacks("role"), bobLacks("role")}, heard: gives("alternative_email=BOB@example.com; role=owner"), want: "#2 " + made},

		{name: "of two, by the first name", stand: []nasdesk.Request{adaLacks("role"), bobLacks("role")}, heard: gives("full_name=Bob; role=owner"), want: "#2 " + made},
		{name: "two names in the answer", stand: []nasdesk.Request{adaLacks("role")}, heard: gives("full_name=?; role=owner"), want: "#1 new-user needs-info ambiguous:full_name"},
		{name: "a name beside the address that was asked for", stand: []nasdesk.Request{stands(1, "unlink-user", nasdesk.StateAsking, "", lacks("nhs_email"))}, heard: gives("full_name=Mona State; nhs_email=mona"), want: "#1 unlink-user accepted unlink-member"},
		{name: "a wish without a value beside the answer is part of it", stand: []nasdesk.Request{adaLacks("role")}, heard: nasdesk.Heard{Values: gives("role=member").Values, Readings: asks("unlink-user", "").Readings}, want: "#1 " + made},
		{name: "the answer read as a request of another kind", stand: []nasdesk.Request{stands(1, "unlink-user", nasdesk.StateAsking, "", lacks("nhs_email"))}, heard: nasdesk.Heard{Values: gives("nhs_email=mona").Values, Readings: asks("leaver", "nhs_email=mona").Readings}, want: "#1 unlink-user accepted unlink-member"},
		{name: "the answer read as a request of the same kind", stand: []nasdesk.Request{adaLacks("role")}, heard: nasdesk.Heard{Values: gives("role=member").Values, Readings: asks("new-user", "role=member").Readings}, want: "#1 " + made},
		{name: "another request that shares the role alone", stand: []nasdesk.Request{adaLacks("role")}, heard: nasdesk.Heard{Values: gives("role=member").Values, Readings: asks("link-user", "full_name=Mona State; nhs_email=mona; mobile=mona; role=member").Readings}, want: "#1 " + made + "; new link-user refused already-linked"},
		{name: "who was not asked makes a request of its own in the thread", from: "fzz02", stand: []nasdesk.Request{adaLacks("role")}, heard: asks("unlink-user", "nhs_email=nils"), want: "new unknown exception not-understood"},
		{name: "YES, with what was read said again", stand: []nasdesk.Request{adaRead}, heard: inProse(nasdesk.Heard{Word: nasdesk.SaysYes, Values: []nasdesk.Reading{value(ada)}}), want: "#1 " + made},
		{name: "YES, with the first name", stand: []nasdesk.Request{adaRead}, heard: inProse(nasdesk.Heard{Word: nasdesk.SaysYes, Values: []nasdesk.Reading{value("full_name=Ada")}}), want: "#1 " + made},
		{name: "YES, with the day that was read", stand: []nasdesk.Request{stands(1, "unlink-user", nasdesk.StateConfirming, "nhs_email=mona", from("2026-05-01"))}, heard: nasdesk.Heard{Word: nasdesk.SaysYes, Values: []nasdesk.Reading{{Effective: "2026-05-01"}}}, want: "#1 unlink-user accepted unlink-member"},
		{name: "YES, with the account and no day", stand: []nasdesk.Request{stands(1, "unlink-user", nasdesk.StateConfirming, "nhs_email=mona", from("2026-05-01"))}, heard: inProse(nasdesk.Heard{Word: nasdesk.SaysYes, Values: []nasdesk.Reading{value("nhs_email=mona")}}), want: "#1 unlink-user accepted unlink-member"},
		{name: "YES to one by the local part of an address", stand: []nasdesk.Request{adaRead, stands(2, "new-user", nasdesk.StateConfirming, strings.Replace(bob, "bob@", "kit@", 1))}, heard: says(nasdesk.SaysYes, "kit"), want: "#2 " + made},
		{name: "YES to one by the surname in an address", stand: []nasdesk.Request{stands(1, "unlink-user", nasdesk.StateConfirming, "nhs_email=mona")}, heard: says(nasdesk.SaysYes, "state"), want: "#1 unlink-user accepted unlink-member"},
		{name: "YES to one by two of three names", stand: []nasdesk.Request{adaRead, stands(2, "new-user", nasdesk.StateConfirming, strings.Replace(bob, "Bob State", "Bob Lee State", 1))}, heard: says(nasdesk.SaysYes, "bob lee"), want: "#2 " + made},
		{name: "NO, with nothing read beside it", stand: []nasdesk.Request{adaRead}, heard: nasdesk.Heard{Word: nasdesk.SaysNo, Values: []nasdesk.Reading{{}}}, want: "#1 new-user refused declined"},
		{name: "YES confirms", stand: []nasdesk.Request{adaRead}, heard: says(nasdesk.SaysYes), want: "#1 " + made},
		{name: "one YES confirms all", stand: []nasdesk.Request{adaRead, bobRead}, heard: says(nasdesk.SaysYes), want: "#1 " + made + "; #2 " + made},
		{name: "YES to one", stand: []nasdesk.Request{adaRead, bobRead}, heard: says(nasdesk.SaysYes, "bob"), want: "#2 " + made},
		{name: "YES to one by its reference", stand: []nasdesk.Request{adaRead, bobRead}, heard: says(nasdesk.SaysYes, "nas-00000002"), want: "#2 " + made},
		{name: "YES to one by its address", stand: []nasdesk.Request{adaRead, bobRead}, heard: says(nasdesk.SaysYes, "bob@example.com"), want: "#2 " + made},
		{name: "YES to nobody that was asked about", stand: []nasdesk.Request{adaRead}, heard: says(nasdesk.SaysYes, "carl"), want: "#1 new-user confirm"},
		{name: "YES, and the other still lacks something", stand: []nasdesk.Request{adaRead, bobLacks("role")}, heard: says(nasdesk.SaysYes), want: "#1 " + made},
		{name: "YES, and what the other lacked", stand: []nasdesk.Request{adaRead, bobLacks("role")}, heard: nasdesk.Heard{Word: nasdesk.SaysYes, Values: []nasdesk.Reading{value("full_name=Bob State; role=owner")}}, want: "#2 " + made + "; #1 " + made},
		{name: "what the other lacked, without a YES", stand: []nasdesk.Request{adaRead, bobLacks("role")}, heard: gives("full_name=Bob State; role=owner"), want: "#2 " + made},
		{name: "YES with a changed value is read again", stand: []nasdesk.Request{adaRead}, heard: inProse(nasdesk.Heard{Word: nasdesk.SaysYes, Values: []nasdesk.Reading{value("mobile=07700900629")}}), want: "#1 new-user confirm"},
		{name: "NO ends it", stand: []nasdesk.Request{adaRead}, heard: says(nasdesk.SaysNo), want: "#1 new-user refused declined"},
		{name: "NO ends all", stand: []nasdesk.Request{adaRead, bobRead}, heard: says(nasdesk.SaysNo), want: "#1 new-user refused declined; #2 new-user refused declined"},
		{name: "NO to one", stand: []nasdesk.Request{adaRead, bobRead}, heard: says(nasdesk.SaysNo, "ada"), want: "#1 new-user refused declined"},
		{name: "the missing field, and the same for somebody else", stand: []nasdesk.Request{adaLacks("role")}, heard: nasdesk.Heard{Values: []nasdesk.Reading{value("role=owner")}, Readings: asks("new-user", bob).Readings}, want: "#1 " + made + "; new " + made},
		{name: "YES, and the same for somebody else", stand: []nasdesk.Request{adaRead}, heard: nasdesk.Heard{Word: nasdesk.SaysYes, Readings: asks("new-user", bob).Readings}, want: "#1 " + made + "; new " + made},
		{name: "YES, with the request said again", stand: []nasdesk.Request{adaRead}, heard: nasdesk.Heard{Word: nasdesk.SaysYes, Readings: asks("new-user", "full_name=Ada State").Readings}, want: "#1 " + made},
		{name: "a missing name is not somebody else", stand: []nasdesk.Request{adaLacks("full_name")}, heard: nasdesk.Heard{Values: []nasdesk.Reading{value("full_name=Ada State")}, Readings: asks("new-user", "full_name=Ada State").Readings}, want: "#1 " + made},
		{name: "NO to nobody that was asked about: it is asked again", stand: []nasdesk.Request{adaRead}, heard: says(nasdesk.SaysNo, "carl"), want: "#1 new-user confirm"},
		{name: "NO, but so", stand: []nasdesk.Request{adaRead}, heard: nasdesk.Heard{Word: nasdesk.SaysNo, Values: []nasdesk.Reading{value("mobile=07700900629")}}, want: "#1 new-user confirm"},
		{name: "it is taken back while a field is missing", stand: []nasdesk.Request{adaLacks("role")}, heard: says(nasdesk.SaysWithdraw), want: "#1 new-user refused declined"},
		{name: "it is taken back whatever values stand there", stand: []nasdesk.Request{adaLacks("role")}, heard: nasdesk.Heard{Word: nasdesk.SaysWithdraw, Values: []nasdesk.Reading{value("role=owner")}}, want: "#1 new-user refused declined"},
		{name: "it asks how it stands", stand: []nasdesk.Request{adaLacks("role")}, heard: nasdesk.Heard{AsksStatus: true}, want: "new status accepted"},
		{name: "it asks for something else", stand: []nasdesk.Request{adaLacks("role")}, heard: asks("unlink-user", "nhs_email=mona"), want: "new unlink-user accepted unlink-member"},
		{name: "NO, and something else instead", stand: []nasdesk.Request{adaRead}, heard: nasdesk.Heard{Word: nasdesk.SaysNo, Readings: asks("unlink-user", "nhs_email=mona").Readings}, want: "#1 new-user refused declined; new unlink-user accepted unlink-member"},
		{name: "who was not asked: another pharmacy", from: "fzz02", stand: []nasdesk.Request{adaLacks("role")}, heard: gives("role=owner"), want: "new unknown exception not-understood"},
		{name: "who was not asked: the owner from home", from: "olga", stand: []nasdesk.Request{adaLacks("role")}, heard: gives("role=owner"), want: "new unknown exception not-understood"},
		{name: "who was not asked, in a closed thread: a request of its own", from: "fzz02", stand: []nasdesk.Request{stands(1, "new-user", nasdesk.StateDone, ada)}, heard: asks("unlink-user", "nhs_email=nils"), want: "new unlink-user accepted unlink-member"},
	})
}

// Contract, rules 5, 12 and 16: another party is asked, and answers.
func TestOtherParties(t *testing.T) {
	adaWaits := stands(1, "new-user", nasdesk.StateSeeking, ada)
	bobWaits := stands(2, "new-user", nasdesk.StateSeeking, bob)
	full := []fact{ten}
	consent := stands(1, "consolidation", nasdesk.StateSeeking, "closing_ods=FZZ02; continuing_ods=FZZ01; movers=nils", func(r *nasdesk.Request) {
		r.From, r.Seeks, r.Reasons = addressOf("fzz02"), nasdesk.MailboxConsent, []nasdesk.Reason{nasdesk.MailboxConsent}
	})
	extra := func(count string) nasdesk.Request {
		return stands(1, "extra-accounts", nasdesk.StateSeeking, "count="+count+"; business_case=two sites")
	}
	const made = "new-user accepted create-account link-member"
	r := string(region)
	turns(t, []turn{
		{name: "the region approves", from: r, facts: full, stand: []nasdesk.Request{adaWaits}, heard: says(nasdesk.SaysYes), want: "#1 " + made, mailed: "confirmation to pharmacy.fzz01"},
		{name: "one approval settles all of the message", from: r, facts: full, stand: []nasdesk.Request{adaWaits, bobWaits}, heard: says(nasdesk.SaysYes), want: "#1 " + made + "; #2 " + made},
		{name: "also those of another thread of that message", from: r, facts: full, stand: []nasdesk.Request{adaWaits, stands(2, "new-user", nasdesk.StateSeeking, bob, func(r *nasdesk.Request) { r.Thread = nil })}, heard: says(nasdesk.SaysYes), want: "#1 " + made + "; #2 " + made},
		{name: "not those of another message", from: r, facts: full, stand: []nasdesk.Request{adaWaits, stands(2, "new-user", nasdesk.StateSeeking, bob, of("mail/9"), func(r *nasdesk.Request) { r.Thread = nil })}, heard: says(nasdesk.SaysYes), want: "#1 " + made},
		{name: "not those that wait for somebody else", from: r, facts: full, stand: []nasdesk.Request{adaWaits, stands(2, "new-user", nasdesk.StateSeeking, bob, func(r *nasdesk.Request) { r.From, r.Thread = "england.other@nhs.net", nil })}, heard: says(nasdesk.SaysYes), want: "#1 " + made},
		{name: "not those that wait no more", from: r, facts: full, stand: []nasdesk.Request{adaWaits, stands(2, "new-user", nasdesk.StateDone, bob, func(r *nasdesk.Request) { r.From, r.Seeks, r.Thread = region, nasdesk.RegionalApproval, nil })}, heard: says(nasdesk.SaysYes), want: "#1 " + made},
		{name: "the region approves one", from: r, facts: full, stand: []nasdesk.Request{adaWaits, bobWaits}, heard: says(nasdesk.SaysYes, "bob"), want: "#2 " + made},
		{name: "the region declines", from: r, facts: full, stand: []nasdesk.Request{adaWaits, bobWaits}, heard: says(nasdesk.SaysNo), want: "#1 new-user refused declined; #2 new-user refused declined", mailed: "refusal to pharmacy.fzz01"},
		{name: "the region takes it back", from: r, facts: full, stand: []nasdesk.Request{adaWaits}, heard: says(nasdesk.SaysWithdraw), want: "#1 new-user refused declined"},
		{name: "the region approves somebody that nobody asked for", from: r, facts: full, stand: []nasdesk.Request{adaWaits}, heard: says(nasdesk.SaysYes, "carl"), want: "#1 new-user awaiting regional-approval"},
		{name: "the region declines somebody that nobody asked for", from: r, facts: full, stand: []nasdesk.Request{adaWaits}, heard: says(nasdesk.SaysNo, "carl"), want: "#1 new-user awaiting regional-approval"},
		{name: "the region says something else: no reply", from: r, facts: full, stand: []nasdesk.Request{adaWaits}, heard: nasdesk.Heard{}, want: "#1 new-user awaiting regional-approval"},
		{name: "the region cannot ask for anything", from: r, facts: full, stand: []nasdesk.Request{adaWaits}, heard: asks("unlink-user", "nhs_email=mona"), want: "#1 new-user awaiting regional-approval"},
		{name: "what is approved still has to be right", from: r, facts: []fact{ten, func(c *nasdesk.Case) { c.Account(addressOf("nina")).Mobile = "07700900620" }}, stand: []nasdesk.Request{adaWaits}, heard: says(nasdesk.SaysYes), want: "#1 new-user exception duplicate-person"},
		{name: "the pharmacy writes meanwhile", facts: full, stand: []nasdesk.Request{adaWaits}, heard: asks("unlink-user", "nhs_email=mona"), want: "new unlink-user accepted unlink-member"},
		{name: "the pharmacy takes it back meanwhile", facts: full, stand: []nasdesk.Request{adaWaits}, heard: says(nasdesk.SaysWithdraw), want: "#1 new-user refused declined"},
		{name: "the pharmacy says NO meanwhile", facts: full, stand: []nasdesk.Request{adaWaits}, heard: says(nasdesk.SaysNo), want: "#1 new-user refused declined"},
		{name: "the pharmacy's yes is no approval", facts: full, stand: []nasdesk.Request{adaWaits}, heard: says(nasdesk.SaysYes), want: "new unknown exception not-understood"},
		{name: "the pharmacy asks how it stands", facts: full, stand: []nasdesk.Request{adaWaits}, heard: nasdesk.Heard{AsksStatus: true}, want: "new status accepted"},

		{name: "the other mailbox agrees", from: "fzz02", stand: []nasdesk.Request{consent}, heard: says(nasdesk.SaysYes), want: "#1 consolidation accepted link-member close-mailbox", mailed: "confirmation to pharmacy.fzz01, confirmation to pharmacy.fzz02"},
		{name: "the other mailbox declines", from: "fzz02", stand: []nasdesk.Request{consent}, heard: says(nasdesk.SaysNo), want: "#1 consolidation refused declined"},
		{name: "the other mailbox asks for something of its own", from: "fzz02", stand: []nasdesk.Request{consent}, heard: asks("unlink-user", "nhs_email=nils"), want: "new unlink-user accepted unlink-member"},
		{name: "the other mailbox's owner from home is not the mailbox", from: "nina", stand: []nasdesk.Request{consent}, heard: says(nasdesk.SaysYes), want: "new unknown exception not-understood"},

		{name: "accounts in all", from: r, stand: []nasdesk.Request{extra("14")}, heard: says(nasdesk.SaysYes), want: "#1 extra-accounts accepted"},
	})
}

// Contract, rules 5 and 15: for how many accounts an approval goes on record.
func TestApprovalOnRecord(t *testing.T) {
	yes := says(nasdesk.SaysYes)
	extra := func(count string) []nasdesk.Request {
		return []nasdesk.Request{stands(1, "extra-accounts", nasdesk.StateSeeking, "count="+count+"; business_case=two sites")}
	}
	merge := []nasdesk.Request{stands(1, "consolidation", nasdesk.StateSeeking, "closing_ods=FZZ02; continuing_ods=FZZ01; owners=nina; movers=nils", party("fzz02"), func(r *nasdesk.Request) { r.Mailbox, r.From = addressOf("fzz02"), region })}
	for _, a := range []struct {
		name  string
		facts []fact
		stand []nasdesk.Request
		want  int
	}{
		{"one more than ten", []fact{ten}, []nasdesk.Request{stands(1, "new-user", nasdesk.StateSeeking, ada)}, 11},
		{"two more than ten", []fact{ten}, []nasdesk.Request{stands(1, "new-user", nasdesk.StateSeeking, ada), stands(2, "new-user", nasdesk.StateSeeking, bob)}, 12},
		{"fourteen in all", nil, extra("14"), 14},
		{"four more", nil, extra("4"), 14},
		{"ten more", nil, extra("10"), 20},
		{"four more than are approved", []fact{approval("fzz01", 12)}, extra("4"), 16},
		{"a consolidation, for the mailbox that goes on", []fact{ten}, merge, 12},
	} {
		t.Run(a.name, func(t *testing.T) {
			d := turn{from: string(region), facts: a.facts, stand: a.stand, heard: yes}.decide()
			most := 0
			for _, p := range d.Change.Approvals {
				if p.Mailbox != asking || p.ApprovedBy != region || p.ApprovedOn != "2026-04-22" {
					t.Errorf("on record: %+v", p)
				}
				most = max(most, p.Max)
			}
			if most != a.want {
				t.Errorf("approved up to %d, want %d", most, a.want)
			}
		})
	}
	t.Run("a consent is no approval", func(t *testing.T) {
		r := stands(1, "consolidation", nasdesk.StateSeeking, "closing_ods=FZZ02; continuing_ods=FZZ01; movers=nils", func(r *nasdesk.Request) { r.From, r.Seeks = addressOf("fzz02"), nasdesk.MailboxConsent })
		if d := (turn{from: "fzz02", stand: []nasdesk.Request{r}, heard: yes}).decide(); len(d.Change.Approvals) > 0 {
			t.Errorf("on record: %+v", d.Change.Approvals)
		}
	})
}

// Whatever an answer does to a request, a later mail that answers it belongs to
// the thread.
func TestThreadGrows(t *testing.T) {
	read := stands(1, "new-user", nasdesk.StateConfirming, ada)
	for name, heard := range map[string]nasdesk.Heard{"yes": says(nasdesk.SaysYes), "no": says(nasdesk.SaysNo), "withdraw": says(nasdesk.SaysWithdraw), "a value": gives("role=owner"), "nothing": {}} {
		d := turn{stand: []nasdesk.Request{read}, heard: heard}.decide()
		if len(d.Requests) != 1 || !slices.Contains(d.Requests[0].Thread, "theirs@example.org") {
			t.Errorf("%s: the thread is %v", name, d.Requests[0].Thread)
		}
	}
}

// Contract, rules 16 and 17: what is said again, completed, or taken back in a
// new message.
func TestAgain(t *testing.T) {
	const mona = "nhs_email=mona"
	unlink := func(s nasdesk.State, change ...func(*nasdesk.Request)) []nasdesk.Request {
		return []nasdesk.Request{stands(1, "unlink-user", s, mona, change...)}
	}
	asked := []nasdesk.Request{stands(1, "new-user", nasdesk.StateAsking, without(ada, "mobile"), lacks("mobile"))}
	const gone = "unlink-user accepted unlink-member"
	const made = "new-user accepted create-account link-member"
	back := says(nasdesk.SaysWithdraw)
	turns(t, []turn{
		{name: "the same while it is read back", alone: true, stand: unlink(nasdesk.StateConfirming), heard: asks("unlink-user", mona), want: "new status accepted"},
		{name: "the same while it is read back, since yesterday", alone: true, stand: unlink(nasdesk.StateConfirming, yesterday), heard: asks("unlink-user", mona), want: "new status accepted"},
		{name: "the same on the day it was decided", alone: true, stand: unlink(nasdesk.StateRefused), heard: asks("unlink-user", mona), want: "new status accepted"},
		{name: "the same the day after", alone: true, stand: unlink(nasdesk.StateRefused, yesterday), heard: asks("unlink-user", mona), want: "new " + gone},
		{name: "the same from another party", alone: true, stand: unlink(nasdesk.StateRefused, party("fzz02")), heard: asks("unlink-user", mona), want: "new " + gone},
		{name: "another kind with the same values", alone: true, stand: []nasdesk.Request{stands(1, "leaver", nasdesk.StateRefused, mona)}, heard: asks("unlink-user", mona), want: "new " + gone},
		{name: "the same kind with another value", alone: true, stand: []nasdesk.Request{stands(1, "unlink-user", nasdesk.StateRefused, "nhs_email=otto")}, heard: asks("unlink-user", mona), want: "new " + gone},
		{name: "the same in capitals", alone: true, stand: []nasdesk.Request{stands(1, "new-user", nasdesk.StateReferred, ada)}, heard: asks("new-user", strings.Replace(ada, "Ada State", "ADA STATE", 1)), want: "new status accepted"},
		{name: "the same with a value more", alone: true, stand: []nasdesk.Request{stands(1, "enable", nasdesk.StateRefused, "mobile=mona")}, heard: asks("enable", "mobile=mona; nhs_email=mona"), want: "new enable refused nothing-to-do"},
		{name: "the same with a value less", alone: true, stand: []nasdesk.Request{stands(1, "enable", nasdesk.StateRefused, "mobile=mona; nhs_email=mona")}, heard: asks("enable", "mobile=mona"), want: "new enable refused nothing-to-do"},
		{name: "twice in one message is two requests", alone: true, heard: nasdesk.Heard{Readings: append(asks("team", "team_name=FZZ01 a; owner_email=olga").Readings, asks("team", "team_name=FZZ01 a; owner_email=olga").Readings...)},
			want: "new team accepted create-team; new team accepted create-team"},

		{name: "a new message adds what was missing", alone: true, stand: asked, heard: asks("new-user", ada), want: "#1 " + made},
		{name: "a new message adds it, and leaves the rest out", alone: true, stand: asked, heard: asks("new-user", "full_name=Ada State; mobile=07700900620"), want: "#1 " + made},
		{name: "in prose", alone: true, stand: asked, heard: inProse(asks("new-user", "full_name=Ada State; mobile=07700900620")), want: "#1 new-user confirm"},
		{name: "in prose, under labels", alone: true, stand: asked, heard: nasdesk.Heard{Readings: []nasdesk.Reading{{Kind: "new-user", Prose: true, Answers: answersOf(ada)}}}, want: "#1 new-user confirm"},
		{name: "a new message puts right what was wrong", alone: true, stand: []nasdesk.Request{stands(1, "new-user", nasdesk.StateAsking, strings.Replace(ada, "07700900620", "0770090062", 1), func(r *nasdesk.Request) {
			r.Reasons = []nasdesk.Reason{nasdesk.Invalid("mobile")}
		})}, heard: asks("new-user", ada), want: "#1 " + made},
		{name: "a new message adds what was missing, and what may be absent", alone: true, stand: []nasdesk.Request{stands(1, "disable", nasdesk.StateAsking, "mobile=mona", lacks("owner_email"))}, heard: asks("disable", "owner_email=olga; mobile=mona; nhs_email=mona"), want: "#1 disable accepted disable-account"},
		{name: "a wish without a value, and another request", alone: true, heard: nasdesk.Heard{Readings: append(asks("unlink-user", "").Readings, asks("team", "team_name=FZZ01 a; owner_email=olga").Readings...)}, want: "new unlink-user needs-info missing:nhs_email; new team accepted create-team"},
		{name: "how one stands, and something else", alone: true, stand: unlink(nasdesk.StateRefused), heard: nasdesk.Heard{Readings: append(asks("status", "reference=NAS-00000001").Readings, asks("unlink-user", "nhs_email=otto").Readings...)}, want: "new status accepted; new " + gone},
		{name: "still without what was missing", alone: true, stand: asked, heard: asks("new-user", without(ada, "mobile")), want: "#1 new-user needs-info missing:mobile"},
		{name: "the whole of it again, beside an open question for it", alone: true, stand: append(slices.Clone(asked), stands(2, "new-user", nasdesk.StateDone, ada)), heard: asks("new-user", ada), want: "new status accepted"},
		{name: "somebody else of the same role", alone: true, stand: asked, heard: asks("new-user", bob), want: "new " + made},
		{name: "the same role is not the same person", alone: true, stand: asked, heard: asks("new-user", "mobile=07700900620; role=member"), want: "new new-user needs-info missing:full_name missing:alternative_email"},
		{name: "from another party", alone: true, from: "fzz02", stand: asked, heard: asks("new-user", ada), want: "new " + made},
		{name: "another kind", alone: true, stand: []nasdesk.Request{stands(1, "joiner", nasdesk.StateAsking, mona, lacks("mobile"))}, heard: asks("unlink-user", mona), want: "new " + gone},
		{name: "what waits no more is not completed", alone: true, stand: []nasdesk.Request{stands(1, "new-user", nasdesk.StateLapsed, without(ada, "mobile"), lacks("mobile"))}, heard: asks("new-user", ada), want: "new " + made},

		{name: "the latest message is taken back", alone: true, stand: unlink(nasdesk.StateConfirming), heard: back, want: "#1 unlink-user refused declined"},
		{name: "NO outside a thread", alone: true, stand: unlink(nasdesk.StateConfirming), heard: says(nasdesk.SaysNo), want: "#1 unlink-user refused declined"},
		{name: "all of the latest message", alone: true, stand: []nasdesk.Request{stands(1, "unlink-user", nasdesk.StateConfirming, mona), stands(2, "unlink-user", nasdesk.StateConfirming, "nhs_email=otto")}, heard: back,
			want: "#1 unlink-user refused declined; #2 unlink-user refused declined"},
		{name: "of the latest message, one", alone: true, stand: []nasdesk.Request{stands(1, "unlink-user", nasdesk.StateConfirming, mona), stands(2, "unlink-user", nasdesk.StateConfirming, "nhs_email=otto")}, heard: says(nasdesk.SaysWithdraw, "mona"),
			want: "#1 unlink-user refused declined"},
		{name: "not of an earlier message", alone: true, stand: []nasdesk.Request{stands(1, "unlink-user", nasdesk.StateConfirming, mona), stands(2, "unlink-user", nasdesk.StateConfirming, "nhs_email=otto", of("mail/9"))}, heard: back,
			want: "#2 unlink-user refused declined"},
		{name: "not of yesterday's", alone: true, stand: unlink(nasdesk.StateConfirming, yesterday), heard: back, want: "new unknown exception not-understood"},
		{name: "not another party's", alone: true, stand: unlink(nasdesk.StateConfirming, party("fzz02")), heard: back, want: "new unknown exception not-understood"},
		{name: "what was accepted goes to staff", alone: true, stand: unlink(nasdesk.StateDoing), heard: back, want: "new unlink-user exception conflict"},
		{name: "what was refused cannot be taken back", alone: true, stand: unlink(nasdesk.StateRefused), heard: back, want: "new unknown exception not-understood"},
		{name: "a question of status cannot be taken back", alone: true, stand: []nasdesk.Request{stands(1, "status", nasdesk.StateDone, "reference=NAS-00000009")}, heard: back, want: "new unknown exception not-understood"},
		{name: "taken back, and something else instead", alone: true, stand: unlink(nasdesk.StateConfirming), heard: nasdesk.Heard{Word: nasdesk.SaysWithdraw, Readings: asks("team", "team_name=FZZ01 a; owner_email=olga").Readings},
			want: "#1 unlink-user refused declined; new team accepted create-team"},
		{name: "NO, with a request, takes nothing back", alone: true, stand: unlink(nasdesk.StateConfirming), heard: nasdesk.Heard{Word: nasdesk.SaysNo, Readings: asks("team", "team_name=FZZ01 a; owner_email=olga").Readings}, want: "new team accepted create-team"},
		{name: "after acceptance, in its thread", stand: unlink(nasdesk.StateDone), heard: back, want: "new unlink-user exception conflict"},
		{name: "thanks, in a closed thread", stand: unlink(nasdesk.StateDone), heard: nasdesk.Heard{}, want: "new unknown exception not-understood"},
		{name: "a new request in a closed thread", stand: unlink(nasdesk.StateDone), heard: asks("unlink-user", "nhs_email=otto"), want: "new " + gone},
		{name: "how a closed one stands", stand: unlink(nasdesk.StateDone), heard: nasdesk.Heard{AsksStatus: true}, want: "new status accepted"},
	})
}

// What an answer makes of the name and the day that stand there, and that the
// thread goes on with it.
func TestAnswerMerged(t *testing.T) {
	read := func(s nasdesk.State, answers string, change ...func(*nasdesk.Request)) []nasdesk.Request {
		return []nasdesk.Request{stands(1, "link-user", s, answers, change...)}
	}
	const mona = "full_name=Mona Ann State; nhs_email=nina; mobile=nina; role=member"
	for _, m := range []struct {
		name  string
		stand []nasdesk.Request
		heard nasdesk.Heard
		field string
		want  string
	}{
		{"a shorter form of the name changes nothing", read(nasdesk.StateAsking, without(mona, "role"), lacks("role")), gives("full_name=Mona; role=member"), "full_name", "Mona Ann State"},
		{"the shorter form that was asked for counts", read(nasdesk.StateAsking, mona, func(r *nasdesk.Request) {
			r.Reasons = []nasdesk.Reason{nasdesk.Invalid("full_name")}
		}), gives("full_name=Mona State"), "full_name", "Mona State"},
		{"another name while it is read back", read(nasdesk.StateConfirming, mona), gives("full_name=Mo Li"), "full_name", "Mo Li"},
		{"the day stays when a field comes", read(nasdesk.StateAsking, without(mona, "role"), lacks("role"), from("2026-05-01")), gives("role=member"), "effective_date", "2026-05-01"},
		{"another day", read(nasdesk.StateAsking, without(mona, "role"), lacks("role"), from("2026-05-01")), nasdesk.Heard{Values: []nasdesk.Reading{{Answers: answersOf("role=member"), Effective: "2026-05-04"}}}, "effective_date", "2026-05-04"},
	} {
		t.Run(m.name, func(t *testing.T) {
			d := turn{stand: m.stand, heard: m.heard}.decide()
			if got := d.Results[0].Fields[m.field]; got != m.want {
				t.Errorf("%s is %v, want %s: %s", m.field, got, m.want, turned(d))
			}
			if th := d.Requests[0].Thread; len(th) < 2 || th[0] != "ours@example.org" || th[1] != "theirs@example.org" {
				t.Errorf("the thread is %q", th)
			}
		})
	}
}
