package lampboard

import (
	"context"
	"errors"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/serial"
)

const (
	baud = 115200
	// answerTime is what a board may take to answer a command, and tries how often it is sent.
	answerTime = 250 * time.Millisecond
	tries      = 3
	// listenTime is how long the line is listened to before a command has its turn.
	listenTime = 20 * time.Millisecond
	// mostNoise bounds what may come before an answer.
	mostNoise = 4096
)

// The first byte of a frame: what it is.
const (
	kindGet     = 'g'
	kindSet     = 's'
	kindAnswer  = 'a'
	kindRefused = 'n'
	kindInput   = 'i'
)

// wire is a board on a serial line. One command is under way at a time.
type wire struct {
	line *serial.Line
	node string
	turn chan struct{} // holds one token

	// Whose turn it is has these.
	decoder decoder
	unread  []byte // what came behind the last frame
	tag     byte   // of the last command
	news    bool   // the board told of itself, and nobody has asked since
}

// OpenSerial opens the board on a serial line. Errors: ErrNoDevice, ErrBusy, ErrTimeout (nothing there answers), ErrProtocol (something
// else does), or the system's (no permission).
func OpenSerial(ctx context.Context, path string) (*Board, error) {
	if err := ctx.Err(); err != nil {
		return nil, failure("open", err)
	}
	if path == "" {
		return nil, failure("open", devices.ErrNotConfigured)
	}
	line, err := serial.Open(path, baud)
	if err != nil {
		return nil, failure("open", err)
	}
	w := &wire{line: line, node: path, turn: make(chan struct{}, 1)}
	w.turn <- struct{}{}
	return begin(ctx, w)
}

// take waits for the turn.
func (w *wire) take(ctx context.Context) error {
	select {
	case <-w.turn:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *wire) give() { w.turn <- struct{}{} }

func (w *wire) get(ctx context.Context, id byte) ([]byte, error) {
	return w.command(ctx, kindGet, id, nil)
}

func (w *wire) set(ctx context.Context, id byte, content []byte) error {
	_, err := w.command(ctx, kindSet, id, content)
	return err
}

// command sends a command until it is answered: a frame that was damaged is not. All commands may be repeated.
func (w *wire) command(ctx context.Context, kind, id byte, content []byte) ([]byte, error) {
	if err := w.take(ctx); err != nil {
		return nil, err
	}
	defer w.give()
	w.tag++
	frame := appendFrame(nil, append([]byte{kind, w.tag, id}, content...))
	for try := 1; ; try++ {
		if err := w.line.Write(ctx, frame, answerTime); err != nil {
			return nil, err
		}
		answer, err := w.answer(ctx, id)
		if err == nil || try == tries || !errors.Is(err, devices.ErrTimeout) || ctx.Err() != nil {
			return answer, err
		}
	}
}

// answer waits for the answer to the last command. What else comes is kept, or is an answer that came too late.
func (w *wire) answer(ctx context.Context, id byte) ([]byte, error) {
	for deadline := time.Now().Add(answerTime); ; {
		f, err := w.frame(ctx, time.Until(deadline))
		switch {
		case err != nil:
			return nil, err
		case len(f) >= 3 && f[1] == w.tag && f[2] == id && f[0] == kindAnswer:
			return f[3:], nil
		case len(f) >= 3 && f[1] == w.tag && f[2] == id && f[0] == kindRefused:
			return nil, errRefused
		}
	}
}

// frame reads the next frame. That the board tells of itself is remembered as well.
func (w *wire) frame(ctx context.Context, limit time.Duration) ([]byte, error) {
	buffer := make([]byte, 128)
	deadline := time.Now().Add(limit)
	for noise := 0; noise <= mostNoise; {
		for len(w.unread) > 0 {
			b := w.unread[0]
			w.unread = w.unread[1:]
			noise++
			if f := w.decoder.next(b); f != nil {
				w.news = w.news || f[0] == kindInput
				return f, nil
			}
		}
		left := time.Until(deadline)
		if left <= 0 {
			return nil, devices.ErrTimeout
		}
		n, err := w.line.Read(ctx, buffer, left)
		if err != nil {
			return nil, err
		}
		w.unread = buffer[:n:n]
	}
	return nil, protocol("nothing but noise")
}

// told listens in short turns, so that a command waits for no more than one.
func (w *wire) told(ctx context.Context, limit time.Duration) (bool, error) {
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); {
		if news, err := w.listen(ctx); news || err != nil {
			return news, err
		}
	}
	return false, nil
}

func (w *wire) listen(ctx context.Context) (news bool, err error) {
	if err := w.take(ctx); err != nil {
		return false, err
	}
	defer w.give()
	if !w.news {
		if _, err := w.frame(ctx, listenTime); err != nil && (!errors.Is(err, devices.ErrTimeout) || ctx.Err() != nil) {
			return false, err
		}
	}
	news, w.news = w.news, false
	return news, nil
}

func (w *wire) path() string { return w.node }
func (w *wire) close() error { return w.line.Close() }
