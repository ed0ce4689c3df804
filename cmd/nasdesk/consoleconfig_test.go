package main

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestConsoleFaults(t *testing.T) {
	for _, c := range []struct {
		name  string
		set   func(*consoleConfig)
		fault string // "" for none
	}{
		{"none", func(n *consoleConfig) { n.Listen = "" }, ""},
		{"this machine", func(*consoleConfig) {}, ""},
		{"this machine, IPv6", func(n *consoleConfig) { n.Listen = "[::1]:8420" }, ""},
		{"this machine, by name", func(n *consoleConfig) { n.Listen = "localhost:8420" }, ""},
		{"all networks", func(n *consoleConfig) { n.Listen = "0.0.0.0:8420" }, "console.certificate"},
		{"all networks, IPv6", func(n *consoleConfig) { n.Listen = "[::]:8420" }, "console.certificate"},
		{"one network", func(n *consoleConfig) { n.Listen = "192.0.2.7:8420" }, "console.certificate"},
		{"by name", func(n *consoleConfig) { n.Listen = "desk.example.org:8420" }, "console.certificate"},
		{"a plain address", func(n *consoleConfig) { n.Listen, n.URL = "0.0.0.0:8420", "http://desk.example.org" }, "console.certificate"},
		{"TLS of our own", func(n *consoleConfig) { n.Listen, n.Certificate, n.Key = "0.0.0.0:8420", "cert.pem", "key.pem" }, ""},
		{"TLS in front", func(n *consoleConfig) { n.Listen, n.URL = "0.0.0.0:8420", "https://desk.example.org" }, ""},
		{"no address", func(n *consoleConfig) { n.Listen = "8420" }, "give host:port"},
		{"proxies", func(n *consoleConfig) { n.Proxies = []string{"10.1.2.3", "10.1.0.0/16", "2001:db8::/32"} }, ""},
		{"a proxy by name", func(n *consoleConfig) { n.Proxies = []string{"proxy.example.org"} }, "console.proxies"},
		{"no idle time", func(n *consoleConfig) { n.Idle = 0 }, "console.idle"},
		{"a short idle time", func(n *consoleConfig) { n.Idle = time.Second }, "console.idle"},
	} {
		t.Run(c.name, func(t *testing.T) {
			conf := defaults()
			conf.Console.Listen = "127.0.0.1:8420"
			c.set(&conf.Console)
			err := errors.Join(conf.consoleFaults()...)
			if (err == nil) != (c.fault == "") || err != nil && (!strings.Contains(err.Error(), c.fault) || strings.Contains(err.Error(), "\n")) {
				t.Errorf("%v, want %q", err, c.fault)
			}
		})
	}
}

func TestProxiesAreNetworks(t *testing.T) {
	n := consoleConfig{Proxies: []string{"10.1.2.3", "10.1.2.3/16", "2001:db8::1"}}
	got, err := n.proxies()
	if err != nil || len(got) != 3 || got[0].String() != "10.1.2.3/32" || got[1].String() != "10.1.0.0/16" || got[2].String() != "2001:db8::1/128" {
		t.Errorf("%v, %v", got, err)
	}
}
