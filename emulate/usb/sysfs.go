package usb

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// furnish makes the folders that libudev and libusb look into.
func (b *Bed) furnish() error {
	for _, folder := range []string{
		"dev/.node", "dev/bus/usb/001", "ioctl/dev/bus/usb/001", "run/udev",
		"sys/bus/usb/devices", "sys/class", "sys/dev/char", "sys/devices/platform",
	} {
		if err := os.MkdirAll(b.path(folder), 0o755); err != nil {
			return err
		}
	}
	// libudev takes this file's presence for a running udevd, and only then delivers events.
	return os.WriteFile(b.path("run/udev/control"), nil, 0o644)
}

// attach makes a device's node and writes what the kernel and udev show of it. The order matters, here and in
// [Bed.detach]: whoever finds a part finds everything that the next step needs.
func (b *Bed) attach(port string, number int, device *Device) (*node, error) {
	n := newNode(b, port, number, device)
	b.sockets[number].give(n)
	err := n.open()
	if err == nil {
		err = b.describe(n)
	}
	if err != nil {
		b.detach(n)
		n.close()
		return nil, err
	}
	return n, nil
}

// describe writes the sysfs folder of a device and the links that lead to it, at the end the one by which it is found.
func (b *Bed) describe(n *node) error {
	folder := b.path("sys", n.syspath())
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for name, content := range n.attributes() {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			return err
		}
	}
	for _, link := range []struct{ name, target string }{
		{filepath.Join("sys", n.syspath(), "subsystem"), "../../../../../bus/usb"},
		{n.nodeLink(), fmt.Sprintf("189:%d", n.minor())},
		{n.charLink(), "../.." + n.syspath()},
		{n.busLink(), "../../.." + n.syspath()},
	} {
		if err := os.Symlink(link.target, b.path(link.name)); err != nil {
			return err
		}
	}
	return nil
}

// detach takes away what [Bed.attach] made, the other way round.
func (b *Bed) detach(n *node) {
	os.Remove(b.path(n.busLink()))
	os.Remove(b.path(n.charLink()))
	os.Remove(b.path(n.nodeLink()))
	os.RemoveAll(b.path("sys", n.syspath()))
	os.Remove(b.path(devnode(n.number)))
}

func (n *node) minor() int       { return n.number - 1 }
func (n *node) syspath() string  { return "/devices/platform/vhci_hcd.0/usb1/1-" + n.port }
func (n *node) busLink() string  { return "sys/bus/usb/devices/1-" + n.port }
func (n *node) charLink() string { return fmt.Sprintf("sys/dev/char/189:%d", n.minor()) }
func (n *node) nodeLink() string { return fmt.Sprintf("dev/.node/bus_usb_001_%03d", n.number) }

// devnode is where programs look for the device with that number.
func devnode(number int) string { return fmt.Sprintf("dev/bus/usb/001/%03d", number) }

// attributes are the files of the sysfs folder (Linux, Documentation/ABI/testing/sysfs-bus-usb).
func (n *node) attributes() map[string][]byte {
	d := n.device
	files := map[string][]byte{
		"uevent":      []byte(strings.Join(n.properties(), "\n") + "\n"),
		"descriptors": append(d.deviceDescriptor(), d.configDescriptor()...),
	}
	for name, value := range map[string]string{
		"busnum": "1", "devnum": fmt.Sprint(n.number), "devpath": n.port, "dev": fmt.Sprintf("189:%d", n.minor()),
		"speed": "12", "bConfigurationValue": "1", "bNumConfigurations": "1",
		"idVendor": fmt.Sprintf("%04x", d.Vendor), "idProduct": fmt.Sprintf("%04x", d.Product),
		"manufacturer": d.Manufacturer, "product": d.Name, "serial": d.Serial,
	} {
		files[name] = []byte(value + "\n")
	}
	return files
}

// properties are what udev knows of the device, without the event's own.
func (n *node) properties() []string {
	return []string{
		fmt.Sprintf("DEVNAME=/dev/bus/usb/001/%03d", n.number), "DEVTYPE=usb_device", "DRIVER=usb", "SUBSYSTEM=usb",
		"BUSNUM=001", fmt.Sprintf("DEVNUM=%03d", n.number), "MAJOR=189", fmt.Sprintf("MINOR=%d", n.minor()),
	}
}

// Announce has udev say that something came in a subsystem: a camera ("video4linux"), a serial line ("tty"), a printer's node
// ("usbmisc"). It is emulated elsewhere; of the bus itself, the bed announces what comes and goes.
func (b *Bed) Announce(subsystem, name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closed {
		b.send("add", "/devices/virtual/"+subsystem+"/"+name, subsystem, "", []string{"SUBSYSTEM=" + subsystem})
	}
}

// announce sends the event of a device on the bus.
func (b *Bed) announce(action string, n *node) {
	b.send(action, n.syspath(), "usb", "usb_device", n.properties())
}

// send sends a udev event to every program that listens: the preload gives each libudev monitor a socket in the
// bed's folder. A program that does not read its events loses them, as with the kernel.
func (b *Bed) send(action, path, subsystem, kind string, properties []string) {
	listeners, err := filepath.Glob(b.path("event[0-9]*"))
	if err != nil || len(listeners) == 0 {
		return
	}
	b.sequence++
	all := append([]string{"ACTION=" + action, "DEVPATH=" + path, fmt.Sprintf("SEQNUM=%d", b.sequence)}, properties...)
	message := udevMessage(strings.Join(all, "\x00")+"\x00", subsystem, kind)
	socket, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		return
	}
	defer syscall.Close(socket)
	for _, listener := range listeners {
		syscall.Sendto(socket, message, 0, &syscall.SockaddrUnix{Name: listener})
	}
}

// udevMessage puts systemd's monitor header (libudev, "struct monitor_netlink_header") before the properties.
func udevMessage(properties, subsystem, deviceType string) []byte {
	const magic, headerSize = 0xfeedcafe, 40
	m := []byte("libudev\x00")
	m = binary.BigEndian.AppendUint32(m, magic)
	m = binary.NativeEndian.AppendUint32(m, headerSize)
	m = binary.NativeEndian.AppendUint32(m, headerSize) // where the properties begin
	m = binary.NativeEndian.AppendUint32(m, uint32(len(properties)))
	m = binary.BigEndian.AppendUint32(m, murmurHash2(subsystem))
	m = binary.BigEndian.AppendUint32(m, murmurHash2(deviceType))
	m = append(m, make([]byte, 8)...) // no tags
	return append(m, properties...)
}

// murmurHash2 is Appleby's hash with seed 0, by which libudev's socket filter knows a subsystem.
func murmurHash2(s string) uint32 {
	const m = 0x5bd1e995
	h, data := uint32(len(s)), []byte(s)
	for ; len(data) >= 4; data = data[4:] {
		k := binary.LittleEndian.Uint32(data) * m
		h = h*m ^ (k^k>>24)*m
	}
	if len(data) > 0 {
		var tail [4]byte
		copy(tail[:], data)
		h = (h ^ binary.LittleEndian.Uint32(tail[:])) * m
	}
	h ^= h >> 13
	h *= m
	return h ^ h>>15
}
