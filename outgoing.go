package nasdesk

import "strconv"

// What the store hands to the outbox: rows that are due, claimed under a lease.
// Attempt counts the claims of a row, from 1; it is the fence: what a worker
// reports of a row counts only while Attempt is still the row's own, so that
// a worker whose lease ran out cannot speak for the one that took over.

// An OutMail is a mail to send now.
type OutMail struct {
	ID         int64
	Key        string // of Mail.Key: the Message-ID and the MIME boundary are made from it
	Attempt    int
	DueAt      Timestamp // when it first fell due, kept through retries: the Date of the mail, so that a resend is the same bytes
	To         Address
	About      About
	Requests   []int64 // ids
	Subject    string
	InReplyTo  string   // Message-ID, with or without angle brackets; may be ""
	References []string // Message-IDs, oldest first
	Text       string
	HTML       string
}

// An OutWork is a piece of account work to do, or to look at again, now.
type OutWork struct {
	ID      int64
	Key     string // of Action.Key
	Attempt int
	DueAt   Timestamp // when it first fell due, kept through retries
	Request int64
	Action  Action
	State   WorkState // "" when never begun, else WorkPending
}

// An OutDate is a date that has come.
type OutDate struct {
	ID      int64
	Key     string // of Due.Key
	Attempt int
	Request int64
	What    DueWhat
	At      Timestamp // when it was due
}

// A WorkReport is what the directory says of an action: how it stands now.
type WorkReport struct {
	State   WorkState // "" from a look: never begun
	Account Address   // the account that was made or changed; of a new account the address it was given
	Detail  string    // for staff; no personal data beyond the account
	Trace   string    // what the directory's own log knows the work by, for the journal; no personal data
	Again   Timestamp // of pending work: when to look again
	People  bool      // it is an order for people, on the worklist
}

// An OutClick is an act of staff whose time has come.
type OutClick struct {
	ID      int64
	Attempt int
	Act     StaffEvent
}

// Key is that of the act's event.
func (c OutClick) Key() string { return "click/" + strconv.FormatInt(c.ID, 10) }
