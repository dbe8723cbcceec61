package udev_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/devices/udev"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
)

func TestMain(m *testing.M) { devicestest.RunPreloaded(m) }

// watch listens until stop is called, which gives what Watch returned.
func watch(t *testing.T, subsystems ...string) (heard <-chan string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	changes, ended := make(chan string, 1000), make(chan error, 1)
	go func() { ended <- udev.Watch(ctx, subsystems, func(s string) { changes <- s }) }()
	for range subsystems {
		wantChange(t, changes) // it listens now
	}
	return changes, func() error {
		cancel()
		return <-ended
	}
}

func wantChange(t *testing.T, heard <-chan string) string {
	t.Helper()
	select {
	case s := <-heard:
		return s
	case <-time.After(10 * time.Second):
		t.Fatal("nothing was heard")
		return ""
	}
}

func TestADeviceThatComesAndGoesIsHeard(t *testing.T) {
	bed := usbtest.NewBed(t)
	heard, stop := watch(t, udev.USB)
	for range 3 {
		if err := bed.Plug("1", usb.NewPad("serial").Device); err != nil {
			t.Fatal(err)
		}
		if s := wantChange(t, heard); s != udev.USB {
			t.Errorf("heard of %q, want usb", s)
		}
		bed.Unplug("1")
		wantChange(t, heard)
	}
	if err := stop(); !errors.Is(err, context.Canceled) {
		t.Errorf("Watch = %v, want context.Canceled", err)
	}
}

func TestACameraAndALineAreHeardOfByTheirSubsystem(t *testing.T) {
	bed := usbtest.NewBed(t)
	heard, stop := watch(t, udev.Video, udev.TTY)
	defer stop()
	for subsystem, name := range map[string]string{udev.Video: "video0", udev.TTY: "ttyACM0"} {
		bed.Announce(subsystem, name)
		if s := wantChange(t, heard); s != subsystem {
			t.Errorf("heard of %q, want %s", s, subsystem)
		}
	}
}

func TestWhatHappensInOtherSubsystemsIsNotHeard(t *testing.T) {
	bed := usbtest.NewBed(t)
	others, stopOthers := watch(t, udev.TTY, udev.Video)
	own, stopOwn := watch(t, udev.USB)
	if err := bed.Plug("1", usb.NewPad("serial").Device); err != nil {
		t.Fatal(err)
	}
	wantChange(t, own)
	stopOwn()
	stopOthers()
	if len(others) > 0 {
		t.Errorf("who listens to ttys and cameras heard of %q", <-others)
	}
}

func TestAMachineWithoutUdevdIsSilentAndEndsLikeAnyOther(t *testing.T) {
	usbtest.NewBed(t)
	if err := os.Remove(os.Getenv("UMOCKDEV_DIR") + "/run/udev/control"); err != nil {
		t.Fatal(err)
	}
	heard, stop := watch(t, udev.USB)
	if err := stop(); !errors.Is(err, context.Canceled) || len(heard) > 0 {
		t.Errorf("Watch = %v and %d events, want context.Canceled and none", err, len(heard))
	}
}

func TestListeningManyTimesLeavesNothingBehind(t *testing.T) {
	usbtest.NewBed(t)
	once := func() {
		_, stop := watch(t, udev.USB, udev.TTY)
		stop()
	}
	once()
	devicestest.NothingLeftBehind(t, func() {
		for range 200 {
			once()
		}
	})
}
