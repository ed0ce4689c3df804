package inbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"

	"nasdesk"
)

// A round is one comparison of the folder with the ledger, and what comes of it.
type round struct {
	settled  map[nasdesk.Folder][]uint32 // taken or parked before, but still lying here
	fresh    []uint32                    // not taken
	suspects []uint32                    // not taken, and once broke the connection
	open     map[uint32]bool             // not accounted for yet
	done     int                         // accounted for in this round
	unmoved  int
}

// cycle lists the folder and brings every message that the ledger does not know
// to the Taker, then moves it away. busy says that there was something to do.
func (v *visit) cycle(ctx context.Context) (busy bool, err error) {
	uids, err := v.listing(ctx)
	if err != nil {
		return false, err
	}
	r, err := v.reconcile(ctx, uids)
	if err != nil {
		return false, fmt.Errorf("ledger: %w", err)
	}
	defer v.tally(r)
	if err := v.putAway(ctx, r, r.settled); err != nil {
		return false, err
	}
	for uids := range slices.Chunk(r.fresh, v.set.Batch) {
		if err := v.bring(ctx, r, uids); err != nil {
			return false, err
		}
	}
	for _, uid := range r.suspects { // alone and last, not to harm the others
		if err := v.bring(ctx, r, []uint32{uid}); err != nil {
			return false, err
		}
	}
	return r.done > 0, nil
}

// reconcile asks the ledger about everything that lies in the folder.
func (v *visit) reconcile(ctx context.Context, uids []uint32) (*round, error) {
	r := &round{settled: map[nasdesk.Folder][]uint32{}, open: map[uint32]bool{}}
	if len(uids) == 0 {
		return r, nil
	}
	book, err := v.ledger.Look(ctx, v.set.Inbox, v.validity, uids)
	if err != nil {
		return nil, err
	}
	for _, uid := range uids {
		e := book[uid]
		switch {
		case e.Folder != "":
			r.settled[e.Folder] = append(r.settled[e.Folder], uid)
			continue
		case e.Failed > 0:
			r.suspects = append(r.suspects, uid)
		default:
			r.fresh = append(r.fresh, uid)
		}
		r.open[uid] = true
	}
	return r, nil
}

// tally says what the round leaves, whether it came to its end or not.
func (v *visit) tally(r *round) {
	v.note(func(h *Health) {
		h.Listed, h.Unaccounted, h.Unmoved = time.Now(), len(r.open), r.unmoved
	})
	if r.done > 0 || len(r.open) > 0 {
		v.log.Info("the mailbox was read", "taken", r.done, "unaccounted", len(r.open), "unmoved", r.unmoved)
	}
}

// account strikes messages off the list of those that nobody answers for.
func (v *visit) account(r *round, uids ...uint32) {
	for _, uid := range uids {
		delete(r.open, uid)
		v.calm(v.at(uid))
		r.done++
	}
}

// bring fetches messages, has them taken, and only then moves them: a crash
// between any two steps leaves them in the folder.
func (v *visit) bring(ctx context.Context, r *round, uids []uint32) error {
	letters, missing, fault := v.gather(ctx, uids)
	goes := v.take(ctx, letters)
	for _, taken := range goes {
		v.account(r, taken...)
	}
	if fault != nil {
		return fault
	}
	if err := v.miss(ctx, r, missing); err != nil {
		return err
	}
	return v.putAway(ctx, r, goes)
}

// miss looks for messages that the server listed but did not give. Some have
// been moved by a person meanwhile. The others stay unaccounted for, are asked
// for at each cycle, and somebody is told: none is passed over (trap T9).
func (v *visit) miss(ctx context.Context, r *round, missing []uint32) error {
	if len(missing) == 0 {
		return nil
	}
	there, err := v.search(ctx, &imap.SearchCriteria{UID: []imap.UIDSet{uidSet(missing)}})
	if err != nil {
		return err
	}
	for _, uid := range missing {
		if slices.Contains(there, uid) {
			v.alarmOnce(v.at(uid), errors.New("the server lists the message but does not give it"))
			continue
		}
		v.log.Info("a message left the folder before it was fetched", "at", v.at(uid).String())
		v.account(r, uid)
	}
	return nil
}

// take hands the letters to the Taker, in several lanes if so set, and returns
// where those that were taken go.
func (v *visit) take(ctx context.Context, letters []letter) map[nasdesk.Folder][]uint32 {
	folders := make([]nasdesk.Folder, len(letters))
	var lanes sync.WaitGroup
	for _, lane := range inLanes(letters, v.set.Workers) {
		lanes.Go(func() { v.takeLane(ctx, letters, lane, folders) })
	}
	lanes.Wait()
	goes := map[nasdesk.Folder][]uint32{}
	for i, f := range folders {
		if f != "" {
			goes[f] = append(goes[f], letters[i].uid)
		}
	}
	return goes
}

// maxTakeFailures in a row end a lane for this cycle: the trouble is in the
// store then, not in a message. One message alone stops no other.
const maxTakeFailures = 3

func (v *visit) takeLane(ctx context.Context, letters []letter, lane []int, folders []nasdesk.Folder) {
	failures := 0
	for _, i := range lane {
		if ctx.Err() != nil || failures == maxTakeFailures {
			return
		}
		f, err := v.takeOne(ctx, letters[i])
		if err != nil && ctx.Err() == nil {
			failures++
			v.alarmOnce(v.at(letters[i].uid), fmt.Errorf("the message was not taken and is tried again: %w", err))
		}
		if err == nil {
			failures, folders[i] = 0, f
		}
	}
}

// takeOne takes a letter, or parks it if it is too large to be fetched.
func (v *visit) takeOne(ctx context.Context, l letter) (f nasdesk.Folder, err error) {
	defer func() {
		if p := recover(); p != nil { // we are wrong; the others need not suffer
			v.log.Error("panic while taking a message", "at", v.at(l.uid).String(), "stack", string(debug.Stack()))
			err = fmt.Errorf("panic (%T); see the log", p)
		}
	}()
	if l.raw == nil {
		why := fmt.Sprintf("it has %d bytes, more than the %d allowed", l.size, v.set.MaxSize)
		return nasdesk.FolderExceptions, v.park(ctx, v.at(l.uid), why, nil)
	}
	f, err = v.taker.Take(ctx, l.raw, v.at(l.uid))
	if err == nil && f == "" {
		err = errors.New("taken, but to no folder")
	}
	return f, err
}

// inLanes deals indexes of letters to n lanes, those of one From field to the
// same lane, so that a sender's mails are taken in the order of their coming.
func inLanes(letters []letter, n int) [][]int {
	lanes := make([][]int, n)
	for i, l := range letters {
		lane := 0
		if n > 1 {
			h := fnv.New32a()
			h.Write(fromLine(l.raw))
			lane = int(h.Sum32() % uint32(n))
		}
		lanes[lane] = append(lanes[lane], i)
	}
	return lanes
}

// fromLine returns the From field as it stands, folded lines and all, or
// nothing. It is good for ordering only.
func fromLine(raw []byte) []byte {
	var from []byte
	for line := range bytes.Lines(raw) {
		folded := line[0] == ' ' || line[0] == '\t'
		switch {
		case len(from) > 0 && !folded, len(bytes.TrimSpace(line)) == 0:
			return from
		case len(from) > 0, len(line) > 5 && bytes.EqualFold(line[:5], []byte("from:")):
			from = append(from, line...)
		}
	}
	return from
}

// calm forgets an alarm once its cause has gone, so that the next is told again.
func (d *Door) calm(at Location) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.alarmed, at)
}

func sortedFolders(goes map[nasdesk.Folder][]uint32) []nasdesk.Folder {
	return slices.Sorted(maps.Keys(goes))
}
