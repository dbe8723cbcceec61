package escpos

import (
	"bytes"
	"strings"

	"github.com/foyer-station/foyer/devices/usbmon"
)

// scrubber keeps commands and status bytes. Tickets become blank ones of their size, and serial numbers zeros.
type scrubber struct {
	held    []kept // of a command that is not complete
	raster  int    // bytes that are left of a picture
	asked   byte   // which of its names the printer was asked for last
	answers bool   // that comes now
}

// kept is a byte that is kept once it is known to belong to a command.
type kept struct {
	there *byte
	value byte
}

// NewScrubber makes the scrubber of captures of a printer of the USB printer class.
func NewScrubber() usbmon.Scrubber { return &scrubber{} }

// Keep implements [usbmon.Scrubber].
func (s *scrubber) Keep(t usbmon.Transfer, clean []byte) bool {
	const fromInterface = 0xa1
	switch {
	case t.IsRequest(fromInterface, getDeviceID):
		return keepDeviceID(t.Data, clean)
	case t.IsRequest(fromInterface, getPortStatus):
		return copy(clean, t.Data[:1]) == len(t.Data)
	case t.Kind != usbmon.Bulk:
		return false
	}
	take := s.say
	if t.Sent {
		take = s.tell
	}
	understood := true
	for i, b := range t.Data {
		understood = take(kept{&clean[i], b}) && understood
	}
	return understood
}

// End implements [usbmon.Scrubber].
func (s *scrubber) End() {}

// rasterHead is that of the only command with data: GS v 0, the width in bytes and the height, little-endian (band).
const (
	rasterHead     = "\x1Dv0\x00"
	rasterHeadSize = len(rasterHead) + 4
)

// commands are those that the driver gives, but for pictures.
func commands() []string {
	all := []string{initialise, noUnasked, feedAndCut, whenPrinted, recoverAndClear, clearBuffers}
	for _, n := range []byte{statusPrinter, statusOffline, statusError, statusPaper} {
		all = append(all, string([]byte{0x10, 0x04, n}))
	}
	for _, n := range []byte{askFirmware, askMaker, askModel, askSerial} {
		all = append(all, string([]byte{0x1D, 'I', n}))
	}
	return all
}

// tell takes the next byte that the printer is told. What begins no command is not kept.
func (s *scrubber) tell(next kept) (understood bool) {
	if s.raster > 0 {
		s.raster--
		return true
	}
	understood = true
	s.held = append(s.held, next)
	for len(s.held) > 0 && !s.isCommand() {
		s.held, understood = s.held[1:], false
	}
	return understood
}

// isCommand tells whether the held bytes begin a command, and keeps one that is whole.
func (s *scrubber) isCommand() bool {
	said := make([]byte, len(s.held))
	for i, k := range s.held {
		said[i] = k.value
	}
	isRaster := bytes.HasPrefix(said, []byte(rasterHead)) || strings.HasPrefix(rasterHead, string(said))
	if isRaster && len(said) == rasterHeadSize {
		across, rows := int(said[4])|int(said[5])<<8, int(said[6])|int(said[7])<<8
		s.raster = across * rows
		s.keep()
		return true
	}
	for _, command := range commands() {
		if !strings.HasPrefix(command, string(said)) {
			continue
		}
		if len(said) == len(command) {
			if said[1] == 'I' {
				s.asked = said[2]
			}
			s.keep()
		}
		return true
	}
	return isRaster
}

func (s *scrubber) keep() {
	for _, k := range s.held {
		*k.there = k.value
	}
	s.held = nil
}

// say takes the next byte that the printer says: of a name that it was asked for, or a status.
func (s *scrubber) say(next kept) (understood bool) {
	const header, paperBits = '_', 0x0f
	switch {
	case s.answers && next.value == 0:
		s.answers, s.asked = false, 0
	case s.answers && s.asked == askSerial:
		*next.there = '0'
	case s.answers && (next.value < ' ' || next.value > '~'):
		s.answers = false
		return false
	case next.value == header && s.asked != 0:
		s.answers = true
		*next.there = next.value
	case s.answers, next.value&statusMask == statusFixed, next.value&^paperBits == 0:
		*next.there = next.value
	default:
		return false
	}
	return true
}

// keepDeviceID keeps what of an identity (IEEE 1284, 7.6) says which model it is. Of the other fields each byte is '0'.
func keepDeviceID(id, clean []byte) bool {
	const length = 2
	n := copy(clean, id[:min(length, len(id))])
	for _, field := range bytes.SplitAfter(id[n:], []byte(";")) {
		key, _, _ := bytes.Cut(field, []byte(":"))
		switch strings.ToUpper(strings.TrimSpace(string(key))) {
		case "MFG", "MANUFACTURER", "MDL", "MODEL", "CMD", "COMMAND SET", "CLS", "CLASS":
			copy(clean[n:], field)
		default:
			for i, b := range field {
				clean[n+i] = '0'
				if b == ';' {
					clean[n+i] = b
				}
			}
		}
		n += len(field)
	}
	return true
}
