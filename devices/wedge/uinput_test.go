package wedge

import (
	"encoding/binary"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/foyer-station/foyer/devices"
)

// Requests of /dev/uinput (Linux, include/uapi/linux/uinput.h).
const (
	uiSetEvent  = 0x40045564
	uiSetKey    = 0x40045565
	uiSetup     = 0x405c5503
	uiCreate    = 0x5501
	uiDestroy   = 0x5502
	uinputPath  = "/dev/uinput"
	setupSize   = 92
	setupName   = 8 // where the name begins
	busUSB      = 3
	typingPause = time.Millisecond
)

// newInput makes an input device in the kernel, with all keys that a keyboard has.
func newInput(t *testing.T, vendor, product uint16) *os.File {
	t.Helper()
	file, err := os.OpenFile(uinputPath, os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("no input devices can be made here: %v; make hil has a kernel that makes them", err)
	}
	t.Cleanup(func() { file.Close() })
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	fd := int(file.Fd())
	must(unix.IoctlSetInt(fd, uiSetEvent, typeKey))
	for code := 1; code < 128; code++ {
		must(unix.IoctlSetInt(fd, uiSetKey, code))
	}
	setup := binary.NativeEndian.AppendUint16(nil, busUSB)
	setup = binary.NativeEndian.AppendUint16(setup, vendor)
	setup = binary.NativeEndian.AppendUint16(setup, product)
	setup = append(setup, make([]byte, setupSize-len(setup))...)
	copy(setup[setupName:], "Utopia Wedge")
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), uiSetup, uintptr(unsafe.Pointer(&setup[0]))); errno != 0 {
		t.Fatal(errno)
	}
	must(unix.IoctlSetInt(fd, uiCreate, 0))
	t.Cleanup(func() { unix.IoctlSetInt(fd, uiDestroy, 0) })
	return file
}

func TestNothingThatTheReaderTypesReachesTheScreen(t *testing.T) {
	const vendor, product = 0x1234, 0x5679
	input := newInput(t, vendor, product)
	r := opened(t, Config{Vendor: vendor, Product: product, Pause: 100 * time.Millisecond})
	node := strings.TrimPrefix(r.Info().Path, "input ")
	screen, err := os.OpenFile(node, os.O_RDONLY|unix.O_NONBLOCK, 0) // as the X server opens it
	if err != nil {
		t.Fatal(err)
	}
	defer screen.Close()
	go func() {
		time.Sleep(200 * time.Millisecond) // the driver throws away what came before; nobody can see when it has
		for _, s := range strokes("us", strings.Join(specimen, "\r")+"\r") {
			input.Write(s.events())
			time.Sleep(typingPause)
		}
	}()
	lines, err := r.ReadMRZ(t.Context())
	if err != nil || !cmp.Equal(lines, specimen) {
		t.Errorf("ReadMRZ = %q, %v", lines, err)
	}
	screen.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if n, err := screen.Read(make([]byte, eventSize)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the screen got %d bytes, %v", n, err)
	}
	if _, err := Open(t.Context(), Config{Vendor: vendor, Product: product}); !errors.Is(err, devices.ErrBusy) {
		t.Errorf("a second Open = %v, want ErrBusy", err)
	}
	r.Close()
	input.Write(stroke{code: 16}.events())
	screen.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := screen.Read(make([]byte, eventSize)); err != nil {
		t.Errorf("after Close the screen gets nothing: %v", err)
	}
}

// opened opens a reader once udev has made its node.
func opened(t *testing.T, c Config) *Reader {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		r, err := Open(t.Context(), c)
		if err == nil {
			t.Cleanup(func() { r.Close() })
			return r
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}
