package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestStaffClearAnException: a mail that the rules leave to staff arrives at the
// running program; an agent, whom the operator made, signs in, finds it, answers,
// and the pharmacy gets her words in the thread of its mail.
func TestStaffClearAnException(t *testing.T) {
	t.Parallel()
	r := newRush(t, 4)
	at := closedPort(t)
	conf, err := os.ReadFile(r.desk.conf)
	if err != nil {
		t.Fatal(err)
	}
	write(t, r.desk.conf, string(conf)+fmt.Sprintf("[console]\nlisten = %q\nundo = \"1s\"\n", at))
	add := exec.Command(built(t), "staff", "add", "grace", "--role", "agent", "-c", r.desk.conf)
	const password = "seven green bottles"
	add.Stdin = strings.NewReader(password + "\n")
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("staff add: %v\n%s", err, out)
	}
	p := r.desk.serve(t)
	m := r.mails[3] // the printer
	r.desk.submit(t, string(m.from), m.raw)
	r.desk.settled(t, 1)
	b := &browsing{t: t, base: "http://" + at}
	b.Jar, _ = cookiejar.New(nil)
	if page := b.get("/"); !strings.Contains(page, `action="/sign-in"`) {
		t.Fatalf("a stranger is not asked to sign in:\n%s", page)
	}
	page := b.post("/sign-in", url.Values{"name": {"grace"}, "password": {password}})
	request := regexp.MustCompile(`/requests/\d+`).FindString(page)
	if request == "" {
		t.Fatalf("the exception is not in the queue:\n%s", page)
	}
	page = b.get(request)
	if !strings.Contains(page, "The label printer has stopped again") {
		t.Error("the page does not show the mail")
	}
	seen := regexp.MustCompile(`name="seen" value="(\d+)"`).FindStringSubmatch(page)
	if seen == nil {
		t.Fatal("nothing can be done to it")
	}
	words := url.Values{"act": {"reply"}, "seen": {seen[1]}, "text": {"Please call your supplier about the printer."}, "close": {"yes"}}
	if page = b.post(request+"/preview", words); !strings.Contains(page, "Please call your supplier about the printer.") {
		t.Fatalf("the preview lacks her words:\n%s", page)
	}
	b.post(request+"/act", words)
	await(t, "her answer arrives", func() bool {
		for _, l := range r.desk.lying(t, string(m.from), "INBOX") {
			if strings.Contains(l.raw, "call your supplier") {
				if l.answers() != m.id {
					t.Errorf("it answers %q, want %q", l.answers(), m.id)
				}
				return true
			}
		}
		return false
	})
	if n := r.desk.count(t, `select count(*) from request where state = 'done'`); n != 1 {
		t.Errorf("%d requests are done, want 1", n)
	}
	if n := r.desk.count(t, `select count(*) from journal where what = 'staff-reply'`); n != 1 {
		t.Errorf("%d lines in the journal say so, want 1", n)
	}
	p.stop(t)
}

// A browsing is a browser without a window.
type browsing struct {
	http.Client
	t    *testing.T
	base string
}

func (b *browsing) get(path string) string {
	b.t.Helper()
	return b.read(b.Get(b.base + path))
}

func (b *browsing) post(path string, form url.Values) string {
	b.t.Helper()
	return b.read(b.PostForm(b.base+path, form))
}

func (b *browsing) read(res *http.Response, err error) string {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		b.t.Fatalf("%s %s: %s %v\n%s", res.Request.Method, res.Request.URL.Path, res.Status, err, text)
	}
	return string(text)
}
