package nasdesk

import "time"

// A Message is one mail as its sender meant it. The parser makes it from raw
// bytes and never fails: what it could not read stands in Findings.
type Message struct {
	ID          string   // Message-ID without angle brackets; "" if there is none
	InReplyTo   []string // message ids, without brackets
	References  []string
	Subject     string    // decoded, one line
	Date        time.Time // as the sender's header has it, zone kept; zero if absent or unreadable
	Header      Header    // every field, in order, unfolded
	Text        string    // all that a reader sees: the lines joined by "\n"
	Lines       []Line    // the lines of Text, in reading order, the subject first
	Attachments []Attachment
	Findings    []Finding
	Automatic   Reason   // own-mail, bounce, receipt, auto-reply, bulk, or ""
	Returned    []string // of a bounce: the ids of the mails that came back with it
	Digest      string   // SHA-256 (hex) of what the message says, without trace headers
	Size        int      // bytes as received
}

// A Part says where a line stood.
type Part uint8

const (
	InSubject Part = iota
	InBody
	InSheet // a row of an attached table
)

// A Region says whose words a line holds.
type Region uint8

const (
	Own        Region = iota // the sender's own, new text
	Signature                // below the sign-off
	Disclaimer               // the small print that servers and companies add
	Banner                   // a warning that NHSmail put on top
	Quoted                   // an earlier or forwarded message
	Ours                     // our own mail, quoted or come back unquoted
)

// A Line is one line of a message's text.
type Line struct {
	Text   string // a slice of Message.Text; the cells of a table row are joined by "\t"
	Start  int    // byte offset in Message.Text
	Part   Part
	Region Region
	Quote  int      // 1 for the topmost quoted message, 2 for the one below it …; 0 outside quotes
	Table  int      // rows of one table share a number; 0 outside tables
	Cells  []string // the cells of a table row, trimmed; nil outside tables
	Head   bool     // a heading (h1-h6, or a line wholly in bold)
	Item   bool     // a list item; its bullet or number is not part of Text
	Break  bool     // a blank line, rule or paragraph end stands before this line
}

// A Span is a stretch of Message.Text, in bytes, half open.
type Span struct{ Start, End int }

// In returns the words that s covers in text.
func (s Span) In(text string) string {
	if s.Start < 0 || s.End > len(text) || s.Start > s.End {
		return ""
	}
	return text[s.Start:s.End]
}

// An Attachment is a part that is not the text of the mail.
type Attachment struct {
	Name string
	Type string // media type, lower case
	Size int    // decoded bytes
}

// A File is an attachment with its bytes.
type File struct {
	Attachment
	Data []byte
}

// Contents are what a message holds beside its text, as the reader found it, also
// inside a signature or a winmail.dat: for people to look at. Nothing here is
// trusted, and nothing acts on it.
type Contents struct {
	HTML  []string // the documents that text was read from, decoded; as dangerous as they came
	Files []File   // in the order of Message.Attachments
}

// A Finding is something that reading had to repair, or could not.
type Finding struct {
	Code   string // a short stable word, such as "from-repaired" or "encrypted"
	Detail string
}

// Found reports whether a finding of that code was made.
func (m *Message) Found(code string) bool {
	for _, f := range m.Findings {
		if f.Code == code {
			return true
		}
	}
	return false
}

// Findings that decide something elsewhere.
const (
	FoundNoText    = "no-text"    // no text is to be had: encrypted, a picture only, an attachment that yields none
	FoundOverLimit = "over-limit" // size, depth, parts or time: held unread
	FoundHeader    = "header-repaired"
	FoundSpoofNote = "spoof-warning" // NHSmail's own sentence that the address only looks like nhs.net
	FoundOutside   = "outside-banner"
	FoundDamaged   = "damaged"             // bytes of the text are missing, or are not those that were sent
	FoundDiffer    = "alternatives-differ" // the plain text asks for something else than the HTML does
)

// A Header is the fields of a message in their order.
type Header []HeaderField

// A HeaderField is one field. Its value is unfolded and trimmed, but not
// decoded: encoded words stand as they came.
type HeaderField struct {
	Name     string // as written, without the blanks before its colon
	Value    string
	Repaired bool // the field was malformed; it proves nothing
}

// All returns the values of a field, topmost first. The name is compared
// without regard to case.
func (h Header) All(name string) []string {
	var vs []string
	for _, f := range h {
		if equalFold(f.Name, name) {
			vs = append(vs, f.Value)
		}
	}
	return vs
}

// Get returns the topmost value of a field, or "".
func (h Header) Get(name string) string {
	for _, f := range h {
		if equalFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// Has reports whether a field is there, be it empty.
func (h Header) Has(name string) bool {
	for _, f := range h {
		if equalFold(f.Name, name) {
			return true
		}
	}
	return false
}

// equalFold compares ASCII names; Unicode folding has no place in a header.
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		x, y := a[i], b[i]
		if 'A' <= x && x <= 'Z' {
			x += 'a' - 'A'
		}
		if 'A' <= y && y <= 'Z' {
			y += 'a' - 'A'
		}
		if x != y {
			return false
		}
	}
	return true
}
