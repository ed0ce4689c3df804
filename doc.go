// Package nasdesk holds the words in which the whole program speaks: what a
// message is, who a sender is, what a request asks, what the rules say of it
// and what follows.
//
// The program answers the helpdesk mailbox of the NHS National Administration
// Service (NAS). A pharmacy writes from its shared mailbox; nasdesk proves the
// sender, reads the request, applies the published rules, has the account work
// done, and answers. One line runs through it:
//
//	raw bytes ─Keep─▶ Message ─Prove─▶ Sender ─Pull─▶ Case ─Recognise─▶ Heard ─Step─▶ Decision ─Commit─▶ rows ─▶ mail, account work
//
// A tour, in the order of the line:
//
//   - [Message] is one mail as its sender meant it: decoded, with quotes,
//     signature and disclaimers set aside as regions, never deleted. Every
//     repair that reading needed is a [Finding].
//   - [Sender] is somebody proved to be who the message says. Only [Vouch]
//     makes one, and a test of the house allows its call in three places.
//   - [Keys] are what a message points at; the store pulls the [Case] for them:
//     mailboxes, accounts, approvals, open requests.
//   - [Heard] is what was understood: requests ([Reading]), or the answer to
//     one that is open.
//   - A [Kind] is one sort of request: its [Form], the words that ask for it,
//     who may ask, and its [Judge], which returns a [Verdict].
//   - Step (package workflows) turns an [Event] and its case into a [Decision]:
//     everything that follows, committed whole or not at all.
//
// The root package imports nothing of ours, reads no clock and does no I/O.
package nasdesk
