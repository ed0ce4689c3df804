package store

import (
	"context"

	"nasdesk"
)

// A Known is what the ledger knows of a message in the mailbox.
type Known struct {
	Folder nasdesk.Folder // where it goes, once it is decided or parked; else ""
	Failed int            // how often fetching it broke the connection
}

// Look returns what the ledger knows of messages in a folder. A message that was
// kept and not decided is not in it: it is brought again and decided.
func (s *Store) Look(ctx context.Context, folder string, uidvalidity uint32, uids []uint32) (map[uint32]Known, error) {
	out := make(map[uint32]Known, len(uids))
	list := make([]int64, len(uids))
	for i, u := range uids {
		list[i] = int64(u)
	}
	each := func(scan Scan) error {
		var uid uint32
		var k Known
		err := scan(&uid, &k.Folder, &k.Failed)
		out[uid] = k
		return err
	}
	err := s.db.reader().Do(ctx,
		Statement{SQL: `select uid, case when parked = 1 then 'exceptions' else '' end, failed from unfetched
			where folder = $1 and uidvalidity = $2 and uid in ($3...)`, Args: []any{folder, uidvalidity, list}, Each: each, Of: "ledger"},
		Statement{SQL: `select l.uid, case when l.state = 'parked' then 'exceptions' else h.folder end, 0 from location l
			left join handled h on h.raw = l.raw
			where l.folder = $1 and l.uidvalidity = $2 and l.uid in ($3...) and (h.folder is not null or l.state = 'parked')`,
			Args: []any{folder, uidvalidity, list}, Each: each, Of: "ledger"})
	return out, err
}

// FetchFailed counts that fetching a message broke the connection.
func (s *Store) FetchFailed(ctx context.Context, at Location) (int, error) {
	var n int
	err := s.write(ctx, ErrNone, Statement{SQL: `insert into unfetched (folder, uidvalidity, uid, failed) values ($1, $2, $3, 1)
		on conflict (folder, uidvalidity, uid) do update set failed = unfetched.failed + 1 returning failed`,
		Args: []any{at.Folder, at.UIDValidity, at.UID}, Each: func(scan Scan) error { return scan(&n) }, Of: "ledger"})
	return n, err
}

// ParkUnread records a message that is given up unread. why holds no personal
// data.
func (s *Store) ParkUnread(ctx context.Context, at Location, why string) error {
	return s.write(ctx, ErrNone, Statement{SQL: `insert into unfetched (folder, uidvalidity, uid, parked, why) values ($1, $2, $3, 1, $4)
		on conflict (folder, uidvalidity, uid) do update set parked = 1, why = excluded.why`,
		Args: []any{at.Folder, at.UIDValidity, at.UID, why}, Of: "ledger"})
}
