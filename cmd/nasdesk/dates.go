package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"nasdesk"
	"nasdesk/store"
	"nasdesk/workflows"
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
	f := store.Filter{Queue: store.QueueDates, Today: today, Before: nasdesk.TimestampOf(today.AddDays(days + 1).Time()), Limit: 500}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	n := 0
	for more := true; more && n < mostDates; more = f.After != "" {
		page, err := st.List(ctx, f)
		if err != nil {
			return err
		}
		if n == 0 && len(page.Rows) > 0 {
			fmt.Fprintln(w, "DAY\tLAST WORKING DAY\tWHAT\tMAILBOX\tACCOUNT OR REQUEST")
		}
		for _, r := range page.Rows {
			fmt.Fprintln(w, strings.Join(dateLine(r), "\t"))
		}
		n, f.After = n+len(page.Rows), page.Next
	}
	if n == 0 {
		_, err := fmt.Fprintf(out, "No long dates in the next %d days.\n", days)
		return err
	}
	err := w.Flush()
	if f.After != "" {
		_, more := fmt.Fprintf(out, "There are more: these are the first %d.\n", n)
		err = errors.Join(err, more)
	}
	return err
}

func dateLine(r store.Row) []string {
	day := nasdesk.DateOf(r.At.Time())
	about := string(r.Account)
	if about == "" {
		about = r.Reference + " (" + r.Kind + ")"
	}
	return []string{string(day), string(workflows.DefaultDesk.LastWorkingDay(day)), r.What, toNobody(r.Mailbox), about}
}

func toNobody(a nasdesk.Address) string {
	if a == "" {
		return "nobody"
	}
	return string(a)
}
