// Command nasdesk answers the mailbox of the NHS National Administration
// Service helpdesk. Run it with --help for its commands.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // dates are reckoned in Europe/London, on every machine alike

	"github.com/alecthomas/kong"
)

var cli struct {
	Serve   serveCmd   `cmd:"" help:"Answer the mailbox: IMAP in, SMTP out, until stopped."`
	Demo    demoCmd    `cmd:"" help:"Show the whole line at work on embedded parts, with sample mails."`
	Replay  replayCmd  `cmd:"" help:"Replay .eml files on a copy of a register and print what would be decided."`
	Read    readCmd    `cmd:"" help:"Show what is read from one mail, and why."`
	Doctor  doctorCmd  `cmd:"" help:"Look at all that serve needs, and say what is wrong and what to do."`
	Import  importCmd  `cmd:"" help:"Bring the register up to date from files: a world, ODS, DSPT or Portal lists."`
	Migrate migrateCmd `cmd:"" help:"Bring the database up to this program's schema."`
	Dates   datesCmd   `cmd:"" help:"List the long dates ahead: what ends when, and whom it concerns."`
	Staff   staffCmd   `cmd:"" help:"Who may sign in to the console."`
	Version versionCmd `cmd:"" help:"Print the version."`
	Config  struct {
		Example exampleCmd `cmd:"" help:"Print a configuration with every line explained."`
		Check   checkCmd   `cmd:"" help:"Check a configuration and report every fault."`
	} `cmd:"" help:"The configuration file."`
}

// Exit statuses: 0 done, 1 the work failed, 2 the call or its input was wrong.
const (
	exitFailed = 1
	exitUsage  = 2
)

// A usageError is a fault of the call or of its input.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run parses the call and does it. It is main without the process, for tests.
func run(args []string, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	exited := -1
	k, err := kong.New(&cli, kong.Name("nasdesk"), kong.UsageOnError(), kong.Writers(out, errs), kong.Exit(func(n int) { exited = n }),
		kong.Description("Answers the NHS National Administration Service helpdesk mailbox."))
	if err != nil {
		fmt.Fprintln(errs, "nasdesk:", err)
		return exitFailed
	}
	call, err := k.Parse(args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		fmt.Fprintf(errs, "nasdesk: %v\nRun \"nasdesk --help\" for the commands.\n", err)
		return exitUsage
	}
	call.BindTo(ctx, (*context.Context)(nil))
	call.BindTo(out, (*io.Writer)(nil))
	return status(call.Run(), errs)
}

func status(err error, errs io.Writer) int {
	if err == nil {
		return 0
	}
	fmt.Fprintln(errs, "nasdesk:", err)
	if u := (usageError{}); errors.As(err, &u) {
		return exitUsage
	}
	return exitFailed
}
