package nasdesk

import "fmt"

// A Kind is one sort of request, with all that is particular to it. One file in
// package workflows makes each.
type Kind struct {
	Name string // as in the contract
	// Title names the thing asked for in a sentence: "a new account".
	Title string
	// Open declares the form's fields, bound to fresh variables, and returns the
	// judgement on them.
	Open func(*Form) Judge
	// Asks is the published sentence that says what such a request must hold.
	Asks Rule
	// Valid returns what is wrong with fields that are well formed in themselves;
	// nil where nothing can be.
	Valid func(r *Request, c *Case) []Reason
	// Intents are the words that ask for it.
	Intents []Intent
	// Who may ask. Nothing said means nobody.
	Who Who
	// ReadBack: what is read from prose is read back before anything is done
	// (contract, rule 3).
	ReadBack bool
	// Staff: nothing but staff decides, so nothing is asked back.
	Staff bool
}

// A Who is the set of senders who may ask for a kind.
type Who uint8

const (
	BySharedMailbox Who = 1 << iota // a registered shared mailbox
	ByOwner                         // the personal account of an owner
	ByItself                        // the account that the request is about
	ByMidwife                       // the account itself, in midwifery
	ByAnybody                       // anybody who is proved
)

// A Judge says what the rules say of a request whose form is filled.
type Judge func(today Date, r *Request, c *Case) Verdict

// An Intent is one way of asking: a clause that holds a verb and an object of
// it, in either order, asks for the kind. Words are lower case; alternatives
// are separated by "|", a word may end in "*", and a phrase of several words
// must stand together. An empty Objects asks by its verbs alone.
type Intent struct {
	Verbs   string
	Objects string
	Unless  string // words that make it something else
	Weak    bool   // it decides only where nothing stronger is said
}

// FormOf returns the kind's form, empty, with the judgement bound to it.
func (k *Kind) FormOf() (*Form, Judge) {
	f := new(Form)
	j := k.Open(f)
	return f, j
}

// Check panics if a required part is missing: a fault of ours, found at start.
func (k *Kind) Check() {
	if k.Name == "" || k.Title == "" || k.Open == nil || len(k.Intents) == 0 || k.Asks.ID == "" || k.Who == 0 {
		panic(fmt.Sprintf("nasdesk: kind %q lacks a part: name, title, form, the rule on what it must hold, intents and who may ask are required", k.Name))
	}
}
