package workflows

import "nasdesk"

// An asker is who wrote, as the register knows him.
type asker struct {
	address  nasdesk.Address
	mailbox  *nasdesk.Mailbox // the shared mailbox that wrote
	account  *nasdesk.Account // the personal account that wrote
	region   bool             // a regional team of some mailbox
	result   nasdesk.ResultSender
	answerTo nasdesk.Address // where replies go: the registered mailbox or the proved address
}

func askerOf(p nasdesk.Proof, c *nasdesk.Case) asker {
	a := asker{address: p.Sender.Address(), result: nasdesk.ResultSender{Address: p.From, Verified: p.Sender.Proved() && len(p.Released) == 0, Released: p.Released}}
	if !p.Sender.Proved() {
		return a
	}
	a.mailbox, a.account, a.answerTo = c.Mailbox(a.address), c.Account(a.address), a.address
	if a.mailbox != nil {
		a.address, a.answerTo = a.mailbox.Address, a.mailbox.Address
		a.result.Mailbox = a.mailbox.Address
	}
	for i := range c.Mailboxes {
		a.region = a.region || c.Mailboxes[i].Region == a.address
	}
	return a
}

// partyOf is the asker of a request that nobody writes about at the moment.
func partyOf(r *nasdesk.Request, c *nasdesk.Case) asker {
	a := asker{address: r.Party, mailbox: c.Mailbox(r.Party), account: c.Account(r.Party), answerTo: r.Party}
	if a.mailbox != nil {
		a.address = a.mailbox.Address
	}
	return a
}

// registered reports whether the asker is a party that the register knows.
func (a asker) registered() bool { return a.mailbox != nil || a.account != nil || a.region }

// onBehalf reports whether an account may write on behalf of a mailbox: it is
// active and linked to it. Contract, rule 1.
func onBehalf(person, mailbox nasdesk.Address, c *nasdesk.Case) bool {
	m, a := c.Mailbox(mailbox), c.Account(person)
	return m != nil && a != nil && a.Status == nasdesk.Active && c.Role(m.Address, a.Address) != ""
}

// mailboxFor tells which shared mailbox a reading concerns: the one that wrote,
// or for a personal account the one it names, else the one to which the account
// that it names is linked, else the first of its own.
func (a asker) mailboxFor(k *nasdesk.Kind, rd *nasdesk.Reading, c *nasdesk.Case) nasdesk.Address {
	if a.mailbox != nil {
		return a.mailbox.Address
	}
	if a.account == nil {
		return ""
	}
	mine := a.ownMailboxes(k, c)
	if len(mine) == 0 {
		return ""
	}
	if m := namedAmong(mine, rd); m != nil {
		return m.Address
	}
	if about := accountIn(rd, c); about != nil {
		for _, m := range mine {
			if c.Role(m.Address, about.Address) != "" {
				return m.Address
			}
		}
	}
	return mine[0].Address
}

// ownMailboxes are those of which the account is an owner, or, if the kind is
// not for owners or it owns none, those to which it is linked.
func (a asker) ownMailboxes(k *nasdesk.Kind, c *nasdesk.Case) []*nasdesk.Mailbox {
	linked := c.MailboxesOf(a.account.Address)
	if k == nil || k.Who&nasdesk.ByOwner == 0 {
		return linked
	}
	var owned []*nasdesk.Mailbox
	for _, m := range linked {
		if c.Role(m.Address, a.account.Address) == nasdesk.Owner {
			owned = append(owned, m)
		}
	}
	if owned == nil {
		return linked
	}
	return owned
}

// namedAmong is the mailbox that the text names, by its address, its name or its
// code. Of two pharmacies that merge it is the closing one: there the fewest
// need to be asked (contract, rule 12).
func namedAmong(mine []*nasdesk.Mailbox, rd *nasdesk.Reading) *nasdesk.Mailbox {
	for _, f := range []string{"closing_ods", "continuing_ods", "old_ods"} {
		a := nasdesk.AnswerTo(rd.Answers, f)
		for _, m := range mine {
			if a != nil && a.Value == string(m.ODS) {
				return m
			}
		}
	}
	for _, m := range mine {
		if rd.Mailbox == m.Address {
			return m
		}
	}
	return nil
}

// accountIn is the account that a reading is about, by address or by mobile.
func accountIn(rd *nasdesk.Reading, c *nasdesk.Case) *nasdesk.Account {
	if a := nasdesk.AnswerTo(rd.Answers, "nhs_email"); a != nil {
		if acc := c.Account(nasdesk.Address(a.Value)); acc != nil {
			return acc
		}
	}
	if a := nasdesk.AnswerTo(rd.Answers, "mobile"); a != nil {
		return c.AccountByMobile(nasdesk.Mobile(a.Value))
	}
	return nil
}

// mayAsk holds the asker to the table of kinds. Contract, "who may ask".
func (a asker) mayAsk(k *nasdesk.Kind, r *nasdesk.Request, c *nasdesk.Case) bool {
	switch {
	case k.Who&nasdesk.ByAnybody != 0:
		return true
	case k.Who&nasdesk.BySharedMailbox != 0 && a.mailbox != nil:
		return true
	case a.account == nil || a.account.Status == nasdesk.Deleted:
		return false
	case k.Who&nasdesk.ByOwner != 0 && c.Role(r.Mailbox, a.account.Address) == nasdesk.Owner:
		return true
	case k.Who&nasdesk.ByItself != 0 && a.itself(r):
		return true
	case k.Who&nasdesk.ByMidwife != 0:
		m := c.Mailbox(r.Mailbox)
		return m != nil && m.Sector == nasdesk.Midwifery && c.Role(m.Address, a.account.Address) != ""
	}
	return false
}

// itself reports whether a personal account asks about itself. A question of
// status, whose form holds no account, is about the asker's own request, which
// its judgement checks.
func (a asker) itself(r *nasdesk.Request) bool {
	about := r.Answer("nhs_email")
	return about == "" || about == string(a.account.Address)
}

// spare makes the fields optional that a personal account need not give: it is
// the owner, or the account, itself. Contract, rules 9 to 11.
func (a asker) spare(k *nasdesk.Kind, f *nasdesk.Form, r *nasdesk.Request, c *nasdesk.Case) {
	if a.mailbox != nil || a.account == nil {
		return
	}
	if k.Name == "disable" || k.Name == "password-reset" {
		f.Optional("owner_email")
	}
	if k.Who&nasdesk.ByItself != 0 && c.Role(r.Mailbox, a.account.Address) != nasdesk.Owner {
		f.Optional("nhs_email")
	}
}
