package main

import (
	"context"
	"errors"

	"nasdesk"
	"nasdesk/inbox"
	"nasdesk/store"
)

// A memory is the store as the inbox sees it.
type memory struct {
	*store.Store
	holds func() bool                          // whether this node holds the inbox; nil: always
	tell  func(d *nasdesk.Decision, raw int64) // told of each decision as it is made; nil: nobody
}

var errNotHolder = errors.New("another node holds the inbox now")

func place(at inbox.Location) store.Location {
	return store.Location{Folder: at.Folder, UIDValidity: at.UIDValidity, UID: at.UID}
}

// Keep implements inbox.Memory.
func (m memory) Keep(ctx context.Context, raw []byte, at inbox.Location, when nasdesk.Timestamp) (inbox.Kept, error) {
	if m.holds != nil && !m.holds() {
		return inbox.Kept{}, errNotHolder
	}
	k, err := m.Store.Keep(ctx, raw, place(at), when)
	kept := inbox.Kept{ID: k.ID}
	if k.State == store.LocationParked {
		kept.Folder = nasdesk.FolderExceptions
	}
	return kept, err
}

// Decide implements inbox.Memory. An event that was decided before is no fault:
// its decision stands.
func (m memory) Decide(ctx context.Context, ev nasdesk.Event, keys nasdesk.Keys, raw int64, step func(*nasdesk.Case) nasdesk.Decision) (nasdesk.Decision, error) {
	d, err := m.Store.Decide(ctx, ev, keys, raw, step)
	if errors.Is(err, store.ErrHandled) {
		return d, nil
	}
	if err == nil && d.Hindered == "" && m.tell != nil {
		m.tell(&d, raw)
	}
	return d, err
}

// A ledger is the store as the door sees it.
type ledger struct{ *store.Store }

// Look implements inbox.Ledger.
func (l ledger) Look(ctx context.Context, folder string, validity uint32, uids []uint32) (map[uint32]inbox.Entry, error) {
	known, err := l.Store.Look(ctx, folder, validity, uids)
	out := make(map[uint32]inbox.Entry, len(known))
	for uid, k := range known {
		out[uid] = inbox.Entry{Folder: k.Folder, Failed: k.Failed}
	}
	return out, err
}

// Failed implements inbox.Ledger.
func (l ledger) Failed(ctx context.Context, at inbox.Location) (int, error) {
	return l.Store.FetchFailed(ctx, place(at))
}

// Park implements inbox.Ledger.
func (l ledger) Park(ctx context.Context, at inbox.Location, why string) error {
	return l.Store.ParkUnread(ctx, place(at), why)
}
