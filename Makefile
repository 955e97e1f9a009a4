# Everything here works in a fresh clone with Go, git and make alone:
# what else a target needs, it installs (see scripts/deps.sh).

LINT_VERSION := v2.15.0
VULN_VERSION := v1.9.0

LINT := bin/golangci-lint-$(LINT_VERSION)

# Where build puts the program.
RUNG := bin/rung

# More flags for go test: make test TESTFLAGS='-race -run TestUp'
TESTFLAGS :=

# The majors of test-matrix: make test-matrix MAJORS='14 18'
MAJORS := 14 15 16 17 18

.DEFAULT_GOAL := help
.PHONY: help demo demo-full test test-newest test-matrix test-tools test-citus cross lint lint-tool deploy-lint fmt vuln bench build site dist deps image image-test clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: build ## a typo, a lock, a kill -9 and an enum change, on a throwaway PostgreSQL, in half a minute
	@scripts/deps.sh postgresql
	@bin/rung sandbox -- demo/run.sh

demo-full: build ## apply all of sql/ and revert it again, on a throwaway PostgreSQL
	@scripts/deps.sh postgresql
	@bin/rung sandbox -- demo/full.sh

# Those that take longest come first: the others fill in behind them.
test: deps ## go vet and all tests, on throwaway servers
	go vet ./...
	go test ./templates ./runner ./internal/chaos ./cli ./... -count=1 -timeout 60m $(TESTFLAGS)

# What differs between servers is asked of the newest too: of all that talks to one,
# and of the templates those tests that go up, down and up again. What cli says of it
# is the same on all; make test-matrix runs that too. The templates need the processors, and
# the others mostly wait: they run side by side.
test-newest: deps ## the tests that every change must pass on PostgreSQL 18 too
	@scripts/postgres.sh 18 >/dev/null
	@PACKAGES=./templates PATTERN='^Test(Every|Enum(Swap|Rename|Retire)|.*RoundTrips)' scripts/matrix.sh 18 & templates=$$!; \
	PACKAGES="./runner/... ./adopt/... ./proof ./internal/attack ./internal/pgtest ./internal/sandbox" scripts/matrix.sh 18; \
	others=$$?; wait $$templates && exit $$others

test-citus: ## the tests on a real Citus cluster: RUNG_TEST_CITUS_URL is its coordinator
	@if [ -z "$$RUNG_TEST_CITUS_URL" ]; then echo "RUNG_TEST_CITUS_URL names no coordinator of a Citus cluster: nothing was run"; \
	else go test ./runner ./templates -run '^TestCitusCluster' -count=1 -v -timeout 60m; fi

test-matrix: deps ## all tests on PostgreSQL 14 to 18, servers from npm
	scripts/matrix.sh $(MAJORS)

# The build tag keeps them out of make test: they need npm and the module proxy.
test-tools: ## other migration tools apply half of a directory, and rung takes over
	@scripts/deps.sh postgresql npm sqitch rails
	@scripts/other-tools.sh
	go vet -tags realtools ./internal/realtools
	go test -tags realtools ./internal/realtools -count=1 -timeout 20m $(TESTFLAGS)

cross: ## build for the systems that no test runs on: macOS and Windows
	@for target in darwin/amd64 darwin/arm64 windows/amd64 windows/arm64; do \
		CGO_ENABLED=0 GOOS=$${target%/*} GOARCH=$${target#*/} go build -trimpath -ldflags "-s -w" -o /dev/null . || exit 1; \
	done

lint: $(LINT) ## golangci-lint, whether go.mod is tidy, and how the files hang together
	go mod tidy -diff
	go run ./scripts/structure
	$(LINT) run ./...

lint-tool: $(LINT)

deploy-lint: ## check the manifests and workflows in deploy/ and .github/ (needs npm)
	scripts/deploy-lint.sh

fmt: $(LINT) ## format the Go files (gofumpt)
	$(LINT) fmt ./...

vuln: ## known holes in what we depend on; needs the Go vulnerability database
	go run golang.org/x/vuln/cmd/govulncheck@$(VULN_VERSION) ./...

bench: ## race other tools, time backfills, enum changes, a key that becomes bigint, verify, many files and fleets: bench/RESULTS.md, BACKFILL.md, ENUM.md, BIGINT.md, VERIFY.md, FILES.md, FLEET.md
	@scripts/deps.sh postgresql
	go run ./bench -out bench/RESULTS.md
	go run ./bench -only backfill,linear,live -out bench/BACKFILL.md
	go run ./bench -only enum -out bench/ENUM.md
	go run ./bench -only bigint -out bench/BIGINT.md
	go run ./bench -only verify -out bench/VERIFY.md
	go run ./bench -only files -out bench/FILES.md
	go run ./bench -only fleet -out bench/FLEET.md

# scripts/gcflags: what is not hot goes without inlining, which is 3 % of the binary.
build: ## bin/rung, static
	@CGO_ENABLED=0 go build -trimpath -tags "$$(cat scripts/tags)" $$(sed s/^/-gcflags=/ scripts/gcflags) -ldflags "-s -w" -o $(RUNG) .

site: ## the documentation as pages for a browser, in site/
	@cd scripts/site && go vet . && go run . ../.. ../../site

dist: ## archives, packages, SBOM and checksums in dist/, reproducible
	scripts/dist.sh

deps: ## install what test and demo need
	@scripts/deps.sh postgresql pgbouncer ps curl zsh fish chromium

image: ## the container image, as rung:latest
	scripts/image.sh

image-test: build ## prove the image on this machine, without a container engine (root)
	@scripts/deps.sh postgresql
	@bin/rung sandbox -- scripts/image-test.sh

clean: ## remove what was built
	rm -rf bin site

# From source, because the module proxy reaches further than release downloads.
# Its checksum is verified like that of any module.
$(LINT):
	@echo "building golangci-lint $(LINT_VERSION), once: this takes a few minutes"
	@mkdir -p bin
	@GOBIN="$(CURDIR)/bin" CGO_ENABLED=0 go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION) \
		>bin/lint.log 2>&1 || { cat bin/lint.log >&2; exit 1; }
	@rm bin/lint.log
	@mv bin/golangci-lint $@
