package imaptest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"testing"
	"time"
)

// A Dovecot is a real IMAP server with a configuration and a mail store of its
// own, apart from any that the system runs.
type Dovecot struct {
	Address  string // host:port, IMAP in the clear
	LMTP     string // host:port, of one that takes mail for everybody; else empty
	User     string
	Password string

	introspect string // of OAuth 2.0, where tokens are checked; else empty
	maildir    string
	delivered  int
}

// StartDovecot runs Dovecot until the test ends, with one user, whose inbox is
// empty. The test is skipped where Dovecot is not installed.
func StartDovecot(tb testing.TB) *Dovecot {
	tb.Helper()
	d := &Dovecot{User: "helpdesk"}
	d.start(tb)
	return d
}

// StartDovecotForAll runs Dovecot until the test ends, with a mailbox for
// whatever address mail comes in by LMTP or somebody logs in by IMAP: one
// password fits all. It adds no Received field of its own, so that what the mail
// server in front of it stamped stays on top. The test is skipped where Dovecot
// or its LMTP server is not installed.
func StartDovecotForAll(tb testing.TB) *Dovecot {
	tb.Helper()
	if !isFile("/usr/lib/dovecot/lmtp") && !isFile("/usr/libexec/dovecot/lmtp") {
		tb.Skip("dovecot's LMTP server is not installed")
	}
	d := &Dovecot{User: "helpdesk@nhs.net", LMTP: fmt.Sprintf("127.0.0.1:%d", freePort(tb))}
	d.start(tb)
	return d
}

// StartDovecotForTokens runs Dovecot until the test ends, with one user who signs
// in by XOAUTH2 only. Dovecot asks the introspection endpoint (RFC 7662) whether
// a token is good, and whose it is (username). The test is skipped where Dovecot
// is not installed.
func StartDovecotForTokens(tb testing.TB, user, introspect string) *Dovecot {
	tb.Helper()
	d := &Dovecot{User: user, introspect: introspect}
	d.start(tb)
	return d
}

// passdb says how users sign in.
func (d *Dovecot) passdb(tb testing.TB, dir string) string {
	if d.introspect == "" {
		return "passdb {\n driver = static\n args = password=" + d.Password + "\n}"
	}
	args := filepath.Join(dir, "oauth2.conf")
	text := "introspection_mode = post\nintrospection_url = " + d.introspect +
		"\nusername_attribute = username\nactive_attribute = active\nactive_value = true\n"
	if err := os.WriteFile(args, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
	return "auth_mechanisms = xoauth2\npassdb {\n driver = oauth2\n mechanisms = xoauth2\n args = " + args + "\n}"
}

func (d *Dovecot) start(tb testing.TB) {
	tb.Helper()
	program, err := exec.LookPath("dovecot")
	if err != nil {
		if program = "/usr/sbin/dovecot"; !isFile(program) {
			tb.Skip("dovecot is not installed")
		}
	}
	dir := shortDir(tb)
	d.Password, d.maildir = "Seven-Lanterns-At-Dusk-41", filepath.Join(dir, "mail")
	port := freePort(tb)
	d.Address = fmt.Sprintf("127.0.0.1:%d", port)
	config := filepath.Join(dir, "dovecot.conf")
	if err := os.WriteFile(config, []byte(d.config(dir, port, d.passdb(tb, dir))), 0o644); err != nil {
		tb.Fatal(err)
	}
	run := exec.CommandContext(context.Background(), program, "-F", "-c", config)
	if err := run.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = run.Process.Signal(os.Interrupt)
		_ = run.Wait()
	})
	d.await(tb, filepath.Join(dir, "log"))
}

// config works for root, who must name another account for the mail, and for
// anybody else, who has to run every part under the own name.
func (d *Dovecot) config(dir string, port int, passdb string) string {
	account, group, own := "nobody", "nogroup", ""
	if me, err := user.Current(); err == nil && me.Uid != "0" {
		account, group = me.Username, me.Gid
		if g, err := user.LookupGroupId(me.Gid); err == nil {
			group = g.Name
		}
		own = fmt.Sprintf("default_internal_user = %s\ndefault_internal_group = %s\ndefault_login_user = %s\n"+
			"service anvil {\n chroot =\n}\nservice stats {\n chroot =\n}\n", account, group, account)
	}
	protocols, perUser := "imap", ""
	if d.LMTP != "" {
		protocols, perUser = "imap lmtp", "/%Lu"
		own += d.lmtp()
	}
	return fmt.Sprintf(`base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = %[1]s/log
instance_name = nasdesk-test
protocols = %[8]s
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:%[2]s%[9]s
%[3]s
userdb {
 driver = static
 args = uid=%[4]s gid=%[5]s home=%[1]s allow_all_users=yes
}
service imap-login {
 chroot =
 inet_listener imap {
  port = %[6]d
 }
 inet_listener imaps {
  port = 0
 }
}
%[7]s`, dir, d.maildir, passdb, account, group, port, own, protocols, perUser)
}

func (d *Dovecot) lmtp() string {
	host, port, _ := net.SplitHostPort(d.LMTP)
	return fmt.Sprintf(`lmtp_add_received_header = no
service lmtp {
 inet_listener lmtp {
  address = %s
  port = %s
 }
}
`, host, port)
}

// Deliver puts a message into the inbox as a maildir delivery agent does, and
// never under a name that was used before.
func (d *Dovecot) Deliver(tb testing.TB, raw []byte) {
	tb.Helper()
	d.delivered++
	name := fmt.Sprintf("%d.%d.test", time.Now().UnixNano(), d.delivered)
	tmp := filepath.Join(d.maildir, "tmp", name)
	if err := os.WriteFile(tmp, raw, 0o666); err != nil {
		tb.Fatal(err)
	}
	_ = os.Chmod(tmp, 0o666) // whatever the umask: Dovecot reads it under another account
	if err := os.Rename(tmp, filepath.Join(d.maildir, "new", name)); err != nil {
		tb.Fatal(err)
	}
}

// await returns when Dovecot greets.
func (d *Dovecot) await(tb testing.TB, log string) {
	tb.Helper()
	until := time.Now().Add(10 * time.Second)
	for time.Now().Before(until) {
		if conn, err := net.DialTimeout("tcp", d.Address, time.Second); err == nil {
			_ = conn.SetReadDeadline(until)
			_, err = conn.Read(make([]byte, 64))
			conn.Close()
			if err == nil {
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	text, _ := os.ReadFile(log)
	tb.Fatalf("dovecot does not answer on %s:\n%s", d.Address, text)
}

// shortDir makes a folder with a short name, for the paths of Unix sockets may
// have 100 bytes, that another account can write to.
func shortDir(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("", "dc")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { os.RemoveAll(dir) })
	for _, sub := range []string{"", "run", "state", "mail", "mail/new", "mail/cur", "mail/tmp"} {
		path := filepath.Join(dir, sub)
		_ = os.MkdirAll(path, 0o755)
		if err := os.Chmod(path, 0o777); err != nil {
			tb.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(dir, "run"), 0o755); err != nil {
		tb.Fatal(err)
	}
	return dir
}

func freePort(tb testing.TB) int {
	tb.Helper()
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer door.Close()
	return door.Addr().(*net.TCPAddr).Port
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
