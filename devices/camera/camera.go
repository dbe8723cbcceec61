// Package camera drives any camera that OpenCV can read: a V4L2 device, a GStreamer pipeline, a sequence of pictures.
// It implements [devices.Camera].
//
// The back end is always named: left to choose, OpenCV tries them all, and takes twenty seconds over a V4L2 device
// that opens in a quarter of one. OpenCV's calls block and know no context, so one goroutine owns the capture and makes
// all of them; [Camera.Frame] waits for it no longer than its context allows, and [Camera.Close] waits for it to end.
// A read that OpenCV does not come back from holds Close up for as long as the back end itself waits: ten seconds for
// V4L2; a GStreamer source needs a timeout in its pipeline.
package camera

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"sync"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/camera/v4l2"
	"gocv.io/x/gocv"
)

// Backend is the part of OpenCV that reads the camera.
type Backend string

// The back ends. Images ends like an unplugged camera after its last picture.
const (
	V4L2      Backend = "v4l2"      // Source is a device: /dev/video0
	GStreamer Backend = "gstreamer" // Source is a pipeline that ends in appsink with BGR or GRAY8 pictures
	Images    Backend = "images"    // Source is a printf pattern: frames/%03d.png
)

// api is OpenCV's number of the back end; ok is false when there is no such back end.
func (b Backend) api() (api gocv.VideoCaptureAPI, ok bool) {
	switch b {
	case V4L2:
		return gocv.VideoCaptureV4L2, true
	case GStreamer:
		return gocv.VideoCaptureGstreamer, true
	case Images:
		return gocv.VideoCaptureImages, true
	}
	return 0, false
}

const (
	defaultTimeout = 5 * time.Second
	// maxPixels bounds a frame: a 64-megapixel sensor is the largest that page readers use.
	maxPixels = 64 << 20
)

var _ devices.TimedCamera = (*Camera)(nil)

// Config says which camera, and what to ask of it.
type Config struct {
	Backend Backend
	Source  string
	// Width, Height in pixels and FPS are asked of a V4L2 device, which gets the mode it has that fits best: at least that
	// size; 0 leaves its own. The other back ends have them in their source.
	Width, Height int
	FPS           float64
	// ByLamps says that the camera sees only what lamps of ours light: it is no doubt when its pictures are black, and exposure that
	// was set by hand stays so.
	ByLamps bool
	// Timeout is how long a frame may take before the camera counts as silent; 0 means 5 s.
	Timeout time.Duration
	// FrozenAfter is how long a camera may show one and the same picture; 0 means 3 s.
	FrozenAfter time.Duration
	// Root is where /dev/v4l and /sys are; empty means "/".
	Root string
	// V4L2 opens a device node to ask for modes and controls; nil means [v4l2.Open].
	V4L2 func(node string) (*v4l2.Device, error)
}

// Camera is one open camera. Its frames go to one caller at a time; others wait their turn.
type Camera struct {
	*Exposure
	cfg      Config
	info     devices.Info // before Open returns
	mode     agreement    // likewise
	requests chan request
	closing  chan struct{} // closed by Close
	done     chan struct{} // closed when the owner has ended
	stop     sync.Once
}

// request asks the owner for one frame. The answer is a frame that the caller may look at until it closes taken.
type request struct {
	ctx   context.Context
	frame chan<- frame
	taken <-chan struct{}
}

type frame struct {
	mat         gocv.Mat
	taken       time.Time
	dark, blank bool
	err         error
}

// Open opens the camera. The error is devices.ErrNotConfigured when back end or source is empty, devices.ErrNoDevice when
// there is nothing to open, and wraps ctx's when that ended first; the back end then finishes opening by itself and what
// it opened is closed.
func Open(ctx context.Context, cfg Config) (*Camera, error) {
	if cfg.Backend == "" || cfg.Source == "" {
		return nil, failed("open", devices.ErrNotConfigured)
	}
	if _, ok := cfg.Backend.api(); !ok {
		return nil, failed("open", fmt.Errorf("back end %q is not v4l2, gstreamer or images", cfg.Backend))
	}
	cfg.Timeout = cmp.Or(cfg.Timeout, defaultTimeout)
	cfg.FrozenAfter = cmp.Or(cfg.FrozenAfter, defaultFrozen)
	cfg.Root = cmp.Or(cfg.Root, "/")
	if cfg.V4L2 == nil {
		cfg.V4L2 = v4l2.Open
	}
	c := &Camera{Exposure: cfg.exposureOf(), cfg: cfg, requests: make(chan request), closing: make(chan struct{}), done: make(chan struct{})}
	opened := make(chan error, 1)
	go c.own(opened)
	select {
	case err := <-opened:
		if err != nil {
			return nil, failed("open", err)
		}
		return c, nil
	case <-ctx.Done():
		c.stop.Do(func() { close(c.closing) })
		return nil, failed("open", ctx.Err())
	}
}

func failed(op string, err error) error {
	return &devices.Error{Kind: devices.KindCamera, Op: op, Err: err}
}

// own is the one goroutine that calls OpenCV. It reads when asked and never ahead.
func (c *Camera) own(opened chan<- error) {
	defer close(c.done)
	capture, err := c.capture()
	opened <- err
	if err != nil {
		return
	}
	defer capture.Close()
	mat := gocv.NewMat()
	defer mat.Close()
	r := reader{
		capture: capture, backend: c.cfg.Backend, last: time.Now(),
		stamps: stamps{absolute: c.cfg.Backend == V4L2, opened: time.Now()}, sight: sight{frozenAfter: c.cfg.FrozenAfter},
	}
	for {
		select {
		case req := <-c.requests:
			taken, err := r.read(&mat)
			select {
			case req.frame <- frame{mat, taken, r.sight.dark(), r.sight.blank(), err}:
				<-req.taken
			case <-req.ctx.Done():
			case <-c.closing:
			}
		case <-c.closing:
			return
		}
	}
}

// capture opens the camera, and notes what it is and does.
func (c *Camera) capture() (*gocv.VideoCapture, error) {
	cfg := c.cfg
	c.info = devices.Info{Kind: devices.KindCamera, Model: "OpenCV " + string(cfg.Backend), Path: WithoutSecrets(cfg.Source)}
	source, modes := cfg.Source, []v4l2.Mode(nil)
	if cfg.Backend == V4L2 {
		source = nodeOf(cfg.Source)
		var card v4l2.Card
		var err error
		if modes, card, err = cfg.survey(source); err != nil {
			return nil, err
		}
		c.info = identify(cfg.Root, cfg.Source, source)
		c.info.Model = cmp.Or(c.info.Model, card.Name, "V4L2 camera")
	}
	api, _ := cfg.Backend.api()
	capture, err := gocv.VideoCaptureFileWithAPI(source, api)
	if err != nil {
		capture.Close() // gocv allocates it all the same
		return nil, devices.ErrNoDevice
	}
	if cfg.Backend == V4L2 { // GStreamer restarts its pipeline at every property it does not know
		c.mode = cfg.agree(capture, modes)
	}
	return capture, nil
}

// Frame implements [devices.Camera]. The errors are devices.ErrUnplugged when the stream ended, devices.ErrTimeout when
// no frame came within Config.Timeout or the same one came for Config.FrozenAfter, devices.ErrProtocol when a frame is not BGR or grey of 8 bits or is larger than
// 64 megapixels, devices.ErrClosed, and ctx's.
func (c *Camera) Frame(ctx context.Context, dst *image.RGBA) (*image.RGBA, error) {
	picture, _, err := c.FrameTaken(ctx, dst)
	return picture, err
}

// FrameTaken implements [devices.TimedCamera]. The time is the kernel's for V4L2; for GStreamer it is found from the stream's time
// stamps, to within a few milliseconds; otherwise, and where stamps make no sense, it is when the frame arrived. Errors as of Frame.
func (c *Camera) FrameTaken(ctx context.Context, dst *image.RGBA) (*image.RGBA, time.Time, error) {
	var taken time.Time
	err := c.withFrame(ctx, func(f frame) error {
		var err error
		taken = f.taken
		dst, err = toRGBA(f.mat, dst)
		return err
	})
	if err != nil {
		return nil, time.Time{}, failed("read frame", err)
	}
	return dst, taken, nil
}

// withFrame has use look at the next frame, while the owner waits.
func (c *Camera) withFrame(ctx context.Context, use func(frame) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, c.cfg.Timeout, devices.ErrTimeout)
	defer cancel()
	frames, taken := make(chan frame), make(chan struct{})
	defer close(taken)
	select {
	case c.requests <- request{ctx, frames, taken}:
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-c.closing:
		return devices.ErrClosed
	}
	select {
	case f := <-frames:
		if f.err != nil {
			return f.err
		}
		return use(f)
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-c.closing:
		return devices.ErrClosed
	}
}

// Info implements [devices.Device]. Of a V4L2 camera it is what the kernel knows, as of when it was opened.
func (c *Camera) Info() devices.Info { return c.info }

const (
	saysFrozen devices.Key = "camera.frozen" // the same picture comes again and again
	saysDark   devices.Key = "camera.dark"   // all black
	saysBlank  devices.Key = "camera.blank"  // one even colour
	lookAtLens devices.Key = "remedy.look_at_lens"
)

// Health implements [devices.Device]. It reads a frame and throws it away, because nothing else tells whether a
// camera is still there; from a sequence of pictures it takes none. A picture that shows nothing is a doubt.
func (c *Camera) Health(ctx context.Context) devices.Health {
	if c.cfg.Backend == Images {
		return devices.Health{State: devices.StateOnline}
	}
	var seen frame
	err := c.withFrame(ctx, func(f frame) error { seen = f; return nil })
	switch {
	case err == nil:
		return c.doubts(seen)
	case errors.Is(err, devices.ErrUnplugged), errors.Is(err, devices.ErrClosed):
		return devices.Health{State: devices.StateNoDevice, Reason: devices.ReasonOf(err), Remedy: devices.Say(devices.PlugIn)}
	case errors.Is(err, context.Canceled): // not asked to the end
		return devices.Health{State: devices.StateBusy, Reason: devices.ReasonOf(err)}
	case errors.Is(err, errFrozen):
		return devices.Health{State: devices.StateHWError, Reason: devices.Say(saysFrozen), Remedy: devices.Say(devices.Replug)}
	default:
		if errors.Is(err, context.DeadlineExceeded) {
			err = devices.ErrTimeout
		}
		return devices.Health{State: devices.StateHWError, Reason: devices.ReasonOf(err), Remedy: devices.Say(devices.Replug)}
	}
}

// doubts is the health of a camera that sends pictures.
func (c *Camera) doubts(seen frame) devices.Health {
	if h, is := c.cfg.doubt(c.mode); is {
		return h
	}
	switch {
	case c.cfg.ByLamps:
	case seen.dark:
		return devices.Health{State: devices.StateDegraded, Reason: devices.Say(saysDark), Remedy: devices.Say(lookAtLens)}
	case seen.blank:
		return devices.Health{State: devices.StateDegraded, Reason: devices.Say(saysBlank), Remedy: devices.Say(lookAtLens)}
	}
	return devices.Health{State: devices.StateOnline}
}

// Close implements [devices.Device]. It ends a Frame that waits, gives the exposure back, and returns when the capture is closed.
func (c *Camera) Close() error {
	c.stop.Do(func() { close(c.closing) })
	err := c.Expose(context.Background(), 0)
	<-c.done
	if errors.Is(err, devices.ErrUnplugged) { // it was pulled out, and finds its own when it is back
		return nil
	}
	return err
}
