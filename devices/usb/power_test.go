package usb_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	driver "github.com/foyer-station/foyer/devices/usb"
)

// sysfs has these ports' files below its folder of USB devices, each with a 0.
func sysfs(t *testing.T, ports ...string) driver.Ports {
	t.Helper()
	root := t.TempDir()
	for _, port := range ports {
		folder := filepath.Join(root, "bus/usb/devices", port)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "disable"), []byte("0\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return driver.Ports{Sys: root}
}

// port reads a port's file, or writes it.
func port(t *testing.T, p driver.Ports, name string, write ...string) string {
	t.Helper()
	file := filepath.Join(p.Sys, "bus/usb/devices", name, "disable")
	for _, value := range write {
		if err := os.WriteFile(file, []byte(value), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// The places of devices, and their ports as Linux names them.
var portsOf = map[string]string{
	"usb 1-2":     "1-0:1.0/usb1-port2",
	"usb 1-2.3":   "1-2:1.0/1-2-port3",
	"usb 3-2.3.4": "3-2.3:1.0/3-2.3-port4",
}

func TestAPortKnowsWhetherItHasPower(t *testing.T) {
	for path, name := range portsOf {
		p := sysfs(t, name)
		if p.IsOff(path) {
			t.Errorf("%s has no power", path)
		}
		port(t, p, name, "1\n")
		if !p.IsOff(path) {
			t.Errorf("%s, switched off, has power", path)
		}
	}
	for _, path := range []string{"", "/dev/video0", "pcsc Reader 00 00", "usb 1-9", "usb 1-../../2"} {
		if sysfs(t).IsOff(path) {
			t.Errorf("%q has no power", path)
		}
	}
}

func TestThePortOfACameraOrASerialLineIsFoundByItsNode(t *testing.T) {
	p := sysfs(t, "1-2:1.0/1-2-port3")
	port(t, p, "1-2:1.0/1-2-port3", "1")
	const null = "dev/char/1:3" // the node that every machine has
	target := filepath.Join(p.Sys, "devices/pci/usb1/1-2/1-2.3/1-2.3:1.0")
	for _, folder := range []string{target, filepath.Join(p.Sys, null)} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(target, filepath.Join(p.Sys, null, "device")); err != nil {
		t.Fatal(err)
	}
	if !p.IsOff("/dev/null") || p.IsOff("/dev/zero") || p.IsOff("/dev/nothing") {
		t.Error("want the port of /dev/null without power, and none of the others' known")
	}
}

func TestAPortIsWithoutPowerForAWhileAndThenHasItAgain(t *testing.T) {
	const usb2, usb3 = "1-2:1.0/1-2-port3", "2-2:1.0/2-2-port3"
	p := sysfs(t, usb2, usb3)
	devices := filepath.Join(p.Sys, "bus/usb/devices")
	if err := os.Symlink(filepath.Join(devices, usb2), filepath.Join(devices, usb3, "peer")); err != nil {
		t.Fatal(err)
	}
	p.Pause = time.Hour
	cycled := make(chan error, 1)
	ctx, cancel := contextOf(t)
	go func() { cycled <- p.Cycle(ctx, "usb 2-2.3") }()
	for end := time.Now().Add(10 * time.Second); port(t, p, usb2) != "1" || port(t, p, usb3) != "1"; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the power was never taken off both sides of the port")
		}
	}
	cancel() // who stops the station leaves no port without power
	if err := <-cycled; err != nil || port(t, p, usb2) != "0" || port(t, p, usb3) != "0" {
		t.Errorf("Cycle = %v, and the port's sides are %s and %s, want 0", err, port(t, p, usb2), port(t, p, usb3))
	}
}

func TestAPowerThatCannotBeSwitchedIsAnError(t *testing.T) {
	for path, want := range map[string]string{
		"usb 1-2":     "this kernel has no disable",
		"/dev/video0": "not at a USB port",
	} {
		if err := sysfs(t).Cycle(t.Context(), path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}
