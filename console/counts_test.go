package console

import (
	"testing"

	"nasdesk"
	"nasdesk/store"
)

// The queues are counted anew when something has changed here, on another day,
// and after a while, for others may have changed something.
func TestQueuesAreCountedWhenSomethingChanged(t *testing.T) {
	b := openDesk(t)
	c := &counts{}
	now := nasdesk.TimestampOf(b.clock.now())
	of := func(today nasdesk.Date, now nasdesk.Timestamp) int {
		t.Helper()
		n, err := c.of(t.Context(), b.office.Store, today, now)
		if err != nil {
			t.Fatal(err)
		}
		return n[store.QueueExceptions]
	}
	if n := of(b.today(), now); n != 0 || !c.hold(b.today(), now+countsLast-1) {
		t.Errorf("%d, and they are not kept", n)
	}
	if c.hold(b.today(), now+countsLast) || c.hold(b.today().AddDays(1), now) {
		t.Error("they are kept too long")
	}
	exceptions[0].mail(b)
	if n := of(b.today(), now); n != 1 {
		t.Errorf("%d after a change", n)
	}
}
