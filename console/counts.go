package console

import (
	"context"
	"sync"

	"nasdesk"
	"nasdesk/store"
)

// countsLast is how long the counts of the queues are taken as they are, though
// this program heard of no change: others may have made one.
const countsLast = nasdesk.Timestamp(10 * 1e6)

// counts are how many wait in each queue: the same for everybody, so they are
// counted once for all pages until something changes.
type counts struct {
	mu      sync.Mutex
	n       map[store.Queue]int
	at      nasdesk.Timestamp
	today   nasdesk.Date
	changed <-chan struct{} // closed when they may be others
}

// of returns the counts as they are now. The map is not to be written.
func (c *counts) of(ctx context.Context, s *store.Store, today nasdesk.Date, now nasdesk.Timestamp) (map[store.Queue]int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hold(today, now) {
		return c.n, nil
	}
	changed := s.Changed() // taken first: what changes meanwhile is counted next time
	n, err := s.Counts(ctx, today)
	if err != nil {
		return nil, err
	}
	c.n, c.at, c.today, c.changed = n, now, today, changed
	return n, nil
}

func (c *counts) hold(today nasdesk.Date, now nasdesk.Timestamp) bool {
	if c.n == nil || c.today != today || now-c.at >= countsLast {
		return false
	}
	select {
	case <-c.changed:
		return false
	default:
		return true
	}
}
