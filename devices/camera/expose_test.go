package camera

import (
	"errors"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/camera/v4l2"
	model "github.com/foyer-station/foyer/emulate/v4l2"
)

const exposureAbsolute = 0x9a0902

// settable is a camera whose automatic has found 20 ms, and how it is opened.
func settable() (*model.Camera, func() (*v4l2.Device, error)) {
	m := exposing(3)
	m.Controls(map[uint32]model.Control{
		autoExposure: {Value: 3, Default: 3}, exposureAbsolute: {Value: 200, Least: 1, Most: 5000, Under: autoExposure},
	})
	return m, func() (*v4l2.Device, error) { m.Opened(); return v4l2.New(m), nil }
}

func TestAnExposureThatIsSetIsGivenBackAndTheNodeClosed(t *testing.T) {
	m, open := settable()
	e := NewExposure(open)
	if shortest, longest, err := e.Exposures(t.Context()); err != nil || shortest != 100*time.Microsecond || longest != 500*time.Millisecond || m.Open() != 0 {
		t.Fatalf("%v to %v, %v, node open %d times", shortest, longest, err, m.Open())
	}
	for exposure, want := range map[time.Duration]uint32{time.Millisecond: 10, 100 * time.Millisecond: 1000} {
		if err := e.Expose(t.Context(), exposure); err != nil || m.Value(exposureAbsolute) != want || m.Value(autoExposure) != 1 || m.Open() != 1 {
			t.Errorf("%v: %v; %d, node open %d times", exposure, err, m.Value(exposureAbsolute), m.Open())
		}
	}
	for range 2 {
		if err := e.Expose(t.Context(), 0); err != nil || m.Value(exposureAbsolute) != 200 || m.Value(autoExposure) != 3 || m.Open() != 0 {
			t.Errorf("%v; %d, automatic %d, node open %d times", err, m.Value(exposureAbsolute), m.Value(autoExposure), m.Open())
		}
	}
}

func TestACameraThatIsClosedGivesItsExposureBack(t *testing.T) {
	m, open := settable()
	c := &Camera{Exposure: NewExposure(open), closing: make(chan struct{}), done: make(chan struct{})}
	close(c.done)
	if err := c.Expose(t.Context(), time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil || m.Value(autoExposure) != 3 || m.Open() != 0 {
		t.Errorf("%v; automatic %d, node open %d times", err, m.Value(autoExposure), m.Open())
	}
}

func TestAnExposureThatCannotBeSetLeavesNothingOpen(t *testing.T) {
	pipeline := Config{Backend: GStreamer, Source: "videotestsrc ! appsink"}.exposureOf()
	if _, _, err := pipeline.Exposures(t.Context()); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("of a pipeline: %v", err)
	}
	m, open := settable()
	m.Controls(nil)
	e := NewExposure(open)
	if err := e.Expose(t.Context(), time.Millisecond); !errors.Is(err, errors.ErrUnsupported) || m.Open() != 0 {
		t.Errorf("without controls: %v, node open %d times", err, m.Open())
	}
	m, open = settable()
	e = NewExposure(open)
	if err := e.Expose(t.Context(), time.Millisecond); err != nil {
		t.Fatal(err)
	}
	m.Unplug()
	var which *devices.Error
	if err := e.Expose(t.Context(), 2*time.Millisecond); !errors.Is(err, devices.ErrUnplugged) || !errors.As(err, &which) {
		t.Errorf("pulled out: %v", err)
	}
	if err := e.Expose(t.Context(), 0); !errors.Is(err, devices.ErrUnplugged) || m.Open() != 0 {
		t.Errorf("pulled out: %v, node open %d times", err, m.Open())
	}
}
