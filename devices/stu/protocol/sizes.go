package protocol

import (
	"encoding/binary"
	"fmt"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/hid"
)

// Sizes are the lengths in bytes, without their id, of the reports that a pad has; one that is not there it does not have.
type Sizes map[Report]int

// Has tells whether the pad has a report.
func (s Sizes) Has(r Report) bool { _, ok := s[r]; return ok }

// maxSize bounds a report's length.
const maxSize = 4096

// BlockSize is how long an ImageDataBlock is: what the pad says, or else that of every pad but newer ones, 255 (Protocol.hpp,
// maxLengthHID, with the length in front of the data).
func (s Sizes) BlockSize() int {
	const usual, least = 255, 2 + 16
	if n := s[ImageDataBlock]; n >= least {
		return n
	}
	return usual
}

// FromDescriptor gives the lengths of the feature and input reports of a pad at USB, 4,096 bytes at most.
func FromDescriptor(d hid.Descriptor) Sizes {
	sizes := Sizes{}
	for _, kind := range []hid.Kind{hid.Input, hid.Feature} {
		for _, id := range d.Reports(kind) {
			if r := Report(id); id != 0 {
				sizes[r] = min(max(sizes[r], d.Length(kind, id)-1), maxSize)
			}
		}
	}
	return sizes
}

// FromCollection reads the lengths from ReportSizeCollection, without its id: 255 numbers, big-endian, each of the report with its id,
// behind one byte that says nothing. The error is devices.ErrProtocol.
func FromCollection(content []byte) (Sizes, error) {
	if len(content) != reportSizesWithItself-1 {
		return nil, fmt.Errorf("%w: a collection of %d bytes", devices.ErrProtocol, len(content))
	}
	sizes := Sizes{}
	for id := 1; id < 256; id++ {
		switch n := int(binary.BigEndian.Uint16(content[2*id-1:])); {
		case n == 0:
		case n > maxSize:
			return nil, fmt.Errorf("%w: a report of %d bytes", devices.ErrProtocol, n)
		default:
			sizes[Report(id)] = n - 1
		}
	}
	if sizes[Status] != StatusSize || sizes[Information] != InformationSize {
		return nil, fmt.Errorf("%w: lengths that no pad has", devices.ErrProtocol)
	}
	return sizes, nil
}
