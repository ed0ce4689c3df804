package console

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	protocol "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// sample: every so many states of pages are looked at.
var sample = 1

// axeSource is axe-core as console/browser/package-lock.json has it.
func axeSource(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile("browser/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("axe-core is not here: npm ci --prefix console/browser fetches it")
	}
	return string(source)
}

// axeRun is what axe-core is asked for. Frames are pages of their own, and seen
// as such. It is handed in by the browser's protocol, beside the policy of the
// page, which stands as it is.
const axeRun = `axe.run(document, {runOnly: %s, resultTypes: ["violations"], iframes: false}).then(r => r.violations.map(v =>
  v.id + " (" + v.help + "): " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 200) + " " + n.any.concat(n.all, n.none).map(c => c.message).join("; ")).join("\n    ")))`

// What is asked of a page of ours, of a document for a frame, and once more of a
// page made narrow: there those rules alone that look at how it is laid out.
const (
	axeTags     = `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]`
	axeTagsBare = `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]`
	axeNarrow   = `{type: "rule", values: ["color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block", "region", "bypass", "skip-link",
    "aria-hidden-focus", "label", "button-name", "link-name", "empty-heading", "page-has-heading-one", "heading-order", "summary-name", "empty-table-header", "landmark-one-main"]}`
)

func everyNth[T any](list []T, n int) []T {
	var out []T
	for i := 0; i < len(list); i += n {
		out = append(out, list[i])
	}
	return out
}

// Every page in every state, wide, and as narrow as a telephone or as a screen of
// 1280 px at 400 per cent: axe-core finds nothing, nothing sticks out to the side,
// no table is without rows, and each state shows what makes it that state.
func TestEveryPageInEveryStateInABrowser(t *testing.T) {
	axe := axeSource(t)
	if _, err := chromium(); err != nil {
		t.Skip(err)
	}
	s := openScene(t)
	all := s.sights()
	byVisitor := map[string][]sight{}
	for _, r := range routes() {
		list := all[r.pattern]
		if len(list) == 0 {
			t.Errorf("the route %q is not visited: give it its states", r.pattern)
		}
		delete(all, r.pattern)
		for _, x := range list {
			x.state = r.pattern + ", " + x.state
			who := x.as
			if x.empty {
				who += " where nothing is"
			}
			byVisitor[who] = append(byVisitor[who], x)
		}
	}
	for pattern := range all {
		t.Errorf("there is no route %q", pattern)
	}
	full, empty := s.full.serve(), s.empty.serve()
	t.Run("by", func(t *testing.T) {
		for who, list := range byVisitor {
			for part := range slices.Chunk(everyNth(list, sample), 25) {
				t.Run(who, func(t *testing.T) {
					t.Parallel()
					b, at := s.full, full
					if part[0].empty {
						b, at = s.empty, empty
					}
					lookAt(t, b.at(t), at, axe, part)
				})
			}
		}
	})
}

// lookAt sees pages as one visitor, in a window of theirs.
func lookAt(t *testing.T, b *browser, url, axe string, list []sight) {
	w := openWindow(t, url, true)
	w.brings(axe)
	if as := list[0].as; as != "" {
		w.cookie("nasdesk-session", b.as(as).cookies["nasdesk-session"])
	}
	for _, x := range list {
		w.look(b, x)
	}
}

// brings has a script run on every page of the window.
func (w *window) brings(source string) {
	w.t.Helper()
	w.call("script", func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, protocol.AddScriptToEvaluateOnNewDocument, protocol.AddScriptToEvaluateOnNewDocumentParams{Source: source})
		return err
	})
}

func (w *window) cookie(name, value string) {
	w.t.Helper()
	w.call("cookie", func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: w.url})
		return err
	})
}

// look sees one page in one state.
func (w *window) look(b *browser, x sight) {
	w.t.Helper()
	if x.file != "" {
		if p := b.as(x.as).fetch(http.MethodGet, x.path, nil).is(http.StatusOK); !strings.HasPrefix(p.header.Get("Content-Type"), x.file) {
			w.t.Errorf("%s is %s", x.state, p.header.Get("Content-Type"))
		}
		return
	}
	w.do("size", chromedp.EmulateViewport(1280, 1024))
	if x.form != nil {
		w.visit("/sign-in")
		w.send(x)
	} else {
		w.bypass(x.bare) // in its sandbox not even axe-core runs
		w.visit(x.path)
	}
	have := eval[string](w, `document.body.textContent.replace(/\s+/g, " ")`)
	if !strings.Contains(strings.ToLower(have), strings.ToLower(x.says)) {
		w.t.Errorf("%s does not say %q:\n%s", x.state, x.says, have)
	}
	if x.bare {
		w.axe(x, axeTagsBare)
		w.bypass(false)
		return
	}
	w.tables(x)
	w.axe(x, axeTags)
	w.do("size", chromedp.EmulateViewport(320, 256))
	w.narrow(x)
	w.axe(x, axeNarrow)
}

// bypass switches the policies of pages off, or on again.
func (w *window) bypass(off bool) {
	w.t.Helper()
	w.call("policy", func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, protocol.SetBypassCSP, protocol.SetBypassCSPParams{Enabled: off})
		return err
	})
}

// send posts a form as one on a page of ours does.
func (w *window) send(x sight) {
	w.t.Helper()
	fields := []string{}
	for name, values := range x.form {
		for _, v := range values {
			fields = append(fields, fmt.Sprintf("[%s, %s]", quoted(name), quoted(v)))
		}
	}
	files := []string{}
	for name, text := range x.files {
		files = append(files, fmt.Sprintf("[%s, %s]", quoted(name), quoted(text)))
	}
	kind := ""
	if x.files != nil {
		kind = "multipart/form-data"
	}
	script := `(() => {
  const form = document.createElement("form");
  form.method = "post"; form.action = ` + quoted(x.path) + `; form.enctype = ` + quoted(kind) + `;
  const add = (type, name) => { const i = document.createElement("input"); i.type = type; i.name = name; form.append(i); return i; };
  for (const [name, value] of [` + strings.Join(fields, ", ") + `]) {
    const t = document.createElement("textarea"); t.name = name; t.value = value; form.append(t);
  }
  for (const [name, text] of [` + strings.Join(files, ", ") + `]) {
    const held = new DataTransfer();
    held.items.add(new File([text], name + ".csv", {type: "text/csv"}));
    add("file", name).files = held.files;
  }
  document.body.append(form);
  form.submit();
})()`
	w.call("send", func(ctx context.Context) error {
		_, err := chromedp.Run(ctx, chromedp.WaitEvent(protocol.LoadEventFired, nil, chromedp.Evaluate[chromedp.Void](script)))
		return err
	})
}

func (w *window) axe(x sight, tags string) {
	w.t.Helper()
	var found []string
	w.call("axe", func(ctx context.Context) (err error) {
		found, err = chromedp.Run(ctx, chromedp.Evaluate[[]string](fmt.Sprintf(axeRun, tags), chromedp.EvalAwaitPromise))
		return err
	})
	for _, f := range found {
		w.t.Errorf("%s as %q, %v px wide: %s", x.state, x.as, eval[int](w, "innerWidth"), f)
	}
}

// tables demands as many as the state has, and rows in each.
func (w *window) tables(x sight) {
	w.t.Helper()
	rows := eval[[]int](w, `[...document.querySelectorAll("main table")].map(t => t.querySelectorAll("tbody tr").length)`)
	if len(rows) < x.tables {
		w.t.Errorf("%s has %d tables, not %d", x.state, len(rows), x.tables)
	}
	for i, n := range rows {
		if n == 0 {
			w.t.Errorf("%s: table %d has no rows", x.state, i+1)
		}
	}
}

// narrow demands that nothing makes the page itself scroll sideways.
func (w *window) narrow(x sight) {
	w.t.Helper()
	out := eval[[]string](w, `document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && e.checkVisibility()
    && !e.closest(".nas-scroll")).slice(0, 5).map(e => e.tagName + "." + e.className + " " + Math.round(e.getBoundingClientRect().right) + ": " + e.textContent.trim().slice(0, 60))`)
	if len(out) > 0 {
		w.t.Errorf("%s as %q sticks out at 320 px:\n    %s", x.state, x.as, strings.Join(out, "\n    "))
	}
}
