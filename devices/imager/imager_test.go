package imager_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/imager"
)

// The whole way, through OpenCV and LED files, is tested where those are emulated (emulate/camera). Here the
// order of light and pictures is.

// bench is a camera and lamps that write down what happens.
type bench struct {
	log    []string
	fail   error              // what the camera says
	frames []*image.RGBA      // handed out
	pulled int                // the frame at which the camera is pulled out; 0 is never
	stuck  bool               // lamps that burn cannot be put out
	cancel context.CancelFunc // called at the first frame
	looks  int                // how often its health was asked for
}

func (b *bench) Frame(ctx context.Context, dst *image.RGBA) (*image.RGBA, error) {
	if b.cancel != nil {
		b.cancel()
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b.log = append(b.log, "frame")
	if b.pulled > 0 && len(b.frames) >= b.pulled {
		return nil, devices.ErrUnplugged
	}
	frame := image.NewRGBA(image.Rect(0, 0, 4, 3))
	frame.Pix[0] = 0xff
	b.frames = append(b.frames, frame)
	return frame, b.fail
}

func (b *bench) Switch(ctx context.Context, light devices.Light, on bool) error {
	b.log = append(b.log, fmt.Sprintf("%s %t", light, on))
	if b.stuck && !on && len(b.frames) > 0 {
		return devices.ErrTimeout
	}
	return ctx.Err()
}

func (b *bench) Check(context.Context) error { return nil }
func (b *bench) Info() devices.Info          { return devices.Info{Kind: devices.KindCamera, Path: "bench"} }
func (b *bench) Health(context.Context) devices.Health {
	b.looks++
	return devices.Health{State: devices.StateOnline}
}
func (b *bench) Close() error { b.log = append(b.log, "closed"); return nil }

func newImager(t *testing.T, b *bench, cfg imager.Config) *imager.Imager {
	t.Helper()
	m, err := imager.New(t.Context(), b, b, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestEveryLampIsPutOutBeforeAnythingElse(t *testing.T) {
	b := &bench{}
	newImager(t, b, imager.Config{DPI: 400})
	want := []string{"visible false", "infrared false", "ultraviolet false"}
	if !slices.Equal(b.log, want) {
		t.Errorf("%q, want %q", b.log, want)
	}
}

func TestOneFrameIsKeptAfterThoseOfTheOldLight(t *testing.T) {
	b := &bench{}
	m := newImager(t, b, imager.Config{DPI: 400, Settle: time.Nanosecond, Discard: 2})
	b.log = nil
	_, dpi, err := m.Page(t.Context(), devices.LightInfrared)
	if err != nil || dpi != 400 {
		t.Fatal(dpi, err)
	}
	want := []string{"infrared true", "frame", "frame", "frame", "infrared false"}
	if !slices.Equal(b.log, want) {
		t.Errorf("%q, want %q", b.log, want)
	}
}

func TestFramesAreThrownAwayUntilTheLightHasSettled(t *testing.T) {
	b := &bench{}
	m := newImager(t, b, imager.Config{DPI: 400, Settle: 20 * time.Millisecond, Discard: 1})
	start := time.Now()
	if _, _, err := m.Page(t.Context(), devices.LightVisible); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took < 20*time.Millisecond {
		t.Errorf("a picture after %v", took)
	}
}

func TestTheLampGoesOutWhenTheCameraFails(t *testing.T) {
	b := &bench{fail: devices.ErrUnplugged}
	m := newImager(t, b, imager.Config{DPI: 400})
	_, _, err := m.Page(t.Context(), devices.LightUltraviolet)
	var which *devices.Error
	if !errors.Is(err, devices.ErrUnplugged) || !errors.As(err, &which) || which.Kind != devices.KindPageImager {
		t.Errorf("the picture gave %v", err)
	}
	if last := b.log[len(b.log)-1]; last != "ultraviolet false" {
		t.Errorf("at last came %q", last)
	}
}

func TestTheLampGoesOutWhenTheCallerGivesUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b := &bench{cancel: cancel}
	m := newImager(t, b, imager.Config{DPI: 400})
	_, _, err := m.Page(ctx, devices.LightVisible)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the picture gave %v", err)
	}
	// The lamp was put out under a context of its own, or Switch would have said that it is cancelled.
	if last := b.log[len(b.log)-1]; last != "visible false" || len(joined(err)) != 1 {
		t.Errorf("at last came %q, with errors %v", last, err)
	}
}

func TestOfAPageThatNobodyGetsNothingIsLeft(t *testing.T) {
	tests := map[string]struct {
		bench *bench
		want  error
	}{
		"camera pulled out": {&bench{pulled: 2}, devices.ErrUnplugged},
		"lamp burns on":     {&bench{stuck: true}, devices.ErrTimeout},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := newImager(t, test.bench, imager.Config{DPI: 400, Settle: time.Nanosecond, Discard: 4})
			if _, _, err := m.Page(t.Context(), devices.LightVisible); !errors.Is(err, test.want) {
				t.Errorf("the picture gave %v, want %v", err, test.want)
			}
			if last := test.bench.frames[len(test.bench.frames)-1]; last.Pix[0] != 0 {
				t.Error("the page is still in memory")
			}
		})
	}
}

func joined(err error) []error {
	var many interface{ Unwrap() []error }
	if errors.As(err, &many) {
		return many.Unwrap()
	}
	return []error{err}
}

func TestAnImpossibleResolutionIsRefusedAndTheCameraClosed(t *testing.T) {
	b := &bench{}
	if _, err := imager.New(t.Context(), b, b, imager.Config{DPI: 72}); err == nil {
		t.Error("72 dpi was taken")
	}
	if !slices.Equal(b.log, []string{"closed"}) {
		t.Errorf("%q", b.log)
	}
}

// TestALookBetweenPicturesTakesNoFrameFromThem: it would be one more to wait for. One after a picture that failed does look.
func TestALookBetweenPicturesTakesNoFrameFromThem(t *testing.T) {
	b := &bench{}
	m := newImager(t, b, imager.Config{DPI: 400, Settle: time.Nanosecond, Discard: 1})
	if _, _, err := m.Page(t.Context(), devices.LightVisible); err != nil {
		t.Fatal(err)
	}
	if h := m.Health(t.Context()); h.State != devices.StateOnline || b.looks != 0 {
		t.Errorf("%+v after %d looks at the camera", h, b.looks)
	}
	b.fail = devices.ErrUnplugged
	if _, _, err := m.Page(t.Context(), devices.LightInfrared); err == nil {
		t.Fatal("a picture without a camera")
	}
	if m.Health(t.Context()); b.looks != 1 {
		t.Errorf("after a picture that failed there were %d looks at the camera", b.looks)
	}
}

// led makes an LED class folder with one lamp.
func led(t *testing.T, brightness, maxBrightness string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "white"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"brightness": brightness, "max_brightness": maxBrightness} {
		if err := os.WriteFile(filepath.Join(folder, "white", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func TestALampBurnsAtItsOwnMaximum(t *testing.T) {
	folder := led(t, "0\n", "12\n")
	lamps := imager.NewLEDs(folder, map[devices.Light]string{devices.LightVisible: "white"})
	for _, step := range []struct {
		on   bool
		want string
	}{{true, "12\n"}, {false, "0\n"}} {
		if err := lamps.Switch(t.Context(), devices.LightVisible, step.on); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(folder, "white", "brightness"))
		if err != nil || string(got) != step.want {
			t.Errorf("switched %t it is at %q (%v), want %q", step.on, got, err, step.want)
		}
	}
}

func TestALampThatIsNotThereIsNeverMade(t *testing.T) {
	folder := led(t, "0\n", "12\n")
	gone := filepath.Join(folder, "white", "brightness")
	if err := os.Remove(gone); err != nil {
		t.Fatal(err)
	}
	lamps := imager.NewLEDs(folder, map[devices.Light]string{devices.LightVisible: "white", devices.LightInfrared: "elsewhere"})
	for _, light := range []devices.Light{devices.LightVisible, devices.LightInfrared, devices.LightUltraviolet} {
		for _, on := range []bool{true, false} {
			if err := lamps.Switch(t.Context(), light, on); !errors.Is(err, imager.ErrNoLamp) {
				t.Errorf("%s switched %t: %v", light, on, err)
			}
		}
	}
	if err := lamps.Check(t.Context()); !errors.Is(err, imager.ErrNoLamp) {
		t.Errorf("checked: %v", err)
	}
	if _, err := os.Stat(gone); err == nil {
		t.Error("it made a file")
	}
}

func TestALampThatTalksNonsenseIsAProtocolError(t *testing.T) {
	for _, text := range []string{"", "bright\n", "-1\n", "0\n"} {
		lamps := imager.NewLEDs(led(t, "0\n", text), map[devices.Light]string{devices.LightVisible: "white"})
		if err := lamps.Check(t.Context()); !errors.Is(err, devices.ErrProtocol) {
			t.Errorf("max_brightness %q: %v", text, err)
		}
	}
}
