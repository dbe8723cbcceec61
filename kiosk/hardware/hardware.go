// Package hardware opens the devices that a station's configuration names, each with its driver. The station keeps them
// in slots; the technician's self-test opens them one after the other.
package hardware

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/camera"
	"github.com/foyer-station/foyer/devices/escpos"
	"github.com/foyer-station/foyer/devices/finger"
	"github.com/foyer-station/foyer/devices/imager"
	"github.com/foyer-station/foyer/devices/imager/lampboard"
	"github.com/foyer-station/foyer/devices/pcsc"
	"github.com/foyer-station/foyer/devices/stu"
	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/kiosk/config"
)

// Hardware is what a station is configured to have. Its methods open one device each.
type Hardware struct {
	config config.Devices
	pads   *stu.Driver
	screen *finger.Screen
}

// New opens nothing yet.
func New(c config.Devices) Hardware {
	pads := stu.New(stu.Config{Encryption: stu.Encryption(c.Pad.Encryption)})
	return Hardware{config: c, pads: pads, screen: finger.NewScreen("screen")}
}

// ChipReader opens the PC/SC reader whose name has the configured part.
func (h Hardware) ChipReader(ctx context.Context) (devices.ChipReader, error) {
	return pcsc.Open(ctx, h.config.ChipReader.Filter)
}

// PageImager opens the camera below the glass, with its lamps.
func (h Hardware) PageImager(ctx context.Context) (devices.PageImager, error) {
	c := h.config.PageImager
	below := cameraConfig(c.Camera)
	below.ByLamps = true
	lamps, unlit := lampsOf(ctx, c)
	eye, err := camera.Open(ctx, below)
	switch {
	case err != nil && unlit != nil:
		return nil, err
	case err != nil:
		return nil, errors.Join(err, lamps.Close())
	case unlit != nil:
		return nil, errors.Join(unlit, eye.Close())
	}
	return imager.New(ctx, eye, lamps, imager.Config{DPI: c.DPI, Settle: time.Duration(c.Settle), Discard: c.Discard})
}

// lampsOf opens what drives the page imager's lamps, and puts them out: a station that fell may have left one burning, and the camera may
// be slow to open, or gone.
func lampsOf(ctx context.Context, c config.PageImager) (imager.Lamps, error) {
	lamps, err := openLamps(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := imager.PutOut(ctx, lamps); err != nil {
		return nil, errors.Join(err, lamps.Close())
	}
	return lamps, nil
}

func openLamps(ctx context.Context, c config.PageImager) (imager.Lamps, error) {
	switch c.Lamps {
	case config.LampHID:
		return lampboard.OpenHID(ctx, c.LampUSB.Vendor(), c.LampUSB.Product())
	case config.LampSerial:
		return lampboard.OpenSerial(ctx, c.LampLine)
	}
	return imager.NewLEDs(c.LEDDir, namesOf(c.LEDs)), nil
}

// Camera opens the camera that sees the visitor.
func (h Hardware) Camera(ctx context.Context) (devices.Camera, error) {
	return camera.Open(ctx, cameraConfig(h.config.Camera))
}

// SignaturePad opens the pad that is configured.
func (h Hardware) SignaturePad(ctx context.Context) (devices.SignaturePad, error) {
	switch c := h.config.Pad; c.Driver {
	case "stu-serial":
		return h.pads.OpenLine(ctx, c.Path, c.Baud)
	case "touchscreen":
		return h.screen.Open(ctx)
	default:
		return h.pads.Open(ctx, only(h.config.Pad.USB))
	}
}

// Screen is what a finger on the screen is told to; nil where visitors do not sign with one.
func (h Hardware) Screen() *finger.Screen {
	if h.config.Pad.Driver != "touchscreen" {
		return nil
	}
	return h.screen
}

// TicketPrinter opens the ESC/POS printer the configured way.
func (h Hardware) TicketPrinter(ctx context.Context) (devices.TicketPrinter, error) {
	c := h.config.Printer
	return escpos.Open(ctx, escpos.Config{
		Driver: escpos.Driver(c.Driver), Path: c.Path, Baud: c.Baud, Vendor: c.USBID.Vendor(), Product: c.USBID.Product(), Only: only(c.USB),
		Width: c.Width, Unfinished: c.Unfinished,
	})
}

// namesOf are the lamps that the reader has: one without a name is not missed.
func namesOf(l config.LEDs) map[devices.Light]string {
	names := map[devices.Light]string{
		devices.LightVisible: l.Visible, devices.LightInfrared: l.Infrared, devices.LightUltraviolet: l.Ultraviolet,
	}
	maps.DeleteFunc(names, func(_ devices.Light, name string) bool { return name == "" })
	return names
}

func cameraConfig(c config.Camera) camera.Config {
	return camera.Config{Backend: camera.Backend(c.Backend), Source: c.Source, Width: c.Width, Height: c.Height, FPS: c.FPS}
}

// Slots makes the places of a station's devices. [Run] keeps them filled. What comes and goes is told to events, if that
// is not nil; somebody receives until Run has returned.
func (h Hardware) Slots(events chan<- devices.Event) kiosk.Devices {
	every := time.Duration(h.config.LookEvery)
	d := kiosk.Devices{
		ChipReader:    devices.NewSlot(devices.KindChipReader, h.ChipReader, every, events, h.powered(config.USB{}), devices.OpensThrough(pcsc.RestartService)),
		PageImager:    devices.NewSlot(devices.KindPageImager, h.PageImager, every, events, h.powered(config.USB{})),
		Camera:        devices.NewSlot(devices.KindCamera, h.Camera, every, events, h.powered(config.USB{})),
		TicketPrinter: devices.NewSlot(devices.KindTicketPrinter, h.TicketPrinter, every, events, h.powered(h.config.Printer.USB)),
	}
	if !h.config.Pad.None() {
		d.SignaturePad = devices.NewSlot(devices.KindSignaturePad, h.SignaturePad, every, events, h.powered(h.config.Pad.USB))
	}
	if !h.config.MRZReader.None() {
		d.MRZReader = devices.NewSlot(devices.KindMRZReader, h.MRZReader, every, events, h.powered(h.config.MRZReader.USB))
	}
	return d
}
