package main

import (
	"context"

	"nasdesk"
	"nasdesk/console"
	"nasdesk/inbox"
	"nasdesk/outbox"
	"nasdesk/parser"
	"nasdesk/workflows"
)

// office wires the console to the line: what staff do goes the way of everything
// else that happens.
func (s *service) office(c *config) *console.Office {
	o := &console.Office{Store: s.store, Desk: deskOf{s.line.Desk}, Hours: s.line.Desk.ServiceTime, Now: s.line.Clock, Log: s.log, Undo: c.Console.Undo,
		Preview: s.preview, Do: s.carryOut, Work: s.worked, SignIn: c.signIn()}
	o.Read = func(raw []byte) (*nasdesk.Message, nasdesk.Proof) {
		m := s.line.Read(raw, s.line.Options)
		return m, s.line.Profile.Prove(m)
	}
	o.Unpack = func(raw []byte) nasdesk.Contents {
		_, contents := parser.Unpack(raw, s.line.Options)
		return contents
	}
	return o
}

func (s *service) now() nasdesk.Timestamp { return nasdesk.TimestampOf(s.line.Clock()) }

// preview says what would follow from an act of staff.
func (s *service) preview(ctx context.Context, ev nasdesk.StaffEvent) (nasdesk.Decision, error) {
	if ev.Act != nasdesk.ActRelease {
		return s.line.Preview(ctx, nasdesk.Event{Key: "click/0", At: s.now(), Staff: &ev}, s.store.Pull)
	}
	raw, at, err := s.kept(ctx, ev.Message)
	if err != nil {
		return nasdesk.Decision{}, err
	}
	second := ev.Second
	if second == "" {
		second = "a second person"
	}
	d, err := s.line.PreviewRelease(ctx, raw, at, ev.By, second, s.store.Pull)
	if ev.Second == "" && err == nil {
		d.Hindered = nasdesk.SecondPerson
	}
	return d, err
}

func (s *service) kept(ctx context.Context, id int64) ([]byte, inbox.Location, error) {
	raw, err := s.store.Raw(ctx, id)
	if err != nil {
		return nil, inbox.Location{}, err
	}
	at, err := s.store.LocationOf(ctx, id)
	return raw, inbox.Location{Folder: at.Folder, UIDValidity: at.UIDValidity, UID: at.UID}, err
}

// carryOut does an act of staff whose time has come.
func (s *service) carryOut(ctx context.Context, row nasdesk.OutClick) (nasdesk.Decision, error) {
	act := &row.Act
	if act.Act != nasdesk.ActRelease {
		return s.line.Act(ctx, nasdesk.Event{Key: row.Key(), At: s.now(), Staff: act})
	}
	raw, at, err := s.kept(ctx, act.Message)
	if err != nil {
		return nasdesk.Decision{}, err
	}
	return s.line.Release(ctx, raw, at, act.Message, act.By, act.Second)
}

// worked reports what came of account work that people do.
func (s *service) worked(ctx context.Context, work int64, by string, r nasdesk.WorkReport) error {
	row, err := s.store.Work(ctx, work)
	if err != nil {
		return err
	}
	key := outbox.WorkKey(row.Action.Key, r.State)
	if r.State == nasdesk.WorkPending {
		key += ":" + string(r.Account) // it was begun already; what is new is the address
	}
	return s.line.Event(ctx, nasdesk.Event{Key: key, At: s.now(),
		Work: &nasdesk.WorkEvent{Request: row.Request, Action: row.Action.Key, State: r.State, Account: r.Account, Detail: r.Detail, By: by}})
}

// A deskOf is the workflows as the console sees them.
type deskOf struct{ workflows.Desk }

// Acts implements console.Desk.
func (deskOf) Acts(r *nasdesk.Request, c *nasdesk.Case) []nasdesk.StaffAct {
	return workflows.Acts(r, c)
}

// Rules implements console.Desk.
func (deskOf) Rules() []nasdesk.Rule { return workflows.Rules }

// Refusals implements console.Desk.
func (deskOf) Refusals(kind string) []nasdesk.Rule { return workflows.RefusalRules(kind) }

// Why implements console.Desk.
func (deskOf) Why(r *nasdesk.Request) nasdesk.Rule { return workflows.Why(r) }

// Question implements console.Desk.
func (d deskOf) Question(r *nasdesk.Request, c *nasdesk.Case) string { return d.ProposeQuestion(r, c) }

// Kind implements console.Desk.
func (deskOf) Kind(name string) *nasdesk.Kind { return workflows.KindNamed(name) }

// Kinds implements console.Desk.
func (deskOf) Kinds() []*nasdesk.Kind { return workflows.Kinds }

func (c *config) signIn() console.SignIn {
	n := &c.Console
	s := console.SignIn{URL: n.base(), Local: n.Local, LockAfter: n.LockAfter, LockFor: n.LockFor, Idle: n.Idle}
	s.Proxies, _ = n.proxies() // consoleFaults has looked at them
	if n.OIDC.Issuer != "" {
		s.OIDC = &console.OIDC{Issuer: n.OIDC.Issuer, ClientID: n.OIDC.ClientID, Claim: n.OIDC.Claim, Groups: n.OIDC.Roles,
			Secret: func() (string, error) { return c.secret(n.OIDC.SecretFile) }}
	}
	return s
}
