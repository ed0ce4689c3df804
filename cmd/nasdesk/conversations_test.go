package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"nasdesk"
	"nasdesk/inbox"
	"nasdesk/outbox"
	"nasdesk/outbox/directory"
	"nasdesk/store"
)

var update = flag.Bool("update", false, "rewrite the golden texts of our mails; outcomes are written by hand")

// sample: every so many conversations are played.
var sample = 1

const conversations = "../../testdata/conversations"

// TestConversations plays every conversation of testdata: mails in, days
// passing, outcomes as written by hand, our mails as they were last reviewed.
func TestConversations(t *testing.T) {
	n := 0
	err := filepath.WalkDir(conversations, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".txtar" {
			return err
		}
		if n++; n%sample != 0 {
			return nil
		}
		name, _ := filepath.Rel(conversations, strings.TrimSuffix(path, ".txtar"))
		t.Run(name, func(t *testing.T) { t.Parallel(); playFile(t, path) })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n == 0 {
		t.Fatal("there are no conversations in", conversations)
	}
}

func playFile(t *testing.T, path string) {
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	a := txtar.Parse(raw)
	p := newPlay(t, a)
	for i := 0; i < len(a.Files); i++ {
		p.section(t, a.Files[i].Name, string(a.Files[i].Data))
	}
	if *update {
		writeGolden(t, path, a, p.golden)
		return
	}
	for _, f := range a.Files {
		if strings.HasSuffix(f.Name, ".mail") && p.golden[f.Name] != string(f.Data) {
			t.Errorf("%s: our mails read\n%s\nwant (go test -update rewrites)\n%s", f.Name, p.golden[f.Name], f.Data)
		}
		delete(p.golden, f.Name)
	}
	for name := range p.golden {
		t.Errorf("%s is not in the fixture: review it with go test ./cmd/nasdesk -run Conversations -update", name)
	}
}

// writeGolden puts our mails behind the outcome of each step.
func writeGolden(t *testing.T, path string, a *txtar.Archive, golden map[string]string) {
	out := &txtar.Archive{Comment: a.Comment}
	for _, f := range a.Files {
		if strings.HasSuffix(f.Name, ".mail") {
			continue
		}
		out.Files = append(out.Files, f)
		mail := strings.TrimSuffix(f.Name, ".want") + ".mail"
		if text, ok := golden[mail]; ok && strings.HasSuffix(f.Name, ".want") {
			out.Files = append(out.Files, txtar.File{Name: mail, Data: []byte(text)})
		}
	}
	if err := os.WriteFile(path, txtar.Format(out), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A play is one conversation under way.
type play struct {
	name    string
	now     time.Time
	replay  *replay
	works   *outbox.Works
	dates   *outbox.Dates
	longs   *outbox.Deadlines // nil where a conversation is not about long dates
	step    string            // "01"
	result  nasdesk.Result
	made    []nasdesk.Decision  // by the step at hand
	mails   map[string]string   // "01 pharmacy.x@nhs.net": Message-ID
	refs    map[string][]string // "01": references of its requests
	golden  map[string]string
	message map[string]string // "01": Message-ID
	taken   map[string]taken  // "01": the message of the step
	clicks  int
	hinders nasdesk.Hindrance
}

func newPlay(t *testing.T, a *txtar.Archive) *play {
	now, err := time.Parse(time.RFC3339, strings.TrimSpace(section(a, "now")))
	if err != nil {
		t.Fatal("section now:", err)
	}
	w, err := store.ReadWorldDir("../../testdata/worlds/" + strings.TrimSpace(section(a, "world")))
	if err != nil {
		t.Fatal(err)
	}
	p := &play{name: filepath.Base(t.Name()), now: now, mails: map[string]string{}, refs: map[string][]string{}, golden: map[string]string{}, message: map[string]string{}, taken: map[string]taken{}}
	trust := strings.TrimSpace(section(a, "trust"))
	if trust == "" {
		trust = "rfc8601:mx.nhs.net"
	}
	p.replay, err = replayOf(t.Context(), w, trust, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.replay.store.Close() })
	clock := func() time.Time { return p.now }
	p.replay.line.Clock = clock
	p.replay.line.Memory = noting{p.replay.line.Memory, p}
	loop := outbox.Loop{Now: clock, Rand: func() float64 { return 0.5 }}
	p.works = &outbox.Works{Loop: loop, Rows: p.replay.store, Directory: directory.NewSimulated(directory.Simulation{Now: clock}), Report: p.replay.line.Event}
	p.dates = &outbox.Dates{Loop: loop, Rows: p.replay.store, Report: p.replay.line.Event}
	p.chosen(a, loop)
	return p
}

// chosen is what a conversation says of the desk: with a section "dates" its long
// dates come up, with
// "directory" worklist, people do the work (see workSection), and with "daily" so
// many requests of a day are carried out by themselves.
func (p *play) chosen(a *txtar.Archive, loop outbox.Loop) {
	desk := &p.replay.line.Desk
	if section(a, "dates") != "" {
		loop.Fenced = store.ErrFenced
		p.longs = &outbox.Deadlines{Loop: loop, Rows: p.replay.store, Reckon: desk.Deadlines, Open: desk.Open, Report: p.replay.line.Event}
	}
	if strings.TrimSpace(section(a, "directory")) == "worklist" {
		desk.Created = nasdesk.Pending
		p.works.Directory = &directory.Worklist{Orders: p.replay.store, Now: loop.Now}
	}
	if n, err := strconv.Atoi(strings.TrimSpace(section(a, "daily"))); err == nil {
		desk.DailyRequests = n
	}
}

func section(a *txtar.Archive, name string) string {
	for _, f := range a.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

// noting keeps every decision of the step at hand.
type noting struct {
	inbox.Memory
	play *play
}

func (n noting) Decide(ctx context.Context, ev nasdesk.Event, keys nasdesk.Keys, raw int64, step func(*nasdesk.Case) nasdesk.Decision) (nasdesk.Decision, error) {
	d, err := n.Memory.Decide(ctx, ev, keys, raw, step)
	n.play.made = append(n.play.made, d)
	return d, err
}

func (p *play) section(t *testing.T, name, data string) {
	step, what, _ := strings.Cut(name, ".")
	switch what {
	case "eml":
		p.step, p.made, p.hinders = step, nil, ""
		raw := p.compose(data)
		res, err := p.replay.message(t.Context(), name, raw)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		p.result = res
		p.taken[step] = taken{raw, inbox.Location{Folder: "replay", UIDValidity: 1, UID: p.replay.n}}
		p.remember()
	case "act":
		p.step, p.made = step, nil
		p.act(t, name, data)
		p.remember()
	case "work":
		p.step, p.made = step, nil
		p.work(t, name, data)
		p.remember()
	case "release":
		p.step, p.made = step, nil
		p.release(t, name, data)
		p.remember()
	case "wait":
		p.step, p.made = step, nil
		p.wait(t, strings.TrimSpace(data))
		p.remember()
	case "want":
		p.compare(t, name, data)
	}
}

// wait lets time pass: what falls due meanwhile happens at its time.
func (p *play) wait(t *testing.T, long string) {
	d, err := time.ParseDuration(long)
	if n, ok := strings.CutSuffix(long, "d"); ok {
		var days int
		days, err = strconv.Atoi(n)
		d = time.Duration(days) * 24 * time.Hour
	}
	if err != nil {
		t.Fatalf("%s.wait: %q: write 14d or 30h", p.step, long)
	}
	for end := p.now.Add(d); p.now.Before(end); {
		p.now = p.now.Add(min(time.Hour, end.Sub(p.now)))
		rounds := []func(context.Context) (int, error){p.works.Once, p.dates.Once}
		if p.longs != nil {
			rounds = append(rounds, p.longs.Once)
		}
		for _, once := range rounds {
			if _, err := once(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	p.result = nasdesk.Result{File: p.step + ".wait"}
	for _, d := range p.made {
		p.result.Replies = append(p.result.Replies, resultOf("", d).Replies...)
		p.result.Replies = append(p.result.Replies, resultOf("", d).Notices...)
	}
}

// remember keeps the ids of our mails for the answers to them, and their texts.
func (p *play) remember() {
	var golden strings.Builder
	for _, d := range p.made {
		for _, m := range d.Mails {
			if m.Text == "" {
				continue // of an event that was decided before
			}
			p.mails[p.step+" "+string(m.To)] = nasdesk.MailID(m.Key, p.replay.line.Desk.MailDomain)
			fmt.Fprintf(&golden, "To: %s (%s)\nSubject: %s\n\n%s\n", m.To, m.About, m.Subject, m.Text)
		}
		for _, r := range d.Results {
			p.refs[p.step] = append(p.refs[p.step], r.Reference)
		}
	}
	if golden.Len() > 0 {
		p.golden[p.step+".mail"] = strings.ReplaceAll(golden.String(), ": \n", ":\n") // editors strip blanks at line ends
	}
}

var placeholder = regexp.MustCompile(`\{(reply|ref|id) ([^ }]+)(?: ([^ }]+))?\}`)

// compose fills in what a short .eml leaves out.
func (p *play) compose(eml string) []byte {
	eml = placeholder.ReplaceAllStringFunc(eml, func(s string) string {
		m := placeholder.FindStringSubmatch(s)
		of := m[2]
		if len(of) == 1 {
			of = "0" + of
		}
		switch m[1] {
		case "reply":
			return "<" + p.mails[of+" "+m[3]] + ">"
		case "id":
			return "<" + p.message[of] + ">"
		}
		n, _ := strconv.Atoi(m[3])
		if refs := p.refs[of]; n >= 1 && n <= len(refs) {
			return refs[n-1]
		}
		return "NAS-00000000"
	})
	head, body, _ := strings.Cut(eml, "\n\n")
	return p.headed(strings.Split(head, "\n"), body)
}

func (p *play) headed(head []string, body string) []byte {
	get := func(name string) string {
		for _, l := range head {
			if k, v, ok := strings.Cut(l, ":"); ok && strings.EqualFold(k, name) {
				return strings.TrimSpace(v)
			}
		}
		return ""
	}
	var b bytes.Buffer
	if get("X-Unproved") == "" && get("Authentication-Results") == "" {
		var a nasdesk.Address
		_ = a.Set(get("From"))
		fmt.Fprintf(&b, "Authentication-Results: mx.nhs.net; dmarc=pass header.from=%s\r\nReceived: from out.nhs.net by mx.nhs.net; %s\r\n", a.Domain(), p.now.Format(time.RFC1123Z))
	}
	defaults := [][2]string{{"To", "helpdesk@nhs.net"}, {"Date", p.now.Format(time.RFC1123Z)}, {"Message-ID", "<" + p.step + "." + p.name + "@example.org>"}}
	if get("Content-Type") == "" {
		defaults = append(defaults, [2]string{"MIME-Version", "1.0"}, [2]string{"Content-Type", "text/plain; charset=utf-8"}, [2]string{"Content-Transfer-Encoding", "8bit"})
	}
	for _, d := range defaults {
		if get(d[0]) == "" {
			head = append(head, d[0]+": "+d[1])
		}
	}
	head = slices.DeleteFunc(head, func(l string) bool { return strings.HasPrefix(l, "X-Unproved") })
	p.message[p.step] = strings.Trim(get("Message-ID"), "<>")
	if p.message[p.step] == "" {
		p.message[p.step] = p.step + "." + p.name + "@example.org"
	}
	b.WriteString(strings.ReplaceAll(strings.Join(head, "\n")+"\n\n"+body, "\n", "\r\n"))
	return b.Bytes()
}

// compare holds the step to what was written by hand. What is absent there is
// not compared.
func (p *play) compare(t *testing.T, name, data string) {
	var want map[string]any
	if err := json.Unmarshal([]byte(data), &want); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	raw, err := json.Marshal(struct {
		nasdesk.Result
		Hindered nasdesk.Hindrance `json:"hindered"`
	}{p.result, p.hinders})
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	for _, diff := range differences("", want, got) {
		t.Errorf("%s: %s", name, diff)
	}
}

// sets are the lists whose order says nothing.
var sets = []string{"reasons", "actions", "replies", "owners", "movers", "leavers"}

func differences(at string, want, got any) []string {
	switch w := want.(type) {
	case map[string]any:
		g, _ := got.(map[string]any)
		var out []string
		for k, v := range w {
			out = append(out, differences(at+"."+k, v, g[k])...)
		}
		return out
	case []any:
		g, _ := got.([]any)
		if slices.Contains(sets, at[strings.LastIndexByte(at, '.')+1:]) {
			return setDifference(at, w, g)
		}
		if len(w) != len(g) {
			return []string{fmt.Sprintf("%s: want %s, got %s", at, inJSON(want), inJSON(got))}
		}
		var out []string
		for i := range w {
			out = append(out, differences(fmt.Sprintf("%s[%d]", at, i), w[i], g[i])...)
		}
		return out
	}
	if fmt.Sprint(want) != fmt.Sprint(got) {
		return []string{fmt.Sprintf("%s: want %s, got %s", at, inJSON(want), inJSON(got))}
	}
	return nil
}

func setDifference(at string, want, got []any) []string {
	texts := func(vs []any) []string {
		out := make([]string, len(vs))
		for i, v := range vs {
			out[i] = inJSON(v)
		}
		slices.Sort(out)
		return out
	}
	w, g := texts(want), texts(got)
	if slices.Equal(w, g) {
		return nil
	}
	return []string{fmt.Sprintf("%s: want %s, got %s", at, w, g)}
}

func inJSON(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}
