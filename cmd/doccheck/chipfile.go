package main

import (
	"bytes"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"

	"github.com/foyer-station/foyer/emrtd"
)

// chipFileName says which file of a chip a saved file is, by the name it was saved under. Other programs and people write
// EF_SOD.bin, EF.SOD, SOD.bin, sod; DG1.bin, EF_DG1.bin, DG01.bin, Datagroup1.bin, DataGroup_01; or the file's identifier
// (ICAO Doc 9303-10, 3.11 and 4.6), as 011D.bin or ef011D.bin; whose they are may stand before, as in NZ2013_EF_SOD.BIN, and
// .hex behind where they are in hexadecimal.
func chipFileName(file string) (name string, known bool) {
	parts := nameParts(file)
	for i := range parts {
		if name, known = fileOfName(strings.Join(parts[i:], ""), i > 0); known {
			return name, true
		}
	}
	return "", false
}

// nameParts are the words of a file's name in capitals, without the endings that say how it was written.
func nameParts(file string) []string {
	for bare := ""; bare != file; {
		bare = file
		for _, ending := range []string{".bin", ".der", ".dat", ".raw", ".tlv", hexEnding} {
			if n := len(file) - len(ending); n > 0 && strings.EqualFold(file[n:], ending) {
				file = file[:n]
			}
		}
	}
	parted := wordBegins.ReplaceAllString(file, "$1 $2")
	return strings.FieldsFunc(strings.ToUpper(parted), func(r rune) bool { return strings.ContainsRune("_.- ", r) })
}

// wordBegins is where a word begins with a capital, as in MyPassportDG1.
var wordBegins = regexp.MustCompile("([a-z])([A-Z])")

// fileOfName names a file by a word in capitals. Behind other words only what can hardly mean anything else does: many a
// name ends in COM, or in the four digits of a day.
func fileOfName(word string, behind bool) (name string, known bool) {
	bare, marked := strings.CutPrefix(word, "EF")
	switch bare {
	case "SOD":
		return emrtd.FileSOD, true
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
	if behind && !marked {
		return "", false
	}
	switch bare {
	case "COM":
		return emrtd.FileCOM, true
	case "DIR":
		return emrtd.FileDIR, true
	}
	if second, isIdentifier := strings.CutPrefix(strings.TrimPrefix(bare, "0X"), "01"); isIdentifier && len(second) == 2 {
		return fileOfIdentifier(second)
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

// hexEnding ends the name of a file in hexadecimal.
const hexEnding = ".hex"

// fromHex gives what text in hexadecimal says: digits in pairs, in either case, parted by white space, commas, colons and 0x
// as it pleases. False for anything else, as every file of a chip is itself: its tags and lengths are no digits. A colon
// first is Intel's format, which has more in it than the file.
func fromHex(text []byte) (file []byte, ok bool) {
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	if bytes.HasPrefix(text, []byte(":")) {
		return nil, false
	}
	digits := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '0' && len(digits)%2 == 0 && i+1 < len(text) && text[i+1]|0x20 == 'x':
			i++
		case !bytes.ContainsRune([]byte(" \t\r\n,:"), rune(c)):
			digits = append(digits, c)
		}
	}
	file = make([]byte, hex.DecodedLen(len(digits)))
	_, err := hex.Decode(file, digits)
	return file, err == nil && len(file) > 0
}
