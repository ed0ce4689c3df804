package workflows

import "nasdesk"

// reinstate brings back an account that was deleted no more than 30 days ago.
var reinstate = &nasdesk.Kind{
	Name:  "reinstate",
	Title: "bringing back a deleted account",
	Open: func(f *nasdesk.Form) nasdesk.Judge {
		var r reinstateRequest
		f.Need(&r.account, "nhs_email", "NHS.net email", "of the deleted account", append([]string{"deleted account", "deleted email", "deleted email address", "deleted address", "nhsmail account deleted", "account deleted", "deleted nhs.net account", "account to restore", "account to be restored", "account to reinstate"}, nhsLabels...)...)
		f.Need(&r.mobile, "mobile", "Registered mobile number", "of that account, beginning 07", mobileLabels...)
		return r.judge
	},
	Intents: []nasdesk.Intent{
		{Verbs: "reinstate|reinstating|reinstated|reinstatement|restore|restoring|restored|restoration|recover|recovering|recovered|undelete|undeleted|bring * back|bring back|bringing back|brought back|get * back|retrieve|resurrect|un-delete|undeleting|revive",
			Objects: "account|accounts|address|email|nhs.net|deleted|user|login|it|her|him|them|his|hers", Unless: "password|back to you|back to us|back to me|back to her|back to him|back in touch"},
		{Verbs: "reinstate|reinstatement|undelete|un-delete|restore|reinstated|restored", Unless: "password"},
		{Verbs: "deleted by mistake|deleted in error|accidentally deleted|been deleted|was deleted|got deleted|deleted after|deleted while|wrongly deleted", Weak: true},
	},
	Asks: ruleReinstate,
	Who:  nasdesk.BySharedMailbox,
}

type reinstateRequest struct {
	account nasdesk.NHSAddress
	mobile  nasdesk.Mobile
}

// Contract, rule 8. Who is not linked learns nothing of the account's state.
func (q *reinstateRequest) judge(today nasdesk.Date, r *nasdesk.Request, c *nasdesk.Case) nasdesk.Verdict {
	a := c.Account(nasdesk.Address(q.account))
	switch {
	case a == nil:
		return notFound()
	case c.Role(r.Mailbox, a.Address) == "":
		return refuse(nasdesk.SenderNotAuthorised, ruleLinkedBefore)
	case a.Mobile != q.mobile && !waived(r, nasdesk.IdentityMismatch):
		return mismatch("the mobile is not the one registered for " + string(a.Address))
	}
	switch a.Status {
	case nasdesk.Disabled:
		return as("enable", (&enableRequest{mobile: q.mobile, account: q.account}).judge(today, r, c))
	case nasdesk.Leaver:
		if waived(r, nasdesk.Conflict) {
			return saying(grant(backInUse(a)...), "We are bringing "+string(a.Address)+" back into use.")
		}
		return conflict(a)
	case nasdesk.Deleted:
		if !restorable(a.Since, today) {
			return pastRestoring(c)
		}
		v := grant(nasdesk.Action{Name: nasdesk.RestoreAccount, Account: a.Address})
		return saying(v, "We are restoring "+string(a.Address)+". Please sign in at least once every 30 days, so that the account stays active.")
	}
	return refuse(nasdesk.NothingToDo, ruleNothing)
}

var ruleLinkedBefore = faq("reinstate/linked-before", "A deleted account is restored at the request of the shared mailbox to which it was linked.")

// as says that the request was judged as another kind.
func as(kind string, v nasdesk.Verdict) nasdesk.Verdict {
	v.Kind = kind
	return v
}

var ruleReinstate = faq("reinstate/what-to-send", "To have a deleted account restored, send us from the shared mailbox: the deleted email address and the user's registered mobile number.")
