package nasdesk

// A Sector is the part of the NHS that an organisation belongs to.
type Sector string

const (
	Pharmacy   Sector = "pharmacy"
	Optometry  Sector = "optometry"
	Dentistry  Sector = "dentistry"
	SocialCare Sector = "social-care"
	Midwifery  Sector = "midwifery"
)

// A DSPT is the standing of an organisation in the Data Security and
// Protection Toolkit.
type DSPT string

const (
	StandardsMet         DSPT = "standards-met"
	StandardsExceeded    DSPT = "standards-exceeded"
	ApproachingStandards DSPT = "approaching-standards"
	StandardsNotMet      DSPT = "standards-not-met"
	NotPublished         DSPT = "not-published"
)

// A Status is the state of an account or a mailbox.
type Status string

const (
	Pending  Status = "pending"
	Active   Status = "active"
	Inactive Status = "inactive"
	Disabled Status = "disabled"
	Leaver   Status = "leaver"
	Deleted  Status = "deleted"
	Closed   Status = "closed" // mailboxes only
)

// A Mailbox is a registered shared mailbox.
type Mailbox struct {
	Address Address
	ODS     ODSCode
	Name    string
	Sector  Sector
	Region  Address // the NHS England team that approves more than ten accounts; may be ""
	DSPT    DSPT
	Status  Status  // active or closed
	Alias   Address // the former address, kept after a site change; usually ""
	Version int64   // of the row; Commit checks it
}

// An Account is a personal nhs.net account.
type Account struct {
	Address     Address
	Name        PersonName
	Mobile      Mobile
	Alternative Address
	Status      Status
	Since       Date // the day the status began
	Version     int64
}

// A Membership links an account to a shared mailbox.
type Membership struct {
	Mailbox Address
	Account Address
	Role    Role
}

// An Approval is a regional approval on record: how many accounts a mailbox
// may hold.
type Approval struct {
	Mailbox    Address
	Max        int
	ApprovedBy Address
	ApprovedOn Date
}

// The address that a mailbox would have under another code: a pharmacy's is
// pharmacy.CODE@nhs.net, other sectors keep their prefix. Contract, rule 13.
func (m Mailbox) AddressUnder(code ODSCode) Address {
	lower := make([]byte, len(code))
	for i := range len(code) {
		c := code[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	prefix := "pharmacy"
	if m.Sector != Pharmacy {
		prefix = sectorPrefix(m)
	}
	return Address(prefix + "." + string(lower) + "@nhs.net")
}

// sectorPrefix is what stands before the code in the mailbox's present address,
// or the sector's own where the address does not hold the code.
func sectorPrefix(m Mailbox) string {
	local := m.Address.Local()
	for i := range len(local) {
		if local[i] == '.' && equalFold(local[i+1:], string(m.ODS)) {
			return local[:i]
		}
	}
	switch m.Sector {
	case Optometry:
		return "optom"
	case Dentistry:
		return "dental"
	case SocialCare:
		return "care"
	case Midwifery:
		return "midwifery"
	}
	return "pharmacy"
}
