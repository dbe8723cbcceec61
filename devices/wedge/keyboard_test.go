package wedge

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/foyer-station/foyer/devices/sysfs"
	"github.com/foyer-station/foyer/emulate/tty"
)

// stroke is a key, and whether Shift is held with it.
type stroke struct {
	code    uint16
	shifted bool
}

// strokes is how a text is typed on a keyboard, from rows of characters and the codes of their keys.
func strokes(layout, text string) []stroke {
	keys := map[byte]stroke{'\r': {28, false}}
	row := func(characters string, first uint16, shifted bool) {
		for i := range len(characters) {
			keys[characters[i]] = stroke{first + uint16(i), shifted}
		}
	}
	switch layout {
	case "us":
		row("1234567890", 2, false)
		row("QWERTYUIOP", 16, true)
		row("ASDFGHJKL", 30, true)
		row("ZXCVBNM<", 44, true)
	case "de":
		row("1234567890", 2, false)
		row("QWERTZUIOP", 16, true)
		row("ASDFGHJKL", 30, true)
		row("YXCVBNM", 44, true)
		row("<", 86, false)
	case "fr":
		row("1234567890", 2, true)
		row("AZERTYUIOP", 16, true)
		row("QSDFGHJKLM", 30, true)
		row("WXCVBN", 44, true)
		row("<", 86, false)
	default:
		panic("nobody types on " + layout)
	}
	var typed []stroke
	for _, c := range []byte(text) {
		s, ok := keys[c]
		if !ok {
			panic(fmt.Sprintf("no key of %q for %q", layout, c))
		}
		typed = append(typed, s)
	}
	return typed
}

// event is a struct input_event of a machine of 64 bits.
func event(kind, code uint16, value int32) []byte {
	b := binary.NativeEndian.AppendUint16(make([]byte, 16), kind)
	b = binary.NativeEndian.AppendUint16(b, code)
	return binary.NativeEndian.AppendUint32(b, uint32(value))
}

// events is what the kernel sends for a stroke.
func (s stroke) events() []byte {
	var all []byte
	add := func(code uint16, value int32) {
		all = append(append(all, event(1, code, value)...), event(0, 0, 0)...)
	}
	if s.shifted {
		add(42, 1)
	}
	add(s.code, 1)
	add(s.code, 0)
	if s.shifted {
		add(42, 0)
	}
	return all
}

// kernel stands for what the kernel does with input devices, by their node: there is none here. It counts what is taken and given back.
type kernel struct {
	mu      sync.Mutex
	grabbed map[uint64]int // -1 is another program's
	down    map[uint64]bool
}

func newKernel() *kernel { return &kernel{grabbed: map[uint64]int{}, down: map[uint64]bool{}} }

func nodeOf(fd uintptr) uint64 {
	var stat unix.Stat_t
	if err := unix.Fstat(int(fd), &stat); err != nil {
		panic(err)
	}
	return stat.Rdev
}

func (k *kernel) grab(fd uintptr, on bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	node := nodeOf(fd)
	switch {
	case on && k.grabbed[node] != 0:
		return syscall.EBUSY
	case on:
		k.grabbed[node] = 1
	case k.grabbed[node] == 1:
		k.grabbed[node] = 0
	}
	return nil
}

func (k *kernel) pressed(fd uintptr) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.down[nodeOf(fd)], nil
}

// set changes what the kernel holds of a node.
func (k *kernel) set(path string, grabbed int, down bool) {
	var stat unix.Stat_t
	if err := unix.Stat(path, &stat); err != nil {
		panic(err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.grabbed[stat.Rdev], k.down[stat.Rdev] = grabbed, down
}

func (k *kernel) isGrabbed(path string) bool {
	var stat unix.Stat_t
	if err := unix.Stat(path, &stat); err != nil {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.grabbed[stat.Rdev] == 1
}

// desk is a machine's input devices: their folders, and the kernel.
type desk struct {
	dir    string
	kernel *kernel
	last   *int
}

func newDesk(t testing.TB) desk {
	t.Helper()
	d := desk{t.TempDir(), newKernel(), new(int)}
	for _, folder := range []string{"sys/class/input", "dev/input"} {
		if err := os.MkdirAll(filepath.Join(d.dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func (d desk) config() Config {
	return Config{
		Vendor: 0x1234, Product: 0x5678, Pause: 200 * time.Millisecond,
		Linux: sysfs.Tree{Sys: filepath.Join(d.dir, "sys"), Dev: filepath.Join(d.dir, "dev")}, control: d.kernel,
	}
}

// whole is a keyboard's keys as Linux tells them: those of an ISO keyboard, with the keypad. american has no key beside the left Shift.
const (
	whole    = "1 10007 ffffffffff7fffff fffffffffffffffe"
	american = "1 10007 ffffffffff3fffff fffffffffffffffe"
	volume   = "e080ffdf01cfffff 0"
)

// keyboard is a reader that types, at a line in the place of its input device.
type keyboard struct {
	line         *tty.Line
	node, folder string
	kernel       *kernel
}

func (d desk) plug(t testing.TB, keys string) keyboard {
	t.Helper()
	line, err := tty.New()
	if err != nil {
		t.Fatal(err)
	}
	*d.last++
	name := fmt.Sprintf("event%d", *d.last)
	k := keyboard{line, filepath.Join(d.dir, "dev/input", name), filepath.Join(d.dir, "sys/class/input", name), d.kernel}
	d.kernel.set(line.Path(), 0, false)
	for file, content := range map[string]string{
		"id/vendor": "1234", "id/product": "5678", "name": "Utopia Wedge", "capabilities/key": keys,
	} {
		path := filepath.Join(k.folder, "device", file)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content+"\n"), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(line.Path(), k.node); err != nil {
		t.Fatal(err)
	}
	return k
}

// Ready waits until the device is grabbed and its driver has had time to throw away what came before.
func (k keyboard) Ready(ctx context.Context) error {
	const settle, look = 200 * time.Millisecond, 5 * time.Millisecond
	for {
		wait := look
		grabbed := k.kernel.isGrabbed(k.line.Path())
		if grabbed {
			wait = settle
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
		if grabbed {
			return nil
		}
	}
}

func (k keyboard) Act(context.Context) error {
	k.types(strokes("us", strings.Join(specimen, "\r")+"\r"))
	return nil
}

func (k keyboard) types(all []stroke) {
	for _, s := range all {
		k.line.Send(s.events())
	}
}

func (k keyboard) Heal() { k.line.Break(tty.Healthy) }

func (k keyboard) Unplug() {
	os.Remove(k.node)
	os.RemoveAll(k.folder)
	k.line.Close()
}
