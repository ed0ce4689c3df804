package store

import (
	"flag"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"nasdesk/store/pgtest"
)

// The suite runs every test on SQLite in memory, SQLite in a file and
// PostgreSQL: one server for the test binary, or the one at
// NASDESK_TEST_POSTGRES. Where there is neither, those tests are skipped.
var cluster = sync.OnceValues(func() (*pgtest.Server, error) {
	if f := flag.Lookup("test.bench"); f != nil && f.Value.String() != "" {
		return pgtest.Run() // what is measured is durable
	}
	return pgtest.Run("fsync=off")
})

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if started {
		s, _ := cluster()
		s.Stop()
	}
	os.Exit(code)
}

var started bool // a test has asked for the server

// each runs a test on every engine, with a fresh and migrated store.
func each(t *testing.T, f func(t *testing.T, s *Store)) {
	eachURL(t, func(t *testing.T, url string) { f(t, opened(t, url)) })
}

func eachURL(t *testing.T, f func(t *testing.T, url string)) {
	for _, engine := range []string{"memory", "file", "postgres"} {
		t.Run(engine, func(t *testing.T) { f(t, urlOf(t, engine)) })
	}
}

func urlOf(t testing.TB, engine string) string {
	switch engine {
	case "memory":
		return "sqlite::memory:"
	case "file":
		return "sqlite:" + filepath.Join(t.TempDir(), "desk of nas?.db")
	}
	started = true
	server, err := cluster()
	if err != nil {
		t.Skipf("no PostgreSQL to test on: %v (set NASDESK_TEST_POSTGRES, or install postgresql)", err)
	}
	return server.Database(t)
}

func opened(t testing.TB, url string) *Store {
	t.Helper()
	s, err := Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}
