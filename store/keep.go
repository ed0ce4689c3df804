package store

import (
	"context"
	"crypto/sha256"

	"nasdesk"
)

// A Location is where a message lies in a mailbox: seen before, skip. RFC 9051,
// 2.3.1.1: folder, UIDVALIDITY and UID together name one message for ever.
type Location struct {
	Folder      string
	UIDValidity uint32
	UID         uint32
}

// A LocationState says what became of the message at a location.
type LocationState string

const (
	LocationKept    LocationState = "kept"    // its bytes are safe; not decided
	LocationParked  LocationState = "parked"  // it cannot be worked on: staff look
	LocationDecided LocationState = "decided" // its event is committed; not moved yet
	LocationMoved   LocationState = "moved"
)

// A Kept is a message in the store.
type Kept struct {
	ID     int64
	SHA256 string // of the bytes, in hex
	Seen   bool   // it was kept before
	State  LocationState
}

// Keep stores the raw bytes of a message. When it returns without an error they
// are on the disk. The same location is kept once, whatever the bytes.
func (s *Store) Keep(ctx context.Context, raw []byte, at Location, when nasdesk.Timestamp) (Kept, error) {
	id, err := s.newIDs(ctx, "raw", 1)
	if err != nil {
		return Kept{}, err
	}
	sum := sha256.Sum256(raw)
	k := Kept{ID: id, SHA256: hexed(sum[:]), State: LocationKept}
	err = s.db.tx(ctx, func(q Q) ([]Statement, error) {
		return []Statement{
			{SQL: `insert into raw (id, sha256, size, bytes, kept_at) values ($1, $2, $3, $4, $5)`,
				Args: []any{id, k.SHA256, len(raw), s.seal("raw.bytes", string(raw)), when}, Of: "keep"},
			{SQL: `insert into location (folder, uidvalidity, uid, raw) values ($1, $2, $3, $4)`,
				Args: []any{at.Folder, at.UIDValidity, at.UID, id}, Of: "keep"},
		}, nil
	})
	if isUnique(err) {
		return s.keptAt(ctx, at)
	}
	return k, err
}

func (s *Store) keptAt(ctx context.Context, at Location) (Kept, error) {
	k := Kept{Seen: true}
	err := s.one(ctx, Statement{SQL: `select r.id, r.sha256, l.state from location l join raw r on r.id = l.raw
		where l.folder = $1 and l.uidvalidity = $2 and l.uid = $3`, Args: []any{at.Folder, at.UIDValidity, at.UID},
		Each: func(scan Scan) error { return scan(&k.ID, &k.SHA256, &k.State) }, Of: "location"})
	return k, err
}

// one runs a query that must have a row.
func (s *Store) one(ctx context.Context, st Statement) error {
	each, n := st.Each, 0
	st.Each = func(scan Scan) error { n++; return each(scan) }
	if err := s.db.reader().Do(ctx, st); err != nil {
		return err
	}
	if n == 0 {
		return statementError(st, ErrNone)
	}
	return nil
}

// write runs one statement in a transaction of its own, and returns an error if
// it changed nothing. The statement must return a row for each row it changes.
func (s *Store) write(ctx context.Context, none error, st Statement) error {
	n := 0
	if st.Each == nil {
		st.SQL += ` returning 1`
		st.Each = func(Scan) error { n++; return nil }
	} else {
		each := st.Each
		st.Each = func(scan Scan) error { n++; return each(scan) }
	}
	err := s.db.tx(ctx, func(Q) ([]Statement, error) { return []Statement{st}, nil })
	if err == nil && n == 0 {
		return statementError(st, none)
	}
	return err
}

// Raw returns the bytes of a message as they came.
func (s *Store) Raw(ctx context.Context, id int64) ([]byte, error) {
	var raw []byte
	err := s.one(ctx, Statement{SQL: `select bytes from raw where id = $1`, Args: []any{id}, Of: "raw message",
		Each: func(scan Scan) error {
			return scan(s.openTo("raw.bytes", func(b []byte) error { raw = append([]byte{}, b...); return nil }))
		}})
	return raw, err
}

// LocationOf returns where a kept message was first found. ErrNone if there is
// none.
func (s *Store) LocationOf(ctx context.Context, id int64) (at Location, err error) {
	return at, s.one(ctx, Statement{SQL: `select folder, uidvalidity, uid from location where raw = $1 order by folder, uidvalidity, uid limit 1`,
		Args: []any{id}, Each: func(scan Scan) error { return scan(&at.Folder, &at.UIDValidity, &at.UID) }, Of: "location"})
}

// Moved records that the message at a location lies in another folder now.
func (s *Store) Moved(ctx context.Context, at Location, folder string) error {
	return s.write(ctx, ErrNone, Statement{SQL: `update location set state = 'moved', moved_to = $4 where folder = $1 and uidvalidity = $2 and uid = $3`,
		Args: []any{at.Folder, at.UIDValidity, at.UID, folder}, Of: "location"})
}

// Locations returns the UIDs of a folder that are in the ledger, in order, for
// the reconciliation: a UID in the folder and not here is unaccounted for.
func (s *Store) Locations(ctx context.Context, folder string, uidvalidity uint32) ([]uint32, error) {
	var uids []uint32
	err := s.db.reader().Do(ctx, Statement{SQL: `select uid from location where folder = $1 and uidvalidity = $2 order by uid`,
		Args: []any{folder, uidvalidity}, Each: func(scan Scan) error {
			var uid int64
			err := scan(&uid)
			uids = append(uids, uint32(uid))
			return err
		}})
	return uids, err
}

// A Move is a message that is decided and does not yet lie where it belongs.
type Move struct {
	Location
	To nasdesk.Folder
}

// Moves returns what is still to be moved out of a folder: the moving comes
// last, so a crash leaves it undone.
func (s *Store) Moves(ctx context.Context, folder string, uidvalidity uint32) ([]Move, error) {
	var moves []Move
	err := s.db.reader().Do(ctx, Statement{SQL: `select l.uid, min(h.folder) from location l join handled h on h.raw = l.raw
		where l.folder = $1 and l.uidvalidity = $2 and l.state = 'decided' group by l.uid order by l.uid`,
		Args: []any{folder, uidvalidity}, Each: func(scan Scan) error {
			var uid int64
			m := Move{Location: Location{Folder: folder, UIDValidity: uidvalidity}}
			err := scan(&uid, &m.To)
			m.UID = uint32(uid)
			moves = append(moves, m)
			return err
		}})
	return moves, err
}

// Attempt counts one more attempt to work on a message, and returns the count.
// It is durable before the attempt begins: a message that ends the program is
// known by it.
func (s *Store) Attempt(ctx context.Context, id int64) (int, error) {
	var n int64
	err := s.write(ctx, ErrNone, Statement{SQL: `update location set attempts = attempts + 1 where raw = $1 returning attempts`, Args: []any{id},
		Each: func(scan Scan) error { return scan(&n) }, Of: "message"})
	return int(n), err
}

// Park sets a message aside that cannot be worked on, with the reason: no
// personal data. It is staff's from here; Decide may still take it.
func (s *Store) Park(ctx context.Context, id int64, why string) error {
	return s.write(ctx, ErrNone, Statement{SQL: `update location set state = 'parked', why = $2 where raw = $1 and state in ('kept', 'parked')`,
		Args: []any{id, why}, Of: "message"})
}

// An Unhandled is a message that was kept and not decided.
type Unhandled struct {
	ID       int64
	At       Location
	KeptAt   nasdesk.Timestamp
	Attempts int
	Why      string // of a parked one
	Raw      []byte
}

// Unhandled returns messages that were kept and not decided, oldest first: the
// program ended between the two. At most limit of them.
func (s *Store) Unhandled(ctx context.Context, limit int) ([]Unhandled, error) {
	return s.unhandled(ctx, `'kept'`, limit)
}

// Parked returns the messages that were set aside.
func (s *Store) Parked(ctx context.Context, limit int) ([]Unhandled, error) {
	return s.unhandled(ctx, `'parked'`, limit)
}

func (s *Store) unhandled(ctx context.Context, state string, limit int) ([]Unhandled, error) {
	var out []Unhandled
	err := s.db.reader().Do(ctx, Statement{SQL: `select r.id, l.folder, l.uidvalidity, l.uid, r.kept_at, l.attempts, l.why, r.bytes
		from location l join raw r on r.id = l.raw where l.state = ` + state + ` order by r.id limit $1`, Args: []any{limit},
		Each: func(scan Scan) error {
			var u Unhandled
			err := scan(&u.ID, &u.At.Folder, &u.At.UIDValidity, &u.At.UID, &u.KeptAt, &u.Attempts, &u.Why,
				s.openTo("raw.bytes", func(b []byte) error { u.Raw = append([]byte{}, b...); return nil }))
			out = append(out, u)
			return err
		}})
	return out, err
}
