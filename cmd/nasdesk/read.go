package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"nasdesk"
	"nasdesk/store"
)

type readCmd struct {
	World string `help:"Folder with a register, as CSV: then the rules are applied too." placeholder:"DIR"`
	Now   string `help:"Where the clock stands, RFC 3339; now if absent." placeholder:"TIME"`
	Trust string `default:"rfc8601:mx.nhs.net" help:"Whose verdict on senders counts: rfc8601:ID or exchange-online."`
	File  string `arg:"" help:"The mail."`
}

// Run shows what is read from one mail: the words behind each field, the proof,
// the rule.
func (r *readCmd) Run(ctx context.Context, out io.Writer) error {
	now := time.Now()
	if r.Now != "" {
		var err error
		if now, err = time.Parse(time.RFC3339, r.Now); err != nil {
			return usageError{fmt.Errorf("--now %q is no time: write it as 2026-04-22T10:00:00+01:00", r.Now)}
		}
	}
	raw, err := os.ReadFile(r.File)
	if err != nil {
		return usageError{fmt.Errorf("cannot read the mail %s: %w", r.File, plainError(err))}
	}
	p, err := r.replay(ctx, now)
	if err != nil {
		return err
	}
	defer p.store.Close()
	d, err := p.decide(ctx, raw)
	if err != nil {
		return err
	}
	explain(out, filepath.Base(r.File), d, r.World != "")
	return nil
}

func (r *readCmd) replay(ctx context.Context, now time.Time) (*replay, error) {
	if r.World == "" {
		return replayOf(ctx, store.World{}, r.Trust, now)
	}
	return newReplay(ctx, r.World, r.Trust, now)
}

// explain prints the reading of a message, and the decision where a register was
// given.
func explain(out io.Writer, file string, d nasdesk.Decision, decided bool) {
	ev := d.Event.Mail
	if ev == nil {
		return
	}
	m := ev.Message
	fmt.Fprintf(out, "%s: %q\n\nSender\n", file, m.Subject)
	fmt.Fprintf(out, "  From %s: %s\n", orNone(string(ev.Proof.From)), proofOf(ev.Proof))
	for _, e := range ev.Proof.Evidence {
		fmt.Fprintf(out, "    %s\n", e)
	}
	if m.Automatic != "" {
		fmt.Fprintf(out, "  It is automatic mail: %s\n", m.Automatic)
	}
	if len(m.Findings) > 0 {
		fmt.Fprintln(out, "\nRepairs and findings")
	}
	for _, f := range m.Findings {
		fmt.Fprintf(out, "  %s: %s\n", f.Code, f.Detail)
	}
	for i, rd := range ev.Heard.Readings {
		explainReading(out, m.Text, i+1, rd)
	}
	if w := ev.Heard.Word; w != "" {
		fmt.Fprintf(out, "\nIt says %s: %q\n", w, ev.Heard.WordSpan.In(m.Text))
	}
	if decided {
		explainOutcome(out, d)
	}
}

func explainReading(out io.Writer, text string, n int, rd nasdesk.Reading) {
	how := "labelled"
	if rd.Prose {
		how = "in prose"
	}
	fmt.Fprintf(out, "\nRequest %d: %s, %s\n", n, rd.Kind, how)
	if asked := rd.Asked.In(text); asked != "" {
		fmt.Fprintf(out, "  asked by %q\n", asked)
	}
	for _, a := range rd.Answers {
		value := a.Value
		if a.Ambiguous {
			value = "(more than one value)"
		}
		var words []string
		for _, s := range a.Spans {
			words = append(words, fmt.Sprintf("%q", s.In(text)))
		}
		fmt.Fprintf(out, "  %-18s %-32s from %s\n", a.Field, value, orNone(strings.Join(words, " and ")))
	}
	if rd.Effective != "" {
		fmt.Fprintf(out, "  %-18s %s\n", "from the day", rd.Effective)
	}
}

func explainOutcome(out io.Writer, d nasdesk.Decision) {
	fmt.Fprintln(out, "\nDecision")
	for _, r := range d.Results {
		fmt.Fprintf(out, "  %s %s: %s %s %s\n", r.Reference, r.Kind, r.Outcome, list(r.Reasons), list(r.Actions))
		if r.Rule != "" {
			fmt.Fprintf(out, "    by the rule %s\n", r.Rule)
		}
	}
	for _, m := range d.Mails {
		fmt.Fprintf(out, "\n%s to %s: %s\n\n%s", m.About, m.To, m.Subject, indent(m.Text))
	}
}

func proofOf(p nasdesk.Proof) string {
	if p.Sender.Proved() {
		return "proved"
	}
	return "not proved, " + string(p.Reason)
}

func orNone(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

func indent(s string) string {
	return "  " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n  ") + "\n"
}
