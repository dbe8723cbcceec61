package pcsc

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"
)

// Card is what can be laid on a reader. The daemon calls it from one goroutine at a time.
type Card interface {
	// ATR is the answer to reset, at most 33 bytes (PC/SC part 3, 3.1.3.2.3 for contactless cards).
	ATR() []byte
	// Reset tells that the field was switched off or on, or that the reader reset the card.
	Reset()
	// Transmit answers one command APDU with a response APDU of at most 65,535 bytes. Nil means that the card left the
	// field instead. ctx ends when the card is removed; a card that wants to be silent waits for that.
	Transmit(ctx context.Context, command []byte) []byte
}

// Inserted is a card on a reader.
type Inserted struct {
	daemon  *Daemon
	card    Card
	conn    *net.TCPConn
	ctx     context.Context // ends when the card is removed
	cancel  context.CancelFunc
	powered chan struct{} // closed when pcscd has switched the card on, as it does with one that it notices
	gone    chan struct{} // closed when nobody serves the card any more
}

// Insert lays a card on slot 0; see [Daemon.InsertAt].
func (d *Daemon) Insert(ctx context.Context, card Card) (*Inserted, error) {
	return d.InsertAt(ctx, 0, card)
}

// InsertAt lays a card on a slot, 0 or 1, and returns when pcscd has noticed it. A card that lay there before must have
// been removed; pcscd is given the time to notice that first. It polls, so either takes up to 0.4 s.
func (d *Daemon) InsertAt(ctx context.Context, slot int, card Card) (*Inserted, error) {
	i, err := d.insertAt(ctx, slot, card)
	if err != nil {
		return nil, fmt.Errorf("insert card: %w", err)
	}
	return i, nil
}

func (d *Daemon) insertAt(ctx context.Context, slot int, card Card) (*Inserted, error) {
	d.mu.Lock()
	port, process := d.port, d.process
	d.mu.Unlock()
	if process == nil || port == 0 || slot < 0 || slot >= slots {
		return nil, fmt.Errorf("no slot %d", slot)
	}
	name := d.slotName(slot)
	if err := process.awaitEmpty(ctx, name); err != nil {
		return nil, err
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp4", fmt.Sprintf("127.0.0.1:%d", port+slot))
	if err != nil {
		return nil, err
	}
	i := &Inserted{daemon: d, card: card, conn: conn.(*net.TCPConn), powered: make(chan struct{}), gone: make(chan struct{})}
	i.ctx, i.cancel = context.WithCancel(context.WithoutCancel(ctx))
	d.mu.Lock()
	d.cards[i] = struct{}{}
	d.mu.Unlock()
	go i.serve()
	select {
	case <-i.powered:
		process.note(name, true) // its log names the slot only when the card came after the daemon's start
		return i, nil
	case <-i.gone:
		err = errors.New("refused")
	case <-ctx.Done():
		err = ctx.Err()
	}
	i.Remove()
	return nil, err
}

// Remove takes the card off the reader, in the middle of a command if need be. It may be called twice, and after the
// card has left by itself.
func (i *Inserted) Remove() {
	i.cancel()
	i.conn.Close()
	<-i.gone
	i.daemon.mu.Lock()
	delete(i.daemon.cards, i)
	i.daemon.mu.Unlock()
}

// AwaitEmpty returns when the service has noticed that no card lies in a slot, 0 or 1, any more. It polls, which takes up to 0.4 s.
func (d *Daemon) AwaitEmpty(ctx context.Context, slot int) error {
	d.mu.Lock()
	process := d.process
	d.mu.Unlock()
	if process == nil {
		return nil
	}
	return process.awaitEmpty(ctx, d.slotName(slot))
}

// slotName is what the service calls a slot.
func (d *Daemon) slotName(slot int) string { return fmt.Sprintf("%s 00 %02d", d.reader, slot) }

// Gone is closed when the card has left the reader.
func (i *Inserted) Gone() <-chan struct{} { return i.gone }

// Control bytes of the vpcd protocol; only controlATR wants an answer.
const (
	controlOff   = 0
	controlOn    = 1
	controlReset = 2
	controlATR   = 4
)

// serve speaks vpcd's protocol until the connection or the card ends: frames of a 16-bit big-endian length and a body,
// which is a control byte if it is one byte long and a command APDU otherwise.
func (i *Inserted) serve() {
	defer close(i.gone)
	defer i.cancel()
	defer i.conn.Close()
	powered := sync.OnceFunc(func() { close(i.powered) })
	for {
		frame, err := i.receive()
		if err != nil {
			return
		}
		var answer []byte
		switch {
		case len(frame) != 1:
			if answer = i.card.Transmit(i.ctx, frame); answer == nil {
				return
			}
		case frame[0] == controlATR:
			answer = i.card.ATR()
		case frame[0] == controlOff, frame[0] == controlOn, frame[0] == controlReset:
			i.card.Reset()
			if frame[0] == controlOn {
				powered()
			}
			continue
		default:
			continue
		}
		if err := i.send(answer); err != nil {
			return
		}
	}
}

func (i *Inserted) receive() ([]byte, error) {
	var length [2]byte
	if err := i.readFull(length[:]); err != nil {
		return nil, err
	}
	frame := make([]byte, binary.BigEndian.Uint16(length[:]))
	return frame, i.readFull(frame)
}

// readFull acknowledges at once: vpcd 3.3 writes length and body in two sends without TCP_NODELAY, so that a delayed
// acknowledgement costs 44 ms a command. The kernel forgets TCP_QUICKACK, hence before every read.
func (i *Inserted) readFull(p []byte) error {
	raw, err := i.conn.SyscallConn()
	if err != nil {
		return err
	}
	var set error
	err = raw.Control(func(fd uintptr) {
		set = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
	})
	if err := errors.Join(err, set); err != nil {
		return err
	}
	_, err = io.ReadFull(i.conn, p)
	return err
}

func (i *Inserted) send(body []byte) error {
	if len(body) > 0xFFFF {
		return fmt.Errorf("answer of %d bytes does not fit a vpcd frame", len(body))
	}
	_, err := i.conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(body))), body...))
	return err
}
