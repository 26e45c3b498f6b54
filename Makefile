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

# Coverage beside the race detector would make the encoder ten times as slow.
.PHONY: test
test: ## all tests that need nothing but Go, with the race detector and coverage
	go test $(RACE) -cover $$(go list ./... | grep -v /internal/deflate)
	go test $(RACE) ./reproducible/internal/deflate
	$(if $(RACE),go test ./skills # with what is too much work for the race detector)

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
