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

// Byte is one that a device said: Value, and There, where the capture has it if it is kept.
type Byte struct {
	There *byte
	Value byte
}

// Keep keeps a transfer of a device on a CDC-ACM line, for [usbmon.Scrubber]: what the line says of itself, and of the device's own data what
// sent keeps of what the host sends, and said of what the device says, a byte at a time, as packets end anywhere. All tell whether they have
// understood it.
func Keep(t usbmon.Transfer, clean []byte, sent func(data, clean []byte) bool, said func(Byte) bool) (understood bool) {
	if understood, isLine := keepLine(t, clean); isLine {
		return understood
	}
	if t.Sent {
		return sent(t.Data, clean)
	}
	understood = true
	for i, b := range t.Data {
		understood = said(Byte{&clean[i], b}) && understood
	}
	return understood
}

// keepLine keeps what a line says of itself: its speed, and its signals. isLine is false of a transfer with the device's own data.
func keepLine(t usbmon.Transfer, clean []byte) (understood, isLine bool) {
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
