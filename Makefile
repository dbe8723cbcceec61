# One build flavour in development and tests, so that the build cache serves both: -race finds what is shared by
# mistake, migrated_fynedo makes Fyne insist on fyne.Do, matprofile counts OpenCV's matrices.
FLAVOUR := -race -tags=migrated_fynedo,matprofile
RELEASE := -trimpath -tags migrated_fynedo
VISITOR ?= genuine

.DEFAULT_GOAL := help
.PHONY: help setup run test unit lint bench build release proto golden clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what is missing: Debian packages, Go modules
	@tools/setup

run: setup build ## the whole house with emulated devices; VISITOR=forged and others send somebody else through
	@bin/emulate --visitor $(VISITOR) --out out -- bin/kiosk --windowed

test: setup lint unit ## everything that CI runs

unit: build
	@go test $(FLAVOUR) -timeout 15m ./...
	@cd tools && go test ./...

lint: setup ## formatting, vet, staticcheck, and who may import whom
	@test -z "$$(gofmt -l .)" || { gofmt -d . ; exit 1; }
	@go vet $(FLAVOUR) ./...
	@cd tools && go vet ./... && mkdir -p ../bin && go build -o ../bin/layers ./layers && go build -o ../bin/staticcheck honnef.co/go/tools/cmd/staticcheck
	@GOFLAGS="$(FLAVOUR)" bin/staticcheck ./...
	@GOFLAGS="$(FLAVOUR)" bin/layers

bench: setup ## how long a visitor waits, stage by stage; without -race, which makes everything several times slower
	@go test -tags migrated_fynedo,matprofile -run '^$$' -bench . -benchtime 3x ./kiosk/hardware

build: ## the programs, as development and tests use them, under bin/
	@mkdir -p bin && go build $(FLAVOUR) -o bin/ ./cmd/...

release: setup ## the programs as an office installs them, under bin/release/
	@mkdir -p bin/release && go build $(RELEASE) -o bin/release/ ./cmd/...

proto: ## the contracts' Go code, after a change of proto/
	@proto/generate

golden: ## accept the screens as they are drawn now
	@go test $(FLAVOUR) ./ui/... -update

clean: ## what building and running left
	@rm -rf bin out var
