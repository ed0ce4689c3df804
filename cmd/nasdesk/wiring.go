package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"nasdesk"
	"nasdesk/inbox"
	"nasdesk/outbox"
	"nasdesk/outbox/directory"
	"nasdesk/outbox/directory/graph"
	"nasdesk/store"
	"nasdesk/workflows"
)

// A service is the whole program, wired: the door in, the line, the workers of
// the door out, and the store between them.
type service struct {
	store   *store.Store
	line    *inbox.Line
	door    *inbox.Door
	mails   *outbox.Mailer
	works   *outbox.Works
	dates   *outbox.Dates
	longs   *outbox.Deadlines
	clicks  *outbox.Clicks
	pages   func(context.Context) error // serves the console; nil where there is none
	seen    func(context.Context) error // serves the figures; nil where it does not
	metrics *metrics
	alarms  *alarms     // nil where nobody is told
	node    *store.Node // nil where there are no others
	log     *slog.Logger
}

// Run runs all of it until ctx ends or a part can never work.
func (s *service) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	if s.node != nil {
		g.Go(func() error {
			s.node.Run(ctx, func(err error) {
				s.log.Error("a beat of this node failed; it is tried again", "node", s.node.ID(), "err", err)
			})
			return nil
		})
		g.Go(func() error { return s.sharing(ctx) })
	}
	g.Go(func() error { return s.atInbox(ctx) })
	g.Go(func() error { return s.mails.Run(ctx) })
	g.Go(func() error { return s.works.Run(ctx) })
	g.Go(func() error { return s.dates.Run(ctx) })
	g.Go(func() error { return s.longs.Run(ctx) })
	g.Go(func() error { return s.clicks.Run(ctx) })
	g.Go(func() error { return s.sealing(ctx) })
	for _, serve := range []func(context.Context) error{s.pages, s.seen} {
		if serve != nil {
			g.Go(func() error { return serve(ctx) })
		}
	}
	if s.alarms != nil {
		g.Go(func() error { return s.alarms.run(ctx) })
	}
	return g.Wait()
}

// serveAs makes the service one of several nodes.
func (s *service) serveAs(n *store.Node) {
	s.node = n
	for _, l := range []*outbox.Loop{&s.mails.Loop, &s.works.Loop, &s.dates.Loop, &s.longs.Loop, &s.clicks.Loop} {
		l.Alive = n.Alive
	}
}

// atInbox takes mail from the inbox while this node holds it.
func (s *service) atInbox(ctx context.Context) error {
	for ctx.Err() == nil {
		if !until(ctx, s.holdsInbox) {
			return nil
		}
		s.log.Info("this node holds the inbox", "node", s.nodeID())
		here, leave := context.WithCancel(ctx)
		go func() {
			defer leave()
			until(here, func() bool { return !s.holdsInbox() })
		}()
		err := s.takeIn(here)
		lost := here.Err() != nil
		leave()
		if err != nil && !lost {
			return err
		}
		if ctx.Err() == nil {
			s.log.Warn("this node no longer holds the inbox", "node", s.nodeID())
		}
	}
	return nil
}

func (s *service) nodeID() int64 {
	if s.node == nil {
		return 0
	}
	return s.node.ID()
}

// takeIn decides what was kept and not decided, and then whatever comes.
func (s *service) takeIn(ctx context.Context) error {
	for try := 1; ; try++ {
		err := s.catchUp(ctx)
		if err == nil || ctx.Err() != nil {
			break
		}
		wait := outbox.Backoff{First: time.Second, Max: time.Minute}.After(try, rand.Float64)
		s.log.Error("what was kept could not be looked at; it is tried again", "err", err, "again", wait.Round(time.Millisecond).String())
		if !slept(ctx, wait) {
			return nil
		}
	}
	return s.door.Run(ctx)
}

// sharing keeps this node's rate of sending at its share: what the server grants in a
// minute it grants to the mailbox, not to each node.
func (s *service) sharing(ctx context.Context) error {
	whole := s.mails.Limit
	if whole == nil {
		return nil
	}
	full := whole.Limit()
	for peers := 1; slept(ctx, time.Second); {
		if n := s.node.Peers(); n != peers {
			peers = n
			whole.SetLimit(full / rate.Limit(n))
		}
	}
	return nil
}

// until looks ten times a second whether something is so, and returns false if ctx
// ends first.
func until(ctx context.Context, so func() bool) bool {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
	return true
}

// catchUp decides what was kept and not decided: the program ended between the
// two. One that cannot be decided keeps no other: the door brings it again, and
// in the end it is parked.
func (s *service) catchUp(ctx context.Context) error {
	for decided := true; decided; {
		left, err := s.store.Unhandled(ctx, 100)
		if err != nil {
			return err
		}
		decided = false
		for _, u := range left {
			at := inbox.Location{Folder: u.At.Folder, UIDValidity: u.At.UIDValidity, UID: u.At.UID}
			if _, err := s.line.Handle(ctx, u.Raw, at, u.ID); err != nil {
				s.log.Error("a kept message could not be decided; it is tried again", "at", at.String(), "err", err)
				continue
			}
			decided = true
		}
	}
	return nil
}

// sealing chains the journal's new lines, once a second.
func (s *service) sealing(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if _, err := s.store.Seal(ctx); err != nil && ctx.Err() == nil {
				s.log.Error("the journal could not be sealed; it is tried again", "err", err)
			}
		}
	}
}

// wire puts the parts together as a configuration says.
func wire(c *config, st *store.Store, log *slog.Logger) (*service, error) {
	s := &service{store: st, log: log}
	s.metrics = newMetrics(s)
	s.line = inbox.NewLine(memory{st, s.holdsInbox, s.decided}, c.profile, c.desk(), time.Now, log)
	s.line.Patience = c.Reading.Patience
	st.UseHours(s.line.Desk.ServiceTime)
	tok := c.tokens()
	door, derr := inbox.New(c.imapSettings(tok, s.alarm, log), s.line, ledger{st})
	sender, serr := c.sender(tok)
	dir, gerr := c.directory(st)
	if err := errors.Join(derr, serr, gerr); err != nil {
		return nil, usageError{err}
	}
	s.door = door
	s.workers(c, sender, dir)
	if c.Alarms.To != "" {
		by, err := c.sender(tok)
		if err != nil {
			return nil, usageError{err}
		}
		s.alarms = newAlarms(nasdesk.Address(c.Alarms.To), c.identity(), c.Alarms.Every, by, time.Now, log)
	}
	s.doors(c)
	return s, nil
}

// doors are those that listen: the console, and the figures.
func (s *service) doors(c *config) {
	if n := c.consoleFiles(); n.Listen != "" {
		srv := s.office(c).Server()
		s.pages = func(ctx context.Context) error {
			return serveHTTP(ctx, "console", n.Listen, n.Certificate, n.Key, srv, s.log)
		}
	}
	if at := c.Metrics.Listen; at != "" {
		srv := s.observed(c.Metrics.Profiles)
		s.seen = func(ctx context.Context) error { return serveHTTP(ctx, "metrics", at, "", "", srv, s.log) }
	}
}

// alarm tells of what needs a person.
func (s *service) alarm(what, detail string) {
	s.log.Error("alarm: "+what, "detail", detail)
	kind, _, _ := strings.Cut(what, ": ")
	s.metrics.alarms.WithLabelValues(kind).Inc()
	s.alarms.raise(what, detail)
}

// directory is where the account work is done.
func (c *config) directory(st *store.Store) (directory.Directory, error) {
	people := &directory.Worklist{Orders: st, Now: time.Now}
	switch c.Directory.Kind {
	case "worklist":
		return people, nil
	case "graph":
		d, err := graph.New(c.Directory.Graph.settings(c))
		if err != nil {
			return nil, fmt.Errorf("directory.graph: %w", err)
		}
		d.Orders = people
		return d, nil
	}
	return directory.NewSimulated(directory.Simulation{Now: time.Now, Min: c.Directory.Min, Max: c.Directory.Max}), nil
}

// workers make the loops of the door out.
func (s *service) workers(c *config, sender outbox.Transport, dir outbox.Directory) {
	loop := outbox.Loop{Now: time.Now, Rand: rand.Float64, Every: time.Second, Log: s.log,
		Alarm: func(_ context.Context, what, detail string) { s.alarm(what, detail) }}
	loop.Wake, loop.Fenced = s.store.Wake, store.ErrFenced
	s.mails = &outbox.Mailer{Loop: loop, Rows: s.store, Server: sender, From: c.identity(), Limit: c.limit(),
		Budget: outbox.Budget{PerMailbox: c.Replies.PerMailbox, PerDay: c.Replies.PerDay, PerHour: c.Replies.PerHour, AllDay: c.SMTP.PerDay}}
	s.works = &outbox.Works{Loop: loop, Rows: s.store, Directory: dir, Report: s.line.Event}
	s.dates = &outbox.Dates{Loop: loop, Rows: s.store, Report: s.line.Event}
	s.longs = &outbox.Deadlines{Loop: loop, Rows: s.store, Reckon: s.line.Desk.Deadlines, Open: s.line.Desk.Open, Report: s.line.Event}
	s.clicks = &outbox.Clicks{Loop: loop, Rows: s.store, Do: s.carryOut}
	for table, l := range map[string]*outbox.Loop{"mail": &s.mails.Loop, "work": &s.works.Loop, "due": &s.dates.Loop, "deadline": &s.longs.Loop, "click": &s.clicks.Loop} {
		l.Regain = func(ctx context.Context) error { return s.store.Regain(ctx, table) }
	}
}

func (c *config) desk() workflows.Desk {
	d := workflows.DefaultDesk
	d.Address = nasdesk.Address(c.Helpdesk)
	d.MailDomain = d.Address.Domain()
	d.Remind, d.Lapse, d.Phone = c.Desk.Remind, c.Desk.Lapse, c.Desk.Phone
	d.Warn, d.DailyRequests = c.Desk.Warn, c.Desk.DailyRequests
	return d
}

func (c *config) identity() outbox.Identity {
	return outbox.Identity{Name: c.Name, Address: nasdesk.Address(c.Helpdesk)}
}

func (c *config) limit() *rate.Limiter {
	if c.SMTP.PerMinute == 0 {
		return nil
	}
	return rate.NewLimiter(rate.Limit(c.SMTP.PerMinute/60), 1)
}

func (c *config) imapSettings(tok *tokens, alarm func(what, detail string), log *slog.Logger) inbox.Settings {
	i := &c.IMAP
	set := inbox.Settings{Address: i.Address, TLS: i.Security, CAFile: c.path(i.CAFile), User: i.User,
		Password: func() (string, error) { return c.secret(i.PasswordFile) },
		Folders: map[nasdesk.Folder]string{nasdesk.FolderProcessed: i.Processed, nasdesk.FolderExceptions: i.Exceptions,
			nasdesk.FolderIgnored: i.Ignored, nasdesk.FolderQuarantined: i.Quarantined},
		Inbox: i.Inbox, Poll: i.Poll, Timeout: i.Timeout, Log: log,
		Alarm: func(at inbox.Location, fault error) {
			alarm("a message needs a person", at.String()+": "+fault.Error())
		}}
	if i.Auth == authXOAUTH2 {
		set.Refused = tok.renew
		set.SASL = func() (inbox.SASL, error) {
			token, err := tok.token()
			return inbox.XOAUTH2(i.User, token), err
		}
	}
	return set
}

func (c *config) sender(tok *tokens) (*outbox.Sender, error) {
	m := &c.SMTP
	host, port, err := net.SplitHostPort(m.Address)
	if err != nil {
		return nil, fmt.Errorf("smtp.address: %q: give host:port", m.Address)
	}
	n, _ := strconv.Atoi(port)
	roots, err := c.roots(m.CAFile)
	if err != nil {
		return nil, err
	}
	secret := func(context.Context) (string, error) { return c.secret(m.PasswordFile) }
	var refused func()
	if m.Auth == authXOAUTH2 {
		secret, refused = func(context.Context) (string, error) { return tok.token() }, tok.renew
	}
	return outbox.NewSender(outbox.Server{Host: host, Port: n, Security: outbox.Security(m.Security), TLS: roots, Auth: outbox.Auth(m.Auth),
		Username: m.User, Secret: secret, Refused: refused, Timeout: m.Timeout})
}

func (c *config) roots(file string) (*tls.Config, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(c.path(file))
	if err != nil {
		return nil, fmt.Errorf("smtp.ca_file: cannot read %s: %w", file, plainError(err))
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("smtp.ca_file: %s holds no certificate", file)
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, nil
}
