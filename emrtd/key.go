package emrtd

import (
	"crypto/sha1"
	"fmt"
	"strings"
)

// Key is what PACE and Basic Access Control make their keys from: three fields of the machine-readable zone (ICAO
// Doc 9303-11, 4.3.2 and 9.7.3). The check digits are computed here.
type Key struct {
	// DocumentNumber as in the MRZ; shorter than nine characters it may stand with or without its fillers '<'. Where
	// TD1 and TD2 carry a longer one, all of it: the nine characters and those from the optional data, without the
	// filler and the check digit between and behind them.
	DocumentNumber string
	BirthDate      string // YYMMDD as in the MRZ; unknown parts are '<'
	ExpiryDate     string // YYMMDD as in the MRZ
}

// References of the passwords (ICAO Doc 9303-11, 4.4.4.1).
const (
	referenceMRZ = 1
	referenceCAN = 2
)

// password is what PACE is opened with.
type password struct {
	reference byte
	encoded   []byte // f(π) (ICAO Doc 9303-11, 9.7.3)
}

// password gives the key as PACE uses it. The error is [ErrKey].
func (k Key) password() (password, error) {
	information, err := k.information()
	if err != nil {
		return password{}, err
	}
	defer clear(information)
	hash := sha1.Sum(information)
	return password{referenceMRZ, hash[:]}, nil
}

// cardAccessNumber gives a card access number as PACE uses it. The error is [ErrKey].
func cardAccessNumber(number string) (password, error) {
	if len(number) != 6 || strings.Trim(number, "0123456789") != "" {
		return password{}, fmt.Errorf("%w: card access number", ErrKey)
	}
	return password{referenceCAN, []byte(number)}, nil
}

// worthTrying says whether the password may be tried after this answer to the selection of PACE. A status word 63Cx
// warns of x tries that are left. A CAN is never tried at the last one, which would lock the document; the MRZ has no
// counter that locks for good.
func (p password) worthTrying(status uint16) bool {
	tries, counted := triesLeft(status)
	if p.reference == referenceCAN {
		return status == statusOK || counted && tries > 1
	}
	return status == statusOK || counted && tries > 0
}

// maxDocumentNumber is nine characters and what the optional data of TD1 leave beside filler and check digit: 9 + 13.
const maxDocumentNumber = 22

// seed gives Kseed of Basic Access Control: the first 16 bytes of the password from the MRZ (ICAO Doc 9303-11, 9.7.2).
func (p password) seed() []byte { return p.encoded[:16] }

// information gives the three fields, each with its check digit behind it.
func (k Key) information() ([]byte, error) {
	number := k.DocumentNumber
	switch {
	case len(number) == 0 || len(number) > maxDocumentNumber || !inZone(number):
		return nil, fmt.Errorf("%w: document number", ErrKey)
	case !isDate(k.BirthDate):
		return nil, fmt.Errorf("%w: birth date", ErrKey)
	case !isDate(k.ExpiryDate):
		return nil, fmt.Errorf("%w: expiry date", ErrKey)
	}
	if short := 9 - len(number); short > 0 {
		number += strings.Repeat("<", short)
	}
	var out []byte
	for _, field := range []string{number, k.BirthDate, k.ExpiryDate} {
		out = append(append(out, field...), checkDigit(field))
	}
	return out, nil
}

// isDate says whether s has the shape of a date in the MRZ: six digits or fillers.
func isDate(s string) bool {
	return len(s) == 6 && strings.Trim(s, "0123456789<") == ""
}

// inZone says whether s holds only characters of the machine-readable zone.
func inZone(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return r != '<' && (r < '0' || r > '9') && (r < 'A' || r > 'Z')
	}) < 0
}

// checkDigit gives the check digit of a field (ICAO Doc 9303-3, 4.9): values 0 to 35, fillers 0, weights 7, 3, 1.
func checkDigit(field string) byte {
	sum := 0
	for i, c := range []byte(field) {
		value := 0
		switch {
		case c >= '0' && c <= '9':
			value = int(c - '0')
		case c >= 'A' && c <= 'Z':
			value = int(c-'A') + 10
		}
		sum += value * []int{7, 3, 1}[i%3]
	}
	return byte('0' + sum%10)
}
