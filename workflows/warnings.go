package workflows

import (
	"slices"

	"nasdesk"
)

// warning tells a mailbox of the dates that come up: one letter, however many
// accounts it is about. Another party that has not answered is asked once more.
func (l *letters) warning(s *stepping, mailbox nasdesk.Address, told []warned) {
	for _, why := range causes {
		of := slices.DeleteFunc(slices.Clone(told), func(w warned) bool { return w.Cause != why.cause })
		if len(of) == 0 {
			continue
		}
		l.beside(mailbox, "dates", subjectOfDates(told), -1, why.section(of))
		for _, w := range of {
			if w.request != nil && w.request.State == nasdesk.StateSeeking {
				l.onceMore(s, w)
			}
		}
	}
}

// onceMore asks another party again, in the words of the first time.
func (l *letters) onceMore(s *stepping, w warned) {
	r := *w.request
	i := s.keep(&r)
	l.seek(s, i, nasdesk.Verdict{Seek: r.From}, para("We asked you this before and have not heard from you. If we hear nothing by "+w.Ends.Long()+", we will close the request."))
}

// subjectOfDates names the nearest of the dates.
func subjectOfDates(told []warned) string {
	first := told[0].Ends
	for _, w := range told {
		first = min(first, w.Ends)
	}
	if !slices.ContainsFunc(told, func(w warned) bool { return w.Cause != nasdesk.CausePending }) {
		return "An account takes longer than usual"
	}
	return "Dates to keep in mind: the next is " + first.Long()
}

// A causeWords is what a letter says of the deadlines of one cause.
type causeWords struct {
	cause nasdesk.Cause
	head  string
	what  string // before the last day, which is in the list
	do    string
	rule  *nasdesk.Rule
}

// causes are in the order of a letter.
var causes = []causeWords{
	{nasdesk.CausePending, "Accounts that are still being made", "Making an account takes up to 24 hours. This is taking longer:", "Our staff look into it. You need not do anything now. We will write to you when the account is active.", &rulePending},
	{nasdesk.CauseDisabled, "Disabled accounts", "These accounts are disabled. After the day that stands with them they cannot be restored:", "If your colleague is back, an owner of the shared mailbox can ask us to enable the account, with the registered mobile number. If your colleague does not come back, you need not do anything.", &ruleEighteen},
	{nasdesk.CauseDeleted, "Deleted accounts", "These accounts were deleted. They can be restored until the day that stands with them:", "If the account is still needed, write to us and ask for it to be restored, with the registered mobile number. If it is not, you need not do anything.", &ruleRestore},
	{nasdesk.CauseLeaver, "Leavers", "These accounts are marked as leavers. They are deleted after the day that stands with them:", "An account is kept if its new NHS organisation marks it as a joiner by then. If it is not needed any more, nothing has to be done.", &ruleLeaver},
	{nasdesk.CauseInactive, "Inactive accounts", "Nobody has signed in to these accounts for a long time. They may be removed after the day that stands with them:", "To keep an account, its user signs in at nhs.net by then.", &ruleActive},
	{nasdesk.CausePassword, "Application accounts", "The passwords of these application accounts have to be changed by the day that stands with them:", "Whoever looks after the application changes the password, and then in the application too.", &ruleAppPassword},
	{nasdesk.CauseApproval, "Requests that wait for an approval", "The regional NHS England team has not answered yet. We have asked it once more. We close these requests if there is no answer by the day that stands with them:", "It may help if you get in touch with the team yourselves.", &ruleSilent},
	{nasdesk.CauseConsent, "Requests that wait for another pharmacy", "The other pharmacy's mailbox has not answered yet. We have asked it once more. We close these requests if there is no answer by the day that stands with them:", "It may help if you get in touch with the pharmacy yourselves.", &ruleSilent},
}

var (
	rulePending     = nasdesk.Rule{ID: "new-user/twenty-four-hours", Says: "A new account takes at least 1 hour to make. It can take up to 24 hours, during which its status is Pending.", Source: sourceCreate, Dated: datedCreate}
	ruleActive      = faq("account/thirty-days-inactive", "A personal nhs.net account must be signed in to at least once every 30 days. Otherwise it may be marked as inactive and then removed.")
	ruleAppPassword = nasdesk.Rule{ID: "application-account/password", Says: "The password of an application account must be changed once a year.", Source: sourceApplication, Dated: datedApplication}
)

func (c *causeWords) section(of []warned) []nasdesk.Block {
	items := make([]string, len(of))
	for i, w := range of {
		items[i] = w.line()
	}
	slices.Sort(items)
	return []nasdesk.Block{{Head: c.head}, para(c.what), {Items: items}, para(c.do), {Rule: c.rule}}
}

// line is one deadline in a list: what it is about, its last day, and the last
// working day before where that is another.
func (w warned) line() string {
	about := string(w.Account)
	if w.request != nil && w.Account == "" {
		about = headOf(w.request)
	}
	if w.Cause == nasdesk.CausePending {
		return about + ": since " + w.Since.Long()
	}
	out := about + ": " + w.Ends.Long()
	if w.Last != w.Ends {
		out += ". The last working day before is " + w.Last.Long()
	}
	return out
}
