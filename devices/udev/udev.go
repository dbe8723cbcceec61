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
// library, where a netlink socket opened by Go would miss them. What is wanted of it are ten functions that have not
// changed since 2012; the Go bindings there are keep a thread waiting, and never end if nobody takes their events. It is loaded
// when it is needed, as libusb brings it along, but not what compiling against it takes.
package udev

/*
#include <dlfcn.h>
#include <stdlib.h>

struct udev;
struct udev_monitor;
struct udev_device;

// The functions of libudev.so.1, as libudev.h (LIBUDEV_183) declares them.
struct libudev {
	struct udev *(*udev_new)(void);
	struct udev *(*udev_unref)(struct udev *);
	struct udev_monitor *(*monitor_new_from_netlink)(struct udev *, const char *name);
	struct udev_monitor *(*monitor_unref)(struct udev_monitor *);
	int (*monitor_filter)(struct udev_monitor *, const char *subsystem, const char *devtype);
	int (*monitor_enable_receiving)(struct udev_monitor *);
	int (*monitor_get_fd)(struct udev_monitor *);
	struct udev_device *(*monitor_receive_device)(struct udev_monitor *);
	struct udev_device *(*device_unref)(struct udev_device *);
	const char *(*device_get_subsystem)(struct udev_device *);
};

// load gives 0 where the library or one of its functions is missing. A library that is loaded stays.
static int load(struct libudev *l) {
	void *library = dlopen("libudev.so.1", RTLD_NOW);
	return library != 0
		&& (l->udev_new = dlsym(library, "udev_new"))
		&& (l->udev_unref = dlsym(library, "udev_unref"))
		&& (l->monitor_new_from_netlink = dlsym(library, "udev_monitor_new_from_netlink"))
		&& (l->monitor_unref = dlsym(library, "udev_monitor_unref"))
		&& (l->monitor_filter = dlsym(library, "udev_monitor_filter_add_match_subsystem_devtype"))
		&& (l->monitor_enable_receiving = dlsym(library, "udev_monitor_enable_receiving"))
		&& (l->monitor_get_fd = dlsym(library, "udev_monitor_get_fd"))
		&& (l->monitor_receive_device = dlsym(library, "udev_monitor_receive_device"))
		&& (l->device_unref = dlsym(library, "udev_device_unref"))
		&& (l->device_get_subsystem = dlsym(library, "udev_device_get_subsystem"));
}

// Go cannot call C's function pointers.
static struct udev *new_udev(struct libudev *l) { return l->udev_new(); }
static void unref_udev(struct libudev *l, struct udev *u) { l->udev_unref(u); }
static struct udev_monitor *listen_to_udevd(struct libudev *l, struct udev *u) { return l->monitor_new_from_netlink(u, "udev"); }
static void unref_monitor(struct libudev *l, struct udev_monitor *m) { l->monitor_unref(m); }
static int add_filter(struct libudev *l, struct udev_monitor *m, const char *s, const char *t) { return l->monitor_filter(m, s, t); }
static int enable(struct libudev *l, struct udev_monitor *m) { return l->monitor_enable_receiving(m); }
static int descriptor(struct libudev *l, struct udev_monitor *m) { return l->monitor_get_fd(m); }
static struct udev_device *receive(struct libudev *l, struct udev_monitor *m) { return l->monitor_receive_device(m); }
static void unref_device(struct libudev *l, struct udev_device *d) { l->device_unref(d); }
static const char *subsystem(struct libudev *l, struct udev_device *d) { return l->device_get_subsystem(d); }
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
	library C.struct_libudev
	udev    *C.struct_udev
	monitor *C.struct_udev_monitor
	socket  *os.File // a second descriptor of the monitor's socket, for Go's poller
}

func listen(subsystems []string) (*monitor, error) {
	m := &monitor{}
	if C.load(&m.library) == 0 {
		return nil, errors.New("libudev.so.1 is missing, or another one")
	}
	if m.udev = C.new_udev(&m.library); m.udev == nil {
		return nil, errors.New("udev_new failed")
	}
	if err := m.open(subsystems); err != nil {
		m.close()
		return nil, err
	}
	return m, nil
}

func (m *monitor) open(subsystems []string) error {
	if m.monitor = C.listen_to_udevd(&m.library, m.udev); m.monitor == nil {
		return errors.New("udev_monitor_new_from_netlink failed")
	}
	for _, s := range subsystems {
		if err := m.hear(s); err != nil {
			return fmt.Errorf("subsystem %s: %w", s, err)
		}
	}
	if result := C.enable(&m.library, m.monitor); result < 0 {
		return syscall.Errno(-result)
	}
	descriptor, err := unix.FcntlInt(uintptr(C.descriptor(&m.library, m.monitor)), unix.F_DUPFD_CLOEXEC, 0)
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
	if result := C.add_filter(&m.library, m.monitor, name, kind); result < 0 {
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
	device, err := C.receive(&m.library, m.monitor)
	if device != nil {
		defer C.unref_device(&m.library, device)
		changed(C.GoString(C.subsystem(&m.library, device)))
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
		C.unref_monitor(&m.library, m.monitor)
	}
	C.unref_udev(&m.library, m.udev)
}
