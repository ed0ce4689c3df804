package store

import (
	"cmp"
	"context"
	"time"

	"nasdesk"
)

const (
	longest = nasdesk.Timestamp(12 * 3600 * 1e6) // a session that was begun so long ago is over
	touch   = nasdesk.Timestamp(60 * 1e6)        // how closely the use of a session is kept
)

// PutStaff keeps a member of staff, new or changed. What signing in counts is
// left as it is. Disabling one ends the sessions.
func (s *Store) PutStaff(ctx context.Context, p Staff) error { return s.putStaff(ctx, p) }

// ChangeStaff is [Store.PutStaff] with a line in the journal: who changed what of
// a member of staff, such as "role lead".
func (s *Store) ChangeStaff(ctx context.Context, p Staff, what, by string, now nasdesk.Timestamp) error {
	return s.putStaff(ctx, p, staffLine(now, "staff-changed", 0, "", p.Name+": "+what+", by "+by))
}

func (s *Store) putStaff(ctx context.Context, p Staff, more ...Statement) error {
	return s.db.tx(ctx, func(Q) ([]Statement, error) {
		out := []Statement{{SQL: `insert into staff (name, display, role, hash, disabled) values ($1, $2, $3, $4, $5)
			on conflict (name) do update set display = excluded.display, role = excluded.role, hash = excluded.hash, disabled = excluded.disabled`,
			Args: []any{p.Name, s.seal("staff.display", p.Display), p.Role, s.seal("staff.hash", p.Hash), p.Disabled}, Of: "staff " + p.Name}}
		if p.Disabled {
			out = append(out, Statement{SQL: `delete from session where staff = $1`, Args: []any{p.Name}, Of: "sessions"})
		}
		return append(out, more...), nil
	})
}

// SetPassword gives a member of staff another password, by its hash, and lifts
// the lock that wrong ones made. Their sessions end, but that of a token's hash;
// "" spares none. The journal says who did it. ErrNone if there is nobody of that
// name.
func (s *Store) SetPassword(ctx context.Context, name, hash, by, but string, now nasdesk.Timestamp) error {
	found := false
	st := Statement{SQL: `update staff set hash = $2, failed = 0, locked_until = 0 where name = $1 returning name`, Args: []any{name, s.seal("staff.hash", hash)},
		Of: "staff", Each: func(Scan) error { found = true; return nil }}
	err := s.db.tx(ctx, func(q Q) ([]Statement, error) {
		if err := q.Do(ctx, st); err != nil || !found {
			return nil, err
		}
		return []Statement{{SQL: `delete from session where staff = $1 and token <> $2`, Args: []any{name, but}, Of: "sessions"},
			staffLine(now, "staff-changed", 0, "", name+": new password, by "+by)}, nil
	})
	if err == nil && !found {
		err = statementError(st, ErrNone)
	}
	return err
}

const staffColumns = `name, display, role, hash, failed, locked_until, disabled, signed_in_at`

func (s *Store) eachStaff(into *[]Staff) func(Scan) error {
	return func(scan Scan) error {
		var p Staff
		var disabled int64
		err := scan(&p.Name, open(s, "staff.display", &p.Display), &p.Role, open(s, "staff.hash", &p.Hash), &p.Failed, &p.LockedUntil, &disabled, &p.SignedInAt)
		p.Disabled = disabled == 1
		*into = append(*into, p)
		return err
	}
}

// StaffNamed returns a member of staff by sign-in name; ErrNone if there is none.
func (s *Store) StaffNamed(ctx context.Context, name string) (Staff, error) {
	var found []Staff
	err := s.one(ctx, Statement{SQL: `select ` + staffColumns + ` from staff where name = $1`, Args: []any{name}, Of: "staff", Each: s.eachStaff(&found)})
	if err != nil {
		return Staff{}, err
	}
	return found[0], nil
}

// StaffAll returns all staff, the disabled too, by name.
func (s *Store) StaffAll(ctx context.Context) ([]Staff, error) {
	var found []Staff
	err := s.db.reader().Do(ctx, Statement{SQL: `select ` + staffColumns + ` from staff order by name`, Of: "staff", Each: s.eachStaff(&found)})
	return found, err
}

// SignInFailed counts a wrong password. The most-th in a row locks the account
// for a while, and counting begins again. ErrNone if there is nobody of that name.
func (s *Store) SignInFailed(ctx context.Context, name string, now nasdesk.Timestamp, most int, lock time.Duration) error {
	return s.signIn(ctx, name, now, "sign-in-failed", Statement{SQL: `update staff set locked_until = case when failed + 1 >= $2 then $3 else locked_until end,
		failed = case when failed + 1 >= $2 then 0 else failed + 1 end where name = $1 returning name`, Args: []any{name, most, now + nasdesk.Timestamp(lock.Microseconds())}})
}

// SignedIn records that somebody has signed in, and forgets the wrong passwords.
func (s *Store) SignedIn(ctx context.Context, name string, now nasdesk.Timestamp) error {
	return s.signIn(ctx, name, now, "signed-in", Statement{SQL: `update staff set failed = 0, locked_until = 0, signed_in_at = $2 where name = $1 returning name`, Args: []any{name, now}})
}

func (s *Store) signIn(ctx context.Context, name string, now nasdesk.Timestamp, what string, st Statement) error {
	found := false
	st.Of, st.Each = "staff", func(Scan) error { found = true; return nil }
	err := s.db.tx(ctx, func(q Q) ([]Statement, error) {
		if err := q.Do(ctx, st); err != nil || !found {
			return nil, err
		}
		return []Statement{staffLine(now, what, 0, "", "by "+name)}, nil
	})
	if err == nil && !found {
		err = statementError(st, ErrNone)
	}
	return err
}

func staffLine(at nasdesk.Timestamp, what string, request int64, subject, detail string) Statement {
	return Statement{SQL: `insert into journal (at, event, request, what, subject, detail) values ($1, '', $2, $3, $4, $5)`,
		Args: []any{at, request, what, subject, detail}, Of: "journal"}
}

// Viewed writes in the journal that a member of staff saw personal data: a page
// (what), the request or the person that it is about.
func (s *Store) Viewed(ctx context.Context, by, what string, request int64, subject string, now nasdesk.Timestamp) error {
	salt, err := s.salted(ctx)
	if err != nil {
		return err
	}
	if subject != "" {
		subject = saltedDigest(salt, subject)
	}
	return s.db.tx(ctx, func(Q) ([]Statement, error) {
		return []Statement{staffLine(now, "viewed", request, subject, what+" by "+by)}, nil
	})
}

// halfAnHour is how long a session may be idle where nobody says otherwise.
const halfAnHour = 30 * time.Minute

// UseIdle sets how long a session lasts that nobody uses; 0 is half an hour.
func (s *Store) UseIdle(d time.Duration) { s.idleFor.Store(int64(d)) }

func (s *Store) idle() nasdesk.Timestamp {
	return nasdesk.Timestamp(cmp.Or(time.Duration(s.idleFor.Load()), halfAnHour).Microseconds())
}

// NewSession begins a session of a member of staff who is not disabled; ErrNone
// of anybody else. Where EndsAt is 0 it is over after twelve hours. Sessions
// that are over are swept away.
func (s *Store) NewSession(ctx context.Context, n Session) error {
	if n.EndsAt == 0 {
		n.EndsAt = n.MadeAt + longest
	}
	made := false
	st := Statement{SQL: `insert into session (token, staff, made_at, seen_at, ends_at)
		select cast($1 as text), name, cast($3 as {int}), cast($3 as {int}), cast($4 as {int}) from staff where name = $2 and disabled = 0 returning token`,
		Args: []any{n.Token, n.Staff, n.MadeAt, n.EndsAt}, Of: "session", Each: func(Scan) error { made = true; return nil }}
	st.SQL = s.db.dialect().DDL.Replace(st.SQL)
	err := s.db.tx(ctx, func(Q) ([]Statement, error) {
		return []Statement{{SQL: `delete from session where ends_at <= $1 or seen_at <= $2`, Args: []any{n.MadeAt, n.MadeAt - s.idle()}, Of: "session"}, st}, nil
	})
	if err == nil && !made {
		err = statementError(st, ErrNone)
	}
	return err
}

// SessionAt returns the session of a token's hash, with the role that its owner
// has now. ErrNone if there is none, if it is over, was idle too long (see UseIdle), or
// its owner is disabled. It is not used by this: a page that follows what happens
// by itself keeps nobody signed in.
func (s *Store) SessionAt(ctx context.Context, tokenHash string, now nasdesk.Timestamp) (Session, error) {
	var n Session
	err := s.one(ctx, Statement{SQL: `select o.token, o.staff, p.role, p.display, o.made_at, o.seen_at, o.ends_at from session o join staff p on p.name = o.staff
		where o.token = $1 and o.ends_at > $2 and o.seen_at > $3 and p.disabled = 0`, Args: []any{tokenHash, now, now - s.idle()}, Of: "session",
		Each: func(scan Scan) error {
			return scan(&n.Token, &n.Staff, &n.Role, open(s, "staff.display", &n.Display), &n.MadeAt, &n.SeenAt, &n.EndsAt)
		}})
	return n, err
}

// SessionOf is [Store.SessionAt] for a visit of its owner: it notes that the
// session is used.
func (s *Store) SessionOf(ctx context.Context, tokenHash string, now nasdesk.Timestamp) (Session, error) {
	n, err := s.SessionAt(ctx, tokenHash, now)
	if err != nil || now-n.SeenAt < touch {
		return n, err
	}
	n.SeenAt = now
	return n, s.db.tx(ctx, func(Q) ([]Statement, error) {
		return []Statement{{SQL: `update session set seen_at = $2 where token = $1 and seen_at < $2`, Args: []any{tokenHash, now}, Of: "session"}}, nil
	})
}

// EndSession signs a browser out. One that is over already does no harm.
func (s *Store) EndSession(ctx context.Context, tokenHash string) error {
	return s.db.tx(ctx, func(Q) ([]Statement, error) {
		return []Statement{{SQL: `delete from session where token = $1`, Args: []any{tokenHash}, Of: "session"}}, nil
	})
}

// EndSessions signs a member of staff out of every browser but the one of a
// token's hash; "" spares none.
func (s *Store) EndSessions(ctx context.Context, staff, but string) error {
	return s.db.tx(ctx, func(Q) ([]Statement, error) {
		return []Statement{{SQL: `delete from session where staff = $1 and token <> $2`, Args: []any{staff, but}, Of: "sessions"}}, nil
	})
}
