package graph

import (
	"net/http"
	"net/url"
	"regexp"
	"time"
)

// team makes a Team. Graph makes two where it is told twice, and shows a new one
// late; so the owner's account is stamped before the request, and what the request
// led to is looked for: by the operation that Graph named, or by the description,
// which holds the stamp.
func (t *turn) team() error {
	if t.a.Other == "" {
		return failure("the Team has no name")
	}
	u, err := t.present()
	if err != nil {
		return err
	}
	b, stamped := u.stamps.of(t.key)
	switch {
	case !stamped:
		return t.newTeam(u)
	case b.done():
		return nil
	case b.op != "":
		return t.operation(b)
	}
	return t.lost(u, b)
}

// newTeam asks for the Team, which is made by and by.
func (t *turn) newTeam(u *user) error {
	b := begun{at: t.now}
	if err := t.patch(u, "team-begin", b, nil); err != nil {
		return err
	}
	return t.askTeam(u, b)
}

func (t *turn) askTeam(u *user, b begun) error {
	id, at := requestID(t.a.Key, "create-team"), ""
	err := t.client.call(t.ctx, t.now, request{step: "create-team", id: id, method: http.MethodPost, path: "/teams", body: t.newTeamBody(u), location: &at})
	if undone(err) {
		// Nothing was made: the next turn need not look for it.
		t.memory.expect("no-team/"+t.key, "", t.now)
	}
	if no := refused(err); no != nil && no.Status == http.StatusNotFound {
		return t.patient("the owner", no)
	}
	if err != nil {
		return err
	}
	delete(t.memory.expects, "no-team/"+t.key)
	t.wrote("create-team", id)
	if b.team, b.op = operationOf(at); b.op != "" {
		if err := t.patch(u, "team-note", b, nil); err != nil {
			return err
		}
	}
	return t.wait(1, "the Team is being made")
}

// undone reports whether a request was certainly not carried out.
func undone(err error) bool {
	if w, ok := err.(waiting); ok {
		return w.undone
	}
	no := refused(err)
	return no != nil && no.Status < 500
}

func (t *turn) newTeamBody(u *user) map[string]any {
	return map[string]any{
		"template@odata.bind": t.Graph + "/teamsTemplates('standard')",
		"displayName":         clip(t.a.Other, 100), // the portal's limit
		"description":         t.description(),
		"visibility":          "private", // a public one may be joined by everybody in the tenant
		"members": []any{map[string]any{
			"@odata.type":     "#microsoft.graph.aadUserConversationMember",
			"roles":           []string{"owner"},
			"user@odata.bind": t.Graph + "/users('" + u.ID + "')",
		}},
	}
}

// description is how the Team is found again. It is short: the portal takes 250
// characters.
func (t *turn) description() string {
	if t.a.Mailbox == "" {
		return "Order " + t.key
	}
	return "Team of " + string(t.a.Mailbox) + ". Order " + t.key
}

// A location is as in Microsoft's page on making a Team:
// /teams('ID')/operations('ID').
var location = regexp.MustCompile(`/teams(?:\('|/)([0-9A-Fa-f-]{36})(?:'\))?/operations(?:\('|/)([0-9A-Fa-f-]{36})(?:'\))?$`)

func operationOf(at string) (team, op string) {
	if m := location.FindStringSubmatch(at); m != nil {
		return m[1], m[2]
	}
	return "", ""
}

// operation asks how the making goes.
func (t *turn) operation(b begun) error {
	var op struct {
		Status string
		Error  struct{ Code string }
	}
	found, err := t.read("look-operation", "/teams/"+url.PathEscape(b.team)+"/operations/"+url.PathEscape(b.op), &op)
	if err != nil {
		return err
	}
	switch {
	case found && op.Status == "succeeded":
		return nil
	case found && (op.Status == "failed" || op.Status == "invalid"):
		return failure("Graph could not make the Team: " + or(word(op.Error.Code), "no code is given"))
	}
	if t.now.Sub(b.at) < slow {
		return t.wait(1, "the Team is being made")
	}
	return failure("the Team is still not made a day after it was asked for")
}

// slow is how long the making of a Team may take.
const slow = 24 * time.Hour

// lost looks for the Team that was asked for when we were cut off. Where it does not
// show in time it was not asked for.
func (t *turn) lost(u *user, b begun) error {
	id, err := t.described()
	switch {
	case err != nil:
		return err
	case id != "":
		return t.finished(id, b)
	}
	_, never := t.memory.expects["no-team/"+t.key]
	if !never && t.now.Sub(b.at) < t.Settle {
		return t.wait(1, "the Team may have been asked for, and Graph not show it yet")
	}
	b.at = t.now
	if err := t.patch(u, "team-begin again "+b.word(t.key), b, nil); err != nil {
		return err
	}
	return t.askTeam(u, b)
}

// described returns the id of the group with our description, or "".
func (t *turn) described() (string, error) {
	path := "/groups?$count=true&$select=id&$filter=" + url.QueryEscape("description eq "+quoted(t.description()))
	found, err := pages[struct{ ID string }](t, "look-team", path)
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0].ID, nil
}

// finished reports whether the group of a Team has its Team.
func (t *turn) finished(id string, b begun) error {
	found, err := t.read("look-team", "/teams/"+url.PathEscape(id)+"?$select=id", new(struct{}))
	switch {
	case err != nil || found:
		return err
	case t.now.Sub(b.at) < slow:
		return t.wait(1, "the Team is being made")
	}
	return failure("the Team is still not made a day after it was asked for")
}
