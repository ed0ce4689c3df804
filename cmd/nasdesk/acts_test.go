package main

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"nasdesk"
	"nasdesk/inbox"
)

// What staff do in a conversation. A section NN.act is a staff event in JSON,
// with "of" and "n" for the step and the number of the request that it is about,
// and "into" for the step of the request that it is merged with:
//
//	{"of": "1", "n": 1, "act": "refuse", "rule": "register/details-differ", "text": "…"}
//
// By is ann where nothing is said; of "second" nobody. A section NN.release lets
// the quarantined message of a step go on: {"of": "1", "second": "ben"}.
type actSection struct {
	nasdesk.StaffEvent
	Of   string
	N    int
	Into string
}

// A taken is a message that was taken down the line.
type taken struct {
	raw []byte
	at  inbox.Location
}

func readAct(t *testing.T, name, data string) actSection {
	t.Helper()
	a := actSection{N: 1}
	a.By = "ann"
	d := json.NewDecoder(strings.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return a
}

// act does what staff did to a request as it stands.
func (p *play) act(t *testing.T, name, data string) {
	a := readAct(t, name, data)
	e := a.StaffEvent
	if a.Of != "" {
		r := p.requestOf(t, a.Of, a.N)
		e.Request = r.ID
		if e.Seen == 0 {
			e.Seen = r.Version
		}
	}
	if a.Into != "" {
		e.Other = p.requestOf(t, a.Into, 1).ID
	}
	if e.Edit != nil && e.Edit.Account != nil && e.Edit.Account.Version == 0 {
		e.Edit.Account.Version = p.versionOf(t, e.Edit.Account.Address)
	}
	p.clicks++
	d, err := p.replay.line.Act(t.Context(), nasdesk.Event{Key: "click/" + strconv.Itoa(p.clicks), At: nasdesk.TimestampOf(p.now), Staff: &e})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	p.result, p.hinders = resultOf(name, d), d.Hindered
}

func (p *play) requestOf(t *testing.T, step string, n int) nasdesk.Request {
	t.Helper()
	refs := p.refs[twoDigits(step)]
	if n < 1 || n > len(refs) {
		t.Fatalf("step %s has no request %d", step, n)
	}
	c, err := p.replay.store.Pull(t.Context(), nasdesk.Keys{References: []string{refs[n-1]}})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(c.Requests, func(r nasdesk.Request) bool { return r.Reference == refs[n-1] })
	if i < 0 {
		t.Fatalf("request %d of step %s is not kept", n, step)
	}
	return c.Requests[i]
}

// versionOf is the version of an account, 0 for a new one.
func (p *play) versionOf(t *testing.T, address nasdesk.Address) int64 {
	t.Helper()
	c, err := p.replay.store.Pull(t.Context(), nasdesk.Keys{Addresses: []nasdesk.Address{address}})
	if err != nil {
		t.Fatal(err)
	}
	if a := c.Account(address); a != nil {
		return a.Version
	}
	return 0
}

func twoDigits(step string) string {
	if len(step) == 1 {
		return "0" + step
	}
	return step
}

// release lets a quarantined message go on, on the word of two people.
func (p *play) release(t *testing.T, name, data string) {
	a := readAct(t, name, data)
	m, ok := p.taken[twoDigits(a.Of)]
	if !ok {
		t.Fatalf("%s: step %s has no message", name, a.Of)
	}
	kept, err := p.replay.line.Memory.Keep(t.Context(), m.raw, m.at, nasdesk.TimestampOf(p.now))
	if err != nil {
		t.Fatal(err)
	}
	d, err := p.replay.line.Release(t.Context(), m.raw, m.at, kept.ID, a.By, a.Second)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	p.result, p.hinders = resultOf(name, d), ""
}

// What people report of an order on the worklist. A section NN.work is JSON: "of"
// and "n" as in an act, the action's name, the state that it came to, the address
// that was given, and what they say of it:
//
//	{"of": "1", "action": "create-account", "state": "pending", "account": "ada.lane2@nhs.net"}
type workSection struct {
	Of      string
	N       int
	Action  nasdesk.ActionName
	State   nasdesk.WorkState
	Account nasdesk.Address
	Detail  string
}

// work puts on the list what waits, and reports what came of one order.
func (p *play) work(t *testing.T, name, data string) {
	t.Helper()
	w := workSection{N: 1}
	d := json.NewDecoder(strings.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&w); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if _, err := p.works.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := p.requestOf(t, w.Of, w.N)
	i := slices.IndexFunc(r.Actions, func(a nasdesk.Action) bool { return a.Name == w.Action })
	if i < 0 {
		t.Fatalf("%s: the request has no action %q", name, w.Action)
	}
	p.made = nil
	p.clicks++
	ev := nasdesk.Event{Key: "order/" + strconv.Itoa(p.clicks), At: nasdesk.TimestampOf(p.now),
		Work: &nasdesk.WorkEvent{Request: r.ID, Action: r.Actions[i].Key, State: w.State, Account: w.Account, Detail: w.Detail, By: "ann", People: true}}
	if err := p.replay.line.Event(t.Context(), ev); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	p.result = nasdesk.Result{File: name}
	for _, d := range p.made {
		p.result.Notices = append(p.result.Notices, resultOf(name, d).Notices...)
	}
}
