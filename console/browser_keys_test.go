package console

import (
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"nasdesk"
	"nasdesk/store"
)

// withAndWithoutScript runs a test in a window where pages may run their script,
// and again where they may not.
func withAndWithoutScript(t *testing.T, f func(t *testing.T, script bool)) {
	t.Run("with JavaScript", func(t *testing.T) { f(t, true) })
	t.Run("without JavaScript", func(t *testing.T) { f(t, false) })
}

// Somebody who has a keyboard alone signs in and clears an exception of every
// reason, one after the other as they stand in the queue, and a message held back
// with a colleague.
func TestTenExceptionsAreClearedByKeyboard(t *testing.T) {
	withAndWithoutScript(t, func(t *testing.T, script bool) {
		b := openDesk(t)
		ids := map[nasdesk.Reason]int64{}
		for _, e := range exceptions {
			b.clock.move(time.Second)
			e.mail(b)
			ids[e.reason] = b.newest().Request.ID
		}
		b.deliver(fa123, "New account", strings.NewReplacer("%s", "301", "Rhona Skye", "Tess Vale", "rhona@", "tess@").Replace(newUser), false)
		b.settled()
		w := openWindow(t, b.serve(), script)
		w.signIn("agent", "/queues/exceptions")
		for i, e := range exceptions {
			if e.after == nasdesk.StateReferred { // a reply alone leaves it in the queue
				e.typed, e.after = maps.Clone(e.typed), nasdesk.StateDone
				e.typed.Set("close", "yes")
			}
			w.open(ids[e.reason])
			w.says(append(e.says, reasonOf(e.reason, nil).Why, reasonOf(e.reason, nil).Helps)...)
			w.preview(e)
			if i == 0 {
				w.undo()
				w.visit("/queues/exceptions")
				w.open(ids[e.reason])
				w.preview(e)
			}
			if !e.act.Quiet() {
				w.says("will be done at")
			}
			b.undoTimeEnds()
			if got := b.dossier(ids[e.reason]).Request.State; got != e.after {
				t.Fatalf("the request that came for %s is %s, not %s", e.reason, got, e.after)
			}
		}
		w.visit("/queues/exceptions")
		w.says(queuesInWords[store.QueueExceptions].Empty)
		w.release(b)
	})
}

// open opens a request from the queue.
func (w *window) open(id int64) {
	w.t.Helper()
	row := "#r" + strconv.FormatInt(id, 10)
	if !w.stop(row).Fits { // behind an act the focus is on the next row already
		w.visit("/queues/exceptions")
		w.skip()
		w.tabTo(row)
	}
	w.enter()
}

// preview fills in the form of an act, sees what will be done, and does it.
func (w *window) preview(e exception) {
	w.t.Helper()
	w.skip()
	w.tabTo(`a[href="#act"]`)
	w.press(kb.Enter)
	act := "#act-" + string(e.act)
	w.tabTo(act + " > summary")
	w.press(kb.Enter)
	button := act + " form[method=post] button"
	if e.act.Quiet() {
		button += "[formaction$=preview]"
	}
	left := maps.Clone(e.typed)
	w.tabTo(button, func(s stop) {
		value, typed := left[s.Name]
		switch {
		case !typed:
			return
		case s.Name == "rule" || s.Name == "close":
			w.press(" ")
		default:
			w.write(value[0])
		}
		delete(left, s.Name)
	})
	if len(left) > 0 {
		w.t.Fatalf("no stop at the fields %v", left)
	}
	w.enter()
	if e.mails == "" {
		w.says("No mail goes out")
	} else {
		w.says(e.mails)
	}
	w.skip()
	w.tabTo("main form button")
	w.enter()
}

// undo takes back what was done last.
func (w *window) undo() {
	w.t.Helper()
	w.visit("/queues/exceptions")
	w.skip()
	w.tabTo(".nas-undo button")
	w.enter()
	w.says("taken back")
}

// release lets a message in that was held back: one proposes it, another agrees.
func (w *window) release(b *browser) {
	w.t.Helper()
	row, requests := b.held(), b.count(store.QueueAll)
	w.visit("/queues/quarantined")
	w.skip()
	w.tabTo("#m" + strconv.FormatInt(row.Message, 10))
	w.enter()
	w.skip()
	w.tabTo("#act-release > summary")
	w.press(kb.Enter)
	w.tabTo("#release-text")
	w.write("I rang the number in the register.")
	w.tabTo("#act-release button")
	w.enter()
	w.says("A second person has to agree")
	w.skip()
	w.tabTo("main form button")
	w.enter()
	w.says("It is done when a colleague agrees")

	second := openWindow(w.t, w.url, w.script)
	second.signIn("second", "/queues/second")
	second.skip()
	second.tabTo(`a[href^="/clicks/"]`)
	second.enter()
	second.says("I rang the number in the register.", "Not proved")
	second.skip()
	second.tabTo(`form[action$="/agree"] button`)
	second.enter()
	second.says("You agreed", "will be done at")
	b.undoTimeEnds()
	if n := b.count(store.QueueQuarantined); n != 0 {
		w.t.Errorf("%d messages are held back still", n)
	}
	if n := b.count(store.QueueAll); n != requests+1 {
		w.t.Errorf("%d requests before the release, %d behind it", requests, n)
	}
}
