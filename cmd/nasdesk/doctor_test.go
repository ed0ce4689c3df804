package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nasdesk"
	"nasdesk/inbox/imaptest"
	"nasdesk/outbox/mtatest"
	"nasdesk/store"
	"nasdesk/store/pgtest"
)

// A ward is the real parts, which the patients share: Dovecot and Postfix behind TLS
// of an authority of ours, PostgreSQL.
type ward struct {
	imap     *imaptest.Dovecot
	postgres *pgtest.Server
	ca       *authority
	plain    struct{ imap, smtp string }
}

func openWard(t *testing.T) *ward {
	if testing.Short() {
		t.Skip("-short: the real parts are not run")
	}
	w := &ward{imap: imaptest.StartDovecotForAll(t), ca: newAuthority(t)}
	w.plain.imap = w.imap.Address
	w.plain.smtp = mtatest.StartPostfix(t, w.imap.LMTP, []string{"nhs.net"}, []string{"nhs.net"}).Address
	var err error
	if w.postgres, err = pgtest.Run("fsync=off"); err != nil {
		t.Skip(err)
	}
	t.Cleanup(w.postgres.Stop)
	return w
}

// A patient is one set-up that the doctor looks at.
type patient struct {
	*ward
	dir, conf, text, url string
	store                *store.Store
}

// patient makes a set-up that is well in all its parts.
func (w *ward) patient(t *testing.T) *patient {
	t.Helper()
	p := &patient{ward: w, dir: t.TempDir(), url: w.postgres.Database(t)}
	p.conf = filepath.Join(p.dir, "nasdesk.toml")
	st, err := openStore(t.Context(), p.url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	p.store = st
	p.must(t, st.Import(t.Context(), wellRegister("pharmacy.fdc01@nhs.net", "dora.one@nhs.net", "dan.one@nhs.net")))
	write(t, filepath.Join(p.dir, "imap.password"), w.imap.Password+"\n")
	write(t, filepath.Join(p.dir, "ca.pem"), w.ca.pem)
	good := w.ca.issue(t, "localhost", time.Now().AddDate(1, 0, 0))
	imap, smtp := front(t, w.plain.imap, good, 0), front(t, w.plain.smtp, good, 0)
	p.text = fmt.Sprintf(`database = %q
trust = "rfc8601:mx.nhs.net"
lease = "3s"
[imap]
address = %q
security = "tls"
ca_file = "ca.pem"
user = %q
password_file = "imap.password"
[smtp]
address = %q
security = "implicit"
ca_file = "ca.pem"
auth = "none"
[metrics]
listen = %q
`, p.url, imap, helpdesk, smtp, closedPort(t))
	return p
}

func wellRegister(box, one, two nasdesk.Address) store.World {
	local := strings.ToUpper(strings.TrimSuffix(strings.TrimPrefix(string(box), "pharmacy."), "@nhs.net"))
	return store.World{
		Mailboxes: []nasdesk.Mailbox{{Address: box, ODS: nasdesk.ODSCode(local), Name: "Well Pharmacy", Sector: nasdesk.Pharmacy, DSPT: nasdesk.StandardsMet, Status: nasdesk.Active}},
		Accounts: []nasdesk.Account{{Address: one, Name: "Dora One", Status: nasdesk.Active, Since: "2024-01-01"},
			{Address: two, Name: "Dan One", Status: nasdesk.Active, Since: "2024-01-01"}},
		Memberships: []nasdesk.Membership{{Mailbox: box, Account: one, Role: nasdesk.Owner}, {Mailbox: box, Account: two, Role: nasdesk.Member}}}
}

func (p *patient) must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// set changes the configuration's text.
func (p *patient) set(t *testing.T, old, new string) {
	t.Helper()
	if !strings.Contains(p.text, old) {
		t.Fatalf("the configuration has no %q", old)
	}
	p.text = strings.Replace(p.text, old, new, 1)
}

// line gives a key of the configuration another value.
func (p *patient) line(t *testing.T, section, key, value string) {
	t.Helper()
	head, rest, _ := strings.Cut(p.text, "["+section+"]\n")
	lines := strings.SplitAfter(rest, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, key+" = ") {
			lines[i] = fmt.Sprintf("%s = %q\n", key, value)
			p.text = head + "[" + section + "]\n" + strings.Join(lines, "")
			return
		}
	}
	t.Fatalf("[%s] has no %s", section, key)
}

func (p *patient) sql(t *testing.T, sql string) {
	t.Helper()
	db, err := pgx.Connect(t.Context(), p.url)
	p.must(t, err)
	defer db.Close(context.Background())
	tag, err := db.Exec(t.Context(), sql)
	if err != nil || tag.RowsAffected() == 0 {
		t.Fatalf("%s: %v, %v", sql, tag, err)
	}
}

// examined runs the command as an operator does.
func examined(conf string, more ...string) (status int, told string) {
	var out bytes.Buffer
	status = run(append([]string{"doctor", "-c", conf, "--limit", "3s"}, more...), &out, &out)
	return status, out.String()
}

// faults are what can be wrong, one by one: how it comes about, and what the doctor
// must say of it.
var doctorFaults = []struct {
	name, check, says string
	plant             func(t *testing.T, p *patient)
}{
	{"a key that is none", "config", "unknown key", func(t *testing.T, p *patient) { p.set(t, "[imap]\n", "[imap]\nport = 993\n") }},
	{"a password that others can read", "config", "chmod 600", func(t *testing.T, p *patient) { p.must(t, os.Chmod(filepath.Join(p.dir, "imap.password"), 0o644)) }},
	{"a key of the console that others can read", "secrets", "chmod 600", func(t *testing.T, p *patient) {
		p.console(t, time.Now().AddDate(1, 0, 0))
		p.must(t, os.Chmod(filepath.Join(p.dir, "key.pem"), 0o644))
	}},
	{"a short password", "password", "at least 20 characters", func(t *testing.T, p *patient) { write(t, filepath.Join(p.dir, "imap.password"), "Short-but-9") }},
	{"a password of one kind", "password", "one upper case letter, one number or symbol", func(t *testing.T, p *patient) {
		write(t, filepath.Join(p.dir, "imap.password"), "sevenlanternsatduskagain")
	}},
	{"a password that is the mailbox's name", "password", "no name of the account", func(t *testing.T, p *patient) {
		write(t, filepath.Join(p.dir, "imap.password"), "Our-Helpdesk-Sesame-1234")
	}},
	{"an old password", "password", "400 days old", func(t *testing.T, p *patient) { p.aged(t, 400) }},
	{"a password that will be old", "password", "within 4 days", func(t *testing.T, p *patient) { p.aged(t, 360) }},
	{"no database", "database", "PostgreSQL cannot be reached", func(t *testing.T, p *patient) {
		p.set(t, p.url, "postgres://nasdesk:canary-of-the-url@"+closedPort(t)+"/nasdesk?sslmode=disable")
	}},
	{"a database that stalls", "database", "WRONG", func(t *testing.T, p *patient) {
		p.set(t, p.url, "postgres://nasdesk:canary-of-the-url@"+silent(t)+"/nasdesk?sslmode=disable")
	}},
	{"a file that is not there", "database", "nasdesk migrate", func(t *testing.T, p *patient) { p.set(t, p.url, "sqlite:nothing.db") }},
	{"an empty database", "schema", "nasdesk migrate", func(t *testing.T, p *patient) { p.set(t, p.url, p.postgres.Database(t)) }},
	{"a newer database", "schema", "a newer nasdesk has used it", func(t *testing.T, p *patient) {
		p.sql(t, `insert into migration (version, name, checksum, applied_at) values (999, 'later', '', 1)`)
	}},
	{"another past", "schema", "made by another build", func(t *testing.T, p *patient) { p.sql(t, `update migration set checksum = 'x' where version = 1`) }},
	{"no IMAP server", "imap", "firewall", func(t *testing.T, p *patient) { p.line(t, "imap", "address", closedPort(t)) }},
	{"an IMAP server that stalls", "imap", "WRONG", func(t *testing.T, p *patient) { p.line(t, "imap", "address", silent(t)) }},
	{"no such inbox", "imap", "imap.inbox names a folder", func(t *testing.T, p *patient) { p.set(t, "[imap]\n", "[imap]\ninbox = \"Elsewhere\"\n") }},
	{"an IMAP certificate near its end", "imap", "ends in 4 days", func(t *testing.T, p *patient) {
		p.line(t, "imap", "address", front(t, p.plain.imap, p.ca.issue(t, "localhost", time.Now().Add(5*24*time.Hour-time.Hour)), 0))
	}},
	{"an IMAP certificate that has expired", "imap", "has expired", func(t *testing.T, p *patient) {
		p.line(t, "imap", "address", front(t, p.plain.imap, p.ca.issue(t, "localhost", time.Now().Add(-time.Hour)), 0))
	}},
	{"an IMAP certificate of somebody", "imap", "not trusted", func(t *testing.T, p *patient) {
		p.line(t, "imap", "address", front(t, p.plain.imap, newAuthority(t).issue(t, "localhost", time.Now().AddDate(1, 0, 0)), 0))
	}},
	{"an IMAP certificate for another name", "imap", "for another name", func(t *testing.T, p *patient) {
		p.line(t, "imap", "address", front(t, p.plain.imap, p.ca.issue(t, "imap.example.org", time.Now().AddDate(1, 0, 0)), 0))
	}},
	{"an IMAP server of old TLS", "imap", "TLS 1.2 or later", func(t *testing.T, p *patient) {
		p.line(t, "imap", "address", front(t, p.plain.imap, p.ca.issue(t, "localhost", time.Now().AddDate(1, 0, 0)), tls.VersionTLS11))
	}},
	{"no TLS where it should be", "imap", "does not speak TLS there", func(t *testing.T, p *patient) { p.line(t, "imap", "address", p.plain.imap) }},
	{"no SMTP server", "smtp", "firewall", func(t *testing.T, p *patient) { p.line(t, "smtp", "address", closedPort(t)) }},
	{"an SMTP server that stalls", "smtp", "WRONG", func(t *testing.T, p *patient) { p.line(t, "smtp", "address", silent(t)) }},
	{"no STARTTLS", "smtp", "offers no STARTTLS", func(t *testing.T, p *patient) {
		p.line(t, "smtp", "address", p.plain.smtp)
		p.line(t, "smtp", "security", "starttls")
	}},
	{"no sign-in to SMTP", "smtp", "does not offer the sign-in", func(t *testing.T, p *patient) {
		p.line(t, "smtp", "auth", "plain")
		p.set(t, "[smtp]\n", "[smtp]\nuser = \"helpdesk@nhs.net\"\npassword_file = \"imap.password\"\n")
	}},
	{"an SMTP certificate near its end", "smtp", "ends in 1 days", func(t *testing.T, p *patient) {
		p.line(t, "smtp", "address", front(t, p.plain.smtp, p.ca.issue(t, "localhost", time.Now().Add(47*time.Hour)), 0))
	}},
	{"a token endpoint that refuses", "token", "make a new one in Microsoft Entra", func(t *testing.T, p *patient) {
		is := newIssuer(t)
		is.behave(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"error":"invalid_client"}`)
		})
		p.tokens(t, is, "canary-of-another-application")
	}},
	{"a clock that is wrong", "clock", "run NTP on both", func(t *testing.T, p *patient) {
		is := newIssuer(t)
		is.behave(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
		is.Config.Handler = dated(is.Config.Handler, time.Now().Add(-9*time.Minute))
		p.tokens(t, is, clientSecret)
	}},
	{"a register without mailboxes", "register", "holds no mailbox", func(t *testing.T, p *patient) {
		p.sql(t, `delete from membership`)
		p.sql(t, `delete from mailbox`)
	}},
	{"a mailbox without owner", "register", "1 of 2 mailboxes: no owner", func(t *testing.T, p *patient) {
		w := wellRegister("pharmacy.fdc02@nhs.net", "erna.two@nhs.net", "ed.two@nhs.net")
		w.Memberships[0].Role = nasdesk.Member
		p.must(t, p.store.Import(t.Context(), w))
	}},
	{"a mailbox with one user", "register", "1 of 2 mailboxes: one user only", func(t *testing.T, p *patient) {
		w := wellRegister("pharmacy.fdc02@nhs.net", "erna.two@nhs.net", "ed.two@nhs.net")
		w.Memberships = w.Memberships[:1]
		p.must(t, p.store.Import(t.Context(), w))
	}},
	{"an address in no format", "register", "1 of 2 mailboxes: wrong address format", func(t *testing.T, p *patient) {
		p.must(t, p.store.Import(t.Context(), wellRegister("oddly.named@nhs.net", "erna.two@nhs.net", "ed.two@nhs.net")))
	}},
	{"a journal that was tampered with", "journal", "tampered", func(t *testing.T, p *patient) {
		p.must(t, p.store.ChangeStaff(t.Context(), store.Staff{Name: "lena", Role: store.Lead, Hash: "x"}, "added", "the operator", 1))
		_, err := p.store.Seal(t.Context())
		p.must(t, err)
		p.sql(t, `update journal set detail = 'nothing happened'`)
	}},
	{"a message that was set aside", "queues", "1 messages were set aside", func(t *testing.T, p *patient) {
		p.must(t, p.store.ParkUnread(t.Context(), store.Location{Folder: "INBOX", UIDValidity: 1, UID: 7}, "too large"))
	}},
	{"a message that is not decided", "queues", "kept and not decided wait, the oldest for 1h0m0s", func(t *testing.T, p *patient) {
		_, err := p.store.Keep(t.Context(), []byte("Subject: x\r\n\r\nx"), store.Location{Folder: "INBOX", UIDValidity: 1, UID: 7}, nasdesk.TimestampOf(time.Now().Add(-time.Hour)))
		p.must(t, err)
	}},
	{"a node that is silent", "serving", "joined and is silent", func(t *testing.T, p *patient) {
		_, err := p.store.Join(t.Context(), "gone/1", time.Minute)
		p.must(t, err)
	}},
	{"Graph that cannot be reached", "directory", "docs/graph.md", func(t *testing.T, p *patient) {
		write(t, filepath.Join(p.dir, "graph.secret"), clientSecret)
		p.text += fmt.Sprintf("[directory]\nkind = \"graph\"\n[directory.graph]\ntenant = \"t\"\nclient_id = %q\nsecret_file = \"graph.secret\"\nlogin = %q\n", clientID, "http://"+closedPort(t))
	}},
	{"a worklist that nobody sees", "directory", "there is no console", func(t *testing.T, p *patient) { p.text += "[directory]\nkind = \"worklist\"\n" }},
	{"a console that nobody can sign in to", "sign-in", "nasdesk staff add", func(t *testing.T, p *patient) { p.console(t, time.Now().AddDate(1, 0, 0)) }},
	{"a console's certificate near its end", "console", "ends in 9 days", func(t *testing.T, p *patient) {
		p.console(t, time.Now().Add(10*24*time.Hour-time.Hour))
	}},
	{"a console's certificate without its key", "console", "the key that belongs to it", func(t *testing.T, p *patient) {
		p.console(t, time.Now().AddDate(1, 0, 0))
		write(t, filepath.Join(p.dir, "key.pem"), "nothing")
	}},
	{"an issuer that does not answer", "sign-in", "its discovery document cannot be had", func(t *testing.T, p *patient) {
		p.console(t, time.Now().AddDate(1, 0, 0))
		write(t, filepath.Join(p.dir, "oidc.secret"), clientSecret)
		p.text += fmt.Sprintf("[console.oidc]\nissuer = %q\nclient_id = \"x\"\nsecret_file = \"oidc.secret\"\n[console.oidc.roles]\n\"g\" = \"lead\"\n", "http://"+closedPort(t))
	}},
	{"another program at the address of the figures", "metrics", "choose another address", func(t *testing.T, p *patient) { p.line(t, "metrics", "listen", silent(t)) }},
	// The last one: Dovecot answers more slowly after it.
	{"another password", "imap", "sign-in", func(t *testing.T, p *patient) {
		write(t, filepath.Join(p.dir, "imap.password"), "Eight-Lanterns-At-Dawn-52")
	}},
}

func (p *patient) aged(t *testing.T, days int) {
	at := time.Now().AddDate(0, 0, -days)
	p.must(t, os.Chtimes(filepath.Join(p.dir, "imap.password"), at, at))
}

func (p *patient) console(t *testing.T, until time.Time) {
	cert, key := p.ca.files(t, "localhost", until)
	write(t, filepath.Join(p.dir, "cert.pem"), cert)
	write(t, filepath.Join(p.dir, "key.pem"), key)
	p.text += fmt.Sprintf("[console]\nlisten = %q\ncertificate = \"cert.pem\"\nkey = \"key.pem\"\n", closedPort(t))
}

func (p *patient) tokens(t *testing.T, is *issuer, secret string) {
	write(t, filepath.Join(p.dir, "app.secret"), secret)
	p.set(t, "[imap]\n", "[imap]\nauth = \"xoauth2\"\n")
	p.text += fmt.Sprintf("[oauth2]\ntoken_url = %q\nclient_id = %q\nsecret_file = \"app.secret\"\n", is.URL+"/token", clientID)
}

// dated stamps another time on what a web server answers.
func dated(h http.Handler, at time.Time) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", at.UTC().Format(http.TimeFormat))
		h.ServeHTTP(w, r)
	})
}

// TestDoctor: of what is well the doctor says so; of each fault that is planted it
// says what is wrong, under the right name. No secret shows.
func TestDoctor(t *testing.T) {
	w := openWard(t)
	t.Run("well", func(t *testing.T) {
		p := w.patient(t)
		write(t, p.conf, p.text)
		status, told := examined(p.conf)
		if status != 0 || !strings.HasSuffix(told, "all well\n") || strings.Contains(told, "WRONG") {
			t.Fatalf("status %d:\n%s", status, told)
		}
		for _, k := range (&examination{}).checks() {
			if !strings.Contains(told, "\n"+k.name+" ") {
				t.Errorf("nothing is said of %s:\n%s", k.name, told)
			}
		}
		if strings.Contains(told, w.imap.Password) {
			t.Error("the password shows")
		}
	})
	for i, f := range doctorFaults {
		if i%sample != 0 {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			p := w.patient(t)
			f.plant(t, p)
			write(t, p.conf, p.text)
			status, told := examined(p.conf)
			found := false
			for line := range strings.Lines(told) {
				found = found || strings.HasPrefix(line, f.check+" ") && strings.Contains(line, "WRONG: ") && strings.Contains(line, f.says)
			}
			if status != exitFailed || !found {
				t.Errorf("status %d, want %d and %q of %s:\n%s", status, exitFailed, f.says, f.check, told)
			}
			for _, secret := range []string{w.imap.Password, clientSecret, "canary", "Lanterns", "lanterns", "Short-but", "Sesame"} {
				if strings.Contains(told, secret) {
					t.Errorf("%q shows:\n%s", secret, told)
				}
			}
		})
	}
}

// TestDoctorOnline: a set-up that signs in by token is well; while it serves too.
func TestDoctorOnline(t *testing.T) {
	d := openOnline(t)
	file := filepath.Join(d.conf.dir, "nasdesk.toml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	listen := closedPort(t)
	write(t, file, strings.Replace(string(text), "sqlite::memory:", "sqlite:desk.db", 1)+fmt.Sprintf("[metrics]\nlisten = %q\n", listen))
	st, err := openStore(t.Context(), "sqlite:"+filepath.Join(d.conf.dir, "desk.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := st.Import(t.Context(), wellRegister("pharmacy.fdc01@nhs.net", "dora.one@nhs.net", "dan.one@nhs.net")); err != nil {
		t.Fatal(err)
	}
	if status, told := examined(file); status != 0 || strings.Contains(told, "canary") {
		t.Fatalf("status %d:\n%s", status, told)
	}
	d.issuer.revoke()
	sub := d.mail
	sub.mu.Lock()
	sub.issuer = newIssuer(t) // takes none of the tokens
	sub.mu.Unlock()
	status, told := examined(file)
	if status != exitFailed || !strings.Contains(told, "smtp       WRONG: smtp: connect: 535 5.7.3: the token is good, and not for this mailbox") || strings.Contains(told, "canary") {
		t.Fatalf("a token that SMTP refuses: status %d:\n%s", status, told)
	}
	if status, told := examined(file, "--skip", "smtp"); status != 0 || strings.Contains(told, "smtp ") {
		t.Errorf("without SMTP: status %d:\n%s", status, told)
	}
}

// TestDoctorsCalendar: what comes about by time alone.
func TestDoctorsCalendar(t *testing.T) {
	for _, c := range []struct {
		now  string
		well bool
	}{{"2028-09-30", true}, {"2028-10-01", false}, {"2029-05-01", false}} {
		at, _ := time.Parse(time.DateOnly, c.now)
		var r report
		(&examination{now: func() time.Time { return at }}).holidays(t.Context(), &r)
		if (len(r.faults) == 0) != c.well {
			t.Errorf("%s: %v", c.now, r.faults)
		}
	}
	st, err := openStore(t.Context(), "sqlite::memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	x := &examination{c: defaults(), store: st, now: func() time.Time { return time.Now().Add(2 * time.Minute) }}
	var r report
	x.clock(t.Context(), &r)
	if len(r.faults) != 1 || !strings.Contains(r.faults[0], "the database are 2m0s apart") {
		t.Errorf("the database's clock: %v", r.faults)
	}
}

// silent is an address where connections are taken and nothing is said.
func silent(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
		}
	}()
	return l.Addr().String()
}

// front is TLS in front of a server that has none. Old, if not 0, is the latest
// version of TLS that it speaks.
func front(t *testing.T, server string, cert tls.Certificate, old uint16) string {
	conf := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS10, MaxVersion: old}
	l, err := tls.Listen("tcp", "127.0.0.1:0", conf)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go joined(c, server)
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return "localhost:" + port
}

func joined(c net.Conn, server string) {
	defer c.Close()
	up, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer up.Close()
	go func() {
		_, _ = io.Copy(up, c)
		up.Close()
	}()
	_, _ = io.Copy(c, up)
}

// An authority makes certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  string
}

func newAuthority(t *testing.T) *authority {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{key: key}
	a.cert = &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Authority of the tests"}, NotBefore: time.Now().AddDate(-1, 0, 0),
		NotAfter: time.Now().AddDate(5, 0, 0), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, a.cert, a.cert, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	a.pem = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return a
}

// files makes a certificate for a name, and its key, in PEM.
func (a *authority) files(t *testing.T, name string, until time.Time) (cert, key string) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), DNSNames: []string{name}, NotBefore: time.Now().AddDate(0, -1, 0), NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, c, a.cert, &k.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs}))
}

func (a *authority) issue(t *testing.T, name string, until time.Time) tls.Certificate {
	cert, key := a.files(t, name, until)
	pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	return pair
}
