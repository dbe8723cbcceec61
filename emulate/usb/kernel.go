package usb

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
)

// vhci is where Linux' virtual host controller takes devices (Documentation/usb/usbip_protocol.rst; drivers/usb/usbip).
const vhci = "/sys/devices/platform/vhci_hcd.0/"

// Kernel is a device that is plugged into the running kernel instead of a [Bed]: its own drivers bind it, udev's rules apply to it, and
// every program sees it.
type Kernel struct {
	device *Device
	wire   *os.File // to the kernel
	served chan struct{}

	mu      sync.Mutex // guards pending, and what is written to the wire
	pending map[uint32]*Transfer
}

// PlugIntoKernel plugs the device into one of the eight ports, 0 to 7, of the kernel's virtual host controller, which needs root and the module
// vhci_hcd. Close pulls it out.
func PlugIntoKernel(port int, device *Device) (*Kernel, error) {
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("plug usb device into the kernel: %w", err)
	}
	defer syscall.Close(pair[0]) // the kernel keeps it open
	k := &Kernel{device: device, wire: os.NewFile(uintptr(pair[1]), "vhci"), served: make(chan struct{}), pending: map[uint32]*Transfer{}}
	go k.serve()
	const bus, fullSpeed = 1, 2
	call := fmt.Sprintf("%d %d %d %d", port, pair[0], bus<<16|port+1, fullSpeed)
	if err := os.WriteFile(vhci+"attach", []byte(call), 0); err != nil {
		return nil, errors.Join(fmt.Errorf("plug usb device into the kernel: %w", err), k.Close())
	}
	return k, nil
}

// Close pulls the device out, and waits until the kernel has let go of it.
func (k *Kernel) Close() error {
	err := syscall.Shutdown(int(k.wire.Fd()), syscall.SHUT_RDWR)
	<-k.served
	return errors.Join(err, k.wire.Close())
}

// The messages of usbip once a device is attached, and their size; a device's answers have the same form.
const (
	commandSubmit = 1
	commandUnlink = 2
	answerSubmit  = 3
	answerUnlink  = 4
	headerSize    = 48
)

// serve brings the kernel's transfers to the device until the wire is cut.
func (k *Kernel) serve() {
	defer close(k.served)
	for {
		var header [headerSize]byte
		if _, err := io.ReadFull(k.wire, header[:]); err != nil {
			break
		}
		number := binary.BigEndian.Uint32(header[4:])
		switch binary.BigEndian.Uint32(header[:]) {
		case commandSubmit:
			if !k.submit(number, header[:]) {
				return
			}
		case commandUnlink:
			k.unlink(number, binary.BigEndian.Uint32(header[20:]))
		}
	}
	k.mu.Lock()
	left := k.pending
	k.pending = nil
	k.mu.Unlock()
	for _, t := range left {
		k.device.Model.Cancel(t)
	}
	k.device.Model.Reset()
}

// submit begins a transfer; false when the wire was cut before all of it came, or what came is none.
func (k *Kernel) submit(number uint32, header []byte) bool {
	in, endpoint, length := binary.BigEndian.Uint32(header[12:]) == 1, byte(binary.BigEndian.Uint32(header[16:])), binary.BigEndian.Uint32(header[24:])
	if length > maxURB {
		return false
	}
	t := &Transfer{Endpoint: endpoint}
	if in {
		t.Endpoint, t.Length = endpoint|0x80, int(length)
	} else {
		t.Out = make([]byte, length)
		if _, err := io.ReadFull(k.wire, t.Out); err != nil {
			return false
		}
	}
	if t.isControl() {
		s := header[40:]
		t.Setup = Setup{
			RequestType: s[0], Request: s[1],
			Value: binary.LittleEndian.Uint16(s[2:]), Index: binary.LittleEndian.Uint16(s[4:]), Length: binary.LittleEndian.Uint16(s[6:]),
		}
	}
	t.complete = func(status Status, data []byte) { k.complete(number, t, status, data) }
	k.mu.Lock()
	k.pending[number] = t
	k.mu.Unlock()
	k.device.submit(t)
	return true
}

// complete answers a transfer that is still under way.
func (k *Kernel) complete(number uint32, t *Transfer, status Status, data []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.pending[number] != t {
		return
	}
	delete(k.pending, number)
	actual := len(data)
	if t.Length == 0 && status == OK {
		actual = len(t.Out)
	}
	k.answer(answerSubmit, number, status, actual, data)
}

// unlink cancels a transfer, if it has not ended.
func (k *Kernel) unlink(number, victim uint32) {
	const reset Status = -104 // ECONNRESET: it was under way
	k.mu.Lock()
	t, status := k.pending[victim], OK
	if delete(k.pending, victim); t != nil {
		status = reset
	}
	k.answer(answerUnlink, number, status, 0, nil)
	k.mu.Unlock()
	if t != nil {
		k.device.Model.Cancel(t)
	}
}

// answer is called with mu held. A wire that is cut ends serve.
func (k *Kernel) answer(kind, number uint32, status Status, actual int, data []byte) {
	m := make([]byte, headerSize, headerSize+len(data))
	binary.BigEndian.PutUint32(m, kind)
	binary.BigEndian.PutUint32(m[4:], number)
	binary.BigEndian.PutUint32(m[20:], uint32(status))
	binary.BigEndian.PutUint32(m[24:], uint32(actual))
	k.wire.Write(append(m, data...))
}
