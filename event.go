package nasdesk

// An Event is one thing that happened. Exactly one of its parts is set.
type Event struct {
	Key   string    // makes it happen once
	At    Timestamp // when it happened, as it is decided
	Mail  *MailEvent
	Work  *WorkEvent
	Due   *DueEvent
	Staff *StaffEvent
}

// A MailEvent is a message that was taken, proved and understood.
type MailEvent struct {
	Message *Message
	Proof   Proof
	Heard   Heard
}

// A WorkEvent is what the directory reports of an action.
type WorkEvent struct {
	Request int64
	Action  string // its key
	State   WorkState
	Account Address // of a new account: the address it was given
	Detail  string  // for staff
	People  bool    // it has become an order for people
	By      string  // who of staff did it, by sign-in name; "" for the directory
	Trace   string  // what the directory's own log knows it by
}

// A WorkState is how an action stands in the directory.
type WorkState string

const (
	WorkPending WorkState = "pending" // begun: a new account that is not yet active
	WorkDone    WorkState = "done"
	WorkFailed  WorkState = "failed" // for good; the request goes to staff
)

// A DueEvent is a day or an hour that has come.
type DueEvent struct {
	Request int64
	What    DueWhat
	Mailbox Address // of DueWarn: whose deadlines
}

// A DueWhat says what is due.
type DueWhat string

const (
	DueRemind    DueWhat = "remind"    // a question was not answered
	DueLapse     DueWhat = "lapse"     // it was not answered after the reminder either
	DueEffective DueWhat = "effective" // the day that an accepted request waits for
	DueWarn      DueWhat = "warn"      // deadlines of which a mailbox is to be warned
)

// A Due is a date on which something happens.
type Due struct {
	Key     string
	Request int // index in Decision.Requests
	What    DueWhat
	At      Timestamp
}
