package ocr

import (
	"time"

	"github.com/foyer-station/foyer/mrz"
)

// sound tells whether parsing finds nothing wrong with lines but check digits, which may be printed wrong, and whether they
// say whose document it is: a name and a number, where the format has them (Doc 9303-3, 4.1: both are mandatory). Fillers,
// and edges that look like some, are read with great confidence: that alone makes no zone.
func sound(lines []string, day time.Time) bool {
	zone, err := mrz.Parse(lines, day)
	if err != nil || len(zone.Faults()) > 0 {
		return false
	}
	r, f := zone.Results(), zone.Fields
	names := r.Surname != mrz.NotSupported || r.GivenNames != mrz.NotSupported
	nameless := names && f.Surname == "" && f.GivenNames == ""
	return !nameless && (r.DocumentNumber == mrz.NotSupported || f.DocumentNumber != "")
}
