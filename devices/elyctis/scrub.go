package elyctis

import (
	"encoding/binary"

	"github.com/foyer-station/foyer/devices/serial"
	"github.com/foyer-station/foyer/devices/usbmon"
	"github.com/foyer-station/foyer/devices/zone"
)

// scrubber keeps messages, whatever transfers they come in, but for what is in them: of documents the specimen's lines stand there, of
// serial and product numbers zeros.
type scrubber struct {
	asked byte          // the version that the host asks for
	held  []serial.Byte // bytes of a message's head
	left  int           // of its data
	at    int           // in that
	print zone.Specimen
}

// NewScrubber makes the scrubber of a reader's captures.
func NewScrubber() usbmon.Scrubber { return &scrubber{} }

// Keep implements [usbmon.Scrubber].
func (s *scrubber) Keep(t usbmon.Transfer, clean []byte) bool {
	return serial.Keep(t, clean, s.commands, s.take)
}

// End implements [usbmon.Scrubber].
func (s *scrubber) End() { s.print.EndDocument() }

// commands keeps whole commands, which have one byte of data at most.
func (s *scrubber) commands(data, clean []byte) bool {
	for len(data) > 0 {
		if len(data) < headSize || !begins(data[0]) {
			return false
		}
		n := headSize + int(binary.BigEndian.Uint16(data[1:]))
		if n > headSize+1 || n > len(data) {
			return false
		}
		copy(clean, data[:n])
		s.asked = data[0]
		data, clean = data[n:], clean[n:]
	}
	return true
}

// take takes the next byte that the reader says.
func (s *scrubber) take(next serial.Byte) (understood bool) {
	if s.left > 0 {
		s.left--
		s.data(next)
		return true
	}
	s.held = append(s.held, next)
	understood = s.pass()
	if len(s.held) < headSize {
		return understood
	}
	length := int(s.held[1].Value)<<8 | int(s.held[2].Value)
	if length > maxData { // no message begins there
		s.held = s.held[1:]
		s.pass()
		return false
	}
	for _, k := range s.held[:headSize] {
		*k.There = k.Value
	}
	s.left, s.at = length, 0
	if length == 0 {
		s.held = nil
	}
	return understood
}

// pass passes over bytes that begin no message.
func (s *scrubber) pass() (none bool) {
	none = true
	for len(s.held) > 0 && !begins(s.held[0].Value) {
		s.held, none = s.held[1:], false
	}
	return none
}

// data takes a byte of a message's data.
func (s *scrubber) data(next serial.Byte) {
	const longestVersion = 16
	command := s.held[0].Value
	isVersion := command == s.asked && (command == cmdOCRVersion || command == cmdNNAVersion) && s.at < longestVersion
	switch {
	case command == cmdContinuous && next.Value <= 1, isVersion && next.Value > ' ' && next.Value <= '~':
		*next.There = next.Value
	case command != cmdInquire && command != cmdInquireLine:
		*next.There = '0'
	case next.Value == '\r' || next.Value == '\n':
		*next.There = next.Value
		s.print.EndLine()
	case next.Value >= ' ':
		s.print.Character(next.There)
	}
	if s.at++; s.left == 0 {
		s.print.EndDocument()
		s.held = nil
	}
}
