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
		{Verbs: "reset|resetting|re-set|re-setting|change|new|send|forgotten|forgot|temporary|unlock|unlocking|lost|needs|need|sort|issue|resend", Objects: "password|passwords|pass word|pw|pwd", Unless: "welcome|activation|password policy|with the password"},
		{Verbs: "reset|re-set|resetting", Objects: "it|her|him|them|his|hers|theirs|login|log in", Unless: "role|permissions|mailbox"},
		{Verbs: "wrong password|can't log in|cannot log in|unable to log in|can't get on|can't get in|cannot get in|forgotten her|forgotten his|can't remember", Weak: true},
		{Verbs: "locked out|locked himself out|locked herself out|locked themselves out|locked her out|password reset|password resets|reset of password|locked * out", Unless: "locked out of the building|out of the mailbox|out of our mailbox|out of the shared"},
	},
	Asks: ruleReset,
	Who:  nasdesk.BySharedMailbox | nasdesk.ByOwner,
}

type passwordResetRequest struct {
	account nasdesk.NHSAddress
	owner   nasdesk.NHSAddress
	mobile  nasdesk.Mobile
}

var ruleReset = faq("password-reset/owner", "The owner of the shared mailbox contacts the helpdesk for a colleague who cannot reset the password, and is known by the owner's own registered mobile number.")

// Contract, rule 11.
func (p *passwordResetRequest) judge(_ nasdesk.Date, r *nasdesk.Request, c *nasdesk.Case) nasdesk.Verdict {
	owner := nasdesk.Address(p.owner)
	if owner == "" {
		owner = r.Party
	}
	if c.Role(r.Mailbox, owner) != nasdesk.Owner {
		return refuse(nasdesk.SenderNotAuthorised, ruleOwnerAsks)
	}
	a, o := c.Account(nasdesk.Address(p.account)), c.Account(owner)
	switch {
	case a == nil || o == nil:
		return notFound()
	case c.Role(r.Mailbox, a.Address) == "":
		return refuse(nasdesk.NotLinked, ruleNotLinked)
	case o.Mobile != p.mobile && !waived(r, nasdesk.IdentityMismatch):
		return mismatch("the mobile is not the one registered for the owner " + string(o.Address))
	case a.Status != nasdesk.Active && a.Status != nasdesk.Inactive && a.Status != nasdesk.Pending && !waived(r, nasdesk.Conflict):
		return conflict(a)
	}
	v := grant(append(backInUse(a), nasdesk.Action{Name: nasdesk.ResetPassword, Account: a.Address})...)
	return saying(v, "We are resetting the password of "+string(a.Address)+". A temporary password goes to the mobile number that is registered for that account, never by email. It must be changed at the next sign-in: at least 10 characters, none of the last four passwords.")
}
