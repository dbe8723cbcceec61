package emrtd

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Data objects of secure messaging (ICAO Doc 9303-11, 9.8.4).
const (
	tagCryptogram     = 0x87 // padding indicator, cryptogram
	tagCryptogramOdd  = 0x85 // cryptogram alone, of commands with an odd instruction byte
	tagExpectedLength = 0x97
	tagStatus         = 0x99
	tagChecksum       = 0x8E
)

// claSecure is the class byte under secure messaging: command header authenticated, no logical channel.
const claSecure = 0x0C

// protectedOverhead is what stands beside a cryptogram in an answer of up to 256 bytes: its own header (4 bytes with the
// padding indicator), the status (4) and the checksum (10). In a longer one the header has a byte more.
const protectedOverhead = 18

// secureMessaging protects commands and checks answers (ICAO Doc 9303-11, 9.8). It is good for one session, and not
// after an error.
type secureMessaging struct {
	keys      sessionKeys
	ssc       []byte // send sequence counter, big endian, of the cipher's block size
	authentic bool   // an answer was authentic, since the session began or this was last cleared
	// unanswered is a command that was refused in clear, and the counter set back; nil after an authentic answer.
	unanswered *command
}

// newSecureMessaging begins a session whose counter begins at zero, as after every protocol but Basic Access Control.
func newSecureMessaging(keys sessionKeys) *secureMessaging {
	return &secureMessaging{keys: keys, ssc: make([]byte, keys.blockSize())}
}

// maxData is the most data that an answer of so many bytes carries; of 256 that is 231 bytes with blocks of 8 and 223
// with blocks of 16, for at least one byte of the last block is padding.
func (s *secureMessaging) maxData(answer int) int {
	overhead := protectedOverhead
	if answer > 256 {
		overhead++
	}
	size := s.keys.blockSize()
	return max(0, (answer-overhead)/size*size-1)
}

// clear overwrites the session keys.
func (s *secureMessaging) clear() { s.keys.clear() }

// setBack notes that a command was refused in clear, by the chip or by somebody in its name, and sets the counter back.
func (s *secureMessaging) setBack(c command, counter []byte) {
	s.ssc = counter
	if s.unanswered == nil {
		s.unanswered = &c
	}
}

// mayFollow says whether a command may be sent. After one that is unanswered there may be an answer that was kept back, and
// the counter is good for it: what follows must be the same but for the length, or expect no data.
func (s *secureMessaging) mayFollow(c command) bool {
	d := s.unanswered
	return d == nil || c.expectedLength == 0 ||
		c.ins == d.ins && c.p1 == d.p1 && c.p2 == d.p2 && bytes.Equal(c.data, d.data)
}

// protect gives the protected APDU of a command that has data, an expected length, or both. It is of extended length
// where the command itself is, or grows to more than 255 bytes of data.
func (s *secureMessaging) protect(c command) []byte {
	s.count()
	objects := s.encipher(c)
	switch n := c.expectedLength; {
	case n > 256 || n > 0 && c.long:
		objects = appendTLV(objects, tagExpectedLength, byte(n>>8), byte(n))
	case n > 0:
		objects = appendTLV(objects, tagExpectedLength, byte(n))
	}
	header := pad([]byte{claSecure, c.ins, c.p1, c.p2}, s.keys.blockSize())
	whole := 256
	if c.extended() {
		whole = extendedLength
	}
	c.data = appendTLV(objects, tagChecksum, s.checksum(header, objects)...)
	c.expectedLength = whole
	return c.encode(claSecure)
}

// encipher gives the cryptogram object of a command's data, nothing where there are none.
func (s *secureMessaging) encipher(c command) []byte {
	if len(c.data) == 0 {
		return nil
	}
	cryptogram := s.keys.encrypt(s.ssc, pad(c.data, s.keys.blockSize()))
	if c.ins&1 == 1 {
		return appendTLV(nil, tagCryptogramOdd, cryptogram...)
	}
	return appendTLV(nil, tagCryptogram, append([]byte{0x01}, cryptogram...)...)
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
	s.authentic = true
	status = binary.BigEndian.Uint16(objects.status)
	if status != naked {
		return nil, 0, fmt.Errorf("%w: status %04X outside, %04X inside", ErrSecureMessaging, naked, status)
	}
	if objects.cryptogram == nil {
		return nil, status, nil
	}
	data, err = s.decipher(objects)
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", ErrSecureMessaging, err)
	}
	return data, status, nil
}

// decipher opens the cryptogram: padding indicator 01 where its object has one, then whole blocks.
func (s *secureMessaging) decipher(p protected) ([]byte, error) {
	cryptogram := p.cryptogram
	if p.tag == tagCryptogram {
		if len(cryptogram) == 0 || cryptogram[0] != 0x01 {
			return nil, fmt.Errorf("%w: padding indicator", errTLV)
		}
		cryptogram = cryptogram[1:]
	}
	padded, err := s.keys.decrypt(s.ssc, cryptogram)
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
	tag           byte   // of the cryptogram's object
	status        []byte // two bytes
	checksum      []byte // macSize bytes
	authenticated []byte // what the checksum is made over
}

// parseProtected takes a protected answer apart: an optional cryptogram, the status, the checksum, in this order and
// nothing else.
func parseProtected(body []byte) (p protected, err error) {
	rest := body
	if len(rest) > 0 && (rest[0] == tagCryptogram || rest[0] == tagCryptogramOdd) {
		p.tag = rest[0]
		if p.cryptogram, rest, err = wantTLV(rest, uint32(p.tag)); err != nil {
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
