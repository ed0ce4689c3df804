package store

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// The suite runs every test on SQLite in memory, SQLite in a file and
// PostgreSQL. PostgreSQL is the one at NASDESK_TEST_POSTGRES, or a private
// cluster in a temporary folder, made once for the test binary; where there is
// neither, those tests are skipped.

func TestMain(m *testing.M) {
	code := m.Run()
	cluster.stop()
	os.Exit(code)
}

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
	return cluster.database(t)
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

var cluster pgCluster

// A pgCluster is a PostgreSQL that belongs to this test binary.
type pgCluster struct {
	once sync.Once
	url  string // of its database postgres
	err  error
	dir  string
	bin  string
	n    atomic.Int64
}

// database makes a database for one test and returns its URL.
func (c *pgCluster) database(t testing.TB) string {
	t.Helper()
	c.once.Do(c.start)
	if c.err != nil {
		t.Skipf("no PostgreSQL to test on: %v (set NASDESK_TEST_POSTGRES, or install postgresql)", c.err)
	}
	name := fmt.Sprintf("nasdesk_%d_%d", os.Getpid(), c.n.Add(1))
	c.run(t, "create database "+name)
	t.Cleanup(func() { c.run(t, "drop database "+name+" with (force)") })
	u, err := url.Parse(c.url)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func (c *pgCluster) run(t testing.TB, sql string) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), c.url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), sql); err != nil {
		t.Fatal(err)
	}
}

func (c *pgCluster) start() {
	if c.url = os.Getenv("NASDESK_TEST_POSTGRES"); c.url != "" {
		return
	}
	if c.bin, c.err = pgBin(); c.err != nil {
		return
	}
	if c.dir, c.err = os.MkdirTemp("", "nasdesk-pg-"); c.err != nil {
		return
	}
	if os.Getuid() == 0 {
		if u, err := user.Lookup("postgres"); err == nil {
			uid, _ := strconv.Atoi(u.Uid)
			gid, _ := strconv.Atoi(u.Gid)
			os.Chown(c.dir, uid, gid)
		}
	}
	data := filepath.Join(c.dir, "data")
	if c.err = c.command("initdb", "-D", data, "-U", "nasdesk", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"); c.err != nil {
		return
	}
	c.err = c.command("pg_ctl", "-D", data, "-w", "-l", filepath.Join(c.dir, "log"), "-o",
		"-c listen_addresses='' -c max_connections=200 -k "+c.dir, "start")
	c.url = "postgres://nasdesk@/postgres?host=" + url.QueryEscape(c.dir)
}

func (c *pgCluster) stop() {
	if c.dir != "" {
		c.command("pg_ctl", "-D", filepath.Join(c.dir, "data"), "-m", "immediate", "stop")
		os.RemoveAll(c.dir)
	}
}

// command runs one of PostgreSQL's programs, which refuse to run as root.
func (c *pgCluster) command(name string, args ...string) error {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir = c.dir
	if os.Getuid() == 0 {
		u, err := user.Lookup("postgres")
		if err != nil {
			return err
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if name == "pg_ctl" { // the server keeps the pipe, so there must be none
		cmd.Stdout, cmd.Stderr = nil, nil
	}
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, out.String())
	}
	return nil
}

// pgBin finds the folder of PostgreSQL's programs.
func pgBin() (string, error) {
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		if dir := strings.TrimSpace(string(out)); exists(filepath.Join(dir, "initdb")) {
			return dir, nil
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return "", fmt.Errorf("initdb is not installed")
	}
	return filepath.Dir(found[len(found)-1]), nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
