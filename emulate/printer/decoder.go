package printer

import (
	"bytes"
	"encoding/binary"
	"image"
	"math"
)

// Bounds on what a stranger can make the printer keep.
const (
	maxWidth     = 2048            // dots
	maxRows      = 8000            // of one ticket: a metre of paper
	maxRaster    = 256 * 2303      // bytes of one picture: the widest and highest that GS v 0 allows on real printers
	maxBuffer    = maxRaster + 256 // bytes received and not yet printed; what comes then is lost
	endlessPaper = math.MaxInt
)

// decoder is the printer's receive buffer, its interpreter, and the strip of paper since the last cut.
type decoder struct {
	width   int    // dots
	paper   int    // rows left on the roll
	held    []byte // the start of what may become a real-time command
	buffer  []byte // received and not yet interpreted
	strip   []byte // a byte a dot, whole rows
	unknown int    // bytes that are no command
}

type eventKind int

const (
	eventNone     eventKind = iota // nothing whole is left in the buffer
	eventDone                      // a command has been carried out
	eventStatus                    // GS r wants its answer
	eventCut                       // a ticket has been cut off
	eventPaperOut                  // the roll has ended
	eventIdentity                  // GS I wants its answer
)

type event struct {
	kind   eventKind
	ticket *image.Gray // of eventCut
	asked  byte        // of eventIdentity
}

// request is a real-time command that the printer as a whole obeys.
type request struct {
	status byte // n of DLE EOT n; 0 is DLE ENQ 2: recover from an error
}

const (
	dle = 0x10
	eot = 0x04
	enq = 0x05
	dc4 = 0x14
	esc = 0x1B
	gs  = 0x1D
	lf  = 0x0A
)

// clearBuffers is DLE DC4 8 with its fixed parameters.
var clearBuffers = [...]byte{dle, dc4, 0x08, 0x01, 0x03, 0x14, 0x01, 0x06, 0x02, 0x08}

// resume is DLE ENQ 2: recover from an error, and forget what was received.
var resume = [...]byte{dle, enq, 2}

// holdsJob tells whether the buffer ends with the question whether all has been printed.
func (d *decoder) holdsJob() bool { return bytes.HasSuffix(d.buffer, []byte{gs, 'r', 1}) }

// isAskedWhoItIs tells whether the next command wants the motor for nothing.
func (d *decoder) isAskedWhoItIs() bool { return bytes.HasPrefix(d.buffer, []byte{gs, 'I'}) }

// clear forgets what has been received. What is printed of it stays on the paper.
func (d *decoder) clear() { d.held, d.buffer = nil, nil }

// receive buffers a chunk and returns the requests in it. Real-time commands act wherever they stand, inside the data of
// others too.
func (d *decoder) receive(chunk []byte) (requests []request) {
	for _, b := range chunk {
		d.held = append(d.held, b)
		switch {
		case len(d.held) == 3 && d.held[1] == eot && b >= 1 && b <= 4:
			requests = append(requests, request{status: b})
			d.held = d.held[:0]
		case bytes.Equal(d.held, resume[:]):
			requests = append(requests, request{})
			d.held = d.held[:0]
		case bytes.Equal(d.held, clearBuffers[:]):
			d.clear()
		case !mayBeRealTime(d.held):
			d.release()
		}
	}
	return requests
}

func mayBeRealTime(held []byte) bool {
	return bytes.HasPrefix(clearBuffers[:], held) || bytes.HasPrefix(resume[:], held) || bytes.HasPrefix([]byte{dle, eot}, held)
}

// release moves what was held for a real-time command to the buffer, except for a last byte that may begin another.
func (d *decoder) release() {
	held := d.held
	d.held = nil
	last := len(held) - 1
	if last > 0 && held[last] == dle {
		d.held = []byte{dle}
		held = held[:last]
	}
	room := min(maxBuffer-len(d.buffer), len(held))
	d.buffer = append(d.buffer, held[:room]...)
}

// next carries out the next command that is whole.
func (d *decoder) next() event {
	if len(d.buffer) == 0 {
		return event{}
	}
	switch d.buffer[0] {
	case lf:
		const line = 30 // dots: the default line spacing of 1/6 inch at 180 dots per inch
		d.take(1)
		return d.feed(line)
	case esc, gs:
		if len(d.buffer) < 2 {
			return event{}
		}
		return d.command(string(d.buffer[:2]))
	}
	return d.skip(1)
}

func (d *decoder) command(name string) event {
	switch name {
	case "\x1B@": // initialise
		d.take(2)
		return event{kind: eventDone}
	case "\x1BJ": // feed n dots
		if b := d.take(3); b != nil {
			return d.feed(int(b[2]))
		}
	case "\x1Da": // automatic status: always off here
		if d.take(3) != nil {
			return event{kind: eventDone}
		}
	case "\x1Dr":
		if d.take(3) != nil {
			return event{kind: eventStatus}
		}
	case "\x1DI":
		if b := d.take(3); b != nil {
			return event{kind: eventIdentity, asked: b[2]}
		}
	case "\x1DV":
		return d.cut()
	case "\x1Dv":
		return d.raster()
	default:
		return d.skip(2)
	}
	return event{}
}

// take removes n bytes from the buffer and returns them, nil if they have not all come.
func (d *decoder) take(n int) []byte {
	if len(d.buffer) < n {
		return nil
	}
	b := d.buffer[:n]
	d.buffer = d.buffer[n:]
	return b
}

func (d *decoder) skip(n int) event {
	d.unknown += n
	d.take(n)
	return event{kind: eventDone}
}

// cut is GS V m [n]: at once, or after feeding to the knife and n dots on.
func (d *decoder) cut() event {
	if len(d.buffer) < 3 {
		return event{}
	}
	switch d.buffer[2] {
	case 0, 1, '0', '1':
		d.take(3)
	case 'A', 'B':
		const toKnife = 100 // dots between print head and knife
		b := d.take(4)
		if b == nil {
			return event{}
		}
		if e := d.feed(toKnife + int(b[3])); e.kind == eventPaperOut {
			return e
		}
	default:
		return d.skip(3)
	}
	ticket := &image.Gray{Pix: d.strip, Stride: d.width, Rect: image.Rect(0, 0, d.width, len(d.strip)/d.width)}
	d.strip = nil
	return event{kind: eventCut, ticket: ticket}
}

// raster is GS v 0 m xL xH yL yH data.
func (d *decoder) raster() event {
	const header = 8
	if len(d.buffer) < header {
		return event{}
	}
	across := int(binary.LittleEndian.Uint16(d.buffer[4:]))
	rows := int(binary.LittleEndian.Uint16(d.buffer[6:]))
	if d.buffer[2] != '0' || d.buffer[3] != 0 || across == 0 || rows == 0 || across*rows > maxRaster {
		return d.skip(header)
	}
	b := d.take(header + across*rows)
	if b == nil {
		return event{}
	}
	for data := b[header:]; len(data) > 0; data = data[across:] {
		if d.advance() {
			return event{kind: eventPaperOut}
		}
		row := d.strip[len(d.strip)-d.width:]
		for x := range min(d.width, 8*across) {
			if data[x/8]&(0x80>>(x%8)) != 0 {
				row[x] = 0
			}
		}
	}
	return event{kind: eventDone}
}

func (d *decoder) feed(rows int) event {
	for range rows {
		if d.advance() {
			return event{kind: eventPaperOut}
		}
	}
	return event{kind: eventDone}
}

// advance adds a white row to the strip and reports whether there was no paper for it. What the strip cannot hold runs
// over the counter's edge.
func (d *decoder) advance() (out bool) {
	if d.paper == 0 {
		return true
	}
	d.paper--
	if len(d.strip) >= maxRows*d.width {
		d.strip = d.strip[d.width:]
	}
	d.strip = append(d.strip, bytes.Repeat([]byte{0xFF}, d.width)...)
	return false
}

// newRoll takes the old roll's end away, with what was printed on it.
func (d *decoder) newRoll() {
	d.paper = endlessPaper
	d.strip = nil
}
