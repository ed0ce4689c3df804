package nasdesk

import (
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Value is what one field of a form takes. Set reads it as a person wrote it
// and returns an error if it is no such thing; String is its normal form.
type Value interface {
	Set(written string) error
	String() string
	Type() Type
}

// A Type is a sort of value. The reader looks for candidates of a field's type.
type Type string

const (
	MobileType    Type = "mobile"
	AddressType   Type = "address"     // any mail address
	NHSType       Type = "nhs-address" // an address at nhs.net
	AddressesType Type = "addresses"   // a list of addresses at nhs.net
	PersonType    Type = "person"
	RoleType      Type = "role"
	ODSType       Type = "ods"
	MailboxType   Type = "mailbox"
	DateType      Type = "date"
	CountType     Type = "count"
	ReferenceType Type = "reference"
	TitleType     Type = "title" // the name of a Team or an organisation
	TextType      Type = "text"  // words for people: a business case, a purpose
)

// A Mobile is a UK mobile number in its normal form: 07 and nine digits.
type Mobile string

var errMobile = errors.New("not a mobile number: it begins 07 and has eleven digits")

// Set reads a mobile in any usual way of writing it (+44 7…, 0044…, brackets,
// hyphens, blanks). Letters make it invalid. Contract, normal forms.
func (m *Mobile) Set(written string) error {
	var b strings.Builder
	s := strings.ReplaceAll(Clean(written), "(0)", "")
	for i, r := range s {
		switch {
		case '0' <= r && r <= '9':
			b.WriteRune(r)
		case r == '+' && b.Len() == 0:
			b.WriteString("00")
		case strings.ContainsRune(" -.()/–—‑‐\u00a0\t", r):
		case r == '*' || r == ',' || r == ';':
			if i < len(s)-1 {
				return errMobile
			}
		default:
			return errMobile
		}
	}
	d := b.String()
	switch {
	case strings.HasPrefix(d, "0044"):
		d = "0" + strings.TrimPrefix(d[4:], "0")
	case strings.HasPrefix(d, "447") && len(d) == 12:
		d = "0" + d[2:]
	}
	if len(d) != 11 || !strings.HasPrefix(d, "07") {
		return errMobile
	}
	*m = Mobile(d)
	return nil
}

func (m *Mobile) String() string { return string(*m) }

// Type implements Value.
func (*Mobile) Type() Type { return MobileType }

// UK reports whether the number is a mobile in use for accounts: 070 are
// personal numbers and 076 pagers, except 07624 (Isle of Man). Contract, rule 4.
func (m Mobile) UK() bool {
	s := string(m)
	return len(s) == 11 && !strings.HasPrefix(s, "070") &&
		(!strings.HasPrefix(s, "076") || strings.HasPrefix(s, "07624"))
}

// Masked returns the number with all but its last three digits hidden, as it
// may stand in a reply, a log or a list.
func (m Mobile) Masked() string {
	if len(m) < 5 {
		return "07*********"
	}
	return "07*** ***" + string(m[len(m)-3:])
}

// An Address is a mail address in lower case: the bare addr-spec.
type Address string

var errAddress = errors.New("not an email address")

// Set reads one address, bare, in angle brackets or behind mailto:.
func (a *Address) Set(written string) error {
	s := strings.TrimSpace(Clean(written))
	if i := strings.LastIndexByte(s, '<'); i > 0 && strings.HasSuffix(s, ">") {
		s = s[i:]
	}
	s = strings.Trim(s, "<>()[]\"' ,;:")
	s = strings.TrimPrefix(strings.ToLower(s), "mailto:")
	s = strings.TrimSuffix(s, ".")
	if !validAddress(s) {
		return errAddress
	}
	*a = Address(s)
	return nil
}

// Masked returns the address as it may stand in a log or an alarm: that of an
// organisation whole, such as pharmacy.fa123@nhs.net, that of a person with the first
// letter and the domain alone. What does not show that it is an organisation's is
// taken for a person's.
func (a Address) Masked() string {
	local, domain, ok := strings.Cut(string(a), "@")
	if !ok || local == "" {
		return "…"
	}
	prefix, code, _ := strings.Cut(local, ".")
	if domain == "nhs.net" && (local == "helpdesk" || code != "" && slices.Contains(sharedPrefixes, prefix) && strings.ContainsAny(code, "0123456789")) {
		return string(a)
	}
	first, _ := utf8.DecodeRuneInString(local)
	return string(first) + "…@" + domain
}

// sharedPrefixes begin the addresses of shared mailboxes, in front of the ODS code.
var sharedPrefixes = []string{"pharmacy", "optom", "optometry", "dental", "dentistry", "care", "midwife", "midwifery"}

// validAddress accepts the dot-atom addresses that people have: RFC 5321
// without quoted local parts, ASCII only, a domain with a dot.
func validAddress(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || len(s) > 254 || len(local) > 64 || !strings.Contains(domain, ".") {
		return false
	}
	return dotted(local, "!#$%&'*+-/=?^_`{|}~") && dotted(domain, "-")
}

func dotted(s, extra string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" {
			return false
		}
		for _, r := range label {
			if !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune(extra, r)) {
				return false
			}
		}
	}
	return true
}

func (a *Address) String() string { return string(*a) }

// Type implements Value.
func (*Address) Type() Type { return AddressType }

// Domain returns the part behind the @.
func (a Address) Domain() string {
	_, d, _ := strings.Cut(string(a), "@")
	return d
}

// Local returns the part before the @.
func (a Address) Local() string {
	l, _, _ := strings.Cut(string(a), "@")
	return l
}

// NHS reports whether the address is at nhs.net.
func (a Address) NHS() bool { return a.Domain() == "nhs.net" }

// An NHSAddress is an address at nhs.net.
type NHSAddress Address

var errNHS = errors.New("not an nhs.net address")

// Set reads an address and refuses any that is not at nhs.net.
func (a *NHSAddress) Set(written string) error {
	var any Address
	if err := any.Set(written); err != nil {
		return err
	}
	if !any.NHS() {
		return errNHS
	}
	*a = NHSAddress(any)
	return nil
}

func (a *NHSAddress) String() string { return string(*a) }

// Type implements Value.
func (*NHSAddress) Type() Type { return NHSType }

// Addresses is a list of addresses at nhs.net, in the order written.
type Addresses []Address

// Set reads addresses separated by commas, semicolons, "and", "&" or blanks.
// Words between them that hold no @ are names, and passed over.
func (l *Addresses) Set(written string) error {
	var out Addresses
	for _, w := range strings.FieldsFunc(Clean(written), func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(",;|&", r)
	}) {
		if !strings.Contains(w, "@") {
			continue
		}
		var a NHSAddress
		if err := a.Set(w); err != nil {
			return err
		}
		out = append(out, Address(a))
	}
	if len(out) == 0 {
		return errNHS
	}
	*l = out
	return nil
}

func (l *Addresses) String() string {
	ss := make([]string, len(*l))
	for i, a := range *l {
		ss[i] = string(a)
	}
	return strings.Join(ss, " ")
}

// Type implements Value.
func (*Addresses) Type() Type { return AddressesType }

// A Role is how an account is linked to a shared mailbox.
type Role string

const (
	Owner  Role = "owner"
	Member Role = "member"
)

var errRole = errors.New("neither owner nor member")

// Set reads a role. Only words for owner or member are one; a job title is
// none, and neither is a text that names both. Contract, rule 4.
func (r *Role) Set(written string) error {
	var owner, member bool
	for _, w := range strings.FieldsFunc(strings.ToLower(Clean(written)), func(r rune) bool { return !unicode.IsLetter(r) }) {
		switch w {
		case "owner", "owners", "co", "ownership":
			owner = owner || w != "co"
		case "member", "members", "membership":
			member = true
		}
	}
	if owner == member {
		return errRole
	}
	*r = Member
	if owner {
		*r = Owner
	}
	return nil
}

func (r *Role) String() string { return string(*r) }

// Type implements Value.
func (*Role) Type() Type { return RoleType }

// A Title is a name that somebody gave: a Team's, an organisation's.
type Title string

// Set takes any words, single-spaced.
func (t *Title) Set(written string) error {
	s := strings.Trim(Clean(written), `"' `)
	if s == "" {
		return errors.New("empty")
	}
	*t = Title(s)
	return nil
}

func (t *Title) String() string { return string(*t) }

// Type implements Value.
func (*Title) Type() Type { return TitleType }

// A Text is words for people, which no rule reads.
type Text string

// Set takes any words, single-spaced.
func (t *Text) Set(written string) error {
	s := Clean(written)
	if s == "" {
		return errors.New("empty")
	}
	*t = Text(s)
	return nil
}

func (t *Text) String() string { return string(*t) }

// Type implements Value.
func (*Text) Type() Type { return TextType }

// A Count is a number of accounts, as written.
type Count int

// Set reads the first whole number of the text, or a number word up to twenty.
func (c *Count) Set(written string) error {
	n, digits := 0, 0
	for _, r := range Clean(written) {
		if '0' <= r && r <= '9' && digits < 6 {
			n, digits = n*10+int(r-'0'), digits+1
		} else if digits > 0 {
			break
		}
	}
	if digits == 0 {
		for _, w := range strings.Fields(strings.ToLower(written)) {
			if v, ok := numberWords[strings.Trim(w, ".,;:")]; ok {
				n, digits = v, 1
				break
			}
		}
	}
	if digits == 0 || n == 0 {
		return errors.New("not a number")
	}
	*c = Count(n)
	return nil
}

var numberWords = map[string]int{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
	"eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20}

func (c *Count) String() string {
	n, s := int(*c), ""
	for n > 0 {
		n, s = n/10, string(rune('0'+n%10))+s
	}
	return s
}

// Type implements Value.
func (*Count) Type() Type { return CountType }

// Clean returns s as a reader sees it: invisible and direction characters gone,
// every sort of blank a single space, curly quotes straightened, trimmed.
func Clean(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		switch {
		case Invisible(r):
		case unicode.IsSpace(r) || r == '\u2800':
			space = b.Len() > 0
		default:
			if space {
				b.WriteByte(' ')
				space = false
			}
			switch r {
			case '‘', '’', '‛', '′', 'ʼ', '`', '´':
				r = '\''
			case '“', '”', '„', '″':
				r = '"'
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Invisible reports whether a reader sees nothing of r: zero-width characters,
// joiners, direction marks, soft hyphens, the byte order mark and controls.
func Invisible(r rune) bool {
	switch {
	case r == '\u00ad', r == '\u034f', r == '\u061c', r == '\u180e', r == '\ufeff',
		'\u200b' <= r && r <= '\u200f', '\u202a' <= r && r <= '\u202e',
		'\u2060' <= r && r <= '\u206f', '\ufe00' <= r && r <= '\ufe0f':
		return true
	}
	return unicode.IsControl(r) && !unicode.IsSpace(r)
}
