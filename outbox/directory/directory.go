// Package directory is where accounts are made and changed. [Directory] is the
// contract, package directorytest its definition in tests, and [Simulated] the
// adapter for demonstrations and tests.
package directory

import (
	"context"

	"nasdesk"
)

// A Directory does account work. Every adapter holds to this:
//
//   - Do looks first. What is already so is done, and nothing happens twice: an
//     action's Key stands for one effect for ever. Do may be cut off anywhere and
//     called again; it goes on from there.
//   - Work that takes time is WorkPending, with Again, the instant at which to
//     look; Do of pending work is a Look.
//   - What cannot be done whoever tries is WorkFailed, with a Detail for staff.
//     An error says that the directory could not be asked, and is tried again.
//   - Look changes nothing. State is "" for an action that was never begun.
//   - A new account gets the address proposed, or the next one that is free with a
//     number behind the name (2, 3 …); Account says which. Whether an account is
//     the one that was asked for is told by its mobile number.
//   - Both are safe to call from several goroutines.
type Directory interface {
	Do(context.Context, nasdesk.Action) (nasdesk.WorkReport, error)
	Look(context.Context, nasdesk.Action) (nasdesk.WorkReport, error)
}
