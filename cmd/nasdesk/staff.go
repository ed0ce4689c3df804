package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"regexp"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/mattn/go-isatty"

	"nasdesk"
	"nasdesk/console"
	"nasdesk/store"
)

// A staffCmd is what an operator does about who may sign in to the console. Who
// signs in by OpenID Connect is known after the first time, with the role that
// the groups give.
type staffCmd struct {
	Add      staffAddCmd      `cmd:"" help:"Let somebody sign in with a password, which is asked for, or read from standard input."`
	List     staffListCmd     `cmd:"" help:"List all who can sign in, or could."`
	Role     staffRoleCmd     `cmd:"" help:"Give somebody another role."`
	Password staffPasswordCmd `cmd:"" help:"Give somebody a new password, unlock the account, and end their sessions."`
	Disable  staffDisableCmd  `cmd:"" help:"Keep somebody out from now on, and end their sessions."`
	Enable   staffEnableCmd   `cmd:"" help:"Let somebody in again."`
}

// A staffStore says whose staff they are.
type staffStore struct {
	Config   string `short:"c" help:"The configuration file." placeholder:"FILE" env:"NASDESK_CONFIG"`
	Database string `short:"d" help:"Or the database itself: sqlite:PATH or postgres://…"`
}

// with does something to the staff of a store.
func (s *staffStore) with(ctx context.Context, do func(*store.Store) error) error {
	url := s.Database
	if url == "" {
		if s.Config == "" {
			return usageError{errors.New("whose staff? Give --config FILE or --database URL")}
		}
		c, err := loadConfig(s.Config)
		if err != nil {
			return err
		}
		url = c.databaseURL()
	}
	st, err := openStore(ctx, url)
	if err != nil {
		return err
	}
	return errors.Join(do(st), st.Close())
}

// A staffMember is one who is there already.
type staffMember struct {
	staffStore
	Name string `arg:"" help:"Sign-in name."`
}

// change changes a member of staff, and says what was done.
func (s *staffMember) change(ctx context.Context, out io.Writer, what string, change func(*store.Store, *store.Staff) error) error {
	return s.with(ctx, func(st *store.Store) error {
		who, err := s.who(ctx, st)
		if err != nil {
			return err
		}
		if err := change(st, &who); err != nil {
			return err
		}
		if err := st.ChangeStaff(ctx, who, what, operator(), nasdesk.TimestampOf(time.Now())); err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "%s: %s\n", who.Name, what)
		return err
	})
}

func (s *staffMember) who(ctx context.Context, st *store.Store) (store.Staff, error) {
	who, err := st.StaffNamed(ctx, strings.ToLower(s.Name))
	if errors.Is(err, store.ErrNone) {
		err = usageError{fmt.Errorf("nobody is called %q: \"nasdesk staff list\" names all", s.Name)}
	}
	return who, err
}

// operator is who calls, as the journal names them.
func operator() string {
	u, err := user.Current()
	if err != nil {
		return "the operator"
	}
	return "the operator " + u.Username
}

type staffAddCmd struct {
	staffStore
	Name    string          `arg:"" help:"Sign-in name: letters, digits and . - _ @"`
	Role    store.StaffRole `required:"" enum:"agent,lead,auditor" help:"agent works the queues; lead has the register and the staff too; auditor reads everything and changes nothing."`
	Display string          `help:"The name that colleagues see." placeholder:"NAME"`
}

var signInName = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{1,63}$`)

// Run adds a member of staff with a local account.
func (a *staffAddCmd) Run(ctx context.Context, out io.Writer) error {
	name := strings.ToLower(a.Name)
	if !signInName.MatchString(name) {
		return usageError{fmt.Errorf("the name %q: 2 to 64 letters, digits and . - _ @, a letter or digit first", a.Name)}
	}
	return a.with(ctx, func(st *store.Store) error {
		if _, err := st.StaffNamed(ctx, name); err == nil {
			return usageError{fmt.Errorf("%s is there already: use staff role, staff password or staff enable", name)}
		} else if !errors.Is(err, store.ErrNone) {
			return err
		}
		password, err := newPassword(ctx, name)
		if err != nil {
			return err
		}
		who := store.Staff{Name: name, Display: cmp.Or(a.Display, a.Name), Role: a.Role, Hash: console.HashPassword(password)}
		if err := st.ChangeStaff(ctx, who, "added as "+string(a.Role), operator(), nasdesk.TimestampOf(time.Now())); err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "%s: added as %s\n", name, a.Role)
		return err
	})
}

type staffListCmd struct{ staffStore }

// Run lists all staff.
func (l *staffListCmd) Run(ctx context.Context, out io.Writer) error {
	return l.with(ctx, func(st *store.Store) error {
		all, err := st.StaffAll(ctx)
		if err != nil {
			return err
		}
		t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "NAME\tROLE\tSIGNS IN BY\tSTATE\tLAST SIGNED IN\tDISPLAY")
		for _, s := range all {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", s.Name, s.Role, signsInBy(s), standing(s, time.Now()), lastSignedIn(s), s.Display)
		}
		return t.Flush()
	})
}

func signsInBy(s store.Staff) string {
	if s.Hash == "" {
		return "OpenID Connect"
	}
	return "password"
}

func standing(s store.Staff, now time.Time) string {
	switch {
	case s.Disabled:
		return "disabled"
	case s.LockedUntil > nasdesk.TimestampOf(now):
		return "locked until " + s.LockedUntil.Time().In(nasdesk.London).Format("15:04")
	}
	return "enabled"
}

func lastSignedIn(s store.Staff) string {
	if s.SignedInAt == 0 {
		return "never"
	}
	return s.SignedInAt.Time().In(nasdesk.London).Format("2006-01-02 15:04")
}

type staffRoleCmd struct {
	staffMember
	Role store.StaffRole `arg:"" enum:"agent,lead,auditor" help:"agent, lead or auditor."`
}

// Run gives a member of staff another role, from their next page on.
func (r *staffRoleCmd) Run(ctx context.Context, out io.Writer) error {
	return r.change(ctx, out, "role "+string(r.Role), func(_ *store.Store, s *store.Staff) error {
		if s.Hash == "" {
			return usageError{fmt.Errorf("%s signs in by OpenID Connect: the groups there give the role", s.Name)}
		}
		s.Role = r.Role
		return nil
	})
}

type staffPasswordCmd struct{ staffMember }

// Run gives a member of staff a new password, with which they can sign in at once.
func (p *staffPasswordCmd) Run(ctx context.Context, out io.Writer) error {
	return p.with(ctx, func(st *store.Store) error {
		s, err := p.who(ctx, st)
		if err != nil {
			return err
		}
		if s.Hash == "" {
			return usageError{fmt.Errorf("%s signs in by OpenID Connect: the password is kept there", s.Name)}
		}
		password, err := newPassword(ctx, s.Name)
		if err != nil {
			return err
		}
		if err := st.SetPassword(ctx, s.Name, console.HashPassword(password), operator(), "", nasdesk.TimestampOf(time.Now())); err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "%s: new password\n", s.Name)
		return err
	})
}

type staffDisableCmd struct{ staffMember }

// Run keeps a member of staff out.
func (d *staffDisableCmd) Run(ctx context.Context, out io.Writer) error {
	return d.change(ctx, out, "disabled", func(_ *store.Store, s *store.Staff) error {
		s.Disabled = true
		return nil
	})
}

type staffEnableCmd struct{ staffMember }

// Run lets a member of staff in again.
func (e *staffEnableCmd) Run(ctx context.Context, out io.Writer) error {
	return e.change(ctx, out, "enabled", func(_ *store.Store, s *store.Staff) error {
		s.Disabled = false
		return nil
	})
}

// newPassword asks for a new password: twice at a terminal, where it is not
// shown; else it is the first line of standard input.
func newPassword(ctx context.Context, name string) (string, error) {
	if !isatty.IsTerminal(os.Stdin.Fd()) {
		line, err := bufio.NewReader(io.LimitReader(os.Stdin, 4096)).ReadString('\n')
		if err != nil && (err != io.EOF || line == "") {
			return "", usageError{errors.New("no password on standard input: write it there as one line, or call from a terminal")}
		}
		return sound(name, strings.TrimRight(line, "\r\n"))
	}
	first, err := askUnseen(ctx, os.Stdin, "New password for "+name+": ")
	if err != nil {
		return "", err
	}
	if _, err := sound(name, first); err != nil {
		return "", err
	}
	again, err := askUnseen(ctx, os.Stdin, "Again: ")
	if err == nil && again != first {
		err = usageError{errors.New("the two passwords are not the same: nothing was changed")}
	}
	return first, err
}

func sound(name, password string) (string, error) {
	if err := console.CheckPassword(name, password); err != nil {
		return "", usageError{err}
	}
	return password, nil
}

// askUnseen reads a line from the terminal without showing it. The terminal
// shows again what is typed also when ctx ends.
func askUnseen(ctx context.Context, terminal *os.File, prompt string) (string, error) {
	shown, err := hideTyping(terminal)
	if err != nil {
		return "", fmt.Errorf("the terminal cannot be kept from showing the password: %w; give it on standard input", err)
	}
	defer fmt.Fprintln(os.Stderr)
	defer shown()
	fmt.Fprint(os.Stderr, prompt)
	type typed struct {
		line string
		err  error
	}
	read := make(chan typed, 1)
	go func() {
		line, err := readLine(terminal)
		read <- typed{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", errors.New("no password was given: nothing was changed")
	case t := <-read:
		return t.line, t.err
	}
}

// readLine reads a line byte by byte, so that what is behind it is left.
func readLine(r io.Reader) (string, error) {
	var line []byte
	for b := make([]byte, 1); len(line) < 4096; {
		n, err := r.Read(b)
		if n == 1 && b[0] == '\n' {
			break
		}
		line = append(line, b[:n]...)
		if err != nil {
			return "", usageError{errors.New("no password was given: nothing was changed")}
		}
	}
	return strings.TrimRight(string(line), "\r"), nil
}
