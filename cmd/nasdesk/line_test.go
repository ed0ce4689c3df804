package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"nasdesk"
	"nasdesk/store"
)

// TestEachMailIsAnsweredOnce lets a morning's mails arrive at the running
// program one after the other, stops it in between, and looks at what lies in
// every mailbox after. Then the messages as they were kept are replayed: the
// decisions must be the same.
func TestEachMailIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	m := newMorning(t)
	p := m.desk.serve(t)
	for i, name := range m.names {
		if i == len(m.names)/2 {
			p.stop(t)
			p = m.desk.serve(t)
		}
		m.arrive(t, name)
	}
	m.desk.settled(t, len(m.names))
	p.stop(t)
	m.lookAtFolders(t)
	m.lookAtReplies(t)
	m.compareWithReplay(t)
}

// A morning is the mails of testdata/line.txtar on their way.
type morning struct {
	desk  *desk
	world string // folder
	files map[string]string
	names []string // "01" …
	want  map[string]wanted
	raw   map[string][]byte // as handed in
}

type wanted struct {
	Way    string `json:"way"`
	Folder string `json:"folder"`
	text   string
}

func newMorning(t *testing.T) *morning {
	t.Helper()
	a, err := txtar.ParseFile("testdata/line.txtar")
	if err != nil {
		t.Fatal(err)
	}
	m := &morning{world: filepath.Join(t.TempDir(), "world"), files: map[string]string{}, want: map[string]wanted{}, raw: map[string][]byte{}}
	for _, f := range a.Files {
		name, text := f.Name, string(f.Data)
		m.files[name] = text
		switch {
		case strings.HasPrefix(name, "world/"):
			write(t, filepath.Join(filepath.Dir(m.world), name), aged(text, time.Now()))
		case strings.HasSuffix(name, ".eml"):
			m.names = append(m.names, strings.TrimSuffix(name, ".eml"))
		case strings.HasSuffix(name, ".want"):
			w := wanted{text: text}
			if err := json.Unmarshal([]byte(text), &w); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			m.want[strings.TrimSuffix(name, ".want")] = w
		}
	}
	m.desk = openDesk(t, m.world)
	return m
}

var ago = regexp.MustCompile(`\{(\d+) days ago\}`)

func aged(csv string, now time.Time) string {
	return ago.ReplaceAllStringFunc(csv, func(s string) string {
		n, _ := strconv.Atoi(ago.FindStringSubmatch(s)[1])
		return string(nasdesk.DateOf(now).AddDays(-n))
	})
}

// arrive hands in one mail and waits until it is decided and its replies lie in
// the mailboxes of those whom they are for.
func (m *morning) arrive(t *testing.T, name string) {
	t.Helper()
	raw := m.compose(t, name)
	m.raw[name] = raw
	w := m.want[name]
	before := m.desk.count(t, sqlHandled)
	switch way, from, _ := strings.Cut(w.Way, " from "); {
	case way == "imap":
		m.desk.put(t, raw)
	case from != "":
		m.desk.submit(t, from, raw)
	default:
		m.desk.submit(t, addressIn(opened(t, raw).head.Get("From")), raw)
	}
	m.desk.settled(t, before+1)
	var event string
	if err := m.desk.db.QueryRow(t.Context(), `select event from handled where event like 'mail/%' order by raw desc limit 1`).Scan(&event); err != nil {
		t.Fatal(err)
	}
	res := m.desk.resultOf(t, event)
	for _, d := range differences("", without(decoded(t, w.text), "way", "folder"), decoded(t, encoded(t, res))) {
		t.Errorf("%s: %s", name, d)
	}
}

func addressIn(from string) string {
	_, a, _ := strings.Cut(strings.TrimSuffix(from, ">"), "<")
	return a
}

var slot = regexp.MustCompile(`\{(again|id|ref|reply) (\d\d)(?: ([^}]+))?\}`)

// compose fills in the ids of our mails, as they lie in the mailboxes, and what
// every mail has. What is laid in by IMAP bears the field that the border puts
// on top of a mail that it vouches for, unless the mail brings one.
func (m *morning) compose(t *testing.T, name string) []byte {
	t.Helper()
	text := m.files[name+".eml"]
	if s := slot.FindStringSubmatch(text); s != nil && s[1] == "again" {
		return m.raw[s[2]]
	}
	text = slot.ReplaceAllStringFunc(text, func(s string) string {
		what, of, to := slot.FindStringSubmatch(s)[1], slot.FindStringSubmatch(s)[2], slot.FindStringSubmatch(s)[3]
		switch what {
		case "id":
			return "<" + idOf(of) + ">"
		case "ref":
			return nasdesk.Reference(idOf(of), 1)
		}
		return "<" + m.replyTo(t, of, to) + ">"
	})
	head := fmt.Sprintf("To: %s\nDate: %s\nMessage-ID: <%s>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n",
		helpdesk, time.Now().Format(time.RFC1123Z), idOf(name))
	if m.want[name].Way == "imap" && !strings.Contains(text, "Authentication-Results:") {
		head = "Authentication-Results: mx.nhs.net; dmarc=pass header.from=nhs.net\nReceived: from client.example.net by mx.nhs.net; " +
			time.Now().Format(time.RFC1123Z) + "\n" + head
	}
	return []byte(strings.ReplaceAll(head+text, "\n", "\r\n"))
}

func idOf(name string) string { return name + ".line@example.org" }

// replyTo is the Message-ID of our mail to somebody about a message, as it lies
// in the mailbox.
func (m *morning) replyTo(t *testing.T, of, to string) string {
	t.Helper()
	rows, err := m.desk.db.Query(t.Context(), `select m.message_id from mail m join handled h on h.event = m.event
		where h.message_id = $1 and m.recipient = $2 and m.waits = 0 and m.about <> 'notice'`, idOf(of), to)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if len(ids) != 1 {
		t.Fatalf("%d replies to %s on %s, want 1", len(ids), to, of)
	}
	await(t, "the reply lies in the mailbox of "+to, func() bool {
		return slices.ContainsFunc(m.desk.lying(t, to, "INBOX"), func(l letter) bool { return l.id() == ids[0] })
	})
	return ids[0]
}

func (d *desk) resultOf(t testing.TB, event string) nasdesk.Result {
	t.Helper()
	st, err := store.Open(t.Context(), d.database)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	res, err := st.ResultOf(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func encoded(t testing.TB, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func decoded(t testing.TB, text string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

func without(v map[string]any, keys ...string) map[string]any {
	for _, k := range keys {
		delete(v, k)
	}
	return v
}

// lookAtFolders holds the helpdesk's folders to what is written: every mail in
// its folder, once, and nothing else anywhere.
func (m *morning) lookAtFolders(t *testing.T) {
	t.Helper()
	want := map[string][]string{}
	for _, name := range m.names {
		id := idOf(name)
		if s := slot.FindStringSubmatch(m.files[name+".eml"]); s != nil && s[1] == "again" {
			id = idOf(s[2])
		}
		want[m.want[name].Folder] = append(want[m.want[name].Folder], id)
	}
	got := m.desk.folders(t)
	for _, f := range []string{"INBOX", "Processed", "Exceptions", "Ignored", "Quarantined"} {
		slices.Sort(want[f])
		slices.Sort(got[f])
		if !slices.Equal(want[f], got[f]) {
			t.Errorf("in %s lie %q, want %q", f, got[f], want[f])
		}
	}
}

// lookAtReplies reads every mail that arrived anywhere: those that the store
// says were sent, each once, with the fields that keep robots quiet and threads
// together.
func (m *morning) lookAtReplies(t *testing.T) {
	t.Helper()
	arrived := m.desk.arrived(t)
	if n, want := len(arrived), m.desk.count(t, `select count(*) from mail where state = 'sent'`); n != want || want == 0 {
		t.Errorf("%d mails arrived, %d were sent", n, want)
	}
	seen, active := map[string]bool{}, 0
	for _, l := range arrived {
		if seen[l.id()] {
			t.Errorf("the mail %s arrived twice", l.id())
		}
		seen[l.id()] = true
		for field, want := range map[string]string{"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All", "X-Nasdesk": "1", "Reply-To": "", "User-Agent": ""} {
			if got := l.head.Get(field); got != want {
				t.Errorf("%s: %s is %q, want %q", l.head.Get("Subject"), field, got, want)
			}
		}
		if strings.Contains(l.head.Get("Subject"), "is active") {
			active++
		}
		m.lookAtThread(t, l)
	}
	if active != 3 {
		t.Errorf("%d mails say that an account is active, want 3", active)
	}
}

// lookAtThread checks that a mail answers one that we got, and that its
// Message-ID is the one made from its row's key.
func (m *morning) lookAtThread(t *testing.T, l letter) {
	t.Helper()
	var key, answers, asked string
	err := m.desk.db.QueryRow(t.Context(), `select key, in_reply_to from mail where message_id = $1`, l.id()).Scan(&key, &answers)
	if err != nil {
		t.Fatalf("the mail %s is no row: %v", l.id(), err)
	}
	if want := nasdesk.MailID(key, "nhs.net"); l.id() != want {
		t.Errorf("Message-ID %s, want %s, made from the key", l.id(), want)
	}
	if answers == "" {
		return // a mail that begins a thread of its own, such as the one to a region
	}
	if got := l.answers(); got != strings.Trim(answers, "<>") {
		t.Errorf("In-Reply-To %q, want %q", got, answers)
	}
	if refs := strings.Fields(l.head.Get("References")); len(refs) == 0 || strings.Trim(refs[len(refs)-1], "<>") != l.answers() {
		t.Errorf("References %q do not end with the mail that is answered, %q", refs, l.answers())
	}
	_ = m.desk.db.QueryRow(t.Context(), `select message_id from handled where message_id = $1 limit 1`, l.answers()).Scan(&asked)
	if asked == "" {
		t.Errorf("%q answers %q, which we never got", l.head.Get("Subject"), l.answers())
	}
}

// arrived are all mails that lie in other mailboxes than ours.
func (d *desk) arrived(t testing.TB) []letter {
	t.Helper()
	rows, err := d.db.Query(t.Context(), `select distinct recipient from mail order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var everybody []string
	for rows.Next() {
		var a string
		if err := rows.Scan(&a); err != nil {
			t.Fatal(err)
		}
		everybody = append(everybody, a)
	}
	var out []letter
	for _, a := range everybody {
		out = append(out, d.lying(t, a, "INBOX")...)
	}
	return out
}

// compareWithReplay replays the messages as they were kept, in the order in
// which they were decided: Dovecot's, Postfix's and our program's own work must
// lead to the same decisions as the files alone. And once more: the same bytes.
func (m *morning) compareWithReplay(t *testing.T) {
	t.Helper()
	dir, want := m.kept(t)
	first, second := m.replayed(t, dir), m.replayed(t, dir)
	if !bytes.Equal(first, second) {
		t.Error("a second replay prints something else")
	}
	lines := strings.Split(strings.TrimSpace(string(first)), "\n")
	if len(lines) != len(want) {
		t.Fatalf("replay prints %d lines, want %d", len(lines), len(want))
	}
	for i, line := range lines {
		got := encoded(t, without(decoded(t, line), "file"))
		if want := encoded(t, without(decoded(t, encoded(t, want[i])), "file")); got != want {
			t.Errorf("message %d:\nreplay says %s\nserve said  %s", i+1, got, want)
		}
	}
}

// kept writes the messages as the store has them into a folder, and returns
// what each led to.
func (m *morning) kept(t *testing.T) (dir string, results []nasdesk.Result) {
	t.Helper()
	dir = t.TempDir()
	st, err := store.Open(t.Context(), m.desk.database)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	rows, err := m.desk.db.Query(t.Context(), `select event, raw from handled where event like 'mail/%' order by at`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var event string
		var raw int64
		if err := rows.Scan(&event, &raw); err != nil {
			t.Fatal(err)
		}
		b, err := st.Raw(t.Context(), raw)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, fmt.Sprintf("%02d.eml", len(results)+1)), string(b))
		res, err := st.ResultOf(t.Context(), event)
		if err != nil {
			t.Fatal(err)
		}
		res.SHA256 = digestOf(b)
		results = append(results, res)
	}
	return dir, results
}

func (m *morning) replayed(t *testing.T, dir string) []byte {
	t.Helper()
	cmd := exec.Command(built(t), "replay", "--world", m.world, "--now", time.Now().Format(time.RFC3339), "--json", dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("replay: %v", err)
	}
	return out
}
