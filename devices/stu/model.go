package stu

import (
	"github.com/google/gousb"

	"github.com/foyer-station/foyer/devices/stu/protocol"
	"github.com/foyer-station/foyer/devices/usb"
)

const vendor = 0x056a

// Product ids (getUsbDevices.hpp).
const (
	product500  = 0x00a1
	product300  = 0x00a2
	product520A = 0x00a3
	product430  = 0x00a4
	product530  = 0x00a5
	product430V = 0x00a6
	product540  = 0x00a8
	product541  = 0x00a9
)

// IDs are the pads that this driver opens on the USB bus. The STU-541 is not among them: it speaks TLS alone, which no public source
// describes.
func IDs() []usb.ID {
	return []usb.ID{
		{Vendor: vendor, Product: product300, Model: "Wacom STU-300"},
		{Vendor: vendor, Product: product430, Model: "Wacom STU-430"},
		{Vendor: vendor, Product: product430V, Model: "Wacom STU-430V"},
		{Vendor: vendor, Product: product500, Model: "Wacom STU-500"},
		{Vendor: vendor, Product: product520A, Model: "Wacom STU-520A"},
		{Vendor: vendor, Product: product530, Model: "Wacom STU-530"},
		{Vendor: vendor, Product: product540, Model: "Wacom STU-540"},
	}
}

func isKnown(desc *gousb.DeviceDesc) bool {
	for _, id := range IDs() {
		if uint16(desc.Vendor) == id.Vendor && uint16(desc.Product) == id.Product {
			return true
		}
	}
	return false
}

// encodings are the formats that a pad takes: what it says, or what is known of its model where it says nothing.
func encodings(said protocol.Encodings, product uint16) protocol.Encodings {
	switch {
	case said&^protocol.TakesZlib != 0:
		return said
	case product == product520A:
		return said | protocol.Takes1Bit | protocol.Takes16Bit
	}
	return said | protocol.Takes1Bit
}
