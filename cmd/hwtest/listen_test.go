package main

import (
	"testing"

	"github.com/foyer-station/foyer/devices/usbmon"
)

// endless is a device file of usbmon with a device that talks without end.
type endless struct{ event, left []byte }

func (e *endless) Read(p []byte) (int, error) {
	if len(e.left) == 0 {
		e.left = e.event
	}
	n := copy(p, e.left)
	e.left = e.left[n:]
	return n, nil
}

func TestADeviceThatTalksWithoutEndFillsNoMemory(t *testing.T) {
	const large = 1 << 17
	event := live(usbmon.Event{ID: 1, Kind: usbmon.Completed, Transfer: usbmon.Bulk, Endpoint: 0x81, Device: 5, Bus: 1, Data: make([]byte, large)})
	events, err := listen(t.Context(), &endless{event: event}, 1, 5)
	if err != nil || len(events)*large > mostBytes+large {
		t.Errorf("%d events of %d bytes, %v", len(events), large, err)
	}
}
