package workflows

import (
	"slices"
	"strings"

	"nasdesk"
)

// consolidation merges two pharmacies: one mailbox closes, its people move.
var consolidation = &nasdesk.Kind{
	Name:  "consolidation",
	Title: "a consolidation of two pharmacies",
	Open: func(f *nasdesk.Form) nasdesk.Judge {
		var r consolidationRequest
		f.Need(&r.closing, "closing_ods", "Closing ODS code", "of the pharmacy that closes", "closing", "closing code", "closing pharmacy", "closing ods", "closing site", "closing f code", "pharmacy closing", "code that closes", "ods code closing", "closing branch", "closing pharmacy ods code", "closing mailbox", "ods code of closing pharmacy")
		f.Need(&r.continuing, "continuing_ods", "Continuing ODS code", "of the pharmacy that goes on", "continuing", "continuing code", "continuing pharmacy", "continuing ods", "continuing site", "remaining", "remaining pharmacy", "remaining ods code", "pharmacy continuing", "staying open", "continuing f code", "ods code continuing", "continuing branch", "continuing pharmacy ods code", "continuing mailbox", "ods code of continuing pharmacy", "surviving ods code")
		f.Want(&r.owners, "owners", "Owners", "nhs.net addresses; owners of the continuing mailbox afterwards", "owner", "owners moving across", "owners transferring", "owners moving", "owners to transfer", "owner transferring", "owners staying", "owners joining", "owners of continuing mailbox", "will be owners", "owners to move", "new owners", "owners after", "owner moving across", "owners of the continuing mailbox", "mailbox owners", "owner(s)", "to be owners", "owners going forward", "owners to keep", "owners to stay", "owners remaining", "continuing owners")
		f.Want(&r.movers, "movers", "Members to move", "nhs.net addresses", "members", "movers", "members moving across", "members transferring", "members to transfer", "members joining", "users moving", "users transferring", "users moving across", "colleagues moving", "accounts moving", "accounts moving across", "people to move", "staff to transfer", "will be members", "members moving", "staff moving", "staff to move", "staff moving across", "users to move", "moving", "moving across", "accounts to move", "member(s)", "people moving", "transferring", "staff transferring", "to be members", "staff moving to", "people moving to", "members moving to", "users moving to", "accounts moving to")
		f.Want(&r.leavers, "leavers", "Leavers", "nhs.net addresses; they leave the sector", "leaver", "staff leaving", "leaving", "leavers to be marked", "people leaving", "accounts to close", "not transferring", "leaver(s)", "not moving")
		return r.judge
	},
	Intents: []nasdesk.Intent{
		{Verbs: "consolidat*|merge|merging|merged|merger|merges|amalgamat*|coming together|joining together|become one|becoming one", Unless: "mail merge"},
		{Verbs: "combine|combining|combined|closing|closes|closure", Objects: "two pharmacies|both pharmacies|the pharmacies|branches|two branches|two sites|into one|sister pharmacy|other branch|our other pharmacy", Weak: true},
	},
	Asks:     ruleMerge,
	Who:      nasdesk.BySharedMailbox | nasdesk.ByOwner,
	Valid:    validConsolidation,
	ReadBack: true,
}

type consolidationRequest struct {
	closing, continuing     nasdesk.ODSCode
	owners, movers, leavers nasdesk.Addresses
}

var (
	ruleConsent     = faq("consolidation/consent", "When pharmacies merge, the owners of the shared mailboxes arrange it with the National Administration Service. The other pharmacy's mailbox must agree.")
	ruleTwoParties  = faq("consolidation/parties", "A consolidation is asked for from the shared mailbox of one of the two pharmacies, or by one of its owners.")
	ruleOwnerStays  = faq("consolidation/owner-remains", "At least one active personal account must own the shared mailbox that goes on.")
	ruleOtherClosed = ours("consolidation/closed", "A pharmacy whose mailbox is closed cannot take part in a consolidation.")
)

// validConsolidation asks again for codes that are not two registered ones.
func validConsolidation(r *nasdesk.Request, c *nasdesk.Case) []nasdesk.Reason {
	var bad []nasdesk.Reason
	closing, continuing := nasdesk.ODSCode(r.Answer("closing_ods")), nasdesk.ODSCode(r.Answer("continuing_ods"))
	if closing != "" && c.MailboxByODS(closing) == nil {
		bad = append(bad, nasdesk.Invalid("closing_ods"))
	}
	if continuing != "" && (c.MailboxByODS(continuing) == nil || continuing == closing) {
		bad = append(bad, nasdesk.Invalid("continuing_ods"))
	}
	return bad
}

// Contract, rules 5, 7 and 12.
func (q *consolidationRequest) judge(today nasdesk.Date, r *nasdesk.Request, c *nasdesk.Case) nasdesk.Verdict {
	closing, continuing := c.MailboxByODS(q.closing), c.MailboxByODS(q.continuing)
	if r.Mailbox != closing.Address && r.Mailbox != continuing.Address {
		return refuse(nasdesk.SenderNotAuthorised, ruleTwoParties)
	}
	if closing.Status == nasdesk.Closed || continuing.Status == nasdesk.Closed {
		return refuse(nasdesk.MailboxClosed, ruleOtherClosed)
	}
	if v, bad := q.people(c, closing, continuing); bad {
		return v
	}
	actions := q.actions(c, closing, continuing)
	after := c.With(today, nasdesk.Active, actions...)
	switch {
	case !ownedByActive(after, continuing.Address) && !waived(r, nasdesk.LastOwner):
		return refuse(nasdesk.LastOwner, ruleOwnerStays)
	case after.Counted(continuing.Address) > max(c.Limit(continuing.Address), c.Counted(continuing.Address)):
		return overTen(c, continuing.Address)
	case !slices.Contains(r.Granted, nasdesk.MailboxConsent) && !q.knownToBoth(r, c, closing, continuing):
		return seek(nasdesk.MailboxConsent, ruleConsent, other(r.Mailbox, closing, continuing))
	}
	v := grant(actions...)
	v.Tell = []nasdesk.Address{other(r.Mailbox, closing, continuing)}
	v = saying(v, closing.Name+" ("+string(closing.ODS)+") is consolidated into "+continuing.Name+" ("+string(continuing.ODS)+")"+when(r.Effective)+". The shared mailbox "+string(closing.Address)+" is closed.")
	if who := whoMoves(actions); who != "" {
		v = saying(v, "With it "+who+".")
	}
	return q.unnamed(c, closing).on(v)
}

// people holds the accounts that are named to the register: each is known, and
// linked to one of the two mailboxes.
func (q *consolidationRequest) people(c *nasdesk.Case, closing, continuing *nasdesk.Mailbox) (nasdesk.Verdict, bool) {
	for _, address := range slices.Concat(q.owners, q.movers, q.leavers) {
		if c.Account(address) == nil {
			return notFound(), true
		}
	}
	for _, address := range slices.Concat(q.owners, q.movers, q.leavers) {
		if c.Role(closing.Address, address) == "" && c.Role(continuing.Address, address) == "" {
			return refuse(nasdesk.NotLinked, ruleNotLinked), true
		}
	}
	for _, address := range slices.Concat(q.owners, q.movers) {
		if a := c.Account(address); a.Status == nasdesk.Deleted || a.Status == nasdesk.Leaver || slices.Contains(q.leavers, address) {
			return conflict(a), true
		}
	}
	return nasdesk.Verdict{}, false
}

func (q *consolidationRequest) actions(c *nasdesk.Case, closing, continuing *nasdesk.Mailbox) []nasdesk.Action {
	var out []nasdesk.Action
	link := func(a nasdesk.Address, role nasdesk.Role) {
		out = append(out, nasdesk.Action{Name: nasdesk.LinkMember, Mailbox: continuing.Address, Account: a, Role: role})
	}
	for _, a := range q.owners {
		if c.Role(continuing.Address, a) != nasdesk.Owner {
			link(a, nasdesk.Owner)
		}
	}
	for _, a := range q.movers {
		if c.Role(continuing.Address, a) == "" && !slices.Contains(q.owners, a) {
			link(a, nasdesk.Member)
		}
	}
	for _, a := range q.leavers {
		out = append(out, nasdesk.Action{Name: nasdesk.MarkLeaver, Account: a})
		for _, m := range []nasdesk.Address{closing.Address, continuing.Address} {
			if c.Role(m, a) != "" {
				out = append(out, nasdesk.Action{Name: nasdesk.UnlinkMember, Mailbox: m, Account: a})
			}
		}
	}
	return append(out, nasdesk.Action{Name: nasdesk.CloseMailbox, Mailbox: closing.Address})
}

// whoMoves says what becomes of whom. Both pharmacies read it: an owner of one
// becomes an owner of the other.
func whoMoves(actions []nasdesk.Action) string {
	var out []string
	for _, a := range actions {
		switch a.Name {
		case nasdesk.LinkMember:
			out = append(out, string(a.Account)+" becomes "+map[nasdesk.Role]string{nasdesk.Owner: "an owner", nasdesk.Member: "a member"}[a.Role]+" of "+string(a.Mailbox))
		case nasdesk.MarkLeaver:
			out = append(out, string(a.Account)+" is marked as a leaver")
		}
	}
	return strings.Join(out, "; ")
}

func ownedByActive(c *nasdesk.Case, mailbox nasdesk.Address) bool {
	for _, a := range c.Linked(mailbox) {
		if a.Status == nasdesk.Active && c.Role(mailbox, a.Address) == nasdesk.Owner {
			return true
		}
	}
	return false
}

// knownToBoth: the closing mailbox asks, and names an owner or mover who is
// linked to both. Then no consent is needed.
func (q *consolidationRequest) knownToBoth(r *nasdesk.Request, c *nasdesk.Case, closing, continuing *nasdesk.Mailbox) bool {
	if r.Mailbox != closing.Address {
		return false
	}
	return slices.ContainsFunc(slices.Concat(q.owners, q.movers), func(a nasdesk.Address) bool {
		return c.Role(closing.Address, a) != "" && c.Role(continuing.Address, a) != ""
	})
}

func other(mine nasdesk.Address, a, b *nasdesk.Mailbox) nasdesk.Address {
	if mine == a.Address {
		return b.Address
	}
	return a.Address
}

// unnamed lists the accounts of the closing mailbox of which nobody spoke.
func (q *consolidationRequest) unnamed(c *nasdesk.Case, closing *nasdesk.Mailbox) Notes {
	var left []string
	for _, a := range c.Linked(closing.Address) {
		if a.Status != nasdesk.Deleted && a.Status != nasdesk.Leaver && !slices.Contains(slices.Concat(q.owners, q.movers, q.leavers), a.Address) {
			left = append(left, string(a.Address))
		}
	}
	if left == nil {
		return nil
	}
	return Notes{para("These accounts were linked to " + string(closing.Address) + " and were not named. Please tell us whether they move or leave:"), {Items: left}}
}

var ruleMerge = faq("consolidation/what-to-send", "When pharmacies merge, the shared mailbox owner must email the National Administration Service to arrange ownership changes and remove leavers.")
