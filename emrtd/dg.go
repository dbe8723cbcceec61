package emrtd

import (
	"fmt"
	"slices"
	"strings"
)

// Tags of the LDS (ICAO Doc 9303-10, 4.6 and 4.7).
const (
	tagCOM            = 0x60
	tagLDSVersion     = 0x5F01
	tagUnicodeVersion = 0x5F36
	tagList           = 0x5C
	tagSOD            = 0x77
	tagMessage        = 0x30 // of the signed message in EF.SOD
	tagDG1            = 0x61
	tagMRZ            = 0x5F1F
)

// dataGroupTags are the tags of DG1 to DG16, in order; they also name the data groups in EF.COM (ICAO Doc 9303-10,
// 4.6.1).
const dataGroupTags = "\x61\x75\x63\x76\x65\x66\x67\x68\x69\x6A\x6B\x6C\x6D\x6E\x6F\x70"

// COM is what EF.COM says of the chip's contents (ICAO Doc 9303-10, 4.6.1). It is not signed.
type COM struct {
	LDSVersion     string // "0107" is LDS 1.7; empty where EF.COM does not tell
	UnicodeVersion string // "040000" is Unicode 4.0.0; empty where EF.COM does not tell
	DataGroups     []int  // numbers from 1 to 16, in the file's order, each once
}

// ParseCOM takes EF.COM apart, whatever the order of its parts and whatever else stands in it. Without a list of data
// groups it is an error; a tag in the list that names none is passed over.
func ParseCOM(file []byte) (*COM, error) {
	body, err := wantFile(file, tagCOM)
	if err != nil {
		return nil, fmt.Errorf("EF.COM: %w", err)
	}
	list, err := findTLV(body, tagList)
	if err != nil {
		return nil, fmt.Errorf("EF.COM: %w", err)
	}
	lds, _ := findTLV(body, tagLDSVersion) // nil beside an error
	unicode, _ := findTLV(body, tagUnicodeVersion)
	com := &COM{LDSVersion: string(lds), UnicodeVersion: string(unicode)}
	for _, tag := range list {
		number := strings.IndexByte(dataGroupTags, tag) + 1
		if number > 0 && !slices.Contains(com.DataGroups, number) {
			com.DataGroups = append(com.DataGroups, number)
		}
	}
	return com, nil
}

// ParseDG1 gives the lines of the machine-readable zone in DG1: two of 44 (TD3) or 36 (TD2) characters or three of 30
// (TD1), all from A-Z, 0-9 and '<' (ICAO Doc 9303-10, 4.7.1).
func ParseDG1(file []byte) ([]string, error) {
	body, err := wantFile(file, tagDG1)
	if err != nil {
		return nil, fmt.Errorf("DG1: %w", err)
	}
	zone, _, err := wantTLV(body, tagMRZ)
	if err != nil {
		return nil, fmt.Errorf("DG1: %w", err)
	}
	width, known := map[int]int{2 * 44: 44, 2 * 36: 36, 3 * 30: 30}[len(zone)]
	if !known {
		return nil, fmt.Errorf("DG1: no document has an MRZ of %d characters", len(zone))
	}
	if !inZone(string(zone)) {
		return nil, fmt.Errorf("DG1: a character that the MRZ does not have")
	}
	var lines []string
	for line := range slices.Chunk(zone, width) {
		lines = append(lines, string(line))
	}
	return lines, nil
}
