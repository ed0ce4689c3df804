package workflows

import "nasdesk"

// passwordReset sends a new password to an account's registered mobile, on an
// owner's word.
var passwordReset = &nasdesk.Kind{
	Name:  "password-reset",
	Title: "a password reset",
	Open: func(f *nasdesk.Form) nasdesk.Judge {
		var r passwordResetRequest
		f.Need(&r.account, "nhs_email", "NHS.net email", "of the person who is locked out", append([]string{"user who needs password reset", "user who needs a password reset", "locked out user", "user locked out", "locked out", "account to reset", "account to be reset", "password reset for", "reset for", "staff member locked out", "person locked out"}, nhsLabels...)...)
		f.Need(&r.owner, "owner_email", "Owner's NHS.net email", "of the owner of the shared mailbox who asks", ownerLabels...)
		f.Need(&r.mobile, "mobile", "Owner's registered mobile number", "beginning 07", append([]string{"owner's mobile", "owner's registered mobile", "my registered mobile", "my mobile", "my mobile number", "owner mobile", "owner's mobile number", "owner's registered mobile number", "owner's number"}, mobileLabels...)...)
		return r.judge
	},
	Intents: []nasdesk.Intent{
		{Verbs: "reset|resetting|re-set|change|new|send|forgotten|forgot|temporary|unlock|unlocking", Objects: "password|passwords|pass word|pw|locked out|account locked"},
		{Verbs: "locked out|locked himself out|locked herself out|locked themselves out|password reset"},
	},
	Who: nasdesk.BySharedMailbox | nasdesk.ByOwner,
}

type passwordResetRequest struct {
	account nasdesk.NHSAddress
	owner   nasdesk.NHSAddress
	mobile  nasdesk.Mobile
}
