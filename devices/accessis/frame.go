package accessis

import (
	"errors"
	"fmt"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/zone"
)

// Bytes that begin and end a message: a mark, STX, content, ETX, the next mark. These are the marks of airline check-in
// desks (CUTE): one pair for printed lines, one for magnetic stripes, one for barcodes.
const (
	stx, etx, cr = 0x02, 0x03, '\r'

	ocrStart, ocrEnd         = 0x1c, 0x1d
	stripeStart, stripeEnd   = 0x0e, 0x0f
	barcodeStart, barcodeEnd = 0x1e, 0x1f
)

// Bounds of what is taken from a reader.
const (
	maxContent = 1024 // of one message; a barcode is the longest
	maxNoise   = 4096 // bytes between messages
)

// ctsLength are the bits of a report's first byte that give its length; the other one is the clear-to-send flag.
const ctsLength = 0x7f

// Errors of the decoder, all of them [devices.ErrProtocol].
var (
	errReport = errors.New("report is shorter than it says")
	errFrame  = errors.New("message is broken")
	errNoise  = errors.New("nothing but noise")
)

// decoder finds messages in a row of reports. The zero value is ready.
type decoder struct {
	state   state
	end     byte // the mark that ends the message
	content []byte
	noise   int
}

// state is where the decoder is in a message.
type state int

const (
	between state = iota
	begun         // the mark was read, STX comes next
	inside
	ending // ETX was read, the mark comes next
)

// report takes one report: a length, then data. It gives the lines of a document that the report completes; nil when it
// completes none. Of several documents in one report the first counts. After an error the decoder is as new.
func (d *decoder) report(report []byte) ([]string, error) {
	if len(report) == 0 || int(report[0]&ctsLength) > len(report)-1 {
		*d = decoder{}
		return nil, protocol(errReport)
	}
	for _, b := range report[1 : 1+report[0]&ctsLength] {
		complete, err := d.next(b)
		if err == nil && complete && d.end == ocrEnd {
			var lines []string
			if lines, err = zone.Split(d.content); err == nil {
				return lines, nil
			}
		}
		if err != nil {
			*d = decoder{}
			return nil, protocol(err)
		}
	}
	return nil, nil
}

// waiting says that a message has begun and has not ended.
func (d *decoder) waiting() bool { return d.state != between }

// next takes one byte, and says whether it completes a message.
func (d *decoder) next(b byte) (complete bool, err error) {
	switch d.state {
	case between:
		return false, d.start(b)
	case begun:
		d.state = inside
		if b != stx { // the mark was noise
			d.state = between
			d.noise++
			return false, d.start(b)
		}
	case inside:
		if b == etx {
			d.state = ending
			return false, nil
		}
		if len(d.content) == maxContent || d.end == ocrEnd && b < ' ' && b != cr {
			return false, errFrame
		}
		d.content = append(d.content, b)
	case ending:
		d.state = between
		if b != d.end {
			return false, errFrame
		}
		d.noise = 0
		return true, nil
	}
	return false, nil
}

// start looks for a mark; everything else between messages is noise.
func (d *decoder) start(b byte) error {
	ends := map[byte]byte{ocrStart: ocrEnd, stripeStart: stripeEnd, barcodeStart: barcodeEnd}
	end, ok := ends[b]
	if ok {
		d.state, d.end, d.content = begun, end, d.content[:0]
	} else {
		d.noise++
	}
	if d.noise > maxNoise {
		return errNoise
	}
	return nil
}

func protocol(err error) error { return fmt.Errorf("%w: %w", devices.ErrProtocol, err) }
