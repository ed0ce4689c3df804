package console

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// A page hears of every change until its member of staff is signed out.
func TestEvents(t *testing.T) {
	_, b := openOffice(t)
	agent := b.as("agent")
	server := httptest.NewServer(b.handler)
	t.Cleanup(server.Close)
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "nasdesk-session", Value: agent.cookies["nasdesk-session"]})
	answer, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if got := answer.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("the stream is %s", got)
	}
	lines := bufio.NewScanner(answer.Body)
	heard := func(want string) bool {
		for lines.Scan() {
			if lines.Text() == want {
				return true
			}
		}
		return false
	}
	if !heard("retry: 3000") {
		t.Fatal("the stream does not begin")
	}
	b.deliver("pharmacy.fa123@nhs.net", "Hello", "Could you help us?", true)
	if !heard("event: changed") {
		t.Fatal("a mail that came is not heard of")
	}
	agent.post("/sign-out", nil)
	b.deliver("pharmacy.fa123@nhs.net", "Hello again", "Could you help us?", true)
	for heard("event: changed") { // what was under way
	}
	if lines.Err() != nil {
		t.Errorf("the stream ends with %v", lines.Err())
	}
}

// A page that follows what happens by itself keeps nobody signed in.
func TestLivePagesKeepNobodySignedIn(t *testing.T) {
	_, b := openOffice(t)
	agent := b.as("agent")
	live := func(r *http.Request) { r.Header.Set("X-Nasdesk-Live", "1") }
	for range 5 {
		agent.clock.move(5 * time.Minute)
		agent.fetch(http.MethodGet, "/account", nil, live).is(200)
	}
	agent.clock.move(6 * time.Minute)
	agent.fetch(http.MethodGet, "/account", nil, live).is(http.StatusSeeOther)
}

func TestAssets(t *testing.T) {
	l := readLook(fstest.MapFS{"static/README.md": {Data: []byte("no asset")}, "static/console.css": {Data: []byte("a{}")}, "static/images/x.svg": {Data: []byte("<svg/>")},
		"static/.gitkeep": {}})
	if len(l.files) != 2 || l.Href("README.md") != "" || l.Href("nhsuk.css") != "" || l.Logo() != "" {
		t.Errorf("the look is %v", l.files)
	}
	if got := l.Href("images/x.svg"); !strings.HasPrefix(got, "/static/") || !strings.HasSuffix(got, "/images/x.svg") || len(got) != len("/static/0123456789abcdef/images/x.svg") {
		t.Errorf("an asset is at %s", got)
	}
	other := readLook(fstest.MapFS{"static/console.css": {Data: []byte("b{}")}, "static/images/x.svg": {Data: []byte("<svg/>")}})
	if other.version == l.version {
		t.Error("another style sheet has the same version")
	}
}

// The look is served for ever under its own version, and pages name no other host.
func TestAssetsAreServed(t *testing.T) {
	_, b := openOffice(t)
	b.fetch(http.MethodGet, "/static/x/nowhere.css", nil).is(http.StatusNotFound)
	b.fetch(http.MethodGet, "/static/x/../README.md", nil)
	page := b.get("/sign-in")
	for _, n := range append(page.all("link", "href", ""), page.all("script", "src", "")...) {
		for _, name := range []string{"href", "src"} {
			to, has := attribute(n, name)
			if !has || to == "data:," {
				continue
			}
			p := b.fetch(http.MethodGet, to, nil).is(200)
			if !strings.HasPrefix(to, "/static/") || p.header.Get("Cache-Control") != "public, max-age=31536000, immutable" || strings.Contains(p.body, "assets.nhs.uk") {
				t.Errorf("%s: %v", to, p.header)
			}
			old := "/static/0123456789abcdef" + to[strings.LastIndex(to, "/"):]
			if got := b.fetch(http.MethodGet, old, nil).header.Get("Cache-Control"); got == p.header.Get("Cache-Control") {
				t.Errorf("%s is kept for ever under another version", old)
			}
		}
	}
}
