package pgtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

func TestAbandoned(t *testing.T) {
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Skip(err)
	}
	us, them := strconv.Itoa(os.Getpid()), strconv.Itoa(gone.Process.Pid)
	long := time.Now().Add(-time.Hour)
	for _, tt := range []struct {
		name             string
		keeper, postgres string
		made             time.Time
		want             bool
	}{
		{"a test that runs", us, us, long, false},
		{"a test that was killed, its server running", them, us, long, true},
		{"a test that was killed with its server", them, them, long, true},
		{"in the making", "", "", time.Now(), false},
		{"never made", "", "", long, true},
		{"nobody's, its server running", "", us, long, false},
		{"nobody's, its server gone", "", them, long, true},
	} {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
			t.Fatal(err)
		}
		for name, pid := range map[string]string{keeper: tt.keeper, "data/postmaster.pid": tt.postgres} {
			if pid == "" {
				continue
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte(pid+"\nmore"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chtimes(dir, tt.made, tt.made); err != nil {
			t.Fatal(err)
		}
		if got := abandoned(dir); got != tt.want {
			t.Errorf("%s: abandoned = %v", tt.name, got)
		}
	}
}

// A server that a killed test left behind is stopped by the next one's start.
func TestSweep(t *testing.T) {
	t.Setenv("TMPDIR", shortDir(t))
	left := Start(t)
	if left.dir == "" {
		t.Skip("the PostgreSQL at NASDESK_TEST_POSTGRES is not ours to stop")
	}
	if err := os.WriteFile(filepath.Join(left.dir, keeper), []byte("999999999"), 0o600); err != nil {
		t.Fatal(err)
	}
	pid := pidIn(filepath.Join(left.data(), "postmaster.pid"))
	sweep(left.bin)
	if _, err := os.Stat(left.dir); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
	if cmd, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline"); len(cmd) > 0 { // a zombie has none
		t.Errorf("the server still runs: %s", cmd)
	}
}

// shortDir is a folder for sockets, whose paths may not be long, that the
// server's own account can enter.
func shortDir(t *testing.T) string {
	dir, err := os.MkdirTemp("", "sw")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}
