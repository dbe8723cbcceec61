package wedge

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/sysfs"
)

// input is one input device, as Linux tells of it.
type input struct {
	node            string // "/dev/input/event3"
	name            string
	vendor, product uint16
	keys            []uint64 // a bit for each key that it has, the lowest first
}

// has tells whether the device has a key.
func (i input) has(code uint16) bool {
	return int(code/64) < len(i.keys) && i.keys[code/64]>>(code%64)&1 != 0
}

// types tells whether it is a keyboard: one that has letters. The volume keys of a reader are another device.
func (i input) types() bool { return i.has(firstRow) && i.has(keyEnter) }

// at gives the input device behind a path: a node, or a link to one as in /dev/input/by-id.
func at(linux sysfs.Tree, path string) (input, error) {
	const longest = 8 // links one after the other
	node := path
	for range longest {
		if i, ok := describe(linux, filepath.Base(node)); ok {
			i.node = path
			return i, nil
		}
		next, err := os.Readlink(node)
		if err != nil {
			break
		}
		if !filepath.IsAbs(next) {
			next = filepath.Join(filepath.Dir(node), next)
		}
		node = next
	}
	return input{}, fmt.Errorf("%w: no input device at %s", devices.ErrNoDevice, path)
}

// of gives the keyboards of a USB device, by the names of their nodes.
func of(linux sysfs.Tree, vendor, product uint16) []input {
	entries, _ := os.ReadDir(linux.Path("class", "input"))
	var found []input
	for _, entry := range entries {
		i, ok := describe(linux, entry.Name())
		if ok && strings.HasPrefix(entry.Name(), "event") && i.vendor == vendor && i.product == product && i.types() {
			i.node = linux.Node("input", entry.Name())
			found = append(found, i)
		}
	}
	return found
}

// describe reads what Linux tells of an event device (Documentation/input/event-codes.rst; capabilities/key has the highest word first).
func describe(linux sysfs.Tree, event string) (input, bool) {
	folder := linux.Path("class", "input", event, "device")
	read := func(name string) string { return sysfs.Attribute(folder, name) }
	vendor, vendorErr := strconv.ParseUint(read("id/vendor"), 16, 16)
	product, productErr := strconv.ParseUint(read("id/product"), 16, 16)
	if vendorErr != nil || productErr != nil {
		return input{}, false
	}
	i := input{name: read("name"), vendor: uint16(vendor), product: uint16(product)}
	words := strings.Fields(read("capabilities/key"))
	slices.Reverse(words)
	for _, word := range words {
		bits, err := strconv.ParseUint(word, 16, 64)
		if err != nil {
			return input{}, false
		}
		i.keys = append(i.keys, bits)
	}
	return i, true
}

// control is what the kernel does with an input device that is open.
type control interface {
	// grab takes the device from everybody else, the screen too, or gives it back. It fails with EBUSY where another program has it.
	grab(fd uintptr, on bool) error
	// pressed tells whether any key is down.
	pressed(fd uintptr) (bool, error)
}

// evdev is the kernel's control (Linux, include/uapi/linux/input.h).
type evdev struct{}

func (evdev) grab(fd uintptr, on bool) error {
	const evioCGrab = 0x40044590
	state := 0
	if on {
		state = 1
	}
	return unix.IoctlSetInt(int(fd), evioCGrab, state)
}

func (evdev) pressed(fd uintptr) (bool, error) {
	const evioCGKey = 2<<30 | 96<<16 | 'E'<<8 | 0x18 // 768 keys
	var down [96]byte
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, fd, evioCGKey, uintptr(unsafe.Pointer(&down))); errno != 0 {
		return false, errno
	}
	return slices.ContainsFunc(down[:], func(b byte) bool { return b != 0 }), nil
}
