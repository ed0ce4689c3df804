package workflows

import (
	"slices"

	"nasdesk"
)

// Who owns a shared mailbox, and what becomes of it, concerns all its owners. They
// are told at the mailbox itself, whoever asked and from wherever: an owner who
// wrote from a personal account, or another pharmacy.

// notices are the letters to the mailboxes that an acceptance concerns, as things
// stood before. One that is answered about it anyway is not told twice.
func (s *stepping) notices(i int, before *nasdesk.Case, v nasdesk.Verdict) {
	r := &s.reqs[i]
	changes := map[nasdesk.Address][]string{}
	for _, a := range r.Actions {
		for _, m := range concerned(a, before) {
			if says := changed(a, m, before); says != "" && !slices.Contains(changes[m], says) {
				changes[m] = append(changes[m], says)
			}
		}
	}
	for _, m := range before.Mailboxes {
		if lines := changes[m.Address]; lines != nil && m.Status == nasdesk.Active && m.Address != r.Party && !slices.Contains(v.Tell, m.Address) {
			s.letters.beside(m.Address, "notice", "Your shared mailbox "+string(m.Address)+": what changes ["+r.Reference+"]", i, notice(r, lines))
		}
	}
}

// concerned are the mailboxes whose owners an action is told to: that which it
// names; of a leaver all that the account owns, for its account is deleted.
func concerned(a nasdesk.Action, c *nasdesk.Case) []nasdesk.Address {
	if a.Name != nasdesk.MarkLeaver {
		return []nasdesk.Address{a.Mailbox}
	}
	var out []nasdesk.Address
	for _, m := range c.MailboxesOf(a.Account) {
		out = append(out, m.Address)
	}
	return out
}

// changed says what an action changes in who owns a mailbox, or in the mailbox, ""
// for nothing.
func changed(a nasdesk.Action, mailbox nasdesk.Address, before *nasdesk.Case) string {
	role := before.Role(mailbox, a.Account)
	switch {
	case a.Name == nasdesk.LinkMember && a.Role == nasdesk.Owner && role != nasdesk.Owner:
		return string(a.Account) + " becomes an owner of it"
	case a.Name == nasdesk.LinkMember && a.Role == nasdesk.Member && role == nasdesk.Owner:
		return string(a.Account) + " becomes a member of it, and is no longer an owner"
	case (a.Name == nasdesk.UnlinkMember || a.Name == nasdesk.MarkLeaver) && role == nasdesk.Owner:
		return string(a.Account) + " is no longer an owner of it"
	case a.Name == nasdesk.RenameMailbox:
		return "its address becomes " + string(a.Account) + ", its ODS code " + a.Other
	case a.Name == nasdesk.CloseMailbox:
		return "it is closed"
	}
	return ""
}

func notice(r *nasdesk.Request, lines []string) []nasdesk.Block {
	return []nasdesk.Block{
		{Head: "A change of your shared mailbox (" + r.Reference + ")"},
		para("We tell the owners of a shared mailbox when its ownership or its address changes. " + string(r.Party) + " has asked for this, and we have accepted it:"),
		{Items: lines},
		para("If you did not expect it, please write to us at once from your shared mailbox, with the reference in the subject."),
	}
}

var ruleDaily = ours("desk/daily-requests", "When more is asked for in a day than a pharmacy usually needs, our staff look at it before it is carried out. This protects you if somebody else writes from your mailbox.")

// tooMany reports whether a party has had as much carried out today as a desk does
// by itself. What staff do, and days that come, are not counted against it.
func (s *stepping) tooMany(r *nasdesk.Request, v nasdesk.Verdict) bool {
	if s.desk.DailyRequests == 0 || s.event.Mail == nil || v.Outcome != nasdesk.Accepted || len(v.Actions) == 0 {
		return false
	}
	n := 0
	for i := range s.c.Requests {
		q := &s.c.Requests[i]
		same := q.Reference == r.Reference && q.ID == r.ID
		if !same && q.Party == r.Party && q.Outcome == nasdesk.Accepted && len(q.Actions) > 0 && nasdesk.DateOf(q.DecidedAt.Time()) == s.today {
			n++
		}
	}
	return n >= s.desk.DailyRequests
}
