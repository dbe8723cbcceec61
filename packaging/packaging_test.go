// Package packaging_test holds what an office installs to what systemd makes of it. What it does on a machine is shown by
// make door.
package packaging_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// units copies the units, with a program that this machine has in place of each of theirs, and gives their paths.
func units(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("systemd/*.service")
	if err != nil || len(found) == 0 {
		t.Fatalf("no units: %v", err)
	}
	program := regexp.MustCompile(`(?m)^(Exec\w+=)\S+`)
	var copies []string
	for _, path := range found {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(t.TempDir(), filepath.Base(path))
		if err := os.WriteFile(to, program.ReplaceAll(text, []byte("${1}/bin/true")), 0o600); err != nil {
			t.Fatal(err)
		}
		copies = append(copies, to)
	}
	return copies
}

func TestSystemdHasNothingToSayAgainstTheUnits(t *testing.T) {
	out, err := exec.Command("systemd-analyze", append([]string{"verify", "--man=no"}, units(t)...)...).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestNoUnitIsMoreExposedThanItsWorkDemands(t *testing.T) {
	for _, unit := range units(t) { // of 10; without any care it is above 9
		out, err := exec.Command("systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=28", unit).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", filepath.Base(unit), err, out)
		}
	}
}

func TestNoUnitIsRootOrMayFillTheMemoryOrLeavesWhatItHoldsOnTheDisk(t *testing.T) {
	for _, unit := range units(t) {
		text, err := os.ReadFile(unit)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(text), "\n")
		for _, line := range []string{"MemorySwapMax=0", "LimitCORE=0", "NoNewPrivileges=yes", "CapabilityBoundingSet="} {
			if !slices.Contains(lines, line) {
				t.Errorf("%s lacks %s", filepath.Base(unit), line)
			}
		}
		for _, key := range []string{"User=foyer", "MemoryMax=", "TasksMax=", "Restart="} {
			if !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, key) }) {
				t.Errorf("%s lacks %s", filepath.Base(unit), key)
			}
		}
	}
}

// The kiosk runs the self-test, too, which then lives in the kiosk's unit.
func TestASelfTestMayAskWhetherTheClockIsKeptAndSetNone(t *testing.T) {
	for _, name := range []string{"foyer-kiosk.service", "foyer-hwtest.service"} {
		text, err := os.ReadFile(filepath.Join("systemd", name))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(text), "\n")
		asks := func(line string) bool {
			return strings.HasPrefix(line, "SystemCallFilter=") && slices.Contains(strings.Fields(line), "adjtimex") && slices.Contains(strings.Fields(line), "clock_adjtime")
		}
		if !slices.ContainsFunc(lines, asks) || slices.Contains(lines, "ProtectClock=yes") || !slices.Contains(lines, "CapabilityBoundingSet=") {
			t.Errorf("%s keeps a self-test from asking for the clock, or lets it set one", name)
		}
	}
}

func TestTheStationAndTheOfficeAreWatched(t *testing.T) {
	for _, name := range []string{"foyer-kiosk.service", "foyer-backoffice.service"} {
		text, err := os.ReadFile(filepath.Join("systemd", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range []string{"Type=notify", "WatchdogSec=", "StartLimitIntervalSec=0"} {
			if !strings.Contains(string(text), "\n"+line) {
				t.Errorf("%s lacks %s", name, line)
			}
		}
	}
}
