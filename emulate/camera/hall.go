package camera

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"net"
	"sync"
)

// HallWidth and HallHeight are the size of the visitor camera's frames, as of a common 720p camera.
const (
	HallWidth  = 1280
	HallHeight = 720
)

const hallBoundary = "foyer"

// Hall is the camera that looks into the hall, at whoever stands before the station. It sends motion JPEG, as cameras of its
// kind do over USB.
type Hall struct {
	stream *stream
	fps    int

	mu     sync.Mutex
	frames [][]byte
	at     int
}

// NewHall plugs in a camera that shows frames in a loop, fps of them a second. The caller closes it.
func NewHall(fps int, frames ...image.Image) (*Hall, error) {
	h := &Hall{fps: fps}
	if err := h.Show(frames...); err != nil {
		return nil, err
	}
	var err error
	h.stream, err = newStream(fps, h.next)
	return h, err
}

// Film is what a camera sees in a loop, encoded.
type Film struct{ parts [][]byte }

// NewFilm encodes frames, each [HallWidth] x [HallHeight]. One is enough.
func NewFilm(frames ...image.Image) (Film, error) {
	if len(frames) == 0 {
		return Film{}, errors.New("show hall: no frames")
	}
	parts := make([][]byte, len(frames))
	for i, f := range frames {
		if f.Bounds().Size() != image.Pt(HallWidth, HallHeight) {
			return Film{}, fmt.Errorf("show hall: frame %d is %v, not %d x %d", i, f.Bounds().Size(), HallWidth, HallHeight)
		}
		var picture bytes.Buffer
		if err := jpeg.Encode(&picture, f, &jpeg.Options{Quality: 92}); err != nil {
			return Film{}, fmt.Errorf("show hall: frame %d: %w", i, err)
		}
		head := fmt.Sprintf("--%s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n", hallBoundary, picture.Len())
		parts[i] = append(append([]byte(head), picture.Bytes()...), "\r\n"...)
	}
	return Film{parts}, nil
}

// Show changes what the camera sees: from now on, these frames in a loop, as of [NewFilm].
func (h *Hall) Show(frames ...image.Image) error {
	film, err := NewFilm(frames...)
	if err == nil {
		h.Play(film)
	}
	return err
}

// Play changes what the camera sees to a film.
func (h *Hall) Play(f Film) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.frames, h.at = f.parts, 0
}

func (h *Hall) next() []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	part := h.frames[h.at]
	h.at = (h.at + 1) % len(h.frames)
	return part
}

// Pipeline is the GStreamer source that the camera driver opens. It stays the same over unplugging. As a camera does, it drops
// frames that a slow computer does not take: kept in the connection, they would show the hall as it was seconds ago.
func (h *Hall) Pipeline() string {
	host, port, _ := net.SplitHostPort(h.stream.address)
	return fmt.Sprintf("tcpclientsrc host=%s port=%s timeout=10 ! multipartdemux boundary=%s ! image/jpeg,framerate=%d/1 ! "+
		"queue leaky=downstream max-size-buffers=1 max-size-bytes=0 max-size-time=0 ! jpegdec ! videoconvert ! video/x-raw,format=BGR ! appsink max-buffers=1 drop=false sync=false", host, port, hallBoundary, h.fps)
}

// Unplug pulls the camera out.
func (h *Hall) Unplug() { h.stream.unplug() }

// Plug puts it in again where it was.
func (h *Hall) Plug() error { return h.stream.plug() }

// Close takes the camera away.
func (h *Hall) Close() error {
	h.stream.unplug()
	return nil
}
