package main

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
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
	Idle        time.Duration `toml:"idle"`
	Proxies     []string      `toml:"proxies"`
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

// proxies are the servers in front of the console.
func (c *consoleConfig) proxies() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range c.Proxies {
		p, err := netip.ParsePrefix(s)
		if a, aerr := netip.ParseAddr(s); aerr == nil {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			return nil, fmt.Errorf("%q: give addresses or networks, such as 10.1.2.3 or 10.1.0.0/16", s)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// ofThisMachine reports whether only this machine reaches a host:port.
func ofThisMachine(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	a, aerr := netip.ParseAddr(host)
	return err == nil && (host == "localhost" || aerr == nil && a.IsLoopback())
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
	plain := n.Certificate == "" && !strings.HasPrefix(n.URL, "https://")
	add(plain && len(out) == 0 && !ofThisMachine(n.Listen), "console.listen: %q: passwords would cross the network unsealed: give console.certificate and console.key; "+
		"or put a server that does TLS in front, and name its https:// address in console.url; or listen on 127.0.0.1", n.Listen)
	_, err := n.proxies()
	add(err != nil, "console.proxies: %w", err)
	add(n.Idle < time.Minute, "console.idle: give a time from 1m, such as 30m")
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
