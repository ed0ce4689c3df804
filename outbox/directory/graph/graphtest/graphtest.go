// Package graphtest is a server that answers as Microsoft Graph v1.0 does, for the
// calls that a directory makes: the statuses, the error bodies, the 202 of a Team,
// throttling, reads that are behind, new accounts that are not to be seen yet, and
// connections that break when the work is done. It keeps a log of every request.
package graphtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// What the server takes for its application, and the ids of what is there.
const (
	Tenant = "11111111-1111-4111-8111-111111111111"
	Client = "22222222-2222-4222-8222-222222222222"
	Secret = "not-a-secret-of-anybody"
	SKU    = "33333333-3333-4333-8333-333333333333"
	Group  = "44444444-4444-4444-8444-444444444444" // an empty group
)

// A Mode says how the server misbehaves. The zero value answers at once and truly.
type Mode struct {
	Provision time.Duration // from the licence to the mailbox
	Building  time.Duration // from the request for a Team to the Team
	FailTeams bool          // the operation of a Team fails
	Lag       time.Duration // reads show the world as it was so long ago
	Hidden    int           // so many requests to a new account are answered 404
	Licensed  bool          // the tenant licenses every account by itself
	Token     *Answer       // what stands in the place of a token
	Details   bool          // a 400 for a name that is taken says so in its details
	Page      int           // how many items a page has; 0 is all
	// Before is asked before a request is carried out: an answer stands in its place.
	Before func(Call) *Answer
	// Cut is asked when a request was carried out: true breaks the connection instead
	// of answering.
	Cut func(Call) bool
}

// A version is the world from an instant on.
type version struct {
	*world
	from time.Time
}

// An Answer is one that the server gives instead of doing what was asked.
type Answer struct {
	Status     int
	Code       string
	RetryAfter string
}

// A Call is one request, as the server saw it.
type Call struct {
	N         int // from 1; requests for tokens are not counted
	Method    string
	Path      string // without the version and the query
	Query     string
	RequestID string // client-request-id
	Body      map[string]any
	Status    int
	Changed   bool // it changed the world
}

// A Server is one tenant.
type Server struct {
	URL  string // of the login and of Graph: Graph is at URL + "/v1.0"
	http *httptest.Server
	now  func() time.Time

	mu     sync.Mutex
	mode   Mode
	world  *world
	past   []version // what reads show while they are behind, oldest first
	hidden map[string]int
	tokens map[string]time.Time // with the instant at which each ends
	asked  int                  // for tokens
	ids    int
	log    []Call
}

// New starts a server with one empty group, and no accounts. Close ends it.
func New(now func() time.Time, m Mode) *Server {
	s := &Server{now: now, mode: m, world: newWorld(), hidden: map[string]int{}, tokens: map[string]time.Time{}}
	s.world.Groups[Group] = &group{Members: map[string]bool{}, Owners: map[string]bool{}}
	s.past = []version{{s.world.clone(), time.Time{}}}
	s.http = httptest.NewServer(http.HandlerFunc(s.serve))
	s.URL = s.http.URL
	return s
}

// Close ends the server.
func (s *Server) Close() { s.http.Close() }

// Set changes how the server misbehaves from now on.
func (s *Server) Set(m Mode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mode = m
}

// Log returns every request so far, and how many tokens were asked for.
func (s *Server) Log() (calls []Call, tokens int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.log...), s.asked
}

// EndTokens makes every token that was given worthless.
func (s *Server) EndTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// User returns a copy of the account with a name, or nil; where it is deleted,
// deleted is true.
func (s *Server) User(upn string) (u map[string]any, deleted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.world.named(upn); u != nil {
		return maps.Clone(u), false
	}
	for id, u := range s.world.Deleted {
		if text(u, "userPrincipalName") == bare(id)+upn {
			return maps.Clone(u), true
		}
	}
	return nil, false
}

// Put makes an account as it stands, as if by another hand, and returns its id.
func (s *Server) Put(u map[string]any) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := s.newID()
	u = maps.Clone(u)
	u["id"] = id
	s.world.Users[id] = u
	for _, v := range s.past {
		v.Users[id] = u
	}
	return id
}

// Reserve makes a name one that nobody may take, though no account has it.
func (s *Server) Reserve(upn string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.Reserved[upn] = true
}

// In reports whether the account with a name is a member, and an owner, of the group.
func (s *Server) In(upn string) (member, owner bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.world.named(upn)
	g := s.world.Groups[Group]
	return u != nil && g.Members[text(u, "id")], u != nil && g.Owners[text(u, "id")]
}

// Count returns how many accounts, phones and Teams there are.
func (s *Server) Count() (users, phones, teams int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.world.Phones {
		phones += len(p)
	}
	return len(s.world.Users) + len(s.world.Deleted), phones, len(s.world.Teams)
}

func (s *Server) newID() string {
	s.ids++
	return fmt.Sprintf("aaaaaaaa-0000-4000-8000-%012d", s.ids)
}

// serve answers one request at a time.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.HasSuffix(r.URL.Path, "/oauth2/v2.0/token") {
		s.giveToken(w, r)
		return
	}
	c := Call{N: len(s.log) + 1, Method: r.Method, Path: strings.TrimPrefix(r.URL.Path, "/v1.0"), Query: r.URL.RawQuery, RequestID: r.Header.Get("client-request-id")}
	if r.Body != nil {
		_ = json.NewDecoder(r.Body).Decode(&c.Body) // no body is none
	}
	a := s.decide(r, &c)
	s.log = append(s.log, c)
	s.log[len(s.log)-1].Status = a.status
	c.Status = a.status
	if s.mode.Cut != nil && s.mode.Cut(c) {
		panic(http.ErrAbortHandler)
	}
	a.send(w, c, s.now())
}

// decide carries a request out, unless it may not or something stands before it.
func (s *Server) decide(r *http.Request, c *Call) answer {
	if end, ok := s.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]; !ok || !s.now().Before(end) {
		return refuse(http.StatusUnauthorized, "InvalidAuthenticationToken")
	}
	if s.mode.Before != nil {
		if a := s.mode.Before(*c); a != nil {
			return answer{status: a.Status, code: a.Code, retryAfter: a.RetryAfter}
		}
	}
	if r.Method == http.MethodGet {
		return s.lagging().get(s, r, *c)
	}
	a := s.world.change(s, r, *c)
	c.Changed = a.status/100 == 2
	if c.Changed {
		s.past = append(s.past, version{s.world.clone(), s.now()})
	}
	return a
}

// lagging is the world as a read sees it.
func (s *Server) lagging() *world {
	s.world.provide(s.now(), s.mode)
	if s.mode.Lag == 0 {
		return s.world
	}
	seen := s.past[0].world
	for _, v := range s.past {
		if !v.from.After(s.now().Add(-s.mode.Lag)) {
			seen = v.world
		}
	}
	seen.provide(s.now(), s.mode)
	return seen
}

// giveToken answers to client credentials.
func (s *Server) giveToken(w http.ResponseWriter, r *http.Request) {
	s.asked++
	if a := s.mode.Token; a != nil {
		answer{status: a.Status, code: a.Code, retryAfter: a.RetryAfter}.send(w, Call{}, s.now())
		return
	}
	ok := r.PostFormValue("grant_type") == "client_credentials" && r.PostFormValue("client_id") == Client && r.PostFormValue("client_secret") == Secret &&
		r.PostFormValue("scope") == s.URL+"/.default" && strings.HasPrefix(r.URL.Path, "/"+Tenant+"/")
	w.Header().Set("Content-Type", "application/json")
	if !ok {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"error":"invalid_client","error_description":"The client secret is wrong."}`)
		return
	}
	token := fmt.Sprintf("token-%d", s.asked)
	s.tokens[token] = s.now().Add(time.Hour)
	fmt.Fprintf(w, `{"token_type":"Bearer","expires_in":3600,"access_token":%q}`, token)
}

// An answer is what goes back.
type answer struct {
	status     int
	body       any
	code       string
	conflict   bool
	retryAfter string
	location   string
}

func refuse(status int, code string) answer { return answer{status: status, code: code} }

var (
	notFound   = refuse(http.StatusNotFound, "Request_ResourceNotFound")
	badRequest = refuse(http.StatusBadRequest, "Request_BadRequest")
	noContent  = answer{status: http.StatusNoContent}
)

func ok(body any) answer { return answer{status: http.StatusOK, body: body} }

func (a answer) send(w http.ResponseWriter, c Call, now time.Time) {
	w.Header().Set("request-id", "55555555-5555-4555-8555-555555555555")
	if a.retryAfter != "" {
		w.Header().Set("Retry-After", a.retryAfter)
	}
	if a.location != "" {
		w.Header().Set("Location", a.location)
	}
	if a.status >= 400 {
		a.body = a.fault(c, now)
	}
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	_ = json.NewEncoder(w).Encode(a.body)
}

// fault is the body of an error. Its message names whom it is about, as Graph's do.
func (a answer) fault(c Call, now time.Time) any {
	e := map[string]any{"code": a.code, "message": fmt.Sprintf("%s %s cannot be done: %v", c.Method, c.Path, c.Body),
		"innerError": map[string]any{"date": now.Format(time.RFC3339), "request-id": "55555555-5555-4555-8555-555555555555", "client-request-id": c.RequestID}}
	if a.conflict {
		e["details"] = []any{map[string]any{"code": "ObjectConflict", "target": "userPrincipalName", "message": "taken"}}
	}
	return map[string]any{"error": e}
}
