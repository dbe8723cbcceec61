package imager_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/imager"
)

var lights = []devices.Light{devices.LightVisible, devices.LightInfrared, devices.LightUltraviolet}

func TestEveryLampIsPutOutBeforeAnythingElse(t *testing.T) {
	r := newRig()
	open(t, r, imager.Config{})
	if len(r.switches) != 3 || len(r.frames) > 0 {
		t.Errorf("%v, and %d frames", r.switches, len(r.frames))
	}
	for i, light := range lights {
		if s := r.switches[i]; s.light != light || s.percent != 0 {
			t.Errorf("%+v, want %s put out", s, light)
		}
	}
}

// wantPure takes a picture, and wants it to be of one light alone and as bright as that makes the page.
func wantPure(t *testing.T, r *rig, m *imager.Imager, light devices.Light) {
	t.Helper()
	picture, dpi, err := m.Page(t.Context(), light)
	if err != nil || dpi != 400 {
		t.Fatalf("%s: %d dpi, %v", light, dpi, err)
	}
	for other, c := range channel {
		want := r.ambient
		if other == light {
			want += r.page[light]
		}
		if got := int(picture.Pix[c]); got < want-8 || got > want+2 {
			t.Errorf("%s: its picture has %d of %s, want %d", light, got, other, want)
		}
	}
	if left := r.burning(); left != nil {
		t.Errorf("after %s there burn %v", light, left)
	}
}

// TestAPictureIsOfItsOwnLightAloneHoweverSlowLampAndCameraAre: the lights change at once and after pauses, in the dark and with the
// room's light on the glass.
func TestAPictureIsOfItsOwnLightAloneHoweverSlowLampAndCameraAre(t *testing.T) {
	for _, latency := range []int{0, 1, 2, 4} {
		for _, buffers := range []int{1, 4} {
			for _, interval := range []time.Duration{8, 40, 150} {
				for _, rise := range []time.Duration{0, 300} {
					for _, ambient := range []int{0, 35} {
						if latency+buffers > 5 {
							continue // more than Discard says
						}
						name := fmt.Sprintf("%d late, %d kept, every %d ms, up in %d, ambient %d", latency, buffers, interval, rise, ambient)
						t.Run(name, func(t *testing.T) {
							synctest.Test(t, func(t *testing.T) {
								r := newRig()
								r.latency, r.buffers, r.ambient = latency, buffers, ambient
								r.interval, r.rise = interval*time.Millisecond, rise*time.Millisecond
								m := open(t, r, imager.Config{Discard: 5, Settle: 2 * time.Second})
								for i := range 9 {
									wantPure(t, r, m, lights[i%3])
									time.Sleep([]time.Duration{0, 0, 13, 300, 0, 0, 700, 0, 0}[i] * time.Millisecond)
								}
							})
						})
					}
				}
			}
		}
	}
}

// TestTheLightIsWaitedForAndNoLonger: with an ordinary camera three lights take three to four frames each, which is less than all
// those that might have been on their way.
func TestTheLightIsWaitedForAndNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig()
		m := open(t, r, imager.Config{})
		wantPure(t, r, m, devices.LightVisible) // the first one finds out what dark is
		for i := 1; i < 7; i++ {
			begin, before := time.Now(), len(r.frames)
			wantPure(t, r, m, lights[i%3])
			if took := time.Since(begin); took > 4*r.interval {
				t.Errorf("%s took %v and %d frames", lights[i%3], took, len(r.frames)-before)
			}
		}
	})
}

func TestALampThatGivesNoLightIsNamedAndNoLongerWaitedForThanConfigured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig()
		r.page[devices.LightUltraviolet] = 3 // noise
		m := open(t, r, imager.Config{Settle: 400 * time.Millisecond})
		wantPure(t, r, m, devices.LightVisible)
		begin := time.Now()
		_, _, err := m.Page(t.Context(), devices.LightUltraviolet)
		if want := "page_imager: take ultraviolet: ultraviolet lamp: " + devices.ErrNoLight.Error(); !errors.Is(err, devices.ErrNoLight) || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
		if took := time.Since(begin); took < 400*time.Millisecond || took > 600*time.Millisecond {
			t.Errorf("after %v", took)
		}
		if last := r.frames[len(r.frames)-1]; last.Pix[3] != 0 {
			t.Error("the picture is still in memory")
		}
		wantPure(t, r, m, devices.LightInfrared)
	})
}

// TestALightThatNeverIsSteadyIsTakenInTheEnd: the page moves, and whoever looks for an MRZ looks again.
func TestALightThatNeverIsSteadyIsTakenInTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig()
		r.rise = 3 * time.Second
		m := open(t, r, imager.Config{Settle: 600 * time.Millisecond})
		begin := time.Now()
		if _, _, err := m.Page(t.Context(), devices.LightVisible); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took < 600*time.Millisecond || took > time.Second {
			t.Errorf("after %v", took)
		}
	})
}

func TestTheLampGoesOutWhenTheCameraFails(t *testing.T) {
	r := newRig()
	r.pulled = 6
	m := open(t, r, imager.Config{})
	var err error
	for err == nil {
		_, _, err = m.Page(t.Context(), devices.LightUltraviolet)
	}
	var which *devices.Error
	if !errors.Is(err, devices.ErrUnplugged) || !errors.As(err, &which) || which.Kind != devices.KindPageImager {
		t.Errorf("the picture gave %v", err)
	}
	if left := r.burning(); left != nil {
		t.Errorf("there burn %v", left)
	}
}

func TestTheLampGoesOutWhenTheCallerGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig()
		r.rise = time.Hour
		m := open(t, r, imager.Config{Settle: time.Minute})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, _, err := m.Page(ctx, devices.LightVisible); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the picture gave %v", err)
		}
		if last := r.switches[len(r.switches)-1]; last.percent != 0 || r.burning() != nil {
			t.Errorf("at last came %+v, and there burn %v", last, r.burning())
		}
	})
}

func TestOfAPageThatNobodyGetsNothingIsLeft(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*rig)
		want   error
	}{
		"camera pulled out": {func(r *rig) { r.pulled = 2 }, devices.ErrUnplugged},
		"lamp burns on":     {func(r *rig) { r.stuck = true }, devices.ErrTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig()
			test.change(r)
			m := open(t, r, imager.Config{})
			if _, _, err := m.Page(t.Context(), devices.LightVisible); !errors.Is(err, test.want) {
				t.Errorf("the picture gave %v, want %v", err, test.want)
			}
			if last := r.frames[len(r.frames)-1]; last.Pix[3] != 0 {
				t.Error("the page is still in memory")
			}
		})
	}
}

func TestAnImpossibleResolutionIsRefusedAndTheCameraClosed(t *testing.T) {
	r := newRig()
	if _, err := imager.New(t.Context(), r, rigLamps{r}, imager.Config{DPI: 72}); err == nil || !r.closed {
		t.Errorf("72 dpi gave %v; closed: %t", err, r.closed)
	}
}

// TestALookBetweenPicturesTakesNoFrameFromThem: it would be one more to wait for. One after a picture that failed does look.
func TestALookBetweenPicturesTakesNoFrameFromThem(t *testing.T) {
	r := newRig()
	m := open(t, r, imager.Config{})
	if _, _, err := m.Page(t.Context(), devices.LightVisible); err != nil {
		t.Fatal(err)
	}
	if h := m.Health(t.Context()); h.State != devices.StateOnline || r.looks != 0 {
		t.Errorf("%+v after %d looks at the camera", h, r.looks)
	}
	r.fail = devices.ErrUnplugged
	if _, _, err := m.Page(t.Context(), devices.LightInfrared); err == nil {
		t.Fatal("a picture without a camera")
	}
	if m.Health(t.Context()); r.looks != 1 {
		t.Errorf("after a picture that failed there were %d looks at the camera", r.looks)
	}
}
