package console

import (
	"strconv"
	"testing"
)

// An exception that comes in appears in a queue that is open, without anything
// pressed; where no script runs the page stands still, and is the same when it is
// fetched again.
func TestAnOpenQueueFollowsWhatHappens(t *testing.T) {
	withAndWithoutScript(t, func(t *testing.T, script bool) {
		b := openDesk(t)
		exceptions[0].mail(b)
		b.settled()
		first := "#r" + strconv.FormatInt(b.newest().Request.ID, 10)
		w := openWindow(t, b.serve(), script)
		w.signIn("agent", "/queues/exceptions")
		if script {
			w.until(`document.querySelector(".nas-news") !== null`)
		}
		exceptions[6].mail(b)
		b.settled()
		second := "#r" + strconv.FormatInt(b.newest().Request.ID, 10)
		if script {
			w.until(`document.querySelector(` + quoted(second) + `) !== null`)
			w.until(`document.querySelector(".nas-news").innerText.includes("1 new")`)
			w.says("Exceptions 2")
		} else if eval[bool](w, `document.querySelector(`+quoted(second)+`) !== null`) {
			t.Error("without script the page changed under its reader")
		}
		w.visit("/queues/exceptions")
		w.skip()
		w.tabTo(first)
		w.tabTo(second)
	})
}

// While somebody is at work in a list nothing moves under their hands: a button
// says what is new, and shows it.
func TestAListInUseWaitsToBeAsked(t *testing.T) {
	b := openDesk(t)
	exceptions[0].mail(b)
	b.settled()
	first := "#r" + strconv.FormatInt(b.newest().Request.ID, 10)
	w := openWindow(t, b.serve(), true)
	w.signIn("agent", "/queues/exceptions")
	w.until(`document.querySelector(".nas-news") !== null`)
	w.press("j")
	if s := w.stop(first); !s.Fits {
		t.Fatalf("j led to %s", s.What)
	}
	exceptions[6].mail(b)
	b.settled()
	w.until(`document.querySelector(".nas-news button") !== null`)
	if s := w.stop(first); !s.Fits {
		t.Errorf("the focus went to %s", s.What)
	}
	w.tabTo(".nas-news button")
	w.press("\r")
	w.until(`document.activeElement?.matches(` + quoted(first) + `)`)
	w.press("j")
	if s := w.stop("#r" + strconv.FormatInt(b.newest().Request.ID, 10)); !s.Fits {
		t.Errorf("j led to %s", s.What)
	}
}
