package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"mime"
	"net"
	"net/mail"
	"strings"
	"time"

	"nasdesk"
	"nasdesk/console"
	"nasdesk/store"
)

// demoStaff can sign in to the demo's console, all with demoPassword.
var demoStaff = []store.Staff{
	{Name: "agent", Display: "Agnes Agent", Role: store.Agent},
	{Name: "second", Display: "Simon Second", Role: store.Agent},
	{Name: "lead", Display: "Lena Lead", Role: store.Lead},
	{Name: "auditor", Display: "Otto Auditor", Role: store.Auditor},
}

// openConsole gives the demo a console at an address of this machine, or at a
// free port if it is empty, and returns where it is.
func (sh *show) openConsole(ctx context.Context, listen string) (at string, err error) {
	if listen, err = loopback(listen); err != nil {
		return "", err
	}
	hash := console.HashPassword(demoPassword)
	for _, s := range demoStaff {
		s.Hash = hash
		if err := sh.service.store.PutStaff(ctx, s); err != nil {
			return "", err
		}
	}
	c := *sh.config
	c.Console.Listen, c.Console.Local = listen, true
	o := sh.service.office(&c)
	o.Try = sh.try()
	o.SignIn.Hint = "Sign in as agent, second (another agent), lead or auditor. The password of all is: " + demoPassword
	h := o.Server()
	sh.service.pages = func(ctx context.Context) error {
		return serveHTTP(ctx, "console", listen, "", "", h, sh.service.log)
	}
	return c.Console.base(), nil
}

// loopback is an address of this machine on which nobody listens. The demo's
// passwords are known to all, so nobody else may reach it.
func loopback(listen string) (string, error) {
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return "", usageError{fmt.Errorf("--listen %q: give an address of this machine alone, such as 127.0.0.1:8420", listen)}
	}
	door, err := net.Listen("tcp", listen)
	if err != nil {
		return "", fmt.Errorf("--listen: %w", err)
	}
	defer door.Close()
	return door.Addr().String(), nil
}

// try lets a visitor write as the people of the demo.
func (sh *show) try() *console.Try {
	t := &console.Try{Send: sh.trySend, Answers: sh.tryAnswers, Examples: demoExamples()}
	for _, s := range append(demoSenders, demoOutsider) {
		t.Senders = append(t.Senders, nasdesk.Address(s))
	}
	return t
}

// trySend delivers a mail as its author's server would.
func (sh *show) trySend(_ context.Context, m console.TryMail) error {
	var b bytes.Buffer
	line := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, oneLine(value)) }
	line("From", string(m.From))
	line("To", demoDesk)
	line("Subject", mime.QEncoding.Encode("utf-8", m.Subject))
	line("Date", time.Now().Format(time.RFC1123Z))
	line("Message-ID", "<"+strings.ToLower(rand.Text())+"@example.org>")
	if m.InReplyTo != "" {
		line("In-Reply-To", m.InReplyTo)
		line("References", m.InReplyTo)
	}
	line("MIME-Version", "1.0")
	line("Content-Type", "text/plain; charset=utf-8")
	line("Content-Transfer-Encoding", "8bit")
	b.WriteString("\r\n" + strings.ReplaceAll(strings.ReplaceAll(m.Text, "\r\n", "\n"), "\n", "\r\n") + "\r\n")
	return sh.deliver(b.Bytes(), !m.Forged)
}

// oneLine keeps a value from ending its header field.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// tryAnswers are the mails that came for somebody.
func (sh *show) tryAnswers(_ context.Context, to nasdesk.Address) ([]console.Answer, error) {
	list, err := sh.office.Messages(demoPeople, "INBOX")
	if err != nil {
		return nil, err
	}
	var out []console.Answer
	for _, m := range list {
		if a, whose := answerIn(m.Raw); whose == to {
			out = append(out, a)
		}
	}
	return out, nil
}

// answerIn reads a mail of ours, and whom it is for.
func answerIn(raw []byte) (a console.Answer, to nasdesk.Address) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return a, ""
	}
	_ = to.Set(m.Header.Get("To")) // ours are well formed
	a.MessageID, a.InReplyTo = m.Header.Get("Message-ID"), m.Header.Get("In-Reply-To")
	a.At, _ = m.Header.Date()
	subject, text, _ := strings.Cut(plainPart(raw), "\n\n")
	a.Subject, a.Text = strings.TrimPrefix(subject, "Subject: "), strings.TrimSpace(text)
	return a, to
}

// demoOutsider is somebody whose address is proved, and who is in no register.
const demoOutsider = "casey.lindqvist@example.org"

// demoExamples are mails ready to be sent, on the register of the demo.
func demoExamples() []console.Example {
	const larch, mill, toll, dental = "pharmacy.fda01@nhs.net", "pharmacy.fdb02@nhs.net", "pharmacy.fdc03@nhs.net", "dental.v09999@nhs.net"
	return []console.Example{
		{Name: "A new starter", Says: "Everything is there: it is accepted at once, and staff make the account.", From: larch, Subject: "New dispenser", Text: "Please set up an nhs.net account for our new dispenser.\n\nFull name: Clara Wetherby\nMobile: 07700 900 111\nAlternative email: clara.wetherby@example.com\nRole: Member\n\nOlive"},
		{Name: "The mobile is missing", Says: "You are asked for it. Reply with nothing but a number, such as 07700 900 112.", From: mill, Subject: "New counter assistant", Text: "New nhs.net account please:\n\nFull name: Dorian Pell\nAlternative email: dorian.pell@example.org\nRole: Member\n\nPriya"},
		{Name: "Long-term leave, in prose", Says: "What was read is read back. Reply YES, and it is done.", From: larch, Subject: "Barnaby on leave", Text: "Hello,\n\nBarnaby Quill goes on long-term leave. Could you please disable his account? His registered mobile is 07700 900002, and I am the owner of the mailbox, olive.hartnell@nhs.net.\n\nMany thanks\nOlive Hartnell"},
		{Name: "Too late to restore", Says: "It was deleted more than 30 days ago: the refusal cites the rule and holds the form for a new account.", From: larch, Subject: "Please restore Jonas", Text: "Please reinstate this deleted account.\n\nEmail: jonas.peverell@nhs.net\nRegistered mobile: 07700 900004\n\nBarnaby"},
		{Name: "More than ten accounts", Says: "The region is asked. Write as england.brookshire-pods@nhs.net, reply to its mail with: Approved.", From: toll, Subject: "Weekend pharmacist", Text: "Please create a new nhs.net account:\n\nFull name: Imogen Farrow\nMobile: 07700 900 113\nAlternative email: imogen.farrow@example.net\nRole: Member\n\nCleo"},
		{Name: "Two pharmacies become one", Says: "The other mailbox has to agree. Write as pharmacy.fdb02@nhs.net and reply to its mail with: Yes, we agree.", From: larch, Subject: "Consolidation", Text: "Please consolidate our two pharmacies.\n\nClosing ODS code: FDB02\nContinuing ODS code: FDA01\nOwners: priya.anand@nhs.net\nLeavers: rufus.tolland@nhs.net\n\nOlive Hartnell"},
		{Name: "A forged sender", Says: "Nobody vouches for it, so nothing is answered. Staff see it among the quarantined.", From: larch, Forged: true, Subject: "Urgent: new owner", Text: "Please create a new nhs.net account and make it an owner at once.\n\nFull name: Victor Lorne\nMobile: 07700 900 104\nAlternative email: v.lorne@example.org\nRole: Owner"},
		{Name: "How far is it?", Says: "A question about an earlier request is answered with how it stands.", From: larch, Subject: "Our request", Text: "Hello, could you tell us the status of our request " + nasdesk.Reference("sample-01@example.org", 1) + " please?\n\nOlive"},
		{Name: "Ignore my last mail", Says: "Send \u201cThe mobile is missing\u201d first: this takes it back.", From: mill, Subject: "Sorry", Text: "Please ignore my last email.\n\nPriya"},
		{Name: "Several in one mail", Says: "One reply says of each what becomes of it.", From: dental, Subject: "Two new starters", Text: "Hello, two new nhs.net accounts please.\n\nFull name: Tamsin Oake\nMobile: 07700 900 114\nAlternative email: tamsin.oake@example.com\nRole: Member\n\nFull name: Bertram Shaw\nMobile: 07700 900 115\nAlternative email: bertram.shaw@example.net\n\nRufus"},
		{Name: "Lost details", Says: "Staff always decide on this: it is acknowledged, and stands among the exceptions.", From: demoOutsider, Subject: "No details received", Text: "I work at Millstream Chemist and have never received the details of my personal nhs.net account. Could you help?\n\nFull name: Casey Lindqvist\nODS code: FDB02\nMailbox: pharmacy.fdb02@nhs.net"},
		{Name: "A suspicious text", Says: "It is thanked for, and passed to staff.", From: mill, Subject: "Suspicious text message", Text: "We want to report a suspicious text message. It said it was the NHSmail helpdesk and asked for a password. Nobody answered it.\n\nPriya"},
	}
}
