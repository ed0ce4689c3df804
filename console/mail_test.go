package console

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"nasdesk"
	"nasdesk/inbox"
	"nasdesk/parser"
	"nasdesk/store"
)

// hostileHTML is what mails have held that were meant to do harm, and what a
// clever author would try.
var hostileHTML = []string{
	`<script>alert(1)</script><p onclick="alert(1)">x</p>`,
	`<img src=x onerror=alert(1)><img src="https://example.com/pixel.gif" alt="<b>alt</b>">`,
	`<a href="javascript:alert(1)">y</a><a href="https://example.com/?id=1">our site</a>`,
	`<svg><script>alert(1)</script><a xlink:href="https://example.com">x</a></svg>`,
	`<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>`,
	`<iframe src="https://example.com"></iframe><object data="https://example.com"></object><embed src="https://example.com">`,
	`<form action="https://example.com"><input name=password value="type here"><button>go</button></form>`,
	`<meta http-equiv=refresh content="0;url=https://example.com"><base href="https://example.com/">`,
	`<link rel=stylesheet href="https://example.com/a.css"><style>body{background:url(https://example.com/b.png)}</style>`,
	`<div style="background:url(https://example.com/c.png)">z</div><table background="https://example.com/d.png"><tr><td>cell</td></tr></table>`,
	`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`,
	`<textarea></textarea><img src=x onerror=alert(1)></textarea>`,
	`<!--[if mso]><p>for Outlook</p><![endif]--><!--><img src=x onerror=alert(1)>-->`,
	`<template><img src=x onerror=alert(1)></template><xmp><img src=x onerror=alert(1)></xmp>`,
	`<video src="https://example.com/v" poster="https://example.com/p"></video><audio src="https://example.com/a"></audio>`,
	`</body></html><script>alert(1)</script><plaintext><script>alert(1)</script>`,
	`<p id=maincontent class=nhsuk-button name=act autofocus tabindex=1 contenteditable>w</p>`,
	strings.Repeat("<div>", 100_000) + "deep",
	strings.Repeat("<b>x", 100_000),
	"\x00<p>nul\x00</p>\xff\xfe",
}

// Whatever a mail's HTML holds, what is shown of it are words: no attribute but
// ours, no element that fetches, runs, styles or sends.
func TestNothingOfAMailsHTMLGetsThrough(t *testing.T) {
	for _, doc := range hostileHTML {
		words := checkSafe(t, []string{doc})
		if strings.Contains(doc, "our site") && !strings.Contains(words, "our site [link to https[:]//example.com/?id=1]") {
			t.Errorf("where the link led is not told: %q", words)
		}
	}
	files, _ := filepath.Glob("../testdata/messages/*.eml")
	documents := 0
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		_, c := parser.Unpack(raw, parser.Options{})
		documents += len(c.HTML)
		checkSafe(t, c.HTML)
	}
	if documents < 20 {
		t.Errorf("only %d HTML documents in %d fixtures", documents, len(files))
	}
}

func FuzzSafe(f *testing.F) {
	for _, doc := range hostileHTML {
		f.Add(doc[:min(len(doc), 1000)])
	}
	f.Fuzz(func(t *testing.T, doc string) { checkSafe(t, []string{doc}) })
}

// checkSafe demands that the frame's document, parsed as a browser does, holds
// nothing but words, and returns them.
func checkSafe(t *testing.T, docs []string) string {
	t.Helper()
	var page bytes.Buffer
	if err := writeSafe(&page, docs); err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(&page)
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "html" || n.Data == "head" || n.Data == "meta" || n.Data == "title" || n.Data == "style" {
			if n.Parent.Data == "body" || n.Data == "style" && n.FirstChild.Data != frameStyle {
				t.Errorf("a %s of the mail's own: %s", n.Data, opening(n))
			}
			continue
		}
		if n.Namespace != "" || n.Data != "body" && n.Data != "span" && !keeps[n.DataAtom] {
			t.Errorf("an element %s: %s", n.Data, opening(n))
		}
		for _, a := range n.Attr {
			if n.Data != "span" || a.Key != "class" || a.Val != "address" {
				t.Errorf("an attribute: %s", opening(n))
			}
		}
	}
	return textOf(doc)
}

// The pages on which mails stand hold nothing of them but words: every fixture
// is taken, and wherever it comes to lie, its page is looked at.
func TestHostileMailsOnPages(t *testing.T) {
	b := openDesk(t)
	files, err := filepath.Glob("../testdata/messages/*.eml")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	for i, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if i%6 != 0 && !bytes.Contains(raw, []byte("html")) && !bytes.Contains(raw, []byte("filename")) {
			continue // plain text alone; some of it is enough
		}
		// Each as it is, and once as the pharmacy's own, with a proof.
		head := "Subject: " + parser.Read(raw, parser.Options{}).Subject + "\r\nAuthentication-Results: mx.example.org; dmarc=pass header.from=nhs.net\r\nReceived: from a by b; Wed, 22 Apr 2026 10:00:00 +0100\r\nFrom: pharmacy.fa123@nhs.net\r\n"
		_, rest, _ := bytes.Cut(raw, []byte("Content-Type:"))
		for j, message := range [][]byte{raw, []byte(head + "Message-ID: <f" + strconv.Itoa(i) + "@example.org>\r\nMIME-Version: 1.0\r\nContent-Type:" + string(rest))} {
			at := inbox.Location{Folder: "INBOX", UIDValidity: 2, UID: uint32(2*i + j + 1)}
			if _, err := b.line.Take(t.Context(), message, at); err != nil {
				t.Logf("%s: %v", name, err)
			}
		}
	}
	agent := b.as("agent")
	requests, held, frames := 0, 0, 0
	for _, q := range []store.Queue{store.QueueAll, store.QueueQuarantined} {
		f := store.Filter{Queue: q, Today: b.today(), Limit: 100}
		for more := true; more; more = f.After != "" {
			rows, err := b.office.Store.List(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			f.After = rows.Next
			for _, r := range rows.Rows {
				path := requestPath(r.Request)
				if r.Request == 0 {
					path = messagePath(r.Message)
					held++
				} else {
					requests++
				}
				frames += checkMailPage(t, agent, path)
			}
		}
	}
	if requests < 50 || held < 50 || frames < 20 {
		t.Errorf("only %d requests, %d messages held back and %d frames were seen", requests, held, frames)
	}
}

// checkMailPage demands that a page leads only to ours and to published rules,
// and returns how many frames it has.
func checkMailPage(t *testing.T, agent *browser, path string) int {
	t.Helper()
	p := agent.get(path)
	for n := range p.doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if slices.Contains([]string{"img", "object", "embed", "base", "svg", "video", "style"}, n.Data) && n.Namespace == "" && n.Data != "svg" {
			t.Errorf("%s: an element %s", path, opening(n))
		}
		for _, a := range n.Attr {
			if a.Key != "href" && a.Key != "src" && a.Key != "action" && a.Key != "formaction" {
				continue
			}
			if !strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "#") && a.Val != "data:," && !published(agent.office, a.Val) {
				t.Errorf("%s: it leads to %s", path, opening(n))
			}
		}
	}
	frames := p.all("iframe")
	for _, f := range frames {
		src, _ := attribute(f, "src")
		checkFrame(t, agent.fetch(http.MethodGet, src, nil), src)
	}
	return len(frames)
}

func published(o *Office, address string) bool {
	return slices.ContainsFunc(o.Desk.Rules(), func(r nasdesk.Rule) bool { return address != "" && strings.HasSuffix(r.Source, address) })
}

// checkFrame demands that a frame's document may do nothing.
func checkFrame(t *testing.T, frame *page, src string) {
	t.Helper()
	frame.is(http.StatusOK)
	policy := frame.header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "sandbox", "form-action 'none'", "frame-ancestors 'self'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("%s: its policy is %q", src, policy)
		}
	}
	if strings.Contains(policy, "allow-") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "script-src") {
		t.Errorf("%s: its policy is %q", src, policy)
	}
	for _, n := range frame.all("") {
		for _, a := range n.Attr {
			if a.Key == "href" || a.Key == "src" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("%s: %s", src, opening(n))
			}
		}
	}
}

// A file is given as it came, under a name that does no harm, and never to be
// opened in the browser.
func TestAttachmentsAreDownloads(t *testing.T) {
	b := openDesk(t)
	b.raw(fa123, "Subject: files\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nThe weather is fine today.\n--b\n"+
		"Content-Type: text/html\nContent-Disposition: attachment; filename=\"../../form.html\"\n\n<script>alert(1)</script>\n--b--\n")
	agent, d := b.as("agent"), b.newest()
	base := "/messages/" + strconv.FormatInt(d.Letters[0].Message, 10) + "/attachments/"
	agent.get(requestPath(d.Request.ID)).says("form.html", "The whole message as it came")
	for n, name := range map[string]string{"1": "1-form.html.txt", "0": "0-message-" + strconv.FormatInt(d.Letters[0].Message, 10) + ".eml.txt"} {
		p := agent.fetch(http.MethodGet, base+n, nil)
		p.is(http.StatusOK)
		if got := p.header.Get("Content-Disposition"); got != "attachment; filename="+name {
			t.Errorf("%s: %q", n, got)
		}
		if p.header.Get("Content-Type") != "application/octet-stream" || p.header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(p.header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s: %v", n, p.header)
		}
		if !strings.Contains(p.body, "<script>alert(1)</script>") {
			t.Errorf("%s: %q", n, p.body)
		}
	}
	for _, n := range []string{"2", "-1", "x"} {
		agent.fetch(http.MethodGet, base+n, nil).is(http.StatusNotFound)
	}
	agent.fetch(http.MethodGet, requestPath(d.Request.ID)+"/mail/999", nil).is(http.StatusNotFound)
}

func TestDownloadNames(t *testing.T) {
	for written, want := range map[string]string{
		"":                         "3-attachment",
		"new starters.csv":         "3-new starters.csv",
		`..\..\a.exe`:              "3-a.exe.txt",
		"a.pdf.JS":                 "3-a.pdf.JS.txt",
		"invoice\u202efdp.exe":     "3-invoicefdp.exe.txt",
		"a\r\nSet-Cookie: x=y.pdf": "3-aSet-Cookie_ x_y.pdf",
		"page.svg":                 "3-page.svg.txt",
	} {
		if got := downloadName(written, 3); got != want {
			t.Errorf("%q: %q, want %q", written, got, want)
		}
	}
}

// Every word of the vocabulary has words for people.
func TestEverythingHasWords(t *testing.T) {
	for _, r := range nasdesk.Reasons {
		w := reasonOf(r, nil)
		if w.Short == "" || w.Why == "" || w.Helps == "" || w.Short == string(r) {
			t.Errorf("the reason %s: %+v", r, w)
		}
	}
	for _, r := range []nasdesk.Reason{nasdesk.Missing("mobile"), nasdesk.Invalid("new_ods"), nasdesk.Ambiguous("nhs_email")} {
		if w := reasonOf(r, nil); strings.ContainsAny(w.Short+w.Why, "%_:") && !strings.Contains(w.Short, ": ") || !strings.Contains(w.Why, "asked") {
			t.Errorf("the reason %s: %+v", r, w)
		}
	}
	for s := range stateTags {
		if w := stateWords[s]; w.Short == "" || w.Why == "" || w.Helps == "" {
			t.Errorf("the state %s: %+v", s, w)
		}
	}
	for _, q := range store.Queues {
		if w := queuesInWords[q]; w.Title == "" || w.Says == "" || w.Empty == "" {
			t.Errorf("the queue %s: %+v", q, w)
		}
	}
	for act, title := range actTitles {
		if act != nasdesk.ActRelease && act != nasdesk.ActCondemn && act != nasdesk.ActRegister && actSays[act] == "" {
			t.Errorf("%s: nothing says what it does", title)
		}
	}
	for _, a := range nasdesk.ActionNames {
		if says := actionInWords(nasdesk.Action{Name: a, Account: "a@nhs.net", Mailbox: "m@nhs.net"}); strings.HasPrefix(says, string(a)) {
			t.Errorf("the action %s: %q", a, says)
		}
	}
}

// Marks cut lines wherever they stand, over line ends too, and never lose a letter.
func TestPieces(t *testing.T) {
	l := nasdesk.Line{Text: "Name:\tAda Quill", Start: 10}
	at := func(from, to, n int) mark { return mark{Span: nasdesk.Span{Start: from, End: to}, N: n, ID: "m"} }
	for _, c := range []struct {
		marks []mark
		want  string
	}{
		{nil, "Name: | Ada Quill"},
		{[]mark{at(16, 25, 1)}, "Name: | [1Ada Quill]"},
		{[]mark{at(16, 19, 1), at(20, 25, 2)}, "Name: | [1Ada] [2Quill]"},
		{[]mark{at(0, 14, 1)}, "[1Name]: | Ada Quill"},
		{[]mark{at(20, 99, 1)}, "Name: | Ada [1Quill]"},
		{[]mark{at(10, 25, 1), at(12, 14, 2)}, "[1Name: | Ada Quill]"},
		{[]mark{at(16, 21, 1), at(20, 25, 2)}, "Name: | [1Ada Q][2uill]"},
		{[]mark{at(50, 60, 1), at(3, 5, 2)}, "Name: | Ada Quill"},
	} {
		var b strings.Builder
		for _, p := range pieces(l, c.marks) {
			if p.Mark > 0 {
				b.WriteString("[" + strconv.Itoa(p.Mark) + p.Text + "]")
			} else {
				b.WriteString(p.Text)
			}
		}
		if b.String() != c.want {
			t.Errorf("%v: %q, want %q", c.marks, b.String(), c.want)
		}
	}
}

// A value is marked in the message that gave it, not in another in which
// something stands at the same place.
func TestAnswersAreMarkedInTheirOwnMessage(t *testing.T) {
	one := &nasdesk.Message{Text: "Name: Ada Quill"}
	two := &nasdesk.Message{Text: "Role: member it is"}
	a := nasdesk.Answer{Field: "role", Value: "member", Written: "member", Spans: []nasdesk.Span{{Start: 6, End: 12}}}
	if readFrom(a, one) || !readFrom(a, two) {
		t.Error("the role is marked in the wrong message")
	}
	if readFrom(nasdesk.Answer{Field: "role", Written: "member"}, two) || readFrom(nasdesk.Answer{Written: "x", Spans: []nasdesk.Span{{Start: 50, End: 60}}}, two) {
		t.Error("an answer without a place is marked")
	}
}

func TestBackTo(t *testing.T) {
	for s, want := range map[string]string{
		"/queues/exceptions":              "/queues/exceptions",
		"/queues/exceptions?kind=x&age=2": "/queues/exceptions?kind=x&age=2",
		"/search?q=a":                     "/search?q=a",
		"":                                "-", "/sign-out": "-", "//example.net/queues/": "-", "https://example.net/queues/x": "-",
		`/queues/\example.net`: "-", "/queues/../sign-out": "-", "javascript:alert(1)": "-", "/queues/x\r\nSet-Cookie: a=b": "-",
	} {
		if got := backTo(s, "-"); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}
