// Package graph does account work in a tenant of Microsoft Entra, by Microsoft
// Graph v1.0. What Graph cannot do, it hands to a worklist.
//
// Graph has no key that makes a call happen once, and its reads may show the world
// as it was some seconds ago. So each action is a straight line of steps, and every
// step looks before it writes:
//
//   - Each account carries, in one of its extension attributes, the stamps of the
//     actions that were begun and done on it, written by the same request as the
//     effect itself. A repeat, after a crash too, finds the stamp.
//   - What this process wrote, a read must show before it is believed; until then
//     the work waits. Nothing is written because of a stale read.
//   - Every write carries a client-request-id made of the action's key and the step,
//     so that the journal and Microsoft's logs can be laid side by side.
//
// docs/graph.md says which permission each call needs.
package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"nasdesk"
	"nasdesk/outbox/directory"
)

// Settings say which tenant, as whom, and what it offers.
type Settings struct {
	Tenant     string // its id or a domain of it
	Client     string // the application's (client) id
	SecretFile string // holds the client secret; read for every token, so that it may be changed under us
	Domain     string // of new accounts: "nhs.net"

	Licences []string // SKU ids that give the mailbox; none where the tenant licenses by group
	// Groups are the groups that stand for shared mailboxes: mailbox address to group
	// id. Links to a mailbox that is not here are work for people.
	Groups map[nasdesk.Address]string
	// SelfService: people choose a password with a code sent to their mobile. A new
	// account then gets its mobile as a way to do so, and a reset ends the old
	// password. Without it first passwords and resets are work for people.
	SelfService bool
	// The stamps are kept in an extension attribute, 1 to 15 (0 is 15), or in a
	// directory extension of the application where one is named. Graph may not write
	// the attributes of accounts that came from an on-premises directory.
	Attribute int
	Extension string // "extension_", the client id without hyphens, "_" and a name; 256 characters of text

	Login string // 0: https://login.microsoftonline.com
	Graph string // 0: https://graph.microsoft.com/v1.0

	Now   func() time.Time  // nil: time.Now
	HTTP  http.RoundTripper // nil: http.DefaultTransport
	Limit time.Duration     // for one request; 0 is 30 seconds
	// Poll is how soon to look again at what is under way; 0 is 30 seconds. A mailbox
	// that is being made is looked at ten times as rarely.
	Poll time.Duration
	// Settle is how long a write may stay unseen before we believe that it is not
	// there; 0 is 15 minutes, which Microsoft names for new groups.
	Settle time.Duration
}

// A Directory is a tenant. It is safe for several goroutines; its requests go out
// one after the other.
type Directory struct {
	// Orders takes the actions that Graph cannot do: the worklist. With nil they fail.
	Orders directory.Directory

	Settings
	mu     sync.Mutex
	client client
	memory memory
}

// New checks the settings, naming every fault, and returns the directory. It asks
// nothing of the tenant yet.
func New(s Settings) (*Directory, error) {
	s = s.filled()
	if err := s.check(); err != nil {
		return nil, err
	}
	d := &Directory{Settings: s, memory: newMemory(s.Settle)}
	d.client = client{Settings: s, http: &http.Client{Transport: s.HTTP, Timeout: s.Limit, CheckRedirect: stay}}
	return d, nil
}

// filled returns the settings with what was left out.
func (s Settings) filled() Settings {
	s.Login = strings.TrimSuffix(or(s.Login, "https://login.microsoftonline.com"), "/")
	s.Graph = strings.TrimSuffix(or(s.Graph, "https://graph.microsoft.com/v1.0"), "/")
	s.Domain = strings.ToLower(s.Domain)
	s.Attribute = or(s.Attribute, 15)
	s.Limit, s.Poll, s.Settle = or(s.Limit, 30*time.Second), or(s.Poll, 30*time.Second), or(s.Settle, 15*time.Minute)
	if s.Now == nil {
		s.Now = time.Now
	}
	groups := map[nasdesk.Address]string{}
	for mailbox, id := range s.Groups {
		groups[nasdesk.Address(strings.ToLower(string(mailbox)))] = id
	}
	s.Groups = groups
	return s
}

// check names everything that is wrong.
func (s Settings) check() error {
	var faults []error
	for name, value := range map[string]string{"tenant": s.Tenant, "client": s.Client, "secret_file": s.SecretFile, "domain": s.Domain} {
		if value == "" {
			faults = append(faults, fmt.Errorf("graph: %s is not set", name))
		}
	}
	for _, sku := range s.Licences {
		if !guid(sku) {
			faults = append(faults, fmt.Errorf("graph: licence %q is no SKU id: it has the form 00000000-0000-0000-0000-000000000000", sku))
		}
	}
	for mailbox, id := range s.Groups {
		if !guid(id) {
			faults = append(faults, fmt.Errorf("graph: the group of %s, %q, is no group id: it has the form 00000000-0000-0000-0000-000000000000", mailbox, id))
		}
	}
	if s.Attribute < 1 || s.Attribute > 15 {
		faults = append(faults, fmt.Errorf("graph: attribute %d is none: extension attributes are 1 to 15", s.Attribute))
	}
	if s.Extension != "" && !extension.MatchString(s.Extension) {
		faults = append(faults, fmt.Errorf("graph: extension %q is none: it has the form extension_00000000000000000000000000000000_name", s.Extension))
	}
	slices.SortFunc(faults, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(faults...)
}

var extension = regexp.MustCompile(`^extension_[0-9a-fA-F]{32}_[A-Za-z0-9_]+$`)

// Do implements directory.Directory. Throttled, or waiting for Graph to show what
// was written, the work is pending with the instant at which to go on.
func (d *Directory) Do(ctx context.Context, a nasdesk.Action) (nasdesk.WorkReport, error) {
	return d.turn(ctx, a, true)
}

// Look implements directory.Directory. State "" says that there is something left
// for Do: also of an action that was cut off halfway.
func (d *Directory) Look(ctx context.Context, a nasdesk.Action) (nasdesk.WorkReport, error) {
	return d.turn(ctx, a, false)
}

func (d *Directory) turn(ctx context.Context, a nasdesk.Action, acting bool) (nasdesk.WorkReport, error) {
	if err := ctx.Err(); err != nil {
		return nasdesk.WorkReport{}, fmt.Errorf("graph: %s: %w", a.Name, err)
	}
	if a.Key == "" || !slices.Contains(nasdesk.ActionNames, a.Name) {
		return nasdesk.WorkReport{State: nasdesk.WorkFailed, Detail: fmt.Sprintf("no such action, or one without a key: %q", a.Name)}, nil
	}
	if d.forPeople(a) {
		return d.order(ctx, a, acting)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.Now()
	if r, ok := d.memory.recall(a.Key, now); ok {
		return r, nil
	}
	t := &turn{Directory: d, ctx: ctx, a: a, acting: acting, now: now, key: hash(a.Key), account: a.Account}
	return t.report(t.run())
}

// forPeople reports whether an action is one that Graph cannot do, or that the
// settings map to nothing in the tenant.
func (d *Directory) forPeople(a nasdesk.Action) bool {
	switch a.Name {
	case nasdesk.RenameMailbox, nasdesk.CloseMailbox, nasdesk.ConvertApplicationAccount:
		return true
	case nasdesk.ResetPassword:
		return !d.SelfService
	case nasdesk.LinkMember, nasdesk.UnlinkMember:
		return d.Groups[a.Mailbox] == ""
	}
	return false
}

func (d *Directory) order(ctx context.Context, a nasdesk.Action, acting bool) (nasdesk.WorkReport, error) {
	switch {
	case d.Orders == nil:
		return nasdesk.WorkReport{State: nasdesk.WorkFailed, Account: a.Account, Detail: fmt.Sprintf("Graph cannot do %s here, and there is no worklist", a.Name)}, nil
	case acting:
		return d.Orders.Do(ctx, a)
	}
	return d.Orders.Look(ctx, a)
}

// A turn is one Do, or one Look, of one action.
type turn struct {
	*Directory
	ctx     context.Context
	a       nasdesk.Action
	acting  bool
	now     time.Time
	key     string          // the stamp of the action's key
	account nasdesk.Address // that the action turned out to be about
	so      bool            // the world was so already
}

// run goes along the action's steps. Nil says that all is done; the other ends are
// waiting, failure and errToDo.
func (t *turn) run() error {
	if t.a.Account == "" {
		return failure("no account is named")
	}
	switch t.a.Name {
	case nasdesk.CreateAccount:
		return t.create()
	case nasdesk.EnableAccount:
		return t.enable()
	case nasdesk.DisableAccount:
		return t.disable()
	case nasdesk.MarkLeaver:
		return t.leave()
	case nasdesk.RestoreAccount, nasdesk.MarkJoiner:
		return t.restore()
	case nasdesk.ResetPassword:
		return t.reset()
	case nasdesk.LinkMember:
		return t.link()
	case nasdesk.UnlinkMember:
		return t.unlink()
	case nasdesk.CreateTeam:
		return t.team()
	}
	return failure("Graph cannot do it")
}

// The ends of a turn that are not errors of the wire.
type (
	// waiting says when to look again, and why.
	waiting struct {
		until  time.Time
		why    string
		undone bool // the request that was being made was certainly not carried out
	}
	// failure says why an action cannot be done whoever tries.
	failure string
)

// errToDo ends a look that came to a step which only Do may take.
var errToDo = errors.New("there is something to do")

func (w waiting) Error() string { return w.why }
func (f failure) Error() string { return string(f) }

// wait is a waiting of n polls.
func (t *turn) wait(n int, why string) error {
	return waiting{until: t.now.Add(time.Duration(n) * t.Poll), why: why}
}

// report turns the end of a turn into what the outbox is told.
func (t *turn) report(end error) (nasdesk.WorkReport, error) {
	r := nasdesk.WorkReport{Account: t.account, Detail: t.detail(end), Trace: t.trace()}
	var w waiting
	var f failure
	var no *Refusal
	switch {
	case end == nil:
		r.State = nasdesk.WorkDone
	case errors.Is(end, errToDo):
		return nasdesk.WorkReport{}, nil
	case errors.As(end, &w):
		r.State, r.Again = nasdesk.WorkPending, nasdesk.TimestampOf(w.until)
	case errors.As(end, &f), errors.As(end, &no) && no.final():
		r.State = nasdesk.WorkFailed
	default:
		return nasdesk.WorkReport{}, fmt.Errorf("graph: %s: %w", t.a.Name, end)
	}
	t.memory.keep(t.a.Key, r, t.now)
	return r, nil
}

// trace is how the client-request-ids of all the action's requests begin.
func (t *turn) trace() string { return "client-request-id " + requestID(t.a.Key, "")[:18] + "…" }

// detail is for staff: how it ended, and by which requests.
func (t *turn) detail(end error) string {
	parts := []string{}
	if end != nil {
		parts = append(parts, end.Error())
	} else if t.so {
		parts = append(parts, "already so")
	}
	if wrote := t.memory.wrote[t.a.Key]; len(wrote) > 0 {
		parts = append(parts, strings.Join(wrote, ", "))
	} else if !t.so {
		parts = append(parts, t.trace())
	}
	return strings.Join(parts, "; ")
}

// write makes one writing request. A look ends here.
func (t *turn) write(step, method, path string, body, into any) error {
	if !t.acting {
		return errToDo
	}
	id := requestID(t.a.Key, step)
	if err := t.client.call(t.ctx, t.now, request{step: step, id: id, method: method, path: path, body: body, into: into}); err != nil {
		return err
	}
	t.wrote(step, id)
	return nil
}

// wrote notes a step that was carried out, for the report.
func (t *turn) wrote(step, id string) {
	t.memory.wrote[t.a.Key] = append(t.memory.wrote[t.a.Key], step+" "+id)
}

// read makes one reading request. Found is false for 404.
func (t *turn) read(step, path string, into any) (found bool, err error) {
	err = t.client.call(t.ctx, t.now, request{step: step, id: requestID(t.a.Key, step), method: http.MethodGet, path: path, into: into})
	if no := refused(err); no != nil && no.Status == http.StatusNotFound {
		return false, nil
	}
	return err == nil, err
}

// patient waits for what Graph does not show yet, or refuses because another part
// of it does not, until it has had time to settle; then it is as end says.
func (t *turn) patient(what string, end error) error {
	if t.memory.since(t.a.Key+" "+what, t.now) < t.Settle {
		return t.wait(1, what+": Graph may not show it yet")
	}
	return end
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}
