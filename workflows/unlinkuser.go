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
		{Verbs: "remove|removing|removed|take * off|taken off|take off|unlink|unlinking|revoke|withdraw|stop|detach|disconnect|end",
			Objects: "mailbox|inbox|access|permission*|us|user|users|her|him|them|account|person|membership|list", Unless: "leaver|delete|deleted"},
		{Verbs: "unlink|unlinking"},
		{Verbs: "has left us|have left us|left us|no longer works|no longer work|left the pharmacy|left the practice|no longer with us|moved to another"},
	},
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
	if v, last := lastOne(c, r.Mailbox, a); last {
		return v
	}
	v := grant(nasdesk.Action{Name: nasdesk.UnlinkMember, Mailbox: r.Mailbox, Account: a.Address})
	v = saying(v, "We are removing "+string(a.Address)+" from your shared mailbox. The account itself stays. If this person leaves the sector, please ask us to mark the account as a leaver.")
	return oneLeft(c, r.Mailbox, a.Address).on(v)
}
