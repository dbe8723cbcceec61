// Package usb is a USB bus without hardware: devices written in Go that the real libusb, and so gousb, finds, opens and
// talks to.
//
// The contract. A [Bed] is a directory that libumockdev's preload library puts in the place of /dev/bus/usb and /sys; a
// program started with [Bed.Env] sees the devices plugged into the bed and no others. Every usbfs ioctl that libusb makes
// arrives here over a Unix socket and is answered as the kernel would (Linux, include/uapi/linux/usbdevice_fs.h). The
// driver, gousb and libusb are thus the real ones; only the kernel and the wire are not.
//
// The package speaks for the device side only: it links neither libusb nor gousb and needs no C compiler. Models are
// plain values with a handle for whoever plays the person in front of them: [Pad.Sign], [Reader.Swipe].
//
// Programs must let go of a bed before it closes: the preload ends a process whose device vanishes without an unplug.
package usb

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
)

// Device numbers that Linux gives on one bus: 1 is the root hub, and they are used again in turn.
const (
	firstNumber = 2
	lastNumber  = 127
)

// Bed is one emulated USB bus. Its methods may be called from several goroutines.
type Bed struct {
	dir     string
	sockets map[int]*socket // by device number
	serving sync.WaitGroup

	mu       sync.Mutex
	ports    map[string]*node
	held     map[net.Conn]bool // by programs
	last     int               // the device number given last
	sequence int               // of kernel events
	closed   bool
}

// NewBed makes an empty bus. Close removes it.
func NewBed() (*Bed, error) {
	dir, err := os.MkdirTemp("", "usb")
	if err != nil {
		return nil, fmt.Errorf("make usb bed: %w", err)
	}
	b := &Bed{dir: dir, sockets: map[int]*socket{}, ports: map[string]*node{}, held: map[net.Conn]bool{}, last: firstNumber - 1}
	err = b.furnish()
	if err == nil {
		err = b.listenForAll()
	}
	if err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("make usb bed: %w", err)
	}
	return b, nil
}

// Env is what a program's environment needs so that it sees this bus: LD_PRELOAD and UMOCKDEV_DIR as "name=value".
func (b *Bed) Env() []string {
	return []string{"LD_PRELOAD=libumockdev-preload.so.0", "UMOCKDEV_DIR=" + b.dir}
}

// Plug attaches the device at a port of the root hub, by its number: "1". Programs that listen for udev events are told.
// A device is at one port at a time; pulled out, it may be plugged in again.
func (b *Bed) Plug(port string, device *Device) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return errors.New("plug usb device: bed is closed")
	}
	if b.ports[port] != nil {
		return fmt.Errorf("plug usb device: port %s is taken", port)
	}
	number, err := b.nextNumber()
	if err != nil {
		return fmt.Errorf("plug usb device: %w", err)
	}
	n, err := b.attach(port, number, device)
	if err != nil {
		return fmt.Errorf("plug usb device at port %s: %w", port, err)
	}
	b.ports[port] = n
	b.announce("add", n)
	return nil
}

// nextNumber gives device numbers in turn, as the kernel does, so that a program cannot take a new device for the one
// that just went.
func (b *Bed) nextNumber() (int, error) {
	taken := map[int]bool{}
	for _, n := range b.ports {
		taken[n.number] = true
	}
	for range lastNumber {
		b.last++
		if b.last > lastNumber {
			b.last = firstNumber
		}
		if !taken[b.last] {
			return b.last, nil
		}
	}
	return 0, errors.New("no device number left on the bus")
}

// Unplug pulls the device at the port out, even in the middle of a transfer: what was under way ends as it does when a
// cable is pulled, and everything after fails with ENODEV. An empty port is left as it is.
func (b *Bed) Unplug(port string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.ports[port]
	if n == nil {
		return
	}
	delete(b.ports, port)
	b.detach(n)
	n.unplug()
	b.announce("remove", n)
}

// Hold has another program claim all interfaces of the device at the port until it is pulled out or release is called. An empty
// port is left as it is.
func (b *Bed) Hold(port string) (release func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.ports[port]
	if n == nil {
		return func() {}
	}
	n.hold(true)
	return func() { n.hold(false) }
}

// Forbid takes everybody's right to open the device at the port, as where no udev rule gives it to the station, until it is pulled
// out or allow is called. It means nothing to root. An empty port is left as it is.
func (b *Bed) Forbid(port string) (allow func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.ports[port]
	if n == nil {
		return func() {}
	}
	path := b.path(devnode(n.number))
	os.Chmod(path, 0)
	return func() { os.Chmod(path, 0o666) } // an error is of a device that was pulled out
}

// Close unplugs everything, hangs up on the programs that still hold a device, waits for all that the bed started, and
// removes the directory. It may be called twice.
func (b *Bed) Close() error {
	b.mu.Lock()
	b.closed = true
	var ports []string
	for port := range b.ports {
		ports = append(ports, port)
	}
	b.mu.Unlock()
	for _, port := range ports {
		b.Unplug(port)
	}
	b.stopListening()
	b.hangUp()
	b.serving.Wait()
	if err := os.RemoveAll(b.dir); err != nil {
		return fmt.Errorf("close usb bed: %w", err)
	}
	return nil
}

// path is a place below the bed's directory.
func (b *Bed) path(elements ...string) string {
	return filepath.Join(append([]string{b.dir}, elements...)...)
}
