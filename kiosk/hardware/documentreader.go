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
)

// MRZReader opens the document reader with the configured driver.
func (h Hardware) MRZReader(ctx context.Context) (devices.MRZReader, error) {
	c := h.config.MRZReader
	switch c.Driver {
	case "elyctis":
		return elyctis.Open(ctx, elyctis.Config{Path: c.Path})
	case "hid-pos":
		return hidpos.Open(ctx, hidpos.Config{Also: deviceOf(c.USBID)})
	case "serial":
		return mrzline.Open(ctx, mrzline.Config{Path: c.Path, Baud: c.Baud, Pause: time.Duration(c.Pause), Trigger: mrzline.Trigger(c.Trigger)})
	case "wedge":
		id := deviceOf(c.USBID)
		return wedge.Open(ctx, wedge.Config{
			Path: c.Path, Vendor: id.Vendor, Product: id.Product, Layout: c.Layout, Pause: time.Duration(c.Pause),
		})
	}
	return accessis.Open(ctx)
}

// deviceOf is the device that the configuration names by its USB numbers; none where it names none.
func deviceOf(id string) usb.ID {
	var named usb.ID
	if n, err := fmt.Sscanf(id, "%04x:%04x", &named.Vendor, &named.Product); n != 2 || err != nil {
		return usb.ID{}
	}
	named.Model = "scanner " + id
	return named
}
