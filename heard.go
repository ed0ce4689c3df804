package nasdesk

// Heard is what was understood of a message in the light of its case. It says
// what is written, never what follows: that is Step's.
type Heard struct {
	// Readings are the requests that the message makes, in the order of the
	// text, read as if it were the first of its thread.
	Readings []Reading
	// Word is what a short answer says; it settles or withdraws.
	Word Word
	// WordSpan is where the word stood.
	WordSpan Span
	// Of are the names, addresses or references that a word is about: "YES for
	// Tom only". Empty: all.
	Of []string
	// Not are those to whom the same answer says no: "yes to Tom, no to Sarah".
	Not []string
	// Values are field values read for the open requests of the thread, one
	// Reading a person (Kind ""): what we asked for, be it bare, labelled, in
	// prose or typed into our form inside the quote. Their answers count as
	// labelled when they answer what was asked.
	Values []Reading
	// AsksStatus: it asks how a request stands, and names it only by its thread.
	AsksStatus bool
	// Foreign: a letter of another alphabet stands inside a Latin name, address
	// or code (contract, rule 3: conflict).
	Foreign bool
}

// A Word is what an answer says in a word.
type Word string

const (
	SaysNothing  Word = ""
	SaysYes      Word = "yes"      // YES, correct, go ahead, approved, we agree
	SaysNo       Word = "no"       // NO, declined, we do not agree
	SaysWithdraw Word = "withdraw" // cancel, ignore my last email, do not set it up
)

// A Reading is one request as it was read.
type Reading struct {
	Kind    string
	Answers []Answer
	Prose   bool // the request, or a field of it that is not a role, stood in prose
	// Effective is the day from which it is asked for, "" for at once.
	Effective Date
	// Mailbox is the shared mailbox that the text names as its subject, "" if none.
	Mailbox Address
	// Asked is the clause that asks for it.
	Asked Span
}
