// Package idbox is an Elyctis ID BOX One document reader in Go on a pseudo terminal, as its command set says (Elyctis, Scanner Command
// Set 1.7): it looks for documents while it is told to, tells of one once, and then no more until it is told again. It shares no code
// with the driver.
package idbox

import (
	"context"
	"encoding/binary"
	"strings"
	"sync"

	"github.com/foyer-station/foyer/emulate/tty"
)

// USB numbers of the reader.
const (
	Vendor  = 0x2b78
	Product = 0x0005
)

// Reader is a reader that is plugged in. It is safe for concurrent use.
type Reader struct {
	line    *tty.Line
	serial  string
	served  chan struct{}
	command []byte // what has arrived of one; the serving goroutine's

	mu      sync.Mutex
	looking bool
	told    chan struct{} // closed and replaced when looking changes
}

// New plugs a reader in. Close pulls it out.
func New(serial string) (*Reader, error) {
	line, err := tty.New()
	if err != nil {
		return nil, err
	}
	r := &Reader{line: line, serial: serial, served: make(chan struct{}), told: make(chan struct{})}
	go r.serve()
	return r, nil
}

// Line is the reader's line: its path, and its faults.
func (r *Reader) Line() *tty.Line { return r.line }

// Close pulls the reader out. It may be called twice.
func (r *Reader) Close() error {
	r.line.Close()
	<-r.served
	return nil
}

// Ready waits until the reader looks for documents, or returns ctx's error.
func (r *Reader) Ready(ctx context.Context) error {
	for {
		r.mu.Lock()
		looking, told := r.looking, r.told
		r.mu.Unlock()
		if looking {
			return nil
		}
		select {
		case <-told:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// LayDown lays a document with these lines into the slot. It reports false, as a reader whose lamp is dark, when the host has not told
// the reader to look: then nothing is sent.
func (r *Reader) LayDown(lines ...string) bool {
	r.mu.Lock()
	was := r.looking
	r.look(false) // it tells of one, and no more
	r.mu.Unlock()
	if was {
		r.Tell(strings.Join(lines, "\r\n") + "\r\n\r\n")
	}
	return was
}

// Tell sends the text of a document, told to look or not.
func (r *Reader) Tell(text string) { r.line.Send(message('I', []byte(text))) }

// Send sends bytes as they are.
func (r *Reader) Send(b []byte) { r.line.Send(b) }

// look is called with mu held.
func (r *Reader) look(on bool) {
	r.looking = on
	close(r.told)
	r.told = make(chan struct{})
}

func (r *Reader) serve() {
	defer close(r.served)
	chunk := make([]byte, 256)
	for {
		n, err := r.line.Read(chunk)
		if err != nil {
			return
		}
		r.command = append(r.command, chunk[:n]...)
		for r.obey() {
		}
	}
}

// obey takes one command of what has arrived, and answers it. What is none is thrown away.
func (r *Reader) obey() bool {
	const head, longest = 3, 16
	if len(r.command) < head {
		return false
	}
	n := int(binary.BigEndian.Uint16(r.command[1:]))
	if n > longest {
		r.command = nil
		return false
	}
	if len(r.command) < head+n {
		return false
	}
	command, data := r.command[0], r.command[head:head+n]
	r.command = r.command[head+n:]
	switch {
	case command == 'C' && n == 1:
		r.mu.Lock() // nobody sees it answer and not obey
		r.line.Send(message(command, data))
		r.look(data[0] == 1)
		r.mu.Unlock()
	case command == 'I', command == 'L':
		r.line.Send(message(command, []byte("\r\r\r"))) // nothing lies there
	case command == 'R':
		r.line.Send(message(command, []byte(r.serial)))
	case command == 'T':
		r.line.Send(message(command, []byte("IDBOX-ONE")))
	case command == 'V':
		r.line.Send(message(command, []byte("2.51")))
	case command == 'W':
		r.line.Send(message(command, []byte("1.07")))
	}
	return true
}

func message(command byte, data []byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{command}, uint16(len(data))), data...)
}
