package packaging_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/devices/accessis"
	"github.com/foyer-station/foyer/devices/elyctis"
	"github.com/foyer-station/foyer/devices/hidpos"
	"github.com/foyer-station/foyer/devices/stu"
	"github.com/foyer-station/foyer/devices/usb"
)

var update = flag.Bool("update", false, "write the udev rules as the drivers' tables have it")

const rulesFile = "udev/70-foyer.rules"

// drivers are those that open devices by their USB ids. A new one is a line here, and then: make golden.
func drivers() []section {
	return []section{
		{"Signature pads", stu.IDs()},
		{"Document readers", accessis.IDs()},
		{"Scanners", hidpos.IDs()},
		{"Document readers with a serial line", elyctis.IDs()},
	}
}

// section is the rules of one driver.
type section struct {
	title string
	ids   []usb.ID
}

const rulesHead = `# The station's USB devices belong to the group foyer. Copy to /etc/udev/rules.d, then:
#   udevadm control --reload && udevadm trigger
#
# Written from the drivers' own tables (make golden): what is changed here is not kept. Rules of your own belong into a file of their own.

ACTION=="remove", GOTO="foyer_end"
SUBSYSTEM!="usb", GOTO="foyer_lamps"

# The switches of the hubs' ports, for devices.power_cycle. They are no device nodes, so the files are given to the group explicitly.
ENV{DEVTYPE}=="usb_interface", DRIVER=="hub", RUN+="/bin/sh -c 'chgrp foyer /sys%p/*-port*/disable; chmod g+w /sys%p/*-port*/disable'"

ENV{DEVTYPE}!="usb_device", GOTO="foyer_end"
`

const rulesTail = `
GOTO="foyer_end"

# Lamps of the page imager. The board names them; this takes those whose names begin with foyer. An LED is not a device
# node, so its file is given to the group explicitly.
LABEL="foyer_lamps"
SUBSYSTEM=="leds", KERNEL=="foyer*", RUN+="/bin/chgrp foyer /sys%p/brightness", RUN+="/bin/chmod g+w /sys%p/brightness"

LABEL="foyer_end"
`

// rules is the file as the drivers' tables have it.
func rules(sections []section) string {
	var b strings.Builder
	b.WriteString(rulesHead)
	for _, s := range sections {
		fmt.Fprintf(&b, "\n# %s: %s.\n", s.title, models(s.ids))
		for _, vendor := range vendors(s.ids) {
			b.WriteString(rule(vendor, s.ids))
		}
	}
	b.WriteString(rulesTail)
	return b.String()
}

// models are the names of what a driver knows, each once.
func models(ids []usb.ID) string {
	var names []string
	for _, id := range ids {
		if !slices.Contains(names, id.Model) {
			names = append(names, id.Model)
		}
	}
	return strings.Join(names, ", ")
}

func vendors(ids []usb.ID) []uint16 {
	var all []uint16
	for _, id := range ids {
		all = append(all, id.Vendor)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// rule gives one vendor's devices to the group, and keeps ModemManager from trying whether their lines are modems'.
func rule(vendor uint16, ids []usb.ID) string {
	var products []string
	all := false
	for _, id := range slices.SortedFunc(slices.Values(ids), func(a, b usb.ID) int { return cmp.Compare(a.Product, b.Product) }) {
		if id.Vendor == vendor {
			all = all || id.Product == 0
			products = append(products, fmt.Sprintf("%04x", id.Product))
		}
	}
	which := fmt.Sprintf(`ATTR{idVendor}=="%04x", ATTR{idProduct}=="%s"`, vendor, strings.Join(slices.Compact(products), "|"))
	if all {
		which = fmt.Sprintf(`ATTR{idVendor}=="%04x"`, vendor)
	}
	return which + `, GROUP="foyer", MODE="0660", ENV{ID_MM_DEVICE_IGNORE}="1"` + "\n"
}

func TestTheUdevRulesAreThoseOfTheDriversTables(t *testing.T) {
	want := rules(drivers())
	if *update {
		if err := os.WriteFile(rulesFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(rulesFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the drivers' tables say; with go test ./packaging -update it becomes:\n%s", rulesFile, want)
	}
}

func TestAVendorWhoseProductsAreAllLookedAtHasOneRule(t *testing.T) {
	ids := []usb.ID{{Vendor: 0x0c2e, Product: 0x0b8f, Model: "A"}, {Vendor: 0x0c2e, Model: "B"}, {Vendor: 0x0536, Product: 2, Model: "B"}, {Vendor: 0x0536, Product: 1, Model: "B"}}
	got := rules([]section{{"Scanners", ids}})
	for _, line := range []string{
		"# Scanners: A, B.",
		`ATTR{idVendor}=="0536", ATTR{idProduct}=="0001|0002", GROUP="foyer", MODE="0660", ENV{ID_MM_DEVICE_IGNORE}="1"`,
		`ATTR{idVendor}=="0c2e", GROUP="foyer", MODE="0660", ENV{ID_MM_DEVICE_IGNORE}="1"`,
	} {
		if !strings.Contains(got, "\n"+line+"\n") {
			t.Errorf("no line %s in\n%s", line, got)
		}
	}
}

// TestEveryDriverWithATableHasItsRules keeps a new driver from being forgotten.
func TestEveryDriverWithATableHasItsRules(t *testing.T) {
	files, err := os.ReadDir("../devices")
	if err != nil {
		t.Fatal(err)
	}
	tables := 0
	for _, f := range files {
		if !f.IsDir() {
			continue
		}
		sources, err := os.ReadDir("../devices/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range sources {
			text, err := os.ReadFile("../devices/" + f.Name() + "/" + s.Name())
			if err == nil && strings.Contains(string(text), "\nfunc IDs() ") {
				tables++
			}
		}
	}
	if tables != len(drivers()) {
		t.Errorf("%d drivers have a table of USB ids, and %d have rules", tables, len(drivers()))
	}
}
