package graph

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

// Reach signs in to the tenant and reads one user's id, for an operator who wants to
// know whether the directory could work. It changes nothing.
func (d *Directory) Reach(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	err := d.client.call(ctx, d.Now(), request{step: "reading a user", id: requestID("reach", "users"), method: http.MethodGet,
		path: "/users?" + url.Values{"$top": {"1"}, "$select": {"id"}}.Encode()})
	if w := (waiting{}); errors.As(err, &w) {
		return errors.New(w.why)
	}
	return err
}
