package inbox

import (
	"context"
	"fmt"
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// A letter is one message as the server gave it.
type letter struct {
	uid  uint32
	size int64  // as the server counts it; Exchange Online estimates
	raw  []byte // nil if it was larger than allowed
}

// listing returns the UIDs of all messages in the folder, in rising order.
//
// It always lists the whole folder, which is short, since what is taken is moved
// away. So nothing hangs on \Seen, on dates, on EXISTS, or on a range like
// 8:*, which also yields the last message where it is older (trap T9).
func (v *visit) listing(ctx context.Context) ([]uint32, error) {
	return v.search(ctx, &imap.SearchCriteria{})
}

func (v *visit) search(ctx context.Context, criteria *imap.SearchCriteria) (uids []uint32, err error) {
	err = v.command(ctx, "SEARCH", func(func()) error {
		data, err := v.client.UIDSearch(criteria, nil).Wait()
		if err != nil {
			return err
		}
		for _, uid := range data.AllUIDs() {
			uids = append(uids, uint32(uid))
		}
		return nil
	})
	slices.Sort(uids)
	return slices.Compact(uids), err
}

// sizes asks how large the messages are, before any of them is fetched. A
// message of which the server says nothing is absent.
func (v *visit) sizes(ctx context.Context, uids []uint32) (map[uint32]int64, error) {
	sizes := map[uint32]int64{}
	err := v.fetch(ctx, uids, &imap.FetchOptions{UID: true, RFC822Size: true}, func(uid uint32, item imapclient.FetchItemData, _ func()) error {
		if size, ok := item.(imapclient.FetchItemDataRFC822Size); ok {
			sizes[uid] = size.Size
		}
		return nil
	})
	return sizes, err
}

// bodies fetches messages whole. With an error come those that arrived before
// it. The memory of one call is that of a batch: BatchBytes or one message.
func (v *visit) bodies(ctx context.Context, uids []uint32, sizes map[uint32]int64) ([]letter, error) {
	var letters []letter
	options := &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}}}
	err := v.fetch(ctx, uids, options, func(uid uint32, item imapclient.FetchItemData, alive func()) (err error) {
		body, ok := item.(imapclient.FetchItemDataBodySection)
		if !ok || body.Literal == nil || body.Literal.Size() == 0 && sizes[uid] > 0 {
			return nil // nothing, where something was promised
		}
		l := letter{uid: uid, size: body.Literal.Size()}
		if l.size <= v.set.MaxSize {
			l.raw, err = readAll(body.Literal, alive)
		}
		if err == nil {
			letters = append(letters, l)
		}
		return err
	})
	return letters, err
}

// readAll reads a literal. Each piece that comes in shows that the server lives.
func readAll(literal imap.LiteralReader, alive func()) ([]byte, error) {
	raw := make([]byte, 0, literal.Size()+1) // room to meet the end without growing
	for {
		n, err := literal.Read(raw[len(raw):cap(raw)])
		raw = raw[:len(raw)+n]
		alive()
		if err == nil {
			continue
		}
		if size := literal.Size(); int64(len(raw)) != size {
			return nil, fmt.Errorf("the message breaks off after %d of %d bytes", len(raw), size)
		}
		return raw, nil
	}
}

// fetch runs one FETCH for all the messages and hands each item to keep while it
// comes in. One command for the set, and no other before its end: several at
// once stop each other for ever on some servers (trap T3). It never asks for
// ENVELOPE or BODYSTRUCTURE, which servers get wrong and the client then cannot
// read on (trap T4), nor for BODY[], which would set \Seen.
//
// After an error of keep the connection is closed and the command left alone:
// the client would read the broken literal once more to be rid of it, while its
// own reader is at the same bytes.
func (v *visit) fetch(ctx context.Context, uids []uint32, options *imap.FetchOptions, keep keeper) error {
	return v.command(ctx, "FETCH", func(alive func()) error {
		cmd := v.client.Fetch(uidSet(uids), options)
		for m := cmd.Next(); m != nil; m = cmd.Next() {
			alive()
			if err := eachItem(m, alive, keep); err != nil {
				v.conn.Close()
				return err
			}
		}
		return cmd.Close()
	})
}

// eachItem hands on the items of one message, in whatever order they come. A
// body never comes before the UID: the client drops it then.
func eachItem(m *imapclient.FetchMessageData, alive func(), keep keeper) error {
	var uid uint32
	var early []imapclient.FetchItemData
	for item := m.Next(); item != nil; item = m.Next() {
		items := []imapclient.FetchItemData{item}
		if u, ok := item.(imapclient.FetchItemDataUID); ok {
			uid, items, early = uint32(u.UID), early, nil
		}
		if uid == 0 {
			early = append(early, item)
			continue
		}
		for _, item := range items {
			if err := keep(uid, item, alive); err != nil {
				return err
			}
		}
	}
	return nil
}

// A keeper takes one item of a FETCH response; alive puts the deadline off.
type keeper func(uid uint32, item imapclient.FetchItemData, alive func()) error

// gather fetches the messages that are not too large, and lists those that are.
// missing are those that the server did not give, asked for a second time each
// on its own (trap T9).
func (v *visit) gather(ctx context.Context, uids []uint32) (letters []letter, missing []uint32, err error) {
	letters, err = v.once(ctx, uids)
	if err != nil && !tolerable(err) {
		return letters, nil, err
	}
	for _, uid := range ungiven(uids, letters) {
		again, err := v.once(ctx, []uint32{uid})
		letters = append(letters, again...)
		if err != nil && !tolerable(err) {
			return letters, nil, err
		}
	}
	slices.SortFunc(letters, func(a, b letter) int { return int(int64(a.uid) - int64(b.uid)) })
	return letters, ungiven(uids, letters), nil
}

func (v *visit) once(ctx context.Context, uids []uint32) ([]letter, error) {
	sizes, err := v.sizes(ctx, uids)
	if err != nil {
		return nil, err
	}
	var letters []letter
	var fit []uint32
	for _, uid := range uids {
		size, told := sizes[uid]
		switch {
		case told && size > v.set.MaxSize:
			letters = append(letters, letter{uid: uid, size: size})
		case told:
			fit = append(fit, uid)
		}
	}
	for batch := range v.batches(fit, sizes) {
		got, err := v.bodies(ctx, batch, sizes)
		letters = append(letters, got...)
		if err != nil {
			return letters, v.blame(ctx, batch, got, err)
		}
	}
	return letters, nil
}

// batches cuts uids so that the messages of each part are BatchBytes together,
// or one larger message.
func (v *visit) batches(uids []uint32, sizes map[uint32]int64) func(func([]uint32) bool) {
	return func(yield func([]uint32) bool) {
		start, sum := 0, int64(0)
		for i, uid := range uids {
			if sum += sizes[uid]; i > start && sum > v.set.BatchBytes {
				if !yield(uids[start:i]) {
					return
				}
				start, sum = i, sizes[uid]
			}
		}
		if start < len(uids) {
			yield(uids[start:])
		}
	}
}

// maxFailed is how often a message may break the connection before it is parked.
const maxFailed = 2

// blame writes down which message broke the connection: the first that had not
// come when it broke. It is fetched alone the next time, so that a message is
// never parked for the fault of its neighbour (trap T4).
func (v *visit) blame(ctx context.Context, asked []uint32, got []letter, fault error) error {
	left := ungiven(asked, got)
	if isAnswer(fault) || ctx.Err() != nil || len(left) == 0 {
		return fault
	}
	at := v.at(left[0])
	times, err := v.ledger.Failed(ctx, at)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	v.log.Warn("the connection broke at a message", "at", at.String(), "times", times)
	if times < maxFailed {
		return fault
	}
	return v.park(ctx, at, fmt.Sprintf("fetching it broke the connection %d times", times), fault)
}

// park gives a message up to staff and returns fault, or why it could not.
func (v *visit) park(ctx context.Context, at Location, why string, fault error) error {
	if err := v.ledger.Park(ctx, at, why); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	v.alarmOnce(at, fmt.Errorf("message given up unread: %s", why))
	return fault
}

// ungiven returns the asked that are not among the letters.
func ungiven(asked []uint32, letters []letter) (left []uint32) {
	given := map[uint32]bool{}
	for _, l := range letters {
		given[l.uid] = true
	}
	for _, uid := range asked {
		if !given[uid] {
			left = append(left, uid)
		}
	}
	return left
}

func uidSet(uids []uint32) imap.UIDSet {
	var set imap.UIDSet
	for _, uid := range uids {
		set.AddNum(imap.UID(uid))
	}
	return set
}
