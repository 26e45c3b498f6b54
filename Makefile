# SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
# SPDX-License-Identifier: Apache-2.0

# The skill directory that `make demo` takes.
SKILL ?= skills/testdata/skills/csv-report

# The race detector needs a C compiler.
RACE = $(if $(filter 1,$(shell go env CGO_ENABLED)),-race)

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: help
help: ## show this list
	@sed -n 's/^\([a-z]*\):.* ## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

.PHONY: demo
demo: ## the main job from end to end, on a registry of its own; SKILL=dir takes yours
	@go build -o bin/ ./skills/cmd/...
	@bin/demo bin/skillcask "$(SKILL)"

# A program with the race detector sleeps for a second before it ends, unless told.
export GORACE := atexit_sleep_ms=10 $(GORACE)

# What is too much work in one goroutine for the race detector, in any package.
BOUNDED = $$(grep -rl --include='*_test.go' SkipUnderRace . | xargs -n1 dirname | sort -u)

.PHONY: test
test: ## all tests that need nothing but Go, with the race detector
	$(if $(RACE),go test -run 'Bounded$$|^Fuzz' $(BOUNDED) & bounded=$$!; go test -race ./...; status=$$?; wait $$bounded && exit $$status,go test ./...)

.PHONY: cover
cover: ## the tests with coverage, without the race detector
	go test -cover ./...

.PHONY: lint
lint: ## gofmt, go vet and staticcheck
	@unformatted=$$(gofmt -l .) && if [ -n "$$unformatted" ]; then echo "run gofmt -w on:"; echo "$$unformatted"; exit 1; fi
	go vet -tags integration ./...
	GOARCH=386 CGO_ENABLED=0 go vet ./...
	GOOS=windows CGO_ENABLED=0 go vet ./...
	GOOS=darwin CGO_ENABLED=0 go vet ./...
	cd registrytest/internal/bench && go vet .
	cd skills/internal/bench && go vet .
	go run $(STATICCHECK) -tags integration ./...

.PHONY: bench
bench: ## all benchmarks
	go test -run '^$$' -bench . -benchmem ./...
	cd registrytest/internal/bench && go test -run '^$$' -bench . -benchmem .
	cd skills/internal/bench && go test -run '^$$' -bench . -benchtime 5x .

.PHONY: integration
integration: ## tests with real registries, clients and decoders; those that are not installed are skipped
	@status=$$(mktemp) && trap 'rm -f "$$status"' EXIT && \
	{ go test -tags integration -count=1 -v -parallel 4 -run Integration ./skills/... ./reproducible/... ./registrytest/...; echo $$? >"$$status"; } 2>&1 | \
	awk -f .ci/short.awk && exit $$(cat "$$status")

.PHONY: conformance
conformance: ## the official distribution-spec suite on registrytest; needs the module proxy
	REGISTRYTEST_CONFORMANCE=1 go test -count=1 -v -run TestConformance ./registrytest
