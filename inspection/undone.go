package inspection

import (
	"errors"
	"slices"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/verify"
)

// UndoneCode is what could not be done.
type UndoneCode string

// What an inspection may have to leave undone.
const (
	NoImager     UndoneCode = "no_imager"      // the side that lay there was not pictured
	NoLight      UndoneCode = "no_light"       // a side was not pictured in one of the lights
	NoOtherSide  UndoneCode = "no_other_side"  // a card was not turned over, or its other side not pictured
	NoChipReader UndoneCode = "no_chip_reader" // the chip was not read for the reader's sake
)

// Undone is something that could not be done for a document. What follows from it for the checks they say themselves.
type Undone struct {
	Code   UndoneCode
	Side   verify.Side   // of pictures
	Light  verify.Light  // of NoLight
	Result verify.Result // NotPerformed: it was not begun, or the device has no such thing; Aborted: it was begun, and could not be ended
}

// Lacks tells whether one of these is undone.
func (d *Document) Lacks(codes ...UndoneCode) bool {
	return slices.ContainsFunc(d.Undone, func(u Undone) bool { return slices.Contains(codes, u.Code) })
}

func (d *Document) undone(u Undone) { d.Undone = append(d.Undone, u) }

// resultOf is how something ended that a device's error stopped.
func resultOf(err error) verify.Result {
	if errors.Is(err, devices.ErrNoDevice) || errors.Is(err, devices.ErrNotConfigured) {
		return verify.NotPerformed
	}
	return verify.Aborted
}
