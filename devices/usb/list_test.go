package usb_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	driver "github.com/foyer-station/foyer/devices/usb"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
)

func TestTheBusIsListedInOrderAndNoDeviceIsTaken(t *testing.T) {
	bed := usbtest.NewBed(t)
	pad := usb.NewPad("PAD-1").Device
	for port, device := range map[string]*usb.Device{"3": withInterfaces(0), "1": pad} {
		if err := bed.Plug(port, device); err != nil {
			t.Fatal(err)
		}
	}
	got, err := driver.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []driver.Attached{{Vendor: pad.Vendor, Product: pad.Product, Path: "usb 1-1"}, {Vendor: 1, Product: 2, Path: "usb 1-3"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !got[1].Is(driver.ID{Vendor: 1}) || got[1].Is(driver.ID{Vendor: 1, Product: 3}) || got[1].Is(driver.ID{Vendor: 2}) {
		t.Error("a table's row means another device than it names")
	}
}
