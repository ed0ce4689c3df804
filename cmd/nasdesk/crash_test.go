package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nasdesk"
)

var (
	crashSeed = flag.Uint64("crash.seed", 0, "repeat a run of the crash test; 0 takes a new one")
	crashMail = flag.Int("crash.mails", 72, "how many mails the crash test sends")
)

// TestKilledAgainAndAgain ends the program with signal 9, over and over, while
// mails arrive. Afterwards every mail must be decided once, and every mail of
// ours must have arrived: once, or, where the program ended between the server's
// word and the record of it, again as the same message.
func TestKilledAgainAndAgain(t *testing.T) {
	t.Parallel()
	seed := *crashSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	dice := rand.New(rand.NewPCG(seed, 0))
	t.Logf("repeat with -crash.seed %d", seed)
	r := newRush(t, *crashMail)
	sent := r.send(t)
	kills := r.storm(t, dice)
	sent.Wait()
	p := r.desk.serve(t)
	r.desk.settled(t, len(r.mails))
	p.stop(t)
	t.Logf("%d mails, killed %d times", len(r.mails), kills)
	r.lookAtDecisions(t)
	r.lookAtMails(t, kills)
	r.lookAtRegister(t)
}

// A rush is many mails at once, of several sorts.
type rush struct {
	desk  *desk
	world string // folder
	mails []rushMail
}

type rushMail struct {
	id   string
	raw  []byte
	imap bool // laid in by IMAP; else by SMTP
	from nasdesk.Address
	sort string
}

// rushSorts are what the mails ask; %d is the number of the mail, to three
// digits. The outcome stands for all of a sort.
var rushSorts = []struct {
	name, subject, text string
	outcome             nasdesk.Outcome
	mails               int // of ours that follow: to the asker, and with an account made, one more
}{
	{"complete", "New account", "Please set up a new nhs.net account:\n\nFull name: Perdita Ashcombe\nMobile: 07700 900%03d\nAlternative email: perdita.%03[1]d@example.com\nRole: Member\n", nasdesk.Accepted, 2},
	{"no role", "New account", "Please set up a new nhs.net account:\n\nFull name: Quentin Birtles\nMobile: 07700 900%03d\nAlternative email: quentin.%03[1]d@example.com\n", nasdesk.NeedsInfo, 1},
	{"in prose", "Leaving us", "Hello, please remove second.%03d@nhs.net from our shared mailbox, she has left us.\n", nasdesk.Confirm, 1},
	{"unknown", "Printer", "The label printer has stopped again, number %03d.\n", nasdesk.Exception, 1},
}

// newRush opens a desk with a register of a dozen pharmacies, and writes the
// mails.
func newRush(t *testing.T, n int) *rush {
	t.Helper()
	boxes := "address,ods_code,name,sector,region_email,dspt_status,status\n"
	accounts := "address,full_name,mobile,alternative_email,status,status_since\n"
	links := "mailbox,account,role\n"
	r := &rush{}
	pharmacies := max(12, n/6) // few enough mails to each that no limit is met
	for i := range pharmacies {
		boxes += fmt.Sprintf("%s,FR%03d,Pharmacy number %d,pharmacy,,standards-met,active\n", rushBox(i), i, i)
		accounts += fmt.Sprintf("first.%03d@nhs.net,First Person,,,active,2021-03-01\n", i)
		links += fmt.Sprintf("%s,first.%03d@nhs.net,owner\n", rushBox(i), i)
	}
	for i := range n {
		accounts += fmt.Sprintf("second.%03d@nhs.net,Second Person,,,active,2022-03-01\n", i)
		if s := rushSorts[i%len(rushSorts)]; s.name == "in prose" {
			links += fmt.Sprintf("%s,second.%03d@nhs.net,member\n", rushBox(i%pharmacies), i)
		}
		r.mails = append(r.mails, rushMailOf(i, rushBox(i%pharmacies)))
	}
	r.world = t.TempDir()
	write(t, r.world+"/mailboxes.csv", boxes)
	write(t, r.world+"/accounts.csv", accounts)
	write(t, r.world+"/memberships.csv", links)
	r.desk = openDesk(t, r.world)
	return r
}

func rushBox(i int) nasdesk.Address {
	return nasdesk.Address(fmt.Sprintf("pharmacy.fr%03d@nhs.net", i))
}

func rushMailOf(i int, from nasdesk.Address) rushMail {
	s := rushSorts[i%len(rushSorts)]
	m := rushMail{id: fmt.Sprintf("%03d.rush@example.org", i), from: from, sort: s.name, imap: i%3 == 0}
	head := fmt.Sprintf("From: <%s>\nTo: %s\nSubject: %s\nDate: %s\nMessage-ID: <%s>\n\n", from, helpdesk, s.subject, time.Now().Format(time.RFC1123Z), m.id)
	if m.imap {
		head = "Authentication-Results: mx.nhs.net; dmarc=pass header.from=nhs.net\nReceived: from client.example.net by mx.nhs.net; " +
			time.Now().Format(time.RFC1123Z) + "\n" + head
	}
	m.raw = []byte(strings.ReplaceAll(head+fmt.Sprintf(s.text, i), "\n", "\r\n"))
	return m
}

// send hands in all the mails, while other things happen.
func (r *rush) send(t *testing.T) *sync.WaitGroup {
	var g sync.WaitGroup
	g.Go(func() {
		for _, m := range r.mails {
			if m.imap {
				r.desk.put(t, m.raw)
			} else {
				r.desk.submit(t, string(m.from), m.raw)
			}
		}
	})
	return &g
}

// storm starts the program and kills it again, each time after it has got on by
// a few steps of a chosen sort: kept, decided, sent or done. It ends when most of
// the mails are decided and the work is done.
func (r *rush) storm(t *testing.T, dice *rand.Rand) (kills int) {
	t.Helper()
	steps := []string{`select count(*) from raw`, sqlHandled, sqlEnded, `select count(*) from work where state = 'done'`}
	for r.desk.count(t, sqlHandled) < len(r.mails)*9/10 && kills < 40 {
		step := steps[dice.IntN(len(steps))]
		goal := r.desk.count(t, step) + 1 + dice.IntN(6)
		p := r.desk.serve(t)
		await(t, "the program gets on", func() bool {
			return r.desk.count(t, step) >= goal || r.desk.count(t, sqlHandled) >= len(r.mails)*9/10
		})
		p.kill(t)
		kills++
	}
	return kills
}

// lookAtDecisions wants each mail decided once, as its sort asks, and lying in
// one folder.
func (r *rush) lookAtDecisions(t *testing.T) {
	t.Helper()
	if n := r.desk.count(t, sqlHandled); n != len(r.mails) {
		t.Errorf("%d mails are decided, want %d", n, len(r.mails))
	}
	lies := map[string]int{}
	for f, ids := range r.desk.folders(t) {
		for _, id := range ids {
			lies[id]++
			if f == "Ignored" || f == "Quarantined" {
				t.Errorf("%s lies in %s", id, f)
			}
		}
	}
	for i, m := range r.mails {
		if n := r.desk.count(t, `select count(*) from handled where message_id = $1`, m.id); n != 1 {
			t.Errorf("%s is decided %d times", m.id, n)
		}
		if lies[m.id] != 1 {
			t.Errorf("%s lies in %d folders", m.id, lies[m.id])
		}
		var outcome string
		_ = r.desk.db.QueryRow(t.Context(), `select q.outcome from request q join handled h on h.event = q.event where h.message_id = $1`, m.id).Scan(&outcome)
		if s := rushSorts[i%len(rushSorts)]; s.outcome != nasdesk.Outcome(outcome) && s.outcome != nasdesk.Accepted {
			t.Errorf("%s, %s: %q, want %q", m.id, m.sort, outcome, s.outcome)
		}
	}
}

// lookAtMails wants every mail of ours to have arrived, and as many different
// ones for each mail as its sort says. A mail that arrived twice must be the
// same, to the byte, and there may be one for each kill.
func (r *rush) lookAtMails(t *testing.T, kills int) {
	t.Helper()
	copies := map[string][]letter{}
	answers := map[string][]string{}
	for _, l := range r.desk.arrived(t) {
		if copies[l.id()] == nil {
			answers[l.answers()] = append(answers[l.answers()], l.id())
		}
		copies[l.id()] = append(copies[l.id()], l)
	}
	repeats := 0
	for id, ls := range copies {
		if len(ls) > 1 {
			repeats += len(ls) - 1
			t.Logf("arrived %d times: %s", len(ls), id)
		}
		for _, l := range ls[1:] {
			if l.own() != ls[0].own() {
				t.Errorf("%s arrived twice and differs:\n%s\n%s", id, ls[0].raw, l.raw)
			}
		}
	}
	if repeats > kills {
		t.Errorf("%d repeats of %d kills", repeats, kills)
	}
	if n := r.desk.count(t, `select count(*) from mail where state in ('sent', 'unconfirmed')`); n != len(copies) {
		t.Errorf("%d different mails arrived, %d were sent", len(copies), n)
	}
	for i, m := range r.mails {
		if want := rushSorts[i%len(rushSorts)].mails; len(answers[m.id]) != want {
			t.Errorf("%s, %s: %d different mails answer it, want %d: %q", m.id, m.sort, len(answers[m.id]), want, answers[m.id])
		}
	}
	t.Logf("%d mails arrived, %d of them repeats of the same message", len(copies)+repeats, repeats)
}

// own is the mail as we handed it in, without what the servers on the way put on
// top.
func (l letter) own() string {
	return stampedOnTop.ReplaceAllString(l.raw, "")
}

var stampedOnTop = regexp.MustCompile(`\A(?:(?:Return-Path|Delivered-To|Authentication-Results|Received):.*\n(?:[ \t].*\n)*)+`)

// lookAtRegister wants an account made for each complete request, once.
func (r *rush) lookAtRegister(t *testing.T) {
	t.Helper()
	want := 0
	for _, m := range r.mails {
		if m.sort == "complete" {
			want++
		}
	}
	for what, sql := range map[string]string{
		"accounts":  `select count(*) from account where status = 'active' and stem like 'perdita.ashcombe%'`,
		"their own": `select count(distinct mobile_index) from account where stem like 'perdita.ashcombe%'`,
		"created":   `select count(*) from work where state = 'done' and key like '%create-account%'`,
	} {
		if n := r.desk.count(t, sql); n != want {
			t.Errorf("%s: %d, want %d", what, n, want)
		}
	}
}

// TestKilledBeforeTheAnswer ends the program at the one moment when nobody can
// tell whether a mail went out: the server has it, and its answer is on the way.
// The mail goes out again, as the same message.
func TestKilledBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	r := newRush(t, 2)
	m := r.mails[1]
	between := newBetween(t, r.desk.smtp.Address)
	r.desk.configure(t, r.desk.database, between.address)
	p := r.desk.serve(t)
	between.answered = func() { p.kill(t) }
	r.desk.submit(t, string(m.from), m.raw)
	await(t, "the program is killed", between.done.Load)
	p = r.desk.serve(t)
	r.desk.settled(t, 1)
	p.stop(t)
	var got []letter
	await(t, "both copies arrive", func() bool {
		got = r.desk.lying(t, string(m.from), "INBOX")
		return len(got) >= 2
	})
	if len(got) != 2 || got[0].id() != got[1].id() || got[0].own() != got[1].own() || got[0].answers() != m.id {
		t.Errorf("arrived: %d mails, want the same one twice:\n%v", len(got), got)
	}
}

// A between stands between the program and its mail server, and keeps back the
// server's answer to the first mail.
type between struct {
	address  string
	answered func()
	done     atomic.Bool
}

func newBetween(t *testing.T, server string) *between {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &between{address: l.Addr().String()}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() { b.pass(c, server) })
		}
	})
	t.Cleanup(func() { l.Close(); open.Wait() })
	return b
}

func (b *between) pass(client net.Conn, server string) {
	defer client.Close()
	up, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer up.Close()
	go func() {
		defer up.Close()
		_, _ = bufio.NewReader(client).WriteTo(up)
	}()
	for lines := bufio.NewReader(up); ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		if bytes.Contains(line, []byte("queued as")) && b.done.CompareAndSwap(false, true) {
			b.answered()
			return
		}
		if _, err := client.Write(line); err != nil {
			return
		}
	}
}
