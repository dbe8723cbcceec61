// Package mrzline drives document readers that send lines of text over a serial line: the plain mode of many, over USB CDC-ACM or
// RS-232. A line ends with CR, LF or both, and a document may stand between STX and ETX; else it is what comes until the reader pauses.
//
// Such a reader cannot be asked how it is, and reads whenever it sees a document; what it sent before anybody waited is thrown away. One
// by Newland is triggered while somebody waits (Newland, Serial Programming Command Manual: SCNTRG1 and SCNTRG0).
package mrzline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/serial"
	"github.com/foyer-station/foyer/devices/zone"
)

// Trigger is how a reader is told to read.
type Trigger string

// The triggers that there are.
const (
	Untriggered Trigger = ""        // it reads whenever it sees a document
	Newland     Trigger = "newland" // by Newland's serial commands
)

// Config says where the reader is.
type Config struct {
	Path    string        // of its serial line: "/dev/serial/by-id/..."
	Baud    int           // bits a second; 0 is 9600
	Pause   time.Duration // without a byte, after which a document is complete; 0 is DefaultPause
	Trigger Trigger
}

// DefaultPause is longer than a reader at 9600 baud needs between two lines, and shorter than a visitor notices.
const DefaultPause = 300 * time.Millisecond

// Newland's serial commands, and what stands before and behind one on its way to the reader.
const (
	commandOn   = "SCNTRG1"
	commandOff  = "SCNTRG0"
	commandHead = "~\x010000#"
	commandEnd  = ";\x03"
)

const (
	defaultBaud = 9600
	commandTime = time.Second    // to take a command
	forever     = 24 * time.Hour // until ctx ends
)

// Reader is an open reader. It belongs to one caller at a time, except Health and Close.
type Reader struct {
	turn   devices.Turn
	line   *serial.Line
	config Config
}

var _ devices.MRZReader = (*Reader)(nil)

// Open opens the reader at the configured path. Errors: ErrNotConfigured, ErrNoDevice, ErrBusy, ErrUnplugged, or the system's (no
// permission).
func Open(ctx context.Context, c Config) (*Reader, error) {
	if c.Path == "" {
		return nil, failure("open", devices.ErrNotConfigured)
	}
	if c.Baud == 0 {
		c.Baud = defaultBaud
	}
	if c.Pause == 0 {
		c.Pause = DefaultPause
	}
	line, err := serial.Open(c.Path, c.Baud)
	if err != nil {
		return nil, failure("open", err)
	}
	r := &Reader{line: line, config: c}
	if err := r.trigger(ctx, false); err != nil {
		line.Close()
		return nil, failure("open", err)
	}
	return r, nil
}

// trigger begins or ends reading, and waits until the reader says that it does; it does nothing to a reader that has no trigger.
func (r *Reader) trigger(ctx context.Context, on bool) error {
	if r.config.Trigger != Newland {
		return nil
	}
	command := commandOff
	if on {
		command = commandOn
	}
	if err := r.line.Write(ctx, []byte(commandHead+command+commandEnd), commandTime); err != nil {
		return err
	}
	var d decoder // of documents, too, that nobody waits for any more
	for deadline := time.Now().Add(commandTime); time.Now().Before(deadline); {
		var b [1]byte
		if _, err := r.line.Read(ctx, b[:], time.Until(deadline)); err != nil {
			return err
		}
		_, err := d.next(b[0])
		switch {
		case errors.Is(err, errNoise):
			return err
		case err != nil:
			d = decoder{}
		case !strings.Contains(d.answered, command): // nothing yet, or the answer to another
		case strings.Contains(d.answered, command+ack):
			return nil
		default:
			return fmt.Errorf("%w: it refuses the trigger", devices.ErrProtocol)
		}
	}
	return devices.ErrTimeout
}

// Info implements [devices.Device].
func (r *Reader) Info() devices.Info {
	return devices.Info{Kind: devices.KindMRZReader, Model: "serial document reader", Path: "serial " + r.config.Path}
}

// Health implements [devices.Device]: it looks whether the line is there, and whether the reader talks without end. It throws away
// what the reader sent while nobody waited.
func (r *Reader) Health(ctx context.Context) devices.Health {
	return r.turn.Look(ctx, func() devices.Health {
		err := r.trigger(ctx, false)
		if err == nil {
			err = r.line.Quiet(ctx)
		}
		return devices.HealthOfProbe(err)
	})
}

// Close implements [devices.Device].
func (r *Reader) Close() error {
	if err := r.line.Close(); err != nil {
		return failure("close", err)
	}
	return nil
}

// ReadMRZ implements [devices.MRZReader]. Noise before a document is passed over; one without end is ErrProtocol, and other lines than
// a document's are ErrUnreadable.
func (r *Reader) ReadMRZ(ctx context.Context) ([]string, error) {
	defer r.turn.Use()()
	lines, err := r.read(ctx)
	if off := r.trigger(context.WithoutCancel(ctx), false); err == nil {
		err = off
	}
	if err != nil {
		return nil, failure("read mrz", err)
	}
	return lines, nil
}

func (r *Reader) read(ctx context.Context) ([]string, error) {
	if err := r.line.Quiet(ctx); err != nil {
		return nil, err
	}
	if err := r.trigger(ctx, true); err != nil {
		return nil, err
	}
	var d decoder
	for {
		wait := forever
		if d.waiting() {
			wait = r.config.Pause
		}
		var chunk [256]byte
		n, err := r.line.Read(ctx, chunk[:], wait)
		complete := false
		switch {
		case err == nil:
			if complete, err = d.add(chunk[:n]); err != nil {
				return nil, err
			}
		case errors.Is(err, devices.ErrTimeout) && ctx.Err() == nil: // the pause after a document
			complete = d.waiting()
		default:
			return nil, err
		}
		if complete {
			return zone.Split(d.text)
		}
	}
}

func failure(op string, err error) error {
	// A caller's deadline is no fault of the reader's, which a serial line cannot know.
	if errors.Is(err, context.DeadlineExceeded) {
		err = context.DeadlineExceeded
	}
	return &devices.Error{Kind: devices.KindMRZReader, Op: op, Err: err}
}

// Bytes that frame a document, or an answer of a Newland reader to a command: STX, SOH, text, ETX.
const (
	soh, stx, etx = 0x01, 0x02, 0x03
	ack           = "\x06" // behind the command that is answered
	cr, lf        = '\r', '\n'
)

// Bounds of what is taken from a reader.
const (
	maxText  = 512  // of one document
	maxNoise = 4096 // bytes that are no text
)

var (
	errText  = fmt.Errorf("%w: a document without end", devices.ErrProtocol)
	errNoise = fmt.Errorf("%w: nothing but noise", devices.ErrProtocol)
)

// decoder collects the text of a document. The zero value is ready.
type decoder struct {
	text     []byte
	framed   bool   // STX came
	first    bool   // the next byte is the first after STX
	answer   bool   // what is under way answers a command
	said     []byte // by that, so far
	answered string // the answer that has just ended
	noise    int
	lineFrom int // where in text the line begins that is under way
}

// waiting says that a document has begun: it is complete when no more comes for a pause.
func (d *decoder) waiting() bool { return len(d.text) > 0 && !d.answer }

// add takes bytes, and says whether they complete a document: what comes behind it is forgotten.
func (d *decoder) add(b []byte) (complete bool, err error) {
	for _, c := range b {
		if complete, err = d.next(c); complete || err != nil {
			return complete, err
		}
	}
	return false, nil
}

func (d *decoder) next(c byte) (complete bool, err error) {
	wasFirst := d.first
	d.first, d.answered = false, ""
	switch {
	case c == stx: // whatever came before was noise
		*d = decoder{framed: true, first: true, noise: d.noise + len(d.text)}
	case c == soh && wasFirst:
		d.answer = true
	case c == etx && d.answer: // 0000#, the command, its status, a semicolon, ETX
		*d = decoder{noise: d.noise, answered: string(d.said)}
	case c == etx && d.framed:
		return len(d.text) > 0, nil
	case d.answer:
		if d.noise++; len(d.said) < maxText {
			d.said = append(d.said, c)
		}
	case c == cr || c == lf:
		if len(d.text) > 0 { // empty lines before a document are nothing
			d.text = append(d.text, c)
			d.lineFrom = len(d.text)
		}
	case c < ' ' || c > '~': // and so was the beginning of this line
		d.noise += 1 + len(d.text) - d.lineFrom
		d.text = d.text[:d.lineFrom]
	default:
		d.text = append(d.text, c)
	}
	switch {
	case d.noise > maxNoise:
		return false, errNoise
	case len(d.text) > maxText:
		return false, errText
	}
	return false, nil
}
