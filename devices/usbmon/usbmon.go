// Package usbmon reads and writes what Linux's usbmon tells of a USB bus, in capture files of the kind that libpcap and Wireshark write.
//
// The events are those of the kernel's binary interface (Documentation/usb/usbmon.rst, struct usbmon_packet of 64 bytes), the files are
// classic pcap of link type LINKTYPE_USB_LINUX_MMAPPED (tcpdump.org, link-layer header types, 220).
package usbmon

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// Kinds of events.
const (
	Submitted = 'S'
	Completed = 'C'
	Failed    = 'E' // it could not be submitted
)

// Kinds of transfers.
const (
	Isochronous = 0
	Interrupt   = 1
	Control     = 2
	Bulk        = 3
)

// Event is a transfer that was submitted, or that has ended.
type Event struct {
	ID       uint64 // the same for both events of a transfer
	Kind     byte   // Submitted, Completed or Failed
	Transfer byte   // Isochronous to Bulk
	Endpoint byte   // with its direction in bit 7
	Device   byte   // its number on the bus
	Bus      uint16
	At       time.Time // to the microsecond
	Status   int32     // 0, or a negative errno; of one that was submitted -EINPROGRESS
	Length   uint32    // of one that was submitted what is asked for, else what was carried
	Setup    [8]byte   // of a control transfer that was submitted (USB 2.0, 9.3)
	Data     []byte    // what the host sends when it submits, and what it gets when it ends
}

// hasSetup tells whether an event has a setup packet.
func (e Event) hasSetup() bool { return e.Kind == Submitted && e.Transfer == Control }

// ErrFormat says that a file is no capture of this kind, or a damaged one.
var ErrFormat = errors.New("not a capture of usbmon")

// Parts of a file (pcap-savefile(5)).
const (
	magic      = 0xa1b2c3d4
	major      = 2
	minor      = 4
	snapLength = 1 << 18
	linkType   = 220
	fileHeader = 24
	packetHead = 16
	eventHead  = 64
	liveHead   = 48
	present    = 0   // flag_setup and flag_data
	absent     = '-' // and any other
)

// Writer writes a capture.
type Writer struct{ to io.Writer }

// NewWriter begins a capture.
func NewWriter(to io.Writer) (*Writer, error) {
	head := binary.LittleEndian.AppendUint32(nil, magic)
	head = binary.LittleEndian.AppendUint16(head, major)
	head = binary.LittleEndian.AppendUint16(head, minor)
	head = append(head, make([]byte, 8)...) // the zone's offset and the accuracy: always 0
	head = binary.LittleEndian.AppendUint32(head, snapLength)
	head = binary.LittleEndian.AppendUint32(head, linkType)
	_, err := to.Write(head)
	return &Writer{to}, err
}

// Write writes an event.
func (w *Writer) Write(e Event) error {
	if len(e.Data) > snapLength-eventHead {
		return fmt.Errorf("%d bytes are too many for a capture", len(e.Data))
	}
	seconds, micros := e.At.Unix(), int32(e.At.Nanosecond()/1000)
	p := binary.LittleEndian.AppendUint32(nil, uint32(seconds))
	p = binary.LittleEndian.AppendUint32(p, uint32(micros))
	p = binary.LittleEndian.AppendUint32(p, uint32(eventHead+len(e.Data)))
	p = binary.LittleEndian.AppendUint32(p, uint32(eventHead+len(e.Data)))
	p = binary.LittleEndian.AppendUint64(p, e.ID)
	p = append(p, e.Kind, e.Transfer, e.Endpoint, e.Device)
	p = binary.LittleEndian.AppendUint16(p, e.Bus)
	p = append(p, flag(e.hasSetup()), flag(len(e.Data) > 0))
	p = binary.LittleEndian.AppendUint64(p, uint64(seconds))
	p = binary.LittleEndian.AppendUint32(p, uint32(micros))
	p = binary.LittleEndian.AppendUint32(p, uint32(e.Status))
	p = binary.LittleEndian.AppendUint32(p, e.Length)
	p = binary.LittleEndian.AppendUint32(p, uint32(len(e.Data)))
	p = append(p, e.Setup[:]...)
	p = append(p, make([]byte, 16)...) // of isochronous and periodic transfers
	_, err := w.to.Write(append(p, e.Data...))
	return err
}

func flag(is bool) byte {
	if is {
		return present
	}
	return absent
}

// Live reads events as /dev/usbmonN gives them to read(2): 48 bytes, without what a capture has behind the setup packet, and data.
type Live struct{ from io.Reader }

// NewLive reads from a device file, which only root may open. Whoever opens /dev/usbmon0 is told of all buses.
func NewLive(from io.Reader) *Live { return &Live{from} }

// Read reads the next event, and waits for it. The error is the device file's, or ErrFormat.
func (l *Live) Read() (Event, error) {
	head := make([]byte, liveHead)
	if _, err := io.ReadFull(l.from, head); err != nil {
		return Event{}, err
	}
	captured := binary.LittleEndian.Uint32(head[36:])
	if captured > snapLength-eventHead {
		return Event{}, fmt.Errorf("%w: an event with %d bytes of data", ErrFormat, captured)
	}
	return event(head, l.from)
}

// Reader reads a capture.
type Reader struct{ from io.Reader }

// NewReader begins to read a capture. The error is ErrFormat, or from's.
func NewReader(from io.Reader) (*Reader, error) {
	head := make([]byte, fileHeader)
	if _, err := io.ReadFull(from, head); err != nil {
		return nil, broken(err)
	}
	if binary.LittleEndian.Uint32(head) != magic || binary.LittleEndian.Uint32(head[20:]) != linkType {
		return nil, fmt.Errorf("%w of a computer with little-endian numbers", ErrFormat)
	}
	return &Reader{from}, nil
}

// Read reads the next event. The error is io.EOF after the last one, ErrFormat, or the source's.
func (r *Reader) Read() (Event, error) {
	head := make([]byte, packetHead+eventHead)
	if _, err := io.ReadFull(r.from, head[:packetHead]); errors.Is(err, io.EOF) {
		return Event{}, io.EOF
	} else if err != nil {
		return Event{}, broken(err)
	}
	if _, err := io.ReadFull(r.from, head[packetHead:]); err != nil {
		return Event{}, broken(err)
	}
	size := binary.LittleEndian.Uint32(head[8:])
	h := head[packetHead:]
	captured := binary.LittleEndian.Uint32(h[36:])
	if size > snapLength || size < eventHead || captured != size-eventHead {
		return Event{}, fmt.Errorf("%w: an event of %d bytes with %d of data", ErrFormat, size, captured)
	}
	return event(h, r.from)
}

// event is what the kernel's header says, and the data behind it.
func event(h []byte, data io.Reader) (Event, error) {
	e := Event{
		ID: binary.LittleEndian.Uint64(h), Kind: h[8], Transfer: h[9], Endpoint: h[10], Device: h[11], Bus: binary.LittleEndian.Uint16(h[12:]),
		At:     time.Unix(int64(binary.LittleEndian.Uint64(h[16:])), int64(binary.LittleEndian.Uint32(h[24:]))*1000),
		Status: int32(binary.LittleEndian.Uint32(h[28:])), Length: binary.LittleEndian.Uint32(h[32:]),
	}
	if h[14] == present {
		copy(e.Setup[:], h[40:48])
	}
	if captured := binary.LittleEndian.Uint32(h[36:]); captured > 0 {
		e.Data = make([]byte, captured)
		if _, err := io.ReadFull(data, e.Data); err != nil {
			return Event{}, broken(err)
		}
	}
	return e, nil
}

// ReadAll reads a whole capture.
func ReadAll(from io.Reader) (all []Event, err error) {
	r, err := NewReader(from)
	if err != nil {
		return nil, err
	}
	for {
		e, err := r.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
}

// broken is the error of a capture that ends too early.
func broken(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends too early", ErrFormat)
	}
	return err
}
