#!/usr/bin/env bash
# Sets up the parts that the tests run against: Dovecot, Postfix, PostgreSQL,
# Chromium, npm with what its lock files name, and a C compiler for the race detector. On Debian, as root, what is missing is
# installed; elsewhere it is named, and the tests that need it are skipped. No
# service is started or changed: each test runs a part of its own.
set -euo pipefail

missing=()
declare -A packages=(
  [dovecot]="dovecot-core dovecot-imapd"
  [lmtp]="dovecot-lmtpd"
  [postfix]="postfix"
  [postgresql]="postgresql"
  [cc]="gcc libc6-dev"
  [git]="git"
  [chromium]="chromium fonts-liberation"
  [npm]="nodejs npm"
)

has() {
  case $1 in
    dovecot) [ -x /usr/sbin/dovecot ] || command -v dovecot >/dev/null ;;
    lmtp) [ -x /usr/lib/dovecot/lmtp ] || [ -x /usr/libexec/dovecot/lmtp ] ;;
    postfix) [ -x /usr/sbin/postfix ] ;;
    postgresql) [ -n "${NASDESK_TEST_POSTGRES:-}" ] || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ||
      { command -v pg_config >/dev/null && [ -x "$(pg_config --bindir)/initdb" ]; } ;;
    chromium) command -v chromium >/dev/null || command -v google-chrome >/dev/null ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

look() {
  missing=()
  for part in dovecot lmtp postfix postgresql chromium npm cc git; do
    has "$part" || missing+=("$part")
  done
}

install_missing() {
  local wanted=()
  for part in "${missing[@]}"; do
    read -ra names <<<"${packages[$part]}"
    wanted+=("${names[@]}")
  done
  echo "parts: installing ${wanted[*]}"
  export DEBIAN_FRONTEND=noninteractive
  # Installing starts no service.
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  apt-get update -qq
  # Postfix asks what it is for. Nothing: the tests bring their configuration.
  if command -v debconf-set-selections >/dev/null; then
    echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
  fi
  apt-get install -y -qq --no-install-recommends "${wanted[@]}" </dev/null
}

# packages_of brings the packages that a lock file names; the tests that read them
# are skipped without.
packages_of() {
  cmp -s "$1/package-lock.json" "$1/node_modules/.laid" && return
  if npm ci --prefix "$1" --silent --ignore-scripts --no-audit --no-fund; then
    cp "$1/package-lock.json" "$1/node_modules/.laid"
  else
    echo "parts: npm could not fetch what $1/package-lock.json names; tests that need it are skipped"
  fi
}

look
if [ ${#missing[@]} -gt 0 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  install_missing
  look
fi
if [ ${#missing[@]} -gt 0 ]; then
  echo "parts: not here: ${missing[*]}; tests that need them are skipped. On Debian: apt-get install $(
    for part in "${missing[@]}"; do printf '%s ' "${packages[$part]}"; done)"
  if [ "${CI:-}" = true ]; then exit 1; fi
  exit 0
fi
echo "parts: Dovecot, Postfix, PostgreSQL and Chromium are here"
for lock in outbox/directory/graph/types console/web console/browser; do
  [ -e "$lock/package-lock.json" ] && packages_of "$lock"
done
if [ "$(id -u)" != 0 ]; then
  echo "parts: Postfix runs for root only; as $(id -un), the tests that need it are skipped"
fi
