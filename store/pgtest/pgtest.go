// Package pgtest runs a real PostgreSQL for tests.
package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// A Server is a PostgreSQL of a test's own, with an empty database.
type Server struct {
	URL string

	bin, dir string // empty: it is somebody else's
	settings string // for its command line
}

// Start runs PostgreSQL until the test ends; or makes a database in the one at
// NASDESK_TEST_POSTGRES. The test is skipped where there is neither. The server
// syncs to the disk as usual: tests that end programs at bad moments mean it.
func Start(tb testing.TB) *Server {
	tb.Helper()
	s, err := Run()
	if err != nil {
		tb.Skip(err)
	}
	tb.Cleanup(s.Stop)
	if s.dir == "" {
		s.URL = s.Database(tb)
	}
	return s
}

// Run runs PostgreSQL, with settings (name=value) of its own, until it is
// stopped; or names the one at NASDESK_TEST_POSTGRES. Its error says that there
// is neither. What earlier tests left running, because they were killed, is
// ended and taken away.
func Run(settings ...string) (*Server, error) {
	if at := os.Getenv("NASDESK_TEST_POSTGRES"); at != "" {
		return &Server{URL: at}, nil
	}
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	sweep(bin)
	dir, err := os.MkdirTemp("", prefix)
	if err != nil {
		return nil, err
	}
	s := &Server{URL: "postgres://nasdesk@/postgres?host=" + url.QueryEscape(dir), bin: bin, dir: dir}
	for _, x := range settings {
		s.settings += " -c " + x
	}
	if err = s.make(); err == nil {
		err = s.up()
	}
	if err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// Stop ends the server and takes its folder away. It leaves one that is
// somebody else's alone.
func (s *Server) Stop() {
	if s != nil && s.dir != "" {
		_ = s.command("pg_ctl", "-D", s.data(), "-m", "immediate", "stop") // it may not run
		os.RemoveAll(s.dir)
	}
}

// Up starts the server again. It listens on a socket in its own folder, and
// nowhere else.
func (s *Server) Up(tb testing.TB) {
	tb.Helper()
	if err := s.up(); err != nil {
		tb.Fatal(err)
	}
}

func (s *Server) up() error {
	return s.command("pg_ctl", "-D", s.data(), "-w", "-l", filepath.Join(s.dir, "log"), "-o",
		"-c listen_addresses='' -c max_connections=200 -k "+s.dir+s.settings, "start")
}

// Down stops the server at once, whoever is connected.
func (s *Server) Down(tb testing.TB) {
	tb.Helper()
	if s.dir == "" {
		tb.Skip("the PostgreSQL at NASDESK_TEST_POSTGRES is not ours to stop")
	}
	if err := s.command("pg_ctl", "-D", s.data(), "-w", "-m", "fast", "stop"); err != nil {
		tb.Fatal(err)
	}
}

// Database makes a database that is gone when the test ends, and returns its
// URL.
func (s *Server) Database(tb testing.TB) string {
	tb.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		tb.Fatal("NASDESK_TEST_POSTGRES is no URL")
	}
	name := fmt.Sprintf("nasdesk_%d_%d", os.Getpid(), made.Add(1))
	s.run(tb, "create database "+name)
	tb.Cleanup(func() { s.run(tb, "drop database "+name+" with (force)") })
	u.Path = "/" + name
	return u.String()
}

var made atomic.Int64

func (s *Server) run(tb testing.TB, sql string) {
	tb.Helper()
	conn, err := pgx.Connect(context.Background(), s.URL)
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), sql); err != nil {
		tb.Fatal(err)
	}
}

// programs finds the folder of PostgreSQL's programs, the newest of several.
func programs() (string, error) {
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		dir := strings.TrimSpace(string(out))
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err == nil {
			return dir, nil
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return "", fmt.Errorf("PostgreSQL is not installed, and NASDESK_TEST_POSTGRES is not set")
	}
	return filepath.Dir(slices.Max(found)), nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// make makes a cluster.
func (s *Server) make() error {
	if c, err := s.account(); err != nil {
		return err
	} else if c != nil {
		if err := os.Chown(s.dir, int(c.Uid), int(c.Gid)); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(s.dir, keeper), []byte(strconv.Itoa(os.Getpid())), 0o644); err != nil {
		return err
	}
	return s.command("initdb", "-D", s.data(), "-U", "nasdesk", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
}

// account is under which PostgreSQL runs, which refuses to run as root; nil is
// our own.
func (s *Server) account() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL does not run as root, and has no account here: %w", err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

func (s *Server) command(name string, args ...string) error {
	c, err := s.account()
	if err != nil {
		return err
	}
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir, cmd.SysProcAttr = s.dir, &syscall.SysProcAttr{Credential: c}
	out, err := os.CreateTemp(s.dir, name) // no pipe: the server would hold it
	if err != nil {
		return err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		text, _ := os.ReadFile(out.Name())
		return fmt.Errorf("%s: %w: %s", name, err, text)
	}
	return nil
}
