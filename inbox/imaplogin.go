package inbox

import (
	"context"
	"fmt"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-sasl"
)

// A SASL is one exchange of a login mechanism (RFC 4422), such as [XOAUTH2].
type SASL = sasl.Client

func (v *visit) login(ctx context.Context) error {
	err := v.command(ctx, "login", func(func()) error { return v.authenticate() })
	if err != nil {
		return err
	}
	v.ear.open.Store(true)
	return nil
}

// authenticate uses the mechanism of the settings, else AUTHENTICATE PLAIN,
// else LOGIN. The answers NO and BAD mean the same here (trap T6), and neither
// is the end of it: passwords and tokens are renewed.
func (v *visit) authenticate() error {
	if v.set.SASL != nil {
		mechanism, err := v.set.SASL()
		if err != nil {
			return fmt.Errorf("no credentials: %w", err)
		}
		err = v.client.Authenticate(mechanism)
		if err != nil && v.set.Refused != nil {
			v.set.Refused()
		}
		return err
	}
	password, err := v.set.Password()
	if err != nil {
		return fmt.Errorf("no password: %w", err)
	}
	caps := v.client.Caps()
	switch {
	case caps.Has(imap.AuthCap(sasl.Plain)):
		return v.client.Authenticate(sasl.NewPlainClient("", v.set.User, password))
	case caps.Has(imap.CapLoginDisabled):
		return errServer{"the server takes no password over this connection: set tls to tls or starttls"}
	}
	return v.client.Login(v.set.User, password).Wait()
}

// XOAUTH2 logs in to Exchange Online with an OAuth 2.0 access token. For a
// shared mailbox user is the mailbox's address, whoever the token is made for.
// Source: Microsoft, "Authenticate an IMAP, POP or SMTP connection using OAuth".
func XOAUTH2(user, token string) SASL { return &xoauth2{user, token} }

type xoauth2 struct{ user, token string }

// Start implements sasl.Client.
func (x *xoauth2) Start() (mechanism string, initial []byte, err error) {
	return "XOAUTH2", []byte("user=" + x.user + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

// Next implements sasl.Client. A challenge means that the token is refused; the
// answer to it should be empty, but the client writes an empty answer as "=",
// which servers call malformed, and an error here would leave the connection
// stuck (traps T6, T7). Any other byte gets their plain refusal.
func (*xoauth2) Next([]byte) ([]byte, error) { return []byte{1}, nil }
