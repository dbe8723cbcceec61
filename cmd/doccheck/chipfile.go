package main

import (
	"bytes"
	"encoding/hex"
	"encoding/pem"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki"
)

// chipFileName says which file of a chip a saved file is, by the name it was saved under. Other programs and people write
// EF_SOD.bin, EF.SOD, SOD.bin, sod; DG1.bin, EF_DG1.bin, DG01.bin, Datagroup1.bin, DataGroup_01; or the file's identifier
// (ICAO Doc 9303-10, 3.11 and 4.6), as 011D.bin or ef011D.bin; whose they are may stand before, as in NZ2013_EF_SOD.BIN, what is
// in them or which copy it is behind, as in DG1_MRZ.bin or DG1 (1).bin, and .hex, .b64 or .pem where they are in text.
func chipFileName(file string) (name string, known bool) {
	parts := nameParts(file)
	for i := range parts {
		before := ""
		if i > 0 {
			before = parts[i-1]
		}
		if name, known = fileOfName(strings.Join(parts[i:], ""), before); known {
			return name, true
		}
	}
	return "", false
}

// nameParts are the words of a file's name in capitals, without the endings that say how it was written, and without those
// that say what is in it.
func nameParts(file string) []string {
	for bare := ""; bare != file; {
		bare = file
		for _, ending := range []string{".bin", ".der", ".ber", ".dat", ".raw", ".tlv", ".cms", ".p7b", ".p7c", ".p7m", ".p7s", ".pem", ".b64", ".base64", hexEnding} {
			if n := len(file) - len(ending); n > 0 && strings.EqualFold(file[n:], ending) {
				file = file[:n]
			}
		}
	}
	parted := wordBegins.ReplaceAllString(numberOfCopy.ReplaceAllString(file, ""), "$1 $2")
	parts := strings.FieldsFunc(strings.ToUpper(parted), func(r rune) bool { return strings.ContainsRune("_.- ", r) })
	for len(parts) > 1 && slices.Contains([]string{"MRZ", "FACE", "PORTRAIT", "COPY"}, parts[len(parts)-1]) {
		parts = parts[:len(parts)-1]
	}
	return parts
}

// wordBegins is where a word begins with a capital, as in MyPassportDG1.
var wordBegins = regexp.MustCompile("([a-z])([A-Z])")

// numberOfCopy is what browsers and desktops put behind a name that is taken.
var numberOfCopy = regexp.MustCompile(` ?\([0-9]{1,2}\)$`)

// fileOfName names a file by a word in capitals, and the one before it. Behind other words only what can hardly mean anything
// else does: many a name ends in COM, or in the four digits of a day.
func fileOfName(word, before string) (name string, known bool) {
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
	if n, err := strconv.ParseUint(number, 10, 8); isGroup && err == nil && n >= 1 && n <= pki.LastDataGroup && len(number) <= 2 {
		return "DG" + strconv.FormatUint(n, 10), true
	}
	identifier := strings.TrimPrefix(bare, "0X")
	if before == "MF" || before == "3F00" {
		name, known = besideApplication()[identifier]
		return name, known
	}
	alone := before == "" || marked
	switch {
	case alone && bare == "COM":
		return emrtd.FileCOM, true
	case alone && bare == "DIR":
		return emrtd.FileDIR, true
	case marked && bare == "ATR":
		return emrtd.FileATRInfo, true
	case len(identifier) == 4 && (alone || strings.ContainsAny(identifier, "ABCDEF")):
		return fileOfIdentifier(identifier)
	}
	return "", false
}

// besideApplication are the files in the master file, by their identifiers.
func besideApplication() map[string]string {
	return map[string]string{
		"011C": emrtd.FileCardAccess, "011D": emrtd.FileCardSecurity, "2F00": emrtd.FileDIR, "2F01": emrtd.FileATRInfo,
	}
}

// fileOfIdentifier names a file by its identifier, in hexadecimal. Where nothing says that it lies in the master file, that of
// EF.CardSecurity is taken for that of EF.SOD, which has the same in the application.
func fileOfIdentifier(identifier string) (name string, known bool) {
	switch identifier {
	case "011D":
		return emrtd.FileSOD, true
	case "011E":
		return emrtd.FileCOM, true
	}
	if name, known = besideApplication()[identifier]; known {
		return name, true
	}
	n, err := strconv.ParseUint(identifier, 16, 16)
	if group := n & 0xFF; err == nil && n>>8 == 1 && group >= 1 && group <= pki.LastDataGroup {
		return "DG" + strconv.FormatUint(group, 10), true
	}
	return "", false
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

// fromBase64 gives what text in base64 says, in either alphabet, with padding or without, and with the marks of PEM around it or
// none. False for anything else, as every file of a chip is itself: where all its bytes are such digits too, the second states how
// many follow.
func fromBase64(text []byte) (file []byte, ok bool) {
	if len(text) > 1 && int(text[1]) == len(text)-2 {
		return nil, false
	}
	text = pki.TrimText(text)
	if bytes.HasPrefix(text, []byte("-----BEGIN ")) {
		if block, _ := pem.Decode(text); block != nil {
			return block.Bytes, len(block.Bytes) > 0
		}
		return nil, false
	}
	standard := bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("-"), []byte("+")), []byte("_"), []byte("/"))
	file, err := pki.DecodeBase64(standard)
	return file, err == nil && len(file) > 0
}
