package devicestest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/foyer-station/foyer/devices"
)

// Impostor is a device with the numbers by which a driver knows its own, and with other descriptors.
type Impostor[U Unit] struct {
	Name string
	Plug func(*testing.T) U
	// Lawful says that its descriptors are odd, and no worse: the driver must work with it. Any other must be refused by Open,
	// with an error that says why, and must not keep the driver from a device that is beside it.
	Lawful bool
	// MayBlock says that the library below the drivers cannot be kept from failing at it: while it is plugged in others may be refused
	// with ErrProtocol, and no longer.
	MayBlock bool
}

func (d Driver[U]) impostor(t *testing.T, i Impostor[U]) {
	if i.Lawful {
		d.Plug = i.Plug
		unit, device := d.open(t)
		d.mustWork(t, unit, device)
		return
	}
	NothingLeftBehind(t, func() {
		unit := i.Plug(t)
		defer unit.Unplug()
		d.mustRefuse(t)
		genuine := d.Plug(t)
		defer genuine.Unplug()
		device, err := d.Open(t.Context())
		if i.MayBlock && errors.Is(err, devices.ErrProtocol) {
			unit.Unplug()
			device, err = d.Open(t.Context())
		}
		if err != nil {
			t.Fatalf("Open of a good device beside it = %v", err)
		}
		d.mustWork(t, genuine, device)
		mustClose(t, device)
	})
}

// mustRefuse wants what is plugged in to be no device of the driver's.
func (d Driver[U]) mustRefuse(t *testing.T) {
	t.Helper()
	result := make(chan error, 1)
	go func() {
		device, err := d.Open(t.Context())
		if err == nil {
			device.Close()
		}
		result <- err
	}()
	err := mustEnd(t, result)
	if !errors.Is(err, devices.ErrProtocol) && !errors.Is(err, devices.ErrNoDevice) {
		t.Fatalf("Open = %v, want ErrProtocol or ErrNoDevice", err)
	}
	typed(t, err)
}

// held has another program use the device: it is busy, and free once that program ends.
func (d Driver[U]) held(t *testing.T) {
	unit := d.Plug(t)
	t.Cleanup(unit.Unplug)
	release := d.Hold(t, unit)
	d.mustBe(t, devices.ErrBusy, devices.StateBusy)
	release()
	d.mustOpen(t, unit)
}

// forbidden takes the right to open the device. Root may open anything, so that somebody else does this test.
func (d Driver[U]) forbidden(t *testing.T) {
	if !asSomebodyElse(t) {
		return
	}
	unit := d.Plug(t)
	t.Cleanup(unit.Unplug)
	allow := d.Forbid(t, unit)
	d.mustBe(t, os.ErrPermission, devices.StateHWError)
	allow()
	d.mustOpen(t, unit)
}

// mustBe wants Open to fail in a way that a technician is told of rightly.
func (d Driver[U]) mustBe(t *testing.T, want error, state devices.State) {
	t.Helper()
	_, err := d.Open(t.Context())
	if !errors.Is(err, want) {
		t.Fatalf("Open = %v, want %v", err, want)
	}
	typed(t, err)
	if h := devices.HealthOf(err); h.State != state {
		t.Errorf("it is told as %+v, want %s", h, state)
	}
}

// mustOpen opens the device, and has a person use it.
func (d Driver[U]) mustOpen(t *testing.T, unit U) {
	t.Helper()
	device, err := d.Open(t.Context())
	if err != nil {
		t.Fatalf("Open = %v", err)
	}
	d.mustWork(t, unit, device)
	mustClose(t, device)
}

// nobody is Debian's user without rights.
const nobody = 65534

// asSomebodyElse tells whether this process may be refused a file. If it is root's it runs the test once more, as nobody, and takes over
// how that ends.
func asSomebodyElse(t *testing.T) bool {
	t.Helper()
	if os.Geteuid() != 0 {
		return true
	}
	dir, err := os.MkdirTemp("", "nobody")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 12*soon)
	defer cancel()
	program := exec.CommandContext(ctx, "/proc/self/exe", "-test.run="+exactly(t.Name()), "-test.count=1")
	program.Env = append(os.Environ(), "TMPDIR="+dir, "HOME="+dir, "LD_PRELOAD="+preload)
	program.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := program.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("PASS")) || bytes.Contains(out, []byte("no tests to run")) {
		t.Errorf("as nobody: %v\n%s", err, out)
	}
	return false
}

// exactly is the pattern that one test has alone.
func exactly(name string) string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	return strings.Join(parts, "/")
}
