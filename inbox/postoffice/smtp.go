package postoffice

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

func (o *Office) smtpServer() *smtp.Server {
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &letterbox{office: o}, nil
	}))
	s.Domain = o.set.Name
	s.MaxMessageBytes = o.set.MaxSize
	s.MaxRecipients = 100
	s.TLSConfig = o.set.TLS
	s.AllowInsecureAuth = o.set.TLS == nil // the door is on the loopback address
	s.ReadTimeout = 5 * time.Minute        // RFC 5321, 4.5.3.2.7
	s.WriteTimeout = time.Minute
	s.ErrorLog = o.errorLog()
	return s
}

// A letterbox is one SMTP connection. Who has logged in is a user of the office
// and sends as such; who has not is a stranger, whose mail for the users is
// taken, as by any receiving server, and marked as proved by nothing.
type letterbox struct {
	office   *Office
	box      *box // nil for a stranger
	failures int
	from     string
	to       []string
}

var (
	errNotYours = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 60}, Message: "You may not send as this sender"}
	errNobody   = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such mailbox here"}
	errFrom     = &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "The message needs one From field with one address"}
	errTooMany  = &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 7, 0}, Message: "Too many wrong passwords"}
)

// AuthMechanisms implements smtp.AuthSession.
func (l *letterbox) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth implements smtp.AuthSession. Nobody may log in as one user to act as
// another, and after three wrong passwords no other is looked at.
func (l *letterbox) Auth(mech string) (sasl.Server, error) {
	if mech != sasl.Plain {
		return nil, smtp.ErrAuthUnknownMechanism
	}
	return sasl.NewPlainServer(func(identity, address, password string) error {
		if l.failures >= maxFailures {
			return errTooMany
		}
		b, ok := l.office.login(address, password)
		if ok && (identity == "" || strings.EqualFold(identity, address)) {
			l.box = b
			return nil
		}
		l.failures++
		return smtp.ErrAuthFailed
	}), nil
}

// Mail implements smtp.Session.
func (l *letterbox) Mail(from string, _ *smtp.MailOptions) error {
	if l.box != nil && from != "" && !l.box.maySend(from) {
		return errNotYours
	}
	l.from, l.to = from, nil
	return nil
}

// Rcpt implements smtp.Session.
func (l *letterbox) Rcpt(to string, _ *smtp.RcptOptions) error {
	if l.office.set.Rcpt != nil {
		if err := l.office.set.Rcpt(to); err != nil {
			return err
		}
	}
	if l.office.recipient(to) == nil {
		return errNobody
	}
	l.to = append(l.to, to)
	return nil
}

// recipient returns the box in which mail for an address is put, or nil.
func (o *Office) recipient(to string) *box {
	if b := o.boxes[strings.ToLower(to)]; b != nil {
		return b
	}
	return o.boxes[strings.ToLower(o.set.Others)]
}

// Data implements smtp.Session.
func (l *letterbox) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	from := author(raw)
	if l.box != nil && from == "" {
		return errFrom
	}
	if l.box != nil && !l.box.maySend(from) {
		return errNotYours
	}
	if l.office.set.Data != nil {
		if err := l.office.set.Data(l.from, l.to, raw); err != nil {
			return err
		}
	}
	return l.office.post(l.from, l.to, raw, l.box != nil)
}

// Reset implements smtp.Session.
func (l *letterbox) Reset() { l.from, l.to = "", nil }

// Logout implements smtp.Session.
func (l *letterbox) Logout() error { return nil }

// Deliver puts a message into the inboxes of its recipients as if its author
// had logged in and sent it: with the trace fields of a receiving server that
// vouches for From. An author is not checked for having a mailbox here.
func (o *Office) Deliver(from string, to []string, raw []byte) error {
	for _, t := range to {
		if o.recipient(t) == nil {
			return fmt.Errorf("postoffice: no mailbox for %q", t)
		}
	}
	return o.post(from, to, raw, true)
}

// post delivers to each box once, however many of the recipients share it.
func (o *Office) post(from string, to []string, raw []byte, proved bool) error {
	stamped := append(o.trace(from, author(raw), proved), raw...)
	done := map[*box]bool{}
	var errs []error
	for _, t := range to {
		b := o.recipient(t)
		if b == nil || done[b] {
			continue
		}
		done[b] = true
		_, err := o.Append(b.user.Address, "INBOX", stamped)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// trace writes the fields that a receiving server puts on top: Return-Path
// (RFC 5321, 4.4), Authentication-Results (RFC 8601) and, below it, Received,
// so that results which came with the message stand below ours and count for
// nothing.
func (o *Office) trace(envelope, author string, proved bool) []byte {
	verdict, with := "dmarc=fail", "ESMTP"
	if proved {
		verdict, with = "dmarc=pass", "ESMTPA"
	}
	if at := strings.LastIndexByte(author, '@'); at >= 0 {
		verdict += " header.from=" + author[at+1:]
	} else {
		verdict = "dmarc=none"
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "Return-Path: <%s>\r\n", envelope)
	fmt.Fprintf(&b, "Authentication-Results: %s; %s\r\n", o.set.Name, verdict)
	fmt.Fprintf(&b, "Received: from localhost by %s with %s; %s\r\n", o.set.Name, with, time.Now().Format(time.RFC1123Z))
	return b.Bytes()
}

// author returns the address in From, in lower case, or "" where there is not
// exactly one.
func author(raw []byte) string {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil || len(m.Header["From"]) != 1 {
		return ""
	}
	list, err := m.Header.AddressList("From")
	if err != nil || len(list) != 1 {
		return ""
	}
	return strings.ToLower(list[0].Address)
}
