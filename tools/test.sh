#!/usr/bin/env bash
# Runs every test. A line for each package, each failure in full, and what was
# skipped, plainly. With CI=true a skipped test is a failure, and all runs once
# more with the race detector. Arguments go to go test; without any it is ./...
set -uo pipefail

if [ $# = 0 ]; then set -- ./...; fi

# run runs the tests with some flags and says what came of them.
run() {
  local log status passed failed skipped
  log=$(mktemp)
  echo "go test $*"
  go test "$@" 2>&1 | tee "$log" | grep --line-buffered -E '^(ok|FAIL|\?)[[:space:]]'
  status=${PIPESTATUS[0]}
  if [ "$status" != 0 ]; then
    # Whatever is not the bare course of a test.
    grep -vE '^(ok[[:space:]]|\?[[:space:]]|PASS$)|^[[:space:]]*(=== (RUN|PAUSE|CONT|NAME)|--- PASS)' "$log"
  fi
  passed=$(grep -cE '^[[:space:]]*--- PASS' "$log")
  failed=$(grep -cE '^[[:space:]]*--- FAIL' "$log")
  skipped=$(grep -cE '^[[:space:]]*--- SKIP' "$log")
  if [ "$skipped" -gt 0 ]; then
    echo "skipped, with the reason:"
    grep -E -B2 '^[[:space:]]*--- SKIP' "$log" | grep -vE '=== (RUN|PAUSE|CONT)|^--$'
    if [ "${CI:-}" = true ]; then
      echo "in CI nothing may be skipped"
      status=1
    fi
  fi
  echo "$passed passed, $failed failed, $skipped skipped"
  rm -f "$log"
  return "$status"
}

run -v -count=1 -timeout 20m "$@" || exit 1
if [ "${CI:-}" = true ]; then
  run -v -count=1 -timeout 20m -race "$@" || exit 1
fi
