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
		{Verbs: "mark|marked|marking|make|made|set|flag|register|process|add|join|treat|record|request|action", Objects: "joiner|joiners"},
		{Verbs: "joiner|joiners"},
		{Verbs: "transfer|transferring|transferred|move|moving|moved|bring|bringing|take over|taken over|pick up|picked up|take on|port", Objects: "account to us|account over|account across|account from|from her old|from his old|from their old|from her previous|from his previous|from their previous|from her former|from his former|from the trust|from her last|from his last|marked as a leaver|marked leaver|marked * leaver|over to us|across to us", Unless: "consolidat*|merg*"},
	},
	Asks: ruleJoiner,
	Who:  nasdesk.BySharedMailbox,
}

type joinerRequest struct {
	account nasdesk.NHSAddress
	mobile  nasdesk.Mobile
}

var ruleJoiner = nasdesk.Rule{ID: "joiner/thirty-days", Says: "An account that was marked as a leaver must be marked as a joiner within 30 days. Otherwise it is deleted, and a new account is needed.", Source: sourceMidwives, Dated: datedMidwives}

// Contract, rules 5 and 10.
func (j *joinerRequest) judge(today nasdesk.Date, r *nasdesk.Request, c *nasdesk.Case) nasdesk.Verdict {
	a := c.Account(nasdesk.Address(j.account))
	switch {
	case a == nil:
		return notFound()
	case a.Mobile != j.mobile && !waived(r, nasdesk.IdentityMismatch):
		return mismatch("the mobile is not the one registered for " + string(a.Address))
	case a.Status == nasdesk.Active || a.Status == nasdesk.Pending:
		v := refuse(nasdesk.NothingToDo, ruleNothing)
		return saying(v, "An account in use needs no joiner mark. To have it linked to your shared mailbox, send us the full name, the nhs.net address, the registered mobile number and the role.")
	case a.Status == nasdesk.Deleted, a.Status == nasdesk.Leaver && !restorable(a.Since, today):
		return refuse(nasdesk.RestoreWindowPassed, ruleJoiner)
	case a.Status != nasdesk.Leaver && !waived(r, nasdesk.Conflict):
		return conflict(a)
	case full(c, r.Mailbox):
		return overTen(c, r.Mailbox)
	}
	v := grant(append(backInUse(a),
		nasdesk.Action{Name: nasdesk.LinkMember, Mailbox: r.Mailbox, Account: a.Address, Role: nasdesk.Member})...)
	return saying(v, "We are marking "+string(a.Address)+" as a joiner of your organisation and linking it to your shared mailbox as member.")
}
