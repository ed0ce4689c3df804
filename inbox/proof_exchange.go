package inbox

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"nasdesk"
)

// The fields with which Exchange Online says how it came by a message. Those of
// the Organization family are taken off mail that comes from outside or out of
// a mailbox (the header firewall), so they are Exchange's own. Nothing else is:
// X-MS-Exchange-CrossTenant-AuthAs, X-OriginatorOrg and MessageDirectionality
// survive from the sender's tenant or stand on relayed mail, and prove nothing.
const (
	authAsName        = "x-ms-exchange-organization-authas"
	authSourceName    = "x-ms-exchange-organization-authsource"
	authMechanismName = "x-ms-exchange-organization-authmechanism"
	crossTenantName   = "x-ms-exchange-crosstenant-id"
	antispamName      = "x-forefront-antispam-report"
	relayedName       = "x-ms-exchange-authentication-results"
)

// connectorMechanism is the AuthMechanism on mail that a connector, not a
// signed-in user, brought in as internal.
const connectorMechanism = "10"

var errMalformed = errors.New("the field is malformed")

// exchange takes the word of Exchange Online. It never asks dmarc=pass of mail
// within the tenant, which carries none; it asks instead that all marks of
// internal mail agree. What claims to be internal and is not so in every point
// is not judged as external mail either.
func (p Profile) exchange(m *nasdesk.Message, from nasdesk.Address) (evidence []string, objection string) {
	for _, name := range []string{authAsName, authSourceName, authMechanismName} {
		if o := single(m.Header, name); o != "" {
			return nil, o
		}
	}
	if o := relayedVerdict(m.Header); o != "" {
		return nil, o
	}
	if strings.Contains(lowerASCII(only(m.Header, authAsName)), "internal") {
		return p.internal(m, from)
	}
	return p.external(m.Header, from)
}

// internal asks every point of the rule for mail from an account of the tenant.
func (p Profile) internal(m *nasdesk.Message, from nasdesk.Address) (evidence []string, objection string) {
	authAs, source := only(m.Header, authAsName), only(m.Header, authSourceName)
	switch {
	case authAs != "Internal":
		return nil, fmt.Sprintf("AuthAs is %s, not Internal", quote(authAs))
	case from.Domain() != p.Domain:
		return nil, fmt.Sprintf("marked as internal, but From is not at %s", p.Domain)
	case !p.authSource(source):
		return nil, fmt.Sprintf("AuthSource %s is no mailbox server of Exchange Online", quote(source))
	case only(m.Header, authMechanismName) == connectorMechanism:
		return nil, "AuthMechanism 10: a connector brought the message in, not a signed-in user"
	case m.Found(nasdesk.FoundOutside):
		return nil, "marked as internal, but NHSmail says in the text that the message came from outside"
	}
	for _, o := range []string{p.otherTenant(m.Header), notInternalReport(m.Header), notInternalResults(m.Header, from)} {
		if o != "" {
			return nil, o
		}
	}
	return []string{"X-MS-Exchange-Organization-AuthAs: Internal", "X-MS-Exchange-Organization-AuthSource: " + source}, ""
}

// authSource reports whether host is a server that authenticates the tenant's
// users: on the list, and not at the edge.
func (p Profile) authSource(host string) bool {
	for i := range len(host) {
		if c := host[i]; !isLetterOrDigit(c) && c != '-' && c != '.' {
			return false
		}
	}
	return hasEnding(host, p.AuthSources) && !hasEnding(host, p.NotAuthSources)
}

// otherTenant objects to any tenant id but ours.
func (p Profile) otherTenant(h nasdesk.Header) string {
	for _, f := range fieldsLike(h, crossTenantName) {
		if !sound(f, crossTenantName) || !strings.EqualFold(strings.TrimSpace(f.Value), p.TenantID) {
			return fmt.Sprintf("X-MS-Exchange-CrossTenant-Id is %s: another tenant, or malformed", quote(f.Value))
		}
	}
	return ""
}

// notInternalReport objects to an antispam report of mail that came in over the
// border: a direction other than INT, or the address of a client.
func notInternalReport(h nasdesk.Header) string {
	for _, f := range fieldsLike(h, antispamName) {
		if !sound(f, antispamName) {
			return "X-Forefront-Antispam-Report is malformed"
		}
		for item := range strings.SplitSeq(f.Value, ";") {
			key, value, _ := strings.Cut(strings.TrimSpace(item), ":")
			if strings.EqualFold(key, "DIR") && value != "INT" || strings.EqualFold(key, "CIP") && value != "255.255.255.255" {
				return fmt.Sprintf("marked as internal, but X-Forefront-Antispam-Report says %s:%s", key, quote(value))
			}
		}
	}
	return ""
}

// notInternalResults objects to results on top that are not of the form which
// internal mail carries: no authserv-id, no SPF, no compauth, DMARC none or pass
// for the domain in From. None at all is that form too.
func notInternalResults(h nasdesk.Header, from nasdesk.Address) string {
	fields := fieldsLike(h, resultsName)
	if len(fields) == 0 {
		return ""
	}
	a, v, err := exchangeResults(fields[0])
	switch {
	case err != nil:
		return "Authentication-Results are not as Exchange writes them: " + err.Error()
	case len(a.verdicts("spf")) > 0 || len(a.verdicts("compauth")) > 0:
		return "marked as internal, but Authentication-Results hold checks that only mail from outside gets"
	case v.verdict != "none" && v.verdict != "pass", v.domain != from.Domain():
		return fmt.Sprintf("marked as internal, but Authentication-Results say %s", v)
	}
	return ""
}

// external asks dmarc=pass of mail from another domain. Our own domain is never
// proved so: it would have come as internal mail.
func (p Profile) external(h nasdesk.Header, from nasdesk.Address) (evidence []string, objection string) {
	if from.Domain() == p.Domain {
		return nil, fmt.Sprintf("From is at %s, but Exchange does not mark the message as internal (AuthAs: %s)", p.Domain, quote(only(h, authAsName)))
	}
	fields := aboveBorder(h)
	if len(fields) == 0 {
		return nil, "there are no Authentication-Results of Exchange"
	}
	var top dmarcVerdict
	for i, f := range fields {
		a, v, err := exchangeResults(f)
		switch {
		case err != nil:
			return nil, "Authentication-Results prove nothing: " + err.Error()
		case slices.Contains(a.verdicts("compauth"), "fail"):
			return nil, "Authentication-Results say compauth=fail"
		case i == 0:
			top = v
		case v != top:
			return nil, fmt.Sprintf("two Authentication-Results contradict each other: %s, then %s", top, v)
		}
	}
	if objection := top.passFor(from); objection != "" {
		return nil, objection
	}
	return []string{"Authentication-Results of Exchange: " + top.String()}, ""
}

// exchangeResults reads a results field of Exchange, which has no authserv-id.
// One that has was written by somebody else.
func exchangeResults(f nasdesk.HeaderField) (authResults, dmarcVerdict, error) {
	a, err := parseAuthResults(f.Value)
	if err == nil && a.id != "" {
		err = fmt.Errorf("they are those of %s", quote(a.id))
	}
	v, err := soundVerdict(f, a, err)
	return a, v, err
}

// aboveBorder returns the results fields that stand above the Received field
// with which the message came in from outside; below it, all came with the
// message. Where no such field is seen, only the topmost results count.
func aboveBorder(h nasdesk.Header) []nasdesk.HeaderField {
	var fs []nasdesk.HeaderField
	for _, f := range h {
		if nameLike(f, receivedName) && byEdge(f.Value) {
			return fs
		}
		if nameLike(f, resultsName) {
			fs = append(fs, f)
		}
	}
	return fs[:min(len(fs), 1)]
}

// byEdge reports whether a Received field was written by an edge server. Only
// the name behind a "by" counts; other hops name edge servers as their source.
func byEdge(received string) bool {
	words := strings.Fields(received)
	for i, w := range words[:max(len(words)-1, 0)] {
		if strings.EqualFold(w, "by") && hasEnding(words[i+1], []string{".protection.outlook.com"}) {
			return true
		}
	}
	return false
}

// relayedVerdict objects to a failed check that an earlier pass through Exchange
// put on record, under a name of its own.
func relayedVerdict(h nasdesk.Header) string {
	for _, f := range fieldsLike(h, relayedName) {
		a, err := parseAuthResults(f.Value)
		if err != nil || !sound(f, relayedName) {
			return "X-MS-Exchange-Authentication-Results cannot be read"
		}
		if method := a.failed(); method != "" {
			return "X-MS-Exchange-Authentication-Results say " + method + "=fail"
		}
	}
	return ""
}

// single objects to a field that stands more than once, or came malformed: then
// nobody can tell which of them Exchange wrote.
func single(h nasdesk.Header, name string) string {
	fields := fieldsLike(h, name)
	switch {
	case len(fields) > 1:
		return fmt.Sprintf("%s stands %d times", fields[0].Name, len(fields))
	case len(fields) == 1 && !sound(fields[0], name):
		return fmt.Sprintf("the field %s is malformed", quote(fields[0].Name))
	}
	return ""
}

// only returns the value of a field that single has let pass, or "".
func only(h nasdesk.Header, name string) string {
	for _, f := range fieldsLike(h, name) {
		return strings.TrimSpace(f.Value)
	}
	return ""
}
