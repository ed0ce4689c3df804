// Package gianttest holds what is done with a giant of a message to its limits of
// time and memory: the same for reading it and for the whole line.
package gianttest

import (
	"runtime"
	"testing"
	"time"
)

// What one message may cost.
const (
	Time   = time.Second
	Memory = 64 << 20 // bytes of heap
)

// Bench does something with a message over and over, and fails the benchmark where
// it takes more than Time on the average, or more than Memory at any moment.
func Bench(b *testing.B, raw []byte, do func([]byte)) {
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	var peak uint64
	n := 0
	for b.Loop() {
		n++
		b.StopTimer()
		most := watch()
		b.StartTimer()
		do(raw)
		b.StopTimer()
		peak = max(peak, most())
		b.StartTimer()
	}
	b.ReportMetric(float64(peak)/(1<<20), "peak-MiB")
	if took := b.Elapsed() / time.Duration(n); took > Time {
		b.Errorf("one message took %v, more than %v", took, Time)
	}
	if peak > Memory {
		b.Errorf("one message took %d MiB, more than %d", peak>>20, Memory>>20)
	}
}

// watch looks at the heap while something is done, and returns by how much it had
// grown at the most.
func watch() (most func() uint64) {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	before, top := s.HeapAlloc, s.HeapAlloc
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				runtime.ReadMemStats(&s)
				top = max(top, s.HeapAlloc)
			}
		}
	}()
	return func() uint64 {
		close(stop)
		<-done
		runtime.ReadMemStats(&s)
		return max(top, s.HeapAlloc) - before
	}
}
