package workflows

import "nasdesk"

const restoreDays = 30 // a deleted account, a leaver: contract, rules 8 and 10

// full reports whether one more account would exceed what a mailbox may hold.
func full(c *nasdesk.Case, mailbox nasdesk.Address) bool {
	return c.Counted(mailbox)+1 > c.Limit(mailbox)
}

// overTen waits for the region that the mailbox belongs to.
func overTen(c *nasdesk.Case, mailbox nasdesk.Address) nasdesk.Verdict {
	var region nasdesk.Address
	if m := c.Mailbox(mailbox); m != nil {
		region = m.Region
	}
	return seek(nasdesk.RegionalApproval, ruleTen, region)
}

// restorable reports whether today is no later than 30 days after a day.
func restorable(since, today nasdesk.Date) bool { return today <= since.AddDays(restoreDays) }

// lastOne says whether taking an account off a mailbox would leave it without
// an owner or without an active account. Contract, rule 7.
func lastOne(r *nasdesk.Request, c *nasdesk.Case, mailbox nasdesk.Address, a *nasdesk.Account) (nasdesk.Verdict, bool) {
	owners, active := c.Owners(mailbox, a.Address)
	if c.Role(mailbox, a.Address) == nasdesk.Owner && owners == 0 && !waived(r, nasdesk.LastOwner) {
		return refuse(nasdesk.LastOwner, ruleLastOwner), true
	}
	if a.Status == nasdesk.Active && active == 0 {
		return refuse(nasdesk.LastMember, ruleLastMember), true
	}
	return nasdesk.Verdict{}, false
}

// outOfUse: the account is deleted, disabled or a leaver's. Contract, rule 6.
func outOfUse(a *nasdesk.Account) bool {
	return a.Status == nasdesk.Deleted || a.Status == nasdesk.Disabled || a.Status == nasdesk.Leaver
}

// backInUse is what brings an account back that staff let go on although it is
// out of use.
func backInUse(a *nasdesk.Account) []nasdesk.Action {
	switch a.Status {
	case nasdesk.Deleted:
		return []nasdesk.Action{{Name: nasdesk.RestoreAccount, Account: a.Address}}
	case nasdesk.Disabled:
		return []nasdesk.Action{{Name: nasdesk.EnableAccount, Account: a.Address}}
	case nasdesk.Leaver:
		return []nasdesk.Action{{Name: nasdesk.MarkJoiner, Account: a.Address}}
	}
	return nil
}

// oneLeft advises a second account where one is left. Seed "Getting the most
// from your shared mailbox": always a minimum of two users.
func oneLeft(c *nasdesk.Case, mailbox nasdesk.Address, without nasdesk.Address) Notes {
	if _, active := c.Owners(mailbox, without); active != 1 {
		return nil
	}
	return Notes{para("Only one active account will then be linked to your shared mailbox. We recommend at least two, so that somebody can always read it. You can ask us for another at any time.")}
}
