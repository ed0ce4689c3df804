// Package outbox is the door out: it sends the mails, has the account work done
// and raises the dates that the store holds as due rows.
//
// Three loops of one shape, [Mailer], [Works] and [Dates], claim rows under a
// lease, do what a row says and record the end of it. A row is claimed again
// when its lease ran out, so every step after the claim may be cut off at any
// point:
//
//   - A mail is composed to the same bytes each time ([Compose]), under a
//     Message-ID made from its key: a resend after a crash is the same message.
//     A reply that got lost behind the final dot is recorded as sent,
//     unconfirmed, and never blindly repeated.
//   - Account work looks before it acts, and what the directory says becomes an
//     Event whose key is made of the action and its state.
//   - A date becomes an Event under its own key.
//
// What fails is tried again later and later ([Backoff]) until [GiveUp] has
// passed; what the server refuses for good is refused at once.
package outbox
