package workflows

import "nasdesk"

// consolidation merges two pharmacies: one mailbox closes, its people move.
var consolidation = &nasdesk.Kind{
	Name:  "consolidation",
	Title: "a consolidation of two pharmacies",
	Open: func(f *nasdesk.Form) nasdesk.Judge {
		var r consolidationRequest
		f.Need(&r.closing, "closing_ods", "Closing ODS code", "of the pharmacy that closes", "closing", "closing code", "closing pharmacy", "closing ods", "closing site", "closing f code", "pharmacy closing", "code that closes", "ods code closing", "closing branch", "closing pharmacy ods code", "closing mailbox", "ods code of closing pharmacy")
		f.Need(&r.continuing, "continuing_ods", "Continuing ODS code", "of the pharmacy that goes on", "continuing", "continuing code", "continuing pharmacy", "continuing ods", "continuing site", "remaining", "remaining pharmacy", "remaining ods code", "pharmacy continuing", "staying open", "continuing f code", "ods code continuing", "continuing branch", "continuing pharmacy ods code", "continuing mailbox", "ods code of continuing pharmacy", "surviving ods code")
		f.Want(&r.owners, "owners", "Owners", "nhs.net addresses; owners of the continuing mailbox afterwards", "owner", "owners moving across", "owners to move", "new owners", "owners after", "owner moving across", "owners of the continuing mailbox", "mailbox owners", "owner(s)", "to be owners", "owners going forward")
		f.Want(&r.movers, "movers", "Members to move", "nhs.net addresses", "members", "movers", "members moving across", "members moving", "staff moving", "staff to move", "staff moving across", "users to move", "moving", "moving across", "accounts to move", "member(s)", "people moving", "transferring", "staff transferring", "to be members")
		f.Want(&r.leavers, "leavers", "Leavers", "nhs.net addresses; they leave the sector", "leaver", "staff leaving", "leaving", "leavers to be marked", "people leaving", "accounts to close", "not transferring", "leaver(s)", "not moving")
		return r.judge
	},
	Intents: []nasdesk.Intent{
		{Verbs: "consolidat*|merge|merging|merged|merger|amalgamat*|combine|combining|coming together"},
	},
	Who:      nasdesk.BySharedMailbox | nasdesk.ByOwner,
	ReadBack: true,
}

type consolidationRequest struct {
	closing, continuing     nasdesk.ODSCode
	owners, movers, leavers nasdesk.Addresses
}
