package world

import (
	"fmt"
	"time"

	"github.com/foyer-station/foyer/emulate/lampboard"
	"github.com/foyer-station/foyer/emulate/usb"
)

// LampPort is where a lamp board is plugged in on the emulated USB bus.
const LampPort = "5"

// Where a lamp board is, as the station's configuration calls it.
const (
	LampsOnUSB  = "hid"
	LampsOnLine = "serial"
)

// FitLampBoard has a lamp board light the glass instead of LEDs, on USB or on a serial line. It gives the serial line's device node;
// on USB the board is found by its identifiers.
func (w *World) FitLampBoard(where string) (path string, err error) {
	board := lampboard.New("LAMP-1", time.Now)
	switch where {
	case LampsOnUSB:
		err = w.Bus.Plug(LampPort, usb.NewLampBoard("LAMP-1", board).Device)
	case LampsOnLine:
		if w.lampLine, err = lampboard.NewSerial(board); err == nil {
			path = w.lampLine.Path()
		}
	default:
		err = fmt.Errorf("a lamp board is on %q or %q, not on %q", LampsOnUSB, LampsOnLine, where)
	}
	if err != nil {
		return "", fmt.Errorf("fit lamp board: %w", err)
	}
	w.Lamps = board
	w.Glass.LightBy(board)
	return path, nil
}
