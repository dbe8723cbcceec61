package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/accessis"
	"github.com/foyer-station/foyer/devices/elyctis"
	"github.com/foyer-station/foyer/devices/escpos"
	"github.com/foyer-station/foyer/devices/hidpos"
	"github.com/foyer-station/foyer/devices/imager/lampboard"
	"github.com/foyer-station/foyer/devices/mrzline"
	"github.com/foyer-station/foyer/devices/serial"
	"github.com/foyer-station/foyer/devices/stu"
	"github.com/foyer-station/foyer/devices/stu/protocol"
	"github.com/foyer-station/foyer/devices/sysfs"
	"github.com/foyer-station/foyer/devices/usb"
	"github.com/foyer-station/foyer/devices/usbmon"
	"github.com/foyer-station/foyer/kiosk/config"
)

// recordable is a driver whose traffic can be rid of everything of people.
type recordable struct {
	is       func(attached) bool // whether a device is the driver's
	scrubber func() usbmon.Scrubber
}

// attached is a device on a USB bus, as Linux tells of it (Documentation/ABI/testing/sysfs-bus-usb).
type attached struct {
	folder          string // in sysfs
	vendor, product uint16
	serial          string // empty where it has none
	bus, number     int
}

// port is where it is attached, "1-2.3".
func (a attached) port() string { return filepath.Base(a.folder) }

// chosen tells whether it is the one that a station's file tells from others that are alike.
func (a attached) chosen(u config.USB) bool {
	_, onBus, _ := strings.Cut(a.port(), "-")
	return (u.SerialNumber == "" || u.SerialNumber == a.serial) && (u.Port == "" || u.Port == a.port() || u.Port == onBus)
}

// prints tells whether one of its interfaces is a printer's.
func (a attached) prints() bool {
	all, _ := filepath.Glob(filepath.Join(a.folder, "*:*")) // the pattern is well formed
	return slices.ContainsFunc(all, func(i string) bool {
		return number(i, "bInterfaceClass", 16) == escpos.USBClass && number(i, "bInterfaceSubClass", 16) == escpos.USBSubClass
	})
}

// knows tells whether a device is one of those, and chosen.
func knows(ids []usb.ID, which config.USB) func(attached) bool {
	return func(a attached) bool {
		return a.chosen(which) && slices.ContainsFunc(ids, func(id usb.ID) bool {
			return id.Vendor == a.vendor && (id.Product == a.product || id.Product == 0)
		})
	}
}

// errNotRecordable says that it is not known what is personal of what a device says.
var errNotRecordable = errors.New("nothing would take personal data out of it")

// recordables are the drivers of a kind of device that is configured so, or that could be there where nothing is configured.
func (c *cli) recordables(kind devices.Kind) ([]recordable, error) {
	settings, err := c.settings()
	configured := err == nil
	switch {
	case errors.Is(err, errUnconfigured):
		settings = config.Default()
	case err != nil:
		return nil, err
	}
	var all []recordable
	switch d := settings.Devices; {
	case kind == devices.KindMRZReader && configured:
		all = c.readers(d.MRZReader)[d.MRZReader.Driver]
	case kind == devices.KindMRZReader:
		of := c.readers(d.MRZReader)
		all = slices.Concat(of["access-is"], of["elyctis"], of["hid-pos"])
	case kind == devices.KindSignaturePad:
		all = []recordable{{knows(stu.IDs(), d.Pad.USB), protocol.NewScrubber}}
	case kind == devices.KindTicketPrinter && d.Printer.Driver != "serial":
		all = []recordable{{func(a attached) bool { return a.chosen(d.Printer.USB) && a.prints() }, escpos.NewScrubber}}
	case kind == devices.KindPageImager && d.PageImager.Lamps == config.LampHID:
		board := usb.ID{Vendor: d.PageImager.LampUSB.Vendor(), Product: d.PageImager.LampUSB.Product()}
		all = []recordable{{knows([]usb.ID{board}, config.USB{}), lampboard.NewScrubber}}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("a recording of %s: %w", kind, errNotRecordable)
	}
	return all, nil
}

// readers are the document readers that can be recorded, by their drivers.
func (c *cli) readers(r config.MRZReader) map[string][]recordable {
	scanners := hidpos.IDs()
	if r.USBID != 0 {
		scanners = append(scanners, usb.ID{Vendor: r.USBID.Vendor(), Product: r.USBID.Product()})
	}
	onLine := knows(elyctis.IDs(), config.USB{})
	if r.Path != "" {
		onLine = c.has(r.Path)
	}
	return map[string][]recordable{
		"access-is": {{knows(accessis.IDs(), r.USB), accessis.NewScrubber}},
		"elyctis":   {{onLine, elyctis.NewScrubber}},
		"hid-pos":   {{knows(scanners, r.USB), hidpos.NewScrubber}},
		"serial":    {{c.has(r.Path), mrzline.NewScrubber}},
	}
}

// has tells whether a device on USB has that serial line.
func (c *cli) has(path string) func(attached) bool {
	node, err := filepath.Abs(path)
	if named, linked := filepath.EvalSymlinks(path); linked == nil {
		node, err = filepath.Abs(named)
	}
	lines := serial.Ports(sysfs.Tree(c.places))
	i := slices.IndexFunc(lines, func(p serial.Port) bool { return p.Path == node })
	return func(a attached) bool { return err == nil && i >= 0 && lines[i].Place == "usb "+a.port() }
}

// onBus finds the first device that one of the drivers takes, in the order of the drivers.
func (c *cli) onBus(drivers []recordable) (attached, recordable, error) {
	found, err := filepath.Glob(filepath.Join(c.places.Sys, "bus/usb/devices/*/idVendor"))
	if err != nil {
		return attached{}, recordable{}, err
	}
	for _, d := range drivers {
		for _, path := range found {
			folder := filepath.Dir(path)
			a := attached{
				folder: folder, serial: sysfs.Attribute(folder, "serial"), bus: int(number(folder, "busnum", 10)), number: int(number(folder, "devnum", 10)),
				vendor: uint16(number(folder, "idVendor", 16)), product: uint16(number(folder, "idProduct", 16)),
			}
			if d.is(a) {
				return a, d, nil
			}
		}
	}
	return attached{}, recordable{}, devices.ErrNoDevice
}

// number is what sysfs says as a number; 0, which is nothing's, where it says none.
func number(folder, name string, base int) uint64 {
	n, err := strconv.ParseUint(sysfs.Attribute(folder, name), base, 16)
	if err != nil {
		return 0
	}
	return n
}
