package workflows_test

import (
	"testing"

	"nasdesk"
	"nasdesk/workflows"
)

// A message that asks to unlink mona, and may be much else besides.
func plainMail(change func(*nasdesk.MailEvent, *nasdesk.Case)) (nasdesk.Event, *nasdesk.Case) {
	c := theDesk(nil)
	m := &nasdesk.MailEvent{Message: &nasdesk.Message{ID: "one@example.org", Digest: "d1", Subject: "Removal"},
		Proof: nasdesk.Proof{From: asking, Sender: nasdesk.Vouch(asking)},
		Heard: nasdesk.Heard{Readings: []nasdesk.Reading{{Kind: "unlink-user", Answers: answersOf("nhs_email=mona")}}}}
	change(m, c)
	return nasdesk.Event{Key: "mail/1", At: noon, Mail: m}, c
}

// Contract, rule 0: the order of judging, and where the message is put.
func TestOrder(t *testing.T) {
	type change = func(*nasdesk.MailEvent, *nasdesk.Case)
	both := func(fs ...change) change {
		return func(m *nasdesk.MailEvent, c *nasdesk.Case) {
			for _, f := range fs {
				f(m, c)
			}
		}
	}
	automatic := func(m *nasdesk.MailEvent, _ *nasdesk.Case) { m.Message.Automatic = nasdesk.Bounce }
	unproved := func(m *nasdesk.MailEvent, _ *nasdesk.Case) {
		m.Proof = nasdesk.Proof{From: asking, Reason: nasdesk.SenderUnverified}
	}
	onBehalf := func(who string) change {
		return func(m *nasdesk.MailEvent, _ *nasdesk.Case) { m.Proof.OnBehalf = addressOf(who) }
	}
	seen := func(s nasdesk.Seen) change {
		return func(_ *nasdesk.MailEvent, c *nasdesk.Case) { c.Messages = append(c.Messages, s) }
	}
	again, changed := seen(nasdesk.Seen{Sender: asking, ID: "one@example.org", Digest: "d1"}), seen(nasdesk.Seen{Sender: asking, ID: "one@example.org", Digest: "d2"})
	replyTo := func(m *nasdesk.MailEvent, _ *nasdesk.Case) { m.Proof.ReplyTo = "shop@example.com" }
	foreign := func(m *nasdesk.MailEvent, _ *nasdesk.Case) { m.Heard.Foreign = true }
	silent := func(m *nasdesk.MailEvent, _ *nasdesk.Case) { m.Heard = nasdesk.Heard{} }
	from := func(a nasdesk.Address) change {
		return func(m *nasdesk.MailEvent, _ *nasdesk.Case) {
			m.Proof = nasdesk.Proof{From: a, Sender: nasdesk.Vouch(a)}
		}
	}
	found := func(code string) change {
		return func(m *nasdesk.MailEvent, _ *nasdesk.Case) {
			m.Message.Findings = append(m.Message.Findings, nasdesk.Finding{Code: code})
		}
	}
	damaged, differ := found(nasdesk.FoundDamaged), found(nasdesk.FoundDiffer)
	noID := func(m *nasdesk.MailEvent, _ *nasdesk.Case) { m.Message.ID = "" }
	for _, o := range []struct {
		name   string
		change change
		want   string
		folder nasdesk.Folder
	}{
		{"nothing in the way", both(), "accepted unlink-member", nasdesk.FolderProcessed},
		{"automatic mail is ignored", automatic, "as none ignored bounce", nasdesk.FolderIgnored},
		{"automatic comes before the sender", both(unproved, automatic), "as none ignored bounce", nasdesk.FolderIgnored},
		{"nobody vouches for the sender", unproved, "as unverified quarantined sender-unverified", nasdesk.FolderQuarantined},
		{"the sender comes before a duplicate", both(unproved, again), "as unverified quarantined sender-unverified", nasdesk.FolderQuarantined},
		{"on behalf, linked", onBehalf("mona"), "accepted unlink-member", nasdesk.FolderProcessed},
		{"on behalf, not linked", onBehalf("nina"), "as unverified quarantined sender-ambiguous", nasdesk.FolderQuarantined},
		{"on behalf, unknown", onBehalf("dora"), "as unverified quarantined sender-ambiguous", nasdesk.FolderQuarantined},
		{"on behalf, disabled", both(onBehalf("mona"), func(_ *nasdesk.MailEvent, c *nasdesk.Case) { become("mona", nasdesk.Disabled, "2026-04-01")(c) }), "as unverified quarantined sender-ambiguous", nasdesk.FolderQuarantined},
		{"on behalf of no mailbox", both(from("shop@example.com"), onBehalf("mona")), "as unverified quarantined sender-ambiguous", nasdesk.FolderQuarantined},
		{"the same again", again, "as none ignored duplicate-message", nasdesk.FolderIgnored},
		{"the same again without an id", both(noID, seen(nasdesk.Seen{Sender: asking, Digest: "d1"})), "as none ignored duplicate-message", nasdesk.FolderIgnored},
		{"a duplicate comes before Reply-To", both(again, replyTo), "as none ignored duplicate-message", nasdesk.FolderIgnored},
		{"the same id of another sender", seen(nasdesk.Seen{Sender: "pharmacy.fzz02@nhs.net", ID: "one@example.org", Digest: "d1"}), "accepted unlink-member", nasdesk.FolderProcessed},
		{"the same content under another id", seen(nasdesk.Seen{Sender: asking, ID: "two@example.org", Digest: "d1"}), "accepted unlink-member", nasdesk.FolderProcessed},
		{"the id used for something else", changed, "exception conflict", nasdesk.FolderExceptions},
		{"the id used for something else by another", seen(nasdesk.Seen{Sender: "pharmacy.fzz02@nhs.net", ID: "one@example.org", Digest: "d2"}), "accepted unlink-member", nasdesk.FolderProcessed},
		{"no id is not the same id", both(noID, seen(nasdesk.Seen{Sender: asking, Digest: "d2"})), "accepted unlink-member", nasdesk.FolderProcessed},
		{"no text", both(silent, found(nasdesk.FoundNoText)), "as unknown exception unreadable", nasdesk.FolderExceptions},
		{"over a limit", both(silent, found(nasdesk.FoundOverLimit)), "as unknown exception unreadable", nasdesk.FolderExceptions},
		{"part of the text is lost", damaged, "exception unreadable", nasdesk.FolderExceptions},
		{"plain text and HTML ask for different things", differ, "exception conflict", nasdesk.FolderExceptions},
		{"answers elsewhere", replyTo, "exception reply-to-differs", nasdesk.FolderExceptions},
		{"answers elsewhere, and asks for nothing", both(replyTo, silent), "as unknown exception reply-to-differs", nasdesk.FolderExceptions},
		{"a letter of another alphabet", foreign, "exception conflict", nasdesk.FolderExceptions},
		{"a letter of another alphabet, and asks for nothing", both(foreign, silent), "as unknown exception not-understood", nasdesk.FolderExceptions},
		{"not understood", silent, "as unknown exception not-understood", nasdesk.FolderExceptions},
	} {
		t.Run(o.name, func(t *testing.T) {
			ev, c := plainMail(o.change)
			d := workflows.DefaultDesk.Step(ev, c)
			if got := judged("unlink-user", d); got != o.want {
				t.Errorf("got  %s\nwant %s", got, o.want)
			}
			if d.Folder != o.folder {
				t.Errorf("put into %s, want %s", d.Folder, o.folder)
			}
		})
	}
}

// Contract, rule 1: what nobody understood is acknowledged within nhs.net and to
// registered parties alone.
func TestAcknowledged(t *testing.T) {
	for _, a := range []struct {
		name string
		from nasdesk.Address
		fact fact
		want string
	}{
		{"a mailbox", asking, nil, "acknowledgement to fzz01"},
		{"an account", addressOf("mona"), nil, "acknowledgement to mona"},
		{"nhs.net, unknown", "somebody@nhs.net", nil, "acknowledgement to somebody"},
		{"a region elsewhere", "pods@example.org", mailbox("fzz01", func(m *nasdesk.Mailbox) { m.Region = "pods@example.org" }), "acknowledgement to pods@example.org"},
		{"a mailbox elsewhere", "shop@example.org", func(c *nasdesk.Case) {
			c.Mailboxes = append(c.Mailboxes, nasdesk.Mailbox{Address: "shop@example.org", ODS: "FZZ08"})
		}, "acknowledgement to shop@example.org"},
		{"an account elsewhere", "ada@example.org", account("ada@example.org", nasdesk.Active, "2024-01-01"), "acknowledgement to ada@example.org"},
		{"nobody", "shop@example.com", nil, ""},
	} {
		t.Run(a.name, func(t *testing.T) {
			ev, c := plainMail(func(m *nasdesk.MailEvent, c *nasdesk.Case) {
				m.Proof, m.Heard = nasdesk.Proof{From: a.from, Sender: nasdesk.Vouch(a.from)}, nasdesk.Heard{}
				if a.fact != nil {
					a.fact(c)
				}
			})
			d := workflows.DefaultDesk.Step(ev, c)
			want := "referred"
			if a.want != "" {
				want += ", " + a.want
			}
			if got := followed(d); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// Contract, rule 16 and the lifecycle: the state, the dates and the mail that
// follow each verdict.
func TestStatesFollowVerdicts(t *testing.T) {
	for _, v := range []struct {
		name  string
		heard nasdesk.Heard
		facts []fact
		want  string
	}{
		{"accepted, with work", asks("unlink-user", "nhs_email=mona"), nil, "doing, unlinked mona fzz01, confirmation to fzz01"},
		{"waiting for the other mailbox", asks("consolidation", "closing_ods=FZZ02; continuing_ods=FZZ01"), nil, "seeking, confirmation to fzz01, consent-request to fzz02"},
		{"accepted for a day to come", nasdesk.Heard{Readings: []nasdesk.Reading{{Kind: "unlink-user", Answers: answersOf("nhs_email=mona"), Effective: "2026-05-01"}}}, nil, "dated, effective 2026-05-01, confirmation to fzz01"},
		{"asked back", asks("unlink-user", ""), nil, "asking, remind 2026-04-29, question to fzz01"},
		{"asked back, for a day to come", nasdesk.Heard{Readings: []nasdesk.Reading{{Kind: "enable", Answers: answersOf("nhs_email=mona"), Effective: "2026-05-01"}}}, nil, "asking, remind 2026-04-29, question to fzz01"},
		{"read back", inProse(asks("unlink-user", "nhs_email=mona")), nil, "confirming, remind 2026-04-29, question to fzz01"},
		{"refused", asks("unlink-user", "nhs_email=nina"), nil, "refused, refusal to fzz01"},
		{"waiting for the region", asks("new-user", ada), []fact{ten}, "seeking, confirmation to fzz01, approval-request to england.stateside-pods"},
		{"for staff", asks("unlink-user", "nhs_email=dora"), nil, "referred, acknowledgement to fzz01"},
		{"a question of status", asks("status", "reference=NAS-00000001"), []fact{func(c *nasdesk.Case) {
			c.Requests = []nasdesk.Request{stands(1, "unlink-user", nasdesk.StateRefused, "nhs_email=mona")}
		}}, "done, confirmation to fzz01"},
	} {
		t.Run(v.name, func(t *testing.T) {
			ev, c := plainMail(func(m *nasdesk.MailEvent, c *nasdesk.Case) {
				m.Heard = v.heard
				for _, f := range v.facts {
					f(c)
				}
			})
			if got := followed(workflows.DefaultDesk.Step(ev, c)); got != v.want {
				t.Errorf("got  %s\nwant %s", got, v.want)
			}
		})
	}
	t.Run("declined", func(t *testing.T) {
		d := turn{stand: []nasdesk.Request{stands(1, "unlink-user", nasdesk.StateConfirming, "nhs_email=mona")}, heard: says(nasdesk.SaysNo)}.decide()
		if got := followed(d); got != "withdrawn, refusal to fzz01" {
			t.Errorf("got  %s", got)
		}
	})
	t.Run("the day passed while the region was asked", func(t *testing.T) {
		r := stands(1, "joiner", nasdesk.StateSeeking, "nhs_email=dora; mobile=dora", func(r *nasdesk.Request) { r.Effective = "2026-04-22" })
		d := turn{from: string(region), facts: []fact{ten, account("dora", nasdesk.Leaver, "2026-04-10")}, stand: []nasdesk.Request{r}, heard: says(nasdesk.SaysYes)}.decide()
		if len(d.Dates) > 0 || worked(d) != "mark-joiner dora; link-member fzz01 dora member" {
			t.Errorf("work %s, dates %v", worked(d), d.Dates)
		}
	})
}

// The mailbox on whose behalf somebody writes who is not understood: the one
// that the account is linked to, if it is one.
func TestMailboxOfTheUnknown(t *testing.T) {
	for _, u := range []struct {
		name string
		from nasdesk.Address
		want nasdesk.Address
	}{
		{"in one", addressOf("nils"), addressOf("fzz02")}, {"in two", addressOf("mona"), ""}, {"the mailbox", asking, asking}, {"nobody", "shop@example.com", ""},
	} {
		t.Run(u.name, func(t *testing.T) {
			ev, c := plainMail(func(m *nasdesk.MailEvent, _ *nasdesk.Case) {
				m.Proof, m.Heard = nasdesk.Proof{From: u.from, Sender: nasdesk.Vouch(u.from)}, nasdesk.Heard{}
			})
			if d := workflows.DefaultDesk.Step(ev, c); d.Sender.Mailbox != u.want || d.Requests[0].Mailbox != u.want {
				t.Errorf("printed %q, kept %q, want %q", d.Sender.Mailbox, d.Requests[0].Mailbox, u.want)
			}
		})
	}
}

// Contract, normal forms: a mailbox given by its code is written out.
func TestMailboxWrittenOut(t *testing.T) {
	for _, w := range []struct{ name, kind, answers, field, want string }{
		{"a code on record", "application-account", "mailbox=FZZ02; purpose=robot", "mailbox", "pharmacy.fzz02@nhs.net"},
		{"in small letters", "lost-details", "full_name=Ada State; ods_code=FZZ02; mailbox=fzz02", "mailbox", "pharmacy.fzz02@nhs.net"},
		{"a code that nobody has", "lost-details", "full_name=Ada State; ods_code=FQQ99; mailbox=FQQ99", "mailbox", "pharmacy.fqq99@nhs.net"},
		{"no code of a pharmacy", "lost-details", "full_name=Ada State; ods_code=FZZ02; mailbox=V20417", "mailbox", "V20417"},
		{"a word", "lost-details", "full_name=Ada State; ods_code=FZZ02; mailbox=the shop's", "mailbox", "the shop's"},
		{"a code of another sector, on record", "application-account", "mailbox=TN4K1; purpose=robot", "mailbox", "optom.tn4k1@nhs.net"},
		{"an address", "application-account", "mailbox=orders@nhs.net; purpose=robot", "mailbox", "orders@nhs.net"},
	} {
		t.Run(w.name, func(t *testing.T) {
			d := turn{alone: true, heard: asks(w.kind, w.answers), facts: []fact{func(c *nasdesk.Case) {
				c.Mailboxes = append(c.Mailboxes, nasdesk.Mailbox{Address: "optom.tn4k1@nhs.net", ODS: "TN4K1", Sector: nasdesk.Optometry})
			}}}.decide()
			if got := d.Results[0].Fields[w.field]; got != w.want {
				t.Errorf("got %v, want %s", got, w.want)
			}
		})
	}
	t.Run("two of them", func(t *testing.T) {
		if got, ok := (turn{alone: true, heard: asks("lost-details", "full_name=Ada State; ods_code=FZZ02; mailbox=?")}).decide().Results[0].Fields["mailbox"]; ok {
			t.Errorf("got %v, want none", got)
		}
	})
}

// A bounce settles nothing; but a question that never arrived is not waited for.
func TestBounces(t *testing.T) {
	const ours = "q1@helpdesk.nhs.net"
	waits := func(change ...func(*nasdesk.Request)) nasdesk.Request {
		return stands(1, "new-user", nasdesk.StateSeeking, ada, append([]func(*nasdesk.Request){func(r *nasdesk.Request) { r.Thread = []string{"theirs@example.org", ours} }}, change...)...)
	}
	for _, b := range []struct {
		name     string
		stand    nasdesk.Request
		returned string
		text     string
		auto     nasdesk.Reason
		want     string
	}{
		{"the question to the region", waits(), ours, "to " + string(region) + " failed", nasdesk.Bounce, "referred"},
		{"by its id alone", waits(func(r *nasdesk.Request) {
			r.Thread = append(r.Thread, nasdesk.MailID(r.Event+"/"+string(region), "helpdesk.nhs.net"))
		}), nasdesk.MailID("mail/0/"+string(region), "helpdesk.nhs.net"), "", nasdesk.Bounce, "referred"},
		{"the confirmation to the pharmacy", waits(), ours, "to " + string(asking) + " failed", nasdesk.Bounce, "seeking"},
		{"a question to the pharmacy", stands(1, "new-user", nasdesk.StateAsking, without(ada, "role"), lacks("role"), func(r *nasdesk.Request) { r.Thread = []string{ours} }), ours, "to " + string(asking) + " failed", nasdesk.Bounce, "asking"},
		{"a mail of theirs", waits(), "theirs@example.org", "to " + string(region) + " failed", nasdesk.Bounce, "nothing"},
		{"a mail of ours in no thread", waits(), "q9@helpdesk.nhs.net", "to " + string(region) + " failed", nasdesk.Bounce, "nothing"},
		{"an id that is not ours, in the thread", waits(func(r *nasdesk.Request) { r.Thread = append(r.Thread, "q2@example.org") }), "q2@example.org", "to " + string(region) + " failed", nasdesk.Bounce, "nothing"},
		{"their own mail, with an id like ours", waits(func(r *nasdesk.Request) { r.Message = ours }), ours, "to " + string(region) + " failed", nasdesk.Bounce, "nothing"},
		{"an answer machine", waits(), ours, "to " + string(region) + " failed", nasdesk.AutoReply, "nothing"},
	} {
		t.Run(b.name, func(t *testing.T) {
			ev, c := plainMail(func(m *nasdesk.MailEvent, c *nasdesk.Case) {
				m.Message.Automatic, m.Message.Returned, m.Message.Text = b.auto, []string{b.returned}, b.text
				m.Proof, m.Heard = nasdesk.Proof{Reason: nasdesk.SenderUnverified}, nasdesk.Heard{}
				c.Requests = []nasdesk.Request{b.stand}
			})
			d := workflows.DefaultDesk.Step(ev, c)
			if got := followed(d); got != b.want {
				t.Errorf("got  %s\nwant %s", got, b.want)
			}
			if got := judged("none", d); got != "ignored "+string(b.auto) {
				t.Errorf("printed %s", got)
			}
		})
	}
}
