package inbox

import (
	"fmt"
	"strings"

	"nasdesk"
)

const (
	resultsName  = "authentication-results"
	receivedName = "received"
)

// rfc8601 takes the word of the server named AuthservID. Contract, rule 1:
//
//   - Only its own fields count, and none below the uppermost Received field,
//     for all that stands there came with the message (RFC 8601 section 5 asks
//     servers to take forged ones away; not all do).
//   - The uppermost decides. If a lower one contradicts it, nobody is proved.
//   - It must say dmarc=pass for exactly the domain in From. Another domain that
//     passed, SPF or DKIM alone, an ARC chain: none of them names the sender.
func (p Profile) rfc8601(h nasdesk.Header, from nasdesk.Address) (evidence []string, objection string) {
	var first *dmarcVerdict
	for _, f := range aboveReceived(h) {
		a, err := parseAuthResults(f.Value)
		if !strings.EqualFold(a.id, p.AuthservID) {
			continue
		}
		v, err := soundVerdict(f, a, err)
		switch {
		case first != nil && err == errNoDMARC: // servers may write a field for each method
		case err != nil:
			return nil, fmt.Sprintf("Authentication-Results of %s prove nothing: %v", p.AuthservID, err)
		case first == nil:
			first = &v
		case v != *first:
			return nil, fmt.Sprintf("two Authentication-Results of %s contradict each other: %s, then %s", p.AuthservID, first, v)
		}
	}
	if first == nil {
		return nil, fmt.Sprintf("there are no Authentication-Results of %s above the uppermost Received field", p.AuthservID)
	}
	if objection := first.passFor(from); objection != "" {
		return nil, objection
	}
	return []string{fmt.Sprintf("Authentication-Results of %s: %s", p.AuthservID, first)}, ""
}

// aboveReceived returns the results fields that servers put on top of the
// message after it was received.
func aboveReceived(h nasdesk.Header) []nasdesk.HeaderField {
	var fs []nasdesk.HeaderField
	for _, f := range h {
		if nameLike(f, receivedName) {
			break
		}
		if nameLike(f, resultsName) {
			fs = append(fs, f)
		}
	}
	return fs
}

// soundVerdict returns what a results field says of DMARC, unless the field
// came malformed.
func soundVerdict(f nasdesk.HeaderField, a authResults, err error) (dmarcVerdict, error) {
	if err != nil {
		return dmarcVerdict{}, err
	}
	if !sound(f, resultsName) {
		return dmarcVerdict{}, errMalformed
	}
	return a.dmarc()
}
