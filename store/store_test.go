package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"nasdesk"
)

const (
	fa123 = nasdesk.Address("pharmacy.fa123@nhs.net")
	fb456 = nasdesk.Address("pharmacy.fb456@nhs.net")
	amina = nasdesk.Address("amina.khan@nhs.net")
	tom   = nasdesk.Address("tom.barker@nhs.net")
	grace = nasdesk.Address("grace.li@nhs.net")
	north = nasdesk.Address("england.north@nhs.net")
	now   = nasdesk.Timestamp(1_776_000_000_000_000)
	today = nasdesk.Date("2026-04-12")
	hour  = nasdesk.Timestamp(3600 * 1e6)
)

// aWorld is two pharmacies: the first with Amina (owner) and Tom, the second
// with Amina (member) and Grace (owner).
func aWorld() World {
	return World{
		Mailboxes: []nasdesk.Mailbox{
			{Address: fa123, ODS: "FA123", Name: "High Street Pharmacy", Sector: nasdesk.Pharmacy, Region: north, DSPT: nasdesk.StandardsMet, Status: nasdesk.Active},
			{Address: fb456, ODS: "FB456", Name: "Riverside Chemist", Sector: nasdesk.Pharmacy, Region: north, DSPT: nasdesk.StandardsMet, Status: nasdesk.Active},
		},
		Accounts: []nasdesk.Account{
			{Address: tom, Name: "Tom Barker", Mobile: "07700900102", Alternative: "tbarker@example.org", Status: nasdesk.Active, Since: "2022-06-15"},
			{Address: amina, Name: "Amina Khan", Mobile: "07700900101", Alternative: "amina@example.com", Status: nasdesk.Active, Since: "2021-03-01"},
			{Address: grace, Name: "Grace Li", Mobile: "07700900103", Status: nasdesk.Active, Since: "2023-01-09"},
			{Address: "sarah.jones2@nhs.net", Name: "Sarah Jones", Mobile: "07700900104", Status: nasdesk.Active, Since: "2023-01-09"},
		},
		Memberships: []nasdesk.Membership{{Mailbox: fa123, Account: tom, Role: nasdesk.Member}, {Mailbox: fa123, Account: amina, Role: nasdesk.Owner},
			{Mailbox: fb456, Account: grace, Role: nasdesk.Owner}, {Mailbox: fb456, Account: amina, Role: nasdesk.Member}},
		Approvals: []nasdesk.Approval{{Mailbox: fb456, Max: 12, ApprovedBy: north, ApprovedOn: "2025-01-01"}},
	}
}

func imported(t testing.TB, s *Store, w World) {
	t.Helper()
	if err := s.Import(t.Context(), w); err != nil {
		t.Fatal(err)
	}
}

// mailEvent is a proved message from an address.
func mailEvent(key string, from nasdesk.Address) nasdesk.Event {
	return nasdesk.Event{Key: key, At: now, Mail: &nasdesk.MailEvent{Message: &nasdesk.Message{ID: key + "@example.com", Digest: "digest of " + key},
		Proof: nasdesk.Proof{From: from, Sender: nasdesk.Vouch(from)}}}
}

// aRequest is one that a message of a mailbox makes.
func aRequest(ev nasdesk.Event, from nasdesk.Address) nasdesk.Request {
	return nasdesk.Request{Reference: nasdesk.Reference(ev.Key, 1), N: 1, Kind: "new-user", Party: from, Mailbox: from, Subject: "New starter",
		Message: ev.Key + "@example.com", State: nasdesk.StateDoing, Outcome: nasdesk.Accepted, MadeAt: now, DecidedAt: now, Event: ev.Key,
		Answers: []nasdesk.Answer{{Field: "mobile", Value: "07700900123", Written: "07700 900123", Labelled: true, Spans: []nasdesk.Span{{Start: 3, End: 9}}}},
		Actions: []nasdesk.Action{{Key: ev.Key + "/1", Name: nasdesk.CreateAccount, Account: "sarah.jones@nhs.net", Person: "Sarah Jones"}},
		Thread:  []string{ev.Key + "@example.com", "ours-" + ev.Key + "@nhs.net"}, Reasons: []nasdesk.Reason{nasdesk.Missing("role"), nasdesk.LastOwner},
		Granted: []nasdesk.Reason{nasdesk.RegionalApproval}}
}

// decide runs an event whose decision is given.
func decide(t testing.TB, s *Store, ev nasdesk.Event, keys nasdesk.Keys, step func(*nasdesk.Case) nasdesk.Decision) nasdesk.Decision {
	t.Helper()
	d, err := s.Decide(t.Context(), ev, keys, 0, step)
	if err != nil {
		t.Fatalf("event %s: %v", ev.Key, err)
	}
	return d
}

func pulled1(t testing.TB, s *Store, keys nasdesk.Keys) *nasdesk.Case {
	t.Helper()
	c, err := s.Pull(t.Context(), keys)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func always(d nasdesk.Decision) func(*nasdesk.Case) nasdesk.Decision {
	return func(*nasdesk.Case) nasdesk.Decision { return d }
}

// raw runs a statement that no method would.
func (s *Store) raw(t testing.TB, sql string, args ...any) {
	t.Helper()
	err := s.db.tx(t.Context(), func(Q) ([]Statement, error) { return []Statement{{SQL: sql, Args: args}}, nil })
	if err != nil {
		t.Fatal(err)
	}
}

func (s *Store) number(t testing.TB, sql string, args ...any) (n int64) {
	t.Helper()
	if err := s.one(t.Context(), Statement{SQL: sql, Args: args, Each: func(scan Scan) error { return scan(&n) }}); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestPlaceholdersBindByNumber(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		var a, b string
		err := s.one(t.Context(), Statement{SQL: `select cast($2 as text), cast($1 as text)`, Args: []any{"one", "two"}, Each: func(scan Scan) error { return scan(&a, &b) }})
		if err != nil || a != "two" || b != "one" {
			t.Errorf("select $2, $1 with one, two = %s, %s, %v", a, b, err)
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	for _, url := range []string{"mysql://x", "", "sqlite:", "postgres://nobody@127.0.0.1:1/x", "sqlite:/no/such/folder/x.db"} {
		if s, err := Open(t.Context(), url); err == nil {
			s.Close()
			t.Errorf("Open(%q) has no error", url)
		}
	}
}

func TestMigrate(t *testing.T) {
	eachURL(t, func(t *testing.T, url string) {
		s := opened(t, url)
		if err := s.Migrate(t.Context()); err != nil {
			t.Errorf("second time: %v", err)
		}
		changed := ourSchema(t)
		changed["schema/0001_start.sql"] = &fstest.MapFile{Data: []byte("create table other (x text);\n")}
		if err := s.migrate(t.Context(), changed); err == nil || !strings.Contains(err.Error(), "another build") {
			t.Errorf("changed file: %v", err)
		}
		s.raw(t, `insert into migration (version, name, checksum, applied_at) values (99, '0099_later.sql', 'x', 1)`)
		if err := s.Migrate(t.Context()); err == nil || !strings.Contains(err.Error(), "newer nasdesk") {
			t.Errorf("newer database: %v", err)
		}
	})
}

// ourSchema is a copy of the schema that a test may change.
func ourSchema(t *testing.T) fstest.MapFS {
	ours, err := migrations(schemaFiles)
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for _, m := range ours {
		files["schema/"+m.name] = &fstest.MapFile{Data: []byte(m.text)}
	}
	return files
}

func TestMigrateIsWholeOrNothing(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		files := ourSchema(t)
		name := fmt.Sprintf("schema/%04d_half.sql", len(files)+1)
		files[name] = &fstest.MapFile{Data: []byte("create table half (x text);\ncreate tible y;\n")}
		if err := s.migrate(t.Context(), files); err == nil {
			t.Fatal("a broken migration has no error")
		}
		if err := s.Migrate(t.Context()); err != nil {
			t.Errorf("after a broken migration: %v", err)
		}
		files[name].Data = []byte("create table half (x text) {strict};\n-- a comment; with semicolons;\ninsert into half (x) values ('a');\n")
		if err := s.migrate(t.Context(), files); err != nil {
			t.Fatal(err)
		}
		if n := s.number(t, `select count(*) from half`); n != 1 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestTwoMigrateAtOnce(t *testing.T) {
	for _, engine := range []string{"file", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			url := urlOf(t, engine)
			errs := make(chan error, 3)
			for range cap(errs) {
				go func() {
					s, err := Open(t.Context(), url)
					if err == nil {
						defer s.Close()
						err = s.Migrate(t.Context())
					}
					errs <- err
				}()
			}
			for range cap(errs) {
				if err := <-errs; err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestKeep(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		raw := []byte("From: a\r\n\r\n\x00\xff body")
		at := Location{"INBOX", 7, 4_000_000_000}
		k, err := s.Keep(t.Context(), raw, at, now)
		if err != nil || k.Seen || k.State != LocationKept || len(k.SHA256) != 64 {
			t.Fatalf("%+v, %v", k, err)
		}
		again, err := s.Keep(t.Context(), []byte("other"), at, now)
		if err != nil || !again.Seen || again.ID != k.ID || again.SHA256 != k.SHA256 {
			t.Errorf("the same location: %+v, %v", again, err)
		}
		copied, err := s.Keep(t.Context(), raw, Location{"INBOX", 8, 1}, now)
		if err != nil || copied.Seen || copied.ID == k.ID {
			t.Errorf("another location: %+v, %v", copied, err)
		}
		if got, err := s.Raw(t.Context(), k.ID); err != nil || !slices.Equal(got, raw) {
			t.Errorf("Raw = %q, %v", got, err)
		}
		if _, err := s.Raw(t.Context(), 999999); !errors.Is(err, ErrNone) {
			t.Errorf("Raw of nothing: %v", err)
		}
		if got, err := s.Locations(t.Context(), "INBOX", 7); err != nil || !slices.Equal(got, []uint32{4_000_000_000}) {
			t.Errorf("Locations = %v, %v", got, err)
		}
	})
}

func TestKeptAndNotDecided(t *testing.T) {
	for _, engine := range []string{"file", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			url := urlOf(t, engine)
			s := opened(t, url)
			at := Location{"INBOX", 7, 1}
			k, err := s.Keep(t.Context(), []byte("raw"), at, now)
			if err != nil {
				t.Fatal(err)
			}
			s.Close() // the program ends here

			s = opened(t, url)
			u, err := s.Unhandled(t.Context(), 10)
			want := []Unhandled{{ID: k.ID, At: at, KeptAt: now, Raw: []byte("raw")}}
			if err != nil || !reflect.DeepEqual(u, want) {
				t.Fatalf("Unhandled = %+v, %v", u, err)
			}
			ev := mailEvent("m1", fa123)
			if _, err := s.Decide(t.Context(), ev, nasdesk.Keys{Party: fa123}, k.ID, always(nasdesk.Decision{Folder: nasdesk.FolderProcessed})); err != nil {
				t.Fatal(err)
			}
			if u, err := s.Unhandled(t.Context(), 10); err != nil || len(u) != 0 {
				t.Errorf("after the decision: %+v, %v", u, err)
			}
			moves, err := s.Moves(t.Context(), "INBOX", 7)
			if err != nil || !reflect.DeepEqual(moves, []Move{{at, nasdesk.FolderProcessed}}) {
				t.Errorf("Moves = %+v, %v", moves, err)
			}
			if err := s.Moved(t.Context(), at, "Processed"); err != nil {
				t.Error(err)
			}
			if moves, _ := s.Moves(t.Context(), "INBOX", 7); len(moves) != 0 {
				t.Errorf("after the move: %+v", moves)
			}
			if k, err := s.Keep(t.Context(), []byte("raw"), at, now); err != nil || k.State != LocationMoved {
				t.Errorf("%+v, %v", k, err)
			}
		})
	}
}

func TestPark(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		k, _ := s.Keep(t.Context(), []byte("poison"), Location{"INBOX", 7, 1}, now)
		for want := 1; want <= 3; want++ {
			if n, err := s.Attempt(t.Context(), k.ID); n != want || err != nil {
				t.Errorf("Attempt = %d, %v", n, err)
			}
		}
		if err := s.Park(t.Context(), k.ID, "three attempts"); err != nil {
			t.Fatal(err)
		}
		if u, _ := s.Unhandled(t.Context(), 10); len(u) != 0 {
			t.Errorf("a parked message comes again: %+v", u)
		}
		p, err := s.Parked(t.Context(), 10)
		if err != nil || len(p) != 1 || p[0].Why != "three attempts" || p[0].Attempts != 3 {
			t.Errorf("Parked = %+v, %v", p, err)
		}
		if err := s.Park(t.Context(), 12345, "x"); !errors.Is(err, ErrNone) {
			t.Errorf("Park of nothing: %v", err)
		}
	})
}

func TestPull(t *testing.T) {
	tests := []struct {
		name      string
		keys      nasdesk.Keys
		mailboxes []nasdesk.Address
		accounts  []nasdesk.Address
		links     int
	}{
		{"nothing", nasdesk.Keys{}, nil, nil, 0},
		{"a party that is a mailbox", nasdesk.Keys{Party: fa123}, []nasdesk.Address{fa123}, []nasdesk.Address{tom, amina}, 2},
		{"an account in two mailboxes", nasdesk.Keys{Addresses: []nasdesk.Address{amina}}, []nasdesk.Address{fa123, fb456}, []nasdesk.Address{tom, amina, grace}, 4},
		{"an alternative address", nasdesk.Keys{Addresses: []nasdesk.Address{"tbarker@example.org"}}, []nasdesk.Address{fa123}, []nasdesk.Address{tom, amina}, 2},
		{"a mobile", nasdesk.Keys{Mobiles: []nasdesk.Mobile{"07700900103"}}, []nasdesk.Address{fb456}, []nasdesk.Address{amina, grace}, 2},
		{"a code", nasdesk.Keys{ODS: []nasdesk.ODSCode{"FB456"}}, []nasdesk.Address{fb456}, []nasdesk.Address{amina, grace}, 2},
		{"a namesake", nasdesk.Keys{Locals: []string{"sarah.jones"}}, nil, []nasdesk.Address{"sarah.jones2@nhs.net"}, 0},
		{"a namesake of nobody", nasdesk.Keys{Locals: []string{"sarah.jone"}}, nil, nil, 0},
	}
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		for _, tt := range tests {
			c := pulled1(t, s, tt.keys)
			var mailboxes, accounts []nasdesk.Address
			for _, m := range c.Mailboxes {
				mailboxes = append(mailboxes, m.Address)
			}
			for _, a := range c.Accounts {
				accounts = append(accounts, a.Address)
			}
			if !slices.Equal(mailboxes, tt.mailboxes) || !slices.Equal(accounts, tt.accounts) || len(c.Memberships) != tt.links {
				t.Errorf("%s: %v %v %v", tt.name, mailboxes, accounts, c.Memberships)
			}
		}
		c := pulled1(t, s, nasdesk.Keys{Party: fb456})
		if c.Limit(fb456) != 12 || c.Role(fb456, grace) != nasdesk.Owner || c.Account(grace).Mobile != "07700900103" || c.Mailbox(fb456).Name != "Riverside Chemist" {
			t.Errorf("rows differ: %+v", c)
		}
	})
}

func TestExport(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		imported(t, s, aWorld()) // it may come again
		got, err := s.Export(t.Context())
		for i := range got.Mailboxes {
			got.Mailboxes[i].Version = 0
		}
		for i := range got.Accounts {
			got.Accounts[i].Version = 0
		}
		if err != nil || !reflect.DeepEqual(got, aWorld()) {
			t.Errorf("Export = %+v, %v", got, err)
		}
	})
}

func TestDecideKeepsAll(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		ev := mailEvent("m1", fa123)
		r := aRequest(ev, fa123)
		result := nasdesk.ResultRequest{Kind: "new-user", Fields: map[string]any{"mobile": "07700900123", "owners": []string{"a@nhs.net"}}, Outcome: nasdesk.Accepted,
			Reasons: []nasdesk.Reason{}, Actions: []nasdesk.ActionName{nasdesk.CreateAccount}}
		d := decide(t, s, ev, nasdesk.Keys{Party: fa123, MessageIDs: []string{"m1@example.com"}}, always(nasdesk.Decision{
			Sender: nasdesk.ResultSender{Address: fa123, Verified: true, Mailbox: fa123}, Results: []nasdesk.ResultRequest{result}, Requests: []nasdesk.Request{r},
			Mails:  []nasdesk.Mail{{Key: "m1/confirmation", To: fa123, About: nasdesk.Confirmation}, {Key: "m1/notice", To: tom, About: nasdesk.Notice}},
			Folder: nasdesk.FolderProcessed}))
		r.ID, r.Version = d.Requests[0].ID, 1
		if r.ID == 0 || !reflect.DeepEqual(d.Requests[0], r) {
			t.Errorf("decided request = %+v", d.Requests[0])
		}
		for name, keys := range map[string]nasdesk.Keys{"party": {Party: fa123}, "thread": {MessageIDs: []string{"ours-m1@nhs.net"}},
			"reference": {References: []string{r.Reference}}, "id": {Requests: []int64{r.ID}}} {
			if c := pulled1(t, s, keys); len(c.Requests) != 1 || !reflect.DeepEqual(c.Requests[0], r) {
				t.Errorf("by %s: %+v\nwant %+v", name, c.Requests, r)
			}
		}
		seen := pulled1(t, s, nasdesk.Keys{Party: fa123, Digest: "digest of m1"}).Messages
		if !slices.Equal(seen, []nasdesk.Seen{{Sender: fa123, ID: "m1@example.com", Digest: "digest of m1"}}) {
			t.Errorf("seen = %+v", seen)
		}
		if c := pulled1(t, s, nasdesk.Keys{Party: fb456, Digest: "digest of m1", MessageIDs: []string{"m1@example.com"}}); len(c.Messages) != 0 {
			t.Errorf("another sender's message is seen: %+v", c.Messages)
		}
		got, err := s.ResultOf(t.Context(), "m1")
		want := nasdesk.Result{MessageID: "<m1@example.com>", Sender: d.Sender, Requests: []nasdesk.ResultRequest{result},
			Replies: []nasdesk.ResultReply{{To: []nasdesk.Address{fa123}, About: nasdesk.Confirmation}}, Notices: []nasdesk.ResultReply{{To: []nasdesk.Address{tom}, About: nasdesk.Notice}}}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("ResultOf = %+v, %v", got, err)
		}
		if _, err := s.ResultOf(t.Context(), "m2"); !errors.Is(err, ErrNone) {
			t.Errorf("ResultOf nothing: %v", err)
		}
	})
}

func TestDecideOnce(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ev := mailEvent("m1", fa123)
		steps := 0
		step := func(*nasdesk.Case) nasdesk.Decision {
			steps++
			return nasdesk.Decision{Requests: []nasdesk.Request{aRequest(ev, fa123)}, Folder: nasdesk.FolderProcessed,
				Mails: []nasdesk.Mail{{Key: "k", To: fa123, About: nasdesk.Confirmation}}}
		}
		decide(t, s, ev, nasdesk.Keys{Party: fa123}, step)
		d, err := s.Decide(t.Context(), ev, nasdesk.Keys{Party: fa123}, 0, step)
		if !errors.Is(err, ErrHandled) || d.Folder != nasdesk.FolderProcessed || len(d.Mails) != 1 || steps != 1 {
			t.Errorf("again: %+v, %v, %d steps", d, err, steps)
		}
		if n := s.number(t, `select count(*) from request`); n != 1 {
			t.Errorf("%d requests", n)
		}
		if _, err := s.Decide(t.Context(), nasdesk.Event{}, nasdesk.Keys{}, 0, step); err == nil {
			t.Error("an event without a key has no error")
		}
	})
}

func TestDecideAtOnceIsOnce(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ev := mailEvent("m1", fa123)
		errs := make(chan error, 6)
		for range cap(errs) {
			go func() {
				_, err := s.Decide(context.Background(), ev, nasdesk.Keys{Party: fa123}, 0, always(nasdesk.Decision{Requests: []nasdesk.Request{aRequest(ev, fa123)}}))
				errs <- err
			}()
		}
		decided := 0
		for range cap(errs) {
			if err := <-errs; err == nil {
				decided++
			} else if !errors.Is(err, ErrHandled) {
				t.Error(err)
			}
		}
		if n := s.number(t, `select count(*) from request`); decided != 1 || n != 1 {
			t.Errorf("decided %d times, %d requests", decided, n)
		}
	})
}

func TestDecideBringsWhatStepNeeds(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		steps := 0
		decide(t, s, mailEvent("m1", "who@example.com"), nasdesk.Keys{Party: "who@example.com"}, func(c *nasdesk.Case) nasdesk.Decision {
			steps++
			if c.MailboxByODS("FB456") == nil {
				return nasdesk.Decision{Need: nasdesk.Keys{ODS: []nasdesk.ODSCode{"FB456"}}}
			}
			return nasdesk.Decision{Need: nasdesk.Keys{ODS: []nasdesk.ODSCode{"FB456"}}} // has it: nothing new is needed
		})
		if steps != 2 {
			t.Errorf("%d steps", steps)
		}
		_, err := s.Decide(t.Context(), mailEvent("m2", fa123), nasdesk.Keys{}, 0, func(c *nasdesk.Case) nasdesk.Decision {
			steps++
			return nasdesk.Decision{Need: nasdesk.Keys{Requests: []int64{int64(steps)}}}
		})
		if err == nil || !strings.Contains(err.Error(), "never stops needing") {
			t.Errorf("a step that always needs more: %v", err)
		}
	})
}

// ask makes a request that waits for a party, in a state.
func ask(t *testing.T, s *Store, key string, party, from nasdesk.Address, state nasdesk.State) nasdesk.Request {
	t.Helper()
	ev := mailEvent(key, party)
	r := aRequest(ev, party)
	r.State, r.From = state, from
	r.Outcome = map[nasdesk.State]nasdesk.Outcome{nasdesk.StateSeeking: nasdesk.Awaiting, nasdesk.StateAsking: nasdesk.NeedsInfo}[state]
	if state == nasdesk.StateSeeking {
		r.Seeks = nasdesk.RegionalApproval
	}
	d := decide(t, s, ev, nasdesk.Keys{Party: party}, always(nasdesk.Decision{Requests: []nasdesk.Request{r},
		Dates: []nasdesk.Due{{Key: key + "/remind", What: nasdesk.DueRemind, At: now + hour}, {Key: key + "/lapse", What: nasdesk.DueLapse, At: now + 2*hour}}}))
	return d.Requests[0]
}

func TestAwaitedPartyGetsTheWholeCase(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		r := ask(t, s, "m1", fa123, north, nasdesk.StateSeeking)
		c := pulled1(t, s, nasdesk.Keys{Party: north})
		if len(c.Requests) != 1 || c.Requests[0].ID != r.ID || c.Mailbox(fa123) == nil || len(c.Linked(fa123)) != 2 {
			t.Errorf("%+v", c)
		}
		if !slices.ContainsFunc(c.Reads, func(x nasdesk.Read) bool { return x.Table == "mobile" && x.Version == 0 }) {
			t.Error("the mobile of the request was not looked up")
		}
	})
}

func TestOldRequestsOfAParty(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ev := mailEvent("old", fa123)
		r := aRequest(ev, fa123)
		r.State, r.DecidedAt = nasdesk.StateDone, now-30*24*hour
		decide(t, s, ev, nasdesk.Keys{}, always(nasdesk.Decision{Requests: []nasdesk.Request{r}}))
		var got []nasdesk.Request
		decide(t, s, mailEvent("new", fa123), nasdesk.Keys{Party: fa123}, func(c *nasdesk.Case) nasdesk.Decision {
			got = c.Requests
			return nasdesk.Decision{}
		})
		if len(got) != 0 {
			t.Errorf("a request decided a month ago comes unasked: %+v", got)
		}
		decide(t, s, mailEvent("new2", fa123), nasdesk.Keys{Party: fa123, References: []string{r.Reference}}, func(c *nasdesk.Case) nasdesk.Decision {
			got = c.Requests
			return nasdesk.Decision{}
		})
		if len(got) != 1 {
			t.Errorf("it does not come when it is named: %+v", got)
		}
	})
}

func TestRegisterChanges(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		keys := nasdesk.Keys{Party: fa123, Addresses: []nasdesk.Address{"pharmacy.fa999@nhs.net"}, ODS: []nasdesk.ODSCode{"FA999"}}
		actions := []nasdesk.Action{
			{Name: nasdesk.CreateAccount, Account: "sarah.jones@nhs.net", Person: "Sarah Jones", Mobile: "07700900123", Alternative: "sj@example.com"},
			{Name: nasdesk.LinkMember, Mailbox: fa123, Account: "sarah.jones@nhs.net", Role: nasdesk.Owner},
			{Name: nasdesk.UnlinkMember, Mailbox: fa123, Account: tom},
			{Name: nasdesk.RenameMailbox, Mailbox: fa123, Other: "FA999", OtherName: "New Street Pharmacy"},
		}
		var want *nasdesk.Case
		decide(t, s, mailEvent("m1", fa123), keys, func(c *nasdesk.Case) nasdesk.Decision {
			want = c.With(today, nasdesk.Active, actions...)
			return nasdesk.Decision{Change: want.Since(c)}
		})
		for name, keys := range map[string]nasdesk.Keys{"new address": {Party: "pharmacy.fa999@nhs.net"}, "former address": {Party: fa123}, "code": {ODS: []nasdesk.ODSCode{"FA999"}}} {
			c := pulled1(t, s, keys)
			m := c.MailboxByODS("FA999")
			if m == nil || m.Alias != fa123 || m.Name != "New Street Pharmacy" {
				t.Fatalf("by %s: %+v", name, c.Mailboxes)
			}
			if !reflect.DeepEqual(c.Memberships, []nasdesk.Membership{{Mailbox: m.Address, Account: amina, Role: nasdesk.Owner},
				{Mailbox: m.Address, Account: "sarah.jones@nhs.net", Role: nasdesk.Owner}}) {
				t.Errorf("by %s: %+v", name, c.Memberships)
			}
		}
		if c := pulled1(t, s, nasdesk.Keys{ODS: []nasdesk.ODSCode{"FA123"}}); len(c.Mailboxes) != 0 {
			t.Errorf("the former code is still in use: %+v", c.Mailboxes)
		}
	})
}

// together runs two steps that both have pulled before either commits, and
// returns how often each was asked.
func together(t *testing.T, s *Store, keys [2]nasdesk.Keys, step func(i int, c *nasdesk.Case) nasdesk.Decision) (asked [2]int) {
	t.Helper()
	both := make(chan struct{})
	arrived := make(chan int, 2)
	errs := make(chan error, 2)
	for i := range 2 {
		go func() {
			_, err := s.Decide(context.Background(), mailEvent(fmt.Sprint("together", i), keys[i].Party), keys[i], 0, func(c *nasdesk.Case) nasdesk.Decision {
				if asked[i]++; asked[i] == 1 {
					arrived <- i
					<-both
				}
				return step(i, c)
			})
			errs <- err
		}()
	}
	<-arrived
	<-arrived
	close(both)
	for range 2 {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
	return asked
}

func TestTheTenthPlace(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		w := aWorld()
		for i := len(w.Memberships) - 2; i < 9; i++ {
			a := nasdesk.Address(fmt.Sprintf("person%c.x@nhs.net", 'a'+i))
			w.Accounts = append(w.Accounts, nasdesk.Account{Address: a, Status: nasdesk.Active})
			w.Memberships = append(w.Memberships, nasdesk.Membership{Mailbox: fa123, Account: a, Role: nasdesk.Member})
		}
		imported(t, s, w)
		people := [2]nasdesk.Address{grace, "sarah.jones2@nhs.net"}
		keys := [2]nasdesk.Keys{{Party: amina, Addresses: []nasdesk.Address{fa123, people[0]}}, {Party: fa123, Addresses: []nasdesk.Address{people[1]}}}
		asked := together(t, s, keys, func(i int, c *nasdesk.Case) nasdesk.Decision {
			if c.Counted(fa123) >= 10 {
				return nasdesk.Decision{}
			}
			return nasdesk.Decision{Change: c.With(today, nasdesk.Active, nasdesk.Action{Name: nasdesk.LinkMember, Mailbox: fa123, Account: people[i], Role: nasdesk.Member}).Since(c)}
		})
		if c := pulled1(t, s, nasdesk.Keys{Party: fa123}); c.Counted(fa123) != 10 || asked[0]+asked[1] != 3 {
			t.Errorf("%d accounts after %v", c.Counted(fa123), asked)
		}
	})
}

func TestTheLastOwner(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		w := aWorld()
		w.Memberships[0].Role = nasdesk.Owner // Tom too
		imported(t, s, w)
		owners := [2]nasdesk.Address{tom, amina}
		// Neither names the other's account, nor the same mailbox's address.
		keys := [2]nasdesk.Keys{{Party: tom}, {Party: amina}}
		together(t, s, keys, func(i int, c *nasdesk.Case) nasdesk.Decision {
			if n, _ := c.Owners(fa123, owners[i]); n == 0 {
				return nasdesk.Decision{}
			}
			return nasdesk.Decision{Change: c.With(today, nasdesk.Active, nasdesk.Action{Name: nasdesk.MarkLeaver, Account: owners[i]}).Since(c)}
		})
		if n, _ := pulled1(t, s, nasdesk.Keys{Party: fa123}).Owners(fa123, ""); n != 1 {
			t.Errorf("%d owners are left", n)
		}
	})
}

func TestOneMobileOnePerson(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		people := [2]nasdesk.Address{"one.person@nhs.net", "other.person@nhs.net"}
		var keys [2]nasdesk.Keys
		for i := range keys {
			keys[i] = nasdesk.Keys{Party: []nasdesk.Address{fa123, fb456}[i], Mobiles: []nasdesk.Mobile{"07700900199"}, Addresses: []nasdesk.Address{people[i]}}
		}
		made := [2]bool{}
		together(t, s, keys, func(i int, c *nasdesk.Case) nasdesk.Decision {
			if made[i] = c.AccountByMobile("07700900199") == nil; !made[i] {
				return nasdesk.Decision{}
			}
			return nasdesk.Decision{Change: c.With(today, nasdesk.Active, nasdesk.Action{Name: nasdesk.CreateAccount, Account: people[i], Mobile: "07700900199"}).Since(c)}
		})
		if made[0] == made[1] {
			t.Errorf("one mobile: made %v", made)
		}
	})
}

func TestOneCodeOneMailbox(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		keys := [2]nasdesk.Keys{{Party: fa123, ODS: []nasdesk.ODSCode{"FC789"}}, {Party: fb456, ODS: []nasdesk.ODSCode{"FC789"}}}
		renamed := [2]bool{}
		together(t, s, keys, func(i int, c *nasdesk.Case) nasdesk.Decision {
			if renamed[i] = c.MailboxByODS("FC789") == nil; !renamed[i] {
				return nasdesk.Decision{}
			}
			return nasdesk.Decision{Change: c.With(today, nasdesk.Active, nasdesk.Action{Name: nasdesk.RenameMailbox, Mailbox: keys[i].Party, Other: "FC789"}).Since(c)}
		})
		if renamed[0] == renamed[1] {
			t.Errorf("one code: renamed %v", renamed)
		}
	})
}

func TestNamesakes(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		keys := [2]nasdesk.Keys{{Party: fa123, Locals: []string{"sarah.jones"}}, {Party: fb456, Locals: []string{"sarah.jones"}}}
		together(t, s, keys, func(i int, c *nasdesk.Case) nasdesk.Decision {
			a := nasdesk.Address("sarah.jones@nhs.net")
			for n := 2; c.Account(a) != nil; n++ {
				a = nasdesk.Address(fmt.Sprintf("sarah.jones%d@nhs.net", n))
			}
			return nasdesk.Decision{Change: c.With(today, nasdesk.Active, nasdesk.Action{Name: nasdesk.CreateAccount, Account: a}).Since(c)}
		})
		if c := pulled1(t, s, nasdesk.Keys{Locals: []string{"sarah.jones"}}); c.Account("sarah.jones@nhs.net") == nil || c.Account("sarah.jones3@nhs.net") == nil || len(c.Accounts) != 3 {
			t.Errorf("%+v", c.Accounts)
		}
	})
}

func TestTwoAnswersToOneRequest(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		r := ask(t, s, "m1", fa123, north, nasdesk.StateSeeking)
		keys := [2]nasdesk.Keys{{Party: north}, {Party: fa123}}
		together(t, s, keys, func(i int, c *nasdesk.Case) nasdesk.Decision {
			if c.Request(r.ID) == nil || c.Request(r.ID).State != nasdesk.StateSeeking {
				return nasdesk.Decision{}
			}
			open := *c.Request(r.ID)
			open.State, open.Outcome, open.Seeks, open.From = nasdesk.StateRefused, nasdesk.Refused, "", ""
			return nasdesk.Decision{Requests: []nasdesk.Request{open}}
		})
		got := pulled1(t, s, nasdesk.Keys{Requests: []int64{r.ID}}).Requests[0]
		if got.Version != 2 || got.State != nasdesk.StateRefused {
			t.Errorf("version %d, %s", got.Version, got.State)
		}
	})
}

func TestAnAnswerThatOvertakes(t *testing.T) {
	// The answer is pulled before the message it answers is decided.
	each(t, func(t *testing.T, s *Store) {
		first := mailEvent("first", fa123)
		steps := 0
		decide(t, s, mailEvent("answer", fb456), nasdesk.Keys{Party: fb456, MessageIDs: []string{"first@example.com"}}, func(c *nasdesk.Case) nasdesk.Decision {
			if steps++; steps == 1 {
				decide(t, s, first, nasdesk.Keys{Party: fa123}, always(nasdesk.Decision{Requests: []nasdesk.Request{aRequest(first, fa123)}}))
			} else if len(c.Requests) != 1 {
				t.Errorf("the second time: %+v", c.Requests)
			}
			return nasdesk.Decision{}
		})
		if steps != 2 {
			t.Errorf("%d steps", steps)
		}
	})
}

func TestManyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		imported(t, s, aWorld())
		const workers, times = 6, 10
		errs := make(chan error, workers)
		for w := range workers {
			go func() {
				for i := range times {
					ev := mailEvent(fmt.Sprintf("w%d-%d", w, i), fa123)
					_, err := s.Decide(context.Background(), ev, nasdesk.Keys{Party: fa123}, 0, func(c *nasdesk.Case) nasdesk.Decision {
						r := aRequest(ev, fa123)
						r.N = len(c.Requests) + 1 // nobody else may have this number
						return nasdesk.Decision{Requests: []nasdesk.Request{r}}
					})
					if err != nil {
						errs <- err
						return
					}
				}
				errs <- nil
			}()
		}
		for range workers {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		if n := s.number(t, `select count(distinct n) from request`); n != workers*times {
			t.Errorf("%d numbers for %d requests", n, workers*times)
		}
	})
}

func TestLifecycleIsHeldByTheSchema(t *testing.T) {
	bad := map[string]func(*nasdesk.Request){
		"asking, and nobody is asked":  func(r *nasdesk.Request) { r.State, r.Outcome = nasdesk.StateAsking, nasdesk.NeedsInfo },
		"seeking nothing":              func(r *nasdesk.Request) { r.State, r.Outcome, r.From = nasdesk.StateSeeking, nasdesk.Awaiting, north },
		"done, and refused":            func(r *nasdesk.Request) { r.State, r.Outcome = nasdesk.StateDone, nasdesk.Refused },
		"dated, for no day":            func(r *nasdesk.Request) { r.State = nasdesk.StateDated },
		"a state that there is not":    func(r *nasdesk.Request) { r.State = "dreaming" },
		"an outcome that there is not": func(r *nasdesk.Request) { r.Outcome = "perhaps" },
		"no reference":                 func(r *nasdesk.Request) { r.Reference = "" },
	}
	each(t, func(t *testing.T, s *Store) {
		for name, spoil := range bad {
			ev := mailEvent("m "+name, fa123)
			r := aRequest(ev, fa123)
			spoil(&r)
			_, err := s.Decide(t.Context(), ev, nasdesk.Keys{}, 0, always(nasdesk.Decision{Requests: []nasdesk.Request{r}}))
			if err == nil || !strings.Contains(err.Error(), "request in state") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := s.number(t, `select count(*) from handled`); n != 0 {
			t.Errorf("%d events were kept of decisions that were not", n)
		}
	})
}

func TestTextThatDatabasesRefuse(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		odd := "a\x00b\xffc"
		ev := mailEvent("m1", fa123)
		ev.Mail.Message.ID = odd
		r := aRequest(ev, fa123)
		r.Message, r.Subject, r.Thread = odd, odd, []string{odd}
		r.Answers[0].Written = odd
		decide(t, s, ev, nasdesk.Keys{Party: fa123, MessageIDs: []string{odd}}, always(nasdesk.Decision{Requests: []nasdesk.Request{r},
			Mails: []nasdesk.Mail{{Key: "k", To: fa123, About: nasdesk.Confirmation, Subject: odd, Text: odd}}, Journal: []nasdesk.Entry{{What: "x", Request: -1, Detail: odd}}}))
		c := pulled1(t, s, nasdesk.Keys{Party: fa123, MessageIDs: []string{odd}})
		if len(c.Requests) != 1 || len(c.Messages) != 1 {
			t.Errorf("not found again: %+v", c)
		}
	})
}
