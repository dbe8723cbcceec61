package serial

import (
	"bytes"

	"github.com/foyer-station/foyer/devices/usbmon"
)

// Requests of a CDC-ACM line, and of what it tells by itself (USB, CDC PSTN 1.2, 6.3 and 6.5).
const (
	toInterface, fromInterface = 0x21, 0xa1

	setLineCoding = 0x20
	getLineCoding = 0x21
	lineCoding    = 7 // bytes: speed, stop bits, parity, bits

	serialState     = 0x20
	serialStateSize = 10
)

// KeepACM keeps what a CDC-ACM line says of itself: its speed, and its signals. It is the part that scrubbers of devices on such lines
// share; isLine is false of a transfer with the device's own data.
func KeepACM(t usbmon.Transfer, clean []byte) (understood, isLine bool) {
	switch t.Kind {
	case usbmon.Bulk:
		return false, false
	case usbmon.Control:
		understood = (t.IsRequest(toInterface, setLineCoding) || t.IsRequest(fromInterface, getLineCoding)) && len(t.Data) == lineCoding
	case usbmon.Interrupt:
		// type, request, value 0, the interface, two bytes of signals
		understood = !t.Sent && len(t.Data) == serialStateSize && bytes.HasPrefix(t.Data, []byte{fromInterface, serialState, 0, 0}) && t.Data[6] == 2 && t.Data[7] == 0
	}
	if understood {
		copy(clean, t.Data)
	}
	return understood, true
}
