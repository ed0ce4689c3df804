package parser

import (
	"slices"
	"strings"
	"unicode"

	"nasdesk"
)

// A Reader understands messages in the words of a list of kinds. It is made
// once and safe for concurrent use.
type Reader struct {
	kinds  []*nasdesk.Kind
	forms  []*nasdesk.Form
	labels map[string]labelHit
	keys   map[int][]string    // of labels, by length
	bags   map[string]labelHit // by the set of their telling words
	lex    lexicon
	index  map[string]int  // kind name to its place
	hinted map[string]bool // our own labels with their hints
}

// A labelHit says which field of each kind a label means: the place in the
// form, -1 where the kind has no such field.
type labelHit struct {
	fields []int8
	part   namePart // the label asks for a part of a name, or a date
	exact  bool
	phone  bool // a word for any telephone, not for a mobile
}

// A namePart is what a label means that is in no form.
type namePart uint8

const (
	noPart namePart = iota
	firstName
	lastName
	fromDay // a day from which something is asked for
	ignored // a label that pharmacies use and nobody here needs
)

// NewReader makes a reader for the kinds' labels and intents.
func NewReader(kinds []*nasdesk.Kind) *Reader {
	r := &Reader{kinds: kinds, labels: map[string]labelHit{}, bags: map[string]labelHit{}, index: map[string]int{}, hinted: map[string]bool{}, keys: map[int][]string{}}
	for k, kind := range kinds {
		form, _ := kind.FormOf()
		r.forms = append(r.forms, form)
		r.index[kind.Name] = k
		for f, field := range form.Fields {
			if field.Hint != "" {
				r.hinted[normalLabel(field.Label+" "+field.Hint)] = true
			}
			for i, l := range append([]string{field.Label, field.Label + " " + field.Hint}, field.Labels...) {
				r.declare(l, k, f, i < 1)
			}
		}
	}
	for part, ls := range partLabels {
		for _, l := range ls {
			key := normalLabel(l)
			h := r.hitFor(key)
			h.part = part
			r.labels[key] = h
		}
	}
	for key := range r.labels {
		r.keys[len(key)] = append(r.keys[len(key)], key)
	}
	r.lex = compile(kinds)
	return r
}

func (r *Reader) hitFor(key string) labelHit {
	if h, ok := r.labels[key]; ok {
		return h
	}
	h := labelHit{fields: make([]int8, len(r.kinds)), exact: true, phone: isPhoneLabel(key)}
	for i := range h.fields {
		h.fields[i] = -1
	}
	return h
}

// declare enters a label. Of two fields of one kind with the same label the
// first declared has it, but a field's own name goes before a synonym.
func (r *Reader) declare(label string, k, f int, own bool) {
	key := normalLabel(label)
	if key == "" {
		return
	}
	h := r.hitFor(key)
	if h.fields[k] < 0 || own {
		h.fields[k] = int8(f)
	}
	r.labels[key] = h
	if b := bagOf(key); b != "" {
		h, ok := r.bags[b]
		if !ok {
			h = r.hitFor("\x00")
			h.phone = isPhoneLabel(key)
		}
		if h.fields[k] < 0 {
			h.fields[k] = int8(f)
		}
		r.bags[b] = h
	}
}

func isPhoneLabel(key string) bool {
	return !strings.Contains(key, "mobile") && (strings.Contains(key, "phone") || key == "contact number" || key == "number" || key == "contact")
}

// partLabels are labels that no form declares: parts of a name, days, and what
// stands on pharmacies' own forms though nobody here needs it.
var partLabels = map[namePart][]string{
	firstName: {"first name", "forename", "given name", "christian name", "first names", "forenames", "firstname", "first"},
	lastName:  {"surname", "last name", "family name", "second name", "lastname", "last"},
	fromDay: {"last day", "last working day", "last day of work", "last day of employment", "leaving date", "leave date", "date of leaving", "leaving", "date left", "date leaving", "leave starts", "leave start", "leave start date",
		"start of leave", "maternity leave starts", "maternity leave from", "maternity leave start date", "leave begins", "leave from", "effective date", "effective from", "effective", "with effect from", "date effective", "wef",
		"date from", "from date", "to take effect", "takes effect", "date of change", "change date", "date of closure", "closure date", "closing date", "closes on", "date closed", "date required", "required from", "disable from", "disable on",
		"remove on", "remove from", "date to remove", "date to be removed", "date to disable", "to be disabled from", "to be removed on", "to be closed on", "date of consolidation", "consolidation date", "end date", "finish date", "finishing date", "date of return", "return date",
		"returns", "returning", "return to work date", "returns to work", "first day of leave", "start date of leave", "date leave starts", "date maternity leave starts", "go live date", "moving date", "date of move", "sick leave from", "absence from", "leaver date", "termination date"},
	ignored: {"job title", "job", "position", "job role", "occupation", "grade", "start date", "date of start", "starting", "starts", "starting date", "starts on", "date started", "payroll number", "payroll", "staff number", "employee number", "employee id", "staff id", "gphc number", "gphc", "gphc registration", "registration number", "gphc registration number",
		"smartcard number", "smartcard", "smart card number", "uuid", "date of birth", "dob", "ni number", "national insurance number", "pharmacy name", "pharmacy", "name of pharmacy", "branch", "branch name", "store", "department", "line manager", "manager", "postcode", "pharmacy address", "home address", "postal address", "fax", "website", "landline", "work phone", "office phone", "office", "shop phone",
		"pharmacy phone", "home phone", "hours", "contract", "contract type", "notes", "comments", "comment", "note", "title", "last login", "last logged in", "qualification", "company", "organisation", "practice", "practice name", "site", "site name", "region", "ics", "icb", "superintendent", "line manager name", "probation ends", "date", "signed", "requested on", "date of request",
		"reason for leaving", "destination", "new employer", "sector", "kind regards", "regards", "subject", "to", "cc", "sent", "detail", "details", "answer", "question", "field", "value", "information", "item", "line manager email", "manager email", "authorised by", "approved by", "completed by", "submitted by", "form completed by", "length of leave", "expected return", "expected return date", "due back", "day", "days", "working days", "shift", "address line", "town", "county", "request", "request type", "type of request", "action", "action required", "action needed", "gender", "pronouns", "preferred name", "known as", "initials", "previous name", "maiden name", "middle name", "middle names"},
}

// normalLabel is a label as it is compared: lower case, without punctuation,
// plurals and possessives folded, the usual abbreviations written out.
func normalLabel(s string) string {
	var ws []string
	ws = append(ws, labelWords(s)...)
	out := " " + strings.Join(ws, " ") + " "
	for _, fold := range labelPhrases {
		out = strings.ReplaceAll(out, fold[0], fold[1])
	}
	return strings.TrimSpace(out)
}

var labelPhrases = [][2]string{{" e mail ", " email "}, {" nhs net ", " nhs "}, {" nhs mail ", " nhs "}, {" nhs email email ", " nhs email "},
	{" member of staff ", " staff "}, {" staff member ", " staff "}, {" team member ", " staff "}, {" member of the team ", " staff "}, {" member of team ", " staff "}}

func labelWords(s string) []string {
	fields := strings.FieldsFunc(strings.ToLower(nasdesk.Clean(strings.ReplaceAll(s, "(s)", ""))), func(r rune) bool {
		return !(unicode.IsLetter(r) || unicode.IsDigit(r) || r == '.' || r == '\'' || r == '-' || r == '@')
	})
	out := fields[:0]
	for _, w := range fields {
		w = strings.Trim(w, ".-'")
		w = strings.TrimSuffix(w, "'s")
		w = strings.ReplaceAll(w, "'", "")
		if w == "" {
			continue
		}
		if f, ok := labelFolds[w]; ok {
			w = f
		} else if len(w) > 3 && strings.HasSuffix(w, "sses") {
			w = w[:len(w)-2]
		} else if len(w) > 3 && strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "us") {
			w = w[:len(w)-1]
		}
		out = append(out, w)
	}
	return out
}

var labelFolds = map[string]string{"no": "number", "nos": "number", "num": "number", "numbers": "number", "tel": "phone", "telephone": "phone", "ph": "phone", "phone": "phone",
	"mob": "mobile", "mobiles": "mobile", "cell": "mobile", "cellphone": "mobile", "mobile-phone": "mobile", "e-mail": "email", "emails": "email", "e-mails": "email", "mail": "email",
	"nhsmail": "nhs", "nhs.net": "nhs", "nhs-net": "nhs", "nhsnet": "nhs", "@nhs.net": "nhs", "nhs": "nhs", "addr": "address", "fullname": "full name", "organization": "organisation", "alt": "alternative", "alternate": "alternative", "ods": "ods", "access": "access",
	"is": "is", "this": "this", "his": "his", "as": "as", "has": "has", "ics": "ics", "address": "address", "owner-member": "owner member", "username": "user name", "starts": "start", "nos.": "number", "ownership": "owner"}

// neutral words change nothing in a label.
var neutral = set("what is are the a an of for to be will would should could can do you we i user person staff colleague employee new existing their his her your our please provide enter state give number address account full current " +
	"and or on in with this that must start starter individual shared mailbox as it them who which type required needed correct uk team-member applicant registered register preferred best if known at by when from details detail below above need they he she dispenser pharmacist technician assistant locum " +
	"request requested belong wish want does associated linked hold held use used currently set up under digit begin beginning same both all each everyone everybody one field optional mandatory valid 07 print block capital letter reach get u/s requesting answer have")

// significant are the words of a normal label that tell it from others.
func significant(key string) []string {
	ws := strings.Fields(key)
	var out []string
	for _, w := range ws {
		if !neutral[w] {
			out = append(out, w)
		}
	}
	return out
}

// label returns what a text means as a label. Written exactly, with the hint
// in brackets or without it, with a slip of the pen, or with harmless words
// around it.
func (r *Reader) label(text string) (labelHit, bool) {
	if len(text) > 120 || text == "" {
		return labelHit{}, false
	}
	key := normalLabel(text)
	if h, ok := r.labels[key]; ok {
		return h, true
	}
	if cut := normalLabel(cutBrackets(text)); cut != key && cut != "" {
		if h, ok := r.labels[cut]; ok {
			return h, true
		}
		key = cut
	}
	if key == "" || strings.Contains(text, "@") {
		return labelHit{}, false
	}
	if base, n := ofSeveral(key); n > 0 {
		h, ok := r.label(base)
		if rest := withoutPerson(base); !ok && rest != base {
			return r.label(rest) // "last day of user 2"
		}
		return h, ok
	}
	if h, ok := r.misspelt(key); ok {
		return h, true
	}
	if i := strings.LastIndexByte(key, ' '); i > 0 && strings.HasSuffix(key[:i], " to") && codeShaped(strings.ToUpper(key[i+1:])) {
		if h, ok := r.labels[key[:i]]; ok { // "Staff moving to FWA11"
			return h, true
		}
	}
	return r.loosely(key)
}

// cutBrackets removes what stands in round or square brackets.
func cutBrackets(s string) string {
	var b strings.Builder
	depth := 0
	for _, r := range s {
		switch r {
		case '(', '[':
			depth++
		case ')', ']':
			if depth > 0 {
				depth--
			}
		default:
			if depth == 0 {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

// misspelt finds a label that is one slip away: a letter too many, too few,
// wrong, or two changed over. Short labels are not guessed at.
func (r *Reader) misspelt(key string) (labelHit, bool) {
	if len(key) < 6 || len(key) > 40 {
		return labelHit{}, false
	}
	found, at := "", false
	for n := max(6, len(key)-1); n <= len(key)+1; n++ {
		for _, k := range r.keys[n] {
			if (k[0] == key[0] || k[n-1] == key[len(key)-1]) && oneSlip(k, key) && (found == "" || k < found) {
				found, at = k, true
			}
		}
	}
	if !at {
		return labelHit{}, false
	}
	h := r.labels[found]
	h.exact = false
	return h, true
}

// oneSlip reports whether a and b differ by one edit or one swap.
func oneSlip(a, b string) bool {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	a, b = a[i:], b[i:]
	switch {
	case len(a) == len(b) && len(a) > 0:
		return a[1:] == b[1:] || len(a) > 1 && a[0] == b[1] && a[1] == b[0] && a[2:] == b[2:]
	case len(a) == len(b)+1:
		return a[1:] == b
	case len(b) == len(a)+1:
		return b[1:] == a
	}
	return false
}

// loosely finds the label whose telling words are just those of the key, where
// all other words are harmless: "What is the user's mobile number?".
func (r *Reader) loosely(key string) (labelHit, bool) {
	if strings.Count(key, " ") > 14 {
		return labelHit{}, false
	}
	h, ok := r.bags[bagOf(key)]
	h.exact = false
	return h, ok
}

// bagOf is the set of the telling words of a normal label, in order.
func bagOf(key string) string {
	ws := significant(key)
	slices.Sort(ws)
	return strings.Join(slices.Compact(ws), " ")
}

// fits reports whether the label means a field of kind k.
func (h labelHit) fits(k int) bool {
	return h.part == noPart && h.fields[k] >= 0 || h.part == firstName || h.part == lastName
}
