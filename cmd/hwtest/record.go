package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/accessis"
	"github.com/foyer-station/foyer/devices/usb"
	"github.com/foyer-station/foyer/devices/usbmon"
)

// recordCall is what is recorded, and where to.
type recordCall struct {
	Out string        `help:"Where to: a pcap file, which Wireshark opens." placeholder:"FILE"`
	For time.Duration `default:"1m" help:"How long, unless Ctrl-C ends it earlier."`
}

// mostRecorded bounds a recording, in events: a pad's of half an hour.
const mostRecorded = 1 << 20

// recordable is a driver whose traffic can be rid of everything of people.
type recordable struct {
	ids   []usb.ID
	scrub func([]usbmon.Event) []usbmon.Event
}

func recordables() map[devices.Kind]recordable {
	return map[devices.Kind]recordable{devices.KindMRZReader: {accessis.IDs(), accessis.Scrub}}
}

// record records what a device says on its bus while somebody uses it, and writes it without anything of that person. Nothing is written
// before that is out of it.
func (c *cli) record(ctx context.Context, stderr io.Writer) error {
	if len(c.Device) != 1 || c.Record.Out == "" {
		return command.WrongCall(errors.New("a recording is of one device, into a file"), "hwtest record --device document_reader --out reader.pcap")
	}
	kind := devices.Kind(c.Device[0])
	driver, can := recordables()[kind]
	if !can {
		return command.WrongCall(fmt.Errorf("nothing would take personal data out of a recording of %s", kind), "hwtest record --device document_reader, an Access-IS reader")
	}
	bus, number, err := c.onBus(driver.ids)
	if err != nil {
		return command.CannotRun(err, "plug it in; a recording is of devices on USB that the driver of "+string(kind)+" knows")
	}
	from, err := os.Open(filepath.Join(c.places.Dev, "usbmon"+strconv.Itoa(bus)))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return command.CannotRun(err, "modprobe usbmon")
	case err != nil:
		return command.CannotRun(err, "run it as root: the bus carries everything that devices say")
	}
	defer from.Close()
	limited, cancel := context.WithTimeout(ctx, c.Record.For)
	defer cancel()
	stop := context.AfterFunc(limited, func() { from.SetReadDeadline(time.Unix(1, 0)) }) // its error is that it cannot wait: it ends at the next event
	defer stop()
	fmt.Fprintf(stderr, "%s: recording bus %d, device %d; use it now, and end with Ctrl-C\n", program, bus, number)
	events, err := listen(limited, from, uint16(bus), byte(number))
	if err != nil {
		return command.CannotRun(err, "try it again")
	}
	clean := driver.scrub(events)
	if len(clean) == 0 {
		fmt.Fprintf(stderr, "%s: the device said nothing\n", program)
		return command.ErrNotGood
	}
	if err := replace(c.Record.Out, func(w io.Writer) error { return writeCapture(w, clean) }); err != nil {
		return command.CannotRun(err, "name a file that can be written with --out")
	}
	return nil
}

// listen takes what one device says until the context ends, or the device file does.
func listen(ctx context.Context, from io.Reader, bus uint16, number byte) (events []usbmon.Event, err error) {
	live := usbmon.NewLive(from)
	for ctx.Err() == nil && len(events) < mostRecorded {
		e, err := live.Read()
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, io.EOF):
			return events, nil
		case err != nil:
			return nil, err
		}
		if e.Bus == bus && e.Device == number {
			events = append(events, e)
		}
	}
	return events, nil
}

func writeCapture(to io.Writer, events []usbmon.Event) error {
	w, err := usbmon.NewWriter(to)
	for _, e := range events {
		if err == nil {
			err = w.Write(e)
		}
	}
	return err
}

// onBus finds the first device that a driver knows: its bus, and its number there (Linux, Documentation/ABI/testing/sysfs-bus-usb).
func (c *cli) onBus(known []usb.ID) (bus, number int, err error) {
	found, err := filepath.Glob(filepath.Join(c.places.Sys, "bus/usb/devices/*/idVendor"))
	if err != nil {
		return 0, 0, err
	}
	for _, path := range found {
		says := func(name string, base int) int {
			text, err := os.ReadFile(filepath.Join(filepath.Dir(path), name))
			if err != nil {
				return 0
			}
			n, _ := strconv.ParseUint(strings.TrimSpace(string(text)), base, 16) // 0 is no device's
			return int(n)
		}
		vendor, product := uint16(says("idVendor", 16)), uint16(says("idProduct", 16))
		if slices.ContainsFunc(known, func(id usb.ID) bool { return id.Vendor == vendor && (id.Product == product || id.Product == 0) }) {
			return says("busnum", 10), says("devnum", 10), nil
		}
	}
	return 0, 0, devices.ErrNoDevice
}
