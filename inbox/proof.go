package inbox

import (
	"fmt"
	"slices"
	"strings"

	"nasdesk"
)

// A Profile says whose word is taken on who sent a message. ParseTrust makes
// one; the zero Profile takes nobody's, and proves nobody.
type Profile struct {
	// AuthservID names the server whose Authentication-Results count (RFC 8601
	// section 2.5), such as "mx.nhs.net". Exactly one of AuthservID and
	// ExchangeOnline is set.
	AuthservID string

	// ExchangeOnline reads the verdict as Exchange Online stamps it.
	ExchangeOnline bool

	// Domain is the organisation's own domain, in lower case. A Sender may be
	// there, a Reply-To must be; under ExchangeOnline a message from there
	// must be internal.
	Domain string

	// TenantID is the organisation's tenant in Exchange Online, a GUID.
	TenantID string

	// AuthSources are the endings of host names, in lower case and beginning
	// with a dot, that may have authenticated an internal sender; NotAuthSources
	// are endings refused among them: servers at the edge of Exchange Online
	// authenticate nobody.
	AuthSources    []string
	NotAuthSources []string
}

// ParseTrust reads a trust policy: "rfc8601:ID" takes the word of the mail
// server with that authserv-id, "exchange-online" that of Exchange Online. The
// settings are those of NHSmail.
func ParseTrust(policy string) (Profile, error) {
	p := Profile{
		Domain:         "nhs.net",
		TenantID:       "37c354b2-85b0-47f5-b222-07b48d774ee3",
		AuthSources:    []string{".prod.outlook.com"},
		NotAuthSources: []string{".protection.outlook.com"},
	}
	id, rfc := strings.CutPrefix(policy, "rfc8601:")
	switch {
	case policy == "exchange-online":
		p.ExchangeOnline = true
	case rfc && authservID(id):
		p.AuthservID = id
	case rfc:
		return Profile{}, fmt.Errorf("trust policy %q: %q is no authserv-id: write rfc8601: and the name with which your mail server begins its Authentication-Results, such as rfc8601:mx.nhs.net", policy, id)
	default:
		return Profile{}, fmt.Errorf("trust policy %q is not known: write rfc8601:ID, such as rfc8601:mx.nhs.net, or exchange-online", policy)
	}
	return p, nil
}

// authservID reports whether s is a name that a field can begin with.
func authservID(s string) bool {
	a, err := parseAuthResults(s + "; none")
	return err == nil && s != "" && a.id == s
}

// Prove says who sent a message, as far as the receiving server vouches for it.
// It reads the message's own header only, never that of a message attached to
// it. Contract, rule 1.
//
// Evidence are lines for staff: what proved the sender, or why nobody is proved.
func (p Profile) Prove(m *nasdesk.Message) nasdesk.Proof {
	a := readAuthor(m.Header, p.Domain)
	proof := nasdesk.Proof{From: a.address, OnBehalf: a.onBehalf, Reason: a.reason, ReplyTo: readReplyTo(m.Header, p.Domain)}
	if a.reason != "" {
		proof.Evidence = []string{a.why}
		return proof
	}
	evidence, objection := p.vouch(m, a.address)
	if objection != "" {
		proof.Reason = nasdesk.SenderUnverified
		proof.Evidence = []string{objection}
		return proof
	}
	proof.Sender = nasdesk.Vouch(a.address)
	proof.Evidence = evidence
	if a.onBehalf != "" {
		proof.Evidence = append(proof.Evidence, "Sender: "+string(a.onBehalf)+", on behalf of "+string(a.address))
	}
	return proof
}

// headerCut is what the parser finds of a header beyond its limits.
var headerCut = nasdesk.Finding{Code: nasdesk.FoundOverLimit, Detail: "header"}

// vouch returns what proves the address, or the first objection to it.
func (p Profile) vouch(m *nasdesk.Message, from nasdesk.Address) (evidence []string, objection string) {
	switch {
	case slices.Contains(m.Findings, headerCut):
		return nil, "the header is longer than we read: it may name another sender further down"
	case m.Found(nasdesk.FoundSpoofNote):
		return nil, "NHSmail warns in the text that the address only gives the appearance of being from NHSmail"
	case p.ExchangeOnline && p.AuthservID == "":
		return p.exchange(m, from)
	case p.AuthservID != "" && !p.ExchangeOnline:
		return p.rfc8601(m.Header, from)
	}
	return nil, "no trust policy is set, so nobody is proved"
}

// passFor returns why a verdict does not vouch for an address, or "".
func (v dmarcVerdict) passFor(from nasdesk.Address) string {
	switch {
	case v.verdict != "pass":
		return fmt.Sprintf("Authentication-Results say %s", v)
	case v.domain != from.Domain():
		return fmt.Sprintf("Authentication-Results vouch for %s, but From is at %s", quote(v.domain), from.Domain())
	}
	return ""
}

// hasEnding reports whether a host name ends in one of the endings.
func hasEnding(host string, endings []string) bool {
	host = lowerASCII(host)
	return slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(host, e) })
}
