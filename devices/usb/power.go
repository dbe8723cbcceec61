package usb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/foyer-station/foyer/devices"
)

// Ports are the ports of the machine's USB hubs, and their power. Linux 6.0 and later have a file for each, "disable", which detaches
// what is plugged in and takes the power off where the hub can do that (Documentation/ABI/testing/sysfs-bus-usb); Foyer's udev rules
// give it to the station's group. Most hubs say that they can switch a port's power, and few do: one that cannot only has the device
// enumerated anew. An older kernel has no such file; then nothing is done.
type Ports struct {
	Sys   string        // where sysfs is: "/sys"
	Pause time.Duration // without power: as long as it takes for a device's capacitors to be empty, 2 s or more
}

var _ devices.Power = Ports{}

// position is a device's place as [Device.Path] says it: the bus, and the ports from its root hub on.
var position = regexp.MustCompile(`^usb (\d+)-(?:(\d+(?:\.\d+)*)\.)?(\d+)$`)

// errNoPort is the error of a path that is no USB device's.
var errNoPort = errors.New("not at a USB port")

// switches are the files by which the port's power is switched. A port of USB 3 has two: that of its USB 2 wires is another hub's, and
// there is power as long as either has not been switched off.
func (p Ports) switches(path string) ([]string, error) {
	if strings.HasPrefix(path, "/dev/") {
		path = p.behind(path)
	}
	at := position.FindStringSubmatch(path)
	if at == nil {
		return nil, errNoPort
	}
	bus, above, number := at[1], at[2], at[3]
	hub, port := bus+"-0:1.0", "usb"+bus+"-port"+number
	if above != "" {
		hub, port = bus+"-"+above+":1.0", bus+"-"+above+"-port"+number
	}
	folder := filepath.Join(p.Sys, "bus/usb/devices", hub, port)
	all := []string{filepath.Join(folder, "disable")}
	if peer := filepath.Join(folder, "peer", "disable"); exists(peer) {
		all = append(all, peer)
	}
	return all, nil
}

// isPosition tells folders of USB devices from those of their interfaces, and from others.
var isPosition = regexp.MustCompile(`^\d+-\d+(\.\d+)*$`)

// behind is the place of the USB device that a node in /dev belongs to: a camera's, a serial line's, a printer's. It is empty if
// there is none.
func (p Ports) behind(node string) string {
	var status unix.Stat_t
	if unix.Stat(node, &status) != nil {
		return ""
	}
	number := fmt.Sprintf("%d:%d", unix.Major(status.Rdev), unix.Minor(status.Rdev))
	folder, err := filepath.EvalSymlinks(filepath.Join(p.Sys, "dev/char", number, "device"))
	if err != nil {
		return ""
	}
	for ; len(folder) > 1; folder = filepath.Dir(folder) {
		if name := filepath.Base(folder); isPosition.MatchString(name) {
			return "usb " + name
		}
	}
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// IsOff implements [devices.Power].
func (p Ports) IsOff(path string) bool {
	all, err := p.switches(path)
	if err != nil {
		return false
	}
	state, err := os.ReadFile(all[0])
	return err == nil && strings.TrimSpace(string(state)) == "1"
}

// Cycle implements [devices.Power].
func (p Ports) Cycle(ctx context.Context, path string) error {
	all, err := p.switches(path)
	if err != nil {
		return fmt.Errorf("power of %s: %w", path, err)
	}
	err = set(all, "1")
	if err == nil {
		select {
		case <-time.After(p.Pause):
		case <-ctx.Done():
		}
	}
	if err := errors.Join(err, set(all, "0")); err != nil {
		return fmt.Errorf("power of %s: %w", path, err)
	}
	return nil
}

// set writes all files, whatever becomes of the others.
func set(files []string, value string) error {
	var all []error
	for _, file := range files {
		all = append(all, write(file, value))
	}
	return errors.Join(all...)
}

// write writes to a file that is there: sysfs makes none.
func write(file, value string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_TRUNC, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("this kernel has no %s: %w", filepath.Base(file), err)
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString(value)
	return errors.Join(err, f.Close())
}
