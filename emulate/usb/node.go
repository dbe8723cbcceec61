package usb

import (
	"net"
	"os"
	"sync"
	"syscall"
)

// node is one plugged-in device as programs open it: a FIFO in the place of /dev/bus/usb/001/NNN. A FIFO, because libusb
// polls the node for "writable" as the sign that an URB can be reaped, and a FIFO is writable exactly when this side has
// emptied it.
type node struct {
	bed    *Bed
	port   string
	number int
	device *Device
	wire   sync.RWMutex // read-held while the device takes a transfer, so that unplugging waits for it

	mu      sync.Mutex
	fifo    int // file descriptor, -1 when closed
	full    bool
	gone    bool // unplugged
	conns   map[*conn]bool
	claims  map[uint32]*conn
	unbound map[uint32]bool // interfaces whose kernel driver was detached
	held    bool            // by a program that claimed everything
}

func newNode(b *Bed, port string, number int, d *Device) *node {
	return &node{bed: b, port: port, number: number, device: d, fifo: -1,
		conns: map[*conn]bool{}, claims: map[uint32]*conn{}, unbound: map[uint32]bool{}}
}

// open makes the FIFO, full. It is there for programs only when it is all of that.
func (n *node) open() error {
	path := n.bed.path(devnode(n.number))
	made := n.bed.path("made")
	if err := syscall.Mkfifo(made, 0o666); err != nil {
		return os.NewSyscallError("mkfifo", err)
	}
	defer os.Remove(made) // if it is still there
	fifo, err := syscall.Open(made, syscall.O_RDWR|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("open", err)
	}
	// With one page of room, one byte makes a FIFO that cannot be written to.
	const setPipeSize, page = 1031, 4096
	if _, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fifo), setPipeSize, page); errno != 0 {
		syscall.Close(fifo)
		return os.NewSyscallError("fcntl", errno)
	}
	n.fifo = fifo
	n.signal()
	if err := os.Rename(made, path); err != nil {
		n.close()
		return err
	}
	return nil
}

// admit takes a program in. One that opened the file just before the device went may come late, and is told so.
func (n *node) admit(socket net.Conn) *conn {
	c := newConn(n, socket)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.conns[c] = true
	return c
}

// closeIfUnused closes the FIFO once the device is gone and no program waits for it any more. The mutex is held.
func (n *node) closeIfUnused() {
	if n.gone && len(n.conns) == 0 {
		n.close()
	}
}

// close closes the FIFO, once.
func (n *node) close() {
	if n.fifo >= 0 {
		syscall.Close(n.fifo)
		n.fifo = -1
	}
}

// signal makes the FIFO writable if an URB can be reaped, and full if not. The mutex is held.
func (n *node) signal() {
	ready := false
	for c := range n.conns {
		ready = ready || len(c.done) > 0
	}
	if n.full != ready || n.fifo < 0 {
		return
	}
	var b [1]byte
	var err error
	if ready {
		_, err = syscall.Read(n.fifo, b[:])
	} else {
		_, err = syscall.Write(n.fifo, b[:])
	}
	if err == nil {
		n.full = !ready
	}
}

func (n *node) isGone() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.gone
}

// carry brings a transfer to the device, unless the device was pulled out meanwhile.
func (n *node) carry(t *Transfer) {
	n.wire.RLock()
	defer n.wire.RUnlock()
	if !n.isGone() {
		n.device.submit(t)
	}
}

// unplug ends all transfers as Gone, as the kernel does before it lets go of a device. The bed has taken the node's name
// away already.
func (n *node) unplug() {
	n.wire.Lock()
	defer n.wire.Unlock()
	n.mu.Lock()
	n.gone = true
	var under []*urb
	for c := range n.conns {
		for _, u := range c.pending {
			under = append(under, u)
		}
	}
	n.closeIfUnused()
	n.mu.Unlock()
	for _, u := range under {
		u.cancel(Gone)
	}
	n.device.Model.Reset()
}

// drop forgets a connection and gives the transfers that it leaves behind.
func (n *node) drop(c *conn) []*urb {
	n.mu.Lock()
	var left []*urb
	for _, u := range c.pending {
		left = append(left, u)
	}
	c.pending, c.done = nil, nil
	for i := range c.claimed {
		delete(n.claims, i)
	}
	delete(n.conns, c)
	n.signal()
	n.closeIfUnused()
	n.mu.Unlock()
	return left
}

// claim gives an interface to a program, unless another program or a kernel driver holds it. With detach a kernel
// driver steps back.
func (n *node) claim(c *conn, number uint32, detach bool) syscall.Errno {
	n.mu.Lock()
	defer n.mu.Unlock()
	if detach && n.has(number) {
		n.unbound[number] = true
	}
	switch holder := n.claims[number]; {
	case !n.has(number):
		return syscall.ENOENT
	case holder == c:
		return 0
	case holder != nil, n.held, n.device.Driver != "" && !n.unbound[number]:
		return syscall.EBUSY
	}
	n.claims[number] = c
	c.claimed[number] = true
	return 0
}

// hold has another program claim everything, or let it go.
func (n *node) hold(held bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.held = held
}

// has says whether the device has an interface of that number.
func (n *node) has(number uint32) bool {
	for _, i := range n.device.Interfaces {
		if uint32(i.Number) == number {
			return true
		}
	}
	return false
}

func (n *node) release(c *conn, number uint32) syscall.Errno {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !c.claimed[number] {
		return syscall.EINVAL
	}
	delete(c.claimed, number)
	delete(n.claims, number)
	return 0
}

// driver names who holds an interface in the kernel: its driver, usbfs for another program, or nobody.
func (n *node) driver(number uint32) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.claims[number] != nil || n.held {
		return "usbfs"
	}
	if n.unbound[number] {
		return ""
	}
	return n.device.Driver
}

// bind detaches an interface's kernel driver or attaches it again.
func (n *node) bind(number, request uint32) syscall.Errno {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch request {
	case ioctlDisconnect:
		if n.device.Driver == "" || n.unbound[number] {
			return syscall.ENODATA
		}
		n.unbound[number] = true
	case ioctlConnect:
		if n.claims[number] != nil {
			return syscall.EBUSY
		}
		delete(n.unbound, number)
	default:
		return syscall.ENOTTY
	}
	return 0
}
