package parser

import (
	"strings"

	"nasdesk"
)

// IsPlaceholder knows the mail that Exchange gives over IMAP or POP in place of
// one that it cannot convert: from "Microsoft Exchange Server", with a subject
// that says so. It came from nowhere: a mail that was received is none, whatever
// it says.
func IsPlaceholder(raw []byte) bool {
	h := readHeader(raw[:min(len(raw), 16<<10)], DefaultLimits)
	subject := strings.ToLower(nasdesk.Clean(DecodeHeader(h.fields.Get("Subject"))))
	return strings.HasPrefix(subject, "retrieval using the ") && strings.Contains(subject, " protocol failed for the following message") &&
		strings.Contains(strings.ToLower(h.fields.Get("From")), "microsoft exchange server") &&
		!h.fields.Has("Received") && !h.fields.Has("Authentication-Results")
}
