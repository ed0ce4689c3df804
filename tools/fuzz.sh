#!/usr/bin/env bash
# Runs each fuzz target of each package for FUZZTIME.
#
# An input that is new is made smaller before it is kept. Go gives that a minute
# by itself, in which nothing else is tried: a hundred runs have to do.
set -euo pipefail

for package in $(go list ./...); do
  for target in $(go test -list "^Fuzz${FUZZ:-}" "$package" | grep '^Fuzz' || true); do
    echo "$package $target, ${FUZZTIME:-60s}"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-60s}" -fuzzminimizetime 100x -parallel "${FUZZPARALLEL:-2}" "$package"
  done
done
