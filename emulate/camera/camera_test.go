package camera_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	driver "github.com/foyer-station/foyer/devices/camera"
	"github.com/foyer-station/foyer/devices/imager"
	"github.com/foyer-station/foyer/emulate/camera"
)

// These tests stand on the driver's side of the line: what the emulated cameras send is only right if OpenCV sees it.

var (
	red   = color.RGBA{R: 200, A: 255}
	green = color.RGBA{G: 180, A: 255}
	blue  = color.RGBA{B: 160, A: 255}
)

func plain(w, h int, c color.Color) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(m, m.Rect, image.NewUniform(c), image.Point{}, draw.Src)
	return m
}

func near(got color.RGBA, want color.RGBA) bool {
	d := func(a, b uint8) bool { return max(a, b)-min(a, b) < 12 }
	return d(got.R, want.R) && d(got.G, want.G) && d(got.B, want.B)
}

func open(t testing.TB, pipeline string) *driver.Camera {
	t.Helper()
	c, err := driver.Open(t.Context(), driver.Config{Backend: driver.GStreamer, Source: pipeline})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// awaitColour reads frames until their middle has a colour.
func awaitColour(t *testing.T, c devices.Camera, want color.RGBA) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var frame *image.RGBA
	for {
		var err error
		if frame, err = c.Frame(ctx, frame); err != nil {
			t.Fatalf("waiting for colour %v: %v", want, err)
		}
		if near(frame.RGBAAt(frame.Rect.Dx()/2, frame.Rect.Dy()/2), want) {
			return
		}
	}
}

func TestTheHallShowsItsFramesInALoopAndChangesThem(t *testing.T) {
	hall, err := camera.NewHall(20, plain(camera.HallWidth, camera.HallHeight, red), plain(camera.HallWidth, camera.HallHeight, green))
	if err != nil {
		t.Fatal(err)
	}
	defer hall.Close()
	c := open(t, hall.Pipeline())
	awaitColour(t, c, red)
	awaitColour(t, c, green)
	awaitColour(t, c, red)
	if err := hall.Show(plain(camera.HallWidth, camera.HallHeight, blue)); err != nil {
		t.Fatal(err)
	}
	awaitColour(t, c, blue)
}

func TestTheHallRefusesFramesThatItsCameraCannotSend(t *testing.T) {
	if hall, err := camera.NewHall(10); err == nil {
		hall.Close()
		t.Error("a hall without frames was made")
	}
	if hall, err := camera.NewHall(10, plain(100, 100, red)); err == nil {
		hall.Close()
		t.Error("a frame of 100 x 100 was taken")
	}
}

func TestACameraPulledOutIsUnpluggedUntilItIsBack(t *testing.T) {
	hall, err := camera.NewHall(20, plain(camera.HallWidth, camera.HallHeight, red))
	if err != nil {
		t.Fatal(err)
	}
	defer hall.Close()
	c := open(t, hall.Pipeline())
	awaitColour(t, c, red)
	hall.Unplug()
	for err = nil; err == nil; { // what was under way may still arrive
		_, err = c.Frame(t.Context(), nil)
	}
	if !errors.Is(err, devices.ErrUnplugged) {
		t.Errorf("reading gave %v", err)
	}
	if h := c.Health(t.Context()); h.State != devices.StateNoDevice || h.Remedy.IsZero() {
		t.Errorf("health is %+v", h)
	}
	_, err = driver.Open(t.Context(), driver.Config{Backend: driver.GStreamer, Source: hall.Pipeline()})
	if !errors.Is(err, devices.ErrNoDevice) {
		t.Errorf("opening gave %v", err)
	}
	if err := hall.Plug(); err != nil {
		t.Fatal(err)
	}
	awaitColour(t, open(t, hall.Pipeline()), red)
}

// reader is a driver over an emulated glass, with a document of two sides.
func reader(t testing.TB) (*camera.Glass, *imager.Imager, string) {
	t.Helper()
	folder := t.TempDir()
	leds, err := camera.NewLEDs(folder)
	if err != nil {
		t.Fatal(err)
	}
	glass, err := camera.NewGlass(leds, image.Pt(403, 200), 30) // a width whose rows need padding
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { glass.Close() })
	lamps := imager.NewLEDs(folder, camera.Lamps())
	m, err := imager.New(t.Context(), open(t, glass.Pipeline()), lamps, imager.Config{DPI: 400})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return glass, m, folder
}

func look(t *testing.T, m devices.PageImager, light devices.Light) color.RGBA {
	t.Helper()
	picture, dpi, err := m.Page(t.Context(), light)
	if err != nil {
		t.Fatal(err)
	}
	if dpi != 400 || picture.Rect != image.Rect(0, 0, 403, 200) || picture.Stride != 4*403 {
		t.Fatalf("picture of %v, stride %d, %d dpi", picture.Rect, picture.Stride, dpi)
	}
	if corner := picture.RGBAAt(402, 199); corner != (color.RGBA{A: 255}) {
		t.Errorf("beside the document the glass is %v", corner)
	}
	return picture.RGBAAt(150, 100)
}

func TestThePageIsSeenInTheLightThatIsAskedFor(t *testing.T) {
	glass, m, _ := reader(t)
	front := camera.Side{devices.LightVisible: plain(400, 199, red), devices.LightInfrared: plain(400, 199, green), devices.LightUltraviolet: plain(400, 199, blue)}
	back := camera.Side{devices.LightVisible: plain(400, 199, green)}
	emptyGlass := func() {
		t.Helper()
		if _, _, err := m.Page(t.Context(), devices.LightVisible); !errors.Is(err, devices.ErrNoLight) {
			t.Errorf("the empty glass gives %v, want ErrNoLight", err)
		}
	}
	emptyGlass()
	if err := glass.Lay(front, back); err != nil {
		t.Fatal(err)
	}
	for light, want := range map[devices.Light]color.RGBA{devices.LightVisible: red, devices.LightInfrared: green, devices.LightUltraviolet: blue} {
		if got := look(t, m, light); got != want {
			t.Errorf("%s shows %v, want %v", light, got, want)
		}
	}
	glass.Turn()
	if got := look(t, m, devices.LightVisible); got != green {
		t.Errorf("turned over, the page is %v", got)
	}
	glass.Take()
	emptyGlass()
}

func TestADocumentLargerThanTheGlassIsRefused(t *testing.T) {
	glass, _, _ := reader(t)
	if err := glass.Lay(camera.Side{devices.LightVisible: plain(404, 200, red)}); err == nil {
		t.Error("it was laid down")
	}
}

func brightness(t *testing.T, folder string, light devices.Light) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, camera.Lamps()[light], "brightness"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheImagerSeesItsCameraGoAndPutsTheLampOut(t *testing.T) {
	glass, m, folder := reader(t)
	glass.Unplug()
	_, _, err := m.Page(t.Context(), devices.LightInfrared)
	if !errors.Is(err, devices.ErrUnplugged) {
		t.Errorf("taking a picture gave %v", err)
	}
	if got := brightness(t, folder, devices.LightInfrared); got != "0\n" {
		t.Errorf("the lamp is at %q", got)
	}
	if h := m.Health(t.Context()); h.State != devices.StateNoDevice {
		t.Errorf("health is %+v", h)
	}
}

func TestAMissingLampIsAnIllDeviceThatStillDoesTheRest(t *testing.T) {
	glass, m, folder := reader(t)
	if err := glass.Lay(camera.Side{devices.LightVisible: plain(400, 199, red)}); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(folder, camera.Lamps()[devices.LightUltraviolet])); err != nil {
		t.Fatal(err)
	}
	if h := m.Health(t.Context()); h.State != devices.StateHWError || h.Remedy.IsZero() {
		t.Errorf("health is %+v", h)
	}
	if _, _, err := m.Page(t.Context(), devices.LightUltraviolet); !errors.Is(err, imager.ErrNoLamp) {
		t.Errorf("ultraviolet gave %v", err)
	}
	if got := look(t, m, devices.LightVisible); got != red {
		t.Errorf("visible shows %v", got)
	}
}

func TestASlowComputerSeesTheHallAsItIsNow(t *testing.T) {
	hall, err := camera.NewHall(20, plain(camera.HallWidth, camera.HallHeight, red))
	if err != nil {
		t.Fatal(err)
	}
	defer hall.Close()
	const slow = 200 * time.Millisecond // for decoding one frame
	c := open(t, strings.Replace(hall.Pipeline(), "jpegdec", fmt.Sprintf("identity sleep-time=%d ! jpegdec", slow.Microseconds()), 1))
	for end := time.Now().Add(2 * time.Second); time.Now().Before(end); {
		awaitColour(t, c, red)
	}
	if err := hall.Show(plain(camera.HallWidth, camera.HallHeight, blue)); err != nil {
		t.Fatal(err)
	}
	shown := time.Now()
	awaitColour(t, c, blue)
	if late := time.Since(shown); late > 6*slow {
		t.Errorf("the change was seen after %v", late)
	}
}
