package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"nasdesk"
	"nasdesk/console"
)

// openTry runs a demo without its samples.
func openTry(t *testing.T) (*show, string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	sh, err := openDemo(ctx, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	at, err := sh.openConsole(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	ran := make(chan error, 1)
	go func() { ran <- sh.service.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ran; err != nil {
			t.Error(err)
		}
		sh.close()
	})
	return sh, at
}

// decision waits for what became of the mail sent last.
func (sh *show) decision(t *testing.T) string {
	t.Helper()
	select {
	case d := <-sh.decided:
		var out []string
		for _, r := range d.Results {
			out = append(out, fmt.Sprintf("%s %s", r.Kind, r.Outcome))
		}
		return strings.Join(out, ", ")
	case <-time.After(30 * time.Second):
		t.Fatal("no decision")
		return ""
	}
}

// answer waits for a mail to somebody that holds a text.
func (sh *show) answer(t *testing.T, to nasdesk.Address, text string) console.Answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for n := 1; ; n++ {
		list, err := sh.tryAnswers(ctx, to)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range list {
			if strings.Contains(a.Subject+"\n"+a.Text, text) {
				return a
			}
		}
		have, _ := sh.office.Messages(demoPeople, "INBOX")
		if _, err := sh.office.Wait(ctx, demoPeople, "INBOX", len(have)+1); err != nil {
			t.Fatalf("no mail to %s says %q: %v", to, text, err)
		}
	}
}

// Every example shows what it says it shows.
func TestTheExamplesOfTheDemo(t *testing.T) {
	sh, _ := openTry(t)
	want := []string{"new-user accepted", "new-user needs-info", "disable confirm", "reinstate refused", "new-user awaiting", "consolidation awaiting", "unverified quarantined",
		"status accepted", "new-user refused", "new-user accepted, new-user needs-info", "lost-details exception", "report exception"}
	examples := demoExamples()
	if len(examples) != len(want) {
		t.Fatalf("%d examples", len(examples))
	}
	if _, err := sh.sample(t.Context(), "demo/mails/01-new-starter.eml"); err != nil { // one asks about it
		t.Fatal(err)
	}
	for i, e := range examples {
		if err := sh.trySend(t.Context(), console.TryMail{From: e.From, Subject: e.Subject, Text: e.Text, Forged: e.Forged}); err != nil {
			t.Fatal(err)
		}
		if got := sh.decision(t); got != want[i] {
			t.Errorf("%s: %s, want %s", e.Name, got, want[i])
		}
	}
}

func TestAVisitorRepliesInTheThread(t *testing.T) {
	sh, _ := openTry(t)
	e := demoExamples()[1]
	if err := sh.trySend(t.Context(), console.TryMail{From: e.From, Subject: e.Subject, Text: e.Text}); err != nil {
		t.Fatal(err)
	}
	sh.decision(t)
	asked := sh.answer(t, e.From, "Mobile")
	if !strings.Contains(asked.Subject, "NAS-") || asked.At.IsZero() || strings.Contains(asked.Text, "Content-Type") {
		t.Errorf("%+v", asked)
	}
	if err := sh.trySend(t.Context(), console.TryMail{From: e.From, Subject: "RE: " + asked.Subject, Text: "07700 900 112", InReplyTo: asked.MessageID}); err != nil {
		t.Fatal(err)
	}
	if got := sh.decision(t); got != "new-user accepted" {
		t.Errorf("the answer is %s", got)
	}
	if err := sh.trySend(t.Context(), console.TryMail{From: e.From, Subject: "x\r\nBcc: somebody@example.org", Text: "Hello"}); err != nil {
		t.Fatal(err)
	}
	if got := sh.decision(t); got != "unknown exception" {
		t.Errorf("a subject with a line of its own is %s", got)
	}
}

func TestTheDemosConsoleIsOpen(t *testing.T) {
	_, at := openTry(t)
	get := func(path string) (int, string) {
		var err error
		for range 100 { // it opens while we ask
			var r *http.Response
			if r, err = http.Get(at + path); err == nil {
				defer r.Body.Close()
				b, _ := io.ReadAll(r.Body)
				return r.StatusCode, string(b)
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Fatal(err)
		return 0, ""
	}
	if status, page := get("/try"); status != 200 || !strings.Contains(page, "A new starter") || !strings.Contains(page, demoSenders[0]) {
		t.Errorf("/try is %d: %s", status, page)
	}
	if status, page := get("/"); status != 200 || !strings.Contains(page, "The password of all is: "+demoPassword) {
		t.Errorf("/ is %d: %s", status, page)
	}
}

func TestTheDemoListensOnThisMachineAlone(t *testing.T) {
	for _, listen := range []string{"0.0.0.0:0", ":8420", "example.org:80", "127.0.0.1"} {
		if at, err := loopback(listen); err == nil {
			t.Errorf("%s: %s", listen, at)
		}
	}
	if at, err := loopback(""); err != nil || !strings.HasPrefix(at, "127.0.0.1:") || strings.HasSuffix(at, ":0") {
		t.Errorf("%s, %v", at, err)
	}
}
