package kiosk

import (
	"context"
	"testing"

	"github.com/foyer-station/foyer/devices"
)

// part is a place with a device, or a role of one.
type part struct {
	info   devices.Info
	health devices.Health
}

func (p part) Kind() devices.Kind                    { return p.info.Kind }
func (p part) Info() devices.Info                    { return p.info }
func (p part) Health(context.Context) devices.Health { return p.health }
func (p part) Lend(context.Context) func()           { return func() {} }
func (p part) Back(context.Context)                  {}

func TestTheIllnessOfADeviceOfSeveralRolesIsToldOnce(t *testing.T) {
	ill := devices.HealthOf(devices.ErrTimeout)
	as := func(kind devices.Kind, path string, h devices.Health) place {
		return part{devices.Info{Kind: kind, Model: "Full Page", Path: path}, h}
	}
	told := ofDevices(t.Context(), []place{
		as(devices.KindMRZReader, "usb 1-2", ill), as(devices.KindPageImager, "usb 1-2", ill), as(devices.KindChipReader, "usb 1-2", ill),
		as(devices.KindCamera, "usb 1-3", ill),                                        // another of that model
		as(devices.KindSignaturePad, "", ill), as(devices.KindTicketPrinter, "", ill), // nobody knows what these are
	})
	for i, remedied := range []bool{true, false, false, true, true, true} {
		d := told[i]
		if d.GetState() != "hw_error" || d.GetReason() == nil || (d.GetRemedy() != nil) != remedied {
			t.Errorf("of %s a technician is told %v", d.GetKind(), d)
		}
	}
	if got := told[1].GetReason(); got.GetKey() != "device.same" || got.GetParams()[0].GetValue() != "document_reader" {
		t.Errorf("the imager says %v, want that it is the document reader", got)
	}
}
