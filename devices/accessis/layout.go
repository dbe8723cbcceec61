package accessis

import (
	"fmt"

	"github.com/google/gousb"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/hid"
	"github.com/foyer-station/foyer/devices/usb"
)

const vendor = 0x0db5

// product is a reader that Access-IS's sample names. Readers that are keyboard and mouse as well have those first, on interfaces of
// their own.
type product struct {
	id    uint16
	model string
	first int // the lowest interface number that can be the reader's
}

func products() []product {
	return []product{
		{0x0120, "Access-IS OCR313", 0},
		{0x0122, "Access-IS AKB422", 2}, // a keyboard with a reader
		{0x0127, "Access-IS OCR reader with keyboard and mouse", 2},
		{0x012c, "Access-IS keyboard with OCR reader", 2},
		{0x0130, "Access-IS LSR130", 0},
		{0x0137, "Access-IS OCR312", 0},
		{0x013e, "Access-IS OCR315 MkII", 0},
	}
}

// IDs are the devices that this package drives.
func IDs() []usb.ID {
	var ids []usb.ID
	for _, p := range products() {
		ids = append(ids, usb.ID{Vendor: vendor, Product: p.id, Model: p.model})
	}
	return ids
}

func productOf(desc *gousb.DeviceDesc) (product, bool) {
	for _, p := range products() {
		if desc.Vendor == vendor && desc.Product == gousb.ID(p.id) {
			return p, true
		}
	}
	return product{}, false
}

// layout is where documents come from, and where commands go to.
type layout struct {
	read, write int // interfaces
	in, out     gousb.EndpointDesc
	direct      bool // commands have an endpoint
}

// layoutOf finds the reader among a device's interfaces. Of human interfaces that are neither keyboard nor mouse the first that can
// be read from is the reader's. Its commands go to an endpoint beside that (0127), or to the only endpoint of another interface
// (OCR313), or where there is neither over endpoint zero (OCR315 MkII).
func layoutOf(desc *gousb.DeviceDesc, p product) (layout, bool) {
	var l layout
	found := false
	interfaces := usb.HIDInterfaces(desc)
	for _, i := range interfaces {
		if i.IsTyping || i.Number < p.first || len(i.In) == 0 || found {
			continue
		}
		found = true
		l.read, l.write, l.in = i.Number, i.Number, i.In[0]
		if len(i.Out) > 0 {
			l.out, l.direct = i.Out[0], true
		}
	}
	for _, i := range interfaces {
		if found && !l.direct && !i.IsTyping && i.Number >= p.first && len(i.In) == 0 && len(i.Out) == 1 {
			l.write, l.out, l.direct = i.Number, i.Out[0], true
		}
	}
	return l, found && l.in.MaxPacketSize >= 2
}

// claims are the interfaces that a layout needs.
func (l layout) claims() []int {
	if l.write == l.read {
		return []int{l.read}
	}
	return []int{l.read, l.write}
}

// Bytes of a command.
const (
	clearToSend   = 0x80
	commandReport = 2 // the report's id, where commands have an endpoint
	commandSize   = 8 // over endpoint zero
)

// command is the form in which a reader takes commands.
//
// A command is an output report like an input report: a byte with the clear-to-send flag and a length, then so many bytes. The
// flag alone would do; but what Access-IS's sample puts on the wire holds the command once more as two bytes of data, 82 00 80 over
// endpoint zero and 02 82 02 80 to an endpoint, and that is what its readers were tried with. So this is sent where the report, by
// the reader's report descriptor, has room for it, and the flag alone where it has not.
type command struct {
	id   byte // of the report; 0 where reports have none
	size int  // of the report, its id included
}

// commandOf takes the form from the report descriptor of the interface that commands go to; what that does not say is as in the sample.
func commandOf(l layout, d hid.Descriptor) command {
	c := command{size: commandSize}
	if l.direct {
		c = command{commandReport, l.out.MaxPacketSize}
	}
	ids := d.Reports(hid.Output)
	switch {
	case len(ids) == 0:
	case d.Has(hid.Output, commandReport):
		c.id = commandReport
	default:
		c.id = ids[0]
	}
	if n := d.Length(hid.Output, c.id); n > 0 {
		c.size = n
	}
	return c
}

// report is the command that says whether documents are wanted.
func (c command) report(wanted bool) []byte {
	flag := byte(0)
	if wanted {
		flag = clearToSend
	}
	var report []byte
	if c.id != 0 {
		report = append(report, c.id)
	}
	if withData := append(report, flag|2, c.id, flag); len(withData) <= c.size {
		report = withData
	} else {
		report = append(report, flag)
	}
	for len(report) < c.size {
		report = append(report, 0)
	}
	return report
}

// What a technician is told of a device that only seems to be a reader.
const (
	saysDisguised devices.Key = "reader.disguised"       // path
	removeIt      devices.Key = "remedy.remove_stranger" // it is not what it says
)

var errDisguise = fmt.Errorf("%w: it has a reader's vendor and product, and is none by its descriptors", devices.ErrProtocol)

// disguised is the error of a device with a reader's numbers that is something else.
func disguised(path string) error {
	return &devices.Told{Err: errDisguise, Reason: devices.Say(saysDisguised).With("path", path), Remedy: devices.Say(removeIt)}
}

// isReader looks at the report descriptor of the interface that documents come from. What the reader itself says there is not
// known, so that only what types is refused.
func isReader(d hid.Descriptor) bool {
	return !d.Is(hid.Keyboard) && !d.Is(hid.Mouse) && len(d.Reports(hid.Input)) > 0
}
