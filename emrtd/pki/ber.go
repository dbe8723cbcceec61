package pki

import (
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Bounds of what is normalised: some chips and publishers write BER, a stranger may write anything.
const (
	maxInput = 32 << 20 // bytes; the greatest master lists have two megabytes
	maxDepth = 32       // of elements in elements; a certificate inside CMS has fifteen
)

// Bits of an identifier octet and of a length (ITU-T X.690, 8.1.2 and 8.1.3).
const (
	bitConstructed   = 0x20
	highTagNumber    = 0x1F
	bitLongLength    = 0x80
	indefiniteLength = -1
)

// normalise gives the first element of ber with its lengths and octet strings in DER (ITU-T X.690, 10.1 and 10.2):
// indefinite lengths become definite, long ones as short as they can be, octet strings in pieces whole. What is DER
// comes out as it is; what follows the element is left out. The error is an [ErrMalformed].
func normalise(ber []byte) ([]byte, error) {
	if len(ber) > maxInput {
		return nil, malformed(fmt.Sprintf("%d bytes, more than %d", len(ber), maxInput))
	}
	der, _, ok := appendDER(nil, ber, maxDepth)
	if !ok {
		return nil, malformed("neither DER nor BER")
	}
	return der, nil
}

// appendDER appends the first element of in, which may hold elements depth deep, and gives what follows it.
func appendDER(out, in []byte, depth int) (der, rest []byte, ok bool) {
	tag, length, body, ok := readHeader(in)
	if !ok || depth == 0 {
		return nil, nil, false
	}
	if tag&bitConstructed == 0 {
		return appendElement(out, tag, body[:length]), body[length:], true
	}
	indefinite := length == indefiniteLength
	if !indefinite {
		body, rest = body[:length], body[length:]
	}
	whole := cbasn1.OCTET_STRING
	var content []byte
	if !indefinite {
		content = make([]byte, 0, length) // which DER seldom exceeds
	}
	for len(body) > 0 && !(indefinite && body[0] == 0) {
		before := len(content)
		if content, body, ok = appendDER(content, body, depth-1); !ok {
			return nil, nil, false
		}
		if tag == byte(whole)|bitConstructed {
			piece := cryptobyte.String(content[before:])
			if !piece.ReadASN1(&piece, whole) {
				return nil, nil, false
			}
			content = append(content[:before], piece...)
		}
	}
	if indefinite {
		if len(body) < 2 || body[1] != 0 { // the end-of-contents octets
			return nil, nil, false
		}
		rest = body[2:]
	}
	if tag == byte(whole)|bitConstructed {
		tag = byte(whole)
	}
	return appendElement(out, tag, content), rest, true
}

// readHeader reads identifier and length. The body has at least as many bytes as the length says.
func readHeader(in []byte) (tag byte, length int, body []byte, ok bool) {
	if len(in) < 2 || in[0]&highTagNumber == highTagNumber || in[0] == 0 {
		return 0, 0, nil, false
	}
	tag, length, body = in[0], int(in[1]), in[2:]
	if length == bitLongLength {
		return tag, indefiniteLength, body, tag&bitConstructed != 0
	}
	if length > bitLongLength {
		octets := length &^ bitLongLength
		if octets > len(body) {
			return 0, 0, nil, false
		}
		length = 0
		for _, b := range body[:octets] {
			if length = length<<8 | int(b); length > maxInput {
				return 0, 0, nil, false
			}
		}
		body = body[octets:]
	}
	return tag, length, body, length <= len(body)
}

// lengthOctets is how many octets a length has that begins so.
func lengthOctets(first byte) int {
	if first > bitLongLength {
		return 1 + int(first&^bitLongLength)
	}
	return 1
}

// appendElement appends an element with the shortest length.
func appendElement(out []byte, tag byte, content []byte) []byte {
	return append(appendLength(append(out, tag), len(content)), content...)
}

// appendLength appends a length, the shortest.
func appendLength(out []byte, length int) []byte {
	switch {
	case length < 1<<7:
		return append(out, byte(length))
	case length < 1<<8:
		return append(out, bitLongLength|1, byte(length))
	case length < 1<<16:
		return append(out, bitLongLength|2, byte(length>>8), byte(length))
	case length < 1<<24:
		return append(out, bitLongLength|3, byte(length>>16), byte(length>>8), byte(length))
	}
	return append(out, bitLongLength|4, byte(length>>24), byte(length>>16), byte(length>>8), byte(length))
}
