// Package mtatest runs a real mail server for tests.
package mtatest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A Postfix is a real mail server with a configuration and queues of its own,
// apart from any that the system runs. It listens on this machine alone, asks no
// name server, and hands every mail for Domains to one LMTP server; all other
// mail is refused.
type Postfix struct {
	Address string // host:port, SMTP in the clear, no login
	Domains []string

	dir string
}

// StartPostfix runs Postfix until the test ends. It stands in for the border of
// NHSmail as well: on each mail whose envelope sender is at one of vouched it
// stamps "Authentication-Results: mx.nhs.net; dmarc=pass header.from=DOMAIN", as
// the border does after it has checked the domain's policy; on others, nothing.
// The test is skipped where Postfix is not installed, and for anybody but root,
// who alone may run it.
func StartPostfix(tb testing.TB, lmtp string, domains, vouched []string) *Postfix {
	tb.Helper()
	program := "/usr/sbin/postfix"
	if _, err := os.Stat(program); err != nil {
		tb.Skip("postfix is not installed")
	}
	if os.Getuid() != 0 {
		tb.Skip("postfix runs for root only")
	}
	p := &Postfix{Address: freeAddress(tb), Domains: domains}
	p.lay(tb, lmtp, vouched)
	// In the foreground, so that it is our child, and with no pipe of ours to hold.
	run := exec.CommandContext(context.Background(), program, "-c", p.dir, "start-fg")
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := run.Start(); err != nil {
		tb.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- run.Wait() }()
	tb.Cleanup(func() {
		_ = exec.Command(program, "-c", p.dir, "stop").Run()
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			_ = syscall.Kill(-run.Process.Pid, syscall.SIGKILL)
		}
	})
	p.await(tb)
	return p
}

// lay writes the configuration and makes the folders: the queue is root's, the
// data the mail system's own.
func (p *Postfix) lay(tb testing.TB, lmtp string, vouched []string) {
	tb.Helper()
	dir, err := os.MkdirTemp("", "pf")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { os.RemoveAll(dir) })
	p.dir = dir
	for _, sub := range []string{"", "queue", "data"} {
		path := filepath.Join(dir, sub)
		_ = os.MkdirAll(path, 0o755)
		if err := os.Chmod(path, 0o755); err != nil {
			tb.Fatal(err)
		}
	}
	owner, err := user.Lookup("postfix")
	if err != nil {
		tb.Skip("postfix has no account: ", err)
	}
	uid, _ := strconv.Atoi(owner.Uid)
	gid, _ := strconv.Atoi(owner.Gid)
	if err := os.Chown(filepath.Join(dir, "data"), uid, gid); err != nil {
		tb.Fatal(err)
	}
	for name, text := range map[string]string{"main.cf": p.main(lmtp), "master.cf": p.master(), "vouched": stamps(vouched)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
}

func (p *Postfix) main(lmtp string) string {
	return fmt.Sprintf(`compatibility_level = 3.6
queue_directory = %[1]s/queue
data_directory = %[1]s/data
maillog_file = %[1]s/log
maillog_file_prefixes = %[1]s
multi_instance_name = postfix-nasdesk-test
myhostname = mx.example.net
mydestination =
alias_maps =
local_recipient_maps =
relay_domains =
fast_flush_domains =
virtual_mailbox_domains = %[2]s
virtual_mailbox_maps = static:all
virtual_transport = lmtp:inet:%[3]s
default_transport = error:no mail leaves this machine
relay_transport = error:no mail leaves this machine
local_transport = error:no mail stays here
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtpd_relay_restrictions = reject_unauth_destination
smtpd_sender_restrictions = check_sender_access regexp:%[1]s/vouched
smtpd_tls_security_level = none
lmtp_tls_security_level = none
queue_run_delay = 2s
minimal_backoff_time = 2s
maximal_backoff_time = 4s
biff = no
`, p.dir, strings.Join(p.Domains, " "), lmtp)
}

// master has no column of chroot set, and none of the services that a mail from
// the network does not need.
func (p *Postfix) master() string {
	return p.Address + ` inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`
}

func stamps(domains []string) string {
	var b strings.Builder
	for _, d := range domains {
		fmt.Fprintf(&b, "/@%s$/ PREPEND Authentication-Results: mx.nhs.net; dmarc=pass header.from=%s\n", strings.ReplaceAll(d, ".", `\.`), d)
	}
	return b.String()
}

// Log returns what Postfix logged, for a test that failed.
func (p *Postfix) Log() string {
	text, _ := os.ReadFile(filepath.Join(p.dir, "log"))
	return string(text)
}

func (p *Postfix) await(tb testing.TB) {
	tb.Helper()
	until := time.Now().Add(20 * time.Second)
	for time.Now().Before(until) {
		if conn, err := net.DialTimeout("tcp", p.Address, time.Second); err == nil {
			_ = conn.SetReadDeadline(until)
			_, err = conn.Read(make([]byte, 64))
			conn.Close()
			if err == nil {
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	tb.Fatalf("postfix does not answer on %s:\n%s", p.Address, p.Log())
}

func freeAddress(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
