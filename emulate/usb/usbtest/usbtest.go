// Package usbtest plugs the emulated USB bus into tests.
package usbtest

import (
	"strings"
	"testing"

	"github.com/foyer-station/foyer/emulate/usb"
)

// NewBed makes a bus that this process sees until the test ends: one that was started with the preload library (devicestest.RunPreloaded).
// There is one a process, so that such tests do not run side by side.
func NewBed(t testing.TB) *usb.Bed {
	t.Helper()
	bed, err := usb.NewBed()
	if err != nil {
		t.Fatal(err)
	}
	for _, variable := range bed.Env() {
		if name, value, _ := strings.Cut(variable, "="); name != "LD_PRELOAD" {
			t.Setenv(name, value)
		}
	}
	t.Cleanup(func() {
		if err := bed.Close(); err != nil {
			t.Error(err)
		}
	})
	return bed
}
