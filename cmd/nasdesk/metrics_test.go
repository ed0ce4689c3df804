package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"nasdesk"
	"nasdesk/inbox"
	"nasdesk/outbox"
)

// TestFigures: what operators see of a service that has decided two mails and has
// nothing to connect to.
func TestFigures(t *testing.T) {
	d := openOnline(t)
	w, err := demoWorld(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	st, err := memoryStore(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	svc, err := wire(d.conf, st, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for n, text := range []string{"Please create an account.", "The printer has stopped again."} {
		raw := fmt.Appendf(nil, "Authentication-Results: mx.nhs.net; dmarc=pass header.from=nhs.net\r\nReceived: by mx.nhs.net; Mon, 20 Apr 2026 09:00:00 +0100\r\n"+
			"From: pharmacy.fda01@nhs.net\r\nSubject: Hello\r\nMessage-ID: <figures-%d@nhs.net>\r\nDate: Mon, 20 Apr 2026 09:00:00 +0100\r\n\r\n%s\r\n", n, text)
		if _, err := svc.line.Take(t.Context(), raw, inbox.Location{Folder: "INBOX", UIDValidity: 1, UID: uint32(n + 1)}); err != nil {
			t.Fatal(err)
		}
	}
	get := func(path string) (int, string) {
		rec := httptest.NewRecorder()
		svc.observed(false).Handler.ServeHTTP(rec, httptest.NewRequest("GET", path, nil))
		text, _ := io.ReadAll(rec.Result().Body)
		return rec.Code, string(text)
	}
	code, text := get("/metrics")
	if code != 200 {
		t.Fatalf("%d %s", code, text)
	}
	for _, want := range []string{
		`nasdesk_requests_total{kind="new-user",outcome="needs-info"} 1`,
		`nasdesk_requests_total{kind="unknown",outcome="exception"} 1`,
		`nasdesk_unaccounted_messages 0`, `nasdesk_inbox_connected 0`, `nasdesk_holds_inbox 1`, `nasdesk_seconds_since_listing -1`,
		`nasdesk_waiting_rows{queue="mail"} 2`, `nasdesk_waiting_rows{queue="work"} 0`, `nasdesk_staff_queue_rows{queue="exceptions"} 1`,
		`nasdesk_send_budget_left 1500`, `nasdesk_database_up 1`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("the figures lack %q", want)
		}
	}
	if strings.Contains(text, "fda01") || regexp.MustCompile(`07\d{9}`).MatchString(text) {
		t.Error("the figures hold personal data")
	}
	if code, text := get("/healthz"); code != 200 || text != "alive\n" {
		t.Errorf("health: %d %q", code, text)
	}
	if code, text := get("/readyz"); code != 503 || !strings.Contains(text, "the inbox is not connected") {
		t.Errorf("ready: %d %q", code, text)
	}
	if code, _ := get("/debug/pprof/"); code != 404 {
		t.Errorf("profiles without the setting: %d", code)
	}
}

// TestAlarmMail: of a storm of alarms one mail arrives, which names each once and
// how often.
func TestAlarmMail(t *testing.T) {
	is := newIssuer(t)
	sub, address := newSubmission(t, is)
	is.good["t"] = true
	host, port, _ := strings.Cut(address, ":")
	server := func(host, port string) *outbox.Sender {
		var n int
		_, _ = fmt.Sscan(port, &n)
		s, err := outbox.NewSender(outbox.Server{Host: host, Port: n, Security: outbox.Plain, Auth: outbox.AuthXOAUTH2, Username: helpdesk, Secret: secretOf("t")})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	a := newAlarms("operators@example.org", outbox.Identity{Name: "nasdesk", Address: helpdesk}, time.Hour, server(host, port), time.Now, slog.New(slog.DiscardHandler))
	for range 1000 {
		a.raise(outbox.AlarmWork, "the directory cannot be asked")
	}
	a.raise(outbox.AlarmBudget, "")
	if err := a.send(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := a.send(t.Context()); err != nil || sub.count() != 1 {
		t.Fatalf("%d mails, want one and then silence: %v", sub.count(), err)
	}
	got := string(sub.taken[0])
	for _, want := range []string{"To: <operators@example.org>", "nasdesk needs a person", outbox.AlarmWork + ": the directory cannot be asked (1000 times)", outbox.AlarmBudget, "Auto-Submitted: auto-"} {
		if !strings.Contains(got, want) {
			t.Errorf("the mail lacks %q:\n%s", want, got)
		}
	}
	a.raise(outbox.AlarmFault, "")
	a.server = server("127.0.0.1", closedPort(t)[len("127.0.0.1:"):])
	if err := a.send(t.Context()); err == nil {
		t.Error("a server that is away is no error")
	}
	a.server = server(host, port)
	if err := a.send(t.Context()); err != nil || sub.count() != 2 || !strings.Contains(string(sub.taken[1]), outbox.AlarmFault) {
		t.Errorf("what could not be sent is lost: %v", err)
	}
	a.server = meanwhile{a.server, func() { a.raise(outbox.AlarmDoubt, "while the mail is on its way") }}
	a.raise(outbox.AlarmMail, "")
	for range 2 {
		if err := a.send(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := sub.count(); n != 4 || !strings.Contains(string(sub.taken[3]), "while the mail is on its way") {
		t.Errorf("%d mails: what is raised while one is sent must come with the next", n)
	}
	var none *alarms
	none.raise("x", "") // nobody is told
}

// meanwhile is a server during whose work something happens.
type meanwhile struct {
	outbox.Transport
	happens func()
}

func (m meanwhile) Send(ctx context.Context, from, to nasdesk.Address, raw []byte) error {
	m.happens()
	return m.Transport.Send(ctx, from, to, raw)
}

func secretOf(s string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return s, nil }
}
