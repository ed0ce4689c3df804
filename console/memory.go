package console

import (
	"context"
	"time"

	"nasdesk"
	"nasdesk/store"
)

// staffStore is what the frame needs of the store.
type staffStore interface {
	PutStaff(context.Context, store.Staff) error
	StaffNamed(ctx context.Context, name string) (store.Staff, error)
	StaffAll(context.Context) ([]store.Staff, error)
	SignInFailed(ctx context.Context, name string, now nasdesk.Timestamp, most int, lock time.Duration) error
	SignedIn(ctx context.Context, name string, now nasdesk.Timestamp) error
	NewSession(context.Context, store.Session) error
	SessionOf(ctx context.Context, token string, now nasdesk.Timestamp) (store.Session, error)
	EndSession(ctx context.Context, token string) error
	Viewed(ctx context.Context, by, what string, request int64, subject string, now nasdesk.Timestamp) error
	Counts(ctx context.Context, today nasdesk.Date) (map[store.Queue]int, error)
	Changed() <-chan struct{}
}

func (o *Office) staffStore() staffStore { return any(o.Store).(staffStore) }
