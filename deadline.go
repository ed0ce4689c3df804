package nasdesk

// A Deadline is a long date: after it something can no longer be done, or it
// happens by itself. Those whom it concerns are warned of it in steps.
type Deadline struct {
	Key     string // the cause, the account or the request, since when, and who is told
	Cause   Cause
	Account Address // "" where it is a request's
	Mailbox Address // who is told; "" for nobody
	Request int64   // by id; 0 where it is an account's
	Since   Date    // the day on which the cause began
	Ends    Date    // the last day on which it can still be done
	Last    Date    // the last working day at or before Ends
	Step    int     // the next warning, in days before Ends; 0 for its end
	At      Timestamp
	State   DeadlineState
}

// A Cause is why there is a deadline.
type Cause string

const (
	CausePending  Cause = "pending"  // an account is made within 24 hours
	CauseInactive Cause = "inactive" // it is removed after 30 days
	CauseDisabled Cause = "disabled" // it can be enabled for 18 months
	CauseLeaver   Cause = "leaver"   // it can be joined for 30 days
	CauseDeleted  Cause = "deleted"  // it can be restored for 30 days
	CausePassword Cause = "password" // of an application account: once a year
	CauseApproval Cause = "approval" // a regional team was asked
	CauseConsent  Cause = "consent"  // another pharmacy's mailbox was asked
)

// CauseOf is the cause that an account in a status has, "" for none: each is
// called as the status is.
func CauseOf(s Status) Cause {
	if s == Active || s == Closed {
		return ""
	}
	return Cause(s)
}

// A DeadlineState is how a deadline stands.
type DeadlineState string

const (
	DeadlineReady     DeadlineState = "ready"     // to be looked at again at At
	DeadlineDone      DeadlineState = "done"      // its day has passed
	DeadlineCancelled DeadlineState = "cancelled" // its cause ended before
)

// A Dating is a deadline to be written as it stands: a new one, or one that has
// moved on or ended.
type Dating struct {
	Request int // index in Decision.Requests; -1 where it is not one of theirs
	Deadline
}

// A Watched is an account that has changed since its deadlines were last
// reckoned.
type Watched struct {
	Account
	Mailboxes []Address // to which it is linked, those that are closed aside
}

// An OutDeadline is a deadline at which it is time to look.
type OutDeadline struct {
	ID      int64
	Attempt int // the fence, as in OutDate
	Mailbox Address
	At      Timestamp
}
