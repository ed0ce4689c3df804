package console

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"nasdesk"
	"nasdesk/store"
)

// SignIn is how staff sign in.
type SignIn struct {
	// URL is how browsers reach the console, such as https://nasdesk.example.org,
	// without a slash at the end. With https the cookies are for TLS alone.
	URL   string
	Local bool  // accounts of our own, which "nasdesk staff add" makes
	OIDC  *OIDC // nil: none
	// LockAfter wrong passwords in a row lock a local account for LockFor; 0 are 5
	// and 15 minutes.
	LockAfter int
	LockFor   time.Duration
	// Lasts is how long a session lasts at most, however busy it is; 0 is 12 hours.
	Lasts time.Duration
	// Idle is how long a session lasts that nobody uses; 0 is 30 minutes.
	Idle time.Duration
	// Proxies are the servers in front of us, whose word in X-Forwarded-For is
	// taken on where a visit comes from; one on this machine always is.
	Proxies []netip.Prefix
	// Hint stands on the sign-in page: the demo says there who can sign in.
	Hint string
}

func (s SignIn) lockAfter() int {
	if s.LockAfter > 0 {
		return s.LockAfter
	}
	return 5
}

func (s SignIn) lockFor() time.Duration {
	if s.LockFor > 0 {
		return s.LockFor
	}
	return 15 * time.Minute
}

func (s SignIn) lasts() time.Duration {
	if s.Lasts > 0 {
		return s.Lasts
	}
	return 12 * time.Hour
}

var signInRoutes = []route{
	{"GET /sign-in", anybody, signInPage},
	{"POST /sign-in", anybody, signInLocal},
	{"GET /sign-in/oidc", anybody, oidcBegin},
	{"GET /sign-in/callback", anybody, oidcEnd},
	{"POST /sign-out", anybody, signOut},
	{"GET /account", reader, selfPage},
	{"POST /account/password", reader, changePassword},
}

// A signInData is the page on which staff sign in.
type signInData struct {
	Local, OIDC      bool
	Name, Next, Hint string
	LockAfter        int
	LockFor          string
	Faults           Faults
}

func (v *visit) signInData() signInData {
	s := v.office.SignIn
	return signInData{Local: s.Local, OIDC: v.frame.oidc != nil, Next: next(v.FormValue("next"), ""), Hint: s.Hint, LockAfter: s.lockAfter(), LockFor: minutes(s.lockFor())}
}

func minutes(d time.Duration) string { return plural(int(d.Minutes()+0.5), "minute", "minutes") }

func signInPage(v *visit) error {
	if v.staff.Staff != "" {
		return v.back(next(v.FormValue("next"), "/"), "")
	}
	return v.show("signin", v.signInData())
}

var tooOften = problem{http.StatusTooManyRequests, "Too many tries", "Somebody tried to sign in from here again and again. Wait a minute, then try again."}

// signInLocal lets in who knows the password. A wrong name, a wrong password, a
// locked and a closed account look alike, and take alike long.
func signInLocal(v *visit) error {
	if !v.office.SignIn.Local {
		return notFound
	}
	if !v.frame.knocks.may(v.from(), v.now.Time()) {
		v.w.Header().Set("Retry-After", strconv.Itoa(int(knockEvery/time.Second)))
		return tooOften
	}
	if err := v.ParseForm(); err != nil {
		return err
	}
	d := v.signInData()
	d.Name = strings.ToLower(strings.TrimSpace(v.PostForm.Get("name")))
	password := v.PostForm.Get("password")
	d.Faults.Add(d.Name == "", "name", "Enter your sign-in name")
	d.Faults.Add(password == "", "password", "Enter your password")
	if len(d.Faults) > 0 {
		return v.showStatus(http.StatusUnprocessableEntity, "signin", d)
	}
	who, err := v.admitted(d.Name, password)
	switch {
	case errors.Is(err, errRefused):
		d.Faults.Add(true, "password", "The name or the password is wrong, or the account is locked")
		return v.showStatus(http.StatusUnprocessableEntity, "signin", d)
	case err != nil:
		return err
	}
	return v.signedIn(who, d.Next)
}

var errRefused = errors.New("refused")

// admitted returns the member of staff that a name and a password belong to, or
// errRefused.
func (v *visit) admitted(name, password string) (store.Staff, error) {
	s, err := v.office.Store.StaffNamed(v.ctx(), name)
	if err != nil && !errors.Is(err, store.ErrNone) {
		return s, err
	}
	right := len(password) <= mostPassword && fits(password, s.Hash)
	if right && !s.Disabled && s.LockedUntil <= v.now {
		return s, nil
	}
	if s.LockedUntil > v.now {
		return s, errRefused // a lock does not grow with what is tried against it
	}
	err = v.office.Store.SignInFailed(v.ctx(), name, v.now, v.office.SignIn.lockAfter(), v.office.SignIn.lockFor())
	if err != nil && !errors.Is(err, store.ErrNone) {
		return s, err
	}
	return s, errRefused
}

// signedIn begins a session under a new token, and ends the one that this
// browser had: a token from before sign-in is worth nothing after it.
func (v *visit) signedIn(who store.Staff, to string) error {
	st := v.office.Store
	if old := v.cookieValue("session"); old != "" {
		if err := st.EndSession(v.ctx(), tokenHash(old)); err != nil {
			return err
		}
	}
	if err := st.SignedIn(v.ctx(), who.Name, v.now); err != nil {
		return err
	}
	token, lasts := rand.Text()+rand.Text(), v.office.SignIn.lasts()
	display := who.Display
	if display == "" {
		display = who.Name
	}
	s := store.Session{Token: tokenHash(token), Staff: who.Name, Role: who.Role, Display: display, MadeAt: v.now, SeenAt: v.now,
		EndsAt: nasdesk.TimestampOf(v.now.Time().Add(lasts))}
	if err := st.NewSession(v.ctx(), s); err != nil {
		return err
	}
	http.SetCookie(v.w, v.cookie("session", token, int(lasts.Seconds())))
	return v.back(next(to, "/"), "")
}

func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// whoIsIt finds the session of the visit, if it has one.
func (v *visit) whoIsIt() error {
	token := v.cookieValue("session")
	if token == "" {
		return nil
	}
	session := v.office.Store.SessionOf
	if v.byItself() {
		session = v.office.Store.SessionAt
	}
	s, err := session(v.ctx(), tokenHash(token), v.now)
	if errors.Is(err, store.ErrNone) {
		return nil
	}
	v.staff = s
	return err
}

// byItself reports whether a page asks, and not the person before it: that must
// not keep a session alive.
func (v *visit) byItself() bool {
	return v.URL.Path == "/events" || v.Header.Get("X-Nasdesk-Live") != ""
}

// A signedOutPage leads on to sign out where one signed in, too.
type signedOutPage struct{ There string }

// signOut ends the session here, and asks the browser to forget what it holds.
// Who signed in at the issuer is sent there, to sign out too: by a page of ours,
// for a form's own way ends at this site.
func signOut(v *visit) error {
	there, err := v.signOutThere()
	if err != nil {
		return err
	}
	if token := v.cookieValue("session"); token != "" {
		if err := v.office.Store.EndSession(v.ctx(), tokenHash(token)); err != nil {
			return err
		}
	}
	http.SetCookie(v.w, v.cookie("session", "", -1))
	v.w.Header().Set("Clear-Site-Data", `"cache"`)
	if there != "" {
		v.staff = store.Session{}
		v.w.Header().Set("Refresh", "0; url="+there)
		return v.show("signedout", signedOutPage{there})
	}
	return v.back("/sign-in", "You are signed out.")
}

// An selfData is the page of who is signed in.
type selfData struct {
	Name, Display string
	Role          store.StaffRole
	Local         bool
	Faults        Faults
}

func (v *visit) selfData() (selfData, store.Staff, error) {
	s, err := v.office.Store.StaffNamed(v.ctx(), v.staff.Staff)
	if err != nil && !errors.Is(err, store.ErrNone) {
		return selfData{}, s, err
	}
	return selfData{Name: v.staff.Staff, Display: v.staff.Display, Role: v.staff.Role, Local: s.Hash != ""}, s, nil
}

func selfPage(v *visit) error {
	d, _, err := v.selfData()
	if err != nil {
		return err
	}
	return v.show("account", d)
}

// changePassword sets a new password for who knows the old one. A wrong old one
// counts as a wrong password at the door does.
func changePassword(v *visit) error {
	if err := v.ParseForm(); err != nil {
		return err
	}
	d, s, err := v.selfData()
	if err != nil {
		return err
	}
	if s.Hash == "" {
		return notFound
	}
	if !v.frame.knocks.may(v.from(), v.now.Time()) {
		return tooOften
	}
	fresh := v.PostForm.Get("new")
	if _, err := v.admitted(s.Name, v.PostForm.Get("old")); errors.Is(err, errRefused) {
		d.Faults.Add(true, "old", "This is not your password, or the account is locked")
	} else if err != nil {
		return err
	}
	if err := CheckPassword(s.Name, fresh); err != nil {
		d.Faults.Add(true, "new", upperFirst(err.Error()))
	}
	d.Faults.Add(fresh != v.PostForm.Get("again"), "again", "Enter the new password again, the same")
	if len(d.Faults) > 0 {
		return v.showStatus(http.StatusUnprocessableEntity, "account", d)
	}
	// Whoever else knew the old one is out.
	if err := v.office.Store.SetPassword(v.ctx(), s.Name, HashPassword(fresh), s.Name, v.staff.Token, v.now); err != nil {
		return err
	}
	return v.back("/account", "Your password is changed.")
}
