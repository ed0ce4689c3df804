package main

import (
	"os"
	"strings"
	"testing"

	"nasdesk"
)

// FuzzLine takes any bytes down the whole line: an outcome each, no answer to
// what is automatic, no action for nobody.
func FuzzLine(f *testing.F) {
	for _, file := range hostileFiles(f) {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		if len(b) < 6000 {
			f.Add(b)
		}
	}
	r := dryReplay(f, "")
	f.Fuzz(func(t *testing.T, raw []byte) { outcomeOf(t, r, "message", raw) })
}

// FuzzQuotedCopy: a copy of any mail of ours, quoted in any of the usual ways,
// says nothing: not even what the pharmacy itself had written into it.
func FuzzQuotedCopy(f *testing.F) {
	for _, s := range []string{"Full name: Sarah Jones\nMobile: 07700 900123\nRole: member", "Please remove tom.asher@nhs.net", "YES", "Please reset the password of tom.asher@nhs.net", "Hello"} {
		for how := range uint8(4) {
			f.Add(s, how)
		}
	}
	r := dryReplay(f, "")
	f.Fuzz(func(t *testing.T, body string, how uint8) {
		if len(body) > 4000 {
			t.Skip()
		}
		at := func(text string) []byte {
			return []byte(strings.ReplaceAll("Authentication-Results: mx.nhs.net; dmarc=pass header.from=nhs.net\nReceived: from a by b; x\nFrom: <pharmacy.fhx01@nhs.net>\nTo: helpdesk@nhs.net\nSubject: Hello\n"+
				"Message-ID: <m@example.org>\nContent-Type: text/plain; charset=utf-8\n\n"+text+"\n", "\n", "\r\n"))
		}
		d, err := r.decide(t.Context(), at(strings.ToValidUTF8(body, "")))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range d.Mails {
			back := outcomeOf(t, r, "quoted", at("Thanks.\n\n"+quotedCopy(m, how)))
			if q := back.Requests[0]; len(back.Requests) > 1 || q.Kind != nasdesk.KindUnknown || len(q.Fields) > 0 {
				t.Errorf("our mail, quoted in way %d, says %s:\n%s", how%4, encoded(t, back.Requests), m.Text)
			}
		}
	})
}

// quotedCopy is our mail as mail programs quote it.
func quotedCopy(m nasdesk.Mail, how uint8) string {
	const head = "From: NHS National Administration Service <helpdesk@nhs.net>\nSent: 06 May 2026 10:00\nTo: pharmacy.fhx01@nhs.net\nSubject: RE: Hello\n\n"
	marked := "> " + strings.ReplaceAll(m.Text, "\n", "\n> ")
	switch how % 4 {
	case 0:
		return "On Wed, 6 May 2026 at 10:00, NAS <helpdesk@nhs.net> wrote:\n" + marked
	case 1:
		return "________________________________\n" + head + m.Text
	case 2:
		return "-----Original Message-----\n" + head + m.Text
	}
	return marked
}
