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
		{Verbs: "not received|never received|haven't received|have not received|hasn't received|has not received|didn't receive|did not receive|never got|not arrived|never arrived|never came|haven't arrived|lost|not been sent|still waiting for|not come through|haven't come through|never came through|not been given|never been given|mislaid|hasn't arrived|didn't arrive|haven't got|haven't had|not had|never had", Objects: "details|login details|account details|username|user name|password details|welcome email|welcome message|welcome text|credentials|personal account|log in details|log-in details|activation|mailbox details|shared mailbox", Unless: "new account|lost her|lost his phone|forgotten"},
		// The guidance's own question: "I received details of the pharmacy shared mailbox but not my personal account."
		{Verbs: "received|receive|got|had|sent|given|arrived|came|reached", Objects: "but not my personal account|but not * personal account|but not my own|but not * own account|but not the ones for my|but not those of my|but not for my|but nothing * personal account|but nothing * own account|but nothing for my|but nothing for me|but nothing about my|but none for my|but no personal account|but no account details|but not * account details|but not * login details|but not the shared mailbox|but not * shared mailbox|but not the mailbox|but nothing * shared mailbox|personal account * did not|personal account * didn't|personal account * never|personal account * has not|personal account * hasn't|own account * did not|own account * never", Unless: "new account|set up|add|create|link|remove|reset|disable|enable"},
		{Verbs: "gone astray|went astray|gone missing|went missing|never turned up|did not turn up|has not turned up|have not turned up|not reached|never reached|did not reach|still without|still missing|did not get|didn't get", Objects: "details|login details|account details|username|welcome email|welcome text|credentials|personal account ones|account ones|personal login", Unless: "new account|lost her|lost his phone|forgotten"},
		{Verbs: "nobody can|no one can|no-one can|none of us can|nobody is able|no one is able|none of us are able|none of us is able|we cannot|we can't|unable to access|nobody has|no one has|no-one has|we have no|lost access|lost all access|cannot get into|can't get into|locked out of|nobody here can|nobody left|no one left|no-one left|no longer have|no longer has", Objects: "our mailbox|the mailbox|shared mailbox|pharmacy mailbox|our inbox|shared inbox|access to the mailbox|access to our mailbox|mailbox", Unless: "password|remove"},
		{Verbs: "nobody has|no one has|no-one has|nobody here has|none of us have|none of us has|none of the staff have|none of the staff has|none of the team have|none of the team has|nobody knows|no one knows|no-one knows|none of us knows|none of us know|none of the staff know", Objects: "password for the shared mailbox|password for the mailbox|password for our mailbox|password for our shared mailbox|password to the shared mailbox|password to the mailbox|password to our mailbox|password to our shared mailbox"},
	},
	Asks:  ruleLost,
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

var ruleLost = faq("lost-details/what-to-send", "If account or mailbox details did not arrive, email us with your full name, the pharmacy's ODS code and, if you know it, the shared mailbox address.")
