package inbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"

	"github.com/emersion/go-imap/v2"
)

// A Look is what somebody finds who looks into the mailbox and changes nothing in
// it: no folder is made, no message is fetched.
type Look struct {
	TLS      *tls.ConnectionState // nil over a plain connection
	Reached  Stage                // the last stage that was come to, whether it went well or not
	Move     bool                 // the server has MOVE (RFC 6851)
	UIDPlus  bool                 // RFC 4315
	Idle     bool                 // RFC 2177
	Missing  []string             // folders that Run will make
	ReadOnly bool                 // the inbox may be read, but nothing moved out of it
	Messages uint32               // in the inbox
}

// A Stage is how far a Look came.
type Stage string

// The stages, in order.
const (
	StageConnect      Stage = "connect" // TLS included
	StageGreeting     Stage = "greeting"
	StageSignIn       Stage = "sign-in"
	StageCapabilities Stage = "capabilities"
	StageFolders      Stage = "folders"
	StageInbox        Stage = "inbox"
)

// LookIn signs in as Run does, looks round, and leaves. With an error comes what was
// found before it.
func LookIn(ctx context.Context, set Settings) (Look, error) {
	set.Log = slog.New(slog.DiscardHandler)
	d, err := New(set, nil, nil)
	if err != nil {
		return Look{}, err
	}
	var found Look
	v := &visit{Door: d, news: make(chan struct{}, 1), shake: func(s tls.ConnectionState) error { found.TLS = &s; return nil }}
	defer v.leave(ctx)
	for _, stage := range []struct {
		name Stage
		do   func(context.Context, *Look) error
	}{
		{StageConnect, func(ctx context.Context, _ *Look) error { return v.connect(ctx) }},
		{StageGreeting, func(ctx context.Context, _ *Look) error { return v.greet(ctx) }},
		{StageSignIn, func(ctx context.Context, _ *Look) error { return v.login(ctx) }},
		{StageCapabilities, v.lookAtCapabilities},
		{StageFolders, v.lookAtFolders},
		{StageInbox, v.lookAtInbox},
	} {
		found.Reached = stage.name
		if err := stage.do(ctx, &found); err != nil {
			return found, err
		}
	}
	return found, nil
}

func (v *visit) leave(ctx context.Context) {
	if v.client != nil {
		_ = v.command(ctx, "LOGOUT", func(func()) error { return v.client.Logout().Wait() })
		v.client.Close()
	}
}

func (v *visit) lookAtCapabilities(ctx context.Context, found *Look) error {
	err := v.capabilities(ctx)
	caps := v.client.Caps()
	found.Move, found.UIDPlus, found.Idle = caps.Has(imap.CapMove), caps.Has(imap.CapUIDPlus), caps.Has(imap.CapIdle)
	return err
}

func (v *visit) lookAtFolders(ctx context.Context, found *Look) error {
	if err := v.findDelimiter(ctx); err != nil {
		return err
	}
	for _, f := range allFolders {
		name := v.mailbox(f)
		list, err := v.list(ctx, name)
		if err != nil {
			return fmt.Errorf("folder for %s: %w", f, err)
		}
		if len(list) == 0 {
			found.Missing = append(found.Missing, name)
		}
	}
	return nil
}

// lookAtInbox selects the inbox. Whether it may be written to is told behind the
// tagged OK (RFC 9051, 6.3.2), which the client drops and the ear keeps.
func (v *visit) lookAtInbox(ctx context.Context, found *Look) error {
	return v.command(ctx, "SELECT", func(func()) error {
		data, err := v.client.Select(v.set.Inbox, nil).Wait()
		if err != nil {
			return err
		}
		found.Messages, found.ReadOnly = data.NumMessages, v.ear.heard("[READ-ONLY]")
		if data.UIDValidity == 0 {
			return errors.New("the server gives no UIDVALIDITY: messages have no lasting name there")
		}
		return nil
	})
}
