package usb

import "sync"

// Status is how a transfer ended, as the errno that the kernel reports in an URB, or 0.
type Status int32

// How a transfer can end (Linux, Documentation/driver-api/usb/error-codes.rst).
const (
	OK         Status = 0
	Stalled    Status = -32  // EPIPE: the endpoint halted, or the request is not supported
	Broken     Status = -71  // EPROTO: no proper answer on the wire; what a loose or just pulled cable gives
	Overflowed Status = -75  // EOVERFLOW: the device sent more than was asked for
	Cancelled  Status = -2   // ENOENT
	Gone       Status = -108 // ESHUTDOWN: unplugged
)

// Setup is the first packet of a control transfer (USB 2.0, 9.3).
type Setup struct {
	RequestType, Request byte
	Value, Index, Length uint16
}

// Transfer is one transfer that the host asked for.
type Transfer struct {
	Endpoint byte   // with its direction in bit 7; 0 or 0x80 is control
	Setup    Setup  // of a control transfer
	Out      []byte // what the host sends
	Length   int    // bytes that the host takes; 0 when it sends
	complete func(Status, []byte)
}

// Complete ends the transfer, with at most Length bytes for the host; a longer answer ends it with Overflowed. It may be
// called from any goroutine; only the first call counts.
func (t *Transfer) Complete(status Status, in []byte) {
	if len(in) > t.Length {
		status, in = Overflowed, in[:t.Length]
	}
	t.complete(status, in)
}

// isControl says whether the transfer is on endpoint zero.
func (t *Transfer) isControl() bool { return t.Endpoint&0x7f == 0 }

// Model is what a device does beyond what all USB devices do.
type Model interface {
	// Handle begins a class or vendor request, or a transfer on a data endpoint. The model completes it now or later.
	Handle(t *Transfer)
	// Cancel says that the host gave the transfer up. It is completed already.
	Cancel(t *Transfer)
	// Reset says that the device lost its power: pulled out, and perhaps plugged in again.
	Reset()
}

// Interface is one USB interface; where Class is 0 it is a human interface device's (HID 1.11).
type Interface struct {
	Number                    byte
	Class, SubClass, Protocol byte   // USB 2.0, 9.6.5
	Report                    []byte // the report descriptor of a human interface device
	Functional                []byte // descriptors of its class, behind its own (CDC 1.2, 5.2.3)
	Endpoints                 []Endpoint
}

// Endpoint is one interrupt or bulk endpoint.
type Endpoint struct {
	Address   byte // with its direction in bit 7
	Bulk      bool
	MaxPacket uint16
	Interval  byte // milliseconds; 0 for a bulk endpoint
}

// Device is what can be plugged into a [Bed]: descriptors, a model, and faults on demand.
type Device struct {
	Vendor, Product            uint16
	Manufacturer, Name, Serial string
	Driver                     string // the kernel driver that has bound the interfaces: "usbhid"
	Interfaces                 []Interface
	Model                      Model
	// Configuration is the configuration descriptor as it is sent, however broken; nil is one that describes Interfaces.
	Configuration []byte

	mu      sync.Mutex
	data    faults
	control faults
}

// submit begins a transfer: standard requests here, faults next, the rest in the model.
func (d *Device) submit(t *Transfer) {
	const typeMask, standard = 0x60, 0
	if t.isControl() && t.Setup.RequestType&typeMask == standard {
		d.standard(t)
		return
	}
	if d.spoil(d.place(t), t) {
		d.Model.Handle(t)
	}
}
