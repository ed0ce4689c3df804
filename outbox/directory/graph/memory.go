package graph

import (
	"time"

	"nasdesk"
)

// A memory is what this process knows of its own doing. It is lost in a crash, and
// nothing rests on it then: the stamps on the accounts are the truth, and by the
// time that the outbox takes the work up again they are to be seen.
type memory struct {
	settle  time.Duration
	reports map[string]kept      // by the action's key
	made    map[string]*user     // accounts made, by the action's key
	wrote   map[string][]string  // steps carried out, with their client-request-id, by the action's key
	expects map[string]expecting // what reads must show
	firsts  map[string]time.Time // when something was first missing
}

type kept struct {
	nasdesk.WorkReport
	at time.Time
}

type expecting struct {
	value string
	at    time.Time
}

func newMemory(settle time.Duration) memory {
	return memory{settle, map[string]kept{}, map[string]*user{}, map[string][]string{}, map[string]expecting{}, map[string]time.Time{}}
}

// keep remembers a report: done for good, pending until its time has come.
func (m *memory) keep(key string, r nasdesk.WorkReport, now time.Time) {
	m.forget(now)
	if r.State == nasdesk.WorkFailed {
		return
	}
	m.reports[key] = kept{r, now}
}

// recall returns the report that still holds. Before its time nothing is asked of
// Graph again, whoever calls.
func (m *memory) recall(key string, now time.Time) (nasdesk.WorkReport, bool) {
	k, ok := m.reports[key]
	holds := k.State == nasdesk.WorkDone || k.State == nasdesk.WorkPending && nasdesk.TimestampOf(now) < k.Again
	return k.WorkReport, ok && holds
}

// expect notes what this process has just made so; shows reports whether a read
// agrees, or has had time enough to.
func (m *memory) expect(what, value string, now time.Time) { m.expects[what] = expecting{value, now} }

func (m *memory) shows(what string, agrees func(value string) bool, now time.Time) bool {
	e, ok := m.expects[what]
	return !ok || agrees(e.value) || now.Sub(e.at) >= m.settle
}

// since returns how long something has been missing, beginning now.
func (m *memory) since(what string, now time.Time) time.Duration {
	first, ok := m.firsts[what]
	if !ok {
		m.firsts[what], first = now, now
	}
	return now.Sub(first)
}

// found ends a missing: should it be missing again, that is another one.
func (m *memory) found(what string) { delete(m.firsts, what) }

// remembered is how many things of a sort are kept before old ones are dropped.
const remembered = 20000

// forget drops what is older than two days, where much has come together. What is
// dropped can be read from the tenant again.
func (m *memory) forget(now time.Time) {
	old := now.Add(-48 * time.Hour)
	if len(m.reports) > remembered {
		for key, k := range m.reports {
			if k.at.Before(old) {
				delete(m.reports, key)
				delete(m.made, key)
				delete(m.wrote, key)
			}
		}
	}
	if len(m.expects) > remembered {
		for what, e := range m.expects {
			if e.at.Before(old) {
				delete(m.expects, what)
			}
		}
	}
	if len(m.firsts) > remembered {
		for what, at := range m.firsts {
			if at.Before(old) {
				delete(m.firsts, what)
			}
		}
	}
}

// taken reports whether a name was found to be taken by something that is no
// account, while making one.
func (m *memory) taken(key string, at nasdesk.Address) bool {
	_, ok := m.expects["taken/"+key+"/"+string(at)]
	return ok
}
