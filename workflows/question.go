package workflows

import (
	"slices"
	"strings"

	"nasdesk"
)

// ProposeQuestion is the wording that the console proposes for a question about
// a request. It tells nobody whether somebody else has an account.
func (d Desk) ProposeQuestion(r *nasdesk.Request, c *nasdesk.Case) string {
	about := "your request"
	if k := KindNamed(r.Asked); k != nil {
		about = "your request for " + k.Title
		if who := firstAnswer(r, "full_name", "nhs_email", "team_name"); who != "" {
			about += " (" + who + ")"
		}
	}
	return "Thank you for " + about + ".\n\n" + d.proposal(r, c)
}

func firstAnswer(r *nasdesk.Request, fields ...string) string {
	for _, f := range fields {
		if v := r.Answer(f); v != "" {
			return v
		}
	}
	return ""
}

func (d Desk) proposal(r *nasdesk.Request, c *nasdesk.Case) string {
	is := func(why nasdesk.Reason) bool { return slices.Contains(r.Reasons, why) }
	switch {
	case is(nasdesk.DuplicatePerson):
		return "Has " + orWord(r.Answer("full_name"), "this person") + " had an nhs.net account before, here or at another organisation? If so, please tell us its address. Please also check the mobile number and the alternative email address."
	case is(nasdesk.AccountNotFound):
		return "We could not find the account that you name. Please check the NHS.net email address and send it to us again."
	case is(nasdesk.IdentityMismatch):
		return "We could not match the details that you gave. Please check the NHS.net email address and the registered mobile number, and send both to us again."
	case is(nasdesk.MailboxAddressFormat):
		return "We would like to put the address of your shared mailbox right. Please tell us your ODS code, and a day on which the change suits you."
	case is(nasdesk.ReplyToDiffers):
		return "Your message asks for answers to go to an address other than the one it came from. Did you send it? Please tell us what you would like us to do, from your shared mailbox."
	case is(nasdesk.Unreadable):
		return "We could not read your message. Please send it to us again as plain text, without attachments."
	case is(nasdesk.Conflict):
		return "The account is not in a state in which we can do this as asked. Please check the NHS.net email address, and tell us what you would like to happen with it."
	case is(nasdesk.NotUnderstood):
		return "We could not tell what you would like us to do. Please say in a sentence or two what you need, and for which account."
	}
	return d.lacking(r, c)
}

// lacking names what is missing or wrong on the form.
func (d Desk) lacking(r *nasdesk.Request, c *nasdesk.Case) string {
	k := KindNamed(r.Asked)
	if k == nil {
		return "Please tell us more about what you need."
	}
	form, _ := k.FormOf()
	partyOf(r, c).spare(k, form, r, c)
	var out []string
	for _, why := range form.Fill(r.Answers) {
		out = append(out, trouble(form, r, why))
	}
	if out == nil {
		return "Before we can decide, please tell us more about what you need."
	}
	return strings.Join(out, "\n")
}

func orWord(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// askedBefore reminds of a question that staff put in words of their own.
func askedBefore(r *nasdesk.Request) nasdesk.Verdict {
	return questionOf(KindNamed(r.Asked), r.Reasons, []nasdesk.Block{
		para("We wrote to you on " + nasdesk.DateOf(r.AsksAt.Time()).Long() + " with a question about this request. Please look at that message and reply to it.")})
}
