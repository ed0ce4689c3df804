package console

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"nasdesk"
	"nasdesk/store"
)

// A visit is one request by one member of staff.
type visit struct {
	*http.Request
	w      http.ResponseWriter
	office *Office
	frame  *frame
	staff  store.Session     // who; the zero session on the pages before sign-in
	now    nasdesk.Timestamp // one for the whole visit
	today  nasdesk.Date
	nonce  string // of this page's scripts

	journalled map[view]bool // what of personal data this page showed
}

// A right is what a route asks of its visitor.
type right int

const (
	anybody  right = iota // before sign-in
	reader                // every role
	worker                // agents and leads
	lead                  // leads
	onlyDemo              // the demo's visitors
)

// allows reports whether a role has a right.
func (r right) allows(role store.StaffRole) bool {
	switch r {
	case reader:
		return role != ""
	case worker:
		return role == store.Agent || role == store.Lead
	case lead:
		return role == store.Lead
	}
	return true
}

// A route is one page or one form of the console. The tests visit every one of
// them in every state.
type route struct {
	pattern string // as in http.ServeMux: "GET /requests/{id}"
	right   right
	do      func(*visit) error
}

// routes are all that the console answers, each list in the file of its pages.
func routes() []route {
	var all []route
	for _, list := range [][]route{signInRoutes, queueRoutes, requestRoutes, quarantineRoutes, workRoutes, registerRoutes, figureRoutes, staffRoutes, tryRoutes} {
		all = append(all, list...)
	}
	return all
}

// A problem is an error with a page of its own: what is wrong and what to do.
type problem struct {
	status int
	title  string
	say    string
}

func (p problem) Error() string { return p.title }

var (
	notFound  = problem{http.StatusNotFound, "Page not found", "It may have been typed wrongly, or what it showed is gone. Go back to the queues."}
	forbidden = problem{http.StatusForbidden, "You cannot do this", "Your role does not allow it. Ask a lead if you need it."}
	stale     = problem{http.StatusConflict, "Changed meanwhile: look again", "Somebody or something changed this while you looked at it. Nothing was done. Open it again and decide on what it says now."}
)

// id reads a number from the path.
func (v *visit) id(name string) (int64, error) {
	n, err := strconv.ParseInt(v.PathValue(name), 10, 64)
	if err != nil || n <= 0 {
		return 0, notFound
	}
	return n, nil
}

// found turns what is not in the store into the page that says so.
func found(err error) error {
	if errors.Is(err, store.ErrNone) {
		return notFound
	}
	return err
}

// back sends the browser on with a sentence for the next page. Its address is
// one of ours.
func (v *visit) back(to, flash string) error {
	if flash != "" {
		setFlash(v, flash)
	}
	http.Redirect(v.w, v.Request, to, http.StatusSeeOther)
	return nil
}

func (v *visit) ctx() context.Context { return v.Context() }
