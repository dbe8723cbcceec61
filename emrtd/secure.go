package emrtd

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Data objects of secure messaging (ICAO Doc 9303-11, 9.8.4).
const (
	tagCryptogram     = 0x87
	tagExpectedLength = 0x97
	tagStatus         = 0x99
	tagChecksum       = 0x8E
)

// claSecure is the class byte under secure messaging: command header authenticated, no logical channel.
const claSecure = 0x0C

// protectedOverhead is what stands beside a cryptogram in an answer: its own header (4 bytes), the status (4) and the
// checksum (10).
const protectedOverhead = 18

// secureMessaging protects commands and checks answers (ICAO Doc 9303-11, 9.8). It is good for one session, and not
// after an error.
type secureMessaging struct {
	keys sessionKeys
	ssc  []byte // send sequence counter, big endian, of the cipher's block size
}

// newSecureMessaging begins a session whose counter begins at zero, as after every protocol but Basic Access Control.
func newSecureMessaging(keys sessionKeys) *secureMessaging {
	return &secureMessaging{keys: keys, ssc: make([]byte, keys.blockSize())}
}

// maxData is the most data that one answer of short length carries: 231 bytes with blocks of 8, 223 with blocks of 16,
// for at least one byte of the last block is padding.
func (s *secureMessaging) maxData() int {
	size := s.keys.blockSize()
	return (256-protectedOverhead)/size*size - 1
}

// clear overwrites the session keys.
func (s *secureMessaging) clear() { s.keys.clear() }

// protect gives the protected APDU of a command that has data, an expected length, or both. The data is at most 223
// bytes.
func (s *secureMessaging) protect(c command) []byte {
	s.count()
	var objects []byte
	if len(c.data) > 0 {
		cryptogram := s.keys.encrypt(s.ssc, pad(c.data, s.keys.blockSize()))
		objects = appendTLV(objects, tagCryptogram, append([]byte{0x01}, cryptogram...)...)
	}
	if c.expectedLength > 0 {
		objects = appendTLV(objects, tagExpectedLength, byte(c.expectedLength))
	}
	header := pad([]byte{claSecure, c.ins, c.p1, c.p2}, s.keys.blockSize())
	c.data = appendTLV(objects, tagChecksum, s.checksum(header, objects)...)
	c.expectedLength = 256
	return c.encode(claSecure)
}

// unprotect checks an answer and gives its data and status word. Every error is an [ErrSecureMessaging].
func (s *secureMessaging) unprotect(answer []byte) (data []byte, status uint16, err error) {
	s.count()
	body, naked := splitStatus(answer)
	objects, err := parseProtected(body)
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", ErrSecureMessaging, err)
	}
	if !verified(s.checksum(objects.authenticated), objects.checksum) {
		return nil, 0, fmt.Errorf("%w: checksum does not verify", ErrSecureMessaging)
	}
	status = binary.BigEndian.Uint16(objects.status)
	if status != naked {
		return nil, 0, fmt.Errorf("%w: status %04X outside, %04X inside", ErrSecureMessaging, naked, status)
	}
	if objects.cryptogram == nil {
		return nil, status, nil
	}
	data, err = s.decipher(objects.cryptogram)
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", ErrSecureMessaging, err)
	}
	return data, status, nil
}

// decipher opens the value of a cryptogram object: padding indicator 01, then whole blocks.
func (s *secureMessaging) decipher(value []byte) ([]byte, error) {
	if len(value) == 0 || value[0] != 0x01 {
		return nil, fmt.Errorf("%w: padding indicator", errTLV)
	}
	padded, err := s.keys.decrypt(s.ssc, value[1:])
	if err != nil {
		return nil, err
	}
	return unpad(padded, s.keys.blockSize())
}

// count steps the send sequence counter, before every command and every answer.
func (s *secureMessaging) count() {
	for i := len(s.ssc) - 1; i >= 0; i-- {
		if s.ssc[i]++; s.ssc[i] != 0 {
			return
		}
	}
}

// checksum authenticates the parts behind the send sequence counter, padded. A header before data objects comes padded
// itself; where there are no objects, its padding is all there is.
func (s *secureMessaging) checksum(parts ...[]byte) []byte {
	message := bytes.Join(append([][]byte{s.ssc}, parts...), nil)
	return s.keys.checksum(pad(message, s.keys.blockSize()))
}

// protected is a protected answer in its parts.
type protected struct {
	cryptogram    []byte // nil when there is none
	status        []byte // two bytes
	checksum      []byte // macSize bytes
	authenticated []byte // what the checksum is made over
}

// parseProtected takes a protected answer apart: an optional cryptogram, the status, the checksum, in this order and
// nothing else.
func parseProtected(body []byte) (p protected, err error) {
	rest := body
	if len(rest) > 0 && rest[0] == tagCryptogram {
		if p.cryptogram, rest, err = wantTLV(rest, tagCryptogram); err != nil {
			return p, err
		}
	}
	if p.status, rest, err = wantTLV(rest, tagStatus); err != nil {
		return p, err
	}
	p.authenticated = body[:len(body)-len(rest)]
	if p.checksum, rest, err = wantTLV(rest, tagChecksum); err != nil {
		return p, err
	}
	if len(p.status) != 2 || len(p.checksum) != macSize || len(rest) != 0 {
		return p, fmt.Errorf("%w: status of %d, checksum of %d, %d bytes behind",
			errTLV, len(p.status), len(p.checksum), len(rest))
	}
	return p, nil
}
