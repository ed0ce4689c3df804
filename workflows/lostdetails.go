package workflows

import "nasdesk"

// lostDetails is for people who never got their account's details, or whose
// mailbox nobody can reach any more.
var lostDetails = &nasdesk.Kind{
	Name:  "lost-details",
	Title: "account or mailbox details that did not arrive",
	Open: func(f *nasdesk.Form) nasdesk.Judge {
		var r lostDetailsRequest
		f.Need(&r.name, "full_name", "Full name", "", append([]string{"my name", "my full name"}, nameLabels...)...)
		f.Need(&r.ods, "ods_code", "ODS code", "of your pharmacy", "ods", "code", "pharmacy ods code", "f code", "ocs code", "pharmacy code", "contractor code", "practice ods code", "nacs code", "organisation code", "our ods code", "site ods code", "ods code of pharmacy")
		f.Want(&r.mailbox, "mailbox", "Shared mailbox", "its address, if you know it", "shared mailbox", "shared mailbox address", "shared mailbox email", "shared mailbox email address", "mailbox address", "pharmacy mailbox", "premises mailbox", "generic mailbox", "pharmacy email", "shared email")
		return r.judge
	},
	Intents: []nasdesk.Intent{
		{Verbs: "not received|never received|haven't received|have not received|hasn't received|not had|didn't receive|did not receive|never got|not got|haven't got|not arrived|never arrived|never came|lost|missing|not been sent|still waiting for|not come through|haven't had", Objects: "details|login|username|password details|account details|welcome|credentials|personal account|shared mailbox|log in|log-in|activation"},
		{Verbs: "nobody can|no one can|no-one can|none of us can|cannot access|can't access|unable to access|no access|lost access|nobody has|no one has|cannot get into|can't get into|locked out of", Objects: "mailbox|shared mailbox|inbox|pharmacy mailbox|access"},
	},
	Who:   nasdesk.ByAnybody,
	Staff: true,
}

type lostDetailsRequest struct {
	name    nasdesk.PersonName
	ods     nasdesk.ODSCode
	mailbox nasdesk.MailboxName
}

// Contract, rule 15.
func (*lostDetailsRequest) judge(nasdesk.Date, *nasdesk.Request, *nasdesk.Case) nasdesk.Verdict {
	v := refer(nasdesk.StaffOnly, ruleStaff, "somebody has no details, or nobody reaches the mailbox: staff prove who writes")
	return saying(v, "We never send passwords by email. Outside our hours the NHS.net national service desk can help you on 0333 200 1133.")
}
