// Package elyctis drives Elyctis ID BOX One document readers, which read the machine-readable zone of a document in a slot, over their
// serial line (USB CDC-ACM).
//
// A message is a command, a length, and so many bytes, in both directions (Elyctis, Scanner Command Set 1.7, and the browser demo that
// Elyctis published). While [Reader.ReadMRZ] waits the reader looks for documents by itself; it tells of one once, and is then told to
// look again. Between visitors it looks for none.
package elyctis

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/serial"
	"github.com/foyer-station/foyer/devices/sysfs"
	"github.com/foyer-station/foyer/devices/usb"
	"github.com/foyer-station/foyer/devices/zone"
)

// IDs are the readers that this package drives. One in keyboard mode has a serial line too.
func IDs() []usb.ID {
	return []usb.ID{
		{Vendor: 0x2b78, Product: 0x0005, Model: "Elyctis ID BOX One"},
		{Vendor: 0x2b78, Product: 0x0010, Model: "Elyctis ID BOX One (keyboard mode)"},
	}
}

// Config says where the reader is. The zero value looks for one on the USB bus.
type Config struct {
	Path  string     // of its serial line, "/dev/ttyACM0"; empty is the first that is free
	Linux sysfs.Tree // where lines are looked for
}

// baud is what Elyctis's own program sets; a line over USB has no speed of its own.
const baud = 9600

// Times of a reader.
const (
	answerTime  = time.Second            // to answer a command
	messageTime = 2 * time.Second        // its longest pause within a message
	blankTime   = 200 * time.Millisecond // until it is told to look again where it could read nothing
	forever     = 24 * time.Hour         // until ctx ends
)

// Reader is an open reader. It belongs to one caller at a time, except Health and Close.
type Reader struct {
	turn devices.Turn
	line *serial.Line
	info devices.Info
	rest decoder // of what has arrived
}

var _ devices.MRZReader = (*Reader)(nil)

// Open opens the configured reader, or the first one on the USB bus that nobody else holds. Errors: ErrNoDevice, ErrBusy, ErrTimeout,
// ErrProtocol, ErrUnplugged, or the system's (no permission).
func Open(ctx context.Context, c Config) (*Reader, error) {
	r, err := open(c)
	if err != nil {
		return nil, failure("open", err)
	}
	if err := r.introduce(ctx); err != nil {
		r.line.Close()
		return nil, failure("open", err)
	}
	return r, nil
}

func open(c Config) (*Reader, error) {
	r := &Reader{info: devices.Info{Kind: devices.KindMRZReader, Model: IDs()[0].Model}}
	var err error
	if c.Path != "" {
		r.info.Path = "serial " + c.Path
		r.line, err = serial.Open(c.Path, baud)
		return r, err
	}
	var port serial.Port
	r.line, port, err = serial.OpenUSB(c.Linux, baud, func(p serial.Port) bool { return modelOf(p) != "" })
	r.info.Model, r.info.Serial, r.info.Path = modelOf(port), port.Serial, port.Place
	return r, err
}

func modelOf(p serial.Port) string {
	for _, id := range IDs() {
		if p.Vendor == id.Vendor && p.Product == id.Product {
			return id.Model
		}
	}
	return ""
}

// introduce has the reader look for nothing, and asks who it is. What it does not say stays empty.
func (r *Reader) introduce(ctx context.Context) error {
	if err := r.look(ctx, false); err != nil {
		return err
	}
	ocr, err := r.ask(ctx, cmdOCRVersion)
	if err != nil {
		return err
	}
	recognition, err := r.ask(ctx, cmdNNAVersion)
	if err != nil {
		return err
	}
	number, err := r.ask(ctx, cmdSerialNumber)
	if err != nil {
		return err
	}
	r.info.Firmware = printable(ocr)
	if v := printable(recognition); v != "" {
		r.info.Firmware += ", NNA " + v
	}
	if n := printable(number); n != "" {
		r.info.Serial = n
	}
	return nil
}

// printable keeps what a technician can read of a text that a device gives.
func printable(text []byte) string {
	const longest = 64
	kept := bytes.Map(func(b rune) rune {
		if b < ' ' || b > '~' {
			return -1
		}
		return b
	}, text)
	return string(bytes.TrimSpace(kept[:min(len(kept), longest)]))
}

// look tells the reader whether to look for documents. It answers with the same.
func (r *Reader) look(ctx context.Context, on bool) error {
	state := byte(0)
	if on {
		state = 1
	}
	_, err := r.ask(ctx, cmdContinuous, state)
	return err
}

// ask sends a command and waits for its answer, which repeats what was sent, if anything. Other messages that come before it are
// of documents that nobody waits for any more, or answers to what was asked before.
func (r *Reader) ask(ctx context.Context, command byte, data ...byte) ([]byte, error) {
	if err := r.line.Write(ctx, encode(command, data), answerTime); err != nil {
		return nil, err
	}
	deadline := time.Now().Add(answerTime)
	for time.Now().Before(deadline) {
		m, err := r.next(ctx, time.Until(deadline))
		if errors.Is(err, errLength) { // the end of a document that nobody waits for any more
			continue
		}
		if err != nil {
			return nil, err
		}
		if m.command == command && (len(data) == 0 || bytes.Equal(m.data, data)) {
			return m.data, nil
		}
	}
	return nil, devices.ErrTimeout
}

// next waits for a message: patience until it begins, and not long within it.
func (r *Reader) next(ctx context.Context, patience time.Duration) (message, error) {
	for {
		m, complete, err := r.rest.next()
		if err != nil || complete {
			return m, err
		}
		wait := patience
		if r.rest.waiting() {
			wait = messageTime
		}
		var chunk [256]byte
		n, err := r.line.Read(ctx, chunk[:], wait)
		if err != nil {
			r.rest = decoder{}
			return message{}, err
		}
		r.rest.add(chunk[:n])
	}
}

// Info implements [devices.Device].
func (r *Reader) Info() devices.Info { return r.info }

// Health implements [devices.Device]: it asks a reader that nobody uses for its version, which it answers at once.
func (r *Reader) Health(ctx context.Context) devices.Health {
	return r.turn.Look(ctx, func() devices.Health {
		err := r.forget(ctx)
		if err == nil {
			_, err = r.ask(ctx, cmdOCRVersion)
		}
		return devices.HealthOfProbe(err)
	})
}

// forget throws away what was said before anybody asked.
func (r *Reader) forget(ctx context.Context) error {
	r.rest = decoder{}
	return r.line.Quiet(ctx)
}

// Close implements [devices.Device].
func (r *Reader) Close() error {
	if err := r.line.Close(); err != nil {
		return failure("close", err)
	}
	return nil
}

// ReadMRZ implements [devices.MRZReader]. Nonsense before a document is passed over, and so is one that the reader could make nothing
// of: it looks again. A message that breaks off is ErrTimeout, one that cannot be ErrProtocol, and a zone of other lines than a
// document's ErrUnreadable.
func (r *Reader) ReadMRZ(ctx context.Context) ([]string, error) {
	defer r.turn.Use()()
	lines, err := r.read(ctx)
	if off := r.stop(ctx); err == nil {
		err = off
	}
	if err != nil {
		return nil, failure("read mrz", err)
	}
	return lines, nil
}

func (r *Reader) read(ctx context.Context) ([]string, error) {
	if err := r.forget(ctx); err != nil {
		return nil, err
	}
	for {
		// Off and on again: a document that lies there already is read as well (Scanner Command Set, Active Continuous Reading).
		if err := r.look(ctx, false); err != nil {
			return nil, err
		}
		if err := r.look(ctx, true); err != nil {
			return nil, err
		}
		text, err := r.document(ctx)
		if err != nil {
			return nil, err
		}
		if len(bytes.Trim(text, "\r\n")) > 0 {
			return zone.Split(text)
		}
		select {
		case <-time.After(blankTime):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// document waits for the reader to tell of one; blank text is of one that it could make nothing of.
func (r *Reader) document(ctx context.Context) ([]byte, error) {
	for {
		m, err := r.next(ctx, forever)
		if err != nil {
			return nil, err
		}
		if m.command == cmdInquire || m.command == cmdInquireLine {
			return m.data, nil
		}
	}
}

// stop ends looking, also where the caller has given up.
func (r *Reader) stop(ctx context.Context) error {
	r.rest = decoder{}
	return r.look(context.WithoutCancel(ctx), false)
}

func failure(op string, err error) error {
	// A caller's deadline is no fault of the reader's, which a serial line cannot know.
	if errors.Is(err, context.DeadlineExceeded) {
		err = context.DeadlineExceeded
	}
	return &devices.Error{Kind: devices.KindMRZReader, Op: op, Err: err}
}
