package protocol

import (
	"encoding/binary"
	"fmt"

	"github.com/foyer-station/foyer/devices"
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

// FromDescriptor reads the lengths from a HID report descriptor (HID 1.11, 6.2.2): of feature and input reports. It takes what it
// understands: main items outside of its knowledge, and whatever comes behind an item that is cut short, are passed over.
func FromDescriptor(descriptor []byte) Sizes {
	const (
		input, feature            = 0x80, 0xb0 // main items
		reportSize, id, count     = 0x74, 0x84, 0x94
		long, longHead, sizeOfTag = 0xfe, 3, 0x03
	)
	bits := map[Report]int{}
	var size, repeats, current int
	for len(descriptor) > 0 {
		head := int(descriptor[0])
		n := []int{0, 1, 2, 4}[head&sizeOfTag]
		if head == long {
			if len(descriptor) < longHead {
				break
			}
			n = longHead - 1 + int(descriptor[1])
		}
		if len(descriptor) < 1+n {
			break
		}
		var value uint32
		for i := min(n, 4); i > 0; i-- {
			value = value<<8 | uint32(descriptor[i])
		}
		descriptor = descriptor[1+n:]
		switch head &^ sizeOfTag {
		case reportSize:
			size = int(min(value, 8*maxSize))
		case count:
			repeats = int(min(value, 8*maxSize))
		case id:
			current = int(value)
		case input, feature:
			if current > 0 && current < 256 {
				bits[Report(current)] = min(bits[Report(current)]+size*repeats, 8*maxSize)
			}
		}
	}
	sizes := Sizes{}
	for r, n := range bits {
		sizes[r] = (n + 7) / 8
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
