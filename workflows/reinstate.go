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
		{Verbs: "reinstate|reinstating|reinstated|reinstatement|restore|restoring|restored|recover|recovering|recovered|undelete|bring * back|bring back|get * back|get back|retrieve|resurrect|un-delete",
			Objects: "account|accounts|address|mailbox|email|nhs.net|deleted|user|login|it|her|him|them"},
		{Verbs: "reinstate|undelete|reinstatement"},
	},
	Who: nasdesk.BySharedMailbox,
}

type reinstateRequest struct {
	account nasdesk.NHSAddress
	mobile  nasdesk.Mobile
}
