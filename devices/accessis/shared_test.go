package accessis_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/accessis"
	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
)

// TestAReaderOfSeveralRolesPassesTheDriverSuiteInEach shows that a role keeps the contract of the driver behind it.
func TestAReaderOfSeveralRolesPassesTheDriverSuiteInEach(t *testing.T) {
	open := func(ctx context.Context) (*accessis.Reader, error) { return accessis.Open(ctx) }
	devicestest.Driver[unit]{
		Open: func(ctx context.Context) (devices.Device, error) {
			reader, err := devices.MRZReaderOf(devices.NewShared(open))(ctx)
			if err != nil {
				return nil, err
			}
			return reader, nil
		},
		Plug: plugger(usbtest.NewBed(t), usb.NewReader),
		Use: func(ctx context.Context, device devices.Device) error {
			lines, err := device.(devices.MRZReader).ReadMRZ(ctx)
			if err == nil && !cmp.Equal(lines, specimen) {
				err = fmt.Errorf("read %q", lines)
			}
			return err
		},
		Faults: []devicestest.Fault[unit]{
			{Name: "stall", Break: func(u unit) { u.Break(usb.Stall) }, Want: devices.ErrProtocol, Seen: true},
			{Name: "garbage before a document", Break: func(u unit) { u.Break(usb.Garbage) }},
			{Name: "unanswered request", Break: func(u unit) { u.BreakControl(usb.Silence) }, Want: devices.ErrTimeout, Seen: true},
		},
		Stick:  func(u unit) { u.Break(usb.Stuck) },
		Cycles: 10,
	}.Run(t)
}
