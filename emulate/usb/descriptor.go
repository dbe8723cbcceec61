package usb

import (
	"cmp"
	"encoding/binary"
	"unicode/utf16"
)

// Descriptor types (USB 2.0, table 9-5; HID 1.11, 7.1).
const (
	typeDevice    = 1
	typeConfig    = 2
	typeString    = 3
	typeInterface = 4
	typeEndpoint  = 5
	typeHID       = 0x21
	typeReport    = 0x22
)

// Standard requests (USB 2.0, table 9-4).
const (
	getStatus        = 0
	getDescriptor    = 6
	getConfiguration = 8
)

// standard answers the requests that every USB device answers.
func (d *Device) standard(t *Transfer) {
	const toDevice, toInterface = 0x80, 0x81
	var answer []byte
	switch s := t.Setup; {
	case s.RequestType == toDevice && s.Request == getDescriptor:
		answer = d.descriptor(byte(s.Value>>8), byte(s.Value))
	case s.RequestType == toInterface && s.Request == getDescriptor && s.Value>>8 == typeReport:
		answer = d.reportDescriptor(byte(s.Index))
	case s.RequestType == toDevice && s.Request == getStatus:
		answer = []byte{0, 0}
	case s.RequestType == toDevice && s.Request == getConfiguration:
		answer = []byte{1}
	case t.Length == 0:
		t.Complete(OK, nil) // SET_CONFIGURATION, SET_INTERFACE, features: there is one of each
		return
	}
	if answer == nil {
		t.Complete(Stalled, nil)
		return
	}
	t.Complete(OK, answer[:min(len(answer), t.Length)])
}

// descriptor gives one descriptor, or nil.
func (d *Device) descriptor(kind, index byte) []byte {
	switch kind {
	case typeDevice:
		return d.deviceDescriptor()
	case typeConfig:
		return d.configDescriptor()
	case typeString:
		return d.stringDescriptor(index)
	}
	return nil
}

func (d *Device) deviceDescriptor() []byte {
	b := []byte{18, typeDevice, 0x00, 0x02, 0, 0, 0, 64}
	b = binary.LittleEndian.AppendUint16(b, d.Vendor)
	b = binary.LittleEndian.AppendUint16(b, d.Product)
	return append(b, 0x00, 0x01, 1, 2, 3, 1) // release 1.00, the three strings, one configuration
}

func (d *Device) configDescriptor() []byte {
	if d.Configuration != nil {
		return d.Configuration
	}
	const busPowered, halfAmpere = 0x80, 250
	b := []byte{9, typeConfig, 0, 0, byte(len(d.Interfaces)), 1, 0, busPowered, halfAmpere}
	for _, i := range d.Interfaces {
		const hid = 3
		b = append(b, 9, typeInterface, i.Number, 0, byte(len(i.Endpoints)), cmp.Or(i.Class, hid), i.SubClass, i.Protocol, 0)
		if cmp.Or(i.Class, hid) == hid {
			b = append(b, 9, typeHID, 0x11, 0x01, 0, 1, typeReport)
			b = binary.LittleEndian.AppendUint16(b, uint16(len(i.Report)))
		}
		b = append(b, i.Functional...)
		for _, e := range i.Endpoints {
			const bulk, interrupt = 2, 3
			kind := byte(interrupt)
			if e.Bulk {
				kind = bulk
			}
			b = append(b, 7, typeEndpoint, e.Address, kind)
			b = binary.LittleEndian.AppendUint16(b, e.MaxPacket)
			b = append(b, e.Interval)
		}
	}
	binary.LittleEndian.PutUint16(b[2:], uint16(len(b)))
	return b
}

func (d *Device) stringDescriptor(index byte) []byte {
	const english = 0x0409
	content := []uint16{english}
	switch index {
	case 0:
	case 1:
		content = utf16.Encode([]rune(d.Manufacturer))
	case 2:
		content = utf16.Encode([]rune(d.Name))
	case 3:
		content = utf16.Encode([]rune(d.Serial))
	default:
		return nil
	}
	b := []byte{byte(2 + 2*len(content)), typeString}
	for _, unit := range content {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return b
}

func (d *Device) reportDescriptor(number byte) []byte {
	for _, i := range d.Interfaces {
		if i.Number == number {
			return i.Report
		}
	}
	return nil
}

// reports is a HID report descriptor in the making.
type reports []byte

// vendorReports begins a vendor-defined application collection of byte-wide fields (HID 1.11, 6.2.2).
func vendorReports() reports {
	return reports{
		0x06, 0x00, 0xff, // usage page: vendor
		0x09, 0x01, // usage
		0xa1, 0x01, // collection: application
		0x15, 0x00, // logical minimum 0
		0x26, 0xff, 0x00, // logical maximum 255
		0x75, 0x08, // report size: 8 bits
	}
}

// Main items (HID 1.11, 6.2.2.4), each of one data byte.
const (
	inputItem   = 0x81
	outputItem  = 0x91
	featureItem = 0xb1
)

// with adds a report of so many bytes; id 0 stands for a device whose reports have none.
func (r reports) with(item, id byte, size uint16) reports {
	if id != 0 {
		r = append(r, 0x85, id)
	}
	r = append(r, 0x96, byte(size), byte(size>>8)) // report count
	return append(r, 0x09, 0x01, item, 0x02)       // usage; data, variable, absolute
}

// end closes the collection.
func (r reports) end() []byte { return append(r, 0xc0) }
