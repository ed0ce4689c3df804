package workflows

import "nasdesk"

// leaver marks the account of somebody who leaves the sector or the NHS.
var leaver = &nasdesk.Kind{
	Name:  "leaver",
	Title: "marking an account as a leaver",
	Open: func(f *nasdesk.Form) nasdesk.Judge {
		var r leaverRequest
		f.Need(&r.account, "nhs_email", "NHS.net email", "of the leaver", append([]string{"leaver", "leaver's email", "leaver's nhs.net email", "account of leaver", "account to close", "account to be closed", "leaver's account"}, nhsLabels...)...)
		return r.judge
	},
	Intents: []nasdesk.Intent{
		{Verbs: "mark|marked|marking|make|put|set|flag|treat|process|register", Objects: "leaver|leavers"},
		{Verbs: "close|closing|closed|delete|deleting|deleted|cancel|terminate|shut", Objects: "account|accounts|nhs.net account|login", Unless: "mailbox closed|pharmacy closed|restore|reinstate|recover|undelete|was deleted|been deleted|got deleted"},
		{Verbs: "leave|leaves|leaving|left|quit|quitting|retire|retires|retiring|retired|finished with|done with", Objects: "sector|nhs|pharmacy profession|profession|pharmacy altogether|optometry|dentistry|midwifery|altogether|for good|retirement|pharmacy for good|community pharmacy"},
		{Verbs: "leaver"},
	},
	Who:      nasdesk.BySharedMailbox | nasdesk.ByOwner | nasdesk.ByItself,
	ReadBack: true,
}

type leaverRequest struct{ account nasdesk.NHSAddress }
