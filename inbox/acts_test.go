package inbox

import (
	"context"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"nasdesk"
	"nasdesk/workflows"
)

// What staff do points at the requests that it names, at what was typed, and at
// the rows of an edit: with them the case is whole.
func TestKeysOfAct(t *testing.T) {
	rows := []struct {
		name string
		e    nasdesk.StaffEvent
		want nasdesk.Keys
	}{
		{"a request", nasdesk.StaffEvent{Request: 7}, nasdesk.Keys{Requests: []int64{7}}},
		{"two requests", nasdesk.StaffEvent{Request: 7, Other: 8}, nasdesk.Keys{Requests: []int64{7, 8}}},
		{"a mobile", nasdesk.StaffEvent{Request: 7, Value: "07700 900123"}, nasdesk.Keys{Requests: []int64{7}, Mobiles: []nasdesk.Mobile{"07700900123"}}},
		{"an address", nasdesk.StaffEvent{Request: 7, Value: "Ada.State@nhs.net"}, nasdesk.Keys{Requests: []int64{7}, Addresses: []nasdesk.Address{"ada.state@nhs.net"}}},
		{"several addresses", nasdesk.StaffEvent{Value: "ada@nhs.net, bea@nhs.net"}, nasdesk.Keys{Addresses: []nasdesk.Address{"ada@nhs.net", "bea@nhs.net"}}},
		{"a code", nasdesk.StaffEvent{Value: "fzz01"}, nasdesk.Keys{ODS: []nasdesk.ODSCode{"FZZ01"}}},
		{"a word", nasdesk.StaffEvent{Value: "owner"}, nasdesk.Keys{}},
		{"further fields", nasdesk.StaffEvent{Also: map[string]string{"mobile": "07700900123"}}, nasdesk.Keys{Mobiles: []nasdesk.Mobile{"07700900123"}}},
		{"a mailbox", nasdesk.StaffEvent{Edit: &nasdesk.Edit{Mailbox: &nasdesk.Mailbox{Address: "a@nhs.net", ODS: "FZZ01"}}}, nasdesk.Keys{Addresses: []nasdesk.Address{"a@nhs.net"}, ODS: []nasdesk.ODSCode{"FZZ01"}}},
		{"an account", nasdesk.StaffEvent{Edit: &nasdesk.Edit{Account: &nasdesk.Account{Address: "a@nhs.net", Mobile: "07700900123"}}}, nasdesk.Keys{Addresses: []nasdesk.Address{"a@nhs.net"}, Mobiles: []nasdesk.Mobile{"07700900123"}}},
		{"links", nasdesk.StaffEvent{Edit: &nasdesk.Edit{Link: &nasdesk.Membership{Mailbox: "m@nhs.net", Account: "a@nhs.net"}, Unlink: &nasdesk.Membership{Mailbox: "n@nhs.net", Account: "a@nhs.net"}}},
			nasdesk.Keys{Addresses: []nasdesk.Address{"m@nhs.net", "a@nhs.net", "n@nhs.net"}}},
		{"an approval", nasdesk.StaffEvent{Edit: &nasdesk.Edit{Approval: &nasdesk.Approval{Mailbox: "m@nhs.net"}}}, nasdesk.Keys{Addresses: []nasdesk.Address{"m@nhs.net"}}},
	}
	for _, row := range rows {
		if got := keysOfEvent(nasdesk.Event{Staff: &row.e}); !reflect.DeepEqual(got, row.want) {
			t.Errorf("%s: got %+v, want %+v", row.name, got, row.want)
		}
	}
}

// deciding is a memory that decides on an empty case, and keeps nothing.
type deciding struct {
	Memory
	keys nasdesk.Keys
}

func (m *deciding) Decide(_ context.Context, ev nasdesk.Event, keys nasdesk.Keys, _ int64, step func(*nasdesk.Case) nasdesk.Decision) (nasdesk.Decision, error) {
	m.keys = keys
	d := step(&nasdesk.Case{Keys: keys})
	d.Event = ev
	return d, nil
}

// A release is the word of two people in place of a proof. It proves whom From
// names, and nobody where it names nobody.
func TestRelease(t *testing.T) {
	const mail = "To: helpdesk@nhs.net\r\nSubject: Hello\r\nMessage-ID: <1@example.org>\r\n\r\nHello there.\r\n"
	profile, err := ParseTrust("rfc8601:mx.nhs.net")
	if err != nil {
		t.Fatal(err)
	}
	rows := []struct {
		name, from, by, second, fails string
	}{
		{"two people", "From: pharmacy.fzz01@nhs.net\r\n", "ann", "ben", ""},
		{"one alone", "From: pharmacy.fzz01@nhs.net\r\n", "ann", "", "two members"},
		{"one twice", "From: pharmacy.fzz01@nhs.net\r\n", "ann", "ann", "two members"},
		{"nobody", "From: pharmacy.fzz01@nhs.net\r\n", "", "ben", "two members"},
		{"no From", "", "ann", "ben", "from whom"},
		{"two Froms", "From: a@nhs.net\r\nFrom: b@nhs.net\r\n", "ann", "ben", "from whom"},
	}
	for _, row := range rows {
		m := &deciding{}
		l := NewLine(m, profile, workflows.DefaultDesk, func() time.Time { return time.Date(2026, 4, 22, 10, 0, 0, 0, time.UTC) }, slog.New(slog.DiscardHandler))
		at := Location{Folder: "INBOX", UIDValidity: 1, UID: 5}
		d, err := l.Release(t.Context(), []byte(row.from+mail), at, 1, row.by, row.second)
		if row.fails != "" {
			if err == nil || !strings.Contains(err.Error(), row.fails) {
				t.Errorf("%s: %v, want an error that says %q", row.name, err, row.fails)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", row.name, err)
		}
		p := d.Event.Mail.Proof
		if p.Sender.Address() != "pharmacy.fzz01@nhs.net" || !reflect.DeepEqual(p.Released, []string{"ann", "ben"}) || m.keys.Party != p.Sender.Address() {
			t.Errorf("%s: proof %+v, party %s", row.name, p, m.keys.Party)
		}
		if !strings.HasPrefix(d.Event.Key, "release/mail/") || d.Sender.Verified || len(d.Sender.Released) != 2 {
			t.Errorf("%s: event %s, sender %+v", row.name, d.Event.Key, d.Sender)
		}
		if len(d.Journal) == 0 || d.Journal[0].What != "message-released" || d.Journal[0].Detail != "by ann and ben" {
			t.Errorf("%s: journal %v", row.name, d.Journal)
		}
	}
}

// A preview of what needs a second person says so, and shows what would follow.
func TestPreviewWithSecond(t *testing.T) {
	c := &nasdesk.Case{
		Mailboxes: []nasdesk.Mailbox{{Address: "pharmacy.fzz01@nhs.net", ODS: "FZZ01", Sector: nasdesk.Pharmacy, Status: nasdesk.Active}},
		Requests: []nasdesk.Request{{ID: 7, Version: 2, Reference: "NAS-0000000A", N: 1, Kind: "extra-accounts", Asked: "extra-accounts", Party: "pharmacy.fzz01@nhs.net", Mailbox: "pharmacy.fzz01@nhs.net",
			State: nasdesk.StateReferred, Outcome: nasdesk.Exception, Reasons: []nasdesk.Reason{nasdesk.StaffOnly}, Answers: []nasdesk.Answer{{Field: "count", Value: "12"}, {Field: "business_case", Value: "two branches"}}}},
	}
	l := NewLine(nil, Profile{}, workflows.DefaultDesk, time.Now, slog.New(slog.DiscardHandler))
	pull := func(context.Context, nasdesk.Keys) (*nasdesk.Case, error) { return c, nil }
	for second, want := range map[string]nasdesk.Hindrance{"": nasdesk.SecondPerson, "ben": ""} {
		d, err := l.Preview(t.Context(), nasdesk.Event{Key: "click/0", At: 1, Staff: &nasdesk.StaffEvent{By: "ann", Second: second, Act: nasdesk.ActApprove, Request: 7, Seen: 2}}, pull)
		if err != nil || d.Hindered != want || len(d.Mails) != 1 {
			t.Errorf("with %q: %q, %d mails, %v", second, d.Hindered, len(d.Mails), err)
		}
		if d.Event.Staff.Second != second {
			t.Errorf("with %q: the event says %q", second, d.Event.Staff.Second)
		}
	}
}
