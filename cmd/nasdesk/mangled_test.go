package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nasdesk"
	"nasdesk/inbox"
	"nasdesk/store"
)

// A dryRun is a memory that pulls and steps but commits nothing: every message
// meets the same register.
type dryRun struct{ *store.Store }

func (dryRun) Keep(context.Context, []byte, inbox.Location, nasdesk.Timestamp) (inbox.Kept, error) {
	return inbox.Kept{ID: 1}, nil
}
func (dryRun) Attempt(context.Context, int64) (int, error) { return 1, nil }
func (dryRun) Park(context.Context, int64, string) error   { return nil }

func (r dryRun) Decide(ctx context.Context, ev nasdesk.Event, keys nasdesk.Keys, _ int64, step func(*nasdesk.Case) nasdesk.Decision) (nasdesk.Decision, error) {
	for range 10 {
		c, err := r.Pull(ctx, keys)
		if err != nil {
			return nasdesk.Decision{}, err
		}
		d := step(c)
		more, wants := keys.Merge(d.Need)
		if !wants {
			return d, nil
		}
		keys = more
	}
	return nasdesk.Decision{}, fmt.Errorf("event %s: facts are wanted again and again", ev.Key)
}

func dryReplay(t testing.TB, trust string) *replay {
	r := hostileReplay(t, trust)
	r.line.Memory = dryRun{r.store}
	return r
}

// Mails as the world keeps them: other line ends, a line of an mbox in front.
func whole(raw []byte) map[string][]byte {
	lf := bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	return map[string][]byte{
		"as it is":   raw,
		"with CRLF":  bytes.ReplaceAll(lf, []byte("\n"), []byte("\r\n")),
		"in an mbox": append([]byte("From sender@example.com Wed May  6 09:58:00 2026\n"), raw...),
	}
}

// cuts are mails of which the end is missing.
func cuts(raw []byte) map[string][]byte {
	out := map[string][]byte{}
	for _, percent := range []int{25, 50, 75, 99} {
		out[fmt.Sprintf("cut at %d %%", percent)] = raw[:len(raw)*percent/100]
	}
	return out
}

// mangled are the fixtures, and the mails of the folder NASDESK_MAILS, if it is
// set: thousands of mails of the world can be tried with it.
func mangled(t *testing.T) []string {
	files := hostileFiles(t)
	if dir := os.Getenv("NASDESK_MAILS"); dir != "" {
		err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
			if err == nil && info.Mode().IsRegular() && (strings.HasSuffix(path, ".eml") || !strings.Contains(filepath.Base(path), ".")) {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// TestMangled: whatever befalls a mail on its way, it gets an outcome. None
// that is automatic is answered, and none that lost its end is acted upon,
// unless what is left is the whole request.
func TestMangled(t *testing.T) {
	for _, trust := range []string{"rfc8601:mx.nhs.net", "exchange-online"} {
		r := dryReplay(t, trust)
		for _, file := range mangled(t) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			entire := outcomeOf(t, r, file, raw)
			for how, b := range whole(raw) {
				outcomeOf(t, r, file+" "+how, b)
			}
			for how, b := range cuts(raw) {
				res := outcomeOf(t, r, file+" "+how, b)
				if acts(res) && !sameRequests(res, entire) {
					t.Errorf("%s %s: acted upon: %s", file, how, encoded(t, res.Requests))
				}
			}
		}
	}
}

// outcomeOf takes bytes down the line and holds what must be true of every
// message.
func outcomeOf(t *testing.T, r *replay, name string, raw []byte) nasdesk.Result {
	t.Helper()
	began := time.Now()
	res, err := r.message(t.Context(), name, raw)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if took := time.Since(began); took > inbox.DefaultPatience {
		t.Errorf("%s: it took %v", name, took)
	}
	if len(res.Requests) == 0 {
		t.Fatalf("%s: no outcome", name)
	}
	for _, q := range res.Requests {
		silent := q.Outcome == nasdesk.Ignored || q.Outcome == nasdesk.Quarantined
		if q.Outcome == "" || silent && (len(res.Replies)+len(res.Notices) > 0 || len(q.Actions) > 0) {
			t.Errorf("%s: %s", name, encoded(t, res))
		}
		if len(q.Actions) > 0 && !res.Sender.Verified {
			t.Errorf("%s: acted upon, and nobody is proved: %s", name, encoded(t, res))
		}
	}
	return res
}

func acts(res nasdesk.Result) bool {
	return slices.ContainsFunc(res.Requests, func(q nasdesk.ResultRequest) bool { return len(q.Actions) > 0 })
}

func sameRequests(a, b nasdesk.Result) bool {
	return slices.EqualFunc(a.Requests, b.Requests, func(x, y nasdesk.ResultRequest) bool {
		return x.Kind == y.Kind && fmt.Sprint(x.Fields) == fmt.Sprint(y.Fields)
	})
}

// TestJunk: bytes that are no mail at all, and mails with pieces of others in
// them, get an outcome too.
func TestJunk(t *testing.T) {
	r := dryReplay(t, "")
	dice := rand.New(rand.NewPCG(1, 2))
	files := hostileFiles(t)
	for n := range 400 {
		raw := make([]byte, dice.IntN(3000))
		for i := range raw {
			raw[i] = byte(dice.UintN(256))
		}
		if n%2 == 0 {
			raw = spliced(t, dice, files, raw)
		}
		outcomeOf(t, r, fmt.Sprintf("junk %d", n), raw)
	}
}

// spliced puts a stretch of one mail, or of junk, into another.
func spliced(t *testing.T, dice *rand.Rand, files []string, junk []byte) []byte {
	read := func() []byte {
		b, err := os.ReadFile(files[dice.IntN(len(files))])
		if err != nil {
			t.Fatal(err)
		}
		return b[:min(len(b), 6000)]
	}
	a, b := read(), append(read(), junk...)
	at, from := dice.IntN(len(a)+1), dice.IntN(len(b)+1)
	return slices.Concat(a[:at], b[from:from+dice.IntN(len(b)-from+1)], a[at:])
}
