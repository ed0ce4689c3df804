package parser

import (
	"testing"

	"nasdesk"
)

func TestAutomatic(t *testing.T) {
	report := func(kind, part string) string {
		return "Subject: x\nContent-Type: multipart/report; report-type=" + kind + "; boundary=b\n\n--b\n\nHi\n--b\nContent-Type: message/" + part + "\n\nAction: failed\n--b--"
	}
	for name, c := range map[string]struct {
		raw  string
		want nasdesk.Reason
	}{
		"a request":                          {"Subject: New account\n\nHi", ""},
		"suppress trio on people's mail":     {"Subject: New account\nX-Auto-Response-Suppress: DR, OOF, AutoReply\n\nHi", ""},
		"absence asked about, suppress trio": {"X-Auto-Response-Suppress: DR, OOF, AutoReply\nSubject: Out of office for our mailbox\n\nPlease can you set one up.", ""},
		"sent on by a rule":                  {"X-MS-Exchange-Inbox-Rules-Loop: a@nhs.net\nSubject: FW: New account\n\nPlease add Ada", ""},
		"auto-submitted no":                  {"Auto-Submitted: no\nSubject: x\n\nHi", ""},
		"subject alone":                      {"Subject: Automatic reply: how do I set one up\n\nHow do I?", ""},
		"out of office asked about":          {"Subject: Out of office for our mailbox\n\nPlease can you set one up.", ""},
		"reads like a bounce subject":        {"Subject: Undeliverable mail - please help\n\nOur mail to the surgery comes back.", ""},
		"read: from a person":                {"Subject: Read: this please\n\nPlease link Ada", ""},
		"exchange out of office":             {"Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nSubject: Automatic reply: x\n\nThank you", nasdesk.AutoReply},
		"auto-replied, comment":              {"Auto-Submitted: (vacation) auto-replied; x=y\nSubject: x\n\nHi", nasdesk.AutoReply},
		"out of office, suppress":            {"Subject: Automatic reply: x\nX-Auto-Response-Suppress: All\n\nHi", nasdesk.AutoReply},
		"out of office by its text":          {"Subject: Out of Office: x\n\nI am out of the office until Monday.", nasdesk.AutoReply},
		"x-autoreply":                        {"X-Autoreply: yes\nSubject: x\n\nHi", nasdesk.AutoReply},
		"precedence auto_reply":              {"Precedence: auto_reply\nSubject: x\n\nHi", nasdesk.AutoReply},
		"meeting accepted":                   {"Subject: Accepted: x\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nok\n--b\nContent-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\n--b--", nasdesk.AutoReply},
		"meeting asked for":                  {"Subject: x\nContent-Type: text/calendar; method=\"REQUEST\"\n\nBEGIN:VCALENDAR", nasdesk.AutoReply},
		"ticket system":                      {"X-Zammad-Ticket-ID: 5\nSubject: [Ticket#5] received\n\nHi", nasdesk.AutoReply},
		"delivery status":                    {report("delivery-status", "delivery-status"), nasdesk.Bounce},
		"delivery status, type lost":         {"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nHi\n--b\nContent-Type: message/delivery-status\n\nAction: delayed\n--b--", nasdesk.Bounce},
		"exchange report":                    {"X-MS-Exchange-Message-Is-Ndr:\nAuto-Submitted: auto-replied\nSubject: Undeliverable: x\n\nHi", nasdesk.Bounce},
		"null return path, daemon":           {"Return-Path: <>\nSubject: hm\nFrom: MAILER-DAEMON@mx.example.com\n\nHi", nasdesk.Bounce},
		"qmail":                              {"From: mx <robot@mx.example.com>\nSubject: failure notice\n\nHi. This is the qmail-send program at mx.example.com.\nI'm afraid I wasn't able to deliver your message.", nasdesk.Bounce},
		"exchange without its field":         {"From: Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@nhs.net>\nSubject: Undeliverable: x\n\nDelivery has failed", nasdesk.Bounce},
		"read receipt":                       {report("disposition-notification", "disposition-notification"), nasdesk.Receipt},
		"exchange receipt":                   {"Subject: Read: x\nContent-Type: multipart/report; boundary=b\n\n--b\n\nYour message was read\n--b--", nasdesk.Receipt},
		"not read":                           {"Subject: Not read: x\n\nYour message\n\nTo: helpdesk\nwas deleted without being read", nasdesk.Receipt},
		"list":                               {"List-Id: <news.example.com>\nSubject: x\n\nHi", nasdesk.Bulk},
		"unsubscribe":                        {"List-Unsubscribe: <https://example.com/u>\nSubject: x\n\nHi", nasdesk.Bulk},
		"precedence bulk":                    {"Precedence: Bulk\nSubject: x\n\nHi", nasdesk.Bulk},
		"own mail":                           {"From: NAS <helpdesk@nhs.net>\nX-Nasdesk: 1\nAuto-Submitted: auto-replied\nSubject: x\n\nHi", nasdesk.OwnMail},
		"our address without our field":      {"From: NAS <helpdesk@nhs.net>\nSubject: x\n\nHi", ""},
		"our field under another's address":  {"From: Elm <pharmacy.fzz11@nhs.net>\nX-Nasdesk: 1\nSubject: x\n\nHi", ""},
		"bounce of a list":                   {"List-Id: <x>\nAuto-Submitted: auto-replied\n" + report("delivery-status", "delivery-status"), nasdesk.Bounce},
	} {
		raw := c.raw
		if m := Read([]byte(raw), testOptions); m.Header.Get("From") == "" {
			raw = "From: Elm <pharmacy.fzz11@nhs.net>\n" + raw
		}
		m := Read([]byte(raw), testOptions)
		checkMessage(t, m)
		if m.Automatic != c.want {
			t.Errorf("%s: got %q, want %q", name, m.Automatic, c.want)
		}
	}
}
