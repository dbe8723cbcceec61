package protocol_test

import (
	"testing"

	"github.com/foyer-station/foyer/devices/stu/protocol"
	"github.com/foyer-station/foyer/devices/usbmon"
	"github.com/foyer-station/foyer/devices/usbmon/usbmontest"
)

func FuzzScrub(f *testing.F) {
	usbmontest.Fuzz(f, protocol.NewScrubber,
		[]byte{usbmon.Interrupt | 4, 7, 1, 0x93, 0, 1, 2, 3, 4},
		[]byte{usbmon.Control, 5, 0x21, 9, 0x26, 3, 0, 0, 5, 0, 0x26, 2, 0, 7, 7},
		[]byte{usbmon.Control, 0, 0xa1, 1, 0x1a, 3, 0, 0, 17, 0, usbmon.Control | 4, 17, 0x1a, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
}
