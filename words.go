package nasdesk

// An Outcome is what became of one request. Contract, outcomes.
type Outcome string

const (
	Accepted    Outcome = "accepted"
	Confirm     Outcome = "confirm"
	NeedsInfo   Outcome = "needs-info"
	Refused     Outcome = "refused"
	Awaiting    Outcome = "awaiting"
	Exception   Outcome = "exception"
	Quarantined Outcome = "quarantined"
	Ignored     Outcome = "ignored"
)

// A Reason says why, from the contract's closed list; "missing:FIELD" and its
// kin are made by Missing, Invalid and Ambiguous.
type Reason string

const (
	SenderNotAuthorised Reason = "sender-not-authorised"
	RestoreWindowPassed Reason = "restore-window-passed"
	DisableWindowPassed Reason = "disable-window-passed"
	LastOwner           Reason = "last-owner"
	LastMember          Reason = "last-member"
	AlreadyLinked       Reason = "already-linked"
	NotLinked           Reason = "not-linked"
	MailboxClosed       Reason = "mailbox-closed"
	PersonalName        Reason = "personal-name"
	DSPTNotMet          Reason = "dspt-not-met"
	ODSInUse            Reason = "ods-in-use"
	NothingToDo         Reason = "nothing-to-do"
	Declined            Reason = "declined"

	RegionalApproval Reason = "regional-approval"
	MailboxConsent   Reason = "mailbox-consent"

	DuplicatePerson      Reason = "duplicate-person"
	AccountNotFound      Reason = "account-not-found"
	IdentityMismatch     Reason = "identity-mismatch"
	MailboxAddressFormat Reason = "mailbox-address-format"
	ReplyToDiffers       Reason = "reply-to-differs"
	StaffOnly            Reason = "staff-only"
	NotUnderstood        Reason = "not-understood"
	Unreadable           Reason = "unreadable"
	Conflict             Reason = "conflict"

	SenderUnverified Reason = "sender-unverified"
	SenderAmbiguous  Reason = "sender-ambiguous"

	AutoReply        Reason = "auto-reply"
	Bounce           Reason = "bounce"
	Receipt          Reason = "receipt"
	OwnMail          Reason = "own-mail"
	DuplicateMessage Reason = "duplicate-message"
	Bulk             Reason = "bulk"
)

// Reasons is the closed list in the order in which reasons are printed, behind
// the missing, invalid and ambiguous fields.
var Reasons = []Reason{SenderNotAuthorised, RestoreWindowPassed, DisableWindowPassed, LastOwner, LastMember, AlreadyLinked, NotLinked,
	MailboxClosed, PersonalName, DSPTNotMet, ODSInUse, NothingToDo, Declined, RegionalApproval, MailboxConsent, DuplicatePerson,
	AccountNotFound, IdentityMismatch, MailboxAddressFormat, ReplyToDiffers, StaffOnly, NotUnderstood, Unreadable, Conflict,
	SenderUnverified, SenderAmbiguous, AutoReply, Bounce, Receipt, OwnMail, DuplicateMessage, Bulk}

// Missing, Invalid and Ambiguous say what is wrong with a field.
func Missing(field string) Reason   { return Reason("missing:" + field) }
func Invalid(field string) Reason   { return Reason("invalid:" + field) }
func Ambiguous(field string) Reason { return Reason("ambiguous:" + field) }

// An ActionName is a piece of account work. Contract, actions.
type ActionName string

const (
	CreateAccount             ActionName = "create-account"
	LinkMember                ActionName = "link-member"
	UnlinkMember              ActionName = "unlink-member"
	RestoreAccount            ActionName = "restore-account"
	DisableAccount            ActionName = "disable-account"
	EnableAccount             ActionName = "enable-account"
	MarkLeaver                ActionName = "mark-leaver"
	MarkJoiner                ActionName = "mark-joiner"
	ResetPassword             ActionName = "reset-password"
	RenameMailbox             ActionName = "rename-mailbox"
	CloseMailbox              ActionName = "close-mailbox"
	CreateTeam                ActionName = "create-team"
	ConvertApplicationAccount ActionName = "convert-application-account"
)

// ActionNames is the closed list in the order in which actions are printed.
var ActionNames = []ActionName{CreateAccount, LinkMember, UnlinkMember, RestoreAccount, DisableAccount, EnableAccount, MarkLeaver,
	MarkJoiner, ResetPassword, RenameMailbox, CloseMailbox, CreateTeam, ConvertApplicationAccount}

// An About is the subject matter of a reply. Contract, outcomes.
type About string

const (
	Confirmation    About = "confirmation"
	Question        About = "question"
	Refusal         About = "refusal"
	Acknowledgement About = "acknowledgement"
	ApprovalRequest About = "approval-request"
	ConsentRequest  About = "consent-request"
	TestMessage     About = "test"
	Mixed           About = "mixed"
	Notice          About = "notice" // to third parties, and news of work done: no reply
)

// The kinds that no workflow owns.
const (
	KindNone       = "none"
	KindUnverified = "unverified"
	KindUnknown    = "unknown"
)
