package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"nasdesk"
	"nasdesk/inbox"
	"nasdesk/store"
	"nasdesk/workflows"
)

type replayCmd struct {
	World string   `required:"" help:"Folder with the register at the start, as CSV." placeholder:"DIR"`
	Now   string   `required:"" help:"Where the clock stands, RFC 3339." placeholder:"TIME"`
	Trust string   `default:"rfc8601:mx.nhs.net" help:"Whose verdict on senders counts: rfc8601:ID or exchange-online."`
	JSON  bool     `help:"One JSON object per message instead of a table."`
	Files []string `arg:"" help:"Mails, or folders of them, in this order." name:"file"`
}

// Run replays the messages through the line that `serve` uses, on a register in
// memory. Nothing is sent anywhere.
func (r *replayCmd) Run(ctx context.Context, out io.Writer) error {
	now, err := time.Parse(time.RFC3339, r.Now)
	if err != nil {
		return usageError{fmt.Errorf("--now %q is no time: write it as 2026-04-22T10:00:00+01:00", r.Now)}
	}
	files, err := mailFiles(r.Files)
	if err != nil {
		return usageError{err}
	}
	p, err := newReplay(ctx, r.World, r.Trust, now)
	if err != nil {
		return err
	}
	defer p.store.Close()
	show := tableOf(out)
	if r.JSON {
		show = jsonLines(out)
	}
	for _, f := range files {
		res, err := p.file(ctx, f)
		if err != nil {
			return err
		}
		if err := show.message(res); err != nil {
			return err
		}
	}
	return show.end()
}

// mailFiles lists the files; a folder stands for the .eml files in it, in name
// order.
func mailFiles(args []string) ([]string, error) {
	var out []string
	for _, a := range args {
		info, err := os.Stat(a)
		if err != nil {
			return nil, fmt.Errorf("cannot read the mail %s: %w", a, plainError(err))
		}
		if !info.IsDir() {
			out = append(out, a)
			continue
		}
		in, err := filepath.Glob(filepath.Join(a, "*.eml"))
		if err != nil || len(in) == 0 {
			return nil, fmt.Errorf("the folder %s holds no .eml file", a)
		}
		slices.Sort(in)
		out = append(out, in...)
	}
	return out, nil
}

// plainError leaves out the path that a file error repeats.
func plainError(err error) error {
	if p, ok := err.(*fs.PathError); ok {
		return p.Err
	}
	return err
}

// A replay is one register and one conversation state.
type replay struct {
	store *store.Store
	line  *inbox.Line
	n     uint32
}

func newReplay(ctx context.Context, world, trust string, now time.Time) (*replay, error) {
	w, err := store.ReadWorldDir(world)
	if err != nil {
		return nil, usageError{err}
	}
	return replayOf(ctx, w, trust, now)
}

func replayOf(ctx context.Context, w store.World, trust string, now time.Time) (*replay, error) {
	profile, err := inbox.ParseTrust(trust)
	if err != nil {
		return nil, usageError{err}
	}
	s, err := memoryStore(ctx, w)
	if err != nil {
		return nil, err
	}
	desk := workflows.DefaultDesk
	desk.Created = nasdesk.Active // an account is made at once
	desk.DailyRequests = 0        // however many a corpus holds
	clock := func() time.Time { return now }
	return &replay{store: s, line: inbox.NewLine(memory{Store: s}, profile, desk, clock, slog.New(slog.DiscardHandler))}, nil
}

// memoryStore is a store of its own, with a register.
func memoryStore(ctx context.Context, w store.World) (*store.Store, error) {
	s, err := store.Open(ctx, "sqlite::memory:")
	if err != nil {
		return nil, err
	}
	if err := s.Migrate(ctx); err != nil {
		return nil, err
	}
	if err := s.Import(ctx, w); err != nil {
		return nil, usageError{err}
	}
	return s, nil
}

func (p *replay) file(ctx context.Context, name string) (nasdesk.Result, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return nasdesk.Result{}, usageError{fmt.Errorf("cannot read the mail %s: %w", name, plainError(err))}
	}
	return p.message(ctx, filepath.Base(name), raw)
}

// message takes one message down the line, and returns what it led to.
func (p *replay) message(ctx context.Context, name string, raw []byte) (nasdesk.Result, error) {
	d, err := p.decide(ctx, raw)
	if err != nil {
		return nasdesk.Result{}, err
	}
	res := resultOf(name, d)
	res.SHA256 = digestOf(raw)
	return res, nil
}

// digestOf tells messages apart by their bytes, where names and ids do not.
func digestOf(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

func (p *replay) decide(ctx context.Context, raw []byte) (nasdesk.Decision, error) {
	p.n++
	at := inbox.Location{Folder: "replay", UIDValidity: 1, UID: p.n}
	kept, err := p.line.Memory.Keep(ctx, raw, at, nasdesk.TimestampOf(p.line.Clock()))
	if err != nil {
		return nasdesk.Decision{}, err
	}
	return p.line.Decide(ctx, raw, at, kept.ID)
}

// resultOf prints a decision on a message as the contract has it.
func resultOf(file string, d nasdesk.Decision) nasdesk.Result {
	res := nasdesk.Result{File: file, Sender: d.Sender, Requests: d.Results, Replies: []nasdesk.ResultReply{}}
	if m := d.Event.Mail; m != nil && m.Message.ID != "" {
		res.MessageID = "<" + m.Message.ID + ">"
	}
	for _, m := range d.Mails {
		reply := nasdesk.ResultReply{To: []nasdesk.Address{m.To}, About: m.About}
		if m.About == nasdesk.Notice {
			res.Notices = append(res.Notices, reply)
			continue
		}
		res.Replies = append(res.Replies, reply)
	}
	return res
}

// A shower prints results.
type shower struct {
	message func(nasdesk.Result) error
	end     func() error
}

func jsonLines(out io.Writer) shower {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return shower{func(r nasdesk.Result) error { return enc.Encode(r) }, func() error { return nil }}
}

func tableOf(out io.Writer) shower {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "MESSAGE\tFROM\tREQUEST\tOUTCOME\tWHY\tACTIONS\tREPLY")
	return shower{
		func(r nasdesk.Result) error {
			for i, q := range r.Requests {
				file, from, reply := "", "", ""
				if i == 0 {
					file, from, reply = r.File, string(r.Sender.Address), repliesIn(r)
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", file, from, q.Kind, q.Outcome, list(q.Reasons), list(q.Actions), reply)
			}
			return nil
		},
		w.Flush,
	}
}

func repliesIn(r nasdesk.Result) string {
	var out []string
	for _, x := range slices.Concat(r.Replies, r.Notices) {
		out = append(out, string(x.About)+" to "+string(x.To[0]))
	}
	if out == nil {
		return "none"
	}
	return strings.Join(out, "; ")
}

func list[T ~string](vs []T) string {
	ss := make([]string, len(vs))
	for i, v := range vs {
		ss[i] = string(v)
	}
	return strings.Join(ss, " ")
}
