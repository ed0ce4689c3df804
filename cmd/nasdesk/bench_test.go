package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"nasdesk/store"
)

// perRegister is how many mails a set of registers sees before it is made afresh.
const perRegister = 200

// A posting is the first mail of a conversation, and where it is played.
type posting struct {
	world string
	raw   []byte
}

// BenchmarkReplay takes the first mails of all conversations down the whole
// line, as replay does: read, prove, pull, recognise, step, commit. One
// operation is one message. Opening a register is not counted, and done afresh
// every so often: no pharmacy writes a hundred mails a day, all of which its next
// one would be held against. The one core is the unit: it is meant to do 500
// messages a second.
func BenchmarkReplay(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	now := time.Date(2026, 4, 22, 10, 0, 0, 0, time.UTC)
	mails := postings(b, now)
	var desks map[string]*replay
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		n := i % len(mails)
		if n%perRegister == 0 {
			b.StopTimer()
			closeDesks(desks)
			desks = openDesks(b, mails, now)
			b.StartTimer()
		}
		if _, err := desks[mails[n].world].message(b.Context(), "bench.eml", mails[n].raw); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	closeDesks(desks)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msgs/s")
}

func postings(b *testing.B, now time.Time) []posting {
	var out []posting
	err := filepath.WalkDir(conversations, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".txtar" {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		a := txtar.Parse(raw)
		name := strings.ReplaceAll(strings.TrimPrefix(path, conversations), string(filepath.Separator), ".")
		p := play{name: strings.Trim(name, "."), now: now, step: "01", message: map[string]string{}}
		if eml := section(a, "01.eml"); eml != "" && section(a, "trust") == "" {
			out = append(out, posting{strings.TrimSpace(section(a, "world")), p.compose(eml)})
		}
		return nil
	})
	if err != nil || len(out) == 0 {
		b.Fatal("there are no conversations to take mails from: ", err)
	}
	return out
}

func openDesks(b *testing.B, mails []posting, now time.Time) map[string]*replay {
	out := map[string]*replay{}
	for _, m := range mails {
		if out[m.world] != nil {
			continue
		}
		w, err := store.ReadWorldDir("../../testdata/worlds/" + m.world)
		if err != nil {
			b.Fatal(err)
		}
		if out[m.world], err = replayOf(b.Context(), w, "rfc8601:mx.nhs.net", now); err != nil {
			b.Fatal(err)
		}
	}
	return out
}

func closeDesks(desks map[string]*replay) {
	for _, d := range desks {
		d.store.Close()
	}
}
