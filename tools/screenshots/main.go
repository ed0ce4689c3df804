// Command screenshots starts the demo, looks at its console in Chromium, and
// writes the pictures that the README shows: go run ./tools/screenshots. It needs
// bin/nasdesk, as make build leaves it.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

var (
	to      = flag.String("to", "docs/img", "folder for the pictures")
	nasdesk = flag.String("nasdesk", "bin/nasdesk", "the program")
	listen  = flag.String("listen", "127.0.0.1:8429", "where the demo's console is meanwhile")
	width   = flag.Int64("width", 1280, "of the window, in px")
	whole   = flag.Bool("whole", false, "take whole pages, not their top")
)

// A shot is a picture of a page.
type shot struct {
	name   string
	path   string
	open   string // a script that leads on from there, to another page
	height float64
}

var shots = []shot{
	{name: "queue", path: "/queues/exceptions", height: 960},
	{name: "request", path: "/queues/exceptions", open: `document.querySelector("tbody th a").click()`, height: 1680},
	{name: "preview", path: "/queues/exceptions", open: `document.querySelector("tbody th a").click()`, height: 1560},
	{name: "work", path: "/work", height: 1000},
	{name: "register", path: "/register", height: 760},
	{name: "figures", path: "/figures", height: 1150},
	{name: "try", path: "/try?example=2", height: 900},
}

// mails are sent to the helpdesk, so that there is something for staff to do.
var mails = []struct{ as, subject, text string }{
	{"pharmacy.fdb02@nhs.net", "Link Barnaby", "Please link an existing account to our mailbox.\n\nFull name: Barnaby Quill\nNHS.net email: barnaby.quill@nhs.net\nMobile: 07700 900 199\nRole: Member\n\nPriya"},
	{"pharmacy.fda01@nhs.net", "Account for our locum", "Please link an existing account:\n\nFull name: Nora Finch\nNHS.net email: nora.finch@nhs.net\nMobile: 07700 900 188\nRole: Member\n\nOlive"},
	{"pharmacy.fdc03@nhs.net", "A question", "Hello, is somebody there who could ring us about the printer?\n\nCleo"},
	{"pharmacy.fda01@nhs.net", "New starter", "New nhs.net account please:\n\nFull name: Petra Lund\nMobile: 07700 900 002\nAlternative email: petra.lund@example.com\nRole: Member\n\nOlive"},
}

func main() {
	flag.Parse()
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	demo := exec.Command(*nasdesk, "demo", "--listen", *listen)
	if err := demo.Start(); err != nil {
		return fmt.Errorf("%w: make build makes it", err)
	}
	defer demo.Wait()
	defer demo.Process.Signal(os.Interrupt)
	at := "http://" + *listen
	if err := awaited(at); err != nil {
		return err
	}
	for _, m := range mails {
		answer, err := http.PostForm(at+"/try", url.Values{"as": {m.as}, "subject": {m.subject}, "text": {m.text}})
		if err != nil {
			return err
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("the mail %q: %s", m.subject, answer.Status)
		}
	}
	alloc, done := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true), chromedp.Flag("lang", "en-GB"))...)
	defer done()
	ctx, done := chromedp.NewContext(alloc)
	defer done()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(*width, 1024)); err != nil {
		return err
	}
	if err := signIn(ctx, at); err != nil {
		return err
	}
	for _, s := range shots {
		if err := s.take(ctx, at); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// awaited waits until the demo answers, and its sample mails are through.
func awaited(at string) error {
	for range 600 {
		if answer, err := http.Get(at + "/try?as=pharmacy.fda01@nhs.net"); err == nil {
			answer.Body.Close()
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("nothing answers at %s", at)
}

func signIn(ctx context.Context, at string) error {
	return chromedp.Do(ctx, chromedp.Navigate(at+"/sign-in"), chromedp.SetValue(chromedp.CSS("#name"), "lead"), chromedp.SetValue(chromedp.CSS("#password"), "demo"),
		follow(`document.querySelector("#password").form.submit()`))
}

// follow runs a script that leads to another page, and waits for it.
func follow(script string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Evaluate[chromedp.Void]("void "+script))(ctx, t)
		return err
	})
}

func (s shot) take(ctx context.Context, at string) error {
	steps := []chromedp.Action[chromedp.Void]{chromedp.Navigate(at + s.path)}
	if s.path == "/queues/exceptions" {
		steps = append(steps, chromedp.WaitReady(chromedp.CSS("tbody th a")))
	}
	if s.open != "" {
		steps = append(steps, follow(s.open))
	}
	if s.name == "preview" {
		steps = append(steps, follow(`(() => { const f = document.querySelector("#act-ask form"); f.closest("details").open = true; f.querySelector("button").click(); })()`))
	}
	if err := chromedp.Do(ctx, steps...); err != nil {
		return err
	}
	height, err := chromedp.Run(ctx, chromedp.Evaluate[float64](`document.documentElement.scrollHeight`))
	if err != nil {
		return err
	}
	if !*whole {
		height = min(height, s.height)
	}
	beyond := true
	picture, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: &beyond,
		Clip: &page.Viewport{Width: float64(*width), Height: height, Scale: 1}})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(*to, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(*to, s.name+".png"), picture.Data, 0o644)
}
