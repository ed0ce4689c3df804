package graph

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"nasdesk"
)

// A user is what we read and keep of Graph's user.
type user struct {
	ID                string
	UserPrincipalName string
	AccountEnabled    bool
	MobilePhone       string
	Mail              string // empty until there is a mailbox
	UsageLocation     string
	AssignedLicenses  []struct{ SkuID string }
	SessionsFrom      time.Time         `json:"signInSessionsValidFromDateTime"`
	Deleted           time.Time         `json:"deletedDateTime"`
	Attributes        map[string]string `json:"onPremisesExtensionAttributes"`

	extension string // the text of the directory extension, where one holds the stamps
	stamps    stamps
}

// UnmarshalJSON implements json.Unmarshaler: a directory extension has a name of its
// own in each tenant.
func (u *user) UnmarshalJSON(text []byte) error {
	type plain user
	if err := json.Unmarshal(text, (*plain)(u)); err != nil {
		return err
	}
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	for name, v := range all {
		if s, ok := v.(string); ok && extension.MatchString(name) {
			u.extension = s
		}
	}
	return nil
}

// selected returns the properties of a user that we ask for.
func (t *turn) selected() string {
	if t.Extension != "" {
		return selected + "," + t.Extension
	}
	return selected + ",onPremisesExtensionAttributes"
}

const selected = "id,userPrincipalName,accountEnabled,mobilePhone,mail,usageLocation,assignedLicenses,signInSessionsValidFromDateTime,deletedDateTime"

func (u *user) address() nasdesk.Address {
	upn := strings.ToLower(u.UserPrincipalName)
	// A deleted user's name has its id before it, so that the name is free.
	return nasdesk.Address(strings.TrimPrefix(upn, strings.ReplaceAll(strings.ToLower(u.ID), "-", "")))
}

func (u *user) mobile() nasdesk.Mobile {
	var m nasdesk.Mobile
	if m.Set(u.MobilePhone) != nil {
		return ""
	}
	return m
}

// live returns the account of an address, or nil. What this process wrote to it
// must be seen, else the read is stale and the work waits.
func (t *turn) live(address nasdesk.Address) (*user, error) {
	return t.userAt("look-user", "/users/"+url.PathEscape(string(address))+"?$select="+t.selected())
}

func (t *turn) userAt(step, path string) (*user, error) {
	u := new(user)
	if found, err := t.read(step, path, u); err != nil || !found {
		return nil, err
	}
	return u, t.fresh(u, "live")
}

// fresh takes the stamps off a user that was read, and waits where it is stale.
func (t *turn) fresh(u *user, where string) error {
	u.stamps = strings.Fields(u.Attributes[t.attribute()])
	if t.Extension != "" {
		u.stamps = strings.Fields(u.extension)
	}
	sees := t.memory.shows("stamp/"+u.ID, func(word string) bool { return slices.Contains(u.stamps, word) }, t.now)
	if !sees && where == "live" || !t.memory.shows("where/"+u.ID, func(w string) bool { return w == where }, t.now) {
		return t.wait(1, "Graph does not show yet what was just written")
	}
	return nil
}

func (t *turn) attribute() string { return "extensionAttribute" + strconv.Itoa(t.Attribute) }

// holding is the property of a user that holds stamps, and its value.
func (t *turn) holding(s stamps) map[string]any {
	if t.Extension != "" {
		return map[string]any{t.Extension: s.String()}
	}
	return map[string]any{"onPremisesExtensionAttributes": map[string]any{t.attribute(): s.String()}}
}

// deleted returns the accounts that were deleted in the last 30 days and that a
// filter finds.
func (t *turn) deleted(filter string) ([]*user, error) {
	return t.users("look-deleted", "/directory/deletedItems/microsoft.graph.user", filter, "deleted")
}

// users returns what a filter finds. Mobile numbers, and the end of a name, can be
// asked for by an advanced query only: $count and eventual consistency.
func (t *turn) users(step, path, filter, where string) ([]*user, error) {
	next := path + "?$count=true&$select=" + t.selected() + "&$filter=" + url.QueryEscape(filter)
	found, err := pages[*user](t, step, next)
	for _, u := range found {
		if err == nil {
			err = t.fresh(u, where)
		}
	}
	return found, err
}

// pages reads a collection to its end.
func pages[Item any](t *turn, step, path string) ([]Item, error) {
	var all []Item
	for path != "" {
		var page struct {
			Value []Item
			Next  string `json:"@odata.nextLink"`
		}
		found, err := t.read(step, path, &page)
		if err != nil || !found {
			return nil, err
		}
		all = append(all, page.Value...)
		next, ours := strings.CutPrefix(page.Next, t.Graph)
		if page.Next != "" && !ours {
			return nil, fmt.Errorf("%s: Graph's next page is on another host", step)
		}
		path = next
	}
	return all, nil
}

// quoted is a string in an OData filter.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// deletedAt returns the deleted account that had an address, or nil; of several the
// one that was deleted last.
func (t *turn) deletedAt(address nasdesk.Address) (*user, error) {
	found, err := t.deleted("endsWith(userPrincipalName," + quoted(string(address)) + ")")
	if err != nil {
		return nil, err
	}
	var last *user
	for _, u := range found {
		if u.address() == address && (last == nil || u.Deleted.After(last.Deleted)) {
			last = u
		}
	}
	return last, nil
}

// present returns the account that an action is about. One that cannot be found
// may be so new that Graph does not show it yet.
func (t *turn) present() (*user, error) {
	u, err := t.live(t.a.Account)
	if u != nil || err != nil {
		t.memory.found(t.a.Key + " the account")
		return u, err
	}
	gone, err := t.deletedAt(t.a.Account)
	switch {
	case err != nil:
		return nil, err
	case gone != nil:
		return nil, failure("the account was deleted; it can be restored for 30 days")
	}
	return nil, t.patient("the account", failure("the account is not in the directory"))
}

// patch changes properties of an account and puts the action's stamp on it, by one
// request.
func (t *turn) patch(u *user, step string, stamp begun, properties map[string]any) error {
	return t.patchWith(u, step, u.stamps.with(t.key, stamp, t.room()), properties)
}

func (t *turn) patchWith(u *user, step string, s stamps, properties map[string]any) error {
	body := t.holding(s)
	maps.Copy(body, properties)
	if err := t.writeTo(u, step, http.MethodPatch, "", body, nil); err != nil {
		return err
	}
	u.stamps = s
	t.memory.expect("stamp/"+u.ID, s[len(s)-1], t.now)
	return nil
}

// writeTo writes to an account, or to a part of it. A new account may not be there
// for a while (404).
func (t *turn) writeTo(u *user, step, method, part string, body, into any) error {
	err := t.write(step, method, "/users/"+url.PathEscape(u.ID)+part, body, into)
	if no := refused(err); no != nil && no.Status == http.StatusNotFound {
		return t.patient("the account", no)
	}
	if err == nil {
		t.memory.found(t.a.Key + " the account")
	}
	return err
}

// stands ends an action whose effect is there, by our hand or another's. The stamp
// keeps a late repeat from undoing what comes after.
func (t *turn) stands(u *user) error {
	t.so = len(t.memory.wrote[t.a.Key]) == 0
	if _, stamped := u.stamps.of(t.key); stamped || !t.acting {
		return nil
	}
	return t.patch(u, "stamp", begun{}, nil)
}

// revoke ends every session of an account, unless that was done since an instant.
// Two minutes are left for clocks that differ.
func (t *turn) revoke(u *user, since time.Time) error {
	if !u.SessionsFrom.Before(since.Add(-2 * time.Minute)) {
		return nil
	}
	if !t.memory.shows("revoked/"+u.ID, func(key string) bool { return key != t.key }, t.now) {
		return t.wait(1, "Graph does not show yet that the sessions were ended")
	}
	if err := t.writeTo(u, "revoke-sessions", http.MethodPost, "/revokeSignInSessions", nil, nil); err != nil {
		return err
	}
	u.SessionsFrom = t.now
	t.memory.expect("revoked/"+u.ID, t.key, t.now)
	return nil
}
