package hil_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/camera"
	"github.com/foyer-station/foyer/devices/camera/v4l2"
)

// vivid is the node of the kernel's test camera.
func vivid(t *testing.T) string {
	t.Helper()
	names, err := filepath.Glob("/sys/class/video4linux/video*/name")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range names {
		if name, err := os.ReadFile(path); err == nil && strings.HasPrefix(string(name), "vivid") {
			return filepath.Join("/dev", filepath.Base(filepath.Dir(path)))
		}
	}
	t.Fatal("the kernel has no test camera")
	return ""
}

func TestACameraOfTheKernelsGivesPicturesOfTheSizeAskedFor(t *testing.T) {
	inMachine(t)
	c, err := camera.Open(limited(t), camera.Config{Backend: camera.V4L2, Source: vivid(t), Width: 640, Height: 360})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 3 {
		frame, err := c.Frame(limited(t), nil)
		if err != nil {
			t.Fatal(err)
		}
		if size := frame.Rect.Size(); size.X != 640 || size.Y != 360 {
			t.Errorf("a picture of %v", size)
		}
	}
}

func TestTheKernelsAnswersAboutACameraAreUnderstood(t *testing.T) {
	inMachine(t)
	d, err := v4l2.Open(vivid(t))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if card, err := d.Card(); err != nil || card.Driver != "vivid" || !strings.HasPrefix(card.Name, "vivid") {
		t.Errorf("%+v, %v", card, err)
	}
	modes, err := d.Modes(640, 360)
	has := func(m v4l2.Mode) bool { return m.Format == "YUYV" && m.Width == 640 && m.Height == 360 && m.FPS >= 10 }
	if err != nil || !slices.ContainsFunc(modes, has) {
		t.Errorf("%v, %v", modes, err)
	}
	if m, err := d.Current(); err != nil || m.Width == 0 || m.FPS == 0 {
		t.Errorf("%v, %v", m, err)
	}
}

func TestFramesOfTheKernelsAreFreshAfterAPauseAndSayWhenTheyWereTaken(t *testing.T) {
	inMachine(t)
	c, err := camera.Open(limited(t), camera.Config{Backend: camera.V4L2, Source: vivid(t), Width: 320, Height: 180})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var last time.Time
	for range 3 {
		_, taken, err := c.FrameTaken(limited(t), nil)
		if err != nil {
			t.Fatal(err)
		}
		if !taken.After(last) {
			t.Errorf("a frame was taken at %v, after one of %v", taken, last)
		}
		last = taken
		time.Sleep(2 * time.Second) // the pause itself: the kernel's four buffers fill with what is past
	}
	asked := time.Now()
	_, taken, err := c.FrameTaken(limited(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	const interval, slack = 100 * time.Millisecond, 100 * time.Millisecond
	if before := asked.Sub(taken); before > interval+slack {
		t.Errorf("after a pause came a frame of %v before it was asked for", before)
	}
	if c.Info().Path == "" || !strings.HasPrefix(c.Info().Model, "vivid") {
		t.Errorf("%+v", c.Info())
	}
	if h := c.Health(limited(t)); h.State != devices.StateOnline {
		t.Errorf("%+v", h)
	}
}

// TestTheKernelsCameraIsHeldAndReleased by the one automatic that it has, its gain.
func TestTheKernelsCameraIsHeldAndReleased(t *testing.T) {
	inMachine(t)
	c, err := camera.Open(limited(t), camera.Config{Backend: camera.V4L2, Source: vivid(t), Width: 640, Height: 360})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	release, err := c.LockExposure(limited(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Frame(limited(t), nil); err != nil {
		t.Errorf("while it is held: %v", err)
	}
	if err := release(limited(t)); err != nil {
		t.Error(err)
	}
}

func TestACameraWithoutTheConfiguredSizeGivesItsLargestAndSaysSo(t *testing.T) {
	inMachine(t)
	c, err := camera.Open(limited(t), camera.Config{Backend: camera.V4L2, Source: vivid(t), Width: 9000, Height: 9000})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	h := c.Health(limited(t))
	if h.State != devices.StateDegraded || !h.Reason.Is("camera.mode") || !strings.Contains(h.Reason.String(), "640x360") || h.Remedy.IsZero() {
		t.Errorf("%+v", h)
	}
}

func TestACameraThatIsOpenIsBusyForOthers(t *testing.T) {
	inMachine(t)
	config := camera.Config{Backend: camera.V4L2, Source: vivid(t), Width: 640, Height: 360}
	c, err := camera.Open(limited(t), config)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if second, err := camera.Open(limited(t), config); !errors.Is(err, devices.ErrBusy) {
		t.Errorf("a second Open = %v, %v, want ErrBusy", second, err)
	}
	if _, err := c.Frame(limited(t), nil); err != nil {
		t.Errorf("the first is disturbed: %v", err)
	}
	c.Close()
	if c, err = camera.Open(limited(t), config); err != nil {
		t.Errorf("once it is free: %v", err)
		return
	}
	c.Close()
}
