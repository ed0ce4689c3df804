package graph

import (
	"net/http"
	"net/url"
	"slices"

	"nasdesk"
)

// A list is one of the two lists of a group.
type list string

const (
	members list = "members"
	owners  list = "owners"
)

// link puts an account into the group of a mailbox. An owner is in both lists; who
// becomes a member is taken out of the owners, after being put into the members.
func (t *turn) link() error {
	u, err := t.present()
	if err != nil {
		return err
	}
	if _, stamped := u.stamps.of(t.key); stamped {
		return nil
	}
	group := t.Groups[t.a.Mailbox]
	if err := t.put(u, group, members, true); err != nil {
		return err
	}
	if err := t.put(u, group, owners, t.a.Role == nasdesk.Owner); err != nil {
		return err
	}
	return t.stands(u)
}

// unlink takes an account out of the group of a mailbox. Of an account that was
// deleted as a leaver's there is nothing to take out.
func (t *turn) unlink() error {
	u, err := t.live(t.a.Account)
	if u == nil && err == nil {
		return t.left()
	}
	if err != nil {
		return err
	}
	if _, stamped := u.stamps.of(t.key); stamped {
		return nil
	}
	if err := t.takeOut(u, t.Groups[t.a.Mailbox]); err != nil {
		return err
	}
	return t.stands(u)
}

func (t *turn) takeOut(u *user, group string) error {
	if err := t.put(u, group, owners, false); err != nil {
		return err
	}
	return t.put(u, group, members, false)
}

// leaveGroups takes an account out of every group that stands for a mailbox.
func (t *turn) leaveGroups(u *user) error {
	if len(t.Groups) == 0 {
		return nil
	}
	mapped := map[string]bool{}
	for _, id := range t.Groups {
		mapped[id] = true
	}
	for _, part := range []string{"memberOf", "ownedObjects"} {
		in, err := pages[struct{ ID string }](t, "look-groups", "/users/"+url.PathEscape(u.ID)+"/"+part+"/microsoft.graph.group?$select=id")
		if err != nil {
			return err
		}
		for _, group := range in {
			if !mapped[group.ID] {
				continue
			}
			if err := t.takeOut(u, group.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// put makes an account be in a list of a group, or not be in it.
func (t *turn) put(u *user, group string, in list, want bool) error {
	path := "/groups/" + url.PathEscape(group) + "/" + string(in)
	all, err := pages[struct{ ID string }](t, "look-"+string(in), path+"?$select=id&$top=999")
	if err != nil {
		return err
	}
	is := slices.Contains(all, struct{ ID string }{u.ID})
	if !t.memory.shows(group+"/"+string(in)+"/"+u.ID, func(v string) bool { return v == yes(is) }, t.now) {
		return t.wait(1, "Graph does not show yet what was just written")
	}
	if is == want {
		return nil
	}
	if want {
		err = t.write("add-"+string(in)+" "+group, http.MethodPost, path+"/$ref", map[string]any{"@odata.id": t.Graph + "/directoryObjects/" + u.ID}, nil)
	} else {
		err = t.write("remove-"+string(in)+" "+group, http.MethodDelete, path+"/"+url.PathEscape(u.ID)+"/$ref", nil, nil)
	}
	return t.puts(err, group, in, u, want)
}

// puts reads the answer to a change of a list. 404 of a removal says that it is so;
// else that the account or the group is not to be seen yet. 400 may say that it is
// so, where the list that was read is older.
func (t *turn) puts(err error, group string, in list, u *user, want bool) error {
	no := refused(err)
	switch {
	case err == nil, no != nil && no.Status == http.StatusNotFound && !want:
		t.memory.expect(group+"/"+string(in)+"/"+u.ID, yes(want), t.now)
		return nil
	case no != nil && (no.Status == http.StatusNotFound || no.Status == http.StatusBadRequest):
		return t.patient("the change of the group", no)
	}
	return err
}

func yes(is bool) string {
	if is {
		return "in"
	}
	return "out"
}
