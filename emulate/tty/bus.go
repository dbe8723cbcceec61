package tty

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// Bus is what Linux shows of serial lines on the USB bus: a folder in the place of /sys and one in that of /dev.
type Bus struct {
	dir string

	mu   sync.Mutex
	next int
}

// NewBus makes an empty bus in a folder that exists. Whoever made the folder removes it.
func NewBus(dir string) (*Bus, error) {
	b := &Bus{dir: dir}
	return b, errors.Join(os.MkdirAll(filepath.Join(b.Sys(), "class", "tty"), 0o755), os.MkdirAll(b.Dev(), 0o755))
}

// Sys is the folder in the place of /sys.
func (b *Bus) Sys() string { return filepath.Join(b.dir, "sys") }

// Dev is the folder in the place of /dev.
func (b *Bus) Dev() string { return filepath.Join(b.dir, "dev") }

// Plug shows a line as that of a USB device of those numbers. The function that it gives takes it away again; the line itself stays open.
func (b *Bus) Plug(l *Line, vendor, product uint16, serial string) (unplug func(), err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next++
	name := fmt.Sprintf("ttyACM%d", b.next)
	device := filepath.Join(b.Sys(), "devices", "usb1", fmt.Sprintf("1-%d", b.next))
	at := filepath.Join(device, fmt.Sprintf("1-%d:1.0", b.next), "tty", name)
	class := filepath.Join(b.Sys(), "class", "tty", name)
	node := filepath.Join(b.Dev(), name)
	unplug = func() {
		os.Remove(class)
		os.Remove(node)
		os.RemoveAll(device)
	}
	err = os.MkdirAll(at, 0o755)
	for attribute, value := range map[string]string{
		"idVendor": fmt.Sprintf("%04x", vendor), "idProduct": fmt.Sprintf("%04x", product), "serial": serial,
	} {
		err = errors.Join(err, os.WriteFile(filepath.Join(device, attribute), []byte(value+"\n"), 0o644))
	}
	err = errors.Join(err, os.Symlink("../..", filepath.Join(at, "device")), os.Symlink(l.Path(), node), os.Symlink(at, class))
	if err != nil {
		unplug()
		return nil, err
	}
	return unplug, nil
}
