package parser

import (
	"strings"
	"testing"

	"nasdesk"
)

const elm = "From: Elm <pharmacy.fzz11@nhs.net>\n"

// ourMail is a mail of ours as it is sent back.
const ourMail = "From: NAS <helpdesk@nhs.net>\nSubject: RE: New user [NAS-0123ABCD]\nMessage-ID: <0123456789abcdef@helpdesk.nhs.net>\n\nHello\n"

// mixedOf is a mail of several parts, each with its header.
func mixedOf(kind string, parts ...string) string {
	return "Content-Type: multipart/" + kind + "; boundary=b\n\n--b\n" + strings.Join(parts, "\n--b\n") + "\n--b--\n"
}

// withinOf is one that stands within another.
func withinOf(kind string, parts ...string) string {
	return strings.NewReplacer("boundary=b", "boundary=c", "--b", "--c").Replace(mixedOf(kind, parts...))
}

// What a person writes is read, whatever it looks like: nobody looks at automatic
// mail, so that here a mistake is a lost request.
func TestPeopleAreNoRobots(t *testing.T) {
	const words = "\nOur mail to the surgery could not be delivered: 550 5.1.1 user unknown.\n"
	const status = "Content-Type: message/delivery-status\n\nAction: failed\n"
	const theirs = "Content-Type: message/rfc822\n\nFrom: MAILER-DAEMON@mx.example.com\nSubject: Undelivered Mail\n\n550 5.1.1\n"
	for name, raw := range map[string]string{
		"forwards a bounce":                    elm + "Subject: FW: Undeliverable: rota\n" + words,
		"forwards its parts":                   elm + "Subject: Fwd: Undelivered Mail\n" + mixedOf("mixed", words, status),
		"forwards its parts, in capitals":      elm + "Subject: FW: Undelivered Mail\n" + mixedOf("mixed", words, status),
		"forwards its parts, German":           elm + "Subject: WG: Unzustellbar\n" + mixedOf("mixed", words, status),
		"forwards its parts, French":           elm + "Subject: TR: Non remis\n" + mixedOf("mixed", words, status),
		"forwards its parts, Welsh":            elm + "Subject: Ymlaen: post\n" + mixedOf("mixed", words, status),
		"forwards a report within":             elm + "Subject: Fwd: Undelivered Mail\n" + mixedOf("mixed", words, withinOf("report; report-type=delivery-status", "\nHi", status)),
		"attaches a status":                    elm + "Subject: mail\n" + mixedOf("mixed", words, strings.Replace(status, "\n", "\nContent-Disposition: attachment\n", 1)),
		"attaches a bounce":                    elm + "Subject: Undelivered mail\n" + mixedOf("mixed", words, theirs),
		"says undelivered":                     elm + "Subject: Undelivered mail\n" + words,
		"says undelivered, from outside":       "From: ada@example.com\nSubject: Undelivered mail\n" + words,
		"from outside, speaks of himself":      "From: ada@example.com\nSubject: Undelivered mail\n\nYour letter was not delivered to me.\n",
		"from outside, asks in the singular":   "From: ada@example.com\nSubject: Undelivered mail\n\nMailbox full.\nI need an account.\n",
		"from within, of nobody":               elm + "Subject: Undelivered mail\n\nMailbox full. New account needed.\n",
		"attaches our letter":                  elm + "Subject: Your letter\n" + mixedOf("mixed", "\nIt was not delivered to Ada, please send it again.", "Content-Type: message/rfc822\n\n"+ourMail),
		"quotes our letter":                    elm + "Subject: Undeliverable\n\nIt was not delivered.\n\nFrom: NAS <helpdesk@nhs.net>\nSent: 5 May 2026\nSubject: x\n\nHello\n",
		"pastes another's header":              elm + "Subject: Undeliverable\n\nIt was not delivered.\n\nFrom: a@example.com\nMessage-ID: <1@example.com>\n",
		"attaches our letter, undelivered":     elm + "Subject: Undeliverable\n" + mixedOf("mixed", "\nPlease see below.", "Content-Type: message/rfc822\n\n"+ourMail),
		"a name like a daemon's":               "From: Exima <eximaclark@example.com>\nSubject: Undeliverable mail\n\nPlease help.\n",
		"postmaster":                           "From: postmaster@elm.example.com\nSubject: New user\n\nPlease add Ada.\n",
		"postmaster attaches a mail":           "From: postmaster@elm.example.com\nSubject: New user\n" + mixedOf("mixed", "\nPlease add Ada.", theirs),
		"answers an automatic reply":           elm + "Subject: RE: Automatic reply: x\n\nThank you for your email. I am away.\n",
		"out of office asked about":            elm + "Subject: Out of office mailbox question\n\nI am away from Monday, how is it set up\n",
		"out of office, a question":            elm + "Subject: Out of office: x\n\nI am away. Can you add Ada?\n",
		"out of office, a question within":     elm + "Subject: Out of office: x\n\nI am away. Can you add Ada? Thanks\n",
		"out of office, a form":                elm + "Subject: Out of office: x\n\nI am away. Add my stand-in:\nName: Ada\nRole: owner\n",
		"out of office, a table":               elm + "Subject: Out of office: x\nContent-Type: text/html\n\n<p>I am away. Add:</p><table><tr><td>Name</td><td>Ada</td></tr><tr><td>Role</td><td>owner</td></tr></table>\n",
		"somebody else is out of office":       elm + "Subject: Out of office: Ada\n\nAda is out of the office, on annual leave, and will reply in June. Disable her account.\n",
		"on leave":                             elm + "Subject: On leave: Ada\n\nI am away, and so is Ada. Disable her account.\n",
		"absence":                              elm + "Subject: Absence: Ada\n\nI am on leave with Ada. Disable her account.\n",
		"auto":                                 elm + "Subject: Auto: please set up an account\n\nFor Ada.\n",
		"automatic":                            elm + "Subject: Automatic replies\n\nI am away. Please set them up.\n",
		"reads":                                elm + "Subject: Read: this\n\nYour message asked for a number, was read, and here it is.\n",
		"auto-submitted no":                    elm + "Subject: Automatic reply: x\nAuto-Submitted: no\n\nHello\n",
		"suppress all":                         elm + "Subject: New user\nX-Auto-Response-Suppress: All\n\nHello\n",
		"on leave, sent on by a rule":          elm + "Subject: On leave: Ada\nX-MS-Exchange-Inbox-Rules-Loop: a@example.com\nX-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\n\nDisable her account.\n",
		"out of office question, suppress all": elm + "Subject: Out of office mailbox question\nX-Auto-Response-Suppress: All\n\nI am away.\n",
		"precedence normal":                    elm + "Subject: New user\nPrecedence: normal\n\nHello\n",
		"the footer of a list":                 elm + "Subject: New user\n\nHello\n\n-- \nTo unsubscribe: List-Unsubscribe, leave@lists.example.org\n",
		"writes on in another helpdesk thread": elm + "Subject: [a #1] AutoReply: x\nReferences: <RT-Ticket-1@example.com>\nIn-Reply-To: <rt-4.2-1@example.com>\nMessage-ID: <rt-clark@example.com>\n\nHello\n",
		"Return-Path of nothing":               elm + "Return-Path: \nSubject: Undeliverable\n\nHello\n",
		"Return-Path like a daemon's":          elm + "Return-Path: <mailer-daemons@example.com>\nSubject: Undeliverable\n\nHello\n",
	} {
		if got := automaticOf(raw); got != "" {
			t.Errorf("%s: lost as %s:\n%s", name, got, raw)
		}
	}
}

// What programs send is known by how it is made.
func TestPrograms(t *testing.T) {
	const status = "Content-Type: message/delivery-status\n\nAction: failed\n"
	const mail = "Content-Type: message/rfc822\n\nFrom: a@example.com\n\nHi\n"
	const ours = "Content-Type: message/rfc822\n\n" + ourMail
	const robot = "From: robot@mx.example.com\n"
	for name, c := range map[string]struct {
		raw  string
		want nasdesk.Reason
	}{
		"sendmail's null return path":         {robot + "Return-Path: <MAILER-DAEMON@mx.example.com>\nSubject: Mail could not be delivered\n\nx\n", nasdesk.Bounce},
		"without a host":                      {robot + "Return-Path: MAILER-DAEMON\nSubject: Mail Delivery Warning\n\nx\n", nasdesk.Bounce},
		"in small letters":                    {robot + "Return-Path: <mailer-daemon>\nSubject: Undelivered\n\nx\n", nasdesk.Bounce},
		"null return path and a mail":         {robot + "Return-Path: <>\nSubject: hm\n" + mixedOf("mixed", "\nHi", mail), nasdesk.Bounce},
		"daemon and our mail":                 {"From: postmaster@mx.example.com\nSubject: hm\n" + mixedOf("mixed", "\nHi", ours), nasdesk.Bounce},
		"daemon and our field":                {"From: postmaster@mx.example.com\nSubject: hm\n" + mixedOf("mixed", "\nHi", "Content-Type: message/rfc822\n\nX-Nasdesk: 1\n\nHi\n"), nasdesk.Bounce},
		"daemon and our header":               {"From: postmaster@mx.example.com\nSubject: hm\n" + mixedOf("mixed", "\nHi", "Content-Type: text/rfc822-headers\n\n"+ourMail), nasdesk.Bounce},
		"report of a lost type":               {robot + "Subject: hm\n" + mixedOf("report", "\nHi", mail), nasdesk.Bounce},
		"report in a list's letter":           {robot + "Subject: hm\n" + mixedOf("mixed", withinOf("report; report-type=delivery-status", "\nHi"), "\nFooter"), nasdesk.Bounce},
		"report without delimiters":           {robot + "Subject: hm\nContent-Type: multipart/report; report-type=delivery-status\n\nHi\n", nasdesk.Bounce},
		"status attached within a report":     {robot + "Subject: FW: hm\n" + mixedOf("report", "\nHi", strings.Replace(status, "\n", "\nContent-Disposition: attachment\n", 1)), nasdesk.Bounce},
		"From of nobody":                      {"From: Postmaster <>\nSubject: Undeliverable: x\n\nx\n", nasdesk.Bounce},
		"From of nobody, and a mail":          {"From: <>\nSubject: hm\n" + mixedOf("mixed", "\nHi", mail), nasdesk.Bounce},
		"absence note of nobody":              {"From: <>\nReturn-Path: <>\nAuto-Submitted: auto-replied\nSubject: hm\n\nx\n", nasdesk.AutoReply},
		"From quoted":                         {"From: <\"System Administrator\"@mx.example.com>\nSubject: Delivery Failure\n\nx\n", nasdesk.Bounce},
		"daemon with a number":                {"From: Mail <exim4@mx.example.com>\nSubject: Undeliverable\n\nx\n", nasdesk.Bounce},
		"qmail's first line":                  {robot + "Subject: failure notice\n\nHi. This is the deliver program at mx.example.com.\n", nasdesk.Bounce},
		"ours in the text":                    {elm + "Subject: Returned mail\n\nmailbox full\n\n" + ourMail, nasdesk.Bounce},
		"ours in the text, by our field":      {elm + "Subject: Returned mail\n\nmailbox full\n\nMessage-Id: <1@example.com>\nX-NASDESK: 1\n", nasdesk.Bounce},
		"ours attached":                       {elm + "Subject: Returned mail\n" + mixedOf("mixed", "\nmailbox full", ours), nasdesk.Bounce},
		"gateway outside":                     {robot + "Subject: Delivery failure notification\n\nYour message could not be delivered to a@example.com\n", nasdesk.Bounce},
		"Exchange, German":                    {"From: postmaster@mx.example.com\nSubject: Unzustellbar: x\n\nx\n", nasdesk.Bounce},
		"Exchange, French":                    {"From: postmaster@mx.example.com\nSubject: Non remis : x\n\nx\n", nasdesk.Bounce},
		"any language":                        {robot + "Subject: Ni ellir danfon: x\n" + mixedOf("report; report-type=delivery-status", "\nHi", status), nasdesk.Bounce},
		"receipt with our header":             {elm + "Return-Path: <>\nSubject: Undeliverable\n" + mixedOf("report; report-type=disposition-notification", "\nHi", ours), nasdesk.Receipt},
		"receipt in a list's letter":          {elm + "Return-Path: <>\nSubject: hm\n" + mixedOf("mixed", withinOf("report", "\nHi", "Content-Type: message/disposition-notification\n\nx: y")), nasdesk.Receipt},
		"complaint":                           {robot + "Return-Path: <>\nSubject: hm\n" + mixedOf("report; report-type=feedback-report", "\nHi", ours), nasdesk.AutoReply},
		"Notes":                               {elm + "Subject: AUTO: Elm, Ada is out of the office. (returning 05/01/2026)\n\nI am out of the office until 05/01/2026.\n\nNote: This is an automated response to your message sent on\n10:55:58.\n", nasdesk.AutoReply},
		"bare mark":                           {elm + "Subject: Out of office\n\nI am on annual leave until Monday.\n", nasdesk.AutoReply},
		"one label":                           {elm + "Subject: Automatic reply: x\n\nI am away.\nUrgent: ring the shop\n", nasdesk.AutoReply},
		"times are no labels":                 {elm + "Subject: Automatic reply: x\n\nI am away.\n10:15 to 11:15\n12:15 to 13:15\n", nasdesk.AutoReply},
		"labels of a signature":               {elm + "Subject: Automatic reply: x\n\nI am away.\n\n-- \nElm Pharmacy\nTel: 01632 960001\nFax: 01632 960002\n", nasdesk.AutoReply},
		"a sentence with a colon is no label": {elm + "Subject: Automatic reply: x\n\nI am away.\nIf it is really very urgent: ring.\nIf it is not so urgent: wait.\n", nasdesk.AutoReply},
		"German":                              {elm + "Subject: Automatische Antwort: x\n\nIch bin nicht im Haus.\n", nasdesk.AutoReply},
		"French":                              {elm + "Subject: R\u00e9ponse automatique : x\n\nJe suis absent.\n", nasdesk.AutoReply},
		"Request Tracker":                     {elm + "Subject: [a #1] x\nMessage-ID: <rt-4.2.8-1@example.com>\n\nx\n", nasdesk.AutoReply},
		"Sieve's notification":                {elm + "Subject: x\nAuto-Submitted: auto-notified; owner-email=\"a@example.com\"\n\nx\n", nasdesk.AutoReply},
	} {
		if got := automaticOf(c.raw); got != c.want {
			t.Errorf("%s: %q, want %q:\n%s", name, got, c.want, c.raw)
		}
	}
}

// Each word that a rule waits for is needed: none stands in the list for nothing.
func TestWordsOfPrograms(t *testing.T) {
	for _, local := range []string{"mailer-daemon", "mailerdaemon", "mail-daemon", "maildaemon", "mdaemon", "mmdf", "exim", "qmail-daemon", "postmaster", `"System Administrator"`, "MicrosoftExchange329e71ec"} {
		if got := automaticOf("From: <" + local + "@mx.example.com>\nReturn-Path: <>\nSubject: hm\n\nx\n"); got != nasdesk.Bounce {
			t.Errorf("%s: %q", local, got)
		}
	}
	for _, words := range []string{"Could not be delivered", "could not deliver", "couldn't be delivered", "wasn't delivered", "was not delivered", "will not be delivered", "a permanent error", "permanent failure", "Delivery to the following failed", "delivery has failed", "undeliverable", "unable to deliver", "550 5.1.1", "User unknown", "mailbox unavailable", "mailbox full"} {
		if got := automaticOf(elm + "Subject: Delivery failure\n\n" + words + "\n\n" + ourMail); got != nasdesk.Bounce {
			t.Errorf("%s: %q", words, got)
		}
	}
	for _, words := range []string{"I am out of town", "I'm out of town", "I am currently out of town", "I will be out of town", "I am away", "I'm away", "I\u2019m away", "I am currently away", "I will be away", "I am on leave", "I'm on leave", "I am on annual leave", "I'm on annual leave", "I am currently on annual leave",
		"This is an automated letter", "This is an auto-reply", "The mailbox is not monitored", "We are currently closed", "Thank you for your email", "Thank you for your message", "Thank you for contacting us", "Ich bin nicht im Haus", "Ich bin derzeit nicht da", "Je suis absent", "Je suis actuellement absent"} {
		if got := automaticOf(elm + "Subject: Automatic reply: x\n\n" + words + "\n"); got != nasdesk.AutoReply {
			t.Errorf("%s: %q", words, got)
		}
	}
	for _, mark := range []string{"Automatic reply:", "Auto reply:", "Auto-reply:", "Autoreply:", "Out of office:", "Out-of-office:", "Out of the office:", "Automatic response:", "Auto response:", "Auto-response:", "Autoresponse:", "Ateb awtomatig:", "[Auto-reply]", "[Auto reply]", "Automated reply:", "Automated response:",
		"Automatische Antwort:", "R\u00e9ponse automatique:", "R\u00e9ponse automatique :", "AUTO:"} {
		if got := automaticOf(elm + "Subject: " + mark + " x\n\nI am away.\n"); got != nasdesk.AutoReply {
			t.Errorf("%s: %q", mark, got)
		}
	}
	for _, begin := range []string{"Read:", "Read :", "Not read:", "Not read :", "Read receipt", "Return receipt"} {
		if got := automaticOf(elm + "Return-Path: <>\nSubject: " + begin + " x\n\nHi\n"); got != nasdesk.Receipt {
			t.Errorf("%s: %q", begin, got)
		}
	}
	for _, field := range []string{"X-RT-Loop-Prevention", "RT-Ticket", "X-OTRS-Loop", "X-Znuny-Loop", "X-Zammad-Ticket-ID", "X-Freshdesk-Id", "X-osTicket-Id", "X-ServiceNow-Generated", "X-Zendesk-Email-Id", "X-JIRA-FingerPrint", "X-Kayako-Id"} {
		if got := automaticOf(elm + field + ": 1\nSubject: hm\n\nx\n"); got != nasdesk.AutoReply {
			t.Errorf("%s: %q", field, got)
		}
	}
	for _, field := range []string{"X-MS-Exchange-MessageClass", "X-Message-Class", "X-MS-Message-Class", "Message-Class", "X-MAPI-Message-Class", "X-MS-TNEF-MessageClass"} {
		if got := automaticOf(elm + field + ": REPORT.IPM.Note.NDR\nSubject: hm\n\nx\n"); got != nasdesk.Bounce {
			t.Errorf("%s: %q", field, got)
		}
	}
	for _, who := range []string{"I", "my", "me", "We", "our", "us"} {
		if got := automaticOf("From: a@example.com\nSubject: Delivery failure\n\nMailbox full, says " + who + ".\n"); got != "" {
			t.Errorf("%s speaks: %q", who, got)
		}
	}
}

// Without an address of our own nothing is ours, and nobody is outside.
func TestAutomaticWithoutOwn(t *testing.T) {
	const letter = "Subject: Undeliverable\n"
	for _, raw := range []string{
		"From: a@example.com\n" + letter + "\nMailbox full.\n",
		"From: a@example.com\n" + letter + mixedOf("mixed", "\nMailbox full, we hear.", "Content-Type: message/rfc822\n\nSubject: x\n\nHi\n"),
		"From: a@example.com\n" + letter + "\nMailbox full, we hear.\n\nFrom: \nMessage-ID: <1@example.com>\n",
	} {
		if m := Read([]byte(raw), Options{}); m.Automatic != "" {
			t.Errorf("lost as %s:\n%s", m.Automatic, raw)
		}
	}
}

// Twelve lines are looked at for who speaks in them.
func TestGatewayLetterTop(t *testing.T) {
	for n, want := range map[int]nasdesk.Reason{10: "", 11: nasdesk.Bounce} {
		raw := "From: a@example.com\nSubject: Delivery failure\n\nMailbox full.\n" + strings.Repeat("Code 7.\n", n) + "Please tell us.\n"
		if got := automaticOf(raw); got != want {
			t.Errorf("%d lines: %q, want %q", n, got, want)
		}
	}
}
