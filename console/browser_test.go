package console

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	protocol "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// What only a browser can tell is asked of one: Chromium, started once for all
// tests. Each test has windows of its own, whose cookies nobody else sees.

func TestMain(m *testing.M) {
	code := m.Run()
	if close := chromiumOpen; close != nil {
		close()
	}
	os.Exit(code)
}

var chromiumOpen context.CancelFunc

// chromium starts it, once.
var chromium = sync.OnceValues(func() (context.Context, error) {
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		return nil, fmt.Errorf("Chromium is not here: apt-get install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true))
	alloc, closeAlloc := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, closeBrowser := chromedp.NewContext(alloc)
	chromiumOpen = func() { closeBrowser(); closeAlloc() }
	if err := chromedp.Do(ctx); err != nil {
		return nil, fmt.Errorf("Chromium at %s does not start: %w", path, err)
	}
	return ctx, nil
})

// patience is how long a window waits for what must come.
const patience = time.Minute

// A window of Chromium at a console.
type window struct {
	t      testing.TB
	ctx    context.Context
	url    string // of the console, without a path
	script bool
}

// serve puts the console on a port of this machine.
func (b *browser) serve() string {
	b.t.Helper()
	s := httptest.NewServer(b.handler)
	b.t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s.URL
}

// openWindow opens a window. Without script, pages in it run none of theirs.
func openWindow(t testing.TB, url string, script bool) *window {
	t.Helper()
	parent, err := chromium()
	if err != nil {
		t.Skip(err)
	}
	ctx, done := chromedp.NewContext(parent, chromedp.WithNewBrowserContext())
	t.Cleanup(done)
	// The window lives as long as the context of the first that is done in it.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	w := &window{t: t, ctx: ctx, url: url, script: script}
	w.do("size", chromedp.EmulateViewport(1280, 1024))
	w.call("focus", func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return err
	})
	if !script {
		w.call("script", func(ctx context.Context) error {
			_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
			return err
		})
	}
	return w
}

// call has something done with patience.
func (w *window) call(what string, f func(context.Context) error) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	if err := f(ctx); err != nil {
		w.t.Fatalf("%s: %v\nat %s", what, err, w.where())
	}
}

func (w *window) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	w.call(what, func(ctx context.Context) error { return chromedp.Do(ctx, steps...) })
}

// where is the page it shows, for messages.
func (w *window) where() string {
	ctx, cancel := context.WithTimeout(w.ctx, 5*time.Second)
	defer cancel()
	s, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`location.pathname + location.search + " " + (document.querySelector("main")?.innerText ?? "").slice(0, 2000)`))
	return s
}

// visit goes to a page as one who types its address.
func (w *window) visit(path string) {
	w.t.Helper()
	w.do("visit "+path, chromedp.Navigate(w.url+path))
}

// eval gives the value of an expression on the page.
func eval[T any](w *window, expression string) T {
	w.t.Helper()
	var out T
	w.call("look", func(ctx context.Context) (err error) {
		out, err = chromedp.Run(ctx, chromedp.Evaluate[T](expression))
		return err
	})
	return out
}

// quoted is a text as JavaScript writes it.
func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// says demands that the page shows a text.
func (w *window) says(texts ...string) {
	w.t.Helper()
	have := eval[string](w, `document.body.innerText.replace(/\s+/g, " ")`)
	for _, want := range texts {
		if !strings.Contains(strings.ToLower(have), strings.ToLower(strings.Join(strings.Fields(want), " "))) {
			w.t.Errorf("the page does not say %q:\n%s", want, have)
		}
	}
}

// until waits until an expression holds.
func (w *window) until(expression string) {
	w.t.Helper()
	for end := time.Now().Add(patience); !eval[bool](w, expression); {
		if time.Now().After(end) {
			w.t.Fatalf("it never comes about: %s\nat %s", expression, w.where())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// press presses a key.
func (w *window) press(key string, held ...chromedp.Modifier) {
	w.t.Helper()
	w.do("press", chromedp.KeyEvent(key, chromedp.KeyModifiers(held...)))
}

// enter presses Enter, or another key, on what leads to another page, and waits for it.
func (w *window) enter(key ...string) {
	w.t.Helper()
	w.call("enter", func(ctx context.Context) error {
		_, err := chromedp.Run(ctx, chromedp.WaitEvent(protocol.LoadEventFired, nil, chromedp.KeyEvent(strings.Join(append(key, kb.Enter)[:1], ""))))
		return err
	})
}

// write types into the field that has the focus, over what stands there.
func (w *window) write(text string) {
	w.t.Helper()
	w.press("a", chromedp.ModifierCtrl)
	w.press(text)
}

// A stop is where the focus is.
type stop struct {
	Index  int // in the order of the document; -1 when nothing has the focus
	What   string
	Name   string // of a field
	Fits   bool   // the selector that was asked for
	Seen   bool   // that it has the focus shows
	InView bool
}

// focusing looks at what has the focus. That it shows is told from how the same
// element, its parts and its label look without: see resting.
const focusing = `(selector => {
  const looks = (e) => [e, ...e.querySelectorAll("*"), ...(e.labels ?? [])].map(x => {
    const label = x.matches("label"), s = getComputedStyle(x, label ? "::before" : null);
    const outline = s.outlineStyle === "none" || parseFloat(s.outlineWidth) === 0 || /, 0\)$|transparent/.test(s.outlineColor) ? "" : s.outlineWidth + s.outlineColor;
    return [outline, s.boxShadow, s.borderColor, s.backgroundColor].join("|");
  }).join("\n");
  const e = document.activeElement;
  const can = "a[href], button, input, select, textarea, summary, iframe, [tabindex], [contenteditable]";
  window.resting ??= new Map([...document.querySelectorAll(can)].filter(x => x !== e).map(x => [x, looks(x)]));
  if (!e || e === document.body || e === document.documentElement) return {Index: -1, What: "nothing", Name: "", Fits: false, Seen: true, InView: true};
  const r = e.getBoundingClientRect();
  return {
    Index: [...document.querySelectorAll("*")].indexOf(e),
    What: e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + " " + (e.innerText || e.name || e.title || "").slice(0, 40).trim(),
    Name: e.name ?? "",
    Fits: selector !== "" && e.matches(selector),
    Seen: !resting.has(e) || resting.get(e) !== looks(e),
    InView: r.width > 0 && r.height > 0 && r.bottom > 0 && r.right > 0 && r.top < innerHeight && r.left < innerWidth,
  };
})`

// stop looks at where the focus is, and demands that one sees it.
func (w *window) stop(selector string) stop {
	w.t.Helper()
	s := eval[stop](w, focusing+"("+quoted(selector)+")")
	if !s.Seen || !s.InView {
		w.t.Errorf("the focus on %s is not seen (it shows: %v, in view: %v) at %s", s.What, s.Seen, s.InView, eval[string](w, "location.pathname"))
	}
	return s
}

// tabTo presses Tab until the focus is on what a selector names, and demands of
// every stop that it is seen and behind the one before. At each, see may do more.
func (w *window) tabTo(selector string, see ...func(stop)) {
	w.t.Helper()
	before := w.stop(selector)
	var passed []string
	for range 300 {
		w.press(kb.Tab)
		s := w.stop(selector)
		if before.Index >= 0 && (s.Index < 0 || s.Index <= before.Index) {
			w.t.Fatalf("behind %s comes %s: %s is not reached from\n%s\nat %s", before.What, s.What, selector, strings.Join(passed, "\n"), w.where())
		}
		if s.Fits {
			return
		}
		for _, f := range see {
			f(s)
		}
		passed, before = append(passed, s.What), s
	}
	w.t.Fatalf("%s is not reached in 300 stops at %s", selector, w.where())
}

// skip uses the link over the header, which is the first stop of every page.
func (w *window) skip() {
	w.t.Helper()
	w.press(kb.Tab)
	if s := w.stop(".nhsuk-skip-link"); !s.Fits {
		w.t.Errorf("the first stop is %s, not the link to the content, at %s", s.What, w.where())
	}
	w.press(kb.Enter)
	w.until(`location.hash === "#maincontent"`)
}

// signIn signs in on the page that is asked for without a session, by keyboard.
func (w *window) signIn(name, path string) {
	w.t.Helper()
	w.visit(path)
	w.skip()
	w.tabTo("#name")
	w.write(name)
	w.tabTo("#password")
	w.write(password)
	w.enter()
	if at := eval[string](w, "location.pathname + location.search"); at != path {
		w.t.Fatalf("signing in led to %s: %s", at, w.where())
	}
}
