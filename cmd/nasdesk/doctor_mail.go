package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/textproto"
	"strings"
	"time"

	"nasdesk/inbox"
	"nasdesk/workflows"
)

// token asks the endpoint for a token, which IMAP and SMTP sign in with.
func (x *examination) token(_ context.Context, r *report) {
	if !x.c.usesTokens() {
		r.off = true
		return
	}
	if _, err := x.tok.token(); err != nil {
		r.wrong("%v", err)
	}
	r.note("%s gives one", x.c.OAuth2.TokenURL)
}

// drift is how far clocks may be apart. Tokens and signatures bear five minutes;
// one minute is far beyond what a machine with NTP shows.
const drift = time.Minute

// clock holds ours against the database's and the token endpoint's.
func (x *examination) clock(ctx context.Context, r *report) {
	var with []string
	against := func(whose string, at time.Time, err error) {
		switch apart := x.now().Sub(at).Round(time.Second); {
		case err != nil:
			r.wrong("the clock of %s cannot be seen: %v", whose, err)
		case apart.Abs() > drift:
			r.wrong("our clock and that of %s are %s apart: run NTP on both", whose, apart.Abs())
		default:
			with = append(with, whose)
		}
	}
	if x.store != nil {
		at, err := x.store.Clock(ctx)
		against("the database", at, err)
	}
	if url := x.c.OAuth2.TokenURL; x.c.usesTokens() {
		at, err := dateAt(ctx, url)
		against("the token endpoint", at, err)
	}
	if r.note("agrees with that of %s", strings.Join(with, " and ")); len(with) == 0 {
		r.note("nothing to hold it against")
	}
}

// dateAt is the Date that a web server stamps (RFC 9110, 6.6.1), to the second.
func dateAt(ctx context.Context, url string) (time.Time, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, url, nil)
	if err != nil {
		return time.Time{}, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return time.Time{}, withoutURL(err)
	}
	resp.Body.Close()
	return http.ParseTime(resp.Header.Get("Date"))
}

// imap signs in to the mailbox and looks round.
func (x *examination) imap(ctx context.Context, r *report) {
	set := x.c.imapSettings(x.tok, func(string, string) {}, slog.New(slog.DiscardHandler))
	set.Timeout = min(set.Timeout, x.limit)
	found, err := inbox.LookIn(ctx, set)
	x.certificate(r, "imap", x.c.IMAP.Address, found.TLS)
	if err != nil {
		r.wrong("%s", x.imapFault(found.Reached, err))
		return
	}
	if !found.Move {
		r.wrong("the server has no MOVE (RFC 6851): messages are copied and then deleted, and a cut between the two leaves both; use a server that has it")
	}
	if found.ReadOnly {
		r.wrong("the inbox can only be read: give %s full access to the mailbox, else nothing can be moved out of it", x.c.IMAP.User)
	}
	told := fmt.Sprintf("%s, %d messages wait", x.c.IMAP.Address, found.Messages)
	if !found.UIDPlus {
		told += ", no UIDPLUS"
	}
	if !found.Idle {
		told += fmt.Sprintf(", no IDLE: new mail is seen within %s", x.c.IMAP.Poll)
	}
	if len(found.Missing) > 0 {
		told += ", serve will make the folders " + strings.Join(found.Missing, ", ")
	}
	r.note("%s", told)
}

// imapFault says what to do about where the look ended.
func (x *examination) imapFault(at inbox.Stage, err error) string {
	if s := tlsFault("imap", err); s != "" {
		return s
	}
	do := map[inbox.Stage]string{
		inbox.StageConnect:      "see that imap.address and imap.security are right, and that a firewall lets us through",
		inbox.StageGreeting:     "something answers that speaks no IMAP in this way: see that imap.address and imap.security are right",
		inbox.StageSignIn:       x.signInHint("imap", x.c.IMAP.Auth == authXOAUTH2),
		inbox.StageCapabilities: "use a server with MOVE (RFC 6851)",
		inbox.StageFolders:      "see that the account may list the mailbox's folders",
		inbox.StageInbox:        "see that imap.inbox names a folder that is there, and that the account has full access to the mailbox",
	}[at]
	return fmt.Sprintf("%s: %v: %s", at, err, do)
}

func (x *examination) signInHint(what string, token bool) string {
	if token {
		return fmt.Sprintf("the token is good, and not for this mailbox: see that %s.user is the mailbox, and that the application was given access to it (New-ServicePrincipal with the object id of the enterprise application, Add-MailboxPermission)", what)
	}
	return fmt.Sprintf("see that %s.user and the password in the file are right; Exchange Online takes no password, only auth = \"xoauth2\"", what)
}

// smtp signs in to the submission server, and sends nothing.
func (x *examination) smtp(ctx context.Context, r *report) {
	c := *x.c
	c.SMTP.Timeout = min(c.SMTP.Timeout, x.limit)
	s, err := c.sender(x.tok)
	if err != nil {
		r.wrong("%v", err)
		return
	}
	found, err := s.LookIn(ctx)
	x.certificate(r, "smtp", c.SMTP.Address, found.TLS)
	if err != nil {
		r.wrong("%s", x.smtpFault(err))
		return
	}
	size := "says no largest size"
	if found.Size != "" {
		size = "takes " + found.Size + " bytes"
	}
	if !found.EightBit {
		size += ", no 8BITMIME: ours need none"
	}
	r.note("%s, signed in by %s, %s", c.SMTP.Address, c.SMTP.Auth, size)
}

func (x *examination) smtpFault(err error) string {
	if s := tlsFault("smtp", err); s != "" {
		return s
	}
	var reply *textproto.Error
	switch text := err.Error(); {
	case errors.As(err, &reply) && reply.Code == 550 && strings.Contains(reply.Msg, "5.7.30"):
		return text + ": the server takes no passwords any more: use auth = \"xoauth2\""
	case errors.As(err, &reply) && (reply.Code == 535 || reply.Code == 534):
		return text + ": " + x.signInHint("smtp", x.c.SMTP.Auth == authXOAUTH2)
	case strings.Contains(text, "does not support STARTTLS"):
		return "the server offers no STARTTLS: see that smtp.address is the submission port (587), or use security = \"implicit\" with port 465"
	case strings.Contains(strings.ToLower(text), "auth") && strings.Contains(text, "support"):
		return fmt.Sprintf("the server does not offer the sign-in of smtp.auth = %q: %v", x.c.SMTP.Auth, err)
	default:
		return text + ": see that smtp.address and smtp.security are right, and that a firewall lets us through"
	}
}

// certificateSoon is how long before its end a certificate is told of.
const certificateSoon = 14 * 24 * time.Hour

// certificate looks at what a server showed of itself.
func (x *examination) certificate(r *report, what, address string, state *tls.ConnectionState) {
	if state == nil || len(state.PeerCertificates) == 0 {
		return
	}
	left := state.PeerCertificates[0].NotAfter.Sub(x.now())
	if left < certificateSoon {
		r.wrong("the certificate of %s ends in %d days: have whoever runs that server renew it", address, int(left.Hours()/24))
	}
	if state.Version < tls.VersionTLS12 {
		r.wrong("%s speaks %s: %s needs TLS 1.2", address, tls.VersionName(state.Version), what)
	}
}

// tlsFault says what is wrong where TLS was not come to; "" where it is something
// else.
func tlsFault(what string, err error) string {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var alert tls.AlertError
	var header tls.RecordHeaderError
	switch {
	case errors.As(err, &unknown):
		return fmt.Sprintf("the certificate is not trusted: name the authority's certificate in %s.ca_file, or have the server use a public one", what)
	case errors.As(err, &name):
		return fmt.Sprintf("the certificate is for another name (%v): give %s.address the name that it was made for", name, what)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the certificate has expired, or our clock is wrong: have whoever runs the server renew it"
	case errors.As(err, &invalid):
		return fmt.Sprintf("the certificate cannot be used: %v", invalid)
	case errors.As(err, &header):
		return fmt.Sprintf("the server does not speak TLS there: see %s.security and the port in %s.address", what, what)
	case errors.As(err, &alert), strings.Contains(err.Error(), "protocol version"):
		return fmt.Sprintf("no TLS could be agreed on (%v): the server must speak TLS 1.2 or later", err)
	}
	return ""
}

// holidays sees that the bank holidays of the coming months are known.
func (x *examination) holidays(_ context.Context, r *report) {
	if ahead := x.now().AddDate(0, 3, 0).Year(); ahead > workflows.HolidaysKnown {
		r.wrong("the bank holidays of %d are reckoned by rule and were not held against those published: update nasdesk", ahead)
	}
	r.note("known until the end of %d", workflows.HolidaysKnown)
}

// listens sees whether we could listen at an address, or do already: get is asked
// of what listens there.
func listens(ctx context.Context, key, at, get string, r *report) {
	if l, err := net.Listen("tcp", at); err == nil {
		l.Close()
		r.note("%s is free to listen at", at)
		return
	}
	ours := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, // only whether it answers
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, get, nil)
	if err != nil {
		r.wrong("%s: %v", key, err)
		return
	}
	resp, err := ours.Do(req)
	if err != nil {
		r.wrong("%s: nasdesk cannot listen at %s, and what is there does not answer as nasdesk would: choose another address, or end the other program", key, at)
		return
	}
	defer resp.Body.Close()
	if text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<16)); !strings.HasSuffix(get, "/healthz") || strings.TrimSpace(string(text)) == "alive" {
		r.note("answers at %s", at)
		return
	}
	r.wrong("%s: another program listens at %s: choose another address, or end it", key, at)
}
