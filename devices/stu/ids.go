package stu

import "github.com/foyer-station/foyer/devices/usb"

// IDs are the pads that this driver knows.
func IDs() []usb.ID {
	return []usb.ID{
		{Vendor: vendor, Product: product430, Model: "Wacom STU-430"},
		{Vendor: vendor, Product: product530, Model: "Wacom STU-530"},
		{Vendor: vendor, Product: product540, Model: "Wacom STU-540"},
	}
}
