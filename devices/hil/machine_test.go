package hil_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emulate/usb"
)

// inMachine skips a test that is not run by make hil, in the machine and nowhere else: it plugs devices into the kernel that it runs on.
func inMachine(t *testing.T) {
	t.Helper()
	if os.Getenv("FOYER_HIL") == "" {
		t.Skip("needs a kernel of its own: make hil runs it in a virtual machine")
	}
}

// Places of the kernel's.
const (
	usbDevices = "/sys/bus/usb/devices"
	ample      = 30 * time.Second // the machine is emulated, too
)

// ports are those of the virtual host controller.
type ports struct {
	mu    sync.Mutex
	taken [8]bool
	count int
}

// socket is a device in a port.
type socket struct {
	t      *testing.T
	from   *ports
	port   int
	serial string
	kernel *usb.Kernel
	once   sync.Once
}

// plug plugs in what make makes of a serial number that no other device has, and waits until the kernel's drivers and udev are done with it.
func plug[D any](t *testing.T, all *ports, make func(serial string) D, device func(D) *usb.Device) (D, *socket) {
	t.Helper()
	all.mu.Lock()
	port := 0
	for port < len(all.taken) && all.taken[port] {
		port++
	}
	if port == len(all.taken) {
		all.mu.Unlock()
		t.Fatal("no free port")
	}
	all.taken[port] = true
	all.count++
	s := &socket{t: t, from: all, port: port, serial: fmt.Sprintf("HIL%d", all.count)}
	all.mu.Unlock()
	made := make(s.serial)
	kernel, err := usb.PlugIntoKernel(port, device(made))
	if err != nil {
		t.Fatal(err)
	}
	s.kernel = kernel
	t.Cleanup(s.Unplug)
	until(t, "the kernel's drivers bind the device", func() bool { return s.bound() })
	settle(t)
	return made, s
}

// Unplug pulls the device out, and waits until the kernel has noticed.
func (s *socket) Unplug() {
	s.once.Do(func() {
		if err := s.kernel.Close(); err != nil {
			s.t.Error(err)
		}
		until(s.t, "the kernel lets the device go", func() bool { return s.folder() == "" && s.free() })
		s.from.mu.Lock()
		s.from.taken[s.port] = false
		s.from.mu.Unlock()
	})
}

// free tells whether the controller would take another device at the port: it has the state 4 (VDEV_ST_NULL).
func (s *socket) free() bool {
	status, err := os.ReadFile("/sys/devices/platform/vhci_hcd.0/status")
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.Contains(string(status), fmt.Sprintf("hs  %04d 004 ", s.port))
}

// folder is the device's in sysfs; empty when it is not there.
func (s *socket) folder() string {
	all, err := filepath.Glob(usbDevices + "/*/serial")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, path := range all {
		if text, err := os.ReadFile(path); err == nil && strings.TrimSpace(string(text)) == s.serial {
			return filepath.Dir(path)
		}
	}
	return ""
}

// bound tells whether the device is there, and a driver of the kernel's own holds each of its interfaces that something can be read from: one
// without such an endpoint is of no use to it.
func (s *socket) bound() bool {
	folder := s.folder()
	if folder == "" {
		return false
	}
	endpoints, err := filepath.Glob(folder + "/" + filepath.Base(folder) + ":*/ep_8*")
	for _, e := range endpoints {
		driver, unbound := os.Readlink(filepath.Join(filepath.Dir(e), "driver"))
		if unbound != nil || filepath.Base(driver) == "usbfs" {
			return false
		}
	}
	return err == nil && len(endpoints) > 0
}

// node is the device's in /dev.
func (s *socket) node() string {
	numbers := make([]string, 2)
	for i, name := range []string{"busnum", "devnum"} {
		text, err := os.ReadFile(filepath.Join(s.folder(), name))
		if err != nil {
			s.t.Fatal(err)
		}
		numbers[i] = fmt.Sprintf("%03s", strings.TrimSpace(string(text)))
	}
	return filepath.Join("/dev/bus/usb", numbers[0], numbers[1])
}

func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(ample); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// settle waits until udev has nothing left to do: it has when its queue's file is gone.
func settle(t *testing.T) {
	t.Helper()
	until(t, "udev is done", func() bool {
		_, err := os.Stat("/run/udev/queue")
		return errors.Is(err, os.ErrNotExist)
	})
}

// limited is a context that ends when a test that hangs should.
func limited(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 2*ample)
	t.Cleanup(cancel)
	return ctx
}
