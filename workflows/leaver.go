package workflows

import "nasdesk"

// leaver marks the account of somebody who leaves the sector or the NHS.
var leaver = &nasdesk.Kind{
	Name:  "leaver",
	Title: "marking an account as a leaver",
	Open: func(f *nasdesk.Form) nasdesk.Judge {
		var r leaverRequest
		f.Need(&r.account, "nhs_email", "NHS.net email", "of the leaver", append([]string{"leaver", "leaver's email", "leaver's nhs.net email", "account of leaver", "account to close", "account to be closed", "leaver's account"}, nhsLabels...)...)
		return r.judge
	},
	Intents: []nasdesk.Intent{
		{Verbs: "mark|marked|marking|make|put|set|flag|flagged|treat|process|register|record|recorded|classed|class", Objects: "leaver|leavers"},
		{Verbs: "close|closing|closed|delete|deleting|deleted|deletion of|cancel|terminate|shut|shut down|close down|closure of|get rid of", Objects: "account|accounts|nhs.net account|login|accounts down", Unless: "mailbox closed|pharmacy closed|closed its|restore|restored|reinstate|recover|undelete|was deleted|been deleted|got deleted|deleted account|be deleted|gets deleted|get deleted|deleted in|deleted by|so that|request|my last|so as not|to a deleted|deleted automatically|being deleted|lost"},
		{Verbs: "leaves|leaving|left|to leave|will leave|leave the|quit|quitting|quits|finished with|done with|giving up|given up|gives up|stepping away from|coming out of|out of", Objects: "sector|the nhs|nhs|profession|pharmacy altogether|optometry|dentistry|midwifery|altogether|for good|community pharmacy|healthcare|pharmacy for good|primary care|the register|social care", Unless: "out of hours|left the pharmacy for|the nhs.net"},
		{Verbs: "leaver|leavers", Unless: "joiner|joiners"},
		{Verbs: "retire|retires|retiring|retired|emigrat*|passed away|died|has died|career change|leaving pharmacy", Weak: true},
	},
	Asks:     ruleLeaver,
	Who:      nasdesk.BySharedMailbox | nasdesk.ByOwner | nasdesk.ByItself,
	ReadBack: true,
}

type leaverRequest struct{ account nasdesk.NHSAddress }

var ruleLeaver = faq("leaver/thirty-days", "The account of somebody who leaves the sector is marked as a leaver and deleted after 30 days, unless another NHS organisation marks it as a joiner before then.")

// Contract, rules 7 and 10. From the account itself all of its mailboxes lose it.
func (l *leaverRequest) judge(_ nasdesk.Date, r *nasdesk.Request, c *nasdesk.Case) nasdesk.Verdict {
	address := nasdesk.Address(l.account)
	if address == "" {
		address = r.Party
	}
	a := c.Account(address)
	if a == nil {
		return notFound()
	}
	from := []nasdesk.Address{r.Mailbox}
	if a.Address == r.Party {
		from = nil
		for _, m := range c.MailboxesOf(a.Address) {
			from = append(from, m.Address)
		}
	} else if c.Role(r.Mailbox, a.Address) == "" {
		return refuse(nasdesk.NotLinked, ruleNotLinked)
	}
	if a.Status == nasdesk.Leaver || a.Status == nasdesk.Deleted {
		return refuse(nasdesk.NothingToDo, ruleNothing)
	}
	v := grant(nasdesk.Action{Name: nasdesk.MarkLeaver, Account: a.Address})
	for _, m := range from {
		if no, last := lastOne(r, c, m, a); last {
			return no
		}
		v.Actions = append(v.Actions, nasdesk.Action{Name: nasdesk.UnlinkMember, Mailbox: m, Account: a.Address})
		if m == r.Mailbox {
			v = oneLeft(c, m, a.Address).on(v)
		}
	}
	return saying(v, "The account "+string(a.Address)+" will be marked as a leaver"+when(r.Effective)+" and is deleted 30 days later, unless another NHS organisation marks it as a joiner before then.")
}
