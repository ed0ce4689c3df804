package workflows

import (
	"slices"
	"strings"

	"nasdesk"
)

// register sets rows of the register right by hand. It is judged on the rows as
// staff saw them, and holds to what no request may break either: one mobile, one
// person; one code, one mailbox.
func (s *stepping) register(e *nasdesk.StaffEvent) {
	if e.Edit == nil || strings.TrimSpace(e.Text) == "" {
		s.hinders = nasdesk.NotWellFormed
		return
	}
	d := e.Edit
	if d.Mailbox != nil {
		s.editMailbox(*d.Mailbox, e)
	}
	if d.Account != nil {
		s.editAccount(*d.Account, e)
	}
	if d.Link != nil {
		s.editLink(*d.Link, e)
	}
	if d.Unlink != nil {
		s.editUnlink(*d.Unlink, e)
	}
	if d.Approval != nil {
		s.editApproval(*d.Approval, e)
	}
	s.leavesOwner(e)
}

func (s *stepping) edited(row, subject string, e *nasdesk.StaffEvent) {
	s.note("staff-register", -1, subject, row+by(e))
}

// hinder keeps the first hindrance.
func (s *stepping) hinder(why nasdesk.Hindrance) {
	if s.hinders == "" {
		s.hinders = why
	}
}

var (
	sectors  = []nasdesk.Sector{nasdesk.Pharmacy, nasdesk.Optometry, nasdesk.Dentistry, nasdesk.SocialCare, nasdesk.Midwifery}
	dspts    = []nasdesk.DSPT{nasdesk.StandardsMet, nasdesk.StandardsExceeded, nasdesk.ApproachingStandards, nasdesk.StandardsNotMet, nasdesk.NotPublished}
	statuses = []nasdesk.Status{nasdesk.Pending, nasdesk.Active, nasdesk.Inactive, nasdesk.Disabled, nasdesk.Leaver, nasdesk.Deleted}
)

// editMailbox writes a mailbox, new or known. Its address is no field: another
// address is a change of site.
func (s *stepping) editMailbox(m nasdesk.Mailbox, e *nasdesk.StaffEvent) {
	old := s.c.Mailbox(m.Address)
	var address, region nasdesk.Address
	var code nasdesk.ODSCode
	other := s.c.MailboxByODS(m.ODS)
	switch {
	case old == nil && m.Version != 0, old != nil && old.Version != m.Version, old != nil && old.Address != m.Address:
		s.hinder(nasdesk.ChangedMeanwhile)
	case address.Set(string(m.Address)) != nil || address != m.Address || !address.NHS(),
		m.Region != "" && (region.Set(string(m.Region)) != nil || region != m.Region),
		code.Set(string(m.ODS)) != nil || code != m.ODS, strings.TrimSpace(m.Name) == "",
		!slices.Contains(sectors, m.Sector), !slices.Contains(dspts, m.DSPT), m.Status != nasdesk.Active && m.Status != nasdesk.Closed:
		s.hinder(nasdesk.NotWellFormed)
	case other != nil && other.Address != m.Address, old == nil && s.c.Account(m.Address) != nil:
		s.hinder(nasdesk.AgainstRegister)
	default:
		if old == nil {
			s.c.Mailboxes = append(s.c.Mailboxes, m)
		} else {
			m.Alias = old.Alias
			*old = m
		}
		s.edited("mailbox", string(m.Address), e)
	}
}

// editAccount writes an account, new or known.
func (s *stepping) editAccount(a nasdesk.Account, e *nasdesk.StaffEvent) {
	old := s.c.Account(a.Address)
	var address nasdesk.NHSAddress
	var name nasdesk.PersonName
	switch {
	case old == nil && a.Version != 0, old != nil && old.Version != a.Version:
		s.hinder(nasdesk.ChangedMeanwhile)
	case address.Set(string(a.Address)) != nil || string(address) != string(a.Address), name.Set(string(a.Name)) != nil || name != a.Name,
		!mobileFits(a.Mobile), !alternativeFits(a.Alternative), !slices.Contains(statuses, a.Status), !a.Since.Valid():
		s.hinder(nasdesk.NotWellFormed)
	case s.mobileTaken(a), old == nil && s.c.Mailbox(a.Address) != nil:
		s.hinder(nasdesk.AgainstRegister)
	default:
		if old == nil {
			s.c.Accounts = append(s.c.Accounts, a)
		} else {
			*old = a
		}
		s.edited("account", string(a.Address), e)
	}
}

func mobileFits(m nasdesk.Mobile) bool {
	var n nasdesk.Mobile
	return m == "" || n.Set(string(m)) == nil && n == m
}

func alternativeFits(a nasdesk.Address) bool {
	var n nasdesk.Address
	return a == "" || n.Set(string(a)) == nil && n == a && !n.NHS()
}

// mobileTaken: another account that is not deleted has the mobile.
func (s *stepping) mobileTaken(a nasdesk.Account) bool {
	return a.Status != nasdesk.Deleted && a.Mobile != "" && slices.ContainsFunc(s.c.Accounts, func(b nasdesk.Account) bool {
		return b.Mobile == a.Mobile && b.Address != a.Address && b.Status != nasdesk.Deleted
	})
}

// editLink links an account or changes its role. Beyond what the mailbox may
// hold two people decide.
func (s *stepping) editLink(l nasdesk.Membership, e *nasdesk.StaffEvent) {
	m, a := s.c.Mailbox(l.Mailbox), s.c.Account(l.Account)
	switch {
	case l.Role != nasdesk.Owner && l.Role != nasdesk.Member:
		s.hinder(nasdesk.NotWellFormed)
		return
	case m == nil || a == nil:
		s.hinder(nasdesk.AgainstRegister)
		return
	case s.c.Role(m.Address, a.Address) == "" && full(s.c, m.Address) && !twoPeople(e):
		s.hinder(nasdesk.SecondPerson)
	}
	s.c = s.c.With(s.today, s.desk.Created, nasdesk.Action{Name: nasdesk.LinkMember, Mailbox: m.Address, Account: a.Address, Role: l.Role})
	s.edited("link "+string(l.Role), string(a.Address), e)
}

func (s *stepping) editUnlink(l nasdesk.Membership, e *nasdesk.StaffEvent) {
	if s.c.Role(l.Mailbox, l.Account) == "" {
		s.hinder(nasdesk.ChangedMeanwhile)
		return
	}
	s.c = s.c.With(s.today, s.desk.Created, nasdesk.Action{Name: nasdesk.UnlinkMember, Mailbox: l.Mailbox, Account: l.Account})
	s.edited("unlink", string(l.Account), e)
}

// editApproval puts on record what a region approved otherwise than by mail. It
// lets a mailbox hold more than ten, so two people answer for it.
func (s *stepping) editApproval(a nasdesk.Approval, e *nasdesk.StaffEvent) {
	var who nasdesk.Address
	switch {
	case a.Max <= 0 || who.Set(string(a.ApprovedBy)) != nil || who != a.ApprovedBy || !a.ApprovedOn.Valid() || a.ApprovedOn > s.today:
		s.hinder(nasdesk.NotWellFormed)
	case s.c.Mailbox(a.Mailbox) == nil:
		s.hinder(nasdesk.AgainstRegister)
	case !twoPeople(e):
		s.hinder(nasdesk.SecondPerson)
	default:
		s.c.Approvals = append(slices.Clip(s.c.Approvals), a)
		s.edited("approval", string(a.Mailbox), e)
	}
}
