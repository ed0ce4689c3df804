package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"nasdesk"
	"nasdesk/inbox"
	"nasdesk/parser"
	"nasdesk/store"
)

const plainRequest = "Authentication-Results: mx.nhs.net; dmarc=pass header.from=nhs.net\r\nReceived: from a by b; x\r\n" +
	"From: Saltmarsh <pharmacy.fbc12@nhs.net>\r\nTo: helpdesk@nhs.net\r\nSubject: Remove a user\r\nMessage-ID: <MID@example.org>\r\n\r\n" +
	"Please remove this user from our shared mailbox:\r\n\r\nNHS.net email: imelda.foss@nhs.net\r\n"

func southReplay(t testing.TB) *replay {
	t.Helper()
	w, err := store.ReadWorldDir("../../testdata/worlds/south")
	if err != nil {
		t.Fatal(err)
	}
	r, err := replayOf(t.Context(), w, "rfc8601:mx.nhs.net", time.Date(2026, 5, 6, 10, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.store.Close() })
	return r
}

// A stuck is a reader that never comes to the end of messages that say so.
type stuck struct {
	until <-chan struct{}
	next  inbox.Recogniser
}

func (s stuck) read(raw []byte, o parser.Options) *nasdesk.Message {
	if strings.Contains(string(raw), "unreadable") {
		<-s.until
	}
	return parser.Read(raw, o)
}

func (s stuck) Recognise(m *nasdesk.Message, c *nasdesk.Case) nasdesk.Heard {
	if strings.Contains(m.Text, "endless") {
		<-s.until
	}
	return s.next.Recognise(m, c)
}

// A message that takes too long is held for staff, and the intake goes on.
func TestPatience(t *testing.T) {
	r := southReplay(t)
	end, stop := context.WithCancel(t.Context())
	defer stop()
	s := stuck{until: end.Done(), next: r.line.Reader}
	r.line.Read, r.line.Reader = s.read, s
	for _, c := range []struct {
		name, add string
		patience  time.Duration
		want      nasdesk.Outcome
		why       nasdesk.Reason
	}{
		{"reading", "unreadable\r\n", time.Millisecond, nasdesk.Exception, nasdesk.Unreadable},
		{"understanding", "endless\r\n", time.Millisecond, nasdesk.Exception, nasdesk.Unreadable},
		{"neither", "", 0, nasdesk.Accepted, ""},
	} {
		r.line.Patience = c.patience
		res, err := r.message(t.Context(), c.name, []byte(strings.Replace(plainRequest, "MID", c.name, 1)+c.add))
		if err != nil {
			t.Fatal(c.name, err)
		}
		if q := res.Requests[0]; q.Outcome != c.want || c.why != "" && q.Reasons[0] != c.why || !res.Sender.Verified {
			t.Errorf("%s: %+v", c.name, res)
		}
	}
}

// A message whose very header takes too long is tried again, and parked in the
// end: it cannot stop those behind it.
func TestPatienceWithAFault(t *testing.T) {
	r := southReplay(t)
	r.line.Log = slog.New(slog.DiscardHandler)
	r.line.Read = func([]byte, parser.Options) *nasdesk.Message { panic("a fault of ours") }
	at := inbox.Location{Folder: "INBOX", UIDValidity: 1, UID: 1}
	var folder nasdesk.Folder
	for range 7 {
		folder, _ = r.line.Take(t.Context(), []byte(plainRequest), at)
	}
	if folder != nasdesk.FolderExceptions {
		t.Errorf("folder %q: it was not parked", folder)
	}
}

// What Exchange gives in place of a message is no message: nothing is kept, so
// that the true one can come.
func TestPlaceholder(t *testing.T) {
	r := southReplay(t)
	at := inbox.Location{Folder: "INBOX", UIDValidity: 1, UID: 1}
	const head = "From: Microsoft Exchange Server\r\nSubject: Retrieval using the IMAP4 protocol failed for the following message: 1234\r\n\r\n"
	body := strings.SplitN(plainRequest, "\r\n\r\n", 2)[1]
	if _, err := r.line.Take(t.Context(), []byte(head+body), at); !errors.Is(err, inbox.ErrPlaceholder) {
		t.Errorf("taken: %v", err)
	}
	folder, err := r.line.Take(t.Context(), []byte(plainRequest), at)
	if err != nil || folder != nasdesk.FolderProcessed {
		t.Errorf("the true message: %q, %v", folder, err)
	}
	forged := "Received: from a by b; x\r\n" + head + body
	if folder, err := r.line.Take(t.Context(), []byte(forged), inbox.Location{Folder: "INBOX", UIDValidity: 1, UID: 2}); err != nil || folder != nasdesk.FolderQuarantined {
		t.Errorf("one that was sent to us: %q, %v", folder, err)
	}
}
