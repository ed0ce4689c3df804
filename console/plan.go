package console

import (
	"context"

	"nasdesk"
	"nasdesk/store"
)

// A Planned is what became of an act.
type Planned struct {
	Click    int64             // waits, to be undone or for a second person; 0 when it is done
	Second   bool              // a second person has to agree
	Hindered nasdesk.Hindrance // nothing was done
	At       nasdesk.Timestamp // when it is done
	Decision nasdesk.Decision  // of an act that is done: what followed
}

// act does what staff ask for: at once where nobody outside notices, else when it
// can no longer be undone. What takes two people waits for the second.
func (o *Office) act(ctx context.Context, ev nasdesk.StaffEvent) (Planned, error) {
	d, err := o.Preview(ctx, ev)
	now := nasdesk.TimestampOf(o.Now())
	switch {
	case err != nil:
		return Planned{}, err
	case d.Hindered == nasdesk.SecondPerson && ev.Second == "":
		id, err := o.Store.PutClick(ctx, ev, store.ClickProposed, now, o.undoEnds(now))
		return Planned{Click: id, Second: true}, err
	case d.Hindered != "":
		return Planned{Hindered: d.Hindered}, nil
	case ev.Act.Quiet():
		return o.actNow(ctx, ev, now)
	}
	id, err := o.Store.PutClick(ctx, ev, store.ClickReady, now, o.undoEnds(now))
	return Planned{Click: id, At: o.undoEnds(now)}, err
}

// actNow does an act that nobody outside notices. It stands in the store like the
// others, so that it is done once whatever happens: what fails here is tried again
// when its turn comes.
func (o *Office) actNow(ctx context.Context, ev nasdesk.StaffEvent, now nasdesk.Timestamp) (Planned, error) {
	id, err := o.Store.PutClick(ctx, ev, store.ClickRunning, now, now)
	if err != nil {
		return Planned{}, err
	}
	d, err := o.Do(ctx, nasdesk.OutClick{ID: id, Attempt: 1, Act: ev})
	if err == nil {
		err = o.Store.ClickEnded(ctx, id, 1, d.Hindered)
	}
	if err != nil {
		o.Log.Error("an act of staff is tried again", "click", id, "err", err)
		return Planned{Click: id, At: now}, nil
	}
	return Planned{Hindered: d.Hindered, Decision: d, At: now}, nil
}

// agree lets a second person agree to an act that was proposed.
func (o *Office) agree(ctx context.Context, click int64, second string) error {
	return o.Store.AgreeClick(ctx, click, second, o.undoEnds(nasdesk.TimestampOf(o.Now())))
}

func (o *Office) undoEnds(now nasdesk.Timestamp) nasdesk.Timestamp {
	return now + nasdesk.Timestamp(o.Undo.Microseconds())
}
