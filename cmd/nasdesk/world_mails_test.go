package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"nasdesk"
)

// A worldMail is a mail of a kind that the internet is full of.
type worldMail struct {
	kind      string
	automatic bool // a program wrote it: nobody is to be answered
	raw       []byte
}

// A post makes mails of one kind. Its dice decide what varies within it.
type post struct {
	*rand.Rand
	n int
}

func (p post) of(choices ...string) string { return choices[p.IntN(len(choices))] }
func (p post) chance(one int) bool         { return p.IntN(one) == 0 }

// words are what people and programs write, some of it like a request to us.
func (p post) words() string {
	var b strings.Builder
	for range 1 + p.IntN(6) {
		b.WriteString(p.of(
			"Please find the minutes of last week attached.", "I cannot reproduce this on the current release, can you send the log?", "Thanks for your patience.",
			"Please remove tom.asher@nhs.net from our shared mailbox.", "Full name: Sarah Jones", "Mobile: 07700 900123", "Role: Member", "YES", "NO", "Your order has shipped.",
			"The patch below fixes the warning.", "We have updated our privacy policy.", "Kind regards", "-- ", "Unsubscribe at any time.", "This email and any attachments are confidential.",
			"Grüße aus Köln — naïve café", "> quoted text of an earlier mail", "On Tue, 5 May 2026 at 10:00, A <a@example.org> wrote:", "begin 644 times", "From the desk of the editor:"))
		b.WriteString(p.of("\n", "\n", "\n\n", " "))
	}
	return b.String() + "\n"
}

// head is a header as a program writes it, with the fields that make the kind.
func (p post) head(from, subject string, fields ...string) string {
	fs := []string{"Received: from " + p.of("mail.example.org", "[192.0.2.7]", "localhost") + " by mx.example.net with ESMTP; Tue, 5 May 2026 10:00:00 +0000",
		"From: " + from, "To: " + p.of("helpdesk@nhs.net", "undisclosed-recipients:;", "<helpdesk@nhs.net>, b@example.org"), "Subject: " + subject,
		"Date: " + p.of("Tue, 5 May 2026 10:00:00 +0100", "Tue, 05 May 26 10:00:00 BST", "2026-05-05 10:00", "Tue May  5 10:00:00 2026"),
		"Message-ID: <" + strconv.Itoa(p.n) + "." + p.of("JavaMail.root@example.org", "local@example.com", "x%y@[192.0.2.1]") + ">"}
	if p.chance(4) {
		fs = append(fs, p.of("Authentication-Results: mx.example.net; dmarc=pass header.from=example.com", "ARC-Authentication-Results: i=1; mx.nhs.net; dmarc=pass header.from=example.com",
			"X-Spam-Status: No, score=-1.9 required=5.0\n\ttests=BAYES_00", "DKIM-Signature: v=1; a=rsa-sha256; d=example.com;\n s=x; bh=abc=; b=def="))
	}
	return strings.Join(append(fs, fields...), "\n") + "\n"
}

func (p post) person() string {
	return p.of(`"Ash, Tom (ELM)" <tom@example.com>`, "tom@example.com (Tom Ash)", "=?iso-8859-1?Q?J=F6rg?= <jorg@example.org>", "Tom Ash <tom@example.net>", "tom@example.com", "<a@example.com>, <b@example.com>", `"helpdesk@nhs.net" <x@example.com>`)
}

const plainText = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8"

// multipart puts parts, each with its header, between delimiters.
func multipart(boundary string, parts ...string) string {
	return "\n--" + boundary + "\n" + strings.Join(parts, "\n--"+boundary+"\n") + "\n--" + boundary + "--\n"
}

func (p post) html(inner string) string {
	return p.of("<html><head><style>.x{display:none}</style></head><body>", "<!DOCTYPE html><html><body bgcolor=#ffffff>", "<div dir=ltr>") + "<table width=100%><tr><td>" +
		strings.ReplaceAll(inner, "\n", p.of("<br>\n", "</p>\n<p class=MsoNormal>")) + "</td></tr></table><img src=cid:x width=1 height=1></body></html>\n"
}

func (p post) alternative(text string, fields ...string) (head []string, body string) {
	head = append(fields, "MIME-Version: 1.0", `Content-Type: multipart/alternative; boundary="=_b"`)
	return head, multipart("=_b", "Content-Type: text/plain; charset=\"us-ascii\"\n\n"+text, "Content-Type: text/html; charset=utf-8\n\n"+p.html(text))
}

// kinds of mail of the world. Those that programs write come first.
var worldKinds = []struct {
	name      string
	automatic bool
	make      func(p post) string
}{
	{"mailing list", true, func(p post) string {
		mark := p.of("List-Id: Users <users.lists.example.org>\nList-Post: <mailto:users@lists.example.org>", "Precedence: list\nList-Unsubscribe: <mailto:leave@example.org>", "Mailing-List: list x@example.org; contact y\nPrecedence: bulk", "List-ID: <g.googlegroups.example.com>\nX-Google-Group-Id: 1")
		return p.head(p.person(), "Re: [users] a question", mark, "In-Reply-To: <1@example.org>", plainText) + "\n" + p.words() + "_______________________________________________\nusers mailing list\nusers@lists.example.org\n"
	}},
	{"newsletter", true, func(p post) string {
		h, b := p.alternative(p.words(), "List-Unsubscribe: <https://example.com/u>, <mailto:u@example.com>", p.of("Precedence: bulk", "List-Unsubscribe-Post: List-Unsubscribe=One-Click", "X-Campaign: 7"))
		return p.head("News <news@example.com>", "=?utf-8?B?8J+OiSBPZmZlcnM=?=", h...) + "\n" + b
	}},
	{"bounce of a standard kind", true, func(p post) string {
		daemon := p.of("MAILER-DAEMON@example.org (Mail Delivery System)", "Mail Delivery Subsystem <mailer-daemon@example.com>", "postmaster@example.net", "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.com>")
		said := p.of("Undelivered Mail Returned to Sender", "Delivery Status Notification (Failure)", "Undeliverable: Your request", "Returned mail: see transcript for details", "Warning: could not send message for past 4 hours", "Delivery delayed")
		status := "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822; a@example.org\nAction: " + p.of("failed", "delayed", "relayed") + "\nStatus: " + p.of("5.1.1", "4.4.1", "2.0.0") + "\n"
		return p.head(daemon, said, "Auto-Submitted: "+p.of("auto-replied", "auto-generated (failure)"), "Return-Path: <>", "MIME-Version: 1.0", `Content-Type: multipart/report; report-type=delivery-status; boundary="b/1"`) + "\n" +
			"This is a MIME-encapsulated message.\n" + multipart("b/1", "Content-Description: Notification\n\n"+p.words(), status, p.of("Content-Type: message/rfc822\n\n", "Content-Type: text/rfc822-headers\n\n")+"From: helpdesk@nhs.net\nMessage-ID: <q@nhs.net>\nSubject: x\n\n"+p.words())
	}},
	{"bounce of another kind", true, func(p post) string {
		text := p.of("Hi. This is the qmail-send program at example.org.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<a@example.org>:\nno mailbox here by that name\n\n--- Below this line is a copy of the message.\n\n",
			"This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error.\n\n  a@example.org\n    Unrouteable address\n\n------ This is a copy of the message, including all the headers. ------\n\n",
			"   ----- The following addresses had permanent fatal errors -----\n<a@example.org>\n    (reason: 550 5.1.1 User unknown)\n\n   ----- Transcript of session follows -----\n",
			"Your message\n\n  To:      a@example.org\n  Subject: x\n\ndid not reach the following recipient(s):\n\na@example.org on Tue, 5 May 2026\n    The e-mail account does not exist\n",
			"Delivery has failed to these recipients or groups:\n\na@example.org\nThe email address you entered couldn't be found.\n\nDiagnostic information for administrators:\nGenerating server: X.PROD.OUTLOOK.COM\n")
		return p.head(p.of("MAILER-DAEMON@example.org", "Mail Delivery System <Mailer-Daemon@example.com>", "postmaster@example.org"), p.of("failure notice", "Mail delivery failed: returning message to sender", "Undeliverable mail", "DELIVERY FAILURE: User not listed"), p.of("Return-Path: <>", "X-Failed-Recipients: a@example.org", "Auto-Submitted: auto-replied"), plainText) + "\n" + text + "From: helpdesk@nhs.net\n\n" + p.words()
	}},
	{"out of office", true, func(p post) string {
		mark := p.of("Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All", "X-Autoreply: yes", "Precedence: auto_reply", "X-Autorespond: x\nPrecedence: junk", "X-Auto-Response-Suppress: All\nAuto-Submitted: auto-generated")
		return p.head(p.person(), p.of("Automatic reply: Your request", "Out of Office: Re: x", "Autoantwort", "Réponse automatique : x", "I am away"), mark, plainText) + "\n" + p.words()
	}},
	{"calendar", true, func(p post) string {
		method := p.of("REPLY", "REPLY", "COUNTER")
		ics := "BEGIN:VCALENDAR\nMETHOD:" + method + "\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\nDTSTART:20260506T100000Z\nSUMMARY:Please remove tom.asher@nhs.net\nATTENDEE;PARTSTAT=ACCEPTED:mailto:a@example.com\nEND:VEVENT\nEND:VCALENDAR\n"
		return p.head(p.person(), p.of("Accepted: Review", "Declined: Review"), "MIME-Version: 1.0", "Content-Type: multipart/alternative; boundary=b") + "\n" + multipart("b", "Content-Type: text/plain\n\n"+p.words(), "Content-Type: text/calendar; charset=utf-8; method="+method+"\n\n"+ics)
	}},
	{"receipt", true, func(p post) string {
		return p.head(p.person(), "Read: x", "MIME-Version: 1.0", "Content-Type: multipart/report; report-type=disposition-notification; boundary=b") + "\n" +
			multipart("b", "Content-Type: text/plain\n\nYour message was read.\n", "Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;a@example.com\nDisposition: manual-action/MDN-sent-manually; displayed\n")
	}},
	{"report of a server", true, func(p post) string {
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		_, _ = w.Write([]byte("<feedback/>"))
		_ = w.Close()
		kind := p.of("feedback-report", "tlsrpt")
		return p.head("noreply-dmarc@example.com", "Report domain: nhs.net Submitter: example.com", "Auto-Submitted: auto-generated", "MIME-Version: 1.0", "Content-Type: multipart/report; report-type="+kind+"; boundary=b") + "\n" +
			multipart("b", "\nA report.\n", "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n", "Content-Type: application/gzip; name=r.xml.gz\nContent-Transfer-Encoding: base64\n\n"+base64.StdEncoding.EncodeToString(z.Bytes()))
	}},
	{"spam", false, func(p post) string {
		return p.head(p.of("NHS.net Admin <helpdesk@nhs.net>", "pharmacy.fhx01@nhs.net", "=?gb18030?B?xOO6ww==?= <a@example.com>", `"x`), p.of("YOUR MAILBOX IS FULL", "=?utf-8?Q?=E2=9C=85?= Verify", "=?x-unknown?Z?abc?="), "MIME-Version: 1.0", p.of("Content-Type: text/html", "Content-Type: text/html; charset=", `Content-Type: text/html; charset="gb2312`), p.of("Content-Transfer-Encoding: 8bit", "Content-Transfer-Encoding: base64", "Content-Transfer-Encoding: quoted-printable")) + "\n" + p.html(p.words())
	}},
	{"signed", false, func(p post) string {
		return p.head(p.person(), "signed", "MIME-Version: 1.0", `Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary="----ABC"`) + "\nThis is an S/MIME signed message\n" +
			multipart("----ABC", "Content-Type: text/plain\n\n"+p.words(), "Content-Type: application/pkcs7-signature; name=smime.p7s\nContent-Transfer-Encoding: base64\n\nMIIB\n")
	}},
	{"opaque or encrypted", false, func(p post) string {
		media := p.of("application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", "application/x-pkcs7-mime; smime-type=signed-data; name=smime.p7m", "application/octet-stream; name=message.rpmsg")
		return p.head(p.person(), "secret", "MIME-Version: 1.0", "Content-Type: "+media, "Content-Transfer-Encoding: base64") + "\n" + base64.StdEncoding.EncodeToString([]byte("0\x80\x06\x09*\x86H\x86\xf7\r\x01\x07\x02\xa0\x80"+p.words())) + "\n"
	}},
	{"PGP", false, func(p post) string {
		return p.head(p.person(), "pgp", plainText) + "\n" + p.of("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"+p.words()+"-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n", "-----BEGIN PGP MESSAGE-----\n\nhQ==\n-----END PGP MESSAGE-----\n")
	}},
	{"yEnc or uuencode", false, func(p post) string {
		file := p.of("=ybegin part=1 line=128 size=11 name=a.bin\n=ypart begin=1 end=11\n)*+,\xff\xfe\x80=J\x00\n=yend size=11 pcrc32=abc\n", "begin 644 a.txt\n+:&5L;&\\@=V]R;&0*\n`\nend\n", "begin 666 a\nM:&5L;&\\\n")
		return p.head(p.person(), `"a.bin" yEnc (1/2)`, "Newsgroups: alt.binaries.test", "Path: news.example.org!not-for-mail") + "\n" + p.words() + file
	}},
	{"client", false, func(p post) string {
		h, b := p.alternative(p.words(), p.of("X-Mailer: Apple Mail (2.3774)", "X-Mailer: Microsoft Outlook 16.0\nThread-Index: AQHa", "X-Mailer: Lotus Notes Release 9.0\nX-MIMETrack: Serialize", "User-Agent: Mutt/2.2", "X-Gm-Message-State: abc", "X-Mailer: iPhone Mail (21E236)"))
		return p.head(p.person(), p.of("Re: x", "FW: x", "AW: WG: x", ""), h...) + "\n" + b
	}},
	{"winmail.dat", false, func(p post) string {
		return p.head(p.person(), "tnef", "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b") + "\n" + multipart("b", "\n"+p.words(), "Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\neJ8+IgAAAQyAAgABAAAAeAB4\n")
	}},
	{"patch", false, func(p post) string {
		return p.head(p.person(), "[PATCH v2 1/3] mail: fix the parser", "X-Mailer: git-send-email 2.44", "Content-Transfer-Encoding: 8bit") + "\n" + p.words() + "---\n a.c | 2 +-\n\ndiff --git a/a.c b/a.c\n--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-x\n+y\n-- \n2.44\n"
	}},
	{"charset", false, func(p post) string {
		name, enc, text := p.charset()
		raw, err := encoding.ReplaceUnsupported(enc.NewEncoder()).String(text + p.words())
		if err != nil {
			raw = text
		}
		if p.chance(3) {
			return p.head(p.person(), "=?"+name+"?B?"+base64.StdEncoding.EncodeToString([]byte(raw[:min(30, len(raw))]))+"?=", "Content-Type: text/plain; charset="+name, "Content-Transfer-Encoding: base64") + "\n" + base64.StdEncoding.EncodeToString([]byte(raw)) + "\n"
		}
		return p.head(p.person(), raw[:min(20, len(raw))], "Content-Type: text/plain; charset="+p.of(name, name, "us-ascii", "x-none", "utf-7", "unicode-1-1-utf-7", "\"\"")) + "\n" + raw
	}},
	{"broken", false, func(p post) string { return p.broken() }},
}

func (p post) charset() (name string, enc encoding.Encoding, text string) {
	switch p.IntN(8) {
	case 0:
		return "iso-2022-jp", japanese.ISO2022JP, "お世話になっております。"
	case 1:
		return "gb18030", simplifiedchinese.GB18030, "您好，请查收附件。"
	case 2:
		return "koi8-r", charmap.KOI8R, "Здравствуйте, коллеги!"
	case 3:
		return "shift_jis", japanese.ShiftJIS, "会議の件"
	case 4:
		return "big5", traditionalchinese.Big5, "您好，謝謝。"
	case 5:
		return "euc-kr", korean.EUCKR, "안녕하세요"
	case 6:
		return "windows-1251", charmap.Windows1251, "Привет"
	}
	return "windows-1252", charmap.Windows1252, "Café – “naïve” €5"
}

// broken is MIME as it must not be.
func (p post) broken() string {
	text := p.words()
	switch p.IntN(14) {
	case 0:
		return p.head(p.person(), "no boundary", "MIME-Version: 1.0", "Content-Type: multipart/mixed") + "\n" + text
	case 1:
		return p.head(p.person(), "wrong boundary", "Content-Type: multipart/mixed; boundary=a") + "\n" + multipart("b", "\n"+text)
	case 2:
		return p.head(p.person(), "within itself", "Content-Type: multipart/mixed; boundary=b") + "\n" + multipart("b", "Content-Type: multipart/mixed; boundary=b\n"+multipart("b", "\n"+text))
	case 3:
		return p.head(p.person(), "no blank line") + text
	case 4:
		return "\n\n" + p.head(p.person(), "blank lines first") + "\n" + text
	case 5:
		return text + "\n" + p.head(p.person(), "text first") + "\n" + text
	case 6:
		return strings.ReplaceAll(p.head(p.person(), "CR only")+"\n"+text, "\n", "\r")
	case 7:
		return p.head(p.person(), "nul \x00 and \xff\xfe bytes", "X-\x80: y", "Content-Type: text/plain; charset=\x00") + "\n" + text + "\x00\x1a"
	case 8:
		return p.head(p.person(), "base64 that is none", "Content-Transfer-Encoding: base64") + "\n" + text
	case 9:
		return p.head(p.person(), "twice", "Content-Type: text/plain", "Content-Type: text/html", "Subject: again", "From: b@example.com", "Content-Transfer-Encoding: x-uue") + "\n" + text
	case 10:
		return p.head(p.person(), "parameters", `Content-Type: text/plain; charset*0*=utf-8'en'; charset*1="; name=a b; =; ;;`+"\n ", " : x", "=?utf-8?q?x") + "\n" + text
	case 11:
		return ""
	case 12:
		return "Just a text, and no header at all.\n" + text
	}
	return p.head(p.person(), "a mail in a mail", "Content-Type: message/rfc822") + "\n" + p.head(p.person(), "inner", plainText) + "\n" + text
}

// worldMails makes n mails, of each kind in turn.
func worldMails(n int) []worldMail {
	dice := rand.New(rand.NewPCG(7, 11))
	out := make([]worldMail, n)
	for i := range out {
		k := worldKinds[i%len(worldKinds)]
		out[i] = worldMail{fmt.Sprintf("%s %d", k.name, i), k.automatic, []byte(k.make(post{dice, i}))}
	}
	return out
}

// vouchedFor puts a proof of every sender on top of a mail: nobody is spared for
// being unproved.
func vouchedFor(raw []byte) []byte {
	return append([]byte("Authentication-Results: mx.nhs.net; dmarc=pass header.from=example.com\n"), raw...)
}

// TestWorldMails: as stored, with CRLF, in an mbox and cut short, from nobody and
// from a proved stranger, each mail of the world has one record with its digest and
// a named outcome. None that a program wrote is answered; nothing is done for any.
// NASDESK_WORLD_MAILS says how many mails.
func TestWorldMails(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("NASDESK_WORLD_MAILS"))
	if err != nil {
		n = 20 * len(worldKinds) / sample
	}
	r := dryReplay(t, "")
	for _, m := range worldMails(n) {
		for how, raw := range whole(m.raw) {
			r.checkWorldMail(t, m.kind+" "+how, raw, m.automatic)
			if how != "in an mbox" {
				r.checkWorldMail(t, m.kind+" vouched for, "+how, vouchedFor(raw), m.automatic)
			}
		}
		for how, raw := range cuts(m.raw) {
			r.checkWorldMail(t, m.kind+" "+how, raw, false)
			r.checkWorldMail(t, m.kind+" vouched for, "+how, vouchedFor(raw), false)
		}
	}
}

func (p *replay) checkWorldMail(t *testing.T, name string, raw []byte, automatic bool) {
	t.Helper()
	res := outcomeOf(t, p, name, raw)
	if res.SHA256 != digestOf(raw) || len(res.Requests) == 0 {
		t.Errorf("%s: no record of it: %s", name, encoded(t, res))
	}
	for _, q := range res.Requests {
		if !namedOutcome(q.Outcome) || len(q.Actions) > 0 {
			t.Errorf("%s: %s", name, encoded(t, res))
		}
		if automatic && q.Outcome != nasdesk.Ignored {
			t.Errorf("%s: a program wrote it, and it is %s:\n%.1500s", name, q.Outcome, raw)
		}
	}
	if automatic && len(res.Replies)+len(res.Notices) > 0 {
		t.Errorf("%s: answered: %s", name, encoded(t, res))
	}
}

func namedOutcome(o nasdesk.Outcome) bool {
	switch o {
	case nasdesk.Accepted, nasdesk.Confirm, nasdesk.NeedsInfo, nasdesk.Refused, nasdesk.Awaiting, nasdesk.Exception, nasdesk.Quarantined, nasdesk.Ignored:
		return true
	}
	return false
}
