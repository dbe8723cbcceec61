package camera

import (
	"cmp"
	"fmt"
	"time"

	"github.com/foyer-station/foyer/devices"
	"gocv.io/x/gocv"
	"golang.org/x/sys/unix"
)

// reader reads fresh frames until the first failure, which is final.
type reader struct {
	capture *gocv.VideoCapture
	backend Backend
	stamps  stamps
	sight   sight
	last    time.Time // when a frame was read
	gone    bool
}

// Bounds on the frames that are passed over because they are old.
const (
	mostOld = 64
	oldTime = 2 * time.Second
	// pause is how long after a frame the queued ones count as past, where frames have no time stamps of their own.
	pause = 500 * time.Millisecond
)

// queued is how many frames a back end holds back while nobody reads. After a pause they show what is past, perhaps the visitor
// before.
func (b Backend) queued() int {
	switch b {
	case V4L2:
		return 4 // the buffers that OpenCV asks the kernel for
	case GStreamer:
		return 3 // one in appsink, one before it, one in the decoder
	default:
		return 0
	}
}

// read reads the freshest frame: frames that were taken before it was asked for, and longer ago than a frame lasts, are passed
// over. It gives when the frame was taken.
func (r *reader) read(mat *gocv.Mat) (taken time.Time, err error) {
	if r.gone {
		return time.Time{}, devices.ErrUnplugged
	}
	asked, paused := time.Now(), time.Since(r.last) > pause
	if paused && r.stamps.absolute {
		r.skim(asked)
	}
	for old := 0; ; old++ {
		taken, fresh, err := r.next(mat)
		if err != nil {
			return time.Time{}, err
		}
		switch {
		case !r.stamps.known:
			fresh = fresh || !paused || old >= r.backend.queued()
		case r.stamps.absolute && old > r.backend.queued(): // the queue is empty
			r.stamps.accept()
			fresh = true
		}
		if fresh || old >= mostOld || time.Since(asked) > oldTime {
			r.last = time.Now()
			return taken, r.sight.verdict()
		}
	}
}

// skim takes what the kernel holds without making pictures of it, which is most of the work.
func (r *reader) skim(asked time.Time) {
	for range r.backend.queued() {
		r.capture.Grab(1)
		if _, fresh := r.stamps.note(arrival{at: time.Now(), uptime: uptime(), position: r.position()}); fresh || time.Since(asked) > oldTime {
			return
		}
	}
}

// next reads one frame, and tells whether it is fresh.
func (r *reader) next(mat *gocv.Mat) (taken time.Time, fresh bool, err error) {
	began := time.Now()
	if err := readFrame(r.capture, mat); err != nil || mat.Empty() {
		r.gone = true
		return time.Time{}, false, cmp.Or(err, devices.ErrUnplugged)
	}
	arrived := time.Now()
	taken, fresh = arrived, true
	if r.backend != Images {
		a := arrival{at: arrived, waited: arrived.Sub(began), uptime: uptime(), position: r.position()}
		taken, fresh = r.stamps.note(a)
	}
	if err := r.sight.see(*mat, arrived, r.stamps.standsStill()); err != nil {
		return time.Time{}, false, err
	}
	return taken, fresh, nil
}

// position is the back end's time stamp of the frame that was read: for V4L2 the kernel's, of the monotonic clock; for GStreamer
// that of the stream.
func (r *reader) position() time.Duration {
	return time.Duration(r.capture.Get(gocv.VideoCapturePosMsec) * float64(time.Millisecond))
}

// uptime is the monotonic clock by which V4L2 stamps frames; 0 where there is none.
func uptime() time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return 0
	}
	return time.Duration(now.Nano())
}

// grid is how many points of a frame, across and down, tell whether it is the same as the one before.
const gridX, gridY = 48, 32

// see looks at a grid of points of a frame.
func (s *sight) see(mat gocv.Mat, at time.Time, stampStands bool) error {
	data, err := mat.DataPtrUint8()
	if err != nil {
		return fmt.Errorf("%w: %w", devices.ErrProtocol, err)
	}
	channels, w, h := mat.Channels(), mat.Cols(), mat.Rows()
	if len(data) < w*h*channels {
		return fmt.Errorf("%w: a frame of %d x %d has %d bytes", devices.ErrProtocol, w, h, len(data))
	}
	points := make([]byte, 0, gridX*gridY)
	for y := range gridY {
		for x := range gridX {
			at := ((y*h/gridY)*w + x*w/gridX) * channels
			sum := 0
			for _, v := range data[at : at+channels] {
				sum += int(v)
			}
			points = append(points, byte(sum/channels))
		}
	}
	s.note(points, at, stampStands)
	return nil
}
