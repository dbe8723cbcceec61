package pcsc

import (
	"context"
	"encoding/binary"

	"github.com/ebfe/scard"
)

// What a reader tells of itself (PC/SC part 10, 2.2 and 2.6.14).
const (
	getFeatureRequest = 3400 // CM_IOCTL_GET_FEATURE_REQUEST: the control codes of the reader's features
	getTLVProperties  = 0x12 // FEATURE_GET_TLV_PROPERTIES
	maxAPDUDataSize   = 0x0A // the property dwMaxAPDUDataSize
)

// The data in a response APDU of short length, and in the longest (ISO/IEC 7816-4, 5.1).
const (
	maxShortData = 256
	maxData      = 65536
)

// askMaxResponse asks the reader for the longest response APDU that it carries. One that does not answer leaves it
// unknown: 0.
func (l *line) askMaxResponse(ctx context.Context) int {
	longest, err := do(ctx, l, func() (int, error) { return longestResponse(properties(l.card)), nil })
	if err != nil {
		return 0
	}
	return longest
}

// properties are what a reader tells of itself, in a row of data objects; nil where it does not.
func properties(of handle) []byte {
	features, err := of.Control(scard.CtlCode(getFeatureRequest), nil)
	if err != nil {
		return nil
	}
	code, there := controlCode(features, getTLVProperties)
	if !there {
		return nil
	}
	told, err := of.Control(code, nil)
	if err != nil {
		return nil
	}
	return told
}

// controlCode finds the control code of a feature, which is big-endian.
func controlCode(features []byte, feature byte) (code uint32, there bool) {
	value := findTLV(features, feature)
	if len(value) != 4 {
		return 0, false
	}
	return binary.BigEndian.Uint32(value), true
}

// longestResponse gives the longest response APDU with its status word, from the property that tells the most data in an
// APDU: little-endian, up to 256 (and by the specification then 0) for short length alone. It is 0 where the reader does
// not have that property.
func longestResponse(properties []byte) int {
	value := findTLV(properties, maxAPDUDataSize)
	if len(value) != 4 {
		return 0
	}
	data := min(binary.LittleEndian.Uint32(value), maxData)
	return max(int(data), maxShortData) + minResponse
}

// findTLV gives the value of the first data object with a tag in a row of them, whose tags and lengths are of one byte;
// nil where there is none, or one before it ends beyond the row.
func findTLV(row []byte, tag byte) []byte {
	for len(row) >= 2 {
		end := 2 + int(row[1])
		if end > len(row) {
			return nil
		}
		if row[0] == tag {
			return row[2:end]
		}
		row = row[end:]
	}
	return nil
}
