package workflows

import "nasdesk"

// applicationAccount asks for a mailbox to be made fit for an application.
var applicationAccount = &nasdesk.Kind{
	Name:  "application-account",
	Title: "an application account",
	Open: func(f *nasdesk.Form) nasdesk.Judge {
		var r applicationAccountRequest
		f.Need(&r.mailbox, "mailbox", "Mailbox", "the address to be converted", "account", "mailbox to convert", "mailbox to be converted", "account to convert", "address", "email address", "account to be converted", "mailbox address", "email", "address to convert", "nhs.net account", "nhs.net address")
		f.Need(&r.purpose, "purpose", "Purpose", "what the application does with it", "reason", "use", "used for", "what for", "business process", "application", "business purpose", "intended use", "why", "to be used for")
		return r.judge
	},
	Intents: []nasdesk.Intent{
		{Verbs: "application account|application accounts|app account|smtp|high volume|high-volume|api account|application mailbox|service account"},
		{Verbs: "convert|converting|converted|conversion", Objects: "application|account|mailbox", Unless: "ods"},
	},
	Asks: ruleApplication,
	Who:  nasdesk.BySharedMailbox,
}

type applicationAccountRequest struct {
	mailbox nasdesk.MailboxName
	purpose nasdesk.Text
}

var rulePersonal = nasdesk.Rule{ID: "application-account/personal", Says: "A personal email address should not be converted into an application account. It needs a mailbox that is named for its business process.", Source: sourceApplication, Dated: datedApplication}

// Contract, rule 15.
func (q *applicationAccountRequest) judge(_ nasdesk.Date, r *nasdesk.Request, c *nasdesk.Case) nasdesk.Verdict {
	if c.Account(nasdesk.Address(q.mailbox)) != nil {
		return refuse(nasdesk.PersonalName, rulePersonal)
	}
	if waived(r, nasdesk.StaffOnly) {
		return saying(grant(nasdesk.Action{Name: nasdesk.ConvertApplicationAccount, Mailbox: nasdesk.Address(q.mailbox)}),
			"We are making "+string(q.mailbox)+" an application account.")
	}
	return refer(nasdesk.StaffOnly, ruleStaff, "an application account: staff check its name and set it up")
}

var ruleApplication = nasdesk.Rule{ID: "application-account/purpose", Says: "A mailbox that is linked with an application, or sends many emails, must be converted into an application account and be named for its business process.", Source: sourceApplication, Dated: datedApplication}
