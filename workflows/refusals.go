package workflows

import (
	"slices"

	"nasdesk"
)

// RuleOf returns the published rule of an id, and whether there is one.
func RuleOf(id string) (nasdesk.Rule, bool) {
	i := slices.IndexFunc(Rules, func(r nasdesk.Rule) bool { return r.ID == id })
	if i < 0 {
		return nasdesk.Rule{}, false
	}
	return Rules[i], true
}

// Why returns the rule that applies to a request as it stands: the one that spoke
// last, else the one that speaks for its reason, else what such a request must
// hold. The zero Rule says that none does.
func Why(r *nasdesk.Request) nasdesk.Rule {
	if rule, ok := RuleOf(r.Rule); ok {
		return rule
	}
	for _, why := range r.Reasons {
		if id, ok := speakers[why]; ok {
			rule, _ := RuleOf(id)
			return rule
		}
	}
	if k := KindNamed(r.Asked); k != nil {
		return k.Asks
	}
	return nasdesk.Rule{}
}

// speakers are the rules that speak for a reason where none is on record.
var speakers = map[nasdesk.Reason]string{
	nasdesk.SenderNotAuthorised: ruleFromMailbox.ID, nasdesk.RestoreWindowPassed: ruleRestore.ID, nasdesk.DisableWindowPassed: ruleEighteen.ID,
	nasdesk.LastOwner: ruleLastOwner.ID, nasdesk.LastMember: ruleLastMember.ID, nasdesk.AlreadyLinked: ruleAlready.ID, nasdesk.NotLinked: ruleNotLinked.ID,
	nasdesk.MailboxClosed: ruleClosed.ID, nasdesk.PersonalName: rulePersonal.ID, nasdesk.DSPTNotMet: ruleDSPT.ID, nasdesk.ODSInUse: ruleODSFree.ID,
	nasdesk.NothingToDo: ruleNothing.ID, nasdesk.Declined: ruleDeclined.ID, nasdesk.RegionalApproval: ruleTen.ID, nasdesk.MailboxConsent: ruleConsent.ID,
	nasdesk.DuplicatePerson: ruleOnePerson.ID, nasdesk.AccountNotFound: ruleNotFound.ID, nasdesk.IdentityMismatch: ruleMismatch.ID,
	nasdesk.MailboxAddressFormat: ruleFormat.ID, nasdesk.ReplyToDiffers: ruleStaff.ID, nasdesk.StaffOnly: ruleStaff.ID,
	nasdesk.NotUnderstood: ruleUnknown.ID, nasdesk.Unreadable: ruleUnknown.ID, nasdesk.Conflict: ruleConflict.ID,
}

// What our staff say where the rules only say that staff look into it.
var (
	ruleUnknownAccount = ours("register/unknown-account", "We act only on accounts that we hold, and on nobody else's behalf.")
	ruleDetailsDiffer  = ours("register/details-differ", "We act on an account only when the details in the request are those that are registered for it.")
	ruleStateStands    = ours("register/state-stands", "An account in this state cannot be changed as the request asks.")
	ruleQuestion       = ours("desk/question", "Our staff ask before they decide, so that nothing is done on a guess.")
)

// refusals are the rules with which staff refuse, in the order in which they are
// offered; of those for some kinds alone, the kinds.
var refusals = []struct {
	rule  *nasdesk.Rule
	why   nasdesk.Reason
	kinds []string
}{
	{&ruleFromMailbox, nasdesk.SenderNotAuthorised, nil},
	{&ruleDetailsDiffer, nasdesk.Declined, nil},
	{&ruleUnknownAccount, nasdesk.Declined, nil},
	{&ruleStateStands, nasdesk.Declined, nil},
	{&ruleNotLinked, nasdesk.NotLinked, nil},
	{&ruleOnePerson, nasdesk.Declined, []string{"new-user", "link-user"}},
	{&ruleTen, nasdesk.Declined, []string{"new-user", "link-user", "joiner", "consolidation", "extra-accounts"}},
	{&ruleAlready, nasdesk.AlreadyLinked, []string{"link-user"}},
	{&ruleRestore, nasdesk.RestoreWindowPassed, []string{"reinstate", "link-user", "enable"}},
	{&ruleJoiner, nasdesk.RestoreWindowPassed, []string{"joiner"}},
	{&ruleEighteen, nasdesk.DisableWindowPassed, []string{"enable", "reinstate"}},
	{&ruleOwnerAsks, nasdesk.SenderNotAuthorised, []string{"disable", "password-reset"}},
	{&ruleLinkedBefore, nasdesk.SenderNotAuthorised, []string{"reinstate"}},
	{&ruleReset, nasdesk.SenderNotAuthorised, []string{"password-reset"}},
	{&ruleLastOwner, nasdesk.LastOwner, []string{"unlink-user", "leaver", "disable", "link-user"}},
	{&ruleLastMember, nasdesk.LastMember, []string{"unlink-user", "leaver"}},
	{&ruleOwnerStays, nasdesk.LastOwner, []string{"consolidation"}},
	{&ruleTwoParties, nasdesk.SenderNotAuthorised, []string{"consolidation"}},
	{&ruleConsent, nasdesk.Declined, []string{"consolidation"}},
	{&ruleOtherClosed, nasdesk.MailboxClosed, []string{"consolidation"}},
	{&ruleODSFree, nasdesk.ODSInUse, []string{"site-change"}},
	{&ruleDSPT, nasdesk.DSPTNotMet, []string{"site-change"}},
	{&ruleOwnCode, nasdesk.SenderNotAuthorised, []string{"site-change"}},
	{&ruleTeamName, nasdesk.Declined, []string{"team"}},
	{&ruleTeamOwner, nasdesk.NotLinked, []string{"team"}},
	{&rulePersonal, nasdesk.PersonalName, []string{"application-account"}},
	{&ruleApplication, nasdesk.Declined, []string{"application-account"}},
	{&ruleNeverAsk, nasdesk.NothingToDo, []string{"report"}},
	{&ruleNothing, nasdesk.NothingToDo, nil},
	{&ruleClosed, nasdesk.MailboxClosed, nil},
	{&ruleDeclined, nasdesk.Declined, nil},
}

// RefusalRules are the rules with which a request of a kind can be refused by
// staff, the likeliest first. A kind of no workflow has those of all kinds.
func RefusalRules(kind string) []nasdesk.Rule {
	var out []nasdesk.Rule
	for _, f := range refusals {
		if f.kinds == nil || slices.Contains(f.kinds, kind) || KindNamed(kind) == nil {
			out = append(out, *f.rule)
		}
	}
	return out
}

// reasonOf is the reason of the closed list that fits a refusal by a rule: that
// staff said no, where none does.
func reasonOf(rule nasdesk.Rule) nasdesk.Reason {
	for _, f := range refusals {
		if f.rule.ID == rule.ID {
			return f.why
		}
	}
	return nasdesk.Declined
}
