package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"nasdesk/store"
)

type serveCmd struct {
	Config string `required:"" short:"c" help:"The configuration file." placeholder:"FILE" env:"NASDESK_CONFIG"`
}

// Run answers the mailbox until it is told to stop. What is under way then is
// finished first.
func (s *serveCmd) Run(ctx context.Context) error {
	c, err := loadConfig(s.Config)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	st, err := openStore(ctx, c.databaseURL())
	if err != nil && ctx.Err() != nil {
		return nil // told to stop while starting up
	}
	if err != nil {
		return err
	}
	defer st.Close()
	svc, err := wire(c, st, log)
	if err != nil {
		return err
	}
	node, err := join(ctx, st, c.Lease)
	if err != nil {
		return err
	}
	svc.serveAs(node)
	log.Info("answering", "mailbox", c.Helpdesk, "imap", c.IMAP.Address, "smtp", c.SMTP.Address, "database", st.Engine(), "node", node.ID())
	err = svc.Run(ctx)
	leave, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if lerr := node.Leave(leave); lerr != nil {
		log.Warn("others take over when the lease has run out", "err", lerr)
	}
	return err
}

// join makes this program a node of the database. It waits a little for the place
// of the one program that serves an SQLite database: one that was ended a moment
// ago may still hold it.
func join(ctx context.Context, st *store.Store, lease time.Duration) (node *store.Node, err error) {
	host, _ := os.Hostname()
	for range 50 {
		if node, err = st.Join(ctx, fmt.Sprintf("%s/%d", host, os.Getpid()), lease); !errors.Is(err, store.ErrServed) {
			return node, err
		}
		if !slept(ctx, 200*time.Millisecond) {
			return nil, ctx.Err()
		}
	}
	return nil, err
}

// openStore opens a database and brings its schema up to date.
func openStore(ctx context.Context, url string) (*store.Store, error) {
	st, err := store.Open(ctx, url)
	if err != nil {
		return nil, err
	}
	if err := st.Migrate(ctx); err != nil {
		st.Close()
		return nil, err
	}
	return st, nil
}

type migrateCmd struct {
	Database string `arg:"" help:"sqlite:PATH or postgres://…"`
}

// Run migrates a database.
func (m *migrateCmd) Run(ctx context.Context) error {
	st, err := openStore(ctx, m.Database)
	if err != nil {
		return err
	}
	return st.Close()
}
