package console

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"nasdesk"
	"nasdesk/inbox"
	"nasdesk/parser"
	"nasdesk/store"
	"nasdesk/workflows"
)

// The pages are tested as a browser sees them: on the whole console, over a
// store in memory and the real line, with every page read as HTML. Each page
// that any test fetches is also inspected: see inspect.

// A browser visits the console, and keeps its cookies.
type browser struct {
	t       testing.TB
	office  *Office
	handler http.Handler
	cookies map[string]string
	clock   *clock
	line    *inbox.Line
	mails   int
}

// A clock stands until it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// The tests begin on a working day, in the desk's hours.
var begins = time.Date(2026, 4, 22, 10, 0, 0, 0, nasdesk.London)

// password of all staff of the tests.
const password = "correct horse battery staple"

// In the tests hashing costs little.
func init() { usual = cost{time: 1, memory: 64, lanes: 1} }

// hashOnce hashes it once.
var hashOnce = sync.OnceValue(func() string { return HashPassword(password) })

// openOffice opens the console over a store with the register of a small world
// and staff named agent, lead, auditor and second (another agent), each with the
// role of that name.
func openOffice(t testing.TB, settings ...func(*Office)) (*Office, *browser) {
	t.Helper()
	st, err := store.Open(t.Context(), "sqlite::memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	if err := st.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := st.Import(t.Context(), aWorld()); err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, cookies: map[string]string{}, clock: &clock{at: begins}}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	profile, err := inbox.ParseTrust("rfc8601:mx.example.org")
	if err != nil {
		t.Fatal(err)
	}
	b.line = inbox.NewLine(lineMemory{st}, profile, workflows.DefaultDesk, b.clock.now, log)
	o := &Office{Store: st, Desk: testDesk{}, Hours: workflows.DefaultDesk.ServiceTime, Now: b.clock.now, Log: log, Undo: 30 * time.Second,
		SignIn: SignIn{URL: "http://127.0.0.1:8420", Local: true}}
	b.office = o
	b.wire()
	for _, set := range settings {
		set(o)
	}
	for name, role := range map[string]store.StaffRole{"agent": store.Agent, "second": store.Agent, "lead": store.Lead, "auditor": store.Auditor} {
		if err := o.Store.PutStaff(t.Context(), store.Staff{Name: name, Display: upperFirst(name) + " Example", Role: role, Hash: hashOnce()}); err != nil {
			t.Fatal(err)
		}
	}
	b.handler = o.Handler()
	return o, b
}

// wire connects the office with the line, as the program does.
func (b *browser) wire() {
	o := b.office
	o.Read = func(raw []byte) (*nasdesk.Message, nasdesk.Proof) {
		m := b.line.Read(raw, b.line.Options)
		return m, b.line.Profile.Prove(m)
	}
	o.Unpack = func(raw []byte) nasdesk.Contents {
		_, c := parser.Unpack(raw, b.line.Options)
		return c
	}
	event := func(ev nasdesk.StaffEvent, key string) nasdesk.Event {
		return nasdesk.Event{Key: key, At: nasdesk.TimestampOf(b.clock.now()), Staff: &ev}
	}
	o.Preview = func(ctx context.Context, ev nasdesk.StaffEvent) (nasdesk.Decision, error) {
		if ev.Act == nasdesk.ActRelease {
			return b.previewRelease(ctx, ev)
		}
		return b.line.Preview(ctx, event(ev, "click/0"), o.Store.Pull)
	}
	o.Do = func(ctx context.Context, c nasdesk.OutClick) (nasdesk.Decision, error) {
		return b.act(ctx, c, nasdesk.TimestampOf(b.clock.now()))
	}
	o.Work = func(ctx context.Context, work int64, by string, r nasdesk.WorkReport) error {
		return errors.New("no account work in this test")
	}
}

// doClicks does the acts whose time has come, as the program's loop does.
func (b *browser) doClicks(ctx context.Context) error {
	now := nasdesk.TimestampOf(b.clock.now())
	due, err := b.office.Store.DueClicks(ctx, now, 100, now+60e6)
	for _, c := range due {
		d, err := b.act(ctx, c, now)
		if err != nil {
			return err
		}
		if err := b.office.Store.ClickEnded(ctx, c.ID, c.Attempt, d.Hindered); err != nil {
			return err
		}
	}
	return err
}

// act commits what follows from a click.
func (b *browser) act(ctx context.Context, c nasdesk.OutClick, now nasdesk.Timestamp) (nasdesk.Decision, error) {
	ev := nasdesk.Event{Key: c.Key(), At: now, Staff: &c.Act}
	if c.Act.Act == nasdesk.ActRelease {
		raw, at, err := b.kept(ctx, c.Act.Message)
		if err != nil {
			return nasdesk.Decision{}, err
		}
		return b.line.Release(ctx, raw, at, c.Act.Message, c.Act.By, c.Act.Second)
	}
	return b.line.Act(ctx, ev)
}

// previewRelease foresees a release, which always needs a second person.
func (b *browser) previewRelease(ctx context.Context, ev nasdesk.StaffEvent) (nasdesk.Decision, error) {
	if ev.Second == "" {
		return nasdesk.Decision{Hindered: nasdesk.SecondPerson}, nil
	}
	raw, at, err := b.kept(ctx, ev.Message)
	if err != nil {
		return nasdesk.Decision{}, err
	}
	return b.line.PreviewRelease(ctx, raw, at, ev.By, ev.Second, b.office.Store.Pull)
}

// kept is a kept message and where it lay.
func (b *browser) kept(ctx context.Context, id int64) ([]byte, inbox.Location, error) {
	raw, err := b.office.Store.Raw(ctx, id)
	if err != nil {
		return nil, inbox.Location{}, err
	}
	at, err := b.office.Store.LocationOf(ctx, id)
	return raw, inbox.Location{Folder: at.Folder, UIDValidity: at.UIDValidity, UID: at.UID}, err
}

// undoTimeEnds moves the clock past the time in which acts can be undone, and
// has done what is due.
func (b *browser) undoTimeEnds() {
	b.t.Helper()
	b.clock.move(b.office.Undo + time.Second)
	if err := b.doClicks(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

// deliver takes a mail as the line does and returns the folder it went to.
// Proved says whether the receiving server vouches for its sender.
func (b *browser) deliver(from nasdesk.Address, subject, text string, proved bool) nasdesk.Folder {
	b.t.Helper()
	b.mails++
	result := "dmarc=fail"
	if proved {
		result = "dmarc=pass"
	}
	raw := fmt.Sprintf("Authentication-Results: mx.example.org; %s header.from=%s\r\nReceived: from a by b; %s\r\nFrom: %s\r\nTo: helpdesk@nhs.net\r\nSubject: %s\r\nDate: %[3]s\r\n"+
		"Message-ID: <mail-%[6]d@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%[7]s\r\n",
		result, from.Domain(), b.clock.now().Format(time.RFC1123Z), from, subject, b.mails, strings.ReplaceAll(text, "\n", "\r\n"))
	f, err := b.line.Take(b.t.Context(), []byte(raw), inbox.Location{Folder: "INBOX", UIDValidity: 1, UID: uint32(b.mails)})
	if err != nil {
		b.t.Fatal(err)
	}
	return f
}

// A lineMemory is the store as the line sees it.
type lineMemory struct{ *store.Store }

func (m lineMemory) Keep(ctx context.Context, raw []byte, at inbox.Location, when nasdesk.Timestamp) (inbox.Kept, error) {
	k, err := m.Store.Keep(ctx, raw, store.Location{Folder: at.Folder, UIDValidity: at.UIDValidity, UID: at.UID}, when)
	return inbox.Kept{ID: k.ID}, err
}

func (m lineMemory) Decide(ctx context.Context, ev nasdesk.Event, keys nasdesk.Keys, raw int64, step func(*nasdesk.Case) nasdesk.Decision) (nasdesk.Decision, error) {
	d, err := m.Store.Decide(ctx, ev, keys, raw, step)
	if errors.Is(err, store.ErrHandled) {
		err = nil
	}
	return d, err
}

// A testDesk answers as the workflows do.
type testDesk struct{}

func (testDesk) Acts(r *nasdesk.Request, c *nasdesk.Case) []nasdesk.StaffAct {
	return workflows.Acts(r, c)
}
func (testDesk) Refusals(kind string) []nasdesk.Rule             { return workflows.RefusalRules(kind) }
func (testDesk) Why(r *nasdesk.Request) nasdesk.Rule             { return workflows.Why(r) }
func (testDesk) Question(*nasdesk.Request, *nasdesk.Case) string { return "Which person is meant?" }
func (testDesk) Kind(name string) *nasdesk.Kind                  { return workflows.KindNamed(name) }
func (testDesk) Kinds() []*nasdesk.Kind                          { return workflows.Kinds }
func (testDesk) Rules() []nasdesk.Rule                           { return workflows.Rules }

// aWorld is two pharmacies: the first with Amina (owner) and Tom, the second
// with Grace (owner) alone.
func aWorld() store.World {
	const fa123, fb456 = "pharmacy.fa123@nhs.net", "pharmacy.fb456@nhs.net"
	return store.World{
		Mailboxes: []nasdesk.Mailbox{
			{Address: fa123, ODS: "FA123", Name: "High Street Pharmacy", Sector: nasdesk.Pharmacy, Region: "england.north@nhs.net", DSPT: nasdesk.StandardsMet, Status: nasdesk.Active},
			{Address: fb456, ODS: "FB456", Name: "Riverside Chemist", Sector: nasdesk.Pharmacy, DSPT: nasdesk.StandardsNotMet, Status: nasdesk.Active},
		},
		Accounts: []nasdesk.Account{
			{Address: "amina.khan@nhs.net", Name: "Amina Khan", Mobile: "07700900101", Alternative: "amina@example.com", Status: nasdesk.Active, Since: "2021-03-01"},
			{Address: "tom.barker@nhs.net", Name: "Tom Barker", Mobile: "07700900102", Alternative: "tom@example.org", Status: nasdesk.Active, Since: "2022-06-15"},
			{Address: "grace.li@nhs.net", Name: "Grace Li", Mobile: "07700900103", Status: nasdesk.Active, Since: "2023-01-09"},
		},
		Memberships: []nasdesk.Membership{{Mailbox: fa123, Account: "amina.khan@nhs.net", Role: nasdesk.Owner}, {Mailbox: fa123, Account: "tom.barker@nhs.net", Role: nasdesk.Member},
			{Mailbox: fb456, Account: "grace.li@nhs.net", Role: nasdesk.Owner}},
	}
}

// as is another browser at the same console, in which a member of staff is
// signed in.
func (b *browser) as(name string) *browser {
	b.t.Helper()
	c := *b
	c.cookies = map[string]string{"nasdesk-session": "token of " + name + " in " + b.t.Name()}
	now := nasdesk.TimestampOf(b.clock.now())
	s := store.Session{Token: tokenHash(c.cookies["nasdesk-session"]), Staff: name, MadeAt: now, SeenAt: now, EndsAt: now + 12*3600*1e6}
	if err := b.office.Store.EndSession(b.t.Context(), s.Token); err != nil {
		b.t.Fatal(err)
	}
	if err := b.office.Store.NewSession(b.t.Context(), s); err != nil {
		b.t.Fatal(err)
	}
	return &c
}

// fetch sends one request as a browser on a page of ours would. It does not
// follow redirects. Change alters the request.
func (b *browser) fetch(method, path string, form url.Values, change ...func(*http.Request)) *page {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), method, "http://127.0.0.1:8420"+path, strings.NewReader(form.Encode()))
	if method != http.MethodGet {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "http://127.0.0.1:8420")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	b.keep(w.Result().Cookies())
	p := &page{t: b.t, path: path, status: w.Code, header: w.Header(), body: w.Body.String()}
	if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") && w.Code/100 != 3 {
		doc, err := html.Parse(strings.NewReader(p.body))
		if err != nil {
			b.t.Fatalf("%s %s: %v", method, path, err)
		}
		p.doc = doc
		inspect(p)
	}
	return p
}

func (b *browser) keep(cookies []*http.Cookie) {
	for _, c := range cookies {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
			continue
		}
		b.cookies[c.Name] = c.Value
	}
}

// get follows redirects to a page and demands that it is there.
func (b *browser) get(path string) *page {
	b.t.Helper()
	p := b.follow(b.fetch(http.MethodGet, path, nil))
	if p.status != http.StatusOK {
		b.t.Fatalf("GET %s is %d: %s", path, p.status, p.text())
	}
	return p
}

// post sends a form and follows redirects, as a browser does. The status is the
// caller's to look at: faults of a form are 422.
func (b *browser) post(path string, form url.Values) *page {
	b.t.Helper()
	return b.follow(b.fetch(http.MethodPost, path, form))
}

func (b *browser) follow(p *page) *page {
	b.t.Helper()
	for range 5 {
		to, _, _ := strings.Cut(p.header.Get("Location"), "#")
		if p.status/100 != 3 || to == "" || !strings.HasPrefix(to, "/") {
			return p
		}
		p = b.fetch(http.MethodGet, to, nil)
	}
	b.t.Fatalf("%s: redirected again and again", p.path)
	return p
}

// submit sends the form of a page that goes to action, with what stands in it,
// but for the changes. It demands that the form has every field that is changed.
func (b *browser) submit(p *page, action string, changes url.Values) *page {
	b.t.Helper()
	form := p.form(action)
	for name, values := range changes {
		if _, there := form[name]; !there {
			b.t.Fatalf("%s: the form to %s has no field %q: %v", p.path, action, name, form)
		}
		form[name] = values
	}
	return b.post(action, form)
}

// A page is an answer of the console, read as HTML.
type page struct {
	t      testing.TB
	path   string
	status int
	header http.Header
	body   string
	doc    *html.Node
}

// all returns the elements of a name that have the attributes: "class", "nhsuk-tag"
// asks for a class among others, "href", "/x" for that value, "href", "" for any.
func (p *page) all(tag string, attributes ...string) []*html.Node {
	var out []*html.Node
	if p.doc == nil {
		p.t.Errorf("%s is no page of HTML (%d)", p.path, p.status)
		return nil
	}
	for n := range p.doc.Descendants() {
		if n.Type == html.ElementNode && (tag == "" || n.Data == tag) && fitting(n, attributes) {
			out = append(out, n)
		}
	}
	return out
}

func fitting(n *html.Node, attributes []string) bool {
	for i := 0; i+1 < len(attributes); i += 2 {
		value, there := attribute(n, attributes[i])
		want := attributes[i+1]
		if !there || want != "" && value != want && (attributes[i] != "class" || !slices.Contains(strings.Fields(value), want)) {
			return false
		}
	}
	return true
}

func attribute(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// textOf is what an element says, with single blanks.
func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && !slices.Contains([]string{"script", "style", "title"}, d.Parent.Data) {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// text is what the page says.
func (p *page) text() string {
	if p.doc == nil {
		return p.body
	}
	return textOf(p.doc)
}

// h1 is its heading.
func (p *page) h1() string {
	for _, n := range p.all("h1") {
		return textOf(n)
	}
	return ""
}

// says demands that the page holds each of the texts.
func (p *page) says(texts ...string) *page {
	p.t.Helper()
	have := p.text()
	for _, want := range texts {
		if !strings.Contains(have, want) {
			p.t.Errorf("%s does not say %q:\n%s", p.path, want, have)
		}
	}
	return p
}

// lacks demands that the page holds none of the texts, in its words or its marks.
func (p *page) lacks(texts ...string) *page {
	p.t.Helper()
	for _, bad := range texts {
		if strings.Contains(p.text(), bad) || strings.Contains(p.body, bad) {
			p.t.Errorf("%s holds %q", p.path, bad)
		}
	}
	return p
}

// is demands a status.
func (p *page) is(status int) *page {
	p.t.Helper()
	if p.status != status {
		p.t.Errorf("%s is %d, not %d: %s", p.path, p.status, status, p.text())
	}
	return p
}

// form is what the form that goes to action would send, untouched.
func (p *page) form(action string) url.Values {
	p.t.Helper()
	found := p.all("form", "action", action)
	if len(found) == 0 {
		p.t.Fatalf("%s has no form to %s", p.path, action)
	}
	out := url.Values{}
	for n := range found[0].Descendants() {
		name, named := attribute(n, "name")
		if n.Type != html.ElementNode || !named || n.Data == "button" {
			continue
		}
		value, _ := attribute(n, "value")
		kind, _ := attribute(n, "type")
		_, checked := attribute(n, "checked")
		switch {
		case n.Data == "textarea":
			value = textOfArea(n)
		case n.Data == "select":
			value = chosenOf(n)
		case (kind == "radio" || kind == "checkbox") && !checked:
			if _, there := out[name]; !there {
				out[name] = nil
			}
			continue
		}
		out.Add(name, value)
	}
	return out
}

func textOfArea(n *html.Node) string {
	if n.FirstChild == nil {
		return ""
	}
	return strings.TrimPrefix(n.FirstChild.Data, "\n")
}

// chosenOf is the value of a select: the option that is selected, or the first.
func chosenOf(n *html.Node) string {
	first, have := "", false
	for o := range n.Descendants() {
		if o.Type != html.ElementNode || o.Data != "option" {
			continue
		}
		value, _ := attribute(o, "value")
		if _, selected := attribute(o, "selected"); selected {
			return value
		}
		if !have {
			first, have = value, true
		}
	}
	return first
}
