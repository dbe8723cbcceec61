package external_test

import (
	"context"
	"errors"
	"image"
	"image/color"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	driver "github.com/foyer-station/foyer/devices/camera"
	"github.com/foyer-station/foyer/devices/camera/v4l2"
	"github.com/foyer-station/foyer/emulate/camera"
	v4l2model "github.com/foyer-station/foyer/emulate/v4l2"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/chart"
	"github.com/foyer-station/foyer/hwtest/chart/charttest"
	"github.com/foyer-station/foyer/hwtest/external"
	"github.com/foyer-station/foyer/hwtest/wording"
)

func hallShot() charttest.Shot {
	return charttest.Shot{Size: image.Pt(camera.HallWidth, camera.HallHeight), DPI: 80, Blur: 0.4, Turned: -2, Beside: 130}
}

// hall is the camera that sees visitors, with something held before it.
type hall struct{ *camera.Hall }

func newHall(t *testing.T, fps int, m image.Image) hall {
	t.Helper()
	h, err := camera.NewHall(fps, m)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return hall{h}
}

func (h hall) open(ctx context.Context) (devices.Camera, error) {
	return driver.Open(ctx, driver.Config{Backend: driver.GStreamer, Source: h.Pipeline()})
}

func TestASoundCameraPassesEveryCheckOfTheChart(t *testing.T) {
	h := newHall(t, 30, hallShot().Take(chart.ForCamera()))
	r := run(t, external.Camera(h.open))
	rate := find(t, r, "frame_rate")
	wantAll(t, r, map[string]hwtest.Result{"exposure": hwtest.NotSupported, "frame_rate": rate.Result})
	if rate.Measure.Value < 1 || rate.Measure.Value > 33 {
		t.Errorf("%g frames a second of a camera that sends 30", rate.Measure.Value)
	}
	if c := find(t, r, "sharpness"); len(c.Pictures) != 1 {
		t.Errorf("%d pictures", len(c.Pictures))
	}
}

func TestEachFaultOfACameraIsNamedByItsOwnCheck(t *testing.T) {
	for name, c := range map[string]struct {
		fps  int
		shot func(*charttest.Shot)
		dead int
		want string
	}{
		"slow":                {fps: 3, want: "frame_rate"},
		"blurred":             {fps: 30, shot: func(s *charttest.Shot) { s.Blur = 2.2 }, want: "sharpness"},
		"dark in the corners": {fps: 30, shot: func(s *charttest.Shot) { s.Vignette = 1.6 }, want: "evenness"},
		"bent":                {fps: 30, shot: func(s *charttest.Shot) { s.Barrel = 0.3 }, want: "distortion"},
		"dead pixels":         {fps: 30, dead: 10, want: "dead_pixels"},
	} {
		t.Run(name, func(t *testing.T) {
			shot := hallShot()
			if c.shot != nil {
				c.shot(&shot)
			}
			m := shot.Take(chart.ForCamera())
			for i := range c.dead {
				m.SetGray(40+16*i, 40, color.Gray{Y: 250})
			}
			h := newHall(t, c.fps, m)
			r := run(t, external.Camera(h.open))
			want := map[string]hwtest.Result{"exposure": hwtest.NotSupported, "frame_rate": find(t, r, "frame_rate").Result}
			want[c.want] = hwtest.Failed
			wantAll(t, r, want)
		})
	}
}

func TestWithoutAChartACameraIsCountedAlone(t *testing.T) {
	h := newHall(t, 30, image.NewGray(image.Rect(0, 0, camera.HallWidth, camera.HallHeight)))
	r := run(t, external.Camera(h.open))
	if got := results(r)[1:]; !slices.Equal(got, []string{"exposure not_supported", "sharpness not_performed", "evenness not_performed", "distortion not_performed", "dead_pixels not_performed"}) {
		t.Errorf("%v", got)
	}
	if c := find(t, r, "sharpness"); !c.Remedy.Is("remedy.hold_chart") {
		t.Errorf("%+v", c)
	}
}

// Controls of an emulated camera, by the numbers of v4l2-controls.h.
const (
	autoExposure     = 0x9a0901
	exposureAbsolute = 0x9a0902
)

// settable is a camera of the emulated hall whose exposure is set as a real camera's is. What it shows is as light as that.
type settable struct {
	devices.Camera
	*driver.Exposure
}

var _ external.Exposer = (*driver.Camera)(nil)

// exposing is such a camera and what the kernel knows of it. One that is stuck takes every exposure, and shows the same.
func exposing(t *testing.T, stuck bool) (func(context.Context) (devices.Camera, error), *v4l2model.Camera) {
	h := newHall(t, 30, image.NewGray(image.Rect(0, 0, camera.HallWidth, camera.HallHeight)))
	kernel := &v4l2model.Camera{Name: "C920"}
	kernel.Controls(map[uint32]v4l2model.Control{
		autoExposure: {Value: 3, Default: 3}, exposureAbsolute: {Value: 166, Least: 10, Most: 100000, Under: autoExposure},
	})
	kernel.Changed = func(id, value uint32) {
		if id != exposureAbsolute || stuck {
			return
		}
		m := image.NewGray(image.Rect(0, 0, camera.HallWidth, camera.HallHeight))
		for i := range m.Pix {
			m.Pix[i] = uint8(min(255, value/10))
		}
		if err := h.Show(m); err != nil {
			t.Error(err)
		}
	}
	return func(ctx context.Context) (devices.Camera, error) {
		c, err := h.open(ctx)
		return settable{c, driver.NewExposure(func() (*v4l2.Device, error) { kernel.Opened(); return v4l2.New(kernel), nil })}, err
	}, kernel
}

func TestAnExposureSweepGivesACurveAndLeavesTheCameraAsItWasFound(t *testing.T) {
	for stuck, want := range map[bool]hwtest.Result{false: hwtest.Passed, true: hwtest.Failed} {
		open, kernel := exposing(t, stuck)
		r := run(t, external.Camera(open))
		c := find(t, r, "exposure")
		knows(t, c)
		if c.Result != want || c.Curve == nil || len(c.Curve.X) != 6 || len(c.Curve.Y) != 6 || c.Curve.X[0] != 1 || c.Curve.X[5] != 250 {
			t.Fatalf("stuck %v: %s, %v, %+v", stuck, c.Result, c.Reason, c.Curve)
		}
		if !stuck && (!slices.IsSorted(c.Curve.Y) || c.Curve.Y[5] < 150) {
			t.Errorf("%v", c.Curve.Y)
		}
		asFound(t, kernel)
		var page strings.Builder
		words, err := wording.Load("en")
		if err != nil {
			t.Fatal(err)
		}
		if err := r.WriteHTML(&page, words, "en", nil); err != nil || strings.Contains(page.String(), "<polyline") != (c.Curve != nil) {
			t.Errorf("%v; the report has no curve", err)
		}
	}
}

func asFound(t *testing.T, kernel *v4l2model.Camera) {
	t.Helper()
	if kernel.Value(autoExposure) != 3 || kernel.Value(exposureAbsolute) != 166 || kernel.Open() != 0 {
		t.Errorf("automatic %d, exposure %d, node open %d times", kernel.Value(autoExposure), kernel.Value(exposureAbsolute), kernel.Open())
	}
}

func TestAnInterruptedSweepLeavesTheCameraAsItWasFound(t *testing.T) {
	open, kernel := exposing(t, true)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	kernel.Changed = func(id, _ uint32) {
		if id == exposureAbsolute {
			cancel()
		}
	}
	checks := hwtest.Run(ctx, []hwtest.Subject{external.Camera(open)}, time.Minute, nil)
	if i := slices.IndexFunc(checks, func(c hwtest.Check) bool { return c.ID == "camera.exposure" }); i < 0 || checks[i].Result != hwtest.Aborted {
		t.Errorf("%+v", checks)
	}
	asFound(t, kernel)
}

// dying is a camera that is pulled out in the middle of everything.
type dying struct {
	devices.Camera
	frames *atomic.Int32
}

func (d dying) Frame(ctx context.Context, dst *image.RGBA) (*image.RGBA, error) {
	if d.frames.Add(1) > 3 {
		return nil, &devices.Error{Kind: devices.KindCamera, Op: "read frame", Err: devices.ErrUnplugged}
	}
	return d.Camera.Frame(ctx, dst)
}

func TestACameraThatIsPulledOutFailsEveryCheck(t *testing.T) {
	h := newHall(t, 30, hallShot().Take(chart.ForCamera()))
	var frames atomic.Int32
	r := run(t, external.Camera(func(ctx context.Context) (devices.Camera, error) {
		c, err := h.open(ctx)
		return dying{c, &frames}, err
	}))
	for _, c := range r.Checks[2:] {
		if c.Result != hwtest.Failed || c.State != devices.StateNoDevice {
			t.Errorf("%s: %s, %s", c.ID, c.Result, c.State)
		}
	}
	none := run(t, external.Camera(func(context.Context) (devices.Camera, error) {
		return nil, &devices.Error{Kind: devices.KindCamera, Op: "open", Err: errors.Join(devices.ErrNoDevice)}
	}))
	if len(none.Checks) != 8 || none.Checks[0].Result != hwtest.Failed || none.Checks[7].Result != hwtest.NotPerformed {
		t.Errorf("%v", results(none))
	}
}
