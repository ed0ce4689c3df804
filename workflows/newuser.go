package workflows

import "nasdesk"

// newUser asks for an account for somebody who has none.
var newUser = &nasdesk.Kind{
	Name:  "new-user",
	Title: "a new account",
	Open: func(f *nasdesk.Form) nasdesk.Judge {
		var r newUserRequest
		f.Need(&r.name, "full_name", "Full name", "", nameLabels...)
		f.Need(&r.mobile, "mobile", "Mobile number", "a UK mobile, beginning 07", mobileLabels...)
		f.Need(&r.alternative, "alternative_email", "Alternative email", "not an nhs.net address", "alternative", "alternative email address", "alternative e-mail", "alternate email",
			"alternate email address", "alt email", "alt e-mail", "alt. email", "other email", "personal email", "personal e-mail", "personal email address", "private email", "home email", "non-nhs email",
			"secondary email", "second email", "contact email", "backup email", "recovery email", "current email", "email", "email address", "e-mail", "e-mail address", "current existing email address")
		f.Need(&r.role, "role", "Role", "owner or member of the shared mailbox", roleLabels...)
		return r.judge
	},
	Intents: []nasdesk.Intent{
		{Verbs: "create|creating|created|set up|setting up|setup|set * up|make|making|open|opening|need|needs|needed|require|requires|required|have|get|getting|give|issue|arrange|want|wants|like|request|requesting|register|add|new|sort out|organise|provide|apply for",
			Objects: "account|accounts|login|logins|log in|nhs.net|nhsmail|nhs mail|nhs email|email address|user account|mailbox account", Unless: "link|existing|reinstate|restore|disable|enable|delete|leaver|application account|already has"},
		{Verbs: "new", Objects: "user|users|starter|starters|account|accounts|joiner to the team|user request|staff account|user form"},
		{Verbs: "set up|set * up|create|add|register|get * set up", Objects: "new user|new starter|new dispenser|new technician|new pharmacist|new colleague|new member of staff|new assistant|our new"},
	},
	Who:      nasdesk.BySharedMailbox,
	ReadBack: true,
}

type newUserRequest struct {
	name        nasdesk.PersonName
	mobile      nasdesk.Mobile
	alternative nasdesk.Address
	role        nasdesk.Role
}
