package lampboard

import (
	"github.com/foyer-station/foyer/devices/usb"
	"github.com/foyer-station/foyer/devices/usbmon"
)

// scrubber keeps every report of the protocol but for the board's serial number: nothing in them is anybody's.
type scrubber struct{}

// NewScrubber makes the scrubber of captures of a board on USB.
func NewScrubber() usbmon.Scrubber { return scrubber{} }

// Keep implements [usbmon.Scrubber].
func (scrubber) Keep(t usbmon.Transfer, clean []byte) bool {
	const serialSize = 16
	kept := map[byte]int{reportIdentity: identitySize - serialSize, reportCapabilities: capabilitiesSize, reportState: stateSize}
	whole := map[byte]int{reportIdentity: identitySize, reportCapabilities: capabilitiesSize, reportState: stateSize}
	if t.Sent {
		kept = map[byte]int{reportLight: lightSize}
		whole = kept
	}
	kind, id, ok := t.Report()
	if t.Kind == usbmon.Interrupt && !t.Sent {
		kind, id, ok = byte(usb.Feature), t.Data[0], t.Data[0] == reportState
	}
	n, known := kept[id]
	if !ok || !known || usb.Report(kind) != usb.Feature || t.Data[0] != id || len(t.Data) != 1+whole[id] {
		return false
	}
	copy(clean, t.Data[:1+n])
	return true
}

// End implements [usbmon.Scrubber].
func (scrubber) End() {}
