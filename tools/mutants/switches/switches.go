// Package switches holds the switches that tools/mutants builds into the
// conditions of the program. It is in no build but those of that tool.
//
// One binary holds all mutants. NASDESK_MUTANT names the one that is switched
// on; NASDESK_MUTANTS_SEEN names a file that gets the number of every mutant
// that would have made a difference, so that only the tests that meet a mutant
// need be run against it.
package switches

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"
)

// runaway is how many bytes a mutant may take: one that appends for ever is
// stopped before the machine is.
const runaway = 1 << 30

var (
	active = number(os.Getenv("NASDESK_MUTANT"))
	seen   = notebook(os.Getenv("NASDESK_MUTANTS_SEEN"))
	mu     sync.Mutex
	noted  = map[int]bool{}
)

func number(s string) int {
	n, _ := strconv.Atoi(s)
	if n > 0 {
		go watch()
	}
	return n
}

func watch() {
	for {
		var m runtime.MemStats
		if runtime.ReadMemStats(&m); m.HeapAlloc > runaway {
			fmt.Println("panic: the mutant takes more than 1 GiB")
			os.Exit(2)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func notebook(name string) *os.File {
	if name == "" {
		return nil
	}
	f, err := os.Create(name)
	if err != nil {
		panic("switches: cannot write what was met: " + err.Error())
	}
	return f
}

// On reports whether a mutant is switched on.
func On(mutant int) bool { return mutant == active }

// Met passes a condition on, and notes the mutant that would have turned it: the
// one that makes it false where it is true, the one that makes it true where it
// is false. 0 is no mutant.
func Met(makesFalse, makesTrue int, condition bool) bool {
	if condition {
		note(makesFalse)
	} else {
		note(makesTrue)
	}
	return condition
}

// Edge returns the condition, or, when the mutant is on, the condition with its
// border moved by one.
func Edge(mutant int, condition, moved bool) bool {
	if condition != moved {
		note(mutant)
	}
	if On(mutant) {
		return moved
	}
	return condition
}

func note(mutant int) {
	if seen == nil || mutant == 0 {
		return
	}
	mu.Lock()
	defer mu.Unlock()
	if !noted[mutant] {
		noted[mutant] = true
		fmt.Fprintln(seen, mutant)
	}
}
