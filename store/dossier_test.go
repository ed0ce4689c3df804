package store

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"nasdesk"
)

func TestDossier(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		if _, err := s.Dossier(t.Context(), 99, today); !errors.Is(err, ErrNone) {
			t.Errorf("a request that is none: %v", err)
		}
		earlier := inQueue(t, s, "k0", fa123, func(r *nasdesk.Request) { r.Answers = nil })
		samePerson := inQueue(t, s, "k1", fb456, func(r *nasdesk.Request) {})
		inQueue(t, s, "k2", fb456, func(r *nasdesk.Request) { r.Answers = nil }) // has nothing in common

		k, err := s.Keep(t.Context(), []byte("raw"), Location{"INBOX", 1, 1}, now)
		if err != nil {
			t.Fatal(err)
		}
		ev := mailEvent("m1", fa123)
		d, err := s.Decide(t.Context(), ev, nasdesk.Keys{Party: fa123}, k.ID, func(*nasdesk.Case) nasdesk.Decision {
			r := aRequest(ev, fa123)
			r.Answers = append(r.Answers, nasdesk.Answer{Field: "alternative", Value: "tbarker@example.org"})
			r.Rule, r.Assignee, r.Bounced, r.Snoozed = "new-user/ten", "anna", now, today
			return nasdesk.Decision{Folder: nasdesk.FolderProcessed, Requests: []nasdesk.Request{r}, Actions: []nasdesk.Work{{Action: r.Actions[0]}},
				Dates:   []nasdesk.Due{{Key: "d1", What: nasdesk.DueEffective, At: now + hour}},
				Mails:   []nasdesk.Mail{{Key: "m1/a", To: fa123, About: nasdesk.Confirmation, Requests: []int{0}, Subject: "Re: New starter", Text: "Done."}, {Key: "m1/b", To: north, Subject: "other", About: nasdesk.Notice}},
				Journal: []nasdesk.Entry{{What: "request-accepted", Request: 0, Detail: "new-user"}}}
		})
		if err != nil {
			t.Fatal(err)
		}
		id := d.Requests[0].ID
		decide(t, s, nasdesk.Event{Key: "click/1", At: now + 9, Staff: &nasdesk.StaffEvent{Act: nasdesk.ActReply}}, nasdesk.Keys{Requests: []int64{id}}, func(c *nasdesk.Case) nasdesk.Decision {
			return nasdesk.Decision{Requests: []nasdesk.Request{*c.Request(id)}, Notes: []nasdesk.Note{{By: "anna", Text: "Rang them."}},
				Mails:   []nasdesk.Mail{{Key: "click/1/a", To: fa123, About: nasdesk.Confirmation, Requests: []int{0}, Subject: "Re: New starter", Text: "More."}},
				Journal: []nasdesk.Entry{{What: "staff-replied", Request: 0}}}
		})
		sent, err := s.DueMails(t.Context(), now, 1, hour)
		if err != nil || len(sent) != 1 {
			t.Fatalf("%v, %v", sent, err)
		}
		if err := s.MailSent(t.Context(), sent[0].ID, 1, now+3, "id@nhs.net", false); err != nil {
			t.Fatal(err)
		}
		click := clicked(t, s, nasdesk.StaffEvent{By: "anna", Act: nasdesk.ActNote, Request: id}, ClickReady, now)
		sealed(t, s)

		got, err := s.Dossier(t.Context(), id, today)
		if err != nil {
			t.Fatal(err)
		}
		if r := got.Request; r.ID != id || r.Rule != "new-user/ten" || r.Assignee != "anna" || r.Bounced != now || r.Snoozed != today || r.Version != 2 {
			t.Errorf("request = %+v", r)
		}
		if c := got.Case; c.Request(id) == nil || c.Mailbox(fa123) == nil || c.Account(tom) == nil || c.Role(fa123, amina) != nasdesk.Owner {
			t.Errorf("case = %+v", c)
		}
		wantLetters := []Letter{
			{At: now, From: fa123, Subject: "New starter", Message: k.ID, MessageID: "m1@example.com"},
			{Ours: true, At: now + 3, To: fa123, Subject: "Re: New starter", Mail: sent[0].ID, MessageID: "id@nhs.net", About: nasdesk.Confirmation, Text: "Done.", State: "sent"},
			{Ours: true, At: now + 9, To: fa123, Subject: "Re: New starter", Mail: sent[0].ID + 2, About: nasdesk.Confirmation, Text: "More.", State: "ready"},
		}
		if !reflect.DeepEqual(got.Letters, wantLetters) {
			t.Errorf("letters = %+v\nwant %+v", got.Letters, wantLetters)
		}
		var whats []string
		for _, l := range got.Journal {
			whats = append(whats, l.What)
		}
		if !slices.Equal(whats, []string{"request-accepted", "staff-replied", "staff-planned"}) {
			t.Errorf("journal = %q", whats)
		}
		if !reflect.DeepEqual(got.Notes, []StaffNote{{now + 9, "anna", "Rang them."}}) || len(got.Work) != 1 || got.Work[0].State != "ready" ||
			len(got.Dates) != 1 || got.Dates[0].At != now+hour || len(got.Clicks) != 1 || got.Clicks[0].ID != click {
			t.Errorf("notes %+v, work %+v, dates %+v, clicks %+v", got.Notes, got.Work, got.Dates, got.Clicks)
		}
		if ids := idsOf(got.Similar); !slices.Equal(ids, []int64{samePerson.ID, earlier.ID}) {
			t.Errorf("similar = %v, want %v", ids, []int64{samePerson.ID, earlier.ID})
		}
		w, err := s.Work(t.Context(), got.Work[0].ID)
		if err != nil || w.Request != id || w.Action.Name != nasdesk.CreateAccount || w.Action.Key != "m1/1" {
			t.Errorf("Work = %+v, %v", w, err)
		}
		if _, err := s.Work(t.Context(), 999); !errors.Is(err, ErrNone) {
			t.Errorf("work that is none: %v", err)
		}
	})
}

// However many look at a request, its conversation and what happened stay.
func TestLooksDoNotCrowdOutADossier(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		r := inQueue(t, s, "k1", fa123, func(*nasdesk.Request) {})
		for range mostLooks + 3 {
			if err := s.Viewed(t.Context(), "anna", "request", r.ID, "", now); err != nil {
				t.Fatal(err)
			}
		}
		d, err := s.Dossier(t.Context(), r.ID, today)
		if err != nil || len(d.Journal) != mostLooks+1 || d.Journal[0].What != "request-referred" || d.Journal[1].What != "viewed" {
			t.Errorf("%d lines, %v", len(d.Journal), err)
		}
	})
}

// A letter says as whose it was decided on, whatever the trust is today.
func TestALetterKeepsItsSender(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		for i, sender := range []nasdesk.ResultSender{{Address: fa123, Verified: true, Mailbox: fa123}, {Address: fa123, Mailbox: fa123, Released: []string{"anna", "ben"}}} {
			k, err := s.Keep(t.Context(), []byte("raw "+sender.Address), Location{"INBOX", 1, uint32(i + 1)}, now)
			if err != nil {
				t.Fatal(err)
			}
			ev := mailEvent("m"+string(rune('1'+i)), fa123)
			d, err := s.Decide(t.Context(), ev, nasdesk.Keys{Party: fa123}, k.ID, always(nasdesk.Decision{Sender: sender, Requests: []nasdesk.Request{aRequest(ev, fa123)},
				Journal: []nasdesk.Entry{{What: "request-accepted", Request: 0}}}))
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.Dossier(t.Context(), d.Requests[0].ID, today)
			if err != nil || len(got.Letters) != 1 || !reflect.DeepEqual(got.Letters[0].Sender, sender) {
				t.Errorf("%+v, %v", got.Letters, err)
			}
		}
	})
}
