package store

import "nasdesk"

// What staff see. Every view costs about the same with a thousand requests in
// the store as with a hundred thousand: lists are pages, counts stop at
// [CountMost], figures are folded day by day.

// A Queue is one of the lists that staff work through.
type Queue string

const (
	QueueExceptions  Queue = "exceptions"  // referred, not snoozed
	QueueQuarantined Queue = "quarantined" // messages whose sender is not proved: rows without a request
	QueueOthers      Queue = "others"      // another party is awaited: a region, another mailbox
	QueuePharmacy    Queue = "pharmacy"    // the pharmacy is awaited
	QueueWork        Queue = "work"        // account work that people do
	QueueDates       Queue = "dates"       // dates ahead, the nearest first
	QueueBounced     Queue = "bounced"     // a mail of ours came back
	QueueSnoozed     Queue = "snoozed"
	QueueSecond      Queue = "second" // a colleague's act waits for a second person
	QueueAll         Queue = "all"    // every request, the newest first
)

// Queues lists them in the order in which they are shown.
var Queues = []Queue{QueueExceptions, QueueQuarantined, QueueSecond, QueueBounced, QueueWork, QueueOthers, QueuePharmacy, QueueDates, QueueSnoozed, QueueAll}

// A Filter says which rows of a queue are wanted. The zero values ask for all.
type Filter struct {
	Queue    Queue
	Kind     string
	Reason   nasdesk.Reason
	Mailbox  nasdesk.Address
	Assignee string            // sign-in name; "-" for those of nobody
	Before   nasdesk.Timestamp // waiting since before then
	// Text is what is looked for: a reference, an address, an ODS code, a name (whole
	// words), or at least three last digits of a mobile. All its words must fit.
	Text  string
	Sort  Sort
	After string       // Rows.Next of the page before; "" for the first
	Limit int          // rows a page; 0 is 50
	Today nasdesk.Date // what snoozed and dates ahead are reckoned from
}

// A Sort is an order of rows.
type Sort string

const (
	SortOldest  Sort = "" // waiting longest first: the default
	SortNewest  Sort = "newest"
	SortKind    Sort = "kind"
	SortMailbox Sort = "mailbox"
)

// A Row is a line of a queue.
type Row struct {
	Request   int64 // 0 for a quarantined message
	Message   int64 // the kept message of a quarantined row
	Reference string
	Kind      string
	State     nasdesk.State
	Outcome   nasdesk.Outcome
	Reasons   []nasdesk.Reason
	Party     nasdesk.Address // who asked; of a quarantined message its From
	Mailbox   nasdesk.Address
	Name      string // of the mailbox's organisation; "" if it is not registered
	Subject   string
	Assignee  string
	Since     nasdesk.Timestamp // waiting since
	At        nasdesk.Timestamp // of a date ahead: when; of a snoozed request: when it is back
	What      string            // of a date ahead or of work: what
	Click     int64             // an act of staff on it that waits; 0 for none
	Work      int64             // of a row of account work: its id
	Account   nasdesk.Address   // of a long date of an account; there Request may be 0
	Last      nasdesk.Date      // of a long date: the last working day at or before it

	date int64 // of a date ahead: its place among those of a day
}

// Rows is one page of a queue.
type Rows struct {
	Rows []Row
	Next string // cursor of the next page; "" at the end
}

// CountMost is where counting a queue stops: more are shown as "1000+".
const CountMost = 1000

// A Letter is one mail of a request's conversation, theirs or ours.
type Letter struct {
	Ours      bool
	At        nasdesk.Timestamp
	From, To  nasdesk.Address
	Subject   string
	Message   int64 // theirs: the kept message, whose bytes Raw gives
	MessageID string
	Mail      int64         // ours: the row
	About     nasdesk.About // ours
	Text      string        // ours
	State     string        // ours: ready, running, sent, unconfirmed, failed or cancelled
	Code      string        // ours: the server's last answer where it failed
	// Sender is who it was decided to be from, theirs: proved then, or released by
	// two of staff. Its Address is "" where that was not kept.
	Sender nasdesk.ResultSender
}

// A JournalLine is one line of the journal.
type JournalLine struct {
	ID      int64
	At      nasdesk.Timestamp
	Event   string
	Request int64
	What    string
	Detail  string
	Reason  string // of a register edit, in the history of what was changed: as staff gave it
}

// A StaffNote is what a colleague wrote on a request.
type StaffNote struct {
	At   nasdesk.Timestamp
	By   string
	Text string
}

// A WorkRow is a piece of account work as it stands.
type WorkRow struct {
	ID      int64
	Request int64
	Action  nasdesk.Action
	State   string // ready, running, pending, done, failed, cancelled
	At      nasdesk.Timestamp
	EndedAt nasdesk.Timestamp
	Account nasdesk.Address // that came of it
	Detail  string
}

// A Dossier is all that is known of a request.
type Dossier struct {
	Request nasdesk.Request
	Case    *nasdesk.Case // with its mailbox, parties and whatever its answers name
	Letters []Letter      // the conversation, oldest first
	Journal []JournalLine // oldest first; of who looked at it the last ones
	Notes   []StaffNote
	Work    []WorkRow
	Dates   []nasdesk.OutDate
	Clicks  []Click
	Similar []Row // other requests of the mailbox or about the same people, newest first, at most 20
}

// A ClickState is how an act of staff stands.
type ClickState string

const (
	ClickProposed ClickState = "proposed" // waits for a second person
	ClickReady    ClickState = "ready"    // is done at its time; until then it can be undone
	ClickRunning  ClickState = "running"
	ClickDone     ClickState = "done"
	ClickUndone   ClickState = "undone"
	ClickHindered ClickState = "hindered" // Why says what stood in its way
)

// A Click is an act of staff that waits, or waited: so that it can be undone, or
// for a second person.
type Click struct {
	ID      int64
	Act     nasdesk.StaffEvent
	State   ClickState
	MadeAt  nasdesk.Timestamp
	At      nasdesk.Timestamp // when it is done
	Why     nasdesk.Hindrance
	Attempt int // the fence, as in nasdesk.OutDate
}

// A StaffRole says what a member of staff may do.
type StaffRole string

const (
	Agent   StaffRole = "agent"   // works the queues
	Lead    StaffRole = "lead"    // the register, staff, and second agreement too
	Auditor StaffRole = "auditor" // reads everything, changes nothing
)

// A Staff is a member of staff.
type Staff struct {
	Name        string // sign-in name, in lower case
	Display     string
	Role        StaffRole
	Hash        string // argon2id, in PHC form; "" for one who signs in by OpenID Connect
	Failed      int    // wrong passwords in a row
	LockedUntil nasdesk.Timestamp
	Disabled    bool
	SignedInAt  nasdesk.Timestamp
}

// A Session is a signed-in browser. Of its token only the SHA-256 is kept.
type Session struct {
	Token   string // SHA-256 of the cookie's value, in hex
	Staff   string
	Role    StaffRole
	Display string
	MadeAt  nasdesk.Timestamp
	SeenAt  nasdesk.Timestamp
	EndsAt  nasdesk.Timestamp
}

// A MailboxRow is a line of the register, with what ails it.
type MailboxRow struct {
	nasdesk.Mailbox
	Owners, Accounts, Limit int
	Ails                    []Ailment
}

// An Ailment is what is not as the guidance recommends.
type Ailment string

const (
	NoOwner     Ailment = "no owner"
	OneUser     Ailment = "one user only" // or none: fewer than two active accounts
	WrongFormat Ailment = "wrong address format"
	DSPTLapsed  Ailment = "DSPT lapsed"
	DatesDue    Ailment = "dates coming due"
	Full        Ailment = "full"
)

// Ailments lists them in the order in which they are shown.
var Ailments = []Ailment{NoOwner, OneUser, WrongFormat, DSPTLapsed, DatesDue, Full}

// A MailboxPage is all that the register knows of one mailbox.
type MailboxPage struct {
	MailboxRow
	Case     *nasdesk.Case // the mailbox, its accounts and theirs
	Requests []Row         // newest first, at most 50
	Journal  []JournalLine // newest first, at most 100
}

// An AccountPage is all that the register knows of one account.
type AccountPage struct {
	nasdesk.Account
	Case     *nasdesk.Case
	Dates    []nasdesk.Deadline // ahead of it, the nearest first: one for each mailbox that is told
	Requests []Row
	Journal  []JournalLine
}

// Figures are what the desk did from one day to another, both included.
type Figures struct {
	From, To nasdesk.Date
	Days     []DayFigures
	Outcomes []Tally    // by kind and outcome
	Reasons  []Tally    // by kind and reason
	Asked    []Tally    // by kind and field: questions asked back
	First    []Duration // time to first answer, by kind
	Complete []Duration // time to completion, by kind
}

// DayFigures are the counts of one day.
type DayFigures struct {
	Day      nasdesk.Date
	Messages int
	Requests int
	Straight int // requests decided without staff
	Staff    int // referred to staff
}

// A Tally is a count by two words.
type Tally struct {
	Kind, Word string
	N          int
}

// A Duration is how long requests of a kind took, in minutes of service hours
// folded into steps, each twice the one before.
type Duration struct {
	Kind string
	N    int
	// Steps[i] counts those that took less than 2^i minutes and not less than
	// 2^(i-1); the first step holds those under a minute.
	Steps []int
}
