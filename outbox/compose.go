package outbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/wneessen/go-mail"

	"nasdesk"
)

// An Identity is who our mail comes from.
type Identity struct {
	Name    string
	Address nasdesk.Address // From, the envelope sender, and the domain of our Message-IDs
}

// Helpdesk is the identity of the service.
var Helpdesk = Identity{Name: "NHS National Administration Service", Address: "helpdesk@nhs.net"}

const (
	maxSubject    = 250 // characters: Outlook cuts off at 255
	maxReferences = 16  // Message-IDs: the first of the thread and the latest
	maxMessageID  = 250 // bytes: one id must fit a line with room to spare
)

// Compose returns the bytes of a mail, with CRLF line ends and nothing but ASCII,
// ready for DATA. The same row makes the same bytes: the Date is DueAt, the
// Message-ID and the boundary are digests. It fails if the row lacks a key, an
// address or a text.
func Compose(m nasdesk.OutMail, from Identity) ([]byte, error) {
	if m.Key == "" || m.Text == "" {
		return nil, fmt.Errorf("outbox: mail %d has no key or no text: it cannot be composed", m.ID)
	}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithCharset(mail.CharsetUTF8), mail.WithEncoding(mail.EncodingQP))
	if err := address(msg, m, from); err != nil {
		return nil, err
	}
	head(msg, m, from)
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.SetBoundary(boundary(m))
		msg.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	}
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("outbox: mail %d: composing: %w", m.ID, err)
	}
	return b.Bytes(), nil
}

// address sets the one sender and the one recipient. Both pass through
// nasdesk.Address once more, which knows no display name, comment or group.
func address(msg *mail.Msg, m nasdesk.OutMail, from Identity) error {
	var a, to nasdesk.Address
	if a.Set(string(from.Address)) != nil || a != from.Address {
		return fmt.Errorf("outbox: the From address %q is not a plain lower-case address: mend the configuration", from.Address)
	}
	if to.Set(string(m.To)) != nil || to != m.To {
		return fmt.Errorf("outbox: mail %d: the recipient is not a plain lower-case address", m.ID)
	}
	if err := msg.FromFormat(nasdesk.Clean(from.Name), string(a)); err != nil {
		return fmt.Errorf("outbox: the From field: %w", err)
	}
	if err := msg.To(string(to)); err != nil {
		return fmt.Errorf("outbox: mail %d: the To field: %w", m.ID, err)
	}
	return nil
}

// head sets the rest of the header. Auto-Submitted (RFC 3834, 5) and Exchange's
// X-Auto-Response-Suppress keep other automata from answering; X-Nasdesk is how
// we know our own mail (contract, rule 0). There is no User-Agent (T20).
func head(msg *mail.Msg, m nasdesk.OutMail, from Identity) {
	msg.Subject(subject(m.Subject))
	msg.SetDateWithValue(m.DueAt.Time().In(nasdesk.London))
	msg.SetMessageIDWithValue(nasdesk.MailID(m.Key, from.Address.Domain()))
	msg.SetGenHeader("Auto-Submitted", "auto-replied")
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	msg.SetGenHeader("X-Nasdesk", "1")
	if id := messageID(m.InReplyTo); id != "" {
		msg.SetGenHeader(mail.HeaderInReplyTo, id)
	}
	if refs := references(m); len(refs) > 0 {
		msg.SetGenHeader(mail.HeaderReferences, strings.Join(refs, " "))
	}
}

// subject makes a line of what may hold words of the sender: no line ends, no
// invisible characters, bounded, and nothing that a reader would take for an
// encoded word (RFC 2047, 2).
func subject(s string) string {
	s = strings.ReplaceAll(nasdesk.Clean(strings.ToValidUTF8(s, "?")), "=?", "= ?")
	if utf8.RuneCountInString(s) > maxSubject {
		s = string([]rune(s)[:maxSubject-1]) + "…"
	}
	return s
}

// references are the parent's references and the parent, each once, without what
// is no Message-ID. RFC 5322, 3.6.4. Of a long thread the first and the latest
// stay, which is what mail programs thread by.
func references(m nasdesk.OutMail) []string {
	var out []string
	seen := map[string]bool{}
	in := messageID(m.InReplyTo)
	for _, r := range m.References {
		if id := messageID(r); id != "" && id != in && !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	if in != "" {
		out = append(out, in)
	}
	if n := len(out); n > maxReferences {
		out = append(out[:1], out[n-maxReferences+1:]...)
	}
	return out
}

// messageID returns s in angle brackets, or "" if it is no Message-ID that can
// stand in a header: it was written by somebody else's program.
func messageID(s string) string {
	s = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(s), "<"), ">")
	if s == "" || len(s) > maxMessageID {
		return ""
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' || s[i] == '<' || s[i] == '>' {
			return ""
		}
	}
	return "<" + s + ">"
}

// boundary is a digest of the content as well as of the key: the text may quote
// what a sender wrote, and nobody can write a text that holds its own digest.
func boundary(m nasdesk.OutMail) string {
	sum := sha256.Sum256([]byte(m.Key + "\x00" + m.Text + "\x00" + m.HTML))
	return "nasdesk-" + hex.EncodeToString(sum[:16])
}
