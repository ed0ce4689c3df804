package workflows

import (
	"slices"
	"strconv"

	"nasdesk"
)

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
		{Verbs: "create|creating|created|creation of|set up|setting up|setup|set * up|make|making|open|opening|need|needs|needed|needing|require|requires|required|requiring|have|get|getting|give|issue|issuing|arrange|arranging|want|wants|wanting|like|request|requesting|register|registering|add|sort out|sort|organise|provide|apply for|applying for|do with|due",
			Objects: "account|accounts|login|logins|nhs.net|nhsmail|nhs mail|nhs email|email account|user account", Unless: "link|linking|linked|existing|reinstate|restore|restored|recover|disable|disabled|disabling|enable|enabled|re-enable|re-enabled|reactivate|reactivated|delete|deleted|leaver|joiner|application account|already has|already have|reset|unlock|unlocked|password|remove|removed|close|closed|suspend|suspended|freeze|frozen|on hold|put to sleep|more than ten|more than 10|above ten|limit|already got|convert|own account|leave|access to their account|access to her account|access to his account|renamed|details of"},
		{Verbs: "new account|new accounts|new * account|new * accounts|new user account|new nhs.net account|new login|new logins|new user|new users|new nhs.net user|new nhs.net users|new user request|new nhsmail account|new staff account|new joiner to the team", Unless: "link|linking|linked|existing|reinstate|restore|recover|disabled|delete|application account|his new account|her new account|their new account|my new account|the new account|your new account|happy with|working|thank you|don't need a new|new account manager|more than ten|above ten"},
		{Verbs: "set up|set * up|create|add|register|get * set up|set * up with|sort * out|on the system", Objects: "new user|new starter|new starters|new dispenser|new technician|new pharmacist|new colleague|new member of staff|new assistant|our new|new recruit|new receptionist|new nurse|new carer|new manager|new locum|new trainee", Unless: "link|linking|linked|existing|already has|already have"},
		{Verbs: "get * set up|set them up|set * up|setting up with|getting set up|be set up|set up|getting * set up", Unless: "link|linked|existing|mailbox settings|team|teams", Weak: true},
		{Verbs: "account for|accounts for|login for|an nhs.net account|nhs.net accounts|new starter|new starters|needs an account|new to nhs.net|new to nhsmail|never had|not had one|no account yet|first job", Unless: "link|linked|existing|disable|enable|reinstate|restore|delete|deleted|leaver|remove|password", Weak: true},
	},
	Asks:     ruleNewUser,
	Who:      nasdesk.BySharedMailbox,
	Valid:    validNewUser,
	ReadBack: true,
}

type newUserRequest struct {
	name        nasdesk.PersonName
	mobile      nasdesk.Mobile
	alternative nasdesk.Address
	role        nasdesk.Role
}

var (
	ruleUKMobile    = nasdesk.Rule{ID: "new-user/uk-mobile", Says: "The mobile number must be a UK mobile, beginning 07. The first password is sent to it.", Source: sourceCreate, Dated: datedCreate}
	ruleAlternative = faq("new-user/alternative-email", "A new user needs an alternative email address that is not at nhs.net.")
	ruleOnePerson   = nasdesk.Rule{ID: "new-user/one-account", Says: "A person has one nhs.net account, and a mobile number belongs to one person. Our staff check whether there is an account already.", Source: sourceMidwives, Dated: datedMidwives}
)

// validNewUser holds the mobile to rule 4 (UK, no personal number, no pager)
// and the alternative address to one outside nhs.net.
func validNewUser(r *nasdesk.Request, _ *nasdesk.Case) []nasdesk.Reason {
	var bad []nasdesk.Reason
	if m := nasdesk.Mobile(r.Answer("mobile")); len(m) == 11 && !m.UK() {
		bad = append(bad, nasdesk.Invalid("mobile"))
	}
	if nasdesk.Address(r.Answer("alternative_email")).NHS() {
		bad = append(bad, nasdesk.Invalid("alternative_email"))
	}
	return bad
}

// Contract, rules 4 and 5.
func (n *newUserRequest) judge(_ nasdesk.Date, r *nasdesk.Request, c *nasdesk.Case) nasdesk.Verdict {
	if a := c.AccountByMobile(n.mobile); a != nil && a.Status != nasdesk.Deleted {
		return refer(nasdesk.DuplicatePerson, ruleOnePerson, "the mobile is registered for "+string(a.Address))
	}
	if a := c.AccountByAlternative(n.alternative); a != nil && !waived(r, nasdesk.DuplicatePerson) {
		return refer(nasdesk.DuplicatePerson, ruleOnePerson, "the alternative address is registered for "+string(a.Address))
	}
	if full(c, r.Mailbox) {
		return overTen(c, r.Mailbox)
	}
	local := localOf(n.name)
	if !slices.Contains(c.Keys.Locals, local) {
		return nasdesk.Verdict{Need: nasdesk.Keys{Locals: []string{local}}}
	}
	address := freeAddress(c, local)
	v := grant(
		nasdesk.Action{Name: nasdesk.CreateAccount, Account: address, Person: n.name, Mobile: n.mobile, Alternative: n.alternative},
		nasdesk.Action{Name: nasdesk.LinkMember, Mailbox: r.Mailbox, Account: address, Role: n.role},
	)
	v.Say = []nasdesk.Block{para("We are creating an account for " + string(n.name) + " and will link it to your shared mailbox as " + string(n.role) + ". This takes at least 1 hour and can take up to 24 hours. We will write again when the account is active.")}
	if portal := n.name.Portal(); portal != string(n.name) {
		v.Say = append(v.Say, para("NHS.net names hold letters and digits only, so the name will be written "+portal+"."))
	}
	return v
}

// localOf is the local part that is proposed for a name. One without a letter
// that NHS.net writes has none of its own; staff of the directory change it.
func localOf(name nasdesk.PersonName) string {
	if local := name.LocalPart(); local != "" {
		return local
	}
	return "new.user"
}

// freeAddress returns the address that a new account gets: first.last@nhs.net,
// with a number (2, 3 …) where that is taken. The case holds all namesakes.
func freeAddress(c *nasdesk.Case, local string) nasdesk.Address {
	for n := 1; ; n++ {
		a := nasdesk.Address(local + "@nhs.net")
		if n > 1 {
			a = nasdesk.Address(local + strconv.Itoa(n) + "@nhs.net")
		}
		if c.Account(a) == nil && c.Mailbox(a) == nil {
			return a
		}
	}
}

var ruleNewUser = faq("new-user/what-to-send", "For a new user, send us from the shared mailbox: full name, mobile number (starting 07), alternative email address, and whether the user will be an owner or a member.")
