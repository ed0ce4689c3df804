package inbox

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"nasdesk"
)

// An author is who a message says it is from, before anybody vouches for it.
type author struct {
	address  nasdesk.Address // in From; "" when there is none, or it cannot be told which
	onBehalf nasdesk.Address // in Sender, when another than From
	reason   nasdesk.Reason  // why nobody can be proved, or ""
	why      string          // the reason in words for staff
}

// readAuthor reads From and Sender. It takes From only in the form that every
// reader of mail understands alike: one field, one mailbox in it. Whatever two
// readers could take for two addresses is refused, since the server that
// checked the sender is another reader than we are.
func readAuthor(h nasdesk.Header, domain string) author {
	a := readFrom(h)
	if a.reason == nasdesk.SenderAmbiguous {
		return a
	}
	onBehalf, err := readSender(h, a.address, domain)
	if err != nil {
		a.reason, a.why = nasdesk.SenderAmbiguous, "Sender "+err.Error()
	}
	a.onBehalf = onBehalf
	return a
}

func readFrom(h nasdesk.Header) author {
	fields := fieldsLike(h, "from")
	switch len(fields) {
	case 0:
		return author{reason: nasdesk.SenderAmbiguous, why: "there is no From field"}
	case 1:
	default:
		return author{reason: nasdesk.SenderAmbiguous, why: fmt.Sprintf("there are %d From fields", len(fields))}
	}
	address, err := readMailbox(fields[0].Value)
	switch {
	case err != nil:
		return author{reason: nasdesk.SenderAmbiguous, why: "From " + err.Error()}
	case !sound(fields[0], "from"):
		return author{address: address, reason: nasdesk.SenderUnverified, why: "the From field is malformed, so it proves nothing"}
	case !plainAddress(address):
		return author{address: address, reason: nasdesk.SenderUnverified, why: "the address in From is no plain ASCII address: " + quote(string(address))}
	}
	return author{address: address}
}

// readSender returns the address in Sender, "" when there is none or it is that
// of From. One colleague may write on behalf of a mailbox (contract, rule 1);
// so the address must be at the domain.
func readSender(h nasdesk.Header, from nasdesk.Address, domain string) (nasdesk.Address, error) {
	fields := fieldsLike(h, "sender")
	if len(fields) == 0 {
		return "", nil
	}
	if len(fields) > 1 {
		return "", fmt.Errorf("stands %d times", len(fields))
	}
	address, err := readMailbox(fields[0].Value)
	switch {
	case err != nil:
		return "", err
	case !sound(fields[0], "sender"):
		return "", errors.New("is malformed")
	case address == from:
		return "", nil
	case !plainAddress(address) || address.Domain() != domain:
		return "", fmt.Errorf("is %s, which is neither From nor an address at %s", quote(string(address)), domain)
	}
	return address, nil
}

// readReplyTo returns the first address in any Reply-To that is not at the
// domain, or "". What cannot be read as an address counts as one that is not.
func readReplyTo(h nasdesk.Header, domain string) nasdesk.Address {
	for _, f := range fieldsLike(h, "reply-to") {
		words := replyWords(f.Value)
		if len(words) == 0 && strings.TrimSpace(f.Value) != "" {
			words = strings.Fields(f.Value)[:1]
		}
		for _, w := range words {
			a := nasdesk.Address(lowerASCII(w))
			if !plainAddress(a) || a.Domain() != domain {
				return a[:min(len(a), 254)]
			}
		}
	}
	return ""
}

// replyWords returns the words of an address list that hold an @, outside
// quoted strings and comments; none if the list cannot be taken apart.
func replyWords(value string) []string {
	pieces, err := splitMailbox(value)
	if err != nil {
		return nil
	}
	var words []string
	for _, p := range pieces {
		if p.kind == quotedPiece || p.kind == commentPiece {
			continue
		}
		for _, w := range strings.FieldsFunc(p.text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",;:<>", r) }) {
			if strings.Contains(w, "@") {
				words = append(words, w)
			}
		}
	}
	return words
}

// fieldsLike returns every field that some reader could take for the one named
// (in lower case): blanks or invisible characters in the name, a blank before
// it at the head of a line, a name folded over two lines ("From\r\n :").
func fieldsLike(h nasdesk.Header, name string) []nasdesk.HeaderField {
	var fs []nasdesk.HeaderField
	for _, f := range h {
		if nameLike(f, name) {
			fs = append(fs, f)
		}
	}
	return fs
}

func nameLike(f nasdesk.HeaderField, name string) bool {
	if bareName(f.Name) == name {
		return true
	}
	// A line that is no field at all may be kept with its text as value.
	before, _, colon := strings.Cut(f.Value, ":")
	return f.Repaired && bareName(f.Name) == "" && colon && bareName(before) == name
}

func bareName(s string) string {
	return lowerASCII(strings.Map(func(r rune) rune {
		if r <= ' ' || r == utf8.RuneError || unicode.IsSpace(r) || nasdesk.Invisible(r) {
			return -1
		}
		return r
	}, s))
}

// sound reports whether a field came as it should: under its very name, and
// without a repair.
func sound(f nasdesk.HeaderField, name string) bool {
	return !f.Repaired && lowerASCII(f.Name) == name
}

// plainAddress reports whether a is a dot-atom address in ASCII, without an
// encoded word: RFC 2047 section 5 bars them there, and some readers decode
// them all the same.
func plainAddress(a nasdesk.Address) bool {
	var plain nasdesk.Address
	return plain.Set(string(a)) == nil && plain == a && !strings.Contains(string(a), "=?")
}

var (
	errNoAddress = errors.New("holds no address")
	errSeveral   = errors.New("holds more than one address")
	errControl   = errors.New("holds a control character")
	errQuotes    = errors.New("holds a quoted string or a bracket that is not closed")
	errDisplay   = errors.New("holds signs in the name that some readers take for another address")
	errInside    = errors.New("holds blanks, quotes, comments or a route inside the address")
)

// readMailbox reads the one mailbox of a From or Sender field: an address, or a
// name and an address in angle brackets, with comments round them (RFC 5322
// section 3.4, without groups, routes and quoted local parts). An unquoted
// comma in a plain name ("Smith, John <…>") is tolerated, for many systems
// write so. The address is in lower case; whether it is a plain one the caller
// asks.
func readMailbox(value string) (nasdesk.Address, error) {
	pieces, err := splitMailbox(value)
	if err != nil {
		return "", err
	}
	angles := 0
	for _, p := range pieces {
		if p.kind == anglePiece {
			angles++
		}
	}
	switch angles {
	case 0:
		return bareAddress(pieces)
	case 1:
		return angleAddress(pieces)
	}
	return "", errSeveral
}

// bareAddress reads "address" or "address (comment)".
func bareAddress(pieces []piece) (nasdesk.Address, error) {
	text := ""
	for _, p := range pieces {
		switch {
		case p.kind == quotedPiece:
			return "", errInside
		case p.kind == commentPiece && strings.ContainsAny(p.text, "@<>"):
			return "", errDisplay
		case p.kind == commentPiece:
			text += " "
		default:
			text += p.text
		}
	}
	return addrSpec(strings.Trim(text, " \t"))
}

// angleAddress reads "name <address>".
func angleAddress(pieces []piece) (nasdesk.Address, error) {
	var before []piece
	address, done := "", false
	for _, p := range pieces {
		switch {
		case p.kind == anglePiece:
			address, done = strings.Trim(p.text, " \t"), true
		case !done:
			before = append(before, p)
		case p.kind == quotedPiece || p.kind == textPiece && strings.Trim(p.text, " \t") != "":
			return "", errSeveral
		}
	}
	a, err := addrSpec(address)
	if err == nil && !displayName(before, a) {
		return "", errDisplay
	}
	return a, err
}

// addrSpec reads local@domain: one @, with something on both sides and nothing
// that structures an address list.
func addrSpec(s string) (nasdesk.Address, error) {
	local, domain, ok := strings.Cut(s, "@")
	switch {
	case !ok:
		return "", errNoAddress
	case strings.Contains(domain, "@") && strings.Contains(s, ","):
		return "", errSeveral
	case local == "" || domain == "" || strings.Contains(domain, "@"):
		return "", errInside
	case strings.ContainsAny(s, "\"(),:;<>[\\]") || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || nasdesk.Invisible(r) }):
		return "", errInside
	}
	return nasdesk.Address(lowerASCII(s)), nil
}

// displayName reports whether what stands before the angle bracket is a name
// and nothing else. The same address written twice is no second one.
func displayName(pieces []piece, address nasdesk.Address) bool {
	text, quoted := "", false
	for _, p := range pieces {
		switch p.kind {
		case quotedPiece:
			quoted = true
		case textPiece:
			text += p.text
		}
	}
	text = strings.Trim(text, " \t")
	if strings.ContainsAny(text, ":;>[]\\") {
		return false
	}
	if strings.Contains(text, "@") {
		return !quoted && lowerASCII(text) == string(address)
	}
	return !strings.Contains(text, ",") || !quoted && plainComma(text)
}

// plainComma reports whether every comma of the name stands between plain
// words. Beside an encoded word it may part two addresses, for readers that
// decode first.
func plainComma(text string) bool {
	if strings.Contains(text, "=?") {
		return false
	}
	for word := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(word) == "" {
			return false
		}
	}
	return true
}

// A piece is a stretch of an address field that hangs together.
type piece struct {
	kind pieceKind
	text string // without its quotes or brackets
}

type pieceKind uint8

const (
	textPiece pieceKind = iota
	quotedPiece
	commentPiece
	anglePiece
)

// splitMailbox takes an address field apart into quoted strings, comments,
// angle brackets and the text between them.
func splitMailbox(s string) ([]piece, error) {
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }) {
		return nil, errControl
	}
	var pieces []piece
	for s != "" {
		p, n := nextPiece(s)
		if n == 0 {
			return nil, errQuotes
		}
		pieces = append(pieces, p)
		s = s[n:]
	}
	return pieces, nil
}

// nextPiece returns the piece at the start of s and its length, 0 if it does
// not end.
func nextPiece(s string) (piece, int) {
	switch s[0] {
	case '"':
		text, n, err := unquote(s)
		if err != nil {
			return piece{}, 0
		}
		return piece{quotedPiece, text}, n
	case '(':
		n := commentLength(s)
		if n == 0 {
			return piece{}, 0
		}
		return piece{commentPiece, s[1 : n-1]}, n
	case '<':
		n := strings.IndexByte(s, '>') + 1
		if n == 0 {
			return piece{}, 0
		}
		return piece{anglePiece, s[1 : n-1]}, n
	}
	if n := strings.IndexAny(s, `"(<`); n > 0 {
		return piece{textPiece, s[:n]}, n
	}
	return piece{textPiece, s}, len(s)
}

// commentLength returns how many bytes the comment at the start of s takes,
// nested ones included, 0 if it is not closed.
func commentLength(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// quote writes a piece of a header for staff: what cannot be printed escaped,
// and no longer than a line.
func quote(s string) string {
	if len(s) > 80 {
		s = s[:80] + "…"
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }) < 0 {
		return s
	}
	return strconv.QuoteToASCII(s)
}
