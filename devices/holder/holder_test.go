package holder_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/holder"
)

// held is a node that another program has open, and that program as it is named.
func held(t *testing.T) (node, name string) {
	t.Helper()
	node = filepath.Join(t.TempDir(), "ttyACM0")
	file, err := os.Create(node)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	other := exec.Command("sleep", "600")
	other.ExtraFiles = []*os.File{file}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Process.Kill(); other.Wait() })
	return node, fmt.Sprintf("sleep (%d)", other.Process.Pid)
}

// busy is the health of a device at a node that another program is using.
func busy(node string) devices.Health {
	return devices.HealthOf(&devices.Error{Kind: devices.KindSignaturePad, Op: "open", Err: devices.HeldAt(node, devices.ErrBusy)})
}

func TestAProgramThatHasADeviceOpenIsNamedWithItsNumberAndWithoutItsArguments(t *testing.T) {
	node, name := held(t)
	for _, named := range []func(context.Context, devices.Health) devices.Health{holder.Named, holder.NamedOrHow} {
		h := named(t.Context(), busy(node))
		if len(h.Also) != 1 || h.Also[0].String() != "device.held_by; names: "+name {
			t.Errorf("also said: %v, want %s", h.Also, name)
		}
		if again := holder.NamedOrHow(t.Context(), h); len(again.Also) != 1 {
			t.Errorf("it is named twice: %v", again.Also)
		}
	}
}

func TestALinkToTheNodeIsAsGood(t *testing.T) {
	node, name := held(t)
	link := filepath.Join(t.TempDir(), "by-id")
	if err := os.Symlink(node, link); err != nil {
		t.Fatal(err)
	}
	if names, _ := holder.Of(t.Context(), link); len(names) != 1 || names[0] != name {
		t.Errorf("%q, want %s", names, name)
	}
}

func TestNothingIsSaidWhereNobodyHasItOpenButThisProgram(t *testing.T) {
	own, err := os.Create(filepath.Join(t.TempDir(), "node"))
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	for name, h := range map[string]devices.Health{
		"this program alone": busy(own.Name()),
		"no node is known":   devices.HealthOf(devices.ErrBusy),
		"it is not in use":   devices.HealthOf(devices.HeldAt(own.Name(), devices.ErrTimeout)),
	} {
		if h := holder.Named(t.Context(), h); len(h.Also) > 0 {
			t.Errorf("%s: %v", name, h.Also)
		}
	}
}

func TestLookingForItEndsWithItsContextAndIsQuick(t *testing.T) {
	node, _ := held(t)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if names, _ := holder.Of(over, node); len(names) > 0 {
		t.Errorf("%q after its context", names)
	}
	began := time.Now()
	holder.Named(t.Context(), busy(node))
	if took := time.Since(began); took > time.Second { // the bound is 200 ms, on a computer that does nothing else
		t.Errorf("it took %v", took)
	}
}

func BenchmarkOf(b *testing.B) {
	for b.Loop() {
		holder.Of(b.Context(), "/dev/ttyACM0")
	}
}
