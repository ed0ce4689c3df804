package parser

import (
	"slices"
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
