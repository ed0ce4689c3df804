package inbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// A visit is one connection, logged in, with the folder selected.
type visit struct {
	*Door
	conn      net.Conn // below TLS and the client: closing it stops everything
	client    *imapclient.Client
	ear       ear
	news      chan struct{} // holds one token when the server has told of mail
	validity  uint32
	delimiter rune
	shake     func(tls.ConnectionState) error // told of the TLS connection; nil
}

// enter connects, logs in, sees that the server can move messages and has the
// folders to move them to, and selects the inbox.
func (d *Door) enter(ctx context.Context) (*visit, error) {
	v := &visit{Door: d, news: make(chan struct{}, 1)}
	if err := v.connect(ctx); err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) error{v.greet, v.login, v.capabilities, v.ensureFolders, v.selectInbox} {
		if err := step(ctx); err != nil {
			v.client.Close() // after a failed login nothing else helps (trap T7)
			return nil, err
		}
	}
	return v, nil
}

func (v *visit) connect(ctx context.Context) error {
	dialled, cancel := context.WithTimeout(ctx, v.set.Timeout)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(dialled, "tcp", v.set.Address)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	if v.set.TLS == Plain && !loopback(conn.RemoteAddr().(*net.TCPAddr).IP.String()) {
		conn.Close()
		return errServer{"the name of a loopback address leads elsewhere; nothing was sent"}
	}
	v.conn = conn
	if err := v.secure(dialled); err != nil {
		conn.Close()
		return fmt.Errorf("connect: %w", err)
	}
	return nil
}

// secure starts the client, over TLS unless the server is on this machine.
func (v *visit) secure(ctx context.Context) error {
	config, err := v.set.tlsConfig()
	if err != nil {
		return err
	}
	config.VerifyConnection = v.shake
	options := &imapclient.Options{
		TLSConfig:             config,
		DebugWriter:           &v.ear,
		UnilateralDataHandler: &imapclient.UnilateralDataHandler{Mailbox: v.hear},
	}
	switch v.set.TLS {
	case TLS:
		secured := tls.Client(v.conn, config)
		if err := secured.HandshakeContext(ctx); err != nil {
			return err
		}
		v.client = imapclient.New(secured, options)
	case StartTLS:
		return v.command(ctx, "STARTTLS", func(func()) (err error) {
			v.client, err = imapclient.NewStartTLS(v.conn, options)
			return err
		})
	default:
		v.client = imapclient.New(v.conn, options)
	}
	return nil
}

func (s *Settings) tlsConfig() (*tls.Config, error) {
	config := &tls.Config{ServerName: s.ServerName, MinVersion: tls.VersionTLS12}
	if config.ServerName == "" {
		config.ServerName, _, _ = splitAddress(s.Address)
	}
	if s.CAFile == "" {
		return config, nil
	}
	pem, err := os.ReadFile(s.CAFile)
	if err != nil {
		return nil, fmt.Errorf("ca_file: %w", err)
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("ca_file %s holds no certificate in PEM", s.CAFile)
	}
	return config, nil
}

// hear is called by the client's reader, which must not wait for us (trap T8).
func (v *visit) hear(data *imapclient.UnilateralDataMailbox) {
	if data.NumMessages == nil {
		return
	}
	select {
	case v.news <- struct{}{}:
	default:
	}
}

func (v *visit) greet(ctx context.Context) error {
	return v.command(ctx, "greeting", func(func()) error { return v.client.WaitGreeting() })
}

// capabilities asks for the list again, since Exchange Online tells of MOVE only
// after login (trap T9), and refuses a server on which a message could be lost
// on its way to another folder (trap T1).
func (v *visit) capabilities(ctx context.Context) error {
	err := v.command(ctx, "CAPABILITY", func(func()) error { return second(v.client.Capability().Wait()) })
	if err != nil {
		return err
	}
	if caps := v.client.Caps(); !caps.Has(imap.CapMove) && !caps.Has(imap.CapUIDPlus) {
		return errServer{"the server has neither MOVE (RFC 6851) nor UIDPLUS (RFC 4315); " +
			"without one of them messages cannot be moved safely: use another server"}
	}
	return nil
}

func (v *visit) selectInbox(ctx context.Context) error {
	return v.command(ctx, "SELECT", func(func()) error {
		data, err := v.client.Select(v.set.Inbox, nil).Wait()
		if err != nil {
			return err
		}
		if data.UIDValidity == 0 {
			return errServer{"the server gives no UIDVALIDITY: messages have no lasting name there"}
		}
		v.validity = data.UIDValidity
		v.log.Info("the mailbox is open", "folder", v.set.Inbox, "uidvalidity", v.validity, "messages", data.NumMessages)
		return nil
	})
}

func (v *visit) at(uid uint32) Location {
	return Location{Folder: v.set.Inbox, UIDValidity: v.validity, UID: uid}
}

// wait lets the server tell of new mail (RFC 2177) and returns when it does, or
// when the turn is over: the server may be silent, or never tell (trap T8).
func (v *visit) wait(ctx context.Context, turn time.Duration) error {
	if !v.client.Caps().Has(imap.CapIdle) {
		sleep(ctx, turn)
		return ctx.Err()
	}
	var idle *imapclient.IdleCommand
	err := v.command(ctx, "IDLE", func(func()) (err error) {
		idle, err = v.client.Idle()
		return err
	})
	if err != nil {
		return err
	}
	timer := time.NewTimer(turn)
	defer timer.Stop()
	select {
	case <-v.news:
	case <-timer.C:
	case <-v.client.Closed():
	case <-ctx.Done():
	}
	return v.command(ctx, "DONE", func(func()) error {
		return errors.Join(idle.Close(), idle.Wait())
	})
}

// command runs one command under its own deadline, because a server that does
// not answer would hold the client for ever (trap T2): the connection is closed
// under it. alive, called by f, puts the deadline off.
func (v *visit) command(ctx context.Context, name string, f func(alive func()) error) error {
	var late atomic.Bool
	deadline := time.AfterFunc(v.set.Timeout, func() {
		late.Store(true)
		v.conn.Close()
	})
	defer deadline.Stop()
	stop := context.AfterFunc(ctx, func() { v.conn.Close() })
	defer stop()
	err := f(func() { deadline.Reset(v.set.Timeout) })
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case late.Load():
		return fmt.Errorf("%s: no answer for %s; connection closed", name, v.set.Timeout)
	case isAnswer(err):
		return fmt.Errorf("%s: %w", name, err)
	}
	if bye := v.ear.bye(); bye != "" {
		return fmt.Errorf("%s: the server said BYE: %s: %w", name, bye, err)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// isAnswer reports whether the server itself said no, over a connection that is
// still in order.
func isAnswer(err error) bool {
	var answer *imap.Error
	return errors.As(err, &answer) && answer.Type != imap.StatusResponseTypeBye
}

// tolerable reports whether the server declined one command and may be asked
// for the next. After BAD ("User is authenticated but not connected.") or a
// throttling it is left alone for a while.
func tolerable(err error) bool {
	var answer *imap.Error
	return errors.As(err, &answer) && answer.Type == imap.StatusResponseTypeNo && askedPause(err) == 0
}

func second[T any](_ T, err error) error { return err }

func splitAddress(address string) (host, port string, err error) { return net.SplitHostPort(address) }

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
