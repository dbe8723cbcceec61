package camera_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/camera"
)

const feedWidth, feedHeight, feedRate = 64, 48, 20

// feed is a camera that sends grey frames of 64 x 48 over a line, 20 a second, whether anybody reads them or not.
type feed struct {
	source string
	sent   atomic.Int64
	port   int
}

// newFeed starts a camera that sends what frame draws, by the number of the frame.
func newFeed(t *testing.T, frame func(n int) []byte) *feed {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &feed{port: listener.Addr().(*net.TCPAddr).Port}
	f.source = fmt.Sprintf("tcpclientsrc host=127.0.0.1 port=%d blocksize=%d ! rawvideoparse format=gray8 width=%d height=%d framerate=%d/1 ! video/x-raw,format=GRAY8 ! appsink sync=false",
		f.port, feedWidth*feedHeight, feedWidth, feedHeight, feedRate)
	ctx, stop := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		tick := time.NewTicker(time.Second / feedRate)
		defer tick.Stop()
		for n := 0; ; n++ {
			if _, err := conn.Write(frame(n)); err != nil {
				return
			}
			f.sent.Store(int64(n))
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	})
	t.Cleanup(func() {
		stop()
		listener.Close()
		serving.Wait()
	})
	return f
}

// numbered is a frame all of whose points are its number.
func numbered(n int) []byte { return slices.Repeat([]byte{byte(n)}, feedWidth*feedHeight) }

// noisy is a still scene with noise for so many frames, and then the last one again and again.
func noisy(until int) func(int) []byte {
	return func(n int) []byte {
		r := rand.New(rand.NewPCG(uint64(min(n, until)), 0))
		frame := make([]byte, feedWidth*feedHeight)
		for i := range frame {
			frame[i] = byte(60 + i%100 + r.IntN(5))
		}
		return frame
	}
}

func TestTheFirstFrameAfterAPauseIsOfNow(t *testing.T) {
	f := newFeed(t, numbered)
	c := open(t, camera.Config{Backend: camera.GStreamer, Source: f.source})
	for range 8 {
		if _, err := c.Frame(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(1500 * time.Millisecond) // the pause itself: 30 frames, which the line keeps
	sent := f.sent.Load()
	asked := time.Now()
	frame, taken, err := c.FrameTaken(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := int64(frame.Pix[0]); n < sent-3 {
		t.Errorf("after the pause came frame %d, when %d had been sent", n, sent)
	}
	if age := time.Since(taken); age > 2*time.Second/feedRate+time.Since(asked) {
		t.Errorf("it says that it was taken %v ago", age)
	}
}

func TestFramesSayWhenTheyWereTaken(t *testing.T) {
	f := newFeed(t, numbered)
	c := open(t, camera.Config{Backend: camera.GStreamer, Source: f.source})
	var last time.Time
	for i := range 10 {
		_, taken, err := c.FrameTaken(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 && !taken.After(last) || time.Since(taken) < 0 || time.Since(taken) > 10*time.Second {
			t.Errorf("frame %d was taken at %v, after %v", i, taken, last)
		}
		last = taken
	}
}

func TestAFrozenCameraIsIllAndGivesNoFrames(t *testing.T) {
	f := newFeed(t, noisy(20))
	c := open(t, camera.Config{Backend: camera.GStreamer, Source: f.source, FrozenAfter: 300 * time.Millisecond})
	for deadline := time.Now().Add(20 * time.Second); ; {
		_, err := c.Frame(t.Context(), nil)
		if errors.Is(err, devices.ErrTimeout) {
			break
		}
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("the same picture comes for ever, with %v", err)
		}
	}
	if f.sent.Load() < 20 {
		t.Error("it is called frozen while it has noise")
	}
	if h := c.Health(t.Context()); h.State != devices.StateHWError || !h.Reason.Is("camera.frozen") || h.Remedy.IsZero() {
		t.Errorf("health is %+v", h)
	}
}

func TestAStillSceneIsNotFrozen(t *testing.T) {
	c := open(t, camera.Config{Backend: camera.GStreamer, Source: newFeed(t, noisy(1<<30)).source, FrozenAfter: 300 * time.Millisecond})
	for range 40 {
		if _, err := c.Frame(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	if h := c.Health(t.Context()); h.State != devices.StateOnline {
		t.Errorf("health is %+v", h)
	}
}

func TestALensThatSeesNothingIsADoubt(t *testing.T) {
	pattern := func(p string) string {
		return "videotestsrc is-live=true pattern=" + p + " ! video/x-raw,format=BGR,width=64,height=48,framerate=20/1 ! appsink sync=false"
	}
	for _, test := range []struct {
		source  string
		byLamps bool
		state   devices.State
		reason  devices.Key
	}{
		{pattern("black"), false, devices.StateDegraded, "camera.dark"},
		{pattern("blue"), false, devices.StateDegraded, "camera.blank"},
		{pattern("smpte"), false, devices.StateOnline, ""},
		{pattern("black"), true, devices.StateOnline, ""},
	} {
		c := open(t, camera.Config{Backend: camera.GStreamer, Source: test.source, ByLamps: test.byLamps})
		if h := c.Health(t.Context()); h.State != test.state || !h.Reason.Is(test.reason) {
			t.Errorf("%s: health is %+v", test.source, h)
		}
		if _, err := c.Frame(t.Context(), nil); err != nil {
			t.Errorf("%s: a doubt keeps nobody from being photographed: %v", test.source, err)
		}
		c.Close()
	}
}

func TestACameraThatIsNoV4L2DeviceCannotHoldItsExposure(t *testing.T) {
	c := open(t, camera.Config{Backend: camera.Images, Source: sequence(t, 1)})
	if _, err := c.LockExposure(t.Context()); !errors.Is(err, errors.ErrUnsupported) {
		t.Error(err)
	}
}
