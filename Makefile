# HCE: see README.md. make help lists what there is.
SHELL := /bin/sh
ROOT := $(CURDIR)
GO := $(ROOT)/.tools/go
BIN := $(ROOT)/.bin
MODULES := functions/admission functions/hce functions/login functions/notes functions/patient functions/pdf-export shared ui
TESTDB := $(BIN)/testdb -citus $(or $(CITUS),off)
export HCE_DEMO ?= 1
export GOFLAGS ?= -trimpath

.DEFAULT_GOAL := help
.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z0-9/-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  %-16s %s\n", $$1, $$2}'

.PHONY: run
run: $(BIN)/hce ## the whole clinic on http://localhost:8080 with demo people
	@exec $(BIN)/hce

.PHONY: build
build: $(BIN)/hce ## compile everything into .bin
	@for m in $(filter functions/% ui,$(MODULES)); do $(GO) build -o $(BIN)/ ./$$m/cmd/...; done
	@$(GO) build -o $(BIN)/ ./shared/cmd/...

.PHONY: $(BIN)/hce $(BIN)/testdb
$(BIN)/hce:
	@$(GO) build -o $@ ./functions/hce/cmd/hce
$(BIN)/testdb:
	@$(GO) build -o $@ ./shared/cmd/testdb

.PHONY: test
test: $(BIN)/testdb ## every test, on a PostgreSQL of its own; installs what it needs
	@.tools/need chromium poppler-utils:pdftotext
	$(TESTDB) $(GO) test $(if $(RUN),-run '$(RUN)') -p 2 $(MODULES:%=./%/...)

.PHONY: test/citus
test/citus: ## every test, on a Citus cluster (needs the extension)
	@$(MAKE) --no-print-directory test CITUS=require

.PHONY: bench
bench: $(BIN)/hce ## how fast it is: the table of README.md
	$(GO) run ./functions/hce/cmd/bench -hce $(BIN)/hce

.PHONY: check
check: check/format check/generate check/tidy check/vet check/manifests ## everything that a change must pass besides the tests

.PHONY: check/format check/generate check/tidy check/vet check/manifests
check/format:
	@out=$$($(GO) run cmd/gofmt -l functions shared ui manifests); [ -z "$$out" ] || { echo "not formatted:"; echo "$$out"; exit 1; }
check/generate: generate
	@out=$$(git status --porcelain -- '*_templ.go'); [ -z "$$out" ] || { echo "generated files differ from what is committed:"; echo "$$out"; exit 1; }
check/tidy:
	@for m in $(MODULES); do GOWORK=off $(GO) -C $$m mod tidy -diff || exit 1; done
	@for m in .tools manifests/check manifests/image; do GOWORK=off $(GO) -C $$m mod tidy -diff || exit 1; done
check/vet: $(BIN)/staticcheck $(BIN)/gosec
	$(GO) vet $(MODULES:%=./%/...)
	PATH="$$($(GO) env GOROOT)/bin:$$PATH" $(BIN)/staticcheck $(MODULES:%=./%/...)
	@# G104, unhandled errors: each such line says why beside its nolint
	PATH="$$($(GO) env GOROOT)/bin:$$PATH" $(BIN)/gosec -quiet -exclude=G104 -exclude-generated $(MODULES:%=./%/...)
check/manifests: ## every overlay and func.yaml, without a cluster; what packs the images
	GOWORK=off $(GO) -C manifests/check test ./...
	GOWORK=off $(GO) -C manifests/image test ./...

.PHONY: vulnerabilities
vulnerabilities: $(BIN)/govulncheck ## known vulnerabilities in what we depend on (asks the Go vulnerability database)
	PATH="$$($(GO) env GOROOT)/bin:$$PATH" $(BIN)/govulncheck $(MODULES:%=./%/...)

$(BIN)/staticcheck $(BIN)/templ $(BIN)/govulncheck $(BIN)/gosec: .tools/go.mod
	@GOWORK=off $(GO) -C .tools build -o $(BIN)/ tool && touch $(BIN)/staticcheck $(BIN)/templ $(BIN)/govulncheck $(BIN)/gosec

.PHONY: generate
generate: $(BIN)/templ ## write the Go code of the templ pages
	@cd ui && $(BIN)/templ generate -log-level error

.PHONY: format
format: $(BIN)/templ ## gofmt and templ fmt
	@$(GO) run cmd/gofmt -w functions shared ui manifests
	@cd ui && $(BIN)/templ fmt -log-level error .

.PHONY: tidy
tidy: ## go mod tidy in every module
	@for m in $(MODULES) .tools manifests/check manifests/image; do GOWORK=off $(GO) -C $$m mod tidy; done

.PHONY: audit
audit: ## verify the audit trail of the clinic that make run serves (ANCHOR=N:HASH of its log, too)
	@dir=$(or $(HCE_DATA_DIR),.hce); DATABASE_URL=$${DATABASE_URL:-$$(cat $$dir/conexion)} AUDIT_KEY_FILE=$$dir/secretos/auditoria \
	  $(GO) run ./functions/patient/cmd/verificar-auditoria $(if $(ANCHOR),-ancla $(ANCHOR))

.PHONY: storybook
storybook: ## every screen with canned data on http://localhost:8081
	$(GO) run ./ui/cmd/storybook

.PHONY: db/reset
db/reset: ## forget the data of make run
	rm -rf $(or $(HCE_DATA_DIR),.hce)

-include manifests/cluster.mk

.PHONY: clean
clean: ## remove what was built
	rm -rf $(BIN) .cache
