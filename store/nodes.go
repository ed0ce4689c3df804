package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Several programs may serve one PostgreSQL database. Each is a node: it beats
// four times in a lease, and watches the others. A node whose beat has stood still
// for a whole lease, by the watcher's own clock, is gone: what it had claimed is
// given back, and the inbox falls to another. No two clocks are ever compared. A
// node that was only paused finds out before it does anything more: it may act
// only for two thirds of a lease after its last beat ([Node.Alive]), and its next
// beat tells it that it is gone.

// DefaultLease is how long a node may be silent before its work goes to others.
const DefaultLease = 15 * time.Second

// ErrServed says that another program serves this SQLite database, which is for
// one alone.
var ErrServed = errors.New("another nasdesk serves this database: stop it first")

// ErrGone says that the others took this node for gone: it was silent too long.
var ErrGone = errors.New("store: this program was silent for so long that others took over its work")

// A Node is one program that serves the database.
type Node struct {
	s     *Store
	name  string
	lease time.Duration
	free  func() // of the lock beside an SQLite database

	id    atomic.Int64
	alive atomic.Int64         // when it last beat, as nanoseconds of its own clock
	holds atomic.Bool          // the inbox
	peers atomic.Int64         // the others, at the last look
	clock func() time.Duration // since it joined

	mu   sync.Mutex
	seen map[int64]pulse // the others
}

// A pulse is how the beat of another node was last seen to change.
type pulse struct {
	beat  int64
	since time.Duration
}

// Join makes this program a node of the database: name says which to people, lease
// is how long it may be silent (0: DefaultLease). Call Run then, and Leave at the
// end. An SQLite database has one node at a time: another is ErrServed.
func (s *Store) Join(ctx context.Context, name string, lease time.Duration) (*Node, error) {
	free, err := s.db.alone(ctx)
	if err != nil {
		return nil, err
	}
	if lease <= 0 {
		lease = DefaultLease
	}
	start := time.Now()
	n := &Node{s: s, name: name, lease: lease, free: free, seen: map[int64]pulse{}, clock: func() time.Duration { return time.Since(start) }}
	if err = n.enter(ctx); err == nil && s.db.dialect().Single {
		err = n.bury(ctx) // the lock says that nobody else is left
	}
	if err != nil {
		free()
		return nil, err
	}
	return n, nil
}

// enter makes a node of it, under a number that no other had.
func (n *Node) enter(ctx context.Context) error {
	var id int64
	err := n.s.claim(ctx, Statement{SQL: `insert into node (name, joined_at) values ($1, $2) returning id`, Args: []any{n.name, time.Now().UnixMicro()},
		Each: func(scan Scan) error { return scan(&id) }, Of: "node"})
	if err != nil {
		return err
	}
	n.id.Store(id)
	n.s.node.Store(id)
	n.alive.Store(int64(n.clock()))
	return nil
}

// Alive reports whether this node may act on what it has claimed. A program that
// was stopped and goes on finds that it may not.
func (n *Node) Alive() bool {
	return n.clock()-time.Duration(n.alive.Load()) < n.lease*2/3
}

// HoldsInbox reports whether this node is the one that takes mail from the inbox.
func (n *Node) HoldsInbox() bool { return n.holds.Load() && n.Alive() }

// Peers is how many nodes share the database's work, this one included: at least
// one. It is as the last beat found it.
func (n *Node) Peers() int { return int(n.peers.Load()) + 1 }

// ID is the node's number. It changes when the node was taken for gone.
func (n *Node) ID() int64 { return n.id.Load() }

// Run beats and watches until ctx is done. What fails is told, and tried again at
// the next beat: a database that is away comes back.
func (n *Node) Run(ctx context.Context, tell func(error)) {
	relayed := make(chan struct{})
	go func() { defer close(relayed); n.s.db.relay(ctx, n.s) }()
	defer func() { <-relayed }()
	tick := time.NewTicker(n.lease / 4)
	defer tick.Stop()
	for {
		if err := n.round(ctx); err != nil && ctx.Err() == nil {
			tell(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// round is one beat, a look at the others, and a hand on the inbox if it is free.
func (n *Node) round(ctx context.Context) error {
	if err := n.beat(ctx); errors.Is(err, ErrGone) {
		n.holds.Store(false)
		if err := n.enter(ctx); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	if err := n.watch(ctx); err != nil {
		return err
	}
	return n.hold(ctx)
}

func (n *Node) beat(ctx context.Context) error {
	at := n.clock() // before it is asked: the answer may take its time
	ok := false
	err := n.s.claim(ctx, Statement{SQL: `update node set beat = beat + 1 where id = $1 and gone = 0 returning id`, Args: []any{n.ID()},
		Each: func(Scan) error { ok = true; return nil }, Of: "node"})
	if err == nil && !ok {
		err = ErrGone
	}
	if err == nil {
		n.alive.Store(int64(at))
	}
	return err
}

// others are the beats of the nodes that are not gone, by number, without this one.
func (n *Node) others(ctx context.Context) (map[int64]int64, error) {
	beats := map[int64]int64{}
	return beats, n.s.db.reader().Do(ctx, Statement{SQL: `select id, beat from node where gone = 0 and id <> $1`, Args: []any{n.ID()}, Of: "nodes",
		Each: func(scan Scan) error {
			var id, beat int64
			err := scan(&id, &beat)
			beats[id] = beat
			return err
		}})
}

// watch looks whose beat stands still.
func (n *Node) watch(ctx context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	here, err := n.others(ctx)
	if err != nil {
		return err
	}
	var errs []error
	seen := map[int64]pulse{}
	for id, beat := range here {
		p, known := n.seen[id]
		if !known || p.beat != beat {
			p = pulse{beat, n.clock()}
		} else if n.clock()-p.since >= n.lease {
			errs = append(errs, n.s.gone(ctx, id, beat))
		}
		seen[id] = p
	}
	n.seen = seen
	n.peers.Store(int64(len(seen)))
	return errors.Join(errs...)
}

// gone says of a node whose beat stands still that it is gone, gives back what it
// had claimed, and takes the inbox from it.
func (s *Store) gone(ctx context.Context, id, beat int64) error {
	var was bool
	err := s.db.tx(ctx, func(q Q) ([]Statement, error) {
		err := q.Do(ctx, Statement{SQL: `update node set gone = 1 where id = $1 and beat = $2 and gone = 0 returning id`, Args: []any{id, beat},
			Each: func(Scan) error { was = true; return nil }, Of: "node"})
		if err != nil || !was {
			return nil, err
		}
		return append(givenBack(id, claimTables...), Statement{SQL: `update holder set node = 0 where node = $1`, Args: []any{id}, Of: "holder"}), nil
	})
	if err == nil && was {
		s.committed(true)
	}
	return err
}

// claimTables are those whose rows are claimed.
var claimTables = []string{"mail", "work", "due", "deadline", "click"}

// givenBack lets the leases of a node's claims in some tables run out.
func givenBack(node int64, tables ...string) []Statement {
	var out []Statement
	for _, table := range tables {
		out = append(out, Statement{SQL: `update ` + table + ` set locked_until = 1 where state = 'running' and node = $1`, Args: []any{node}, Of: "leases"})
	}
	return out
}

// Regain gives back what this node has claimed in a table ("mail", "work", "due",
// "deadline" or "click"), for whoever comes first. A claim whose answer was lost on the way is
// nobody's work and would wait for its lease to run out. Call it while no worker of
// this program has anything of that table in hand.
func (s *Store) Regain(ctx context.Context, table string) error {
	node := s.node.Load()
	if node == 0 {
		return nil // of a program that joined nobody its claims cannot be told from others'
	}
	return s.db.tx(ctx, func(Q) ([]Statement, error) { return givenBack(node, table), nil })
}

// bury says of every other node that it is gone.
func (n *Node) bury(ctx context.Context) error {
	others, err := n.others(ctx)
	for id, beat := range others {
		err = errors.Join(err, n.s.gone(ctx, id, beat))
	}
	return err
}

// hold takes the inbox if nobody has it.
func (n *Node) hold(ctx context.Context) error {
	var holder int64
	err := n.s.db.tx(ctx, func(q Q) ([]Statement, error) {
		err := q.Do(ctx, Statement{SQL: `update holder set node = $1, fence = fence + 1 where role = 'inbox' and node = 0`, Args: []any{n.ID()}, Of: "holder"})
		if err != nil {
			return nil, err
		}
		return []Statement{{SQL: `select node from holder where role = 'inbox'`, Each: func(scan Scan) error { return scan(&holder) }, Of: "holder"}}, nil
	})
	n.holds.Store(err == nil && holder == n.ID())
	return err
}

// Leave gives back at once what this node holds and has claimed.
func (n *Node) Leave(ctx context.Context) error {
	defer n.free()
	n.holds.Store(false)
	var beat int64
	err := n.s.db.reader().Do(ctx, Statement{SQL: `select beat from node where id = $1`, Args: []any{n.ID()}, Each: func(scan Scan) error { return scan(&beat) }, Of: "node"})
	if err != nil {
		return fmt.Errorf("store: leaving: %w; what this program had claimed waits for its lease to run out", err)
	}
	return n.s.gone(ctx, n.ID(), beat)
}
