#!/usr/bin/env bash
# Runs each fuzz target of each package for FUZZTIME.
set -euo pipefail

for package in $(go list ./...); do
  for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
    echo "$package $target, ${FUZZTIME:-60s}"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-60s}" "$package"
  done
done
