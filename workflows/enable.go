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
		{Verbs: "enable|enabling|enabled|re-enable|reenable|re-enabling|re-enabled|re enable|reactivate|re-activate|reactivating|reactivated|unfreeze|unsuspend|switch * back on|turn * back on|wake|activate again|take * off hold|make * live again|un-disable",
			Objects: "account|accounts|it|her|his|their|login|nhs.net|user|email|disabled|again|back"},
		{Verbs: "re-enable|reenable|reactivate|re-activate"},
	},
	Who: nasdesk.BySharedMailbox | nasdesk.ByOwner,
}

type enableRequest struct {
	mobile  nasdesk.Mobile
	account nasdesk.NHSAddress
}
