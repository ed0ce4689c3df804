package graph_test

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"nasdesk"
	"nasdesk/outbox/directory"
	"nasdesk/outbox/directory/directorytest"
	"nasdesk/outbox/directory/graph"
	"nasdesk/outbox/directory/graph/graphtest"
)

const mailbox nasdesk.Address = "pharmacy.fa123@nhs.net"

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

// A tenant is a server, its clock, and what it takes to open directories on it.
type tenant struct {
	*graphtest.Server
	clock    *clock
	settings graph.Settings
	orders   directory.Directory
}

func newTenant(t *testing.T, m graphtest.Mode) *tenant {
	t.Helper()
	c := &clock{at: time.Date(2026, 4, 22, 12, 0, 0, 0, time.UTC)}
	s := graphtest.New(c.now, m)
	t.Cleanup(s.Close)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(graphtest.Secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return &tenant{Server: s, clock: c, orders: directory.NewSimulated(directory.Simulation{Now: c.now}), settings: graph.Settings{
		Tenant: graphtest.Tenant, Client: graphtest.Client, SecretFile: secret, Domain: "nhs.net", Licences: []string{graphtest.SKU},
		Groups: map[nasdesk.Address]string{mailbox: graphtest.Group}, SelfService: true, Login: s.URL, Graph: s.URL + "/v1.0", Now: c.now,
	}}
}

// open returns a directory that remembers nothing, as after a restart.
func (w *tenant) open(t *testing.T) *graph.Directory {
	t.Helper()
	d, err := graph.New(w.settings)
	if err != nil {
		t.Fatal(err)
	}
	d.Orders = w.orders
	return d
}

func create(key string) nasdesk.Action {
	return nasdesk.Action{Key: key, Name: nasdesk.CreateAccount, Mailbox: mailbox, Account: "ann.example@nhs.net", Person: "Ann Sample Example",
		Mobile: "07700900001", Alternative: "ann@example.com", Role: nasdesk.Member}
}

func on(key string, name nasdesk.ActionName) nasdesk.Action {
	return nasdesk.Action{Key: key, Name: name, Mailbox: mailbox, Account: "ann.example@nhs.net", Role: nasdesk.Member}
}

// finish has an action done as the outbox does: a look at what is pending, then Do
// where something is left, each when the report says. An error is tried again
// a minute later.
func (w *tenant) finish(t *testing.T, d directory.Directory, a nasdesk.Action) nasdesk.WorkReport {
	t.Helper()
	r, err := d.Do(t.Context(), a)
	for range 200 {
		switch {
		case err != nil:
			w.clock.move(time.Minute)
		case r.State == nasdesk.WorkPending:
			w.until(t, r.Again)
			if r, err = d.Look(t.Context(), a); err == nil && r.State != "" {
				continue
			}
		default:
			return r
		}
		r, err = d.Do(t.Context(), a)
	}
	t.Fatalf("%s does not end: %+v, %v", a.Name, r, err)
	return r
}

func (w *tenant) until(t *testing.T, at nasdesk.Timestamp) {
	t.Helper()
	wait := at.Time().Sub(w.clock.now())
	if wait <= 0 {
		t.Fatalf("to be looked at again in %v", wait)
	}
	w.clock.move(wait)
}

func (w *tenant) done(t *testing.T, d directory.Directory, a nasdesk.Action) nasdesk.WorkReport {
	t.Helper()
	r := w.finish(t, d, a)
	if r.State != nasdesk.WorkDone {
		t.Fatalf("%s ends as %+v", a.Name, r)
	}
	return r
}

// A watch notes what is pending, so that settling can drive it on.
type watch struct {
	directory.Directory
	rest    func() // between what is done and a look at it
	mu      sync.Mutex
	pending map[string]nasdesk.Action
}

func (w *watch) Do(ctx context.Context, a nasdesk.Action) (nasdesk.WorkReport, error) {
	r, err := w.Directory.Do(ctx, a)
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.State == nasdesk.WorkPending {
		w.pending[a.Key] = a
	}
	return r, err
}

func (w *watch) Look(ctx context.Context, a nasdesk.Action) (nasdesk.WorkReport, error) {
	w.rest()
	return w.Directory.Look(ctx, a)
}

func bench(m graphtest.Mode, change func(*graph.Settings)) func(*testing.T) directorytest.Bench {
	return func(t *testing.T) directorytest.Bench {
		w := newTenant(t, m)
		change(&w.settings)
		d := &watch{Directory: w.open(t), rest: func() { w.clock.move(m.Lag) }, pending: map[string]nasdesk.Action{}}
		return directorytest.Bench{Directory: d, Now: w.clock.now, Settle: func(t *testing.T) {
			for _, a := range maps.Clone(d.pending) {
				w.finish(t, d, a)
			}
			clear(d.pending)
		}}
	}
}

func TestDirectory(t *testing.T) {
	as := func(*graph.Settings) {}
	for name, open := range map[string]func(*testing.T) directorytest.Bench{
		"at once":                bench(graphtest.Mode{}, as),
		"mailboxes take hours":   bench(graphtest.Mode{Provision: 3 * time.Hour, Building: time.Hour, Details: true}, as),
		"new accounts are late":  bench(graphtest.Mode{Hidden: 3, Building: time.Minute}, as),
		"reads are behind":       bench(graphtest.Mode{Lag: 2 * time.Minute, Details: true, Provision: time.Hour}, as),
		"one item a page":        bench(graphtest.Mode{Page: 1}, as),
		"no group, people reset": bench(graphtest.Mode{}, func(s *graph.Settings) { s.Groups, s.SelfService = nil, false }),
		"licences by group":      bench(graphtest.Mode{Licensed: true, Provision: time.Hour}, func(s *graph.Settings) { s.Licences = nil }),
		"another attribute":      bench(graphtest.Mode{}, func(s *graph.Settings) { s.Attribute = 1 }),
		"a directory extension":  bench(graphtest.Mode{}, func(s *graph.Settings) { s.Extension = "extension_22222222222242228222222222222222_stamps" }),
	} {
		t.Run(name, func(t *testing.T) { directorytest.Run(t, open) })
	}
}

func TestCreateMakesWhatWasAsked(t *testing.T) {
	w := newTenant(t, graphtest.Mode{Provision: 2 * time.Hour})
	d := w.open(t)
	r, err := d.Do(t.Context(), create("k"))
	if err != nil || r.State != nasdesk.WorkPending || r.Account != "ann.example@nhs.net" {
		t.Fatalf("begun as %+v, %v", r, err)
	}
	for _, step := range []string{"create-user ", "assign-licence ", "add-phone "} {
		if !strings.Contains(r.Detail, step) {
			t.Errorf("the detail %q does not name %s", r.Detail, step)
		}
	}
	w.done(t, d, create("k"))
	u, _ := w.User("ann.example@nhs.net")
	for property, want := range map[string]any{"displayName": "Ann Sample Example", "givenName": "Ann Sample", "surname": "Example", "mobilePhone": "+44 7700900001",
		"usageLocation": "GB", "mailNickname": "ann.example", "accountEnabled": true, "mail": "ann.example@nhs.net"} {
		if u[property] != want {
			t.Errorf("%s is %v, want %v", property, u[property], want)
		}
	}
	if users, phones, _ := w.Count(); users != 1 || phones != 1 {
		t.Errorf("%d accounts and %d phones", users, phones)
	}
}

// The detail of a report names the request by which Microsoft's logs know it.
func TestDetailNamesTheRequests(t *testing.T) {
	w := newTenant(t, graphtest.Mode{})
	r := w.done(t, w.open(t), create("k"))
	calls, _ := w.Log()
	for _, c := range calls {
		if c.Changed && !strings.Contains(r.Detail, c.RequestID) {
			t.Errorf("%s %s went out as %s, which is not in %q", c.Method, c.Path, c.RequestID, r.Detail)
		}
		if len(c.RequestID) != 36 || c.RequestID[14] != '8' {
			t.Errorf("client-request-id %q is no UUID of version 8", c.RequestID)
		}
	}
}

// Each password is of one request alone, and long.
func TestPasswordsAreRandomAndChanged(t *testing.T) {
	w := newTenant(t, graphtest.Mode{})
	d := w.open(t)
	w.done(t, d, create("k1"))
	w.done(t, d, on("k2", nasdesk.ResetPassword))
	seen := map[string]bool{}
	calls, _ := w.Log()
	for _, c := range calls {
		p, _ := c.Body["passwordProfile"].(map[string]any)
		if p == nil {
			continue
		}
		password, _ := p["password"].(string)
		if len(password) < 24 || seen[password] || p["forceChangePasswordNextSignIn"] != true {
			t.Errorf("%s %s sends a password of %d characters, seen before: %v", c.Method, c.Path, len(password), seen[password])
		}
		seen[password] = true
	}
	if len(seen) != 2 {
		t.Errorf("%d passwords were set, want 2", len(seen))
	}
}

func TestLinksAreOfTheRole(t *testing.T) {
	w := newTenant(t, graphtest.Mode{})
	d := w.open(t)
	w.done(t, d, create("k0"))
	for i, c := range []struct {
		name          nasdesk.ActionName
		role          nasdesk.Role
		member, owner bool
	}{
		{nasdesk.LinkMember, nasdesk.Member, true, false},
		{nasdesk.LinkMember, nasdesk.Owner, true, true},
		{nasdesk.LinkMember, nasdesk.Member, true, false},
		{nasdesk.LinkMember, nasdesk.Owner, true, true},
		{nasdesk.UnlinkMember, "", false, false},
	} {
		a := on("k"+string(rune('1'+i)), c.name)
		a.Role = c.role
		w.done(t, d, a)
		if member, owner := w.In("ann.example@nhs.net"); member != c.member || owner != c.owner {
			t.Errorf("%d: %s as %q: member %v, owner %v", i, c.name, c.role, member, owner)
		}
	}
}

// A leaver's account is deleted, and a joiner's is the same one, in no group.
func TestLeaverAndJoiner(t *testing.T) {
	w := newTenant(t, graphtest.Mode{})
	d := w.open(t)
	w.done(t, d, create("k1"))
	w.done(t, d, on("k2", nasdesk.LinkMember))
	w.done(t, d, on("k3", nasdesk.MarkLeaver))
	if _, deleted := w.User("ann.example@nhs.net"); !deleted {
		t.Fatal("the leaver's account is not deleted")
	}
	w.done(t, d, on("k4", nasdesk.MarkJoiner))
	u, deleted := w.User("ann.example@nhs.net")
	if deleted || u["accountEnabled"] != true {
		t.Errorf("the joiner's account is deleted: %v, enabled: %v", deleted, u["accountEnabled"])
	}
	if member, owner := w.In("ann.example@nhs.net"); member || owner {
		t.Error("the joiner is in the group that the leaver was in")
	}
	if r := w.done(t, w.open(t), on("k3", nasdesk.MarkLeaver)); r.State != nasdesk.WorkDone {
		t.Errorf("the leaver's action again: %+v", r)
	}
	if _, deleted := w.User("ann.example@nhs.net"); deleted {
		t.Error("a late repeat deleted the joiner's account")
	}
}

func TestRestoreEndsAfterThirtyDays(t *testing.T) {
	for days, want := range map[int]nasdesk.WorkState{29: nasdesk.WorkDone, 31: nasdesk.WorkFailed} {
		w := newTenant(t, graphtest.Mode{})
		w.done(t, w.open(t), create("k1"))
		w.done(t, w.open(t), on("k2", nasdesk.MarkLeaver))
		w.clock.move(time.Duration(days) * 24 * time.Hour)
		if r := w.finish(t, w.open(t), on("k3", nasdesk.RestoreAccount)); r.State != want {
			t.Errorf("after %d days: %+v", days, r)
		}
	}
}

// A repeat by another process knows what was done by the stamps alone.
func TestStampsOutliveTheProcess(t *testing.T) {
	w := newTenant(t, graphtest.Mode{})
	w.done(t, w.open(t), create("k1"))
	repeated := []nasdesk.Action{on("k2", nasdesk.LinkMember), on("k3", nasdesk.DisableAccount), on("k4", nasdesk.EnableAccount), on("k5", nasdesk.UnlinkMember), on("k6", nasdesk.ResetPassword)}
	for _, a := range repeated {
		w.done(t, w.open(t), a)
	}
	before, _ := w.Log()
	for _, a := range append(repeated, create("k1")) {
		w.done(t, w.open(t), a)
	}
	after, _ := w.Log()
	for _, c := range after[len(before):] {
		if c.Changed {
			t.Errorf("the repeat sent %s %s", c.Method, c.Path)
		}
	}
}

func TestWhatGraphCannotDoIsAnOrder(t *testing.T) {
	w := newTenant(t, graphtest.Mode{})
	w.settings.Groups, w.settings.SelfService = nil, false
	d := w.open(t)
	for i, name := range []nasdesk.ActionName{nasdesk.LinkMember, nasdesk.UnlinkMember, nasdesk.ResetPassword, nasdesk.CloseMailbox, nasdesk.RenameMailbox, nasdesk.ConvertApplicationAccount} {
		a := on("k"+string(rune('a'+i)), name)
		if r := w.done(t, d, a); r.State != nasdesk.WorkDone {
			t.Errorf("%s: %+v", name, r)
		}
		if r, err := w.orders.Look(t.Context(), a); err != nil || r.State != nasdesk.WorkDone {
			t.Errorf("%s is not on the worklist: %+v, %v", name, r, err)
		}
	}
	if calls, _ := w.Log(); len(calls) != 0 {
		t.Errorf("Graph was asked: %+v", calls[0])
	}
	d.Orders = nil
	if r, err := d.Do(t.Context(), on("kz", nasdesk.CloseMailbox)); err != nil || r.State != nasdesk.WorkFailed || r.Detail == "" {
		t.Errorf("without a worklist: %+v, %v", r, err)
	}
}

func TestFailsForGood(t *testing.T) {
	w := newTenant(t, graphtest.Mode{FailTeams: true})
	d := w.open(t)
	w.done(t, d, create("k0"))
	w.Put(map[string]any{"userPrincipalName": "carol.example@nhs.net", "mobilePhone": "+44 7700900009", "accountEnabled": true})
	w.Put(map[string]any{"userPrincipalName": "dan.example@nhs.net", "mobilePhone": "07700900008", "accountEnabled": false})
	stranger := on("k1", nasdesk.DisableAccount)
	stranger.Account = "nobody.here@nhs.net"
	elsewhere, plus, other, disabled := create("k2"), create("k3"), create("k4"), create("k6")
	elsewhere.Account, plus.Account, other.Mobile = "ann@example.com", "ann+x@nhs.net", "07700900009"
	disabled.Account, disabled.Mobile = "dan.example@nhs.net", "07700900008"
	team := on("k5", nasdesk.CreateTeam)
	team.Other = "FA123 Team"
	for _, a := range []nasdesk.Action{stranger, elsewhere, plus, other, team, disabled, {Key: "k7", Name: nasdesk.CreateTeam, Account: "ann.example@nhs.net"}, {Key: "k8", Name: nasdesk.EnableAccount}} {
		if r := w.finish(t, d, a); r.State != nasdesk.WorkFailed || r.Detail == "" {
			t.Errorf("%s of %s: %+v", a.Name, a.Account, r)
		}
	}
}

// A name that is taken by something that is no account is left alone.
func TestReservedNames(t *testing.T) {
	w := newTenant(t, graphtest.Mode{Details: true})
	w.Reserve("ann.example@nhs.net")
	w.Reserve("ann.example2@nhs.net")
	if r := w.done(t, w.open(t), create("k")); r.Account != "ann.example3@nhs.net" {
		t.Errorf("the account is %s", r.Account)
	}
	w = newTenant(t, graphtest.Mode{})
	w.Reserve("ann.example@nhs.net")
	if r := w.finish(t, w.open(t), create("k")); r.State != nasdesk.WorkFailed {
		t.Errorf("refused without saying why, it ends as %+v", r)
	}
}

func TestNewNamesEveryFault(t *testing.T) {
	_, err := graph.New(graph.Settings{Licences: []string{"E3"}, Groups: map[nasdesk.Address]string{"a@nhs.net": "group"}, Attribute: 16, Extension: "stamps"})
	if err == nil {
		t.Fatal("nothing is wrong with nothing")
	}
	for _, want := range []string{"tenant", "client", "secret_file", "domain", "E3", "a@nhs.net", "16", `"stamps"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not name %s: %v", want, err)
		}
	}
}

// An address whose account was deleted is kept for it: else it could not be restored,
// and another would read its mail.
func TestDeletedNamesAreKept(t *testing.T) {
	w := newTenant(t, graphtest.Mode{})
	d := w.open(t)
	w.done(t, d, create("k1"))
	w.done(t, d, on("k2", nasdesk.MarkLeaver))
	namesake := create("k3")
	namesake.Mobile = "07700900002"
	if r := w.done(t, d, namesake); r.Account != "ann.example2@nhs.net" {
		t.Errorf("the namesake of a leaver gets %s", r.Account)
	}
	w.Put(map[string]any{"userPrincipalName": "ann.example@nhs.net", "accountEnabled": true})
	if r := w.finish(t, d, on("k4", nasdesk.RestoreAccount)); r.State != nasdesk.WorkFailed {
		t.Errorf("of two accounts of one address, one deleted, restoring ends as %+v", r)
	}
}

// Without a code to a mobile, people give the first password, under the same key.
func TestFirstPasswordIsAnOrder(t *testing.T) {
	w := newTenant(t, graphtest.Mode{})
	w.settings.SelfService = false
	w.orders = directory.NewSimulated(directory.Simulation{Now: w.clock.now, Min: 5 * time.Hour, Max: 5 * time.Hour})
	d := w.open(t)
	a := create("k")
	begun := w.clock.now()
	w.done(t, d, a)
	if took := w.clock.now().Sub(begun); took < 5*time.Hour {
		t.Errorf("done after %v, before people were", took)
	}
	if r, err := w.orders.Look(t.Context(), a); err != nil || r.State != nasdesk.WorkDone {
		t.Errorf("on the worklist: %+v, %v", r, err)
	}
	if _, phones, _ := w.Count(); phones != 0 {
		t.Error("the account got a phone")
	}
}
