package usb_test

import (
	"encoding/binary"
	"io"
	"net"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
)

// What a program and a bed say to each other: an ioctl, and what comes back of it.
const (
	sayIoctl  = 1
	sayDone   = 3
	sayRead   = 5
	submitURB = 0x8038550a
	reapURB   = 0x4008550d
	urbSize   = 56
)

// file is a device's file that a program has open, at the level of single ioctls.
type file struct {
	t      *testing.T
	socket net.Conn
}

// openFile opens the file of the first device of a bed.
func openFile(t *testing.T) file {
	t.Helper()
	socket, err := net.Dial("unix", os.Getenv("UMOCKDEV_DIR")+"/ioctl/dev/bus/usb/001/002")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	socket.SetDeadline(time.Now().Add(10 * time.Second))
	return file{t, socket}
}

func (f file) say(words ...uint64) {
	f.t.Helper()
	if err := binary.Write(f.socket, binary.NativeEndian, words); err != nil {
		f.t.Fatal(err)
	}
}

// hear takes the next message. What comes to be written into the program's memory is passed over.
func (f file) hear() [3]uint64 {
	f.t.Helper()
	for {
		var m [3]uint64
		if err := binary.Read(f.socket, binary.NativeEndian, &m); err != nil {
			f.t.Fatal(err)
		}
		if m[0] == sayDone || m[0] == sayRead {
			return m
		}
		if _, err := io.CopyN(io.Discard, f.socket, int64(m[2])); err != nil {
			f.t.Fatal(err)
		}
	}
}

// submitRead begins a read of endpoint 1, and calls meanwhile in the middle of it. It gives the ioctl's error.
func (f file) submitRead(meanwhile func()) syscall.Errno {
	f.t.Helper()
	const address = 0x1000
	f.say(sayIoctl, submitURB, address)
	if m := f.hear(); m[0] != sayRead || m[2] != urbSize {
		f.t.Fatalf("the bed says %v, and not that it wants the URB", m)
	}
	meanwhile()
	urb := make([]byte, urbSize)
	urb[0], urb[1] = 1, 0x81 // interrupt, and the endpoint
	binary.NativeEndian.PutUint32(urb[24:], 64)
	if _, err := f.socket.Write(urb); err != nil {
		f.t.Fatal(err)
	}
	return syscall.Errno(f.hear()[2])
}

// reap takes a transfer that has ended. It gives the ioctl's error.
func (f file) reap() syscall.Errno {
	f.t.Helper()
	f.say(sayIoctl, reapURB, 0x2000)
	return syscall.Errno(f.hear()[2])
}

func TestATransferThatBeginsWhileTheDeviceIsPulledOutIsRefused(t *testing.T) {
	bed := usbtest.NewBed(t)
	plug(t, bed, "1")
	program := openFile(t)
	if errno := program.submitRead(func() { bed.Unplug("1") }); errno != syscall.ENODEV {
		t.Errorf("it began with %v, want ENODEV: nothing would ever end it; reaped: %v", errno, program.reap())
	}
}

func TestATransferThatHasBegunEndsWhenTheDeviceIsPulledOut(t *testing.T) {
	bed := usbtest.NewBed(t)
	plug(t, bed, "1")
	program := openFile(t)
	if errno := program.submitRead(func() {}); errno != 0 {
		t.Fatalf("it began with %v", errno)
	}
	bed.Unplug("1")
	if errno := program.reap(); errno != 0 {
		t.Errorf("reaped: %v", errno)
	}
	if errno := program.reap(); errno != syscall.ENODEV {
		t.Errorf("reaped with nothing left: %v, want ENODEV", errno)
	}
}

// lingering is a device that takes its time with a transfer, and remembers what became of it.
type lingering struct {
	begun, goOn chan struct{}

	mu   sync.Mutex
	seen []string
}

func (l *lingering) note(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen = append(l.seen, what)
}

func (l *lingering) Handle(*usb.Transfer) {
	close(l.begun)
	<-l.goOn
	l.note("taken")
}

func (l *lingering) Cancel(*usb.Transfer) { l.note("given up") }
func (l *lingering) Reset()               { l.note("without power") }

func TestADeviceThatWasPulledOutKeepsNoTransfer(t *testing.T) {
	bed := usbtest.NewBed(t)
	model := &lingering{begun: make(chan struct{}), goOn: make(chan struct{})}
	device := usb.NewPad("serial").Device
	device.Model = model
	if err := bed.Plug("1", device); err != nil {
		t.Fatal(err)
	}
	program := openFile(t)
	if errno := program.submitRead(func() {}); errno != 0 {
		t.Fatalf("it began with %v", errno)
	}
	<-model.begun
	out := make(chan struct{})
	go func() {
		bed.Unplug("1")
		close(out)
	}()
	select {
	case <-out:
	case <-time.After(100 * time.Millisecond): // it waits for the device, as it should
	}
	close(model.goOn)
	<-out
	model.mu.Lock()
	defer model.mu.Unlock()
	if want := []string{"taken", "given up", "without power"}; !slices.Equal(model.seen, want) {
		t.Errorf("the device saw %q, want %q", model.seen, want)
	}
}
