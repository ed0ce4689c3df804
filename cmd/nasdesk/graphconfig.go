package main

import (
	"nasdesk"
	"nasdesk/outbox/directory/graph"
)

// A graphConfig is the part of the configuration that is about Microsoft Graph.
// docs/graph.md says what each means.
type graphConfig struct {
	Tenant      string                     `toml:"tenant"`
	ClientID    string                     `toml:"client_id"`
	SecretFile  string                     `toml:"secret_file"`
	Domain      string                     `toml:"domain"`
	Licences    []string                   `toml:"licences"`
	SelfService bool                       `toml:"self_service"`
	Attribute   int                        `toml:"attribute"`
	Extension   string                     `toml:"extension"`
	Groups      map[nasdesk.Address]string `toml:"groups"`
	Login       string                     `toml:"login"`
	Graph       string                     `toml:"graph"`
}

func (g graphConfig) settings(c *config) graph.Settings {
	return graph.Settings{Tenant: g.Tenant, Client: g.ClientID, SecretFile: c.path(g.SecretFile), Domain: g.Domain, Licences: g.Licences,
		SelfService: g.SelfService, Attribute: g.Attribute, Extension: g.Extension, Groups: g.Groups, Login: g.Login, Graph: g.Graph}
}
