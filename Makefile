# make demo shows the line at work; make test runs every test against the real
# parts. Both need Go alone, and set up the rest.

FUZZTIME ?= 60s
BENCH ?= .
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: build demo test vet fuzz bench mutants parts clean

build:
	go build -trimpath -o bin/nasdesk ./cmd/nasdesk

demo: build
	bin/nasdesk demo

# Dovecot, Postfix and PostgreSQL for the tests: from Debian, where we may.
parts:
	@tools/parts.sh

test: parts
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
