package main

import (
	"fmt"
	"net/url"
	"time"

	"nasdesk/store"
)

// A consoleConfig is the part of the configuration that is about the console.
type consoleConfig struct {
	Listen      string        `toml:"listen"`
	URL         string        `toml:"url"`
	Certificate string        `toml:"certificate"`
	Key         string        `toml:"key"`
	Local       bool          `toml:"local"`
	Undo        time.Duration `toml:"undo"`
	LockAfter   int           `toml:"lock_after"`
	LockFor     time.Duration `toml:"lock_for"`
	OIDC        struct {
		Issuer     string                     `toml:"issuer"`
		ClientID   string                     `toml:"client_id"`
		SecretFile string                     `toml:"secret_file"`
		Claim      string                     `toml:"claim"`
		Roles      map[string]store.StaffRole `toml:"roles"`
	} `toml:"oidc"`
}

// base is how browsers reach the console, without a slash at the end.
func (c *consoleConfig) base() string {
	switch {
	case c.URL != "":
		return c.URL
	case c.Certificate != "":
		return "https://" + c.Listen
	}
	return "http://" + c.Listen
}

// consoleFiles is the console's configuration with its paths resolved.
func (c *config) consoleFiles() *consoleConfig {
	n := c.Console
	n.Certificate, n.Key = c.path(n.Certificate), c.path(n.Key)
	return &n
}

// consoleFaults checks the console's settings, if there is to be one.
func (c *config) consoleFaults() []error {
	n := &c.Console
	if n.Listen == "" {
		return nil
	}
	out := address("console.listen", n.Listen)
	add := func(bad bool, format string, args ...any) {
		if bad {
			out = append(out, fmt.Errorf(format, args...))
		}
	}
	if n.URL != "" {
		u, err := url.Parse(n.URL)
		add(err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || (u.Path != "" && u.Path != "/"),
			"console.url: %q: give https://HOST, without a path", n.URL)
	}
	add((n.Certificate == "") != (n.Key == ""), "console.certificate, console.key: give both or neither")
	add(n.Undo < 0, "console.undo: give a time such as 30s, or 0s for none")
	add(n.LockAfter < 1 || n.LockFor <= 0, "console.lock_after, console.lock_for: give a number from 1 and a time such as 15m")
	add(!n.Local && n.OIDC.Issuer == "", "console: nobody could sign in: set console.local, or console.oidc.issuer")
	if n.OIDC.Issuer != "" {
		add(n.OIDC.ClientID == "", "console.oidc.client_id: none given")
		out = append(out, c.secretFaults("console.oidc.secret_file", n.OIDC.SecretFile, true)...)
		add(len(n.OIDC.Roles) == 0, "console.oidc.roles: none given: nobody would have a role")
		for group, role := range n.OIDC.Roles {
			add(role != store.Agent && role != store.Lead && role != store.Auditor, "console.oidc.roles: %q: %q is not agent, lead or auditor", group, role)
		}
	}
	return out
}
