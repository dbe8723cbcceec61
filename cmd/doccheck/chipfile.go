package main

import (
	"strconv"
	"strings"

	"github.com/foyer-station/foyer/emrtd"
)

// chipFileName says which file of a chip a saved file is, by the name it was saved under. Other programs and people write
// EF_SOD.bin, EF.SOD, SOD.bin, sod; DG1.bin, EF_DG1.bin, DG01.bin, Datagroup1.bin, DataGroup_01; or the file's identifier
// (ICAO Doc 9303-10, 3.11 and 4.6), as 011D.bin.
func chipFileName(file string) (name string, known bool) {
	bare := strings.ToUpper(file)
	for _, ending := range []string{".BIN", ".DER", ".DAT", ".RAW", ".TLV"} {
		bare = strings.TrimSuffix(bare, ending)
	}
	bare = strings.NewReplacer("_", "", ".", "", "-", "", " ", "").Replace(bare)
	if number, isIdentifier := strings.CutPrefix(bare, "01"); isIdentifier && len(number) == 2 {
		return fileOfIdentifier(number)
	}
	bare = strings.TrimPrefix(bare, "EF")
	switch bare {
	case "SOD", "COM":
		return "EF." + bare, true
	case "DIR":
		return "EF.DIR", true
	case "ATRINFO":
		return emrtd.FileATRInfo, true
	case "CARDACCESS":
		return emrtd.FileCardAccess, true
	case "CARDSECURITY":
		return emrtd.FileCardSecurity, true
	}
	number, isGroup := strings.CutPrefix(strings.Replace(bare, "DATAGROUP", "DG", 1), "DG")
	if n, err := strconv.ParseUint(number, 10, 8); isGroup && err == nil && n >= 1 && n <= lastDataGroup && len(number) <= 2 {
		return "DG" + strconv.FormatUint(n, 10), true
	}
	return "", false
}

// lastDataGroup is the highest number of a data group (ICAO Doc 9303-10, 4.7).
const lastDataGroup = 16

// fileOfIdentifier names a file by the second byte of its identifier, in hexadecimal; the first is 01. EF.CardSecurity has
// the identifier of EF.SOD, in the master file, and is known by its name alone.
func fileOfIdentifier(second string) (name string, known bool) {
	switch second {
	case "1C":
		return emrtd.FileCardAccess, true
	case "1D":
		return emrtd.FileSOD, true
	case "1E":
		return emrtd.FileCOM, true
	}
	n, err := strconv.ParseUint(second, 16, 8)
	if err != nil || n < 1 || n > lastDataGroup {
		return "", false
	}
	return "DG" + strconv.FormatUint(n, 10), true
}
