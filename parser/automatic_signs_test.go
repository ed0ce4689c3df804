package parser

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"nasdesk"
)

func automaticOf(raw string) nasdesk.Reason { return Read([]byte(raw), testOptions).Automatic }

// Each sign by itself is enough, and what is like it is none.
func TestAutomaticSigns(t *testing.T) {
	const person = "From: Elm <pharmacy.fzz11@nhs.net>\n"
	part := func(media string) string {
		return "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nHi\n--b\nContent-Type: " + media + "\n\nx: y\n--b--\n"
	}
	calendar := func(method, more string) string {
		return person + "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nHi\n--b\nContent-Type: text/calendar; method=" + method + more + "\n\nBEGIN:VCALENDAR\n--b--\n"
	}
	class := func(name, value string) string { return person + name + ": " + value + "\nSubject: x\n\nHi\n" }
	const ours = "\nFrom: NAS <helpdesk@nhs.net>\nMessage-ID: <1@helpdesk.nhs.net>\n"
	lines := func(n int, last string) string { return strings.Repeat("A line of words.\n", n) + last + "\n" }
	for raw, want := range map[string]nasdesk.Reason{
		person + part("message/delivery-status"):                                                        nasdesk.Bounce,
		person + part("message/global-delivery-status"):                                                 nasdesk.Bounce,
		person + part("message/disposition-notification"):                                               nasdesk.Receipt,
		person + part("message/global-disposition-notification"):                                        nasdesk.Receipt,
		person + strings.Replace(part("message/delivery-status"), "mixed", "report", 1):                 nasdesk.Bounce,
		person + strings.Replace(part("text/plain"), "mixed", "report; report-type=Delivery-Status", 1): nasdesk.Bounce,
		person + strings.Replace(part("text/plain"), "mixed", "mixed; report-type=delivery-status", 1):  "",
		person + part("message/rfc822"):                                                                 "",

		"From: MAILER-DAEMON@mx.example.com\nSubject: hm\n\nHi\n":                                              nasdesk.Bounce,
		"From: postmaster@mx.example.com\nSubject: hm\n\nHi\n":                                                 "",
		"From: postmaster@mx.example.com\nReturn-Path: <>\nSubject: hm\n\nHi\n":                                nasdesk.Bounce,
		"From: postmaster@mx.example.com\nReturn-Path: < >\nSubject: hm\n\nHi\n":                               nasdesk.Bounce,
		"From: postmaster@mx.example.com\nReturn-Path: <\"\">\nSubject: hm\n\nHi\n":                            nasdesk.Bounce,
		"From: postmaster@mx.example.com\nReturn-Path: (x) <>\nSubject: hm\n\nHi\n":                            nasdesk.Bounce,
		"From: postmaster@mx.example.com\nReturn-Path: <a@b.c>\nSubject: hm\n\nHi\n":                           "",
		"From: Mail <exim@mx.example.com>\nSubject: Undeliverable: x\n\nHi\n":                                  nasdesk.Bounce,
		person + "Return-Path: <>\nSubject: Undeliverable: x\n\nHi\n":                                          nasdesk.Bounce,
		person + "Return-Path: <>\nSubject: New user\n\nHi\n":                                                  "",
		person + "X-Failed-Recipients: a@example.org\nSubject: hm\n\nHi\n":                                     nasdesk.Bounce,
		class("X-Message-Class", "REPORT.IPM.Note.NDR"):                                                        nasdesk.Bounce,
		class("X-MS-Exchange-MessageClass", "Report.IPM.Schedule.NDR"):                                         nasdesk.Bounce,
		class("X-MS-Exchange-MessageClass", "report.ipm.note"):                                                 "",
		class("X-MS-Exchange-MessageClass", "ipm.note.ndr"):                                                    "",
		class("X-MS-Exchange-MessageClass", "REPORT.IPM.Note.IPNRN"):                                           nasdesk.Receipt,
		class("X-MS-Exchange-MessageClass", "REPORT.IPM.Note.IPNNRN"):                                          nasdesk.Receipt,
		class("X-MS-Exchange-MessageClass", "REPORT.IPM.Note.DR"):                                              nasdesk.Receipt,
		class("Message-Class", "IPM.Note.Rules.OofTemplate.Microsoft"):                                         nasdesk.AutoReply,
		class("Message-Class", "IPM.Note.Rules.ReplyTemplate.Microsoft"):                                       nasdesk.AutoReply,
		class("Message-Class", "IPM.Schedule.Meeting.Resp.Pos"):                                                nasdesk.AutoReply,
		class("Message-Class", "IPM.Note.Rules.ExternalOofTemplate.Microsoft"):                                 nasdesk.AutoReply,
		class("Message-Class", "IPM.Note.Proofpoint.Secure"):                                                   "",
		class("Message-Class", "IPM.Note.Drugs"):                                                               "",
		class("Message-Class", "REPORT.IPM.Note.Other"):                                                        "",
		class("X-Autoreply", "no"):                                                                             "",
		class("X-POST-MessageClass", "9; Autoresponder"):                                                       nasdesk.AutoReply,
		class("X-POST-MessageClass", "8"):                                                                      "",
		class("X-Autorespond", "x"):                                                                            nasdesk.AutoReply,
		class("X-Autoresponder", "x"):                                                                          nasdesk.AutoReply,
		class("X-AutoReply-From", "x"):                                                                         nasdesk.AutoReply,
		class("X-Auto-Reply", "x"):                                                                             nasdesk.AutoReply,
		class("Precedence", "auto-reply"):                                                                      nasdesk.AutoReply,
		class("Precedence", "(x) Bulk"):                                                                        nasdesk.Bulk,
		class("Precedence", "list"):                                                                            nasdesk.Bulk,
		class("Precedence", "junk"):                                                                            nasdesk.Bulk,
		class("Precedence", "first-class"):                                                                     "",
		class("Auto-Submitted", ""):                                                                            "",
		class("Auto-Submitted", "NO"):                                                                          "",
		class("Auto-Submitted", "no; x=y"):                                                                     "",
		class("Auto-Submitted", "yes"):                                                                         nasdesk.AutoReply,
		class("Feedback-ID", "x"):                                                                              nasdesk.Bulk,
		class("List-Help", "x"):                                                                                nasdesk.Bulk,
		class("X-Nasdesk", "x"):                                                                                "",
		class("X-RT-Loop-Prevention", "x"):                                                                     nasdesk.AutoReply,
		class("X-Jira-FingerPrint", "x"):                                                                       nasdesk.AutoReply,
		person + "Subject: Read: x\nAuto-Submitted: auto-replied\n\nHi\n":                                      nasdesk.Receipt,
		person + "Subject: Read: x\nReturn-Path: <>\n\nHi\n":                                                   nasdesk.Receipt,
		person + "Subject: Read: x\nX-MS-Exchange-Inbox-Rules-Loop: a@b.c\n\nHi\n":                             "",
		person + "Subject: Read: x\nX-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\n\nHi\n":       "",
		person + "Subject: Read: x\nX-MS-Exchange-Generated-Message-Source: person\n\nHi\n":                    "",
		person + "Subject: Read: x\nContent-Type: multipart/report; boundary=b\n\n--b\n\nHi\n--b--\n":          nasdesk.Receipt,
		person + "Subject: Away: x\n\nHello.\n\nOn 1 May, NAS <helpdesk@nhs.net> wrote:\n> I am away.\n":       "",
		person + "Subject: Read: x\n\nYour message\n\n  To: helpdesk\n\nwas read on Monday.\n":                 nasdesk.Receipt,
		person + "Subject: Read: x\n\nYour message:\n\n  To: helpdesk\n\nwas deleted unread.\n":                nasdesk.Receipt,
		person + "Subject: Read: x\n\nYour message to us was read.\nwas read\n":                                "",
		person + "Subject: Read: x\n\nYour message\n\nneeds an answer: please add Ada.\n":                      "",
		person + "Subject: Read: x\n\nHello.\nYour message\nwas read on Monday.\n":                             "",
		person + "Subject: Read: x\n\nHello.\n\n> Your message\n> was read on Monday.\n":                       "",
		person + "Subject: Read: x\n\nYour message\n" + lines(6, "was read on Monday."):                        nasdesk.Receipt,
		person + "Subject: Read: x\n\nYour message\n" + lines(7, "was read on Monday."):                        "",
		person + "Subject: Ready\n\nYour message\nwas read on Monday.\n":                                       "",
		person + "Subject: Away: x\nReturn-Path: <>\n\nHi\n":                                                   nasdesk.AutoReply,
		person + "Subject: Auto-reply: x\nX-MS-Exchange-Inbox-Rules-Loop: a@b.c\n\nHi\n":                       nasdesk.AutoReply,
		person + "Subject: Auto-reply: x\nX-Auto-Response-Suppress: All\n\nHi\n":                               nasdesk.AutoReply,
		person + "Subject: Auto-reply: x\nX-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\n\nHi\n": nasdesk.AutoReply,
		person + "Subject: Away: x\n\nHi\n":                                                                    "",
		person + "Subject: Away: x\n\nI am away.\n":                                                            "",
		person + "Subject: Auto-reply: x\n\n" + lines(7, "I am away."):                                         nasdesk.AutoReply,
		person + "Subject: Auto-reply: x\n\n" + lines(8, "I am away."):                                         "",
		person + "Subject: Auto-reply: x\n\nHello.\n\n> I am away.\n":                                          "",
		person + "Subject: I am away\n\nHi\n":                                                                  "",
		person + "Subject: Undeliverable: x\n\n" + lines(11, "550 5.1.1 x") + ours:                             nasdesk.Bounce,
		person + "Subject: Undeliverable: x\n\n" + lines(12, "550 5.1.1 x") + ours:                             "",
		person + "Subject: Undeliverable: x\n\n550 5.1.1 x\n":                                                  "",
		person + "Subject: Undeliverable: user unknown\n\nHi\n":                                                "",
		calendar("REPLY", ""):                                                                                  nasdesk.AutoReply,
		calendar("request", ""):                                                                                nasdesk.AutoReply,
		calendar("CANCEL", ""):                                                                                 nasdesk.AutoReply,
		calendar("COUNTER", ""):                                                                                nasdesk.AutoReply,
		calendar("PUBLISH", ""):                                                                                "",
		calendar("REPLY", "\nContent-Disposition: attachment"):                                                 "",
		"From: \"<x>\" <helpdesk@nhs.net>\nX-Nasdesk: 1\nSubject: x\n\nHi\n":                                   nasdesk.OwnMail,
		"From: helpdesk@nhs.net\nX-Nasdesk: 1\nSubject: x\n\nHi\n":                                             nasdesk.OwnMail,
		"From: <helpdesk@nhs.net.example.com>\nX-Nasdesk: 1\nSubject: x\n\nHi\n":                               "",
	} {
		if got := automaticOf(raw); got != want {
			t.Errorf("got %q, want %q:\n%s", got, want, raw)
		}
	}
	if m := Read([]byte("From: \nX-Nasdesk: 1\nSubject: x\n\nHi\n"), Options{}); m.Automatic != "" {
		t.Errorf("without an address of our own, nobody's mail is ours: %q", m.Automatic)
	}
}

// Each form of a subject that programs use makes a mail automatic together with
// a null return path, at its beginning and nowhere else.
func TestAutomaticSubjects(t *testing.T) {
	for want, subjects := range map[nasdesk.Reason][]string{nasdesk.Bounce: bounceSubjects, nasdesk.AutoReply: slices.Concat(programWords, programMarks, leaveMarks)} {
		for _, s := range subjects {
			for subject, want := range map[string]nasdesk.Reason{s + " x": want, strings.ToUpper(s) + " x": want, "x " + s: ""} {
				raw := fmt.Sprintf("From: Elm <a@example.com>\nReturn-Path: <>\nSubject: %s\n\nHi\n", subject)
				if got := automaticOf(raw); got != want {
					t.Errorf("%q: %q, want %q", subject, got, want)
				}
			}
		}
	}
}

// A mail of which only the header was read is known by its header.
func TestAutomaticOfAHeader(t *testing.T) {
	for head, want := range map[string]nasdesk.Reason{"Subject: Read: x": "", "Subject: x\nAuto-Submitted: auto-replied": nasdesk.AutoReply, "Subject: Read: x\nReturn-Path: <>": nasdesk.Receipt, "Subject: Undeliverable: x\nReturn-Path: <>": nasdesk.Bounce} {
		if m := ReadHead([]byte("From: a@example.com\n"+head+"\n\nHi\n"), testOptions, "size"); m.Automatic != want {
			t.Errorf("%q: %q, want %q", head, m.Automatic, want)
		}
	}
}
