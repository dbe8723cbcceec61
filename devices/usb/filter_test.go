package usb_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/gousb"

	"github.com/foyer-station/foyer/devices"
	driver "github.com/foyer-station/foyer/devices/usb"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
)

func contextOf(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithCancel(t.Context())
}

// twins plugs two of the same in, with these serial numbers, at the ports 1 and 2, and gives the second.
func twins(t *testing.T, a, b string) (bed *usb.Bed, second *usb.Device) {
	t.Helper()
	bed = usbtest.NewBed(t)
	first, second := withInterfaces(0), withInterfaces(0)
	first.Serial, second.Serial = a, b
	plug(t, bed, "1", first)
	plug(t, bed, "2", second)
	return bed, second
}

func plug(t *testing.T, bed *usb.Bed, port string, device *usb.Device) {
	t.Helper()
	if err := bed.Plug(port, device); err != nil {
		t.Fatal(err)
	}
}

// found opens the device that the filters let pass, and gives its serial number and path, or the error.
func found(t *testing.T, only ...driver.Only) (string, error) {
	t.Helper()
	device, err := driver.Open(t.Context(), func(*gousb.DeviceDesc) ([]int, bool) { return []int{0}, true }, only...)
	if err != nil {
		return "", err
	}
	defer device.Close()
	return device.Serial() + " at " + device.Path(), nil
}

func TestADeviceIsFoundBySerialNumberWhereverItIs(t *testing.T) {
	bed, b := twins(t, "A", "B")
	for _, port := range []string{"2", "3", "1"} {
		if got, err := found(t, driver.Only{Serial: "B"}); got != "B at usb 1-"+port {
			t.Errorf("found %q (%v), want B at port %s", got, err, port)
		}
		bed.Unplug(port)
		bed.Unplug("1")
		next := map[string]string{"2": "3", "3": "1", "1": "2"}[port]
		plug(t, bed, next, b)
	}
	if _, err := found(t, driver.Only{Serial: "A"}); !errors.Is(err, devices.ErrNoDevice) {
		t.Errorf("one that was taken away: %v, want ErrNoDevice", err)
	}
}

func TestTwoAlikeAreToldApartByWhereTheyAre(t *testing.T) {
	bed, b := twins(t, "same", "same")
	for filter, want := range map[driver.Only]string{
		{Port: "1-1"}:                "same at usb 1-1",
		{Port: "1-2"}:                "same at usb 1-2",
		{Port: "2"}:                  "same at usb 1-2", // of whichever bus
		{Port: "2", Serial: "same"}:  "same at usb 1-2",
		{Port: "2", Serial: "other"}: "",
		{Port: "2-1"}:                "",
		{Port: "1-1.1"}:              "",
	} {
		if got, err := found(t, filter); got != want || want == "" && !errors.Is(err, devices.ErrNoDevice) {
			t.Errorf("%+v: found %q (%v), want %q", filter, got, err, want)
		}
	}
	for range 3 { // it has another device number each time
		bed.Unplug("2")
		plug(t, bed, "2", b)
		if got, err := found(t, driver.Only{Port: "1-2"}); got != "same at usb 1-2" {
			t.Errorf("plugged in again: %q (%v)", got, err)
		}
	}
}
