package nasdesk

import (
	"crypto/sha256"
	"encoding/hex"
)

// MailID returns the Message-ID, without angle brackets, of the mail with a key
// that is sent from a domain: the first 32 hex digits of the SHA-256 of the key,
// "@" and the domain. One key makes one id for ever, so a resend after a crash
// is the same message, and an answer to it is known by its In-Reply-To before
// the mail has gone out. RFC 5322, 3.6.4.
func MailID(key, domain string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:16]) + "@" + domain
}
