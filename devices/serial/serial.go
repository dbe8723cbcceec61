// Package serial is a line of bytes to a device: a terminal (USB CDC-ACM, RS-232, a pseudo terminal) or a node that is as
// transparent as one (/dev/usb/lp0). It is what Foyer's drivers for such devices share.
//
// It adds to a file what the contract of package devices asks for: the line belongs to one process, a read or write ends soon after
// its context does, Close ends a call that waits, and errors are those of package devices.
package serial

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/foyer-station/foyer/devices"
)

// Line is an open line. One read and one write at a time; they may come from different goroutines, and Close from any.
type Line struct {
	file   *os.File
	closed atomic.Bool
}

// Open opens a device node for this process alone. A terminal is made raw: 8 bits, no parity, no flow control, nothing
// translated; its speed is baud in bits a second, any that its driver can do, or what it was where baud is 0. The error is
// devices.ErrNoDevice when there is nothing, ErrBusy when another process has it, or the system's (no permission).
func Open(path string, baud int) (*Line, error) {
	// Non-blocking, so that deadlines work on it.
	file, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, devices.HeldAt(path, openError(err))
	}
	conn, err := file.SyscallConn()
	if err == nil {
		var set error
		err = errors.Join(conn.Control(func(fd uintptr) { set = configure(int(fd), baud) }), set)
	}
	if err != nil {
		file.Close()
		return nil, devices.HeldAt(path, openError(err))
	}
	return &Line{file: file}, nil
}

// configure locks the node against other processes of ours and, if it is a terminal, makes it transparent.
func configure(fd, baud int) error {
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return err
	}
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS2)
	if err != nil {
		return nil // no terminal: /dev/usb/lp0 is transparent as it is
	}
	t.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON | unix.IXOFF
	t.Oflag &^= unix.OPOST
	t.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	t.Cflag &^= unix.CSIZE | unix.PARENB | unix.CRTSCTS
	t.Cflag |= unix.CS8 | unix.CREAD | unix.CLOCAL
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	if baud != 0 {
		// Output and input speed as numbers, since not all that devices want has a constant: 128,000.
		t.Cflag &^= unix.CBAUD | unix.CBAUD<<inputShift
		t.Cflag |= unix.BOTHER | unix.BOTHER<<inputShift
		t.Ospeed, t.Ispeed = uint32(baud), uint32(baud)
	}
	return unix.IoctlSetTermios(fd, unix.TCSETS2, t)
}

// inputShift is where the bits of the input speed are, above those of the output speed (asm-generic/termbits.h, IBSHIFT).
const inputShift = 16

func openError(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ENXIO), errors.Is(err, unix.ENODEV), errors.Is(err, unix.EIO):
		return fmt.Errorf("%w: %w", devices.ErrNoDevice, err)
	case errors.Is(err, unix.EBUSY), errors.Is(err, unix.EWOULDBLOCK):
		return fmt.Errorf("%w: %w", devices.ErrBusy, err)
	}
	return err
}

// Write sends all of data. Errors: ErrTimeout after the timeout, or when ctx's deadline was the sooner; ErrUnplugged, ErrClosed, and
// ctx's when it was cancelled.
func (l *Line) Write(ctx context.Context, data []byte, timeout time.Duration) error {
	return l.within(ctx, timeout, l.file.SetWriteDeadline, func() error {
		_, err := l.file.Write(data)
		return err
	})
}

// Read waits for bytes and gives as many as are there, up to a buffer full, and at least one. Errors as of [Line.Write].
func (l *Line) Read(ctx context.Context, buffer []byte, timeout time.Duration) (n int, err error) {
	err = l.within(ctx, timeout, l.file.SetReadDeadline, func() error {
		n, err = l.file.Read(buffer)
		if n == 0 && err == nil && len(buffer) > 0 {
			err = io.EOF
		}
		return err
	})
	return n, err
}

// ReadFull waits until buffer is full. Errors as of [Line.Write]; what came before one is lost.
func (l *Line) ReadFull(ctx context.Context, buffer []byte, timeout time.Duration) error {
	return l.within(ctx, timeout, l.file.SetReadDeadline, func() error {
		_, err := io.ReadFull(l.file, buffer)
		return err
	})
}

// within calls io, which ends by the deadline that until sets: after the timeout, or when ctx does.
func (l *Line) within(ctx context.Context, timeout time.Duration, until func(time.Time) error, io func() error) error {
	if err := until(time.Now().Add(timeout)); err != nil {
		return l.translate(ctx, err)
	}
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(interrupted)
		until(time.Unix(1, 0))
	})
	err := io()
	if !stop() {
		<-interrupted // or it would shorten the next call's deadline
	}
	return l.translate(ctx, err)
}

func (l *Line) translate(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case l.closed.Load(): // os.File says so in more than one way
		return devices.ErrClosed
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("%w: %w", devices.ErrTimeout, ctx.Err())
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return devices.ErrTimeout
	case errors.Is(err, io.EOF), errors.Is(err, unix.EIO), errors.Is(err, unix.ENODEV), errors.Is(err, unix.ENXIO), errors.Is(err, unix.EPIPE):
		return fmt.Errorf("%w: %w", devices.ErrUnplugged, err)
	}
	return err
}

// Drain throws away what has already arrived, without waiting. A device that never stops talking is ErrProtocol.
func (l *Line) Drain() error {
	ctx := context.Background()
	if err := l.file.SetReadDeadline(time.Time{}); err != nil {
		return l.translate(ctx, err)
	}
	conn, err := l.file.SyscallConn()
	if err != nil {
		return l.translate(ctx, err)
	}
	const most = 64 // reads
	for range most {
		var scrap [256]byte
		var n int
		var read error
		err := conn.Read(func(fd uintptr) bool {
			n, read = unix.Read(int(fd), scrap[:])
			return true // whatever came: do not wait
		})
		switch {
		case err != nil:
			return l.translate(ctx, err)
		case errors.Is(read, syscall.EAGAIN), errors.Is(read, syscall.EINTR):
			return nil
		case read != nil:
			return l.translate(ctx, read)
		case n == 0:
			return l.translate(ctx, io.EOF)
		}
	}
	return errEndless
}

// Quiet throws away what has arrived and what still comes, until nothing has come for a moment. A device that never stops talking is
// ErrProtocol. Errors else as of [Line.Write].
func (l *Line) Quiet(ctx context.Context) error {
	const moment, most = 20 * time.Millisecond, 64 // reads
	for range most {
		var scrap [4096]byte
		_, err := l.Read(ctx, scrap[:], moment)
		if errors.Is(err, devices.ErrTimeout) && ctx.Err() == nil {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return errEndless
}

// errEndless is of a device that never has said enough.
var errEndless = fmt.Errorf("%w: it talks without end", devices.ErrProtocol)

// Control calls do with the node's file descriptor, for what a driver must ask the kernel. Errors as of [Line.Write], where do's are the
// kernel's.
func (l *Line) Control(do func(fd uintptr) error) error {
	conn, err := l.file.SyscallConn()
	if err == nil {
		var done error
		if err = conn.Control(func(fd uintptr) { done = do(fd) }); err == nil {
			err = done
		}
	}
	if errors.Is(err, unix.EBUSY) {
		return devices.HeldAt(l.file.Name(), fmt.Errorf("%w: %w", devices.ErrBusy, err))
	}
	return l.translate(context.Background(), err)
}

// Discard takes back what was written and not yet sent, as far as the line is a terminal, which alone keeps some.
func (l *Line) Discard() error {
	conn, err := l.file.SyscallConn()
	if err != nil {
		return l.translate(context.Background(), err)
	}
	var flush error
	err = conn.Control(func(fd uintptr) { flush = unix.IoctlSetInt(int(fd), unix.TCFLSH, unix.TCOFLUSH) })
	if errors.Is(flush, unix.ENOTTY) || errors.Is(flush, unix.EINVAL) {
		flush = nil
	}
	return l.translate(context.Background(), errors.Join(err, flush))
}

// Close ends a call that waits, and gives the node back. It may be called twice.
func (l *Line) Close() error {
	l.closed.Store(true)
	if err := l.file.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}
