package console

import (
	"fmt"
	"net/http"
	"time"

	"nasdesk"
)

// streamFor is how long a stream of events lasts before the browser asks for a
// new one: so long may a page hear of changes after its session has ended.
const streamFor = 5 * time.Minute

// events tells a page whenever something in the store has changed. It says no
// more than that: the page asks for what it shows.
func events(v *visit) error {
	control := http.NewResponseController(v.w)
	// The server's limit on writing is for pages.
	if err := control.SetWriteDeadline(time.Time{}); err != nil {
		return fmt.Errorf("a stream of events: %w", err)
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // nginx would gather them
	end := time.NewTimer(streamFor)
	defer end.Stop()
	for what := "retry: 3000\n\n"; ; what = "event: changed\ndata:\n\n" {
		changed := v.office.Store.Changed()
		if _, err := v.w.Write([]byte(what)); err != nil {
			return nil
		}
		if err := control.Flush(); err != nil {
			return nil
		}
		select {
		case <-v.ctx().Done():
			return nil
		case <-end.C:
			return nil
		case <-changed:
		}
		now := nasdesk.TimestampOf(v.office.Now())
		if _, err := v.office.Store.SessionAt(v.ctx(), v.staff.Token, now); err != nil {
			return nil // signed out, or the time is over
		}
	}
}
