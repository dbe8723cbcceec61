package v4l2_test

import (
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/devices/camera/v4l2"
	model "github.com/foyer-station/foyer/emulate/v4l2"
)

// Controls, by the numbers of v4l2-controls.h.
const (
	autoExposure     = 0x9a0901
	exposure         = 0x9a0902
	autoWhiteBalance = 0x98090c
	temperature      = 0x98091a
	autoFocus        = 0x9a090c
	focus            = 0x9a090a
	lock3A           = 0x9a091b
	autoGain         = 0x980912
)

func size(width, height uint32, rates ...uint32) model.Size {
	return model.Size{Width: width, Height: height, Rates: rates}
}

func mode(format string, width, height int, fps float64) v4l2.Mode {
	return v4l2.Mode{Format: format, Width: width, Height: height, FPS: fps}
}

func webcam() *model.Camera {
	c := &model.Camera{
		Driver: "uvcvideo", Name: "HD Pro Webcam C920", Bus: "usb-0000:00:14.0-1",
		Formats: []model.Format{
			{FourCC: "YUYV", Sizes: []model.Size{size(640, 480, 30, 15), size(1280, 720, 10, 5)}},
			{FourCC: "MJPG", Sizes: []model.Size{size(640, 480, 30), size(1280, 720, 60, 30)}},
		},
		Set: model.Mode{FourCC: "YUYV", Width: 640, Height: 480, Rate: 30},
	}
	c.Controls(map[uint32]model.Control{
		autoExposure: {Value: 3, Default: 3}, exposure: {Value: 333, Default: 250},
		autoWhiteBalance: {Value: 1, Default: 1}, temperature: {Value: 4600, Default: 4000},
		autoFocus: {Value: 0, Default: 1}, focus: {Value: 30},
	})
	return c
}

func TestACameraSaysWhatItIsAndWhichModesItHas(t *testing.T) {
	d := v4l2.New(webcam())
	card, err := d.Card()
	if want := (v4l2.Card{Driver: "uvcvideo", Name: "HD Pro Webcam C920", Bus: "usb-0000:00:14.0-1"}); err != nil || card != want {
		t.Errorf("%+v, %v", card, err)
	}
	modes, err := d.Modes(0, 0)
	want := []v4l2.Mode{mode("YUYV", 640, 480, 30), mode("YUYV", 1280, 720, 10), mode("MJPG", 640, 480, 30), mode("MJPG", 1280, 720, 60)}
	if err != nil || !cmp.Equal(modes, want) {
		t.Errorf("%v, %v", modes, err)
	}
	if m, err := d.Current(); err != nil || m != want[0] || m.String() != "640x480 YUYV 30/s" {
		t.Errorf("%v, %v", m, err)
	}
}

func TestASizeThatCanBeSetFreelyIsTheSmallestThatHasRoom(t *testing.T) {
	c := &model.Camera{Formats: []model.Format{{FourCC: "YUYV", Free: &model.Range{
		Least: [2]uint32{16, 16}, Most: [2]uint32{4096, 2160}, Step: [2]uint32{16, 2},
	}}}}
	for _, test := range []struct {
		width, height int
		want          []v4l2.Mode
	}{
		{1000, 701, []v4l2.Mode{mode("YUYV", 1008, 702, 60), mode("YUYV", 4096, 2160, 60)}},
		{1, 1, []v4l2.Mode{mode("YUYV", 16, 16, 60), mode("YUYV", 4096, 2160, 60)}},
		{9000, 0, []v4l2.Mode{mode("YUYV", 4096, 2160, 60)}},
	} {
		if modes, err := v4l2.New(c).Modes(test.width, test.height); err != nil || !cmp.Equal(modes, test.want) {
			t.Errorf("%d x %d: %v, %v", test.width, test.height, modes, err)
		}
	}
}

func TestANodeForMetaDataIsNoCamera(t *testing.T) {
	if _, err := v4l2.New(&model.Camera{MetaOnly: true}).Card(); !errors.Is(err, v4l2.ErrNoCamera) {
		t.Error(err)
	}
}

func TestWhatTheCameraHadFoundIsHeldAndGivenBack(t *testing.T) {
	c := webcam()
	d := v4l2.New(c)
	held, err := d.Lock()
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[uint32]uint32{autoExposure: 1, exposure: 333, autoWhiteBalance: 0, temperature: 4600, autoFocus: 0} {
		if got := c.Value(id); got != want {
			t.Errorf("locked, control %#x is %d, want %d", id, got, want)
		}
	}
	if err := d.Restore(held); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[uint32]uint32{autoExposure: 3, autoWhiteBalance: 1, autoFocus: 0} { // the focus was by hand before
		if got := c.Value(id); got != want {
			t.Errorf("restored, control %#x is %d, want %d", id, got, want)
		}
	}
}

func TestACameraWithOneLockForEverythingIsLockedByIt(t *testing.T) {
	c := webcam()
	c.Controls(map[uint32]model.Control{lock3A: {}, autoExposure: {Value: 3, Default: 3}})
	d := v4l2.New(c)
	held, err := d.Lock()
	if err != nil || c.Value(lock3A) != 7 || c.Value(autoExposure) != 3 {
		t.Fatalf("%v; lock %d, exposure %d", err, c.Value(lock3A), c.Value(autoExposure))
	}
	if err := d.Restore(held); err != nil || c.Value(lock3A) != 0 {
		t.Errorf("%v; lock %d", err, c.Value(lock3A))
	}
}

func TestACameraThatCannotBeHeldSaysSo(t *testing.T) {
	c := webcam()
	c.Controls(map[uint32]model.Control{autoExposure: {Value: 3, Default: 3, Fixed: true}})
	if _, err := v4l2.New(c).Lock(); !errors.Is(err, errors.ErrUnsupported) {
		t.Error(err)
	}
	if n := v4l2.New(c).Release(); n != 0 {
		t.Errorf("%d were released", n)
	}
}

func TestWhatAProgramThatEndedLeftLockedIsReleased(t *testing.T) {
	c := webcam()
	if _, err := v4l2.New(c).Lock(); err != nil {
		t.Fatal(err)
	}
	if n := v4l2.New(c).Release(); n != 3 { // the focus too: nobody knows who set it by hand
		t.Errorf("%d were released", n)
	}
	for id, want := range map[uint32]uint32{autoExposure: 3, autoWhiteBalance: 1, autoFocus: 1} {
		if got := c.Value(id); got != want {
			t.Errorf("control %#x is %d, want %d", id, got, want)
		}
	}
}

// exposing is a webcam whose exposure can be set from 0.3 to 200 ms, while no automatic sets it.
func exposing() *model.Camera {
	c := webcam()
	c.Controls(map[uint32]model.Control{
		autoExposure: {Value: 3, Default: 3}, exposure: {Value: 333, Least: 3, Most: 2000, Under: autoExposure}, autoGain: {Value: 1, Default: 1},
	})
	return c
}

func TestAnExposureIsSetToTheNearestThatThereIsAndGivenBackAsItWasFound(t *testing.T) {
	c := exposing()
	d := v4l2.New(c)
	if shortest, longest, err := d.Exposures(); err != nil || shortest != 300*time.Microsecond || longest != 200*time.Millisecond {
		t.Fatalf("%v to %v, %v", shortest, longest, err)
	}
	held, err := d.TakeExposure()
	if err != nil || c.Value(autoExposure) != 1 || c.Value(autoGain) != 0 {
		t.Fatalf("%v; exposure %d, gain %d", err, c.Value(autoExposure), c.Value(autoGain))
	}
	for asked, want := range map[time.Duration]uint32{10 * time.Millisecond: 100, 0: 3, time.Hour: 2000} {
		if err := d.Expose(asked); err != nil || c.Value(exposure) != want {
			t.Errorf("%v: %v, %d, want %d", asked, err, c.Value(exposure), want)
		}
	}
	if err := d.Restore(held); err != nil || c.Value(autoExposure) != 3 || c.Value(exposure) != 333 || c.Value(autoGain) != 1 {
		t.Errorf("%v; automatic %d, exposure %d, gain %d", err, c.Value(autoExposure), c.Value(exposure), c.Value(autoGain))
	}
}

func TestACameraWhoseExposureCannotBeSetSaysSo(t *testing.T) {
	for name, controls := range map[string]map[uint32]model.Control{
		"none":                        {autoGain: {Value: 1}},
		"one that only tells":         {exposure: {Value: 3, Least: 3, Most: 2000, Fixed: true}},
		"one that is always the same": {exposure: {Value: 3, Least: 3, Most: 3}},
	} {
		c := webcam()
		c.Controls(controls)
		if _, _, err := v4l2.New(c).Exposures(); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := webcam()
	c.Controls(map[uint32]model.Control{autoExposure: {Value: 3, Fixed: true}, exposure: {Value: 3, Least: 3, Most: 2000}})
	if _, err := v4l2.New(c).TakeExposure(); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("an automatic that does not let go: %v", err)
	}
}

func TestACameraThatIsPulledOutSaysSo(t *testing.T) {
	c := webcam()
	d := v4l2.New(c)
	held, err := d.Lock()
	if err != nil {
		t.Fatal(err)
	}
	c.Unplug()
	if err := d.Restore(held); !errors.Is(err, syscall.ENODEV) {
		t.Error(err)
	}
	if _, _, err := d.Exposures(); !errors.Is(err, syscall.ENODEV) {
		t.Error(err)
	}
	if _, err := d.TakeExposure(); !errors.Is(err, syscall.ENODEV) {
		t.Error(err)
	}
	if _, err := d.Modes(0, 0); !errors.Is(err, syscall.ENODEV) {
		t.Error(err)
	}
}

// liar answers every request with the same bytes.
type liar []byte

func (l liar) Ioctl(_ uint32, b []byte) error {
	for i := range b {
		if len(l) > 0 {
			b[i] = l[i%len(l)]
		}
	}
	return nil
}
func (liar) Close() error { return nil }

func FuzzWhateverADriverSaysIsBounded(f *testing.F) {
	f.Add([]byte{1, 0, 0, 0})
	f.Add([]byte{0xff})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, answer []byte) {
		d := v4l2.New(liar(answer))
		if card, err := d.Card(); err == nil && len(card.Name) > 32 {
			t.Errorf("%q", card.Name)
		}
		modes, err := d.Modes(1280, 720)
		if err != nil || len(modes) > 32*128 {
			t.Errorf("%d modes, %v", len(modes), err)
		}
		for _, m := range modes {
			if m.Width < 1 || m.Width > 1<<14 || m.Height < 1 || m.Height > 1<<14 || m.FPS < 0 || m.FPS > 1000 || len(m.Format) > 4 {
				t.Fatalf("%+v", m)
			}
		}
		d.Current()
		if held, err := d.Lock(); err == nil {
			d.Restore(held)
		}
		d.Release()
		if shortest, longest, err := d.Exposures(); err == nil && (shortest <= 0 || longest <= shortest) {
			t.Errorf("%v to %v", shortest, longest)
		}
		if held, err := d.TakeExposure(); err == nil {
			d.Expose(time.Second)
			d.Restore(held)
		}
	})
}
