package postoffice

import (
	"fmt"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// maxFailures is how often a connection may give a wrong password.
const maxFailures = 3

func (o *Office) imapServer() *imapserver.Server {
	return imapserver.New(&imapserver.Options{
		NewSession:   o.newSession,
		Caps:         o.caps(),
		TLSConfig:    o.set.TLS,
		InsecureAuth: o.set.TLS == nil, // the door is on the loopback address
		Logger:       o.errorLog(),
	})
}

// caps is what an IMAP4rev1 server of today offers, and what Exchange Online
// offers of it: MOVE, UIDPLUS, IDLE (which the server adds by itself).
func (o *Office) caps() imap.CapSet {
	caps := imap.CapSet{}
	for _, c := range []imap.Cap{imap.CapIMAP4rev1, imap.CapNamespace, imap.CapUIDPlus, imap.CapESearch,
		imap.CapListExtended, imap.CapListStatus, imap.CapMove, imap.CapStatusSize} {
		caps[c] = struct{}{}
	}
	for _, c := range o.set.Without {
		delete(caps, c)
	}
	return caps
}

// A session is one IMAP connection. Before login the embedded session is nil
// and the server calls nothing of it but Close and Login.
type session struct {
	*imapmemserver.UserSession
	office   *Office
	conn     *imapserver.Conn
	box      *box
	failures int
}

func (o *Office) newSession(c *imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
	o.mu.Lock()
	o.conns[c] = true
	o.mu.Unlock()
	return &session{office: o, conn: c}, nil, nil
}

// Close implements imapserver.Session.
func (s *session) Close() error {
	s.office.mu.Lock()
	delete(s.office.conns, s.conn)
	s.office.mu.Unlock()
	return s.UserSession.Close()
}

// Login implements imapserver.Session. The third wrong password ends the
// connection.
func (s *session) Login(address, password string) error {
	b, ok := s.office.login(address, password)
	if !ok {
		if s.failures++; s.failures >= maxFailures {
			s.conn.NetConn().Close()
		}
		return imapserver.ErrAuthFailed
	}
	s.box, s.UserSession = b, imapmemserver.NewUserSession(b.folders)
	return nil
}

// Append implements imapserver.Session.
func (s *session) Append(folder string, r imap.LiteralReader, options *imap.AppendOptions) (*imap.AppendData, error) {
	if err := s.deny("APPEND", folder); err != nil {
		return nil, err
	}
	defer s.office.tell()
	return s.UserSession.Append(folder, r, options)
}

// Copy implements imapserver.Session.
func (s *session) Copy(set imap.NumSet, folder string) (*imap.CopyData, error) {
	if err := s.deny("COPY", folder); err != nil {
		return nil, err
	}
	defer s.office.tell()
	return s.copy(set, folder)
}

// copy returns no data where no message was meant: COPYUID cannot be empty
// (RFC 4315, 4).
func (s *session) copy(set imap.NumSet, folder string) (*imap.CopyData, error) {
	data, err := s.UserSession.Copy(set, folder)
	if err != nil {
		return nil, err
	}
	if len(data.SourceUIDs) == 0 {
		return nil, nil
	}
	return data, nil
}

// Move implements imapserver.SessionMove. The server in memory has one of its
// own, but it tells its client of every expunged message twice, which spoils
// the sequence numbers of a person's mail client.
func (s *session) Move(w *imapserver.MoveWriter, set imap.NumSet, folder string) error {
	if err := s.deny("MOVE", folder); err != nil {
		return err
	}
	s.box.move.Lock()
	defer s.box.move.Unlock()
	data, err := s.copy(set, folder)
	if err != nil || data == nil {
		return err
	}
	if err := w.WriteCopyData(data); err != nil {
		return err
	}
	moved := data.SourceUIDs
	flags := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
	if err := s.UserSession.Store(nil, moved, flags, nil); err != nil {
		return err
	}
	defer s.office.tell()
	return s.UserSession.Expunge(nil, &moved)
}

// Expunge implements imapserver.Session.
func (s *session) Expunge(w *imapserver.ExpungeWriter, uids *imap.UIDSet) error {
	defer s.office.tell()
	return s.UserSession.Expunge(w, uids)
}

// Idle implements imapserver.Session. It first says what has come in since the
// last command: the server in memory would keep that back until the next mail.
func (s *session) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	if err := s.UserSession.Poll(w, true); err != nil {
		return err
	}
	return s.UserSession.Idle(w, stop)
}

func (s *session) deny(cmd, folder string) error {
	if s.office.set.Deny == nil {
		return nil
	}
	if err := s.office.set.Deny(cmd, s.box.user.Address, folder); err != nil {
		return &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeNoPerm, Text: fmt.Sprint(err)}
	}
	return nil
}
