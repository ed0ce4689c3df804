package workflows

import "nasdesk"

// linkUser links an account that exists to the asking mailbox, or changes its role there.
var linkUser = &nasdesk.Kind{
	Name:  "link-user",
	Title: "linking an existing account",
	Open: func(f *nasdesk.Form) nasdesk.Judge {
		var r linkUserRequest
		f.Need(&r.name, "full_name", "Full name", "", nameLabels...)
		f.Need(&r.account, "nhs_email", "NHS.net email", "of the account to be linked", nhsLabels...)
		f.Need(&r.mobile, "mobile", "Registered mobile number", "of that account, beginning 07", mobileLabels...)
		f.Need(&r.role, "role", "Role", "owner or member of the shared mailbox", roleLabels...)
		return r.judge
	},
	Intents: []nasdesk.Intent{
		{Verbs: "link|linking|linked|connect|attach|associate|add|give|grant|change|make|upgrade|switch", Objects: "existing|already has|has her own|has his own|has their own|mailbox|shared mailbox|inbox|access|to us|role|owner|member|account", Unless: "new account|create|reset|remove|unlink"},
		{Verbs: "link|linking|linked"},
	},
	Who: nasdesk.BySharedMailbox,
}

type linkUserRequest struct {
	name    nasdesk.PersonName
	account nasdesk.NHSAddress
	mobile  nasdesk.Mobile
	role    nasdesk.Role
}
