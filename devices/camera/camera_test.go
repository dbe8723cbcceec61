package camera_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/camera"
	"gocv.io/x/gocv"
)

// sequence writes n pictures of one colour each, the red channel counting up, and gives their pattern.
func sequence(t *testing.T, n int) string {
	t.Helper()
	folder := t.TempDir()
	for i := range n {
		m := image.NewRGBA(image.Rect(0, 0, 33, 20)) // rows of 99 bytes: no padding may creep in
		for p := 0; p < len(m.Pix); p += 4 {
			m.Pix[p], m.Pix[p+1], m.Pix[p+2], m.Pix[p+3] = byte(10+i), 20, 30, 255
		}
		f, err := os.Create(filepath.Join(folder, fmt.Sprintf("%03d.png", i)))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(png.Encode(f, m), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(folder, "%03d.png")
}

func open(t *testing.T, cfg camera.Config) *camera.Camera {
	t.Helper()
	c, err := camera.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestFramesComeInOrderAsRGBAAndThenTheCameraIsGone(t *testing.T) {
	c := open(t, camera.Config{Backend: camera.Images, Source: sequence(t, 3)})
	var frame *image.RGBA
	for i := range 3 {
		if h := c.Health(t.Context()); h.State != devices.StateOnline {
			t.Fatalf("health is %+v", h)
		}
		before := frame
		var err error
		if frame, err = c.Frame(t.Context(), frame); err != nil {
			t.Fatal(err)
		}
		if before != nil && frame != before {
			t.Error("a frame of the same size was allocated anew")
		}
		if frame.Rect != image.Rect(0, 0, 33, 20) || frame.Stride != 4*33 {
			t.Fatalf("frame %v with stride %d", frame.Rect, frame.Stride)
		}
		if got, want := frame.RGBAAt(32, 19), (color.RGBA{R: byte(10 + i), G: 20, B: 30, A: 255}); got != want {
			t.Errorf("frame %d is %v, want %v", i, got, want)
		}
	}
	for range 2 {
		_, err := c.Frame(t.Context(), frame)
		var which *devices.Error
		if !errors.Is(err, devices.ErrUnplugged) || !errors.As(err, &which) || which.Kind != devices.KindCamera {
			t.Errorf("after the last frame came %v", err)
		}
	}
}

func TestAPictureOfAnotherSizeIsReplaced(t *testing.T) {
	c := open(t, camera.Config{Backend: camera.Images, Source: sequence(t, 2)})
	for _, dst := range []*image.RGBA{
		image.NewRGBA(image.Rect(0, 0, 20, 33)),
		image.NewRGBA(image.Rect(0, 0, 64, 64)).SubImage(image.Rect(0, 0, 33, 20)).(*image.RGBA), // not tightly packed
	} {
		frame, err := c.Frame(t.Context(), dst)
		if err != nil {
			t.Fatal(err)
		}
		if frame == dst || frame.Stride != 4*33 || frame.Rect.Dx() != 33 {
			t.Errorf("got %v with stride %d", frame.Rect, frame.Stride)
		}
	}
}

func TestGreyFramesAreConverted(t *testing.T) {
	c := open(t, camera.Config{Backend: camera.GStreamer, Source: "videotestsrc pattern=white num-buffers=5 ! video/x-raw,format=GRAY8,width=64,height=48 ! appsink"})
	frame, err := c.Frame(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := frame.RGBAAt(5, 5); frame.Rect.Dx() != 64 || got.R < 230 || got.R != got.B || got.A != 255 {
		t.Errorf("white in grey became %v in %v", got, frame.Rect)
	}
}

func TestACameraThatIsNotThereIsNoDevice(t *testing.T) {
	for _, cfg := range []camera.Config{
		{Backend: camera.V4L2, Source: "/dev/video-that-is-not-there"},
		{Backend: camera.V4L2, Source: "/dev/null"},
		{Backend: camera.GStreamer, Source: "tcpclientsrc host=127.0.0.1 port=1 ! rawvideoparse format=bgr width=8 height=8 ! appsink"},
		{Backend: camera.GStreamer, Source: "no pipeline at all"},
		{Backend: camera.Images, Source: filepath.Join(t.TempDir(), "%03d.png")},
	} {
		_, err := camera.Open(t.Context(), cfg)
		if !errors.Is(err, devices.ErrNoDevice) {
			t.Errorf("%s %q gave %v", cfg.Backend, cfg.Source, err)
		}
	}
}

func TestBackEndAndSourceMustBeNamed(t *testing.T) {
	for _, cfg := range []camera.Config{{Source: "/dev/video0"}, {Backend: camera.V4L2}, {}} {
		if _, err := camera.Open(t.Context(), cfg); !errors.Is(err, devices.ErrNotConfigured) {
			t.Errorf("%+v: %v, want ErrNotConfigured", cfg, err)
		}
	}
	if _, err := camera.Open(t.Context(), camera.Config{Backend: "dshow", Source: "0"}); err == nil || errors.Is(err, devices.ErrNoDevice) {
		t.Errorf("an unknown back end: %v", err)
	}
}

// stalled is a camera that sends one grey frame of 64 x 48 and then nothing, until release is called.
func stalled(t *testing.T) (source string, release func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	hold := make(chan struct{})
	var serving sync.WaitGroup
	serving.Go(func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		conn.Write(make([]byte, 64*48))
		<-hold
	})
	release = sync.OnceFunc(func() {
		close(hold)
		listener.Close()
		serving.Wait()
	})
	t.Cleanup(release)
	port := listener.Addr().(*net.TCPAddr).Port
	return fmt.Sprintf("tcpclientsrc host=127.0.0.1 port=%d ! rawvideoparse format=gray8 width=64 height=48 ! video/x-raw,format=GRAY8 ! appsink sync=false", port), release
}

func TestAReadThatHangsEndsWithItsContext(t *testing.T) {
	source, release := stalled(t)
	c := open(t, camera.Config{Backend: camera.GStreamer, Source: source, Timeout: time.Minute})
	t.Cleanup(release) // before the camera is closed, or its owner never comes back
	if _, err := c.Frame(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second waits behind a read that is still under way
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		start := time.Now()
		_, err := c.Frame(ctx, nil)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the frame gave %v", err)
		}
		if waited := time.Since(start); waited > time.Second {
			t.Errorf("it took %v", waited)
		}
	}
}

func TestASilentCameraIsToldFromAMissingOne(t *testing.T) {
	source, release := stalled(t)
	c := open(t, camera.Config{Backend: camera.GStreamer, Source: source, Timeout: 50 * time.Millisecond})
	t.Cleanup(release)
	if _, err := c.Frame(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Frame(t.Context(), nil); !errors.Is(err, devices.ErrTimeout) {
		t.Errorf("the frame gave %v", err)
	}
	if h := c.Health(t.Context()); h.State != devices.StateHWError || h.Remedy.IsZero() {
		t.Errorf("health is %+v", h)
	}
}

func TestClosingEndsAReadThatWaits(t *testing.T) {
	source, release := stalled(t)
	c := open(t, camera.Config{Backend: camera.GStreamer, Source: source, Timeout: time.Minute})
	if _, err := c.Frame(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	result := make(chan error, 1)
	go func() {
		_, err := c.Frame(t.Context(), nil)
		result <- err
	}()
	closed := make(chan error, 1)
	go func() { closed <- c.Close() }()
	if err := <-result; !errors.Is(err, devices.ErrClosed) {
		t.Errorf("the frame gave %v", err)
	}
	release()
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if err := c.Close(); err != nil {
		t.Errorf("closing twice gave %v", err)
	}
	if _, err := c.Frame(t.Context(), nil); !errors.Is(err, devices.ErrClosed) {
		t.Errorf("reading a closed camera gave %v", err)
	}
}

func TestOpeningEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c, err := camera.Open(ctx, camera.Config{Backend: camera.GStreamer, Source: "videotestsrc num-buffers=1 ! video/x-raw,format=BGR,width=64,height=48 ! appsink"})
	if err == nil { // it was open before the context was looked at
		c.Close()
	} else if !errors.Is(err, context.Canceled) {
		t.Errorf("opening gave %v", err)
	}
}

func TestNoPictureMemoryIsLeftBehind(t *testing.T) {
	source := sequence(t, 50)
	before := gocv.MatProfile.Count()
	for range 3 {
		c := open(t, camera.Config{Backend: camera.Images, Source: source})
		for range 50 {
			if _, err := c.Frame(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
		}
		c.Close()
	}
	if after := gocv.MatProfile.Count(); after != before {
		t.Errorf("%d Mats before, %d after", before, after)
	}
}

func BenchmarkFrame(b *testing.B) {
	c, err := camera.Open(b.Context(), camera.Config{Backend: camera.GStreamer,
		Source: "videotestsrc pattern=white ! video/x-raw,format=BGR,width=1280,height=720,framerate=1000/1 ! appsink sync=false"})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	var frame *image.RGBA
	b.ReportAllocs()
	for b.Loop() {
		if frame, err = c.Frame(b.Context(), frame); err != nil {
			b.Fatal(err)
		}
	}
}

// claims is a JPEG whose header says that it has so many pixels each way.
func claims(t *testing.T, side uint16) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 64, 64)), nil); err != nil {
		t.Fatal(err)
	}
	file := b.Bytes()
	frame := bytes.Index(file, []byte{0xff, 0xc0}) // baseline: length, precision, lines, samples (ISO/IEC 10918-1, B.2.2)
	binary.BigEndian.PutUint16(file[frame+5:], side)
	binary.BigEndian.PutUint16(file[frame+7:], side)
	return file
}

func TestAFrameThatOpenCVRefusesEndsTheCameraAndNotTheStation(t *testing.T) {
	folder := t.TempDir()
	for name, file := range map[string][]byte{"000.jpg": claims(t, 64), "001.jpg": claims(t, 65500)} {
		if err := os.WriteFile(filepath.Join(folder, name), file, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := open(t, camera.Config{Backend: camera.Images, Source: filepath.Join(folder, "%03d.jpg")})
	var err error
	for i := 0; i < 3 && err == nil; i++ {
		_, err = c.Frame(t.Context(), nil)
	}
	if !errors.Is(err, devices.ErrProtocol) {
		t.Errorf("%v, want ErrProtocol", err)
	}
	if _, err := c.Frame(t.Context(), nil); !errors.Is(err, devices.ErrUnplugged) {
		t.Errorf("then %v, want ErrUnplugged", err)
	}
}
