package workflows

import "nasdesk"

// joiner takes an account marked as a leaver elsewhere into the asking organisation.
var joiner = &nasdesk.Kind{
	Name:  "joiner",
	Title: "marking an account as a joiner",
	Open: func(f *nasdesk.Form) nasdesk.Judge {
		var r joinerRequest
		f.Need(&r.account, "nhs_email", "NHS.net email", "of the account that joins you", append([]string{"joiner", "joiner's email", "joiner's nhs.net email", "account to join"}, nhsLabels...)...)
		f.Need(&r.mobile, "mobile", "Registered mobile number", "of that account, beginning 07", mobileLabels...)
		return r.judge
	},
	Intents: []nasdesk.Intent{
		{Verbs: "mark|marked|marking|make|made|set|flag|register|process|add|join", Objects: "joiner|joiners"},
		{Verbs: "joiner", Unless: "leaver"},
		{Verbs: "transfer|move|bring|take over", Objects: "account to us|account over|from her old|from his old|from their old|from her previous|from his previous|from their previous|marked as a leaver|marked leaver"},
	},
	Who: nasdesk.BySharedMailbox,
}

type joinerRequest struct {
	account nasdesk.NHSAddress
	mobile  nasdesk.Mobile
}
