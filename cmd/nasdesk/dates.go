package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"nasdesk"
	"nasdesk/store"
)

// A datesCmd lists what ends, or happens, on a day to come.
type datesCmd struct {
	Days     int    `default:"90" help:"How many days ahead."`
	Database string `arg:"" help:"sqlite:PATH or postgres://…"`
}

// mostDates is how many dates are listed at most.
const mostDates = 10000

// Run prints the dates, the nearest first: the day, the last working day before it,
// what it is the day of, the mailbox that is told, and the account or the request.
func (d *datesCmd) Run(ctx context.Context, out io.Writer) error {
	if d.Days < 0 || d.Days > 4000 {
		return usageError{fmt.Errorf("--days %d: give a number from 0 to 4000", d.Days)}
	}
	st, err := openStore(ctx, d.Database)
	if err != nil {
		return err
	}
	return errors.Join(printDates(ctx, out, st, nasdesk.DateOf(time.Now()), d.Days), st.Close())
}

func printDates(ctx context.Context, out io.Writer, st *store.Store, today nasdesk.Date, days int) error {
	rows, err := st.Deadlines(ctx, today, today.AddDays(days), mostDates)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		_, err := fmt.Fprintf(out, "No long dates in the next %d days.\n", days)
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "DAY\tLAST WORKING DAY\tWHAT\tMAILBOX\tACCOUNT OR REQUEST")
	for _, x := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", x.Ends, x.Last, x.Cause, toNobody(x.Mailbox), about(x))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(rows) == mostDates {
		_, err = fmt.Fprintf(out, "There are more: these are the first %d.\n", mostDates)
	}
	return err
}

func toNobody(a nasdesk.Address) string {
	if a == "" {
		return "nobody"
	}
	return string(a)
}

func about(x nasdesk.Deadline) string {
	if x.Account != "" {
		return string(x.Account)
	}
	return fmt.Sprintf("request %d", x.Request)
}
