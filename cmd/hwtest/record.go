package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/usbmon"
)

// recordCall is what is recorded, and where to.
type recordCall struct {
	Out string        `help:"Where to: a pcap file, which Wireshark opens." placeholder:"FILE"`
	For time.Duration `default:"1m" help:"How long, unless Ctrl-C ends it earlier."`
}

// Bounds of a recording: a pad's of half an hour. A device that talks without end takes no more memory than that.
const (
	mostRecorded = 1 << 20  // events
	mostBytes    = 64 << 20 // of data
)

// record records what a device says on its bus while somebody uses it, and writes it without anything of that person. Nothing is written
// before that is out of it.
func (c *cli) record(ctx context.Context, stderr io.Writer) error {
	if len(c.Device) != 1 || c.Record.Out == "" {
		return command.WrongCall(errors.New("a recording is of one device, into a file"), "hwtest record --device document_reader --out reader.pcap")
	}
	kind := devices.Kind(c.Device[0])
	drivers, err := c.recordables(kind)
	switch {
	case errors.Is(err, errNotRecordable):
		return command.WrongCall(err, "document_reader, signature_pad or ticket_printer on USB, or page_imager for its lamp board there")
	case err != nil:
		return command.CannotRun(err, "name the station's configuration with --config; docs/operations.md explains it")
	}
	device, driver, err := c.onBus(drivers)
	if err != nil {
		return command.CannotRun(err, "plug it in; a recording is of a device on USB that the configured driver of "+string(kind)+" takes")
	}
	from, err := os.Open(filepath.Join(c.places.Dev, "usbmon"+strconv.Itoa(device.bus)))
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
	fmt.Fprintf(stderr, "%s: recording bus %d, device %d; use it now, and end with Ctrl-C\n", program, device.bus, device.number)
	events, err := listen(limited, from, uint16(device.bus), byte(device.number))
	if err != nil {
		return command.CannotRun(err, "try it again")
	}
	clean, unknown := usbmon.Scrub(events, driver.scrubber())
	for _, e := range events {
		clear(e.Data)
	}
	if len(clean) == 0 {
		fmt.Fprintf(stderr, "%s: the device said nothing\n", program)
		return command.ErrNotGood
	}
	if err := replace(c.Record.Out, func(w io.Writer) error { return writeCapture(w, clean) }); err != nil {
		return command.CannotRun(err, "name a file that can be written with --out")
	}
	if unknown > 0 {
		fmt.Fprintf(stderr, "%s: of %d events %d have something that the driver does not know; zeros stand there\n", program, len(clean), unknown)
	}
	return nil
}

// listen takes what one device says until the context ends, the device file does, or it is as much as a recording may be.
func listen(ctx context.Context, from io.Reader, bus uint16, number byte) (events []usbmon.Event, err error) {
	live := usbmon.NewLive(from)
	for size := 0; ctx.Err() == nil && len(events) < mostRecorded && size < mostBytes; {
		e, err := live.Read()
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, io.EOF):
			return events, nil
		case err != nil:
			return nil, err
		}
		if e.Bus == bus && e.Device == number {
			events, size = append(events, e), size+len(e.Data)
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
