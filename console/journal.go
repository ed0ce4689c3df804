package console

import (
	"sync"

	"nasdesk"
)

// A view is something of personal data that a page shows.
type view struct {
	what    string
	request int64
	subject string
}

// viewed writes into the journal that this member of staff saw something of
// personal data: once for each page, however often it is called. What says what
// was seen, as "request" or "account"; request is its id, 0 for none; subject is
// whom it concerns, an address, kept as a digest. A page that cannot be
// journalled is not shown. A page that shows itself again, by itself, writes no
// more than one line in five minutes.
func (v *visit) viewed(what string, request int64, subject string) error {
	it := view{what, request, subject}
	if v.journalled[it] || v.byItself() && v.frame.glances.lately(glance{v.staff.Token, it}, v.now) {
		return nil
	}
	if err := v.office.Store.Viewed(v.ctx(), v.staff.Staff, what, request, subject, v.now); err != nil {
		return err
	}
	if v.journalled == nil {
		v.journalled = map[view]bool{}
	}
	v.journalled[it] = true
	v.frame.glances.wrote(glance{v.staff.Token, it}, v.now)
	return nil
}

const (
	oneGlance   = nasdesk.Timestamp(5 * 60 * 1e6) // looks within so long are one, where a page asks by itself
	mostGlances = 10_000                          // that are remembered
)

// A glance is a view in one session.
type glance struct {
	token string // its hash
	view
}

// glances remembers which views were written in the journal lately.
type glances struct {
	mu sync.Mutex
	at map[glance]nasdesk.Timestamp
}

// lately reports whether a line on this one is less than five minutes old.
func (g *glances) lately(it glance, now nasdesk.Timestamp) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	at, ok := g.at[it]
	return ok && now-at < oneGlance
}

// wrote remembers that a line was written. What is forgotten is written once more.
func (g *glances) wrote(it glance, now nasdesk.Timestamp) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.at) >= mostGlances || g.at == nil {
		g.at = map[glance]nasdesk.Timestamp{}
	}
	g.at[it] = now
}
