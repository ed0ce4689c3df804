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
		{Verbs: "disable|disabling|disabled|suspend|suspending|freeze|freezing|deactivate|deactivating|put * on hold|on hold|put to sleep|put * to sleep|pause|pausing|hold|switch off|turn off|park|mothball",
			Objects: "account|accounts|it|her|his|their|login|nhs.net|user|email|mailbox", Unless: "re-enable|reenable|enable again|was disabled|has been disabled|been disabled|is disabled"},
		{Verbs: "disable|disabling", Unless: "re-enable|reenable|was disabled|has been disabled|been disabled|is disabled"},
	},
	Who:      nasdesk.BySharedMailbox | nasdesk.ByOwner | nasdesk.ByMidwife,
	ReadBack: true,
}

type disableRequest struct {
	owner   nasdesk.NHSAddress
	mobile  nasdesk.Mobile
	account nasdesk.NHSAddress
}
