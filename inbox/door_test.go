package inbox_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"nasdesk"
	"nasdesk/inbox"
	"nasdesk/inbox/imaptest"
	"nasdesk/inbox/postoffice"
)

const desk = "helpdesk@nhs.net"

// A register is a Taker and a Ledger that remember in memory. Subjects decide
// the folder: a mail with the subject "ignored" goes there.
type register struct {
	mu      sync.Mutex
	entries map[inbox.Location]inbox.Entry
	taken   []string // subjects in the order of taking
	parked  []string // why
	looked  int
	take    func(subject string) error // asked before a mail is taken
}

func newRegister() *register { return &register{entries: map[inbox.Location]inbox.Entry{}} }

func subject(raw []byte) string {
	_, s, _ := strings.Cut(string(raw), "Subject: ")
	s, _, _ = strings.Cut(s, "\r\n")
	return s
}

func (r *register) Take(_ context.Context, raw []byte, at inbox.Location) (nasdesk.Folder, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.take != nil {
		if err := r.take(subject(raw)); err != nil {
			return "", err
		}
	}
	f := nasdesk.FolderProcessed
	if s := nasdesk.Folder(subject(raw)); s == nasdesk.FolderIgnored || s == nasdesk.FolderQuarantined {
		f = s
	}
	r.taken = append(r.taken, subject(raw))
	r.entries[at] = inbox.Entry{Folder: f}
	return f, nil
}

func (r *register) Look(_ context.Context, folder string, validity uint32, uids []uint32) (map[uint32]inbox.Entry, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.looked++
	found := map[uint32]inbox.Entry{}
	for _, uid := range uids {
		if e, ok := r.entries[inbox.Location{Folder: folder, UIDValidity: validity, UID: uid}]; ok {
			found[uid] = e
		}
	}
	return found, nil
}

func (r *register) Failed(_ context.Context, at inbox.Location) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.entries[at]
	e.Failed++
	r.entries[at] = e
	return e.Failed, nil
}

func (r *register) Park(_ context.Context, at inbox.Location, why string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries[at] = inbox.Entry{Folder: nasdesk.FolderExceptions}
	r.parked = append(r.parked, why)
	return nil
}

func (r *register) subjects() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.taken)
}

func (r *register) parkings() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.parked)
}

// A watch is a door that runs, with what it says.
type watch struct {
	*inbox.Door
	*register
	mu     sync.Mutex
	alarms []string
	log    bytes.Buffer
	ended  chan error
	stop   func()
}

// Write takes the log.
func (w *watch) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(p)
}

func (w *watch) said(text string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Contains(w.log.String(), text)
}

func (w *watch) alarmed(text string) (times int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range w.alarms {
		if strings.Contains(a, text) {
			times++
		}
	}
	return times
}

func settings(address string) inbox.Settings {
	return inbox.Settings{
		Address:  address,
		TLS:      inbox.Plain,
		User:     desk,
		Password: func() (string, error) { return "one", nil },
		Folders: map[nasdesk.Folder]string{
			nasdesk.FolderProcessed:   "nasdesk/processed",
			nasdesk.FolderExceptions:  "nasdesk/exceptions",
			nasdesk.FolderIgnored:     "nasdesk/ignored",
			nasdesk.FolderQuarantined: "nasdesk/quarantined",
		},
		Poll:     20 * time.Millisecond,
		Timeout:  5 * time.Second,
		RetryMin: time.Millisecond,
		RetryMax: 5 * time.Millisecond,
	}
}

// run opens the door until the test ends.
func run(t *testing.T, set inbox.Settings, r *register) *watch {
	t.Helper()
	w := &watch{register: r, ended: make(chan error, 1)}
	set.Log = slog.New(slog.NewTextHandler(w, nil))
	set.Alarm = func(at inbox.Location, fault error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.alarms = append(w.alarms, at.String()+": "+fault.Error())
	}
	door, err := inbox.New(set, r, r)
	if err != nil {
		t.Fatal(err)
	}
	w.Door = door
	ctx, cancel := context.WithCancel(t.Context())
	go func() { w.ended <- door.Run(ctx) }()
	w.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-w.ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(func() {
		w.stop()
		if t.Failed() {
			t.Logf("taken %q, parked %q, alarms %q, log:\n%s", r.subjects(), r.parkings(), w.alarms, w.log.String())
		}
	})
	return w
}

// until waits for something to become true.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 4000 {
		if is() {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}

func mail(subject string) string {
	return "From: pharmacy.fa123@nhs.net\r\nTo: helpdesk@nhs.net\r\nSubject: " + subject + "\r\n\r\nHello.\r\n"
}

// mails fills an INBOX with mails of these subjects, their UIDs from 1.
func mails(subjects ...string) map[string][]imaptest.Mail {
	var list []imaptest.Mail
	for i, s := range subjects {
		list = append(list, imaptest.Mail{UID: uint32(i + 1), Raw: mail(s)})
	}
	return map[string][]imaptest.Mail{"INBOX": list}
}

func office(t *testing.T, set postoffice.Settings) *postoffice.Office {
	t.Helper()
	set.Users = []postoffice.User{{Address: desk, Password: "one"}}
	o, err := postoffice.Start(set)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close() })
	return o
}

func put(t *testing.T, o *postoffice.Office, subjects ...string) {
	t.Helper()
	for _, s := range subjects {
		if _, err := o.Append(desk, "INBOX", []byte(mail(s))); err != nil {
			t.Fatal(err)
		}
	}
}

func count(t *testing.T, o *postoffice.Office, folder string) int {
	t.Helper()
	list, err := o.Messages(desk, folder)
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func await(t *testing.T, o *postoffice.Office, folder string, n int) []postoffice.Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	list, err := o.Wait(ctx, desk, folder, n)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestMailIsTakenOnceAndMoved(t *testing.T) {
	o := office(t, postoffice.Settings{})
	put(t, o, "a", "ignored", "quarantined")
	w := run(t, settings(o.IMAP), newRegister())
	processed := await(t, o, "nasdesk/processed", 1)
	await(t, o, "nasdesk/ignored", 1)
	await(t, o, "nasdesk/quarantined", 1)
	put(t, o, "b")
	await(t, o, "nasdesk/processed", 2)
	if got, want := w.subjects(), []string{"a", "ignored", "quarantined", "b"}; !slices.Equal(got, want) {
		t.Errorf("taken %q, want %q", got, want)
	}
	if n := count(t, o, "INBOX"); n != 0 {
		t.Errorf("%d messages are left", n)
	}
	if len(processed[0].Flags) != 0 {
		t.Errorf("flags were set: %q", processed[0].Flags)
	}
	until(t, "all accounted for", func() bool {
		h := w.Health()
		return h.Connected && !h.Listed.IsZero() && h.Unaccounted == 0 && h.Unmoved == 0
	})
}

func TestWhatTheLedgerKnowsIsMovedButNotTaken(t *testing.T) {
	s := &imaptest.Server{Folders: mails("a", "b")}
	r := newRegister()
	r.entries[inbox.Location{Folder: "INBOX", UIDValidity: 1, UID: 1}] = inbox.Entry{Folder: nasdesk.FolderIgnored}
	run(t, settings(s.Start(t)), r)
	until(t, "both moved", func() bool { return len(s.Mails("INBOX")) == 0 })
	if got := r.subjects(); !slices.Equal(got, []string{"b"}) {
		t.Errorf("taken %q, want b only", got)
	}
	if len(s.Mails("nasdesk.ignored")) != 1 || len(s.Mails("nasdesk.processed")) != 1 {
		t.Error("not in the folders that the ledger and the taker say")
	}
}

// Trap T1.
func TestServerThatCannotMoveIsRefused(t *testing.T) {
	s := &imaptest.Server{Caps: "IMAP4rev1 IDLE"}
	door, err := inbox.New(settings(s.Start(t)), newRegister(), newRegister())
	if err != nil {
		t.Fatal(err)
	}
	if err := door.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "MOVE") || !strings.Contains(err.Error(), "UIDPLUS") {
		t.Errorf("Run: %v", err)
	}
}

// Trap T1: a copy that fails must not cost the message.
func TestFailedCopyLosesNothing(t *testing.T) {
	s := &imaptest.Server{Caps: "IMAP4rev1 IDLE UIDPLUS", Folders: mails("a", "b"), On: map[string]imaptest.Answer{
		"UID COPY": func(c *imaptest.Conn, cmd imaptest.Command) bool { return c.No(cmd, "[OVERQUOTA] full") },
	}}
	w := run(t, settings(s.Start(t)), newRegister())
	until(t, "an alarm", func() bool { return w.alarmed("OVERQUOTA") > 0 })
	until(t, "several tries", func() bool { return times(s, "UID COPY") > 2 })
	for _, m := range s.Mails("INBOX") {
		if m.Deleted {
			t.Errorf("message %d is marked as deleted", m.UID)
		}
	}
	if len(s.Mails("INBOX")) != 2 || times(s, "UID STORE") != 0 || times(s, "UID EXPUNGE") != 0 {
		t.Errorf("commands %q", s.Commands())
	}
	if got := w.subjects(); len(got) != 2 {
		t.Errorf("taken %q, want each once", got)
	}
	if w.alarmed("OVERQUOTA") != 1 {
		t.Error("the same alarm came again")
	}
}

func times(s *imaptest.Server, name string) (n int) {
	for _, c := range s.Commands() {
		if c == name {
			n++
		}
	}
	return n
}

func TestMovesWithoutMOVE(t *testing.T) {
	o := office(t, postoffice.Settings{Without: []imap.Cap{imap.CapMove}})
	put(t, o, "a", "b", "ignored")
	run(t, settings(o.IMAP), newRegister())
	await(t, o, "nasdesk/ignored", 1)
	until(t, "all moved", func() bool { return count(t, o, "INBOX") == 0 })
	if list := await(t, o, "nasdesk/processed", 2); len(list) != 2 || len(list[0].Flags) != 0 {
		t.Errorf("moved %d, flags %q", len(list), list[0].Flags)
	}
}

func TestFolderDoesNotFillWithCopies(t *testing.T) {
	s := &imaptest.Server{Caps: "IMAP4rev1 IDLE UIDPLUS", Folders: mails("a"), On: map[string]imaptest.Answer{
		"UID STORE": func(c *imaptest.Conn, cmd imaptest.Command) bool { return c.No(cmd, "read-only") },
	}}
	run(t, settings(s.Start(t)), newRegister())
	until(t, "several tries", func() bool { return times(s, "UID STORE") > 3 })
	if n := len(s.Mails("nasdesk.processed")); n != 1 {
		t.Errorf("%d copies, want 1", n)
	}
}

// Trap T2.
func TestSilentServerIsLeft(t *testing.T) {
	for _, name := range []string{"LOGIN", "CAPABILITY", "LIST", "CREATE", "SUBSCRIBE", "SELECT", "UID SEARCH", "UID FETCH", "UID MOVE", "IDLE"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &imaptest.Server{Folders: mails("a"), On: map[string]imaptest.Answer{
				name: once(func(c *imaptest.Conn, _ imaptest.Command) bool { return c.Silence() }),
			}}
			set := settings(s.Start(t))
			set.Timeout = 100 * time.Millisecond
			w := run(t, set, newRegister())
			until(t, "moved all the same", func() bool { return len(s.Mails("INBOX")) == 0 })
			until(t, "said so", func() bool { return w.said("no answer for 100ms") })
			if got := w.subjects(); len(got) != 1 {
				t.Errorf("taken %q", got)
			}
		})
	}
}

// once lets an answer be given a single time.
func once(a imaptest.Answer) imaptest.Answer { return first(1, a) }

func first(n int, a imaptest.Answer) imaptest.Answer {
	var mu sync.Mutex
	return func(c *imaptest.Conn, cmd imaptest.Command) bool {
		mu.Lock()
		n--
		now := n >= 0
		mu.Unlock()
		return now && a(c, cmd)
	}
}

// Trap T4: only what is needed is asked for, and never so that \Seen is set.
func TestFetchAsksForLittle(t *testing.T) {
	var mu sync.Mutex
	var asked []string
	s := &imaptest.Server{Folders: mails("a", "b"), On: map[string]imaptest.Answer{
		"UID FETCH": func(_ *imaptest.Conn, cmd imaptest.Command) bool {
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, cmd.Args)
			return false
		},
	}}
	run(t, settings(s.Start(t)), newRegister())
	until(t, "moved", func() bool { return len(s.Mails("INBOX")) == 0 })
	mu.Lock()
	defer mu.Unlock()
	if want := []string{"1:2 (UID RFC822.SIZE)", "1:2 (UID BODY.PEEK[])"}; !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
}

func TestItemsComeInAnyOrder(t *testing.T) {
	s := &imaptest.Server{Folders: mails("a"), On: map[string]imaptest.Answer{
		"UID FETCH": func(c *imaptest.Conn, cmd imaptest.Command) bool {
			if strings.Contains(cmd.Args, "BODY") {
				return false
			}
			c.Say(`* 1 FETCH (RFC822.SIZE %d FLAGS (\Recent) UID 1)`, len(mail("a")))
			return c.OK(cmd)
		},
	}}
	run(t, settings(s.Start(t)), newRegister())
	until(t, "moved", func() bool { return len(s.Mails("INBOX")) == 0 })
}

// Trap T4: one message that the client cannot read stops no other.
func TestMessageThatBreaksTheConnectionIsParked(t *testing.T) {
	for name, breaks := range map[string]func(c *imaptest.Conn) bool{
		"unknown response": func(c *imaptest.Conn) bool { c.Say("* WHATEVER"); return c.Silence() },
		"hangs up":         func(c *imaptest.Conn) bool { return c.Hangup() },
		"stops half-way":   func(c *imaptest.Conn) bool { c.Send("* 2 FETCH (UID 2 BODY[] {500}\r\nFrom: x"); return c.Hangup() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &imaptest.Server{Folders: mails("a", "b", "c"), On: map[string]imaptest.Answer{
				"UID FETCH": func(c *imaptest.Conn, cmd imaptest.Command) bool {
					set, items, _ := strings.Cut(cmd.Args, " ")
					if !strings.Contains(items, "BODY") || !imaptest.InSet(set, 2) {
						return false
					}
					if imaptest.InSet(set, 1) {
						c.Fetched(1, mail("a"))
					}
					return breaks(c)
				},
			}}
			w := run(t, settings(s.Start(t)), newRegister())
			until(t, "all moved", func() bool { return len(s.Mails("INBOX")) == 0 })
			if got := w.subjects(); !slices.Equal(got, []string{"a", "c"}) {
				t.Errorf("taken %q, want a and c", got)
			}
			if len(w.parkings()) != 1 || len(s.Mails("nasdesk.exceptions")) != 1 || w.alarmed("given up") != 1 {
				t.Errorf("parked %q, alarms %d", w.parkings(), w.alarmed("given up"))
			}
		})
	}
}

func TestBrokenLiteralIsFetchedAgain(t *testing.T) {
	s := &imaptest.Server{Folders: mails("a", "b"), On: map[string]imaptest.Answer{
		"UID FETCH": first(2, func(c *imaptest.Conn, cmd imaptest.Command) bool {
			if !strings.Contains(cmd.Args, "BODY") {
				return false
			}
			c.Send(fmt.Sprintf("* 1 FETCH (UID 1 BODY[] {%d}\r\n%s", len(mail("a")), mail("a")[:60]))
			return c.Hangup()
		}),
	}}
	w := run(t, settings(s.Start(t)), newRegister())
	until(t, "all moved", func() bool { return len(s.Mails("INBOX")) == 0 })
	got := w.subjects()
	slices.Sort(got)
	if !slices.Equal(got, []string{"a", "b"}) || len(w.parkings()) != 0 {
		t.Errorf("taken %q, parked %q", got, w.parkings())
	}
}

// Responses that nobody asked for come among those that were: flags of other
// messages, expunges, the same message twice, one without a UID.
func TestMixedResponsesDoNotConfuse(t *testing.T) {
	s := &imaptest.Server{Folders: mails("a", "b"), On: map[string]imaptest.Answer{
		"UID FETCH": func(c *imaptest.Conn, cmd imaptest.Command) bool {
			if !strings.Contains(cmd.Args, "BODY") {
				return false
			}
			c.Say(`* 7 FETCH (FLAGS (\Seen))`)
			c.Say(`* 2 FETCH (UID 2 FLAGS (\Seen))`) // takes the place of the body in the client
			c.Say("* 9 EXISTS")
			c.Fetched(44, mail("not asked for"))
			c.Send("* 5 FETCH (BODY[] {3}\r\nxyz)\r\n")
			set, _, _ := strings.Cut(cmd.Args, " ")
			if imaptest.InSet(set, 1) {
				c.Fetched(1, mail("a"))
				c.Fetched(1, mail("a again"))
			}
			if set == "2" {
				return false
			}
			c.Say("* 3 EXPUNGE")
			return c.OK(cmd)
		},
	}}
	w := run(t, settings(s.Start(t)), newRegister())
	until(t, "an alarm for 2", func() bool { return w.alarmed("INBOX/1/2") == 1 })
	until(t, "1 moved", func() bool { return len(s.Mails("INBOX")) == 1 })
	if got := w.subjects(); !slices.Equal(got, []string{"a"}) {
		t.Errorf("taken %q, want a once", got)
	}
	if h := w.Health(); h.Unaccounted != 1 {
		t.Errorf("unaccounted %d, want 1", h.Unaccounted)
	}
}

// Trap T5.
func TestByeIsTold(t *testing.T) {
	s := &imaptest.Server{On: map[string]imaptest.Answer{
		"IDLE": once(func(c *imaptest.Conn, _ imaptest.Command) bool {
			c.Say("+ idling")
			c.Say("* BYE Session invalidated - AccessTokenExpired")
			return c.Hangup()
		}),
	}}
	w := run(t, settings(s.Start(t)), newRegister())
	until(t, "told why", func() bool { return w.said("BYE: Session invalidated - AccessTokenExpired") })
	until(t, "back again", func() bool { return times(s, "IDLE") > 1 })
}

func TestLoginIsNotInTheLog(t *testing.T) {
	s := &imaptest.Server{On: map[string]imaptest.Answer{
		"LOGIN":  once(func(c *imaptest.Conn, _ imaptest.Command) bool { c.Say("* BYE not now"); return c.Hangup() }),
		"SELECT": once(func(c *imaptest.Conn, _ imaptest.Command) bool { return c.Hangup() }),
	}}
	set := settings(s.Start(t))
	set.Password = func() (string, error) { return "open-sesame", nil }
	w := run(t, set, newRegister())
	until(t, "in IDLE", func() bool { return s.Idlers() > 0 })
	if w.said("open-sesame") || w.said(desk) {
		t.Error("the log holds the login")
	}
}

// Traps T6 and T7: a refused token is answered so that the server can say no,
// the connection is given up, and the next one gets a new token.
func TestRefusedTokenIsRenewed(t *testing.T) {
	answers := make(chan string, 1)
	s := &imaptest.Server{Caps: "IMAP4rev1 IDLE MOVE AUTH=XOAUTH2 SASL-IR", Folders: mails("a"), On: map[string]imaptest.Answer{
		"AUTHENTICATE": once(func(c *imaptest.Conn, cmd imaptest.Command) bool {
			c.Say("+ eyJzdGF0dXMiOiI0MDEifQ==")
			answers <- c.Line()
			return c.No(cmd, "AUTHENTICATE failed.")
		}),
	}}
	tokens := 0
	set := settings(s.Start(t))
	set.Password = nil
	set.SASL = func() (inbox.SASL, error) { tokens++; return inbox.XOAUTH2(desk, fmt.Sprint("token", tokens)), nil }
	run(t, set, newRegister())
	until(t, "moved", func() bool { return len(s.Mails("INBOX")) == 0 })
	if got := <-answers; got != "AQ==" {
		t.Errorf("the challenge was answered %q, want the byte 1", got)
	}
	if tokens != 2 {
		t.Errorf("%d tokens were asked for, want 2", tokens)
	}
}

// A mechanism that gives up leaves the client stuck in the exchange (trap T7).
type givesUp struct{ inbox.SASL }

func (givesUp) Next([]byte) ([]byte, error) { return nil, errors.New("not this one") }

func TestAbandonedLoginDoesNotHang(t *testing.T) {
	s := &imaptest.Server{Caps: "IMAP4rev1 IDLE MOVE AUTH=XOAUTH2 SASL-IR", Folders: mails("a"), On: map[string]imaptest.Answer{
		"AUTHENTICATE": once(func(c *imaptest.Conn, _ imaptest.Command) bool { c.Say("+ eyJ9"); return c.Silence() }),
	}}
	set := settings(s.Start(t))
	set.Password = nil
	set.SASL = func() (inbox.SASL, error) { return givesUp{inbox.XOAUTH2(desk, "token")}, nil }
	run(t, set, newRegister())
	until(t, "moved", func() bool { return len(s.Mails("INBOX")) == 0 })
}

// Trap T8: a server that never tells of mail is asked.
func TestUnannouncedMailIsFound(t *testing.T) {
	s := &imaptest.Server{}
	w := run(t, settings(s.Start(t)), newRegister())
	until(t, "in IDLE", func() bool { return s.Idlers() > 0 })
	s.Put("INBOX", mail("a"))
	until(t, "taken", func() bool { return slices.Equal(w.subjects(), []string{"a"}) })
}

// Trap T8: a server that tells is not asked more often than needed.
func TestAnnouncedMailIsFetchedAtOnce(t *testing.T) {
	s := &imaptest.Server{}
	set := settings(s.Start(t))
	set.Poll = 9 * time.Minute
	w := run(t, set, newRegister())
	until(t, "in IDLE", func() bool { return s.Idlers() > 0 })
	s.Put("INBOX", mail("a"))
	s.Tell("INBOX")
	until(t, "taken", func() bool { return slices.Equal(w.subjects(), []string{"a"}) })
}

func TestExistsThatLiesDoesNoHarm(t *testing.T) {
	s := &imaptest.Server{On: map[string]imaptest.Answer{
		"IDLE": once(func(c *imaptest.Conn, cmd imaptest.Command) bool {
			c.Say("+ idling")
			c.Say("* 4000 EXISTS")
			if c.Line() != "DONE" {
				return c.Hangup()
			}
			return c.OK(cmd)
		}),
	}}
	w := run(t, settings(s.Start(t)), newRegister())
	until(t, "idle again", func() bool { return times(s, "IDLE") > 2 })
	if times(s, "LOGIN") != 1 || times(s, "UID FETCH") != 0 || w.Health().Unaccounted != 0 {
		t.Errorf("commands %q", s.Commands())
	}
}

// Trap T9: a message that is listed and not given is asked for again.
func TestWithheldMessage(t *testing.T) {
	withhold := func(c *imaptest.Conn, cmd imaptest.Command) bool {
		set, items, _ := strings.Cut(cmd.Args, " ")
		if !strings.Contains(items, "BODY") || !imaptest.InSet(set, 2) {
			return false
		}
		if imaptest.InSet(set, 1) {
			c.Fetched(1, mail("a"))
		}
		c.Fetched(3, mail("another")) // asked for 2
		return c.OK(cmd)
	}
	t.Run("twice", func(t *testing.T) {
		n := 0
		s := &imaptest.Server{Folders: mails("a", "b"), On: map[string]imaptest.Answer{
			"UID FETCH": func(c *imaptest.Conn, cmd imaptest.Command) bool {
				if strings.Contains(cmd.Args, "BODY") {
					n++
				}
				return n <= 2 && withhold(c, cmd)
			},
		}}
		w := run(t, settings(s.Start(t)), newRegister())
		until(t, "all moved", func() bool { return len(s.Mails("INBOX")) == 0 })
		if got := w.subjects(); !slices.Equal(got, []string{"a", "b"}) {
			t.Errorf("taken %q", got)
		}
		until(t, "accounted for", func() bool { return w.Health().Unaccounted == 0 })
	})
	t.Run("always", func(t *testing.T) {
		s := &imaptest.Server{Folders: mails("a", "b"), On: map[string]imaptest.Answer{"UID FETCH": withhold}}
		w := run(t, settings(s.Start(t)), newRegister())
		until(t, "several tries", func() bool { return times(s, "UID FETCH") > 12 })
		if got := w.subjects(); !slices.Equal(got, []string{"a"}) {
			t.Errorf("taken %q, want a", got)
		}
		if w.alarmed("INBOX/1/2") != 1 || w.Health().Unaccounted != 1 || len(s.Mails("INBOX")) != 1 {
			t.Errorf("alarms %d, unaccounted %d", w.alarmed("INBOX/1/2"), w.Health().Unaccounted)
		}
	})
	t.Run("and gone", func(t *testing.T) {
		s := &imaptest.Server{Folders: mails("a", "b")}
		s.On = map[string]imaptest.Answer{"UID FETCH": withhold, "UID SEARCH": func(c *imaptest.Conn, cmd imaptest.Command) bool {
			if cmd.Args == "UID 2" {
				c.Say("* SEARCH") // a person has moved it
				return c.OK(cmd)
			}
			return false
		}}
		w := run(t, settings(s.Start(t)), newRegister())
		until(t, "said", func() bool { return w.said("left the folder") })
		if w.alarmed("") != 0 {
			t.Error("an alarm for nothing")
		}
	})
}

func TestThrottledServerIsLeftAlone(t *testing.T) {
	s := &imaptest.Server{Folders: mails("a"), On: map[string]imaptest.Answer{
		"UID SEARCH": once(func(c *imaptest.Conn, cmd imaptest.Command) bool {
			c.Say("%s BAD Request is throttled. Suggested Backoff Time: 41 milliseconds", cmd.Tag)
			return true
		}),
		"UID MOVE": once(func(c *imaptest.Conn, cmd imaptest.Command) bool {
			return c.No(cmd, "Request is throttled. Suggested Backoff Time: 42 milliseconds")
		}),
	}}
	w := run(t, settings(s.Start(t)), newRegister())
	until(t, "moved", func() bool { return len(s.Mails("INBOX")) == 0 })
	if !w.said("again=41ms") || !w.said("again=42ms") || times(s, "LOGIN") != 3 || len(w.subjects()) != 1 {
		t.Errorf("taken %q, commands %q", w.subjects(), s.Commands())
	}
}

func TestFolderThatCannotBeWrittenTo(t *testing.T) {
	var mu sync.Mutex
	full := true
	o := office(t, postoffice.Settings{Deny: func(cmd, _, folder string) error {
		mu.Lock()
		defer mu.Unlock()
		if full && folder == "nasdesk/processed" {
			return errors.New("full")
		}
		return nil
	}})
	put(t, o, "a", "ignored", "b")
	w := run(t, settings(o.IMAP), newRegister())
	await(t, o, "nasdesk/ignored", 1)
	until(t, "two unmoved", func() bool { return w.Health().Unmoved == 2 })
	if n := count(t, o, "INBOX"); n != 2 || w.Health().Unaccounted != 0 {
		t.Errorf("%d in the inbox, %d unaccounted", n, w.Health().Unaccounted)
	}
	mu.Lock()
	full = false
	mu.Unlock()
	await(t, o, "nasdesk/processed", 2)
	if got := w.subjects(); len(got) != 3 || w.alarmed("stay in INBOX") != 1 {
		t.Errorf("taken %q, alarms %d", got, w.alarmed("stay in INBOX"))
	}
}

func TestRemovedFolderIsMadeAgain(t *testing.T) {
	s := &imaptest.Server{}
	run(t, settings(s.Start(t)), newRegister())
	until(t, "in IDLE", func() bool { return s.Idlers() > 0 })
	s.Drop("nasdesk.processed")
	s.Put("INBOX", mail("a"))
	until(t, "moved", func() bool { return len(s.Mails("nasdesk.processed")) == 1 })
}

func TestLargeMessageIsParkedUnread(t *testing.T) {
	large := mail("large") + strings.Repeat("x", 2000)
	for name, told := range map[string]int{"told": len(large), "told wrongly": 10} {
		t.Run(name, func(t *testing.T) {
			s := &imaptest.Server{Folders: map[string][]imaptest.Mail{"INBOX": {{UID: 1, Raw: mail("a")}, {UID: 2, Raw: large}, {UID: 3, Raw: mail("b")}}}}
			s.On = map[string]imaptest.Answer{"UID FETCH": func(c *imaptest.Conn, cmd imaptest.Command) bool {
				if strings.Contains(cmd.Args, "SIZE") {
					c.Say("* 2 FETCH (UID 2 RFC822.SIZE %d)", told)
				}
				return false
			}}
			set := settings(s.Start(t))
			set.MaxSize = 1000
			w := run(t, set, newRegister())
			until(t, "all moved", func() bool { return len(s.Mails("INBOX")) == 0 })
			if got := w.subjects(); !slices.Equal(got, []string{"a", "b"}) {
				t.Errorf("taken %q", got)
			}
			if p := w.parkings(); len(p) != 1 || !strings.Contains(p[0], "more than the 1000 allowed") || len(s.Mails("nasdesk.exceptions")) != 1 {
				t.Errorf("parked %q", p)
			}
		})
	}
}

func TestNewUIDValidity(t *testing.T) {
	o := office(t, postoffice.Settings{})
	put(t, o, "a")
	w := run(t, settings(o.IMAP), newRegister())
	await(t, o, "nasdesk/processed", 1)
	until(t, "moved", func() bool { return count(t, o, "INBOX") == 0 })
	if err := o.Renew(desk, "INBOX"); err != nil {
		t.Fatal(err)
	}
	put(t, o, "b") // UID 1 again, under another UIDVALIDITY
	o.Hangup("Connection is closed. 13")
	await(t, o, "nasdesk/processed", 2)
	if got := w.subjects(); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("taken %q", got)
	}
}

func TestTakerThatFails(t *testing.T) {
	o := office(t, postoffice.Settings{})
	put(t, o, "a", "bad", "worse", "b")
	r := newRegister()
	tries := 0
	r.take = func(subject string) error {
		switch subject {
		case "bad":
			if tries++; tries < 3 {
				return errors.New("disk full")
			}
		case "worse":
			if tries < 3 {
				panic("a bug")
			}
		}
		return nil
	}
	w := run(t, settings(o.IMAP), r)
	await(t, o, "nasdesk/processed", 4)
	if got, want := w.subjects(), []string{"a", "b", "bad", "worse"}; !slices.Equal(got, want) {
		t.Errorf("taken %q, want %q", got, want)
	}
	if w.alarmed("disk full") != 1 || w.alarmed("panic (string)") != 1 {
		t.Errorf("alarms %q", w.alarms)
	}
}

func TestWorkersKeepTheOrderOfASender(t *testing.T) {
	o := office(t, postoffice.Settings{})
	const senders, each = 7, 12
	for i := range each {
		for s := range senders {
			raw := fmt.Sprintf("Received: x\r\nFrom: \"Sender\"\r\n <s%d@example.com>\r\nSubject: %d %02d\r\n\r\nx\r\n", s, s, i)
			if _, err := o.Append(desk, "INBOX", []byte(raw)); err != nil {
				t.Fatal(err)
			}
		}
	}
	set := settings(o.IMAP)
	set.Workers, set.Batch = 4, 30
	w := run(t, set, newRegister())
	await(t, o, "nasdesk/processed", senders*each)
	got := w.subjects()
	if len(got) != senders*each {
		t.Fatalf("%d taken, want %d", len(got), senders*each)
	}
	for s := range senders {
		var own []string
		for _, subject := range got {
			if strings.HasPrefix(subject, fmt.Sprint(s, " ")) {
				own = append(own, subject)
			}
		}
		if !slices.IsSorted(own) {
			t.Errorf("sender %d: %q", s, own)
		}
	}
}

func TestProtectedConnections(t *testing.T) {
	https := httptest.NewTLSServer(nil)
	defer https.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: https.Certificate().Raw})
	if err := os.WriteFile(ca, block, 0o600); err != nil {
		t.Fatal(err)
	}
	config := https.TLS.Clone()
	config.NextProtos = nil
	o := office(t, postoffice.Settings{TLS: config})
	for i, mode := range []string{inbox.TLS, inbox.StartTLS} {
		t.Run(mode, func(t *testing.T) {
			set := settings(map[string]string{inbox.TLS: o.IMAPS, inbox.StartTLS: o.IMAP}[mode])
			set.TLS, set.CAFile = mode, ca
			put(t, o, mode)
			w := run(t, set, newRegister())
			await(t, o, "nasdesk/processed", i+1)
			w.stop()
		})
		t.Run(mode+" with a stranger", func(t *testing.T) {
			set := settings(map[string]string{inbox.TLS: o.IMAPS, inbox.StartTLS: o.IMAP}[mode])
			set.TLS, set.CAFile, set.ServerName = mode, ca, "outlook.office365.com"
			w := run(t, set, newRegister())
			until(t, "refused", func() bool { return w.said("outlook.office365.com") && w.alarmed("cannot be read") > 0 })
			if w.Health().Connected {
				t.Error("connected")
			}
		})
	}
}

func TestPasswordIsNotSentInTheClear(t *testing.T) {
	s := &imaptest.Server{Caps: "IMAP4rev1 LOGINDISABLED MOVE"}
	door, err := inbox.New(settings(s.Start(t)), newRegister(), newRegister())
	if err != nil {
		t.Fatal(err)
	}
	if err := door.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "starttls") || times(s, "LOGIN") != 0 {
		t.Errorf("Run: %v, commands %q", err, s.Commands())
	}
}

func TestSettingsTellEveryFault(t *testing.T) {
	set := settings("mail.example.org:143")
	set.User, set.Password, set.Poll = "", nil, 10*time.Minute
	set.Folders[nasdesk.FolderIgnored] = "Inbox"
	delete(set.Folders, nasdesk.FolderProcessed)
	_, err := inbox.New(set, newRegister(), newRegister())
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"loopback", "password", "user", "nine minutes", "processed a name", "ignored cannot be the inbox"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in:\n%v", want, err)
		}
	}
}

// Trap T3 shows on a real server only: it sends several messages before it ends
// the command for the first.
func TestWithDovecot(t *testing.T) {
	d := imaptest.StartDovecot(t)
	const n = 450
	for i := range n {
		d.Deliver(t, []byte(mail(fmt.Sprintf("%03d", i))+strings.Repeat("All is well.\r\n", 1500)))
	}
	set := settings(d.Address)
	set.User, set.Password = d.User, func() (string, error) { return d.Password, nil }
	w := run(t, set, newRegister())
	until(t, "all taken", func() bool { return len(w.subjects()) >= n })
	d.Deliver(t, []byte(mail("one more")))
	until(t, "the last one taken", func() bool { return slices.Contains(w.subjects(), "one more") })
	w.stop()
	again := run(t, set, newRegister())
	until(t, "listed", func() bool { return !again.Health().Listed.IsZero() })
	if got := w.subjects(); len(got) != n+1 || len(again.subjects()) != 0 {
		t.Errorf("taken %d, want %d; left behind %d", len(got), n+1, len(again.subjects()))
	}
	if len(w.alarms) != 0 {
		t.Errorf("alarms %q", w.alarms)
	}
}

// The connection ends in every way that the tests know, and leaves nothing
// running behind.
func TestNothingIsLeftRunning(t *testing.T) {
	before := runtime.NumGoroutine()
	s := &imaptest.Server{Folders: mails("a"), On: map[string]imaptest.Answer{
		"IDLE":      first(8, func(c *imaptest.Conn, _ imaptest.Command) bool { c.Say("+ idling"); return c.Hangup() }),
		"UID FETCH": first(1, func(c *imaptest.Conn, _ imaptest.Command) bool { return c.Silence() }),
		"UID MOVE":  first(2, func(c *imaptest.Conn, _ imaptest.Command) bool { c.Say("* NONSENSE"); return c.Silence() }),
	}}
	set := settings(s.Start(t))
	set.Timeout = 50 * time.Millisecond
	set.RetryMax = time.Millisecond
	w := run(t, set, newRegister())
	until(t, "many visits", func() bool { return times(s, "LOGIN") > 10 && s.Idlers() == 1 })
	w.stop()
	until(t, "all ended", func() bool { return runtime.NumGoroutine() <= before+1 }) // the server still listens
}

func BenchmarkDoor(b *testing.B) {
	o, err := postoffice.Start(postoffice.Settings{Users: []postoffice.User{{Address: desk, Password: "one"}}})
	if err != nil {
		b.Fatal(err)
	}
	defer o.Close()
	for i := range b.N {
		if _, err := o.Append(desk, "INBOX", []byte(mail(fmt.Sprint(i))+strings.Repeat("All is well.\r\n", 400))); err != nil {
			b.Fatal(err)
		}
	}
	r := newRegister()
	set := settings(o.IMAP)
	set.Log = slog.New(slog.DiscardHandler)
	door, err := inbox.New(set, r, r)
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	b.ResetTimer()
	ended := make(chan error)
	go func() { ended <- door.Run(ctx) }()
	for door.Health().Listed.IsZero() || len(r.subjects()) < b.N {
		time.Sleep(time.Millisecond)
	}
	b.StopTimer()
	cancel()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
}
