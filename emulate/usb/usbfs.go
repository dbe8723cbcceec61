package usb

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"syscall"
)

// The preload's messages: three machine words, the first one of these (libumockdev, src/libumockdev-preload.c).
const (
	requestIoctl = 1 // then the ioctl's number and its argument
	replyDone    = 3 // then the result and errno
	replyRead    = 5 // "send me your memory": then address and length
	replyWrite   = 6 // "here is what to put into your memory": then address and length, then the bytes
)

// ioctl numbers (Linux, include/uapi/linux/usbdevice_fs.h, 64 bit).
const (
	ioctlResetEndpoint   = 0x80045503
	ioctlSetInterface    = 0x80085504
	ioctlSetConfig       = 0x80045505
	ioctlGetDriver       = 0x41045508
	ioctlSubmit          = 0x8038550a
	ioctlDiscard         = 0x0000550b
	ioctlReapNoDelay     = 0x4008550d
	ioctlClaim           = 0x8004550f
	ioctlRelease         = 0x80045510
	ioctlDriver          = 0xc0105512
	ioctlReset           = 0x00005514
	ioctlClearHalt       = 0x80045515
	ioctlCapabilities    = 0x8004551a
	ioctlDisconnectClaim = 0x8108551b
	ioctlDisconnect      = 0x00005516 // inside ioctlDriver
	ioctlConnect         = 0x00005517 // inside ioctlDriver
)

// capabilities: zero packet, bulk continuation, no packet size limit, reap after disconnect.
const capabilities = 0x01 | 0x02 | 0x04 | 0x10

// maxURB bounds the buffer of one transfer, as the kernel does by default (usbfs_memory_mb, 16).
const maxURB = 16 << 20

// conn is one program's open file of one device node.
type conn struct {
	node   *node
	socket net.Conn
	in     *bufio.Reader
	out    *bufio.Writer // flushed when the program is to answer or to go on
	broken error         // the first failure of the socket; nothing is answered after it

	// Guarded by node.mu.
	pending map[uint64]*urb // by the address of the program's struct usbdevfs_urb
	done    []*urb
	claimed map[uint32]bool
}

func newConn(n *node, socket net.Conn) *conn {
	return &conn{node: n, socket: socket, in: bufio.NewReader(socket), out: bufio.NewWriter(socket),
		pending: map[uint64]*urb{}, claimed: map[uint32]bool{}}
}

// urb is one struct usbdevfs_urb of the program, and the transfer that it asked for.
type urb struct {
	conn            *conn
	address, buffer uint64
	transfer        *Transfer
	status          Status
	in              []byte
}

// serve answers ioctls until the program closes the file.
func (c *conn) serve() {
	defer c.close()
	var m [24]byte
	for c.broken == nil {
		if _, err := io.ReadFull(c.in, m[:]); err != nil {
			return
		}
		kind := binary.NativeEndian.Uint64(m[0:])
		number, argument := uint32(binary.NativeEndian.Uint64(m[8:])), binary.NativeEndian.Uint64(m[16:])
		if kind != requestIoctl {
			c.reply(syscall.EINVAL)
			continue
		}
		c.answer(number, argument)
	}
}

// answer performs one ioctl.
func (c *conn) answer(number uint32, argument uint64) {
	if c.node.isGone() && number != ioctlReapNoDelay {
		c.reply(syscall.ENODEV)
		return
	}
	switch number {
	case ioctlCapabilities:
		c.poke(argument, binary.NativeEndian.AppendUint32(nil, capabilities))
		c.reply(0)
	case ioctlSubmit:
		c.submit(argument)
	case ioctlDiscard:
		c.discard(argument)
	case ioctlReapNoDelay:
		c.reap(argument)
	case ioctlClaim:
		c.reply(c.node.claim(c, c.word(argument), false))
	case ioctlDisconnectClaim:
		c.reply(c.node.claim(c, c.word(argument), true))
	case ioctlRelease:
		c.reply(c.node.release(c, c.word(argument)))
	case ioctlGetDriver:
		c.driver(argument)
	case ioctlDriver:
		c.reply(c.node.bind(c.word(argument), c.word(argument+4)))
	case ioctlSetInterface, ioctlSetConfig, ioctlClearHalt, ioctlResetEndpoint, ioctlReset:
		c.reply(0)
	default:
		c.reply(syscall.ENOTTY)
	}
}

// submit takes an URB over (struct usbdevfs_urb: type at 0, endpoint at 1, buffer at 16, its length at 24).
func (c *conn) submit(address uint64) {
	const size, control = 56, 2
	raw := c.peek(address, size)
	u := &urb{conn: c, address: address, buffer: binary.NativeEndian.Uint64(raw[16:])}
	length := int(int32(binary.NativeEndian.Uint32(raw[24:])))
	if length < 0 || length > maxURB {
		c.reply(syscall.EINVAL)
		return
	}
	if raw[0] == control {
		u.transfer = controlTransfer(c.peek(u.buffer, length))
	} else {
		u.transfer = &Transfer{Endpoint: raw[1]}
		if raw[1]&0x80 != 0 {
			u.transfer.Length = length
		} else {
			u.transfer.Out = c.peek(u.buffer, length)
		}
	}
	if c.broken != nil || u.transfer == nil {
		c.reply(syscall.EINVAL)
		return
	}
	u.transfer.complete = u.end
	if !c.begin(u) {
		c.reply(syscall.ENODEV)
		return
	}
	c.reply(0)
	c.node.carry(u.transfer)
}

// begin makes an URB one that is under way, unless the device was pulled out while the program's memory was read: what
// begins after [node.unplug] has ended everything would never end.
func (c *conn) begin(u *urb) bool {
	c.node.mu.Lock()
	defer c.node.mu.Unlock()
	if !c.node.gone {
		c.pending[u.address] = u
	}
	return !c.node.gone
}

// controlTransfer splits the buffer of a control URB into set-up packet and data; nil when it is too short.
func controlTransfer(buffer []byte) *Transfer {
	const setupSize, in = 8, 0x80
	if len(buffer) < setupSize {
		return nil
	}
	t := &Transfer{Setup: Setup{
		RequestType: buffer[0], Request: buffer[1],
		Value: binary.LittleEndian.Uint16(buffer[2:]), Index: binary.LittleEndian.Uint16(buffer[4:]),
		Length: binary.LittleEndian.Uint16(buffer[6:]),
	}}
	if t.Setup.RequestType&in != 0 {
		t.Endpoint, t.Length = in, len(buffer)-setupSize
	} else {
		t.Out = buffer[setupSize:]
	}
	return t
}

// end moves a pending URB to where the program can reap it. An URB that is not pending has ended before.
func (u *urb) end(status Status, in []byte) {
	c := u.conn
	c.node.mu.Lock()
	defer c.node.mu.Unlock()
	if c.pending[u.address] != u {
		return
	}
	delete(c.pending, u.address)
	u.status, u.in = status, append([]byte{}, in...)
	c.done = append(c.done, u)
	c.node.signal()
}

// cancel ends an URB that the host gives up or that has lost its device, and tells the model.
func (u *urb) cancel(status Status) {
	device := u.conn.node.device
	if !device.keeps(u.transfer) {
		u.end(status, nil)
	}
	device.Model.Cancel(u.transfer)
}

// discard cancels a pending URB.
func (c *conn) discard(address uint64) {
	c.node.mu.Lock()
	u := c.pending[address]
	c.node.mu.Unlock()
	if u == nil {
		c.reply(syscall.EINVAL)
		return
	}
	u.cancel(Cancelled)
	c.reply(0)
}

// reap hands the oldest completed URB back: data, status (at 4), actual length (at 28), and its address.
func (c *conn) reap(argument uint64) {
	u, errno := c.next()
	if u == nil {
		c.reply(errno)
		return
	}
	data, actual := u.buffer, len(u.in)
	if u.transfer.isControl() {
		data += 8 // behind the set-up packet
	}
	if u.status == OK && u.transfer.Length == 0 {
		actual = len(u.transfer.Out)
	}
	c.poke(data, u.in)
	c.poke(u.address+4, binary.NativeEndian.AppendUint32(nil, uint32(u.status)))
	c.poke(u.address+28, binary.NativeEndian.AppendUint32(nil, uint32(actual)))
	c.poke(argument, binary.NativeEndian.AppendUint64(nil, u.address))
	c.reply(0)
}

// next takes the oldest completed URB, or says why there is none.
func (c *conn) next() (*urb, syscall.Errno) {
	c.node.mu.Lock()
	defer c.node.mu.Unlock()
	if len(c.done) > 0 {
		u := c.done[0]
		c.done = c.done[1:]
		c.node.signal()
		return u, 0
	}
	if c.node.gone {
		return nil, syscall.ENODEV
	}
	return nil, syscall.EAGAIN
}

// driver tells which kernel driver holds an interface (struct usbdevfs_getdriver: interface, then 256 characters).
func (c *conn) driver(argument uint64) {
	name := c.node.driver(c.word(argument))
	if name == "" {
		c.reply(syscall.ENODATA)
		return
	}
	c.poke(argument+4, append([]byte(name), 0))
	c.reply(0)
}

// close forgets the program: its claims end and its transfers are cancelled.
func (c *conn) close() {
	c.socket.Close()
	for _, u := range c.node.drop(c) {
		c.node.device.Model.Cancel(u.transfer)
	}
}

// send writes one message, and bytes behind it.
func (c *conn) send(kind, a, b uint64, tail []byte) {
	m := binary.NativeEndian.AppendUint64(c.out.AvailableBuffer(), kind)
	m = binary.NativeEndian.AppendUint64(m, a)
	m = binary.NativeEndian.AppendUint64(m, b)
	c.out.Write(m)
	c.out.Write(tail) // an error stays in the writer until it is flushed
}

// flush lets the program have what was sent.
func (c *conn) flush() {
	if err := c.out.Flush(); err != nil {
		c.broken = err
	}
}

// reply ends the ioctl, with 0 or an error.
func (c *conn) reply(errno syscall.Errno) {
	result := uint64(0)
	if errno != 0 {
		result--
	}
	c.send(replyDone, result, uint64(errno), nil)
	c.flush()
}

// peek reads the program's memory. After a failure it gives zeros, and nothing will be answered.
func (c *conn) peek(address uint64, n int) []byte {
	b := make([]byte, n)
	if n > 0 {
		c.send(replyRead, address, uint64(n), nil)
		if c.flush(); c.broken == nil {
			_, c.broken = io.ReadFull(c.in, b)
		}
	}
	return b
}

func (c *conn) word(address uint64) uint32 { return binary.NativeEndian.Uint32(c.peek(address, 4)) }

// poke writes the program's memory.
func (c *conn) poke(address uint64, b []byte) {
	if len(b) > 0 {
		c.send(replyWrite, address, uint64(len(b)), b)
	}
}
