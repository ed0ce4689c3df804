package main

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Canaries are personal data of nobody: none of it may stand in anything that the
// program prints, logs, counts, or tells operators. The words are found however they
// are written; a mobile by its digits.
var canaries = []string{
	"Zebedee", "Quillfeather", "Wilhelmina", "Tattershall", "Ignatius", "Pomfret", "Balthazar", "Oddbody",
	"07700900951", "07700900952", "7700900951", "7700900952",
	"zeb.q@example.com", "wilhelmina.tattershall@nhs.net", "balthazar@example.net", "canary.region@example.com",
}

var notOfMobile = regexp.MustCompile(`[\s().-]+`)

// sung returns the canaries that are in a text.
func sung(text string) (out []string) {
	folded := strings.ToLower(text)
	digits := notOfMobile.ReplaceAllString(folded, "")
	for _, c := range canaries {
		if c := strings.ToLower(c); strings.Contains(folded, c) || c[0] < 'a' && strings.Contains(digits, c) {
			out = append(out, c)
		}
	}
	return out
}

// canaryMails are mails of every fate.
var canaryMails = []struct{ from, subject, text string }{
	{"pharmacy.fcn01@nhs.net", "New account for Zebedee Quillfeather", "Please set up a new nhs.net account:\n\nFull name: Zebedee Quillfeather\nMobile: 07700 900951\nAlternative email: zeb.q@example.com\nRole: Member\n"},
	{"pharmacy.fcn01@nhs.net", "Leaving", "Hello, please remove wilhelmina.tattershall@nhs.net from our shared mailbox, she has left us.\n"},
	{"pharmacy.fcn01@nhs.net", "Ignatius Pomfret 07700 900952", "The printer of Ignatius Pomfret (07700 900 952) has stopped again.\n"},
	{"wilhelmina.tattershall@nhs.net", "My account", "Please reset the password of wilhelmina.tattershall@nhs.net, mobile (07700) 900-951.\n"},
	{"balthazar@example.net", "Balthazar Oddbody", "I am Balthazar Oddbody and want an account.\n"},
	{"pharmacy.fcn02@nhs.net", "New account", "Please set up a new nhs.net account:\n\nFull name: Ignatius Pomfret\nMobile: 07700 900952\nAlternative email: balthazar@example.net\nRole: Member\n"},
}

// canaryWorld has a mailbox of two, and one that is full, whose region is at a domain
// to which the mail server delivers nothing.
func canaryWorld(t *testing.T) string {
	boxes := "address,ods_code,name,sector,region_email,dspt_status,status\n" +
		"pharmacy.fcn01@nhs.net,FCN01,First Pharmacy,pharmacy,,standards-met,active\n" +
		"pharmacy.fcn02@nhs.net,FCN02,Second Pharmacy,pharmacy,canary.region@example.com,standards-met,active\n"
	accounts := "address,full_name,mobile,alternative_email,status,status_since\nfirst.owner@nhs.net,First Owner,,,active,2021-03-01\n" +
		"wilhelmina.tattershall@nhs.net,Wilhelmina Tattershall,07700900953,,active,2021-03-01\n"
	links := "mailbox,account,role\npharmacy.fcn01@nhs.net,first.owner@nhs.net,owner\npharmacy.fcn01@nhs.net,wilhelmina.tattershall@nhs.net,member\n"
	for i := range 10 {
		accounts += fmt.Sprintf("full.%d@nhs.net,Full Person,,,active,2021-03-01\n", i)
		links += fmt.Sprintf("pharmacy.fcn02@nhs.net,full.%d@nhs.net,%s\n", i, map[bool]string{true: "owner", false: "member"}[i == 0])
	}
	dir := t.TempDir()
	write(t, dir+"/mailboxes.csv", boxes)
	write(t, dir+"/accounts.csv", accounts)
	write(t, dir+"/memberships.csv", links)
	return dir
}

// TestNothingPersonalIsTold sends canaries through every path, those of errors too,
// and looks for them in all that came out for operators.
func TestNothingPersonalIsTold(t *testing.T) {
	d := openDesk(t, canaryWorld(t))
	console, figures := closedPort(t), closedPort(t)
	d.configureCanary(t, closedPort(t), console, figures)
	said := map[string]string{}
	p := d.serve(t)
	await(t, "the inbox is held", func() bool { return strings.Contains(p.says(t), "this node holds the inbox") })
	for i, m := range canaryMails {
		head := fmt.Sprintf("From: <%s>\nTo: %s\nSubject: %s\nDate: %s\nMessage-ID: <%d.canary@example.org>\n\n", m.from, helpdesk, m.subject, time.Now().Format(time.RFC1123Z), i)
		if i%2 == 0 {
			head = "Authentication-Results: mx.nhs.net; dmarc=pass header.from=" + m.from[strings.Index(m.from, "@")+1:] + "\nReceived: from client.example.net by mx.nhs.net; " + time.Now().Format(time.RFC1123Z) + "\n" + head
			d.put(t, []byte(strings.ReplaceAll(head+m.text, "\n", "\r\n")))
		} else {
			d.submit(t, m.from, []byte(strings.ReplaceAll(head+m.text, "\n", "\r\n")))
		}
	}
	await(t, "the mails are decided", func() bool { return d.count(t, sqlHandled) == len(canaryMails) })
	await(t, "SMTP is missed", func() bool { return strings.Contains(p.says(t), "mail cannot be handed in") })
	await(t, "the directory is missed", func() bool { return strings.Contains(p.says(t), "account work cannot be done") })
	canaryVisits(t, "http://"+console)
	p.stop(t)
	said["the log while nothing could be sent"] = p.says(t)

	d.configureCanary(t, d.smtp.Address, console, figures)
	(&rush{desk: d}).dueNow(t)
	if _, err := d.db.Exec(t.Context(), `insert into unfetched (folder, uidvalidity, uid, parked, why) values ('INBOX', 1, 9999, 1, 'too large')`); err != nil {
		t.Fatal(err)
	}
	p = d.serve(t)
	await(t, "a recipient is refused", func() bool { return strings.Contains(p.says(t), "a mail failed for good") })
	await(t, "the operators are told", func() bool { return len(d.lying(t, "operators@example.org", "INBOX")) > 0 })
	await(t, "the rest is sent", func() bool { return d.count(t, `select count(*) from mail where state = 'ready' and waits = 0`) == 0 })
	d.postgres.Down(t)
	await(t, "the database is missed", func() bool { return strings.Contains(p.says(t), "store: ") })
	canaryVisits(t, "http://"+console)
	d.postgres.Up(t)
	d.connect(t)
	said["the figures"] = get(t, "http://"+figures+"/metrics")
	said["readiness"] = get(t, "http://"+figures+"/readyz")
	out, _ := exec.Command(built(t), "doctor", "-c", d.conf, "--limit", "5s").CombinedOutput()
	said["the doctor"] = string(out)
	p.stop(t)
	said["the log"] = p.says(t)
	for _, l := range d.lying(t, "operators@example.org", "INBOX") {
		said["alarm mail "+l.id()] = l.raw
	}
	if !strings.Contains(said["the log"], `"reference":"NAS-`) || !strings.Contains(said["the doctor"], "set aside") {
		t.Errorf("nothing was looked at:\n%s\n%s", said["the log"], said["the doctor"])
	}
	for where, text := range said {
		if found := sung(text); len(found) > 0 {
			t.Errorf("%s: %q in\n%s", where, found, linesWith(text, found))
		}
		for _, c := range canaries { // the search would find each, however it is written
			if len(sung(text+strings.ToUpper(c))) == 0 {
				t.Fatalf("%s: the search does not find %q", where, c)
			}
		}
	}
	if len(sung("Mobile: (07700) 900-951")) == 0 {
		t.Error("a mobile with brackets is not found")
	}
	if len(said) < 6 {
		t.Errorf("only %d texts were looked at", len(said))
	}
}

func linesWith(text string, found []string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		for _, c := range found {
			if strings.Contains(strings.ToLower(line), c) {
				b.WriteString(line)
				break
			}
		}
	}
	return b.String()
}

// configureCanary has the work done by a Graph that cannot be reached, and tells
// operators at once.
func (d *desk) configureCanary(t *testing.T, smtp, console, figures string) {
	t.Helper()
	d.configure(t, d.database, smtp)
	text, err := os.ReadFile(d.conf)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(filepath.Dir(d.conf), "graph.secret"), "x")
	conf := strings.Replace(string(text), "[directory]\n", "[directory]\nkind = \"graph\"\n", 1) +
		fmt.Sprintf("[directory.graph]\ntenant = \"t\"\nclient_id = \"c\"\nsecret_file = \"graph.secret\"\nlogin = \"http://%[1]s\"\ngraph = \"http://%[1]s\"\n"+
			"[console]\nlisten = %[2]q\n[metrics]\nlisten = %[3]q\n[alarms]\nto = \"operators@example.org\"\nevery = \"1s\"\n", closedPort(t), console, figures)
	write(t, d.conf, conf)
}

// canaryVisits asks the console for what names canaries, as one who may not.
func canaryVisits(t *testing.T, base string) {
	t.Helper()
	hasty := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{TLSClientConfig: new(tls.Config), DisableKeepAlives: true}}
	for _, path := range []string{"/", "/requests?q=Quillfeather", "/register?q=07700900951", "/Zebedee/Quillfeather", "/accounts/wilhelmina.tattershall@nhs.net", "/sign-in"} {
		if resp, err := hasty.Get(base + path); err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
	}
	form := url.Values{"name": {"wilhelmina.tattershall@nhs.net"}, "password": {"Quillfeather"}}
	if resp, err := hasty.PostForm(base+"/sign-in", form); err == nil {
		resp.Body.Close()
	}
}

func get(t *testing.T, at string) string {
	t.Helper()
	var text bytes.Buffer
	await(t, at+" answers", func() bool {
		text.Reset()
		resp, err := http.Get(at)
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		_, err = io.Copy(&text, resp.Body)
		return err == nil
	})
	return text.String()
}
