package nasdesk

// A Request is what we keep of one request, from the first mail to its end.
type Request struct {
	Reference string  // NAS- and eight characters; looked up together with a party
	N         int     // the n-th request of its message, from 1
	Kind      string  // as judged and printed
	Asked     string  // the kind as it was asked for, where it was judged as another
	Party     Address // who asked
	Mailbox   Address // the shared mailbox on whose behalf; "" if it cannot be told
	Subject   string  // of the message that made it; our replies go on with it
	Message   string  // Message-ID of the message that made it
	State     State
	Outcome   Outcome
	Reasons   []Reason
	Answers   []Answer
	Prose     bool // something that is not a role stood in prose and is not confirmed
	Effective Date
	Seeks     Reason    // regional-approval or mailbox-consent, while it waits for another party
	From      Address   // the party it waits for; Party while it is asked back
	Actions   []Action  // granted
	Thread    []string  // Message-IDs of its thread: theirs and ours
	MadeAt    Timestamp // when its message was taken
	DecidedAt Timestamp // when it last got an outcome
	AsksAt    Timestamp // when the pharmacy was last asked
	Reminded  bool
	Granted   []Reason  // seeks that another party has settled
	Event     string    // key of the message that made it
	Rule      string    // id of the rule that spoke last; "" for a plain yes
	Assignee  string    // of staff, by sign-in name; "" for everybody
	Snoozed   Date      // out of the queue until that day; "" in it
	Bounced   Timestamp // when a mail of ours about it last came back; 0 for never, or seen to
	ID        int64     // ours; 0 before it is kept
	Version   int64
}

// A Timestamp is an instant in microseconds since 1970, UTC.
type Timestamp int64

// A State is where a request stands in its life.
type State string

const (
	StateAsking     State = "asking"     // we asked for what is missing
	StateConfirming State = "confirming" // we read it back
	StateSeeking    State = "seeking"    // another party is asked
	StateReferred   State = "referred"   // staff decide
	StateDated      State = "dated"      // accepted for a day to come
	StateDoing      State = "doing"      // accepted, the work goes on
	StateDone       State = "done"
	StateRefused    State = "refused"
	StateWithdrawn  State = "withdrawn"
	StateLapsed     State = "lapsed"
)

// Open reports whether a party is waited for.
func (s State) Open() bool {
	return s == StateAsking || s == StateConfirming || s == StateSeeking
}

// Ended reports whether nothing more comes of it by itself.
func (s State) Ended() bool {
	return s == StateDone || s == StateRefused || s == StateWithdrawn || s == StateLapsed
}

// Answer returns the value of a field, or "".
func (r *Request) Answer(field string) string {
	if a := AnswerTo(r.Answers, field); a != nil && !a.Ambiguous {
		return a.Value
	}
	return ""
}

// An Action is a piece of account work on one account or mailbox.
type Action struct {
	Key         string // makes it happen once
	Name        ActionName
	Mailbox     Address
	Account     Address // of a new account: the address proposed
	Person      PersonName
	Mobile      Mobile
	Alternative Address
	Role        Role
	Other       string // a Team's name, a new ODS code
	OtherName   string // the new name of an organisation
	On          Date   // the day it waits for; "" for at once
	Done        bool   `json:",omitempty"` // the directory has said so
}
