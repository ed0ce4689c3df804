//go:build race

package main

// With the race detector on, the built program has it too, and the suites in
// which nothing runs beside anything are sampled: they are ten times as slow and
// run whole without it.
func init() {
	buildFlags = append(buildFlags, "-race")
	sample = 10
}
