package camera

import (
	"errors"
	"testing"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/camera/v4l2"
	model "github.com/foyer-station/foyer/emulate/v4l2"
)

func mode(format string, width, height int, fps float64) v4l2.Mode {
	return v4l2.Mode{Format: format, Width: width, Height: height, FPS: fps}
}

var webcam = []v4l2.Mode{
	mode("YUYV", 640, 480, 30), mode("YUYV", 1280, 720, 10), mode("YUYV", 1920, 1080, 5),
	mode("MJPG", 640, 480, 30), mode("MJPG", 1280, 720, 60), mode("MJPG", 1920, 1080, 30),
	mode("H264", 1280, 720, 30),
}

func TestTheModeThatFitsBestIsTaken(t *testing.T) {
	for name, test := range map[string]struct {
		cfg   Config
		modes []v4l2.Mode
		want  v4l2.Mode
		ok    bool
	}{
		"small and slow enough to go uncompressed":    {Config{Width: 640, Height: 480, FPS: 15}, webcam, webcam[0], true},
		"too fast to go uncompressed":                 {Config{Width: 1280, Height: 720, FPS: 15}, webcam, webcam[4], true},
		"too much for a bus that others use":          {Config{Width: 1280, Height: 720}, webcam, webcam[4], true},
		"no such size: the next larger":               {Config{Width: 1000, Height: 700, FPS: 15}, webcam, webcam[4], true},
		"larger than all: the largest, and no":        {Config{Width: 3840, Height: 2160}, webcam, webcam[5], false},
		"no such rate: the size counts more":          {Config{Width: 1920, Height: 1080, FPS: 60}, webcam, webcam[5], true},
		"nothing but uncompressed":                    {Config{Width: 1920, Height: 1080}, webcam[:3], webcam[2], true},
		"nothing that OpenCV knows":                   {Config{Width: 640, Height: 480}, webcam[6:], v4l2.Mode{}, false},
		"a camera that tells no rates":                {Config{Width: 640, Height: 480}, []v4l2.Mode{mode("MJPG", 640, 480, 0)}, mode("MJPG", 640, 480, 0), true},
		"a camera that lists nothing":                 {Config{Width: 640, Height: 480}, nil, v4l2.Mode{}, false},
		"a grey camera that fits where others do not": {Config{Width: 1280, Height: 800}, []v4l2.Mode{mode("GREY", 1280, 800, 10), mode("UYVY", 1280, 800, 10)}, mode("GREY", 1280, 800, 10), true},
	} {
		if got, ok := test.cfg.choose(test.modes); got != test.want || ok != test.ok {
			t.Errorf("%s: %v, %v; want %v, %v", name, got, ok, test.want, test.ok)
		}
	}
}

func TestACameraWithoutTheConfiguredSizeSaysWhichItHas(t *testing.T) {
	cfg := Config{Width: 3840, Height: 2160}
	h, is := cfg.doubt(agreement{asked: true, got: webcam[5], modes: webcam})
	want := "camera.mode; wanted: 3840x2160; got: 1920x1080 MJPG 30/s; modes: 1920x1080 MJPG 30/s, 1280x720 MJPG 60/s, 640x480 YUYV 30/s"
	if !is || h.State != devices.StateDegraded || h.Reason.String() != want || !h.Remedy.Is(setMode) {
		t.Errorf("%v %s\n%s", is, h.Reason, want)
	}
	cfg = Config{Width: 1280, Height: 720}
	if h, is := cfg.doubt(agreement{asked: true, got: webcam[4], modes: webcam}); is {
		t.Errorf("%+v", h)
	}
}

// opened is a camera of which only the kernel's side is there.
func opened(m *model.Camera, byLamps bool) *Camera {
	return &Camera{cfg: Config{Backend: V4L2, Source: "/dev/video7", ByLamps: byLamps, V4L2: func(string) (*v4l2.Device, error) {
		m.Opened()
		return v4l2.New(m), nil
	}}}
}

const autoExposure = 0x9a0901

func exposing(value uint32) *model.Camera {
	m := &model.Camera{Name: "C920", Formats: []model.Format{{FourCC: "MJPG", Sizes: []model.Size{{Width: 640, Height: 480, Rates: []uint32{30}}}}}}
	m.Controls(map[uint32]model.Control{autoExposure: {Value: value, Default: 3}})
	return m
}

func TestExposureIsHeldUntilItIsReleased(t *testing.T) {
	m := exposing(3)
	release, err := opened(m, false).LockExposure(t.Context())
	if err != nil || m.Value(autoExposure) != 1 || m.Open() != 1 {
		t.Fatalf("%v; exposure %d, node open %d times", err, m.Value(autoExposure), m.Open())
	}
	for range 2 {
		if err := release(t.Context()); err != nil || m.Value(autoExposure) != 3 || m.Open() != 0 {
			t.Errorf("%v; exposure %d, node open %d times", err, m.Value(autoExposure), m.Open())
		}
	}
}

func TestACameraThatCannotHoldItsExposureSaysSo(t *testing.T) {
	m := exposing(3)
	m.Controls(nil)
	_, err := opened(m, false).LockExposure(t.Context())
	var which *devices.Error
	if !errors.Is(err, errors.ErrUnsupported) || !errors.As(err, &which) || m.Open() != 0 {
		t.Errorf("%v, node open %d times", err, m.Open())
	}
}

func TestACameraThatIsOpenedExposesByItselfUnlessLampsLightIt(t *testing.T) {
	for byLamps, want := range map[bool]uint32{false: 3, true: 1} {
		m := exposing(1)
		modes, card, err := opened(m, byLamps).cfg.survey("/dev/video7")
		if err != nil || len(modes) != 1 || card.Name != "C920" || m.Open() != 0 {
			t.Errorf("%v, %v, %v", modes, card, err)
		}
		if got := m.Value(autoExposure); got != want {
			t.Errorf("lit by lamps %v: exposure is %d, want %d", byLamps, got, want)
		}
	}
}

func TestACameraThatAnotherProgramUsesIsBusy(t *testing.T) {
	m := exposing(1)
	m.Busy = true
	if _, _, err := opened(m, false).cfg.survey("/dev/video7"); !errors.Is(err, devices.ErrBusy) || m.Open() != 0 {
		t.Error(err)
	}
	if m.Value(autoExposure) != 1 {
		t.Error("another program's exposure was changed")
	}
}

func TestANodeThatTakesNoPicturesIsNoCamera(t *testing.T) {
	m := exposing(3)
	m.MetaOnly = true
	if _, _, err := opened(m, false).cfg.survey("/dev/video7"); !errors.Is(err, devices.ErrNoDevice) {
		t.Error(err)
	}
	m.Unplug()
	if _, _, err := opened(m, false).cfg.survey("/dev/video7"); !errors.Is(err, devices.ErrNoDevice) {
		t.Error(err)
	}
}
