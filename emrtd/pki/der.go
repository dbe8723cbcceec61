package pki

import (
	"bytes"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// readBoolean takes a BOOLEAN off s. Anything but zero is true, as in BER: issuers write 01 where DER has FF.
func readBoolean(s *cryptobyte.String, out *bool) bool {
	var content cryptobyte.String
	if !s.ReadASN1(&content, cbasn1.BOOLEAN) || len(content) != 1 {
		return false
	}
	*out = content[0] != 0
	return true
}

// readInteger takes an INTEGER off s, negative or padded too: issuers have forgotten the leading zero of serial numbers
// and written one too many.
func readInteger(s *cryptobyte.String) (*big.Int, bool) {
	var content cryptobyte.String
	if !s.ReadASN1(&content, cbasn1.INTEGER) || content.Empty() {
		return nil, false
	}
	n := new(big.Int).SetBytes(content)
	if content[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(content))))
	}
	return n, true
}

// readSerial takes a serial number off s, and gives what it may be meant for beside the number that it is: equal ones share a
// meaning. Where one encoding has forgotten the leading zero and another has it, they are one serial number.
func readSerial(s *cryptobyte.String) (serial *big.Int, meanings []string, ok bool) {
	element := *s
	var content cryptobyte.String
	if serial, ok = readInteger(s); !ok || !element.ReadASN1(&content, cbasn1.INTEGER) {
		return nil, nil, false
	}
	meanings = []string{string(bytes.TrimLeft(content, "\x00"))}
	if shortest := content; serial.Sign() < 0 {
		for len(shortest) > 1 && shortest[0] == 0xFF && shortest[1]&0x80 != 0 {
			shortest = shortest[1:]
		}
		if len(shortest) < len(content) {
			meanings = append(meanings, string(shortest))
		}
	}
	return serial, meanings, true
}

// readUnsigned takes an INTEGER off s that cannot be negative, and reads it so where the leading zero was forgotten.
func readUnsigned(s *cryptobyte.String) (*big.Int, bool) {
	var content cryptobyte.String
	if !s.ReadASN1(&content, cbasn1.INTEGER) || content.Empty() {
		return nil, false
	}
	return new(big.Int).SetBytes(content), true
}

// lastUTCYear is the last year that UTCTime can state; its years 50 to 99 are of the twentieth century (RFC 5280,
// 4.1.2.5.1).
const lastUTCYear = 2049

// readTime takes a Time off s, which is one of two types. DER has seconds and Z; BER, which issuers write, also hours and
// minutes alone, and an offset or no zone at all, which is read as UTC.
func readTime(s *cryptobyte.String, out *time.Time) bool {
	var text cryptobyte.String
	if !s.PeekASN1Tag(cbasn1.UTCTime) {
		return s.ReadASN1(&text, cbasn1.GeneralizedTime) && parseGeneralizedTime(string(text), out)
	}
	if !s.ReadASN1(&text, cbasn1.UTCTime) ||
		!parseTime(string(text), out, "060102150405Z0700", "0601021504Z0700", "060102150405", "0601021504") {
		return false
	}
	if out.Year() > lastUTCYear {
		*out = out.AddDate(-100, 0, 0)
	}
	return true
}

func parseGeneralizedTime(text string, out *time.Time) bool {
	return parseTime(text, out, "20060102150405Z0700", "200601021504Z0700", "20060102150405", "200601021504")
}

// parseTime reads text by the first layout that fits; package time reads fractions of a second by all of them.
func parseTime(text string, out *time.Time, layouts ...string) bool {
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil {
			*out = t.UTC()
			return true
		}
	}
	return false
}

// contextTag is the n-th context-specific tag of constructed values.
func contextTag(n uint8) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific().Constructed() }

// primitiveTag is the n-th context-specific tag of primitive values.
func primitiveTag(n uint8) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific() }
