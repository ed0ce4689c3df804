package store

import (
	"errors"
	"testing"
)

// One program serves a database, and what it had claimed when it ended is given
// back to the next.
func TestServe(t *testing.T) {
	eachURL(t, func(t *testing.T, url string) {
		first := opened(t, url)
		grant(t, first, "served", twoActions("served")...)
		release, err := first.Serve(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, keys := dueMails(t, first, now); len(keys) != 1 {
			t.Fatalf("claimed %v", keys)
		}
		if _, keys := dueMails(t, first, now); len(keys) != 0 {
			t.Fatalf("claimed again within the lease: %v", keys)
		}
		next := first
		if url != "sqlite::memory:" { // which nobody else can open
			next = opened(t, url)
			if _, err := next.Serve(t.Context()); !errors.Is(err, ErrServed) {
				t.Fatalf("two programs serve one database: %v", err)
			}
		}
		release()
		again, err := next.Serve(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer again()
		if _, keys := dueMails(t, next, now); len(keys) != 1 {
			t.Fatalf("what the first had claimed was not given back: %v", keys)
		}
	})
}
