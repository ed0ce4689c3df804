package workflows

import "nasdesk"

// disable puts an account to sleep for a long leave, for up to 18 months.
var disable = &nasdesk.Kind{
	Name:  "disable",
	Title: "disabling an account for a long leave",
	Open: func(f *nasdesk.Form) nasdesk.Judge {
		var r disableRequest
		f.Need(&r.owner, "owner_email", "Owner's NHS.net email", "of the owner of the shared mailbox who asks", ownerLabels...)
		f.Need(&r.mobile, "mobile", "Registered mobile number", "of the account to be disabled", mobileLabels...)
		f.Want(&r.account, "nhs_email", "NHS.net email", "of the account to be disabled; you may leave it out", append([]string{"account to be disabled", "account to disable", "disable"}, nhsLabels...)...)
		return r.judge
	},
	Intents: []nasdesk.Intent{
		{Verbs: "disable|disabling|disabled|suspend|suspending|suspended|freeze|freezing|frozen|deactivate|deactivating|deactivated|de-activate|put * on hold|placed on hold|on hold|put to sleep|put * to sleep|pause|pausing|paused|switch off|switched off|turn off|turned off|switch * off|turn * off|park|mothball|make * inactive|hibernate|lock",
			Objects: "account|accounts|it|her|his|their|hers|him|them|login|nhs.net|user|email", Unless: "re-enable|reenable|re-enabled|enable again|was disabled|has been disabled|been disabled|is disabled|reactivate|off hold|the disabled account|disabled account|locked out"},
		{Verbs: "disable|disabling|deactivate|suspend", Unless: "re-enable|reenable|was disabled|has been disabled|been disabled|is disabled"},
		{Verbs: "put * on hold|placed on hold", Unless: "this|that|it|request|requests|application|order|orders|prescription|delivery|merger|consolidation|closure|move|plans|off hold", Weak: true},
		{Verbs: "maternity leave|paternity leave|adoption leave|parental leave|long term sick|long-term sick|sick leave|sabbatical|career break|extended leave|long term leave|long-term leave|unpaid leave|long leave", Unless: "back from|returned from|returns from|returning from|return from|covering|cover for|maternity cover", Weak: true},
	},
	Asks:     ruleDisable,
	Who:      nasdesk.BySharedMailbox | nasdesk.ByOwner | nasdesk.ByMidwife,
	ReadBack: true,
}

type disableRequest struct {
	owner   nasdesk.NHSAddress
	mobile  nasdesk.Mobile
	account nasdesk.NHSAddress
}

const disabledMonths = 18

var ruleEighteen = faq("disable/eighteen-months", "An account can be disabled during a long leave for up to 18 months. If it is not enabled again before then, it cannot be restored.")

// Contract, rule 9.
func (d *disableRequest) judge(today nasdesk.Date, r *nasdesk.Request, c *nasdesk.Case) nasdesk.Verdict {
	if d.owner != "" && c.Role(r.Mailbox, nasdesk.Address(d.owner)) != nasdesk.Owner {
		return refuse(nasdesk.SenderNotAuthorised, ruleOwnerAsks)
	}
	a, v := accountOf(r, c, d.mobile, d.account)
	switch {
	case a == nil:
		return v
	case c.Role(r.Mailbox, a.Address) == "":
		return refuse(nasdesk.NotLinked, ruleNotLinked)
	case a.Address != r.Party && c.Mailbox(r.Party) == nil && c.Role(r.Mailbox, r.Party) != nasdesk.Owner:
		return refuse(nasdesk.SenderNotAuthorised, ruleOwnerAsks) // an account of a midwife may ask for itself alone
	case a.Status == nasdesk.Disabled:
		return refuse(nasdesk.NothingToDo, ruleNothing)
	case a.Status != nasdesk.Active && a.Status != nasdesk.Inactive && !(a.Status == nasdesk.Pending && waived(r, nasdesk.Conflict)):
		return conflict(a)
	case onlyActiveOwner(c, r.Mailbox, a) && !waived(r, nasdesk.LastOwner):
		return refuse(nasdesk.LastOwner, ruleLastOwner)
	}
	from := max(today, r.Effective)
	v = grant(nasdesk.Action{Name: nasdesk.DisableAccount, Mailbox: r.Mailbox, Account: a.Address})
	v = saying(v, "The account "+string(a.Address)+" will be disabled"+when(r.Effective)+". It must be enabled again before "+from.AddMonths(disabledMonths).Long()+": after that it cannot be restored. You need not give a return date now. Write to us when your colleague comes back.")
	return oneLeft(c, r.Mailbox, a.Address).on(v)
}

// accountOf finds the account that a mobile is registered for, and holds a
// given address against it.
func accountOf(r *nasdesk.Request, c *nasdesk.Case, m nasdesk.Mobile, given nasdesk.NHSAddress) (*nasdesk.Account, nasdesk.Verdict) {
	a := c.AccountByMobile(m)
	if given != "" {
		named := c.Account(nasdesk.Address(given))
		if named == nil {
			return nil, notFound()
		}
		if waived(r, nasdesk.IdentityMismatch) {
			return named, nasdesk.Verdict{}
		}
		if a == nil || a.Address != named.Address {
			return nil, mismatch("the mobile is not the one registered for " + string(given))
		}
	}
	if a == nil {
		return nil, notFound()
	}
	return a, nasdesk.Verdict{}
}

func onlyActiveOwner(c *nasdesk.Case, mailbox nasdesk.Address, a *nasdesk.Account) bool {
	if c.Role(mailbox, a.Address) != nasdesk.Owner || a.Status != nasdesk.Active {
		return false
	}
	for _, b := range c.Linked(mailbox) {
		if b.Address != a.Address && b.Status == nasdesk.Active && c.Role(mailbox, b.Address) == nasdesk.Owner {
			return false
		}
	}
	return true
}

func when(d nasdesk.Date) string {
	if d == "" {
		return " now"
	}
	return " on " + d.Long()
}

var ruleDisable = faq("disable/what-to-send", "For a long leave, an owner of the shared mailbox sends us their own nhs.net email address and the registered mobile number for the account being disabled.")
