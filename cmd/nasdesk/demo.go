package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing/fstest"
	"time"

	"github.com/mattn/go-isatty"

	"nasdesk"
	"nasdesk/inbox"
	"nasdesk/inbox/postoffice"
	"nasdesk/outbox"
	"nasdesk/store"
)

//go:embed demo
var demoFiles embed.FS

type demoCmd struct {
	Once   bool   `help:"End when the sample mails are answered, also at a terminal."`
	Listen string `help:"Where the console is, on this machine alone; a free port if absent. With it the demo stays up without a terminal too." placeholder:"ADDRESS"`
}

// The people of the demo: the helpdesk, and one mailbox into which everybody
// else's mail falls.
const (
	demoDesk     = "helpdesk@nhs.net"
	demoPeople   = "everybody@nhs.net"
	demoPassword = "demo"
)

// Run starts a mail server in memory, lets the sample mails arrive in it one
// after the other, and shows what nasdesk makes of each.
func (d *demoCmd) Run(ctx context.Context, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	sh, err := openDemo(ctx, out)
	if err != nil {
		return err
	}
	defer sh.close()
	stays := !d.Once && (d.Listen != "" || isatty.IsTerminal(os.Stdout.Fd()))
	at := ""
	if stays {
		if at, err = sh.openConsole(ctx, d.Listen); err != nil {
			return err
		}
	}
	ran := make(chan error, 1)
	go func() { ran <- sh.service.Run(ctx) }()
	if err := sh.samples(ctx); err != nil {
		return err
	}
	if !stays {
		stop()
		return <-ran
	}
	sh.invite(at)
	for n := 1; ; n++ {
		select {
		case d := <-sh.decided:
			sh.row(fmt.Sprintf("yours, %d", n), resultOf("", d))
		case err := <-ran:
			return err
		}
	}
}

// row prints one message as soon as it is answered: what it asked, what became
// of it, and who was written to.
func (sh *show) row(name string, r nasdesk.Result) {
	for _, q := range r.Requests {
		fmt.Fprintf(sh.out, "%-26s %-32s %-11s %-12s %s\n", name, r.Sender.Address, q.Kind, q.Outcome, strings.TrimSpace(list(q.Reasons)+" "+list(q.Actions)))
		name = ""
	}
	fmt.Fprintf(sh.out, "%-26s reply: %s\n", "", repliesIn(r))
}

// A show is the demo under way.
type show struct {
	out     io.Writer
	office  *postoffice.Office
	service *service
	config  *config
	decided chan nasdesk.Decision
	mailIDs map[string]map[nasdesk.Address]string // sample number, recipient: our Message-ID
}

func openDemo(ctx context.Context, out io.Writer) (*show, error) {
	office, err := postoffice.Start(postoffice.Settings{Others: demoPeople, Users: []postoffice.User{
		{Address: demoDesk, Password: demoPassword}, {Address: demoPeople, Password: demoPassword, SendAs: demoSenders}}})
	if err != nil {
		return nil, err
	}
	w, err := demoWorld(time.Now())
	if err != nil {
		return nil, err
	}
	st, err := memoryStore(ctx, w)
	if err != nil {
		return nil, err
	}
	sh := &show{out: out, office: office, decided: make(chan nasdesk.Decision, 1), mailIDs: map[string]map[nasdesk.Address]string{}}
	return sh, sh.wire(st)
}

// demoSenders are the addresses as which a visitor's mail client may write.
var demoSenders = []string{"pharmacy.fda01@nhs.net", "pharmacy.fdb02@nhs.net", "pharmacy.fdc03@nhs.net", "dental.v09999@nhs.net", "england.brookshire-pods@nhs.net"}

// wire sets the service up against the office, as a configuration would.
func (sh *show) wire(st *store.Store) error {
	c := defaults()
	c.Database, c.Trust = "sqlite::memory:", "rfc8601:mx.nhs.net"
	c.profile, _ = inbox.ParseTrust(c.Trust)
	c.IMAP.Address, c.IMAP.Security, c.IMAP.User = sh.office.IMAP, inbox.Plain, demoDesk
	c.SMTP.Address, c.SMTP.Security, c.SMTP.Auth, c.SMTP.PerMinute, c.SMTP.User = sh.office.SMTP, string(outbox.Plain), string(outbox.AuthPlain), 0, demoDesk
	c.Directory.Kind = "worklist" // the account work is for the visitor, in the console
	c.fixedSecret = demoPassword
	svc, err := wire(c, st, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	svc.line.Memory = watched{svc.line.Memory, sh.decided}
	sh.service, sh.config = svc, c
	return nil
}

func (sh *show) close() {
	sh.office.Close()
	sh.service.store.Close()
}

// watched tells of every decision on a message.
type watched struct {
	inbox.Memory
	decided chan nasdesk.Decision
}

// Decide implements inbox.Memory.
func (w watched) Decide(ctx context.Context, ev nasdesk.Event, keys nasdesk.Keys, raw int64, step func(*nasdesk.Case) nasdesk.Decision) (nasdesk.Decision, error) {
	d, err := w.Memory.Decide(ctx, ev, keys, raw, step)
	if err == nil && strings.HasPrefix(ev.Key, "mail/") {
		select {
		case w.decided <- d:
		default: // a visitor's mail: nobody waits for it
		}
	}
	return d, err
}

// demoWorld is the register of the demo, its dates counted from today.
func demoWorld(now time.Time) (store.World, error) {
	files := fstest.MapFS{}
	for _, name := range []string{"mailboxes.csv", "accounts.csv", "memberships.csv"} {
		raw, err := demoFiles.ReadFile("demo/world/" + name)
		if err != nil {
			return store.World{}, err
		}
		files[name] = &fstest.MapFile{Data: daysAgo.ReplaceAllFunc(raw, func(m []byte) []byte {
			n, _ := strconv.Atoi(string(daysAgo.FindSubmatch(m)[1]))
			return []byte(nasdesk.DateOf(now).AddDays(-n))
		})}
	}
	return store.ReadWorld(files)
}

var daysAgo = regexp.MustCompile(`\{(\d+) days ago\}`)

// samples lets each sample mail arrive, and waits until it is answered.
func (sh *show) samples(ctx context.Context) error {
	names, err := fs.Glob(demoFiles, "demo/mails/*.eml")
	if err != nil {
		return err
	}
	fmt.Fprintf(sh.out, "Sample mails arrive in the inbox of %s:\n\n", demoDesk)
	fmt.Fprintf(sh.out, "%-26s %-32s %-11s %-12s %s\n", "MESSAGE", "FROM", "REQUEST", "OUTCOME", "WHY, WHAT IS DONE")
	for _, name := range names {
		d, err := sh.sample(ctx, name)
		if err != nil {
			return fmt.Errorf("sample %s: %w", path.Base(name), err)
		}
		sh.row(strings.TrimSuffix(path.Base(name), ".eml"), resultOf("", d))
	}
	return sh.summary()
}

// sample delivers one mail and returns what was decided, when every reply to it
// has arrived.
func (sh *show) sample(ctx context.Context, name string) (nasdesk.Decision, error) {
	raw, err := demoFiles.ReadFile(name)
	if err != nil {
		return nasdesk.Decision{}, err
	}
	number := path.Base(name)[:2]
	raw, proved := sh.finish(number, raw)
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := sh.deliver(raw, proved); err != nil {
		return nasdesk.Decision{}, err
	}
	select {
	case d := <-sh.decided:
		d.Event.Mail = nil
		return d, sh.awaitReplies(ctx, number, d)
	case <-ctx.Done():
		return nasdesk.Decision{}, errors.New("no decision within a minute")
	}
}

// deliver hands a mail in as its author would. A forged one comes from outside,
// where nobody vouches for it.
func (sh *show) deliver(raw []byte, proved bool) error {
	if proved {
		return sh.office.Deliver(demoPeople, []string{demoDesk}, raw)
	}
	_, err := sh.office.Append(demoDesk, "INBOX", append([]byte("Authentication-Results: mx.nhs.net; dmarc=fail header.from=nhs.net\r\nReceived: from unknown by mx.nhs.net\r\n"), raw...))
	return err
}

var answerTo = regexp.MustCompile(`\{(?:answer to|approval request of) (\d\d)\}`)

// finish adds the fields that every mail has, and the ids of our mails that a
// sample answers.
func (sh *show) finish(number string, raw []byte) (_ []byte, proved bool) {
	proved = !bytes.HasPrefix(raw, []byte("X-Unproved"))
	raw = answerTo.ReplaceAllFunc(raw, func(m []byte) []byte {
		for to, id := range sh.mailIDs[string(answerTo.FindSubmatch(m)[1])] {
			if strings.HasPrefix(string(m), "{approval") == strings.HasPrefix(string(to), "england.") {
				return []byte("<" + id + ">")
			}
		}
		return nil
	})
	head := fmt.Sprintf("To: %s\r\nDate: %s\r\nMessage-ID: <sample-%s@example.org>\r\n", demoDesk, time.Now().Format(time.RFC1123Z), number)
	return append([]byte(head), bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n"))...), proved
}

// awaitReplies waits until every mail of a decision lies in its recipient's
// mailbox.
func (sh *show) awaitReplies(ctx context.Context, number string, d nasdesk.Decision) error {
	sh.mailIDs[number] = map[nasdesk.Address]string{}
	for _, m := range d.Mails {
		id := nasdesk.MailID(m.Key, nasdesk.Address(demoDesk).Domain())
		sh.mailIDs[number][m.To] = id
		if err := sh.awaitMail(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (sh *show) awaitMail(ctx context.Context, id string) error {
	for n := 0; ; {
		list, err := sh.office.Wait(ctx, demoPeople, "INBOX", n)
		if err != nil {
			return err
		}
		for _, m := range list {
			if bytes.Contains(m.Raw, []byte(id)) {
				return nil
			}
		}
		n = len(list) + 1
	}
}

func (sh *show) summary() error {
	list, err := sh.office.Messages(demoPeople, "INBOX")
	if err != nil {
		return err
	}
	fmt.Fprintf(sh.out, "\n%d mails went out. The last one:\n\n", len(list))
	if len(list) > 0 {
		fmt.Fprint(sh.out, indent(plainPart(list[len(list)-1].Raw)))
	}
	return nil
}

// invite says how a visitor takes part.
func (sh *show) invite(console string) {
	fmt.Fprintf(sh.out, `
The demo goes on until you press Ctrl-C. In your browser:
  %s/try  to write as a pharmacy and see what is answered
  %s      for staff: agent, second, lead or auditor, each with the password %s
To write to it with a mail client:
  IMAP  %s   SMTP  %s   (no encryption; this machine only)
  user  %s   password  %s
  write to %s, from one of: %s
`, console, console, demoPassword, sh.office.IMAP, sh.office.SMTP, demoPeople, demoPassword, demoDesk, strings.Join(demoSenders, ", "))
}
