package postoffice_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"nasdesk/inbox/postoffice"
)

const (
	desk     = "helpdesk@nhs.net"
	pharmacy = "pharmacy.fa123@nhs.net"
)

func start(t *testing.T, set postoffice.Settings) *postoffice.Office {
	t.Helper()
	set.Users = append(set.Users,
		postoffice.User{Address: desk, Password: "one"},
		postoffice.User{Address: pharmacy, Password: "two", SendAs: []string{"sam.example@nhs.net"}})
	o, err := postoffice.Start(set)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close() })
	return o
}

func letter(from, subject string) string {
	return fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: %s\r\n\r\nHello.\r\n", from, desk, subject)
}

// send hands a letter to the office, logged in as user unless that is empty.
func send(o *postoffice.Office, user, password, to, raw string) error {
	c, err := smtp.Dial(o.SMTP)
	if err != nil {
		return err
	}
	defer c.Close()
	if user != "" {
		if err := c.Auth(sasl.NewPlainClient("", user, password)); err != nil {
			return err
		}
	}
	from := user
	if from == "" {
		from = "stranger@example.com"
	}
	return c.SendMail(from, []string{to}, strings.NewReader(raw))
}

func login(t *testing.T, o *postoffice.Office, user, password string) *imapclient.Client {
	t.Helper()
	conn, err := net.Dial("tcp", o.IMAP)
	if err != nil {
		t.Fatal(err)
	}
	c := imapclient.New(conn, nil)
	t.Cleanup(func() { c.Close() })
	if err := c.Login(user, password).Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSentMailArrivesVouchedFor(t *testing.T) {
	o := start(t, postoffice.Settings{})
	if err := send(o, pharmacy, "two", desk, letter("Fa <"+pharmacy+">", "New user")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	got, err := o.Wait(ctx, desk, "INBOX", 1)
	if err != nil {
		t.Fatal(err)
	}
	raw := string(got[0].Raw)
	results := strings.Index(raw, "Authentication-Results: mx.nhs.net; dmarc=pass header.from=nhs.net\r\n")
	if received := strings.Index(raw, "Received: "); results < 0 || results > received {
		t.Errorf("the verdict does not stand above Received:\n%s", raw)
	}
	if !strings.HasSuffix(raw, letter("Fa <"+pharmacy+">", "New user")) {
		t.Errorf("the message was altered:\n%s", raw)
	}
}

func TestStrangersAreNotVouchedFor(t *testing.T) {
	o := start(t, postoffice.Settings{})
	forged := "Authentication-Results: mx.nhs.net; dmarc=pass header.from=nhs.net\r\n" + letter(pharmacy, "New user")
	if err := send(o, "", "", desk, forged); err != nil {
		t.Fatal(err)
	}
	got, err := o.Messages(desk, "INBOX")
	if err != nil || len(got) != 1 {
		t.Fatalf("%d messages, %v", len(got), err)
	}
	top, _, _ := strings.Cut(string(got[0].Raw), "Received: ")
	if !strings.Contains(top, "dmarc=fail") || strings.Contains(top, "dmarc=pass") {
		t.Errorf("above Received stands:\n%s", top)
	}
}

func TestSubmissionIsRefused(t *testing.T) {
	busy := &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "later"}
	for _, c := range []struct {
		name, user, password, to, from string
		set                            postoffice.Settings
		code                           int
	}{
		{"wrong password", pharmacy, "one", desk, pharmacy, postoffice.Settings{}, 535},
		{"unknown user", "nobody@nhs.net", "two", desk, pharmacy, postoffice.Settings{}, 535},
		{"another's address", pharmacy, "two", desk, desk, postoffice.Settings{}, 550},
		{"two addresses", pharmacy, "two", desk, pharmacy + ", " + desk, postoffice.Settings{}, 554},
		{"no such recipient", pharmacy, "two", "x@example.com", pharmacy, postoffice.Settings{}, 550},
		{"recipient hook", pharmacy, "two", desk, pharmacy, postoffice.Settings{Rcpt: func(string) error { return busy }}, 451},
		{"data hook", pharmacy, "two", desk, pharmacy,
			postoffice.Settings{Data: func(string, []string, []byte) error { return busy }}, 451},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := start(t, c.set)
			err := send(o, c.user, c.password, c.to, letter(c.from, "x"))
			var refused *smtp.SMTPError
			if !errors.As(err, &refused) || refused.Code != c.code {
				t.Errorf("got %v, want code %d", err, c.code)
			}
			if got, _ := o.Messages(desk, "INBOX"); len(got) != 0 {
				t.Error("it was delivered all the same")
			}
		})
	}
}

func TestNobodyLogsInAsAnother(t *testing.T) {
	o := start(t, postoffice.Settings{})
	c, err := smtp.Dial(o.SMTP)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Auth(sasl.NewPlainClient(desk, pharmacy, "two")); err == nil {
		t.Error("SMTP let the pharmacy act as the helpdesk")
	}
	conn, err := net.Dial("tcp", o.IMAP)
	if err != nil {
		t.Fatal(err)
	}
	i := imapclient.New(conn, nil)
	defer i.Close()
	if err := i.Authenticate(sasl.NewPlainClient(desk, pharmacy, "two")); err == nil {
		t.Error("IMAP let the pharmacy act as the helpdesk")
	}
}

func TestThreeWrongPasswords(t *testing.T) {
	o := start(t, postoffice.Settings{})
	conn, err := net.Dial("tcp", o.IMAP)
	if err != nil {
		t.Fatal(err)
	}
	c := imapclient.New(conn, nil)
	defer c.Close()
	for range 3 {
		if err := c.Login(desk, "wrong").Wait(); err == nil {
			t.Fatal("let in")
		}
	}
	if err := c.Login(desk, "one").Wait(); err == nil {
		t.Error("the connection is still open after three wrong passwords")
	}
}

func TestOthersGetTheRest(t *testing.T) {
	o := start(t, postoffice.Settings{Others: "post@example.org", Users: []postoffice.User{{Address: "post@example.org"}}})
	if err := o.Deliver(desk, []string{"a@example.com", "b@example.com", pharmacy}, []byte(letter(desk, "Re"))); err != nil {
		t.Fatal(err)
	}
	for box, want := range map[string]int{"post@example.org": 1, pharmacy: 1, desk: 0} {
		if got, err := o.Messages(box, "INBOX"); err != nil || len(got) != want {
			t.Errorf("%s has %d messages, want %d (%v)", box, len(got), want, err)
		}
	}
}

func TestMoveTellsOfEachMessageOnce(t *testing.T) {
	o := start(t, postoffice.Settings{})
	for i := range 3 {
		if _, err := o.Append(desk, "INBOX", []byte(letter(pharmacy, fmt.Sprint(i)))); err != nil {
			t.Fatal(err)
		}
	}
	c := login(t, o, desk, "one")
	for _, err := range []error{c.Create("done", nil).Wait(), second(c.Select("INBOX", nil).Wait())} {
		if err != nil {
			t.Fatal(err)
		}
	}
	data, err := c.Move(imap.UIDSetNum(1, 3), "done").Wait()
	if err != nil || data.SourceUIDs.String() != "1,3" {
		t.Fatalf("moved %v, %v", data, err)
	}
	if n := c.Mailbox().NumMessages; n != 1 {
		t.Errorf("the client was told that %d messages are left, want 1", n)
	}
	if _, err := c.Move(imap.UIDSetNum(1), "done").Wait(); err != nil {
		t.Errorf("moving a message that is gone: %v", err)
	}
	left, _ := o.Messages(desk, "INBOX")
	done, _ := o.Messages(desk, "done")
	if len(left) != 1 || len(done) != 2 || slices.Contains(done[0].Flags, `\Deleted`) {
		t.Errorf("left %d, done %d, flags %v", len(left), len(done), done[0].Flags)
	}
}

func second[T any](_ T, err error) error { return err }

func TestStartRefuses(t *testing.T) {
	for name, set := range map[string]postoffice.Settings{
		"an address that others reach": {IMAP: "0.0.0.0:0"},
		"no port":                      {SMTP: "127.0.0.1"},
		"others without a mailbox":     {Others: "x@example.com"},
	} {
		if o, err := postoffice.Start(set); err == nil {
			o.Close()
			t.Errorf("%s: no error", name)
		}
	}
}
