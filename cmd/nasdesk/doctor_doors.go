package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/coreos/go-oidc/v3/oidc"

	"nasdesk/outbox/directory/graph"
	"nasdesk/store"
)

// withoutURL is an error of the web without the address that it repeats.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// directory sees whether account work could be done.
func (x *examination) directory(ctx context.Context, r *report) {
	d, err := x.c.directory(x.store)
	if err != nil {
		r.wrong("%v", err)
		return
	}
	switch x.c.Directory.Kind {
	case "graph":
		if err := d.(*graph.Directory).Reach(ctx); err != nil {
			r.wrong("%v: docs/graph.md says which permissions the application needs", err)
		}
		r.note("Microsoft Graph answers")
	case "worklist":
		if x.c.Console.Listen == "" {
			r.wrong("people are to do the account work, and there is no console for them: set console.listen")
		}
		r.note("people do the account work")
	default:
		r.note("simulated: no account is made anywhere")
	}
}

// console looks at the certificate files and the address.
func (x *examination) console(ctx context.Context, r *report) {
	n := x.c.consoleFiles()
	if n.Listen == "" {
		r.off = true
		return
	}
	scheme := "http://"
	if n.Certificate != "" {
		scheme = "https://"
		if pair, err := tls.LoadX509KeyPair(n.Certificate, n.Key); err != nil {
			r.wrong("console.certificate, console.key: %v: give a certificate in PEM and the key that belongs to it", plainError(err))
		} else if left := pair.Leaf.NotAfter.Sub(x.now()); left < certificateSoon {
			r.wrong("the console's certificate ends in %d days: renew it", int(left.Hours()/24))
		}
	}
	listens(ctx, "console.listen", n.Listen, scheme+n.Listen+"/", r)
}

// signIn sees whether anybody could sign in to the console.
func (x *examination) signIn(ctx context.Context, r *report) {
	n := &x.c.Console
	if n.Listen == "" {
		r.off = true
		return
	}
	if n.OIDC.Issuer != "" {
		ctx := oidc.ClientContext(ctx, &http.Client{Timeout: x.limit})
		if _, err := oidc.NewProvider(ctx, n.OIDC.Issuer); err != nil {
			r.wrong("console.oidc.issuer: its discovery document cannot be had: %v: see that the issuer is right, to the last slash", withoutURL(err))
		}
		r.note("by %s", n.OIDC.Issuer)
		return
	}
	all, err := x.store.StaffAll(ctx)
	if err != nil {
		r.wrong("%v", err)
	}
	can, leads := 0, 0
	for _, p := range all {
		if !p.Disabled && p.Hash != "" {
			can++
			if p.Role == store.Lead {
				leads++
			}
		}
	}
	switch {
	case can == 0:
		r.wrong("nobody can sign in to the console: \"nasdesk staff add NAME --role lead\"")
	case leads == 0:
		r.wrong("no lead can sign in to the console: \"nasdesk staff role NAME lead\"")
	}
	r.note("%d people, %d of them leads", can, leads)
}

// metrics sees whether the figures can be served.
func (x *examination) metrics(ctx context.Context, r *report) {
	at := x.c.Metrics.Listen
	if at == "" {
		r.off = true
		return
	}
	listens(ctx, "metrics.listen", at, fmt.Sprintf("http://%s/healthz", at), r)
}
