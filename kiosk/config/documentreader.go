package config

import (
	"errors"
	"slices"
	"strings"
)

// MRZReader chooses who reads the machine-readable zone. What its driver has no use for is left out.
type MRZReader struct {
	// Driver is "access-is", the default; "elyctis"; "hid-pos", a scanner that keeps to HID point of sale; "serial", a reader that sends
	// lines; "wedge", one that types as a keyboard does; or "none": then the MRZ is read from the page imager's pictures. They also stand in for a reader that is missing.
	Driver string `toml:"driver"`
	// Path is the line of an elyctis reader, where empty is the first on the USB bus, or of a serial one, which needs it; or the input
	// device of a wedge.
	Path string `toml:"path"`
	// Baud is the speed of a serial reader's line. Default 9600.
	Baud int `toml:"baud"`
	// Pause without a byte, or a key, ends a document of a serial reader or a wedge. Default 300ms.
	Pause Duration `toml:"pause"`
	// Trigger of a serial reader is "newland"; empty is one that reads whenever it sees a document.
	Trigger string `toml:"trigger"`
	// USBID is vendor and product of a hid-pos scanner, "0c2e:0b8f", where empty is any whose vendor the driver knows; or of a wedge that
	// has no path.
	USBID USBID `toml:"usb_id"`
	// Layout is the keyboard layout that a wedge is set to: "us", the default, "de" or "fr".
	Layout string `toml:"layout"`
	// USB tells an access-is or hid-pos reader from others that are alike.
	USB
}

// None says that the station has no document reader, and misses none.
func (r MRZReader) None() bool { return r.Driver == "none" }

// mrzDrivers are those that package hardware knows.
func mrzDrivers() []string {
	return []string{"access-is", "elyctis", "hid-pos", "serial", "wedge", "none"}
}

// check tells everything that is wrong at once.
func (r MRZReader) check() error {
	const key = "devices.document_reader"
	var wrong []error
	if !slices.Contains(mrzDrivers(), r.Driver) {
		wrong = append(wrong, faulty(key+".driver", "is %q, not %s", r.Driver, strings.Join(mrzDrivers(), ", ")))
	}
	if r.Driver == "serial" && r.Path == "" {
		wrong = append(wrong, faulty(key+".path", "is missing"))
	}
	if r.Driver == "wedge" && r.Path == "" && r.USBID == 0 {
		wrong = append(wrong, faulty(key+".path", "and usb_id are missing: one of them says which keyboard is the reader"))
	}
	if layouts := []string{"us", "de", "fr"}; !slices.Contains(layouts, r.Layout) {
		wrong = append(wrong, faulty(key+".layout", "is %q, not %s", r.Layout, strings.Join(layouts, ", ")))
	}
	if r.Baud < 300 || r.Baud > 4_000_000 {
		wrong = append(wrong, faulty(key+".baud", "is %d, not 300 to 4000000", r.Baud))
	}
	if r.Pause <= 0 {
		wrong = append(wrong, faulty(key+".pause", "must be longer than 0s"))
	}
	if r.Trigger != "" && r.Trigger != "newland" {
		wrong = append(wrong, faulty(key+".trigger", "is %q, not newland", r.Trigger))
	}
	return errors.Join(append(wrong, r.USB.check(key))...)
}
