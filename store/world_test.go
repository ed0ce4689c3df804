package store

import (
	"bytes"
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"nasdesk"
)

func worldFiles(change map[string]string) fs.FS {
	files := map[string]string{
		"mailboxes.csv": "\ufeffaddress,ods_code,name,sector,region_email,dspt_status,status\r\n" +
			"Pharmacy.FA123@nhs.net,fa123,High  Street Pharmacy,pharmacy,england.north@nhs.net,standards-met,active\r\n",
		"accounts.csv":    "mobile,address,full_name,alternative_email,status,status_since\n+44 7700 900101,amina.khan@nhs.net,Amina Khan,,active,2021-03-01\n",
		"memberships.csv": "mailbox,account,role\npharmacy.fa123@nhs.net,amina.khan@nhs.net,owner\n",
	}
	for name, text := range change {
		files[name] = text
	}
	out := fstest.MapFS{}
	for name, text := range files {
		if text != "-" {
			out[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return out
}

func TestReadWorld(t *testing.T) {
	w, err := ReadWorld(worldFiles(map[string]string{"approvals.csv": "mailbox,max_accounts,approved_by,approved_on\npharmacy.fa123@nhs.net,12,england.north@nhs.net,2025-01-01\n"}))
	want := World{
		Mailboxes: []nasdesk.Mailbox{{Address: fa123, ODS: "FA123", Name: "High Street Pharmacy", Sector: nasdesk.Pharmacy, Region: north,
			DSPT: nasdesk.StandardsMet, Status: nasdesk.Active}},
		Accounts:    []nasdesk.Account{{Address: amina, Name: "Amina Khan", Mobile: "07700900101", Status: nasdesk.Active, Since: "2021-03-01"}},
		Memberships: []nasdesk.Membership{{Mailbox: fa123, Account: amina, Role: nasdesk.Owner}},
		Approvals:   []nasdesk.Approval{{Mailbox: fa123, Max: 12, ApprovedBy: north, ApprovedOn: "2025-01-01"}},
	}
	if err != nil || !reflect.DeepEqual(w, want) {
		t.Errorf("%+v, %v", w, err)
	}
}

func TestReadWorldNamesWhatIsWrong(t *testing.T) {
	const accounts = "address,full_name,mobile,alternative_email,status,status_since\n"
	tests := []struct{ file, text, want string }{
		{"accounts.csv", "-", "accounts.csv: cannot be read"},
		{"accounts.csv", "", "accounts.csv: is empty"},
		{"memberships.csv", "mailbox,account,role,colour\n", `memberships.csv: unknown column "colour"`},
		{"memberships.csv", "mailbox,account\n", `memberships.csv: column "role" is missing`},
		{"memberships.csv", "mailbox,account,role,role\n", `memberships.csv: column "role" stands twice`},
		{"memberships.csv", "mailbox,account,role\na@nhs.net,b@nhs.net\n", "memberships.csv line 2, row: 2 columns where the header has 3"},
		{"memberships.csv", "mailbox,account,role\npharmacy.fa123@nhs.net,who@nhs.net,owner\n", "memberships.csv line 2, account: who@nhs.net is not in accounts.csv"},
		{"memberships.csv", "mailbox,account,role\npharmacy.fa999@nhs.net,amina.khan@nhs.net,owner\n", "memberships.csv line 2, mailbox: pharmacy.fa999@nhs.net is not in mailboxes.csv"},
		{"memberships.csv", "mailbox,account,role\npharmacy.fa123@nhs.net,amina.khan@nhs.net,chief\n", `memberships.csv line 2, role: "chief" is none of owner, member`},
		{"accounts.csv", accounts + "amina.khan@nhs.net,A,12345,,active,\n", "accounts.csv line 2, mobile: not a mobile number"},
		{"accounts.csv", accounts + "amina.khan@nhs.net,A,,,active,01/02/2020\n", "accounts.csv line 2, status_since: not a date"},
		{"accounts.csv", accounts + "amina.khan@nhs.net,A,,,gone,\n", `accounts.csv line 2, status: "gone" is none of pending`},
		{"accounts.csv", accounts + "amina.khan@nhs.net,A,07700900101,,active,\nb@nhs.net,B,07700 900101,,active,\n", "accounts.csv line 3, mobile: stands in line 2 already"},
		{"accounts.csv", accounts + "amina.khan@nhs.net,A,,,active,\nAmina.Khan@nhs.net,B,,,active,\n", "accounts.csv line 3, address: stands in line 2 already"},
		{"accounts.csv", accounts + "\"amina.khan@nhs.net,A\n", "accounts.csv: "},
		{"approvals.csv", "mailbox,max_accounts,approved_by,approved_on\npharmacy.fa123@nhs.net,many,,\n", `approvals.csv line 2, max_accounts: not a number of accounts: "many"`},
	}
	for _, tt := range tests {
		_, err := ReadWorld(worldFiles(map[string]string{tt.file: tt.text}))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q:\n got %v\nwant %s", tt.text, err, tt.want)
		}
	}
	_, err := ReadWorld(worldFiles(map[string]string{"accounts.csv": accounts + "x,A,1,y,z,q\n"}))
	if err == nil || strings.Count(err.Error(), "accounts.csv line 2") != 5 {
		t.Errorf("not every fault is named: %v", err)
	}
	if _, err := ReadWorldDir("no such folder"); err == nil {
		t.Error("no error for a folder that is not there")
	}
}

func TestADeletedAccountKeepsItsMobile(t *testing.T) {
	w, err := ReadWorld(worldFiles(map[string]string{"accounts.csv": "address,full_name,mobile,alternative_email,status,status_since\n" +
		"old.one@nhs.net,Old One,07700900101,,deleted,2020-01-01\namina.khan@nhs.net,Amina Khan,07700900101,,active,\n"}))
	if err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, w)
		c := pulled1(t, s, nasdesk.Keys{Mobiles: []nasdesk.Mobile{"07700900101"}})
		if a := c.AccountByMobile("07700900101"); len(c.Accounts) != 2 || a == nil || a.Address != amina {
			t.Errorf("%+v", c.Accounts)
		}
	})
}

func TestImportThatClashes(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		w := World{Accounts: []nasdesk.Account{{Address: "a.new@nhs.net", Status: nasdesk.Active}, {Address: "b.new@nhs.net", Mobile: "07700900101", Status: nasdesk.Active}}}
		err := s.Import(t.Context(), w)
		if err == nil || !strings.Contains(err.Error(), "account b.new@nhs.net") || strings.Contains(err.Error(), "07700900101") {
			t.Errorf("Import = %v", err)
		}
		if c := pulled1(t, s, nasdesk.Keys{Addresses: []nasdesk.Address{"a.new@nhs.net"}}); len(c.Accounts) != 0 {
			t.Error("a part of it was imported")
		}
	})
}

// A turned codec turns every byte round, and makes an index that is not the value.
type turned struct{}

func (turned) Seal(_ string, b []byte) []byte { return turn(b) }

func (turned) Open(_ string, b []byte) ([]byte, error) { return turn(b), nil }

func (turned) Index(_, plain string) string { return hexed(turn([]byte(plain))) }

func turn(b []byte) []byte {
	out := make([]byte, len(b))
	for i := range b {
		out[i] = ^b[i]
	}
	return out
}

func TestSealedColumns(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		s.UseCodec(turned{})
		imported(t, s, aWorld())
		c := pulled1(t, s, nasdesk.Keys{Mobiles: []nasdesk.Mobile{"07700900102"}, Addresses: []nasdesk.Address{"amina@example.com"}})
		if a := c.Account(tom); a == nil || a.Mobile != "07700900102" || a.Name != "Tom Barker" || c.AccountByAlternative("amina@example.com") == nil {
			t.Errorf("%+v", c.Accounts)
		}
		r := grant(t, s, "m1", twoActions("m1")...)
		if got := pulled1(t, s, nasdesk.Keys{Requests: []int64{r.ID}}).Requests; len(got) != 1 || !reflect.DeepEqual(got[0], r) {
			t.Errorf("request %+v", got)
		}
		mails, _ := dueMails(t, s, now)
		work, _ := dueWork(t, s, now)
		if mails[0].Text != "text" || work[0].Action.Person != "Sarah Jones" {
			t.Errorf("%+v %+v", mails, work)
		}
		if _, err := s.Keep(t.Context(), []byte("From: tom"), Location{"INBOX", 1, 1}, now); err != nil {
			t.Fatal(err)
		}
		for _, column := range []string{"name from account", "mobile from account", "answers from request", "subject from request", "actions from request",
			"subject from mail", "text from mail", "action from work", "bytes from raw", "result from handled"} {
			var b []byte
			if err := s.one(t.Context(), Statement{SQL: "select " + column, Each: func(scan Scan) error { return scan(&b) }}); err != nil {
				t.Fatal(err)
			}
			for _, plain := range []string{"Tom", "0770", "Sarah", "field", "starter", "text", "From", "sender"} {
				if bytes.Contains(b, []byte(plain)) {
					t.Errorf("%s holds %q", column, plain)
				}
			}
		}
	})
}
