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
	"context"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/foyer-station/foyer/devices"
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

// queued is how many frames the back end holds back while nobody reads. After a pause they show what is past, perhaps
// the visitor before.
func (b Backend) queued() int {
	switch b {
	case V4L2:
		return 4 // the buffers that OpenCV asks the kernel for
	case GStreamer:
		return 1 // appsink max-buffers=1 drop=true
	default:
		return 0
	}
}

const (
	defaultTimeout = 5 * time.Second
	// pause is how long after a frame the queued ones count as past.
	pause = 500 * time.Millisecond
	// maxPixels bounds a frame: a 64-megapixel sensor is the largest that page readers use.
	maxPixels = 64 << 20
)

// Config says which camera, and what to ask of it.
type Config struct {
	Backend Backend
	Source  string
	// Width, Height in pixels and FPS are asked of a V4L2 device, which takes the nearest it has; 0 leaves its own. The other
	// back ends have them in their source.
	Width, Height int
	FPS           float64
	// Timeout is how long a frame may take before the camera counts as silent; 0 means 5 s.
	Timeout time.Duration
}

// Camera is one open camera. Its frames go to one caller at a time; others wait their turn.
type Camera struct {
	cfg      Config
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
	mat gocv.Mat
	err error
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
	if cfg.Timeout == 0 {
		cfg.Timeout = defaultTimeout
	}
	c := &Camera{cfg: cfg, requests: make(chan request), closing: make(chan struct{}), done: make(chan struct{})}
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
	capture, err := c.cfg.capture()
	opened <- err
	if err != nil {
		return
	}
	defer capture.Close()
	mat := gocv.NewMat()
	defer mat.Close()
	r := reader{capture: capture, queued: c.cfg.Backend.queued(), last: time.Now()}
	for {
		select {
		case req := <-c.requests:
			err := r.read(&mat)
			select {
			case req.frame <- frame{mat, err}:
				<-req.taken
			case <-req.ctx.Done():
			case <-c.closing:
			}
		case <-c.closing:
			return
		}
	}
}

func (cfg Config) capture() (*gocv.VideoCapture, error) {
	if cfg.Backend == V4L2 {
		if _, err := os.Stat(cfg.Source); err != nil {
			return nil, fmt.Errorf("%w: %w", devices.ErrNoDevice, err.(*fs.PathError).Err)
		}
	}
	api, _ := cfg.Backend.api()
	capture, err := gocv.VideoCaptureFileWithAPI(cfg.Source, api)
	if err != nil {
		capture.Close() // gocv allocates it all the same
		return nil, devices.ErrNoDevice
	}
	if cfg.Backend == V4L2 {
		cfg.ask(capture)
	}
	return capture, nil
}

// ask sets what V4L2 can set. GStreamer restarts its pipeline at every property it does not know.
func (cfg Config) ask(capture *gocv.VideoCapture) {
	if cfg.Width > 0 && cfg.Height > 0 {
		// Uncompressed pictures of this size do not fit through USB 2.
		capture.Set(gocv.VideoCaptureFOURCC, capture.ToCodec("MJPG"))
		capture.Set(gocv.VideoCaptureFrameWidth, float64(cfg.Width))
		capture.Set(gocv.VideoCaptureFrameHeight, float64(cfg.Height))
	}
	if cfg.FPS > 0 {
		capture.Set(gocv.VideoCaptureFPS, cfg.FPS)
	}
}

// reader reads fresh frames until the first failure, which is final.
type reader struct {
	capture *gocv.VideoCapture
	queued  int
	last    time.Time
	gone    bool
}

func (r *reader) read(mat *gocv.Mat) error {
	if r.gone {
		return devices.ErrUnplugged
	}
	if r.queued > 0 && time.Since(r.last) > pause {
		r.capture.Grab(r.queued)
	}
	if !r.capture.Read(mat) || mat.Empty() {
		r.gone = true
		return devices.ErrUnplugged
	}
	r.last = time.Now()
	return nil
}

// Frame implements [devices.Camera]. The errors are devices.ErrUnplugged when the stream ended, devices.ErrTimeout when
// no frame came within Config.Timeout, devices.ErrProtocol when a frame is not BGR or grey of 8 bits or is larger than
// 64 megapixels, devices.ErrClosed, and ctx's.
func (c *Camera) Frame(ctx context.Context, dst *image.RGBA) (*image.RGBA, error) {
	err := c.withFrame(ctx, func(mat gocv.Mat) error {
		var err error
		dst, err = toRGBA(mat, dst)
		return err
	})
	if err != nil {
		return nil, failed("read frame", err)
	}
	return dst, nil
}

// withFrame has use look at the next frame, while the owner waits.
func (c *Camera) withFrame(ctx context.Context, use func(gocv.Mat) error) error {
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
		return use(f.mat)
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-c.closing:
		return devices.ErrClosed
	}
}

// Info implements [devices.Device]; OpenCV knows no model or serial number.
func (c *Camera) Info() devices.Info {
	return devices.Info{Kind: devices.KindCamera, Model: "OpenCV " + string(c.cfg.Backend), Path: c.cfg.Source}
}

// Health implements [devices.Device]. It reads a frame and throws it away, because nothing else tells whether a
// camera is still there; from a sequence of pictures it takes none.
func (c *Camera) Health(ctx context.Context) devices.Health {
	if c.cfg.Backend == Images {
		return devices.Health{State: devices.StateOnline}
	}
	err := c.withFrame(ctx, func(gocv.Mat) error { return nil })
	switch {
	case err == nil:
		return devices.Health{State: devices.StateOnline}
	case errors.Is(err, devices.ErrUnplugged), errors.Is(err, devices.ErrClosed):
		return devices.Health{State: devices.StateNoDevice, Reason: devices.ReasonOf(err), Remedy: devices.Say(devices.PlugIn)}
	case errors.Is(err, context.Canceled): // not asked to the end
		return devices.Health{State: devices.StateBusy, Reason: devices.ReasonOf(err)}
	default:
		if errors.Is(err, context.DeadlineExceeded) {
			err = devices.ErrTimeout
		}
		return devices.Health{State: devices.StateHWError, Reason: devices.ReasonOf(err), Remedy: devices.Say(devices.Replug)}
	}
}

// Close implements [devices.Device]. It ends a Frame that waits, and returns when the capture is closed.
func (c *Camera) Close() error {
	c.stop.Do(func() { close(c.closing) })
	<-c.done
	return nil
}
