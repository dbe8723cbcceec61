package protocol

import (
	"encoding/binary"

	"github.com/foyer-station/foyer/devices"
)

// Pen is what a pad says of the pen at one moment.
type Pen struct {
	Ready, Down bool // near; touching
	Pressure    int
	X, Y        int
	Timed       bool
	Time        uint16 // milliseconds, if timed
	Numbered    bool
	Number      uint16 // counts the samples, if numbered
}

// Message is one report that the pad sent by itself.
type Message struct {
	Report  Report
	Content []byte // as long as the report says; it stands in the packet
}

// penSize is the length of a report of the pen, without its id; 0 for any other.
func penSize(r Report) int {
	switch r {
	case PenData:
		return 6
	case PenDataOption:
		return 8
	case PenDataTimed:
		return 10
	case PenDataEncrypted, PenDataTimedEncrypted:
		return blockSize
	case PenDataEncryptedOption:
		return blockSize + 4
	}
	return 0
}

// Split gives the pen's reports in a packet, in order; it stops at the first byte that begins none. A report is followed by
// another one, by zeros that fill the packet, or by nothing.
func Split(packet []byte) []Message {
	var all []Message
	for len(packet) > 0 {
		r := Report(packet[0])
		length := penSize(r)
		if length == 0 || len(packet) < 1+length {
			break
		}
		all = append(all, Message{r, packet[1 : 1+length]})
		packet = packet[1+length:]
	}
	return all
}

// Encrypted tells whether a message needs a [Session] to be read.
func (m Message) Encrypted() bool {
	return m.Report == PenDataEncrypted || m.Report == PenDataEncryptedOption || m.Report == PenDataTimedEncrypted
}

// Pens are the samples in a message that is in clear, none if it is not. Those beyond what the pad said that it can measure are
// left out.
func (m Message) Pens(size devices.PadSize) []Pen {
	switch m.Report {
	case PenData, PenDataOption, PenDataTimed:
		return within(size, decodePen(m.Content))
	}
	return nil
}

func within(size devices.PadSize, pens ...Pen) []Pen {
	var possible []Pen
	for _, p := range pens {
		if p.X <= size.MaxX && p.Y <= size.MaxY && p.Pressure <= size.MaxPressure {
			possible = append(possible, p)
		}
	}
	return possible
}

// decodePen reads one sample of six bytes, with a number behind it, or with time and number.
func decodePen(b []byte) Pen {
	const ready, touches, pressure = 0x8000, 0x1000, 0x0fff
	flags := binary.BigEndian.Uint16(b)
	p := Pen{
		Ready: flags&ready != 0, Down: flags&touches != 0, Pressure: int(flags & pressure),
		X: int(binary.BigEndian.Uint16(b[2:])), Y: int(binary.BigEndian.Uint16(b[4:])),
	}
	rest := b[6:]
	if len(rest) >= 4 {
		p.Timed, p.Time, rest = true, binary.BigEndian.Uint16(rest), rest[2:]
	}
	if len(rest) >= 2 {
		p.Numbered, p.Number = true, binary.BigEndian.Uint16(rest)
	}
	return p
}
