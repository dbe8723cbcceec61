package usb

// ID is one USB device that a driver knows. Each driver exports its table as IDs() []usb.ID; the station's udev rules are
// written from these tables, and discovery knows devices by them.
type ID struct {
	Vendor, Product uint16 // idVendor and idProduct of the device descriptor (USB 2.0, 9.6.1); a Product of 0 stands for all of the vendor's
	Model           string // what a technician calls it: "Wacom STU-530"
}
