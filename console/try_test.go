package console

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"nasdesk"
)

// tryOffice is a demo in which mails are noted and one answer waits.
func tryOffice(t *testing.T) (*browser, *[]TryMail) {
	t.Helper()
	var sent []TryMail
	_, b := openOffice(t, func(o *Office) {
		o.Try = &Try{Senders: []nasdesk.Address{"pharmacy.fa123@nhs.net", "england.north@nhs.net"},
			Send: func(_ context.Context, m TryMail) error { sent = append(sent, m); return nil },
			Answers: func(_ context.Context, to nasdesk.Address) ([]Answer, error) {
				if to != "pharmacy.fa123@nhs.net" {
					return nil, nil
				}
				return []Answer{{MessageID: "<a@nhs.net>", Subject: "Re: New dispenser [NAS-ABCDEFGH]", Text: "Which role is it?\nOwner or member", At: begins},
					{MessageID: "<b@nhs.net>", Subject: "Re: Other", Text: "Done.", At: begins},
					{MessageID: "<c@nhs.net>", Subject: "Re: Re: New dispenser [NAS-ABCDEFGH]", Text: "Thank you.", At: begins}}, nil
			},
			Examples: []Example{{Name: "A new starter", Says: "It is done at once.", From: "england.north@nhs.net", Subject: "New", Text: "Full name: Ann"},
				{Name: "Forged", Says: "Nobody vouches for it.", From: "pharmacy.fa123@nhs.net", Subject: "Urgent", Text: "At once", Forged: true}}}
	})
	return b, &sent
}

func TestTryShowsAnswersAndExamples(t *testing.T) {
	b, _ := tryOffice(t)
	p := b.get("/try").says("Answers to pharmacy.fa123@nhs.net", "A new starter", "It is done at once.", "Which role is it?", "New dispenser [NAS-ABCDEFGH]", "Demonstration")
	if n := len(p.all("section", "class", "nas-thread")); n != 2 {
		t.Errorf("%d threads, not two", n)
	}
	if first := textOf(p.all("section", "class", "nas-thread")[0]); !strings.Contains(first, "Thank you.") || !strings.Contains(first, "Which role") {
		t.Errorf("the thread with the newest mail is not the first, or is torn: %s", first)
	}
	b.get("/try?as=england.north%40nhs.net").says("Answers to england.north@nhs.net", "No answer yet.")
	b.get("/try?as=nobody%40nhs.net").says("Answers to pharmacy.fa123@nhs.net")
	if f := b.get("/try?example=1").form("/try"); f.Get("subject") != "New" || f.Get("text") != "Full name: Ann" || f.Get("as") != "england.north@nhs.net" {
		t.Errorf("the example stands in the form as %v", f)
	}
	if f := b.get("/try?example=2").form("/try"); f.Get("forged") != "yes" {
		t.Errorf("the forged example is not forged: %v", f)
	}
	b.get("/try?example=9")
}

func TestTryRepliesToTheMailShown(t *testing.T) {
	b, sent := tryOffice(t)
	p := b.get("/try?as=pharmacy.fa123%40nhs.net&reply=%3Ca%40nhs.net%3E")
	b.submit(p, "/try", url.Values{"text": {"Member please"}}).says("Your mail is sent.")
	want := TryMail{From: "pharmacy.fa123@nhs.net", Subject: "RE: New dispenser [NAS-ABCDEFGH]", Text: "Member please", InReplyTo: "<a@nhs.net>"}
	if len(*sent) != 1 || (*sent)[0] != want {
		t.Errorf("sent %+v", *sent)
	}
	b.submit(b.get("/try?as=pharmacy.fa123%40nhs.net&reply=%3Cnobody%3E"), "/try", url.Values{"text": {"Hello"}, "subject": {"x"}, "forged": {"yes"}})
	if m := (*sent)[1]; m.InReplyTo != "" || !m.Forged {
		t.Errorf("sent %+v", m)
	}
}

func TestTryRefusesWhatIsNoMail(t *testing.T) {
	b, sent := tryOffice(t)
	for field, form := range map[string]url.Values{
		"as":      {"as": {"somebody@nhs.net"}, "subject": {"x"}, "text": {"y"}},
		"subject": {"as": {"england.north@nhs.net"}, "subject": {"a\nBcc: b"}, "text": {"y"}},
		"text":    {"as": {"england.north@nhs.net"}, "subject": {"x"}, "text": {strings.Repeat("y", tryText+1)}},
	} {
		p := b.post("/try", form).is(422).says("There is a problem")
		if len(p.all("a", "href", "#"+field)) != 1 {
			t.Errorf("%s: the summary does not lead to it", field)
		}
	}
	b.post("/try", url.Values{"as": {"england.north@nhs.net"}, "look": {"yes"}}).is(200).says("Answers to england.north@nhs.net")
	if len(*sent) > 0 {
		t.Errorf("sent %+v", *sent)
	}
}

func TestThereIsNothingToTryButInTheDemo(t *testing.T) {
	_, b := openOffice(t)
	b.fetch("GET", "/try", nil).is(404)
	b.as("lead").post("/try", url.Values{"as": {"x"}}).is(404)
}
