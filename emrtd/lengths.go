package emrtd

import (
	"context"
	"errors"
)

// FileATRInfo is EF.ATR/INFO in the master file, by the name under which it stands in [Reading.Files].
const FileATRInfo = "EF.ATR/INFO"

// atrInfo is a row of data objects about the chip (ICAO Doc 9303-10, 3.11.1).
func atrInfo() file { return file{name: FileATRInfo, id: 0x2F01, shortID: 0x01} }

// tagLengths is extended length information: two numbers (ISO/IEC 7816-4, 12.7.1).
const tagLengths = 0x7F66

// askForLengths reads EF.ATR/INFO, in clear, for the length of answers that the chip can give. A chip that does not have
// the file, or nonsense in it, is read by answers of short length; only a link that breaks is an error.
func (v *visit) askForLengths(ctx context.Context) error {
	v.blocks.carried = v.options.MaxResponse
	err := v.fetch(ctx, atrInfo(), v.progress(atrInfo()))
	var refusal *StatusError
	if errors.As(err, &refusal) || errors.Is(err, errFile) {
		return nil
	}
	v.blocks.announced = announcedLength(v.reading.Files[FileATRInfo])
	return err
}

// announcedLength gives the longest response APDU that EF.ATR/INFO announces, in bytes; 0 where it announces none that is
// longer than one of short length.
func announcedLength(file []byte) int {
	for rest := file; len(rest) > 0; {
		tag, value, after, err := nextTLV(rest)
		if err != nil {
			return 0
		}
		if tag == tagLengths {
			return longestResponse(value)
		}
		rest = after
	}
	return 0
}

// longestResponse gives the second of the two numbers in extended length information; the first is that of the longest
// command APDU.
func longestResponse(lengths []byte) int {
	_, rest, err := wantTLV(lengths, tagInteger)
	if err != nil {
		return 0
	}
	number, _, err := wantTLV(rest, tagInteger)
	if err != nil || len(number) > 4 {
		return 0
	}
	n := 0
	for _, b := range number {
		n = n<<8 | int(b)
	}
	if n <= maxShortAnswer {
		return 0
	}
	return min(n, maxExtendedAnswer)
}
