package parser

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"nasdesk"
)

// A bounce names the mail that came back, whoever wrote it.
func TestReturned(t *testing.T) {
	const ours = "0123456789abcdef@helpdesk.nhs.net"
	const head = "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.com\nTo: helpdesk@nhs.net\nSubject: Undelivered Mail Returned to Sender\n"
	const report = "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.com\n\nFinal-Recipient: rfc822; x@nhs.net\nAction: failed\n--b\n"
	for name, c := range map[string]struct {
		raw  string
		want []string
	}{
		"the whole mail":  {head + report + "Content-Type: message/rfc822\n\nFrom: helpdesk@nhs.net\nMessage-ID: <" + ours + ">\n\nHello\n--b--\n", []string{ours}},
		"the header only": {head + report + "Content-Type: text/rfc822-headers\n\nMessage-Id:\n <" + ours + ">\n--b--\n", []string{ours}},
		"threaded":        {head + "In-Reply-To: <" + ours + ">\nReferences: <first@example.com> <" + ours + ">\n\nSorry.\n", []string{ours, "first@example.com"}},
		"qmail": {head + "\nHi. This is the qmail-send program at mx.example.com.\nI'm afraid I wasn't able to deliver your message.\n\n--- Below this line is a copy of the message.\n\nReceived: x\nMessage-ID: <" + ours + ">\nSubject: RE: x\n\nHello\n",
			[]string{ours}},
		"nothing":       {head + "\nSorry.\n", nil},
		"not a bounce":  {"From: a@nhs.net\nSubject: x\nIn-Reply-To: <" + ours + ">\n\nMessage-ID: <" + ours + ">\n", nil},
		"a mail within": {head + report + "Content-Type: message/rfc822\n\nMessage-ID: <" + ours + ">\n\nMessage-ID: <other@example.com>\n--b--\n", []string{ours}},
	} {
		m := Read([]byte(c.raw), testOptions)
		if !slices.Equal(m.Returned, c.want) || (m.Automatic == nasdesk.Bounce) != (name != "not a bounce") {
			t.Errorf("%s: %s, returned %q, want %q", name, m.Automatic, m.Returned, c.want)
		}
		if keys := Skim(m); c.want != nil && !slices.Contains(keys.MessageIDs, ours) {
			t.Errorf("%s: %q are not looked up", name, keys.MessageIDs)
		}
	}
}

// Every form in which a mail or its header is sent back is looked into, twenty
// ids are taken, and each once.
func TestReturnedForms(t *testing.T) {
	read := func(head, body string) []string {
		return Read([]byte("Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.com\nSubject: Undeliverable\n"+head+"\n"+body+"\n"), testOptions).Returned
	}
	for _, media := range []string{"message/rfc822", "message/global", "message/global-headers", "message/rfc822-headers", "text/rfc822-headers"} {
		got := read("Content-Type: multipart/mixed; boundary=b\n", "--b\n\nHi\n--b\nContent-Type: "+media+"\n\nMessage-ID: <a@example.com>\n--b--")
		if !slices.Equal(got, []string{"a@example.com"}) {
			t.Errorf("%s: %q", media, got)
		}
	}
	if got := read("X-MS-Exchange-Parent-Message-Id: <a@example.com>\nReferences: <a@example.com>\n", "Me\u017f\u017fage-ID: <b@example.com>"); !slices.Equal(got, []string{"a@example.com"}) {
		t.Errorf("said twice: %q", got)
	}
	if got := read("References: <1@a><2@a><3@a><4@a><5@a><6@a><7@a><8@a><9@a><10@a><11@a><12@a><13@a><14@a><15@a><16@a><17@a><18@a><19@a><20@a><21@a>\n", "Hi"); len(got) != returnedMost {
		t.Errorf("%d ids are taken", len(got))
	}
}

// In every form in which mail systems send a mail back it is known again.
func TestReturnedInEveryForm(t *testing.T) {
	const ours = "0123456789abcdef@helpdesk.nhs.net"
	const daemon = "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.com\nSubject: Undeliverable\n"
	const header = "Received: from a by b\nFrom: NAS <helpdesk@nhs.net>\nMessage-ID: <" + ours + ">\nSubject: RE: New user\n"
	failed := func(more string) string {
		return "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.com\n" + more + "\nFinal-Recipient: rfc822; x@example.com\nAction: failed\n"
	}
	base64ed := base64.StdEncoding.EncodeToString([]byte(header + "\nHello\n"))
	for name, raw := range map[string]string{
		"the mail":                  mixedOf("report; report-type=delivery-status", "\nSorry.", failed(""), "Content-Type: message/rfc822\n\n"+header+"\nHello"),
		"its header":                mixedOf("report; report-type=delivery-status", "\nSorry.", failed(""), "Content-Type: text/rfc822-headers\n\n"+header),
		"below a blank line":        mixedOf("report; report-type=delivery-status", "\nSorry.", failed(""), "Content-Type: message/rfc822\n\n\n"+header+"\nHello"),
		"in base64":                 mixedOf("report; report-type=delivery-status", "\nSorry.", failed(""), "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"+base64ed),
		"in quoted-printable":       mixedOf("report; report-type=delivery-status", "\nSorry.", failed(""), "Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n"+strings.ReplaceAll(header, "<", "=3C")),
		"cut off in its header":     strings.TrimSuffix(mixedOf("report; report-type=delivery-status", "\nSorry.", failed(""), "Content-Type: message/rfc822\n\n"+header), "\n--b--\n"),
		"in a list's letter":        mixedOf("mixed", withinOf("report; report-type=delivery-status", "\nSorry.", failed(""), "Content-Type: message/rfc822\n\n"+header+"\nHello"), "\nFooter"),
		"in the report's own field": mixedOf("report; report-type=delivery-status", "\nSorry.", failed("X-Original-Message-ID: <"+ours+">\n")),
		"the same, folded":          mixedOf("report; report-type=delivery-status", "\nSorry.", failed("Original-Message-ID:\n <"+ours+">\n")),
		"attached as text":          mixedOf("mixed", "\nSorry.", "Content-Type: text/plain\nContent-Disposition: attachment; filename=mail.txt\n\n"+header+"\nHello"),
		"attached as bytes":         mixedOf("mixed", "\nSorry.", "Content-Type: application/octet-stream\nContent-Disposition: attachment; filename=mail.eml\n\n"+header+"\nHello"),
		"shown as text":             mixedOf("mixed", "\nSorry.", "Content-Type: text/plain\n\n"+header+"\nHello"),
		"below a line of qmail's":   "\nSorry.\n\n--- Below this line is a copy of the message.\n\n" + header + "\nHello\n",
		"below a line of Exim's":    "\nSorry.\n\n------ This is a copy of the message, including all the headers. ------\n\n" + header + "\nHello\n",
		"quoted":                    "\nSorry.\n\n> Received: from a by b\n> Message-ID: <" + ours + ">\n> Subject: x\n",
		"folded":                    "\nSorry.\n\nMessage-ID:\n <" + ours + ">\n",
		"indented":                  "\nSorry.\n\n    Message-Id: <" + ours + ">\n",
		"without brackets":          "\nSorry.\n\nMessage ID: " + ours + "\n",
		"in one word":               "\nSorry.\n\nMessageID=<" + ours + ">\n",
		"without a colon":           "\nSorry.\n\nMessage id <" + ours + ">\n",
		"Exchange's page":           "Content-Type: text/html\n\n<html><body><p>Sorry.</p><p>Original message headers:</p><pre>Received: from a by b\nFrom: NAS &lt;helpdesk@nhs.net&gt;\nMessage-ID: &lt;" + ours + "&gt;\nSubject: x</pre></body></html>\n",
		"a page with breaks":        "Content-Type: text/html\n\n<p>Original message headers:</p><font face=\"courier\">Received: from a by b<br>Message-ID: &lt;" + ours + "&gt;<br>Subject: x</font>\n",
		"answered":                  "In-Reply-To: <" + ours + ">\n\nSorry.\n",
		"in the thread":             "References: <" + ours + ">\n\nSorry.\n",
		"Exchange's parent":         "X-MS-Exchange-Parent-Message-Id: <" + ours + ">\n\nSorry.\n",
	} {
		m := Read([]byte(daemon+raw), testOptions)
		if m.Automatic != nasdesk.Bounce || !slices.Equal(m.Returned, []string{ours}) {
			t.Errorf("%s: %s, returned %q:\n%s", name, m.Automatic, m.Returned, raw)
		}
	}
	for name, raw := range map[string]string{
		"cut off within the id":        mixedOf("report; report-type=delivery-status", "\nSorry.", failed(""), "Content-Type: message/rfc822\n\nMessage-ID: <0123456789ab"),
		"an address":                   "\nThe message to <x@example.com> is lost.\n",
		"an address behind a label":    "\nMessage: <x@example.com>\nNo message-id to be had: <x@example.com>\n",
		"what the returned mail names": mixedOf("mixed", "\nSorry.", "Content-Type: message/rfc822\n\nIn-Reply-To: <"+ours+">\n\nHello"),
		"a text attached to a file":    mixedOf("mixed", "\nSorry.", "Content-Type: image/png\nContent-Disposition: attachment\n\n"+header),
	} {
		if m := Read([]byte(daemon+raw), testOptions); m.Automatic != nasdesk.Bounce || m.Returned != nil {
			t.Errorf("%s: %s, returned %q:\n%s", name, m.Automatic, m.Returned, raw)
		}
	}
}

// What is sent back is the surest, the thread the least sure.
func TestReturnedOrder(t *testing.T) {
	raw := "From: MAILER-DAEMON@mx.example.com\nSubject: Undeliverable\nReferences: <6@a> <5@a>\nX-MS-Exchange-Parent-Message-Id: <5@a>\nIn-Reply-To: <4@a>\n" +
		mixedOf("report; report-type=delivery-status", "\nMessage-ID: <3@a>", "Content-Type: message/delivery-status\n\nX-Original-Message-ID: <2@a>\n\nAction: failed\n", "Content-Type: message/rfc822\n\nMessage-ID: <1@a>\n\nHi")
	if m := Read([]byte(raw), testOptions); !slices.Equal(m.Returned, []string{"1@a", "2@a", "3@a", "4@a", "5@a", "6@a"}) {
		t.Errorf("returned %q", m.Returned)
	}
}

// A mail that is only delayed, or went through, did not come back.
func TestCameBack(t *testing.T) {
	read := func(subject, body string) *nasdesk.Message {
		return Read([]byte("Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.com\nSubject: "+subject+"\nIn-Reply-To: <1@a>\n"+body), testOptions)
	}
	for actions, back := range map[string]bool{
		"failed": true, "Failed (expired)": true, "failure": true, "delayed": false, "Delayed": false, " delayed (being retried)": false, "delivered": false, "relayed": false, "expanded": false,
		"delivered\n\nAction: failed": true, "delivered\n\nAction: delayed": false,
	} {
		for _, media := range []string{"message/delivery-status", "message/global-delivery-status"} {
			m := read("Undeliverable", mixedOf("report; report-type=delivery-status", "\nHi", "Content-Type: "+media+"\n\nReporting-MTA: dns; a\n\nACTION: "+actions+"\n"))
			if m.Automatic != nasdesk.Bounce || (m.Returned != nil) != back {
				t.Errorf("%s, %q: %s, returned %q", media, actions, m.Automatic, m.Returned)
			}
		}
	}
	for subject, back := range map[string]bool{
		"Undeliverable: delayed account": true, "Returned mail": true, "Delivery Status Notification (Failure)": true, "Warning: could not send message for past 4 hours": false, "Mail Delivery Warning": false,
		"Delayed Mail (still being retried)": false, "Message delayed (x@example.com)": false, "Delivery delayed: x": false, "Delivery Status Notification (Delay)": false,
		"Delivery Status Notification (Mail Delivery Delayed)": false, "Delivered: x": false, "Relayed: x": false, "Expanded: x": false,
	} {
		if m := read(subject, "\nHi\n"); m.Automatic != nasdesk.Bounce || (m.Returned != nil) != back {
			t.Errorf("%q: %s, returned %q", subject, m.Automatic, m.Returned)
		}
	}
}
