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
