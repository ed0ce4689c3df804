package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/mail"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/jackc/pgx/v5"

	"nasdesk/inbox/imaptest"
	"nasdesk/outbox/mtatest"
	"nasdesk/store/pgtest"
)

// The tests of the whole program run what `go build` made, as an operator would:
// Dovecot holds the mailboxes, Postfix takes and delivers the mail, PostgreSQL
// keeps the store.

func TestMain(m *testing.M) {
	code := m.Run()
	if builtIn != "" {
		os.RemoveAll(builtIn)
	}
	os.Exit(code)
}

// patience is far beyond what anything takes.
var patience = flag.Duration("patience", 2*time.Minute, "how long a test waits for what must come about")

var ready = flag.String("program", "", "a built nasdesk to test, instead of building one")

var (
	buildFlags []string
	builtIn    string
)

// program is the built program, made once for the test binary.
var program = sync.OnceValues(func() (string, error) {
	if *ready != "" {
		return filepath.Abs(*ready)
	}
	var err error
	if builtIn, err = os.MkdirTemp("", "nasdesk"); err != nil {
		return "", err
	}
	file := filepath.Join(builtIn, "nasdesk")
	out, err := exec.Command("go", append(append([]string{"build"}, buildFlags...), "-o", file, ".")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return file, nil
})

func built(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: the built program is not run")
	}
	file, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// A desk is the program's surroundings: the real parts, a register in the
// database, a configuration.
type desk struct {
	imap     *imaptest.Dovecot
	smtp     *mtatest.Postfix
	postgres *pgtest.Server
	database string // URL
	conf     string
	password string // file
	db       *pgx.Conn
	logs     []*os.File
}

const helpdesk = "helpdesk@nhs.net"

// openDesk starts the parts and imports a register with the program itself.
func openDesk(t *testing.T, world string) *desk {
	t.Helper()
	built(t) // first, for it says whether there is anything to open for
	d := &desk{imap: imaptest.StartDovecotForAll(t)}
	d.smtp = mtatest.StartPostfix(t, d.imap.LMTP, []string{"nhs.net", "example.org", "example.net"}, []string{"nhs.net", "example.org"})
	d.postgres = pgtest.Start(t)
	d.database = d.postgres.URL
	d.connect(t)
	d.configure(t, d.database, d.smtp.Address)
	if out, err := exec.Command(built(t), "import", world, d.database).CombinedOutput(); err != nil {
		t.Fatalf("import: %v\n%s", err, out)
	}
	t.Cleanup(func() { d.tell(t) })
	return d
}

// connect makes the test's own connection to the database.
func (d *desk) connect(t *testing.T) {
	t.Helper()
	db, err := pgx.Connect(t.Context(), d.database)
	if err != nil {
		t.Fatal(err)
	}
	if d.db == nil {
		t.Cleanup(func() { d.db.Close(context.Background()) })
	}
	d.db = db
}

// configure writes the configuration anew.
func (d *desk) configure(t *testing.T, database, smtpAddress string) {
	t.Helper()
	dir := t.TempDir()
	d.conf, d.password = filepath.Join(dir, "nasdesk.toml"), filepath.Join(dir, "imap.password")
	write(t, d.password, d.imap.Password+"\n")
	write(t, d.conf, fmt.Sprintf(`database = %q
trust = "rfc8601:mx.nhs.net"
lease = "3s"
[imap]
address = %q
security = "plain"
user = %q
password_file = "imap.password"
poll = "5s"
[smtp]
address = %q
security = "plain"
auth = "none"
per_minute = 0
timeout = "10s"
[directory]
min = "0s"
max = "0s"
`, database, d.imap.Address, helpdesk, smtpAddress))
}

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// tell prints what the parts logged, of a test that failed.
func (d *desk) tell(t *testing.T) {
	if !t.Failed() {
		return
	}
	t.Logf("decided: %d, waiting: %d", d.count(t, sqlHandled), d.count(t, sqlWaiting))
	d.list(t, `select 'mail', key, state, waits, code from mail where state not in ('sent', 'cancelled')`)
	d.list(t, `select 'work', key, state, attempts, to_timestamp(at/1e6)::text from work where state not in ('done', 'cancelled')`)
	d.list(t, `select 'location', uid::text, state, attempts, why from location where state <> 'decided'`)
	for i, f := range d.logs {
		text, _ := os.ReadFile(f.Name())
		t.Logf("log of the program, run %d:\n%s", i+1, lastLines(text, 30))
	}
	t.Logf("log of the mail server:\n%s", lastLines([]byte(d.smtp.Log()), 12))
}

func lastLines(text []byte, n int) []byte {
	lines := bytes.SplitAfter(text, []byte("\n"))
	return bytes.Join(lines[max(0, len(lines)-n):], nil)
}

// A running is the program at work.
type running struct {
	*exec.Cmd
	ended chan error
	log   string // file
}

// serve starts the program. Its log goes to a file: no pipe of ours may hold it
// up or end it.
func (d *desk) serve(t *testing.T, shell ...string) *running {
	t.Helper()
	log, err := os.CreateTemp(t.TempDir(), "log")
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	d.logs = append(d.logs, log)
	args := append(shell, built(t), "serve", "-c", d.conf)
	r := &running{Cmd: exec.Command(args[0], args[1:]...), ended: make(chan error, 1), log: log.Name()}
	r.Stdout, r.Stderr = log, log
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { r.ended <- r.Wait() }()
	t.Cleanup(func() { _ = r.Process.Kill() })
	return r
}

// stop asks the program to end, as a service manager does, and wants status 0.
func (r *running) stop(t *testing.T) {
	t.Helper()
	for until := time.Now().Add(30 * time.Second); r.says(t) == "" && time.Now().Before(until) && len(r.ended) == 0; {
		time.Sleep(5 * time.Millisecond) // it is still starting, and does not listen to signals yet
	}
	_ = r.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-r.ended:
		if err != nil {
			t.Errorf("serve ended with %v, want status 0: %s", err, lastLines([]byte(r.says(t)), 20))
		}
	case <-time.After(time.Minute):
		t.Fatal("serve does not end when asked to")
	}
}

// kill ends the program as a power cut does.
func (r *running) kill(t *testing.T) {
	t.Helper()
	if err := r.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-r.ended
}

func (r *running) says(t testing.TB) string {
	text, err := os.ReadFile(r.log)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// await waits until something is so. The limit only ends a test that would hang.
func await(t *testing.T, what string, so func() bool) {
	t.Helper()
	for until := time.Now().Add(*patience); !so(); {
		if time.Now().After(until) {
			t.Fatalf("it did not come about that %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// submit hands a mail to the mail server, as its author's program does. What
// comes in this way is stamped by the server if its envelope sender is vouched
// for.
func (d *desk) submit(t testing.TB, from string, raw []byte) {
	t.Helper()
	if err := smtp.SendMail(d.smtp.Address, nil, from, []string{helpdesk}, raw); err != nil {
		t.Fatal(err)
	}
}

// put lays a mail into the helpdesk's inbox by IMAP. Nothing stamps it: the
// trusted fields must be on it already.
func (d *desk) put(t testing.TB, raw []byte) {
	t.Helper()
	c := d.login(t, helpdesk)
	defer c.Close()
	a := c.Append("INBOX", int64(len(raw)), nil)
	if _, err := a.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Wait(); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) login(t testing.TB, user string) *imapclient.Client {
	t.Helper()
	c, err := imapclient.DialInsecure(d.imap.Address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Login(user, d.imap.Password).Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

// A letter is a mail as it lies in a mailbox.
type letter struct {
	raw  string
	head mail.Header
	body string
}

func (l letter) id() string { return strings.Trim(l.head.Get("Message-Id"), "<>") }

func (l letter) answers() string { return strings.Trim(l.head.Get("In-Reply-To"), "<>") }

// lying returns what lies in a folder of somebody's mailbox.
func (d *desk) lying(t testing.TB, user, folder string) []letter {
	t.Helper()
	c := d.login(t, user)
	defer c.Close()
	sel, err := c.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil || sel.NumMessages == 0 {
		return nil // a folder that is not there yet is empty
	}
	all := imap.SeqSet{}
	all.AddRange(1, sel.NumMessages)
	list, err := c.Fetch(all, &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{{Peek: true}}}).Collect()
	if err != nil {
		t.Fatal(err)
	}
	var out []letter
	for _, m := range list {
		// What was moved away since it was listed has no bytes left.
		if len(m.BodySection) > 0 && len(m.BodySection[0].Bytes) > 0 {
			out = append(out, opened(t, m.BodySection[0].Bytes))
		}
	}
	return out
}

func opened(t testing.TB, raw []byte) letter {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%v in\n%s", err, raw)
	}
	body, err := io.ReadAll(m.Body)
	if err != nil {
		t.Fatal(err)
	}
	return letter{raw: string(raw), head: m.Header, body: string(body)}
}

// folders are the helpdesk's, by the Message-IDs of what lies in them.
func (d *desk) folders(t testing.TB) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, f := range []string{"INBOX", "Processed", "Exceptions", "Ignored", "Quarantined"} {
		for _, l := range d.lying(t, helpdesk, f) {
			out[f] = append(out[f], l.id())
		}
	}
	return out
}

// count asks the database.
func (d *desk) count(t testing.TB, sql string, args ...any) (n int) {
	t.Helper()
	if err := d.db.QueryRow(context.Background(), sql, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// Questions to the database.
const (
	sqlHandled = `select count(*) from handled where event like 'mail/%'`
	sqlWaiting = `select (select count(*) from mail where state in ('ready', 'running')) + (select count(*) from work where state in ('ready', 'running', 'pending'))
		+ (select count(*) from location where state = 'kept')`
	sqlEnded = `select count(*) from mail where state not in ('ready', 'running', 'cancelled')`
)

// list prints rows of a query.
func (d *desk) list(t testing.TB, sql string) {
	rows, err := d.db.Query(context.Background(), sql)
	if err != nil {
		t.Log(err)
		return
	}
	defer rows.Close()
	for rows.Next() {
		v, err := rows.Values()
		t.Log(v, err)
	}
	if rows.Err() != nil {
		t.Log(rows.Err())
	}
}

// settled waits until n mails are decided, and all that follows from them is
// done.
func (d *desk) settled(t *testing.T, n int) {
	t.Helper()
	await(t, fmt.Sprintf("%d mails are decided and all work is done", n), func() bool {
		return d.count(t, sqlHandled) >= n && d.count(t, sqlWaiting) == 0
	})
	await(t, "the inbox is empty", func() bool { return len(d.lying(t, helpdesk, "INBOX")) == 0 })
}

// closedPort is an address at which nobody listens.
func closedPort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
