// Package postoffice is a mail server made small: mailboxes in memory, read by
// IMAP and filled by SMTP, in one process.
//
// It is the world of `nasdesk demo`, where a person's own mail client reads and
// writes against it, and the server that tests of the inbox and the outbox talk
// to. It listens on the loopback address only and forgets everything when it
// is closed.
package postoffice

import (
	"bytes"
	"context"
	"crypto/subtle"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-smtp"
)

// Settings say who has a mailbox and how the office behaves. Users is the only
// part that must be set.
type Settings struct {
	Users []User

	IMAP string // where to listen; "127.0.0.1:0" if empty. Loopback only
	SMTP string // the same
	Name string // of the receiving server, as in Received and Authentication-Results; "mx.nhs.net" if empty

	// Others names the user whose inbox takes the mail for addresses that have
	// no mailbox here. If empty, such mail is refused with 550.
	Others string

	// MaxSize is the largest message in bytes that SMTP takes; 36 MiB if zero.
	MaxSize int64

	// TLS, if set, offers STARTTLS on both doors and opens a third one for IMAP
	// over TLS. Without it a login travels in the clear, over loopback.
	TLS *tls.Config

	// Without takes capabilities away from what IMAP offers, such as MOVE.
	Without []imap.Cap

	// Deny, if set, is asked before a message is put into a folder. cmd is APPEND,
	// COPY or MOVE. An error refuses it with NO [NOPERM].
	Deny func(cmd, user, folder string) error

	// Rcpt and Data, if set, are asked before SMTP accepts a recipient and a
	// message. They may return a *smtp.SMTPError to choose the answer: 451, 550.
	Rcpt func(to string) error
	Data func(from string, to []string, raw []byte) error

	Log *slog.Logger // of faults inside the servers; none if nil
}

// A User has a mailbox and may send as its own address.
type User struct {
	Address  string
	Password string
	SendAs   []string // further addresses that may stand in From
}

// A Message is one message in a folder.
type Message struct {
	UID   uint32
	Flags []string // without \Recent
	Raw   []byte
}

// An Office is a running mail server. Its methods may be called at any time
// from any goroutine, until Close.
type Office struct {
	IMAP  string // host:port
	IMAPS string // empty without TLS
	SMTP  string

	set   Settings
	boxes map[string]*box
	imaps *imapserver.Server
	smtps *smtp.Server

	mu      sync.Mutex
	conns   map[*imapserver.Conn]bool
	changed chan struct{} // closed, and made anew, whenever a folder changes
}

// A box is one user's folders.
type box struct {
	user    User
	folders *imapmemserver.User
	move    sync.Mutex // one MOVE at a time: it is made of three steps
}

// Start opens an office in which every user has an empty INBOX.
func Start(set Settings) (*Office, error) {
	set.fill()
	o := &Office{set: set, boxes: map[string]*box{}, conns: map[*imapserver.Conn]bool{}, changed: make(chan struct{})}
	for _, u := range set.Users {
		u.Address = strings.ToLower(u.Address)
		b := &box{user: u, folders: imapmemserver.NewUser(u.Address, u.Password)}
		if err := b.folders.Create("INBOX", nil); err != nil {
			return nil, fmt.Errorf("postoffice: %w", err)
		}
		o.boxes[u.Address] = b
	}
	if set.Others != "" && o.boxes[strings.ToLower(set.Others)] == nil {
		return nil, errors.New("postoffice: Others is no user of the office")
	}
	if err := o.open(); err != nil {
		o.Close()
		return nil, fmt.Errorf("postoffice: %w", err)
	}
	return o, nil
}

func (s *Settings) fill() {
	if s.IMAP == "" {
		s.IMAP = "127.0.0.1:0"
	}
	if s.SMTP == "" {
		s.SMTP = "127.0.0.1:0"
	}
	if s.Name == "" {
		s.Name = "mx.nhs.net"
	}
	if s.MaxSize == 0 {
		s.MaxSize = 36 << 20
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
}

func (o *Office) open() error {
	o.imaps, o.smtps = o.imapServer(), o.smtpServer()
	imapDoor, err := listen(o.set.IMAP)
	if err != nil {
		return err
	}
	o.IMAP = imapDoor.Addr().String()
	go o.imaps.Serve(imapDoor)
	smtpDoor, err := listen(o.set.SMTP)
	if err != nil {
		return err
	}
	o.SMTP = smtpDoor.Addr().String()
	go o.smtps.Serve(smtpDoor)
	if o.set.TLS == nil {
		return nil
	}
	tlsDoor, err := listen("127.0.0.1:0")
	if err != nil {
		return err
	}
	o.IMAPS = tlsDoor.Addr().String()
	go o.imaps.Serve(tls.NewListener(tlsDoor, o.set.TLS))
	return nil
}

// listen opens a door for this machine only: passwords may cross it in the
// clear, and nobody outside may read or send.
func listen(address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%q is no host:port to listen on: %w", address, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("%q is not a loopback address; use 127.0.0.1", address)
	}
	return net.Listen("tcp", address)
}

// Close shuts the doors and hangs up on everybody.
func (o *Office) Close() error {
	var errs []error
	if o.imaps != nil {
		errs = append(errs, o.imaps.Close())
	}
	if o.smtps != nil {
		errs = append(errs, o.smtps.Close())
	}
	return errors.Join(errs...)
}

// Hangup says BYE with this text on every IMAP connection and closes it.
func (o *Office) Hangup(text string) {
	o.mu.Lock()
	conns := make([]*imapserver.Conn, 0, len(o.conns))
	for c := range o.conns {
		conns = append(conns, c)
	}
	o.mu.Unlock()
	for _, c := range conns {
		_ = c.Bye(text) // it may have gone already
	}
}

// Append puts a message into a user's folder as it is, and returns its UID. The
// folder is created if absent.
func (o *Office) Append(user, folder string, raw []byte) (uid uint32, err error) {
	b := o.boxes[strings.ToLower(user)]
	if b == nil {
		return 0, fmt.Errorf("postoffice: no user %q", user)
	}
	_ = b.folders.Create(folder, nil) // it exists, mostly
	data, err := b.folders.Append(folder, bytes.NewReader(raw), &imap.AppendOptions{})
	if err != nil {
		return 0, fmt.Errorf("postoffice: append to %s: %w", folder, err)
	}
	o.tell()
	return uint32(data.UID), nil
}

// Renew empties a user's folder and gives it another UIDVALIDITY, as a server
// does that has lost its index. Connections that have the folder open keep the
// old one: call Hangup after it.
func (o *Office) Renew(user, folder string) error {
	b := o.boxes[strings.ToLower(user)]
	if b == nil {
		return fmt.Errorf("postoffice: no user %q", user)
	}
	if err := b.folders.Delete(folder); err != nil {
		return fmt.Errorf("postoffice: renew %s: %w", folder, err)
	}
	return b.folders.Create(folder, nil)
}

// Messages returns what lies in a user's folder, oldest first. A folder that
// does not exist holds nothing.
func (o *Office) Messages(user, folder string) ([]Message, error) {
	b := o.boxes[strings.ToLower(user)]
	if b == nil {
		return nil, fmt.Errorf("postoffice: no user %q", user)
	}
	if _, err := b.folders.Status(folder, &imap.StatusOptions{}); err != nil {
		return nil, nil
	}
	list, err := o.read(b, folder)
	if err != nil {
		return nil, fmt.Errorf("postoffice: read %s: %w", folder, err)
	}
	return list, nil
}

// read is a client of the office itself: the folders give their bytes to
// nobody else.
func (o *Office) read(b *box, folder string) ([]Message, error) {
	c, err := o.dial()
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if err := c.Login(b.user.Address, b.user.Password).Wait(); err != nil {
		return nil, err
	}
	selected, err := c.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil || selected.NumMessages == 0 {
		return nil, err
	}
	all := imap.UIDSet{{Start: 1, Stop: 0}}
	bufs, err := c.Fetch(all, &imap.FetchOptions{Flags: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}}}).Collect()
	if err != nil {
		return nil, err
	}
	list := make([]Message, 0, len(bufs))
	for _, m := range bufs {
		list = append(list, message(m))
	}
	return list, nil
}

// dial connects the office to itself, which needs no certificate for it.
func (o *Office) dial() (*imapclient.Client, error) {
	if o.IMAPS != "" {
		return imapclient.DialTLS(o.IMAPS, &imapclient.Options{TLSConfig: &tls.Config{InsecureSkipVerify: true}})
	}
	return imapclient.DialInsecure(o.IMAP, nil)
}

func message(buf *imapclient.FetchMessageBuffer) Message {
	m := Message{UID: uint32(buf.UID)}
	for _, f := range buf.Flags {
		m.Flags = append(m.Flags, string(f))
	}
	for _, s := range buf.BodySection {
		m.Raw = s.Bytes
	}
	return m
}

// Wait returns the messages of a user's folder as soon as there are n or more,
// or what is there when ctx ends, with its error.
func (o *Office) Wait(ctx context.Context, user, folder string, n int) ([]Message, error) {
	for {
		o.mu.Lock()
		changed := o.changed
		o.mu.Unlock()
		list, err := o.Messages(user, folder)
		if err != nil || len(list) >= n {
			return list, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return list, fmt.Errorf("postoffice: %d of %d messages in %s: %w", len(list), n, folder, ctx.Err())
		}
	}
}

// tell wakes those who wait for a folder to change.
func (o *Office) tell() {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.changed)
	o.changed = make(chan struct{})
}

// login returns the box of a user, if the password is right. Nothing tells an
// unknown user from a wrong password.
func (o *Office) login(address, password string) (*box, bool) {
	b := o.boxes[strings.ToLower(address)]
	want := "\x00 no such user"
	if b != nil {
		want = b.user.Password
	}
	right := subtle.ConstantTimeCompare([]byte(password), []byte(want)) == 1
	return b, right && b != nil
}

// maySend reports whether the user may put this address into From.
func (b *box) maySend(address string) bool {
	return strings.EqualFold(address, b.user.Address) ||
		slices.ContainsFunc(b.user.SendAs, func(s string) bool { return strings.EqualFold(s, address) })
}

// errorLog hands what the servers complain of to the log of the office.
func (o *Office) errorLog() *log.Logger {
	return slog.NewLogLogger(o.set.Log.Handler(), slog.LevelWarn)
}
