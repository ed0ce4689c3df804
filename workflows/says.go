package workflows

import (
	"strconv"
	"strings"

	"nasdesk"
)

// section is what a reply says of one request.
func section(s *stepping, r *nasdesk.Request, v nasdesk.Verdict) []nasdesk.Block {
	out := []nasdesk.Block{{Head: headOf(r)}}
	switch v.Outcome {
	case nasdesk.Accepted:
		out = append(out, v.Say...)
	case nasdesk.Confirm:
		out = append(out, para(sayCheck),
			nasdesk.Block{Facts: facts(r, true)},
			para(sayConfirm))
	case nasdesk.NeedsInfo:
		if s.event.Staff == nil || v.Rule.ID != ruleQuestion.ID {
			out = append(out, para(sayThanks))
		}
		out = append(out, v.Say...)
		out = append(out, nasdesk.Block{Rule: ruleOf(v)})
	case nasdesk.Refused:
		out = append(out, para(refusalOf(r)), nasdesk.Block{Rule: ruleOf(v)})
		out = append(out, v.Say...)
	case nasdesk.Awaiting:
		out = append(out, para(awaitingOf(r)), nasdesk.Block{Rule: ruleOf(v)}, para("You need not do anything now. We will write to you when we have the answer."))
	default:
		out = append(out, para("Thank you. A member of our staff will look at this and write to you."), nasdesk.Block{Rule: ruleOf(v)})
		out = append(out, v.Say...)
		out = append(out, s.outOfHours()...)
		if s.event.Mail != nil {
			out = append(out, publishedFor(s.event.Mail.Message)...)
		}
	}
	return append(out, v.Notes...)
}

func ruleOf(v nasdesk.Verdict) *nasdesk.Rule {
	if v.Rule.ID == "" {
		return nil
	}
	rule := v.Rule
	return &rule
}

// headOf names a request: what was asked, for whom, and its reference.
func headOf(r *nasdesk.Request) string {
	k := KindNamed(r.Kind)
	if k == nil {
		return "Your message (" + r.Reference + ")"
	}
	title := strings.ToUpper(k.Title[:1]) + k.Title[1:]
	for _, f := range []string{"full_name", "nhs_email", "team_name", "new_ods"} {
		if who := r.Answer(f); who != "" {
			return title + ": " + who + " (" + r.Reference + ")"
		}
	}
	return title + " (" + r.Reference + ")"
}

// facts reads a request back. The mobile stands whole only in the question that
// reads it back to the mailbox that wrote it.
func facts(r *nasdesk.Request, whole bool) [][2]string {
	form, _ := KindNamed(r.Asked).FormOf()
	var out [][2]string
	for _, f := range form.Fields {
		v := r.Answer(f.Name)
		if v == "" {
			continue
		}
		if f.Value.Type() == nasdesk.MobileType && !whole {
			v = nasdesk.Mobile(v).Masked()
		}
		out = append(out, [2]string{f.Label, v})
	}
	if r.Effective != "" {
		out = append(out, [2]string{"From", r.Effective.Long()})
	}
	return out
}

func refusalOf(r *nasdesk.Request) string {
	why := nasdesk.Reason("")
	if len(r.Reasons) > 0 {
		why = r.Reasons[0]
	}
	switch why {
	case nasdesk.Declined:
		return "We have stopped this request. Nothing was changed."
	case nasdesk.SenderNotAuthorised:
		return "We cannot do this at the request of the address that wrote to us. Please write to us from your pharmacy's shared mailbox, or ask an owner of it to."
	case nasdesk.RestoreWindowPassed, nasdesk.DisableWindowPassed:
		return "We are sorry: the time in which this could be done has passed."
	case nasdesk.LastOwner:
		return "We cannot do this, because the shared mailbox would then have no owner."
	case nasdesk.LastMember:
		return "We cannot do this, because no active account would then be linked to the shared mailbox."
	case nasdesk.AlreadyLinked, nasdesk.NothingToDo:
		return "Nothing needs to be done."
	case nasdesk.NotLinked:
		return "The account is not linked to your shared mailbox. Please check the address or the mobile number and write to us again."
	case nasdesk.MailboxClosed:
		return "We cannot do this, because the shared mailbox is closed."
	case nasdesk.PersonalName:
		return "This address belongs to a person, so it cannot become an application account. Please ask for one with a name that says what it is for."
	case nasdesk.DSPTNotMet:
		return "We cannot do this yet. Please complete the Data Security and Protection Toolkit first, then write to us again."
	case nasdesk.ODSInUse:
		return "We cannot do this, because the ODS code belongs to another organisation. Please check the code."
	}
	return "We have closed this request."
}

func awaitingOf(r *nasdesk.Request) string {
	if r.Seeks == nasdesk.MailboxConsent {
		return "We have asked the other pharmacy's mailbox, " + string(r.From) + ", whether it agrees."
	}
	return "Your shared mailbox would then have more accounts than are approved for it. We have asked your regional NHS England team, " + string(r.From) + ", to approve it."
}

// approvalRequest tells the region what it decides on, and no more of a person
// than that.
func approvalRequest(s *stepping, r *nasdesk.Request) []nasdesk.Block {
	m := s.c.Mailbox(s.overfull(r))
	what := m.Name + " (" + string(m.ODS) + ") has " + strconv.Itoa(s.c.Counted(m.Address)) + " accounts linked to its shared mailbox " + string(m.Address) + "; " + strconv.Itoa(s.c.Limit(m.Address)) + " are approved. "
	if r.Kind == extraAccounts.Name {
		what += "It asks for " + r.Answer("count") + " accounts."
	} else {
		what += "It asks for one more."
	}
	out := []nasdesk.Block{{Head: "More than ten accounts (" + r.Reference + ")"}, para(what)}
	if why := r.Answer("business_case"); why != "" {
		out = append(out, para("The reason given: "+why))
	}
	return append(out, para(sayApprove), nasdesk.Block{Rule: &ruleTen})
}

func consentRequest(s *stepping, r *nasdesk.Request) []nasdesk.Block {
	name := string(r.Mailbox)
	if m := s.c.Mailbox(r.Mailbox); m != nil {
		name = m.Name + " (" + string(m.ODS) + ")"
	}
	return []nasdesk.Block{
		{Head: "Consolidation (" + r.Reference + ")"},
		para(name + " asks for a consolidation of its shared mailbox with yours. This is what it asks for:"),
		{Facts: facts(r, false)},
		para("If your pharmacy agrees, reply YES. If it does not, reply NO. Nothing is done before you answer."),
		{Rule: &ruleConsent},
	}
}

func testMessage(r *nasdesk.Request) []nasdesk.Block {
	return []nasdesk.Block{
		{Head: "Test message (" + r.Reference + ")"},
		para("This message tests the new address of your shared mailbox. Please reply to it from the new address, with any text. That tells us that the change works."),
	}
}

// beingMade tells the address of a new account as soon as it is given, so that
// nobody asks for it a second time.
func beingMade(r *nasdesk.Request, a nasdesk.Action, address nasdesk.Address) []nasdesk.Block {
	return []nasdesk.Block{
		{Head: "The account " + string(address) + " is being made (" + r.Reference + ")"},
		para("The account of " + string(a.Person) + " has been started and has this address. It cannot be used yet: until it is ready, which can take up to 24 hours, its status is Pending. We will write again when it is active. You need not do anything now."),
		{Rule: &rulePending},
	}
}

// takesLonger tells that work which was accepted could not be done yet.
func takesLonger(s *stepping, r *nasdesk.Request) []nasdesk.Block {
	return append([]nasdesk.Block{
		{Head: headOf(r)},
		para("This takes longer than we said. We accepted it, but it could not be carried out yet. Our staff look at it and will write to you. You need not ask for it again."),
	}, s.outOfHours()...)
}

// welcome tells the pharmacy what the new user does next, as the guidance has it
// for the sector.
func welcome(s *stepping, r *nasdesk.Request, a *nasdesk.Account) []nasdesk.Block {
	steps := []string{
		"go to nhs.net, select Log in and enter the username " + string(a.Address),
		"enter the temporary password, which was sent by text to the mobile number in the request",
		"choose a new password: at least 10 characters, and not a common one",
		"accept the Acceptable Use Policy",
		"set the security questions",
	}
	if m := s.c.Mailbox(r.Mailbox); m == nil || m.Sector == nasdesk.SocialCare || m.Sector == nasdesk.Midwifery {
		steps = append(steps, "register for multi-factor authentication")
	}
	return []nasdesk.Block{
		{Head: "The account " + string(a.Address) + " is active (" + r.Reference + ")"},
		para("Please pass this on to " + string(a.Name) + ". To start using the account:"),
		{Items: steps},
		para("After that it can take up to 2 hours until mail can be sent. It helps to have the mobile phone at hand for the first sign-in. The account must be used at least once every 30 days to stay active."),
		{Rule: &ruleActivate},
	}
}

var ruleActivate = faq("new-user/activate", "Each user must activate their own account. Passwords must never be shared.")
