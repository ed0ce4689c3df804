package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"nasdesk"
	"nasdesk/inbox"
	"nasdesk/outbox"
	"nasdesk/store"
	"nasdesk/workflows"
)

//go:embed example.toml
var exampleConfig string

// A config is the configuration file. example.toml explains every line.
type config struct {
	Database string        `toml:"database"`
	Trust    string        `toml:"trust"`
	Helpdesk string        `toml:"helpdesk"`
	Name     string        `toml:"name"`
	Lease    time.Duration `toml:"lease"`

	IMAP struct {
		Address      string        `toml:"address"`
		Security     string        `toml:"security"`
		CAFile       string        `toml:"ca_file"`
		Auth         string        `toml:"auth"`
		User         string        `toml:"user"`
		PasswordFile string        `toml:"password_file"`
		Inbox        string        `toml:"inbox"`
		Processed    string        `toml:"processed"`
		Exceptions   string        `toml:"exceptions"`
		Ignored      string        `toml:"ignored"`
		Quarantined  string        `toml:"quarantined"`
		Poll         time.Duration `toml:"poll"`
		Timeout      time.Duration `toml:"timeout"`
	} `toml:"imap"`

	SMTP struct {
		Address      string        `toml:"address"`
		Security     string        `toml:"security"`
		Auth         string        `toml:"auth"`
		CAFile       string        `toml:"ca_file"`
		User         string        `toml:"user"`
		PasswordFile string        `toml:"password_file"`
		PerMinute    float64       `toml:"per_minute"`
		PerDay       int           `toml:"per_day"`
		Timeout      time.Duration `toml:"timeout"`
	} `toml:"smtp"`

	OAuth2 oauthConfig `toml:"oauth2"`

	Directory struct {
		Kind  string        `toml:"kind"`
		Min   time.Duration `toml:"min"`
		Max   time.Duration `toml:"max"`
		Graph graphConfig   `toml:"graph"`
	} `toml:"directory"`

	Desk struct {
		Remind time.Duration `toml:"remind"`
		Lapse  time.Duration `toml:"lapse"`
		Phone  string        `toml:"phone"`
		Warn   []int         `toml:"warn"`

		DailyRequests int `toml:"daily_requests"`
	} `toml:"desk"`

	Reading struct {
		Patience time.Duration `toml:"patience"`
	} `toml:"reading"`

	Replies struct {
		PerMailbox int `toml:"per_mailbox_hour"`
		PerDay     int `toml:"per_mailbox_day"`
		PerHour    int `toml:"per_hour"`
	} `toml:"replies"`

	Console consoleConfig `toml:"console"`

	Portal store.PortalMapping `toml:"portal"` // how account lists are read: nasdesk import

	Metrics struct {
		Listen   string `toml:"listen"`
		Profiles bool   `toml:"profiles"`
	} `toml:"metrics"`

	Alarms struct {
		To    string        `toml:"to"`
		Every time.Duration `toml:"every"`
	} `toml:"alarms"`

	profile     inbox.Profile
	fixedSecret string // of the demo, instead of password files
	dir         string // of the file: paths in it are relative to there
}

// defaults are what the file need not say.
func defaults() *config {
	c := new(config)
	c.Trust, c.Helpdesk, c.Name = "exchange-online", "helpdesk@nhs.net", outbox.Helpdesk.Name
	c.IMAP.Security, c.IMAP.Inbox, c.IMAP.Auth, c.OAuth2.Scope = inbox.TLS, "INBOX", authPassword, tokenScope
	c.IMAP.Processed, c.IMAP.Exceptions, c.IMAP.Ignored, c.IMAP.Quarantined = "Processed", "Exceptions", "Ignored", "Quarantined"
	c.IMAP.Poll, c.IMAP.Timeout = time.Minute, time.Minute
	c.SMTP.Security, c.SMTP.Auth, c.SMTP.PerMinute, c.SMTP.Timeout = string(outbox.StartTLS), string(outbox.AuthPlain), 28, time.Minute
	c.SMTP.PerDay = 10_000
	c.Directory.Kind, c.Directory.Min, c.Directory.Max = "simulated", time.Hour, 24*time.Hour
	c.Directory.Graph.Domain, c.Directory.Graph.Attribute = "nhs.net", 15
	c.Reading.Patience = inbox.DefaultPatience
	c.Desk.Remind, c.Desk.Lapse, c.Desk.Phone = workflows.DefaultDesk.Remind, workflows.DefaultDesk.Lapse, workflows.DefaultDesk.Phone
	c.Desk.Warn, c.Desk.DailyRequests = workflows.DefaultWarn, workflows.DefaultDesk.DailyRequests
	c.Replies.PerMailbox, c.Replies.PerDay, c.Replies.PerHour = outbox.DefaultBudget.PerMailbox, outbox.DefaultBudget.PerDay, outbox.DefaultBudget.PerHour
	c.Lease, c.Alarms.Every = store.DefaultLease, 15*time.Minute
	c.Console.Local, c.Console.Undo, c.Console.LockAfter, c.Console.LockFor, c.Console.OIDC.Claim = true, 30*time.Second, 5, 15*time.Minute, "groups"
	c.Console.Idle = 30 * time.Minute
	return c
}

// loadConfig reads a configuration and reports every fault at once.
func loadConfig(file string) (*config, error) {
	c := defaults()
	c.dir = filepath.Dir(file)
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, usageError{fmt.Errorf("cannot read the configuration %s: %w; \"nasdesk config example\" prints one", file, plainError(err))}
	}
	meta, err := toml.Decode(string(raw), c)
	if err != nil {
		var p toml.ParseError
		if errors.As(err, &p) {
			return nil, usageError{fmt.Errorf("%s, line %d: %s", file, p.Position.Line, p.Message)}
		}
		return nil, usageError{fmt.Errorf("%s: %w", file, err)}
	}
	var faults []error
	for _, key := range meta.Undecoded() {
		faults = append(faults, fmt.Errorf("%s: unknown key %q: \"nasdesk config example\" shows all that there are", file, key.String()))
	}
	for _, f := range c.faults() {
		faults = append(faults, fmt.Errorf("%s: %w", file, f))
	}
	if len(faults) > 0 {
		return nil, usageError{errors.Join(faults...)}
	}
	return c, nil
}

// faults checks every setting that nothing else will check before the work
// begins.
func (c *config) faults() []error {
	var out []error
	add := func(bad bool, format string, args ...any) {
		if bad {
			out = append(out, fmt.Errorf(format, args...))
		}
	}
	add(c.Database == "", "database: give sqlite:PATH or postgres://…")
	profile, err := inbox.ParseTrust(c.Trust)
	add(err != nil, "trust: %v", err)
	c.profile = profile
	var a nasdesk.Address
	add(a.Set(c.Helpdesk) != nil, "helpdesk: %q is no address", c.Helpdesk)
	out = append(out, address("imap.address", c.IMAP.Address)...)
	out = append(out, address("smtp.address", c.SMTP.Address)...)
	add(c.IMAP.User == "", "imap.user: none given")
	add(c.IMAP.Auth != authPassword && c.IMAP.Auth != authXOAUTH2, "imap.auth: %q: say password or xoauth2", c.IMAP.Auth)
	out = append(out, c.secretFaults("imap.password_file", c.IMAP.PasswordFile, c.IMAP.Auth == authPassword)...)
	out = append(out, c.secretFaults("smtp.password_file", c.SMTP.PasswordFile, c.SMTP.Auth != string(outbox.NoAuth) && c.SMTP.Auth != authXOAUTH2)...)
	out = append(out, c.oauthFaults()...)
	add(!slices.Contains([]string{"simulated", "worklist", "graph"}, c.Directory.Kind), "directory.kind: %q: say simulated, worklist or graph", c.Directory.Kind)
	add(c.Directory.Min < 0 || c.Directory.Max < c.Directory.Min, "directory.min, directory.max: the first must not be the larger")
	add(c.Desk.Remind <= 0 || c.Desk.Lapse <= 0, "desk.remind, desk.lapse: give a time such as 168h")
	add(c.Desk.DailyRequests < 0, "desk.daily_requests: give a number, or 0 for any")
	add(slices.ContainsFunc(c.Desk.Warn, func(n int) bool { return n < 1 || n > 400 }), "desk.warn: give days before, from 1 to 400, such as [90, 30, 7, 1]")
	if c.Metrics.Listen != "" {
		out = append(out, address("metrics.listen", c.Metrics.Listen)...)
	}
	var to nasdesk.Address
	add(c.Alarms.To != "" && to.Set(c.Alarms.To) != nil, "alarms.to: %q is no address", c.Alarms.To)
	add(c.Alarms.Every <= 0, "alarms.every: give a time such as 15m")
	add(c.Lease < 3*time.Second, "lease: give at least 3s")
	add(c.SMTP.PerMinute < 0, "smtp.per_minute: give a rate, or 0 for none")
	out = append(out, c.portalFaults()...)
	add(c.SMTP.PerDay < 0, "smtp.per_day: give a number of mails, or 0 for no limit")
	return append(out, c.consoleFaults()...)
}

func address(key, value string) []error {
	host, port, err := net.SplitHostPort(value)
	if n, perr := strconv.Atoi(port); err != nil || host == "" || perr != nil || n < 1 || n > 65535 {
		return []error{fmt.Errorf("%s: %q: give host:port", key, value)}
	}
	return nil
}

func (c *config) secretFaults(key, file string, needed bool) []error {
	if file == "" {
		if needed {
			return []error{fmt.Errorf("%s: none given: write the password into a file that only nasdesk can read, and name it here", key)}
		}
		return nil
	}
	if _, err := c.secret(file); err != nil {
		return []error{fmt.Errorf("%s: %w", key, err)}
	}
	return nil
}

// path resolves a path of the file against the folder that it lies in.
func (c *config) path(file string) string {
	if file == "" || filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(c.dir, file)
}

// secret reads a secret from its file, less one trailing line end. A file that
// others can read is refused.
func (c *config) secret(file string) (string, error) {
	if c.fixedSecret != "" {
		return c.fixedSecret, nil
	}
	file = c.path(file)
	info, err := os.Stat(file)
	if err != nil {
		return "", fmt.Errorf("cannot read %s: %w", file, plainError(err))
	}
	if info.Mode().Perm()&0o077 != 0 && !isCredential(file) {
		return "", fmt.Errorf("%s can be read by others: chmod 600 it", file)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("cannot read %s: %w", file, plainError(err))
	}
	s := strings.TrimSuffix(strings.TrimSuffix(string(raw), "\n"), "\r")
	if s == "" {
		return "", fmt.Errorf("%s is empty", file)
	}
	return s, nil
}

// isCredential reports whether systemd keeps a file for this service alone: it
// guards it by an access list, which looks like a mode that others may read.
func isCredential(file string) bool {
	dir := os.Getenv("CREDENTIALS_DIRECTORY")
	return dir != "" && filepath.Dir(filepath.Clean(file)) == filepath.Clean(dir)
}

type exampleCmd struct{}

// Run prints the annotated configuration.
func (exampleCmd) Run(out io.Writer) error {
	_, err := io.WriteString(out, exampleConfig)
	return err
}

type checkCmd struct {
	Config string `arg:"" help:"The configuration file."`
}

// Run checks a configuration without using it.
func (c *checkCmd) Run(out io.Writer) error {
	if _, err := loadConfig(c.Config); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, c.Config+": all well")
	return err
}

// databaseURL resolves the path of an SQLite database against the file's folder.
func (c *config) databaseURL() string {
	path, ok := strings.CutPrefix(c.Database, "sqlite:")
	if !ok || path == ":memory:" {
		return c.Database
	}
	return "sqlite:" + c.path(path)
}
