package console

import (
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nasdesk"
	"nasdesk/store"
	"nasdesk/store/pgtest"
	"nasdesk/store/storetest"
)

// Every page must cost about the same with a thousand requests in the store as
// with a hundred thousand: at most twice as much, and less than a tenth of a
// second. BenchmarkPages fails where one does not.

const (
	fewRequests  = 1_000
	manyRequests = 100_000
	bigRegister  = 11_000
	pageLimit    = 100 * time.Millisecond
	pageSlack    = 2 * time.Millisecond // what may come on top, of pages that cost next to nothing: one line of the journal on the disk
)

// aLetter is the bytes of every message of the big store.
const aLetter = "Authentication-Results: mx.example.org; dmarc=pass header.from=nhs.net\r\nReceived: from a by b; Wed, 22 Apr 2026 09:00:00 +0100\r\n" +
	"From: High Street Pharmacy <pharmacy.f1@nhs.net>\r\nTo: helpdesk@nhs.net\r\nSubject: A new starter\r\nDate: Wed, 22 Apr 2026 09:00:00 +0100\r\n" +
	"Message-ID: <letter@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nPlease create a new nhs.net account for our new starter.\r\n\r\nFull name: Amina Khan\r\nMobile: 07700 900123\r\n" +
	"Alternative email: amina@example.com\r\nRole: member\r\n\r\nKind regards\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" +
	"<p>Please create a new nhs.net account for our <b>new starter</b>.</p><p>Full name: Amina Khan<br>Mobile: 07700 900123</p>\r\n--b--\r\n"

// benchPages are the pages, each route with every filter and order that costs
// something of its own.
var benchPages = []string{
	"/sign-in", "/account", "/staff", "/staff/agent", "/try", "/work",
	"/queues/exceptions?sort=newest", "/queues/exceptions?sort=kind", "/queues/exceptions?sort=mailbox", "/queues/exceptions?kind=kind0", "/queues/exceptions?reason=reason3",
	"/queues/exceptions?mailbox=pharmacy.f1@nhs.net", "/queues/exceptions?assignee=staff0", "/queues/exceptions?assignee=-", "/queues/exceptions?age=2",
	"/queues/all?kind=kind0", "/queues/all?q=first0",
	"/search?q=pharmacy", "/search?q=f482", "/search?q=last3600", "/search?q=580", "/search?q=nobody",
	"/requests/60", "/requests/60?looks=yes", "/requests/60/mail/60", "/messages/60/attachments/0", "/messages/7", "/messages/7/html", "/clicks/1",
	"/register", "/register?q=chemist", "/register?q=f482", "/register?ails=no+owner", "/register?ails=dates+coming+due", "/register/health",
	"/register/mailboxes/pharmacy.f1@nhs.net", "/register/mailboxes/pharmacy.f1@nhs.net?looks=yes", "/register/accounts/first7.last7@nhs.net",
	"/register/edit/mailbox?mailbox=pharmacy.f1@nhs.net", "/register/edit/account?account=first7.last7@nhs.net", "/register/import",
	"/figures", "/figures?from=2025-01-01&to=2025-12-31", "/figures.csv?from=2025-01-01&to=2025-12-31",
}

// notBenched are the routes that are no pages: they lead elsewhere.
var notBenched = map[string]bool{"GET /{$}": true, "GET /sign-in/oidc": true, "GET /sign-in/callback": true}

func BenchmarkPages(b *testing.B) {
	pages := benchPages
	for _, q := range store.Queues {
		if q != store.QueueWork {
			pages = append(pages, "/queues/"+string(q))
		}
	}
	benched(b, pages)
	for _, engine := range []string{"file", "postgres"} {
		for _, share := range []float64{0.005, 0.1} {
			b.Run(fmt.Sprintf("%s/%v-open", engine, share), func(b *testing.B) {
				few, many := filledOffice(b, engine, fewRequests, share), filledOffice(b, engine, manyRequests, share)
				for _, path := range pages {
					b.Run(strings.NewReplacer("/", "_", "?", "-").Replace(path), func(b *testing.B) { comparePage(b, path, few, many) })
				}
			})
		}
	}
}

// benched demands that every page is among those that are measured.
func benched(b *testing.B, pages []string) {
	b.Helper()
	mux, visited := http.NewServeMux(), map[string]bool{}
	for _, r := range routes() {
		mux.HandleFunc(r.pattern, func(http.ResponseWriter, *http.Request) {})
	}
	for _, path := range pages {
		_, pattern := mux.Handler(httptest.NewRequest(http.MethodGet, path, nil))
		visited[pattern] = true
	}
	for _, r := range routes() {
		if strings.HasPrefix(r.pattern, "GET ") && !visited[r.pattern] && !notBenched[r.pattern] {
			b.Errorf("%s is not measured: add a page of it to benchPages", r.pattern)
		}
	}
}

// filledOffice is the console over a store of so many requests, with a lead who
// looks at it.
func filledOffice(b *testing.B, engine string, n int, share float64) *browser {
	b.Helper()
	at := "sqlite:" + filepath.Join(b.TempDir(), "desk.db")
	if engine == "postgres" {
		at = pgtest.Start(b).Database(b)
	}
	st, err := store.Open(b.Context(), at)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = st.Close() })
	if err := st.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	storetest.Filling{Requests: n, Open: share, Mailboxes: bigRegister, Raw: []byte(aLetter), From: int64(nasdesk.TimestampOf(begins.AddDate(0, 0, -9)))}.Into(b, at)
	_, office := openOffice(b, demo, func(o *Office) { o.Store = st })
	return office.as("lead")
}

// comparePage measures a page at both sizes, each as its best of several visits:
// what else the machine does is no matter of the page's.
func comparePage(b *testing.B, path string, few, many *browser) {
	best, size := [2]time.Duration{math.MaxInt64, math.MaxInt64}, [2]int{}
	for b.Loop() {
		for i, who := range []*browser{few, many} {
			w, r := httptest.NewRecorder(), who.visiting(path)
			began := time.Now()
			who.handler.ServeHTTP(w, r)
			best[i], size[i] = min(best[i], time.Since(began)), w.Body.Len()
			if w.Code != http.StatusOK && path != "/sign-in" {
				b.Fatalf("%s is %d: %.300s", path, w.Code, w.Body)
			}
		}
	}
	b.ReportMetric(float64(best[0].Microseconds()), "few-µs")
	b.ReportMetric(float64(best[1].Microseconds()), "many-µs")
	b.ReportMetric(float64(size[0]), "few-bytes")
	b.ReportMetric(float64(size[1]), "many-bytes")
	// A page that is not full with a thousand requests may cost more where it is.
	fuller := max(1, float64(size[1])/float64(size[0]))
	if best[1] > time.Duration(2*fuller*float64(best[0]))+pageSlack || best[1] > pageLimit {
		b.Errorf("%v and %d bytes with %d requests, %v and %d with %d", best[1], size[1], manyRequests, best[0], size[0], fewRequests)
	}
}

func (b *browser) visiting(path string) *http.Request {
	u, err := url.Parse(path)
	if err != nil {
		b.t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8420"+u.RequestURI(), nil)
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	return r
}
