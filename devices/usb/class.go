package usb

import (
	"context"
	"slices"
	"time"

	"github.com/google/gousb"
)

// Send sends data to an endpoint of a claimed interface in as many packets as it fills. The device may let it wait for as long as
// limit. Errors as of [Device.Write]; after one it is not known how much arrived.
func (d *Device) Send(ctx context.Context, number int, endpoint gousb.EndpointDesc, data []byte, limit time.Duration) error {
	data = slices.Clone(data)
	_, err := d.during(ctx, limit, func(ctx context.Context) (int, error) {
		out, err := d.interfaces[number].OutEndpoint(endpoint.Number)
		if err != nil {
			return 0, err
		}
		return out.WriteContext(ctx, data)
	})
	return err
}

// Ask makes a request of an interface's class that is answered with data (USB 2.0, 9.3.1), and gives the number of bytes. Errors as
// of [Device.GetReport].
func (d *Device) Ask(ctx context.Context, request uint8, value, index uint16, buffer []byte) (int, error) {
	const classFromInterface = 0xa1
	return d.control(ctx, classFromInterface, request, value, index, buffer)
}

// Tell makes a request of an interface's class that has no data. Errors as of [Device.GetReport].
func (d *Device) Tell(ctx context.Context, request uint8, value, index uint16) error {
	const classToInterface = 0x21
	_, err := d.control(ctx, classToInterface, request, value, index, nil)
	return err
}

// PathOf is where a device of that description is attached, as [Device.Path] gives it.
func PathOf(desc *gousb.DeviceDesc) string {
	return "usb " + portOf(desc)
}
