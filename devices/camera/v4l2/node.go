package v4l2

import (
	"errors"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// node is a file descriptor of a device.
type node int

// Ioctl implements [File].
func (n node) Ioctl(request uint32, argument []byte) error {
	for {
		_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(n), uintptr(request), uintptr(unsafe.Pointer(unsafe.SliceData(argument))))
		runtime.KeepAlive(argument)
		switch {
		case errno == 0:
			return nil
		case !errors.Is(errno, unix.EINTR):
			return errno
		}
	}
}

// Close implements [File].
func (n node) Close() error { return unix.Close(int(n)) }
