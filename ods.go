package nasdesk

import (
	"errors"
	"strings"
)

// An ODSCode names an organisation of the NHS, in upper case. Its shape is
// judged by sector (contract, rule 13), not here.
type ODSCode string

// Set takes one word, in upper case.
func (o *ODSCode) Set(written string) error {
	s := strings.ToUpper(strings.Trim(Clean(written), ".,;:()[]\"' "))
	if s == "" || strings.ContainsAny(s, " @") {
		return errors.New("not an ODS code")
	}
	*o = ODSCode(s)
	return nil
}

func (o *ODSCode) String() string { return string(*o) }

// Type implements Value.
func (*ODSCode) Type() Type { return ODSType }

// WellFormed reports whether the code has the shape of its sector: a pharmacy's
// is F and four letters or digits; others have four to six, at least one of
// each. Contract, rule 13.
func (o ODSCode) WellFormed(s Sector) bool {
	letters, digits := 0, 0
	for _, r := range string(o) {
		switch {
		case 'A' <= r && r <= 'Z':
			letters++
		case '0' <= r && r <= '9':
			digits++
		default:
			return false
		}
	}
	if s == Pharmacy {
		return len(o) == 5 && o[0] == 'F'
	}
	return len(o) >= 4 && len(o) <= 6 && letters > 0 && digits > 0
}

// A MailboxName is a shared mailbox as people name it: its address, the address
// without its domain, or an ODS code. [Case.MailboxNamed] finds which it is.
type MailboxName string

// Set takes an address, a local part or a code.
func (m *MailboxName) Set(written string) error {
	s := strings.ToLower(strings.Trim(Clean(written), ".,;:<>()[]\"' "))
	s = strings.TrimPrefix(s, "mailto:")
	if s == "" || strings.Contains(s, " ") {
		return errors.New("not a shared mailbox")
	}
	if !strings.Contains(s, "@") && strings.Contains(s, ".") {
		s += "@nhs.net"
	}
	*m = MailboxName(s)
	return nil
}

func (m *MailboxName) String() string { return string(*m) }

// Type implements Value.
func (*MailboxName) Type() Type { return MailboxType }
