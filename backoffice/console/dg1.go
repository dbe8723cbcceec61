package console

import (
	"bytes"
	"slices"
)

// maxDG1 bounds what is read of a file that is said to be DG1: its MRZ has 90 characters at most.
const maxDG1 = 256

// parseDG1 gives the lines of the MRZ in DG1 (ICAO Doc 9303-10, 4.7.1: tag 5F1F within tag 61); none where the file is no DG1 of a
// travel document. Nothing of it is judged here: whether the chip signed it is a check's to say.
func parseDG1(file []byte) []string {
	content, ok := value(file, []byte{0x61})
	if !ok {
		return nil
	}
	zone, ok := value(content, []byte{0x5F, 0x1F})
	if !ok {
		return nil
	}
	widths := map[int]int{2 * 44: 44, 2 * 36: 36, 3 * 30: 30}
	width := widths[len(zone)]
	if width == 0 || bytes.ContainsFunc(zone, func(r rune) bool { return !isMRZ(r) }) {
		return nil
	}
	var lines []string
	for line := range slices.Chunk(zone, width) {
		lines = append(lines, string(line))
	}
	return lines
}

func isMRZ(r rune) bool { return r == '<' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' }

// value is that of the object which data begins with (ISO/IEC 7816-4, 5.2.2: lengths of one or two bytes), where it has that tag.
func value(data, tag []byte) ([]byte, bool) {
	rest, ok := bytes.CutPrefix(data, tag)
	if !ok || len(rest) == 0 || len(data) > maxDG1 {
		return nil, false
	}
	length, rest := int(rest[0]), rest[1:]
	if length == 0x81 && len(rest) > 0 {
		length, rest = int(rest[0]), rest[1:]
	} else if length >= 0x80 {
		return nil, false
	}
	if len(rest) < length {
		return nil, false
	}
	return rest[:length], true
}
