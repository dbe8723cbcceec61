package escpos

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/gousb"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/usb"
)

// USBClass and USBSubClass are those of the interfaces that the driver takes, whoever made the printer (USB, Printing Devices 1.1,
// 4.2.1). A receipt printer that is set to its maker's own class ("vendor class") has to be set to this one.
const (
	USBClass    = 0x07
	USBSubClass = 0x01
)

// bidirectional is the protocol of the printer class that is spoken here. Printers of protocol 1 do not answer, and those of
// protocol 3 do so in packets of IEEE 1284.4.
const bidirectional = 2

// Requests of the printer class (Printing Devices 1.1, 4.2).
const (
	getDeviceID   = 0
	getPortStatus = 1
	softReset     = 2
)

// usbLink is a printer of the USB printer class.
type usbLink struct {
	device  *usb.Device
	number  int // of the interface
	in, out gousb.EndpointDesc
	held    []byte // of the last packet, not yet asked for
}

// findUSB opens the first printer that is as configured, that nobody else holds, and that answers: what is on the bus beside it, an
// office printer perhaps, keeps nobody from it. One that does not answer is told of only if there is no other.
func (p *Printer) findUSB(ctx context.Context, c Config) error {
	_, err := usb.OpenFitting(ctx, func(desc *gousb.DeviceDesc) ([]int, bool) {
		if c.Vendor != 0 && (uint16(desc.Vendor) != c.Vendor || uint16(desc.Product) != c.Product) {
			return nil, false
		}
		number, ok := printerInterface(desc)
		return []int{number}, ok
	}, p.attachUSB, c.Only)
	return err
}

// attachUSB makes an open device the printer's, if it answers as one.
func (p *Printer) attachUSB(ctx context.Context, device *usb.Device) error {
	number, _ := printerInterface(device.Descriptor())
	l := &usbLink{device: device, number: number}
	var hasIn, hasOut bool
	l.in, hasIn = device.Endpoint(number, gousb.EndpointDirectionIn)
	l.out, hasOut = device.Endpoint(number, gousb.EndpointDirectionOut)
	if !hasIn || !hasOut {
		return fmt.Errorf("%w: no endpoints", devices.ErrProtocol)
	}
	p.link, p.usb, p.info = l, l, l.info(ctx)
	return p.begin(ctx)
}

// printerInterface finds the interface of the printer class that can answer. Of an interface's settings libusb claims the first.
func printerInterface(desc *gousb.DeviceDesc) (number int, ok bool) {
	for _, config := range desc.Configs {
		for _, i := range config.Interfaces {
			if len(i.AltSettings) == 0 {
				continue
			}
			s := i.AltSettings[0]
			if s.Class == USBClass && s.SubClass == USBSubClass && s.Protocol == bidirectional && isPair(s.Endpoints) {
				return s.Number, true
			}
		}
	}
	return 0, false
}

// maxPacket bounds a packet: the largest bulk packet of USB 3.
const maxPacket = 1024

// isPair tells whether these are one bulk endpoint each way.
func isPair(endpoints map[gousb.EndpointAddress]gousb.EndpointDesc) bool {
	in, out := 0, 0
	for _, e := range endpoints {
		switch {
		case e.TransferType != gousb.TransferTypeBulk || e.MaxPacketSize < 1 || e.MaxPacketSize > maxPacket:
			return false
		case e.Direction == gousb.EndpointDirectionIn:
			in++
		default:
			out++
		}
	}
	return in == 1 && out == 1
}

// Write sends all of data. Errors: ErrTimeout, ErrUnplugged, ErrProtocol, ErrClosed, ctx's.
func (l *usbLink) Write(ctx context.Context, data []byte, timeout time.Duration) error {
	return late(ctx, l.device.Send(ctx, l.number, l.out, data, timeout))
}

// ReadFull waits until buffer is full. Errors as of Write.
func (l *usbLink) ReadFull(ctx context.Context, buffer []byte, timeout time.Duration) error {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for {
		n := copy(buffer, l.held)
		l.held, buffer = l.held[n:], buffer[n:]
		if len(buffer) == 0 {
			return nil
		}
		if err := l.packet(limited); err != nil {
			if ctx.Err() == nil && limited.Err() != nil && errors.Is(err, limited.Err()) {
				return devices.ErrTimeout
			}
			return late(ctx, err)
		}
	}
}

// packet reads one packet. Many printers answer at once and with nothing as long as they have nothing to say; so as not to ask
// without pause, it waits a little then.
func (l *usbLink) packet(ctx context.Context) error {
	const pause = 2 * time.Millisecond
	packet := make([]byte, l.in.MaxPacketSize)
	n, err := l.device.Read(ctx, l.number, l.in, packet)
	l.held = append(l.held, packet[:n]...)
	if n > 0 {
		return nil
	}
	if err != nil {
		return err
	}
	select {
	case <-time.After(pause):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// late makes a deadline that was the caller's what a line makes of it.
func late(ctx context.Context, err error) error {
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) && errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", devices.ErrTimeout, err)
	}
	return err
}

// Drain throws away what the printer has already said. One that never stops is ErrProtocol.
func (l *usbLink) Drain() error {
	const most, patience = 64, 3 * time.Millisecond // packets; a printer that has something to say says it in the next frame
	l.held = nil
	for range most {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		n, err := l.device.Read(ctx, l.number, l.in, make([]byte, l.in.MaxPacketSize))
		ended := ctx.Err()
		cancel()
		switch {
		case err != nil && !errors.Is(err, context.DeadlineExceeded):
			return err
		case n == 0, ended != nil:
			return nil
		}
	}
	return fmt.Errorf("%w: it talks without end", devices.ErrProtocol)
}

// Close gives the printer back to the kernel.
func (l *usbLink) Close() error { return l.device.Close() }

// Reset makes the printer forget what it holds, and starts its endpoints anew.
func (l *usbLink) Reset(ctx context.Context) error {
	return l.device.Tell(ctx, softReset, 0, uint16(l.number))
}

// paperEmpty asks the port for what a parallel port's pin said, of a printer that answers nothing else.
func (l *usbLink) paperEmpty(ctx context.Context) bool {
	const empty = 0x20
	var b [1]byte
	n, err := l.device.Ask(ctx, getPortStatus, 0, uint16(l.number), b[:])
	return err == nil && n == 1 && b[0]&empty != 0
}

// info is what the printer's descriptors and its IEEE 1284 identity say of it.
func (l *usbLink) info(ctx context.Context) devices.Info {
	var b [1024]byte
	n, _ := l.device.Ask(ctx, getDeviceID, 0, uint16(l.number)<<8, b[:]) // one that does not answer has no name
	i := parseDeviceID(b[:n])
	if serial := printable(l.device.Serial()); serial != "" {
		i.Serial = serial
	}
	i.Path = l.device.Path()
	return i
}
