package store

import (
	"context"
	"strconv"
	"time"
)

// relay: nobody else commits.
func (e *lite) relay(ctx context.Context, _ *Store) { <-ctx.Done() }

const (
	channel   = "nasdesk"
	notifyGap = 50 * time.Millisecond // between two notifications
	listenGap = 5 * time.Second       // before a lost connection is made again
)

// relay sends a notification behind commits of this Store's, never within them,
// and listens for those of others on a connection of its own.
func (e *pg) relay(ctx context.Context, s *Store) {
	sent := make(chan struct{})
	go func() { defer close(sent); e.notify(ctx, s) }()
	for ctx.Err() == nil {
		_ = e.listen(ctx, s) // the connection is made again; until then looking finds what is due
		pause(ctx, listenGap)
	}
	<-sent
}

func (e *pg) notify(ctx context.Context, s *Store) {
	for next := s.ownCommit(); ; {
		select {
		case <-ctx.Done():
			return
		case <-next:
		}
		pause(ctx, notifyGap)
		next = s.ownCommit() // before it is told, so that none falls between
		_, _ = e.pool.Exec(ctx, `select pg_notify($1, $2)`, channel, strconv.FormatInt(s.node.Load(), 10))
	}
}

func (e *pg) listen(ctx context.Context, s *Store) error {
	c, err := e.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer c.Release()
	if _, err := c.Exec(ctx, "listen "+channel); err != nil {
		return err
	}
	defer c.Exec(context.WithoutCancel(ctx), "unlisten "+channel) // it goes with the connection in any case
	s.told(true)                                                  // of whatever was missed before
	for {
		n, err := c.Conn().WaitForNotification(ctx)
		if err != nil {
			return err
		}
		if n.Payload != strconv.FormatInt(s.node.Load(), 10) {
			s.told(true)
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
