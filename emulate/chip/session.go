package chip

import (
	"bytes"
	"crypto/subtle"
	"encoding/binary"
)

// Data objects of secure messaging (Doc 9303-11, 9.8.4).
const (
	tagCryptogramOdd = 0x85 // without padding indicator, for odd instructions
	tagCryptogram    = 0x87
	tagMAC           = 0x8E
	tagExpected      = 0x97
	tagStatus        = 0x99
)

// macSize is the length of a MAC in bytes, of either kind.
const macSize = 8

// protection is what secure messaging needs of a cipher (Doc 9303-11, 9.8). Blocks are whole blocks; the counter has the
// length of one.
type protection interface {
	blockSize() int
	encrypt(counter, blocks []byte) []byte
	decrypt(counter, blocks []byte) []byte
	sum(blocks []byte) []byte    // MAC over the counter and blocks
	token(message []byte) []byte // MAC over a message of any length
}

// session is secure messaging on the chip's side (Doc 9303-11, 9.8).
type session struct {
	protection
	counter []byte // SSC, as long as a block
}

// newSession begins secure messaging with a counter of zero, as all protocols but Basic Access Control do.
func newSession(p protection) *session {
	return &session{protection: p, counter: make([]byte, p.blockSize())}
}

// count increments the counter, before every command and every response.
func (s *session) count() {
	for i := len(s.counter) - 1; i >= 0; i-- {
		if s.counter[i]++; s.counter[i] != 0 {
			return
		}
	}
}

// uncount takes a step of the counter back.
func (s *session) uncount() {
	for i := len(s.counter) - 1; i >= 0; i-- {
		if s.counter[i]--; s.counter[i] != 0xFF {
			return
		}
	}
}

// authenticate is the MAC over the counter and blocks.
func (s *session) authenticate(blocks []byte) []byte {
	return s.sum(append(bytes.Clone(s.counter), blocks...))
}

// padded fills data up to whole blocks of the session's cipher.
func (s *session) padded(data []byte) []byte { return padded(data, s.blockSize()) }

// protected is the secure messaging data objects of a command, in the only order that is allowed.
type protected struct {
	authentic  []byte // the objects that the MAC covers, as they came
	cryptogram []byte // value of DO'87' or DO'85'; nil when there is none
	tag        byte   // of the cryptogram
	expected   []byte // value of DO'97'
	mac        []byte // value of DO'8E'
}

func parseProtected(data []byte) (protected, uint16) {
	var p protected
	rest := data
	for last := byte(0); len(rest) > 0; {
		tag, value, after, ok := nextObject(rest)
		if !ok || p.mac != nil || tag != tagMAC && tag <= last || len(value) == 0 {
			return p, swObjectsIncorrect
		}
		switch tag {
		case tagCryptogram, tagCryptogramOdd:
			if p.cryptogram != nil {
				return p, swObjectsIncorrect
			}
			p.cryptogram, p.tag = value, tag
		case tagExpected:
			p.expected = value
		case tagMAC:
			p.mac = value
			p.authentic = data[:len(data)-len(rest)]
		default:
			return p, swObjectsIncorrect
		}
		last, rest = tag, after
	}
	if p.mac == nil {
		return p, swObjectsMissing
	}
	return p, swSuccess
}

// unwrap checks a command's MAC and decrypts it. Any status but swSuccess ends the session.
func (s *session) unwrap(c command) (command, uint16) {
	s.count()
	p, sw := parseProtected(c.data)
	if sw != swSuccess {
		return command{}, sw
	}
	if c.expected == 0 {
		return command{}, swWrongLength
	}
	covered := s.padded([]byte{c.class, c.instruction, c.p1, c.p2})
	if len(p.authentic) > 0 {
		covered = append(covered, s.padded(p.authentic)...)
	}
	if subtle.ConstantTimeCompare(p.mac, s.authenticate(covered)) != 1 {
		return command{}, swObjectsIncorrect
	}
	plain := command{instruction: c.instruction, p1: c.p1, p2: c.p2, chained: c.chained}
	if len(p.expected) > 2 {
		return command{}, swObjectsIncorrect
	}
	plain.expect(p.expected)
	if p.cryptogram == nil {
		return plain, swSuccess
	}
	var ok bool
	plain.data, ok = s.open(p, c.instruction)
	if !ok {
		return command{}, swObjectsIncorrect
	}
	return plain, swSuccess
}

// open gives a command's data. Even instructions have a padding indicator, which is 1; odd ones have none.
func (s *session) open(p protected, instruction byte) ([]byte, bool) {
	cryptogram := p.cryptogram
	if instruction&1 == 0 {
		if p.tag != tagCryptogram || cryptogram[0] != 1 {
			return nil, false
		}
		cryptogram = cryptogram[1:]
	} else if p.tag != tagCryptogramOdd {
		return nil, false
	}
	if len(cryptogram) == 0 || len(cryptogram)%s.blockSize() != 0 {
		return nil, false
	}
	return unpadded(s.decrypt(s.counter, cryptogram), s.blockSize())
}

// room is how many bytes of plain data fit a response of limit bytes beside the cryptogram's header and indicator (at
// most 5), at least one byte of padding, DO'99' (4) and DO'8E' (10).
func (s *session) room(limit int) int {
	return max(0, (limit-19)/s.blockSize()*s.blockSize()-1)
}

// wrap protects a response to the given instruction.
func (s *session) wrap(r response, instruction byte) response {
	s.count()
	var objects []byte
	if len(r.data) > 0 {
		cryptogram := s.encrypt(s.counter, s.padded(r.data))
		if instruction&1 == 0 {
			objects = object(tagCryptogram, append([]byte{1}, cryptogram...))
		} else {
			objects = object(tagCryptogramOdd, cryptogram)
		}
	}
	objects = append(objects, object(tagStatus, binary.BigEndian.AppendUint16(nil, r.status))...)
	mac := s.authenticate(s.padded(objects))
	return response{data: bytes.Join([][]byte{objects, object(tagMAC, mac)}, nil), status: r.status}
}
