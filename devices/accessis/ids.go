package accessis

import "github.com/foyer-station/foyer/devices/usb"

// IDs are the readers that this driver knows.
func IDs() (all []usb.ID) {
	for _, product := range []uint16{0x0120, 0x0122, 0x0127, 0x012c, 0x0137, 0x013e} {
		all = append(all, usb.ID{Vendor: vendor, Product: product, Model: "Access-IS OCR reader"})
	}
	return all
}
