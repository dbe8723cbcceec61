package hardware

import (
	"context"
	"fmt"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/accessis"
	"github.com/foyer-station/foyer/devices/elyctis"
	"github.com/foyer-station/foyer/devices/hidpos"
	"github.com/foyer-station/foyer/devices/mrzline"
	"github.com/foyer-station/foyer/devices/usb"
	"github.com/foyer-station/foyer/devices/wedge"
	"github.com/foyer-station/foyer/kiosk/config"
)

// MRZReader opens the document reader with the configured driver.
func (h Hardware) MRZReader(ctx context.Context) (devices.MRZReader, error) {
	c := h.config.MRZReader
	switch c.Driver {
	case "", "access-is":
		return accessis.Open(ctx, only(c.USB))
	case "elyctis":
		return elyctis.Open(ctx, elyctis.Config{Path: c.Path})
	case "hid-pos":
		return hidpos.Open(ctx, hidpos.Config{Also: scanner(c.USBID)}, only(c.USB))
	case "serial":
		return mrzline.Open(ctx, mrzline.Config{Path: c.Path, Baud: c.Baud, Pause: time.Duration(c.Pause), Trigger: mrzline.Trigger(c.Trigger)})
	case "wedge":
		return wedge.Open(ctx, wedge.Config{
			Path: c.Path, Vendor: c.USBID.Vendor(), Product: c.USBID.Product(), Layout: c.Layout, Pause: time.Duration(c.Pause),
		})
	}
	return nil, &devices.Error{Kind: devices.KindMRZReader, Op: "open", Err: fmt.Errorf("%w: driver %q", devices.ErrNotConfigured, c.Driver)}
}

// scanner is the device that the configuration names by its USB identifiers; none where it names none.
func scanner(id config.USBID) usb.ID {
	if id == 0 {
		return usb.ID{}
	}
	return usb.ID{Vendor: id.Vendor(), Product: id.Product(), Model: "scanner " + id.String()}
}
