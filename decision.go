package nasdesk

// A Verdict is what the rules say of a request.
type Verdict struct {
	Outcome Outcome // accepted, refused, awaiting, exception or needs-info
	Reasons []Reason
	Rule    Rule     // speaks for a verdict that is not a plain yes
	Actions []Action // of an acceptance
	Seek    Address  // the other party, where it waits
	Kind    string   // where it was judged as another kind
	Say     []Block  // what the reply says beyond the rule
	Notes   []Block  // told to the asker whatever the rest says: advice, what to check
	Tests   []Address
	Tell    []Address // other mailboxes that get the confirmation too
	Report  string    // for staff, never mailed: what was found in the register
	Need    Keys      // facts that judging lacks; asked again with them
}

// A Rule is a published sentence that we act on.
type Rule struct {
	ID     string // "reinstate/thirty-days"
	Says   string // the sentence, in words a pharmacist reads
	Source string // where it is published, a URL or a title
	Dated  Date   // as of when
}

// A Decision is everything that follows from one Event. It is committed whole
// or not at all.
type Decision struct {
	Event    Event
	Sender   ResultSender
	Results  []ResultRequest
	Requests []Request // new (ID 0) and changed
	Change   Change    // of the register
	Mails    []Mail
	Actions  []Work
	Dates    []Due
	Datings  []Dating
	Journal  []Entry
	Folder   Folder    // where the message goes
	Notes    []Note    // of staff
	Hindered Hindrance // of a staff event: why nothing was done; "" where it was
	Need     Keys      // not decided yet: these facts are lacking
}

// A Folder says what becomes of the message in the inbox.
type Folder string

const (
	FolderProcessed   Folder = "processed"
	FolderExceptions  Folder = "exceptions"
	FolderIgnored     Folder = "ignored"
	FolderQuarantined Folder = "quarantined"
)

// A Mail is one message to send: a row. Key makes it happen once.
type Mail struct {
	Key        string
	To         Address
	About      About
	Requests   []int // indexes in Decision.Requests
	Subject    string
	InReplyTo  string
	References []string
	Text       string
	HTML       string
	At         Timestamp // not before
	After      []string  // keys of actions that must be done first
}

// A Work is an action that the directory has to do, for a request.
type Work struct {
	Request int // index in Decision.Requests
	Action  Action
}

// An Entry is a line of the journal. Personal data stands in it only as a
// salted digest, which the store makes of Subject.
type Entry struct {
	What    string // "request-accepted", "mail-planned", "sender-proved" …
	Request int    // index in Decision.Requests; -1 for none
	Subject string // whom it concerns; stored as a digest
	Detail  string // reasons, kinds and rules: no personal data
}
