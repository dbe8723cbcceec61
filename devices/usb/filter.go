package usb

import (
	"fmt"
	"strings"

	"github.com/google/gousb"
)

// Only chooses among devices that a driver would take; what is empty leaves the choice open. Two that are alike are told apart by
// where they are, one that is moved is known by its serial number.
type Only struct {
	Serial string // the whole serial number, as the device says it
	Port   string // as Linux names ports: "1-2.3", or "2.3" for that port of any bus, as buses may be numbered anew when a PC starts
}

// here tells whether a device is at the port.
func (o Only) here(desc *gousb.DeviceDesc) bool {
	port := portOf(desc)
	_, onBus, _ := strings.Cut(port, "-")
	return o.Port == "" || o.Port == port || o.Port == onBus
}

// is tells whether an open device has the serial number. It asks the device only if that matters.
func (o Only) is(device *gousb.Device) (bool, error) {
	if o.Serial == "" {
		return true, nil
	}
	serial, err := device.SerialNumber()
	return serial == o.Serial, translate(err)
}

// portOf is where a device is attached: "1-2.3".
func portOf(desc *gousb.DeviceDesc) string {
	ports := make([]string, len(desc.Path))
	for i, port := range desc.Path {
		ports[i] = fmt.Sprint(port)
	}
	return fmt.Sprintf("%d-%s", desc.Bus, strings.Join(ports, "."))
}
