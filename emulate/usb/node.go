package usb

import (
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// lateConnects is how long a program may take between opening a device's file and having connected to its socket. The
// preload ends a program that finds nobody there, so on a busy machine this must not be short.
const lateConnects = time.Second

// node is one plugged-in device as programs open it: a FIFO in the place of /dev/bus/usb/001/NNN, and a socket on which
// the preload brings the ioctls. A FIFO, because libusb polls the node for "writable" as the sign that an URB can be
// reaped, and a FIFO is writable exactly when this side has emptied it.
type node struct {
	bed      *Bed
	port     string
	number   int
	device   *Device
	listener *net.UnixListener

	mu        sync.Mutex
	fifo      int // file descriptor, -1 when closed
	full      bool
	listening bool
	gone      bool // unplugged
	hung      bool // the bed is closing
	conns     map[*conn]bool
	claims    map[uint32]*conn
	unbound   map[uint32]bool // interfaces whose kernel driver was detached
}

func newNode(b *Bed, port string, number int, d *Device) *node {
	return &node{bed: b, port: port, number: number, device: d, fifo: -1,
		conns: map[*conn]bool{}, claims: map[uint32]*conn{}, unbound: map[uint32]bool{}}
}

// open makes the FIFO, full, and the socket.
func (n *node) open() error {
	path := n.bed.path(n.devnode())
	if err := syscall.Mkfifo(path, 0o666); err != nil {
		return os.NewSyscallError("mkfifo", err)
	}
	fifo, err := syscall.Open(path, syscall.O_RDWR|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("open", err)
	}
	// With one page of room, one byte makes a FIFO that cannot be written to.
	const setPipeSize, page = 1031, 4096
	if _, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fifo), setPipeSize, page); errno != 0 {
		syscall.Close(fifo)
		return os.NewSyscallError("fcntl", errno)
	}
	address := &net.UnixAddr{Name: n.bed.path("ioctl", n.devnode()), Net: "unix"}
	if n.listener, err = net.ListenUnix("unix", address); err != nil {
		syscall.Close(fifo)
		return err
	}
	n.listener.SetUnlinkOnClose(false)
	n.fifo, n.listening = fifo, true
	n.signal()
	return nil
}

// accept takes programs in until the device has been unplugged, and the ones that had opened its file just before.
func (n *node) accept() {
	defer n.stopListening()
	for {
		socket, err := n.listener.Accept()
		if err != nil {
			return
		}
		c := newConn(n, socket)
		n.mu.Lock()
		n.conns[c] = true
		if n.hung {
			socket.Close()
		}
		n.mu.Unlock()
		n.bed.serving.Go(c.serve)
	}
}

func (n *node) stopListening() {
	os.Remove(n.listener.Addr().String())
	n.listener.Close()
	n.mu.Lock()
	n.listening = false
	unused := n.closeIfUnused()
	n.mu.Unlock()
	if unused {
		n.bed.forget(n)
	}
}

// closeIfUnused closes the FIFO once the device is gone and nobody can need it any more.
func (n *node) closeIfUnused() bool {
	if !n.gone || n.listening || len(n.conns) > 0 || n.fifo < 0 {
		return false
	}
	syscall.Close(n.fifo)
	n.fifo = -1
	return true
}

// signal makes the FIFO writable if an URB can be reaped, and full if not. The mutex is held.
func (n *node) signal() {
	ready := false
	for c := range n.conns {
		ready = ready || len(c.done) > 0
	}
	if n.full != ready {
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

// unplug ends all transfers as Gone. The bed has taken the node's name away already.
func (n *node) unplug() {
	n.listener.SetDeadline(time.Now().Add(lateConnects))
	n.mu.Lock()
	n.gone = true
	var under []*urb
	for c := range n.conns {
		for _, u := range c.pending {
			under = append(under, u)
		}
	}
	n.mu.Unlock()
	for _, u := range under {
		u.end(Gone, nil)
		n.device.Model.Cancel(u.transfer)
	}
	n.device.Model.Reset()
}

// acceptNoMore lets accept end.
func (n *node) acceptNoMore() { n.listener.SetDeadline(time.Now()) }

// hangUp ends the connections of programs that still hold the device.
func (n *node) hangUp() {
	n.acceptNoMore()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hung = true
	for c := range n.conns {
		c.socket.Close()
	}
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
	unused := n.closeIfUnused()
	n.mu.Unlock()
	if unused {
		n.bed.forget(n)
	}
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
	case holder != nil, n.device.Driver != "" && !n.unbound[number]:
		return syscall.EBUSY
	}
	n.claims[number] = c
	c.claimed[number] = true
	return 0
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
	if n.claims[number] != nil {
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
