package imager_test

import (
	"context"
	"image"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/imager"
)

// The whole way, through OpenCV and real lamp drivers, is tested where those are emulated (emulate/camera). Here the time that
// light takes is, on a clock that tests own (testing/synctest).

// rig is a camera that sends what it sees some frames later, and lamps that take a while to light. Each light has a colour of
// its own, so that a picture tells in which ones it was taken.
type rig struct {
	interval time.Duration         // from frame to frame
	latency  int                   // frames between what is seen and what is given
	buffers  int                   // frames that wait when nobody reads; then new ones are lost
	rise     time.Duration         // of a lamp, from dark to its power
	ambient  int                   // brightness of everything without a lamp
	page     map[devices.Light]int // how bright what lies there is in each light; nil for an empty glass
	where    func(x int) bool      // of the glass's columns it covers; nil for all
	fail     error                 // what the camera says at once
	pulled   int                   // the frame at which the camera is pulled out; 0 is never
	stuck    bool                  // lamps that burn cannot be put out
	lacks    bool                  // there is no infrared lamp

	mu       sync.Mutex
	began    time.Time
	switches []change
	given    int // the last frame that was read, or lost
	last     time.Time
	frames   []*image.RGBA // handed out
	looks    int           // how often its health was asked for
	closed   bool
}

// rigLamps are the lamps of a rig.
type rigLamps struct{ *rig }

func (rigLamps) Health(context.Context) devices.Health {
	return devices.Health{State: devices.StateOnline}
}
func (rigLamps) Close() error { return nil }

// change is a lamp that was switched.
type change struct {
	at      time.Time
	light   devices.Light
	percent int
}

const rigWidth, rigHeight = 64, 48

var channel = map[devices.Light]int{devices.LightVisible: 0, devices.LightInfrared: 1, devices.LightUltraviolet: 2}

// newRig has white paper on its glass, and an ordinary USB camera.
func newRig() *rig {
	return &rig{interval: 40 * time.Millisecond, latency: 1, buffers: 1, page: paper(), began: time.Now()}
}

// paper is bright in all lights but ultraviolet, in which it is dull.
func paper() map[devices.Light]int {
	return map[devices.Light]int{devices.LightVisible: 200, devices.LightInfrared: 190, devices.LightUltraviolet: 45}
}

func open(t *testing.T, r *rig, cfg imager.Config) *imager.Imager {
	t.Helper()
	cfg.DPI = 400
	m, err := imager.New(t.Context(), r, rigLamps{r}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// put lays something on a part of the glass.
func (r *rig) put(page map[devices.Light]int, where func(int) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.page, r.where = page, where
}

func (r *rig) lay(page map[devices.Light]int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.page = page
}

// power is how far a lamp is lit at a moment, 0 to 1. It rises evenly, and goes out at once.
func (r *rig) power(light devices.Light, at time.Time) float64 {
	power := 0.0
	for _, c := range r.switches {
		if c.light != light || c.at.After(at) {
			continue
		}
		if power = float64(c.percent) / 100; r.rise > 0 {
			power *= min(1, float64(at.Sub(c.at))/float64(r.rise))
		}
	}
	return power
}

func (r *rig) Frame(ctx context.Context, dst *image.RGBA) (*image.RGBA, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.fail != nil || r.pulled > 0 && len(r.frames) >= r.pulled {
		return nil, devices.ErrUnplugged
	}
	r.mu.Lock()
	due := int(time.Since(r.began) / r.interval)
	switch {
	case time.Since(r.last) > 500*time.Millisecond: // as the driver does, which throws away what waited
		r.given = due
	case due-r.given > r.buffers:
		r.given = due - r.buffers
	}
	r.given++
	number := r.given
	r.mu.Unlock()
	select {
	case <-time.After(time.Until(r.began.Add(time.Duration(number) * r.interval))):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = time.Now()
	return r.seen(dst, r.began.Add(time.Duration(number-r.latency)*r.interval)), nil
}

// seen is what the camera sees at a moment.
func (r *rig) seen(frame *image.RGBA, at time.Time) *image.RGBA {
	if frame == nil {
		frame = image.NewRGBA(image.Rect(0, 0, rigWidth, rigHeight))
	}
	for light, c := range channel {
		value := float64(r.page[light]) * r.power(light, at)
		for i := 0; i < len(frame.Pix); i += 4 {
			frame.Pix[i+c] = byte(min(255, r.ambient))
			if r.where == nil || r.where(i/4%rigWidth) {
				frame.Pix[i+c] = byte(min(255, value+float64(r.ambient)))
			}
			frame.Pix[i+3] = 0xff
		}
	}
	r.frames = append(r.frames, frame)
	return frame
}

func (r rigLamps) Switch(ctx context.Context, light devices.Light, percent int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lacks && light == devices.LightInfrared {
		return imager.ErrNoLamp
	}
	r.switches = append(r.switches, change{time.Now(), light, percent})
	if r.stuck && percent == 0 && len(r.frames) > 0 {
		return devices.ErrTimeout
	}
	return ctx.Err()
}

// burning are the lamps that are lit now.
func (r *rig) burning() (all []devices.Light) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for light := range channel {
		if r.power(light, time.Now().Add(time.Hour)) > 0 {
			all = append(all, light)
		}
	}
	return all
}

func (r *rig) Info() devices.Info { return devices.Info{Kind: devices.KindCamera, Path: "rig"} }
func (r *rig) Health(context.Context) devices.Health {
	r.looks++
	return devices.Health{State: devices.StateOnline}
}
func (r *rig) Close() error { r.closed = true; return nil }
