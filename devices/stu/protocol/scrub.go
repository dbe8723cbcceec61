package protocol

import (
	"bytes"
	"encoding/binary"

	"github.com/foyer-station/foyer/devices/hid"
	"github.com/foyer-station/foyer/devices/usbmon"
)

// scrubber keeps what a pad is, does and is told to do. What was written becomes a line that nobody wrote, with as many samples at the same
// times; pictures, keys, ids of captures and serial numbers become zeros.
type scrubber struct{ samples int }

// NewScrubber makes the scrubber of captures of a pad at USB, a human interface device.
func NewScrubber() usbmon.Scrubber { return &scrubber{} }

// keptOf is how many bytes of a report are kept, without its id; of one that is not in a table none, and what it is is not known.
func keptOf(sent bool, r Report) (n int, known bool) {
	kept := map[Report]int{
		Status: StatusSize, Information: InformationSize, CapabilityReport: CapabilitySize, ReportRate: 1, InkingMode: 1, PenDataOptionMode: 1,
		HandwritingDisplayArea: 8, DHBase: DHBaseSize, EncryptionStatus: 7, EncryptionCommand: 3,
		UID: 0, UID2: 0, ESerial: 0, HostPublicKey: 0, DevicePublicKey: 0,
	}
	if sent {
		kept = map[Report]int{
			EndCapture: 1, ClearScreen: 1, InkingMode: 1, StartImageDataArea: 10, StartImageData: 1, EndImageData: 1, ReportRate: 1,
			HandwritingDisplayArea: 8, PenDataOptionMode: 1, EncryptionCommand: 3,
			ImageDataBlock: 2, StartCapture: 0, HostPublicKey: 0,
		}
	}
	n, known = kept[r]
	return n, known
}

// isBlanked tells whether what is not kept of a report is known, and is nobody's business.
func isBlanked(r Report) bool {
	switch r {
	case UID, UID2, ESerial, HostPublicKey, DevicePublicKey, EncryptionCommand, ImageDataBlock, StartCapture:
		return true
	}
	return false
}

// Keep implements [usbmon.Scrubber].
func (s *scrubber) Keep(t usbmon.Transfer, clean []byte) bool {
	if t.Kind == usbmon.Interrupt && !t.Sent {
		return s.packet(t.Data, clean)
	}
	kind, id, ok := t.Report()
	if !ok || hid.Kind(kind) != hid.Feature || t.Data[0] != id {
		return false
	}
	clean[0] = id
	content, r := t.Data[1:], Report(id)
	if r == DHPrime && !t.Sent {
		return keepPrime(content, clean[1:])
	}
	n, known := keptOf(t.Sent, r)
	n = copy(clean[1:], content[:min(n, len(content))])
	return known && (isBlanked(r) || onlyZeros(content[n:]))
}

// End implements [usbmon.Scrubber].
func (s *scrubber) End() {}

// keepPrime keeps whether a pad's encryption is switched off, and has another odd number of 128 bits in the place of its prime.
func keepPrime(content, clean []byte) bool {
	if len(content) != DHSize {
		return false
	}
	if !onlyZeros(content) {
		clean[0], clean[DHSize-1] = 0x80, 1
	}
	return true
}

func onlyZeros(b []byte) bool { return len(bytes.Trim(b, "\x00")) == 0 }

// packet keeps the pen's reports in a packet, which are all of one kind: behind another's there is nothing that could be known.
func (s *scrubber) packet(packet, clean []byte) bool {
	first := packet[0]
	for _, m := range Split(packet) {
		if byte(m.Report) != first {
			break
		}
		clean[0] = byte(m.Report)
		into := clean[1 : 1+len(m.Content)]
		if m.Encrypted() {
			copy(into[blockSize:], m.Content[blockSize:]) // numbers, in clear
		} else {
			s.sample(m.Content, into)
		}
		packet, clean = packet[1+len(into):], clean[1+len(into):]
	}
	return onlyZeros(packet)
}

// sample writes another sample of the same time: near and touching as it was, elsewhere, with another pressure. Every pad is larger and
// measures more than that (STU-300: 9,900 x 2,500, 511).
func (s *scrubber) sample(content, into []byte) {
	const ready, touches = 0x8000, 0x1000
	const left, width, top, height = 1000, 4000, 1000, 800
	flags := binary.BigEndian.Uint16(content) & (ready | touches)
	if flags&touches != 0 {
		flags |= 100 + uint16(s.samples%200)
	}
	if flags != 0 {
		s.samples++
		x, wave := left+10*s.samples%width, 25*s.samples%(2*height)
		y := top + min(wave, 2*height-wave)
		binary.BigEndian.PutUint16(into[2:], uint16(x))
		binary.BigEndian.PutUint16(into[4:], uint16(y))
	}
	binary.BigEndian.PutUint16(into, flags)
	copy(into[6:], content[6:])
}
