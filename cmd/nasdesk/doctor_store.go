package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"nasdesk"
	"nasdesk/store"
)

// database opens the database, and makes none.
func (x *examination) database(ctx context.Context, r *report) {
	url := x.c.databaseURL()
	if path, lite := strings.CutPrefix(url, "sqlite:"); lite && path != ":memory:" {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			r.wrong("%s is not there: \"nasdesk migrate %s\" makes it", path, url)
			return
		}
	}
	began := x.now()
	st, err := store.Open(ctx, url)
	if err != nil {
		r.wrong("%v: see that it runs, and that its address, user and password in the configuration are right", err)
		return
	}
	x.store = st
	st.UseHours(x.c.desk().ServiceTime)
	r.note("%s, reached in %s", st.Engine(), x.now().Sub(began).Round(time.Millisecond))
}

func (x *examination) schema(ctx context.Context, r *report) {
	got, err := x.store.Schema(ctx)
	switch {
	case err != nil:
		r.wrong("%v", err)
	case got.Fault != nil:
		r.wrong("%v", got.Fault)
	case got.Have < got.Want:
		r.wrong("the database is at schema %d, this program at %d: take a backup, then run \"nasdesk migrate\"; serve does it too", got.Have, got.Want)
	default:
		r.note("%d migrations, as in this program", got.Have)
	}
}

// nodesBefore sees who is there, for a second look at the end. An answer is an
// answer: what it shows is told by serving.
func (x *examination) nodesBefore(ctx context.Context, r *report) {
	var err error
	if x.beats, err = x.store.Present(ctx); err != nil {
		r.wrong("%v", err)
	}
	r.note("%d have joined", len(x.beats))
}

// serving says whether any program serves, by a second look at the beats. A node
// beats four times in a lease.
func (x *examination) serving(ctx context.Context, r *report) {
	if len(x.beats) == 0 {
		r.note("no program serves yet: \"nasdesk serve\" is next")
		return
	}
	var silent []store.Present
	for until := x.now().Add(min(x.c.Lease/2, x.limit/2)); ; {
		here, err := x.store.Present(ctx)
		if err != nil {
			r.wrong("%v", err)
			return
		}
		if silent = x.still(here); len(silent) == 0 || x.now().After(until) {
			x.tellNodes(r, here, silent)
			return
		}
		if !slept(ctx, 200*time.Millisecond) {
			return
		}
	}
}

// still are the nodes whose beat is what it was at the first look.
func (x *examination) still(here []store.Present) (out []store.Present) {
	for _, n := range here {
		for _, was := range x.beats {
			if was.ID == n.ID && was.Beat == n.Beat {
				out = append(out, n)
			}
		}
	}
	return out
}

func (x *examination) tellNodes(r *report, here, silent []store.Present) {
	for _, n := range silent {
		r.wrong("node %d (%s) joined and is silent: if it was ended, the others take over within %s; if none runs, start \"nasdesk serve\"", n.ID, n.Name, x.c.Lease)
	}
	holder := "nobody yet holds the inbox"
	for _, n := range here {
		if n.Holds {
			holder = fmt.Sprintf("node %d holds the inbox", n.ID)
		}
	}
	r.note("%d nodes beat, %s", len(here), holder)
}

func (x *examination) register(ctx context.Context, r *report) {
	open, ails, err := x.store.Ailing(ctx)
	switch {
	case err != nil:
		r.wrong("%v", err)
		return
	case open == 0:
		r.wrong("it holds no mailbox: nobody would be known; \"nasdesk import FOLDER DATABASE\" brings it in")
		return
	}
	for _, a := range []struct {
		ail store.Ailment
		do  string
	}{
		{store.NoOwner, "a pharmacy needs an owner who can ask for others: find one, and link them in the console's register"},
		{store.OneUser, "nobody could act if that one is away: ask these pharmacies for a second"},
		{store.WrongFormat, "correct the address or the ODS code in the register"},
	} {
		if n := ails[a.ail]; n > 0 {
			r.wrong("%d of %d mailboxes: %s: %s", n, open, a.ail, a.do)
		}
	}
	r.note("%d mailboxes", open)
}

func (x *examination) journal(ctx context.Context, r *report) {
	head, err := x.store.VerifyJournal(ctx)
	switch {
	case errors.Is(err, store.ErrJournal):
		r.wrong("%v; keep this database as it is, and find out who could write to it", err)
	case err != nil:
		r.wrong("%v", err)
	default:
		r.note("%d seals, all hold", head.Seals)
	}
}

// overdue is how long what is due may wait while a program serves.
const overdue = 15 * time.Minute

// queues are what waits, what failed, and what was set aside.
func (x *examination) queues(ctx context.Context, r *report) {
	now := nasdesk.TimestampOf(x.now())
	all, err := x.store.Backlogs(ctx, now)
	if err != nil {
		r.wrong("%v", err)
		return
	}
	for _, q := range []struct{ name, what, do string }{
		{"mail", "mails to be sent", "look at smtp above, and at the log of serve"},
		{"work", "pieces of account work", "look at directory below, and at the log of serve"},
		{"dates", "dates that came", "see that serve runs"},
		{"clicks", "acts of staff", "see that serve runs"},
		{"kept", "messages that are kept and not decided", "see that serve runs, and look at its log"},
	} {
		b := all[q.name]
		if late := now.Time().Sub(b.Oldest.Time()); b.Rows > 0 && late > overdue {
			r.wrong("%d %s wait, the oldest for %s: %s", b.Rows, q.what, late.Round(time.Minute), q.do)
		}
	}
	if n := all["mail"].Failed; n > 0 {
		r.wrong("%d mails failed for good within a day: the console shows each under its request; tell these people otherwise", n)
	}
	if n := all["work"].Failed; n > 0 {
		r.wrong("%d pieces of account work failed within a day: the console has them under exceptions", n)
	}
	parked, err := x.store.ParkedCount(ctx)
	if err != nil {
		r.wrong("%v", err)
	}
	if parked > 0 {
		r.wrong("%d messages were set aside undecided: they lie in the folder %q; read and answer them by hand", parked, x.c.IMAP.Exceptions)
	}
	r.note("nothing is late, nothing failed, nothing was set aside")
}
