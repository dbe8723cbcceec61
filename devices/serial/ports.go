package serial

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/sysfs"
)

// Port is a serial line of a device on the USB bus.
type Port struct {
	Path            string // of its node: "/dev/ttyACM0"
	Vendor, Product uint16
	Serial          string // empty where the device has none
	Place           string // where it is attached, as Linux names it: "usb 1-2.3"
}

// Ports are the serial lines of USB devices, by the names of their nodes (Linux, Documentation/ABI/testing/sysfs-bus-usb). What goes
// while it is looked at is not among them.
func Ports(linux sysfs.Tree) []Port {
	entries, _ := os.ReadDir(linux.Path("class", "tty")) // none where there is no such folder
	var ports []Port
	for _, entry := range entries {
		// device is the interface of a USB device; a USB serial adapter has a folder of its own below that.
		at, err := filepath.EvalSymlinks(linux.Path("class", "tty", entry.Name(), "device"))
		if err != nil {
			continue
		}
		for range 2 {
			at = filepath.Dir(at)
			if port, ok := usbPort(at); ok {
				port.Path = linux.Node(entry.Name())
				ports = append(ports, port)
				break
			}
		}
	}
	return ports
}

// usbPort reads the folder of a USB device.
func usbPort(folder string) (Port, bool) {
	vendor, vendorErr := strconv.ParseUint(sysfs.Attribute(folder, "idVendor"), 16, 16)
	product, productErr := strconv.ParseUint(sysfs.Attribute(folder, "idProduct"), 16, 16)
	if vendorErr != nil || productErr != nil {
		return Port{}, false
	}
	return Port{Vendor: uint16(vendor), Product: uint16(product), Serial: sysfs.Attribute(folder, "serial"), Place: "usb " + filepath.Base(folder)}, true
}

// OpenUSB opens the first line of a USB device that wanted takes and nobody else holds. Errors as of [Open]; of several that cannot be
// opened, that of the first.
func OpenUSB(linux sysfs.Tree, baud int, wanted func(Port) bool) (*Line, Port, error) {
	failure := error(nil)
	for _, port := range slices.DeleteFunc(Ports(linux), func(p Port) bool { return !wanted(p) }) {
		line, err := Open(port.Path, baud)
		if err == nil {
			return line, port, nil
		}
		if failure == nil {
			failure = err
		}
	}
	if failure == nil {
		failure = fmt.Errorf("%w: no serial line of such a device", devices.ErrNoDevice)
	}
	return nil, Port{}, failure
}
