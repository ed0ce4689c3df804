//go:build race

package main

// With the race detector on, the built program has it too.
func init() { buildFlags = append(buildFlags, "-race") }
