package mtatest_test

import (
	"net/smtp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"nasdesk/inbox/imaptest"
	"nasdesk/outbox/mtatest"
)

// A mail for one of our domains reaches its mailbox, stamped if its sender is
// vouched for; others are refused.
func TestPostfix(t *testing.T) {
	d := imaptest.StartDovecotForAll(t)
	p := mtatest.StartPostfix(t, d.LMTP, []string{"nhs.net", "example.org"}, []string{"nhs.net"})
	for _, from := range []string{"one@nhs.net", "two@example.org"} {
		if err := smtp.SendMail(p.Address, nil, from, []string{"three@nhs.net"}, []byte("From: "+from+"\r\nSubject: hello\r\n\r\nhello\r\n")); err != nil {
			t.Fatal(err)
		}
	}
	if err := smtp.SendMail(p.Address, nil, "one@nhs.net", []string{"four@example.com"}, []byte("Subject: no\r\n\r\nno\r\n")); err == nil {
		t.Error("mail for another domain is taken")
	}
	c, err := imapclient.DialInsecure(d.Address, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login("three@nhs.net", d.Password).Wait(); err != nil {
		t.Fatal(err)
	}
	for _, m := range awaitMails(t, c, 2, p) {
		from, stamped := strings.Contains(m, "From: one@nhs.net"), strings.Contains(m, "Authentication-Results: mx.nhs.net; dmarc=pass header.from=nhs.net")
		if from != stamped {
			t.Errorf("stamped %v, want %v:\n%s", stamped, from, m)
		}
		if stamp, received := strings.Index(m, "Authentication-Results"), strings.Index(m, "Received:"); stamp > received {
			t.Errorf("the stamp stands below Received:\n%s", m)
		}
	}
}

func awaitMails(t *testing.T, c *imapclient.Client, n int, p *mtatest.Postfix) (out []string) {
	t.Helper()
	for range 500 {
		sel, err := c.Select("INBOX", nil).Wait()
		if err != nil {
			t.Fatal(err)
		}
		if int(sel.NumMessages) >= n {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	all := imap.SeqSet{}
	all.AddRange(1, uint32(n))
	list, err := c.Fetch(all, &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{{Peek: true}}}).Collect()
	if err != nil {
		t.Fatalf("%v\n%s", err, p.Log())
	}
	for _, m := range list {
		for _, b := range m.BodySection {
			out = append(out, string(b.Bytes))
		}
	}
	return out
}
