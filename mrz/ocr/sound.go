package ocr

import (
	"time"

	"github.com/foyer-station/foyer/mrz"
)

// sound tells whether parsing finds nothing wrong with lines but check digits, which may be printed wrong. That they say whose
// document it is, and which, is a part of that: fillers, and edges that look like some, are read with great confidence, and
// that alone makes no zone.
func sound(lines []string, day time.Time) bool {
	zone, err := mrz.Parse(lines, day)
	return err == nil && len(zone.Faults()) == 0
}
