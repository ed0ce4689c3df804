# make demo shows the line at work; make test runs every test against the real
# parts. Both need Go alone, and set up the rest.

FUZZTIME ?= 60s
BENCH ?= .
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
STAMP = -trimpath -ldflags '-s -w -X main.version=$(VERSION)'
PLATFORMS ?= linux-amd64 linux-arm64 darwin-arm64

.PHONY: build dist demo screenshots assets test vet fuzz bench mutants parts clean

build: assets
	go build $(STAMP) -o bin/nasdesk ./cmd/nasdesk

# Static binaries with their checksums: what packaging/ installs.
dist: $(PLATFORMS:%=bin/nasdesk-%)
	cd bin && sha256sum $(PLATFORMS:%=nasdesk-%) | tee SHA256SUMS

.PHONY: $(PLATFORMS:%=bin/nasdesk-%)
$(PLATFORMS:%=bin/nasdesk-%): bin/nasdesk-%: assets
	CGO_ENABLED=0 GOOS=$(word 1,$(subst -, ,$*)) GOARCH=$(word 2,$(subst -, ,$*)) go build $(STAMP) -o $@ ./cmd/nasdesk

# The look of the console, from nhsuk-frontend as console/web/package-lock.json
# has it. Without npm, or without its registry, the pages are plain HTML.
assets:
	@if ! command -v npm >/dev/null; then echo "npm is not here: the console's pages will be plain HTML, which works"; \
	elif cmp -s console/web/package-lock.json console/web/node_modules/.laid || (cd console/web && npm ci --silent --ignore-scripts --no-audit --no-fund && cp package-lock.json node_modules/.laid); then (cd console/web && npm run --silent build); \
	else echo "npm could not fetch nhsuk-frontend: the console's pages will be plain HTML, which works"; fi

demo: build
	bin/nasdesk demo

# The pictures of the console that the README shows, made in Chromium of the demo.
screenshots: build
	go run ./tools/screenshots -to docs/img

# Dovecot, Postfix, PostgreSQL and Chromium for the tests: from Debian, where we may.
parts:
	@tools/parts.sh

test: parts assets
	@tools/test.sh

vet:
	go vet ./...
	@files=$$(gofmt -l .); if [ -n "$$files" ]; then echo "gofmt would change:"; echo "$$files"; exit 1; fi
	go run $(STATICCHECK) ./...
	go mod tidy -diff
	go mod verify

# Every fuzz target for FUZZTIME, one after the other. What they find goes into
# testdata/fuzz of their package: commit it with the mending.
fuzz:
	@FUZZTIME=$(FUZZTIME) tools/fuzz.sh

bench:
	go test -run '^$$' -bench '$(BENCH)' -benchmem ./...

# Switches off every rule and guard, one after the other: a named fixture must
# turn red for each. Some minutes; MUTANTS='-only REGEXP' or '-every 10' for less.
# AREA is workflows, wording, intake or root.
mutants:
	go run ./tools/mutants -q -area $(or $(AREA),workflows) $(MUTANTS)

clean:
	rm -rf bin
