package outbox

import (
	"bytes"
	"flag"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nasdesk"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// letter is a mail as Step plans them.
func letter() nasdesk.OutMail {
	return nasdesk.OutMail{
		ID: 7, Key: "event-1/reply/pharmacy.fa123@nhs.net", Attempt: 1,
		DueAt: nasdesk.TimestampOf(time.Date(2026, 4, 22, 8, 30, 0, 0, time.UTC)),
		To:    "pharmacy.fa123@nhs.net", About: nasdesk.Confirmation,
		Subject:    "Re: New starter – Zoë [NAS-0123ABCD]",
		InReplyTo:  "new.starter@example.com",
		References: []string{"<first@example.com>"},
		Text:       "Hello\n\nThe account for Zoë is being set up. It takes up to 24 hours.\n.\nA line with a dot above, and a long one that goes on and on until it has to be folded somewhere.\n",
		HTML:       "<p>Hello</p>\n<p>The account for Zoë is being set up.</p>\n",
	}
}

func TestComposeGolden(t *testing.T) {
	plain, long := letter(), letter()
	plain.HTML, plain.InReplyTo, plain.References = "", "", nil
	for i := range 40 {
		long.References = append(long.References, "<"+strings.Repeat("r", 60)+string(rune('A'+i%26))+string(rune('a'+i/26))+"@example.com>")
	}
	for name, m := range map[string]nasdesk.OutMail{"reply": letter(), "plain": plain, "long-thread": long} {
		got, err := Compose(m, Helpdesk)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		checkBytes(t, name, got)
		file := filepath.Join("testdata", name+".eml")
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs from %s:\n%s", name, file, got)
		}
	}
}

// checkBytes holds for every mail: ASCII, CRLF only, no line over 998 bytes
// (RFC 5322, 2.1.1), and none of the library's own marks (T20).
func checkBytes(t *testing.T, name string, raw []byte) {
	t.Helper()
	for i, c := range raw {
		if c > '~' || c < ' ' && c != '\r' && c != '\n' && c != '\t' {
			t.Fatalf("%s: byte %#x at %d", name, c, i)
		}
		if c == '\n' && raw[i-1] != '\r' || c == '\r' && raw[i+1] != '\n' {
			t.Fatalf("%s: bare line end at %d", name, i)
		}
	}
	for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
		if len(line) > 998 {
			t.Errorf("%s: a line of %d bytes", name, len(line))
		}
	}
	for _, mark := range []string{"User-Agent", "X-Mailer", "go-mail"} {
		if bytes.Contains(raw, []byte(mark)) {
			t.Errorf("%s: holds %s", name, mark)
		}
	}
}

func TestComposeIsTheSameBytesOnEveryAttempt(t *testing.T) {
	a := letter()
	b := letter()
	b.Attempt = 5
	first, _ := Compose(a, Helpdesk)
	again, _ := Compose(b, Helpdesk)
	if !bytes.Equal(first, again) {
		t.Errorf("a resend differs:\n%s\n%s", first, again)
	}
	other := letter()
	other.Key += "2"
	if next, _ := Compose(other, Helpdesk); bytes.Equal(first, next) {
		t.Error("two keys make the same mail")
	}
}

func TestComposeHeader(t *testing.T) {
	raw, err := Compose(letter(), Helpdesk)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]string{
		"From":                     `"NHS National Administration Service" <helpdesk@nhs.net>`,
		"To":                       "<pharmacy.fa123@nhs.net>",
		"Date":                     "Wed, 22 Apr 2026 09:30:00 +0100",
		"Message-Id":               "<" + nasdesk.MailID(letter().Key, "nhs.net") + ">",
		"In-Reply-To":              "<new.starter@example.com>",
		"References":               "<first@example.com> <new.starter@example.com>",
		"Auto-Submitted":           "auto-replied",
		"X-Auto-Response-Suppress": "All",
		"X-Nasdesk":                "1",
		"Mime-Version":             "1.0",
	} {
		if got := m.Header[field]; len(got) != 1 || got[0] != want {
			t.Errorf("%s = %q, want %q", field, got, want)
		}
	}
	if got := decoded(t, m.Header.Get("Subject")); got != letter().Subject {
		t.Errorf("Subject = %q", got)
	}
}

func decoded(t *testing.T, s string) string {
	t.Helper()
	out, err := new(mime.WordDecoder).DecodeHeader(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestComposeParts(t *testing.T) {
	raw, _ := Compose(letter(), Helpdesk)
	m, _ := mail.ReadMessage(bytes.NewReader(raw))
	typ, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || typ != "multipart/alternative" {
		t.Fatalf("Content-Type: %s, %v", typ, err)
	}
	r := multipart.NewReader(m.Body, params["boundary"])
	for _, want := range [][2]string{{"text/plain; charset=UTF-8", letter().Text}, {"text/html; charset=UTF-8", letter().HTML}} {
		p, err := r.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Header.Get("Content-Type"); got != want[0] {
			t.Errorf("part %q, want %q", got, want[0])
		}
		body, err := io.ReadAll(quotedprintable.NewReader(p))
		if got := strings.ReplaceAll(string(body), "\r\n", "\n"); err != nil || got != want[1] {
			t.Errorf("body %q, want %q (%v)", got, want[1], err)
		}
	}
	if _, err := r.NextRawPart(); err != io.EOF {
		t.Errorf("a third part: %v", err)
	}
}

func TestComposeTakesNoInjection(t *testing.T) {
	m := letter()
	m.Subject = "Re: x\r\nBcc: victim@example.com\r\n\r\nbody =?utf-8?q?Bcc=3A?= \u202eevil"
	m.InReplyTo = "<a@example.com>\r\nBcc: victim@example.com"
	m.References = []string{"<b@example.com>\r\n X: y", "<c d@example.com>", "<" + strings.Repeat("x", 400) + "@example.com>", "<é@example.com>", "<>", "<ok@example.com>"}
	raw, err := Compose(m, Helpdesk)
	if err != nil {
		t.Fatal(err)
	}
	checkBytes(t, "injection", raw)
	got, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if got.Header.Get("Bcc") != "" || got.Header.Get("In-Reply-To") != "" || got.Header.Get("X") != "" {
		t.Errorf("injected: %v", got.Header)
	}
	if refs := got.Header.Get("References"); refs != "<ok@example.com>" {
		t.Errorf("References = %q", refs)
	}
	if s := decoded(t, got.Header.Get("Subject")); s != "Re: x Bcc: victim@example.com body = ?utf-8?q?Bcc=3A?= evil" {
		t.Errorf("Subject = %q", s)
	}
}

// A text that quotes a boundary must not open a part of its own.
func TestComposeBoundaryIsNotToBeGuessed(t *testing.T) {
	m := letter()
	m.Text = "--" + boundary(m) + "\r\nContent-Type: text/html\r\n\r\n<b>forged</b>\r\n"
	raw, _ := Compose(m, Helpdesk)
	got, _ := mail.ReadMessage(bytes.NewReader(raw))
	_, params, _ := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if strings.Contains(m.Text, params["boundary"]) {
		t.Error("the text holds its own boundary")
	}
}

func TestComposeSubjectIsBounded(t *testing.T) {
	m := letter()
	m.Subject = strings.Repeat("é", 4000)
	raw, err := Compose(m, Helpdesk)
	if err != nil {
		t.Fatal(err)
	}
	checkBytes(t, "subject", raw)
	got, _ := mail.ReadMessage(bytes.NewReader(raw))
	if s := decoded(t, got.Header.Get("Subject")); s != strings.Repeat("é", maxSubject-1)+"…" {
		t.Errorf("Subject of %d bytes", len(s))
	}
}

func TestComposeRefuses(t *testing.T) {
	edit := map[string]func(*nasdesk.OutMail, *Identity){
		"no key":        func(m *nasdesk.OutMail, _ *Identity) { m.Key = "" },
		"no text":       func(m *nasdesk.OutMail, _ *Identity) { m.Text = "" },
		"no recipient":  func(m *nasdesk.OutMail, _ *Identity) { m.To = "" },
		"two":           func(m *nasdesk.OutMail, _ *Identity) { m.To = "a@example.com, b@example.com" },
		"display name":  func(m *nasdesk.OutMail, _ *Identity) { m.To = "A <a@example.com>" },
		"line end":      func(m *nasdesk.OutMail, _ *Identity) { m.To = "a@example.com\r\nDATA" },
		"other letters": func(m *nasdesk.OutMail, _ *Identity) { m.To = "pharmacy.fа123@nhs.net" },
		"no sender":     func(_ *nasdesk.OutMail, id *Identity) { id.Address = "helpdesk" },
	}
	for name, f := range edit {
		m, id := letter(), Helpdesk
		f(&m, &id)
		if raw, err := Compose(m, id); err == nil {
			t.Errorf("%s: composed %q", name, raw)
		}
	}
}

func FuzzCompose(f *testing.F) {
	f.Add("subject", "id@example.com", "text", "<p>html</p>")
	f.Add("=?utf-8?b?x?=\r\n", "<a@b>\x00", "\r\n.\r\n--x", "\x80")
	f.Fuzz(func(t *testing.T, subj, id, text, html string) {
		m := letter()
		m.Subject, m.InReplyTo, m.References, m.Text, m.HTML = subj, id, []string{id, subj}, text, html
		raw, err := Compose(m, Helpdesk)
		if err != nil {
			return
		}
		checkBytes(t, "fuzz", raw)
		if _, err := mail.ReadMessage(bytes.NewReader(raw)); err != nil {
			t.Error(err)
		}
	})
}
