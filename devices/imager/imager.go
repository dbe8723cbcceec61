// Package imager takes pictures of the page on a document reader's glass: a camera below the glass, and lamps of three lights
// beside it. It implements [devices.PageImager].
//
// A picture is worth something only when it is certain in which light it was taken. So exactly one lamp burns at a time,
// frames are thrown away until the new light has settled in the lamp, the sensor and every buffer on the way,
// and the lamp is dark again afterwards however the picture ended: ultraviolet is not for looking into.
package imager

import (
	"context"
	"errors"
	"fmt"
	"image"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// Lamps switches the lights of a page reader. [LEDs] is the one over the Linux LED class.
type Lamps interface {
	// Switch lights a lamp or puts it out. ErrNoLamp when there is no such lamp.
	Switch(ctx context.Context, light devices.Light, on bool) error
	// Check tells, without lighting anything, whether every lamp is there.
	Check(ctx context.Context) error
}

// Config describes a reader's optics.
type Config struct {
	// DPI is the camera's resolution on the glass in dots per inch; ICAO Doc 9303 pages want at least 385.
	DPI int
	// Settle is how long a lamp and the camera's exposure take after switching; at least Discard frames are thrown away
	// as well, because frames taken before the switch may still be on their way. 0 means 100 ms and 4 frames.
	Settle  time.Duration
	Discard int
}

// Defaults for a USB camera with four buffers and LEDs that reach full brightness at once.
const (
	defaultSettle  = 100 * time.Millisecond
	defaultDiscard = 4
	// darkTime bounds putting a lamp out when the caller's context has already ended.
	darkTime = time.Second
	// freshPicture is how long a picture says that the camera is there: until the next one of the same document is asked for.
	freshPicture = 500 * time.Millisecond
)

// Imager is a camera and its lamps. One picture is taken at a time.
type Imager struct {
	camera devices.Camera
	lamps  Lamps
	cfg    Config
	turn   chan struct{} // holds one token: whose turn it is
	taken  time.Time     // of the last picture, unless one failed since; whose turn it is has it
}

// ErrNoLamp says that a light has no lamp, or that its lamp is not where the configuration says. The others still work.
var ErrNoLamp = errors.New("lamp missing")

// New puts camera and lamps together and puts out every lamp, because a station that fell may have left one burning.
// A lamp that is missing is for Health to say: a reader without ultraviolet still reads. The imager closes the camera,
// also when New fails.
func New(ctx context.Context, camera devices.Camera, lamps Lamps, cfg Config) (*Imager, error) {
	if cfg.DPI < 150 || cfg.DPI > 1200 {
		err := fmt.Errorf("%d dpi is not a page camera's resolution (150 to 1200)", cfg.DPI)
		return nil, failed("open", errors.Join(err, camera.Close()))
	}
	if cfg.Settle == 0 {
		cfg.Settle = defaultSettle
	}
	if cfg.Discard == 0 {
		cfg.Discard = defaultDiscard
	}
	for _, light := range []devices.Light{devices.LightVisible, devices.LightInfrared, devices.LightUltraviolet} {
		if err := lamps.Switch(ctx, light, false); err != nil && !errors.Is(err, ErrNoLamp) {
			return nil, failed("open", errors.Join(err, camera.Close()))
		}
	}
	m := &Imager{camera: camera, lamps: lamps, cfg: cfg, turn: make(chan struct{}, 1)}
	m.turn <- struct{}{}
	return m, nil
}

func failed(op string, err error) error {
	return &devices.Error{Kind: devices.KindPageImager, Op: op, Err: err}
}

// Page implements [devices.PageImager]. The picture is the whole glass. The errors are the camera's, [ErrNoLamp],
// and ctx's.
func (m *Imager) Page(ctx context.Context, light devices.Light) (*image.RGBA, int, error) {
	select {
	case <-m.turn:
		defer func() { m.turn <- struct{}{} }()
	case <-ctx.Done():
		return nil, 0, failed("take "+string(light), ctx.Err())
	}
	picture, err := m.lit(ctx, light)
	if err != nil {
		m.taken = time.Time{}
		return nil, 0, failed("take "+string(light), err)
	}
	m.taken = time.Now()
	return picture, m.cfg.DPI, nil
}

// lit takes a picture with the lamp on, and leaves it off.
func (m *Imager) lit(ctx context.Context, light devices.Light) (picture *image.RGBA, err error) {
	defer func() {
		dark, cancel := context.WithTimeout(context.WithoutCancel(ctx), darkTime)
		defer cancel()
		if offErr := m.lamps.Switch(dark, light, false); offErr != nil {
			overwrite(picture)
			picture, err = nil, errors.Join(err, offErr)
		}
	}()
	if err := m.lamps.Switch(ctx, light, true); err != nil {
		return nil, err
	}
	return m.settled(ctx)
}

// settled gives the first frame that is certain to be taken in the light that was just switched on.
func (m *Imager) settled(ctx context.Context) (*image.RGBA, error) {
	start := time.Now()
	var frame *image.RGBA
	for thrown := 0; ; thrown++ {
		// Decided before the frame is asked for: it may have been taken long before it comes.
		certain := thrown >= m.cfg.Discard && time.Since(start) >= m.cfg.Settle
		next, err := m.camera.Frame(ctx, frame)
		if err != nil {
			overwrite(frame)
			return nil, err
		}
		if frame = next; certain {
			return frame, nil
		}
	}
}

// overwrite leaves nothing of a page that nobody gets.
func overwrite(page *image.RGBA) {
	if page != nil {
		clear(page.Pix)
	}
}

// Info implements [devices.Device].
func (m *Imager) Info() devices.Info {
	info := m.camera.Info()
	info.Kind = devices.KindPageImager
	return info
}

const (
	saysLamp   devices.Key = "imager.lamp"        // detail; a lamp is not there
	checkLamps devices.Key = "remedy.check_lamps" // their cable, and their names
)

// Health implements [devices.Device]: the camera's, and whether the lamps are there. It lights none. Between pictures it looks at no
// frame, which would be missing from the next one's settling: a picture that has just come says as much.
func (m *Imager) Health(ctx context.Context) devices.Health {
	if err := m.lamps.Check(ctx); err != nil {
		return devices.Health{State: devices.StateHWError, Reason: devices.Say(saysLamp).With(devices.Detail, err.Error()), Remedy: devices.Say(checkLamps)}
	}
	select {
	case <-m.turn:
		defer func() { m.turn <- struct{}{} }()
	case <-ctx.Done():
		return devices.Health{State: devices.StateBusy, Reason: devices.ReasonOf(ctx.Err())}
	}
	if !m.taken.IsZero() && time.Since(m.taken) < freshPicture {
		return devices.Health{State: devices.StateOnline}
	}
	return m.camera.Health(ctx)
}

// Close implements [devices.Device]. A Page that waits ends with devices.ErrClosed and puts its lamp out.
func (m *Imager) Close() error { return m.camera.Close() }
