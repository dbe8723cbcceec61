package escpos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/foyer-station/foyer/devices"
)

// openLine opens a printer's device node for this process alone. Non-blocking, so that deadlines work on it.
func openLine(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, openError(err)
	}
	conn, err := file.SyscallConn()
	if err == nil {
		var set error
		err = errors.Join(conn.Control(func(fd uintptr) { set = configure(int(fd)) }), set)
	}
	if err != nil {
		file.Close()
		return nil, openError(err)
	}
	return file, nil
}

// configure locks the node against other processes of ours and, if it is a terminal, makes it transparent.
func configure(fd int) error {
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return err
	}
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return nil // no terminal: /dev/usb/lp0 is transparent as it is
	}
	t.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON | unix.IXOFF
	t.Oflag &^= unix.OPOST
	t.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	t.Cflag &^= unix.CSIZE | unix.PARENB
	t.Cflag |= unix.CS8
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	return unix.IoctlSetTermios(fd, unix.TCSETS, t)
}

func openError(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ENXIO), errors.Is(err, unix.ENODEV), errors.Is(err, unix.EIO):
		return fmt.Errorf("%w: %w", devices.ErrNoDevice, err)
	case errors.Is(err, unix.EBUSY), errors.Is(err, unix.EWOULDBLOCK):
		return fmt.Errorf("%w: %w", devices.ErrBusy, err)
	}
	return err
}

// within calls io, which ends after the timeout or when ctx does.
func (p *Printer) within(ctx context.Context, timeout time.Duration, io func() error) error {
	if err := p.file.SetDeadline(time.Now().Add(timeout)); err != nil {
		return p.translate(ctx, err)
	}
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(interrupted)
		p.file.SetDeadline(time.Unix(1, 0))
	})
	err := io()
	if !stop() {
		<-interrupted // or it would shorten the next call's deadline
	}
	return p.translate(ctx, err)
}

func (p *Printer) translate(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case p.closed.Load(): // os.File says so in more than one way
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

func (p *Printer) write(ctx context.Context, data []byte, timeout time.Duration) error {
	return p.within(ctx, timeout, func() error {
		_, err := p.file.Write(data)
		return err
	})
}

func (p *Printer) readByte(ctx context.Context, timeout time.Duration) (byte, error) {
	var b [1]byte
	err := p.within(ctx, timeout, func() error {
		_, err := io.ReadFull(p.file, b[:])
		return err
	})
	return b[0], err
}

// drain throws away what has already arrived, and gives up on a printer that never stops talking.
func (p *Printer) drain() error {
	ctx := context.Background()
	if err := p.file.SetDeadline(time.Time{}); err != nil {
		return p.translate(ctx, err)
	}
	conn, err := p.file.SyscallConn()
	if err != nil {
		return p.translate(ctx, err)
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
			return p.translate(ctx, err)
		case errors.Is(read, syscall.EAGAIN), errors.Is(read, syscall.EINTR):
			return nil
		case read != nil:
			return p.translate(ctx, read)
		case n == 0:
			return p.translate(ctx, io.EOF)
		}
	}
	return fmt.Errorf("%w: it talks without end", devices.ErrProtocol)
}
