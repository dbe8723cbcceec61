// Package imager takes pictures of the page on a document reader's glass: a camera below the glass, and lamps of three lights
// beside it. It implements [devices.PageImager] and [devices.PresenceSensor].
//
// A picture is worth something only when it is certain in which light it was taken. So exactly one lamp burns at a time; frames
// are thrown away until one was dark and those after it show the light, steady; and the lamp is dark again afterwards however
// the picture ended: ultraviolet is not for looking into. How long that takes is measured at each picture and not assumed: what
// lamp, sensor and every buffer on the way need differs from reader to reader, and from frame to frame.
package imager

import (
	"context"
	"errors"
	"fmt"
	"image"
	"sync/atomic"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// Lamps switches the lights of a page reader. [LEDs] is the one over the Linux LED class.
type Lamps interface {
	// Switch has a lamp burn at so many hundredths of its full power, 0 to put it out. ErrNoLamp when there is no such lamp.
	Switch(ctx context.Context, light devices.Light, percent int) error
	// Health tells, without lighting anything, whether every lamp is there. Online where they are.
	Health(ctx context.Context) devices.Health
	// Close puts the lamps out, as far as they can be reached, and lets go of them.
	Close() error
}

// Powers of a lamp, in hundredths.
const (
	noPower   = 0
	fullPower = 100
	// lowPower is for looking whether something lies there: enough to see paper by, and little to be seen by whoever stands there.
	lowPower = 25
)

// Config describes a reader's optics.
type Config struct {
	// DPI is the camera's resolution on the glass in dots per inch; ICAO Doc 9303 pages want at least 385.
	DPI int
	// Settle is the most that a lamp may take until its light is there and steady, lamp, exposure and buffers together; a picture
	// that is not steady then, for a page that moves, is taken as it is. 0 means 500 ms: tubes need more than LEDs.
	Settle time.Duration
	// Discard is how many frames are thrown away at least where the light cannot be seen to come: frames that were taken before
	// the lamp was switched may still be on their way. 0 means 4, the buffers of a USB camera.
	Discard int
}

// Defaults, and times that hold for every reader.
const (
	defaultSettle  = 500 * time.Millisecond
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

	turn    chan struct{} // holds one token: whose turn it is
	used    atomic.Bool   // it is a use's turn, not that of who asks how the imager is
	waiting atomic.Int32  // uses before which a glance gives way
	glance  atomic.Pointer[context.CancelFunc]
	seen    lastSeen

	// Whose turn it is has these.
	taken time.Time // of the last picture, unless one failed since
	out   time.Time // when a lamp was last put out
	dark  grid      // what the camera last saw in the dark; empty before it was looked at
	pace  pace      // of the camera
}

// ErrNoLamp says that a light has no lamp, or that its lamp is not where the configuration says. The others still work.
var ErrNoLamp = errors.New("lamp missing")

// PutOut puts out every lamp, because a station that fell may have left one burning. One that is missing is no error.
func PutOut(ctx context.Context, lamps Lamps) error {
	for _, light := range []devices.Light{devices.LightVisible, devices.LightInfrared, devices.LightUltraviolet} {
		if err := lamps.Switch(ctx, light, noPower); err != nil && !errors.Is(err, ErrNoLamp) {
			return failed("open", err)
		}
	}
	return nil
}

// New puts camera and lamps together, and puts out every lamp.
// A lamp that is missing is for Health to say: a reader without ultraviolet still reads. The imager closes both camera and
// lamps, also when New fails.
func New(ctx context.Context, camera devices.Camera, lamps Lamps, cfg Config) (*Imager, error) {
	if cfg.DPI < 150 || cfg.DPI > 1200 {
		err := fmt.Errorf("%d dpi is not a page camera's resolution (150 to 1200)", cfg.DPI)
		return nil, failed("open", errors.Join(err, camera.Close(), lamps.Close()))
	}
	if cfg.Settle == 0 {
		cfg.Settle = defaultSettle
	}
	if cfg.Discard == 0 {
		cfg.Discard = defaultDiscard
	}
	if err := PutOut(ctx, lamps); err != nil {
		return nil, errors.Join(err, camera.Close(), lamps.Close())
	}
	m := &Imager{camera: camera, lamps: lamps, cfg: cfg, turn: make(chan struct{}, 1), out: time.Now()}
	m.turn <- struct{}{}
	m.seen.note(false)
	return m, nil
}

func failed(op string, err error) error {
	return &devices.Error{Kind: devices.KindPageImager, Op: op, Err: err}
}

// Page implements [devices.PageImager]. The picture is the whole glass. The errors are the camera's and the lamps',
// [devices.ErrNoLight], [ErrNoLamp], and ctx's.
func (m *Imager) Page(ctx context.Context, light devices.Light) (*image.RGBA, int, error) {
	if err := m.enter(ctx); err != nil {
		return nil, 0, failed("take "+string(light), err)
	}
	defer m.leave()
	picture, err := m.lit(ctx, light, fullPower, m.settled)
	if err != nil {
		m.taken = time.Time{}
		return nil, 0, failed("take "+string(light), err)
	}
	m.taken = time.Now()
	return picture, m.cfg.DPI, nil
}

// enter waits for its turn, before which a glance gives way.
func (m *Imager) enter(ctx context.Context) error {
	m.waiting.Add(1)
	defer m.waiting.Add(-1)
	if stop := m.glance.Load(); stop != nil {
		(*stop)()
	}
	select {
	case <-m.turn:
		m.used.Store(true)
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (m *Imager) leave() {
	m.used.Store(false)
	m.turn <- struct{}{}
}

// lit has a lamp burn while take takes a picture, and leaves it off.
func (m *Imager) lit(ctx context.Context, light devices.Light, power int, take func(context.Context, *settling) error) (picture *image.RGBA, err error) {
	s := &settling{}
	defer func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), darkTime)
		defer cancel()
		err = errors.Join(err, m.lamps.Switch(ending, light, noPower))
		m.out = time.Now()
		if picture = s.frame; err != nil {
			overwrite(picture)
			picture = nil
		}
	}()
	if err := m.awaitDark(ctx, s); err != nil {
		return nil, err
	}
	if err := m.lamps.Switch(ctx, light, power); err != nil {
		return nil, err
	}
	if err := take(ctx, s); err != devices.ErrNoLight {
		return nil, err
	}
	return nil, devices.NoLightError{Light: light}
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

// Health implements [devices.Device]: the camera's, and whether the lamps are there. It lights none. Between pictures it looks at no
// frame, which would be missing from the next one's settling: a picture that has just come says as much.
func (m *Imager) Health(ctx context.Context) devices.Health {
	if h := m.lamps.Health(ctx); h.State != devices.StateOnline {
		return h
	}
	select {
	case <-m.turn:
		defer m.leave()
	case <-ctx.Done():
		if !m.used.Load() { // whoever asked before waits for a camera that sends nothing
			return devices.HealthOf(devices.ErrTimeout)
		}
		return devices.Health{State: devices.StateBusy, Reason: devices.ReasonOf(ctx.Err())}
	}
	if !m.taken.IsZero() && time.Since(m.taken) < freshPicture {
		return devices.Health{State: devices.StateOnline}
	}
	return m.camera.Health(ctx)
}

// Close implements [devices.Device]. A Page that waits ends with devices.ErrClosed and puts its lamp out.
func (m *Imager) Close() error {
	err := m.camera.Close()
	<-m.turn // whoever takes a picture has put the lamp out
	defer m.leave()
	return errors.Join(err, m.lamps.Close())
}
