package outbox

import (
	"context"
	"crypto/tls"
	"strings"
)

// A Look is what a submission server shows to one who signs in and sends nothing.
type Look struct {
	TLS        *tls.ConnectionState // nil over a plain connection
	Auth       []string             // the mechanisms that it offers, in capitals
	EightBit   bool                 // 8BITMIME (RFC 6152)
	Size       string               // the largest message in bytes, as it says; "" where it does not (RFC 1870)
	StartTLS   bool                 // it was offered
	Introduced bool                 // it answered our EHLO
}

// LookIn connects and signs in as Send does, looks round, and leaves. With an error,
// a [*Failure], comes what was found before it.
func (s *Sender) LookIn(ctx context.Context) (found Look, err error) {
	defer s.drop()
	s.shake = func(state tls.ConnectionState) error { found.TLS = &state; return nil }
	err = s.dial(ctx)
	if err != nil {
		return found, failure(StepConnect, err)
	}
	auth, size := "", ""
	_, auth = s.client.Extension("AUTH")
	found.Introduced, found.Auth = true, strings.Fields(strings.ToUpper(auth))
	found.EightBit, _ = s.client.Extension("8BITMIME")
	found.StartTLS, _ = s.client.Extension("STARTTLS")
	_, size = s.client.Extension("SIZE")
	found.Size = size
	_ = s.client.UpdateDeadline(s.server.Timeout)
	_ = s.client.Quit()
	return found, nil
}
