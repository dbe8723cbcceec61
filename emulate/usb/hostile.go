package usb

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// Disguise makes a device that its driver knows by vendor and product into one that the driver must see through, or get along
// with: its descriptors are odd, nonsense, or another device's.
type Disguise struct {
	Name string
	Wear func(*Device)
	// Lawful says that the standard allows it: a driver works with the device all the same.
	Lawful bool
	// StopsLibrary says that gousb 1.1.3 panics while it lists a bus with the device on it.
	StopsLibrary bool
}

// Disguises are all that this package knows, for any device of this package.
func Disguises() []Disguise {
	return []Disguise{
		{Name: "interface numbers with a gap before them", Wear: (*Device).raiseInterfaces, Lawful: true},
		{Name: "more interfaces, of other kinds, after its own", Wear: (*Device).addStrangers, Lawful: true},
		{Name: "a keyboard in disguise", Wear: (*Device).becomeKeyboard},
		{Name: "no interface", Wear: func(d *Device) { d.Interfaces = nil }},
		{Name: "no endpoint", Wear: func(d *Device) {
			for i := range d.Interfaces {
				d.Interfaces[i].Endpoints = nil
			}
		}},
		{Name: "packets of no bytes", Wear: func(d *Device) { d.eachEndpoint(func(e *Endpoint) { e.MaxPacket = 0 }) }},
		{Name: "every endpoint the other way round", Wear: func(d *Device) { d.eachEndpoint(func(e *Endpoint) { e.Address ^= 0x80 }) }},
		{Name: "an interface of no class that is known", Wear: func(d *Device) {
			for i := range d.Interfaces {
				d.Interfaces[i].Class = 0xff
			}
		}},
		{Name: "no report descriptor", Wear: func(d *Device) { d.eachReport(func([]byte) []byte { return nil }) }},
		{Name: "a report descriptor of nonsense", Wear: func(d *Device) {
			d.eachReport(func([]byte) []byte { return []byte{0xa5, 0x5a, 0xa5, 0x5a, 0xff} })
		}},
		{Name: "a report descriptor without end", Wear: func(d *Device) {
			d.eachReport(func([]byte) []byte { return bytes.Repeat([]byte{0x09, 0x01, 0xa1, 0x02}, 20_000) })
		}},
		{Name: "one interface number twice", StopsLibrary: true, Wear: func(d *Device) {
			d.Interfaces = append(d.Interfaces[:1:1], Interface{Number: d.Interfaces[0].Number + 1}, d.Interfaces[0])
			d.Interfaces[0].Class = 0xff
		}},
		{Name: "a configuration that ends half-way", StopsLibrary: true, Wear: func(d *Device) {
			whole := d.configDescriptor()
			d.Configuration = whole[:len(whole)/2]
		}},
		{Name: "a configuration much shorter than it says", Wear: func(d *Device) {
			d.Configuration = slices.Clone(d.configDescriptor())
			binary.LittleEndian.PutUint16(d.Configuration[2:], 0xffff)
			d.Configuration = d.Configuration[:9]
		}},
		{Name: "descriptors of no length", Wear: func(d *Device) {
			d.Configuration = slices.Clone(d.configDescriptor())
			d.Configuration[9] = 0
		}},
		{Name: "more interfaces than it has", Wear: func(d *Device) {
			d.Configuration = slices.Clone(d.configDescriptor())[:9]
			d.Configuration[4] = 32
		}},
	}
}

// eachEndpoint changes every endpoint. A device of this package may share its endpoints with others.
func (d *Device) eachEndpoint(change func(*Endpoint)) {
	for i := range d.Interfaces {
		d.Interfaces[i].Endpoints = slices.Clone(d.Interfaces[i].Endpoints)
		for j := range d.Interfaces[i].Endpoints {
			change(&d.Interfaces[i].Endpoints[j])
		}
	}
}

func (d *Device) eachReport(change func([]byte) []byte) {
	for i := range d.Interfaces {
		d.Interfaces[i].Report = change(d.Interfaces[i].Report)
	}
}

// raiseInterfaces numbers them as if some before them were switched off.
func (d *Device) raiseInterfaces() {
	for i := range d.Interfaces {
		d.Interfaces[i].Number += 3
	}
}

// addStrangers gives the device a vendor's own interface and a disk's (mass storage, bulk only).
func (d *Device) addStrangers() {
	const vendors, storage, scsi, bulkOnly = 0xff, 8, 6, 0x50
	last := byte(0)
	for _, i := range d.Interfaces {
		last = max(last, i.Number)
	}
	d.Interfaces = append(d.Interfaces,
		Interface{Number: last + 1, Class: vendors},
		Interface{Number: last + 2, Class: storage, SubClass: scsi, Protocol: bulkOnly},
	)
}

// becomeKeyboard keeps vendor, product, name and serial number.
func (d *Device) becomeKeyboard() {
	const boot, keyboard = 1, 1
	d.Interfaces = []Interface{{
		Number: 0, SubClass: boot, Protocol: keyboard, Report: KeyboardReports(),
		Endpoints: []Endpoint{{Address: 0x81, MaxPacket: 8, Interval: 8}},
	}}
}

// KeyboardReports is the report descriptor of a keyboard that a BIOS understands (HID 1.11, appendix E.6).
func KeyboardReports() []byte {
	return bytes.Clone([]byte{
		0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, // usage page generic desktop, keyboard, application
		0x05, 0x07, 0x19, 0xe0, 0x29, 0xe7, // key codes: the eight modifiers
		0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x08, 0x81, 0x02,
		0x95, 0x01, 0x75, 0x08, 0x81, 0x01, // a reserved byte
		0x95, 0x06, 0x75, 0x08, 0x15, 0x00, 0x25, 0x65, 0x19, 0x00, 0x29, 0x65, 0x81, 0x00, // six keys
		0xc0,
	})
}
