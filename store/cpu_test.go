package store

import (
	"syscall"
	"testing"
	"time"
)

// processors measures what a benchmark takes of the processors, from its call to
// the function that it returns: ours, and the database's. On a machine that
// others use too, seconds say little; this says what a machine must have.
func processors(b *testing.B) func() {
	own, database := ownTime(), databaseTime()
	return func() {
		b.ReportMetric(float64((ownTime()-own).Microseconds())/float64(b.N), "own-cpu-µs/op")
		b.ReportMetric(float64((databaseTime()-database).Microseconds())/float64(b.N), "db-cpu-µs/op")
	}
}

func ownTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func databaseTime() time.Duration {
	if !started {
		return 0
	}
	s, _ := cluster()
	return s.Processor()
}
