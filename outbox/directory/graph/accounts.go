package graph

import (
	"net/http"
	"net/url"
)

// enable lets an account be signed in to.
func (t *turn) enable() error {
	u, err := t.present()
	if err != nil {
		return err
	}
	if u.AccountEnabled {
		return t.stands(u)
	}
	if _, stamped := u.stamps.of(t.key); stamped {
		return nil
	}
	return t.patch(u, "enable", begun{}, map[string]any{"accountEnabled": true})
}

// disable keeps an account from being signed in to, and ends its sessions: else
// whoever is signed in stays so.
func (t *turn) disable() error {
	u, err := t.present()
	if err != nil {
		return err
	}
	b, stamped := u.stamps.of(t.key)
	if !stamped {
		if !u.AccountEnabled {
			return t.stands(u)
		}
		b.at = t.now
		if err := t.patch(u, "disable", b, map[string]any{"accountEnabled": false}); err != nil {
			return err
		}
	}
	if b.done() {
		return nil
	}
	return t.revoke(u, b.at)
}

// reset ends the password of an account: nobody knows the one set here. Its person
// chooses the next with a code sent to their mobile.
func (t *turn) reset() error {
	u, err := t.present()
	if err != nil {
		return err
	}
	b, stamped := u.stamps.of(t.key)
	if !stamped {
		b.at = t.now
		if err := t.patch(u, "reset-password", b, map[string]any{"passwordProfile": newPassword()}); err != nil {
			return err
		}
	}
	if b.done() {
		return nil
	}
	return t.revoke(u, b.at)
}

// leave deletes the account of a leaver: Entra keeps it for 30 days, in which
// another organisation may take it over (restore), and then deletes it for good.
// Before that it is taken out of the groups of our mailboxes, for a restored
// account would be in them again.
func (t *turn) leave() error {
	u, err := t.live(t.a.Account)
	if err != nil {
		return err
	}
	if u == nil {
		return t.left()
	}
	b, stamped := u.stamps.of(t.key)
	switch {
	case stamped && b.done():
		return nil
	case !stamped:
		b.at, b.leaver = t.now, true
		if err := t.patch(u, "leaver", b, map[string]any{"accountEnabled": false}); err != nil {
			return err
		}
	}
	if err := t.revoke(u, b.at); err != nil {
		return err
	}
	if err := t.leaveGroups(u); err != nil {
		return err
	}
	return t.delete(u)
}

// left says how a leaver stands who has no account any more.
func (t *turn) left() error {
	gone, err := t.deletedAt(t.a.Account)
	switch {
	case err != nil:
		return err
	case gone == nil:
		return t.patient("the account", failure("the account is not in the directory"))
	}
	_, ours := gone.stamps.of(t.key)
	t.so = !ours
	return nil
}

func (t *turn) delete(u *user) error {
	err := t.write("delete", http.MethodDelete, "/users/"+url.PathEscape(u.ID), nil, nil)
	if no := refused(err); err != nil && (no == nil || no.Status != http.StatusNotFound) {
		return err
	}
	t.memory.expect("where/"+u.ID, "deleted", t.now)
	return nil
}

// restore brings a deleted account back, with its licence, and lets it be signed in
// to. An account that is there is enabled where it is not.
func (t *turn) restore() error {
	u, err := t.live(t.a.Account)
	if err != nil {
		return err
	}
	gone, err := t.deletedAt(t.a.Account)
	switch {
	case err != nil:
		return err
	case u != nil && gone != nil:
		return t.patient("the account", failure("a deleted account has the address, and another one that is there: which is meant is not for us to guess"))
	case u == nil && gone == nil:
		return t.patient("the account", failure("the account is not in the directory, nor among those deleted in the last 30 days"))
	case u != nil:
		return t.settle(u)
	}
	if err := t.undelete(gone); err != nil {
		return err
	}
	return t.settle(gone)
}

func (t *turn) undelete(u *user) error {
	address := u.address()
	err := t.write("restore", http.MethodPost, "/directory/deletedItems/"+url.PathEscape(u.ID)+"/restore", nil, nil)
	if no := refused(err); no != nil && no.Status == http.StatusNotFound {
		return t.patient("the account", failure("the account can no longer be restored"))
	}
	if err != nil {
		return err
	}
	u.UserPrincipalName = string(address)
	t.memory.expect("where/"+u.ID, "live", t.now)
	return nil
}

// settle gives an account that was brought back its licence and enables it, and
// ends what was under way when it was deleted.
func (t *turn) settle(u *user) error {
	if _, stamped := u.stamps.of(t.key); stamped {
		return nil
	}
	if err := t.licence(u); err != nil {
		return err
	}
	if u.AccountEnabled {
		return t.stands(u)
	}
	return t.patchWith(u, "enable", u.stamps.settled().with(t.key, begun{}, t.room()), map[string]any{"accountEnabled": true})
}
