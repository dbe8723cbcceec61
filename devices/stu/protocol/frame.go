package protocol

import (
	"encoding/binary"
)

// A report travels over a serial line in a frame: two bytes with the length, then the report, eight bits packed into seven so that
// only the first byte of a frame has its top bit set. The first byte says by its second bit that a CRC-16/ARC, little-endian,
// stands behind the report. What the host sends has one; some of what the pad sends has none.
const (
	frameBegins   = 0x80
	frameHasCRC   = 0x40
	lengthHigh    = 0x3f
	maxPacked     = 0x1fff
	maxFrameBytes = maxPacked * 7 / 8
)

// MaxFramed is the longest report, with its id, that a frame can carry with a CRC.
const MaxFramed = maxFrameBytes - 2

// Frame puts a report, which begins with its id and has at most MaxFramed bytes, into a frame.
func Frame(report []byte) []byte {
	content := binary.LittleEndian.AppendUint16(append([]byte(nil), report...), crc16(report))
	size := (len(content)*8 + 6) / 7
	frame := make([]byte, 2, 2+size)
	frame[0], frame[1] = frameBegins|frameHasCRC|byte(size>>7), byte(size&0x7f)
	held, n := uint32(0), 0
	for _, b := range content {
		held, n = held<<8|uint32(b), n+8
		for n >= 7 {
			n -= 7
			frame = append(frame, byte(held>>n)&0x7f)
		}
	}
	if n > 0 {
		frame = append(frame, byte(held<<(7-n))&0x7f)
	}
	return frame
}

// crc16 is CRC-16/ARC: 0x8005, reflected, from zero.
func crc16(data []byte) uint16 {
	const reflected = 0xa001
	var crc uint16
	for _, b := range data {
		crc ^= uint16(b)
		for range 8 {
			low := crc & 1
			crc = crc>>1 ^ reflected&-low
		}
	}
	return crc
}

// Deframer takes frames apart as their bytes arrive, however they are cut. Its zero value is ready. It keeps at most one frame.
type Deframer struct {
	header, size int // size is -1 until it is known
	packed       []byte
	inside       bool
}

// Take gives the reports, with their ids, that bytes complete, and how many frames it had to throw away: cut short by the next one, of
// no length, with a wrong CRC or filling. Bytes outside of frames are passed over.
func (d *Deframer) Take(bytes []byte) (reports [][]byte, lost int) {
	for _, b := range bytes {
		switch {
		case b&frameBegins != 0:
			if d.inside {
				lost++
			}
			d.inside, d.header, d.size, d.packed = true, int(b), -1, d.packed[:0]
		case !d.inside:
		case d.size < 0:
			d.size = (d.header&lengthHigh)<<7 | int(b)
			if d.size == 0 {
				d.inside = false
				lost++
			}
		default:
			d.packed = append(d.packed, b)
			if len(d.packed) < d.size {
				continue
			}
			d.inside = false
			if report, ok := d.report(); ok {
				reports = append(reports, report)
			} else {
				lost++
			}
		}
	}
	return reports, lost
}

// report unpacks a whole frame.
func (d *Deframer) report() ([]byte, bool) {
	content := make([]byte, 0, len(d.packed)*7/8)
	held, n := uint32(0), 0
	for _, b := range d.packed {
		held, n = held<<7|uint32(b), n+7
		if n >= 8 {
			n -= 8
			content = append(content, byte(held>>n))
			held &= 1<<n - 1
		}
	}
	if held != 0 || n == 7 { // bits of the filling, or a byte of nothing else
		return nil, false
	}
	if d.header&frameHasCRC == 0 {
		return content, len(content) > 0
	}
	end := len(content) - 2
	if end < 1 || crc16(content[:end]) != binary.LittleEndian.Uint16(content[end:]) {
		return nil, false
	}
	return content[:end], true
}
