package chip

import (
	"bytes"
	"encoding/binary"
	"math/big"
)

// Universal tags of ASN.1 (ISO/IEC 8825-1).
const (
	tagInteger          = 0x02
	tagBitString        = 0x03
	tagOctetString      = 0x04
	tagObjectIdentifier = 0x06
	tagSequence         = 0x30
	tagSet              = 0x31
)

// object encodes a data object with a one-byte tag (ISO/IEC 8825-1) of at most 65,535 bytes.
func object(tag byte, parts ...[]byte) []byte {
	value := bytes.Join(parts, nil)
	head := []byte{tag}
	switch n := len(value); {
	case n < 0x80:
		head = append(head, byte(n))
	case n < 0x100:
		head = append(head, 0x81, byte(n))
	default:
		head = append(head, 0x82, byte(n>>8), byte(n))
	}
	return append(head, value...)
}

// integer is a number from zero upwards as an INTEGER.
func integer(n *big.Int) []byte {
	value := n.Bytes()
	if len(value) == 0 || value[0] >= 0x80 {
		value = append([]byte{0}, value...)
	}
	return object(tagInteger, value)
}

func small(n int) []byte { return integer(big.NewInt(int64(n))) }

func sequence(parts ...[]byte) []byte { return object(tagSequence, parts...) }

// bitString is a BIT STRING of whole bytes.
func bitString(content []byte) []byte { return object(tagBitString, []byte{0}, content) }

func objectIdentifier(arcs []byte) []byte { return object(tagObjectIdentifier, arcs) }

// nextObject takes the first data object, of a one-byte tag and at most 65,535 bytes, off data.
func nextObject(data []byte) (tag byte, value, rest []byte, ok bool) {
	if len(data) < 2 {
		return 0, nil, nil, false
	}
	tag, length, rest := data[0], int(data[1]), data[2:]
	switch {
	case length == 0x81 && len(rest) >= 1:
		length, rest = int(rest[0]), rest[1:]
	case length == 0x82 && len(rest) >= 2:
		length, rest = int(binary.BigEndian.Uint16(rest)), rest[2:]
	case length >= 0x80:
		return 0, nil, nil, false
	}
	if length > len(rest) {
		return 0, nil, nil, false
	}
	return tag, rest[:length], rest[length:], true
}
