// Package discover looks for every device that Foyer has a driver for, without a station's configuration: what a new PC has, and the
// lines of station.toml that make a station use it.
//
// It opens nothing by itself: USB devices are known by their numbers, chip readers by the PC/SC service, cameras, printers, serial lines
// and lamps by the names that Linux and udev give them. What a serial line leads to is for a person to say: a stranger's device is not
// written to.
package discover

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/camera"
	"github.com/foyer-station/foyer/devices/escpos"
	"github.com/foyer-station/foyer/devices/pcsc"
	"github.com/foyer-station/foyer/devices/sysfs"
	"github.com/foyer-station/foyer/devices/usb"
)

// What is found that is no device of its own.
const (
	KindSerialLine devices.Kind = "serial_line"
	KindLamp       devices.Kind = "lamp"
)

// Found is something that is there.
type Found struct {
	devices.Info // Kind, Path, and what Linux calls it
	// Config are the lines of station.toml by which a station uses it: a table's name and settings. None is needed where a station uses
	// it anyway.
	Config []string
	// Open opens it for a test; nil where nothing is known about how.
	Open func(context.Context) (devices.Device, error)
}

// Driver is a driver of USB devices, which it knows by their numbers.
type Driver struct {
	Kind   devices.Kind
	IDs    []usb.ID
	Config []string // that choose the driver; none for the one that a station has anyway
	Open   func(context.Context) (devices.Device, error)
}

// Places are where Linux shows devices.
type Places sysfs.Tree

// Linux are the usual places.
func Linux() Places { return Places{Dev: "/dev", Sys: "/sys"} }

// Missing is a kind of which nothing was found, and why nothing could be; ErrNoDevice where there is none.
type Missing struct {
	Kind devices.Kind
	Err  error
}

// Devices looks everywhere. It gives what is there, in the order of a station's devices, and of which kinds there is nothing.
func Devices(ctx context.Context, drivers []Driver, p Places) (all []Found, missing []Missing) {
	cameras := p.cameras()
	looks := []struct {
		kind devices.Kind
		look func() ([]Found, error)
	}{
		{devices.KindMRZReader, func() ([]Found, error) { return onBus(ctx, drivers, devices.KindMRZReader) }},
		{devices.KindChipReader, func() ([]Found, error) { return chipReaders(ctx) }},
		{devices.KindPageImager, func() ([]Found, error) { return cameras[min(len(cameras), 1):], nil }},
		{devices.KindCamera, func() ([]Found, error) { return cameras[:min(len(cameras), 1)], nil }},
		{devices.KindSignaturePad, func() ([]Found, error) { return onBus(ctx, drivers, devices.KindSignaturePad) }},
		{devices.KindTicketPrinter, func() ([]Found, error) { return p.printers(ctx, drivers) }},
	}
	for _, l := range looks {
		found, err := l.look()
		if err == nil && len(found) == 0 {
			err = devices.ErrNoDevice
		}
		if err != nil {
			missing = append(missing, Missing{l.kind, err})
		}
		all = append(all, found...)
	}
	return slices.Concat(all, p.serialLines(), p.lamps()), missing
}

// onBus gives the USB devices that a driver of a kind knows.
func onBus(ctx context.Context, drivers []Driver, kind devices.Kind) ([]Found, error) {
	attached, err := usb.List(ctx)
	if err != nil {
		return nil, &devices.Error{Kind: kind, Op: "find", Err: err}
	}
	var all []Found
	for _, a := range attached {
		for _, d := range drivers {
			i := slices.IndexFunc(d.IDs, a.Is)
			if d.Kind != kind || i < 0 {
				continue
			}
			info := devices.Info{Kind: kind, Model: d.IDs[i].Model, Path: a.Path}
			all = append(all, Found{Info: info, Config: d.Config, Open: d.Open})
		}
	}
	return all, nil
}

// chipReaders gives PC/SC's readers. Several want a filter, so that a station does not take whichever comes first.
func chipReaders(ctx context.Context) ([]Found, error) {
	names, err := pcsc.Names(ctx)
	var all []Found
	for _, name := range names {
		f := Found{Info: devices.Info{Kind: devices.KindChipReader, Model: name, Path: "pcsc " + name}}
		f.Open = func(ctx context.Context) (devices.Device, error) { return pcsc.Open(ctx, name) }
		if len(names) > 1 {
			f.Config = []string{"[devices.chip_reader]", setting("filter", name)}
		}
		all = append(all, f)
	}
	return all, err
}

func openCamera(path string) func(context.Context) (devices.Device, error) {
	return func(ctx context.Context) (devices.Device, error) {
		return camera.Open(ctx, camera.Config{Backend: camera.V4L2, Source: path})
	}
}

func openPrinter(c escpos.Config) func(context.Context) (devices.Device, error) {
	return func(ctx context.Context) (devices.Device, error) { return escpos.Open(ctx, c) }
}

// setting is a line of TOML 1.0: a key and a basic string. What a device calls itself may be anything; of Go's escapes TOML has not all.
func setting(key, value string) string {
	var b strings.Builder
	for _, r := range value {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\U%08X`, r)
		}
	}
	return key + ` = "` + b.String() + `"`
}
