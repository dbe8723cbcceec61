# One build flavour in development and tests, so that the build cache serves both: -race finds what is shared by
# mistake, migrated_fynedo makes Fyne insist on fyne.Do, matprofile counts OpenCV's matrices.
# Nobody looks at them with a debugger: without its tables they are linked in half the time.
# What only computes, pixels or large numbers, is left alone by the race detector, which would take two thirds of the
# tests' time there: five packages of ours, and the libraries' pictures, compression, numbers and DES, which chips speak.
OURS := emulate/specimen/face emulate/specimen/page emulate/degrade emrtd/curve mrz/ocr/scan
COMPUTING := $(OURS:%=github.com/foyer-station/foyer/%) image/... golang.org/x/image/... compress/... math/big filippo.io/bigmod crypto/des
FLAVOUR := -race -ldflags=-w -tags=migrated_fynedo,matprofile $(COMPUTING:%=-gcflags=%=-race=false)
RELEASE := -trimpath -tags migrated_fynedo
VISITOR ?= genuine
PERSON ?=
DEVICES ?=
# Where staff connect to the console of make run; with port 0 a free one is found.
CONSOLE ?= 127.0.0.1:8080
# Says what goes on while it takes minutes, and nothing of what is quick.
STEP := tools/step

# The Go that go.mod names is taken before an older one that is installed, which has known vulnerabilities, wherever it can be
# downloaded.
PINNED := $(shell sed -n 's/^toolchain //p' go.mod)
export GOTOOLCHAIN := $(shell tools/step "download Go: $(PINNED)" sh -c 'GOTOOLCHAIN=$(PINNED) go version >/dev/null 2>&1' && echo $(PINNED) || echo local)

.DEFAULT_GOAL := help
.PHONY: help setup run test unit fuzz lint bench bench-long door hil train-mrz build release proto golden clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what is missing: Debian packages, Go modules
	@tools/setup

run: setup build ## everything, with emulated devices; VISITOR=forged and others, PERSON=kovalenko and others send somebody else through, DEVICES=elyctis,hidpos and others through other drivers
	@bin/emulate --visitor $(VISITOR) $(PERSON:%=--person %) $(DEVICES:%=--devices %) --console $(CONSOLE) --out out -- bin/kiosk --windowed

test: setup lint unit fuzz ## everything that CI runs

# Of three packages that are tested one waits, for a device's timeout, a browser, a minute of quiet, while two compute.
AT_ONCE := $(shell echo $$(($$(nproc) * 3 / 2)))

unit: build
	@$(STEP) "compile the tests and run them" go test $(FLAVOUR) -p $(AT_ONCE) -timeout 15m ./...
	@cd tools && go test ./...

# What strangers hand in, as far as it can be built quickly: a package that needs a C library would compile that again.
FUZZED := devices/camera/v4l2 devices/hid devices/stu/protocol devices/usbmon devices/zone devices/mrzline devices/wedge hwtest/chart mrz mrz/transliterate mrz/ocr/decode mrz/ocr/scan emrtd emrtd/pki emrtd/curve proto/selftest verify/code kiosk/pin backoffice/appointments
INPUTS ?= 1000

fuzz: ## INPUTS mutated inputs for each parser of MRZs, pictures, chip files, certificates and what devices say
	@tools/fuzz $(INPUTS) $(FUZZED)

lint: setup ## formatting, vet, staticcheck, who may import whom, known vulnerabilities
	@test -z "$$(gofmt -l .)" || { gofmt -d . ; exit 1; }
	@$(STEP) "compile all packages and vet them" go vet $(FLAVOUR) ./...
	@cd tools && go vet ./... && mkdir -p ../bin && ./step "compile the tools" \
		go build -o ../bin/ ./layers ./vulncheck honnef.co/go/tools/cmd/staticcheck golang.org/x/vuln/cmd/govulncheck
	@GOFLAGS="$(FLAVOUR)" $(STEP) staticcheck bin/staticcheck ./...
	@GOFLAGS="$(FLAVOUR)" $(STEP) "who imports whom" bin/layers
	@GOFLAGS="$(FLAVOUR)" $(STEP) "known vulnerabilities" bin/vulncheck -scanner bin/govulncheck -tags migrated_fynedo,matprofile ./...
	@cd tools && ./step "known vulnerabilities of the tools" ../bin/vulncheck -scanner ../bin/govulncheck ./...

# Without -race, which makes everything several times slower. One core for what is measured on one.
BENCH := go test -tags migrated_fynedo,matprofile -run '^$$' -timeout 4h

bench: release ## how long a visitor waits, stage by stage, and how soon a pen's ink is on the screen; how soon a device is ready, and what it costs idle; what a chip costs, an attacker's too; how well MRZs are parsed and read, compared with tesseract; how soon a visitor is routed, and what a day of it is like beside one line; how soon open consoles hear of a change, and how many calls forty desks make; at what rate check-ins are taken, beside the disk; how soon 40 desks that call at once are answered, and check-ins are kept, by SQLite and by PostgreSQL
	@tools/setup bench
	@$(BENCH) -bench . -benchtime 3x ./kiosk/hardware
	@$(BENCH) -bench Sample -benchtime 1000x ./devices/stu
	@$(BENCH) -bench Picture -benchtime 3x ./devices/stu
	@$(BENCH) -bench TouchToInk -benchtime 1000x ./ui
	@$(BENCH) -bench PenToInk -benchtime 300x ./cmd/emulate
	@taskset -c 0 $(BENCH) -bench 'Chip$$' -benchtime 5x ./emrtd ./verify/chip
	@taskset -c 0 $(BENCH) -bench 'Verify|Open' ./verify/chip ./verify/trust
	@$(BENCH) -bench . ./backoffice/routing
	@$(BENCH) -bench . -benchtime 1x ./backoffice/routing/dayplay
	@$(BENCH) -bench Attack -benchtime 1x ./verify/picture ./verify/chip ./emrtd/pki
	@$(BENCH) -bench . -benchtime 2000x ./backoffice/postgres
	@$(BENCH) -bench EventToConsoles -benchtime 50x ./backoffice/console
	@$(BENCH) -bench CallNext -benchtime 5000x ./backoffice/console
	@$(BENCH) -bench FirstPage -benchtime 50x ./backoffice/console
	@$(BENCH) -bench . -count 5 ./mrz
	@$(BENCH) -bench CheckIn -benchtime 1000x ./backoffice/intake
	@$(BENCH) -bench Filled -benchtime 300x ./backoffice/store
	@$(BENCH) -bench . ./mrz/ocr/decode
	@taskset -c 0 $(BENCH) -bench . -benchtime 1x ./mrz/ocr

bench-long: ## 30,000 pictures of MRZs, on every core, 10,000 sessions with chips, everybody with every quirk, every status word, an hour of pictures as weapons, devices plugged in and out 10,000 times: five hours on two
	@tools/setup bench
	@FOYER_PLUGS=10000 go test -tags migrated_fynedo,matprofile -timeout 4h -v -run InAndOutHundreds ./kiosk/hardware
	@mkdir -p out/attack && FOYER_PICTURES=1000 go test -tags migrated_fynedo,matprofile -timeout 4h -run OneAfterTheOther ./verify/picture
	@FOYER_FUZZED=1h FOYER_KEPT=$(CURDIR)/out/attack $(BENCH) -bench Attack -benchtime 1x ./verify/picture
	@FOYER_BENCH_PICTURES=30000 FOYER_BENCH_PAPERS=400 FOYER_BENCH_TESSERACT=0 FOYER_BENCH_AT_ONCE=$$(nproc) FOYER_BENCH_CARDS=100 $(BENCH) -bench . -benchtime 1x ./mrz/ocr
	@FOYER_CHIP_SESSIONS=10000 go test -timeout 4h -run 'RandomSessions|QuirksThat|NoStatusWord|AQuirkMakes' ./emrtd ./verify/chip ./verify

DOOR := $(CURDIR)/var/door

door: release ## a station in a virtual machine, installed as docs/operations.md says, and what somebody at the entrance can do to it; as root, ten minutes
	@tools/setup door
	@test -e $(DOOR)/disk.img || packaging/door/image $(DOOR)
	@FOYER_DOOR=$(DOOR) go test -count 1 -timeout 40m -v ./packaging/door

HIL := $(CURDIR)/var/hil

hil: ## the drivers before a real kernel in a virtual machine, with the emulated bus' own device models; as root, six minutes
	@tools/setup hil
	@devices/hil/machine/build $(HIL)
	@$(STEP) "compile the tests" go test -c -tags=migrated_fynedo,matprofile -o $(HIL)/hil.test ./devices/hil
	@$(STEP) "compile the test of a reader that types" go test -c -tags=migrated_fynedo,matprofile -o $(HIL)/wedge.test ./devices/wedge
	@$(STEP) "compile hwtest" go build -tags=migrated_fynedo,matprofile -o $(HIL)/hwtest ./cmd/hwtest
	@devices/hil/machine/run $(HIL) $(HIL)/hil.test
	@RUN=ReachesTheScreen devices/hil/machine/run $(HIL) $(HIL)/wedge.test

train-mrz: ## train the two networks of mrz/ocr again; two hours
	@tools/setup train
	@cd mrz/ocr/train && /usr/bin/python3 -m unittest -q
	@/usr/bin/python3 mrz/ocr/train/recogniser.py --out mrz/ocr/weights/line.onnx
	@/usr/bin/python3 mrz/ocr/train/locator.py --out mrz/ocr/weights/page.onnx

build: ## the programs, as development and tests use them, under bin/
	@mkdir -p bin && $(STEP) "compile the programs" go build $(FLAVOUR) -o bin/ ./cmd/...

release: setup ## the programs as an office installs them, under bin/release/
	@mkdir -p bin/release && $(STEP) "compile the programs for an office" go build $(RELEASE) -o bin/release/ ./cmd/...

proto: ## the contracts' Go code, after a change of proto/
	@proto/generate

golden: ## accept screens, tickets, the graph of the flow and the udev rules as they are now
	@go test $(FLAVOUR) ./ui ./ui/text ./ui/ticket ./ui/padsheet ./kiosk/flow ./packaging -update

clean: ## remove what building and running left
	@rm -rf bin out var
