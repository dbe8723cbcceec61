// Package tty is a serial line without hardware: a pseudo terminal, one end of which a station's driver opens by its path while a
// model holds the other. What goes through it is bytes; speeds are kept and mean nothing.
package tty

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// Line is a serial line that is plugged in, seen from the device. It is safe for concurrent use.
type Line struct {
	*os.File          // the device's end: reads end, and fail, once the line is closed; writes take deadlines
	station  *os.File // the driver's end, so that the line outlives one driver
	folder   string   // has the line by a name of its own: the kernel gives a terminal's to the next one that comes
	faults   faults
	closed   atomic.Bool
}

// New plugs a line in.
func New() (*Line, error) {
	device, station, err := pty.Open()
	if err != nil {
		return nil, fmt.Errorf("plug a serial line in: %w", err)
	}
	device, err = pollable(device)
	if err != nil {
		station.Close()
		return nil, fmt.Errorf("plug a serial line in: %w", err)
	}
	folder, err := os.MkdirTemp("", "tty")
	if err == nil {
		err = os.Symlink(station.Name(), filepath.Join(folder, name))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("plug a serial line in: %w", err), device.Close(), station.Close(), os.RemoveAll(folder))
	}
	return &Line{File: device, station: station, folder: folder}, nil
}

// name is what a line is called in its folder.
const name = "line"

// pollable makes a terminal one whose reads end when it is closed, which pty.Open's do not.
func pollable(terminal *os.File) (*os.File, error) {
	defer terminal.Close()
	fd, err := unix.FcntlInt(terminal.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), terminal.Name()), nil
}

// Connect opens a line as a driver does, so that nothing is translated or echoed. Reads end when the file is closed.
func Connect(path string) (*os.File, error) {
	terminal, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
	if err == nil {
		terminal, err = pollable(terminal)
	}
	if err != nil {
		return nil, fmt.Errorf("connect to a serial line: %w", err)
	}
	if err := transparent(terminal); err != nil {
		terminal.Close()
		return nil, fmt.Errorf("connect to a serial line: %w", err)
	}
	return terminal, nil
}

// transparent makes a terminal one that translates and echoes nothing.
func transparent(terminal *os.File) error {
	conn, err := terminal.SyscallConn()
	if err != nil {
		return err
	}
	var set error
	err = conn.Control(func(fd uintptr) {
		var t *unix.Termios
		if t, set = unix.IoctlGetTermios(int(fd), unix.TCGETS); set == nil {
			t.Iflag, t.Lflag, t.Oflag = 0, 0, 0
			set = unix.IoctlSetTermios(int(fd), unix.TCSETS, t)
		}
	})
	return errors.Join(err, set)
}

// Path is the device node that a driver opens.
func (l *Line) Path() string { return filepath.Join(l.folder, name) }

// Close pulls the line out: drivers find the device gone. It may be called twice.
func (l *Line) Close() error {
	l.closed.Store(true)
	err := os.RemoveAll(l.folder)
	l.station.Close()
	l.File.Close()
	l.Break(Healthy)
	return err
}

func (l *Line) isClosed() bool { return l.closed.Load() }
