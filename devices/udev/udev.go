// Package udev tells that hardware came or went: udev's own events, as libudev gives them.
//
// An event is a reason to look, and nothing more: it says in which subsystem something changed, and whoever has a place to
// fill then looks for itself. So nothing depends on what an event says, on events coming in order, or on one being heard
// at all. They do get lost: a program that is slow to read finds the socket's buffer overrun (ENOBUFS), udevd may not be
// running, a serial line or a network printer announces nothing, and a device that hangs says nothing when it comes to
// itself. Looking every now and then therefore stays behind the events; they only make it quick.
//
// libudev is the C library, for two reasons. It hears udevd rather than the kernel: a device is announced when the rules
// have given it to the station's group, not a moment before. And emulations (libumockdev's preload) stand below the C
// library, where a netlink socket opened by Go would miss them. What is wanted of it are seven functions that have not
// changed since 2012; the Go bindings there are keep a thread waiting, and never end if nobody takes their events.
package udev

/*
#cgo LDFLAGS: -l:libudev.so.1

// From libudev.h (LIBUDEV_183), as libusb brings the library along, but not its header.
#include <stdlib.h>
struct udev;
struct udev_monitor;
struct udev_device;
struct udev *udev_new(void);
struct udev *udev_unref(struct udev *);
struct udev_monitor *udev_monitor_new_from_netlink(struct udev *, const char *name);
struct udev_monitor *udev_monitor_unref(struct udev_monitor *);
int udev_monitor_filter_add_match_subsystem_devtype(struct udev_monitor *, const char *subsystem, const char *devtype);
int udev_monitor_enable_receiving(struct udev_monitor *);
int udev_monitor_get_fd(struct udev_monitor *);
struct udev_device *udev_monitor_receive_device(struct udev_monitor *);
struct udev_device *udev_device_unref(struct udev_device *);
const char *udev_device_get_subsystem(struct udev_device *);

static struct udev_monitor *listen_to_udevd(struct udev *u) { return udev_monitor_new_from_netlink(u, "udev"); }
*/
import "C"

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Subsystems in which a station's devices come and go (Linux, /sys/class and /sys/bus).
const (
	USB      = "usb" // whole devices: a program that opens one takes drivers off its interfaces, and would hear itself
	TTY      = "tty"
	Video    = "video4linux"
	Input    = "input"
	LEDs     = "leds"
	Printers = "usbmisc"
)

// Watch calls changed with the name of a subsystem whenever something came, went or changed in it, until ctx ends; then it
// returns ctx's error. It calls it for each subsystem when it begins to listen, as nothing that happened before is heard, and
// whenever events were lost. changed is called on this goroutine, and must not wait: udev's socket is not read meanwhile.
//
// Another error says why nothing can be heard: libudev cannot be used on this machine. Without udevd there is no error,
// and no event.
func Watch(ctx context.Context, subsystems []string, changed func(subsystem string)) error {
	m, err := listen(subsystems)
	if err != nil {
		return fmt.Errorf("listen to udev: %w", err)
	}
	defer m.close()
	tellAll := func() {
		for _, s := range subsystems {
			changed(s)
		}
	}
	tellAll()
	defer context.AfterFunc(ctx, func() { m.socket.SetReadDeadline(time.Unix(1, 0)) })()
	if err := m.receive(changed, tellAll); ctx.Err() == nil {
		return fmt.Errorf("listen to udev: %w", err)
	}
	return ctx.Err()
}

// monitor is an open libudev monitor.
type monitor struct {
	udev    *C.struct_udev
	monitor *C.struct_udev_monitor
	socket  *os.File // a second descriptor of the monitor's socket, for Go's poller
}

func listen(subsystems []string) (*monitor, error) {
	m := &monitor{}
	if m.udev = C.udev_new(); m.udev == nil {
		return nil, errors.New("udev_new failed")
	}
	if err := m.open(subsystems); err != nil {
		m.close()
		return nil, err
	}
	return m, nil
}

func (m *monitor) open(subsystems []string) error {
	if m.monitor = C.listen_to_udevd(m.udev); m.monitor == nil {
		return errors.New("udev_monitor_new_from_netlink failed")
	}
	for _, s := range subsystems {
		if err := m.hear(s); err != nil {
			return fmt.Errorf("subsystem %s: %w", s, err)
		}
	}
	if result := C.udev_monitor_enable_receiving(m.monitor); result < 0 {
		return syscall.Errno(-result)
	}
	descriptor, err := unix.FcntlInt(uintptr(C.udev_monitor_get_fd(m.monitor)), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("fcntl", err)
	}
	if err := unix.SetNonblock(descriptor, true); err != nil {
		unix.Close(descriptor)
		return os.NewSyscallError("fcntl", err)
	}
	m.socket = os.NewFile(uintptr(descriptor), "udev")
	return nil
}

// hear lets a subsystem's events through.
func (m *monitor) hear(subsystem string) error {
	name := C.CString(subsystem)
	defer C.free(unsafe.Pointer(name))
	var kind *C.char
	if subsystem == USB {
		kind = C.CString("usb_device")
		defer C.free(unsafe.Pointer(kind))
	}
	if result := C.udev_monitor_filter_add_match_subsystem_devtype(m.monitor, name, kind); result < 0 {
		return syscall.Errno(-result)
	}
	return nil
}

// receive waits for events until the socket's deadline, or for ever, and returns why it ended.
func (m *monitor) receive(changed func(subsystem string), lost func()) error {
	socket, err := m.socket.SyscallConn()
	if err != nil {
		return err
	}
	return socket.Read(func(descriptor uintptr) (done bool) {
		for m.take(changed, lost) || isReadable(descriptor) { // what is no event is passed over, and there may be one behind it
		}
		return false
	})
}

// take takes one event from the socket; false if none was there.
func (m *monitor) take(changed func(subsystem string), lost func()) bool {
	device, err := C.udev_monitor_receive_device(m.monitor)
	if device != nil {
		defer C.udev_device_unref(device)
		changed(C.GoString(C.udev_device_get_subsystem(device)))
		return true
	}
	if errors.Is(err, syscall.ENOBUFS) { // the error spends itself
		lost()
		return true
	}
	return false
}

// isReadable tells whether something is left in the socket.
func isReadable(descriptor uintptr) bool {
	state := []unix.PollFd{{Fd: int32(descriptor), Events: unix.POLLIN}}
	_, err := unix.Poll(state, 0)
	return err == nil && state[0].Revents&unix.POLLIN != 0
}

func (m *monitor) close() {
	if m.socket != nil {
		m.socket.Close()
	}
	if m.monitor != nil {
		C.udev_monitor_unref(m.monitor)
	}
	C.udev_unref(m.udev)
}
