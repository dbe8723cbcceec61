package camera_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/camera"
	"github.com/foyer-station/foyer/devices/devicestest"
)

// marker is how bright the picture's first point is when somebody steps before the camera.
const marker = 255

// unit is a camera with its own port, and somebody who may step before it.
type unit struct {
	all      *units
	listener net.Listener
	source   string
	pulled   context.Context
	pull     context.CancelFunc
	serving  sync.WaitGroup
	sends    chan struct{} // closed once a frame has been sent

	mu     sync.Mutex
	silent bool
	slow   time.Duration
	step   int // frames yet to come with somebody before the camera
}

// units are the cameras that are plugged in.
type units struct {
	mu  sync.Mutex
	all []*unit
}

func (u *units) plug(t *testing.T) *unit {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &unit{all: u, listener: listener, sends: make(chan struct{})}
	c.source = fmt.Sprintf("tcpclientsrc host=127.0.0.1 port=%d blocksize=%d ! rawvideoparse format=gray8 width=%d height=%d framerate=%d/1 ! video/x-raw,format=GRAY8 ! appsink sync=false",
		listener.Addr().(*net.TCPAddr).Port, feedWidth*feedHeight, feedWidth, feedHeight, feedRate)
	c.pulled, c.pull = context.WithCancel(context.Background())
	c.serving.Go(c.serve)
	u.mu.Lock()
	defer u.mu.Unlock()
	u.all = append(u.all, c)
	return c
}

// serve sends frames to whoever connects first. A camera has one user: there is no second connection.
func (c *unit) serve() {
	conn, err := c.listener.Accept()
	if err != nil {
		return
	}
	c.listener.Close()
	defer conn.Close()
	tick := time.NewTicker(time.Second / feedRate)
	defer tick.Stop()
	for n := 0; ; {
		frame, slow := c.frame(n)
		if frame != nil {
			if _, err := conn.Write(frame); err != nil {
				return
			}
			if n++; n == 1 {
				close(c.sends)
			}
		}
		select {
		case <-tick.C:
		case <-c.pulled.Done():
			return
		}
		if slow > 0 {
			select {
			case <-time.After(slow):
			case <-c.pulled.Done():
				return
			}
		}
	}
}

// frame is the next, and how much later than usual the one after it comes.
func (c *unit) frame(n int) ([]byte, time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.silent {
		return nil, 0
	}
	r := rand.New(rand.NewPCG(uint64(n), 0))
	frame := make([]byte, feedWidth*feedHeight)
	for i := range frame {
		frame[i] = byte(60 + i%100 + r.IntN(5))
	}
	if c.step > 0 {
		c.step--
		frame[0] = marker
	}
	return frame, c.slow
}

func (c *unit) Ready(ctx context.Context) error {
	select {
	case <-c.sends:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Act steps before the camera, for as many frames as the driver may pass over.
func (c *unit) Act(context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.step = feedRate
	return nil
}

func (c *unit) Heal() { c.set(func() { c.silent, c.slow = false, 0 }) }

func (c *unit) set(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
}

// Unplug returns when what was on its way is past.
func (c *unit) Unplug() {
	c.all.mu.Lock()
	kept := c.all.all[:0]
	for _, other := range c.all.all {
		if other != c {
			kept = append(kept, other)
		}
	}
	was := len(kept) < len(c.all.all)
	c.all.all = kept
	c.all.mu.Unlock()
	c.pull()
	c.listener.Close()
	c.serving.Wait()
	if was {
		time.Sleep(past)
	}
}

// past is when what was on its way to the driver counts as old.
const past = 5 * time.Second / feedRate

func (c *unit) fallSilent() {
	c.set(func() { c.silent = true })
	time.Sleep(past)
}

// open opens the first camera that is free.
func (u *units) open(ctx context.Context) (devices.Device, error) {
	u.mu.Lock()
	sources := []string{"tcpclientsrc host=127.0.0.1 port=1 ! rawvideoparse format=gray8 width=8 height=8 ! appsink"}
	for _, c := range u.all {
		sources = append(sources, c.source)
	}
	u.mu.Unlock()
	var failure error
	for _, source := range sources {
		c, err := camera.Open(ctx, camera.Config{Backend: camera.GStreamer, Source: source, Timeout: time.Second})
		if err == nil {
			return c, nil
		}
		failure = err
	}
	return nil, failure
}

// look takes frames until somebody is before the camera.
func look(ctx context.Context, device devices.Device) error {
	for {
		frame, err := device.(*camera.Camera).Frame(ctx, nil)
		if err != nil {
			return err
		}
		if frame.Pix[0] == marker {
			return nil
		}
	}
}

func TestTheCameraPassesTheDriverSuite(t *testing.T) {
	var all units
	devicestest.Driver[*unit]{
		Open: all.open,
		Plug: all.plug,
		Use:  look,
		Faults: []devicestest.Fault[*unit]{
			{Name: "silent", Break: (*unit).fallSilent, Want: devices.ErrTimeout, Seen: true},
			{Name: "slow", Break: func(c *unit) { c.set(func() { c.slow = 100 * time.Millisecond }) }},
		},
		Taken:  devices.ErrNoDevice, // GStreamer does not say why a source does not open
		Cycles: 10,
	}.Run(t)
}

func TestAClosedCameraIsNotOpenedAgainByItsFrames(t *testing.T) {
	c := open(t, camera.Config{Backend: camera.Images, Source: sequence(t, 2)})
	c.Close()
	if _, _, err := c.FrameTaken(t.Context(), nil); !errors.Is(err, devices.ErrClosed) {
		t.Error(err)
	}
}
