package nasdesk

// A StaffEvent is what a member of staff did in the console. It goes through
// Step like everything else that happens.
type StaffEvent struct {
	By      string // sign-in name
	Second  string // who agreed, where an act needs two people; "" otherwise
	Act     StaffAct
	Request int64 // 0 for an act on a message or on the register
	Seen    int64 // the version of the request that By looked at: of another one nothing is done
	Message int64 // release, condemn: the kept message

	Field string            // correct: its name in the form; ask: the names of those it is about, "" for those in doubt
	Value string            // correct: as typed; "" takes the answer away
	Also  map[string]string // correct: further fields, set before it is judged; fields are named as in the form, "kind" first
	Rule  string            // refuse: the id of the rule that speaks
	Text  string            // the wording of ask and reply; the reason of any other act, for colleagues
	Close bool              // reply: the request is at its end with it
	Other int64             // merge: the request that this one is part of
	Until Date              // snooze: the day on which it is back in the queue
	To    string            // assign: sign-in name; "" gives it back to everybody
	Edit  *Edit             // register
}

// A StaffAct is one thing that staff can do.
type StaffAct string

const (
	ActCorrect    StaffAct = "correct"       // set a field and judge again
	ActApprove    StaffAct = "approve"       // grant what the rules left to staff
	ActRefuse     StaffAct = "refuse"        // with a published rule
	ActAsk        StaffAct = "ask"           // put a question to the pharmacy
	ActReply      StaffAct = "reply"         // write freely in the thread
	ActMerge      StaffAct = "merge"         // it is part of another request
	ActNoRequest  StaffAct = "not-a-request" // it asks for nothing: closed without a reply
	ActAssign     StaffAct = "assign"
	ActNote       StaffAct = "note"
	ActSnooze     StaffAct = "snooze"
	ActRelease    StaffAct = "release"  // a quarantined message is taken as its From says, this once
	ActCondemn    StaffAct = "condemn"  // a quarantined message stays unanswered for good
	ActRegister   StaffAct = "register" // a row of the register is set right, with a reason
	ActTakeBounce StaffAct = "bounce"   // a bounce of ours was seen to
)

// Quiet reports whether an act sends no mail and does no account work, so that
// it needs no time in which it can be undone.
func (a StaffAct) Quiet() bool {
	switch a {
	case ActAssign, ActNote, ActSnooze, ActNoRequest, ActCondemn, ActTakeBounce, ActMerge:
		return true
	}
	return false
}

// Speaks reports whether the text of an act is for the pharmacy: of any other act
// it is for colleagues.
func (a StaffAct) Speaks() bool {
	return a == ActApprove || a == ActRefuse || a == ActAsk || a == ActReply
}

// An Edit is a change of the register by hand: the rows as they are to be. A row
// whose Version is not the register's was changed meanwhile, and nothing is done.
type Edit struct {
	Mailbox  *Mailbox    `json:",omitempty"`
	Account  *Account    `json:",omitempty"`
	Link     *Membership `json:",omitempty"`
	Unlink   *Membership `json:",omitempty"`
	Approval *Approval   `json:",omitempty"`
}

// A Note is what staff wrote for one another on a request.
type Note struct {
	Request int // index in Decision.Requests
	By      string
	Text    string
}

// A Hindrance is why an act of staff was not done.
type Hindrance string

const (
	ChangedMeanwhile Hindrance = "changed meanwhile: look again"
	SecondPerson     Hindrance = "a second person has to agree"
	NotInThisState   Hindrance = "this cannot be done to a request in its state"
	NotWellFormed    Hindrance = "what was typed cannot be used"
	AgainstRegister  Hindrance = "the register does not allow it: set it right there first"
)
