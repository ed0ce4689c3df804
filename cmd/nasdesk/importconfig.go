package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/BurntSushi/toml"

	"nasdesk/store"
)

// loadPortal reads the part of a configuration that says how the account lists of
// the Portal are to be read. What else stands in it is no concern of an import,
// which may run where the service's secrets are not.
func loadPortal(file string) (store.PortalMapping, error) {
	var c struct {
		Portal store.PortalMapping `toml:"portal"`
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return c.Portal, usageError{fmt.Errorf("cannot read the configuration %s: %w", file, plainError(err))}
	}
	meta, err := toml.Decode(string(raw), &c)
	if err != nil {
		return c.Portal, usageError{fmt.Errorf("%s: %w", file, err)}
	}
	var faults []error
	for _, key := range meta.Undecoded() {
		if key[0] == "portal" {
			faults = append(faults, fmt.Errorf("%s: unknown key %q", file, key.String()))
		}
	}
	for _, f := range c.Portal.Faults() {
		faults = append(faults, fmt.Errorf("%s: %w", file, f))
	}
	if len(faults) > 0 {
		return c.Portal, usageError{errors.Join(faults...)}
	}
	return c.Portal, nil
}

// portalFaults checks the mapping, if there is one.
func (c *config) portalFaults() []error {
	p := c.Portal
	if p.Columns == (store.PortalColumns{}) && len(p.Statuses)+len(p.Roles) == 0 {
		return nil
	}
	return p.Faults()
}
