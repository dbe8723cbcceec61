package elyctis

import (
	"encoding/binary"
	"fmt"

	"github.com/foyer-station/foyer/devices"
)

// Commands, each of which is also the first byte of its answer (Scanner Command Set 1.7).
const (
	cmdContinuous   = 'C' // one byte: 1 looks for documents, until one was read; 0 does not
	cmdInquire      = 'I' // answered, and told by itself while it looks: the lines of a document
	cmdInquireLine  = 'L' // the same of a document of one line
	cmdSerialNumber = 'R'
	cmdProduct      = 'T'
	cmdOCRVersion   = 'V'
	cmdNNAVersion   = 'W'
)

// Bounds of what a reader says.
const (
	headSize = 3 // command and length
	maxData  = 512
	maxNoise = 4096 // bytes between messages
)

var (
	errLength = fmt.Errorf("%w: a message longer than any document", devices.ErrProtocol)
	errNoise  = fmt.Errorf("%w: nothing but noise", devices.ErrProtocol)
)

// message is one message of a reader.
type message struct {
	command byte
	data    []byte
}

// encode makes a command; data has a few bytes.
func encode(command byte, data []byte) []byte {
	b := binary.BigEndian.AppendUint16([]byte{command}, uint16(len(data)))
	return append(b, data...)
}

// decoder finds messages in a row of bytes. The zero value is ready.
type decoder struct {
	bytes []byte
	noise int
}

func (d *decoder) add(b []byte) { d.bytes = append(d.bytes, b...) }

// waiting says that a message has begun and has not ended.
func (d *decoder) waiting() bool { return len(d.bytes) > 0 }

// next takes the first message of what was added, if it is complete. Bytes that begin no message are passed over. After errLength the
// rest can be looked at for the next message; after errNoise the decoder is as new.
func (d *decoder) next() (m message, complete bool, err error) {
	for len(d.bytes) > 0 && !begins(d.bytes[0]) {
		d.bytes = d.bytes[1:]
		if d.noise++; d.noise > maxNoise {
			*d = decoder{}
			return message{}, false, errNoise
		}
	}
	if len(d.bytes) < headSize {
		return message{}, false, nil
	}
	n := int(binary.BigEndian.Uint16(d.bytes[1:]))
	if n > maxData {
		d.bytes = d.bytes[1:]
		d.noise++
		return message{}, false, errLength
	}
	if len(d.bytes) < headSize+n {
		return message{}, false, nil
	}
	m = message{command: d.bytes[0], data: append([]byte(nil), d.bytes[headSize:headSize+n]...)}
	d.bytes, d.noise = d.bytes[headSize+n:], 0
	return m, true, nil
}

func begins(b byte) bool {
	switch b {
	case cmdContinuous, cmdInquire, cmdInquireLine, cmdSerialNumber, cmdProduct, cmdOCRVersion, cmdNNAVersion:
		return true
	}
	return false
}
