// Package lines is a document reader in Go on a pseudo terminal that sends lines of text and takes no commands, or only a trigger: the
// plain mode of many readers. It shares no code with the driver.
package lines

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"time"

	"github.com/foyer-station/foyer/emulate/tty"
)

// Reader is a reader that is plugged in. It is safe for concurrent use.
type Reader struct {
	line   *tty.Line
	gated  bool
	served chan struct{}

	mu        sync.Mutex
	triggered bool
	changed   chan struct{} // closed and replaced when triggered changes
}

// New plugs a reader in. If it is gated it reads only while Newland's trigger is on, and answers commands.
func New(gated bool) (*Reader, error) {
	line, err := tty.New()
	if err != nil {
		return nil, err
	}
	r := &Reader{line: line, gated: gated, served: make(chan struct{}), changed: make(chan struct{})}
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

// settleTime is how long a driver has to throw away what came before; nobody can see when it has.
const settleTime = 200 * time.Millisecond

// Ready waits until a gated reader is triggered, and a driver of any other has had time to listen; or returns ctx's error.
func (r *Reader) Ready(ctx context.Context) error {
	if !r.gated {
		select {
		case <-time.After(settleTime):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for {
		r.mu.Lock()
		triggered, changed := r.triggered, r.changed
		r.mu.Unlock()
		if triggered {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Show holds a document with these lines before the reader. It reports false, as a reader that stays dark, when it is gated and not
// triggered.
func (r *Reader) Show(lines ...string) bool {
	r.mu.Lock()
	dark := r.gated && !r.triggered
	r.mu.Unlock()
	if !dark {
		r.line.Send([]byte(strings.Join(lines, "\r\n") + "\r\n"))
	}
	return !dark
}

// Send sends bytes as they are.
func (r *Reader) Send(b []byte) { r.line.Send(b) }

// serve takes commands of a gated reader, and throws away what anybody says to another.
func (r *Reader) serve() {
	defer close(r.served)
	var said []byte
	chunk := make([]byte, 256)
	for {
		n, err := r.line.Read(chunk)
		if err != nil {
			return
		}
		if !r.gated {
			continue
		}
		said = append(said, chunk[:n]...)
		for {
			end := bytes.IndexByte(said, 0x03)
			if end < 0 {
				break
			}
			r.obey(string(said[:end+1]))
			said = said[end+1:]
		}
	}
}

func (r *Reader) obey(command string) {
	name, known := strings.CutPrefix(command, "~\x010000#")
	name, ended := strings.CutSuffix(name, ";\x03")
	if !known || !ended || name != "SCNTRG0" && name != "SCNTRG1" {
		return
	}
	r.mu.Lock() // nobody sees it answer and not obey
	defer r.mu.Unlock()
	r.line.Send([]byte("\x02\x010000#" + name + "\x06;\x03"))
	r.triggered = name == "SCNTRG1"
	close(r.changed)
	r.changed = make(chan struct{})
}
