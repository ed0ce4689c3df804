package inbox

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/emersion/go-imap/v2"

	"nasdesk"
)

// putAway moves what is taken to its folders, each folder's messages together.
// A folder that does not take them leaves them where they are: the ledger knows
// them, so they are not taken again, and the next cycle tries once more.
func (v *visit) putAway(ctx context.Context, r *round, goes map[nasdesk.Folder][]uint32) error {
	for _, f := range sortedFolders(goes) {
		folder := v.mailbox(f)
		for uids := range slices.Chunk(goes[f], v.set.Batch) {
			err := v.move(ctx, uids, folder)
			if err != nil && !tolerable(err) {
				return err
			}
			if err != nil {
				r.unmoved += len(uids)
				v.alarmOnce(Location{Folder: folder}, fmt.Errorf("messages cannot be moved there and stay in %s: %w", v.set.Inbox, err))
				continue
			}
			v.calm(Location{Folder: folder})
		}
	}
	return nil
}

// move makes the folder and tries again if somebody has removed it.
func (v *visit) move(ctx context.Context, uids []uint32, folder string) error {
	err := v.moveOnce(ctx, uids, folder)
	var answer *imap.Error
	if !errors.As(err, &answer) || answer.Code != imap.ResponseCodeTryCreate {
		return err
	}
	if err := v.ensureFolder(ctx, folder); err != nil {
		return err
	}
	return v.moveOnce(ctx, uids, folder)
}

// moveOnce uses MOVE, or its three steps one after another. The client has a
// substitute for MOVE of its own that must never be used: it sends the three
// steps without waiting, and a message whose copy failed is expunged all the
// same (trap T1).
func (v *visit) moveOnce(ctx context.Context, uids []uint32, folder string) error {
	if !v.client.Caps().Has(imap.CapMove) {
		return v.copyAndExpunge(ctx, uids, folder)
	}
	return v.command(ctx, "MOVE", func(func()) error {
		return second(v.client.Move(uidSet(uids), folder).Wait())
	})
}

// copyAndExpunge is what MOVE stands for (RFC 6851, 3.3). Each step waits for
// the OK of the one before. UID EXPUNGE removes these messages only, where
// EXPUNGE would remove all that anybody has marked.
func (v *visit) copyAndExpunge(ctx context.Context, uids []uint32, folder string) error {
	if err := v.copy(ctx, uids, folder); err != nil {
		return err
	}
	set := uidSet(uids)
	err := v.command(ctx, "STORE", func(func()) error {
		deleted := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
		return v.client.Store(set, deleted, nil).Close()
	})
	if err != nil {
		return err
	}
	if err := v.command(ctx, "EXPUNGE", func(func()) error { return v.client.UIDExpunge(set).Close() }); err != nil {
		return err
	}
	for _, uid := range uids {
		delete(v.copied, v.at(uid))
	}
	return nil
}

// copy passes over what it has copied before: where the steps behind it fail
// again and again, the folder would fill with copies.
func (v *visit) copy(ctx context.Context, uids []uint32, folder string) error {
	uids = slices.DeleteFunc(slices.Clone(uids), func(uid uint32) bool { return v.copied[v.at(uid)] })
	if len(uids) == 0 {
		return nil
	}
	err := v.command(ctx, "COPY", func(func()) error {
		return second(v.client.Copy(uidSet(uids), folder).Wait())
	})
	if err != nil {
		return err
	}
	for _, uid := range uids {
		v.copied[v.at(uid)] = true
	}
	return nil
}
