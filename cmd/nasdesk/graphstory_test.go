package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"nasdesk"
	"nasdesk/outbox/directory/graph"
	"nasdesk/outbox/directory/graph/graphtest"
)

// A deskOnGraph is a desk whose account work a tenant does: mails go down the line,
// and what it accepts is done as the service does it, by the outbox and Graph.
type deskOnGraph struct {
	clock atomic.Int64 // now, as the tenant reads it from goroutines of its own
	*play
	tenant   *graphtest.Server
	settings graph.Settings
	die      dying
	mails    []string // ours, as "address about"
}

// A dying says where the program ends by itself, or its connection breaks: with the
// request, or the report, of a number. 0 is never.
type dying struct {
	how string
	at  int
	n   int // so many were made
}

// The ways in which it goes wrong. Each is tried at every request and every report of
// a story.
const (
	breaks       = "the connection breaks behind request" // Graph did it, the answer is lost
	diesBehind   = "the program ends behind request"      // the answer came, nobody is left to note it
	diesBefore   = "the program ends before report"       // Graph is done with it, the store knows nothing
	diesReported = "the program ends behind report"       // the store knows, the row is still claimed
)

// comes counts a request or a report, and says whether this is where it goes wrong.
func (d *dying) comes(how ...string) bool {
	if !slices.Contains(how, d.how) {
		return false
	}
	d.n++
	return d.n == d.at
}

// pass lets time go by, for the desk and for the tenant.
func (d *deskOnGraph) pass(by time.Duration) {
	d.now = d.now.Add(by)
	d.clock.Store(d.now.UnixNano())
}

func (d *deskOnGraph) tenantNow() time.Time { return time.Unix(0, d.clock.Load()).UTC() }

const kingsmere nasdesk.Address = "pharmacy.fna10@nhs.net"

func openOnGraph(t *testing.T, die dying) *deskOnGraph {
	t.Helper()
	d := &deskOnGraph{die: die}
	d.play = newPlay(t, &txtar.Archive{Files: []txtar.File{{Name: "world", Data: []byte("north")}, {Name: "now", Data: []byte("2026-04-22T10:00:00+01:00")}}})
	d.play.name = "graph"
	d.replay.line.Desk.Created = nasdesk.Pending
	d.pass(0)
	d.tenant = graphtest.New(d.tenantNow, graphtest.Mode{Provision: time.Hour, Cut: func(graphtest.Call) bool { return d.die.comes(breaks) }})
	t.Cleanup(d.tenant.Close)
	secret := filepath.Join(t.TempDir(), "secret")
	write(t, secret, graphtest.Secret+"\n")
	d.settings = graph.Settings{Tenant: graphtest.Tenant, Client: graphtest.Client, SecretFile: secret, Domain: "nhs.net", Licences: []string{graphtest.SKU},
		Groups: map[nasdesk.Address]string{kingsmere: graphtest.Group}, SelfService: true, Login: d.tenant.URL, Graph: d.tenant.URL + "/v1.0",
		Now: func() time.Time { return d.now }, HTTP: lastCall{d}}
	d.works.Report, d.works.Log = d.report, slog.New(slog.DiscardHandler)
	d.begin(t)
	return d
}

// begin starts the program: whatever it remembered is gone.
func (d *deskOnGraph) begin(t *testing.T) {
	t.Helper()
	g, err := graph.New(d.settings)
	if err != nil {
		t.Fatal(err)
	}
	d.works.Directory = g
}

// A lastCall ends the program when its call has been answered.
type lastCall struct{ desk *deskOnGraph }

func (l lastCall) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || strings.HasSuffix(r.URL.Path, "/token") {
		return resp, err
	}
	text, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if l.desk.die.comes(diesBehind) {
		runtime.Goexit()
	}
	resp.Body = io.NopCloser(bytes.NewReader(text))
	return resp, err
}

func (d *deskOnGraph) report(ctx context.Context, ev nasdesk.Event) error {
	dies := d.die.comes(diesBefore, diesReported)
	if dies && d.die.how == diesBefore {
		runtime.Goexit()
	}
	err := d.replay.line.Event(ctx, ev)
	if dies {
		runtime.Goexit()
	}
	return err
}

// mail takes a mail down the line, and has done what it led to.
func (d *deskOnGraph) mail(t *testing.T, step, text string, outcome nasdesk.Outcome) {
	t.Helper()
	d.section(t, step+".eml", "From: Kingsmere Pharmacy <"+string(kingsmere)+">\n"+text)
	if r := d.result.Requests; len(r) != 1 || r[0].Outcome != outcome {
		t.Fatalf("step %s led to %+v", step, r)
	}
	d.settle(t, step)
}

// settle lets the outbox make a round every half hour until nothing is left to do,
// and the request of the step must be done. A program that ended is started again;
// what it had claimed is free when the lease has run out.
func (d *deskOnGraph) settle(t *testing.T, step string) {
	t.Helper()
	left := true
	for rounds := 0; left; rounds++ {
		if rounds == 12 {
			t.Fatalf("step %s: there is work without end", step)
		}
		left = d.round(t)
		d.pass(31 * time.Minute)
	}
	for _, m := range d.made {
		for _, mail := range m.Mails {
			if mail.Text != "" { // else of an event that was decided before
				d.mails = append(d.mails, string(mail.To)+" "+string(mail.About))
			}
		}
	}
	if s := d.requestOf(t, step, 1).State; s != nasdesk.StateDone {
		t.Fatalf("the request of step %s is %s", step, s)
	}
}

// round is one pass of the outbox, and says whether there was anything to do. Where
// the program ends in it, it is begun anew.
func (d *deskOnGraph) round(t *testing.T) bool {
	t.Helper()
	over, lives := make(chan struct{}), false
	var n int
	var err error
	go func() {
		defer close(over)
		n, err = d.works.Once(t.Context())
		lives = true
	}()
	<-over
	if err != nil {
		t.Error(err)
	}
	if !lives {
		d.begin(t)
	}
	return n > 0 || !lives
}

// story is a new account, one that is disabled, and one that is brought back.
func (d *deskOnGraph) story(t *testing.T) {
	t.Helper()
	for _, a := range []string{"piotr.zielinski@nhs.net", "tom.ravensworth@nhs.net"} {
		d.tenant.Put(map[string]any{"userPrincipalName": a, "accountEnabled": true})
	}
	d.deleted(t, "tom.ravensworth@nhs.net")
	d.mail(t, "01", "Subject: New starter\n\nNew nhs.net account please\n\nFull name: Cyril Booth\nMobile: 07700 900302\nAlternative email: cyril.booth@example.com\nRole: Member\n", nasdesk.Accepted)
	d.mail(t, "02", "Subject: Long leave\n\nPlease disable this account.\n\nOwner email: ruth.ellerby@nhs.net\nMobile: 07700 900004\n", nasdesk.Accepted)
	d.mail(t, "03", "Subject: Restore\n\nPlease reinstate this account.\n\nNHS.net email: tom.ravensworth@nhs.net\nMobile: 07700 900006\nRole: member\n", nasdesk.Accepted)
}

// deleted has an account deleted in the tenant by another hand.
func (d *deskOnGraph) deleted(t *testing.T, account nasdesk.Address) {
	t.Helper()
	s := d.settings
	s.HTTP = nil
	other, err := graph.New(s)
	if err != nil {
		t.Fatal(err)
	}
	ours := d.die
	d.die = dying{}
	defer func() { d.die = ours }()
	a := nasdesk.Action{Key: "another-hand", Name: nasdesk.MarkLeaver, Mailbox: kingsmere, Account: account}
	for range 5 {
		if r, err := other.Do(t.Context(), a); err != nil || r.State == nasdesk.WorkDone {
			break
		}
		d.pass(time.Minute)
	}
	if _, gone := d.tenant.User(string(account)); !gone {
		t.Fatalf("%s is not deleted", account)
	}
}

// ends looks at the tenant, the register and our mails when the story is over.
func (d *deskOnGraph) ends(t *testing.T) {
	t.Helper()
	want := []string{"confirmation", "notice", "notice", "confirmation", "confirmation"} // the second notice: it is active
	for i, about := range want {
		want[i] = string(kingsmere) + " " + about
	}
	if !slices.Equal(d.mails, want) {
		t.Errorf("our mails are %q, want %q", d.mails, want)
	}
	for account, enabled := range map[nasdesk.Address]bool{"cyril.booth@nhs.net": true, "piotr.zielinski@nhs.net": false, "tom.ravensworth@nhs.net": true} {
		u, gone := d.tenant.User(string(account))
		if u == nil || gone || u["accountEnabled"] != enabled {
			t.Errorf("%s in the tenant: deleted %v, enabled %v", account, gone, u["accountEnabled"])
		}
		d.registered(t, account, map[bool]nasdesk.Status{true: nasdesk.Active, false: nasdesk.Disabled}[enabled])
	}
	if users, _, _ := d.tenant.Count(); users != 3 {
		t.Errorf("%d accounts in the tenant", users)
	}
	if member, owner := d.tenant.In("cyril.booth@nhs.net"); !member || owner {
		t.Errorf("the new account is member: %v, owner: %v", member, owner)
	}
	d.traced(t)
	calls, _ := d.tenant.Log()
	if c := repeated(calls); c != nil {
		t.Errorf("request %d, %s %s, had been carried out before", c.N, c.Method, c.Path)
	}
}

func (d *deskOnGraph) registered(t *testing.T, account nasdesk.Address, status nasdesk.Status) {
	t.Helper()
	c, err := d.replay.store.Pull(t.Context(), nasdesk.Keys{Addresses: []nasdesk.Address{account}})
	if err != nil {
		t.Fatal(err)
	}
	if a := c.Account(account); a == nil || a.Status != status || c.Role(kingsmere, account) != nasdesk.Member {
		t.Errorf("%s in the register: %+v, %q", account, a, c.Role(kingsmere, account))
	}
}

// repeated is a write that was sent once more after it had been carried out, nil if
// there is none. A write and its repeats carry one client-request-id.
func repeated(calls []graphtest.Call) *graphtest.Call {
	done := map[string]bool{}
	for i, c := range calls {
		if c.Method == http.MethodGet {
			continue
		}
		if done[c.RequestID] {
			return &calls[i]
		}
		done[c.RequestID] = c.Changed
	}
	return nil
}

// traced wants the journal to name every piece of work that Graph did as
// Microsoft's log does.
func (d *deskOnGraph) traced(t *testing.T) {
	t.Helper()
	done := 0
	for _, m := range d.made {
		for _, e := range m.Journal {
			if e.What == "work-done" {
				done++
				if !regexp.MustCompile(`, client-request-id [0-9a-f-]{18}…$`).MatchString(e.Detail) {
					t.Errorf("the journal says %q", e.Detail)
				}
			}
		}
	}
	if done == 0 {
		t.Error("the journal knows of no work done")
	}
}

// A new account is asked for, begun, told of, active and told of again; one is
// disabled, one brought back. All of it by Graph.
func TestAStoryOnGraph(t *testing.T) {
	d := openOnGraph(t, dying{})
	d.story(t)
	d.ends(t)
}

// The same story comes to the same end, with each write carried out once and each
// mail written once, wherever the program ends or the connection breaks.
func TestAStoryOnGraphGoesOnAfterEveryFault(t *testing.T) {
	if testing.Short() {
		t.Skip("a story for each of some sixty faults")
	}
	for _, how := range []string{breaks, diesBehind, diesBefore, diesReported} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			for at := 1; ; at += sample {
				d := openOnGraph(t, dying{how: how, at: at})
				d.story(t)
				if d.ends(t); t.Failed() {
					t.Fatalf("%s %d", how, at)
				}
				if d.die.n < at {
					t.Logf("%d places", at-1)
					return
				}
				d.replay.store.Close()
				d.tenant.Close()
			}
		})
	}
}
