package main

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"nasdesk"
	"nasdesk/inbox"
	"nasdesk/store"
	"nasdesk/store/pgtest"
	"nasdesk/workflows"
)

// claimsWorld is a register in which the facts hang on one another: a mailbox with
// eight accounts, one with two owners, and pairs that will claim the same.
func claimsWorld(t *testing.T) store.World {
	t.Helper()
	boxes := "address,ods_code,name,sector,region_email,dspt_status,status\n"
	accounts := "address,full_name,mobile,alternative_email,status,status_since\n"
	links := "mailbox,account,role\n"
	person := func(name, box, role string) {
		accounts += fmt.Sprintf("%s@nhs.net,%s,,,active,2021-03-01\n", name, strings.ReplaceAll(name, ".", " "))
		links += fmt.Sprintf("pharmacy.%s@nhs.net,%s@nhs.net,%s\n", box, name, role)
	}
	for _, code := range []string{"fca01", "fcb02", "fcc03", "fcd04", "fce05", "fcf06"} {
		boxes += fmt.Sprintf("pharmacy.%s@nhs.net,%s,%s Chemist,pharmacy,,standards-met,active\n", code, strings.ToUpper(code), code)
		person("owner."+code, code, "owner")
	}
	for i := range 7 {
		person(fmt.Sprintf("member.no%d", i), "fca01", "member")
	}
	person("other.owner", "fcb02", "owner")
	w, err := store.ReadWorld(fstest.MapFS{"mailboxes.csv": {Data: []byte(boxes)}, "accounts.csv": {Data: []byte(accounts)}, "memberships.csv": {Data: []byte(links)}})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestClaimsAtOnce lets two programs decide at the same time on requests of which
// only some can be granted. The rules must hold as if they had come one by one.
func TestClaimsAtOnce(t *testing.T) {
	url := pgtest.Start(t).URL
	w := claimsWorld(t)
	var lines []*inbox.Line
	for i := range 2 {
		st, err := openStore(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { st.Close() })
		if i == 0 {
			if err := st.Import(t.Context(), w); err != nil {
				t.Fatal(err)
			}
		}
		profile, _ := inbox.ParseTrust("rfc8601:mx.nhs.net")
		lines = append(lines, inbox.NewLine(memory{Store: st}, profile, workflows.DefaultDesk, time.Now, slog.New(slog.DiscardHandler)))
	}
	newUser := func(box string, n int, mobile string) (string, string) {
		return box, fmt.Sprintf("Please set up a new account:\n\nFull name: Perdita Ashcombe\nMobile: %s\nAlternative email: p.%s.%d@example.com\nRole: Member\n", mobile, box, n)
	}
	for _, c := range []struct {
		name  string
		n     int
		mail  func(i int) (box, text string)
		grant int // how many are accepted
		other nasdesk.Reason
	}{
		{"ten accounts", 12, func(i int) (string, string) { return newUser("fca01", i, fmt.Sprintf("07700 900%03d", 100+i)) }, 2, nasdesk.StaffOnly},
		{"the last owner", 2, func(i int) (string, string) {
			return "fcb02", "Please remove this user from our shared mailbox:\n\nNHS.net email: " + []string{"owner.fcb02", "other.owner"}[i] + "@nhs.net\n"
		}, 1, nasdesk.LastOwner},
		{"one mobile, one person", 6, func(i int) (string, string) {
			return newUser([]string{"fcc03", "fcd04"}[i%2], i, "07700 900200")
		}, 1, nasdesk.DuplicatePerson},
		{"a code in use", 2, func(i int) (string, string) {
			return []string{"fce05", "fcf06"}[i], "Change of site:\n\nOld ODS code: " + []string{"FCE05", "FCF06"}[i] + "\nNew ODS code: FXY99\n"
		}, 1, nasdesk.ODSInUse},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := make([]nasdesk.Decision, c.n)
			start := make(chan struct{})
			var g sync.WaitGroup
			for i := range c.n {
				box, text := c.mail(i)
				raw := fmt.Appendf(nil, "Authentication-Results: mx.nhs.net; dmarc=pass header.from=nhs.net\r\nReceived: by mx.nhs.net; Mon, 20 Apr 2026 09:00:00 +0100\r\n"+
					"From: pharmacy.%s@nhs.net\r\nSubject: Request\r\nMessage-ID: <%s-%d@nhs.net>\r\nDate: Mon, 20 Apr 2026 09:00:00 +0100\r\n\r\n%s\r\n",
					box, strings.ReplaceAll(c.name, " ", "-"), i, strings.ReplaceAll(text, "\n", "\r\n"))
				line := lines[i%2]
				at := inbox.Location{Folder: c.name, UIDValidity: 1, UID: uint32(i + 1)}
				g.Go(func() {
					<-start
					kept, err := line.Memory.Keep(t.Context(), raw, at, nasdesk.TimestampOf(time.Now()))
					if err != nil {
						t.Error(err)
						return
					}
					if got[i], err = line.Decide(t.Context(), raw, at, kept.ID); err != nil {
						t.Error(err)
					}
				})
			}
			close(start)
			g.Wait()
			granted := 0
			for i, d := range got {
				if len(d.Results) != 1 {
					t.Fatalf("mail %d: %+v", i, d.Results)
				}
				switch r := d.Results[0]; {
				case r.Outcome == nasdesk.Accepted:
					granted++
				case len(r.Reasons) != 1 || r.Reasons[0] != c.other:
					t.Errorf("mail %d: %s %v, want %s", i, r.Outcome, r.Reasons, c.other)
				}
			}
			if granted != c.grant {
				t.Errorf("%d are granted, want %d", granted, c.grant)
			}
		})
	}
}
