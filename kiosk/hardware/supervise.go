package hardware

import (
	"context"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/pcsc"
	"github.com/foyer-station/foyer/devices/udev"
	"github.com/foyer-station/foyer/devices/usb"
	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/kiosk/config"
)

// withoutPower is how long a port has no power: longer than most devices live on what their capacitors hold.
const withoutPower = 3 * time.Second

// powered says that the power of a device's port is that of the machine's hubs.
func (h Hardware) powered(u config.USB) devices.Option {
	path := ""
	if strings.Contains(u.Port, "-") { // the bus is known, too
		path = "usb " + u.Port
	}
	return devices.PoweredBy(usb.Ports{Sys: "/sys", Pause: withoutPower}, path, h.config.PowerCycle)
}

func only(u config.USB) usb.Only { return usb.Only{Serial: u.SerialNumber, Port: u.Port} }

// A place is a slot, whatever its device.
type place interface {
	Run(context.Context) error
	Wake()
}

// occasions say in which of udev's subsystems something changes when a device of a kind comes or goes, whatever its driver: looking
// once too often costs little. What comes by PC/SC is announced by PC/SC.
var occasions = map[devices.Kind][]string{
	devices.KindMRZReader:     {udev.USB, udev.TTY, udev.Input},
	devices.KindPageImager:    {udev.Video, udev.LEDs, udev.TTY, udev.USB},
	devices.KindCamera:        {udev.Video},
	devices.KindSignaturePad:  {udev.USB, udev.TTY},
	devices.KindTicketPrinter: {udev.USB, udev.TTY, udev.Printers},
	devices.KindChipReader:    {udev.USB},
}

// Run keeps all slots filled until ctx ends, closes the devices, and returns ctx's error. It wakes the slots whose device may have come
// or gone.
func Run(ctx context.Context, d kiosk.Devices) error {
	places := placesOf(d)
	var all errgroup.Group
	for _, p := range places {
		all.Go(func() error { return p.Run(ctx) })
	}
	all.Go(func() error { return listen(ctx, places) })
	all.Go(func() error {
		for range pcsc.Changes(ctx) {
			d.ChipReader.Wake()
		}
		return ctx.Err()
	})
	return all.Wait()
}

// placesOf are the slots that the station has.
func placesOf(d kiosk.Devices) map[devices.Kind]place {
	places := map[devices.Kind]place{}
	add(places, d.MRZReader)
	add(places, d.ChipReader)
	add(places, d.PageImager)
	add(places, d.Camera)
	add(places, d.SignaturePad)
	add(places, d.TicketPrinter)
	return places
}

// add adds a slot, if the station has it.
func add[D devices.Device](places map[devices.Kind]place, s *devices.Slot[D]) {
	if s != nil {
		places[s.Kind()] = s
	}
}

// listen wakes slots on udev's events. Where udev cannot be heard they look every now and then, which they do besides.
func listen(ctx context.Context, places map[devices.Kind]place) error {
	wakes := map[string][]place{}
	var subsystems []string
	for kind, p := range places {
		for _, s := range occasions[kind] {
			if !slices.Contains(subsystems, s) {
				subsystems = append(subsystems, s)
			}
			wakes[s] = append(wakes[s], p)
		}
	}
	return udev.Watch(ctx, subsystems, func(subsystem string) {
		for _, p := range wakes[subsystem] {
			p.Wake()
		}
	})
}
