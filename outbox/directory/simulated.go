package directory

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"sync"
	"time"

	"nasdesk"
)

// A Simulation says how a simulated directory behaves.
type Simulation struct {
	Now func() time.Time
	// Provisioning is how long a new account stays pending: between Min and Max, the
	// same for one key each time. Zeros make it active at once. NHSmail says up to
	// 24 hours.
	Min, Max time.Duration
	// World is what there is at the start. With nil the directory knows nobody, and
	// takes an account or a mailbox that an action names to be there.
	World *nasdesk.Case
}

// A Simulated is a directory in memory. It changes its accounts by Case.With, as
// the decisions and the replay do, so that they cannot disagree. After a restart
// it has forgotten what was under way: Look then says that it never began, and Do
// begins it afresh.
type Simulated struct {
	Simulation
	mu    sync.Mutex
	world *nasdesk.Case
	begun map[string]effect // by the action's key
}

type effect struct {
	account nasdesk.Address
	done    time.Time // when it stops being pending
}

// NewSimulated returns a directory with a copy of its world.
func NewSimulated(s Simulation) *Simulated {
	d := &Simulated{Simulation: s, begun: map[string]effect{}, world: new(nasdesk.Case)}
	if s.World != nil {
		d.world = s.World.Clone()
	}
	return d
}

// Do implements Directory.
func (d *Simulated) Do(ctx context.Context, a nasdesk.Action) (nasdesk.WorkReport, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r, err := d.look(ctx, a); err != nil || r.State != "" {
		return r, err
	}
	a = d.today(a)
	d.adopt(a)
	if why := d.refuses(a); why != "" {
		return nasdesk.WorkReport{State: nasdesk.WorkFailed, Account: a.Account, Detail: why}, nil
	}
	return d.act(a), nil
}

// Look implements Directory.
func (d *Simulated) Look(ctx context.Context, a nasdesk.Action) (nasdesk.WorkReport, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.look(ctx, a)
}

func (d *Simulated) look(ctx context.Context, a nasdesk.Action) (nasdesk.WorkReport, error) {
	if err := ctx.Err(); err != nil {
		return nasdesk.WorkReport{}, fmt.Errorf("directory: %s: %w", a.Name, err)
	}
	if a.Key == "" || !known(a.Name) {
		return nasdesk.WorkReport{State: nasdesk.WorkFailed, Detail: fmt.Sprintf("no such action, or one without a key: %q", a.Name)}, nil
	}
	if e, ok := d.begun[a.Key]; ok {
		return d.progress(e), nil
	}
	a = d.today(a)
	if account, so := d.so(a); so {
		return nasdesk.WorkReport{State: nasdesk.WorkDone, Account: account, Detail: "already so"}, nil
	}
	return nasdesk.WorkReport{}, nil
}

// today names the mailbox of an action by its present address: it may have been
// planned before the mailbox was renamed.
func (d *Simulated) today(a nasdesk.Action) nasdesk.Action {
	if m := d.world.Mailbox(a.Mailbox); m != nil {
		a.Mailbox = m.Address
	}
	return a
}

// progress tells how an effect stands; a pending account becomes active here.
func (d *Simulated) progress(e effect) nasdesk.WorkReport {
	if d.Now().Before(e.done) {
		return nasdesk.WorkReport{State: nasdesk.WorkPending, Account: e.account, Again: nasdesk.TimestampOf(e.done)}
	}
	if acc := d.world.Account(e.account); acc != nil && acc.Status == nasdesk.Pending {
		acc.Status, acc.Since = nasdesk.Active, nasdesk.DateOf(e.done)
	}
	return nasdesk.WorkReport{State: nasdesk.WorkDone, Account: e.account}
}

func known(name nasdesk.ActionName) bool {
	for _, n := range nasdesk.ActionNames {
		if n == name {
			return true
		}
	}
	return false
}

// so reports whether the world is already as the action would make it. What leaves
// no trace in the world (a password, a Team, an application account) never is.
func (d *Simulated) so(a nasdesk.Action) (account nasdesk.Address, so bool) {
	switch a.Name {
	case nasdesk.CreateAccount:
		acc := d.person(a)
		if acc == nil || acc.Status == nasdesk.Pending {
			return "", false
		}
		return acc.Address, true
	case nasdesk.LinkMember:
		so = d.world.Role(a.Mailbox, a.Account) == a.Role
	case nasdesk.UnlinkMember:
		so = d.knows(a) && d.world.Role(a.Mailbox, a.Account) == ""
	case nasdesk.RestoreAccount, nasdesk.EnableAccount, nasdesk.MarkJoiner:
		so = d.status(a.Account) == nasdesk.Active
	case nasdesk.DisableAccount:
		so = d.status(a.Account) == nasdesk.Disabled
	case nasdesk.MarkLeaver:
		so = d.status(a.Account) == nasdesk.Leaver
	case nasdesk.CloseMailbox:
		m := d.world.Mailbox(a.Mailbox)
		so = m != nil && m.Status == nasdesk.Closed
	case nasdesk.RenameMailbox:
		m := d.world.Mailbox(a.Mailbox)
		so = m != nil && m.ODS == nasdesk.ODSCode(a.Other)
	}
	return a.Account, so
}

func (d *Simulated) status(a nasdesk.Address) nasdesk.Status {
	if acc := d.world.Account(a); acc != nil {
		return acc.Status
	}
	return ""
}

func (d *Simulated) knows(a nasdesk.Action) bool {
	return (a.Account == "" || d.world.Account(a.Account) != nil) && (a.Mailbox == "" || d.world.Mailbox(a.Mailbox) != nil)
}

// person returns the account at the proposed address, or at one with a number
// behind the name, that has the mobile of the action. It may be nil.
func (d *Simulated) person(a nasdesk.Action) *nasdesk.Account {
	for n := 1; ; n++ {
		acc := d.world.Account(numbered(a.Account, n))
		if acc == nil || a.Mobile != "" && acc.Mobile == a.Mobile && acc.Status != nasdesk.Deleted {
			return acc
		}
	}
}

func numbered(a nasdesk.Address, n int) nasdesk.Address {
	if n == 1 {
		return a
	}
	return nasdesk.Address(a.Local() + strconv.Itoa(n) + "@" + a.Domain())
}

// adopt takes what an action names to be there, where the directory began with no
// world.
func (d *Simulated) adopt(a nasdesk.Action) {
	if d.World != nil {
		return
	}
	if a.Account != "" && a.Name != nasdesk.CreateAccount && a.Name != nasdesk.RenameMailbox && d.world.Account(a.Account) == nil {
		d.world.Accounts = append(d.world.Accounts, nasdesk.Account{Address: a.Account, Name: a.Person, Mobile: a.Mobile})
	}
	if a.Mailbox != "" && d.world.Mailbox(a.Mailbox) == nil {
		d.world.Mailboxes = append(d.world.Mailboxes, nasdesk.Mailbox{Address: a.Mailbox, Status: nasdesk.Active})
	}
}

// refuses says why an action cannot be done, or "".
func (d *Simulated) refuses(a nasdesk.Action) string {
	switch a.Name {
	case nasdesk.CreateAccount:
		if !a.Account.NHS() {
			return "no nhs.net address is proposed"
		}
		return ""
	case nasdesk.RenameMailbox:
		a.Account = "" // the new address, which is not there yet
	}
	if !d.knows(a) {
		return fmt.Sprintf("%s: the account or the mailbox is not in the directory", a.Name)
	}
	return ""
}

// act does an action and remembers it under its key.
func (d *Simulated) act(a nasdesk.Action) nasdesk.WorkReport {
	now := d.Now()
	e := effect{account: a.Account, done: now}
	if a.Name == nasdesk.CreateAccount {
		e.done = now.Add(d.delay(a.Key))
		a.Account = d.free(a)
		e.account = a.Account
	}
	a.On = "" // its day has come, else it would not be due
	d.world = d.world.With(nasdesk.DateOf(now), nasdesk.Pending, a)
	d.begun[a.Key] = e
	return d.progress(e)
}

// free returns the address that a new account gets: that of a pending account of
// the same person, which a restart made us forget, or the first that nobody has.
func (d *Simulated) free(a nasdesk.Action) nasdesk.Address {
	if acc := d.person(a); acc != nil {
		return acc.Address
	}
	for n := 1; ; n++ {
		if at := numbered(a.Account, n); d.world.Account(at) == nil {
			return at
		}
	}
}

// delay is a duration from Min to Max, made from the key.
func (d *Simulated) delay(key string) time.Duration {
	if d.Max <= d.Min {
		return d.Min
	}
	sum := sha256.Sum256([]byte(key))
	return d.Min + time.Duration(binary.BigEndian.Uint64(sum[:8])%uint64(d.Max-d.Min+1))
}
