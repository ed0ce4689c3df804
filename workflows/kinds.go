// Package workflows holds the kinds of request, one file each, and Step, the
// procedure that all of them share. It is pure: no clock, no disk, no wire.
package workflows

import "nasdesk"

// Kinds are all kinds of request, in the order in which the contract lists them.
var Kinds []*nasdesk.Kind

// A kind's judgement may speak of other kinds, so the list is made when all of
// them are.
func init() {
	Kinds = checked(
		newUser, linkUser, unlinkUser, reinstate, disable, enable, leaver, joiner, passwordReset,
		consolidation, siteChange, team, extraAccounts, applicationAccount, lostDetails, report, status,
	)
}

func checked(ks ...*nasdesk.Kind) []*nasdesk.Kind {
	for _, k := range ks {
		k.Check()
	}
	return ks
}

// KindNamed returns the kind of that name, or nil.
func KindNamed(name string) *nasdesk.Kind {
	for _, k := range Kinds {
		if k.Name == name {
			return k
		}
	}
	return nil
}
