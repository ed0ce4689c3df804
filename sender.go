package nasdesk

// A Sender is somebody proved to be who the message says. The zero Sender is
// nobody. Only Vouch makes another.
type Sender struct{ address Address }

// Vouch makes a Sender of an address. Its caller answers for the proof: a test
// of the house allows the call in the inbox (proof), in the store (reading
// back what was proved) and in the release of a message by staff.
func Vouch(a Address) Sender { return Sender{a} }

// Address returns the proved address, or "" for nobody.
func (s Sender) Address() Address { return s.address }

// Proved reports whether s is somebody.
func (s Sender) Proved() bool { return s.address != "" }

// A Proof is what was found out about who sent a message.
type Proof struct {
	From     Address // the address in From; "" when there is none, or more than one
	Sender   Sender  // proved, or nobody
	OnBehalf Address // the address in Sender, when it is another than From: the register decides on it
	Reason   Reason  // why Sender is nobody: sender-unverified or sender-ambiguous
	ReplyTo  Address // a Reply-To whose domain is not nhs.net: the message goes to staff
	Evidence []string
	Released []string // the two staff who released the message, in place of a proof
}
