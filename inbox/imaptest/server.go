// Package imaptest holds servers for tests of the door: one that can be told to
// misbehave (Server), and a real Dovecot (StartDovecot).
package imaptest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A Server is an IMAP server that behaves, but for what On says. It knows what
// the door needs of IMAP and no more. Set its fields before Start.
type Server struct {
	Caps        string            // after login; "IMAP4rev1 IDLE MOVE UIDPLUS" if empty
	Greeting    string            // "* OK ready" if empty
	UIDValidity uint32            // of every folder; 1 if zero
	Folders     map[string][]Mail // INBOX is always there
	On          map[string]Answer // by command, "UID FETCH"
	tb          testing.TB        // for Start
	mu          sync.Mutex        // guards what follows, and Folders
	next        map[string]uint32 // the UID to give next
	log         []string          // commands, in the order of their coming
	idlers      map[*Conn]bool    // connections in IDLE
}

// A Mail is one message in a folder.
type Mail struct {
	UID     uint32
	Raw     string
	Deleted bool
}

// An Answer answers one command, or returns false to leave it to the server.
type Answer func(c *Conn, cmd Command) bool

// A Command is one line of the client.
type Command struct{ Tag, Name, Args string }

// A Conn is one connection to the server. Its methods end the connection's
// goroutine, quietly, when the client has gone.
type Conn struct {
	*Server
	net.Conn
	lines  *bufio.Reader
	folder string
}

// Start opens the server on a loopback port until the test ends, and returns
// host:port.
func (s *Server) Start(tb testing.TB) string {
	tb.Helper()
	s.fill(tb)
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	var open sync.WaitGroup
	var conns []net.Conn
	go func() {
		for {
			conn, err := door.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			conns = append(conns, conn)
			s.mu.Unlock()
			open.Go(func() { s.serve(&Conn{Server: s, Conn: conn, lines: bufio.NewReader(conn)}) })
		}
	}()
	tb.Cleanup(func() {
		door.Close()
		s.mu.Lock()
		for _, c := range conns {
			c.Close()
		}
		s.mu.Unlock()
		open.Wait()
	})
	return door.Addr().String()
}

func (s *Server) fill(tb testing.TB) {
	s.tb, s.next, s.idlers = tb, map[string]uint32{}, map[*Conn]bool{}
	if s.Caps == "" {
		s.Caps = "IMAP4rev1 IDLE MOVE UIDPLUS"
	}
	if s.Greeting == "" {
		s.Greeting = "* OK ready"
	}
	if s.UIDValidity == 0 {
		s.UIDValidity = 1
	}
	folders := map[string][]Mail{"INBOX": nil}
	for name, list := range s.Folders {
		folders[name] = list
		for _, m := range list {
			s.next[name] = max(s.next[name], m.UID)
		}
	}
	s.Folders = folders
}

// Mails returns what lies in a folder.
func (s *Server) Mails(folder string) []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.Folders[folder])
}

// Commands returns the names of the commands so far, of all connections.
func (s *Server) Commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// Put adds a mail to a folder and returns its UID. Nobody is told of it.
func (s *Server) Put(folder, raw string) uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.put(folder, raw)
}

func (s *Server) put(folder, raw string) uint32 {
	s.next[folder]++
	s.Folders[folder] = append(s.Folders[folder], Mail{UID: s.next[folder], Raw: raw})
	return s.next[folder]
}

// Tell says how many mails lie in a folder to every connection in IDLE.
func (s *Server) Tell(folder string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.idlers {
		fmt.Fprintf(c.Conn, "* %d EXISTS\r\n", len(s.Folders[folder]))
	}
}

// Idlers returns how many connections are in IDLE.
func (s *Server) Idlers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.idlers)
}

// gone is thrown by a Conn whose client has left.
type gone struct{}

func (s *Server) serve(c *Conn) {
	defer func() {
		c.Close()
		s.mu.Lock()
		delete(s.idlers, c)
		s.mu.Unlock()
		if p := recover(); p != nil && p != (gone{}) {
			panic(p)
		}
	}()
	c.Say("%s", s.Greeting)
	for {
		cmd := c.command()
		if answer := s.On[cmd.Name]; answer != nil && answer(c, cmd) {
			continue
		}
		if !c.behave(cmd) {
			c.Say("%s BAD what is %s?", cmd.Tag, cmd.Name)
		}
	}
}

// Line reads one line of the client.
func (c *Conn) Line() string {
	line, err := c.lines.ReadString('\n')
	if err != nil {
		panic(gone{})
	}
	return strings.TrimRight(line, "\r\n")
}

func (c *Conn) command() Command {
	tag, rest, _ := strings.Cut(c.Line(), " ")
	name, args, _ := strings.Cut(rest, " ")
	if strings.EqualFold(name, "UID") {
		var sub string
		sub, args, _ = strings.Cut(args, " ")
		name += " " + sub
	}
	cmd := Command{tag, strings.ToUpper(name), args}
	c.mu.Lock()
	c.log = append(c.log, cmd.Name)
	c.mu.Unlock()
	return cmd
}

// Say sends one line.
func (c *Conn) Say(format string, args ...any) { c.Send(fmt.Sprintf(format, args...) + "\r\n") }

// Send sends bytes as they are.
func (c *Conn) Send(s string) {
	if _, err := io.WriteString(c.Conn, s); err != nil {
		panic(gone{})
	}
}

// OK ends a command well.
func (c *Conn) OK(cmd Command) bool {
	c.Say("%s OK done", cmd.Tag)
	return true
}

// No ends a command badly. text may begin with a code in brackets.
func (c *Conn) No(cmd Command, text string) bool {
	c.Say("%s NO %s", cmd.Tag, text)
	return true
}

// Hangup closes the connection.
func (c *Conn) Hangup() bool { panic(gone{}) }

// Silence says nothing until the client goes away.
func (c *Conn) Silence() bool {
	_, _ = io.Copy(io.Discard, c.lines)
	panic(gone{})
}

// Fetched sends a FETCH response with one mail's size and body.
func (c *Conn) Fetched(uid uint32, raw string) {
	c.Send(fmt.Sprintf("* %d FETCH (UID %d RFC822.SIZE %d BODY[] {%d}\r\n%s)\r\n", uid, uid, len(raw), len(raw), raw))
}

// behave does what a server should do with a command.
func (c *Conn) behave(cmd Command) bool {
	switch cmd.Name {
	case "CAPABILITY":
		c.Say("* CAPABILITY %s", c.Caps)
	case "SELECT":
		return c.open(cmd)
	case "LIST":
		c.listFolders(cmd.Args)
	case "CREATE":
		c.mu.Lock()
		c.Folders[unquote(cmd.Args)] = []Mail{}
		c.mu.Unlock()
	case "LOGIN", "AUTHENTICATE", "SUBSCRIBE", "NOOP":
	case "UID SEARCH":
		c.search(cmd.Args)
	case "UID FETCH":
		c.fetch(cmd.Args)
	case "UID MOVE", "UID COPY":
		return c.move(cmd)
	case "UID STORE", "UID EXPUNGE":
		c.remove(cmd)
	case "IDLE":
		return c.idle(cmd)
	default:
		return false
	}
	return c.OK(cmd)
}

func (c *Conn) open(cmd Command) bool {
	c.folder = unquote(cmd.Args)
	c.Say("* %d EXISTS", len(c.Mails(c.folder)))
	c.Say("* OK [UIDVALIDITY %d] so it is", c.UIDValidity)
	c.Say("%s OK [READ-WRITE] open", cmd.Tag)
	return true
}

func (c *Conn) listFolders(args string) {
	_, pattern, _ := strings.Cut(args, " ")
	if unquote(pattern) == "" {
		c.Say(`* LIST (\Noselect) "." ""`)
		return
	}
	c.mu.Lock()
	_, ok := c.Folders[unquote(pattern)]
	c.mu.Unlock()
	if ok {
		c.Say(`* LIST () "." %s`, pattern)
	}
}

func (c *Conn) search(args string) {
	all := !strings.HasPrefix(args, "UID ")
	var found strings.Builder
	for _, m := range c.Mails(c.folder) {
		if all || InSet(strings.TrimPrefix(args, "UID "), m.UID) {
			fmt.Fprintf(&found, " %d", m.UID)
		}
	}
	c.Say("* SEARCH%s", found.String())
}

func (c *Conn) fetch(args string) {
	set, items, _ := strings.Cut(args, " ")
	for _, m := range c.Mails(c.folder) {
		switch {
		case !InSet(set, m.UID):
		case strings.Contains(items, "BODY"):
			c.Fetched(m.UID, m.Raw)
		default:
			c.Say("* %d FETCH (UID %d RFC822.SIZE %d)", m.UID, m.UID, len(m.Raw))
		}
	}
}

func (c *Conn) move(cmd Command) bool {
	set, name, _ := strings.Cut(cmd.Args, " ")
	name = unquote(name)
	c.mu.Lock()
	if _, ok := c.Folders[name]; !ok {
		c.mu.Unlock()
		return c.No(cmd, "[TRYCREATE] no such folder")
	}
	for _, m := range c.Folders[c.folder] {
		if InSet(set, m.UID) {
			c.put(name, m.Raw)
		}
	}
	if cmd.Name == "UID MOVE" {
		c.Folders[c.folder] = slices.DeleteFunc(c.Folders[c.folder], func(m Mail) bool { return InSet(set, m.UID) })
	}
	c.mu.Unlock()
	return c.OK(cmd)
}

// remove marks mails as deleted, or removes the marked.
func (c *Conn) remove(cmd Command) {
	set, _, _ := strings.Cut(cmd.Args, " ")
	c.mu.Lock()
	defer c.mu.Unlock()
	var left []Mail
	for _, m := range c.Folders[c.folder] {
		if cmd.Name == "UID STORE" && InSet(set, m.UID) {
			m.Deleted = true
		}
		if cmd.Name == "UID STORE" || !m.Deleted || !InSet(set, m.UID) {
			left = append(left, m)
		}
	}
	c.Folders[c.folder] = left
}

func (c *Conn) idle(cmd Command) bool {
	c.Say("+ idling")
	c.mu.Lock()
	c.idlers[c] = true
	c.mu.Unlock()
	done := c.Line()
	c.mu.Lock()
	delete(c.idlers, c)
	c.mu.Unlock()
	if done != "DONE" {
		c.tb.Errorf("in IDLE the client said %q", done)
	}
	return c.OK(cmd)
}

// InSet reports whether a UID is in a set as IMAP writes it: 1:3,7.
func InSet(set string, uid uint32) bool {
	for part := range strings.SplitSeq(set, ",") {
		first, last, isRange := strings.Cut(part, ":")
		if !isRange {
			last = first
		}
		a, _ := strconv.ParseUint(first, 10, 32)
		b, _ := strconv.ParseUint(last, 10, 32)
		if uint64(uid) >= a && uint64(uid) <= b {
			return true
		}
	}
	return false
}

func unquote(s string) string { return strings.Trim(s, `"`) }

// Drop removes a folder and all in it.
func (s *Server) Drop(folder string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.Folders, folder)
}
