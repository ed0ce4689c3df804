package workflows

import "nasdesk"

// Where the rules are published. Every rule cites one of these.
const (
	sourceFAQ         = "NHS.net Connect FAQs, Community Pharmacy England, https://cpe.org.uk/digital-and-technology/nhs-mail/nhsmail-faqs/"
	sourceMailbox     = "Getting the most from your shared mailbox, NHS.net Connect support, https://support.nhs.net/knowledge-base/getting-the-most-from-your-shared-mailbox/"
	sourceCreate      = "Create User Account, NHS.net Connect support, https://support.nhs.net/knowledge-base/create-a-user/"
	sourceMidwives    = "Independent midwives, NHS.net Connect support, https://support.nhs.net/knowledge-base/independent-midwives/"
	sourceApplication = "Application accounts, NHS.net Connect support, https://support.nhs.net/knowledge-base/application-accounts/"
	sourceDesk        = "National Administration Service, how the helpdesk works, helpdesk@nhs.net"
)

// The days on which the sources were last updated.
const (
	datedFAQ         nasdesk.Date = "2026-04-22"
	datedMailbox     nasdesk.Date = "2026-01-19"
	datedCreate      nasdesk.Date = "2024-05-16"
	datedMidwives    nasdesk.Date = "2024-10-23"
	datedApplication nasdesk.Date = "2023-07-07"
)

func faq(id, says string) nasdesk.Rule {
	return nasdesk.Rule{ID: id, Says: says, Source: sourceFAQ, Dated: datedFAQ}
}

// ours is a rule of the desk itself: how it keeps the published ones safe.
func ours(id, says string) nasdesk.Rule {
	return nasdesk.Rule{ID: id, Says: says, Source: sourceDesk, Dated: datedFAQ}
}

// Rules that several kinds share.
var (
	ruleFromMailbox = faq("sender/shared-mailbox", "Requests must be sent to the National Administration Service from the shared mailbox. The owner of a mailbox may ask from a personal nhs.net account for an account to be disabled or enabled, a leaver, a password reset, a consolidation, or more than ten accounts.")
	ruleClosed      = ours("sender/closed-mailbox", "The shared mailbox of a pharmacy that has closed can no longer be used to ask for changes.")
	ruleTen         = faq("limit/ten-accounts", "Up to 10 personal accounts can be linked to a pharmacy's shared mailbox. If more are needed, the regional NHS England team must approve them.")
	ruleLastOwner   = faq("mailbox/one-owner", "Each pharmacy must have at least one owner of its shared mailbox. Tell us first who else will be an owner.")
	ruleLastMember  = faq("mailbox/one-active-account", "At least one active personal account must remain linked to the shared mailbox.")
	ruleNotFound    = ours("register/account-known", "An account that is named in a request must be one that we hold. Our staff look into it.")
	ruleMismatch    = ours("register/details-match", "The details in a request must be those that are registered for the account. Our staff look into it.")
	ruleConflict    = ours("register/state", "The account is in a state in which this cannot be done as asked. Our staff look into it.")
	ruleNotLinked   = ours("mailbox/linked", "The account that is named must be linked to the shared mailbox that the request is about.")
	ruleRestore     = faq("reinstate/thirty-days", "A deleted account can only be restored within 30 days of deletion. After that a new personal account is needed.")
	ruleOwnerAsks   = faq("mailbox/owner-asks", "The request must name the nhs.net address of an owner of the shared mailbox.")
	ruleDeclined    = ours("conversation/declined", "We stop a request when the person who asked takes it back, or when the other party does not agree.")
	ruleStaff       = ours("desk/staff", "Our staff handle requests of this sort themselves.")
	ruleUnknown     = ours("desk/not-understood", "We could not tell what you would like us to do. A member of our staff will read your message.")
)

// What we have to say of accounts that need nothing.
var ruleNothing = ours("register/nothing-to-do", "The account is already in the state that you ask for.")
