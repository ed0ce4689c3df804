package inbox

import (
	"errors"
	"fmt"
	"strings"
)

// authResults is what one Authentication-Results field says. RFC 8601 section 2.2.
type authResults struct {
	id      string // authserv-id as written; "" as Exchange Online leaves it out
	results []authResult
}

// An authResult is one method's verdict. Method, verdict and the keys of props
// are in lower case, values as written.
type authResult struct {
	method  string // "dmarc"
	verdict string // "pass"
	reason  string
	props   []authProp
}

// An authProp is a property that a verdict rests on: "header.from" and its value.
type authProp struct{ key, value string }

// dmarcVerdict is what a field says of DMARC: the verdict, and the From domain
// that it was reached for, in lower case.
type dmarcVerdict struct{ verdict, domain string }

func (v dmarcVerdict) String() string {
	return "dmarc=" + v.verdict + " header.from=" + quote(v.domain)
}

var (
	errNoDMARC     = errors.New("says nothing of DMARC")
	errNoDomain    = errors.New("does not say which From domain DMARC was checked for (header.from)")
	errTwoVerdicts = errors.New("holds two DMARC results that contradict each other")
)

// dmarc returns the one verdict of the field. Two that differ, or one without
// exactly one From domain, are none.
func (a authResults) dmarc() (dmarcVerdict, error) {
	var found []dmarcVerdict
	for _, r := range a.results {
		if r.method != "dmarc" {
			continue
		}
		domain, err := r.fromDomain()
		if err != nil {
			return dmarcVerdict{}, err
		}
		found = append(found, dmarcVerdict{r.verdict, domain})
	}
	if len(found) == 0 {
		return dmarcVerdict{}, errNoDMARC
	}
	for _, v := range found[1:] {
		if v != found[0] {
			return dmarcVerdict{}, errTwoVerdicts
		}
	}
	return found[0], nil
}

func (r authResult) fromDomain() (string, error) {
	domain := ""
	for _, p := range r.props {
		if p.key != "header.from" {
			continue
		}
		if domain != "" && !strings.EqualFold(domain, p.value) {
			return "", errTwoVerdicts
		}
		domain = lowerASCII(p.value)
	}
	if domain == "" {
		return "", errNoDomain
	}
	return domain, nil
}

// verdicts returns what the field says of a method, in order.
func (a authResults) verdicts(method string) []string {
	var vs []string
	for _, r := range a.results {
		if r.method == method {
			vs = append(vs, r.verdict)
		}
	}
	return vs
}

// failed returns the first method of the field whose verdict is fail, or "".
func (a authResults) failed() string {
	for _, r := range a.results {
		if r.verdict == "fail" {
			return r.method
		}
	}
	return ""
}

// parseAuthResults reads the value of an Authentication-Results field, one
// token after another: what stands in a comment or a quoted string is never
// taken for a result, and a value that somebody outside may choose (an envelope
// sender, a signing domain) cannot open a result of its own.
//
// It goes beyond RFC 8601 section 2.2 only where real servers do: a semicolon
// at the end, a property without a type ("action=none"), a value with signs
// that should be quoted. Exchange Online names no authserv-id, leaves out
// blanks behind semicolons, and used to put the recipient's domain as a bare
// token between results; such a token is passed over, and is never an
// authserv-id, for that stands first.
//
// With an error come the authserv-id, if that much could be read, and no result.
func parseAuthResults(value string) (authResults, error) {
	s := authScanner{rest: value}
	id, err := s.authservID()
	if err == nil {
		err = printable(value)
	}
	if err != nil {
		return authResults{id: id}, err
	}
	results, err := s.resultList(id == "")
	if err != nil {
		return authResults{id: id}, err
	}
	return authResults{id: id, results: results}, nil
}

// authScanner holds what is still to be read of a field.
type authScanner struct{ rest string }

// authservID reads the authserv-id, its version and the semicolon behind them.
// Where a field begins with a result it has none, and nothing is read.
func (s *authScanner) authservID() (string, error) {
	if _, err := s.gap(); err != nil {
		return "", err
	}
	begin := s.rest
	id, err := s.value()
	if err == nil && strings.Contains(id, "=") {
		s.rest = begin
		return "", nil
	}
	if err != nil || id == "" {
		return "", errors.New("begins with neither an authserv-id nor a result")
	}
	spaced, err := s.gap()
	if err != nil {
		return id, err
	}
	switch s.peek() {
	case '=', '/':
		s.rest = begin
		return "", nil
	case ';', 0:
		return id, nil
	}
	if v := s.keyword("."); !spaced || v != "1" {
		return id, fmt.Errorf("%s behind the authserv-id is no version known (1)", quote(v))
	}
	_, err = s.gap()
	return id, err
}

// resultList reads results, each behind a semicolon (the first one of Exchange
// behind nothing), to the end of the field.
func (s *authScanner) resultList(exchange bool) ([]authResult, error) {
	var results []authResult
	for first := exchange; ; first = false {
		if !first {
			if s.peek() == 0 {
				return results, nil
			}
			if !s.take(';') {
				return nil, fmt.Errorf("a semicolon is missing before %s", quote(s.rest))
			}
		}
		if _, err := s.gap(); err != nil {
			return nil, err
		}
		if s.peek() == 0 { // a semicolon at the end
			return results, nil
		}
		r, err := s.result()
		if err != nil {
			return nil, err
		}
		switch {
		case r.verdict != "":
			results = append(results, r)
		case r.method == "none" && !exchange: // RFC 8601 2.2, no-result
		case !exchange:
			return nil, fmt.Errorf("%s is no result", quote(r.method))
		}
	}
}

// result reads a method, its verdict and what follows up to the next semicolon.
// A bare token comes back as a method without a verdict.
func (s *authScanner) result() (authResult, error) {
	r := authResult{method: s.keyword(".")}
	if r.method == "" {
		return r, fmt.Errorf("a result is expected at %s", quote(s.rest))
	}
	if _, err := s.gap(); err != nil {
		return r, err
	}
	if c := s.peek(); c == ';' || c == 0 {
		return r, nil
	}
	if strings.Contains(r.method, ".") {
		return r, fmt.Errorf("%s is no method", quote(r.method))
	}
	if err := s.methodVersion(); err != nil {
		return r, err
	}
	if err := s.equals(r.method); err != nil {
		return r, err
	}
	if r.verdict = s.keyword(""); r.verdict == "" {
		return r, fmt.Errorf("%s has no result", r.method)
	}
	return r, s.properties(&r)
}

// methodVersion reads "/1"; another version is not ours to understand.
func (s *authScanner) methodVersion() error {
	if !s.take('/') {
		return nil
	}
	if _, err := s.gap(); err != nil {
		return err
	}
	if v := s.keyword("."); v != "1" {
		return fmt.Errorf("version %s of a method is not known (1)", quote(v))
	}
	_, err := s.gap()
	return err
}

// equals reads "=" with whatever blanks and comments stand round it.
func (s *authScanner) equals(behind string) error {
	if _, err := s.gap(); err != nil {
		return err
	}
	if !s.take('=') {
		return fmt.Errorf("= is missing behind %s", quote(behind))
	}
	_, err := s.gap()
	return err
}

// properties reads "reason=…" and "ptype.property=…" up to a semicolon. A blank
// must part them: a comment alone could have come out of a value.
func (s *authScanner) properties(r *authResult) error {
	for {
		spaced, err := s.gap()
		if err != nil {
			return err
		}
		if c := s.peek(); c == ';' || c == 0 {
			return nil
		}
		key := s.keyword("._")
		if !spaced || key == "" {
			return fmt.Errorf("a property is expected at %s", quote(s.rest))
		}
		if err := s.equals(key); err != nil {
			return err
		}
		value, err := s.value()
		if err != nil {
			return err
		}
		if key == "reason" {
			r.reason = value
		} else {
			r.props = append(r.props, authProp{key, value})
		}
	}
}

// gap passes over blanks and comments, which nest and may hold quoted pairs
// (RFC 5322 3.2.2), and reports whether there was a blank.
func (s *authScanner) gap() (spaced bool, err error) {
	depth := 0
	for i := 0; i < len(s.rest); i++ {
		switch c := s.rest[i]; {
		case c == '(':
			depth++
		case depth > 0 && c == ')':
			depth--
		case depth > 0 && c == '\\':
			i++
		case depth > 0:
		case c == ' ' || c == '\t':
			spaced = true
		default:
			s.rest = s.rest[i:]
			return spaced, nil
		}
	}
	s.rest = ""
	if depth > 0 {
		return spaced, errors.New("a comment is not closed")
	}
	return spaced, nil
}

// keyword reads letters, digits, hyphens and the signs of extra, in lower case.
func (s *authScanner) keyword(extra string) string {
	i := 0
	for i < len(s.rest) && (isLetterOrDigit(s.rest[i]) || s.rest[i] == '-' || strings.IndexByte(extra, s.rest[i]) >= 0) {
		i++
	}
	word := s.rest[:i]
	s.rest = s.rest[i:]
	return lowerASCII(word)
}

// value reads a token or a quoted string. A quoted string may be the local part
// of an address ("a; b"@example.com); then its quotes stay.
func (s *authScanner) value() (string, error) {
	if s.peek() != '"' {
		return s.bareValue()
	}
	text, n, err := unquote(s.rest)
	if err != nil {
		return "", err
	}
	raw := s.rest[:n]
	s.rest = s.rest[n:]
	if s.peek() == '@' {
		return raw + s.token(), nil
	}
	if tail := s.token(); tail != "" || s.peek() == '"' {
		return "", fmt.Errorf("%s stands right behind a quoted string", quote(tail+s.rest))
	}
	return text, nil
}

// bareValue reads a token. A comment right behind it is legal and never written
// by a server: there the value itself held the bracket.
func (s *authScanner) bareValue() (string, error) {
	t := s.token()
	if t != "" && s.peek() == '(' {
		return "", fmt.Errorf("a bracket stands inside a value, behind %s", quote(t))
	}
	return t, nil
}

// token reads up to a blank, a semicolon, a comma, a quote or a bracket. "=" and
// "<>" belong to it, since bounce addresses hold the one and null senders are
// written as the other.
func (s *authScanner) token() string {
	i := strings.IndexAny(s.rest, " \t;,\"()\\")
	if i < 0 {
		i = len(s.rest)
	}
	t := s.rest[:i]
	s.rest = s.rest[i:]
	return t
}

// peek returns the next byte, 0 at the end.
func (s *authScanner) peek() byte {
	if s.rest == "" {
		return 0
	}
	return s.rest[0]
}

func (s *authScanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

// unquote reads the quoted string at the start of s (RFC 5322 3.2.4), and
// returns its text and how many bytes it takes with its quotes.
func unquote(s string) (text string, n int, err error) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), i + 1, nil
		case '\\':
			i++
			if i == len(s) {
				break
			}
			b.WriteByte(s[i])
		default:
			b.WriteByte(s[i])
		}
	}
	return "", 0, errors.New("a quoted string is not closed")
}

// printable refuses what no server writes into its results: control characters
// (a NUL in a signing domain ends the line for some readers) and bytes beyond
// ASCII.
func printable(s string) error {
	for i := range len(s) {
		if s[i] < ' ' && s[i] != '\t' || s[i] >= 0x7f {
			return errors.New("holds a control character or a byte beyond ASCII")
		}
	}
	return nil
}

func isLetterOrDigit(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// lowerASCII lowers A to Z and nothing else: strings.ToLower would turn the
// Kelvin sign into k, and so one domain into another.
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
