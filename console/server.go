package console

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"nasdesk"
	"nasdesk/store"
)

// A frame is what all pages share: it is made once, when the console starts.
type frame struct {
	*Office
	pages   *pages
	origins *http.CrossOriginProtection
	knocks  *knocks
	glances *glances
	counts  *counts
	oidc    *oidcDoor // nil without OpenID Connect
}

func newFrame(o *Office) *frame {
	f := &frame{Office: o, pages: newPages(o), origins: http.NewCrossOriginProtection(), knocks: newKnocks(), glances: &glances{}, counts: &counts{}, oidc: newOIDCDoor(o)}
	o.Store.UseIdle(o.SignIn.Idle)
	if u := o.SignIn.URL; u != "" {
		// A server in front may ask for us under another name than the browser's.
		if err := f.origins.AddTrustedOrigin(strings.TrimSuffix(u, "/")); err != nil {
			o.Log.Error("the console's URL is no origin; forms are taken from the host that they are sent to alone", "err", err)
		}
	}
	return f
}

// Handler answers everything under the console's address.
func (o *Office) Handler() http.Handler {
	f := newFrame(o)
	mux := http.NewServeMux()
	for _, r := range routes() {
		mux.Handle(r.pattern, f.answering(r))
	}
	mux.Handle("GET /static/", http.HandlerFunc(serveAsset))
	mux.Handle("GET /events", f.answering(route{right: reader, do: events}))
	mux.Handle("/", f.answering(route{right: anybody, do: func(*visit) error { return notFound }}))
	return mux
}

// Server is an HTTP server for the console with limits on what a visitor may
// take of it. Its address, certificate and end are the caller's.
func (o *Office) Server() *http.Server {
	return &http.Server{Handler: o.Handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute,
		WriteTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
}

// Of a form this much is read, and of one with a file this much.
const (
	formLimit = 1 << 20
	fileLimit = 16 << 20
)

// answering is the way of every visit: the headers, where it comes from, who it
// is and what they may do, the page itself, and what is said if it fails.
func (f *frame) answering(r route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		now := f.Now()
		told := &tellingWriter{ResponseWriter: w}
		v := &visit{Request: req, w: told, office: f.Office, frame: f, now: nasdesk.TimestampOf(now), today: nasdesk.DateOf(now), nonce: rand.Text()}
		defer v.caught(r, told)
		v.headers()
		if err := v.answer(r); err != nil {
			v.trouble(r, told, err)
		}
	})
}

func (v *visit) answer(r route) error {
	if err := v.frame.origins.Check(v.Request); err != nil {
		return foreign
	}
	limit := int64(formLimit)
	if strings.HasPrefix(v.Header.Get("Content-Type"), "multipart/form-data") {
		limit = fileLimit
	}
	v.Body = http.MaxBytesReader(v.w, v.Body, limit)
	if err := v.whoIsIt(); err != nil {
		return err
	}
	switch {
	case r.right == onlyDemo && v.office.Try == nil:
		return notFound
	case r.right == anybody || r.right == onlyDemo:
	case v.staff.Staff == "":
		return v.toSignIn()
	case !r.right.allows(v.staff.Role):
		return forbidden
	}
	return r.do(v)
}

// toSignIn sends a visitor to sign in, and back to the page afterwards. What
// was typed into a form is still in their browser.
func (v *visit) toSignIn() error {
	if v.Method != http.MethodGet && v.Method != http.MethodHead {
		return signedOut
	}
	to := "/sign-in"
	if v.URL.Path != "/" && v.URL.Path != "/events" {
		to += "?next=" + url.QueryEscape(v.URL.RequestURI())
	}
	return v.back(to, "")
}

// headers are those of every page. A page that stands in a frame, or gives a
// file, changes them.
func (v *visit) headers() {
	h := v.w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'nonce-"+v.nonce+"'; img-src 'self' data:; connect-src 'self'; "+
		"frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	// Not no-referrer: with it browsers send forms of our own with Origin: null.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Cache-Control", "no-store")
	if v.secure() {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// inFrame lets a page of ours, and nobody else's, hold this answer in a frame,
// under a policy of its own for everything else.
func (v *visit) inFrame(policy string) {
	v.w.Header().Set("Content-Security-Policy", policy+"; frame-ancestors 'self'")
	v.w.Header().Set("X-Frame-Options", "SAMEORIGIN")
}

// secure reports whether the visitor's browser speaks TLS to us or to a server
// in front of us.
func (v *visit) secure() bool {
	return v.TLS != nil || strings.HasPrefix(v.office.SignIn.URL, "https://")
}

var (
	foreign   = problem{http.StatusForbidden, "This did not come from here", "What was sent came from another site. Nothing was done. Open the page here and do it again."}
	signedOut = problem{http.StatusUnauthorized, "You are signed out", "Nothing was done. Sign in on another tab, then go back to the page: what you typed is still there. Send it again."}
	tooLarge  = problem{http.StatusRequestEntityTooLarge, "This is too large", "Nothing was done. Send less at once: a form takes 1 MB, a file 16 MB."}
	noForm    = problem{http.StatusBadRequest, "This cannot be read", "Nothing was done. What was sent is not what the form sends. Open the page again."}
	ours      = problem{http.StatusInternalServerError, "Something went wrong here", "It is our fault, and it is written down. Nothing was done, or what was done is in the journal. Try again in a minute."}
)

// trouble shows what went wrong. Only faults of ours are logged, by the route:
// an address of a page may name somebody.
func (v *visit) trouble(r route, w *tellingWriter, err error) {
	p := ours
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &p):
	case errors.As(err, &large):
		p = tooLarge
	case errors.Is(err, http.ErrNotMultipart), errors.Is(err, http.ErrMissingBoundary), errors.Is(err, http.ErrMissingFile):
		p = noForm
	case v.Context().Err() != nil:
		return // the visitor left
	case errors.Is(err, store.ErrNone):
		p = notFound
	default:
		v.office.Log.Error("a page of the console failed", "route", r.pattern, "err", err)
	}
	if w.wrote {
		return
	}
	if err := v.showStatus(p.status, "problem", problemPage{p.title, p.say, p.status == http.StatusUnauthorized}); err != nil {
		v.office.Log.Error("a page of the console failed", "route", r.pattern, "err", err)
		http.Error(w, p.title+"\n\n"+p.say, p.status)
	}
}

// caught turns a fault of ours into a page, so that one visit cannot stop
// another.
func (v *visit) caught(r route, w *tellingWriter) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler {
		panic(p)
	}
	// What a fault says may hold what it fell over; the Go runtime's own do not.
	what := fmt.Sprintf("%T", p)
	if fault, ok := p.(runtime.Error); ok {
		what = fault.Error()
	}
	v.office.Log.Error("a page of the console fell over", "route", r.pattern, "fault", what, "stack", string(debug.Stack()))
	v.trouble(r, w, ours)
}

type problemPage struct {
	Title, Say string
	SignIn     bool
}

// A tellingWriter knows whether an answer has begun.
type tellingWriter struct {
	http.ResponseWriter
	wrote bool
}

func (w *tellingWriter) WriteHeader(status int) {
	w.wrote = true
	w.ResponseWriter.WriteHeader(status)
}

func (w *tellingWriter) Write(p []byte) (int, error) {
	w.wrote = true
	return w.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (w *tellingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
