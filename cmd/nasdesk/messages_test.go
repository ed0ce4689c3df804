package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"nasdesk/parser"
	"nasdesk/store"
)

// A wantedMessage is how a message of testdata/messages is to be read, written by
// hand. What is absent is not compared.
type wantedMessage struct {
	About    string   `json:"about"`
	Trust    string   `json:"trust"`
	Findings []string `json:"findings"`
}

const (
	messages     = "../../testdata/messages"
	hostileWorld = "../../testdata/worlds/hostile"
)

var hostileNow = time.Date(2026, 5, 6, 10, 0, 0, 0, time.FixedZone("BST", 3600))

func hostileReplay(t testing.TB, trust string) *replay {
	t.Helper()
	w, err := store.ReadWorldDir(hostileWorld)
	if err != nil {
		t.Fatal(err)
	}
	if trust == "" {
		trust = "rfc8601:mx.nhs.net"
	}
	r, err := replayOf(t.Context(), w, trust, hostileNow)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.store.Close() })
	return r
}

// hostileFiles are the messages, in their order.
func hostileFiles(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(messages + "/*.eml")
	if err != nil || len(files) < 250 {
		t.Fatalf("%d messages in %s (%v)", len(files), messages, err)
	}
	slices.Sort(files)
	return files
}

// TestMessages takes every message of testdata/messages down the whole line and
// compares what became of it with what is written beside it.
func TestMessages(t *testing.T) {
	for _, file := range hostileFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".eml"), func(t *testing.T) { t.Parallel(); tryMessage(t, file) })
	}
}

var numberedName = regexp.MustCompile(`^\d{3}-[a-z0-9-]+\.eml$`)

func tryMessage(t *testing.T, file string) {
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(strings.TrimSuffix(file, ".eml") + ".want")
	if err != nil {
		t.Fatal(err)
	}
	var w wantedMessage
	if err := json.Unmarshal(text, &w); err != nil {
		t.Fatal(err)
	}
	if w.About == "" || !numberedName.MatchString(filepath.Base(file)) {
		t.Errorf("it has no number, or no line on what it is")
	}
	r := hostileReplay(t, w.Trust)
	res, err := r.message(t.Context(), filepath.Base(file), raw)
	if err != nil {
		t.Fatal(err)
	}
	want := without(decoded(t, string(text)), "about", "trust", "findings")
	if want["requests"] == nil {
		t.Error("it does not say what becomes of it")
	}
	for _, d := range differences("", want, decoded(t, encoded(t, res))) {
		t.Errorf("%s: %s", w.About, d)
	}
	m := parser.Read(raw, r.line.Options)
	for _, code := range w.Findings {
		if !m.Found(code) {
			t.Errorf("%s: no finding %s among %v", w.About, code, m.Findings)
		}
	}
}

// TestMessagesAreToldApart: no two say the same of themselves.
func TestMessagesAreToldApart(t *testing.T) {
	seen := map[string]string{}
	for _, file := range hostileFiles(t) {
		text, err := os.ReadFile(strings.TrimSuffix(file, ".eml") + ".want")
		if err != nil {
			t.Fatal(err)
		}
		var w wantedMessage
		if err := json.Unmarshal(text, &w); err != nil {
			t.Fatal(err)
		}
		if other := seen[w.About]; other != "" {
			t.Errorf("%s and %s both say: %s", file, other, w.About)
		}
		seen[w.About] = file
	}
	if len(slices.Collect(maps.Keys(seen))) == 0 {
		t.Error("none")
	}
}
