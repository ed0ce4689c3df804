//go:build race

package console

// The race detector watches this program, not the browser: pages are sampled.
func init() { sample = 10 }
