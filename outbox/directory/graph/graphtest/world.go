package graphtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A world is what the tenant holds. Its fields are exported for clone, by JSON.
type world struct {
	Users, Deleted map[string]map[string]any // by id
	Phones         map[string][]map[string]any
	Groups         map[string]*group
	Teams          map[string]*team // by the id of their group
	Reserved       map[string]bool
}

type group struct {
	Members, Owners map[string]bool
	Description     string
}

type team struct {
	Operation string
	Ready     time.Time
	Fails     bool
}

func newWorld() *world {
	return &world{map[string]map[string]any{}, map[string]map[string]any{}, map[string][]map[string]any{}, map[string]*group{}, map[string]*team{}, map[string]bool{}}
}

func (w *world) clone() *world {
	text, err := json.Marshal(w)
	if err != nil {
		panic(err) // it is made of strings and maps
	}
	out := newWorld()
	if err := json.Unmarshal(text, out); err != nil {
		panic(err)
	}
	return out
}

func text(u map[string]any, name string) string { s, _ := u[name].(string); return s }

func bare(id string) string { return strings.ReplaceAll(id, "-", "") }

func (w *world) named(upn string) map[string]any {
	for _, u := range w.Users {
		if strings.EqualFold(text(u, "userPrincipalName"), upn) {
			return u
		}
	}
	return nil
}

// user returns the account of an id or a name, as far as it is to be seen.
func (w *world) user(s *Server, key string) map[string]any {
	u := w.Users[key]
	if u == nil {
		u = w.named(key)
	}
	if u == nil {
		return nil
	}
	if id := text(u, "id"); s.hidden[id] > 0 {
		s.hidden[id]--
		return nil
	}
	return u
}

// provide gives mailboxes to the accounts whose licence is old enough.
func (w *world) provide(now time.Time, m Mode) {
	for _, u := range w.Users {
		at, err := time.Parse(time.RFC3339, text(u, "licensedAt"))
		if err == nil && !now.Before(at.Add(m.Provision)) {
			u["mail"] = u["userPrincipalName"]
		}
	}
}

// get answers a read.
func (w *world) get(s *Server, r *http.Request, c Call) answer {
	parts := strings.Split(strings.Trim(c.Path, "/"), "/")
	q := r.URL.Query()
	if q.Has("$filter") && (q.Get("$count") != "true" || r.Header.Get("ConsistencyLevel") != "eventual") {
		return refuse(http.StatusBadRequest, "Request_UnsupportedQuery")
	}
	switch {
	case c.Path == "/users":
		return s.page(r, w.filtered(s, w.Users, q.Get("$filter")))
	case c.Path == "/directory/deletedItems/microsoft.graph.user":
		return s.page(r, w.filtered(s, w.Deleted, q.Get("$filter")))
	case c.Path == "/groups":
		return s.page(r, w.described(q.Get("$filter")))
	case parts[0] == "users" && len(parts) > 1:
		return w.getUser(s, r, parts[1], parts[2:])
	case parts[0] == "groups" && len(parts) == 3 && w.Groups[parts[1]] != nil:
		return s.page(r, w.listed(w.Groups[parts[1]], parts[2]))
	case parts[0] == "teams" && len(parts) > 1:
		return w.getTeam(s, parts[1], parts[2:])
	}
	return notFound
}

func (w *world) getUser(s *Server, r *http.Request, key string, rest []string) answer {
	u := w.user(s, key)
	switch {
	case u == nil:
		return notFound
	case len(rest) == 0:
		return ok(u)
	case rest[0] == "authentication":
		return s.page(r, anys(w.Phones[text(u, "id")]))
	}
	var in []any
	for _, id := range sorted(w.Groups) {
		g := w.Groups[id]
		if rest[0] == "memberOf" && g.Members[text(u, "id")] || rest[0] == "ownedObjects" && g.Owners[text(u, "id")] {
			in = append(in, map[string]any{"id": id})
		}
	}
	return s.page(r, in)
}

func (w *world) getTeam(s *Server, id string, rest []string) answer {
	t := w.Teams[id]
	switch {
	case t == nil:
		return notFound
	case len(rest) == 2 && rest[1] == t.Operation:
		return ok(map[string]any{"id": t.Operation, "status": t.status(s.now()), "error": map[string]any{"code": "TeamsFailed", "message": "of ann.example"}})
	case t.status(s.now()) != "succeeded":
		return notFound
	}
	return ok(map[string]any{"id": id})
}

func (t *team) status(now time.Time) string {
	switch {
	case now.Before(t.Ready):
		return "inProgress"
	case t.Fails:
		return "failed"
	}
	return "succeeded"
}

var (
	byMobile = regexp.MustCompile(`^mobilePhone in \((.*)\)$`)
	byEnd    = regexp.MustCompile(`^endsWith\(userPrincipalName,'(.*)'\)$`)
)

// filtered are the accounts that one of the filters finds that we use.
func (w *world) filtered(s *Server, users map[string]map[string]any, filter string) []any {
	var out []any
	for _, id := range sorted(users) {
		u := users[id]
		m, e := byMobile.FindStringSubmatch(filter), byEnd.FindStringSubmatch(filter)
		found := m != nil && text(u, "mobilePhone") != "" && strings.Contains(m[1], "'"+text(u, "mobilePhone")+"'") ||
			e != nil && strings.HasSuffix(text(u, "userPrincipalName"), e[1])
		if found && s.hidden[id] == 0 {
			out = append(out, u)
		}
	}
	return out
}

func (w *world) described(filter string) []any {
	var out []any
	for _, id := range sorted(w.Groups) {
		if "description eq '"+w.Groups[id].Description+"'" == filter {
			out = append(out, map[string]any{"id": id})
		}
	}
	return out
}

func (w *world) listed(g *group, list string) []any {
	in := g.Members
	if list == "owners" {
		in = g.Owners
	}
	var out []any
	for _, id := range sorted(in) {
		if w.Users[id] != nil { // a deleted account is in no list, and comes back into it
			out = append(out, map[string]any{"id": id})
		}
	}
	return out
}

func sorted[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func anys(in []map[string]any) []any {
	out := make([]any, len(in))
	for i, v := range in {
		out[i] = v
	}
	return out
}

// page answers with a collection, a page at a time.
func (s *Server) page(r *http.Request, all []any) answer {
	from, _ := strconv.Atoi(r.URL.Query().Get("$skiptoken"))
	body := map[string]any{}
	to := len(all)
	if s.mode.Page > 0 && from+s.mode.Page < len(all) {
		to = from + s.mode.Page
		q := r.URL.Query()
		q.Set("$skiptoken", strconv.Itoa(to))
		body["@odata.nextLink"] = s.URL + r.URL.Path + "?" + q.Encode()
	}
	body["value"] = append([]any{}, all[from:to]...)
	return ok(body)
}

// change carries a write out.
func (w *world) change(s *Server, r *http.Request, c Call) answer {
	parts := strings.Split(strings.Trim(c.Path, "/"), "/")
	switch {
	case r.Method == http.MethodPost && c.Path == "/users":
		return w.newUser(s, c.Body)
	case r.Method == http.MethodPost && c.Path == "/teams":
		return w.newTeam(s, c.Body)
	case parts[0] == "users" && len(parts) > 1:
		return w.changeUser(s, r.Method, parts[1], parts[2:], c.Body)
	case parts[0] == "directory" && len(parts) == 4 && parts[3] == "restore":
		return w.restore(s, parts[2])
	case parts[0] == "groups" && len(parts) > 3 && w.Groups[parts[1]] != nil:
		return w.changeGroup(s, r.Method, w.Groups[parts[1]], parts[2:], c.Body)
	}
	return notFound
}

func (w *world) newUser(s *Server, body map[string]any) answer {
	upn := text(body, "userPrincipalName")
	profile, _ := body["passwordProfile"].(map[string]any)
	if body["accountEnabled"] == nil || text(body, "displayName") == "" || text(body, "mailNickname") == "" || upn == "" || len(text(profile, "password")) < 12 {
		return badRequest
	}
	if w.named(upn) != nil || w.Reserved[upn] {
		a := badRequest
		a.conflict = s.mode.Details
		return a
	}
	u := map[string]any{"id": s.newID(), "signInSessionsValidFromDateTime": s.now().Format(time.RFC3339)}
	for name, v := range body {
		u[name] = v
	}
	delete(u, "passwordProfile")
	if s.mode.Licensed {
		u["licensedAt"] = s.now().Format(time.RFC3339)
	}
	w.Users[text(u, "id")] = u
	s.hidden[text(u, "id")] = s.mode.Hidden
	return answer{status: http.StatusCreated, body: u}
}

func (w *world) changeUser(s *Server, method, key string, rest []string, body map[string]any) answer {
	u := w.user(s, key)
	switch {
	case u == nil:
		return notFound
	case method == http.MethodDelete && len(rest) == 0:
		return w.delete(s, u)
	case method == http.MethodPatch && len(rest) == 0:
		return patch(u, body)
	case len(rest) == 1 && rest[0] == "assignLicense":
		return license(s, u, body)
	case len(rest) == 1 && rest[0] == "revokeSignInSessions":
		u["signInSessionsValidFromDateTime"] = s.now().Format(time.RFC3339)
		return ok(map[string]any{"value": true})
	case len(rest) == 2 && rest[1] == "phoneMethods":
		return w.newPhone(u, body)
	}
	return notFound
}

func (w *world) delete(s *Server, u map[string]any) answer {
	id := text(u, "id")
	delete(w.Users, id)
	w.Deleted[id] = u
	u["userPrincipalName"] = bare(id) + text(u, "userPrincipalName")
	u["deletedDateTime"] = s.now().Format(time.RFC3339)
	return noContent
}

func patch(u, body map[string]any) answer {
	for name, v := range body {
		if part, isObject := v.(map[string]any); isObject && name == "onPremisesExtensionAttributes" {
			has, _ := u[name].(map[string]any)
			if has == nil {
				has = map[string]any{}
			}
			for attribute, value := range part {
				if len(fmt.Sprint(value)) > 1024 {
					return badRequest
				}
				has[attribute] = value
			}
			u[name] = has
			continue
		}
		if name != "passwordProfile" {
			u[name] = v
		}
	}
	return noContent
}

func license(s *Server, u, body map[string]any) answer {
	add, _ := body["addLicenses"].([]any)
	if text(u, "usageLocation") == "" || body["removeLicenses"] == nil || len(add) == 0 {
		return badRequest
	}
	u["assignedLicenses"] = add
	u["licensedAt"] = s.now().Format(time.RFC3339)
	return ok(u)
}

var phoneNumber = regexp.MustCompile(`^\+\d{1,3} \d{4,14}$`)

func (w *world) newPhone(u, body map[string]any) answer {
	id := text(u, "id")
	if !phoneNumber.MatchString(text(body, "phoneNumber")) || text(body, "phoneType") != "mobile" || len(w.Phones[id]) > 0 {
		return badRequest
	}
	w.Phones[id] = append(w.Phones[id], body)
	return answer{status: http.StatusCreated, body: body}
}

func (w *world) restore(s *Server, id string) answer {
	u := w.Deleted[id]
	at, err := time.Parse(time.RFC3339, text(u, "deletedDateTime"))
	if u == nil || err != nil || s.now().Sub(at) > 30*24*time.Hour {
		return notFound
	}
	upn := strings.TrimPrefix(text(u, "userPrincipalName"), bare(id))
	if w.named(upn) != nil {
		return badRequest
	}
	delete(w.Deleted, id)
	delete(u, "deletedDateTime")
	u["userPrincipalName"] = upn
	w.Users[id] = u
	return ok(u)
}

func (w *world) changeGroup(s *Server, method string, g *group, parts []string, body map[string]any) answer {
	in := g.Members
	if parts[0] == "owners" {
		in = g.Owners
	}
	if method == http.MethodPost {
		at, err := url.Parse(text(body, "@odata.id"))
		if err != nil {
			return badRequest
		}
		id := at.Path[strings.LastIndex(at.Path, "/")+1:]
		switch {
		case w.user(s, id) == nil:
			return notFound
		case in[id]:
			return badRequest // one or more added object references already exist
		}
		in[id] = true
		return noContent
	}
	id := parts[1]
	switch {
	case !in[id] || w.Users[id] == nil:
		return notFound
	case parts[0] == "owners" && len(w.listed(g, "owners")) == 1 && len(g.Members) > 1:
		return badRequest // the last owner
	}
	delete(in, id)
	return noContent
}

var bound = regexp.MustCompile(`/users\('([^']+)'\)$`)

func (w *world) newTeam(s *Server, body map[string]any) answer {
	members, _ := body["members"].([]any)
	if len(members) != 1 || !strings.HasSuffix(text(body, "template@odata.bind"), "/teamsTemplates('standard')") || text(body, "displayName") == "" {
		return badRequest
	}
	owner, _ := members[0].(map[string]any)
	m := bound.FindStringSubmatch(text(owner, "user@odata.bind"))
	if m == nil || fmt.Sprint(owner["roles"]) != "[owner]" {
		return badRequest
	}
	if w.user(s, m[1]) == nil {
		return notFound
	}
	id, op := s.newID(), s.newID()
	w.Groups[id] = &group{Members: map[string]bool{m[1]: true}, Owners: map[string]bool{m[1]: true}, Description: text(body, "description")}
	w.Teams[id] = &team{Operation: op, Ready: s.now().Add(s.mode.Building), Fails: s.mode.FailTeams}
	return answer{status: http.StatusAccepted, location: "/teams('" + id + "')/operations('" + op + "')"}
}
