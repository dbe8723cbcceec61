package emrtd

import (
	"bytes"
	"errors"
	"fmt"
)

// errTLV says that bytes are not the data object that should stand there.
var errTLV = errors.New("malformed data object")

// maxLength is the greatest length that is believed: what three bytes can state.
const maxLength = 1<<24 - 1

// tlvHeader reads the tag and length at the start of b, without asking that the value be there: BER-TLV with definite
// length, tags of at most three and lengths of at most five bytes (ISO/IEC 8825-1, 8.1), which may be more than they need.
// The length is at most 2^24-1.
func tlvHeader(b []byte) (tag uint32, header, length int, err error) {
	if len(b) < 2 {
		return 0, 0, 0, fmt.Errorf("%w: %d bytes", errTLV, len(b))
	}
	tag, header = uint32(b[0]), 1
	for more := b[0]&0x1F == 0x1F; more; header++ {
		if header == len(b) || header == 3 {
			return 0, 0, 0, fmt.Errorf("%w: tag does not end", errTLV)
		}
		tag = tag<<8 | uint32(b[header])
		more = b[header]&0x80 != 0
	}
	if header == len(b) {
		return 0, 0, 0, fmt.Errorf("%w: no length", errTLV)
	}
	first := int(b[header])
	header++
	if first < 0x80 {
		return tag, header, first, nil
	}
	octets := first - 0x80
	if octets < 1 || octets > 4 || len(b)-header < octets {
		return 0, 0, 0, fmt.Errorf("%w: length of %d bytes", errTLV, octets)
	}
	for _, o := range b[header : header+octets] {
		length = length<<8 | int(o)
	}
	if length > maxLength {
		return 0, 0, 0, fmt.Errorf("%w: length above %d", errTLV, maxLength)
	}
	return tag, header + octets, length, nil
}

// nextTLV takes the first data object off b.
func nextTLV(b []byte) (tag uint32, value, rest []byte, err error) {
	tag, header, length, err := tlvHeader(b)
	if err != nil {
		return 0, nil, nil, err
	}
	if length > len(b)-header {
		return 0, nil, nil, fmt.Errorf("%w: %X states %d bytes, %d are there", errTLV, tag, length, len(b)-header)
	}
	return tag, b[header : header+length], b[header+length:], nil
}

// wantTLV takes the first data object off b, which must bear the tag.
func wantTLV(b []byte, want uint32) (value, rest []byte, err error) {
	tag, value, rest, err := nextTLV(b)
	if err != nil {
		return nil, nil, err
	}
	if tag != want {
		return nil, nil, fmt.Errorf("%w: %X where %X should stand", errTLV, tag, want)
	}
	return value, rest, nil
}

// wantFile gives the value of the data object that a file is, which must bear the tag of one byte. Where its length is left
// open, it ends at end-of-contents octets behind whole data objects (ISO/IEC 8825-1, 8.1.3.6).
func wantFile(file []byte, want uint32) (value []byte, err error) {
	body, open := bytes.CutPrefix(file, []byte{byte(want), 0x80})
	if !open {
		value, _, err = wantTLV(file, want)
		return value, err
	}
	rest := body
	for !bytes.HasPrefix(rest, []byte{0, 0}) {
		if _, _, rest, err = nextTLV(rest); err != nil {
			return nil, err
		}
	}
	return body[:len(body)-len(rest)], nil
}

// appendTLV appends a data object with a one-byte tag and a value of at most 65,535 bytes.
func appendTLV(b []byte, tag byte, value ...byte) []byte {
	b = append(b, tag)
	switch n := len(value); {
	case n > 0xFF:
		b = append(b, 0x82, byte(n>>8))
	case n >= 0x80:
		b = append(b, 0x81)
	}
	b = append(b, byte(len(value)))
	return append(b, value...)
}
