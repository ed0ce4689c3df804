package parser

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"nasdesk"
)

// digest is the SHA-256 of what a message says: From, To, Subject, Date, its
// text, and the names and sizes of what is attached. Trace fields, the
// Message-ID, encodings and boundaries do not enter, for Exchange rebuilds them.
func digest(m *nasdesk.Message) string {
	var b strings.Builder
	field := func(s string) {
		b.WriteString(strconv.Itoa(len(s)))
		b.WriteByte(':')
		b.WriteString(s)
	}
	for _, v := range m.Header.All("From") {
		field(strings.Join(skimAddresses(v), " "))
	}
	for _, v := range m.Header.All("To") {
		field(strings.Join(skimAddresses(v), " "))
	}
	field(m.Subject)
	if !m.Date.IsZero() {
		field(strconv.FormatInt(m.Date.Unix(), 10))
	}
	field(m.Text)
	for _, a := range m.Attachments {
		field(a.Name)
		field(strconv.Itoa(a.Size))
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}
