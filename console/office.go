// Package console is the room for NAS staff: web pages on which they see what
// the rules left to people, why, and act on it. It reads the store; whatever
// staff do leaves it as an event, and goes through the same Step and journal as
// everything else.
//
// The pages are plain HTML made by the server. They work without JavaScript, and
// without their style sheet; where both are there they look as the NHS design
// system wants, and follow what happens by server-sent events.
package console

import (
	"context"
	"log/slog"
	"time"

	"nasdesk"
	"nasdesk/store"
)

// An Office is what the console needs of the program around it. All fields are
// needed unless they say otherwise.
type Office struct {
	Store *store.Store
	// Preview says what would follow from an act, and does nothing.
	Preview func(context.Context, nasdesk.StaffEvent) (nasdesk.Decision, error)
	// Do commits what follows from an act whose time has come, once under its key.
	Do func(context.Context, nasdesk.OutClick) (nasdesk.Decision, error)
	// Work reports what came of a piece of account work that people do.
	Work func(ctx context.Context, work int64, by string, r nasdesk.WorkReport) error
	// Read reads a kept message and proves its sender, as the line does.
	Read func(raw []byte) (*nasdesk.Message, nasdesk.Proof)
	// Unpack gives what a kept message holds beside its text, for people to look at.
	Unpack func(raw []byte) nasdesk.Contents
	// Desk answers questions about requests that only the workflows know.
	Desk Desk
	// Hours is the service time between two instants.
	Hours  func(from, to nasdesk.Timestamp) time.Duration
	Now    func() time.Time
	Log    *slog.Logger
	SignIn SignIn
	Undo   time.Duration // how long an act waits in which it can be undone
	// Try lets visitors write mails of their own; nil but in the demo.
	Try *Try
}

// A Desk is what the workflows know of a request.
type Desk interface {
	// Acts are those that can be done to it as it stands.
	Acts(r *nasdesk.Request, c *nasdesk.Case) []nasdesk.StaffAct
	// Rules are all published rules that we act on.
	Rules() []nasdesk.Rule
	// Refusals are the rules by which a request of that kind can be refused.
	Refusals(kind string) []nasdesk.Rule
	// Why is the rule that applies to it as it stands.
	Why(r *nasdesk.Request) nasdesk.Rule
	// Question is the wording proposed for asking the pharmacy.
	Question(r *nasdesk.Request, c *nasdesk.Case) string
	// Kind returns the kind of that name, or nil.
	Kind(name string) *nasdesk.Kind
	// Kinds are all of them.
	Kinds() []*nasdesk.Kind
}

// A Try is the demo's post office.
type Try struct {
	// Senders are the addresses as which a visitor may write.
	Senders []nasdesk.Address
	// Send delivers a mail as its author would; the answers come back in Answers.
	Send func(ctx context.Context, m TryMail) error
	// Answers are the mails that came for somebody, oldest first.
	Answers func(ctx context.Context, to nasdesk.Address) ([]Answer, error)
	// Examples are mails ready to be sent.
	Examples []Example
}

// A TryMail is a mail that a visitor writes.
type TryMail struct {
	From          nasdesk.Address
	Subject, Text string
	InReplyTo     string // Message-ID of the answer that it replies to; "" for none
	Forged        bool   // it comes from outside, where nobody vouches for its sender
}

// An Answer is a mail that the demo's post office holds for a visitor.
type Answer struct {
	MessageID, InReplyTo, Subject, Text string
	At                                  time.Time
}

// An Example is a mail ready to be sent.
type Example struct {
	Name, Says    string // what it shows
	From          nasdesk.Address
	Subject, Text string
	Forged        bool
}
