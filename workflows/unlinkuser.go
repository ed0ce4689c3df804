package workflows

import "nasdesk"

// unlinkUser takes an account off the asking mailbox. The account itself stays.
var unlinkUser = &nasdesk.Kind{
	Name:  "unlink-user",
	Title: "removing somebody from the shared mailbox",
	Open: func(f *nasdesk.Form) nasdesk.Judge {
		var r unlinkUserRequest
		f.Need(&r.account, "nhs_email", "NHS.net email", "of the account to be removed", append([]string{"user to be removed", "user to remove", "remove", "person to remove", "account to remove", "account to be removed", "to be removed"}, nhsLabels...)...)
		return r.judge
	},
	Intents: []nasdesk.Intent{
		{Verbs: "remove|removing|removed|removal|take * off|taken off|take off|taking * off|unlink|unlinking|unlinked|revoke|revoking|revoked|withdraw|withdrawing|stop|stopping|detach|disconnect|disconnecting|cut off|cut * off|end|cancel|get rid of|rid of|get * off|strike off",
			Objects: "mailbox|inbox|access|permission*|user|users|her|him|them|person|people|membership|list|from us|account|accounts", Unless: "leaver|leavers|deleted|request|my last|our last|end of"},
		{Verbs: "remove|removing|removed|removal|unlink|unlinking|unlinked|to come off|come off", Unless: "hold|suspension|block"},
		{Verbs: "take * off|taken off|take off|taking * off", Objects: "mailbox|inbox|us|list|access", Unless: "take * off hold"},
		{Verbs: "delete|deleting", Objects: "access|from our mailbox|from the mailbox|from our shared|from the shared", Unless: "account"},
		{Verbs: "no longer needs|no longer need|no longer requires|should no longer have|not need|shouldn't have|should not have|no longer require", Objects: "access|mailbox|inbox"},
		{Verbs: "has left us|have left us|left us|no longer works|no longer work|left the pharmacy|left the practice|left the company|left the business|no longer with us|no longer employed|no longer part of|moved to another|has moved on|has left|have left|doesn't work here|does not work here|left our employ*|has now left|finished with us|leaves us|leaving us|is leaving|are leaving|left last|works elsewhere|now works at|gone to work", Weak: true},
	},
	Asks:     ruleRemove,
	Who:      nasdesk.BySharedMailbox,
	ReadBack: true,
}

type unlinkUserRequest struct{ account nasdesk.NHSAddress }

// Contract, rule 7.
func (u *unlinkUserRequest) judge(_ nasdesk.Date, r *nasdesk.Request, c *nasdesk.Case) nasdesk.Verdict {
	a := c.Account(nasdesk.Address(u.account))
	if a == nil {
		return notFound()
	}
	if c.Role(r.Mailbox, a.Address) == "" {
		return refuse(nasdesk.NotLinked, ruleNotLinked)
	}
	if v, last := lastOne(r, c, r.Mailbox, a); last {
		return v
	}
	v := grant(nasdesk.Action{Name: nasdesk.UnlinkMember, Mailbox: r.Mailbox, Account: a.Address})
	v = saying(v, "We are removing "+string(a.Address)+" from your shared mailbox. The account itself stays. If this person leaves the sector, please ask us to mark the account as a leaver.")
	return oneLeft(c, r.Mailbox, a.Address).on(v)
}

var ruleRemove = faq("unlink-user/owners-remove", "Owners of the shared mailbox manage access to it, and see that it is removed when staff leave.")
