package workflows

import "nasdesk"

// enable wakes an account that was disabled less than 18 months ago.
var enable = &nasdesk.Kind{
	Name:  "enable",
	Title: "enabling a disabled account",
	Open: func(f *nasdesk.Form) nasdesk.Judge {
		var r enableRequest
		f.Need(&r.mobile, "mobile", "Registered mobile number", "of the disabled account", mobileLabels...)
		f.Want(&r.account, "nhs_email", "NHS.net email", "of the disabled account; you may leave it out", append([]string{"account to be enabled", "account to enable", "disabled account"}, nhsLabels...)...)
		return r.judge
	},
	Intents: []nasdesk.Intent{
		{Verbs: "enable|enabling|enabled|re-enable|reenable|re-enabling|re-enabled|re enable|reactivate|re-activate|reactivating|reactivated|reactivation|unfreeze|unsuspend|switch * back on|switch * on|turn * on|switched on|turned on|switched back on|turn * back on|turned back on|wake|activate again|take * off hold|taken off hold|off hold|make * live again|make * active again|un-disable|unlock|undisable|reopen|re-open",
			Objects: "account|accounts|it|her|his|their|hers|him|them|login|nhs.net|user|email|disabled|again|back", Unless: "enable us|enables|enable you|password"},
		{Verbs: "re-enable|reenable|reactivate|re-activate|re-enabling|reactivation|enabled again|enable again"},
		{Verbs: "back from|returns from|returned from|returning from|returned to work|returns to work|back at work|return from|back to work|returning to work", Objects: "leave|maternity|sick|paternity|sabbatical|absence|work|break|illness", Weak: true},
	},
	Asks: ruleEighteen,
	Who:  nasdesk.BySharedMailbox | nasdesk.ByOwner,
}

type enableRequest struct {
	mobile  nasdesk.Mobile
	account nasdesk.NHSAddress
}

// Contract, rule 9.
func (e *enableRequest) judge(today nasdesk.Date, r *nasdesk.Request, c *nasdesk.Case) nasdesk.Verdict {
	a, v := accountOf(r, c, e.mobile, e.account)
	switch {
	case a == nil:
		return v
	case a.Status == nasdesk.Deleted:
		if c.Mailbox(r.Party) == nil {
			return as("reinstate", refuse(nasdesk.SenderNotAuthorised, ruleFromMailbox))
		}
		return as("reinstate", (&reinstateRequest{account: nasdesk.NHSAddress(a.Address), mobile: e.mobile}).judge(today, r, c))
	case c.Role(r.Mailbox, a.Address) == "":
		return refuse(nasdesk.NotLinked, ruleNotLinked)
	case a.Status == nasdesk.Leaver && waived(r, nasdesk.Conflict):
		return saying(grant(backInUse(a)...), "We are bringing "+string(a.Address)+" back into use.")
	case a.Status == nasdesk.Leaver:
		return conflict(a)
	case a.Status != nasdesk.Disabled:
		return refuse(nasdesk.NothingToDo, ruleNothing)
	case today >= a.Since.AddMonths(disabledMonths):
		return refuse(nasdesk.DisableWindowPassed, ruleEighteen)
	}
	v = grant(nasdesk.Action{Name: nasdesk.EnableAccount, Account: a.Address})
	return saying(v, "We are enabling "+string(a.Address)+" again"+when(r.Effective)+". Your colleague signs in with the old password; if it is forgotten, an owner of the mailbox can ask us for a reset.")
}
