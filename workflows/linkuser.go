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
		{Verbs: "link|linking|linked|linkage|re-link|relink|connect|connecting|attach|attaching|associate|associating", Unless: "unlink|unlinked|unlinking|click|hyperlink|the link in|this link|a link to|links|suspicious|phishing|linked with an application|linked to an application|an application"},
		{Verbs: "add|adding|added|give|giving|given|grant|granting|granted|put|include|including|needs|need|have|gain|allow|provide|set * up with|requires|require|want|wants|get|like|request|requesting", Objects: "access|mailbox|shared mailbox|inbox|shared inbox", Unless: "remove|removing|removed|unlink|revoke|take * off|taken off|no one|nobody|lost|cannot|can't|reset|withdraw|mailbox address|mailbox name|application account|leaver|convert|closing|more than ten|get rid of|rid of|get * off|delete|team|teams|no longer|ods|rename|disable|name of our mailbox|address of our mailbox|stop"},
		{Verbs: "change|changing|changed|make|making|made|upgrade|upgrading|switch|switching|promote|promoting|demote|demoting|downgrade|turn|become|becomes|swap|move|set|step|stepping|needs|need", Objects: "role|roles|owner|owners|an owner|a member|co-owner|permission|permissions|up to owner|down to member|rights", Unless: "new account|create|team|teams|ownership|remove|removed|change of owner|changed owner|member of staff|member of our team|member of the team|mailbox owner's|owner's"},
		{Verbs: "set up|set * up", Objects: "on our mailbox|on the mailbox|on our shared mailbox|on the shared mailbox|with access|on our inbox|on the inbox", Unless: "new account|account for|an account"},
		{Verbs: "existing", Objects: "user|users|account|accounts|nhs.net|nhsmail|colleague", Weak: true},
		{Verbs: "already has|already have|has her own|has his own|have their own|already got|already on|already holds|already uses|has an nhs.net|has had an", Objects: "account|nhs.net|nhsmail|address|login|email", Weak: true},
	},
	Asks: ruleExisting,
	Who:  nasdesk.BySharedMailbox,
}

type linkUserRequest struct {
	name    nasdesk.PersonName
	account nasdesk.NHSAddress
	mobile  nasdesk.Mobile
	role    nasdesk.Role
}

var (
	ruleExisting = faq("link-user/existing-account", "Somebody who has an nhs.net account is linked to the shared mailbox with it: full name, nhs.net address and registered mobile number are needed.")
	ruleAlready  = ours("link-user/already-linked", "The account is already linked to your shared mailbox with that role.")
)

// Contract, rules 5 and 6; the order is that of rule 0: the account exists and
// matches, its state, the limits.
func (l *linkUserRequest) judge(today nasdesk.Date, r *nasdesk.Request, c *nasdesk.Case) nasdesk.Verdict {
	a := c.Account(nasdesk.Address(l.account))
	switch {
	case a == nil:
		return notFound()
	case a.Mobile != l.mobile && !waived(r, nasdesk.IdentityMismatch):
		return mismatch("the mobile is not the one registered for " + string(a.Address))
	case a.Status == nasdesk.Deleted && !restorable(a.Since, today):
		return pastRestoring(c)
	case outOfUse(a) && !waived(r, nasdesk.Conflict):
		return conflict(a)
	}
	link := nasdesk.Action{Name: nasdesk.LinkMember, Mailbox: r.Mailbox, Account: a.Address, Role: l.role}
	switch c.Role(r.Mailbox, a.Address) {
	case l.role:
		return refuse(nasdesk.AlreadyLinked, ruleAlready)
	case "":
		if full(c, r.Mailbox) {
			return overTen(c, r.Mailbox)
		}
		return saying(grant(append(backInUse(a), link)...), "We are linking "+string(a.Address)+" to your shared mailbox as "+string(l.role)+".")
	}
	if owners, _ := c.Owners(r.Mailbox, a.Address); l.role == nasdesk.Member && owners == 0 && !waived(r, nasdesk.LastOwner) {
		return refuse(nasdesk.LastOwner, ruleLastOwner)
	}
	return saying(grant(append(backInUse(a), link)...), "We are changing the role of "+string(a.Address)+" in your shared mailbox to "+string(l.role)+".")
}

// pastRestoring refuses and holds the form for the new account that is needed.
func pastRestoring(c *nasdesk.Case) nasdesk.Verdict {
	v := refuse(nasdesk.RestoreWindowPassed, ruleRestore)
	f, _ := newUser.FormOf()
	v.Say = []nasdesk.Block{para("A new account is needed. To ask for it, fill in these lines and send them to us from your shared mailbox as a new message:"), {Form: f.Fields}}
	return v
}

func saying(v nasdesk.Verdict, s string) nasdesk.Verdict {
	v.Say = append(v.Say, para(s))
	return v
}
